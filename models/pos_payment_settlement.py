"""Settle at the till: a customer pays what is owed from before.

A settlement is a payment below zero on account: what is put on a customer's account is
below zero there as well, and the tenders of the order pay it together with the goods.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from .customer_wallet_defaults import without_wishes


class PosPayment(models.Model):
    _inherit = "pos.payment"

    settled_item = fields.Integer(
        string="Settled Journal Item",
        copy=False,
        help="The open item on the customer's receivable that this payment settles.",
    )
    settled_name = fields.Char(
        string="Settled Document",
        copy=False,
        help="The invoice or order that was settled, as the receipt names it.",
    )
    settlement_move_id = fields.Many2one(
        "account.move",
        string="Settlement Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The entry that settled the document.",
    )
    on_account_item_id = fields.Many2one(
        "account.move.line",
        string="Item on Account",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What this payment put on the customer's receivable, or took from it, "
        "when its session was closed.",
    )

    def write(self, vals):
        if "settled_item" not in vals:
            return super().write(vals)
        self._check_wallet_tenders_kept()
        result = super().write(vals)
        self._check_wallet_tenders_kept()
        return result

    def _get_protected_fields(self):
        protected = super()._get_protected_fields()
        if protected:
            protected += ["settlement_move_id", "on_account_item_id"]
            if self.settlement_move_id:
                protected.append("settled_name")
        return protected

    def _filter_settlements(self):
        """The payments among these that settle what the customer owes."""
        return self.filtered(
            lambda payment: (
                payment.settled_item and not payment.currency_id.is_zero(payment.amount)
            )
        )

    def _check_wallet_tenders_kept(self):
        """What has paid a document stays."""
        result = super()._check_wallet_tenders_kept()
        for order in self.pos_order_id:
            if order.payment_ids.settlement_move_id:
                raise UserError(
                    self.env._(
                        "%(order)s has settled what %(customer)s owed: its payments "
                        "and its customer cannot be changed.",
                        order=order.display_name,
                        customer=order.partner_id.display_name,
                    )
                )
        return result

    # What is on account

    @api.model
    def _find_on_account(self, customer, domain, order):
        """
        :param customer: res.partner, any contact
        :return: pos.payment in sudo, what was bought, and came back, on account
        """
        owner = customer.commercial_partner_id
        payments = self.sudo().search(
            Domain(domain)
            & Domain("payment_method_id.journal_id", "=", False)
            & Domain("pos_order_id.partner_id.commercial_partner_id", "=", owner.id),
            order=order,
        )
        return payments.filtered(
            lambda payment: (
                payment.payment_method_id.type == "pay_later"
                and not payment.settled_item
            )
        )

    def _filter_on_account(self):
        """The payments among these that change what a customer owes without any
        document but the closing entry of their session. A method that named the
        customer then may not do so any more.
        """
        return self.filtered(
            lambda payment: (
                payment.payment_method_id.type == "pay_later"
                and (
                    payment.payment_method_id.split_transactions
                    or payment.on_account_item_id
                )
                and not payment.settled_item
                and payment.pos_order_id._is_in_closing_entry()
            )
        )

    def _get_open_on_account(self):
        """
        :return: float in the currency of the till, what is owed on account by these
            payments of orders, less what they took back
        """
        payments = self._filter_on_account()
        coming = payments.filtered(lambda it: it.session_id.state != "closed")
        items = (payments - coming).pos_order_id._get_items_on_account()
        residual = sum(items.mapped("amount_residual_currency"))
        return sum(coming.mapped("amount")) + residual

    def _prepare_on_account(self):
        """
        :return: dict, see `get_pos_settlements`
        """
        self.ensure_one()
        return {
            "id": False,
            "name": self.pos_order_id.name,
            "date": self.payment_date.date(),
            "date_due": False,
            "overdue": False,
            "amount": self.amount,
            "residual": self.amount,
        }

    def _get_returned_on_account(self):
        """
        :return: pos.order, whose goods this payment takes back on account
        """
        self.ensure_one()
        if self.amount >= 0.0 or self.settled_item:
            return self.env["pos.order"]
        return self.pos_order_id.lines.refunded_orderline_id.order_id

    def _get_returns_in_books(self):
        """
        :return: account.move.line, the open credits that are in the books already,
            for goods that this payment took on account
        """
        self.ensure_one()
        returns = self.pos_order_id.lines.refund_orderline_ids.order_id
        items = returns._get_items_on_account() | returns.account_move.line_ids
        return items._get_wallet_open_credits()

    def _subtract_returned(self, documents):
        """These payments take goods back on account: what they will settle when their
        session closes is not owed any more.

        :param documents: iterable of (pos.order, dict, see `get_pos_settlements`)
        """
        left = {payment: -payment.amount for payment in self}
        for order, document in documents:
            for payment in self.filtered(
                lambda it, order=order: order & it._get_returned_on_account()
            ):
                taken = min(left[payment], document["residual"])
                left[payment] -= taken
                residual = document["residual"] - taken
                document["residual"] = payment.currency_id.round(residual)

    # Booking

    def _get_settled_items(self):
        """What these payments settle, locked: who else settles it waits, or is tried
        again and then sees what is left.

        :return: dict by id of account.move.line in sudo, those still owed
        :raises ConcurrencyError: somebody else has just settled one of them
        """
        item_ids = self.mapped("settled_item")
        self.env["customer.wallet"]._execute_lock(
            SQL(
                "SELECT id FROM account_move_line WHERE id = ANY(%s) ORDER BY id"
                " FOR NO KEY UPDATE",
                item_ids,
            ),
            self.env._(
                "Somebody else is paying the same document right now. Nothing was "
                "changed: please try again."
            ),
        )
        items = self.partner_id._find_settleable(self.session_id.config_id)
        items.invalidate_recordset()
        return {item.id: item for item in items if item.id in item_ids}

    def _book_settlements(self):
        """Settle the documents, once: what is paid to the till now is off the
        customer's receivable.

        :raises UserError: a document is not due any more, or not so much of it
        """
        payments = self.filtered(lambda payment: not payment.settlement_move_id)
        if not payments:
            return
        items = payments._get_settled_items()
        for item_id, group in payments.grouped("settled_item").items():
            group._check_settled_amount(items.get(item_id))
        entry = payments._create_settlement_entry(
            payments._prepare_settlement_vals(items)
        )
        lines = entry.line_ids.sorted("id")[1:]
        for payment, line in zip(payments, lines, strict=True):
            payment._from_server().write(
                {"settlement_move_id": entry.id, "settled_name": line.name}
            )
            (line + items[payment.settled_item]).reconcile()

    def _create_settlement_entry(self, vals):
        moves = without_wishes(self.env["account.move"].sudo())
        entry = moves.with_company(self.company_id).create(vals)
        entry._post(soft=False)
        return entry

    def _check_settled_amount(self, item):
        """
        :param item: account.move.line that these payments settle, None if not due
        """
        currency = self.currency_id
        asked = currency.round(-sum(self.mapped("amount")))
        residual = item.amount_residual_currency if item else 0.0
        if currency.compare_amounts(asked, residual) > 0:
            raise UserError(
                self.env._(
                    "%(customer)s owes %(due)s on %(document)s now, and %(asked)s was "
                    "to be settled. Nothing was changed: open Settle again to see what "
                    "is due.",
                    customer=self.partner_id.commercial_partner_id.display_name,
                    due=currency.format(residual),
                    document=item._get_settled_name() if item else self[0].settled_name,
                    asked=currency.format(asked),
                )
            )

    def _prepare_settlement_vals(self, items):
        """Values of the entry of these payments: the till owes what the customer does
        not owe any more.

        :param items: dict by id of account.move.line that they settle
        :return: dict of account.move values; the till's line is the first one
        """
        session = self.session_id.sudo()
        account = session._get_receivable_account(self.payment_method_id[:1])
        name = self.pos_order_id.name
        amounts = self._get_settled_amounts()
        vals_list = [
            session._debit_amounts({"name": name, "account_id": account.id}, **amounts)
        ]
        for payment in self:
            item = items[payment.settled_item]
            vals = {
                "name": item._get_settled_name(),
                "account_id": item.account_id.id,
                "partner_id": item.partner_id.id,
            }
            amounts = payment._get_settled_amounts()
            vals_list.append(session._credit_amounts(vals, **amounts))
        return self._prepare_settlement_entry_vals(vals_list)

    def _get_settled_amounts(self):
        """
        :return: dict: `amount` in the till's currency and `amount_converted` in the
            company's, as the closing of the session counts it
        """
        amounts = {"amount": 0.0, "amount_converted": 0.0}
        for payment in self:
            session = payment.session_id.sudo()
            added = {"amount": -payment.amount}
            amounts = session._update_amounts(amounts, added, payment.payment_date)
        return amounts

    def _prepare_settlement_entry_vals(self, vals_list):
        """Values of the entry of what is settled at the till.

        :param list vals_list: dicts of account.move.line values
        :return: dict of account.move values
        """
        order = self.pos_order_id
        return {
            "journal_id": order.config_id.journal_id.id,
            "date": fields.Date.context_today(order, order.date_order),
            "ref": self.env._(
                "%(order)s (%(till)s)", order=order.name, till=order.config_id.name
            ),
            "line_ids": [Command.create(vals) for vals in vals_list],
        }

    def _get_settlement_receivable_lines(self):
        """The side of settlements that the till has, until its session closes."""
        return self.sudo().settlement_move_id.line_ids.filtered(
            lambda line: line.amount_currency > 0.0
        )

    # Invoices

    def _take_from_invoice(self):
        """The payments of an order that is invoiced are on the customer's receivable:
        what settled something is taken out of them again, for the till, which has no
        part of the closing entry to meet the settlement any more.
        """
        if not self:
            return
        order, session = self.pos_order_id, self.session_id.sudo()
        owner = order.partner_id.commercial_partner_id.with_company(order.company_id)
        account = owner.property_account_receivable_id
        settled = self._get_settlement_receivable_lines()
        amounts = self._get_settled_amounts()
        vals = {"name": order.name, "partner_id": owner.id, "account_id": account.id}
        till = {"name": order.name, "account_id": settled.account_id.id}
        entry = self._create_settlement_entry(
            self._prepare_settlement_entry_vals(
                [
                    session._debit_amounts(vals, **amounts),
                    session._credit_amounts(till, **amounts),
                ]
            )
        )
        self._from_server().account_move_id = entry
        debit, credit = entry.line_ids.sorted("id")
        paid = order.sudo().payment_ids.account_move_id.line_ids.filtered(
            lambda line: line.account_id == account and line.balance < 0.0
        )
        for lines in (debit + paid, credit + settled):
            if lines.account_id.reconcile:
                lines.with_context(no_cash_basis=True).reconcile()
