"""Lists and reports of a hundred thousand wallets."""

import random

PAGE = 80
ORIGINALS = 20
MOVEMENTS = 20
AIMS = {"nightly check": 60.0}
# What the form of a wallet shows of its history.
SHOWN = 10
PERIOD = {"wallet_date_from": "2026-01-01", "wallet_date_to": "2026-12-31"}
NAMES = ("Ali", "Basma", "Carla", "Dina", "Emil", "Farid", "Gina", "Hugo", "Ines")
NAMED = {
    f"res_partner.{column}": f"row.{column} || ' ' || n"
    for column in ("name", "complete_name")
}
OVER_TEN_YEARS = {
    f"{table}.date": "row.date - MOD(n * 7, 3650)"
    for table in ("account_move", "account_move_line", "account_payment")
}


def customer_list(stage):
    """Balances in the list of customers, and finding customers by them.

    There are 100,000 customers, each with a wallet, a top-up and an open invoice. The
    first twenty have names and amounts by chance (always the same).

    - *Balances*: a page of 80 customers from anywhere in the list is read with the
      wallets' balance, or with core's `credit`, what each of them owes.
    - *Search*: what the list asks the server for, the first 80 and the number of all,
      for customers with a balance above an amount, or with a word in their name. One
      in twenty is found on either side.
    """
    wallets = stage.size(full=100_000, quick=4_000)
    rounds = stage.rounds(full=40, quick=3)
    with stage.books() as books:
        amount, word = _make_customers(books, wallets)
        with books.transaction() as env:
            ids = env["res.partner"].search([("name", "like", "Number")]).ids
        pages = [(sorted(random.sample(ids, PAGE)),) for _round in range(rounds)]

        def read(name):
            return lambda env, ids: env["res.partner"].browse(ids).web_read({name: {}})

        def search(*condition):
            return lambda env: _search_page(env, [condition])

        stage.time(
            books,
            {
                **dict.fromkeys(("balance", "credit"), pages),
                **dict.fromkeys(("by_balance", "by_name"), [()] * rounds),
            },
            balance=read("wallet_balance"),
            credit=read("credit"),
            by_balance=search("wallet_balance", ">", amount),
            by_name=search("name", "ilike", word),
        )
    what = f"balance of {PAGE} customers in a list, {wallets:,} wallets"
    against = "core's `credit` of the same"
    stage.compare(what, against, "balance", "credit", seconds=0.5)
    what = f"search customers by balance, {wallets:,} wallets"
    stage.compare(what, "search by name, `ilike`", "by_balance", "by_name", seconds=1.0)


