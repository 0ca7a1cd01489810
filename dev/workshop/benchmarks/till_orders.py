"""Send a paid order of a till to the server.

The same order, one product for 100, of customers of the same kind, at the same till, is
paid by *Customer Wallet* or by *Card*. Both are booked when the session closes; until
then, the wallet holds the money. A top-up of the same amount is paid by *Card*, too;
what it adds to the wallet is booked at once.
"""

from .comparing import Comparison
from .rounds import side_by_side


def run(stage):
    rounds = stage.size(full=60, quick=3)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, count=rounds + 2)
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    for side, what, aim in (
        ("wallet", "sync a till order paid by wallet", 1.25),
        ("top_up", "sync a top-up at the till", 1.25),
    ):
        for figure in ("seconds", "queries"):
            yield Comparison(
                what,
                "an order paid by card",
                aim,
                measured[side],
                measured["bank"],
                figure=figure,
            )


def make(books, count):
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        session = books.open_till(env)
        product = books.product(env)
        wallet, bank = (
            session.payment_method_ids.filtered(lambda it, kind=kind: it.type == kind)
            for kind in ("wallet", "bank")
        )
        made = {}
        for side, method in (("wallet", wallet), ("bank", bank), ("top_up", bank)):
            names = [f"Customer {side} {number}" for number in range(count)]
            customers = books.customers(env, *names)
            books.top_ups(env, customers, 1000)
            made[side] = [books.order(session, product, it, method) for it in customers]
        for order in made["top_up"]:
            _make_top_up(order, wallet)
    return made


def _make_top_up(order, wallet):
    """No goods, but the same money, which goes into the wallet."""
    paid = order["payment_ids"][0]
    added = {**paid[2], "payment_method_id": wallet.id, "amount": -paid[2]["amount"]}
    added["uuid"] += "-added"
    order["payment_ids"].append([*paid[:2], added])
    order.update(lines=[], amount_total=0, amount_paid=0)


def measure(books, rounds, made):
    measured = side_by_side(
        rounds,
        **{
            side: lambda number, orders=orders: books.timed(sync, orders[number])
            for side, orders in made.items()
        },
    )
    books.check()
    return measured


def sync(env, order):
    env["pos.order"].sync_from_ui([order])
