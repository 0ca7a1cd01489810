"""The Customer Wallet section of the form."""

from odoo import api, fields, models


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
            "can_allocate": refundable and self._is_wallet_usable(),
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
            "can_allocate": self.currency_id.compare_amounts(allocatable, 0.0) > 0
            and self._is_wallet_usable(),
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

    def _get_wallet_widget_payments(self):
        return [
            self._get_wallet_widget_entry(
                entry,
                paid,
                sum(paid.mapped("debit_amount_currency"))
                - entry._get_wallet_discount_granted(self),
            )
            for entry, paid in self._get_wallet_partials()
            .grouped(lambda p: p.credit_move_id.move_id)
            .items()
        ]

    def _get_wallet_widget_refunds(self):
        return [
            self._get_wallet_widget_entry(
                entry,
                moved,
                sum(moved.mapped("credit_amount_currency"))
                - entry._get_wallet_discount_taken_back(self),
            )
            for entry, moved in self._get_wallet_refund_partials()
            .grouped(lambda p: p.debit_move_id.move_id)
            .items()
        ]

    def _get_wallet_widget_entry(self, entry, partials, amount):
        rows = self.env["customer.wallet"]._get_operations()
        row = rows.get(entry.wallet_operation)
        return {
            "partial_id": partials[0].id,
            "move_id": entry.id,
            "name": entry.name,
            "date": fields.Date.to_string(entry.date),
            "amount": self.currency_id.round(amount),
            "can_undo": self.state == "posted"
            and (row.undo == "user" if row else entry._is_wallet_entry_about(self))
            and self._is_wallet_usable(),
        }
