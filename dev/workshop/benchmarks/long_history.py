"""Pay one invoice from a wallet with a long history, and from one with a short one.

Both customers have ten open top-ups of 1,000 and pay invoices of 100, in the same
database. The wallet of one has 100,000 movements more: top-ups, each of which has paid
an invoice. Odoo has made one such pair, SQL has multiplied it; the addon's own check
then finds that wallets and books agree.
"""

from .comparing import Comparison
from .paying import pay_by_wallet
from .rounds import side_by_side

TOP_UPS = 10


def run(stage):
    movements = stage.size(full=100_000, quick=1_000)
    rounds = stage.size(full=40, quick=3)
    with stage.database() as database:
        made = stage.make(
            __name__, "make", database, movements=movements, invoices=rounds + 2
        )
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    yield Comparison(
        f"pay one invoice, wallet with {movements:,} movements",
        f"wallet with {TOP_UPS}",
        1.1,
        measured["long"],
        measured["short"],
    )


def make(books, movements, invoices):
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        long, short = books.customers(env, "Long History", "Short History")
    with books.transaction() as env:
        past = _make_past(books, env, env["res.partner"].browse(long.id))
        # Three entries, each in a journal of its own.
        books.multiply(past, movements // 2 - 1)
    made = {}
    for side, customer_id in (("long", long.id), ("short", short.id)):
        with books.transaction() as env:
            customer = env["res.partner"].browse(customer_id)
            books.top_ups(env, [customer] * TOP_UPS, 1000)
            made[side] = books.invoices(env, [customer] * invoices).ids
    books.check()
    return made


def _make_past(books, env, customer):
    """A top-up that has paid an invoice, with all that it consists of."""
    payment = books.top_ups(env, customer, 100)
    invoice = books.invoices(env, customer, 100)
    invoice.action_allocate_wallet()
    partials = (payment.move_id | invoice).line_ids._get_all_partials()
    items = (partials.debit_move_id | partials.credit_move_id).move_id.line_ids
    env.cr.commit()
    return [payment, items.move_id, items, partials, items.full_reconcile_id]


def measure(books, rounds, made):
    measured = side_by_side(
        rounds,
        long=lambda number: books.timed(pay_by_wallet, made["long"][number]),
        short=lambda number: books.timed(pay_by_wallet, made["short"][number]),
    )
    books.check()
    return measured
