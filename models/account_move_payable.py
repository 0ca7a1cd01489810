"""Which open invoices wallets could pay now, in lists."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .account_move import PAYABLE_TYPES


class AccountMove(models.Model):
    _inherit = "account.move"

    wallet_payable_amount = fields.Monetary(
        string="Payable from Wallet",
        compute="_compute_wallet_payable_amount",
        search="_search_wallet_payable_amount",
        groups="customer_wallet.group_wallet_user",
        help="What the customer's wallets could pay of this invoice now, if they paid "
        "no other.",
    )

    @api.depends("state", "amount_residual", "wallet_balance")
    def _compute_wallet_payable_amount(self):
        for move in self:
            payable = 0.0
            if move._is_wallet_payable() and move.wallet_balance:
                due = move._get_wallet_due_in(move.currency_id)
                payable = min(due, move.wallet_balance)
            move.wallet_payable_amount = payable

    def _search_wallet_payable_amount(self, operator, value):
        """Those of customers who have something in a wallet that is not frozen."""
        if operator != ">" or value:
            return NotImplemented
        companies = self.env.companies.root_id
        self.env["customer.wallet"].flush_model()
        owners = SQL(
            """(
                SELECT partner_id FROM customer_wallet
                 WHERE company_id = ANY(%s) AND state = 'open'
                   AND COALESCE(balance, 0) - COALESCE(held, 0)
                       + COALESCE(overdraft_limit, 0) > 0
            )""",
            companies.ids,
        )
        domain = Domain(self._get_wallet_payable_domain(companies))
        return domain & Domain("commercial_partner_id", "in", owners)

    @api.model
    def _get_wallet_payable_domain(self, companies):
        """
        :param companies: res.company without a parent
        :return: list, the domain of what wallets pay there
        """
        return [
            ("move_type", "in", PAYABLE_TYPES),
            ("state", "=", "posted"),
            ("payment_state", "in", ("not_paid", "partial")),
            ("company_id", "child_of", companies.ids),
        ]
