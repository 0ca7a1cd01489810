from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerWalletOperation(models.AbstractModel):
    """What a wallet manager does to a wallet by hand: always with a reason, which
    the entry and the chatter of the wallet keep.
    """

    _name = "customer.wallet.operation"
    _description = "Operation of a Wallet Manager"

    wallet_id = fields.Many2one(
        "customer.wallet", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="wallet_id.partner_id", related_sudo=False)
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    currency_id = fields.Many2one(related="wallet_id.currency_id", related_sudo=False)
    balance = fields.Monetary(
        related="wallet_id.balance", related_sudo=False, string="Balance Now"
    )
    amount = fields.Monetary(required=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    reason = fields.Char(
        required=True,
        help="Stays in the history of the wallet, which the customer may see.",
    )

    @api.depends("wallet_id")
    @api.depends_context("company")
    def _compute_company_id(self):
        """The branch that works on it, or the company of the wallet."""
        for operation in self:
            root = operation.wallet_id.company_id
            company = self.env.company
            operation.company_id = company if company.root_id == root else root

    # Checks

    def _check_operation(self):
        """Every action of a wallet manager begins with this.

        :raises AccessError: the user is no wallet manager, or may not work on this
            wallet
        :raises UserError: the amount is not positive
        """
        self.ensure_one()
        self.wallet_id._check_manager()
        self.wallet_id.check_access("write")
        self._check_amount()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why: the reason stays in the history."))

    def _check_amount(self):
        if self.currency_id.compare_amounts(self.amount, 0.0) <= 0:
            raise UserError(self.env._("Enter an amount greater than zero."))

    # Entries

    def _prepare_move_vals(self, operation):
        return {
            "move_type": "entry",
            "date": self.date,
            "ref": self.reason,
            "journal_id": self.company_id.sudo().wallet_journal_id.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "wallet_operation": operation,
        }

    def _prepare_wallet_line_vals(self, wallet, amount, balance, label):
        """Values of one journal item on the wallet account.

        :param wallet: customer.wallet
        :param float amount: taken from the wallet, in its currency; below zero when
            it is added
        :param float balance: the same in the company's currency
        :param str label: of the journal item
        """
        return {
            "name": label,
            "account_id": self.company_id.sudo().wallet_account_id.id,
            "partner_id": wallet.partner_id.id,
            "currency_id": wallet.currency_id.id,
            "amount_currency": amount,
            "balance": balance,
        }

    def _book(self, move_vals, lines):
        """Book one entry, and let its debits use up the lots that were chosen.

        :param dict move_vals: of the account.move
        :param list lines: (dict of account.move.line values, account.move.line lot)
        :return: account.move, posted
        """
        move = self.env["customer.wallet"]._book_lines(move_vals, lines)
        move.line_ids.wallet_id._match_open_lines()
        return move
