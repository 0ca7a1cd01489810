from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

PENDING = "pending"
OTHER = "other"
EXCHANGE = "exchange"
# So many journal items are more than enough for most movements.
ITEMS_OF_MOVEMENT = 3


class CustomerWalletMovement(models.Model):
    """What people see of a wallet: one line for all that an entry did to it for the
    sake of one document, and one for each amount that is held.

    It is a view over the journal items, found by the wallet or the entry: all
    conditions on what the items are grouped by reach their indexes.
    """

    _name = "customer.wallet.movement"
    _description = "Wallet Movement"
    _auto = False
    _rec_name = "document_name"
    _order = "is_pending desc, date desc, id desc"

    wallet_id = fields.Many2one("customer.wallet", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    reversed_entry_id = fields.Many2one(
        "account.move", string="Reversal of", readonly=True
    )
    operation = fields.Selection(
        selection="_selection_operation", string="Kind of Movement", readonly=True
    )
    is_undone = fields.Boolean(
        string="Reversal", readonly=True, help="Takes an earlier movement back."
    )
    is_pending = fields.Boolean(
        string="Pending",
        readonly=True,
        help="Held for a document and not booked yet: no longer available, but still "
        "in the balance.",
    )
    document_model = fields.Char(readonly=True)
    document_id = fields.Many2oneReference(
        string="Document ID", model_field="document_model", readonly=True
    )
    document_name = fields.Char(
        string="Document",
        compute="_compute_document_name",
        search="_search_document_name",
    )
    kind = fields.Char(compute="_compute_kind")
    amount = fields.Monetary(
        readonly=True,
        help="Money that comes in is positive, money that goes out is negative.",
    )
    bonus_amount = fields.Monetary(
        string="Of Which Bonus",
        readonly=True,
        help="The part of the amount that was given, not paid in.",
    )
    running_balance = fields.Monetary(
        string="Balance",
        compute="_compute_running_balance",
        help="Balance of the wallet after this movement.",
    )
    status = fields.Selection(
        [("pending", "Pending"), ("reversal", "Reversal"), ("undone", "Undone")],
        compute="_compute_status",
    )
    can_undo = fields.Boolean(compute="_compute_can_undo")

    _depends = {
        "account.move": ["wallet_operation", "reversed_entry_id", "company_id"],
        "account.move.line": [
            "wallet_id",
            "wallet_lot_type",
            "wallet_document_model",
            "wallet_document_id",
            "date",
            "amount_currency",
        ],
        "customer.wallet": ["partner_id", "company_id", "currency_id", "balance"],
        "customer.wallet.hold": [
            "wallet_id",
            "document_model",
            "document_id",
            "amount",
            "bonus_amount",
            "state",
        ],
    }

    @api.model
    def _selection_operation(self):
        """What changes no amount is no movement, see `_moves_money`."""
        operations = self.env["customer.wallet"]._get_operation_selection()
        return [
            *((name, label) for name, label in operations if name != EXCHANGE),
            (PENDING, self.env._("Pending")),
            (OTHER, self.env._("Other")),
        ]

    # The view

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._get_booked_sql(), self._get_held_sql())

    def _get_booked_sql(self):
        """One row for each wallet and document of a posted entry."""
        return SQL(
            """
            SELECT %s
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN customer_wallet wallet ON wallet.id = line.wallet_id
              JOIN res_company company ON company.id = move.company_id
             GROUP BY wallet.id, move.id, company.id, line.date,
                      line.wallet_document_model, line.wallet_document_id
            HAVING %s
            """,
            self._select_booked(),
            self._having_booked(),
        )

    def _select_booked(self):
        return SQL(
            """
                   MIN(line.id) AS id,
                   wallet.id AS wallet_id,
                   wallet.partner_id,
                   move.company_id,
                   wallet.currency_id,
                   line.date,
                   move.id AS move_id,
                   move.reversed_entry_id,
                   %s AS operation,
                   move.reversed_entry_id IS NOT NULL AS is_undone,
                   FALSE AS is_pending,
                   line.wallet_document_model AS document_model,
                   line.wallet_document_id AS document_id,
                   %s AS amount,
                   %s AS bonus_amount
            """,
            self._operation(),
            self._sum("amount_currency"),
            self._sum_bonus("amount_currency"),
        )

    def _operation(self):
        return SQL("COALESCE(move.wallet_operation, %s)", OTHER)

    def _having_booked(self):
        """Which groups of items are movements."""
        return self._moves_money()

    def _moves_money(self):
        """Exchange differences change what the money is worth in the books, not the
        money.
        """
        return SQL(
            "%s != 0.0 OR %s != 0.0",
            self._sum("amount_currency"),
            self._sum_bonus("amount_currency"),
        )

    def _sum(self, fname):
        return SQL("-SUM(%s)", SQL.identifier("line", fname))

    def _sum_bonus(self, fname):
        return SQL(
            "-COALESCE(SUM(%s) FILTER (WHERE line.wallet_lot_type = 'bonus'), 0.0)",
            SQL.identifier("line", fname),
        )

    def _get_held_sql(self):
        return SQL(
            """
            SELECT %s
              FROM customer_wallet_hold hold
              JOIN customer_wallet wallet ON wallet.id = hold.wallet_id
             WHERE hold.state = 'held'
            """,
            self._select_held(),
        )

    def _select_held(self):
        """In the order of `_select_booked`."""
        return SQL(
            """
                   -hold.id,
                   hold.wallet_id,
                   wallet.partner_id,
                   wallet.company_id,
                   wallet.currency_id,
                   hold.create_date::date,
                   NULL::integer,
                   NULL::integer,
                   'pending'::varchar,
                   FALSE,
                   TRUE,
                   hold.document_model,
                   hold.document_id,
                   -hold.amount,
                   -COALESCE(hold.bonus_amount, 0.0)
            """
        )

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """An id is only known once the items are grouped. Who asks for some gets them
        from their entries, and who asks for the latest from the latest items: not out
        of all that ever happened.
        """
        domain = Domain(domain).map_conditions(self._add_entries_of_ids)
        if limit and order in (None, self._order):
            recent = self._get_recent_domain(domain, offset + limit)
            query = super()._search(domain & recent, offset, limit, order, **kwargs)
            if len(query.get_result_ids()) == limit:
                return query
        return super()._search(domain, offset, limit, order, **kwargs)

    def _get_recent_domain(self, domain, count):
        """The last movements of the wallet that is asked for: where so many are found
        among them, older ones come after them.

        :param Domain domain: of movements
        :param int count: of movements
        """
        domain = domain.optimize(self)
        # One of several alternatives says nothing of all.
        is_all = getattr(domain, "OPERATOR", "&") == "&"
        wallet_ids = [
            wallet_id
            for part in (getattr(domain, "children", (domain,)) if is_all else ())
            if getattr(part, "field_expr", None) == "wallet_id"
            and part.operator == "in"
            for wallet_id in part.value
            if isinstance(wallet_id, int)
        ]
        if len(wallet_ids) != 1:
            return Domain.FALSE
        items = (
            self.env["account.move.line"]
            .sudo()
            .search_fetch(
                [("wallet_id", "=", wallet_ids[0])],
                ["date", "move_id"],
                order="date desc, id desc",
                limit=count * ITEMS_OF_MOVEMENT,
            )
        )
        if len(items) < count * ITEMS_OF_MOVEMENT:
            return Domain.FALSE
        first = items[-1]
        recent = Domain("date", ">", first.date)
        # The id of a movement is that of its first item.
        recent |= Domain("date", "=", first.date) & Domain("id", ">=", first.id)
        recent &= Domain("move_id", "in", items.move_id.ids)
        return recent | Domain("is_pending", "=", True)

    def _add_entries_of_ids(self, condition):
        is_list = isinstance(condition.value, list | tuple | set | frozenset)
        if condition.field_expr != "id" or condition.operator != "in" or not is_list:
            return condition
        self.env["account.move.line"].flush_model(["wallet_id", "move_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT wallet_id, move_id FROM account_move_line"
                " WHERE id = ANY(%s) AND wallet_id IS NOT NULL",
                [id_ for id_ in condition.value if id_],
            )
        )
        booked = Domain("wallet_id", "in", [row[0] for row in rows])
        booked &= Domain("move_id", "in", [row[1] for row in rows])
        return condition & (booked | Domain("is_pending", "=", True))

    # Computes

    def _compute_document_name(self):
        Wallet = self.env["customer.wallet"]
        names = {
            movement.id: Wallet._get_document_name(
                document._get_wallet_shown_document()
            )
            for document, movements in self.sudo()._group_by_document().items()
            for movement in movements
        }
        for movement in self:
            movement.document_name = (
                names.get(movement.id) or movement.sudo()._get_entry_name()
            )

    def _group_by_document(self):
        """
        :return: dict of these movements by the record that they are about, as far as
            it still exists
        """
        grouped = {}
        for model, movements in self.grouped("document_model").items():
            if model not in self.env:
                continue
            by_id = movements.grouped("document_id")
            documents = self.env[model].browse(by_id).exists()
            grouped.update((document, by_id[document.id]) for document in documents)
        return grouped

    def _get_entry_name(self):
        """What is undone goes by the name of what was done."""
        self.ensure_one()
        if self.is_pending:
            return self._get_hold().document_name
        return self.env["customer.wallet"]._get_entry_name(self._get_entry())

    @api.model
    def _search_document_name(self, operator, value):
        if operator not in ("ilike", "like", "=", "=ilike", "in"):
            return NotImplemented
        # The names are shown to all who may see the wallet.
        entries = Domain("name", operator, value) | Domain("ref", operator, value)
        entries = self.env["account.move"].sudo()._search(entries)
        domain = Domain("move_id", "in", entries)
        for model in self._get_document_models():
            found = model.sudo()._search([(model._rec_name, operator, value)])
            domain |= Domain("document_model", "=", model._name) & Domain.custom(
                to_sql=lambda movements, alias, query, found=found: SQL(
                    "%s IN %s",
                    movements._field_to_sql(alias, "document_id", query),
                    found.subselect(),
                )
            )
        held = self.env["customer.wallet.hold"].sudo()
        held = held.search([("state", "=", "held"), ("document_name", operator, value)])
        return domain | Domain("id", "in", [-hold.id for hold in held])

    @api.depends("operation", "is_undone")
    @api.depends_context("lang")
    def _compute_kind(self):
        Wallet = self.env["customer.wallet"]
        for (operation, is_undone), movements in self.grouped(
            lambda movement: (movement.operation, movement.is_undone)
        ).items():
            if operation == PENDING:
                movements.kind = self.env._("Pending")
                continue
            movements.kind = Wallet._get_movement_kind(operation, is_undone)

    @api.depends("wallet_id", "date")
    def _compute_running_balance(self):
        booked = self.filtered(lambda movement: not movement.is_pending)
        (self - booked).running_balance = 0.0
        for model, fnames in self._depends.items():
            self.env[model].flush_model(fnames)
        totals = dict(self.env.execute_query(booked._get_running_balance_sql()))
        for movement in booked:
            movement.running_balance = totals.get(movement.id, 0.0)

    def _get_running_balance_sql(self):
        """The balance after each of these movements: the balance of now, less what came
        after; the latest page of a long history reads nothing of what was before it.
        """
        return SQL(
            """
            WITH page AS (
                SELECT wallet_id, MIN(date) AS first, MAX(date) AS last,
                       (ARRAY_AGG(id ORDER BY date, id))[1] AS first_id
                  FROM account_move_line
                 WHERE id = ANY(%(ids)s)
                 GROUP BY wallet_id
            ),
            newer AS (
                SELECT line.wallet_id, SUM(line.amount_currency) AS total
                  FROM account_move_line line
                  JOIN page ON page.wallet_id = line.wallet_id
                 WHERE line.date > page.last
                 GROUP BY line.wallet_id
            ),
            movement AS (
                SELECT MIN(line.id) AS id,
                       line.wallet_id,
                       SUM(SUM(line.amount_currency)) OVER (
                           PARTITION BY line.wallet_id
                           ORDER BY line.date DESC, MIN(line.id) DESC
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                       ) AS newer
                  FROM account_move_line line
                  JOIN page ON page.wallet_id = line.wallet_id
                 WHERE line.date BETWEEN page.first AND page.last
                   AND (line.date, line.id) >= (page.first, page.first_id)
                   AND NOT EXISTS (%(begun_before)s)
                 GROUP BY line.wallet_id, line.move_id, line.wallet_document_model,
                          line.wallet_document_id, line.date
            )
            SELECT movement.id,
                   wallet.balance + COALESCE(newer.total, 0.0)
                   + COALESCE(movement.newer, 0.0)
              FROM movement
              JOIN customer_wallet wallet ON wallet.id = movement.wallet_id
              LEFT JOIN newer ON newer.wallet_id = movement.wallet_id
             WHERE movement.id = ANY(%(ids)s)
            """,
            ids=self.ids,
            begun_before=SQL(
                """
                SELECT
                  FROM account_move_line part
                 WHERE part.move_id = line.move_id
                   AND part.wallet_id = line.wallet_id
                   AND part.wallet_document_model
                       IS NOT DISTINCT FROM line.wallet_document_model
                   AND part.wallet_document_id
                       IS NOT DISTINCT FROM line.wallet_document_id
                   AND (part.date, part.id) < (page.first, page.first_id)
                """
            ),
        )

    def _compute_status(self):
        reversals = self.sudo().search(
            [
                ("wallet_id", "in", self.wallet_id.ids),
                ("reversed_entry_id", "in", self.move_id.ids),
            ]
        )
        undone = {
            (reversal.reversed_entry_id.id, *reversal._get_part())
            for reversal in reversals
        }
        for movement in self:
            if movement.is_pending:
                movement.status = "pending"
            elif movement.is_undone:
                movement.status = "reversal"
            elif (movement.move_id.id, *movement._get_part()) in undone:
                movement.status = "undone"
            else:
                movement.status = False

    def _get_part(self):
        """By what the movements of one entry differ."""
        self.ensure_one()
        return self.wallet_id.id, self.document_model, self.document_id

    @api.depends("status")
    @api.depends_context("uid")
    def _compute_can_undo(self):
        is_manager = self.env.user.has_group("customer_wallet.group_wallet_manager")
        operations = self.env["customer.wallet"]._get_operations()
        undoable = {name for name, row in operations.items() if row.undo == "manager"}
        for movement in self:
            movement.can_undo = (
                is_manager and not movement.status and movement.operation in undoable
            )

    # Actions

    def action_open_document(self):
        """Open what this movement is about: its document or payment, or the entry for
        whom may not read that.

        :return: a window action
        :raises AccessError: the user may read none of them
        """
        self.ensure_one()
        self.check_access("read")
        document = self.sudo()._get_document().sudo(False)
        entry = self.move_id
        if entry and not document.has_access("read"):
            document = entry
        document.check_access("read")
        return document._get_records_action()

    def action_undo(self):
        """Ask why the adjustment or transfer of this movement is undone.

        :return: a window action on customer.wallet.undo
        :raises AccessError: the user is no wallet manager
        """
        self.ensure_one()
        self.env["customer.wallet"]._check_manager()
        self.check_access("read")
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "customer_wallet.action_customer_wallet_undo"
            ),
            "context": {
                "default_move_id": self.move_id.id,
                "default_wallet_id": self.wallet_id.id,
            },
        }

    # Business methods

    @api.model
    def _find_of(self, entries):
        """What entries did to wallets.

        :param entries: account.move
        :return: customer.wallet.movement in sudo, oldest first
        """
        return self.sudo().search([("move_id", "in", entries.ids)], order="date, id")

    @api.model
    def _get_document_models(self):
        """The models of what wallets pay.

        :return: list of empty recordsets
        """
        mixin = "customer.wallet.spender.mixin"
        names = self.env.registry.descendants([mixin], "_inherit")
        return [self.env[name] for name in names if not self.env[name]._abstract]

    def _get_entry(self):
        """The entry that did it; of a reversal, the one that it takes back."""
        return self.reversed_entry_id or self.move_id

    def _get_hold(self):
        return self.env["customer.wallet.hold"].browse(-self.id)

    def _get_document(self):
        """What the movement is about.

        :return: the record that the ledger names, or else a payment, an entry or a hold
        """
        self.ensure_one()
        document = next(iter(self._group_by_document()), None)
        if not document and self.is_pending:
            return self._get_hold()
        return (document or self._get_entry())._get_wallet_shown_document()

    def _get_contact(self):
        """Which contact of the customer did this. Who works for the company itself is
        not told to its customers.

        :return: res.partner, empty when it was the company
        """
        self.ensure_one()
        nobody = self.env["res.partner"]
        tx = self.move_id.origin_payment_id.payment_transaction_id
        if tx:
            return nobody if tx.operation == "refund" else tx.partner_id
        document = self._get_document()
        if document._name == "pos.order":
            return document.partner_id
        user = (self.move_id or document).create_uid
        return user.partner_id if user.share and not user._is_public() else nobody
