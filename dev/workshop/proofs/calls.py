"""Every call that moves money, and what there must be for it: a customer of its own,
with 1,000 in the wallet, and documents.
"""

import itertools
import uuid
from dataclasses import dataclass

from odoo import Command

from ..trials.making import CREDIT, PAY

START = 1000
BY_CARD = 60
PASSWORD = "one of the customers"
# The client says of these whether it is the same request; a dialog is one by itself.
KEYED = ("action_top_up_wallet", "action_allocate_wallet", "action_refund_to_wallet")
CHECKOUT = "/shop/checkout?try_skip_step=true"
ADDRESS = {"street": "Palace 1", "city": "Brussels", "zip": "1000", "phone": "112"}


@dataclass
class Call:
    """What is sent: model, method, arguments, key words; or what is done in a browser:
    login, page with the form of a payment, whether a card pays the rest.
    """

    name: str
    customer_id: int
    sent: tuple
    # By how much it changes what the customer has, and how many movements there are.
    effect: int = 0
    movements: int = 1

    @property
    def is_online(self):
        return self.name in IN_BROWSER


def make_calls(books, env, names, customer=None, tills=1):
    """
    :param names: list of names of `CALLS`
    :param customer: who asks for all of them; by default each has a customer
    :param int tills: how many there are, which take turns
    :return: list of `Call`
    """
    customers = [customer] * len(names) if customer else books.customers(env, names)
    if not customer:
        books.top_ups(env, customers, START)
    sessions = itertools.cycle([books.open_till(env) for _till in range(tills)])
    made = []
    for name, owner in zip(names, customers, strict=True):
        make, *changes = CALLS[name]
        sent = make(Case(books, owner, next(sessions)))
        sent = sent if name in IN_BROWSER else prepare(*sent)
        made.append(Call(name, owner.id, sent, *changes))
    return made


def prepare(records, method, *args):
    """What a client sends; a method of the model itself has no records."""
    context = {"wallet_request_key": str(uuid.uuid4())} if method in KEYED else {}
    ids = [records.ids] if records else []
    return records._name, method, [*ids, *args], {"context": context}


