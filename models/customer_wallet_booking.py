"""The one door through which entries move wallet money."""

from collections import defaultdict
from datetime import date as date_class
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .customer_wallet_defaults import FROM_SERVER, without_wishes
from .customer_wallet_operation import ALL_KINDS, BONUS, PAID


class Grant(NamedTuple):
    """What is left of a bonus that was given.

    :param line: account.move.line in sudo, the item that gave it
    :param expiry: last day on which it can be used, or False
    :param float left: in the wallet's currency
    """

    line: models.BaseModel
    expiry: date_class | bool
    left: float


class Part(NamedTuple):
    """One kind of money in an amount that goes out of a wallet.

    :param str kind: of money
    :param grant: account.move.line that the bonus takes from, or none
    :param float amount: in the wallet's currency
    :param float value: the same in the books, in the company's currency
    """

    kind: str
    grant: models.BaseModel
    amount: float
    value: float


class Purse:
    """What can be taken out of one wallet while an entry is prepared: first the bonus
    that expires first, then paid money. It remembers what has been taken, so that many
    documents share one look at the wallet.
    """

    def __init__(self, wallet, kinds=ALL_KINDS):
        self.wallet = wallet
        self.currency = wallet.currency_id
        nothing = wallet.env["account.move.line"]
        self.sources = []
        if BONUS in kinds and not self.currency.is_zero(wallet.bonus_balance):
            self.sources += [
                [BONUS, grant.line, grant.left]
                for grant in wallet._get_open_grants(without_held=True)
            ]
        if PAID in kinds:
            # The last source has no bottom: the ledger has the last word on it.
            self.sources.append([PAID, nothing, None])
        self.book = wallet._get_book_values()

    def take(self, amount):
        """Take an amount out.

        :param float amount: in the wallet's currency
        :return: list of Part
        :raises UserError: there is not so much of these kinds of money
        """
        parts = []
        rest = self.currency.round(amount)
        for source in self.sources:
            kind, grant, left = source
            piece = rest if left is None else min(rest, left)
            if self.currency.compare_amounts(piece, 0.0) <= 0:
                continue
            if left is not None:
                source[2] = self.currency.round(left - piece)
            rest = self.currency.round(rest - piece)
            parts.append(Part(kind, grant, piece, self.take_value(kind, piece)))
        if not self.currency.is_zero(rest):
            raise UserError(self.wallet._get_shortage_message(amount, amount - rest))
        return parts

    def take_value(self, kind, amount):
        """What an amount that goes out is worth in the books. Money leaves at its
        average value in the books, and all of that when the last of it goes: the
        exchange difference arises on the receivable, once. Where a debt or a cancelled
        top-up has left a value below zero, it is worth what it is today: no item has an
        amount and a value of opposite signs.
        """
        if not self.book:
            return amount
        there, value = self.book[kind]
        covered = min(amount, max(there, 0.0)) if value >= 0.0 else 0.0
        if self.currency.compare_amounts(covered, there) >= 0:
            taken = value if covered else 0.0
        else:
            taken = self.wallet.company_id.currency_id.round(value * covered / there)
        self.book[kind] = (there - amount, value - taken)
        # A limit below zero is money that never came in.
        return taken + self.wallet._convert(self.currency.round(amount - covered))


