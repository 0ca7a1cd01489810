from odoo import api, models
from odoo.exceptions import UserError

from .wallet_deletions import is_uninstalling


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.constrains("active", "type", "currency_id", "company_id")
    def _check_wallet_journal(self):
        """The journal of the wallets must stay what they need it to be."""
        self._find_wallet_companies()._check_wallet_setup()

    def unlink(self):
        """Refuse it before Odoo says something of the journal's payment methods; a
        chart of accounts that takes the place of another one deletes it.
        """
        if not is_uninstalling(self.env):
            self._check_unused_by_wallets()
        return super().unlink()

    def _check_unused_by_wallets(self):
        for company in self._find_wallet_companies():
            raise UserError(company._describe_wallet_needs("wallet_journal_id"))

    def _find_wallet_companies(self):
        return self.env["res.company"]._find_wallet_companies(
            ["wallet_journal_id"], self
        )
