"""Payments that show what a wallet has paid online."""

from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def action_cancel(self):
        """The money goes back to the wallet by a reversal: its entry stays."""
        spending = self.filtered(lambda payment: payment.move_id._is_wallet_entry())
        spending.check_access("write")
        for payment in spending.filtered(lambda pay: pay.state != "canceled"):
            self.env["customer.wallet"]._undo(payment.move_id.line_ids)
        return super(AccountPayment, self - spending).action_cancel()

    def _get_valid_liquidity_accounts(self):
        accounts = super()._get_valid_liquidity_accounts()
        if self.move_id._is_wallet_entry():
            accounts |= self.company_id._get_wallet_accounts()
        return accounts
