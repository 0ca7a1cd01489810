"""The server is killed after a till has sold, and again while its register is closed,
twice at the same time. Whoever was not answered asks again. Every order is then booked
once, all of them by one entry, and the session is closed.
"""

from ..trials.calling import Client, Refused
from .race import AMOUNT
from .rules import available, find_broken

WORKERS = 4
ORDERS = 8
SELL_SECONDS = 1.5
CLOSE_SECONDS = 2.0
BOOKED = """
    SELECT session.state, COUNT(payment.id) AS orders,
           COUNT(DISTINCT payment.wallet_move_id) AS entries
      FROM pos_session session
      LEFT JOIN pos_order pos ON pos.session_id = session.id AND pos.state = 'done'
      LEFT JOIN pos_payment payment ON payment.pos_order_id = pos.id
     WHERE session.id = {session_id}
     GROUP BY session.id
"""


def closing(stage):
    rounds = stage.size(full=20, quick=2)
    wrong = []
    with stage.books() as books:
        with books.transaction() as env:
            customers = books.customers(env, rounds)
            books.top_ups(env, customers, ORDERS * AMOUNT)
            orders = [books.order(books.open_till(env), it) for it in customers]
        stage.analyze(books)
        with stage.serve(books, WORKERS) as server:
            for order in orders:
                wrong += _sell_and_close(server, books, order) + find_broken(books)
    stage.found(
        "kill -9 between order and closing, and during closing, which is asked for "
        "twice: each order is booked once",
        f"{rounds} registers, {rounds * ORDERS} orders, {server.unanswered} unanswered",
        wrong,
    )


def _sell_and_close(server, books, order):
    """
    :return: list of strings, what is wrong
    """
    staff, unsold, unclosed = Client(server), [], []

    def sell(order):
        try:
            staff.call("pos.order", "sync_from_ui", [[order]])
        except Refused as error:
            unsold.append(error.what)

    def close(session_id):
        try:
            staff.call("pos.session", "close_session_from_ui", [[session_id]])
        except Refused as error:
            unclosed.append(error.what)

    sent = [books.fresh_order(order) for _number in range(ORDERS)]
    server.serve_while_killed(SELL_SECONDS, sell, sent)
    server.serve_while_killed(CLOSE_SECONDS, close, [order["session_id"]] * 2)
    found = _find_wrong(books, order)
    # Who closes a register that somebody else has just closed may be told so.
    return [*unsold, *found, *(unclosed if found else ())]


def _find_wrong(books, order):
    """
    :return: list of strings
    """
    wrong = []
    (session,) = books.rows(BOOKED.format_map(order))
    if tuple(session.values()) != ("closed", ORDERS, 1):
        found = "a register is {state}: {orders} orders, {entries} entries"
        wrong.append(found.format_map(session))
    (left,) = available(books, order["partner_id"])
    if left:
        wrong.append(f"{left} is left in the wallet")
    return wrong
