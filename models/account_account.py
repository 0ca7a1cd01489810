from odoo import api, models
from odoo.exceptions import ValidationError


class AccountAccount(models.Model):
    _inherit = "account.account"

    @api.constrains("account_type", "reconcile", "active")
    def _check_wallet_account(self):
        """A wallet account must stay what wallets need it to be."""
        companies = (
            self.env["res.company"]
            .sudo()
            .search([("wallet_account_id", "in", self.ids)])
        )
        for account in companies.wallet_account_id:
            if (
                account.account_type != "liability_current"
                or not account.reconcile
                or not account.active
            ):
                raise ValidationError(
                    self.env._(
                        "%(account)s holds the money of customer wallets: it must stay "
                        "an active current liability that allows reconciliation.",
                        account=account.display_name,
                    )
                )
