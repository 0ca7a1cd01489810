from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    wallet_id = fields.Many2one(
        "customer.wallet",
        compute="_compute_wallet_id",
        store=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="The wallet that this posted journal item on the wallet account adds "
        "to or takes from.",
    )
    wallet_lot_type = fields.Selection(
        [("paid", "Paid"), ("bonus", "Bonus")],
        string="Kind of Wallet Money",
        compute="_compute_wallet_id",
        store=True,
        copy=False,
    )
    wallet_expiry_date = fields.Date(readonly=True, copy=False)
    wallet_operation = fields.Selection(
        related="move_id.wallet_operation", string="Wallet Operation"
    )
    wallet_kind = fields.Char(string="Kind", compute="_compute_wallet_kind")
    wallet_document = fields.Char(string="Document", compute="_compute_wallet_document")
    wallet_amount = fields.Monetary(compute="_compute_wallet_amount")
    wallet_running_balance = fields.Monetary(
        string="Wallet Balance",
        compute="_compute_wallet_running_balance",
        help="Balance of the wallet after this movement.",
    )

    _wallet_open_idx = models.Index(
        "(wallet_id, date, id) WHERE wallet_id IS NOT NULL AND reconciled IS NOT TRUE"
    )

    @api.depends("account_id", "partner_id", "currency_id", "parent_state", "balance")
    def _compute_wallet_id(self):
        """A posted item on the wallet account belongs to the wallet of its customer,
        whichever way it came into the ledger.
        """
        wallets = self.env["customer.wallet"]
        for line in self:
            previous = line.wallet_id
            wallet = line._find_wallet()
            line.wallet_id = wallet
            line.wallet_lot_type = line._get_wallet_lot_type(wallet)
            if previous != wallet:
                wallets |= previous | wallet
        if wallets:
            self.env.add_to_compute(wallets._fields["balance"], wallets)
            self.env.add_to_compute(wallets._fields["bonus_balance"], wallets)

    def _find_wallet(self):
        self.ensure_one()
        Wallet = self.env["customer.wallet"]
        if (
            self.parent_state != "posted"
            or not self.partner_id
            or not self._is_on_wallet_account()
        ):
            return Wallet
        return Wallet._find_or_create(
            self.partner_id, self.company_id, self.currency_id
        ).with_env(self.env)

    def _get_wallet_lot_type(self, wallet):
        """Only money that comes in is a lot, and it was paid unless told otherwise.
        What was a bonus stays one, also while its entry is a draft.
        """
        is_debit = self.balance > 0.0 or self.amount_currency > 0.0
        if is_debit or not self._is_on_wallet_account():
            return False
        return self.wallet_lot_type or (wallet and "paid")

    @api.depends("move_id.wallet_operation", "move_id.reversed_entry_id")
    @api.depends_context("lang")
    def _compute_wallet_kind(self):
        for line in self:
            line.wallet_kind = self.env["customer.wallet"]._get_movement_kind(
                line.move_id.wallet_operation, bool(line.move_id.reversed_entry_id)
            )

    @api.depends("move_id.ref", "move_name", "move_id.origin_payment_id")
    def _compute_wallet_document(self):
        """A payment is its own document; other entries name theirs in the reference.
        What is undone is found under the document that it was about.
        """
        for line in self:
            move = line.move_id.reversed_entry_id or line.move_id
            is_payment = move.origin_payment_id or not move.ref
            line.wallet_document = move.name if is_payment else move.ref

    @api.depends("amount_currency")
    def _compute_wallet_amount(self):
        for line in self:
            line.wallet_amount = -line.amount_currency

    @api.depends("wallet_id")
    def _compute_wallet_running_balance(self):
        self.wallet_running_balance = 0.0
        lines = self.filtered("wallet_id")
        if not lines:
            return
        lines.flush_recordset(["wallet_id", "parent_state", "amount_currency", "date"])
        totals = dict(
            self.env.execute_query(
                SQL(
                    """
                    WITH page AS (
                        SELECT wallet_id, MIN(date) AS date
                          FROM account_move_line
                         WHERE id = ANY(%(ids)s)
                         GROUP BY wallet_id
                    ),
                    opening AS (
                        SELECT line.wallet_id, SUM(line.amount_currency) AS total
                          FROM account_move_line line
                          JOIN page USING (wallet_id)
                         WHERE line.parent_state = 'posted'
                           AND line.date < page.date
                         GROUP BY line.wallet_id
                    ),
                    movement AS (
                        SELECT line.id,
                               line.wallet_id,
                               SUM(line.amount_currency) OVER (
                                   PARTITION BY line.wallet_id
                                   ORDER BY line.date, line.id
                               ) AS total
                          FROM account_move_line line
                          JOIN page USING (wallet_id)
                         WHERE line.parent_state = 'posted'
                           AND line.date >= page.date
                    )
                    SELECT movement.id,
                           -movement.total - COALESCE(opening.total, 0.0)
                      FROM movement
                      LEFT JOIN opening USING (wallet_id)
                     WHERE movement.id = ANY(%(ids)s)
                    """,
                    ids=lines.ids,
                )
            )
        )
        for line in lines:
            line.wallet_running_balance = totals.get(line.id, 0.0)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_wallet_fields_untouched(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_wallet_fields_untouched(vals)
        moving = self.filtered("wallet_id") if "partner_id" in vals else self.browse()
        wallets = moving.wallet_id
        moving.remove_move_reconcile()
        result = super().write(vals)
        if moving:
            (wallets | moving.wallet_id)._match_open_lines()
        return result

    def _check_wallet_fields_untouched(self, fnames):
        """Which wallet an item belongs to follows from the ledger; it is nothing
        that a client may choose.
        """
        if self.env.su:
            return
        protected = {"wallet_id", "wallet_lot_type", "wallet_expiry_date"}
        if self.sudo().wallet_id:
            protected |= {"amount_residual", "amount_residual_currency"}
            protected |= {"reconciled", "parent_state"}
        if protected & set(fnames):
            raise AccessError(
                self.env._(
                    "The wallet of a journal item follows from its customer, and what "
                    "is left of it from what it was matched with."
                )
            )

    # Actions

    def action_open_wallet_document(self):
        """Open what this movement is about: the document that it paid, or its payment.

        :return: a window action
        :raises AccessError: the user may not read the journal item
        """
        self.ensure_one()
        self.check_access("read")
        entry = self.move_id.reversed_entry_id or self.move_id
        if self.env.user.has_group("point_of_sale.group_pos_user"):
            payments = self.env["pos.payment"].search(
                [("wallet_move_id", "=", entry.id)]
            )
            if payments:
                return payments.pos_order_id._get_records_action()
        if entry.wallet_operation in ("allocation", "refund"):
            documents = entry._get_wallet_paid_documents() or self._find_wallet_ref()
            if documents:
                return documents._get_records_action()
        return self.action_open_business_doc()

    def _find_wallet_ref(self):
        """The document that the entry names, also after it has been undone."""
        entry = self.move_id.reversed_entry_id or self.move_id
        return self.env["account.move"].search(
            [("name", "=", entry.ref), ("partner_id", "child_of", self.partner_id.id)]
        )

    # Business methods

    def _is_on_wallet_account(self):
        self.ensure_one()
        wallet_account = self.company_id.sudo().wallet_account_id
        return bool(wallet_account) and self.account_id == wallet_account

    def _is_wallet_cash(self):
        """Whether this item pays wallet money out as money."""
        return self.move_id.wallet_operation in ("pay_out", "transfer")

    def _get_wallet_book_value(self, amount):
        """The company-currency value of a part of this lot, at the rate at which the
        money came in.

        :param float amount: part of the lot's residual, in the lot's currency
        :return: float in the company's currency
        """
        self.ensure_one()
        value = self.company_currency_id.round(
            amount * self.balance / self.amount_currency
        )
        return min(value, max(-self.amount_residual, 0.0))

    @api.constrains("account_id", "partner_id", "parent_state")
    def _check_wallet_owner(self):
        """Money on the wallet account is owed to somebody."""
        ownerless = self.filtered(
            lambda line: (
                line.parent_state == "posted"
                and not line.partner_id
                and line._is_on_wallet_account()
            )
        )
        if ownerless:
            raise ValidationError(
                self.env._(
                    "Choose a customer on every line of the account %(account)s: "
                    "the money there belongs to somebody.\n%(lines)s",
                    account=ownerless.account_id.display_name,
                    lines="\n".join(ownerless.mapped("display_name")),
                )
            )
