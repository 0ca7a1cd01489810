from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import WalletCommon
from .test_till_wallet import TillWalletCommon


@tagged("post_install", "-at_install")
class TestWalletOverview(WalletCommon):
    def _find(self, *domain):
        self.env.flush_all()
        return self.env["customer.wallet"].search(
            [("partner_id", "=", self.customer.id), *domain]
        )

    def test_what_is_due_and_what_of_it_the_wallet_can_pay(self):
        self._top_up(100)
        self._invoice(80)
        self._invoice(50)
        self._invoice(500, post=False)
        self._invoice(30, move_type="out_refund")
        wallet = self._wallet()
        self.assertEqual((wallet.due_amount, wallet.payable_amount), (130, 100))
        wallet.state = "frozen"
        wallet.invalidate_recordset()
        self.assertEqual((wallet.due_amount, wallet.payable_amount), (130, 0))

    def test_what_is_due_in_another_currency_counts_at_todays_rate(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        self._top_up(100)
        self._invoice(40, currency_id=currency.id)
        self.assertEqual(self._wallet().due_amount, 20)

    def test_the_button_shows_what_is_counted(self):
        self._top_up(100)
        invoices = self._invoice(80) | self._invoice(50)
        action = self._wallet().action_view_open_invoices()
        self.assertEqual(self.env["account.move"].search(action["domain"]), invoices)
        invoices[0].action_allocate_wallet()
        self.assertEqual(self.env["account.move"].search(action["domain"]), invoices[1])

    def test_the_payments_of_the_customer(self):
        payments = self._top_up(100) | self._pay_out(20)
        self._pay(10, is_wallet=False)
        action = self._wallet().action_view_top_ups()
        found = self.env["account.payment"].search(action["domain"])
        self.assertEqual(found, payments)

    def test_a_bonus_about_to_expire_is_found(self):
        today = fields.Date.today()
        self.company.wallet_expiry_reminder_days = 7
        self._top_up(100)
        self._give_bonus(15, expiry=today + timedelta(days=3))
        self._give_bonus(40, expiry=today + timedelta(days=30))
        self.assertEqual(self._wallet().expiring_amount, 15)
        self.assertEqual(self._find(("expiring_amount", ">", 0)), self._wallet())
        invoice = self._invoice(15)
        invoice.action_allocate_wallet()
        self.env.invalidate_all()
        self.assertFalse(self._find(("expiring_amount", ">", 0)))

    def test_wallets_that_nobody_uses_are_found(self):
        day = fields.Date.today() - timedelta(days=200)
        self._top_up(100, date=day)
        wallet = self._wallet()
        self.assertEqual(wallet.last_movement_date, day)
        self.assertEqual(self._find(("last_movement_date", "<", "-6m")), wallet)
        self._top_up(1)
        wallet.invalidate_recordset()
        self.assertEqual(wallet.last_movement_date, fields.Date.today())
        self.assertFalse(self._find(("last_movement_date", "<", "-6m")))

    def test_wallets_with_less_than_the_customer_wants_are_found(self):
        self._top_up(100)
        wallet = self._wallet()
        wallet._set_low_balance_threshold(50)
        self.assertFalse(self._find(("is_low", "=", True)))
        self._pay_out(60)
        self.assertTrue(wallet.is_low)
        self.assertEqual(self._find(("is_low", "=", True)), wallet)
        self.assertFalse(self._find(("is_low", "=", False)))


@tagged("post_install", "-at_install")
class TestTillOrdersOfAWallet(TillWalletCommon):
    def test_the_till_orders_that_the_wallet_paid(self):
        self.open_new_session()
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        self._sync(self._order_data([(self.cash_pm1, 100)]))
        action = self._wallet().action_view_till_orders()
        self.assertEqual(self.env["pos.order"].search(action["domain"]), order)
