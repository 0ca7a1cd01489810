from lxml import html

from odoo import Command, http
from odoo.tests import new_test_user, tagged

from ..controllers import open_invoices
from .online_common import PortalCommon


class OpenInvoicesCommon(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wallet_provider = cls.env["payment.provider"]._find_wallet_provider(
            cls.company
        )
        # Odoo's own tests begin with no way to pay.
        cls.wallet_provider.write({"state": "enabled", "is_published": True})
        cls._top_up(100)
        cls.invoices = cls.env["account.move"].concat(
            *(
                cls._invoice(amount, invoice_date_due=f"2029-01-0{number}")
                for number, amount in enumerate((30, 40, 50), 1)
            )
        )


@tagged("post_install", "-at_install")
class TestPortalOpenInvoices(OpenInvoicesCommon):
    """A customer pays several open invoices from the wallet at once."""

    def setUp(self):
        super().setUp()
        self._login("wallet_owner")

    def _rows(self, page):
        return self._text(page, ".o_wallet_open_invoices label")

    def _pay_chosen(self, invoices, **data):
        response = self._post(
            "/my/wallet/pay",
            wallet_id=data.pop("wallet_id", self._wallet().id),
            invoice_id=[str(move.id) for move in invoices],
            **data,
        )
        self.env.invalidate_all()
        return " ".join(self._text(response.text, ".o_wallet_message"))

    def _start_card(self, invoice):
        self._create_transaction(
            "redirect",
            reference="card",
            amount=invoice.amount_residual,
            partner_id=self.customer.id,
            invoice_ids=[Command.set(invoice.ids)],
            state="pending",
        )
        # The provider of these tests is no bank transfer.
        Transaction = self.registry["payment.transaction"]
        self.patch(Transaction, "_is_wallet_promise", lambda tx: False)

    def test_what_is_open_is_listed_and_chosen_as_far_as_the_money_goes(self):
        page = self._get("/my/wallet")
        self.assertEqual(
            self._rows(page),
            [
                f"{invoice.name} Due 01/0{number}/2029 $ {amount}.00"
                for number, (invoice, amount) in enumerate(
                    zip(self.invoices, (30, 40, 50), strict=True), 1
                )
            ],
        )
        chosen = html.fromstring(page).xpath("//input[@name='invoice_id'][@checked]")
        self.assertEqual(
            [box.get("value") for box in chosen],
            [str(invoice.id) for invoice in self.invoices[:2]],
        )

    def test_it_says_that_there_are_more(self):
        self.patch(open_invoices, "INVOICES_SHOWN", 2)
        page = self._get("/my/wallet")
        self.assertEqual(len(self._rows(page)), 2)
        self.assertTrue(self._text(page, ".o_wallet_more_invoices"))
        self.patch(open_invoices, "INVOICES_SHOWN", 3)
        self.assertFalse(self._text(self._get("/my/wallet"), ".o_wallet_more_invoices"))

    def test_what_a_card_is_paying_takes_no_place_of_others(self):
        """Nor are there more than are shown, when there is nothing else to pay."""
        self.patch(open_invoices, "INVOICES_SHOWN", 2)
        self._start_card(self.invoices[0])
        page = self._get("/my/wallet")
        self.assertEqual(
            [row.split(" Due")[0] for row in self._rows(page)],
            self.invoices[1:].mapped("name"),
        )
        self.assertFalse(self._text(page, ".o_wallet_more_invoices"))

    def test_what_is_chosen_is_paid_though_older_ones_have_come(self):
        self.patch(open_invoices, "INVOICES_SHOWN", 2)
        self._invoice(5, invoice_date_due="2028-01-01")
        self._pay_chosen(self.invoices[:2])
        self.assertEqual(self.invoices.mapped("amount_residual"), [0, 0, 50])
        self.assertBalance(30)

    def test_the_history_links_to_each_invoice_of_a_payment(self):
        self._pay_chosen(self.invoices[:2])
        page = html.fromstring(self._get("/my/wallet"))
        links = page.xpath("//*[contains(@class, 'o_wallet_history')]//a/@href")
        for invoice in self.invoices[:2]:
            self.assertIn(f"/my/invoices/{invoice.id}", links)

    def test_several_are_paid_by_one_payment(self):
        message = self._pay_chosen(self.invoices[:2])
        self.assertIn(self.invoices[0].name, message)
        self.assertEqual(self.invoices.mapped("amount_residual"), [0, 0, 50])
        payment = self.invoices[0].reconciled_payment_ids
        self.assertEqual(self.invoices[1].reconciled_payment_ids, payment)
        self.assertEntry(
            payment.move_id,
            [(self.wallet_account, 70, 0), (self.receivable, 0, 70)],
        )
        self.assertBalance(30)

    def test_more_than_there_is_pays_nothing(self):
        message = self._pay_chosen(self.invoices)
        self.assertIn("$ 100.00", message.replace("\xa0", " "))
        self.assertEqual(self.invoices.mapped("amount_residual"), [30, 40, 50])
        self.assertBalance(100)

    def test_sent_twice_it_pays_once(self):
        self._pay_chosen(self.invoices[:2])
        message = self._pay_chosen(self.invoices[:2])
        self.assertIn("still open", message)
        self.assertBalance(30)

    def test_a_double_click_is_told_what_was_paid(self):
        data = {
            "wallet_id": self._wallet().id,
            "invoice_id": str(self.invoices[0].id),
            "csrf_token": http.Request.csrf_token(self),
        }
        for _click in range(2):
            self.url_open("/my/wallet/pay", data=data, allow_redirects=False)
        page = self._get("/my/wallet")
        (message,) = self._text(page, ".o_wallet_message")
        self.assertIn(f"Paid from the wallet: {self.invoices[0].name}", message)

    def test_nothing_chosen_is_said(self):
        self.assertIn("Choose at least one", self._pay_chosen(self.invoices[:0]))

    def test_only_the_own_invoices_are_paid(self):
        of_stranger = self._invoice(10, partner_id=self.stranger.id)
        self.assertIn("Choose at least one", self._pay_chosen(of_stranger))
        self._pay_chosen(self.invoices[0] | of_stranger)
        self.assertEqual(of_stranger.amount_residual, 10)
        self.assertBalance(70)

    def test_the_wallet_of_another_is_not_found(self):
        self._top_up(10, partner_id=self.stranger.id)
        response = self._post(
            "/my/wallet/pay",
            wallet_id=self._wallet(self.stranger).id,
            invoice_id=str(self.invoices[0].id),
        )
        self.assertEqual(response.status_code, 404)
        self.assertEqual(self.invoices[0].amount_residual, 30)

    def test_a_contact_of_the_company_pays_too(self):
        self._login("wallet_colleague")
        self._pay_chosen(self.invoices[0])
        self.assertEqual(self.invoices[0].amount_residual, 0)

    def test_each_currency_and_each_discount_is_a_payment_of_its_own(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        term = self._discount_terms(discount_percentage=10)
        self._top_up(20, currency_id=euro.id)
        in_euro = self._invoice(20, currency_id=euro.id)
        early = self._invoice(50, invoice_payment_term_id=term.id)
        page = self._get("/my/wallet")
        self.assertTrue(any("$ 45.00" in row for row in self._rows(page)))
        self._pay_chosen(in_euro | early | self.invoices[0])
        paid = in_euro | early | self.invoices[0]
        self.assertEqual(set(paid.mapped("payment_state")), {"paid"})
        self.assertEqual(len(paid.reconciled_payment_ids), 3)
        self.assertBalance(25)
        self.assertBalance(0, self._wallet(currency=euro))

    def test_what_a_card_is_paying_is_not_offered(self):
        self._start_card(self.invoices[0])
        self.assertEqual(len(self._rows(self._get("/my/wallet"))), 2)

    def test_each_receivable_account_is_settled_by_a_payment_of_its_own(self):
        other = self.receivable.copy()
        elsewhere = self._invoice(20, post=False)
        elsewhere.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).account_id = other
        elsewhere.action_post()
        self._pay_chosen(self.invoices[0] | elsewhere)
        paid = self.invoices[0] | elsewhere
        self.assertEqual(paid.mapped("payment_state"), ["paid", "paid"])
        self.assertBalance(50)

    def test_of_several_payments_each_is_told(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self._top_up(20, currency_id=euro.id)
        in_euro = self._invoice(20, currency_id=euro.id)
        message = self._pay_chosen(in_euro | self._invoice(500))
        self.assertIn(f"Paid from the wallet: {in_euro.name}", message)
        self.assertIn("500.00", message)
        self.assertEqual(in_euro.payment_state, "paid")

    def test_what_the_shop_has_set_for_its_provider_counts(self):
        self.wallet_provider.maximum_amount = 35
        message = self._pay_chosen(self.invoices[1])
        self.assertIn("cannot be paid from the wallet here", message)
        self._pay_chosen(self.invoices[0])
        self.assertBalance(70)

    def test_what_is_captured_by_hand_is_reserved(self):
        self.wallet_provider.capture_manually = True
        self.assertIn("Reserved in the wallet", self._pay_chosen(self.invoices[0]))
        self.assertEqual(self.invoices[0].amount_residual, 30)
        self.assertEqual(self._wallet().held, 30)

    def test_an_employee_who_sees_no_invoices_sees_the_wallet(self):
        employee = new_test_user(
            self.env,
            "wallet_employee",
            "base.group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self._top_up(10, partner_id=employee.partner_id.id)
        self._invoice(5, partner_id=employee.partner_id.id)
        self._login("wallet_employee")
        self.assertEqual(self._rows(self._get("/my/wallet")), [])

    def test_an_empty_or_frozen_wallet_pays_nothing(self):
        self._wallet().action_freeze()
        page = self._get("/my/wallet")
        self.assertEqual(len(self._rows(page)), 3)
        self.assertNotIn("o_wallet_chosen_total", page)
        self.assertIn("frozen", self._pay_chosen(self.invoices[0]))
        self.assertBalance(100)

    def test_a_company_that_takes_no_wallets_online_offers_nothing(self):
        self.company.wallet_online_payment = False
        self.assertEqual(self._rows(self._get("/my/wallet")), [])
        self._pay_chosen(self.invoices[0])
        self.assertEqual(self.invoices[0].amount_residual, 30)

    def test_drafts_credit_notes_and_paid_ones_are_not_listed(self):
        self._invoice(5, post=False)
        self._invoice(5, move_type="out_refund")
        self.invoices[0].action_allocate_wallet()
        self.assertEqual(len(self._rows(self._get("/my/wallet"))), 2)


@tagged("post_install", "-at_install", "wallet_browser")
class TestPortalOpenInvoicesTour(OpenInvoicesCommon):
    browser_size = "1366x768"

    def test_two_of_three_invoices_are_paid_with_one_click(self):
        self.start_tour(
            "/my/wallet", "customer_wallet_open_invoices", login="wallet_owner"
        )
        self.assertEqual(self.invoices.mapped("amount_residual"), [0, 40, 0])
        self.assertBalance(20)


class TestPortalOpenInvoicesTourOnPhone(TestPortalOpenInvoicesTour):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
