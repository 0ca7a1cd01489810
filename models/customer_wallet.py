from ast import literal_eval

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .customer_wallet_defaults import FROM_SERVER

# The kinds of money, each on an account of its own.
PAID = "paid"
BONUS = "bonus"
# Initial values, overriding user defaults.
NEW_WALLET_VALS = {
    "balance": 0.0,
    "bonus_balance": 0.0,
    "held": 0.0,
    "held_bonus": 0.0,
    "overdraft_limit": 0.0,
    "debt_limit": 0.0,
    "low_balance_threshold": 0.0,
    "is_low_balance_notified": False,
    "state": "open",
}


class CustomerWallet(models.Model):
    """The money that a customer has paid in advance, in one currency: a bank account
    that the business keeps for its customer.

    The balance is never written: it is what the posted journal items on the two wallet
    accounts of the company say. What is promised and not booked yet is held.
    """

    _name = "customer.wallet"
    _inherit = [
        "customer.wallet.defaults.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "customer.wallet.amount.mixin",
    ]
    _description = "Customer Wallet"
    _order = "balance desc, id"
    _rec_names_search = ["partner_id"]

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
        help="The person, or the company: all its contacts share one wallet.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
        help="The main company: its branches share its wallets.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, index=True, readonly=True, ondelete="restrict"
    )
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    balance = fields.Monetary(compute="_compute_balance", store=True)
    bonus_balance = fields.Monetary(
        string="Of Which Bonus",
        compute="_compute_balance",
        store=True,
        help="The part of the balance that was given, not paid in. "
        "It can be spent but not paid out.",
    )
    held = fields.Monetary(
        compute="_compute_held",
        store=True,
        help="Promised and not booked yet, such as orders of an open session of the "
        "Point of Sale.",
    )
    held_bonus = fields.Monetary(
        string="Of Which Held Bonus", compute="_compute_held", store=True
    )
    available = fields.Monetary(
        compute="_compute_available",
        help="What can be used now: the balance, less what is held, plus the limit.",
    )
    overdraft_limit = fields.Monetary(
        string="Limit Below Zero",
        default=0.0,
        tracking=True,
        help="How far below zero this customer may go.",
    )
    debt_limit = fields.Monetary(
        string="Of Which for a Debt",
        readonly=True,
        help="The part of the limit that a manager allowed when a top-up was taken "
        "back whose money had been used. It goes down as the debt is paid.",
    )
    state = fields.Selection(
        [("open", "Open"), ("frozen", "Frozen")],
        string="Status",
        default="open",
        required=True,
        tracking=True,
        help="Nothing goes out of a frozen wallet; money may come in.",
    )
    line_ids = fields.One2many(
        "account.move.line", "wallet_id", string="Journal Items", readonly=True
    )
    hold_ids = fields.One2many(
        "customer.wallet.hold", "wallet_id", string="Holds", readonly=True
    )

    _owner_uniq = models.Constraint(
        "UNIQUE(partner_id, company_id, currency_id)",
        "A customer has one wallet per company and currency.",
    )
    _paid_within_limit = models.Constraint(
        "CHECK(COALESCE(balance, 0) - COALESCE(bonus_balance, 0)"
        " - COALESCE(held, 0) + COALESCE(held_bonus, 0)"
        " + COALESCE(overdraft_limit, 0) >= 0)",
        "The wallet does not hold enough money for this.",
    )
    _bonus_not_negative = models.Constraint(
        "CHECK(COALESCE(bonus_balance, 0) - COALESCE(held_bonus, 0) >= 0)",
        "The wallet does not hold enough bonus for this.",
    )
    _overdraft_limit_not_negative = models.Constraint(
        "CHECK(overdraft_limit >= 0)", "Enter the limit as zero or a positive amount."
    )

    @api.depends("hold_ids.state", "hold_ids.amount", "hold_ids.bonus_amount")
    def _compute_held(self):
        sums = {
            wallet.id: (amount, bonus)
            for wallet, amount, bonus in self.env["customer.wallet.hold"]
            .sudo()
            ._read_group(
                [("wallet_id", "in", self.ids), ("state", "=", "held")],
                groupby=["wallet_id"],
                aggregates=["amount:sum", "bonus_amount:sum"],
            )
        }
        for wallet in self:
            held, bonus = sums.get(wallet.id, (0.0, 0.0))
            wallet.held = wallet.currency_id.round(held)
            wallet.held_bonus = wallet.currency_id.round(bonus)

    @api.depends("balance", "held", "overdraft_limit", "state")
    def _compute_available(self):
        for wallet in self:
            wallet.available = wallet._get_available()

    @api.depends("partner_id", "currency_id")
    def _compute_display_name(self):
        for wallet in self:
            wallet.display_name = self.env._(
                "%(customer)s (%(currency)s)",
                customer=wallet.partner_id.display_name,
                currency=wallet.currency_id.name,
            )

    def write(self, vals):
        """Only what a person may decide can be written from outside."""
        decided = {"overdraft_limit", "state", "low_balance_threshold"}
        ledger_fields = {name for name in vals if name in NEW_WALLET_VALS} - decided
        ledger_fields |= {"partner_id", "company_id", "currency_id"} & set(vals)
        ledger_fields |= {"line_ids", "hold_ids"} & set(vals)
        ledger_fields |= {name for name in vals if name.startswith("checkpoint_")}
        if not self.env.su and ledger_fields:
            raise AccessError(
                self.env._("The owner and the balance of a wallet cannot be edited.")
            )
        if "overdraft_limit" in vals and "debt_limit" not in vals:
            # From now on the limit is what somebody has decided.
            self.sudo().debt_limit = 0.0
        return super().write(vals)

    def _write_multi(self, vals_list):
        """All that is done to a wallet ends here: who comes too late reads words."""
        try:
            return super()._write_multi(vals_list)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
            raise ConcurrencyError(self._get_busy_message()) from error

    # Actions

    def action_freeze(self):
        """Let nothing out of these wallets; money may still come in.

        :raises AccessError: for anyone but a wallet manager
        """
        self.write({"state": "frozen"})

    def action_unfreeze(self):
        """Let money out of these wallets again.

        :raises AccessError: for anyone but a wallet manager
        """
        self.write({"state": "open"})

    def action_check(self):
        """Compare these wallets, or all when there are none, with the books.

        :return: see `customer.wallet.difference.action_check`
        :raises AccessError: the user is no wallet manager
        """
        return self.env["customer.wallet.difference"].action_check(self.ids)

    def action_top_up(self):
        """Let the user enter money for this wallet.

        :return: the action of a dialog on account.payment
        :raises AccessError: the user may not read the wallet or enter payments
        """
        return self._get_payment_action("customer_wallet.action_wallet_top_up")

    def action_pay_out(self):
        """Let the user give money of this wallet back: all that is there and can be,
        less what the customer owes, unless told otherwise.

        :return: the action of a dialog on account.payment
        :raises AccessError: the user may not read the wallet or enter payments
        """
        self.ensure_one()
        self.check_access("read")
        there = self._get_available_for_pay_out() - self.overdraft_limit
        return self._get_payment_action(
            "customer_wallet.action_wallet_pay_out",
            default_amount=max(0.0, self.currency_id.round(there - self.due_amount)),
        )

    def _get_payment_action(self, name, **context):
        """
        :param str name: external id of the action
        :param context: further defaults of the payment
        """
        self.ensure_one()
        self.check_access("read")
        self.env["account.payment"].check_access("create")
        action = self.env["ir.actions.act_window"]._for_xml_id(name)
        action["context"] = {
            **literal_eval(action["context"]),
            **self._prepare_payment_context(
                self.partner_id, self.currency_id, self._get_acting_company()
            ),
            **context,
        }
        return action

    @api.model
    def _prepare_payment_context(self, partner, currency, company):
        """
        :return: dict, by which a payment is entered for a wallet in this currency and
            company, whichever the user works in
        """
        others = self.env.companies - company
        return {
            "allowed_company_ids": [company.id, *others.ids],
            "default_partner_id": partner.id,
            "default_currency_id": currency.id,
            "default_company_id": company.id,
            "wallet_currency_id": currency.id,
        }

    def _get_acting_company(self):
        """
        :return: res.company in which the user works for this wallet: a branch, or the
            wallet's own
        """
        company = self.env.company
        return company if company.root_id == self.company_id else self.company_id

    def action_open_wallet_allocation(self):
        """Let the user choose which open invoices of the customer this wallet pays.

        :return: the action of the wizard customer.wallet.allocation
        :raises AccessError: the user may not read the wallet
        :raises UserError: nothing is due, or nothing is available
        """
        self.ensure_one()
        self.check_access("read")
        company = self._get_acting_company()
        Allocation = self.env["customer.wallet.allocation"].with_company(company)
        return Allocation._open(self.partner_id, self)

    @api.model
    def _check_user(self):
        """Public methods that move a customer's money call this first, as any client
        may call them.

        :raises AccessError: the user may not use wallets
        """
        if not self.env.user.has_group("customer_wallet.group_wallet_user"):
            raise AccessError(
                self.env._("You are not allowed to use customer wallets.")
            )

    @api.model
    def _check_manager(self):
        """What changes a wallet by hand calls this first, as any client may call it.

        :raises AccessError: the user is no wallet manager
        """
        if not self.env.user.has_group("customer_wallet.group_wallet_manager"):
            raise AccessError(
                self.env._("Only a wallet manager is allowed to do this.")
            )

    # Finding wallets

    @api.model
    def _find(self, partner, company, currency=None):
        """The existing wallets of a customer.

        :param partner: res.partner, any contact of the customer
        :param company: res.company, any branch
        :param currency: res.currency, whose wallet comes first
        :return: customer.wallet, in any currency
        """
        owner = partner.commercial_partner_id
        wallets = self._find_of_all(owner, company).get(owner, self.browse())
        return wallets._sort_for(currency)

    @api.model
    def _find_of_all(self, partners, company):
        """The existing wallets of many customers.

        :param partners: res.partner, any contacts of the customers
        :param company: res.company, any branch
        :return: dict of customer.wallet by the res.partner who owns them
        """
        wallets = self.search(
            [
                ("partner_id", "in", partners.commercial_partner_id.ids),
                ("company_id", "=", company.root_id.id),
            ]
        )
        return wallets.grouped("partner_id")

    def _filter_currency(self, currency):
        """Those of these wallets that are in this very currency."""
        return self.filtered(lambda wallet: wallet.currency_id == currency)

    @api.model
    def _find_or_create(self, partner, company, currency):
        """The wallet of a customer in one currency, made if there is none yet.

        :param partner: res.partner, any contact of the customer
        :param company: res.company, any branch
        :param currency: res.currency
        :return: customer.wallet, one record
        :raises UserError: the customer stands for many people
        :raises ConcurrencyError: another transaction has just made the same wallet,
            which this one cannot see; Odoo tries again
        """
        key = partner, company, currency
        return self._find_or_create_all([key])[key]

    @api.model
    def _find_or_create_all(self, keys):
        """The same for many at once.

        :param keys: iterable of (partner, company, currency), see `_find_or_create`
        :return: dict of customer.wallet in sudo by key
        """
        owners = {
            key: (key[0].commercial_partner_id.id, key[1].root_id.id, key[2].id)
            for key in keys
        }
        if not owners:
            return {}
        known = self._find_by_owner(owners.values())
        missing = {key: owner for key, owner in owners.items() if owner not in known}
        if missing:
            self.env["res.partner"].union(
                *(key[0] for key in missing)
            )._check_wallet_owner()
            known |= self._create_for(dict.fromkeys(missing.values()))
        return {key: known[owner] for key, owner in owners.items()}

    @api.model
    def _find_by_owner(self, owners):
        """
        :param owners: of (commercial partner id, root company id, currency id)
        :return: dict of customer.wallet in sudo by owner
        """
        partner_ids, company_ids, _currency_ids = map(set, zip(*owners, strict=True))
        wallets = self.sudo().search(
            [
                ("partner_id", "in", partner_ids),
                ("company_id", "in", company_ids),
            ]
        )
        return {
            (wallet.partner_id.id, wallet.company_id.id, wallet.currency_id.id): wallet
            for wallet in wallets
        }

    @api.model
    def _create_for(self, owners):
        """Make wallets in the middle of what a user does, who does not follow them.

        :param owners: see `_find_by_owner`
        :return: dict of customer.wallet in sudo by owner
        """
        names = ("partner_id", "company_id", "currency_id")
        model = self.sudo().with_context(tracking_disable=True)
        try:
            with self.env.cr.savepoint():
                wallets = model.create(
                    [
                        {**NEW_WALLET_VALS, **dict(zip(names, owner, strict=True))}
                        for owner in owners
                    ]
                )
        except UniqueViolation as error:
            raise ConcurrencyError(self._get_busy_message()) from error
        return dict(zip(owners, wallets.with_env(self.sudo().env), strict=True))

    @api.model
    def _get_currencies(self):
        """The currencies in which there are wallets, and the company's. Reading them
        off a hundred thousand wallets would take longer than what they are needed for.
        """
        self.flush_model(["currency_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM res_currency currency
                 WHERE EXISTS (
                        SELECT FROM customer_wallet WHERE currency_id = currency.id)
                """
            )
        )
        currencies = self.env["res.currency"].browse(row[0] for row in rows)
        return self.env.company.currency_id | currencies

    # What others want to know

    def _convert(self, amount, date=None):
        """The value of an amount of this wallet in the company's currency, by default
        today's.
        """
        self.ensure_one()
        return self.currency_id._convert(
            amount,
            self.company_id.currency_id,
            self.company_id,
            date or self.company_id._get_wallet_today(),
        )

    def _notify_moved(self, moves):
        """Entries have just changed these wallets: mails, tills and the like follow.

        :param moves: account.move, just posted; none when one was unposted
        """
        self.sudo()._lower_debt_limit()

    # Debts

    def _allow_debt(self, amount):
        """Let this wallet go below zero, as far as a manager has decided.

        :param float amount: by which the limit is raised, in the wallet's currency
        """
        self.ensure_one()
        self.sudo().write(
            {
                "overdraft_limit": self.overdraft_limit + amount,
                "debt_limit": self.debt_limit + amount,
            }
        )

    def _lower_debt_limit(self):
        """What was allowed for a debt cannot be used again once the debt is paid."""
        if self.env.context.get("wallet_debt_allowed") is FROM_SERVER:
            return
        for wallet in self.filtered("debt_limit"):
            granted = wallet.overdraft_limit - wallet.debt_limit
            debt = -wallet._get_paid_left() + wallet.overdraft_limit - granted
            debt = wallet.currency_id.round(min(max(debt, 0.0), wallet.debt_limit))
            if wallet.currency_id.compare_amounts(debt, wallet.debt_limit) < 0:
                wallet.write({"overdraft_limit": granted + debt, "debt_limit": debt})
