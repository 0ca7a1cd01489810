"""What the ledger must know of online payments that wallets make."""

from odoo import api, models
from odoo.tools import SQL

from .customer_wallet_operation import ALL_KINDS, Operation


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _get_operations(self):
        online = Operation(
            self.env._("Online Payment"),
            takes=ALL_KINDS,
            is_use=True,
            is_notified=True,
            step="spent_online",
        )
        return {**super()._get_operations(), "online_payment": online}


class CustomerWalletCheck(models.AbstractModel):
    _inherit = "customer.wallet.check"

    @api.model
    def _get_queries(self):
        return [*super()._get_queries(), self._get_online_sql()]

    def _get_online_sql(self):
        """Online payments that are done have taken their money, and nothing else was
        taken; nothing is held for those that have ended.
        """
        unknown = self._get_unknown_sql(
            "online",
            "online_payment",
            SQL(
                """
                SELECT FROM account_payment payment
                  JOIN payment_transaction tx ON tx.payment_id = payment.id
                 WHERE payment.move_id = move.id AND tx.state = 'done'
                """
            ),
            "payment.transaction",
            SQL(
                """
                NOT EXISTS (
                    SELECT FROM payment_transaction tx
                     WHERE tx.id = hold.document_id
                       AND tx.state IN ('draft', 'authorized'))
                """
            ),
        )
        return SQL(
            """
            SELECT 'online', company.root_id, tx.currency_id,
                   customer.commercial_partner_id, NULL::int, tx.reference,
                   tx.amount, 0, TRUE
              FROM payment_transaction tx
              JOIN payment_provider provider ON provider.id = tx.provider_id
              JOIN company ON company.id = provider.company_id
              JOIN res_partner customer ON customer.id = tx.partner_id
             WHERE provider.code = 'wallet'
               AND tx.state = 'done'
               AND NOT EXISTS (
                    SELECT FROM account_payment payment
                      JOIN account_move move ON move.id = payment.move_id
                     WHERE payment.id = tx.payment_id AND move.state = 'posted')
               AND NOT EXISTS (
                    SELECT FROM payment_transaction part
                     WHERE part.source_transaction_id = tx.id
                       AND part.state IN ('done', 'cancel'))
             UNION ALL %s
            """,
            unknown,
        )
