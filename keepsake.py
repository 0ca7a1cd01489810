"""What the books do not say about wallets, kept while the addon is away.

Accounts, entries and payments stay when the addon is uninstalled, and say what is in
each wallet. What only its own columns and tables say goes with them: it is written into
one attachment, which the next installation reads and deletes. Without the attachment
the wallets come back all the same, see `hooks.py`.
"""

import gzip
import json
import zlib

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

ADDON = "customer_wallet"
XMLID = "__custom__.customer_wallet_keepsake"
# External ids of the demo data have this prefix while the addon is away.
DEMO = "customer_wallet_demo_"
DEMO_MODELS = {"account.move", "account.payment", "res.partner"}
# PostgreSQL takes no value of more than 1 GB.
BATCH = 100_000
# What refers to others comes after them.
KEPT_MODELS = (
    "customer.wallet",
    "customer.wallet.promotion",
    "customer.wallet.takeover",
    "customer.wallet.takeover.line",
)
# The next installation reads the books anew, so that a sum of them is of no use.
FORGOTTEN = {"checkpoint_item_id", "checkpoint_contents"}
FOREIGN_KEYS = """
    SELECT attribute.attname, confrelid::regclass::text, attribute.attnotnull
      FROM pg_constraint
      JOIN pg_attribute attribute ON attrelid = conrelid AND attnum = conkey[1]
     WHERE contype = 'f' AND conrelid = %s::regclass AND cardinality(conkey) = 1
"""


def keep(env):
    """Write down what leaves the database with the addon."""
    find(env).unlink()
    env.flush_all()
    env.cr.execute("SELECT COALESCE(MAX(id), 0) FROM account_move_line")
    kept = {
        "last_item": env.cr.fetchone()[0],
        "columns": {
            table: {"names": names, "rows": _read(env, table, ["id", *names], names)}
            for table, names in _get_columns(env).items()
        },
        "tables": {
            table: {"names": names, "rows": _read(env, table, names)}
            for table, names in _get_tables(env).items()
        },
        "methods": [
            {"id": method.id, "till_ids": tills.ids, "active": method.active}
            for method, tills in _get_offers(env)
        ],
        "providers": env["payment.provider"]
        .search([("code", "=", "wallet")])
        .read(["state", "is_published"]),
    }
    attachment = (
        env["ir.attachment"]
        .with_user(SUPERUSER_ID)
        .create(
            {
                "name": "customer_wallet.json.gz",
                "description": "What Customer Wallet needs beside the books",
                "raw": gzip.compress(json.dumps(kept).encode()),
                "mimetype": "application/gzip",
            }
        )
    )
    env["ir.model.data"]._update_xmlids(
        [{"xml_id": XMLID, "record": attachment, "noupdate": True}]
    )


def find(env):
    """The attachment that an earlier installation left, if any. One that a user has
    made, who can import external ids as well, is none.
    """
    attachment = env.ref(XMLID, raise_if_not_found=False) or env["ir.attachment"]
    return attachment.filtered(lambda it: it.create_uid.id == SUPERUSER_ID)


def read(env):
    """What an earlier installation has written down, or an empty dict.

    :raises UserError: it cannot be read, as where the file store was not restored
    """
    attachment = find(env)
    if not attachment:
        return {}
    try:
        return json.loads(gzip.decompress(attachment.raw or b""))
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise UserError(
            env._(
                "What Customer Wallet kept when it was uninstalled cannot be read: the "
                "attachment %(name)s (ID %(id)s) is empty or damaged. Restore the "
                "filestore of this database, then install Customer Wallet again. "
                "Deleting the attachment brings back only what the books say.",
                name=attachment.name,
                id=attachment.id,
            )
        ) from error


def keep_demo(env):
    """Odoo deletes what has an external id of the addon, posted invoices of the demo
    data included: they become ordinary records first, which a new installation knows.
    Promotions are rows of a table that goes as a whole.
    """
    ids = env["ir.model.data"].search([("module", "=", ADDON)]).grouped("model")
    ids.get("customer.wallet.promotion", env["ir.model.data"]).unlink()
    for model in DEMO_MODELS & set(ids):
        for data in ids[model]:
            data.write({"module": "__custom__", "name": DEMO + data.name})


def find_demo(env):
    """Give the demo data that an earlier installation left its external ids again.

    :return: ir.model.data
    """
    left = env["ir.model.data"].search(
        [("module", "=", "__custom__"), ("name", "=like", f"{DEMO}%")]
    )
    for data in left:
        data.write({"module": ADDON, "name": data.name.removeprefix(DEMO)})
    return env["ir.model.data"].search(
        [("module", "=", ADDON), ("model", "=", "account.payment")]
    )


def restore_rows(env, kept):
    """Fill the tables, and the columns on Odoo's own tables, before anything is
    computed of them.
    """
    for write, known, tables in (
        (_insert, _get_tables(env), kept.get("tables", {})),
        (_update, _get_columns(env), kept.get("columns", {})),
    ):
        for table, columns in tables.items():
            # Another version of the addon may have other columns.
            names = [it for it in columns["names"] if it in known.get(table, [])]
            for rows in split_every(BATCH, columns["rows"] if names else (), list):
                write(env, table, names, rows)
    env.invalidate_all()


