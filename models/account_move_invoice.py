"""Invoices as documents that a wallet pays."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .customer_wallet_request import answered_once
from .customer_wallet_spender_mixin import NAMES_SHOWN


class AccountMove(models.Model):
    _inherit = "account.move"

    # Actions

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
        booked. Doing it again changes nothing.

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

    def _unlink_wallet_partial(self, partial_id, known, refusal):
        """Undo the matching that a client names; one that is undone already is fine.

        :param int partial_id: account.partial.reconcile
        :param known: account.partial.reconcile that may be undone here
        :param str refusal: what to tell when it is another one
        :raises UserError: it is another one, or none
        """
        if not isinstance(partial_id, int) or isinstance(partial_id, bool):
            raise UserError(self.env._("This is not a wallet payment."))
        partial = known.browse(partial_id).exists()
        if partial - known:
            raise UserError(refusal)
        entry = (partial.debit_move_id | partial.credit_move_id).move_id - self
        by_hand = entry.filtered(lambda move: not move.wallet_operation)
        if by_hand and not by_hand._is_wallet_entry_about(self):
            raise UserError(
                self.env._(
                    "%(entry)s was entered by hand, and not for %(document)s alone: "
                    "reverse it in Journal Entries.",
                    entry=by_hand.display_name,
                    document=self.display_name,
                )
            )
        partial.unlink()
        # Entered by hand: there is no document that would take it back.
        by_hand.sudo()._reverse_moves(cancel=True)
        self._invalidate_wallet_fields()

    def _is_wallet_entry_about(self, document):
        """Whether this entry, made by hand, did nothing else than settle a document.

        :param document: account.move
        """
        self.ensure_one()
        lines = self.sudo().line_ids
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        settled = (partials.debit_move_id | partials.credit_move_id).move_id - self
        return (
            settled == document
            and len(lines.partner_id.commercial_partner_id) == 1
            and not self.statement_line_id
            and all(
                line.wallet_lot_type or line.account_type == "asset_receivable"
                for line in lines
            )
        )

    # What an invoice says for itself

    def _get_wallet_owner(self):
        return self.commercial_partner_id

    def _is_wallet_usable(self):
        """Cashiers pay the documents of tills, the only ones that Odoo shows them."""
        documents = self
        if self.env.user.has_group("point_of_sale.group_pos_user"):
            documents = self.filtered(lambda move: not move.sudo().pos_order_ids)
        return not documents or documents.has_access("write")

    def _is_wallet_payable(self):
        self.ensure_one()
        return (
            self.move_type in ("out_invoice", "out_receipt")
            and self.state == "posted"
            and self.payment_state in ("not_paid", "partial")
            and self.currency_id.compare_amounts(self.amount_residual, 0.0) > 0
        )

    def _get_wallet_receivable_lines(self):
        """The open receivable items of this document, oldest due first."""
        self.ensure_one()
        return self.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            )
        ).sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _get_wallet_amounts_due(self):
        self.ensure_one()
        lines = self._get_wallet_receivable_lines()
        due = self.currency_id.round(sum(lines.mapped("amount_residual_currency")))
        today = fields.Date.context_today(self)
        if not self._is_eligible_for_early_payment_discount(self.currency_id, today):
            return due, 0.0
        discount = sum(
            line.amount_currency - line.discount_amount_currency for line in lines
        )
        return due, self.currency_id.round(discount)

    def _get_wallet_sources(self):
        if self.move_type not in ("out_invoice", "out_receipt"):
            return []
        return super()._get_wallet_sources()

    def _get_wallet_on_its_way(self):
        """What online transactions will pay: those that are pending, authorized, or
        done and not yet booked. In Odoo the invoice is confirmed before that.
        """
        transactions = self.sudo().transaction_ids.filtered(
            lambda tx: (
                (
                    tx.state in ("pending", "authorized")
                    or (tx.state == "done" and not tx.payment_id)
                )
                and tx.operation not in ("validation", "refund")
            )
        )
        return self.currency_id.round(
            sum(
                tx.currency_id._convert(tx.amount, self.currency_id, self.company_id)
                for tx in transactions - transactions.source_transaction_id
            )
        )

    def _get_wallet_family(self):
        """An invoice and its credit notes."""
        invoice = self.reversed_entry_id.sudo() or self.sudo()
        return [invoice | invoice.reversal_move_ids]

    def _get_wallet_partials(self):
        """The matchings by which wallets pay this document, whatever kind of entry
        took the money.
        """
        self.ensure_one()
        receivables = self.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return receivables.matched_credit_ids.filtered(
            lambda p: p.credit_move_id.move_id._is_wallet_spending()
        )

    def _is_wallet_spending(self):
        """Whether this entry takes money out of a wallet."""
        self.ensure_one()
        return (
            self.move_type == "entry"
            and self.state == "posted"
            and any(
                line.wallet_lot_type and line.amount_currency > 0.0
                for line in self.line_ids
            )
        )

    # Entries

    def _prepare_wallet_counterparts(self, amount, discount, balance):
        if amount < 0.0:
            parts = self._get_wallet_open_credits()._spread_wallet_refund(-amount)
            return self._prepare_wallet_credits(parts, -balance)
        nothing = self.env["account.move.line"]
        items = []
        if discount:
            discounts = self._prepare_wallet_discount_vals()
            items += [(vals, nothing) for vals in discounts]
        balance += sum(vals["balance"] for vals, _matched in items)
        return items + self._prepare_wallet_receivables(amount + discount, balance)

    def _prepare_wallet_discount_vals(self):
        """The early payment discount is booked as core books it on a payment."""
        lines = self._get_wallet_receivable_lines()
        open_balance = sum(line.balance - line.discount_balance for line in lines)
        values = self._get_invoice_counterpart_amls_for_early_payment_discount(
            [{"aml": line} for line in lines], open_balance
        )
        return [vals for vals_list in values.values() for vals in vals_list]

    def _prepare_wallet_receivables(self, amount, balance):
        """The journal items that pay what is due, one for each receivable account of
        this document, oldest due first.

        :param float amount: in the currency of this document
        :param float balance: the same in the company's currency
        :return: list of (dict of account.move.line values, account.move.line due)
        """
        paid = self._spread_wallet_amount(amount)
        items = []
        left = balance
        for number, (account, (part, lines)) in enumerate(paid.items(), 1):
            part_balance = self.company_currency_id.round(
                left if number == len(paid) else balance * part / amount
            )
            left -= part_balance
            items.append(
                (
                    {
                        "name": self._get_wallet_label(),
                        "account_id": account.id,
                        "partner_id": self.commercial_partner_id.id,
                        "currency_id": self.currency_id.id,
                        "amount_currency": -self.currency_id.round(part),
                        "balance": -part_balance,
                    },
                    lines,
                )
            )
        return items

    def _spread_wallet_amount(self, amount):
        """Which part of an amount goes to which receivable account.

        :param float amount: in the currency of this document
        :return: dict by account.account of (float part, account.move.line due)
        """
        paid = {}
        left = self.currency_id.round(amount)
        for line in self._get_wallet_receivable_lines():
            if self.currency_id.compare_amounts(left, 0.0) <= 0:
                break
            part, lines = paid.get(line.account_id, (0.0, line.browse()))
            taken = min(left, line.amount_residual_currency)
            left = self.currency_id.round(left - taken)
            paid[line.account_id] = (part + taken, lines + line)
        return paid

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
        for move in self.sudo().filtered(lambda move: not move.reversed_entry_id):
            gifts = move.line_ids.filtered(
                lambda line: line.wallet_id and line.amount_currency < 0.0
            )
            if not gifts or move._has_open_wallet_receivable():
                continue
            for wallet in gifts.wallet_id:
                wallet._allocate_automatically(move)

    def _has_open_wallet_receivable(self):
        return any(
            line.account_id.account_type == "asset_receivable"
            and line.amount_residual < 0.0
            for line in self.line_ids
        )

    def _log_wallet_allocation(self, source=None):
        """Say in the chatter what these entries have paid by themselves.

        :param source: account.move that brought the money, if any
        """
        for entry in self:
            invoices = entry._get_wallet_paid_documents()
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

    # What an entry paid

    def _get_wallet_paid_documents(self):
        """The invoices and credit notes that these entries are about."""
        lines = self.line_ids.filtered(
            lambda line: line.wallet_document_model == self._name
        )
        return self.browse(dict.fromkeys(lines.mapped("wallet_document_id")))

    def _get_wallet_document_lines(self, document):
        """The items of these entries that are about a document; of an entry that names
        none, all.
        """
        about = self.line_ids.filtered(
            lambda line: (
                line.wallet_document_model == document._name
                and line.wallet_document_id == document.id
            )
        )
        return about or self.line_ids.filtered(lambda line: not line.wallet_document_id)

    def _get_wallet_discount_granted(self, invoice):
        """The early payment discount that this entry booked, which the wallet did not
        pay.

        :param invoice: account.move that it pays
        :return: float in the currency of the invoice
        """
        return sum(
            self._get_wallet_document_lines(invoice)
            .filtered(lambda line: line._is_wallet_discount())
            .mapped("amount_currency")
        )

    def _get_wallet_amount_paid(self, invoice):
        """What this entry took from wallets for a document.

        :param invoice: account.move that it pays
        :return: float in the currency of the document
        """
        receivables = self._get_wallet_document_lines(invoice).filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        paid = -sum(receivables.mapped("amount_currency"))
        return invoice.currency_id.round(
            paid - self._get_wallet_discount_granted(invoice)
        )
