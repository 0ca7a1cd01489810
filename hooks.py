import re

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, split_every, sql

from . import keepsake
from .models.customer_wallet import BONUS, FROM_SERVER

# So many records are in memory at once.
BATCH = 1000
# Columns of tables that may hold millions of rows. Made before the models are
# loaded, they are empty, which is right for every row there is: Odoo would compute
# each row of a stored computed column that it adds itself.
WALLET_COLUMNS = (
    ("account_move_line", "wallet_lot_type", "varchar"),
    ("account_move", "wallet_operation", "varchar"),
    ("account_payment", "is_wallet", "bool"),
)
# Those with a foreign key: PostgreSQL reads all rows for one that comes after its
# column, as Odoo's does.
WALLET_LINKS = (
    ("account_move_line", "wallet_id", "customer_wallet", "restrict"),
    ("account_move_line", "wallet_grant_id", "account_move_line", "restrict"),
    ("account_move", "wallet_promotion_id", "customer_wallet_promotion", "restrict"),
    ("account_move", "wallet_bonus_origin_id", "account_move", "set null"),
)


def pre_init_hook(env):
    """Install on a large database without computing or reading its journal items."""
    for table, column, column_type in WALLET_COLUMNS:
        _add_column(env, table, column, SQL(column_type))
    for table, column, target, ondelete in WALLET_LINKS:
        if not sql.table_exists(env.cr, target):
            sql.create_model_table(env.cr, target)
        link = SQL("int4 REFERENCES %s ON DELETE %s", SQL(target), SQL(ondelete))
        _add_column(env, table, column, link)


def _add_column(env, table, column, column_type):
    if not sql.column_exists(env.cr, table, column):
        names = map(SQL.identifier, (table, column))
        env.cr.execute(SQL("ALTER TABLE %s ADD COLUMN %s %s", *names, column_type))


def post_init_hook(env):
    """Give every company what it needs to work with wallets at once; one that is
    archived has its books, and may come back.
    """
    companies = env["res.company"].with_context(active_test=False).search([])
    companies = companies.with_env(env)
    kept = keepsake.read(env)
    keepsake.restore_rows(env, kept)
    companies._replace_unfit_wallet_setup()
    companies._ensure_wallet_accounting()
    methods = env["pos.payment.method"]
    if kept:
        methods._ensure_standard_methods(companies)
    else:
        methods._init_standard_methods(companies)
    keepsake.restore_offers(env, kept)
    _assign_wallets(env, companies, kept.get("last_item", 0))
    keepsake.find(env).unlink()


def uninstall_hook(env):
    """Leave the books complete, and Customers > Payments as it was. What was held and
    never booked is free again.
    """
    action = env.ref("account.action_account_payments", raise_if_not_found=False)
    if action:
        action.context = re.sub(r"\s*'wallet_payment': True,", "", action.context)
    keepsake.keep_demo(env)
    _delete_activities(env)
    _forget_what_odoo_leaves(env)
    keepsake.keep(env)
    _take_off_tills(env)
    env["payment.provider"]._remove_wallet_providers()


def _delete_activities(env):
    """A kind of activity cannot be deleted while there are activities of it."""
    kinds = env["ir.model.data"].search(
        [("module", "=", "customer_wallet"), ("model", "=", "mail.activity.type")]
    )
    env["mail.activity"].with_context(active_test=False).search(
        [("activity_type_id", "in", kinds.mapped("res_id"))]
    ).unlink()


def _forget_what_odoo_leaves(env):
    """Modules that extend every model with a chatter give external ids to what they add
    to ours, and Odoo notes foreign keys: it forgets neither.
    """
    models = ["ir.model.inherit", "ir.model.fields.selection"]
    env["ir.model.data"].search(
        [
            ("module", "!=", "customer_wallet"),
            ("model", "in", models),
            ("name", "=like", "%\\_\\_customer\\_wallet\\_%"),
        ]
    ).unlink()
    # Deleting the records would delete the foreign keys, which go with their columns.
    env.cr.execute(
        """
        DELETE FROM ir_model_constraint USING ir_module_module module
         WHERE ir_model_constraint.module = module.id
           AND module.name = 'customer_wallet'
           AND ir_model_constraint.type = 'f'
        """
    )


def _take_off_tills(env):
    """Without the addon, these methods would put what they are told on an account of
    nobody.
    """
    methods = env["pos.payment.method"].search([("is_wallet", "=", True)])
    tills = env["pos.config"].with_context(active_test=False).search([])
    for till in tills.filtered(lambda till: till.payment_method_ids & methods):
        till.payment_method_ids = [Command.unlink(method.id) for method in methods]
    methods.active = False


