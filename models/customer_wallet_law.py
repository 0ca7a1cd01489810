"""The law of the wallet: what holds after every operation, whatever led there.

1.  The balance is what the posted items of the two accounts say: `_sum_items`, and the
    nightly self-check.
2.  Nothing goes out that is not available: `_check_balance`, and in the end the CHECK
    constraints of the table.
3.  The same thing asked twice is done once: `customer.wallet.request`,
    `_check_reversed_once`, and `_check_wallet_undoable` of account.move.line.
4.  A refused operation leaves nothing changed: no method here commits or rolls back.
5.  Who acts is `env.user`, never `env.su`: `_check_user`, `_check_manager`.
6.  Bonus used never exceeds goods kept: `_get_bonus_slack`.
7.  Nobody is blocked from paying in: `_grant` of customer.wallet.promotion.
8.  Money in is money received: `_check_dates`.
9.  Money on its way counts: holds, and `_get_wallet_on_its_way` of documents.
10. The server computes what the till says: pos.order.
11. Uninstalling leaves the books complete: `hooks.py`.
"""

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .customer_wallet import FROM_SERVER
from .customer_wallet_operation import BONUS, PAID


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _check_law(self, moves):
        """What posted entries must leave true, however they came to be so.

        :param moves: account.move
        :raises UserError: naming the customer, or the entry
        """
        posted = moves.filtered(lambda move: move.state == "posted")
        moving = posted.line_ids.filtered("wallet_lot_type").move_id
        self._check_dates(moving)
        self._check_bonus_not_paid_out(moving)
        self._check_bonus_used(posted)

    # 2. Nothing goes out that is not available

    @api.constrains("balance", "bonus_balance", "held", "held_bonus", "overdraft_limit")
    def _check_balance(self):
        """Say in words what the database would refuse, and refuse what a frozen
        wallet may not do. Odoo checks the constraint of a stored computed field
        each time the field is computed, which is before the new value is written.
        """
        written = self._read_written_money()
        for wallet in self:
            if wallet.overdraft_limit < 0.0:
                raise ValidationError(
                    self.env._(
                        "Enter the limit as a positive amount: with 50, the wallet may "
                        "go down to -50."
                    )
                )
            wallet._check_kinds_of_money(*written.get(wallet.id, (0.0, 0.0)))

    def _check_kinds_of_money(self, paid_before, bonus_before):
        """
        :param float paid_before: paid money that was not held before
        :param float bonus_before: bonus that was not held before
        :raises ValidationError: naming the customer, what is available and wanted
        """
        self.ensure_one()
        compare, limit = self.currency_id.compare_amounts, self.overdraft_limit
        paid = self._get_paid_left()
        bonus = self.currency_id.round(self.bonus_balance - self.held_bonus)
        if self.state != "frozen" and compare(min(paid, bonus), 0.0) >= 0:
            return
        paid_out = self.currency_id.round(paid_before + limit - paid)
        bonus_out = self.currency_id.round(bonus_before - bonus)
        goes_out = max(paid_out, bonus_out)
        if self.state == "frozen" and compare(goes_out, self._get_taken()) > 0:
            raise ValidationError(self._get_frozen_message(paid_before + bonus_before))
        if compare(bonus, 0.0) < 0:
            raise ValidationError(self._get_bonus_shortage_message(bonus_before, bonus))
        if compare(paid, 0.0) >= 0:
            return
        if compare(paid_out, 0.0) <= 0:
            raise ValidationError(self._get_limit_message())
        raise ValidationError(
            self._get_shortage_message(
                paid_out, max(paid_before + limit, 0.0), only_paid=True
            )
        )

    def _read_written_money(self):
        """What stands in the database and is not held.

        :return: dict by wallet id of (float paid money, float bonus)
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id,
                       COALESCE(balance, 0) - COALESCE(bonus_balance, 0)
                       - COALESCE(held, 0) + COALESCE(held_bonus, 0),
                       COALESCE(bonus_balance, 0) - COALESCE(held_bonus, 0)
                  FROM customer_wallet
                 WHERE id = ANY(%s)
                """,
                self.ids,
            )
        )
        return {row[0]: (float(row[1]), float(row[2])) for row in rows}

    # 3. The same thing asked twice is done once

    @api.model
    def _check_reversed_once(self, moves):
        """An entry is reversed once, and not when it was reset or cancelled.

        :param moves: account.move that are posted now
        :raises UserError: naming the entry
        """
        entries = moves.filtered(lambda move: move.move_type == "entry")
        for move in entries.filtered("reversed_entry_id"):
            entry = move.reversed_entry_id
            if entry.state != "posted":
                raise UserError(
                    self.env._(
                        "%(entry)s is not posted any more: there is nothing to "
                        "reverse.",
                        entry=entry.display_name,
                    )
                )
            others = entry._get_wallet_reversals() | entry.reversal_move_ids & moves
            undone = (others - move).line_ids._get_wallet_part()
            if move.line_ids._get_wallet_part() & undone:
                raise UserError(self._get_undone_message(entry))

    @api.model
    def _get_undone_message(self, entry):
        return self.env._(
            "%(entry)s has already been undone: it cannot be undone again.",
            entry=entry.name,
        )

    @api.model
    def _get_kept_message(self, entry):
        return self.env._(
            "%(entry)s has moved the money of a wallet: it stays in the books. To "
            "take it back, undo it on %(document)s.",
            entry=entry.name,
            document=entry.ref or entry.name,
        )

    # 6. Bonus used never exceeds goods kept

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
        """Whether bonus ever went out of these wallets, read from the small index of
        bonus items: most customers never had one, and the law costs them nothing.
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
                       SUM(CASE WHEN item.wallet_lot_type = 'bonus'
                                THEN item.amount_currency ELSE -item.amount_currency END
                       ) AS amount,
                       bool_or(item.wallet_lot_type = 'bonus'
                               AND item.amount_currency > 0) AS is_any
                  FROM account_move_line item
                  JOIN account_move move ON move.id = item.move_id
                 WHERE item.wallet_id = ANY(%(wallets)s)
                   AND CASE
                       WHEN item.wallet_lot_type = 'paid'
                       THEN move.wallet_bonus_origin_id IS NOT NULL
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
                 GROUP BY item.currency_id
            )
            SELECT currency_id, amount FROM used
             WHERE (SELECT bool_or(is_any) FROM used)
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
            SELECT item.currency_id, -SUM(item.amount_currency)
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
            owner_id,
            company_id,
            SQL(" AND ").join(self._get_goods_kept_conditions()),
            owner_id,
            company_id,
            self._get_use_operations(),
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
        """The accounts on which payments wait for the bank: those of the payment
        methods, and those of the chart, which Odoo takes where a method has none.
        """
        return SQL(
            """
            SELECT payment_account_id FROM account_payment_method_line
             WHERE payment_account_id IS NOT NULL
             UNION
            SELECT transfer_account_id FROM res_company
             WHERE transfer_account_id IS NOT NULL
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
    def _is_payment_account(self, account):
        """Whether payments wait for the bank on this account.account."""
        self.env["account.payment.method.line"].flush_model(["payment_account_id"])
        self.env["res.company"].flush_model(["transfer_account_id"])
        query = SQL("SELECT %s IN (%s)", account.id, self._get_payment_accounts_sql())
        return self.env.execute_query(query)[0][0]

    def _split_return(self, amount, money, bonuses, company):
        """In which kinds of money an amount comes back into this wallet: the kind that
        was spent, what was used last first, which is paid money, then the bonus that
        expires last. Above that stands the law: no more bonus is used than goods kept.

        :param float amount: in the wallet's currency
        :param float money: what its document says may come back as paid money
        :param dict bonuses: by grant (account.move.line), floats that may come back
        :param company: res.company of the document
        :return: list of parts, see `_prepare_giving_vals`
        """
        self.ensure_one()
        currency = self.currency_id
        slack = self._get_bonus_slack(self.partner_id, company)
        paid = min(amount, max(money, 0.0))
        if slack is not None:
            slack = company.currency_id._convert(max(slack, 0.0), currency, company)
            paid = min(paid, slack)
        returns = self._split_bonus_return(amount - paid, bonuses, slack is not None)
        left = currency.round(amount - paid - sum(returns.values()))
        if slack is None:
            paid, left = paid + left, 0.0
        else:
            more = min(left, max(currency.round(slack - paid), 0.0))
            paid, left = paid + more, currency.round(left - more)
        parts = [(part, BONUS, grant) for grant, part in returns.items()]
        parts += [(left, BONUS, False), (currency.round(paid), PAID, False)]
        return [part for part in parts if currency.compare_amounts(part[0], 0.0) > 0]

    def _split_bonus_return(self, amount, bonuses, with_others):
        """
        :param float amount: that comes back as bonus, in the wallet's currency
        :param dict bonuses: see `_split_return`
        :param bool with_others: whether bonuses that paid other documents may take it
        :return: dict by grant (account.move.line) of floats
        """
        returns = {}
        for source in [bonuses, self._get_used_grants()] if with_others else [bonuses]:
            for grant in self._sort_grants(source):
                rest = self.currency_id.round(amount - sum(returns.values()))
                free = source[grant] - returns.get(grant, 0.0)
                returns[grant] = returns.get(grant, 0.0) + min(rest, max(free, 0.0))
        return returns

    @api.model
    def _sort_grants(self, grants):
        """The grants that expire last first: they were used last."""
        lines = self.env["account.move.line"].union(*grants)
        return lines.sorted(lambda line: line._get_wallet_grant_order(), reverse=True)

    def _get_used_grants(self):
        """
        :return: dict by account.move.line in sudo of what was used of that bonus and
            has not come back, in the wallet's currency
        """
        self.ensure_one()
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("wallet_id", "=", self.id),
                    ("wallet_grant_id", "!=", False),
                    ("move_id.wallet_operation", "in", self._get_use_operations()),
                ],
                groupby=["wallet_grant_id"],
                aggregates=["amount_currency:sum"],
            )
        )
        return dict(groups)

    @api.model
    def _check_bonus_used(self, moves):
        """What turns credit into cash, or takes bonus by hand, leaves more goods kept
        than bonus used.

        :param moves: account.move, just posted
        :raises UserError: naming the customer and what is too much
        """
        if self.env.context.get("wallet_is_fact") is FROM_SERVER:
            return
        for (owner, company), wanted in self._get_bonus_debits(moves).items():
            # Two payments share no row, and each would find all of the slack.
            self._claim_of(owner, company)
            slack = self._get_bonus_slack(owner, company)
            compare = company.currency_id.compare_amounts
            if slack is None or compare(slack, 0.0) >= 0:
                continue
            raise UserError(
                self.env._(
                    "A bonus has paid for what %(customer)s bought, and bonus money is "
                    "not paid out: only %(available)s can be paid out to %(customer)s, "
                    "but %(wanted)s was asked for. Move the other %(bonus)s to the "
                    "wallet: on the credit note, under Customer Wallet.",
                    customer=owner.display_name,
                    available=company.currency_id.format(max(wanted + slack, 0.0)),
                    wanted=company.currency_id.format(wanted),
                    bonus=company.currency_id.format(min(-slack, wanted)),
                )
            )

    @api.model
    def _get_bonus_debits(self, moves):
        """What these entries take from the receivable of customers who were ever given
        a bonus, or by hand from their bonus.

        :return: dict by (res.partner, root res.company) of floats, in its currency
        """
        lines = moves.sudo().line_ids.filtered(
            lambda line: (
                (
                    line.partner_id
                    and line.move_id.move_type == "entry"
                    and line.account_id.account_type == "asset_receivable"
                )
                or (line.wallet_lot_type == BONUS and line.move_id._is_wallet_by_hand())
            )
        )
        lines = self._filter_of_bonus_owners(lines)
        receivables = lines.filtered(lambda line: not line.wallet_lot_type)
        lines -= receivables - self._filter_goods_kept(receivables)
        debits = {}
        for line in lines:
            company = line.company_id.root_id
            key = line.partner_id.commercial_partner_id, company
            # What is in the books of a currency need not be its rate.
            debits[key] = debits.get(key, 0.0) + line.currency_id._convert(
                line.amount_currency, company.currency_id, company, round=False
            )
        return {
            key: debit
            for key, debit in debits.items()
            if key[1].currency_id.compare_amounts(debit, 0.0) > 0
        }

    @api.model
    def _filter_of_bonus_owners(self, lines):
        """Those of these items whose customers were ever given a bonus, where something
        is taken at all.
        """
        if not any(line.amount_currency > 0.0 for line in lines):
            return lines.browse()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wallet.partner_id
                  FROM customer_wallet wallet
                 WHERE wallet.partner_id = ANY(%s)
                   AND EXISTS (SELECT FROM account_move_line item
                                WHERE item.wallet_id = wallet.id
                                  AND item.wallet_lot_type = 'bonus')
                """,
                lines.partner_id.commercial_partner_id.ids,
            )
        )
        owner_ids = {row[0] for row in rows}
        return lines.filtered(
            lambda line: line.partner_id.commercial_partner_id.id in owner_ids
        )

    @api.model
    def _filter_goods_kept(self, receivables):
        """Those of these receivable items that count in the goods kept."""
        if not receivables:
            return receivables
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.id
                  FROM account_move_line item
                  JOIN account_move move ON move.id = item.move_id
                  JOIN res_company company ON company.id = item.company_id
                 WHERE item.id = ANY(%s) AND %s
                """,
                receivables.ids,
                SQL(" AND ").join(self._get_goods_kept_conditions()),
            )
        )
        return receivables.browse(row[0] for row in rows)

    @api.model
    def _check_bonus_not_paid_out(self, moves):
        """Whatever way money leaves a wallet as money: bonus money does not. Entries of
        the table of operations are checked by their row.

        :raises UserError: naming the customer, or the operation
        """
        operations = self._get_operations()
        by_hand = moves.sudo().filtered(lambda move: move._is_wallet_by_hand())
        for line in by_hand.line_ids.filtered("wallet_lot_type"):
            row = operations.get(line.wallet_operation)
            if row and line.wallet_lot_type not in row.takes + row.gives:
                self._raise_kind_refused(row)
            if line.wallet_lot_type != BONUS or line._get_wallet_sign() <= 0:
                continue
            others = line.move_id.line_ids.filtered(
                lambda it: it._get_wallet_sign() < 0
            )
            if any(other._is_wallet_cash_counterpart() for other in others):
                raise UserError(
                    self.env._(
                        "Bonus money is not paid out: it stays in the wallet of "
                        "%(customer)s until it pays an invoice, or a manager adjusts "
                        "the wallet.",
                        customer=line.partner_id.display_name,
                    )
                )

    # 8. Money in is money received

    @api.model
    def _check_dates(self, moves):
        """
        :param moves: account.move that are posted now and move wallet money
        :raises UserError: one is dated after today
        """
        for move in moves:
            if move.company_id._is_wallet_future(move.date):
                raise UserError(
                    self.env._(
                        "%(document)s is dated after today, and a wallet holds what "
                        "has been received. Confirm it on its day, or turn off Wallet: "
                        "when the money is there, Open Credits on the customer moves "
                        "it to the wallet.",
                        document=move.origin_payment_id.display_name
                        or move.display_name,
                    )
                )