def restore_offers(env, kept):
    """Offer online, and at each till, the ways to pay that were offered before."""
    for vals in kept.get("providers", []):
        provider = env["payment.provider"].browse(vals["id"]).exists()
        if provider.code == "wallet":
            provider.write({name: vals[name] for name in ("state", "is_published")})
    methods = env["pos.payment.method"].with_context(active_test=False)
    for vals in kept.get("methods", []):
        method = methods.browse(vals["id"]).exists()
        if method:
            method.active = vals["active"]
            tills = env["pos.config"].browse(vals["till_ids"]).exists()
            tills._add_standard_methods(method)


def _get_columns(env):
    """The columns that the addon has added to tables of others, by table. The books say
    which wallet a journal item belongs to, and a hold is gone.
    """
    columns = {}
    for model in env.registry.values():
        if not model._auto or model._abstract or model._transient:
            continue
        if model._original_module == ADDON:
            continue
        names = [
            name
            for name, field in model._fields.items()
            if field._modules[:1] == (ADDON,)
            and field.store
            and field.column_type
            and name != "wallet_lot_type"
            and field.comodel_name not in ("customer.wallet", "customer.wallet.hold")
        ]
        if names:
            columns[model._table] = sorted(names)
    return columns


def _get_tables(env):
    """The columns of the tables that are kept with all their rows, and of what they
    refer to, by table: wallets, but for what is computed of the books; promotions, and
    what imports have moved, so that nothing is moved twice.
    """
    tables = {}
    for model in KEPT_MODELS:
        fields = [field for field in env[model]._fields.values() if field.store]
        tables[env[model]._table] = [
            field.name
            for field in fields
            if field.column_type and not field.compute and field.name not in FORGOTTEN
        ]
        for field in fields:
            if field.type == "many2many":
                tables[field.relation] = [field.column1, field.column2]
    return tables


def _get_offers(env):
    """Each wallet method with the tills that offer it, or will when they close."""
    methods = env["pos.payment.method"].with_context(active_test=False)
    tills = env["pos.config"].with_context(active_test=False).search([])
    for method in methods.search([("is_wallet", "=", True)]):
        yield (
            method,
            tills.filtered(
                lambda till, method=method: (
                    method in till.payment_method_ids | till.pending_payment_method_ids
                )
            ),
        )


def _read(env, table, names, telling=()):
    """The rows of a table in which one of the telling columns says something, or all.

    :return: list of dicts
    """
    says = SQL("TRUE")
    if telling:
        told = (SQL("NULLIF(%s::text, 'false')", SQL.identifier(it)) for it in telling)
        says = SQL("num_nonnulls(%s) > 0", SQL(", ").join(told))
    env.cr.execute(
        SQL(
            "SELECT json_strip_nulls(row_to_json(kept))::text"
            " FROM (SELECT %s FROM %s WHERE %s) kept",
            _names(names),
            SQL.identifier(table),
            says,
        )
    )
    # Amounts stay as they are written, to the last zero.
    return [json.loads(row, parse_float=str) for (row,) in env.cr.fetchall()]


def _update(env, table, names, rows):
    env.cr.execute(
        SQL(
            "UPDATE %(table)s SET (%(columns)s) = ROW(%(values)s)"
            " FROM json_populate_recordset(NULL::%(table)s, %(rows)s) kept"
            " WHERE kept.id = %(table)s.id",
            table=SQL.identifier(table),
            columns=_names(names),
            values=_names(names, "kept"),
            rows=json.dumps(_without_vanished(env, table, rows)),
        )
    )


def _insert(env, table, names, rows):
    """The rows get the ids that they had, by which others refer to them."""
    env.cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(names)s) SELECT %(names)s"
            " FROM json_populate_recordset(NULL::%(table)s, %(rows)s)"
            " ON CONFLICT DO NOTHING",
            table=SQL.identifier(table),
            names=_names(names),
            rows=json.dumps(_without_vanished(env, table, rows)),
        )
    )
    if "id" in names:
        env.cr.execute(
            SQL(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), MAX(id)) FROM %s",
                table,
                SQL.identifier(table),
            )
        )


def _without_vanished(env, table, rows):
    """These rows without what they refer to that is no longer there."""
    env.cr.execute(FOREIGN_KEYS, [table])
    for column, target, is_required in env.cr.fetchall():
        wanted = {row[column] for row in rows if row.get(column)}
        env.cr.execute(
            SQL("SELECT id FROM %s WHERE id = ANY(%s)", SQL(target), list(wanted))
        )
        vanished = wanted - {row[0] for row in env.cr.fetchall()}
        for row in rows:
            if row.get(column) in vanished:
                row[column] = None
        if is_required and vanished:
            rows = [row for row in rows if row.get(column)]
    return rows


def _names(columns, alias=None):
    return SQL(", ").join(SQL.identifier(*filter(None, [alias, it])) for it in columns)
