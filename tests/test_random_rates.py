import os
import random
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..models.customer_wallet_operation import ALL_KINDS
from .common import WalletCommon

# CUSTOMER_WALLET_HISTORIES=200 looks longer.
HISTORIES = int(os.environ.get("CUSTOMER_WALLET_HISTORIES", "4"))
STEPS = 40
FIRST_DAY = date(2026, 6, 1)
FACTORS = (0.25, 0.7137, 0.9, 1.0963, 3.0)


class RateHistory:
    """What people do with two wallets in euros while the rate changes, in any order.
    What they may not do is seen elsewhere: here it is refused or done.

    :param test: the test case
    :param random.Random chance: by which they decide
    """

    def __init__(self, test, chance):
        self.test = test
        self.chance = chance
        self.day = FIRST_DAY
        self.told = []
        self.payments = []
        self.invoices = []

    def run(self):
        for _step in range(STEPS):
            [action] = self.chance.choices(
                [action for action, _weight in self.ACTIONS],
                [weight for _action, weight in self.ACTIONS],
            )
            self.told.append(action.__name__)
            with freeze_time(self.day):
                action(self)
                self.test.assertBooksAgree(self.told)

    # Words

    def _owner(self):
        return self.chance.choice(self.test.partners)

    def _amount(self):
        """Of few different amounts, some make up others."""
        return self.chance.choice((0.07, 3.33, 6.67, 10.0, 20.0))

    def _wallet(self, owner):
        return self.test.env["customer.wallet"]._find_or_create(
            owner, self.test.company, self.test.eur
        )

    def _get_paid(self, owner):
        wallet = self._wallet(owner)
        return wallet.currency_id.round(wallet.balance - wallet.bonus_balance)

    def _enter(self, owner, amount, payment_type="inbound", **vals):
        payment = self.test._pay(
            amount,
            payment_type=payment_type,
            post=False,
            partner_id=owner.id,
            currency_id=self.test.eur.id,
            **vals,
        )
        self.payments.append(payment)
        return payment

    def _pick_payment(self, *states):
        return self._pick([it for it in self.payments if it.state in states])

    def _pick(self, records):
        return self.chance.choice(records) if records else None

    def _try(self, action, *args):
        with self.test._perhaps_refused():
            action(*args)

    def _adjust(self, direction, **vals):
        wizard = self.test.env["customer.wallet.adjustment"].create(
            {
                "wallet_id": self._wallet(self._owner()).id,
                "direction": direction,
                "lot_type": "bonus",
                "amount": self._amount(),
                "account_id": self.test.goodwill.id,
                "reason": "Goodwill",
                **vals,
            }
        )
        self._try(wizard.action_confirm)

    # What people do

    def days_go_by(self):
        self.day += timedelta(days=self.chance.randint(1, 9))
        with freeze_time(self.day):
            self.test._set_rate(self.day, self.chance.choice(FACTORS))
            self.test._expire_bonuses()

    def top_up(self):
        days = timedelta(days=self.chance.choice((0, 0, 1, 8)))
        payment = self._enter(self._owner(), self._amount(), date=self.day - days)
        self._try(payment.action_post)

    def pay_out(self):
        self._try(self._enter(self._owner(), self._amount(), "outbound").action_post)

    def bring_to_zero(self):
        """Pay a debt, or everything out in some pay-outs."""
        owner = self._owner()
        rest = self._get_paid(owner)
        if rest < 0.0:
            self._try(self._enter(owner, -rest).action_post)
        elif rest >= 1.0:
            parts = [round(rest / 3, 2)] * self.chance.randint(0, 2)
            parts.append(round(rest - sum(parts), 2))
            payments = [self._enter(owner, part, "outbound") for part in parts]
            self._try(payments[0].concat(*payments[1:]).action_post)

    def allow_debt(self):
        self._wallet(self._owner()).overdraft_limit += self._amount()

    def pay_invoice(self):
        self._pay_invoice(self._owner(), self._amount(), self.chance.random() < 0.7)

    def _pay_invoice(self, owner, amount, is_in_euros=True):
        currency = self.test.eur if is_in_euros else self.test.company.currency_id
        invoice = self.test._invoice(
            max(currency.round(amount), currency.rounding),
            partner_id=owner.id,
            currency_id=currency.id,
        )
        self._try(invoice.action_allocate_wallet)
        if invoice._get_wallet_partials():
            self.invoices.append(invoice)

    def undo(self):
        invoice = self._pick(self.invoices)
        for partial in invoice._get_wallet_partials()[:1] if invoice else ():
            self._try(invoice.action_unallocate_wallet, partial.id)

    def take_back(self):
        payment = self._pick_payment("in_process", "paid")
        if payment:
            self._take_back(payment)

    def _take_back(self, payment):
        self._try(
            self.chance.choice(
                (
                    payment.action_cancel,
                    payment.action_draft,
                    lambda: payment.move_id._reverse_moves().action_post(),
                )
            )
        )

    def take_the_rest_back(self):
        """Use all but what one of the top-ups was, and take that one back."""
        payment = self._pick_payment("in_process", "paid")
        if payment and payment.payment_type == "inbound":
            owner = payment.partner_id
            rest = self._wallet(owner).balance - payment.amount
            if rest > 0.0:
                self._pay_invoice(owner, rest)
            self._take_back(payment)

    def confirm_changed(self):
        payment = self._pick_payment("draft")
        if payment:
            payment.amount = self._amount()
            self._try(payment.action_post)

    def give_bonus(self):
        days = timedelta(days=self.chance.randint(0, 9))
        self._adjust("up", expiry_date=self.day + days)

    def take_bonus(self):
        self._adjust("down")

    def transfer(self):
        giver = self._owner()
        wizard = self.test.env["customer.wallet.transfer"].create(
            {
                "wallet_id": self._wallet(giver).id,
                "target_partner_id": (self.test.partners - giver).id,
                "amount": self._amount(),
                "reason": "A present",
            }
        )
        self._try(wizard.action_confirm)

    ACTIONS = (
        (days_go_by, 10),
        (top_up, 5),
        (pay_out, 2),
        (bring_to_zero, 5),
        (allow_debt, 2),
        (pay_invoice, 5),
        (undo, 2),
        (take_back, 2),
        (take_the_rest_back, 4),
        (confirm_changed, 1),
        (give_bonus, 2),
        (take_bonus, 1),
        (transfer, 1),
    )


