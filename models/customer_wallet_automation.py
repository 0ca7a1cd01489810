"""What wallets pay by themselves, where that is wanted."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import clean_context, split_every

from .account_move import PAYABLE_TYPES
from .customer_wallet import FROM_SERVER
from .customer_wallet_spender_mixin import DOCUMENTS_IN_ENTRY
from .wallet_batches import for_each
from .wallet_refusals import attempt


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _allocate_confirmed(self, invoices):
        """The open ones among these are paid from the wallets of their customers, where
        that is wanted. What goes wrong is told in the chatter.

        :param invoices: account.move, posted
        """
        wanted = invoices.sudo().filtered(
            lambda move: (
                move.move_type in PAYABLE_TYPES
                and self._is_payment_wanted(move, "wallet_auto_allocate")
            )
        )
        for company, moves in wanted.grouped(lambda it: it.company_id.root_id).items():
            wallets = self.sudo()._find_of_all(moves.commercial_partner_id, company)
            for owner, payable in moves.grouped("commercial_partner_id").items():
                wallets.get(owner, self.browse())._allocate_automatically(
                    payable.sorted(lambda move: (move.invoice_date_due, move.id))
                )

    @api.model
    def _allocate_received(self, moves):
        """Money that came into wallets by these entries pays their customers' open
        invoices, oldest due first, where that is wanted. What an undone payment gave
        back is no new money; an entry whose own receivable is still open has yet to pay
        a document.

        :param moves: account.move, posted
        """
        for move in moves.sudo().filtered(lambda move: not move.reversed_entry_id):
            gifts = move.line_ids.filtered(
                lambda line: line.wallet_id and line.amount_currency < 0.0
            )
            receivables = move.line_ids._filter_wallet_receivables()
            if any(line.amount_residual < 0.0 for line in receivables):
                continue
            company = move.company_id
            for wallet in gifts.wallet_id:
                owner = wallet.partner_id.with_company(company)
                if owner._is_wallet_auto_allocated(
                    company, "wallet_auto_allocate_incoming"
                ):
                    invoices = owner._get_wallet_payable_invoices()
                    wallet._allocate_in_turn(invoices, move)

    def _allocate_in_turn(self, invoices, entry):
        """Look at no more of these invoices than the money is enough for, see
        `_allocate_automatically`.
        """
        for part in split_every(DOCUMENTS_IN_ENTRY, invoices.ids, invoices.browse):
            self._allocate_automatically(part, entry)
            [left] = self._get_left(with_limit=False).values()
            if self.currency_id.is_zero(left):
                return

    def _allocate_automatically(self, invoices, entry=None):
        """Pay these invoices with the money that is in these wallets, and tell it in
        the chatter. A limit below zero is not used, nor does a refusal hinder what is
        going on.

        :param invoices: account.move, open and of one customer, in the order in which
            they are paid
        :param entry: account.move that brought the money, if any
        """
        if not invoices or all(wallet.balance <= 0.0 for wallet in self):
            return
        # The setting asks for it, whatever the rights of the one who confirms.
        invoices = invoices.sudo().with_context(clean_context(self.env.context))
        left = self._get_left(with_limit=False)
        # What is on its way otherwise is not paid twice.
        free = self._filter_free(invoices)
        if not free:
            return
        with attempt(self.env) as tried:
            paid = free._allocate_wallet(left=left)
        if tried.reason:
            self._handle_refused_allocation(free, entry, tried.reason)
        else:
            self._log_automatic_allocation(paid, entry)

    @api.model
    def _is_payment_wanted(self, move, *settings):
        """Whether something is due that wallets may pay by themselves.

        :param move: account.move
        :param settings: names of fields of res.company, one of which says so
        """
        owner, company = move.commercial_partner_id, move.company_id
        return (
            any(owner._is_wallet_auto_allocated(company, name) for name in settings)
            and move._is_wallet_payable()
        )

    @api.model
    def _undo(self, lines, **move_vals):
        """What people take back is not paid again by itself."""
        reversal = super()._undo(lines, **move_vals)
        lines._get_wallet_moves().sudo().wallet_waiting_ids = False
        return reversal

    def _handle_refused_allocation(self, invoices, entry, reason):
        """One invoice that cannot be paid does not hinder the others."""
        if len(invoices) > 1 and any(self._get_left(with_limit=False).values()):
            for invoice in invoices:
                self._allocate_automatically(invoice, entry)
            return
        self._log_refusal(entry or invoices, reason)

    @api.model
    def _log_refusal(self, moves, reason):
        body = self.env._(
            "Not paid automatically from the wallet: %(reason)s", reason=reason
        )
        for move in moves:
            move._get_wallet_shown_document()._message_log(body=body)

    # What is on its way otherwise

    def _filter_free(self, invoices):
        """Those of these invoices of which automation may pay something. It looks again
        at those of which something is on its way.

        :param invoices: account.move that these wallets would pay
        :return: account.move that automation may pay as far as they are free
        """
        spared = invoices.with_context(wallet_spares_on_its_way=FROM_SERVER)
        waiting = spared.filtered(lambda move: move._get_wallet_on_its_way())
        free = spared.filtered(
            lambda move: not move.currency_id.is_zero(move._get_wallet_amounts_due()[0])
        )
        told = waiting.filtered(lambda move: self <= move.wallet_waiting_ids)
        for move in waiting - told:
            move.wallet_waiting_ids |= self
        self._log_refusal(
            waiting - told - free,
            self.env._("an online payment of it is being processed."),
        )
        return free

    @api.model
    def _resume_automation(self, invoices):
        """What has been on its way to these has ended: the wallets that have waited for
        it pay what is still due, where that is still wanted.

        :param invoices: account.move
        """
        ended = invoices.sudo().filtered(
            lambda move: (
                move.wallet_waiting_ids
                and not (move._is_wallet_payable() and move._get_wallet_on_its_way())
            )
        )
        groups = ended.grouped(
            lambda move: (move.wallet_waiting_ids, move.commercial_partner_id)
        )
        ended.wallet_waiting_ids = False
        settings = ("wallet_auto_allocate", "wallet_auto_allocate_incoming")
        for (wallets, owner), moves in groups.items():
            # The customer of the invoice may be another one since.
            own = wallets.filtered(lambda it, owner=owner: it.partner_id == owner)
            payable = moves.filtered(lambda it: self._is_payment_wanted(it, *settings))
            own._allocate_automatically(
                payable.sorted(lambda move: (move.invoice_date_due, move.id))
            )

    @api.model
    def _cron_resume_automation(self):
        """Payments that nobody goes on with have no end that anybody tells. It may be
        run again at any time.
        """
        waiting = self.env["account.move"].sudo()
        waiting = waiting.search(Domain("wallet_waiting_ids", "!=", False))
        for_each(
            list(waiting.grouped("commercial_partner_id").values()),
            self._resume_automation,
        )
