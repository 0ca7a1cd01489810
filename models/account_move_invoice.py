"""Invoices as documents that a wallet pays."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .account_move import PAYABLE_TYPES
from .customer_wallet import FROM_SERVER
from .customer_wallet_request import answered_once


class AccountMove(models.Model):
    _inherit = "account.move"

    # They would have paid this invoice by themselves, but another payment of it is on
    # its way: once that has ended, they pay what is still due.
    wallet_waiting_ids = fields.Many2many(
        "customer.wallet",
        "account_move_wallet_waiting_rel",
        "move_id",
        "wallet_id",
        string="Waiting Wallets",
        readonly=True,
        copy=False,
        groups="customer_wallet.group_wallet_user",
    )

    # Actions

    def action_open_wallet_allocation(self):
        """Let the user choose how much of these invoices the customers' wallets pay.

        :return: the action of the wizard customer.wallet.allocation, or of
            customer.wallet.allocation.batch where they are of several customers
        :raises AccessError: the user may not use wallets or pay the invoices
        :raises UserError: they are of several companies, none is open, or nothing is
            available
        """
        self._check_wallet_access()
        if len(self.company_id.root_id) > 1:
            raise UserError(
                self.env._(
                    "Select invoices of a single company: wallets are not shared "
                    "between companies. Your selection has invoices of %(companies)s.",
                    companies=format_list(
                        self.env, self.company_id.root_id.mapped("name"), "unit"
                    ),
                )
            )
        here = self.with_company(self.company_id[:1])
        owners = here.commercial_partner_id
        if len(owners) == 1:
            return here.env["customer.wallet.allocation"]._open(owners, invoices=here)
        return here.env["customer.wallet.allocation.batch"]._open(here)

    @answered_once
    def action_unallocate_wallet(self, partial_id):
        """Give back to the wallet what it paid on this invoice, or take from it what
        came there from this credit note: a reversal entry is booked. Doing it again
        changes nothing.

        :param int partial_id: account.partial.reconcile that `wallet_widget` names
        :return: True
        :raises AccessError: the user may not use wallets or pay the document
        :raises UserError: the matching is not with a wallet entry of this document, or
            the money has been spent
        """
        self.ensure_one()
        self._check_wallet_access()
        self._get_wallet_partials()._undo_of_document(self, partial_id)
        return True

    # What an invoice says for itself

    def _get_wallet_owner(self):
        return self.commercial_partner_id

    def _get_wallet_shown_document(self):
        """The entry of a payment is known as the payment."""
        return self.origin_payment_id or self

    def _is_wallet_usable(self):
        """Cashiers pay the documents of tills, the only ones that Odoo shows them."""
        documents = self
        if self.env.user.has_group("point_of_sale.group_pos_user"):
            documents = self.filtered(lambda move: not move.sudo().pos_order_ids)
        return not documents or documents.has_access("write")

    def _is_wallet_payable(self):
        self.ensure_one()
        return (
            self.move_type in PAYABLE_TYPES
            and self.state == "posted"
            and self.payment_state in ("not_paid", "partial")
            and self.currency_id.compare_amounts(self.amount_residual, 0.0) > 0
        )

    def _get_wallet_amounts_due(self):
        """Automation leaves what is on its way, and an early payment discount to the
        one who pays the rest of it.
        """
        self.ensure_one()
        currency = self.currency_id
        lines = self.line_ids._get_wallet_open_receivables()
        due, discount = sum(lines.mapped("amount_residual_currency")), 0.0
        today = self.company_id._get_wallet_today()
        if self._is_eligible_for_early_payment_discount(currency, today):
            discount = sum(
                line.amount_currency - line.discount_amount_currency for line in lines
            )
        is_sparing = self.env.context.get("wallet_spares_on_its_way") is FROM_SERVER
        on_its_way = self._get_wallet_on_its_way() if is_sparing else 0.0
        if not currency.is_zero(on_its_way):
            is_enough = currency.compare_amounts(on_its_way, due - discount) >= 0
            due = 0.0 if is_enough else due - on_its_way
            discount = 0.0
        return currency.round(due), currency.round(discount)

    def _get_wallet_on_its_way(self):
        self.ensure_one()
        payments = self.env["payment.transaction"]._find_wallet_transactions(self)
        return self.currency_id.round(
            sum(payment._get_wallet_amount_coming(self) for payment in payments)
        )

    def _get_wallet_family(self):
        """An invoice and its credit notes, the orders that are behind them, and the
        online payments: of those that are for several invoices, what this one has got.
        """
        moves = self.sudo() | self.sudo().reversed_entry_id
        payments = self.env["payment.transaction"]._find_wallet_transactions(moves)
        paid = payments._filter_wallet_on(moves)
        if moves.pos_order_ids:
            family = moves.pos_order_ids._get_wallet_family()
        else:
            invoice = self.sudo().reversed_entry_id or self.sudo()
            family = [invoice | invoice.reversal_move_ids]
        return [*family, paid | paid.child_transaction_ids] if paid else family

    def _get_wallet_partials(self):
        """The matchings by which wallets pay this document or take its money, whatever
        kind of entry did it.
        """
        self.ensure_one()
        receivables = self.sudo().line_ids._filter_wallet_receivables()
        paid, refunded = receivables.matched_credit_ids, receivables.matched_debit_ids
        taking = paid.credit_move_id._filter_beside_wallet_money(1)
        giving = refunded.debit_move_id._filter_beside_wallet_money(-1).filtered(
            lambda line: not line.move_id.reversed_entry_id
        )
        return paid.filtered(lambda p: p.credit_move_id in taking) | refunded.filtered(
            lambda p: p.debit_move_id in giving
        )

    def _build_credit_warning_message(self, record, current_amount=0.0, **options):
        """Money in the wallet lowers what is due, as a prepayment on the customer's
        receivable account does.
        """
        company = record.company_id.sudo()
        wallets = self.env["customer.wallet"].sudo()._find(record.partner_id, company)
        prepaid = wallets._get_balance_in(company.currency_id, company)
        return super()._build_credit_warning_message(
            record, current_amount=current_amount - prepaid, **options
        )

    # Entries

    def _prepare_wallet_counterparts(self, amount, discount, balance):
        if amount < 0.0:
            lines = self.line_ids._get_wallet_open_credits()
            return lines._prepare_wallet_settling(
                lines._spread_wallet_refund(-amount),
                -balance,
                self.env._("Refunded to the wallet: %s", self.name),
            )
        lines = self.line_ids._get_wallet_open_receivables()
        discounts = lines._prepare_wallet_discount_vals() if discount else []
        balance += sum(vals["balance"] for vals in discounts)
        return [(vals, lines.browse()) for vals in discounts] + (
            lines._prepare_wallet_settling(
                lines._spread_wallet_payment(amount + discount),
                -balance,
                self._get_wallet_label(),
            )
        )
