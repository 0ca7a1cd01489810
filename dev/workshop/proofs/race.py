"""Many requests at once spend the same money.

They come by HTTP to a server with several worker processes, half of them by one way and
half by another. The backlog of the server is large enough for all of them, so that they
really wait there.
"""

import itertools
import re
import threading

from ..trials.calling import at_once
from .calls import Call, Case, make_calls, prepare
from .rules import find_broken
from .sending import REFUSED_KIND, WORKERS, Request, Sender

NAME = "Dana Racer"
AMOUNT = 100
# How a refusal has to sound: it names the customer, what is available and what was
# asked for, and nothing of the database.
CLEAR_KINDS = (REFUSED_KIND, "odoo.exceptions.ValidationError")
AMOUNTS = re.compile(r"\d[\d,]*\.\d\d")


def race(stage):
    """Two tills; till and back office; back office and portal, or transfers."""
    with stage.books() as books:
        spend_once(
            stage,
            books,
            ("till: pay", "till: pay"),
            ("till: pay", "invoice: pay"),
            ("invoice: pay", "portal: pay"),
            ("invoice: pay", "dialog: transfer"),
        )


def spend_once(stage, books, *mixes):
    """Exactly one may succeed; each other gets a refusal in words.

    :param mixes: tuples of the names of calls, which take turns
    """
    number = stage.size(full=100, quick=12)
    rounds = stage.size(full=20, quick=2)
    made = {}
    with books.transaction() as env:
        customer = books.customers(env, [NAME])
        books.top_ups(env, customer, AMOUNT)
        tills = books.open_till(env) | books.open_till(env)
        for mix in mixes:
            names = list(itertools.islice(itertools.cycle(mix), number + rounds))
            made[mix] = make_calls(books, env, names, customer, tills)
    stage.analyze(books)
    with stage.serve(books, WORKERS) as server:
        sender = Sender(server, books)
        for mix, calls in made.items():
            requests, wrong = [Request(sender, it) for it in calls], []
            for _round in range(rounds):
                wrong += _run(sender, requests[:number])
                requests = [it for it in requests if not it.answers]
            claim = f"race: {' and '.join(mix)} spend a balance that suffices for one"
            tried = f"{rounds} × {number} at once, {WORKERS} workers"
            stage.found(claim, tried, wrong)


def _run(sender, requests):
    """Have all of them sent at once.

    :return: list of strings, what is wrong
    """
    customer_id = requests[0].call.customer_id
    _fill(sender, customer_id)
    online = [it for it in requests if it.call.is_online]
    # What Odoo makes at the first login, it makes for one at a time.
    for some in (online[:1], online[1:]):
        at_once(4, Request.begin, some)
    start = threading.Barrier(len(requests))

    def send(request):
        request.refusals = []
        start.wait()
        return request.send_once()

    wrong = ["nobody answers"] * at_once(len(requests), send, requests).count(False)
    errors = [error for it in requests for error in it.refusals]
    unclear = [it for it in errors if not _is_clear(it)]
    wrong += [f"an unclear refusal, {it.kind}: {it}" for it in unclear]
    paid = sum(bool(it.answers) for it in requests)
    _movements, left = sender.read_states()[customer_id]
    if (paid, left) != (1, 0):
        wrong.append(f"{paid} of {len(requests)} have paid, {left} is left")
    return wrong + find_broken(sender.books)


def _fill(sender, customer_id):
    """Have exactly the amount in the wallet."""
    _movements, free = sender.read_states()[customer_id]
    if free < AMOUNT:
        with sender.books.transaction() as env:
            customer = env["res.partner"].browse(customer_id)
            sender.books.top_ups(env, customer, AMOUNT - free)


def _is_clear(error):
    """Whether a refusal says what it has to."""
    amounts = AMOUNTS.findall(error.message)
    return (
        error.kind in CLEAR_KINDS
        and NAME in error.message
        and len(amounts) >= 2
        and f"{AMOUNT:.2f}" in amounts
    )


def transfers(stage):
    """Both wallets have enough, so that each transfer has to succeed: nobody may be
    told of deadlocks or of transactions that cannot be serialized. What was there is
    there, and each transfer is there once.
    """
    each = stage.size(full=500, quick=20)
    clients = 16
    with stage.books() as books:
        with books.transaction() as env:
            pair = books.customers(env, ["One", "Other"])
            books.top_ups(env, pair, each)
            calls = [
                Call(
                    "transfer", it.id, prepare(*Case(books, it).transfer(pair - it, 1))
                )
                for _time in range(each)
                for it in pair
            ]
        with stage.serve(books, WORKERS) as server:
            sender = Sender(server, books)
            requests = [Request(sender, it) for it in calls]
            answered = at_once(clients, Request.send_once, requests)
            states, broken = sender.read_states(), find_broken(books)
    wrong = broken + ["nobody answers"] * answered.count(False)
    wrong += [str(error) for it in requests for error in it.refusals]
    wrong += [
        f"a wallet has {states[owner_id]}"
        for owner_id in pair.ids
        # The top-up and all transfers.
        if states[owner_id] != [1 + len(calls), each]
    ]
    claim = "transfers there and back: none is refused, none is lost or done twice"
    stage.found(claim, f"{each} + {each}, {clients} at once, {WORKERS} workers", wrong)
