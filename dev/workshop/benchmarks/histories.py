"""Wallets through which much has gone, beside wallets with little."""

import time
from pathlib import Path

from ..trials.calling import Client
from .lists import OVER_TEN_YEARS
from .paying import pay_by_wallet

AIM = 1.2
SIDES = ("long", "short")
TOP_UPS = 10
# Movements on a page of the portal.
PAGE = 80
PASSWORD = "statement"
REPORT = "customer_wallet.report_wallet_statement"


def undo(env, invoice_id, partial_id):
    env["account.move"].browse(invoice_id).action_unallocate_wallet(partial_id)


def refund(env, credit_note_id):
    env["account.move"].browse(credit_note_id).action_refund_to_wallet()


def look(env, customer_id):
    """What the form of a wallet shows."""
    wallet = env["res.partner"].browse(customer_id).wallet_ids
    wallet.read(["dashboard", "movement_count", "expiring_amount"])


def _find_paid(books, ids):
    """What the forms of paid invoices know before somebody undoes it.

    :param ids: list of (id of an invoice,)
    :return: list of arguments for `undo`
    """
    with books.transaction() as env:
        invoices = env["account.move"].browse([invoice_id for (invoice_id,) in ids])
        return [
            (it.id, it.wallet_widget["payments"][0]["partial_id"]) for it in invoices
        ]


def growing(stage):
    """Money that came or goes in many pieces, against the same in one.

    - *Often*: an invoice is paid out of a top-up that has paid 5,000 others, or one.
    - *Small*: an invoice of 1,000 is paid out of 1,000 top-ups of 1, or out of one.
    - *Undo*: of what was paid out of the many small top-ups, or out of the one.
    """
    uses = stage.size(full=5_000, quick=100)
    pieces = stage.size(full=1_000, quick=20)
    count = stage.rounds(full=20, quick=3)
    with stage.books() as books:
        made = {
            "often": _make_used(books, uses, count),
            "once": _make_used(books, 1, count),
            "small": _make_pieces(books, pieces, count, pieces),
            "large": _make_pieces(books, 1, count, pieces),
        }
        made = {name: [(it,) for it in ids] for name, ids in made.items()}
        books.check()
        stage.time(books, made, **dict.fromkeys(made, pay_by_wallet))
        paid = {f"undo {it}": _find_paid(books, made[it]) for it in ("small", "large")}
        stage.time(books, paid, **dict.fromkeys(paid, undo))
    for what, against, ours, theirs in (
        (f"pay out of a top-up used {uses:,} times", "used once", "often", "once"),
        (f"pay out of {pieces:,} small top-ups", "out of one", "small", "large"),
        (f"undo what {pieces:,} small top-ups paid", "one", "undo small", "undo large"),
    ):
        stage.compare(what, against, ours, theirs, seconds=AIM, queries=AIM)


def _make_used(books, times, count):
    """One top-up that has paid so many invoices, and open ones."""
    with books.transaction() as env:
        customer = books.customers(env, [f"Used {times} times"])
        books.top_ups(env, customer, 100 * (times + count))
        invoice = books.invoices(env, customer)
        invoice.action_allocate_wallet()
        entry = invoice._get_wallet_partials().credit_move_id.move_id
        records = books.matched(invoice | entry)
    _multiply(books, records, times - 1, customer.ids)
    with books.transaction() as env:
        return books.invoices(env, [customer.with_env(env)] * count).ids


def _make_pieces(books, pieces, count, amount):
    """Customers who have paid this amount in so many pieces, and owe it."""
    with books.transaction() as env:
        customers = books.customers(env, count)
        payments = books.top_ups(env, customers, amount / pieces)
        invoices = books.invoices(env, customers, amount)
        records = [payments, payments.move_id, payments.move_id.line_ids]
    _multiply(books, records, pieces - 1, customers.ids, numbers=count)
    return invoices.ids


def _multiply(books, records, times, owner_ids, numbers=1):
    """Copy, and have Odoo sum up again what the copies have moved."""
    if not times:
        return
    books.multiply(records, times, numbers=numbers)
    with books.transaction() as env:
        wallets = env["res.partner"].browse(owner_ids).wallet_ids.sudo()
        for name in ("balance", "bonus_balance"):
            env.add_to_compute(wallets._fields[name], wallets)


