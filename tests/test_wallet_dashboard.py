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

    def test_the_history_says_what_was_undone_and_opens_the_document(self):
        self._top_up(100)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        invoice.action_unallocate_wallet(invoice._get_wallet_partials().id)
        lines = self._wallet().line_ids.sorted("id")
        self.assertEqual(
            lines.mapped("wallet_kind"), ["Top-up", "Allocation", "Undone: Allocation"]
        )
        self.assertEqual(lines[1:].mapped("wallet_document"), [invoice.name] * 2)
        for line in lines[1:]:
            action = line.action_open_wallet_document()
            self.assertEqual(action["res_id"], invoice.id)

    def test_the_history_is_that_of_the_wallet(self):
        self._top_up(100)
        other = self.customer.create({"name": "Bee"})
        self._top_up(7, partner_id=other.id)
        wallet = self._wallet()
        action = wallet.action_view_movements()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(lines, wallet.line_ids)

    def test_who_sees_no_journal_items_sees_the_dashboard(self):
        self._top_up(100)
        clerk = new_test_user(self.env, "clerk", "customer_wallet.group_wallet_user")
        dashboard = self._wallet().with_user(clerk).dashboard
        self.assertEqual(dashboard["movements"][0]["amount"], 100)
        self.assertFalse(dashboard["can_open"])
        cashier = new_test_user(self.env, "till", "point_of_sale.group_pos_user")
        self.assertTrue(self._wallet().with_user(cashier).dashboard["can_open"])
