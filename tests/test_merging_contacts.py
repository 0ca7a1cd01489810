from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestMergingContacts(WalletCommon):
    def _merge(self, source, target, user=None):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard = wizard.with_user(user or self.env.user).create({})
        target = target.with_env(wizard.env)
        wizard._merge((source | target).ids, target, extra_checks=False)
        self.env.invalidate_all()

    def setUp(self):
        super().setUp()
        self.double = self.env["res.partner"].create(
            {"name": "Amal H.", "email": self.customer.email}
        )

    def test_the_money_of_both_customers_survives(self):
        self._top_up(100)
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        self._top_up(50, partner_id=self.double.id)
        self._merge(self.double, self.customer)
        self.assertBalance(120)
        self.assertEqual(len(self.customer.wallet_ids), 1)
        self.assertEqual(len(self._wallet().line_ids), 3)
        later = self._invoice(120)
        later.action_allocate_wallet()
        self.assertBalance(0)

    def test_who_manages_contacts_moves_no_money(self):
        """Money of one customer is given to another by a wallet manager only."""
        clerk = new_test_user(
            self.env, "clerk", "base.group_user,base.group_partner_manager"
        )
        manager = new_test_user(
            self.env,
            "wallet manager",
            "base.group_partner_manager,account.group_account_manager",
        )
        self._top_up(50, partner_id=self.double.id)
        for target in (self.customer, self._make_company("Bakery")):
            target.email = self.double.email
            words = f"wallet of Amal H. to {target.name}"
            self.assertRefused(
                AccessError, self._merge, self.double, target, clerk, message=words
            )
        self.assertBalance(50, self._wallet(self.double))
        self._merge(self.double, self.customer, manager)
        self.assertBalance(50)

    def test_who_manages_contacts_moves_no_history_and_no_limit(self):
        clerk = new_test_user(
            self.env, "clerk", "base.group_user,base.group_partner_manager"
        )
        self._top_up(50)
        self._pay_out(50)
        other = self.env["res.partner"].create(
            {"name": "Badr", "email": self.double.email}
        )
        wallet = self.env["customer.wallet"]._find_or_create(
            other, self.company, self.company.currency_id
        )
        wallet.overdraft_limit = 500
        for source in (self.customer, other):
            self.assertRefused(AccessError, self._merge, source, self.double, clerk)
        wallet.overdraft_limit = 0
        self._merge(self.double | other, self.customer, clerk)
        self.assertFalse((self.double | other).exists())
        self.assertEqual(len(self._wallet().line_ids), 2)

    def test_the_wallet_moves_to_a_customer_who_had_none(self):
        self._top_up(50, partner_id=self.double.id)
        self._merge(self.double, self.customer)
        self.assertBalance(50)
        self.assertEqual(self._wallet().line_ids.partner_id, self.customer)

    def _make_company(self, name):
        return self.env["res.partner"].create({"name": name, "is_company": True})

    def test_a_company_is_merged_into_a_contact_of_another(self):
        """The contact is a company of its own then, and the money is its."""
        bakery = self._make_company("Corner Bakery")
        contact = self.env["res.partner"].create(
            {"name": "Amal H.", "parent_id": bakery.id}
        )
        self.double.is_company = True
        self._top_up(50, partner_id=self.double.id)
        self._top_up(10, partner_id=bakery.id)
        self._merge(self.double, contact)
        self.assertEqual(contact.commercial_partner_id, contact)
        self.assertBalance(50, self._wallet(contact))
        self.assertBalance(10, self._wallet(bakery))
        self.assertEqual(self._wallet(contact).line_ids.partner_id, contact)
        self.assertFalse(self._find_differences())

    def test_what_a_customer_had_is_the_company_s_whose_contact_stays(self):
        """It stays there when the contact leaves, also what is undone then."""
        bakery, mill = self._make_company("Bakery"), self._make_company("Mill")
        contact = self.env["res.partner"].create(
            {"name": "Amal H.", "parent_id": bakery.id}
        )
        self._top_up(50, partner_id=self.double.id)
        invoice = self._invoice(20, partner_id=self.double.id)
        invoice.action_allocate_wallet()
        unpaid = self._invoice(5, partner_id=self.double.id)
        self._merge(self.double, contact)
        wallet = self._wallet(bakery)
        self.assertBalance(30, wallet)
        self.assertEqual(wallet.line_ids.partner_id, bakery)
        self.assertEqual((invoice | unpaid).commercial_partner_id, bakery)
        bakery.action_allocate_wallet()
        self.assertEqual(unpaid.payment_state, "paid")
        contact.parent_id = mill
        self._unallocate(invoice)
        self.assertBalance(45, wallet)
        self.assertFalse(mill.wallet_ids)
        self.assertFalse(self._find_differences())

    def _find_differences(self):
        return self.env["customer.wallet.check"]._find_differences(self.company)

    def test_a_contact_of_a_company_is_merged_into_a_customer_with_money(self):
        """Odoo would make that one a contact of the company, and leaves it."""
        bakery = self._make_company("Corner Bakery")
        self.double.parent_id = bakery
        self._top_up(50)
        self._top_up(10, partner_id=self.double.id)
        self._merge(self.double, self.customer)
        self.assertFalse(self.double.exists())
        self.assertFalse(self.customer.parent_id)
        self.assertBalance(50)
        self.assertBalance(10, self._wallet(bakery))
        self.assertFalse(self._find_differences())

    def test_limits_add_up_and_frozen_stays_frozen(self):
        self._top_up(100)
        self._top_up(50, partner_id=self.double.id)
        double = self._wallet(self.double)
        double.overdraft_limit = 20
        double.action_freeze()
        self._merge(self.double, self.customer)
        wallet = self._wallet()
        self.assertEqual((wallet.overdraft_limit, wallet.state), (20, "frozen"))
        self.assertIn("Amal H.", wallet.message_ids[0].body)
        self.assertBalance(150)

    def test_a_debt_is_paid_by_the_money_of_the_other(self):
        self._top_up(10, partner_id=self.double.id)
        self._wallet(self.double).overdraft_limit = 100
        self._pay_out(60, partner_id=self.double.id)
        top_up = self._top_up(100)
        self._merge(self.double, self.customer)
        self.assertBalance(50)
        self.assertEqual(top_up.wallet_residual, 50)

    def test_a_debt_comes_to_a_frozen_wallet(self):
        """Nothing goes out of either: what both had adds up."""
        self._top_up(10, partner_id=self.double.id)
        self._wallet(self.double).overdraft_limit = 100
        self._pay_out(60, partner_id=self.double.id)
        self._top_up(100)
        self._wallet().action_freeze()
        self._merge(self.double, self.customer)
        self.assertEqual(self._wallet().state, "frozen")
        self.assertBalance(50)

    def test_bonuses_of_both_survive_and_pay_in_their_order(self):
        self._top_up(100)
        late = self._give_bonus(30, expiry="2099-12-31")
        self._top_up(50, partner_id=self.double.id)
        early = self._give_bonus(20, expiry="2099-06-30", partner=self.double)
        by_bonus = self._invoice(5, partner_id=self.double.id)
        by_bonus.action_allocate_wallet()
        self._merge(self.double, self.customer)
        self.assertKinds(150, 45)
        grants = self._wallet()._get_open_grants()
        self.assertEqual(
            [(grant.line.move_id, grant.left) for grant in grants],
            [(early, 15), (late, 30)],
        )
        self._invoice(25).action_allocate_wallet()
        self.assertKinds(150, 20)
        self._unallocate(by_bonus)
        self.assertKinds(150, 25)

    def test_what_is_held_stays_held(self):
        self._top_up(100)
        self._top_up(50, partner_id=self.double.id)
        hold = self._wallet(self.double)._hold(40, self.double)
        self._wallet()._hold(10, self.customer)
        self._merge(self.double, self.customer)
        wallet = self._wallet()
        self.assertEqual((wallet.held, wallet._get_available()), (50, 100))
        hold._release()
        self.assertEqual((wallet.held, wallet._get_available()), (10, 140))
        self.assertBalance(150)

    def test_who_wanted_an_email_about_a_low_balance_still_does(self):
        self._top_up(5)
        self._top_up(50, partner_id=self.double.id)
        self._wallet(self.double)._set_low_balance_threshold(20)
        self._merge(self.double, self.customer)
        wallet = self._wallet()
        self.assertEqual(wallet.low_balance_threshold, 20)
        self.assertFalse(wallet.is_low_balance_notified)
        self.company.wallet_mail_low_balance = True
        self._invoice(40).action_allocate_wallet()
        self.assertTrue(wallet.is_low_balance_notified)
        self.assertBalance(15)

    def test_what_waits_for_the_money_goes_on_waiting(self):
        self._top_up(5)
        self._top_up(50, partner_id=self.double.id)
        invoice = self._invoice(55, partner_id=self.double.id)
        invoice.sudo().wallet_waiting_ids = self._wallet(self.double)
        self.company.wallet_auto_allocate = True
        self._merge(self.double, self.customer)
        self.assertEqual(invoice.sudo().wallet_waiting_ids, self._wallet())
        self.env["customer.wallet"]._resume_automation(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(0)

    def test_a_long_history_is_summed_again(self):
        self._top_up(100)
        self._top_up(50, partner_id=self.double.id)
        for wallet in self._wallet() | self._wallet(self.double):
            rows = [["paid", None, wallet.balance, wallet.balance]]
            wallet._set_checkpoint(max(wallet.line_ids.ids), rows)
        self._merge(self.double, self.customer)
        self._top_up(1)
        self.assertBalance(151)

    def test_each_currency_is_merged_apart(self):
        eur = self.env.ref("base.EUR")
        eur.active = True
        self._top_up(100)
        self._top_up(70, partner_id=self.double.id, currency_id=eur.id)
        self._merge(self.double, self.customer)
        self.assertBalance(100)
        self.assertBalance(70, self._wallet(currency=eur))

    def test_history_and_chatter_survive(self):
        self._top_up(100)
        self._top_up(50, partner_id=self.double.id)
        double = self._wallet(self.double)
        double.message_post(body="She called about the voucher")
        double.activity_schedule("mail.mail_activity_data_todo", summary="Call back")
        entries = (self._wallet() | double).line_ids.move_id
        self._merge(self.double, self.customer)
        wallet = self._wallet()
        bodies = " ".join(str(body) for body in wallet.message_ids.mapped("body"))
        self.assertIn("She called about the voucher", bodies)
        self.assertEqual(wallet.activity_ids.summary, "Call back")
        self.assertEqual(wallet.line_ids.move_id, entries)
        self.env.flush_all()
        movements = self.env["customer.wallet.movement"].search(
            [("wallet_id", "=", wallet.id)]
        )
        self.assertEqual(sorted(movements.mapped("running_balance")), [100, 150])
        self.assertEqual(wallet.line_ids.partner_id, self.customer)

    def test_the_wallet_that_moves_keeps_its_chatter(self):
        self._top_up(50, partner_id=self.double.id)
        self._wallet(self.double).message_post(body="She called about the voucher")
        self._merge(self.double, self.customer)
        bodies = " ".join(str(b) for b in self._wallet().message_ids.mapped("body"))
        self.assertIn("She called about the voucher", bodies)

    def test_a_customer_who_was_merged_cannot_be_archived_with_money(self):
        self._top_up(50, partner_id=self.double.id)
        self._merge(self.double, self.customer)
        with self.assertRaisesRegex(UserError, "50.00"), self.env.cr.savepoint():
            self.customer.action_archive()
