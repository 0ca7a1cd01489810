from datetime import timedelta

from odoo import fields

from odoo.addons.customer_wallet_sale.tests.common import PaidOrderCommon


class ShopCommon(PaidOrderCommon):
    """A web shop; in the cart of the customer is 500, and in the wallet 200."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].sudo().search([], limit=1)
        cls.website.company_id = cls.company
        cls.goods.write({"type": "service", "website_published": True})
        for partner in cls.customer | cls.stranger:
            partner.write(
                {
                    "street": "Palace Avenue 1",
                    "city": "Manama",
                    "zip": "315",
                    "country_id": cls.env.ref("base.be").id,
                    "email": "amal@example.com",
                    "phone": "+973 1700 0000",
                }
            )

    def setUp(self):
        super().setUp()
        self.cart = self._cart()
        self._login("wallet_owner")

    def _cart(self, amount=500.0, partner=None):
        self.goods.list_price = amount
        partner = partner or self.customer
        cart = self._order(amount, partner_id=partner.id, website_id=self.website.id)
        self.env.flush_all()
        return cart

    # What the customer does

    def _open_payment(self):
        response = self.url_open("/shop/payment")
        self.assertTrue(response.url.endswith("/shop/payment"), response.url)
        self.env.invalidate_all()
        return response.text

    def _tick(self, use=True):
        self._open_payment()
        data = {"csrf_token": self._csrf_token(), **({"use": "1"} if use else {})}
        response = self.url_open("/shop/payment/wallet", data=data)
        self.assertTrue(response.url.endswith("/shop/payment"), response.url)
        self.env.invalidate_all()
        return response.text

    def _pay_now(self, amount=300.0, cart=None, **params):
        """Press Pay now, and come to the page of the card's provider.

        :return: payment.transaction of the card
        """
        cart = cart or self.cart
        params = {
            "landing_route": "/shop/payment/validate",
            "access_token": cart._portal_ensure_token(),
            **params,
        }
        response = self._start_transaction(
            f"/shop/payment/transaction/{cart.id}", amount, **params
        )
        self.env.invalidate_all()
        return (
            self.env["payment.transaction"]
            .sudo()
            .search([("reference", "=", response["reference"])])
        )

    def _pay_with_part(self):
        self._tick()
        return self._pay_now()

    # What the provider of the card, and time, do

    def _confirm(self, card, state="done"):
        {
            "done": card._set_done,
            "authorized": card._set_authorized,
            "pending": card._set_pending,
            "cancel": card._set_canceled,
        }[state]()
        card._post_process()
        self.env.flush_all()
        self.env.invalidate_all()

    def _wait(self, **duration):
        """So much time goes by."""
        holds = self._wallet().hold_ids.filtered("expires_at")
        for hold in holds._from_server():
            hold.expires_at -= timedelta(**duration)
        self._run_scheduled("lapse_holds")

    # What is seen then

    def assertHeld(self, held, balance=200.0):
        self.env.flush_all()
        self.env.invalidate_all()
        wallet = self._wallet()
        self.assertAlmostEqual(wallet.held, held)
        self.assertAlmostEqual(wallet.available, balance - held)
        self.assertBalance(balance)

    def assertBothTaken(self, card):
        part = card.wallet_part_id
        self.assertEqual((card.state, part.state), ("done", "done"))
        self.assertEqual((card.amount, part.amount), (300, 200))
        self.assertEqual((self.cart.state, self.cart.amount_paid), ("sale", 500))
        self.assertEntry(
            part.child_transaction_ids.payment_id.move_id,
            [(self.wallet_account, 200, 0), (self.receivable, 0, 200)],
        )
        self.assertEqual(card.payment_id.amount, 300)
        self.assertHeld(0, balance=0)

    def assertOffered(self, page, text="o_wallet_part"):
        self.assertIn(text, page)

    def assertNotOffered(self, page):
        self.assertIn("o_payment_form", page)
        self.assertNotIn("o_wallet_part", page)

    def _get_expiry(self):
        expiry = self._wallet().hold_ids.filtered(lambda it: it.state == "held")
        return expiry.expires_at - fields.Datetime.now()
