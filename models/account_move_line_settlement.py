"""Receivable items that tills settle."""

from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_settled_name(self):
        """What a customer calls this open item: an invoice by its number, an order on
        account, which is in the entry of its session, by its own.

        :return: str
        """
        self.ensure_one()
        if self.move_id.is_invoice(include_receipts=True):
            return self.move_id.name
        return self._get_order_on_account().name or self.name

    def _get_order_on_account(self):
        """The order that an item of a closing entry is about, or none."""
        self.ensure_one()
        Payment = self.env["pos.payment"].sudo()
        return Payment.search(
            [("on_account_item_id", "=", self.id)], limit=1
        ).pos_order_id
