from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.wallet_amounts import read_amount
from .wallet import WalletPortal


class WalletRecurringPortal(WalletPortal):
    """Let the wallet pay recurring charges, or not any more. Whose wallet it is follows
    from the login.
    """

    @route(
        "/my/wallet/recurring",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_wallet_recurring(
        self, wallet_id=None, amount=None, consent=None, **_kwargs
    ):
        """
        :param str wallet_id: customer.wallet of the visitor
        :param str amount: at most in a calendar month, in the wallet's currency
        :param str consent: anything, when the visitor has ticked the text
        """
        wallet = self._get_own_wallet(wallet_id)
        with self._telling(request.env._("Saved.")):
            if not consent:
                raise UserError(
                    request.env._("Tick the box to allow recurring charges.")
                )
            wallet._allow_recurring_charges(
                read_amount(request.env, amount, wallet.currency_id, text=True)
            )
        return self._back_to(wallet)

    @route(
        "/my/wallet/recurring/stop",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_wallet_recurring_stop(self, wallet_id=None, **_kwargs):
        """
        :param str wallet_id: customer.wallet of the visitor
        """
        wallet = self._get_own_wallet(wallet_id)
        with self._telling(request.env._("Recurring charges are no longer allowed.")):
            wallet._stop_recurring_charges()
        return self._back_to(wallet)

    def _prepare_recurring_values(self, wallet):
        if not wallet or not (
            wallet.recurring_limit or wallet._find_recurring_provider()
        ):
            return None
        return {
            "is_allowed": bool(wallet.recurring_limit),
            "consent": wallet._get_recurring_consent(),
        }
