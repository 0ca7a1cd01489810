import math

from odoo import api, models
from odoo.exceptions import UserError

from .wallet_amounts import EXACT_DIGITS


class CustomerWalletAmountMixin(models.AbstractModel):
    """What people type or clients send as an amount is refused in words when it is not
    a number, before Odoo rounds it.
    """

    _name = "customer.wallet.amount.mixin"
    _description = "Amounts That Clients Send"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_wallet_numbers(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_wallet_numbers(vals)
        return super().write(vals)

    @api.model
    def _check_wallet_numbers(self, vals):
        """
        :raises UserError: an amount is not a number that is kept exactly
        """
        for name, value in vals.items():
            field = self._fields.get(name)
            if field and field.type in ("monetary", "float") and not _is_number(value):
                raise UserError(self.env._("Enter a valid amount."))


def _is_number(value):
    if value is None or value is False:
        return True
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and abs(value) < 10**EXACT_DIGITS
