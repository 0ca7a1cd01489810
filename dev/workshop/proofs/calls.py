"""Every call that moves money, and what there must be for it: a customer of its own,
with 1,000 in the wallet, and documents.

All of it runs inside of Odoo. Each function of `CALLS` gets the books, an environment
and the customer, and returns what is sent: model, method, arguments, key words; or, for
the portal, login and invoice.
"""

import uuid

from odoo import Command

START = 1000
PASSWORD = "one of the customers"


def make_set(books, env, tills):
    """
    :param dict tills: pos.session by the name of the call: each has a till of its own
    :return: list of dicts: `name`, `customer_id`, `effect` and `sent`
    """
    made = []
    customers = books.customers(env, *CALLS)
    books.top_ups(env, customers, START)
    for customer, (name, (make, effect)) in zip(customers, CALLS.items(), strict=True):
        session = [tills[name]] if name in tills else []
        made.append(
            {
                "name": name,
                "customer_id": customer.id,
                "effect": effect,
                "sent": make(books, env, customer, *session),
            }
        )
    return made


def open_tills(books, env):
    names = [name for name in CALLS if name.startswith("till")]
    return {name: books.open_till(env) for name in names}


def _with_key():
    return {"context": {"wallet_request_key": str(uuid.uuid4())}}


def _receive(books, env, customer):
    payment = books.draft_payments(env, customer, 100, wallet=True)
    return "account.payment", "action_post", [payment.ids], {}


def _send(books, env, customer):
    payment = books.draft_payments(env, customer, 100, wallet=True)
    payment.payment_type = "outbound"
    return "account.payment", "action_post", [payment.ids], {}


def _top_up_in_one_call(_books, _env, customer):
    return "res.partner", "action_top_up_wallet", [customer.ids, 100], _with_key()


def _pay(books, env, customer):
    invoice = books.invoices(env, customer, 150)
    return "account.move", "action_allocate_wallet", [invoice.ids, 100], _with_key()


def _undo_payment(books, env, customer):
    invoice = books.invoices(env, customer)
    invoice.action_allocate_wallet()
    partial = invoice._get_wallet_partials()
    return "account.move", "action_unallocate_wallet", [invoice.ids, partial.id], {}


def _pay_all(books, env, customer):
    books.invoices(env, customer)
    return "res.partner", "action_allocate_wallet", [customer.ids], _with_key()


def _pay_with_top_up(books, env, customer):
    books.invoices(env, customer)
    top_up = env["account.payment"].search([("partner_id", "=", customer.id)])
    return "account.payment", "action_allocate_wallet", [top_up.ids], _with_key()


def _refund(books, env, customer):
    credit_note = books.credit_notes(env, customer, 150)
    return (
        "account.move",
        "action_refund_to_wallet",
        [credit_note.ids, 100],
        _with_key(),
    )


def _undo_refund(books, env, customer):
    credit_note = books.credit_notes(env, customer, 150)
    credit_note.action_refund_to_wallet(100)
    partial = credit_note._get_wallet_refund_partials()
    arguments = [credit_note.ids, partial.id]
    return "account.move", "action_undo_wallet_refund", arguments, {}


def _pay_order_later(books, env, customer, session):
    methods = session.payment_method_ids
    method = methods.filtered(lambda it: it.type == "pay_later")[:1]
    data = books.order(session, _product(books, env), customer, method)
    env["pos.order"].sync_from_ui([data])
    order = env["pos.order"].search([("uuid", "=", data["uuid"])])
    return "pos.order", "action_allocate_wallet", [order.ids], _with_key()


def _allocation_dialog(books, env, customer):
    books.invoices(env, customer)
    books.invoices(env, customer)
    action = customer.action_open_wallet_allocation()
    return action["res_model"], "action_allocate", [[action["res_id"]]], {}


def _dialog(env, name, method, **vals):
    dialog = env[name].create(vals)
    return name, method, [dialog.ids], {}


def _transfer_dialog(_books, env, customer):
    return _dialog(
        env,
        "customer.wallet.transfer",
        "action_confirm",
        wallet_id=customer.wallet_ids.id,
        target_partner_id=env.company.partner_id.id,
        amount=100,
        reason="Shared",
    )


