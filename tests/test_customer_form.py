from odoo.tests import tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestCustomerForm(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("Rich", "Poor", "Middle", "Without")
        cls.rich, cls.poor, cls.middle, cls.without = cls.env["res.partner"].create(
            [{"name": name} for name in names]
        )
        cls.partners = cls.rich | cls.poor | cls.middle | cls.without
        cls._top_up(300, partner_id=cls.rich.id)
        cls._top_up(5, partner_id=cls.poor.id)
        cls._top_up(50, partner_id=cls.middle.id)

    def _search(self, *domain, **kwargs):
        domain = [*domain, ("id", "in", self.partners.ids)]
        return self.env["res.partner"].search(domain, **kwargs)

    def test_balance_on_the_customer(self):
        self.assertEqual(self.partners.mapped("wallet_balance"), [300, 5, 50, 0])
        self.assertEqual(self.rich.wallet_ids.balance, 300)

    def test_search_by_balance(self):
        self.assertEqual(
            self._search(("wallet_balance", ">", 0)),
            self.rich | self.poor | self.middle,
        )
        self.assertEqual(
            self._search(("wallet_balance", ">=", 50)), self.rich | self.middle
        )
        self.assertEqual(self._search(("wallet_balance", "=", 0)), self.without)
        self.assertEqual(self._search(("wallet_balance", "=", 5)), self.poor)
        self.assertEqual(
            self._search(("wallet_balance", "<", 50)), self.poor | self.without
        )
        self.assertEqual(
            self._search(("wallet_balance", "!=", 5)), self.partners - self.poor
        )
        self.assertEqual(
            self._search("!", ("wallet_balance", ">", 5)), self.poor | self.without
        )
        self.assertEqual(self._search(("wallet_balance", "=", False)), self.without)
        self.assertEqual(
            self._search(("wallet_balance", "!=", False)), self.partners - self.without
        )

    def test_sort_by_balance(self):
        self.assertEqual(
            self._search(order="wallet_balance desc").ids,
            (self.rich + self.middle + self.poor + self.without).ids,
        )
        self.assertEqual(
            self._search(order="wallet_balance, id").ids,
            (self.without + self.poor + self.middle + self.rich).ids,
        )
        self.assertTrue(
            self.env["res.partner"].fields_get(["wallet_balance"])["wallet_balance"][
                "sortable"
            ]
        )

    def test_contacts_are_found_by_the_balance_of_their_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.rich.id}
        )
        found = self.env["res.partner"].search([("wallet_balance", ">", 200)])
        self.assertIn(contact, found)
        self.assertEqual(contact.wallet_balance, 300)

    def test_the_balance_follows_what_happens(self):
        self.assertEqual(self.poor.wallet_balance, 5)
        self._pay_out(5, partner_id=self.poor.id)
        self.assertEqual(self.poor.wallet_balance, 0)
        self.assertNotIn(self.poor, self._search(("wallet_balance", ">", 0)))

    def test_the_smart_button_opens_the_wallet(self):
        action = self.rich.action_view_wallet()
        self.assertEqual(action["res_model"], "customer.wallet")
        self.assertEqual(action["res_id"], self.rich.wallet_ids.id)
        none = self.without.action_view_wallet()
        self.assertFalse(none.get("res_id"))
        self.assertEqual(none["domain"], [("id", "in", [])])

    def test_customers_in_two_currencies_are_compared_in_the_companys(self):
        eur = self.setup_other_currency("EUR", rates=[("2017-01-01", 4.0)])
        self._top_up(2000, partner_id=self.poor.id, currency_id=eur.id)
        self.assertEqual(self.poor.wallet_balance, 505)
        self.assertEqual(self._search(order="wallet_balance desc", limit=1), self.poor)
        self.assertEqual(self._search(("wallet_balance", "=", 505)), self.poor)
        self.assertEqual(len(self.poor.action_view_wallet()["domain"][0][2]), 2)

    def test_wallets_are_found_by_customer(self):
        found = self.env["customer.wallet"].name_search("Rich")
        self.assertEqual([row[0] for row in found], self.rich.wallet_ids.ids)
        self.assertEqual(self.rich.wallet_ids.display_name, "Rich (USD)")
