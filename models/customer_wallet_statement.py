"""Statements as files, and how long one may be that somebody waits for."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, split_every

from .wallet_statement_writers import WRITERS, Money

# Movements of what is made while somebody waits: a PDF of so many takes three seconds.
STATEMENT_LIMIT = 1000
WALLETS_LIMIT = 100
# Movements that are read at once.
BATCH = 1000


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _get_statement_formats(self):
        """As of a selection field."""
        return [("pdf", "PDF"), *self._get_statement_file_formats()]

    @api.model
    def _get_statement_file_formats(self):
        """Those that may have any length."""
        return [("xlsx", "Excel (XLSX)"), ("csv", "CSV")]

    # Which, and how long

    @api.model
    def _check_statement_period(self, date_from, date_to):
        """
        :param date date_from: first day, if any
        :param date date_to: last day, if any
        :raises UserError: the first day is after the last
        """
        if date_from and date_to and date_from > date_to:
            raise UserError(
                self.env._(
                    "The period ends on %(date_to)s, before it starts on "
                    "%(date_from)s. Choose an earlier first day.",
                    date_from=format_date(self.env, date_from),
                    date_to=format_date(self.env, date_to),
                )
            )

    def _is_statement_long(self, date_from=False, date_to=False):
        """Whether the statements of these wallets have together more movements than
        somebody can wait for, or there are too many wallets. It reads no more than is
        needed to know.

        :param date date_from: first day, if any
        :param date date_to: last day, if any
        """
        if len(self) > WALLETS_LIMIT:
            return True
        limit = STATEMENT_LIMIT + 1
        items = Domain(self._get_items_domain())
        items &= self._get_period_domain(date_from, date_to)
        # There are at least as many journal items as movements.
        if self.env["account.move.line"].sudo().search_count(items, limit) < limit:
            return False
        movements = self._get_movements_domain(date_from, date_to)
        return self._get_movement_model().search_count(movements, limit) == limit

    def _check_statement_length(self, date_from=False, date_to=False):
        """
        :raises UserError: there are more movements or wallets than a PDF can have
        """
        if self._is_statement_long(date_from, date_to):
            raise UserError(
                self.env._(
                    "%(customers)s: a PDF can have at most %(limit)s movements of "
                    "%(wallets)s wallets. Choose a shorter period or fewer wallets, or "
                    "Excel or CSV, which can have any length.",
                    customers=self._get_statement_customers(),
                    limit=f"{STATEMENT_LIMIT:,}",
                    wallets=WALLETS_LIMIT,
                )
            )

    def _get_statement_customers(self):
        """The first customer, and how many others."""
        name = self[:1].partner_id.name
        return f"{name} +{len(self) - 1}" if len(self) > 1 else name

    # On other papers

    def _get_paper_row(self, movements):
        """
        :param movements: customer.wallet.movement of one document, oldest first
        :return: dict, see `_get_wallet_paper` of account.move
        """
        self.ensure_one()
        bonus = self.currency_id.round(abs(sum(movements.mapped("bonus_amount"))))
        return {
            "currency": self.currency_id,
            "bonus": bonus,
            "date": movements[-1].date,
            "balance": movements[-1].running_balance,
            "today": fields.Date.context_today(self),
            "expiring": self._get_expiring(),
        }

    # As a file

    def _make_statement_file(self, file_format, date_from=False, date_to=False):
        """The statements of these wallets as one table, in the language of the
        context. Movements are read in batches, so that memory is bounded.

        :param str file_format: see `_get_statement_file_formats`
        :param date date_from: first day, by default that of the first movement
        :param date date_to: last day, by default without an end
        :return: bytes
        """
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        writer = WRITERS[file_format](
            self._get_statement_headings(), is_rtl=lang.direction == "rtl"
        )
        for number, wallet in enumerate(self, start=1):
            customer = wallet.partner_id.display_name
            for row in wallet._iterate_statement_rows(date_from, date_to):
                writer.add_row([customer, *row])
            if not number % WALLETS_LIMIT:
                self.env.invalidate_all()
        return writer.close()

    def _get_statement_headings(self):
        """
        :return: list of str, one for each cell of `_iterate_statement_rows`, and the
            customer before
        """
        return [
            self.env._("Customer"),
            self.env._("Date"),
            self.env._("Movement"),
            self.env._("Document"),
            self.env._("Amount"),
            self.env._("Of Which Bonus"),
            self.env._("Balance"),
            self.env._("Currency"),
        ]

    def _iterate_statement_rows(self, date_from, date_to):
        """Yield what the table has of this wallet: the same rows as the PDF."""
        self.ensure_one()
        currency = self.currency_id
        name, digits = currency.name, currency.decimal_places
        balance = self._get_balance_before(date_from)
        opening = self.env._("Opening balance")
        yield [date_from, opening, "", "", "", Money(balance, digits), name]
        for movement in self._iterate_movements(date_from, date_to):
            balance = currency.round(balance + movement.amount)
            yield [
                movement.date,
                movement.kind,
                movement.document_name,
                Money(movement.amount, digits),
                Money(movement.bonus_amount, digits),
                Money(balance, digits),
                name,
            ]
        closing = self.env._("Closing balance")
        yield [date_to, closing, "", "", "", Money(balance, digits), name]
        yield from self._iterate_bonus_rows(date_to)

    def _iterate_bonus_rows(self, date_to):
        """Yield what of the closing balance is bonus, and by when that is to be used:
        who asks for another day than today has another balance.
        """
        name, digits = self.currency_id.name, self.currency_id.decimal_places
        bonus = self.bonus_balance
        if date_to:
            after = fields.Date.add(date_to, days=1)
            bonus = self._get_balance_before(after, kinds=("bonus",))
        if bonus:
            label = self.env._("Of Which Bonus")
            yield [date_to, label, "", "", "", Money(bonus, digits), name]
        if date_to and date_to < fields.Date.context_today(self):
            return
        expiring = self.env._("Of which bonus to be used by this day")
        for part in self._get_expiring():
            amount = Money(part["amount"], digits)
            yield [part["date"], expiring, "", "", "", amount, name]

    def _iterate_movements(self, date_from, date_to):
        """Yield the movements of a period, oldest first. What has been read is
        forgotten from time to time.
        """
        Movement = self._get_movement_model()
        domain = self._get_movements_domain(date_from, date_to)
        ids = Movement._search(domain, order="date, id").get_result_ids()
        for batch in split_every(BATCH, ids):
            yield from Movement.browse(batch)
            if len(ids) > BATCH:
                self.env.invalidate_all()
