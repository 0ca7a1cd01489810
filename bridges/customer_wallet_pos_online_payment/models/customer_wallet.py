from odoo import api, models
from odoo.tools import SQL


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _get_goods_kept_conditions(self):
        """What was paid online has an entry of its own; the one by which a till brings
        it to the invoice of the order pays nothing more.
        """
        return [
            *super()._get_goods_kept_conditions(),
            SQL(
                """
                NOT EXISTS (
                    SELECT FROM pos_payment
                     WHERE pos_payment.account_move_id = move.id
                       AND pos_payment.online_account_payment_id IS NOT NULL)
                """
            ),
        ]
