"""A year of business without wallets, and then a while with them.

The year is the business of two companies and a branch, in two currencies: invoices,
payments, credit notes and tills. All of it is made by core, from a seed. With wallets,
everything that moves them happens once at least.
"""

import random
from datetime import date, timedelta

from odoo import Command

CUSTOMERS = 12
MONTH = timedelta(days=30)
FATES = {"paid": 45, "paid in part": 15, "credited": 10, "on account": 10, "open": 20}


def make_year(books, months, per_month, copies):
    """
    :return: dict of the ids that all later steps start from
    """
    with books.transaction() as env:
        books.set_up(env)
        companies = _make_companies(books, env)
        names = [f"Customer {number:02}" for number in range(1, CUSTOMERS + 1)]
        customers = books.customers(env, names)
        books.portal_login(env, customers[-1], "portal-of-the-proof")
    for month in reversed(range(months)):
        with books.transaction() as env:
            for company in env["res.company"].search([]):
                there = customers.with_env(_in(env, company))
                for _number in range(per_month):
                    days = random.randrange(25)
                    day = date.today() - month * MONTH - timedelta(days=days)
                    _invoice(books, random.choice(there), day)
    with books.transaction() as env:
        there = _in(env, companies.with_env(env)[0])
        till = _open_tills(books, env, there, customers)
        records = books.paid_invoice(env)
    books.multiply(records, copies)
    return {
        "customers": customers.ids,
        "branch": companies.ids[::-1],
        "till": till.id,
    }


def _in(env, company):
    companies = env["res.company"].search([])
    ids = [company.id, *(companies - company).ids]
    return env(context={**env.context, "allowed_company_ids": ids})


def _make_companies(books, env):
    """A second company, with a branch."""
    second = env["res.company"].create({"name": "Second Company"})
    env.user.company_ids |= second
    books.set_up(env, second)
    branch = second.create({"name": "Branch", "parent_id": second.id})
    env.user.company_ids |= branch
    euro = env.ref("base.EUR")
    euro.active = True
    vals = {"currency_id": euro.id, "rate": 0.8, "name": "2020-01-01"}
    env["res.currency.rate"].create(vals)
    return second | branch


def _invoice(books, customer, day):
    """An invoice, and what becomes of it."""
    env = customer.env
    currency = random.choice(env.company.currency_id | env.ref("base.EUR"))
    lines = [
        Command.create({"name": "Goods", "price_unit": random.randrange(50, 900)})
        for _line in range(random.randrange(1, 4))
    ]
    vals = {"invoice_date": day, "currency_id": currency.id}
    invoice = books.invoices(env, customer, **vals, invoice_line_ids=lines)
    later = min(day + timedelta(days=10), date.today())
    (fate,) = random.choices(list(FATES), FATES.values())
    if fate == "paid":
        books.register_payment(invoice, payment_date=later)
    elif fate == "paid in part":
        third = currency.round(invoice.amount_total / 3)
        books.register_payment(invoice, payment_date=later, amount=third)
    elif fate == "credited":
        books.credit(invoice, date=later).action_post()
    elif fate == "on account":
        books.payments(env, customer, 77, date=later)


def _open_tills(books, env, elsewhere, customers):
    """A till with closed sessions and an open one, and a till of the other company."""
    till = books.open_till(env).config_id
    books.close_till(till.current_session_id)
    till.payment_method_ids |= env["pos.payment.method"].create(
        {"name": "Customer Account", "split_transactions": True}
    )
    session = books.open_again(till)
    sell_five(books, session, customers)
    books.close_till(session)
    sell_five(books, books.open_again(till), customers)
    other = books.open_till(elsewhere)
    books.sell(other, customers[0], [(books.method_of(other, "cash"), 100)])
    return till


def sell_five(books, session, customers):
    """Orders paid in cash, by card, on the customer's account, and with an invoice."""
    cash, card, account = (
        books.method_of(session, kind) for kind in ("cash", "bank", "pay_later")
    )
    nobody = customers.browse()
    books.sell(session, nobody, [(cash, 100)])
    books.sell(session, nobody, [(card, 60)])
    books.sell(session, customers[0], [(cash, 30), (card, 20)])
    books.sell(session, customers[1], [(account, 45)])
    books.sell(session, customers[2], [(card, 80)], to_invoice=True)


# With wallets


