from odoo import fields, models
from odoo.tools import format_date


class CustomerWalletBalanceDate(models.TransientModel):
    _name = "customer.wallet.balance.date"
    _description = "Wallet Balances at Date"

    date = fields.Date(
        string="Balances at Date",
        required=True,
        default=fields.Date.context_today,
        help="The balances at the end of this day.",
    )

    def action_open(self):
        """Show what each wallet held at the end of the day.

        :return: a window action on customer.wallet.balance
        """
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_wallet.action_customer_wallet_balance"
        )
        date = format_date(self.env, self.date)
        return {
            **action,
            "name": self.env._("Wallet Balances on %(date)s", date=date),
            "display_name": self.env._("Wallet Balances on %(date)s", date=date),
            "context": {
                "search_default_has_balance": 1,
                "search_default_group_by_company": len(self.env.companies.root_id) > 1,
                "search_default_group_by_currency": 1,
                "wallet_date": fields.Date.to_string(self.date),
            },
        }
