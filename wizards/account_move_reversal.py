from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    refund_to_wallet = fields.Boolean(
        string="Refund to the Customer's Wallet",
        help="Confirms the credit note at once and moves what is open on it to the "
        "customer's wallet. What is still due on the invoice is settled first.",
    )
    can_refund_to_wallet = fields.Boolean(compute="_compute_can_refund_to_wallet")

    @api.depends("move_ids")
    def _compute_can_refund_to_wallet(self):
        """Something can be refunded when something has been paid."""
        for wizard in self:
            wizard.can_refund_to_wallet = any(
                move.move_type in ("out_invoice", "out_receipt")
                and move.currency_id.compare_amounts(
                    move.amount_total, move.amount_residual
                )
                > 0
                for move in wizard.move_ids._origin
            )

    @api.onchange("move_ids")
    def _onchange_wallet_move_ids(self):
        """Propose to the user what brings the money back to where it came from. Other
        programs that reverse invoices say themselves what they want.
        """
        moves = self.move_ids._origin
        self.refund_to_wallet = (
            self.can_refund_to_wallet
            and self.env.user.has_group("customer_wallet.group_wallet_user")
            and all(self._is_paid_by_wallets_alone(move) for move in moves)
        )

    @api.model
    def _is_paid_by_wallets_alone(self, move):
        """Whether wallets have paid something of this invoice, and nobody else."""
        receivables = move.sudo().line_ids._filter_wallet_receivables()
        paid = receivables.matched_credit_ids
        return bool(paid) and not paid - move._get_wallet_partials()

    def reverse_moves(self, is_modify=False):
        """Reverse; with the wallet chosen, also post the credit notes and move what is
        open on them to the wallet. An invoice that is reversed to be created again gets
        its payments back by itself: there is nothing to refund.
        """
        if not self.refund_to_wallet or is_modify:
            return super().reverse_moves(is_modify=is_modify)
        reverse = super().reverse_moves
        return self.env["customer.wallet.request"]._answer_once(
            (self._name, self.ids), lambda: self._reverse_to_wallet(reverse)
        )

    def _reverse_to_wallet(self, reverse):
        self._check_refund_to_wallet()
        action = reverse()
        self._refund_to_wallet()
        return action

    def _check_refund_to_wallet(self):
        """
        :raises AccessError: the user may not use wallets
        :raises UserError: the credit note is for a date to come
        """
        self.env["customer.wallet"]._check_user()
        if self.date and self.company_id._is_wallet_future(self.date):
            raise UserError(
                self.env._(
                    "The refund to the wallet takes place at once: choose today or an "
                    "earlier reversal date."
                )
            )

    def _refund_to_wallet(self):
        credit_notes = self.new_move_ids.filtered(
            lambda move: move.move_type == "out_refund"
        )
        credit_notes.filtered(lambda move: move.state == "draft").action_post()
        for credit_note in credit_notes:
            if credit_note._get_wallet_refund_open():
                credit_note.action_refund_to_wallet()
