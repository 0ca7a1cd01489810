from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestWalletAnalysis(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wallet_accounts = cls.wallet_account | cls.company.wallet_bonus_account_id

    def _amounts(self, *groupby, domain=(), measure="company_amount"):
        """What the pivot shows: sums of the measure by the keys."""
        return {
            tuple(row[:-1]) if len(groupby) > 1 else row[0]: row[-1]
            for row in self.env["customer.wallet.report"]._read_group(
                Domain("company_id", "=", self.company.id) & Domain(domain),
                groupby=groupby,
                aggregates=[f"{measure}:sum"],
            )
        }

    def _balances(self, day=None):
        return self.env["customer.wallet.balance"].with_context(
            wallet_date=day and day.isoformat()
        )

    def test_what_comes_in_is_positive_what_goes_out_negative(self):
        self._top_up(100)
        self._give_bonus(20)
        self._pay_out(10)
        self._invoice(50).action_allocate_wallet()
        self.assertEqual(
            self._amounts("operation"),
            {"top_up": 100, "bonus": 20, "pay_out": -10, "allocation": -50},
        )
        self.assertEqual(self._amounts("direction"), {"in": 120, "out": -60})

    def test_each_kind_of_money_adds_up(self):
        self._top_up(100)
        self._give_bonus(20)
        self._invoice(50).action_allocate_wallet()
        self.assertEqual(
            self._amounts("operation"), {"top_up": 100, "bonus": 20, "allocation": -50}
        )
        self.assertEqual(
            self._amounts("operation", measure="company_bonus_amount"),
            {"top_up": 0, "bonus": 20, "allocation": -20},
        )

    def test_a_bonus_that_is_undone_was_no_paid_money(self):
        self._top_up(100)
        bonus = self._give_bonus(20)
        self.env["customer.wallet"]._undo(bonus.line_ids)
        for measure in ("company_amount", "company_bonus_amount"):
            amounts = self._amounts(
                "is_undone", domain=[("operation", "=", "bonus")], measure=measure
            )
            self.assertEqual(amounts, {False: 20, True: -20}, measure)

    def test_a_manual_debit_is_of_the_kind_of_its_account(self):
        self._top_up(100)
        self._give_bonus(20)
        self._manual_debit(50)
        self.assertEqual(self._amounts("operation")["other"], -50)
        self.assertEqual(
            self._amounts("operation", measure="company_bonus_amount")["other"], 0
        )

    def _manual_debit(self, amount):
        revenue = self.company_data["default_account_revenue"]
        return self._enter((self.wallet_account, amount, 0), (revenue, 0, amount))

    def test_an_undo_appears_as_both(self):
        self._top_up(100)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        self.assertEqual(
            self._amounts("is_undone", domain=[("operation", "=", "allocation")]),
            {False: -50, True: 50},
        )

    def test_it_can_be_split_by_customer_and_month(self):
        other = self.customer.create({"name": "Bee"})
        self._top_up(100, date=date(2026, 1, 5))
        self._top_up(7, date=date(2026, 2, 5), partner_id=other.id)
        self.assertEqual(
            self._amounts("partner_id", "date:month"),
            {
                (self.customer, date(2026, 1, 1)): 100,
                (other, date(2026, 2, 1)): 7,
            },
        )

    def test_the_sum_is_the_ledger_also_with_other_currencies(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self._top_up(100)
        self._top_up(30, currency_id=euro.id, date=date(2026, 1, 10))
        euro.rate_ids.create(
            {"name": "2026-02-01", "rate": 3.0, "currency_id": euro.id}
        )
        self._invoice(
            20, currency_id=euro.id, invoice_date=date(2026, 2, 10)
        ).action_allocate_wallet()
        self._invoice(33.33).action_allocate_wallet()
        total = self.company.currency_id.round(sum(self._amounts("wallet_id").values()))
        self.assertEqual(
            total,
            self.company.currency_id.round(self._ledger_balance(self.wallet_accounts)),
        )
        in_wallet_currency = self._amounts("currency_id", measure="amount")
        self.assertEqual(in_wallet_currency[euro], 10)

    def test_a_movement_opens_its_document(self):
        self._top_up(100)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        row = self.env["customer.wallet.report"].search(
            [
                ("operation", "=", "allocation"),
                ("wallet_id", "=", self._wallet().id),
            ]
        )
        action = row.action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (invoice._name, invoice.id)
        )

    # Balances at a date

    def test_balances_at_a_date_are_the_ledger_of_that_date(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        other = self.customer.create({"name": "Bee"})
        self._top_up(100, date=date(2026, 1, 5))
        self._top_up(40, date=date(2026, 2, 5), partner_id=other.id)
        self._top_up(30, date=date(2026, 2, 10), currency_id=euro.id)
        self._pay_out(60, date=date(2026, 3, 5))
        for day, expected in (
            (date(2026, 1, 4), {}),
            (
                date(2026, 1, 31),
                {(self.customer, self.company.currency_id): (100, 100)},
            ),
            (
                date(2026, 2, 28),
                {
                    (self.customer, self.company.currency_id): (100, 100),
                    (other, self.company.currency_id): (40, 40),
                    (self.customer, euro): (30, 15),
                },
            ),
            (
                date(2026, 3, 31),
                {
                    (self.customer, self.company.currency_id): (40, 40),
                    (other, self.company.currency_id): (40, 40),
                    (self.customer, euro): (30, 15),
                },
            ),
        ):
            with self.subTest(day=day):
                rows = self._balances(day).search(
                    [("company_id", "=", self.company.id)]
                )
                self.assertEqual(
                    {
                        (row.partner_id, row.currency_id): (
                            row.balance,
                            row.company_balance,
                        )
                        for row in rows
                    },
                    expected,
                )
                [(total,)] = self._balances(day)._read_group(
                    [("company_id", "=", self.company.id)],
                    aggregates=["company_balance:sum"],
                )
                self.assertEqual(
                    total or 0, self._ledger_balance(self.wallet_accounts, day) or 0
                )

    def test_balances_of_today_are_those_of_the_wallets(self):
        self._top_up(100)
        self._invoice(33.33).action_allocate_wallet()
        row = self._balances().search([("wallet_id", "=", self._wallet().id)])
        self.assertEqual(row.balance, self._wallet().balance)
        action = row.action_open_wallet()
        self.assertEqual(action["res_id"], self._wallet().id)

    def test_the_bonus_is_the_balance_of_its_account(self):
        self._top_up(100)
        self._give_bonus(20)
        self._invoice(5).action_allocate_wallet()
        row = self._balances().search([("wallet_id", "=", self._wallet().id)])
        self.assertEqual((row.company_balance, row.company_bonus_balance), (115, 15))

    def test_the_wizard_shows_the_balances_of_its_date(self):
        self._top_up(100, date=date(2026, 1, 5))
        action = (
            self.env["customer.wallet.balance.date"]
            .create({"date": date(2026, 1, 31)})
            .action_open()
        )
        self.assertEqual(action["name"], "Wallet Balances on 01/31/2026")
        balances = self.env[action["res_model"]].with_context(**action["context"])
        self.assertEqual(
            balances.search([("wallet_id", "=", self._wallet().id)]).balance, 100
        )

    # Access

    def test_only_wallet_users_see_them_and_only_of_their_companies(self):
        self._top_up(100)
        elsewhere = self.setup_other_company()["company"]
        employee = new_test_user(self.env, "curious", "base.group_user")
        clerk = new_test_user(self.env, "clerk", "customer_wallet.group_wallet_user")
        stranger = new_test_user(
            self.env,
            "stranger",
            "customer_wallet.group_wallet_user",
            company_id=elsewhere.id,
            company_ids=elsewhere.ids,
        )
        for model in ("customer.wallet.report", "customer.wallet.balance"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(employee).search([])
            domain = [("wallet_id", "=", self._wallet().id)]
            self.assertTrue(self.env[model].with_user(clerk).search(domain))
            self.assertFalse(self.env[model].with_user(stranger).search(domain))
