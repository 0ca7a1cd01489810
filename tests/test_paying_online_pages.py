from lxml import html

from odoo import Command
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .online_common import PayingPagesCommon
from .paying_online_matrix import shows


@tagged("post_install", "-at_install")
class TestPayingOnlinePages(PayingPagesCommon):
    @shows("portal invoice", "enough")
    def test_the_owner_pays_on_the_page_of_the_invoice(self):
        invoice = self._invoice(80)
        self._login("wallet_owner")
        page = self._get_form(f"/my/invoices/{invoice.id}")
        self.assertTrue(self._is_offered(page))
        said = page.xpath("//div[@name='o_wallet_available']")[0].text_content()
        self.assertIn("200.00", said)
        self.assertIn("120.00", said)
        values = self._start_on_invoice(invoice)
        form = html.fromstring(values["redirect_form_html"])
        self.assertEqual(form.get("action"), "/payment/wallet/pay")
        self.assertTrue(form.xpath("//input[@name='csrf_token']/@value")[0])
        response = self._submit(values["reference"])
        self.assertTrue(response.headers["Location"].endswith("/payment/status"))
        self.assertEqual(self._get_tx(values["reference"]).state, "done")
        self._get_tx(values["reference"])._post_process()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_nothing_moves_without_the_token_of_the_page(self):
        invoice = self._invoice(80)
        self._login("wallet_owner")
        values = self._start_on_invoice(invoice)
        self.assertEqual(self._submit(values["reference"], csrf=False).status_code, 400)
        self.assertBalance(200)

    @shows("portal invoice", "visitor")
    def test_a_visitor_with_the_link_is_not_offered_the_wallet(self):
        invoice = self._invoice(80)
        self.authenticate(None, None)
        page = self._get_form(invoice.get_portal_url())
        self.assertFalse(self._is_offered(page))
        self.assertFalse(self._get_notice(page))
        self.assertNotIn("200.00", page.text_content())
        values = self._start_on_invoice(invoice)
        response = self._submit(values["reference"])
        self.assertIn("/web/login", response.headers["Location"])
        self.assertEqual(self._get_tx(values["reference"]).state, "draft")
        self.assertBalance(200)

    @shows("portal invoice", "another's document")
    def test_another_customer_with_the_link_is_not_offered_the_wallet(self):
        self._pay(90, partner_id=self.stranger.id)
        invoice = self._invoice(80)
        self._login("wallet_stranger")
        page = self._get_form(invoice.get_portal_url())
        self.assertFalse(self._is_offered(page))
        self.assertFalse(self._get_notice(page))
        values = self._start_on_invoice(invoice)
        self._submit(values["reference"])
        self.assertEqual(self._get_tx(values["reference"]).state, "error")
        self.assertBalance(200)
        self.assertBalance(90, self._wallet(self.stranger))

    def test_who_takes_up_the_payment_of_another_pays_nothing(self):
        invoice = self._invoice(80)
        self._login("wallet_owner")
        values = self._start_on_invoice(invoice)
        self._login("wallet_stranger")
        self.assertEqual(self._submit(values["reference"]).status_code, 404)
        self.assertEqual(self._get_tx(values["reference"]).state, "draft")
        self.assertBalance(200)

    @shows("portal invoice", "short")
    def test_a_short_wallet_says_why_and_offers_to_top_up(self):
        invoice = self._invoice(201)
        self._login("wallet_owner")
        page = self._get_form(f"/my/invoices/{invoice.id}")
        self.assertFalse(self._is_offered(page))
        notice = self._get_notice(page)
        self.assertIn("200.00", notice)
        self.assertIn("201.00", notice)
        self.assertTrue(page.xpath("//a[@href='/my/wallet/top_up']"))

    @shows("portal invoice", "frozen")
    def test_a_frozen_wallet_says_so(self):
        self._wallet().state = "frozen"
        invoice = self._invoice(80)
        self._login("wallet_owner")
        page = self._get_form(f"/my/invoices/{invoice.id}")
        self.assertFalse(self._is_offered(page))
        self.assertIn("frozen", self._get_notice(page))

    def test_who_has_no_wallet_sees_nothing_of_it(self):
        invoice = self._invoice(80, partner_id=self.stranger.id)
        self._login("wallet_stranger")
        page = self._get_form(f"/my/invoices/{invoice.id}")
        self.assertFalse(self._is_offered(page))
        self.assertFalse(self._get_notice(page))

    def test_what_is_left_of_the_invoice_counts(self):
        invoice = self._invoice(300)
        self._pay(150, is_wallet=False)
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.receivable.id),
                ("partner_id", "=", self.customer.id),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
            ]
        )
        lines.reconcile()
        self.assertEqual(invoice.amount_residual, 150)
        self._login("wallet_owner")
        self.assertTrue(self._is_offered(self._get_form(f"/my/invoices/{invoice.id}")))

    def test_a_payment_link_of_the_invoice(self):
        invoice = self._invoice(80)
        link = (
            self.env["payment.link.wizard"]
            .with_context(active_model="account.move", active_id=invoice.id)
            .create({"amount": 80})
            .link
        )
        self._login("wallet_owner")
        self.assertTrue(self._is_offered(self._get_form(link)))
        self._login("wallet_stranger")
        self.assertFalse(self._is_offered(self._get_form(link)))

    def test_overdue_invoices_together(self):
        """What a wallet has paid of one of them is not asked for again."""
        first, second = (
            self._invoice(
                amount, invoice_date="2020-01-01", invoice_date_due="2020-01-31"
            )
            for amount in (80, 40)
        )
        first.action_allocate_wallet(30)
        self._login("wallet_owner")
        page = self._get_form("/my/invoices/overdue")
        self.assertTrue(self._is_offered(page))
        self.assertEqual(self._get_amount_to_pay(page), 90)
        reference = self._start_by_wallet(
            "/invoice/transaction/overdue",
            90,
            payment_reference="Overdue",
            landing_route="/my/invoices/",
        )["reference"]
        self._submit(reference)
        self._get_tx(reference)._post_process()
        self.assertEqual(first.payment_state, "paid")
        self.assertEqual(second.payment_state, "paid")
        self.assertBalance(80)

    def test_nothing_but_a_document_is_paid(self):
        """Neither a wallet from a wallet, nor a payment out of nowhere, nor a card that
        is only saved.
        """
        self._login("wallet_owner")
        for url in (
            "/my/wallet/top_up?amount=20",
            "/payment/pay?amount=20",
            f"/payment/pay?amount=20&wallet_owner_id={self.customer.id}",
            "/payment/pay?amount=20&invoice_id=x",
            "/my/payment_method",
        ):
            with self.subTest(url):
                self.assertFalse(self._is_offered(self._get_form(url)))

    def test_the_history_names_the_invoice(self):
        invoice = self._invoice(80)
        self._pay_online_with_wallet(invoice)
        movement = self.env["customer.wallet.movement"].search(
            [("operation", "=", "online_payment")]
        )
        self.assertEqual(movement.document_name, invoice.name)
        self.assertEqual(movement.action_open_document()["res_id"], invoice.id)
        self._login("wallet_owner")
        page = self._get_form("/my/wallet").text_content()
        self.assertIn("Online Payment", page)
        self.assertIn(invoice.name, page)


