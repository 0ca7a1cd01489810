"""What happens to many at once, or on a large database."""

from base64 import b64encode
from datetime import date

from .actions import post

EXPIRED = date(2020, 1, 1)
ITEMS = 4  # of one invoice and its payment
LINES = 5


def expiry(stage):
    """2,000 bonuses of 2,000 customers that expire in the same night.

    The nightly run books one entry for each batch of wallets and commits it.
    """
    count = stage.size(full=2_000, quick=200)
    with stage.books() as books:
        with books.transaction() as env:
            customer = books.customers(env, 1)
            wallet = env["customer.wallet"]._find_or_create(
                customer, env.company, env.company.currency_id
            )
            expense = {
                "account_id": env.company.wallet_promotion_account_id.id,
                "currency_id": wallet.currency_id.id,
                "amount_currency": 5,
                "balance": 5,
            }
            gifts = wallet._prepare_giving_vals([(5, "bonus", EXPIRED)], "Trial")
            nothing = env["account.move.line"]
            entry = env["customer.wallet"]._book(
                "bonus",
                [(vals, nothing) for vals in (*gifts, expense)],
                env.company,
                partner_id=customer.id,
            )
            records = [customer, wallet, entry, entry.line_ids]
        books.multiply(records, count - 1)
        books.check()
        stage.analyze(books)
        expired = books.timed(lambda env: env["customer.wallet"]._cron_expire_bonus())
        books.check()
        with books.transaction() as env:
            left = env["customer.wallet"].search_count([("bonus_balance", ">", 0)])
        if left:
            raise AssertionError(f"{left} bonuses have not expired")
    stage.note(expired=[expired])
    what = f"expiry, each of {count:,} bonuses"
    stage.compare_aim(what, "expired", each=count, seconds=0.0095)


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

    with stage.pair(make) as (without, beside, ids):
        stage.measure(
            beside,
            beside=lambda number: beside.timed(post, ids[number]),
            without=lambda number: without.timed(post, ids[number]),
        )
    what, against = "post an ordinary invoice, addon installed", "not installed"
    stage.compare(what, against, "beside", "without", seconds=1.03, queries=1.03)


def importing(stage):
    """Post an imported opening entry: the money of thousands of customers in one entry.

    The same entry is posted on the wallet account and on an ordinary liability account,
    which is not reconciled either, for customers without a wallet and then with one.
    """
    items = stage.size(full=2_000, quick=20)
    count = stage.rounds(full=3, quick=1)
    with stage.books() as books:
        with books.transaction() as env:
            account = env["account.account"].create(
                {
                    "name": "Deposits",
                    "code": "298765",
                    "account_type": "liability_current",
                    "reconcile": False,
                }
            )
            accounts = {"wallet": env.company.wallet_account_id, "other": account}
        made = {f"{who} {it}": [] for who in ("new", "known") for it in accounts}
        for _number in range(count):
            with books.transaction() as env:
                customers = books.customers(env, items)
                for name, entries in made.items():
                    account = accounts[name.split()[1]]
                    entries.append([_draft_entry(env, customers, account).id])
        # Who is new comes first: then the customers are known.
        for who in ("new", "known"):
            sides = (f"{who} wallet", f"{who} other")
            stage.time(books, made, **dict.fromkeys(sides, post))
    for who, aim in (("new", 4), ("known", 2)):
        what = f"post {items:,} items of {who} wallets in one entry"
        sides = (f"{who} wallet", f"{who} other")
        stage.compare(what, "on another account", *sides, seconds=aim, queries=aim)


def _draft_entry(env, customers, account):
    equity = env["account.account"].search([("account_type", "=", "equity")], limit=1)
    lines = [
        {"account_id": account.id, "partner_id": customer.id, "credit": 10}
        for customer in customers
    ]
    lines.append({"account_id": equity.id, "debit": 10 * len(customers)})
    return env["account.move"].create({"line_ids": [(0, 0, line) for line in lines]})


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
