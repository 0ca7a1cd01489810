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
    wallet_id = fields.Many2one(
        "customer.wallet",
        readonly=True,
        ondelete="cascade",
        help="Whose part of the entry is undone, where it is about many customers.",
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
        self._check_is_by_hand()
        lines = self._get_lines()
        lines.sudo().wallet_id.with_env(self.env).check_access("write")
        self.env["customer.wallet"]._undo(
            lines,
            ref=self.env._(
                "Reversal of: %(entry)s, %(document)s",
                entry=self.move_id.name,
                document=self.reason,
            ),
        )
        return {"type": "ir.actions.act_window_close"}

    def _get_operation(self):
        operations = self.env["customer.wallet"]._get_operations()
        return operations.get(self.move_id.wallet_operation)

    def _get_lines(self):
        """
        :return: account.move.line that are undone
        """
        lines = self.move_id.line_ids
        if not self.wallet_id or not self._get_operation().is_apart:
            return lines
        own = lines.filtered(lambda line: line.sudo().wallet_id == self.wallet_id)
        return own._get_wallet_part_lines()

    def _check_is_by_hand(self):
        entry, row = self.move_id, self._get_operation()
        is_of_wallet = self.wallet_id <= entry.sudo().line_ids.wallet_id
        is_by_manager = row and row.undo == "manager"
        if entry.state != "posted" or not is_by_manager or not is_of_wallet:
            raise UserError(
                self.env._(
                    "%(entry)s is not an adjustment or transfer, so it cannot be "
                    "undone here.",
                    entry=entry.display_name,
                )
            )
