"""What of an invoice is about to be paid otherwise."""

from odoo import fields, models
from odoo.fields import Domain

from .customer_wallet import FROM_SERVER


class AccountMove(models.Model):
    _inherit = "account.move"

    # They would have paid this invoice by themselves, but another payment of it is on
    # its way: once that has ended, they pay what is still due.
    wallet_waiting_ids = fields.Many2many(
        "customer.wallet",
        "account_move_wallet_waiting_rel",
        "move_id",
        "wallet_id",
        string="Waiting Wallets",
        readonly=True,
        copy=False,
        groups="customer_wallet.group_wallet_user",
    )

    def _get_wallet_on_its_way(self):
        self.ensure_one()
        payments = self.env["payment.transaction"]._find_wallet_transactions(self)
        return self.currency_id.round(
            sum(payment._get_wallet_amount_coming(self) for payment in payments)
        )

    def _get_wallet_amounts_due(self):
        """Automation leaves what is on its way, and an early payment discount to the
        one who pays the rest of it.
        """
        due, discount = super()._get_wallet_amounts_due()
        if self.env.context.get("wallet_spares_on_its_way") is not FROM_SERVER:
            return due, discount
        on_its_way = self._get_wallet_on_its_way()
        if self.currency_id.is_zero(on_its_way):
            return due, discount
        if self.currency_id.compare_amounts(on_its_way, due - discount) >= 0:
            return 0.0, 0.0
        return self.currency_id.round(due - on_its_way), 0.0


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_wallet_bound_domain(self):
        """Open credits that may belong to something, see `_is_wallet_bound`."""
        payment = "move_id.origin_payment_id"
        domains = [
            Domain(f"{payment}.payment_transaction_id", "!=", False),
            Domain("wallet_document_model", "=", "payment.transaction"),
            Domain("move_id.move_type", "=", "out_refund"),
        ]
        if "batch_payment_id" in self.env["account.payment"]._fields:
            domains.append(Domain(f"{payment}.batch_payment_id", "!=", False))
        return Domain.OR(domains)

    def _is_wallet_bound(self):
        """Whether this open credit belongs to something that is going on: an order that
        is not fully invoiced, a refund that the provider is making, a batch that the
        bank has not booked.
        """
        self.ensure_one()
        move = self.move_id.sudo()
        payment = move.origin_payment_id
        is_in_batch = "batch_payment_id" in payment._fields and payment.batch_payment_id
        if is_in_batch and not payment.is_matched:
            return True
        transaction = payment.payment_transaction_id
        if self.wallet_document_model == transaction._name:
            transaction = self._get_wallet_document()
        if transaction:
            return transaction._is_wallet_payment_bound()
        # Payments without an entry, which the bank has not booked.
        going_out = move.matched_payment_ids.filtered(
            lambda it: it.state == "in_process" and not it.move_id
        )
        documents = move | move._get_wallet_credited_invoice()
        payments = transaction._find_wallet_transactions(documents)
        return bool(going_out or payments._get_wallet_refunds_going_on())
