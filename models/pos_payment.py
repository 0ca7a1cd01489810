from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .customer_wallet import FROM_SERVER
from .customer_wallet_operation import PAID

# The entry and the bonus of a payment are the server's to say.
PROTECTED_FIELDS = {"wallet_move_id", "wallet_bonus", "wallet_bonus_note"}
PROTECTED_FIELDS |= {"settlement_move_id"}


class PosPayment(models.Model):
    """A payment by wallet is backed by an entry from the moment the order is paid:
    above zero it takes from the customer's wallet, below zero it adds to it.
    """

    _inherit = "pos.payment"

    wallet_move_id = fields.Many2one(
        "account.move",
        string="Wallet Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The entry that moved the money between the wallet and the till, or the "
        "invoice of the order.",
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

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        for name in PROTECTED_FIELDS:
            values.pop(name, None)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._remove_wallet_entry(vals)
        payments = super().create(vals_list)
        payments._check_wallet_tenders_kept()
        payments._check_wallet_added()
        return payments

    def write(self, vals):
        self._remove_wallet_entry(vals)
        if not {"amount", "payment_method_id", "pos_order_id"} & set(vals):
            return super().write(vals)
        self._check_wallet_tenders_kept()
        result = super().write(vals)
        self._check_wallet_tenders_kept()
        self._check_wallet_added()
        return result

    def unlink(self):
        self._check_wallet_tenders_kept()
        return super().unlink()

    def _remove_wallet_entry(self, vals):
        """The till sends back what it was told."""
        if self.env.context.get("wallet_booking") is not FROM_SERVER:
            for name in PROTECTED_FIELDS:
                vals.pop(name, None)

    def _filter_wallet(self):
        """The payments among these that move money of a wallet."""
        return self.filtered(
            lambda payment: (
                payment.payment_method_id.type == "wallet"
                and not payment.currency_id.is_zero(payment.amount)
            )
        )

    # Checks

    def _check_wallet_tenders_kept(self):
        """Once a wallet has been charged or filled, what was paid for it stays: money
        that moved is not edited away, nor what it came from.

        :raises UserError: naming the order and what to do instead
        """
        for order in self.pos_order_id:
            if order.payment_ids.wallet_move_id:
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
        if self.env.su and not self.env.user._is_superuser():
            raise AccessError(
                self.env._("Only a cashier takes payments from a customer's wallet.")
            )
        self.env["customer.wallet"]._check_user()

    # Charging

    def _charge_wallet(self):
        """Book these wallet payments, those that are not booked yet.

        :raises UserError: the wallet does not hold enough, or is frozen
        """
        for payment in self.filtered(lambda payment: not payment.wallet_move_id):
            move = payment._book_wallet()
            payment._set_wallet_entry(move)
            if payment.pos_order_id._is_wallet_top_up():
                payment._earn_wallet_bonus(move)

    def _set_wallet_entry(self, move):
        """The entry about an invoice is the invoice's payment, as Odoo knows it."""
        vals = {"wallet_move_id": move.id}
        if self.pos_order_id.account_move:
            vals["account_move_id"] = move.id
        self._from_server().write(vals)

    def _from_server(self):
        return self.sudo().with_context(wallet_booking=FROM_SERVER)

    def _earn_wallet_bonus(self, top_up):
        """Change that is kept, and refunds, earn nothing: only a top-up does."""
        today = self.company_id._get_wallet_today()
        entry = top_up._grant_wallet_bonus(self.partner_id, today)
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

    # Entries

    def _get_wallet_operation(self):
        """What this payment does to the wallet, see `customer.wallet._get_operations`.

        :return: str
        """
        self.ensure_one()
        if self.currency_id.compare_amounts(self.amount, 0.0) > 0:
            return self._get_wallet_document()._wallet_spending_operation
        return "refund" if self.pos_order_id.amount_total < 0.0 else "top_up"

    def _get_wallet_document(self):
        """What this payment is about: the invoice, where there is one. What is kept of
        an amount paid stays the customer's, whatever becomes of the invoice.

        :return: account.move or pos.order, in sudo
        """
        self.ensure_one()
        order = self.pos_order_id.sudo().with_company(self.company_id)
        invoice = order.account_move
        if self.amount < 0.0 and invoice.move_type != "out_refund":
            return order
        return invoice or order

    def _book_wallet(self):
        """Make the entry of this payment.

        :return: account.move in sudo, posted
        """
        self.ensure_one()
        document = self._get_wallet_document()
        if document._name == "account.move" and self.amount < 0.0:
            lines = document._get_wallet_open_credits()
            return lines._book_wallet_refund(lines._spread_wallet_refund(-self.amount))
        prepare = (
            self._prepare_wallet_spending_vals
            if self.amount > 0.0
            else self._prepare_wallet_gift_vals
        )
        booking = self._prepare_wallet_booking(prepare(document))
        return self.env["customer.wallet"]._book_at_once([booking])

    def _prepare_wallet_spending_vals(self, document):
        """Values of the journal items that take this payment out of wallets.

        :param document: that is paid
        :return: list of dict
        """
        company, currency = self.company_id, self.currency_id
        wallets = document._find_wallets()
        wallets._check_covers(self.amount, currency, company, self.partner_id)
        shares = wallets._share(self.amount, currency, company)
        spending = {"shares": shares, "label": self._get_wallet_label()}
        return wallets._prepare_takings_vals([spending])[0]

    def _prepare_wallet_gift_vals(self, document):
        """Values of the journal items that put this payment into the wallet. A refund
        comes back in the kinds of money that were spent.

        :param document: pos.order that it is for
        :return: list of dict
        """
        amount = self.currency_id.round(-self.amount)
        wallet = self.env["customer.wallet"]._find_or_create(
            self.partner_id, self.company_id, self.currency_id
        )
        parts = [(amount, PAID, False)]
        if document.amount_total < 0.0:
            limits = document._get_wallet_return_limits(amount)
            parts = wallet._split_return(amount, *limits, self.company_id)
        return wallet._prepare_giving_vals(parts, self._get_wallet_label())

    def _prepare_wallet_booking(self, vals_list):
        """
        :param list vals_list: dict of the values of the journal items of the wallets
        :return: tuple, see `customer.wallet._book_at_once`
        """
        document = self._get_wallet_document()
        payment = {"amount": self.amount, "discount": 0.0}
        return (
            self._get_wallet_operation(),
            document._prepare_wallet_payment(payment, vals_list),
            self.company_id,
            document._prepare_wallet_allocation_vals(self.company_id),
        )

    def _get_wallet_label(self):
        return self.env._(
            "%(method)s: %(order)s",
            method=self.payment_method_id.name,
            order=self.pos_order_id.name,
        )

    def _get_wallet_receivable_lines(self):
        """The side of the wallet entries that the closing entry pays."""
        return self.sudo().wallet_move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    # Invoices

    def _create_payment_moves(self, is_reverse=False):
        """What wallets pay is booked on the invoice itself, see pos.order."""
        others = self - self._filter_wallet()
        return super(PosPayment, others)._create_payment_moves(is_reverse)

    def _book_wallets_on_invoice(self):
        """Book these wallet payments on the invoice of their order. What was booked
        before is taken back and booked anew in one go, the same kinds of money: the
        wallets stay as they are.
        """
        for payment in self:
            if payment.wallet_move_id:
                payment._set_wallet_entry(payment._rebook_wallet())
            else:
                payment._charge_wallet()

    def _rebook_wallet(self):
        """
        :return: account.move in sudo, that replaces the entry of this payment
        """
        Wallet = self.env["customer.wallet"]
        lines = self.sudo().wallet_move_id.line_ids
        taken_back = Wallet._prepare_undo(lines)
        again = [
            {
                **vals,
                "balance": -vals["balance"],
                "amount_currency": -vals["amount_currency"],
            }
            for line, (vals, _matched) in zip(lines, taken_back[1], strict=True)
            if line.wallet_lot_type
        ]
        booking = self._prepare_wallet_booking(again)
        return Wallet._book_at_once([taken_back, booking])[-1]
