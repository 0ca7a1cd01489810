from odoo import models
from odoo.exceptions import UserError

from .pos_order import PAID_STATES


class PosOrder(models.Model):
    _inherit = "pos.order"

    def _get_settlements(self):
        return self.payment_ids._filter_settlements()

    # A settlement is the server's to book, as what a wallet pays

    def _is_paid_by_wallet(self, order_data):
        return super()._is_paid_by_wallet(order_data) or any(
            len(command) > 2
            and isinstance(command[2], dict)
            and command[2].get("settled_item")
            for command in order_data.get("payment_ids") or []
        )

    def _moves_wallet_money(self):
        return super()._moves_wallet_money() or bool(self._get_settlements())

    def _is_wallet_used(self):
        return super()._is_wallet_used() or bool(self.payment_ids.settlement_move_id)

    def _is_wallet_due(self):
        return super()._is_wallet_due() or (
            self.state in PAID_STATES
            and not all(it.settlement_move_id for it in self._get_settlements())
        )

    def _charge_wallets(self):
        result = super()._charge_wallets()
        for order in self.filtered(lambda order: order.state in PAID_STATES):
            order._get_settlements()._book_settlements()
            order._check_wallet_settling()
        return result

    # Checks

    def _check_wallet_settling(self):
        """What is on account may be cash that was handed out, which no bonus pays.

        :raises UserError: saying how much has to be paid otherwise
        """
        is_spent = any(it.amount > 0.0 for it in self._get_wallet_payments())
        is_asked = is_spent and self._get_settlements()
        amount = self._get_wallet_bonus_over() if is_asked else 0.0
        if amount:
            raise UserError(
                self.env._(
                    "The bonus of %(customer)s pays for goods only: take %(amount)s of "
                    "what is settled in cash or by card.",
                    customer=self.partner_id.commercial_partner_id.display_name,
                    amount=self.currency_id.format(amount),
                )
            )

    def _check_wallet_order(self):
        result = super()._check_wallet_order()
        for order in self:
            payments = order._get_settlements()
            if payments:
                payments._check_wallet_actor()
                order._check_wallet_order_open()
                if order.to_invoice:
                    order._check_invoiced_with_settlements()
                order._compute_prices()
                order._check_settlements(payments)
                order._check_wallet_paid_in_full()
        return result

    def _check_settlements(self, payments):
        """What is owed is settled with money, never with a new debt.

        :param payments: pos.payment that settle something
        :raises UserError: naming the customer and what was paid
        """
        currency = self.currency_id
        methods = payments.payment_method_id
        if not self.partner_id or any(
            method.type != "pay_later" or not method.split_transactions
            for method in methods
        ):
            raise UserError(
                self.env._("Choose the customer, and what is settled, with Settle.")
            )
        asked = currency.round(-sum(payments.mapped("amount")))
        tenders = self.payment_ids.filtered(
            lambda payment: payment.payment_method_id.type != "pay_later"
        )
        paid = currency.round(sum(tenders.mapped("amount")))
        backed = paid + self.config_id._get_cash_tolerance()
        is_backed = currency.compare_amounts(asked, backed) <= 0
        if not is_backed or any(payment.amount > 0.0 for payment in payments):
            raise UserError(
                self.env._(
                    "What %(customer)s owes is settled with money only: %(paid)s was "
                    "paid in cash, by card or from the wallet, and %(asked)s was to be "
                    "settled.",
                    customer=self.partner_id.display_name,
                    paid=currency.format(max(paid, 0.0)),
                    asked=currency.format(asked),
                )
            )

    def _check_wallet_spending(self, spent):
        """A wallet pays what is settled, too."""
        settled = -sum(self._get_settlements().mapped("amount"))
        return super()._check_wallet_spending(
            max(self.currency_id.round(spent - settled), 0.0)
        )

    def _check_wallet_customer(self, partner_id):
        result = super()._check_wallet_customer(partner_id)
        customer = self.env["res.partner"].browse(partner_id).commercial_partner_id
        for order in self:
            if order.partner_id.commercial_partner_id != customer:
                order.payment_ids.filtered(
                    "settlement_move_id"
                )._check_wallet_tenders_kept()
        return result

    def _is_wallet_top_up(self):
        """What is kept of a settlement is change: it earns nothing."""
        return super()._is_wallet_top_up() and not self._get_settlements()

    # Invoices

    def _process_saved_order(self, draft):
        if self.to_invoice and not self.lines and self._get_settlements():
            self.to_invoice = False  # Some countries invoice all that tills do.
        return super()._process_saved_order(draft)

    def _get_auto_invoice_payments(self):
        payments = super()._get_auto_invoice_payments()
        return payments - payments._filter_settlements()

    def _check_invoiced_with_settlements(self):
        """Cash and cards settle before they pay an invoice, and the wallet pays the
        invoice itself: it settles nothing then. After closing, cash and cards alone
        have paid both.

        :raises UserError: this order cannot be invoiced
        """
        payments = self._get_settlements()
        if not payments:
            return
        tenders = self.payment_ids.filtered("payment_method_id.journal_id")
        others = (self.payment_ids - tenders - payments).filtered("amount")
        paid = sum((tenders + payments).mapped("amount"))
        is_closed = self.session_id.state == "closed"
        if not self.lines or self.currency_id.round(paid) < 0.0:
            raise UserError(
                self.env._(
                    "%(order)s cannot be invoiced together with what it settles for "
                    "%(customer)s: settle in an order of its own.",
                    order=self._get_wallet_order_name(),
                    customer=self.partner_id.display_name,
                )
            )
        if is_closed and others:
            raise UserError(
                self.env._(
                    "%(order)s cannot be invoiced any more, as its session is closed "
                    "and %(method)s has paid a part of it, together with what it "
                    "settled for %(customer)s. Take its products back, and sell them "
                    "anew with an invoice.",
                    order=self._get_wallet_order_name(),
                    method=others[0].payment_method_id.name,
                    customer=self.partner_id.display_name,
                )
            )

    def _generate_pos_order_invoice(self):
        for order in self:
            order._check_invoiced_with_settlements()
        return super()._generate_pos_order_invoice()

    def _create_misc_reversal_move(self, payment_moves):
        """What takes an order out of the entry of its session is no credit: it settles
        what its payments have left open, what stands in that entry, or, where that was
        settled, the invoice.
        """
        result = super()._create_misc_reversal_move(payment_moves)
        reversal = self.env["account.move"].search(
            [("reversed_pos_order_id", "=", self.id)], order="id desc", limit=1
        )
        owner = self._get_wallet_owner()
        taken_back = reversal.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.partner_id.commercial_partner_id == owner
                and line.amount_residual
            )
        )
        for line in taken_back:
            self._settle_taken_back(line, payment_moves)
        return result

    # One invoice for several orders

    def _sum_wallet_paid_on_invoice(self, entries):
        """A till has paid for its own orders; what wallets have paid otherwise, for all
        that are on the invoice.

        :param entries: account.move by which wallets paid the invoice of this order
        :return: float in the currency of the order, what is for this one
        """
        invoice, amount, shared = self.account_move, 0.0, 0.0
        orders = invoice.pos_order_ids
        for entry in entries:
            origin = entry.reversed_entry_id or entry
            paid = entry.line_ids._sum_wallet_paid(invoice)
            if origin in self.payment_ids.wallet_move_id:
                amount += paid
            elif origin not in orders.payment_ids.wallet_move_id:
                shared += paid
        if self.currency_id.is_zero(shared):
            return amount
        return amount + orders._share_wallet_payment(shared).get(self, 0.0)

    def _share_wallet_payment(self, amount):
        """Share what has been paid of the one invoice of these orders by what each of
        them left to be paid later, or else by their totals.

        :param float amount: in their currency
        :return: dict by pos.order of floats, which add up to that amount
        """
        dues = {
            order: sum(
                it.amount
                for it in order.payment_ids - order._get_settlements()
                if it.payment_method_id.type == "pay_later"
            )
            for order in self
        }
        if not any(dues.values()):
            dues = {order: order.amount_total for order in self}
        left, rest, shares = amount, sum(dues.values()), {}
        for order, due in dues.items():
            currency = order.currency_id
            part = left if currency.is_zero(rest) else left * due / rest
            shares[order] = currency.round(part)
            left, rest = left - shares[order], rest - due
        return shares

    def _is_in_closing_entry(self):
        """Whether this order was not invoiced yet when its session was closed."""
        return not self.account_move or bool(self.reversed_move_ids)

    def _get_items_on_account(self):
        """
        :return: account.move.line, what is open of these orders in the closing entries
            of their sessions
        """
        payments = self.sudo().payment_ids
        noted = payments.on_account_item_id._get_wallet_open_receivables()
        others = payments._filter_on_account().filtered(
            lambda payment: not payment.on_account_item_id
        )
        orders = others.pos_order_id
        owners = orders.partner_id.commercial_partner_id
        items = orders.session_move_id.line_ids._get_wallet_open_receivables()
        return noted | items.filtered(
            lambda item: (
                item.partner_id in owners and item._get_order_on_account() in orders
            )
        )

    def _settle_taken_back(self, line, payment_moves):
        """
        :param line: account.move.line that takes something of this order back
        :param payment_moves: account.move, by which its invoice was paid
        """
        for moves in (payment_moves, self.session_move_id, self.account_move):
            items = moves.line_ids.filtered(
                lambda item: (
                    item.parent_state == "posted"
                    and item.account_id == line.account_id
                    and item.partner_id == line.partner_id
                    and item.amount_residual * line.amount_residual < 0.0
                )
            )
            if moves == self.session_move_id:
                items = items.filtered(lambda it: it._get_order_on_account() == self)
            if items:
                (line + items).reconcile()

    def _reconcile_invoice_payments(self, invoice, payment_moves):
        """What settles a debt is not there for the invoice. After closing, that is what
        is left of the payments when the order is taken out of the session's entry.
        """
        for order in self.filtered(lambda order: order.session_id.state != "closed"):
            payments = order._get_settlements()
            payments._book_settlements()
            payments._take_from_invoice()
        result = super()._reconcile_invoice_payments(invoice, payment_moves)
        if invoice.move_type == "out_refund":
            self._settle_credited(invoice)
        return result

    def _settle_credited(self, credit_note):
        """Core has it settle the invoice of the order that sold the goods. Where there
        is none, it settles what the entry of the session says; where these are invoiced
        after closing, that entry has done so.

        :param credit_note: account.move of these returns
        """
        returns = self.filtered(lambda order: order.session_id.state != "closed")
        nothing = self.env["account.move"]
        for line in credit_note.sudo().line_ids._get_wallet_open_credits():
            for sold in returns.sudo().lines.refunded_orderline_id.order_id:
                sold._settle_taken_back(line, nothing)
