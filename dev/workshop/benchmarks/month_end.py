"""Pay the open invoices of many customers, as at the end of a month.

The dialog *Allocate Wallet* pays them in steps, by an entry for each customer.
Core's *Pay* on the same selection makes a payment for each customer. Each round has
customers and invoices of its own.
"""

from .comparing import Comparison
from .rounds import WARM_UP, side_by_side, total

INVOICES_EACH = 10
AMOUNT = 100


def run(stage):
    customers = stage.size(full=200, quick=4)
    rounds = stage.size(full=2, quick=1)
    with stage.database() as database:
        made = stage.make(
            __name__, "make", database, rounds=rounds, customers=customers
        )
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    count = customers * INVOICES_EACH
    yield Comparison(
        f"pay {count} invoices of {customers} customers, per invoice",
        "core's *Pay*, a payment for each customer",
        1.0,
        measured["wallet"],
        measured["pay"],
        each=count,
    )


def make(books, rounds, customers):
    with books.transaction() as env:
        books.set_up(env)
    made = {"wallet": [], "pay": []}
    for number in range(WARM_UP + rounds):
        # To get warm, a few are enough.
        count = 2 if number < WARM_UP else customers
        for side, jobs in made.items():
            with books.transaction() as env:
                jobs.append(_make_month(books, env, side, number, count))
    return made


def _make_month(books, env, side, number, count):
    """So many customers with open invoices, and the money for them."""
    customers = books.customers(
        env, *(f"Customer {side} {number} {index}" for index in range(count))
    )
    if side == "wallet":
        books.payments(env, customers, AMOUNT * INVOICES_EACH, True)
    return books.invoices(env, [*customers] * INVOICES_EACH, AMOUNT).ids


def measure(books, rounds, made):
    measured = side_by_side(
        rounds,
        wallet=lambda number: pay_in_steps(books, made["wallet"][number]),
        pay=lambda number: books.timed(pay, made["pay"][number]),
    )
    books.check()
    return measured


def pay_in_steps(books, invoice_ids):
    """Each step is a request of its own, as the browser makes them."""
    answers = []
    samples = [books.timed(open_dialog, invoice_ids, answers)]
    while answers[-1].get("tag") != "display_notification":
        samples.append(books.timed(pay_next, answers[0]["res_id"], answers))
    return total(samples)


def open_dialog(env, invoice_ids, answers):
    moves = env["account.move"].browse(invoice_ids)
    answers.append(moves.action_open_wallet_allocation())


def pay_next(env, batch_id, answers):
    batch = env["customer.wallet.allocation.batch"].browse(batch_id)
    answers.append(batch.action_allocate())


def pay(env, invoice_ids):
    context = {"active_model": "account.move", "active_ids": invoice_ids}
    register = env["account.payment.register"].with_context(**context)
    register.create({"group_payment": True}).action_create_payments()
