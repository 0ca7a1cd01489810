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
                refused = _sell_and_close(server, books, order)
                found = _find_wrong(books, order)
                wrong += [*found, *refused] if found else []
                wrong += find_broken(books)
    stage.found(
        "kill -9 between order and closing, and during closing, which is asked for "
        "twice: each order is booked once",
        f"{rounds} registers, {rounds * ORDERS} orders, {server.unanswered} unanswered",
        wrong,
    )


def _sell_and_close(server, books, order):
    """
    :return: list of strings, what was refused: who closes a register that somebody else
        has just closed is told so
    """
    staff, refused = Client(server), []

    def ask(request):
        try:
            staff.call(*request)
        except Refused as error:
            refused.append(error.what)

    sent = [books.fresh_order(order) for _number in range(ORDERS)]
    selling = [("pos.order", "sync_from_ui", [[it]]) for it in sent]
    server.serve_while_killed(SELL_SECONDS, ask, selling)
    closing = ("pos.session", "close_session_from_ui", [[order["session_id"]]])
    server.serve_while_killed(CLOSE_SECONDS, ask, [closing] * 2)
    return refused


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
