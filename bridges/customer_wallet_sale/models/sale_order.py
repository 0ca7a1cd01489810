from odoo import api, models

from odoo.addons.customer_wallet.models.payment_provider import WALLET
from odoo.addons.customer_wallet.models.wallet_refusals import attempt


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.depends(
        "transaction_ids.state",
        "transaction_ids.child_transaction_ids.state",
        "transaction_ids.child_transaction_ids.child_transaction_ids.state",
    )
    def _compute_amount_paid(self):
        """What went back to a wallet is to be paid again, if the order comes back."""
        result = super()._compute_amount_paid()
        for order in self:
            order.amount_paid -= order.transaction_ids._get_wallet_given_back()
        return result

    def _get_amount_left(self):
        """What is still to be paid.

        :return: float in the currency of the order
        """
        self.ensure_one()
        left = self.amount_total - self.amount_paid - self._get_amount_paid_otherwise()
        return self.currency_id.round(max(left, 0.0))

    def _get_amount_paid_otherwise(self):
        """What was paid on the confirmed invoices of this order, and not online for the
        order itself, which Odoo's `amount_paid` knows.

        :return: float in the currency of the order
        """
        invoices = self.sudo().invoice_ids.filtered(lambda it: it.state == "posted")
        if not invoices:
            return 0.0
        invoiced = due = 0.0
        for invoice in invoices:
            share, its_due = self._get_share_of_invoice(invoice)
            invoiced += share
            due += its_due
        due += max(self.amount_total - invoiced, 0.0)
        paid = self.sudo().transaction_ids.filtered(
            lambda tx: tx.state in ("authorized", "done")
        )
        due -= paid._get_amount_unused()
        return max(self.amount_total - self.amount_paid - due, 0.0)

    def _get_share_of_invoice(self, invoice):
        """
        :param invoice: account.move that invoices this order, perhaps with others
        :return: tuple of floats in the currency of the order (what of it is this
            order's, what of that is due), below zero of a credit note
        """
        share = invoice.amount_total
        lines = invoice.invoice_line_ids
        own = lines.filtered(lambda line: self in line.sale_line_ids.order_id)
        if lines.sale_line_ids.order_id - self:
            share = sum(own.mapped("price_total"))
        sign = 1 if invoice.is_inbound() else -1
        return tuple(
            sign
            * invoice.currency_id._convert(
                amount, self.currency_id, invoice.company_id, invoice.date
            )
            for amount in (share, min(share, invoice.amount_residual))
        )

    def _get_prepayment_required_amount(self):
        """What was paid before counts, such as a part from a wallet: only the rest is
        still needed.
        """
        required = super()._get_prepayment_required_amount()
        return self.currency_id.round(max(required - self.amount_paid, 0.0))

    def _is_confirmation_amount_reached(self):
        """Odoo compares with what was paid; that counts already."""
        is_reached = super()._is_confirmation_amount_reached()
        required = self._get_prepayment_required_amount()
        return is_reached and self.currency_id.is_zero(required)

    def _action_cancel(self):
        result = super()._action_cancel()
        for order in self:
            if order.company_id.sudo().wallet_give_back_cancelled:
                order._give_back_to_wallet()
        return result

    def _give_back_to_wallet(self):
        """Give back what wallets have paid for this order alone. Whatever hinders it
        is told on the order, which stays cancelled.
        """
        self.ensure_one()
        for tx in self.sudo().transaction_ids.filtered(self._is_wallet_to_give_back):
            with attempt(self.env) as tried:
                tx._give_back_to_wallet()
            if tried.reason:
                self.message_post(body=tried.reason)

    def _is_wallet_to_give_back(self, tx):
        orders = tx.sale_order_ids
        is_over = all(order.state == "cancel" for order in orders)
        return tx.provider_code == WALLET and is_over
