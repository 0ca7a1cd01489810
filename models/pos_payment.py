from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .customer_wallet import FROM_SERVER

# The entry and the bonus of a payment are the server's to say.
PROTECTED_FIELDS = (
    "wallet_hold_id",
    "wallet_move_id",
    "wallet_bonus",
    "wallet_bonus_note",
)


class PosPayment(models.Model):
    """A payment by wallet is backed from the moment the order is paid. What it takes
    from the customer's wallet is held, as for a bank card, and booked with the session,
    or earlier when its order is invoiced or goods come back. What it adds to the
    wallet, which is a payment below zero, is booked at once.
    """

    _inherit = "pos.payment"

    wallet_hold_id = fields.Many2one(
        "customer.wallet.hold",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What is held of the wallet until it is booked; the first hold, where "
        "several wallets pay.",
    )
    wallet_move_id = fields.Many2one(
        "account.move",
        string="Wallet Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The entry that moved the money between the wallet and the register, or "
        "the invoice of the order.",
    )

    wallet_bonus = fields.Monetary(
        readonly=True,
        copy=False,
        help="What this top-up earned by a promotion, for the receipt.",
    )
    wallet_bonus_note = fields.Char(
        readonly=True,
        copy=False,
        help="By which promotion, and until when the bonus can be used.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        untold = dict.fromkeys(self._get_protected_fields(), False)
        payments = super().create([{**vals, **untold} for vals in vals_list])
        payments._check_wallet_tenders_kept()
        payments._check_wallet_added()
        return payments

    def write(self, vals):
        protected = self._get_protected_fields()
        vals = {name: value for name, value in vals.items() if name not in protected}
        kept = {"amount", "payment_method_id", "pos_order_id", "session_id"}
        if kept.isdisjoint(vals):
            return super().write(vals)
        self._check_wallet_tenders_kept()
        result = super().write(vals)
        self._check_wallet_tenders_kept()
        self._check_wallet_added()
        return result

    def unlink(self):
        self._check_wallet_tenders_kept()
        return super().unlink()

    def _get_protected_fields(self):
        """What the till sends back as it was told, and nobody else may say.

        :return: list of str
        """
        is_server = self.env.context.get("wallet_booking") is FROM_SERVER
        return [] if is_server else list(PROTECTED_FIELDS)

    def _is_wallet_charged(self):
        """Whether the money of this payment is held, or was booked."""
        self.ensure_one()
        return bool(self.wallet_hold_id or self.wallet_move_id)

    def _filter_uncharged(self):
        return self.filtered(lambda payment: not payment._is_wallet_charged())

    def _filter_wallet(self):
        """The payments among these that move money of a wallet."""
        return self.filtered(
            lambda payment: (
                not payment.currency_id.is_zero(payment.amount)
                and (
                    payment.payment_method_id.type == "wallet"
                    or payment._is_wallet_charged()
                )
            )
        )

    # Checks

    def _check_wallet_tenders_kept(self):
        """Once a wallet has been charged or filled, what was paid for it stays: money
        that moved is not edited away, nor what it came from.

        :raises UserError: naming the order and what to do instead
        """
        for order in self.pos_order_id:
            if any(payment._is_wallet_charged() for payment in order.payment_ids):
                raise UserError(
                    self.env._(
                        "The wallet of %(customer)s has been used for %(order)s: its "
                        "payments cannot be changed. Refund the order instead.",
                        customer=order.partner_id.display_name,
                        order=order.display_name,
                    )
                )

    def _check_wallet_added(self):
        """Who writes a payment by wallet may use wallets. One on an order that is paid
        already goes through the order, which charges it.

        :raises AccessError: the user may not use wallets
        :raises UserError: naming the order
        """
        payments = self._filter_wallet()
        if payments:
            payments._check_wallet_actor()
        if self.env.context.get("wallet_charged_later") is FROM_SERVER:
            return
        for order in payments.pos_order_id.filtered(lambda it: it._is_wallet_due()):
            raise UserError(
                self.env._(
                    "%(order)s is paid already: change its payments on the order "
                    "itself.",
                    order=order.display_name,
                )
            )

    @api.model
    def _check_wallet_actor(self):
        """Code that runs in sudo may act for a visitor, such as the kiosk's: only who
        has logged in to a till moves the money of wallets.

        :raises AccessError: the user may not use wallets
        """
        if self._is_wallet_visitor():
            raise AccessError(
                self.env._("Only a cashier takes payments from a customer's wallet.")
            )
        self.env["customer.wallet"]._check_user()

    @api.model
    def _is_wallet_visitor(self):
        """Whether what is done now may be what a visitor has asked for."""
        return self.env.su and not self.env.user._is_superuser()

    # Charging

    def _charge_wallet(self):
        """Hold what these wallet payments take, and book what they give: those for
        which neither was done yet.

        :raises UserError: the wallet does not hold enough, or is frozen
        """
        for payment in self._filter_uncharged():
            order = payment.pos_order_id
            is_spent = payment.currency_id.compare_amounts(payment.amount, 0.0) > 0
            if order.wallet_undone_order_id:
                payment._undo_wallet_top_up()
            elif is_spent and not order.account_move:
                payment._hold_wallet()
            else:
                move = payment._book_wallet()
                if order._is_wallet_top_up():
                    payment._earn_wallet_bonus(move)

    def _set_wallet_entry(self, move):
        """The entry about an invoice is the invoice's payment, as Odoo knows it."""
        invoiced = self.filtered("pos_order_id.account_move")._from_server()
        invoiced.write({"wallet_move_id": move.id, "account_move_id": move.id})
        (self._from_server() - invoiced).write({"wallet_move_id": move.id})

    def _from_server(self):
        return self.sudo().with_context(wallet_booking=FROM_SERVER)

    def _earn_wallet_bonus(self, top_up):
        """Change that is kept, and refunds, earn nothing: only a top-up does."""
        today = self.company_id._get_wallet_today()
        Promotion = top_up.env["customer.wallet.promotion"]
        entry = Promotion._grant(top_up, self.partner_id, today)
        items = entry.line_ids.filtered("wallet_lot_type")
        self._from_server().write(
            {
                "wallet_bonus": -sum(items.mapped("amount_currency")),
                "wallet_bonus_note": self._get_wallet_bonus_note(entry),
            }
        )

    def _get_wallet_bonus_note(self, entry):
        promotion = entry.wallet_promotion_id.name
        expiry = entry.line_ids.filtered("wallet_lot_type").wallet_expiry_date
        if not expiry:
            return promotion
        return self.env._(
            "%(promotion)s, to be used until %(date)s",
            promotion=promotion,
            date=format_date(self.env, expiry),
        )
