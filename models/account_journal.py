from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.constrains("active", "type", "currency_id", "company_id")
    def _check_wallet_journal(self):
        """The journal of the wallets must stay what they need it to be."""
        self._find_wallet_companies()._check_wallet_setup()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_wallets(self):
        for company in self._find_wallet_companies():
            raise UserError(company._describe_wallet_needs("wallet_journal_id"))

    def _find_wallet_companies(self):
        companies = self.env["res.company"].sudo()
        used = Domain("wallet_journal_id", "in", self.ids)
        return companies.search(used & Domain("parent_id", "=", False))
