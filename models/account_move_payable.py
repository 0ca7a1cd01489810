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

    @api.depends("state", "amount_residual", "commercial_partner_id")
    def _compute_wallet_payable_amount(self):
        self.wallet_payable_amount = 0.0
        payable = self.filtered(lambda move: move._is_wallet_payable())
        Wallet = self.env["customer.wallet"].sudo()
        for company, moves in payable.grouped("company_id").items():
            wallets = Wallet._find_of_all(moves.commercial_partner_id, company)
            for move in moves:
                its = wallets.get(move.commercial_partner_id, Wallet)
                move.wallet_payable_amount = min(
                    move._get_wallet_amount_to_pay(),
                    its._get_available_in(move.currency_id, company),
                )

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
