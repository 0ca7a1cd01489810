"""Pay 500 invoices of one customer.

The wallet pays them in one go, as the button on the customer does: one entry, one
request. Core's *Outstanding credits: Add* pays them one by one, each in a request of
its own, as there is no other way to do it.

On both sides the customer has paid the money in advance in ten payments. Each round has
customers and invoices of its own.
"""

from .comparing import Comparison
from .rounds import WARM_UP, side_by_side, total

PAYMENTS = 10
AMOUNT = 100


def run(stage):
    invoices = stage.size(full=500, quick=20)
    rounds = stage.size(full=3, quick=1)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, rounds=rounds, invoices=invoices)
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    yield Comparison(
        f"pay {invoices} invoices in one go, per invoice",
        "core's *Outstanding credits: Add*, one by one",
        0.25,
        measured["wallet"],
        measured["add"],
        each=invoices,
    )


def make(books, rounds, invoices):
    with books.transaction() as env:
        books.set_up(env)
    made = {"wallet": [], "add": []}
    for number in range(WARM_UP + rounds):
        # To get warm, a few are enough.
        count = PAYMENTS if number < WARM_UP else invoices
        for side, jobs in made.items():
            with books.transaction() as env:
                jobs.append(_make_customer(books, env, side, count))
    return made


def _make_customer(books, env, side, count):
    """A customer with so many open invoices, and the money for them."""
    customer = books.customers(env, f"Customer {side}")
    amount = AMOUNT * count / PAYMENTS
    payments = books.payments(env, [customer] * PAYMENTS, amount, side == "wallet")
    invoices = books.invoices(env, [customer] * count, AMOUNT)
    credit_ids = [
        books.open_credit(it).ids
        for it in payments
        for _time in range(count // PAYMENTS)
    ]
    return {"customer": customer.id, "invoices": invoices.ids, "credits": credit_ids}


def measure(books, rounds, made):
    def add_all(number):
        job = made["add"][number]
        jobs = zip(job["invoices"], job["credits"], strict=True)
        return total([books.timed(add, *job) for job in jobs])

    measured = side_by_side(
        rounds,
        wallet=lambda number: books.timed(pay_all, made["wallet"][number]["customer"]),
        add=add_all,
    )
    books.check()
    return measured


def pay_all(env, customer_id):
    env["res.partner"].browse(customer_id).action_allocate_wallet()


def add(env, invoice_id, credit_ids):
    (credit_id,) = credit_ids
    env["account.move"].browse(invoice_id).js_assign_outstanding_line(credit_id)
