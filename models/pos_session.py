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
        # Who uses the same wallets meanwhile would make all of it start again.
        payments = self.sudo()._get_closed_orders().payment_ids
        payments._get_wallet_holds().wallet_id._lock()
        result = super()._validate_session(
            balancing_account, amount_to_balance, bank_payment_method_diffs
        )
        till = self.config_id.sudo()
        if self.state == "closed" and till.pending_payment_method_ids:
            till._add_standard_methods(till.pending_payment_method_ids)
        return result

    def get_session_orders(self):
        """Core leaves out what is for a later day, and closes a session of nothing else
        without an entry, which nobody makes later. What moved money of a wallet, or
        settled a debt, is booked with its session, as it is beside an order of today.
        """
        orders = super().get_session_orders()
        later = self.order_ids - orders
        return orders | later.filtered(lambda order: order._is_wallet_used())

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

    # The closing entry: its lines meet those of the entries of the wallets

    def _accumulate_amounts(self, data):
        """What wallets paid of an invoice is booked there, without the till."""
        data = super()._accumulate_amounts(data)
        payments = self._get_closed_orders().payment_ids._filter_wallet()
        for method in payments.payment_method_id:
            data["combine_invoice_receivables"].pop(method, None)
            data["combine_inv_payment_receivable_lines"].pop(method, None)
        receivables = defaultdict(lambda: {"amount": 0.0, "amount_converted": 0.0})
        at_till = payments.filtered(lambda it: not it.pos_order_id.account_move)
        accounts = self._get_wallet_receivable_accounts(at_till)
        for payment, account in accounts.items():
            # What adds up to nothing may be of days with different rates.
            is_apart = not self.is_in_company_currency and payment.amount < 0.0
            receivables[account, is_apart] = self._update_amounts(
                receivables[account, is_apart],
                {"amount": payment.amount},
                payment.payment_date,
            )
        data["wallet_receivables"] = receivables
        data["wallet_receivable_accounts"] = accounts
        return data

    def _create_bank_payment_moves(self, data):
        """The wallets pay all that they hold for this session in one entry."""
        data = super()._create_bank_payment_moves(data)
        accounts = data["wallet_receivable_accounts"]
        payments = self.env["pos.payment"].union(*accounts)
        held = payments.filtered(lambda payment: not payment.wallet_move_id)
        held._book_wallets_of_session(accounts)
        lines = payments._get_wallet_receivable_lines()
        methods = ", ".join(payments.payment_method_id.mapped("name"))
        name = f"{self.name} - {methods}"
        lines |= data["MoveLine"].create(
            [
                self._get_wallet_receivable_vals(name, account, **amounts)
                for (account, _is_apart), amounts in data["wallet_receivables"].items()
                if not self.currency_id.is_zero(amounts["amount"])
            ]
        )
        data["wallet_receivable_lines"] = lines
        return data

    def _reconcile_account_move_lines(self, data):
        data = super()._reconcile_account_move_lines(data)
        lines = data["wallet_receivable_lines"].filtered(lambda it: not it.reconciled)
        plan = [
            items
            for account, items in lines.grouped("account_id").items()
            if account.reconcile
        ]
        # Entries that are no invoices have nothing to be kept in step.
        items = self.env["account.move.line"].with_context(
            no_cash_basis=True, skip_invoice_sync=True
        )
        items._reconcile_plan(plan)
        return data

    def _get_related_account_moves(self):
        payments = self._get_closed_orders().payment_ids
        return super()._get_related_account_moves() | payments.wallet_move_id

    def _get_wallet_receivable_accounts(self, payments):
        """The account is read once, for a payment that is booked at once then: the
        settings may have changed since.

        :param payments: pos.payment by wallet
        :return: dict by pos.payment of account.account
        """
        by_method = {
            method: self._get_receivable_account(method)
            for method in payments.payment_method_id
        }
        return {
            payment: payment._get_wallet_receivable_lines().account_id
            or by_method[payment.payment_method_id]
            for payment in payments
        }

    def _get_wallet_receivable_vals(self, name, account, amount, amount_converted):
        """Values of the item of the closing entry that meets those of other entries.

        :param str name: of the journal item
        :param account: account.account
        :param float amount: in the currency of the till
        :param float amount_converted: the same in the company's currency
        :return: dict
        """
        return self._debit_amounts(
            {
                "account_id": account.id,
                "move_id": self.move_id.id,
                "name": name,
                "display_type": "payment_term",
                "analytic_distribution": False,
            },
            amount,
            amount_converted,
        )
