from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .customer_wallet import FROM_SERVER
from .customer_wallet_operation import EXCLUDED_ACCOUNT_TYPES
from .wallet_deletions import refuses_deletion

# What the lines of a dry run follow from.
SETTINGS = {
    "name",
    "source",
    "company_id",
    "date",
    "account_id",
    "file",
    "kind",
    "source_balance",
    "amount_field_id",
    "partner_field_id",
    "domain",
}
# Where the balances came from.
ORIGIN = {"name", "source", "company_id", "amount_field_id", "partner_field_id"}


class CustomerWalletTakeover(models.Model):
    """Balances that customers have elsewhere move into their wallets: first as a list
    of what would be booked, then by an opening entry. Done again, it books only what
    has changed.
    """

    _name = "customer.wallet.takeover"
    _inherit = ["customer.wallet.protected.mixin", "mail.thread"]
    _description = "Import of Wallets"
    _order = "id desc"
    _check_company_auto = True

    _wallet_protected_fields = frozenset(("state", "user_id", "line_ids"))

    @api.model
    def default_get(self, fields):
        """Whatever a client proposes, an import begins as a new one."""
        values = super().default_get(fields)
        return {**values, "state": "draft"} if "state" in fields else values

    name = fields.Char(
        string="From",
        required=True,
        help="The system that has the balances now. A file that is imported again "
        "under the same name books only what is different.",
    )
    source = fields.Selection(
        selection="_selection_source", required=True, default="file"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    account_id = fields.Many2one(
        "account.account",
        string="Against Account",
        check_company=True,
        domain="[('account_type', 'not in', "
        f"{EXCLUDED_ACCOUNT_TYPES}), "
        "('id', 'not in', [wallet_account_id, wallet_bonus_account_id])]",
        help="Where the books have these balances until now: the liability of the "
        "other system, or an account for opening balances.",
    )
    wallet_account_id = fields.Many2one(related="company_id.wallet_account_id")
    wallet_bonus_account_id = fields.Many2one(
        related="company_id.wallet_bonus_account_id"
    )
    file = fields.Binary(attachment=True, help="CSV or Excel (XLSX).")
    file_name = fields.Char()
    template = fields.Binary(compute="_compute_template")
    kind = fields.Selection(
        [("paid", "Paid money"), ("bonus", "Bonus")],
        string="Kind of Money",
        required=True,
        default="paid",
        help="Bonus money can be spent but not paid out.",
    )
    source_balance = fields.Selection(
        [("zero", "Set to zero"), ("keep", "Keep as it is")],
        string="Balance There",
        required=True,
        default="zero",
        help="What becomes of the balance in the other place when it is in the wallet. "
        "What is kept there can be spent twice, unless the other place is closed.",
    )
    amount_field_id = fields.Many2one(
        "ir.model.fields",
        ondelete="set null",
        domain="[('ttype', 'in', ('float', 'monetary', 'integer')), "
        "('model_id.transient', '=', False), ('model_id.abstract', '=', False)]",
    )
    source_model_id = fields.Many2one(
        "ir.model", related="amount_field_id.model_id", string="Record"
    )
    partner_field_id = fields.Many2one(
        "ir.model.fields",
        string="Customer Field",
        ondelete="set null",
        domain="[('model_id', '=', source_model_id), ('ttype', '=', 'many2one'), "
        "('relation', '=', 'res.partner')]",
        help="Which customer the record belongs to. Empty when the record is the "
        "customer.",
    )
    source_model = fields.Char(related="amount_field_id.model")
    domain = fields.Char(string="Which Records", default="[]")
    state = fields.Selection(
        [
            ("draft", "New"),
            ("checked", "Dry Run"),
            ("running", "Being Booked"),
            ("done", "Booked"),
        ],
        string="Status",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one("res.users", readonly=True, copy=False)
    line_ids = fields.One2many(
        "customer.wallet.takeover.line", "takeover_id", readonly=True, copy=False
    )
    ready_count = fields.Integer(string="To Book", compute="_compute_counts")
    same_count = fields.Integer(string="Nothing to Book", compute="_compute_counts")
    problem_count = fields.Integer(string="Problems", compute="_compute_counts")
    booked_count = fields.Integer(string="Booked", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")
    ready_amount = fields.Monetary(
        string="Amount to Book",
        currency_field="company_currency_id",
        compute="_compute_counts",
        help="Paid money and bonus, in the company's currency at today's rates.",
    )

    @api.model
    def _selection_source(self):
        """A source has two methods that go by its name, `_check_…_settings` and
        `_read_…_rows`, see `_make_lines`.

        :return: list of (name, label)
        """
        names = {"file": self.env._("A file (CSV, Excel)")}
        if "loyalty.card" in self.env:
            names["ewallet"] = self.env._("Odoo's eWallet")
        names["receivable"] = self.env._("Open credits of customers")
        names["field"] = self.env._("An amount that another addon keeps")
        return list(names.items())

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["customer.wallet.takeover.line"]._read_group(
            [("takeover_id", "in", self.ids)],
            ["takeover_id", "state", "currency_id"],
            ["__count", "paid_difference:sum", "bonus_difference:sum"],
        )
        for takeover in self:
            own = [group[1:] for group in groups if group[0] == takeover]
            counts = dict.fromkeys(("ready", "same", "problem", "booked", "undone"), 0)
            takeover.ready_amount = 0.0
            for state, currency, count, paid, bonus in own:
                counts[state] += count
                if state == "ready":
                    takeover.ready_amount += takeover._convert(currency, paid + bonus)
            takeover.ready_count = counts["ready"]
            takeover.same_count = counts["same"]
            takeover.problem_count = counts["problem"]
            takeover.booked_count = counts["booked"]
            total = counts["ready"] + counts["booked"]
            takeover.progress = 100.0 * counts["booked"] / total if total else 0.0

    def _convert(self, currency, amount):
        company = self.company_id
        return currency._convert(amount, company.currency_id, company, self.date)

    @api.depends_context("lang")
    def _compute_template(self):
        for takeover in self:
            takeover.template = takeover._make_template()

    def write(self, vals):
        """What a dry run has found is not booked with other settings. Where the money
        goes back to, when it is undone, stays as it was.
        """
        if ORIGIN & set(vals):
            self._check_nothing_booked()
        if SETTINGS & set(vals):
            self._forget_dry_run()
        return super().write(vals)

    @refuses_deletion
    def _unlink_except_booked(self):
        if self._has_booked():
            raise UserError(
                self.env._(
                    "What was booked is kept, so that it is not booked twice. Undo the "
                    "opening entry instead."
                )
            )

    def _has_booked(self):
        booked = [("takeover_id", "in", self.ids), ("state", "=", "booked")]
        Line = self.env["customer.wallet.takeover.line"].sudo()
        return bool(Line.search_count(booked, limit=1))

    def _check_nothing_booked(self):
        """
        :raises UserError: something is booked
        """
        if self._has_booked():
            raise UserError(
                self.env._(
                    "Balances of this import are booked: it stays with where they came "
                    "from. Make a new import for another source."
                )
            )

    # Actions

    def action_download_template(self):
        """Download an empty file with the columns that are read.

        :return: an action that opens the file
        :raises AccessError: the user may not read the record
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/template/wallets.xlsx"
            "?download=true",
            "target": "self",
        }

    def action_check(self):
        """Dry run: list what would be booked, what is in the wallets already, and what
        is wrong. Nothing is booked.

        :return: True
        :raises AccessError: the user is no wallet manager, or may not enter entries or
            read the source
        :raises UserError: the settings or the file are not complete
        """
        self._check_takeover()
        self._lock_takeover()
        self._forget_dry_run()
        self._make_lines()
        self._set_state("checked")
        return True

    def action_book(self):
        """Book what the dry run has found, by one opening entry; very many customers
        are booked in the background.

        :return: True
        :raises AccessError: the user is no wallet manager, or may not enter entries
        :raises UserError: there was no dry run, or nothing is to be booked
        """
        self._check_takeover()
        self._lock_takeover()
        if self.state != "checked":
            raise UserError(
                self.env._("Make a dry run first: it lists what is booked.")
            )
        if not self.ready_count:
            raise UserError(
                self.env._(
                    "There is nothing to book: all that could be is in the wallets. "
                    "The lines say why the others are not."
                )
            )
        self._set_state("running", user_id=self.env.uid)
        self._start_booking()
        return True

    def action_stop(self):
        """Stop booking in the background. What is booked stays.

        :return: True
        :raises AccessError: the user is no wallet manager, or may not enter entries
        """
        self._check_takeover()
        if self.state == "running":
            self._set_state("checked")
        return True

    def action_view_entries(self):
        """Show the opening entries.

        :return: a window action on account.move
        :raises AccessError: the user may not read the record
        """
        self.ensure_one()
        self.check_access("read")
        groups = self.env["customer.wallet.takeover.line"]._read_group(
            [("takeover_id", "=", self.id), ("move_id", "!=", False)], ["move_id"]
        )
        moves = self.env["account.move"].concat(*(group[0] for group in groups))
        return moves._get_records_action(name=self.env._("Opening Entries"))

    def action_view_lines(self):
        """Show all lines, to search and export them.

        :return: a window action on customer.wallet.takeover.line
        :raises AccessError: the user may not read the record
        """
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "customer_wallet.action_customer_wallet_takeover_line"
            ),
            "domain": [("takeover_id", "=", self.id)],
        }

    # Business methods

    def _get_wallet_protected_message(self):
        return self.env._("What an import has found and booked cannot be edited.")

    def _check_takeover(self):
        """Every action of an import begins with this.

        :raises AccessError: the user is no wallet manager, may not enter entries, or
            may not work on this import
        """
        self.ensure_one()
        self.env["customer.wallet"]._check_manager()
        self.check_access("write")
        self.env["account.move"].check_access("create")
        if self.company_id not in self.env.companies:
            raise AccessError(
                self.env._("Choose the company %s first.", self.company_id.name)
            )

    def _lock_takeover(self):
        """Two people do not book the same import at once."""
        self.sudo().lock_for_update(allow_referencing=True)

    def _set_state(self, state, **vals):
        server = self.with_context(wallet_booking=FROM_SERVER)
        server.write({"state": state, **vals})

    def _forget_dry_run(self):
        """
        :raises UserError: it is being booked
        """
        for takeover in self.filtered(lambda it: it.state != "draft"):
            if takeover.state == "running":
                raise UserError(
                    self.env._(
                        "%s is being booked. Wait until it is done, or stop it.",
                        takeover.display_name,
                    )
                )
            takeover.check_access("write")
            takeover.sudo().line_ids.filtered(
                lambda line: line.state not in ("booked", "undone")
            ).unlink()
            takeover._set_state("draft")

    def _check_settings(self):
        """
        :raises UserError: something is missing, or cannot be
        """
        company = self.company_id.sudo()
        company._ensure_wallet_accounting()
        if company._is_wallet_future(self.date):
            raise UserError(
                self.env._("The date is in the future. Choose today or an earlier one.")
            )
        getattr(self, f"_check_{self.source}_settings")()

    def _check_account(self):
        """
        :raises UserError: there is none, or it cannot be the other side
        """
        account = self.account_id.with_company(self.company_id)
        wallets = self.company_id._get_wallet_accounts()
        if not account:
            raise UserError(
                self.env._(
                    "Choose the account against which the wallets are opened: the one "
                    "where the books have these balances until now."
                )
            )
        if account in wallets or account.account_type in EXCLUDED_ACCOUNT_TYPES:
            raise UserError(
                self.env._(
                    "Wallets cannot be opened against %s. Choose a liability, equity, "
                    "income or expense account.",
                    account.display_name,
                )
            )
