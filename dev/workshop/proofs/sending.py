"""Calls that are sent to a server, once or more often, and what they must have done."""

import random
import threading
import time
from contextlib import suppress

from ..trials.calling import Client, Refused, Unanswered, at_once
from ..trials.paying_online import OnlinePayment
from .calls import PASSWORD
from .rules import find_broken

# Odoo lets eight requests wait for each worker. What prints asks another worker.
WORKERS = 12
CLIENTS = 8
# A client goes away, and something is killed, after at most so many seconds.
AWAY_SECONDS = 0.6
KILL_SECONDS = 2.0
# How often somebody asks again while the database is away, and what is told then.
RECOVERY_TRIES = 50
AWAY_KINDS = (
    "psycopg2.",
    "odoo.http.SessionExpiredException",
    "odoo.exceptions.AccessDenied",
)
REFUSED_KIND = "odoo.exceptions.UserError"
# What is free in the wallets of customers.
STATE = """
    SELECT partner.commercial_partner_id, COUNT(DISTINCT movement), SUM(amount)
      FROM (
        SELECT line.partner_id, 'entry ' || line.move_id, -line.amount_currency
          FROM account_move_line line
         WHERE line.wallet_id IS NOT NULL AND line.parent_state = 'posted'
         UNION ALL
        SELECT wallet.partner_id, 'hold ' || hold.id, -hold.amount
          FROM customer_wallet_hold hold
          JOIN customer_wallet wallet ON wallet.id = hold.wallet_id
         WHERE hold.state = 'held'
      ) found(partner_id, movement, amount)
      JOIN res_partner partner ON partner.id = found.partner_id
     GROUP BY 1
"""
MESSAGE = "SELECT state_message FROM payment_transaction WHERE reference = '{}'"
AT_WORK = """
    SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


def prove_calls(stage, books, claim, way, rounds):
    """Send calls in some way, and say what was found.

    :param way: function of a `Sender` and `Request`s
    :param rounds: list of functions of an environment, that return the calls of one
    """
    wrong = []
    with stage.serve(books, WORKERS) as server:
        sender = Sender(server, books)
        for make in rounds:
            with books.transaction() as env:
                requests = [Request(sender, it) for it in make(env)]
            wrong += sender.prove(way, requests)
    tried = f"{len(rounds)} × {len(requests)} calls"
    tried += f", {server.unanswered} times without an answer"
    stage.found(claim, tried, wrong)


class Request:
    """One call, which can be sent several times.

    `answers` are the different ones that came, `refusals` all that came, and `wrong`
    says what else should not have been.
    """

    def __init__(self, sender, call):
        self.call = call
        self.answers = []
        self.refusals = []
        self.wrong = []
        self._sender = sender
        self._client = None if call.is_online else sender.staff
        self._payment = None

    def begin(self):
        """Open the form of a payment."""
        login, path, by_card = self.call.sent
        self._client = self._client or Client(self._sender.server, login, PASSWORD)
        self._payment = OnlinePayment(self._client, path, by_card)

    def send(self):
        """It has to be answered now."""
        for _try in range(RECOVERY_TRIES):
            if self.send_once():
                return
            time.sleep(0.2)
        self.wrong.append("nobody answers")

    def send_once(self, **options):
        """Nobody knows whether this will be answered.

        :return: bool, whether it was
        """
        try:
            answer = self._pay(options) if self.call.is_online else self._ask(options)
        except Unanswered:
            return False
        except Refused as error:
            if error.kind.startswith(AWAY_KINDS):
                self._sender.server.unanswered += 1
                # Odoo logs people out when it does not reach the database.
                with suppress(Refused, Unanswered):
                    self._client.log_in()
                return False
            self.refusals.append(error)
        else:
            self.answers += [answer] if answer not in self.answers else []
        return True

    def _ask(self, options):
        answer = self._client.call(*self.call.sent, **options)
        return _read_order(answer) if "sync_from_ui" in self.call.sent else answer

    def _pay(self, options):
        if not self._payment:
            self.begin()
        state = self._payment.pay(**options)
        if state != "done":
            query = MESSAGE.format(self._payment.reference)
            ((message,),) = self._sender.books.fetch(query)
            raise Refused("the page", REFUSED_KIND, message or state)
        return state


def _read_order(result):
    """The order and its payments: the till gets much else with them."""
    (order,) = result["pos.order"]
    payments = sorted(it["id"] for it in result["pos.payment"])
    return [order["id"], order["state"], order["amount_paid"], payments]


class Sender:
    """Who sends calls, and looks at what they did."""

    def __init__(self, server, books):
        self.server = server
        self.books = books
        self.staff = Client(server)
        self._before = {}

    def prove(self, way, requests):
        """
        :return: list of strings, what is wrong
        """
        self._before = self.read_states()
        way(self, requests)
        self.wait_until_quiet()
        wrong = self.find_wrong(requests)
        for request in requests:
            found = request.wrong + [f"refused: {it}" for it in request.refusals]
            if len(request.answers) > 1:
                found.append(f"two answers: {request.answers}")
            wrong += [f"{request.call.name}: {it}" for it in found]
        return wrong

    def find_wrong(self, requests):
        """What was answered is there, once; what was not, once or not at all."""
        wrong, states = find_broken(self.books), self.read_states()
        for request in requests:
            call = request.call
            before, found = (it[call.customer_id] for it in (self._before, states))
            expected = [before[0] + call.movements, before[1] + call.effect]
            if found != expected and (request.answers or found != before):
                wrong.append(f"{call.name}: expected {expected}, found {found}")
        return wrong

    def read_states(self):
        """
        :return: dict by customer of lists [number of movements, what is free]
        """
        return {owner_id: state for owner_id, *state in self.books.fetch(STATE)}

    def wait_until_quiet(self):
        """Have the requests ended for whose answers nobody waits."""
        quiet = 0
        while quiet < 3:
            time.sleep(0.3)
            quiet = 0 if self.books.fetch(AT_WORK) else quiet + 1


# The ways


def after_time_out(_sender, requests):
    """The client goes away at a random moment, asks again at once, and once more when
    it was answered. The server may still be at work on the first request.
    """

    def send(request):
        request.send_once(seconds=random.uniform(0.01, AWAY_SECONDS))
        request.send()
        request.send()

    at_once(CLIENTS, send, requests)


def after_crash(sender, requests, kill=None):
    """Some calls have been answered and others are under way when something is killed.
    Before they are sent again, what was acknowledged is there, once and whole; of what
    was not, it is there whole or not at all.

    :param kill: by default, all processes of the server are killed and start again
    """
    random.shuffle(requests)
    seconds = random.uniform(0, KILL_SECONDS)
    killing = threading.Timer(seconds, kill or sender.server.kill)
    fatal = random.choice(requests)

    def send(request):
        if request is fatal:
            killing.start()
        request.send_once()

    at_once(CLIENTS, send, requests)
    killing.join()
    if not kill:
        sender.server.start()
    sender.wait_until_quiet()
    wrong = sender.find_wrong(requests)
    requests[0].wrong += [f"before it was sent again, {it}" for it in wrong]
    at_once(CLIENTS, Request.send, requests)
