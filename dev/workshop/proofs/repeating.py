"""Nobody knows whether a call was done, and it is sent again: one movement, the same
answer.

What a process has written stays with the operating system when the process is killed,
so that this says nothing about a power cut. PostgreSQL has `fsync` and
`synchronous_commit` on where it is killed, as it needs for that.
"""

from dataclasses import replace
from functools import partial

from ..trials.serving import crash
from .calls import BY_STAFF, EVERYWHERE, make_calls
from .sending import Request, after_crash, after_time_out, prove_calls

ORDERS = 8
RIGHT = "every wallet is right, nothing is half done or lost"
BOOKED = """
    SELECT session.state, COUNT(payment.id), COUNT(DISTINCT payment.wallet_move_id)
      FROM pos_session session
      LEFT JOIN pos_order pos ON pos.session_id = session.id AND pos.state = 'done'
      LEFT JOIN pos_payment payment ON payment.pos_order_id = pos.id
     WHERE session.id = {}
     GROUP BY session.id
"""


def idempotence(stage):
    """Every call that moves money is sent again, in two ways."""
    for name, way, full in (
        ("after a time-out", after_time_out, 10),
        ("after a crash of the server", after_crash, 20),
    ):
        claim = f"each call sent again {name}: one movement, the same answer"
        _prove(stage, claim, way, stage.size(full, quick=1))


def worker_crash(stage):
    """Half of the processes that answer are killed."""

    def way(sender, requests):
        after_crash(sender, requests, sender.server.kill_workers)

    claim = f"kill -9 of half of the workers: {RIGHT}"
    _prove(stage, claim, way, stage.size(full=50, quick=3))


def database_crash(stage):
    """All processes of PostgreSQL are killed. A customer who is logged out of the
    portal begins anew.
    """
    way = partial(after_crash, kill=partial(crash, stage.odoo.cluster))
    claim = f"kill -9 of PostgreSQL: {RIGHT}"
    _prove(stage, claim, way, stage.size(full=50, quick=2), BY_STAFF)


def closing(stage):
    """The server is killed while a till sells, and again while its register is closed,
    twice at the same time. Every order is then booked once, all by one entry.
    """
    claim = (
        "kill -9 between order and closing, and during closing, which is asked for"
        " twice: each order is booked once"
    )
    rounds = stage.size(full=20, quick=2)
    _prove(stage, claim, _sell_and_close, rounds, ["till: pay"] * ORDERS)


def _prove(stage, claim, way, rounds, names=EVERYWHERE):
    with stage.books() as books:
        make = partial(make_calls, books, names=names)
        prove_calls(stage, books, claim, way, [make] * rounds)


def _sell_and_close(sender, requests):
    after_crash(sender, requests)
    ((order,),) = requests[0].call.sent[2]
    close = "pos.session", "close_session_from_ui", [[order["session_id"]]], {}
    # Who closes a register that somebody else has just closed may be told so.
    closers = [Request(sender, replace(it.call, sent=close)) for it in requests[:2]]
    after_crash(sender, closers)
    (found,) = sender.books.fetch(BOOKED.format(order["session_id"]))
    requests[0].wrong += [wrong for closer in closers for wrong in closer.wrong]
    if found != ("closed", ORDERS, 1):
        requests[0].wrong.append(f"a register, its orders and entries: {found}")