@tagged("post_install", "-at_install")
class TestPayingAPart(PayingPagesCommon):
    """On the page of an invoice, the wallet pays a part, and another way the rest."""

    def _maximum(self, page):
        return page.xpath("//input[@name='wallet_part']/@max")

    def _confirm_by_card(self, invoice, amount):
        card = self._create_transaction(
            "redirect",
            amount=amount,
            partner_id=self.customer.id,
            invoice_ids=[Command.set(invoice.ids)],
            reference="card",
        )
        card._set_done()
        card._post_process()
        return card

    @shows("portal invoice", "part and card")
    def test_a_part_from_the_wallet_and_the_rest_by_card(self):
        invoice = self._invoice(250)
        self._login("wallet_owner")
        page = self._open_invoice(invoice)
        self.assertFalse(self._is_offered(page))
        self.assertIn("200.00", self._get_notice(page))
        self.assertTrue(page.xpath("//details[@open]"))
        self.assertEqual(self._maximum(page), ["200.00"])
        page = self._open_invoice(invoice, wallet_part="200.00")
        self.assertTrue(self._is_offered(page))
        self.assertEqual(self._get_amount_to_pay(page), 200)
        self.assertIn("0.00", self._get_after(page, "installments")[0])
        self.assertIn("not enough", self._get_after(page)[0])
        tx = self._pay_on_page(invoice, 200)
        self.assertEqual((tx.state, invoice.amount_residual), ("done", 50))
        page = self._open_invoice(invoice)
        self.assertFalse(self._is_offered(page))
        self.assertEqual(self._get_amount_to_pay(page), 50)
        card = self._confirm_by_card(invoice, 50)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEntry(
            tx.payment_id.move_id,
            [(self.wallet_account, 200, 0), (self.receivable, 0, 200)],
        )
        self.assertEqual(card.payment_id.amount, 50)
        self.assertBalance(0)

    def test_who_has_enough_may_pay_a_part_as_well(self):
        invoice = self._invoice(80)
        self._login("wallet_colleague")
        page = self._open_invoice(invoice)
        self.assertTrue(self._is_offered(page))
        self.assertIn("120.00", self._get_after(page)[0])
        self.assertFalse(page.xpath("//details[@open]"))
        self.assertEqual(self._maximum(page), ["80.00"])
        page = self._open_invoice(invoice, wallet_part="30.5")
        self.assertEqual(self._get_amount_to_pay(page), 30.5)
        self.assertIn("169.50", self._get_after(page, "installments")[0])
        self.assertIn("120.00", self._get_after(page)[0])
        tx = self._pay_on_page(invoice, 30.5)
        self.assertEqual(invoice.amount_residual, 49.5)
        payer = tx.payment_id.move_id.create_uid.partner_id
        self.assertEqual(payer, self.colleague)
        self.assertBalance(169.5)

    def test_all_of_it_is_no_part(self):
        invoice = self._invoice(80)
        self._login("wallet_owner")
        page = self._open_invoice(invoice, wallet_part="80")
        self.assertFalse(page.xpath("//*[@id='o_payment_installments_tab']"))
        self.assertEqual(self._get_amount_to_pay(page), 80)

    def test_a_part_that_cannot_be_paid_is_refused_in_words(self):
        invoice = self._invoice(250)
        self._login("wallet_owner")
        before = self._snapshot()
        amounts = ("0", "-1", "200.01", "250.01", "NaN", "1e300", "0.001", "1,0", "x")
        for amount in (*amounts, "Infinity", "9" * 30):
            with self.subTest(amount):
                page = self._open_invoice(invoice, wallet_part=amount)
                errors = page.xpath("//*[contains(@class, 'o_wallet_message')]")
                self.assertTrue(errors[0].text_content())
                self.assertEqual(self._get_amount_to_pay(page), 250)
                self.assertFalse(self._is_offered(page))
        self.assertEqual(self._snapshot(), before)

    @mute_logger("odoo.http")
    def test_amounts_are_checked_when_they_are_paid(self):
        invoice = self._invoice(80)
        self._login("wallet_owner")
        for amount in (-1, 80.01, 200, 1e300, 0.001, "NaN", "Infinity", "x"):
            with self.subTest(amount):
                try:
                    tx = self._pay_on_page(invoice, amount)
                except JsonRpcException:
                    continue
                self.assertEqual(tx.state, "error")
                self.assertTrue(tx.state_message)
        self.assertEqual(invoice.amount_residual, 80)
        self.assertBalance(200)

    @shows("portal invoice", "sent twice")
    def test_a_page_that_is_no_longer_true_pays_no_more_than_is_due(self):
        invoice = self._invoice(80)
        self._login("wallet_owner")
        whole = self._start_on_invoice(invoice, 80)["reference"]
        part = self._start_on_invoice(invoice, 30)["reference"]
        for reference in (part, part, whole):
            self._submit(reference)
        self._get_tx(part)._post_process()
        self.assertEqual(self._get_tx(part).state, "done")
        self.assertEqual(self._get_tx(whole).state, "error")
        self.assertIn("50.00", self._get_tx(whole).state_message)
        self.assertBalance(170)

    @shows("portal invoice", "raced")
    def test_a_part_is_spent_elsewhere_meanwhile(self):
        invoice = self._invoice(250)
        self._login("wallet_owner")
        self.assertTrue(self._is_offered(self._open_invoice(invoice, wallet_part=200)))
        reference = self._start_on_invoice(invoice, 200)["reference"]
        self._invoice(50).action_allocate_wallet()
        self._submit(reference)
        tx = self._get_tx(reference)
        self.assertNotPaid(tx, invoice, "150.00")
        self.assertBalance(150)
        page = self._get_form(tx.landing_route)
        self.assertIn(tx.state_message, page.text_content())
        self.assertTrue(page.xpath("//form[@id='o_payment_form']"))
        self._login("wallet_colleague")
        page = self._get_form(f"/my/invoices/{invoice.id}")
        self.assertNotIn(tx.state_message, page.text_content())

    def test_the_bonus_goes_first(self):
        self._give_bonus(30)
        invoice = self._invoice(250)
        self._login("wallet_owner")
        self.assertEqual(self._maximum(self._open_invoice(invoice)), ["230.00"])
        tx = self._pay_on_page(invoice, 40)
        self.assertEntry(
            tx.payment_id.move_id,
            [
                (self.bonus_account, 30, 0),
                (self.wallet_account, 10, 0),
                (self.receivable, 0, 40),
            ],
        )
        self.assertKinds(190, 0)

    def test_nobody_else_sees_or_chooses_a_part(self):
        """With and without the link that shares the invoice."""
        self._pay(90, partner_id=self.stranger.id)
        invoice = self._invoice(250)
        token = invoice._portal_ensure_token()
        for login in ("wallet_stranger", "wallet_staff", None):
            with self.subTest(login):
                self.authenticate(login, login)
                page = self._open_invoice(invoice, access_token=token, wallet_part=30)
                self.assertIn(invoice.name, page.text_content())
                self.assertEqual(self._get_amount_to_pay(page), 250)
                self.assertFalse(self._is_offered(page))
                self.assertFalse(page.xpath("//details"))
                for balance in ("200.00", "90.00"):
                    self.assertNotIn(balance, page.text_content())

    def test_a_frozen_wallet_pays_no_part(self):
        self._wallet().state = "frozen"
        self._login("wallet_owner")
        page = self._open_invoice(self._invoice(250), wallet_part="30")
        self.assertFalse(page.xpath("//details"))
        self.assertIn("frozen", self._get_notice(page))

    def test_the_company_does_not_take_wallets_online(self):
        self.company.wallet_online_payment = False
        self._login("wallet_owner")
        self.assertFalse(self._open_invoice(self._invoice(250)).xpath("//details"))

    def test_what_is_being_paid_by_card_is_not_paid_twice(self):
        invoice = self._invoice(80)
        self._login("wallet_owner")
        reference = self._start_on_invoice(invoice)["reference"]
        self._create_transaction(
            "redirect",
            amount=80.0,
            partner_id=self.customer.id,
            state="pending",
            invoice_ids=[Command.set(invoice.ids)],
        )
        # The provider of these tests is no bank transfer.
        Transaction = self.registry["payment.transaction"]
        self.patch(Transaction, "_is_wallet_promise", lambda tx: False)
        self._submit(reference)
        self.assertNotPaid(self._get_tx(reference), invoice, "0.00 is due")
        self.assertBalance(200)

    @mute_logger("odoo.http")
    def test_credit_notes_drafts_and_paid_invoices_take_nothing(self):
        paid = self._invoice(80)
        paid.action_allocate_wallet()
        credit = self._invoice(10, move_type="out_refund")
        self._login("wallet_owner")
        for document in (paid, credit):
            with self.subTest(document.name):
                page = self._open_invoice(document, wallet_part="10")
                self.assertFalse(page.xpath("//form[@id='o_payment_form']"))
                self.assertEqual(self._pay_on_page(document, 10).state, "error")
        self.assertBalance(120)

    @mute_logger("odoo.http")
    def test_nothing_moves_by_following_a_link(self):
        self._login("wallet_owner")
        reference = self._start_on_invoice(self._invoice(80))["reference"]
        response = self.url_open(f"/payment/wallet/pay?reference={reference}")
        self.assertEqual(response.status_code, 405)
        self.assertBalance(200)

    def test_an_installment(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "30/70",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 30, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 30}
                    ),
                ],
            }
        )
        invoice = self._invoice(500, invoice_payment_term_id=terms.id)
        self._login("wallet_owner")
        page = self._open_invoice(invoice)
        self.assertEqual(self._get_amount_to_pay(page), 150)
        self.assertTrue(self._is_offered(page))
        self.assertIn("50.00", self._get_after(page, "installments")[0])
        self._pay_on_page(invoice, 150)
        self.assertEqual(invoice.amount_residual, 350)

    def test_the_early_payment_discount(self):
        terms = self._discount_terms()
        invoice = self._invoice(204, invoice_payment_term_id=terms.id)
        self._login("wallet_owner")
        page = self._open_invoice(invoice)
        self.assertEqual(self._get_amount_to_pay(page), 199.92)
        self.assertTrue(self._is_offered(page))
        self.assertIn("0.08", self._get_after(page)[0])
        self._pay_on_page(invoice, 199.92)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(0.08)

    @shows("portal invoice", "foreign currency")
    def test_a_part_of_an_invoice_in_another_currency(self):
        self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._invoice(500, currency_id=self.currency_euro.id)
        self._login("wallet_owner")
        self.assertEqual(self._maximum(self._open_invoice(invoice)), ["400.00"])
        self._pay_on_page(invoice, 100)
        self.assertEqual(invoice.amount_residual, 400)
        self.assertBalance(150)


