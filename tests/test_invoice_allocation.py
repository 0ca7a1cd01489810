from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestInvoiceAllocation(WalletCommon):
    def test_one_click_pays_the_invoice(self):
        self._top_up(100)
        invoice = self._invoice(80)
        self.assertEqual(invoice.wallet_balance, 100)
        self.assertTrue(invoice.action_allocate_wallet())
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(invoice.amount_residual, 0)
        entry = self._allocation_of(invoice)
        self.assertEntry(
            entry, [(self.wallet_account, 80, 0), (self.receivable, 0, 80)]
        )
        self.assertEqual(entry.journal_id, self.company.wallet_journal_id)
        self.assertEqual(entry.journal_id.code, "WALL")
        self.assertEqual(entry.wallet_operation, "allocation")
        self.assertEqual(entry.line_ids.partner_id, self.customer)
        paid = entry.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertTrue(paid.reconciled)
        self.assertBalance(20)

    def test_cash_is_counted_once(self):
        """Cash was booked when it came in: the allocation is in no bank journal."""
        top_up = self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.assertNotIn(
            top_up.outstanding_account_id,
            self._allocation_of(invoice).line_ids.account_id,
        )

    def test_what_can_be_paid_is_paid(self):
        self._top_up(30)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(invoice.amount_residual, 50)
        self.assertBalance(0)
        self._top_up(70)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(20)

    def test_another_amount(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet(12.34)
        self.assertEqual(invoice.amount_residual, 67.66)
        self.assertBalance(87.66)

    def test_amounts_that_make_no_sense_are_refused(self):
        self._top_up(100)
        invoice = self._invoice(80)
        for amount, message in (
            (0, "greater than zero"),
            (-5, "greater than zero"),
            (0.001, r"paid in USD, such as .*0\.01"),
            (12.345, r"paid in USD, such as .*12\.3"),
        ):
            self.assertRefused(
                UserError, invoice.action_allocate_wallet, amount, message=message
            )
        self.assertRefused(
            UserError,
            invoice.action_allocate_wallet,
            80.01,
            message=r"Only .*80\.00 is due",
        )

    def test_numbers_that_are_none_are_refused(self):
        self._top_up(100)
        invoice = self._invoice(80)
        for amount in (float("nan"), float("inf"), "80", True, [], 10**400, 1e308):
            self.assertRefused(UserError, invoice.action_allocate_wallet, amount)

    def test_more_than_is_there_is_refused_in_words(self):
        self._top_up(50)
        invoice = self._invoice(80)
        self.assertRefused(
            UserError,
            invoice.action_allocate_wallet,
            60,
            message=r"Amal Haddad holds .*50\.00.*60\.00 was asked for",
        )

    def test_an_empty_wallet_and_no_wallet_are_refused_in_words(self):
        invoice = self._invoice(80)
        words = (
            r"wallet of Amal Haddad is empty: it holds .*0\.00, and .*{}\.00 is due on "
            rf"{invoice.name}. Top it up first"
        )
        self.assertRefused(
            UserError, invoice.action_allocate_wallet, message=words.format(80)
        )
        self._top_up(10)
        self._pay_out(10)
        for amount in (None, 10):
            self.assertRefused(
                UserError,
                invoice.action_allocate_wallet,
                amount,
                message=words.format(amount or 80),
            )

    def test_a_frozen_wallet_pays_nothing(self):
        self._top_up(100)
        self._wallet().action_freeze()
        invoice = self._invoice(80)
        self.assertEqual(invoice.wallet_balance, 0)
        self.assertRefused(UserError, invoice.action_allocate_wallet, message="frozen")
        self.assertRefused(
            UserError, invoice.action_allocate_wallet, 10, message="frozen"
        )

    def test_only_open_customer_documents_can_be_paid(self):
        self._top_up(100)
        draft = self._invoice(80, post=False)
        paid = self._invoice(10)
        paid.action_allocate_wallet()
        refund = self._invoice(10, move_type="out_refund")
        bill = self._invoice(10, move_type="in_invoice")
        entry = self._allocation_of(paid)
        for document in (draft, paid, refund, bill, entry):
            self.assertRefused(
                UserError,
                document.action_allocate_wallet,
                message="cannot be paid from a wallet",
            )

    def test_a_receipt_is_paid_like_an_invoice(self):
        self._top_up(100)
        receipt = self._invoice(80, move_type="out_receipt")
        receipt.action_allocate_wallet()
        self.assertEqual(receipt.payment_state, "paid")
        self.assertBalance(20)

    def test_the_wallet_never_pays_for_somebody_else(self):
        self._top_up(100)
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        invoice = self._invoice(80, partner_id=stranger.id)
        self.assertEqual(invoice.wallet_balance, 0)
        self.assertRefused(UserError, invoice.action_allocate_wallet)

    def test_the_oldest_money_is_used_first(self):
        top_ups = [self._top_up(30, date=f"2024-01-0{day}") for day in (3, 1, 2)]
        invoice = self._invoice(70)
        invoice.action_allocate_wallet()
        self.assertEqual([pay.wallet_residual for pay in top_ups], [20, 0, 0])
        self.assertEqual([pay.wallet_invoice_count for pay in top_ups], [1, 1, 1])
        self.assertBalance(20)

    def test_each_kind_of_money_is_one_item_however_it_came_in(self):
        for _number in range(40):
            self._top_up(1)
        self._give_bonus(5)
        self._give_bonus(7, expiry="2099-01-01")
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEntry(
            self._allocation_of(invoice),
            [
                (self.bonus_account, 7, 0),
                (self.bonus_account, 5, 0),
                (self.wallet_account, 38, 0),
                (self.receivable, 0, 50),
            ],
        )
        self.assertKinds(2, 0)

    def test_instalments_are_paid_oldest_due_first(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "Half now, half later",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50}),
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 60}
                    ),
                ],
            }
        )
        self._top_up(100)
        invoice = self._invoice(120, invoice_payment_term_id=terms.id)
        invoice.action_allocate_wallet(70)
        now, later = invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).sorted("date_maturity")
        self.assertEqual((now.amount_residual, later.amount_residual), (0, 50))
        self.assertEqual(len(invoice.wallet_widget["payments"]), 1)
        self.assertEqual(invoice.wallet_widget["payments"][0]["amount"], 70)
        invoice.action_unallocate_wallet(
            invoice.wallet_widget["payments"][0]["partial_id"]
        )
        self.assertEqual(invoice.amount_residual, 120)
        self.assertBalance(100)

    def test_the_early_payment_discount_is_granted(self):
        terms = self._discount_terms(early_pay_discount_computation="excluded")
        self._top_up(150)
        invoice = self._invoice(100, invoice_payment_term_id=terms.id)
        widget = invoice.wallet_widget
        self.assertEqual((widget["allocatable"], widget["discount"]), (98, 2))
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        loss = self.company.account_journal_early_pay_discount_loss_account_id
        self.assertEntry(
            self._allocation_of(invoice),
            [
                (self.wallet_account, 98, 0),
                (loss, 2, 0),
                (self.receivable, 0, 100),
            ],
        )
        self.assertEqual(invoice.wallet_widget["payments"][0]["amount"], 98)
        self.assertBalance(52)

    def test_the_discount_is_what_core_grants_with_its_tax(self):
        tax = self.company_data["default_tax_sale"]
        terms = self._discount_terms()
        self._top_up(500)
        by_wallet = self._invoice(100, taxes=tax, invoice_payment_term_id=terms.id)
        by_core = self._invoice(100, taxes=tax, invoice_payment_term_id=terms.id)
        by_wallet.action_allocate_wallet()
        payment = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=by_core.ids)
            .create({})
            ._create_payments()
        )
        entry = self._allocation_of(by_wallet)

        def rows(move):
            money = payment.outstanding_account_id | self.wallet_account
            return sorted(
                (
                    "money" if line.account_id in money else line.account_id.code,
                    line.balance,
                    tuple(line.tax_ids.ids),
                    line.tax_line_id.id,
                    tuple(line.tax_tag_ids.ids),
                )
                for line in move.line_ids
            )

        self.assertEqual(rows(entry), rows(payment.move_id))
        self.assertEqual(by_wallet.payment_state, "paid")

    def test_the_discount_is_not_granted_for_a_part_or_too_late(self):
        terms = self._discount_terms(early_pay_discount_computation="excluded")
        self._top_up(150)
        part = self._invoice(100, invoice_payment_term_id=terms.id)
        part.action_allocate_wallet(50)
        self.assertEqual(part.amount_residual, 50)
        self.assertEqual(part.wallet_widget["discount"], 0)
        late = self._invoice(
            100, invoice_payment_term_id=terms.id, invoice_date="2020-01-01"
        )
        self.assertEqual(late.wallet_widget["allocatable"], 100)
        late.action_allocate_wallet()
        self.assertEqual(late.payment_state, "paid")
        self.assertBalance(0)

    def test_the_discount_can_be_declined(self):
        terms = self._discount_terms(early_pay_discount_computation="excluded")
        self._top_up(150)
        invoice = self._invoice(100, invoice_payment_term_id=terms.id)
        invoice.action_allocate_wallet(100)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(50)

    def test_cash_basis_taxes_are_due_when_the_wallet_pays(self):
        self.company.tax_exigibility = True
        transition = self.company_data["default_account_tax_sale"].copy(
            {"reconcile": True}
        )
        tax = self.env["account.tax"].create(
            {
                "name": "Cash basis 10%",
                "amount": 10,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
                "invoice_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create(
                        {
                            "repartition_type": "tax",
                            "account_id": self.company_data[
                                "default_account_tax_sale"
                            ].id,
                        }
                    ),
                ],
            }
        )
        self._top_up(200)
        invoice = self._invoice(100, taxes=tax)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        cash_basis = invoice.tax_cash_basis_created_move_ids
        self.assertEqual(len(cash_basis), 1)
        due = cash_basis.line_ids.filtered(
            lambda line: (
                line.account_id == self.company_data["default_account_tax_sale"]
            )
        )
        self.assertEqual(due.balance, -10)
        partial = invoice._get_wallet_partials()
        invoice.action_unallocate_wallet(partial.id)
        self.assertEqual(
            sum(
                invoice.tax_cash_basis_created_move_ids.line_ids.filtered(
                    lambda line: line.account_id == due.account_id
                ).mapped("balance")
            ),
            0,
        )
        self.assertBalance(200)

    def test_the_section_shows_what_the_cashier_needs(self):
        self._top_up(100)
        invoice = self._invoice(80)
        widget = invoice.wallet_widget
        self.assertEqual(
            widget["partner"],
            {
                "id": self.customer.id,
                "name": "Amal Haddad",
                "phone": "+973 1700 0000",
                "email": "amal@example.com",
            },
        )
        self.assertEqual(widget["balance"], 100)
        self.assertEqual(widget["allocatable"], 80)
        self.assertTrue(widget["can_allocate"])
        self.assertEqual(widget["payments"], [])
        invoice.action_allocate_wallet(50)
        widget = invoice.wallet_widget
        self.assertEqual((widget["balance"], widget["residual"]), (50, 30))
        payment = widget["payments"][0]
        self.assertEqual(payment["amount"], 50)
        self.assertEqual(payment["date"], fields.Date.to_string(fields.Date.today()))
        self.assertEqual(payment["name"], self._allocation_of(invoice).name)

    def test_the_section_is_absent_when_there_is_nothing_to_show(self):
        self.assertFalse(self._invoice(80, post=False).wallet_widget)
        self._top_up(100)
        self.assertFalse(self._invoice(80, move_type="in_refund").wallet_widget)
        self.assertFalse(self._invoice(80, move_type="in_invoice").wallet_widget)
        paid = self._invoice(10)
        paid.action_allocate_wallet()
        self._unallocate(paid)
        self._pay_out(100)
        self._pay(10, is_wallet=False)
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.receivable.id), ("reconciled", "=", False)]
        )
        lines.reconcile()
        self.assertFalse(paid.wallet_widget)

    def test_the_balance_is_what_the_wallet_holds_whatever_may_be_spent(self):
        self._top_up(40)
        wallet = self._wallet()
        wallet.overdraft_limit = 50
        invoice = self._invoice(200)
        widget = invoice.wallet_widget
        self.assertEqual(
            (widget["balance"], widget["available"], widget["allocatable"]),
            (40, 90, 90),
        )
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.wallet_widget["balance"], -50)
        wallet.overdraft_limit = 100
        wallet.action_freeze()
        self.assertEqual(invoice.wallet_widget["available"], 0)

    def test_on_a_draft_only_the_balance_is_shown(self):
        self._top_up(100)
        widget = self._invoice(80, post=False).wallet_widget
        self.assertEqual(widget["state"], "draft")
        self.assertEqual(widget["balance"], 100)
        self.assertFalse(widget["can_allocate"])

    def test_the_stock_box_of_outstanding_credits_does_not_show_wallet_money(self):
        self._top_up(100)
        invoice = self._invoice(80)
        self.assertFalse(invoice.invoice_has_outstanding)

    def test_the_customer_pays_all_open_invoices(self):
        invoices = [
            self._invoice(40, invoice_date_due=due)
            for due in ("2029-03-01", "2029-01-01", "2029-02-01")
        ]
        self._top_up(100)
        notification = self.customer.action_allocate_wallet()
        self.assertEqual([i.amount_residual for i in invoices], [20, 0, 0])
        self.assertIn(invoices[1].name, notification["params"]["message"])
        self.assertBalance(0)
        self.assertRefused(UserError, self.customer.action_allocate_wallet)

    def test_the_money_may_run_out_between_two_invoices(self):
        invoices = [self._invoice(50) for _number in range(4)]
        self._top_up(100)
        self.env.invalidate_all()
        self.customer.action_allocate_wallet()
        self.assertEqual([i.amount_residual for i in invoices], [0, 0, 50, 50])
        self.assertBalance(0)

    def test_a_split_due_date_on_two_receivable_accounts(self):
        """Each account is paid on its own, none is mixed into the other."""
        other = self.receivable.copy()
        self._top_up(100)
        invoice = self._invoice(
            100,
            invoice_payment_term_id=self.env["account.payment.term"]
            .create(
                {
                    "name": "Two halves",
                    "line_ids": [
                        Command.create({"value": "percent", "value_amount": 50}),
                        Command.create(
                            {"value": "percent", "value_amount": 50, "nb_days": 60}
                        ),
                    ],
                }
            )
            .id,
            post=False,
        )
        invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).sorted("date_maturity")[1].account_id = other
        invoice.action_post()
        invoice.action_allocate_wallet(70)
        self.assertEqual(invoice.amount_residual, 30)
        self.assertEntry(
            self._allocation_of(invoice),
            [
                (self.wallet_account, 70, 0),
                (self.receivable, 0, 50),
                (other, 0, 20),
            ],
        )
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(0)
        widget = invoice.wallet_widget["payments"]
        self.assertEqual([payment["amount"] for payment in widget], [70, 30])
        invoice.action_unallocate_wallet(widget[0]["partial_id"])
        self.assertEqual(invoice.amount_residual, 70)
        self.assertBalance(70)
