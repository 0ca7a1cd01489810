from odoo import fields, models
from odoo.exceptions import UserError

from ..models.customer_wallet_request import answered_once


class CustomerWalletUndo(models.TransientModel):
    _name = "customer.wallet.undo"
    _description = "Undo an Adjustment or Transfer"

    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    ref = fields.Char(
        related="move_id.ref", related_sudo=False, string="What It Was For"
    )
    reason = fields.Char(
        required=True,
        help="It is kept in the history of the wallet, which the customer may see.",
    )

    @answered_once
    def action_confirm(self):
        """Reverse the entry, once.

        :return: a window action that closes the dialog
        :raises AccessError: the user is not a wallet manager, or may not see the
            wallets
        :raises UserError: the entry is not an adjustment or transfer, was undone
            already, or its money has been used
        """
        self.ensure_one()
        self.env["customer.wallet"]._check_manager()
        self.move_id.sudo().line_ids.wallet_id.with_env(self.env).check_access("write")
        self._check_is_by_hand()
        self.env["customer.wallet"]._undo(
            self.move_id.line_ids,
            ref=self.env._(
                "Reversal of: %(entry)s, %(document)s",
                entry=self.move_id.name,
                document=self.reason,
            ),
        )
        return {"type": "ir.actions.act_window_close"}

    def _check_is_by_hand(self):
        entry = self.move_id
        row = self.env["customer.wallet"]._get_operations().get(entry.wallet_operation)
        if entry.state != "posted" or not row or row.undo != "manager":
            raise UserError(
                self.env._(
                    "%(entry)s is not an adjustment or transfer, so it cannot be "
                    "undone here.",
                    entry=entry.display_name,
                )
            )
