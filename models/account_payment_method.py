from odoo import api, models

from .payment_provider import WALLET


class AccountPaymentMethod(models.Model):
    _inherit = "account.payment.method"

    @api.model
    def _get_payment_method_information(self):
        """What wallets pay is no money of a bank: it is booked in a general journal."""
        result = super()._get_payment_method_information()
        result[WALLET] = {**result[WALLET], "type": ("general",)}
        return result
