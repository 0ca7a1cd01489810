"""Make a hundred thousand of what Odoo itself has made once.

Rows that the ORM has made, of several tables and with references among each other, are
copied by SQL: each copy gets ids of its own, and its rows refer to the rows of the same
copy. Everything else stays as the ORM has made it, so that the data has the shape that
the ORM would have given it, in minutes instead of days.
"""

from odoo.tools.sql import column_exists

FOREIGN_KEYS = """
    SELECT attribute.attname, target.relname
      FROM pg_constraint
      JOIN pg_class target ON target.oid = confrelid
      JOIN pg_attribute attribute ON attrelid = conrelid AND attnum = conkey[1]
     WHERE contype = 'f' AND conrelid = %s::regclass AND cardinality(conkey) = 1
"""
COPY = """
    INSERT INTO {table}
    SELECT copy.*
      FROM generate_series(1, {times}) n
     CROSS JOIN {table} "row"
     CROSS JOIN LATERAL
           jsonb_populate_record("row", jsonb_build_object({changes})) AS copy
     WHERE "row".id = ANY(%s)
     ORDER BY n, "row".id
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
    new_ids = {table: _find_new_ids(cr, table, sorted(it)) for table, it in ids.items()}
    values = {**_names(numbers), **values}
    # The references are right by construction: no need to check each. Expressions of
    # thousands of cases take minutes to compile.
    cr.execute("SET LOCAL session_replication_role = replica; SET LOCAL jit = off")
    # The names of entries are copied to their items and payments.
    for table in sorted(ids, key=lambda table: table != "account_move"):
        copied = _find_references(cr, table, new_ids)
        changes = copied | {
            key.partition(".")[2]: value.format_map(copied)
            for key, value in values.items()
            if key.startswith(f"{table}.")
        }
        pairs = ", ".join(f"'{column}', {value}" for column, value in changes.items())
        query = COPY.format(table=table, times=times, changes=pairs)
        cr.execute(query, [list(ids[table])])
        sequence = "pg_get_serial_sequence(%s, 'id')"
        cr.execute(f"SELECT setval({sequence}, (SELECT MAX(id) FROM {table}))", [table])
    cr.execute("SET LOCAL session_replication_role = DEFAULT")


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
        "account_move_line.matching_number": "({full_reconcile_id})::text",
        "account_payment.name": move_name,
    }


def _find_new_ids(cr, table, ids):
    """
    :return: function of SQL for the id of a row, that returns SQL for that of its copy
    """
    cr.execute(f"SELECT MAX(id) FROM {table}")
    (last,) = cr.fetchone()
    cases = " ".join(
        f"WHEN {old} THEN {last + rank} + (n - 1) * {len(ids)}"
        for rank, old in enumerate(ids, start=1)
    )
    return lambda reference: f"(CASE {reference} {cases} ELSE {reference} END)"


class _References(dict):
    """SQL of the columns that refer to rows that are copied, too."""

    def __missing__(self, column):
        return f'row."{column}"'


def _find_references(cr, table, new_ids):
    cr.execute(FOREIGN_KEYS, [table])
    copied = _References(id=new_ids[table]("row.id"))
    for column, target in cr.fetchall():
        if target in new_ids:
            copied[column] = new_ids[target](copied[column])
    if column_exists(cr, table, "wallet_document_id"):
        # A document is referred to by the name of its model.
        cases = " ".join(
            f"WHEN '{name.replace('_', '.')}' THEN {new_id('row.wallet_document_id')}"
            for name, new_id in new_ids.items()
        )
        copied["wallet_document_id"] = (
            f"(CASE row.wallet_document_model {cases} ELSE row.wallet_document_id END)"
        )
    return copied
