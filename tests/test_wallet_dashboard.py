from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestWalletDashboard(WalletCommon):
    def test_it_shows_the_kinds_of_money_and_what_expires(self):
        today = fields.Date.today()
        self._top_up(100)
        self._give_bonus(20, expiry=today + timedelta(days=9))
        dashboard = self._wallet().dashboard
        self.assertEqual(dashboard["balance"], 120)
        self.assertEqual(dashboard["paid"], 100)
        self.assertEqual(dashboard["bonus"], 20)
        self.assertEqual(
            dashboard["expiring"],
            [{"date": today + timedelta(days=9), "amount": 20}],
        )

    def test_a_frozen_wallet_has_nothing_available(self):
        self._top_up(100)
        self._wallet().action_freeze()
        dashboard = self._wallet().dashboard
        self.assertTrue(dashboard["is_frozen"])
        self.assertEqual((dashboard["balance"], dashboard["available"]), (100, 0))

    def test_it_shows_the_latest_movements_newest_first(self):
        for amount in range(1, 13):
            self._top_up(amount)
        wallet = self._wallet()
        movements = wallet.dashboard["movements"]
        self.assertEqual(
            [movement["amount"] for movement in movements], list(range(12, 2, -1))
        )
        self.assertEqual(movements[0]["balance"], wallet.balance)
        self.assertEqual(movements[-1]["balance"], 1 + 2 + 3)
        self.assertEqual(wallet.movement_count, 12)

    @freeze_time("2026-06-15")
    def test_the_curve_goes_from_nothing_to_the_balance(self):
        self._top_up(100, date=date(2026, 3, 1))
        self._pay_out(30, date=date(2026, 4, 1))
        self._top_up(5, date=date(2026, 4, 1))
        self.assertEqual(
            self._wallet().dashboard["curve"],
            [
                {"date": date(2026, 2, 28), "balance": 0},
                {"date": date(2026, 3, 1), "balance": 100},
                {"date": date(2026, 4, 1), "balance": 75},
                {"date": date(2026, 6, 15), "balance": 75},
            ],
        )

    @freeze_time("2026-06-15")
    def test_the_curve_starts_a_year_ago_with_what_there_was(self):
        self._top_up(100, date=date(2025, 1, 1))
        self._top_up(50, date=date(2026, 1, 1))
        self.assertEqual(
            self._wallet().dashboard["curve"],
            [
                {"date": date(2025, 6, 15), "balance": 100},
                {"date": date(2026, 1, 1), "balance": 150},
                {"date": date(2026, 6, 15), "balance": 150},
            ],
        )

    def test_a_wallet_without_movements_has_a_dashboard(self):
        wallet = self.env["customer.wallet"]._find_or_create(
            self.customer, self.company, self.company.currency_id
        )
        self.assertEqual(wallet.dashboard["movements"], [])
        self.assertEqual(wallet.movement_count, 0)

    def test_what_is_held_is_not_available(self):
        self._top_up(100)
        self._wallet()._hold(30, self._invoice(30))
        dashboard = self._wallet().dashboard
        self.assertEqual((dashboard["held"], dashboard["available"]), (30, 70))
        self.assertEqual(
            [row["is_pending"] for row in dashboard["movements"]], [True, False]
        )

    def test_the_history_says_what_was_undone(self):
        self._top_up(100)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        self.assertEqual(
            [
                (row["kind"], row["document"])
                for row in self._wallet().dashboard["movements"][:2]
            ],
            [("Undone: Invoice Paid", invoice.name), ("Invoice Paid", invoice.name)],
        )

    def test_the_history_is_that_of_the_wallet(self):
        self._top_up(100)
        other = self.customer.create({"name": "Bee"})
        self._top_up(7, partner_id=other.id)
        wallet = self._wallet()
        action = wallet.action_view_movements()
        movements = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(movements.wallet_id, wallet)
        self.assertEqual(len(movements), wallet.movement_count)

    def test_who_sees_no_entries_sees_the_dashboard(self):
        self._top_up(100)
        clerk = new_test_user(self.env, "clerk", "customer_wallet.group_wallet_user")
        dashboard = self._wallet().with_user(clerk).dashboard
        self.assertEqual(dashboard["movements"][0]["amount"], 100)
        self.assertFalse(dashboard["can_open"])
        cashier = new_test_user(self.env, "till", "point_of_sale.group_pos_user")
        self.assertTrue(self._wallet().with_user(cashier).dashboard["can_open"])
