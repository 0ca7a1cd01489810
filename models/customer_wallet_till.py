"""What the tills know of wallets, and what the law must know of tills."""

from odoo import api, fields, models
from odoo.tools import SQL


class CustomerWalletHold(models.Model):
    _inherit = "customer.wallet.hold"

    pos_payment_id = fields.Many2one(
        "pos.payment", readonly=True, index="btree_not_null", ondelete="set null"
    )


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    def _notify_moved(self, moves):
        """Tell the open tills that these wallets have changed."""
        result = super()._notify_moved(moves)
        for company, wallets in self.sudo().grouped("company_id").items():
            sessions = (
                self.env["pos.session"]
                .sudo()
                .search(
                    [("state", "!=", "closed"), ("company_id", "child_of", company.id)]
                )
            )
            for till in sessions.config_id:
                till._notify("CUSTOMER_WALLET", {"partner_ids": wallets.partner_id.ids})
        return result

    @api.model
    def _get_bonus_used_sql(self, wallet_ids):
        """What an open till holds has bought the goods that are counted as kept."""
        return SQL(
            """
            %s
            UNION ALL
            SELECT wallet.currency_id, SUM(hold.bonus_amount)
              FROM customer_wallet_hold hold
              JOIN customer_wallet wallet ON wallet.id = hold.wallet_id
             WHERE hold.wallet_id = ANY(%s)
               AND hold.state = 'held'
               AND hold.pos_payment_id IS NOT NULL
               AND hold.bonus_amount > 0
             GROUP BY wallet.currency_id
            """,
            super()._get_bonus_used_sql(wallet_ids),
            wallet_ids,
        )

    @api.model
    def _get_goods_kept_sql(self, owner_id, company_id):
        """Orders that have no invoice are settled by their payments, and returned by
        theirs; what is paid later is settled on the receivable.
        """
        return SQL(
            """
            %s
            UNION ALL
            SELECT till.currency_id, SUM(payment.amount)
              FROM pos_order
              JOIN pos_session session ON session.id = pos_order.session_id
              JOIN pos_config till ON till.id = session.config_id
              JOIN pos_payment payment ON payment.pos_order_id = pos_order.id
              JOIN pos_payment_method method ON method.id = payment.payment_method_id
              JOIN res_company company ON company.id = pos_order.company_id
             WHERE pos_order.partner_id IN (
                       SELECT id FROM res_partner WHERE commercial_partner_id = %s)
               AND split_part(company.parent_path, '/', 1)::int = %s
               AND pos_order.state IN ('paid', 'done')
               AND pos_order.account_move IS NULL
               AND (method.journal_id IS NOT NULL
                    OR payment.wallet_move_id IS NOT NULL
                    OR payment.wallet_hold_id IS NOT NULL
                    OR payment.settlement_move_id IS NOT NULL)
             GROUP BY till.currency_id
            """,
            super()._get_goods_kept_sql(owner_id, company_id),
            owner_id,
            company_id,
        )

    @api.model
    def _get_goods_kept_conditions(self):
        """The closing of a till, and what takes an order out of it again, are
        documents; what wallets paid or got at the till counts with the payments of the
        order.
        """
        return [
            *super()._get_goods_kept_conditions(),
            SQL(
                "NOT EXISTS (SELECT FROM pos_session till WHERE till.move_id = move.id)"
            ),
            SQL("move.reversed_pos_order_id IS NULL"),
            SQL(
                """
                NOT EXISTS (
                    SELECT FROM pos_order
                     WHERE pos_order.id = item.wallet_document_id
                       AND item.wallet_document_model = 'pos.order'
                       AND pos_order.account_move IS NULL)
                """
            ),
        ]

    @api.model
    def _get_money_moves_sql(self):
        """The payment of a return that is invoiced gives money back."""
        return SQL(
            """
            (%s OR EXISTS (
                SELECT FROM pos_payment WHERE pos_payment.account_move_id = move.id))
            """,
            super()._get_money_moves_sql(),
        )
