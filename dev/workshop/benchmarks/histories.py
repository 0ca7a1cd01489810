"""Wallets through which much has gone, beside wallets with little."""

import time
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from ..trials.calling import Client
from .lists import OVER_TEN_YEARS, look
from .paying import pay_by_wallet
from .stage import calling, single_steps

AIM = 1.2
SIDES = ("often", "small", "long", "short")
AMOUNT = 1000
TOP_UPS = 10
# Movements on a page of the portal.
PAGE = 80
PASSWORD = "statement"
REPORT = "customer_wallet.report_wallet_statement"
HISTORY = "o_wallet_history"

undo = calling("account.move", "action_unallocate_wallet")
refund = calling("account.move", "action_refund_to_wallet")
ACTIONS = {"pay": pay_by_wallet, "refund": refund, "look": look}


def growing(stage):
    """Wallets through which much has gone, against a *short* one with ten top-ups.

    - *Often*: one top-up has paid 5,000 invoices.
    - *Small*: the money came in top-ups of 1; an invoice takes 1,000 of them.
    - *Long*: 1,000,000 movements, top-ups each of which has paid an invoice.

    Each pays invoices of 1,000, gets the money of credit notes, is looked at, and what
    it has paid is undone.
    """
    movements = stage.size(full=1_000_000, quick=2_000)
    uses = stage.size(full=5_000, quick=100)
    count, ids = stage.rounds(full=40, quick=3), {}
    with stage.books() as books:
        with books.transaction() as env:
            customers = dict(zip(SIDES, books.customers(env, SIDES), strict=True))
            # For a customer with so many journal items, Odoo needs minutes to propose
            # an account for an invoice: what is measured is there before.
            for side, customer in customers.items():
                many = [customer] * count
                ids["pay", side] = books.invoices(env, many, AMOUNT).ids
                ids["refund", side] = books.credit_notes(env, many, AMOUNT).ids
                ids["look", side] = [customer.id] * count
            money = AMOUNT * (uses + count)
            books.top_ups(env, customers["often"], money)
            for side in ("long", "short"):
                books.top_ups(env, [customers[side]] * TOP_UPS, money / TOP_UPS)
        _make_past(books, customers["often"], uses)
        _make_past(books, customers["small"], AMOUNT * count, top_up=1, pays=False)
        _make_past(books, customers["long"], movements // 2, top_up=100)
        for name, action in ACTIONS.items():
            made = {f"{name} {it}": single_steps(action, ids[name, it]) for it in SIDES}
            stage.time(books, made)
        paid = {side: ids["pay", side] for side in SIDES}
        stage.time(books, {f"undo {it}": _undo_steps(books, paid[it]) for it in paid})
    long = f"wallet with {movements:,} movements"
    ten = f"wallet with {TOP_UPS}"
    for what, against, name, side in (
        (f"pay out of a top-up used {uses:,} times", "used once", "pay", "often"),
        (f"pay out of {AMOUNT:,} small top-ups", "out of one", "pay", "small"),
        (f"undo what {AMOUNT:,} small top-ups paid", "one", "undo", "small"),
        (f"pay one invoice, {long}", ten, "pay", "long"),
        (f"undo that, {long}", ten, "undo", "long"),
        (f"move a credit note to the wallet, {long}", ten, "refund", "long"),
    ):
        sides = (f"{name} {side}", f"{name} short")
        stage.compare(what, against, *sides, seconds=AIM, queries=AIM)
    stage.compare_aim(f"form of a {long}", "look long", aim=0.3)


def _make_past(books, customer, times, top_up=0, pays=True):
    """Over ten years, top a wallet up and have it pay an invoice so many times."""
    with books.transaction() as env:
        customer = customer.with_env(env)
        payment = books.top_ups(env, [customer] if top_up else [], top_up)
        entries = payment.move_id
        if pays:
            invoice = books.invoices(env, customer)
            invoice.action_allocate_wallet()
            entries |= invoice | invoice._get_wallet_partials().credit_move_id.move_id
        records = [payment, *books.matched(entries)]
    # Each of its entries is in a journal of its own.
    books.multiply(records, times - 1, OVER_TEN_YEARS)
    with books.transaction() as env:
        wallets = customer.with_env(env).wallet_ids.sudo()
        for name in ("balance", "bonus_balance"):
            env.add_to_compute(wallets._fields[name], wallets)


def _undo_steps(books, invoice_ids):
    """With what the forms of paid invoices know before somebody undoes it."""
    with books.transaction() as env:
        widgets = env["account.move"].browse(invoice_ids).mapped("wallet_widget")
        partial_ids = [it["payments"][0]["partial_id"] for it in widgets]
    return single_steps(undo, invoice_ids, partial_ids)


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
        _make_past(books, customer, movements // 2, top_up=100)
        books.check()
        stage.analyze(books)
        stage.rounds(full=15, quick=2)
        with stage.serve(books, workers=2) as server:
            owner = Client(server, login, PASSWORD)
            last = f"/my/wallet/page/{movements // PAGE}"
            everything = "/my/wallet/statement?date_begin=2000-01-01"
            stage.measure(
                page=partial(_visit, owner, "/my/wallet", HISTORY),
                last=partial(_visit, owner, last, HISTORY),
                offer=partial(_visit, owner, everything, "o_wallet_statement_long"),
            )
        with books.transaction() as env:
            wallet = env["res.partner"].browse(customer.id).wallet_ids
            dates = wallet._get_statement_dates("all")
            longest = _find_longest(wallet, *dates)
        stage.note(
            pdf=[books.timed(_print, wallet.id, *longest) for _round in range(5)],
            **_make_files(books, wallet.id, *dates),
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
        stage.compare_aim(f"{what}, {count}", side, aim=aim)
    what = f"how much the process grows for an XLSX, {count}"
    stage.compare_aim(what, "growth", "megabytes", aim=50)


def _visit(owner, path, word, _number):
    started = time.perf_counter()
    page = owner.page(path)
    seconds = time.perf_counter() - started
    if word not in page:
        raise AssertionError(f"{path} has no {word}")
    return {"seconds": seconds}


def _find_longest(wallet, first, last):
    """As many days of the wallet as one PDF may have."""
    while wallet._is_statement_long(first, last):
        first += (last - first) / 2
    return first, last


def _print(env, wallet_id, first, last):
    period = {"wallet_date_from": str(first), "wallet_date_to": str(last)}
    reports = env["ir.actions.report"].with_context(**period)
    reports._render_qweb_pdf(REPORT, [wallet_id])


def _make_files(books, wallet_id, first, last):
    """The first half of the history is made to warm up: what comes on top of that is
    what the process grows with the number of movements.
    """

    def make_file(env, file_format, until):
        wallet = env["customer.wallet"].browse(wallet_id).sudo()
        if not wallet._make_statement_file(file_format, first, until):
            raise AssertionError("There is nothing in the file.")

    # The most that the process had in memory is counted from here on.
    Path("/proc/self/clear_refs").write_text("5")
    books.timed(make_file, "xlsx", first + (last - first) / 2)
    before = getrusage(RUSAGE_SELF).ru_maxrss
    xlsx = books.timed(make_file, "xlsx", last)
    grown = {"megabytes": (getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024}
    csv = books.timed(make_file, "csv", last)
    return {"xlsx": [xlsx], "csv": [csv], "growth": [grown]}
