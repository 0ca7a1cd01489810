from odoo import fields, models
from odoo.tools import SQL


class CustomerWalletBalance(models.Model):
    """What each wallet held at the end of a day, which the context names: together
    the liability on the balance sheet of that day.
    """

    _name = "customer.wallet.balance"
    _description = "Wallet Balance at Date"
    _auto = False
    _rec_name = "partner_id"
    _order = "company_balance desc, id"

    wallet_id = fields.Many2one("customer.wallet", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
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

    _depends = {
        "account.move.line": [
            "wallet_id",
            "wallet_lot_type",
            "parent_state",
            "date",
            "amount_currency",
            "balance",
        ],
        "customer.wallet": ["partner_id", "company_id", "currency_id"],
        "res.company": ["currency_id"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT wallet.id,
                   wallet.id AS wallet_id,
                   wallet.partner_id,
                   wallet.company_id,
                   wallet.currency_id,
                   company.currency_id AS company_currency_id,
                   -SUM(line.amount_currency) AS balance,
                   -SUM(line.balance) AS company_balance,
                   -COALESCE(SUM(line.balance)
                       FILTER (WHERE line.wallet_lot_type = 'bonus'), 0.0
                   ) AS company_bonus_balance
              FROM account_move_line line
              JOIN customer_wallet wallet ON wallet.id = line.wallet_id
              JOIN res_company company ON company.id = wallet.company_id
             WHERE line.parent_state = 'posted'
               AND line.date <= %s
             GROUP BY wallet.id, company.currency_id
            """,
            self._get_date(),
        )

    def _get_date(self):
        date = fields.Date.to_date(self.env.context.get("wallet_date"))
        return date or fields.Date.context_today(self)

    def action_open_wallet(self):
        """Open the wallet whose balance this is.

        :return: a window action
        """
        self.ensure_one()
        return self.wallet_id._get_records_action()
