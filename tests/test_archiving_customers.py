from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestArchivingCustomers(WalletCommon):
    """Money and debt are never put out of sight."""

    def assertKept(self, customer, *texts, user=None):
        customer = customer.with_user(user or self.env.user)
        for action in (customer.action_archive, customer.unlink):
            with self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
                action()
                self.env.flush_all()
            for text in texts:
                self.assertIn(text, str(refusal.exception))
            self.env.invalidate_all()
            self.assertTrue(all(customer.exists().mapped("active")))
        return str(refusal.exception)

    def test_a_customer_with_money_stays(self):
        self._top_up(100)
        self.assertKept(self.customer, "Amal Haddad", "100.00", self.company.name)

    def test_a_customer_with_debt_stays(self):
        self._top_up(10)
        self._wallet().overdraft_limit = 50
        self._pay_out(40)
        self.assertKept(self.customer, "Amal Haddad", "30.00")

    def test_a_debt_that_equals_a_bonus_is_no_empty_wallet(self):
        self._top_up(10)
        self._wallet().overdraft_limit = 50
        self._pay_out(15)
        self._give_bonus(5)
        self.assertBalance(0)
        self.assertKept(self.customer, "Amal Haddad")
        self.assertKinds(-5, 5)

    def test_each_customer_and_wallet_is_named(self):
        eur = self.env.ref("base.EUR")
        eur.active = True
        other = self.env["res.partner"].create({"name": "Bilal Nasser"})
        empty = self.env["res.partner"].create({"name": "Carla Empty"})
        self._top_up(100)
        self._top_up(70, currency_id=eur.id)
        self._top_up(5, partner_id=other.id)
        message = self.assertKept(
            self.customer | other | empty, "100.00", "70.00", "5.00", "Bilal Nasser"
        )
        self.assertNotIn("Carla", message)

    def test_the_company_stays_and_its_contacts_may_go(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self._top_up(100, partner_id=contact.id)
        self.assertKept(self.customer, "Amal Haddad", "100.00")
        contact.action_archive()
        self.assertFalse(contact.active)
        self.assertBalance(100)

    def test_a_parent_without_money_goes_and_a_subsidiary_keeps_its_own(self):
        parent = self.env["res.partner"].create({"name": "Group", "is_company": True})
        self.customer.write({"is_company": True, "parent_id": parent.id})
        self._top_up(100)
        parent.action_archive()
        self.assertTrue(self.customer.active)
        self.assertKept(self.customer, "100.00")
        parent.unlink()
        self.assertBalance(100)

    def test_money_with_another_company_counts_but_is_not_told(self):
        other_company = self.setup_other_company(name="Other company")["company"]
        self.env["account.payment"].with_company(other_company).create(
            {
                "partner_id": self.customer.id,
                "amount": 77,
                "is_wallet": True,
                "company_id": other_company.id,
            }
        ).action_post()
        user = new_test_user(
            self.env,
            "one_company",
            "account.group_account_manager,base.group_partner_manager",
            company_id=self.company.id,
        )
        message = self.assertKept(self.customer, "Amal Haddad", user=user)
        self.assertNotIn("77", message)

    def test_who_may_not_see_wallets_is_not_told_the_amount(self):
        self._top_up(100)
        user = new_test_user(
            self.env, "clerk", "base.group_user,base.group_partner_manager"
        )
        message = self.assertKept(self.customer, "Amal Haddad", user=user)
        self.assertNotIn("100.00", message)

    def test_with_an_empty_wallet_a_customer_is_archived_and_comes_back(self):
        self._top_up(100)
        self._pay_out(100)
        self.customer.action_archive()
        self.assertFalse(self.customer.active)
        self.assertBalance(0)
        self.customer.action_unarchive()
        self._top_up(20)
        self.assertBalance(20)

    def test_a_program_that_clears_up_archives_the_others(self):
        other = self.env["res.partner"].create({"name": "Bilal Nasser"})
        self._top_up(100)
        (self.customer | other).sudo().action_archive()
        self.assertEqual((self.customer | other).mapped("active"), [True, False])
        self.assertBalance(100)

    def test_who_deletes_the_own_account_in_the_portal_stays_a_customer(self):
        user = new_test_user(
            self.env,
            "amal",
            "base.group_portal",
            name="Amal",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self._top_up(100, partner_id=user.partner_id.id)
        user.with_user(user).sudo()._deactivate_portal_user()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(user.active)
        self.assertTrue(user.partner_id.active)

    def test_with_a_history_a_customer_is_not_deleted(self):
        self._top_up(100)
        self._pay_out(100)
        self.assertRefused(UserError, self.customer.unlink, message="Accounting")
        self.assertBalance(0)

    def test_a_wallet_that_was_never_used_goes_with_its_customer(self):
        payment = self._top_up(100)
        payment.action_draft()
        payment.unlink()
        wallet = self._wallet()
        self.customer.unlink()
        self.assertFalse(wallet.exists())

    def test_who_may_not_delete_customers_deletes_no_wallet(self):
        payment = self._top_up(100)
        payment.action_draft()
        payment.unlink()
        user = new_test_user(self.env, "employee", "base.group_user")
        self.assertRefused(UserError, self.customer.with_user(user).unlink)
