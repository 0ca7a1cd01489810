import re

from odoo.fields import Command
from odoo.tools import SQL

from . import keepsake

# Columns of tables that may hold millions of rows. Made before the models are
# loaded, they are empty, which is right for every row there is: Odoo would compute
# each row of a stored computed column that it adds itself.
WALLET_COLUMNS = (
    ("account_move_line", "wallet_id", "int4"),
    ("account_move_line", "wallet_lot_type", "varchar"),
    ("account_move", "wallet_operation", "varchar"),
    ("account_payment", "is_wallet", "bool"),
)


def pre_init_hook(env):
    """Install on a large database without computing its journal items."""
    for table, column, column_type in WALLET_COLUMNS:
        env.cr.execute(
            SQL(
                "ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s %s",
                SQL.identifier(table),
                SQL.identifier(column),
                SQL(column_type),
            )
        )


def post_init_hook(env):
    """Give every company what it needs to work with wallets at once."""
    companies = env["res.company"].search([])
    kept = keepsake.read(env)
    keepsake.restore_columns(env, kept)
    companies._ensure_wallet_accounting()
    env["pos.payment.method"]._init_standard_methods(companies)
    keepsake.restore_methods(env, kept)
    _assign_wallets(env, companies, kept.get("last_item", 0))
    keepsake.restore_wallets(env, kept)
    keepsake.find(env).unlink()


def uninstall_hook(env):
    """Leave the books complete, and Customers > Payments as it was."""
    action = env.ref("account.action_account_payments", raise_if_not_found=False)
    if action:
        action.context = re.sub(r"\s*'wallet_payment': True,", "", action.context)
    _keep_demo_documents(env)
    _delete_activities(env)
    _forget_what_odoo_leaves(env)
    keepsake.keep(env)
    _take_off_tills(env)


def _keep_demo_documents(env):
    """Odoo deletes what has an external id of the addon, posted invoices of the demo
    data included: they become ordinary records first.
    """
    env["ir.model.data"].search(
        [
            ("module", "=", "customer_wallet"),
            ("model", "in", ["account.move", "account.payment", "res.partner"]),
        ]
    ).unlink()


def _delete_activities(env):
    """A kind of activity cannot be deleted while there are activities of it."""
    kind = env.ref("customer_wallet.mail_activity_type_check", raise_if_not_found=False)
    env["mail.activity"].with_context(active_test=False).search(
        [("activity_type_id", "in", kind.ids if kind else [])]
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
    lines = env["account.move.line"].search(
        [
            ("account_id", "in", companies.wallet_account_id.ids),
            ("parent_state", "=", "posted"),
            ("partner_id", "!=", False),
            ("wallet_id", "=", False),
        ]
    )
    unknown = lines.filtered(lambda line: line.id > last_known)
    _restore_operations(env, unknown)
    _restore_bonus(env, unknown)
    _allow_debts(env, lines)
    env.add_to_compute(lines._fields["wallet_id"], lines)
    env.add_to_compute(lines._fields["wallet_lot_type"], lines)
    lines._recompute_recordset(["wallet_id", "wallet_lot_type"])


def _restore_operations(env, lines):
    """Say again what each entry did, so that it can be undone as before."""
    payments = lines.move_id.origin_payment_id.filtered(
        lambda payment: payment.destination_account_id in lines.account_id
    )
    env.cr.execute(
        "UPDATE account_payment SET is_wallet = TRUE WHERE id = ANY(%s)",
        [payments.ids],
    )
    payments.invalidate_recordset(["is_wallet"])
    entries = lines.move_id.filtered(
        lambda move: (
            not move.origin_payment_id
            and move.journal_id == move.company_id.wallet_journal_id
            and "asset_receivable" in move.line_ids.account_id.mapped("account_type")
        )
    )
    refunds = entries.filtered(lambda move: move._was_wallet_refund())
    refunds.sudo().wallet_operation = "refund"
    (entries - refunds).sudo().wallet_operation = "allocation"
    moves = payments.move_id
    env.add_to_compute(moves._fields["wallet_operation"], moves)


def _restore_bonus(env, lines):
    """Bonus money stays bonus money: an entry between a wallet and the promotions is a
    bonus, or one that has expired.
    """
    entries = lines.move_id.filtered(
        lambda move: (
            not move.origin_payment_id
            and move.journal_id == move.company_id.wallet_journal_id
            and move.company_id.wallet_promotion_account_id in move.line_ids.account_id
        )
    ).sudo()
    for entry in entries:
        items = (entry.reversed_entry_id or entry).line_ids & lines
        is_bonus = sum(items.mapped("balance")) < 0.0
        entry.wallet_operation = "bonus" if is_bonus else "expiry"
        if not is_bonus:
            continue
        for lot in entry.line_ids & lines.filtered(lambda line: line.balance < 0.0):
            lot.sudo().write(
                {"wallet_lot_type": "bonus", "wallet_expiry_date": lot.date_maturity}
            )


def _allow_debts(env, lines):
    """The limits below zero went with the earlier installation: a customer who is in
    debt may stay as far below zero as the books say.
    """
    owners = lines.grouped(
        lambda line: (
            line.partner_id.commercial_partner_id,
            line.company_id.root_id,
            line.currency_id,
        )
    )
    for (partner, company, currency), items in owners.items():
        debt = currency.round(sum(items.mapped("amount_currency")))
        if currency.compare_amounts(debt, 0.0) > 0:
            wallet = env["customer.wallet"]._find_or_create(partner, company, currency)
            wallet.overdraft_limit = debt
