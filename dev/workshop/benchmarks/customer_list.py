"""Balances in the list of customers, and finding customers by them.

There are 100,000 customers, each with a wallet, a top-up and an open invoice. Odoo has
made the first twenty, with names and amounts by chance (always the same), and SQL has
multiplied them.

- *Balances*: a page of 80 customers from anywhere in the list is read with the wallets'
  balance, or with core's `credit`, what each of them owes.
- *Search*: what the list asks the server for, the first 80 and the number of all, for
  customers with a balance above an amount, or with a word in their name. One in twenty
  is found on either side.
"""

import random

from .comparing import Comparison
from .rounds import WARM_UP, side_by_side

ORIGINALS = 20
PAGE = 80
NAMES = [
    "Ali",
    "Basma",
    "Carla",
    "Dina",
    "Emil",
    "Farid",
    "Gina",
    "Hugo",
    "Ines",
    "Jamal",
]


def run(stage):
    count = stage.size(full=100_000, quick=4_000)
    rounds = stage.size(full=40, quick=3)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, count=count)
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    yield Comparison(
        f"balance of {PAGE} customers in a list, {count:,} wallets",
        "core's `credit` of the same",
        0.5,
        measured["balance"],
        measured["credit"],
    )
    yield Comparison(
        f"search customers by balance, {count:,} wallets",
        "search by name, `ilike`",
        1.0,
        measured["by_balance"],
        measured["by_name"],
    )


def make(books, count):
    """
    :return: dict of the `balance` that one in twenty exceeds, and of a word (`name`)
        that one in twenty has
    """
    chance = random.Random(6)
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        names = [
            f"{chance.choice(NAMES)} Number{number:02}" for number in range(ORIGINALS)
        ]
        customers = books.customers(env, *names)
        amounts = chance.sample(range(100, 1000), ORIGINALS)
        items = env["account.move.line"]
        for customer, amount in zip(customers, amounts, strict=True):
            items |= books.top_ups(env, customer, amount).move_id.line_ids
            items |= books.invoices(env, customer, amount).line_ids
        payments = items.move_id.origin_payment_id
        records = [customers, customers.wallet_ids, payments, items.move_id, items]
        env.flush_all()
    books.multiply(
        records,
        count // ORIGINALS - 1,
        {
            "res_partner.name": "row.name || ' ' || n",
            "res_partner.complete_name": "row.complete_name || ' ' || n",
        },
        numbers=ORIGINALS,
    )
    books.check()
    (second, _first) = sorted(amounts)[-2:]
    return {"balance": second, "name": names[0].split()[1]}


def measure(books, rounds, made):
    chance = random.Random(6)
    with books.transaction() as env:
        ids = env["res.partner"].search([("name", "like", "Number")]).ids
    pages = [sorted(chance.sample(ids, PAGE)) for _round in range(WARM_UP + rounds)]
    by_balance = [("wallet_balance", ">", made["balance"])]
    by_name = [("name", "ilike", made["name"])]
    return side_by_side(
        rounds,
        balance=lambda number: books.timed(read, pages[number], "wallet_balance"),
        credit=lambda number: books.timed(read, pages[number], "credit"),
        by_balance=lambda number: books.timed(search, by_balance),
        by_name=lambda number: books.timed(search, by_name),
    )


def read(env, ids, name):
    env["res.partner"].browse(ids).web_read({name: {}})


def search(env, domain):
    found = env["res.partner"].web_search_read(
        domain, {"complete_name": {}}, limit=PAGE
    )
    if found["length"] <= PAGE:
        raise AssertionError(f"Too little is found: {found['length']}")
