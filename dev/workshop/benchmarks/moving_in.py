"""Import the wallets of another system from a file: dry run, then booking.

The aim is what 50,000 customers may take: twenty minutes.
"""

from base64 import b64encode

from .comparing import Comparison

AMOUNT = 10
# Seconds for a customer.
AIM = 20 * 60 / 50_000


def run(stage):
    count = stage.size(full=10_000, quick=50)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, count=count)
        measured = stage.inside(__name__, "measure", database, made=made, count=count)
    for step, samples in measured.items():
        yield Comparison(
            f"{step}, each of {count:,} customers",
            f"the aim of {AIM * 1000:g} ms",
            1.0,
            samples,
            [{"seconds": AIM * count}],
            each=count,
        )


def make(books, count):
    """
    :return: int, id of the import
    """
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        env["res.partner"].create(
            [
                {"name": f"Customer {number}", "ref": f"C{number}"}
                for number in range(count)
            ]
        )
        lines = [f"C{number},{AMOUNT}" for number in range(count)]
        text = "\n".join(["Customer Reference,Amount", *lines])
        equity = env["account.account"].search(
            [("account_type", "=", "equity")], limit=1
        )
        takeover = env["customer.wallet.takeover"].create(
            {
                "name": "Another System",
                "account_id": equity.id,
                "file": b64encode(text.encode()),
                "file_name": "wallets.csv",
            }
        )
        return takeover.id


def measure(books, made, count):
    steps = {
        "dry run of an import": [books.timed(check, made)],
        "import of wallets": [books.timed(book, made)],
    }
    books.check()
    with books.transaction() as env:
        wallets = env["customer.wallet"].search_count([("balance", "=", AMOUNT)])
    if wallets != count:
        raise AssertionError(f"{wallets} wallets were filled")
    return steps


def check(env, takeover_id):
    env["customer.wallet.takeover"].browse(takeover_id).action_check()


def book(env, takeover_id):
    takeover = env["customer.wallet.takeover"].browse(takeover_id)
    takeover.action_book()
    takeover._cron_book()
    if takeover.state != "done":
        raise AssertionError(f"The import is {takeover.state}")
