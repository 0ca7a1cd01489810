from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .customer_wallet import FROM_SERVER
from .customer_wallet_operation import BONUS, PAID
from .wallet_deletions import refuses_deletion

# What a posted item says of money: Odoo lets people edit it in the list of items.
MONEY_FIELDS = {
    "move_id",
    "account_id",
    "partner_id",
    "currency_id",
    "amount_currency",
    "balance",
    "debit",
    "credit",
}
# Which of these say whose money it is.
OWNER_FIELDS = {"move_id", "account_id", "partner_id"}


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    # The guard speaks before Odoo does anything.
    _inherit = ["customer.wallet.protected.mixin", "account.move.line"]

    _wallet_protected_fields = frozenset(
        (
            "wallet_id",
            "wallet_lot_type",
            "wallet_expiry_date",
            "wallet_grant_id",
            "wallet_reminder_date",
            "wallet_document_model",
            "wallet_document_id",
            # Odoo lets a client write it, and it says what is in a wallet.
            "parent_state",
        )
    )

    wallet_id = fields.Many2one(
        "customer.wallet",
        compute="_compute_wallet_id",
        store=True,
        ondelete="restrict",
        copy=False,
        help="The wallet that this posted journal item on a wallet account adds to or "
        "takes from.",
    )
    wallet_lot_type = fields.Selection(
        [(PAID, "Paid"), (BONUS, "Bonus")],
        string="Kind of Wallet Money",
        compute="_compute_wallet_id",
        store=True,
        copy=False,
        help="The account says it.",
    )
    wallet_grant_id = fields.Many2one(
        "account.move.line",
        string="Taken from the Bonus",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The journal item that gave the bonus which this one takes or gives back.",
    )
    wallet_expiry_date = fields.Date(
        string="Expires After",
        readonly=True,
        copy=False,
        help="The last day on which this bonus money can be used. Money that comes "
        "back to it later, when a payment is undone, expires with the next run.",
    )
    wallet_reminder_date = fields.Date(
        string="Reminded on",
        readonly=True,
        copy=False,
        help="When the customer was told by email that this bonus is about to expire.",
    )
    wallet_document_model = fields.Char(readonly=True, copy=False)
    wallet_document_id = fields.Many2oneReference(
        model_field="wallet_document_model",
        readonly=True,
        copy=False,
        help="The document that this item of a wallet entry is about. One entry may "
        "pay several; the items that pay the same one add up to zero and are undone "
        "together.",
    )
    wallet_operation = fields.Selection(
        related="move_id.wallet_operation", string="Wallet Operation"
    )
    wallet_document = fields.Char(string="Document", compute="_compute_wallet_document")

    # What is in a wallet is read from one index alone, and what happened last from
    # another one.
    _wallet_idx = models.Index(
        "(wallet_id, wallet_lot_type, id)"
        " INCLUDE (amount_currency, balance, wallet_grant_id)"
        " WHERE wallet_id IS NOT NULL"
    )
    _wallet_date_idx = models.Index(
        "(wallet_id, date, id) INCLUDE (amount_currency, wallet_lot_type)"
        " WHERE wallet_id IS NOT NULL"
    )
    _wallet_document_idx = models.Index(
        "(wallet_document_id, wallet_document_model)"
        " WHERE wallet_document_id IS NOT NULL"
    )

    @api.depends(
        "account_id",
        "partner_id",
        "currency_id",
        "parent_state",
        "balance",
        "amount_currency",
    )
    def _compute_wallet_id(self):
        """A posted item on a wallet account belongs to the wallet of its customer,
        whichever way it came into the ledger. The kind of money is the account.
        """
        for line in self:
            line.wallet_lot_type = line._get_wallet_lot_type()
        found = self._find_wallets()
        nothing = self.env["customer.wallet"]
        moved = []
        for line in self:
            previous = line.wallet_id
            wallet = found.get(line, nothing)
            line.wallet_id = wallet
            if previous or wallet:
                (previous | wallet)._drop_checkpoint(line)
            if previous != wallet:
                moved += [previous, wallet]
        wallets = nothing.union(*moved)
        if wallets:
            self.env.add_to_compute(wallets._fields["balance"], wallets)
            self.env.add_to_compute(wallets._fields["bonus_balance"], wallets)

    def _get_wallet_lot_type(self):
        self.ensure_one()
        company = self.company_id.sudo().root_id
        if not self.account_id:
            return False
        if self.account_id == company.wallet_account_id:
            return PAID
        return self.account_id == company.wallet_bonus_account_id and BONUS

    def _find_wallets(self):
        """The wallets that these items add to or take from, all looked up at once.

        :return: dict of customer.wallet by item that has one
        """
        owners = {
            line: (line.partner_id, line.company_id, line.currency_id)
            for line in self
            if line.parent_state == "posted"
            and line.partner_id
            and line.wallet_lot_type
        }
        wallets = self.env["customer.wallet"]._find_or_create_all(owners.values())
        return {
            line: wallets[owner].with_env(self.env) for line, owner in owners.items()
        }

    @api.depends("wallet_document_model", "wallet_document_id", "move_id.ref")
    def _compute_wallet_document(self):
        """A payment is its own document; an entry that is about no document says in
        its reference what it is about.
        """
        Wallet = self.env["customer.wallet"]
        for line in self:
            entry = line.move_id.reversed_entry_id or line.move_id
            document = line._get_wallet_document()._get_wallet_shown_document()
            name = Wallet._get_document_name(document)
            line.wallet_document = name or Wallet._get_entry_name(entry)

    def _compute_analytic_distribution(self):
        """What a wallet holds is a debt, and what it moves is no cost: only the expense
        of what was given has a distribution.
        """
        plain = self.filtered(
            lambda line: (
                (line.wallet_lot_type or line.move_id.wallet_operation)
                and line.account_id.internal_group not in ("income", "expense")
            )
        )
        plain.analytic_distribution = False
        return super(AccountMoveLine, self - plain)._compute_analytic_distribution()

    @api.constrains("account_id", "partner_id", "parent_state")
    def _check_wallet_owner(self):
        """Money on a wallet account is owed to somebody."""
        ownerless = self.filtered(
            lambda line: (
                line.parent_state == "posted"
                and not line.partner_id
                and line._get_wallet_lot_type()
            )
        )
        if ownerless:
            raise ValidationError(
                self.env._(
                    "Choose a customer on every line of the account %(account)s: "
                    "the money there belongs to somebody.\n%(lines)s",
                    account=ownerless.account_id[:1].display_name,
                    lines="\n".join(ownerless.mapped("display_name")),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._name_wallet_owners()
        lines._check_wallet_items_added()
        return lines

    def write(self, vals):
        edited = self.browse()
        if MONEY_FIELDS & set(vals):
            edited = self.filtered(lambda line: line.parent_state == "posted")
            edited._check_wallet_items_kept(vals)
        moves = edited.move_id
        result = super().write(vals)
        if OWNER_FIELDS & set(vals):
            self._name_wallet_owners()
        if "move_id" in vals:
            self._check_wallet_items_added()
        if "partner_id" in vals:
            edited._undo_wallet_payments_of_others()
        if moves:
            self.env["customer.wallet"].sudo()._check_law(moves)
        return result

    @refuses_deletion
    def _unlink_except_wallet_entry(self):
        """Odoo deletes the items of an entry before the entry itself."""
        lines = self.sudo().filtered("wallet_id")
        lines.move_id._check_wallet_entry_kept()
        lines._check_wallet_without_bonus()

    @api.ondelete(at_uninstall=True)
    def _unlink_drop_wallet_checkpoint(self):
        # What is computed while they are being deleted would count them once more.
        self.env["customer.wallet"].flush_model()
        for wallet, lines in self.sudo().grouped("wallet_id").items():
            wallet._drop_checkpoint(lines)

    def _get_wallet_protected_message(self):
        return self.env._("The wallet of a journal item follows from its customer.")

    def _check_wallet_items_added(self):
        """What is added to a posted entry is judged like what is posted with it; to
        wallet entries, nothing is.
        """
        moves = self.filtered(lambda line: line.parent_state == "posted").move_id
        if not moves or self.env.context.get("wallet_booking") is FROM_SERVER:
            return
        for move in moves.sudo():
            if not move._is_wallet_by_hand():
                raise UserError(self.env["customer.wallet"]._get_kept_message(move))
        self.env["customer.wallet"].sudo()._check_law(moves)

    def _check_wallet_items_kept(self, vals):
        """The items of posted wallet entries stay as they are, but for a customer whose
        contact joins or leaves a company, and an expense that is put elsewhere. So does
        the money of a top-up that has earned a bonus.

        :param dict vals: that are written
        :raises UserError: naming the entry
        """
        account = self.env["account.account"].sudo().browse(vals.get("account_id"))
        Wallet = self.env["customer.wallet"]
        for line in self.sudo():
            is_by_hand = line.move_id._is_wallet_by_hand()
            has_bonus = line._has_wallet_bonus()
            if (is_by_hand and not has_bonus) or line._is_wallet_expense(account):
                continue
            owner = line.partner_id.commercial_partner_id
            partner = self.env["res.partner"].sudo().browse(vals.get("partner_id"))
            is_same_owner = partner.commercial_partner_id == owner
            changed = {
                name
                for name in MONEY_FIELDS & set(vals)
                if line._fields[name].convert_to_write(line[name], line) != vals[name]
            }
            if not changed - ({"partner_id"} if is_same_owner else set()):
                continue
            if is_by_hand:
                line._check_wallet_without_bonus()
            raise UserError(Wallet._get_kept_message(line.move_id))

    def _has_wallet_bonus(self):
        """Whether the money of this item has earned a bonus."""
        self.ensure_one()
        Wallet = self.env["customer.wallet"]
        return bool(self.wallet_id and Wallet._get_bonus_entries(self.move_id))

    def _check_wallet_without_bonus(self):
        """
        :raises UserError: one of these items has earned a bonus
        """
        for line in self.filtered(lambda line: line._has_wallet_bonus()):
            raise UserError(
                self.env._(
                    "%(entry)s has earned a bonus, which goes with its money: "
                    "reset the top-up to draft, correct it there, and confirm it "
                    "again.",
                    entry=line.move_id.name,
                )
            )

    def _is_wallet_expense(self, account):
        """Whether this item, also on another account, is no money of a customer's.

        :param account: account.account that is written, if any
        """
        self.ensure_one()
        groups = (self.account_id | account).mapped("internal_group")
        return not self.wallet_id and set(groups) <= {"income", "expense", "equity"}

    # Actions

    def action_open_wallet_document(self):
        """Open what this item is about: the document that it paid, or its payment.

        :return: a window action
        :raises AccessError: the user may not read the journal item
        """
        self.ensure_one()
        self.check_access("read")
        document = self._get_wallet_document()._get_wallet_shown_document().sudo(False)
        if document and document.has_access("read"):
            return document._get_records_action()
        return self.action_open_business_doc()

    # Business methods

    def _get_wallet_document(self):
        """
        :return: the record that this item is about, in sudo, or an empty recordset
        """
        self.ensure_one()
        model = self.sudo().wallet_document_model
        if not model or model not in self.env:
            return self.env["account.move"].sudo()
        return self.env[model].sudo().browse(self.sudo().wallet_document_id).exists()

    def _get_wallet_grant_order(self):
        """Bonus money that expires first is used first."""
        self.ensure_one()
        expiry = self.wallet_expiry_date
        return (not expiry, expiry or fields.Date.today(), self.date, self.id)

    def _filter_wallet_returns_by_hand(self):
        """Those of these items of a wallet that give back what was taken by hand: it
        was reversed, or had gone to where this comes from, as by the same entry or
        those of a cut-off.
        """
        by_hand = self.filtered(lambda line: not line.move_id.wallet_operation)
        taken = self.search(
            [
                ("wallet_id", "in", by_hand.wallet_id.ids),
                ("parent_state", "=", "posted"),
                ("wallet_lot_type", "=", BONUS),
                ("wallet_grant_id", "=", False),
                ("amount_currency", ">", 0.0),
                ("move_id.wallet_operation", "=", False),
            ]
        )
        # The entries of a cut-off are made together, and have any dates.
        gone = [(line.create_date, line._get_wallet_other_side()) for line in taken]
        return by_hand.filtered(
            lambda line: (
                line.move_id.reversed_entry_id
                or any(
                    time <= line.create_date and places & line._get_wallet_other_side()
                    for time, places in gone
                )
            )
        )

    def _get_wallet_other_side(self):
        """Where this item comes from or goes to, but for the company's own gains.

        :return: set of (account.account, customer.wallet)
        """
        return {
            (line.account_id, line.wallet_id)
            for line in self.move_id.line_ids
            if line._get_wallet_sign() * self._get_wallet_sign() < 0.0
            and line.account_id.internal_group not in ("income", "expense")
        }

    def _filter_wallet_grants(self):
        """Those of these items that gave a bonus."""
        return self.filtered(
            lambda line: (
                line.wallet_lot_type == BONUS
                and line.amount_currency < 0.0
                and not line.wallet_grant_id
            )
        )

    def _get_wallet_payers(self):
        """
        :return: res.partner, from whose wallets these items have taken something
        """
        taken = self.filtered(lambda line: line.wallet_id and line.balance > 0.0)
        return taken.wallet_id.partner_id

    def _get_wallet_sign(self):
        """Of a debit above zero, of a credit below: in a foreign currency either amount
        may be zero.
        """
        self.ensure_one()
        return self.balance or self.amount_currency

    def _is_wallet_cash_counterpart(self):
        """Whether what leaves a wallet arrives on one of these as money, or as paid
        money.
        """
        return any(
            line.wallet_lot_type == PAID
            or line.journal_id.type in ("bank", "cash", "credit")
            or line.account_id.account_type in ("asset_cash", "liability_credit_card")
            for line in self
        ) or self.env["customer.wallet"]._has_payment_account(self.account_id)

    def _prepare_wallet_post(self):
        """Before these items are posted."""
        Wallet = self.env["customer.wallet"].sudo()
        Wallet._check_dates(self.move_id)
        Wallet._check_reversed_once(self.move_id)
        # Anybody may say of an entry by hand that it reverses another.
        reversals = self.move_id.filtered(
            lambda move: (
                move.wallet_operation == move.reversed_entry_id.wallet_operation
            )
        )
        self.env["customer.wallet"]._take_back_bonuses(reversals.reversed_entry_id)
        self._set_commercial_partner()
        Wallet._lock_of(self.partner_id, self.company_id.root_id)

    def _name_wallet_owners(self):
        """Wallet money belongs to the commercial partner, and the books say so, also
        when a contact leaves its company later.
        """
        self.filtered(
            lambda line: line.parent_state == "posted" and line.wallet_lot_type
        )._set_commercial_partner()

    def _set_commercial_partner(self):
        for partner, lines in self.grouped("partner_id").items():
            if partner != partner.commercial_partner_id:
                lines.partner_id = partner.commercial_partner_id
