"""Credits of customers that go to their wallet: credit notes, and old payments."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .customer_wallet_request import answered_once
from .wallet_amounts import read_amount


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
        its currency. What was spent as bonus comes back as bonus.

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
        reversal entry is booked, and it is open again. Doing it again changes nothing.

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
        amount = read_amount(
            self.env, open_amount if amount is None else amount, self.currency_id
        )
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

    def _check_wallet_bonus_kept(self, currency, amount):
        """What bonus money has paid of the invoice of these credit notes goes back to
        the wallet, not out.

        :param currency: res.currency of the credit notes
        :param float amount: that has just been paid out for them
        :raises UserError: when a part of it is bonus money
        """
        invoice = self.reversed_entry_id
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
        return self._get_wallet_receivable_lines().filtered(
            lambda line: line.amount_residual_currency < 0.0
        )

    def _get_wallet_refund_open(self):
        """What is open on this credit note, in its currency."""
        lines = self._get_wallet_open_credits()
        return self.currency_id.round(-sum(lines.mapped("amount_residual_currency")))

    def _get_wallet_refund_partials(self):
        """The matchings by which money of this document went to a wallet."""
        self.ensure_one()
        receivables = self.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return receivables.matched_debit_ids.filtered(
            lambda p: p.debit_move_id.move_id._is_wallet_giving()
        )

    def _is_wallet_giving(self):
        """Whether this entry moves an open credit to a wallet."""
        self.ensure_one()
        return (
            self.move_type == "entry"
            and self.state == "posted"
            and not self.reversed_entry_id
            and any(
                line.wallet_lot_type and line.amount_currency < 0.0
                for line in self.line_ids
            )
        )

    # Kinds of money

    def _has_wallet_bonus_or_discount(self):
        """Whether something else than money that was paid in settled the invoice of
        this credit note, or the customer has used a bonus at all: what comes back then
        depends on what came back before.
        """
        self.ensure_one()
        Wallet = self.env["customer.wallet"]
        if (
            Wallet._get_bonus_slack(self.commercial_partner_id, self.company_id)
            is not None
        ):
            return True
        invoice = self.reversed_entry_id.sudo()
        if self.move_type != "out_refund" or not invoice:
            return False
        discount = invoice._get_wallet_discount_left(self.currency_id)
        return self.currency_id.compare_amounts(discount, 0.0) > 0

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

    def _get_wallet_return_limits(self, amount):
        """In which kinds of money this credit may come back, by its own documents.

        :param float amount: that comes back, in the currency of the document
        :return: tuple (float paid money, dict of float bonus by account.move.line that
            gave it)
        """
        self.ensure_one()
        invoice = self.reversed_entry_id.sudo()
        if self.move_type != "out_refund" or not invoice:
            return amount, {}
        bonuses = invoice._get_wallet_bonus_left(self.currency_id)
        if not bonuses:
            return amount, {}
        return invoice._get_wallet_money_left(self.currency_id), bonuses

    # Entries

    def _prepare_wallet_refund(self, wallet, parts):
        """The journal items by which open credits of this document go to a wallet. An
        exchange difference arises on the receivable, as with any other payment.

        :param wallet: customer.wallet, of the currency of the credits
        :param list parts: of (account.move.line, float amount in its currency)
        :return: list of (dict of account.move.line values, account.move.line with
            which the item is reconciled, or none)
        """
        amount = sum(part for _line, part in parts)
        discount = self._get_wallet_discount_to_take_back(amount)
        kinds = wallet._split_return(
            wallet.currency_id.round(amount - discount),
            *self._get_wallet_return_limits(amount),
            self.company_id,
        )
        vals_list = wallet._prepare_giving_vals(
            kinds, self.env._("Refunded to the wallet: %s", self.name)
        )
        if discount:
            vals_list += self._prepare_wallet_discount_back_vals(discount)
        balance = sum(vals["balance"] for vals in vals_list)
        nothing = self.env["account.move.line"]
        items = [(vals, nothing) for vals in vals_list]
        items += self._prepare_wallet_credits(parts, -balance)
        reference = self._prepare_wallet_reference_vals()
        return [({**vals, **reference}, matched) for vals, matched in items]

    def _prepare_wallet_credits(self, parts, balance):
        """The items that settle these credits.

        :param float balance: of all of them, in the company's currency
        """
        items = []
        left = balance
        for number, (line, amount) in enumerate(parts, 1):
            value = line.currency_id._convert(
                amount, line.company_currency_id, line.company_id
            )
            value = left if number == len(parts) else value
            left -= value
            vals = {
                "name": self.env._("Refunded to the wallet: %s", self.name),
                "account_id": line.account_id.id,
                "partner_id": line.partner_id.id,
                "currency_id": line.currency_id.id,
                "amount_currency": amount,
                "balance": line.company_currency_id.round(value),
            }
            items.append((vals, line))
        return items

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
        taken_back = self.reversal_move_ids._get_wallet_items().filtered(
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
            paid = entry.line_ids.matched_debit_ids.debit_move_id.move_id
            is_only = paid.filtered(lambda m: m.is_sale_document(True)) == self
            items = entry._get_wallet_document_lines(self)
            if is_only or self in entry._get_wallet_paid_documents():
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
        """The early payment discount in the part of this refund about a document."""
        lines = self._get_wallet_document_lines(document)
        discounts = lines.filtered(lambda line: line._is_wallet_discount())
        return -sum(discounts.mapped("amount_currency"))


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _spread_wallet_refund(self, amount):
        """Spread an amount over these open credits, in their order.

        :param float amount: in the currency of the lines
        :return: list of (account.move.line, float)
        """
        parts = []
        for line in self:
            part = min(amount, -line.amount_residual_currency)
            if line.currency_id.compare_amounts(part, 0.0) > 0:
                parts.append((line, part))
                amount = line.currency_id.round(amount - part)
        return parts

    @api.model
    def _book_wallet_refund(self, parts):
        """Book one entry that moves open credits to their customer's wallet, and
        reconcile each of them with it.

        :param list parts: of (account.move.line, float amount in its currency), all of
            one customer, company and currency
        :return: account.move, posted
        """
        lines = self.browse().concat(*(line for line, _ in parts)).sudo()
        Wallet = self.env["customer.wallet"]
        wallet = Wallet._find_or_create(
            lines.partner_id.commercial_partner_id, lines.company_id, lines.currency_id
        )
        amounts = {line.id: amount for line, amount in parts}
        items = []
        for move, credits_of_move in lines.grouped("move_id").items():
            credit_parts = [(line, amounts[line.id]) for line in credits_of_move]
            items += move._prepare_wallet_refund(wallet, credit_parts)
        entry = Wallet._book(
            "refund",
            items,
            lines.company_id,
            ref=lines.move_id._get_wallet_names(),
            partner_id=wallet.partner_id.id,
            currency_id=lines.currency_id.id,
        )
        self._log_wallet_refund(parts, entry)
        entry._allocate_wallet_on_receipt()
        return entry

    @api.model
    def _log_wallet_refund(self, parts, entry):
        """Say in the chatter of these credits where their money went."""
        for line, amount in parts:
            line.sudo().move_id._log_wallet_note(
                self.env._(
                    "%(amount)s moved to the wallet: %(entry)s",
                    amount=line.currency_id.format(amount),
                    entry=entry._get_html_link(),
                )
            )

    def _is_wallet_discount(self):
        """Whether this item belongs to an early payment discount."""
        self.ensure_one()
        company = self.company_id.sudo()
        return bool(self.tax_line_id) or self.account_id in (
            company.account_journal_early_pay_discount_loss_account_id
            | company.account_journal_early_pay_discount_gain_account_id
        )

    def _prepare_wallet_discount_back_vals(self, amount):
        """Values of the item that takes a part of this discount back.

        :param float amount: in the currency of the item
        """
        self.ensure_one()
        return {
            "name": self.name,
            "account_id": self.account_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -amount,
            "balance": -self.company_currency_id.round(
                amount * self.balance / self.amount_currency
            ),
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "tax_tag_ids": [Command.set(self.tax_tag_ids.ids)],
            "tax_repartition_line_id": self.tax_repartition_line_id.id,
            "group_tax_id": self.group_tax_id.id,
        }

    def _is_wallet_paid_out(self):
        """Whether this item on a receivable account is money that goes out. What is
        set off against other receivables is not, nor is what goes into a wallet.
        """
        self.ensure_one()
        return any(
            line.balance < 0.0
            and line.account_id.account_type != "asset_receivable"
            and not line.wallet_lot_type
            and line._is_wallet_cash_counterpart()
            for line in self.move_id.line_ids
        )
