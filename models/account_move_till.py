"""Invoices and credit notes of tills: one family with their orders."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_wallet_orders(self):
        """The orders whose family these documents belong to.

        :return: pos.order in sudo
        """
        documents = self.sudo()
        return (documents | documents.reversed_entry_id).pos_order_ids

    def _get_wallet_family(self):
        orders = self._get_wallet_orders()
        return orders._get_wallet_family() if orders else super()._get_wallet_family()

    def _get_wallet_return_limits(self, amount):
        orders = self._get_wallet_orders()
        if self.move_type == "out_refund" and orders:
            return orders._get_wallet_return_limits(amount)
        return super()._get_wallet_return_limits(amount)

    def _spread_wallet_amount(self, amount):
        """One invoice of several orders may cost less than what a wallet has paid for
        one of them, where another one is a return, whose money goes back after this.
        """
        paid = super()._spread_wallet_amount(amount)
        left = self.currency_id.round(amount - sum(part for part, _ in paid.values()))
        if self.pos_order_ids and self.currency_id.compare_amounts(left, 0.0) > 0:
            owner = self.commercial_partner_id.with_company(self.company_id)
            account = owner.property_account_receivable_id
            part, lines = paid.get(account, (0.0, self.env["account.move.line"]))
            paid[account] = part + left, lines
        return paid
