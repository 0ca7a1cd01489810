"""The addon beside core: what its being there costs, on a large database."""

from base64 import b64encode
from functools import partial

from .lists import NAMED
from .stage import add, calling, single_steps, worker

ITEMS = 4  # of one invoice and its payment
FEW = 1_000
LINES = 5
LIMIT = "point_of_sale.limited_customer_count"


def beside_core(stage):
    """Two databases with the same 1,000,000 journal items, those of invoices that were
    paid, with their payments; in one of them the addon is installed.

    - *Installing* it on a fresh copy, or on one of a database with 1,000 items.
    - *Posting*: draft invoices, of five lines with tax, are confirmed. The customers
      have no wallet and pay later, as most do.
    - *Moving in*: 10,000 customers get their wallets of another system from a file: dry
      run, then booking. The aim is that 50,000 customers take twenty minutes.
    - *Opening*: the data that a till asks the server for when it opens, with all of
      these customers in it (Odoo's own limit of 100 is raised).
    """
    many = stage.size(full=1_000_000, quick=10_000)
    customers = stage.size(full=10_000, quick=200)
    base = stage.templates.base()
    with stage.books(base) as without, stage.books(base) as small:
        _make_ordinary(stage, small, FEW, 1)
        _make_ordinary(stage, without, many, customers)
        stage.rounds(full=3, quick=1)
        stage.measure(
            many=partial(_install_on_copy, stage, without),
            few=partial(_install_on_copy, stage, small),
        )
        ids = _make_drafts(without, stage.rounds(full=150, quick=3))
        with stage.copy(without) as beside:
            beside.install("customer_wallet")
            sides = {"beside": beside, "without": without}
            for books in sides.values():
                stage.analyze(books)
            posts = single_steps(calling("account.move", "action_post"), ids)
            stage.measure(**{it: worker(books, posts) for it, books in sides.items()})
            _move_in(stage, beside, customers)
            stage.analyze(beside)
            count = stage.rounds(full=15, quick=3)
            load, opens = calling("pos.session", "load_data"), {}
            for side, books in sides.items():
                with books.transaction() as env:
                    session_id = books.open_till(env).id
                rounds = [[(load, session_id, [])]] * count
                opens[f"open {side}"] = worker(books, rounds)
            stage.measure(**opens)
            beside.check()
    what, against = f"install on {many:,} journal items", f"on {FEW:,}"
    stage.compare(what, against, "many", "few", seconds=1.3)
    what, against = "post an ordinary invoice, addon installed", "not installed"
    stage.compare(what, against, "beside", "without", seconds=1.03, queries=1.03)
    for step, side in (("dry run", "checked"), ("import", "booked")):
        what = f"{step} of wallets, each of {customers:,} customers"
        stage.compare_aim(what, side, aim=20 * 60 / 50_000)
    sides = ("open beside", "open without")
    what = f"open a till, {customers:,} customers"
    stage.compare(what, "without the addon", *sides, seconds=1.05)


def _make_ordinary(stage, books, items, customers):
    """Books with so many journal items and customers."""
    with books.transaction() as env:
        books.set_up(env)
        env["ir.config_parameter"].set_param(LIMIT, 2 * customers)
        books.product(env)
        records = books.paid_invoice(env)
        customer = records[0].partner_id
    books.multiply(records, items // ITEMS - 1)
    books.multiply(customer, customers - 1, NAMED)
    stage.analyze(books)


def _make_drafts(books, count):
    with books.transaction() as env:
        taxes = env.company.account_sale_tax_id
        customers = books.customers(env, count)
        return books.draft_invoices(env, customers, lines=LINES, taxes=taxes).ids


def _install_on_copy(stage, books, _number):
    with stage.copy(books) as copy:
        return copy.install("customer_wallet")


def _move_in(stage, books, count):
    with books.transaction() as env:
        ids = env["res.partner"].search([("customer_rank", ">", 0)], limit=count).ids
        text = "\n".join(["Database ID,Amount", *(f"{it},10" for it in ids)])
        equity = [("account_type", "=", "equity")]
        vals = {
            "name": "Another System",
            "account_id": env["account.account"].search(equity, limit=1).id,
            "file": b64encode(text.encode()),
            "file_name": "wallets.csv",
        }
        takeover_id = env["customer.wallet.takeover"].create(vals).id
    check = calling("customer.wallet.takeover", "action_check")
    for side, action in (("checked", check), ("booked", _book_takeover)):
        stage.note(**{side: [add([books.timed(action, takeover_id)], count)]})


def _book_takeover(env, takeover_id):
    takeover = env["customer.wallet.takeover"].browse(takeover_id)
    takeover.action_book()
    takeover._cron_book()
    if takeover.state != "done" or takeover.problem_count:
        raise AssertionError(f"The import is {takeover.state}")
