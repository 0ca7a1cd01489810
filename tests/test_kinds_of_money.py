from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


class KindsCommon(WalletCommon):
    """Short words for what an accountant does to the entries of a wallet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billing = new_test_user(
            cls.env,
            login="wallet_billing",
            groups="account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    # What people do

    def _unreconcile(self, lines):
        """Journal Items > Actions > Unreconcile"""
        lines.with_context(active_ids=lines.ids).action_unreconcile_match_entries()

    def _reverse_entry(self, move, user=None):
        """Journal Entry > Reverse Entry, and Post what that makes."""
        wizard = (
            self.env["account.move.reversal"]
            .with_user(user or self.env.user)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id})
        )
        wizard.reverse_moves()
        wizard.new_move_ids.filtered(lambda new: new.state == "draft").action_post()
        return wizard.new_move_ids

    def _move_open_credits(self):
        """Customer > Open Credits > Move to the Wallet"""
        wizard = (
            self.env["customer.wallet.credit"]
            .with_context(default_partner_id=self.customer.id)
            .create({})
        )
        wizard.action_move_to_wallet()

    def _expire(self):
        """The scheduled action of each night."""
        self._run_scheduled("expire_bonus")

    # What there is then

    def _wallet_item(self, invoice):
        """The journal item by which the wallet pays an invoice now."""
        return self._allocation_of(invoice).line_ids.filtered("wallet_id")

    def assertNoPaidMoney(self):
        """All that is in the wallet was given, nothing of it was paid in."""
        self.env.flush_all()
        wallet = self._wallet()
        self.assertAlmostEqual(wallet.balance - wallet.bonus_balance, 0.0, places=3)


@tagged("post_install", "-at_install")
class TestUnreconciledItems(KindsCommon):
    """100 was paid in and 100 was given; an invoice of 100 has been paid, by the
    bonus. Then somebody presses *Unreconcile* on the wallet's journal item. That moves
    no money, so the customer has the 100 that were paid in, as before.
    """

    def _pay_by_bonus(self, expiry=False):
        self._top_up(100)
        self._give_bonus(100, expiry=expiry)
        invoice = self._invoice(100)
        invoice.action_allocate_wallet()
        self.assertKinds(100, 0)
        return invoice

    def test_paid_money_does_not_expire(self):
        with freeze_time("2026-03-01 12:00:00"):
            invoice = self._pay_by_bonus(expiry="2026-03-11")
            self._unreconcile(self._wallet_item(invoice))
        with freeze_time("2026-03-12 12:00:00"):
            self._expire()
        self.assertKinds(100, 0)

    def test_paid_money_can_be_paid_out(self):
        self._unreconcile(self._wallet_item(self._pay_by_bonus()))
        self.assertKinds(100, 0)
        self._pay_out(100)
        self.assertKinds(0, 0)

    def test_a_credit_note_gives_the_bonus_back_as_a_bonus(self):
        invoice = self._pay_by_bonus()
        self._unreconcile(self._wallet_item(invoice))
        self._reverse(invoice)
        self.assertKinds(100, 100)

    def test_twice_and_on_any_item(self):
        """Wherever it is pressed, and however often."""
        invoice = self._pay_by_bonus()
        entry = self._allocation_of(invoice)
        for lines in (entry.line_ids, invoice.line_ids, entry.line_ids):
            with self._perhaps_refused():
                self._unreconcile(lines)
        wallet = self._wallet()
        paid = wallet.balance - wallet.bonus_balance
        self.assertAlmostEqual(paid, 100)
        self.assertLedgerAgrees()

    def test_then_the_entry_is_reversed(self):
        invoice = self._pay_by_bonus()
        item = self._wallet_item(invoice)
        self._unreconcile(item)
        self._reverse_entry(item.move_id)
        self.assertKinds(100, 100)

    def test_then_the_invoice_is_reset(self):
        invoice = self._pay_by_bonus()
        self._unreconcile(self._wallet_item(invoice))
        with self._perhaps_refused():
            invoice.button_draft()
        wallet = self._wallet()
        self.assertAlmostEqual(wallet.balance - wallet.bonus_balance, 100)

    def test_nobody_is_reminded_of_a_bonus_that_is_spent(self):
        self.company.wallet_expiry_reminder_days = 7
        in_five_days = fields.Date.add(fields.Date.today(), days=5)
        self._unreconcile(self._wallet_item(self._pay_by_bonus(expiry=in_five_days)))
        self.assertFalse(self._wallet().expiring_line_ids)


@tagged("post_install", "-at_install")
class TestKindsStayWhatTheyAre(KindsCommon):
    """Whatever is done to the entries, bonus money never becomes paid money."""

    def test_a_top_up_that_is_confirmed_again_leaves_the_bonus_a_bonus(self):
        """The memo of a spent top-up is put right: Reset to Draft, Confirm."""
        first = self._top_up(100)
        self._invoice(100).action_allocate_wallet()
        self._give_bonus(50)
        self._top_up(100)
        self.assertKinds(100, 50)
        first.action_draft()
        first.action_post()
        self.assertKinds(100, 50)

    def test_a_top_up_that_is_confirmed_again_keeps_what_the_bonus_pays(self):
        """The money of the top-up that was reset had paid nothing: the bonus had."""
        top_up = self._top_up(100)
        self._give_bonus(100)
        invoice = self._invoice(100)
        invoice.action_allocate_wallet()
        top_up.action_draft()
        self.assertKinds(0, 0)
        top_up.action_post()
        self.assertKinds(100, 0)
        self._unallocate(invoice)
        self.assertKinds(100, 100)

    def test_a_duplicated_bonus_is_a_bonus(self):
        bonus = self._give_bonus(30)
        with self._perhaps_refused():
            bonus.copy().action_post()
        self.assertNoPaidMoney()

    def test_a_duplicated_use_of_a_bonus_brings_no_money(self):
        """What uses a bonus, brings it back or lets it expire, duplicated."""
        with freeze_time("2026-03-01 12:00:00"):
            self._give_bonus(100, expiry="2026-03-11")
            invoice = self._invoice(40)
            invoice.action_allocate_wallet()
            allocation = self._allocation_of(invoice)
            refund = self._refund_of(self._reverse(invoice))
        with freeze_time("2026-03-12 12:00:00"):
            self._expire()
            expiry = self.env["account.move"].search(
                [
                    ("wallet_operation", "=", "expiry"),
                    ("company_id", "=", self.company.id),
                ]
            )
            self.assertKinds(0, 0)
            for entry in (allocation, refund, expiry):
                with self._perhaps_refused():
                    entry.with_user(self.billing).copy().action_post()
                self.assertNoPaidMoney()

    def test_a_duplicated_transfer_takes_paid_money_only(self):
        other = self.env["res.partner"].create({"name": "Bilal Nasser"})
        self._top_up(50)
        self._give_bonus(100)
        self.env["customer.wallet.transfer"].create(
            {
                "wallet_id": self._wallet().id,
                "target_partner_id": other.id,
                "amount": 50,
                "reason": "One family",
            }
        ).action_confirm()
        transfer = self.env["account.move"].search(
            [("wallet_operation", "=", "transfer")], order="id desc", limit=1
        )
        with self._perhaps_refused():
            transfer.copy().action_post()
        self.assertKinds(0, 100)
        self.assertKinds(50, 0, self._wallet(other))

    def test_a_chain_of_credit_notes_ends_in_the_bonus_that_it_began_with(self):
        """Invoice A, paid by a bonus, is credited; the credit note pays invoice B by
        *Add* under Outstanding credits; B is credited to the wallet.
        """
        self._give_bonus(100)
        first = self._invoice(100).with_user(self.billing)
        first.action_allocate_wallet()
        credit_note = self._reverse(first, to_wallet=False)
        credit_note.action_post()
        second = self._invoice(100).with_user(self.billing)
        with self._perhaps_refused():
            credit = credit_note.line_ids.filtered(
                lambda line: line.account_id == self.receivable
            )
            second.js_assign_outstanding_line(credit.id)
            self._reverse(second)
        self.assertNoPaidMoney()

    def test_a_longer_chain_that_ends_in_cash(self):
        """As before, and what the last credit note leaves is paid out."""
        self._give_bonus(100)
        first = self._invoice(100).with_user(self.billing)
        first.action_allocate_wallet()
        for _exchange in range(3):
            credit_note = self._reverse(first, to_wallet=False)
            credit_note.action_post()
            first = self._invoice(100).with_user(self.billing)
            credit = credit_note.line_ids.filtered(
                lambda line: line.account_id == self.receivable
            )
            first.js_assign_outstanding_line(credit.id)
        last = self._reverse(first, to_wallet=False)
        last.action_post()
        self.assertRefused(
            UserError, self._pay, 100, payment_type="outbound", is_wallet=False
        )
        last.action_refund_to_wallet()
        self.assertKinds(0, 100)

    def test_an_advance_is_not_settled_by_goods_that_a_bonus_paid(self):
        """It was paid in cash before the bonus was used. What the customer has paid
        in money settles it.
        """
        self._give_bonus(100)
        advance = self._pay_out(100, is_wallet=False).move_id
        first = self._invoice(100)
        first.action_allocate_wallet()
        credit_note = self._reverse(first, to_wallet=False)
        credit_note.action_post()
        second = self._invoice(100)
        credit = credit_note.line_ids._filter_wallet_receivables()
        second.js_assign_outstanding_line(credit.id)
        last = self._reverse(second, to_wallet=False)
        last.action_post()
        third = self._invoice(40)
        cash = self._pay(40, is_wallet=False)
        third.js_assign_outstanding_line(
            cash.move_id.line_ids._filter_wallet_receivables().id
        )
        for document in (last, self._credit_note(100)):
            items = (advance | document).line_ids._filter_wallet_receivables()
            self.assertRefused(
                UserError,
                items.reconcile,
                message=r"only .*40\.00 can be paid out to Amal Haddad.*100\.00",
            )
        returned = self._reverse(third, to_wallet=False)
        returned.action_post()
        (advance | returned).line_ids._filter_wallet_receivables().reconcile()
        owed = advance.line_ids._filter_wallet_receivables()
        self.assertEqual(owed.amount_residual, 60)
        last.action_refund_to_wallet()
        self.assertKinds(0, 100)

    def _hand_made(self, debit, credit, amount, to=None, user=None):
        """An entry by hand that takes an amount from one account to another."""
        return (
            self.env["account.move"]
            .with_user(user or self.billing)
            .create(
                {
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": partner.id,
                                "account_id": account.id,
                                side: amount,
                            }
                        )
                        for account, side, partner in (
                            (debit, "debit", self.customer),
                            (credit, "credit", to or self.customer),
                        )
                    ]
                }
            )
        )

    def test_a_credit_that_a_bonus_paid_is_not_paid_out_by_hand(self):
        """To the bank, or where payments wait for it, or it for them: Odoo takes the
        accounts of the chart where the payment methods have none.
        """
        at_till = self.wallet_account.copy({"name": "Cards"})
        self.env["pos.payment.method"].sudo().create(
            {
                "name": "Card",
                "journal_id": self.bank_journal.id,
                "outstanding_account_id": at_till.id,
            }
        )
        outstanding = self.env["account.payment"]._get_outstanding_account("outbound")
        methods = self.env["account.payment.method.line"].search([])
        methods.filtered("payment_account_id").payment_account_id = False
        self._give_bonus(100)
        invoice = self._invoice(100)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice, to_wallet=False)
        credit_note.action_post()
        for account in (
            self.bank_journal.default_account_id,
            outstanding,
            self.company.transfer_account_id,
            self.bank_journal.suspense_account_id,
            self.company.account_journal_suspense_account_id,
            at_till,
        ):
            entry = self._hand_made(self.receivable, account, 100)
            self.assertRefused(UserError, entry.action_post, message="paid out")
        credit_note.action_refund_to_wallet()
        self.assertKinds(0, 100)

    def test_a_bank_statement_pays_no_bonus_out_later(self):
        """The bank has paid 100, and for whom is said by an entry by hand."""
        suspense = self.bank_journal.suspense_account_id
        self._give_bonus(100)
        invoice = self._invoice(100)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice, to_wallet=False)
        credit_note.action_post()
        journal = self.bank_journal
        paid = {"journal_id": journal.id, "payment_ref": "Out", "amount": -100}
        statement_line = self.env["account.bank.statement.line"].create(paid)
        bank = journal.default_account_id
        self.assertEntry(statement_line.move_id, [(suspense, 100, 0), (bank, 0, 100)])
        entry = self._hand_made(self.receivable, suspense, 100)
        self.assertRefused(UserError, entry.action_post, message="not paid out")
        other = self.env["res.partner"].create({"name": "Bilal Nasser"})
        entry.line_ids.partner_id = other
        entry.action_post()
        self.assertEntry(entry, [(self.receivable, 100, 0), (suspense, 0, 100)])
        credit_note.action_refund_to_wallet()
        self.assertKinds(0, 100)

    def test_a_bonus_taken_out_by_hand_does_not_come_back_as_money(self):
        """From the bonus to the receivable, and from there by *Open Credits*."""
        self._give_bonus(100)
        bonus_account = self.company.wallet_bonus_account_id
        with self._perhaps_refused():
            self._hand_made(bonus_account, self.receivable, 100).action_post()
            self._move_open_credits()
        self.assertNoPaidMoney()

    def test_a_bonus_taken_out_by_hand_is_not_paid_out(self):
        self._give_bonus(100)
        bonus_account = self.company.wallet_bonus_account_id
        bank = self.bank_journal.default_account_id
        on_its_way = self.company.transfer_account_id
        other = self.env["res.partner"].create({"name": "Bilal Nasser"})
        for account, partner in (
            (bank, None),
            (on_its_way, None),
            (self.bank_journal.suspense_account_id, None),
            (self.wallet_account, other),
        ):
            entry = self._hand_made(bonus_account, account, 100, to=partner)
            self.assertRefused(UserError, entry.action_post)
        self.assertKinds(0, 100)

    def test_an_entry_from_the_bonus_to_the_wallet_changes_nothing(self):
        """By hand: from the account where the bonus is to that of paid money, which
        may be the same.
        """
        bonus = self._give_bonus(100).line_ids.filtered("wallet_id")
        owner = {"partner_id": self.customer.id}
        entry = (
            self.env["account.move"]
            .with_user(self.billing)
            .create(
                {
                    "line_ids": [
                        Command.create(
                            {**owner, "account_id": bonus.account_id.id, "debit": 100}
                        ),
                        Command.create(
                            {
                                **owner,
                                "account_id": self.wallet_account.id,
                                "credit": 100,
                            }
                        ),
                    ]
                }
            )
        )
        with self._perhaps_refused():
            entry.action_post()
        self.assertKinds(0, 100)

    def test_what_was_paid_once_comes_back_once(self):
        """An invoice, paid by 100 in cash, has been credited to the wallet. The cash is
        unreconciled, a bonus pays the invoice instead, and the cash, which is an open
        credit again, goes to the wallet as well. 100 came in, so 100 is paid money.
        """
        invoice = self._invoice(100)
        cash = self._pay(100, is_wallet=False)
        cash_item = cash.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        invoice.js_assign_outstanding_line(cash_item.id)
        self._reverse(invoice)
        self.assertKinds(100, 0)
        self._give_bonus(100)
        with self._perhaps_refused():
            cash_item.remove_move_reconcile()
            invoice.action_allocate_wallet(100)
            self._move_open_credits()
        wallet = self._wallet()
        self.assertLessEqual(wallet.balance - wallet.bonus_balance, 100)

    def test_a_billing_user_does_not_bring_an_expired_bonus_back(self):
        with freeze_time("2026-03-01 12:00:00"):
            self._give_bonus(100, expiry="2026-03-11")
        with freeze_time("2026-03-12 12:00:00"):
            self._expire()
        self.assertKinds(0, 0)
        expiry = self.env["account.move"].search(
            [("wallet_operation", "=", "expiry"), ("company_id", "=", self.company.id)]
        )
        with self._perhaps_refused():
            self._reverse_entry(expiry, user=self.billing)
        self.assertKinds(0, 0)

    def test_a_manager_brings_an_expired_bonus_back_as_a_bonus(self):
        with freeze_time("2026-03-01 12:00:00"):
            self._give_bonus(100, expiry="2026-03-11")
        with freeze_time("2026-03-12 12:00:00"):
            self._expire()
            expiry = self.env["account.move"].search(
                [
                    ("wallet_operation", "=", "expiry"),
                    ("company_id", "=", self.company.id),
                ]
            )
            self._reverse_entry(expiry)
        self.assertKinds(0, 100)

    def test_a_bonus_that_was_reversed_is_reversed_once(self):
        self._top_up(100)
        bonus = self._give_bonus(100)
        self.assertRefused(UserError, self._reverse_entry, bonus, user=self.billing)
        self._reverse_entry(bonus)
        self.assertKinds(100, 0)
        for move in (bonus, bonus.reversal_move_ids):
            with self._perhaps_refused():
                self._reverse_entry(move)
        self.assertKinds(100, 0)

    def test_an_expired_bonus_does_not_pay_a_debt(self):
        """The customer was paid out 100 more than was paid in, within a limit, and the
        limit ends. A bonus of 100 that has expired is gone all the same, and the
        customer owes 100; unless one of the steps before is refused in words.
        """
        self._top_up(1)
        wallet = self._wallet()
        wallet.overdraft_limit = 100
        paid = 1
        with self._perhaps_refused():
            self._pay_out(101)
            paid = -100
        with freeze_time("2026-03-01 12:00:00"):
            self._give_bonus(100, expiry="2026-03-11")
        with self._perhaps_refused():
            wallet.overdraft_limit = 0
        with freeze_time("2026-03-12 12:00:00"):
            self._expire()
        self.assertKinds(paid, 0)
