"""Orders on account: *Pay Later* invoices by itself."""

from odoo import models
from odoo.exceptions import UserError


class PosOrder(models.Model):
    _inherit = "pos.order"

    def _prepare_auto_invoice(self, draft):
        """Have this order invoiced when a payment method wants so.

        :return: bool, whether it is invoiced although the cashier did not press
            Invoice
        :raise UserError: when there is no customer to send the invoice to
        """
        if draft or self.state == "cancel" or not self._get_auto_invoice_payments():
            return False
        self._check_auto_invoice_customer()
        if self.to_invoice:
            return False
        self.to_invoice = True
        return True

    def _get_auto_invoice_payments(self):
        """Return the payments for which this order is invoiced without asking.

        :rtype: recordset of ``pos.payment``
        """
        return self.payment_ids.filtered(
            lambda payment: (
                payment.payment_method_id.type == "pay_later"
                and payment.payment_method_id.auto_invoice
                and not payment.currency_id.is_zero(payment.amount)
            )
        )

    def _check_auto_invoice_customer(self):
        """Refuse an order that is to be invoiced but has no customer.

        :raise UserError: when there is no customer to send the invoice to
        """
        self.ensure_one()
        if not self.partner_id:
            method = self._get_auto_invoice_payments().payment_method_id[:1]
            raise UserError(
                self.env._("Customer is required for %s payment method.", method.name)
            )

    def _invoice_orders_changed_to_pay_later(self):
        """Invoice the paid orders whose payment was changed to *Pay Later* since.

        An order that is just being processed has no name yet: it is left to
        ``_process_saved_order``.
        """
        for order in self:
            if (
                order.state == "paid"
                and order.name != "/"
                and not order.account_move
                and order._get_auto_invoice_payments()
            ):
                order._check_auto_invoice_customer()
                order.with_context(generate_pdf=False).action_pos_order_invoice()
                order._send_auto_invoice()

    def _send_auto_invoice(self):
        """Leave printing and sending the invoice to core's scheduled action.

        Core does both while the till waits, because the cashier pressed Invoice.
        Here nobody waits for the document, and an order on account is not refused
        because it cannot be printed.
        """
        self.ensure_one()
        cron = self.env.ref(
            "account.ir_cron_account_move_send", raise_if_not_found=False
        )
        wanted = self.env.context.get("generate_pdf", True)
        if not wanted or not cron or not cron.sudo().active:
            return
        self.account_move.sudo().sending_data = {
            "author_user_id": self.env.user.id,
            "author_partner_id": self.env.user.partner_id.id,
        }
        cron._trigger()
