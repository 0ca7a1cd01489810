from odoo import models
from odoo.fields import Command

from odoo.addons.customer_wallet.models.payment_provider import WALLET

from .payment_transaction import MINUTES_FOR_THE_REST


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _verify_cart_after_update(self):
        """Another cart costs another amount."""
        self._release_wallet_parts()
        return super()._verify_cart_after_update()

    def _action_cancel(self):
        result = super()._action_cancel()
        self._release_wallet_parts()
        return result

    def _release_wallet_parts(self):
        """What wallets hold for these orders until the rest is paid is free again."""
        self.sudo().transaction_ids._release_wallet_parts()

    def _find_part_provider(self):
        """
        :return: payment.provider in sudo that takes wallets, where that of the visitor
            cannot pay the whole order; none otherwise
        """
        self.ensure_one()
        report = {}
        self.env["payment.provider"].sudo()._get_compatible_providers(
            self.company_id.id,
            self.env.user.partner_id.id,
            self.amount_total,
            currency_id=self.currency_id.id,
            sale_order_id=self.id,
            website_id=self.website_id.id,
            report=report,
        )
        providers = self.env["payment.provider"].sudo()
        if "wallet_notice" not in report:
            return providers
        return providers.concat(*report["providers"]).filtered(
            lambda it: it.code == WALLET and it.payment_method_ids
        )

    def _get_wallet_part(self):
        """What the wallet of the visitor, who is the customer, can pay of this order
        where it does not hold enough for all of it.

        :return: float in the currency of the order
        """
        provider = self._find_part_provider()
        if not provider:
            return 0.0
        wallets = (
            self.env["customer.wallet"]
            .sudo()
            ._find(provider._get_visitor_owner(), self.company_id, self.currency_id)
        )
        available = wallets._get_available_in(self.currency_id, self.company_id)
        return self.currency_id.round(min(max(available, 0.0), self.amount_total))

    def _hold_wallet_part(self, provider, payer, amount):
        """
        :param provider: payment.provider
        :param payer: res.partner
        :param float amount: in the currency of the order
        :return: payment.transaction in sudo that holds it, until the rest is paid
        :raises UserError: the wallet does not hold it, less is due, or it is somebody
            else's order
        """
        self.ensure_one()
        Transaction = self.env["payment.transaction"].sudo()
        orders = {"sale_order_ids": [Command.set(self.ids)]}
        part = Transaction.create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids[:1].id,
                "reference": Transaction._compute_reference(WALLET, **orders),
                "amount": amount,
                "currency_id": self.currency_id.id,
                "partner_id": payer.id,
                "operation": "online_redirect",
                **orders,
            }
        )
        part._check_wallet_payer(payer.commercial_partner_id)
        part._check_wallet_documents_due()
        part._hold_from_wallet()
        part._get_wallet_holds()._extend(minutes=MINUTES_FOR_THE_REST)
        return part
