from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.customer_wallet.tests.paying_online_matrix import shows

from .common import ShopCommon


@tagged("post_install", "-at_install", "-standard", "with_website_sale")
class TestBuyingWithTheWallet(ShopCommon):
    """The cart costs 500, and the wallet pays all of it."""

    def setUp(self):
        super().setUp()
        self._top_up(400)

    def _choose_wallet(self, **params):
        """Press *Pay now*, and come to the wallet."""
        return self._pay_now(
            500.0,
            provider_id=self.wallet_provider.id,
            payment_method_id=self.wallet_method.id,
            **params,
        )

    def _submit(self, tx):
        self._press_pay(tx.with_user(self.owner_user).sudo())
        self.env.invalidate_all()

    def _buy(self):
        self._open_payment()
        tx = self._choose_wallet()
        self._submit(tx)
        self.assertEqual((tx.state, self.cart.state), ("done", "sale"))
        return tx

    @shows("web shop", "enough")
    def test_the_cart_is_paid_at_once(self):
        self.assertIn('data-provider-code="wallet"', self._open_payment())
        tx = self._buy()
        self.assertEntry(
            tx.payment_id.move_id,
            [(self.wallet_account, 500, 0), (self.receivable, 0, 500)],
        )
        self.assertEqual(self.cart.amount_paid, 500)
        self.assertBalance(100)

    @shows("web shop", "raced")
    def test_the_money_is_spent_elsewhere_meanwhile(self):
        self._open_payment()
        tx = self._choose_wallet()
        self._invoice(250).action_allocate_wallet()
        self._submit(tx)
        self.assertEqual((tx.state, self.cart.state), ("error", "draft"))
        self.assertIn("350.00", tx.state_message)
        self.assertBalance(350)

    @shows("web shop", "sent twice")
    def test_two_windows_buy_once(self):
        self._open_payment()
        first, second = self._choose_wallet(), self._choose_wallet()
        for tx in (first, second, first):
            self._submit(tx)
        self.assertEqual((first.state, second.state), ("done", "error"))
        self.assertBalance(100)

    @shows("web shop", "frozen")
    def test_the_wallet_is_frozen_meanwhile(self):
        self._open_payment()
        tx = self._choose_wallet()
        self._wallet().state = "frozen"
        self._submit(tx)
        self.assertEqual((tx.state, self.cart.state), ("error", "draft"))
        self.assertIn("frozen", tx.state_message)

    @shows("web shop", "visitor", "another's document")
    @mute_logger("odoo.http")
    def test_nobody_else_spends_it(self):
        self._open_payment()
        tx = self._choose_wallet()
        for user in (self.env.ref("base.public_user"), self.stranger_user):
            with self.subTest(user.name):
                self._press_pay(tx.with_user(user).sudo())
                self.assertEqual((tx.state, self.cart.state), ("error", "draft"))
        self.assertBalance(600)

    @shows("web shop", "refunded")
    def test_the_shop_refunds_in_kind(self):
        self._give_bonus(50)
        payment = self._buy().payment_id
        self.assertKinds(150, 0)
        self.assertEqual(self._refund(payment, 200).state, "done")
        self.assertEqual(self._refund(payment, 300).state, "done")
        self.assertKinds(600, 50)

    @shows("web shop", "cancelled")
    def test_the_order_is_cancelled(self):
        self._buy()
        self.cart.action_cancel()
        self.assertBalance(600)

    @shows("web shop", "invoiced later")
    def test_the_invoice_finds_its_money(self):
        self._buy()
        invoice = self.cart._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(100)

    @shows("web shop", "foreign currency")
    def test_a_cart_in_another_currency(self):
        self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.currency_euro.id}
        )
        self.cart.pricelist_id = pricelist
        self.cart.order_line.price_unit = 500
        self.env.flush_all()
        self.assertEqual(self.cart.currency_id, self.currency_euro)
        self._submit(self._choose_wallet())
        self.assertEqual(self.cart.state, "sale")
        self.assertBalance(350)
