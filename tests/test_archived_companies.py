"""A company that is archived for a while misses nothing."""

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.customer_wallet import hooks

from ..models.res_company import WALLET_SETUP
from .common import WalletCommon
from .test_installation import come_back, leave, leave_without_keepsake


@tagged("post_install", "-at_install")
class TestArchivedCompanies(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_data = cls.setup_other_company(name="Other company")
        cls.other = cls.other_data["company"]

    def _without_wallets(self, company):
        """As it is when the addon comes."""
        self.env.flush_all()
        names = SQL(", ").join(
            SQL("%s = NULL", SQL.identifier(name)) for name in WALLET_SETUP
        )
        self.env.cr.execute(
            SQL("UPDATE res_company SET %s WHERE id = %s", names, company.id)
        )
        self.env.invalidate_all()

    def _branch(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids |= branch
        return branch

    def assertSetUp(self, company):
        self.assertTrue(all(company[name] for name in WALLET_SETUP))

    def test_it_has_its_wallets_after_a_new_installation(self):
        self._pay(
            30,
            company_id=self.other.id,
            journal_id=self.other_data["default_journal_bank"].id,
        )
        for leaving in (leave, leave_without_keepsake):
            self.other.active = False
            leaving(self.env)
            come_back(self.env)
            self.other.active = True
            self.assertKinds(30, 0, self._wallet(company=self.other))
            self.assertLedgerAgrees(self._wallet(company=self.other))

    def test_it_is_set_up_with_the_others(self):
        self.other.active = False
        self._without_wallets(self.other)
        hooks.post_init_hook(self.env(su=True))
        self.assertSetUp(self.other)

    def test_it_is_set_up_when_it_comes_back(self):
        self.other.active = False
        self._without_wallets(self.other)
        self.other.active = True
        self.assertSetUp(self.other)
        methods = self.env["pos.payment.method"]
        self.assertTrue(methods._get_standard_method(self.other, "wallet"))

    def test_a_branch_is_again_as_its_company(self):
        branch = self._branch()
        self._top_up(100)
        branch.active = False
        self._without_wallets(branch)
        self.company.wallet_top_up_amounts = "20 50"
        self.company.fiscalyear_last_day = 30
        branch.active = True
        for name in (*WALLET_SETUP, "wallet_top_up_amounts", "fiscalyear_last_day"):
            self.assertEqual(branch[name], self.company[name])
        self.company.wallet_top_up_amounts = "10"
        self.assertEqual(branch.wallet_top_up_amounts, "10")
        invoice = self._invoice(80, company=branch)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(20)

    def test_a_branch_below_an_archived_branch_comes_back(self):
        branch = self._branch()
        below = self.env["res.company"].create(
            {"name": "Below", "parent_id": branch.id}
        )
        for coming in (below, below | branch, branch | below):
            (below | branch).active = False
            self._without_wallets(branch)
            self._without_wallets(below)
            coming.active = True
            for name in WALLET_SETUP:
                self.assertEqual(below[name], self.company[name])
                self.assertEqual(branch[name], self.company[name])

    def test_what_a_branch_took_in_is_in_the_wallet(self):
        branch = self._branch()
        self._top_up(100)
        self._pay(5, company_id=branch.id, journal_id=self.bank_journal.id)
        branch.active = False
        leave_without_keepsake(self.env)
        self._without_wallets(branch)
        come_back(self.env)
        self.assertKinds(105, 0)
