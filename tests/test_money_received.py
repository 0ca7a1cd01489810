from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestMoneyReceived(WalletCommon):
    """Odoo lets people choose the account of wallets on a line of an invoice."""

    def _lines(self, *items):
        """Of (account, price)"""
        return [
            Command.create(
                {"name": "Line", "account_id": account.id, "price_unit": price}
                | {"tax_ids": [Command.clear()]}
            )
            for account, price in items
        ]

    def test_an_invoice_fills_no_wallet(self):
        revenue = self.company_data["default_account_revenue"]
        self._give_bonus(100)
        for move_type, items in (
            ("out_invoice", [(self.wallet_account, 100)]),
            ("out_invoice", [(self.bonus_account, 100)]),
            ("out_receipt", [(self.wallet_account, 100)]),
            ("out_refund", [(revenue, 100), (self.wallet_account, -100)]),
        ):
            lines = self._lines(*items)
            document = self._invoice(
                0, post=False, move_type=move_type, invoice_line_ids=lines
            )
            self.assertRefused(
                UserError,
                document.action_post,
                message=r"filled by a payment.*100\.00.*wallet of Amal Haddad",
            )
        posted = self._invoice(100)
        self.assertRefused(
            UserError,
            posted.invoice_line_ids.write,
            {"account_id": self.wallet_account.id},
            message="filled by a payment",
        )
        posted.action_allocate_wallet()
        self.assertKinds(0, 0)
        self.assertEntry(posted, [(self.receivable, 100, 0), (revenue, 0, 100)])

    def test_neither_does_a_document_of_a_vendor(self):
        """What the customer, who also sells to us, owes back is not in the wallet."""
        expense = self.company_data["default_account_expense"]
        self._give_bonus(100)
        for move_type, items in (
            ("in_refund", [(self.wallet_account, 100)]),
            ("in_refund", [(self.bonus_account, 100)]),
            ("in_invoice", [(expense, 200), (self.wallet_account, -100)]),
            ("in_receipt", [(expense, 200), (self.wallet_account, -100)]),
        ):
            document = self._invoice(
                0,
                post=False,
                move_type=move_type,
                invoice_line_ids=self._lines(*items),
                invoice_date="2026-01-01",
            )
            self.assertRefused(
                UserError, document.action_post, message="filled by a payment"
            )
        self.assertKinds(0, 100)

    def test_a_bill_that_a_wallet_has_paid_gives_it_back_once(self):
        self._top_up(100)
        bill = self._invoice(
            0,
            move_type="in_invoice",
            invoice_line_ids=self._lines((self.wallet_account, 60)),
            invoice_date="2026-01-01",
        )
        self.assertKinds(40, 0)
        self._reverse(bill, to_wallet=False).action_post()
        self.assertKinds(100, 0)

    def test_what_an_invoice_took_comes_back_once(self):
        """A deposit that is subtracted on the invoice."""
        revenue = self.company_data["default_account_revenue"]
        self._top_up(100)
        lines = self._lines((revenue, 100), (self.wallet_account, -60))
        invoice = self._invoice(0, invoice_line_ids=lines)
        self.assertKinds(40, 0)
        credit_note = self._reverse(invoice, to_wallet=False)
        credit_note.action_post()
        self.assertEntry(
            credit_note,
            [
                (self.receivable, 0, 40),
                (self.wallet_account, 0, 60),
                (revenue, 100, 0),
            ],
        )
        self.assertKinds(100, 0)
        self.assertRefused(UserError, invoice.button_draft, message="was reversed by")
        second = self._reverse(invoice, to_wallet=False)
        self.assertRefused(UserError, second.action_post, message="filled by a payment")
        credit_note.button_draft()
        self.assertKinds(40, 0)
