from odoo.tests import tagged

from .online_common import OnlineTopUpCommon


@tagged("post_install", "-at_install", "wallet_browser")
class TestPortalTours(OnlineTopUpCommon):
    browser_size = "1366x768"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._top_up(100.0)
        cls.token = (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": cls.provider.id,
                    "payment_method_id": cls.payment_method_id,
                    "payment_details": "1234",
                    "partner_id": cls.customer.id,
                    "provider_ref": "saved card",
                }
            )
        )

    def _run_tour(self, name, path):
        self.start_tour(path, name, login="wallet_owner", timeout=180)

    def test_top_up_with_a_saved_card(self):
        self.patch(
            self.registry["payment.transaction"],
            "_send_payment_request",
            lambda tx: tx._set_done(),
        )
        self._run_tour("customer_wallet_portal_top_up", "/my")
        self.assertBalance(175.0)
        tx = self._transactions()
        self.assertEqual((tx.amount, tx.token_id), (75.0, self.token))


class TestPortalToursOnPhone(TestPortalTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
