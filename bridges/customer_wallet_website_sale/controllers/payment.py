from odoo.http import request, route

from odoo.addons.website_sale.controllers.payment import PaymentPortal

from .main import CHOICE


class WalletPaymentPortal(PaymentPortal):
    """The rest of an order is paid otherwise, while the wallet holds its part."""

    @route()
    def shop_payment_transaction(self, order_id, access_token, **kwargs):
        """A new attempt to pay takes the place of those before.

        :param float amount: in `kwargs`, the rest, where the visitor uses the wallet
        """
        order = request.cart
        if order and order.id == order_id:
            order._release_wallet_parts()
            if part := self._find_wallet_part(order, **kwargs):
                request.update_context(wallet_part=part)
                kwargs["amount"] = order.amount_total
        return super().shop_payment_transaction(order_id, access_token, **kwargs)

    def _find_wallet_part(self, order, amount=None, provider_id=None, **_kwargs):
        """
        :param order: sale.order in sudo, the visitor's cart
        :param amount: that the page of the visitor says is to be paid otherwise
        :param provider_id: of what pays the rest; a promise, such as a bank transfer,
            is confirmed by nobody, so that the part would never be taken
        :return: float, what the wallet pays; zero if that is not the rest
        """
        provider = request.env["payment.provider"].sudo().browse(provider_id)
        if request.session.get(CHOICE) != order.id or not amount:
            return 0.0
        if provider.code == "custom":
            return 0.0
        part = order._get_wallet_part()
        is_rest = not order.currency_id.compare_amounts(
            amount, order.amount_total - part
        )
        return part if is_rest else 0.0

    def _create_transaction(self, *args, custom_create_values=None, **kwargs):
        """Hold the part of the wallet, and pay the rest."""
        custom_create_values = dict(custom_create_values or {})
        if part := request.env.context.get("wallet_part"):
            order = request.env["sale.order"].sudo().browse(kwargs["sale_order_id"])
            held = order._hold_wallet_part(
                order._find_part_provider(), request.env.user.partner_id, part
            )
            held._check_wallet_payer(held.provider_id._get_visitor_owner())
            custom_create_values["wallet_part_id"] = held.id
            kwargs["amount"] = order.currency_id.round(kwargs["amount"] - part)
        return super()._create_transaction(
            *args, custom_create_values=custom_create_values, **kwargs
        )
