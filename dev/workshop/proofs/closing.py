"""The server is killed after a till has sold, and again while its register is closed,
twice at the same time. Whoever was not answered asks again. Every order is then booked
once, all of them by one entry, and the session is closed.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

from ..console import say
from ..trials.calling import Client, Refused, Unanswered
from ..trials.serving import serve
from .books import Ledger
from .finding import Finding
from .race import AMOUNT, fresh_order

SEED = 19
WORKERS = 4
ORDERS = 8
SELL_SECONDS = 1.5
CLOSE_SECONDS = 2.0


def run(stage):
    rounds = stage.size(full=20, quick=2)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, rounds=rounds)
        ledger = Ledger(stage.odoo.cluster, database)
        rng = random.Random(SEED)
        wrong, unanswered = [], 0
        with serve(stage.odoo, database, workers=WORKERS) as server:
            for values in made:
                register = Register(server, rng, values)
                register.sell()
                register.close()
                wrong += register.wrong(ledger) + ledger.wrong()
                unanswered += register.unanswered
    say(f"closing: {rounds * ORDERS} orders, {unanswered} requests without an answer")
    yield Finding(
        "kill -9 between order and closing, and during closing, which is asked for "
        "twice: each order is booked once",
        f"{rounds} registers, {rounds * ORDERS} orders, {unanswered} unanswered",
        wrong,
        {"orders": rounds * ORDERS, "unanswered": unanswered},
    )


def make(books, rounds):
    """
    :return: list of dicts: an open register, and a customer who buys there
    """
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        product = books.product(env)
        customers = books.customers(env, *(f"Buyer {n}" for n in range(rounds)))
        books.top_ups(env, customers, ORDERS * AMOUNT)
        made = []
        for customer in customers:
            session = books.open_till(env)
            order = books.order(session, product, customer)
            values = {"session_id": session.id, "partner_id": customer.id}
            made.append({**values, "order": order})
        return made


class Register:
    """A till, and those who work with it."""

    def __init__(self, server, rng, values):
        self._server = server
        self._rng = rng
        self._session_id = values["session_id"]
        self._partner_id = values["partner_id"]
        self._order = values["order"]
        self._staff = Client(server.url, server.database)
        self._refusals = []
        self.unanswered = 0

    def sell(self):
        orders = [fresh_order(self._order) for _number in range(ORDERS)]
        unknown = self._killed_within(SELL_SECONDS, self._send, orders)
        for order in unknown:
            self._send(order)

    def close(self):
        self._killed_within(CLOSE_SECONDS, self._close, range(2))
        if self._read_state() != "closed":
            self._close()

    def _killed_within(self, seconds, act, jobs):
        """Do all of it at once, and kill the server meanwhile.

        :return: list of the jobs of which nobody knows whether they were done
        """
        killer = threading.Timer(self._rng.uniform(0.05, seconds), self._server.kill)
        killer.start()

        def try_once(job):
            try:
                act(job)
            except Unanswered:
                return job

        with ThreadPoolExecutor(len(jobs)) as pool:
            unknown = [it for it in pool.map(try_once, jobs) if it is not None]
        killer.join()
        self._server.start()
        self.unanswered += len(unknown)
        return unknown

    def _send(self, order):
        result = self._staff.call("pos.order", "sync_from_ui", [[order]])
        state = result["pos.order"][0]["state"]
        if state not in ("paid", "done"):
            self._refusals.append(f"a till order is {state}")

    def _close(self, _number=None):
        """A second one may be told that somebody else has closed it."""
        ids = [self._session_id]
        try:
            self._staff.call("pos.session", "close_session_from_ui", [ids])
        except Refused as error:
            if self._read_state() != "closed":
                self._refusals.append(f"a register does not close: {error.what}")

    def _read_state(self):
        (session,) = self._staff.call(
            "pos.session", "read", [[self._session_id], ["state"]]
        )
        return session["state"]

    def wrong(self, ledger):
        """
        :return: list of strings
        """
        wrong = list(self._refusals)
        if self._read_state() != "closed":
            wrong.append("a register is not closed")
        (balance,) = ledger.balances(self._partner_id)
        if balance:
            wrong.append(f"{balance} is left in the wallet")
        (booked,) = ledger.rows(
            "SELECT COUNT(*) AS orders,"
            " COUNT(DISTINCT payment.wallet_move_id) AS entries"
            " FROM pos_payment payment JOIN pos_order pos ON pos.id = pos_order_id"
            f" WHERE pos.session_id = {self._session_id}"
        )
        if (booked["orders"], booked["entries"]) != (ORDERS, 1):
            wrong.append(f"{booked['orders']} orders, {booked['entries']} entries")
        return wrong
