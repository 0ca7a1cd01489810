from uuid import uuid4

from odoo import Command
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_wallet.tests.paying_online_matrix import shows

from .common import TillOrderCommon


@tagged(
    "post_install",
    "-at_install",
    "-standard",
    "with_pos_online_payment",
    "with_pos_self_order",
)
class TestPayingSelfOrders(TillOrderCommon):
    """Who has ordered on the phone pays there, too."""

    @classmethod
    def _make_till(cls, **vals):
        return super()._make_till(
            self_ordering_mode="mobile",
            self_ordering_service_mode="counter",
            self_order_online_payment_method_id=cls.online.id,
            **vals,
        )

    def _send(self, *args, **vals):
        return super()._send(*args, **{"source": "mobile", **vals})

    @shows("self-order", "enough")
    def test_the_customer_who_is_logged_in_pays_from_the_wallet(self):
        order = self._send(customer=self.env["res.partner"])
        self.assertTrue(order.use_self_order_online_payment)
        self._login("wallet_owner")
        page = self._get_form(self._get_pay_url(order, exit_route="/pos-self"))
        self.assertTrue(self._is_offered(page))
        tx = self._pay_order(order)
        self.assertEqual(
            (tx.state, order.state, order.partner_id),
            ("done", "paid", self.customer),
        )
        self.assertIn("80.00", self._get_confirmation(order, tx))
        self._close_register()
        self.assertBalance(120)

    @shows("self-order", "visitor")
    def test_a_visitor_is_not_offered_the_wallet(self):
        order = self._send(customer=self.env["res.partner"])
        self.authenticate(None, None)
        page = self._get_form(self._get_pay_url(order))
        self.assertFalse(self._is_offered(page))
        self.assertFalse(self._get_notice(page))

    def test_a_visitor_learns_nothing_about_a_wallet(self):
        payment = {
            "payment_method_id": self.wallet_pm.id,
            "amount": 999999,
            "uuid": str(uuid4()),
        }
        order = {
            "uuid": str(uuid4()),
            "access_token": str(uuid4()),
            "state": "paid",
            "partner_id": self.customer.id,
            "session_id": self.register.id,
            "company_id": self.company.id,
            "amount_total": 999999,
            "lines": [],
            "payment_ids": [Command.create(payment)],
        }
        self.authenticate(None, None)
        with self.assertRaises(JsonRpcException) as refusal, mute_logger("odoo.http"):
            self.make_jsonrpc_request(
                "/pos-self-order/process-order/mobile/",
                {
                    "order": order,
                    "access_token": self.till.access_token,
                    "table_identifier": None,
                },
            )
        said = str(refusal.exception)
        self.assertIn("AccessError", said)
        self.assertNotIn(self.customer.name, said)

    @shows("self-order", "short")
    def test_a_short_wallet_says_why(self):
        order = self._send(201, customer=self.env["res.partner"])
        self._login("wallet_owner")
        page = self._get_form(self._get_pay_url(order))
        self.assertFalse(self._is_offered(page))
        self.assertIn("201.00", self._get_notice(page))
