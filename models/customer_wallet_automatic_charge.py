"""When a saved card is charged for an automatic top-up, once for each crossing."""

import logging

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

from odoo.addons.payment import utils as payment_utils

_logger = logging.getLogger(__name__)

# How long a declined card is left alone; after the last of them it is turned off.
BACK_OFF = (relativedelta(hours=1), relativedelta(days=1))
MAXIMUM_FAILURES = len(BACK_OFF) + 1
# A wallet that is still low after a charge, as when it was in debt.
STILL_LOW = relativedelta(days=1)
BOOKING_TRIES = 3
# What is left of a month's limit is charged when it is worth asking the card for it.
LEAST_PART = 0.1


class CustomerWalletAutomaticTopUp(models.Model):
    _inherit = "customer.wallet.automatic.top.up"

    @api.model
    def _cron_charge(self):
        """Top up the wallets in which there is too little. It may be run again at any
        time, and by several servers at once.
        """
        self.env["payment.transaction"]._close_overdue_wallet_charges()
        low = self._find_low()
        for number, setting in enumerate(low, start=1):
            tx = setting._start_safely()
            # What is started is known before the card is charged: a server that is
            # killed meanwhile does not charge it again.
            self.env["ir.cron"]._commit_progress()
            if tx:
                setting._charge(tx)
            left = len(low) - number
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return

    @api.model
    def _find_low(self):
        """
        :return: customer.wallet.automatic.top.up in sudo of wallets that need money
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT setting.id
                  FROM customer_wallet_automatic_top_up setting
                  JOIN customer_wallet wallet ON wallet.id = setting.wallet_id
                 WHERE setting.state = 'on'
                   AND wallet.state = 'open'
                   AND (setting.next_try IS NULL OR setting.next_try <= %s)
                   AND COALESCE(wallet.balance, 0) - COALESCE(wallet.held, 0)
                       < setting.threshold
                 ORDER BY setting.id
                """,
                fields.Datetime.now(),
            )
        )
        return self.sudo().browse(row[0] for row in rows)

    def _start_safely(self):
        """
        :return: payment.transaction that is to be charged, or none. Who else looks at
            the same wallet right now does it, or the next run
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                return self._start()
        except (OperationalError, ConcurrencyError, UniqueViolation):
            # Also who has used the same reference in this second.
            self._trigger_cron()
        except Exception:  # pylint: disable=broad-exception-caught
            # One that cannot be charged holds up no other.
            _logger.exception("No charge for %s", self.wallet_id.display_name)
            self._from_server().next_try = fields.Datetime.now() + STILL_LOW
        return self.env["payment.transaction"]

    def _start(self):
        """Make the transaction of this crossing, while nobody else can.

        :return: payment.transaction in sudo, a draft, or none when there is nothing to
            charge
        :raises ConcurrencyError: somebody has just used the wallet
        """
        self.ensure_one()
        nothing = self.env["payment.transaction"].sudo()
        if not self.try_lock_for_update(allow_referencing=True):
            return nothing
        self.wallet_id._lock()
        if self._is_card_lost():
            self._card_removed()
            return nothing
        if not self._is_chargeable() or not self._is_low():
            return nothing
        if self.wallet_id._get_top_ups_on_their_way(self):
            return nothing
        wanted, left = self._get_wanted_amount(), self._get_amount_left()
        if self.currency_id.compare_amounts(left, wanted * LEAST_PART) < 0:
            self._tell_limit()
            return nothing
        self._from_server().crossing += 1
        tx = nothing.create(self._prepare_transaction_vals(min(wanted, left)))
        self.env.flush_all()
        return tx

    def _is_card_lost(self):
        """Whether the card is gone, or with somebody who left the customer."""
        self.ensure_one()
        token = self.token_id
        owner = token.partner_id.commercial_partner_id
        is_there = token.active and token.partner_id.active
        return not is_there or owner != self.wallet_id.partner_id

    def _is_chargeable(self):
        """Whether the customer still allows it, and the company takes it."""
        self.ensure_one()
        wallet, token = self.wallet_id, self.token_id
        company = token.company_id
        return (
            self.state == "on"
            and not self._is_card_lost()
            and wallet.state == "open"
            and wallet.partner_id.active
            and token.provider_id.state != "disabled"
            and token._is_captured_at_once()
            and company.root_id == wallet.company_id
            and company.wallet_online_top_up
        )

    def _prepare_transaction_vals(self, amount):
        token = self.token_id
        Transaction = self.env["payment.transaction"]
        prefix = payment_utils.singularize_reference_prefix("WALLET")
        return {
            "provider_id": token.provider_id.id,
            "payment_method_id": token.payment_method_id.id,
            "token_id": token.id,
            "operation": "offline",
            "reference": Transaction._compute_reference(
                token.provider_code, prefix=prefix
            ),
            "amount": amount,
            "currency_id": self.currency_id.id,
            "partner_id": token.partner_id.id,
            "wallet_top_up_partner_id": self.wallet_id.partner_id.id,
            "wallet_automatic_top_up_id": self.id,
            "wallet_crossing": self.crossing,
            "wallet_charge_date": self.company_id._get_wallet_today(),
        }

    def _charge(self, tx):
        """Charge the card, and book what came of it. A charge of which nobody knows
        how it ended stays a draft, which is not charged again.

        :param tx: payment.transaction from `_start`, committed
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._ask_card(tx)
        except Exception:  # pylint: disable=broad-exception-caught
            _logger.exception("No answer to the charge %s", tx.reference)
        self.env["ir.cron"]._commit_progress()
        self._book(tx)

    def _ask_card(self, tx):
        """
        :param tx: payment.transaction from `_start`
        """
        if self._is_chargeable() and self._is_still_allowed(tx):
            tx._charge_with_token()
            return
        # The card was not asked: it has not failed.
        tx.wallet_outcome = "cancel"
        tx._set_canceled(self.env._("It was stopped before the card was charged."))

    def _is_still_allowed(self, tx):
        """Whether the customer has allowed nothing else since the charge was made.

        :param tx: payment.transaction
        """
        return tx.wallet_crossing == self.crossing

    def _book(self, tx):
        """Odoo books it. Who spends from the wallet right now may be in the way: then
        Odoo does it as soon as it can.
        """
        for _try in range(BOOKING_TRIES):
            tx._cron_post_process()
            if tx.is_post_processed:
                return
        self.env.ref("payment.cron_post_process_payment_tx").sudo()._trigger()

    def _tell_limit(self):
        """Once a month."""
        self.ensure_one()
        first_day = self.company_id._get_wallet_today().replace(day=1)
        if self.limit_notified_date == first_day:
            return
        self._from_server().limit_notified_date = first_day
        self._mail("mail_template_wallet_automatic_limit")

    # What became of a charge

    def _charge_succeeded(self):
        self.ensure_one()
        later = fields.Datetime.now() + STILL_LOW if self._is_low() else False
        self._from_server().write({"failures": 0, "next_try": later})

    def _charge_failed(self, tx):
        """Leave the card alone for a while, and after the last failure for good.

        :param tx: payment.transaction that has failed
        """
        self.ensure_one()
        if self.state != "on":
            return
        failures = self.failures + 1
        is_last = failures >= MAXIMUM_FAILURES
        next_try = False
        if not is_last:
            next_try = fields.Datetime.now() + BACK_OFF[failures - 1]
        self._from_server().write({"failures": failures, "next_try": next_try})
        self._log_failure(tx)
        self._mail("mail_template_wallet_automatic_declined", tx)
        if is_last:
            self._turn_off(
                self.env._(
                    "The automatic top-up is off: the card was declined %s times.",
                    failures,
                )
            )

    def _log_failure(self, tx):
        self.wallet_id._message_log(
            body=self.env._(
                "The automatic top-up of %(amount)s (%(reference)s) has failed: "
                "%(reason)s",
                amount=self.currency_id.format(tx.amount),
                reference=tx.reference,
                reason=tx.state_message or self.env._("it was cancelled."),
            )
        )

    def _charge_needs_customer(self, tx):
        """
        :param tx: payment.transaction that waits for the customer or the bank
        """
        self.ensure_one()
        self._mail("mail_template_wallet_automatic_confirm", tx)

    def _charge_unknown(self, tx):
        """Nobody can say whether the card was charged: a person has to look.

        :param tx: payment.transaction that was started and never answered
        """
        self.ensure_one()
        self._turn_off(
            self.env._(
                "The automatic top-up is off: it is not known whether the card was "
                "charged %(amount)s (%(reference)s). See at the payment provider.",
                amount=self.currency_id.format(tx.amount),
                reference=tx.reference,
            ),
            mail="mail_template_wallet_automatic_off",
            charge=tx,
        )