def _adjustment(env, customer, direction):
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


def _adjustment_dialog(_books, env, customer):
    return _adjustment(env, customer, "down")


def _undo_dialog(_books, env, customer):
    model, method, (ids,), _kwargs = _adjustment(env, customer, "up")
    getattr(env[model].browse(ids), method)()
    lines = customer.wallet_ids.line_ids
    entry = lines.move_id.filtered(lambda it: it.wallet_operation == "adjustment")
    return _dialog(
        env,
        "customer.wallet.undo",
        "action_confirm",
        move_id=entry.id,
        reason="Wrong customer",
    )


def _credits_dialog(books, env, customer):
    books.payments(env, customer, 100)
    Dialog = env["customer.wallet.credit"].with_context(default_partner_id=customer.id)
    return Dialog._name, "action_move_to_wallet", [Dialog.create({}).ids], {}


def _take_back_dialog(books, env, customer):
    payment = books.top_ups(env, customer, 100)
    return _dialog(
        env,
        "customer.wallet.take.back",
        "action_take_back",
        payment_id=payment.id,
        reason="Bounced",
    )


def _credit_note_dialog(books, env, customer):
    invoice = books.invoices(env, customer)
    invoice.action_allocate_wallet()
    dialog = (
        env["account.move.reversal"]
        .with_context(active_model="account.move", active_ids=invoice.ids)
        .create({"journal_id": invoice.journal_id.id, "refund_to_wallet": True})
    )
    return dialog._name, "refund_moves", [dialog.ids], {}


def _register_dialog(books, env, customer):
    invoice = books.invoices(env, customer)
    dialog = (
        env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=invoice.ids)
        .create({"amount": 150, "payment_difference_handling": "wallet"})
    )
    return dialog._name, "action_create_payments", [dialog.ids], {}


def _product(books, env):
    Product = env["product.product"]
    return Product.search([("name", "=", "Goods")], limit=1) or books.product(env)


def _till_order(books, env, customer, session, amount=100):
    data = books.order(session, _product(books, env), customer, amount=amount)
    return "pos.order", "sync_from_ui", [[data]], {}


def _till_refund(books, env, customer, session):
    return _till_order(books, env, customer, session, amount=-100)


def _till_top_up(books, env, customer, session):
    data = books.order(session, _product(books, env), customer, amount=-100)
    card = session.payment_method_ids.filtered(lambda it: it.type == "bank")[:1]
    paid = {"amount": 100, "payment_method_id": card.id, "uuid": str(uuid.uuid4())}
    data["payment_ids"].append(Command.create(paid))
    data |= {"lines": [], "amount_total": 0, "amount_paid": 0}
    return "pos.order", "sync_from_ui", [[data]], {}


def _portal(books, env, customer):
    invoice = books.invoices(env, customer)
    return books.portal_login(env, customer, PASSWORD), invoice.id


# By name: what makes it, and by how much it changes the balance.
CALLS = {
    "payment: receive": (_receive, 100),
    "payment: send": (_send, -100),
    "customer: top up": (_top_up_in_one_call, 100),
    "invoice: pay": (_pay, -100),
    "invoice: undo": (_undo_payment, 100),
    "customer: pay": (_pay_all, -100),
    "top-up: pay": (_pay_with_top_up, -100),
    "credit note: refund": (_refund, 100),
    "credit note: undo": (_undo_refund, -100),
    "till order: pay later": (_pay_order_later, -100),
    "dialog: many invoices": (_allocation_dialog, -200),
    "dialog: transfer": (_transfer_dialog, -100),
    "dialog: adjust": (_adjustment_dialog, -100),
    "dialog: undo": (_undo_dialog, -100),
    "dialog: open credits": (_credits_dialog, 100),
    "dialog: take back": (_take_back_dialog, -100),
    "dialog: credit note": (_credit_note_dialog, 100),
    "dialog: register payment": (_register_dialog, 50),
    "till: pay": (_till_order, -100),
    "till: top up": (_till_top_up, 100),
    "till: refund": (_till_refund, 100),
    "portal: pay": (_portal, -100),
}
