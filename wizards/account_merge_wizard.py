from odoo import api, models
from odoo.exceptions import UserError

from ..models.res_company import WALLET_ACCOUNTS


class AccountMergeWizard(models.TransientModel):
    _inherit = "account.merge.wizard"

    @api.model
    def _action_merge(self, accounts):
        """The account says which kind of money is on it, and whose books it is in."""
        companies = self.env["res.company"]._find_wallet_companies(
            WALLET_ACCOUNTS, accounts
        )
        used = companies._get_wallet_accounts() & accounts.sudo()
        if used:
            raise UserError(
                self.env._(
                    "The money of customer wallets is on %(accounts)s, which cannot be "
                    "merged with other accounts: leave it out.",
                    accounts=", ".join(used.mapped("display_name")),
                )
            )
        return super()._action_merge(accounts)
