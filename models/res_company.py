import math
from datetime import datetime
from functools import cache

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.base.models.res_partner import _tz_get

from .customer_wallet import FROM_SERVER

# What wallets need in the books, in the order in which it is made.
WALLET_ACCOUNTS = ("wallet_account_id", "wallet_bonus_account_id")
WALLET_SETUP = (*WALLET_ACCOUNTS, "wallet_promotion_account_id", "wallet_journal_id")
KNOWN_ZONES = pytz.all_timezones_set
# In which most people live: pytz begins with another zone of these countries.
MAIN_ZONES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv" if "Europe/Kyiv" in KNOWN_ZONES else "Europe/Kiev",
}


@cache
def _get_offsets(zone, year):
    """What tells a time zone, which may have several names."""
    zone = pytz.timezone(zone)
    return [zone.utcoffset(datetime(year, month, 15)) for month in (1, 7)]


class ResCompany(models.Model):
    _inherit = "res.company"

    wallet_account_id = fields.Many2one(
        "account.account",
        string="Customer Wallets",
        domain="[('account_type', '=', 'liability_current'),"
        " ('reconcile', '=', False), ('currency_id', '=', False)]",
        help="What is on this account has been paid in advance by customers and is "
        "owed to them until they use it.",
    )
    wallet_bonus_account_id = fields.Many2one(
        "account.account",
        string="Customer Wallet Bonuses",
        domain="[('account_type', '=', 'liability_current'),"
        " ('reconcile', '=', False), ('currency_id', '=', False)]",
        help="What is on this account has been given to customers, who can spend it "
        "and are never paid it out.",
    )
    wallet_promotion_account_id = fields.Many2one(
        "account.account",
        string="Promotion Expense",
        domain="[('account_type', 'in', ('expense', 'expense_other'))]",
        help="The bonuses that customers earn with their top-ups are an expense: it is "
        "booked here when the bonus is given, and back when the bonus expires.",
    )
    wallet_journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'general')]",
        help="Journal of the entries that use, transfer or adjust wallet money.",
    )
    wallet_time_zone = fields.Selection(
        _tz_get,
        string="Time Zone",
        compute="_compute_wallet_time_zone",
        inverse="_inverse_wallet_time_zone",
        store=True,
        recursive=True,
        help="When a new day begins for the company and all its branches: bonuses "
        "expire by it, and what wallets pay is booked on it. Other apps that ask for "
        "the time zone of the company follow it, too.",
    )
    wallet_payment_default = fields.Boolean(
        string="Customer Payments Go to the Wallet",
        default=True,
        help="A payment entered in Customers > Payments goes to the customer's "
        "wallet, unless the switch on the payment is turned off.",
    )
    wallet_top_up_receipt = fields.Boolean(
        string="Send a Receipt for Top-ups",
        help="The customer gets an email with the amount and the new balance as soon "
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

    wallet_expiry_reminder = fields.Boolean(
        string="Bonus Expiry Reminder",
        help="Customers get one email some days before a bonus in their wallet "
        "expires.",
    )
    wallet_expiry_reminder_days = fields.Integer(
        string="Days Before",
        default=7,
        help="How many days before a bonus expires the customer gets the email.",
    )
    wallet_online_top_up = fields.Boolean(
        string="Online Top-up",
        default=True,
        help="Customers can top up their wallet in the portal with the payment "
        "providers of the company.",
    )
    wallet_online_payment = fields.Boolean(
        string="Pay Online with the Wallet",
        compute="_compute_wallet_online_payment",
        inverse="_inverse_wallet_online_payment",
        help="Customers who are logged in pay invoices, quotations and orders of the "
        "web shop with their wallet.",
    )
    wallet_top_up_amounts = fields.Char(
        string="Suggested Amounts",
        help="What the portal suggests for a top-up, in the currency of the company, "
        "for example: 20 50 100",
    )
    wallet_mail_used = fields.Boolean(
        string="Email: Wallet Used",
        help="Customers get an email each time their wallet pays an invoice or a "
        "Point of Sale order.",
    )
    wallet_mail_low_balance = fields.Boolean(
        string="Email: Low Balance",
        default=True,
        help="Customers get an email when their balance falls below the amount that "
        "they have chosen in the portal.",
    )

    @api.constrains(*WALLET_SETUP)
    def _check_wallet_setup(self):
        # Installing looks at each of them before, and chooses one after the other.
        if self.env.context.get("wallet_installing") is FROM_SERVER:
            return
        for company in self:
            accounts = company.wallet_account_id, company.wallet_bonus_account_id
            if accounts[0] and accounts[0] == accounts[1]:
                raise ValidationError(
                    self.env._(
                        "%(company)s needs two accounts for its wallets: choose "
                        "another one than %(account)s for the bonuses.",
                        company=company.display_name,
                        account=accounts[0].display_name,
                    )
                )
            for name in WALLET_SETUP:
                record = company.sudo()[name]
                if record and not company._is_fit_for_wallets(name, record):
                    raise ValidationError(company._describe_wallet_needs(name))

    @api.constrains("wallet_expiry_reminder_days")
    def _check_wallet_expiry_reminder_days(self):
        if any(company.wallet_expiry_reminder_days < 0 for company in self):
            raise ValidationError(
                self.env._("The days before a bonus expires cannot be negative.")
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

    @api.depends("parent_id.wallet_time_zone", "partner_id.tz", "partner_id.country_id")
    def _compute_wallet_time_zone(self):
        for company in self:
            main = company.parent_id
            zone = main.wallet_time_zone if main else company._guess_wallet_time_zone()
            company.wallet_time_zone = zone

    def _inverse_wallet_time_zone(self):
        for company in self:
            company.sudo().root_id.partner_id.tz = company.wallet_time_zone
        # Odoo does not compute what it writes: what was emptied is guessed again.
        emptied = self.filtered(lambda company: not company.wallet_time_zone)
        field = self._fields["wallet_time_zone"]
        self.env.add_to_compute(field, emptied | emptied.root_id)

    def _compute_wallet_online_payment(self):
        for company in self:
            provider = company._find_wallet_provider()
            company.wallet_online_payment = provider.state == "enabled"

    def _inverse_wallet_online_payment(self):
        for company in self:
            is_on = company.wallet_online_payment
            company._find_wallet_provider().write(
                {
                    "state": "enabled" if is_on else "disabled",
                    "is_published": is_on,
                }
            )

    def write(self, vals):
        for name in set(WALLET_SETUP).intersection(vals):
            if not vals[name]:
                self._check_wallets_without(name)
        for name in set(WALLET_ACCOUNTS).intersection(vals):
            self._check_wallet_account_unused(name, vals[name])
            self._check_wallet_account_new(name, vals[name])
        result = super().write(vals)
        if not set(WALLET_SETUP).isdisjoint(vals):
            self._ensure_wallet_provider()
        if vals.get("active"):
            self._catch_up_with_wallets()
        return result

    def _catch_up_with_wallets(self):
        """Companies that were archived may have missed that wallets came. Odoo tells a
        branch only of what changes while it is active, and refuses every change of its
        root company while anything differs.
        """
        names = self._get_company_root_delegated_field_names()
        # Odoo compares each with the one above it, be that archived or not.
        lineage = self.sudo().with_context(active_test=False).parent_ids
        branches = lineage.filtered("parent_id").with_env(self.sudo().env)
        for branch in branches.sorted("parent_path"):
            root = branch.root_id
            vals = {
                name: self._fields[name].convert_to_write(root[name], root)
                for name in names
                if branch[name] != root[name]
            }
            branch.with_context(wallet_installing=FROM_SERVER).write(vals)
        self._ensure_wallet_accounting()
        self.env["pos.payment.method"]._ensure_standard_methods(self)

    def _find_wallet_provider(self):
        """The provider by which customers pay online with their wallets, in sudo."""
        Provider = self.env["payment.provider"].sudo()
        return Provider._find_wallet_provider(self.root_id)

    def _ensure_wallet_provider(self):
        """Customers may pay online with the wallets that are set up."""
        for company in self.root_id.sudo():
            if all(company[name] for name in WALLET_SETUP):
                self.env["payment.provider"]._ensure_wallet_provider(company)

    def _check_wallets_without(self, name):
        """Refuse to leave wallets without what they need in the books."""
        companies = self.filtered(name).root_id
        wallet = self.env["customer.wallet"].sudo()
        wallet = wallet.search([("company_id", "in", companies.ids)], limit=1)
        if wallet:
            raise ValidationError(
                self.env._(
                    "%(company)s has wallets, which cannot do without %(record)s: "
                    "choose another one instead of leaving it empty.",
                    company=wallet.company_id.display_name,
                    record=wallet.company_id[name].display_name,
                )
            )

    def _check_wallet_account_unused(self, name, new_account_id):
        """Refuse to leave the money of the wallets behind on another account."""
        for company in self:
            account = company[name]
            if not account or account.id == new_account_id:
                continue
            if company._has_wallet_items(account.id, Domain("wallet_id", "!=", False)):
                raise ValidationError(
                    self.env._(
                        "Wallets of %(company)s already use the account %(account)s. "
                        "It cannot be replaced: rename or renumber it instead.",
                        company=company.display_name,
                        account=account.display_name,
                    )
                )

    def _check_wallet_account_new(self, name, account_id):
        """Refuse an account with money that no wallet would know of. When the addon is
        installed again, it finds the wallets of what is there.
        """
        if self.env.context.get("wallet_installing") is FROM_SERVER:
            return
        unknown = Domain("parent_state", "=", "posted")
        unknown &= Domain("wallet_id", "=", False)
        for company in self:
            if company[name].id == account_id:
                continue
            if company._has_wallet_items(account_id, unknown):
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

    def _has_wallet_items(self, account_id, domain):
        """Whether there are such journal items of this company on an account."""
        domain &= Domain("account_id", "=", account_id)
        domain &= Domain("company_id", "child_of", self.root_id.id)
        return bool(self.env["account.move.line"].sudo().search_count(domain, limit=1))

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            *WALLET_SETUP,
            "wallet_payment_default",
            "wallet_top_up_receipt",
            "wallet_auto_allocate",
            "wallet_auto_allocate_incoming",
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
        main = self.sudo().root_id
        time_zone = main.wallet_time_zone or main._guess_wallet_time_zone() or "UTC"
        return fields.Date.context_today(self.with_context(tz=time_zone))

    def _guess_wallet_time_zone(self):
        """Odoo gives its first company none: that is the administrator's, if it is, by
        whatever name, one of the company's country, or that in which most people of the
        country live.

        :return: str, or False where none of that is known
        """
        partner = self.sudo().partner_id
        if partner.tz:
            return partner.tz
        country = partner.country_id.code or ""
        zones = pytz.country_timezones.get(country, [])
        if len(zones) == 1:
            return zones[0]
        data = self.env["ir.model.data"]
        admin_id = data._xmlid_to_res_id("base.user_admin", raise_if_not_found=False)
        known = self.env["res.users"].sudo().browse(admin_id or ()).tz
        if not zones:
            return known
        year = fields.Date.today().year
        offsets = [_get_offsets(zone, year) for zone in zones]
        if known in KNOWN_ZONES and _get_offsets(known, year) in offsets:
            return known
        return MAIN_ZONES.get(country, zones[0])

    def _get_wallet_branches_left_out(self):
        """Branches of the main company, or itself, with movements that the user does
        not see now: wallets are of all of them together, archived ones included.

        :return: recordset of ``res.company`` in sudo mode
        """
        self.ensure_one()
        company = self.sudo().with_context(active_test=False)
        branches = company.search([("id", "child_of", self.root_id.id)])
        moved = [
            ("account_id", "in", company._get_wallet_accounts().ids),
            ("parent_state", "=", "posted"),
        ]
        Item = self.env["account.move.line"].sudo()
        return (branches - self.env.companies).filtered(
            lambda branch: Item.search_count(
                [("company_id", "=", branch.id), *moved], limit=1
            )
        )

    def _is_wallet_future(self, date):
        """Whether a date has begun neither for the user nor for the main company: a
        wallet holds what has been received.
        """
        here = fields.Date.context_today(self)
        return date > max(here, self._get_wallet_today())

    def _get_wallet_top_up_amounts(self):
        """What the portal suggests for a top-up.

        :return: list of floats in the currency of the company
        """
        self.ensure_one()
        return [float(amount) for amount in (self.wallet_top_up_amounts or "").split()]
