"""Undoing what moved a wallet."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .customer_wallet import FROM_SERVER

# What only a wallet manager does and undoes.
MANAGER_OPERATIONS = ("adjustment", "transfer")


class AccountMove(models.Model):
    _inherit = "account.move"

    # Checks

    def _check_wallet_reversible(self, parts=None):
        """What moved a wallet's money is undone once; paying again is a new entry.

        :param set parts: see `_get_wallet_parts`; by default all
        :raises UserError: naming the entry that is a reversal, or has one
        """
        wallet_moves = self.filtered("wallet_operation")
        wallet_moves._check_wallet_entry_not_of_till()
        for move in wallet_moves:
            undone = move._get_wallet_undone_parts()
            if move.reversed_entry_id or move._is_reversed():
                move._raise_wallet_undone()
            if undone if parts is None else undone & parts:
                raise UserError(
                    self.env._(
                        "A part of %(entry)s has already been undone. Undo the rest of "
                        "it on the invoices that it pays.",
                        entry=move.name,
                    )
                )
        wallet_moves._check_wallet_operation_undoable()
        wallet_moves._check_wallet_refund_unused()

    def _raise_wallet_undone(self):
        raise UserError(
            self.env._(
                "%(entry)s has already been undone: it cannot be undone again.",
                entry=self.name,
            )
        )

    def _check_wallet_operation_undoable(self):
        """What a manager has done, a manager undoes, while its money is there.

        :raises AccessError: the user is no wallet manager
        :raises UserError: naming the wallet from which the money has gone
        """
        moves = self.filtered(lambda m: m.wallet_operation in MANAGER_OPERATIONS)
        if moves:
            self.env["customer.wallet"]._check_manager()
        for move in moves:
            for wallet, lines in move.sudo().line_ids.grouped("wallet_id").items():
                amount = -sum(lines.mapped("amount_currency"))
                if not wallet or wallet.currency_id.compare_amounts(amount, 0.0) <= 0:
                    continue
                if wallet.state == "frozen":
                    raise UserError(wallet._get_frozen_message())
                available = wallet._get_available()
                if wallet.currency_id.compare_amounts(amount, available) > 0:
                    raise UserError(
                        self.env._(
                            "%(entry)s cannot be undone: it put %(amount)s into the "
                            "wallet of %(customer)s, of which only %(available)s is "
                            "available now. Undo first what the money was used for.",
                            entry=move.name,
                            amount=wallet.currency_id.format(amount),
                            customer=wallet.partner_id.display_name,
                            available=wallet.currency_id.format(available),
                        )
                    )

    def _check_wallet_entry_not_of_till(self):
        """What a till has charged is not taken back in the books alone.

        :raises UserError: naming the order
        """
        payments = self._find_wallet_till_payment()
        if payments:
            raise UserError(
                self.env._(
                    "%(entry)s belongs to the till order %(order)s. Refund the order "
                    "instead.",
                    entry=payments.wallet_move_id.name,
                    order=payments.pos_order_id.name,
                )
            )

    # Parts of an entry

    def _is_reversed(self):
        """Whether all that this entry did has been undone."""
        undone = self._get_wallet_undone_parts()
        return bool(undone) and self._get_wallet_parts() <= undone

    def _get_wallet_parts(self):
        """What this entry pays: each of its parts can be undone apart.

        :return: set of account.move; that of an entry in one piece has one member,
            an empty recordset
        """
        return {line.wallet_invoice_id for line in self.line_ids}

    def _get_wallet_undone_parts(self):
        reversals = self.reversal_move_ids.filtered(lambda m: m.state == "posted")
        return set().union(*(move._get_wallet_reversed_parts() for move in reversals))

    def _get_wallet_reversed_parts(self):
        """Which parts of another entry this reversal undoes: all, if somebody has
        changed it by hand so that it does not say.
        """
        parts, reversed_parts = (
            self.reversed_entry_id._get_wallet_parts(),
            self._get_wallet_parts(),
        )
        return reversed_parts if reversed_parts <= parts else parts

    # Reversals

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """The reversal of a wallet entry tells the same story backwards."""
        if self.env.context.get("wallet_parts_chosen") is not FROM_SERVER:
            self._check_wallet_reversible()
        if cancel:
            self._take_back_wallet_bonus()
        wallet_moves = self.filtered("wallet_operation")
        if cancel and wallet_moves and wallet_moves != self:
            return self._reverse_moves_apart(wallet_moves, default_values_list)
        moves = self
        if cancel and wallet_moves:
            moves = self.with_context(wallet_keep_allocations=FROM_SERVER)
        reverse_moves = super(AccountMove, moves)._reverse_moves(
            default_values_list, cancel=cancel
        )
        for move, reverse_move in zip(self, reverse_moves, strict=True):
            if move.wallet_operation:
                reverse_move.sudo().wallet_operation = move.wallet_operation
        return reverse_moves.with_env(self.env)

    def _reverse_moves_apart(self, wallet_moves, default_values_list):
        """Cancel wallet entries before other ones: an invoice among these would undo
        its own allocation a second time.
        """
        values = default_values_list or [{} for _move in self]
        values_by_move = dict(zip(self, values, strict=True))
        reversals = {}
        for moves in (wallet_moves, self - wallet_moves):
            reverse_moves = moves._reverse_moves(
                [values_by_move[move] for move in moves], cancel=True
            )
            reversals.update(zip(moves, reverse_moves, strict=True))
        return self.browse().concat(*(reversals[move] for move in self))

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Each part of an allocation meets its own reversal, so that one part of it
        never stands for another. Of two reversals of one entry, Odoo names the entry
        once.
        """
        for reverse_move in reverse_moves:
            move = reverse_move.reversed_entry_id
            if move._is_wallet_allocation():
                move._reconcile_wallet_parts(reverse_move)
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def _reconcile_wallet_parts(self, reverse_move):
        lines = (self.line_ids + reverse_move.line_ids).filtered(
            lambda line: line.account_id.reconcile and not line.reconciled
        )
        parts = lines.grouped(
            lambda line: (line.wallet_invoice_id, line.account_id, line.currency_id)
        )
        lines.with_context(move_reverse_cancel=True)._reconcile_plan(
            [part for part in parts.values() if len(part.move_id) > 1]
        )

    def _return_to_wallet(self, lines=None):
        """Reverse these entries, or a part of them; their lots are open again, and
        the documents that they paid are due again.

        :param lines: account.move.line of the part, by default of all of it
        """
        lines = self.sudo().line_ids if lines is None else lines.sudo()
        whole = self.sudo().filtered(lambda move: move.line_ids <= lines)
        for company, moves in whole.grouped("company_id").items():
            moves.with_company(company)._reverse_moves(
                [move._prepare_wallet_reversal_vals(move.line_ids) for move in moves],
                cancel=True,
            )
        for move in self.sudo() - whole:
            move._return_part_to_wallet(lines & move.line_ids)

    def _return_part_to_wallet(self, lines):
        copied = lines.with_context(
            include_business_fields=True, move_reverse_cancel=True
        ).copy_data()
        vals = self._prepare_wallet_reversal_vals(lines)
        vals["line_ids"] = [Command.create(line_vals) for line_vals in copied]
        reversal = (
            self.with_company(self.company_id)
            .with_context(wallet_parts_chosen=FROM_SERVER)
            ._reverse_moves([vals])
        )
        reversal.partner_id = self.partner_id
        reversal.with_context(move_reverse_cancel=True)._post(soft=False)

    def _prepare_wallet_reversal_vals(self, lines):
        is_whole = lines == self.line_ids
        documents = (
            self.ref if is_whole else lines.wallet_invoice_id._get_wallet_names()
        )
        return {
            "date": fields.Date.context_today(self),
            "ref": self._get_wallet_reversal_name(documents),
        }

    def _get_wallet_reversal_name(self, document_name):
        return self.env._(
            "Reversal of: %(entry)s, %(document)s",
            entry=self.name,
            document=document_name,
        )

    def _release_reversed_wallet_entries(self, soft):
        """A reversal that was scheduled takes effect when it is posted: what the
        entry paid is due again, and its lots come back.
        """
        today = fields.Date.context_today(self)
        released = {}
        for move in self.filtered("reversed_entry_id.wallet_operation"):
            entry = move.reversed_entry_id
            if entry.state != "posted" or (soft and move.date > today):
                continue
            parts = move._get_wallet_reversed_parts()
            entry._check_wallet_reversible(parts)
            if released.setdefault(entry, set()) & parts:
                entry._raise_wallet_undone()
            released[entry] |= parts
            entry._take_back_wallet_bonus()
            lines = entry.line_ids.filtered(
                lambda line, parts=parts: line.wallet_invoice_id in parts
            )
            lines._get_all_partials().with_context(
                wallet_keep_allocations=FROM_SERVER, wallet_lots_chosen=FROM_SERVER
            ).unlink()

    def _undo_wallet_payments_of_others(self):
        """A draft that was paid before keeps its payments; when its customer has been
        changed since, the wallet that paid gets its money back.
        """
        for move in self.filtered(lambda move: move.is_sale_document(True)):
            if not any(move.line_ids.mapped("matching_number")):
                continue
            owner = move.commercial_partner_id
            paid = move._get_wallet_partials()
            refunded = move._get_wallet_refund_partials()
            partials = paid.filtered(
                lambda p, owner=owner: p.credit_move_id.partner_id != owner
            ) | refunded.filtered(
                lambda p, owner=owner: p.debit_move_id.partner_id != owner
            )
            partials.unlink()

    # A manager's operations

    def _undo_wallet_operation(self, reason):
        """Reverse an adjustment or transfer; the same lots come back.

        :param str reason: kept in the reversal and in the chatter of the wallets
        :return: account.move, the reversal
        :raises UserError: it is none, was undone already, or its money is gone
        """
        self.ensure_one()
        if self.state != "posted" or self.wallet_operation not in MANAGER_OPERATIONS:
            raise UserError(
                self.env._(
                    "%(entry)s is no adjustment or transfer that could be undone.",
                    entry=self.display_name,
                )
            )
        values = {
            "date": fields.Date.context_today(self),
            "ref": self.env._(
                "Reversal of: %(entry)s, %(document)s",
                entry=self.name,
                document=reason,
            ),
        }
        moves = self.sudo().with_company(self.company_id)
        return moves._reverse_moves([values], cancel=True)

    def _log_wallet_undo(self):
        """Say in the chatter of the wallets what has been undone, and why."""
        for move in self.filtered(
            lambda m: m.reversed_entry_id.wallet_operation in MANAGER_OPERATIONS
        ):
            entry = move.reversed_entry_id
            body = self.env._(
                "%(entry)s has been undone by %(reversal)s: %(reason)s",
                entry=entry._get_html_link(title=entry.name),
                reversal=move._get_html_link(title=move.name),
                reason=move.ref or "",
            )
            for wallet in move.sudo().line_ids.wallet_id:
                wallet.message_post(body=body)
