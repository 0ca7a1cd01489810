"""Open a till, with 10,000 customers.

What is measured is the data that a till asks the server for when it opens, with all
customers in it (Odoo's own limit of 100 is raised). Two databases have the same data;
in one of them the addon is installed, and every customer has a wallet with money.
"""

from .comparing import Comparison
from .rounds import side_by_side

LIMIT = "point_of_sale.limited_customer_count"
NAMED = {
    "res_partner.name": "row.name || ' ' || n",
    "res_partner.complete_name": "row.complete_name || ' ' || n",
}


def run(stage):
    count = stage.size(full=10_000, quick=200)
    rounds = stage.size(full=15, quick=3)
    with stage.pair(__name__, "make", count=count) as (without, beside, customer_id):
        stage.make(__name__, "fill_wallets", beside, first=customer_id, count=count)
        sessions = [stage.make(__name__, "open_till", it) for it in (beside, without)]
        measured = stage.inside(
            __name__, "measure", beside, without, rounds=rounds, sessions=sessions
        )
    yield Comparison(
        f"open a till, {count:,} customers",
        "without the addon",
        1.05,
        measured["beside"],
        measured["without"],
    )


def make(books, count):
    """
    :return: id of the first customer; the others have the ids that follow
    """
    with books.transaction() as env:
        books.set_up(env)
        env["ir.config_parameter"].set_param(LIMIT, 2 * count)
    with books.transaction() as env:
        books.product(env)
        customer = books.customers(env, "Customer")
    books.multiply([customer], count - 1, NAMED)
    return customer.id


def fill_wallets(books, first, count):
    with books.transaction() as env:
        payment = books.top_ups(env, env["res.partner"].browse(first), 100)
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


def open_till(books):
    with books.transaction() as env:
        return books.open_till(env).id


def measure(beside, without, rounds, sessions):
    session_id, session_without_id = sessions
    return side_by_side(
        rounds,
        beside=lambda number: beside.timed(load, session_id),
        without=lambda number: without.timed(load, session_without_id),
    )


def load(env, session_id):
    env["pos.session"].browse(session_id).load_data([])
