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

    @api.depends("move_id.ref", "move_name", "move_id.origin_payment_id")
    def _compute_wallet_document(self):
        """A payment is its own document; other entries name theirs in the reference."""
        for line in self:
            move = line.move_id
            is_payment = move.origin_payment_id or not move.ref
            line.wallet_document = line.move_name if is_payment else move.ref

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
                    SELECT movement.id, movement.total
                      FROM (
                        SELECT id,
                               -SUM(amount_currency) OVER (
                                   PARTITION BY wallet_id ORDER BY date, id
                               ) AS total
                          FROM account_move_line
                         WHERE wallet_id = ANY(%s)
                           AND parent_state = 'posted'
                      ) movement
                     WHERE movement.id = ANY(%s)
                    """,
                    lines.wallet_id.ids,
                    lines.ids,
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
        documents = self.env["account.move"].search(
            [("name", "=", entry.ref), ("partner_id", "child_of", self.partner_id.id)]
        )
        if entry.wallet_operation == "allocation" and documents:
            return documents._get_records_action()
        return self.action_open_business_doc()

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

    # What the customer sees

    def _get_wallet_portal_kind(self):
        """What this movement was, in the words of the portal."""
        self.ensure_one()
        move = self.move_id
        labels = dict(move._fields["wallet_operation"]._description_selection(self.env))
        if move.origin_payment_id.payment_transaction_id.operation == "refund":
            return self.env._("Refund of an online top-up")
        labels["allocation"] = self.env._("Invoice paid")
        label = labels.get(move.wallet_operation) or self.env._("Entry")
        return self.env._("Undone: %s", label) if move.reversed_entry_id else label

    def _get_wallet_till_orders(self):
        """The orders of a till that these movements belong to.

        :return: dict of account.move.line to pos.order, which may be empty
        """
        entries = {
            line: line.move_id.reversed_entry_id or line.move_id for line in self
        }
        payments = (
            self.env["pos.payment"]
            .sudo()
            .search(
                [("wallet_move_id", "in", [entry.id for entry in entries.values()])]
            )
        )
        orders = {
            payment.wallet_move_id: payment.pos_order_id.sudo() for payment in payments
        }
        nothing = self.env["pos.order"].sudo()
        return {line: orders.get(entry, nothing) for line, entry in entries.items()}

    def _get_wallet_contact(self, order):
        """Which contact of the customer did this. Who works for the company itself
        is not told to its customers.

        :param order: pos.order of the movement, or empty
        :return: res.partner, empty when it was the company
        """
        self.ensure_one()
        payment = self.move_id.origin_payment_id.sudo()
        user = self.create_uid.sudo()
        if payment.payment_transaction_id:
            contact = payment.payment_transaction_id.partner_id
            is_refund = payment.payment_transaction_id.operation == "refund"
            return contact.browse() if is_refund else contact
        if order:
            return order.partner_id
        if user.share and not user._is_public():
            return user.partner_id
        return self.env["res.partner"]

    def _get_wallet_portal_documents(self):
        """The invoices and credit notes that the money of this movement went to or
        came from.
        """
        self.ensure_one()
        receivables = self.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        partials = receivables.matched_debit_ids | receivables.matched_credit_ids
        moves = (partials.debit_move_id | partials.credit_move_id).move_id
        return moves.filtered(lambda move: move.is_sale_document(True))

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
