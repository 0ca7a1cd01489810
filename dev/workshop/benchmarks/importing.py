"""Post an imported opening entry: the money of thousands of customers in one entry.

The same entry is posted on the wallet account and on an ordinary liability account,
which is not reconciled either, for customers without a wallet and then with one.
"""

from .comparing import Comparison
from .rounds import WARM_UP, side_by_side

AMOUNT = 10


def run(stage):
    items = stage.size(full=2_000, quick=20)
    rounds = stage.size(full=3, quick=1)
    with stage.database() as database:
        made = stage.make(
            __name__, "make", database, count=WARM_UP + rounds, items=items
        )
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    for who, aim in (("new", 4), ("known", 2)):
        for figure in ("seconds", "queries"):
            yield Comparison(
                f"post {items:,} items of {who} wallets in one entry",
                "on another account",
                aim,
                measured[f"{who} wallet"],
                measured[f"{who} other"],
                figure=figure,
            )


def make(books, count, items):
    """
    :return: dict of lists of ids of draft entries
    """
    with books.transaction() as env:
        books.set_up(env)
        account = env["account.account"].create(
            {
                "name": "Deposits",
                "code": "298765",
                "account_type": "liability_current",
                "reconcile": False,
            }
        )
        accounts = {"wallet": env.company.wallet_account_id.id, "other": account.id}
    made = {f"{who} {side}": [] for who in ("new", "known") for side in accounts}
    for number in range(count):
        with books.transaction() as env:
            customers = books.customers(
                env, *(f"Customer {number}-{it}" for it in range(items))
            )
            for name, ids in made.items():
                entry = _draft(env, customers, accounts[name.split()[1]])
                ids.append(entry.id)
    return made


def _draft(env, customers, account_id):
    equity = env["account.account"].search([("account_type", "=", "equity")], limit=1)
    lines = [
        {"account_id": account_id, "partner_id": customer.id, "credit": AMOUNT}
        for customer in customers
    ]
    lines.append({"account_id": equity.id, "debit": AMOUNT * len(customers)})
    return env["account.move"].create({"line_ids": [(0, 0, line) for line in lines]})


def measure(books, rounds, made):
    measured = {}
    # Who is new comes first: then the customers are known.
    for who in ("new", "known"):
        sides = (f"{who} wallet", f"{who} other")
        measured |= side_by_side(
            rounds,
            **{
                side: lambda number, side=side: books.timed(_post, made[side][number])
                for side in sides
            },
        )
    books.check()
    return measured


def _post(env, entry_id):
    env["account.move"].browse(entry_id).action_post()
