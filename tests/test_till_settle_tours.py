from odoo.tests import tagged

from .tour_common import TillTourCommon


@tagged("post_install", "-at_install")
class TestTillSettleTours(TillTourCommon):
    """Amal owes 20 since long and 50 since today."""

    def setUp(self):
        super().setUp()
        long_ago = "2020-01-01"
        self.old = self._invoice(20, invoice_date=long_ago, invoice_date_due=long_ago)
        self.new = self._invoice(50)
        self.old.name, self.new.name = "S-OLD", "S-NEW"

    def assertDue(self, old, new):
        self.assertEqual(
            (self.old.amount_residual, self.new.amount_residual), (old, new)
        )

    def test_settle_alone(self):
        session = self._run_tour("settle_alone")
        self.assertDue(0, 20)
        order = session.order_ids.filtered(lambda order: order.state == "paid")
        self.assertFalse(order.lines)
        self.assertEqual(order.amount_total, 0)

    def test_settle_with_a_sale_from_the_wallet_and_cash(self):
        session = self._run_tour("settle_with_sale")
        self.assertDue(0, 50)
        order = session.order_ids.filtered(lambda order: order.state == "paid")
        self.assertAlmostEqual(order.amount_total, 5.1)
        self.assertAlmostEqual(self._wallet().available, 40)

    def test_settle_too_late(self):
        self._run_tour("settle_too_late")
        self.assertDue(0, 50)


class TestTillSettleToursOnPhone(TestTillSettleTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
