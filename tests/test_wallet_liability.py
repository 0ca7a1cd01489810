from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import WalletCommon
from .tour_common import WalletTourCommon

TODAY = date(2026, 7, 31)


class LiabilityCommon(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-07-31 12:00:00"))

    def _report(self, model, first=None, last=TODAY):
        return self.env[model].with_context(
            wallet_date_from=first and first.isoformat(),
            wallet_date_to=last.isoformat(),
        )

    def _steps(self, first=None, last=TODAY, **filters):
        """What of the roll-forward of the company is not zero."""
        return self._get_roll_forward(first, last, **filters)

    def _ages(self, last=TODAY, **filters):
        domain = [("company_id", "=", self.company.id)]
        domain += [(name, "=", value) for name, value in filters.items()]
        rows = self._report("customer.wallet.ageing", last=last)._read_group(
            domain, groupby=["bucket_id"], aggregates=["amount:sum"]
        )
        return {bucket.days: amount for bucket, amount in rows}

    def _ledger(self, last=TODAY):
        return self._ledger_balance(self.wallet_account | self.bonus_account, last)


@tagged("post_install", "-at_install")
class TestRollForward(LiabilityCommon):
    def test_opening_and_what_moved_make_the_closing(self):
        self._top_up(100, date=date(2026, 6, 10))
        self._give_bonus(20, date=date(2026, 7, 1))
        self._top_up(50, date=date(2026, 7, 2))
        self._pay_out(10, date=date(2026, 7, 3))
        invoice = self._invoice(60, invoice_date=date(2026, 7, 4))
        invoice.action_allocate_wallet()
        self.assertEqual(
            self._steps(date(2026, 7, 1)),
            {
                "opening": 100,
                "topped_up": 50,
                "bonus_given": 20,
                "paid_out": -10,
                "spent_invoices": -60,
                "closing": 100,
            },
        )
        self.assertEqual(self._steps(date(2026, 7, 1))["closing"], self._ledger())

    def test_each_kind_of_money_has_its_own(self):
        self._top_up(100)
        self._give_bonus(20)
        self._invoice(50).action_allocate_wallet()
        self.assertEqual(
            self._steps(kind="paid"),
            {"topped_up": 100, "spent_invoices": -30, "closing": 70},
        )
        self.assertEqual(
            self._steps(kind="bonus"), {"bonus_given": 20, "spent_invoices": -20}
        )

    def test_what_is_undone_counts_where_it_was_done(self):
        self._top_up(100)
        payment = self._top_up(30)
        payment.action_draft()
        invoice = self._invoice(40)
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        self.assertEqual(self._steps(), {"topped_up": 100, "closing": 100})

    def test_days_outside_of_the_period_do_not_count(self):
        self._top_up(100, date=date(2026, 6, 30))
        self._top_up(50, date=date(2026, 7, 1))
        june = date(2026, 6, 1), date(2026, 6, 30)
        self.assertEqual(self._steps(*june), {"topped_up": 100, "closing": 100})
        july = date(2026, 7, 1), TODAY
        self.assertEqual(
            self._steps(*july), {"opening": 100, "topped_up": 50, "closing": 150}
        )

    def test_foreign_money_is_at_its_value_in_the_books(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self._top_up(100, currency_id=currency.id)
        self.assertEqual(self._steps(), {"topped_up": 50, "closing": 50})
        self.assertEqual(self._steps()["closing"], self._ledger())

    def test_an_entry_by_hand_is_other(self):
        self._top_up(100)
        self._enter((self.wallet_account, 15, 0), (self.receivable, 0, 15), date=TODAY)
        self.assertEqual(self._steps(), {"topped_up": 100, "other": -15, "closing": 85})

    def test_one_gets_to_the_movements(self):
        self._top_up(100, date=date(2026, 6, 10))
        payment = self._top_up(50, date=date(2026, 7, 2))
        row = self._report("customer.wallet.liability", date(2026, 7, 1)).search(
            [("wallet_id", "=", self._wallet().id)]
        )
        action = row.action_view_movements()
        movements = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(movements.move_id, payment.move_id)

    def test_the_dialog_says_what_the_general_ledger_has(self):
        self._top_up(100)
        wizard = self.env["customer.wallet.liability.period"].create({})
        self.assertEqual(wizard.date_from, date(2026, 7, 1))
        self.assertIn("$\xa0100.00, as the general ledger", wizard.ledger_message)
        self.assertEqual(
            wizard.action_open()["context"]["wallet_date_to"], "2026-07-31"
        )
        wizard.date_from = date(2026, 8, 1)
        wizard.date_to = date(2026, 6, 30)
        self.assertIn("as the general ledger has", wizard.ledger_message)
        with self.assertRaisesRegex(UserError, "first day is after"):
            wizard.action_open()

    def test_one_is_told_that_other_branches_are_in_it(self):
        """They share the wallets, but who works in one sees its movements only."""
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids |= branch
        self._top_up(100)
        self._pay(30, company_id=branch.id, journal_id=self.bank_journal.id)
        for companies, is_told in (
            (self.company, True),
            (branch, True),
            (self.company | branch, False),
        ):
            context = {"allowed_company_ids": companies.ids}
            wizard = self.env["customer.wallet.liability.period"]
            wizard = wizard.with_context(**context).create({})
            message = wizard.ledger_message
            self.assertIn("$\xa0130.00, as the general ledger", message)
            self.assertEqual("choose them all" in message, is_told)
            row = self._report("customer.wallet.liability").with_context(**context)
            row = row.search([("wallet_id", "=", self._wallet().id)])
            self.assertEqual(row.closing, 130)
            name = row.action_view_movements()["name"]
            self.assertEqual("chosen companies only" in name, is_told)

    def _get_ledger_message(self, companies):
        wizard = self.env["customer.wallet.liability.period"]
        return (
            wizard.with_context(allowed_company_ids=companies.ids)
            .create({})
            .ledger_message
        )

    def test_nobody_is_told_to_choose_branches_that_cannot_be_chosen(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self._top_up(100)
        self.assertNotIn("branches", self._get_ledger_message(self.company))
        self._pay(30, company_id=branch.id, journal_id=self.bank_journal.id)
        self.env.user.company_ids -= branch
        for is_active in (True, False):
            branch.active = is_active
            message = self._get_ledger_message(self.company)
            self.assertIn("$\xa0130.00, as the general ledger", message)
            self.assertIn("more than the movements", message)
            self.assertNotIn("choose them all", message)

    def test_a_row_opens_what_moved_its_kind_of_money(self):
        """So that what it opens adds up to it."""
        top_up = self._top_up(100, date=date(2026, 7, 1))
        bonus = self._give_bonus(20, date=date(2026, 7, 2))
        invoice = self._invoice(60, invoice_date=date(2026, 7, 4))
        invoice.action_allocate_wallet()
        entry = self._allocation_of(invoice)
        rows = self._report("customer.wallet.liability", date(2026, 7, 1)).search(
            [("wallet_id", "=", self._wallet().id)]
        )
        for kind, measure, entries in (
            ("paid", "company_paid_amount", top_up.move_id | entry),
            ("bonus", "company_bonus_amount", bonus | entry),
        ):
            row = rows.filtered(lambda row, kind=kind: row.kind == kind)
            action = row.action_view_movements()
            lines = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(lines.move_id, entries)
            self.assertEqual(sum(lines.mapped(measure)), row.closing)
        self.assertRollForward(date(2026, 7, 1), TODAY)


@tagged("post_install", "-at_install")
class TestAgeing(LiabilityCommon):
    def test_what_was_spent_came_from_what_was_received_first(self):
        self._top_up(100, date=date(2026, 1, 15))
        self._top_up(80, date=date(2026, 5, 1))
        self._top_up(20, date=date(2026, 7, 20))
        invoice = self._invoice(120, invoice_date=TODAY)
        invoice.action_allocate_wallet()
        self.assertEqual(self._ages(), {0: 20, 91: 60})
        self.assertEqual(sum(self._ages().values()), self._ledger())

    def test_what_was_undone_is_as_old_as_it_was(self):
        self._top_up(100, date=date(2026, 1, 15))
        invoice = self._invoice(40, invoice_date=TODAY)
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        self.assertEqual(self._ages(), {181: 100})

    def test_what_was_moved_together_is_undone_apart(self):
        """What stays of an entry is as old as it was, and so is what came before."""
        older = self._top_up(100, date=date(2026, 1, 15))
        with freeze_time("2026-05-01"):
            self._pay(60, is_wallet=False)
            credit_note = self._credit_note(40)
            action = self.customer.action_move_credits_to_wallet()
            wizard = self.env[action["res_model"]].with_context(**action["context"])
            Form(wizard).save().action_move_to_wallet()
        self._undo_refund(credit_note)
        self.assertEqual(self._ages(), {91: 60, 181: 100})
        self._invoice(70, invoice_date=TODAY).action_allocate_wallet()
        self.assertEqual(self._ages(), {91: 60, 181: 30})
        self.assertEqual(older.wallet_residual, 30)

    def test_bonus_has_its_own_ages(self):
        self._top_up(100, date=date(2026, 1, 15))
        self._give_bonus(20, date=date(2026, 7, 1))
        self.assertEqual(self._ages(kind="bonus"), {0: 20})
        self.assertEqual(self._ages(kind="paid"), {181: 100})

    def test_a_debt_is_as_old_as_the_last_movement(self):
        self._top_up(10, date=date(2026, 1, 15))
        self._wallet().sudo().overdraft_limit = 100
        invoice = self._invoice(50, invoice_date=TODAY)
        invoice.action_allocate_wallet()
        self.assertEqual(self._ages(), {0: -40})
        self.assertEqual(self._ledger(), -40)

    def test_foreign_money_is_at_its_value_in_the_books(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 3.0)])
        self._top_up(100, currency_id=currency.id, date=date(2026, 2, 1))
        self._top_up(10, currency_id=currency.id, date=date(2026, 7, 1))
        self.assertEqual(round(sum(self._ages().values()), 2), self._ledger())

    def test_on_an_earlier_day(self):
        self._top_up(100, date=date(2026, 1, 15))
        self._top_up(50, date=date(2026, 7, 20))
        self.assertEqual(self._ages(last=date(2026, 2, 1)), {0: 100})

    def test_other_buckets(self):
        self.env.ref("customer_wallet.ageing_bucket_181").days = 150
        self._top_up(100, date=date(2026, 2, 20))
        self.assertEqual(self._ages(), {150: 100})
        names = self.env["customer.wallet.ageing.bucket"].search([])
        self.assertEqual(
            names.mapped("display_name"),
            [
                "0–30 days",
                "31–90 days",
                "91–149 days",
                "150–365 days",
                "366 days and more",
            ],
        )
        with self.assertRaisesRegex(UserError, "0 days stays"):
            names[0].unlink()

    def test_dormant_since(self):
        self._top_up(100, date=date(2026, 1, 15))
        [row] = self._report("customer.wallet.ageing").search(
            [("wallet_id", "=", self._wallet().id)]
        )
        self.assertEqual(row.dormant_since, date(2026, 1, 15))


@tagged("post_install", "-at_install")
class TestLiabilityTour(WalletTourCommon):
    def test_from_the_menu_to_the_movements(self):
        """The dialog agrees with the ledger; then roll-forward, movements and ages."""
        today = date.today()
        self._top_up(100, date=today - timedelta(days=40))
        self._invoice(30).action_allocate_wallet()
        self._run_tour("customer_wallet_liability")
