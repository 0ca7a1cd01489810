from odoo import api, models
from odoo.exceptions import UserError

from .res_company import WALLET_ACCOUNTS
from .wallet_deletions import refuses_deletion

ACCOUNT_FIELDS = (*WALLET_ACCOUNTS, "wallet_promotion_account_id")


class AccountAccount(models.Model):
    _inherit = "account.account"

    @api.constrains("account_type", "reconcile", "active", "currency_id", "company_ids")
    def _check_wallet_account(self):
        """A wallet account must stay what wallets need it to be."""
        companies = self.env["res.company"]._find_wallet_companies(ACCOUNT_FIELDS, self)
        companies._check_wallet_setup()

    @refuses_deletion
    def _unlink_except_used_by_wallets(self):
        for name in ACCOUNT_FIELDS:
            for company in self.env["res.company"]._find_wallet_companies([name], self):
                raise UserError(company._describe_wallet_needs(name))
