from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from .customer_wallet_operation import ALL_KINDS
from .wallet_batches import for_each

# What is listed in an activity and on the screen: whoever reads on has enough to do.
MAXIMUM_NOTED = 50
MAXIMUM_SHOWN = 1000


class CustomerWalletCheck(models.AbstractModel):
    """Compare the wallets with the books that they are made of.

    A balance is computed from the journal items, so that a difference means that
    somebody wrote into the database past Odoo, or a mistake in a program. Each query
    looks at all wallets at once.
    """

    _name = "customer.wallet.check"
    _description = "Self-Check of the Wallets"

    @api.model
    def _cron_check(self):
        """Name every difference to the managers of the company."""
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        differences = self._find_differences(companies)
        if self._book_exchange_differences(differences):
            differences = self._find_differences(companies)
        by_company = {}
        for difference in differences:
            by_company.setdefault(difference["company_id"], []).append(difference)
        for manager in self._get_managers():
            roots = manager.company_ids.root_id
            self._notify(
                manager,
                [item for root in roots for item in by_company.get(root.id, [])],
            )

    @api.model
    def _find_differences(self, companies, wallets=None):
        """What does not agree.

        :param companies: res.company, root companies
        :param wallets: customer.wallet, when only these are looked at
        :return: list of dict, values of customer.wallet.difference, the greatest
            first: `kind`, `company_id`, `currency_id`, `partner_id`, `wallet_id`,
            `document`, `expected` (what the books say) and `actual` (what is there)
        """
        self.env.flush_all()
        queries = self._get_queries()
        if wallets is None:
            queries.append(self._get_account_sql())
        differences = self.env.execute_query_dict(
            self._select_differences(queries, companies, wallets)
        )
        return differences + self._find_bonus_differences(companies, wallets)

    @api.model
    def _get_queries(self):
        """
        :return: list of SQL, each for one kind of differences; they return the same
            columns as the first one, and may read from `company` and `wallet_item`
        """
        return [
            self._get_balance_sql(),
            self._get_grants_sql(),
            self._get_items_sql(),
            self._get_values_sql(),
        ]

    def _select_differences(self, queries, companies, wallets):
        condition = is_read = SQL("TRUE")
        if wallets is not None:
            owners = wallets.partner_id
            contacts = owners.with_context(active_test=False).sudo()
            contacts = contacts.search([("commercial_partner_id", "in", owners.ids)])
            is_read = SQL(
                "(line.wallet_id = ANY(%s) OR line.partner_id = ANY(%s))",
                wallets.ids,
                contacts.ids,
            )
            condition = SQL(
                "(found.wallet_id = ANY(%s) OR found.wallet_id IS NULL"
                " AND found.partner_id = ANY(%s))",
                wallets.ids,
                owners.ids,
            )
        return SQL(
            """
            WITH company AS (
                SELECT branch.id, root.id AS root_id, root.wallet_account_id,
                       root.wallet_bonus_account_id
                  FROM res_company branch
                  JOIN res_company root
                    ON root.id = SPLIT_PART(branch.parent_path, '/', 1)::int
                 WHERE root.id = ANY(%s)
            ),
            wallet_item AS (
                SELECT line.id, line.move_id, line.partner_id, line.currency_id,
                       line.amount_currency, line.balance, line.wallet_id,
                       line.wallet_lot_type, line.wallet_grant_id, company.root_id,
                       move.wallet_operation,
                       CASE line.account_id
                           WHEN company.wallet_account_id THEN 'paid' ELSE 'bonus'
                       END AS kind
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN company ON company.id = line.company_id
                 WHERE line.account_id IN (
                        company.wallet_account_id, company.wallet_bonus_account_id)
                   AND move.state = 'posted'
                   AND %s
            )
            SELECT found.kind, found.company_id, found.currency_id, found.partner_id,
                   found.wallet_id, found.document, found.expected::float,
                   found.actual::float
              FROM (%s) found
              JOIN res_currency currency ON currency.id = found.currency_id
             WHERE %s
               AND (found.always
                    OR ABS(found.actual - found.expected) >= currency.rounding / 2)
             ORDER BY ABS(found.actual - found.expected) DESC, found.wallet_id,
                      found.document
            """,
            companies.ids,
            is_read,
            SQL(" UNION ALL ").join(queries),
            condition,
        )

    # `always` is a difference whatever it says.

    def _get_balance_sql(self):
        """What a wallet has and what is held of it, of either kind of money, is what
        its posted items and its holds say.
        """
        return SQL(
            """
            SELECT found.kind, wallet.company_id, wallet.currency_id,
                   wallet.partner_id, wallet.id AS wallet_id,
                   NULL::varchar AS document,
                   COALESCE(found.expected, 0) AS expected,
                   COALESCE(found.actual, 0) AS actual,
                   FALSE AS always
              FROM customer_wallet wallet
              JOIN company ON company.id = wallet.company_id
              LEFT JOIN (
                SELECT wallet_id,
                       -SUM(amount_currency) AS total,
                       -SUM(amount_currency) FILTER (WHERE kind = 'bonus') AS bonus
                  FROM wallet_item
                 GROUP BY wallet_id
              ) items ON items.wallet_id = wallet.id
              LEFT JOIN (
                SELECT wallet_id, SUM(amount) AS total, SUM(bonus_amount) AS bonus
                  FROM customer_wallet_hold
                 WHERE state = 'held'
                 GROUP BY wallet_id
              ) holds ON holds.wallet_id = wallet.id
              CROSS JOIN LATERAL (
                VALUES ('balance', items.total, wallet.balance),
                       ('bonus', items.bonus, wallet.bonus_balance),
                       ('held', holds.total, wallet.held),
                       ('held_bonus', holds.bonus, wallet.held_bonus)
              ) AS found(kind, expected, actual)
            """
        )

    def _get_grants_sql(self):
        """No bonus has given more than it was."""
        return SQL(
            """
            SELECT 'grant', wallet.company_id, wallet.currency_id, wallet.partner_id,
                   wallet.id, move.name, 0, taken.total, TRUE
              FROM (
                SELECT COALESCE(item.wallet_grant_id, item.id) AS id,
                       -SUM(item.amount_currency) AS total
                  FROM wallet_item item
                 WHERE item.kind = 'bonus'
                   AND (item.wallet_grant_id IS NOT NULL OR item.amount_currency < 0)
                 GROUP BY 1
                HAVING SUM(item.amount_currency) > 0
              ) taken
              JOIN account_move_line line ON line.id = taken.id
              JOIN account_move move ON move.id = line.move_id
              JOIN company ON company.id = line.company_id
              JOIN customer_wallet wallet ON wallet.id = line.wallet_id
            """
        )

    def _get_items_sql(self):
        """Every posted item on the wallet accounts is in the wallet of its customer,
        as money of the kind that the account has. A contact may have joined or left a
        company since.
        """
        return SQL(
            """
            SELECT CASE WHEN item.partner_id IS NULL
                        THEN 'no_customer' ELSE 'item' END,
                   item.root_id, item.currency_id, owner.commercial_partner_id,
                   NULL::int, move.name, -item.amount_currency, 0, TRUE
              FROM wallet_item item
              JOIN account_move move ON move.id = item.move_id
              LEFT JOIN res_partner owner ON owner.id = item.partner_id
              LEFT JOIN customer_wallet wallet
                ON wallet.id = item.wallet_id
               AND wallet.company_id = item.root_id
               AND wallet.currency_id = item.currency_id
               AND wallet.partner_id IN (owner.id, owner.commercial_partner_id)
               AND item.wallet_lot_type = item.kind
             WHERE wallet.id IS NULL
            """
        )

    def _get_values_sql(self):
        """An empty wallet of another currency is worth nothing in the books."""
        return SQL(
            """
            SELECT 'value' AS kind, wallet.company_id, company.currency_id,
                   wallet.partner_id, wallet.id AS wallet_id,
                   NULL::varchar AS document, 0 AS expected, empty.value AS actual,
                   FALSE AS always
              FROM (
                SELECT item.wallet_id, -SUM(item.balance) AS value
                  FROM wallet_item item
                  JOIN res_company root ON root.id = item.root_id
                 WHERE item.currency_id != root.currency_id
                 GROUP BY item.wallet_id, item.kind
                HAVING SUM(item.amount_currency) = 0 AND SUM(item.balance) != 0
              ) empty
              JOIN customer_wallet wallet ON wallet.id = empty.wallet_id
              JOIN res_company company ON company.id = wallet.company_id
            """
        )

    def _get_account_sql(self):
        """All wallets together are the two accounts in the general ledger."""
        return SQL(
            """
            SELECT found.kind, COALESCE(book.company_id, wallets.company_id),
                   COALESCE(book.currency_id, wallets.currency_id), NULL::int,
                   NULL::int, NULL,
                   COALESCE(found.expected, 0), COALESCE(found.actual, 0), FALSE
              FROM (
                SELECT root_id AS company_id, currency_id,
                       -SUM(amount_currency) FILTER (WHERE kind = 'paid') AS paid,
                       -SUM(amount_currency) FILTER (WHERE kind = 'bonus') AS bonus
                  FROM wallet_item
                 GROUP BY root_id, currency_id
              ) book
              FULL JOIN (
                SELECT wallet.company_id, wallet.currency_id,
                       SUM(wallet.balance - wallet.bonus_balance) AS paid,
                       SUM(wallet.bonus_balance) AS bonus
                  FROM customer_wallet wallet
                  JOIN company ON company.id = wallet.company_id
                 GROUP BY wallet.company_id, wallet.currency_id
              ) wallets
                ON wallets.company_id = book.company_id
               AND wallets.currency_id = book.currency_id
              CROSS JOIN LATERAL (
                VALUES ('account', book.paid, wallets.paid),
                       ('bonus_account', book.bonus, wallets.bonus)
              ) AS found(kind, expected, actual)
            """
        )

    @api.model
    def _get_unknown_sql(self, kind, operation, known, model, unwanted):
        """What was taken from wallets, or is held, and nothing says why.

        :param str kind: of the difference
        :param str operation: of the entries
        :param SQL known: a query for what says why of `move`
        :param str model: of the documents of the holds
        :param SQL unwanted: whether nothing says why of `hold`
        """
        return SQL(
            """
            SELECT %(kind)s, entry.root_id, move.currency_id,
                   move.commercial_partner_id, NULL::int, move.name,
                   0, entry.total, TRUE
              FROM (
                SELECT move_id, root_id, SUM(amount_currency) AS total
                  FROM wallet_item
                 WHERE wallet_operation = %(operation)s
                 GROUP BY move_id, root_id
              ) entry
              JOIN account_move move ON move.id = entry.move_id
             WHERE move.reversed_entry_id IS NULL
               AND NOT EXISTS (%(known)s)
               AND NOT EXISTS (
                    SELECT FROM account_move reversal
                     WHERE reversal.reversed_entry_id = move.id
                       AND reversal.wallet_operation = move.wallet_operation
                       AND reversal.state = 'posted')
             UNION ALL
            SELECT %(kind)s, wallet.company_id, wallet.currency_id,
                   wallet.partner_id, wallet.id, hold.document_name,
                   0, hold.amount, TRUE
              FROM customer_wallet_hold hold
              JOIN customer_wallet wallet ON wallet.id = hold.wallet_id
              JOIN company ON company.id = wallet.company_id
             WHERE hold.state = 'held'
               AND hold.document_model = %(model)s
               AND %(unwanted)s
            """,
            kind=kind,
            operation=operation,
            known=known,
            model=model,
            unwanted=unwanted,
        )

    # Law 6: bonus used never exceeds goods kept

    def _find_bonus_differences(self, companies, wallets):
        """Customers who used more bonus than they kept goods. Where their currencies
        differ, it is a matter of rates.

        :return: list of dict, see `_find_differences`
        """
        differences = []
        for (partner_id, company_id), (used, kept) in self._read_bonus_used(
            companies, wallets
        ).items():
            currency = self.env["res.currency"].browse({*used, *kept})
            if len(currency) != 1:
                continue
            expected, actual = kept.get(currency.id, 0.0), used.get(currency.id, 0.0)
            if currency.compare_amounts(actual, expected) > 0:
                differences.append(
                    {
                        "kind": "law",
                        "company_id": company_id,
                        "currency_id": currency.id,
                        "partner_id": partner_id,
                        "wallet_id": None,
                        "document": None,
                        "expected": expected,
                        "actual": actual,
                    }
                )
        return differences

    def _read_bonus_used(self, companies, wallets):
        """What the customers who ever used a bonus used of it, and what they kept.

        :return: dict by (partner id, company id) of tuples (used, kept) of dicts by
            currency id of floats
        """
        Wallet = self.env["customer.wallet"]
        company_id = SQL("customer.company_id")
        partner_id = SQL("customer.partner_id")
        wallet_ids = SQL(
            "ARRAY(SELECT id FROM customer_wallet"
            " WHERE partner_id = %s AND company_id = %s)",
            partner_id,
            company_id,
        )
        only = SQL("TRUE") if wallets is None else SQL("id = ANY(%s)", wallets.ids)
        rows = self.env.execute_query(
            SQL(
                """
                WITH customer AS (
                    SELECT DISTINCT partner_id, company_id
                      FROM customer_wallet
                     WHERE company_id = ANY(%s)
                       AND %s
                       AND id IN (
                           SELECT wallet_id FROM account_move_line
                            WHERE wallet_lot_type = 'bonus' AND amount_currency > 0)
                )
                SELECT customer.partner_id, customer.company_id, sums.*
                  FROM customer
                 CROSS JOIN LATERAL (
                    SELECT 0, used.* FROM (%s) used
                     UNION ALL
                    SELECT 1, kept.* FROM (%s) kept
                 ) AS sums(side, currency_id, amount)
                """,
                companies.ids,
                only,
                Wallet._get_bonus_used_sql(wallet_ids),
                Wallet._get_goods_kept_sql(partner_id, company_id),
            )
        )
        found = defaultdict(lambda: (defaultdict(float), defaultdict(float)))
        for partner, company, side, currency, amount in rows:
            found[partner, company][side][currency] += float(amount or 0.0)
        return found

    # What is mended

    @api.model
    def _book_exchange_differences(self, differences):
        """What could not be booked before, or came about without an entry: wallets are
        merged, or items of entries by hand are edited.

        :param list differences: see `_find_differences`
        :return: whether anything was booked
        """
        Wallet = self.env["customer.wallet"].sudo()
        values = [item for item in differences if item["kind"] == "value"]
        ids = dict.fromkeys(item["wallet_id"] for item in values)
        entries = []
        for_each(
            [Wallet.browse(id_) for id_ in ids],
            lambda wallet: entries.extend(self._book_exchange_difference(wallet)),
        )
        return bool(entries)

    @api.model
    def _book_exchange_difference(self, wallet):
        """
        :return: account.move in sudo, today's: the last movement may be of a year that
            is closed
        """
        nothing = (0.0, 0.0, False)
        return wallet._book_exchange_differences(
            {(wallet, kind): nothing for kind in ALL_KINDS},
            date=wallet.company_id._get_wallet_today(),
        )

    # Telling the managers

    @api.model
    def _get_managers(self):
        """
        :return: res.users who are told of differences
        """
        group = self.env.ref("customer_wallet.group_wallet_manager")
        return group.sudo().all_user_ids.filtered(
            lambda user: user.active and not user.share
        )

    def _notify(self, manager, differences):
        """Keep one open activity of a manager up to date: it names what does not
        agree today, and is done when all agrees again.

        :param manager: res.users
        :param differences: see `_find_differences`
        """
        kind = self.env.ref("customer_wallet.mail_activity_type_check")
        of_manager = {"activity_type_id": kind.id, "user_id": manager.id}
        Activity = self.env["mail.activity"].sudo()
        activity = Activity.search(
            [(name, "=", value) for name, value in of_manager.items()], limit=1
        )
        translated = self.with_context(lang=manager.lang)
        if not differences:
            activity.action_feedback(
                feedback=translated.env._("The wallets agree with the books again.")
            )
            return
        vals = translated._prepare_activity_vals(differences)
        if activity:
            activity.write(vals)
            return
        subject = self._find_subject(differences)
        if subject:
            # There only who may see wallets sees it.
            vals["res_model_id"] = self.env["ir.model"]._get_id(subject._name)
            vals["res_id"] = subject.id
        Activity.create({**vals, **of_manager, "automated": True})

    def _prepare_activity_vals(self, differences):
        Difference = self.env["customer.wallet.difference"].sudo()
        return {
            "summary": self.env._(
                "Differences between wallets and books: %s", len(differences)
            ),
            "note": self.env["ir.qweb"]._render(
                "customer_wallet.wallet_check_note",
                {
                    "differences": [
                        Difference.new(vals) for vals in differences[:MAXIMUM_NOTED]
                    ],
                    "more": max(len(differences) - MAXIMUM_NOTED, 0),
                },
                lang=self.env.lang,
            ),
        }

    def _find_subject(self, differences):
        """The wallet that is furthest off, or one of the customers'."""
        Wallet = self.env["customer.wallet"].sudo()
        wallet_ids = [item["wallet_id"] for item in differences if item["wallet_id"]]
        partner_ids = [item["partner_id"] for item in differences]
        return Wallet.browse(wallet_ids[:1]) or Wallet.search(
            [("partner_id", "in", partner_ids)], limit=1
        )
