"""Receivable items that tills settle."""

from odoo import models

from .pos_order import PAID_STATES


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_settled_name(self):
        """What a customer calls this open item: an invoice by its number, an order on
        account, which is in the entry of its session, by its own.

        :return: str
        """
        self.ensure_one()
        if self.move_id.is_invoice(include_receipts=True):
            return self.move_id.name
        return self._get_order_on_account().name or self.name

    def _get_order_on_account(self):
        """The order that an item of a closing entry is about. What was invoiced when
        its session closed is not in that entry. Of old sessions nobody has noted it: of
        those with the same amount, which are alike, as many come before.

        :return: pos.order, or none
        """
        self.ensure_one()
        if not self.move_id.pos_session_ids:
            return self.env["pos.order"]
        Payment = self.env["pos.payment"].sudo()
        noted = Payment.search([("on_account_item_id", "=", self.id)], limit=1)
        if noted:
            return noted.pos_order_id
        payments = self._get_payments_on_account()
        if not payments:
            return self.env["pos.order"]
        position = self._get_alike_on_account().ids.index(self.id)
        return payments[position : position + 1].pos_order_id

    def _get_payments_on_account(self):
        """
        :return: pos.payment, those of this amount in the sessions of this closing entry
            of which no item was noted
        """
        domain = [
            ("session_id", "in", self.move_id.pos_session_ids.ids),
            ("pos_order_id.state", "in", PAID_STATES),
            ("pos_order_id.partner_id.commercial_partner_id", "=", self.partner_id.id),
            ("on_account_item_id", "=", False),
        ]
        return (
            self.env["pos.payment"]
            ._find_on_account(self.partner_id, domain, "id")
            .filtered(
                lambda payment: (
                    payment.pos_order_id._is_in_closing_entry()
                    and not payment.currency_id.compare_amounts(
                        payment.amount, self.amount_currency
                    )
                )
            )
        )

    def _get_alike_on_account(self):
        """
        :return: account.move.line, this one and those beside it that look the same
        """
        items = self.sudo().search(
            [
                ("move_id", "=", self.move_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("account_id", "=", self.account_id.id),
                ("name", "=", self.name),  # Cards may name the customer, too.
            ],
            order="id",
        )
        return items.filtered(
            lambda line: (
                not line.currency_id.compare_amounts(
                    line.amount_currency, self.amount_currency
                )
            )
        )
