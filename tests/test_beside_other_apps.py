"""The wallet beside other apps of the till. Each class says which it needs, and runs
where that is installed: see `./dev/test --with`.
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import WalletCommon
from .till_common import TillWalletCommon
from .tour_common import TillTourCommon


class BesideTourCommon(TillTourCommon):
    def _run_tour(self, name, **options):
        self.main_pos_config.with_user(self.pos_user).open_ui()
        self.start_pos_tour(f"customer_wallet.beside_{name}", **options)
        self.env.invalidate_all()
        return self.main_pos_config.current_session_id

    def assertPaid(self, session, expected, balance):
        """What was paid, by method; the rest is not looked at."""
        orders = session.order_ids.filtered(lambda order: order.state != "draft")
        self.assertCountEqual(
            [
                (payment.payment_method_id.name, round(payment.amount, 2))
                for payment in orders.payment_ids
            ],
            expected,
        )
        for order in orders:
            self.assertAlmostEqual(order.amount_total, order.amount_paid)
        self.assertAlmostEqual(self._wallet().available, balance)
        if drafts := session.order_ids - orders:
            drafts.action_pos_order_cancel()
        session.sudo().action_pos_session_closing_control()
        self.assertEqual(session.state, "closed")
        self.assertAlmostEqual(self._wallet().balance, balance)


@tagged("post_install", "-at_install", "-standard", "with_pos_restaurant")
class TestBesideRestaurant(BesideTourCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.main_pos_config.write(
            {
                "module_pos_restaurant": True,
                "iface_splitbill": True,
                "iface_tipproduct": True,
                "tip_product_id": cls.env.ref("point_of_sale.product_product_tip").id,
            }
        )
        cls.main_pos_config.set_tip_after_payment = True
        floor = cls.env["restaurant.floor"].create(
            {
                "name": "Terrace",
                "pos_config_ids": [Command.set(cls.main_pos_config.ids)],
            }
        )
        cls.env["restaurant.table"].create(
            [
                {
                    "table_number": number,
                    "floor_id": floor.id,
                    "seats": 4,
                    "position_h": 100 * number,
                    "position_v": 100,
                }
                for number in (2, 4, 5)
            ]
        )

    def test_no_tip_is_asked_for_after_a_wallet_has_paid(self):
        session = self._run_tour("restaurant_tips")
        self.assertPaid(
            session,
            [
                ("Customer Wallet", 5.1),
                ("Bank", 5.1),
                ("Customer Wallet", -20.0),
                ("Bank", 20.0),
            ],
            64.9,
        )

    def test_a_top_up_is_apart_from_the_direct_sale(self):
        session = self._run_tour("restaurant_direct_sale")
        self.assertPaid(
            session,
            [
                ("Customer Wallet", -20.0),
                ("Cash", 20.0),
                ("Customer Wallet", -30.0),
                ("Bank", 30.0),
                ("Customer Wallet", 5.1),
            ],
            94.9,
        )
        sale = session.order_ids.filtered("lines")
        self.assertEqual(sale.amount_total, 5.1)
        top_ups = session.order_ids - sale
        self.assertEqual(set(top_ups.mapped("floating_order_name")), {"Amal Haddad"})

    def test_a_part_of_the_bill_is_paid_by_wallet(self):
        session = self._run_tour("restaurant_split")
        paid = session.order_ids.payment_ids
        by_wallet = paid.filtered(lambda it: it.payment_method_id.type == "wallet")
        self.assertEqual(by_wallet.mapped("amount"), [5.1])
        self.assertEqual(len(paid.pos_order_id), 2)
        self.assertAlmostEqual(self._wallet().available, 44.9)


@tagged("post_install", "-at_install", "-standard", "with_pos_restaurant")
class TestTipBesideRestaurant(TillWalletCommon):
    def test_the_server_takes_no_tip_on_top_of_a_wallet_either(self):
        self.open_new_session()
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        payment = order.payment_ids
        self.assertRaises(UserError, payment._update_payment_line_for_tip, 15)


@tagged("post_install", "-at_install", "-standard", "with_pos_hr")
class TestBesideEmployees(BesideTourCommon):
    def test_a_cashier_with_minimal_rights_pays_and_tops_up(self):
        noor = (
            self.env["hr.employee"]
            .sudo()
            .create({"name": "Noor", "company_id": self.company.id, "user_id": False})
        )
        boss = (
            self.env["hr.employee"]
            .sudo()
            .create({"name": "Boss", "company_id": self.company.id})
        )
        self.main_pos_config.write(
            {
                "module_pos_hr": True,
                "minimal_employee_ids": [Command.set(noor.ids)],
                "advanced_employee_ids": [Command.set(boss.ids)],
            }
        )
        # Another one has opened the register.
        self.main_pos_config.with_user(self.pos_user).open_ui()
        self.main_pos_config.current_session_id.set_opening_control(0, None)
        session = self._run_tour("cashier_with_minimal_rights")
        self.assertPaid(
            session,
            [("Customer Wallet", 5.1), ("Customer Wallet", -20.0), ("Cash", 20.0)],
            64.9,
        )
        self.assertEqual(session.order_ids.employee_id, noor)


@tagged("post_install", "-at_install", "-standard", "with_pos_loyalty")
class TestBesideLoyalty(BesideTourCommon):
    def test_a_reward_and_the_wallet_in_one_order(self):
        self.env["loyalty.program"].search([]).write({"active": False})
        self.env["loyalty.program"].create(
            {
                "name": "Ten percent",
                "program_type": "promotion",
                "trigger": "auto",
                "pos_config_ids": [Command.set(self.main_pos_config.ids)],
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 10,
                            "discount_mode": "percent",
                            "discount_applicability": "order",
                        }
                    )
                ],
            }
        )
        session = self._run_tour("reward")
        self.assertPaid(session, [("Customer Wallet", 4.59)], 45.41)
        self.assertEqual(len(session.order_ids.lines), 2)


@tagged("post_install", "-at_install", "-standard", "with_pos_discount")
class TestBesideDiscount(BesideTourCommon):
    def test_the_wallet_pays_what_a_discount_leaves(self):
        self.main_pos_config.write(
            {
                "module_pos_discount": True,
                "discount_product_id": self.env["product.product"]
                .create(
                    {
                        "name": "Discount",
                        "type": "service",
                        "available_in_pos": True,
                        "taxes_id": [Command.clear()],
                    }
                )
                .id,
                "discount_pc": 10,
            }
        )
        session = self._run_tour("discount")
        self.assertPaid(session, [("Customer Wallet", 4.59)], 45.41)


@tagged("post_install", "-at_install", "-standard", "with_l10n_sa_pos")
class TestBesideSaudiArabia(BesideTourCommon):
    def test_receipts_are_shown_after_sales_and_top_ups(self):
        self.company.country_id = self.env.ref("base.sa")
        self.company.vat = "311111111111113"
        session = self._run_tour("saudi_receipts")
        self.assertPaid(
            session,
            [
                ("Customer Wallet", 5.1),
                ("Customer Wallet", -20.0),
                ("Cash", 20.0),
                ("Cash", 5.1),
            ],
            64.9,
        )


class ForcedInvoicesCommon(BesideTourCommon):
    """Where the law wants an invoice of each sale."""

    def _top_up_at_till(self, country, vat):
        self.company.write({"country_id": self.env.ref(country).id, "vat": vat})
        session = self._run_tour("forced_invoices")
        self.assertFalse(session.order_ids.account_move)
        self.assertPaid(session, [("Customer Wallet", -20.0), ("Cash", 20.0)], 70.0)


@tagged("post_install", "-at_install", "-standard", "with_l10n_sa_edi_pos")
class TestBesideSaudiInvoices(ForcedInvoicesCommon):
    def test_a_top_up_is_not_invoiced(self):
        # This till's journal need not be known to the authority.
        self.main_pos_config.invoice_journal_id.edi_format_ids = False
        self._top_up_at_till("base.sa", "311111111111113")


@tagged("post_install", "-at_install", "-standard", "with_l10n_es_pos")
class TestBesideSpanishInvoices(ForcedInvoicesCommon):
    def test_a_top_up_is_not_invoiced(self):
        self.main_pos_config.l10n_es_simplified_invoice_journal_id = (
            self.main_pos_config.journal_id
        )
        self._top_up_at_till("base.es", "ESA12345674")


@tagged("post_install", "-at_install", "-standard", "with_pos_sale")
class TestBesideSales(TillWalletCommon):
    def setUp(self):
        super().setUp()
        self.open_new_session()
        quotations = self.env["sale.order"].sudo()
        self.quotation = quotations.create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 1,
                            "price_unit": 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )

        self.quotation.action_confirm()

    def test_a_quotation_is_settled_from_the_wallet(self):
        data = self._order_data([(self.wallet_pm, 100)])
        data["lines"][0][2].update(
            sale_order_origin_id=self.quotation.id,
            sale_order_line_id=self.quotation.order_line.id,
        )
        order = self._sync(data)
        self.assertEqual(order.state, "paid")
        self.assertEqual(self.quotation.order_line.qty_invoiced, 1)
        self.assertEqual(self._wallet().available, 400)
        self._close_session()
        self.assertBalance(400)
        self.assertTillIsClear()

    def test_a_down_payment_is_paid_from_the_wallet(self):
        self.config.down_payment_product_id = self.product
        data = self._order_data([(self.wallet_pm, 100)])
        data["lines"][0][2]["sale_order_origin_id"] = self.quotation.id
        order = self._sync(data)
        self.assertEqual(order.state, "paid")
        down_payment = self.quotation.order_line.filtered("is_downpayment")
        self.assertEqual(down_payment.mapped("price_unit"), [0, 100])
        self._close_session()
        self.assertBalance(400)
        self.assertTillIsClear()

    def test_two_orders_that_are_refused_are_told_as_one_is(self):
        """What core's app reads of the answer is there."""
        orders = [
            self._order_data([(self.wallet_pm, 1000)], quantity=10) for _it in range(2)
        ]
        result = self.env["pos.order"].with_user(self.cashier).sync_from_ui(orders)
        self.assertEqual(len(result["wallet_refusals"]), 2)


