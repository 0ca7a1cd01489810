from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.customer_wallet.models.payment_provider import WALLET
from odoo.addons.customer_wallet.models.wallet_refusals import attempt

# The time for paying the rest, on the page of the provider.
MINUTES_FOR_THE_REST = 60


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    wallet_part_id = fields.Many2one(
        "payment.transaction",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What the customer's wallet pays of the same order: it is held until this "
        "payment is confirmed, and then both are taken.",
    )

    @api.model
    def _get_wallet_server_fields(self):
        return super()._get_wallet_server_fields() | {"wallet_part_id"}

    def _update_state(self, allowed_states, target_state, state_message):
        changed = super()._update_state(allowed_states, target_state, state_message)
        for tx in changed.filtered("wallet_part_id"):
            if tx.state in ("cancel", "error"):
                tx.wallet_part_id._release_wallet_parts()
                tx.wallet_part_id._void_wallet_parts()
            elif tx.state == "pending":
                tx.wallet_part_id._get_wallet_holds()._extend()
            elif tx.state in ("authorized", "done"):
                tx._take_wallet_part()
        return changed

    def _take_wallet_part(self):
        """Take what is held together with this payment, or the same amount again if it
        is held no more: of what is still due. The payment stands, whatever becomes of
        it.
        """
        if self._is_wallet_part_taken():
            return
        with attempt(self.env) as tried:
            if part := self._find_wallet_part():
                self.sudo().wallet_part_id = part
                part._take_with_rest(self.state)
        if tried.reason:
            self.wallet_part_id._release_wallet_parts()
            message = self._get_wallet_part_message(tried.reason)
            self._log_message_on_linked_documents(message)

    def _get_wallet_part_message(self, reason):
        """
        :param str reason: why nothing was taken from the wallet
        """
        message = self.env._(
            "%(payment)s was paid, but not the part of it that the wallet of "
            "%(customer)s was to pay. %(reason)s",
            payment=self.reference,
            customer=self.partner_id.display_name,
            reason=reason,
        )
        due = self.wallet_part_id._get_wallet_documents_due()
        if self.currency_id.is_zero(due):
            return message
        asked = self.env._(
            "%(amount)s is still due: ask the customer for it.",
            amount=self.currency_id.format(due),
        )
        return f"{message} {asked}"

    def _is_wallet_part_taken(self):
        """Whether the part is as far as this payment, or is captured by hand: who
        captures an amount in Odoo chooses there what of it is the wallet's.
        """
        part = self.wallet_part_id
        is_by_hand = part.provider_id.capture_manually or self._get_wallet_captures()
        is_far_enough = self.state != "done" or is_by_hand
        return part.state == "done" or (part.state == "authorized" and is_far_enough)

    def _find_wallet_part(self):
        """
        :return: payment.transaction that holds what the wallet pays besides, none
            where nothing is due any more
        :raises UserError: the wallet does not hold it any more
        """
        part = self.wallet_part_id
        # What is authorized counts as paid.
        if part.state == "authorized":
            return part
        due = min(part.amount, part._get_wallet_documents_due())
        is_due = not part.currency_id.compare_amounts(due, part.amount)
        if is_due and part.state == "draft" and part._get_wallet_holds():
            return part
        order = self.sale_order_ids
        order._release_wallet_parts()
        if part.currency_id.compare_amounts(due, 0.0) <= 0:
            return part.browse()
        return order._hold_wallet_part(part.provider_id, part.partner_id, due)

    def _take_with_rest(self, state):
        """Only authorize it, where one of both is captured by hand.

        :param str state: of the payment of the rest, `authorized` or `done`
        :raises UserError: it cannot be booked
        """
        self._get_wallet_holds()._extend()
        self._set_authorized()
        if state == "done" and not self.provider_id.capture_manually:
            capture = self._capture(self._get_wallet_authorized())
            if capture.state != "done":
                raise UserError(capture.state_message)
        # The payment of the rest confirms and invoices the order.
        self.is_post_processed = True

    def _release_wallet_parts(self):
        """What waits for the payment of the rest is free again. Doing it again changes
        nothing.
        """
        for tx in self.filtered(
            lambda tx: tx.provider_code == WALLET and tx.state == "draft"
        ):
            if holds := tx._get_wallet_holds():
                holds._release()
                tx._set_canceled()

    def _void_wallet_parts(self):
        """What waits to be captured has nothing to be captured with."""
        for tx in self.filtered(lambda tx: tx.state == "authorized"):
            tx._void(amount_to_void=tx._get_wallet_authorized())
