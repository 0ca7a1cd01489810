"""The server is killed after a till has sold, and again while its register is closed,
twice at the same time. Whoever was not answered asks again. Every order is then booked
once, all of them by one entry, and the session is closed.
"""

from ..trials.calling import Client, Refused, Unanswered, at_once
from .race import AMOUNT
from .rules import available, find_broken

WORKERS = 4
ORDERS = 8
SELL_SECONDS = 1.5
CLOSE_SECONDS = 2.0


def closing(stage):
    rounds = stage.size(full=20, quick=2)
    wrong, unanswered = [], 0
    with stage.books() as books:
        with books.transaction() as env:
            customers = books.customers(env, rounds)
            books.top_ups(env, customers, ORDERS * AMOUNT)
            orders = [books.order(books.open_till(env), it) for it in customers]
        stage.analyze(books)
        with stage.serve(books, WORKERS) as server:
            for order in orders:
                register = Register(server, books, order)
                register.sell()
                register.close()
                wrong += register.find_wrong() + find_broken(books)
                unanswered += register.unanswered
    sold = rounds * ORDERS
    stage.found(
        "kill -9 between order and closing, and during closing, which is asked for "
        "twice: each order is booked once",
        f"{rounds} registers, {sold} orders, {unanswered} unanswered",
        wrong,
    )


class Register:
    """A till, and those who work with it."""

    def __init__(self, server, books, order):
        self._server = server
        self._books = books
        self._order = order
        self._staff = Client(server)
        self._refusals = []
        self.unanswered = 0

    def sell(self):
        orders = [self._books.fresh_order(self._order) for _number in range(ORDERS)]
        for order in self._do_while_killed(SELL_SECONDS, self._send, orders):
            self._send(order)

    def close(self):
        self._do_while_killed(CLOSE_SECONDS, self._close, range(2))
        if self._read_state() != "closed":
            self._close()

    def _do_while_killed(self, seconds, act, jobs):
        """Do all of it at once, and kill the server meanwhile.

        :return: list of the jobs of which nobody knows whether they were done
        """

        def try_once(job):
            try:
                act(job)
            except Unanswered:
                return job

        with self._server.killed_within(seconds):
            unknown = at_once(len(jobs), try_once, jobs)
        unknown = [job for job in unknown if job is not None]
        self.unanswered += len(unknown)
        return unknown

    def _send(self, order):
        result = self._staff.call("pos.order", "sync_from_ui", [[order]])
        state = result["pos.order"][0]["state"]
        if state not in ("paid", "done"):
            self._refusals.append(f"a till order is {state}")

    def _close(self, _number=None):
        """A second one may be told that somebody else has closed it."""
        ids = [self._order["session_id"]]
        try:
            self._staff.call("pos.session", "close_session_from_ui", [ids])
        except Refused as error:
            if self._read_state() != "closed":
                self._refusals.append(f"a register does not close: {error.what}")

    def _read_state(self):
        session_id = self._order["session_id"]
        query = f"SELECT state FROM pos_session WHERE id = {session_id}"
        return self._books.rows(query)[0]["state"]

    def find_wrong(self):
        """
        :return: list of strings
        """
        wrong = list(self._refusals)
        if self._read_state() != "closed":
            wrong.append("a register is not closed")
        (left,) = available(self._books, self._order["partner_id"])
        if left:
            wrong.append(f"{left} is left in the wallet")
        (booked,) = self._books.rows(
            "SELECT COUNT(*) AS orders,"
            " COUNT(DISTINCT payment.wallet_move_id) AS entries"
            " FROM pos_payment payment JOIN pos_order pos ON pos.id = pos_order_id"
            f" WHERE pos.session_id = {self._order['session_id']}"
        )
        if (booked["orders"], booked["entries"]) != (ORDERS, 1):
            wrong.append(f"{booked['orders']} orders, {booked['entries']} entries")
        return wrong
