import math

from odoo.http import request

from odoo.addons.sale.controllers.portal import CustomerPortal


class WalletQuotationPortal(CustomerPortal):
    """Odoo's page of a quotation takes parts, from the wallet and otherwise, and asks
    for no more than what is left.
    """

    def _get_payment_values(
        self, order_sudo, is_down_payment=False, payment_amount=None, **kwargs
    ):
        left = order_sudo._get_amount_left()
        part = {}
        if self._is_own_quotation(order_sudo):
            part = self._get_wallet_part_of_order(order_sudo, left)
        if payment_amount and not math.isfinite(payment_amount):
            payment_amount = None
        payment_amount = payment_amount and min(payment_amount, left)
        # Odoo would ask for the total again, whatever was paid before.
        asked = left
        if is_down_payment or order_sudo.state == "sale":
            asked = payment_amount
        asked = part.get("amount") or asked
        if asked:
            compare = order_sudo.currency_id.compare_amounts
            is_down_payment = compare(asked, order_sudo.amount_total) < 0
        values = super()._get_payment_values(
            order_sudo,
            is_down_payment=is_down_payment,
            payment_amount=asked,
            **kwargs,
        )
        return {**values, "payment_amount": payment_amount, "wallet_part_form": part}

    def _is_own_quotation(self, order_sudo):
        """Whether the visitor is logged in as its customer, or a contact of theirs."""
        owner = request.env["payment.provider"]._get_visitor_owner()
        return owner == order_sudo.partner_id.commercial_partner_id

    def _get_wallet_part_of_order(self, order_sudo, left):
        """
        :param order_sudo: sale.order of the visitor
        :param float left: what is to be paid, in its currency
        :return: dict, see `_get_wallet_part_values` of payment.provider
        """
        part = request.env["payment.provider"]._get_wallet_part_values(
            order_sudo.company_id,
            order_sudo.currency_id,
            left,
            request.params.get("wallet_part"),
        )
        if part:
            part["url"] = f"/my/orders/{order_sudo.id}"
            part["params"] = {
                "access_token": order_sudo._portal_ensure_token(),
                # Odoo opens the dialog by it.
                "amount_selection": "full_amount",
            }
        return part
