"""Invoices of what was paid online from a wallet."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _match_wallet_transactions(self):
        """An order was paid before it was invoiced, or a payment refunded before its
        invoice was credited. Odoo only looks for payments that wait for a bank
        statement, which a wallet's never does.
        """
        for move in self.filtered(lambda move: move.is_sale_document(True)).sudo():
            sign = -1 if move.move_type == "out_refund" else 1
            invoice = move.reversed_entry_id if sign < 0 else move
            for line in invoice.transaction_ids._get_wallet_open_items():
                is_other_side = line.amount_residual * sign < 0.0
                if is_other_side and move.amount_residual and not line.reconciled:
                    move.js_assign_outstanding_line(line.id)
