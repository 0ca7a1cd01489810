from odoo.tools import SQL

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
    companies._ensure_wallet_accounting()
    env["pos.payment.method"]._init_standard_methods(companies)
    _assign_wallets(env, companies)


def uninstall_hook(env):
    """Let Customers > Payments open as it did before."""
    action = env.ref("account.action_account_payments", raise_if_not_found=False)
    if action:
        action.context = action.context.replace("'wallet_payment': True,", "")


def _assign_wallets(env, companies):
    """Bring back the wallets whose entries an earlier installation left."""
    lines = env["account.move.line"].search(
        [
            ("account_id", "in", companies.wallet_account_id.ids),
            ("parent_state", "=", "posted"),
            ("wallet_id", "=", False),
        ]
    )
    env.add_to_compute(lines._fields["wallet_id"], lines)
    env.add_to_compute(lines._fields["wallet_lot_type"], lines)
    lines._recompute_recordset(["wallet_id", "wallet_lot_type"])
