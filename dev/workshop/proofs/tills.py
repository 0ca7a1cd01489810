"""What people do at a till, and with invoices: as the till's screen and the web client
ask the server for it.
"""

import uuid

from odoo import Command


def register_payment(invoice, day=None, amount=None):
    """Press *Pay* on an invoice."""
    vals = {"payment_date": day} if day else {}
    if amount:
        vals["amount"] = amount
    wizard = invoice.env["account.payment.register"].with_context(
        active_model="account.move", active_ids=invoice.ids
    )
    wizard.create(vals)._create_payments()


def open_again(till):
    till.open_ui()
    session = till.current_session_id
    session.set_opening_control(session.cash_register_balance_start, None)
    return session


def close_till(session):
    if session.config_id.cash_control:
        session.post_closing_cash_details(session.cash_register_balance_end)
    closed = session.close_session_from_ui()
    if not closed["successful"] or session.state != "closed":
        raise AssertionError(f"{session.name} does not close: {closed}")


def order(books, session, product, customer, payments, **values):
    """Pay an order of one product.

    :param payments: list of (pos.payment.method, amount); what they add up to is the
        price
    :return: the pos.order
    """
    total = sum(amount for _method, amount in payments)
    data = books.order(session, product, customer, payments[0][0], amount=total)
    if not total:
        data["lines"] = []
    return _send(session, {**data, **values}, payments)


def refund(books, session, original, payments):
    """Take an order of a till back.

    :param payments: list of (pos.payment.method, amount), below zero
    """
    total = sum(amount for _method, amount in payments)
    data = books.order(
        session,
        original.lines.product_id,
        original.partner_id,
        payments[0][0],
        amount=total,
    )
    vals = data["lines"][0][2]
    vals.update(price_unit=-total, qty=-1, refunded_orderline_id=original.lines.id)
    return _send(session, data, payments)


def method_of(session, kind):
    return session.payment_method_ids.filtered(lambda it: it.type == kind)[:1]


def sell(books, session, product, customers):
    """Orders paid in cash, by card, on the customer's account, and with an invoice."""
    cash, card, account = (
        method_of(session, kind) for kind in ("cash", "bank", "pay_later")
    )
    empty = customers.browse()
    order(books, session, product, empty, [(cash, 100)])
    order(books, session, product, empty, [(card, 60)])
    order(books, session, product, customers[0], [(cash, 30), (card, 20)])
    order(books, session, product, customers[1], [(account, 45)])
    order(books, session, product, customers[2], [(card, 80)], to_invoice=True)


def _send(session, data, payments):
    data["payment_ids"] = [
        Command.create(
            {
                "amount": amount,
                "payment_method_id": method.id,
                "uuid": str(uuid.uuid4()),
            }
        )
        for method, amount in payments
    ]
    session.env["pos.order"].sync_from_ui([data])
    return session.env["pos.order"].search([("uuid", "=", data["uuid"])])
