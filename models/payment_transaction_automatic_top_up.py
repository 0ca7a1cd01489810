"""Charges of a saved card for automatic top-ups, and what becomes of them."""

import logging

import requests
from psycopg2 import OperationalError
from urllib3.exceptions import NewConnectionError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, ValidationError

from .customer_wallet_automatic_top_up import (
    DEBIT_PATIENCE,
    DIRECT_DEBIT,
    PATIENCE,
    UNKNOWN,
)
from .payment_transaction_automation import AT_PROVIDER

_logger = logging.getLogger(__name__)


class NoAnswerError(Exception):
    """The provider may have charged the card, or not."""


def _is_unanswered(error):
    """
    :param ValidationError error: of core, for a request that has failed
    :return: whether the provider may have done what it was asked for
    """
    cause = error.__context__
    if isinstance(cause, requests.HTTPError):
        return cause.response.status_code >= 500
    if isinstance(cause, requests.ConnectTimeout):
        return False
    if isinstance(cause, requests.ConnectionError):
        reason = getattr(next(iter(cause.args), None), "reason", None)
        return not isinstance(reason, NewConnectionError)
    return isinstance(cause, requests.Timeout)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # Who may write transactions does not write what was charged automatically.
    wallet_automatic_top_up_id = fields.Many2one(
        "customer.wallet.automatic.top.up",
        string="Automatic Top-up",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        index="btree_not_null",
        ondelete="set null",
    )
    wallet_crossing = fields.Integer(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Each time that there is too little in the wallet has a number, and is "
        "charged once.",
    )
    wallet_charge_date = fields.Date(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        index="btree_not_null",
        help="When the card was charged: it counts in this month of the company.",
    )
    wallet_outcome = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The status of an automatic top-up that the customer has been told of.",
    )

    _wallet_crossing_uniq = models.Constraint(
        "UNIQUE(wallet_automatic_top_up_id, wallet_crossing)",
        "The card has been charged for this already.",
    )

    def _send_api_request(self, *args, **kwargs):
        """Core takes a provider that does not answer for one that refuses, and a card
        that was refused is charged again.
        """
        try:
            return super()._send_api_request(*args, **kwargs)
        except ValidationError as error:
            if self.sudo().wallet_automatic_top_up_id and _is_unanswered(error):
                raise NoAnswerError(str(error)) from error
            raise

    def _post_process(self):
        result = super()._post_process()
        for tx in self.sudo().filtered("wallet_automatic_top_up_id"):
            tx._settle_wallet_charge()
        return result

    def _settle_wallet_charge(self):
        """Say once what became of an automatic top-up, however often Odoo asks."""
        self.ensure_one()
        is_unknown = self.wallet_outcome == UNKNOWN and self.state != "done"
        if is_unknown or self.wallet_outcome == self.state:
            return
        self.wallet_outcome = self.state
        setting = self.wallet_automatic_top_up_id
        if self.state == "done":
            setting._charge_succeeded()
        elif self.state in ("cancel", "error"):
            # That of a card which the customer has replaced since counts for nothing.
            if setting._is_still_allowed(self):
                setting._charge_failed(self)
        elif self.state == "pending" and not self._is_direct_debit():
            setting._charge_needs_customer(self)

    def _is_direct_debit(self):
        """A bank collects these within days, and asks nobody."""
        return self.payment_method_id.code.endswith(DIRECT_DEBIT)

    @api.model
    def _close_overdue_wallet_charges(self):
        """Automatic top-ups that never ended: one that was started and never answered,
        and one that nobody has confirmed. Neither is tried again, as the money may
        still come. Should it, it is booked.
        """
        now = fields.Datetime.now()
        charges = self.sudo().search(
            [
                ("wallet_charge_date", "!=", False),
                "|",
                "&",
                ("state", "=", "draft"),
                ("last_state_change", "<", now - AT_PROVIDER),
                "&",
                ("state", "=", "pending"),
                "|",
                ("last_state_change", "<", now - DEBIT_PATIENCE),
                "&",
                ("last_state_change", "<", now - PATIENCE),
                "!",
                ("payment_method_id.code", "=like", f"%{DIRECT_DEBIT}"),
            ]
        )
        for tx in charges:
            try:
                with self.env.cr.savepoint():
                    tx._close_wallet_charge()
            except (OperationalError, ConcurrencyError):
                # Somebody uses the wallet: the next run does it.
                continue
            except Exception:  # pylint: disable=broad-exception-caught
                _logger.exception("The charge %s is not closed", tx.reference)
                continue
            self.env["ir.cron"]._commit_progress()
            tx._cron_post_process()

    def _close_wallet_charge(self):
        self.ensure_one()
        was_started = self.state == "draft"
        self.wallet_outcome = UNKNOWN
        if self.wallet_automatic_top_up_id:
            self.wallet_automatic_top_up_id._charge_unknown(self)
        else:
            # Contacts were merged meanwhile, and what was allowed is gone.
            self._find_wallet()._message_log(body=self._get_unknown_charge_message())
        self._set_error(
            self.env._("The payment provider has not answered.")
            if was_started
            else self.env._("Nobody has confirmed the payment in time.")
        )
        self.env.flush_all()

    def _get_unknown_charge_message(self):
        return self.env._(
            "It is not known whether the card was charged %(amount)s (%(reference)s) "
            "for an automatic top-up. See at the payment provider.",
            amount=self.currency_id.format(self.amount),
            reference=self.reference,
        )
