from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_wallet_booking import Purses
from .customer_wallet_operation import ALL_KINDS, BONUS, PAID
from .wallet_batches import for_each
from .wallet_deletions import refuses_deletion

# How long money is held where nothing else is said.
HOLD_DAYS = 30


class CustomerWalletHold(models.Model):
    """Money that is promised to a document and not booked yet, as a bank holds an
    amount for a card. It is made, and then taken, released or lapsed: each once.
    """

    _name = "customer.wallet.hold"
    _inherit = ["customer.wallet.protected.mixin", "customer.wallet.defaults.mixin"]
    _description = "Hold on a Wallet"
    _order = "id desc"
    _rec_name = "document_name"

    _wallet_protected_fields = None

    wallet_id = fields.Many2one(
        "customer.wallet", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="wallet_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="wallet_id.company_id", store=True)
    currency_id = fields.Many2one(related="wallet_id.currency_id")
    amount = fields.Monetary(required=True, readonly=True)
    bonus_amount = fields.Monetary(string="Of Which Bonus", readonly=True)
    document_model = fields.Char(readonly=True)
    document_id = fields.Many2oneReference(model_field="document_model", readonly=True)
    document_name = fields.Char(
        readonly=True, help="What the document was called when the hold was made."
    )
    expires_at = fields.Datetime(
        readonly=True, help="The hold lapses then; empty: when its document says so."
    )
    state = fields.Selection(
        [
            ("held", "Pending"),
            ("taken", "Booked"),
            ("released", "Released"),
            ("lapsed", "Lapsed"),
        ],
        string="Status",
        default="held",
        required=True,
        readonly=True,
    )
    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        readonly=True,
        index="btree_not_null",
        help="The entry that booked it.",
    )

    # What is held of a wallet is read from the index alone.
    _held_idx = models.Index(
        "(wallet_id) INCLUDE (amount, bonus_amount) WHERE state = 'held'"
    )
    # What is just being booked is all but nothing of a long history.
    _taken_idx = models.Index("(wallet_id) WHERE state = 'taken' AND move_id IS NULL")
    _document_idx = models.Index("(document_id, document_model) WHERE state = 'held'")
    _expires_idx = models.Index(
        "(expires_at) WHERE state = 'held' AND expires_at IS NOT NULL"
    )
    _amount_positive = models.Constraint(
        "CHECK(amount > 0 AND COALESCE(bonus_amount, 0) >= 0"
        " AND COALESCE(bonus_amount, 0) <= amount)",
        "A hold is more than zero, and no more of it is bonus than the whole.",
    )

    @refuses_deletion
    def _unlink_except_held(self):
        if any(hold.state == "held" for hold in self):
            raise UserError(self.env._("Release the hold before you delete it."))

    def _get_wallet_protected_message(self):
        return self.env._("Holds are made by the documents that they pay.")

    # How it ends

    def _take(self):
        """Give the money free for the entry that books it now.

        :return: these holds, which `_settle` tells their entry
        :raises UserError: one has ended already
        """
        return self._end("taken")

    def _prepare_takings_vals(self, labels):
        """Values of the journal items that take what these holds promised, by kind:
        each wallet is looked at once.

        :param dict labels: str of the journal items by hold
        :return: dict by hold of lists of dict of account.move.line values
        """
        purses = Purses()
        takings = {}
        for hold in self.sudo():
            wallet = hold.wallet_id
            takings[hold] = []
            paid = wallet.currency_id.round(hold.amount - hold.bonus_amount)
            for kind, amount in ((BONUS, hold.bonus_amount), (PAID, paid)):
                if wallet.currency_id.is_zero(amount):
                    continue
                parts = purses[wallet, (kind,)].take(amount)
                takings[hold] += wallet._prepare_parts_vals(parts, labels[hold])
        return takings

    def _split(self, amount):
        """Divide this hold, where only a part of it ends now: the bonus comes first.

        :param float amount: of the part, in the wallet's currency
        :return: customer.wallet.hold in sudo of that amount, this one when it is all
        """
        self.ensure_one()
        amount = self.currency_id.round(amount)
        if self.currency_id.compare_amounts(amount, self.amount) >= 0:
            return self.sudo()
        bonus = min(self.bonus_amount, amount)
        self._from_server().write(
            {
                "amount": self.currency_id.round(self.amount - amount),
                "bonus_amount": self.currency_id.round(self.bonus_amount - bonus),
            }
        )
        part = self._from_server().copy({"amount": amount, "bonus_amount": bonus})
        return part.with_env(self.sudo().env)

    def _get_document(self):
        """
        :return: record, or None where there is none yet, or not any more
        """
        if self.document_model not in self.env:
            return None
        return self.env[self.document_model].browse(self.document_id).exists()

    def _settle(self, move):
        """
        :param move: account.move that booked what these holds promised
        """
        self._from_server().move_id = move

    def _release(self):
        """Give the money back: it is available again. Doing it again changes nothing.

        :return: these holds
        """
        return self.filtered(lambda hold: hold.state == "held")._end("released")

    def _end(self, state):
        self.sudo().wallet_id._lock()
        self._check_held()
        self._from_server().write({"state": state})
        return self

    def _check_held(self, at=datetime.min):
        """
        :param datetime at: when they must not have lapsed
        :raises UserError: one of them has ended
        """
        ended = self.sudo().filtered(
            lambda hold: (
                hold.state != "held" or (hold.expires_at and hold.expires_at <= at)
            )
        )
        if ended:
            raise UserError(
                self.env._(
                    "The hold of %(amount)s for %(document)s has ended already.",
                    amount=ended[0].currency_id.format(ended[0].amount),
                    document=ended[0].document_name,
                )
            )

    @api.model
    def _cron_lapse(self):
        """Give back what nobody took in time. It may be run again at any time."""
        late = self.sudo().search(
            [("state", "=", "held"), ("expires_at", "<", fields.Datetime.now())]
        )
        documents = late.grouped(
            lambda hold: hold.document_model and (hold.document_model, hold.document_id)
        )
        named = documents.pop(False, late.browse())
        for_each([*named, *documents.values()], lambda holds: holds._lapse())

    def _lapse(self):
        """All of these are held for one document, which hears of it."""
        self._end("lapsed")
        document = self[0]._get_document()
        if document and hasattr(document, "_wallet_holds_lapsed"):
            document._wallet_holds_lapsed()


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    def _get_taken(self):
        """What holds have given free for an entry that is just being booked: it may go
        out of a wallet that was frozen since.
        """
        self.ensure_one()
        holds = self.env["customer.wallet.hold"].sudo()
        taken = holds.search(
            [
                ("wallet_id", "=", self.id),
                ("state", "=", "taken"),
                ("move_id", "=", False),
            ]
        )
        return sum(taken.mapped("amount"))

    def _hold(self, amount, document=None, kinds=ALL_KINDS, expires_at=False, **vals):
        """Promise money of this wallet to a document: bonus first, as it is spent.

        :param float amount: in the wallet's currency
        :param document: record that the money is for, if there is one already
        :param tuple kinds: of money that may be held
        :param expires_at: datetime on which the hold lapses, or False
        :param vals: other values of the hold
        :return: customer.wallet.hold in sudo
        :raises UserError: there is not so much available
        """
        self.ensure_one()
        amount = self.currency_id.round(amount)
        bonus = self.currency_id.round(max(self.bonus_balance - self.held_bonus, 0.0))
        only_paid = BONUS not in kinds
        self._check_available(amount, as_money=only_paid)
        self._check_exchange_accounts()
        hold = (
            self.env["customer.wallet.hold"]
            ._from_server()
            .create(
                {
                    "wallet_id": self.id,
                    "amount": amount,
                    "bonus_amount": 0.0 if only_paid else min(bonus, amount),
                    "expires_at": expires_at,
                    **self._prepare_hold_document_vals(document),
                    **vals,
                }
            )
        )
        # The constraints speak here, not later about something else.
        self.flush_recordset(["held", "held_bonus"])
        self._notify_moved(self.env["account.move"])
        return hold.with_env(self.sudo().env)

    def _prepare_hold_document_vals(self, document):
        if not document:
            return {}
        return {
            "document_model": document._name,
            "document_id": document.id,
            "document_name": self._get_document_name(document),
        }
