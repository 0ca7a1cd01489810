"""What is in a database, by plain SQL: of its own, past Odoo and the addon. What was
there before is a copy of the database.
"""

from psycopg2.errors import UndefinedTable

TABLES = """
    SELECT table_name, array_agg(column_name::text ORDER BY column_name)
      FROM information_schema.columns
      JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
     GROUP BY table_name
"""
# What the database has of the definitions of modules, by what names it, and its schema.
DEFINITIONS = {
    "schema": """
        SELECT 'column ' || table_name || '.' || column_name || ' ' || udt_name
               || ' ' || is_nullable
          FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL
        SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT 'constraint ' || conrelid::regclass || '.' || conname FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace
    """,
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
    "menu": """
        WITH RECURSIVE tree(id, complete_name) AS (
            SELECT id, name::text FROM ir_ui_menu WHERE parent_id IS NULL
            UNION ALL
            SELECT menu.id, tree.complete_name || ' / ' || (menu.name::text)
              FROM ir_ui_menu menu JOIN tree ON tree.id = menu.parent_id
        )
        SELECT complete_name FROM tree
    """,
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
# What wallets hold, counted from the journal items alone.
BALANCES = """
    SELECT line.partner_id, SPLIT_PART(company.parent_path, '/', 1)::int,
           line.currency_id, (-SUM(line.amount_currency))::text,
           COALESCE(-SUM(line.amount_currency) FILTER (
               WHERE line.account_id = company.wallet_bonus_account_id), 0)::text
      FROM account_move_line line
      JOIN res_company company ON company.id = line.company_id
     WHERE line.account_id IN (
               company.wallet_account_id, company.wallet_bonus_account_id)
       AND line.parent_state = 'posted'
     GROUP BY 1, 2, 3
"""
STORED = """
    SELECT partner_id, company_id, currency_id, balance::text, bonus_balance::text
      FROM customer_wallet
"""
WALLETS = {
    "wallets": """
        SELECT partner_id, company_id, currency_id, balance::text, bonus_balance::text,
               held::text, held_bonus::text, overdraft_limit::text, debt_limit::text,
               state, low_balance_threshold::text, is_low_balance_notified
          FROM customer_wallet
    """,
    "history": """
        SELECT line.id, line.date::text, line.move_name, line.amount_currency::text,
               line.wallet_lot_type, line.wallet_expiry_date::text,
               line.wallet_grant_id, wallet.partner_id, wallet.currency_id,
               move.wallet_operation
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
          JOIN customer_wallet wallet ON wallet.id = line.wallet_id
         WHERE line.parent_state = 'posted'
    """,
    "bonuses of top-ups": """
        SELECT id, wallet_bonus_origin_id, wallet_promotion_id FROM account_move
         WHERE wallet_bonus_origin_id IS NOT NULL OR wallet_promotion_id IS NOT NULL
    """,
    "paid documents": """
        SELECT id, wallet_document_model, wallet_document_id FROM account_move_line
         WHERE wallet_document_id IS NOT NULL
    """,
    "reminders": """
        SELECT id, wallet_reminder_date::text FROM account_move_line
         WHERE wallet_reminder_date IS NOT NULL
    """,
    "till payments": """
        SELECT id, wallet_move_id, wallet_bonus::text, wallet_bonus_note
          FROM pos_payment WHERE wallet_move_id IS NOT NULL
    """,
    "payments": """
        SELECT id, is_wallet FROM account_payment WHERE is_wallet
    """,
    "methods": """
        SELECT method.id, method.is_wallet, method.auto_invoice, method.active,
               ARRAY(SELECT pos_config_id FROM pos_config_pos_payment_method_rel
                      WHERE pos_payment_method_id = method.id ORDER BY 1)
          FROM pos_payment_method method
         WHERE method.is_wallet OR method.auto_invoice
    """,
    "choices of customers": """
        SELECT id, wallet_auto_allocate::text FROM res_partner
         WHERE wallet_auto_allocate IS NOT NULL
    """,
    "settings": """
        SELECT id, wallet_account_id, wallet_journal_id, wallet_bonus_account_id,
               wallet_promotion_account_id, wallet_payment_default,
               wallet_top_up_receipt, wallet_auto_allocate,
               wallet_auto_allocate_incoming, wallet_expiry_reminder,
               wallet_expiry_reminder_days, wallet_online_top_up,
               wallet_top_up_amounts, wallet_mail_used, wallet_mail_low_balance
          FROM res_company
    """,
    "promotions": """
        SELECT id, name::text, active, company_id, currency_id, bonus_type,
               bonus_value::text, minimum_amount::text, validity_days
          FROM customer_wallet_promotion
    """,
    "notes in the chatter": """
        SELECT wallet.partner_id, wallet.company_id, wallet.currency_id, message.id
          FROM mail_message message
          JOIN customer_wallet wallet ON wallet.id = message.res_id
         WHERE message.model = 'customer.wallet'
    """,
}


def find_changed_rows(before, now):
    """What has become of rows that were there before, in their old columns.

    :return: set of `table.column` in which rows have changed, and of `table` from which
        rows have gone
    """
    changed = set()
    for table, columns in before.fetch(TABLES):
        old, new = (_read_rows(books, table, columns) for books in (before, now))
        for key, values in old.items():
            if key not in new:
                changed.add(table)
            elif values != new[key]:
                pairs = zip(columns, values, new[key], strict=True)
                changed |= {
                    f"{table}.{it}" for it, was, became in pairs if was != became
                }
    return changed


def _read_rows(books, table, columns):
    """
    :return: dict of what tells whether a column has changed, by the id of the row; a
        table without ids has rows that are their own
    """
    values = ", ".join(f'LEFT(MD5("{column}"::text), 8)' for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    key = "id" if "id" in columns else f"CONCAT_WS(' ', {names})"
    try:
        return dict(
            books.fetch(f'SELECT ({key})::text, ARRAY[{values}] FROM "{table}"')
        )
    except UndefinedTable:
        return {}


def compare(before, now, queries):
    """What one has and the other has not.

    :param dict queries: by the name of what they find
    :return: list of strings
    """
    found = []
    for name, query in queries.items():
        old, new = (set(map(_as_text, it.fetch(query))) for it in (before, now))
        found += [f"- {name} {it}" for it in sorted(old - new)]
        found += [f"+ {name} {it}" for it in sorted(new - old)]
    return found


def _as_text(row):
    return str(row[0]) if len(row) == 1 else str(row)


def find_wrong_balances(books):
    """Wallets that are not what the books say.

    :return: list of tuples
    """
    owned, stored = (
        {(*row[:3], *map(float, row[3:])) for row in books.fetch(query)}
        for query in (BALANCES, STORED)
    )
    return sorted(it for it in owned ^ stored if any(it[3:]))
