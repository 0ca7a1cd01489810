from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestWhatIsInUseStaysWhole(WalletCommon):
    """What wallets use cannot be broken from its own form: that is refused in words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bonus_account = cls.company.wallet_bonus_account_id
        cls.promotion_account = cls.company.wallet_promotion_account_id
        cls.journal = cls.company.wallet_journal_id
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True

    def assertChangeRefused(self, record, **vals):
        try:
            with self.env.cr.savepoint():
                record.write(vals)
                self.env.flush_all()
        except UserError as refusal:
            self.env.invalidate_all()
            self.assertIn(self.company.name, str(refusal))
            return
        self.fail(f"{record.display_name} could be changed: {vals}")

    def test_the_journal_stays_what_it_is(self):
        other = self.setup_other_company()["company"]
        for vals in (
            {"active": False},
            {"type": "bank"},
            {"currency_id": self.euro.id},
            {"company_id": other.id},
        ):
            with self.subTest(vals):
                self.assertChangeRefused(self.journal, **vals)

    def test_the_accounts_of_wallets_stay_what_they_are(self):
        other = self.setup_other_company()["company"]
        for account in self.wallet_account | self.bonus_account:
            for vals in (
                {"active": False},
                {"account_type": "asset_current"},
                {"currency_id": self.euro.id},
                {"reconcile": True},
                {"company_ids": [Command.set(other.ids)], "code": "219999"},
            ):
                with self.subTest(account.name, **vals):
                    self.assertChangeRefused(account, **vals)

    def test_the_promotion_account_stays_an_expense(self):
        for vals in ({"active": False}, {"account_type": "asset_current"}):
            with self.subTest(vals):
                self.assertChangeRefused(self.promotion_account, **vals)
        self.promotion_account.account_type = "expense_other"

    def test_nothing_of_it_is_deleted(self):
        for record in (
            self.wallet_account,
            self.bonus_account,
            self.promotion_account,
            self.journal,
        ):
            with self.subTest(record.display_name):
                self.assertRefused(UserError, record.unlink, message=self.company.name)

    def test_names_and_numbers_are_free(self):
        self.wallet_account.write({"name": "Prepaid cards", "code": "219998"})
        self.journal.write({"name": "Prepaid cards", "code": "PREP"})
        self.assertEqual(self.company.wallet_account_id.code, "219998")

    def test_the_accounts_of_two_companies_are_not_merged(self):
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        for theirs in other.wallet_account_id | other.wallet_bonus_account_id:
            wizard = self.env["account.merge.wizard"].with_context(
                allowed_company_ids=(self.company | other).ids,
                active_model="account.account",
                active_ids=(self.wallet_account | theirs).ids,
            )
            with self.assertRaisesRegex(UserError, "wallets"):
                wizard.create({}).action_merge()

    def test_a_company_has_an_account_for_each_kind_of_money(self):
        self.assertRefused(
            ValidationError,
            self.company.write,
            {"wallet_bonus_account_id": self.wallet_account.id},
            message="two accounts",
        )

    def test_no_account_is_chosen_that_wallets_cannot_use(self):
        revenue = self.company_data["default_account_revenue"]
        for name in ("wallet_account_id", "wallet_promotion_account_id"):
            with self.subTest(name):
                self.assertRefused(
                    ValidationError,
                    self.company.write,
                    {name: revenue.id},
                    message="must be an active",
                )

    def test_companies_with_wallets_have_what_these_need(self):
        self.company.wallet_promotion_account_id = False
        self.company._ensure_wallet_accounting()
        self.assertEqual(
            self.company.wallet_promotion_account_id, self.promotion_account
        )
        self.env["customer.wallet"]._find_or_create(
            self.customer, self.company, self.company.currency_id
        )
        for name in (
            "wallet_account_id",
            "wallet_bonus_account_id",
            "wallet_promotion_account_id",
            "wallet_journal_id",
        ):
            with self.subTest(name):
                self.assertRefused(
                    ValidationError,
                    self.company.write,
                    {name: False},
                    message="cannot do without",
                )

    def test_money_of_either_kind_is_not_left_behind(self):
        self._top_up(100)
        other = self.wallet_account.copy()
        self.assertRefused(
            ValidationError,
            self.company.write,
            {"wallet_account_id": other.id},
            message="already use",
        )
        self.company.wallet_bonus_account_id = other

    def test_an_archived_promotion_account_blocks_no_top_up(self):
        """Nobody is blocked from paying in: an account that promotions need is not
        archived, or the top-up is confirmed without it.
        """
        self._promotion()
        bonus = self._bonus_of(self._top_up(100))
        expense = bonus.line_ids.filtered(lambda line: line.debit > 0).account_id
        self.assertEqual(len(expense), 1)
        try:
            with self.env.cr.savepoint():
                expense.active = False
                self.env.flush_all()
        except UserError:
            self.env.invalidate_all()
        payment = self._top_up(100)
        self.assertIn(payment.state, ("in_process", "paid"))

    def test_another_chart_brings_other_accounts(self):
        """A company without entries that loads another chart gets everything anew."""
        company = self.setup_other_company()["company"]
        names = ["wallet_account_id", "wallet_bonus_account_id"]
        names += ["wallet_promotion_account_id", "wallet_journal_id"]
        before = {name: company[name] for name in names}
        # What is loaded next is no reload of the same chart then.
        company.chart_template = False
        self.env["account.chart.template"].sudo().try_loading(
            "generic_coa", company=company, install_demo=False
        )
        for name in names:
            self.assertFalse(before[name].exists())
            self.assertTrue(company[name])


@tagged("post_install", "-at_install")
class TestNamesInEveryLanguage(WalletCommon):
    """Names that the addon gives are there in each installed language, as core's own
    accounts and journals are.
    """

    def _speak_french(self, *modules):
        self.env["res.lang"]._activate_lang("fr_FR")
        names = modules or ("account", "customer_wallet")
        modules = self.env["ir.module.module"].search([("name", "in", names)])
        modules._update_translations(["fr_FR"])

    def assertFrench(self, company):
        company = company.with_context(lang="fr_FR")
        method = self.env["pos.payment.method"].with_context(lang="fr_FR")
        self.assertEqual(company.wallet_account_id.name, "Portefeuilles clients")
        self.assertEqual(
            company.wallet_bonus_account_id.name, "Bonus des portefeuilles clients"
        )
        self.assertEqual(
            company.wallet_promotion_account_id.name,
            "Promotions des portefeuilles clients",
        )
        self.assertEqual(company.wallet_journal_id.name, "Portefeuille client")
        self.assertEqual(
            method._get_standard_method(company, "wallet").name, "Portefeuille client"
        )
        provider = company._find_wallet_provider()
        self.assertEqual(provider.name, "Portefeuille client")
        self.assertEqual(provider.payment_method_ids.name, "Portefeuille client")

    def test_account_and_journal_of_a_later_company(self):
        self._speak_french()
        company = self.env["res.company"].sudo().create({"name": "Later Ltd"})
        self.env["account.chart.template"].sudo().with_context(
            lang="fr_FR"
        ).try_loading("generic_coa", company=company, install_demo=False)
        self.assertFrench(company)
        self.assertEqual(
            company.with_context(lang="en_US").wallet_account_id.name,
            "Customer Wallets",
        )

    def test_a_later_language(self):
        self._speak_french()
        self.assertFrench(self.company)

    def test_a_later_translation_of_the_addon(self):
        """As an upgrade of nothing but the addon brings it."""
        self._speak_french("customer_wallet")
        self.assertFrench(self.company)

    def test_a_name_that_somebody_has_chosen_stays(self):
        self.company.wallet_journal_id.name = "Prepaid cards"
        self._speak_french()
        journal = self.company.wallet_journal_id.with_context(lang="fr_FR")
        self.assertEqual(journal.name, "Prepaid cards")
        journal.name = "Cartes"
        self._speak_french()
        self.assertEqual(journal.name, "Cartes")
