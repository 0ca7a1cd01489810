from odoo import api, fields, models

from ..models.wallet_amounts import read_amount
from .customer_wallet_dialog import check_reason


class CustomerWalletLimit(models.TransientModel):
    _name = "customer.wallet.limit"
    _inherit = ["customer.wallet.amount.mixin"]
    _description = "Change the Limit of a Wallet"

    wallet_id = fields.Many2one("customer.wallet", required=True, readonly=True)
    currency_id = fields.Many2one(related="wallet_id.currency_id", related_sudo=False)
    balance = fields.Monetary(related="wallet_id.balance", related_sudo=False)
    overdraft_limit = fields.Monetary(
        string="New Limit",
        compute="_compute_overdraft_limit",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="How far below zero this customer may go.",
    )
    reason = fields.Char(
        required=True, help="It is kept in the chatter of the wallet, for staff only."
    )

    @api.depends("wallet_id")
    def _compute_overdraft_limit(self):
        for wizard in self:
            wizard.overdraft_limit = wizard.wallet_id.overdraft_limit

    def action_confirm(self):
        """Set how far below zero the wallet may go, and say why.

        :return: a window action that closes the dialog
        :raises AccessError: the user is not a wallet manager, or may not work on this
            wallet
        :raises UserError: the limit is negative, or there is no reason
        :raises ValidationError: the wallet is further below zero
        """
        self.ensure_one()
        self.wallet_id._check_manager()
        check_reason(self)
        # A negative limit is refused by the wallet, in words of its own.
        read_amount(self.env, abs(self.overdraft_limit), self.currency_id, zero=True)
        self.wallet_id._track_set_log_message(self.reason)
        self.wallet_id.overdraft_limit = self.overdraft_limit
        return {"type": "ir.actions.act_window_close"}
