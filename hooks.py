import re

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, sql

from . import keepsake
from .models.customer_wallet import FROM_SERVER

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
    """Bring back the wallets whose entries an earlier installation left.

    :param int last_known: id of the last journal item of which is known what it was
        to a wallet; that of later ones is guessed
    """
    accounts = companies._get_wallet_accounts()
    items = env["account.move.line"].search(
        [("account_id", "in", accounts.ids), ("wallet_lot_type", "=", False)]
    )
    _check_owners(env, items)
    unknown = items.filtered(lambda item: item.id > last_known)
    _restore_payments(env, unknown)
    _restore_operations(unknown.with_context(wallet_booking=FROM_SERVER))
    _restore_grants(env, companies, unknown)
    _allow_debts(env, items)
    for name in ("wallet_id", "wallet_lot_type"):
        env.add_to_compute(items._fields[name], items)
    items._recompute_recordset(["wallet_id", "wallet_lot_type"])


def _check_owners(env, items):
    """
    :raises UserError: who cannot have a wallet has money on its accounts
    """
    posted = items.filtered(lambda item: item.parent_state == "posted")
    known = env["customer.wallet"].search([]).partner_id
    owners = posted.partner_id.commercial_partner_id - known
    refused = owners - owners._filter_wallet_owners()
    if not refused:
        return
    item = posted.filtered(lambda it: it.partner_id.commercial_partner_id in refused)[0]
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
    payments = items.move_id.origin_payment_id.filtered(
        lambda payment: payment.destination_account_id in items.account_id
    )
    env.cr.execute(
        "UPDATE account_payment SET is_wallet = TRUE WHERE id = ANY(%s)",
        [payments.ids],
    )
    payments.invalidate_recordset(["is_wallet"])


def _restore_operations(items):
    """Say again what each entry did, and for which document, so that it can be undone
    as before.
    """
    entries = items.move_id
    for entry in entries.sorted(lambda move: bool(move.reversed_entry_id)):
        operation = entry.reversed_entry_id.wallet_operation or _guess_operation(
            entry, sum((entry.line_ids & items).mapped("balance"))
        )
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


def _restore_grants(env, companies, items):
    """Every credit of bonus money is a bonus that was given, and is used up in turn.
    Its due date tells until when it can be used.
    """
    env.cr.execute(
        """
        UPDATE account_move_line SET wallet_expiry_date = date_maturity
         WHERE id = ANY(%s) AND account_id = ANY(%s) AND amount_currency < 0
        """,
        [items.ids, companies.wallet_bonus_account_id.ids],
    )
    items.invalidate_recordset(["wallet_expiry_date"])


def _allow_debts(env, items):
    """A customer who is in debt may stay as far below zero as the books say, whatever
    the limit was when the earlier installation went.

    :raises UserError: a customer has less than no bonus, which cannot be
    """
    owners = items.filtered(
        lambda item: item.partner_id and item.parent_state == "posted"
    ).grouped(
        lambda item: (
            item.partner_id.commercial_partner_id,
            item.company_id.root_id,
            item.currency_id,
            item.account_id,
        )
    )
    for (partner, company, currency, account), owned in owners.items():
        debt = currency.round(sum(owned.mapped("amount_currency")))
        if currency.compare_amounts(debt, 0.0) <= 0:
            continue
        if account == company.wallet_bonus_account_id:
            raise UserError(
                env._(
                    "%(customer)s has %(amount)s on the account %(account)s: there is "
                    "no bonus below zero. Book it on another account, then install "
                    "Customer Wallet again.",
                    customer=partner.display_name,
                    amount=currency.format(-debt),
                    account=account.display_name,
                )
            )
        wallet = env["customer.wallet"]._find_or_create(partner, company, currency)
        if currency.compare_amounts(debt, wallet.overdraft_limit) > 0:
            wallet.overdraft_limit = debt
