"""The Customer Wallet section of the form."""

from odoo import api, fields, models

from .account_move import PAYABLE_TYPES


class AccountMove(models.Model):
    _inherit = "account.move"
    _wallet_shown_fields = ("wallet_balance", "wallet_widget")

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

    def _get_wallet_widget(self):
        """What the Customer Wallet section of the form shows. On a credit note the
        money goes the other way, also to a customer who has no wallet yet; an open
        invoice can be paid once somebody has topped up.

        :return: dict, see static/src/backend; False when there is nothing to show
        """
        self.ensure_one()
        is_refund = self.move_type == "out_refund"
        if self.state == "cancel" or not (
            self.currency_id and (is_refund or self.move_type in PAYABLE_TYPES)
        ):
            return False
        is_open = self._is_wallet_payable() or bool(self._get_wallet_refund_open())
        partials = self._get_wallet_partials()
        payments = partials._get_wallet_rows(self)
        if not is_open and not payments and self.state != "draft":
            return False
        wallets = self._find_wallets()
        rows = wallets._get_rows_in(self.currency_id, self.company_id)
        can_begin = is_open and self.partner_id._filter_wallet_owners()
        if not rows and not payments and not can_begin:
            return False
        partner = self.commercial_partner_id
        amounts = self._get_wallet_widget_amounts(is_open, wallets)
        missing = amounts.pop("missing")
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
            "top_up": "frozen" not in wallets.mapped("state")
            and self._prepare_wallet_top_up_context(missing),
            **amounts,
        }

    def _prepare_wallet_top_up_context(self, missing):
        """
        :param float missing: what the wallet lacks to pay all of this invoice
        :return: dict, the defaults of a top-up of that amount; False where it lacks
            nothing, or the user may not enter one
        """
        can_receive = self.env["account.payment"].has_access("create")
        if self.currency_id.compare_amounts(missing, 0.0) <= 0 or not can_receive:
            return False
        context = self.env["customer.wallet"]._prepare_payment_context(
            self.partner_id, self.currency_id, self.company_id
        )
        return {**context, "default_amount": missing}

    def _get_wallet_widget_amounts(self, is_open, wallets):
        """
        :param bool is_open: whether this document can be paid, or go to the wallet
        :param wallets: customer.wallet in sudo, of the customer
        :return: dict of what the wallet can do for it now
        """
        is_refund = self.move_type == "out_refund"
        if is_refund:
            due = available = self._get_wallet_refund_open()
            discount = self._get_wallet_discount_to_take_back(due)
        else:
            due, discount = self._get_wallet_amounts_due() if is_open else (0.0, 0.0)
            available = wallets._get_available_in(self.currency_id, self.company_id)
        wanted = self.currency_id.round(due - discount)
        allocatable = min(wanted, available)
        is_covered = self.currency_id.compare_amounts(allocatable, wanted) >= 0
        return {
            "is_refund": is_refund,
            "available": available,
            "residual": due if is_open or is_refund else self.amount_residual,
            "allocatable": allocatable,
            "missing": self.currency_id.round(wanted - allocatable),
            "discount": discount if is_covered else 0.0,
            "can_allocate": self.currency_id.compare_amounts(allocatable, 0.0) > 0
            and self._is_wallet_usable(),
        }
