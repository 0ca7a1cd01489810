"""Work with a wallet with a long history, and with a short one.

Both customers pay invoices of 100 out of top-ups of 1,000, in the same database. The
wallet of one has 1,000,000 movements more: top-ups, each of which has paid an invoice.
Odoo has made one such pair, SQL has multiplied it; the addon's own check then finds
that wallets and books agree.
"""

from .comparing import Comparison
from .paying import pay_by_wallet
from .rounds import WARM_UP, side_by_side

TOP_UPS = 10
AIM = 1.2


def run(stage):
    movements = stage.size(full=1_000_000, quick=2_000)
    rounds = stage.size(full=40, quick=3)
    with stage.database() as database:
        made = stage.make(
            __name__, "make", database, movements=movements, count=WARM_UP + rounds
        )
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    for what, act in (
        ("pay one invoice", "pay"),
        ("undo that", "undo"),
        ("move a credit note to the wallet", "refund"),
    ):
        for figure in ("seconds", "queries"):
            yield Comparison(
                f"{what}, wallet with {movements:,} movements",
                f"wallet with {TOP_UPS}",
                AIM,
                measured[f"{act} long"],
                measured[f"{act} short"],
                figure=figure,
            )


def make(books, movements, count):
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        long, short = books.customers(env, "Long History", "Short History")
        made = {}
        # For a customer with so many journal items, Odoo needs minutes to propose an
        # account for an invoice: what is measured is there before.
        for side, customer in (("long", long), ("short", short)):
            books.top_ups(env, [customer] * TOP_UPS, 1000)
            made[side] = books.invoices(env, [customer] * count).ids
            made[f"{side} credits"] = books.credit_notes(env, [customer] * count).ids
    with books.transaction() as env:
        past = make_past(books, env, env["res.partner"].browse(long.id))
        # Three entries, each in a journal of its own.
        books.multiply(past, movements // 2 - 1)
    books.check()
    return made


def make_past(books, env, customer):
    """A top-up that has paid an invoice, with all that it consists of."""
    payment = books.top_ups(env, customer, 100)
    invoice = books.invoices(env, customer, 100)
    invoice.action_allocate_wallet()
    entry = invoice._get_wallet_partials().credit_move_id.move_id
    items = (payment.move_id | entry | invoice).line_ids
    partials = items.matched_debit_ids | items.matched_credit_ids
    env.cr.commit()
    return [payment, items.move_id, items, partials, items.full_reconcile_id]


def measure(books, rounds, made):
    measured = {}
    for name, act, documents in (
        ("pay", timed(books, pay_by_wallet), ""),
        ("undo", timed_undo(books), ""),
        ("refund", timed(books, refund), " credits"),
    ):
        sides = {
            f"{name} {it}": act(made[f"{it}{documents}"]) for it in ("long", "short")
        }
        measured |= side_by_side(rounds, **sides)
    books.check()
    return measured


def timed(books, act):
    """
    :return: function of ids, for each round one, that gives a side to measure
    """
    return lambda ids: lambda number: books.timed(act, ids[number])


def timed_undo(books):
    """The same for the button that undoes what a wallet has paid on an invoice: which
    payment it is for, the form knows before it is pressed.
    """

    def undo_timed(invoice_id):
        with books.transaction() as env:
            invoice = env["account.move"].browse(invoice_id)
            (payment,) = invoice.wallet_widget["payments"]
        return books.timed(undo, invoice_id, payment["partial_id"])

    return lambda ids: lambda number: undo_timed(ids[number])


def undo(env, invoice_id, partial_id):
    env["account.move"].browse(invoice_id).action_unallocate_wallet(partial_id)


def refund(env, credit_note_id):
    env["account.move"].browse(credit_note_id).action_refund_to_wallet()
