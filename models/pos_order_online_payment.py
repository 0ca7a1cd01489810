"""An order of a till that is paid online, and for the rest from a wallet."""

from odoo import api, models

from .customer_wallet import FROM_SERVER
from .wallet_refusals import attempt


class PosOrder(models.Model):
    _inherit = "pos.order"

    @api.model
    def sync_from_ui(self, orders):
        """Save the orders of a till, see `super`. A cashier is told what is refused."""
        model = self.with_context(wallet_cashier_is_told=FROM_SERVER)
        return super(PosOrder, model).sync_from_ui(orders)

    def _process_saved_order(self, draft):
        """The customer has paid the last part of the order online: that money is there,
        even if the wallet cannot pay its part any more. The order stays open then.
        """
        if draft or not self._is_wallet_left_by_online_payment():
            return super()._process_saved_order(draft)
        with attempt(self.env) as tried:
            result = super()._process_saved_order(draft)
        if not tried.reason:
            return result
        self._give_up_wallet_payments(tried.reason)
        return self.id

    def _is_wallet_left_by_online_payment(self):
        """Whether an online payment, and no cashier, says that this order is paid."""
        self.ensure_one()
        payments = self.payment_ids.sorted("id")
        return (
            "online_account_payment_id" in payments._fields
            and bool(payments[-1:].online_account_payment_id)
            and bool(self._get_wallet_payments()._filter_uncharged())
            and self.env.context.get("wallet_cashier_is_told") is not FROM_SERVER
        )

    def _give_up_wallet_payments(self, reason):
        """Wallets do not pay this order: what they would have paid is due.

        :param str reason: why they do not
        """
        # The till knows these payments, and changes or deletes them: they stay.
        self._get_wallet_payments()._filter_uncharged().amount = 0.0
        self.amount_paid = self._compute_amount_paid()
        self._message_log(
            body=self.env._("Not paid from the wallet: %(reason)s", reason=reason)
        )
        session = self.config_id.current_session_id
        self.config_id.notify_synchronisation(session.id, 0)
