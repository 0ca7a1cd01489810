"""Two customers send each other money, many times at the same time.

Both wallets have enough, so that each transfer has to succeed: nobody may be told of
deadlocks or of transactions that cannot be serialized. What was there in sum is there
in sum, and each transfer that was acknowledged is there once.
"""

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from ..trials.calling import Client, Refused, Unanswered
from ..trials.serving import serve
from .books import Ledger
from .finding import Finding

WORKERS = 4
CLIENTS = 16
START = 1000
DIALOG = "customer.wallet.transfer"
BOOKED = """
    SELECT line.name, COUNT(DISTINCT move.id) AS times, SUM(line.amount_currency) AS sum
      FROM account_move move
      JOIN account_move_line line ON line.move_id = move.id
                                 AND line.wallet_id IS NOT NULL
     WHERE move.wallet_operation = 'transfer' AND move.state = 'posted'
       AND line.amount_currency > 0
     GROUP BY line.name
"""


def run(stage):
    each = stage.size(full=500, quick=20)
    with stage.database() as database:
        customers = stage.make(__name__, "make", database)
        ledger = Ledger(stage.odoo.cluster, database)
        with serve(stage.odoo, database, workers=WORKERS) as server:
            staff = Client(server.url, database)
            told = _send(staff, customers, each)
        wrong = [
            *(f"{name}: {answer}" for name, answer in told.items() if answer != "done"),
            *_check(ledger, customers, told),
            *ledger.wrong(),
        ]
    yield Finding(
        "transfers there and back: none is refused, none is lost or done twice",
        f"{each} + {each}, {CLIENTS} at once, {WORKERS} workers",
        wrong,
        Counter(told.values()),
    )


def make(books):
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        customers = books.customers(env, "Ann", "Ben")
        books.top_ups(env, customers, START)
        return [(it.id, it.wallet_ids.id) for it in customers]


def _send(staff, customers, each):
    """
    :return: dict by name of the transfer: "done", or what the user was told
    """
    ann, ben = customers
    jobs = []
    for number in range(each):
        jobs.append((f"{number} there", ann, ben))
        jobs.append((f"{number} back", ben, ann))
    vals = [
        {
            "wallet_id": giver[1],
            "target_partner_id": taker[0],
            "amount": 1,
            "reason": name,
        }
        for name, giver, taker in jobs
    ]
    dialog_ids = staff.call(DIALOG, "create", [vals])

    def confirm(dialog_id):
        try:
            staff.call(DIALOG, "action_confirm", [[dialog_id]])
        except (Refused, Unanswered) as error:
            return error.what
        return "done"

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(confirm, dialog_ids))
    return dict(zip((name for name, *_rest in jobs), answers, strict=True))


def _check(ledger, customers, told):
    wrong = []
    done = Counter(name.split()[1] for name, answer in told.items() if answer == "done")
    went = done["there"] - done["back"]
    balances = ledger.balances(*(partner_id for partner_id, _wallet_id in customers))
    if balances != [START - went, START + went]:
        wrong.append(f"the wallets hold {balances}, {went} went from Ann to Ben")
    booked = {
        row["name"].rpartition(": ")[2]: (row["times"], row["sum"])
        for row in ledger.rows(BOOKED)
    }
    for name in itertools.chain(told, booked):
        expected = (1, 1) if told.get(name) == "done" else None
        if booked.get(name) != expected:
            wrong.append(f"{name} was {told.get(name)}, and is {booked.get(name)}")
    return wrong
