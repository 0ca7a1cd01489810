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
