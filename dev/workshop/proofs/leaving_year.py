"""A year of business without wallets: invoices, payments, credit notes and tills.

It is the business of two companies and a branch, in two currencies. All of it is made
by core, from a seed.
"""

import random
from datetime import date, timedelta

from odoo import Command

from .tills import close_till, open_again, order, register_payment, sell

SEED = 2026
CUSTOMERS = 12
MONTH = timedelta(days=30)


def make_year(books, months, per_month, copies):
    """
    :return: dict of the ids that the other steps start from
    """
    with books.transaction() as env:
        books.set_up(env)
        companies = _make_companies(env)
        customers = _make_customers(books, env)
    rng = random.Random(SEED)
    for month in reversed(range(months)):
        with books.transaction() as env:
            _invoice_a_month(env, customers.with_env(env), rng, month, per_month)
    with books.transaction() as env:
        made = _open_tills(books, env, companies.with_env(env), customers.with_env(env))
    if copies:
        _multiply_paid_invoice(books, copies)
    return {**made, "customers": customers.ids, "companies": companies.ids}


def _in(env, company):
    companies = env["res.company"].search([])
    ids = [company.id, *(companies - company).ids]
    return env(context={**env.context, "allowed_company_ids": ids})


def _make_companies(env):
    """A second company, with a branch."""
    Company = env["res.company"]
    second = Company.create({"name": "Second Company"})
    env.user.company_ids |= second
    env["account.chart.template"].try_loading(
        "generic_coa", company=second, install_demo=False
    )
    branch = Company.create({"name": "Branch", "parent_id": second.id})
    env.user.company_ids |= branch
    euro = env.ref("base.EUR")
    euro.active = True
    env["res.currency.rate"].create(
        {"currency_id": euro.id, "rate": 0.8, "name": "2020-01-01"}
    )
    return second | branch


def _make_customers(books, env):
    """The customers, of whom the last one has a login of the portal."""
    names = [f"Customer {number:02}" for number in range(1, CUSTOMERS + 1)]
    customers = books.customers(env, *names)
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "name": customers[-1].name,
            "login": "portal-of-the-proof",
            "password": "portal-of-the-proof",
            "partner_id": customers[-1].id,
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }
    )
    return customers


def _invoice_a_month(env, customers, rng, month, per_month):
    """Each company writes so many invoices."""
    for company in env["res.company"].search([]):
        there = _in(env, company)
        for _number in range(per_month):
            day = date.today() - month * MONTH - timedelta(days=rng.randrange(25))
            _invoice(there, rng.choice(customers).with_env(there), day, rng)


def _invoice(env, customer, day, rng):
    """An invoice, and what becomes of it."""
    currency = rng.choice(env.company.currency_id | env.ref("base.EUR"))
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "currency_id": currency.id,
            "invoice_date": day,
            "invoice_line_ids": [
                Command.create({"name": "Goods", "price_unit": rng.randrange(50, 900)})
                for _line in range(rng.randrange(1, 4))
            ],
        }
    )
    invoice.action_post()
    _settle(env, invoice, day, rng)


def _settle(env, invoice, day, rng):
    """Paid, paid in part, credited, paid on account, or left open."""
    fate = rng.random()
    later = min(day + timedelta(days=10), date.today())
    if fate < 0.45:
        register_payment(invoice, later)
    elif fate < 0.6:
        third = invoice.currency_id.round(invoice.amount_total / 3)
        register_payment(invoice, later, third)
    elif fate < 0.7:
        env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"journal_id": invoice.journal_id.id, "date": later}).refund_moves()
        invoice.reversal_move_ids.action_post()
    elif fate < 0.8:
        env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": invoice.partner_id.id,
                "amount": 77,
                "date": later,
            }
        ).action_post()


def _open_tills(books, env, companies, customers):
    """A till with a closed session and an open one, and a till of the other company."""
    product = books.product(env)
    account = env["pos.payment.method"].create(
        {"name": "Customer Account", "split_transactions": True}
    )
    session = books.open_till(env)
    till = session.config_id
    close_till(session)
    till.payment_method_ids |= account
    session = open_again(till)
    sell(books, session, product, customers[:4])
    close_till(session)
    session = open_again(till)
    sell(books, session, product, customers[:4])
    second = _in(env, companies[0])
    other = books.open_till(second)
    other_product = product.with_env(second)
    cash = other.payment_method_ids.filtered(lambda it: it.type == "cash")[:1]
    order(books, other, other_product, customers[0], [(cash, 100)])
    return {
        "product": product.id,
        "till": till.id,
        "other_till": other.config_id.id,
    }


def _multiply_paid_invoice(books, copies):
    with books.transaction() as env:
        customer = books.customers(env, "Customer of long ago")
        payment = books.payments(env, customer, 100)
        invoice = books.invoices(env, customer, 100)
        invoice.js_assign_outstanding_line(books.open_credit(payment).id)
        moves = payment.move_id | invoice
        lines = moves.line_ids
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        records = [payment, moves, lines, partials, lines.full_reconcile_id]
    books.multiply(records, copies)
