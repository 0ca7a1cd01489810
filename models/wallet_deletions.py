from functools import wraps

from odoo import api

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


def is_uninstalling(env):
    """Whether records go with their module or chart of accounts. Any client may send
    the context key; who may uninstall may delete.
    """
    user = env.user
    is_allowed = user._is_superuser() or user._is_system()
    return is_allowed and bool(env.context.get(MODULE_UNINSTALL_FLAG))


def refuses_deletion(check):
    """Decorate what `api.ondelete(at_uninstall=False)` would skip for any client that
    says it uninstalls.
    """

    @api.ondelete(at_uninstall=True)
    @wraps(check)
    def checked(self):
        if not is_uninstalling(self.env):
            check(self)

    return checked
