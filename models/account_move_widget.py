"""The Customer Wallet section of the form."""

from odoo import api, fields, models

from .account_move import PAYABLE_TYPES


class AccountMove(models.Model):
    _inherit = "account.move"

    wallet_widget = fields.Binary(
        compute="_compute_wallet_widget",
        exportable=False,
        groups="customer_wallet.group_wallet_user",
    )

    @api.depends("state", "partner_id", "currency_id", "line_ids.amount_residual")
    @api.depends_context("uid")
    def _compute_wallet_widget(self):
        for move in self:
            move.wallet_widget = move._get_wallet_widget()

    def _invalidate_wallet_fields(self):
        self.invalidate_recordset(["wallet_balance", "wallet_widget"], flush=False)

    def _get_wallet_widget(self):
        """What the Customer Wallet section of the form shows. On a credit note the
        money goes the other way, also to a customer who has no wallet yet.

        :return: dict, see static/src/backend; False when there is nothing to show
        """
        self.ensure_one()
        is_refund = self.move_type == "out_refund"
        if self.state == "cancel" or not (is_refund or self.move_type in PAYABLE_TYPES):
            return False
        is_open = self._is_wallet_payable() or bool(self._get_wallet_refund_open())
        payments = self._get_wallet_widget_payments()
        if not is_open and not payments and self.state != "draft":
            return False
        wallets = self._find_wallets()
        rows = wallets._get_rows_in(self.currency_id, self.company_id)
        if not rows and not payments and not (is_refund and is_open):
            return False
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
            "balance": wallets._get_balance_in(self.currency_id, self.company_id),
            "frozen": any(row["frozen"] for row in rows),
            "wallets": rows,
            "payments": payments,
            **self._get_wallet_widget_amounts(is_open),
        }

    def _get_wallet_widget_amounts(self, is_open):
        """
        :param bool is_open: whether this document can be paid, or go to the wallet
        :return: dict of what the wallet can do for it now
        """
        is_refund = self.move_type == "out_refund"
        if is_refund:
            due = available = self._get_wallet_refund_open()
            discount = self._get_wallet_discount_to_take_back(due)
        else:
            due, discount = self._get_wallet_amounts_due() if is_open else (0.0, 0.0)
            available = self._get_wallet_available()
        wanted = self.currency_id.round(due - discount)
        allocatable = min(wanted, available)
        is_covered = self.currency_id.compare_amounts(allocatable, wanted) >= 0
        return {
            "is_refund": is_refund,
            "available": available,
            "residual": due if is_open or is_refund else self.amount_residual,
            "allocatable": allocatable,
            "discount": discount if is_covered else 0.0,
            "can_allocate": self.currency_id.compare_amounts(allocatable, 0.0) > 0
            and self._is_wallet_usable(),
        }

    def _get_wallet_widget_payments(self):
        """
        :return: list of dicts of what wallets paid of this document, or got of it
        """
        partials, entry_side, side = self._get_wallet_partials(), "credit", "debit"
        if self.move_type == "out_refund":
            partials = self._get_wallet_refund_partials()
            entry_side, side = side, entry_side
        operations = self.env["customer.wallet"]._get_operations()
        payments = []
        for entry, moved in partials.grouped(
            lambda p: p[f"{entry_side}_move_id"].move_id
        ).items():
            row = operations.get(entry.wallet_operation)
            amount = sum(moved.mapped(f"{side}_amount_currency"))
            amount -= abs(entry.line_ids._sum_wallet_discounts(self))
            is_undone_here = (
                row.undo == "user"
                if row
                else entry.line_ids._is_wallet_payment_of(self)
            )
            payments.append(
                {
                    "partial_id": moved[0].id,
                    "move_id": entry.id,
                    "name": entry.name,
                    "date": fields.Date.to_string(entry.date),
                    "amount": self.currency_id.round(amount),
                    "can_undo": self.state == "posted"
                    and is_undone_here
                    and self._is_wallet_usable(),
                }
            )
        return payments
