"""Install the addon in the middle of business, upgrade it, leave it, and come back.

A database with a year of data and open sessions of tills is made by core alone. After
each step it is compared with copies of what it was before: row by row of what must stay
as it was, journal item by journal item in the books. What stays when the addon leaves
is compared with the database before it had ever been there.
"""

from contextlib import ExitStack

from odoo.exceptions import UserError

from ..locations import ADDON
from ..odoo import wait_for
from ..processes import last_lines, log_file
from ..system_packages import FOR_TESTS, require
from . import use
from .snapshots import (
    BOOKS,
    DEFINITIONS,
    WALLETS,
    compare,
    find_changed_rows,
    find_wrong_balances,
)

# Tables in which installing a module changes old rows by its nature: what Odoo knows of
# modules, and the rights that the addon adds to old groups.
OF_MODULES = ("bus_", "ir_", "res_groups", "orm_signaling")
# Companies and tills get what they need, which says who changed them last and when.
TOUCHED_BY_INSTALLING = {
    f"{table}.{column}"
    for table in ("pos_config", "res_company", "res_partner")
    for column in ("write_date", "write_uid")
}
# Odoo's own, of those who get the rights of a group again.
TOUCHED_BY_UPGRADING = {"res_partner.write_date"}
# Accounts and payment methods that a new installation goes on with, and the addons for
# other apps, which Odoo lists once it has looked for modules.
LEFT = ("__custom__.customer_wallet_", "base.module_customer_wallet_")
# What is never changed of a journal item by what is paid later.
ITEMS = """
    SELECT id, move_id, account_id, partner_id, date, date_maturity, name, balance,
           amount_currency
      FROM account_move_line
"""
UNBALANCED = """
    SELECT move_id FROM account_move_line WHERE parent_state = 'posted'
     GROUP BY move_id HAVING SUM(balance) != 0
"""
CLICKING = "web/tests/test_click_everywhere.py"


def leaving(stage):
    with stage.books(stage.templates.base()) as books, ExitStack() as stack:
        _Story(stage, stack, books).tell()


