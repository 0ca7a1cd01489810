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
from .sending import REFUSED_KIND, Request, prove_calls

NAME = "Dana Racer"
AMOUNT = 100
# How a refusal has to sound: it names the customer, what is available and what was
# asked for, and nothing of the database.
CLEAR_KINDS = (REFUSED_KIND, "odoo.exceptions.ValidationError")
AMOUNTS = re.compile(r"\d[\d,]*\.\d\d")


def race(stage):
    """Two tills; till and back office; back office and portal, or transfers."""
    with stage.books() as books:
        spend_once(stage, books, "till: pay")
        spend_once(stage, books, "till: pay", "invoice: pay")
        spend_once(stage, books, "invoice: pay", "portal: pay")
        spend_once(stage, books, "invoice: pay", "dialog: transfer")


def spend_once(stage, books, *mix):
    """Exactly one may succeed; each other gets a refusal in words.

    :param mix: names of calls, which take turns
    """
    number = stage.size(full=100, quick=12)

    def make(env):
        customer = books.customers(env, [NAME])
        books.top_ups(env, customer, AMOUNT)
        names = list(itertools.islice(itertools.cycle(mix), number))
        return make_calls(books, env, names, customer, tills=2)

    claim = f"race: only one spends a balance that suffices for one: {', '.join(mix)}"
    rounds = [make] * stage.size(full=20, quick=2)
    prove_calls(stage, books, claim, _all_at_once, rounds)


def _all_at_once(_sender, requests):
    online = [it for it in requests if it.call.is_online]
    # What Odoo makes at the first login, it makes for one at a time.
    for some in (online[:1], online[1:]):
        at_once(4, Request.begin, some)
    start = threading.Barrier(len(requests))

    def send(request):
        start.wait()
        if not request.send_once():
            request.wrong.append("nobody answers")
        request.refusals = [it for it in request.refusals if not _is_clear(it)]

    at_once(len(requests), send, requests)
    paid = sum(bool(it.answers) for it in requests)
    if paid != 1:
        requests[0].wrong.append(f"{paid} of {len(requests)} have paid")


def _is_clear(error):
    """Whether a refusal says what it has to."""
    return (
        error.kind in CLEAR_KINDS
        and NAME in error.message
        and {f"{AMOUNT:.2f}"} < {*AMOUNTS.findall(error.message)}
    )


def transfers(stage):
    """Both wallets have enough, so that each transfer has to succeed: nobody may be
    told of deadlocks or of transactions that cannot be serialized. What was there is
    there, and each transfer is there once.
    """
    each = stage.size(full=500, quick=20)

    def make(env):
        pair = books.customers(env, ["One", "Other"])
        books.top_ups(env, pair, each)
        sent = [
            (it, prepare(*Case(books, it).transfer(pair - it, 1)))
            for _time in range(each)
            for it in pair
        ]
        # In the end each customer has been in all of them, and has what there was.
        return [Call("transfer", it.id, call, 0, len(sent)) for it, call in sent]

    def send(_sender, requests):
        at_once(16, Request.send, requests)

    claim = "transfers there and back: none is refused, none is lost or done twice"
    with stage.books() as books:
        prove_calls(stage, books, claim, send, [make])
