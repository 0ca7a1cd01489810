"""What differs between a database and a copy of what it was, row by row of all tables
but those of dialogs, and in the schema: by plain SQL, past Odoo and the addon.
"""

TABLES = """
    SELECT table_name, format('SELECT to_jsonb(it) FROM %I it', table_name)
      FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND table_name NOT IN (
           SELECT replace(model, '.', '_') FROM ir_model WHERE transient)
"""
# Looked at like the rows of a table.
SCHEMA = """
    SELECT jsonb_build_object('name', name) FROM (
        SELECT concat_ws(' ', 'column', table_name || '.' || column_name, udt_name,
                         is_nullable)
          FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL
        SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname,
                         pg_get_constraintdef(oid))
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    ) it(name)
"""
# By what people know a row, as far as it has these.
NAMES = ("module", "model", "res_model", "name", "key", "id")


def find_differences(before, now):
    """
    :return: sorted list of strings, the different ones: `TABLE changed COLUMN` for rows
        that both have, in columns that both have, `TABLE gone ROW` and `TABLE new ROW`
    """
    found = set()
    tables = dict(now.fetch(TABLES))
    shared = {name: query for name, query in before.fetch(TABLES) if name in tables}
    for table, query in {"schema": SCHEMA, **shared}.items():
        old, new = (_read_rows(books, query) for books in (before, now))
        found |= {f"{table} gone {_name(old[it])}" for it in old.keys() - new.keys()}
        found |= {f"{table} new {_name(new[it])}" for it in new.keys() - old.keys()}
        found |= {
            f"{table} changed {column}"
            for key in old.keys() & new.keys()
            for column in old[key].keys() & new[key].keys()
            # To Odoo, nothing is the same as no or zero.
            if (old[key][column] or 0) != (new[key][column] or 0)
        }
    return sorted(found)


def _read_rows(books, query):
    """
    :return: dict by id; a row without one is its own
    """
    return {row.get("id") or str(row): row for (row,) in books.fetch(query)}


def _name(row):
    return " ".join(str(row[it]) for it in NAMES if row.get(it)) or str(row)
