from odoo import api, fields, models

from odoo.addons.customer_wallet.models.payment_provider import WALLET


class PosPayment(models.Model):
    _inherit = "pos.payment"

    is_online_wallet = fields.Boolean(
        compute="_compute_is_online_wallet",
        help="The customer has paid this online, from the wallet.",
    )

    @api.depends("online_account_payment_id")
    def _compute_is_online_wallet(self):
        for payment in self:
            tx = payment.sudo().online_account_payment_id.payment_transaction_id
            payment.is_online_wallet = tx.provider_code == WALLET
