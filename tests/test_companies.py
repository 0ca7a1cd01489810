from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..models.res_company import WALLET_SETUP
from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestCompanies(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_data = cls.setup_other_company(name="Other company")
        cls.other = cls.other_data["company"]

    def test_every_company_with_a_chart_can_work_at_once(self):
        for company in self.company | self.other:
            accounts = company._get_wallet_accounts()
            self.assertEqual(
                accounts.mapped("name"), ["Customer Wallets", "Customer Wallet Bonuses"]
            )
            for account in accounts:
                self.assertEqual(account.account_type, "liability_current")
                self.assertFalse(account.reconcile)
                self.assertEqual(account.company_ids, company)
            promotion = company.wallet_promotion_account_id
            self.assertEqual(promotion.name, "Customer Wallet Promotions")
            self.assertEqual(promotion.internal_group, "expense")
            journal = company.wallet_journal_id
            self.assertEqual(journal.code, "WALL")
            self.assertEqual(journal.type, "general")
            self.assertEqual(journal.company_id, company)
            self.assertEqual(journal.default_account_id, company.wallet_account_id)
        self.assertFalse(
            self.company._get_wallet_accounts() & self.other._get_wallet_accounts()
        )

    def test_a_company_without_a_chart_gets_its_wallet_with_the_chart(self):
        company = self.env["res.company"].create({"name": "Not yet"})
        self.assertFalse(company.wallet_account_id)
        company._ensure_wallet_accounting()
        self.assertFalse(company.wallet_account_id)
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
        self.assertTrue(company.wallet_account_id)
        self.assertTrue(company.wallet_journal_id)

    def _set_up(self):
        return {name: self.company[name] for name in WALLET_SETUP}

    def test_setting_up_twice_makes_nothing_twice(self):
        before = self._set_up()
        self.company._ensure_wallet_accounting()
        self.assertEqual(self._set_up(), before)

    def test_a_new_installation_finds_what_the_old_one_left(self):
        before = self._set_up()
        self.company.write(dict.fromkeys(WALLET_SETUP, False))
        self.company._ensure_wallet_accounting()
        self.assertEqual(self._set_up(), before)

    def test_what_does_not_fit_any_more_is_made_anew(self):
        before = self._set_up()
        self.company.write(dict.fromkeys(WALLET_SETUP, False))
        self.wallet_account.account_type = "asset_current"
        before["wallet_journal_id"].active = False
        self.company._ensure_wallet_accounting()
        after = self._set_up()
        for name in ("wallet_account_id", "wallet_journal_id"):
            self.assertNotIn(after[name], (before[name], False))
        for name in ("wallet_bonus_account_id", "wallet_promotion_account_id"):
            self.assertEqual(after[name], before[name])

    def test_the_number_of_an_archived_account_is_not_free(self):
        company = self.other.with_company(self.other)
        old = company.wallet_account_id | company.wallet_promotion_account_id
        company.write(
            {"wallet_account_id": False, "wallet_promotion_account_id": False}
        )
        old.active = False
        company._ensure_wallet_accounting()
        new = company.wallet_account_id | company.wallet_promotion_account_id
        self.assertEqual(len(new), 2)
        self.assertFalse(set(new.mapped("code")) & set(old.mapped("code")))

    def test_a_journal_code_that_is_taken_is_not_touched(self):
        company = self.other
        taken = company.wallet_journal_id
        company.wallet_journal_id = False
        self.env["ir.model.data"].search(
            [("model", "=", taken._name), ("res_id", "=", taken.id)]
        ).unlink()
        company._ensure_wallet_accounting()
        self.assertNotEqual(company.wallet_journal_id, taken)
        self.assertEqual(company.wallet_journal_id.code, "WAL2")

    def test_two_companies_owe_their_customer_apart(self):
        self._top_up(100)
        self._pay(
            30,
            company_id=self.other.id,
            journal_id=self.other_data["default_journal_bank"].id,
        )
        self.assertBalance(100)
        self.assertBalance(30, self._wallet(company=self.other))
        here = self.customer.with_company(self.company)
        there = self.customer.with_company(self.other)
        self.assertEqual((here.wallet_balance, there.wallet_balance), (100, 30))
        invoice = self._invoice(
            80,
            company_id=self.other.id,
            journal_id=self.other_data["default_journal_sale"].id,
        )
        self.assertEqual(invoice.wallet_balance, 30)
        self.assertRefused(UserError, invoice.action_allocate_wallet, 80)
        invoice.action_allocate_wallet()
        self.assertEqual(
            self._allocation_of(invoice).journal_id, self.other.wallet_journal_id
        )
        self.assertBalance(0, self._wallet(company=self.other))
        self.assertBalance(100)

    def test_branches_share_the_wallet_of_their_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids |= branch
        self.assertEqual(
            branch._get_wallet_accounts(), self.company._get_wallet_accounts()
        )
        self._top_up(100)
        invoice = self._invoice(80, company=branch)
        self.assertEqual(invoice.company_id, branch)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._allocation_of(invoice).company_id, branch)
        self.assertBalance(20)
        self._pay(5, company_id=branch.id, journal_id=self.bank_journal.id)
        self.assertBalance(25)
        hold_id = self._wallet().action_hold(20, "Machine 12")
        later = self._invoice(30, company=branch)
        self.env["customer.wallet.hold"].browse(hold_id).action_capture(later.id)
        self.assertEqual(later.amount_residual, 10)
        self.assertEqual(self._allocation_of(later).company_id, branch)
        self.assertBalance(5)

    def test_the_journal_must_be_fit_for_wallets(self):
        self.assertRefused(
            ValidationError,
            self.company.write,
            {"wallet_journal_id": self.company_data["default_journal_sale"].id},
            message="of the type Miscellaneous",
        )

    def test_nobody_sees_the_wallets_of_a_company_he_does_not_work_for(self):
        self._top_up(100)
        wallet = self._wallet()
        stranger = new_test_user(
            self.env,
            "stranger",
            "account.group_account_manager",
            company_id=self.other.id,
            company_ids=[Command.set(self.other.ids)],
        )
        self.assertFalse(
            self.env["customer.wallet"].with_user(stranger).search([]) & wallet
        )
        with self.assertRaises(AccessError):
            wallet.with_user(stranger).read(["balance"])
        with self.assertRaises(AccessError):
            wallet.with_user(stranger).action_freeze()

    def test_a_new_chart_leaves_online_payment_as_it_was(self):
        for is_on in (False, True):
            self.other.wallet_online_payment = is_on
            before = self.other.wallet_journal_id
            # Core makes accounts and journals anew while nothing is booked.
            self.other.chart_template = False
            self.env["account.chart.template"].try_loading(
                "generic_coa", company=self.other, install_demo=False
            )
            self.assertNotEqual(self.other.wallet_journal_id, before)
            provider = self.other._find_wallet_provider()
            self.assertEqual(provider.state, "enabled" if is_on else "disabled")
            self.assertEqual(provider.is_published, is_on)

    def test_nobody_stands_in_the_way_of_a_company_made_later(self):
        """Who may import may give any external id."""
        company = self.env["res.company"].create({"name": "Not yet"})
        for kind in ("account", "journal", "wallet", "pay_later"):
            self.env["ir.model.data"].create(
                {
                    "module": "__custom__",
                    "name": f"customer_wallet_{kind}_{company.id}",
                    "model": "res.partner",
                    "res_id": self.customer.id,
                }
            )
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
        self.assertTrue(all(company[name] for name in WALLET_SETUP))
        company._check_wallet_setup()
        methods = self.env["pos.payment.method"]
        for kind in ("wallet", "pay_later"):
            method = methods._get_standard_method(company, kind)
            self.assertEqual(method.company_id, company)


