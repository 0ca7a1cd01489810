from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .pos_order import PAID_STATES

# What the price of a line is made of.
PRICE_FIELDS = {
    "order_id",
    "product_id",
    "qty",
    "price_unit",
    "price_extra",
    "discount",
    "tax_ids",
}


class PosOrderLine(models.Model):
    """What a wallet has paid for stays as it is: a tip after the payment, for one,
    would be on the order and in nobody's money. Core deletes no line of a paid order.
    """

    _inherit = "pos.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered("refunded_orderline_id")._check_wallet_return_actor()
        lines._check_wallet_sale_kept()
        return lines

    def write(self, vals):
        if "refunded_orderline_id" in vals:
            returned = vals["refunded_orderline_id"] or False
            self.filtered(
                lambda line: line.refunded_orderline_id.id != returned
            )._check_wallet_return_actor()
        if not PRICE_FIELDS & set(vals):
            return super().write(vals)
        self._check_wallet_sale_kept()
        result = super().write(vals)
        self._check_wallet_sale_kept()
        return result

    def _check_wallet_return_actor(self):
        """Of goods that come back, it is told who has paid for them, and what is held
        for them is booked.

        :raises AccessError: a visitor takes goods back
        """
        if self and self.env["pos.payment"]._is_wallet_visitor():
            raise AccessError(self.env._("Only a cashier takes goods back."))

    def _check_wallet_sale_kept(self):
        """
        :raises UserError: naming the order that a wallet has paid, and its customer
        """
        for order in self.order_id:
            if (
                order.state in PAID_STATES
                and order._get_wallet_payments()
                and not order._is_wallet_due()
            ):
                raise UserError(
                    self.env._(
                        "The wallet of %(customer)s has been used for %(order)s: its "
                        "products cannot be changed. Refund the order instead.",
                        customer=order.partner_id.display_name,
                        order=order.display_name,
                    )
                )
