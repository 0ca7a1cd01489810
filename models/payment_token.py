"""A customer's consent to recurring charges: what Odoo calls a saved payment method."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .customer_wallet import FROM_SERVER
from .payment_provider import WALLET


class PaymentToken(models.Model):
    _name = "payment.token"
    _inherit = ["payment.token", "customer.wallet.defaults.mixin"]

    wallet_id = fields.Many2one(
        "customer.wallet",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What its owner lets pay recurring charges.",
    )
    wallet_currency_id = fields.Many2one(related="wallet_id.currency_id")
    wallet_monthly_limit = fields.Monetary(
        string="Monthly Limit",
        currency_field="wallet_currency_id",
        readonly=True,
        help="What recurring charges may take out of the wallet in a calendar month.",
    )

    @api.depends("wallet_monthly_limit")
    def _compute_display_name(self):
        return super()._compute_display_name()

    @api.model_create_multi
    def create(self, vals_list):
        tokens = super().create(vals_list)
        tokens._check_wallet_consent()
        return tokens

    def write(self, vals):
        """Staff may stop what a customer allows, and nothing else."""
        if list(vals) == ["active"] and not vals["active"]:
            return super().write(vals)
        self._check_wallet_consent()
        result = super().write(vals)
        self._check_wallet_consent()
        return result

    def _check_wallet_consent(self):
        """Only its owner lets a wallet pay, in the portal.

        :raises AccessError: one of these is about a wallet
        """
        if self.env.context.get("wallet_consent") is FROM_SERVER:
            return
        if any(token.provider_code == WALLET or token.wallet_id for token in self):
            raise AccessError(
                self.env._(
                    "Only the customer allows recurring charges from a wallet, in the "
                    "portal."
                )
            )

    def _handle_archiving(self):
        result = super()._handle_archiving()
        body = self.env._("Recurring charges are no longer allowed.")
        wallets = self.wallet_id
        wallets._message_log_batch(bodies=dict.fromkeys(wallets.ids, body))
        self._find_wallet_top_ups()._card_removed()
        return result

    def _is_captured_at_once(self):
        """Whether a charge brings the money, with nobody there who captures it."""
        self.ensure_one()
        return not self.provider_id.capture_manually

    def _find_wallet_top_ups(self):
        """Those that are on and charge these cards, in sudo."""
        settings = self.env["customer.wallet.automatic.top.up"].sudo()
        return settings.search([("token_id", "in", self.ids), ("state", "=", "on")])

    def get_linked_records_info(self):
        """Tell who is about to remove a card what it pays.

        :return: list of dict with `description`, `id`, `name` and `url`
        :raises AccessError: the user may not see the card
        """
        self.check_access("read")
        return super().get_linked_records_info() + [
            {
                "description": self.env._("Automatic top-up"),
                "id": setting.id,
                "name": setting.wallet_id.display_name,
                "url": f"/my/wallet?wallet_id={setting.wallet_id.id}",
            }
            for setting in self._find_wallet_top_ups()
        ]

    def _get_available_tokens(
        self, providers_ids, partner_id, is_validation=False, **kwargs
    ):
        """Who pays now chooses the wallet itself; what is saved is shown where it can
        be stopped.
        """
        tokens = super()._get_available_tokens(
            providers_ids, partner_id, is_validation=is_validation, **kwargs
        )
        if is_validation:
            return tokens
        return tokens.filtered(lambda token: token.provider_code != WALLET)

    def _build_display_name(self, *args, **kwargs):
        if not self.wallet_id:
            return super()._build_display_name(*args, **kwargs)
        limit = self.wallet_currency_id.format(self.wallet_monthly_limit)
        return self.env._("Wallet, up to %(limit)s a month", limit=limit)

    def _is_wallet_chargeable(self):
        """Whether the customer allows to charge the wallet, and still owns it."""
        self.ensure_one()
        wallet = self.wallet_id
        return (
            bool(wallet)
            and self.active
            and self.provider_id.state != "disabled"
            and self.provider_id.company_id == wallet.company_id
            and self.partner_id.commercial_partner_id == wallet.partner_id
        )
