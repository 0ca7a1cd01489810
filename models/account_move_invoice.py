"""Invoices as documents that a wallet pays."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .account_move import PAYABLE_TYPES
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
        self._get_wallet_partials()._undo_of_document(
            self,
            partial_id,
            self.env._(
                "This is not a wallet payment of %(invoice)s.",
                invoice=self.display_name,
            ),
        )
        return True

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
            self.move_type in PAYABLE_TYPES
            and self.state == "posted"
            and self.payment_state in ("not_paid", "partial")
            and self.currency_id.compare_amounts(self.amount_residual, 0.0) > 0
        )

    def _get_wallet_amounts_due(self):
        self.ensure_one()
        lines = self.line_ids._get_wallet_open_receivables()
        due = self.currency_id.round(sum(lines.mapped("amount_residual_currency")))
        today = fields.Date.context_today(self)
        if not self._is_eligible_for_early_payment_discount(self.currency_id, today):
            return due, 0.0
        discount = sum(
            line.amount_currency - line.discount_amount_currency for line in lines
        )
        return due, self.currency_id.round(discount)

    def _get_wallet_family(self):
        """An invoice and its credit notes."""
        invoice = self.reversed_entry_id.sudo() or self.sudo()
        return [invoice | invoice.reversal_move_ids]

    def _get_wallet_partials(self):
        """The matchings by which wallets pay this document, whatever kind of entry
        took the money.
        """
        self.ensure_one()
        receivables = self.sudo().line_ids._filter_wallet_receivables()
        return receivables.matched_credit_ids.filtered(
            lambda p: p.credit_move_id._is_beside_wallet_money(1)
        )

    # Entries

    def _prepare_wallet_counterparts(self, amount, discount, balance):
        if amount < 0.0:
            parts = self._get_wallet_open_credits()._spread_wallet_refund(-amount)
            return self._prepare_wallet_credits(parts, -balance)
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

    # Automatic allocation

    def _allocate_wallet_automatically(self):
        """Pay the open invoices among these from the wallets of their customers, where
        that is wanted. What goes wrong is told in the chatter.
        """
        by_owner = (
            self.sudo()
            .filtered(lambda move: move.move_type in PAYABLE_TYPES)
            .grouped(lambda move: (move.commercial_partner_id, move.company_id.root_id))
        )
        for (owner, _root), invoices in by_owner.items():
            payable = invoices.filtered(
                lambda move, owner=owner: (
                    owner._is_wallet_auto_allocated(
                        move.company_id, "wallet_auto_allocate"
                    )
                    and move._is_wallet_payable()
                )
            ).sorted(lambda move: (move.invoice_date_due, move.id))
            if payable:
                payable[0]._find_wallets()._allocate_automatically(payable)

    # What an entry paid

    def _get_wallet_amount_paid(self, document):
        """What this entry took from wallets for a document.

        :param document: record that it pays
        :return: float in the currency of the document
        """
        lines = self.line_ids._filter_wallet_document(document)
        paid = -sum(lines._filter_wallet_receivables().mapped("amount_currency"))
        return document.currency_id.round(paid - lines._sum_wallet_discounts(document))
