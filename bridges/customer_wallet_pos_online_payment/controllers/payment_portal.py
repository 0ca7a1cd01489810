from odoo.http import request

from odoo.addons.customer_wallet.models.payment_provider import WALLET
from odoo.addons.pos_online_payment.controllers.payment_portal import PaymentPortal


class WalletPaymentPortal(PaymentPortal):
    """Where customers pay an order of a till: by the code that the till shows, or in
    self-order. Odoo has checked the access token before.
    """

    def _get_allowed_providers_sudo(self, pos_order_sudo, partner_id, amount_to_pay):
        """Odoo asks for providers without saying which order is paid."""
        providers = super()._get_allowed_providers_sudo(
            pos_order_sudo, partner_id, amount_to_pay
        )
        order = self._get_visited_order(pos_order_sudo.id)
        return providers | order._get_wallet_providers(amount_to_pay)

    def _render_pay(self, rendering_context):
        """Say why the wallet is not offered, to its owner."""
        amount = rendering_context.get("amount")
        if amount:
            order = self._get_visited_order(rendering_context["pos_order_id"])
            report = {}
            order._get_wallet_providers(amount, report)
            rendering_context["wallet_notice"] = report.get("wallet_notice")
        return super()._render_pay(rendering_context)

    def _create_transaction(self, *args, custom_create_values=None, **kwargs):
        """An order of nobody is paid from the wallet of the one who is logged in."""
        order_id = (custom_create_values or {}).get("pos_order_id")
        provider = (
            request.env["payment.provider"].sudo().browse(kwargs.get("provider_id"))
        )
        if order_id and provider.code == WALLET:
            order = self._get_visited_order(order_id)
            kwargs["partner_id"] = (order.partner_id or request.env.user.partner_id).id
        return super()._create_transaction(
            *args, custom_create_values=custom_create_values, **kwargs
        )

    def _get_visited_order(self, order_id):
        """
        :param int order_id: of a pos.order that the visitor may pay
        :return: pos.order in sudo of the visitor, whom Odoo replaces by its superuser
        """
        return request.env["pos.order"].sudo().browse(order_id)
