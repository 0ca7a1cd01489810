"""Pay a till order by wallet, beside the eWallet of core's app *Loyalty*.

Both at the same till, which has `pos_loyalty`: one product for 100, of customers of the
same kind, who have 1,000. Our till sends the order, once. For its eWallet, core's till
asks whether the order is valid, sends it, and confirms it; the three are counted
together.
"""

from .comparing import Comparison
from .rounds import side_by_side, total

MODULE = "pos_loyalty"
REWARD_CODE = "reward"


def run(stage):
    rounds = stage.size(full=60, quick=3)
    with stage.database() as database:
        stage.templates.install(database, MODULE, what="Installing core's eWallet")
        made = stage.make(__name__, "make", database, count=rounds + 2)
        measured = stage.inside(__name__, "measure", database, rounds=rounds, made=made)
    for figure in ("seconds", "queries"):
        yield Comparison(
            "sync a till order paid by wallet",
            "paid by core's eWallet",
            1.0,
            measured["wallet"],
            measured["ewallet"],
            figure=figure,
        )


def make(books, count):
    with books.transaction() as env:
        books.set_up(env)
    with books.transaction() as env:
        session = books.open_till(env)
        product = books.product(env)
        programs = env["loyalty.program"]
        program = programs.browse(programs.create_from_template("ewallet")["res_id"])
        names = [f"Customer {number}" for number in range(2 * count)]
        customers = books.customers(env, *names)
        books.top_ups(env, customers[:count], 1000)
        ours = [books.order(session, product, it) for it in customers[:count]]
        theirs = []
        for customer in customers[count:]:
            vals = {"program_id": program.id, "partner_id": customer.id, "points": 1000}
            card = env["loyalty.card"].create(vals)
            order = _order(books.order(session, product, customer), card)
            theirs.append([order, card.id, program.id])
    return {"wallet": ours, "ewallet": theirs}


def _order(order, card):
    """The same order, of which an eWallet pays all: what it pays is a line."""
    reward = card.program_id.reward_ids
    goods = order["lines"][0]
    paid = {
        **goods[2],
        "product_id": reward.discount_line_product_id.id,
        "price_unit": -100,
        "price_subtotal": -100,
        "price_subtotal_incl": -100,
        "is_reward_line": True,
        "reward_id": reward.id,
        "coupon_id": card.id,
        "reward_identifier_code": REWARD_CODE,
        "points_cost": 100,
        "uuid": f"{goods[2]['uuid']}-paid",
    }
    lines = [goods, [*goods[:2], paid]]
    return {
        **order,
        "lines": lines,
        "payment_ids": [],
        "amount_paid": 0,
        "amount_total": 0,
    }


def measure(books, rounds, made):
    measured = side_by_side(
        rounds,
        wallet=lambda number: books.timed(sync, made["wallet"][number]),
        ewallet=lambda number: _pay_by_ewallet(books, *made["ewallet"][number]),
    )
    books.check()
    return measured


def _pay_by_ewallet(books, order, card_id, program_id):
    samples = [books.timed(validate, card_id), books.timed(sync, order)]
    samples.append(books.timed(confirm, order["id"], card_id, program_id))
    return total(samples)


def validate(env, card_id):
    answer = env["pos.order"].validate_coupon_programs({card_id: -100}, [])
    if not answer["successful"]:
        raise AssertionError(answer)


def sync(env, order):
    saved = env["pos.order"].sync_from_ui([{**order}])
    order["id"] = saved["pos.order"][0]["id"]


def confirm(env, order_id, card_id, program_id):
    spent = {
        "points": -100,
        "program_id": program_id,
        "coupon_id": card_id,
        "barcode": False,
        "expiration_date": False,
        "line_codes": [REWARD_CODE],
    }
    answer = env["pos.order"].browse(order_id).confirm_coupon_programs({card_id: spent})
    if answer["coupon_updates"][0]["points"] != 900:
        raise AssertionError(answer)
