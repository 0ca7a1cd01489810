from lxml import html

from odoo import http
from odoo.tests import tagged

from .test_paying_online import PayingOnlineCommon


class PayingPagesCommon(PayingOnlineCommon):
    def _get_form(self, url):
        response = self.url_open(url, timeout=60)
        self.assertEqual(response.status_code, 200)
        return html.fromstring(response.text)

    def _is_offered(self, page):
        return bool(page.xpath("//input[@data-provider-code='wallet']"))

    def _get_notice(self, page):
        return " ".join(page.xpath("//div[@name='o_wallet_notice']//text()")).strip()

    def _start_on_invoice(self, invoice, amount=None, **params):
        return self.make_jsonrpc_request(
            f"/invoice/transaction/{invoice.id}",
            {
                "provider_id": self.wallet_provider.id,
                "payment_method_id": self.wallet_method.id,
                "token_id": None,
                "amount": amount or invoice.amount_residual,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": invoice.get_portal_url(),
                "is_validation": False,
                "access_token": invoice._portal_ensure_token(),
                **params,
            },
            timeout=60,
        )

    def _submit(self, reference, csrf=True):
        """What the form does to which Odoo sends the customer."""
        token = http.Request.csrf_token(self) if csrf else "0"
        return self.url_open(
            "/payment/wallet/pay",
            data={"reference": reference, "csrf_token": token},
            timeout=60,
            allow_redirects=False,
        )


@tagged("post_install", "-at_install")
class TestPayingOnlinePages(PayingPagesCommon):
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

    def test_a_short_wallet_says_why_and_offers_to_top_up(self):
        invoice = self._invoice(201)
        self._login("wallet_owner")
        page = self._get_form(f"/my/invoices/{invoice.id}")
        self.assertFalse(self._is_offered(page))
        notice = self._get_notice(page)
        self.assertIn("200.00", notice)
        self.assertIn("201.00", notice)
        self.assertTrue(page.xpath("//a[@href='/my/wallet/top_up']"))

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
        invoices = self.env["account.move"]
        for amount in (80, 40):
            invoices |= self._invoice(
                amount, invoice_date="2020-01-01", invoice_date_due="2020-01-31"
            )
        self._login("wallet_owner")
        page = self._get_form("/my/invoices/overdue")
        self.assertTrue(self._is_offered(page))

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
        self.assertIn("Online payment", page)
        self.assertIn(invoice.name, page)


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


class TestPayingOnlineToursOnPhone(TestPayingOnlineTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
