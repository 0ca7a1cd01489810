from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_wallet import FROM_SERVER


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._check_wallet_bonus_kept()
        return partials

    def _check_wallet_bonus_kept(self):
        """Bonus money never becomes cash: what it has paid is not paid out of a
        credit note either.

        :raises UserError: naming the customer, what can be paid out and what was
            asked for
        """
        paid_out = self.sudo().filtered(lambda p: p._is_credit_note_paid_out())
        of_invoices = paid_out.filtered("credit_move_id.move_id.reversed_entry_id")
        for (invoice, currency), partials in of_invoices.grouped(
            lambda p: (p.credit_move_id.move_id.reversed_entry_id, p.credit_currency_id)
        ).items():
            bonus = sum(invoice._get_wallet_bonus_left(currency).values())
            money = currency.round(invoice._get_wallet_paid_left(currency) - bonus)
            if (
                currency.compare_amounts(bonus, 0.0) > 0
                and currency.compare_amounts(money, 0.0) < 0
            ):
                partials._raise_wallet_bonus_paid_out(invoice, currency, money, bonus)
        for (owner, company), partials in paid_out.grouped(
            lambda p: (
                p.credit_move_id.partner_id.commercial_partner_id,
                p.company_id.root_id,
            )
        ).items():
            wanted = sum(partials.mapped("amount"))
            self.env["customer.wallet"].sudo()._check_bonus_covered(
                owner, company, wanted, with_owed=True
            )

    def _raise_wallet_bonus_paid_out(self, invoice, currency, money, bonus):
        """
        :param invoice: account.move whose credit notes these have paid out
        :param float money: what may still be paid out for it, below zero
        :param float bonus: that has paid it and has not come back
        """
        amount = sum(self.mapped("credit_amount_currency"))
        available = max(amount + money, 0.0)
        raise UserError(
            self.env._(
                "Bonus money has paid a part of %(invoice)s, and bonus money is not "
                "paid out: only %(available)s of %(document)s can be paid out to "
                "%(customer)s, but %(wanted)s was asked for. Move the other %(bonus)s "
                "to the wallet: on the credit note, under Customer Wallet.",
                invoice=invoice.name,
                available=currency.format(available),
                document=self.credit_move_id.move_id._get_wallet_names(),
                customer=invoice.commercial_partner_id.display_name,
                wanted=currency.format(amount),
                bonus=currency.format(min(amount - available, bonus)),
            )
        )

    def _is_credit_note_paid_out(self):
        """Whether money goes out for a credit note; a till has looked after its own
        ones.
        """
        self.ensure_one()
        credit_note = self.credit_move_id.move_id
        return (
            credit_note.move_type == "out_refund"
            and not credit_note.pos_order_ids
            and self.debit_move_id._is_wallet_paid_out()
        )

    def _get_wallet_rows(self, document):
        """What a document shows of these matchings with entries of wallets, one row
        for each entry.

        :param document: account.move
        :return: list of dicts, see static/src/backend
        """
        rows = []
        operations = self.env["customer.wallet"]._get_operations()
        is_usable = document.state == "posted" and document._is_wallet_usable()
        for entry, moved in self.grouped(
            lambda p: (p.debit_move_id | p.credit_move_id).move_id - document
        ).items():
            amount = sum(
                partial.debit_amount_currency
                if partial.debit_move_id.move_id == document
                else partial.credit_amount_currency
                for partial in moved
            )
            amount -= abs(entry.line_ids._sum_wallet_discounts(document))
            operation = operations.get(entry.wallet_operation)
            is_undone_here = (
                operation.undo == "user"
                if operation
                else entry.line_ids._is_wallet_payment_of(document)
            )
            rows.append(
                {
                    "partial_id": moved[0].id,
                    "move_id": entry.id,
                    "name": entry.name,
                    "date": fields.Date.to_string(entry.date),
                    "amount": document.currency_id.round(amount),
                    "can_undo": is_undone_here and is_usable,
                }
            )
        return rows

    def _undo_of_document(self, document, partial_id):
        """Undo the one of these matchings that a client names; one that is undone
        already is fine.

        :param document: account.move that these settle
        :param int partial_id: account.partial.reconcile
        :raises UserError: it is another one, or none
        """
        if not isinstance(partial_id, int) or isinstance(partial_id, bool):
            raise UserError(self.env._("This is not a wallet payment."))
        partial = self.browse(partial_id).exists()
        if partial - self:
            raise UserError(
                self.env._(
                    "This is not a wallet payment or refund of %(document)s.",
                    document=document.display_name,
                )
            )
        entry = (partial.debit_move_id | partial.credit_move_id).move_id - document
        by_hand = entry.filtered(lambda move: not move.wallet_operation)
        if by_hand and not by_hand.line_ids._is_wallet_payment_of(document):
            raise UserError(
                self.env._(
                    "%(entry)s was entered by hand, and not for %(document)s alone: "
                    "reverse it in Journal Entries.",
                    entry=by_hand.display_name,
                    document=document.display_name,
                )
            )
        partial.unlink()
        # Entered by hand: there is no document that would take it back.
        by_hand.sudo()._reverse_moves(cancel=True)
        document._invalidate_wallet_fields()

    def unlink(self):
        """An allocation that no longer pays its invoice goes back to the wallet, or
        the money would be stranded on the receivable account.

        :raises AccessError: the user may not unlink these, or not read their items
        """
        if not self or self.env.context.get("wallet_booking") is FROM_SERVER:
            return super().unlink()
        self.check_access("unlink")
        undone = self._get_undone_wallet_lines()
        if not undone:
            return super().unlink()
        # What is given back is booked with sudo, and Odoo has no rule of companies for
        # matchings.
        (self.debit_move_id | self.credit_move_id).check_access("read")
        undone.wallet_id._lock()
        entries = undone.grouped("move_id")
        matched = undone.matched_debit_ids | undone.matched_credit_ids
        result = super(AccountPartialReconcile, self - matched).unlink()
        for lines in entries.values():
            self.env["customer.wallet"]._undo(lines)
        return result

    def _get_undone_wallet_lines(self):
        """The journal items of wallet entries whose settling of a document these
        partials are: a document's part of an entry is undone as a whole.
        """
        undone = self.env["account.move.line"].sudo()
        partials = self.sudo()
        for side in partials.debit_move_id | partials.credit_move_id:
            if side not in undone and side._is_active_wallet_part():
                undone |= side._get_wallet_part_lines()
        return undone
