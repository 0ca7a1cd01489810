from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_wallet.tests.paying_online_matrix import shows

from .common import ShopCommon


@tagged("post_install", "-at_install", "-standard", "with_website_sale")
class TestPartFromTheWallet(ShopCommon):
    # What is offered, and to whom

    @shows("web shop", "short")
    def test_a_short_wallet_is_offered_for_its_part(self):
        page = self._open_payment()
        self.assertOffered(page)
        self.assertIn('data-amount="500.0"', page)
        page = self._tick()
        self.assertIn('data-amount="300.0"', page)
        self.assertNotIn("o_wallet_notice", page)
        self.assertNotIn('data-provider-code="wallet"', page)

    def test_what_pays_for_all_needs_no_part(self):
        self._top_up(300)
        page = self._open_payment()
        self.assertNotOffered(page)
        self.assertIn('data-provider-code="wallet"', page)

    @shows("web shop", "frozen")
    def test_a_frozen_wallet_pays_no_part(self):
        self._wallet().state = "frozen"
        self.assertNotOffered(self._open_payment())

    def test_who_has_no_wallet_sees_nothing_of_it(self):
        self._cart(500, self.stranger)
        self._login("wallet_stranger")
        self.assertNotOffered(self._open_payment())

    def test_the_company_does_not_take_wallets_online(self):
        self.wallet_provider.is_published = False
        self.assertNotOffered(self._open_payment())

    @mute_logger("odoo.http")
    @shows("web shop", "another's document")
    def test_nobody_else_uses_the_wallet(self):
        """Neither with a wallet nor with a tick of their own."""
        self._pay(50, partner_id=self.stranger.id)
        self._cart(500, self.stranger)
        self._login("wallet_stranger")
        self._tick()
        with self.assertRaises(JsonRpcException):
            self._pay_now()
        self.assertHeld(0)
        self.assertFalse(self.cart.sudo().transaction_ids)

    @shows("web shop", "visitor")
    def test_a_visitor_has_no_tick(self):
        self.authenticate(None, None)
        response = self.url_open(
            "/shop/payment/wallet",
            data={"use": "1", "csrf_token": self._csrf_token()},
        )
        self.assertIn("/web/login", response.url)

    @mute_logger("odoo.http")
    def test_without_the_tick_the_card_pays_all(self):
        with self.assertRaises(JsonRpcException):
            self._pay_now(300)
        card = self._pay_now(500)
        self.assertEqual(card.amount, 500)
        self.assertFalse(card.wallet_part_id)
        self.assertHeld(0)

    @mute_logger("odoo.http")
    def test_a_page_that_is_no_longer_true_pays_nothing(self):
        self._tick()
        self._pay_out(50)
        with self.assertRaises(JsonRpcException):
            self._pay_now(300)
        with self.assertRaises(JsonRpcException):
            self._pay_now(1)
        self.assertHeld(0, balance=150)

    # Both are taken together

    @shows("web shop", "part and card")
    def test_the_part_is_held_and_taken_with_the_card(self):
        card = self._pay_with_part()
        self.assertEqual((card.amount, card.state), (300, "draft"))
        self.assertHeld(200)
        self.assertEqual((self.cart.state, self.cart.amount_paid), ("draft", 0))
        self._confirm(card)
        self.assertBothTaken(card)

    def test_staff_do_not_say_which_wallet_pays_a_part(self):
        staff = self.env["res.users"].search([("login", "=", "wallet_staff")])
        card = self._pay_with_part()
        part = card.wallet_part_id
        other = part.sudo().copy({"reference": "other", "sale_order_ids": False})
        self.assertFalse(card.copy({"reference": "again"}).wallet_part_id)
        self.assertRefused(
            AccessError, card.with_user(staff).write, {"wallet_part_id": other.id}
        )

    def test_nobody_s_wallet_pays_a_part_of_an_order_of_somebody_else(self):
        cart = self._cart(partner=self.stranger)
        card = self._pay_with_part()
        self._confirm(card, "cancel")
        self.assertHeld(0)
        self.assertRefused(
            UserError,
            cart._hold_wallet_part,
            card.wallet_part_id.provider_id,
            self.customer,
            1.0,
            message="only what its owner",
        )

    def test_the_shop_says_that_the_order_is_paid(self):
        self.url_open("/shop/checkout?try_skip_step=true")
        self._confirm(self._pay_with_part())
        self.url_open("/shop/payment/validate")
        page = self.url_open("/shop/confirmation").text
        self.assertIn(self.cart.name, page)
        self.assertIn("alert-success", page)
        self.assertNotIn("can not be confirmed", page)

    def test_the_invoice_is_paid_by_both(self):
        card = self._pay_with_part()
        self._confirm(card)
        invoice = self.cart._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 0)

    def test_the_order_is_invoiced_by_itself(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "sale.automatic_invoice", "True"
        )
        card = self._pay_with_part()
        card._set_done()
        card.with_context(skip_sale_auto_invoice_send=True)._post_process()
        self.env.invalidate_all()
        self.assertEqual(self.cart.invoice_ids.amount_total, 500)
        self.assertEqual(self.cart.invoice_ids.amount_residual, 0)
        self.assertBothTaken(card)

    def test_the_bonus_goes_first(self):
        self._pay_out(30)
        self._give_bonus(30)
        card = self._pay_with_part()
        self._confirm(card)
        self.assertEntry(
            card.wallet_part_id.child_transaction_ids.payment_id.move_id,
            [
                (self.bonus_account, 30, 0),
                (self.wallet_account, 170, 0),
                (self.receivable, 0, 200),
            ],
        )
        self.cart.action_cancel()
        self.assertKinds(170, 30)

    def test_confirmed_twice_it_is_taken_once(self):
        card = self._pay_with_part()
        self._confirm(card)
        self._confirm(card)
        card.wallet_part_id._post_process()
        self.assertBothTaken(card)

    def test_what_is_held_is_not_spent_elsewhere(self):
        self._pay_with_part()
        with self.assertRaises(UserError):
            self._invoice(80).action_allocate_wallet()
        self.assertHeld(200)

    def test_a_wallet_that_was_frozen_since_keeps_its_promise(self):
        card = self._pay_with_part()
        self._wallet().state = "frozen"
        self._confirm(card)
        self.assertBothTaken(card)

    def test_a_card_that_takes_its_time(self):
        card = self._pay_with_part()
        self.assertLess(self._get_expiry(), timedelta(hours=1, minutes=1))
        self._confirm(card, "pending")
        self._wait(hours=2)
        self.assertHeld(200)
        self._confirm(card)
        self.assertBothTaken(card)

    def _authorize_both(self):
        Provider = self.registry["payment.provider"]
        compute = Provider._compute_feature_support_fields

        def support_capture(providers):
            compute(providers)
            providers.support_manual_capture = "partial"

        self.patch(Provider, "_compute_feature_support_fields", support_capture)
        self.provider.capture_manually = True
        card = self._pay_with_part()
        self._confirm(card, "authorized")
        return card

    def test_both_are_captured_by_hand(self):
        card = self._authorize_both()
        self.assertEqual((self.cart.state, self.cart.amount_paid), ("sale", 500))
        self._wait(hours=2)
        self.assertHeld(200)
        card.wallet_part_id._capture()
        self._confirm(card)
        self.assertBothTaken(card)

    def test_a_card_that_its_provider_captures_takes_the_part_with_it(self):
        card = self._authorize_both()
        self._confirm(card)
        self.assertBothTaken(card)

    def test_what_is_left_of_a_part_is_taken_with_the_card(self):
        card = self._authorize_both()
        card.wallet_part_id._capture(50)
        self.assertHeld(150, balance=150)
        self._confirm(card)
        self.assertEqual(card.wallet_part_id.state, "done")
        self.assertHeld(0, balance=0)

    def test_what_the_card_does_not_capture_stays_held(self):
        """Who captures in Odoo says how much: the rest waits for its turn."""
        card = self._authorize_both()
        card._capture(200)._set_done()
        card._void(100)._set_canceled()
        self.assertEqual(card.state, "done")
        self.assertEqual(card.wallet_part_id.state, "authorized")
        self.assertHeld(200)
        card.wallet_part_id._void()
        self.assertHeld(0)

    def test_a_shop_that_captures_wallets_by_hand_does_so(self):
        self.wallet_provider.capture_manually = True
        card = self._pay_with_part()
        self._confirm(card)
        self._confirm(card)
        self.assertEqual(
            (card.state, card.wallet_part_id.state), ("done", "authorized")
        )
        self.assertHeld(200)

    def test_a_part_that_cannot_be_captured_is_told(self):
        card = self._authorize_both()
        refusal = UserError("No way")
        Transaction = self.registry["payment.transaction"]
        with patch.object(Transaction, "_book_from_wallet", side_effect=refusal):
            self._confirm(card)
        self.assertEqual(card.state, "done")
        self.assertIn("No way", self._get_told())
        # What is held all the same may still be captured.
        self.assertNotIn("is still due", self._get_told())
        self.assertHeld(200)

    def _get_told(self):
        return "".join(self.cart.message_ids.mapped("body"))

    def test_the_total_falls_while_the_customer_is_at_the_provider(self):
        """Of the part, only what is still due is taken."""
        card = self._pay_with_part()
        self.cart.order_line.price_unit = 350
        self._confirm(card)
        part = card.wallet_part_id
        self.assertEqual((part.state, part.amount), ("done", 50))
        self.assertEntry(
            part.child_transaction_ids.payment_id.move_id,
            [(self.wallet_account, 50, 0), (self.receivable, 0, 50)],
        )
        self.assertEqual((self.cart.state, self.cart.amount_paid), ("sale", 350))
        self.assertNotIn("was paid, but", self._get_told())
        self.assertHeld(0, balance=150)

    def test_the_total_falls_to_what_the_card_pays(self):
        card = self._pay_with_part()
        self.cart.order_line.price_unit = 300
        self._confirm(card)
        self.assertEqual(card.wallet_part_id.state, "cancel")
        self.assertEqual((self.cart.state, self.cart.amount_paid), ("sale", 300))
        self.assertNotIn("was paid, but", self._get_told())
        self.assertHeld(0)

    def test_what_is_still_due_is_asked_of_the_customer(self):
        """The order became cheaper, and the wallet holds nothing any more."""
        card = self._pay_with_part()
        self.cart.order_line.price_unit = 350
        self._wait(hours=2)
        self._pay_out(200)
        self._confirm(card)
        told = self._get_told().replace("\xa0", " ").replace("&nbsp;", " ")
        self.assertIn("$ 50.00 is still due: ask the customer for it.", told)
        self.assertNotIn("200.00 is still due", told)
        self.assertHeld(0, balance=0)

    def test_wallets_are_no_longer_taken_and_the_card_is_voided(self):
        card = self._authorize_both()
        self.company.wallet_online_payment = False
        self._confirm(card, "cancel")
        self.assertEqual(card.wallet_part_id.state, "cancel")
        self.assertHeld(0)

    def test_the_payment_method_of_wallets_is_archived(self):
        self.wallet_method.active = False
        self.assertNotOffered(self._open_payment())

    def test_a_voided_card_frees_what_is_held_in_the_wallet(self):
        card = self._authorize_both()
        self.assertHeld(200)
        self._confirm(card, "cancel")
        self.assertEqual(card.wallet_part_id.state, "cancel")
        self.assertHeld(0)

    def test_the_order_is_cancelled_afterwards(self):
        card = self._pay_with_part()
        self._confirm(card)
        self.cart.action_cancel()
        self.assertHeld(0)
        self.assertEqual(self.cart.amount_paid, 300)

    # The card fails, or the customer leaves

    def test_the_card_is_refused(self):
        card = self._pay_with_part()
        card._set_error("No")
        self.assertHeld(0)
        self.assertEqual(card.wallet_part_id.state, "cancel")
        self.assertIn('data-amount="300.0"', self._open_payment())
        again = self._pay_now()
        self._confirm(again)
        self.assertBothTaken(again)

    def test_the_customer_cancels_at_the_provider(self):
        card = self._pay_with_part()
        self._confirm(card, "cancel")
        self.assertHeld(0)
        self.assertEqual(self.cart.state, "draft")

    def test_the_customer_comes_back_without_paying(self):
        self._pay_with_part()
        self._open_payment()
        self.assertHeld(0)

    def test_the_customer_leaves(self):
        self._pay_with_part()
        self._wait(minutes=30)
        self.assertHeld(200)
        self._wait(minutes=31)
        self.assertHeld(0)

    def test_the_tick_is_removed(self):
        self._pay_with_part()
        page = self._tick(use=False)
        self.assertIn('data-amount="500.0"', page)
        self.assertHeld(0)

    def test_the_cart_is_changed(self):
        self._pay_with_part()
        self.make_jsonrpc_request(
            "/shop/cart/update",
            {"line_id": self.cart.order_line.id, "quantity": 2},
        )
        self.assertHeld(0)
        self.assertEqual(self.cart.amount_total, 1000)

    def test_the_order_is_cancelled_meanwhile(self):
        self._pay_with_part()
        self.cart.action_cancel()
        self.assertHeld(0)

    def test_the_card_is_confirmed_after_the_hold_has_lapsed(self):
        card = self._pay_with_part()
        self._wait(minutes=61)
        self._confirm(card)
        self.assertBothTaken(card)

    def test_what_was_spent_meanwhile_is_told(self):
        """The card has paid, whatever the wallet holds: the rest is open."""
        card = self._pay_with_part()
        self._wait(minutes=61)
        self._pay_out(150)
        self._confirm(card)
        self.assertEqual((card.state, card.payment_id.amount), ("done", 300))
        self.assertEqual((self.cart.state, self.cart.amount_paid), ("draft", 300))
        self.assertIn("200.00", "".join(self.cart.message_ids.mapped("body")))
        self.assertHeld(0, balance=50)
        self.assertEqual(self.cart.get_portal_last_transaction(), card)

    @shows("web shop", "sent twice")
    def test_two_attempts_hold_once_and_take_once(self):
        """Two windows: the first card is confirmed, and then the second one too."""
        first = self._pay_with_part()
        second = self._pay_now()
        self.assertHeld(200)
        self.assertEqual(first.wallet_part_id.state, "cancel")
        self._confirm(first)
        self.assertBothTaken(first)
        self._confirm(second)
        self.assertHeld(0, balance=0)
        self._top_up(500)
        self.assertEqual(second.wallet_part_id.state, "cancel")
        self.assertHeld(0, balance=500)


