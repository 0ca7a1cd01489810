import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

from .customer_wallet import FROM_SERVER

WALLET_JOURNAL_CODE = "WALL"


class ResCompany(models.Model):
    _inherit = "res.company"

    wallet_account_id = fields.Many2one(
        "account.account",
        domain="[('account_type', '=', 'liability_current'), ('reconcile', '=', True)]",
        help="What is on this account has been paid in advance by customers and is "
        "owed to them until they use it.",
    )
    wallet_journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'general')]",
        help="Journal of the entries that use, transfer or adjust wallet money.",
    )
    wallet_payment_default = fields.Boolean(
        string="Customer Payments Go to the Wallet",
        default=True,
        help="A payment entered in Customers > Payments goes to the customer's "
        "wallet, unless the switch on the payment is turned off.",
    )
    wallet_top_up_receipt = fields.Boolean(
        string="Send a Receipt for Top-ups",
        help="The customer gets an e-mail with the amount and the new balance as soon "
        "as a top-up is confirmed.",
    )

    wallet_auto_allocate = fields.Boolean(
        string="Pay Invoices from the Wallet Automatically",
        help="When a customer invoice is confirmed, the money in the customer's wallet "
        "pays it at once, as far as it goes.",
    )
    wallet_auto_allocate_incoming = fields.Boolean(
        string="Pay Open Invoices When Money Comes In",
        help="When money comes into a wallet, it pays the customer's open invoices, "
        "oldest due first.",
    )

    wallet_bonus_account_id = fields.Many2one(
        "account.account",
        string="Wallet Promotion Account",
        domain="[('account_type', 'in', ('expense', 'expense_other'))]",
        help="The bonuses that customers earn with their top-ups are an expense: it is "
        "booked here when the bonus is given, and back when the bonus expires.",
    )
    wallet_expiry_reminder = fields.Boolean(
        string="Remind of Expiring Bonus",
        help="Customers get one e-mail some days before a bonus in their wallet "
        "expires.",
    )
    wallet_expiry_reminder_days = fields.Integer(
        string="Days Before",
        default=7,
        help="How many days before a bonus expires the customer gets the e-mail.",
    )
    wallet_online_top_up = fields.Boolean(
        string="Online Top-up",
        default=True,
        help="Customers can top up their wallet in the portal with the payment "
        "providers of the company.",
    )
    wallet_top_up_amounts = fields.Char(
        string="Suggested Amounts",
        help="What the portal suggests for a top-up, in the currency of the company, "
        "for example: 20 50 100",
    )
    wallet_mail_used = fields.Boolean(
        string="E-mail: Wallet Used",
        help="Customers get an e-mail each time their wallet pays an invoice or an "
        "order of the till.",
    )
    wallet_mail_low_balance = fields.Boolean(
        string="E-mail: Low Balance",
        default=True,
        help="Customers get an e-mail when their balance falls below the amount that "
        "they have chosen in the portal.",
    )

    @api.constrains("wallet_account_id")
    def _check_wallet_account_id(self):
        for company in self.filtered("wallet_account_id"):
            account = company.wallet_account_id
            if account.account_type != "liability_current" or not account.reconcile:
                raise ValidationError(
                    self.env._(
                        "The wallet account %(account)s must be a current liability "
                        "that allows reconciliation.",
                        account=account.display_name,
                    )
                )

    @api.constrains("wallet_bonus_account_id")
    def _check_wallet_bonus_account_id(self):
        for account in self.wallet_bonus_account_id:
            if account.internal_group != "expense":
                raise ValidationError(
                    self.env._(
                        "%(account)s cannot take the wallet promotions: choose an "
                        "expense account.",
                        account=account.display_name,
                    )
                )

    @api.constrains("wallet_expiry_reminder_days")
    def _check_wallet_expiry_reminder_days(self):
        if any(company.wallet_expiry_reminder_days < 0 for company in self):
            raise ValidationError(
                self.env._("The days before a bonus expires cannot be negative.")
            )

    @api.constrains("wallet_journal_id")
    def _check_wallet_journal_id(self):
        for journal in self.wallet_journal_id:
            if journal.type != "general":
                raise ValidationError(
                    self.env._(
                        "The wallet journal %(journal)s must be of the type "
                        "Miscellaneous.",
                        journal=journal.display_name,
                    )
                )

    @api.constrains("wallet_top_up_amounts")
    def _check_wallet_top_up_amounts(self):
        for company in self:
            try:
                amounts = company._get_wallet_top_up_amounts()
            except ValueError:
                amounts = [0.0]
            if any(not 0.0 < amount < math.inf for amount in amounts):
                raise ValidationError(
                    self.env._(
                        "Enter the suggested amounts as figures with a space between "
                        "them, for example: 20 50 100"
                    )
                )

    def write(self, vals):
        if "wallet_account_id" in vals:
            self._check_wallet_account_unused(vals["wallet_account_id"])
            self._check_wallet_account_new(vals["wallet_account_id"])
        return super().write(vals)

    def _check_wallet_account_unused(self, new_account_id):
        """Refuse to leave the money of the wallets behind on another account."""
        for company in self:
            account = company.wallet_account_id
            if not account or account.id == new_account_id:
                continue
            has_money = (
                self.env["account.move.line"]
                .sudo()
                .search_count(
                    [
                        ("account_id", "=", account.id),
                        ("company_id", "child_of", company.root_id.id),
                        ("wallet_id", "!=", False),
                    ],
                    limit=1,
                )
            )
            if has_money:
                raise ValidationError(
                    self.env._(
                        "Wallets of %(company)s already use the account %(account)s. "
                        "It cannot be replaced: rename or renumber it instead.",
                        company=company.display_name,
                        account=account.display_name,
                    )
                )

    def _check_wallet_account_new(self, account_id):
        """Refuse an account with money that no wallet would know of. When the addon is
        installed again, it finds the wallets of what is there.
        """
        if self.env.context.get("wallet_installing") is FROM_SERVER:
            return
        for company in self:
            if company.wallet_account_id.id == account_id:
                continue
            items = self.env["account.move.line"].sudo()
            has_entries = items.search_count(
                [
                    ("account_id", "=", account_id),
                    ("company_id", "child_of", company.root_id.id),
                    ("parent_state", "=", "posted"),
                    ("wallet_id", "=", False),
                ],
                limit=1,
            )
            if has_entries:
                account = self.env["account.account"].browse(account_id)
                raise ValidationError(
                    self.env._(
                        "The account %(account)s has entries that are in no wallet. "
                        "Choose an account without entries for the wallets of "
                        "%(company)s.",
                        account=account.display_name,
                        company=company.display_name,
                    )
                )

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "wallet_account_id",
            "wallet_journal_id",
            "wallet_payment_default",
            "wallet_top_up_receipt",
            "wallet_auto_allocate",
            "wallet_auto_allocate_incoming",
            "wallet_bonus_account_id",
            "wallet_expiry_reminder",
            "wallet_expiry_reminder_days",
            "wallet_online_top_up",
            "wallet_top_up_amounts",
            "wallet_mail_used",
            "wallet_mail_low_balance",
        ]

    def _get_wallet_today(self):
        """The date that it is now where the main company is.

        :return: date
        """
        self.ensure_one()
        time_zone = self.sudo().root_id.partner_id.tz or "UTC"
        return fields.Date.context_today(self.with_context(tz=time_zone))

    def _get_wallet_top_up_amounts(self):
        """What the portal suggests for a top-up.

        :return: list of floats in the currency of the company
        """
        self.ensure_one()
        return [float(amount) for amount in (self.wallet_top_up_amounts or "").split()]

    # Accounting set-up

    def _ensure_wallet_accounting(self):
        """Give every root company that has a chart of accounts its wallet account
        and journal. What exists already, an earlier installation's included, is
        kept, so that it may be called at any time.
        """
        for company in self.root_id.sudo():
            if not company._has_chart_of_accounts():
                continue
            if not company.wallet_journal_id:
                company.wallet_journal_id = company._find_wallet_journal()
            if not company.wallet_account_id:
                installing = company.with_context(wallet_installing=FROM_SERVER)
                installing.wallet_account_id = (
                    company.wallet_journal_id.default_account_id
                    or company._create_wallet_account()
                )
            if not company.wallet_journal_id:
                company.wallet_journal_id = company._create_wallet_journal()
            if not company.wallet_bonus_account_id:
                company.wallet_bonus_account_id = (
                    company._find_wallet_bonus_account()
                    or company._create_wallet_bonus_account()
                )

    def _has_chart_of_accounts(self):
        self.ensure_one()
        Account = self.env["account.account"]
        return bool(Account.search_count(Account._check_company_domain(self), limit=1))

    def _find_wallet_journal(self):
        """The journal that an earlier installation of this addon left behind: it
        is recognized by its code and by the kind of its default account.
        """
        self.ensure_one()
        return self.env["account.journal"].search(
            [
                ("company_id", "=", self.id),
                ("type", "=", "general"),
                ("code", "=", WALLET_JOURNAL_CODE),
                ("default_account_id.account_type", "=", "liability_current"),
                ("default_account_id.reconcile", "=", True),
            ],
            limit=1,
        )

    def _create_wallet_account(self):
        return (
            self.env["account.account"]
            .with_company(self)
            .create(self._prepare_wallet_account_vals())
        )

    def _create_wallet_journal(self):
        return (
            self.env["account.journal"]
            .with_company(self)
            .create(self._prepare_wallet_journal_vals())
        )

    def _prepare_wallet_account_vals(self):
        self.ensure_one()
        Account = self.env["account.account"].with_company(self)
        neighbour = Account.search(
            [
                *Account._check_company_domain(self),
                ("account_type", "=", "liability_current"),
            ],
            order="code",
            limit=1,
        )
        return {
            "name": self.env._("Customer Wallets"),
            "code": Account._search_new_account_code(neighbour.code or "210000"),
            "account_type": "liability_current",
            "reconcile": True,
            "company_ids": [Command.link(self.id)],
        }

    def _get_wallet_bonus_account_xmlid(self):
        """Its module is not ours, so that uninstalling the addon leaves the account,
        and installing it again finds it.
        """
        self.ensure_one()
        return f"__custom__.customer_wallet_bonus_account_{self.id}"

    def _find_wallet_bonus_account(self):
        self.ensure_one()
        account = self.env.ref(
            self._get_wallet_bonus_account_xmlid(), raise_if_not_found=False
        )
        is_fit = account and account.sudo().internal_group == "expense"
        return account.sudo() if is_fit else self.env["account.account"]

    def _create_wallet_bonus_account(self):
        account = (
            self.env["account.account"]
            .with_company(self)
            .create(self._prepare_wallet_bonus_account_vals())
        )
        self.env["ir.model.data"].sudo()._update_xmlids(
            [
                {
                    "xml_id": self._get_wallet_bonus_account_xmlid(),
                    "record": account,
                    "noupdate": True,
                }
            ]
        )
        return account

    def _prepare_wallet_bonus_account_vals(self):
        self.ensure_one()
        Account = self.env["account.account"].with_company(self)
        # Among ordinary expenses: discounts may stand far before them.
        discounts = self.account_journal_early_pay_discount_loss_account_id
        neighbour = Account.search(
            [
                *Account._check_company_domain(self),
                ("account_type", "=", "expense"),
                ("id", "not in", discounts.ids),
            ],
            order="code",
            limit=1,
        )
        return {
            "name": self.env._("Customer Wallet Promotions"),
            "code": Account._search_new_account_code(neighbour.code or "600000"),
            "account_type": "expense",
            "company_ids": [Command.link(self.id)],
        }

    def _prepare_wallet_journal_vals(self):
        self.ensure_one()
        return {
            "name": self.env._("Customer Wallet"),
            "code": self._get_free_wallet_journal_code(),
            "type": "general",
            "company_id": self.id,
            "default_account_id": self.wallet_account_id.id,
            "show_on_dashboard": False,
        }

    def _get_free_wallet_journal_code(self):
        self.ensure_one()
        taken = set(
            self.env["account.journal"]
            .with_context(active_test=False)
            .search(Domain("company_id", "=", self.id))
            .mapped("code")
        )
        candidates = [WALLET_JOURNAL_CODE] + [f"WAL{n}" for n in range(2, 100)]
        return next(code for code in candidates if code not in taken)
