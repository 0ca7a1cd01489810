"""Confirm an ordinary invoice, with the addon installed and without.

The same draft invoices, of five lines with tax, are confirmed in two databases with the
same data, of which one has the addon. The customers have no wallet and pay later, as
most do. One process has both databases open.
"""

from .comparing import Comparison
from .rounds import WARM_UP, side_by_side

LINES = 5


def run(stage):
    past = stage.size(full=20_000, quick=100)
    rounds = stage.size(full=150, quick=3)
    count = WARM_UP + rounds
    with stage.pair(__name__, "make", past=past, count=count) as made:
        without, beside, invoice_ids = made
        measured = stage.inside(
            __name__, "measure", beside, without, rounds=rounds, invoice_ids=invoice_ids
        )
    for figure in ("seconds", "queries"):
        yield Comparison(
            "post an ordinary invoice, addon installed",
            "not installed",
            1.03,
            measured["beside"],
            measured["without"],
            figure=figure,
        )


def make(books, past, count):
    """
    :return: ids of draft invoices
    """
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        customers = books.customers(env, *(f"Customer {it}" for it in range(count)))
        invoice = books.invoices(env, customers[0], lines=LINES)
        records = [invoice, invoice.line_ids]
    books.multiply(records, past)
    with books.transaction() as env:
        taxes = env.company.account_sale_tax_id
        return books.draft_invoices(
            env, customers.with_env(env), lines=LINES, taxes=taxes
        ).ids


def measure(beside, without, rounds, invoice_ids):
    return side_by_side(
        rounds,
        beside=lambda number: beside.timed(post, invoice_ids[number]),
        without=lambda number: without.timed(post, invoice_ids[number]),
    )


def post(env, invoice_id):
    env["account.move"].browse(invoice_id).action_post()
