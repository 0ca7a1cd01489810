"""Invoices of what was paid online from a wallet."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_wallet_family(self):
        family = super()._get_wallet_family()
        moves = self.sudo() | self.sudo().reversed_entry_id
        transactions = moves.transaction_ids
        if not transactions:
            return family
        return [*family, transactions | transactions.child_transaction_ids]

    def _match_wallet_transactions(self):
        """An order was paid before it was invoiced. Odoo only looks for payments that
        wait for a bank statement, which a wallet's never does.
        """
        for invoice in self.filtered(lambda move: move.is_sale_document(True)):
            for line in invoice.sudo().transaction_ids._get_wallet_open_credits():
                if invoice.amount_residual and not line.reconciled:
                    invoice.sudo().js_assign_outstanding_line(line.id)
