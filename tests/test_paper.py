from datetime import date

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .online_common import PortalCommon
from .paper_common import INVOICE, RECEIPT, PaperCommon


@tagged("post_install", "-at_install")
class TestReceiptOnPaper(PaperCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-01 12:00:00"))

    def _receipt(self, payment):
        tree = self._print(RECEIPT, payment)
        has_invoices = bool(tree.xpath("//table[@name='invoices']"))
        self.assertEqual(has_invoices, not payment.is_wallet)
        return self._rows(tree, "//table[@name='wallet']//tr")

    def test_a_top_up_says_what_was_paid_given_and_is_there_then(self):
        self._promotion(validity_days=10)
        payment = self._top_up(100)
        expected = [
            "Paid into the wallet $ 100.00",
            "Bonus to be used by 03/11/2026 $ 10.00",
            "Balance of the wallet after that $ 110.00",
        ]
        self.assertEqual(self._receipt(payment), expected)
        # What is printed again later says the same.
        self._invoice(60).action_allocate_wallet()
        self.assertEqual(self._receipt(payment), expected)
        self.assertEqual(payment._get_wallet_receipt()["balance"], 50)

    def test_a_pay_out(self):
        self._top_up(100)
        self.assertEqual(
            self._receipt(self._pay_out(30)),
            [
                "Paid out of the wallet $ 30.00",
                "Balance of the wallet after that $ 70.00",
            ],
        )

    def test_what_a_payment_of_an_invoice_left_over(self):
        invoice = self._invoice(80)
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"amount": 100, "payment_difference_handling": "wallet"})
        )
        self.assertEqual(
            self._receipt(wizard._create_payments()),
            ["Kept in the wallet $ 20.00", "Balance of the wallet after that $ 20.00"],
        )

    def test_a_payment_that_is_none_of_a_wallet(self):
        self.assertEqual(self._receipt(self._top_up(100, is_wallet=False)), [])
        self.assertEqual(self._receipt(self._top_up(100, post=False)), [])


@tagged("post_install", "-at_install")
class TestInvoiceOnPaper(PaperCommon):
    """In March, 20 of bonus and 60 of the customer's money paid 80."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-01 12:00:00"))
        cls._top_up(100)
        cls._give_bonus(20, expiry=date(2026, 6, 30))
        cls.invoice = cls._invoice(80)
        cls.invoice.action_allocate_wallet()

    def _totals(self, document, user=None):
        tree = self._print(INVOICE, document, user)
        rows = self._rows(tree, "//table[contains(@class, 'o_total_table')]//tr")
        (paid,) = [index for index, row in enumerate(rows) if "Paid on" in row]
        return rows[paid:]

    def test_an_invoice_says_what_the_wallet_paid_and_what_is_left(self):
        self.assertEqual(
            self._totals(self.invoice),
            [
                "Paid on 03/01/2026 from the wallet $ 80.00",
                "Bonus used $ 20.00",
                "Amount Due $ 0.00",
                "Left in the wallet on 03/01/2026 $ 40.00",
            ],
        )

    def test_what_is_left_is_that_after_the_payment_whenever_it_is_printed(self):
        with freeze_time("2026-04-01 12:00:00"):
            self._top_up(500)
            self._give_bonus(7, expiry=date(2026, 6, 30))
            self.assertEqual(
                self._totals(self.invoice)[3:],
                [
                    "Left in the wallet on 03/01/2026 $ 40.00",
                    "Bonus on 04/01/2026, to be used by 06/30/2026 $ 7.00",
                ],
            )

    def test_each_of_several_invoices_says_its_own(self):
        invoices = self._invoice(10) | self._invoice(15)
        invoices._allocate_wallet()
        left = [self._totals(invoice)[-1] for invoice in invoices]
        self.assertEqual(
            left,
            [
                "Left in the wallet on 03/01/2026 $ 30.00",
                "Left in the wallet on 03/01/2026 $ 15.00",
            ],
        )

    def test_what_was_undone_is_not_said(self):
        self._unallocate(self.invoice)
        self.assertFalse(self.invoice._get_wallet_paper())
        text = self._print(INVOICE, self.invoice).text_content()
        self.assertNotIn("wallet", text)

    def test_a_credit_note_went_to_the_wallet(self):
        credit_note = self.invoice._reverse_moves()
        credit_note.action_post()
        credit_note.action_refund_to_wallet()
        self.assertEqual(
            self._totals(credit_note)[:4],
            [
                "Paid on 03/01/2026 to the wallet $ 80.00",
                "Bonus given back $ 20.00",
                "Amount Due $ 0.00",
                "Left in the wallet on 03/01/2026 $ 120.00",
            ],
        )

    def test_a_payment_of_the_bank_says_nothing_of_a_wallet(self):
        invoice = self._invoice(30)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertFalse(invoice._get_wallet_paper())
        self.assertNotIn("wallet", self._print(INVOICE, invoice).text_content())


@tagged("post_install", "-at_install")
class TestInvoiceOnPaperForVisitors(PortalCommon):
    def test_who_has_a_link_sees_what_was_paid_and_nothing_of_the_wallet(self):
        self._top_up(100)
        invoice = self._invoice(80, invoice_date=fields.Date.today())
        invoice.action_allocate_wallet()
        url = f"/my/invoices/{invoice.id}?report_type=html"
        self._login("wallet_owner")
        page = self._get(url)
        self.assertIn("from the wallet", page)
        self.assertIn("Left in the wallet", page)
        self.authenticate(None, None)
        page = self._get(f"{url}&access_token={invoice._portal_ensure_token()}")
        self.assertIn("from the wallet", page)
        self.assertNotIn("Left in the wallet", page)
