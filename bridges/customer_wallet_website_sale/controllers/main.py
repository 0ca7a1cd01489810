from odoo.http import request, route

from odoo.addons.website_sale.controllers.main import WebsiteSale

# Of the session: for which order the visitor wants to use the wallet.
CHOICE = "wallet_part_order_id"


class WalletShop(WebsiteSale):
    def _get_shop_payment_values(self, order, **kwargs):
        """Who comes back to this page has left that of the provider."""
        order._release_wallet_parts()
        values = super()._get_shop_payment_values(order, **kwargs)
        part = order._get_wallet_part()
        if not part:
            return values
        rest = order.currency_id.round(order.amount_total - part)
        is_used = request.session.get(CHOICE) == order.id
        text = request.env._(
            "Use %(amount)s from your wallet, pay the rest of %(rest)s with:",
            amount=order.currency_id.format(part),
            rest=order.currency_id.format(rest),
        )
        values["wallet_part"] = {"text": text, "is_used": is_used}
        if is_used:
            values["amount"] = rest
            # Nobody confirms a promise to pay the rest: the part would not be taken.
            values["providers_sudo"] = values["providers_sudo"].filtered(
                lambda provider: provider.code != "custom"
            )
            values["payment_methods_sudo"] = values["payment_methods_sudo"].filtered(
                lambda method: method.provider_ids & values["providers_sudo"]
            )
            values["availability_report"].pop("wallet_notice", None)
        return values

    @route(
        "/shop/payment/wallet",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def shop_use_wallet(self, use=None, **_kwargs):
        """Choose whether the wallet pays its part of the cart.

        :param str use: anything if it does
        """
        request.session[CHOICE] = request.cart.id if use else None
        return request.redirect("/shop/payment")
