"""Install the addon on 1,000,000 journal items, and on 1,000.

The items are those of invoices that were paid, with their payments: Odoo has made the
first, SQL has multiplied it. Each installation is done by a process of its own on a
fresh copy of the database; starting Odoo is not measured.
"""

from ..locations import ADDON
from .comparing import Comparison

ITEMS = 4  # of one invoice and its payment


def run(stage):
    many = stage.size(full=1_000_000, quick=10_000)
    few = 1_000
    rounds = stage.size(full=3, quick=1)
    samples = {many: [], few: []}
    base = stage.templates.base()
    with stage.database(base) as large, stage.database(base) as small:
        sources = {many: large, few: small}
        for items, database in sources.items():
            stage.make(__name__, "make", database, items=items)
        for number in range(rounds):
            for items in sources if number % 2 else reversed(sources):
                samples[items].append(_install(stage, sources[items]))
    yield Comparison(
        f"install on {many:,} journal items",
        f"on {few:,}",
        1.3,
        samples[many],
        samples[few],
    )


def _install(stage, source):
    with stage.database(source) as database:
        return stage.inside(__name__, "install", database)


def make(books, items):
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        customer = books.customers(env, "Customer")
        payment = books.payments(env, customer, 100)
        invoice = books.invoices(env, customer, 100)
        invoice.js_assign_outstanding_line(books.open_credit(payment).id)
        moves = payment.move_id | invoice
        lines = moves.line_ids
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        records = [payment, moves, lines, partials, lines.full_reconcile_id]
    books.multiply(records, items // ITEMS - 1)


def install(books):
    return books.install(ADDON)
