"""Recurring charges: another program asks for the money, and the customer has allowed
it beforehand.
"""

from psycopg2 import OperationalError

from odoo import models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.http import request

from .payment_provider import WALLET


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _send_payment_request(self):
        if self.provider_code != WALLET:
            return super()._send_payment_request()
        if self.state in ("draft", "pending", "error"):
            self.with_company(self.company_id)._charge_wallet()
        return None

    def _charge_wallet(self):
        """Take the money, or say on the transaction why not."""
        try:
            self._try_with_wallet(self._pay_with_wallet_token)
        except (ConcurrencyError, OperationalError):
            if request:
                # Odoo tries again what somebody waits for.
                raise
            busy = self.env["customer.wallet"]._get_busy_message()
            self._set_error(busy, extra_allowed_states=("error",))

    def _pay_with_wallet_token(self):
        """At once, also where the company captures by hand: what is due is due.

        :raises UserError: the customer does not allow it, or the wallet does not hold
            it
        """
        token = self.token_id
        wallet = token.wallet_id
        is_of_token = self.operation == "offline" and token.provider_id == (
            self.provider_id
        )
        if not is_of_token or not token._is_wallet_chargeable():
            raise UserError(
                self.env._(
                    "%(customer)s does not allow recurring charges from this wallet. "
                    "Nothing was taken: choose another payment method, or ask the "
                    "customer to allow them in the portal.",
                    customer=self.partner_id.display_name,
                )
            )
        # Who stops it, or charges as well, in this very moment.
        if not token.try_lock_for_update(allow_referencing=True):
            raise ConcurrencyError(wallet._get_busy_message())
        wallet._lock()
        self._check_wallet_payer(wallet.partner_id)
        self._check_wallet_documents_due()
        shares = wallet._share(self.amount, self.currency_id, self.company_id)
        wallet._check_recurring_charge(sum(share for _wallet, share in shares))
        self._book_from_wallet()

    def _find_wallets(self):
        """A customer with several wallets has allowed it for one of them."""
        wallets = super()._find_wallets()
        if self.operation == "offline" and self.provider_code == WALLET:
            return wallets & self.sudo().token_id.wallet_id
        return wallets
