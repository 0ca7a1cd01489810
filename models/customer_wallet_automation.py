"""What wallets pay by themselves, where that is wanted."""

from psycopg2 import IntegrityError

from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import clean_context

# What an automatic allocation may fail with. Another transaction that uses the same
# money is none of it: then Odoo tries the whole request again.
REFUSALS = (UserError, RedirectWarning, IntegrityError)


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

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
                    wallet._allocate_automatically(invoices, move)

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
        free = invoices._filter_wallet_free(self)
        if not free:
            return
        try:
            with self.env.cr.savepoint():
                paid = free._allocate_wallet(left=left)
        except REFUSALS as error:
            self._handle_refused_allocation(free, entry, error)
        else:
            self._log_automatic_allocation(paid, entry)

    @api.model
    def _undo(self, lines, **move_vals):
        """What people take back is not paid again by itself."""
        reversal = super()._undo(lines, **move_vals)
        lines._get_wallet_moves().sudo().wallet_waiting_ids = False
        return reversal

    def _handle_refused_allocation(self, invoices, entry, error):
        """One invoice that cannot be paid does not hinder the others."""
        if len(invoices) > 1 and any(self._get_left(with_limit=False).values()):
            for invoice in invoices:
                self._allocate_automatically(invoice, entry)
            return
        reason = str(error)
        if isinstance(error, IntegrityError):
            reason = self.env._("the database refused it.")
        self._log_refusal(entry or invoices, reason)

    @api.model
    def _log_refusal(self, moves, reason):
        moves._log_wallet_note(
            self.env._(
                "Not paid automatically from the wallet: %(reason)s", reason=reason
            )
        )
