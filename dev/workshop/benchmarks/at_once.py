"""Movements per second: 16 customers at once, over HTTP, on a server with 2 workers.

Each of 16 clients works for a customer of its own, one request after the other.
"""

import time
from functools import partial

from ..trials.calling import Client
from ..trials.calling import at_once as do_at_once
from ..trials.making import PAY

CLIENTS = 16
WORKERS = 2


def _pay_from_wallet(client, invoice_id):
    client.call("account.move", "action_allocate_wallet", [[invoice_id]])


def _register_payment(client, invoice_id):
    context = {"active_model": "account.move", "active_ids": [invoice_id]}
    (dialog_id,) = client.call(PAY, "create", [[{}]], {"context": context})
    client.call(PAY, "action_create_payments", [[dialog_id]], {"context": context})


def _confirm(client, payment_id):
    client.call("account.payment", "action_post", [[payment_id]])


ACTIONS = {
    "wallet": _pay_from_wallet,
    "register": _register_payment,
    "top_up": _confirm,
    "payment": _confirm,
}


def at_once(stage):
    """Pay, and pay in.

    - *Paying*: invoices are paid from the wallet (one request each), or with *Register
      Payment* (two requests, as the dialog is made and confirmed).
    - *Paying in*: the same draft payments are confirmed, as top-ups of wallets or as
      ordinary payments (one request each on either side).
    """
    each = stage.size(full=10, quick=2)
    rounds = range(stage.rounds(full=3, quick=1))
    with stage.books() as books:
        with books.transaction() as env:
            made = {
                side: [_make_documents(books, env, side, each) for _round in rounds]
                for side in ACTIONS
            }
        stage.analyze(books)
        with stage.serve(books, WORKERS) as server:
            clients = [Client(server) for _number in range(CLIENTS)]
            works = {
                side: partial(_work, clients, act, made[side])
                for side, act in ACTIONS.items()
            }
            stage.measure(**works)
        books.check()
    for what, against, ours, theirs in (
        ("pay invoices", "core's *Register Payment*", "wallet", "register"),
        ("confirm top-ups", "core's payments", "top_up", "payment"),
    ):
        measured = f"{what}, movements per second, {CLIENTS} at once"
        stage.compare(measured, f"{against}, the same way", ours, theirs, rate=1.0)


def _make_documents(books, env, side, each):
    """
    :return: list of so many ids of documents for each client
    """
    customers = books.customers(env, CLIENTS)
    in_turn = [it for _time in range(each) for it in customers]
    if side in ("top_up", "payment"):
        made = books.draft_payments(env, in_turn, 100, side == "top_up")
    else:
        books.payments(env, customers, 100 * each, side == "wallet")
        made = books.invoices(env, in_turn, 100)
    return [made.ids[number::CLIENTS] for number in range(CLIENTS)]


def _work(clients, act, rounds, number):
    """Let each client work on its documents."""
    documents = rounds[number]
    started = time.perf_counter()
    do_at_once(
        CLIENTS,
        lambda client, ids: [act(client, it) for it in ids],
        *(clients, documents),
    )
    return {"rate": sum(map(len, documents)) / (time.perf_counter() - started)}
