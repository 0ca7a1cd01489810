"""Who may call what: one row for each public method and each route of the addon.

`test_access_matrix.py` finds the methods and the routes in the code and compares them
with these tables. A row says who may, and what an honest call looks like. The same call
is then made with records of another company and with ids that do not exist, and must
be refused to everybody; `forged` has more calls of that kind.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

from odoo import Command, fields

PUBLIC, OWNER, OTHER = "public", "owner", "other customer"
TILL, AUDITOR, BILLING = "till", "auditor", "billing"
ACCOUNTANT, MANAGER = "accountant", "manager"
ROLES = (PUBLIC, OWNER, OTHER, TILL, AUDITOR, BILLING, ACCOUNTANT, MANAGER)

NOBODY = ()
EVERYBODY = ROLES
ACCOUNTING = (BILLING, ACCOUNTANT, MANAGER)
# Who sees the books, who sees wallets, and who also pays from them.
BOOKS = (AUDITOR, *ACCOUNTING)
READERS = (TILL, AUDITOR, *ACCOUNTING)
USERS = (TILL, *ACCOUNTING)
MANAGERS = (MANAGER,)

# What a client may send instead of an amount. JSON as Python reads it has the last two.
NO_AMOUNTS = (0, -5, 1e300, "5", True, [5], {"a": 1}, float("nan"), float("inf"))


@dataclass(frozen=True)
class Route:
    """A route, which any visitor may ask for with any parameters. Visitors who are not
    logged in are sent to the login.
    """

    may: tuple
    # ask(case) makes the request and returns the response.
    ask: Callable
    forged: dict = field(default_factory=dict)
    # What only the page of the owner says.
    secret: str = ""


@dataclass(frozen=True)
class Method:
    """A public method, of which any client may call each with any argument."""

    may: tuple
    # call(docs, call): `docs` are the records of a company, `call(ids, …)` calls the
    # method of the row, `call.on(model, method, …)` another one, all as the same user.
    call: Callable
    forged: dict = field(default_factory=dict)
    # Whether it works on records: then those of other companies are forged ones.
    has_records: bool = True
    # Whether nothing comes of records that do not exist, as with Odoo's own unlink.
    is_harmless_nowhere: bool = False


def on(name, *args):
    """Call the method on this record of the company."""
    return lambda docs, call: call(getattr(docs, name).ids, *args)


def confirm(prepare_vals):
    """Fill in a dialog and call its method."""

    def call_dialog(docs, call):
        wizard_id = call.on(call.model, "create", prepare_vals(docs))
        return call([wizard_id])

    return call_dialog


def amounts(make_call):
    """The same call with each thing that is no amount."""
    return {f"amount {amount!r}": make_call(amount) for amount in NO_AMOUNTS}


def numbers(make_call):
    """What a field for an amount does not keep exactly, which any client may send."""
    return {
        f"amount {amount!r}": make_call(amount)
        for amount in ("ten", True, 1e15, 1e300, 10**400, float("nan"), float("inf"))
    }


def figures(make_call):
    """Amounts that a form may hold; other things do not come through a field."""
    return {
        f"amount {amount!r}": make_call(amount)
        for amount in (0, -5, 1e15, float("nan"), float("inf"))
    }


def create(prepare_vals, **vals):
    """Make a record, with these values instead of honest ones."""
    return lambda docs, call: call({**prepare_vals(docs), **vals})


def edit(prepare_vals, **vals):
    """Fill in a dialog and change it."""
    return lambda docs, call: call(
        [call.on(call.model, "create", prepare_vals(docs))], vals
    )


def create_line(prepare_vals, inverse, **vals):
    """Add the line that another dialog has to a dialog.

    :param prepare_vals: of the dialog, with one line
    :param inverse: field of the line that names the dialog
    """

    def call_create(docs, call):
        dialog = call.model.removesuffix(".line")
        ((_command, _id, line),) = prepare_vals(docs)["line_ids"]
        dialog_id = call.on(dialog, "create", prepare_vals(docs))
        return call({**line, inverse: dialog_id, **vals})

    return call_create


def edit_line(prepare_vals, inverse, **vals):
    """Change the line of a dialog."""

    def call_write(docs, call):
        dialog = call.model.removesuffix(".line")
        dialog_id = call.on(dialog, "create", prepare_vals(docs))
        lines = call.on(call.model, "search", [(inverse, "=", dialog_id)])
        return call(lines, vals)

    return call_write


# What a customer allows, if anybody else could say so


def recurring_token(docs):
    provider = docs.recurring_token.provider_id
    return {
        "provider_id": provider.id,
        "payment_method_id": docs.recurring_token.payment_method_id.id,
        "partner_id": docs.customer.id,
        "provider_ref": "forged",
        "wallet_id": docs.wallet.id,
        "wallet_monthly_limit": 99.0,
    }


# What the dialogs are filled in with


def adjustment(docs, **vals):
    return {
        "wallet_id": docs.wallet.id,
        "amount": 5.0,
        "account_id": docs.expense_account.id,
        "reason": "Goodwill",
        **vals,
    }


def takeover(docs, **vals):
    """An import of one customer, as a form sends it."""
    text = f"Database ID,Amount\n{docs.customer.id},5\n"
    return {
        "name": "Old shop",
        "company_id": docs.company.id,
        "account_id": docs.expense_account.id,
        "file": b64encode(text.encode()).decode(),
        **vals,
    }


def transfer(docs, **vals):
    return {
        "wallet_id": docs.wallet.id,
        "amount": 5.0,
        "target_partner_id": docs.other_customer.id,
        "reason": "Wrong customer",
        **vals,
    }


def freezing(docs):
    return {
        "wallet_ids": [Command.set(docs.wallet.ids)],
        "state": "frozen",
        "reason": "Lost card",
    }


def limiting(limit):
    return lambda docs: {
        "wallet_id": docs.wallet.id,
        "overdraft_limit": limit,
        "reason": "Pays monthly",
    }


def keeping(amount):
    """Pay an invoice of 80 and keep the rest in the wallet."""
    return lambda docs: {
        "line_ids": [Command.set(docs.receivable_line.ids)],
        "journal_id": docs.bank_journal.id,
        "amount": amount,
        "custom_user_amount": amount,
        "custom_user_currency_id": docs.receivable_line.currency_id.id,
        "payment_difference_handling": "wallet",
    }


def figures_kept():
    """Amounts that leave nothing to keep."""
    return {
        f"amount {amount!r}": confirm(keeping(amount))
        for amount in (0, -5, 79.99, 80.0, float("nan"), float("inf"))
    }


def allocation(docs, amount=5.0, invoice=None):
    return {
        "partner_id": docs.customer.id,
        "company_id": docs.company.id,
        "currency_id": docs.company.currency_id.id,
        "line_ids": [
            Command.create({"move_id": (invoice or docs.invoice).id, "amount": amount})
        ],
    }


def batch(docs, amount=5.0, invoice=None):
    return {
        "company_id": docs.company.id,
        "line_ids": [
            Command.create(
                {
                    "partner_id": docs.customer.id,
                    "currency_id": docs.company.currency_id.id,
                    "move_ids": [Command.set((invoice or docs.invoice).ids)],
                    "amount": amount,
                }
            )
        ],
    }


def credit(docs, amount=5.0, line=None):
    return {
        "partner_id": docs.customer.id,
        "line_ids": [
            Command.create(
                {
                    "move_line_id": (line or docs.credit_line).id,
                    "amount": amount,
                    "is_selected": True,
                }
            )
        ],
    }


def statement(docs):
    return {
        "wallet_ids": [Command.set(docs.wallet.ids)],
        "period": "custom",
        "date_to": fields.Date.to_string(fields.Date.today()),
    }


def entry(docs, **vals):
    """A journal entry that takes money from a wallet."""
    return {
        "journal_id": docs.journal.id,
        "company_id": docs.company.id,
        "line_ids": [
            Command.create(
                {
                    "account_id": docs.wallet_account.id,
                    "partner_id": docs.customer.id,
                    "debit": 5.0,
                }
            ),
            Command.create({"account_id": docs.expense_account.id, "credit": 5.0}),
        ],
        **vals,
    }


def top_up(docs, **vals):
    return {
        "partner_id": docs.customer.id,
        "company_id": docs.company.id,
        "journal_id": docs.bank_journal.id,
        "amount": 5.0,
        "is_wallet": True,
        **vals,
    }


def promotion(docs, **vals):
    return {
        "name": "Winter",
        "company_id": docs.company.id,
        "bonus_value": 10.0,
        **vals,
    }


def send_order(make_payments, **values):
    """Send an order as the till does, with payments by (kind, amount)."""
    return lambda docs, call: call([call.case.order_of_till(make_payments, **values)])


METHODS = {
    # The documents
    "account.move.default_get": Method(
        EVERYBODY,
        lambda docs, call: call(["wallet_operation", "ref"]),
        has_records=False,
    ),
    "account.move.create": Method(
        ACCOUNTING,
        lambda docs, call: call(entry(docs)),
        forged={
            "kind of entry": lambda docs, call: call(
                entry(docs, wallet_operation="top_up")
            ),
            "promotion": lambda docs, call: call(
                entry(docs, wallet_promotion_id=docs.promotion.id)
            ),
            "top-up of a bonus": lambda docs, call: call(
                entry(docs, wallet_bonus_origin_id=docs.invoice.id)
            ),
        },
    ),
    "account.move.write": Method(
        ACCOUNTING,
        on("draft_invoice", {"ref": "Order 7"}),
        forged={
            "kind of entry": on("draft_invoice", {"wallet_operation": "top_up"}),
            "no kind any more": on("allocation_entry", {"wallet_operation": False}),
            "allocation to draft": on("allocation_entry", {"state": "draft"}),
            "adjustment to draft": on("adjustment_entry", {"state": "draft"}),
        },
    ),
    "account.move.unlink": Method(
        ACCOUNTING, on("draft_invoice"), forged={"in the books": on("invoice")}
    ),
    "account.move.action_allocate_wallet": Method(
        ACCOUNTING,
        on("invoice", 5.0),
        forged={
            "more than is due": on("invoice", 80.01),
            "more than there is": on("large_invoice", 10000.0),
            "draft": on("draft_invoice", 5.0),
            "credit note": on("credit_note", 5.0),
            "entry": on("allocation_entry", 5.0),
            **amounts(lambda amount: on("invoice", amount)),
        },
    ),
    "account.move.action_view_wallets": Method(BOOKS, on("allocation_entry")),
    "account.move.action_open_wallet_allocation": Method(
        ACCOUNTING,
        on("invoice"),
        forged={"draft": on("draft_invoice")},
    ),
    "account.move.action_unallocate_wallet": Method(
        ACCOUNTING,
        lambda docs, call: call(docs.paid_invoice.ids, docs.partial.id),
        forged={
            "of another invoice": lambda docs, call: call(
                docs.invoice.ids, docs.partial.id
            ),
            "no allocation": lambda docs, call: call(
                docs.paid_invoice.ids, docs.refund_partial.id
            ),
            "no id": lambda docs, call: call(docs.paid_invoice.ids, "1 or 1=1"),
            "true": lambda docs, call: call(docs.paid_invoice.ids, True),
            "list": lambda docs, call: call(docs.paid_invoice.ids, [docs.partial.id]),
            "of another credit note": lambda docs, call: call(
                docs.credit_note.ids, docs.refund_partial.id
            ),
            "no refund": lambda docs, call: call(
                docs.refunded_note.ids, docs.partial.id
            ),
            "no id, of a credit note": lambda docs, call: call(
                docs.refunded_note.ids, "x"
            ),
        },
    ),
    "account.move.action_refund_to_wallet": Method(
        ACCOUNTING,
        on("credit_note", 5.0),
        forged={
            "more than is open": on("credit_note", 20.01),
            "invoice": on("invoice", 5.0),
            "refunded already": on("refunded_note", 5.0),
            **amounts(lambda amount: on("credit_note", amount)),
        },
    ),
    "account.move.action_undo_wallet_entry": Method(
        ACCOUNTING,
        lambda docs, call: call(docs.paid_invoice.ids, docs.allocation_entry.id),
        forged={
            "of another invoice": lambda docs, call: call(
                docs.invoice.ids, docs.allocation_entry.id
            ),
            "an adjustment": lambda docs, call: call(
                docs.paid_invoice.ids, docs.adjustment_entry.id
            ),
            "a top-up": lambda docs, call: call(
                docs.paid_invoice.ids, docs.top_up_entry.id
            ),
            "that is nowhere": lambda docs, call: call(docs.paid_invoice.ids, 10**9),
            "no id": lambda docs, call: call(docs.paid_invoice.ids, "1 or 1=1"),
            "true": lambda docs, call: call(docs.paid_invoice.ids, True),
            "list": lambda docs, call: call(
                docs.paid_invoice.ids, [docs.allocation_entry.id]
            ),
        },
    ),
    "account.move.line.default_get": Method(
        EVERYBODY,
        lambda docs, call: call(["wallet_lot_type", "name"]),
        has_records=False,
    ),
    "account.move.line.create": Method(
        ACCOUNTING,
        lambda docs, call: call(
            {
                "move_id": docs.draft_invoice.id,
                "name": "More",
                "price_unit": 1.0,
                "tax_ids": [],
            }
        ),
        forged={
            name: lambda docs, call, name=name, value=value: call(
                {"move_id": docs.draft_invoice.id, "name": "More", name: value}
            )
            for name, value in {
                "wallet_id": 1,
                "wallet_lot_type": "paid",
                "wallet_expiry_date": "2099-01-01",
                "wallet_reminder_date": "2099-01-01",
                "wallet_grant_id": 1,
                "wallet_document_model": "account.move",
                "wallet_document_id": 1,
            }.items()
        },
    ),
    "account.move.line.write": Method(
        ACCOUNTING,
        on("invoice_line", {"name": "Other goods"}),
        forged={
            "kind of money": on("top_up_item", {"wallet_lot_type": "bonus"}),
            "expiry": on("top_up_item", {"wallet_expiry_date": False}),
            "wallet": on("invoice_line", {"wallet_id": 1}),
            "bonus": on("top_up_item", {"wallet_grant_id": 1}),
            "state": on("top_up_item", {"parent_state": "draft"}),
            "paid document": on("allocation_line", {"wallet_document_id": False}),
            "amount": on("top_up_item", {"credit": 10**6, "balance": -(10**6)}),
        },
    ),
    "account.move.line.action_open_wallet_document": Method(
        BOOKS, on("allocation_line")
    ),
    "account.partial.reconcile.create": Method(
        ACCOUNTING,
        lambda docs, call: call(
            {
                "debit_move_id": docs.receivable_line.id,
                "credit_move_id": docs.credit_line.id,
                "amount": 5.0,
                "debit_amount_currency": 5.0,
                "credit_amount_currency": 5.0,
            }
        ),
        # Odoo has no rule of companies for matchings, and wallets are not matched.
        has_records=False,
    ),
    "account.journal.unlink": Method(NOBODY, on("journal")),
    "account.partial.reconcile.unlink": Method(
        ACCOUNTING, on("partial"), is_harmless_nowhere=True
    ),
    # Payments
    "account.payment.default_get": Method(
        EVERYBODY, lambda docs, call: call(["is_wallet"]), has_records=False
    ),
    "account.payment.create": Method(
        ACCOUNTING,
        lambda docs, call: call(top_up(docs)),
        forged={
            "amount -5": lambda docs, call: call(top_up(docs, amount=-5)),
            **numbers(
                lambda amount: lambda docs, call: call(top_up(docs, amount=amount))
            ),
        },
    ),
    "account.payment.write": Method(
        ACCOUNTING,
        on("draft_payment", {"amount": 7.0}),
        forged={
            "confirmed": on("top_up", {"is_wallet": False}),
            "other amount": on("top_up", {"amount": 7.0}),
            "other journal": lambda docs, call: call(
                docs.top_up.ids, {"journal_id": docs.journal.id}
            ),
            "rejected": on("top_up", {"state": "rejected"}),
            **numbers(lambda amount: on("draft_payment", {"amount": amount})),
        },
    ),
    "account.payment.action_post": Method(ACCOUNTING, on("draft_payment")),
    "account.payment.action_post_wallet_payment": Method(
        ACCOUNTING, on("draft_payment")
    ),
    "account.payment.action_cancel": Method(ACCOUNTING, on("online_payment")),
    "account.payment.action_allocate_wallet": Method(
        ACCOUNTING, on("top_up"), forged={"draft": on("draft_payment")}
    ),
    "account.payment.action_open_wallet_allocation": Method(
        ACCOUNTING, on("top_up"), forged={"draft": on("draft_payment")}
    ),
    "account.payment.action_open_wallet_take_back": Method(MANAGERS, on("top_up")),
    "account.payment.action_view_wallet_invoices": Method(BOOKS, on("top_up")),
    "account.payment.action_view_wallets": Method(BOOKS, on("top_up")),
    "payment.transaction.write": Method(
        ACCOUNTING,
        on("online_draft", {"landing_route": "/my"}),
        forged={
            "amount of what was paid": lambda docs, call: call(
                docs.online_payment.payment_transaction_id.ids, {"amount": 1.0}
            ),
        },
    ),
    "payment.transaction.action_allocate_wallet": Method(NOBODY, on("online_draft")),
    "payment.transaction.action_undo_wallet_entry": Method(
        NOBODY,
        lambda docs, call: call(
            docs.online_payment.payment_transaction_id.ids,
            docs.online_payment.move_id.id,
        ),
    ),
    "payment.token.get_linked_records_info": Method((OWNER, *ACCOUNTING), on("card")),
    "payment.token.create": Method(NOBODY, create(recurring_token)),
    "payment.token.write": Method(
        NOBODY,
        on("recurring_token", {"active": False}),
        forged={
            "more than is allowed": on("recurring_token", {"wallet_monthly_limit": 99}),
            "again": on("stopped_token", {"active": True}),
        },
    ),
    "account.payment.register.create": Method(
        ACCOUNTING,
        create(keeping(100.0)),
        forged=numbers(lambda amount: create(keeping(amount))),
    ),
    "account.payment.register.write": Method(
        ACCOUNTING,
        edit(keeping(100.0), amount=90.0),
        forged=numbers(lambda amount: edit(keeping(100.0), amount=amount)),
    ),
    "account.payment.register.action_create_payments": Method(
        ACCOUNTING, confirm(keeping(100.0)), forged=figures_kept()
    ),
    "account.move.reversal.reverse_moves": Method(
        ACCOUNTING,
        confirm(
            lambda docs: {
                "move_ids": [Command.set(docs.paid_invoice.ids)],
                "journal_id": docs.paid_invoice.journal_id.id,
                "refund_to_wallet": True,
            }
        ),
    ),
    # The wallet
    "customer.wallet.create": Method(
        NOBODY,
        lambda docs, call: call(
            {
                "partner_id": docs.lead.id,
                "company_id": docs.company.id,
                "currency_id": docs.company.currency_id.id,
            }
        ),
    ),
    "customer.wallet.write": Method(
        MANAGERS,
        on("wallet", {"overdraft_limit": 10.0}),
        forged={
            "balance": on("wallet", {"balance": 10**6}),
            "bonus": on("wallet", {"bonus_balance": 0.0}),
            "debt": on("wallet", {"debt_limit": 10.0}),
            "owner": on("wallet", {"partner_id": 1}),
            "company": on("wallet", {"company_id": 1}),
            "currency": on("wallet", {"currency_id": 1}),
            "history": on("wallet", {"line_ids": [Command.clear()]}),
            "recurring charges": lambda docs, call: call(
                docs.wallet.ids,
                {"recurring_token_ids": [Command.create(recurring_token(docs))]},
            ),
            "automatic top-up": on("wallet", {"automatic_top_up_threshold": 99.0}),
            "negative limit": on("wallet", {"overdraft_limit": -5.0}),
            "no limit": on("wallet", {"overdraft_limit": float("nan")}),
        },
    ),
    "customer.wallet.action_freeze": Method(MANAGERS, on("wallet")),
    "customer.wallet.action_unfreeze": Method(MANAGERS, on("wallet")),
    "customer.wallet.action_check": Method(MANAGERS, on("wallet")),
    "customer.wallet.action_hold": Method(
        ACCOUNTING,
        on("wallet", 5.0, "Machine 12"),
        forged={
            "more than there is": on("wallet", 10**6, "Machine 12"),
            "for nothing": on("wallet", 5.0, " "),
            "in the past": on("wallet", 5.0, "Machine 12", "2020-01-01 00:00:00"),
            "no date": on("wallet", 5.0, "Machine 12", "soon"),
            **amounts(lambda amount: on("wallet", amount, "Machine 12")),
        },
    ),
    "customer.wallet.action_open_wallet_allocation": Method(USERS, on("wallet")),
    "customer.wallet.action_stop_recurring_charges": Method(MANAGERS, on("wallet")),
    "customer.wallet.action_pay_out": Method(ACCOUNTING, on("wallet")),
    "customer.wallet.action_top_up": Method(ACCOUNTING, on("wallet")),
    "customer.wallet.action_view_movements": Method(READERS, on("wallet")),
    "customer.wallet.action_view_open_invoices": Method(READERS, on("wallet")),
    "customer.wallet.action_view_till_orders": Method(READERS, on("wallet")),
    "customer.wallet.action_view_top_ups": Method(READERS, on("wallet")),
    "customer.wallet.automatic.top.up.default_get": Method(
        EVERYBODY, lambda docs, call: call(["state"]), has_records=False
    ),
    "customer.wallet.automatic.top.up.create": Method(
        NOBODY,
        lambda docs, call: call(
            {
                "wallet_id": docs.other_wallet.id,
                "token_id": docs.card.id,
                "threshold": 5.0,
                "top_up_type": "add",
                "amount": 5.0,
                "monthly_limit": 99.0,
                "state": "on",
            }
        ),
    ),
    "customer.wallet.automatic.top.up.write": Method(
        NOBODY,
        on("automatic_top_up", {"state": "off"}),
        forged={
            "more than is allowed": on("automatic_top_up", {"monthly_limit": 99.0}),
            "at once": on("automatic_top_up", {"next_try": False}),
        },
    ),
    "customer.wallet.automatic.top.up.action_stop": Method(
        MANAGERS, on("automatic_top_up")
    ),
    "customer.wallet.hold.default_get": Method(
        EVERYBODY, lambda docs, call: call(["state"]), has_records=False
    ),
    "customer.wallet.hold.create": Method(
        NOBODY,
        lambda docs, call: call(
            {
                "wallet_id": docs.wallet.id,
                "amount": 5.0,
                "document_model": "account.move",
                "document_id": docs.invoice.id,
            }
        ),
    ),
    "customer.wallet.hold.write": Method(
        NOBODY,
        on("hold", {"expires_at": "2099-01-01 00:00:00"}),
        forged={
            "released": on("hold", {"state": "released"}),
            "amount": on("hold", {"amount": 0.01}),
            "wallet": lambda docs, call: call(
                docs.hold.ids, {"wallet_id": docs.other_wallet.id}
            ),
        },
    ),
    "customer.wallet.hold.action_capture": Method(
        ACCOUNTING,
        lambda docs, call: call(docs.requested_hold.ids, docs.invoice.id),
        forged={
            "of a document": lambda docs, call: call(docs.hold.ids, docs.invoice.id),
            "of somebody else": lambda docs, call: call(
                docs.requested_hold.ids, docs.invoice_of_other.id
            ),
            "draft": lambda docs, call: call(
                docs.requested_hold.ids, docs.draft_invoice.id
            ),
            "nothing": on("requested_hold", True),
            **amounts(
                lambda amount: (
                    lambda docs, call: call(
                        docs.requested_hold.ids, docs.invoice.id, amount
                    )
                )
            ),
        },
    ),
    "customer.wallet.hold.action_release": Method(
        ACCOUNTING, on("requested_hold"), forged={"of a document": on("hold")}
    ),
    # Abstract: who calls them there calls them on no records.
    "customer.wallet.spender.mixin.action_allocate_wallet": Method(
        NOBODY, lambda docs, call: call([1], 5.0), has_records=False
    ),
    "customer.wallet.spender.mixin.action_undo_wallet_entry": Method(
        NOBODY,
        lambda docs, call: call([1], docs.allocation_entry.id),
        has_records=False,
    ),
    "customer.wallet.books.mixin.action_open_wallet": Method(
        NOBODY, lambda docs, call: call([1]), has_records=False
    ),
    "customer.wallet.protected.mixin.default_get": Method(
        EVERYBODY, lambda docs, call: call([]), has_records=False
    ),
    "customer.wallet.protected.mixin.create": Method(
        NOBODY, lambda docs, call: call({}), has_records=False
    ),
    "customer.wallet.protected.mixin.write": Method(
        NOBODY, lambda docs, call: call([1], {}), has_records=False
    ),
    "customer.wallet.amount.mixin.create": Method(
        NOBODY, lambda docs, call: call({}), has_records=False
    ),
    "customer.wallet.amount.mixin.write": Method(
        NOBODY, lambda docs, call: call([1], {}), has_records=False
    ),
    "customer.wallet.dialog.create": Method(
        NOBODY, lambda docs, call: call(adjustment(docs)), has_records=False
    ),
    "customer.wallet.dialog.write": Method(
        NOBODY, lambda docs, call: call([1], {"amount": 5.0}), has_records=False
    ),
    "customer.wallet.promotion.create": Method(
        MANAGERS,
        lambda docs, call: call(promotion(docs)),
        forged={
            f"bonus {value!r}": lambda docs, call, value=value: call(
                promotion(docs, bonus_value=value)
            )
            for value in (0, -5, 101, float("nan"), float("inf"))
        },
    ),
    "customer.wallet.promotion.write": Method(
        MANAGERS,
        on("promotion", {"bonus_value": 20.0}),
        forged=numbers(lambda value: on("promotion", {"bonus_value": value})),
    ),
    "customer.wallet.promotion.action_view_bonuses": Method(READERS, on("promotion")),
    "customer.wallet.balance.action_open_wallet": Method(READERS, on("wallet")),
    "customer.wallet.takeover.default_get": Method(
        EVERYBODY,
        lambda docs, call: call(["state", "name"]),
        has_records=False,
    ),
    "customer.wallet.takeover.create": Method(
        MANAGERS,
        create(takeover),
        forged={
            "booked": create(takeover, state="done"),
            "lines": create(takeover, line_ids=[Command.create({"paid": 5.0})]),
        },
    ),
    "customer.wallet.takeover.write": Method(
        MANAGERS,
        on("takeover", {"name": "Older shop"}),
        forged={"booked": on("takeover", {"state": "done"})},
    ),
    "customer.wallet.takeover.action_check": Method(MANAGERS, on("takeover")),
    "customer.wallet.takeover.action_book": Method(MANAGERS, on("takeover")),
    "customer.wallet.takeover.action_stop": Method(MANAGERS, on("takeover")),
    "customer.wallet.takeover.action_download_template": Method(
        MANAGERS, on("takeover")
    ),
    "customer.wallet.takeover.action_view_entries": Method(MANAGERS, on("takeover")),
    "customer.wallet.takeover.action_view_lines": Method(MANAGERS, on("takeover")),
    "customer.wallet.liability.action_open_wallet": Method(
        READERS, on("liability_row")
    ),
    "customer.wallet.liability.action_view_movements": Method(
        READERS, on("liability_row")
    ),
    "customer.wallet.ageing.action_open_wallet": Method(READERS, on("ageing_row")),
    "customer.wallet.movement.action_open_document": Method(BOOKS, on("movement")),
    "customer.wallet.movement.action_undo": Method(MANAGERS, on("movement")),
    "customer.wallet.report.action_open_document": Method(BOOKS, on("report_line")),
    "customer.wallet.report.action_undo": Method(MANAGERS, on("report_line")),
    # The dialogs
    "customer.wallet.adjustment.create": Method(
        MANAGERS,
        create(adjustment),
        forged=numbers(lambda amount: create(adjustment, amount=amount)),
    ),
    "customer.wallet.adjustment.write": Method(
        MANAGERS,
        edit(adjustment, amount=7.0),
        forged=numbers(lambda amount: edit(adjustment, amount=amount)),
    ),
    "customer.wallet.transfer.create": Method(
        MANAGERS,
        create(transfer),
        forged=numbers(lambda amount: create(transfer, amount=amount)),
    ),
    "customer.wallet.transfer.write": Method(
        MANAGERS,
        edit(transfer, amount=7.0),
        forged=numbers(lambda amount: edit(transfer, amount=amount)),
    ),
    "customer.wallet.limit.create": Method(
        MANAGERS,
        create(limiting(50)),
        forged=numbers(lambda limit: create(limiting(50), overdraft_limit=limit)),
    ),
    "customer.wallet.limit.write": Method(
        MANAGERS,
        edit(limiting(50), overdraft_limit=70),
        forged=numbers(lambda limit: edit(limiting(50), overdraft_limit=limit)),
    ),
    "customer.wallet.allocation.line.create": Method(
        BOOKS,
        create_line(allocation, "allocation_id"),
        forged=numbers(
            lambda amount: create_line(allocation, "allocation_id", amount=amount)
        ),
    ),
    "customer.wallet.allocation.line.write": Method(
        BOOKS,
        edit_line(allocation, "allocation_id", amount=7.0),
        forged=numbers(
            lambda amount: edit_line(allocation, "allocation_id", amount=amount)
        ),
    ),
    "customer.wallet.allocation.batch.line.create": Method(
        BOOKS,
        create_line(batch, "batch_id"),
        forged=numbers(lambda amount: create_line(batch, "batch_id", amount=amount)),
    ),
    "customer.wallet.allocation.batch.line.write": Method(
        BOOKS,
        edit_line(batch, "batch_id", amount=7.0),
        forged=numbers(lambda amount: edit_line(batch, "batch_id", amount=amount)),
    ),
    "customer.wallet.credit.line.create": Method(
        ACCOUNTING,
        create_line(credit, "wizard_id"),
        forged=numbers(lambda amount: create_line(credit, "wizard_id", amount=amount)),
    ),
    "customer.wallet.credit.line.write": Method(
        ACCOUNTING,
        edit_line(credit, "wizard_id", amount=7.0),
        forged=numbers(lambda amount: edit_line(credit, "wizard_id", amount=amount)),
    ),
    "customer.wallet.adjustment.action_confirm": Method(
        MANAGERS,
        confirm(adjustment),
        forged={
            "against the wallets": confirm(
                lambda docs: adjustment(docs, account_id=docs.wallet_account.id)
            ),
            "against the customer": confirm(
                lambda docs: adjustment(docs, account_id=docs.receivable_account.id)
            ),
            "without a reason": confirm(lambda docs: adjustment(docs, reason=" ")),
            "more than there is": confirm(
                lambda docs: adjustment(docs, amount=10**4, direction="down")
            ),
            **figures(
                lambda amount: confirm(
                    lambda docs: adjustment(docs, amount=amount, direction="down")
                )
            ),
        },
    ),
    "customer.wallet.transfer.action_confirm": Method(
        MANAGERS,
        confirm(transfer),
        forged={
            "more than there is": confirm(lambda docs: transfer(docs, amount=10**4)),
            "to oneself": confirm(
                lambda docs: transfer(docs, target_partner_id=docs.customer.id)
            ),
            **figures(
                lambda amount: confirm(lambda docs: transfer(docs, amount=amount))
            ),
        },
    ),
    "customer.wallet.undo.action_confirm": Method(
        MANAGERS,
        confirm(lambda docs: {"move_id": docs.adjustment_entry.id, "reason": "Wrong"}),
        forged={
            name: confirm(
                lambda docs, name=name: {
                    "move_id": getattr(docs, name).id,
                    "reason": "Wrong",
                }
            )
            for name in ("allocation_entry", "invoice", "top_up_entry")
        },
    ),
    "customer.wallet.freeze.action_confirm": Method(MANAGERS, confirm(freezing)),
    "customer.wallet.limit.action_confirm": Method(
        MANAGERS,
        confirm(limiting(50)),
        forged={
            f"limit {value!r}": confirm(limiting(value))
            for value in (-1, float("nan"), float("inf"))
        },
    ),
    "customer.wallet.take.back.action_take_back": Method(
        MANAGERS,
        confirm(lambda docs: {"payment_id": docs.top_up.id, "reason": "Bounced"}),
        forged={
            "draft": confirm(
                lambda docs: {"payment_id": docs.draft_payment.id, "reason": "Bounced"}
            ),
            "no top-up": confirm(
                lambda docs: {"payment_id": docs.plain_payment.id, "reason": "Bounced"}
            ),
        },
    ),
    "customer.wallet.allocation.action_allocate": Method(
        ACCOUNTING,
        confirm(allocation),
        forged={
            "invoice of another customer": confirm(
                lambda docs: allocation(docs, invoice=docs.invoice_of_other)
            ),
            "more than is due": confirm(lambda docs: allocation(docs, 80.01)),
            "draft": confirm(lambda docs: allocation(docs, invoice=docs.draft_invoice)),
            **figures(lambda amount: confirm(lambda docs: allocation(docs, amount))),
        },
    ),
    "customer.wallet.allocation.batch.action_allocate": Method(
        ACCOUNTING,
        confirm(batch),
        forged={"nothing": confirm(lambda docs: batch(docs, 0.0))},
    ),
    "customer.wallet.allocation.action_propose": Method(BOOKS, confirm(allocation)),
    "customer.wallet.allocation.action_clear": Method(BOOKS, confirm(allocation)),
    "customer.wallet.credit.action_move_to_wallet": Method(
        ACCOUNTING,
        confirm(credit),
        forged={
            "more than is open": confirm(lambda docs: credit(docs, 20.01)),
            "an invoice": confirm(lambda docs: credit(docs, 5.0, docs.receivable_line)),
            "of another customer": confirm(
                lambda docs: credit(docs, 5.0, docs.credit_line_of_other)
            ),
            "money of the wallet": confirm(
                lambda docs: credit(docs, 5.0, docs.top_up_item)
            ),
            **figures(lambda amount: confirm(lambda docs: credit(docs, amount))),
        },
    ),
    "customer.wallet.statement.action_print": Method(READERS, confirm(statement)),
    "customer.wallet.statement.action_send": Method(READERS, confirm(statement)),
    "customer.wallet.balance.date.action_open": Method(
        READERS,
        confirm(lambda docs: {"date": fields.Date.to_string(fields.Date.today())}),
        has_records=False,
    ),
    "customer.wallet.liability.period.action_open": Method(
        READERS, confirm(lambda docs: {}), has_records=False
    ),
    "customer.wallet.liability.period.action_open_ageing": Method(
        READERS, confirm(lambda docs: {}), has_records=False
    ),
    "customer.wallet.difference.action_check": Method(
        MANAGERS, lambda docs, call: call(docs.wallet.ids)
    ),
    "customer.wallet.difference.action_open_subject": Method(
        MANAGERS,
        lambda docs, call: call(call.case.find_difference(docs, call.user).ids),
    ),
    # The till
    "pos.order.create": Method(
        (TILL,),
        lambda docs, call: call(
            {
                "session_id": docs.order.session_id.id,
                "amount_tax": 0.0,
                "amount_total": 0.0,
                "amount_paid": 0.0,
                "amount_return": 0.0,
            }
        ),
    ),
    "pos.order.write": Method(
        (TILL,),
        on("order", {"general_customer_note": "Thanks"}),
        forged={
            "customer": lambda docs, call: call(
                docs.order.ids, {"partner_id": docs.other_customer.id}
            ),
            "money from nothing": lambda docs, call: call(
                docs.cash_order.ids,
                {
                    "payment_ids": [
                        Command.create(
                            {
                                "payment_method_id": docs.wallet_method.id,
                                "amount": -50.0,
                            }
                        )
                    ]
                },
            ),
        },
    ),
    "pos.order.unlink": Method(
        (TILL,), on("draft_order"), forged={"paid": on("order")}
    ),
    "pos.order.sync_from_ui": Method(
        (TILL,),
        send_order([("wallet", 100)]),
        has_records=False,
        forged={
            "more than there is": send_order([("wallet", 1000)], quantity=10),
            "more than is due": send_order([("wallet", 150)]),
            "from wallet to wallet": send_order([("wallet", 150), ("wallet", -50)]),
            "on account into the wallet": send_order(
                [("pay_later", 150), ("wallet", -50)]
            ),
            "without a customer": send_order([("wallet", 100)], customer=False),
            "of a customer that is none": send_order(
                [("wallet", 100)], partner_id=10**9
            ),
            "amount nan": send_order([("wallet", float("nan"))]),
            "amount inf": send_order([("wallet", float("inf"))]),
            "amount -inf": send_order([("wallet", float("-inf"))]),
            "amount 1e300": send_order([("wallet", 1e300)]),
            "amount -100": send_order([("wallet", -100)]),
        },
    ),
    "pos.order.action_allocate_wallet": Method(
        (TILL,),
        on("invoiced_order"),
        forged={"without an invoice": on("cash_order")},
    ),
    "pos.order.action_open_wallet_allocation": Method(
        (TILL,),
        on("invoiced_order"),
        forged={"without an invoice": on("cash_order")},
    ),
    # What a till has booked is settled with its session.
    "pos.order.action_undo_wallet_entry": Method(
        NOBODY,
        lambda docs, call: call(docs.order.ids, docs.wallet_payment.wallet_move_id.id),
        forged={"another entry": on("order", 1), "no id": on("order", "1 or 1=1")},
    ),
    "pos.order.action_undo_wallet_top_up": Method(
        (TILL,), on("top_up_order"), forged={"a sale": on("cash_order")}
    ),
    "pos.order.search_paid_order_ids": Method(
        (TILL,),
        lambda docs, call: call(docs.order.config_id.id, [], 30, 0),
        has_records=False,
    ),
    "pos.order.line.create": Method(
        (TILL,),
        lambda docs, call: call(
            {
                "order_id": docs.draft_order.id,
                "product_id": docs.order.lines.product_id.id,
                "price_subtotal": 0.0,
                "price_subtotal_incl": 0.0,
            }
        ),
        forged={
            "a tip that nobody pays": lambda docs, call: call(
                {
                    "order_id": docs.order.id,
                    "product_id": docs.order.lines.product_id.id,
                    "price_unit": 15.0,
                    "price_subtotal": 15.0,
                    "price_subtotal_incl": 15.0,
                }
            ),
        },
    ),
    "pos.order.line.write": Method(
        (TILL,),
        lambda docs, call: call(
            docs.order.lines.ids, {"customer_note": "Without sugar"}
        ),
        forged={
            "price": lambda docs, call: call(docs.order.lines.ids, {"price_unit": 1.0}),
        },
    ),
    "pos.order.line.unlink": Method(
        (TILL,),
        lambda docs, call: call(docs.draft_order.lines.ids),
        forged={"paid": lambda docs, call: call(docs.order.lines.ids)},
    ),
    "pos.config.create": Method(
        NOBODY,
        lambda docs, call: call({"name": "Another Till"}),
        has_records=False,
    ),
    "pos.config.update_customer_display": Method(
        (TILL,), lambda docs, call: call(docs.till.ids, {"wallet": False}, "device")
    ),
    "pos.session.get_session_orders": Method(
        (TILL,), lambda docs, call: call(docs.order.session_id.ids)
    ),
    "pos.session.get_closing_control_data": Method(
        (TILL,), lambda docs, call: call(docs.order.session_id.ids)
    ),
    "pos.payment.create": Method(
        (TILL,),
        lambda docs, call: call(
            {
                "pos_order_id": docs.draft_order.id,
                "payment_method_id": docs.wallet_method.id,
                "amount": 5.0,
            }
        ),
        forged={
            "into the wallet": lambda docs, call: call(
                {
                    "pos_order_id": docs.cash_order.id,
                    "payment_method_id": docs.wallet_method.id,
                    "amount": -5.0,
                }
            ),
            "on a paid order": lambda docs, call: call(
                {
                    "pos_order_id": docs.order.id,
                    "payment_method_id": docs.wallet_method.id,
                    "amount": 5.0,
                }
            ),
        },
    ),
    "pos.payment.write": Method(
        (TILL,),
        on("cash_payment", {"card_type": "Debit"}),
        forged={
            "amount": on("wallet_payment", {"amount": 1.0}),
            "order": lambda docs, call: call(
                docs.wallet_payment.ids, {"pos_order_id": docs.cash_order.id}
            ),
            "method": lambda docs, call: call(
                docs.wallet_payment.ids,
                {"payment_method_id": docs.cash_payment.payment_method_id.id},
            ),
            "cash becomes wallet money": lambda docs, call: call(
                docs.cash_payment.ids, {"payment_method_id": docs.wallet_method.id}
            ),
        },
    ),
    "pos.payment.unlink": Method(
        (TILL,), on("cash_payment"), forged={"charged": on("wallet_payment")}
    ),
    # Customers and companies
    "res.company.write": Method(
        NOBODY,
        on("company", {"wallet_payment_default": False}),
        forged={
            "other account": lambda docs, call: call(
                docs.company.ids, {"wallet_account_id": docs.expense_account.id}
            )
        },
    ),
    # Who changes contacts has a group of Odoo's for it.
    "res.partner.write": Method(
        NOBODY,
        on("customer", {"comment": "Rings twice"}),
        forged={
            "money to another customer": lambda docs, call: call(
                docs.customer.ids, {"parent_id": docs.other_customer.id}
            ),
        },
    ),
    "res.partner.unlink": Method(
        NOBODY, on("customer"), forged={"with a wallet": on("other_customer")}
    ),
    "res.partner.action_archive": Method(
        NOBODY, on("lead"), forged={"with a wallet": on("customer")}
    ),
    "res.partner.get_pos_wallets": Method(
        (TILL,), lambda docs, call: call(docs.customer.ids, docs.till.id)
    ),
    "res.partner.get_pos_settlements": Method(
        (TILL,), lambda docs, call: call(docs.customer.ids, docs.till.id)
    ),
    "res.partner.action_view_wallet": Method(READERS, on("customer")),
    "res.partner.action_move_credits_to_wallet": Method(ACCOUNTING, on("customer")),
    # A cashier sees the invoices of the till only, and pays these.
    "res.partner.action_allocate_wallet": Method(
        USERS, on("customer"), forged={"nothing due": on("lead")}
    ),
    "res.partner.action_top_up_wallet": Method(
        ACCOUNTING,
        on("customer", 5.0),
        forged={
            **amounts(lambda amount: on("customer", amount)),
            "journal for no payments": lambda docs, call: call(
                docs.customer.ids, 5.0, journal_id=docs.journal.id
            ),
        },
    ),
    "res.partner.action_open_wallet_allocation": Method(
        USERS, on("customer"), forged={"nothing due": on("lead")}
    ),
}

# What each role may do with the models of the addon: create, read, update, delete.
MODELS = {
    "customer.wallet": {"r": (TILL, AUDITOR, BILLING, ACCOUNTANT), "ru": MANAGERS},
    "customer.wallet.adjustment": {"cru": MANAGERS},
    "customer.wallet.allocation": {"crud": READERS},
    "customer.wallet.allocation.batch": {"crud": READERS},
    "customer.wallet.allocation.batch.line": {"crud": READERS},
    "customer.wallet.allocation.line": {"crud": READERS},
    "customer.wallet.automatic.top.up": {"r": READERS},
    "customer.wallet.balance": {"r": READERS},
    "customer.wallet.balance.date": {"cru": READERS},
    "customer.wallet.takeover": {"crud": MANAGERS},
    "customer.wallet.takeover.line": {"r": MANAGERS},
    "customer.wallet.liability": {"r": READERS},
    "customer.wallet.liability.period": {"cru": READERS},
    "customer.wallet.ageing": {"r": READERS},
    "customer.wallet.ageing.bucket": {"c": MANAGERS, "r": READERS, "ud": MANAGERS},
    "customer.wallet.credit": {"crud": ACCOUNTING},
    "customer.wallet.credit.line": {"crud": ACCOUNTING},
    "customer.wallet.difference": {"r": MANAGERS},
    "customer.wallet.freeze": {"cru": MANAGERS},
    "customer.wallet.hold": {"r": READERS},
    "customer.wallet.limit": {"cru": MANAGERS},
    "customer.wallet.promotion": {
        "r": (TILL, AUDITOR, BILLING, ACCOUNTANT),
        "crud": MANAGERS,
    },
    "customer.wallet.movement": {"r": READERS},
    "customer.wallet.report": {"r": READERS},
    "customer.wallet.request": {"r": NOBODY},
    "customer.wallet.statement": {"cru": READERS},
    "customer.wallet.statement.file": {"r": READERS},
    "customer.wallet.take.back": {"cru": MANAGERS},
    "customer.wallet.transfer": {"cru": MANAGERS},
    "customer.wallet.undo": {"cru": MANAGERS},
}


LOGGED_IN = tuple(role for role in ROLES if role != PUBLIC)
# What a visitor may write where an id is expected.
NO_IDS = ("0", "9" * 30, "1 or 1=1")


def get(url, **params):
    return lambda case: case.visit(url, params)


def post(url, **data):
    return lambda case: case.send(url, data)


def of_wallet(make_request, url, **params):
    """The same request about wallets that are not one's own."""
    return {
        "wallet of a stranger": make_request(
            url, wallet_id="{stranger_wallet}", **params
        ),
        "wallet of another company": make_request(
            url, wallet_id="{foreign_wallet}", **params
        ),
        **{
            f"wallet {forged!r}": make_request(url, wallet_id=forged, **params)
            for forged in NO_IDS
        },
    }


