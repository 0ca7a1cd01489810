from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

# How many documents the reference of an entry names.
REF_NAMES = 5


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
        if entry.wallet_operation in ("allocation", "refund") and documents:
            return documents._get_records_action()
        return self.action_open_business_doc()

    # Business methods

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
        return move

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
        documents = ", ".join(names[:REF_NAMES])
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
