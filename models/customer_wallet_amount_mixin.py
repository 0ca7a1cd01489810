from odoo import api, models

from .wallet_amounts import check_numbers


class CustomerWalletAmountMixin(models.AbstractModel):
    """What people type or clients send as an amount is refused in words when it is not
    a number, before Odoo rounds it.
    """

    _name = "customer.wallet.amount.mixin"
    _description = "Amounts That Clients Send"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_numbers(self, vals)
        return super().create(vals_list)

    def write(self, vals):
        check_numbers(self, vals)
        return super().write(vals)
