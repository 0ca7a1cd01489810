from werkzeug.exceptions import NotFound

from odoo.http import Controller, request, route

from ..models.payment_provider import WALLET


class WalletProvider(Controller):
    """Where the payment form sends who pays with the wallet."""

    @route("/payment/wallet/pay", type="http", auth="user", methods=["POST"])
    def wallet_pay(self, reference=None, **_kwargs):
        """Take the money now. Who pays, and what, is read on the server.

        :param str reference: of the payment.transaction
        :raises NotFound: it is not the visitor's
        """
        tx = (
            request.env["payment.transaction"]
            .sudo()
            .search([("reference", "=", reference), ("provider_code", "=", WALLET)])
        )
        owner = request.env["payment.provider"]._get_visitor_owner()
        if not tx or tx.partner_id.commercial_partner_id != owner:
            raise NotFound()
        tx._process(WALLET, {})
        return request.redirect("/payment/status")
