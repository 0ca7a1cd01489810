"""What the demo data lacks for pictures: a shop with a name, and some months of trade.

It runs inside of Odoo. All dates are counted from today.
"""

import base64
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.fields import Command

from ..trials.making import Making

SHOP = "Oak & Ember"
# In the place of *Your logo*.
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 150">
<text x="180" y="92" text-anchor="middle" fill="#0a6cff" font-family="Noto Sans"
      font-size="50" font-weight="bold">Oak &amp; Ember</text></svg>"""

BAKERY = "customer_wallet.partner_bakery"
BUYER = "customer_wallet.partner_bakery_buyer"
# The customer who can log in to the portal.
JOEL = "base.partner_demo_portal"
# How many days ago who topped up, or bought for so much and paid with the wallet.
TRADE = (
    (118, BUYER, -214),
    (73, BUYER, -294),
    (31, BUYER, -196),
    (16, BUYER, -168),
    (6, BAKERY, 500),
    (40, JOEL, 100),
    (12, JOEL, -79),
    (5, JOEL, 100),
)
# The invoice that is about to be paid from the wallet.
OPEN_INVOICE = (
    ("Serving trays, set of four", 178.0),
    ("Cake stand with glass cover", 64.0),
    ("Bread baskets, set of six", 54.0),
)


def tell(env):
    """Have all this in the books."""
    logo = base64.b64encode(LOGO.encode())
    env.ref("base.main_company").write({"name": SHOP, "logo": logo})
    env["res.users"].search([]).odoobot_state = "disabled"
    making = Making()
    for days_ago, name, amount in TRADE:
        customer = env.ref(name)
        with freeze_time(date.today() - timedelta(days=days_ago)):
            if amount > 0:
                making.top_ups(env, customer, amount)
            else:
                making.invoices(env, customer, -amount).action_allocate_wallet()
    lines = [
        Command.create({"name": name, "price_unit": price, "tax_ids": False})
        for name, price in OPEN_INVOICE
    ]
    making.invoices(env, env.ref(BUYER), invoice_line_ids=lines)