def long_history(stage):
    """Work with a wallet with a long history, and with a short one.

    Both customers pay invoices of 100 out of top-ups of 1,000, in the same database.
    The wallet of one has 1,000,000 movements more: top-ups, each of which has paid an
    invoice.
    """
    movements = stage.size(full=1_000_000, quick=2_000)
    count, made = stage.rounds(full=40, quick=3), {}
    with stage.books() as books:
        with books.transaction() as env:
            customers = books.customers(env, ["Long History", "Short History"])
            # For a customer with so many journal items, Odoo needs minutes to propose
            # an account for an invoice: what is measured is there before.
            for side, customer in zip(SIDES, customers, strict=True):
                books.top_ups(env, [customer] * TOP_UPS, 1000)
                many = [customer] * count
                invoices = books.invoices(env, many)
                made[f"pay {side}"] = [(it,) for it in invoices.ids]
                credit_notes = books.credit_notes(env, many)
                made[f"refund {side}"] = [(it,) for it in credit_notes.ids]
                made[f"look {side}"] = [(customer.id,)] * count
        past = _make_past(books, customers[0].id)
        # Three entries, each in a journal of its own.
        books.multiply(past, movements // 2 - 1, OVER_TEN_YEARS)
        books.check()
        pays, undos, refunds, looks = (
            [f"{action} {side}" for side in SIDES]
            for action in ("pay", "undo", "refund", "look")
        )
        stage.time(books, made, **dict.fromkeys(pays, pay_by_wallet))
        for pay_side, undo_side in zip(pays, undos, strict=True):
            made[undo_side] = _find_paid(books, made[pay_side])
        stage.time(books, made, **dict.fromkeys(undos, undo))
        stage.time(books, made, **dict.fromkeys(refunds, refund))
        stage.time(books, made, **dict.fromkeys(looks, look))
    for what, name in (
        ("pay one invoice", "pay"),
        ("undo that", "undo"),
        ("move a credit note to the wallet", "refund"),
    ):
        measured = f"{what}, wallet with {movements:,} movements"
        sides = (f"{name} long", f"{name} short")
        stage.compare(
            measured, f"wallet with {TOP_UPS}", *sides, seconds=AIM, queries=AIM
        )
    what = f"form of a wallet with {movements:,} movements"
    stage.compare_aim(what, "look long", seconds=0.3)


def _make_past(books, customer_id):
    """A top-up that has paid an invoice, with all that it consists of."""
    with books.transaction() as env:
        customer = env["res.partner"].browse(customer_id)
        payment = books.top_ups(env, customer, 100)
        invoice = books.invoices(env, customer)
        invoice.action_allocate_wallet()
        entry = invoice._get_wallet_partials().credit_move_id.move_id
        return [payment, *books.matched(payment.move_id | entry | invoice)]


def statement(stage):
    """Ten years and 100,000 movements in one wallet.

    - *Portal*: the first and the last page of *My Wallet*, as a server answers the
      owner.
    - *Too long*: the answer to the owner who asks for all of it: a file is offered.
    - *PDF*: the longest one that somebody waits for, with wkhtmltopdf.
    - *File*: all movements as a scheduled action makes them, and by how much the
      process grows for the second half of them.
    """
    movements = stage.size(full=100_000, quick=4_000)
    with stage.books() as books:
        with books.transaction() as env:
            customer = books.customers(env, ["Long History"])
            login = books.portal_login(env, customer, PASSWORD)
        past = _make_past(books, customer.id)
        with books.transaction() as env:
            wallet_id = env["res.partner"].browse(customer.id).wallet_ids.id
        books.multiply(past, movements // 2 - 1, OVER_TEN_YEARS)
        books.check()
        stage.rounds(full=15, quick=2)
        with stage.serve(books, workers=2) as server:
            owner = Client(server, login, PASSWORD)
            everything = "/my/wallet/statement?date_begin=2000-01-01"
            stage.measure(
                books,
                page=_visit(owner, "/my/wallet", "o_wallet_history"),
                last=_visit(
                    owner, f"/my/wallet/page/{movements // PAGE}", "o_wallet_history"
                ),
                offer=_visit(owner, everything, "o_wallet_statement_long"),
            )
        stage.note(
            pdf=_print_longest(books, wallet_id), **_make_files(books, wallet_id)
        )
    count = f"{movements:,} movements"
    for what, side, aim in (
        ("first page of the portal", "page", 2.0),
        ("last page of the portal", "last", 2.0),
        ("statement that is too long: the offer", "offer", 2.0),
        ("longest PDF that is made at once", "pdf", 5.0),
        ("XLSX in the background", "xlsx", 60.0),
        ("CSV in the background", "csv", 60.0),
    ):
        stage.compare_aim(f"{what}, {count}", side, seconds=aim)
    what = f"how much the process grows for an XLSX, {count}"
    stage.compare_aim(what, "growth", megabytes=50.0)


def _visit(owner, path, word):
    def visit(_number):
        started = time.perf_counter()
        page = owner.page(path)
        seconds = time.perf_counter() - started
        if word not in page:
            raise AssertionError(f"{path} has no {word}")
        return {"seconds": seconds}

    return visit


def _print_longest(books, wallet_id):
    """As many days of the wallet as one PDF may have."""
    with books.transaction() as env:
        wallet = env["customer.wallet"].browse(wallet_id)
        first, last = wallet._get_statement_dates("all")
        while wallet._is_statement_long(first, last):
            first += (last - first) / 2
    period = {"wallet_date_from": str(first), "wallet_date_to": str(last)}

    def print_pdf(env):
        reports = env["ir.actions.report"].with_context(**period)
        reports._render_qweb_pdf(REPORT, [wallet_id])

    return [books.timed(print_pdf) for _round in range(5)]


def _make_files(books, wallet_id):
    """The first half of the history is made to warm up: what comes on top of that is
    what the process grows with the number of movements.
    """

    def make_file(env, file_format, *dates):
        wallet = env["customer.wallet"].browse(wallet_id).sudo()
        if not wallet._make_statement_file(file_format, *dates):
            raise AssertionError("There is nothing in the file.")

    with books.transaction() as env:
        wallet = env["customer.wallet"].browse(wallet_id)
        first, last = wallet._get_statement_dates("all")
    # The most that the process had in memory is counted from here on.
    Path("/proc/self/clear_refs").write_text("5")
    books.timed(make_file, "xlsx", first, first + (last - first) / 2)
    before = _read_peak()
    xlsx = books.timed(make_file, "xlsx", first, last)
    grown = {"megabytes": _read_peak() - before}
    csv = books.timed(make_file, "csv", first, last)
    return {"xlsx": [xlsx], "csv": [csv], "growth": [grown]}


def _read_peak():
    """
    :return: megabytes
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(peak) / 1024
