"""A while with wallets: everything that moves them, once at least."""

from datetime import date, timedelta

from odoo import Command

from .tills import method_of, open_again, order, refund


def use_wallets(books, made):
    """
    :return: dict of the ids of what the later steps go on with
    """
    with books.transaction() as env:
        customers = env["res.partner"].browse(made["customers"])
        _promote(env, customers[11])
    with books.transaction() as env:
        customers = env["res.partner"].browse(made["customers"])
        _top_up(books, env, customers)
    with books.transaction() as env:
        customers = env["res.partner"].browse(made["customers"])
        noted = _pay_and_undo(books, env, customers)
    with books.transaction() as env:
        customers = env["res.partner"].browse(made["customers"])
        _manage(env, customers)
    with books.transaction() as env:
        customers = env["res.partner"].browse(made["customers"])
        _sell(books, env, made, customers)
    with books.transaction() as env:
        second = env["res.company"].browse(made["companies"])
        _use_branch(books, env, second, customers.with_env(env))
    return noted


def _promote(env, automatic):
    env["customer.wallet.promotion"].create(
        {
            "name": "Spring bonus",
            "currency_id": env.company.currency_id.id,
            "bonus_value": 10,
            "minimum_amount": 100,
            "validity_days": 30,
        }
    )
    env.company.wallet_top_up_amounts = "20 50"
    automatic.wallet_auto_allocate = "always"


def _wallet(env, partner, currency=None):
    return env["customer.wallet"]._find(partner, env.company, currency)[:1]


def _top_up(books, env, customers):
    books.top_ups(env, customers[:6], 1000)
    books.top_ups(env, customers[6:], 90)  # earns nothing
    payments = books.draft_payments(env, customers[:3], 500, wallet=True)
    payments.currency_id = env.ref("base.EUR")
    payments.action_post()
    paid_out = books.draft_payments(env, customers[3:4], 120, wallet=True)
    paid_out.payment_type = "outbound"
    paid_out.action_post()


def _pay_and_undo(books, env, customers):
    """Allocations in one piece and in parts, undone in whole and in part."""
    invoices = books.invoices(env, customers[:4], 200)
    for invoice in invoices:
        invoice.action_allocate_wallet()
    undone = invoices[0]
    undone.action_unallocate_wallet(undone._get_wallet_partials()[:1].id)
    many = books.invoices(env, customers[4] + customers[4] + customers[4], 50)
    action = many.action_open_wallet_allocation()
    env["customer.wallet.allocation"].browse(action["res_id"]).action_allocate()
    many[1].action_unallocate_wallet(many[1]._get_wallet_partials()[:1].id)
    foreign = books.draft_invoices(env, customers[:1], 70)
    foreign.currency_id = env.ref("base.EUR")
    foreign.action_post()
    foreign.action_allocate_wallet(30)
    env["account.move.reversal"].with_context(
        active_model="account.move", active_ids=invoices[1].ids
    ).create({"journal_id": invoices[1].journal_id.id}).refund_moves()
    credit = invoices[1].reversal_move_ids
    credit.action_post()
    if credit.amount_residual:
        credit.action_refund_to_wallet()
    return {"invoice": invoices[2].id, "parts": many.ids}


def _manage(env, customers):
    expense = env["account.account"].search(
        [("account_type", "=", "expense"), ("company_ids", "in", env.company.ids)],
        limit=1,
    )
    adjust = env["customer.wallet.adjustment"]
    adjust.create(
        {
            "wallet_id": _wallet(env, customers[5]).id,
            "amount": 15,
            "lot_type": "bonus",
            "expiry_date": date.today() + timedelta(days=60),
            "account_id": expense.id,
            "reason": "Goodwill",
        }
    ).action_confirm()
    transfer = env["customer.wallet.transfer"]
    for target, amount in ((customers[6], 40), (customers[7], 25)):
        transfer.create(
            {
                "wallet_id": _wallet(env, customers[5]).id,
                "target_partner_id": target.id,
                "amount": amount,
                "reason": "A present",
            }
        ).action_confirm()
    moved = _wallet(env, customers[7]).line_ids.filtered(
        lambda line: line.wallet_operation == "transfer"
    )
    env["customer.wallet.undo"].create(
        {"move_id": moved.move_id.id, "reason": "Not wanted"}
    ).action_confirm()
    limited = _wallet(env, customers[8])
    env["customer.wallet.limit"].create(
        {"wallet_id": limited.id, "overdraft_limit": 60, "reason": "Trusted"}
    ).action_confirm()
    env["customer.wallet.freeze"].create(
        {"wallet_ids": [Command.set(_wallet(env, customers[9]).ids)], "reason": "Asked"}
    ).action_confirm()
    _wallet(env, customers[2]).sudo().low_balance_threshold = 25
    paid_out = env["account.payment"].create(
        {
            "payment_type": "outbound",
            "partner_type": "customer",
            "partner_id": customers[8].id,
            "amount": 120,
            "is_wallet": True,
        }
    )
    paid_out.action_post()


def _sell(books, env, made, customers):
    """Orders that wallets pay, wholly, in part and with bonus money; a refund, change
    that is kept and a top-up. The session stays open.
    """
    session = open_again(env["pos.config"].browse(made["till"]))
    product = env["product.product"].browse(made["product"])
    wallet, cash, later = (
        method_of(session, kind) for kind in ("wallet", "cash", "pay_later")
    )
    first = order(books, session, product, customers[0], [(wallet, 130)])
    order(books, session, product, customers[1], [(wallet, 30), (cash, 20)])
    order(books, session, product, customers[2], [(later, 35)])
    order(books, session, product, customers[3], [(wallet, 60)], to_invoice=True)
    refund(books, session, first, [(wallet, -130)])
    order(books, session, product, customers[10], [(cash, 150), (wallet, -150)])
    order(books, session, product, customers[4], [(cash, 50), (wallet, -5)])


def _use_branch(books, env, companies, customers):
    branch = companies[1]
    ids = [branch.id, companies[0].id, env.company.id]
    there = env(context={**env.context, "allowed_company_ids": ids})
    customers = customers.with_env(there)
    books.top_ups(there, customers[:2], 300)
    books.invoices(there, customers[:1], 110).action_allocate_wallet()
