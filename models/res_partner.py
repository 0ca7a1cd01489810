import logging
import operator

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.account.models.account_move import BYPASS_LOCK_CHECK

from .customer_wallet import FROM_SERVER
from .customer_wallet_request import answered_once
from .wallet_amounts import read_amount
from .wallet_deletions import refuses_deletion

_logger = logging.getLogger(__name__)

# Either says whether somebody is a company.
COMPANY_FIELDS = frozenset(("is_company", "company_type"))

OPERATORS = {
    "=": (SQL("="), operator.eq),
    "<": (SQL("<"), operator.lt),
    ">": (SQL(">"), operator.gt),
    "<=": (SQL("<="), operator.le),
    ">=": (SQL(">="), operator.ge),
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    wallet_ids = fields.One2many(
        "customer.wallet",
        "partner_id",
        string="Wallets",
        groups="customer_wallet.group_wallet_user",
    )
    wallet_balance = fields.Monetary(
        compute="_compute_wallet_balance",
        search="_search_wallet_balance",
        currency_field="wallet_currency_id",
        groups="customer_wallet.group_wallet_user",
        help="What the customer's wallets hold together, in the currency of the "
        "company at today's rate.",
    )
    wallet_open_credit_count = fields.Integer(
        compute="_compute_wallet_open_credit_count",
        groups="account.group_account_invoice",
        help="Open payments and credit notes that could be moved to the wallet.",
    )
    wallet_currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_wallet_currency_id",
        groups="customer_wallet.group_wallet_user",
    )

    wallet_auto_allocate = fields.Selection(
        [
            ("company", "As the company"),
            ("always", "Always"),
            ("never", "Never"),
        ],
        string="Pay Invoices from the Wallet",
        company_dependent=True,
        copy=False,
        groups="customer_wallet.group_wallet_user",
        help="Whether the wallet pays this customer's invoices by itself: when an "
        "invoice is confirmed, and when money comes in.",
    )

    @api.depends_context("company")
    def _compute_wallet_currency_id(self):
        self.wallet_currency_id = self.env.company.currency_id

    @api.depends_context("company")
    @api.depends("commercial_partner_id.wallet_ids.balance")
    def _compute_wallet_balance(self):
        totals = self._get_wallet_totals()
        # Most customers of a list have nothing: they are written together.
        by_total = self.grouped(
            lambda partner: totals.get(partner.commercial_partner_id.id, 0.0)
        )
        for total, partners in by_total.items():
            partners.wallet_balance = total

    def _get_wallet_totals(self):
        """What the wallets of these customers hold together.

        :return: dict by commercial partner id of floats, in the company's currency
        """
        company = self.env.company
        totals = {}
        for owner_id, currency_id, balance in self._read_wallet_balances(company):
            value = float(balance or 0.0)
            if currency_id != company.currency_id.id:
                currency = self.env["res.currency"].browse(currency_id)
                value = currency._convert(value, company.currency_id, company)
            totals[owner_id] = totals.get(owner_id, 0.0) + value
        return totals

    def _read_wallet_balances(self, company):
        """What the wallets of these customers hold; a list asks for many.

        :param company: res.company, any branch
        :return: list of (partner id, currency id, balance)
        """
        Wallet = self.env["customer.wallet"]
        Wallet.check_access("read")
        owners = self.commercial_partner_id
        if not owners.ids:
            return []
        Wallet.flush_model(["partner_id", "company_id", "currency_id", "balance"])
        return self.env.execute_query(
            SQL(
                """
                SELECT partner_id, currency_id, balance
                  FROM customer_wallet
                 WHERE company_id = %s AND partner_id = ANY(%s)
                """,
                company.root_id.id,
                owners.ids,
            )
        )

    @api.depends_context("allowed_company_ids")
    def _compute_wallet_open_credit_count(self):
        domain = self.env["customer.wallet.credit"]._get_open_credits_domain(self)
        counts = {}
        for partner, count in self.env["account.move.line"]._read_group(
            domain, groupby=["partner_id"], aggregates=["__count"]
        ):
            owner = partner.commercial_partner_id
            counts[owner] = counts.get(owner, 0) + count
        for partner in self:
            partner.wallet_open_credit_count = counts.get(
                partner.commercial_partner_id, 0
            )

    def _search_wallet_balance(self, operator, value):
        self._check_field_access(self._fields["wallet_balance"], "read")
        if operator == "in":
            return Domain.OR(self._search_wallet_balance("=", item) for item in value)
        if operator not in OPERATORS or not isinstance(value, int | float):
            return NotImplemented
        # What is not set is zero; what no balance reaches is as good as infinite.
        value = float(min(max(value, -1e300), 1e300))
        self.env["customer.wallet"].flush_model()
        self.flush_model(["commercial_partner_id"])
        sql_operator, compare = OPERATORS[operator]
        condition = SQL("total.balance %s %s", sql_operator, value)
        exists = SQL("EXISTS")
        if compare(0.0, value):
            # Whoever has no wallet has nothing in it.
            condition, exists = SQL("NOT %s", condition), SQL("NOT EXISTS")
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s (SELECT FROM (%s) AS total WHERE total.partner_id = %s AND %s)",
                exists,
                model._get_wallet_totals_sql(),
                model._field_to_sql(alias, "commercial_partner_id", query),
                condition,
            )
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name != "wallet_balance":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        self._check_field_access(self._fields[field_name], "read")
        balance = self._wallet_balance_to_sql(alias, query)
        return SQL("%s %s %s", balance, direction, nulls)

    def _wallet_balance_to_sql(self, alias, query):
        """The balance of all wallets of a customer in the company's currency.

        :param str alias: of the res.partner table in the query
        :param query: Query, to which the join on the wallets' totals is added
        :return: SQL expression
        """
        totals = query.make_alias(alias, "wallet_total")
        query.add_join(
            "LEFT JOIN",
            totals,
            SQL("(%s)", self._get_wallet_totals_sql()),
            SQL(
                "%s = %s",
                SQL.identifier(totals, "partner_id"),
                self._field_to_sql(alias, "commercial_partner_id", query),
            ),
        )
        return SQL("COALESCE(%s, 0.0)", SQL.identifier(totals, "balance"))

    def _get_wallet_totals_sql(self):
        company = self.env.company
        rates = (
            self.env["customer.wallet"]
            ._get_currencies()
            ._get_rates(company, fields.Date.context_today(self))
        )
        company_rate = rates.get(company.currency_id.id, 1.0)
        if len(rates) == 1:
            # All wallets have the company's currency: a customer has one.
            return SQL(
                "SELECT partner_id, balance FROM customer_wallet WHERE company_id = %s",
                company.root_id.id,
            )
        values = SQL(", ").join(
            SQL("(%s, %s)", currency_id, company_rate / rate)
            for currency_id, rate in rates.items()
        )
        return SQL(
            """
            SELECT wallet.partner_id,
                   SUM(ROUND(wallet.balance * rate.value / %s) * %s) AS balance
              FROM customer_wallet wallet
              JOIN (VALUES %s) AS rate(currency_id, value)
                ON rate.currency_id = wallet.currency_id
             WHERE wallet.company_id = %s
             GROUP BY wallet.partner_id
            """,
            company.currency_id.rounding,
            company.currency_id.rounding,
            values,
            company.root_id.id,
        )

    def write(self, vals):
        """Who becomes a contact of another customer takes the past of an empty wallet
        along: what it has paid can still be undone.
        """
        # Odoo takes values out of `vals`.
        may_join = not {"parent_id", *COMPANY_FIELDS}.isdisjoint(vals)
        is_archived = not vals.get("active", True)
        # Before Odoo writes: who ignores the refusal must not get it written.
        if may_join:
            self._check_wallet_stays_with_owner(vals)
        if is_archived:
            self.filtered("active")._check_wallet_empty()
        result = super().write(vals)
        if is_archived:
            self._get_own_wallets()._withdraw_consents()
        if may_join:
            self._move_wallet_history()
        return result

    def _get_own_wallets(self):
        """Those in all companies, in sudo."""
        Wallet = self.env["customer.wallet"].sudo()
        return Wallet.search([("partner_id", "in", self.ids)])

    def _get_filled_wallets(self):
        """
        :return: customer.wallet in sudo, those with money or debt in it, or with both
        """
        return self._get_own_wallets().filtered(
            lambda it: it.balance or it.bonus_balance or it.held
        )

    def _move_wallet_history(self):
        """Odoo changes the customer of journal items with the parent of a contact, but
        not where somebody is no company any more.
        """
        for partner, left in self._get_own_wallets().grouped("partner_id").items():
            owner = partner.commercial_partner_id
            if owner == partner:
                continue
            left._withdraw_consents()
            lines = left.line_ids
            if not lines:
                continue
            self.env.add_to_compute(lines._fields["wallet_id"], lines)
            # The customer of an entry that is secured by a hash stays as it is.
            lines.filtered(lambda line: not line.move_id.inalterable_hash).with_context(
                bypass_lock_check=BYPASS_LOCK_CHECK
            ).partner_id = owner

    @refuses_deletion
    def _unlink_except_wallet_not_empty(self):
        self._check_wallet_empty()

    def unlink(self):
        """A wallet in which nothing has ever been goes with its customer."""
        self.check_access("unlink")
        Line = self.env["account.move.line"].sudo()
        self._get_own_wallets().filtered(
            lambda it: not Line.search_count([("wallet_id", "=", it.id)], limit=1)
        ).unlink()
        return super().unlink()

    def _check_wallet_stays_with_owner(self, vals):
        """Money would be out of sight in the wallet of a mere contact.

        :param dict vals: that are written
        :raises ValidationError: naming the customer, and what is in the wallet
        """
        if vals.get("is_company") or vals.get("company_type") == "company":
            return
        for wallet in self._get_filled_wallets():
            owner = wallet.partner_id
            parent = owner.parent_id
            if "parent_id" in vals:
                parent = parent.browse(vals["parent_id"])
            is_kept = owner.is_company and COMPANY_FIELDS.isdisjoint(vals)
            if not parent or is_kept:
                continue
            raise ValidationError(
                self.env._(
                    "%(customer)s has %(balance)s in a wallet of its own and "
                    "cannot become a contact of %(company)s. Use up or pay out "
                    "that money first.",
                    customer=owner.name,
                    balance=wallet.currency_id.format(wallet.balance),
                    company=parent.commercial_partner_id.name,
                )
            )

    def _check_wallet_empty(self):
        """Money or debt in a wallet is not put out of sight.

        :raises UserError: naming each wallet, and how much is in it for those who
            may see that
        """
        wallets = self._get_filled_wallets()
        if not wallets:
            return
        raise UserError(
            self.env._(
                "Customers with money or debt in a wallet cannot be archived or "
                "deleted:\n%(wallets)s\nPay the money out, transfer it, or settle the "
                "debt first.",
                wallets="\n".join(wallet._get_content_text() for wallet in wallets),
            )
        )

    # Actions

    def action_archive(self):
        """Archive; a program that clears up, such as Odoo's Data Recycle, leaves out
        customers with money or debt in a wallet, while a person is told of them.

        :return: see `super`
        :raises UserError: naming the customers who cannot be archived
        """
        if not self.env.su:
            return super().action_archive()
        kept = self._get_filled_wallets().partner_id & self
        if kept:
            _logger.info("Not archived, as there is money in wallets: %s", kept)
        return super(ResPartner, self - kept).action_archive()

    def action_view_wallet(self):
        """Open the customer's wallet, or the list when there is not exactly one.

        :return: a window action on customer.wallet
        """
        self.ensure_one()
        wallets = self.env["customer.wallet"]._find(self, self.env.company)
        action = wallets._get_wallets_action()
        if not action.get("res_id"):
            action["context"] = {"default_partner_id": self.id}
        return action

    def action_move_credits_to_wallet(self):
        """Let the user choose which open credits of the customer go to the wallet.

        :return: a window action on customer.wallet.credit
        :raises AccessError: the user may not read the customer or not use the dialog
        """
        self.ensure_one()
        self.check_access("read")
        self.env["customer.wallet.credit"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move Open Credits to the Wallet"),
            "res_model": "customer.wallet.credit",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }

    @answered_once
    def action_top_up_wallet(
        self, amount, currency_id=None, journal_id=None, memo=None
    ):
        """Receive money into this customer's wallet, in one call that may be sent
        again: the confirmed payment of Customers > Payments.

        :param float amount: in the currency
        :param int currency_id: res.currency, by default the journal's or the company's
        :param int journal_id: account.journal, by default as on a new payment
        :param str memo: of the payment
        :return: int, id of the account.payment
        :raises AccessError: the user may not use wallets or enter payments
        :raises UserError: the amount is no positive number, or this customer cannot
            have a wallet
        """
        self.ensure_one()
        self.check_access("read")
        self.env["customer.wallet"]._check_user()
        self._check_wallet_owner()
        vals = {"currency_id": currency_id, "journal_id": journal_id, "memo": memo}
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.id,
                "is_wallet": True,
                **{name: value for name, value in vals.items() if value},
            }
        )
        payment.amount = read_amount(self.env, amount, payment.currency_id)
        payment.action_post()
        return payment.id

    @answered_once
    def action_allocate_wallet(self):
        """Pay the customer's open invoices from the wallet, oldest due first, as far
        as the money goes.

        :return: a client action that says what was paid
        :raises AccessError: the user may not use wallets or pay the invoices
        :raises UserError: nothing is due, or nothing is available
        """
        self.ensure_one()
        self.check_access("read")
        self.env["customer.wallet"]._check_user()
        invoices = self._get_wallet_payable_invoices()
        if not invoices:
            self._raise_nothing_to_pay()
        invoices._check_wallet_access()
        entries = invoices._allocate_wallet()
        self.env["customer.wallet"]._log_allocation(entries)
        return self.env["customer.wallet"]._get_paid_notification(
            entries.line_ids._get_wallet_moves()
        )

    def action_open_wallet_allocation(self):
        """Let the user choose which open invoices the customer's wallet pays.

        :return: the action of the wizard customer.wallet.allocation
        :raises AccessError: the user may not use wallets or read the customer
        :raises UserError: nothing is due, or nothing is available
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["customer.wallet.allocation"]._open(self)

    # Paying open invoices

    def _increase_rank(self, field, n=1):
        """The rank counts documents. The invoice has been counted: that the wallet
        pays it is not worth a second transaction.
        """
        if self.env.context.get("wallet_booking") is FROM_SERVER:
            return None
        return super()._increase_rank(field, n)

    def _raise_nothing_to_pay(self):
        raise UserError(
            self.env._(
                "%(customer)s has no open invoices: there is nothing to pay.",
                customer=self.commercial_partner_id.display_name,
            )
        )

    def _get_wallet_payable_invoices(self):
        Move = self.env["account.move"]
        domain = [
            *Move._get_wallet_payable_domain(self.env.company.root_id),
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
        ]
        return Move.search(domain, order="invoice_date_due, id")

    def _is_wallet_auto_allocated(self, company, setting):
        """Whether the wallet pays this customer's invoices by itself.

        :param company: res.company, any branch
        :param str setting: field of res.company that counts where nothing else is
            chosen for the customer
        :return: bool
        """
        self.ensure_one()
        owner = self.commercial_partner_id.sudo()
        for branch in company | company.root_id:
            choice = owner.with_company(branch).wallet_auto_allocate
            if choice in ("always", "never"):
                return choice == "always"
        return company.sudo()[setting]
