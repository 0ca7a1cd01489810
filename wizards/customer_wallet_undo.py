from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.customer_wallet_request import answered_once
from .customer_wallet_dialog import check_reason


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
        compute="_compute_ref", compute_sudo=False, string="What It Was For"
    )
    reason = fields.Char(
        required=True,
        help="It is kept in the history of the wallet, which the customer may see.",
    )

    @api.depends("move_id")
    def _compute_ref(self):
        for wizard in self:
            wizard.ref = wizard._get_entry().ref

    @answered_once
    def action_confirm(self):
        """Reverse the entry, once.

        :return: a window action that closes the dialog
        :raises AccessError: the user is not a wallet manager, or may not see the
            wallets
        :raises UserError: there is no reason, the entry is nothing that a manager
            undoes, was undone already, or its money has been used
        """
        self.ensure_one()
        self.env["customer.wallet"]._check_manager()
        check_reason(self)
        self._check_is_by_hand()
        lines = self._get_lines()
        lines.wallet_id.with_env(self.env).check_access("write")
        self.env["customer.wallet"]._undo(
            lines,
            ref=self.env._(
                "Reversal of: %(entry)s, %(document)s",
                entry=lines.move_id.name,
                document=self.reason,
            ),
        )
        return {"type": "ir.actions.act_window_close"}

    def _get_entry(self):
        """
        :return: account.move, in sudo where the user may work on its wallets: what was
            done to these by hand is undone with the same right
        """
        entry = self.move_id.sudo()
        wallets = entry.line_ids.wallet_id.with_env(self.env)
        return entry if wallets and wallets.has_access("write") else self.move_id

    def _get_operation(self):
        operations = self.env["customer.wallet"]._get_operations()
        return operations.get(self._get_entry().wallet_operation)

    def _get_lines(self):
        """
        :return: account.move.line that are undone, see `_get_entry`
        """
        lines = self._get_entry().line_ids
        if not self.wallet_id or not self._get_operation().is_apart:
            return lines
        own = lines.filtered(lambda line: line.wallet_id == self.wallet_id)
        return own._get_wallet_part_lines()

    def _check_is_by_hand(self):
        entry, row = self._get_entry(), self._get_operation()
        is_of_wallet = self.wallet_id <= entry.line_ids.wallet_id
        is_by_manager = row and row.undo == "manager"
        if entry.state != "posted" or not is_by_manager or not is_of_wallet:
            raise UserError(
                self.env._(
                    "%(entry)s is not an adjustment, transfer, bonus or expiry of "
                    "this wallet, so it cannot be undone here.",
                    entry=entry.display_name,
                )
            )
