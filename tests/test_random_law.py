import os
from contextlib import contextmanager
from datetime import date, timedelta

from freezegun import freeze_time
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon

# CUSTOMER_WALLET_HISTORIES=200 looks longer.
HISTORIES = int(os.environ.get("CUSTOMER_WALLET_HISTORIES", "8"))
STEPS = 15
# Making a failing history shorter takes long: it is asked for.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
if "CUSTOMER_WALLET_SHRINK" in os.environ:
    PHASES.append(Phase.shrink)
FIRST_DAY = date(2026, 6, 1)

amounts = st.integers(1, 120)
numbers = st.integers(0, 30)


class NothingThereError(UserError):
    """What a step wants to work on does not exist yet."""

    def __init__(self):
        super().__init__("")


class LawHistory(RuleBasedStateMachine):
    """What accountants, billing users and customers do to one customer's entries, in
    any order: each step is done rightly, or refused in words. What is counted here is
    only the cash that the customer brought and got back.
    """

    test = None  # the test case, given by a subclass

    def __init__(self):
        super().__init__()
        self.day = FIRST_DAY
        self.clock = freeze_time(self.day)
        self.clock.start()
        self.savepoint = self.test.env.cr.savepoint()
        self.env = self.test.env
        self.cash = 0
        self.invoices = self.env["account.move"]
        self.credit_notes = self.env["account.move"]
        self.top_ups = self.env["account.payment"]
        self.advances = self.env["account.payment"]

    def teardown(self):
        self.savepoint.close(rollback=True)
        self.env.invalidate_all(flush=False)
        self.clock.stop()

    # Words

    @contextmanager
    def _perhaps(self):
        """Either all of it is done, or none."""
        cash, invoices, notes = self.cash, self.invoices, self.credit_notes
        top_ups, advances = self.top_ups, self.advances
        try:
            with self.env.cr.savepoint():
                yield
                self.env.flush_all()
        except UserError:
            self.cash, self.invoices, self.credit_notes = cash, invoices, notes
            self.top_ups, self.advances = top_ups, advances
        self.env.invalidate_all()

    def _pick(self, records, number):
        if not records:
            raise NothingThereError
        return records[number % len(records)]

    def _entries(self):
        return self._wallet().line_ids.move_id

    def _wallet(self):
        return self.env["customer.wallet"]._find_or_create(
            self.test.customer, self.test.company, self.test.company.currency_id
        )

    def _receivables(self, moves):
        return moves.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _register(self, move, amount=None):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": self.test.bank_journal.id})
        )
        if amount:
            wizard.amount = amount
        payment = wizard._create_payments()
        sign = 1 if payment.payment_type == "inbound" else -1
        self.cash += sign * payment.amount

    # What people do

    @rule(units=amounts)
    def top_up(self, units):
        self.top_ups += self.test._top_up(units)
        self.cash += units

    @rule(units=amounts, days=st.sampled_from([0, 0, 5]))
    def give_bonus(self, units, days):
        expiry = days and self.day + timedelta(days=days)
        self.test._give_bonus(units, expiry=expiry)

    @rule(units=amounts)
    def pay_out(self, units):
        with self._perhaps():
            self.test._pay_out(units)
            self.cash -= units

    @rule(units=amounts)
    def buy_by_wallet(self, units):
        with self._perhaps():
            invoice = self.test._invoice(units)
            self.invoices += invoice
            with self._perhaps():
                invoice.action_allocate_wallet()

    @rule(units=amounts)
    def buy_by_cash(self, units):
        with self._perhaps():
            invoice = self.test._invoice(units)
            self.invoices += invoice
            self._register(invoice)

    @rule(number=numbers)
    def pay_open_invoice(self, number):
        with self._perhaps():
            self._pick(self.invoices, number).action_allocate_wallet()

    @rule(number=numbers, to_wallet=st.booleans())
    def return_goods(self, number, to_wallet):
        with self._perhaps():
            invoice = self._pick(self.invoices, number)
            wizard = (
                self.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create(
                    {
                        "journal_id": invoice.journal_id.id,
                        "refund_to_wallet": to_wallet,
                    }
                )
            )
            wizard.reverse_moves()
            notes = wizard.new_move_ids
            notes.filtered(lambda move: move.state == "draft").action_post()
            self.credit_notes += notes

    @rule(number=numbers, units=amounts)
    def exchange(self, number, units):
        """A credit note pays another invoice."""
        with self._perhaps():
            note = self._pick(self.credit_notes, number)
            invoice = self.test._invoice(units)
            self.invoices += invoice
            lines = self._receivables(note | invoice)
            lines.filtered(lambda line: not line.reconciled).reconcile()

    @rule(number=numbers, units=amounts)
    def pay_credit_note_out(self, number, units):
        with self._perhaps():
            note = self._pick(self.credit_notes, number)
            self._register(note, min(units, note.amount_residual))

    @rule(units=amounts)
    def pay_an_advance(self, units):
        """The customer owes it then."""
        with self._perhaps():
            self.advances += self.test._pay_out(units, is_wallet=False)
            self.cash -= units

    @rule(number=numbers, other=numbers)
    def settle_an_advance(self, number, other):
        with self._perhaps():
            advance = self._pick(self.advances, number).move_id
            note = self._pick(self.credit_notes, other)
            lines = self._receivables(advance | note)
            lines.filtered(lambda line: not line.reconciled).reconcile()

    @rule(number=numbers)
    def credit_note_to_wallet(self, number):
        with self._perhaps():
            self._pick(self.credit_notes, number).action_refund_to_wallet()

    @rule()
    def move_open_credits(self):
        with self._perhaps():
            wizard = self.env["customer.wallet.credit"].with_context(
                default_partner_id=self.test.customer.id
            )
            wizard.create({}).action_move_to_wallet()

    @rule(number=numbers)
    def unreconcile_a_document(self, number):
        with self._perhaps():
            document = self._pick(self.invoices | self.credit_notes, number)
            self._receivables(document).remove_move_reconcile()

    @rule(number=numbers)
    def unreconcile_any_item(self, number):
        with self._perhaps():
            items = self._entries().line_ids.sorted("id")
            line = self._pick(items, number)
            line.with_context(active_ids=line.ids).action_unreconcile_match_entries()

    @rule(number=numbers)
    def reset_and_confirm_a_top_up(self, number):
        with self._perhaps():
            payment = self._pick(self.top_ups, number)
            payment.action_draft()
            payment.action_post()

    @rule(number=numbers)
    def cancel_a_top_up(self, number):
        with self._perhaps():
            payment = self._pick(self.top_ups, number)
            was_there = payment.move_id.state == "posted"
            payment.action_cancel()
            self.cash -= payment.amount if was_there else 0

    @rule(number=numbers, by_billing=st.booleans())
    def reverse_an_entry(self, number, by_billing):
        """Of a payment, it takes the cash back; a pay-out brings it back."""
        with self._perhaps():
            entry = self._pick(self._entries().sorted("id"), number)
            payment = entry.origin_payment_id
            user = self.test.billing if by_billing else self.env.user
            wizard = (
                self.env["account.move.reversal"]
                .with_user(user)
                .with_context(active_model="account.move", active_ids=entry.ids)
                .create({"journal_id": entry.journal_id.id})
            )
            wizard.reverse_moves()
            moves = wizard.new_move_ids
            moves.filtered(lambda move: move.state == "draft").action_post()
            sign = 1 if payment.payment_type == "inbound" else -1
            self.cash -= sign * payment.amount if payment else 0

    @rule(number=numbers)
    def duplicate_an_entry(self, number):
        """Of what moves no cash: who duplicates a top-up has received it twice."""
        with self._perhaps():
            entries = self._entries().filtered(
                lambda move: (
                    not move.origin_payment_id
                    and not move.reversed_entry_id.origin_payment_id
                )
            )
            entry = self._pick(entries.sorted("id"), number)
            if any(
                line.wallet_lot_type == "paid" and line.amount_currency < 0.0
                for line in entry.line_ids
            ):
                return
            entry.with_user(self.test.billing).copy().action_post()

    @rule(units=amounts, to=st.sampled_from(["wallet", "receivable", "bank"]))
    def take_bonus_by_hand(self, units, to):
        accounts = {
            "wallet": self.test.wallet_account,
            "receivable": self.test.receivable,
            "bank": self.test.bank_journal.default_account_id,
        }
        with self._perhaps():
            self.test._enter(
                (self.test.bonus_account, units, 0),
                (accounts[to], 0, units),
                user=self.test.billing,
            )
            self.cash -= units if to == "bank" else 0

    @rule(units=amounts)
    def merge_with_another_customer(self, units):
        other = self.env["res.partner"].create({"name": "Amal H."})
        self.top_ups += self.test._top_up(units, partner_id=other.id)
        self.test._give_bonus(units, partner=other)
        self.cash += units
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.test.customer | other).ids, self.test.customer)
        self.env.invalidate_all()

    @rule(days=st.integers(1, 6))
    def days_go_by(self, days):
        self.clock.stop()
        self.day += timedelta(days=days)
        self.clock = freeze_time(self.day)
        self.clock.start()
        self.test._run_scheduled("expire_bonus")

    @rule(first=st.integers(0, 40), days=st.integers(0, 40))
    def look_at_a_period(self, first, days):
        first = FIRST_DAY + timedelta(days=first)
        self.test.assertRollForward(first, first + timedelta(days=days))

    # What is true then

    @invariant()
    def the_law_holds(self):
        wallet = self._wallet()
        self.test.assertLedgerAgrees(wallet)
        paid = wallet.balance - wallet.bonus_balance
        self.test.assertGreaterEqual(paid, 0)
        self.test.assertGreaterEqual(wallet.bonus_balance, 0)
        grants = wallet._get_open_grants()
        self.test.assertAlmostEqual(
            sum(grant.left for grant in grants), wallet.bonus_balance
        )
        customer = self.test.customer, self.test.company
        slack = wallet._get_bonus_slack(*customer)
        owed = wallet._get_money_owed(*customer)
        used = self._count_bonus_used(wallet)
        if used > 0:
            self.test.assertLessEqual(used, self._count_goods_kept() + 0.001)
            self.test.assertGreaterEqual(slack + owed, -0.001)
            self.test.assertLessEqual(paid, self.cash + owed + 0.001)

    def _count_bonus_used(self, wallet):
        """Given, less what expired, was taken back, or is still there."""
        given = -sum(
            line.amount_currency
            for line in wallet.line_ids
            if line.move_id.wallet_operation in ("bonus", "expiry")
            or (
                not line.move_id.wallet_operation
                and line.wallet_lot_type == "bonus"
                and all(
                    other.account_id.internal_group in ("expense", "income")
                    or other.wallet_lot_type == "bonus"
                    for other in line.move_id.line_ids
                )
            )
        )
        return given - wallet.bonus_balance

    def _count_goods_kept(self):
        """Documents as far as they are settled, and the credits still open."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.test.customer.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        kept = 0.0
        for line in lines:
            if line.move_id.is_sale_document():
                kept += line.amount_currency
                kept -= line.amount_residual_currency
            elif line.amount_residual_currency < 0.0:
                kept -= line.amount_residual_currency
        return kept


@tagged("post_install", "-at_install")
class TestRandomLaw(WalletCommon):
    """Whatever chain of credit notes, exchanges, entries by hand, duplicates, reversals
    and merges people make: no bonus becomes money, and the books agree.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billing = new_test_user(
            cls.env,
            login="wallet_billing",
            groups="account.group_account_invoice",
            company_id=cls.company.id,
        )

    def test_bonus_used_never_exceeds_goods_kept(self):
        run_state_machine_as_test(
            type("LawHistoryHere", (LawHistory,), {"test": self}),
            settings=settings(
                max_examples=HISTORIES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize="CUSTOMER_WALLET_HISTORIES" not in os.environ,
                database=None,
                phases=PHASES,
                suppress_health_check=list(HealthCheck),
            ),
        )
