"""The table of operations: what each kind of entry may do to a wallet."""

from typing import NamedTuple

from odoo import api, models

from .customer_wallet import BONUS, PAID

ALL_KINDS = (BONUS, PAID)
# Where the other side of an entry that somebody asks for cannot be: money comes in and
# goes out by payments, and what a customer owes is invoiced.
EXCLUDED_ACCOUNT_TYPES = (
    "asset_receivable",
    "liability_payable",
    "asset_cash",
    "liability_credit_card",
    "off_balance",
)


class Operation(NamedTuple):
    """One row of the table of operations.

    :param str label: what staff and customers call it
    :param tuple takes: kinds of money that it may take out of a wallet
    :param tuple gives: kinds of money that it may put into a wallet
    :param str undo: who takes it back: a `user`, a wallet `manager`, or its own
        document (`payment`, `till`, `import`)
    :param bool is_apart: an entry is about many customers, and undone for each apart
    :param bool is_use: the bonus that it takes has bought something (law 6)
    :param bool is_notified: the customer is told by email when money is taken
    :param bool is_regranted: the bonus that comes back when it is undone is a new one
    :param bool is_given_back: money that it takes has bought nothing: no saved card
        brings it again
    :param str step: where the roll-forward of the liability counts it, see its `STEPS`
    """

    label: str
    takes: tuple = ()
    gives: tuple = ()
    undo: str = "user"
    is_apart: bool = False
    is_use: bool = False
    is_notified: bool = False
    is_regranted: bool = False
    is_given_back: bool = False
    step: str = "other"


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _get_operations(self):
        """All kinds of operations by name. Another module adds its own rows here, and
        the ledger needs no other change.

        :return: dict of Operation by str, the `wallet_operation` of the entries
        """
        return {
            "top_up": Operation(
                self.env._("Top-up"),
                takes=(PAID,),
                gives=(PAID,),
                undo="payment",
                is_given_back=True,
                step="topped_up",
            ),
            "pay_out": Operation(
                self.env._("Pay-out"),
                takes=(PAID,),
                gives=(PAID,),
                undo="payment",
                is_given_back=True,
                step="paid_out",
            ),
            "allocation": Operation(
                self.env._("Invoice Paid"),
                takes=ALL_KINDS,
                is_use=True,
                is_notified=True,
                step="spent_invoices",
            ),
            "refund": Operation(
                self.env._("Refund"), gives=ALL_KINDS, is_use=True, step="refunded"
            ),
            "pos_payment": Operation(
                self.env._("Point of Sale"),
                takes=ALL_KINDS,
                undo="till",
                is_use=True,
                is_notified=True,
                step="spent_tills",
            ),
            "bonus": Operation(
                self.env._("Bonus"), gives=(BONUS,), undo="manager", step="bonus_given"
            ),
            "expiry": Operation(
                self.env._("Bonus Expired"),
                takes=(BONUS,),
                undo="manager",
                is_apart=True,
                is_regranted=True,
                step="expired",
            ),
            "transfer": Operation(
                self.env._("Transfer"),
                takes=(PAID,),
                gives=(PAID,),
                undo="manager",
                is_given_back=True,
                step="transferred",
            ),
            "adjustment": Operation(
                self.env._("Adjustment"),
                takes=ALL_KINDS,
                gives=ALL_KINDS,
                undo="manager",
                is_given_back=True,
                step="adjusted",
            ),
            "opening": Operation(
                self.env._("Moved In"),
                takes=ALL_KINDS,
                gives=ALL_KINDS,
                undo="import",
                is_given_back=True,
                step="moved_in",
            ),
            "exchange": Operation(
                self.env._("Exchange Difference"),
                takes=ALL_KINDS,
                gives=ALL_KINDS,
                undo="manager",
                step="exchange",
            ),
        }

    @api.model
    def _get_operation_selection(self):
        """As of a selection field."""
        return [(name, row.label) for name, row in self._get_operations().items()]

    @api.model
    def _get_movement_kind(self, operation, is_undone):
        """What a movement is called, in the language of the context."""
        row = self._get_operations().get(operation)
        kind = row.label if row else self.env._("Other")
        return self.env._("Undone: %s", kind) if is_undone else kind
