from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .till_common import TillKindsCommon


@tagged("post_install", "-at_install")
class TestTillAndWalletAgree(TillKindsCommon):
    """What a till sends or changes puts no more into a wallet than was paid."""

    def setUp(self):
        super().setUp()
        self.open_new_session()

    # Where a paid order is booked

    def test_a_paid_order_stays_where_it_is_booked(self):
        """Moved to a session that is closed, or onto some invoice, its hold would wait
        for ever.
        """
        closed = self._close_session()
        self.open_new_session()
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.customer.id}
        )
        by_cashier = order.with_user(self.cashier)
        for record, vals in (
            (by_cashier, {"session_id": closed.id}),
            (by_cashier, {"session_id": False}),
            (by_cashier, {"account_move": invoice.id}),
            (by_cashier.payment_ids, {"session_id": closed.id}),
            (invoice, {"pos_order_ids": [Command.link(order.id)]}),
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(UserError, "payments cannot be changed"),
                self.env.cr.savepoint(),
            ):
                record.write(vals)
        by_cashier.write({"session_id": order.session_id.id, "account_move": False})
        self._close_session()
        self.assertEqual(order.payment_ids.wallet_hold_id.state, "taken")
        order.action_pos_order_invoice()
        self.assertEqual(order.account_move.payment_state, "paid")
        self.assertBalance(400)
        self.assertTillIsClear()

    # The server computes the total

    def test_an_order_without_lines_has_no_total(self):
        """An order of -1000 without a single line, refunded to the wallet: the total
        that the client sends is not what the lines say.
        """
        data = self._order_data([(self.wallet_pm, -1000)], quantity=-1)
        data = {
            **data,
            "lines": [],
            "amount_total": -1000.0,
            "amount_tax": 0.0,
            "amount_paid": -1000.0,
        }
        self.assertOrdersRefused(data, message="not fully paid")
        self.assertBalance(500)

    def test_a_forged_total_is_refused(self):
        cheap = self._order_data([(self.wallet_pm, 10)])
        refund = self._order_data([(self.wallet_pm, -500)], quantity=-1)
        for data, total in ((cheap, 10.0), (refund, -500.0)):
            self.assertOrdersRefused(
                {**data, "amount_total": total, "amount_paid": total},
                message="not fully paid",
            )

    def test_a_total_forged_step_by_step_is_refused(self):
        """A draft is written as paid, past the check of its payments."""
        draft = self._sync(self._order_data([(self.wallet_pm, -1000)], state="draft"))
        for state in ("paid", "done"):
            with (
                self.assertRaisesRegex(UserError, "not fully paid"),
                self.env.cr.savepoint(),
            ):
                draft.with_user(self.cashier).write(
                    {"state": state, "amount_total": -1000}
                )
        self.assertBalance(500)

    def test_an_amount_that_is_none_is_refused(self):
        for amount in (float("nan"), float("inf"), 10**16, 1e308, 10**400, "much"):
            data = self._order_data([(self.wallet_pm, 100)])
            data["payment_ids"][0][2]["amount"] = amount
            self.assertOrdersRefused(data, message="valid amount")

    def _with_figures(self, amount):
        """Orders that touch a wallet, each with one figure that is this."""
        for name in ("amount_total", "amount_paid", "amount_tax", "amount_return"):
            yield {**self._order_data([(self.wallet_pm, 100)]), name: amount}
        for name in ("qty", "price_unit", "discount", "price_subtotal_incl"):
            data = self._order_data([(self.wallet_pm, 100)])
            data["lines"][0][2][name] = amount
            yield data
        top_up = self._top_up_data(100)
        top_up["payment_ids"][0][2]["amount"] = amount
        yield top_up

    def test_a_figure_that_is_none_is_refused(self):
        for amount in (float("nan"), float("-inf"), 1e308, 10**400, "much"):
            for data in self._with_figures(amount):
                for state in ("paid", "draft"):
                    self.assertOrdersRefused(
                        {**data, "state": state}, message="valid amount"
                    )
        self.assertBalance(500)

    def test_an_order_with_such_a_figure_holds_up_no_other(self):
        wrong = list(self._with_figures(float("nan")))
        others = [
            self._order_data([(self.wallet_pm, 100)]),
            self._order_data([(self.cash_pm1, 100)]),
        ]
        result = (
            self.env["pos.order"]
            .with_user(self.cashier)
            .sync_from_ui([dict(data) for data in [*wrong, *others]])
        )
        self.assertEqual(
            [it["uuid"] for it in result["wallet_refusals"]],
            [data["uuid"] for data in wrong],
        )
        saved = self.env["pos.order"].browse(it["id"] for it in result["pos.order"])
        self.assertEqual(
            sorted(saved.mapped("uuid")), sorted(data["uuid"] for data in others)
        )
        self.assertBalance(400)

    # Tenders stay

    def test_the_cash_of_a_top_up_is_not_deleted(self):
        """A cashier does not take the cash out of it and leave the wallet full."""
        order = self._sync(self._top_up_data(100))
        self.assertBalance(600)
        cash = order.payment_ids.filtered("payment_method_id.is_cash_count")
        with self._perhaps_refused():
            cash.with_user(self.cashier).unlink()
        self.assertBalance(500 + sum(cash.exists().mapped("amount")))

    def test_what_a_top_up_was_paid_with_stays(self):
        order = self._sync(self._top_up_data(100))
        other = self._sync(self._order_data([], state="draft"))
        cash = order.payment_ids.filtered("payment_method_id.is_cash_count")
        cash = cash.with_user(self.cashier)
        for vals in (
            {"amount": 1},
            {"payment_method_id": self.pay_later_pm.id},
            {"pos_order_id": other.id},
        ):
            with (
                self.assertRaisesRegex(UserError, "cannot be changed"),
                self.env.cr.savepoint(),
            ):
                cash.write(vals)
            with (
                self.assertRaisesRegex(UserError, "cannot be changed"),
                self.env.cr.savepoint(),
            ):
                order.write({"payment_ids": [Command.update(cash.id, vals)]})
        self.assertBalance(600)

    def _change_to_wallet(self, order):
        vals = {"payment_method_id": self.wallet_pm.id}
        order.write({"payment_ids": [Command.update(order.payment_ids.id, vals)]})

    def test_a_wallet_does_not_pay_an_order_of_the_past(self):
        order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        invoiced = self._sync(self._order_data([(self.cash_pm1, 100)], to_invoice=True))
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._change_to_wallet(invoiced)
        self._close_session(200)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._change_to_wallet(order)
        self.assertBalance(500)

    def test_payments_changed_together_are_charged_together(self):
        order = self._sync(self._order_data([(self.cash_pm1, 50), (self.bank_pm1, 50)]))
        cash, card = order.payment_ids.sorted("payment_method_id")
        if not cash.payment_method_id.is_cash_count:
            cash, card = card, cash
        to_wallet = {"payment_method_id": self.wallet_pm.id, "amount": 60}
        order.write(
            {
                "payment_ids": [
                    Command.update(card.id, to_wallet),
                    Command.update(cash.id, {"amount": 40}),
                ]
            }
        )
        self.assertBalance(440)
        self._close_session(40)
        self.assertTillIsClear()

    # Who acts

    def test_a_visitor_moves_no_wallet(self):
        """Core's self-order sends what a visitor says in sudo, as the user of the till
        or of the website.
        """
        public = self.env.ref("base.public_user")
        for user in (public, self.cashier):
            PosOrder = self.env["pos.order"].with_user(user).sudo()
            for data in (
                self._top_up_data(50),
                self._order_data([(self.wallet_pm, 100)]),
                self._order_data([(self.wallet_pm, 100)], state="draft"),
            ):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    PosOrder.sync_from_ui([dict(data)])
        self.assertBalance(500)

    def _visitors(self):
        """The orders of the till as self-order sees them, see above."""
        for user in (self.env.ref("base.public_user"), self.cashier):
            yield self.env["pos.order"].with_user(user).sudo()

    def test_a_visitor_learns_nothing_about_a_wallet(self):
        wallet = self._wallet()
        data = self._order_data([(self.wallet_pm, 1000)], quantity=10)
        for state in ("open", "frozen"):
            wallet.state = state
            for orders in self._visitors():
                with self.assertRaises(AccessError) as refusal:
                    orders.sync_from_ui([dict(data)])
                said = str(refusal.exception)
                self.assertIn("Only a cashier", said)
                self.assertNotIn(self.customer.name, said)
                self.assertNotIn("500.00", said)

    def test_a_visitor_takes_no_goods_back(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        other = {"customer": self.other_customer}
        data = self._refund_data(order, [], **other)
        exchanged = self._order_data([], **other)
        data["lines"] += exchanged["lines"]
        data.update(amount_total=0.0, amount_paid=0.0, amount_tax=0.0)
        for orders in self._visitors():
            with self.assertRaises(AccessError) as refusal, self.env.cr.savepoint():
                orders.sync_from_ui([dict(data)])
            self.assertNotIn(self.customer.name, str(refusal.exception))
        self.env.invalidate_all()
        self.assertEqual(self._wallet().held, 100)
        refund = self._sync(data)
        for orders in self._visitors():
            line = orders.browse(refund.id).lines[0]
            line.write({"refunded_orderline_id": order.lines.id, "note": "Kept"})

    def test_a_visitor_does_not_choose_whose_wallet_pays(self):
        draft = self._sync(self._order_data([(self.wallet_pm, 100)], state="draft"))
        order = draft.with_user(self.cashier).sudo()
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            order.partner_id = self.other_customer

    def test_the_entry_is_the_servers_to_say_also_in_sudo(self):
        entry = self.env["account.move"].search([("state", "=", "posted")], limit=1)
        draft = self._sync(self._order_data([(self.cash_pm1, 100)], state="draft"))
        draft.payment_ids.sudo().write(
            {"wallet_move_id": entry.id, "wallet_bonus": 5, "wallet_bonus_note": "Me"}
        )
        payment = draft.payment_ids.sudo().copy({"wallet_move_id": entry.id})
        for each in draft.payment_ids | payment:
            self.assertFalse(each.wallet_move_id or each.wallet_bonus)

    # Rounding

    def _round_to_five_cents(self, **values):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Five cents",
                "rounding": 0.05,
                "rounding_method": "HALF-UP",
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"]
                .copy()
                .id,
                "loss_account_id": self.company_data["default_account_expense"]
                .copy()
                .id,
            }
        )
        self.pos_session.close_session_from_ui()
        self.config.write(
            {
                "cash_rounding": True,
                "rounding_method": rounding.id,
                "only_round_cash_method": False,
                **values,
            }
        )
        self.product = self.create_product("Ten and three", self.categ_basic, 10.03)
        self.open_new_session()

    def test_a_rounded_total_is_what_the_wallet_pays(self):
        """With cash rounding on all methods, 10.03 is paid by 10.05."""
        self._round_to_five_cents()
        order = self._sync(self._order_data([(self.wallet_pm, 10.05)]))
        self.assertEqual(order.state, "paid")
        self._close_session()
        self.assertBalance(489.95)
        self.assertTillIsClear()

    def test_a_rounded_total_comes_back_as_it_was_paid(self):
        self._round_to_five_cents()
        order = self._sync(self._order_data([(self.wallet_pm, 10.05)]))
        self._sync(self._refund_data(order, [(self.wallet_pm, -10.05)]))
        self._close_session()
        self.assertBalance(500)
        self.assertTillIsClear()

    def test_a_rounded_total_is_invoiced(self):
        self._round_to_five_cents()
        order = self._sync(self._order_data([(self.wallet_pm, 10.05)], to_invoice=True))
        self.assertEqual(order.account_move.payment_state, "paid")
        self.assertEqual(order.account_move.amount_total, 10.05)
        self._close_session()
        self.assertBalance(489.95)
        self.assertTillIsClear()

    def test_only_cash_is_rounded(self):
        self._round_to_five_cents(only_round_cash_method=True)
        self._sync(self._order_data([(self.wallet_pm, 10.03)]))
        self.assertBalance(489.97)
        order = self._sync(self._order_data([(self.cash_pm1, 10.05)]))
        self._sync(self._refund_data(order, [(self.wallet_pm, -10.03)]))
        self.assertBalance(500)
        self._close_session(10.05)
        self.assertTillIsClear()

    def test_what_was_not_paid_in_cash_comes_back_as_it_was_paid(self):
        self._round_to_five_cents(only_round_cash_method=True)
        order = self._sync(self._order_data([(self.wallet_pm, 10.03)]))
        self.assertOrdersRefused(
            self._refund_data(order, [(self.wallet_pm, -10.05)]),
            message="only .*10.03 can go into the wallet",
        )
        in_cash = self._sync(self._order_data([(self.cash_pm1, 10.05)]))
        self._sync(self._refund_data(in_cash, [(self.wallet_pm, -10.05)]))
        self.assertBalance(500.02)
        self._close_session(10.05)
        self.assertTillIsClear()

    def test_rounding_puts_nothing_into_a_wallet(self):
        self._round_to_five_cents()
        data = self._top_up_data(100)
        data["payment_ids"][0][2]["amount"] = 99.98
        self.assertOrdersRefused(data, message="not fully paid")

    # The closing

    def test_a_session_closes_after_the_receivable_account_was_changed(self):
        """Settings > Default receivable account of tills is changed while a session is
        open. A session that took only cards closes all the same.
        """
        self._sync(self._order_data([(self.wallet_pm, 100)]))
        self._sync(self._order_data([(self.wallet_pm, 100)], to_invoice=True))
        self._sync(self._top_up_data(50, method=self.bank_pm1))
        self.company.account_default_pos_receivable_account_id = (
            self.pos_receivable.copy({"name": "Other Receivable (PoS)"})
        )
        self.assertEqual(self._close_session().state, "closed")
        self.assertBalance(350)
        wallets = self.pos_session.move_id.line_ids.filtered(
            lambda line: self.wallet_pm.name in line.name
        )
        self.assertIn(self.pos_receivable, wallets.account_id)
        self.assertEqual(len(wallets), 2)
        self.assertTrue(all(wallets.mapped("reconciled")))

    def test_a_session_closes_after_the_method_was_archived(self):
        self._sync(self._order_data([(self.wallet_pm, 100)]))
        self.wallet_pm.with_context(bypass_open_session_check=True).sudo()
        self.env.cr.execute(
            "UPDATE pos_payment_method SET active = FALSE WHERE id = %s",
            [self.wallet_pm.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._close_session().state, "closed")
        self.assertTillIsClear()

    def test_what_an_invoice_got_is_not_in_the_closing(self):
        self._sync(
            self._order_data(
                [(self.wallet_pm, 60), (self.cash_pm1, 40)], to_invoice=True
            )
        )
        session = self._close_session(40)
        self.assertEqual(
            self._items(session.move_id),
            [("POS Receivable Cash", "", 40.0, 0.0), ("till", "", 0.0, 40.0)],
        )
        self.assertTillIsClear()

    def test_change_kept_of_an_invoiced_order_stays_in_the_wallet(self):
        order = self._sync(
            self._order_data(
                [(self.cash_pm1, 130), (self.wallet_pm, -30)], to_invoice=True
            )
        )
        self._close_session(130)
        self.assertBalance(530)
        invoice = order.account_move
        self.assertEqual(invoice.payment_state, "paid")
        invoice.button_draft()
        invoice.button_cancel()
        self.assertBalance(530)

    def test_a_debt_that_became_an_invoice_is_no_credit(self):
        """An order on *Customer Account* is invoiced after its session was closed. The
        customer owes 100 as before: nothing of it can be moved to the wallet.
        """
        order = self._sync(self._order_data([(self.customer_account_pm, 100)]))
        self._close_session()
        order.action_pos_order_invoice()
        self._move_open_credits()
        self.assertBalance(500)
