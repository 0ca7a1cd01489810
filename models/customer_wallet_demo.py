"""The demo data, which moves money: it is loaded once."""

from odoo import api, models
from odoo.tools.convert import convert_file

from .. import keepsake


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _load_demo(self):
        """Load the demo data, unless an earlier installation has left it."""
        if not keepsake.find_demo(self.env):
            convert_file(
                self.env,
                "customer_wallet",
                "demo/customer_wallet_demo_data.xml",
                {},
                mode="init",
                noupdate=True,
            )
