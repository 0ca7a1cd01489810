from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    wallet_account_id = fields.Many2one(
        related="company_id.wallet_account_id", readonly=False
    )
    wallet_journal_id = fields.Many2one(
        related="company_id.wallet_journal_id", readonly=False
    )
    wallet_payment_default = fields.Boolean(
        related="company_id.wallet_payment_default", readonly=False
    )
    wallet_online_top_up = fields.Boolean(
        related="company_id.wallet_online_top_up", readonly=False
    )
    wallet_top_up_amounts = fields.Char(
        related="company_id.wallet_top_up_amounts", readonly=False
    )
    wallet_mail_used = fields.Boolean(
        related="company_id.wallet_mail_used", readonly=False
    )
    wallet_mail_low_balance = fields.Boolean(
        related="company_id.wallet_mail_low_balance", readonly=False
    )
