from odoo import models

from odoo.addons.customer_wallet.models.payment_provider import WALLET


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _get_wallet_document_due(self, document):
        """What was paid on the invoices of an order is not due on the order."""
        due = super()._get_wallet_document_due(document)
        if document._name != "sale.order":
            return due
        return due - document._get_amount_paid_otherwise()

    def _log_message_on_linked_documents(self, message):
        """Odoo tells an order of the refund of its payment, but not of that of a part
        that was captured.
        """
        result = super()._log_message_on_linked_documents(message)
        if self.provider_code == WALLET:
            captured = self.source_transaction_id.source_transaction_id
            for order in captured.sale_order_ids:
                order.message_post(body=message)
        return result

    def _get_amount_unused(self):
        """What of these payments for an order no invoice has used: what is authorized
        or not booked, and what is open, less what went back to the wallet for it.

        :return: float in their currency
        """
        parts = self | self.child_transaction_ids
        parts |= parts.child_transaction_ids
        # A payment without an entry of its own is booked on the invoice by the bank.
        unused = sum(
            payment._get_wallet_amount_unmatched()
            if payment.move_id
            else payment.amount * (payment.state == "in_process")
            for payment in parts.payment_id
        )
        for tx in self.filtered(lambda tx: not tx.payment_id):
            ended = tx._get_wallet_captures().filtered(
                lambda part: part.state == "cancel" or part.payment_id
            )
            unused += tx.amount - sum(ended.mapped("amount"))
        return unused

    def _give_back_to_wallet(self):
        """Release what is still held, and refund what was taken and no invoice has
        used. Doing it again changes nothing.

        :return: payment.transaction by which that was tried
        """
        tried = self.browse()
        for tx in self.filtered(lambda tx: tx.state == "authorized"):
            tried |= tx._void(amount_to_void=tx._get_wallet_authorized())
        for tx in self | self.child_transaction_ids:
            unused = -sum(tx._get_wallet_credits().mapped("amount_residual_currency"))
            if tx.currency_id.compare_amounts(unused, 0.0) > 0:
                tried |= tx._refund(amount_to_refund=unused)
        return tried

    def _get_wallet_credits(self):
        """The open receivable items of this payment alone."""
        self.ensure_one()
        if self.state != "done":
            return self.env["account.move.line"]
        own = self.payment_id.move_id.line_ids
        return own & (self.source_transaction_id or self)._get_wallet_open_credits()

    def _get_wallet_given_back(self):
        """What was refunded to wallets, or never taken, of these payments.

        :return: float in their currency
        """
        paid = self.filtered(
            lambda tx: tx.provider_code == WALLET and tx.state in ("authorized", "done")
        )
        parts = paid.child_transaction_ids
        parts |= parts.child_transaction_ids
        voided = parts.filtered(lambda tx: tx.amount > 0.0 and tx.state == "cancel")
        refunds = parts.filtered(lambda tx: tx.amount < 0.0 and tx.state == "done")
        return sum(voided.mapped("amount")) - sum(refunds.mapped("amount"))
