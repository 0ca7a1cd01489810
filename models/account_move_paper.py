"""What printed documents say of wallets."""

from odoo import SUPERUSER_ID, models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_wallet_paper(self):
        """What this document says, when it is printed, of the wallets that paid it or
        took it. An invoice may be kept as it was sent: what is left is that after the
        payment, with its day, and not what is there whenever somebody looks.

        :return: dict of `entry_ids` (list of int, of account.move) and `wallets` (list
            of dicts of `currency`, `bonus` (what of the payment was bonus), `date`,
            `balance` (after it), `today`, `expiring` (see `_get_expiring`); empty for
            who may not see wallets). False when no wallet is behind it.
        """
        self.ensure_one()
        partials = self._get_wallet_partials()
        if not partials:
            return False
        entries = (partials.debit_move_id | partials.credit_move_id).move_id - self
        return {
            "entry_ids": entries.ids,
            "wallets": self._get_wallet_paper_rows(entries),
        }

    def _get_wallet_paper_rows(self, entries):
        """Who prints from a link that was shared sees nothing of a wallet."""
        move, user = self.sudo(), self.env.user
        if not (
            self.env.uid == SUPERUSER_ID
            or user.has_group("customer_wallet.group_wallet_user")
            or user.commercial_partner_id == move.commercial_partner_id
        ):
            return []
        documents = [False, move, *move.pos_order_ids, *move.transaction_ids]
        keys = [(doc and doc._name, doc and doc.id) for doc in documents]
        movements = self.env["customer.wallet.movement"]._find_of(entries)
        movements = movements.filtered(
            lambda movement: (
                movement.partner_id == move.commercial_partner_id
                and (movement.document_model, movement.document_id or False) in keys
            )
        )
        return [
            wallet._get_paper_row(some)
            for wallet, some in movements.grouped("wallet_id").items()
        ]