class Case:
    """A customer, and what is made for a call: (records, method, *arguments)."""

    def __init__(self, books, customer, session=None):
        self.books = books
        self.env = customer.env
        self.customer = customer
        self.session = session

    def confirm(self, payment_type):
        vals = {"wallet": True, "payment_type": payment_type}
        payment = self.books.draft_payments(self.env, self.customer, 100, **vals)
        return payment, "action_post"

    def top_up(self):
        return self.customer, "action_top_up_wallet", 100

    def invoice(self, amount=100):
        return self.books.invoices(self.env, self.customer, amount)

    def pay(self, records):
        """These shall pay an invoice of the customer."""
        self.invoice()
        return records, "action_allocate_wallet"

    def pay_part(self):
        return self.invoice(150), "action_allocate_wallet", 100

    def refund(self):
        credit_note = self.books.credit_notes(self.env, self.customer, 150)
        return credit_note, "action_refund_to_wallet", 100

    def undo(self, document, method, *args):
        """Undo what this does for a document."""
        getattr(document, method)(*args)
        partial_id = document._get_wallet_partials().id
        return document, "action_unallocate_wallet", partial_id

    # Dialogs

    def dialog(self, name, method="action_confirm", **vals):
        return self.env[f"customer.wallet.{name}"].create(vals), method

    def allocate(self):
        self.books.invoices(self.env, [self.customer] * 2)
        action = self.customer.action_open_wallet_allocation()
        return self.env[action["res_model"]].browse(action["res_id"]), "action_allocate"

    def transfer(self, target=None, amount=100):
        """By default, all go to the same wallet."""
        return self.dialog(
            "transfer",
            wallet_id=self.customer.wallet_ids.id,
            target_partner_id=(target or self.env.company.partner_id).id,
            amount=amount,
            reason="Shared",
        )

    def adjust(self, direction):
        expense = [("account_type", "=", "expense")]
        return self.dialog(
            "adjustment",
            wallet_id=self.customer.wallet_ids.id,
            amount=100,
            direction=direction,
            account_id=self.env["account.account"].search(expense, limit=1).id,
            reason="Goodwill",
        )

    def undo_adjustment(self):
        dialog, method = self.adjust("up")
        getattr(dialog, method)()
        entries = self.customer.wallet_ids.line_ids.move_id
        entry = entries.filtered(lambda it: it.wallet_operation == "adjustment")
        return self.dialog("undo", move_id=entry.id, reason="Wrong customer")

    def move_credits(self):
        self.books.payments(self.env, self.customer, 100)
        dialogs = self.env["customer.wallet.credit"]
        dialogs = dialogs.with_context(default_partner_id=self.customer.id)
        return dialogs.create({}), "action_move_to_wallet"

    def take_back(self):
        payment = self.books.top_ups(self.env, self.customer, 100)
        vals = {"payment_id": payment.id, "reason": "Bounced"}
        return self.dialog("take.back", "action_take_back", **vals)

    def credit(self):
        invoice = self.invoice()
        invoice.action_allocate_wallet()
        vals = {"journal_id": invoice.journal_id.id, "refund_to_wallet": True}
        return self.books.dialog(CREDIT, invoice, **vals), "refund_moves"

    def register(self):
        vals = {"amount": 150, "payment_difference_handling": "wallet"}
        return self.books.dialog(PAY, self.invoice(), **vals), "action_create_payments"

    # Tills

    def order(self, **amounts):
        """
        :param amounts: by kind of payment method
        """
        methods = [self.books.method_of(self.session, kind) for kind in amounts]
        paid = list(zip(methods, amounts.values(), strict=True))
        order = self.books.order(self.session, self.customer, paid)
        return self.env["pos.order"], "sync_from_ui", [order]

    def pay_later(self):
        later = self.books.method_of(self.session, "pay_later")
        order = self.books.sell(self.session, self.customer, [(later, 100)])
        return order, "action_allocate_wallet"

    # Browsers

    def portal(self):
        login = self.books.portal_login(self.env, self.customer, PASSWORD)
        return login, f"/my/invoices/{self.invoice().id}", False

    def shop(self, price=100):
        """A contact of the customer has filled a cart."""
        vals = {"parent_id": self.customer.id, "country_id": self.env.ref("base.be").id}
        contact = self.books.customers(self.env, 1, **vals, **ADDRESS)
        vals = {"list_price": price, "type": "service", "website_published": True}
        goods = self.env["product.product"].create(
            {"name": f"Goods for {price}", "taxes_id": False, **vals}
        )
        self.env["sale.order"].create(
            {
                "partner_id": contact.id,
                "website_id": self.env["website"].search([], limit=1).id,
                "order_line": [Command.create({"product_id": goods.id})],
            }
        )
        login = self.books.portal_login(self.env, contact, PASSWORD)
        return login, CHECKOUT, price > START


# By name: what makes it, and its changes. Who takes a top-up back has a movement less.
CALLS = {
    "payment: receive": (lambda it: it.confirm("inbound"), 100),
    "payment: send": (lambda it: it.confirm("outbound"), -100),
    "customer: top up": (Case.top_up, 100),
    "customer: pay": (lambda it: it.pay(it.customer), -100),
    "top-up: pay": (
        lambda it: it.pay(it.customer.wallet_ids.line_ids.payment_id),
        -100,
    ),
    "invoice: pay": (Case.pay_part, -100),
    "invoice: undo": (lambda it: it.undo(*it.pay_part()), 100),
    "credit note: refund": (Case.refund, 100),
    "credit note: undo": (lambda it: it.undo(*it.refund()), -100),
    "dialog: many invoices": (Case.allocate, -200),
    "dialog: transfer": (Case.transfer, -100),
    "dialog: adjust": (lambda it: it.adjust("down"), -100),
    "dialog: undo": (Case.undo_adjustment, -100),
    "dialog: open credits": (Case.move_credits, 100),
    "dialog: take back": (Case.take_back, -100, -1),
    "dialog: credit note": (Case.credit, 100),
    "dialog: register payment": (Case.register, 50),
    "till: pay": (lambda it: it.order(wallet=100), -100),
    "till: pay later": (Case.pay_later, -100),
    "till: top up": (lambda it: it.order(wallet=-100, bank=100), 100),
    "till: refund": (lambda it: it.order(wallet=-100), 100),
    "portal: pay": (Case.portal, -100),
    "shop: pay": (Case.shop, -100),
    "shop: pay the rest by card": (lambda it: it.shop(START + BY_CARD), -START),
}
SHOP = [it for it in CALLS if it.startswith("shop")]
IN_BROWSER = ["portal: pay", *SHOP]
BY_STAFF = [it for it in CALLS if it not in IN_BROWSER] + ["dialog: transfer"] * 2
EVERYWHERE = [*BY_STAFF, "portal: pay"]
