"""Paying invoices from the wallet."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .account_move import NAMES_SHOWN
from .customer_wallet_request import answered_once


class AccountMove(models.Model):
    _inherit = "account.move"

    # Actions

    @answered_once
    def action_allocate_wallet(self, amount=None):
        """Pay this confirmed customer invoice or receipt from the customer's wallet.

        :param float amount: how much to pay, in the currency of the invoice; by
            default as much as is due and available. The wallet of that currency is
            used first, others at today's rate.
        :return: True
        :raises AccessError: the user may not use wallets or pay the invoice
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
        :raises AccessError: the user may not use wallets or pay the invoices
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
                    customers=format_list(
                        self.env, owners[:NAMES_SHOWN].mapped("display_name"), "unit"
                    ),
                )
            )
        return (
            self.env["customer.wallet.allocation"]
            .with_company(self.company_id[:1])
            ._open(owners, invoices=self)
        )

    @answered_once
    def action_unallocate_wallet(self, partial_id):
        """Give back to the wallet what it paid on this invoice: a reversal entry is
        booked and the same lots come back. Doing it again changes nothing.

        :param int partial_id: account.partial.reconcile that `wallet_widget` names
        :return: True
        :raises AccessError: the user may not use wallets or pay the invoice
        :raises UserError: the matching is not an allocation of this invoice
        """
        self.ensure_one()
        self._check_wallet_access()
        self._unlink_wallet_partial(
            partial_id,
            self._get_wallet_partials(),
            self.env._(
                "This is not a wallet payment of %(invoice)s.",
                invoice=self.display_name,
            ),
        )
        return True

    # Checks

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

    def _get_wallet_partials(self):
        """The matchings by which wallets pay this document."""
        self.ensure_one()
        receivables = self.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return receivables.matched_credit_ids.filtered(
            lambda p: p.credit_move_id._is_active_wallet_allocation()
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
        if self.currency_id == self.company_currency_id:
            self._set_wallet_debits_value(debits, payment["amount"])
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

    def _set_wallet_debits_value(self, debits, value):
        """Let money of other currencies pay what it is worth today, where this document
        is in the company's currency and so has no rate of its own. The books may have
        it at another rate: Odoo books the difference when it is matched with its lots.

        :param list debits: see `_prepare_debits_vals` of customer.wallet; changed
        :param float value: of all debits, in the company's currency
        """
        currency = self.company_currency_id
        foreign = [vals for vals, _lot in debits if vals["currency_id"] != currency.id]
        left = value - sum(vals["balance"] for vals, _lot in debits)
        left += sum(vals["balance"] for vals in foreign)
        for number, vals in enumerate(foreign, 1):
            worth = (
                self.env["res.currency"]
                .browse(vals["currency_id"])
                ._convert(vals["amount_currency"], currency, self.company_id)
            )
            is_last = number == len(foreign)
            vals["balance"] = currency.round(left if is_last else min(worth, left))
            left -= vals["balance"]

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

    def _has_open_wallet_receivable(self):
        return bool(
            self.line_ids.filtered(
                lambda line: (
                    line.account_id.account_type == "asset_receivable"
                    and line.amount_residual < 0.0
                )
            )
        )

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
