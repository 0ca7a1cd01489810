"""Movements per second: 16 customers at once, over HTTP, on a server with 2 workers.

Each of 16 clients works for a customer of its own, one request after the other.
"""

import time
from functools import partial

from ..trials.calling import Client
from ..trials.calling import at_once as do_at_once

CLIENTS = 16
WORKERS = 2


def at_once(stage):
    """Pay, and pay in.

    - *Paying*: invoices are paid from the wallet (one request each), or with *Register
      Payment* (two requests, as the dialog is made and confirmed).
    - *Paying in*: the same draft payments are confirmed, as top-ups of wallets or as
      ordinary payments (one request each on either side).
    """
    each = stage.size(full=10, quick=2)
    actions = {
        "wallet": _pay_from_wallet,
        "register": _register_payment,
        "top_up": _confirm,
        "payment": _confirm,
    }
    with stage.books() as books:
        made = {side: [] for side in actions}
        for _round in range(stage.rounds(full=3, quick=1)):
            for side, rounds in made.items():
                with books.transaction() as env:
                    ids = _make_documents(books, env, side, each).ids
                rounds.append([ids[number::CLIENTS] for number in range(CLIENTS)])
        with stage.serve(books, WORKERS) as server:
            clients = [Client(server) for _number in range(CLIENTS)]

            def work(side, number):
                """Let each client work on its documents."""
                started = time.perf_counter()
                do_at_once(
                    CLIENTS,
                    lambda client, ids: [actions[side](client, it) for it in ids],
                    clients,
                    made[side][number],
                )
                return {"rate": CLIENTS * each / (time.perf_counter() - started)}

            stage.measure(books, **{side: partial(work, side) for side in actions})
    for what, against, ours, theirs in (
        ("pay invoices", "core's *Register Payment*", "wallet", "register"),
        ("confirm top-ups", "core's payments", "top_up", "payment"),
    ):
        measured = f"{what}, movements per second, {CLIENTS} at once"
        stage.compare(measured, f"{against}, the same way", ours, theirs, rate=1.0)


def _make_documents(books, env, side, each):
    """Documents of the customers, in turn."""
    customers = books.customers(env, CLIENTS)
    in_turn = [it for _time in range(each) for it in customers]
    if side in ("top_up", "payment"):
        return books.draft_payments(env, in_turn, 100, wallet=side == "top_up")
    books.payments(env, customers, 100 * each, wallet=side == "wallet")
    return books.invoices(env, in_turn, 100)


def _pay_from_wallet(client, invoice_id):
    client.call("account.move", "action_allocate_wallet", [[invoice_id]])


def _register_payment(client, invoice_id):
    context = {"active_model": "account.move", "active_ids": [invoice_id]}
    dialog = "account.payment.register"
    (dialog_id,) = client.call(dialog, "create", [[{}]], {"context": context})
    client.call(dialog, "action_create_payments", [[dialog_id]], {"context": context})


def _confirm(client, payment_id):
    client.call("account.payment", "action_post", [[payment_id]])
