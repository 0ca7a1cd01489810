from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.wallet_amounts import read_amount


def check_reason(dialog):
    """
    :param dialog: a wizard with a reason
    :raises UserError: it says nothing
    """
    if not (dialog.reason or "").strip():
        raise UserError(dialog.env._("Enter a reason. It is kept in the history."))


class CustomerWalletDialog(models.AbstractModel):
    """What a wallet manager does to a wallet by hand: always with a reason, which
    the entry and the chatter of the wallet keep.
    """

    _name = "customer.wallet.dialog"
    _inherit = ["customer.wallet.amount.mixin"]
    _description = "Dialog of a Wallet Manager"

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
        help="It is kept in the history of the wallet, which the customer may see.",
    )

    @api.depends("wallet_id")
    @api.depends_context("company")
    def _compute_company_id(self):
        """The branch that works on it, or the company of the wallet."""
        for dialog in self:
            dialog.company_id = dialog.wallet_id._get_acting_company()

    # Checks

    def _check_dialog(self):
        """Every action of a wallet manager begins with this.

        :return: float, the amount in the currency of the wallet
        :raises AccessError: the user is not a wallet manager, or may not work on this
            wallet
        :raises UserError: the amount or the date is not possible, or there is no reason
        """
        self.ensure_one()
        self.wallet_id._check_manager()
        self.wallet_id.check_access("write")
        amount = read_amount(self.env, self.amount, self.currency_id)
        check_reason(self)
        self._check_date()
        return amount

    def _check_date(self):
        """The balance of today holds nothing that is dated later."""
        if self.company_id._is_wallet_future(self.date):
            raise UserError(
                self.env._(
                    "The date is in the future. Choose today or an earlier date."
                )
            )

    # Entries

    def _prepare_move_vals(self):
        """Values of the account.move that `customer.wallet._book` makes."""
        return {
            "date": self.date,
            "ref": self.reason,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
        }

    def _book(self, operation, vals_list):
        """Book one entry; nothing of it is reconciled.

        :param str operation: a name in the table of operations
        :param list vals_list: dicts of account.move.line values
        :return: account.move, posted
        """
        nothing = self.env["account.move.line"]
        return self.env["customer.wallet"]._book(
            operation,
            [(vals, nothing) for vals in vals_list],
            self.company_id,
            **self._prepare_move_vals(),
        )
