"""What the cashier sees of wallets when the register is closed."""

from odoo import models


class PosSession(models.Model):
    _inherit = "pos.session"

    def get_closing_control_data(self):
        """Tell apart what wallets paid and what went into them, see `super`. A top-up
        is no sale.

        :return: dict as of `super`; a method that takes from wallets also has `wallet`,
            dict of amounts in the currency of the till, all positive
        """
        data = super().get_closing_control_data()
        orders = self._get_closed_orders()
        top_ups = orders.filtered(lambda order: order._is_wallet_top_up())
        data["orders_details"]["quantity"] -= len(top_ups)
        for row in data["non_cash_payment_methods"]:
            if row["type"] == "wallet":
                row["wallet"] = orders.payment_ids.filtered(
                    lambda it, row=row: it.payment_method_id.id == row["id"]
                )._get_wallet_closing_amounts()
        return data


class PosPayment(models.Model):
    _inherit = "pos.payment"

    def _get_wallet_closing_kind(self):
        """
        :return: str, a key of `_get_wallet_closing_amounts`
        """
        self.ensure_one()
        order = self.pos_order_id
        if order._is_wallet_top_up():
            return "topped_up"  # Or one that is taken back.
        if self.amount > 0.0:
            return "spent"
        is_return = order.currency_id.compare_amounts(order.amount_total, 0.0) < 0
        return "refunded" if is_return else "change_kept"

    def _get_wallet_closing_amounts(self):
        """
        :return: dict of float by kind, in the currency of the till
        """
        amounts = dict.fromkeys(("spent", "topped_up", "change_kept", "refunded"), 0.0)
        for payment in self:
            kind = payment._get_wallet_closing_kind()
            amounts[kind] += payment.amount if kind == "spent" else -payment.amount
        currency = self.currency_id[:1]
        return {
            kind: currency.round(amount) if currency else 0.0
            for kind, amount in amounts.items()
        }
