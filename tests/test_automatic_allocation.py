from unittest.mock import patch

from psycopg2 import IntegrityError
from psycopg2.errors import SerializationFailure

from odoo import Command, fields
from odoo.exceptions import (
    AccessError,
    ConcurrencyError,
    RedirectWarning,
    UserError,
)
from odoo.tests import new_test_user, tagged

from .common import WalletCommon
from .till_common import TillWalletCommon

MODELS = "odoo.addons.customer_wallet.models"
SPENDER = f"{MODELS}.customer_wallet_spender_mixin"
PAY = f"{SPENDER}.CustomerWalletSpenderMixin._book_wallet_allocation"
DOCUMENTS_IN_ENTRY = f"{SPENDER}.DOCUMENTS_IN_ENTRY"
DOCUMENTS_IN_TURN = f"{MODELS}.customer_wallet_automation.DOCUMENTS_IN_ENTRY"


class AutomaticCommon(WalletCommon):
    def _notes(self, record):
        return " ".join(record.message_ids.mapped("body"))


@tagged("post_install", "-at_install")
class TestAutomaticAllocation(AutomaticCommon):
    """A confirmed invoice is paid when it is born, where that is wanted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.wallet_auto_allocate = True

    def test_off_by_default(self):
        company = self.env["res.company"].create({"name": "New Ltd"})
        self.assertFalse(company.wallet_auto_allocate)
        self.assertFalse(company.wallet_auto_allocate_incoming)
        self.company.wallet_auto_allocate = False
        self._top_up(100)
        self.assertEqual(self._invoice(80).payment_state, "not_paid")
        self.assertBalance(100)

    def test_a_confirmed_invoice_is_paid_at_once_and_says_so(self):
        self._top_up(100)
        invoice = self._invoice(80)
        self.assertEqual(invoice.payment_state, "paid")
        entry = self._allocation_of(invoice)
        self.assertEntry(
            entry, [(self.wallet_account, 80, 0), (self.receivable, 0, 80)]
        )
        notes = self._notes(invoice)
        self.assertRegex(notes, r"Paid automatically from the wallet: \$.*80\.00")
        self.assertIn(entry.name, notes)
        self.assertBalance(20)

    def test_what_can_be_paid_is_paid(self):
        self._top_up(30)
        invoice = self._invoice(80)
        self.assertEqual(invoice.amount_residual, 50)
        self.assertIn("30.00", self._notes(invoice))
        self.assertBalance(0)

    def test_an_empty_wallet_is_not_worth_a_word(self):
        without_wallet = self._invoice(10)
        self._top_up(10)
        self._pay_out(10)
        with_empty_wallet = self._invoice(10)
        for invoice in (without_wallet, with_empty_wallet):
            self.assertEqual(invoice.payment_state, "not_paid")
            self.assertNotIn("automatically", self._notes(invoice))

    def test_a_limit_below_zero_is_not_used_by_itself(self):
        self._top_up(30)
        self._wallet().overdraft_limit = 100
        self.assertEqual(self._invoice(80).amount_residual, 50)
        self.assertEqual(self._invoice(80).amount_residual, 80)
        self.assertBalance(0)

    def test_each_customer_may_have_it_otherwise(self):
        self._top_up(100)
        self.assertEqual(self.customer.wallet_auto_allocate, "company")
        self.customer.wallet_auto_allocate = "never"
        self.assertEqual(self._invoice(10).payment_state, "not_paid")
        self.company.wallet_auto_allocate = False
        self.customer.wallet_auto_allocate = "always"
        self.assertEqual(self._invoice(10).payment_state, "paid")
        self.customer.wallet_auto_allocate = "company"
        self.assertEqual(self._invoice(10).payment_state, "not_paid")

    def test_a_contact_does_as_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self._top_up(100)
        self.customer.wallet_auto_allocate = "never"
        invoice = self._invoice(10, partner_id=contact.id)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_branch_does_as_its_company(self):
        self.company.write({"child_ids": [Command.create({"name": "Branch"})]})
        branch = self.company.child_ids
        self.env.user.company_ids |= branch
        self.assertTrue(branch.wallet_auto_allocate)
        self.company.wallet_auto_allocate = False
        self.assertFalse(branch.wallet_auto_allocate)
        self.customer.wallet_auto_allocate = "always"
        in_branch = self.customer.with_company(branch)
        self.assertTrue(
            in_branch._is_wallet_auto_allocated(branch, "wallet_auto_allocate")
        )
        in_branch.wallet_auto_allocate = "never"
        self.assertFalse(
            in_branch._is_wallet_auto_allocated(branch, "wallet_auto_allocate")
        )

    def test_many_confirmed_at_once_are_paid_by_one_entry(self):
        self._top_up(100)
        invoices = self.env["account.move"].concat(
            *(self._invoice(30, post=False) for _number in range(4))
        )
        other = self.env["res.partner"].create({"name": "Omar"})
        self._top_up(5, partner_id=other.id)
        invoices |= self._invoice(7, post=False, partner_id=other.id)
        invoices.action_post()
        self.assertEqual(invoices.mapped("amount_residual"), [0, 0, 0, 20, 2])
        self.assertEqual(
            self._allocation_of(invoices[0]), self._allocation_of(invoices[3])
        )
        self.assertIn("10.00", self._notes(invoices[3]))

    def test_a_scheduled_invoice_is_paid_when_it_is_posted(self):
        self._top_up(100)
        invoice = self._invoice(
            80,
            post=False,
            invoice_date=fields.Date.add(fields.Date.today(), days=1),
            auto_post="at_date",
        )
        invoice._post()
        self.assertEqual(invoice.state, "draft")
        self.assertBalance(100)
        invoice.invoice_date = fields.Date.today()
        invoice._post()
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_receipt_too_but_no_other_document(self):
        self._top_up(100)
        receipt = self._invoice(10, move_type="out_receipt")
        self.assertEqual(receipt.payment_state, "paid")
        credit_note = self._invoice(10, move_type="out_refund")
        bill = self._invoice(10, move_type="in_invoice")
        self.assertEqual(
            (credit_note | bill).mapped("payment_state"), ["not_paid", "not_paid"]
        )
        self.assertBalance(90)

    def test_the_counterpart_of_a_credit_note_is_no_new_invoice(self):
        self._top_up(100)
        credit_note = self._invoice(10, move_type="out_refund")
        reversals = credit_note._reverse_moves() | credit_note._reverse_moves(
            cancel=True
        )
        reversals.filtered(lambda move: move.state == "draft").action_post()
        self.assertEqual(set(reversals.mapped("move_type")), {"out_invoice"})
        self.assertBalance(100)

    def test_an_invoice_that_is_confirmed_again_is_paid_again(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 50
        self.assertBalance(100)
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(50)

    def test_what_is_undone_stays_undone(self):
        self.company.wallet_auto_allocate_incoming = True
        self._top_up(100)
        invoice = self._invoice(80)
        self._unallocate(invoice)
        self.assertEqual(invoice.amount_residual, 80)
        self.assertBalance(100)

    # It never hinders confirming

    def test_a_frozen_wallet_does_not_hinder_confirming(self):
        self._top_up(100)
        self._wallet().action_freeze()
        invoice = self._invoice(80)
        self.assertEqual((invoice.state, invoice.amount_residual), ("posted", 80))
        self.assertRegex(
            self._notes(invoice), "Not paid automatically from the wallet: .* is frozen"
        )

    def test_whatever_is_refused_does_not_hinder_confirming(self):
        self._top_up(100)
        for error, message in (
            (UserError("closed period"), "closed period"),
            (AccessError("no right"), "no right"),
            (RedirectWarning("no account", 1, "Go there"), "wallet: no account"),
            (IntegrityError("null value"), "the database refused it"),
        ):
            with patch(PAY, side_effect=error):
                invoice = self._invoice(80)
            self.assertEqual(invoice.state, "posted")
            self.assertEqual(invoice.amount_residual, 80)
            self.assertIn(message, self._notes(invoice))
            self.assertBalance(100)

    def test_one_that_cannot_be_paid_does_not_hinder_the_others(self):
        self._top_up(100)
        invoices = self._invoice(30, post=False) | self._invoice(40, post=False)
        pay = type(self.env["account.move"])._book_wallet_allocation

        refusal = UserError("not this one")

        def refuse_first(documents, company, payments):
            if invoices[0] in (payment["document"] for payment in payments):
                raise refusal
            return pay(documents, company, payments)

        with patch(PAY, autospec=True, side_effect=refuse_first):
            invoices.action_post()
        self.assertEqual(invoices.mapped("amount_residual"), [30, 0])
        self.assertIn("not this one", self._notes(invoices[0]))
        self.assertIn("Paid automatically", self._notes(invoices[1]))
        self.assertBalance(60)

    def test_a_concurrent_spend_makes_odoo_try_again(self):
        self._top_up(100)
        for error in (SerializationFailure(), ConcurrencyError()):
            invoice = self._invoice(80, post=False)
            with (
                patch(PAY, side_effect=error),
                self.assertRaises(type(error)),
                self.env.cr.savepoint(),
            ):
                invoice.action_post()

    def test_the_rights_of_the_one_who_confirms_do_not_matter(self):
        self._top_up(100)
        biller = new_test_user(self.env, "biller_auto", "account.group_account_invoice")
        group = self.env.ref("customer_wallet.group_wallet_user")
        self.env.ref("account.group_account_invoice").implied_ids -= group
        biller.group_ids -= group
        self.assertFalse(biller.has_group("customer_wallet.group_wallet_user"))
        invoice = self._invoice(80, post=False)
        invoice.with_user(biller).action_post()
        self.assertEqual(invoice.payment_state, "paid")
        other = self._invoice(10, post=False)
        self.company.wallet_auto_allocate = False
        other.with_user(biller).action_post()
        self.assertRefused(AccessError, other.with_user(biller).action_allocate_wallet)

    def test_what_the_form_suggests_for_new_records_does_not_matter(self):
        self._top_up(100)
        invoice = self._invoice(80, post=False)
        invoice.with_context(
            default_move_type="out_invoice",
            default_partner_id=self.env["res.partner"].create({"name": "Omar"}).id,
            default_currency_id=self.env.ref("base.EUR").id,
            default_display_type="line_note",
        ).action_post()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(20)


@tagged("post_install", "-at_install")
class TestIncomingMoney(AutomaticCommon):
    """Money that comes into a wallet pays what is open, where that is wanted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.wallet_auto_allocate_incoming = True

    def test_off_by_default(self):
        self.company.wallet_auto_allocate_incoming = False
        invoice = self._invoice(80)
        self._top_up(100)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_top_up_pays_open_invoices_oldest_due_first(self):
        invoices = self.env["account.move"].concat(
            *(
                self._invoice(40, invoice_date_due=due)
                for due in ("2029-03-01", "2029-01-01", "2029-02-01")
            )
        )
        top_up = self._top_up(100)
        self.assertEqual(invoices.mapped("amount_residual"), [20, 0, 0])
        entry = self._allocation_of(invoices[0])
        self.assertEqual(self._allocation_of(invoices[1]), entry)
        self.assertIn("Paid automatically", self._notes(invoices[1]))
        self.assertIn("when this money came in", self._notes(top_up))
        self.assertIn(invoices[1].name, self._notes(top_up))
        self.assertEqual(top_up.wallet_residual, 0)
        self.assertBalance(0)

    def test_a_top_up_pays_by_as_many_entries_as_its_money_is_enough_for(self):
        invoices = self.env["account.move"].concat(
            *(self._invoice(40, invoice_date_due=f"2029-0{n}-01") for n in range(1, 8))
        )
        with patch(DOCUMENTS_IN_ENTRY, 2), patch(DOCUMENTS_IN_TURN, 2):
            top_up = self._top_up(100)
            self.assertEqual(
                invoices.mapped("amount_residual"), [0, 0, 20, 40, 40, 40, 40]
            )
            entries = [self._allocation_of(invoice) for invoice in invoices[:3]]
            self.assertEqual(entries[0], entries[1])
            self.assertEntry(
                entries[2], [(self.wallet_account, 20, 0), (self.receivable, 0, 20)]
            )
            self.assertEqual(self._notes(top_up).count("Paid automatically"), 2)
            self.assertNotIn("Not paid", self._notes(top_up))
            self.assertBalance(0)
            self._top_up(500)
        self.assertFalse(sum(invoices.mapped("amount_residual")))
        self.assertBalance(320)

    def test_an_overpayment_that_is_kept_pays_the_next_invoice(self):
        paid, other = self._invoice(100), self._invoice(30)
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=paid.ids)
            .create({"payment_difference_handling": "wallet", "amount": 150})
        )
        wizard.payment_difference_handling = "wallet"
        payment = wizard._create_payments()
        self.assertEqual(paid.amount_residual, 0)
        self.assertEqual(other.amount_residual, 0)
        self.assertIn("when this money came in", self._notes(payment))
        self.assertBalance(20)

    def test_each_customer_may_have_it_otherwise(self):
        invoice = self._invoice(80)
        self.customer.wallet_auto_allocate = "never"
        self._top_up(50)
        self.assertEqual(invoice.amount_residual, 80)
        self.company.wallet_auto_allocate_incoming = False
        self.customer.wallet_auto_allocate = "always"
        self._top_up(50)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(20)

    def test_only_the_wallet_into_which_money_came_pays(self):
        self.company.wallet_auto_allocate_incoming = False
        euro = self.env.ref("base.EUR")
        euro.active = True
        self._top_up(30, currency_id=euro.id)
        invoice = self._invoice(80)
        self.company.wallet_auto_allocate_incoming = True
        self._top_up(50)
        self.assertEqual(invoice.amount_residual, 30)
        self.assertBalance(30, self._wallet(currency=euro))

    def test_a_manual_entry_brings_money_too(self):
        invoice = self._invoice(80)
        expense = self.company_data["default_account_expense"]
        entry = self._enter((self.wallet_account, 0, 50), (expense, 50, 0))
        self.assertEqual(invoice.amount_residual, 30)
        self.assertIn("when this money came in", self._notes(entry))

    def test_a_payment_pays_its_own_document_first(self):
        """The part of a payment that goes to the wallet does not pay the document for
        which the payment itself has been made."""
        invoice = self._invoice(80)
        self._enter(
            (self.wallet_account, 0, 20),
            (self.receivable, 0, 80),
            (self.company_data["default_account_expense"], 100, 0),
        )
        self.assertEqual(invoice.amount_residual, 80)
        self.assertBalance(20)

    def test_a_frozen_wallet_takes_money_in_and_keeps_it(self):
        self._top_up(10)
        invoice = self._invoice(80)
        self._wallet().action_freeze()
        top_up = self._top_up(50)
        self.assertEqual(invoice.amount_residual, 80)
        self.assertRegex(self._notes(top_up), "Not paid automatically.* is frozen")
        self.assertBalance(60)

    def test_what_is_refused_does_not_hinder_the_top_up(self):
        invoice = self._invoice(80)
        with patch(PAY, side_effect=UserError("closed period")):
            top_up = self._top_up(50)
        self.assertEqual(invoice.amount_residual, 80)
        self.assertIn("closed period", self._notes(top_up))
        self.assertBalance(50)

    def test_a_top_up_that_has_paid_is_taken_back_after_an_undo(self):
        invoice = self._invoice(80)
        top_up = self._top_up(50)
        self.assertRefused(UserError, top_up.action_draft, message=invoice.name)
        self._unallocate(invoice)
        top_up.action_draft()
        self.assertBalance(0)


