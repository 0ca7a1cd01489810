from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PaidOrderCommon


@tagged("post_install", "-at_install", "-standard", "with_sale_management")
class TestQuotations(PaidOrderCommon):
    """On a quotation, Odoo takes a part: the wallet pays it, and a card the rest."""

    def _quotation(self, amount, **vals):
        order = self._order(amount, require_signature=False, **vals)
        order.action_quotation_sent()
        self.env.flush_all()
        return order

    def _open_page(self, order, **params):
        return self.url_open(order.get_portal_url(), params=params).text

    def _pay_on_page(self, order, amount, provider, method):
        self._login("wallet_owner")
        response = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/transaction",
            {
                "access_token": order._portal_ensure_token(),
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "token_id": None,
                "amount": amount,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": order.get_portal_url(),
            },
        )
        self.env.invalidate_all()
        return (
            self.env["payment.transaction"]
            .sudo()
            .search([("reference", "=", response["reference"])])
        )

    def _confirm_by_card(self, tx):
        tx._set_done()
        tx._post_process()

    def test_a_part_from_the_wallet_and_the_rest_by_card(self):
        order = self._quotation(100, prepayment_percent=0.3)
        tx = self._pay_on_page(order, 30, self.wallet_provider, self.wallet_method)
        self._press_pay(tx.with_user(self.owner_user).sudo())
        self.assertEqual((order.state, order.amount_paid), ("sale", 30))
        card = self._pay_on_page(order, 70, self.provider, self.payment_method)
        self._confirm_by_card(card)
        self.assertEqual(order.amount_paid, 100)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEntry(
            tx.payment_id.move_id,
            [(self.wallet_account, 30, 0), (self.receivable, 0, 30)],
        )
        self.assertEqual(card.payment_id.amount, 70)
        self.assertBalance(170)

    def test_the_card_pays_first_and_the_wallet_the_rest(self):
        order = self._quotation(100, prepayment_percent=0.3)
        card = self._pay_on_page(order, 70, self.provider, self.payment_method)
        self._confirm_by_card(card)
        self.assertEqual(order.state, "sale")
        tx = self._pay_on_page(order, 30, self.wallet_provider, self.wallet_method)
        self._press_pay(tx.with_user(self.owner_user).sudo())
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(170)

    def test_a_short_wallet_is_offered_for_the_down_payment_only(self):
        order = self._quotation(500, prepayment_percent=0.3)
        self._login("wallet_owner")
        page = self._open_page(order, amount_selection="down_payment")
        self.assertIn('data-provider-code="wallet"', page)
        page = self._open_page(order, amount_selection="full_amount")
        self.assertNotIn('data-provider-code="wallet"', page)
        self.assertIn("o_wallet_notice", page)

    def test_nobody_else_is_offered_the_wallet(self):
        order = self._quotation(100)
        self._login("wallet_stranger")
        page = self._open_page(order)
        self.assertIn("o_payment_form", page)
        self.assertNotIn('data-provider-code="wallet"', page)

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_the_card_is_refused_and_only_the_part_is_paid(self):
        order = self._quotation(100, prepayment_percent=1.0)
        tx = self._pay_on_page(order, 30, self.wallet_provider, self.wallet_method)
        self._press_pay(tx.with_user(self.owner_user).sudo())
        card = self._pay_on_page(order, 70, self.provider, self.payment_method)
        card._set_error("No")
        self.assertEqual((order.state, order.amount_paid), ("sent", 30))
        order.action_cancel()
        self.assertBalance(200)
