from odoo import fields, models

from .customer_wallet_dialog import check_reason


class CustomerWalletFreeze(models.TransientModel):
    _name = "customer.wallet.freeze"
    _description = "Freeze or Unfreeze Wallets"

    wallet_ids = fields.Many2many("customer.wallet", required=True, readonly=True)
    state = fields.Selection(
        [("open", "Unfreeze"), ("frozen", "Freeze")],
        string="Status",
        required=True,
        readonly=True,
        default="frozen",
    )
    reason = fields.Char(
        required=True, help="It is kept in the chatter of the wallet, for staff only."
    )

    def action_confirm(self):
        """Freeze the wallets or let money out of them again, and say why.

        :return: a window action that closes the dialog
        :raises AccessError: the user is not a wallet manager, or may not work on these
        :raises UserError: there is no reason
        """
        self.ensure_one()
        self.wallet_ids._check_manager()
        check_reason(self)
        wallets = self.wallet_ids.filtered(lambda wallet: wallet.state != self.state)
        wallets._track_set_log_message(self.reason)
        if self.state == "frozen":
            wallets.action_freeze()
        else:
            wallets.action_unfreeze()
        return {"type": "ir.actions.act_window_close"}
