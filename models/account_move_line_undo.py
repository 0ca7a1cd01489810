"""What moved wallet money is taken back once, document by document."""

from odoo import models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _group_by_wallet_part(self):
        """These items by what of an entry is undone together.

        :return: dict of account.move.line by (str model, int id, int id of the customer
            where an entry is undone for each apart), one for each document
        """
        operations = self.env["customer.wallet"]._get_operations()
        apart = {name for name, row in operations.items() if row.is_apart}
        return self.grouped(
            lambda line: (
                line.wallet_document_model,
                line.wallet_document_id,
                line.wallet_operation in apart and line.partner_id.id,
            )
        )

    def _get_wallet_part(self):
        """
        :return: set of keys, see `_group_by_wallet_part`
        """
        return set(self._group_by_wallet_part())

    def _get_wallet_part_lines(self):
        """All items of the same entries about the same documents as these."""
        found = self.browse()
        for move, lines in self.grouped("move_id").items():
            parts = move.line_ids._group_by_wallet_part()
            found = found.union(*(parts[part] for part in lines._get_wallet_part()))
        return self.move_id.line_ids & found

    def _is_wallet_part_undone(self):
        """Whether what this item moved has been booked back."""
        self.ensure_one()
        undone = self.move_id._get_wallet_reversals().line_ids
        return bool(undone) and self._get_wallet_part() <= undone._get_wallet_part()

    def _check_wallet_undoable(self):
        """What these items of one entry moved is taken back once, by who may, while it
        is there.

        :raises AccessError: only a wallet manager may
        :raises UserError: it has been undone, belongs to a till, or its money is gone
        """
        entry = self.move_id
        row = self.env["customer.wallet"]._get_operations().get(entry.wallet_operation)
        if row and row.undo in ("manager", "import"):
            self.env["customer.wallet"]._check_manager()
        for document in {line._get_wallet_document() for line in self}:
            document._check_wallet_entry_undoable(entry)
        undone = entry._get_wallet_reversals().line_ids._get_wallet_part()
        parts = self._get_wallet_part()
        if entry.reversed_entry_id or (undone and parts <= undone):
            raise UserError(self.env["customer.wallet"]._get_undone_message(entry))
        if parts & undone:
            raise UserError(
                self.env._(
                    "A part of %(entry)s has already been undone. Undo the rest of "
                    "it on the documents that it pays.",
                    entry=entry.name,
                )
            )
        self._check_wallet_money_there()

    def _check_wallet_money_there(self):
        """What these items put into wallets can be taken out again.

        :raises UserError: naming the entry, the customer and what is left
        """
        for wallet, lines in self.filtered("wallet_id").grouped("wallet_id").items():
            kinds = lines.grouped("wallet_lot_type")
            for kind, items in kinds.items():
                amount = -sum(items.mapped("amount_currency"))
                available = wallet._get_available_of_kind(kind)
                grants = items._filter_wallet_grants()
                if grants:
                    available = min(available, wallet._get_left_of(grants))
                compare = wallet.currency_id.compare_amounts
                if compare(amount, 0.0) <= 0 or compare(amount, available) <= 0:
                    continue
                if wallet.state == "frozen":
                    raise UserError(wallet._get_frozen_message())
                raise UserError(
                    self.env._(
                        "%(entry)s cannot be taken back: it put %(amount)s into the "
                        "wallet of %(customer)s, of which only %(available)s is "
                        "available now. Undo first what the money was used for, or top "
                        "up the wallet.",
                        entry=items.move_id.name,
                        amount=wallet.currency_id.format(amount),
                        customer=wallet.partner_id.display_name,
                        available=wallet.currency_id.format(available),
                    )
                )

    def _prepare_wallet_undo_vals(self):
        """Values of the journal item that books this one back."""
        self.ensure_one()
        vals = self.copy_data()[0]
        for name in ("debit", "credit", "move_id"):
            vals.pop(name, None)
        row = self.env["customer.wallet"]._get_operations().get(self.wallet_operation)
        grant = self._filter_wallet_grants() or self.wallet_grant_id
        if row and row.is_regranted:
            grant = self.browse()
        return {
            **vals,
            **self._prepare_wallet_storno_vals(),
            "balance": -self.balance,
            "amount_currency": -self.amount_currency,
            "wallet_grant_id": grant.id,
            "wallet_document_model": self.wallet_document_model,
            "wallet_document_id": self.wallet_document_id,
        }

    def _prepare_wallet_storno_vals(self):
        """Where companies correct on the same side, below zero, so does core."""
        self.ensure_one()
        is_used = self.company_id.account_storno
        return {"is_storno": not self.is_storno} if is_used else {}

    def _get_wallet_undo_ref(self):
        """
        :return: str, the reference of the entry that books these items back
        """
        entry = self.move_id
        is_whole = self == entry.line_ids
        documents = dict.fromkeys(line._get_wallet_document() for line in self)
        names = [document.display_name for document in documents if document]
        return self.env._(
            "Reversal of: %(entry)s, %(document)s",
            entry=entry.name,
            document=entry.ref if is_whole or not names else ", ".join(names),
        )

    def _undo_wallet_payments_of_others(self):
        """What wallets paid on these items, or got of them, is undone where their
        customer is another one now. What a till sums up names none.

        :raises UserError: naming the customer whose wallet has not that much any more
        """
        for line in self.sudo()._filter_wallet_receivables():
            if not (line.matching_number and line.partner_id):
                continue
            paid = line.matched_credit_ids.credit_move_id
            refunded = line.matched_debit_ids.debit_move_id
            sides = paid._filter_beside_wallet_money(1)
            sides |= refunded._filter_beside_wallet_money(-1)
            owner = line.partner_id.commercial_partner_id
            others = sides.filtered("partner_id").filtered(
                lambda side, owner=owner: side.partner_id.commercial_partner_id != owner
            )
            (others.matched_debit_ids | others.matched_credit_ids).unlink()

    def _is_active_wallet_part(self):
        """Whether this item settles a document with wallet money, and is not undone."""
        self.ensure_one()
        entry = self.move_id
        return (
            bool(self.wallet_document_id)
            and self._get_wallet_document()._wallet_undone_by_matching
            and self.account_id.account_type == "asset_receivable"
            and entry.state == "posted"
            and entry._is_wallet_entry()
            and not entry.reversed_entry_id
            and not self._is_wallet_part_undone()
        )