class Purses(dict):
    """Those of several wallets, by (wallet, kinds of money): each is looked at once."""

    def __missing__(self, key):
        self[key] = Purse(*key)
        return self[key]


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    # What is there

    def _get_open_grants(self, without_held=False, contents=None):
        """The bonuses of this wallet of which something is left, in the order of use.
        What somebody took by hand names no bonus: it is what came back by hand, and
        else it came from the first ones.

        :param bool without_held: leave out what is held, which comes from the first
            ones as well
        :param dict contents: see `_get_contents`, where many wallets were read at once
        :return: list of Grant
        """
        self.ensure_one()
        contents = contents or self._get_contents()
        left = contents[self.id].get_grants(self.currency_id)
        by_hand = -left.pop(None, 0.0)
        gone = self.held_bonus if without_held else 0.0
        gone -= sum(amount for amount in left.values() if amount < 0.0)
        lines = self.env["account.move.line"].sudo().browse(left)
        lines = lines.sorted(lambda line: line._get_wallet_grant_order())
        if by_hand > 0.0:
            returned = lines._filter_wallet_returns_by_hand()
            by_hand = self._take_from_grants(returned, left, by_hand)
        self._take_from_grants(lines, left, by_hand + gone)
        return [
            Grant(line, line.wallet_expiry_date, left[line.id])
            for line in lines
            if self.currency_id.compare_amounts(left[line.id], 0.0) > 0
        ]

    def _take_from_grants(self, lines, left, gone):
        """
        :param lines: account.move.line in sudo that gave bonuses
        :param dict left: float by their ids, what is left of them; it is lowered
        :param float gone: what went out of them, in the wallet's currency
        :return: float, what they did not hold
        """
        for line in lines:
            used = min(max(gone, 0.0), max(left[line.id], 0.0))
            gone -= used
            left[line.id] = self.currency_id.round(left[line.id] - used)
        return gone

    def _get_left_of(self, lines):
        """What is left of some of the bonuses of this wallet, and not held.

        :param lines: account.move.line in sudo that gave them
        :return: float in the wallet's currency
        """
        grants = self._get_open_grants(without_held=True)
        return sum(grant.left for grant in grants if grant.line in lines)

    # Journal items

    def _prepare_taking_vals(self, amount, label, kinds=ALL_KINDS):
        """Values of the journal items that take money out of this wallet.

        :param float amount: in the wallet's currency
        :param str label: of the journal items
        :param tuple kinds: of money that may be taken
        :return: list of dict of account.move.line values
        :raises UserError: there is not so much of these kinds of money
        """
        self.ensure_one()
        return self._prepare_parts_vals(Purse(self, kinds).take(amount), label)

    @api.model
    def _prepare_takings_vals(self, spendings):
        """The same for several documents at once: each wallet is looked at once.

        :param list spendings: of dicts with `shares`, see `_share`, and `label`
        :return: list, for each spending, of lists of dict of account.move.line values
        """
        purses = Purses()
        takings = []
        for spending in spendings:
            vals_list = []
            for wallet, share in spending["shares"]:
                parts = purses[wallet, ALL_KINDS].take(share)
                vals_list += wallet._prepare_parts_vals(parts, spending["label"])
            takings.append(vals_list)
        return takings

    def _prepare_parts_vals(self, parts, label):
        return [
            {
                **self._prepare_item_vals(part.kind, part.amount, part.value, label),
                "wallet_grant_id": part.grant.id,
            }
            for part in parts
        ]

    def _prepare_giving_vals(self, parts, label, date=None):
        """Values of the journal items that put money into this wallet.

        :param list parts: of (float amount in the wallet's currency, str kind of money,
            grant): an account.move.line to which a bonus goes back, the date until
            which a new one can be used, or False
        :param str label: of the journal items
        :param date: whose rate counts, by default today
        :return: list of dict of account.move.line values
        """
        self.ensure_one()
        vals_list = []
        for amount, kind, grant in parts:
            vals = self._prepare_item_vals(
                kind, -amount, -self._convert(amount, date), label
            )
            if isinstance(grant, models.BaseModel):
                vals["wallet_grant_id"] = grant.id
            elif grant:
                # The due date outlives the addon: a new installation reads it there.
                vals.update(wallet_expiry_date=grant, date_maturity=grant)
            vals_list.append(vals)
        return vals_list

    def _prepare_item_vals(self, kind, amount, value, label):
        """Values of one journal item of this wallet.

        :param str kind: of money
        :param float amount: taken, in the wallet's currency; below zero when given
        :param float value: the same in the books, in the company's currency
        :param str label: of the journal item
        :return: dict of account.move.line values
        """
        self.ensure_one()
        company = self.company_id.sudo()
        accounts = {
            PAID: company.wallet_account_id,
            BONUS: company.wallet_bonus_account_id,
        }
        return {
            "name": label,
            "account_id": accounts[kind].id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": amount,
            "balance": value,
        }

    def _prepare_counterpart_vals(self, items, account, label):
        """Values of the one journal item on the other side of items of this wallet.

        :param list items: dicts of account.move.line values
        :param account: account.account
        :param str label: of the journal item
        :return: dict of account.move.line values
        """
        self.ensure_one()
        amount = sum(vals["amount_currency"] for vals in items)
        balance = sum(vals["balance"] for vals in items)
        return {
            "name": label,
            "account_id": account.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": self.currency_id.round(-amount),
            "balance": self.company_id.currency_id.round(-balance),
        }

    # The door

    @api.model
    def _book(self, operation, items, company, **move_vals):
        """Make, post and reconcile one entry that moves wallet money. Nothing else
        does.

        :param str operation: a name in the table of operations
        :param list items: of (dict of account.move.line values, account.move.line with
            which the item is reconciled, or none)
        :param company: res.company, or branch, in whose books it is
        :param move_vals: of the account.move: `ref`, `partner_id`, `currency_id`, and
            `date`, by default today
        :return: account.move in sudo, posted
        :raises UserError: the operation does not move such money, or a wallet does not
            hold it
        """
        return self._book_at_once([(operation, items, company, move_vals)])

    @api.model
    def _book_at_once(self, bookings):
        """The same for several entries, which count together: what one takes, another
        may give.

        :param list bookings: of tuples (operation, items, company, move_vals), see
            `_book`, all of one company
        :return: account.move in sudo, posted
        """
        drafts = [self._draft(*booking) for booking in bookings]
        drafts = drafts[0].concat(*drafts[1:])
        drafts._post(soft=False)
        moves = drafts.with_env(self._get_booking_model(drafts[:1].company_id).env)
        for move, (_operation, items, *_others) in zip(moves, bookings, strict=True):
            self._match(move, items)
        return moves

    @api.model
    def _draft(self, operation, items, company, move_vals):
        company = company.sudo()
        if not move_vals.get("reversed_entry_id"):
            self._check_operation_kinds(operation, items, company)
        # Nobody follows an entry that tells what documents tell already, but an audit
        # trail has every entry.
        is_tracked = company.restrictive_audit_trail
        return (
            self._get_booking_model(company)
            .with_context(tracking_disable=not is_tracked)
            .create(self._prepare_booking_vals(operation, items, company, move_vals))
        )

    @api.model
    def _match(self, move, items):
        lines = move.line_ids.sorted("id")
        plan = defaultdict(lines.browse)
        for line, (_vals, matched) in zip(lines, items, strict=True):
            if matched:
                plan[matched.sudo()] += line
        if plan:
            lines.with_context(
                move_reverse_cancel=bool(move.reversed_entry_id)
            )._reconcile_plan([line + matched for matched, line in plan.items()])

    @api.model
    def _get_booking_model(self, company):
        """All items of these entries are given: there is nothing that Odoo has to make
        on them, nor on what they pay. Whoever confirms a document by its button has
        its analytic distribution in sight, but not the one of these entries: as with
        Odoo's payments, a mandatory plan is not asked for.
        """
        return (
            without_wishes(self.env["account.move"])
            .sudo()
            .with_company(company)
            .with_context(
                wallet_booking=FROM_SERVER,
                skip_analytic_sync=True,
                skip_invoice_sync=True,
                validate_analytic=False,
            )
        )

    @api.model
    def _prepare_booking_vals(self, operation, items, company, move_vals):
        """Values of the account.move of every entry of the door.

        :param items, move_vals: see `_book`
        :return: dict
        """
        today = company._get_wallet_today()
        vals = {
            "move_type": "entry",
            "date": today,
            "journal_id": company.wallet_journal_id.id,
            "company_id": company.id,
            "wallet_operation": operation,
            "line_ids": [Command.create(vals) for vals, _matched in items],
            # Nothing is due: Odoo need not look for it with the customer.
            "invoice_date_due": today,
            "preferred_payment_method_line_id": False,
            **move_vals,
        }
        if not any(item.get("tax_ids") for item, _matched in items):
            # Nothing is taxed: Odoo need not look for the customer's fiscal position.
            vals["fiscal_position_id"] = False
        return vals

    @api.model
    def _check_operation_kinds(self, operation, items, company):
        """
        :raises UserError: the operation does not take or give such money
        """
        row = self._get_operations()[operation]
        kinds = {
            company.wallet_account_id.id: PAID,
            company.wallet_bonus_account_id.id: BONUS,
        }
        for vals, _matched in items:
            kind = kinds.get(vals["account_id"])
            allowed = row.takes if vals["amount_currency"] > 0.0 else row.gives
            if kind and kind not in allowed:
                self._raise_kind_refused(row)

    @api.model
    def _raise_kind_refused(self, row):
        """
        :param Operation row: of the table of operations
        """
        raise UserError(
            self.env._(
                "%(operation)s: this kind of money cannot be moved that way.",
                operation=row.label,
            )
        )

    @api.model
    def _undo(self, lines, **move_vals):
        """Book these items of one entry back: the same accounts, kinds and values.

        :param lines: account.move.line, a part of a wallet entry or all of it
        :param move_vals: of the reversal, such as `ref` and `date`
        :return: account.move in sudo, the posted reversal
        :raises UserError: it was undone before, or the money is gone
        """
        lines = lines.sudo()
        lines.wallet_id._lock()
        lines._check_wallet_undoable()
        lines.with_context(wallet_booking=FROM_SERVER).remove_move_reconcile()
        reversal = self._book_at_once([self._prepare_undo(lines, **move_vals)])
        for document in {line._get_wallet_document() for line in lines}:
            document._wallet_entry_undone(lines.move_id)
        return reversal

    @api.model
    def _prepare_undo(self, lines, **move_vals):
        """
        :param lines: account.move.line in sudo, see `_undo`
        :return: tuple, see `_book_at_once`; what is still settled otherwise stays so
        """
        entry = lines.move_id
        items = [
            (
                line._prepare_wallet_undo_vals(),
                line.filtered(lambda it: it.account_id.reconcile and not it.reconciled),
            )
            for line in lines
        ]
        vals = {
            "journal_id": entry.journal_id.id,
            "partner_id": entry.partner_id.id,
            "currency_id": entry.currency_id.id,
            "reversed_entry_id": entry.id,
            "ref": lines._get_wallet_undo_ref(),
        }
        row = self._get_operations().get(entry.wallet_operation)
        if row and row.is_regranted:
            # A bonus that is given anew still goes with its top-up.
            grants = lines.wallet_grant_id
            origins = {grant.move_id.wallet_bonus_origin_id for grant in grants}
            if len(origins) == 1:
                vals["wallet_bonus_origin_id"] = origins.pop().id
        return entry.wallet_operation, items, entry.company_id, {**vals, **move_vals}
