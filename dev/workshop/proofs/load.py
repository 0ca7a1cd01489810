"""Many people who move money at the same time, while something is killed."""

import random
import threading
import time
from collections import Counter
from contextlib import contextmanager

from ..trials.calling import Client, Refused, Unanswered
from .movements import AMOUNT, BOOKED, ENTRIES, Documents

PEOPLE = 8
PAUSE_SECONDS = 0.2
WAIT_SECONDS = 120
LOGGED_OUT = "odoo.http.SessionExpiredException"
RESEND_SECONDS = 60


class Load:
    """People at work, and what they were told.

    :param failures: beginnings of the names of exceptions that may reach them
    """

    def __init__(self, server, ledger, made, seed, failures=()):
        self._server = server
        self._ledger = ledger
        self._made = made
        self._rng = random.Random(seed)
        self._failures = (LOGGED_OUT, *failures)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._client = Client(server.url, server.database)
        self._login_lock = threading.Lock()
        self._logins = 0
        self._movements = {}
        self._refusals = []
        self._entries_before = self._count_entries()

    @contextmanager
    def running(self):
        threads = [
            threading.Thread(
                target=self._work, args=[self._rng.getrandbits(64)], daemon=True
            )
            for _person in range(PEOPLE)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            for thread in threads:
                thread.join()

    def _work(self, seed):
        documents = Documents(self._client, self._made, random.Random(seed))
        while not self._stopped.is_set():
            logins = self._logins
            try:
                self._move_money(documents)
            except (Refused, Unanswered) as error:
                self._note_refusal(error)
                self._recover(logins)
            except Exception as error:
                self._refusals.append(f"somebody could not go on: {error!r}")
                raise

    def _move_money(self, documents):
        movement = documents.any_movement()
        with self._lock:
            self._movements[movement.mark] = movement
        movement.send(self._client)
        movement.told = "done"
        documents.note_done(movement)

    def _note_refusal(self, error):
        if isinstance(error, Refused) and not error.kind.startswith(self._failures):
            self._refusals.append(f"somebody was told {error.kind}: {error.what}")

    def _recover(self, logins):
        """Odoo logs people out when it does not reach the database: one of them logs in
        again for all.
        """
        with self._login_lock:
            while self._logins == logins and not self._stopped.is_set():
                try:
                    self._client.log_in_again()
                    self._logins += 1
                except (Refused, Unanswered):
                    time.sleep(PAUSE_SECONDS)

    def wait_for_more(self):
        """Wait until people have moved money again.

        :return: list of strings, what is wrong
        """
        wanted = self.counts()["acknowledged"] + PEOPLE
        deadline = time.monotonic() + WAIT_SECONDS
        while self.counts()["acknowledged"] < wanted:
            if time.monotonic() > deadline:
                return [f"nobody could work any more after {WAIT_SECONDS} seconds"]
            time.sleep(PAUSE_SECONDS / 4)
        return []

    # What there must be

    def _count_entries(self):
        return self._ledger.rows(ENTRIES)[0]["number"]

    def counts(self):
        with self._lock:
            movements = list(self._movements.values())
        counts = Counter(it.mark.partition("-")[0] for it in movements)
        counts["acknowledged"] = sum(it.told == "done" for it in movements)
        counts["not acknowledged"] = len(movements) - counts["acknowledged"]
        return counts

    def wrong(self):
        """What is wrong now, while people work: what was acknowledged is there, once
        and whole; of what was not, it is there whole or not at all.

        :return: list of strings
        """
        with self._lock:
            told = {it.mark: it.told for it in self._movements.values()}
            refusals, self._refusals = self._refusals, []
        booked = self._booked()
        wrong = [*refusals, *self._ledger.wrong()]
        for mark, answer in told.items():
            found = booked.get(mark)
            if found != (1, AMOUNT) and (found or answer):
                wrong.append(f"{mark} was {answer or 'not answered'}, found is {found}")
        return wrong

    def _booked(self):
        rows = self._ledger.rows(BOOKED)
        return {row["mark"]: (row["times"], row["amount"]) for row in rows}

    def resend(self):
        """Everybody has stopped: send again what was not answered. Then all is there,
        each once, and nothing else.

        :return: list of strings, what is wrong; and how many were sent again
        """
        wrong = []
        self._client.log_in_again()
        unanswered = [it for it in self._movements.values() if not it.told]
        for movement in unanswered:
            try:
                movement.send(self._client, seconds=RESEND_SECONDS)
            except (Refused, Unanswered) as error:
                wrong.append(f"{movement.mark} was sent again: {error.what}")
            else:
                movement.told = "done"
        wrong += self.wrong()
        checked = self._client.call("customer.wallet.difference", "action_check", [[]])
        if checked["type"] != "ir.actions.client":
            wrong.append("the addon's own check has found differences")
        strays = self._count_entries() - self._entries_before - len(self._movements)
        if strays and not wrong:
            wrong.append(f"{strays} entries that nobody asked for")
        return wrong, len(unanswered)


def make(books, customers):
    """
    :return: dict of customers with money, and of what tills could send
    """
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        names = [f"Customer {number}" for number in range(customers)]
        owners = books.customers(env, *names)
        books.top_ups(env, owners, 100_000)
        product = books.product(env)
        sessions = [books.open_till(env) for _till in range(2)]
        return {
            "customers": [(it.id, it.wallet_ids.id) for it in owners],
            "orders": [
                books.order(session, product, it, amount=10)
                for session in sessions
                for it in owners
            ],
        }
