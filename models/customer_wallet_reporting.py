from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list

RECENT_MOVEMENTS = 10
# So many movements, and more, are "1,000+".
MOVEMENTS_COUNTED = 1_000
CURVE_PERIOD = relativedelta(years=1)


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
        for wallet in self:
            wallet.movement_count = wallet._origin and (
                self._get_movement_model().search_count(
                    [("wallet_id", "=", wallet._origin.id)], limit=MOVEMENTS_COUNTED
                )
            )

    # Actions

    def action_view_movements(self):
        """Show the whole history of this wallet.

        :return: a window action on customer.wallet.movement
        :raises AccessError: the user may not read the wallet
        """
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "customer_wallet.action_customer_wallet_movements"
            ),
            "domain": [("wallet_id", "=", self.id)],
            "context": {"wallet_is_known": True},
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
        items = self.env["account.move.line"].sudo()
        moved = items.search_count(
            [*self._get_items_domain(), ("date", ">=", date_from)], limit=1
        )
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
            ._read_group(self._get_items_domain(), aggregates=["date:min", "date:max"])
        )
        return first or today, max(last or today, today)

    # Statements

    def _get_statement_file_name(self, date_to=None):
        """
        :param date date_to: last day, by default that of the context
        :return: str, without what a kind of file adds to it
        """
        return self.env._(
            "Wallet Statement %(customer)s %(date)s",
            customer=self._get_statement_customers(),
            date=date_to or self._get_statement_dates()[1],
        )

    def _get_statement(self, date_from=False, date_to=False):
        """The statement of this wallet for a period.

        Who may see it is for the caller to check. The texts are in the language of
        the context, all amounts are floats in the wallet's currency. What was undone
        appears as both.

        :param date date_from: first day, by default that of the first movement
        :param date date_to: last day, by default without an end
        :return: dict of

            - `wallet` (customer.wallet), `currency` (res.currency)
            - `date_from`, `date_to` (date or False)
            - `opening`, `closing`: balance before and after the period
            - `closing_bonus`: what of the latter is bonus
            - `total_in`, `total_out`: sums of the movements, the latter negative
            - `movements`: customer.wallet.movement, oldest first
            - `pending`: customer.wallet.movement of what is held today
            - `today` (date), and what `_get_kinds_of_money` returns
        """
        self.ensure_one()
        opening = self._get_balance_before(date_from)
        movements = self._get_movements(date_from, date_to)
        amounts = movements.mapped("amount")
        round_amount = self.currency_id.round
        after = date_to and date_to + relativedelta(days=1)
        return {
            "wallet": self,
            "currency": self.currency_id,
            "date_from": date_from,
            "date_to": date_to,
            "opening": opening,
            "closing": round_amount(opening + sum(amounts)),
            "closing_bonus": self._get_balance_before(after, kinds=("bonus",))
            if after
            else self.bonus_balance,
            "total_in": round_amount(sum(a for a in amounts if a > 0.0)),
            "total_out": round_amount(sum(a for a in amounts if a < 0.0)),
            "movements": movements,
            "pending": self._get_pending_movements(),
            "today": fields.Date.context_today(self),
            **self._get_kinds_of_money(),
        }

    def _get_statement_closing(self):
        """The closing balance of the statement, for the email that brings it."""
        self.ensure_one()
        _date_from, date_to = self._get_statement_dates()
        return self._get_balance_before(date_to + relativedelta(days=1))

    def _get_kinds_of_money(self):
        """What the balance consists of.

        :return: dict of floats `balance`, and its parts `bonus` and `paid`; and of
            `expiring`, see `_get_expiring`
        """
        self.ensure_one()
        return {
            "balance": self.balance,
            "bonus": self.bonus_balance,
            "paid": self.currency_id.round(self.balance - self.bonus_balance),
            "expiring": self._get_expiring(),
        }

    def _get_expiring(self, lines=None):
        """What of the balance can be used until when.

        :param lines: account.move.line, when only these grants are looked at
        :return: list of dicts of `date` and `amount`, soonest first
        """
        self.ensure_one()
        amounts = {}
        for grant in self._get_open_grants():
            if grant.expiry and (lines is None or grant.line in lines):
                amounts[grant.expiry] = amounts.get(grant.expiry, 0.0) + grant.left
        return [
            {"date": date, "amount": self.currency_id.round(amounts[date])}
            for date in sorted(amounts)
        ]

    @api.model
    def _get_success_notification(self, message, **params):
        """
        :param str message: what was done
        :return: a client action that says so, and closes a dialog
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
                **params,
            },
        }

    @api.model
    def _get_paid_notification(self, paid, still_open=None):
        """
        :param paid: account.move that wallets have paid, at least in part
        :param still_open: account.move that were to be paid, and are still due
        :return: a client action that says so, and closes a dialog
        """
        text = self.env._(
            "Paid from the wallet: %(invoices)s", invoices=paid._get_wallet_names()
        )
        if still_open:
            text = self.env._(
                "%(paid)s. Still open: %(invoices)s",
                paid=text,
                invoices=still_open._get_wallet_names(),
            )
        return self._get_success_notification(text)

    @api.model
    def _get_names(self, records, shown):
        """The names of these, of many only the first ones."""
        names = format_list(self.env, records[:shown].mapped("display_name"), "unit")
        if len(records) <= shown:
            return names
        return self.env._(
            "%(documents)s and %(count)s more",
            documents=names,
            count=len(records) - shown,
        )

    # In the currency of a document or till

    def _get_balance_in(self, currency, company):
        """What is in these wallets together and not promised, at today's rate.

        :return: float in that currency
        """
        return currency.round(
            sum(
                wallet.currency_id._convert(
                    wallet._get_money_there(), currency, company
                )
                for wallet in self
            )
        )

    def _get_rows_in(self, currency, company):
        """What a document shows of these wallets, those that are not empty.

        :return: list of dicts, see static/src/backend
        """
        return [
            {
                "id": wallet.id,
                "currency_id": wallet.currency_id.id,
                "balance": wallet.balance,
                "amount": wallet._get_available_in(currency, company),
                "converted": wallet.currency_id != currency,
                "frozen": wallet.state == "frozen",
            }
            for wallet in self
            if wallet._get_available() or not wallet.currency_id.is_zero(wallet.balance)
        ]

    # Movements

    @api.model
    def _get_document_name(self, document):
        """What the history calls a document: by its name alone, where Odoo adds its
        reference; False for none.
        """
        return document[document._rec_name or "display_name"] or document.display_name

    @api.model
    def _get_entry_name(self, entry):
        """A payment is its own document, and so is an invoice; other entries say in the
        reference what they are for.
        """
        is_document = entry.origin_payment_id or entry.move_type != "entry"
        return entry.name if is_document else entry.ref or entry.name

    def _get_items_domain(self):
        """The journal items that the movements of these wallets are made of."""
        return [("wallet_id", "in", self.ids)]

    def _get_movements(self, date_from=False, date_to=False):
        """What happened to this wallet in a period, whatever the user may read.

        :return: customer.wallet.movement, oldest first
        """
        self.ensure_one()
        domain = self._get_movements_domain(date_from, date_to)
        return self._get_movement_model().search_fetch(domain, order="date, id")

    def _get_movements_domain(self, date_from=False, date_to=False):
        booked = Domain("wallet_id", "in", self.ids) & Domain("is_pending", "=", False)
        return booked & self._get_period_domain(date_from, date_to)

    @api.model
    def _get_period_domain(self, date_from=False, date_to=False):
        """Of movements, and of journal items."""
        domain = Domain.TRUE
        if date_from:
            domain &= Domain("date", ">=", date_from)
        if date_to:
            domain &= Domain("date", "<=", date_to)
        return domain

    @api.model
    def _get_movement_model(self):
        return self.env["customer.wallet.movement"].sudo()

    def _get_pending_movements(self):
        self.ensure_one()
        domain = [("wallet_id", "=", self.id), ("is_pending", "=", True)]
        return self._get_movement_model().search_fetch(domain, order="date, id desc")

    def _get_balance_before(self, date, kinds=("paid", "bonus")):
        """The money of some kinds before a day: that of now, less what came since."""
        self.ensure_one()
        if not date:
            return 0.0
        contents = self._get_contents()[self.id]
        [(since,)] = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    *self._get_items_domain(),
                    ("date", ">=", date),
                    ("wallet_lot_type", "in", kinds),
                ],
                aggregates=["amount_currency:sum"],
            )
        )
        now = sum(contents.sum(kind)[0] for kind in kinds)
        return self.currency_id.round(now + since)

    # The wallet at a glance

    def _get_dashboard(self):
        """
        :return: dict of what `_get_kinds_of_money` returns, and `currency_id`, `held`,
            `available`, `limit`, `is_frozen`, `today`, `movements` (the latest, newest
            first: dicts of `id`, `date`, `kind`, `document`, `amount`, `balance` and
            `is_pending`), `can_open` (whether the user may see what is behind them),
            `curve` (list of dicts of `date` and `balance` after that day)
        """
        self.ensure_one()
        return {
            **self._get_kinds_of_money(),
            "currency_id": self.currency_id.id,
            "held": self.held,
            "available": self._get_available(),
            "limit": self.overdraft_limit,
            "is_frozen": self.state == "frozen",
            "today": fields.Date.context_today(self),
            "movements": self._get_recent_movements(),
            "can_open": self.env["account.move"].has_access("read"),
            "curve": self._get_curve(),
        }

    def _get_recent_movements(self):
        movements = self._get_movement_model().search_fetch(
            [("wallet_id", "=", self.id)], limit=RECENT_MOVEMENTS
        )
        return [
            {
                "id": movement.id,
                "date": movement.date,
                "kind": movement.kind,
                "document": movement.document_name,
                "amount": movement.amount,
                "balance": movement.running_balance,
                "is_pending": movement.is_pending,
            }
            for movement in movements
        ]

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
                [*self._get_items_domain(), ("date", ">", after)],
                groupby=["date:day"],
                aggregates=["amount_currency:sum"],
                order="date:day",
            )
        }
