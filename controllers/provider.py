from odoo.http import Controller, request, route


class WalletProvider(Controller):
    """Where the payment form sends who pays with the wallet."""

    @route("/payment/wallet/pay", type="http", auth="user", methods=["POST"])
    def wallet_pay(self, reference=None, **_kwargs):
        """Take the money now. Who pays, and what, is read on the server.

        :param str reference: of the payment.transaction
        """
        request.env["payment.transaction"].sudo()._process(
            "wallet", {"reference": reference}
        )
        return request.redirect("/payment/status")
