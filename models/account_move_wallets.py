"""From an entry to the wallets whose money it moves."""

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    wallet_ids = fields.Many2many(
        "customer.wallet",
        string="Wallets",
        compute="_compute_wallet_ids",
        groups="customer_wallet.group_wallet_user",
    )

    def _compute_wallet_ids(self):
        for move in self:
            move.wallet_ids = move.line_ids.wallet_id

    def action_view_wallets(self):
        """Open the wallet whose money this entry moves, or the list of several.

        :return: a window action on customer.wallet
        :raises AccessError: the user may not read the entry or its wallets
        """
        self.ensure_one()
        self.check_access("read")
        return self.wallet_ids._get_wallets_action()


class AccountPayment(models.Model):
    _inherit = "account.payment"

    wallet_ids = fields.Many2many(related="move_id.wallet_ids")

    def action_view_wallets(self):
        """Open the wallet that this payment has filled or paid out of.

        :return: a window action on customer.wallet
        :raises AccessError: the user may not read the payment or the wallet
        """
        self.ensure_one()
        self.check_access("read")
        return self.wallet_ids._get_wallets_action()
