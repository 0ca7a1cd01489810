"""What customers are told of a wallet payment, on paper and by email."""

from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _send_wallet_receipts(self):
        """Tell the customers by email what these top-ups brought, where the company
        wants that.
        """
        for payment in self.filtered(lambda payment: payment._needs_wallet_receipt()):
            self.env["customer.wallet"]._send_template(
                "customer_wallet.mail_template_wallet_top_up",
                payment,
                email_layout_xmlid="mail.mail_notification_light",
            )

    def _needs_wallet_receipt(self):
        self.ensure_one()
        return (
            self.is_wallet
            and self.payment_type == "inbound"
            and self.state in ("in_process", "paid")
            and self.company_id.sudo().wallet_top_up_receipt
            and bool(self._get_wallet_mail_partners())
        )

    def _get_wallet_mail_partners(self):
        """Who hears of this top-up: who paid it, or else who hears of the wallet."""
        if self.partner_id.email:
            return self.partner_id
        return self.sudo().wallet_id._get_mail_partners()

    def _get_payment_receipt_report_values(self):
        """What a wallet payment pays later is not on its receipt."""
        values = super()._get_payment_receipt_report_values()
        if self.is_wallet:
            values["display_invoices"] = False
        return values

    def _get_wallet_receipt(self):
        """What the receipt of this payment says of the wallet. What is printed later
        still says what was there after it, the email what is there now.

        :return: dict of floats in the currency of the payment: `amount`, `bonus`
            (what was given with it), `balance` (of the wallet now) and `balance_after`
            (after this payment, and its bonus); the date or False `expiry` of the
            bonus; and `is_moved`, whether it has put anything into a wallet or paid it
            out
        """
        self.ensure_one()
        amount = self.amount if self.is_wallet else self.sudo().wallet_kept
        entries = self.move_id
        entries |= self.env["customer.wallet"]._get_bonus_entries(self.move_id)
        movement = self.env["customer.wallet.movement"]._find_of(entries)[-1:]
        _promotion, bonus, expiry = self._get_wallet_bonus()
        return {
            "is_moved": bool(movement and amount),
            "amount": amount,
            "bonus": bonus,
            "expiry": expiry,
            "balance": movement.wallet_id.balance,
            "balance_after": movement.running_balance,
        }
