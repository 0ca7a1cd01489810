from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .customer_wallet import FROM_SERVER

# What a wallet pays.
PAYABLE_TYPES = ("out_invoice", "out_receipt")
# Where an entry comes from.
ORIGIN_FIELDS = frozenset(("origin_payment_id", "reversed_entry_id"))


class AccountMove(models.Model):
    """Entries that move the money of wallets, whichever way they came about."""

    _name = "account.move"
    # The guard speaks before Odoo does anything.
    _inherit = [
        "customer.wallet.protected.mixin",
        "account.move",
        "customer.wallet.spender.mixin",
    ]

    _wallet_protected_fields = frozenset(
        ("wallet_operation", "wallet_promotion_id", "wallet_bonus_origin_id")
    )

    wallet_operation = fields.Selection(
        selection=lambda self: self.env["customer.wallet"]._get_operation_selection(),
        compute="_compute_wallet_operation",
        store=True,
        copy=False,
    )
    wallet_promotion_id = fields.Many2one(
        "customer.wallet.promotion",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The promotion that gave this bonus.",
    )
    wallet_bonus_origin_id = fields.Many2one(
        "account.move",
        string="Wallet Top-up",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The entry of the top-up that earned this bonus.",
    )
    wallet_bonus_move_ids = fields.One2many(
        "account.move", "wallet_bonus_origin_id", string="Bonus Entries", readonly=True
    )
    wallet_ids = fields.Many2many(
        "customer.wallet",
        string="Wallets",
        compute="_compute_wallet_ids",
        groups="customer_wallet.group_wallet_user",
    )
    wallet_balance = fields.Monetary(
        compute="_compute_wallet_balance",
        groups="customer_wallet.group_wallet_user",
        help="What this invoice could use from the customer's wallets, "
        "in the currency of the invoice.",
    )

    # Whether a customer has a bonus already.
    _wallet_promotion_idx = models.Index(
        "(wallet_promotion_id, commercial_partner_id)"
        " WHERE wallet_promotion_id IS NOT NULL"
    )
    # What customers have to pay, see `_get_wallet_payable_domain`.
    _wallet_payable_idx = models.Index(
        "(commercial_partner_id) WHERE state = 'posted'"
        " AND payment_state IN ('not_paid', 'partial')"
        " AND move_type IN ('out_invoice', 'out_receipt')"
    )

    @api.depends("origin_payment_id.is_wallet", "origin_payment_id.payment_type")
    def _compute_wallet_operation(self):
        for move in self:
            payment = move.origin_payment_id
            if payment.is_wallet:
                inbound = payment.payment_type == "inbound"
                move.wallet_operation = "top_up" if inbound else "pay_out"
            elif payment and not payment._has_wallet_overpayment():
                move.wallet_operation = False
            else:
                move.wallet_operation = move.wallet_operation

    def _compute_wallet_ids(self):
        for move in self:
            move.wallet_ids = move.line_ids.wallet_id

    @api.depends("partner_id", "currency_id", "company_id", "state", "move_type")
    def _compute_wallet_balance(self):
        for move in self:
            is_payable = move.move_type in PAYABLE_TYPES
            move.wallet_balance = is_payable and move._get_wallet_available()

    def write(self, vals):
        """What is no longer posted has moved no money; what is posted is judged,
        whoever posts it.
        """
        if not ORIGIN_FIELDS.isdisjoint(vals):
            self._check_wallet_origin_kept()
        unposted = self.browse()
        if vals.get("state", "posted") != "posted":
            unposted = self.filtered(lambda move: move.state == "posted")
        wallets = unposted.line_ids.wallet_id
        if wallets:
            # A bonus may have come back in another currency.
            wallets._lock_of(wallets.sudo().partner_id, wallets.sudo().company_id)
        unposted._check_wallet_entry_kept()
        self.env["customer.wallet"]._take_back_bonuses(unposted)
        Wallet = self.env["customer.wallet"].sudo()
        changes = Wallet._get_foreign_changes(unposted.line_ids, sign=-1.0)
        posted = self.browse()
        if vals.get("state") == "posted":
            posted = self.filtered(lambda move: move.state != "posted")
            items = posted.line_ids.filtered(lambda line: line._get_wallet_lot_type())
            if items:
                items._prepare_wallet_post()
        result = super().write(vals)
        if vals.get("name", "/") != "/":
            self._rename_wallet_bonuses()
        if posted:
            # Odoo has numbered them meanwhile.
            posted.filtered("origin_payment_id.is_wallet")._rename_wallet_bonuses()
            self.env["customer.wallet"].sudo()._check_law(posted)
        if "date" in vals:
            moving = self.filtered(lambda move: move.sudo().line_ids.wallet_id)
            self.env["customer.wallet"]._check_dates(moving)
        if wallets:
            wallets._notify_moved(self.browse())
            wallets._end_automatic_top_ups(unposted)
            Wallet._book_exchange_differences(changes)
        return result

    def unlink(self):
        self._check_wallet_invoice_kept()
        return super().unlink()

    def _post(self, soft=True):
        Wallet = self.env["customer.wallet"].sudo()
        # A draft that was settled before keeps what settles it.
        self.line_ids._undo_wallet_payments_of_others()
        posted = super()._post(soft=soft)
        wallets = posted.line_ids.wallet_id
        if wallets:
            posted.origin_payment_id._grant_wallet_bonus()
            wallets._notify_moved(posted)
            Wallet._book_exchange_differences(
                Wallet._get_foreign_changes(posted.line_ids)
            )
        self.env["payment.transaction"]._match_wallet_payments(posted)
        if not self.env.context.get("linked_to_pos"):
            # A till first books what was paid there; the counterpart of a credit note
            # is no invoice.
            invoices = posted.filtered(lambda move: not move.reversed_entry_id)
            Wallet._allocate_confirmed(invoices)
        if wallets:
            Wallet._allocate_received(posted)
        return posted

    # Actions

    def action_view_wallets(self):
        """Open the wallet whose money this entry moves, or the list of several.

        :return: a window action on customer.wallet
        :raises AccessError: the user may not read the entry or its wallets
        """
        self.ensure_one()
        self.check_access("read")
        return self.wallet_ids._get_wallets_action()

    # Checks

    def _check_wallet_origin_kept(self):
        """Which payment an entry is of, and what it takes back, is as much a part of
        history as its kind.

        :raises AccessError: one of these moves the money of a wallet
        """
        if self.env.context.get("wallet_booking") is FROM_SERVER:
            return
        for move in self.sudo():
            if move.wallet_operation or move.line_ids.wallet_id:
                raise AccessError(self._get_wallet_protected_message())

    def _get_wallet_protected_message(self):
        return self.env._("The kind of a wallet entry cannot be chosen or edited.")

    def _check_wallet_invoice_kept(self):
        """Without its invoice, an order would be returned or invoiced anew as if what
        became of that invoice had never been.

        :raises UserError: a wallet has moved money for one of these of a till
        """
        for order in self.sudo().pos_order_ids:
            if order._is_wallet_used():
                raise UserError(
                    self.env._(
                        "The wallet of %(customer)s has been used for %(order)s: its "
                        "invoice %(invoice)s is not deleted. Cancel it instead.",
                        customer=order.partner_id.display_name,
                        order=order.display_name,
                        invoice=order.account_move.display_name,
                    )
                )

    def _check_wallet_entry_kept(self):
        """Posted history is reversed, never edited or deleted, and what was reversed
        stays. Payments are their own documents.

        :raises UserError: naming the entry and what to do instead
        """
        for move in self.filtered(lambda move: move.sudo().line_ids.wallet_id):
            if move._is_wallet_entry():
                raise UserError(self.env["customer.wallet"]._get_kept_message(move))
            reversals = move._get_wallet_reversals().filtered("line_ids.wallet_id")
            if reversals:
                raise UserError(
                    self.env._(
                        "%(entry)s was reversed by %(reversal)s: it cannot be "
                        "cancelled, reset or deleted as well. Enter a new one instead.",
                        entry=move.name,
                        reversal=reversals[0].name,
                    )
                )

    # Bonuses

    def _rename_wallet_bonuses(self):
        """A bonus says for which top-up it was given: that has got another number."""
        for top_up in self.sudo():
            for entry in top_up.wallet_bonus_move_ids.filtered("wallet_promotion_id"):
                ref = entry.wallet_promotion_id._get_bonus_ref(top_up)
                if entry.ref != ref:
                    entry.ref = ref

    # Reversals

    def _get_wallet_reversals(self):
        """The posted entries that take back what these did, or a part of it. They are
        of the same kind, which no client chooses: anybody may say of an entry by hand
        that it reverses another.
        """
        return self.sudo().reversal_move_ids.filtered(
            lambda move: (
                move.state == "posted"
                and move.wallet_operation == move.reversed_entry_id.wallet_operation
            )
        )

    def _filter_wallet_money_moves(self):
        """Those of these entries that do something else than to take back, customer by
        customer, what had not been received: that was nobody's credit.
        """
        taking_back = self.browse()
        for entry in self.reversed_entry_id:
            credits_open = entry.line_ids._get_wallet_open_credits()
            if not credits_open or any(it._is_wallet_received() for it in credits_open):
                continue
            reversals = entry.reversal_move_ids.filtered(
                lambda it: it.state == "posted"
            )
            items = (entry | reversals).line_ids
            groups = items.grouped(
                lambda it: (it.account_id, it.partner_id, it.currency_id)
            )
            if all(
                lines.company_currency_id.is_zero(sum(lines.mapped("balance")))
                and lines.currency_id.is_zero(sum(lines.mapped("amount_currency")))
                for lines in groups.values()
            ):
                taking_back |= reversals
        return self - taking_back

    def _is_wallet_entry(self):
        """Whether the ledger made this entry: payments have documents of their own."""
        self.ensure_one()
        return bool(self.wallet_operation and not self.origin_payment_id)

    def _is_wallet_by_hand(self):
        """Whether its items are what people made of them, also those of a payment, and
        of its reversal, which is a draft at first.
        """
        self.ensure_one()
        if not self.wallet_operation:
            return True
        has_documents = any(self.line_ids.mapped("wallet_document_id"))
        is_of_payment = (
            self.origin_payment_id or self.reversed_entry_id.origin_payment_id
        )
        return bool(is_of_payment) and not has_documents

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A wallet entry is undone through the one door; the reversal of a payment's
        entry tells the same story backwards.
        """
        values = default_values_list or [{} for _move in self]
        values = dict(zip(self, values, strict=True))
        reversals = {}
        entries = self.filtered(lambda move: move._is_wallet_entry())
        for entry in entries:
            vals = {
                name: values[entry][name]
                for name in ("date", "ref")
                if values[entry].get(name)
            }
            reversals[entry] = self.env["customer.wallet"]._undo(entry.line_ids, **vals)
        payments = (self - entries).filtered("wallet_operation")
        for move in payments:
            values[move]["wallet_operation"] = move.wallet_operation
        for moves in (
            payments.with_context(wallet_booking=FROM_SERVER),
            self - entries - payments,
        ):
            reversed_moves = super(AccountMove, moves)._reverse_moves(
                [values[move] for move in moves], cancel=cancel
            )
            reversals.update(zip(moves, reversed_moves, strict=True))
        return self.browse().concat(*(reversals[move] for move in self))

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """What the door books it reconciles itself, item by item: one part of an entry
        never stands for another.
        """
        others = reverse_moves.filtered(
            lambda move: not move.reversed_entry_id._is_wallet_entry()
        )
        super(AccountMove, others.reversed_entry_id)._reconcile_reversed_moves(
            others, move_reverse_cancel
        )
        return reverse_moves
