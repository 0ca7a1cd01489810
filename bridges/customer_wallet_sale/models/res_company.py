from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    wallet_give_back_cancelled = fields.Boolean(
        string="Give Back Automatically When an Order Is Cancelled",
        default=True,
        help="What a wallet paid online for an order goes back to the wallet when the "
        "order is cancelled, as far as no invoice has used it.",
    )

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "wallet_give_back_cancelled",
        ]