@tagged("post_install", "-at_install")
class TestTimeZone(WalletCommon):
    """A new day begins where the company is, for all who work there."""

    def _set_country(self, code, administrator=False):
        self.env.ref("base.user_admin").tz = administrator
        partner = self.company.partner_id
        partner.write({"country_id": False, "tz": False})
        self.env.flush_all()
        partner.country_id = self.env.ref(f"base.{code}")

    def _today(self, now):
        with freeze_time(now):
            return fields.Date.to_string(self.company._get_wallet_today())

    def test_without_a_setting_it_is_that_of_the_country(self):
        self._set_country("bh", "America/Los_Angeles")
        self.assertEqual(self.company.wallet_time_zone, "Asia/Bahrain")
        self.assertEqual(self._today("2026-11-30 22:00:00"), "2026-12-01")

    def test_of_several_it_is_the_one_of_the_administrator(self):
        self._set_country("us", "America/Los_Angeles")
        self.assertEqual(self._today("2026-12-01 07:00:00"), "2026-11-30")
        self._set_country("us", "Asia/Kolkata")
        self.assertEqual(self._today("2026-12-01 04:00:00"), "2026-11-30")
        self.assertEqual(self._today("2026-12-01 06:00:00"), "2026-12-01")

    def test_the_zone_of_the_administrator_may_have_another_name(self):
        for code, zone in (
            ("ua", "Europe/Kiev"),
            ("us", "US/Pacific"),
            ("ca", "America/Montreal"),
        ):
            self._set_country(code, zone)
            self.assertEqual(self.company.wallet_time_zone, zone)

    def test_without_an_administrator_it_is_where_most_people_live(self):
        for code, zone in (
            ("br", "America/Sao_Paulo"),
            ("ca", "America/Toronto"),
            ("au", "Australia/Sydney"),
            ("ru", "Europe/Moscow"),
            ("us", "America/New_York"),
        ):
            self._set_country(code)
            self.assertEqual(self.company.wallet_time_zone, zone)
        self._set_country("ua", "America/New_York")
        self.assertEqual(self._today("2026-11-30 21:30:00"), "2026-11-30")

    def test_a_bonus_lasts_as_long_as_the_day_where_most_people_live(self):
        self._set_country("br")
        with freeze_time("2026-11-20 20:00:00"):
            self._top_up(100)
            self._give_bonus(10, expiry="2026-11-30")
        self._run_at("2026-12-01 02:30:00")
        self.assertKinds(100, 10)
        self._run_at("2026-12-01 03:30:00")
        self.assertKinds(100, 0)
        self.assertLedgerAgrees()

    def test_without_a_country_it_is_that_of_the_administrator(self):
        self._set_country("us", "Asia/Bahrain")
        self.company.partner_id.country_id = False
        self.assertEqual(self.company.wallet_time_zone, "Asia/Bahrain")

    def test_without_a_country_and_an_administrator_it_is_utc(self):
        self._set_country("us")
        self.company.partner_id.country_id = False
        self.assertFalse(self.company.wallet_time_zone)
        self.env.user.tz = "Asia/Kolkata"
        self.assertEqual(self._today("2026-11-30 22:00:00"), "2026-11-30")
        self.env.ref("base.user_admin").tz = "Asia/Bahrain"
        self.assertEqual(self._today("2026-11-30 22:00:00"), "2026-12-01")

    def test_what_is_emptied_in_the_settings_is_guessed_again(self):
        self._set_country("us")
        self.company.wallet_time_zone = "America/Los_Angeles"
        self.company.wallet_time_zone = False
        self.env.flush_all()
        self.assertEqual(self.company.wallet_time_zone, "America/New_York")

    def test_one_can_choose_it_in_the_settings(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self._set_country("us")
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.wallet_time_zone, "America/New_York")
        settings.wallet_time_zone = "America/Los_Angeles"
        settings.execute()
        self.assertEqual(self.company.partner_id.tz, "America/Los_Angeles")
        self.env.invalidate_all()
        self.assertEqual(branch.wallet_time_zone, "America/Los_Angeles")

    def test_it_does_not_follow_an_administrator_who_travels(self):
        self._set_country("us", "America/Los_Angeles")
        self.assertEqual(self.company.wallet_time_zone, "America/Los_Angeles")
        self.env.ref("base.user_admin").tz = "America/New_York"
        self.env.invalidate_all()
        self.assertEqual(self.company.wallet_time_zone, "America/Los_Angeles")
        self.assertEqual(self._today("2026-12-01 07:00:00"), "2026-11-30")

    def test_the_settings_of_a_branch_leave_it_to_the_main_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self._set_country("us")
        self.env.user.company_ids |= branch
        self.env["res.config.settings"].with_company(branch).create({}).execute()
        self.assertFalse(self.company.partner_id.tz)

    def test_a_bonus_lasts_until_the_end_of_its_last_day(self):
        self._set_country("us", "America/Los_Angeles")
        with freeze_time("2026-11-20 20:00:00"):
            self._top_up(100)
            self._give_bonus(10, expiry="2026-11-30")
        self._run_at("2026-12-01 00:30:00")
        self.assertKinds(100, 10)
        self._run_at("2026-12-01 08:30:00")
        self.assertKinds(100, 0)
        self.assertLedgerAgrees()
