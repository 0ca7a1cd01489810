"""Make a hundred thousand of what Odoo itself has made once.

Rows that the ORM has made, of several tables and with references among each other, are
copied by SQL: each copy gets ids of its own, and its rows refer to the rows of the same
copy. Everything else stays as the ORM has made it, so that the data has the shape that
the ORM would have given it, in minutes instead of days.
"""

from odoo.tools import SQL

FOREIGN_KEYS = """
    SELECT attribute.attname, target.relname
      FROM pg_constraint
      JOIN pg_class target ON target.oid = confrelid
      JOIN pg_attribute attribute ON attrelid = conrelid AND attnum = conkey[1]
     WHERE contype = 'f' AND conrelid = %s::regclass AND cardinality(conkey) = 1
"""
COLUMNS = """
    SELECT attname FROM pg_attribute
     WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
       AND attgenerated = ''
"""


def multiply(cr, ids, times, values, numbers=1):
    """Copy rows.

    :param dict ids: by table, of the rows that are one original together
    :param int times: how many copies
    :param dict values: SQL of columns that differ, by `table.column`. It knows `row`
        (the original), `n` (the number of the copy, from 1) and `{column}` (what a
        column that refers to another row is in the copy).
    :param int numbers: how many numbers of a journal one copy uses up
    """
    tables = {table: _Table(cr, table, sorted(it)) for table, it in ids.items()}
    # The references are right by construction: no need to check each.
    cr.execute("SET LOCAL session_replication_role = replica")
    for table in _with_entries_first(tables):
        tables[table].copy(tables, times, {**_names(numbers), **values})
    cr.execute("SET LOCAL session_replication_role = DEFAULT")


def _with_entries_first(tables):
    """The names of entries are copied to their items and payments."""
    return sorted(tables, key=lambda table: table != "account_move")


def _names(numbers):
    """What is numbered or matched goes on as Odoo would have numbered it."""
    number = f"(row.sequence_number + n * {numbers})"
    move_name = "(SELECT name FROM account_move WHERE id = {move_id})"
    return {
        "account_move.sequence_number": number,
        "account_move.name": (
            f"row.sequence_prefix || CASE WHEN {number} > 99999 THEN {number}::text"
            f" ELSE LPAD({number}::text, 5, '0') END"
        ),
        "account_move.access_token": "NULL",
        "account_move.payment_reference": "row.payment_reference || '-' || n",
        "account_move_line.move_name": move_name,
        "account_move_line.matching_number": "{matching_number}",
        "account_payment.name": move_name,
    }


class _Table:
    """The rows of one table that are copied, and the ids of the copies."""

    def __init__(self, cr, name, ids):
        self._cr = cr
        self._name = name
        self._ids = ids
        cr.execute(SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(name)))
        (self._base,) = cr.fetchone()

    def _new_id(self, reference):
        """SQL of what a reference to one of these rows is in a copy."""
        cases = " ".join(
            f"WHEN {old} THEN {self._base + rank + 1} + (n - 1) * {len(self._ids)}"
            for rank, old in enumerate(self._ids)
        )
        return f"(CASE {reference} {cases} ELSE {reference} END)"

    def copy(self, tables, times, values):
        columns = self._columns()
        new = {column: f'row."{column}"' for column in columns}
        references = self._references(tables)
        new.update(references)
        for column in columns:
            if value := values.get(f"{self._name}.{column}"):
                new[column] = value.format_map(references)
        names = ", ".join(f'"{column}"' for column in columns)
        self._cr.execute(
            f"""
            INSERT INTO {self._name} ({names})
            SELECT {", ".join(new[column] for column in columns)}
              FROM generate_series(1, {times}) n, {self._name} row
             WHERE row.id = ANY(%s)
             ORDER BY n, row.id
            """,
            [self._ids],
        )
        self._cr.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
            [self._name, self._base + times * len(self._ids)],
        )

    def _columns(self):
        self._cr.execute(COLUMNS, [self._name])
        return [column for (column,) in self._cr.fetchall()]

    def _references(self, tables):
        """SQL of the columns that refer to rows that are copied, too."""
        self._cr.execute(FOREIGN_KEYS, [self._name])
        references = {
            column: tables[target]._new_id(f'row."{column}"')
            for column, target in self._cr.fetchall()
            if target in tables
        }
        references["id"] = self._new_id("row.id")
        if self._name == "account_move_line":
            references["matching_number"] = self._matching_number(tables, references)
        if "wallet_document_id" in self._columns():
            references["wallet_document_id"] = self._document_id(tables)
        return references

    @staticmethod
    def _document_id(tables):
        """A document is referred to by the name of its model."""
        cases = " ".join(
            f"WHEN '{name.replace('_', '.')}' THEN"
            f" {table._new_id('row.wallet_document_id')}"
            for name, table in tables.items()
        )
        return (
            f"(CASE row.wallet_document_model {cases} ELSE row.wallet_document_id END)"
        )

    @staticmethod
    def _matching_number(tables, references):
        """The id of the full matching, or of the first partial one with a P."""
        if "account_partial_reconcile" not in tables:
            return "row.matching_number"
        partial = tables["account_partial_reconcile"]._new_id(
            "SUBSTR(row.matching_number, 2)::int"
        )
        full = references.get("full_reconcile_id", "row.full_reconcile_id")
        return (
            f"CASE WHEN row.matching_number LIKE 'P%%' THEN 'P' || {partial}"
            f" WHEN row.full_reconcile_id IS NOT NULL THEN ({full})::text"
            " ELSE row.matching_number END"
        )
