"""What the tills know of wallets, and what the law must know of tills."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CustomerWalletHold(models.Model):
    _inherit = "customer.wallet.hold"

    pos_payment_id = fields.Many2one(
        "pos.payment", readonly=True, index="btree_not_null", ondelete="set null"
    )


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    def _notify_moved(self, moves):
        """Tell the open tills that these wallets have changed, by the channel of those
        who may use wallets: the one of a till is known to who orders there on a phone.
        """
        result = super()._notify_moved(moves)
        is_told = (
            self.env["pos.session"]
            .sudo()
            .search(
                [
                    ("state", "!=", "closed"),
                    ("company_id", "child_of", self.sudo().company_id.ids),
                ],
                limit=1,
            )
        )
        if is_told:
            users = self.env.ref("customer_wallet.group_wallet_user").sudo()
            owners = self.sudo().partner_id
            users._bus_send("CUSTOMER_WALLET", {"partner_ids": owners.ids})
        return result

    @api.model
    def _check_covers(self, amount, currency, company, customer):
        """Refuse a till order that these wallets cannot pay.

        :param float amount: wanted, in `currency`
        :param currency: res.currency of the till
        :param company: res.company, whose rates count
        :param customer: res.partner, whose wallets these are
        :raises UserError: naming customer, available and wanted amount
        """
        available = self._get_available_in(currency, company)
        if currency.compare_amounts(amount, available) <= 0:
            return
        frozen = self.filtered(lambda wallet: wallet.state == "frozen")
        if frozen:
            raise UserError(frozen[0]._get_frozen_message())
        raise UserError(
            self.env._(
                "The wallet of %(customer)s holds %(available)s, but %(wanted)s was "
                "asked for. Use a smaller amount or another payment method.",
                customer=customer.commercial_partner_id.display_name,
                available=currency.format(available),
                wanted=currency.format(amount),
            )
        )

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

    @api.model
    def _get_payment_accounts_sql(self):
        return SQL(
            """
            %s
             UNION
            SELECT outstanding_account_id FROM pos_payment_method
             WHERE outstanding_account_id IS NOT NULL
            """,
            super()._get_payment_accounts_sql(),
            to_flush=self.env["pos.payment.method"]._fields["outstanding_account_id"],
        )


class CustomerWalletCheck(models.AbstractModel):
    _inherit = "customer.wallet.check"

    @api.model
    def _get_queries(self):
        return [
            *super()._get_queries(),
            self._get_till_payments_sql(),
            self._get_till_entries_sql(),
        ]

    def _get_till_payments_sql(self):
        """What tills that are open took from wallets is held, and what they put into
        them is booked: the other side of each entry is the till's receivable. A till
        that is closed holds nothing.
        """
        return SQL(
            """
            SELECT 'till_payment', company.root_id,
                   till.currency_id,
                   customer.commercial_partner_id, NULL::int, pos.name,
                   payment.amount,
                   CASE WHEN session.state != 'closed'
                        THEN COALESCE(holds.total, booked.total, 0) ELSE 0 END,
                   FALSE
              FROM pos_payment payment
              JOIN pos_payment_method method ON method.id = payment.payment_method_id
                                            AND method.is_wallet
              JOIN pos_order pos ON pos.id = payment.pos_order_id
              JOIN pos_session session ON session.id = pos.session_id
              JOIN pos_config till ON till.id = session.config_id
              JOIN company ON company.id = pos.company_id
              LEFT JOIN res_partner customer ON customer.id = pos.partner_id
              LEFT JOIN LATERAL (
                SELECT -SUM(line.amount_currency) AS total
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.move_id = payment.wallet_move_id
                   AND line.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
              ) booked ON TRUE
              LEFT JOIN LATERAL (
                SELECT CASE WHEN bool_and(wallet.currency_id = till.currency_id)
                            THEN SUM(hold.amount) ELSE payment.amount END AS total
                  FROM customer_wallet_hold hold
                  JOIN customer_wallet wallet ON wallet.id = hold.wallet_id
                 WHERE hold.pos_payment_id = payment.id AND hold.state = 'held'
                HAVING COUNT(*) > 0
              ) holds ON TRUE
             WHERE (session.state != 'closed' OR holds.total IS NOT NULL)
               AND pos.state IN ('paid', 'done')
            """
        )

    def _get_till_entries_sql(self):
        """No till has taken money from a wallet, or holds it, without a payment that
        says so.
        """
        return self._get_unknown_sql(
            "till_entry",
            "pos_payment",
            SQL("SELECT FROM pos_payment WHERE wallet_move_id = move.id"),
            "pos.order",
            SQL("hold.pos_payment_id IS NULL"),
        )
