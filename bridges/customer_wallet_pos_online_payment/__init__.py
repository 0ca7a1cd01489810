from odoo.tools.sql import drop_index

from . import controllers, models


def uninstall_hook(env):
    """The field is another module's and stays; the index on it was ours."""
    index = "payment_transaction__pos_order_id_index"
    drop_index(env.cr, index, "payment_transaction")
