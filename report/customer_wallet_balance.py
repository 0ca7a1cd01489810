from odoo import fields, models
from odoo.tools import SQL


class CustomerWalletBalance(models.Model):
    """What each wallet held at the end of a day, which the context names: together
    the liability on the balance sheet of that day.
    """

    _name = "customer.wallet.balance"
    _inherit = "customer.wallet.books.mixin"
    _description = "Wallet Balance at Date"
    _auto = False
    _order = "company_balance desc, id"

    balance = fields.Monetary(
        readonly=True,
        depends_context=("wallet_date",),
        help="What the customer had, in the wallet's currency.",
    )
    company_balance = fields.Monetary(
        string="In the Books",
        currency_field="company_currency_id",
        readonly=True,
        depends_context=("wallet_date",),
        help="The same as the general ledger has it, in the company's currency, at "
        "the rates at which the money came in.",
    )

    company_bonus_balance = fields.Monetary(
        string="Of Which Bonus",
        currency_field="company_currency_id",
        readonly=True,
        depends_context=("wallet_date",),
        help="The part of it on the account of the bonuses.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT wallet.id,
                   %(wallet)s,
                   -SUM(line.amount_currency) AS balance,
                   -SUM(line.balance) AS company_balance,
                   -COALESCE(SUM(line.balance)
                       FILTER (WHERE line.wallet_lot_type = 'bonus'), 0.0
                   ) AS company_bonus_balance
              FROM account_move_line line
              JOIN customer_wallet wallet ON wallet.id = line.wallet_id
              JOIN res_company company ON company.id = wallet.company_id
             WHERE line.parent_state = 'posted'
               AND line.date <= %(day)s
             GROUP BY wallet.id, company.currency_id
            """,
            wallet=self._select_wallet(),
            day=self._get_date(),
        )

    def _get_date(self):
        date = fields.Date.to_date(self.env.context.get("wallet_date"))
        return date or fields.Date.context_today(self)
