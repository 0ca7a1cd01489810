"""Many requests at once spend a balance that suffices for one.

They come by HTTP to a server with several worker processes, half of them by one way and
half by another. The backlog of the server is large enough for all of them, so that they
really wait there. Exactly one may succeed; each other gets the refusal that names
customer, available and wanted; and the books are right.

Transfers there and back are different: what went there can come back. As many succeed
as the money allows, in turn.
"""

import itertools
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from ..console import say
from ..trials.calling import Client, Refused, Unanswered
from ..trials.paying_online import pay, start_paying
from ..trials.serving import serve
from .books import Ledger
from .finding import Finding
from .refusing import describe_unclear

AMOUNT = 100
# Odoo lets eight requests wait for each worker.
WORKERS = 12
PASSWORD = "one of the customers"


def run(stage):
    at_once = stage.size(full=100, quick=12)
    rounds = stage.size(full=20, quick=2)
    with stage.database() as database:
        invoices = at_once + 3 * rounds
        made = stage.make(__name__, "make", database, invoices=invoices)
        with serve(stage.odoo, database, workers=WORKERS) as server:
            race = Race(server, Ledger(stage.odoo.cluster, database), made)
            race.log_in(at_once // 2)
            for mix, check in (
                (("till one", "till two"), race.check_one),
                (("till one", "back office"), race.check_one),
                (("back office", "portal"), race.check_one),
                (("there", "back"), race.check_transfers),
            ):
                yield _run_mix(race, mix, check, at_once, rounds)


def _run_mix(race, mix, check, at_once, rounds):
    wrong, counts = [], Counter()
    for _round in range(rounds):
        before = race.prepare(mix)
        outcomes = race.start(mix, at_once)
        wrong += check(outcomes, before) + race.ledger.wrong()
        counts.update(outcome.kind for outcome in outcomes)
    say(f"{' and '.join(mix)}: {dict(counts)}")
    return Finding(
        f"race: {' and '.join(mix)} spend a balance that suffices for one",
        f"{rounds} × {at_once} at once, {WORKERS} workers",
        wrong,
        counts,
    )


# Inside of Odoo


def make(books, invoices):
    """
    :return: dict of what the requests need
    """
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        names = ("Dana Racer", "Giver", "Taker")
        customer, giver, taker = customers = books.customers(env, *names)
        books.top_ups(env, customers, AMOUNT)
        books.pay_out(env, taker, AMOUNT)
        login = books.portal_login(env, customer, PASSWORD)
        product = books.product(env)
        tills = {
            name: books.order(books.open_till(env), product, customer)
            for name in ("till one", "till two")
        }
        documents = books.invoices(env, customer.browse(customer.ids * invoices))
        wallets = {it.partner_id: it.id for it in customers.wallet_ids}
        return {
            "login": login,
            "customer": [customer.id, customer.name],
            "giver": [giver.id, giver.name, wallets[giver]],
            "taker": [taker.id, taker.name, wallets[taker]],
            "tills": tills,
            "invoice_ids": documents.ids,
        }


# Outside of it


class Outcome:
    """What somebody was told: `paid`, `refused` (and whether that was clear), or
    something that nobody should see.
    """

    def __init__(self, way, kind, unclear=None):
        self.way = way
        self.kind = kind
        self.unclear = unclear


class Race:
    """Those who spend the same money at the same time."""

    def __init__(self, server, ledger, made):
        self._server = server
        self._made = made
        self.ledger = ledger
        self.staff = Client(server.url, server.database)
        self._visitors = []
        self._ways = {
            "till one": self._pay_at_till,
            "till two": self._pay_at_till,
            "back office": self._pay_in_back_office,
            "portal": self._pay_in_portal,
            "there": self._transfer,
            "back": self._transfer,
        }

    def log_in(self, visitors):
        """Sessions of the customer, each in a browser of its own, on the page of an
        invoice.
        """

        def open_browser(_number):
            login = self._made["login"]
            server = self._server
            client = Client(server.url, server.database, login, PASSWORD)
            client.page(f"/my/invoices/{self._made['invoice_ids'][0]}")
            return client

        # What Odoo makes at the first login, it makes for one at a time.
        self._visitors = [open_browser(0)]
        with ThreadPoolExecutor(4) as pool:
            self._visitors += pool.map(open_browser, range(1, visitors))

    def prepare(self, mix):
        """Have exactly the amount in the wallet.

        :return: list of floats, balances of the giver and the taker
        """
        if "there" not in mix:
            self._top_up()
        giver, taker = self._made["giver"], self._made["taker"]
        return self.ledger.balances(giver[0], taker[0])

    def _top_up(self):
        customer_id, _name = self._made["customer"]
        (balance,) = self.ledger.balances(customer_id)
        if balance < AMOUNT:
            vals = {
                "partner_id": customer_id,
                "amount": AMOUNT - balance,
                "payment_type": "inbound",
                "partner_type": "customer",
                "is_wallet": True,
            }
            payment_ids = self.staff.call("account.payment", "create", [[vals]])
            self.staff.call("account.payment", "action_post", [payment_ids])

    def start(self, mix, at_once):
        """Have the requests sent at once, the ways in turn.

        :return: list of outcomes
        """
        ways = list(itertools.islice(itertools.cycle(mix), at_once))
        jobs = list(zip(ways, self._tickets(ways), strict=True))
        barrier = threading.Barrier(at_once)

        def send(job):
            barrier.wait()
            return self._send(*job)

        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(send, jobs))

    def _tickets(self, ways):
        """What each request is about: an invoice, a browser, a dialog."""
        invoice_ids = iter(self._open_invoices())
        visitors = iter(self._visitors)
        dialogs = {
            way: iter(self._make_dialogs(way, ways.count(way)))
            for way in ("there", "back")
            if way in ways
        }
        for way in ways:
            if way in dialogs:
                yield next(dialogs[way])
            elif way.startswith("till"):
                yield self._made["tills"][way]
            elif way == "portal":
                client = next(visitors)
                yield client, start_paying(client, next(invoice_ids), AMOUNT)
            else:
                yield next(invoice_ids)

    def _open_invoices(self):
        ids = ", ".join(map(str, self._made["invoice_ids"]))
        rows = self.ledger.rows(
            f"SELECT id FROM account_move WHERE id IN ({ids})"
            f" AND amount_residual = {AMOUNT}"
        )
        return [row["id"] for row in rows]

    def _make_dialogs(self, way, count):
        giver, taker = self._made["giver"], self._made["taker"]
        if way == "back":
            giver, taker = taker, giver
        vals = {
            "wallet_id": giver[2],
            "target_partner_id": taker[0],
            "amount": AMOUNT,
            "reason": way,
        }
        return self.staff.call("customer.wallet.transfer", "create", [[vals] * count])

    # The ways

    def _send(self, way, ticket):
        try:
            self._ways[way](ticket)
        except (Refused, Unanswered) as error:
            unclear = describe_unclear(error, self._payer(way), AMOUNT)
            return Outcome(way, "WRONG" if unclear else "refused", unclear)
        return Outcome(way, "paid")

    def _payer(self, way):
        names = {"there": "giver", "back": "taker"}
        return self._made[names.get(way, "customer")][1]

    def _pay_at_till(self, order):
        order = fresh_order(order)
        result = self.staff.call("pos.order", "sync_from_ui", [[order]])
        if result["pos.order"][0]["state"] != "paid":
            raise Unanswered(f"the till order is {result['pos.order'][0]['state']}")

    def _pay_in_back_office(self, invoice_id):
        self.staff.call("account.move", "action_allocate_wallet", [[invoice_id]])

    def _pay_in_portal(self, ticket):
        level, text = pay(*ticket)
        if level != "success":
            raise RefusedOnPage(text)

    def _transfer(self, dialog_id):
        self.staff.call("customer.wallet.transfer", "action_confirm", [[dialog_id]])

    # What has to have come out

    def check_one(self, outcomes, _before):
        """
        :return: list of strings, what is wrong
        """
        wrong = [outcome.unclear for outcome in outcomes if outcome.unclear]
        paid = sum(outcome.kind == "paid" for outcome in outcomes)
        if paid != 1:
            wrong.append(f"{paid} of {len(outcomes)} have paid")
        (balance,) = self.ledger.balances(self._made["customer"][0])
        if balance:
            wrong.append(f"{balance} is left in the wallet")
        return wrong

    def check_transfers(self, outcomes, before):
        wrong = [outcome.unclear for outcome in outcomes if outcome.unclear]
        paid = Counter(outcome.way for outcome in outcomes if outcome.kind == "paid")
        went = AMOUNT * (paid["there"] - paid["back"])
        should = [before[0] - went, before[1] + went]
        balances = self.ledger.balances(self._made["giver"][0], self._made["taker"][0])
        if balances != should:
            wrong.append(f"the wallets hold {balances}, answered was {should}")
        if not paid:
            wrong.append("no transfer went through")
        return wrong


class RefusedOnPage(Refused):
    """A refusal that a visitor reads on the page."""

    def __init__(self, text):
        error = {"name": "odoo.exceptions.UserError", "message": text}
        super().__init__("the portal", {"data": error})


def fresh_order(order):
    """The same order, sold once more."""
    lines, payments = (
        [
            [command, number, {**vals, "uuid": str(uuid.uuid4())}]
            for command, number, vals in order[name]
        ]
        for name in ("lines", "payment_ids")
    )
    return {
        **order,
        "uuid": str(uuid.uuid4()),
        "lines": lines,
        "payment_ids": payments,
    }
