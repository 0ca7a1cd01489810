"""A top-up at the till is a thing of its own: no sale, and taken back as a whole."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .customer_wallet_defaults import FROM_SERVER, without_wishes


class PosOrder(models.Model):
    _inherit = "pos.order"

    wallet_undone_order_id = fields.Many2one(
        "pos.order",
        string="Undone Top-up",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The top-up that this order takes back.",
    )

    can_undo_wallet_top_up = fields.Boolean(
        compute="_compute_can_undo_wallet_top_up", compute_sudo=True
    )

    @api.depends("lines", "payment_ids.wallet_move_id.reversal_move_ids.state")
    def _compute_can_undo_wallet_top_up(self):
        for order in self:
            entry = order.sudo().payment_ids.wallet_move_id
            order.can_undo_wallet_top_up = (
                order._is_wallet_top_up()
                and bool(entry)
                and not order.wallet_undone_order_id
                and order.session_id.state == "opened"
                and not entry._get_wallet_reversals()
            )

    @api.model_create_multi
    def create(self, vals_list):
        """What an order undoes is the server's to say."""
        if self.env.context.get("wallet_booking") is not FROM_SERVER:
            vals_list = [
                {**vals, "wallet_undone_order_id": False} for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if self.env.context.get("wallet_booking") is not FROM_SERVER:
            vals = {k: v for k, v in vals.items() if k != "wallet_undone_order_id"}
        return super().write(vals)

    @api.model
    def search_paid_order_ids(self, config_id, domain, limit, offset):
        """Core knows by their lines when orders were changed, and leaves those without
        out: top-ups, and what settles only, are found again on every device.
        """
        result = super().search_paid_order_ids(config_id, domain, limit, offset)
        till = self.env["pos.config"].browse(config_id)
        orders = self.search(
            Domain(domain)
            & Domain("state", "not in", ("draft", "cancel"))
            & Domain("config_id", "in", (till | till.trusted_config_ids).ids),
            limit=limit,
            offset=offset,
            order="create_date desc",
        )
        result["ordersInfo"] += [
            (order.id, order.write_date)
            for order in orders
            if not order.lines and order.currency_id == till.currency_id
        ]
        return result

    def action_undo_wallet_top_up(self):
        """Take this top-up back while its session is open: the customer gets the money
        back by the tender it was paid with, and what it earned by a promotion goes.

        :return: list of dict by model, as the till loads records: the order that takes
            it back, and its payments
        :raises AccessError: the user may not use wallets or write the order
        :raises UserError: it is no top-up, its session is closed, it was undone, or the
            wallet does not hold the money any more
        """
        self.ensure_one()
        self.check_access("write")
        self.payment_ids._check_wallet_actor()
        self._check_wallet_top_up_undoable()
        top_up = without_wishes(self).with_context(wallet_booking=FROM_SERVER)
        order = top_up.copy(
            {
                **self._prepare_refund_values(self.session_id),
                "name": self.env._("Undone: %s", self.name),
                "wallet_undone_order_id": self.id,
                "is_refund": False,
            }
        )
        order = order.with_env(self.env)
        for payment in self.payment_ids:
            order.add_payment(payment._prepare_wallet_undo_vals(order))
        order.action_pos_order_paid()
        return order.read_pos_data([], self.config_id)

    def _check_wallet_top_up_undoable(self):
        entries = self.payment_ids.wallet_move_id.sudo()
        if not self._is_wallet_top_up() or not entries or self.wallet_undone_order_id:
            raise UserError(
                self.env._("%(order)s is not a top-up.", order=self.display_name)
            )
        if self.session_id.state != "opened":
            raise UserError(
                self.env._(
                    "The session of %(order)s is not open any more: give the money "
                    "back by a payment, under Customers > Payments > Send.",
                    order=self.display_name,
                )
            )
        terminals = self.payment_ids.payment_method_id.filtered("use_payment_terminal")
        if terminals:
            raise UserError(
                self.env._(
                    "%(order)s was paid with %(method)s, which gives no money back by "
                    "itself: give it back by a payment, under Customers > Payments > "
                    "Send.",
                    order=self.display_name,
                    method=terminals[0].name,
                )
            )
        for entry in entries:
            if entry._get_wallet_reversals():
                raise UserError(self.env["customer.wallet"]._get_undone_message(entry))
        entries.line_ids._check_wallet_money_there()

    def _gives_money(self):
        """What a top-up gives back leaves the wallet."""
        return not self.wallet_undone_order_id and super()._gives_money()

    def _check_wallet_payments(self, payments):
        """A top-up is taken back as it was."""
        if not self.wallet_undone_order_id:
            return super()._check_wallet_payments(payments)
        undone = self.wallet_undone_order_id.payment_ids
        round_amount = self.currency_id.round
        expected = sorted(
            (it.payment_method_id.id, round_amount(-it.amount)) for it in undone
        )
        actual = sorted(
            (it.payment_method_id.id, round_amount(it.amount))
            for it in self.payment_ids
        )
        if self.lines or actual != expected:
            raise UserError(
                self.env._("%(order)s is not a top-up.", order=self.display_name)
            )
        return self._check_wallet_paid_in_full()