class _Story:
    """What happens to one database, with copies of what it was.

    A step returns what it tells. One that goes wrong ends the story.
    """

    def __init__(self, stage, stack, books):
        self._stage = stage
        self._stack = stack
        self._books = books
        self._noted = {}

    def tell(self):
        size = self._stage.size
        self._noted = use.make_year(
            self._books,
            months=size(full=12, quick=2),
            per_month=size(full=5, quick=3),
            copies=size(full=5000, quick=1),
        )
        self._year = self._copy()
        steps = {
            "installing with open tills changes no old row": self._install,
            "tills that were open go on and close": self._sell_on,
            "wallets are what the books say": self._use_wallets,
            "upgrading changes nothing": self._upgrade,
            "nobody leaves while a till is open": self._try_to_leave,
            "leaving keeps the books, and nothing else": self._leave,
        }
        if not self._stage.quick:
            # On a copy: what core does meanwhile would hide what coming back loses.
            steps |= {
                "core works without the addon": self._work_without,
                "every menu opens in a browser without the addon": self._click,
                "coming back later finds what was left": self._come_back_later,
            }
        steps["coming back finds what was left"] = self._come_back
        steps["old money works as ever"] = self._work_on_old_money
        for claim, step in steps.items():
            try:
                self._stage.found(claim, step())
            except AssertionError as error:
                self._stage.found(claim, "until it went wrong", [str(error)])
                return

    def _copy(self):
        return self._stack.enter_context(self._stage.copy(self._books))

    def _customers(self, env):
        return env["res.partner"].browse(self._noted["customers"])

    def _open_sessions(self, env):
        return env["pos.session"].search([("state", "!=", "closed")])

    # The steps

    def _install(self):
        self._books.install(ADDON)
        self._check_rows(self._year, TOUCHED_BY_INSTALLING)
        self._check_nothing_gone(self._year)
        with self._books.transaction() as env:
            for company in env["res.company"].search([("parent_id", "=", False)]):
                _check(company.wallet_account_id, f"{company.name} has an account")
                _check(company.wallet_journal_id, f"{company.name} has a journal")
            for till in self._open_sessions(env).config_id:
                kinds = till.payment_method_ids.mapped("type")
                _check("wallet" not in kinds, "an open till keeps its methods")
        return _count(self._books, BOOKS, "entries", "items", "orders")

    def _sell_on(self):
        """The sessions that were open during the installation sell and close."""
        with self._books.transaction() as env:
            session = env["pos.config"].browse(self._noted["till"]).current_session_id
            use.sell_five(self._books, session, self._customers(env)[4:8])
        with self._books.transaction() as env:
            sessions = self._open_sessions(env)
            for session in sessions:
                self._books.close_till(session)
            for till in sessions.config_id:
                kinds = set(till.payment_method_ids.mapped("type"))
                _check({"wallet", "pay_later"} <= kinds, f"{till.name} has its methods")
        self._check_nothing_gone(self._year)
        return f"{len(sessions)} sessions; their tills then offered the wallet"

    def _use_wallets(self):
        self._noted |= use.use_wallets(self._books, self._noted)
        self._check_wallets()
        self._check_nothing_gone(self._year)
        return _count(self._books, WALLETS, "wallets", "history")

    def _upgrade(self):
        before = self._copy()
        for _time in range(self._stage.size(full=2, quick=1)):
            self._books.install(ADDON, "upgrade")
            self._check_rows(before, TOUCHED_BY_UPGRADING)
            for queries in (BOOKS, WALLETS, DEFINITIONS):
                self._check_same(before, queries)
        return "all rows, with an open till that wallets have paid at"

    def _try_to_leave(self):
        """Orders that wallets have paid are in an open session."""
        before = self._copy()
        refusal = self._uninstall()
        _check("Close these sessions" in refusal, f"leaving is refused: {refusal}")
        changed = find_changed_rows(before, self._books)
        _check(not changed, f"refused, it has changed nothing: {changed}")
        return refusal

    def _leave(self):
        with self._books.transaction() as env:
            for session in self._open_sessions(env):
                self._books.close_till(session)
        self._check_wallets()
        self._closed = self._copy()
        refusal = self._uninstall()
        _check(not refusal, f"leaving is refused: {refusal}")
        self._check_same(self._closed, BOOKS)
        found = compare(self._year, self._books, DEFINITIONS)
        expected = tuple(f"+ external id {it}" for it in LEFT)
        left = [it for it in found if not it.startswith(expected)]
        _check(not left, "nothing is left of the addon:\n" + "\n".join(left))
        return _count(self._books, BOOKS, "entries", "items", "orders")

    def _uninstall(self):
        """As the button *Uninstall* does.

        :return: why it is refused, if it is
        """
        refusal = ""
        try:
            with self._books.transaction() as env:
                env["ir.module.module"]._get(ADDON).button_immediate_uninstall()
        except UserError as error:
            refusal = str(error)
        self._books.close()
        with self._books.transaction() as env:
            state = env["ir.module.module"]._get(ADDON).state
        _check(state == ("installed" if refusal else "uninstalled"), f"it is {state}")
        return refusal

    def _come_back(self):
        self._books.install(ADDON)
        self._check_wallets()
        self._check_same(self._closed, BOOKS)
        lost = compare(self._closed, self._books, WALLETS)
        # What was noted there goes with the wallet, which begins again.
        lost = [it for it in lost if not it[2:].startswith("notes in the chatter")]
        _check(not lost, "the wallets are back:\n" + "\n".join(lost))
        return _count(self._books, WALLETS, "wallets", "history")

    def _come_back_later(self):
        self._copied.install(ADDON)
        self._check_wallets(self._copied)
        return _count(self._copied, WALLETS, "wallets")

    def _work_without(self):
        """Core goes on with what it finds: invoices, tills, and every menu."""
        books = self._copied = self._copy()
        with books.transaction() as env:
            invoice = books.invoices(env, self._customers(env)[0], 90)
            books.register_payment(invoice)
            _check(not invoice.amount_residual, "an invoice can be paid")
            count = _open_everything(env)
        with books.transaction() as env:
            till = env["pos.config"].browse(self._noted["till"])
            for it in (till, env["pos.config"].create({"name": "New till"})):
                names = it.payment_method_ids.mapped("name")
                _check("Customer Wallet" not in names, f"no till has wallets: {names}")
            session = books.open_again(till)
            use.sell_five(books, session, self._customers(env))
            session.load_data([])
        with books.transaction() as env:
            till = env["pos.config"].browse(self._noted["till"])
            books.close_till(till.current_session_id)
        self._check_nothing_gone(self._closed, books)
        return f"an invoice, a till, {count} menus"

    def _click(self):
        """Core's own test, which opens every menu of every app in a browser."""
        require(FOR_TESTS)
        self._copied.close()
        odoo = self._stage.odoo
        test = odoo.source.addons_paths[-1] / CLICKING
        with log_file("clicking").open("w+") as output:
            code = wait_for(
                odoo.start_upstream(
                    [test, "-k", "TestMenusAdmin"], self._copied.database, output
                )
            )
            output.seek(0)
            said = output.read()
        _check(not code and " passed" in said, last_lines(said))
        return "core's own test, which clicks on all"

    def _work_on_old_money(self):
        """What was booked before leaving is used, undone and taken back as ever."""
        books = self._books
        with books.transaction() as env:
            customers = self._customers(env)
            invoice = env["account.move"].browse(self._noted["invoice"])
            wallet = use.find_wallet(customers[2])
            should = wallet.balance + invoice.amount_total
            use.undo(invoice)
            _check_amount(wallet.balance, should, "what paid an invoice comes back")
            invoice.action_allocate_wallet(10)
            parts = env["account.move"].browse(self._noted["parts"])
            before = parts[2].amount_residual
            use.undo(parts[0])
            _check_amount(
                parts[2].amount_residual, before, "a part is undone by itself"
            )
            self._take_back_with_bonus(env, customers[5])
            books.top_ups(env, customers[9], 20)
            state = use.find_wallet(customers[9]).state
            _check(state == "frozen", "a frozen wallet is frozen still")
        with books.transaction() as env:
            self._sell_again(env, self._customers(env))
        self._check_wallets()
        return "undone, in parts, taken back with a bonus, refunded at a till"

    def _take_back_with_bonus(self, env, customer):
        """The bonus of a top-up goes with it, also after a new installation."""
        domain = [("partner_id", "=", customer.id), ("is_wallet", "=", True)]
        top_up = env["account.payment"].search(domain, limit=1)
        self._books.top_ups(
            env, customer, top_up.amount
        )  # so that what was used is there
        items = top_up.move_id.wallet_bonus_move_ids.line_ids.filtered(
            "wallet_lot_type"
        )
        earned = -sum(items.mapped("amount_currency"))
        _check(earned > 0, "the bonus of an old top-up is known")
        should = top_up.wallet_id.bonus_balance - earned
        wallet = top_up.wallet_id
        top_up.action_draft()
        _check_amount(wallet.bonus_balance, should, "a top-up takes its bonus along")

    def _sell_again(self, env, customers):
        """The till offers wallets again, and refunds an old order in kind."""
        books = self._books
        session = books.open_again(env["pos.config"].browse(self._noted["till"]))
        wallet = books.method_of(session, "wallet")
        books.sell(session, customers[0], [(wallet, 15)])
        domain = [("partner_id", "=", customers[1].id), ("amount_total", "=", 50)]
        old = env["pos.order"].search(domain, limit=1)
        _check_amount(_sum_bonus(old), 30, "bonus money in an old order")
        refund = books.sell(session, customers[1], [(wallet, -50)], refunded=old)
        _check_amount(
            _sum_bonus(refund), -30, "a refund gives the bonus back as a bonus"
        )
        books.close_till(session)

    # What has to be so

    def _check_rows(self, before, expected):
        """No row that was there before has changed, in the columns of that time."""
        changed = find_changed_rows(before, self._books) - expected
        wrong = sorted(it for it in changed if not it.startswith(OF_MODULES))
        _check(not wrong, f"old rows are as before: {wrong}")

    def _check_nothing_gone(self, before, books=None):
        """Every line that was in the books then is there, with the same amounts. It may
        have been paid or reconciled since.
        """
        books = books or self._books
        unbalanced = books.fetch(UNBALANCED)
        _check(not unbalanced, f"all entries balance: {unbalanced[:5]}")
        found = compare(before, books, {"item": ITEMS})
        gone = [it for it in found if it.startswith("-")]
        _check(not gone, f"the old journal items are as they were: {gone[:5]}")

    def _check_same(self, before, queries):
        found = compare(before, self._books, queries)
        _check(not found, "all is the same:\n" + "\n".join(found)[:5000])

    def _check_wallets(self, books=None):
        books = books or self._books
        books.check()
        wrong = find_wrong_balances(books)
        _check(not wrong, f"wallets are what the books say: {wrong}")


def _check(fact, what):
    if not fact:
        raise AssertionError(f"Not so: {what}")


def _check_amount(found, expected, what):
    _check(abs(found - expected) < 0.005, f"{what}: {found}, not {expected}")


def _count(books, queries, *names):
    counts = {name: len(books.fetch(queries[name])) for name in names}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _sum_bonus(order):
    """How much bonus money an order has taken."""
    holds = order.payment_ids.wallet_hold_id.filtered(lambda it: it.state == "held")
    items = order._get_wallet_items()
    bonuses = items.filtered(lambda line: line.wallet_lot_type == "bonus")
    booked = sum(bonuses.mapped("amount_currency"))
    return booked + sum(holds.mapped("bonus_amount"))


def _open_everything(env):
    """Every menu leads to views that load and to records that can be read.

    :return: int, how many
    """
    menus = env["ir.ui.menu"]
    actions = [menu.action for menu in menus.browse(menus._visible_menu_ids())]
    actions = [it for it in actions if it and it._name == "ir.actions.act_window"]
    for action in actions:
        model = env[action.res_model]
        model.get_views([(view_id, mode) for view_id, mode in action.views])
        if not model._transient:
            model.search([], limit=1).read()
    return len(actions)
