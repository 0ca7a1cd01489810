from odoo.tests import tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestCreditLimit(WalletCommon):
    """Odoo warns before a customer owes more than the limit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_use_credit_limit = True
        cls.customer.with_company(cls.company).write(
            {"use_partner_credit_limit": True, "credit_limit": 100}
        )

    def _warning(self, amount):
        return self._invoice(amount, post=False).partner_credit_warning

    def test_money_in_the_wallet_lowers_what_is_due(self):
        self.assertIn("130.00", self._warning(130))
        self._top_up(50)
        self.assertFalse(self._warning(130))
        self.assertIn("110.00", self._warning(160))

    def test_it_counts_as_a_prepayment_does(self):
        self._pay(50, is_wallet=False)
        prepaid = self._warning(160)
        self._pay(50, is_wallet=False, payment_type="outbound")
        self._top_up(50)
        self.env.invalidate_all()
        self.assertEqual(self._warning(160), prepaid)

    def test_a_debt_in_the_wallet_is_due_as_well(self):
        self._top_up(10)
        self._wallet().sudo().overdraft_limit = 100
        self._invoice(60).action_allocate_wallet()
        self.assertIn("120.00", self._warning(70))
