from odoo import api, models

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
        for (_invoice, currency), partials in paid_out.grouped(
            lambda p: (p.credit_move_id.move_id.reversed_entry_id, p.credit_currency_id)
        ).items():
            partials.credit_move_id.move_id._check_wallet_bonus_kept(
                currency, sum(partials.mapped("credit_amount_currency"))
            )

    def _is_credit_note_paid_out(self):
        """Whether money goes out for the credit note of an invoice; a till has looked
        after its own ones.
        """
        self.ensure_one()
        credit_note = self.credit_move_id.move_id
        return (
            credit_note.move_type == "out_refund"
            and bool(credit_note.reversed_entry_id)
            and not credit_note.pos_order_ids
            and self.debit_move_id._is_wallet_paid_out()
        )

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
        for partial in self.sudo():
            for side in (partial.debit_move_id | partial.credit_move_id) - undone:
                if side._is_active_wallet_part():
                    undone |= side._get_wallet_part_lines()
        return undone
