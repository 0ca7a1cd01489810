from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .customer_wallet import FROM_SERVER

# The entry and the bonus of a payment are the server's to say.
PROTECTED_FIELDS = {"wallet_move_id", "wallet_bonus", "wallet_bonus_note"}


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
        help="The entry that moved the money between the wallet and the till.",
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
        payments._check_wallet_order_not_paid()
        return payments

    def write(self, vals):
        self._remove_wallet_entry(vals)
        if not {"amount", "payment_method_id", "pos_order_id"} & set(vals):
            return super().write(vals)
        self._check_wallet_not_charged()
        result = super().write(vals)
        self._check_wallet_order_not_paid()
        return result

    def unlink(self):
        self._check_wallet_not_charged()
        return super().unlink()

    def _remove_wallet_entry(self, vals):
        """The entry and the bonus are the server's to say; the till sends back what it
        was told.
        """
        if not self.env.su:
            for name in PROTECTED_FIELDS:
                vals.pop(name, None)

    def _check_wallet_not_charged(self):
        """Money that moved is not edited away.

        :raises UserError: naming the order and what to do instead
        """
        charged = self.filtered("wallet_move_id")
        if charged:
            raise UserError(
                self.env._(
                    "The wallet of %(customer)s has been used for %(order)s: this "
                    "payment cannot be changed. Refund the order instead.",
                    customer=charged[0].partner_id.display_name,
                    order=charged[0].pos_order_id.display_name,
                )
            )

    def _check_wallet_order_not_paid(self):
        """An order that is paid takes no wallet payment past its own checks, or nobody
        would charge the wallet.

        :raises UserError: naming the order
        """
        if (
            self.env.su
            or self.env.context.get("wallet_charged_by_order") is FROM_SERVER
        ):
            return
        for payment in self.filtered(lambda payment: not payment.wallet_move_id):
            order = payment.pos_order_id
            is_paid = order.state in ("paid", "done") and order.name != "/"
            if is_paid and payment.payment_method_id.type == "wallet":
                raise UserError(
                    self.env._(
                        "%(order)s is paid already: change its payments on the order "
                        "itself.",
                        order=order.display_name,
                    )
                )

    # Charging

    def _charge_wallet(self):
        """Book these wallet payments, those that are not booked yet.

        :raises UserError: the wallet does not hold enough, or is frozen
        """
        for payment in self.filtered(lambda payment: not payment.wallet_move_id):
            if payment.currency_id.is_zero(payment.amount):
                continue
            move = payment._create_wallet_move()
            payment.sudo().wallet_move_id = move
            if payment.pos_order_id._is_wallet_top_up():
                payment._earn_wallet_bonus(move)

    def _earn_wallet_bonus(self, top_up):
        """Change that is kept, and refunds, earn nothing: only a top-up does."""
        today = self.company_id._get_wallet_today()
        entry = top_up._grant_wallet_bonus(self.partner_id, today)
        lots = entry.line_ids.filtered("wallet_lot_type")
        self.sudo().write(
            {
                "wallet_bonus": -sum(lots.mapped("amount_currency")),
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

    def _create_wallet_move(self):
        self.ensure_one()
        if self.currency_id.compare_amounts(self.amount, 0.0) > 0:
            return self._create_wallet_spending()
        return self._create_wallet_credit()

    def _create_wallet_spending(self):
        wallets = self._find_wallets()
        company, customer = self.company_id, self.partner_id
        wallets._check_covers(self.amount, self.currency_id, company, customer)
        debits = wallets._prepare_spending_vals(
            self.amount, self.currency_id, company, self._get_wallet_label()
        )
        return wallets._book_spending(
            self._prepare_wallet_move_vals("pos_payment"),
            debits,
            self._prepare_wallet_receivable_vals(
                sum(vals["balance"] for vals, _lot in debits)
            ),
            self.env["account.move.line"],
        )

    def _create_wallet_credit(self):
        """Put money into the wallet: a refund, change that was kept, or a top-up."""
        order = self.pos_order_id
        operation = "refund" if order.amount_total < 0.0 else "top_up"
        amount = self.currency_id.round(-self.amount)
        wallet = self.env["customer.wallet"]._find_or_create(
            self.partner_id, self.company_id, self.currency_id
        )
        lots_vals = wallet._prepare_lots_vals(
            order._get_wallet_credit_parts(amount), self._get_wallet_label()
        )
        balance = sum(vals["balance"] for vals in lots_vals)
        items_vals = [*lots_vals, self._prepare_wallet_receivable_vals(balance)]
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(self.company_id)
            .create(
                {
                    **self._prepare_wallet_move_vals(operation),
                    "line_ids": [fields.Command.create(vals) for vals in items_vals],
                }
            )
        )
        move._post(soft=False)
        return move

    def _find_wallets(self):
        return (
            self.env["customer.wallet"]
            .sudo()
            ._find(self.partner_id, self.company_id, self.currency_id)
        )

    # Entries

    def _prepare_wallet_move_vals(self, operation):
        order = self.pos_order_id
        company = self.company_id.sudo()
        return {
            "move_type": "entry",
            "date": fields.Date.context_today(self),
            "ref": self.env._(
                "%(order)s (%(till)s)", order=order.name, till=order.config_id.name
            ),
            "journal_id": company.wallet_journal_id.id,
            "company_id": company.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "currency_id": self.currency_id.id,
            "wallet_operation": operation,
        }

    def _prepare_wallet_receivable_vals(self, balance):
        return {
            "name": self._get_wallet_label(),
            "account_id": self._get_wallet_receivable_account().id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -self.currency_id.round(self.amount),
            "balance": -self.company_id.currency_id.round(balance),
            "analytic_distribution": False,
        }

    def _get_wallet_label(self):
        return self.env._(
            "%(method)s: %(order)s",
            method=self.payment_method_id.name,
            order=self.pos_order_id.name,
        )

    def _get_wallet_receivable_account(self):
        """The account on which the till and its closing entry meet."""
        return self.session_id._get_receivable_account(self.payment_method_id)

    def _get_wallet_receivable_lines(self):
        """The side of the wallet entries that the closing entry pays."""
        lines = self.sudo().wallet_move_id.line_ids
        return lines.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
