"""What is left to come back of what was paid for goods, wherever it is given back."""

from odoo import models
from odoo.exceptions import UserError

from .pos_order import PAID_STATES


class PosOrder(models.Model):
    _inherit = "pos.order"

    def _get_wallet_money_left(self):
        """
        :return: float in the currency of the orders, what was paid for these and their
            returns, and not given back
        """
        invoices = self._get_wallet_family()[1].filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        )
        discounts = sum(
            invoice._get_wallet_discount_left(self.currency_id) for invoice in invoices
        )
        return self._get_wallet_payments_left() - discounts

    def _get_wallet_payments_left(self):
        """What has paid an invoice that is not confirmed any more is a credit of the
        customer. What is returned on account lowers what is owed.

        :return: float in the currency of the orders, what was paid for these and their
            returns, early payment discounts included, and not given back
        """
        orders, moves = self._get_wallet_family()[:2]
        confirmed = moves.filtered(lambda move: move.state == "posted")
        unpaid = (moves - confirmed).filtered(lambda it: it.move_type == "out_invoice")
        paid = orders.filtered(lambda order: order.state in PAID_STATES) | self.sudo()
        paid -= unpaid.pos_order_ids
        payments = paid.payment_ids - paid._get_settlements()
        payments -= payments._filter_wallet()._filter_uncharged()
        invoices = confirmed.filtered(lambda move: move.move_type == "out_invoice")
        owed = sum(invoices.mapped("amount_residual"))
        owed += sum(
            payment.amount
            for payment in payments
            if payment.payment_method_id.type == "pay_later"
            and payment.amount < 0.0
            and not payment.pos_order_id.account_move
        )
        credited = sum(
            move.amount_total - move.amount_residual
            for move in confirmed._filter_wallet_office_credits()
        )
        return sum(payments.mapped("amount")) - max(owed, 0.0) - credited

    def _check_wallet_return_paid(self):
        """For goods that are invoiced, where a wallet moved money, a till gives back
        what was paid, and what the office has not credited.

        :raises UserError: saying how much is left
        """
        self.ensure_one()
        moves = self._get_wallet_family()[1]
        payments = self.payment_ids - self._get_settlements()
        by_wallet = payments._filter_wallet()
        if not moves or not (by_wallet or self._get_wallet_family_items()):
            return
        booked = payments - by_wallet._filter_uncharged()
        left = self._get_wallet_payments_left() - sum(booked.mapped("amount"))
        credits_open = moves._filter_wallet_office_credits()
        left -= sum(credits_open.mapped("amount_residual"))
        self._check_wallet_payments_left(-sum(payments.mapped("amount")), left)

    def _check_wallet_payments_left(self, amount, left):
        """
        :param float amount: that is to be given back, in the currency of the orders
        :param float left: see `_get_wallet_payments_left`
        :raises UserError: more is given back than is left
        """
        orders, moves = self._get_wallet_family()[:2]
        currency = self.currency_id
        left = max(currency.round(left), 0.0)
        tolerance = self.config_id[:1]._get_cash_tolerance() * len(orders)
        if currency.compare_amounts(amount, left + tolerance) > 0:
            raise UserError(
                self.env._(
                    "Only %(left)s of what %(customer)s has paid for %(documents)s is "
                    "left to be given back, and %(amount)s was asked for: the rest was "
                    "credited or given back before, or has not been paid. Return goods "
                    "whose invoice is not fully paid on account.",
                    left=currency.format(left),
                    customer=moves.commercial_partner_id[:1].display_name,
                    documents=moves.filtered(
                        lambda move: move.move_type == "out_invoice"
                    )._get_wallet_names(),
                    amount=currency.format(amount),
                )
            )
