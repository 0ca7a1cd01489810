"""The law of the wallet: what holds after every operation, whatever led there.

1.  The balance is what the posted items of the two accounts say: `_get_contents`, and
    the nightly self-check.
2.  Nothing goes out that is not available: `_check_balance`, and in the end the CHECK
    constraints of the table.
3.  The same thing asked twice is done once: `customer.wallet.request`,
    `_check_reversed_once`, and `_check_wallet_undoable` of account.move.line.
4.  A refused operation leaves nothing changed: no method here commits or rolls back.
5.  Who acts is `env.user`, never `env.su`: `_check_user`, `_check_manager`.
6.  Bonus used never exceeds goods kept: `_get_bonus_slack` of
    `customer_wallet_goods_kept.py`, and `_check_bonus_used`.
7.  Nobody is blocked from paying in: `_grant` of customer.wallet.promotion.
8.  Money in is money received: `_check_dates`, `_check_not_invoiced`.
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
        self._check_not_invoiced(moving)
        self._check_bonus_not_paid_out(moving)
        self._check_bonus_used(posted)

    # 2. Nothing goes out that is not available

    @api.constrains("balance", "bonus_balance", "held", "held_bonus", "overdraft_limit")
    def _check_balance(self):
        """Say in words what the database would refuse, and refuse what a frozen
        wallet may not do. Odoo checks the constraint of a stored computed field
        each time the field is computed, which is before the new value is written.
        """
        # Nothing goes out when the books are read.
        comes_back = self.env.context.get("wallet_coming_back") is FROM_SERVER
        written = self._read_written_money()
        for wallet in self:
            if wallet.overdraft_limit < 0.0:
                raise ValidationError(
                    self.env._(
                        "Enter the limit as a positive amount: with 50, the wallet may "
                        "go down to -50."
                    )
                )
            if not comes_back:
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
            document=self._get_entry_name(entry),
        )

    # 6. Bonus used never exceeds goods kept

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
            self._check_bonus_covered(owner, company, wanted)

    @api.model
    def _check_bonus_covered(self, owner, company, wanted, with_owed=False):
        """
        :param owner: res.partner, a commercial partner
        :param company: res.company, a root company
        :param float wanted: what has just been paid out, in the company's currency
        :param bool with_owed: what was paid out and is owed since is not gone yet
        :raises UserError: naming the customer and what is too much
        """
        slack = self._get_bonus_slack(owner, company)
        if slack is None:
            return
        # Two payments share no row, and each would find all of the slack.
        self._claim_of(owner, company)
        compare = company.currency_id.compare_amounts
        if with_owed and compare(slack, 0.0) < 0:
            slack += self._get_money_owed(owner, company)
        if compare(slack, 0.0) >= 0:
            return
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
    def _get_money_owed(self, owner, company):
        """
        :return: float, what was paid out to this customer and nothing has settled, in
            the company's currency
        """
        lines = (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("partner_id.commercial_partner_id", "=", owner.id),
                    ("company_id", "child_of", company.id),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("amount_residual_currency", ">", 0.0),
                ]
            )
        )
        return sum(
            line.currency_id._convert(
                line.amount_residual_currency, company.currency_id, company, round=False
            )
            for line in self._filter_goods_kept(lines)
        )

    @api.model
    def _get_bonus_debits(self, moves):
        """What these entries take from the receivable of customers who were ever given
        a bonus, or by hand from their bonus.

        :return: dict by (res.partner, root res.company) of floats, in its currency
        """
        lines = (
            moves.sudo()
            ._filter_wallet_money_moves()
            .line_ids.filtered(
                lambda line: (
                    (
                        line.partner_id
                        and line.move_id.move_type == "entry"
                        and line.account_id.account_type == "asset_receivable"
                    )
                    or (
                        line.wallet_lot_type == BONUS
                        and line.move_id._is_wallet_by_hand()
                    )
                )
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
        lines = by_hand.line_ids.filtered("wallet_lot_type")
        for line in lines:
            row = operations.get(line.wallet_operation)
            if row and line.wallet_lot_type not in row.takes + row.gives:
                self._raise_kind_refused(row)
        taken = lines.filtered(
            lambda it: it.wallet_lot_type == BONUS and it._get_wallet_sign() > 0
        )
        for move, bonuses in taken.grouped("move_id").items():
            others = move.line_ids.filtered(lambda it: it._get_wallet_sign() < 0)
            if others._is_wallet_cash_counterpart():
                raise UserError(
                    self.env._(
                        "Bonus money is not paid out: it stays in the wallet of "
                        "%(customer)s until it pays an invoice, or a manager adjusts "
                        "the wallet.",
                        customer=bonuses[0].partner_id.display_name,
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

    @api.model
    def _check_not_invoiced(self, moves):
        """What is invoiced has not been received. What an invoice has taken from a
        wallet, its credit notes give back.

        :param moves: account.move that are posted now and move wallet money
        :raises UserError: one puts money into a wallet
        """
        for move in moves.sudo():
            if not move.is_invoice(include_receipts=True):
                continue
            invoice = move.reversed_entry_id or move
            documents = invoice | invoice.reversal_move_ids
            lines = documents.line_ids.filtered("wallet_id")
            for items in lines.grouped(
                lambda line: (line.wallet_id, line.wallet_lot_type)
            ).values():
                wallet, given = items.wallet_id, -sum(items.mapped("amount_currency"))
                if wallet.currency_id.compare_amounts(given, 0.0) > 0:
                    raise UserError(
                        self.env._(
                            "A wallet is filled by a payment, and %(document)s would "
                            "put %(amount)s into the wallet of %(customer)s. Choose "
                            "another account on its lines, and receive the money with "
                            "Wallet turned on. What an invoice has taken from a wallet "
                            "comes back by a credit note of that invoice.",
                            document=move.display_name,
                            amount=wallet.currency_id.format(given),
                            customer=wallet.partner_id.display_name,
                        )
                    )
