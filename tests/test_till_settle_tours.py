from odoo import Command, fields
from odoo.tests import tagged

from .test_till_tours import TillTourCommon


@tagged("post_install", "-at_install")
class TestTillSettleTours(TillTourCommon):
    """Amal owes 20 since long and 50 since today."""

    def setUp(self):
        super().setUp()
        self.old = self._invoice("S-OLD", 20, "2020-01-01")
        self.new = self._invoice("S-NEW", 50, fields.Date.today())

    def _invoice(self, name, amount, date):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": date,
                "invoice_date_due": date,
                "company_id": self.company.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        invoice.name = name
        return invoice

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
        self.assertAlmostEqual(self._get_wallet().available, 40)

    def test_settle_too_late(self):
        self._run_tour("settle_too_late")
        self.assertDue(0, 50)


class TestTillSettleToursOnPhone(TestTillSettleTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