@tagged("post_install", "-at_install")
class TestAutomaticAtTheTill(TillWalletCommon):
    def setUp(self):
        super().setUp()
        self.open_new_session()

    def test_an_order_to_be_paid_later_is_paid_at_once(self):
        self.company.wallet_auto_allocate = True
        order = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        self.assertEqual(order.account_move.amount_residual, 0)
        self.assertEqual(order.wallet_amount, 100)
        self.assertBalance(400)
        self._close_session()
        self.assertTillIsClear()

    def test_an_order_paid_at_once_is_not_paid_again(self):
        self.company.wallet_auto_allocate = True
        order = self._sync(self._order_data([(self.cash_pm1, 100)], to_invoice=True))
        self.assertEqual(order.account_move.amount_residual, 0)
        self.assertBalance(500)
        self._close_session(counted_cash=100)
        self.assertTillIsClear()

    def test_what_the_cashier_took_from_the_wallet_comes_first(self):
        self.company.wallet_auto_allocate = True
        order = self._sync(
            self._order_data(
                [(self.wallet_pm, 450), (self.pay_later_pm, 250)], quantity=7
            )
        )
        self.assertEqual(order.account_move.amount_residual, 200)
        self.assertEqual(order.wallet_amount, 500)
        self.assertBalance(0)
        self._close_session()
        self.assertTillIsClear()

    def test_a_top_up_at_the_till_pays_what_is_open(self):
        order = self._sync(self._order_data([(self.pay_later_pm, 600)], quantity=6))
        self.company.wallet_auto_allocate_incoming = True
        top_up = self._sync(self._top_up_data(60))
        self.assertEqual(order.account_move.amount_residual, 40)
        self.assertIn(
            "when this money came in",
            " ".join(top_up.payment_ids.wallet_move_id.message_ids.mapped("body")),
        )
        self.assertBalance(0)
        self._close_session(counted_cash=60)
        self.assertTillIsClear()

    def test_a_refund_at_the_till_pays_what_is_open(self):
        sold = self._sync(self._order_data([(self.cash_pm1, 100)]))
        order = self._sync(self._order_data([(self.pay_later_pm, 300)], quantity=3))
        self.company.wallet_auto_allocate_incoming = True
        self._sync(self._refund_data(sold, [(self.wallet_pm, -100)]))
        self.assertEqual(order.account_move.amount_residual, 0)
        self.assertBalance(300)
        self._close_session(counted_cash=100)
        self.assertTillIsClear()
