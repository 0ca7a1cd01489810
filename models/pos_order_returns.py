"""What is left to come back of what was paid for goods, wherever it is given back."""

from odoo import models
from odoo.exceptions import UserError

from .pos_order import PAID_STATES


class PosOrder(models.Model):
    _inherit = "pos.order"

    def _get_wallet_money_left(self):
        """
        :return: float in the currency of the orders, what was paid for these and their
            returns and for what they settled, and not given back
        """
        invoices = self._get_wallet_family()[1].filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        )
        discounts = sum(
            invoice._get_wallet_discount_left(self.currency_id) for invoice in invoices
        )
        settlements = self._get_wallet_paid_orders()._get_settlements()
        settled = -sum(settlements.mapped("amount"))
        return self._get_wallet_payments_left() + settled - discounts

    def _get_wallet_payments_left(self):
        """What is kept of the goods is paid but for what the books say that is owed.

        :return: float in the currency of the orders, what was paid for these and their
            returns, early payment discounts included, and not given back
        """
        payments = self._get_wallet_paid_orders().payment_ids
        payments -= payments._filter_wallet()._filter_uncharged()
        owed = max(self._get_wallet_owed(payments), 0.0)
        credited = sum(
            move.amount_total - move.amount_residual
            for move in self._get_wallet_family()[1]._filter_wallet_office_credits()
        )
        return sum(payments.mapped("amount")) - owed - credited

    def _get_wallet_owed(self, payments):
        """Goods that came back on account are not owed; what has paid an invoice, and
        does so no more, is a credit of the customer, and pays nothing here.

        :param payments: pos.payment of these orders and their returns
        :return: float in the currency of the orders
        """
        entries = self._get_wallet_family()[1] | payments.account_move_id
        entries |= payments.pos_order_id.reversed_move_ids
        items = entries.line_ids._get_wallet_open_receivables().filtered(
            lambda item: (
                item.partner_id
                and (item.amount_residual_currency > 0.0 or item.move_id.pos_order_ids)
            )
        )
        residual = sum(items.mapped("amount_residual_currency"))
        return residual + payments._get_open_on_account()

    def _get_wallet_paid_orders(self):
        """What has paid an invoice that is not confirmed any more is a credit of the
        customer.

        :return: pos.order in sudo, of these and their returns those that are paid
        """
        orders, moves = self._get_wallet_family()[:2]
        unpaid = moves.filtered(
            lambda move: move.move_type == "out_invoice" and move.state != "posted"
        )
        paid = orders.filtered(lambda order: order.state in PAID_STATES) | self.sudo()
        return paid - unpaid.pos_order_ids

    def _check_wallet_return_paid(self):
        """Where a wallet moves or has moved money, a till gives back what was paid for
        these goods, and what the office has not credited.

        :raises UserError: saying how much is left
        """
        self.ensure_one()
        orders, moves = self._get_wallet_family()[:2]
        if not (orders.payment_ids._filter_wallet() or self._get_wallet_family_items()):
            return
        self._check_wallet_return_place()
        payments = self.payment_ids - self._get_settlements()
        booked = payments - payments._filter_wallet()._filter_uncharged()
        left = self._get_wallet_payments_left() - sum(booked.mapped("amount"))
        credits_open = moves._filter_wallet_office_credits()
        left -= sum(credits_open.mapped("amount_residual"))
        left += self._get_wallet_other_returns()
        self._check_wallet_payments_left(-sum(payments.mapped("amount")), left)

    def _check_wallet_return_place(self):
        """
        :raises UserError: what one company has got another one would give back, or
            what was paid in one currency would come back in another
        """
        for order in self.sudo().lines.refunded_orderline_id.order_id:
            if (
                order.company_id.root_id != self.company_id.root_id
                or order.currency_id != self.currency_id
            ):
                raise UserError(
                    self.env._(
                        "%(order)s was sold by %(company)s in %(currency)s: refund it "
                        "at a till of that company and currency.",
                        order=order._get_wallet_order_name(),
                        company=order.company_id.display_name,
                        currency=order.currency_id.name,
                    )
                )

    def _get_wallet_other_returns(self):
        """What came back without its order, a deposit for example, was paid for by
        another one. Gift cards and Odoo's eWallet pay by a line, which does not come
        back; the office credits less where there are such lines.

        :return: float in the currency of the orders
        """
        lines = self._get_wallet_paid_orders().lines
        selling = lines.filtered(
            lambda line: (
                not line.refunded_orderline_id and line.price_subtotal_incl > 0.0
            )
        ).order_id
        others = lines.filtered(
            lambda line: (
                not line.refunded_orderline_id
                and line.price_subtotal_incl < 0.0
                and (line.qty < 0.0 or line.order_id not in selling)
            )
        )
        if "reward_id" in lines._fields:
            others |= lines.filtered("reward_id.program_id.is_payment_program")
        credits_made = self._get_wallet_family()[1]._filter_wallet_office_credits()
        totals = credits_made.invoice_line_ids.mapped("price_total")
        credited = -sum(total for total in totals if total < 0.0)
        return max(-sum(others.mapped("price_subtotal_incl")) - credited, 0.0)

    def _check_wallet_payments_left(self, amount, left):
        """
        :param float amount: that is to be given back, in the currency of the orders
        :param float left: see `_get_wallet_payments_left`
        :raises UserError: more is given back than is left
        """
        currency = self.currency_id
        left = max(currency.round(left), 0.0)
        tolerance = self._get_wallet_return_tolerance()
        if currency.compare_amounts(amount, left + tolerance) > 0:
            orders, moves = self._get_wallet_family()[:2]
            invoices = moves.filtered(lambda move: move.move_type == "out_invoice")
            sold = self.sudo().lines.refunded_orderline_id.order_id
            raise UserError(
                self.env._(
                    "Only %(left)s of what %(customer)s has paid for %(documents)s is "
                    "left to be given back, and %(amount)s was asked for: the rest was "
                    "credited or given back before, or has not been paid. Return goods "
                    "that are not fully paid on account; about an invoice that was "
                    "credited or cancelled, ask the office.",
                    left=currency.format(left),
                    customer=orders.partner_id.commercial_partner_id[:1].display_name,
                    documents=invoices._get_wallet_names()
                    or ", ".join(it._get_wallet_order_name() for it in sold),
                    amount=currency.format(amount),
                )
            )

    def _get_wallet_return_tolerance(self):
        """What cash has paid was rounded, and so is each amount that it gives back.
        Taxes and discounts are rounded anew on each line that comes back.

        :return: float in the currency of the orders
        """
        orders = self._get_wallet_family()[0]
        orders = orders.filtered(lambda it: it in self or it.state in PAID_STATES)
        in_cash = orders.filtered(
            lambda order: (
                order.amount_total < 0.0
                and any(order.payment_ids.payment_method_id.mapped("is_cash_count"))
            )
        )
        returned = orders.lines.filtered("refunded_orderline_id")
        by_cash = self.config_id[:1]._get_cash_tolerance() * (len(in_cash) + 1)
        return by_cash + self.currency_id.rounding * len(returned)
