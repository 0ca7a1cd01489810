from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .till_common import TillWalletCommon
from .tour_common import TillTourCommon


@tagged("post_install", "-at_install")
class TestClosingFigures(TillWalletCommon):
    def setUp(self):
        super().setUp()
        self.open_new_session()

    def _get_figures(self):
        data = self.pos_session.get_closing_control_data()
        rows = {row["id"]: row for row in data["non_cash_payment_methods"]}
        self.assertNotIn("wallet", rows[self.bank_pm1.id])
        return data["orders_details"], rows[self.wallet_pm.id]["wallet"]

    def test_what_went_in_and_what_went_out_are_told_apart(self):
        orders = self._sync(
            self._order_data([(self.wallet_pm, 100)]),
            self._top_up_data(50),
            self._top_up_data(20, method=self.bank_pm1),
            self._order_data([(self.cash_pm1, 130), (self.wallet_pm, -30)]),
        )
        self._sync(self._refund_data(orders[0], [(self.wallet_pm, -100)]))
        details, figures = self._get_figures()
        self.assertEqual(
            figures,
            {"spent": 100, "topped_up": 70, "change_kept": 30, "refunded": 100},
        )
        # Two sales and a return; top-ups are none.
        self.assertEqual(details, {"quantity": 3, "amount": 100})

    def test_a_top_up_that_was_undone_is_not_spent(self):
        orders = self._sync(self._top_up_data(50), self._top_up_data(20))
        orders[0].with_user(self.cashier).action_undo_wallet_top_up()
        details, figures = self._get_figures()
        self.assertEqual(
            figures, {"spent": 0, "topped_up": 20, "change_kept": 0, "refunded": 0}
        )
        self.assertEqual(details, {"quantity": 0, "amount": 0})

    def test_nothing_has_happened_yet(self):
        details, figures = self._get_figures()
        self.assertEqual(set(figures.values()), {0.0})
        self.assertEqual(details, {"quantity": 0, "amount": 0})


@tagged("post_install", "-at_install")
class TestClosingEntryCorrected(TillWalletCommon):
    def test_what_the_till_moved_stays_matched(self):
        """An accountant resets the closing entry to draft and confirms it again: what
        it says of wallets is about all customers.
        """
        self.open_new_session()
        order = self._sync(self._top_up_data(50))
        session = self._close_session(50)
        items = (session.move_id | order.payment_ids.wallet_move_id).line_ids.filtered(
            lambda line: line.account_id == self.pos_receivable
        )
        session.move_id.button_draft()
        session.move_id.action_post()
        self.assertTrue(all(items.mapped("reconciled")))
        self.assertTillIsClear()
        self.assertBalance(550)


@tagged("post_install", "-at_install")
class TestOrdersForAnotherDay(TillWalletCommon):
    """Core closes a session that has orders for a later day only without an entry."""

    def setUp(self):
        super().setUp()
        self.open_new_session()
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        self.later = {"preset_time": fields.Datetime.to_string(tomorrow)}

    def _find_differences(self):
        self.env.flush_all()
        return self.env["customer.wallet.check"]._find_differences(self.company)

    def assertBooked(self, session):
        self.assertEqual(session.state, "closed")
        self.assertTrue(session.move_id)
        self.assertEqual(set(session.order_ids.mapped("state")), {"done"})
        self.assertFalse(self._wallet().held)
        self.assertTillIsClear()
        self.assertFalse(self._find_differences())

    def test_what_is_paid_for_tomorrow_is_booked_with_its_session(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)], **self.later))
        self.assertEqual(self._wallet().held, 100)
        self.assertFalse(self._find_differences())
        self.assertBooked(self._close_session())
        self.assertEqual(order.payment_ids.wallet_hold_id.state, "taken")
        self.assertBalance(400)

    def test_what_is_paid_in_for_tomorrow_is_booked_with_its_session(self):
        self._sync(
            self._top_up_data(50, **self.later),
            self._order_data(
                [(self.cash_pm1, 130), (self.wallet_pm, -30)], **self.later
            ),
        )
        self.assertBooked(self._close_session(180))
        self.assertBalance(580)

    def test_a_debt_settled_for_tomorrow_is_booked_with_its_session(self):
        item = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        self._close_session()
        self.open_new_session()
        item = item.account_move.line_ids.filtered("amount_residual")
        data = self._order_data(
            [(self.cash_pm1, 100), (self.customer_account_pm, -100)], **self.later
        )
        data["payment_ids"][1][2]["settled_item"] = item.id
        self._sync({**data, "lines": [], "amount_total": 0.0, "amount_paid": 0.0})
        self.assertBooked(self._close_session(100))
        self.assertTrue(item.reconciled)

    def test_what_is_paid_tomorrow_is_booked_tomorrow(self):
        data = self._order_data([], state="draft", **self.later)
        self._sync(data)
        today = self._close_session()
        self.assertFalse(today.move_id)
        self.open_new_session()
        paid = self._order_data([(self.wallet_pm, 100)])
        paid.update(uuid=data["uuid"], lines=[], access_token="")
        order = self._sync(paid)
        self.assertEqual(order.session_id, self.pos_session)
        self.assertBooked(self._close_session())
        self.assertBalance(400)


@tagged("post_install", "-at_install")
class TestClosingTour(TillTourCommon):
    def test_the_cashier_reads_what_happened(self):
        session = self._run_tour("closing")
        self.assertEqual(session.state, "opened")


class TestClosingTourOnPhone(TestClosingTour):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
