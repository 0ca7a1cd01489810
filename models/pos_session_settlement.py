from collections import defaultdict

from odoo import models


class PosSession(models.Model):
    _inherit = "pos.session"

    def _get_related_account_moves(self):
        settlements = self.order_ids.payment_ids.settlement_move_id
        return super()._get_related_account_moves() | settlements

    def get_closing_control_data(self):
        """A settlement is no sale, and no new debt."""
        data = super().get_closing_control_data()
        payments = self._get_closed_orders().payment_ids._filter_settlements()
        if not payments:
            return data
        orders = payments.pos_order_id.filtered(lambda order: not order.lines)
        data["orders_details"]["quantity"] -= len(orders)
        rows = data["non_cash_payment_methods"]
        for row in rows:
            settled = payments.filtered(
                lambda it, row=row: it.payment_method_id.id == row["id"]
            )
            row["amount"] -= sum(settled.mapped("amount"))
            row["number"] -= len(settled)
        rows.append(
            {
                "id": "settled",
                "name": self.env._("Settled"),
                "amount": -sum(payments.mapped("amount")),
                "number": len(payments),
                "type": "pay_later",
            }
        )
        return data

    # The closing entry: what was settled is off the customers' receivable already

    def _accumulate_amounts(self, data):
        data = super()._accumulate_amounts(data)
        settlements = defaultdict(self.env["pos.payment"].browse)
        receivables = defaultdict(lambda: {"amount": 0.0, "amount_converted": 0.0})
        orders = self._get_closed_orders().filtered(
            lambda order: not order.account_move
        )
        for payment in orders.payment_ids.filtered("settlement_move_id"):
            account = payment._get_settlement_receivable_lines().account_id
            amounts = data["split_receivables_pay_later"].pop(payment)
            settlements[account] |= payment
            for name in receivables[account]:
                receivables[account][name] += amounts[name]
        data["settlements"] = settlements
        data["settlement_receivables"] = receivables
        return data

    def _create_bank_payment_moves(self, data):
        data = super()._create_bank_payment_moves(data)
        receivables = data["settlement_receivables"]
        name = self.env._("%(session)s - Settle", session=self.name)
        lines = data["MoveLine"].create(
            [
                self._get_wallet_receivable_vals(name, account, **amounts)
                for account, amounts in receivables.items()
            ]
        )
        data["settlement_lines"] = lines
        return data

    def _reconcile_account_move_lines(self, data):
        data = super()._reconcile_account_move_lines(data)
        for line in data["settlement_lines"].filtered("account_id.reconcile"):
            settled = data["settlements"][line.account_id]
            lines = (line + settled._get_settlement_receivable_lines()).filtered(
                lambda it: it.parent_state == "posted" and not it.reconciled
            )
            lines.with_context(no_cash_basis=True, skip_invoice_sync=True).reconcile()
        self._note_items_on_account(data)
        self._reconcile_returns_on_account(data)
        return data

    def _get_items_on_account(self, data):
        """
        :return: list of tuples (pos.payment, account.move.line of the closing entry)
        """
        payments = list(data["split_receivables_pay_later"])
        # Core makes the lines of the methods that name no customer before.
        lines = data["pay_later_move_lines"][-len(payments) :] if payments else []
        return list(zip(payments, lines, strict=True))

    def _note_items_on_account(self, data):
        for payment, line in self._get_items_on_account(data):
            payment._from_server().on_account_item_id = line

    def _reconcile_returns_on_account(self, data):
        """What came back on account is no debt any more of the order that sold it,
        whichever of their tills is closed first.
        """
        nothing = self.env["account.move"]
        for payment, line in self._get_items_on_account(data):
            for sold in payment._get_returned_on_account():
                sold._settle_taken_back(line, nothing)
            for credit in payment._get_returns_in_books():
                payment.pos_order_id._settle_taken_back(credit, nothing)
