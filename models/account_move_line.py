from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL, format_list

from .account_move_undo import MANAGER_OPERATIONS

# How many documents the reference of an entry names.
REF_NAMES = 5

# What a journal item is to a wallet follows from how it was made: neither a client nor
# a default of somebody's own says so.
PROTECTED_FIELDS = {
    "wallet_id",
    "wallet_lot_type",
    "wallet_expiry_date",
    "wallet_reminder_date",
    "wallet_invoice_id",
}


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
    wallet_expiry_date = fields.Date(
        string="Expires After",
        readonly=True,
        copy=False,
        help="The last day on which this bonus money can be used. Money that comes "
        "back to it later, when a payment is undone, expires with the next daily run.",
    )
    wallet_reminder_date = fields.Date(
        string="Reminded on",
        readonly=True,
        copy=False,
        help="When the customer was told by e-mail that this bonus is about to expire.",
    )
    wallet_invoice_id = fields.Many2one(
        "account.move",
        string="Paid Document",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The document that this item of an allocation pays. One entry may pay "
        "several; the items that pay the same one add up to zero and are undone "
        "together.",
    )
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

    wallet_can_undo = fields.Boolean(compute="_compute_wallet_can_undo")

    # As an expression it has statistics of its own: see `_get_open_lines_domain`.
    _wallet_open_idx = models.Index(
        "((CASE WHEN reconciled IS NOT TRUE THEN wallet_id END))"
        " WHERE (CASE WHEN reconciled IS NOT TRUE THEN wallet_id END) IS NOT NULL"
    )
    _wallet_expiry_idx = models.Index(
        "(wallet_expiry_date) WHERE wallet_expiry_date IS NOT NULL"
    )

    @api.depends("account_id", "partner_id", "currency_id", "parent_state", "balance")
    def _compute_wallet_id(self):
        """A posted item on the wallet account belongs to the wallet of its customer,
        whichever way it came into the ledger.
        """
        wallets = self.env["customer.wallet"]
        known = {}
        for line in self:
            previous = line.wallet_id
            wallet = line._find_wallet(known)
            line.wallet_id = wallet
            line.wallet_lot_type = line._get_wallet_lot_type(wallet)
            if previous != wallet:
                wallets |= previous | wallet
        if wallets:
            self.env.add_to_compute(wallets._fields["balance"], wallets)
            self.env.add_to_compute(wallets._fields["bonus_balance"], wallets)

    def _find_wallet(self, known):
        """The wallet that this item adds to or takes from, if any.

        :param dict known: the wallets found so far, by owner, company and currency
        """
        self.ensure_one()
        Wallet = self.env["customer.wallet"]
        if (
            self.parent_state != "posted"
            or not self.partner_id
            or not self._is_on_wallet_account()
        ):
            return Wallet
        key = self.partner_id, self.company_id, self.currency_id
        if key not in known:
            known[key] = Wallet._find_or_create(*key).with_env(self.env)
        return known[key]

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

    @api.depends(
        "move_id.ref",
        "move_name",
        "move_id.origin_payment_id",
        "wallet_invoice_id.name",
    )
    def _compute_wallet_document(self):
        """A payment is its own document; other entries name theirs in the reference,
        those that pay several on each item. What is undone is found under the
        document that it was about.
        """
        for line in self:
            move = line.move_id.reversed_entry_id or line.move_id
            is_payment = move.origin_payment_id or not move.ref
            invoice = line.sudo().wallet_invoice_id
            line.wallet_document = invoice.display_name or (
                move.name if is_payment else move.ref
            )

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
        query = self._get_wallet_running_balance_sql(lines.ids)
        totals = dict(self.env.execute_query(query))
        for line in lines:
            line.wallet_running_balance = totals.get(line.id, 0.0)

    def _get_wallet_running_balance_sql(self, line_ids):
        """The balance after each of these items; a page of a long history reads what
        was before it as one sum.
        """
        return SQL(
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
            ids=line_ids,
        )

    @api.depends("move_id.wallet_operation", "move_id.reversal_move_ids.state")
    @api.depends_context("uid")
    def _compute_wallet_can_undo(self):
        is_manager = self.env.user.has_group("customer_wallet.group_wallet_manager")
        for line in self:
            move = line.move_id
            line.wallet_can_undo = (
                is_manager
                and move.wallet_operation in MANAGER_OPERATIONS
                and not move.reversed_entry_id
                and not move._is_reversed()
            )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        for name in PROTECTED_FIELDS:
            values.pop(name, None)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_wallet_fields_untouched(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_wallet_fields_untouched(vals)
        moving = self.filtered("wallet_id") if "partner_id" in vals else self.browse()
        wallets = moving.wallet_id
        result = super().write(vals)
        if moving:
            moving._unlink_matching_between_wallets()
            (wallets | moving.wallet_id)._match_open_lines()
        return result

    def _unlink_matching_between_wallets(self):
        """What moves to another wallet is matched anew there. Items that move together
        stay matched: another matching would take bonus for paid money.
        """
        self._get_all_partials().filtered(
            lambda p: p.debit_move_id.wallet_id != p.credit_move_id.wallet_id
        ).unlink()

    def _check_wallet_fields_untouched(self, fnames):
        """Which wallet an item belongs to follows from the ledger; it is nothing
        that a client may choose.
        """
        if self.env.su:
            return
        protected = PROTECTED_FIELDS - {"wallet_invoice_id"}
        if self.sudo().move_id.filtered("wallet_operation"):
            protected.add("wallet_invoice_id")
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
        if self.wallet_invoice_id:
            return self.wallet_invoice_id._get_records_action()
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

    def action_undo_wallet_operation(self):
        """Ask why the adjustment or transfer of this movement is undone.

        :return: a window action on customer.wallet.undo
        :raises AccessError: the user is no wallet manager
        """
        self.ensure_one()
        self.env["customer.wallet"]._check_manager()
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "customer_wallet.action_customer_wallet_undo"
            ),
            "context": {"default_move_id": self.move_id.id},
        }

    # Business methods

    def _copy_data_extend_business_fields(self, values):
        """A reversal says which documents it is about."""
        result = super()._copy_data_extend_business_fields(values)
        values["wallet_invoice_id"] = self.wallet_invoice_id.id
        return result

    def _get_all_partials(self):
        return self.matched_debit_ids | self.matched_credit_ids

    def _is_active_wallet_allocation(self):
        """Whether this item belongs to an allocation, in a part that is not undone."""
        self.ensure_one()
        return (
            self.move_id._is_wallet_allocation()
            and self.wallet_invoice_id not in self.move_id._get_wallet_undone_parts()
        )

    def _get_wallet_part(self):
        """All items of the same entries that pay the same documents as these.

        :return: account.move.line
        """
        parts = {(line.move_id, line.wallet_invoice_id) for line in self}
        return self.move_id.line_ids.filtered(
            lambda line: (line.move_id, line.wallet_invoice_id) in parts
        )

    def _get_wallet_paid_documents(self):
        """The invoices and receipts that these items of allocations pay now.

        :return: account.move
        """
        receivables = self._get_wallet_part().filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        documents = receivables.matched_debit_ids.debit_move_id.move_id
        return documents.filtered(lambda move: move.is_sale_document(True))

    def _is_on_wallet_account(self):
        self.ensure_one()
        wallet_account = self.company_id.sudo().wallet_account_id
        return bool(wallet_account) and self.account_id == wallet_account

    # Refunding

    def _spread_wallet_refund(self, amount):
        """Spread an amount over these open credits, in their order.

        :param float amount: in the currency of the lines
        :return: list of (account.move.line, float)
        """
        parts = []
        for line in self:
            part = min(amount, -line.amount_residual_currency)
            if line.currency_id.compare_amounts(part, 0.0) > 0:
                parts.append((line, part))
                amount = line.currency_id.round(amount - part)
        return parts

    @api.model
    def _book_wallet_refund(self, parts):
        """Book one entry that moves open credits to their customer's wallet, and
        reconcile each of them with it. An exchange difference arises on the
        receivable, as with any other payment.

        :param list parts: of (account.move.line, float amount in its currency), all of
            one customer, company and currency
        :return: account.move, posted
        """
        lines = self.browse().concat(*(line for line, _ in parts)).sudo()
        company, currency = lines.company_id, lines.currency_id
        wallet = self.env["customer.wallet"]._find_or_create(
            lines.partner_id.commercial_partner_id, company, currency
        )
        kinds, discounts_vals = lines._split_wallet_refund(parts)
        label = self.env._("Refunded to the wallet")
        others_vals = wallet._prepare_lots_vals(kinds, label) + discounts_vals
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .with_context(skip_invoice_sync=True)
            .create(lines._prepare_wallet_refund_vals(parts, others_vals))
            .with_env(self.sudo().env)
        )
        move._post(soft=False)
        debits = move.line_ids.sorted("id")[len(others_vals) :]
        debits._reconcile_plan(
            [debit + line for debit, line in zip(debits, lines, strict=True)]
        )
        self._log_wallet_refund(parts, move)
        move._allocate_wallet_on_receipt()
        return move

    @api.model
    def _log_wallet_refund(self, parts, entry):
        """Say in the chatter of these credits where their money went."""
        for line, amount in parts:
            line.sudo().move_id._log_wallet_note(
                self.env._(
                    "%(amount)s moved to the wallet: %(entry)s",
                    amount=line.currency_id.format(amount),
                    entry=entry._get_html_link(),
                )
            )

    def _split_wallet_refund(self, parts):
        """What these credits consist of.

        :return: (list of kinds of money, see `_split_by_kind` of customer.wallet; list
            of dict of the journal items that take early payment discounts back)
        """
        totals = {}
        discounts_vals = []
        amounts = {}
        for line, amount in parts:
            amounts[line.move_id] = amounts.get(line.move_id, 0.0) + amount
        for move, amount in amounts.items():
            discount = move._get_wallet_discount_to_take_back(amount)
            if discount:
                discounts_vals += move._prepare_wallet_discount_back_vals(discount)
            for part, *kind in move._get_wallet_kinds_to_return(amount - discount):
                totals[tuple(kind)] = totals.get(tuple(kind), 0.0) + part
        kinds = [(self.currency_id.round(part), *kind) for kind, part in totals.items()]
        return kinds, discounts_vals

    def _is_wallet_discount(self):
        """Whether this item belongs to an early payment discount."""
        self.ensure_one()
        company = self.company_id.sudo()
        return bool(self.tax_line_id) or self.account_id in (
            company.account_journal_early_pay_discount_loss_account_id
            | company.account_journal_early_pay_discount_gain_account_id
        )

    def _prepare_wallet_discount_back_vals(self, amount):
        """Values of the item that takes a part of this discount back.

        :param float amount: in the currency of the item
        """
        self.ensure_one()
        return {
            "name": self.name,
            "account_id": self.account_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -amount,
            "balance": -self.company_currency_id.round(
                amount * self.balance / self.amount_currency
            ),
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "tax_tag_ids": [Command.set(self.tax_tag_ids.ids)],
            "tax_repartition_line_id": self.tax_repartition_line_id.id,
            "group_tax_id": self.group_tax_id.id,
        }

    def _prepare_wallet_refund_vals(self, parts, others_vals):
        """Values of the entry: the lots first, then one item for each credit."""
        return {
            "move_type": "entry",
            "date": fields.Date.context_today(self),
            "ref": self._get_wallet_refund_ref(),
            "journal_id": self.company_id.wallet_journal_id.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "currency_id": self.currency_id.id,
            "wallet_operation": "refund",
            "line_ids": [
                Command.create(vals)
                for vals in others_vals
                + self._prepare_wallet_refund_debits_vals(parts, others_vals)
            ],
        }

    def _get_wallet_refund_ref(self):
        """The names of the documents of these credits, of many only the first ones."""
        names = self.move_id.mapped("name")
        documents = format_list(self.env, names[:REF_NAMES], "unit")
        if len(names) <= REF_NAMES:
            return documents
        return self.env._(
            "%(documents)s and %(count)s more",
            documents=documents,
            count=len(names) - REF_NAMES,
        )

    def _prepare_wallet_refund_debits_vals(self, parts, others_vals):
        debits_vals = [
            {
                "name": self.env._("Refunded to the wallet: %s", line.move_id.name),
                "account_id": line.account_id.id,
                "partner_id": line.partner_id.id,
                "currency_id": line.currency_id.id,
                "amount_currency": amount,
                "balance": line.currency_id._convert(
                    amount, line.company_currency_id, line.company_id
                ),
            }
            for line, amount in parts
        ]
        missing = sum(vals["balance"] for vals in others_vals + debits_vals)
        debits_vals[-1]["balance"] = self.company_currency_id.round(
            debits_vals[-1]["balance"] - missing
        )
        return debits_vals

    def _get_wallet_bonus_used(self, currency):
        """The bonus money that these items have taken out of wallets.

        :param currency: res.currency of the amounts
        :return: dict of float amounts by date on which the bonus expires, or False
        """
        amounts = {}
        for partial in self.sudo().filtered("wallet_id").matched_credit_ids:
            lot, debit = partial.credit_move_id, partial.debit_move_id
            if lot.wallet_lot_type != "bonus":
                continue
            amount = lot.currency_id._convert(
                partial.credit_amount_currency, currency, debit.company_id, debit.date
            )
            expiry = lot.wallet_expiry_date
            amounts[expiry] = amounts.get(expiry, 0.0) + amount
        return amounts

    def _is_wallet_cash(self):
        """Whether this item pays wallet money out as money, or to another wallet: by a
        pay-out, by a top-up that is taken back, or by an entry that somebody has made
        by hand or from a bank statement.
        """
        self.ensure_one()
        operation = self.move_id.wallet_operation
        if operation in ("pay_out", "transfer", "top_up"):
            return True
        if operation in ("allocation", "pos_payment", "bonus", "expiry"):
            return False
        counterparts = self.move_id.line_ids.filtered(lambda line: line.balance < 0.0)
        return any(line._is_wallet_cash_counterpart(self) for line in counterparts)

    def _is_wallet_paid_out(self):
        """Whether this item on a receivable account is money that goes out. What is
        set off against other receivables is not, nor is what goes into a wallet.
        """
        self.ensure_one()
        return any(
            line.balance < 0.0
            and line.account_id.account_type != "asset_receivable"
            and not line._is_on_wallet_account()
            and line._is_wallet_cash_counterpart(self)
            for line in self.move_id.line_ids
        )

    def _is_wallet_cash_counterpart(self, wallet_line):
        """Whether what leaves a wallet arrives here as money."""
        self.ensure_one()
        if self._is_on_wallet_account():
            return self.partner_id != wallet_line.partner_id
        return (
            self.journal_id.type in ("bank", "cash", "credit")
            or self.account_id.account_type in ("asset_cash", "liability_credit_card")
            or self.account_id in self._get_wallet_payment_accounts()
        )

    def _get_wallet_payment_accounts(self):
        """The accounts on which payments wait for the bank."""
        company = self.company_id.root_id
        accounts = (
            self.env["account.chart.template"]
            .with_context(allowed_company_ids=company.ids)
            .ref("account_journal_payment_credit_account_id", raise_if_not_found=False)
        )
        lines = (
            self.env["account.payment.method.line"]
            .sudo()
            .search([("payment_account_id", "in", self.account_id.ids)])
        )
        accounts = accounts or self.env["account.account"]
        return accounts | company.transfer_account_id | lines.payment_account_id

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
