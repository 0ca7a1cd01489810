import uuid

from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from odoo.addons.account_payment.controllers.portal import PortalAccount

from ..models.wallet_amounts import read_amount


class WalletInvoicePortal(PortalAccount):
    """Pay an invoice from the wallet, on its portal page. A share link shows the
    invoice to whom it was sent, and nothing of the wallet.
    """

    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        if not access_token and self._is_own_invoice(invoice):
            # Odoo's payment form does nothing without it, also for who is logged in.
            access_token = invoice.sudo()._portal_ensure_token()
        values = super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        if self._is_own_invoice(invoice):
            values["wallet"] = self._prepare_wallet_payment_values(invoice)
            values["wallet_message"] = request.session.pop("wallet_message", None)
        return values

    def _get_common_page_view_values(self, invoices_data, access_token=None, **kwargs):
        """The payment form needs to know whose invoices these are, and what is due."""
        kwargs.update(
            wallet_owner_id=invoices_data["partner"].id,
            wallet_amount=invoices_data["amount_residual"],
        )
        return super()._get_common_page_view_values(
            invoices_data, access_token=access_token, **kwargs
        )

    @route(
        "/my/invoices/<int:invoice_id>/wallet",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_pay_invoice_from_wallet(
        self, invoice_id, amount=None, due=None, request_key=None, **_kwargs
    ):
        """Pay the invoice, whole or a part of it.

        :param int invoice_id: account.move
        :param str amount: to pay, in the currency of the invoice
        :param str due: what was due on the page that the visitor has confirmed; a
            page that is no longer true pays nothing
        :param str request_key: by which a second click is known: it gets the answer of
            the first
        """
        try:
            self._document_check_access("account.move", invoice_id)
        except (AccessError, MissingError) as error:
            raise NotFound() from error
        # With the visitor's name on the entry, but the right to make it.
        invoice = request.env["account.move"].browse(invoice_id).sudo()
        if not self._is_own_invoice(invoice):
            raise NotFound()
        level, text = "success", ""
        try:
            with request.env.cr.savepoint():
                text = self._pay_from_wallet_once(invoice, amount, due, request_key)
        except UserError as error:
            level, text = "danger", str(error)
        request.session["wallet_message"] = {"level": level, "text": text}
        return request.redirect(f"/my/invoices/{invoice.id}")

    def _is_own_invoice(self, invoice):
        """Whether the visitor is logged in as its customer, or a contact of theirs."""
        user = request.env.user
        if user._is_public():
            return False
        return (
            invoice.commercial_partner_id == user.partner_id.commercial_partner_id
            and request.env["account.move"].browse(invoice.id).has_access("read")
        )

    def _pay_from_wallet_once(self, invoice, amount, due, request_key):
        def pay():
            return self._pay_from_wallet(invoice, amount, due)

        if not request_key:
            return pay()
        return request.env["customer.wallet.request"]._answer_once(
            ("portal", invoice.id, amount, due, request_key), pay
        )

    def _pay_from_wallet(self, invoice, amount, due):
        """
        :return: str, what was done
        :raises UserError: what was confirmed is no longer so, or cannot be done
        """
        currency = invoice.currency_id
        amount = read_amount(request.env, amount, currency, text=True)
        due = read_amount(request.env, due, currency, zero=True, text=True)
        if currency.compare_amounts(due, invoice.amount_residual):
            raise UserError(
                request.env._(
                    "%(due)s is due on this invoice now. Nothing was paid: please look "
                    "again and confirm.",
                    due=currency.format(invoice.amount_residual),
                )
            )
        if self._has_pending_payment(invoice):
            raise UserError(
                request.env._(
                    "An online payment of this invoice is being processed. Nothing was "
                    "paid from the wallet."
                )
            )
        invoice.with_company(invoice.company_id)._allocate_wallet({invoice: amount})
        return request.env._(
            "%(amount)s was paid from your wallet.", amount=currency.format(amount)
        )

    def _has_pending_payment(self, invoice):
        """As on Odoo's own button: what is on its way is not paid a second time."""
        return any(
            tx.state in ("pending", "authorized")
            and tx.provider_code not in ("none", "custom")
            for tx in invoice.sudo().transaction_ids
        )

    def _prepare_wallet_payment_values(self, invoice):
        """What the page says of the wallet, in the currency of the invoice.

        :return: dict of `balance`, `available`, `residual`, `allocatable`, `discount`,
            `can_allocate`, `frozen`, `wallet_count`, `request_key` and `missing` (what
            the wallet cannot pay); None when there is nothing to pay
        """
        invoice = invoice.sudo()
        if not invoice._is_wallet_payable() or self._has_pending_payment(invoice):
            return None
        amounts = invoice._get_wallet_widget_amounts(is_open=True)
        wallets = invoice._find_wallets()
        currency = invoice.currency_id
        return {
            **amounts,
            "request_key": str(uuid.uuid4()),
            "balance": wallets._get_balance_in(currency, invoice.company_id),
            "frozen": "frozen" in wallets.mapped("state"),
            "wallet_count": len(wallets._get_rows_in(currency, invoice.company_id)),
            "missing": currency.round(
                max(
                    amounts["residual"] - amounts["discount"] - amounts["available"],
                    0.0,
                )
            ),
        }
