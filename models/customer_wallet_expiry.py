"""Bonus money that expires."""

import logging
from itertools import zip_longest

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date, split_every

from .customer_wallet import FROM_SERVER
from .customer_wallet_booking import Purse
from .customer_wallet_operation import BONUS
from .wallet_batches import for_each

_logger = logging.getLogger(__name__)

EXPIRY_BATCH = 100


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    # Expiry

    @api.model
    def _cron_expire_bonus(self):
        """Take back what is left of the bonuses that have expired, in the time zone of
        each company. It may be run again at any time.
        """
        work = []
        for company in self._get_companies_with_wallets():
            today = company._get_wallet_today()
            wallets = self._find_bonus_wallets(
                company, SQL("item.wallet_expiry_date < %s", today)
            )
            work.append(split_every(EXPIRY_BATCH, wallets.ids, self.sudo().browse))
        # No company waits for all wallets of another.
        batches = [it for turn in zip_longest(*work) for it in turn if it]
        for_each(batches, lambda wallets: wallets._expire_bonus())

    @api.model
    def _get_companies_with_wallets(self):
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        return companies.filtered("wallet_bonus_account_id")

    @api.model
    def _find_bonus_wallets(self, company, condition):
        """The wallets with a bonus that can be used and meets a condition. Nothing goes
        out of a frozen wallet: its bonus expires once it is open again.

        :param company: res.company, a root company
        :param SQL condition: on `item`, the journal item that gave the bonus, in
            another wallet where it came back in another currency
        :return: customer.wallet in sudo
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT wallet.id
                  FROM customer_wallet wallet
                  JOIN account_move_line part ON part.wallet_id = wallet.id
                  JOIN account_move_line item
                    ON item.id = COALESCE(part.wallet_grant_id, part.id)
                 WHERE wallet.company_id = %s
                   AND wallet.state = 'open'
                   AND wallet.bonus_balance > COALESCE(wallet.held_bonus, 0)
                   AND part.wallet_lot_type = 'bonus'
                   AND %s
                 GROUP BY wallet.id, item.id
                HAVING SUM(part.amount_currency) < 0
                 ORDER BY wallet.id
                """,
                company.id,
                condition,
            )
        )
        return self.sudo().browse(row[0] for row in rows)

    def _expire_bonus(self):
        """Book what has expired in these wallets of one company back to the promotion
        expense, by one entry. Where that cannot be, each wallet has its own, so that
        one that cannot be booked holds up no other.
        """
        try:
            with self.env.cr.savepoint():
                self._lock()
                self._book_expiry(self.company_id._get_wallet_today())
        except Exception as error:  # pylint: disable=broad-exception-caught
            if len(self) > 1:
                for wallet in self:
                    wallet._expire_bonus()
                return
            _logger.warning("The bonus of %s could not expire: %s", self, error)

    def _book_expiry(self, today):
        """Book what has expired back: bonuses to promotion expense, one entry for each
        company that gave them, and currency.

        :param date today: where their company is
        :return: account.move, posted
        """
        items = {}
        purses = [Purse(wallet, (BONUS,)) for wallet in self]
        grants = [grant for purse in purses for _kind, grant, _left in purse.sources]
        # Read at once what the labels name.
        self.env["account.move.line"].union(*grants).move_id.fetch(["ref", "name"])
        for wallet, purse in zip(self, purses, strict=True):
            for company, vals in wallet._prepare_expiry_items(today, purse):
                key = company, wallet.currency_id
                items.setdefault(key, []).append((vals, self.env["account.move.line"]))
        entries = self.env["account.move"]
        for (company, currency), entry_items in items.items():
            company._ensure_wallet_accounting()
            entries |= self._book(
                "expiry",
                entry_items,
                company,
                date=today,
                ref=self.env._(
                    "Bonuses expired before %s", format_date(self.env, today)
                ),
                currency_id=currency.id,
            )
        return entries

    def _prepare_expiry_items(self, today, purse):
        """The journal items that take back what has expired of this wallet. What is
        held was promised in time: it stays.

        :param date today: where their company is
        :param Purse purse: of its bonuses
        :return: list of (res.company that gave the bonus, dict of account.move.line
            values)
        """
        self.ensure_one()
        label = self.env._("Bonus expired")
        amount = sum(
            left
            for _kind, grant, left in purse.sources
            if grant.wallet_expiry_date and grant.wallet_expiry_date < today
        )
        taken = {}
        for vals in self._prepare_parts_vals(purse.take(amount), label):
            grant = self.env["account.move.line"].sudo().browse(vals["wallet_grant_id"])
            taken.setdefault(grant.company_id, []).append(
                {**vals, "name": self._get_expiry_label(grant)}
            )
        return [
            (company, vals)
            for company, items in taken.items()
            for vals in (
                *items,
                self._prepare_promotion_expense_vals(items, label, company),
            )
        ]

    @api.model
    def _get_expiry_label(self, grant):
        """
        :param grant: account.move.line in sudo that gave the bonus
        :return: str, of the journal item that takes it back
        """
        return self.env._(
            "%(bonus)s, valid until %(date)s",
            bonus=grant.move_id.ref or grant.move_id.name,
            date=format_date(self.env, grant.wallet_expiry_date),
        )

    # Reminder

    @api.model
    def _cron_remind_of_expiry(self):
        """Tell customers once that a bonus is about to expire, where the company wants
        it. It may be run again at any time.
        """
        companies = self._get_companies_with_wallets()
        due = self.sudo().browse()
        for company in companies.filtered("wallet_expiry_reminder"):
            today = company._get_wallet_today()
            last_day = fields.Date.add(today, days=company.wallet_expiry_reminder_days)
            is_due = SQL(
                "item.wallet_expiry_date BETWEEN %s AND %s"
                " AND item.wallet_reminder_date IS NULL",
                today,
                last_day,
            )
            due += self._find_bonus_wallets(company, is_due)
        # Who has no address holds up no others.
        due = due.search(
            Domain("id", "in", due.ids)
            & (
                Domain("partner_id.email", "!=", False)
                | Domain("partner_id.child_ids.email", "!=", False)
            )
        )
        # Each by itself: what is committed is read anew.
        wallets = [due.browse(id_) for id_ in due.ids]
        for_each(wallets, lambda wallet: wallet._remind_of_expiry())

    def _remind_of_expiry(self):
        """Who cannot be told now is told as soon as that is possible."""
        self.ensure_one()
        partners = self._get_mail_partners()
        if partners and self._send_template(
            "customer_wallet.mail_template_wallet_expiry",
            self,
            email_layout_xmlid="mail.mail_notification_light",
            email_values={"recipient_ids": [Command.set(partners.ids)]},
        ):
            reminded = self.expiring_line_ids.sudo()
            reminded.with_context(
                wallet_booking=FROM_SERVER
            ).wallet_reminder_date = self.company_id._get_wallet_today()
