"""Paying invoices out of wallets, beside core's ways to pay them."""

from ..trials.making import PAY, Making
from .stage import calling, single_steps

ADD = "core's *Outstanding credits: Add*"
PAYMENTS = 10

pay_by_wallet = calling("account.move", "action_allocate_wallet")
pay_all = calling("res.partner", "action_allocate_wallet")
add = calling("account.move", "js_assign_outstanding_line")


def register(env, invoice_id):
    """Core's *Register Payment*: the dialog is made and confirmed."""
    invoice = env["account.move"].browse(invoice_id)
    Making().dialog(PAY, invoice).action_create_payments()


def paying(stage):
    """Pay one invoice, and 500 of one customer in one go.

    The wallet pays with the button *Customer Wallet* of the invoice. Core pays an
    invoice that is just alike, of a customer of the same kind, with *Register Payment*
    (it books an entry, too), or with *Outstanding credits: Add* (a payment that came in
    before is matched; it books nothing). All customers have paid 1,000 in advance, into
    the wallet or on account, and owe 100.

    The button on the customer pays all that is due: one entry, one request. Core's
    *Add* pays invoices one by one, each in a request of its own.
    """
    count, made = stage.rounds(full=60, quick=5), {}
    many = stage.size(full=500, quick=20)
    with stage.books() as books:
        with books.transaction() as env:
            for side, action in (
                ("wallet", pay_by_wallet),
                ("register", register),
                ("add", add),
            ):
                customers = books.customers(env, count)
                payments = books.payments(env, customers, 1000, side == "wallet")
                ids = [books.invoices(env, customers).ids]
                if side == "add":
                    ids.append([books.open_credit(it).id for it in payments])
                made[side] = single_steps(action, *ids)
        stage.time(books, made)
        with books.transaction() as env:
            customers = books.customers(env, stage.rounds(full=3, quick=1))
            for customer in customers:
                books.top_ups(env, [customer] * PAYMENTS, 100 * many / PAYMENTS)
                books.invoices(env, [customer] * many)
        made = {"in one go": single_steps(pay_all, customers.ids)}
        stage.time(books, made, each=many)
    what = "pay one invoice from the wallet"
    against = "core's *Register Payment*"
    stage.compare(what, against, "wallet", "register", seconds=0.5, queries=0.58)
    stage.compare(what, ADD, "wallet", "add", seconds=1.5, queries=1.5)
    what = f"pay {many} invoices in one go, per invoice"
    stage.compare(what, f"{ADD}, one by one", "in one go", "add", seconds=0.25)
