from uuid import uuid4

from odoo import Command, fields

from odoo.addons.customer_wallet.tests.online_common import PayingPagesCommon


class TillOrderCommon(PayingPagesCommon):
    """A till whose orders customers pay online; their wallet holds 200."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("point_of_sale.group_pos_manager")
        Method = cls.env["pos.payment.method"]
        cls.online = Method.create({"name": "Online", "is_online_payment": True})
        cls.wallet_pm = Method._get_standard_method(cls.company, "wallet")
        cls.bank_pm = Method.create(
            {"name": "Bank", "journal_id": cls.bank_journal.id, "sequence": 1}
        )
        cls.till = cls._make_till()
        cls.goods = cls.env["product.product"].create(
            {
                "name": "Table",
                "type": "consu",
                "list_price": 80.0,
                "available_in_pos": True,
                "taxes_id": False,
                "property_account_income_id": cls.company_data[
                    "default_account_revenue"
                ].id,
            }
        )
        cls.sales_account = cls.company_data["default_account_revenue"]
        cls.till_receivable = cls.company.account_default_pos_receivable_account_id

    @classmethod
    def _make_till(cls, **vals):
        methods = cls.online | cls.bank_pm | cls.wallet_pm
        return cls.env["pos.config"].create(
            {
                "name": "Counter",
                "payment_method_ids": [Command.set(methods.ids)],
                **vals,
            }
        )

    def setUp(self):
        super().setUp()
        self._open_register()

    def _open_register(self):
        self.till.open_ui()
        self.register = self.till.current_session_id
        self.register.set_opening_control(0, None)

    # The cashier

    def _prepare_line(self, amount, quantity, **vals):
        return Command.create(
            {
                "product_id": self.goods.id,
                "qty": quantity,
                "price_unit": amount,
                "price_subtotal": amount * quantity,
                "price_subtotal_incl": amount * quantity,
                "discount": 0,
                "tax_ids": [Command.clear()],
                "uuid": str(uuid4()),
                "pack_lot_ids": [],
                **vals,
            }
        )

    def _send(self, amount=80.0, customer=None, payments=(), quantity=1, **vals):
        """What a till sends: an open order, unless said otherwise."""
        owner = self.customer if customer is None else customer
        line = self._prepare_line(amount, quantity, **vals.pop("line", {}))
        data = {
            "uuid": str(uuid4()),
            "session_id": self.register.id,
            "user_id": self.env.uid,
            "company_id": self.company.id,
            "partner_id": owner.id,
            "access_token": str(uuid4()),
            "amount_total": amount * quantity,
            "amount_tax": 0.0,
            "amount_paid": 0.0,
            "amount_return": 0.0,
            "state": "draft",
            "date_order": fields.Datetime.to_string(fields.Datetime.now()),
            "fiscal_position_id": False,
            "lines": [line],
            "payment_ids": [
                Command.create(
                    {
                        "payment_method_id": method.id,
                        "amount": paid,
                        "name": fields.Datetime.to_string(fields.Datetime.now()),
                        "uuid": str(uuid4()),
                    }
                )
                for method, paid in payments
            ],
            "to_invoice": False,
            **vals,
        }
        self.env["pos.order"].sync_from_ui([dict(data)])
        return self.env["pos.order"].search([("uuid", "=", data["uuid"])])

    def _return(self, order, method, amount=None):
        """The goods come back to the till."""
        amount = amount or order.amount_total
        return self._send(
            amount,
            customer=order.partner_id,
            payments=[(method, -amount)],
            quantity=-1,
            state="paid",
            line={"refunded_orderline_id": order.lines.id},
            is_refund=True,
        )

    def _close_register(self):
        self.env.flush_all()
        self.register.action_pos_session_closing_control()
        self.assertEqual(self.register.state, "closed")
        return self.register.move_id

    # The customer

    def _get_pay_url(self, order, **params):
        return f"/pos/pay/{order.id}?access_token={order.access_token}" + "".join(
            f"&{name}={value}" for name, value in params.items()
        )

    def _start_on_order(self, order, provider=None, **params):
        params = {
            "provider_id": (provider or self.wallet_provider).id,
            "landing_route": "/",
            "access_token": order.access_token,
            **params,
        }
        values = self._start_by_wallet(
            f"/pos/pay/transaction/{order.id}?access_token={order.access_token}",
            self._get_amount_asked(order),
            **params,
        )
        return self._get_tx(values["reference"])

    def _get_amount_asked(self, order):
        return order.next_online_payment_amount or order.get_amount_unpaid()

    def _pay_order(self, order, login="wallet_owner"):
        """On the page that the code of the till opens."""
        self._login(login)
        tx = self._start_on_order(order)
        self._submit(tx.reference)
        self.env.invalidate_all()
        return tx

    def _paid_order(self, amount=80.0, **vals):
        order = self._send(amount, **vals)
        tx = self._pay_order(order)
        self.assertEqual((tx.state, tx.state_message or ""), ("done", ""))
        self.assertIn(order.state, ("paid", "done"))
        return order

    def _get_payment(self, order):
        return order.payment_ids.online_account_payment_id

    def _get_confirmation(self, order, tx):
        return self._get_form(
            f"/pos/pay/confirmation/{order.id}"
            f"?access_token={order.access_token}&tx_id={tx.id}"
        ).text_content()
