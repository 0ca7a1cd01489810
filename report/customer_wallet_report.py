from odoo import fields, models
from odoo.tools import SQL


class CustomerWalletReport(models.Model):
    """The movements of wallets, in = positive. What goes out is split by the kind of
    money that it used, so that bonus and paid money add up each.
    """

    _name = "customer.wallet.report"
    _description = "Wallet Analysis"
    _auto = False
    _rec_name = "date"
    _order = "date desc, id desc"

    date = fields.Date(readonly=True)
    line_id = fields.Many2one("account.move.line", string="Journal Item", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    wallet_id = fields.Many2one("customer.wallet", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    wallet_operation = fields.Selection(
        selection="_selection_wallet_operation", string="Kind", readonly=True
    )
    is_undone = fields.Boolean(readonly=True, help="Takes an earlier movement back.")
    direction = fields.Selection(
        [("in", "Money In"), ("out", "Money Out")], readonly=True
    )
    wallet_lot_type = fields.Selection(
        [("paid", "Paid"), ("bonus", "Bonus"), ("credit", "Below Zero")],
        string="Kind of Money",
        readonly=True,
        help="Which money came in or was used. Below zero: more was used than there "
        "was.",
    )
    amount = fields.Monetary(
        string="Amount in Wallet Currency", readonly=True, help="In is positive."
    )
    company_amount = fields.Monetary(
        string="Amount",
        currency_field="company_currency_id",
        readonly=True,
        help="In is positive. At the rates of the books, in the company's currency.",
    )

    _depends = {
        "account.move": ["wallet_operation", "reversed_entry_id"],
        "account.move.line": [
            "wallet_id",
            "wallet_lot_type",
            "parent_state",
            "date",
            "amount_currency",
            "balance",
            "company_id",
        ],
        "account.partial.reconcile": [
            "debit_move_id",
            "credit_move_id",
            "debit_amount_currency",
            "amount",
        ],
        "customer.wallet": ["partner_id", "currency_id"],
        "res.company": ["currency_id"],
    }

    def _selection_wallet_operation(self):
        operations = self.env["account.move"]._fields["wallet_operation"]
        others = {
            "exchange": self.env._("Exchange Difference"),
            "other": self.env._("Journal Entry"),
        }
        return [*operations._description_selection(self.env), *others.items()]

    @property
    def _table_query(self):
        return SQL("%s %s %s", self._with(), self._select(), self._from())

    def _with(self):
        """Each part of a movement that is of one kind of money: a lot is one; a
        debit has one for each kind of lots that it used, and one for what no lot
        covers.
        """
        return SQL(
            """
            WITH used AS (
                SELECT partial.debit_move_id AS line_id,
                       COALESCE(lot.wallet_lot_type, 'paid') AS lot_type,
                       SUM(partial.debit_amount_currency) AS amount,
                       SUM(partial.amount) AS company_amount
                  FROM account_partial_reconcile partial
                  JOIN account_move_line lot ON lot.id = partial.credit_move_id
                  JOIN account_move_line line ON line.id = partial.debit_move_id
                 WHERE lot.wallet_id IS NOT NULL
                   AND line.wallet_id IS NOT NULL
                   AND partial.debit_amount_currency != 0.0
                 GROUP BY partial.debit_move_id, COALESCE(lot.wallet_lot_type, 'paid')
            ),
            part AS (
                SELECT line.id AS line_id,
                       line.wallet_lot_type AS lot_type,
                       -line.amount_currency AS amount,
                       -line.balance AS company_amount
                  FROM account_move_line line
                 WHERE line.wallet_id IS NOT NULL
                   AND line.parent_state = 'posted'
                   AND line.amount_currency <= 0.0
                UNION ALL
                SELECT line_id, lot_type, -amount, -company_amount
                  FROM used
                UNION ALL
                SELECT line.id,
                       'credit',
                       COALESCE(SUM(used.amount), 0.0) - line.amount_currency,
                       COALESCE(SUM(used.company_amount), 0.0) - line.balance
                  FROM account_move_line line
                  LEFT JOIN used ON used.line_id = line.id
                 WHERE line.wallet_id IS NOT NULL
                   AND line.parent_state = 'posted'
                   AND line.amount_currency > 0.0
                 GROUP BY line.id
            )
            """
        )

    def _select(self):
        return SQL(
            """
            SELECT part.line_id::bigint * 4
                   + CASE part.lot_type
                         WHEN 'paid' THEN 1 WHEN 'bonus' THEN 2
                         WHEN 'credit' THEN 3 ELSE 0
                     END AS id,
                   line.date,
                   line.id AS line_id,
                   line.move_id,
                   line.wallet_id,
                   wallet.partner_id,
                   line.company_id,
                   wallet.currency_id,
                   company.currency_id AS company_currency_id,
                   CASE
                       WHEN line.amount_currency = 0.0 THEN 'exchange'
                       ELSE COALESCE(move.wallet_operation, 'other')
                   END AS wallet_operation,
                   move.reversed_entry_id IS NOT NULL AS is_undone,
                   CASE
                       WHEN line.balance > 0.0 OR line.amount_currency > 0.0 THEN 'out'
                       ELSE 'in'
                   END AS direction,
                   CASE
                       WHEN part.amount != 0.0 THEN part.lot_type
                   END AS wallet_lot_type,
                   part.amount,
                   part.company_amount
            """
        )

    def _from(self):
        return SQL(
            """
              FROM part
              JOIN account_move_line line ON line.id = part.line_id
              JOIN account_move move ON move.id = line.move_id
              JOIN customer_wallet wallet ON wallet.id = line.wallet_id
              JOIN res_company company ON company.id = line.company_id
             WHERE part.amount != 0.0 OR part.company_amount != 0.0
            """
        )

    def action_open_wallet_document(self):
        """Open what this movement is about.

        :return: a window action
        :raises AccessError: the user may not read the journal item
        """
        self.ensure_one()
        return self.line_id.action_open_wallet_document()
