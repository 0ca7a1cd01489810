"""Every call that moves money is sent twice: one movement, the same answer.

- *Again*: it was answered, and is sent again.
- *After a time-out*: the client goes away at a random moment, asks again at once, and
  then once more. The server may still be at work on the first request.
- *After a crash*: all calls are under way when all processes of the server are killed.
  The server starts again, and they are sent again.
"""

import functools
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from ..trials.calling import Client, Refused, Unanswered
from ..trials.paying_online import pay, start_paying
from ..trials.serving import serve
from .books import Ledger
from .finding import Finding

SEED = 19
WORKERS = 4
AT_ONCE = 8
START = 1000
PASSWORD = "one of the customers"
# A client goes away, and the server is killed, after at most so many seconds.
AWAY_SECONDS = 0.6
KILL_SECONDS = 2.5
# In which a request that nobody waits for has ended.
QUIET_SECONDS = 4
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


def run(stage):
    ways = {
        "again": (_again, stage.size(full=3, quick=1)),
        "after a time-out": (_after_time_out, stage.size(full=10, quick=1)),
        "after a crash of the server": (_after_crash, stage.size(full=20, quick=1)),
    }
    sets = sum(rounds for _way, rounds in ways.values())
    with stage.database() as database:
        made = iter(stage.make(__name__, "make", database, sets=sets))
        ledger = Ledger(stage.odoo.cluster, database)
        with serve(stage.odoo, database, workers=WORKERS) as server:
            sender = Sender(server, ledger)
            for name, (way, rounds) in ways.items():
                wrong, calls = [], 0
                for _round in range(rounds):
                    requests = [sender.request(values) for values in next(made)]
                    wrong += sender.prove(way, requests)
                    calls += len(requests)
                yield Finding(
                    f"each call sent twice, {name}: one movement, the same answer",
                    f"{rounds} × {calls // rounds} calls, {sender.unanswered} "
                    "times without an answer",
                    wrong,
                )
                sender.unanswered = 0


def make(books, sets):
    from .calls import make_set, open_tills

    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        tills = open_tills(books, env)
    made = []
    for _set in range(sets):
        with books.transaction() as env:
            made.append(
                make_set(books, env, {k: it.with_env(env) for k, it in tills.items()})
            )
    return made


class Request:
    """One call, which can be sent several times.

    `answers` are the different ones that came.
    """

    def __init__(self, values, client, answer_of=lambda answer: answer):
        self.name = values["name"]
        self.customer_id = values["customer_id"]
        self.effect = values["effect"]
        self.answers = []
        self._send = client
        self._answer_of = answer_of

    def send(self, **options):
        answer = self._answer_of(self._send(**options))
        if answer not in self.answers:
            self.answers.append(answer)


class Sender:
    """Who sends calls, and looks at what they did."""

    def __init__(self, server, ledger):
        self.server = server
        self.rng = random.Random(SEED)
        self.unanswered = 0
        self._ledger = ledger
        self._staff = Client(server.url, server.database)

    def request(self, values):
        sent = values["sent"]
        if values["name"].startswith("portal"):
            return Request(values, self._portal_form(*sent), _read_page)
        model, method, args, kwargs = sent
        send = functools.partial(self._staff.call, model, method, args, kwargs)
        if method == "sync_from_ui":
            return Request(values, send, _read_order)
        return Request(values, send)

    def _portal_form(self, login, invoice_id):
        server = self.server
        client = Client(server.url, server.database, login, PASSWORD)
        form = start_paying(client, invoice_id, 100)
        return functools.partial(pay, client, form)

    def prove(self, way, requests):
        """
        :return: list of strings, what is wrong
        """
        wrong = []
        before = self._states()
        for request, error in self._all(way, requests):
            if error:
                wrong.append(f"{request.name}: {error}")
        time.sleep(QUIET_SECONDS)
        states = self._states()
        for request in requests:
            if len(request.answers) > 1:
                wrong.append(f"{request.name} had two answers: {request.answers}")
            entries, balance = before[request.customer_id]
            # Who takes a top-up back has one entry less, all others one more.
            change = -1 if request.name == "dialog: take back" else 1
            expected = (entries + change, balance + request.effect)
            if states[request.customer_id] != expected:
                found = states[request.customer_id]
                wrong.append(f"{request.name}: expected {expected}, found {found}")
        return wrong + self._ledger.wrong()

    def _all(self, way, requests):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(zip(requests, way(self, requests, pool), strict=True))

    def _states(self):
        """
        :return: dict by customer of (number of entries and holds, balance)
        """
        return {
            row["partner_id"]: (row["entries"], row["balance"])
            for row in self._ledger.rows(STATE)
        }

    def send(self, request):
        """
        :return: str, what is wrong
        """
        try:
            request.send()
        except (Refused, Unanswered) as error:
            return f"sent again, it was refused: {error.what}"
        return None

    def send_once(self, request, **options):
        """Nobody knows whether this will be answered."""
        try:
            request.send(**options)
        except Unanswered:
            self.unanswered += 1
        except Refused as error:
            return f"it was refused: {error.what}"
        return None


# The ways. Each returns what is wrong with each request, or None.


def _again(sender, requests, pool):
    def both(request):
        return sender.send(request) or sender.send(request)

    return list(pool.map(both, requests))


def _after_time_out(sender, requests, pool):
    waits = [sender.rng.uniform(0.01, AWAY_SECONDS) for _request in requests]

    def go_away(request, seconds):
        return (
            sender.send_once(request, seconds=seconds)
            or sender.send(request)
            or sender.send(request)
        )

    return list(pool.map(go_away, requests, waits))


def _after_crash(sender, requests, pool):
    sender.rng.shuffle(requests)
    killer = threading.Timer(sender.rng.uniform(0.05, KILL_SECONDS), sender.server.kill)
    killer.start()
    first = list(pool.map(sender.send_once, requests))
    killer.join()
    sender.server.start()
    second = list(pool.map(sender.send, requests))
    return [one or other for one, other in zip(first, second, strict=True)]


# What of an answer has to be the same


def _read_order(result):
    """The order and its payments: the till gets much else with them."""
    order = result["pos.order"][0]
    payments = [
        [it["id"], it["amount"], it.get("wallet_bonus")] for it in result["pos.payment"]
    ]
    return [order["id"], order["state"], order["amount_paid"], sorted(payments)]


def _read_page(answer):
    """What the visitor reads."""
    level, text = answer
    if level != "success":
        raise Unanswered(f"the page refuses: {text}")
    return text
