"""Send a paid order of a till to the server.

The same order, one product for 100, of customers of the same kind, at the same till, is
paid by *Customer Wallet* or by *Card*. Both are booked when the session closes; until
then, the wallet holds the money.
"""

from .comparing import Comparison
from .rounds import side_by_side


def run(stage):
    rounds = stage.size(full=60, quick=3)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, count=rounds + 2)
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    for figure in ("seconds", "queries"):
        yield Comparison(
            "sync a till order paid by wallet",
            "paid by card",
            1.25,
            measured["wallet"],
            measured["bank"],
            figure=figure,
        )


def make(books, count):
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        session = books.open_till(env)
        product = books.product(env)
        made = {}
        for kind in ("wallet", "bank"):
            names = [f"Customer {kind} {number}" for number in range(count)]
            customers = books.customers(env, *names)
            books.top_ups(env, customers, 1000)
            method = session.payment_method_ids.filtered(
                lambda method, kind=kind: method.type == kind
            )
            made[kind] = [books.order(session, product, it, method) for it in customers]
    return made


def measure(books, rounds, made):
    measured = side_by_side(
        rounds,
        wallet=lambda number: books.timed(sync, made["wallet"][number]),
        bank=lambda number: books.timed(sync, made["bank"][number]),
    )
    books.check()
    return measured


def sync(env, order):
    env["pos.order"].sync_from_ui([order])
