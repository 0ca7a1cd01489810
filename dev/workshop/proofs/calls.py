"""Every call that moves money, and what there must be for it: a customer of its own,
with 1,000 in the wallet, and documents.

Each function of `CALLS` gets the books, an environment and the customer, and returns
what is sent: model, method, arguments, key words; or, for the portal, login and
invoice. Calls of a till get an open session as well.
"""

import uuid
from dataclasses import dataclass

from ..trials.making import CREDIT, PAY

START = 1000
PASSWORD = "one of the customers"


@dataclass
class Call:
    name: str
    customer_id: int
    # By how much it changes the balance.
    effect: int
    sent: tuple

    @property
    def is_online(self):
        return self.name.startswith("portal")


def make_calls(books, env):
    """
    :return: list of `Call`
    """
    made = []
    customers = books.customers(env, list(CALLS))
    books.top_ups(env, customers, START)
    session = books.open_till(env)
    for customer, (name, (make, effect)) in zip(customers, CALLS.items(), strict=True):
        more = [session] if name.startswith("till") else []
        sent = make(books, env, customer, *more)
        made.append(Call(name, customer.id, effect, sent))
    return made


def _call(records, method, *args, key=True):
    """
    :param bool key: whether the client says that it is the same request
    """
    context = {"wallet_request_key": str(uuid.uuid4())} if key else {}
    return records._name, method, [records.ids, *args], {"context": context}


def _receive(books, env, customer, **vals):
    payment = books.draft_payments(env, customer, 100, wallet=True, **vals)
    return _call(payment, "action_post", key=False)


def _send(books, env, customer):
    return _receive(books, env, customer, payment_type="outbound")


def _top_up(_books, _env, customer):
    return _call(customer, "action_top_up_wallet", 100)


def _pay(books, env, customer):
    return _call(books.invoices(env, customer, 150), "action_allocate_wallet", 100)


def _undo(books, env, customer):
    invoice = books.invoices(env, customer)
    invoice.action_allocate_wallet()
    partial = invoice._get_wallet_partials()
    return _call(invoice, "action_unallocate_wallet", partial.id, key=False)


def _pay_all(books, env, customer):
    books.invoices(env, customer)
    return _call(customer, "action_allocate_wallet")


def _pay_with_top_up(books, env, customer):
    books.invoices(env, customer)
    top_up = env["account.payment"].search([("partner_id", "=", customer.id)])
    return _call(top_up, "action_allocate_wallet")


def _refund(books, env, customer):
    credit_note = books.credit_notes(env, customer, 150)
    return _call(credit_note, "action_refund_to_wallet", 100)


def _undo_refund(books, env, customer):
    credit_note = books.credit_notes(env, customer, 150)
    credit_note.action_refund_to_wallet(100)
    partial = credit_note._get_wallet_partials()
    return _call(credit_note, "action_unallocate_wallet", partial.id, key=False)


# Dialogs


def _dialog(env, name, method, context=None, **vals):
    dialog = env[name].with_context(**(context or {})).create(vals)
    return _call(dialog, method, key=False)


def _allocate(books, env, customer):
    books.invoices(env, [customer] * 2)
    action = customer.action_open_wallet_allocation()
    dialog = env[action["res_model"]].browse(action["res_id"])
    return _call(dialog, "action_allocate", key=False)


def _transfer(_books, env, customer):
    return _dialog(
        env,
        "customer.wallet.transfer",
        "action_confirm",
        wallet_id=customer.wallet_ids.id,
        target_partner_id=env.company.partner_id.id,
        amount=100,
        reason="Shared",
    )


def _adjust(_books, env, customer, direction="down"):
    account = env["account.account"].search([("account_type", "=", "expense")], limit=1)
    return _dialog(
        env,
        "customer.wallet.adjustment",
        "action_confirm",
        wallet_id=customer.wallet_ids.id,
        amount=100,
        direction=direction,
        account_id=account.id,
        reason="Goodwill",
    )


def _undo_adjustment(books, env, customer):
    name, method, (ids,), _kwargs = _adjust(books, env, customer, "up")
    getattr(env[name].browse(ids), method)()
    lines = customer.wallet_ids.line_ids
    entry = lines.move_id.filtered(lambda it: it.wallet_operation == "adjustment")
    vals = {"move_id": entry.id, "reason": "Wrong customer"}
    return _dialog(env, "customer.wallet.undo", "action_confirm", **vals)


def _move_credits(books, env, customer):
    books.payments(env, customer, 100)
    context = {"default_partner_id": customer.id}
    return _dialog(env, "customer.wallet.credit", "action_move_to_wallet", context)


def _take_back(books, env, customer):
    payment = books.top_ups(env, customer, 100)
    vals = {"payment_id": payment.id, "reason": "Bounced"}
    return _dialog(env, "customer.wallet.take.back", "action_take_back", **vals)


def _credit_note(books, env, customer):
    invoice = books.invoices(env, customer)
    invoice.action_allocate_wallet()
    vals = {"journal_id": invoice.journal_id.id, "refund_to_wallet": True}
    dialog = books.dialog(CREDIT, invoice, **vals)
    return _call(dialog, "refund_moves", key=False)


def _register(books, env, customer):
    invoice = books.invoices(env, customer)
    vals = {"amount": 150, "payment_difference_handling": "wallet"}
    dialog = books.dialog(PAY, invoice, **vals)
    return _call(dialog, "action_create_payments", key=False)


# Tills and the portal


def _sell(books, _env, customer, session, amount=100):
    wallet = books.method_of(session, "wallet")
    order = books.order(session, customer, [(wallet, amount)])
    return "pos.order", "sync_from_ui", [[order]], {}


def _sell_refund(books, env, customer, session):
    return _sell(books, env, customer, session, amount=-100)


def _sell_top_up(books, _env, customer, session):
    bank, wallet = (books.method_of(session, it) for it in ("bank", "wallet"))
    order = books.order(session, customer, [(wallet, -100), (bank, 100)])
    return "pos.order", "sync_from_ui", [[order]], {}


def _pay_later(books, _env, customer, session):
    later = books.method_of(session, "pay_later")
    order = books.sell(session, customer, [(later, 100)])
    return _call(order, "action_allocate_wallet")


def _portal(books, env, customer):
    invoice = books.invoices(env, customer)
    return books.portal_login(env, customer, PASSWORD), invoice.id


# By name: what makes it, and by how much it changes the balance. Several transfers go
# to the same wallet.
CALLS = {
    "payment: receive": (_receive, 100),
    "payment: send": (_send, -100),
    "customer: top up": (_top_up, 100),
    "invoice: pay": (_pay, -100),
    "invoice: undo": (_undo, 100),
    "customer: pay": (_pay_all, -100),
    "top-up: pay": (_pay_with_top_up, -100),
    "credit note: refund": (_refund, 100),
    "credit note: undo": (_undo_refund, -100),
    "till order: pay later": (_pay_later, -100),
    "dialog: many invoices": (_allocate, -200),
    "dialog: transfer": (_transfer, -100),
    "dialog: transfer, too": (_transfer, -100),
    "dialog: transfer, as well": (_transfer, -100),
    "dialog: adjust": (_adjust, -100),
    "dialog: undo": (_undo_adjustment, -100),
    "dialog: open credits": (_move_credits, 100),
    "dialog: take back": (_take_back, -100),
    "dialog: credit note": (_credit_note, 100),
    "dialog: register payment": (_register, 50),
    "till: pay": (_sell, -100),
    "till: top up": (_sell_top_up, 100),
    "till: refund": (_sell_refund, 100),
    "portal: pay": (_portal, -100),
}
