"""The web shop, tills and the back office spend the same money; and the server is
killed while customers of the shop pay, by the wallet alone or by wallet and card.

The shop pays a customer's part from the wallet once the card has been charged: until
then it is held. Whoever was not answered goes on as people and providers do: the
customer begins again on the page of the payment, the provider tells once more that the
card was charged. Afterwards every order is paid once, by both.
"""

import itertools

from ..console import say
from ..trials.calling import Client, Refused, at_once
from ..trials.paying_online import OnlinePayment, find
from .race import AMOUNT, PASSWORD, WALLET, WORKERS, Race, make
from .rules import available, find_broken

# `.ci/run` runs the suite beside the same ones: the database is made once.
MODULES = (
    "base_automation",
    "event_sale",
    "payment_demo",
    "sale_management",
    "website_sale",
)
MIX = ("web shop", "till one", "back office")
BY_CARD = 60
SHOPPERS = 8
KILL_SECONDS = 2.0
CHECKOUT = "/shop/checkout?try_skip_step=true"
PAGE = "/shop/payment"
ADDRESS = {
    "street": "Palace Avenue 1",
    "city": "Brussels",
    "zip": "1000",
    "phone": "+32 2 555 00 00",
}
PAYMENTS = """
    SELECT payment.partner_id, ARRAY_AGG(payment.amount ORDER BY payment.amount) AS paid
      FROM account_payment payment
     WHERE payment.payment_transaction_id IS NOT NULL
       AND payment.state IN ('in_process', 'paid')
     GROUP BY 1
"""


def web_shop(stage):
    number = stage.size(full=99, quick=12)
    rounds = stage.size(full=20, quick=2)
    kills = stage.size(full=20, quick=2)
    with stage.books(stage.templates.beside(MODULES)) as books:
        with books.transaction() as env:
            books.set_up(env)
            _take_cards(env)
        made = make(books, invoices=number + rounds)
        with books.transaction() as env:
            goods, dear = (_sell_online(env, it) for it in (AMOUNT, AMOUNT + BY_CARD))
            contacts = _make_shoppers(
                books, env, number // len(MIX), [goods], parent_id=made["customer"]
            )
            shoppers = _make_shoppers(books, env, kills * SHOPPERS, [goods, dear])
            customers = env["res.partner"].browse([it["partner_id"] for it in shoppers])
            books.top_ups(env, customers, AMOUNT)
        stage.analyze(books)
        with stage.serve(books, WORKERS) as server:
            racers = ShopRace(server, books, made)
            racers.enter_shop(contacts)
            racers.run(stage, MIX, number, rounds)
            _kill_often(stage, server, books, shoppers)


def _take_cards(env):
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    env["payment.provider"].search([("code", "=", "demo")], limit=1).write(
        {"state": "test", "is_published": True, "journal_id": bank.id}
    )


def _sell_online(env, price):
    vals = {"type": "service", "website_published": True, "taxes_id": False}
    return env["product.product"].create(
        {"name": f"Goods for {price}", "list_price": price, **vals}
    )


def _make_shoppers(books, env, number, products, **vals):
    """Customers with a login and what goes into their carts, in turn.

    :return: list of dicts
    """
    country = env.ref("base.be").id
    customers = books.customers(env, number, **ADDRESS, country_id=country, **vals)
    website = env["website"].search([], limit=1)
    return [
        {
            "partner_id": customer.id,
            "login": books.portal_login(env, customer, PASSWORD),
            "by_card": BY_CARD if product != products[0] else 0,
            "cart": {
                "partner_id": customer.id,
                "website_id": website.id,
                "order_line": [(0, 0, {"product_id": product.id})],
            },
        }
        for customer, product in zip(customers, itertools.cycle(products), strict=False)
    ]


