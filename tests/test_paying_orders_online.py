"""The wallet pays orders of other apps online. Each class says which app it needs, and
runs where that is installed: see `./dev/test --with`.
"""

from odoo import Command, fields
from odoo.tests import tagged

from .online_common import PayingPagesCommon, RecurringCommon
from .paying_online_matrix import shows


class PayingOrdersCommon(PayingPagesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.service = cls.env["product.product"].create(
            {
                "name": "Pottery lesson",
                "type": "service",
                "invoice_policy": "order",
                "list_price": 80.0,
                "taxes_id": [Command.clear()],
            }
        )

    def _order(self, amount=80.0, quantity=1.0, **vals):
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "require_payment": True,
                "require_signature": False,
                "prepayment_percent": 1.0,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.service.id,
                            "product_uom_qty": quantity,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **vals,
            }
        )

    def _start_on_order(self, order, amount=None):
        return self._start_by_wallet(
            f"/my/orders/{order.id}/transaction",
            amount or order.amount_total,
            landing_route=order.get_portal_url(),
            access_token=order._portal_ensure_token(),
        )

    def _pay_order(self, order, amount=None, login="wallet_owner"):
        """On the page of the quotation, and then as Odoo's page asks whether it is
        done.
        """
        self._login(login)
        reference = self._start_on_order(order, amount)["reference"]
        self._submit(reference)
        tx = self._get_tx(reference)
        tx._post_process()
        self.env.invalidate_all()
        return tx

    def _invoice_order(self, order, **vals):
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "delivered", **vals})
        )
        wizard.create_invoices()
        invoice = order.invoice_ids.sorted("id")[-1:]
        invoice.action_post()
        return invoice


