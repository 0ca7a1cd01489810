import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

from .customer_wallet import FROM_SERVER

NAMES_SHOWN = 5
# What an entry does to a wallet follows from how it was made.
PROTECTED_FIELDS = {"wallet_operation", "wallet_promotion_id", "wallet_bonus_origin_id"}


class AccountMove(models.Model):
    _inherit = "account.move"

    wallet_operation = fields.Selection(
        [
            ("top_up", "Top-up"),
            ("pay_out", "Pay-out"),
            ("allocation", "Allocation"),
            ("refund", "Refund"),
            ("pos_payment", "Point of Sale"),
            ("bonus", "Bonus"),
            ("expiry", "Expiry"),
            ("transfer", "Transfer"),
            ("adjustment", "Adjustment"),
        ],
        compute="_compute_wallet_operation",
        store=True,
        index="btree_not_null",
        copy=False,
    )
    wallet_promotion_id = fields.Many2one(
        "customer.wallet.promotion",
        readonly=True,
        copy=False,
        index="btree_not_null",
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
    wallet_balance = fields.Monetary(
        compute="_compute_wallet_balance",
        groups="customer_wallet.group_wallet_user",
        help="What this invoice could use from the customer's wallets, "
        "in the currency of the invoice.",
    )

    @api.depends("origin_payment_id.is_wallet", "origin_payment_id.payment_type")
    def _compute_wallet_operation(self):
        for move in self:
            payment = move.origin_payment_id
            if payment.is_wallet:
                inbound = payment.payment_type == "inbound"
                move.wallet_operation = "top_up" if inbound else "pay_out"
            elif payment and not payment._keeps_difference_in_wallet():
                move.wallet_operation = False
            else:
                move.wallet_operation = move.wallet_operation

    @api.depends("partner_id", "currency_id", "company_id", "state", "move_type")
    def _compute_wallet_balance(self):
        for move in self:
            move.wallet_balance = move._get_wallet_available()

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        for name in PROTECTED_FIELDS:
            values.pop(name, None)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_wallet_operation_untouched(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        """An entry that is no longer posted gives its lots back."""
        self._check_wallet_operation_untouched(vals)
        wallets = self.env["customer.wallet"]
        if vals.get("state", "posted") != "posted":
            posted = self.filtered(lambda move: move.state == "posted")
            wallets = posted.line_ids.wallet_id
            posted._check_wallet_entry_kept()
            posted._take_back_wallet_bonus()
            posted._release_wallet_matching()
        result = super().write(vals)
        wallets.sudo()._match_open_lines()
        wallets.sudo()._lower_debt_limit()
        wallets._notify_tills()
        wallets._mail_customers(self.browse())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted_wallet_entry(self):
        self.filtered(lambda move: move.state == "posted")._check_wallet_entry_kept()

    def _post(self, soft=True):
        self._set_wallet_owner()
        self._undo_wallet_payments_of_others()
        self._release_reversed_wallet_entries(soft)
        self._unlink_draft_wallet_matching()
        posted = super()._post(soft=soft)
        posted._log_wallet_undo()
        wallets = posted.line_ids.wallet_id
        if self.env.context.get("wallet_lots_chosen") is not FROM_SERVER:
            wallets.sudo()._match_open_lines()
        posted._check_wallet_cash_paid_in()
        for top_up in posted.filtered(lambda move: move._is_wallet_top_up_payment()):
            top_up._grant_wallet_bonus(top_up.origin_payment_id.partner_id, top_up.date)
        wallets.sudo()._lower_debt_limit()
        wallets._notify_tills()
        posted._allocate_wallet_on_confirmation()
        posted._allocate_wallet_on_receipt()
        wallets._mail_customers(posted)
        return posted

    # Checks

    def _check_wallet_access(self):
        """These actions move a customer's money, and any client may call them.

        :raises AccessError: without the group, or for a document that the user may
            not pay
        """
        self.check_access("read")
        self.env["customer.wallet"]._check_user()
        if not self._is_wallet_usable():
            self.check_access("write")

    def _is_wallet_usable(self):
        """Whether the user may pay these documents from wallets: all that the user may
        change. Cashiers pay those of tills, the only ones that Odoo shows them.
        """
        documents = self
        if self.env.user.has_group("point_of_sale.group_pos_user"):
            documents = self.filtered(lambda move: not move.sudo().pos_order_ids)
        return not documents or documents.has_access("write")

    def _check_wallet_accounting(self):
        company = self.company_id.sudo()
        if not company.wallet_account_id or not company.wallet_journal_id:
            raise UserError(
                self.env._(
                    "Choose the wallet account and journal of %(company)s in "
                    "Settings > Invoicing > Customer Wallet.",
                    company=company.display_name,
                )
            )

    def _read_wallet_amount(self, amount):
        """Round an amount that came from a client, which may send anything."""
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        try:
            if not is_number or not math.isfinite(amount):
                raise ValueError(amount)
            amount = self.currency_id.round(amount)
        except (ValueError, OverflowError) as error:
            raise UserError(self.env._("Enter an amount in figures.")) from error
        if self.currency_id.compare_amounts(amount, 0.0) <= 0:
            raise UserError(self.env._("Enter an amount greater than zero."))
        return amount

    def _check_wallet_operation_untouched(self, fnames):
        if PROTECTED_FIELDS & set(fnames) and not self.env.su:
            raise AccessError(
                self.env._("The kind of a wallet entry cannot be chosen or edited.")
            )

    def _check_wallet_entry_kept(self):
        """Posted history is reversed, never edited or deleted. Payments are their
        own documents, with rules of their own.

        :raises UserError: naming the entry and what to do instead
        """
        kept = self.filtered(
            lambda move: move.wallet_operation and not move.origin_payment_id
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(entry)s has moved the money of a wallet: it stays in the books. "
                    "To take it back, undo it on %(document)s.",
                    entry=kept[0].name,
                    document=kept[0].ref or kept[0].name,
                )
            )

    # What the other files of this model share

    def _unlink_wallet_partial(self, partial_id, known, refusal):
        """Undo the matching that a client names; one that is undone already is fine.

        :param int partial_id: account.partial.reconcile
        :param known: account.partial.reconcile that may be undone here
        :param str refusal: what to tell when it is another one
        :raises UserError: it is another one, or none
        """
        if not isinstance(partial_id, int) or isinstance(partial_id, bool):
            raise UserError(self.env._("This is not a wallet payment."))
        partial = known.browse(partial_id).exists()
        if partial - known:
            raise UserError(refusal)
        partial.unlink()
        self._invalidate_wallet_fields()

    def _find_wallets(self):
        """The customer's wallets, the one of the invoice's currency first."""
        self.ensure_one()
        if not self.commercial_partner_id or not self.company_id:
            return self.env["customer.wallet"].sudo()
        return (
            self.env["customer.wallet"]
            .sudo()
            ._find(self.commercial_partner_id, self.company_id, self.currency_id)
        )

    def _get_wallet_names(self):
        """The names of these documents, of many only the first ones."""
        names = format_list(self.env, self[:NAMES_SHOWN].mapped("display_name"), "unit")
        if len(self) <= NAMES_SHOWN:
            return names
        return self.env._(
            "%(documents)s and %(count)s more",
            documents=names,
            count=len(self) - NAMES_SHOWN,
        )

    def _log_wallet_note(self, body):
        (self.origin_payment_id or self)._message_log(body=body)

    def _get_wallet_paid_documents(self):
        """The invoices and receipts that these entries pay."""
        return self.line_ids._get_wallet_paid_documents()

    def _release_wallet_matching(self):
        """Take these entries out of the matching on the wallet account: a lot that is
        not posted cannot have paid anything.
        """
        partials = self._get_wallet_account_partials()
        partials.with_context(
            wallet_keep_allocations=FROM_SERVER, wallet_lots_chosen=FROM_SERVER
        ).unlink()

    def _unlink_draft_wallet_matching(self):
        """What was matched while it was a draft is matched anew once it is posted;
        exchange differences are Odoo's own and stay.
        """
        partials = self._get_wallet_account_partials()
        partials.filtered(lambda p: not p._is_exchange_match()).unlink()

    def _get_all_partials(self):
        return self.line_ids._get_all_partials()

    def _get_wallet_account_partials(self):
        lines = self.line_ids.filtered(
            lambda line: line.matching_number and line._is_on_wallet_account()
        )
        return lines.matched_debit_ids | lines.matched_credit_ids

    def _find_wallet_till_payment(self):
        """One of the payments of a till that these entries belong to."""
        return (
            self.env["pos.payment"]
            .sudo()
            .search([("wallet_move_id", "in", self.ids)], limit=1)
        )

    def _set_wallet_owner(self):
        """Wallet money belongs to the commercial partner, and the books say so, also
        when a contact leaves its company later.
        """
        for line in self.line_ids:
            owner = line.partner_id.commercial_partner_id
            if line.partner_id != owner and line._is_on_wallet_account():
                line.partner_id = owner
