from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import WalletCommon

CONTENTS = "odoo.addons.customer_wallet.models.customer_wallet_contents"


@tagged("post_install", "-at_install")
class TestLedger(WalletCommon):
    """Any way into the ledger counts, and none can overdraw."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.company_data["default_account_expense"]
        cls.misc = cls.company_data["default_journal_misc"]

    def _entry(self, amount, partner=None, account=None, post=True, **vals):
        """A manual entry that credits (or, below zero, debits) the wallet account."""
        partner = self.customer if partner is None else partner
        wallet_line = {
            "account_id": (account or self.wallet_account).id,
            "partner_id": partner.id,
            "balance": -amount,
        }
        move = self.env["account.move"].create(
            {
                "journal_id": self.misc.id,
                "line_ids": [
                    Command.create(wallet_line),
                    Command.create({"account_id": self.expense.id, "balance": amount}),
                ],
                **vals,
            }
        )
        if post:
            move.action_post()
        return move

    def _wallet_line(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id == self.wallet_account
        )

    def test_a_manual_entry_fills_and_uses_the_wallet(self):
        item = self._wallet_line(self._entry(100))
        self.assertBalance(100)
        self.assertEqual(item.wallet_lot_type, "paid")
        self._entry(-30)
        self.assertKinds(70, 0)

    def test_the_account_says_which_kind_of_money_it_is(self):
        entry = self._entry(100, account=self.bonus_account)
        item = entry.line_ids.filtered("wallet_id")
        self.assertEqual(item.wallet_lot_type, "bonus")
        self.assertKinds(0, 100)
        self._entry(-30, account=self.bonus_account)
        self.assertKinds(0, 70)
        self._entry(50)
        entry = self._entry(-70.01, account=self.bonus_account, post=False)
        self.assertRefused(
            ValidationError,
            entry.action_post,
            message=r"Amal Haddad holds .*70\.00 of bonus, but .*70\.01 is needed",
        )

    def test_a_manual_entry_cannot_overdraw(self):
        self._entry(100)
        entry = self._entry(-100.01, post=False)
        self.assertRefused(
            ValidationError,
            entry.action_post,
            message=r"Amal Haddad holds .*100\.00.*100\.01 is needed",
        )

    def test_a_manual_entry_cannot_take_from_a_frozen_wallet(self):
        self._entry(100)
        self._wallet().action_freeze()
        entry = self._entry(-10, post=False)
        self.assertRefused(ValidationError, entry.action_post, message="frozen")

    def test_a_wallet_that_was_never_summed_is_under_the_law_as_well(self):
        wallet = self.env["customer.wallet"]._find_or_create(
            self.customer, self.company, self.company.currency_id
        )
        wallet.write({"overdraft_limit": 50, "state": "frozen"})
        entry = self._entry(-10, post=False)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_wallet SET balance = NULL WHERE id = %s", [wallet.id]
        )
        self.env.invalidate_all()
        self.assertRefused(ValidationError, entry.action_post, message="frozen")
        wallet.state = "open"
        entry.action_post()
        self.assertBalance(-10)
        self.assertLedgerAgrees()

    def test_a_manual_entry_needs_a_customer(self):
        entry = self._entry(100, partner=self.env["res.partner"], post=False)
        self.assertRefused(
            ValidationError,
            entry.action_post,
            message="Choose a customer on every line",
        )

    def test_a_customer_cannot_be_taken_off_a_posted_line(self):
        line = self._wallet_line(self._entry(100))
        self.assertRefused(UserError, line.write, {"partner_id": False})
        self.assertBalance(100)

    def test_unposting_deleting_and_posting_again(self):
        entry = self._entry(100)
        entry.button_draft()
        self.assertBalance(0)
        entry.action_post()
        self.assertBalance(100)
        entry.button_draft()
        entry.unlink()
        self.assertBalance(0)

    def test_spent_money_of_a_manual_entry_cannot_be_unposted(self):
        entry = self._entry(100)
        self._pay_out(60)
        self.assertRefused(
            ValidationError, entry.button_draft, message=r"40\.00.*100\.00"
        )
        self.assertRefused(ValidationError, entry.button_cancel)

    def test_a_line_that_changes_its_customer_changes_the_wallet(self):
        other = self.env["res.partner"].create({"name": "Omar"})
        line = self._wallet_line(self._entry(100))
        line.partner_id = other
        self.assertEqual(line.wallet_id, self._wallet(other))
        self.assertBalance(0)
        self.assertBalance(100, self._wallet(other))

    def test_spent_money_cannot_change_its_customer(self):
        other = self.env["res.partner"].create({"name": "Omar"})
        line = self._wallet_line(self._entry(100))
        self._pay_out(60)
        self.assertRefused(ValidationError, line.write, {"partner_id": other.id})

    def test_a_line_that_leaves_the_account_leaves_the_wallet(self):
        line = self._wallet_line(self._entry(100))
        line.account_id = self.company_data["default_account_payable"].copy()
        self.assertFalse(line.wallet_id)
        self.assertBalance(0)
        line.account_id = self.wallet_account
        self.assertBalance(100)

    def test_spent_money_cannot_leave_the_account(self):
        line = self._wallet_line(self._entry(100))
        self._pay_out(60)
        target = self.company_data["default_account_payable"].copy()
        self.assertRefused(ValidationError, line.write, {"account_id": target.id})

    def test_an_import_counts(self):
        result = self.env["account.move"].load(
            [
                "journal_id/.id",
                "date",
                "line_ids/account_id/.id",
                "line_ids/partner_id/.id",
                "line_ids/balance",
            ],
            [
                [
                    str(self.misc.id),
                    "2024-01-01",
                    str(self.wallet_account.id),
                    str(self.customer.id),
                    "-45",
                ],
                ["", "", str(self.expense.id), "", "45"],
            ],
        )
        self.assertFalse([m for m in result["messages"] if m["type"] == "error"])
        self.env["account.move"].browse(result["ids"]).action_post()
        self.assertBalance(45)

    def test_the_bank_statement_counts(self):
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "payment_ref": "Transfer",
                "partner_id": self.customer.id,
                "amount": 75,
            }
        )
        suspense = statement_line._seek_for_lines()[1]
        suspense.account_id = self.wallet_account
        self.assertBalance(75)
        self.assertTrue(statement_line.is_reconciled)

    def test_nothing_is_matched_on_the_wallet_accounts(self):
        for account in (self.wallet_account, self.bonus_account):
            credit, debit = (
                self._entry(amount, account=account).line_ids.filtered("wallet_id")
                for amount in (100, -80)
            )
            self.assertRefused(
                UserError, (credit + debit).reconcile, message="reconcil"
            )
        self.assertKinds(20, 20)

    def test_unreconciling_the_item_of_a_wallet_moves_no_money(self):
        item = self._wallet_line(self._entry(100))
        pay_out = self._pay_out(60)
        invoice = self._invoice(15)
        invoice.action_allocate_wallet()
        debit = self._allocation_of(invoice).line_ids.filtered("wallet_id")
        for line in (item, pay_out.move_id.line_ids.filtered("wallet_id"), debit):
            line.remove_move_reconcile()
        self.assertBalance(25)
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_reversed_entry(self):
        entry = self._entry(100)
        reversal = entry._reverse_moves(cancel=True)
        self.assertEntry(
            reversal, [(self.wallet_account, 100, 0), (self.expense, 0, 100)]
        )
        self.assertBalance(0)

    def test_spent_money_cannot_be_reversed(self):
        entry = self._entry(100)
        self._pay_out(60)
        self.assertRefused(ValidationError, entry._reverse_moves, [{}], cancel=True)

    def test_which_wallet_an_item_belongs_to_is_not_for_a_client_to_say(self):
        other = self.env["res.partner"].create({"name": "Omar"})
        self._entry(5, partner=other)
        line = self._wallet_line(self._entry(100))
        values = {"wallet_id": self._wallet(other).id}
        self.assertRefused(AccessError, line.write, values)
        self.assertRefused(AccessError, line.write, {"wallet_lot_type": "bonus"})
        self.assertRefused(
            AccessError,
            self.env["account.move.line"].create,
            [{"move_id": line.move_id.id, "account_id": self.expense.id, **values}],
        )

    def test_an_entry_posted_by_writing_its_state_is_checked_too(self):
        ownerless = self._entry(100, partner=self.env["res.partner"], post=False)
        self.assertRefused(ValidationError, ownerless.write, {"state": "posted"})
        self._entry(100)
        overdraft = self._entry(-200, post=False)
        self.assertRefused(ValidationError, overdraft.write, {"state": "posted"})

    def test_no_item_is_posted_without_its_entry(self):
        self._entry(100, account=self.bonus_account)
        draft = self._enter(
            (self.bonus_account, 50, 0), (self.wallet_account, 0, 50), post=False
        )
        posted = {"parent_state": "posted"}
        self.assertRefused(AccessError, draft.line_ids.write, posted)
        item = {"move_id": draft.id, "account_id": self.expense.id}
        Item = self.env["account.move.line"]
        self.assertRefused(AccessError, Item.create, [{**item, **posted}])
        made = Item.with_context(default_parent_state="posted").create(item)
        self.assertEqual(made.parent_state, "draft")
        self.assertKinds(0, 100)

    def test_what_an_item_is_worth_is_not_for_a_client_to_say(self):
        line = self._wallet_line(self._entry(100))
        self.assertRefused(AccessError, line.write, {"parent_state": "draft"})
        for values in (
            {"amount_residual_currency": -5000},
            {"amount_residual": -5000},
            {"reconciled": True},
        ):
            line.write(values)
            self.assertKinds(100, 0)
            self.assertEqual(self._wallet().available, 100)

    def test_a_forged_matching_moves_no_money(self):
        """Any client may make one that Odoo itself would not."""
        credit = self._wallet_line(self._entry(100))
        debit = self._wallet_line(self._pay_out(60).move_id)
        partial = self.env["account.partial.reconcile"].create(
            {
                "debit_move_id": debit.id,
                "credit_move_id": credit.id,
                "amount": 10,
                "debit_amount_currency": 5000,
                "credit_amount_currency": 5000,
            }
        )
        self.assertKinds(40, 0)
        partial.unlink()
        self.assertKinds(40, 0)
        self.assertEqual(self._wallet().available, 40)

    def test_the_kind_of_an_entry_is_not_for_a_client_to_say(self):
        invoice = self._invoice(50)
        self.assertRefused(AccessError, invoice.write, {"wallet_operation": "bonus"})
        entry = self._entry(5, post=False, ref="with a default")
        copy = entry.with_context(default_wallet_operation="allocation").copy()
        self.assertFalse(copy.wallet_operation)

    def test_where_an_entry_comes_from_is_not_for_a_client_to_say(self):
        """An allocation that becomes a payment's could be reset, and the invoice stay
        paid.
        """
        top_up = self._top_up(100)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        by_hand = self._entry(5)
        for entry in (self._allocation_of(invoice), by_hand):
            for values in (
                {"origin_payment_id": top_up.id},
                {"reversed_entry_id": top_up.move_id.id},
            ):
                self.assertRefused(AccessError, entry.write, values)

    def test_a_bonus_stays_a_bonus(self):
        entry = self._entry(100, account=self.bonus_account)
        line = entry.line_ids.filtered("wallet_id")
        self._top_up(50)
        pay_out = self._pay_out(60, post=False)
        self.assertRefused(UserError, pay_out.action_post, message=r"50\.00")
        entry.button_draft()
        entry.action_post()
        self.assertEqual(line.wallet_lot_type, "bonus")
        self.assertKinds(50, 100)
        invoice = self._invoice(120)
        invoice.action_allocate_wallet()
        self.assertKinds(30, 0)

    def test_the_balance_cannot_be_written(self):
        self._entry(5)
        for values in ({"balance": 1000}, {"partner_id": self.env.user.partner_id.id}):
            self.assertRefused(AccessError, self._wallet().write, values)

    def test_the_database_has_the_last_word(self):
        """Whatever the code overlooks, the constraint does not."""
        self._entry(100)
        self._entry(30, account=self.bonus_account)
        self.env.flush_all()
        for change, constraint in (
            (SQL("balance = 29.99"), "paid_within_limit"),
            (SQL("held = 100.01"), "paid_within_limit"),
            (SQL("bonus_balance = -0.01"), "bonus_not_negative"),
            (SQL("held = 30.01, held_bonus = 30.01"), "bonus_not_negative"),
        ):
            with (
                self.subTest(change),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(CheckViolation, constraint),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(SQL("UPDATE customer_wallet SET %s", change))

    def test_the_wallet_account_stays_fit_for_wallets(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        for field in ("wallet_account_id", "wallet_bonus_account_id"):
            account = self.company[field]
            self._entry(100, account=account)
            for values in (
                {"reconcile": True},
                {"account_type": "liability_non_current"},
                {"currency_id": euro.id},
                {"active": False},
            ):
                self.assertRefused(UserError, account.write, values)
            self.assertRefused(
                ValidationError,
                self.company.write,
                {field: account.copy().id},
                message="already use the account",
            )
        self.assertKinds(100, 100)

    def test_the_wallet_account_may_be_chosen_before_it_is_used(self):
        other = self.wallet_account.copy({"name": "Prepaid by customers"})
        self.company.wallet_account_id = other
        self._top_up(10)
        self.assertBalance(10)
        self.assertEqual(self._wallet().line_ids.account_id, other)

    def test_an_account_with_other_money_is_not_chosen(self):
        other = self.wallet_account.copy({"name": "Prepaid by customers"})
        entry = self._enter((self.expense, 10, 0), (other, 0, 10))
        self.assertRefused(
            ValidationError,
            self.company.write,
            {"wallet_account_id": other.id},
            message="in no wallet",
        )
        entry.button_draft()
        self.company.wallet_account_id = other

    def test_only_a_fitting_account_may_be_chosen(self):
        self.assertRefused(
            ValidationError, self.company.write, {"wallet_account_id": self.expense.id}
        )

    def test_money_dated_in_a_closed_period_still_counts(self):
        self._entry(100, date="2020-01-01")
        self.company.fiscalyear_lock_date = fields.Date.to_date("2021-12-31")
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(20)

    def test_a_long_history_is_read_once_and_again_when_it_changes(self):
        late = self._entry(7, post=False)
        with patch(f"{CONTENTS}.CHECKPOINT_ITEMS", 3):
            first, second, third, _last = (
                self._entry(amount) for amount in (10, 20, -5, 30)
            )
            wallet = self._wallet()
            known = wallet.checkpoint_item_id
            self.assertGreaterEqual(known, self._wallet_line(third).id)
            self.assertBalance(55)
            late.action_post()
            self.assertBalance(62)
            for entry, without in ((first, 52), (second, 42), (third, 67)):
                entry.button_draft()
                self.assertBalance(without)
                entry.action_post()
                self.assertBalance(62)
            self._entry(4, account=self.bonus_account)
            self.assertKinds(62, 4)
            other = self.env["res.partner"].create({"name": "Omar"})
            self._wallet_line(second).partner_id = other
            self.assertKinds(42, 4)
            self.assertBalance(20, self._wallet(other))
            self._wallet_line(first).account_id = self.bonus_account
            self.assertKinds(32, 14)
            late.button_draft()
            late.unlink()
            self.assertKinds(25, 14)
            invoice = self._invoice(39)
            invoice.action_allocate_wallet()
            self.assertKinds(0, 0)
            self._unallocate(invoice)
            self.assertKinds(25, 14)

    def test_the_cost_of_a_spend_does_not_grow_with_history(self):
        """Queries are counted: the same for a short and for a long history."""

        def queries_of_a_spend():
            invoice = self._invoice(1)
            # As between two requests: Odoo forgets which number comes next.
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            invoice.action_allocate_wallet()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self._top_up(5)
        queries_of_a_spend()
        short = queries_of_a_spend()
        for _number in range(60):
            self._top_up(1)
            self._pay_out(1)
        self._top_up(5)
        queries_of_a_spend()
        self.assertLessEqual(queries_of_a_spend(), short)

    def test_an_opening_entry_of_many_customers_is_booked_as_one(self):
        """It costs no query more for each of them, new or known."""

        def count_queries(customers):
            entry = self._enter(
                *((self.wallet_account, 0, 10) for _customer in customers),
                (self.expense, 10 * len(customers), 0),
                post=False,
            )
            for line, customer in zip(entry.line_ids, customers, strict=False):
                line.partner_id = customer
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            entry.action_post()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.company.wallet_mail_used = True
        many = self.env["res.partner"].create([{"name": str(it)} for it in range(40)])
        few, others = many[:4], many[4:]
        count_queries(self.env["res.partner"].create({"name": "First"}))
        self.assertLess(count_queries(others), count_queries(few) + 10)
        self.assertLess(count_queries(many), count_queries(few) + 10)
        for customer in many:
            self.assertEqual(
                self._wallet(customer).balance, 30 if customer in few else 20
            )
        self.assertLedgerAgrees(self._wallet(many[0]))