def _make_customers(books, wallets):
    """
    :return: tuple (the balance that one in twenty exceeds, a word that one in twenty
        has in its name)
    """
    with books.transaction() as env:
        names = [f"{random.choice(NAMES)} Number{it:02}" for it in range(ORIGINALS)]
        customers = books.customers(env, names)
        amounts = random.sample(range(100, 1000), ORIGINALS)
        items = env["account.move.line"]
        for customer, amount in zip(customers, amounts, strict=True):
            items |= books.top_ups(env, customer, amount).move_id.line_ids
            items |= books.invoices(env, customer, amount).line_ids
        records = [customers, customers.wallet_ids, items.move_id.origin_payment_id]
        records += [items.move_id, items]
    books.multiply(records, wallets // ORIGINALS - 1, NAMED, numbers=ORIGINALS)
    books.check()
    return sorted(amounts)[-2], names[0].split()[1]


def _search_page(env, domain):
    found = env["res.partner"].web_search_read(
        domain, {"complete_name": {}}, limit=PAGE
    )
    if found["length"] <= PAGE:
        raise AssertionError(f"Too little is found: {found['length']}")


def reporting(stage):
    """The reports for finance: 100,000 wallets with 2,000,000 movements of ten years.

    - *Roll-forward* and *ages*: what their pivots ask the server for.
    - *Analysis*: the pivot of all movements, by kind and month, and the first page of
      one wallet.
    - *One wallet* among them: what its form shows, and its statement.
    - *Nightly check*: of all wallets and all items.
    """
    wallets = stage.size(full=100_000, quick=400)
    rounds = stage.rounds(full=5, quick=2)
    with stage.books() as books:
        wallet_id = _make_movements(books, wallets)
        with books.transaction() as env:
            fields = env["customer.wallet.liability"]._fields.values()
            amounts = [f"{it.name}:sum" for it in fields if it.type == "monetary"]
        actions = {
            "roll-forward": _pivot("customer.wallet.liability", ["kind"], amounts),
            "ages": _pivot(
                "customer.wallet.ageing", ["kind", "bucket_id"], ["amount:sum"]
            ),
            "analysis of everything": _pivot(
                "customer.wallet.report",
                ["operation", "date:month"],
                ["company_amount:sum"],
            ),
            "analysis of one wallet, first page": lambda env: _list(env, wallet_id),
            "form of one wallet": lambda env: _open(env, wallet_id),
            "statement of one wallet": lambda env: _state(env, wallet_id),
            "nightly check": _check,
        }
        stage.time(books, dict.fromkeys(actions, [()] * rounds), **actions)
    for what in actions:
        count = f"{wallets:,} wallets, {wallets * MOVEMENTS:,} movements"
        aim = 0.02 if "one wallet" in what else AIMS.get(what, 10.0)
        stage.compare_aim(f"{what}, {count}", what, seconds=aim)


def _make_movements(books, wallets):
    """
    :return: id of a wallet
    """
    with books.transaction() as env:
        customers = books.customers(env, ORIGINALS)
        payments = books.top_ups(env, customers, 1000)
        for _number in range(MOVEMENTS // 2 - 1):
            payments |= books.top_ups(env, customers, 100)
        adjustments = env["customer.wallet.adjustment"].create(
            [
                {
                    "wallet_id": wallet.id,
                    "direction": "down",
                    "lot_type": "paid",
                    "amount": 10 + number,
                    "account_id": env.company.wallet_promotion_account_id.id,
                    "reason": "Trial",
                }
                for wallet in customers.wallet_ids
                for number in range(MOVEMENTS // 2)
            ]
        )
        for adjustment in adjustments:
            adjustment.action_confirm()
        entries = customers.wallet_ids.line_ids.move_id
        records = [customers, customers.wallet_ids, payments, entries, entries.line_ids]
        env.flush_all()
    copies = wallets // ORIGINALS - 1
    books.multiply(records, copies, OVER_TEN_YEARS, numbers=ORIGINALS * MOVEMENTS)
    books.check()
    return records[1][0].id


def _pivot(name, groupby, aggregates):
    def read(env):
        model = env[name].with_context(**PERIOD)
        if not model.formatted_read_group([], groupby, aggregates):
            raise AssertionError("There is nothing in the report.")

    return read


def _list(env, wallet_id):
    found = env["customer.wallet.report"].web_search_read(
        [("wallet_id", "=", wallet_id)],
        {"date": {}, "operation": {}, "company_amount": {}, "document_name": {}},
        limit=PAGE,
    )
    if found["length"] != MOVEMENTS:
        raise AssertionError(f"Other movements than there are: {found['length']}")


def _open(env, wallet_id):
    wallet = env["customer.wallet"].browse(wallet_id)
    if len(wallet.dashboard["movements"]) != SHOWN:
        raise AssertionError("Other movements than there are.")


def _state(env, wallet_id):
    wallet = env["customer.wallet"].browse(wallet_id)
    rows = list(wallet._iterate_statement_rows(*wallet._get_statement_dates("all")))
    # With what was there before and after.
    if len(rows) != MOVEMENTS + 2:
        raise AssertionError(f"Other movements than there are: {len(rows)}")


def _check(env):
    companies = env["res.company"].search([])
    if env["customer.wallet.check"]._find_differences(companies):
        raise AssertionError("Wallets and books differ.")
