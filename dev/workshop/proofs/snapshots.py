"""What is in a database, counted in SQL: of its own, past Odoo and the addon.

A snapshot goes through JSON, so that it can be compared with one that another process
takes later.
"""

TABLES = """
    SELECT table_name, array_agg(column_name::text ORDER BY column_name)
      FROM information_schema.columns
      JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
     GROUP BY table_name
"""
SCHEMA = """
    SELECT 'column ' || table_name || '.' || column_name || ' ' || udt_name
           || ' ' || is_nullable
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || '.' || conname FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace
"""
# What the database has of the definitions of modules, by what names it.
DEFINITIONS = {
    "external id": "SELECT module || '.' || name FROM ir_model_data",
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model || '.' || name FROM ir_model_fields",
    "choice": (
        "SELECT field.model || '.' || field.name || ': ' || it.value"
        " FROM ir_model_fields_selection it"
        " JOIN ir_model_fields field ON field.id = it.field_id"
    ),
    "constraint of a model": "SELECT name FROM ir_model_constraint",
    "relation": "SELECT name FROM ir_model_relation",
    "view": "SELECT model || ': ' || name || ' ' || COALESCE(key, '') FROM ir_ui_view",
    "menu": "SELECT complete_name FROM ({menus}) menu",
    "action": "SELECT type || ': ' || name::text FROM ir_actions",
    "window action": (
        "SELECT id || ': ' || REGEXP_REPLACE(context, '\\s+', ' ', 'g')"
        " FROM ir_act_window WHERE context IS NOT NULL"
    ),
    "scheduled action": "SELECT cron_name FROM ir_cron",
    "filter": "SELECT model_id || ': ' || name::text FROM ir_filters",
    "default": "SELECT field_id || ': ' || json_value FROM ir_default",
    "parameter": "SELECT key FROM ir_config_parameter",
    "access right": "SELECT name FROM ir_model_access",
    "rule": "SELECT name FROM ir_rule",
    "group": "SELECT name::text FROM res_groups",
    "privilege": "SELECT name::text FROM res_groups_privilege",
    "implied group": "SELECT gid || ': ' || hid FROM res_groups_implied_rel",
    "group of a user": "SELECT uid || ': ' || gid FROM res_groups_users_rel",
    "mail template": "SELECT name::text FROM mail_template",
    "kind of activity": "SELECT name::text FROM mail_activity_type",
    "activity": "SELECT res_model || ': ' || id FROM mail_activity",
    "model in the chatter": "SELECT DISTINCT model FROM mail_message",
    "model followed": "SELECT DISTINCT res_model FROM mail_followers",
    "model of attachments": "SELECT DISTINCT res_model FROM ir_attachment",
    "asset": "SELECT path FROM ir_asset",
    "sequence": "SELECT name FROM ir_sequence",
}
MENUS = """
    WITH RECURSIVE tree(id, complete_name) AS (
        SELECT id, name::text FROM ir_ui_menu WHERE parent_id IS NULL
        UNION ALL
        SELECT menu.id, tree.complete_name || ' / ' || (menu.name::text)
          FROM ir_ui_menu menu JOIN tree ON tree.id = menu.parent_id
    )
    SELECT complete_name FROM tree
"""
BOOKS = {
    # account by account and partner by partner, to the last decimal
    "trial balance": """
        SELECT company_id, account_id, COALESCE(partner_id, 0), currency_id,
               SUM(balance)::text, SUM(amount_currency)::text, COUNT(*)
          FROM account_move_line WHERE parent_state = 'posted'
         GROUP BY 1, 2, 3, 4
    """,
    "entries": """
        SELECT move.id, move.name, move.state, move.payment_state, move.partner_id,
               SUM(line.debit)::text, SUM(line.credit)::text, COUNT(*)
          FROM account_move move JOIN account_move_line line ON line.move_id = move.id
         GROUP BY move.id
    """,
    "items": """
        SELECT id, move_id, account_id, partner_id, date::text, date_maturity::text,
               name, balance::text, amount_currency::text, amount_residual::text,
               amount_residual_currency::text, reconciled, full_reconcile_id,
               matching_number
          FROM account_move_line
    """,
    "reconciliations": """
        SELECT id, debit_move_id, credit_move_id, amount::text,
               debit_amount_currency::text, credit_amount_currency::text,
               full_reconcile_id
          FROM account_partial_reconcile
    """,
    "payments": """
        SELECT id, name, state, partner_id, amount::text, currency_id, move_id,
               destination_account_id, is_reconciled, is_matched
          FROM account_payment
    """,
    "orders": """
        SELECT id, name, state, amount_total::text, amount_paid::text, session_id,
               account_move
          FROM pos_order
    """,
    "till payments": """
        SELECT id, pos_order_id, payment_method_id, amount::text FROM pos_payment
    """,
}
UNBALANCED = """
    SELECT move_id FROM account_move_line WHERE parent_state = 'posted'
     GROUP BY move_id HAVING SUM(balance) != 0
"""


