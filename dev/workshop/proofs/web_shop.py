"""The web shop, tills and the back office spend the same money; and the server is
killed while customers of the shop pay, by the wallet alone or by wallet and card.

The shop pays a customer's part from the wallet once the card has been charged: until
then it is held. Whoever was not answered goes on as people and providers do: the
customer begins again on the page of the payment, the provider tells once more that the
card was charged. Afterwards every order is paid once, by both.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

from ..console import say
from ..trials.calling import Client, Refused, Unanswered
from ..trials.paying_online import Elements, OnlinePayment
from ..trials.serving import serve
from .books import Ledger
from .finding import Finding
from .race import AMOUNT, PASSWORD, WALLET, WORKERS, Race, run_mix

# One database has them; `.ci/run` tries other things there, too.
MODULES = ("event_sale", "payment_demo", "sale_management", "website_sale")
MIX = ("web shop", "till one", "back office")
SEED = 19
BY_CARD = 60
SHOPPERS = 8
KILL_SECONDS = 2.0
CHECKOUT = "/shop/checkout?try_skip_step=true"
PAGE = "/shop/payment"


def run(stage):
    at_once = stage.size(full=99, quick=12)
    rounds = stage.size(full=20, quick=2)
    kills = stage.size(full=20, quick=2)
    with stage.database(stage.beside(sorted(MODULES))) as database:
        made = stage.make(
            __name__, "make", database, at_once=at_once, rounds=rounds, kills=kills
        )
        ledger = Ledger(stage.odoo.cluster, database)
        with serve(stage.odoo, database, workers=WORKERS) as server:
            race = ShopRace(server, ledger, made)
            race.log_in(at_once // len(MIX))
            yield run_mix(race, MIX, race.check_one, at_once, rounds)
            yield _kill_often(server, ledger, made["shoppers"])


# Inside of Odoo


def make(books, at_once, rounds, kills):
    """
    :return: dict of what the requests need
    """
    from . import race

    made = race.make(books, invoices=at_once + rounds)
    with books.transaction() as env:
        _take_cards(env)
        goods, dear = (
            _sell_online(books, env, it) for it in (AMOUNT, AMOUNT + BY_CARD)
        )
        customer = env["res.partner"].browse(made["customer"][0])
        contacts = _customers(books, env, at_once // len(MIX), parent_id=customer.id)
        made["contacts"] = [
            {
                "login": books.portal_login(env, contact, PASSWORD),
                "cart": _prepare_cart_vals(env, contact, goods),
            }
            for contact in contacts
        ]
    made["shoppers"] = [_make_shoppers(books, goods, dear) for _kill in range(kills)]
    return made


def _take_cards(env):
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    env["payment.provider"].search([("code", "=", "demo")], limit=1).write(
        {"state": "test", "is_published": True, "journal_id": bank.id}
    )


def _sell_online(books, env, price):
    product = books.product(env)
    product.write({"type": "service", "website_published": True, "list_price": price})
    return product


def _customers(books, env, number, **values):
    customers = books.customers(env, *(f"Shopper {n}" for n in range(number)))
    customers.write(
        {
            "street": "Palace Avenue 1",
            "city": "Brussels",
            "zip": "1000",
            "country_id": env.ref("base.be").id,
            "phone": "+32 2 555 00 00",
            **values,
        }
    )
    return customers


def _prepare_cart_vals(env, customer, product):
    return {
        "partner_id": customer.id,
        "website_id": env["website"].search([], limit=1).id,
        "order_line": [(0, 0, {"product_id": product.id})],
    }


def _make_shoppers(books, goods, dear):
    """Customers with a wallet and a cart; every other cart is for more than that."""
    with books.transaction() as env:
        customers = _customers(books, env, SHOPPERS)
        books.top_ups(env, customers, AMOUNT)
        made = []
        for number, customer in enumerate(customers):
            by_card = BY_CARD if number % 2 else 0
            product = dear if by_card else goods
            vals = _prepare_cart_vals(env, customer, product)
            made.append(
                {
                    "login": books.portal_login(env, customer, PASSWORD),
                    "partner_id": customer.id,
                    "by_card": by_card,
                    "order_id": env["sale.order"].create(vals).id,
                }
            )
        return made


# Outside of it


class ShopRace(Race):
    """Contacts of one company spend its wallet in the web shop, too."""

    def __init__(self, server, ledger, made):
        super().__init__(server, ledger, made)
        self._ways["web shop"] = self._pay_online
        self._shoppers = []

    def log_in(self, visitors):
        def open_browser(contact):
            server = self._server
            client = Client(server.url, server.database, contact["login"], PASSWORD)
            return {**contact, "client": client, "order_id": None}

        contacts = self._made["contacts"][:visitors]
        self._shoppers = [open_browser(contacts[0])]
        with ThreadPoolExecutor(4) as pool:
            self._shoppers += pool.map(open_browser, contacts[1:])

    def _tickets(self, ways):
        """Those in the shop have come to the page of the payment."""
        payments = iter(self._begin_in_shop(ways.count("web shop")))
        others = super()._tickets([way for way in ways if way != "web shop"])
        for way in ways:
            yield next(payments) if way == "web shop" else next(others)

    def _begin_in_shop(self, number):
        shoppers = self._shoppers[:number]
        self._fill_carts(shoppers)
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(self._begin_payment, shoppers))

    @staticmethod
    def _begin_payment(shopper):
        shopper["client"].page(CHECKOUT)
        return OnlinePayment(shopper["client"], PAGE, WALLET)

    def _fill_carts(self, shoppers):
        """Who has bought it fills the cart once more."""
        orders = {it["order_id"] for it in shoppers} - {None}
        domain = [("id", "in", list(orders)), ("state", "=", "draft")]
        open_ids = self.staff.call("sale.order", "search", [domain])
        for shopper in shoppers:
            if shopper["order_id"] not in open_ids:
                (order_id,) = self.staff.call(
                    "sale.order", "create", [[shopper["cart"]]]
                )
                shopper["order_id"] = order_id


def _kill_often(server, ledger, rounds):
    rng = random.Random(SEED)
    wrong, unanswered = [], 0
    for made in rounds:
        shoppers = [Shopper(server, values) for values in made]
        unanswered += _kill_once(server, rng, shoppers)
        wrong += [it.wrong for it in shoppers if it.wrong]
        wrong += _check_paid_once(server, ledger, shoppers) + ledger.wrong()
    orders = sum(map(len, rounds))
    say(f"web shop: {orders} orders, {unanswered} requests without an answer")
    return Finding(
        "kill -9 while the web shop takes wallet and card: each order is paid once",
        f"{len(rounds)} times, {orders} orders, {unanswered} unanswered",
        wrong,
        {"orders": orders, "unanswered": unanswered},
    )


def _kill_once(server, rng, shoppers):
    """
    :return: int, how many requests nobody answered
    """
    killer = threading.Timer(rng.uniform(0.05, KILL_SECONDS), server.kill)
    killer.start()
    with ThreadPoolExecutor(SHOPPERS) as pool:
        list(pool.map(Shopper.buy, shoppers))
        killer.join()
        server.start()
        list(pool.map(Shopper.buy, shoppers))
    return sum(it.unanswered for it in shoppers)


class Shopper:
    """A customer who buys what is in the cart, and the provider of the card."""

    def __init__(self, server, values):
        self.order_id = values["order_id"]
        self.partner_id = values["partner_id"]
        self.by_card = values["by_card"]
        self.unanswered = 0
        self.wrong = None
        self._client = Client(server.url, server.database, values["login"], PASSWORD)
        self._payment = None
        self._is_bought = False

    def buy(self):
        """Go on until it is bought, or the server is away."""
        try:
            if not self._is_bought:
                self._go_on()
        except Unanswered:
            self.unanswered += 1
        except (Refused, LookupError) as error:
            self.wrong = f"somebody in the shop was told: {error}"

    def _go_on(self):
        if not self._payment:
            self._begin()
        if self.by_card:
            self._payment.pay_with_card()
        else:
            self._payment.pay_with_wallet()
        state = self._payment.wait()
        if state != "done":
            raise LookupError(f"the payment is {state}")
        self._is_bought = True

    def _begin(self):
        if self.by_card:
            page = Elements(self._client.page(PAGE))
            token = page.find("name", "csrf_token")["value"]
            fields = {"use": "1", "csrf_token": token}
            self._client.page(f"{PAGE}/wallet", fields)
            payment = OnlinePayment(self._client, PAGE, "demo", flow="direct")
        else:
            payment = OnlinePayment(self._client, PAGE, WALLET)
        self._payment = payment


def _check_paid_once(server, ledger, shoppers):
    """
    :return: list of strings, what is wrong
    """
    staff = Client(server.url, server.database)
    ids = [it.order_id for it in shoppers]
    orders = staff.call(
        "sale.order", "read", [ids, ["state", "amount_paid", "amount_total"]]
    )
    wrong = [
        f"an order of {it['amount_total']} is {it['state']}, paid {it['amount_paid']}"
        for it in orders
        if (it["state"], it["amount_paid"]) != ("sale", it["amount_total"])
    ]
    partner_ids = [it.partner_id for it in shoppers]
    left = [it for it in ledger.balances(*partner_ids) if it]
    wrong += [f"{amount} is left in the wallet" for amount in left]
    return wrong + _check_payments(ledger, shoppers)


def _check_payments(ledger, shoppers):
    """A payment from the wallet for each, and one of the card where it pays, too."""
    ids = ", ".join(str(it.partner_id) for it in shoppers)
    rows = ledger.rows(
        "SELECT payment.partner_id, ARRAY_AGG(payment.amount ORDER BY payment.amount)"
        " AS amounts FROM account_payment payment"
        " WHERE payment.payment_transaction_id IS NOT NULL"
        " AND payment.state IN ('in_process', 'paid')"
        f" AND payment.partner_id IN ({ids}) GROUP BY 1"
    )
    found = {row["partner_id"]: list(map(float, row["amounts"])) for row in rows}
    wrong = []
    for shopper in shoppers:
        due = [float(it) for it in (shopper.by_card, AMOUNT) if it]
        if found.get(shopper.partner_id) != due:
            wrong.append(
                f"due were payments of {due}, found {found.get(shopper.partner_id)}"
            )
    return wrong
