"""What the business owes its customers: from one day to another, and how old it is."""

from odoo import fields, models
from odoo.tools import SQL

# How money moves in the books; what the table of operations does not name is `other`.
STEPS = (
    "moved_in",
    "topped_up",
    "bonus_given",
    "spent_invoices",
    "spent_tills",
    "spent_online",
    "paid_out",
    "refunded",
    "expired",
    "adjusted",
    "transferred",
    "exchange",
    "other",
)
DATES = ("wallet_date_from", "wallet_date_to")
KINDS = [("paid", "Paid Money"), ("bonus", "Bonus")]


def _step(label):
    return fields.Monetary(
        string=label,
        currency_field="company_currency_id",
        readonly=True,
        depends_context=DATES,
    )


class CustomerWalletLiability(models.Model):
    """The roll-forward: what was there before the first day of a period, how it moved,
    and what is there after the last, which the context names. A row is one kind of
    money in one wallet. It reads the very journal items of the two accounts, so that
    opening, movements and closing are those of the general ledger.
    """

    _name = "customer.wallet.liability"
    _description = "Wallet Liability"
    _auto = False
    _rec_name = "partner_id"
    _order = "closing desc, id"

    wallet_id = fields.Many2one("customer.wallet", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(KINDS, string="Kind of Money", readonly=True)
    opening = _step("Opening")
    moved_in = _step("Moved In")
    topped_up = _step("Topped Up")
    bonus_given = _step("Bonus Given")
    spent_invoices = _step("Spent on Invoices")
    spent_tills = _step("Spent at the Till")
    spent_online = _step("Spent Online")
    paid_out = _step("Paid Out")
    refunded = _step("Refunded")
    expired = _step("Expired")
    adjusted = _step("Adjusted")
    transferred = _step("Transferred")
    exchange = _step("Exchange Difference")
    other = _step("Other")
    closing = _step("Closing")

    _depends = {
        "account.move": ["wallet_operation"],
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
        first, last = self._get_period()
        return SQL(
            """
            SELECT wallet.id * 2 + (item.kind = 'bonus')::integer AS id,
                   wallet.id AS wallet_id,
                   wallet.partner_id,
                   wallet.company_id,
                   wallet.currency_id,
                   company.currency_id AS company_currency_id,
                   item.kind,
                   item.opening,
                   item.closing,
                   %(steps)s
              FROM (%(items)s) item
              JOIN customer_wallet wallet ON wallet.id = item.wallet_id
              JOIN res_company company ON company.id = wallet.company_id
            """,
            steps=SQL(", ").join(SQL.identifier("item", step) for step in STEPS),
            items=self._get_sums_sql(first, last),
        )

    def _get_sums_sql(self, first, last):
        """The sums of each kind of money in each wallet. What was there before is one
        sum: only what moved in the period is looked up in its entry.
        """
        steps = SQL(", ").join(
            SQL(
                "-COALESCE(SUM(balance) FILTER (WHERE step = %s), 0.0) AS %s",
                step,
                SQL.identifier(step),
            )
            for step in STEPS
        )
        return SQL(
            """
            SELECT wallet_id,
                   kind,
                   -COALESCE(SUM(balance) FILTER (WHERE step = 'opening'), 0.0)
                       AS opening,
                   -SUM(balance) AS closing,
                   %(steps)s
              FROM (
                    SELECT wallet_id, wallet_lot_type AS kind, balance,
                           'opening' AS step
                      FROM account_move_line
                     WHERE wallet_id IS NOT NULL
                       AND parent_state = 'posted'
                       AND date < %(first)s
                     UNION ALL
                    SELECT line.wallet_id, line.wallet_lot_type, line.balance,
                           CASE WHEN line.amount_currency = 0.0 THEN 'exchange'
                                ELSE %(step)s
                           END
                      FROM account_move_line line
                      JOIN account_move move ON move.id = line.move_id
                     WHERE line.wallet_id IS NOT NULL
                       AND line.parent_state = 'posted'
                       AND line.date BETWEEN %(first)s AND %(last)s
                   ) part
             GROUP BY wallet_id, kind
            """,
            steps=steps,
            first=first,
            last=last,
            step=self._get_step_sql(),
        )

    def _get_step_sql(self):
        operations = self.env["customer.wallet"]._get_operations()
        return SQL(
            "CASE move.wallet_operation %s ELSE 'other' END",
            SQL(" ").join(
                SQL("WHEN %s THEN %s", name, row.step)
                for name, row in operations.items()
                if row.step in STEPS
            ),
        )

    def _get_period(self):
        """
        :return: (first day, last day); without a first one, all is movement
        """
        first, last = (
            fields.Date.to_date(self.env.context.get(name)) for name in DATES
        )
        last = last or fields.Date.context_today(self)
        return first or fields.Date.to_date("0001-01-01"), last

    def action_view_movements(self):
        """Show the movements of the period behind this row.

        :return: a window action on customer.wallet.report
        """
        self.ensure_one()
        self.check_access("read")
        first, last = self._get_period()
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "customer_wallet.action_customer_wallet_report"
            ),
            "name": self.wallet_id.display_name,
            "view_mode": "list,pivot,graph",
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": [
                ("wallet_id", "=", self.wallet_id.id),
                ("date", ">=", first.isoformat()),
                ("date", "<=", last.isoformat()),
            ],
        }


