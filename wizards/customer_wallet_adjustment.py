from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.customer_wallet_request import answered_once

# Money comes in and goes out by payments, and what a customer owes is invoiced.
EXCLUDED_ACCOUNT_TYPES = (
    "asset_receivable",
    "liability_payable",
    "asset_cash",
    "liability_credit_card",
    "off_balance",
)


class CustomerWalletAdjustment(models.TransientModel):
    _name = "customer.wallet.adjustment"
    _inherit = ["customer.wallet.operation"]
    _description = "Adjust a Wallet"
    _check_company_auto = True

    direction = fields.Selection(
        [("up", "Add to the wallet"), ("down", "Take from the wallet")],
        required=True,
        default="up",
    )
    lot_type = fields.Selection(
        [("paid", "Paid money"), ("bonus", "Bonus")],
        string="Kind of Money",
        required=True,
        default="paid",
        help="Bonus money can be spent but not paid out. Only money of that kind is "
        "taken.",
    )
    expiry_date = fields.Date(
        string="Valid Until", help="What is left of the bonus then is taken back."
    )
    account_id = fields.Many2one(
        "account.account",
        string="Against Account",
        required=True,
        check_company=True,
        domain="[('account_type', 'not in', "
        f"{EXCLUDED_ACCOUNT_TYPES}), ('id', '!=', wallet_account_id)]",
        help="Where the other side of the entry goes: an expense for goodwill, an "
        "income for a fee.",
    )
    wallet_account_id = fields.Many2one(related="company_id.wallet_account_id")
    balance_after = fields.Monetary(compute="_compute_balance_after")

    @api.depends("balance", "direction", "amount")
    def _compute_balance_after(self):
        for wizard in self:
            sign = -1 if wizard.direction == "down" else 1
            wizard.balance_after = wizard.balance + sign * wizard.amount

    # Actions

    @answered_once
    def action_confirm(self):
        """Book the adjustment.

        :return: a window action that closes the dialog
        :raises AccessError: the user is no wallet manager
        :raises UserError: the amount or the account is not possible, or the wallet
            does not hold enough or is frozen
        """
        self._check_operation()
        self._check_account()
        lines = self._prepare_up_lines()
        if self.direction == "down":
            self._check_available()
            lines = self._prepare_down_lines()
        else:
            self._check_expiry_date()
        move = self._book(self._prepare_move_vals("adjustment"), lines)
        self._log(move)
        return {"type": "ir.actions.act_window_close"}

    def _check_account(self):
        account = self.account_id.with_company(self.company_id)
        if (
            account.account_type in EXCLUDED_ACCOUNT_TYPES
            or account == self.company_id.sudo().wallet_account_id
        ):
            raise UserError(
                self.env._(
                    "A wallet cannot be adjusted against %(account)s. Choose an "
                    "expense or income account: money comes in and goes out "
                    "by payments, and what a customer owes is invoiced.",
                    account=account.display_name,
                )
            )

    def _check_available(self):
        amount = self.currency_id.round(self.amount)
        self.wallet_id._check_available(amount)
        available = self._get_available()
        if self.currency_id.compare_amounts(amount, available) <= 0:
            return
        values = {
            "available": self.currency_id.format(available),
            "customer": self.partner_id.display_name,
            "amount": self.currency_id.format(amount),
        }
        if self.lot_type == "bonus":
            raise UserError(
                self.env._(
                    "Only %(available)s of the wallet of %(customer)s is bonus money, "
                    "but %(amount)s was asked for. Take the rest from the paid money, "
                    "by another adjustment.",
                    **values,
                )
            )
        raise UserError(
            self.env._(
                "Only %(available)s of the wallet of %(customer)s is paid money, but "
                "%(amount)s was asked for. Take the rest from the bonus, by another "
                "adjustment.",
                **values,
            )
        )

    def _get_available(self):
        """What can be taken of this kind of money."""
        if self.lot_type == "bonus":
            return self.wallet_id.bonus_balance
        return self.wallet_id._get_available_for_pay_out()

    def _check_expiry_date(self):
        today = fields.Date.context_today(self)
        if self.lot_type == "bonus" and self.expiry_date and self.expiry_date < today:
            raise UserError(
                self.env._("The bonus would be valid until a day that has passed.")
            )

    # Entries

    def _prepare_up_lines(self):
        amount = self.currency_id.round(self.amount)
        balance = self.currency_id._convert(
            amount, self.company_id.currency_id, self.company_id, self.date
        )
        nothing = self.env["account.move.line"]
        is_bonus = self.lot_type == "bonus"
        wallet_vals = {
            **self._prepare_wallet_line_vals(
                self.wallet_id, -amount, -balance, self._get_label()
            ),
            "wallet_lot_type": self.lot_type,
            "wallet_expiry_date": is_bonus and self.expiry_date,
        }
        return [
            (self._prepare_counterpart_vals(amount, balance), nothing),
            (wallet_vals, nothing),
        ]

    def _prepare_down_lines(self):
        amount = self.currency_id.round(self.amount)
        debits = [
            (
                self._prepare_wallet_line_vals(
                    self.wallet_id, part, balance, self._get_label()
                ),
                lot,
            )
            for lot, part, balance in self.wallet_id._take_from_lots(
                amount, (self.lot_type,)
            )
        ]
        balance = sum(vals["balance"] for vals, _lot in debits)
        counterpart_vals = self._prepare_counterpart_vals(-amount, -balance)
        return [*debits, (counterpart_vals, self.env["account.move.line"])]

    def _prepare_counterpart_vals(self, amount, balance):
        return {
            "name": self._get_label(),
            "account_id": self.account_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": amount,
            "balance": self.company_id.currency_id.round(balance),
        }

    def _get_label(self):
        return self.env._("Wallet adjustment: %s", self.reason)

    def _log(self, move):
        sign = -1 if self.direction == "down" else 1
        self.wallet_id.message_post(
            body=self.env._(
                "Adjusted by %(amount)s against %(account)s: %(entry)s. "
                "Reason: %(reason)s",
                amount=self.currency_id.format(sign * self.amount),
                account=self.account_id.display_name,
                entry=move._get_html_link(title=move.name),
                reason=self.reason,
            )
        )
