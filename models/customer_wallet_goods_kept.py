"""What the law compares: the bonus that customers used, and the goods they kept."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Nowhere does a day begin earlier.
FIRST_TIME_ZONE = timedelta(hours=14)


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _get_bonus_slack(self, partner, company):
        """How much of a customer's credit may still become paid money, or cash.

        *Used* is the bonus given, less what expired, was taken back, or is still there;
        what a till holds is used, too, as its goods are gone.
        *Kept* is what is settled of goods, plus the credits still open: in the books,
        all that was credited to the receivable by something else than a credit note.
        Exchange differences are the company's: amounts count at today's rates.

        :param partner: res.partner, any contact of the customer
        :param company: res.company, any branch
        :return: float in the company's currency, or None when no bonus is in use
        """
        company = company.root_id.sudo()
        wallets = self.sudo()._find(partner, company)
        has_held = any(not it.currency_id.is_zero(it.held_bonus) for it in wallets)
        if not has_held and not wallets._has_used_bonus():
            return None
        used = wallets._read_amounts(self._get_bonus_used_sql(wallets.ids), company)
        if used is None or company.currency_id.compare_amounts(used, 0.0) <= 0:
            return None
        owner = partner.commercial_partner_id
        query = self._get_goods_kept_sql(owner.id, company.id)
        kept = self._read_amounts(query, company)
        return company.currency_id.round((kept or 0.0) - used)

    def _has_used_bonus(self):
        """Whether bonus ever went out of these wallets, read from the index of its
        items: most customers never had one, and the law costs them nothing.
        """
        self.env["account.move.line"].flush_model(
            ["wallet_id", "wallet_lot_type", "amount_currency"]
        )
        [(has_used,)] = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (
                    SELECT FROM account_move_line
                     WHERE wallet_id = ANY(%s)
                       AND wallet_lot_type = 'bonus'
                       AND amount_currency > 0)
                """,
                self.ids,
            )
        )
        return has_used

    @api.model
    def _read_amounts(self, query, company):
        """
        :param SQL query: of rows of (currency id, amount)
        :return: float, their sum in the company's currency; None without any row
        """
        self.env.flush_all()
        rows = self.env.execute_query(query)
        if not rows:
            return None
        Currency = self.env["res.currency"]
        return sum(
            Currency.browse(currency_id)._convert(
                float(amount or 0.0), company.currency_id, company, round=False
            )
            for currency_id, amount in rows
        )

    def _get_use_operations(self):
        return [name for name, row in self._get_operations().items() if row.is_use]

    @api.model
    def _get_bonus_used_sql(self, wallet_ids):
        """What went out of the bonus and was not given back, by operations that buy
        something and by hand; what a top-up that was taken back had to pay for its
        bonus is none. By hand, an expense on the other side gives or takes back. What
        was used in one currency may come back in another.

        :param wallet_ids: list of the ids of a customer's wallets, or SQL for an array
        """
        return SQL(
            """
            WITH used AS (
                SELECT item.currency_id,
                       item.amount_currency AS amount,
                       item.amount_currency > 0 AS is_use
                  FROM account_move_line item
                  JOIN account_move move ON move.id = item.move_id
                 WHERE item.wallet_id = ANY(%(wallets)s)
                   AND item.wallet_lot_type = 'bonus'
                   AND CASE
                       WHEN move.wallet_operation IS NOT NULL
                       THEN move.wallet_operation = ANY(%(uses)s)
                       ELSE EXISTS (
                           SELECT FROM account_move_line other
                             JOIN account_account account
                               ON account.id = other.account_id
                            WHERE other.move_id = item.move_id
                              AND other.wallet_lot_type IS DISTINCT FROM 'bonus'
                              AND split_part(account.account_type, '_', 1)
                                  NOT IN ('income', 'expense')
                       )
                       END
                 UNION ALL
                SELECT item.currency_id, -item.amount_currency, FALSE
                  FROM account_move move
                  JOIN account_move_line item ON item.move_id = move.id
                 WHERE item.wallet_id = ANY(%(wallets)s)
                   AND item.wallet_lot_type = 'paid'
                   AND move.wallet_bonus_origin_id IS NOT NULL
            )
            SELECT currency_id, SUM(amount)
              FROM used
             WHERE (SELECT bool_or(is_use) FROM used)
             GROUP BY currency_id
            """,
            wallets=wallet_ids,
            uses=self._get_use_operations(),
        )

    @api.model
    def _get_goods_kept_sql(self, owner_id, company_id):
        """What was settled on the receivable, and what the wallet paid of documents
        that have another account on the other side.

        :param owner_id: int or SQL, of the commercial partner
        :param company_id: int or SQL, of the root company
        """
        return SQL(
            """
            SELECT item.currency_id, -SUM(item.amount_currency - %s)
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
              JOIN account_account account ON account.id = item.account_id
              JOIN res_company company ON company.id = item.company_id
             WHERE item.partner_id IN (
                       SELECT id FROM res_partner WHERE commercial_partner_id = %s)
               AND split_part(company.parent_path, '/', 1)::int = %s
               AND item.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND %s
             GROUP BY item.currency_id
            UNION ALL
            SELECT item.currency_id, SUM(item.amount_currency)
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
              JOIN customer_wallet wallet ON wallet.id = item.wallet_id
             WHERE wallet.partner_id = %s
               AND wallet.company_id = %s
               AND move.wallet_operation = ANY(%s)
               AND NOT EXISTS (
                   SELECT FROM account_move_line other
                     JOIN account_account account ON account.id = other.account_id
                    WHERE other.move_id = item.move_id
                      AND account.account_type = 'asset_receivable')
             GROUP BY item.currency_id
            """,
            self._get_not_received_sql(),
            owner_id,
            company_id,
            SQL(" AND ").join(self._get_goods_kept_conditions()),
            owner_id,
            company_id,
            self._get_use_operations(),
        )

    @api.model
    def _get_not_received_sql(self):
        """What of a receivable item is open and no credit yet, see
        `_is_wallet_received`: zero, or below. What it has settled, it has settled.
        """
        return SQL(
            """
            CASE WHEN item.amount_residual_currency < 0
                  AND (item.date > %s
                       OR EXISTS (
                           SELECT FROM account_payment
                            WHERE id = move.origin_payment_id
                              AND state = 'rejected'))
                 THEN item.amount_residual_currency
                 ELSE 0
                 END
            """,
            (fields.Datetime.now() + FIRST_TIME_ZONE).date(),
        )

    @api.model
    def _get_goods_kept_conditions(self):
        """Which receivable items settle goods, or give the money for them back: all but
        documents and exchange differences. What was entered by hand and moves no money
        is a document, too; what was settled by hand and reversed has settled nothing.

        :return: list of SQL about `item`, `move` and `company`
        """
        return [
            SQL("move.move_type NOT IN ('out_invoice', 'out_refund', 'out_receipt')"),
            SQL(
                "move.journal_id IS DISTINCT FROM company.currency_exchange_journal_id"
            ),
            SQL(
                """
                (%s OR item.amount_currency <= 0
                   AND move.reversed_entry_id IS NULL
                   AND NOT EXISTS (
                       SELECT FROM account_move reversal
                        WHERE reversal.reversed_entry_id = move.id
                          AND reversal.state = 'posted'))
                """,
                self._get_money_moves_sql(),
            ),
        ]

    @api.model
    def _get_money_moves_sql(self):
        """Whether the entry of a receivable item moves money, or a wallet's, or sets
        off what a customer owes, or is owed, against something else of this customer.
        """
        return SQL(
            """
            (move.origin_payment_id IS NOT NULL
             OR move.wallet_operation IS NOT NULL
             OR EXISTS (
                 SELECT FROM account_move_line other
                   JOIN account_account account ON account.id = other.account_id
                   JOIN account_journal journal ON journal.id = other.journal_id
                  WHERE other.move_id = item.move_id
                    AND SIGN(other.balance + other.amount_currency)
                        * SIGN(item.balance + item.amount_currency) < 0
                    AND (other.wallet_lot_type IS NOT NULL
                         OR journal.type IN ('bank', 'cash', 'credit')
                         OR account.account_type IN
                            ('asset_cash', 'liability_credit_card')
                         OR other.account_id IN (%s)))
             OR NOT EXISTS (
                 SELECT FROM account_move_line other
                   JOIN account_account account ON account.id = other.account_id
                   JOIN res_partner owner ON owner.id = item.partner_id
                   LEFT JOIN res_partner partner ON partner.id = other.partner_id
                  WHERE other.move_id = item.move_id
                    AND (account.account_type NOT IN
                            ('asset_receivable', 'liability_payable')
                         OR partner.commercial_partner_id
                            IS DISTINCT FROM owner.commercial_partner_id)))
            """,
            self._get_payment_accounts_sql(),
        )

    @api.model
    def _get_payment_accounts_sql(self):
        """The accounts on which payments wait for the bank, or the bank for what they
        are: those of the payment methods and journals, and those of the chart, which
        Odoo takes where these have none.
        """
        return SQL(
            """
            SELECT payment_account_id FROM account_payment_method_line
             WHERE payment_account_id IS NOT NULL
             UNION
            SELECT suspense_account_id FROM account_journal
             WHERE suspense_account_id IS NOT NULL
             UNION
            SELECT transfer_account_id FROM res_company
             WHERE transfer_account_id IS NOT NULL
             UNION
            SELECT account_journal_suspense_account_id FROM res_company
             WHERE account_journal_suspense_account_id IS NOT NULL
             UNION
            SELECT data.res_id
              FROM res_company company
              JOIN ir_model_data data
                ON data.module = 'account'
               AND data.model = 'account.account'
               AND data.name IN (
                   company.id || '_account_journal_payment_debit_account_id',
                   company.id || '_account_journal_payment_credit_account_id')
            """
        )

    @api.model
    def _has_payment_account(self, accounts):
        """Whether payments wait for the bank on one of these.

        :param accounts: account.account
        """
        if not accounts:
            return False
        self.env["account.payment.method.line"].flush_model(["payment_account_id"])
        self.env["account.journal"].flush_model(["suspense_account_id"])
        self.env["res.company"].flush_model(
            ["transfer_account_id", "account_journal_suspense_account_id"]
        )
        query = SQL(
            "SELECT EXISTS (SELECT FROM (%s) AS waiting(id) WHERE id = ANY(%s))",
            self._get_payment_accounts_sql(),
            accounts.ids,
        )
        return self.env.execute_query(query)[0][0]
