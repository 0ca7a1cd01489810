from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestTopUpAndPayOut(WalletCommon):
    def test_a_received_payment_fills_the_wallet(self):
        payment = self._top_up(100)
        self.assertEntry(
            payment.move_id,
            [
                (payment.outstanding_account_id, 100, 0),
                (self.wallet_account, 0, 100),
            ],
        )
        self.assertBalance(100)
        self.assertEqual(payment.move_id.wallet_operation, "top_up")
        self.assertEqual(payment.wallet_id, self._wallet())
        self.assertEqual(payment.wallet_residual, 100)
        self.assertEqual(
            payment.move_id.line_ids.filtered("wallet_id").wallet_lot_type, "paid"
        )

    def test_a_sent_payment_pays_out_of_the_wallet(self):
        top_up = self._top_up(100)
        pay_out = self._pay_out(30)
        self.assertEntry(
            pay_out.move_id,
            [
                (self.wallet_account, 30, 0),
                (pay_out.outstanding_account_id, 0, 30),
            ],
        )
        self.assertBalance(70)
        self.assertEqual(top_up.wallet_residual, 70)
        self.assertEqual(pay_out.move_id.wallet_operation, "pay_out")

    def test_a_pay_out_of_more_than_is_there_is_refused_in_words(self):
        self._top_up(100)
        pay_out = self._pay_out(100.01, post=False)
        self.assertRefused(
            UserError,
            pay_out.action_post,
            message=r"Amal Haddad holds .*100\.00.*100\.01 is needed",
        )
        self.assertEqual(pay_out.state, "draft")

    def test_an_amount_that_is_none_is_refused(self):
        """Nor is one so large that the balance would not be exact any more."""
        top_up = self._top_up(10, post=False)
        for amount in (float("nan"), float("inf"), "ten", 1e308, 10**400, 1e16, 1e14):
            for action, vals in (
                (self._top_up, (amount,)),
                (self._pay_out, (amount,)),
                (top_up.write, ({"amount": amount},)),
            ):
                self.assertRefused(UserError, action, *vals, message="valid amount")
        top_up.action_post()
        self.assertBalance(10)
        # Elsewhere Odoo says what it takes.
        self.assertTrue(self._pay(1e14, is_wallet=False, post=False))

    def test_a_pay_out_without_a_wallet_is_refused(self):
        pay_out = self._pay_out(5, post=False)
        self.assertRefused(UserError, pay_out.action_post, message="has no wallet")

    def test_a_wallet_payment_needs_a_customer(self):
        payment = self._pay(10, post=False, partner_id=False)
        self.assertRefused(
            UserError, payment.action_post, message="Choose the customer"
        )

    def test_pay_outs_use_the_oldest_money_first(self):
        first = self._top_up(40, date="2024-01-01")
        second = self._top_up(40, date="2024-01-02")
        self._pay_out(50)
        self.assertEqual(first.wallet_residual, 0)
        self.assertEqual(second.wallet_residual, 30)
        self.assertBalance(30)

    def test_the_switch_is_on_in_customer_payments_only(self):
        Payment = self.env["account.payment"]
        menu = self.env.ref("account.action_account_payments")
        context = dict(
            self.env["ir.actions.act_window"].browse(menu.id)._get_action_dict()
        )
        self.assertIn("wallet_payment", context["context"])
        in_menu = Payment.with_context(
            wallet_payment=True, default_partner_type="customer"
        )
        self.assertTrue(Form(in_menu).is_wallet)
        self.assertFalse(
            Payment.create({"partner_id": self.customer.id, "amount": 1}).is_wallet
        )
        self.company.wallet_payment_default = False
        self.assertFalse(Form(in_menu).is_wallet)

    def test_register_payment_does_not_use_the_wallet(self):
        invoice = self._invoice(100)
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        payment = wizard.create({})._create_payments()
        self.assertFalse(payment.is_wallet)
        self.assertEqual(payment.destination_account_id, self.receivable)
        self.assertFalse(self._wallet())

    def test_a_vendor_payment_has_no_wallet(self):
        payment = self._pay(10, post=False, partner_type="supplier")
        self.assertFalse(payment.is_wallet)

    def test_switched_off_the_payment_goes_to_the_receivable_account(self):
        payment = self._pay(10, post=False)
        payment.is_wallet = False
        payment.action_post()
        self.assertFalse(self._wallet())
        self.assertEqual(
            payment.move_id.line_ids.account_id,
            payment.outstanding_account_id | self.receivable,
        )
        self.assertFalse(payment.move_id.wallet_operation)

    def test_the_switch_still_works_after_reset_to_draft(self):
        payment = self._top_up(10)
        payment.action_draft()
        self.assertBalance(0)
        payment.is_wallet = False
        payment.action_post()
        self.assertBalance(0)
        self.assertIn(self.receivable, payment.move_id.line_ids.account_id)
        payment.action_draft()
        payment.is_wallet = True
        payment.action_post()
        self.assertBalance(10)

    def test_the_form_shows_contact_and_balance_before_and_after(self):
        self._top_up(100)
        payment = self._pay_out(30, post=False)
        self.assertEqual(payment.partner_phone, self.customer.phone)
        self.assertEqual(payment.partner_email, self.customer.email)
        self.assertEqual(payment.wallet_balance, 100)
        self.assertEqual(payment.wallet_balance_after, 70)
        payment.action_post()
        self.assertEqual(payment.wallet_balance, 70)
        self.assertEqual(payment.wallet_balance_after, 70)

    def test_the_form_follows_what_is_typed(self):
        self._top_up(100)
        form = Form(
            self.env["account.payment"].with_context(
                wallet_payment=True,
                default_partner_type="customer",
                default_payment_type="inbound",
            )
        )
        form.partner_id = self.customer
        form.amount = 25
        self.assertEqual(form.wallet_balance, 100)
        self.assertEqual(form.wallet_balance_after, 125)
        form.payment_type = "outbound"
        self.assertEqual(form.wallet_balance_after, 75)

    def test_resetting_a_top_up_takes_the_money_back(self):
        payment = self._top_up(100)
        payment.action_draft()
        self.assertBalance(0)
        payment.amount = 60
        payment.action_post()
        self.assertBalance(60)
        self.assertEqual(payment.wallet_residual, 60)

    def test_a_draft_may_become_a_pay_out(self):
        self._top_up(100)
        payment = self._top_up(20)
        payment.action_draft()
        payment.payment_type = "outbound"
        payment.action_post()
        self.assertBalance(80)
        self.assertEqual(payment.move_id.wallet_operation, "pay_out")

    def test_a_spent_top_up_cannot_be_reset_cancelled_or_deleted(self):
        payment = self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        for action in (payment.action_draft, payment.action_cancel, payment.unlink):
            self.assertRefused(
                UserError, action, message=rf"cannot be taken back.*{invoice.name}"
            )
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(20)

    def test_a_spent_top_up_can_be_reset_when_other_money_covers_it(self):
        first = self._top_up(100, date="2024-01-01")
        second = self._top_up(100, date="2024-01-02")
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.assertEqual((first.wallet_residual, second.wallet_residual), (20, 100))
        self.assertFalse(second.wallet_invoice_ids)
        first.action_draft()
        self.assertBalance(20)
        # What is left of it is asked when somebody looks.
        self.env.invalidate_all()
        self.assertEqual(second.wallet_residual, 20)
        self.assertEqual(second.wallet_invoice_ids, invoice)
        self.assertEqual(invoice.payment_state, "paid")

    def test_cancelling_and_deleting_an_unspent_top_up(self):
        cancelled, deleted = self._top_up(100), self._top_up(50)
        cancelled.action_cancel()
        self.assertBalance(50)
        deleted.unlink()
        self.assertBalance(0)

    def test_a_pay_out_that_is_reset_brings_the_money_back(self):
        top_up = self._top_up(100)
        pay_out = self._pay_out(30)
        pay_out.action_draft()
        self.assertBalance(100)
        self.assertEqual(top_up.wallet_residual, 100)

    def test_a_duplicate_is_a_new_top_up(self):
        payment = self._top_up(100)
        duplicate = payment.copy()
        self.assertTrue(duplicate.is_wallet)
        self.assertFalse(duplicate.move_id)
        self.assertBalance(100)
        duplicate.action_post()
        self.assertBalance(200)

    def test_an_entry_is_made_also_without_an_outstanding_account(self):
        """Odoo Enterprise waits for the bank statement; a wallet cannot."""
        self.bank_journal.inbound_payment_method_line_ids.payment_account_id = False
        self.bank_journal.outbound_payment_method_line_ids.payment_account_id = False
        enterprise = patch.object(
            type(self.env["account.move"]),
            "_get_invoice_in_payment_state",
            lambda self: "in_payment",
        )
        with enterprise:
            ordinary = self.env["account.payment"].create(
                {"partner_id": self.customer.id, "amount": 10}
            )
            ordinary.action_post()
            self.assertFalse(ordinary.move_id)
            payment = self._top_up(100)
            self.assertEqual(payment.move_id.state, "posted")
            self.assertBalance(100)
            self._pay_out(40)
            self.assertBalance(60)

    def test_there_is_no_upper_limit(self):
        self._top_up(10**12)
        self._top_up(10**12)
        self.assertBalance(2 * 10**12)
        self._pay_out(10**12 + 0.01)
        self.assertBalance(10**12 - 0.01)

    def test_a_top_up_says_what_is_left_and_what_it_paid(self):
        payment = self._top_up(100)
        invoices = self._invoice(30) | self._invoice(20)
        for invoice in invoices:
            invoice.action_allocate_wallet()
        self.assertEqual(payment.wallet_residual, 50)
        self.assertEqual(payment.wallet_invoice_ids, invoices)
        self.assertEqual(payment.wallet_invoice_count, 2)
        self.assertEqual(
            payment.action_view_wallet_invoices()["domain"],
            [("id", "in", invoices.ids)],
        )

    def test_allocate_on_a_top_up_pays_the_oldest_due_first(self):
        late = self._invoice(60, invoice_date_due="2030-01-01")
        early = self._invoice(60, invoice_date_due="2029-01-01")
        payment = self._top_up(100)
        payment.action_allocate_wallet()
        self.assertEqual(early.payment_state, "paid")
        self.assertEqual(late.amount_residual, 20)
        self.assertBalance(0)

    def test_allocate_before_confirming_is_refused(self):
        self._invoice(60)
        payment = self._pay(100, post=False)
        self.assertRefused(UserError, payment.action_allocate_wallet)

    def test_allocate_without_open_invoices_is_refused_in_words(self):
        payment = self._top_up(100)
        self.assertRefused(
            UserError, payment.action_allocate_wallet, message="no open invoices"
        )

    def test_nothing_leaves_a_frozen_wallet_but_money_comes_in(self):
        self._top_up(100)
        self._wallet().action_freeze()
        pay_out = self._pay_out(10, post=False)
        self.assertRefused(UserError, pay_out.action_post, message="frozen")
        self._top_up(50)
        self.assertBalance(150)
        self._wallet().action_unfreeze()
        pay_out.action_post()
        self.assertBalance(140)

    def test_a_limit_below_zero_lets_the_customer_go_there_and_not_further(self):
        self._top_up(100)
        self._wallet().overdraft_limit = 50
        self._pay_out(150)
        self.assertBalance(-50)
        pay_out = self._pay_out(1, post=False)
        self.assertRefused(UserError, pay_out.action_post)
        self.assertRefused(
            ValidationError,
            self._wallet().write,
            {"overdraft_limit": 10},
            message=r"owes .*50\.00",
        )
        self.assertRefused(
            ValidationError,
            self._wallet().write,
            {"overdraft_limit": -10},
            message="positive amount",
        )
        top_up = self._top_up(70)
        self.assertBalance(20)
        self.assertEqual(top_up.wallet_residual, 20)

    def test_a_wallet_payment_confirmed_from_a_list_is_checked_too(self):
        self._top_up(10)
        payments = self._pay_out(8, post=False) | self._pay_out(8, post=False)
        self.assertRefused(UserError, payments.action_post)

    def test_an_imported_payment_counts(self):
        fields = ["partner_id/.id", "amount", "is_wallet", "payment_type"]
        result = self.env["account.payment"].load(
            fields, [[str(self.customer.id), "12.5", "True", "inbound"]]
        )
        payment = self.env["account.payment"].browse(result["ids"])
        payment.action_post()
        self.assertBalance(12.5)

    def test_a_write_off_on_a_wallet_payment_is_not_wallet_money(self):
        expense = self.company_data["default_account_expense"]
        payment = self._pay(
            100,
            post=False,
            write_off_line_vals=[
                {
                    "name": "Bank fee",
                    "account_id": expense.id,
                    "partner_id": self.customer.id,
                    "currency_id": self.company.currency_id.id,
                    "amount_currency": 2.0,
                    "balance": 2.0,
                }
            ],
        )
        payment.action_post()
        self.assertEntry(
            payment.move_id,
            [
                (payment.outstanding_account_id, 100, 0),
                (expense, 2, 0),
                (self.wallet_account, 0, 102),
            ],
        )
        self.assertBalance(102)
        payment.action_draft()
        payment.amount = 50
        payment.action_post()
        self.assertBalance(52)

    def test_the_wallet_account_is_explained_when_missing(self):
        payment = self._pay(10, post=False)
        self.company.wallet_account_id = False
        self.assertRefused(
            UserError, payment.action_post, message="Settings > Invoicing"
        )

    def test_cash_taken_over_the_counter_of_the_office(self):
        cash = self.company_data["default_journal_cash"]
        payment = self._top_up(15, journal_id=cash.id)
        self.assertEqual(payment.journal_id, cash)
        self.assertBalance(15)

    def test_two_top_ups_in_one_click(self):
        payments = self._pay(10, post=False) | self._pay(15, post=False)
        payments.action_post()
        self.assertBalance(25)

    def test_money_of_two_customers_stays_apart(self):
        other = self.env["res.partner"].create({"name": "Omar"})
        self._top_up(10)
        self._top_up(20, partner_id=other.id)
        self.assertBalance(10)
        self.assertBalance(20, self._wallet(other))

    def test_contacts_share_the_wallet_of_their_company(self):
        shop = self.env["res.partner"].create({"name": "Shop", "is_company": True})
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": shop.id})
        self._top_up(10, partner_id=buyer.id)
        self._top_up(20, partner_id=shop.id)
        self.assertBalance(30, self._wallet(shop))
        self.assertEqual(self._wallet(buyer), self._wallet(shop))
        self.assertEqual(buyer.wallet_balance, 30)
        invoice = self._invoice(25, partner_id=buyer.id)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(5, self._wallet(shop))

    def test_the_money_stays_with_the_company_when_a_contact_leaves(self):
        shop = self.env["res.partner"].create({"name": "Shop", "is_company": True})
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": shop.id})
        self._top_up(10, partner_id=buyer.id)
        buyer.parent_id = False
        self.assertBalance(10, self._wallet(shop))
        self.assertFalse(self._wallet(buyer))

    def test_who_has_money_does_not_become_a_mere_contact(self):
        shop = self.env["res.partner"].create({"name": "Shop", "is_company": True})
        self._top_up(10)
        self.assertRefused(
            ValidationError,
            self.customer.write,
            {"parent_id": shop.id},
            message=r"has .*10\.00 in a wallet of its own",
        )
        self._pay_out(10)
        self.customer.parent_id = shop

    def test_a_rejected_payment_leaves_no_money_in_the_wallet(self):
        payment = self._top_up(10)
        self.assertRefused(UserError, payment.action_reject, message="Cancel")
        self.assertRefused(
            UserError, payment.write, {"state": "rejected"}, message="Cancel"
        )

    def test_a_vendor_payment_cannot_be_switched_on(self):
        payment = self._pay(10, post=False, partner_type="supplier")
        self.assertRefused(UserError, payment.write, {"is_wallet": True})

    def test_a_wallet_payment_meets_the_wallet_account(self):
        payment = self._pay(10, post=False)
        payment.destination_account_id = self.receivable
        payment.action_post()
        self.assertBalance(10)

    def test_the_switch_of_a_confirmed_payment_is_not_changed(self):
        payment = self._top_up(10)
        self.assertRefused(UserError, payment.write, {"is_wallet": False})

    def test_a_confirmed_payment_says_what_its_entry_says(self):
        """Odoo lets programs write one, and leaves its entry as it is."""
        other = self.env["res.partner"].create({"name": "Omar"})
        eur = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        payments = self._top_up(100) | self._pay_out(20)
        for payment in payments:
            entry = payment.move_id
            other_type = {"inbound": "outbound", "outbound": "inbound"}
            for values in (
                {"amount": 1000},
                {"payment_type": other_type[payment.payment_type]},
                {"partner_type": "supplier"},
                {"currency_id": eur.id},
                {"partner_id": other.id},
                {"date": "2020-01-01"},
            ):
                self.assertRefused(
                    UserError, payment.write, values, message="Reset it to draft"
                )
            payment.write({"amount": payment.amount, "memo": "As before"})
            operation = "top_up" if payment.payment_type == "inbound" else "pay_out"
            self.assertEqual(entry.wallet_operation, operation)
        self.assertBalance(80)
        payments[1].action_draft()
        payments[1].amount = 50
        payments[1].action_post()
        self.assertBalance(50)

    def test_a_manual_entry_line_by_line(self):
        expense = self.company_data["default_account_expense"]
        move = self._enter((self.wallet_account, 0, 12), (expense, 12, 0), post=False)
        self.assertFalse(self._wallet())
        move.action_post()
        self.assertBalance(12)

    def test_a_confirmed_top_up_does_not_move_to_a_day_to_come(self):
        """As a program may write it."""
        entry = self._top_up(100).move_id.with_context(skip_readonly_check=True)
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        self.assertRefused(
            UserError, entry.write, {"date": tomorrow}, message="after today"
        )
        self.assertBalance(100)

    def test_a_confirmed_payment_keeps_its_entry(self):
        """Confirmed once more, it would make another."""
        top_up = self._top_up(100)
        entry = top_up.move_id
        for values in ({"move_id": False}, {"move_id": False, "state": "draft"}):
            self.assertRefused(
                UserError, top_up.write, values, message="stays in the books"
            )
        self.assertEqual(top_up.move_id, entry)
        self.assertBalance(100)
