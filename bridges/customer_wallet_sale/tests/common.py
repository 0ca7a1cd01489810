from odoo import Command
from odoo.http import Request

from odoo.addons.customer_wallet.tests.online_common import PayingOnlineCommon


class PaidOrderCommon(PayingOnlineCommon):
    """Orders that their customer pays online from the wallet, which holds 200."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.goods = cls.env["product.product"].create(
            {
                "name": "Table",
                "type": "consu",
                "list_price": 80.0,
                "invoice_policy": "order",
                "taxes_id": False,
            }
        )

    def _order(self, amount=80.0, **vals):
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "require_payment": True,
                "order_line": [
                    Command.create(
                        {"product_id": self.goods.id, "price_unit": amount},
                    )
                ],
                **vals,
            }
        )

    def _start_order(self, order, amount=None, **vals):
        return self._start_paying(
            self.env["account.move"],
            amount or order.amount_total,
            sale_order_ids=[Command.set(order.ids)],
            **vals,
        )

    def _pay_order(self, order, amount=None):
        tx = self._start_order(order, amount)
        self._press_pay(tx)
        self.assertFalse(tx.state_message)
        self.env.invalidate_all()
        return tx.with_env(self.env).sudo()

    def _paid_order(self, amount=80.0):
        order = self._order(amount)
        self._pay_order(order)
        self.assertEqual(order.state, "sale")
        return order

    def _csrf_token(self):
        return Request.csrf_token(self)

    def _refunds_of(self, order):
        transactions = order.sudo().transaction_ids
        transactions |= transactions.child_transaction_ids
        return transactions.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state == "done"
        )
