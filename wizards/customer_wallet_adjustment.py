from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.customer_wallet_operation import EXCLUDED_ACCOUNT_TYPES
from ..models.customer_wallet_request import answered_once


class CustomerWalletAdjustment(models.TransientModel):
    _name = "customer.wallet.adjustment"
    _inherit = ["customer.wallet.dialog"]
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
        compute="_compute_account_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        check_company=True,
        domain="[('account_type', 'not in', "
        f"{EXCLUDED_ACCOUNT_TYPES}), "
        "('id', 'not in', [wallet_account_id, wallet_bonus_account_id])]",
        help="Where the other side of the entry goes: an expense for goodwill, an "
        "income for a fee.",
    )
    wallet_account_id = fields.Many2one(related="company_id.wallet_account_id")
    wallet_bonus_account_id = fields.Many2one(
        related="company_id.wallet_bonus_account_id"
    )
    balance_after = fields.Monetary(compute="_compute_balance_after")

    @api.depends("wallet_id", "direction", "lot_type")
    def _compute_account_id(self):
        """What the user chose last for the same, or where such amounts usually go."""
        for wizard in self:
            accounts = wizard._get_last_account() | wizard._get_usual_account()
            wizard.account_id = accounts._filtered_access("read").filtered(
                wizard._is_proposed
            )[:1]

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
        :raises AccessError: the user is not a wallet manager
        :raises UserError: the amount, the date or the account is not possible, or the
            wallet does not hold enough or is frozen
        """
        amount = self._check_dialog()
        self._check_account()
        if self.direction == "down":
            self._check_available(amount)
            items = self._prepare_down_items(amount)
        else:
            self._check_expiry_date()
            items = self._prepare_up_items(amount)
        move = self._book("adjustment", [*items, self._prepare_counterpart_vals(items)])
        self._log(move)
        self._remember_account()
        return {"type": "ir.actions.act_window_close"}

    # The account

    def _get_usual_account(self):
        company = self.company_id.sudo()
        if self.lot_type == "bonus":
            account = company.wallet_promotion_account_id
        elif self.direction == "up":
            account = company.expense_account_id
        else:
            account = company.income_account_id
        return account.sudo(False)

    def _get_last_account(self):
        account_id = self.env["ir.default"].sudo()._get(*self._get_memory_scope())
        return self.env["account.account"].browse(account_id).exists()

    def _remember_account(self):
        model, fname, *scope = self._get_memory_scope()
        defaults = self.env["ir.default"].sudo()
        defaults.set(model, fname, self.account_id.id, *scope)

    def _get_memory_scope(self):
        condition = f"direction={self.direction},lot_type={self.lot_type}"
        return self._name, "account_id", self.env.uid, self.company_id.id, condition

    def _is_proposed(self, account):
        is_of_company = self.company_id.root_id in account.sudo().company_ids.root_id
        return account.active and is_of_company and self._is_possible(account)

    def _is_possible(self, account):
        """
        :param account: account.account
        :return: whether a wallet may be adjusted against it
        """
        account = account.with_company(self.company_id)
        return (
            account.account_type not in EXCLUDED_ACCOUNT_TYPES
            and account not in self.company_id._get_wallet_accounts()
        )

    def _check_account(self):
        """A wallet is not adjusted against a wallet: money goes to another customer by
        a transfer, and changes its kind by two adjustments, each against what paid for
        it.
        """
        if not self._is_possible(self.account_id):
            raise UserError(
                self.env._(
                    "A wallet cannot be adjusted against %(account)s. Choose an "
                    "expense or income account: money comes in and goes out "
                    "by payments, and what a customer owes is invoiced.",
                    account=self.account_id.display_name,
                )
            )

    def _check_available(self, amount):
        self.wallet_id._check_available(amount)
        available = self.wallet_id._get_available_of_kind(self.lot_type)
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
                    "Only %(available)s of the wallet of %(customer)s is available "
                    "bonus money, but %(amount)s is needed. Take the rest from the "
                    "paid money, by another adjustment.",
                    **values,
                )
            )
        raise UserError(
            self.env._(
                "Only %(available)s of the wallet of %(customer)s is available paid "
                "money, but %(amount)s is needed. Take the rest from the bonus, by "
                "another adjustment.",
                **values,
            )
        )

    def _check_expiry_date(self):
        today = self.company_id._get_wallet_today()
        if self.lot_type == "bonus" and self.expiry_date and self.expiry_date < today:
            raise UserError(self.env._("The expiry date is in the past."))

    # Entries

    def _prepare_up_items(self, amount):
        expiry_date = self.expiry_date if self.lot_type == "bonus" else False
        return self.wallet_id._prepare_giving_vals(
            [(amount, self.lot_type, expiry_date)], self._get_label(), date=self.date
        )

    def _prepare_down_items(self, amount):
        return self.wallet_id._prepare_taking_vals(
            amount, self._get_label(), kinds=(self.lot_type,)
        )

    def _prepare_counterpart_vals(self, items):
        """Values of the item against the account that the user has chosen.

        :param list items: dicts of the values of the items of the wallet
        :return: dict of account.move.line values
        """
        return self.wallet_id._prepare_counterpart_vals(
            items, self.account_id, self._get_label()
        )

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
