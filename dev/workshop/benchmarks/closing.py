"""Close the session of a till.

All of its 1,000 orders, of 1,000 customers, were paid by *Customer Wallet*, or went on
the customers' accounts with *Customer Account*. Both make one journal item for each
order; those of the wallet, which held the money until then, are in an entry of its own.

For each session Odoo has made the first order, with its customer and top-up, and SQL
has multiplied it.
"""

from .comparing import Comparison
from .rounds import WARM_UP, side_by_side


def run(stage):
    orders = stage.size(full=1_000, quick=20)
    rounds = stage.size(full=5, quick=1)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, rounds=rounds, orders=orders)
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    yield Comparison(
        f"close a session of {orders:,} wallet orders",
        f"{orders:,} *Customer Account* orders",
        1.3,
        measured["wallet"],
        measured["account"],
    )


def make(books, rounds, orders):
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        product = books.product(env)
        Method = env["pos.payment.method"]
        account = {"name": "Customer Account", "split_transactions": True}
        methods = {
            "wallet": Method.search([("is_wallet", "=", True)], limit=1),
            "account": Method.create(account),
        }
    made = {"wallet": [], "account": []}
    for _round in range(WARM_UP + rounds):
        for side, method in methods.items():
            with books.transaction() as env:
                session, records = _make_session(books, env, method, product)
            books.multiply(records, orders - 1, _values())
            made[side].append(session.id)
    books.check()
    return made


def _make_session(books, env, method, product):
    """A session with one order."""
    method, product = method.with_env(env), product.with_env(env)
    session = books.open_till(env, method)
    customer = books.customers(env, "Customer")
    top_up = books.top_ups(env, customer, 100)
    data = books.order(session, product, customer, method)
    env["pos.order"].sync_from_ui([data])
    order = session.order_ids
    items = top_up.move_id.line_ids
    payments = order.payment_ids
    records = [customer, customer.wallet_ids, top_up, items.move_id, items]
    records += [order, order.lines, payments, payments.wallet_hold_id]
    return session, records


def _values():
    values = {
        f"{table}.uuid": "gen_random_uuid()::text"
        for table in ("pos_order", "pos_order_line", "pos_payment")
    }
    return {
        **values,
        "customer_wallet_hold.document_id": (
            "(SELECT pos_order_id FROM pos_payment WHERE id = {pos_payment_id})"
        ),
        "pos_order.access_token": "gen_random_uuid()::text",
        "pos_order.name": "row.name || '-' || n",
        "pos_order.pos_reference": "row.pos_reference || '-' || n",
        "res_partner.name": "row.name || ' ' || n",
        "res_partner.complete_name": "row.complete_name || ' ' || n",
    }


def measure(books, rounds, made):
    measured = side_by_side(
        rounds,
        wallet=lambda number: books.timed(close, made["wallet"][number]),
        account=lambda number: books.timed(close, made["account"][number]),
    )
    books.check()
    return measured


def close(env, session_id):
    session = env["pos.session"].browse(session_id)
    closed = session.close_session_from_ui()
    if not closed["successful"]:
        raise AssertionError(closed)
