from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class PosSession(models.Model):
    _inherit = "pos.session"

    def _validate_session(
        self,
        balancing_account=False,
        amount_to_balance=0,
        bank_payment_method_diffs=None,
    ):
        result = super()._validate_session(
            balancing_account, amount_to_balance, bank_payment_method_diffs
        )
        till = self.config_id.sudo()
        if self.state == "closed" and till.pending_payment_method_ids:
            till._add_standard_methods(till.pending_payment_method_ids)
        return result

    @api.model
    def _find_open_with_wallets(self):
        """The sessions, not closed yet, whose tills offer wallets or have used them.

        :return: pos.session
        """
        methods = (
            self.env["pos.payment.method"]
            .with_context(active_test=False)
            .search([("is_wallet", "=", True)])
        )
        return self.search(
            Domain("state", "!=", "closed")
            & (
                Domain("config_id.payment_method_ids", "in", methods.ids)
                | Domain("order_ids.payment_ids.payment_method_id", "in", methods.ids)
            )
        )

    # The closing entry: each wallet payment meets the entry that it already has

    def _accumulate_amounts(self, data):
        data = super()._accumulate_amounts(data)
        receivables = defaultdict(lambda: {"amount": 0.0, "amount_converted": 0.0})
        for payment in self._get_wallet_payments():
            receivables[payment] = self._update_amounts(
                receivables[payment], {"amount": payment.amount}, payment.payment_date
            )
        data["wallet_receivables"] = receivables
        return data

    def _create_bank_payment_moves(self, data):
        data = super()._create_bank_payment_moves(data)
        payments = list(data["wallet_receivables"])
        lines = data["MoveLine"].create(
            [
                self._get_wallet_receivable_vals(payment, **amounts)
                for payment, amounts in data["wallet_receivables"].items()
            ]
        )
        data["wallet_receivable_lines"] = dict(zip(payments, lines, strict=True))
        return data

    def _reconcile_account_move_lines(self, data):
        data = super()._reconcile_account_move_lines(data)
        plan = [
            line + payment._get_wallet_receivable_lines()
            for payment, line in data["wallet_receivable_lines"].items()
        ]
        # Entries that are no invoices have nothing to be kept in step.
        items = self.env["account.move.line"].with_context(
            no_cash_basis=True, skip_invoice_sync=True
        )
        items._reconcile_plan(plan)
        self._check_wallet_entries_reconciled(data)
        return data

    def _get_wallet_payments(self):
        return self._get_closed_orders().payment_ids.filtered(
            lambda payment: (
                payment.payment_method_id.type == "wallet"
                and not payment.currency_id.is_zero(payment.amount)
            )
        )

    def _get_wallet_receivable_vals(self, payment, amount, amount_converted):
        return self._debit_amounts(
            {
                "account_id": self._get_receivable_account(
                    payment.payment_method_id
                ).id,
                "move_id": self.move_id.id,
                "partner_id": payment.partner_id.commercial_partner_id.id,
                "name": f"{self.name} - {payment.payment_method_id.name}",
                "display_type": "payment_term",
                "analytic_distribution": False,
            },
            amount,
            amount_converted,
        )

    def _check_wallet_entries_reconciled(self, data):
        """No closing leaves wallet money on the till's receivable account.

        :raises UserError: naming the orders
        """
        stranded = [
            payment
            for payment in data["wallet_receivable_lines"]
            if not all(payment._get_wallet_receivable_lines().mapped("reconciled"))
            or not payment.wallet_move_id
        ]
        if stranded:
            raise UserError(
                self.env._(
                    "%(session)s cannot be closed: the wallet payments of %(orders)s "
                    "could not be reconciled. Check the account of the payment method "
                    "%(method)s.",
                    session=self.name,
                    orders=", ".join(p.pos_order_id.name for p in stranded),
                    method=stranded[0].payment_method_id.name,
                )
            )
