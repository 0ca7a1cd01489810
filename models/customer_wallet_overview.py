"""What a list of wallets tells besides their money, and where one goes from there."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

COMPARISONS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}
LAST_DATE = SQL(
    """(
        SELECT item.date FROM account_move_line item
         WHERE item.wallet_id = customer_wallet.id AND item.amount_currency != 0
         ORDER BY item.date DESC, item.id DESC LIMIT 1
    )"""
)


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    due_amount = fields.Monetary(
        string="Due",
        compute="_compute_due_amount",
        help="What the customer has to pay on open invoices, at today's rate.",
    )
    payable_amount = fields.Monetary(
        string="Payable from Wallet",
        compute="_compute_payable_amount",
        help="What of the open invoices the wallet can pay now.",
    )
    expiring_line_ids = fields.Many2many(
        "account.move.line",
        string="Bonus About to Expire",
        compute="_compute_expiring",
        help="Bonus money that expires within the days that the company has chosen for "
        "the reminder.",
    )
    expiring_amount = fields.Monetary(
        string="Expiring",
        compute="_compute_expiring",
        search="_search_expiring_amount",
        help="Bonus money that expires within the days that the company has chosen for "
        "the reminder.",
    )
    last_movement_date = fields.Date(
        string="Last Movement",
        compute="_compute_last_movement_date",
        search="_search_last_movement_date",
    )
    is_low = fields.Boolean(
        string="Low Balance",
        compute="_compute_is_low",
        search="_search_is_low",
        help="Less is left than the amount below which the customer wants an email.",
    )

    @api.depends("partner_id", "company_id", "currency_id")
    def _compute_due_amount(self):
        dues = {}
        # Whoever sees the wallet sees what it could pay, on whichever document.
        Move = self.env["account.move"].sudo()
        for owner, company, currency, residual in Move._read_group(
            self._get_open_invoices_domain(),
            groupby=["commercial_partner_id", "company_id", "currency_id"],
            aggregates=["amount_residual:sum"],
        ):
            key = owner.id, company.root_id.id
            dues.setdefault(key, []).append((currency, company, residual))
        today = fields.Date.context_today(self)
        for wallet in self:
            parts = dues.get((wallet.partner_id.id, wallet.company_id.id), ())
            wallet.due_amount = sum(
                currency._convert(residual, wallet.currency_id, company, today)
                for currency, company, residual in parts
            )

    @api.depends("due_amount", "available")
    def _compute_payable_amount(self):
        for wallet in self:
            payable = min(wallet.due_amount, wallet.available)
            wallet.payable_amount = max(0.0, payable)

    @api.depends("bonus_balance", "line_ids.wallet_expiry_date")
    def _compute_expiring(self):
        Line = self.env["account.move.line"]
        contents = self._get_contents()
        # Read at once what they are sorted by.
        grants = {
            grant
            for wallet in self
            for grant in contents[wallet.id].get_grants(wallet.currency_id)
        }
        Line.sudo().browse(grants - {None}).fetch(["date", "wallet_expiry_date"])
        for wallet in self:
            company = wallet.company_id.sudo()
            today = company._get_wallet_today()
            last_day = fields.Date.add(today, days=company.wallet_expiry_reminder_days)
            expiring = [
                grant
                for grant in wallet._get_open_grants(contents=contents)
                if grant.expiry and today <= grant.expiry <= last_day
            ]
            wallet.expiring_line_ids = Line.union(*(it.line for it in expiring))
            wallet.expiring_amount = sum(grant.left for grant in expiring)

    def _search_expiring_amount(self, operator, value):
        if operator != ">" or value:
            return NotImplemented
        companies = self._get_companies_with_wallets()
        days = max(companies.mapped("wallet_expiry_reminder_days"), default=0)
        # Where the company is, it may be another day.
        yesterday = fields.Date.subtract(fields.Date.context_today(self), days=1)
        lines = self.env["account.move.line"].sudo()
        grants = lines._read_group(
            [
                ("wallet_lot_type", "=", "bonus"),
                ("wallet_id.bonus_balance", ">", 0.0),
                ("wallet_expiry_date", ">=", yesterday),
                ("wallet_expiry_date", "<=", fields.Date.add(yesterday, days=days + 2)),
            ],
            groupby=["wallet_id"],
        )
        wallets = self.browse(wallet.id for (wallet,) in grants)
        expiring = wallets.sudo().filtered("expiring_line_ids")
        return Domain("id", "in", expiring.ids)

    def _compute_last_movement_date(self):
        self.env["account.move.line"].flush_model(
            ["wallet_id", "amount_currency", "date"]
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM customer_wallet WHERE id = ANY(%s)",
                LAST_DATE,
                self._origin.ids,
            )
        )
        dates = dict(rows)
        for wallet in self:
            wallet.last_movement_date = dates.get(wallet._origin.id)

    def _search_last_movement_date(self, operator, value):
        if operator not in COMPARISONS:
            return NotImplemented
        self.env["account.move.line"].flush_model(
            ["wallet_id", "amount_currency", "date"]
        )
        condition = SQL("%s %s %s", LAST_DATE, COMPARISONS[operator], value)
        return self._get_domain_of_sql(condition)

    @api.depends("balance", "held", "low_balance_threshold")
    def _compute_is_low(self):
        for wallet in self:
            compare = wallet.currency_id.compare_amounts
            left = wallet._get_money_there()
            wallet.is_low = compare(left, wallet.low_balance_threshold) < 0

    def _search_is_low(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model(["balance", "held", "low_balance_threshold"])
        is_low = SQL("COALESCE(balance, 0) - COALESCE(held, 0)")
        is_low = SQL("%s < COALESCE(low_balance_threshold, 0)", is_low)
        domain = self._get_domain_of_sql(is_low)
        return domain if True in value else ~domain

    @api.model
    def _get_domain_of_sql(self, condition):
        """
        :param condition: SQL on the table customer_wallet
        :return: Domain
        """
        return Domain(
            "id", "in", SQL("(SELECT id FROM customer_wallet WHERE %s)", condition)
        )

    def _get_open_invoices_domain(self):
        return [
            *self.env["account.move"]._get_wallet_payable_domain(self.company_id),
            ("commercial_partner_id", "in", self.partner_id.ids),
        ]

    # Actions

    def _get_wallets_action(self):
        """
        :return: a window action, which opens one wallet, or the list of several
        """
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_wallet.action_customer_wallet"
        )
        if len(self) == 1:
            form = self.env.ref("customer_wallet.customer_wallet_view_form")
            return {**action, "res_id": self.id, "views": [(form.id, "form")]}
        return {**action, "domain": [("id", "in", self.ids)]}

    def action_view_open_invoices(self):
        """Show what the customer has to pay, oldest due first.

        :return: a window action on account.move
        :raises AccessError: the user may not read the wallet
        """
        return self._get_documents_action(
            "account.action_move_out_invoice_type", self._get_open_invoices_domain()
        )

    def action_view_top_ups(self):
        """Show what the customer has paid in, and got back.

        :return: a window action on account.payment
        :raises AccessError: the user may not read the wallet
        """
        return self._get_documents_action(
            "account.action_account_payments",
            [
                ("is_wallet", "=", True),
                ("currency_id", "in", self.currency_id.ids),
                *self._get_owner_domain(),
            ],
        )

    def action_view_till_orders(self):
        """Show what the customer has bought at tills with the wallet.

        :return: a window action on pos.order
        :raises AccessError: the user may not read the wallet
        """
        return self._get_documents_action(
            "point_of_sale.action_pos_pos_form",
            [
                ("payment_ids.payment_method_id.is_wallet", "=", True),
                *self._get_owner_domain(),
            ],
        )

    def _get_owner_domain(self):
        """A company that belongs to another has a wallet of its own."""
        return [
            ("partner_id.commercial_partner_id", "in", self.partner_id.ids),
            ("company_id", "child_of", self.company_id.ids),
        ]

    def _get_documents_action(self, name, domain):
        """
        :param str name: external id of core's action
        :param list domain: of what it shows
        """
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(name),
            "domain": domain,
            "context": {"create": False},
        }
