from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.customer_wallet import BONUS, FROM_SERVER
from ..models.customer_wallet_request import answered_once
from .customer_wallet_dialog import check_reason


class CustomerWalletTakeBack(models.TransientModel):
    """Cancel a top-up although its money has been used: the customer owes it then."""

    _name = "customer.wallet.take.back"
    _description = "Take Back a Wallet Top-up"

    payment_id = fields.Many2one(
        "account.payment", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="payment_id.currency_id", related_sudo=False)
    partner_id = fields.Many2one(related="payment_id.partner_id", related_sudo=False)
    amount = fields.Monetary(
        related="payment_id.amount", related_sudo=False, string="Top-up"
    )
    bonus = fields.Monetary(compute="_compute_debt")
    balance = fields.Monetary(compute="_compute_debt")
    balance_after = fields.Monetary(compute="_compute_debt")
    debt = fields.Monetary(
        string="Limit Raised by",
        compute="_compute_debt",
        help="The wallet may go that much further below zero. The limit goes down "
        "again as the customer pays the debt.",
    )
    reason = fields.Char(required=True)

    @api.depends("payment_id")
    def _compute_debt(self):
        for wizard in self:
            wallet, _left, needed = wizard._get_take_back()
            bonuses = wallet._get_bonus_entries(wizard.payment_id.move_id)
            gifts = bonuses.line_ids.filtered("wallet_lot_type")
            wizard.bonus = -sum(gifts.mapped("amount_currency"))
            wizard.balance = wallet.balance
            unused = sum(
                part.amount
                for grant in bonuses.line_ids._filter_wallet_grants()
                for part in wallet._get_bonus_parts_back(grant).get(wallet, ())
                if part.kind == BONUS
            )
            wizard.balance_after = wallet.balance - needed - unused
            wizard.debt = wizard._get_debt()

    def _get_take_back(self):
        """
        :return: (customer.wallet in sudo, float left, float needed)
        """
        self.ensure_one()
        self.payment_id.check_access("read")
        top_up = self.payment_id.sudo().move_id
        plan = self.env["customer.wallet"]._get_take_back(top_up)
        for wallet, (_moves, left, needed) in plan.items():
            return wallet, left, needed
        return self.env["customer.wallet"].sudo(), 0.0, 0.0

    def _get_debt(self):
        wallet, left, needed = self._get_take_back()
        return wallet.currency_id.round(max(needed - left, 0.0)) if wallet else 0.0

    @answered_once
    def action_take_back(self):
        """Cancel the top-up and take its bonus back, and let the wallet go below zero
        as far as this needs.

        :return: an action that closes the wizard
        :raises AccessError: for anyone but a wallet manager
        :raises UserError: the top-up is not confirmed, the wallet is frozen, or there
            is no reason
        """
        self.ensure_one()
        self.check_access("write")
        self.payment_id.check_access("write")
        check_reason(self)
        wallet, _left, _needed = self._get_take_back()
        if not wallet or self.payment_id.state not in ("in_process", "paid"):
            raise UserError(self.env._("Only a confirmed top-up can be taken back."))
        if wallet.state == "frozen":
            raise UserError(wallet._get_frozen_message())
        debt = self._get_debt()
        if debt:
            wallet._allow_debt(debt)
        self.payment_id.with_context(wallet_debt_allowed=FROM_SERVER).action_cancel()
        self._notify(wallet)
        return {"type": "ir.actions.act_window_close"}

    def _notify(self, wallet):
        message = self.env._(
            "%(amount)s of %(payment)s was taken back although it had been used; the "
            "balance is now %(balance)s. Reason: %(reason)s",
            amount=self.payment_id.currency_id.format(self.payment_id.amount),
            payment=self.payment_id.name,
            balance=wallet.currency_id.format(wallet.balance),
            reason=self.reason,
        )
        wallet.message_post(body=message)
        self.payment_id.message_post(body=message)
