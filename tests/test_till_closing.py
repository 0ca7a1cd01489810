from odoo.tests import tagged

from .test_till_tours import TillTourCommon
from .test_till_wallet import TillWalletCommon


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

    def test_nothing_has_happened_yet(self):
        details, figures = self._get_figures()
        self.assertEqual(set(figures.values()), {0.0})
        self.assertEqual(details, {"quantity": 0, "amount": 0})


@tagged("post_install", "-at_install")
class TestClosingTour(TillTourCommon):
    def test_the_cashier_reads_what_happened(self):
        session = self._run_tour("closing")
        self.assertEqual(session.state, "opened")


class TestClosingTourOnPhone(TestClosingTour):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
