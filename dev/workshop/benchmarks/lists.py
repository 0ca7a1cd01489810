"""Lists and reports of a hundred thousand wallets."""

import random

from .stage import single_steps

PAGE = 80
ORIGINALS = 20
MOVEMENTS = 20
PERIOD = {"wallet_date_from": "2026-01-01", "wallet_date_to": "2026-12-31"}
NAMED = {
    f"res_partner.{column}": f"row.{column} || ' ' || n"
    for column in ("name", "complete_name")
}
OVER_TEN_YEARS = {
    f"{table}.date": "row.date - MOD(n * 7, 3650)"
    for table in ("account_move", "account_move_line", "account_payment")
}


def look(env, customer_id):
    """What the form of a wallet shows."""
    wallet = env["res.partner"].browse(customer_id).wallet_ids
    wallet.read(["dashboard", "movement_count", "expiring_amount"])


def reporting(stage):
    """Lists, and reports for finance, of 100,000 customers: each has a wallet with 20
    movements of ten years, and an open invoice.

    - *Balances*: a page of 80 customers from anywhere in the list is read with the
      wallets' balance, or with core's `credit`, what each of them owes.
    - *Search*: what the list asks the server for, the first 80 and the number of all,
      for customers with a balance above an amount, or with a word in their name. One
      in twenty is found on either side.
    - *Roll-forward* and *ages*: what their pivots ask the server for.
    - *Analysis*: the pivot of all movements, by kind and month, and the first page of
      one wallet.
    - *One wallet* among them: what its form shows, and its statement.
    - *Nightly check*: of all wallets and all items.
    """
    wallets = stage.size(full=100_000, quick=2_000)
    with stage.books() as books:
        wallet = _make_customers(books, wallets)
        _compare_lists(stage, books, wallets)
        with books.transaction() as env:
            fields = env["customer.wallet.liability"]._fields.values()
            amounts = [f"{it.name}:sum" for it in fields if it.type == "monetary"]
            customer_id = wallet.with_env(env).partner_id.id
        kinds = (["operation", "date:month"], ["company_amount:sum"])
        reports = (
            ("roll-forward", 10, _pivot, "liability", ["kind"], amounts),
            ("ages", 10, _pivot, "ageing", ["kind", "bucket_id"], ["amount:sum"]),
            ("analysis of everything", 10, _pivot, "report", *kinds),
            ("analysis of one wallet, first page", 0.02, _list, wallet.id),
            ("form of one wallet", 0.02, look, customer_id),
            ("statement of one wallet", 0.02, _state, wallet.id),
            ("nightly check", 60, _check),
        )
        count = stage.rounds(full=5, quick=2)
        stage.time(books, {what: [[step]] * count for what, _aim, *step in reports})
    for what, aim, *_step in reports:
        count = f"{wallets:,} wallets, {wallets * MOVEMENTS:,} movements"
        stage.compare_aim(f"{what}, {count}", what, aim=aim)


def _make_customers(books, count):
    """One in twenty has the highest balance: they are named Number19.

    :return: one of their wallets
    """
    with books.transaction() as env:
        names = [f"Number{number:02}" for number in range(ORIGINALS)]
        customers = books.customers(env, names)
        payments = env["account.payment"]
        for number, customer in enumerate(customers):
            payments |= books.top_ups(env, customer, 1000 + number)
        for _number in range(MOVEMENTS // 2 - 1):
            payments |= books.top_ups(env, customers, 100)
        outbound = {"payment_type": "outbound"}
        for _number in range(MOVEMENTS // 2):
            payments |= books.payments(env, customers, 10, True, **outbound)
        wallets, invoices = customers.wallet_ids, books.invoices(env, customers)
        entries = wallets.line_ids.move_id | invoices
        records = [customers, wallets, payments, entries, entries.line_ids]
    values = {**NAMED, **OVER_TEN_YEARS}
    numbers = ORIGINALS * MOVEMENTS
    books.multiply(records, count // ORIGINALS - 1, values, numbers=numbers)
    books.check()
    return wallets[0]


def _compare_lists(stage, books, wallets):
    count = stage.rounds(full=40, quick=3)
    with books.transaction() as env:
        ids = env["res.partner"].search([("name", "like", "Number")]).ids
        pages = [random.sample(ids, PAGE) for _round in range(count)]
        originals = env["customer.wallet"].search([], order="id", limit=ORIGINALS)
        second = sorted(originals.mapped("balance"))[-2]
    rich = [("wallet_balance", ">", second)]
    named = [("name", "ilike", f"Number{ORIGINALS - 1}")]
    made = {
        "balance": single_steps(_read, ["wallet_balance"] * count, pages),
        "credit": single_steps(_read, ["credit"] * count, pages),
        "by_balance": [[(_search, rich)]] * count,
        "by_name": [[(_search, named)]] * count,
    }
    stage.time(books, made)
    what = f"balance of {PAGE} customers in a list, {wallets:,} wallets"
    stage.compare(what, "core's `credit` of the same", "balance", "credit", seconds=0.5)
    what = f"search customers by balance, {wallets:,} wallets"
    stage.compare(what, "search by name, `ilike`", "by_balance", "by_name", seconds=1.0)


def _read(env, name, customer_ids):
    env["res.partner"].browse(customer_ids).web_read({name: {}})


def _search(env, domain):
    fields = {"complete_name": {}}
    found = env["res.partner"].web_search_read(domain, fields, limit=PAGE)
    if found["length"] <= PAGE:
        raise AssertionError(f"Too little is found: {found['length']}")


def _pivot(env, report, groupby, aggregates):
    model = env[f"customer.wallet.{report}"].with_context(**PERIOD)
    if not model.formatted_read_group([], groupby, aggregates):
        raise AssertionError("There is nothing in the report.")


def _list(env, wallet_id):
    found = env["customer.wallet.report"].web_search_read(
        [("wallet_id", "=", wallet_id)],
        {"date": {}, "operation": {}, "company_amount": {}, "document_name": {}},
        limit=PAGE,
    )
    if found["length"] != MOVEMENTS:
        raise AssertionError(f"Other movements are found: {found['length']}")


def _state(env, wallet_id):
    wallet = env["customer.wallet"].browse(wallet_id)
    list(wallet._iterate_statement_rows(*wallet._get_statement_dates("all")))


def _check(env):
    env["customer.wallet.check"]._find_differences(env["res.company"].search([]))
