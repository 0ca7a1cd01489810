"""Pay one invoice.

The wallet pays with the button *Customer Wallet* of the invoice. Core pays an invoice
that is just alike, in the same database, of a customer of the same kind:

- with *Register Payment*: the dialog is made and confirmed. It books an entry, too.
- with *Outstanding credits: Add*: a payment that came in before is matched with the
  invoice. It books nothing.

Each payment is a request of its own, on three customers of its own, who have all paid
1,000 in advance (into the wallet, or on account) and owe 100.
"""

from .comparing import Comparison
from .rounds import side_by_side

WALLET = "pay one invoice from the wallet"
REGISTER = "core's *Register Payment*"
ADD = "core's *Outstanding credits: Add*"


def run(stage):
    with stage.database() as database:
        rounds = stage.size(full=60, quick=5)
        made = stage.make(__name__, "make", database, count=rounds + 2)
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    wallet = measured["wallet"]
    for figure, aim in (("seconds", 0.5), ("queries", 0.58)):
        yield Comparison(
            WALLET, REGISTER, aim, wallet, measured["register"], figure=figure
        )
    for figure in ("seconds", "queries"):
        yield Comparison(WALLET, ADD, 1.5, wallet, measured["add"], figure=figure)


def make(books, count):
    with books.transaction() as env:
        books.set_up(env)
    made = {}
    with books.transaction() as env:
        for side in ("wallet", "register", "add"):
            names = [f"Customer {side} {number}" for number in range(count)]
            customers = books.customers(env, *names)
            payments = books.payments(env, customers, 1000, wallet=side == "wallet")
            made[side] = books.invoices(env, customers).ids
            made[f"{side}_credits"] = [books.open_credit(it).ids for it in payments]
    return made


def measure(books, rounds, made):
    credit_ids = made["add_credits"]
    return side_by_side(
        rounds,
        wallet=lambda number: books.timed(pay_by_wallet, made["wallet"][number]),
        register=lambda number: books.timed(register, made["register"][number]),
        add=lambda number: books.timed(add, made["add"][number], credit_ids[number]),
    )


def pay_by_wallet(env, invoice_id):
    env["account.move"].browse(invoice_id).action_allocate_wallet()


def register(env, invoice_id):
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=[invoice_id]
    ).create({}).action_create_payments()


def add(env, invoice_id, credit_ids):
    (credit_id,) = credit_ids
    env["account.move"].browse(invoice_id).js_assign_outstanding_line(credit_id)
