"""The pictures: who looks at what, and what that person does first.

Each scene takes a camera and says what is at the lower edge of the picture, unless it
is all of the window.
"""

from functools import partial
from pathlib import Path

WIDE = (1020, 1000)


def invoice(camera):
    """An open invoice with the section *Customer Wallet*."""
    camera.page.goto("/odoo/customer-invoices")
    # The one that the story ends with stands first.
    camera.click(".o_data_row [name=name]", "INV/")
    camera.find(".o_customer_wallet_pay")
    return ".o_form_sheet"


def wallet(camera):
    """A wallet: balance, kinds of money, curve, latest movements."""
    camera.page.goto("/odoo/action-customer_wallet.action_customer_wallet")
    camera.click(".o_data_row [name=partner_id]", "Corner Bakery")
    camera.find(".o_wallet_dashboard_balance")
    camera.find(".o_form_view canvas")
    return ".o_form_sheet"


def top_up(camera):
    """A top-up before it is confirmed, with the bonus that it earns."""
    camera.page.goto("/odoo/action-account.action_account_payments/new")
    camera.find("[name=partner_id] input").fill("Amal")
    camera.click(".o-autocomplete--dropdown-item", "Amal Haddad")
    camera.find("[name=wallet_balance_after]", "151")
    camera.find("[name=amount] input").fill("100")
    camera.click("label", "Memo")
    camera.find("[name=wallet_balance_after]", "261")
    return ".o_form_sheet"


def settings(camera):
    """All settings of the wallet."""
    camera.page.goto("/odoo/settings")
    camera.click(".settings_tab .tab", "Invoicing")
    title = camera.find("h2:has(+ .o_settings_container #wallet_payment_default)")
    title.evaluate("it => it.scrollIntoView()")
    return ".o_settings_container:has(#wallet_payment_default)"


def till(camera):
    """The payment screen of a till, with an order that the wallet pays."""
    camera.page.goto("/pos/ui/1?from_backend=True")
    camera.click(".modal .btn-primary", "Open Register")
    for product in ("Office Lamp", "Desk Pad", "Desk Organizer"):
        camera.click(".product-screen .product", product)
        camera.find(".orderline", product)
    camera.click(".set-partner")
    camera.click(".partner-info", "Amal Haddad")
    camera.find(".set-partner", "Amal Haddad")
    camera.click(".pay-order-button")
    camera.find(".customer-wallet-summary", "Amal Haddad")
    camera.click(".paymentmethod", "Customer Wallet")
    camera.find(".customer-wallet-remaining")


def portal(camera):
    """*My Wallet* on a customer's phone."""
    camera.page.goto("/my/wallet")
    camera.find("#wrapwrap", "Balance")


def show(name, camera):
    """A page that stands beside this file."""
    camera.page.goto(Path(__file__).with_name(name).as_uri())


# Who looks, at a window of which size and scale, and what that person does. The banner
# shows the others: they are there before it.
SCENES = {
    "invoice": ("admin", WIDE, 1.5, invoice),
    "till": ("admin", (1180, 780), 1.5, till),
    "wallet": ("admin", WIDE, 1.5, wallet),
    "top_up": ("admin", WIDE, 1.5, top_up),
    "portal": ("portal", (390, 844), 2, portal),
    "settings": ("admin", (1280, 1000), 1.5, settings),
    "icon": ("", (128, 128), 1, partial(show, "icon.html")),
    "banner": ("", (1120, 630), 1, partial(show, "banner.html")),
}
