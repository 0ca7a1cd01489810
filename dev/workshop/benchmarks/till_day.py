"""A day at a till: orders are sent one by one, and then the session is closed.

All of a session's orders, of as many customers, are paid by *Customer Wallet*, by
*Card*, or go on the customers' accounts with *Customer Account*. What is told is what
one order costs with its share of the closing.
"""

from .closing import close
from .comparing import Comparison
from .rounds import WARM_UP, side_by_side, total
from .till_orders import sync


def run(stage):
    orders = stage.size(full=50, quick=3)
    rounds = stage.size(full=5, quick=1)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, rounds=rounds, orders=orders)
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    for side, name in (("bank", "by card"), ("account", "on *Customer Account*")):
        for figure in ("seconds", "queries"):
            yield Comparison(
                f"till order by wallet and its share of closing {orders}",
                name,
                1.3,
                measured["wallet"],
                measured[side],
                figure=figure,
                each=orders,
            )


def make(books, rounds, orders):
    """
    :return: ids of the product, of the customers, and of the sessions by side
    """
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        product = books.product(env)
        names = [f"Customer {number}" for number in range(orders)]
        customers = books.customers(env, *names)
        books.top_ups(env, customers, 100 * (WARM_UP + rounds))
        sessions = {
            side: [books.open_till(env, method).id for _ in range(WARM_UP + rounds)]
            for side, method in _methods(env).items()
        }
        return product.id, customers.ids, sessions


def _methods(env):
    Method = env["pos.payment.method"]
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    return {
        "wallet": Method.search([("is_wallet", "=", True)], limit=1),
        "bank": Method.create({"name": "Card", "journal_id": bank.id}),
        "account": Method.create(
            {"name": "Customer Account", "split_transactions": True}
        ),
    }


def measure(books, rounds, made):
    product_id, customer_ids, sessions = made
    measured = side_by_side(
        rounds,
        **{
            side: lambda number, ids=ids: _spend_day(
                books, product_id, customer_ids, ids[number]
            )
            for side, ids in sessions.items()
        },
    )
    books.check()
    return measured


def _spend_day(books, product_id, customer_ids, session_id):
    with books.transaction() as env:
        session = env["pos.session"].browse(session_id)
        method = session.payment_method_ids
        product = env["product.product"].browse(product_id)
        customers = env["res.partner"].browse(customer_ids)
        orders = [books.order(session, product, it, method) for it in customers]
    samples = [books.timed(sync, order) for order in orders]
    samples.append(books.timed(close, session_id))
    return total(samples)
