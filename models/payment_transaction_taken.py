"""Whose money an online payment of a wallet has taken, and that this stays as it is."""

from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .payment_provider import WALLET

# Fields that say what is taken from whom: once it is held or taken, the server's only.
TAKEN_FIELDS = (
    "amount",
    "currency_id",
    "operation",
    "partner_id",
    "payment_id",
    "provider_id",
    "source_transaction_id",
    "token_id",
)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def write(self, vals):
        if not self.env.su and not set(TAKEN_FIELDS).isdisjoint(vals):
            self._check_wallet_not_taken()
        return super().write(vals)

    def _check_wallet_not_taken(self):
        """
        :raises AccessError: naming the payment that is held in a wallet, or was taken
        """
        for tx in self.sudo().filtered(lambda tx: tx.provider_code == WALLET):
            is_taken = tx.state in ("authorized", "done") or tx.payment_id
            if is_taken or tx._get_wallet_holds():
                raise AccessError(
                    self.env._(
                        "%(payment)s is held in the wallet of %(customer)s, or has "
                        "been taken from it: neither its amount nor whom it is from "
                        "is changed any more. Void or refund it instead.",
                        payment=tx.reference,
                        customer=tx._get_wallet_owner().display_name,
                    )
                )

    def _get_wallet_owner(self):
        """Whose wallet has paid, or has promised to: a contact who pays for a company
        may leave it afterwards.
        """
        origin = self.sudo()
        origin |= origin.source_transaction_id
        wallets = origin._get_wallet_items().wallet_id
        wallets = wallets or origin._get_wallet_promises().wallet_id
        owner = wallets.partner_id[:1].with_env(self.env)
        return owner or super()._get_wallet_owner()

    def _get_wallet_promises(self):
        """
        :return: customer.wallet.hold in sudo, what is held for these payments, or is
            just being booked
        """
        being_booked = Domain("state", "=", "taken") & Domain("move_id", "=", False)
        return (
            self.env["customer.wallet.hold"]
            .sudo()
            .search(
                Domain("document_model", "=", self._name)
                & Domain("document_id", "in", self.ids)
                & (Domain("state", "=", "held") | being_booked)
            )
        )
