"""Ten years and 100,000 movements in one wallet.

Odoo has made a top-up and the invoice that it has paid; SQL has multiplied them, over
all days of ten years.

- *Portal*: the first and the last page of *My Wallet*, as a server answers the owner.
- *Too long*: the answer to the owner who asks for all of it: a file is offered.
- *PDF*: the longest one that somebody waits for, with wkhtmltopdf.
- *File*: all movements as a scheduled action makes them, and by how much the process
  grows for the second half of them.
"""

import resource
import time

from ..trials.calling import Client
from ..trials.serving import serve
from .comparing import Comparison
from .long_history import make_past
from .rounds import side_by_side

PASSWORD = "statement"
DAYS = 3650
OVER_TEN_YEARS = {
    f"{table}.date": f"row.date - MOD(n, {DAYS})"
    for table in ("account_move", "account_move_line", "account_payment")
}
# Seconds.
PAGE, PDF, FILE = 2.0, 5.0, 60.0
MEGABYTES = 50.0
MOVEMENTS_ON_PAGE = 80
REPORT = "customer_wallet.report_wallet_statement"


def run(stage):
    movements = stage.size(full=100_000, quick=4_000)
    rounds = stage.size(full=15, quick=2)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, movements=movements)
        with serve(stage.odoo, database, workers=2) as server:
            pages = _visit(
                server.url, database, rounds, made, movements // MOVEMENTS_ON_PAGE
            )
        pdf = stage.inside(__name__, "print_longest", database, made=made)
        file = stage.inside(__name__, "make_files", database, made=made)
    for what, aim, samples in (
        ("first page of the portal", PAGE, pages["page"]),
        ("last page of the portal", PAGE, pages["last"]),
        ("statement that is too long: the offer", PAGE, pages["offer"]),
        ("longest PDF that is made at once", PDF, pdf),
        ("XLSX in the background", FILE, file["xlsx"]),
        ("CSV in the background", FILE, file["csv"]),
    ):
        yield Comparison(
            f"{what}, {movements:,} movements",
            f"the aim of {aim:g} s",
            1.0,
            samples,
            [{"seconds": aim}],
        )
    yield Comparison(
        f"how much the process grows for an XLSX, {movements:,} movements",
        f"the aim of {MEGABYTES:g} MB",
        1.0,
        file["growth"],
        [{"megabytes": MEGABYTES}],
        figure="megabytes",
    )


def make(books, movements):
    """
    :return: dict of the `wallet`, and the `login` of its owner
    """
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        customer = books.customers(env, "Long History")
        login = books.portal_login(env, customer, PASSWORD)
    with books.transaction() as env:
        past = make_past(books, env, env["res.partner"].browse(customer.id))
        wallet_id = past[2].wallet_id.id
    books.multiply(past, movements // 2 - 1, OVER_TEN_YEARS)
    books.check()
    return {"wallet": wallet_id, "login": login}


def _visit(url, database, rounds, made, last):
    owner = Client(url, database, made["login"], PASSWORD)

    def open_page(path, word):
        def visit(_number):
            started = time.perf_counter()
            page = owner.page(path)
            seconds = time.perf_counter() - started
            if word not in page:
                raise AssertionError(f"{path} has no {word}")
            return {"seconds": seconds}

        return visit

    everything = "/my/wallet/statement?date_begin=2000-01-01"
    return side_by_side(
        rounds,
        page=open_page("/my/wallet", "o_wallet_history"),
        last=open_page(f"/my/wallet/page/{last}", "o_wallet_history"),
        offer=open_page(everything, "o_wallet_statement_long"),
    )


def print_longest(books, made):
    """As many days of the wallet as one PDF may have."""
    with books.transaction() as env:
        wallet = env["customer.wallet"].browse(made["wallet"])
        first, last = wallet._get_statement_dates("all")
        while wallet._is_statement_long(first, last):
            first += (last - first) / 2
    period = {"wallet_date_from": str(first), "wallet_date_to": str(last)}
    return [books.timed(print_pdf, made["wallet"], period) for _round in range(5)]


def print_pdf(env, wallet_id, period):
    reports = env["ir.actions.report"].with_context(**period)
    reports._render_qweb_pdf(REPORT, [wallet_id])


def make_files(books, made):
    """The first half of the history is made to warm up: what comes on top of that is
    what the process grows with the number of movements.
    """
    with books.transaction() as env:
        wallet = env["customer.wallet"].browse(made["wallet"])
        first, last = wallet._get_statement_dates("all")
        half = first + (last - first) / 2
    books.timed(make_file, made["wallet"], "xlsx", first, half)
    before = _megabytes()
    samples = {}
    for file_format in ("xlsx", "csv"):
        samples[file_format] = [
            books.timed(make_file, made["wallet"], file_format, first, last)
        ]
        samples.setdefault("growth", [{"megabytes": _megabytes() - before}])
    return samples


def make_file(env, wallet_id, file_format, first, last):
    wallet = env["customer.wallet"].browse(wallet_id).sudo()
    if not wallet._make_statement_file(file_format, first, last):
        raise AssertionError("There is nothing in the file.")


def _megabytes():
    """The most that this process has had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
