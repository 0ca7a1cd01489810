from odoo import api, models
from odoo.exceptions import AccessError

from .customer_wallet import FROM_SERVER


class CustomerWalletProtectedMixin(models.AbstractModel):
    """What a record is to a wallet follows from how it was made: neither a client nor a
    default of somebody's own says so.
    """

    _name = "customer.wallet.protected.mixin"
    _description = "Fields That Only the Ledger Writes"

    _wallet_protected_fields = frozenset()

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        for name in self._wallet_protected_fields:
            values.pop(name, None)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_wallet_fields_untouched(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_wallet_fields_untouched(vals)
        return super().write(vals)

    def _check_wallet_fields_untouched(self, fnames):
        if self.env.context.get("wallet_booking") is FROM_SERVER:
            return
        if not self._wallet_protected_fields.isdisjoint(fnames):
            raise AccessError(self._get_wallet_protected_message())

    def _get_wallet_protected_message(self):
        """What is said to who tries it."""
        raise NotImplementedError
