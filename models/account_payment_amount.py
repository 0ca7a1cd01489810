"""What goes into a wallet or out of it by a payment is kept exactly."""

from odoo import api, models

from .wallet_amounts import check_exact, check_numbers


class AccountPayment(models.Model):
    _inherit = "account.payment"

    @api.constrains("amount", "currency_id", "is_wallet")
    def _check_wallet_amount(self):
        for payment in self.filtered("is_wallet"):
            check_exact(self.env, payment.amount, payment.currency_id)

    @api.model_create_multi
    def create(self, vals_list):
        is_wallet = self.default_get(["is_wallet"]).get("is_wallet")
        for vals in vals_list:
            if vals.get("is_wallet", is_wallet):
                check_numbers(self, vals)
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("is_wallet") or self.filtered("is_wallet"):
            check_numbers(self, vals)
        return super().write(vals)
