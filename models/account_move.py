import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .customer_wallet import FROM_SERVER

# What only a wallet manager does and undoes.
MANAGER_OPERATIONS = ("adjustment", "transfer")
NAMES_SHOWN = 5
# What an entry does to a wallet follows from how it was made.
PROTECTED_FIELDS = {"wallet_operation", "wallet_promotion_id", "wallet_bonus_origin_id"}


class AccountMove(models.Model):
    _inherit = "account.move"

    wallet_operation = fields.Selection(
        [
            ("top_up", "Top-up"),
            ("pay_out", "Pay-out"),
            ("allocation", "Allocation"),
            ("refund", "Refund"),
            ("pos_payment", "Point of Sale"),
            ("bonus", "Bonus"),
            ("expiry", "Expiry"),
            ("transfer", "Transfer"),
            ("adjustment", "Adjustment"),
        ],
        compute="_compute_wallet_operation",
        store=True,
        index="btree_not_null",
        copy=False,
    )
    wallet_promotion_id = fields.Many2one(
        "customer.wallet.promotion",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The promotion that gave this bonus.",
    )
    wallet_bonus_origin_id = fields.Many2one(
        "account.move",
        string="Wallet Top-up",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The entry of the top-up that earned this bonus.",
    )
    wallet_bonus_move_ids = fields.One2many(
        "account.move", "wallet_bonus_origin_id", string="Bonus Entries", readonly=True
    )
    wallet_balance = fields.Monetary(
        compute="_compute_wallet_balance",
        groups="customer_wallet.group_wallet_user",
        help="What this invoice could use from the customer's wallets, "
        "in the currency of the invoice.",
    )
    wallet_widget = fields.Binary(
        compute="_compute_wallet_widget",
        exportable=False,
        groups="customer_wallet.group_wallet_user",
    )

    @api.depends("origin_payment_id.is_wallet", "origin_payment_id.payment_type")
    def _compute_wallet_operation(self):
        for move in self:
            payment = move.origin_payment_id
            if payment.is_wallet:
                inbound = payment.payment_type == "inbound"
                move.wallet_operation = "top_up" if inbound else "pay_out"
            elif payment and not payment._keeps_difference_in_wallet():
                move.wallet_operation = False
            else:
                move.wallet_operation = move.wallet_operation

    @api.depends("partner_id", "currency_id", "company_id", "state", "move_type")
    def _compute_wallet_balance(self):
        for move in self:
            move.wallet_balance = move._get_wallet_available()

    @api.depends("state", "partner_id", "currency_id", "line_ids.amount_residual")
    def _compute_wallet_widget(self):
        for move in self:
            move.wallet_widget = move._get_wallet_widget()

    def _compute_payment_state(self):
        """A credit note whose money went to the wallet is settled, not reversed."""
        result = super()._compute_payment_state()
        for move in self:
            if (
                move.move_type == "out_refund"
                and move.payment_state == "reversed"
                and move._get_wallet_refund_partials()
            ):
                move.payment_state = "paid"
        return result

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        for name in PROTECTED_FIELDS:
            values.pop(name, None)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_wallet_operation_untouched(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        """An entry that is no longer posted gives its lots back."""
        self._check_wallet_operation_untouched(vals)
        wallets = self.env["customer.wallet"]
        if vals.get("state", "posted") != "posted":
            posted = self.filtered(lambda move: move.state == "posted")
            wallets = posted.line_ids.wallet_id
            posted._check_wallet_entry_kept()
            posted._take_back_wallet_bonus()
            posted._release_wallet_matching()
        result = super().write(vals)
        wallets.sudo()._match_open_lines()
        wallets.sudo()._lower_debt_limit()
        wallets._notify_tills()
        wallets._mail_customers(self.browse())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted_wallet_entry(self):
        self.filtered(lambda move: move.state == "posted")._check_wallet_entry_kept()

    def _post(self, soft=True):
        self._set_wallet_owner()
        self._undo_wallet_payments_of_others()
        self._release_reversed_wallet_entries(soft)
        self._unlink_draft_wallet_matching()
        posted = super()._post(soft=soft)
        posted._log_wallet_undo()
        wallets = posted.line_ids.wallet_id
        if self.env.context.get("wallet_lots_chosen") is not FROM_SERVER:
            wallets.sudo()._match_open_lines()
        posted._check_wallet_cash_paid_in()
        for top_up in posted.filtered(lambda move: move._is_wallet_top_up_payment()):
            top_up._grant_wallet_bonus(top_up.origin_payment_id.partner_id, top_up.date)
        wallets.sudo()._lower_debt_limit()
        wallets._notify_tills()
        posted._allocate_wallet_on_confirmation()
        posted._allocate_wallet_on_receipt()
        wallets._mail_customers(posted)
        return posted

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """The reversal of a wallet entry tells the same story backwards."""
        if self.env.context.get("wallet_parts_chosen") is not FROM_SERVER:
            self._check_wallet_reversible()
        if cancel:
            self._take_back_wallet_bonus()
        wallet_moves = self.filtered("wallet_operation")
        if cancel and wallet_moves and wallet_moves != self:
            return self._reverse_moves_apart(wallet_moves, default_values_list)
        moves = self
        if cancel and wallet_moves:
            moves = self.with_context(wallet_keep_allocations=FROM_SERVER)
        reverse_moves = super(AccountMove, moves)._reverse_moves(
            default_values_list, cancel=cancel
        )
        for move, reverse_move in zip(self, reverse_moves, strict=True):
            if move.wallet_operation:
                reverse_move.sudo().wallet_operation = move.wallet_operation
        return reverse_moves.with_env(self.env)

    def _reverse_moves_apart(self, wallet_moves, default_values_list):
        """Cancel wallet entries before other ones: an invoice among these would undo
        its own allocation a second time.
        """
        values = default_values_list or [{} for _move in self]
        values_by_move = dict(zip(self, values, strict=True))
        reversals = {}
        for moves in (wallet_moves, self - wallet_moves):
            reverse_moves = moves._reverse_moves(
                [values_by_move[move] for move in moves], cancel=True
            )
            reversals.update(zip(moves, reverse_moves, strict=True))
        return self.browse().concat(*(reversals[move] for move in self))

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Each part of an allocation meets its own reversal, so that one part of it
        never stands for another.
        """
        for move, reverse_move in zip(self, reverse_moves, strict=True):
            if move._is_wallet_allocation():
                move._reconcile_wallet_parts(reverse_move)
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def _reconcile_wallet_parts(self, reverse_move):
        lines = (self.line_ids + reverse_move.line_ids).filtered(
            lambda line: line.account_id.reconcile and not line.reconciled
        )
        parts = lines.grouped(
            lambda line: (line.wallet_invoice_id, line.account_id, line.currency_id)
        )
        lines.with_context(move_reverse_cancel=True)._reconcile_plan(
            [part for part in parts.values() if len(part.move_id) > 1]
        )

    # Actions

    def action_allocate_wallet(self, amount=None):
        """Pay this confirmed customer invoice or receipt from the customer's wallet.

        :param float amount: how much to pay, in the currency of the invoice; by
            default as much as is due and available. The wallet of that currency is
            used first, others at today's rate.
        :return: True
        :raises AccessError: the user may not use wallets or read the invoice
        :raises UserError: the invoice is not open, nothing is available, or the
            amount is not positive, more than what is due or what is available
        """
        self.ensure_one()
        self._check_wallet_access()
        self._allocate_wallet({self: amount})
        return True

    def action_open_wallet_allocation(self):
        """Let the user choose how much of these invoices the customer's wallet pays.

        :return: the action of the wizard customer.wallet.allocation
        :raises AccessError: the user may not use wallets or read the invoices
        :raises UserError: they are of several customers or companies, none is open,
            or nothing is available
        """
        self._check_wallet_access()
        owners = self.commercial_partner_id
        if len(owners) != 1 or len(self.company_id.root_id) > 1:
            raise UserError(
                self.env._(
                    "Choose invoices of one customer and one company: each customer's "
                    "wallet pays its own. You have chosen invoices of %(customers)s.",
                    customers=", ".join(owners[:NAMES_SHOWN].mapped("display_name")),
                )
            )
        return (
            self.env["customer.wallet.allocation"]
            .with_company(self.company_id[:1])
            ._open(owners, invoices=self)
        )

    def action_unallocate_wallet(self, partial_id):
        """Give back to the wallet what it paid on this invoice: a reversal entry is
        booked and the same lots come back. Doing it again changes nothing.

        :param int partial_id: account.partial.reconcile that `wallet_widget` names
        :return: True
        :raises AccessError: the user may not use wallets or read the invoice
        :raises UserError: the matching is not an allocation of this invoice
        """
        self.ensure_one()
        self._check_wallet_access()
        partial = self._read_wallet_partial(partial_id)
        if not partial:
            return True
        if partial not in self._get_wallet_partials():
            raise UserError(
                self.env._(
                    "This is not a wallet payment of %(invoice)s.",
                    invoice=self.display_name,
                )
            )
        partial.unlink()
        self._invalidate_wallet_fields()
        return True

    def action_refund_to_wallet(self, amount=None):
        """Move what is open on this confirmed credit note to the customer's wallet of
        its currency. What the refunded invoice spent as bonus comes back as bonus.

        :param float amount: how much to move, in the currency of the credit note; by
            default all that is open
        :return: True
        :raises AccessError: the user may not use wallets or read the credit note
        :raises UserError: nothing is open, or the amount is not positive or more than
            what is open
        """
        self.ensure_one()
        self._check_wallet_access()
        amount = self._check_wallet_refund_amount(amount)
        lines = self._get_wallet_open_credits()
        lines._book_wallet_refund(lines._spread_wallet_refund(amount))
        self._invalidate_wallet_fields()
        return True

    def action_undo_wallet_refund(self, partial_id):
        """Take back from the wallet what was moved there from this credit note: a
        reversal entry is booked, and all that the entry moved is open again. Doing it
        again changes nothing.

        :param int partial_id: account.partial.reconcile that `wallet_widget` names
        :return: True
        :raises AccessError: the user may not use wallets or read the credit note
        :raises UserError: the matching is no refund of this credit note, or its money
            has been spent
        """
        self.ensure_one()
        self._check_wallet_access()
        partial = self._read_wallet_partial(partial_id)
        if not partial:
            return True
        if partial not in self._get_wallet_refund_partials():
            raise UserError(
                self.env._(
                    "This is not a refund of %(document)s to the wallet.",
                    document=self.display_name,
                )
            )
        partial.unlink()
        self._invalidate_wallet_fields()
        return True

    # Checks

    def _check_wallet_access(self):
        """These actions move a customer's money, and any client may call them.

        :raises AccessError: without the group, or for a document that the user
            may not read
        """
        self.check_access("read")
        self.env["customer.wallet"]._check_user()

    def _read_wallet_partial(self, partial_id):
        """The matching that a client names; empty when it is undone already."""
        if not isinstance(partial_id, int) or isinstance(partial_id, bool):
            raise UserError(self.env._("This is not a wallet payment."))
        return self.env["account.partial.reconcile"].sudo().browse(partial_id).exists()

    def _check_wallet_allocation_open(self):
        if not self._is_wallet_payable():
            raise UserError(
                self.env._(
                    "%(document)s cannot be paid from a wallet: only confirmed "
                    "customer invoices and receipts with an amount due can.",
                    document=self.display_name,
                )
            )
        self._check_wallet_accounting()

    def _check_wallet_accounting(self):
        company = self.company_id.sudo()
        if not company.wallet_account_id or not company.wallet_journal_id:
            raise UserError(
                self.env._(
                    "Choose the wallet account and journal of %(company)s in "
                    "Settings > Invoicing > Customer Wallet.",
                    company=company.display_name,
                )
            )

    def _check_wallet_amount(self, amount, available):
        """Decide what is paid and which early payment discount is granted.

        :param float amount: asked for, or None for as much as possible
        :param float available: what the wallets hold, in the currency of the invoice
        :return: tuple of floats (amount to pay, discount granted)
        :raises UserError: when the amount is not possible
        """
        compare = self.currency_id.compare_amounts
        due, discount = self._get_wallet_amounts_due()
        discounted = self.currency_id.round(due - discount)
        if amount is None:
            amount = min(discounted, available)
            if compare(amount, 0.0) <= 0:
                self._raise_wallet_shortage(discounted, 0.0)
        amount = self._read_wallet_amount(amount)
        if compare(amount, due) > 0:
            raise UserError(
                self.env._(
                    "Only %(due)s is due on %(invoice)s, but %(amount)s was asked for. "
                    "Enter %(due)s or less.",
                    due=self.currency_id.format(due),
                    invoice=self.display_name,
                    amount=self.currency_id.format(amount),
                )
            )
        if compare(amount, available) > 0:
            self._raise_wallet_shortage(amount, available)
        return amount, discount if compare(amount, discounted) == 0 else 0.0

    def _check_wallet_refund_amount(self, amount):
        """Decide how much of this credit note goes to the wallet.

        :param float amount: asked for, or None for all that is open
        :return: float in the currency of the credit note
        :raises UserError: when the amount is not possible
        """
        if not self._is_wallet_refundable():
            raise UserError(
                self.env._(
                    "%(document)s cannot be refunded to a wallet: only confirmed "
                    "customer credit notes with an open amount can.",
                    document=self.display_name,
                )
            )
        self._check_wallet_accounting()
        open_amount = self._get_wallet_refund_open()
        amount = self._read_wallet_amount(open_amount if amount is None else amount)
        if self.currency_id.compare_amounts(amount, open_amount) > 0:
            raise UserError(
                self.env._(
                    "Only %(open)s is open on %(document)s of %(customer)s, but "
                    "%(amount)s was asked for. Enter %(open)s or less.",
                    open=self.currency_id.format(open_amount),
                    document=self.display_name,
                    customer=self.commercial_partner_id.display_name,
                    amount=self.currency_id.format(amount),
                )
            )
        return amount

    def _read_wallet_amount(self, amount):
        """Round an amount that came from a client, which may send anything."""
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        try:
            if not is_number or not math.isfinite(amount):
                raise ValueError(amount)
            amount = self.currency_id.round(amount)
        except (ValueError, OverflowError) as error:
            raise UserError(self.env._("Enter an amount in figures.")) from error
        if self.currency_id.compare_amounts(amount, 0.0) <= 0:
            raise UserError(self.env._("Enter an amount greater than zero."))
        return amount

    def _raise_wallet_shortage(self, wanted, available):
        frozen = self._find_wallets().filtered(lambda w: w.state == "frozen")
        if frozen:
            raise UserError(frozen[0]._get_frozen_message())
        raise UserError(
            self.env._(
                "The wallet of %(customer)s holds %(available)s, but %(wanted)s was "
                "asked for on %(invoice)s. Top up the wallet, or use a smaller amount.",
                customer=self.commercial_partner_id.display_name,
                available=self.currency_id.format(available),
                wanted=self.currency_id.format(wanted),
                invoice=self.display_name,
            )
        )

    # What is due and what is there

    def _is_wallet_payable(self):
        self.ensure_one()
        return (
            self.move_type in ("out_invoice", "out_receipt")
            and self.state == "posted"
            and self.payment_state in ("not_paid", "partial")
            and self.currency_id.compare_amounts(self.amount_residual, 0.0) > 0
        )

    def _is_wallet_refundable(self):
        self.ensure_one()
        return (
            self.move_type == "out_refund"
            and self.state == "posted"
            and self.currency_id.compare_amounts(self._get_wallet_refund_open(), 0.0)
            > 0
        )

    def _get_wallet_open_credits(self):
        """The open receivable items of this credit note, oldest due first."""
        self.ensure_one()
        return self.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
                and line.amount_residual_currency < 0.0
            )
        ).sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _get_wallet_refund_open(self):
        """What is open on this credit note, in its currency."""
        lines = self._get_wallet_open_credits()
        return self.currency_id.round(-sum(lines.mapped("amount_residual_currency")))

    def _get_wallet_due_lines(self):
        """The open receivable items of this invoice, oldest due first."""
        self.ensure_one()
        return self.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            )
        ).sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _get_wallet_amounts_due(self):
        """What is due, and which part of it is forgiven when it is paid today.

        :return: tuple of floats (due, early payment discount) in the currency of
            the invoice
        """
        self.ensure_one()
        lines = self._get_wallet_due_lines()
        due = self.currency_id.round(sum(lines.mapped("amount_residual_currency")))
        today = fields.Date.context_today(self)
        if not self._is_eligible_for_early_payment_discount(self.currency_id, today):
            return due, 0.0
        discount = sum(
            line.amount_currency - line.discount_amount_currency for line in lines
        )
        return due, self.currency_id.round(discount)

    def _find_wallets(self):
        """The customer's wallets, the one of the invoice's currency first."""
        self.ensure_one()
        if not self.commercial_partner_id or not self.company_id:
            return self.env["customer.wallet"].sudo()
        return (
            self.env["customer.wallet"]
            .sudo()
            ._find(self.commercial_partner_id, self.company_id, self.currency_id)
        )

    def _get_wallet_sources(self):
        """Which wallets could pay this document, and how much each.

        :return: list of (customer.wallet, float available at today's rate in the
            currency of the document)
        """
        self.ensure_one()
        if self.move_type not in ("out_invoice", "out_receipt"):
            return []
        return self._find_wallets()._get_sources(self.currency_id, self.company_id)

    def _get_wallet_available(self):
        """What this document could use from the customer's wallets.

        :return: float in the currency of the document
        """
        self.ensure_one()
        return self.currency_id.round(
            sum(amount for _wallet, amount in self._get_wallet_sources())
        )

    # Entries

    def _allocate_wallet(self, amounts=None, left=None):
        """Pay these documents of one customer, in this order, by one entry for each
        company.

        :param dict amounts: float by document, in its currency; by default, also for
            a single one, as much as is due and available
        :param dict left: float by customer.wallet that may pay, in its currency; by
            default what is available in all wallets of the customer
        :return: account.move, the posted entries
        :raises UserError: a document is not open, or an amount is not possible; when
            as much as possible is asked for, documents that find nothing available
            any more stay open
        """
        plan = self._plan_wallet_allocation(amounts or {}, left)
        entries = self.browse().sudo()
        for company, documents in self.grouped("company_id").items():
            payments = [item for item in plan if item["document"] in documents]
            if payments:
                entries |= documents._create_wallet_allocation(company, payments)
        self._invalidate_wallet_fields()
        return entries

    def _plan_wallet_allocation(self, amounts, left=None):
        """Decide what each of these documents gets of the customer's wallets.

        :param dict amounts: see `_allocate_wallet`
        :param dict left: see `_allocate_wallet`
        :return: list of dicts: `document`, `amount` and `discount` (floats in its
            currency), `shares` (see customer.wallet), `label`
        """
        left = self[:1]._find_wallets()._get_left() if left is None else dict(left)
        wallets = self.env["customer.wallet"].sudo().union(*left)
        plan = []
        for document in self:
            document._check_wallet_allocation_open()
            currency, company = document.currency_id, document.company_id
            sources = wallets._sort_for(currency)
            available = sources._sum_left(left, currency, company)
            amount = amounts.get(document)
            if amount is None and plan and currency.is_zero(available):
                continue
            amount, discount = document._check_wallet_amount(amount, available)
            plan.append(
                {
                    "document": document,
                    "amount": amount,
                    "discount": discount,
                    "shares": sources._share(amount, currency, company, left),
                    "label": document._get_wallet_label(),
                }
            )
        return plan

    def _create_wallet_allocation(self, company, payments):
        """Book one entry that moves money from the wallets to the receivable accounts,
        and reconcile both of its sides in one pass. The journal items that belong to
        one document add up to zero, so that they can be undone apart.

        :param company: res.company of these documents
        :param list payments: see `_plan_wallet_allocation`
        :return: account.move, the posted entry
        """
        Wallet = self.env["customer.wallet"].sudo()
        debits = Wallet._prepare_debits_vals(payments)
        lines_vals = [
            line_vals
            for payment, debits_vals in zip(payments, debits, strict=True)
            for line_vals in payment["document"]._prepare_wallet_lines_vals(
                payment, debits_vals
            )
        ]
        documents = self.browse().concat(*(item["document"] for item in payments))
        return Wallet._book_lines(
            documents._prepare_wallet_allocation_vals(company), lines_vals
        )

    def _prepare_wallet_lines_vals(self, payment, debits):
        """Values of the journal items by which this document is paid.

        :param dict payment: see `_plan_wallet_allocation`
        :param list debits: see `_prepare_debits_vals` of customer.wallet
        :return: list of (dict of account.move.line values, account.move.line with
            which the item is reconciled, or none)
        """
        self.ensure_one()
        nothing = self.env["account.move.line"]
        lines_vals = list(debits)
        if payment["discount"]:
            discounts = self._prepare_wallet_discount_vals()
            lines_vals += [(vals, nothing) for vals in discounts]
        balance = sum(vals["balance"] for vals, _lot in lines_vals)
        lines_vals += self._prepare_wallet_receivables_vals(
            payment["amount"] + payment["discount"], balance
        )
        for vals, _matched in lines_vals:
            vals["wallet_invoice_id"] = self.id
        return lines_vals

    def _prepare_wallet_allocation_vals(self, company):
        """Values of the entry by which these documents are paid."""
        is_one_currency = len(self.currency_id) == 1
        return {
            "move_type": "entry",
            "date": fields.Date.context_today(self),
            "ref": self._get_wallet_names(),
            "journal_id": company.sudo().wallet_journal_id.id,
            "company_id": company.id,
            "partner_id": self.commercial_partner_id.id,
            "currency_id": (
                self.currency_id if is_one_currency else company.currency_id
            ).id,
            "wallet_operation": "allocation",
        }

    def _get_wallet_names(self):
        """The names of these documents, of many only the first ones."""
        names = ", ".join(self[:NAMES_SHOWN].mapped("display_name"))
        if len(self) <= NAMES_SHOWN:
            return names
        return self.env._(
            "%(documents)s and %(count)s more",
            documents=names,
            count=len(self) - NAMES_SHOWN,
        )

    def _get_wallet_label(self):
        return self.env._("Paid from the wallet: %s", self.name)

    def _prepare_wallet_discount_vals(self):
        """The early payment discount is booked as core books it on a payment."""
        lines = self._get_wallet_due_lines()
        open_balance = sum(line.balance - line.discount_balance for line in lines)
        values = self._get_invoice_counterpart_amls_for_early_payment_discount(
            [{"aml": line} for line in lines], open_balance
        )
        return [vals for vals_list in values.values() for vals in vals_list]

    def _prepare_wallet_receivables_vals(self, amount, balance):
        """Values of the journal items that pay what is due, one for each receivable
        account of this document, oldest due first.

        :param float amount: in the currency of this document
        :param float balance: the same in the company's currency
        :return: list of (dict of account.move.line values, account.move.line due)
        """
        paid = self._spread_wallet_amount(amount)
        lines_vals = []
        left = balance
        for number, (account, (part, lines)) in enumerate(paid.items(), 1):
            part_balance = self.company_currency_id.round(
                left if number == len(paid) else balance * part / amount
            )
            left -= part_balance
            vals = self._prepare_wallet_receivable_vals(account, part, part_balance)
            lines_vals.append((vals, lines))
        return lines_vals

    def _spread_wallet_amount(self, amount):
        """Which part of an amount goes to which receivable account.

        :param float amount: in the currency of this document
        :return: dict by account.account of (float part, account.move.line due)
        """
        paid = {}
        left = self.currency_id.round(amount)
        for line in self._get_wallet_due_lines():
            if self.currency_id.compare_amounts(left, 0.0) <= 0:
                break
            part, lines = paid.get(line.account_id, (0.0, line.browse()))
            taken = min(left, line.amount_residual_currency)
            left = self.currency_id.round(left - taken)
            paid[line.account_id] = (part + taken, lines + line)
        return paid

    def _prepare_wallet_receivable_vals(self, account, amount, balance):
        return {
            "name": self._get_wallet_label(),
            "account_id": account.id,
            "partner_id": self.commercial_partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -self.currency_id.round(amount),
            "balance": -balance,
            "analytic_distribution": False,
        }

    # Automatic allocation

    def _allocate_wallet_on_confirmation(self):
        """Pay the invoices among these documents at once, where that is wanted. The
        counterpart of a credit note is none, and a till first books what was paid
        there: see pos.order.
        """
        if self.env.context.get("linked_to_pos"):
            return
        self.filtered(
            lambda move: (
                move.move_type in ("out_invoice", "out_receipt")
                and not move.reversed_entry_id
            )
        )._allocate_wallet_automatically()

    def _allocate_wallet_automatically(self):
        """Pay these open invoices from the wallets of their customers, where that is
        wanted. What goes wrong is told in the chatter.
        """
        by_owner = self.sudo().grouped(
            lambda move: (move.commercial_partner_id, move.company_id.root_id)
        )
        for (owner, _root), invoices in by_owner.items():
            wanted = invoices.filtered(
                lambda move, owner=owner: owner._is_wallet_auto_allocated(
                    move.company_id, "wallet_auto_allocate"
                )
            )
            payable = wanted.filtered(lambda move: move._is_wallet_payable())
            if payable:
                owner._allocate_wallet_automatically(
                    payable.sorted(lambda move: (move.invoice_date_due, move.id))
                )

    def _allocate_wallet_on_receipt(self):
        """Money that came into a wallet by these entries pays the customer's open
        invoices, where that is wanted. What an undone payment gave back is no new
        money; an entry whose own receivable is still open has yet to pay a document.
        """
        for move in self.sudo():
            lots = move.line_ids.filtered("wallet_lot_type")
            if (
                not lots
                or move.wallet_operation == "allocation"
                or move.reversed_entry_id
                or move._has_open_wallet_receivable()
            ):
                continue
            for wallet in lots.wallet_id:
                wallet._allocate_automatically(move)

    def _log_wallet_allocation(self, source=None):
        """Say in the chatter what these entries have paid by themselves.

        :param source: account.move that brought the money, if any
        """
        for entry in self:
            invoices = entry.line_ids.wallet_invoice_id
            invoices._message_log_batch(
                bodies={
                    invoice.id: self.env._(
                        "Paid automatically from the wallet: %(amount)s, %(entry)s",
                        amount=invoice.currency_id.format(
                            entry._get_wallet_amount_paid(invoice)
                        ),
                        entry=entry._get_html_link(),
                    )
                    for invoice in invoices
                }
            )
            if source:
                source._log_wallet_note(
                    self.env._(
                        "Paid automatically from the wallet when this money came in: "
                        "%(documents)s, %(entry)s",
                        documents=invoices._get_wallet_names(),
                        entry=entry._get_html_link(),
                    )
                )

    def _log_wallet_refusal(self, reason):
        """Say in the chatter why the wallet has not paid by itself."""
        for move in self:
            move._log_wallet_note(
                self.env._(
                    "Not paid automatically from the wallet: %(reason)s", reason=reason
                )
            )

    def _log_wallet_note(self, body):
        (self.origin_payment_id or self)._message_log(body=body)

    def _get_wallet_amount_paid(self, invoice):
        """What this allocation took from wallets for a document.

        :param invoice: account.move that it pays
        :return: float in the currency of the document
        """
        receivables = self.line_ids.filtered(
            lambda line: (
                line.wallet_invoice_id == invoice
                and line.account_id.account_type == "asset_receivable"
            )
        )
        paid = -sum(receivables.mapped("amount_currency"))
        return invoice.currency_id.round(
            paid - self._get_wallet_discount_granted(invoice)
        )

    def _has_open_wallet_receivable(self):
        return bool(
            self.line_ids.filtered(
                lambda line: (
                    line.account_id.account_type == "asset_receivable"
                    and line.amount_residual < 0.0
                )
            )
        )

    # Kinds of money

    def _get_wallet_spendings(self):
        """The journal items by which wallets have paid this invoice, here or at a till.

        :return: account.move.line
        """
        self.ensure_one()
        entries = self._get_wallet_till_entries().filtered(
            lambda entry: entry.wallet_operation == "pos_payment"
        )
        allocations = self._get_wallet_partials().credit_move_id
        return entries.line_ids | allocations._get_wallet_part()

    def _get_wallet_refunds(self):
        """The entries that moved money of these credit notes to a wallet, here or at
        a till.
        """
        entries = self.env["account.move"].sudo()
        for move in self:
            entries |= move._get_wallet_refund_partials().debit_move_id.move_id
            entries |= move._get_wallet_till_entries().filtered(
                lambda entry: entry.wallet_operation == "refund"
            )
        return entries

    def _get_wallet_till_entries(self):
        entries = self.sudo().pos_order_ids.payment_ids.wallet_move_id
        return entries.filtered(lambda entry: entry.state == "posted")

    def _get_wallet_kinds_to_return(self, amount):
        """Which kinds of money come back when a part of this credit note is refunded
        to the wallet.

        :param float amount: in the currency of the credit note
        :return: list, see `_split_by_kind` of customer.wallet
        """
        self.ensure_one()
        money, bonuses = amount, {}
        if self.move_type == "out_refund" and self.reversed_entry_id:
            invoice = self.reversed_entry_id.sudo()
            bonuses = invoice._get_wallet_bonus_left(self.currency_id)
        if bonuses:
            money = invoice._get_wallet_money_left(self.currency_id)
        return self.env["customer.wallet"]._split_by_kind(
            amount, self.currency_id, money, bonuses
        )

    def _get_wallet_bonus_left(self, currency):
        """The bonus money that was spent on this invoice and has not come back.

        :return: dict of floats in `currency` by date of expiry or False
        """
        left = self._get_wallet_spendings()._get_wallet_bonus_used(currency)
        refunds = self.reversal_move_ids._get_wallet_refunds()
        for expiry, amount in refunds._get_wallet_bonus_given_back().items():
            if expiry in left:
                left[expiry] -= amount
        return left

    def _get_wallet_money_left(self, currency):
        """What may still be given back for this invoice as money that was paid in:
        what is settled of it, less what credit notes have given back, less the bonus
        that has still to come back.

        :return: float in `currency`
        """
        credit_notes = self.reversal_move_ids.filtered(lambda m: m.state == "posted")
        given_back = sum(
            move.amount_total - move.amount_residual for move in credit_notes
        )
        money = self.currency_id._convert(
            self.amount_total - self.amount_residual - given_back,
            currency,
            self.company_id,
            self.invoice_date,
        )
        bonuses = self._get_wallet_bonus_left(currency)
        discount = self._get_wallet_discount_left(currency)
        return currency.round(money - sum(bonuses.values()) - discount)

    # Early payment discounts

    def _get_wallet_discount_to_take_back(self, amount):
        """Which part of a refund was never paid: once all that was paid of the invoice
        has come back, the rest is the early payment discount, which is taken back.

        :param float amount: to be refunded, in the currency of the credit note
        :return: float in that currency
        """
        self.ensure_one()
        invoice = self.reversed_entry_id.sudo()
        currency = self.currency_id
        if self.move_type != "out_refund" or not invoice:
            return 0.0
        discount = invoice._get_wallet_discount_left(currency)
        if currency.compare_amounts(discount, 0.0) <= 0:
            return 0.0
        paid = invoice._get_wallet_money_left(currency)
        paid += sum(invoice._get_wallet_bonus_left(currency).values())
        return currency.round(min(max(amount - max(paid, 0.0), 0.0), discount))

    def _get_wallet_discount_left(self, currency):
        """The early payment discount that was granted on this invoice and that no
        refund has taken back.

        :return: float in `currency`
        """
        granted = self._get_wallet_discount_lines()
        if granted.currency_id != currency:
            return 0.0
        taken_back = self.reversal_move_ids._get_wallet_refunds().line_ids.filtered(
            lambda line: line._is_wallet_discount()
        )
        return currency.round(sum((granted | taken_back).mapped("amount_currency")))

    def _get_wallet_discount_lines(self):
        """The journal items that granted an early payment discount on this invoice. An
        ordinary entry that pays several invoices does not tell on which of them.
        """
        receivables = self.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        entries = receivables.matched_credit_ids.credit_move_id.move_id
        lines = self.env["account.move.line"]
        for entry in entries.filtered(lambda move: move.move_type == "entry"):
            items = entry.line_ids.filtered(lambda line: line.wallet_invoice_id == self)
            paid = entry.line_ids.matched_debit_ids.debit_move_id.move_id
            if not items and paid.filtered(lambda m: m.is_sale_document(True)) == self:
                items = entry.line_ids
            lines |= items.filtered(
                lambda item: item.amount_currency and item._is_wallet_discount()
            )
        return lines

    def _prepare_wallet_discount_back_vals(self, discount):
        """Values of the journal items that take a discount back: those that granted it,
        the other way round.

        :param float discount: in the currency of this credit note
        """
        granted = self.reversed_entry_id.sudo()._get_wallet_discount_lines()
        total = sum(granted.mapped("amount_currency"))
        items = []
        left = discount
        for number, line in enumerate(granted, 1):
            part = self.currency_id.round(discount * line.amount_currency / total)
            part = self.currency_id.round(left if number == len(granted) else part)
            left -= part
            items.append(line._prepare_wallet_discount_back_vals(part))
        return items

    # Undoing

    def _was_wallet_refund(self):
        """Whether this entry, or the one that it reverses, put open credits into a
        wallet: what an earlier installation has left tells no more.
        """
        self.ensure_one()
        origin = self.reversed_entry_id or self
        return any(
            line.balance > 0.0 and line.account_id.account_type == "asset_receivable"
            for line in origin.line_ids
        )

    def _is_active_wallet_refund(self):
        """Whether this entry moves an open credit to a wallet; a till takes its
        refunds back by itself.
        """
        self.ensure_one()
        return (
            self.wallet_operation == "refund"
            and self.move_type == "entry"
            and self.state == "posted"
            and not self.reversed_entry_id
            and not self._is_reversed()
            and not self._find_wallet_till_payment()
        )

    def _is_active_wallet_allocation(self):
        """Whether this entry pays a document now."""
        self.ensure_one()
        return self._is_wallet_allocation() and not self._is_reversed()

    def _is_wallet_allocation(self):
        self.ensure_one()
        return (
            self.wallet_operation == "allocation"
            and self.move_type == "entry"
            and self.state == "posted"
            and not self.reversed_entry_id
        )

    def _is_reversed(self):
        """Whether all that this entry did has been undone."""
        undone = self._get_wallet_undone_parts()
        return bool(undone) and self._get_wallet_parts() <= undone

    def _get_wallet_parts(self):
        """What this entry pays: each of its parts can be undone apart.

        :return: set of account.move; that of an entry in one piece has one member,
            an empty recordset
        """
        return {line.wallet_invoice_id for line in self.line_ids}

    def _get_wallet_undone_parts(self):
        reversals = self.reversal_move_ids.filtered(lambda m: m.state == "posted")
        return set().union(*(move._get_wallet_reversed_parts() for move in reversals))

    def _get_wallet_reversed_parts(self):
        """Which parts of another entry this reversal undoes: all, if somebody has
        changed it by hand so that it does not say.
        """
        parts, reversed_parts = (
            self.reversed_entry_id._get_wallet_parts(),
            self._get_wallet_parts(),
        )
        return reversed_parts if reversed_parts <= parts else parts

    def _return_to_wallet(self, lines=None):
        """Reverse these entries, or a part of them; their lots are open again, and
        the documents that they paid are due again.

        :param lines: account.move.line of the part, by default of all of it
        """
        lines = self.sudo().line_ids if lines is None else lines.sudo()
        whole = self.sudo().filtered(lambda move: move.line_ids <= lines)
        for company, moves in whole.grouped("company_id").items():
            moves.with_company(company)._reverse_moves(
                [move._prepare_wallet_reversal_vals(move.line_ids) for move in moves],
                cancel=True,
            )
        for move in self.sudo() - whole:
            move._return_part_to_wallet(lines & move.line_ids)

    def _return_part_to_wallet(self, lines):
        copied = lines.with_context(
            include_business_fields=True, move_reverse_cancel=True
        ).copy_data()
        vals = self._prepare_wallet_reversal_vals(lines)
        vals["line_ids"] = [Command.create(line_vals) for line_vals in copied]
        reversal = (
            self.with_company(self.company_id)
            .with_context(wallet_parts_chosen=FROM_SERVER)
            ._reverse_moves([vals])
        )
        reversal.partner_id = self.partner_id
        reversal.with_context(move_reverse_cancel=True)._post(soft=False)

    def _prepare_wallet_reversal_vals(self, lines):
        is_whole = lines == self.line_ids
        documents = (
            self.ref if is_whole else lines.wallet_invoice_id._get_wallet_names()
        )
        return {
            "date": fields.Date.context_today(self),
            "ref": self._get_wallet_reversal_name(documents),
        }

    def _get_wallet_reversal_name(self, document_name):
        return self.env._(
            "Reversal of: %(entry)s, %(document)s",
            entry=self.name,
            document=document_name,
        )

    def _get_wallet_paid_documents(self):
        """The invoices and receipts that these entries pay."""
        return self.line_ids._get_wallet_paid_documents()

    def _release_wallet_matching(self):
        """Take these entries out of the matching on the wallet account: a lot that is
        not posted cannot have paid anything.
        """
        partials = self._get_wallet_account_partials()
        partials.with_context(
            wallet_keep_allocations=FROM_SERVER, wallet_lots_chosen=FROM_SERVER
        ).unlink()

    def _unlink_draft_wallet_matching(self):
        """What was matched while it was a draft is matched anew once it is posted;
        exchange differences are Odoo's own and stay.
        """
        partials = self._get_wallet_account_partials()
        partials.filtered(lambda p: not p._is_exchange_match()).unlink()

    def _get_all_partials(self):
        return self.line_ids._get_all_partials()

    def _get_wallet_account_partials(self):
        lines = self.line_ids.filtered(
            lambda line: line.matching_number and line._is_on_wallet_account()
        )
        return lines.matched_debit_ids | lines.matched_credit_ids

    def _check_wallet_operation_untouched(self, fnames):
        if PROTECTED_FIELDS & set(fnames) and not self.env.su:
            raise AccessError(
                self.env._("The kind of a wallet entry cannot be chosen or edited.")
            )

    def _check_wallet_entry_kept(self):
        """Posted history is reversed, never edited or deleted. Payments are their
        own documents, with rules of their own.

        :raises UserError: naming the entry and what to do instead
        """
        kept = self.filtered(
            lambda move: move.wallet_operation and not move.origin_payment_id
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(entry)s has moved the money of a wallet: it stays in the books. "
                    "To take it back, undo it on %(document)s.",
                    entry=kept[0].name,
                    document=kept[0].ref or kept[0].name,
                )
            )

    def _release_reversed_wallet_entries(self, soft):
        """A reversal that was scheduled takes effect when it is posted: what the
        entry paid is due again, and its lots come back.
        """
        today = fields.Date.context_today(self)
        for move in self.filtered("reversed_entry_id.wallet_operation"):
            entry = move.reversed_entry_id
            if entry.state != "posted" or (soft and move.date > today):
                continue
            parts = move._get_wallet_reversed_parts()
            entry._check_wallet_reversible(parts)
            entry._take_back_wallet_bonus()
            lines = entry.line_ids.filtered(
                lambda line, parts=parts: line.wallet_invoice_id in parts
            )
            lines._get_all_partials().with_context(
                wallet_keep_allocations=FROM_SERVER, wallet_lots_chosen=FROM_SERVER
            ).unlink()

    def _check_wallet_reversible(self, parts=None):
        """What moved a wallet's money is undone once; paying again is a new entry.

        :param set parts: see `_get_wallet_parts`; by default all
        :raises UserError: naming the entry that is a reversal, or has one
        """
        wallet_moves = self.filtered("wallet_operation")
        wallet_moves._check_wallet_entry_not_of_till()
        for move in wallet_moves:
            undone = move._get_wallet_undone_parts()
            if move.reversed_entry_id or move._is_reversed():
                raise UserError(
                    self.env._(
                        "%(entry)s has already been undone: it cannot be undone again.",
                        entry=move.name,
                    )
                )
            if undone if parts is None else undone & parts:
                raise UserError(
                    self.env._(
                        "A part of %(entry)s has already been undone. Undo the rest of "
                        "it on the invoices that it pays.",
                        entry=move.name,
                    )
                )
        wallet_moves._check_wallet_operation_undoable()
        wallet_moves._check_wallet_refund_unused()

    def _check_wallet_operation_undoable(self):
        """What a manager has done, a manager undoes, while its money is there.

        :raises AccessError: the user is no wallet manager
        :raises UserError: naming the wallet from which the money has gone
        """
        moves = self.filtered(lambda m: m.wallet_operation in MANAGER_OPERATIONS)
        if moves:
            self.env["customer.wallet"]._check_manager()
        for move in moves:
            for wallet, lines in move.sudo().line_ids.grouped("wallet_id").items():
                amount = -sum(lines.mapped("amount_currency"))
                if not wallet or wallet.currency_id.compare_amounts(amount, 0.0) <= 0:
                    continue
                if wallet.state == "frozen":
                    raise UserError(wallet._get_frozen_message())
                available = wallet._get_available()
                if wallet.currency_id.compare_amounts(amount, available) > 0:
                    raise UserError(
                        self.env._(
                            "%(entry)s cannot be undone: it put %(amount)s into the "
                            "wallet of %(customer)s, of which only %(available)s is "
                            "available now. Undo first what the money was used for.",
                            entry=move.name,
                            amount=wallet.currency_id.format(amount),
                            customer=wallet.partner_id.display_name,
                            available=wallet.currency_id.format(available),
                        )
                    )

    def _undo_wallet_operation(self, reason):
        """Reverse an adjustment or transfer; the same lots come back.

        :param str reason: kept in the reversal and in the chatter of the wallets
        :return: account.move, the reversal
        :raises UserError: it is none, was undone already, or its money is gone
        """
        self.ensure_one()
        if self.state != "posted" or self.wallet_operation not in MANAGER_OPERATIONS:
            raise UserError(
                self.env._(
                    "%(entry)s is no adjustment or transfer that could be undone.",
                    entry=self.display_name,
                )
            )
        values = {
            "date": fields.Date.context_today(self),
            "ref": self.env._(
                "Reversal of: %(entry)s, %(document)s",
                entry=self.name,
                document=reason,
            ),
        }
        moves = self.sudo().with_company(self.company_id)
        return moves._reverse_moves([values], cancel=True)

    def _log_wallet_undo(self):
        """Say in the chatter of the wallets what has been undone, and why."""
        for move in self.filtered(
            lambda m: m.reversed_entry_id.wallet_operation in MANAGER_OPERATIONS
        ):
            entry = move.reversed_entry_id
            body = self.env._(
                "%(entry)s has been undone: %(reversal)s. %(reason)s",
                entry=entry._get_html_link(title=entry.name),
                reversal=move._get_html_link(title=move.name),
                reason=move.ref or "",
            )
            for wallet in move.sudo().line_ids.wallet_id:
                wallet.message_post(body=body)

    def _check_wallet_refund_unused(self):
        """A refund can be taken back as long as its money is in the wallet.

        :raises UserError: naming the customer, what was refunded and what is left
        """
        for move in self.filtered(lambda m: m.wallet_operation == "refund"):
            lots = move.sudo().line_ids.filtered("wallet_lot_type")
            wallet = lots.wallet_id
            amount = -sum(lots.mapped("amount_currency"))
            left = wallet.balance + wallet.overdraft_limit
            if not wallet or wallet.currency_id.compare_amounts(left, amount) >= 0:
                continue
            raise UserError(
                self.env._(
                    "The refund %(entry)s of %(amount)s cannot be taken back: only "
                    "%(left)s is left in the wallet of %(customer)s. Undo what the "
                    "wallet has paid since, or top it up.",
                    entry=move.name,
                    amount=wallet.currency_id.format(amount),
                    left=wallet.currency_id.format(left),
                    customer=wallet.partner_id.display_name,
                )
            )

    def _check_wallet_entry_not_of_till(self):
        """What a till has charged is not taken back in the books alone.

        :raises UserError: naming the order
        """
        payments = self._find_wallet_till_payment()
        if payments:
            raise UserError(
                self.env._(
                    "%(entry)s belongs to the till order %(order)s. Refund the order "
                    "instead.",
                    entry=payments.wallet_move_id.name,
                    order=payments.pos_order_id.name,
                )
            )

    def _find_wallet_till_payment(self):
        """One of the payments of a till that these entries belong to."""
        return (
            self.env["pos.payment"]
            .sudo()
            .search([("wallet_move_id", "in", self.ids)], limit=1)
        )

    def _set_wallet_owner(self):
        """Wallet money belongs to the commercial partner, and the books say so, also
        when a contact leaves its company later.
        """
        for line in self.line_ids:
            owner = line.partner_id.commercial_partner_id
            if line.partner_id != owner and line._is_on_wallet_account():
                line.partner_id = owner

    def _undo_wallet_payments_of_others(self):
        """A draft that was paid before keeps its payments; when its customer has been
        changed since, the wallet that paid gets its money back.
        """
        for move in self.filtered(lambda move: move.is_sale_document(True)):
            if not any(move.line_ids.mapped("matching_number")):
                continue
            owner = move.commercial_partner_id
            paid = move._get_wallet_partials()
            refunded = move._get_wallet_refund_partials()
            partials = paid.filtered(
                lambda p, owner=owner: p.credit_move_id.partner_id != owner
            ) | refunded.filtered(
                lambda p, owner=owner: p.debit_move_id.partner_id != owner
            )
            partials.unlink()

    # Bonus

    def _is_wallet_top_up_payment(self):
        """Whether this is a top-up that somebody has paid, in the back office or
        online. Those of a till say so themselves: change that is kept is no top-up.
        """
        self.ensure_one()
        return (
            self.wallet_operation == "top_up"
            and self.origin_payment_id.is_wallet
            and not self.reversed_entry_id
        )

    def _grant_wallet_bonus(self, partner, date):
        """Give the customer the bonus that this posted top-up earns, once. A top-up
        that is paid from a wallet earns nothing.

        :param partner: res.partner, who tops up
        :param date: on which the promotions must be running
        :return: account.move of the bonus, if any
        """
        self.ensure_one()
        lots = self.sudo().line_ids.filtered("wallet_id")
        amount = -sum(lots.mapped("amount_currency"))
        is_paid_in = all(lot.balance <= 0.0 for lot in lots)
        if self._get_wallet_bonus_entries() or not lots or not is_paid_in:
            return self.browse()
        promotion, bonus = self.env["customer.wallet.promotion"]._find_best(
            partner, self.company_id, lots.currency_id, amount, date
        )
        if not promotion:
            return self.browse()
        self.company_id._ensure_wallet_accounting()
        entry = promotion._book_bonus(self, partner, bonus)
        document = self.origin_payment_id or self
        document.sudo().message_post(
            body=self.env._(
                "This top-up earned a bonus of %(bonus)s by the promotion "
                "%(promotion)s: %(entry)s.",
                bonus=promotion.currency_id.format(bonus),
                promotion=promotion.name,
                entry=entry.name,
            )
        )
        return entry

    def _get_wallet_top_up_name(self):
        """How a customer knows this top-up: the payment, or the order of a till."""
        self.ensure_one()
        return self.name if self.origin_payment_id or not self.ref else self.ref

    def _get_wallet_bonus_entries(self):
        """The bonuses that these top-ups have earned and still have."""
        return self.sudo().wallet_bonus_move_ids.filtered(
            lambda move: move.state == "posted" and not move._is_reversed()
        )

    def _take_back_wallet_bonus(self):
        """A top-up that is taken back takes its bonus with it. What has expired of the
        bonus is not taken twice.

        :raises UserError: the money has been used
        """
        top_ups = self.filtered(lambda move: move.wallet_operation == "top_up")
        top_ups._check_wallet_top_up_unused()
        bonuses = top_ups._get_wallet_bonus_entries()
        bonuses._get_wallet_expiries()._return_to_wallet()
        bonuses._return_to_wallet()
        for top_up in bonuses.wallet_bonus_origin_id.with_env(self.env):
            document = top_up.origin_payment_id or top_up
            document.sudo().message_post(
                body=self.env._("The bonus of this top-up was taken back.")
            )

    def _get_wallet_expiries(self):
        """The entries by which bonuses of these entries have expired."""
        debits = self.line_ids.filtered("wallet_lot_type").matched_debit_ids
        return debits.debit_move_id.move_id.filtered(
            lambda move: move.wallet_operation == "expiry"
        )

    def _get_wallet_bonus_given_back(self):
        """The bonus money that these refunds have put back into a wallet.

        :return: dict, see `_get_wallet_bonus_used` of account.move.line; in the
            currency of the refunds
        """
        amounts = {}
        for lot in self.sudo().line_ids.filtered(
            lambda line: line.wallet_lot_type == "bonus"
        ):
            expiry = lot.wallet_expiry_date
            amounts[expiry] = amounts.get(expiry, 0.0) - lot.amount_currency
        return amounts

    def _check_wallet_top_up_unused(self):
        """A top-up can be taken back as long as its money and its bonus are in the
        wallet; bonus money of others does not stand in for them.

        :raises UserError: naming what is left, what is needed, and what it was used for
        """
        for wallet, (top_ups, left, needed) in self._get_wallet_take_back().items():
            if wallet.currency_id.compare_amounts(left, needed) < 0:
                raise UserError(top_ups._get_wallet_used_message(wallet, left, needed))

    def _get_wallet_take_back(self):
        """What must be in each wallet to take these top-ups and their bonuses back.

        :return: dict by customer.wallet of (account.move, float left, float needed),
            in the currency of the wallet
        """
        top_ups = self.sudo().filtered(
            lambda move: (
                move.wallet_operation == "top_up"
                and move.state == "posted"
                and any(move.line_ids.mapped("wallet_lot_type"))
            )
        )
        result = {}
        for wallet, moves in top_ups.grouped(
            lambda move: move.line_ids.filtered("wallet_lot_type").wallet_id
        ).items():
            bonuses = moves._get_wallet_bonus_entries()
            own = bonuses.line_ids.filtered("wallet_lot_type")
            lots = moves.line_ids.filtered("wallet_lot_type") | own
            expired = bonuses._get_wallet_expiries().line_ids.filtered("wallet_id")
            needed = -sum((lots | expired).mapped("amount_currency"))
            others = wallet.bonus_balance + sum(own.mapped("amount_residual_currency"))
            left = wallet.balance + wallet.overdraft_limit - others
            result[wallet] = (
                moves,
                wallet.currency_id.round(left),
                wallet.currency_id.round(needed),
            )
        return result

    def _get_wallet_used_message(self, wallet, left, needed):
        bonuses = self._get_wallet_bonus_entries()
        lots = (self | bonuses).line_ids.filtered("wallet_lot_type")
        documents = lots.matched_debit_ids.debit_move_id.move_id
        documents = documents._get_wallet_paid_documents() or documents
        return self.env._(
            "The top-up %(top_up)s of %(amount)s cannot be taken back: only %(left)s "
            "is left in the wallet of %(customer)s, and %(needed)s is needed.%(bonus)s "
            "Its money was used for %(documents)s. Undo that first. A wallet manager "
            "can take the top-up back anyway and leave the customer with a debt.",
            top_up=", ".join(self.mapped("name")),
            amount=wallet.currency_id.format(
                -sum(
                    self.line_ids.filtered("wallet_lot_type").mapped("amount_currency")
                )
            ),
            left=wallet.currency_id.format(max(left, 0.0)),
            needed=wallet.currency_id.format(needed),
            bonus=self.env._(" The bonus goes with it.") if bonuses else "",
            customer=wallet.partner_id.display_name,
            documents=", ".join(documents.mapped("name")),
        )

    def _check_wallet_cash_paid_in(self):
        """Whatever way money leaves a wallet as money: bonus money does not.

        :raises UserError: naming customer, what was paid in and what is wanted
        """
        items = self.sudo().line_ids.filtered(
            lambda line: (
                line.wallet_id and line.balance > 0.0 and line._is_wallet_cash()
            )
        )
        for wallet, lines in items.grouped("wallet_id").items():
            wanted = sum(lines.mapped("amount_currency"))
            left = wallet.balance - wallet.bonus_balance + wallet.overdraft_limit
            if not wallet.bonus_balance or (
                wallet.currency_id.compare_amounts(left, 0.0) >= 0
            ):
                continue
            raise UserError(
                self.env._(
                    "Bonus money is not paid out. The wallet of %(customer)s holds "
                    "%(available)s that was paid in, but %(wanted)s is needed.",
                    customer=wallet.partner_id.display_name,
                    available=wallet.currency_id.format(max(left + wanted, 0.0)),
                    wanted=wallet.currency_id.format(wanted),
                )
            )

    # The section on the form

    def _invalidate_wallet_fields(self):
        self.invalidate_recordset(["wallet_balance", "wallet_widget"], flush=False)

    def _get_wallet_partials(self):
        """The matchings by which wallets pay this document."""
        self.ensure_one()
        receivables = self.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return receivables.matched_credit_ids.filtered(
            lambda p: p.credit_move_id._is_active_wallet_allocation()
        )

    def _get_wallet_refund_partials(self):
        """The matchings by which money of this credit note went to a wallet."""
        self.ensure_one()
        receivables = self.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return receivables.matched_debit_ids.filtered(
            lambda p: p.debit_move_id.move_id._is_active_wallet_refund()
        )

    def _get_wallet_widget(self):
        """What the Customer Wallet section of the form shows.

        :return: dict, see static/src/backend; False when there is nothing to show
        """
        self.ensure_one()
        if self.state == "cancel":
            return False
        if self.move_type == "out_refund":
            return self._get_wallet_refund_widget()
        if self.move_type not in ("out_invoice", "out_receipt"):
            return False
        payable = self._is_wallet_payable()
        payments = self._get_wallet_widget_payments()
        if not payable and not payments and self.state != "draft":
            return False
        wallets = self._get_wallet_widget_wallets()
        if not wallets and not payments:
            return False
        return {
            **self._get_wallet_widget_base(wallets, payments),
            **self._get_wallet_widget_amounts(payable),
        }

    def _get_wallet_refund_widget(self):
        """What the section shows on a credit note: the same as on an invoice, but the
        money goes the other way, also to a customer who has no wallet yet.
        """
        refundable = self._is_wallet_refundable()
        refunds = self._get_wallet_widget_refunds()
        wallets = self._get_wallet_widget_wallets()
        if not refundable and not refunds and not (wallets and self.state == "draft"):
            return False
        open_amount = self._get_wallet_refund_open() if refundable else 0.0
        discount = self._get_wallet_discount_to_take_back(open_amount)
        return {
            **self._get_wallet_widget_base(wallets, refunds),
            "is_refund": True,
            "available": open_amount,
            "residual": open_amount,
            "allocatable": self.currency_id.round(open_amount - discount),
            "discount": discount,
            "can_allocate": refundable,
        }

    def _get_wallet_widget_base(self, wallets, payments):
        partner = self.commercial_partner_id
        return {
            "move_id": self.id,
            "state": self.state,
            "partner": {
                "id": partner.id,
                "name": partner.display_name,
                "phone": partner.phone or "",
                "email": partner.email or "",
            },
            "currency_id": self.currency_id.id,
            "balance": self._get_wallet_widget_balance(),
            "frozen": any(wallet["frozen"] for wallet in wallets),
            "wallets": wallets,
            "payments": payments,
        }

    def _get_wallet_widget_balance(self):
        """What the customer's wallets hold together, in the document's currency."""
        balance = sum(
            wallet.currency_id._convert(
                wallet.balance, self.currency_id, self.company_id
            )
            for wallet in self._find_wallets()
        )
        return self.currency_id.round(balance)

    def _get_wallet_widget_amounts(self, payable):
        available = self._get_wallet_available()
        due, discount = self._get_wallet_amounts_due() if payable else (0.0, 0.0)
        allocatable = min(self.currency_id.round(due - discount), available)
        covered = self.currency_id.compare_amounts(allocatable, due - discount) >= 0
        return {
            "available": available,
            "residual": due if payable else self.amount_residual,
            "allocatable": allocatable,
            "discount": discount if covered else 0.0,
            "can_allocate": self.currency_id.compare_amounts(allocatable, 0.0) > 0,
        }

    def _get_wallet_widget_wallets(self):
        wallets = self._find_wallets().filtered(
            lambda w: w._get_available() or not w.currency_id.is_zero(w.balance)
        )
        return [
            {
                "id": wallet.id,
                "currency_id": wallet.currency_id.id,
                "balance": wallet.balance,
                "amount": wallet._get_available_in(self.currency_id, self.company_id),
                "converted": wallet.currency_id != self.currency_id,
                "frozen": wallet.state == "frozen",
            }
            for wallet in wallets
        ]

    def _get_wallet_discount_granted(self, invoice):
        """The early payment discount that this allocation booked, which the wallet
        did not pay.

        :param invoice: account.move that it pays
        :return: float in the currency of the invoice
        """
        discounts = self.line_ids.filtered(
            lambda line: (
                line.wallet_invoice_id in (invoice, self.browse())
                and not line._is_on_wallet_account()
                and line.account_id.account_type != "asset_receivable"
            )
        )
        return sum(discounts.mapped("amount_currency"))

    def _get_wallet_widget_payments(self):
        partials_by_entry = self._get_wallet_partials().grouped(
            lambda p: p.credit_move_id.move_id
        )
        return [
            {
                "partial_id": partials[0].id,
                "move_id": entry.id,
                "name": entry.name,
                "date": fields.Date.to_string(entry.date),
                "amount": self.currency_id.round(
                    sum(partials.mapped("debit_amount_currency"))
                    - entry._get_wallet_discount_granted(self)
                ),
                "can_undo": self.state == "posted",
            }
            for entry, partials in partials_by_entry.items()
        ]

    def _get_wallet_widget_refunds(self):
        partials_by_entry = self._get_wallet_refund_partials().grouped(
            lambda p: p.debit_move_id.move_id
        )
        return [
            {
                "partial_id": partials[0].id,
                "move_id": entry.id,
                "name": entry.name,
                "date": fields.Date.to_string(entry.date),
                "amount": self.currency_id.round(
                    sum(partials.mapped("credit_amount_currency"))
                    - entry._get_wallet_discount_taken_back(self)
                ),
                "others": entry._get_wallet_refunded_documents(self),
                "can_undo": self.state == "posted",
            }
            for entry, partials in partials_by_entry.items()
        ]

    def _get_wallet_discount_taken_back(self, document):
        """The early payment discount in this refund, which has one document then."""
        if self._get_wallet_refunded_documents(document):
            return 0.0
        discounts = self.line_ids.filtered(lambda line: line._is_wallet_discount())
        return -sum(discounts.mapped("amount_currency"))

    def _get_wallet_refunded_documents(self, document):
        """The names of the other documents whose money this entry moved as well."""
        lines = self.line_ids.matched_credit_ids.credit_move_id.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return ", ".join((lines.move_id - document).mapped("name"))
