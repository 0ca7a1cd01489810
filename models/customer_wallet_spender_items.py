"""What was booked for a document that a wallet pays."""

from odoo import api, models


class CustomerWalletSpenderMixin(models.AbstractModel):
    _inherit = "customer.wallet.spender.mixin"

    def _prepare_wallet_reference_vals(self):
        """Values by which a journal item names this document."""
        self.ensure_one()
        return {"wallet_document_model": self._name, "wallet_document_id": self.id}

    def _get_wallet_items(self):
        """All posted items about these documents, reversals included.

        :return: account.move.line in sudo
        """
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("wallet_document_id", "in", self.ids),
                    ("wallet_document_model", "=", self._name),
                    ("parent_state", "=", "posted"),
                ],
                order="id",
            )
        )

    def _get_wallet_parts(self):
        """What moved wallet money for this document, and was not undone.

        :return: dict by account.move of account.move.line, in sudo
        """
        items = self._get_wallet_items()
        undone = items.move_id.reversed_entry_id
        return {
            entry: lines
            for entry, lines in items.grouped("move_id").items()
            if not entry.reversed_entry_id and entry not in undone
        }

    def _get_wallet_family_items(self):
        """All posted items about this document and what is settled with it.

        :return: account.move.line in sudo
        """
        items = self.env["account.move.line"].sudo()
        return items.union(
            *(documents._get_wallet_items() for documents in self._get_wallet_family())
        )

    def _get_wallet_bonus_left(self, currency):
        """The bonus that paid this document, or what is settled with it, and has not
        come back.

        :param currency: res.currency of the amounts
        :return: dict by grant (account.move.line in sudo, none for what names no bonus)
            of floats
        """
        return self._sum_wallet_bonuses(self._get_wallet_family_items(), currency)

    @api.model
    def _sum_wallet_bonuses(self, items, currency):
        """The same of some journal items, which are in sudo."""
        left = {}
        for item in items.filtered(lambda line: line.wallet_lot_type == "bonus"):
            amount = item.currency_id._convert(
                item.amount_currency, currency, item.company_id, item.date
            )
            grant = item.wallet_grant_id or item.browse()
            left[grant] = left.get(grant, 0.0) + amount
        return {
            grant: currency.round(amount)
            for grant, amount in left.items()
            if currency.compare_amounts(amount, 0.0) > 0
        }