def form_of_wallet(url, forged=None, **form):
    """A form on the page of one's own wallet.

    :param dict forged: values that are refused, by what is wrong with them
    :param dict form: values that are accepted
    """

    def send(**values):
        return post(url, **{"wallet_id": "{wallet}", **form, **values})

    return Route(
        (OWNER,),
        send(),
        forged={
            **of_wallet(post, url, **form),
            **{wrong: send(**values) for wrong, values in (forged or {}).items()},
            "by GET": get(url, wallet_id="{wallet}", **form),
            "without a token": send(csrf_token="forged"),
        },
    )


def start_top_up(company="{company}", currency="{currency}", **params):
    return lambda case: case.start_top_up(company, currency, **params)


ROUTES = {
    "/my/wallet": Route(
        LOGGED_IN,
        get("/my/wallet"),
        forged=of_wallet(get, "/my/wallet"),
        secret="123.45",
    ),
    "/my/wallet/page/<int:page>": Route(
        LOGGED_IN,
        get("/my/wallet/page/1"),
        forged=of_wallet(get, "/my/wallet/page/1"),
        secret="123.45",
    ),
    "/my/wallet/automatic": form_of_wallet(
        "/my/wallet/automatic",
        {
            "without consent": {"consent": ""},
            "a card of a stranger": {"token_id": "{card_of_stranger}"},
            "more than one charge": {"amount": "1e300"},
        },
        token_id="{card}",
        threshold="5",
        top_up_type="fill",
        amount="10",
        monthly_limit="50",
        consent="1",
    ),
    "/my/wallet/automatic/stop": form_of_wallet("/my/wallet/automatic/stop"),
    "/my/wallet/low_balance": form_of_wallet("/my/wallet/low_balance", amount="5"),
    "/my/wallet/pay": form_of_wallet(
        "/my/wallet/pay",
        {"an invoice of another customer": {"invoice_id": "{invoice_of_stranger}"}},
        invoice_id="{invoice}",
    ),
    "/my/wallet/recurring": form_of_wallet(
        "/my/wallet/recurring",
        {"without consent": {"consent": ""}},
        amount="5",
        consent="1",
    ),
    "/my/wallet/recurring/stop": form_of_wallet("/my/wallet/recurring/stop"),
    "/my/wallet/statement": Route(
        (OWNER,),
        get("/my/wallet/statement", wallet_id="{wallet}"),
        forged=of_wallet(get, "/my/wallet/statement"),
    ),
    "/my/wallet/statement/file": form_of_wallet(
        "/my/wallet/statement/file",
        {"as a PDF": {"file_format": "pdf"}},
        file_format="csv",
    ),
    "/my/wallet/statement/file/<int:file_id>": Route(
        (OWNER,),
        get("/my/wallet/statement/file/{statement_file}"),
        forged={
            "of a stranger": get("/my/wallet/statement/file/{file_of_stranger}"),
            "of nobody": get("/my/wallet/statement/file/1000000000"),
        },
    ),
    "/my/wallet/top_up": Route(
        LOGGED_IN,
        get("/my/wallet/top_up", amount="50"),
        forged={
            "in another company": get(
                "/my/wallet/top_up", company_id="{elsewhere}", currency_id="{currency}"
            ),
            "in another currency": get(
                "/my/wallet/top_up", company_id="{company}", currency_id="{euro}"
            ),
            **{
                f"in company {forged!r}": get(
                    "/my/wallet/top_up", company_id=forged, currency_id="{currency}"
                )
                for forged in NO_IDS
            },
        },
        secret="173.45",
    ),
    "/my/wallet/top_up/<int:company_id>/<int:currency_id>/transaction": Route(
        LOGGED_IN,
        start_top_up(),
        forged={
            "into another company": start_top_up(company="{elsewhere}"),
            "into a company that is nowhere": start_top_up(company="1000000000"),
            "in another currency": start_top_up(currency="{euro}"),
            "without a token": start_top_up(csrf_token=None),
            "with another token": start_top_up(csrf_token="forged"),
            "with the card of another": start_top_up(
                flow="token", token_id="{card_of_stranger}"
            ),
            **{
                f"amount {amount!r}": start_top_up(amount=amount)
                for amount in (0, -5, 0.001, None, "ten", float("nan"))
            },
        },
    ),
    "/payment/wallet/pay": Route(
        (OWNER,),
        post("/payment/wallet/pay", reference="online payment"),
        forged={
            "payment of nobody": post("/payment/wallet/pay", reference="nothing"),
            "payment by card": post("/payment/wallet/pay", reference="card payment"),
            "by GET": get("/payment/wallet/pay", reference="online payment"),
            "without a token": post(
                "/payment/wallet/pay", reference="online payment", csrf_token="forged"
            ),
        },
    ),
}
