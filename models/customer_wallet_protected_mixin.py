from odoo import api, models
from odoo.exceptions import AccessError

from .customer_wallet_defaults import FROM_SERVER


class CustomerWalletProtectedMixin(models.AbstractModel):
    """What a record is to a wallet follows from how it was made: neither a client nor a
    default of somebody's own says so.
    """

    _name = "customer.wallet.protected.mixin"
    _description = "Fields That Only the Ledger Writes"

    # None: all of them.
    _wallet_protected_fields = frozenset()
    _wallet_server_key = "wallet_booking"

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        for name in self._wallet_protected_fields or ():
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
        if self.env.context.get(self._wallet_server_key) is FROM_SERVER:
            return
        protected = self._wallet_protected_fields
        if protected is None or not protected.isdisjoint(fnames):
            raise AccessError(self._get_wallet_protected_message())

    def _from_server(self):
        return self.sudo().with_context(**{self._wallet_server_key: FROM_SERVER})

    def _get_wallet_protected_message(self):
        """What is said to who tries it."""
        raise NotImplementedError
