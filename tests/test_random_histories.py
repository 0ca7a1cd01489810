import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import customer_wallet_contents
from .common import WalletCommon

# CUSTOMER_WALLET_HISTORIES=200 looks longer.
HISTORIES = int(os.environ.get("CUSTOMER_WALLET_HISTORIES", "8"))
STEPS = 15
FIRST_DAY = date(2026, 6, 1)
OFFER = {"minimum": 50, "bonus": 5, "days": 10}

owners = st.sampled_from(["amal", "badr"])
amounts = st.integers(1, 120)


@dataclass
class Lot:
    kind: str
    left: int
    expiry: date = date.max


@dataclass
class Purse:
    """A wallet in a few lines: what the addon must agree with."""

    lots: list = field(default_factory=list)
    frozen: bool = False
    used: int = 0  # bonus that has bought something
    kept: int = 0  # what was bought, less what was credited

    def open_lots(self, kinds=("bonus", "paid")):
        lots = [lot for lot in self.lots if lot.left and lot.kind in kinds]
        return sorted(lots, key=lambda lot: (lot.expiry, lot.kind))

    def total(self, kinds=("bonus", "paid")):
        return sum(lot.left for lot in self.open_lots(kinds))

    def can_spend(self, amount, kinds=("bonus", "paid")):
        return not self.frozen and amount <= self.total(kinds)

    def spend(self, amount, kinds=("bonus", "paid")):
        parts = []
        for lot in self.open_lots(kinds):
            part = min(amount, lot.left)
            if part:
                parts.append((lot, part))
            lot.left -= part
            amount -= part
        return parts


class History(RuleBasedStateMachine):
    """What people do with two wallets, in any order and any amount.

    Amounts are counted in the smallest unit of the currency.
    """

    test = None  # the test case, given by a subclass

    def __init__(self):
        super().__init__()
        self.day = FIRST_DAY
        self.clock = freeze_time(self.day)
        self.clock.start()
        self.savepoint = self.test.env.cr.savepoint()
        self.purses = {"amal": Purse(), "badr": Purse()}
        self.payments = []  # (owner, invoice, parts taken from the purse)

    def teardown(self):
        self.savepoint.close(rollback=True)
        self.test.env.invalidate_all(flush=False)
        self.clock.stop()

    # Words

    def _amount(self, units):
        return self.test.currency.round(units * self.test.currency.rounding)

    def _partner(self, owner):
        return self.test.partners[owner]

    def _wallet(self, owner):
        partner = self._partner(owner)
        return self.test.env["customer.wallet"]._find_or_create(
            partner, self.test.company, self.test.currency
        )

    def _vals(self, owner):
        return {
            "partner_id": self._partner(owner).id,
            "currency_id": self.test.currency.id,
        }

    def _try(self, allowed, action, *args):
        """Do it if the model allows it; otherwise see that it is refused."""
        if allowed:
            action(*args)
        else:
            with self.test.assertRaises(UserError), self.test.env.cr.savepoint():
                action(*args)
                self.test.env.flush_all()
        self.test.env.invalidate_all()
        return allowed

    # What people do

    @rule(owner=owners, units=amounts)
    def top_up(self, owner, units):
        self.test._top_up(self._amount(units), **self._vals(owner))
        self.purses[owner].lots.append(Lot("paid", units))
        if units >= OFFER["minimum"]:
            expiry = self.day + timedelta(days=OFFER["days"])
            self.purses[owner].lots.append(Lot("bonus", OFFER["bonus"], expiry))

    @rule(owner=owners, units=amounts)
    def pay_out(self, owner, units):
        purse = self.purses[owner]
        self._wallet(owner)
        payment = self.test._pay_out(
            self._amount(units), post=False, **self._vals(owner)
        )
        if self._try(purse.can_spend(units, ("paid",)), payment.action_post):
            purse.spend(units, ("paid",))

    @rule(owner=owners, due=amounts, units=amounts)
    def pay_invoice(self, owner, due, units):
        invoice = self.test._invoice(self._amount(due), **self._vals(owner))
        purse = self.purses[owner]
        allowed = units <= due and purse.can_spend(units)
        if self._try(allowed, invoice.action_allocate_wallet, self._amount(units)):
            parts = purse.spend(units)
            purse.kept += units
            purse.used += sum(part for lot, part in parts if lot.kind == "bonus")
            self.payments.append((owner, invoice, parts))

    @rule(number=st.integers(0, 20))
    def undo_payment(self, number):
        if not self.payments:
            return
        payment = self.payments[number % len(self.payments)]
        owner, invoice, parts = payment
        purse = self.purses[owner]
        used = purse.used - sum(part for lot, part in parts if lot.kind == "bonus")
        kept = purse.kept - sum(part for _lot, part in parts)
        partial = invoice._get_wallet_partials()[0]
        # No more bonus is used than goods are kept.
        allowed = used <= max(kept, 0)
        if self._try(allowed, invoice.action_unallocate_wallet, partial.id):
            self.payments.remove(payment)
            purse.used, purse.kept = used, kept
            for lot, units in parts:
                lot.left += units

    @rule(owner=owners, units=amounts)
    def refund_to_wallet(self, owner, units):
        """By a credit note of its own; what comes back when a bonus was used is seen in
        test_random_law.
        """
        if self.purses[owner].used:
            return
        credit_note = self.test._invoice(
            self._amount(units), move_type="out_refund", **self._vals(owner)
        )
        credit_note.action_refund_to_wallet()
        self.purses[owner].kept -= units
        self.purses[owner].lots.append(Lot("paid", units))

    @rule(owner=owners, units=amounts)
    def transfer(self, owner, units):
        other = "badr" if owner == "amal" else "amal"
        purse = self.purses[owner]
        wizard = self.test.env["customer.wallet.transfer"].create(
            {
                "wallet_id": self._wallet(owner).id,
                "target_partner_id": self._partner(other).id,
                "amount": self._amount(units),
                "reason": "A present",
            }
        )
        if self._try(purse.can_spend(units, ("paid",)), wizard.action_confirm):
            for _lot, part in purse.spend(units, ("paid",)):
                self.purses[other].lots.append(Lot("paid", part))

    @rule(
        owner=owners,
        units=amounts,
        direction=st.sampled_from(["up", "down"]),
        kind=st.sampled_from(["paid", "bonus"]),
    )
    def adjust(self, owner, units, direction, kind):
        purse = self.purses[owner]
        wizard = self.test.env["customer.wallet.adjustment"].create(
            {
                "wallet_id": self._wallet(owner).id,
                "direction": direction,
                "lot_type": kind,
                "amount": self._amount(units),
                "account_id": self.test.goodwill.id,
                "reason": "Goodwill",
            }
        )
        allowed = direction == "up" or purse.can_spend(units, (kind,))
        if not self._try(allowed, wizard.action_confirm):
            return
        if direction == "up":
            purse.lots.append(Lot(kind, units))
        else:
            purse.spend(units, (kind,))

    @rule(owner=owners)
    def freeze_or_unfreeze(self, owner):
        purse, wallet = self.purses[owner], self._wallet(owner)
        if purse.frozen:
            wallet.action_unfreeze()
        else:
            wallet.action_freeze()
        purse.frozen = not purse.frozen

    @rule(days=st.integers(1, 12))
    def days_go_by(self, days):
        self.clock.stop()
        self.day += timedelta(days=days)
        self.clock = freeze_time(self.day)
        self.clock.start()
        self.test._expire_bonuses()
        for purse in self.purses.values():
            for lot in purse.lots:
                if lot.expiry < self.day and not purse.frozen:
                    lot.left = 0

    @rule(first=st.integers(0, 40), days=st.integers(0, 40))
    def look_at_a_period(self, first, days):
        first = FIRST_DAY + timedelta(days=first)
        self.test.assertRollForward(first, first + timedelta(days=days))

    # What is true then

    @invariant()
    def wallets_and_model_agree(self):
        self.test.env.flush_all()
        for owner, purse in self.purses.items():
            wallet = self._wallet(owner)
            self.test.assertEqual(
                self.test._units(wallet.balance), purse.total(), owner
            )
            self.test.assertEqual(
                self.test._units(wallet.bonus_balance), purse.total(("bonus",)), owner
            )
            self.test.assertEqual(
                self.test._open_grants(wallet),
                [(lot.left, lot.expiry) for lot in purse.open_lots(("bonus",))],
                owner,
            )
        self.test.assertLedgerAgrees(self._wallet("amal"))