@tagged("post_install", "-at_install")
class TestPaymentLinks(PayingPagesCommon):
    """Staff sends a link, for all of an invoice or for a part of it."""

    def _link(self, invoice, amount=None):
        return (
            self.env["payment.link.wizard"]
            .with_context(active_model="account.move", active_id=invoice.id)
            .create({"amount": amount or invoice.amount_residual})
            .link
        )

    def _start_by_link(self, link, invoice):
        """Open the link, choose the wallet, and press *Pay Now*.

        :return: str, the reference of the payment
        """
        page = self._get_form(link)
        (token,) = page.xpath("//form[@id='o_payment_form']/@data-access-token")
        amount = self._get_amount_to_pay(page)
        values = self._start_on_invoice(invoice, amount, access_token=token)
        return values["reference"]

    def _pay_by_link(self, link, invoice):
        reference = self._start_by_link(link, invoice)
        self._submit(reference)
        tx = self._get_tx(reference)
        tx._post_process()
        self.env.invalidate_all()
        return tx

    @shows("payment link", "enough")
    def test_the_owner_pays_by_the_link(self):
        invoice = self._invoice(80)
        link = self._link(invoice)
        self._login("wallet_owner")
        self.assertTrue(self._is_offered(self._get_form(link)))
        tx = self._pay_by_link(link, invoice)
        self.assertEqual((tx.state, invoice.payment_state), ("done", "paid"))
        self.assertBalance(120)

    @shows("payment link", "short")
    def test_the_wallet_is_short(self):
        invoice = self._invoice(500)
        link = self._link(invoice, 250)
        self._login("wallet_owner")
        page = self._get_form(link)
        self.assertFalse(self._is_offered(page))
        self.assertIn("250.00", self._get_notice(page))
        self.assertNotPaid(self._pay_by_link(link, invoice), invoice, "250.00")

    @shows("payment link", "frozen")
    def test_the_wallet_is_frozen(self):
        self._wallet().state = "frozen"
        invoice = self._invoice(80)
        link = self._link(invoice)
        self._login("wallet_owner")
        self.assertIn("frozen", self._get_notice(self._get_form(link)))
        self.assertNotPaid(self._pay_by_link(link, invoice), invoice, "frozen")

    @shows("payment link", "visitor")
    def test_a_visitor_with_the_link_sees_no_wallet(self):
        invoice = self._invoice(80)
        link = self._link(invoice)
        self.authenticate(None, None)
        page = self._get_form(link)
        self.assertFalse(self._is_offered(page))
        self.assertNotIn("200.00", page.text_content())
        reference = self._start_by_link(link, invoice)
        response = self._submit(reference)
        self.assertIn("/web/login", response.headers["Location"])
        self.assertEqual(self._get_tx(reference).state, "draft")
        self.assertBalance(200)

    @shows("payment link", "another's document")
    def test_another_customer_got_the_link(self):
        self._pay(90, partner_id=self.stranger.id)
        invoice = self._invoice(80)
        link = self._link(invoice, 30)
        self._login("wallet_stranger")
        self.assertFalse(self._is_offered(self._get_form(link)))
        self.assertNotPaid(self._pay_by_link(link, invoice), invoice, "its owner")
        self.assertBalance(200)
        self.assertBalance(90, self._wallet(self.stranger))

    @shows("payment link", "raced")
    def test_the_money_is_spent_elsewhere_meanwhile(self):
        invoice = self._invoice(80)
        self._login("wallet_owner")
        reference = self._start_by_link(self._link(invoice), invoice)
        self._invoice(150).action_allocate_wallet()
        self._submit(reference)
        self.assertNotPaid(self._get_tx(reference), invoice, "50.00")
        self.assertBalance(50)

    @shows("payment link", "sent twice")
    def test_opened_in_two_windows_it_is_paid_once(self):
        invoice = self._invoice(80)
        link = self._link(invoice)
        self._login("wallet_owner")
        first, second = (self._start_by_link(link, invoice) for _window in range(2))
        for reference in (first, second, first):
            self._submit(reference)
        states = [self._get_tx(reference).state for reference in (first, second)]
        self.assertEqual(states, ["done", "error"])
        self._get_tx(first)._post_process()
        self.assertBalance(120)
        self.assertFalse(self._get_form(link).xpath("//form[@id='o_payment_form']"))

    @shows("payment link", "refunded")
    def test_the_shop_refunds_what_the_link_has_paid(self):
        self._give_bonus(30)
        invoice = self._invoice(80)
        self._login("wallet_owner")
        tx = self._pay_by_link(self._link(invoice), invoice)
        self.assertKinds(150, 0)
        self.assertEqual(self._refund(tx.payment_id, 80).state, "done")
        self.assertKinds(200, 30)

    @shows("payment link", "cancelled")
    def test_the_invoice_is_cancelled_meanwhile(self):
        invoice = self._invoice(80)
        self._login("wallet_owner")
        reference = self._start_by_link(self._link(invoice), invoice)
        invoice.button_cancel()
        self._submit(reference)
        self.assertNotPaid(self._get_tx(reference), invoice, "0.00 is due")
        self.assertBalance(200)

    @shows("payment link", "part and card")
    def test_one_link_is_paid_by_the_wallet_and_the_next_by_card(self):
        invoice = self._invoice(500)
        link = self._link(invoice, 150)
        self._login("wallet_owner")
        page = self._get_form(link)
        self.assertEqual(self._get_amount_to_pay(page), 150)
        self.assertTrue(self._is_offered(page))
        self.assertIn("50.00", self._get_after(page, "installments")[0])
        self.assertIn("not enough", self._get_after(page)[0])
        self._pay_by_link(link, invoice)
        self.assertEqual(invoice.amount_residual, 350)
        self.assertEqual(
            self._get_amount_to_pay(self._get_form(self._link(invoice))), 350
        )
        card = self._create_transaction(
            "redirect",
            amount=350,
            partner_id=self.customer.id,
            invoice_ids=[Command.set(invoice.ids)],
            reference="card",
        )
        card._set_done()
        card._post_process()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(50)

    @shows("payment link", "foreign currency")
    def test_another_currency_pays_at_the_rate_of_today(self):
        self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._invoice(100, currency_id=self.currency_euro.id)
        link = self._link(invoice)
        self._login("wallet_owner")
        self.assertTrue(self._is_offered(self._get_form(link)))
        self.assertEqual(self._pay_by_link(link, invoice).state, "done")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(150)


