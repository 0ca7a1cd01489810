"""The steps of the proof `leaving`, inside of Odoo."""

import json
from pathlib import Path

from odoo.exceptions import UserError

from ..locations import ADDON
from . import leaving_use, leaving_year, snapshots, wallet_snapshots
from .snapshots import differences
from .tills import (
    close_till,
    method_of,
    open_again,
    order,
    refund,
    register_payment,
    sell,
)

# Tables in which installing a module changes old rows by its nature: what Odoo knows of
# modules, and the rights that the addon adds to old groups.
OF_MODULES = ("bus_", "ir_", "res_groups", "orm_signaling")
# Companies and tills get what they need, which says who changed them last and when.
TOUCHED_BY_INSTALLING = tuple(
    f"{table}.{column}"
    for table in ("pos_config", "res_company", "res_partner")
    for column in ("write_date", "write_uid")
)
# Accounts and payment methods that a new installation goes on with.
LEFT_TO_BE_FOUND = "+ external id __custom__.customer_wallet_"
# Odoo lists the addons for other apps once it has looked for modules.
LISTED_MODULES = "+ external id base.module_customer_wallet_"
# Odoo's own, of those who get the rights of a group again.
TOUCHED_BY_UPGRADING = ("res_partner.write_date",)
# Of a row of the books, the columns before this one are never changed by payments.
SETTLED_FROM = 8


def make_year(books, folder, noted, **size):
    made = leaving_year.make_year(books, **size)
    with books.transaction() as env:
        _save(folder, "year.rows", snapshots.take_rows(env))
        _save(folder, "year.definitions", snapshots.take_definitions(env))
        taken = snapshots.take_books(env)
        _save(folder, "year.books", taken)
    return {"noted": made, "told": ""}


def install(books, folder, noted):
    books.install(ADDON)
    with books.transaction() as env:
        _check_rows(env, folder, "year", TOUCHED_BY_INSTALLING)
        _check_nothing_gone(env, folder, "year")
        for company in env["res.company"].search([("parent_id", "=", False)]):
            _check(company.wallet_account_id, f"{company.name} has a wallet account")
            _check(company.wallet_journal_id, f"{company.name} has a wallet journal")
        for till in env["pos.session"].search([("state", "!=", "closed")]).config_id:
            kinds = till.payment_method_ids.mapped("type")
            _check("wallet" not in kinds, "an open till keeps its methods")
    return {"told": _counts(_load(folder, "year.books"))}


def sell_on(books, folder, noted):
    """The sessions that were open during the installation sell and close."""
    with books.transaction() as env:
        product = env["product.product"].browse(noted["product"])
        customers = env["res.partner"].browse(noted["customers"])
        session = env["pos.config"].browse(noted["till"]).current_session_id
        sell(books, session, product, customers[4:8])
    with books.transaction() as env:
        sessions = env["pos.session"].search([("state", "!=", "closed")])
        for session in sessions:
            close_till(session)
        for till in sessions.config_id:
            kinds = set(till.payment_method_ids.mapped("type"))
            _check({"wallet", "pay_later"} <= kinds, f"{till.name} has got its methods")
        _check_nothing_gone(env, folder, "year")
    return {"told": f"{len(sessions)} sessions; their tills then offered the wallet"}


def use_wallets(books, folder, noted):
    more = leaving_use.use_wallets(books, noted)
    books.check()
    with books.transaction() as env:
        taken = wallet_snapshots.take_wallets(env)
        _check_nothing_gone(env, folder, "year")
        _save_all(folder, "used", env)
    wallets, items = len(taken["wallets"]), len(taken["history"])
    return {"noted": more, "told": f"{wallets} wallets, {items} movements"}


def upgrade(books, folder, noted):
    books.upgrade(ADDON)
    with books.transaction() as env:
        _check_rows(env, folder, "used", TOUCHED_BY_UPGRADING)
        _check_same_books(env, folder, "used")
        _check_same_wallets(env, folder, "used")
        now = snapshots.take_definitions(env)
        _check_same(_load(folder, "used.definitions"), now, "definitions")
        _save(folder, "upgraded.rows", snapshots.take_rows(env))
    return {"told": "all rows, with an open till that wallets have paid at"}


def try_to_leave(books, folder, noted):
    """Orders that wallets have paid are in an open session."""
    refusal = _uninstall(books)
    _check("Close these sessions" in refusal, f"leaving is refused in words: {refusal}")
    with books.transaction() as env:
        changed = snapshots.find_changed_rows(env, _load(folder, "upgraded.rows"))
        _check(not changed, f"refused, it has changed nothing: {changed}")
        state = env["ir.module.module"]._get(ADDON).state
        _check(state == "installed", f"refused, the addon is {state}")
    return {"told": refusal}


