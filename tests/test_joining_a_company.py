from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestJoiningACompany(WalletCommon):
    """A customer whose wallet is empty becomes a contact of the company Shop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["res.partner"].create({"name": "Shop", "is_company": True})

    def _join(self, customer=None):
        customer = customer or self.customer
        customer.parent_id = self.shop
        self.assertEqual(customer.commercial_partner_id, self.shop)

    def _join_as_a_company_first(self, customer=None):
        """A daughter company has a wallet of its own until it is one no longer."""
        customer = customer or self.customer
        customer.write({"is_company": True, "parent_id": self.shop.id})
        self.assertEqual(customer.commercial_partner_id, customer)
        customer.is_company = False
        self.assertEqual(customer.commercial_partner_id, self.shop)

    def assertNothingDiffers(self):
        check = self.env["customer.wallet.check"]
        self.assertFalse(check._find_differences(self.env.companies))

    def _undo(self, invoice):
        self._unallocate(invoice)

    def test_what_the_wallet_has_paid_can_be_undone(self):
        def cancel(invoice):
            invoice.button_draft()
            invoice.button_cancel()

        self._top_up(20, partner_id=self.shop.id)
        balance = 20
        for join in (self._join, self._join_as_a_company_first):
            for undo in (
                self._undo,
                lambda invoice: invoice.line_ids.remove_move_reconcile(),
                cancel,
            ):
                with self.subTest(join=join.__name__, undo=undo.__name__):
                    customer = self.env["res.partner"].create({"name": "Badr Khalil"})
                    self._top_up(50, partner_id=customer.id)
                    invoice = self._invoice(50, partner_id=customer.id)
                    invoice.action_allocate_wallet()
                    entry = self._allocation_of(invoice)
                    join(customer)
                    self.assertBalance(balance, self._wallet(self.shop))
                    undo(invoice)
                    balance += 50
                    self.assertEntry(
                        entry.reversal_move_ids,
                        [(self.wallet_account, 0, 50), (self.receivable, 50, 0)],
                    )
                    self.assertBalance(balance, self._wallet(self.shop))
                    self.assertEqual(invoice.amount_residual, 50)
                    self.assertNothingDiffers()
        self._pay_out(balance, partner_id=self.shop.id)
        self.assertBalance(0, self._wallet(self.shop))

    def test_each_kind_of_money_has_paid_what_it_paid(self):
        for join in (self._join, self._join_as_a_company_first):
            with self.subTest(join=join.__name__):
                customer = self.env["res.partner"].create({"name": "Badr Khalil"})
                self._top_up(30, partner_id=customer.id)
                by_money = self._invoice(30, partner_id=customer.id)
                by_money.action_allocate_wallet()
                self._give_bonus(30, partner=customer)
                by_bonus = self._invoice(30, partner_id=customer.id)
                by_bonus.action_allocate_wallet()
                join(customer)
                wallet = self._wallet(self.shop)
                bonus = wallet.bonus_balance
                self._undo(by_money)
                self.assertEqual(wallet.bonus_balance, bonus)
                self._undo(by_bonus)
                self.assertEqual(wallet.bonus_balance, bonus + 30)
                self.assertNothingDiffers()

    def test_each_currency_apart(self):
        eur = self.env.ref("base.EUR")
        eur.active = True
        invoices = self.env["account.move"]
        for currency, amount in ((self.company.currency_id, 50), (eur, 70)):
            self._top_up(amount, currency_id=currency.id)
            invoices |= self._invoice(amount, currency_id=currency.id)
            invoices[-1].action_allocate_wallet()
        self._join_as_a_company_first()
        for invoice in invoices:
            self._undo(invoice)
        self.assertBalance(50, self._wallet(self.shop))
        self.assertBalance(70, self._wallet(self.shop, currency=eur))

    def test_each_company_apart(self):
        other_data = self.setup_other_company(name="Other company")
        other = other_data["company"]
        here = self._pay_and_spend(50)
        there = self._pay_and_spend(70, other)
        self._join_as_a_company_first()
        self._undo(here)
        self._undo(there)
        self.assertBalance(50, self._wallet(self.shop))
        self.assertBalance(70, self._wallet(self.shop, company=other))

    def _pay_and_spend(self, amount, company=None):
        company = company or self.company
        customer = self.customer.with_company(company)
        payment = (
            self.env["account.payment"]
            .with_company(company)
            .create({"partner_id": customer.id, "amount": amount, "is_wallet": True})
        )
        payment.action_post()
        invoice = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "invoice_date": fields.Date.today(),
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": amount, "tax_ids": []}
                        )
                    ],
                }
            )
        )
        invoice.action_post()
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.amount_residual, 0)
        return invoice

    def test_periods_that_are_locked_and_entries_that_are_secured(self):
        self.customer.write({"is_company": True, "parent_id": self.shop.id})
        self._top_up(50)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        entry = self._allocation_of(invoice)
        entry.journal_id.restrict_mode_hash_table = True
        entry.button_hash()
        self.assertTrue(entry.inalterable_hash)
        self.company.fiscalyear_lock_date = fields.Date.today()
        self.customer.is_company = False
        self.assertEqual(self.customer.commercial_partner_id, self.shop)
        self.assertEqual(entry.line_ids.wallet_id, self._wallet(self.shop))
        self.company.fiscalyear_lock_date = False
        self._undo(invoice)
        self.assertBalance(50, self._wallet(self.shop))
        self.assertNothingDiffers()

    def test_a_daughter_company_keeps_the_money_in_its_wallet(self):
        """It may be told to be one by either field that Odoo has for it."""
        self._top_up(50)
        self.customer.write({"company_type": "company", "parent_id": self.shop.id})
        self.assertEqual(self.customer.commercial_partner_id, self.customer)
        self.assertBalance(50)
        for person in ({"is_company": False}, {"company_type": "person"}):
            self.assertRefused(ValidationError, self.customer.write, person)
        self.assertNothingDiffers()

    def test_who_leaves_again_leaves_the_money_there(self):
        self._top_up(50)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        self._join_as_a_company_first()
        self.customer.parent_id = False
        self._undo(invoice)
        self.assertBalance(50, self._wallet(self.shop))
        self.assertNothingDiffers()

    def test_who_leaves_a_company_takes_nothing_of_its_wallet(self):
        """A contact has paid for it, as a bank statement or an accountant said."""
        john = self.env["res.partner"].create(
            {"name": "John", "parent_id": self.shop.id}
        )
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "payment_ref": "Transfer",
                "partner_id": john.id,
                "amount": 75,
            }
        )
        statement_line._seek_for_lines()[1].account_id = self.wallet_account
        expense = self.company_data["default_account_expense"]
        entry = self._enter((expense, 20, 0), (expense, 0, 20), partner=john)
        self.env["account.move.line"].create(
            [
                {
                    "move_id": entry.id,
                    "account_id": account.id,
                    "partner_id": john.id,
                    "balance": balance,
                }
                for account, balance in ((expense, 30), (self.wallet_account, -30))
            ]
        )
        top_up = self._top_up(10, partner_id=self.shop.id)
        top_up.move_id.line_ids.filtered("wallet_id").partner_id = john
        wallet = self._wallet(self.shop)
        self.assertBalance(115, wallet)
        self.assertEqual(wallet.line_ids.partner_id, self.shop)
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        john.parent_id = other
        self.assertBalance(115, wallet)
        self.assertFalse(self._wallet(other))
        self.assertNothingDiffers()
