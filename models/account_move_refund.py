"""Credit notes, whose money goes to a wallet."""

from itertools import chain

from odoo import models
from odoo.exceptions import UserError

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
                and move._get_wallet_partials()
            ):
                move.payment_state = "paid"
        return result

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A credit note belongs to whom its invoice belongs to: a contact who bought
        for a company may have left it since. Odoo gives its items the same customer
        when it is confirmed.
        """
        reversals = super()._reverse_moves(default_values_list, cancel)
        for move in reversals:
            if move.state == "draft" and move._is_wallet_credit_of_another():
                buyers = move._get_wallet_credited_invoice()._get_wallet_buyers()
                move.commercial_partner_id = buyers[:1]
        return reversals

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
        :raises UserError: nothing is open, the amount is not positive or more than
            what is open, or the credit note is of a day to come
        """
        self.ensure_one()
        self._check_wallet_access()
        amount = self._check_wallet_refund_amount(amount)
        lines = self.line_ids._get_wallet_open_credits()
        lines._book_wallet_refund(lines._spread_wallet_refund(amount))
        self._invalidate_wallet_fields()
        return True

    # Checks

    def _check_wallet_refund_amount(self, amount):
        """Decide how much of this credit note goes to the wallet.

        :param float amount: asked for, or None for all that is open
        :return: float in the currency of the credit note
        :raises UserError: when the amount is not possible
        """
        open_amount = self._get_wallet_refund_open()
        if self.currency_id.compare_amounts(open_amount, 0.0) <= 0:
            raise UserError(
                self.env._(
                    "%(document)s cannot be refunded to a wallet: only confirmed "
                    "customer credit notes with an open amount can.",
                    document=self.display_name,
                )
            )
        self.company_id._check_wallet_accounting()
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

    def _check_wallet_credit_paid(self, amount):
        """What a till has sold and taken back is not given back by the office as well.

        :param float amount: that goes to a wallet, in the currency of the document
        :raises UserError: so much is not left of what was paid
        """
        orders = self._filter_wallet_office_credits().reversed_entry_id.pos_order_ids
        if orders:
            orders._check_wallet_payments_left(
                amount, orders._get_wallet_payments_left()
            )

    def _check_wallet_credit_owner(self):
        """What goes into a wallet goes to the buyer, as at the till.

        :raises UserError: naming the buyer, and what to do
        """
        if not self._is_wallet_credit_of_another():
            return
        invoice = self._get_wallet_credited_invoice()
        raise UserError(
            self.env._(
                "%(customer)s bought what %(document)s credits: it does not go into "
                "the wallet of %(other)s. Reset the credit note to draft, choose "
                "%(customer)s as its customer, and confirm it again; then it can be "
                "refunded to the wallet.",
                customer=invoice._get_wallet_buyers()[:1].display_name,
                document=self.display_name,
                other=self.commercial_partner_id.display_name,
            )
        )

    # What is open and what was moved

    def _get_wallet_refund_open(self):
        """What is open on this confirmed credit note and can go to the wallet.

        :return: float in its currency
        """
        self.ensure_one()
        if self.move_type != "out_refund" or self.state != "posted":
            return 0.0
        lines = self.line_ids._get_wallet_open_credits()
        return self.currency_id.round(-sum(lines.mapped("amount_residual_currency")))

    # Kinds of money

    def _get_wallet_credited_invoice(self):
        """The invoice whose credit note this is, in sudo, or none."""
        return self.filtered(
            lambda move: move.move_type == "out_refund"
        ).reversed_entry_id.sudo()

    def _get_wallet_buyers(self):
        """
        :return: res.partner who have bought what these invoices are about: whose
            wallets have paid, or else whose invoices they are
        """
        documents = [*self, *self.sudo().pos_order_ids]
        parts = (document._get_wallet_parts().values() for document in documents)
        items = self.env["account.move.line"].sudo().union(*chain(*parts))
        payers = items._get_wallet_payers()
        owners = self._get_wallet_owner().commercial_partner_id
        return payers.with_env(self.env) or owners

    def _is_wallet_credit_of_another(self):
        """Whether this credit note is not the buyer's."""
        buyers = self._get_wallet_credited_invoice()._get_wallet_buyers()
        owner = self._get_wallet_owner().commercial_partner_id
        return bool(buyers) and owner not in buyers

    def _filter_wallet_office_credits(self):
        """The confirmed credit notes among these that no till has made, in sudo."""
        return self.sudo().filtered(
            lambda move: (
                move.move_type == "out_refund"
                and move.state == "posted"
                and not move.pos_order_ids
            )
        )

    def _get_wallet_paid_left(self, currency):
        """What may still be given back for this invoice: what has been paid of it, less
        what credit notes have given back.

        :return: float in `currency`
        """
        credit_notes = self.reversal_move_ids.filtered(lambda m: m.state == "posted")
        given_back = sum(
            move.amount_total - move.amount_residual for move in credit_notes
        )
        paid = self.currency_id._convert(
            self.amount_total - self.amount_residual - given_back,
            currency,
            self.company_id,
            self.invoice_date,
        )
        return currency.round(paid - self._get_wallet_discount_left(currency))

    def _get_wallet_return_limits(self, amount):
        """In which kinds of money this credit may come back, by its own documents.

        :param float amount: that comes back, in the currency of the document
        :return: tuple (float paid money, dict of float bonus by account.move.line that
            gave it)
        """
        self.ensure_one()
        invoice = self._get_wallet_credited_invoice()
        orders = (self.sudo() | invoice).pos_order_ids
        if self.move_type == "out_refund" and orders:
            return orders._get_wallet_return_limits(amount)
        bonuses = invoice._get_wallet_bonus_left(self.currency_id)
        if not bonuses:
            return amount, {}
        left = invoice._get_wallet_paid_left(self.currency_id)
        return self.currency_id.round(left - sum(bonuses.values())), bonuses

    # Early payment discounts

    def _get_wallet_discount_to_take_back(self, amount):
        """Which part of a refund was never paid: once all that was paid of the invoice
        has come back, the rest is the early payment discount, which is taken back.

        :param float amount: to be refunded, in the currency of the credit note
        :return: float in that currency
        """
        self.ensure_one()
        currency = self.currency_id
        invoice = self._get_wallet_credited_invoice()
        discount = invoice._get_wallet_discount_left(currency)
        if currency.compare_amounts(discount, 0.0) <= 0:
            return 0.0
        paid = max(invoice._get_wallet_paid_left(currency), 0.0)
        return currency.round(min(max(amount - paid, 0.0), discount))

    def _get_wallet_discount_left(self, currency):
        """The early payment discount that was granted on this invoice and that no
        refund has taken back.

        :return: float in `currency`
        """
        granted = self.line_ids._get_wallet_discounts()
        if granted.currency_id != currency:
            return 0.0
        taken_back = self.reversal_move_ids._get_wallet_items().filtered(
            lambda line: line._is_wallet_discount()
        )
        return currency.round(sum((granted | taken_back).mapped("amount_currency")))
