"""What other apps expect of the orders of a till."""

from odoo import api, models


class PosOrder(models.Model):
    _inherit = "pos.order"

    @api.model
    def sync_from_ui(self, orders):
        """See `super`. Apps go through the orders of the answer: where all have been
        refused there are none, and that is said.
        """
        result = super().sync_from_ui(orders)
        result.setdefault("pos.order", [])
        return result
