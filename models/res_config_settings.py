from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    wallet_account_id = fields.Many2one(
        related="company_id.wallet_account_id", readonly=False
    )
    wallet_bonus_account_id = fields.Many2one(
        related="company_id.wallet_bonus_account_id", readonly=False
    )
    wallet_promotion_account_id = fields.Many2one(
        related="company_id.wallet_promotion_account_id", readonly=False
    )
    wallet_journal_id = fields.Many2one(
        related="company_id.wallet_journal_id", readonly=False
    )
    wallet_time_zone = fields.Selection(
        related="company_id.wallet_time_zone", readonly=False
    )
    wallet_payment_default = fields.Boolean(
        related="company_id.wallet_payment_default", readonly=False
    )
    wallet_top_up_receipt = fields.Boolean(
        related="company_id.wallet_top_up_receipt", readonly=False
    )
    wallet_auto_allocate = fields.Boolean(
        related="company_id.wallet_auto_allocate", readonly=False
    )
    wallet_auto_allocate_incoming = fields.Boolean(
        related="company_id.wallet_auto_allocate_incoming", readonly=False
    )
    wallet_expiry_reminder = fields.Boolean(
        related="company_id.wallet_expiry_reminder", readonly=False
    )
    wallet_expiry_reminder_days = fields.Integer(
        related="company_id.wallet_expiry_reminder_days", readonly=False
    )
    wallet_online_top_up = fields.Boolean(
        related="company_id.wallet_online_top_up", readonly=False
    )
    wallet_online_payment = fields.Boolean(
        related="company_id.wallet_online_payment", readonly=False
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
