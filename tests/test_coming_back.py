"""The addon comes back to a database in which something was decided, or has changed."""

from odoo.tests import tagged

from .test_installation import come_back, leave
from .till_common import TillWalletCommon


@tagged("post_install", "-at_install")
class TestWhatWasSwitchedOff(TillWalletCommon):
    def test_nobody_pays_online_where_that_was_switched_off(self):
        provider = self.company._find_wallet_provider()
        self.company.wallet_online_payment = False
        provider.name = "Prepaid card"
        leave(self.env)
        come_back(self.env)
        self.assertRecordValues(
            provider,
            [
                {
                    "code": "wallet",
                    "state": "disabled",
                    "is_published": False,
                    "name": "Prepaid card",
                }
            ],
        )
        self.company.wallet_online_payment = True
        self.assertTrue(provider.payment_method_ids.active)

    def test_what_was_tried_out_is_tried_out_again(self):
        provider = self.company._find_wallet_provider()
        provider.write({"state": "test", "is_published": False})
        leave(self.env)
        come_back(self.env)
        self.assertEqual((provider.state, provider.is_published), ("test", False))

    def test_orders_are_not_invoiced_where_that_was_switched_off(self):
        self.pay_later_pm.write({"auto_invoice": False, "active": False})
        leave(self.env)
        come_back(self.env)
        self.assertFalse(self.pay_later_pm.auto_invoice)
        self.assertFalse(self.pay_later_pm.active)
        self.assertTrue(self.wallet_pm.active)
        self.assertIn(self.wallet_pm, self.config.payment_method_ids)