def _assign_wallets(env, companies, last_known=0):
    """Bring back the wallets whose entries an earlier installation left, however many
    there are.

    :param int last_known: id of the last journal item of which is known what it was
        to a wallet; that of later ones is guessed
    """
    env.flush_all()
    items = _get_items_sql(companies)
    unknown = SQL("SELECT * FROM (%s) item WHERE id > %s", items, last_known)
    sums = _read_sums(env, items)
    _check_owners(env, items, sums)
    _restore_payments(env, unknown)
    _restore_operations(env, unknown)
    _restore_grants(env, unknown)
    _make_wallets(env, sums)
    _allow_debts(env, sums)
    _link_items(env, items)
    _sum_wallets(env)


def _get_items_sql(companies):
    """The journal items on the accounts of the wallets of their company, as far as
    they are in no wallet.
    """
    accounts = companies._get_wallet_accounts()
    return SQL(
        """
        SELECT item.id,
               item.move_id,
               item.account_id,
               item.currency_id,
               item.balance,
               item.amount_currency,
               item.parent_state = 'posted' AS is_posted,
               main.id AS main_id,
               partner.commercial_partner_id AS owner_id,
               CASE item.account_id
                    WHEN main.wallet_account_id THEN 'paid' ELSE 'bonus'
               END AS kind
          FROM account_move_line item
          JOIN res_company company ON company.id = item.company_id
          JOIN res_company main
            ON main.id = split_part(company.parent_path, '/', 1)::integer
          LEFT JOIN res_partner partner ON partner.id = item.partner_id
         WHERE item.account_id = ANY(%s)
           AND item.account_id IN (main.wallet_account_id, main.wallet_bonus_account_id)
           AND item.wallet_lot_type IS NULL
        """,
        accounts.ids,
    )


def _read_sums(env, items):
    """What each customer has of each kind of money.

    :return: list of (commercial partner id, main company id, currency id, kind, float
        below zero when the customer has something)
    """
    return env.execute_query(
        SQL(
            """
            SELECT owner_id, main_id, currency_id, kind, SUM(amount_currency)::float
              FROM (%s) item
             WHERE is_posted AND owner_id IS NOT NULL
             GROUP BY owner_id, main_id, currency_id, kind
             ORDER BY owner_id, main_id, currency_id, kind
            """,
            items,
        )
    )


def _check_owners(env, items, sums):
    """
    :raises UserError: who cannot have a wallet has money on its accounts
    """
    known = {
        row[0].id for row in env["customer.wallet"]._read_group([], ["partner_id"])
    }
    owners = env["res.partner"].browse({row[0] for row in sums} - known)
    refused = owners - owners._filter_wallet_owners()
    if not refused:
        return
    [(item_id,)] = env.execute_query(
        SQL(
            "SELECT MIN(id) FROM (%s) item WHERE is_posted AND owner_id = ANY(%s)",
            items,
            refused.ids,
        )
    )
    item = env["account.move.line"].browse(item_id)
    raise UserError(
        env._(
            "%(customer)s stands for many people and has no wallet, but is on the "
            "account %(account)s in %(entry)s. Put the customer whose money it is, or "
            "another account, on this entry, then install Customer Wallet again.",
            customer=item.partner_id.display_name,
            account=item.account_id.display_name,
            entry=item.move_id.display_name,
        )
    )


def _restore_payments(env, items):
    env.cr.execute(
        SQL(
            """
            UPDATE account_payment payment
               SET is_wallet = TRUE
              FROM (%s) item
              JOIN account_move move ON move.id = item.move_id
             WHERE payment.id = move.origin_payment_id
               AND payment.destination_account_id = item.account_id
            """,
            items,
        )
    )
    env["account.payment"].invalidate_model(["is_wallet"])


def _restore_operations(env, items):
    """Say again what each entry did, and for which document, so that it can be undone
    as before. What reverses another entry comes after it.
    """
    rows = env.execute_query(
        SQL(
            """
            SELECT move.id, SUM(item.balance)::float
              FROM (%s) item
              JOIN account_move move ON move.id = item.move_id
             GROUP BY move.id
             ORDER BY move.reversed_entry_id IS NOT NULL, move.id
            """,
            items,
        )
    )
    entries = env["account.move"].with_context(wallet_booking=FROM_SERVER)
    for batch in split_every(BATCH, rows, dict):
        for entry in entries.browse(batch):
            _restore_operation(entry, batch[entry.id])
        env.invalidate_all()


