from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo import Command, fields, http
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import JsonRpcException, new_test_user, tagged

from odoo.addons.payment.models.payment_transaction import (
    PaymentTransaction as BaseTransaction,
)

from ..controllers.top_up import OPEN_ATTEMPTS_PER_HOUR
from .online_common import OnlineTopUpCommon


@tagged("post_install", "-at_install")
class TestOnlineTopUp(OnlineTopUpCommon):
    def test_money_is_in_the_wallet_when_the_provider_says_so(self):
        tx = self._start(50.0)
        self.assertEqual(tx.partner_id, self.customer)
        self.assertEqual(tx.wallet_top_up_partner_id, self.customer)
        self.assertEqual(tx.landing_route, "/my/wallet")
        self.assertFalse(self._wallet())

        payment = self._confirm(tx)

        self.assertRecordValues(
            payment,
            [
                {
                    "is_wallet": True,
                    "payment_type": "inbound",
                    "partner_id": self.customer.id,
                    "amount": 50.0,
                    "payment_transaction_id": tx.id,
                }
            ],
        )
        self.assertEntry(
            payment.move_id,
            [
                (payment.outstanding_account_id, 50.0, 0.0),
                (self.wallet_account, 0.0, 50.0),
            ],
        )
        self.assertBalance(50.0)

    def test_the_day_is_where_the_company_is(self):
        """What the page promises on the last day of a promotion is given."""
        self.company.partner_id.tz = "America/Los_Angeles"
        tx = self._start(100)
        self._promotion(date_to="2027-03-31")
        with freeze_time("2027-04-01 02:00:00"):
            payment = self._confirm(tx)
        self.assertEqual(
            (payment.date, payment.move_id.date),
            (fields.Date.to_date("2027-03-31"),) * 2,
        )
        self.assertKinds(100, 10)

    def test_notifications_repeated_and_out_of_order_bring_the_money_once(self):
        tx = self._start(50.0)
        tx._set_pending()
        tx._post_process()
        self.assertFalse(tx.payment_id)
        payment = self._confirm(tx)
        for late_state in ("_set_done", "_set_pending", "_set_canceled", "_set_error"):
            args = ["late"] if late_state == "_set_error" else []
            with self.assertLogs("odoo.addons.payment"):
                getattr(tx, late_state)(*args)
            tx._post_process()
        self.env["payment.transaction"].sudo().browse(tx.id)._post_process()
        self.assertEqual(tx.state, "done")
        self.assertEqual(
            self.env["account.payment"].search(
                [("payment_transaction_id", "=", tx.id)]
            ),
            payment,
        )
        self.assertBalance(50.0)

    def test_a_failed_payment_that_comes_through_after_all(self):
        tx = self._start(50.0)
        tx._set_error("Card declined")
        tx._post_process()
        self.assertFalse(self._wallet())
        self._confirm(tx)
        self.assertBalance(50.0)

    def test_what_is_not_paid_brings_nothing(self):
        for state in ("_set_pending", "_set_canceled", "_set_error"):
            tx = self._start(50.0)
            getattr(tx, state)(state_message="no")
            tx._post_process()
            self.assertFalse(tx.payment_id)
        self.assertFalse(self._wallet())

    def test_contacts_top_up_the_wallet_of_their_company(self):
        tx = self._pay_online(30.0, login="wallet_colleague")
        self.assertEqual(tx.partner_id, self.colleague)
        self.assertBalance(30.0)
        self.assertIn("Omar Haddad", self._page())

    def test_who_leaves_the_company_meanwhile_has_paid_for_it(self):
        tx = self._start(30.0, login="wallet_colleague")
        self.colleague.parent_id = self.stranger
        self._confirm(tx)
        self.assertBalance(30.0)
        self.assertFalse(self._wallet(self.stranger))

    def test_a_saved_card(self):
        token = self._create_token(partner_id=self.customer.id)
        tx = self._start(20.0, flow="token", token_id=token.id, payment_method_id=None)
        self.assertEqual(tx.token_id, token)
        self._confirm(tx)
        self.assertBalance(20.0)

    def test_cards_of_others_and_of_other_providers_are_refused(self):
        for partner in (self.stranger, self.colleague):
            token = self._create_token(partner_id=partner.id)
            self._assert_refused(flow="token", token_id=token.id)
        own = self._create_token(partner_id=self.customer.id)
        other_provider = self.provider.copy({"state": "test", "is_published": True})
        self._assert_refused(
            flow="token", token_id=own.id, provider_id=other_provider.id
        )

    def test_only_what_the_page_offers_can_be_chosen(self):
        hidden = self.provider.copy({"state": "test", "is_published": False})
        disabled = self.provider.copy({"state": "disabled"})
        for params in (
            {"provider_id": hidden.id},
            {"provider_id": disabled.id},
            {"provider_id": 10**9},
            {"provider_id": None},
            {"provider_id": [self.provider.id]},
            {"payment_method_id": 10**9},
            {"payment_method_id": None},
            {"flow": "validation"},
            {"flow": None},
            {"flow": "token"},
        ):
            self._assert_refused(**params)

    def test_the_provider_s_maximum(self):
        self.provider.maximum_amount = 100
        self._assert_refused(amount=100.01)
        self._login("wallet_owner")
        self._call_top_up(100.0)

    def _assert_refused(self, **params):
        self._login("wallet_owner")
        before = self._transactions()
        with self.assertRaises(JsonRpcException, msg=params):
            self._call_top_up(**params)
        self.assertEqual(self._transactions(), before, params)

    def test_amounts_that_are_none(self):
        for amount in (
            0,
            -5,
            -0.01,
            0.001,
            10.005,
            1e300,
            10**15,
            "NaN",
            "Infinity",
            "-Infinity",
            "1e5000",
            "ten",
            "",
            None,
            True,
            [5],
            {"a": 1},
            "9" * 50,
        ):
            self._assert_refused(amount=amount)

    def test_json_that_is_no_number(self):
        """Python's reader takes these for numbers."""
        self._login("wallet_owner")
        for amount in ("NaN", "Infinity", "-Infinity"):
            body = (
                '{"jsonrpc": "2.0", "id": 0, "method": "call", "params": {'
                f'"provider_id": {self.provider.id}, "flow": "redirect", '
                f'"payment_method_id": {self.payment_method_id}, "amount": {amount}, '
                f'"csrf_token": "{http.Request.csrf_token(self)}"}}}}'
            )
            response = self.url_open(
                f"/my/wallet/top_up/{self.company.id}/{self.currency.id}/transaction",
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=60,
            )
            self.assertIn("error", response.json())
        self.assertFalse(self._transactions())

    def test_nobody_and_strangers(self):
        self.authenticate(None, None)
        with self.assertRaises(JsonRpcException):
            self._call_top_up()
        self.assertFalse(self._transactions())
        # A stranger who forges the owner tops up nothing but their own wallet.
        tx = self._start(
            10.0,
            login="wallet_stranger",
            partner_id=self.customer.id,
            wallet_top_up_partner_id=self.customer.id,
            custom_create_values={"wallet_top_up_partner_id": self.customer.id},
        )
        self.assertEqual(tx.wallet_top_up_partner_id, self.stranger)
        self.assertEqual(tx.partner_id, self.stranger)

    def test_a_default_of_one_s_own_pays_nothing(self):
        employee = new_test_user(
            self.env,
            "wallet_employee",
            "base.group_user",
            password="wallet_employee",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        Default = self.env["ir.default"].with_user(employee)
        Default.set("payment.transaction", "state", "done", True)
        tx = self._start(50.0, login="wallet_employee")
        self.assertEqual(tx.state, "draft")
        tx._post_process()
        self.assertFalse(self._wallet(employee.partner_id))

    def test_an_invoice_stays_paid_whatever_its_payer_has_chosen(self):
        payer = new_test_user(
            self.env, "wallet_payer", "base.group_user", company_id=self.company.id
        )
        Default = self.env["ir.default"].with_user(payer)
        Default.set("account.payment", "is_wallet", True, True)
        invoice = self._invoice(50)
        tx = self._create_transaction(
            "redirect",
            amount=50.0,
            currency_id=self.currency.id,
            partner_id=self.customer.id,
            invoice_ids=[Command.set(invoice.ids)],
        )
        self._confirm(tx.with_user(payer).sudo())
        self.assertFalse(tx.payment_id.is_wallet)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(self._wallet())

    def test_staff_do_not_say_whose_wallet_a_payment_is_about(self):
        staff = self.env["res.users"].search([("login", "=", "wallet_staff")])
        tx = self._pay_online(50.0).with_user(staff)
        for owner in (self.stranger.id, False):
            self.assertRefused(
                AccessError, tx.write, {"wallet_top_up_partner_id": owner}
            )
        self.assertEqual(tx.wallet_top_up_partner_id, self.customer)
        self.assertFalse(
            tx.sudo().copy({"reference": "again"}).wallet_top_up_partner_id
        )

    def test_without_csrf_token(self):
        for token in (None, "", "forged"):
            self._assert_refused(csrf_token=token)

    def test_get_does_nothing(self):
        self._login("wallet_owner")
        url = f"/my/wallet/top_up/{self.company.id}/{self.currency.id}/transaction"
        response = self.url_open(url, params={"amount": 5}, timeout=60)
        self.assertGreaterEqual(response.status_code, 400)
        self.assertFalse(self._transactions())

    def test_the_landing_route_and_a_validation_cannot_be_forged(self):
        tx = self._start(
            10.0, landing_route="https://evil.example.com", is_validation=True
        )
        self.assertEqual(tx.landing_route, "/my/wallet")
        self.assertEqual((tx.operation, tx.amount), ("online_redirect", 10.0))

    def test_other_companies_and_currencies_are_not_found(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._assert_refused(company=other)
        self._assert_refused(currency=self.currency_euro)
        self._top_up(5, currency_id=self.currency_euro.id)
        self._login("wallet_owner")
        self._call_top_up(currency=self.currency_euro)

    def test_switched_off(self):
        self.company.wallet_online_top_up = False
        self._assert_refused()
        self.assertEqual(self.url_open("/my/wallet/top_up").status_code, 404)
        self.assertNotIn("/my/wallet/top_up", self._page())

    def test_too_many_attempts(self):
        for _attempt in range(OPEN_ATTEMPTS_PER_HOUR):
            self._create_transaction(
                "redirect", reference=None, wallet_top_up_partner_id=self.customer.id
            )
        self._assert_refused()
        self._start(5.0, login="wallet_stranger")

    # Refunds

    def _refund(self, tx, amount=None, outcome="_set_done"):
        """What the button Refund of the payment does.

        :return: the list of amounts that the provider was asked for
        """
        asked = []

        def send_refund_request(refund_tx):
            asked.append(refund_tx.amount)
            args = ["refused"] if outcome == "_set_error" else []
            getattr(refund_tx, outcome)(*args)

        self._refundable()
        with patch.object(
            self.registry["payment.transaction"],
            "_send_refund_request",
            send_refund_request,
        ):
            tx.action_refund(amount_to_refund=amount)
        tx.child_transaction_ids._post_process()
        return asked

    def test_a_refund_takes_the_money_out_once(self):
        self._top_up(40.0)
        tx = self._pay_online(100.0)
        self.assertEqual(self._refund(tx, 30.0), [-30.0])
        refund = tx.child_transaction_ids
        self.assertRecordValues(
            refund.payment_id,
            [{"payment_type": "outbound", "is_wallet": True, "amount": 30.0}],
        )
        self.assertEntry(
            refund.payment_id.move_id,
            [
                (self.wallet_account, 30.0, 0.0),
                (refund.payment_id.outstanding_account_id, 0.0, 30.0),
            ],
        )
        refund._post_process()
        self.assertBalance(110.0)
        # First in, first out: the older top-up has paid the refund.
        self.assertEqual(tx.payment_id.wallet_residual, 100.0)
        self.assertIn("Partly refunded", self._page())
        self._refund(tx, 70.0)
        self.assertIn("Refunded", self._page())
        self.assertBalance(40.0)

    def test_spent_money_is_refused_before_the_provider_is_asked(self):
        tx = self._pay_online(100.0)
        self._invoice(60.0).action_allocate_wallet()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._refund(tx)
        self.assertFalse(tx.child_transaction_ids)
        self.assertBalance(40.0)
        self.assertEqual(self._refund(tx, 40.0), [-40.0])
        self.assertBalance(0.0)

    def test_amounts_of_a_refund_are_checked(self):
        self._top_up(500.0)
        tx = self._pay_online(100.0)
        self._refund(tx, 60.0)
        for amount in (-10.0, 100.01, 40.01):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self._refund(tx, amount)
        self.assertBalance(540.0)

    def test_a_frozen_wallet_refunds_nothing(self):
        tx = self._pay_online(100.0)
        self._wallet().action_freeze()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._refund(tx)
        self.assertBalance(100.0)

    def test_money_of_a_pending_refund_cannot_be_spent(self):
        tx = self._pay_online(100.0)
        self._refund(tx, 80.0, outcome="_set_pending")
        self.assertBalance(20.0)
        refund = tx.child_transaction_ids
        refund._set_done()
        refund._post_process()
        self.assertBalance(20.0)
        self.assertEqual(len(refund.payment_id), 1)

    def test_a_refund_that_the_provider_does_not_make_comes_back(self):
        tx = self._pay_online(100.0)
        for outcome in ("_set_error", "_set_canceled"):
            self._refund(tx, 80.0, outcome=outcome)
            self.assertBalance(100.0)
            self.assertEqual(tx.payment_id.amount_available_for_refund, 100.0)
        self._refund(tx, 100.0)
        self.assertBalance(0.0)

    def test_a_failed_refund_that_was_made_after_all(self):
        tx = self._pay_online(100.0)
        self._refund(tx, 80.0, outcome="_set_error")
        refund = tx.child_transaction_ids
        for _notification in range(2):
            refund._set_done()
            refund._post_process()
        self.assertBalance(20.0)

    def test_a_refund_at_the_provider_is_booked_as_it_is(self):
        tx = self._pay_online(100.0)
        refund = tx._create_child_transaction(70.0, is_refund=True)
        self.assertBalance(100.0)
        self._confirm(refund)
        self.assertBalance(30.0)

    def test_a_refund_at_the_provider_is_a_fact_also_when_a_bonus_was_used(self):
        tx = self._pay_online(100.0)
        self._give_bonus(20)
        self._invoice(20.0).action_allocate_wallet()
        self._pay_out(100.0)
        payment = self._confirm(tx._create_child_transaction(100.0, is_refund=True))
        self.assertFalse(payment.is_wallet)
        self.assertEntry(
            payment.move_id,
            [
                (self.receivable, 100.0, 0.0),
                (payment.outstanding_account_id, 0.0, 100.0),
            ],
        )
        self.assertKinds(0, 0)

    def test_a_refund_at_the_provider_of_spent_money_is_owed(self):
        tx = self._pay_online(100.0)
        self._invoice(60.0).action_allocate_wallet()
        payment = self._confirm(tx._create_child_transaction(70.0, is_refund=True))
        self.assertFalse(payment.is_wallet)
        self.assertEntry(
            payment.move_id,
            [
                (self.receivable, 70.0, 0.0),
                (payment.outstanding_account_id, 0.0, 70.0),
            ],
        )
        self.assertBalance(40.0)
        self.assertIn("no longer holds", payment.message_ids[0].body)

    def test_what_the_provider_cancels_afterwards(self):
        kept, taken = self._pay_online(60.0), self._pay_online(30.0)
        self._invoice(50.0).action_allocate_wallet()
        for tx in (taken, kept):
            tx._set_canceled(extra_allowed_states=("done",))
            tx._post_process()
        self.assertEqual(taken.payment_id.state, "canceled")
        self.assertNotEqual(kept.payment_id.state, "canceled")
        self.assertIn("could not be taken out", kept.payment_id.message_ids[0].body)
        self.assertTrue(kept.is_post_processed)
        self.assertBalance(10.0)

    def test_what_was_cancelled_holds_up_nothing(self):
        """Other apps see all transactions that are processed, as often as it is."""
        kept, taken = self._pay_online(60.0), self._pay_online(30.0)
        self._invoice(50.0).action_allocate_wallet()
        (kept | taken)._set_canceled(extra_allowed_states=("done",))
        other = self._start(20.0)
        other._set_done()
        seen = []

        def process(transactions):
            seen.extend(transactions)
            transactions.is_post_processed = True

        for _it in range(2):
            with patch.object(BaseTransaction, "_post_process", process):
                (kept | taken | other)._post_process()
        self.assertEqual(seen, [kept, taken, other] * 2)
        self.assertEqual(taken.payment_id.state, "canceled")
        self.assertNotEqual(kept.payment_id.state, "canceled")
        self.assertEqual(other.payment_id.amount, 20.0)
        self.assertBalance(30.0)

    def test_a_partial_capture(self):
        tx = self._start(100.0)
        self.patch(
            self.registry["payment.provider"], "support_manual_capture", "partial"
        )
        tx._set_authorized()
        self.assertIn("Authorized", self._page())
        self._confirm(tx._create_child_transaction(60.0))
        tx._post_process()
        self.assertBalance(60.0)
        self.assertIn("In your wallet", self._page())

    def test_a_saved_card_charged_by_the_business(self):
        token = self._create_token(partner_id=self.customer.id)
        self.patch(
            self.registry["payment.transaction"],
            "_send_payment_request",
            lambda tx: tx._set_done(),
        )
        payment = self._top_up(100.0, payment_token_id=token.id)
        self.assertBalance(100.0)
        self._refund(payment.payment_transaction_id, 70.0)
        self.assertBalance(30.0)
        self.assertEqual(payment.wallet_residual, 30.0)

    def test_other_transactions_go_their_way(self):
        invoice = self._invoice(40.0)
        tx = self._create_transaction(
            "redirect",
            amount=40.0,
            partner_id=self.customer.id,
            invoice_ids=[Command.set(invoice.ids)],
        )
        payment = self._confirm(tx)
        self.assertFalse(payment.is_wallet)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self._refund(tx, 10.0)
        self.assertFalse(tx.child_transaction_ids.payment_id.is_wallet)
        self.assertFalse(self._wallet())

    # What the customer sees

    def test_each_state_is_shown_as_what_it_is(self):
        self._login("wallet_owner")
        tx = self._start(12.0)
        self.assertNotIn(tx.reference, self._page())
        for state, label in (
            ("_set_pending", "Pending"),
            ("_set_canceled", "Cancelled"),
        ):
            getattr(tx, state)()
            page = self._page()
            self.assertIn(tx.reference, page)
            self.assertIn(label, page)
        failed = self._start(13.0)
        failed._set_error("<script>alert(1)</script>")
        page = self._page()
        self.assertIn("Failed", page)
        self.assertNotIn("<script>alert(1)", page)
        self._login("wallet_stranger")
        self.assertNotIn(tx.reference, self._page())

    def test_suggested_amounts(self):
        self.company.wallet_top_up_amounts = "7 77 777.5"
        self._login("wallet_owner")
        page = self.url_open("/my/wallet/top_up", timeout=60).text
        self.assertIn('value="77.0"', page)
        for wrong in ("7, 8", "-5", "nan", "inf", "0"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.company.wallet_top_up_amounts = wrong

    def test_the_page_says_what_a_top_up_brings_with_its_bonus(self):
        self._top_up(100.0)
        self.env["customer.wallet.promotion"].create(
            {"name": "Spring", "minimum_amount": 50.0, "bonus_value": 10.0}
        )
        self._login("wallet_owner")
        for amount, bonus, after in ((40, None, "140.00"), (60, "6.00", "166.00")):
            response = self.url_open(f"/my/wallet/top_up?amount={amount}", timeout=60)
            page = html.fromstring(response.text)
            shown = {
                name: "".join(
                    element.text_content()
                    for element in page.xpath(f"//*[@id='o_payment_summary_{name}']")
                )
                for name in ("bonus", "balance_after")
            }
            self.assertIn(after, shown["balance_after"])
            self.assertEqual(bool(shown["bonus"]), bool(bonus))
            self.assertIn(bonus or "", shown["bonus"])

    def test_the_page_offers_a_form_for_a_good_amount_only(self):
        self._login("wallet_owner")
        page = self.url_open("/my/wallet/top_up?amount=25", timeout=60)
        context = self._get_payment_context(page)
        self.assertEqual(context["amount"], 25.0)
        self.assertEqual(context["payment_method_ids"], [self.payment_method_id])
        for amount in ("-1", "NaN", "1e400", "0.001", "<script>alert(1)</script>"):
            page = self.url_open(
                "/my/wallet/top_up", params={"amount": amount}, timeout=60
            ).text
            self.assertNotIn("o_payment_form", page)
            self.assertIn("alert-danger", page)
            self.assertNotIn("<script>alert(1)", page)
        self.assertFalse(self._transactions())
