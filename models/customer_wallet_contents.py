"""What is in a wallet: the sum of its journal items, however many they are."""

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL

from .customer_wallet import BONUS, PAID

# So many items are read one by one before their sum is kept.
CHECKPOINT_ITEMS = 1000


class Contents(dict):
    """What is in one wallet: [float in its currency, float in the company's] by (kind
    of money, id of the journal item that gave the bonus).

    What somebody took by hand names no bonus: its id is None, as that of paid money.
    """

    def __init__(self, rows=()):
        super().__init__({(kind, grant): sums for kind, grant, *sums in rows})
        self.items_read = 0
        self.last_id = 0

    def add(self, kind, grant_id, amount, value):
        """Add what some items say.

        :param str kind: of money
        :param grant_id: int, the item that gave the bonus, or None
        :param float amount: in the wallet's currency
        :param float value: in the company's currency
        """
        before, value_before = self.get((kind, grant_id), (0.0, 0.0))
        self[kind, grant_id] = [before + amount, value_before + value]

    def sum(self, kind):
        """
        :return: (float in the wallet's currency, float in the company's)
        """
        sums = [sums for (it, _grant), sums in self.items() if it == kind]
        return sum(it[0] for it in sums), sum(it[1] for it in sums)

    def get_grants(self, currency):
        """
        :param currency: res.currency of the wallet
        :return: dict of floats in the wallet's currency by the id of what gave a bonus
        """
        return {
            grant: amount
            for (kind, grant), (amount, _value) in self.items()
            if kind == BONUS and not currency.is_zero(amount)
        }

    def get_rows(self, currency):
        """What is worth keeping: of a bonus that is used up, its value in the books.

        :param currency: res.currency of the wallet
        :return: list, for JSON
        """
        kept = Contents()
        for (kind, grant), (amount, value) in self.items():
            used_up = currency.is_zero(amount)
            kept.add(kind, None if used_up else grant, amount, value)
        return [[*key, *sums] for key, sums in kept.items()]


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    # What the items up to this one add up to.
    checkpoint_item_id = fields.Integer("Checkpoint Line", readonly=True)
    checkpoint_contents = fields.Json(readonly=True)

    @api.depends(
        "line_ids.amount_currency",
        "line_ids.parent_state",
        "line_ids.wallet_lot_type",
    )
    def _compute_balance(self):
        contents = self._get_contents()
        for wallet in self:
            there = contents.get(wallet.id, Contents())
            (paid, _value), (bonus, _value) = there.sum(PAID), there.sum(BONUS)
            wallet.balance = wallet.currency_id.round(paid + bonus)
            wallet.bonus_balance = wallet.currency_id.round(bonus)
            if there.items_read >= CHECKPOINT_ITEMS:
                rows = there.get_rows(wallet.currency_id)
                wallet._set_checkpoint(there.last_id, rows)

    def _get_contents(self):
        """What the posted items of these wallets say. A long history is read once: its
        sum is kept up to an item, and thrown away when one before it changes.

        :return: dict of Contents by wallet id
        """
        self.env["account.move.line"].flush_model(
            [
                *("wallet_id", "wallet_lot_type", "wallet_grant_id"),
                *("amount_currency", "balance"),
            ]
        )
        wallets = self._origin.sudo()
        contents = {it.id: Contents(it.checkpoint_contents or ()) for it in wallets}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.wallet_id,
                       item.wallet_lot_type,
                       CASE WHEN item.wallet_lot_type = 'bonus' THEN COALESCE(
                           item.wallet_grant_id,
                           CASE WHEN item.amount_currency < 0 THEN item.id END
                       ) END AS grant_id,
                       -SUM(item.amount_currency),
                       -SUM(item.balance),
                       COUNT(*),
                       MAX(item.id)
                  FROM account_move_line item
                 WHERE item.wallet_lot_type IN ('paid', 'bonus')
                   AND (%s)
                 GROUP BY item.wallet_id, item.wallet_lot_type, grant_id
                """,
                wallets._after_checkpoint(),
            )
        )
        for wallet_id, kind, grant_id, amount, value, count, last_id in rows:
            there = contents[wallet_id]
            there.add(kind, grant_id, float(amount), float(value))
            there.items_read += count
            there.last_id = max(there.last_id, last_id)
        return {it.id: contents.get(it._origin.id, Contents()) for it in self}

    def _after_checkpoint(self):
        """Numbers, not a join: PostgreSQL knows then how few items there are.

        :return: SQL, a condition for the items `item` that are not summed up yet
        """
        long = self.filtered("checkpoint_item_id")
        conditions = [
            SQL("(item.wallet_id = %s AND item.id > %s)", it.id, it.checkpoint_item_id)
            for it in long
        ]
        if short := self - long:
            conditions.append(SQL("item.wallet_id = ANY(%s)", short.ids))
        return SQL(" OR ").join(conditions) if conditions else SQL("FALSE")

    def _set_checkpoint(self, line_id, rows):
        """Past the ORM, which is just computing the balance of the same row. Whoever
        adds an item at the same time changes that row, too, so that no item before the
        checkpoint is unknown to it.

        :param line_id: int, the last item that is summed up, or None to forget it
        :param rows: see `Contents.get_rows`, or None
        """
        self._execute_lock(
            SQL(
                """
                UPDATE customer_wallet
                   SET checkpoint_item_id = %s, checkpoint_contents = %s
                 WHERE id = ANY(%s)
                """,
                line_id,
                rows and Json(rows),
                self.ids,
            )
        )
        names = ["checkpoint_item_id", "checkpoint_contents"]
        self.invalidate_recordset(names, flush=False)

    def _drop_checkpoint(self, lines):
        """Items of these wallets change: what was summed up with them is unknown.

        :param lines: account.move.line
        """
        first = min(lines.ids, default=0)
        stale = self.sudo().filtered(lambda w: w.checkpoint_item_id >= first > 0)
        if stale:
            stale._set_checkpoint(None, None)
