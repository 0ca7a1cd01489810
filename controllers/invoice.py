from odoo.http import request

from odoo.addons.account_payment.controllers.portal import PortalAccount

from ..models.payment_provider import WALLET
from .wallet import find_monitored_transaction


class WalletInvoicePortal(PortalAccount):
    """Odoo's page of an invoice takes the wallet as any other way to pay, also for a
    part that the customer chooses. A share link shows the invoice to whom it was sent,
    and nothing of the wallet.
    """

    def _invoice_get_page_view_values(
        self, invoice, access_token, amount=None, wallet_part=None, **kwargs
    ):
        """
        :param str amount: that a payment link proposes; Odoo has checked it
        :param str wallet_part: what the customer wants to pay from the wallet, in the
            currency of the invoice
        """
        is_own = self._is_own_invoice(invoice) and invoice._has_to_be_paid()
        part = {}
        if is_own:
            # Odoo's payment form does nothing without it, also for who is logged in.
            access_token = access_token or invoice.sudo()._portal_ensure_token()
            part = self._get_wallet_part_of_invoice(invoice, wallet_part)
            amount = part.get("amount") or amount
        custom_amount = float(amount) if amount else None
        next_payment = invoice._get_invoice_next_payment_values(custom_amount)
        kwargs["wallet_amount"] = self._get_least_payment(next_payment)
        values = super()._invoice_get_page_view_values(
            invoice, access_token, amount=amount, **kwargs
        )
        values["wallet_part_form"] = part
        values["wallet_failure"] = is_own and self._find_wallet_failure(invoice)
        return values

    def _overdue_invoices_get_page_view_values(self, overdue_invoices, **kwargs):
        """Odoo asks for the totals, also of what a wallet has paid in part."""
        values = super()._overdue_invoices_get_page_view_values(
            overdue_invoices, **kwargs
        )
        if "payment" in values:
            due = sum(overdue_invoices.mapped("amount_residual"))
            due = values["payment"]["currency"].round(due)
            values["amount"] = values["payment"]["amount"] = due
        return values

    def _get_common_page_view_values(self, invoices_data, access_token=None, **kwargs):
        """The payment form needs to know whose invoices these are, and what is due."""
        kwargs["wallet_owner_id"] = invoices_data["partner"].id
        if not isinstance(kwargs.get("wallet_amount"), float):
            kwargs["wallet_amount"] = invoices_data["amount_residual"]
        return super()._get_common_page_view_values(
            invoices_data, access_token=access_token, **kwargs
        )

    def _is_own_invoice(self, invoice):
        """Whether the visitor is logged in as its customer, or a contact of theirs."""
        user = request.env.user
        if user._is_public():
            return False
        return (
            invoice.commercial_partner_id == user.partner_id.commercial_partner_id
            and request.env["account.move"].browse(invoice.id).has_access("read")
        )

    def _find_wallet_failure(self, invoice):
        """Why the wallet of the visitor has just paid nothing: Odoo's page of a payment
        leads here at once.

        :return: payment.transaction in sudo, none when nothing has failed
        """
        return find_monitored_transaction().filtered(
            lambda tx: (
                tx.provider_code == WALLET
                and tx.state == "error"
                and invoice in tx.invoice_ids
            )
        )

    def _get_least_payment(self, next_payment):
        """What Odoo's form lets the customer pay at least: an installment, what a link
        proposes, or all.

        :param dict next_payment: see `_get_invoice_next_payment_values`
        :return: float in the currency of the invoice, or None where nothing is due
        """
        due = next_payment.get("amount_due")
        if next_payment.get("installment_state") in ("next", "overdue"):
            return min(due, next_payment["next_amount_to_pay"])
        return due

    def _get_wallet_part_of_invoice(self, invoice, entered):
        """
        :param invoice: account.move of the visitor, in sudo
        :param str entered: see `_invoice_get_page_view_values`
        :return: dict, see `_get_wallet_part_values`
        """
        due = invoice._get_invoice_next_payment_values().get("amount_due") or 0.0
        part = request.env["payment.provider"]._get_wallet_part_values(
            invoice.company_id, invoice.currency_id, due, entered
        )
        if part:
            part["url"] = f"/my/invoices/{invoice.id}#portal_pay"
            part["params"] = {"payment": True}
        return part