class CustomerWalletAgeing(models.Model):
    """How old the money in the wallets is: what was spent came from what was received
    first. A row is what is left in one wallet, of one kind of money, of what was
    received in one bucket of days before the day that the context names. Together they
    are what the general ledger has on that day.
    """

    _name = "customer.wallet.ageing"
    _description = "Wallet Ageing"
    _auto = False
    _rec_name = "partner_id"
    _order = "partner_id, id"

    wallet_id = fields.Many2one("customer.wallet", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(KINDS, string="Kind of Money", readonly=True)
    bucket_id = fields.Many2one(
        "customer.wallet.ageing.bucket", string="Age", readonly=True
    )
    amount = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        depends_context=("wallet_date_to",),
        help="In the company's currency, at the value in the books.",
    )
    dormant_since = fields.Date(
        readonly=True,
        depends_context=("wallet_date_to",),
        help="The last day on which anything moved in this wallet.",
    )

    _depends = {
        "account.move": ["reversed_entry_id", "state"],
        "account.move.line": CustomerWalletLiability._depends["account.move.line"],
        "customer.wallet": ["partner_id", "company_id", "currency_id"],
        "customer.wallet.ageing.bucket": ["days"],
        "res.company": ["currency_id"],
    }

    @property
    def _table_query(self):
        """What cannot be traced to a receipt, such as a debt, or a cent of rounding,
        is as old as the last movement of its kind.
        """
        return SQL(
            """
            WITH item AS (%(items)s),
            total AS (
                SELECT wallet_id, kind, SUM(amount) AS amount, SUM(value) AS value,
                       MAX(date) AS last
                  FROM item
                 GROUP BY wallet_id, kind
                HAVING SUM(amount) != 0.0 OR SUM(value) != 0.0
            ),
            receipt AS (%(receipts)s),
            traced AS (
                SELECT wallet_id, kind, SUM(value) AS value
                  FROM receipt GROUP BY wallet_id, kind
            ),
            part AS (
                SELECT wallet_id, kind, date, value FROM receipt WHERE value != 0.0
                 UNION ALL
                SELECT wallet_id, kind, total.last,
                       total.value - COALESCE(traced.value, 0.0)
                  FROM total
                  LEFT JOIN traced USING (wallet_id, kind)
            ),
            moved AS (
                SELECT wallet_id, MAX(date) AS last
                  FROM item WHERE amount != 0.0 GROUP BY wallet_id
            ),
            bucket AS (
                SELECT id, days,
                       LEAD(days) OVER (ORDER BY days) AS next,
                       RANK() OVER (ORDER BY days) AS rank
                  FROM customer_wallet_ageing_bucket
            )
            SELECT (wallet.id::bigint * 2 + (part.kind = 'bonus')::integer) * 1000
                       + bucket.rank AS id,
                   wallet.id AS wallet_id,
                   wallet.partner_id,
                   wallet.company_id,
                   wallet.currency_id,
                   company.currency_id AS company_currency_id,
                   part.kind,
                   bucket.id AS bucket_id,
                   SUM(part.value) AS amount,
                   moved.last AS dormant_since
              FROM part
              JOIN customer_wallet wallet ON wallet.id = part.wallet_id
              JOIN res_company company ON company.id = wallet.company_id
              JOIN bucket
                ON %(day)s - part.date >= bucket.days
               AND (bucket.next IS NULL OR %(day)s - part.date < bucket.next)
              LEFT JOIN moved ON moved.wallet_id = wallet.id
             GROUP BY wallet.id, company.currency_id, part.kind, bucket.id,
                      bucket.rank, moved.last
            HAVING SUM(part.value) != 0.0
            """,
            items=self._get_items_sql(),
            receipts=self._get_receipts_sql(),
            day=self._get_day(),
        )

    def _get_items_sql(self):
        """What an undone payment gave back is no new money."""
        return SQL(
            """
            SELECT line.id, line.wallet_id, line.wallet_lot_type AS kind, line.date,
                   -line.amount_currency AS amount, -line.balance AS value,
                   line.amount_currency < 0.0
                       AND move.reversed_entry_id IS NULL
                       AND NOT EXISTS (
                           SELECT FROM account_move reversal
                            WHERE reversal.reversed_entry_id = move.id
                              AND reversal.state = 'posted'
                              AND reversal.date <= %(day)s) AS is_receipt
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
             WHERE line.wallet_id IS NOT NULL
               AND line.parent_state = 'posted'
               AND line.date <= %(day)s
            """,
            day=self._get_day(),
        )

    def _get_receipts_sql(self):
        """What is left of each receipt: the latest ones are whole."""
        return SQL(
            """
            SELECT latest.wallet_id, latest.kind, latest.date,
                   ROUND(
                       GREATEST(LEAST(latest.amount, total.amount - latest.newer), 0.0)
                           * total.value / total.amount,
                       currency.decimal_places
                   ) AS value
              FROM (
                    SELECT wallet_id, kind, date, amount,
                           SUM(amount) OVER (
                               PARTITION BY wallet_id, kind ORDER BY date DESC, id DESC
                           ) - amount AS newer
                      FROM item
                     WHERE is_receipt
                   ) latest
              JOIN total
                ON total.wallet_id = latest.wallet_id AND total.kind = latest.kind
              JOIN customer_wallet wallet ON wallet.id = latest.wallet_id
              JOIN res_company company ON company.id = wallet.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
             WHERE total.amount > latest.newer
            """
        )

    def _get_day(self):
        day = fields.Date.to_date(self.env.context.get("wallet_date_to"))
        return day or fields.Date.context_today(self)

    def action_open_wallet(self):
        """Open the wallet whose money this is.

        :return: a window action
        """
        self.ensure_one()
        return self.wallet_id._get_records_action()
