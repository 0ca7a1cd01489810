from dateutil.relativedelta import relativedelta

from odoo import fields, models

RECENT_MOVEMENTS = 10
# A movement may be several journal items.
RECENT_ITEMS = 3 * RECENT_MOVEMENTS
CURVE_PERIOD = relativedelta(years=1)


class CustomerWallet(models.Model):
    """The wallet at a glance: what the form shows instead of a long list."""

    _inherit = "customer.wallet"

    dashboard = fields.Binary(
        compute="_compute_dashboard",
        exportable=False,
        help="What the form shows at a glance, see static/src/backend.",
    )
    avatar_128 = fields.Image(related="partner_id.avatar_128")
    movement_count = fields.Integer(compute="_compute_movement_count")

    def _compute_dashboard(self):
        for wallet in self:
            wallet.dashboard = wallet._get_dashboard() if wallet.id else False

    def _compute_movement_count(self):
        counts = dict(
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                self._get_movements_domain(),
                groupby=["wallet_id"],
                aggregates=["__count"],
            )
        )
        for wallet in self:
            wallet.movement_count = counts.get(wallet._origin, 0)

    # Actions

    def action_view_movements(self):
        """Show the whole history of this wallet.

        :return: a window action on account.move.line
        """
        self.ensure_one()
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "customer_wallet.action_customer_wallet_movements"
            ),
            "domain": self._get_movements_domain(),
        }

    # Business methods

    def _get_dashboard(self):
        """
        :return: dict of what `_get_kinds_of_money` returns, and `currency_id`,
            `available`, `limit`, `is_frozen`, `movements` (the latest, newest first;
            see `_get_recent_movements`), `curve` (list of dicts of `date` and
            `balance` after that day)
        """
        self.ensure_one()
        return {
            **self._get_kinds_of_money(),
            "currency_id": self.currency_id.id,
            "available": self._get_available(),
            "limit": self.overdraft_limit,
            "is_frozen": self.state == "frozen",
            "today": fields.Date.context_today(self),
            "movements": self._get_recent_movements(),
            "curve": self._get_curve(),
        }

    def _get_recent_movements(self):
        """The latest movements, newest first.

        :return: list of dicts, see `_get_movements`
        """
        lines = self._search_movements(order="date desc, id desc", limit=RECENT_ITEMS)
        if not lines:
            return []
        movements = self._get_movements(0.0, lines[-1].date)
        shift = self.balance - movements[-1]["balance"]
        for movement in movements:
            movement["balance"] = self.currency_id.round(movement["balance"] + shift)
        return movements[: -RECENT_MOVEMENTS - 1 : -1]

    def _get_curve(self):
        """The balance after each day of the last year on which something happened,
        and on the first and the last day.
        """
        today = fields.Date.context_today(self)
        changes = self._get_daily_changes(today - CURVE_PERIOD)
        balance = self.balance - sum(changes.values())
        start = today - CURVE_PERIOD
        if changes and self.currency_id.is_zero(balance):
            start = min(changes) - relativedelta(days=1)
        points = [{"date": start, "balance": self.currency_id.round(balance)}]
        for date, change in changes.items():
            balance = self.currency_id.round(balance + change)
            points.append({"date": date, "balance": balance})
        if points[-1]["date"] < today:
            points.append({"date": today, "balance": self.balance})
        return points

    def _get_daily_changes(self, after):
        """What was added or taken in all on each day after a day.

        :return: dict of float by date, oldest first
        """
        return {
            date: -amount
            for date, amount in self.env["account.move.line"]
            .sudo()
            ._read_group(
                [*self._get_movements_domain(), ("date", ">", after)],
                groupby=["date:day"],
                aggregates=["amount_currency:sum"],
                order="date:day",
            )
        }
