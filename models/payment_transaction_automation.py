"""Online payments, while they are on their way and once they have ended."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# The customer is at the provider, or has gone away: that, no provider tells. Payment
# pages close within the hour, and a bank asks for a confirmation within minutes. Should
# the money come later nevertheless, it is an open credit of the customer.
AT_PROVIDER = relativedelta(hours=1)
# Somebody has promised a bank transfer: it comes within days, or never.
PROMISED = relativedelta(days=14)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        """What has ended does not keep wallets waiting any more."""
        result = super()._post_process()
        self.env["customer.wallet"]._resume_automation(self._get_wallet_invoices())
        return result

    # What is on its way

    def _is_wallet_awaited(self):
        """Whether the money of this transaction may still come, or is not booked."""
        self.ensure_one()
        if self.payment_id:
            return False
        patience = None
        if self.state == "draft":
            patience = AT_PROVIDER
        elif self._is_wallet_promise():
            patience = PROMISED
        if patience:
            since = self.last_state_change or self.create_date
            return since + patience > fields.Datetime.now()
        return self.state in ("pending", "authorized", "done")

    def _is_wallet_promise(self):
        """Whether somebody has promised a bank transfer or the like, which no provider
        confirms.
        """
        self.ensure_one()
        return self.state == "pending" and self.provider_code in ("none", "custom")

    def _get_wallet_captures(self):
        """The parts of these transactions that are captured or voided apart."""
        return self.child_transaction_ids.filtered(lambda tx: tx.operation != "refund")

    def _get_wallet_amount_coming(self, invoice):
        """What this transaction will pay of one of its invoices, or has paid without
        having been matched yet; not what goes back.

        :param invoice: account.move
        :return: float in the currency of the invoice; all of the invoice where this is
            in another one, as what is left is known when it is booked
        """
        self.ensure_one()
        if self.operation in ("validation", "refund"):
            return 0.0
        captures = self._get_wallet_captures()
        payments = (self | captures).payment_id
        amount = sum(payment._get_wallet_amount_unmatched() for payment in payments)
        amount += sum(self._get_wallet_refunds_going_on().mapped("amount"))
        amount = max(amount, 0.0)
        if self._is_wallet_awaited():
            ended = captures.filtered(lambda tx: tx.state == "cancel" or tx.payment_id)
            amount += self.amount - sum(ended.mapped("amount"))
        if self.currency_id.is_zero(amount) or self.currency_id == invoice.currency_id:
            return amount
        return invoice.amount_total

    def _get_wallet_refunds_going_on(self):
        """The refunds of these transactions that the provider is making, or has made
        without their being matched yet. Their amounts are below zero.
        """
        children = (self | self._get_wallet_captures()).child_transaction_ids
        return children.filtered(
            lambda tx: (
                tx.operation == "refund"
                and tx.state not in ("cancel", "error")
                and not tx.payment_id.is_reconciled
            )
        )

    # What they pay

    def _get_wallet_orders(self):
        """
        :return: sale.order that these transactions pay, or None where there are none
        """
        transactions = self.sudo()
        if "sale_order_ids" not in transactions._fields:
            return None
        return (transactions | transactions.source_transaction_id).sale_order_ids

    def _get_wallet_invoices(self):
        """The invoices that these transactions pay, also by their orders.

        :return: account.move in sudo
        """
        transactions = self.sudo()
        invoices = (transactions | transactions.source_transaction_id).invoice_ids
        orders = self._get_wallet_orders()
        return invoices | orders.invoice_ids if orders else invoices

    @api.model
    def _find_wallet_transactions(self, invoices):
        """The online payments of invoices, and of the orders that they invoice, as a
        customer may pay an order whose invoice is there already.

        :param invoices: account.move
        :return: payment.transaction in sudo
        """
        moves = invoices.sudo()
        transactions = moves.transaction_ids
        if "sale_line_ids" in self.env["account.move.line"]._fields:
            transactions |= moves.line_ids.sale_line_ids.order_id.transaction_ids
        return transactions

    def _filter_wallet_on(self, moves):
        """
        :param moves: account.move in sudo
        :return: those of these payments whose money has settled one of the invoices
        """
        receivables = moves.line_ids._filter_wallet_receivables()
        entries = receivables.matched_credit_ids.credit_move_id.move_id
        return self.filtered(
            lambda tx: (tx | tx._get_wallet_captures()).payment_id.move_id & entries
        )

    def _is_wallet_payment_bound(self):
        """Whether the open rest of the payment of this transaction belongs to something
        that is going on. What it was for may be known to others only.
        """
        self.ensure_one()
        orders, invoices = self._get_wallet_orders(), self._get_wallet_invoices()
        return (
            not (orders or invoices)
            or bool((self | self.source_transaction_id)._get_wallet_refunds_going_on())
            or any(
                order.state != "cancel"
                and order.invoice_status not in ("invoiced", "upselling")
                for order in orders or ()
            )
            or any(
                invoice.state == "draft" or invoice._is_wallet_payable()
                for invoice in invoices
            )
        )


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _get_wallet_amount_unmatched(self):
        """What this payment has brought and no document was settled with yet.

        :return: float in the currency of the payment
        """
        self.ensure_one()
        if self.state not in ("in_process", "paid"):
            return 0.0
        if not self.move_id:
            # Booked when it is in the bank: until then, documents know it by its link.
            return 0.0 if self.invoice_ids else self.amount
        lines = self.move_id.line_ids._filter_wallet_receivables()
        return -sum(lines.mapped("amount_residual_currency"))
