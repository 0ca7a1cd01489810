"""Tills: selling and closing, by wallet and by other means."""

from ..trials.making import Making
from .lists import NAMED
from .stage import calling, single_steps

ACCOUNT = {"name": "Customer Account", "split_transactions": True}
REWARD_CODE = "reward"

UUID = "gen_random_uuid()::text"
# What differs in copies of an order.
COPIED = {
    **NAMED,
    "pos_order.uuid": UUID,
    "pos_order_line.uuid": UUID,
    "pos_payment.uuid": UUID,
    "customer_wallet_hold.document_id": (
        "(SELECT pos_order_id FROM pos_payment WHERE id = {pos_payment_id})"
    ),
    "pos_order.access_token": UUID,
    "pos_order.name": "row.name || '-' || n",
    "pos_order.pos_reference": "row.pos_reference || '-' || n",
}


def sync(env, order):
    """Send a till order, and take over its id."""
    answer = env["pos.order"].sync_from_ui([{**order}])
    order["id"] = answer["pos.order"][0]["id"]


def close(env, session_id):
    Making().close_till(env["pos.session"].browse(session_id))


def till_orders(stage):
    """Send a paid order of a till to the server, and close sessions.

    The same order, one product for 100, of the same customers, is paid by *Customer
    Wallet*, by *Card*, or goes on the customer's account with *Customer Account*. All
    of them are booked when the session closes; until then, the wallet holds the money.
    So what an order costs is told with its share of closing a session of 50, too, and
    what it takes to close one of 1,000.

    Beside them are a top-up of the same amount, which is booked at once, and the
    eWallet of core's app *Loyalty*. For that, core's till asks whether the order is
    valid, sends it, and confirms it; the three are counted together.
    """
    few, many = stage.size(full=50, quick=5), stage.size(full=1_000, quick=20)
    count = stage.rounds(full=60, quick=3)
    with stage.books() as books:
        books.install("pos_loyalty")
        with books.transaction() as env:
            customers = books.customers(env, count)
            books.top_ups(env, customers, 1000)
            methods = _make_methods(env)
            paid = {side: [(method, 100)] for side, method in methods.items()}
            paid["top_up"] = [(methods["bank"], 100), (methods["wallet"], -100)]
            all_methods = env["pos.payment.method"].union(*methods.values())
            session = books.open_till(env, all_methods)
            made = {
                side: single_steps(
                    sync, [books.order(session, it, payments) for it in customers]
                )
                for side, payments in paid.items()
            }
            made["ewallet"] = _make_ewallet_rounds(books, session, customers)
        stage.time(books, made)
        _close_sessions(stage, books, methods, few)
        _close_sessions(stage, books, methods, many)
    paid, card = "sync a till order paid by wallet", "an order paid by card"
    day = f"till order by wallet and its share of closing {few}"
    wallet, bank, account = [(it, f"close {it} {few}") for it in methods]
    for what, against, ours, theirs, aim in (
        (paid, card, "wallet", "bank", 1.25),
        ("sync a top-up at the till", card, "top_up", "bank", 1.25),
        (paid, "paid by core's eWallet", "wallet", "ewallet", 1.0),
        (day, "by card", wallet, bank, 1.3),
        (day, "on *Customer Account*", wallet, account, 1.3),
    ):
        stage.compare(what, against, ours, theirs, seconds=aim, queries=aim)
    what = f"close a session of {many:,} wallet orders, per order"
    sides = (f"close wallet {many}", f"close account {many}")
    stage.compare(what, f"{many:,} *Customer Account* orders", *sides, seconds=1.3)


def _close_sessions(stage, books, methods, orders):
    """Of so many orders, each of a customer of its own."""
    made = {f"close {side} {orders}": [] for side in methods}
    for _round in range(stage.rounds(full=5, quick=1)):
        for rounds, method in zip(made.values(), methods.values(), strict=True):
            session_id = _make_session(books, method, orders)
            rounds.append([(close, session_id)])
    books.check()
    stage.time(books, made, each=orders)


def _make_session(books, method, orders):
    """
    :return: id of a session with so many orders
    """
    with books.transaction() as env:
        session = books.open_till(env, method)
        customer = books.customers(env, 1)
        top_up = books.top_ups(env, customer, 100)
        order = books.sell(session, customer, [(method.with_env(env), 100)])
        entry, payments = top_up.move_id, order.payment_ids
        records = [customer, customer.wallet_ids, top_up, entry, entry.line_ids]
        records += [order, order.lines, payments, payments.wallet_hold_id]
    books.multiply(records, orders - 1, COPIED)
    return session.id


def _make_methods(env):
    Method = env["pos.payment.method"]
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    return {
        "wallet": Method.search([("is_wallet", "=", True)], limit=1),
        "bank": Method.create({"name": "Card", "journal_id": bank.id}),
        "account": Method.create(ACCOUNT),
    }


def _make_ewallet_rounds(books, session, customers):
    """What core's till does to be paid by the eWallet of each customer."""
    programs = session.env["loyalty.program"]
    program = programs.browse(programs.create_from_template("ewallet")["res_id"])
    validate, rounds = calling("pos.order", "validate_coupon_programs"), []
    for customer in customers:
        vals = {"program_id": program.id, "partner_id": customer.id, "points": 1000}
        card = session.env["loyalty.card"].create(vals)
        order = _make_ewallet_order(books.order(session, customer), card)
        confirmed = (_confirm, order, program.id, card.id)
        validated = (validate, [], {card.id: -100}, [])
        rounds.append([validated, (sync, order), confirmed])
    return rounds


def _make_ewallet_order(order, card):
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


def _confirm(env, order, program_id, card_id):
    spent = {
        "points": -100,
        "program_id": program_id,
        "coupon_id": card_id,
        "barcode": False,
        "expiration_date": False,
        "line_codes": [REWARD_CODE],
    }
    orders = env["pos.order"].browse(order["id"])
    answer = orders.confirm_coupon_programs({card_id: spent})
    if answer["coupon_updates"][0]["points"] != 900:
        raise AssertionError(answer)
