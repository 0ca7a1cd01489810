from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    wallet_give_back_cancelled = fields.Boolean(
        related="company_id.wallet_give_back_cancelled", readonly=False
    )
