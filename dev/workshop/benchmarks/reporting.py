"""The reports for finance: 100,000 wallets with 2,000,000 movements.

Odoo has made twenty wallets with twenty movements each, and SQL has multiplied them
over ten years; the addon's own check then finds that wallets and books agree.

- *Roll-forward* and *ages*: what their pivots ask the server for.
- *Analysis*: the pivot of all movements, by kind and month, and the first page of one
  wallet.
- *One wallet among them*: what its form shows, and its statement.
- *Nightly check*: of all wallets and all items.
"""

from .comparing import Comparison
from .rounds import side_by_side

ORIGINALS = 20
MOVEMENTS = 20
DAYS = 3650
PAGE = 80
# What the form of a wallet shows of its history.
SHOWN = 10
# Seconds.
PIVOT, LIST, CHECK = 10.0, 0.02, 60.0
PERIOD = {"wallet_date_from": "2026-01-01", "wallet_date_to": "2026-12-31"}


def run(stage):
    wallets = stage.size(full=100_000, quick=400)
    rounds = stage.size(full=5, quick=2)
    with stage.database() as database:
        made = stage.make(__name__, "make", database, wallets=wallets)
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    for what, aim in (
        ("roll-forward", PIVOT),
        ("ages", PIVOT),
        ("analysis of everything", PIVOT),
        ("analysis of one wallet, first page", LIST),
        ("what the form of one wallet shows", LIST),
        ("statement of one wallet", LIST),
        ("nightly check", CHECK),
    ):
        yield Comparison(
            f"{what}, {wallets:,} wallets, {wallets * MOVEMENTS:,} movements",
            f"the aim of {aim:g} s",
            1.0,
            measured[what],
            [{"seconds": aim}],
        )


def make(books, wallets):
    """
    :return: id of a wallet
    """
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        names = [f"Customer {number}" for number in range(ORIGINALS)]
        customers = books.customers(env, *names)
        payments = books.top_ups(env, customers, 1000)
        for _number in range(MOVEMENTS // 2 - 1):
            payments |= books.top_ups(env, customers, 100)
        entries = payments.move_id
        for wallet in customers.wallet_ids:
            for number in range(MOVEMENTS // 2):
                entries |= _adjust(env, wallet, 10 + number)
        records = [customers, customers.wallet_ids, payments, entries, entries.line_ids]
        env.flush_all()
    ages = {
        f"{table}.date": f"row.date - MOD(n * 7, {DAYS})"
        for table in ("account_move", "account_move_line", "account_payment")
    }
    books.multiply(
        records,
        wallets // ORIGINALS - 1,
        ages,
        numbers=ORIGINALS * MOVEMENTS,
    )
    books.check()
    return records[1][0].id


def _adjust(env, wallet, amount):
    before = wallet.line_ids.move_id
    env["customer.wallet.adjustment"].create(
        {
            "wallet_id": wallet.id,
            "direction": "down",
            "lot_type": "paid",
            "amount": amount,
            "account_id": env.company.wallet_promotion_account_id.id,
            "reason": "Trial",
        }
    ).action_confirm()
    return wallet.line_ids.move_id - before


def measure(books, rounds, made):
    return side_by_side(
        rounds,
        **{
            "roll-forward": lambda _number: books.timed(roll_forward),
            "ages": lambda _number: books.timed(ages),
            "analysis of everything": lambda _number: books.timed(analyse),
            "analysis of one wallet, first page": lambda _number: books.timed(
                list_one, made
            ),
            "what the form of one wallet shows": lambda _number: books.timed(
                open_one, made
            ),
            "statement of one wallet": lambda _number: books.timed(state_one, made),
            "nightly check": lambda _number: books.timed(check),
        },
    )


def roll_forward(env):
    fields = env["customer.wallet.liability"]._fields.values()
    _pivot(
        env["customer.wallet.liability"].with_context(**PERIOD),
        ["kind"],
        [f"{it.name}:sum" for it in fields if it.type == "monetary"],
    )


def ages(env):
    model = env["customer.wallet.ageing"].with_context(**PERIOD)
    _pivot(model, ["kind", "bucket_id"], ["amount:sum"])


def analyse(env):
    model = env["customer.wallet.report"]
    _pivot(model, ["operation", "date:month"], ["company_amount:sum"])


def _pivot(model, groupby, aggregates):
    if not model.formatted_read_group([], groupby, aggregates):
        raise AssertionError("There is nothing in the report.")


def list_one(env, wallet_id):
    found = env["customer.wallet.report"].web_search_read(
        [("wallet_id", "=", wallet_id)],
        {"date": {}, "operation": {}, "company_amount": {}, "document_name": {}},
        limit=PAGE,
    )
    if found["length"] != MOVEMENTS:
        raise AssertionError(f"Other movements than there are: {found['length']}")


def open_one(env, wallet_id):
    wallet = env["customer.wallet"].browse(wallet_id)
    if len(wallet.dashboard["movements"]) != SHOWN:
        raise AssertionError("Other movements than there are.")


def state_one(env, wallet_id):
    wallet = env["customer.wallet"].browse(wallet_id)
    rows = list(wallet._iterate_statement_rows(*wallet._get_statement_dates("all")))
    # With what was there before and after.
    if len(rows) != MOVEMENTS + 2:
        raise AssertionError(f"Other movements than there are: {len(rows)}")


def check(env):
    companies = env["res.company"].search([])
    if env["customer.wallet.check"]._find_differences(companies):
        raise AssertionError("Wallets and books differ.")
