import itertools
from collections import defaultdict, deque

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

LOT_ORDER = "wallet_expiry_date, wallet_lot_type, date, id"
LOT_BATCH = 50
# How often somebody waits anew for a wallet that others use all the time.
TURN_TRIES = 100

# The value of context keys that only the server may set: no client can send it.
FROM_SERVER = object()
# A wallet begins so, whatever defaults of their own those have who cause it to be made.
NEW_WALLET_VALS = {
    "balance": 0.0,
    "bonus_balance": 0.0,
    "overdraft_limit": 0.0,
    "debt_limit": 0.0,
    "low_balance_threshold": 0.0,
    "is_low_balance_told": False,
    "state": "open",
}


class CustomerWallet(models.Model):
    """The money that a customer has paid in advance, in one currency.

    The balance is never written: it is what the posted journal items on the
    company's wallet account say. Every credit there is a lot, every debit uses
    lots up by reconciling with them. As both sides of a reconciliation drop out
    of the open amount together, the sum of what is still open is the sum of all
    that ever was.
    """

    _name = "customer.wallet"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
        help="The commercial partner: all contacts of a company share its wallet.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
        help="The root company: branches share its wallets.",
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
    expiring_line_ids = fields.Many2many(
        "account.move.line",
        string="Bonus About to Expire",
        compute="_compute_expiring_line_ids",
        help="Bonus money that expires within the days that the company has chosen for "
        "the reminder.",
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
        "account.move.line", "wallet_id", string="History", readonly=True
    )

    _owner_uniq = models.Constraint(
        "UNIQUE(partner_id, company_id, currency_id)",
        "A customer has one wallet per company and currency.",
    )
    _balance_within_limit = models.Constraint(
        "CHECK(COALESCE(balance, 0) + COALESCE(overdraft_limit, 0) >= 0)",
        "The wallet does not hold enough money for this.",
    )
    _overdraft_limit_not_negative = models.Constraint(
        "CHECK(overdraft_limit >= 0)", "Enter the limit as zero or a positive amount."
    )

    @api.constrains("balance", "overdraft_limit")
    def _check_balance(self):
        """Say in words what the database would refuse, and refuse what a frozen
        wallet may not do. Odoo checks the constraint of a stored computed field
        each time the field is computed, which is before the new value is written.
        """
        written = self._read_written_balances()
        for wallet in self:
            if wallet.overdraft_limit < 0.0:
                raise ValidationError(
                    self.env._(
                        "Enter the limit as a positive amount: with 50, the wallet may "
                        "go down to -50."
                    )
                )
            before = written.get(wallet.id, 0.0)
            compare = wallet.currency_id.compare_amounts
            goes_out = compare(wallet.balance, before) < 0
            if goes_out and wallet.state == "frozen":
                raise ValidationError(wallet._get_frozen_message(before))
            if compare(wallet.balance + wallet.overdraft_limit, 0.0) >= 0:
                continue
            if not goes_out:
                raise ValidationError(wallet._get_limit_message())
            raise ValidationError(
                wallet._get_shortage_message(
                    before - wallet.balance, before + wallet.overdraft_limit
                )
            )

    def _read_written_balances(self):
        """The balances that stand in the database, by wallet id."""
        self.env.cr.execute(
            "SELECT id, balance FROM customer_wallet WHERE id = ANY(%s)", (self.ids,)
        )
        return {row[0]: float(row[1] or 0.0) for row in self.env.cr.fetchall()}

    @api.depends(
        "line_ids.amount_residual_currency",
        "line_ids.parent_state",
        "line_ids.wallet_lot_type",
    )
    def _compute_balance(self):
        totals = dict.fromkeys(self.ids, 0.0)
        bonuses = dict.fromkeys(self.ids, 0.0)
        for wallet, lot_type, amount in (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                self._get_open_lines_domain(),
                groupby=["wallet_id", "wallet_lot_type"],
                aggregates=["amount_residual_currency:sum"],
            )
        ):
            totals[wallet.id] -= amount
            if lot_type == "bonus":
                bonuses[wallet.id] -= amount
        for wallet in self:
            wallet.balance = wallet.currency_id.round(totals.get(wallet.id, 0.0))
            wallet.bonus_balance = wallet.currency_id.round(bonuses.get(wallet.id, 0.0))

    @api.depends("line_ids.amount_residual_currency", "line_ids.wallet_expiry_date")
    def _compute_expiring_line_ids(self):
        for wallet in self:
            company = wallet.company_id.sudo()
            today = company._get_wallet_today()
            last_day = fields.Date.add(today, days=company.wallet_expiry_reminder_days)
            wallet.expiring_line_ids = (
                self.env["account.move.line"]
                .sudo()
                .search(
                    [
                        *wallet._get_open_lines_domain(),
                        ("wallet_lot_type", "=", "bonus"),
                        ("wallet_expiry_date", ">=", today),
                        ("wallet_expiry_date", "<=", last_day),
                    ],
                    order=LOT_ORDER,
                )
            )

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
        ledger_fields = {"partner_id", "company_id", "currency_id", "line_ids"}
        ledger_fields |= {"balance", "bonus_balance", "debt_limit"}
        if not self.env.su and ledger_fields & set(vals):
            raise AccessError(
                self.env._("The owner and the balance of a wallet cannot be edited.")
            )
        if "overdraft_limit" in vals and "debt_limit" not in vals:
            # From now on the limit is what somebody has decided.
            self.sudo().debt_limit = 0.0
        return super().write(vals)

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

    def action_open_wallet_allocation(self):
        """Let the user choose which open invoices of the customer this wallet pays.

        :return: the action of the wizard customer.wallet.allocation
        :raises AccessError: the user may not read the wallet
        :raises UserError: nothing is due, or nothing is available
        """
        self.ensure_one()
        self.check_access("read")
        company = self.env.company
        if company.root_id != self.company_id:
            company = self.company_id
        Allocation = self.env["customer.wallet.allocation"].with_company(company)
        return Allocation._open(self.partner_id, self)

    @api.model
    def _check_user(self):
        """Public methods that move a customer's money call this first, as any client
        may call them.

        :raises AccessError: the user may not use wallets
        """
        if self.env.su or self.env.user.has_group("customer_wallet.group_wallet_user"):
            return
        raise AccessError(self.env._("You are not allowed to use customer wallets."))

    @api.model
    def _check_manager(self):
        """What changes a wallet by hand calls this first, as any client may call it.

        :raises AccessError: the user is no wallet manager
        """
        manager_group = "customer_wallet.group_wallet_manager"
        if self.env.su or self.env.user.has_group(manager_group):
            return
        raise AccessError(self.env._("Only a wallet manager is allowed to do this."))

    # Finding wallets

    @api.model
    def _find(self, partner, company, currency=None):
        """The existing wallets of a customer.

        :param partner: res.partner, any contact of the customer
        :param company: res.company, any branch
        :param currency: res.currency, whose wallet comes first
        :return: customer.wallet, in any currency
        """
        wallets = self.search(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "=", company.root_id.id),
            ]
        )
        return wallets._sort_for(currency)

    @api.model
    def _find_or_create(self, partner, company, currency):
        """The wallet of a customer in one currency, made if there is none yet.

        :param partner: res.partner, any contact of the customer
        :param company: res.company, any branch
        :param currency: res.currency
        :return: customer.wallet, one record
        :raises ConcurrencyError: another transaction has just made the same wallet,
            which this one cannot see; Odoo tries again
        """
        wallets = self.sudo()._find(partner, company)
        wallet = wallets.filtered(lambda w: w.currency_id == currency)
        if wallet:
            return wallet
        vals = {
            **NEW_WALLET_VALS,
            "partner_id": partner.commercial_partner_id.id,
            "company_id": company.root_id.id,
            "currency_id": currency.id,
        }
        try:
            with self.env.cr.savepoint():
                return self.sudo().create(vals)
        except UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error

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

    # Taking turns

    def _take_turn(self):
        """Have these wallets to oneself until the transaction ends: what moves money
        between several begins with this, so that all wait in the same order.

        Who has waited finds that the wallet has changed since the own transaction
        began. Odoo tries that again some time later, and gives up after five times with
        words that are none for users. A transaction that has written nothing yet can
        begin anew at once, as often as it takes.
        """
        query = SQL(
            "SELECT id FROM customer_wallet WHERE id = ANY(%s) ORDER BY id"
            " FOR NO KEY UPDATE",
            self.ids,
        )
        if self._has_written():
            self.env.cr.execute(query)
            return
        for tries_left in reversed(range(TURN_TRIES)):
            self.env.cr.rollback()
            try:
                self.env.cr.execute(query, log_exceptions=False)
                return
            except SerializationFailure:
                if not tries_left:
                    raise

    def _has_written(self):
        """Whether this transaction has written or locked anything."""
        self.env.flush_all()
        query = SQL("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return self.env.execute_query(query)[0][0]

    # Spending

    def _get_available(self):
        """What may go out of this wallet now.

        :return: float in the wallet's currency, never negative
        """
        self.ensure_one()
        if self.state == "frozen":
            return 0.0
        return self.currency_id.round(max(self.balance + self.overdraft_limit, 0.0))

    def _get_available_in(self, currency, company):
        """What may go out of this wallet now, in another currency at today's rate.

        :param currency: res.currency
        :param company: res.company, whose rates count
        :return: float in that currency, never negative
        """
        self.ensure_one()
        return self.currency_id._convert(self._get_available(), currency, company)

    def _get_sources(self, currency, company):
        """Which of these wallets could pay something, and how much each.

        :param currency: res.currency of what is paid
        :param company: res.company, whose rates count
        :return: list of (customer.wallet, float available in that currency)
        """
        sources = [
            (wallet, wallet._get_available_in(currency, company)) for wallet in self
        ]
        return [
            (wallet, available)
            for wallet, available in sources
            if currency.compare_amounts(available, 0.0) > 0
        ]

    def _sort_for(self, currency):
        """These wallets in the order in which they pay in a currency."""
        return self.sorted(lambda w: (w.currency_id != currency, w.id))

    def _share(self, amount, currency, company, left=None):
        """Spread an amount over these wallets, in their order.

        :param float amount: in `currency`
        :param currency: res.currency of what is paid
        :param company: res.company, whose rates count
        :param dict left: what is left of each wallet in its currency, when several
            amounts are spread one after the other; it is brought up to date
        :return: list of (customer.wallet, float in the wallet's currency)
        """
        left = self._get_left() if left is None else left
        shares = []
        rest = amount
        for wallet in self:
            available = wallet.currency_id._convert(left[wallet], currency, company)
            part = min(rest, available)
            if currency.compare_amounts(part, 0.0) <= 0:
                continue
            rest = currency.round(rest - part)
            share = left[wallet]
            if currency.compare_amounts(part, available) < 0:
                converted = currency._convert(part, wallet.currency_id, company)
                share = min(max(converted, wallet.currency_id.rounding), share)
            left[wallet] = wallet.currency_id.round(left[wallet] - share)
            shares.append((wallet, share))
        return shares

    def _get_left(self, with_limit=True):
        """What may go out of each of these wallets, to spread amounts over them.

        :param bool with_limit: whether a wallet may go below zero as far as its limit
            allows
        :return: dict of floats by customer.wallet, each in the wallet's currency
        """
        left = {wallet: wallet._get_available() for wallet in self}
        if with_limit:
            return left
        return {
            wallet: min(available, max(wallet.balance, 0.0))
            for wallet, available in left.items()
        }

    def _sum_left(self, left, currency, company):
        """What is left of these wallets together.

        :param dict left: see `_get_left`
        :param currency: res.currency of the result
        :param company: res.company, whose rates count
        :return: float in that currency
        """
        return currency.round(
            sum(
                wallet.currency_id._convert(left[wallet], currency, company)
                for wallet in self
            )
        )

    def _get_available_for_pay_out(self):
        """What may be given back as money: bonus money never becomes cash.

        :return: float in the wallet's currency, never negative
        """
        self.ensure_one()
        return self.currency_id.round(
            max(self._get_available() - self.bonus_balance, 0.0)
        )

    def _check_available(self, amount, available=None):
        """Refuse to spend more than there is.

        :param float amount: wanted, in the wallet's currency
        :param float available: what may go out as money, where bonus money may not;
            by default all that is available
        :raises UserError: naming customer, available and wanted amount
        """
        self.ensure_one()
        if self.state == "frozen":
            raise UserError(self._get_frozen_message())
        wanted_as_money = available is not None
        available = available if wanted_as_money else self._get_available()
        if self.currency_id.compare_amounts(amount, available) <= 0:
            return
        if wanted_as_money and self.bonus_balance:
            raise UserError(self._get_bonus_not_paid_out_message(amount, available))
        raise UserError(self._get_shortage_message(amount, available))

    @api.model
    def _check_covers(self, amount, currency, company, customer):
        """Refuse a till order that these wallets cannot pay.

        :param float amount: wanted, in `currency`
        :param currency: res.currency of the till
        :param company: res.company, whose rates count
        :param customer: res.partner, whose wallets these are
        :raises UserError: naming customer, available and wanted amount
        """
        sources = self._get_sources(currency, company)
        available = currency.round(sum(part for _wallet, part in sources))
        if currency.compare_amounts(amount, available) <= 0:
            return
        frozen = self.filtered(lambda wallet: wallet.state == "frozen")
        if frozen:
            raise UserError(frozen[0]._get_frozen_message())
        raise UserError(
            self.env._(
                "The wallet of %(customer)s holds %(available)s, but %(wanted)s was "
                "asked for. Use a smaller amount or another payment method.",
                customer=customer.commercial_partner_id.display_name,
                available=currency.format(available),
                wanted=currency.format(amount),
            )
        )

    def _get_shortage_message(self, wanted, available):
        return self.env._(
            "The wallet of %(customer)s holds %(available)s, but %(wanted)s is needed. "
            "Top up the wallet, or use a smaller amount.",
            customer=self.sudo().partner_id.display_name,
            available=self.currency_id.format(available),
            wanted=self.currency_id.format(wanted),
        )

    def _get_bonus_not_paid_out_message(self, wanted, available):
        return self.env._(
            "Bonus money is not paid out, and %(bonus)s of the %(balance)s in the "
            "wallet of %(customer)s is bonus: %(available)s can be paid out, but "
            "%(wanted)s is needed. Use a smaller amount.",
            bonus=self.currency_id.format(self.bonus_balance),
            balance=self.currency_id.format(self.balance),
            customer=self.sudo().partner_id.display_name,
            available=self.currency_id.format(available),
            wanted=self.currency_id.format(wanted),
        )

    def _get_limit_message(self):
        return self.env._(
            "%(customer)s owes %(debt)s on the wallet: the limit cannot be lower.",
            customer=self.sudo().partner_id.display_name,
            debt=self.currency_id.format(-self.balance),
        )

    def _get_frozen_message(self, balance=None):
        balance = self.balance if balance is None else balance
        return self.env._(
            "The wallet of %(customer)s is frozen: nothing can be taken out of it. "
            "Its balance is %(balance)s. A wallet manager can unfreeze it.",
            customer=self.sudo().partner_id.display_name,
            balance=self.currency_id.format(balance),
        )

    def _get_content_text(self):
        """Whose wallet this is and what is in it, as far as the user may know."""
        self.ensure_one()
        values = {
            "customer": self.partner_id.display_name,
            "company": self.company_id.display_name,
            "balance": self.currency_id.format(self.balance),
        }
        if not self.sudo(False).has_access("read"):
            return self.env._("%(customer)s (%(company)s)", **values)
        return self.env._("%(customer)s: %(balance)s (%(company)s)", **values)

    def _take_from_lots(self, amount, lot_types=("bonus", "paid")):
        """Decide which lots a debit uses up: those that expire first, then bonus,
        then paid money, each oldest first.

        The book value of each part is that of its lot, so that an exchange
        difference arises once, on the receivable, as with any other payment.

        :param float amount: in the wallet's currency
        :param lot_types: kinds of lots that may be used
        :return: list of (account.move.line lot, float amount in the wallet's
            currency, float balance in the company's currency). An overdraft is a
            last part without a lot.
        """
        self.ensure_one()
        parts = []
        left = self.currency_id.round(amount)
        for lot in self._iterate_open_lots(lot_types):
            if self.currency_id.compare_amounts(left, 0.0) <= 0:
                break
            part = min(left, -lot.amount_residual_currency)
            parts.append((lot, part, lot._get_wallet_book_value(part)))
            left = self.currency_id.round(left - part)
        if self.currency_id.compare_amounts(left, 0.0) > 0:
            parts.append((self.env["account.move.line"], left, self._convert(left)))
        return parts

    def _iterate_open_lots(self, lot_types):
        """Yield what is still open, in the order of use, a batch at a time: a
        spend reads no more lots than it needs.
        """
        domain = [
            *self._get_open_lines_domain(),
            ("amount_residual_currency", "<", 0.0),
            ("wallet_lot_type", "in", lot_types),
        ]
        Line = self.env["account.move.line"].sudo()
        for offset in itertools.count(0, LOT_BATCH):
            lots = Line.search(domain, order=LOT_ORDER, offset=offset, limit=LOT_BATCH)
            yield from lots
            if len(lots) < LOT_BATCH:
                return

    def _get_open_lines_domain(self):
        """The posted items of these wallets that are still open.

        They are found by the index `_wallet_open_idx` of account.move.line. By plain
        conditions PostgreSQL would expect a good part of a long history to be open, and
        read all of it.
        """
        if not self.ids:
            return [Domain.FALSE]
        is_open = Domain.custom(
            to_sql=self._get_open_lines_sql,
            predicate=lambda line: line.wallet_id in self and not line.reconciled,
        )
        return [is_open, ("parent_state", "=", "posted")]

    def _get_open_lines_sql(self, lines, alias, query):
        return SQL(
            "CASE WHEN %s IS NOT TRUE THEN %s END = ANY(%s)",
            lines._field_to_sql(alias, "reconciled", query),
            lines._field_to_sql(alias, "wallet_id", query),
            self.ids,
        )

    def _convert(self, amount):
        """Today's value of an amount of this wallet in the company's currency."""
        self.ensure_one()
        return self.currency_id._convert(
            amount, self.company_id.currency_id, self.company_id
        )

    def _match_open_lines(self):
        """Let debits that nobody has matched yet use up lots: those of a manual
        entry, of a pay-out, or what an unposted top-up had paid for.
        """
        Line = self.env["account.move.line"].sudo()
        debits = Line.search(
            [*self._get_open_lines_domain(), ("amount_residual_currency", ">", 0.0)],
            order="date, id",
        )
        for wallet, lines in debits.grouped("wallet_id").items():
            wallet._match_debits(lines)

    def _match_debits(self, debits):
        for debit in debits:
            lot_types = ("paid",) if debit._is_wallet_cash() else ("bonus", "paid")
            parts = self._take_from_lots(debit.amount_residual_currency, lot_types)
            plan = [debit + lot for lot, _amount, _balance in parts if lot]
            if plan:
                debit._reconcile_plan(plan)

    def _allocate_automatically(self, entry):
        """Money came into this wallet: it pays the customer's open invoices, oldest
        due first, where that is wanted.

        :param entry: account.move that brought the money, in whose chatter it is told
        """
        self.ensure_one()
        owner = self.partner_id.with_company(entry.company_id)
        if not owner._is_wallet_auto_allocated(
            entry.company_id, "wallet_auto_allocate_incoming"
        ):
            return
        invoices = owner._get_wallet_payable_invoices()
        if invoices:
            owner._allocate_wallet_automatically(invoices, self, entry)

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
            debt = wallet.bonus_balance - wallet.balance - granted
            debt = wallet.currency_id.round(min(max(debt, 0.0), wallet.debt_limit))
            if wallet.currency_id.compare_amounts(debt, wallet.debt_limit) < 0:
                wallet.write({"overdraft_limit": granted + debt, "debt_limit": debt})

    # Tills

    def _notify_tills(self):
        """Tell the open tills that these wallets have changed."""
        for company, wallets in self.sudo().grouped("company_id").items():
            sessions = (
                self.env["pos.session"]
                .sudo()
                .search(
                    [("state", "!=", "closed"), ("company_id", "child_of", company.id)]
                )
            )
            for till in sessions.config_id:
                till._notify("CUSTOMER_WALLET", {"partner_ids": wallets.partner_id.ids})

    # Entries

    def _prepare_spending_vals(self, amount, currency, company, label):
        """Values of the journal items by which these wallets pay an amount.

        :param float amount: in `currency`; it must be available
        :param currency: res.currency of what is paid
        :param company: res.company, whose rates count
        :param str label: of the journal items
        :return: list of (dict of account.move.line values, account.move.line lot)
        """
        return [
            debit
            for wallet, share in self._share(amount, currency, company)
            for debit in wallet._prepare_debit_lines_vals(share, label)
        ]

    @api.model
    def _prepare_debits_vals(self, spendings):
        """Values of the journal items of several spendings at once: the lots of each
        wallet are read once.

        :param list spendings: of dicts with `shares`, see `_share`, and `label`
        :return: list, for each spending, of lists of (dict of account.move.line
            values, account.move.line lot)
        """
        wanted = defaultdict(list)
        for number, spending in enumerate(spendings):
            for wallet, share in spending["shares"]:
                wanted[wallet].append((number, share))
        debits = [[] for _spending in spendings]
        for wallet, shares in wanted.items():
            parts = wallet._take_from_lots_in_turn([share for _number, share in shares])
            for (number, _share), taken in zip(shares, parts, strict=True):
                label = spendings[number]["label"]
                debits[number] += wallet._prepare_lot_debits_vals(taken, label)
        return debits

    def _take_from_lots_in_turn(self, amounts):
        """Decide which lots several debits use up, one after the other.

        :param list amounts: floats in the wallet's currency
        :return: list, for each amount, of what `_take_from_lots` returns
        """
        self.ensure_one()
        total = self.currency_id.round(sum(amounts))
        parts = deque(
            (lot, amount, -lot.amount_residual if lot else balance)
            for lot, amount, balance in self._take_from_lots(total)
        )
        return [self._take_from_parts(parts, amount) for amount in amounts]

    def _take_from_parts(self, parts, amount):
        """Take one amount from what was taken for several.

        :param parts: deque of (account.move.line lot, float amount left, float book
            value left); what is taken is removed from it
        :param float amount: in the wallet's currency
        :return: list of (account.move.line lot, float amount, float balance)
        """
        taken = []
        left = self.currency_id.round(amount)
        while parts and self.currency_id.compare_amounts(left, 0.0) > 0:
            lot, available, book_value = parts.popleft()
            piece = min(left, available)
            value = lot._get_wallet_book_value(piece) if lot else self._convert(piece)
            value = min(value, book_value)
            if self.currency_id.compare_amounts(piece, available) < 0:
                rest = self.currency_id.round(available - piece)
                book_value = self.company_id.currency_id.round(book_value - value)
                parts.appendleft((lot, rest, book_value))
            taken.append((lot, piece, value))
            left = self.currency_id.round(left - piece)
        return taken

    @api.model
    def _book_spending(self, move_vals, debits, receivable_vals, due_lines):
        """Book one entry that moves wallet money to a receivable account, and
        reconcile both of its sides in one pass.

        :param dict move_vals: of the account.move
        :param list debits: see `_prepare_spending_vals`, and of other journal items
            as (values, empty recordset)
        :param dict receivable_vals: of the counterpart
        :param due_lines: account.move.line that the counterpart pays, if any yet
        :return: account.move, posted
        """
        return self._book_lines(move_vals, [*debits, (receivable_vals, due_lines)])

    @api.model
    def _book_lines(self, move_vals, lines_vals):
        """Book one entry and reconcile its journal items in one pass.

        :param dict move_vals: of the account.move
        :param list lines_vals: of (dict of account.move.line values,
            account.move.line with which the item is reconciled, or none)
        :return: account.move, posted
        """
        commands = [Command.create(vals) for vals, _matched in lines_vals]
        company = self.env["res.company"].browse(move_vals["company_id"])
        Move = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .with_context(
                wallet_lots_chosen=FROM_SERVER,
                skip_analytic_sync=True,
                # All items are given: there is nothing to make on this entry, nor on
                # what it pays.
                skip_invoice_sync=True,
            )
        )
        # Nobody follows an entry that tells what documents tell already, but an audit
        # trail has every entry.
        has_audit_trail = company.sudo().restrictive_audit_trail
        if not any(vals.get("tax_ids") for vals, _matched in lines_vals):
            # Nothing is taxed: Odoo need not look for the customer's fiscal position.
            move_vals = {"fiscal_position_id": False, **move_vals}
        draft = Move.with_context(tracking_disable=not has_audit_trail).create(
            {**move_vals, "line_ids": commands}
        )
        draft._post(soft=False)
        move = draft.with_env(Move.env)
        lines = move.line_ids.sorted("id")
        plan = defaultdict(lines.browse)
        for line, (_vals, matched) in zip(lines, lines_vals, strict=True):
            if matched:
                plan[matched.sudo()] += line
        lines._reconcile_plan([line + matched for matched, line in plan.items()])
        return move

    def _prepare_debit_lines_vals(self, amount, label):
        """Values of the journal items that take money out of this wallet: one for
        each lot that is used. A debit that spanned two lots would tie them into
        one matching, which would grow with the wallet's history.

        :param float amount: in the wallet's currency
        :param str label: of the journal items
        :return: list of (dict of account.move.line values, account.move.line lot)
        """
        self.ensure_one()
        return self._prepare_lot_debits_vals(self._take_from_lots(amount), label)

    def _prepare_lot_debits_vals(self, parts, label):
        account = self.company_id.wallet_account_id
        return [
            (
                {
                    "name": label,
                    "account_id": account.id,
                    "partner_id": self.partner_id.id,
                    "currency_id": self.currency_id.id,
                    "amount_currency": part,
                    "balance": balance,
                    "analytic_distribution": False,
                },
                lot,
            )
            for lot, part, balance in parts
        ]

    # Kinds of money

    @api.model
    def _split_by_kind(self, amount, currency, money, bonuses):
        """In which kinds of money a refund comes back: the kind that was spent, what
        was used last first, which is money paid in, then the bonus that expires last.

        :param float amount: that is refunded, in `currency`
        :param currency: res.currency
        :param float money: what may still come back as paid money
        :param dict bonuses: float by date of expiry or False, what may still come back
            as bonus
        :return: list of (float amount, str lot type, date of expiry or False)
        """
        parts = []
        left = currency.round(amount - min(amount, max(money, 0.0)))
        expiries = sorted(bonuses, key=lambda date: (not date, date), reverse=True)
        for expiry in expiries:
            part = currency.round(min(left, max(bonuses[expiry], 0.0)))
            left = currency.round(left - part)
            parts.append((part, "bonus", expiry))
        paid = amount - sum(part for part, _type, _expiry in parts)
        parts.append((currency.round(paid), "paid", False))
        return [part for part in parts if not currency.is_zero(part[0])]

    def _prepare_lots_vals(self, kinds, label):
        """Values of the journal items that put money into this wallet.

        :param list kinds: of (float amount in the wallet's currency, lot type, expiry
            date)
        :param str label: of the journal items
        :return: list of dict of account.move.line values; only a superuser may write
            them
        """
        self.ensure_one()
        return [
            {
                "name": label,
                "account_id": self.company_id.sudo().wallet_account_id.id,
                "partner_id": self.partner_id.id,
                "currency_id": self.currency_id.id,
                "amount_currency": -amount,
                "balance": -self._convert(amount),
                "wallet_lot_type": lot_type,
                "wallet_expiry_date": expiry,
                # It outlives the addon: a new installation reads it there.
                "date_maturity": expiry,
            }
            for amount, lot_type, expiry in kinds
        ]
