"""The web shop, tills and the back office spend the same money; and the server is
killed while customers of the shop pay, by the wallet alone or by wallet and card.

The shop pays a customer's part from the wallet once the card has been charged: until
then it is held. Whoever was not answered goes on as people and providers do: the
customer begins again on the page of the payment, the provider tells once more that the
card was charged. Afterwards every order is paid once, by both.
"""

from functools import partial

from .calls import SHOP, make_calls
from .race import spend_once
from .sending import after_crash, prove_calls

# `.ci/run` runs the suite beside the same ones: the database is made once.
MODULES = (
    "base_automation",
    "event_sale",
    "payment_demo",
    "sale_management",
    "website_sale",
)
SHOPPERS = 8


def web_shop(stage):
    """Both, on one database."""
    claim = "kill -9 while the web shop takes wallet and card: each order is paid once"
    with stage.books(stage.templates.beside(MODULES)) as books:
        with books.transaction() as env:
            books.set_up(env)
            _take_cards(env)
        spend_once(stage, books, "shop: pay", "till: pay", "invoice: pay")
        make = partial(make_calls, books, names=SHOP * (SHOPPERS // len(SHOP)))
        rounds = [make] * stage.size(full=20, quick=2)
        prove_calls(stage, books, claim, _buy, rounds)


def _take_cards(env):
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    env["payment.provider"].search([("code", "=", "demo")], limit=1).write(
        {"state": "test", "is_published": True, "journal_id": bank.id}
    )


def _buy(sender, requests):
    after_crash(sender, requests)
    owner_ids = [it.call.customer_id for it in requests]
    with sender.books.transaction() as env:
        orders = env["sale.order"].search([("partner_id.parent_id", "in", owner_ids)])
        requests[0].wrong += [
            f"an order of {it.amount_total} is {it.state}, paid {it.amount_paid}"
            for it in orders
            if (it.state, it.amount_paid) != ("sale", it.amount_total)
        ]