class ShopRace(Race):
    """Contacts of one company spend its wallet in the web shop, too."""

    def enter_shop(self, contacts):
        self._shoppers = self._open_browsers([it["login"] for it in contacts])
        self._carts = [it["cart"] for it in contacts]
        self._order_ids = [None] * len(contacts)
        self._ways["web shop"] = self._begin_in_shop

    def _begin_in_shop(self, _way, number):
        """They come to the page of the payment."""
        self._fill_carts(number)
        clients = self._shoppers[:number]
        at_once(4, lambda client: client.page(CHECKOUT), clients)
        return self._open_forms(clients, [PAGE] * number)

    def _fill_carts(self, number):
        """Who has bought it fills the cart once more."""
        known_ids = [it for it in self._order_ids if it]
        domain = [("id", "in", known_ids), ("state", "=", "draft")]
        open_ids = self._staff.call("sale.order", "search", [domain])
        for index, order_id in enumerate(self._order_ids[:number]):
            if order_id not in open_ids:
                vals = [[self._carts[index]]]
                made_ids = self._staff.call("sale.order", "create", vals)
                self._order_ids[index : index + 1] = made_ids


def _kill_often(stage, server, books, shoppers):
    wrong, kills = [], len(shoppers) // SHOPPERS
    before = server.unanswered
    for number in range(kills):
        some = shoppers[number * SHOPPERS : (number + 1) * SHOPPERS]
        buyers = [Shopper(server, books, values) for values in some]
        server.serve_while_killed(KILL_SECONDS, Shopper.buy, buyers)
        wrong += [text for it in buyers for text in it.wrong]
        wrong += _check_paid_once(books, some) + find_broken(books)
    unanswered = server.unanswered - before
    say(f"web shop: {len(shoppers)} orders, {unanswered} requests without an answer")
    stage.found(
        "kill -9 while the web shop takes wallet and card: each order is paid once",
        f"{kills} times, {len(shoppers)} orders, {unanswered} unanswered",
        wrong,
    )


class Shopper:
    """A customer who buys what is in the cart, and the provider of the card."""

    def __init__(self, server, books, values):
        self.wrong = []
        self._by_card = values["by_card"]
        with books.transaction() as env:
            env["sale.order"].create(values["cart"])
        self._client = Client(server, values["login"], PASSWORD)
        self._payment = None

    def buy(self):
        """Go on until it is bought, or the server is away."""
        try:
            self._payment = self._payment or self._begin()
            if self._by_card:
                self._payment.pay_with_card()
            else:
                self._payment.pay_with_wallet()
            state = self._payment.wait()
        except (Refused, LookupError) as error:
            self.wrong.append(f"somebody in the shop was told: {error}")
        else:
            if state != "done":
                self.wrong.append(f"a payment is {state}")

    def _begin(self):
        if not self._by_card:
            return OnlinePayment(self._client, PAGE, WALLET)
        token = find(self._client.page(PAGE), "name", "csrf_token")["value"]
        self._client.page(f"{PAGE}/wallet", {"use": "1", "csrf_token": token})
        return OnlinePayment(self._client, PAGE, "demo", flow="direct")


def _check_paid_once(books, shoppers):
    """The order is paid: by a payment from the wallet, and by one of the card where it
    pays, too.

    :return: list of strings, what is wrong
    """
    ids = [it["partner_id"] for it in shoppers]
    with books.transaction() as env:
        orders = env["sale.order"].search_read(
            [("partner_id", "in", ids)], ["state", "amount_paid", "amount_total"]
        )
    wrong = [
        f"an order of {it['amount_total']} is {it['state']}, paid {it['amount_paid']}"
        for it in orders
        if (it["state"], it["amount_paid"]) != ("sale", it["amount_total"])
    ]
    wrong += [f"{it} is left in the wallet" for it in available(books, *ids) if it]
    found = {row["partner_id"]: row["paid"] for row in books.rows(PAYMENTS)}
    for shopper in shoppers:
        due = [it for it in (shopper["by_card"], AMOUNT) if it]
        paid = list(map(float, found.get(shopper["partner_id"], ())))
        if paid != due:
            wrong.append(f"due were payments of {due}, found {paid}")
    return wrong