def use_wallets(books, made):
    """
    :return: dict of the ids of what the later steps go on with
    """
    noted = {}
    for step in (_promote, _top_up, _pay_and_undo, _manage, _sell, _use_branch):
        with books.transaction() as env:
            customers = env["res.partner"].browse(made["customers"])
            noted |= step(books, env, customers, {**made, **noted}) or {}
    return noted


def find_wallet(customer):
    company = customer.env.company
    Wallet = customer.env["customer.wallet"]
    return Wallet._find(customer, company, company.currency_id)[:1]


def _promote(books, env, customers, made):
    env["customer.wallet.promotion"].create(
        {
            "name": "Spring bonus",
            "currency_id": env.company.currency_id.id,
            "bonus_value": 10,
            "minimum_amount": 100,
            "validity_days": 30,
        }
    )
    env.company.wallet_top_up_amounts = "20 50"
    customers[11].wallet_auto_allocate = "always"


def _top_up(books, env, customers, made):
    books.top_ups(env, customers[:6], 1000)
    books.top_ups(env, customers[6:], 90)  # earns nothing
    books.top_ups(env, customers[:3], 500, currency_id=env.ref("base.EUR").id)
    books.pay_out(env, customers[3], 120)


def _pay_and_undo(books, env, customers, made):
    """Allocations in one piece and in parts, undone in whole and in part."""
    invoices = books.invoices(env, customers[:4], 200)
    for invoice in invoices:
        invoice.action_allocate_wallet()
    undo(invoices[0])
    many = books.invoices(env, [customers[4]] * 3, 50)
    action = many.action_open_wallet_allocation()
    env["customer.wallet.allocation"].browse(action["res_id"]).action_allocate()
    undo(many[1])
    euro = env.ref("base.EUR")
    foreign = books.invoices(env, customers[0], 70, currency_id=euro.id)
    foreign.action_allocate_wallet(30)
    credit = books.credit(invoices[1])
    credit.action_post()
    if credit.amount_residual:
        credit.action_refund_to_wallet()
    return {"invoice": invoices[2].id, "parts": many.ids}


def undo(invoice):
    invoice.action_unallocate_wallet(invoice._get_wallet_partials()[:1].id)


def _manage(books, env, customers, made):
    """What managers do in the dialogs."""

    def confirm(name, **vals):
        vals["reason"] = "Trusted"
        env[f"customer.wallet.{name}"].create(vals).action_confirm()

    giver = find_wallet(customers[5]).id
    expense = [("account_type", "=", "expense"), ("company_ids", "in", env.company.ids)]
    confirm(
        "adjustment",
        wallet_id=giver,
        amount=15,
        lot_type="bonus",
        expiry_date=date.today() + timedelta(days=60),
        account_id=env["account.account"].search(expense, limit=1).id,
    )
    for taker, amount in ((customers[6], 40), (customers[7], 25)):
        vals = {"wallet_id": giver, "target_partner_id": taker.id}
        confirm("transfer", **vals, amount=amount)
    moved = find_wallet(customers[7]).line_ids.filtered(
        lambda line: line.wallet_operation == "transfer"
    )
    confirm("undo", move_id=moved.move_id.id)
    confirm("limit", wallet_id=find_wallet(customers[8]).id, overdraft_limit=60)
    confirm("freeze", wallet_ids=[Command.set(find_wallet(customers[9]).ids)])
    find_wallet(customers[2]).sudo().low_balance_threshold = 25
    books.pay_out(env, customers[8], 120)


def _sell(books, env, customers, made):
    """Orders that wallets pay, wholly, in part and with bonus money; a refund, change
    that is kept and a top-up. The session stays open.
    """
    session = books.open_again(env["pos.config"].browse(made["till"]))
    wallet, cash, later = (
        books.method_of(session, kind) for kind in ("wallet", "cash", "pay_later")
    )
    first = books.sell(session, customers[0], [(wallet, 130)])
    books.sell(session, customers[1], [(wallet, 30), (cash, 20)])
    books.sell(session, customers[2], [(later, 35)])
    books.sell(session, customers[3], [(wallet, 60)], to_invoice=True)
    books.sell(session, customers[0], [(wallet, -130)], refunded=first)
    books.sell(session, customers[10], [(cash, 150), (wallet, -150)])
    books.sell(session, customers[4], [(cash, 50), (wallet, -5)])


def _use_branch(books, env, customers, made):
    ids = [*made["branch"], env.company.id]
    there = env(context={**env.context, "allowed_company_ids": ids})
    customers = customers.with_env(there)
    books.top_ups(there, customers[:2], 300)
    books.invoices(there, customers[0], 110).action_allocate_wallet()
