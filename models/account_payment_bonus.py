"""What a top-up earns by a promotion, and what a manager takes back with it."""

from odoo import api, fields, models
from odoo.tools import format_date


class AccountPayment(models.Model):
    _inherit = "account.payment"

    wallet_promotion_id = fields.Many2one(
        "customer.wallet.promotion",
        compute="_compute_wallet_bonus",
        groups="customer_wallet.group_wallet_user",
    )
    wallet_bonus = fields.Monetary(
        string="Bonus",
        compute="_compute_wallet_bonus",
        groups="customer_wallet.group_wallet_user",
        help="What this top-up earns by a promotion; once it is confirmed, what it has "
        "earned.",
    )
    wallet_bonus_message = fields.Char(
        compute="_compute_wallet_bonus", groups="customer_wallet.group_wallet_user"
    )
    wallet_shortage = fields.Monetary(
        compute="_compute_wallet_shortage",
        groups="customer_wallet.group_wallet_manager",
        help="What the wallet lacks to take this top-up and its bonus back.",
    )

    @api.depends(
        "partner_id",
        "company_id",
        "currency_id",
        "amount",
        "date",
        "is_wallet",
        "payment_type",
        "state",
    )
    def _compute_wallet_bonus(self):
        """Before the payment is confirmed, what it would earn now; then, what it has
        earned and still has.
        """
        for payment in self:
            promotion, bonus, expiry = payment._get_wallet_bonus()
            payment.wallet_promotion_id = promotion.with_env(self.env)
            payment.wallet_bonus = bonus
            payment.wallet_bonus_message = payment._get_wallet_bonus_message(
                promotion, bonus, expiry
            )

    @api.depends("state", "wallet_balance")
    def _compute_wallet_shortage(self):
        Wallet = self.env["customer.wallet"]
        for payment in self:
            shortages = [
                needed - left
                for _moves, left, needed in (
                    Wallet._get_take_back(payment.move_id).values()
                )
            ]
            payment.wallet_shortage = max([0.0, *shortages])

    def action_open_wallet_take_back(self):
        """Let a manager take back a top-up whose money has been used.

        :return: the action of the wizard
        :raises AccessError: for anyone but a wallet manager who may read the payment
        """
        self.ensure_one()
        self.check_access("read")
        self.env["customer.wallet.take.back"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Back Anyway"),
            "res_model": "customer.wallet.take.back",
            "view_mode": "form",
            "target": "new",
            "context": {"default_payment_id": self.id},
        }

    def _grant_wallet_bonus(self):
        """Give what these top-ups earn: somebody has paid them in the back office or
        online.
        """
        for payment in self.filtered(
            lambda payment: payment.is_wallet and payment.payment_type == "inbound"
        ):
            # A lock date moves the entry, not the day on which the customer has paid.
            self.env["customer.wallet.promotion"]._grant(
                payment.move_id, payment.partner_id, payment.date
            )

    def _get_wallet_bonus(self):
        """What this top-up earns, or has earned.

        :return: (customer.wallet.promotion in sudo, float bonus in the currency of the
            payment, date or False on which it expires)
        """
        self.ensure_one()
        Promotion = self.env["customer.wallet.promotion"].sudo()
        if not self.is_wallet or self.payment_type != "inbound":
            return Promotion, 0.0, False
        if self.state == "draft":
            date = self.date or self.company_id._get_wallet_today()
            promotion, bonus = Promotion._find_best(
                self.partner_id, self.company_id, self.currency_id, self.amount, date
            )
            bonus = promotion._limit_bonus(self.move_id, bonus) if promotion else 0.0
            if not bonus:
                return Promotion, 0.0, False
            return promotion, bonus, promotion._get_bonus_expiry(self.move_id, date)
        entries = self.env["customer.wallet"]._get_bonus_entries(self.move_id)
        entry = entries.filtered("wallet_promotion_id")[:1]
        lots = entry.line_ids.filtered("wallet_lot_type")
        bonus = -sum(lots.mapped("amount_currency"))
        return entry.wallet_promotion_id, bonus, lots[:1].wallet_expiry_date

    def _get_wallet_bonus_message(self, promotion, bonus, expiry):
        if not promotion:
            return False
        texts = {
            "bonus": self.currency_id.format(bonus),
            "promotion": promotion.name,
            "date": format_date(self.env, expiry) if expiry else "",
        }
        if self.state == "draft":
            if expiry:
                return self.env._(
                    "This top-up earns a bonus of %(bonus)s (%(promotion)s), to be "
                    "used until %(date)s.",
                    **texts,
                )
            return self.env._(
                "This top-up earns a bonus of %(bonus)s (%(promotion)s).", **texts
            )
        if expiry and expiry < self.company_id._get_wallet_today():
            return self.env._(
                "This top-up earned a bonus of %(bonus)s (%(promotion)s), which could "
                "be used until %(date)s.",
                **texts,
            )
        if expiry:
            return self.env._(
                "This top-up earned a bonus of %(bonus)s (%(promotion)s), to be used "
                "until %(date)s.",
                **texts,
            )
        return self.env._(
            "This top-up earned a bonus of %(bonus)s (%(promotion)s).", **texts
        )
