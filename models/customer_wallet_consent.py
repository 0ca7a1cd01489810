"""What customers allow in the portal to be charged without being asked each time."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .customer_wallet_automatic_top_up import (
    DEBIT_PATIENCE,
    DIRECT_DEBIT,
    PATIENCE,
)


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    automatic_top_up_ids = fields.One2many(
        "customer.wallet.automatic.top.up",
        "wallet_id",
        string="Automatic Top-up",
        readonly=True,
    )
    # Beside the balance, so that a wallet that moves need not look for it.
    automatic_top_up_threshold = fields.Monetary(
        string="Automatic Top-up Below",
        compute="_compute_automatic_top_up_threshold",
        compute_sudo=True,
        store=True,
        help="A saved card tops up the wallet when there is less than this in it. "
        "Zero: no automatic top-up.",
    )

    @api.depends("automatic_top_up_ids.state", "automatic_top_up_ids.threshold")
    def _compute_automatic_top_up_threshold(self):
        for wallet in self:
            active = wallet.automatic_top_up_ids.filtered(lambda it: it.state == "on")
            wallet.automatic_top_up_threshold = active.threshold

    def write(self, vals):
        names = {"automatic_top_up_ids", "automatic_top_up_threshold"}
        if not self.env.su and names & set(vals):
            raise AccessError(
                self.env._("Only the customer allows automatic top-ups, in the portal.")
            )
        return super().write(vals)

    def _notify_moved(self, moves):
        """Nothing is charged here: who spends does not wait for a card."""
        result = super()._notify_moved(moves)
        self._end_automatic_top_ups(moves)
        if self._filter_low_of_consent():
            self.env["customer.wallet.automatic.top.up"]._trigger_cron()
        return result

    def _filter_low_of_consent(self):
        """
        :return: those of these wallets that a saved card may top up now, in sudo
        """
        return self.sudo().filtered(
            lambda wallet: (
                wallet.automatic_top_up_threshold
                and wallet.currency_id.compare_amounts(
                    wallet._get_money_there(), wallet.automatic_top_up_threshold
                )
                < 0
            )
        )

    def _withdraw_consents(self):
        """These wallets belong to somebody else now, or to nobody."""
        self._stop_recurring_charges()
        self._stop_automatic_top_up()

    # Automatic top-ups

    def _end_automatic_top_ups(self, moves):
        """What somebody has given back, or taken back, is not charged again: where it
        leaves too little, the customer has to allow it anew.

        :param moves: account.move, just posted or unposted
        """
        low = self._filter_low_of_consent()
        if not low:
            return
        rows = self._get_operations()
        taken = defaultdict(float)
        for move in moves.sudo():
            row = rows.get(move.wallet_operation)
            if not row or not row.is_given_back:
                continue
            sign = 1.0 if move.state == "posted" else -1.0
            for item in move.line_ids.filtered("wallet_lot_type"):
                owner = item.partner_id, item.currency_id, move.company_id.root_id
                taken[owner] += sign * item.amount_currency
        for wallet in low:
            owner = wallet.partner_id, wallet.currency_id, wallet.company_id
            if taken[owner] > 0.0:
                wallet.automatic_top_up_ids._money_given_back()

    def _stop_automatic_top_up(self):
        settings = self.sudo().automatic_top_up_ids
        settings._turn_off(self.env._("Automatic top-ups are no longer allowed."))

    def _get_automatic_top_up_consent(self):
        """
        :return: str, what the customer agrees to
        """
        self.ensure_one()
        return self.env._(
            "I allow %(company)s to charge this card for top-ups of my wallet without "
            "asking me each time: when there is less in it than the amount that I have "
            "chosen, and in a calendar month no more than I have chosen. I can stop "
            "this at any time.",
            company=self.company_id.sudo().name,
        )

    def _allow_automatic_top_up(
        self, token, threshold, top_up_type, amount, monthly_limit
    ):
        """The owner, who is logged in, allows a card of theirs to top up this wallet,
        or changes what was allowed.

        :param token: payment.token in sudo, of the one who is logged in
        :param float threshold: below which it is charged, in the wallet's currency
        :param str top_up_type: `fill` or `add`
        :param float amount: up to which it is filled, or which is added
        :param float monthly_limit: in a calendar month
        :raises AccessError: somebody else is logged in, or it is not their card
        :raises UserError: these amounts do not go together
        """
        self.ensure_one()
        user = self.env.user
        visitor = self.env["payment.provider"]._get_visitor_owner()
        if self.partner_id != visitor or token.partner_id != user.partner_id:
            raise AccessError(self.env._("This wallet is somebody else's."))
        vals = {
            "token_id": token.id,
            "threshold": threshold,
            "top_up_type": top_up_type,
            "amount": amount,
            "monthly_limit": monthly_limit,
        }
        self._check_automatic_top_up(vals)
        self._lock()
        consent = self._get_automatic_top_up_summary(vals, token.display_name)
        consent = f"{consent} {self._get_automatic_top_up_consent()}"
        setting = self.sudo().automatic_top_up_ids._from_server()
        vals.update(self._prepare_automatic_top_up_consent_vals(consent))
        # Other amounts make a card that was declined no better.
        if setting.state == "on" and setting.failures and setting.token_id == token:
            del vals["failures"], vals["next_try"]
        if setting:
            setting.write({**vals, "crossing": setting.crossing + 1})
        else:
            setting = setting.create({**vals, "wallet_id": self.id})
        self.sudo()._message_log(
            body=self.env._(
                "Automatic top-ups are allowed: %(consent)s", consent=consent
            )
        )
        setting._trigger_cron()

    def _prepare_automatic_top_up_consent_vals(self, consent):
        return {
            "state": "on",
            "failures": 0,
            "next_try": False,
            "limit_notified_date": False,
            "consent_user_id": self.env.uid,
            "consent_date": fields.Datetime.now(),
            "consent_text": consent,
        }

    def _check_automatic_top_up(self, vals):
        """
        :param dict vals: of customer.wallet.automatic.top.up
        :raises UserError: these amounts do not go together
        """
        compare, money = self.currency_id.compare_amounts, self.currency_id.format
        is_fill = vals["top_up_type"] == "fill"
        if is_fill and compare(vals["amount"], vals["threshold"]) <= 0:
            raise UserError(
                self.env._(
                    "The wallet cannot be filled up to %(amount)s when there is less "
                    "than %(threshold)s in it: enter more than %(threshold)s.",
                    amount=money(vals["amount"]),
                    threshold=money(vals["threshold"]),
                )
            )
        # The smallest top-up of its kind must fit, or nothing would ever be charged
        # in full.
        least = vals["amount"] - (vals["threshold"] if is_fill else 0.0)
        if compare(vals["monthly_limit"], least) < 0:
            raise UserError(
                self.env._(
                    "A top-up would be %(amount)s, which is more than the %(limit)s "
                    "that you allow in a month: enter a higher limit.",
                    amount=money(least),
                    limit=money(vals["monthly_limit"]),
                )
            )

    def _get_automatic_top_up_summary(self, vals, card):
        """
        :param dict vals: of customer.wallet.automatic.top.up
        :param str card: what it is called
        :return: str
        """
        money = self.currency_id.format
        parts = {
            "card": card,
            "threshold": money(vals["threshold"]),
            "amount": money(vals["amount"]),
            "limit": money(vals["monthly_limit"]),
        }
        if vals["top_up_type"] == "fill":
            return self.env._(
                "Below %(threshold)s, fill up to %(amount)s from %(card)s, at most "
                "%(limit)s a month.",
                **parts,
            )
        return self.env._(
            "Below %(threshold)s, add %(amount)s from %(card)s, at most %(limit)s a "
            "month.",
            **parts,
        )

    def _get_top_ups_on_their_way(self, setting):
        """The online top-ups of this wallet whose money may still come: it is not
        charged for the same need again.

        :param setting: customer.wallet.automatic.top.up
        :return: payment.transaction in sudo
        """
        self.ensure_one()
        now = fields.Datetime.now()
        transactions = (
            self.env["payment.transaction"]
            .sudo()
            .search(
                [
                    ("wallet_top_up_partner_id", "=", self.partner_id.id),
                    ("currency_id", "=", self.currency_id.id),
                    ("company_id", "child_of", self.company_id.id),
                    ("operation", "not in", ("refund", "validation")),
                    ("state", "in", ("draft", "pending", "authorized", "done")),
                    ("payment_id", "=", False),
                    ("source_transaction_id", "=", False),
                    "|",
                    ("wallet_automatic_top_up_id", "=", setting.id),
                    "|",
                    ("last_state_change", ">", now - PATIENCE),
                    "&",
                    ("last_state_change", ">", now - DEBIT_PATIENCE),
                    ("payment_method_id.code", "=like", f"%{DIRECT_DEBIT}"),
                ]
            )
        )
        return transactions.filtered(
            lambda tx: (
                not tx._is_wallet_booked()
                and (tx.wallet_automatic_top_up_id or tx._is_wallet_awaited())
            )
        )
