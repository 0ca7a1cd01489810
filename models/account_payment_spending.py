"""Payments that show what a wallet has paid online."""

from odoo import models
from odoo.exceptions import UserError

from .payment_provider import WALLET


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _compute_amount_available_for_refund(self):
        result = super()._compute_amount_available_for_refund()
        for payment in self.filtered(lambda payment: payment._is_wallet_spending()):
            transaction = payment.payment_transaction_id.sudo()
            is_paid = transaction.operation != "refund" and payment.state != "canceled"
            payment.amount_available_for_refund = (
                transaction._get_wallet_refundable() if is_paid else 0.0
            )
        return result

    def action_post(self):
        """Only the ledger pays from wallets.

        :raises UserError: somebody enters such a payment by hand
        """
        for payment in self:
            token = payment.sudo().payment_token_id
            is_from_wallet = WALLET in (
                payment.payment_method_code,
                token.provider_code,
            )
            if is_from_wallet and not payment._is_wallet_spending():
                raise UserError(
                    self.env._(
                        "A payment from the wallet is not entered by hand: on the "
                        "invoice of %(customer)s, use the section Customer Wallet.",
                        customer=payment.partner_id.display_name,
                    )
                )
        return super().action_post()

    def action_cancel(self):
        """The money goes back to the wallet by a reversal: its entry stays."""
        spending = self.filtered(lambda payment: payment._is_wallet_spending())
        spending.check_access("write")
        for payment in spending.filtered(lambda pay: pay.state != "canceled"):
            self.env["customer.wallet"]._undo(payment.move_id.line_ids)
        return super(AccountPayment, self - spending).action_cancel()

    def _get_valid_liquidity_accounts(self):
        accounts = super()._get_valid_liquidity_accounts()
        if self._is_wallet_spending():
            accounts |= self.company_id._get_wallet_accounts()
        return accounts

    def _is_wallet_spending(self):
        """Whether this payment shows an entry that the ledger has made."""
        self.ensure_one()
        return bool(self.move_id) and self.move_id._is_wallet_entry()

    def _has_wallet_overpayment(self):
        return not self._is_wallet_spending() and super()._has_wallet_overpayment()
