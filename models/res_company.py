import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

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

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "wallet_account_id",
            "wallet_journal_id",
            "wallet_payment_default",
            "wallet_online_top_up",
            "wallet_top_up_amounts",
            "wallet_mail_used",
            "wallet_mail_low_balance",
        ]

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
                company.wallet_account_id = (
                    company.wallet_journal_id.default_account_id
                    or company._create_wallet_account()
                )
            if not company.wallet_journal_id:
                company.wallet_journal_id = company._create_wallet_journal()

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
