from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.customer_wallet_request import answered_once


class CustomerWalletTransfer(models.TransientModel):
    _name = "customer.wallet.transfer"
    _inherit = ["customer.wallet.dialog"]
    _description = "Transfer Wallet Money to Another Customer"
    _check_company_auto = True

    target_partner_id = fields.Many2one(
        "res.partner",
        string="To Customer",
        required=True,
        check_company=True,
        ondelete="cascade",
        help="Whose wallet gets the money; one is created if needed.",
    )
    available = fields.Monetary(
        compute="_compute_available",
        string="Can Be Transferred",
        help="Bonus money stays with the customer to whom it was given.",
    )

    @api.depends("wallet_id")
    def _compute_available(self):
        for wizard in self:
            wizard.available = wizard.wallet_id._get_available_for_pay_out()

    balance_after = fields.Monetary(compute="_compute_balances_after")
    target_balance_after = fields.Monetary(
        compute="_compute_balances_after",
        string="Recipient's Balance After",
    )
    is_too_much = fields.Boolean(compute="_compute_balances_after")

    @api.depends("wallet_id", "target_partner_id", "amount")
    def _compute_balances_after(self):
        for wizard in self:
            wallet, currency = wizard.wallet_id, wizard.currency_id
            wizard.balance_after = wallet.balance - wizard.amount
            target = wallet.sudo()._find(wizard.target_partner_id, wallet.company_id)
            target = target._filter_currency(currency)
            wizard.target_balance_after = target.balance + wizard.amount
            wizard.is_too_much = (
                currency.compare_amounts(wizard.amount, wizard.available) > 0
            )

    # Actions

    @answered_once
    def action_confirm(self):
        """Book the transfer.

        :return: a window action that closes the dialog
        :raises AccessError: the user is not a wallet manager
        :raises UserError: the amount or the date is not possible, there is less paid
            money than that, the wallet is frozen, or both customers share it
        """
        amount = self._check_dialog()
        self._check_target()
        wallet = self.wallet_id
        target = wallet._find_or_create(
            self.target_partner_id, wallet.company_id, wallet.currency_id
        )
        (wallet.sudo() | target)._lock()
        self._check_available(amount)
        move = self._book("transfer", self._prepare_items(amount, target))
        self._log(move, target)
        return {"type": "ir.actions.act_window_close"}

    def _check_target(self):
        self.target_partner_id.check_access("read")
        if self.target_partner_id.commercial_partner_id == self.partner_id:
            raise UserError(
                self.env._(
                    "%(contact)s already uses the wallet of %(customer)s. Choose "
                    "another customer.",
                    contact=self.target_partner_id.display_name,
                    customer=self.partner_id.display_name,
                )
            )

    def _check_available(self, amount):
        """Bonus money stays with the customer to whom it was given."""
        self.wallet_id._check_available(amount)
        available = self.wallet_id._get_available_for_pay_out()
        if self.currency_id.compare_amounts(amount, available) > 0:
            raise UserError(
                self.env._(
                    "Only %(available)s of the wallet of %(customer)s can be "
                    "transferred, but %(amount)s is needed: bonus money stays with "
                    "the customer to whom it was given.",
                    available=self.currency_id.format(available),
                    customer=self.partner_id.display_name,
                    amount=self.currency_id.format(amount),
                )
            )

    # Entries

    def _prepare_move_vals(self):
        return {
            **super()._prepare_move_vals(),
            "ref": self.env._(
                "%(giver)s to %(taker)s: %(reason)s",
                giver=self.partner_id.name,
                taker=self.target_partner_id.commercial_partner_id.name,
                reason=self.reason,
            ),
        }

    def _prepare_items(self, amount, target):
        """The money keeps its book value."""
        debits = self.wallet_id._prepare_taking_vals(
            amount, self._get_debit_label(target), kinds=("paid",)
        )
        (credit_vals,) = target._prepare_giving_vals(
            [(amount, "paid", False)], self._get_credit_label()
        )
        credit_vals["balance"] = self.company_id.currency_id.round(
            -sum(vals["balance"] for vals in debits)
        )
        return [*debits, credit_vals]

    def _get_debit_label(self, target):
        return self.env._(
            "Transfer to %(customer)s: %(reason)s",
            customer=target.partner_id.display_name,
            reason=self.reason,
        )

    def _get_credit_label(self):
        return self.env._(
            "Transfer from %(customer)s: %(reason)s",
            customer=self.partner_id.display_name,
            reason=self.reason,
        )

    def _log(self, move, target):
        values = {
            "amount": self.currency_id.format(self.amount),
            "giver": self.partner_id.display_name,
            "taker": target.partner_id.display_name,
            "entry": move._get_html_link(title=move.name),
            "reason": self.reason,
        }
        body = self.env._(
            "%(amount)s transferred from %(giver)s to %(taker)s: %(entry)s. "
            "Reason: %(reason)s",
            **values,
        )
        for wallet in (self.wallet_id, target.sudo()):
            wallet.message_post(body=body)
