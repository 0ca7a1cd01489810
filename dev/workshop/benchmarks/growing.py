"""Money that came or goes in many pieces, against the same in one.

- *Often*: an invoice is paid out of a top-up that has paid 5,000 others, or one.
- *Small*: an invoice of 1,000 is paid out of 1,000 top-ups of 1, or out of one.
- *Undo*: of what was paid out of the many small top-ups, or out of the one.
- *Part*: one payment is undone of 1,000 invoices that were paid in one go, or of 50.

Odoo has made one of each, SQL has multiplied it; the addon's own check then finds that
wallets and books agree.
"""

from .comparing import Comparison
from .long_history import AIM, timed, timed_undo
from .paying import pay_by_wallet
from .rounds import WARM_UP, side_by_side


def run(stage):
    sizes = {
        "uses": stage.size(full=5_000, quick=100),
        "pieces": stage.size(full=1_000, quick=20),
        "parts": stage.size(full=1_000, quick=50),
        "few_parts": stage.size(full=50, quick=10),
    }
    rounds = stage.size(full=20, quick=3)
    with stage.database() as database:
        made = stage.make(
            __name__, "make", database, count=WARM_UP + rounds, sizes=sizes
        )
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    for measure, against, many, few in (
        ("pay out of a top-up used {uses:,} times", "used once", "often", "once"),
        ("pay out of {pieces:,} small top-ups", "out of one", "small", "large"),
        ("undo what {pieces:,} small top-ups paid", "one", "undo small", "undo large"),
        (
            "undo one payment of {parts:,} made in one go",
            "one of {few_parts:,}",
            "part of many",
            "part of few",
        ),
    ):
        for figure in ("seconds", "queries"):
            yield Comparison(
                measure.format_map(sizes),
                against.format_map(sizes),
                AIM,
                measured[many],
                measured[few],
                figure=figure,
            )


def make(books, count, sizes):
    """
    :return: dict of lists of ids of invoices
    """
    with books.transaction() as env:
        books.set_up(env)
    made = {
        "often": _make_used(books, sizes["uses"], count),
        "once": _make_used(books, 1, count),
        "small": _make_pieces(books, sizes["pieces"], count, sizes["pieces"]),
        "large": _make_pieces(books, 1, count, sizes["pieces"]),
        "part of many": _make_parts(books, sizes["parts"], count),
        "part of few": _make_parts(books, sizes["few_parts"], count),
    }
    books.check()
    return made


def _make_used(books, times, count):
    """One top-up that has paid so many invoices, and open ones."""
    with books.transaction() as env:
        customer = books.customers(env, f"Used {times} times")
        books.top_ups(env, customer, 100 * (times + count))
        invoice = books.invoices(env, customer)
        invoice.action_allocate_wallet()
        entry = invoice._get_wallet_partials().credit_move_id.move_id
        items = (invoice | entry).line_ids
        partials = items.matched_debit_ids | items.matched_credit_ids
        records = [items.move_id, items, partials, items.full_reconcile_id]
    _multiply(books, records, times - 1, customer.id)
    with books.transaction() as env:
        return books.invoices(env, [customer.with_env(env)] * count).ids


def _make_pieces(books, pieces, count, amount):
    """Customers who have paid this amount in so many pieces, and owe it."""
    with books.transaction() as env:
        names = [f"Paid in {pieces}: {number}" for number in range(count)]
        customers = books.customers(env, *names)
        payments = books.top_ups(env, customers, amount / pieces)
        invoices = books.invoices(env, customers, amount)
        items = payments.move_id.line_ids
        records = [payments, items.move_id, items]
    _multiply(books, records, pieces - 1, *customers.ids, numbers=count)
    return invoices.ids


def _make_parts(books, parts, count):
    """So many invoices that were paid in one go."""
    with books.transaction() as env:
        customer = books.customers(env, f"Pays {parts} at once")
        books.top_ups(env, customer, 100 * parts)
        invoice = books.invoices(env, customer)
        records = [invoice, invoice.line_ids]
    _multiply(books, records, parts - 1)
    with books.transaction() as env:
        customer = env["res.partner"].browse(customer.id)
        customer.action_allocate_wallet()
        invoices = env["account.move"].search(
            [("partner_id", "=", customer.id), ("move_type", "=", "out_invoice")]
        )
        return invoices.ids[:count]


def _multiply(books, records, times, *owner_ids, numbers=1):
    """Copy, and have Odoo sum up again what the copies have moved."""
    if not times:
        return
    books.multiply(records, times, numbers=numbers)
    with books.transaction() as env:
        wallets = env["res.partner"].browse(owner_ids).wallet_ids.sudo()
        for name in ("balance", "bonus_balance"):
            env.add_to_compute(wallets._fields[name], wallets)


def measure(books, rounds, made):
    pay_one, undo_one = timed(books, pay_by_wallet), timed_undo(books)
    names = ("often", "once", "small", "large")
    measured = side_by_side(rounds, **{name: pay_one(made[name]) for name in names})
    measured |= side_by_side(
        rounds,
        **{f"undo {name}": undo_one(made[name]) for name in ("small", "large")},
        **{name: undo_one(made[name]) for name in ("part of many", "part of few")},
    )
    books.check()
    return measured
