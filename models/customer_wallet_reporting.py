from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

RECENT_MOVEMENTS = 10
# A movement may be several journal items.
RECENT_ITEMS = 3 * RECENT_MOVEMENTS
CURVE_PERIOD = relativedelta(years=1)
# What the query of the movements reads.
MOVEMENT_FIELDS = {
    "account.move": [
        "name",
        "ref",
        "wallet_operation",
        "reversed_entry_id",
        "origin_payment_id",
    ],
    "account.move.line": [
        "wallet_id",
        "wallet_lot_type",
        "wallet_invoice_id",
        "parent_state",
        "date",
        "amount_currency",
    ],
}


class CustomerWallet(models.Model):
    """What people are told about a wallet: its statement, and the form at a glance."""

    _inherit = "customer.wallet"
    # Whoever may see a wallet may send its statement and write notes.
    _mail_post_access = "read"

    dashboard = fields.Binary(compute="_compute_dashboard", exportable=False)
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
        :raises AccessError: the user may not read the wallet
        """
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "customer_wallet.action_customer_wallet_movements"
            ),
            "domain": self._get_movements_domain(),
        }

    # Periods

    @api.model
    def _get_statement_periods(self):
        """The periods for which a statement is asked for.

        :return: list of (key, label), as of a selection field
        """
        labels = {
            "this_month": self.env._("This month"),
            "last_month": self.env._("Last month"),
            "this_year": self.env._("This year"),
            "all": self.env._("Since the first movement"),
        }
        return list(labels.items())

    def _get_default_statement_period(self):
        """This month, unless nothing has happened in it yet.

        :return: str, key of a period
        """
        date_from, _date_to = self._get_statement_dates("this_month")
        moved = self._search_movements([("date", ">=", date_from)], limit=1)
        return "this_month" if moved else "all"

    def _get_statement_dates(self, period=None):
        """First and last day of a statement.

        :param str period: key of a period; by default what the context says, which
            is `wallet_date_from` and `wallet_date_to`, or else the default period
        :return: tuple of dates
        """
        context = self.env.context
        if not period and context.get("wallet_date_to"):
            return (
                fields.Date.to_date(context.get("wallet_date_from")) or False,
                fields.Date.to_date(context["wallet_date_to"]),
            )
        today = fields.Date.context_today(self)
        month = today.replace(day=1)
        match period or self._get_default_statement_period():
            case "last_month":
                return month - relativedelta(months=1), month - relativedelta(days=1)
            case "this_year":
                return today.replace(month=1, day=1), today
            case "all":
                return self._get_movement_dates(today)
        return month, today

    def _get_movement_dates(self, today):
        """From the first movement to today, or to the last if that is later."""
        [(first, last)] = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                self._get_movements_domain(), aggregates=["date:min", "date:max"]
            )
        )
        return first or today, max(last or today, today)

    # Statements

    def _get_statement_file_name(self):
        self.ensure_one()
        _date_from, date_to = self._get_statement_dates()
        return self.env._(
            "Wallet Statement %(customer)s %(date)s",
            customer=self.partner_id.name,
            date=date_to,
        )

    def _get_statement(self, date_from=False, date_to=False):
        """The statement of this wallet for a period.

        Who may see it is for the caller to check. The texts are in the language of
        the context, all amounts are floats in the wallet's currency. A movement is
        what an entry did to the wallet: its journal items of one direction and kind
        of money are one line. What was undone appears as both.

        :param date date_from: first day, by default that of the first movement
        :param date date_to: last day, by default without an end
        :return: dict of

            - `wallet` (customer.wallet), `currency` (res.currency)
            - `date_from`, `date_to` (date or False)
            - `opening`, `closing`: balance before and after the period
            - `total_in`, `total_out`: sums of the movements, the latter negative
            - `lines`: list of dicts, oldest first; see `_get_movements`
            - `today` (date), `balance`: what is in the wallet today
            - `bonus`, `paid`: the parts of that balance by kind of money
            - `expiring`: list of dicts of `date` and `amount`, soonest first: what
              of that balance can be used until when
        """
        self.ensure_one()
        opening = self._get_balance_before(date_from)
        lines = self._get_movements(opening, date_from, date_to)
        amounts = [line["amount"] for line in lines]
        return {
            "wallet": self,
            "currency": self.currency_id,
            "date_from": date_from,
            "date_to": date_to,
            "opening": opening,
            "closing": lines[-1]["balance"] if lines else opening,
            "total_in": self.currency_id.round(sum(a for a in amounts if a > 0.0)),
            "total_out": self.currency_id.round(sum(a for a in amounts if a < 0.0)),
            "lines": lines,
            "today": fields.Date.context_today(self),
            **self._get_kinds_of_money(),
        }

    def _get_statement_closing(self):
        """The closing balance of the statement, for the e-mail that brings it."""
        self.ensure_one()
        _date_from, date_to = self._get_statement_dates()
        return self._get_balance_before(date_to + relativedelta(days=1))

    def _get_kinds_of_money(self):
        """What the balance consists of; see `_get_statement`."""
        self.ensure_one()
        return {
            "balance": self.balance,
            "bonus": self.bonus_balance,
            "paid": self.currency_id.round(self.balance - self.bonus_balance),
            "expiring": self._get_expiring(),
        }

    def _get_expiring(self):
        """What of the balance can be used until when.

        :return: list of dicts of `date` and `amount`, soonest first
        """
        self.ensure_one()
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    *self._get_open_lines_domain(),
                    ("amount_residual_currency", "<", 0.0),
                    ("wallet_expiry_date", "!=", False),
                ],
                groupby=["wallet_expiry_date:day"],
                aggregates=["amount_residual_currency:sum"],
                order="wallet_expiry_date:day",
            )
        )
        return [
            {"date": date, "amount": self.currency_id.round(-amount)}
            for date, amount in groups
        ]

    # Movements

    @api.model
    def _get_movement_kind(self, operation, is_undone):
        """What a movement is called.

        :param str operation: `wallet_operation` of the entry that was made
        :param bool is_undone: whether it is the reversal of that entry
        :return: str in the language of the context
        """
        field = self.env["account.move"]._fields["wallet_operation"]
        labels = dict(field._description_selection(self.env))
        kind = labels.get(operation) or self.env._("Journal Entry")
        return self.env._("Undone: %s", kind) if is_undone else kind

    def _get_movements_domain(self):
        """Exchange differences change what the money is worth in the books, not the
        money: they are no movements.
        """
        return [
            ("wallet_id", "in", self.ids),
            ("parent_state", "=", "posted"),
            ("amount_currency", "!=", 0.0),
        ]

    def _search_movements(self, domain=(), **kwargs):
        """The journal items of these wallets, whatever the user may read."""
        return (
            self.env["account.move.line"]
            .sudo()
            .search([*self._get_movements_domain(), *domain], **kwargs)
        )

    def _get_balance_before(self, date):
        self.ensure_one()
        if not date:
            return 0.0
        [(total,)] = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [*self._get_movements_domain(), ("date", "<", date)],
                aggregates=["amount_currency:sum"],
            )
        )
        return self.currency_id.round(-total)

    def _get_movements(self, opening, date_from=False, date_to=False):
        """What happened in a period, oldest first.

        :param float opening: balance before the period
        :return: list of dicts of

            - `id`: account.move.line, the last one of the movement
            - `date`, `document` (str), `operation` (`wallet_operation`), `kind` (str)
            - `is_undone`: whether an earlier movement is taken back
            - `lot_type`: `paid` or `bonus` where money comes in
            - `amount`: float, negative where money goes out
            - `balance`: float, of the wallet after the movement
        """
        self.ensure_one()
        round_amount = self.currency_id.round
        kinds = {}
        movements = self._query_movements(date_from, date_to)
        for movement in movements:
            key = movement["operation"], movement["is_undone"]
            if key not in kinds:
                kinds[key] = self._get_movement_kind(*key)
            movement["kind"] = kinds[key]
            movement["balance"] = round_amount(opening + movement["balance"])
        return movements

    def _query_movements(self, date_from, date_to):
        """Read what may be 50,000 movements without making records of them."""
        for model, fnames in MOVEMENT_FIELDS.items():
            self.env[model].flush_model(fnames)
        self.env.cr.execute(
            SQL(
                """
                SELECT MAX(line.id) AS id,
                       line.date,
                       move.wallet_operation AS operation,
                       move.reversed_entry_id IS NOT NULL AS is_undone,
                       line.wallet_lot_type AS lot_type,
                       CASE
                           WHEN invoice.id IS NOT NULL THEN invoice.name
                           WHEN entry.origin_payment_id IS NULL
                           THEN COALESCE(NULLIF(entry.ref, ''), entry.name)
                           ELSE entry.name
                       END AS document,
                       -SUM(line.amount_currency) AS amount,
                       -SUM(SUM(line.amount_currency)) OVER (
                           ORDER BY line.date, MAX(line.id)
                       ) AS balance
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_move entry
                    ON entry.id = COALESCE(move.reversed_entry_id, move.id)
             LEFT JOIN account_move invoice ON invoice.id = line.wallet_invoice_id
                 WHERE line.wallet_id = %s
                   AND line.parent_state = 'posted'
                   AND line.amount_currency != 0.0
                   AND %s
                 GROUP BY line.date, move.id, entry.id, invoice.id,
                          line.wallet_lot_type, line.amount_currency > 0.0
                 ORDER BY line.date, MAX(line.id)
                """,
                self.id,
                self._get_period_sql(date_from, date_to),
            )
        )
        return self.env.cr.dictfetchall()

    def _get_period_sql(self, date_from, date_to):
        period = SQL("TRUE")
        if date_from:
            period = SQL("%s AND line.date >= %s", period, date_from)
        if date_to:
            period = SQL("%s AND line.date <= %s", period, date_to)
        return period

    # The wallet at a glance

    def _get_dashboard(self):
        """
        :return: dict of what `_get_kinds_of_money` returns, and `currency_id`,
            `available`, `limit`, `is_frozen`, `today`, `movements` (the latest, newest
            first; see `_get_movements`), `can_open` (whether the user may see what
            is behind them), `curve` (list of dicts of `date` and `balance` after
            that day)
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
            "can_open": self.env["account.move.line"].has_access("read"),
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
