"""What a customer lets a wallet pay without being asked each time."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .customer_wallet import FROM_SERVER


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    recurring_token_ids = fields.One2many("payment.token", "wallet_id", readonly=True)
    recurring_limit = fields.Monetary(
        string="Recurring Charges a Month",
        compute="_compute_recurring",
        compute_sudo=True,
        help="What the customer lets the wallet pay in a calendar month without being "
        "asked, such as subscriptions. It is chosen in the portal.",
    )
    recurring_charged = fields.Monetary(
        string="Charged This Month", compute="_compute_recurring", compute_sudo=True
    )

    @api.depends(
        "balance",
        "recurring_token_ids.active",
        "recurring_token_ids.wallet_monthly_limit",
    )
    def _compute_recurring(self):
        for wallet in self:
            token = wallet.recurring_token_ids[:1]
            wallet.recurring_limit = token.wallet_monthly_limit
            wallet.recurring_charged = wallet._get_recurring_charged() if token else 0

    def action_stop_recurring_charges(self):
        """Stop what the customers allow; only they can allow it again.

        :return: True
        :raises AccessError: for anyone but a wallet manager
        """
        self._check_manager()
        self.check_access("write")
        self._stop_recurring_charges()
        return True

    def _stop_recurring_charges(self):
        self.sudo().recurring_token_ids.active = False

    def _get_recurring_consent(self):
        """
        :return: str, what the customer agrees to
        """
        self.ensure_one()
        return self.env._(
            "I allow %(company)s to charge this wallet for what I have to pay them "
            "regularly, such as a subscription, without asking me each time, up to the "
            "amount below in a calendar month. I can stop this at any time.",
            company=self.company_id.sudo().name,
        )

    def _find_recurring_provider(self):
        """
        :return: payment.provider in sudo that charges this wallet, none where wallets
            do not pay online
        """
        self.ensure_one()
        provider = self.env["payment.provider"].sudo()
        provider = provider._find_wallet_provider(self.company_id)
        return provider.filtered(
            lambda it: it.state != "disabled" and it.payment_method_ids
        )

    def _allow_recurring_charges(self, limit):
        """The owner, who is logged in, allows recurring charges, or more or less of
        them. Each consent is a token of its own: one that was stopped stays so.

        :param float limit: in a calendar month, in the wallet's currency, positive
        :raises AccessError: somebody else is logged in
        :raises UserError: wallets do not pay online
        """
        self.ensure_one()
        provider = self._find_recurring_provider()
        if self.partner_id != provider._get_visitor_owner():
            raise AccessError(self.env._("This wallet is somebody else's."))
        if not provider:
            raise UserError(self.env._("Wallets do not pay online at the moment."))
        self._lock()
        wallet = self.sudo().with_context(wallet_consent=FROM_SERVER)
        amount = self.currency_id.format(limit)
        vals = {"wallet_monthly_limit": limit, "payment_details": amount}
        token = wallet.recurring_token_ids[:1]
        if token:
            token.write(vals)
        else:
            token.create({**self._prepare_recurring_token_vals(provider), **vals})
        self.sudo()._message_log(
            body=self.env._(
                "Recurring charges of up to %(limit)s a month are allowed: %(consent)s",
                limit=amount,
                consent=self._get_recurring_consent(),
            )
        )

    def _prepare_recurring_token_vals(self, provider):
        """Values of the saved payment method by which this wallet is charged.

        :param provider: payment.provider in sudo
        :return: dict of payment.token values
        """
        return {
            "provider_id": provider.id,
            "payment_method_id": provider.payment_method_ids[:1].id,
            "partner_id": self.partner_id.id,
            "provider_ref": f"{self._name},{self.id}",
            "wallet_id": self.id,
        }

    def _get_recurring_charged(self):
        """What recurring charges took in this calendar month, less what of these very
        charges came back: a charge that was a mistake does not use up the month, and
        what comes back of last month's does not let more go out in this one.

        :return: float in the wallet's currency
        """
        self.ensure_one()
        first_day = self.company_id._get_wallet_today().replace(day=1)
        charges = (
            self.env["payment.transaction"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("token_id.wallet_id", "=", self.id),
                    ("payment_id.move_id.date", ">=", first_day),
                ]
            )
        )
        items = charges._get_wallet_items().filtered(lambda it: it.wallet_id == self)
        return self.currency_id.round(sum(items.mapped("amount_currency")))

    def _check_recurring_charge(self, amount):
        """Refuse what is over the customer's limit. The wallet is locked before, so
        that nobody else charges it meanwhile.

        :param float amount: in the wallet's currency
        :raises UserError: naming customer, limit, what is left of it, and the amount
        """
        self.ensure_one()
        left = max(self.recurring_limit - self.recurring_charged, 0.0)
        if self.currency_id.compare_amounts(amount, left) <= 0:
            return
        raise UserError(
            self.env._(
                "%(customer)s allows recurring charges of up to %(limit)s a month, of "
                "which %(left)s is left, but %(amount)s was asked for. Nothing was "
                "taken from the wallet: the customer can raise the limit in the "
                "portal.",
                customer=self.partner_id.display_name,
                limit=self.currency_id.format(self.recurring_limit),
                left=self.currency_id.format(left),
                amount=self.currency_id.format(amount),
            )
        )
