"""What the demo data lacks for pictures: a shop with a name, and some months of trade.

It runs inside of Odoo. All dates are counted from today.
"""

import base64
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.fields import Command

SHOP = "Oak & Ember"
# In the place of *Your logo*.
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 150">
<text x="180" y="92" text-anchor="middle" fill="#0a6cff" font-family="Noto Sans"
      font-size="50" font-weight="bold">Oak &amp; Ember</text></svg>"""

BUYER = "customer_wallet.partner_bakery_buyer"
# The customer who can log in to the portal.
JOEL = "base.partner_demo_portal"
# The invoice that is about to be paid from the wallet.
OPEN_INVOICE = (
    ("Serving trays, set of four", 178.0),
    ("Cake stand with glass cover", 64.0),
    ("Bread baskets, set of six", 54.0),
)


def tell(env):
    logo = base64.b64encode(LOGO.encode())
    env.ref("base.main_company").write({"name": SHOP, "logo": logo})
    env["res.users"].search([]).odoobot_state = "disabled"
    # The bakery buys, and tops up again.
    _buy(env, 118, BUYER, "Market stall, folding", 214.0)
    _buy(env, 73, BUYER, "Cake stands, set of twelve", 294.0)
    _buy(env, 31, BUYER, "Delivery crates, set of twenty", 196.0)
    _buy(env, 16, BUYER, "Aprons, set of eight", 168.0)
    _top_up(env, 6, "customer_wallet.partner_bakery", 500.0)
    # So does a customer who looks at the wallet on the phone.
    _top_up(env, 40, JOEL, 100.0)
    _buy(env, 12, JOEL, "Reading lamp", 79.0)
    _top_up(env, 5, JOEL, 100.0)
    _invoice(env, BUYER, OPEN_INVOICE)


def _buy(env, days_ago, customer, name, price):
    """An invoice that the wallet paid on that day."""
    with freeze_time(date.today() - timedelta(days=days_ago)):
        _invoice(env, customer, [(name, price)]).action_allocate_wallet()


def _invoice(env, customer, lines):
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": env.ref(customer).id,
            "invoice_line_ids": [
                Command.create({"name": name, "price_unit": price, "tax_ids": False})
                for name, price in lines
            ],
        }
    )
    invoice.action_post()
    return invoice


def _top_up(env, days_ago, customer, amount):
    with freeze_time(date.today() - timedelta(days=days_ago)):
        payment = env["account.payment"].create(
            {
                "partner_id": env.ref(customer).id,
                "amount": amount,
                "is_wallet": True,
            }
        )
        payment.action_post()
