"""Movements per second: 16 customers at once, over HTTP, on a server with 2 workers.

Each of 16 clients works for a customer of its own, one request after the other.

- *Paying*: invoices are paid from the wallet (one request each), or with *Register
  Payment* (two requests, as the dialog is made and confirmed).
- *Paying in*: the same draft payments are confirmed, as top-ups of wallets or as
  ordinary payments (one request each on either side).
"""

import time
from concurrent.futures import ThreadPoolExecutor

from ..trials.calling import Client
from ..trials.serving import serve
from .comparing import Comparison
from .rounds import WARM_UP, side_by_side

CLIENTS = 16
WORKERS = 2


def run(stage):
    each = stage.size(full=10, quick=2)
    rounds = stage.size(full=3, quick=1)
    with stage.database() as database:
        made = stage.make(
            __name__, "make", database, rounds=WARM_UP + rounds, each=each
        )
        with serve(stage.odoo, database, workers=WORKERS) as server:
            measured = _measure(server.url, database, rounds, made)
        stage.inside(__name__, "check", database)
    for what, against, ours, theirs in (
        ("pay invoices", "core's *Register Payment*", "wallet", "register"),
        ("confirm top-ups", "core's payments", "top_up", "payment"),
    ):
        yield Comparison(
            f"{what}, movements per second, {CLIENTS} at once",
            f"{against}, the same way",
            1.0,
            measured[ours],
            measured[theirs],
            figure="rate",
            at_least=True,
        )


def make(books, rounds, each):
    """
    :return: dict by side of lists, for each round and client, of ids
    """
    with books.transaction() as env:
        books.set_up(env)
    made = {"wallet": [], "register": [], "top_up": [], "payment": []}
    for number in range(rounds):
        for side, rows in made.items():
            with books.transaction() as env:
                names = [f"{side} {number} {client}" for client in range(CLIENTS)]
                customers = books.customers(env, *names)
                documents = _make_documents(books, env, side, customers, each)
                rows.append([documents.ids[it::CLIENTS] for it in range(CLIENTS)])
    return made


def _make_documents(books, env, side, customers, each):
    """Documents of the customers, in turn."""
    customers_in_turn = [it for _time in range(each) for it in customers]
    if side in ("top_up", "payment"):
        wallet = side == "top_up"
        return books.draft_payments(env, customers_in_turn, 100, wallet)
    books.payments(env, customers, 100 * each, wallet=side == "wallet")
    return books.invoices(env, customers_in_turn, 100)


def check(books):
    books.check()


def _measure(url, database, rounds, made):
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = list(pool.map(lambda _it: Client(url, database), range(CLIENTS)))

        def side(name, act):
            return lambda number: _work(pool, clients, act, made[name][number])

        return side_by_side(
            rounds,
            wallet=side("wallet", pay_from_wallet),
            register=side("register", register_payment),
            top_up=side("top_up", confirm),
            payment=side("payment", confirm),
        )


def _work(pool, clients, act, ids):
    """Let each client work on its documents; return how many per second."""
    started = time.perf_counter()
    jobs = zip(clients, ids, strict=True)
    list(pool.map(lambda job: [act(job[0], it) for it in job[1]], jobs))
    return {"rate": sum(map(len, ids)) / (time.perf_counter() - started)}


def pay_from_wallet(client, invoice_id):
    client.call("account.move", "action_allocate_wallet", [[invoice_id]])


def register_payment(client, invoice_id):
    context = {"active_model": "account.move", "active_ids": [invoice_id]}
    dialog = "account.payment.register"
    (dialog_id,) = client.call(dialog, "create", [[{}]], {"context": context})
    client.call(dialog, "action_create_payments", [[dialog_id]], {"context": context})


def confirm(client, payment_id):
    client.call("account.payment", "action_post", [[payment_id]])
