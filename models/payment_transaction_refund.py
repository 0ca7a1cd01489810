"""What comes back of what wallets have paid online, and the invoices that find it."""

from odoo import api, models

from .account_move import PAYABLE_TYPES
from .payment_provider import WALLET


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # Refunds

    def _send_refund_request(self):
        if self.provider_code != WALLET:
            return super()._send_refund_request()
        return self._try_with_wallet(self._book_from_wallet)

    def _book_wallet_refund(self):
        """What comes back is what was spent, kind by kind.

        :return: account.move
        """
        source, amount = self.source_transaction_id, -self.amount
        source._check_wallet_refundable(amount)
        spent = source._get_wallet_items()
        receivables = spent._filter_wallet_receivables()
        left = source._get_wallet_refundable()
        bonuses = source._get_wallet_bonus_left(self.currency_id)
        Wallet = self.env["customer.wallet"]
        wallet = Wallet._find_or_create(
            self._get_wallet_owner(), self.company_id, self.currency_id
        )
        parts = wallet._split_return(
            amount, left - sum(bonuses.values()), bonuses, self.company_id
        )
        label = self.env._("Refunded to the wallet: %s", source.reference)
        given = wallet._prepare_giving_vals(parts, label)
        reference = source._prepare_wallet_reference_vals()
        receivable = self._prepare_wallet_receivable_vals(
            amount, -sum(vals["balance"] for vals in given)
        )
        receivable.update(name=label, account_id=receivables[:1].account_id.id)
        items = [({**vals, **reference}, spent.browse()) for vals in given]
        open_credits = source._get_wallet_credits_to_refund(receivables)
        items.append(({**receivable, **reference}, open_credits))
        return Wallet._book(
            "refund",
            items,
            self.company_id,
            ref=self.reference,
            partner_id=self._get_wallet_owner().id,
            currency_id=self.currency_id.id,
        )

    def _get_amount_refundable(self):
        """Whatever its payment says, which is written by those who enter payments."""
        amount = super()._get_amount_refundable()
        if self.provider_code != WALLET:
            return amount
        return min(amount, self._get_wallet_refundable())

    def _get_wallet_credits_to_refund(self, receivables):
        """What no invoice has used, and what was credited and not yet given back.

        :param receivables: account.move.line of what this payment has brought
        """
        credited = self._get_wallet_invoices().reversal_move_ids.filtered(
            lambda move: move.state == "posted" and move.currency_id == self.currency_id
        )
        lines = (receivables | credited.line_ids)._get_wallet_open_credits()
        account = receivables[:1].account_id
        return lines.filtered(lambda line: line.account_id == account)

    def _get_wallet_refundable(self):
        """What may be given back of this payment: what was not yet, what credit notes
        of the invoices that it has paid have not given back either, and no more than
        wallets have spent on all of it.

        :return: float in the currency of the transaction
        """
        left = self.amount - self._get_wallet_refunded_amount()
        invoices = self._get_wallet_invoices().filtered(
            lambda move: move.state == "posted" and move.move_type in PAYABLE_TYPES
        )
        own = self.payment_id.move_id.line_ids._get_wallet_open_receivables()
        on_invoices = sum(
            invoice._get_wallet_paid_left(self.currency_id) for invoice in invoices
        )
        unused = -sum(own.mapped("amount_residual_currency"))
        left = min(left, on_invoices + unused, self._get_wallet_spent_left())
        return self.currency_id.round(max(left, 0.0))

    def _get_wallet_spent_left(self):
        """What wallets have spent on what this pays, and have not got back, whichever
        payment or credit note gave it.

        :return: float in the currency of the transaction
        """
        return -sum(
            item.currency_id._convert(
                item.amount_currency, self.currency_id, item.company_id, item.date
            )
            for item in self._get_wallet_family_items()._filter_wallet_receivables()
        )

    # Invoices of what was paid before

    @api.model
    def _match_wallet_payments(self, moves):
        """An order was paid before it was invoiced, or a payment refunded before its
        invoice was credited. Odoo only looks for payments that wait for a bank
        statement, which a wallet's never does.

        :param moves: account.move, just posted
        """
        for move in moves.filtered(lambda move: move.is_sale_document(True)).sudo():
            sign = -1 if move.move_type == "out_refund" else 1
            invoice = move.reversed_entry_id if sign < 0 else move
            paid = self._find_wallet_transactions(invoice)
            for line in paid._get_wallet_open_items():
                is_other_side = line.amount_residual * sign < 0.0
                if is_other_side and move.amount_residual and not line.reconciled:
                    move.js_assign_outstanding_line(line.id)

    def _get_wallet_open_credits(self):
        """The receivable items of these payments that no invoice has used up."""
        return self._get_wallet_open_items()._get_wallet_open_credits()

    def _get_wallet_open_items(self):
        """What is open on the receivable of what wallets paid and got back."""
        paid = (self | self._get_wallet_captures()).filtered(
            lambda tx: tx.provider_code == WALLET
        )
        moved = (paid | paid.child_transaction_ids).filtered(
            lambda tx: tx.payment_id and tx.state != "cancel"
        )
        return moved.payment_id.move_id.line_ids._get_wallet_open_receivables()
