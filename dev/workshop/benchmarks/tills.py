"""Tills: opening, selling and closing, by wallet and by other means."""

from .lists import NAMED
from .stage import total

ACCOUNT = {"name": "Customer Account", "split_transactions": True}
REWARD_CODE = "reward"
LIMIT = "point_of_sale.limited_customer_count"

UUID = "gen_random_uuid()::text"
# What differs in copies of an order.
COPIED = {
    **NAMED,
    **dict.fromkeys(
        ("pos_order.uuid", "pos_order_line.uuid", "pos_payment.uuid"), UUID
    ),
    "customer_wallet_hold.document_id": (
        "(SELECT pos_order_id FROM pos_payment WHERE id = {pos_payment_id})"
    ),
    "pos_order.access_token": UUID,
    "pos_order.name": "row.name || '-' || n",
    "pos_order.pos_reference": "row.pos_reference || '-' || n",
}


def sync(env, order):
    """Send a till order."""
    return env["pos.order"].sync_from_ui([order])


def close(env, session_id):
    closed = env["pos.session"].browse(session_id).close_session_from_ui()
    if not closed["successful"]:
        raise AssertionError(closed)


def till_orders(stage):
    """Send a paid order of a till to the server.

    The same order, one product for 100, of customers of the same kind, at the same
    till, is paid by *Customer Wallet* or by *Card*. Both are booked when the session
    closes; until then, the wallet holds the money. A top-up of the same amount is paid
    by *Card*, too; what it adds to the wallet is booked at once.
    """
    count = stage.rounds(full=60, quick=3)
    with stage.books() as books:
        with books.transaction() as env:
            session = books.open_till(env)
            wallet, bank = (books.method_of(session, it) for it in ("wallet", "bank"))
            made = {}
            for side, payments in (
                ("wallet", [(wallet, 100)]),
                ("bank", [(bank, 100)]),
                ("top_up", [(bank, 100), (wallet, -100)]),
            ):
                customers = books.customers(env, count)
                books.top_ups(env, customers, 1000)
                orders = [books.order(session, it, payments) for it in customers]
                made[side] = [(order,) for order in orders]
        stage.time(books, made, **dict.fromkeys(made, sync))
    for side, what in (
        ("wallet", "sync a till order paid by wallet"),
        ("top_up", "sync a top-up at the till"),
    ):
        against = "an order paid by card"
        stage.compare(what, against, side, "bank", seconds=1.25, queries=1.25)


def ewallet(stage):
    """Pay a till order by wallet, beside the eWallet of core's app *Loyalty*.

    Both at the same till, which has `pos_loyalty`: one product for 100, of customers of
    the same kind, who have 1,000. Our till sends the order, once. For its eWallet,
    core's till asks whether the order is valid, sends it, and confirms it; the three
    are counted together.
    """
    count = stage.rounds(full=60, quick=3)
    with stage.books() as books:
        books.install("pos_loyalty")
        with books.transaction() as env:
            session = books.open_till(env)
            programs = env["loyalty.program"]
            program = programs.browse(
                programs.create_from_template("ewallet")["res_id"]
            )
            customers = books.customers(env, count)
            books.top_ups(env, customers, 1000)
            ours = [books.order(session, it) for it in customers]
            cards = env["loyalty.card"].create(
                [
                    {"program_id": program.id, "partner_id": it.id, "points": 1000}
                    for it in books.customers(env, count)
                ]
            )
            theirs = [
                (_prepare_ewallet_order(books.order(session, it.partner_id), it), it.id)
                for it in cards
            ]
        stage.measure(
            books,
            wallet=lambda number: books.timed(sync, ours[number]),
            ewallet=lambda number: _pay_by_ewallet(books, program.id, *theirs[number]),
        )
    what = "sync a till order paid by wallet"
    against = "paid by core's eWallet"
    stage.compare(what, against, "wallet", "ewallet", seconds=1.0, queries=1.0)


def _prepare_ewallet_order(order, card):
    """The same order, of which an eWallet pays all: what it pays is a line."""
    reward = card.program_id.reward_ids
    goods = order["lines"][0]
    paid = {
        **goods[2],
        "product_id": reward.discount_line_product_id.id,
        "price_unit": -100,
        "price_subtotal": -100,
        "price_subtotal_incl": -100,
        "is_reward_line": True,
        "reward_id": reward.id,
        "coupon_id": card.id,
        "reward_identifier_code": REWARD_CODE,
        "points_cost": 100,
        "uuid": f"{goods[2]['uuid']}-paid",
    }
    lines = [goods, [*goods[:2], paid]]
    free = {"payment_ids": [], "amount_paid": 0, "amount_total": 0}
    return {**order, **free, "lines": lines}


def _pay_by_ewallet(books, program_id, order, card_id):
    saved = []

    def validate(env):
        answer = env["pos.order"].validate_coupon_programs({card_id: -100}, [])
        if not answer["successful"]:
            raise AssertionError(answer)

    def send(env):
        saved.append(sync(env, {**order})["pos.order"][0]["id"])

    def confirm(env):
        spent = {
            "points": -100,
            "program_id": program_id,
            "coupon_id": card_id,
            "barcode": False,
            "expiration_date": False,
            "line_codes": [REWARD_CODE],
        }
        pos_order = env["pos.order"].browse(saved[-1])
        answer = pos_order.confirm_coupon_programs({card_id: spent})
        if answer["coupon_updates"][0]["points"] != 900:
            raise AssertionError(answer)

    return total([books.timed(step) for step in (validate, send, confirm)])


