"""The addon comes back to a database in which something was decided, or has changed."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.customer_wallet import hooks, keepsake

from .common import WalletCommon
from .test_installation import come_back, leave, leave_without_keepsake
from .till_common import TillWalletCommon


@tagged("post_install", "-at_install")
class TestWhatWasSwitchedOff(TillWalletCommon):
    def test_nobody_pays_online_where_that_was_switched_off(self):
        provider = self.company._find_wallet_provider()
        self.company.wallet_online_payment = False
        provider.name = "Prepaid card"
        leave(self.env)
        come_back(self.env)
        self.assertRecordValues(
            provider,
            [
                {
                    "code": "wallet",
                    "state": "disabled",
                    "is_published": False,
                    "name": "Prepaid card",
                }
            ],
        )
        self.company.wallet_online_payment = True
        self.assertTrue(provider.payment_method_ids.active)

    def test_what_was_tried_out_is_tried_out_again(self):
        provider = self.company._find_wallet_provider()
        provider.write({"state": "test", "is_published": False})
        leave(self.env)
        come_back(self.env)
        self.assertEqual((provider.state, provider.is_published), ("test", False))

    def test_orders_are_not_invoiced_where_that_was_switched_off(self):
        self.pay_later_pm.write({"auto_invoice": False, "active": False})
        leave(self.env)
        come_back(self.env)
        self.assertFalse(self.pay_later_pm.auto_invoice)
        self.assertFalse(self.pay_later_pm.active)
        self.assertTrue(self.wallet_pm.active)
        self.assertIn(self.wallet_pm, self.config.payment_method_ids)


@tagged("post_install", "-at_install")
class TestWhatHasChanged(WalletCommon):
    leavings = (leave, leave_without_keepsake)

    def test_money_on_an_account_that_does_not_fit_any_more_is_told(self):
        self._top_up(100)
        account = self.wallet_account
        for change, back in (
            ({"reconcile": True}, {"reconcile": False}),
            ({"active": False}, {"active": True}),
            (
                {"account_type": "liability_non_current"},
                {"account_type": "liability_current"},
            ),
        ):
            for leaving in self.leavings:
                with self.subTest(change=change, leaving=leaving.__name__):
                    leaving(self.env)
                    account.write(change)
                    self.assertRefused(
                        UserError, come_back, self.env, message=account.name
                    )
                    account.write(back)
                    come_back(self.env)
                    self.assertEqual(self.company.wallet_account_id, account)
                    self.assertKinds(100, 0)
                    self.assertLedgerAgrees()

    def test_what_holds_no_money_is_made_anew(self):
        self._top_up(100)
        account = self.wallet_account
        old = self.company.wallet_journal_id
        for leaving in self.leavings:
            with self.subTest(leaving.__name__):
                unused = self.company.wallet_bonus_account_id
                unused |= self.company.wallet_promotion_account_id
                journal = self.company.wallet_journal_id
                leaving(self.env)
                unused.active = False
                journal.active = False
                come_back(self.env)
                self.assertEqual(self.company.wallet_account_id, account)
                self.assertTrue(self.company.wallet_bonus_account_id.active)
                self.assertTrue(self.company.wallet_promotion_account_id.active)
                self.assertTrue(self.company.wallet_journal_id.active)
                self.company._check_wallet_setup()
                self.assertKinds(100, 0)
        self.assertNotEqual(self.company.wallet_journal_id, old)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(20)

    def test_money_of_somebody_who_stands_for_many_is_told(self):
        public = self.env.ref("base.public_partner")
        leave(self.env)
        entry = self._enter(
            (self.wallet_account, 0, 30), (self.receivable, 30, 0), partner=public
        )
        message = f"many people.*{entry.name}.*install Customer Wallet again"
        self.assertRefused(UserError, come_back, self.env, message=message)
        entry.button_draft()
        entry.line_ids.partner_id = self.customer
        entry.action_post()
        come_back(self.env)
        self.assertKinds(30, 0)

    def test_very_many_are_brought_back_in_parts(self):
        self.patch(keepsake, "BATCH", 1)
        self.patch(hooks, "BATCH", 1)
        others = self.env["res.partner"].create([{"name": "Basma"}, {"name": "Chafik"}])
        for number, customer in enumerate(self.customer | others, start=1):
            self._top_up(100 * number, partner_id=customer.id)
            self._wallet(customer).overdraft_limit = number
        leave(self.env)
        come_back(self.env)
        for number, customer in enumerate(self.customer | others, start=1):
            self.assertKinds(100 * number, 0, self._wallet(customer))
            self.assertEqual(self._wallet(customer).overdraft_limit, number)

    def test_a_long_history_is_brought_back_in_parts(self):
        """What was entered first may have been confirmed last."""
        self.patch(hooks, "BATCH", 1)
        pay_out = self._pay_out(30, post=False)
        self._top_up(100)
        self._give_bonus(20, expiry="2099-12-31")
        pay_out.action_post()
        invoice = self._invoice(40)
        invoice.action_allocate_wallet()
        undone = self._invoice(10)
        undone.action_allocate_wallet()
        self._unallocate(undone)
        for leaving in self.leavings:
            with self.subTest(leaving.__name__):
                before = self._wallet().line_ids.mapped("move_id.wallet_operation")
                leaving(self.env)
                come_back(self.env)
                self.assertKinds(50, 0)
                self.assertLedgerAgrees()
                after = self._wallet().line_ids.mapped("move_id.wallet_operation")
                self.assertEqual(after, before)
        self._unallocate(invoice)
        self.assertKinds(70, 20)

    def test_a_frozen_wallet_in_debt_comes_back_as_it_was(self):
        self._top_up(100)
        self._wallet().overdraft_limit = 50
        self._pay_out(130)
        self._wallet().action_freeze()
        leave(self.env)
        come_back(self.env)
        self.assertRecordValues(
            self._wallet(),
            [{"balance": -30, "overdraft_limit": 50, "state": "frozen"}],
        )
        self.assertLedgerAgrees()
        self.assertRefused(UserError, self._pay_out, 10, message="frozen")
        self._top_up(10)
        self.assertBalance(-20)

    def test_what_was_kept_and_cannot_be_read_is_told(self):
        self._top_up(100)
        self._wallet().overdraft_limit = 50
        leave(self.env)
        attachment = keepsake.find(self.env(su=True))
        kept = attachment.raw
        for damaged in (b"", kept[:40], kept[:20] + b"\0" * 40, b"Some text"):
            attachment.raw = damaged
            self.assertRefused(
                UserError, come_back, self.env, message="Restore the filestore"
            )
        attachment.raw = kept
        come_back(self.env)
        self.assertKinds(100, 0)
        self.assertEqual(self._wallet().overdraft_limit, 50)

    def test_reminders_of_each_kind_go_with_the_addon(self):
        """Odoo cannot delete a kind of activity of which there is one."""
        self._top_up(100)
        for record, kind in (
            (self._wallet(), "check"),
            (self._promotion(), "promotion"),
        ):
            record.activity_schedule(
                f"customer_wallet.mail_activity_type_{kind}", user_id=self.env.uid
            )
        kinds = self.env["ir.model.data"].search(
            [("module", "=", "customer_wallet"), ("model", "=", "mail.activity.type")]
        )
        activities = self.env["mail.activity"].with_context(active_test=False)
        domain = [("activity_type_id", "in", kinds.mapped("res_id"))]
        self.assertEqual(activities.search_count(domain), 2)
        leave(self.env)
        self.assertFalse(activities.search_count(domain))