def leave(books, folder, noted):
    with books.transaction() as env:
        for session in env["pos.session"].search([("state", "!=", "closed")]):
            close_till(session)
        wallet_snapshots.take_wallets(env)
        _save_all(folder, "closed", env)
    refusal = _uninstall(books)
    _check(not refusal, f"leaving is refused: {refusal}")
    with books.transaction() as env:
        state = env["ir.module.module"]._get(ADDON).state
        _check(state == "uninstalled", f"the addon is {state}")
        _check_same_books(env, folder, "closed")
        now = snapshots.take_definitions(env)
        left = [
            it
            for it in differences(_load(folder, "year.definitions"), now)
            if not it.startswith((LEFT_TO_BE_FOUND, LISTED_MODULES))
        ]
        _check(not left, "nothing is left of the addon:\n" + "\n".join(left))
    return {"told": _counts(_load(folder, "closed.books"))}


def come_back(books, folder, noted):
    taken = _come_back(books)
    with books.transaction() as env:
        _check_same_books(env, folder, "closed")
        lost = differences(_load(folder, "closed.wallets"), taken)
        lost.pop("notes in the chatter", None)
        _check(not lost, "the wallets are back:\n" + json.dumps(lost, indent=1))
    wallets, items = len(taken["wallets"]), len(taken["history"])
    return {"told": f"{wallets} wallets, {items} movements"}


def come_back_later(books, folder, noted):
    taken = _come_back(books)
    return {"told": f"{len(taken['wallets'])} wallets"}


def _come_back(books):
    books.install(ADDON)
    books.check()
    with books.transaction() as env:
        return wallet_snapshots.take_wallets(env)


def work_without(books, folder, noted):
    """Core goes on with what it finds: invoices, tills, and every menu."""
    with books.transaction() as env:
        customers = env["res.partner"].browse(noted["customers"])
        invoice = books.invoices(env, customers[:1], 90)
        register_payment(invoice)
        _check(not invoice.amount_residual, "an invoice can be paid")
        count = _open_everything(env)
    with books.transaction() as env:
        customers = env["res.partner"].browse(noted["customers"])
        till = env["pos.config"].browse(noted["till"])
        names = till.payment_method_ids.mapped("name")
        _check("Customer Wallet" not in names, f"no till offers wallets: {names}")
        session = open_again(till)
        product = env["product.product"].browse(noted["product"])
        sell(books, session, product, customers[:4])
        session.load_data([])
        new_till = env["pos.config"].create({"name": "New till"})
        names = new_till.payment_method_ids.mapped("name")
        _check("Customer Wallet" not in names, f"nor does a new one: {names}")
    with books.transaction() as env:
        session = env["pos.config"].browse(noted["till"]).current_session_id
        close_till(session)
        _check_nothing_gone(env, folder, "closed")
        snapshots.take_books(env)  # all of it balances
    return {"told": f"an invoice, a till, {count} menus"}


def _get_action(menu):
    is_window = menu.action and menu.action._name == "ir.actions.act_window"
    return menu.action if is_window else None


def _open_everything(env):
    """Every menu leads to views that load and to records that can be read."""
    menus = env["ir.ui.menu"]
    actions = map(_get_action, menus.browse(menus._visible_menu_ids()))
    actions = list(filter(None, actions))
    for action in actions:
        model = env[action.res_model]
        model.get_views([(view_id, mode) for view_id, mode in action.views])
        if not model._transient:
            model.search([], limit=1).read()
    return len(actions)


def work_on_old_money(books, folder, noted):
    """What was booked before leaving is used, undone and taken back as ever."""
    with books.transaction() as env:
        customers = env["res.partner"].browse(noted["customers"])
        wallet = env["customer.wallet"]._find(
            customers[2], env.company, env.company.currency_id
        )[:1]
        invoice = env["account.move"].browse(noted["invoice"])
        _undo_on(invoice, wallet, invoice.amount_total)
        invoice.action_allocate_wallet(10)
        parts = env["account.move"].browse(noted["parts"])
        before = parts[2].amount_residual
        parts[0].action_unallocate_wallet(parts[0]._get_wallet_partials()[:1].id)
        _check(parts[2].amount_residual == before, "a part is undone by itself")
        _take_back_with_bonus(env, customers[5])
        books.top_ups(env, customers[9], 20)
        frozen = env["customer.wallet"]._find(customers[9], env.company)[:1]
        _check(frozen.state == "frozen", "a frozen wallet is frozen still")
    with books.transaction() as env:
        customers = env["res.partner"].browse(noted["customers"])
        _sell_again(books, env, noted, customers)
    books.check()
    return {"told": "undone, in parts, taken back with a bonus, refunded at a till"}


