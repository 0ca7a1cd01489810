"""The accounts and the journal that the wallets of a company need in its books."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .customer_wallet_defaults import FROM_SERVER, without_wishes
from .res_company import WALLET_ACCOUNTS, WALLET_SETUP
from .wallet_account_numbers import ACCOUNT_NUMBERS

WALLET_JOURNAL_CODE = "WALL"


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_wallet_accounts(self):
        """The two accounts that wallet money is on, whatever the user may read.

        :return: recordset of ``account.account`` in sudo mode
        """
        companies = self.root_id.sudo()
        return companies.wallet_account_id | companies.wallet_bonus_account_id

    @api.model
    def _find_wallet_companies(self, names, records):
        """
        :param names: iterable of str, fields of a company
        :param records: account.account or account.journal
        :return: root companies in sudo that have one of these in one of the fields
        """
        used = Domain.OR(Domain(name, "in", records.ids) for name in names)
        return self.sudo().search(used & Domain("parent_id", "=", False))

    def _check_wallet_accounting(self):
        """
        :raises UserError: wallets have no account or no journal in these books
        """
        company = self.sudo()
        if not company.wallet_account_id or not company.wallet_journal_id:
            raise UserError(
                self.env._(
                    "Choose the wallet account and journal of %(company)s in "
                    "Settings > Invoicing > Customer Wallet.",
                    company=company.display_name,
                )
            )

    def _ensure_wallet_accounting(self):
        """Give every root company that has a chart of accounts its wallet accounts
        and journal. What exists already, an earlier installation's included, is
        kept, so that it may be called at any time.
        """
        companies = self.root_id.sudo().with_context(
            lang="en_US", wallet_installing=FROM_SERVER
        )
        for company in companies:
            if company._has_chart_of_accounts():
                company.with_company(company)._ensure_wallet_setup()

    def _ensure_wallet_setup(self):
        is_new = not any(self[name] for name in WALLET_SETUP)
        for name in WALLET_SETUP:
            if not self[name]:
                found = self._find_wallet_record(name)
                if found and self._is_left_unfit(name, found):
                    found = None
                self[name] = found or self._create_wallet_record(name)
        self._ensure_wallet_provider()
        if is_new:
            # A company made later has got a copy of another one's, switched off.
            self._find_wallet_provider().write(
                {"state": "enabled", "is_published": True}
            )

    def _has_chart_of_accounts(self):
        self.ensure_one()
        Account = self.env["account.account"]
        return bool(Account.search_count(Account._check_company_domain(self), limit=1))

    def _is_fit_for_wallets(self, name, record):
        """Whether an account or a journal can be what a field of the company says."""
        self.ensure_one()
        company = self.sudo().root_id
        if name == "wallet_journal_id":
            return (
                record.active
                and record.type == "general"
                and not record.currency_id
                and record.company_id == company
            )
        # The company may be archived.
        owners = record.with_context(active_test=False).company_ids
        if not record.active or company not in owners:
            return False
        if name == "wallet_promotion_account_id":
            return record.internal_group == "expense"
        return (
            record.account_type == "liability_current"
            and not record.reconcile
            and not record.currency_id
        )

    def _describe_wallet_needs(self, name):
        """Say what the account or journal of a field has to be, and what to do."""
        self.ensure_one()
        words = {"company": self.display_name, "record": self.sudo()[name].display_name}
        if name == "wallet_journal_id":
            return self.env._(
                "%(record)s is the journal of the wallets of %(company)s: it must be "
                "an active journal of this company, of the type Miscellaneous and "
                "without a currency. Choose another journal for the wallets in the "
                "settings first.",
                **words,
            )
        if name == "wallet_promotion_account_id":
            return self.env._(
                "%(record)s takes the bonuses that %(company)s gives: it must be an "
                "active expense account of this company. Choose another account for "
                "the promotions in the settings first.",
                **words,
            )
        return self.env._(
            "%(record)s holds the money of the wallets of %(company)s: it must be an "
            "active current liability of this company, without a currency, that does "
            "not allow reconciliation. While no wallet has used it, another one can be "
            "chosen in the settings.",
            **words,
        )

    def _find_wallet_record(self, name):
        """The account or journal that an earlier installation of this addon left."""
        self.ensure_one()
        return self.env["account.chart.template"]._find_wallet_record(
            self._get_wallet_record_kind(name), self, self._fields[name].comodel_name
        )

    def _replace_unfit_wallet_setup(self):
        """An account or journal that has become unfit while the addon was away is not
        used any more, unless the money of wallets is there.

        :raises UserError: naming the account, and what it has to be
        """
        companies = self.root_id.sudo().with_context(
            lang="en_US", wallet_installing=FROM_SERVER
        )
        for company in companies:
            for name in WALLET_SETUP:
                if company[name] and company._is_left_unfit(name, company[name]):
                    here = company.with_company(company)
                    here[name] = here._create_wallet_record(name)

    def _is_left_unfit(self, name, record):
        """
        :param record: the account or journal that an earlier installation has left
        :raises UserError: it is unfit, and the money of wallets is there
        """
        if self._is_fit_for_wallets(name, record):
            return False
        entered = Domain("parent_state", "!=", "cancel")
        if name not in WALLET_ACCOUNTS or not self._has_wallet_items(
            record.id, entered
        ):
            return True
        raise UserError(
            self.env._(
                "The account %(account)s has the money of the wallets of %(company)s. "
                "It must be an active current liability of this company, without a "
                "currency, that does not allow reconciliation: change it back, then "
                "install Customer Wallet again.",
                account=record.display_name,
                company=self.display_name,
            )
        )

    def _create_wallet_record(self, name):
        self.ensure_one()
        prepare = getattr(self, f"_prepare_{name.removesuffix('_id')}_vals")
        model = self.env[self._fields[name].comodel_name]
        # Of a company that is archived, too.
        model = without_wishes(model).with_context(active_test=False)
        record = model.create(prepare())
        self.env["account.chart.template"]._keep_wallet_record(
            self._get_wallet_record_kind(name), self, record
        )
        return record

    @api.model
    def _get_wallet_record_kind(self, name):
        return name.removeprefix("wallet_").removesuffix("_id")

    def _prepare_wallet_account_vals(self):
        """Values of the account of money that was paid in."""
        return {
            **self._prepare_wallet_liability_vals(),
            "name": self.env._("Customer Wallets"),
        }

    def _prepare_wallet_bonus_account_vals(self):
        """Values of the account of money that was given."""
        return {
            **self._prepare_wallet_liability_vals(),
            "name": self.env._("Customer Wallet Bonuses"),
        }

    def _prepare_wallet_liability_vals(self):
        return {
            **self._prepare_wallet_any_account_vals("liability_current", 0),
            "reconcile": False,
        }

    def _prepare_wallet_promotion_account_vals(self):
        """Values of the account of what giving it costs."""
        return {
            **self._prepare_wallet_any_account_vals("expense", 1),
            "name": self.env._("Customer Wallet Promotions"),
        }

    def _prepare_wallet_any_account_vals(self, account_type, position):
        return {
            "code": self._get_wallet_account_code(account_type, position),
            "account_type": account_type,
            "company_ids": [Command.link(self.id)],
            # Odoo would give it those of the account before it.
            "tag_ids": [Command.clear()],
            "tax_ids": [Command.clear()],
        }

    def _get_wallet_account_code(self, account_type, position):
        """The number of an account where an accountant of the country looks for it.

        :param int position: see ``ACCOUNT_NUMBERS``
        :return: str, a number that is free
        """
        self.ensure_one()
        Account = self.env["account.account"].with_company(self)
        domain = Domain(Account._check_company_domain(self))
        number = self._get_wallet_chart_number(position)
        if number:
            neighbours = domain & Domain("code", "=like", f"{number}%")
            neighbour = Account.search(neighbours, order="code", limit=1)
            digits = len(Account.search(domain, limit=1).code)
            start = neighbour.code or number.ljust(digits, "0")
        else:
            # Other charts: deferred income and other expenses tend to come last.
            neighbours = domain & Domain("account_type", "=", account_type)
            neighbour = Account.search(neighbours, order="code DESC", limit=1)
            start = neighbour.code or {0: "210000", 1: "600000"}[position]
        # The number of an account that is archived is not free.
        known = Account.with_context(active_test=False)
        return known._search_new_account_code(start, cache=set())

    def _get_wallet_chart_number(self, position):
        charts = self.env["account.chart.template"]
        for template in charts._get_parent_template(self.chart_template):
            if template in ACCOUNT_NUMBERS:
                return ACCOUNT_NUMBERS[template][position]
        return None

    def _prepare_wallet_journal_vals(self):
        """Values of the journal of all entries but those of cash."""
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
