from odoo.tests import tagged

from odoo.addons.customer_wallet.tests import test_access_matrix
from odoo.addons.customer_wallet.tests.access_matrix import LOGGED_IN, Route, get, post

ADDON = "odoo.addons.customer_wallet_website_sale."
# Of Odoo: who may ask for it is said there.
EXTENDED = {"/shop/payment/transaction/<int:order_id>"}
ROUTES = {
    "/shop/payment/wallet": Route(
        LOGGED_IN,
        post("/shop/payment/wallet", use="1"),
        forged={
            "by GET": get("/shop/payment/wallet", use="1"),
            "without a token": post(
                "/shop/payment/wallet", use="1", csrf_token="forged"
            ),
        },
    ),
}


@tagged("post_install", "-at_install", "-standard", "with_website_sale")
class TestShopRoutes(test_access_matrix.TestRoutes):
    allow_inherited_tests_method = True
    routes = ROUTES

    def test_every_route_has_a_row(self):
        found = test_access_matrix._find_routes(self.registry, ADDON)
        self.assertEqual(found - EXTENDED, set(ROUTES))