def _methods(env):
    Method = env["pos.payment.method"]
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    return {
        "wallet": Method.search([("is_wallet", "=", True)], limit=1),
        "bank": Method.create({"name": "Card", "journal_id": bank.id}),
        "account": Method.create(ACCOUNT),
    }


def closing(stage):
    """Close the session of a till.

    All of its 1,000 orders, of 1,000 customers, were paid by *Customer Wallet*, or went
    on the customers' accounts with *Customer Account*. Both make one journal item for
    each order; those of the wallet, which held the money until then, are in an entry of
    its own.
    """
    orders = stage.size(full=1_000, quick=20)
    count = stage.rounds(full=5, quick=1)
    with stage.books() as books:
        with books.transaction() as env:
            methods = _methods(env)
        made = {"wallet": [], "account": []}
        for _round in range(count):
            for side, sessions in made.items():
                with books.transaction() as env:
                    session, records = _make_session(
                        books, env, methods[side].with_env(env)
                    )
                books.multiply(records, orders - 1, COPIED)
                sessions.append((session.id,))
        books.check()
        stage.time(books, made, wallet=close, account=close)
    what = f"close a session of {orders:,} wallet orders"
    against = f"{orders:,} *Customer Account* orders"
    stage.compare(what, against, "wallet", "account", seconds=1.3)


def _make_session(books, env, method):
    """A session with one order."""
    session = books.open_till(env, method)
    customer = books.customers(env, 1)
    top_up = books.top_ups(env, customer, 100)
    order = books.sell(session, customer, [(method, 100)])
    entry, payments = top_up.move_id, order.payment_ids
    records = [customer, customer.wallet_ids, top_up, entry, entry.line_ids]
    return session, [*records, order, order.lines, payments, payments.wallet_hold_id]


def till_day(stage):
    """A day at a till: orders are sent one by one, and then the session is closed.

    All of a session's orders, of as many customers, are paid by *Customer Wallet*, by
    *Card*, or go on the customers' accounts with *Customer Account*. What is told is
    what one order costs with its share of the closing.
    """
    orders = stage.size(full=50, quick=3)
    count = stage.rounds(full=5, quick=1)
    with stage.books() as books:
        with books.transaction() as env:
            customers = books.customers(env, orders)
            books.top_ups(env, customers, 100 * count)
            sessions = {
                side: [books.open_till(env, method) for _round in range(count)]
                for side, method in _methods(env).items()
            }

        def spend_day(session):
            with books.transaction() as env:
                session = session.with_env(env)
                method = session.payment_method_ids
                data = [
                    books.order(session, it, [(method, 100)])
                    for it in customers.with_env(env)
                ]
            samples = [books.timed(sync, order) for order in data]
            return total([*samples, books.timed(close, session.id)])

        stage.measure(
            books,
            **{
                side: lambda number, rounds=rounds: spend_day(rounds[number])
                for side, rounds in sessions.items()
            },
        )
    what = f"till order by wallet and its share of closing {orders}"
    for side, name in (("bank", "by card"), ("account", "on *Customer Account*")):
        stage.compare(what, name, "wallet", side, orders, seconds=1.3, queries=1.3)


def opening(stage):
    """Open a till, with 10,000 customers.

    What is measured is the data that a till asks the server for when it opens, with all
    customers in it (Odoo's own limit of 100 is raised). Two databases have the same
    data; in one of them the addon is installed, and every customer has a wallet with
    money.
    """
    count = stage.size(full=10_000, quick=200)

    def make(books):
        with books.transaction() as env:
            env["ir.config_parameter"].set_param(LIMIT, 2 * count)
            books.product(env)
            customer = books.customers(env, 1)
        books.multiply(customer, count - 1, NAMED)
        return customer.id

    def load(env, session_id):
        env["pos.session"].browse(session_id).load_data([])

    with stage.pair(make) as (without, beside, first_id):
        _fill_wallets(beside, first_id, count)
        sessions = []
        for books in (beside, without):
            with books.transaction() as env:
                sessions.append(books.open_till(env).id)
        stage.rounds(full=15, quick=3)
        stage.measure(
            beside,
            beside=lambda _number: beside.timed(load, sessions[0]),
            without=lambda _number: without.timed(load, sessions[1]),
        )
    what = f"open a till, {count:,} customers"
    stage.compare(what, "without the addon", "beside", "without", seconds=1.05)


def _fill_wallets(books, first_id, count):
    """The customers have ids that follow each other."""
    with books.transaction() as env:
        payment = books.top_ups(env, env["res.partner"].browse(first_id), 100)
        items = payment.move_id.line_ids
        records = [payment, items.wallet_id, items.move_id, items]
    owners = {
        f"{table}.{column}": "row.partner_id + n"
        for table in ("account_move", "account_move_line", "account_payment")
        for column in ("partner_id", "commercial_partner_id")
    }
    owners["customer_wallet.partner_id"] = "row.partner_id + n"
    books.multiply(records, count - 1, owners)
    books.check()
