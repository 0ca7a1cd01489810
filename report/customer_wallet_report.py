from odoo import api, fields, models
from odoo.tools import SQL

from .customer_wallet_movement import EXCHANGE, OTHER


class CustomerWalletReport(models.Model):
    """The movements with their value in the books, to be added up. All of them
    together are the two accounts, so that exchange differences are here as well.
    """

    _name = "customer.wallet.report"
    _inherit = "customer.wallet.movement"
    _description = "Wallet Analysis"
    _auto = False
    _order = "date desc, id desc"

    direction = fields.Selection(
        [("in", "Money In"), ("out", "Money Out")], readonly=True
    )
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    company_amount = fields.Monetary(
        string="Amount",
        currency_field="company_currency_id",
        readonly=True,
        help="Money that comes in is positive, money that goes out is negative. In the "
        "company's currency, as it is in the books.",
    )
    company_bonus_amount = fields.Monetary(
        string="Of Which Bonus",
        currency_field="company_currency_id",
        readonly=True,
        help="The part of the amount that was given, not paid in.",
    )
    company_paid_amount = fields.Monetary(
        string="Paid Money", currency_field="company_currency_id", readonly=True
    )
    bonus_amount = fields.Monetary(string="Bonus in Wallet Currency")
    amount = fields.Monetary(string="Amount in Wallet Currency")

    _depends = {"account.move.line": ["balance"], "res.company": ["currency_id"]}

    @api.model
    def _selection_operation(self):
        """What is here is in the books."""
        return [
            *self.env["customer.wallet"]._get_operation_selection(),
            (OTHER, self.env._("Other")),
        ]

    @property
    def _table_query(self):
        """What is held is not in the books yet."""
        return self._get_booked_sql()

    def _select_booked(self):
        return SQL(
            """
                   %(select)s,
                   CASE
                       WHEN %(amount)s < 0.0
                         OR %(amount)s = 0.0 AND %(company_amount)s < 0.0
                       THEN 'out'
                       ELSE 'in'
                   END AS direction,
                   company.currency_id AS company_currency_id,
                   %(company_amount)s AS company_amount,
                   %(company_bonus)s AS company_bonus_amount,
                   %(company_amount)s - (%(company_bonus)s) AS company_paid_amount
            """,
            select=super()._select_booked(),
            amount=self._sum("amount_currency"),
            company_amount=self._sum("balance"),
            company_bonus=self._sum_bonus("balance"),
        )

    def _operation(self):
        return SQL(
            "CASE WHEN %s THEN %s ELSE %s END",
            self._moves_money(),
            super()._operation(),
            EXCHANGE,
        )

    def _having_booked(self):
        return SQL(
            "%s OR %s != 0.0 OR %s != 0.0",
            super()._having_booked(),
            self._sum("balance"),
            self._sum_bonus("balance"),
        )
