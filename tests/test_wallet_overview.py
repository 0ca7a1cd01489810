from ast import literal_eval
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from .common import WalletCommon
from .till_common import TillWalletCommon


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

    def test_the_payments_of_a_subsidiary_are_in_its_own_wallet(self):
        self.customer.is_company = True
        subsidiary = self.env["res.partner"].create(
            {"name": "Amal West", "is_company": True, "parent_id": self.customer.id}
        )
        own = self._top_up(100)
        other = self._top_up(50, partner_id=subsidiary.id)
        for customer, payment in ((self.customer, own), (subsidiary, other)):
            action = self._wallet(customer).action_view_top_ups()
            found = self.env["account.payment"].search(action["domain"])
            self.assertEqual(found, payment)
            self.assertBalance(payment.amount, self._wallet(customer))

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
        self._top_up(10, date=day)
        wallet.invalidate_recordset()
        self.assertEqual(wallet.last_movement_date, fields.Date.today())

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


@tagged("post_install", "-at_install")
class TestWaysToAWallet(WalletCommon):
    def test_a_payment_opens_its_wallet(self):
        payment = self._top_up(100)
        self.assertEqual(payment.action_view_wallets()["res_id"], self._wallet().id)
        self.assertFalse(self._pay(10, is_wallet=False).wallet_ids)

    def test_an_entry_opens_the_wallets_that_it_moves(self):
        self._top_up(100)
        invoice = self._invoice(40)
        invoice.action_allocate_wallet()
        entry = self._allocation_of(invoice)
        self.assertEqual(entry.action_view_wallets()["res_id"], self._wallet().id)
        self.assertFalse(invoice.wallet_ids)
        other = self._top_up(10, partner_id=self._create_customer("Basma").id)
        both = self._wallet() | other.wallet_ids
        action = self._move_money(both).action_view_wallets()
        self.assertEqual(self.env["customer.wallet"].search(action["domain"]), both)

    def _create_customer(self, name):
        vals = {"name": name, "email": f"{name}@example.com"}
        return self.env["res.partner"].create(vals)

    def _move_money(self, wallets, amount=5):
        """An entry by hand that takes from the first and gives to the second."""
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.wallet_account.id,
                            "partner_id": wallet.partner_id.id,
                            "balance": balance,
                        }
                    )
                    for wallet, balance in zip(wallets, (amount, -amount), strict=True)
                ],
            }
        )
        entry.action_post()
        return entry

    def test_the_customers_of_many_wallets_get_an_email(self):
        self._top_up(100)
        other = self._top_up(10, partner_id=self._create_customer("Basma").id)
        wallets = self._wallet() | other.wallet_ids
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        action = self.env.ref("customer_wallet.action_customer_wallet_email")
        composer = (
            self.env["mail.compose.message"]
            .with_user(clerk)
            .with_context(
                **literal_eval(action.context),
                active_model="customer.wallet",
                active_ids=wallets.ids,
            )
            .create({"subject": "We move", "body": "<p>From May on</p>"})
        )
        composer._action_send_mail()
        mails = self.env["mail.mail"].search([("subject", "=", "We move")])
        self.assertEqual(mails.recipient_ids, wallets.partner_id)
        self.assertEqual(set(mails.mapped("res_id")), set(wallets.ids))