def take_rows(env):
    """Of each table its columns, and of each row what tells whether a column of it has
    changed.
    """
    env.flush_all()
    return {
        table: {"columns": columns, "rows": _read_rows(env.cr, table, columns)}
        for table, columns in _fetch(env.cr, TABLES)
    }


def _read_rows(cr, table, columns):
    """
    :return: dict of the values of each row by its id; a table without ids has rows that
        are their own
    """
    values = ", ".join(f'LEFT(MD5("{column}"::text), 8)' for column in columns)
    key = "id" if "id" in columns else f"CONCAT_WS(' ', {_quoted(columns)})"
    rows = _fetch(cr, f'SELECT ({key})::text, ARRAY[{values}] FROM "{table}"')
    return dict(rows)


def _quoted(columns):
    return ", ".join(f'"{column}"' for column in columns)


def find_changed_rows(env, before):
    """What has become of rows that were there before, in their old columns.

    :return: set of `table.column` in which rows have changed, and of `table` from which
        rows have gone
    """
    env.flush_all()
    present = {table for table, _columns in _fetch(env.cr, TABLES)}
    changed = set()
    for table, old in before.items():
        rows = _read_rows(env.cr, table, old["columns"]) if table in present else {}
        for key, values in old["rows"].items():
            changed |= set(_compare_row(table, old["columns"], values, rows.get(key)))
    return changed


def _compare_row(table, columns, old, new):
    if new is None:
        yield table
    elif new != old:
        for column, was, now in zip(columns, old, new, strict=True):
            if was != now:
                yield f"{table}.{column}"


def take_definitions(env):
    """The names of all that modules define in the database, and its schema."""
    env.flush_all()
    found = [f"{row[0]}" for row in _fetch(env.cr, SCHEMA)]
    for kind, query in DEFINITIONS.items():
        rows = _fetch(env.cr, query.replace("{menus}", MENUS))
        found += [f"{kind} {row[0]}" for row in rows]
    return sorted(found)


def take_books(env):
    """All of the books, line by line."""
    env.flush_all()
    if unbalanced := _fetch(env.cr, UNBALANCED):
        raise AssertionError(f"Entries that do not balance: {unbalanced[:5]}")
    return {
        name: sorted(map(list, _fetch(env.cr, query)), key=str)
        for name, query in BOOKS.items()
    }


def differences(before, after):
    """What one has and the other has not, of two lists or two dicts of lists."""
    if isinstance(before, dict):
        found = {name: differences(before[name], after[name]) for name in before}
        return {name: it for name, it in found.items() if it}
    old, new = set(map(str, before)), set(map(str, after))
    gone, come = sorted(old - new), sorted(new - old)
    return [f"- {it}" for it in gone] + [f"+ {it}" for it in come]


def _fetch(cr, query):
    cr.execute(query)
    return cr.fetchall()
