"""Install the addon in the middle of business, upgrade it, leave it, and come back.

The business is Odoo's demo data, and what this lacks: a branch, a second currency,
payments, and open sessions of tills, all made by core alone. The wallets are those of
the addon's demo data and of every call that moves money, but for the browsers'. Each
time, all rows of all tables are compared with a copy of what they were, and what the
addon leaves with the database before it had ever been there.
"""

import re
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import tomllib

from odoo.service.model import call_kw

from ..locations import ADDON
from ..templates import Templates
from ..trials.making import PAY
from .calls import BY_STAFF, make_calls
from .differences import find_differences
from .rules import find_broken

EXPECTED = tomllib.loads(Path(__file__).with_name("differences.toml").read_text())


def leaving(stage):
    """What happens to one database, with copies of what it was."""
    business = Templates(stage.odoo, with_demo=True).base()
    with stage.books(business) as books, ExitStack() as stack:
        tell = partial(_tell, stage, books)
        _do(books, _make_companies, _make_business)
        first = stack.enter_context(stage.copy(books))
        books.install(ADDON)
        claim = "installing with open tills changes no old row"
        tell(claim, find_broken(books), (first, "installing"))
        _do(books, _sell_on, _close_tills, _use_wallets)
        claim = "tills that were open go on and close, wallets are what the books say"
        tell(claim, find_broken(books))
        before = stack.enter_context(stage.copy(books))
        books.install(ADDON, "upgrade")
        claim = "upgrading changes nothing, with wallets at an open till"
        tell(claim, [], (before, "upgrading", "signals"))
        _do(books, _close_tills)
        closed = stack.enter_context(stage.copy(books))
        _do(books, _uninstall)
        claim = "leaving keeps the books, and nothing else"
        gone = closed, "leaving", "defined", "told_of_wallets"
        tell(claim, [], gone, (first, "left", "noted", "signals"))
        books.install(ADDON)
        claim = "coming back finds what was left"
        again = closed, "coming_back", "defined", "noted", "told_of_wallets"
        tell(claim, find_broken(books), again)


def _do(books, *steps):
    for step in steps:
        with books.transaction() as env:
            step(books, env)


def _tell(stage, books, claim, broken, *copies):
    """Say what was found.

    :param copies: tuples (books as they were, names of `EXPECTED` that may differ)
    """
    wrong = list(broken)
    for before, *names in copies:
        allowed = "|".join(it for name in names for it in EXPECTED[name])
        found = find_differences(before, books)
        wrong += [it for it in found if not re.match(allowed, it)]
    ((items,),) = books.fetch("SELECT COUNT(*) FROM account_move_line")
    stage.found(claim, f"with {items:,} journal items", wrong)


# The steps


def _sell_on(books, env):
    """Sessions that were open during the installation sell as before."""
    sessions = _find_open(env)
    if "wallet" in sessions.config_id.payment_method_ids.mapped("type"):
        raise AssertionError("An open till offers wallets.")
    _sell(books, sessions)


def _close_tills(books, env):
    for session in _find_open(env):
        books.close_till(session)


def _use_wallets(books, env):
    for till in env["pos.config"].search([]):
        if not {"wallet", "pay_later"} <= {*till.payment_method_ids.mapped("type")}:
            raise AssertionError(f"{till.name} does not offer what it should.")
    for call in make_calls(books, env, BY_STAFF):
        model, method, args, kwargs = call.sent
        call_kw(env[model], method, args, kwargs)
    _use_more(books, env)


def _uninstall(_books, env):
    env["ir.module.module"]._get(ADDON).button_immediate_uninstall()


# The business


def _make_companies(books, env):
    euro = env.ref("base.EUR")
    euro.active = True
    vals = {"currency_id": euro.id, "rate": 0.8, "name": "2020-01-01"}
    env["res.currency.rate"].create(vals)
    for company in env.user.company_ids:
        books.set_up(env, company)
    vals = {"name": "Branch", "parent_id": env.company.id}
    env.user.company_ids |= env["res.company"].create(vals)


def _make_business(books, env):
    for company in env.user.company_ids:
        there = _in(company)
        for currency in company.currency_id | env.ref("base.EUR"):
            _make_invoices(books, there, currency_id=currency.id)
        tills = there["pos.config"].search([("company_id", "=", company.id)])
        if not (tills or company.parent_id):
            tills = books.open_till(there).config_id
        for till in tills:
            _sell(books, books.open_again(till))


def _in(company):
    ids = [company.id, *(company.env.user.company_ids - company).ids]
    return company.env(context={**company.env.context, "allowed_company_ids": ids})


def _make_invoices(books, env, **vals):
    """Paid, paid in part, and open, with credit and a payment on account."""
    customer = books.customers(env, 1)
    paid, part, _open = books.invoices(env, [customer] * 3, 90, **vals)
    books.dialog(PAY, paid).action_create_payments()
    books.dialog(PAY, part, amount=30).action_create_payments()
    books.invoices(env, customer, 90, move_type="out_refund", **vals)
    books.payments(env, customer, 77, **vals)


def _find_open(env):
    return env["pos.session"].search([("state", "!=", "closed")])


def _sell(books, sessions):
    for session in sessions:
        there = session.with_env(_in(session.company_id))
        customer = books.customers(there.env, 1)
        cash, card = (books.method_of(there, kind) for kind in ("cash", "bank"))
        books.sell(there, customer.browse(), [(cash, 100)])
        books.sell(there, customer, [(cash, 30), (card, 20)])
        books.sell(there, customer, [(card, 80)], to_invoice=True)


def _use_more(books, env):
    """What no call does: other companies and currencies, a limit and a debt."""
    customer = books.customers(env, 1)
    euro = {"currency_id": env.ref("base.EUR").id}
    for company in env.user.company_ids:
        there = customer.with_env(_in(company))
        books.top_ups(there.env, there, 300, **euro)
        books.invoices(there.env, there, 110, **euro).action_allocate_wallet(30)
    customer.wallet_ids.sudo().write({"overdraft_limit": 600})
    books.top_ups(env, customer, 900, payment_type="outbound", **euro)