class RandomRatesCommon(WalletCommon):
    """Whatever people do, at whatever rates: an empty wallet is worth nothing in the
    books, each kind of money for itself, and no money is worth less than nothing.
    """

    own_currency = "USD"
    own_rounding = 0.01
    euro_rate = 1.0  # how many euros are one unit of the company's currency

    @classmethod
    def setup_independent_company(cls, **kwargs):
        Currency = cls.env["res.currency"].with_context(active_test=False)
        currency = Currency.search([("name", "=", cls.own_currency)])
        currency.write({"active": True, "rounding": cls.own_rounding})
        return super().setup_independent_company(currency_id=currency.id, **kwargs)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.setup_other_currency("EUR", rates=[("2020-01-01", cls.euro_rate)])
        cls.partners = cls.customer | cls.env["res.partner"].create({"name": "Badr"})
        cls.goodwill = cls.company_data["default_account_expense"]

    def _set_rate(self, day, factor):
        self.env["res.currency.rate"].create(
            {
                "name": day,
                "rate": self.euro_rate * factor,
                "currency_id": self.eur.id,
                "company_id": self.company.id,
            }
        )

    def _expire_bonuses(self):
        # A test cannot commit, as the scheduled action does after each batch.
        with patch.object(
            self.registry["ir.cron"], "_commit_progress", return_value=float("inf")
        ):
            self.env["customer.wallet"]._cron_expire_bonus()
        self.env.invalidate_all()

    def assertBooksAgree(self, told):
        own = self.company.currency_id
        self.env.flush_all()
        for owner in self.partners:
            wallet = self._wallet(owner, currency=self.eur)
            for kind in ALL_KINDS if wallet else ():
                amount, value = wallet._get_contents()[wallet.id].sum(kind)
                amount, value = self.eur.round(amount), own.round(value)
                self.assertTrue(amount or not value, (kind, value, told))
                self.assertGreaterEqual(amount * value, 0.0, (kind, told))
        differences = self.env["customer.wallet.check"]._find_differences(self.company)
        self.assertEqual(differences, [], told)

    def _run_histories(self):
        own = self.company.currency_id
        self.assertEqual(
            (own.name, own.rounding), (self.own_currency, self.own_rounding)
        )
        for number in range(HISTORIES):
            savepoint = self.env.cr.savepoint()
            RateHistory(self, random.Random(f"{self.own_currency} {number}")).run()
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)


@tagged("post_install", "-at_install")
class TestRandomRatesInDollars(RandomRatesCommon):
    def test_two_decimals(self):
        self._run_histories()


@tagged("post_install", "-at_install")
class TestRandomRatesInYen(RandomRatesCommon):
    own_currency = "JPY"
    own_rounding = 1.0
    euro_rate = 0.0061

    def test_no_decimals(self):
        self._run_histories()


@tagged("post_install", "-at_install")
class TestRandomRatesInDinars(RandomRatesCommon):
    own_currency = "BHD"
    own_rounding = 0.001
    euro_rate = 2.4391

    def test_three_decimals(self):
        self._run_histories()
