from freezegun import freeze_time
from lxml import html

from odoo import Command, fields, http
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .online_common import RecurringCommon
from .paying_online_matrix import shows


@tagged("post_install", "-at_install")
class TestRecurringCharges(RecurringCommon):
    @shows("subscription token", "enough")
    def test_a_subscription_is_paid_without_the_customer(self):
        self._give_bonus(10)
        token = self._allow(50)
        invoice = self._subscribe(30)
        tx = self._charge(token, invoice)
        self.assertCharged(tx)
        self.assertEntry(
            tx.payment_id.move_id,
            [
                (self.bonus_account, 10, 0),
                (self.wallet_account, 20, 0),
                (self.receivable, 0, 30),
            ],
        )
        self.assertEqual(tx.payment_id.move_id.wallet_operation, "online_payment")
        self.assertEqual(invoice.reconciled_payment_ids, tx.payment_id)
        self.assertEqual(tx.payment_id.state, "paid")
        self.assertKinds(180, 0)
        self.assertEqual(self._wallet().recurring_charged, 30)

    def test_odoo_charges_it_in_its_own_way(self):
        token = self._allow(50)
        invoice = self._invoice(30)
        tx = self._prepare_charge(token, invoice)
        tx._charge_with_token()
        tx._post_process()
        self.assertCharged(tx)
        self.assertBalance(170)

    @shows("subscription token", "sent twice")
    def test_asked_twice_it_is_charged_once(self):
        token = self._allow(50)
        invoice = self._invoice(20)
        tx = self._charge(token, invoice)
        tx._charge_with_token()
        self.assertCharged(tx)
        self.assertChargeRefused(self._charge(token, invoice), "0.00 is due")
        self.assertBalance(180)
        self.assertEqual(self._wallet().recurring_charged, 20)

    def test_no_more_than_the_customer_allows_in_a_month(self):
        token = self._allow(50)
        self.assertCharged(self._charge(token, self._invoice(30)))
        tx = self._charge(token, self._invoice(20.01))
        self.assertChargeRefused(tx, "$ 20.00 is left")
        self.assertIn("Amal Haddad", tx.state_message)
        self.assertCharged(self._charge(token, self._invoice(20)))
        self.assertChargeRefused(
            self._charge(token, self._invoice(0.01)), "$ 0.00 is left"
        )
        self.assertBalance(150)

    def test_the_next_month_begins_with_nothing_charged(self):
        token = self._allow(50)
        self._charge(token, self._invoice(50))
        company = self.registry["res.company"]
        today = self.company._get_wallet_today()
        later = fields.Date.add(today.replace(day=1), months=1)
        self.patch(company, "_get_wallet_today", lambda company: later)
        self.env.invalidate_all()
        self.assertEqual(self._wallet().recurring_charged, 0)
        self.assertCharged(self._charge(token, self._invoice(50)))

    def test_the_month_begins_where_the_company_is(self):
        """There it is April already; where the scheduled action runs, it is not."""
        self.company.partner_id.tz = "Pacific/Auckland"
        token = self._allow(50)
        with freeze_time("2027-03-31 20:00:00"):
            tx = self._charge(token, self._invoice(50))
            self.assertCharged(tx)
            self.assertEntry(
                tx.payment_id.move_id,
                [(self.wallet_account, 50, 0), (self.receivable, 0, 50)],
            )
            first = fields.Date.to_date("2027-04-01")
            self.assertEqual(tx.payment_id.move_id.date, first)
            self.assertEqual(tx.payment_id.date, first)
            self.assertEqual(self._wallet().recurring_charged, 50)
            self.assertChargeRefused(
                self._charge(token, self._invoice(50)), "0.00 is left"
            )
        self.assertBalance(150)

    def test_what_the_customer_pays_does_not_use_up_the_limit(self):
        token = self._allow(50)
        self._pay_online_with_wallet(self._invoice(80))
        self._invoice(20).action_allocate_wallet()
        self.assertCharged(self._charge(token, self._invoice(50)))

    @shows("subscription token", "refunded")
    def test_a_charge_that_was_refunded_does_not_use_up_the_limit(self):
        self._give_bonus(10)
        token = self._allow(50)
        tx = self._charge(token, self._invoice(50))
        self.assertChargeRefused(self._charge(token, self._invoice(40)), "0.00 is left")
        refund = self._refund(tx.payment_id, 45)
        self.assertEqual((refund.state, refund.state_message or ""), ("done", ""))
        self.assertKinds(200, 5)
        self.assertEqual(self._wallet().recurring_charged, 5)
        self.assertCharged(self._charge(token, self._invoice(40)))

    def test_a_charge_that_was_undone_does_not_use_up_the_limit(self):
        token = self._allow(50)
        tx = self._charge(token, self._invoice(50))
        tx.payment_id.with_env(self.env).action_cancel()
        self.assertBalance(200)
        self.assertEqual(self._wallet().recurring_charged, 0)
        self.assertCharged(self._charge(token, self._invoice(50)))

    def test_what_comes_back_of_last_month_does_not_raise_the_limit(self):
        token = self._allow(50)
        old = self._charge(token, self._invoice(50))
        today = self.company._get_wallet_today()
        later = fields.Date.add(today.replace(day=1), months=1)
        self.patch(
            self.registry["res.company"], "_get_wallet_today", lambda company: later
        )
        self.env.invalidate_all()
        self._refund(old.payment_id, 50)
        self.assertEqual(self._wallet().recurring_charged, 0)
        self.assertChargeRefused(
            self._charge(token, self._invoice(51)), "50.00 is left"
        )

    # One who cannot pay does not hinder the others

    @shows("subscription token", "short")
    def test_a_short_wallet_pays_nothing(self):
        token = self._allow(500)
        invoice = self._subscribe(201)
        tx = self._charge(token, invoice)
        self.assertChargeRefused(tx, "$ 200.00")
        self.assertEqual(invoice.state, "draft")
        self._top_up(1)
        tx._send_payment_request()
        tx._post_process()
        self.assertCharged(tx)

    @shows("subscription token", "frozen")
    def test_a_frozen_wallet_pays_nothing(self):
        token = self._allow(50)
        self._wallet().state = "frozen"
        self.assertChargeRefused(self._charge(token, self._subscribe(30)), "is frozen")
        self._wallet().state = "open"
        self.assertCharged(self._charge(token, self._subscribe(30)))

    def test_where_wallets_do_not_pay_online_nothing_is_charged(self):
        token = self._allow(50)
        tx = self._prepare_charge(token, self._subscribe(30))
        self.wallet_provider.state = "disabled"
        tx._charge_with_token()
        self.assertChargeRefused(tx, "does not allow")

    @shows("subscription token", "raced")
    def test_a_charge_that_loses_a_race_ends_in_words(self):
        token = self._allow(50)
        tx = self._prepare_charge(token, self._subscribe(30))

        def refuse(records, **options):
            return records.browse()

        self.patch(self.registry["payment.token"], "try_lock_for_update", refuse)
        tx._send_payment_request()
        self.assertChargeRefused(tx, "in use by somebody else")

    def test_where_cards_are_captured_by_hand_it_is_taken_at_once(self):
        token = self._allow(50)
        self.wallet_provider.capture_manually = True
        self.assertCharged(self._charge(token, self._subscribe(30)))
        self.assertEqual(self._wallet().held, 0)

    @shows("subscription token", "foreign currency")
    def test_another_currency_is_judged_in_that_of_the_wallet(self):
        token = self._allow(50)
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        too_much = self._subscribe(101, currency_id=euro.id)
        self.assertChargeRefused(self._charge(token, too_much), "$ 50.50 was asked for")
        tx = self._charge(token, self._subscribe(100, currency_id=euro.id))
        self.assertCharged(tx)
        self.assertEntry(
            tx.payment_id.move_id,
            [(self.wallet_account, 50, 0), (self.receivable, 0, 50)],
        )
        self.assertBalance(150)
        self.assertEqual(self._wallet().recurring_charged, 50)

    def test_only_the_wallet_for_which_it_was_allowed_pays(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self._top_up(100, currency_id=euro.id)
        token = self._allow(500)
        tx = self._charge(token, self._invoice(250))
        self.assertChargeRefused(tx, "200.00")
        self.assertEqual(self._wallet(currency=euro).recurring_limit, 0)

    # Whose wallet it is

    def test_a_charge_without_a_document_takes_nothing(self):
        token = self._allow(50)
        tx = self._prepare_charge(
            token,
            self._invoice(30),
            invoice_ids=[Command.clear()],
        )
        tx._send_payment_request()
        self.assertChargeRefused(tx, "only what its owner has to pay")

    @shows("subscription token", "cancelled")
    def test_what_was_cancelled_is_not_charged(self):
        token = self._allow(50)
        invoice = self._invoice(30)
        invoice.button_draft()
        invoice.button_cancel()
        self.assertChargeRefused(self._charge(token, invoice), "0.00 is due")
        self.assertBalance(200)

    @shows("subscription token", "another's document")
    def test_it_does_not_pay_for_somebody_else(self):
        """Whoever the transaction names as the customer."""
        token = self._allow(50)
        theirs = self._invoice(30, partner_id=self.stranger.id)
        for partner in (self.stranger, self.customer):
            tx = self._charge(token, theirs, partner_id=partner.id)
            self.assertChargeRefused(tx, "only what its owner has to pay")
        self.assertEqual(theirs.payment_state, "not_paid")
        self.assertBalance(200)

    def test_a_contact_of_the_company_allows_it_and_is_charged(self):
        user = self.env["res.users"].search([("login", "=", "wallet_colleague")])
        token = self._allow(50, user=user)
        self.assertEqual(token.partner_id, self.customer)
        self.assertEqual(token.create_uid, user)
        invoice = self._subscribe(30, partner_id=self.colleague.id)
        self.assertCharged(self._charge(token, invoice))

    def test_somebody_else_cannot_allow_it(self):
        public = self.env.ref("base.public_user")
        for user in (self.stranger_user, public, self.env.user):
            with self.assertRaises(AccessError):
                self._allow(50, user=user)
        self.assertFalse(self._wallet().recurring_token_ids)

    def test_a_saved_payment_method_that_nobody_allowed_does_not_exist(self):
        """Not by an administrator, whom only the server's own code passes by."""
        admin = new_test_user(
            self.env,
            "wallet_admin",
            "base.group_system,account.group_account_invoice,"
            "customer_wallet.group_wallet_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        vals = {
            "provider_id": self.wallet_provider.id,
            "payment_method_id": self.wallet_method.id,
            "partner_id": self.customer.id,
            "provider_ref": "forged",
        }
        wallet = {"wallet_id": self._wallet().id, "wallet_monthly_limit": 10**6}
        Token = self.env["payment.token"].with_user(admin)
        for forged in (vals, {**vals, **wallet}):
            with self.assertRaisesRegex(AccessError, "Only the customer"):
                Token.with_context(wallet_consent=True).create(forged)
        card = Token.create({**vals, "provider_id": self.provider.id})
        for forged in ({"provider_id": self.wallet_provider.id}, wallet):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                card.write(forged)
        token = self._allow(50).with_user(admin)
        for forged in (
            {"wallet_monthly_limit": 10**6},
            {"partner_id": self.stranger.id},
            {"active": False, "partner_id": self.stranger.id},
        ):
            with self.assertRaises(AccessError):
                token.write(forged)
        with self.assertRaises(AccessError):
            self._wallet().with_user(admin).write(
                {"recurring_token_ids": [Command.create(vals)]}
            )

    def test_it_is_not_tokenized_like_a_card(self):
        self.assertFalse(self.wallet_provider.support_tokenization)
        tx = self._start_paying(self._invoice(80), tokenize=True)
        self._press_pay(tx)
        self.assertEqual(tx.state, "done")
        self.assertFalse(tx.token_id)
        self.assertFalse(self._wallet().recurring_token_ids)

    def test_staff_do_not_enter_such_a_payment(self):
        """Neither with the wallet's own method nor with that of the bank."""
        token = self._allow(50)
        own = self.wallet_provider.journal_id.inbound_payment_method_line_ids
        for line in (own, self.bank_journal.inbound_payment_method_line_ids[:1]):
            payment = self._pay(
                30,
                post=False,
                is_wallet=False,
                journal_id=line.journal_id.id,
                payment_method_line_id=line.id,
                payment_token_id=token.id,
            )
            with self.assertRaisesRegex(UserError, "by hand"):
                payment.action_post()
        self.assertBalance(200)

    # Changed and stopped

    def test_the_consent_is_recorded(self):
        token = self._allow(50)
        note = self._wallet().message_ids[0]
        self.assertEqual(note.author_id, self.customer)
        self.assertIn("$ 50.00 a month", self._get_notes())
        self.assertIn(self._wallet()._get_recurring_consent(), note.body)
        self.assertEqual(token.create_uid, self.owner_user)
        self.assertEqual(token.display_name, "Wallet, up to $\xa050.00 a month")

    def test_a_new_limit_counts_at_once_and_for_what_was_charged(self):
        token = self._allow(50)
        self._charge(token, self._invoice(50))
        self.assertEqual(self._allow(60), token)
        self.assertChargeRefused(
            self._charge(token, self._invoice(10.01)), "10.00 is left"
        )
        self._allow(40)
        self.assertChargeRefused(self._charge(token, self._invoice(1)), "0.00 is left")

    def test_stopped_nothing_is_charged_until_it_is_allowed_again(self):
        token = self._allow(50)
        tx = self._prepare_charge(token, self._invoice(30))
        self._wallet().with_user(self.owner_user).sudo()._stop_recurring_charges()
        self.assertEqual(self._wallet().message_ids[0].author_id, self.customer)
        self.assertIn("no longer allowed", self._get_notes())
        self.assertEqual(self._wallet().recurring_limit, 0)
        tx._send_payment_request()
        self.assertChargeRefused(tx, "does not allow")
        with self.assertRaises(ValidationError):
            self._prepare_charge(token, self._invoice(30))
        with self.assertRaises(AccessError):
            token.active = True
        again = self._allow(20)
        self.assertNotEqual(again, token)
        self.assertFalse(token.active)
        self.assertCharged(self._charge(again, self._invoice(20)))

    def test_stopped_and_allowed_again_the_month_does_not_begin_anew(self):
        self._charge(self._allow(50), self._invoice(30))
        self._wallet()._stop_recurring_charges()
        token = self._allow(50)
        self.assertChargeRefused(
            self._charge(token, self._invoice(30)), "20.00 is left"
        )

    def test_a_manager_stops_it_and_others_see_it(self):
        self._allow(50)
        accounting = "account.group_account_invoice"
        for login, groups, may in (
            ("wallet_clerk", accounting, False),
            ("wallet_boss", f"{accounting},customer_wallet.group_wallet_manager", True),
        ):
            user = new_test_user(
                self.env,
                login,
                groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            wallet = self._wallet().with_user(user)
            self.assertEqual(wallet.recurring_limit, 50)
            self.assertEqual(wallet.recurring_charged, 0)
            if not may:
                with self.assertRaises(AccessError):
                    wallet.action_stop_recurring_charges()
        wallet.action_stop_recurring_charges()
        self.assertEqual(wallet.recurring_limit, 0)
        self.assertEqual(wallet.message_ids[0].author_id, user.partner_id)

    def test_merged_contacts_are_asked_again(self):
        """What was allowed for the contact that goes is stopped; what was allowed for
        the one that stays goes on.
        """
        double = self.env["res.partner"].create({"name": "Amal H."})
        self._top_up(50, partner_id=double.id)
        self.stranger_user.partner_id = double
        theirs = self._allow(50, user=self.stranger_user, wallet=self._wallet(double))
        token = self._allow(20)
        self.stranger_user.partner_id = self.stranger
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((double | self.customer).ids, self.customer, extra_checks=False)
        self.env.invalidate_all()
        self.assertFalse(theirs.active)
        self.assertEqual(self._wallet().recurring_token_ids, token)
        self.assertEqual(self._wallet().recurring_limit, 20)
        self.assertBalance(250)

    def test_merged_into_a_customer_without_a_wallet_it_is_stopped(self):
        token = self._allow(50)
        other = self.env["res.partner"].create({"name": "Amal Haddad & Sons"})
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        (self.colleague | self.customer).user_ids.active = False
        self.colleague.parent_id = False
        wizard._merge((other | self.customer).ids, other, extra_checks=False)
        self.env.invalidate_all()
        self.assertFalse(token.active)
        self.assertEqual(self._wallet(other).balance, 200)
        self.assertFalse(self._wallet(other).recurring_token_ids)

    def test_who_joins_a_company_is_asked_again(self):
        token = self._allow(50)
        self._pay_out(200)
        self.colleague.parent_id = False
        self.customer.parent_id = self.env["res.partner"].create(
            {"name": "Haddad Ltd", "is_company": True}
        )
        self.assertFalse(token.active)

    def test_an_archived_customer_is_not_charged(self):
        token = self._allow(50)
        self._pay_out(200)
        self.customer.user_ids.active = False
        self.customer.active = False
        self.assertFalse(token.active)

    def test_wallets_that_are_no_longer_offered_are_not_charged(self):
        token = self._allow(50)
        self.env["payment.provider"]._remove_wallet_providers()
        self.assertFalse(token.active)


@tagged("post_install", "-at_install")
class TestRecurringChargesInThePortal(RecurringCommon):
    def _send(self, path="", csrf=True, **data):
        if csrf:
            data.setdefault("csrf_token", http.Request.csrf_token(self))
        data.setdefault("wallet_id", self._wallet().id)
        return self.url_open(f"/my/wallet/recurring{path}", data=data, timeout=60)

    def _read(self, response):
        return html.fromstring(response.text)

    def test_the_customer_allows_changes_and_stops_it(self):
        self._login("wallet_owner")
        page = self.url_open("/my/wallet", timeout=60)
        self.assertIn("I allow", page.text)
        self.assertNotIn("o_wallet_recurring_stop", page.text)
        page = self._send(amount="50", consent="1")
        self.assertIn("o_wallet_recurring_stop", page.text)
        token = self._wallet().recurring_token_ids
        self.assertEqual(token.wallet_monthly_limit, 50)
        self._charge(token, self._invoice(30))
        page = self._read(self._send(amount="75.5", consent="1"))
        charged = page.xpath("//p[hasclass('o_wallet_recurring_charged')]")
        self.assertIn("30.00", charged[0].text_content())
        self.assertEqual(token.wallet_monthly_limit, 75.5)
        page = self._send("/stop")
        self.assertNotIn("o_wallet_recurring_stop", page.text)
        self.assertFalse(token.active)

    def test_nothing_is_allowed_without_the_tick_or_the_amount(self):
        self._login("wallet_owner")
        for data in ({"amount": "50"}, {"consent": "1"}):
            self.assertIn("alert-danger", self._send(**data).text)
        for amount in ("0", "-1", "NaN", "Infinity", "1e300", "0.001", "x"):
            page = self._send(amount=amount, consent="1")
            self.assertIn("alert-danger", page.text, amount)
        self.assertFalse(self._wallet().recurring_token_ids)

    @mute_logger("odoo.http")
    def test_nobody_else_allows_or_stops_it(self):
        token = self._allow(50)
        for login in ("wallet_stranger", "wallet_staff", None):
            self.authenticate(login, login)
            for path in ("", "/stop"):
                response = self._send(path, amount="99", consent="1")
                self.assertTrue(
                    response.status_code == 404 or "/web/login" in response.url, login
                )
        self._login("wallet_owner")
        for path in ("", "/stop"):
            response = self._send(path, csrf=False, amount="99", consent="1")
            self.assertEqual(response.status_code, 400)
        self.assertEqual((token.active, token.wallet_monthly_limit), (True, 50))

    def test_where_wallets_do_not_pay_online_it_is_not_offered(self):
        self.wallet_provider.state = "disabled"
        self._login("wallet_owner")
        page = self.url_open("/my/wallet", timeout=60)
        self.assertNotIn("o_wallet_recurring", page.text)
        page = self._send(amount="50", consent="1")
        self.assertIn("alert-danger", page.text)

    def test_where_the_way_to_pay_is_archived_it_is_not_offered(self):
        self.wallet_method.active = False
        self._login("wallet_owner")
        page = self.url_open("/my/wallet", timeout=60)
        self.assertNotIn("o_wallet_recurring", page.text)
        page = self._send(amount="50", consent="1")
        self.assertIn("alert-danger", page.text)
        self.assertFalse(self._wallet().recurring_token_ids)

    def test_it_is_not_offered_beside_the_wallet_itself(self):
        """It is a saved payment method only where those are managed."""
        self._allow(50)
        invoice = self._invoice(30)
        self._login("wallet_owner")
        page = self._read(self.url_open(f"/my/invoices/{invoice.id}", timeout=60))
        offered = page.xpath("//input[@data-provider-code='wallet']")
        kinds = [option.get("data-payment-option-type") for option in offered]
        self.assertEqual(kinds, ["payment_method"])
        page = self.url_open("/my/payment_method", timeout=60)
        self.assertIn("Wallet, up to $", page.text.replace("\xa0", " "))
        self.make_jsonrpc_request(
            "/payment/archive_token",
            {"token_id": self._wallet().recurring_token_ids.id},
            timeout=60,
        )
        self.assertEqual(self._wallet().recurring_limit, 0)

    def test_a_visitor_does_not_charge_it_on_a_shared_link(self):
        token = self._allow(50)
        invoice = self._invoice(30)
        for login in (None, "wallet_owner"):
            self.authenticate(login, login)
            values = self.make_jsonrpc_request(
                f"/invoice/transaction/{invoice.id}",
                {
                    "provider_id": self.wallet_provider.id,
                    "payment_method_id": None,
                    "token_id": token.id,
                    "amount": 30,
                    "flow": "token",
                    "tokenization_requested": False,
                    "landing_route": invoice.get_portal_url(),
                    "is_validation": False,
                    "access_token": invoice._portal_ensure_token(),
                },
                timeout=60,
            )
            self.assertChargeRefused(
                self._get_tx(values["reference"]), "does not allow"
            )
        self.assertBalance(200)


@tagged("post_install", "-at_install", "wallet_browser")
class TestRecurringChargesTours(RecurringCommon):
    browser_size = "1366x768"

    def test_the_customer_allows_it_and_stops_it(self):
        self.start_tour(
            "/my/wallet",
            "customer_wallet_recurring_charges",
            login="wallet_owner",
            timeout=180,
        )
        tokens = (
            self.env["payment.token"]
            .with_context(active_test=False)
            .search([("wallet_id", "=", self._wallet().id)])
        )
        self.assertEqual(tokens.mapped("wallet_monthly_limit"), [60])
        self.assertFalse(tokens.active)


class TestRecurringChargesToursOnPhone(TestRecurringChargesTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
