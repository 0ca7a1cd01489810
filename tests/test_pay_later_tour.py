from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon


@tagged("post_install", "-at_install", "wallet_browser")
class TestPayLaterTour(TestPointOfSaleHttpCommon):
    """A cashier sells on account, in a real browser."""

    def test_guide_from_the_menu_to_the_order(self):
        """Steps 8 to 12."""
        self.partner_full.property_payment_term_id = self.env[
            "account.payment.term"
        ].create(
            {
                "name": "In 15 days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 15}
                    )
                ],
            }
        )
        self.start_tour("/odoo", "customer_wallet.pos_pay_later", login="pos_user")

        order = self.main_pos_config.current_session_id.order_ids
        self.assertRecordValues(
            order, [{"state": "done", "partner_id": self.partner_full.id}]
        )
        invoice = order.account_move
        self.assertRecordValues(
            invoice,
            [
                {
                    "state": "posted",
                    "payment_state": "not_paid",
                    "amount_residual": 5.1,
                    "invoice_date_due": fields.Date.add(invoice.invoice_date, days=15),
                }
            ],
        )

    def test_order_split_with_cash(self):
        self.main_pos_config.with_user(self.pos_user).open_ui()
        self.start_pos_tour("customer_wallet.pos_pay_later_split")

        order = self.main_pos_config.current_session_id.order_ids
        self.assertRecordValues(order, [{"state": "done", "amount_paid": 5.1}])
        self.assertRecordValues(
            order.account_move,
            [
                {
                    "payment_state": "partial",
                    "amount_total": 5.1,
                    "amount_residual": 3.1,
                }
            ],
        )


class TestPayLaterTourOnPhone(TestPayLaterTour):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
