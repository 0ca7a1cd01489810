"""Booking an import: opening entries, in steps that never book anything twice."""

import logging

from odoo import api, models
from odoo.exceptions import ConcurrencyError, UserError

from .customer_wallet_booking import Purses

_logger = logging.getLogger(__name__)

# Customers in one opening entry: very many have several, so that work that is
# interrupted goes on where it was, and no till waits for long.
ENTRY_LINES = 1000
# So many are booked while somebody waits.
WAITED_LINES = 2000


class CustomerWalletTakeover(models.Model):
    _inherit = "customer.wallet.takeover"

    # In steps

    def _start_booking(self):
        if self.ready_count > WAITED_LINES:
            cron = self.env.ref("customer_wallet.ir_cron_wallet_takeover")
            cron.sudo()._trigger()
            return
        while lines := self._get_next_lines():
            self._book_step(lines)
        self._finish()

    @api.model
    def _cron_book(self):
        """Go on with the imports that are being booked, by the rights of who has
        started them. It may be run again at any time.
        """
        running = self.search([("state", "=", "running")], order="id")
        for number, takeover in enumerate(running, start=1):
            user = takeover.user_id
            if not user:
                takeover._finish()
                continue
            own = takeover.with_user(user).with_context(
                lang=user.lang, tz=user.tz, allowed_company_ids=takeover.company_id.ids
            )
            if not own._book_in_background(len(running) - number):
                return

    def _book_in_background(self, waiting):
        """
        :param int waiting: how many other imports are booked after this one
        :return: whether there is time left
        """
        cron = self.env["ir.cron"].sudo()
        # Whoever has started it may have lost the rights to look at it.
        takeover = self.sudo()
        remaining = takeover.ready_count
        while lines := self._get_next_lines():
            if not self._book_step_safely(lines):
                break
            remaining = max(remaining - len(lines), 0)
            # There is the end of this one, and the others.
            left = remaining + 1 + waiting
            if not cron._commit_progress(len(lines), remaining=left):
                return False
        takeover._finish()
        return cron._commit_progress(1, remaining=waiting)

    def _get_next_lines(self):
        """What is given comes first: from it may come what is taken out."""
        return (
            self.env["customer.wallet.takeover.line"]
            .sudo()
            .search(
                [("takeover_id", "=", self.id), ("state", "=", "ready")],
                limit=ENTRY_LINES,
                order="paid_difference DESC, bonus_difference DESC, id",
            )
        )

    def _book_step_safely(self, lines):
        """What cannot be booked at all stops the import, and is told.

        :return: whether it goes on
        """
        try:
            with self.env.cr.savepoint():
                self._check_takeover()
                self._lock_takeover()
                self.invalidate_recordset(["state"])
                is_stopped = self.state != "running"
                if not is_stopped:
                    self._book_step(lines)
        except UserError as error:
            self.sudo().message_post(body=str(error))
            return False
        return not is_stopped

    def _book_step(self, lines):
        """Book these lines by one entry. When one customer cannot be booked, the others
        are; when nobody can, it is no matter of a customer. The last of very many may
        be so few that it is one.

        :param lines: customer.wallet.takeover.line in sudo
        :raises UserError: nothing can be booked
        """
        failed = self._book_apart(lines)
        is_rest = len(lines) < ENTRY_LINES and self._has_booked()
        if len(failed) == len(lines) and not is_rest:
            raise next(iter(failed.values()))
        for line, error in failed.items():
            line._set_problem(str(error))

    def _book_apart(self, lines):
        """
        :return: dict of UserError by line that cannot be booked
        """
        try:
            with self.env.cr.savepoint():
                self._book_lines(lines)
        except ConcurrencyError:
            raise
        except UserError as error:
            self.env.invalidate_all()
            if len(lines) == 1:
                return {lines: error}
            half = len(lines) // 2
            return self._book_apart(lines[:half]) | self._book_apart(lines[half:])
        return {}

    def _finish(self):
        """Tell what has been done."""
        if self.state != "running":
            return
        left = bool(self._get_next_lines())
        self._set_state("checked" if left else "done")
        self.message_post(
            body=self.env._(
                "%(booked)s booked, %(problems)s with a problem, %(left)s left to "
                "book.",
                booked=self.booked_count,
                problems=self.problem_count,
                left=self.ready_count,
            ),
            partner_ids=self.user_id.partner_id.ids,
        )

    # Entries

    def _book_lines(self, lines):
        """Book these lines, less those that have changed since the dry run.

        :param lines: customer.wallet.takeover.line in sudo
        """
        self._check_settings()
        current = self._filter_current(lines)
        (lines - current)._set_problem(
            self.env._("This has changed since the dry run. Make another one.")
        )
        wallets = self.env["customer.wallet"]._find_or_create_all(
            {line._get_wallet_key() for line in current}
        )
        for key, own in current._group_by_wallet().items():
            own._refuse_shortage(wallets[key])
        current = current.filtered(lambda line: line.state == "ready")
        if self.source == "receivable":
            self._book_credits(current, wallets)
        else:
            self._book_balances(current, wallets)
        self._zero_source(current)

    def _filter_current(self, lines):
        """Those of these lines that are still what the dry run has found, also when
        somebody else books the same.
        """
        known = lines._get_known({line._get_identity() for line in lines})
        same = lines.filtered(
            lambda line: (
                known[line._get_identity()].amounts
                == (line.paid_known, line.bonus_known)
            )
        )
        return self._lock_source(same)

    def _book_balances(self, lines, wallets):
        purses = Purses()
        vals_list = [
            vals
            for line in lines
            for vals in line._prepare_items(wallets[line._get_wallet_key()], purses)
        ]
        move = self.env["account.move"]
        if vals_list:
            vals_list += self._prepare_counterparts_vals(vals_list)
            nothing = self.env["account.move.line"]
            move = self._book_opening([(vals, nothing) for vals in vals_list])
        lines.write({"state": "booked", "is_counted": True, "move_id": move.id})

    def _book_credits(self, lines, wallets):
        special = self._filter_special_credits(lines)
        items = [
            item
            for line in lines - special
            for item in line._prepare_credit_items(wallets[line._get_wallet_key()])
        ]
        if items:
            move = self._book_opening(items)
            (lines - special).write({"state": "booked", "move_id": move.id})
        for line in special:
            credit = self.env["account.move.line"].browse(line.source_id)
            move = credit._book_wallet_refund([(credit, line.paid)])
            line.write({"state": "booked", "move_id": move.id})

    def _book_opening(self, items):
        return self.env["customer.wallet"]._book(
            "opening",
            items,
            self.company_id,
            date=self.date,
            ref=self._get_label(),
            currency_id=self.company_id.currency_id.id,
        )

    def _prepare_counterparts_vals(self, vals_list):
        """Values of the journal items against the account that the user has chosen, one
        for each currency; of a foreign one, what goes out has another rate than what
        comes in.
        """
        own = self.company_id.currency_id
        sums = {}
        for vals in vals_list:
            is_taken = vals["amount_currency"] > 0.0
            key = vals["currency_id"], vals["currency_id"] != own.id and is_taken
            amounts = sums.setdefault(key, [0.0, 0.0])
            amounts[0] += vals["amount_currency"]
            amounts[1] += vals["balance"]
        Currency = self.env["res.currency"]
        return [
            {
                "name": self._get_label(),
                "account_id": self.account_id.id,
                "currency_id": currency_id,
                "amount_currency": -Currency.browse(currency_id).round(amount),
                "balance": -own.round(balance),
            }
            for (currency_id, _is_taken), (amount, balance) in sums.items()
        ]

    def _get_label(self):
        """Of the journal items, which the customer may see."""
        return self.env._("Moved in from %s", self.name)