@tagged("post_install", "-at_install")
class TestRandomHistories(WalletCommon):
    """Whatever people do, and in whatever order: balance, kinds of money, bonuses and
    general ledger agree with a few lines of plain Python after every step.
    """

    def _units(self, amount):
        return round(amount / self.currency.rounding)

    def _open_grants(self, wallet):
        return [
            (self._units(grant.left), grant.expiry or date.max)
            for grant in wallet._get_open_grants()
        ]

    def _expire_bonuses(self):
        # A test cannot commit, as the scheduled action does after each batch.
        with patch.object(
            self.registry["ir.cron"], "_commit_progress", return_value=float("inf")
        ):
            self.env["customer.wallet"]._cron_expire_bonus()
        self.env.invalidate_all()

    def _run_histories(self, currency):
        self.currency = currency
        self.partners = {
            "amal": self.customer,
            "badr": self.env["res.partner"].create({"name": "Badr Aziz"}),
        }
        self.goodwill = self.company_data["default_account_expense"]
        self.env["customer.wallet.promotion"].create(
            {
                "name": "Summer",
                "company_id": self.company.id,
                "currency_id": currency.id,
                "minimum_amount": OFFER["minimum"] * currency.rounding,
                "bonus_type": "fixed",
                "bonus_value": OFFER["bonus"] * currency.rounding,
                "validity_days": OFFER["days"],
            }
        )
        run_state_machine_as_test(
            type("HistoryHere", (History,), {"test": self}),
            settings=settings(
                max_examples=HISTORIES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize="CUSTOMER_WALLET_HISTORIES" not in os.environ,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )

    def test_two_decimals(self):
        self._run_histories(self.company.currency_id)

    def test_no_decimals(self):
        self._run_histories(
            self.setup_other_currency(
                "JPY", rounding=1.0, rates=[("2020-01-01", 100.0)]
            )
        )

    def test_three_decimals(self):
        currency = self.setup_other_currency(
            "BHD", rounding=0.001, rates=[("2020-01-01", 0.4)]
        )
        with patch.object(customer_wallet_contents, "CHECKPOINT_ITEMS", 3):
            self._run_histories(currency)
