"""Many requests at once spend the same money.

They come by HTTP to a server with several worker processes, half of them by one way and
half by another. The backlog of the server is large enough for all of them, so that they
really wait there.
"""

import itertools
import re
import threading
from collections import Counter
from functools import partial

from ..console import say
from ..trials.calling import Client, Refused, Unanswered, at_once
from ..trials.paying_online import OnlinePayment
from .rules import available, find_broken

AMOUNT = 100
# Odoo lets eight requests wait for each worker.
WORKERS = 12
PASSWORD = "one of the customers"
WALLET = "wallet"
DIALOG = "customer.wallet.transfer"
# How a refusal has to sound: it names the customer, what is available and what was
# asked for, and nothing of the database.
CLEAR_KINDS = ("odoo.exceptions.UserError", "odoo.exceptions.ValidationError")
AMOUNTS = re.compile(r"\d[\d,]*\.\d\d")


def race(stage):
    """Exactly one may succeed; each other gets a refusal in words.

    Transfers there and back are different: what went there can come back. As many
    succeed as the money allows, in turn.
    """
    number = stage.size(full=100, quick=12)
    rounds = stage.size(full=20, quick=2)
    with stage.books() as books:
        made = make(books, invoices=number + 3 * rounds)
        stage.analyze(books)
        with stage.serve(books, WORKERS) as server:
            racers = Race(server, books, made)
            racers.log_in(number // 2)
            for mix in (
                ("till one", "till two"),
                ("till one", "back office"),
                ("back office", "portal"),
            ):
                racers.run(stage, mix, number, rounds)
            racers.run(stage, ("there", "back"), number, rounds, Race.check_transfers)


def transfers(stage):
    """Both wallets have enough, so that each transfer has to succeed: nobody may be
    told of deadlocks or of transactions that cannot be serialized. What was there in
    sum is there in sum, and each transfer is there once.
    """
    each = stage.size(full=500, quick=20)
    clients, workers = 16, 4
    with stage.books() as books:
        made = make(books, invoices=0, transfer=1, there=each, back=each)
        with stage.serve(books, workers) as server:
            racers = Race(server, books, made)
            outcomes = racers.start(("there", "back"), 2 * each, clients)
        wrong = racers.check_transfers(outcomes, [each, each]) + find_broken(books)
        wrong += [error.what for _way, error in outcomes if error]
        (booked,) = books.rows(
            "SELECT COUNT(*) FROM account_move"
            " WHERE wallet_operation = 'transfer' AND state = 'posted'"
        )
        if booked["count"] != 2 * each:
            wrong.append(f"{booked['count']} transfers are booked")
    claim = "transfers there and back: none is refused, none is lost or done twice"
    stage.found(claim, f"{each} + {each}, {clients} at once, {workers} workers", wrong)


def make(books, invoices, transfer=AMOUNT, there=AMOUNT, back=0):
    """
    :param there: what the one has who sends money there
    :return: dict of what the requests need
    """
    with books.transaction() as env:
        customers = books.customers(env, ["Dana Racer", "Giver", "Taker"])
        customer, giver, taker = customers
        for owner, amount in zip(customers, (AMOUNT, there, back), strict=True):
            books.top_ups(env, owner, amount or AMOUNT)
        if not back:
            books.pay_out(env, taker, AMOUNT)
        return {
            "customer": customer.id,
            "login": books.portal_login(env, customer, PASSWORD),
            "wallets": [
                (giver.id, giver.wallet_ids.id),
                (taker.id, taker.wallet_ids.id),
            ],
            "transfer": transfer,
            "tills": {
                name: books.order(books.open_till(env), customer)
                for name in ("till one", "till two")
            },
            "invoice_ids": books.invoices(env, [customer] * invoices).ids,
        }


class Race:
    """Those who spend the same money at the same time."""

    def __init__(self, server, books, made):
        self._server = server
        self._made = made
        self._books = books
        self._staff = Client(server)
        self._visitors = []
        self._ways = {
            "till one": self._begin_at_till,
            "till two": self._begin_at_till,
            "back office": self._begin_in_back_office,
            "portal": self._begin_in_portal,
            "there": self._begin_transfers,
            "back": self._begin_transfers,
        }

    def log_in(self, visitors):
        """Sessions of the customer, each in a browser of its own."""
        self._visitors = self._open_browsers([self._made["login"]] * visitors)

    def _open_browsers(self, logins):
        def open_browser(login):
            return Client(self._server, login, PASSWORD)

        # What Odoo makes at the first login, it makes for one at a time.
        return [open_browser(logins[0]), *at_once(4, open_browser, logins[1:])]

    def run(self, stage, mix, number, rounds, check=None):
        """Have so many spend the money, several times, and say what was found."""
        wrong, counts = [], Counter()
        for _round in range(rounds):
            self._top_up()
            before = self._read_transferred()
            outcomes = self.start(mix, number, number)
            wrong += [it for it in map(self._find_unclear, outcomes) if it]
            wrong += (check or Race.check_one)(self, outcomes, before)
            wrong += find_broken(self._books)
            counts.update("refused" if error else "paid" for _way, error in outcomes)
        say(f"{' and '.join(mix)}: {dict(counts)}")
        claim = f"race: {' and '.join(mix)} spend a balance that suffices for one"
        tried = f"{rounds} × {number} at once, {WORKERS} workers"
        stage.found(claim, tried, wrong)

    def _top_up(self):
        """Have exactly the amount in the wallet."""
        (free,) = available(self._books, self._made["customer"])
        if free < AMOUNT:
            with self._books.transaction() as env:
                customer = env["res.partner"].browse(self._made["customer"])
                self._books.top_ups(env, customer, AMOUNT - free)

    def _read_transferred(self):
        return available(self._books, *(it for it, _wallet in self._made["wallets"]))

    def start(self, mix, number, clients):
        """Have so many requests sent, the ways in turn.

        :return: list of tuples (way, None or why it was not done)
        """
        ways = list(itertools.islice(itertools.cycle(mix), number))
        self._open_invoices = iter(self._find_open_invoices())
        begun = {way: iter(self._ways[way](way, ways.count(way))) for way in mix}
        requests = [next(begun[way]) for way in ways]
        barrier = threading.Barrier(clients)

        def send(index):
            if index < clients:
                barrier.wait()
            try:
                requests[index]()
            except (Refused, Unanswered) as error:
                return ways[index], error
            return ways[index], None

        return at_once(clients, send, range(number))

    def _find_open_invoices(self):
        ids = ", ".join(map(str, self._made["invoice_ids"])) or "0"
        rows = self._books.rows(
            f"SELECT id FROM account_move WHERE id IN ({ids})"
            f" AND amount_residual = {AMOUNT}"
        )
        return [row["id"] for row in rows]

    # The ways: each begins so many times, and returns functions that send what pays.

    def _begin_at_till(self, way, number):
        order = self._made["tills"][way]
        orders = [self._books.fresh_order(order) for _time in range(number)]
        return [partial(self._sell, it) for it in orders]

    def _sell(self, order):
        result = self._staff.call("pos.order", "sync_from_ui", [[order]])
        if result["pos.order"][0]["state"] != "paid":
            raise Unanswered(f"the till order is {result['pos.order'][0]['state']}")

    def _begin_in_back_office(self, _way, number):
        ids = itertools.islice(self._open_invoices, number)
        pay = partial(self._staff.call, "account.move", "action_allocate_wallet")
        return [partial(pay, [[it]]) for it in ids]

    def _begin_in_portal(self, _way, number):
        ids = itertools.islice(self._open_invoices, number)
        pages = [f"/my/invoices/{it}" for it in ids]
        return self._open_forms(self._visitors[:number], pages)

    def _begin_transfers(self, way, number):
        giver, taker = self._made["wallets"][:: 1 if way == "there" else -1]
        vals = {
            "wallet_id": giver[1],
            "target_partner_id": taker[0],
            "amount": self._made["transfer"],
            "reason": way,
        }
        confirm = partial(self._staff.call, DIALOG, "action_confirm")
        ids = self._staff.call(DIALOG, "create", [[vals] * number])
        return [partial(confirm, [[it]]) for it in ids]

    def _open_forms(self, clients, pages):
        """Have customers open the form of a payment."""
        codes = [WALLET] * len(pages)
        payments = at_once(4, OnlinePayment, clients, pages, codes)
        return [partial(self._pay_online, it) for it in payments]

    def _pay_online(self, payment):
        payment.pay_with_wallet()
        if payment.wait() == "done":
            return
        (tx,) = self._books.rows(
            "SELECT state_message FROM payment_transaction"
            f" WHERE reference = '{payment.reference}'"
        )
        message = tx["state_message"]
        if not message or not payment.is_told(message):
            raise Unanswered(f"the page does not say why it is not paid: {message}")
        raise Refused("the page", CLEAR_KINDS[0], message)

    # What has to have come out

    def _find_unclear(self, outcome):
        """What is wrong with a refusal.

        :return: str, or None when it is clear
        """
        way, error = outcome
        if not error:
            return None
        customer = {"there": "Giver", "back": "Taker"}.get(way, "Dana Racer")
        amounts = AMOUNTS.findall(error.message)
        wanted = f"{self._made['transfer']:,.2f}"
        if (
            error.kind in CLEAR_KINDS
            and customer in error.message
            and len(amounts) >= 2
            and wanted in amounts
        ):
            return None
        return f"an unclear refusal, {error.kind}: {error.what}"

    def check_one(self, outcomes, _before):
        """
        :return: list of strings, what is wrong
        """
        paid = sum(not error for _way, error in outcomes)
        (left,) = available(self._books, self._made["customer"])
        wrong = [f"{paid} of {len(outcomes)} have paid"] if paid != 1 else []
        return [*wrong, f"{left} is left in the wallet"] if left else wrong

    def check_transfers(self, outcomes, before):
        paid = Counter(way for way, error in outcomes if not error)
        went = self._made["transfer"] * (paid["there"] - paid["back"])
        should = [before[0] - went, before[1] + went]
        found = self._read_transferred()
        wrong = [] if paid else ["no transfer went through"]
        if found != should:
            wrong.append(f"the wallets hold {found}, answered was {should}")
        return wrong
