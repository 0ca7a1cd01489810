"""The dry run of an import: what would be booked, and what is wrong."""

from collections import Counter

from odoo import models
from odoo.fields import Domain
from odoo.tools import split_every

from .customer_wallet_operation import BONUS, PAID

# Lines that are made at once.
BATCH = 2000


class CustomerWalletTakeover(models.Model):
    _inherit = "customer.wallet.takeover"

    def _make_lines(self):
        """List the balances in the other place, each with what is to be done.

        A row is a dict of values of a line: `name`, `number`, `partner_id`,
        `currency_id`, `paid`, `bonus`, `expiry_date`, `key`, `source_model`,
        `source_id`, and `problem` when it cannot be read.
        """
        self._check_settings()
        rows = self._filter_news(getattr(self, f"_read_{self.source}_rows")())
        self._refuse_twice(rows)
        Line = self.env["customer.wallet.takeover.line"].sudo()
        for batch in split_every(BATCH, rows, list):
            self._refuse_owners(batch)
            known = Line._get_known({self._get_identity(row) for row in batch})
            Line.create([self._prepare_line_vals(row, known) for row in batch])
        self._refuse_shortages()

    def _filter_news(self, rows):
        """Nothing in the other place is nothing to tell, unless it was moved before."""
        Line = self.env["customer.wallet.takeover.line"].sudo()
        empty = {
            self._get_identity(row)
            for row in rows
            if not row.get("problem") and not row["paid"] and not row["bonus"]
        }
        known = Line._get_known(empty)
        news = {identity for identity in empty if not known[identity].owners}
        return [row for row in rows if self._get_identity(row) not in news]

    def _get_identity(self, row):
        Line = self.env["customer.wallet.takeover.line"]
        return Line._prepare_identity(row.get("key"), row["partner_id"])

    def _refuse_twice(self, rows):
        """Which of two balances of the same customer is meant, nobody knows."""
        counts = Counter(self._get_identity(row) for row in rows if row.get("key"))
        for row in rows:
            if counts[self._get_identity(row)] > 1 and not row.get("problem"):
                row["problem"] = self.env._(
                    "This customer is in the file more than once. Put the amounts into "
                    "one line, or give each line a reference of its own."
                )

    def _refuse_owners(self, rows):
        """Customers who cannot have a wallet, or not in this company."""
        Partner = self.env["res.partner"].sudo()
        partners = Partner.browse({row["partner_id"] for row in rows} - {False})
        owners = partners._filter_wallet_owners()
        # One by one, Odoo would read each for itself.
        by_id = {partner.id: partner for partner in partners}
        root = self.company_id.root_id
        for row in rows:
            partner = by_id.get(row["partner_id"])
            if row.get("problem") or not partner:
                continue
            if partner not in owners:
                row["problem"] = self.env._(
                    "%s stands for many people, so there is no wallet.",
                    partner.display_name,
                )
            elif not partner.active:
                row["problem"] = self.env._(
                    "%s is archived: nobody would see the money.", partner.display_name
                )
            elif partner.company_id and partner.company_id.root_id != root:
                row["problem"] = self.env._(
                    "%(customer)s is a customer of %(company)s.",
                    customer=partner.display_name,
                    company=partner.company_id.name,
                )

    def _prepare_line_vals(self, row, known):
        """
        :param dict row: see `_make_lines`
        :param dict known: see `_get_known` of the line
        """
        before = known[self._get_identity(row)]
        paid, bonus = before.amounts
        kept = row.pop("kept", ())
        row = {**row, **{kind: getattr(before, kind) for kind in kept}}
        currency = self.env["res.currency"].browse(row["currency_id"])
        vals = {
            **row,
            "takeover_id": self.id,
            "original_partner_id": row["partner_id"],
            "paid_known": paid,
            "bonus_known": bonus,
            "paid_difference": currency.round(row["paid"] - paid) if currency else 0.0,
            "bonus_difference": (
                currency.round(row["bonus"] - bonus) if currency else 0.0
            ),
        }
        problem = row.get("problem") or self._get_row_problem(vals, before)
        return {**vals, "problem": problem, "state": self._get_row_state(vals, problem)}

    def _get_row_problem(self, vals, before):
        """
        :param Known before: what was moved of the same balance
        :return: str, or False
        """
        is_other = before.is_other(
            vals["partner_id"], self.company_id.root_id.id, vals["currency_id"]
        )
        if is_other:
            return self.env._(
                "This was moved before to another customer, company or currency: to "
                "%s. Undo that first.",
                before.get_name(self.sudo().env),
            )
        is_by_customer = bool(self._get_identity(vals)[1])
        is_moved = vals["paid_difference"] or vals["bonus_difference"]
        if is_by_customer and is_moved and before.customers > 1:
            return self.env._(
                "This customer has been merged with another one who was imported, too. "
                "Undo these imports first, or adjust the wallet."
            )
        # The date is that of the bonus in a file, and of all on a card.
        is_more = vals["bonus_difference"] > 0.0 or (
            vals.get("source_model") and vals["paid_difference"] > 0.0
        )
        expiry_date = vals["expiry_date"]
        today = self.company_id._get_wallet_today()
        if is_more and expiry_date and expiry_date < today:
            return self.env._("This has expired: the date is in the past.")
        return False

    def _get_row_state(self, vals, problem):
        if problem:
            return "problem"
        if vals["paid_difference"] or vals["bonus_difference"]:
            return "ready"
        is_left_there = self._is_zeroing() and (vals["paid"] or vals["bonus"])
        return "ready" if is_left_there else "same"

    def _refuse_shortages(self):
        """What was moved before and is gone there is taken out, if it is still here."""
        Line = self.env["customer.wallet.takeover.line"].sudo()
        ready = Domain("takeover_id", "=", self.id) & Domain("state", "=", "ready")
        less = Domain("paid_difference", "<", 0) | Domain("bonus_difference", "<", 0)
        partners = Line.search(ready & less).partner_id
        if not partners:
            return
        Wallet = self.env["customer.wallet"].sudo()
        wallets = Wallet._find_of_all(partners, self.company_id)
        lines = Line.search(ready & Domain("partner_id", "in", partners.ids))
        for (partner, _company, currency), own in lines._group_by_wallet().items():
            wallet = wallets.get(partner, Wallet)._filter_currency(currency)
            own._refuse_shortage(wallet)

    # Rows

    def _prepare_row(self, currency, amount, **vals):
        """A row of one kind of money.

        :param float amount: as it is there
        """
        is_bonus = self.kind == BONUS
        amount = currency.round(amount)
        row = {
            "name": False,
            "number": 0,
            "partner_id": False,
            "expiry_date": False,
            "currency_id": currency.id,
            PAID: 0.0 if is_bonus else amount,
            BONUS: amount if is_bonus else 0.0,
            **vals,
        }
        if not row.get("problem"):
            row["problem"] = self._get_amount_problem(currency, amount, row)
        return row

    def _get_amount_problem(self, currency, amount, row):
        if not row["partner_id"]:
            return self.env._("It belongs to no customer.")
        if currency.compare_amounts(amount, 0.0) < 0:
            return self.env._(
                "%s is below zero: what a customer owes is not imported into a wallet. "
                "Invoice it.",
                currency.format(amount),
            )
        return False