def _restore_operation(entry, taken):
    operation = entry.reversed_entry_id.wallet_operation
    operation = operation or _guess_operation(entry, taken)
    entry.wallet_operation = operation
    document = operation in ("allocation", "refund") and _guess_document(entry)
    if document:
        entry.line_ids.write(document._prepare_wallet_reference_vals())


def _guess_operation(entry, taken):
    """
    :param float taken: out of wallets; below zero when it was given
    :return: str, the name of an operation, or False
    """
    payment = entry.origin_payment_id
    if payment.is_wallet:
        return "top_up" if payment.payment_type == "inbound" else "pay_out"
    if payment:
        return "top_up" if taken < 0.0 else False
    company = entry.company_id.root_id
    if entry.journal_id != company.wallet_journal_id:
        return False
    accounts = entry.line_ids.account_id
    if "asset_receivable" in accounts.mapped("account_type"):
        return "allocation" if taken > 0.0 else "refund"
    if company.wallet_promotion_account_id in accounts:
        return "expiry" if taken > 0.0 else "bonus"
    return not any(entry.line_ids.mapped("amount_currency")) and "exchange"


def _guess_document(entry):
    """Which part of an entry was for which of several documents, nobody knows."""
    partials = entry.line_ids.matched_debit_ids | entry.line_ids.matched_credit_ids
    moves = (partials.debit_move_id | partials.credit_move_id).move_id
    documents = moves.filtered(lambda move: move.is_invoice())
    return len(documents) == 1 and documents


def _restore_grants(env, items):
    """Every credit of bonus money is a bonus that was given, and is used up in turn.
    Its due date tells until when it can be used.
    """
    env.cr.execute(
        SQL(
            """
            UPDATE account_move_line line
               SET wallet_expiry_date = line.date_maturity
              FROM (%s) item
             WHERE line.id = item.id
               AND item.kind = 'bonus'
               AND item.amount_currency < 0
            """,
            items,
        )
    )
    env["account.move.line"].invalidate_model(["wallet_expiry_date"])


def _make_wallets(env, sums):
    for batch in split_every(BATCH, dict.fromkeys(row[:3] for row in sums), list):
        env["customer.wallet"]._find_or_create_all(
            (
                env["res.partner"].browse(owner_id),
                env["res.company"].browse(company_id),
                env["res.currency"].browse(currency_id),
            )
            for owner_id, company_id, currency_id in batch
        )
        env.invalidate_all()


def _allow_debts(env, sums):
    """A customer who is in debt may stay as far below zero as the books say, whatever
    the limit was when the earlier installation went.

    :raises UserError: a customer has less than no bonus, which cannot be
    """
    for owner_id, company_id, currency_id, kind, debt in sums:
        currency = env["res.currency"].browse(currency_id)
        if currency.compare_amounts(debt, 0.0) <= 0:
            continue
        partner = env["res.partner"].browse(owner_id)
        company = env["res.company"].browse(company_id)
        if kind == BONUS:
            raise UserError(
                env._(
                    "%(customer)s has %(amount)s on the account %(account)s: there is "
                    "no bonus below zero. Book it on another account, then install "
                    "Customer Wallet again.",
                    customer=partner.display_name,
                    amount=currency.format(-debt),
                    account=company.wallet_bonus_account_id.display_name,
                )
            )
        wallet = env["customer.wallet"]._find_or_create(partner, company, currency)
        if currency.compare_amounts(debt, wallet.overdraft_limit) > 0:
            wallet.overdraft_limit = currency.round(debt)


def _link_items(env, items):
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            UPDATE account_move_line line
               SET wallet_lot_type = item.kind,
                   wallet_id = wallet.id
              FROM (%s) item
              LEFT JOIN customer_wallet wallet
                ON item.is_posted
               AND wallet.partner_id = item.owner_id
               AND wallet.company_id = item.main_id
               AND wallet.currency_id = item.currency_id
             WHERE line.id = item.id
            """,
            items,
        )
    )
    env.invalidate_all()


def _sum_wallets(env):
    """Each once, with all of its items: a part of them may be less than nothing."""
    model = env["customer.wallet"].with_context(wallet_coming_back=FROM_SERVER)
    names = ["balance", "bonus_balance"]
    for wallets in split_every(BATCH, model.search([]).ids, model.browse):
        for name in names:
            env.add_to_compute(model._fields[name], wallets)
        wallets._recompute_recordset(names)
        env.invalidate_all()
