from collections import defaultdict

from odoo import api, models
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
        """What wallets paid of an invoice is booked there, without the till."""
        data = super()._accumulate_amounts(data)
        payments = self._get_closed_orders().payment_ids._filter_wallet()
        for method in payments.payment_method_id:
            data["combine_invoice_receivables"].pop(method, None)
            data["combine_inv_payment_receivable_lines"].pop(method, None)
        receivables = defaultdict(lambda: {"amount": 0.0, "amount_converted": 0.0})
        for payment in payments.filtered(lambda it: not it.pos_order_id.account_move):
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
            if line.account_id.reconcile
        ]
        # Entries that are no invoices have nothing to be kept in step.
        items = self.env["account.move.line"].with_context(
            no_cash_basis=True, skip_invoice_sync=True
        )
        items._reconcile_plan(plan)
        return data

    def _get_wallet_receivable_vals(self, payment, amount, amount_converted):
        """The account is read once, when the payment is booked: the settings may have
        changed since.
        """
        return self._debit_amounts(
            {
                "account_id": payment._get_wallet_receivable_lines().account_id.id,
                "move_id": self.move_id.id,
                "partner_id": payment.partner_id.commercial_partner_id.id,
                "name": f"{self.name} - {payment.payment_method_id.name}",
                "display_type": "payment_term",
                "analytic_distribution": False,
            },
            amount,
            amount_converted,
        )
