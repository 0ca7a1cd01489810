"""What happens to many at once, or on a large database."""

from base64 import b64encode

ITEMS = 4  # of one invoice and its payment
LINES = 5


def posting(stage):
    """Confirm an ordinary invoice, with the addon installed and without.

    The same draft invoices, of five lines with tax, are confirmed in two databases.
    The customers have no wallet and pay later, as most do.
    """
    past = stage.size(full=20_000, quick=100)
    count = stage.rounds(full=150, quick=3)

    def make(books):
        with books.transaction() as env:
            customers = books.customers(env, count)
            invoice = books.invoices(env, customers[0], lines=LINES)
            records = [invoice, invoice.line_ids]
        books.multiply(records, past)
        with books.transaction() as env:
            taxes = env.company.account_sale_tax_id
            customers = customers.with_env(env)
            return books.draft_invoices(env, customers, lines=LINES, taxes=taxes).ids

    def post(env, entry_id):
        env["account.move"].browse(entry_id).action_post()

    with stage.pair(make) as (without, beside, ids):
        stage.measure(
            beside,
            beside=lambda number: beside.timed(post, ids[number]),
            without=lambda number: without.timed(post, ids[number]),
        )
    what, against = "post an ordinary invoice, addon installed", "not installed"
    stage.compare(what, against, "beside", "without", seconds=1.03, queries=1.03)


def moving_in(stage):
    """Import the wallets of another system from a file: dry run, then booking.

    The aim is that 50,000 customers take twenty minutes.
    """
    count = stage.size(full=10_000, quick=50)
    aim = 20 * 60 / 50_000
    with stage.books() as books:
        with books.transaction() as env:
            customers = books.customers(env, count)
            lines = [f"{customer.id},10" for customer in customers]
            text = "\n".join(["Database ID,Amount", *lines])
            account = env["account.account"].search(
                [("account_type", "=", "equity")], limit=1
            )
            takeover_id = (
                env["customer.wallet.takeover"]
                .create(
                    {
                        "name": "Another System",
                        "account_id": account.id,
                        "file": b64encode(text.encode()),
                        "file_name": "wallets.csv",
                    }
                )
                .id
            )
        stage.note(
            checked=[books.timed(_check_takeover, takeover_id)],
            booked=[books.timed(_book_takeover, takeover_id)],
        )
        books.check()
    for step, side in (("dry run", "checked"), ("import", "booked")):
        what = f"{step} of wallets, each of {count:,} customers"
        stage.compare_aim(what, side, each=count, seconds=aim)


def _check_takeover(env, takeover_id):
    env["customer.wallet.takeover"].browse(takeover_id).action_check()


def _book_takeover(env, takeover_id):
    takeover = env["customer.wallet.takeover"].browse(takeover_id)
    takeover.action_book()
    takeover._cron_book()
    if takeover.state != "done" or takeover.problem_count:
        raise AssertionError(f"The import is {takeover.state}")


def installing(stage):
    """Install the addon on 1,000,000 journal items, and on 1,000.

    The items are those of invoices that were paid, with their payments. Each
    installation is on a fresh copy of the database.
    """
    many = stage.size(full=1_000_000, quick=10_000)
    few = 1_000
    samples = {many: [], few: []}
    base = stage.templates.base()
    with stage.books(base) as large, stage.books(base) as small:
        sources = {many: large, few: small}
        for items, books in sources.items():
            with books.transaction() as env:
                books.set_up(env)
                records = books.paid_invoice(env)
            books.multiply(records, items // ITEMS - 1)
            stage.analyze(books)
        _install_on_copy(stage, small)  # whoever is first reads all files
        for number in range(stage.size(full=3, quick=1)):
            for items in sources if number % 2 else reversed(sources):
                samples[items].append(_install_on_copy(stage, sources[items]))
    stage.note(many=samples[many], few=samples[few])
    what = f"install on {many:,} journal items"
    stage.compare(what, f"on {few:,}", "many", "few", seconds=1.3)


def _install_on_copy(stage, books):
    with stage.copy(books) as copy:
        return copy.install("customer_wallet")
