"""2,000 bonuses of 2,000 customers that expire in the same night.

Odoo has made one wallet with a bonus, SQL has multiplied it. The nightly run books one
entry for each batch of wallets and commits it; the addon's own check then finds that
wallets and books agree.
"""

from datetime import date

from .comparing import Comparison

EXPIRED = date(2020, 1, 1)
# Seconds.
AIM = 0.0095


def run(stage):
    count = stage.size(full=2_000, quick=200)
    with stage.database() as database:
        stage.make(__name__, "make", database, count=count)
        measured = stage.inside(__name__, "measure", database)
    yield Comparison(
        f"expiry, each of {count:,} bonuses",
        f"the aim of {AIM * 1000:g} ms",
        1.0,
        measured,
        [{"seconds": AIM * count}],
        each=count,
    )


def make(books, count):
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        customer = books.customers(env, "Customer")
        wallet = env["customer.wallet"]._find_or_create(
            customer, env.company, env.company.currency_id
        )
        gifts = wallet._prepare_giving_vals([(5, "bonus", EXPIRED)], "Trial")
        nothing = env["account.move.line"]
        expense = {
            "account_id": env.company.wallet_promotion_account_id.id,
            "currency_id": wallet.currency_id.id,
            "amount_currency": 5,
            "balance": 5,
        }
        entry = env["customer.wallet"]._book(
            "bonus",
            [(vals, nothing) for vals in (*gifts, expense)],
            env.company,
            partner_id=customer.id,
        )
        records = [customer, wallet, entry, entry.line_ids]
        env.flush_all()
    books.multiply(records, count - 1)
    books.check()


def measure(books):
    result = books.timed(expire)
    books.check()
    with books.transaction() as env:
        left = env["customer.wallet"].search_count([("bonus_balance", ">", 0)])
    if left:
        raise AssertionError(f"{left} bonuses have not expired")
    return [result]


def expire(env):
    env["customer.wallet"]._cron_expire_bonus()