@tagged(
    "post_install", "-at_install", "-standard", "with_website_sale", "wallet_browser"
)
class TestPartTours(ShopCommon):
    browser_size = "1366x768"

    def test_the_wallet_pays_its_part_and_a_saved_card_the_rest(self):
        self.env["payment.token"].sudo().create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.payment_method_id,
                "payment_details": "1234",
                "partner_id": self.customer.id,
                "provider_ref": "saved card",
            }
        )
        self.patch(
            self.registry["payment.transaction"],
            "_send_payment_request",
            lambda tx: tx._set_done(),
        )
        self.start_tour(
            "/shop/checkout?try_skip_step=true",
            "customer_wallet_part",
            login="wallet_owner",
            timeout=180,
        )
        self.env.invalidate_all()
        card = self.cart.sudo().transaction_ids.filtered("wallet_part_id")
        self.assertBothTaken(card)


class TestPartToursOnPhone(TestPartTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged(
    "post_install", "-at_install", "-standard", "with_payment_demo", "wallet_browser"
)
class TestPartAndDemoCard(ShopCommon):
    browser_size = "1366x768"

    @shows("web shop", "part and card")
    def test_the_wallet_pays_its_part_and_a_demo_card_the_rest(self):
        demo = self.env["payment.provider"].sudo().search([("code", "=", "demo")])
        demo = demo.filtered(lambda it: it.company_id == self.company) or demo[0].copy(
            {"company_id": self.company.id}
        )
        demo.write({"state": "test", "is_published": True})
        demo.payment_method_ids.active = True
        self.provider.state = "disabled"
        self.start_tour(
            "/shop/checkout?try_skip_step=true",
            "customer_wallet_part_and_demo_card",
            login="wallet_owner",
            timeout=180,
        )
        self.env.invalidate_all()
        card = self.cart.sudo().transaction_ids.filtered("wallet_part_id")
        self.assertEqual(card.provider_code, "demo")
        self.assertBothTaken(card)
