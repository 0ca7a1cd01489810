"""What other apps do to the orders of a till, when a wallet has paid them."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .till_common import TillWalletCommon


@tagged("post_install", "-at_install")
class TestPaidByWallet(TillWalletCommon):
    def setUp(self):
        super().setUp()
        self.open_new_session()
        self.order = self._sync(self._order_data([(self.wallet_pm, 100)]))

    def assertKept(self, action, *args):
        with (
            self.assertRaisesRegex(UserError, "products cannot be changed"),
            self.env.cr.savepoint(),
        ):
            action(*args)
        self.env.invalidate_all()
        self.assertEqual(self.order.amount_total, 100)
        self.assertEqual(self.order.lines.mapped("price_subtotal_incl"), [100])
        self.assertBalance(400)

    def _tip(self, order):
        """As a restaurant does it after the payment: the line first."""
        return self.env["pos.order.line"].create(
            {
                "order_id": order.id,
                "product_id": self.product.id,
                "qty": 1,
                "price_unit": 15,
                "price_subtotal": 15,
                "price_subtotal_incl": 15,
                "tax_ids": [],
            }
        )

    def test_no_tip_after_a_wallet_has_paid(self):
        self.assertKept(self._tip, self.order)

    def test_what_a_wallet_has_paid_for_costs_what_it_cost(self):
        line = self.order.lines
        self.assertKept(line.write, {"price_unit": 90})
        self.assertKept(line.write, {"qty": 2})
        prices = dict.fromkeys(("price_unit", "price_subtotal"), 15)
        tip = {"product_id": self.product.id, "price_subtotal_incl": 15, **prices}
        self.assertKept(self.order.write, {"lines": [Command.create(tip)]})

    def test_a_line_of_another_order_is_not_moved_there(self):
        other = self._sync(self._order_data([(self.cash_pm1, 100)]))
        self.assertKept(other.lines.write, {"order_id": self.order.id})

    def test_what_costs_nothing_is_still_written(self):
        self.order.lines.write({"customer_note": "Without sugar"})
        self.assertEqual(self.order.lines.customer_note, "Without sugar")

    def test_other_orders_are_tipped_as_ever(self):
        order = self._sync(self._order_data([(self.bank_pm1, 100)]))
        self.assertTrue(self._tip(order))

    def test_the_session_closes_as_if_nobody_had_tried(self):
        self.assertKept(self._tip, self.order)
        session = self._close_session()
        self.assertEqual(session.state, "closed")
        self.assertTillIsClear()