def _undo_on(invoice, wallet, amount):
    before = wallet.balance
    invoice.action_unallocate_wallet(invoice._get_wallet_partials()[:1].id)
    _check(
        wallet.currency_id.compare_amounts(wallet.balance, before + amount) == 0,
        "what paid an invoice before leaving comes back to the wallet",
    )


def _take_back_with_bonus(env, customer):
    """The bonus of a top-up goes with it, also after a new installation."""
    top_up = env["account.payment"].search(
        [("partner_id", "=", customer.id), ("is_wallet", "=", True)], limit=1
    )
    wallet = top_up.wallet_id
    books_top_up = env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": customer.id,
            "amount": top_up.amount,
            "is_wallet": True,
        }
    )
    books_top_up.action_post()  # so that what was used is there
    bonus = wallet.bonus_balance
    earned = -sum(
        top_up.move_id.wallet_bonus_move_ids.line_ids.filtered(
            "wallet_lot_type"
        ).mapped("amount_currency")
    )
    _check(earned > 0, "the bonus of an old top-up is known")
    top_up.action_draft()
    _check(
        wallet.currency_id.compare_amounts(wallet.bonus_balance, bonus - earned) == 0,
        "a top-up that is taken back takes its bonus along",
    )


def _sell_again(books, env, noted, customers):
    """The till offers wallets again, and refunds an old order in kind."""
    session = open_again(env["pos.config"].browse(noted["till"]))
    wallet = method_of(session, "wallet")
    product = env["product.product"].browse(noted["product"])
    order(books, session, product, customers[0], [(wallet, 15)])
    old = env["pos.order"].search(
        [("partner_id", "=", customers[1].id), ("amount_total", "=", 50)], limit=1
    )
    used = _sum_bonus(old)
    _check(used == 30, f"30 of an old order were bonus: {used}")
    returned = -_sum_bonus(refund(books, session, old, [(wallet, -50)]))
    _check(returned == 30, f"a refund gives the bonus back as a bonus: {returned}")
    close_till(session)


def _sum_bonus(order):
    """How much bonus money an order has taken."""
    holds = order.payment_ids.wallet_hold_id.filtered(lambda it: it.state == "held")
    items = order._get_wallet_items()
    bonuses = items.filtered(lambda line: line.wallet_lot_type == "bonus")
    booked = sum(bonuses.mapped("amount_currency"))
    return booked + sum(holds.mapped("bonus_amount"))


def _uninstall(books):
    """As the button *Uninstall* does.

    :return: why it is refused, if it is
    """
    try:
        with books.transaction() as env:
            env["ir.module.module"]._get(ADDON).button_immediate_uninstall()
    except UserError as error:
        return str(error)
    return ""


def _check(fact, what):
    if not fact:
        raise AssertionError(f"Not so: {what}")


def _check_rows(env, folder, before, expected):
    """No row that was there before has changed, in the columns of that time."""
    changed = snapshots.find_changed_rows(env, _load(folder, f"{before}.rows"))
    wrong = {it for it in changed - {*expected} if not it.startswith(OF_MODULES)}
    _check(not wrong, f"old rows are as before: {sorted(wrong)}")


def _check_nothing_gone(env, folder, before):
    """Every line that was in the books then is there, with the same amounts. It may
    have been paid or reconciled since.
    """
    known = {row[0]: row[1:] for row in snapshots.take_books(env)["items"]}
    wrong = [
        row
        for row in _load(folder, f"{before}.books")["items"]
        if known.get(row[0], [])[:SETTLED_FROM] != row[1 : SETTLED_FROM + 1]
    ]
    _check(not wrong, f"the old journal items are there as they were: {wrong[:5]}")


def _check_same_books(env, folder, before):
    now = snapshots.take_books(env)
    _check_same(_load(folder, f"{before}.books"), now, "the books")


def _check_same_wallets(env, folder, before):
    now = wallet_snapshots.take_wallets(env)
    _check_same(_load(folder, f"{before}.wallets"), now, "the wallets")


def _check_same(before, now, what):
    found = differences(before, now)
    _check(not found, f"{what} are the same:\n{json.dumps(found, indent=1)[:5000]}")


def _save_all(folder, name, env):
    _save(folder, f"{name}.rows", snapshots.take_rows(env))
    _save(folder, f"{name}.definitions", snapshots.take_definitions(env))
    _save(folder, f"{name}.books", snapshots.take_books(env))
    _save(folder, f"{name}.wallets", wallet_snapshots.take_wallets(env))


def _save(folder, name, taken):
    (Path(folder) / name).write_text(json.dumps(taken))


def _load(folder, name):
    return json.loads((Path(folder) / name).read_text())


def _counts(taken):
    return ", ".join(f"{len(rows):,} {name}" for name, rows in taken.items())
