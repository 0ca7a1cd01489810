"""Paying invoices out of wallets, beside core's ways to pay them."""

from ..trials.making import PAY
from .stage import WARM_UP, total

ADD = "core's *Outstanding credits: Add*"
AMOUNT = 100
PAYMENTS = 10


def pay_by_wallet(env, invoice_id, *_others):
    env["account.move"].browse(invoice_id).action_allocate_wallet()


def add(env, invoice_id, credit_id):
    """Core's *Outstanding credits: Add*."""
    env["account.move"].browse(invoice_id).js_assign_outstanding_line(credit_id)


def paying(stage):
    """Pay one invoice.

    The wallet pays with the button *Customer Wallet* of the invoice. Core pays an
    invoice that is just alike, of a customer of the same kind, with *Register Payment*
    (the dialog is made and confirmed; it books an entry, too), or with *Outstanding
    credits: Add* (a payment that came in before is matched; it books nothing). All
    customers have paid 1,000 in advance, into the wallet or on account, and owe 100.
    """
    with stage.books() as books:
        count, made = stage.rounds(full=60, quick=5), {}
        with books.transaction() as env:
            for side in ("wallet", "register", "add"):
                customers = books.customers(env, count)
                payments = books.payments(env, customers, 1000, wallet=side == "wallet")
                credit_ids = [books.open_credit(it).id for it in payments]
                invoices = books.invoices(env, customers)
                made[side] = list(zip(invoices.ids, credit_ids, strict=True))

        def register(env, invoice_id, _credit_id):
            invoice = env["account.move"].browse(invoice_id)
            books.dialog(PAY, invoice).action_create_payments()

        stage.time(books, made, wallet=pay_by_wallet, register=register, add=add)
    what = "pay one invoice from the wallet"
    against = "core's *Register Payment*"
    stage.compare(what, against, "wallet", "register", seconds=0.5, queries=0.58)
    stage.compare(what, ADD, "wallet", "add", seconds=1.5, queries=1.5)


def many_invoices(stage):
    """Pay 500 invoices of one customer.

    The wallet pays them in one go, as the button on the customer does: one entry, one
    request. Core's *Add* pays them one by one, each in a request of its own, as there
    is no other way to do it. On both sides the customer has paid the money in advance
    in ten payments.
    """
    invoices = stage.size(full=500, quick=20)
    with stage.books() as books:
        made = {"wallet": [], "add": []}
        for number in range(stage.rounds(full=3, quick=1)):
            # To get warm, a few are enough.
            count = PAYMENTS if number < WARM_UP else invoices
            for side, jobs in made.items():
                with books.transaction() as env:
                    jobs.append(_make_debtor(books, env, side, count))

        def add_all(number):
            _customer_id, debts = made["add"][number]
            return total([books.timed(add, *debt) for debt in debts])

        def pay_all(env, customer_id):
            env["res.partner"].browse(customer_id).action_allocate_wallet()

        stage.measure(
            books,
            wallet=lambda number: books.timed(pay_all, made["wallet"][number][0]),
            add=add_all,
        )
    what = f"pay {invoices} invoices in one go, per invoice"
    stage.compare(what, f"{ADD}, one by one", "wallet", "add", invoices, seconds=0.25)


def _make_debtor(books, env, side, count):
    """
    :return: tuple (id of a customer, list of (id of an open invoice, of a credit))
    """
    customer = books.customers(env, 1)
    amount = AMOUNT * count / PAYMENTS
    payments = books.payments(env, [customer] * PAYMENTS, amount, side == "wallet")
    invoices = books.invoices(env, [customer] * count, AMOUNT)
    credit_ids = [
        books.open_credit(it).id
        for it in payments
        for _time in range(count // PAYMENTS)
    ]
    return customer.id, list(zip(invoices.ids, credit_ids, strict=True))
