from odoo import fields, models
from odoo.tools import SQL

from .customer_wallet_liability import KINDS


class CustomerWalletAgeing(models.Model):
    """How old the money in the wallets is: what was spent came from what was received
    first. A row is what is left in one wallet, of one kind of money, of what was
    received in one bucket of days before the day that the context names. Together they
    are what the general ledger has on that day.
    """

    _name = "customer.wallet.ageing"
    _inherit = "customer.wallet.books.mixin"
    _description = "Wallet Ageing"
    _auto = False
    _order = "partner_id, id"

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
        "account.move.line": ["wallet_document_id", "wallet_document_model"],
        "customer.wallet.ageing.bucket": ["days"],
    }

    @property
    def _table_query(self):
        """What cannot be traced to a receipt, such as a debt, or a cent of rounding,
        is as old as the last movement of its kind.
        """
        return SQL(
            """
            WITH undone AS (
                SELECT move.reversed_entry_id AS move_id,
                       line.wallet_id,
                       line.wallet_document_model AS model,
                       line.wallet_document_id AS document_id
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
                 WHERE move.reversed_entry_id IS NOT NULL
                   AND move.state = 'posted'
                   AND move.date <= %(day)s
                   AND line.wallet_id IS NOT NULL
            ),
            total AS (%(totals)s),
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
                 WHERE total.value != 0.0 OR traced.value != 0.0
            ),
            moved AS (
                SELECT wallet_id, MAX(moved) AS last FROM total GROUP BY wallet_id
            ),
            bucket AS (
                SELECT id, days,
                       LEAD(days) OVER (ORDER BY days) AS next,
                       RANK() OVER (ORDER BY days) AS rank
                  FROM customer_wallet_ageing_bucket
            )
            SELECT (wallet.id::bigint * 2 + (part.kind = 'bonus')::integer) * 1000
                       + bucket.rank AS id,
                   %(wallet)s,
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
            wallet=self._select_wallet(),
            totals=self._get_totals_sql(),
            receipts=self._get_receipts_sql(),
            day=self._get_day(),
        )

    def _get_totals_sql(self):
        return SQL(
            """
            SELECT wallet_id, wallet_lot_type AS kind,
                   -SUM(amount_currency) AS amount,
                   -SUM(balance) AS value,
                   MAX(date) AS last,
                   MAX(date) FILTER (WHERE amount_currency != 0.0) AS moved
              FROM account_move_line
             WHERE wallet_id IS NOT NULL
               AND parent_state = 'posted'
               AND date <= %(day)s
             GROUP BY wallet_id, wallet_lot_type
            """,
            day=self._get_day(),
        )

    def _get_receipts_sql(self):
        """What is left of each receipt: the latest ones are whole. What an undone
        payment gave back is no new money.
        """
        return SQL(
            """
            SELECT latest.wallet_id, latest.kind, latest.date,
                   ROUND(
                       GREATEST(LEAST(latest.amount, total.amount - latest.newer), 0.0)
                           * total.value / total.amount,
                       currency.decimal_places
                   ) AS value
              FROM (
                    SELECT line.wallet_id, line.wallet_lot_type AS kind, line.date,
                           -line.amount_currency AS amount,
                           SUM(-line.amount_currency) OVER (
                               PARTITION BY line.wallet_id, line.wallet_lot_type
                               ORDER BY line.date DESC, line.id DESC
                           ) + line.amount_currency AS newer
                      FROM account_move_line line
                      JOIN account_move move ON move.id = line.move_id
                     WHERE line.wallet_id IS NOT NULL
                       AND line.parent_state = 'posted'
                       AND line.date <= %(day)s
                       AND line.amount_currency < 0.0
                       AND move.reversed_entry_id IS NULL
                       AND NOT EXISTS (
                           SELECT
                             FROM undone
                            WHERE undone.move_id = move.id
                              AND undone.wallet_id = line.wallet_id
                              AND undone.document_id
                                  IS NOT DISTINCT FROM line.wallet_document_id
                              AND undone.model
                                  IS NOT DISTINCT FROM line.wallet_document_model)
                   ) latest
              JOIN total
                ON total.wallet_id = latest.wallet_id AND total.kind = latest.kind
              JOIN customer_wallet wallet ON wallet.id = latest.wallet_id
              JOIN res_company company ON company.id = wallet.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
             WHERE total.amount > latest.newer
            """,
            day=self._get_day(),
        )

    def _get_day(self):
        day = fields.Date.to_date(self.env.context.get("wallet_date_to"))
        return day or fields.Date.context_today(self)