@tagged("post_install", "-at_install", "-standard", "with_pos_self_order")
class TestBesideSelfOrder(TillWalletCommon):
    def setUp(self):
        super().setUp()
        self.open_new_session()

    def _new_kiosk(self):
        return self.env["pos.config"].create(
            {
                "name": "Kiosk",
                "self_ordering_mode": "kiosk",
                "payment_method_ids": [
                    Command.set((self.bank_pm1 | self.wallet_pm).ids)
                ],
            }
        )

    def test_no_kiosk_takes_wallets(self):
        kiosk = self._new_kiosk()
        self.assertEqual(kiosk.payment_method_ids, self.bank_pm1)
        self.PaymentMethod._get_standard_method(self.company, "wallet")
        kiosk._add_standard_methods(self.wallet_pm)
        self.assertEqual(kiosk.payment_method_ids, self.bank_pm1)

    def test_no_balance_goes_out_where_visitors_listen(self):
        """They know the channel of the till: it stands in the code that they scan."""
        order = {
            "amount": "$ 10.00",
            "wallet": {"paid": "$ 10.00", "balance": "$ 40.00"},
        }
        sent = []
        self.patch(
            type(self.config), "_notify", lambda _self, *args: sent.append(args[1])
        )
        till = self.config.with_user(self.cashier)
        till.update_customer_display(order, "device")
        self.config.sudo().self_ordering_mode = "consultation"
        till.update_customer_display(order, "device")
        till.update_customer_display({"wallet": False}, "device")
        without = {**order, "wallet": {"paid": "$ 10.00", "balance": False}}
        self.assertEqual(sent, [order, without, {"wallet": False}])

    def test_a_till_that_became_a_kiosk_does_not_show_the_wallet(self):
        kiosk = self._new_kiosk()
        kiosk.payment_method_ids |= self.wallet_pm
        domain = type(self.PaymentMethod)._load_pos_self_data_domain
        self.patch(
            type(self.PaymentMethod),
            "_load_pos_self_data_domain",
            lambda _self, _data, till: [("id", "in", till.payment_method_ids.ids)],
        )
        self.assertTrue(domain)
        rows = kiosk.load_self_data()["pos.payment.method"]
        self.assertEqual([row["id"] for row in rows], self.bank_pm1.ids)

    def test_no_visitor_tops_up_or_pays_from_a_wallet(self):
        """As the app does it for a visitor who has ordered on the phone."""
        visitor = self.env.ref("base.public_user")
        orders = self.env["pos.order"].with_user(visitor).sudo()
        wallet = self._wallet()
        for data in (
            self._top_up_data(50),
            self._order_data([(self.wallet_pm, 100)]),
            self._order_data([(self.wallet_pm, 100)], state="draft"),
            self._order_data([(self.bank_pm1, 120), (self.wallet_pm, -20)]),
        ):
            with (
                self.subTest(data["payment_ids"]),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                orders.sync_from_ui([data])
        self.env.invalidate_all()
        self.assertEqual((wallet.balance, wallet.available), (500, 500))


@tagged("post_install", "-at_install", "-standard", "with_pos_online_payment")
class TestBesideOnlinePayment(TillWalletCommon):
    def setUp(self):
        super().setUp()
        self.provider = self.env["payment.provider"].create(
            {"name": "Provider", "code": "none", "state": "test"}
        )
        self.online = self.PaymentMethod.create(
            {
                "name": "Online",
                "is_online_payment": True,
                "online_payment_provider_ids": [Command.set(self.provider.ids)],
            }
        )
        self.config.payment_method_ids |= self.online
        self.env["account.payment.method"].sudo().create(
            {"name": "Provider", "code": "none", "payment_type": "inbound"}
        )
        self.provider.journal_id = self.company_data["default_journal_bank"]
        self.open_new_session()

    def _spend_elsewhere(self, amount):
        self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": amount,
                "payment_type": "outbound",
                "is_wallet": True,
                "company_id": self.company.id,
            }
        ).action_post()

    def _pay_online(self, order, amount):
        """The customer pays on the phone what the till shows; the provider says so."""
        transaction = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.env["payment.method"]
                    .sudo()
                    .create({"name": "Card", "code": "a_card"})
                    .id,
                    "amount": amount,
                    "currency_id": order.currency_id.id,
                    "partner_id": self.customer.id,
                    "pos_order_id": order.id,
                    "reference": order.pos_reference,
                }
            )
        )
        transaction._set_done()
        transaction._post_process()
        return transaction

    def test_the_wallet_is_spent_elsewhere_while_the_customer_pays_online(self):
        order = self._sync(self._order_data([(self.wallet_pm, 60)], state="draft"))
        self._spend_elsewhere(450)
        transaction = self._pay_online(order, 40)
        self.assertTrue(transaction.is_post_processed)
        self.assertEqual(transaction.payment_id.amount, 40)
        self.assertEqual(transaction.payment_id.pos_order_id, order)
        by_card = order.payment_ids.filtered("online_account_payment_id")
        self.assertEqual(by_card.mapped("amount"), [40])
        self.assertEqual((order.state, order.get_amount_unpaid()), ("draft", 60))
        self.assertEqual(self._wallet().available, 50)
        self.assertIn("holds", order.message_ids[0].body)
        # Nothing is left to do, whoever asks again.
        transaction._post_process()
        self.assertEqual(order.payment_ids.filtered("amount"), by_card)

    def test_the_wallet_is_frozen_while_the_customer_pays_online(self):
        order = self._sync(self._order_data([(self.wallet_pm, 60)], state="draft"))
        self._wallet().action_freeze()
        transaction = self._pay_online(order, 40)
        self.assertEqual(transaction.payment_id.pos_order_id, order)
        self.assertEqual((order.state, order.get_amount_unpaid()), ("draft", 60))
        self.assertIn("is frozen", order.message_ids[0].body)

    def test_the_rest_is_paid_otherwise_then(self):
        order = self._sync(self._order_data([(self.wallet_pm, 60)], state="draft"))
        self._spend_elsewhere(450)
        self._pay_online(order, 40)
        by_wallet = order.payment_ids.filtered(
            lambda it: it.payment_method_id == self.wallet_pm
        )
        data = self._order_data([(self.cash_pm1, 60)], uuid=order.uuid)
        data.update(lines=[], access_token=order.access_token)
        data["payment_ids"] = [[2, by_wallet.id], *data["payment_ids"]]
        self.assertEqual(self._sync(data), order)
        self.assertEqual(order.state, "paid")
        self.assertEqual(
            sorted((it.payment_method_id.name, it.amount) for it in order.payment_ids),
            [(self.cash_pm1.name, 60), ("Online", 40)],
        )
        self._close_session(counted_cash=60)
        self.assertEqual(self._wallet().balance, 50)

    def test_the_cashier_is_told_that_the_wallet_is_short(self):
        order = self._sync(self._order_data([(self.wallet_pm, 60)], state="draft"))
        self._spend_elsewhere(450)
        self._pay_online(order, 40)
        data = self._order_data([(self.wallet_pm, 60)], uuid=order.uuid)
        data.update(lines=[], access_token=order.access_token)
        with self.assertRaisesRegex(UserError, "holds"), self.env.cr.savepoint():
            self._sync(data)

    def test_the_wallet_pays_its_part_when_the_rest_is_paid_online(self):
        order = self._sync(self._order_data([(self.wallet_pm, 60)], state="draft"))
        transaction = self._pay_online(order, 40)
        self.assertEqual(order.state, "paid")
        self.assertEqual(transaction.payment_id.pos_order_id, order)
        self.assertEqual(self._wallet().available, 440)
        self._close_session()
        self.assertBalance(440)

    def test_the_rest_of_an_order_is_paid_online(self):
        data = self._order_data([(self.wallet_pm, 40)], state="draft")
        order = self._sync(data)
        self.assertEqual((order.state, order.get_amount_unpaid()), ("draft", 60))
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 60,
                "pos_order_id": order.id,
                "pos_payment_method_id": self.online.id,
            }
        )
        payment.action_post()
        order.add_payment(
            {
                "pos_order_id": order.id,
                "amount": 60,
                "payment_method_id": self.online.id,
                "online_account_payment_id": payment.id,
            }
        )
        order._process_saved_order(False)
        self.assertEqual(order.state, "paid")
        self.assertEqual(self._wallet().available, 460)
        self._close_session()
        self.assertBalance(460)


@tagged("post_install", "-at_install", "-standard", "with_data_recycle")
class TestBesideDataRecycle(WalletCommon):
    def _archive_customers(self, mode="automatic"):
        """Archive by a rule, as each night."""
        others = self.env["res.partner"].create(
            [{"name": "Bilal Nasser"}, {"name": "Carla Empty"}]
        )
        customers = self.customer | others
        rule = self.env["data_recycle.model"].create(
            {
                "name": "Customers who left",
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "recycle_mode": mode,
                "recycle_action": "archive",
                "domain": str([("id", "in", customers.ids)]),
            }
        )
        rule._recycle_records()
        if mode == "manual":
            rule.recycle_record_ids.action_validate()
        return customers

    def test_a_customer_with_money_does_not_stop_the_archiving_of_others(self):
        self._top_up(100)
        for mode in ("automatic", "manual"):
            with self.subTest(mode):
                customers = self._archive_customers(mode)
                self.assertEqual(customers.mapped("active"), [True, False, False])
        self.assertBalance(100)