@tagged("post_install", "-at_install", "-standard", "with_sale_management")
class TestPayingQuotations(PayingOrdersCommon):
    @shows("quotation", "event ticket", "enough")
    def test_the_owner_pays_and_the_order_is_confirmed(self):
        order = self._order()
        self._login("wallet_owner")
        page = self._get_form(order.get_portal_url())
        self.assertTrue(self._is_offered(page))
        tx = self._pay_order(order)
        self.assertEqual((tx.state, tx.state_message or ""), ("done", ""))
        self.assertEqual(order.state, "sale")
        self.assertEntry(
            tx.payment_id.move_id,
            [(self.wallet_account, 80, 0), (self.receivable, 0, 80)],
        )
        self.assertBalance(120)

    @shows("quotation", "event ticket", "short")
    def test_a_short_wallet_confirms_nothing(self):
        order = self._order(201)
        self._login("wallet_owner")
        page = self._get_form(order.get_portal_url())
        self.assertFalse(self._is_offered(page))
        self.assertIn("201.00", self._get_notice(page))
        tx = self._pay_order(order)
        self.assertEqual((tx.state, order.state), ("error", "draft"))
        self.assertBalance(200)

    @shows("quotation", "event ticket", "frozen")
    def test_a_frozen_wallet_confirms_nothing(self):
        self._wallet().state = "frozen"
        order = self._order()
        self._login("wallet_owner")
        self.assertFalse(self._is_offered(self._get_form(order.get_portal_url())))
        tx = self._pay_order(order)
        self.assertEqual((tx.state, order.state), ("error", "draft"))

    @shows("quotation", "event ticket", "visitor", "another's document")
    def test_neither_visitors_nor_other_customers_pay_it(self):
        self._pay(90, partner_id=self.stranger.id)
        order = self._order()
        self.authenticate(None, None)
        self.assertFalse(self._is_offered(self._get_form(order.get_portal_url())))
        tx = self._pay_order(order, login="wallet_stranger")
        self.assertFalse(self._is_offered(self._get_form(order.get_portal_url())))
        self.assertEqual((tx.state, order.state), ("error", "draft"))
        self.assertBalance(200)
        self.assertBalance(90, self._wallet(self.stranger))

    @shows("quotation", "event ticket", "sent twice")
    def test_two_windows_pay_once(self):
        order = self._order()
        self._login("wallet_owner")
        references = [self._start_on_order(order)["reference"] for _window in range(2)]
        for reference in references * 2:
            self._submit(reference)
        states = [self._get_tx(reference).state for reference in references]
        self.assertEqual(states, ["done", "error"])
        self.assertBalance(120)

    @shows("quotation", "event ticket", "raced")
    def test_the_money_is_spent_elsewhere_meanwhile(self):
        order = self._order()
        self._login("wallet_owner")
        reference = self._start_on_order(order)["reference"]
        self._invoice(150).action_allocate_wallet()
        self._submit(reference)
        tx = self._get_tx(reference)
        tx._post_process()
        self.assertEqual((tx.state, order.state), ("error", "draft"))
        self.assertIn("50.00", tx.state_message)
        self.assertIn(tx.state_message, self._get_form(tx.landing_route).text_content())
        self.assertBalance(50)

    @shows("quotation", "event ticket", "cancelled")
    def test_the_order_is_cancelled(self):
        """Also while the payment page was open."""
        order, late = self._order(), self._order(40)
        self._pay_order(order)
        reference = self._start_on_order(late)["reference"]
        (order | late)._action_cancel()
        self._submit(reference)
        self.assertEqual(self._get_tx(reference).state, "error")
        self.assertBalance(200)

    @shows("quotation", "event ticket", "invoiced later")
    def test_invoiced_later_the_invoice_is_paid(self):
        order = self._order()
        self._pay_order(order)
        invoice = self._invoice_order(order)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_invoiced_later_where_invoices_are_paid_automatically(self):
        """What the order has paid pays its invoice, and not the wallet again."""
        self.company.wallet_auto_allocate = True
        order = self._order()
        self._pay_order(order)
        invoice = self._invoice_order(order)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_invoiced_in_parts_each_finds_its_money(self):
        order = self._order(160)
        self._pay_order(order)
        down = self._invoice_order(
            order, advance_payment_method="percentage", amount=25
        )
        self.assertEqual((down.amount_total, down.payment_state), (40, "paid"))
        rest = self._invoice_order(order)
        self.assertEqual((rest.amount_total, rest.payment_state), (120, "paid"))
        self.assertBalance(40)

    def test_the_invoice_is_corrected_and_finds_the_money_again(self):
        order = self._order()
        self._pay_order(order)
        invoice = self._invoice_order(order)
        invoice.button_draft()
        self.assertBalance(120)
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_what_an_order_has_paid_is_no_open_credit(self):
        """Open Credits would move it back while the order still waits for it."""
        order = self._order()
        tx = self._pay_order(order)
        item = tx._get_wallet_open_credits()
        self.assertEqual(item.amount_residual, -80)
        self.assertTrue(item._is_wallet_bound())
        order._action_cancel()
        self.assertFalse(item._is_wallet_bound())

    def test_invoiced_by_itself(self):
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        for automatic in (False, True):
            with self.subTest(automatic=automatic):
                self.company.wallet_auto_allocate = automatic
                before = self._wallet().balance
                order = self._order()
                self._pay_order(order)
                invoice = order.invoice_ids
                self.assertEqual(invoice.state, "posted")
                self.assertEqual(invoice.payment_state, "paid")
                self.assertBalance(before - 80)

    @shows("quotation", "event ticket", "refunded")
    def test_a_refund_gives_back_the_kind_that_was_spent(self):
        self._give_bonus(30)
        order = self._order()
        payment = self._pay_order(order).payment_id
        self.assertKinds(150, 0)
        refund = self._refund(payment, 80)
        self.assertEqual(refund.state, "done")
        self.assertKinds(200, 30)
        receivable = (payment.move_id | refund.payment_id.move_id).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertTrue(all(receivable.mapped("reconciled")))

    def test_a_credit_note_gives_back_the_kind_that_was_spent(self):
        self._give_bonus(30)
        order = self._order()
        payment = self._pay_order(order).payment_id
        invoice = self._invoice_order(order)
        credit = invoice._reverse_moves()
        credit.action_post()
        credit.action_refund_to_wallet()
        self.assertKinds(200, 30)
        self.assertEqual(self._refund(payment, 80).state, "error")
        self.assertKinds(200, 30)

    @shows("quotation", "event ticket", "part and card")
    def test_a_part_by_wallet_and_the_rest_by_card(self):
        order = self._order()
        first = self._pay_order(order, 30)
        self.assertEqual((first.state, order.state), ("done", "draft"))
        card = self._create_transaction(
            "redirect",
            amount=50,
            currency_id=order.currency_id.id,
            partner_id=self.customer.id,
            sale_order_ids=[Command.set(order.ids)],
            reference="card",
        )
        card._set_done()
        card._post_process()
        self.assertEqual(order.state, "sale")
        invoice = self._invoice_order(order)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(170)

    @shows("quotation", "event ticket", "foreign currency")
    def test_another_currency_pays_at_the_rate_of_today(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        order = self._order(100, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, euro)
        self._pay_order(order)
        self.assertEqual(order.state, "sale")
        self.assertBalance(150)
        self.assertEqual(self._invoice_order(order).payment_state, "paid")

    def test_the_history_names_the_order_and_later_the_invoice(self):
        order = self._order()
        self._pay_order(order)
        movement = self.env["customer.wallet.movement"].search(
            [("operation", "=", "online_payment")]
        )
        self.assertEqual(movement.document_name, order.name)
        page = self._get_form("/my/wallet").text_content()
        self.assertIn(order.name, page)

    def test_what_belongs_to_an_order_is_authorized_and_captured(self):
        self.wallet_provider.capture_manually = True
        order = self._order()
        tx = self._pay_order(order)
        self.assertEqual((tx.state, order.state), ("authorized", "sale"))
        self.assertEqual(self._wallet().available, 120)
        tx._capture()._post_process()
        self.assertEqual(self._invoice_order(order).payment_state, "paid")
        self.assertBalance(120)


@tagged("post_install", "-at_install", "-standard", "with_sale_management")
class TestChargingSubscriptions(RecurringCommon, PayingOrdersCommon):
    def test_each_period_is_charged_for_the_same_order(self):
        """The order itself was paid by the first one."""
        token = self._allow(90)
        order = self._order(30)
        order.action_confirm()
        for left in (170, 140, 110):
            invoice = self._subscribe(30)
            orders = [Command.set(order.ids)]
            tx = self._charge(token, invoice, sale_order_ids=orders)
            self.assertCharged(tx)
            self.assertBalance(left)
        tx = self._charge(token, self._subscribe(30), sale_order_ids=orders)
        self.assertChargeRefused(tx, "0.00 is left")

    def test_a_period_that_was_paid_otherwise_is_not_charged(self):
        token = self._allow(90)
        order = self._order(30)
        order.action_confirm()
        invoice = self._invoice(30)
        orders = [Command.set(order.ids)]
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        tx = self._charge(token, invoice, amount=30, sale_order_ids=orders)
        self.assertChargeRefused(tx, "0.00 is due")
        self.assertBalance(200)

    @shows("subscription token", "invoiced later")
    def test_an_order_is_charged_and_invoiced_later(self):
        token = self._allow(90)
        order = self._order(30)
        order.action_confirm()
        tx = self._charge(
            token,
            self.env["account.move"],
            amount=30,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[Command.set(order.ids)],
        )
        self.assertEqual((tx.state, order.amount_paid), ("done", 30))
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(170)

    def test_the_order_of_another_customer_is_not_charged(self):
        token = self._allow(90)
        order = self._order(30, partner_id=self.stranger.id)
        invoice = self._subscribe(30)
        orders = [Command.set(order.ids)]
        tx = self._charge(token, invoice, sale_order_ids=orders)
        self.assertChargeRefused(tx, "only what its owner has to pay")


@tagged("post_install", "-at_install", "-standard", "with_sale_management")
class TestSigningAndPaying(PayingOrdersCommon):
    browser_size = "1366x768"

    @shows("quotation", "enough")
    def test_a_quotation_is_signed_and_paid(self):
        order = self._order(require_signature=True)
        order.action_quotation_sent()
        self.start_tour(
            order.get_portal_url(),
            "customer_wallet_sign_and_pay",
            login="wallet_owner",
            timeout=180,
        )
        self.assertEqual((order.state, order.signed_by), ("sale", "Amal Haddad"))
        self.assertEntry(
            order.transaction_ids.payment_id.move_id,
            [(self.wallet_account, 80, 0), (self.receivable, 0, 80)],
        )
        self.assertBalance(120)


class TestSigningAndPayingOnPhone(TestSigningAndPaying):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install", "-standard", "with_website_sale")
class TestBuyingInTheShop(PayingOrdersCommon):
    browser_size = "1366x768"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("website.group_website_designer")
        cls.website = cls.env["website"].get_current_website()
        cls.website.company_id = cls.company
        cls.customer.write(
            {
                "street": "Road 1",
                "city": "Manama",
                "zip": "101",
                "country_id": cls.env.ref("base.us").id,
                "state_id": cls.env.ref("base.state_us_5").id,
                "phone": "+1 555-555-5555",
            }
        )
        cls.service.product_tmpl_id.write({"is_published": True, "sale_ok": True})

    @shows("web shop", "enough")
    def test_buy_with_the_wallet(self):
        self.start_tour(
            self.service.product_tmpl_id.website_url,
            "customer_wallet_buy_in_the_shop",
            login="wallet_owner",
            timeout=180,
        )
        order = self.env["sale.order"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((order.state, order.amount_total), ("sale", 80))
        self.assertEntry(
            order.transaction_ids.payment_id.move_id,
            [(self.wallet_account, 80, 0), (self.receivable, 0, 80)],
        )
        self.assertBalance(120)
        self.assertEqual(self._invoice_order(order).payment_state, "paid")


class TestBuyingInTheShopOnPhone(TestBuyingInTheShop):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install", "-standard", "with_event_sale")
class TestPayingEventTickets(TestPayingQuotations):
    """All that is promised for quotations, for orders of tickets."""

    allow_inherited_tests_method = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("event.group_event_manager")
        cls.ticket = cls.env["product.product"].create(
            {
                "name": "Ticket",
                "type": "service",
                "service_tracking": "event",
                "invoice_policy": "order",
                "list_price": 80.0,
                "taxes_id": [Command.clear()],
            }
        )
        cls.event = cls.env["event.event"].create(
            {
                "name": "Open day",
                "company_id": cls.company.id,
                "date_begin": fields.Datetime.add(fields.Datetime.now(), days=1),
                "date_end": fields.Datetime.add(fields.Datetime.now(), days=2),
                "event_ticket_ids": [
                    Command.create(
                        {"name": "Adult", "product_id": cls.ticket.id, "price": 80.0}
                    )
                ],
            }
        )

    def _order(self, amount=80.0, quantity=1.0, **vals):
        order = super()._order(amount, quantity, **vals)
        tickets = self.event.event_ticket_ids
        order.order_line.write(
            {
                "product_id": self.ticket.id,
                "product_uom_qty": quantity,
                "event_id": self.event.id,
                "event_ticket_id": tickets.id,
                "price_unit": amount,
                "tax_ids": [Command.clear()],
            }
        )
        self.env["event.registration"].create(
            {
                "event_id": self.event.id,
                "event_ticket_id": tickets.id,
                "partner_id": self.customer.id,
                "sale_order_id": order.id,
                "sale_order_line_id": order.order_line.id,
            }
        )
        return order

    def _registration_of(self, order):
        return self.env["event.registration"].search([("sale_order_id", "=", order.id)])

    @shows("event ticket", "enough")
    def test_the_registration_is_sold_once_it_is_paid(self):
        order = self._order()
        tx = self._pay_order(order)
        self.assertEqual((tx.state, order.state), ("done", "sale"))
        registration = self._registration_of(order)
        self.assertEqual(
            (registration.state, registration.sale_status), ("open", "sold")
        )
        self.assertBalance(120)

    @shows("event ticket", "cancelled")
    def test_the_registration_is_cancelled_and_the_money_comes_back(self):
        order = self._order()
        self._pay_order(order)
        order._action_cancel()
        self.assertEqual(self._registration_of(order).state, "cancel")
        self.assertBalance(200)
