"""The pictures: who looks at what, and what that person does first.

Each scene takes a camera and returns the PNG.
"""

WIDE = (1020, 1000)
SETTINGS = (1280, 1000)
TILL = (1180, 780)
PHONE = (390, 844)
BANNER = (1120, 630)
ICON = (128, 128)


def invoice(camera):
    """An open invoice with the section *Customer Wallet*."""
    camera.log_in("admin", *WIDE)
    camera.open("/odoo/customer-invoices")
    # The one that the story ends with stands first.
    camera.click(".o_data_row [name=name]", "INV/")
    camera.wait_for(".o_customer_wallet_pay")
    return camera.down_to(".o_form_sheet")


def wallet(camera):
    """A wallet: balance, kinds of money, curve, latest movements."""
    camera.log_in("admin", *WIDE)
    camera.open("/odoo/action-customer_wallet.action_customer_wallet")
    camera.click(".o_data_row [name=partner_id]", "Corner Bakery")
    camera.wait_for(".o_wallet_dashboard_balance")
    camera.wait_for(".o_form_view canvas")
    return camera.down_to(".o_form_sheet")


def top_up(camera):
    """A top-up before it is confirmed, with the bonus that it earns."""
    camera.log_in("admin", *WIDE)
    camera.open("/odoo/action-account.action_account_payments/new")
    camera.type("[name=partner_id] input", "Amal")
    camera.click(".o-autocomplete--dropdown-item", "Amal Haddad")
    camera.wait_for("[name=wallet_balance_after]", "151")
    camera.type("[name=amount] input", "100")
    camera.click("label", "Memo")
    camera.wait_for("[name=wallet_balance_after]", "261")
    return camera.down_to(".o_form_sheet")


def settings(camera):
    """All settings of the wallet."""
    camera.log_in("admin", *SETTINGS)
    camera.open("/odoo/settings")
    camera.click(".settings_tab .tab", "Invoicing")
    title = camera.wait_for("h2:has(+ .o_settings_container #wallet_payment_default)")
    title.evaluate("it => it.scrollIntoView()")
    return camera.down_to(".o_settings_container:has(#wallet_payment_default)")


def till(camera):
    """The payment screen of a till, with an order that the wallet pays."""
    camera.log_in("admin", *TILL)
    camera.open("/pos/ui/1?from_backend=True")
    camera.click(".modal .btn-primary", "Open Register")
    for product in ("Office Lamp", "Desk Pad", "Desk Organizer"):
        camera.click(".product-screen .product", product)
        camera.wait_for(".orderline", product)
    camera.click(".set-partner")
    camera.click(".partner-info", "Amal Haddad")
    camera.wait_for(".set-partner", "Amal Haddad")
    camera.click(".pay-order-button")
    camera.wait_for(".customer-wallet-summary", "Amal Haddad")
    camera.click(".paymentmethod", "Customer Wallet")
    camera.wait_for(".customer-wallet-remaining")
    return camera.window()


def portal(camera):
    """*My Wallet* on a customer's phone."""
    camera.log_in("portal", *PHONE, scale=2)
    camera.open("/my/wallet")
    camera.wait_for("#wrapwrap", "Balance")
    return camera.window()


def icon(camera):
    """The addon among the apps."""
    return camera.page("icon.html", *ICON)


def banner(camera):
    """The picture of the app store; it shows the other ones."""
    return camera.page("banner.html", *BANNER)


# In this order: the banner shows the others.
SCENES = {
    scene.__name__: scene
    for scene in (invoice, till, wallet, top_up, portal, settings, icon, banner)
}
