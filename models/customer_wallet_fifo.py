"""What is left of a top-up, and what it paid: nobody stores it, so it is asked first-in
first-out when somebody looks."""

from odoo import models
from odoo.tools import SQL


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    def _get_top_up_usage(self, item):
        """What became of the money that a journal item brought.

        :param item: account.move.line in sudo, of paid money in this wallet
        :return: (float left of it in the wallet's currency, account.move that it paid)
        """
        self.ensure_one()
        Move = self.env["account.move"]
        amount = -item.amount_currency
        if item._is_wallet_part_undone():
            return 0.0, Move
        self.env.flush_all()
        [(older, newer)] = self.env.execute_query(self._get_money_in_sql(item))
        paid = self.balance - self.bonus_balance
        left = self.currency_id.round(min(max(paid - float(newer), 0.0), amount))
        if self.currency_id.compare_amounts(left, amount) >= 0:
            return left, Move
        start = float(older)
        rows = self.env.execute_query(
            self._get_paid_documents_sql(start, start + amount - left)
        )
        return left, Move.browse(row[0] for row in rows)

    def _get_money_in_sql(self, item):
        """The sums of what came in before and after an item; what an undone payment
        gave back is no new money.
        """
        return SQL(
            """
            SELECT COALESCE(-SUM(item.amount_currency)
                       FILTER (WHERE (item.date, item.id) < (%(date)s, %(id)s)), 0),
                   COALESCE(-SUM(item.amount_currency)
                       FILTER (WHERE (item.date, item.id) > (%(date)s, %(id)s)), 0)
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
             WHERE item.wallet_id = %(wallet)s
               AND item.wallet_lot_type = 'paid'
               AND item.amount_currency < 0
               AND move.reversed_entry_id IS NULL
               AND NOT EXISTS (%(reversals)s)
            """,
            date=item.date,
            id=item.id,
            wallet=self.id,
            reversals=self._get_reversals_sql(),
        )

    def _get_reversals_sql(self):
        """The items that book back what the item of an entry, `move`, moved for its
        document: others of the same entry may stay.
        """
        return SQL(
            """
            SELECT
              FROM account_move reversal
              JOIN account_move_line undone ON undone.move_id = reversal.id
             WHERE reversal.reversed_entry_id = move.id
               AND reversal.state = 'posted'
               AND undone.wallet_id = item.wallet_id
               AND undone.wallet_document_id
                   IS NOT DISTINCT FROM item.wallet_document_id
               AND undone.wallet_document_model
                   IS NOT DISTINCT FROM item.wallet_document_model
            """
        )

    def _get_paid_documents_sql(self, start, end):
        """The documents that the money between two points of all that went out paid."""
        return SQL(
            """
            WITH payment AS (
                SELECT item.wallet_document_id AS document_id,
                       item.wallet_document_model AS model,
                       SUM(item.amount_currency) AS amount,
                       MIN(item.date) AS date,
                       MIN(item.id) AS id
                  FROM account_move_line item
                  JOIN account_move move ON move.id = item.move_id
                 WHERE item.wallet_id = %(wallet)s
                   AND item.wallet_lot_type = 'paid'
                   AND item.amount_currency > 0
                   AND move.reversed_entry_id IS NULL
                   AND NOT EXISTS (%(reversals)s)
                 GROUP BY item.move_id, document_id, model
            ),
            running AS (
                SELECT *, SUM(amount) OVER (ORDER BY date, id) AS upto FROM payment
            )
            SELECT document_id
              FROM running
             WHERE model = 'account.move'
               AND upto > %(start)s
               AND upto - amount < %(end)s
             GROUP BY document_id
             ORDER BY MIN(id)
            """,
            wallet=self.id,
            reversals=self._get_reversals_sql(),
            start=start,
            end=end,
        )
