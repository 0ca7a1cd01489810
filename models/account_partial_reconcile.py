from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .customer_wallet import FROM_SERVER

AMOUNT_FIELDS = {
    "amount",
    "debit_amount_currency",
    "credit_amount_currency",
    "debit_move_id",
    "credit_move_id",
}


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._check_one_wallet()
        partials._check_wallet_bonus_kept()
        return partials

    def write(self, vals):
        if not self.env.su and AMOUNT_FIELDS & set(vals) and self._touches_wallets():
            raise AccessError(
                self.env._("What has been matched on a wallet cannot be edited.")
            )
        return super().write(vals)

    def _touches_wallets(self):
        return bool((self.debit_move_id | self.credit_move_id).wallet_id)

    def _check_one_wallet(self):
        """A debit uses up lots of its own wallet, both are posted, and none is used
        up beyond its amount: then the open amounts of a wallet add up to its balance.
        """
        for partial in self:
            debit, credit = partial.debit_move_id, partial.credit_move_id
            if not (debit | credit).wallet_id or partial._is_exchange_match():
                continue
            if debit.wallet_id == credit.wallet_id and partial._is_within_lines():
                continue
            raise UserError(
                self.env._(
                    "Wallet money can only be matched within one wallet: "
                    "%(debit)s and %(credit)s do not belong together.",
                    debit=debit.display_name,
                    credit=credit.display_name,
                )
            )

    def _check_wallet_bonus_kept(self):
        """Bonus money never becomes cash: what it has paid is not paid out of a
        credit note either.

        :raises UserError: naming the customer, what can be paid out and what was
            asked for
        """
        paid_out = self.sudo().filtered(lambda p: p._is_credit_note_paid_out())
        for (invoice, currency), partials in paid_out.grouped(
            lambda p: (p.credit_move_id.move_id.reversed_entry_id, p.credit_currency_id)
        ).items():
            partials.credit_move_id.move_id._check_wallet_bonus_kept(
                invoice, currency, sum(partials.mapped("credit_amount_currency"))
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

    def _is_within_lines(self):
        """Both sides are matched with the same amount, of which they have enough."""
        self.ensure_one()
        compare = self.debit_currency_id.compare_amounts
        return (
            compare(self.debit_amount_currency, self.credit_amount_currency) == 0
            and compare(self.debit_amount_currency, 0.0) >= 0
            and compare(self.debit_move_id.amount_residual_currency, 0.0) >= 0
            and compare(self.credit_move_id.amount_residual_currency, 0.0) <= 0
        )

    def _is_exchange_match(self):
        """An exchange difference changes the book value, not the wallet's money;
        Odoo matches it while its entry is still a draft.
        """
        self.ensure_one()
        return self.debit_currency_id.is_zero(
            self.debit_amount_currency
        ) and self.credit_currency_id.is_zero(self.credit_amount_currency)

    def unlink(self):
        """An allocation that no longer pays its invoice goes back to the wallet, or
        the money would be stranded on the receivable account.

        :raises AccessError: the user may not unlink these, or not read their items
        """
        if not self or self.env.context.get("wallet_keep_allocations") is FROM_SERVER:
            return super().unlink()
        self.check_access("unlink")
        lines = self._get_undone_wallet_lines()
        if not lines:
            return super().unlink()
        # What is given back is booked with sudo, and Odoo has no rule of companies for
        # matchings.
        (self.debit_move_id | self.credit_move_id).check_access("read")
        result = super(
            AccountPartialReconcile, self - lines._get_all_partials()
        ).unlink()
        lines.move_id._return_to_wallet(lines)
        return result

    def _get_undone_wallet_lines(self):
        """The journal items of allocations whose payment of a document these partials
        are: a document's part of an entry is undone as a whole. So are the
        refunds that they tie to a credit note.
        """
        undone = self.env["account.move.line"].sudo()
        for partial in self.sudo():
            sides = partial.debit_move_id | partial.credit_move_id
            if sides.account_id.account_type != "asset_receivable":
                continue
            for side in sides - undone:
                if side._is_active_wallet_allocation():
                    undone |= side._get_wallet_part()
                elif side.move_id._is_active_wallet_refund():
                    undone |= side.move_id.line_ids
        return undone
