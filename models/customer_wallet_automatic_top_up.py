"""Top-ups that a saved card pays without the customer being asked each time."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# As long as Odoo waits for a provider: nobody confirms a payment later.
PATIENCE = relativedelta(days=4)
# Banks have collected a direct debit within 14 working days; how its code ends.
DEBIT_PATIENCE = relativedelta(days=21)
DIRECT_DEBIT = "direct_debit"
# The outcome of a charge of which nobody knows whether it took money.
UNKNOWN = "unknown"


class CustomerWalletAutomaticTopUp(models.Model):
    """What a customer allows: when there is less than an amount in the wallet, a saved
    card tops it up. Only the customer says so, in the portal; staff can stop it.
    """

    _name = "customer.wallet.automatic.top.up"
    _inherit = ["customer.wallet.protected.mixin", "customer.wallet.defaults.mixin"]
    _description = "Automatic Top-up"
    _rec_name = "wallet_id"

    _wallet_protected_fields = None
    _wallet_server_key = "wallet_consent"

    wallet_id = fields.Many2one(
        "customer.wallet", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="wallet_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="wallet_id.company_id", store=True)
    currency_id = fields.Many2one(related="wallet_id.currency_id")
    token_id = fields.Many2one(
        "payment.token", readonly=True, index="btree_not_null", ondelete="set null"
    )
    card = fields.Char(compute="_compute_card", compute_sudo=True)
    threshold = fields.Monetary(
        string="Below",
        required=True,
        readonly=True,
        help="The card is charged when there is less than this in the wallet: its "
        "balance, bonus included, less what is held. A limit below zero does not "
        "count as money.",
    )
    top_up_type = fields.Selection(
        [("fill", "Fill Up To"), ("add", "Add")],
        string="Top-up",
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(required=True, readonly=True)
    monthly_limit = fields.Monetary(
        required=True,
        readonly=True,
        help="What the card may be charged in a calendar month.",
    )
    charged_amount = fields.Monetary(
        string="Charged This Month",
        compute="_compute_charged_amount",
        compute_sudo=True,
    )
    state = fields.Selection(
        [("on", "On"), ("off", "Off")],
        string="Status",
        required=True,
        readonly=True,
        default="off",
    )
    failures = fields.Integer(string="Failed Attempts", readonly=True)
    next_try = fields.Datetime(
        readonly=True, help="The card is left alone until then; empty: at once."
    )
    # Each charge has its number; a new consent ends what was begun under the old one.
    crossing = fields.Integer(readonly=True)
    limit_notified_date = fields.Date(
        readonly=True,
        help="The first day of the month in which the customer was told that the limit "
        "is reached.",
    )
    transaction_ids = fields.One2many(
        "payment.transaction", "wallet_automatic_top_up_id", readonly=True
    )
    consent_user_id = fields.Many2one(
        "res.users", string="Allowed By", readonly=True, ondelete="set null"
    )
    consent_date = fields.Datetime(string="Allowed On", readonly=True)
    consent_text = fields.Text(string="Allowed In These Words", readonly=True)

    _wallet_uniq = models.Constraint(
        "UNIQUE(wallet_id)", "A wallet has one automatic top-up."
    )
    _amounts_positive = models.Constraint(
        "CHECK(threshold > 0 AND amount > 0 AND monthly_limit > 0)",
        "Enter amounts greater than zero.",
    )

    @api.depends("token_id")
    def _compute_card(self):
        for setting in self:
            setting.card = setting.token_id.display_name or ""

    @api.depends("transaction_ids.state", "transaction_ids.amount")
    def _compute_charged_amount(self):
        for setting in self:
            setting.charged_amount = setting._get_charged_amount()

    def _get_wallet_protected_message(self):
        return self.env._("Only the customer allows automatic top-ups, in the portal.")

    # Actions

    def action_stop(self):
        """Stop these automatic top-ups; only the customers can allow them again.

        :return: True
        :raises AccessError: for anyone but a wallet manager
        """
        self.env["customer.wallet"]._check_manager()
        self.check_access("read")
        self._turn_off(self.env._("The automatic top-up was stopped."))
        return True

    # Turning it off

    def _turn_off(self, reason, mail=False, charge=None, **values):
        """Charge nothing any more until the customer allows it again.

        :param str reason: for the chatter of the wallet
        :param mail: name of the mail.template that tells the customer, or False
        :param charge: payment.transaction that was the reason, if any
        :param values: what else the email is told
        """
        active = self.sudo().filtered(lambda setting: setting.state == "on")
        active._from_server().write({"state": "off", "next_try": False})
        for setting in active:
            setting.wallet_id._message_log(body=reason)
            if mail:
                setting._mail(mail, charge, **values)

    def _card_removed(self):
        """There is no card to be charged any more."""
        self._turn_off(
            self.env._(
                "The automatic top-up is off: the card was removed, or its owner left "
                "the customer."
            ),
            mail="mail_template_wallet_automatic_off",
        )

    def _money_given_back(self):
        """What left these wallets is not charged again."""
        self._turn_off(
            self.env._(
                "The automatic top-up is off: money was given back or taken back, "
                "and the card is not charged for that."
            ),
            mail="mail_template_wallet_automatic_off",
            wallet_is_given_back=True,
        )

    def _mail(self, name, charge=None, **values):
        """
        :param str name: of a mail.template of this module on customer.wallet
        :param charge: payment.transaction that the email is about, if any
        :param values: what else the template finds in `ctx`
        """
        self.ensure_one()
        amount = charge.amount if charge else self._get_wanted_amount()
        self.wallet_id._queue_mail(
            f"customer_wallet.{name}",
            wallet_amount=amount,
            wallet_url=self._get_top_up_url(amount),
            wallet_next_try=self.next_try,
            wallet_is_unknown=bool(charge) and charge.wallet_outcome == UNKNOWN,
            **values,
        )

    # How much

    def _is_low(self):
        self.ensure_one()
        compare = self.currency_id.compare_amounts
        return compare(self.wallet_id._get_money_there(), self.threshold) < 0

    def _get_wanted_amount(self):
        """
        :return: float in the wallet's currency, what brings the wallet where the
            customer wants it
        """
        self.ensure_one()
        if self.top_up_type == "add":
            return self.amount
        return self.currency_id.round(self.amount - self.wallet_id._get_money_there())

    def _get_charged_amount(self):
        """What this calendar month's charges have brought or will bring, less what of
        them was refunded.

        :return: float in the wallet's currency
        """
        self.ensure_one()
        first_day = self.company_id._get_wallet_today().replace(day=1)
        charges = (
            self.env["payment.transaction"]
            .sudo()
            .search(
                [
                    ("wallet_automatic_top_up_id", "=", self.id),
                    ("wallet_charge_date", ">=", first_day),
                    "|",
                    ("state", "not in", ("cancel", "error")),
                    ("wallet_outcome", "=", UNKNOWN),
                ]
            )
        )
        amounts = [tx.amount - tx._get_wallet_refunded_amount() for tx in charges]
        return self.currency_id.round(sum(amounts))

    def _get_amount_left(self):
        """
        :return: float in the wallet's currency, what of the month's limit is left
        """
        self.ensure_one()
        left = self.monthly_limit - self._get_charged_amount()
        return self.currency_id.round(max(left, 0.0))

    def _get_top_up_url(self, amount):
        """Where the customer pays it instead.

        :param float amount: in the wallet's currency
        :return: str
        """
        self.ensure_one()
        company = self.token_id.company_id or self.company_id
        digits = self.currency_id.decimal_places
        return (
            f"{self.wallet_id.get_base_url()}/my/wallet/top_up?company_id={company.id}"
            f"&currency_id={self.currency_id.id}&amount={amount:.{digits}f}"
        )

    @api.model
    def _trigger_cron(self):
        cron = self.env.ref(
            "customer_wallet.ir_cron_wallet_automatic_top_up", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()
