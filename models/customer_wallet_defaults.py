from odoo import SUPERUSER_ID, api, models
from odoo.tools import clean_context

# The value of context keys that only the server may set: no client can send it.
FROM_SERVER = object()


def without_wishes(records):
    """What is made with these has the defaults of its model and of the administrator:
    not those that a client sends along, nor those that a user has chosen, which count
    with sudo, too, and for fields that the user may not write.
    """
    context = clean_context(records.env.context)
    return records.with_context(context, wallet_without_wishes=FROM_SERVER)


class IrDefault(models.Model):
    _inherit = "ir.default"

    @api.model
    def _get_model_defaults(self, model_name, condition=False):
        defaults = self
        if self.env.context.get("wallet_without_wishes") is FROM_SERVER:
            defaults = self.with_company(self.env.company).with_user(SUPERUSER_ID)
        return super(IrDefault, defaults)._get_model_defaults(
            model_name, condition=condition
        )


class CustomerWalletDefaultsMixin(models.AbstractModel):
    """Records that nobody enters in a form: all that they are is said by who makes
    them.
    """

    _name = "customer.wallet.defaults.mixin"
    _description = "Nobody's Own Defaults"

    def _add_missing_default_values(self, values):
        model = without_wishes(self)
        model = super(CustomerWalletDefaultsMixin, model)
        return model._add_missing_default_values(values)
