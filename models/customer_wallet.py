import itertools

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.fields import Command

LOT_ORDER = "wallet_expiry_date, wallet_lot_type, date, id"
LOT_BATCH = 50

# The value of context keys that only the server may set: no client can send it.
FROM_SERVER = object()


class CustomerWallet(models.Model):
    """The money that a customer has paid in advance, in one currency.

    The balance is never written: it is what the posted journal items on the
    company's wallet account say. Every credit there is a lot, every debit uses
    lots up by reconciling with them. As both sides of a reconciliation drop out
    of the open amount together, the sum of what is still open is the sum of all
    that ever was.
    """

    _name = "customer.wallet"
    _inherit = ["mail.thread"]
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
        "res.currency", required=True, readonly=True, ondelete="restrict"
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
        default=0.0, tracking=True, help="How far below zero this customer may go."
    )
    state = fields.Selection(
        [("open", "Open"), ("frozen", "Frozen")],
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
        "CHECK(overdraft_limit >= 0)", "The overdraft limit cannot be negative."
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
                [
                    ("wallet_id", "in", self.ids),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                ],
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
        ledger_fields |= {"balance", "bonus_balance"}
        if not self.env.su and ledger_fields & set(vals):
            raise AccessError(
                self.env._("The owner and the balance of a wallet cannot be edited.")
            )
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

    @api.model
    def _check_user(self):
        """Public methods that move a customer's money call this first, as any client
        may call them.

        :raises AccessError: the user may not use wallets
        """
        if self.env.su or self.env.user.has_group("customer_wallet.group_wallet_user"):
            return
        raise AccessError(self.env._("You are not allowed to use customer wallets."))

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
        return wallets.sorted(lambda w: (w.currency_id != currency, w.id))

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
        """The currencies in which there are wallets, and the company's."""
        currencies = self.env.company.currency_id
        for (currency,) in self.sudo()._read_group([], groupby=["currency_id"]):
            currencies |= currency
        return currencies

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

    def _share(self, amount, currency, company):
        """Spread an amount over these wallets, in their order.

        :param float amount: in `currency`
        :param currency: res.currency of what is paid
        :param company: res.company, whose rates count
        :return: list of (customer.wallet, float in the wallet's currency)
        """
        shares = []
        left = amount
        for wallet, available in self._get_sources(currency, company):
            if currency.compare_amounts(left, 0.0) <= 0:
                break
            part = min(left, available)
            left = currency.round(left - part)
            share = wallet._get_available()
            if currency.compare_amounts(part, available) < 0:
                converted = currency._convert(part, wallet.currency_id, company)
                share = min(max(converted, wallet.currency_id.rounding), share)
            shares.append((wallet, share))
        return shares

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
        :param float available: what may go out, by default all that is available
        :raises UserError: naming customer, available and wanted amount
        """
        self.ensure_one()
        if self.state == "frozen":
            raise UserError(self._get_frozen_message())
        available = self._get_available() if available is None else available
        if self.currency_id.compare_amounts(amount, available) > 0:
            raise UserError(self._get_shortage_message(amount, available))

    def _get_shortage_message(self, wanted, available):
        return self.env._(
            "The wallet of %(customer)s holds %(available)s, but %(wanted)s is needed. "
            "Top up the wallet, or use a smaller amount.",
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
        return [
            ("wallet_id", "in", self.ids),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
        ]

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
        lines_vals = [vals for vals, _lot in debits] + [receivable_vals]
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(move_vals["company_id"])
            .with_context(wallet_lots_chosen=FROM_SERVER)
            .create(
                {
                    **move_vals,
                    "line_ids": [Command.create(vals) for vals in lines_vals],
                }
            )
        )
        move._post(soft=False)
        lines = move.line_ids.sorted("id")
        plan = [
            line + lot for line, (_vals, lot) in zip(lines, debits, strict=False) if lot
        ]
        if due_lines:
            plan.append(lines[-1] + due_lines.sudo())
        lines._reconcile_plan(plan)
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
                },
                lot,
            )
            for lot, part, balance in self._take_from_lots(amount)
        ]