@tagged("post_install", "-at_install", "wallet_browser")
class TestPayingOnlineTours(PayingPagesCommon):
    browser_size = "1366x768"

    def test_pay_an_invoice_with_the_wallet(self):
        invoice = self._invoice(80)
        self.start_tour(
            f"/my/invoices/{invoice.id}",
            "customer_wallet_pay_online",
            login="wallet_owner",
            timeout=180,
        )
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_pay_a_part_with_the_wallet(self):
        invoice = self._invoice(250)
        self.start_tour(
            f"/my/invoices/{invoice.id}",
            "customer_wallet_pay_a_part",
            login="wallet_owner",
            timeout=180,
        )
        self.assertEqual(invoice.amount_residual, 70)
        self.assertBalance(20)

    def test_the_shop_s_owner_refunds_a_part(self):
        self._give_bonus(30)
        payment = self._pay_online_with_wallet(self._invoice(80))
        self.assertKinds(150, 0)
        staff = new_test_user(
            self.env,
            "wallet_owner_of_the_shop",
            "account.group_account_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.start_tour(
            f"/odoo/account.payment/{payment.id}",
            "customer_wallet_refund_online_payment",
            login=staff.login,
            timeout=180,
        )
        self.assertKinds(200, 10)


class TestPayingOnlineToursOnPhone(TestPayingOnlineTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
