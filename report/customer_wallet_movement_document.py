"""What movements are about: found, grouped and sorted by kind and name of document."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CustomerWalletMovement(models.Model):
    _inherit = "customer.wallet.movement"

    # Looked up for each movement: not without being asked for.
    document_type = fields.Selection(
        selection="_selection_document_type", readonly=True, prefetch=False
    )

    _depends = {
        "account.move": ["move_type", "origin_payment_id", "name", "ref"],
    }

    @api.model
    def _selection_document_type(self):
        """What Odoo itself calls them."""
        Move = self.env["account.move"]
        documents = [*self._get_document_models(), self.env["account.payment"]]
        names = {
            document._name: self.env["ir.model"]._get(document._name).name
            for document in documents
            if document != Move
        }
        return [
            *Move._fields["move_type"]._description_selection(self.env),
            *names.items(),
        ]

    # The view

    def _select_booked(self):
        """A payment, and an entry that is about nothing else, is its own document."""
        return SQL(
            """
                   %s,
                   CASE
                       WHEN line.wallet_document_model IS NOT NULL THEN %s
                       WHEN COALESCE(
                           (SELECT origin_payment_id
                              FROM account_move
                             WHERE id = move.reversed_entry_id),
                           move.origin_payment_id
                       ) IS NOT NULL THEN 'account.payment'
                       ELSE move.move_type
                   END AS document_type
            """,
            super()._select_booked(),
            self._get_document_type_sql("line", "wallet_document"),
        )

    def _select_held(self):
        return SQL(
            "%s, %s",
            super()._select_held(),
            self._get_document_type_sql("hold", "document"),
        )

    def _get_document_type_sql(self, table, document):
        """Invoices and credit notes go by their type, all else by its model."""
        return SQL(
            """
            CASE %(model)s
                WHEN 'account.move'
                THEN (SELECT move_type FROM account_move WHERE id = %(id)s)
                ELSE %(model)s
            END
            """,
            model=SQL.identifier(table, f"{document}_model"),
            id=SQL.identifier(table, f"{document}_id"),
        )

    # Names

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "document_name":
            return self._get_document_name_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    def _get_document_name_sql(self, alias):
        """The same as `_compute_document_name`, but for what a payment transaction
        pays: in groups, that goes by the reference of the transaction.
        """
        entry = SQL(
            """
            (SELECT CASE WHEN origin_payment_id IS NULL AND move_type = 'entry'
                         THEN COALESCE(NULLIF(ref, ''), name)
                         ELSE name END
               FROM account_move
              WHERE id = COALESCE(%s, %s))
            """,
            SQL.identifier(alias, "reversed_entry_id"),
            SQL.identifier(alias, "move_id"),
        )
        names = SQL(" ").join(
            SQL(
                "WHEN %s THEN (SELECT %s FROM %s WHERE id = %s)",
                document._name,
                SQL.identifier(document._rec_name),
                SQL.identifier(document._table),
                SQL.identifier(alias, "document_id"),
            )
            for document in self._get_document_models()
        )
        model = SQL.identifier(alias, "document_model")
        held = SQL(
            "(SELECT document_name FROM customer_wallet_hold WHERE id = -%s)",
            SQL.identifier(alias, "id"),
        )
        return SQL("COALESCE(CASE %s %s END, %s, %s)", model, names, entry, held)

    @api.model
    def _search_document_name(self, operator, value):
        """Who asks for a group of that name gets the movements that are counted in it,
        and not those whose entry has the name as well.
        """
        domain = super()._search_document_name(operator, value)
        if operator != "in":
            return domain
        return domain & Domain.custom(
            to_sql=lambda movements, alias, query: SQL(
                "%s = ANY(%s)",
                movements._field_to_sql(alias, "document_name", query),
                [name for name in value if name],
            )
        )
