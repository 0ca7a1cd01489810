"""Many requests at once spend the same money.

They come by HTTP to a server with several worker processes, half of them by one way and
half by another. The backlog of the server is large enough for all of them, so that they
really wait there.
"""

import itertools
import re
import threading
from functools import partial

from ..console import say
from ..trials.calling import Client, Refused, Unanswered, at_once
from ..trials.paying_online import OnlinePayment
from .rules import available, find_broken

NAME = "Dana Racer"
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
    """Exactly one may succeed; each other gets a refusal in words."""
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
                ("back office", "transfer"),
            ):
                racers.run(stage, mix, number, rounds)


def transfers(stage):
    """Both wallets have enough, so that each transfer has to succeed: nobody may be
    told of deadlocks or of transactions that cannot be serialized. What was there is
    there, and each transfer is there once.
    """
    each = stage.size(full=500, quick=20)
    clients, workers = 16, 4
    with stage.books() as books:
        with books.transaction() as env:
            one, other = customers = books.customers(env, ["One", "Other"])
            books.top_ups(env, customers, each)
            routes = {
                "there": (one.wallet_ids.id, other.id, 1),
                "back": (other.wallet_ids.id, one.id, 1),
            }
        with stage.serve(books, workers) as server:
            racers = Race(server, books, {"routes": routes, "invoice_ids": []})
            refused = racers.start(("there", "back"), 2 * each, clients)
        wrong = [error.what for error in refused] + find_broken(books)
        left = available(books, *customers.ids)
        if left != [each, each]:
            wrong.append(f"the wallets hold {left}")
        (booked,) = books.rows(
            "SELECT COUNT(*) FROM account_move"
            " WHERE wallet_operation = 'transfer' AND state = 'posted'"
        )
        if booked["count"] != 2 * each:
            wrong.append(f"{booked['count']} transfers are booked")
    claim = "transfers there and back: none is refused, none is lost or done twice"
    stage.found(claim, f"{each} + {each}, {clients} at once, {workers} workers", wrong)


def make(books, invoices):
    """
    :return: dict of what the requests need
    """
    with books.transaction() as env:
        customer, other = books.customers(env, [NAME, "Other"])
        books.top_ups(env, customer, AMOUNT)
        return {
            "customer": customer.id,
            "login": books.portal_login(env, customer, PASSWORD),
            "routes": {"transfer": (customer.wallet_ids.id, other.id, AMOUNT)},
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
            **dict.fromkeys(made["routes"], self._begin_transfers),
        }

    def log_in(self, visitors):
        """Sessions of the customer, each in a browser of its own."""
        self._visitors = self._open_browsers([self._made["login"]] * visitors)

    def _open_browsers(self, logins):
        def open_browser(login):
            return Client(self._server, login, PASSWORD)

        # What Odoo makes at the first login, it makes for one at a time.
        return [open_browser(logins[0]), *at_once(4, open_browser, logins[1:])]

    def run(self, stage, mix, number, rounds):
        """Have so many spend the money, several times, and say what was found."""
        wrong, count = [], 0
        for _round in range(rounds):
            self._top_up()
            refused = self.start(mix, number, number)
            wrong += [
                f"an unclear refusal, {it.kind}: {it.what}"
                for it in refused
                if not _is_clear(it)
            ]
            if len(refused) != number - 1:
                wrong.append(f"{number - len(refused)} of {number} have paid")
            wrong += [f"{it} is left in the wallet" for it in self._read_left() if it]
            wrong += find_broken(self._books)
            count += len(refused)
        say(f"{' and '.join(mix)}: {count} of {rounds} × {number} were refused")
        claim = f"race: {' and '.join(mix)} spend a balance that suffices for one"
        tried = f"{rounds} × {number} at once, {WORKERS} workers"
        stage.found(claim, tried, wrong)

    def _top_up(self):
        """Have exactly the amount in the wallet."""
        (free,) = self._read_left()
        if free < AMOUNT:
            with self._books.transaction() as env:
                customer = env["res.partner"].browse(self._made["customer"])
                self._books.top_ups(env, customer, AMOUNT - free)

    def _read_left(self):
        return available(self._books, self._made["customer"])

    def start(self, mix, number, clients):
        """Have so many requests sent, the ways in turn.

        :return: list of `Refused` and `Unanswered`, of those that did not succeed
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
                return error
            return None

        return list(filter(None, at_once(clients, send, range(number))))

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
        names = ("wallet_id", "target_partner_id", "amount", "reason")
        vals = dict(zip(names, (*self._made["routes"][way], way), strict=True))
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


def _is_clear(error):
    """Whether a refusal says what it has to."""
    amounts = AMOUNTS.findall(error.message)
    return (
        error.kind in CLEAR_KINDS
        and NAME in error.message
        and len(amounts) >= 2
        and f"{AMOUNT:.2f}" in amounts
    )
