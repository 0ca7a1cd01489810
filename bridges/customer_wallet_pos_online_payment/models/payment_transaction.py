from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.customer_wallet.models.payment_provider import WALLET


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    pos_order_id = fields.Many2one(index="btree_not_null")

    def _pay_from_wallet(self):
        """The order is paid in the same step, so that nobody pays it again meanwhile:
        in another window, or at the till. One of nobody becomes the customer's.
        """
        result = super()._pay_from_wallet()
        order = self.pos_order_id
        if order and not order.partner_id:
            order.partner_id = self.partner_id
        self._process_pos_online_payment()
        return result

    def _process_pos_online_payment(self):
        """An order that a wallet has paid takes no other payment. One that was on its
        way then is booked, and is a credit of the customer.
        """
        late = self.filtered(lambda tx: tx._is_too_late_for_order())
        late._book_beside_order()
        return super(PaymentTransaction, self - late)._process_pos_online_payment()

    def _is_too_late_for_order(self):
        return (
            self.provider_code != WALLET
            and self.state in ("authorized", "done")
            and not self.payment_id.pos_order_id
            and any(order._is_settled_by_wallet() for order in self.pos_order_id)
        )

    def _book_beside_order(self):
        for tx in self.filtered(lambda tx: tx.state == "done"):
            if not tx.payment_id:
                tx._create_payment()
            tx.payment_id.pos_order_id = tx.pos_order_id
            tx.pos_order_id._message_log(
                body=self.env._(
                    "%(amount)s came in online by %(reference)s when a wallet had paid "
                    "already: it is a credit of %(customer)s.",
                    amount=tx.currency_id.format(tx.amount),
                    reference=tx.reference,
                    customer=tx.partner_id.display_name,
                )
            )

    def _is_wallet_payment_bound(self):
        """What came in beside an order is not for it."""
        order = self.payment_id.pos_order_id
        if order and self.payment_id not in order.payment_ids.online_account_payment_id:
            return bool(self._get_wallet_refunds_going_on())
        return super()._is_wallet_payment_bound()

    def _get_wallet_document_due(self, document):
        """What another payment is about to bring is not due; and nothing is that no
        open register would book.
        """
        due = super()._get_wallet_document_due(document)
        if document._name != "pos.order":
            return due
        if document.session_id.state != "opened":
            return 0.0
        coming = self.search(
            Domain("pos_order_id", "=", document.id)
            & Domain("id", "!=", self.id)
            & Domain("state", "in", ("pending", "authorized", "done"))
        ).filtered(
            lambda tx: not (tx.payment_id.pos_order_id or tx._is_wallet_promise())
        )
        return due - sum(coming.mapped("amount"))

    def _get_wallet_family(self):
        family = super()._get_wallet_family()
        origins = self.sudo() | self.sudo().source_transaction_id
        orders = origins.pos_order_id
        return [*family, *orders._get_wallet_family()] if orders else family

    def _get_wallet_refundable(self):
        """A till settles its orders itself: what was not returned there is left."""
        order = self.sudo().pos_order_id
        if not order:
            return super()._get_wallet_refundable()
        left = min(
            self.amount - self._get_wallet_refunded_amount(),
            order._get_wallet_money_left(),
            order._get_wallet_spent_left(),
        )
        return self.currency_id.round(max(left, 0.0))
