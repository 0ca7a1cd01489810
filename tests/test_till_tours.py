from odoo.tests import tagged

from .tour_common import TillTourCommon


@tagged("post_install", "-at_install")
class TestTillTours(TillTourCommon):
    def test_pay(self):
        session = self._run_tour("pay")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_one_click(self):
        self._offer_in_one_click()
        self._set_balance(8.0)
        session = self._run_tour("one_click")
        self.assertTill(
            session, [[("Customer Wallet", 5.1, 5.1)], [("Bank", 5.1, None)]], 2.9
        )

    def test_split_with_cash(self):
        self._set_balance(3.0)
        session = self._run_tour("split")
        self.assertTill(
            session, [[("Customer Wallet", 2.0, 2.0), ("Cash", 3.1, None)]], 1.0
        )

    def test_undo_top_up(self):
        session = self._run_tour("undo_top_up")
        self.assertTill(
            session,
            [
                [("Customer Wallet", -20.0, -20.0), ("Cash", 20.0, None)],
                [("Customer Wallet", 20.0, 20.0), ("Cash", -20.0, None)],
            ],
            50.0,
        )

    def test_top_up(self):
        session = self._run_tour("top_up")
        self.assertTill(
            session,
            [
                [("Customer Wallet", -20.0, -20.0), ("Cash", 20.0, None)],
                [("Customer Wallet", -30.0, -30.0), ("Bank", 30.0, None)],
                [("Customer Wallet", 5.1, 5.1)],
            ],
            94.9,
        )
        orders = session.order_ids.sorted("id")
        self.assertEqual(orders.mapped("amount_total"), [0.0, 0.0, 5.1])
        self.assertEqual(orders.lines.order_id, orders[2])

    def test_promotion(self):
        self.env["customer.wallet.promotion"].create(
            {
                "name": "Spring bonus",
                "company_id": self.company.id,
                "bonus_value": 10,
                "validity_days": 30,
            }
        )
        session = self._run_tour("promotion")
        self.assertTill(
            session,
            [
                [("Customer Wallet", -100.0, -100.0), ("Cash", 100.0, None)],
                [("Customer Wallet", 5.1, 5.1)],
            ],
            154.9,
        )
        wallet = self._wallet()
        self.assertEqual(round(wallet.bonus_balance - wallet.held_bonus, 2), 4.9)

    def test_change_kept(self):
        session = self._run_tour("keep_change")
        self.assertTill(
            session, [[("Customer Wallet", -3.9, -3.9), ("Cash", 9.0, None)]], 53.9
        )

    def test_refund_to_the_wallet(self):
        session = self._run_tour("refund")
        self.assertTill(
            session,
            [[("Cash", 5.1, None)], [("Customer Wallet", -5.1, -5.1)]],
            55.1,
        )

    def test_another_till_spent(self):
        self._set_balance(8.0)
        session = self._run_tour("another_till_spent")
        self.assertTill(
            session,
            [
                [("Customer Wallet", 5.1, 5.1)],
                [("Customer Wallet", 2.9, 2.9), ("Cash", 2.2, None)],
            ],
            0.0,
        )


class TestTillToursOnPhone(TestTillTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestTillTroubles(TillTourCommon):
    """Nothing is charged twice, or to another, or without anybody knowing."""

    def test_customer_changes(self):
        session = self._run_tour("ask_for_customer")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_another_till_was_faster(self):
        self._set_balance(8.0)
        session = self._run_tour("another_till_was_faster")
        self.assertTill(
            session, [[("Customer Wallet", 5.1, 5.1)], [("Cash", 5.1, None)]], 2.9
        )

    def test_another_till_was_faster_than_one_click(self):
        self._offer_in_one_click()
        self._set_balance(8.0)
        session = self._run_tour("one_click_too_late")
        self.assertTill(
            session, [[("Customer Wallet", 5.1, 5.1)], [("Bank", 5.1, None)]], 2.9
        )

    def test_offline_and_back(self):
        session = self._run_tour("offline")
        self.assertTill(
            session, [[("Cash", 5.1, None)], [("Customer Wallet", 5.1, 5.1)]], 44.9
        )

    def test_top_up_given_up(self):
        session = self._run_tour("leave_top_up")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_answer_lost(self):
        session = self._run_tour("answer_lost")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_order_lost(self):
        session = self._run_tour("order_lost")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_page_reloaded_before_the_answer(self):
        session = self._run_tour("reload")
        paid = session.order_ids.filtered(lambda order: order.state != "draft")
        self.assertEqual(len(paid), 1)
        self.assertEqual(self._get_booked(paid.payment_ids), 5.1)
        self.assertEqual(round(self._wallet().available, 2), 44.9)
