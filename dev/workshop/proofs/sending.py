"""Every call that moves money is sent, nobody knows whether it was done, and it is sent
again: one movement, the same answer.

- *Again*: it was answered, and is sent again.
- *After a time-out*: the client goes away at a random moment, asks again at once, and
  then once more. The server may still be at work on the first request.
- *After a crash*: some calls have been answered and others are under way when something
  is killed: all processes of the server, one of its workers, or PostgreSQL with all of
  its processes. Before they are sent again, what was acknowledged is there, once and
  whole; of what was not, it is there whole or not at all.

What a process has written stays with the operating system when the process is killed,
so that this says nothing about a power cut. PostgreSQL has `fsync` and
`synchronous_commit` on where it is killed, as it needs for that.
"""

import itertools
import random
import threading
import time
from contextlib import suppress
from functools import partial

from ..console import say
from ..trials.calling import Client, Refused, Unanswered, at_once
from ..trials.paying_online import OnlinePayment
from ..trials.serving import crash
from .calls import PASSWORD, make_calls
from .rules import find_broken

WORKERS = 4
CLIENTS = 8
# A client goes away after at most so many seconds, and something is killed so many
# after an answer.
AWAY_SECONDS = 0.6
KILL_SECONDS = 0.3
# How often somebody asks again while the database is away, and what is told then.
RECOVERY_TRIES = 50
AWAY_KINDS = (
    "psycopg2.",
    "odoo.http.SessionExpiredException",
    "odoo.exceptions.AccessDenied",
)
STATE = """
    SELECT partner_id, COUNT(DISTINCT entry) AS entries, SUM(amount) AS balance
      FROM (
        SELECT line.partner_id, line.move_id AS entry, -line.amount_currency AS amount
          FROM account_move_line line
         WHERE line.wallet_id IS NOT NULL AND line.parent_state = 'posted'
         UNION ALL
        SELECT wallet.partner_id, -hold.id, -hold.amount
          FROM customer_wallet_hold hold
          JOIN customer_wallet wallet ON wallet.id = hold.wallet_id
         WHERE hold.state = 'held'
      ) found
     GROUP BY partner_id
"""
AT_WORK = """
    SELECT COUNT(*) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


def idempotence(stage):
    for name, way, full in (
        ("again", _again, 3),
        ("after a time-out", _after_time_out, 10),
        ("after a crash of the server", _after_crash, 20),
    ):
        claim = f"each call sent twice, {name}: one movement, the same answer"
        _prove(stage, claim, way, stage.size(full, quick=1))


def worker_crash(stage):
    def way(sender, requests):
        _after_crash(sender, requests, sender.server.kill_worker)

    _prove_crash(stage, "a worker", way, stage.size(full=50, quick=3))


def database_crash(stage):
    def way(sender, requests):
        # A customer who is logged out of the portal begins anew.
        staff = [it for it in requests if not it.call.is_online]
        _after_crash(sender, staff, partial(crash, stage.odoo.cluster))

    _prove_crash(stage, "PostgreSQL", way, stage.size(full=50, quick=2))


def _prove_crash(stage, what, way, rounds):
    claim = f"kill -9 of {what}: every wallet is right, nothing is half done or lost"
    _prove(stage, claim, way, rounds)


def _prove(stage, claim, way, rounds):
    """
    :param way: function of a sender and requests
    """
    wrong = []
    with stage.books() as books:
        made = []
        for _round in range(rounds):
            with books.transaction() as env:
                made.append(make_calls(books, env))
        stage.analyze(books)
        with stage.serve(books, WORKERS) as server:
            sender = Sender(server, books)
            for calls in made:
                wrong += sender.prove(way, [Request(sender, it) for it in calls])
    tried = (
        f"{rounds} × {len(made[0])} calls, {server.unanswered} times without an answer"
    )
    say(f"{claim}: {tried}")
    stage.found(claim, tried, wrong)


class Request:
    """One call, which can be sent several times.

    `answers` are the different ones that came, `wrong` says what should not have been.
    """

    def __init__(self, sender, call):
        self.call = call
        self.answers = []
        self.wrong = []
        self._sender = sender
        if call.is_online:
            login, invoice_id = call.sent
            client = Client(sender.server, login, PASSWORD)
            page = f"/my/invoices/{invoice_id}"
            self._payment = OnlinePayment(client, page, "wallet")

    def send(self, **options):
        """It has to be answered now."""
        for _try in range(RECOVERY_TRIES):
            if self.send_once(**options):
                return
            time.sleep(0.2)
        self.wrong.append("nobody answers")

    def send_once(self, **options):
        """Nobody knows whether this will be answered.

        :return: bool, whether it was
        """
        staff = self._sender.staff
        try:
            answer = self._ask(staff, **options)
        except Unanswered:
            return False
        except Refused as error:
            if error.kind.startswith(AWAY_KINDS):
                self._sender.server.unanswered += 1
                self._sender.replace(staff)
                return False
            self.wrong.append(f"it was refused: {error.what}")
            return True
        if answer not in self.answers:
            self.answers.append(answer)
        return True

    def _ask(self, staff, **options):
        if self.call.is_online:
            self._payment.pay_with_wallet(**options)
            return self._payment.wait()
        sent = self.call.sent
        answer = staff.call(*sent, **options)
        return _read_order(answer) if "sync_from_ui" in sent else answer

    def expect(self, before):
        """
        :param before: tuple (number of entries and holds, balance)
        :return: the same once it is done
        """
        # Who takes a top-up back has one entry less, all others one more.
        change = -1 if self.call.name == "dialog: take back" else 1
        return before[0] + change, before[1] + self.call.effect


def _read_order(result):
    """The order and its payments: the till gets much else with them."""
    order = result["pos.order"][0]
    payments = [
        [it["id"], it["amount"], it.get("wallet_bonus")] for it in result["pos.payment"]
    ]
    return [order["id"], order["state"], order["amount_paid"], sorted(payments)]


class Sender:
    """Who sends calls, and looks at what they did."""

    def __init__(self, server, books):
        self.server = server
        self.staff = Client(server)
        self._books = books
        self._before = {}
        self._lock = threading.Lock()

    def replace(self, staff):
        """Odoo logs people out when it does not reach the database: one of them logs in
        again for all.
        """
        with self._lock, suppress(Refused, Unanswered):
            if self.staff is staff:
                self.staff = Client(self.server)

    def prove(self, way, requests):
        """
        :return: list of strings, what is wrong
        """
        self._before = self._read_states()
        way(self, requests)
        self.wait_until_quiet()
        wrong = self.find_wrong(requests)
        for request in requests:
            wrong += [f"{request.call.name}: {it}" for it in request.wrong]
            if len(request.answers) > 1:
                wrong.append(f"{request.call.name} had two answers: {request.answers}")
        return wrong

    def find_wrong(self, requests):
        """What was answered is there, once; what was not, once or not at all."""
        wrong, states = find_broken(self._books), self._read_states()
        for request in requests:
            before, found = (
                it[request.call.customer_id] for it in (self._before, states)
            )
            expected = request.expect(before)
            if found != expected and (request.answers or found != before):
                wrong.append(f"{request.call.name}: expected {expected}, found {found}")
        return wrong

    def _read_states(self):
        """
        :return: dict by customer of (number of entries and holds, balance)
        """
        return {
            row["partner_id"]: (row["entries"], row["balance"])
            for row in self._books.rows(STATE)
        }

    def wait_until_quiet(self):
        """Have the requests ended for whose answers nobody waits."""
        quiet = 0
        while quiet < 3:
            time.sleep(0.3)
            quiet = 0 if self._books.rows(AT_WORK)[0]["count"] else quiet + 1


# The ways


def _again(_sender, requests):
    def send(request):
        request.send()
        request.send()

    at_once(CLIENTS, send, requests)


def _after_time_out(_sender, requests):
    def send(request):
        request.send_once(seconds=random.uniform(0.01, AWAY_SECONDS))
        request.send()
        request.send()

    at_once(CLIENTS, send, requests)


def _after_crash(sender, requests, kill=None):
    random.shuffle(requests)
    fatal = random.randrange(len(requests) - CLIENTS)
    answers = itertools.count()

    def send(request):
        request.send_once()
        if next(answers) == fatal:
            time.sleep(random.uniform(0, KILL_SECONDS))
            (kill or sender.server.kill)()

    at_once(CLIENTS, send, requests)
    if not kill:
        sender.server.start()
    sender.wait_until_quiet()
    for wrong in sender.find_wrong(requests):
        requests[0].wrong.append(f"before it was sent again, {wrong}")
    at_once(CLIENTS, Request.send, requests)
