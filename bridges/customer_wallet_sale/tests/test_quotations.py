from lxml import html

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.customer_wallet.tests.paying_online_matrix import shows

from .common import PaidOrderCommon


@tagged("post_install", "-at_install", "-standard", "with_sale_management")
class TestQuotations(PaidOrderCommon):
    """On a quotation, Odoo takes a part: the wallet pays it, and a card the rest."""

    def _quotation(self, amount, **vals):
        order = self._order(amount, require_signature=False, **vals)
        order.action_quotation_sent()
        self.env.flush_all()
        return order

    def _open_page(self, order, **params):
        return self.url_open(order.get_portal_url(), params=params).text

    def _pay_on_page(self, order, amount, provider, method):
        self._login("wallet_owner")
        response = self._start_transaction(
            f"/my/orders/{order.id}/transaction",
            amount,
            provider_id=provider.id,
            payment_method_id=method.id,
            landing_route=order.get_portal_url(),
            access_token=order._portal_ensure_token(),
        )
        self.env.invalidate_all()
        return (
            self.env["payment.transaction"]
            .sudo()
            .search([("reference", "=", response["reference"])])
        )

    def _confirm_by_card(self, tx):
        tx._set_done()
        tx._post_process()

    @shows("quotation", "part and card")
    def test_a_part_from_the_wallet_and_the_rest_by_card(self):
        order = self._quotation(100, prepayment_percent=0.3)
        tx = self._pay_on_page(order, 30, self.wallet_provider, self.wallet_method)
        self._press_pay(tx.with_user(self.owner_user).sudo())
        self.assertEqual((order.state, order.amount_paid), ("sale", 30))
        card = self._pay_on_page(order, 70, self.provider, self.payment_method)
        self._confirm_by_card(card)
        self.assertEqual(order.amount_paid, 100)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEntry(
            tx.payment_id.move_id,
            [(self.wallet_account, 30, 0), (self.receivable, 0, 30)],
        )
        self.assertEqual(card.payment_id.amount, 70)
        self.assertBalance(170)

    def test_the_card_pays_first_and_the_wallet_the_rest(self):
        order = self._quotation(100, prepayment_percent=0.3)
        card = self._pay_on_page(order, 70, self.provider, self.payment_method)
        self._confirm_by_card(card)
        self.assertEqual(order.state, "sale")
        tx = self._pay_on_page(order, 30, self.wallet_provider, self.wallet_method)
        self._press_pay(tx.with_user(self.owner_user).sudo())
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(170)

    def _get_page(self, order, **params):
        return html.fromstring(self._open_page(order, **params))

    def _get_asked(self, page):
        (amount,) = page.xpath("//form[@id='o_payment_form']/@data-amount")
        return float(amount)

    def _is_offered(self, page):
        return bool(page.xpath("//input[@data-provider-code='wallet']"))

    def _pay_part(self, order, amount):
        tx = self._pay_on_page(order, amount, self.wallet_provider, self.wallet_method)
        self._press_pay(tx.with_user(self.owner_user).sudo())
        self.assertEqual(tx.state, "done")
        return tx

    def _get_link(self, order):
        return self.env["payment.link.wizard"].with_context(
            active_model="sale.order", active_id=order.id
        )

    @shows("quotation", "part and card")
    def test_the_customer_chooses_a_part_and_is_then_asked_for_the_rest(self):
        order = self._quotation(250, prepayment_percent=1.0)
        self._login("wallet_owner")
        page = self._get_page(order)
        self.assertEqual(self._get_asked(page), 250)
        self.assertFalse(self._is_offered(page))
        (action,) = page.xpath("//input[@name='wallet_part']/ancestor::form/@action")
        self.assertEqual(action, f"/my/orders/{order.id}")
        page = self._get_page(order, wallet_part="180", amount_selection="full_amount")
        self.assertEqual(self._get_asked(page), 180)
        self.assertTrue(self._is_offered(page))
        self.assertIn(
            "20.00", page.xpath("//*[@name='o_wallet_available']")[0].text_content()
        )
        self._pay_part(order, 180)
        self.assertEqual((order.state, order.amount_paid), ("sent", 180))
        page = self._get_page(order)
        self.assertEqual(self._get_asked(page), 70)
        card = self._pay_on_page(order, 70, self.provider, self.payment_method)
        self._confirm_by_card(card)
        self.assertEqual((order.state, order.amount_paid), ("sale", 250))
        self.assertFalse(self._get_page(order).xpath("//form[@id='o_payment_form']"))
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(20)

    def test_a_part_that_cannot_be_is_refused_in_words(self):
        order = self._quotation(250)
        self._login("wallet_owner")
        for part in ("200.01", "250.01", "-1", "x"):
            with self.subTest(part):
                page = self._get_page(order, wallet_part=part)
                self.assertTrue(page.xpath("//*[contains(@class, 'o_wallet_message')]"))
                self.assertFalse(self._is_offered(page))
                self.assertEqual(self._get_asked(page), 250)
        order = self._quotation(80)
        page = self._get_page(order, wallet_part="90")
        self.assertTrue(page.xpath("//*[contains(@class, 'o_wallet_message')]"))

    def test_nobody_else_chooses_a_part(self):
        order = self._quotation(250)
        self._login("wallet_stranger")
        page = self._get_page(order, wallet_part="30")
        self.assertEqual(self._get_asked(page), 250)
        self.assertFalse(page.xpath("//input[@name='wallet_part']"))

    def test_what_was_paid_counts_for_the_down_payment(self):
        order = self._quotation(100, prepayment_percent=0.3)
        self._pay_part(order, 10)
        self.assertEqual(order.state, "sent")
        self.assertEqual(self._get_asked(self._get_page(order)), 20)
        page = self._get_page(order, amount_selection="down_payment")
        self.assertEqual(self._get_asked(page), 20)
        page = self._get_page(order, amount_selection="full_amount")
        self.assertEqual(self._get_asked(page), 90)
        whole = page.xpath("//button[@name='o_sale_portal_amount_total_button']")
        self.assertIn("90.00", whole[0].text_content())
        self._confirm_by_card(
            self._pay_on_page(order, 20, self.provider, self.payment_method)
        )
        self.assertEqual((order.state, order.amount_paid), ("sale", 30))

    def test_nothing_was_paid_and_all_is_asked_for(self):
        order = self._quotation(100, prepayment_percent=0.3)
        self._login("wallet_owner")
        self.assertEqual(self._get_asked(self._get_page(order)), 30)
        page = self._get_page(order, amount_selection="full_amount")
        self.assertEqual(self._get_asked(page), 100)

    @shows("payment link", "part and card")
    def test_a_payment_link_asks_for_the_rest(self):
        order = self._quotation(100, prepayment_percent=1.0)
        old = self._get_link(order).create({}).link
        self._pay_part(order, 30)
        link = self._get_link(order).create({})
        self.assertEqual((link.amount, link.amount_max), (70, 70))
        self.assertFalse(link.warning_message)
        for url in (link.link, old):
            page = html.fromstring(self.url_open(url).text)
            self.assertEqual(self._get_asked(page), 70)
            self.assertTrue(self._is_offered(page))

    def test_a_payment_link_of_a_confirmed_order(self):
        order = self._quotation(500, prepayment_percent=0.3)
        self._pay_part(order, 150)
        self.assertEqual(order.state, "sale")
        link = self._get_link(order).create({"amount": 40}).link
        page = html.fromstring(self.url_open(link).text)
        self.assertEqual(self._get_asked(page), 40)
        self.assertTrue(self._is_offered(page))
        self._pay_part(order, 40)
        all_of_it = self._get_link(order).create({})
        self.assertEqual(all_of_it.amount, 310)
        page = html.fromstring(self.url_open(all_of_it.link).text)
        self.assertEqual(self._get_asked(page), 310)
        self.assertFalse(self._is_offered(page))

    # What was paid on its invoices

    def _confirmed(self, amount=200.0):
        order = self._quotation(amount)
        order.action_confirm()
        return order

    def _invoice_order(self, order, **vals):
        if vals:
            wizard = self.env["sale.advance.payment.inv"].with_context(
                active_model="sale.order", active_ids=order.ids
            )
            wizard.create(vals).create_invoices()
            invoice = order.invoice_ids.sorted("id")[-1]
        else:
            invoice = order._create_invoices(final=True)
        invoice.action_post()
        return invoice

    def _pay_in_cash(self, invoice, amount):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": amount})._create_payments()

    def assertDue(self, order, amount):
        """Neither the page asks for more, nor does the wallet pay it."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(order._get_amount_left(), amount)
        before = self._wallet().balance
        tx = self._start_order(order, amount + 1)
        self._press_pay(tx)
        self.assertEqual(tx.state, "error")
        self.assertIn(f"Only $\xa0{amount:.2f} is due", tx.state_message)
        self.assertBalance(before)

    @shows("payment link", "sent twice")
    def test_an_order_whose_invoice_is_paid_is_not_paid_again(self):
        order = self._confirmed()
        card = self._pay_on_page(order, 50, self.provider, self.payment_method)
        self._confirm_by_card(card)
        link = self._get_link(order).create({}).link
        invoice = self._invoice_order(order)
        self.assertEqual(invoice.amount_residual, 150)
        self.assertDue(order, 150)
        self._pay_in_cash(invoice, 100)
        self.assertDue(order, 50)
        page = html.fromstring(self.url_open(link).text)
        self.assertEqual(self._get_asked(page), 50)
        self._pay_in_cash(invoice, 50)
        self.assertDue(order, 0)
        page = html.fromstring(self.url_open(link).text)
        self.assertFalse(page.xpath("//form[@id='o_payment_form']"))

    def test_the_rest_of_an_order_after_its_down_payment(self):
        order = self._confirmed()
        down = {"advance_payment_method": "fixed", "fixed_amount": 50}
        invoice = self._invoice_order(order, **down)
        self.assertDue(order, 200)
        self._pay_in_cash(invoice, 50)
        self.assertDue(order, 150)
        rest = self._invoice_order(order)
        self.assertEqual(rest.amount_residual, 150)
        self.assertDue(order, 150)
        rest.action_allocate_wallet(100)
        self.assertDue(order, 50)

    def test_what_was_paid_before_it_was_invoiced_counts_once(self):
        order = self._confirmed()
        self._pay_part(order, 40)
        down = {"advance_payment_method": "fixed", "fixed_amount": 60}
        invoice = self._invoice_order(order, **down)
        self.assertEqual(invoice.amount_residual, 20)
        self.assertDue(order, 160)
        self._pay_in_cash(invoice, 20)
        self.assertDue(order, 140)
        self.wallet_provider.capture_manually = True
        held = self._start_order(order, 100)
        self._press_pay(held)
        self.assertEqual(held.state, "authorized")
        self.assertDue(order, 40)

    def test_what_a_credit_note_took_back_is_due_again(self):
        order = self._confirmed()
        invoice = self._invoice_order(order)
        self._pay_in_cash(invoice, 200)
        self.assertDue(order, 0)
        credit = invoice._reverse_moves()
        credit.action_post()
        self.assertDue(order, 0)
        credit.action_refund_to_wallet()
        self.assertDue(order, 200)

    def _credit_goods_paid_in_cash(self):
        """Of an order, a bonus pays the first invoice, and cash the second one."""
        self._pay_out(200)
        self._give_bonus(100)
        order = self._confirmed()
        self._pay_part(order, 100)
        down = {"advance_payment_method": "fixed", "fixed_amount": 100}
        first = self._invoice_order(order, **down)
        second = self._invoice_order(order)
        self.assertEqual((first.amount_residual, second.amount_residual), (0, 100))
        self._pay_in_cash(second, 100)
        self.assertKinds(0, 0)
        credit = second._reverse_moves()
        credit.action_post()
        return credit

    def test_cash_comes_back_as_money_beside_a_bonus_of_the_same_order(self):
        credit = self._credit_goods_paid_in_cash()
        credit.action_refund_to_wallet()
        self.assertKinds(100, 0)

    def test_so_it_does_where_both_invoices_were_drafted_before(self):
        """Odoo names the payment on each of them."""
        self._pay_out(200)
        self._give_bonus(100)
        order = self._confirmed()
        tx = self._pay_part(order, 100)
        second = order._create_invoices()
        second.invoice_line_ids.quantity = 0.5
        first = order._create_invoices()
        self.assertEqual(tx.invoice_ids, first | second)
        (first | second).sorted("id", reverse=True).action_post()
        self.assertEqual((first.amount_residual, second.amount_residual), (0, 100))
        self._pay_in_cash(second, 100)
        credit = second._reverse_moves()
        credit.action_post()
        credit.action_refund_to_wallet()
        self.assertKinds(100, 0)

    def test_cash_comes_back_in_cash_beside_a_bonus_of_the_same_order(self):
        credit = self._credit_goods_paid_in_cash()
        self._pay_in_cash(credit, 100)
        self.assertEqual(credit.amount_residual, 0)
        self.assertKinds(0, 0)

    def test_what_was_refunded_of_an_invoiced_order_is_due_again(self):
        order = self._confirmed()
        tx = self._pay_part(order, 200)
        self._invoice_order(order)
        self.assertDue(order, 0)
        self._refund(tx.payment_id, 80)
        self.assertDue(order, 80)

    def test_an_invoice_of_two_orders_finds_the_money_of_both(self):
        first, second = self._confirmed(50), self._confirmed(70)
        self._pay_part(first, 50)
        payment = self._pay_part(second, 70).payment_id
        invoice = (first | second)._create_invoices()
        invoice.action_post()
        self.assertEqual(len(invoice), 1)
        self.assertEqual(invoice.payment_state, "paid")
        receivables = payment.move_id.line_ids._filter_wallet_receivables()
        self.assertEqual(receivables.amount_residual, 0)
        self.assertBalance(80)

    def test_an_invoice_of_two_orders_is_due_for_each(self):
        first, second = self._confirmed(50), self._confirmed(70)
        invoice = (first | second)._create_invoices()
        invoice.action_post()
        self.assertDue(first, 50)
        self.assertDue(second, 70)
        self._pay_in_cash(invoice, 120)
        self.assertDue(first, 0)
        self.assertDue(second, 0)

    def test_a_short_wallet_is_offered_for_the_down_payment_only(self):
        order = self._quotation(500, prepayment_percent=0.3)
        self._login("wallet_owner")
        page = self._open_page(order, amount_selection="down_payment")
        self.assertIn('data-provider-code="wallet"', page)
        page = self._open_page(order, amount_selection="full_amount")
        self.assertNotIn('data-provider-code="wallet"', page)
        self.assertIn("o_wallet_notice", page)

    def test_nobody_else_is_offered_the_wallet(self):
        order = self._quotation(100)
        self._login("wallet_stranger")
        page = self._open_page(order)
        self.assertIn("o_payment_form", page)
        self.assertNotIn('data-provider-code="wallet"', page)

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_the_card_is_refused_and_only_the_part_is_paid(self):
        order = self._quotation(100, prepayment_percent=1.0)
        tx = self._pay_on_page(order, 30, self.wallet_provider, self.wallet_method)
        self._press_pay(tx.with_user(self.owner_user).sudo())
        card = self._pay_on_page(order, 70, self.provider, self.payment_method)
        card._set_error("No")
        self.assertEqual((order.state, order.amount_paid), ("sent", 30))
        order.action_cancel()
        self.assertBalance(200)
