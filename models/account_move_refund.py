"""Refunding credit notes to the wallet."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .customer_wallet_request import answered_once


class AccountMove(models.Model):
    _inherit = "account.move"

    def _compute_payment_state(self):
        """A credit note whose money went to the wallet is settled, not reversed."""
        result = super()._compute_payment_state()
        for move in self:
            if (
                move.move_type == "out_refund"
                and move.payment_state == "reversed"
                and move._get_wallet_refund_partials()
            ):
                move.payment_state = "paid"
        return result

    # Actions

    @answered_once
    def action_refund_to_wallet(self, amount=None):
        """Move what is open on this confirmed credit note to the customer's wallet of
        its currency. What the refunded invoice spent as bonus comes back as bonus.

        :param float amount: how much to move, in the currency of the credit note; by
            default all that is open
        :return: True
        :raises AccessError: the user may not use wallets or change the credit
            note
        :raises UserError: nothing is open, or the amount is not positive or more than
            what is open
        """
        self.ensure_one()
        self._check_wallet_access()
        amount = self._check_wallet_refund_amount(amount)
        lines = self._get_wallet_open_credits()
        lines._book_wallet_refund(lines._spread_wallet_refund(amount))
        self._invalidate_wallet_fields()
        return True

    @answered_once
    def action_undo_wallet_refund(self, partial_id):
        """Take back from the wallet what was moved there from this credit note: a
        reversal entry is booked, and all that the entry moved is open again. Doing it
        again changes nothing.

        :param int partial_id: account.partial.reconcile that `wallet_widget` names
        :return: True
        :raises AccessError: the user may not use wallets or change the credit
            note
        :raises UserError: the matching is no refund of this credit note, or its money
            has been spent
        """
        self.ensure_one()
        self._check_wallet_access()
        self._unlink_wallet_partial(
            partial_id,
            self._get_wallet_refund_partials(),
            self.env._(
                "This is not a refund of %(document)s to the wallet.",
                document=self.display_name,
            ),
        )
        return True

    # Checks

    def _check_wallet_refund_amount(self, amount):
        """Decide how much of this credit note goes to the wallet.

        :param float amount: asked for, or None for all that is open
        :return: float in the currency of the credit note
        :raises UserError: when the amount is not possible
        """
        if not self._is_wallet_refundable():
            raise UserError(
                self.env._(
                    "%(document)s cannot be refunded to a wallet: only confirmed "
                    "customer credit notes with an open amount can.",
                    document=self.display_name,
                )
            )
        self._check_wallet_accounting()
        open_amount = self._get_wallet_refund_open()
        amount = self._read_wallet_amount(open_amount if amount is None else amount)
        if self.currency_id.compare_amounts(amount, open_amount) > 0:
            raise UserError(
                self.env._(
                    "Only %(open)s is open on %(document)s of %(customer)s, but "
                    "%(amount)s was asked for. Enter %(open)s or less.",
                    open=self.currency_id.format(open_amount),
                    document=self.display_name,
                    customer=self.commercial_partner_id.display_name,
                    amount=self.currency_id.format(amount),
                )
            )
        return amount

    def _check_wallet_refund_unused(self):
        """A refund can be taken back as long as its money is in the wallet.

        :raises UserError: naming the customer, what was refunded and what is left
        """
        for move in self.filtered(lambda m: m.wallet_operation == "refund"):
            lots = move.sudo().line_ids.filtered("wallet_lot_type")
            wallet = lots.wallet_id
            amount = -sum(lots.mapped("amount_currency"))
            left = wallet.balance + wallet.overdraft_limit
            if not wallet or wallet.currency_id.compare_amounts(left, amount) >= 0:
                continue
            raise UserError(
                self.env._(
                    "The refund %(entry)s of %(amount)s cannot be taken back: only "
                    "%(left)s is left in the wallet of %(customer)s. Undo what the "
                    "wallet has paid since, or top it up.",
                    entry=move.name,
                    amount=wallet.currency_id.format(amount),
                    left=wallet.currency_id.format(left),
                    customer=wallet.partner_id.display_name,
                )
            )

    def _check_wallet_bonus_kept(self, invoice, currency, amount):
        """What bonus money has paid of an invoice goes back to the wallet.

        :param invoice: account.move that these credit notes are of
        :param currency: res.currency of the credit notes
        :param float amount: that has just been paid out for them
        :raises UserError: when a part of it is bonus money
        """
        bonus = sum(invoice._get_wallet_bonus_left(currency).values())
        money = invoice._get_wallet_money_left(currency)
        if (
            currency.compare_amounts(bonus, 0.0) <= 0
            or currency.compare_amounts(money, 0.0) >= 0
        ):
            return
        available = max(amount + money, 0.0)
        raise UserError(
            self.env._(
                "Bonus money has paid a part of %(invoice)s, and bonus money is not "
                "paid out: only %(available)s of %(document)s can be paid out to "
                "%(customer)s, but %(wanted)s was asked for. Move the other %(bonus)s "
                "to the wallet: on the credit note, under Customer Wallet.",
                invoice=invoice.name,
                available=currency.format(available),
                document=self._get_wallet_names(),
                customer=invoice.commercial_partner_id.display_name,
                wanted=currency.format(amount),
                bonus=currency.format(min(amount - available, bonus)),
            )
        )

    # What is open and what was moved

    def _is_wallet_refundable(self):
        self.ensure_one()
        return (
            self.move_type == "out_refund"
            and self.state == "posted"
            and self.currency_id.compare_amounts(self._get_wallet_refund_open(), 0.0)
            > 0
        )

    def _get_wallet_open_credits(self):
        """The open receivable items of this credit note, oldest due first."""
        self.ensure_one()
        return self.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
                and line.amount_residual_currency < 0.0
            )
        ).sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _get_wallet_refund_open(self):
        """What is open on this credit note, in its currency."""
        lines = self._get_wallet_open_credits()
        return self.currency_id.round(-sum(lines.mapped("amount_residual_currency")))

    def _get_wallet_refund_partials(self):
        """The matchings by which money of this credit note went to a wallet."""
        self.ensure_one()
        receivables = self.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return receivables.matched_debit_ids.filtered(
            lambda p: p.debit_move_id.move_id._is_active_wallet_refund()
        )

    def _was_wallet_refund(self):
        """Whether this entry, or the one that it reverses, put open credits into a
        wallet: what an earlier installation has left tells no more.
        """
        self.ensure_one()
        origin = self.reversed_entry_id or self
        return any(
            line.balance > 0.0 and line.account_id.account_type == "asset_receivable"
            for line in origin.line_ids
        )

    def _is_active_wallet_refund(self):
        """Whether this entry moves an open credit to a wallet; a till takes its
        refunds back by itself.
        """
        self.ensure_one()
        return (
            self.wallet_operation == "refund"
            and self.move_type == "entry"
            and self.state == "posted"
            and not self.reversed_entry_id
            and not self._is_reversed()
            and not self._find_wallet_till_payment()
        )

    def _get_wallet_refunded_documents(self, document):
        """The names of the other documents whose money this entry moved as well."""
        lines = self.line_ids.matched_credit_ids.credit_move_id.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return format_list(self.env, (lines.move_id - document).mapped("name"), "unit")

    # Kinds of money

    def _get_wallet_spendings(self):
        """The journal items by which wallets have paid this invoice, here or at a till.

        :return: account.move.line
        """
        self.ensure_one()
        entries = self._get_wallet_till_entries().filtered(
            lambda entry: entry.wallet_operation == "pos_payment"
        )
        allocations = self._get_wallet_partials().credit_move_id
        return entries.line_ids | allocations._get_wallet_part()

    def _get_wallet_refunds(self):
        """The entries that moved money of these credit notes to a wallet, here or at
        a till.
        """
        entries = self.env["account.move"].sudo()
        for move in self:
            entries |= move._get_wallet_refund_partials().debit_move_id.move_id
            entries |= move._get_wallet_till_entries().filtered(
                lambda entry: entry.wallet_operation == "refund"
            )
        return entries

    def _get_wallet_till_entries(self):
        entries = self.sudo().pos_order_ids.payment_ids.wallet_move_id
        return entries.filtered(lambda entry: entry.state == "posted")

    def _get_wallet_kinds_to_return(self, amount):
        """Which kinds of money come back when a part of this credit note is refunded
        to the wallet.

        :param float amount: in the currency of the credit note
        :return: list, see `_split_by_kind` of customer.wallet
        """
        self.ensure_one()
        money, bonuses = amount, {}
        if self.move_type == "out_refund" and self.reversed_entry_id:
            invoice = self.reversed_entry_id.sudo()
            bonuses = invoice._get_wallet_bonus_left(self.currency_id)
        if bonuses:
            money = invoice._get_wallet_money_left(self.currency_id)
        return self.env["customer.wallet"]._split_by_kind(
            amount, self.currency_id, money, bonuses
        )

    def _has_wallet_bonus_or_discount(self):
        """Whether more came to the invoice of this credit note than money that was
        paid in, and has not all come back.
        """
        self.ensure_one()
        invoice = self.reversed_entry_id.sudo()
        if self.move_type != "out_refund" or not invoice:
            return False
        bonuses = invoice._get_wallet_bonus_left(self.currency_id)
        discount = invoice._get_wallet_discount_left(self.currency_id)
        return any(
            self.currency_id.compare_amounts(amount, 0.0) > 0
            for amount in (*bonuses.values(), discount)
        )

    def _get_wallet_bonus_left(self, currency):
        """The bonus money that was spent on this invoice and has not come back.

        :return: dict of floats in `currency` by date of expiry or False
        """
        left = self._get_wallet_spendings()._get_wallet_bonus_used(currency)
        refunds = self.reversal_move_ids._get_wallet_refunds()
        for expiry, amount in refunds._get_wallet_bonus_given_back().items():
            if expiry in left:
                left[expiry] -= amount
        return left

    def _get_wallet_money_left(self, currency):
        """What may still be given back for this invoice as money that was paid in:
        what is settled of it, less what credit notes have given back, less the bonus
        that has still to come back.

        :return: float in `currency`
        """
        credit_notes = self.reversal_move_ids.filtered(lambda m: m.state == "posted")
        given_back = sum(
            move.amount_total - move.amount_residual for move in credit_notes
        )
        money = self.currency_id._convert(
            self.amount_total - self.amount_residual - given_back,
            currency,
            self.company_id,
            self.invoice_date,
        )
        bonuses = self._get_wallet_bonus_left(currency)
        discount = self._get_wallet_discount_left(currency)
        return currency.round(money - sum(bonuses.values()) - discount)

    def _get_wallet_bonus_given_back(self):
        """The bonus money that these refunds have put back into a wallet.

        :return: dict, see `_get_wallet_bonus_used` of account.move.line; in the
            currency of the refunds
        """
        amounts = {}
        for lot in self.sudo().line_ids.filtered(
            lambda line: line.wallet_lot_type == "bonus"
        ):
            expiry = lot.wallet_expiry_date
            amounts[expiry] = amounts.get(expiry, 0.0) - lot.amount_currency
        return amounts

    # Early payment discounts

    def _get_wallet_discount_to_take_back(self, amount):
        """Which part of a refund was never paid: once all that was paid of the invoice
        has come back, the rest is the early payment discount, which is taken back.

        :param float amount: to be refunded, in the currency of the credit note
        :return: float in that currency
        """
        self.ensure_one()
        invoice = self.reversed_entry_id.sudo()
        currency = self.currency_id
        if self.move_type != "out_refund" or not invoice:
            return 0.0
        discount = invoice._get_wallet_discount_left(currency)
        if currency.compare_amounts(discount, 0.0) <= 0:
            return 0.0
        paid = invoice._get_wallet_money_left(currency)
        paid += sum(invoice._get_wallet_bonus_left(currency).values())
        return currency.round(min(max(amount - max(paid, 0.0), 0.0), discount))

    def _get_wallet_discount_left(self, currency):
        """The early payment discount that was granted on this invoice and that no
        refund has taken back.

        :return: float in `currency`
        """
        granted = self._get_wallet_discount_lines()
        if granted.currency_id != currency:
            return 0.0
        taken_back = self.reversal_move_ids._get_wallet_refunds().line_ids.filtered(
            lambda line: line._is_wallet_discount()
        )
        return currency.round(sum((granted | taken_back).mapped("amount_currency")))

    def _get_wallet_discount_lines(self):
        """The journal items that granted an early payment discount on this invoice. An
        ordinary entry that pays several invoices does not tell on which of them.
        """
        receivables = self.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        entries = receivables.matched_credit_ids.credit_move_id.move_id
        lines = self.env["account.move.line"]
        for entry in entries.filtered(lambda move: move.move_type == "entry"):
            items = entry.line_ids.filtered(lambda line: line.wallet_invoice_id == self)
            paid = entry.line_ids.matched_debit_ids.debit_move_id.move_id
            if not items and paid.filtered(lambda m: m.is_sale_document(True)) == self:
                items = entry.line_ids
            lines |= items.filtered(
                lambda item: item.amount_currency and item._is_wallet_discount()
            )
        return lines

    def _prepare_wallet_discount_back_vals(self, discount):
        """Values of the journal items that take a discount back: those that granted it,
        the other way round.

        :param float discount: in the currency of this credit note
        """
        granted = self.reversed_entry_id.sudo()._get_wallet_discount_lines()
        total = sum(granted.mapped("amount_currency"))
        items = []
        left = discount
        for number, line in enumerate(granted, 1):
            part = self.currency_id.round(discount * line.amount_currency / total)
            part = self.currency_id.round(left if number == len(granted) else part)
            left -= part
            items.append(line._prepare_wallet_discount_back_vals(part))
        return items

    def _get_wallet_discount_taken_back(self, document):
        """The early payment discount in this refund, which has one document then."""
        if self._get_wallet_refunded_documents(document):
            return 0.0
        discounts = self.line_ids.filtered(lambda line: line._is_wallet_discount())
        return -sum(discounts.mapped("amount_currency"))
