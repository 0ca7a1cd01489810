from unittest.mock import patch

import requests
from lxml import html

from odoo import Command, fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .online_common import OnlineTopUpCommon

CRON = "customer_wallet.ir_cron_wallet_automatic_top_up"
DECLINED, CONFIRM, LIMIT, OFF = (
    "your card was declined",
    "please confirm a payment",
    "the limit of your automatic top-up is reached",
    "your automatic top-up is off",
)


class AutomaticTopUpCommon(OnlineTopUpCommon):
    """A customer with a saved card, whose bank answers what the test wants."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner_user = cls.env["res.users"].search([("login", "=", "wallet_owner")])
        cls.card = cls._save_card(cls.customer)

    def setUp(self):
        super().setUp()
        self.answer = "done"
        self.asked = []
        self._let_bank_answer()
        self._top_up(100)

    @classmethod
    def _save_card(cls, partner):
        return (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": cls.provider.id,
                    "payment_method_id": cls.payment_method_id,
                    "partner_id": partner.id,
                    "payment_details": "4242",
                    "provider_ref": "card of the test",
                }
            )
        )

    def _let_bank_answer(self):
        def answer(tx):
            self.asked.append(tx.amount)
            if self.answer == "done":
                tx._set_done()
            elif self.answer == "pending":
                tx._set_pending()
            elif self.answer == "cancel":
                tx._set_canceled()
            elif self.answer == "error":
                tx._set_error("Insufficient funds.")
            else:
                raise self.answer

        self.patch(
            self.registry["payment.transaction"], "_send_payment_request", answer
        )

    # What people do

    def _allow(self, user=None, wallet=None, **vals):
        """Below 20, fill up to 50, at most 200 a month, if not said otherwise."""
        vals = {
            "token": self.card,
            "threshold": 20.0,
            "top_up_type": "fill",
            "amount": 50.0,
            "monthly_limit": 200.0,
            **vals,
        }
        wallet = (wallet or self._wallet()).with_user(user or self.owner_user).sudo()
        wallet._allow_automatic_top_up(**vals)
        return self._setting()

    def _setting(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self._wallet().sudo().automatic_top_up_ids

    def _spend(self, amount):
        self._invoice(amount).action_allocate_wallet()

    def _run(self, now=None):
        self._run_at(now or fields.Datetime.now(), "automatic_top_up")

    def _later(self, **delta):
        return fields.Datetime.add(fields.Datetime.now(), **delta)

    # What there is then

    def _charges(self):
        return self._setting().transaction_ids.sorted("id")

    def _subjects(self):
        """The emails to the customer about automatic top-ups, oldest first."""
        mails = self.env["mail.mail"].search(
            [
                ("model", "=", "customer.wallet"),
                ("res_id", "=", self._wallet().id),
                ("recipient_ids", "in", self.customer.ids),
            ],
            order="id",
        )
        return [mail.subject.partition(": ")[2] for mail in mails]

    def _body(self):
        mails = self.env["mail.mail"].search(
            [("model", "=", "customer.wallet"), ("res_id", "=", self._wallet().id)]
        )
        return mails.sorted("id")[-1].body_html.replace("\xa0", " ")

    def _notes(self):
        notes = " ".join(self._wallet().message_ids.mapped("body"))
        return notes.replace("&nbsp;", " ").replace("\xa0", " ")

    def assertOff(self):
        setting = self._setting()
        self.assertEqual(setting.state, "off")
        self.assertFalse(self._wallet().automatic_top_up_threshold)
        self.asked.clear()
        self._run(self._later(days=8))
        self.assertEqual(self.asked, [])


@tagged("post_install", "-at_install")
class TestAutomaticTopUp(AutomaticTopUpCommon):
    # When, and how much

    def test_a_low_wallet_is_filled_from_the_card(self):
        self._allow()
        self._spend(85)
        self.assertEqual(self.asked, [], "who spends does not wait for a card")

        self._run()

        self.assertEqual(self.asked, [35])
        self.assertBalance(50)
        tx = self._charges()
        self.assertRecordValues(
            tx,
            [
                {
                    "state": "done",
                    "operation": "offline",
                    "amount": 35.0,
                    "partner_id": self.customer.id,
                    "wallet_top_up_partner_id": self.customer.id,
                    "token_id": self.card.id,
                    "wallet_crossing": 1,
                }
            ],
        )
        self.assertTrue(tx.payment_id.is_wallet)
        self.assertEntry(
            tx.payment_id.move_id,
            [
                (tx.payment_id.outstanding_account_id, 35, 0),
                (self.wallet_account, 0, 35),
            ],
        )

    def test_a_fixed_amount_is_added(self):
        self._allow(top_up_type="add", amount=30.0)
        self._spend(85)
        self._run()
        self.assertBalance(45)

    def test_nothing_is_charged_while_there_is_enough(self):
        self._allow()
        self._spend(80)
        self._run()
        self.assertEqual(self.asked, [], "20 is not less than 20")
        self._spend(0.01)
        self._run()
        self.assertEqual(self.asked, [30.01])

    def test_a_crossing_is_charged_once(self):
        self._allow()
        self._spend(85)
        self._run()
        self._run()
        self._run(self._later(days=2))
        self.assertEqual(self.asked, [35])
        self._spend(40)
        self._run()
        self.assertEqual(self.asked, [35, 40])
        self.assertEqual(self._charges().mapped("wallet_crossing"), [1, 2])
        self.assertBalance(50)

    def test_what_is_held_is_not_there(self):
        self._allow()
        self._wallet()._hold(85, self._invoice(85))
        self._run()
        self.assertEqual(self.asked, [35])

    def test_a_limit_below_zero_is_not_money(self):
        self._allow()
        self._wallet().overdraft_limit = 500
        self._spend(130)
        self._run()
        self.assertEqual(self.asked, [80])
        self.assertBalance(50)

    def test_a_wallet_that_stays_low_waits_for_a_day(self):
        self._allow(top_up_type="add", amount=30.0)
        self._wallet().overdraft_limit = 500
        self._spend(160)
        self._run()
        self._run(self._later(hours=23))
        self.assertBalance(-30)
        self._run(self._later(hours=25))
        self.assertEqual(self.asked, [30, 30])

    def test_who_spends_wakes_the_scheduled_action(self):
        cron = self.env.ref(CRON)
        count = self._count_triggers(cron)
        self._spend(10)
        self.assertEqual(self._count_triggers(cron), count, "nothing is allowed")
        self._allow()
        count = self._count_triggers(cron)
        self._spend(10)
        self.assertEqual(self._count_triggers(cron), count, "there is enough")
        self._spend(70)
        self.assertGreater(self._count_triggers(cron), count)

    def _count_triggers(self, cron):
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

    def test_a_promotion_counts_as_for_any_top_up(self):
        self.env["customer.wallet.promotion"].create(
            {"name": "Ten percent", "bonus_value": 10}
        )
        self._allow()
        self._spend(90)
        self._run()
        self.assertKinds(50, 4)

    # At most in a month

    def test_no_more_than_the_customer_allows_in_a_month(self):
        self._allow(monthly_limit=50.0)
        self._spend(85)
        self._run()
        self._spend(45)
        self._run()
        self.assertEqual(self.asked, [35, 15])
        self.assertEqual(self._setting().charged_amount, 50)
        self._spend(10)
        self._run(self._later(minutes=1))
        self._run(self._later(hours=2))
        self.assertEqual(self.asked, [35, 15])
        self.assertEqual(self._subjects().count(LIMIT), 1)
        self.assertIn("amount=40.00", self._body())

    def test_the_next_month_begins_with_nothing_charged(self):
        self._allow(monthly_limit=50.0)
        self._spend(100)
        self._run()
        self._spend(50)
        self._run()
        self.assertEqual(self.asked, [50])
        self._run(self._later(days=32))
        self.assertEqual(self.asked, [50, 50])

    def test_what_was_refunded_does_not_use_up_the_month(self):
        self._refundable()
        self._allow()
        self._spend(85)
        self._run()
        tx = self._charges()
        refund = tx._refund(30)
        refund._set_done()
        refund._post_process()
        self.assertEqual(self._setting().charged_amount, 5)

    # What the bank says

    def test_a_declined_card_is_left_alone_for_a_while(self):
        self.answer = "error"
        self._allow()
        self._spend(85)
        self._run()
        self._run(self._later(minutes=50))
        self.assertEqual(self.asked, [35])
        self.assertEqual(self._subjects(), [DECLINED])
        self.assertIn("We try again after", self._body())
        self.assertIn("$ 35.00", self._body())
        self.assertIn("Insufficient funds.", self._notes())
        self._run(self._later(minutes=70))
        self.assertEqual(self.asked, [35, 35])
        self.assertBalance(15)
        self.assertEqual(self._setting().state, "on")

    def test_after_three_failures_it_is_off(self):
        self.answer = "error"
        self._allow()
        self._spend(85)
        for days in (0, 2, 4):
            self._run(self._later(days=days))
        self.assertEqual(self.asked, [35, 35, 35])
        self.assertEqual(self._subjects(), [DECLINED] * 3)
        self.assertIn("That was the last attempt", self._body())
        self.assertIn("declined 3 times", self._notes())
        self.assertOff()

    def test_a_charge_that_works_forgets_the_failures(self):
        self.answer = "error"
        self._allow()
        self._spend(85)
        self._run()
        self.answer = "done"
        self._run(self._later(hours=2))
        setting = self._setting()
        self.assertEqual((setting.failures, setting.next_try), (0, False))
        self.assertBalance(50)

    def test_other_amounts_do_not_ask_a_declined_card_again(self):
        self.answer = "error"
        self._allow()
        self._spend(85)
        self._run()
        self._allow(amount=60.0)
        self._run(self._later(minutes=50))
        self.assertEqual(self.asked, [35])
        self.assertEqual(self._setting().failures, 1)
        self.answer = "done"
        self._run(self._later(hours=2))
        self.assertEqual(self.asked, [35, 45])
        self.assertBalance(60)

    def test_another_card_is_charged_at_once(self):
        self.answer = "error"
        self._allow()
        self._spend(85)
        self._run()
        self.answer = "done"
        self._allow(token=self._save_card(self.customer))
        self._run()
        self.assertBalance(50)

    def test_a_failure_of_the_card_of_before_does_not_count(self):
        self.answer = "pending"
        self._allow()
        self._spend(85)
        self._run()
        self._allow(token=self._save_card(self.customer))
        tx = self._charges()
        tx._set_canceled()
        tx._post_process()
        self.assertEqual(self._setting().failures, 0)
        self.assertEqual(self._subjects(), [CONFIRM])
        self.answer = "done"
        self._run()
        self.assertBalance(50)

    def test_a_cancelled_charge_is_a_failure(self):
        self.answer = "cancel"
        self._allow()
        self._spend(85)
        self._run()
        self.assertEqual(self._setting().failures, 1)
        self.assertEqual(self._subjects(), [DECLINED])
        self.assertBalance(15)
        self.assertEqual(self._setting().charged_amount, 0)

    def test_a_failure_counts_once(self):
        self.answer = "error"
        self._allow()
        self._spend(85)
        self._run()
        self._charges()._post_process()
        self.assertEqual(self._setting().failures, 1)

    def test_what_the_bank_wants_confirmed_is_charged_once(self):
        self.answer = "pending"
        self._allow()
        self._spend(85)
        self._run()
        self.assertEqual(self._subjects(), [CONFIRM])
        self.assertIn("/my/wallet/top_up?company_id=", self._body())
        self.assertIn("amount=35.00", self._body())
        self._spend(5)
        self._run(self._later(days=2))
        self.assertEqual(self.asked, [35])
        self.assertBalance(10)

        self._confirm(self._charges())

        self.assertBalance(45)
        self._run()
        self.assertEqual(self.asked, [35])

    def test_what_nobody_confirms_turns_it_off(self):
        """The money may still come, so nothing else is charged for it."""
        self.answer = "pending"
        self._allow()
        self._spend(85)
        self._run()
        self._run(self._later(days=5))
        self.assertEqual(self._charges().mapped("state"), ["error"])
        self.assertEqual(self._setting().failures, 0)
        self.assertEqual(self._setting().charged_amount, 35)
        self.assertEqual(self._subjects(), [CONFIRM, OFF])
        self.assertIn("do not know whether it was charged", self._body())
        self.assertOff()

    def test_a_direct_debit_is_waited_for_and_asks_nobody(self):
        self.card.payment_method_id = self.card.payment_method_id.copy(
            {"code": "sepa_direct_debit"}
        )
        self.answer = "pending"
        self._allow()
        self._spend(85)
        self._run()
        self._run(self._later(days=20))
        self.assertEqual(self._charges().mapped("state"), ["pending"])
        self.assertEqual((self.asked, self._subjects()), ([35], []))
        self._run(self._later(days=22))
        self.assertEqual(self._charges().mapped("state"), ["error"])
        self.assertEqual(self._subjects(), [OFF])

    def test_a_direct_debit_of_the_customer_is_waited_for(self):
        """The card is not charged for what a bank is about to collect."""
        self._allow()
        tx = self._start(50)
        tx.payment_method_id = tx.payment_method_id.copy({"code": "sepa_direct_debit"})
        tx._set_pending()
        self._spend(85)
        self._run(self._later(days=10))
        self.assertEqual(self.asked, [])

    def test_a_late_confirmation_is_booked_once(self):
        self.answer = "pending"
        self._allow()
        self._spend(85)
        self._run()
        self._run(self._later(days=5))
        tx = self._charges()
        self._confirm(tx)
        self.assertBalance(50)
        self.assertEqual(self._setting().failures, 0)
        tx._post_process()
        self.assertBalance(50)

    @mute_logger("odoo.addons.customer_wallet.models.customer_wallet_automatic_charge")
    def test_a_charge_without_an_answer_is_not_tried_again(self):
        self.answer = RuntimeError("the server is gone")
        self._allow()
        self._spend(85)
        self._run()
        self.assertEqual(self._charges().state, "draft")
        self._run(self._later(minutes=50))
        self.assertEqual(len(self.asked), 1)
        self._run(self._later(hours=2))
        self.assertEqual(len(self.asked), 1)
        self.assertEqual(self._charges().state, "error")
        self.assertEqual(self._subjects(), [OFF])
        self.assertIn("do not know whether it was charged", self._body())
        self.assertOff()

    def _ask_over_http(self, error):
        """The provider is asked as core asks, and fails so."""

        def ask(tx):
            self.asked.append(tx.amount)
            tx._send_api_request("POST", "/charge")

        self.patch(self.registry["payment.transaction"], "_send_payment_request", ask)
        self.startPatcher(patch("requests.request", side_effect=error))
        self._allow()
        self._spend(85)
        self._run()

    @mute_logger("odoo.addons.customer_wallet.models.customer_wallet_automatic_charge")
    def test_a_provider_that_does_not_answer_may_have_charged(self):
        self._ask_over_http(requests.ReadTimeout())
        self._run(self._later(minutes=50))
        self._run(self._later(hours=2))
        self.assertEqual(self.asked, [35])
        self.assertEqual(self._subjects(), [OFF])
        self.assertEqual(self._setting().charged_amount, 35)
        self.assertOff()

    def test_a_provider_that_cannot_be_reached_is_asked_again(self):
        self._ask_over_http(requests.ConnectTimeout())
        self.assertEqual(self._charges().state, "error")
        self._run(self._later(hours=2))
        self.assertEqual(self.asked, [35, 35])

    def test_a_new_consent_ends_what_was_begun(self):
        setting = self._allow()
        self._spend(85)
        tx = setting._start()
        self._allow(amount=30.0)
        with patch.object(self.env.cr, "commit", self.env.flush_all):
            setting._charge(tx)
        self.assertEqual((self.asked, tx.state), ([], "cancel"))
        self.assertEqual(self._setting().failures, 0)

    def test_one_that_cannot_be_charged_holds_up_no_other(self):
        self._allow()
        self._spend(85)
        Setting = self.registry["customer.wallet.automatic.top.up"]
        with (
            patch.object(Setting, "_start", side_effect=UserError("No such method")),
            mute_logger(
                "odoo.addons.customer_wallet.models.customer_wallet_automatic_charge"
            ),
        ):
            self._run()
        self.assertEqual(self.asked, [])
        self._run()
        self.assertEqual(self.asked, [], "It is left alone for a day")
        self._run(self._later(days=2))
        self.assertEqual(self.asked, [35])

    def test_one_that_cannot_be_closed_holds_up_no_other(self):
        self.answer = "pending"
        self._allow()
        self._spend(85)
        self._run()
        self.answer = "done"
        other = self._top_up(100, partner_id=self.stranger.id).partner_id
        user = self.env["res.users"].search([("login", "=", "wallet_stranger")])
        card, wallet = self._save_card(other), self._wallet(other)
        self._allow(user=user, wallet=wallet, token=card)
        self._invoice(85, partner_id=other.id).action_allocate_wallet()
        self.patch(
            self.registry["payment.transaction"],
            "_close_wallet_charge",
            lambda tx: tx.ensure_one() and tx._no_such_method(),
        )
        with mute_logger(
            "odoo.addons.customer_wallet.models.payment_transaction_automatic_top_up"
        ):
            self._run(self._later(days=5))
        self.assertBalance(50, wallet)

    def test_a_reference_of_somebody_else_is_no_reason_to_wait(self):
        self._allow()
        self._spend(85)
        taken = self._start(40, login="wallet_stranger").reference
        with (
            patch.object(
                self.registry["payment.transaction"],
                "_compute_reference",
                lambda *args, **kwargs: taken,
            ),
            mute_logger("odoo.sql_db"),
        ):
            self._run()
        self.assertEqual(self.asked, [])
        self._run(self._later(minutes=1))
        self.assertEqual(self.asked, [35])
        self.assertBalance(50)

    def test_nobody_edits_what_was_charged(self):
        self._allow()
        self._spend(85)
        self._run()
        tx = self._charges().with_user(self.env.user)
        for name, value in (
            ("wallet_charge_date", "2020-01-01"),
            ("wallet_automatic_top_up_id", False),
        ):
            self.assertRefused(AccessError, tx.write, {name: value})

    def test_it_is_known_before_the_card_is_charged(self):
        """A server that is killed while the bank works finds what it has begun."""
        self._allow()
        self._spend(85)
        Setting = self.registry["customer.wallet.automatic.top.up"]
        with patch.object(Setting, "_charge", lambda setting, tx: None):
            self._run()
        self.assertEqual(self._charges().state, "draft")
        self._run()
        self.assertEqual(self.asked, [])

    def test_what_is_stopped_in_that_moment_is_not_charged(self):
        setting = self._allow()
        self._spend(85)
        tx = setting._start()
        self._wallet()._stop_automatic_top_up()
        with patch.object(self.env.cr, "commit", self.env.flush_all):
            setting._charge(tx)
        self.assertEqual((self.asked, tx.state), ([], "cancel"))
        self.assertFalse(self._subjects())

    # What else is on its way

    def test_a_top_up_on_its_way_is_waited_for(self):
        self._allow()
        self._spend(85)
        tx = self._start(40)
        tx._set_pending()
        self._run()
        self.assertEqual(self.asked, [])
        tx._set_canceled()
        self._run()
        self.assertEqual(self.asked, [35])

    # What is given back

    def assertNotChargedAgain(self, note="given back"):
        """Too little is left, and the customer is told why no card brings it."""
        self._run()
        self.assertEqual(self.asked, [])
        self.assertIn(note, self._notes())
        self.assertEqual(self._subjects(), [OFF])
        self.assertIn("money was given back", self._body())
        self.assertOff()

    def test_what_is_paid_out_is_not_charged_again(self):
        self._allow()
        self._pay_out(100)
        self.assertBalance(0)
        self.assertNotChargedAgain()

    def test_what_is_paid_out_while_enough_is_left_changes_nothing(self):
        self._allow()
        self._pay_out(60)
        self._spend(30)
        self._run()
        self.assertEqual(self.asked, [40])
        self.assertBalance(50)

    def test_what_is_refunded_is_not_charged_again(self):
        self._refundable()
        self._allow()
        self._spend(85)
        self._run()
        self.asked.clear()
        refund = self._charges()._refund(35)
        refund._set_done()
        refund._post_process()
        self.assertBalance(15)
        self.assertNotChargedAgain()

    def test_a_top_up_that_is_cancelled_is_not_charged_again(self):
        """As when the bank has returned a direct debit."""
        self._allow()
        self._spend(85)
        self._run()
        self.asked.clear()
        self._charges().payment_id.action_cancel()
        self.assertBalance(15)
        self.assertNotChargedAgain()

    def test_a_top_up_that_is_reversed_is_not_charged_again(self):
        self._allow()
        self._spend(85)
        self._run()
        self.asked.clear()
        self._charges().payment_id.move_id._reverse_moves(cancel=True)
        self.assertBalance(15)
        self.assertNotChargedAgain()

    def test_what_is_moved_to_another_customer_is_not_charged_again(self):
        self._allow()
        wizard = self.env["customer.wallet.transfer"].with_context(
            default_wallet_id=self._wallet().id
        )
        wizard.create(
            {
                "target_partner_id": self.stranger.id,
                "amount": 90,
                "reason": "It was paid for them",
            }
        ).action_confirm()
        self.assertBalance(10)
        self.assertNotChargedAgain()

    # When nothing is charged

    def test_a_removed_card_turns_it_off(self):
        self._allow()
        self._spend(85)
        self.card.active = False
        self.assertEqual(self._subjects(), [OFF])
        self.assertIn("the card was removed", self._notes())
        self.assertOff()

    def test_who_removes_a_card_is_told_what_it_pays(self):
        self._allow()
        card = self.card.with_user(self.owner_user).sudo(False)
        [info] = card.get_linked_records_info()
        self.assertEqual(info["url"], f"/my/wallet?wallet_id={self._wallet().id}")
        stranger = self.env["res.users"].search([("login", "=", "wallet_stranger")])
        with self.assertRaises(AccessError):
            card.with_user(stranger).get_linked_records_info()

    def test_a_deleted_card_turns_it_off(self):
        self._allow()
        self._spend(85)
        self.env.flush_all()
        self.card.unlink()
        self._run()
        self.assertEqual(self._subjects(), [OFF])
        self.assertOff()

    def test_a_frozen_wallet_is_not_topped_up(self):
        self._allow()
        self._spend(85)
        self._wallet().state = "frozen"
        self._run()
        self.assertEqual(self.asked, [])
        self._wallet().state = "open"
        self._run()
        self.assertEqual(self.asked, [35])

    def test_a_company_that_takes_no_online_top_ups_charges_nothing(self):
        self._allow()
        self._spend(85)
        self.company.wallet_online_top_up = False
        self._run()
        self.assertEqual(self.asked, [])

    def test_a_provider_that_is_disabled_is_not_asked(self):
        self._allow()
        self._spend(85)
        self.provider.state = "disabled"
        self._run()
        self.assertEqual(self.asked, [])

    def test_money_that_somebody_has_to_capture_is_not_asked_for(self):
        """Nobody is there to do it: it would be on its way for ever."""
        self._allow()
        self._spend(85)
        self.patch(self.registry["payment.provider"], "support_manual_capture", "full")
        self.provider.capture_manually = True
        self._run()
        self.assertEqual(self.asked, [])
        self.assertIn("one of your saved cards", self._post())
        self.provider.capture_manually = False
        self._run()
        self.assertBalance(50)

    def test_an_archived_customer_is_not_charged(self):
        self._allow()
        self._spend(100)
        self.owner_user.active = False
        self.customer.active = False
        self.assertOff()

    def test_merged_customers_are_not_charged(self):
        """Allowed for one customer is not allowed for the other."""
        setting = self._allow()
        self._spend(85)
        other = self.customer.create({"name": "Amal H.", "email": "a@example.com"})
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | other).ids, other, extra_checks=False
        )
        self.env.invalidate_all()
        self._run()
        self.assertEqual(self.asked, [])
        self.assertNotEqual(setting.exists().state, "on")

    @mute_logger("odoo.addons.customer_wallet.models.customer_wallet_automatic_charge")
    def test_a_charge_without_an_answer_is_told_after_a_merger(self):
        self.answer = RuntimeError("the server is gone")
        self._allow()
        self._spend(85)
        self._run()
        tx = self._charges()
        other = self.env["res.partner"].create({"name": "Amal H."})
        self._top_up(10, partner_id=other.id)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | other).ids, other, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertFalse(tx.wallet_automatic_top_up_id)
        self._run(self._later(hours=2))
        self.assertEqual(tx.state, "error")
        notes = " ".join(self._wallet(other).message_ids.mapped("body"))
        self.assertIn("not known whether the card was charged", notes)
        self.assertBalance(25, self._wallet(other))

    def test_a_card_of_somebody_who_left_is_not_charged(self):
        user = self.env["res.users"].search([("login", "=", "wallet_colleague")])
        self._allow(user=user, token=self._save_card(self.colleague))
        self._spend(85)
        self.colleague.parent_id = False
        self._run()
        self.assertEqual(self.asked, [])
        self.assertOff()

    # Whose wallet, and whose card

    def test_a_contact_of_the_company_allows_it_with_an_own_card(self):
        user = self.env["res.users"].search([("login", "=", "wallet_colleague")])
        with self.assertRaises(AccessError):
            self._allow(user=user)
        self._allow(user=user, token=self._save_card(self.colleague))
        self._spend(85)
        self._run()
        tx = self._charges()
        self.assertEqual(tx.partner_id, self.colleague)
        self.assertEqual(tx.wallet_top_up_partner_id, self.customer)
        self.assertBalance(50)

    def test_somebody_else_cannot_allow_it(self):
        stranger = self.env["res.users"].search([("login", "=", "wallet_stranger")])
        for user in (stranger, self.env.ref("base.public_user"), self.env.user):
            for card in (self.card, self._save_card(self.stranger)):
                with self.assertRaises(AccessError):
                    self._allow(user=user, token=card)
        self.assertFalse(self._setting())

    def test_consent_is_recorded(self):
        setting = self._allow()
        self.assertEqual(setting.consent_user_id, self.owner_user)
        self.assertTrue(setting.consent_date)
        text = setting.consent_text.replace("\xa0", " ")
        for words in ("Below $ 20.00", "up to $ 50.00", "$ 200.00 a month", "I allow"):
            self.assertIn(words, text)
            self.assertIn(words, self._notes())
        self._allow(threshold=30.0)
        self.assertIn("Below $ 30.00", self._notes())

    def test_amounts_that_do_not_go_together_are_refused(self):
        for vals in (
            {"amount": 19.99},
            {"monthly_limit": 29.99},
            {"top_up_type": "add", "amount": 201.0},
        ):
            with self.subTest(**vals), self.assertRaises(UserError):
                self._allow(**vals)
        self.assertFalse(self._setting())

    def test_staff_stop_it_and_never_turn_it_on(self):
        setting = self._allow()
        users = {
            group: new_test_user(
                self.env,
                f"automatic_{group}",
                f"customer_wallet.group_wallet_{group}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for group in ("user", "manager")
        }
        with self.assertRaises(AccessError):
            setting.with_user(users["user"]).action_stop()
        by_manager = setting.with_user(users["manager"])
        self.assertEqual(
            by_manager.read(["card", "charged_amount"])[0]["card"][-4:], "4242"
        )
        by_manager.action_stop()
        self.assertIn("was stopped", self._notes())
        self.assertOff()
        for env_user in (users["manager"], self.env.ref("base.user_admin")):
            forged = setting.with_user(env_user).sudo()
            with self.assertRaises(AccessError):
                forged.write({"state": "on"})
            with self.assertRaises(AccessError):
                forged.with_context(wallet_consent=True).write({"state": "on"})
            with self.assertRaises(AccessError):
                self._wallet().with_user(env_user).write(
                    {"automatic_top_up_threshold": 5.0}
                )

    # The portal

    def _post(self, url="/my/wallet/automatic", login="wallet_owner", **data):
        self._login(login)
        data = {
            "wallet_id": self._wallet().id,
            "token_id": self.card.id,
            "threshold": "20",
            "top_up_type": "fill",
            "amount": "50",
            "monthly_limit": "200",
            "consent": "1",
            "csrf_token": http.Request.csrf_token(self),
            **data,
        }
        response = self.url_open(url, data=data, timeout=60)
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.text)
        message = page.xpath("//*[contains(@class, 'o_wallet_message')]")
        return message[0].text_content().strip() if message else ""

    def test_the_portal_refuses_in_words_what_is_missing(self):
        theirs = self._save_card(self.stranger)
        for data, words in (
            ({"consent": ""}, "Tick the box"),
            ({"token_id": theirs.id}, "one of your saved cards"),
            ({"token_id": "x"}, "one of your saved cards"),
            ({"top_up_type": "all"}, "fill up or to add"),
            ({"threshold": "-1"}, "greater than zero"),
            ({"amount": "ten"}, "valid amount"),
            ({"monthly_limit": ""}, "valid amount"),
            ({"amount": "10"}, "enter more than"),
        ):
            with self.subTest(**data):
                self.assertIn(words, self._post(**data))
        self.assertFalse(self._setting())
        self.assertIn("is on", self._post())
        self.assertEqual(self._setting().state, "on")

    def test_the_page_says_that_the_card_was_declined(self):
        self.answer = "error"
        self._allow()
        self._spend(85)
        self._run()
        self._login("wallet_owner")
        page = html.fromstring(self._page())
        self.assertTrue(
            page.xpath("//*[contains(@class, 'o_wallet_automatic_declined')]")
        )

    def test_who_has_no_card_is_told_to_save_one(self):
        self.card.active = False
        self._login("wallet_owner")
        page = html.fromstring(self._page())
        block = page.xpath("//*[contains(@class, 'o_wallet_automatic_no_card')]//a")
        self.assertEqual(block[0].get("href"), "/my/payment_method")

    def test_the_page_offers_nothing_where_no_card_can_be_saved(self):
        self.card.active = False
        self.provider.allow_tokenization = False
        self._login("wallet_owner")
        page = html.fromstring(self._page())
        self.assertFalse(page.xpath("//*[contains(@class, 'o_wallet_automatic')]"))


@tagged("post_install", "-at_install", "-standard", "with_payment_demo")
class TestAutomaticTopUpDemo(AutomaticTopUpCommon):
    """The same with a provider that Odoo ships, whose cards answer what they say."""

    @classmethod
    def _save_card(cls, partner):
        demo = cls.env["payment.provider"].sudo().search([("code", "=", "demo")])
        demo = demo.filtered(lambda it: it.company_id == cls.company) or demo[0].copy(
            {"company_id": cls.company.id}
        )
        demo.write({"state": "test", "is_published": True, "allow_tokenization": True})
        demo.payment_method_ids.active = True
        return (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": demo.id,
                    "payment_method_id": demo.payment_method_ids[:1].id,
                    "partner_id": partner.id,
                    "payment_details": "4242",
                    "provider_ref": "demo card",
                    "demo_simulated_state": "done",
                }
            )
        )

    def _let_bank_answer(self):
        """The cards do."""

    def test_a_card_that_works_fills_the_wallet_once(self):
        self._allow()
        self._spend(85)
        self._run()
        self._run()
        self.assertEqual(self._charges().mapped("state"), ["done"])
        self.assertBalance(50)

    def test_a_declined_card_is_left_alone_and_turned_off_at_last(self):
        self.card.demo_simulated_state = "error"
        self._allow()
        self._spend(85)
        self._run()
        self._run()
        self.assertEqual(self._charges().mapped("state"), ["error"])
        self.assertEqual(self._subjects(), [DECLINED])
        for days in (2, 4):
            self._run(self._later(days=days))
        self.assertEqual(self._charges().mapped("state"), ["error"] * 3)
        self.assertEqual(self._setting().state, "off")
        self.assertBalance(15)

    def test_a_late_confirmation_fills_the_wallet_once(self):
        self.card.demo_simulated_state = "pending"
        self._allow()
        self._spend(85)
        self._run()
        self._run(self._later(days=2))
        tx = self._charges()
        self.assertEqual(tx.mapped("state"), ["pending"])
        self.assertEqual(self._subjects(), [CONFIRM])
        tx.action_demo_set_done()
        tx._post_process()
        self._run()
        self.assertEqual(len(self._charges()), 1)
        self.assertBalance(50)

    def test_a_confirmation_that_is_cancelled_is_a_failure(self):
        self.card.demo_simulated_state = "pending"
        self._allow()
        self._spend(85)
        self._run()
        tx = self._charges()
        tx.action_demo_set_canceled()
        tx._post_process()
        self.assertEqual(self._setting().failures, 1)
        self.assertEqual(self._subjects(), [CONFIRM, DECLINED])
        self.assertBalance(15)

    def test_a_removed_card_is_not_charged(self):
        self._allow()
        self._spend(85)
        self.card.active = False
        self._run()
        self.assertFalse(self._charges())
        self.assertEqual(self._setting().state, "off")
        self.assertEqual(self._subjects(), [OFF])


@tagged("post_install", "-at_install", "wallet_browser")
class TestAutomaticTopUpTours(AutomaticTopUpCommon):
    browser_size = "1366x768"

    def test_the_customer_allows_it_and_stops_it(self):
        self.start_tour(
            "/my/wallet",
            "customer_wallet_automatic_top_up",
            login="wallet_owner",
            timeout=180,
        )
        setting = self._setting()
        self.assertRecordValues(
            setting,
            [
                {
                    "token_id": self.card.id,
                    "threshold": 25.0,
                    "top_up_type": "fill",
                    "amount": 50.0,
                    "monthly_limit": 200.0,
                    "state": "off",
                    "consent_user_id": self.owner_user.id,
                }
            ],
        )
        self.assertEqual(self.asked, [])


class TestAutomaticTopUpToursOnPhone(TestAutomaticTopUpTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
