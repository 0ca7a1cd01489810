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

# By which it is counted what has come back.
RETURN_FIELDS = ("refunded_orderline_id", "order_id", "qty")


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
        self._check_wallet_return_kept(vals)
        if not PRICE_FIELDS & set(vals):
            return super().write(vals)
        self._check_wallet_sale_kept()
        result = super().write(vals)
        self._check_wallet_sale_kept()
        return result

    def unlink(self):
        self._check_wallet_return_kept()
        self._check_wallet_sale_kept()
        return super().unlink()

    def _check_wallet_return_kept(self, vals=None):
        """What has come back stays a return, or it would come back once more.

        :param dict vals: that are written on these lines, by default they are deleted
        :raises UserError: naming the order and what it took back
        """
        for line in self.filtered("refunded_orderline_id"):
            if line.order_id.state not in PAID_STATES:
                continue
            before = line._convert_to_write({it: line[it] for it in RETURN_FIELDS})
            if vals is None or any(
                name in vals and (vals[name] or False) != (before[name] or False)
                for name in RETURN_FIELDS
            ):
                raise UserError(
                    self.env._(
                        "%(refund)s has taken back %(product)s of %(order)s: that "
                        "cannot be changed. Sell the goods anew instead.",
                        refund=line.order_id.display_name,
                        product=line.full_product_name or line.product_id.display_name,
                        order=line.refunded_orderline_id.order_id.display_name,
                    )
                )

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
