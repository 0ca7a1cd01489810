"""What the chatter of an invoice tells of the wallet that paid it."""

from odoo import api, models


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _undo(self, lines, **move_vals):
        reversal = super()._undo(lines, **move_vals)
        self._log_on_documents(reversal, self._describe_undo)
        return reversal

    @api.model
    def _log_allocation(self, entries):
        """Say what somebody has paid by these entries."""
        self._log_on_documents(entries, self._describe_allocation)

    @api.model
    def _log_automatic_allocation(self, entries, source=None):
        """Say what was paid by itself.

        :param entries: account.move that paid it
        :param source: account.move that brought the money, if any
        """
        self._log_on_documents(entries, self._describe_automatic_allocation)
        for entry in entries if source else ():
            source._get_wallet_shown_document()._message_log(
                body=self.env._(
                    "Paid automatically from the wallet when this money came in: "
                    "%(documents)s, %(entry)s",
                    documents=entry.line_ids._get_wallet_moves()._get_wallet_names(),
                    entry=entry._get_html_link(),
                )
            )

    @api.model
    def _log_on_documents(self, entries, describe):
        """
        :param entries: account.move of wallets, posted
        :param describe: function of a document and of the keywords `amount`, `entry`
            and `left` that returns the text; who may read an invoice may not see what
            is in the wallet
        """
        for entry in entries.sudo():
            documents = entry.line_ids._get_wallet_moves()
            bodies = {
                document.id: describe(
                    document,
                    amount=document.currency_id.format(
                        abs(entry.line_ids._sum_wallet_paid(document))
                    ),
                    entry=entry._get_html_link(),
                    left=document.currency_id.format(document.amount_residual),
                )
                for document in documents
            }
            documents._message_log_batch(bodies=bodies)

    @api.model
    def _describe_allocation(self, _document, **texts):
        """What the chatter of an invoice says when somebody paid it from the wallet.

        :param texts: `amount`, `entry` and `left`, see `_log_on_documents`
        :return: str or Markup
        """
        return self.env._(
            "Paid from the wallet: %(amount)s, %(entry)s. Still due: %(left)s.",
            **texts,
        )

    @api.model
    def _describe_automatic_allocation(self, _document, **texts):
        return self.env._(
            "Paid automatically from the wallet: %(amount)s, %(entry)s. Still due: "
            "%(left)s.",
            **texts,
        )

    @api.model
    def _describe_undo(self, document, **texts):
        if document.move_type == "out_refund":
            return self.env._(
                "Refund to the wallet undone: %(amount)s, %(entry)s. Still due: "
                "%(left)s.",
                **texts,
            )
        return self.env._(
            "Payment from the wallet undone: %(amount)s, %(entry)s. Still due: "
            "%(left)s.",
            **texts,
        )
