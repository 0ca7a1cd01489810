from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestExpiry(WalletCommon):
    """On 1 March the customer paid 100 and got 10, to be used until 11 March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Asia/Bahrain"
        cls.promotion = cls._promotion(validity_days=10)
        with freeze_time("2026-03-01 12:00:00"):
            cls.top_up = cls._top_up(100)
        cls.lot = cls._lots_of(cls.top_up)

    def _takings(self):
        """The items that took from the bonus of the first of March."""
        return self.env["account.move.line"].search(
            [("wallet_grant_id", "=", self.lot.id)]
        )

    def _expiries(self):
        return self.env["account.move"].search(
            [
                ("wallet_operation", "=", "expiry"),
                ("company_id", "=", self.company.id),
            ],
            order="id",
        )

    def test_what_is_left_goes_back_after_the_last_day(self):
        self._run_at("2026-03-11 20:00:00")
        self.assertKinds(100, 10)
        self._run_at("2026-03-12 08:00:00")
        entry = self._expiries()
        self.assertEntry(
            entry,
            [
                (self.company.wallet_bonus_account_id, 10, 0),
                (self.company.wallet_promotion_account_id, 0, 10),
            ],
        )
        self.assertEqual(entry.date, date(2026, 3, 12))
        self.assertEqual(self._takings().move_id, entry)
        self.assertKinds(100, 0)

    def test_the_day_ends_where_the_company_is(self):
        self._run_at("2026-03-11 20:59:00")
        self.assertKinds(100, 10)
        self._run_at("2026-03-11 21:01:00")
        self.assertKinds(100, 0)

    def test_only_what_is_left(self):
        with freeze_time("2026-03-05 12:00:00"):
            self._invoice(4).action_allocate_wallet()
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(100, 0)
        self.assertEqual(self._expiries().amount_total, 6)

    def test_it_can_run_twice(self):
        self._run_at("2026-03-12 08:00:00")
        self._run_at("2026-03-12 08:00:00")
        self._run_at("2026-03-13 08:00:00")
        self.assertEqual(len(self._expiries()), 1)
        self.assertKinds(100, 0)

    def test_money_that_comes_back_later_expires_with_the_next_run(self):
        with freeze_time("2026-03-05 12:00:00"):
            invoice = self._invoice(4)
            invoice.action_allocate_wallet()
        self._run_at("2026-03-12 08:00:00")
        with freeze_time("2026-03-13 12:00:00"):
            self._unallocate(invoice)
        self.assertKinds(100, 4)
        self._run_at("2026-03-14 08:00:00")
        self.assertKinds(100, 0)
        self.assertEqual(self._expiries().mapped("amount_total"), [6, 4])

    def test_what_was_taken_by_hand_and_came_back_expires_as_before(self):
        with freeze_time("2026-03-05 12:00:00"):
            entry = self._enter(
                (self.bonus_account, 10, 0), (self.promotion_account, 0, 10)
            )
            self.assertInWallet(100)
            entry._reverse_moves(cancel=True)
            self.assertInWallet(100, (10, date(2026, 3, 11)))
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(100, 0)

    def test_what_is_moved_by_hand_expires_as_before(self):
        """From the bonuses to the bonuses, by one entry or by those of a cut-off."""
        with freeze_time("2026-03-05 12:00:00"):
            self._enter((self.bonus_account, 10, 0), (self.bonus_account, 0, 10))
            self.assertInWallet(100, (10, date(2026, 3, 11)))
            self._enter(
                (self.bonus_account, 6, 0),
                (self.promotion_account, 4, 0),
                (self.bonus_account, 0, 10),
            )
            self.assertInWallet(100, (10, date(2026, 3, 11)), (4, False))
            cut_off = (
                self.env["account.automatic.entry.wizard"]
                .with_context(active_model="account.move.line", active_ids=self.lot.ids)
                .create(
                    {
                        "action": "change_period",
                        "date": "2026-03-04",
                        "percentage": 100,
                        "journal_id": self.company_data["default_journal_misc"].id,
                        "expense_accrual_account": self.company_data[
                            "default_account_assets"
                        ].id,
                        "revenue_accrual_account": self.company_data[
                            "default_account_assets"
                        ].id,
                    }
                )
            )
            cut_off.do_action()
            self.assertInWallet(100, (10, date(2026, 3, 11)), (4, False))
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(100, 4)

    def test_an_opening_bonus_and_one_of_another_customer_came_back_from_nowhere(self):
        """What is taken by hand is of the bonus that expires first."""
        equity = self.env["account.account"].search(
            [("account_type", "=", "equity")], limit=1
        )
        other = self.env["res.partner"].create({"name": "Liam"})
        with freeze_time("2026-03-05 12:00:00"):
            self._enter((equity, 20, 0), (self.bonus_account, 0, 20))
            self._give_bonus(30, partner=other)
            moved = self._enter(
                (self.bonus_account, 30, 0), (self.bonus_account, 0, 30), post=False
            )
            moved.line_ids[0].partner_id = other
            moved.action_post()
            self._enter((self.bonus_account, 6, 0), (self.promotion_account, 0, 6))
            self.assertInWallet(100, (4, date(2026, 3, 11)), (20, False), (30, False))
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(100, 50)

    def test_what_has_not_gone_before_has_not_come_back(self):
        """An opening is no return of what a draft takes, or of what is taken later."""
        equity = self.env["account.account"].search(
            [("account_type", "=", "equity")], limit=1
        )
        taken = [(self.bonus_account, 6, 0), (equity, 0, 6)]
        with freeze_time("2026-03-04 12:00:00"):
            self._enter(*taken, post=False)
        with freeze_time("2026-03-05 12:00:00"):
            self._enter((equity, 20, 0), (self.bonus_account, 0, 20))
            self._enter((self.bonus_account, 2, 0), (self.promotion_account, 0, 2))
            self.assertInWallet(100, (8, date(2026, 3, 11)), (20, False))
        with freeze_time("2026-03-06 12:00:00"):
            later = self._enter(*taken)
            # All of a test is one transaction.
            self.env.cr.execute(
                "UPDATE account_move_line SET create_date = create_date"
                " + interval '1 day' WHERE move_id = %s",
                [later.id],
            )
            self.env.invalidate_all()
            self.assertInWallet(100, (2, date(2026, 3, 11)), (20, False))
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(100, 20)

    def test_a_frozen_wallet_waits(self):
        self._wallet().action_freeze()
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(100, 10)
        self._wallet().action_unfreeze()
        self._run_at("2026-03-20 08:00:00")
        self.assertKinds(100, 0)

    def test_a_bonus_without_days_never_expires(self):
        self.promotion.validity_days = 0
        with freeze_time("2026-03-01 12:00:00"):
            self._top_up(100)
        self._run_at("2030-01-01 08:00:00")
        self.assertKinds(200, 10)

    def test_one_that_cannot_be_booked_holds_up_no_other(self):
        other = self.env["res.partner"].create({"name": "Liam"})
        with freeze_time("2026-03-01 12:00:00"):
            self._top_up(100, partner_id=other.id)
        expire = type(self.env["customer.wallet"])._book_expiry
        broken = self._wallet()

        def refuse_the_first(wallets, today):
            if broken in wallets:
                broken._check_available(1000000)
            return expire(wallets, today)

        self.patch(type(self.env["customer.wallet"]), "_book_expiry", refuse_the_first)
        logger = "odoo.addons.customer_wallet.models.customer_wallet_expiry"
        with self.assertLogs(logger, "WARNING"):
            self._run_at("2026-03-12 08:00:00")
        self.assertKinds(100, 10)
        self.assertKinds(100, 0, self._wallet(other))

    def test_one_entry_for_all_that_expire_in_one_night(self):
        other = self.env["res.partner"].create({"name": "Liam"})
        with freeze_time("2026-03-01 12:00:00"):
            self._top_up(50)
            self._top_up(70, partner_id=other.id)
        self._run_at("2026-03-12 08:00:00")
        bonuses = self.company.wallet_bonus_account_id
        expense = self.company.wallet_promotion_account_id
        self.assertEntry(
            self._expiries(),
            [
                (bonuses, 10, 0),
                (bonuses, 5, 0),
                (expense, 0, 15),
                (bonuses, 7, 0),
                (expense, 0, 7),
            ],
        )
        self.assertKinds(150, 0)
        self.assertKinds(70, 0, self._wallet(other))

    def test_more_than_one_batch(self):
        module = "odoo.addons.customer_wallet.models.customer_wallet_expiry"
        with freeze_time("2026-03-01 12:00:00"):
            for number in range(3):
                partner = self.env["res.partner"].create({"name": f"Liam {number}"})
                self._top_up(50, partner_id=partner.id)
        self.startPatcher(patch(f"{module}.EXPIRY_BATCH", 2))
        self._run_at("2026-03-12 08:00:00")
        self.assertEqual(len(self._expiries()), 2)
        wallets = self.env["customer.wallet"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(wallets.mapped("bonus_balance"), [0, 0, 0, 0])

    def test_what_a_night_had_no_time_for_is_done_in_the_next_run(self):
        """Also that of another company: Odoo is told that there is more to do."""
        other = self.setup_other_company(name="Other company")["company"]
        with freeze_time("2026-03-01 12:00:00"):
            self._give_bonus_in(other)
        told = []

        def commit(_cron, _processed=0, *, remaining=None, **_kwargs):
            told.append(remaining)
            return 0.0

        Cron = self.registry["ir.cron"]
        left = [self._wallet(), self._wallet(company=other)]
        for remaining in (1, 0):
            with (
                freeze_time("2026-03-12 08:00:00"),
                patch.object(Cron, "_commit_progress", commit),
            ):
                self.env["customer.wallet"]._cron_expire_bonus()
            self.assertEqual(told.pop(), remaining)
            self.env.invalidate_all()
            self.assertEqual(sum(bool(it.bonus_balance) for it in left), remaining)

    def _give_bonus_in(self, company):
        wallet = self.env["customer.wallet"]._find_or_create(
            self.customer, company, company.currency_id
        )
        given = wallet._prepare_giving_vals(
            [(10, "bonus", date(2026, 3, 11))], "Winter offer"
        )
        expense = wallet._prepare_promotion_expense_vals(given, "Expense", company)
        nothing = self.env["account.move.line"]
        wallet._book("bonus", [(it, nothing) for it in (*given, expense)], company)

    def test_what_is_wrong_in_the_program_holds_up_no_other(self):
        other = self.env["res.partner"].create({"name": "Liam"})
        with freeze_time("2026-03-01 12:00:00"):
            self._top_up(100, partner_id=other.id)
        expire = self.registry["customer.wallet"]._book_expiry
        broken = self._wallet()

        def fail(wallets, today):
            if broken in wallets:
                raise IntegrityError("a constraint")
            return expire(wallets, today)

        self.patch(self.registry["customer.wallet"], "_book_expiry", fail)
        logger = "odoo.addons.customer_wallet.models.customer_wallet_expiry"
        with self.assertLogs(logger, "WARNING"):
            self._run_at("2026-03-12 08:00:00")
        self.assertKinds(100, 10)
        self.assertKinds(100, 0, self._wallet(other))

    def test_what_is_held_was_promised_in_time(self):
        """An order in an open till session holds 4 of the bonus. The rest expires; what
        is held expires when it is released.
        """
        with freeze_time("2026-03-11 12:00:00"):
            hold = self._wallet()._hold(4, self.customer)
        self.assertEqual(hold.bonus_amount, 4)
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(100, 4)
        hold._release()
        self._run_at("2026-03-13 08:00:00")
        self.assertKinds(100, 0)

    def test_the_customer_reads_which_bonus_expired(self):
        self._run_at("2026-03-12 08:00:00")
        self.assertIn("Spring bonus", self._takings().name)
        self.assertIn("03/11/2026", self._takings().name)

    def test_an_expired_bonus_pays_no_debt(self):
        """Paid money is 50 below zero, within the limit; the bonus is gone all the
        same.
        """
        with freeze_time("2026-03-05 12:00:00"):
            self._wallet().overdraft_limit = 50
            self._pay_out(150)
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(-50, 0)

    def test_each_currency_has_its_entry(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self._promotion(currency_id=currency.id, validity_days=10)
        with freeze_time("2026-03-01 12:00:00"):
            self._top_up(100, currency_id=currency.id)
        self._run_at("2026-03-12 08:00:00")
        entry = self._expiries().filtered(lambda move: move.currency_id == currency)
        self.assertEntry(
            entry,
            [
                (self.company.wallet_bonus_account_id, 5, 0, 10, currency),
                (self.company.wallet_promotion_account_id, 0, 5, -10, currency),
            ],
        )
        self.assertKinds(100, 0, self._wallet(currency=currency))
        self.assertKinds(100, 0)

    def test_a_top_up_whose_bonus_expired_is_taken_back_without_it(self):
        with freeze_time("2026-03-05 12:00:00"):
            self._invoice(4).action_allocate_wallet()
            self.promotion.active = False
            self._top_up(20)
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(120, 0)
        with freeze_time("2026-03-13 12:00:00"):
            self.top_up.action_cancel()
        # 100 paid in and the 4 that were spent of the bonus.
        self.assertKinds(16, 0)
        self._run_at("2026-03-14 08:00:00")
        self.assertKinds(16, 0)

    def test_a_bonus_that_was_given_anew_goes_with_its_top_up(self):
        with freeze_time("2026-03-05 12:00:00"):
            self._invoice(4).action_allocate_wallet()
        self._run_at("2026-03-12 08:00:00")
        with freeze_time("2026-03-13 12:00:00"):
            self._confirm_undo(self._movements()[-1])
            self.assertInWallet(100, (6, False))
            self.assertEqual(self.top_up.wallet_bonus, 10)
            self.promotion.active = False
            self._top_up(4)
            self.top_up.action_cancel()
        # The 4 that were spent of the bonus are paid with the customer's money.
        self.assertKinds(0, 0)

    def test_what_has_expired_together_is_undone_apart(self):
        """Of each customer, once; the entry is reversed as a whole no more."""
        other = self.customer.copy()
        with freeze_time("2026-03-02 12:00:00"):
            self._give_bonus(7, expiry="2026-03-11", partner=other)
        self._run_at("2026-03-12 08:00:00")
        entry = self._expiries()
        self.assertEqual(len(entry.line_ids.wallet_id), 2)
        movements = self._movements().filtered(lambda it: it.move_id == entry)
        self._confirm_undo(movements)
        self.assertKinds(100, 10)
        self.assertKinds(0, 0, self._wallet(other))
        self.assertEntry(
            entry.reversal_move_ids,
            [
                (self.company.wallet_bonus_account_id, 0, 10),
                (self.company.wallet_promotion_account_id, 10, 0),
            ],
        )
        self.env.invalidate_all()
        self.assertEqual((movements.status, movements.can_undo), ("undone", False))
        self.assertRefused(
            UserError, self._confirm_undo, movements, message="already been undone"
        )
        self.assertRefused(UserError, entry._reverse_moves, message="A part of")
        # A wallet that the entry is not about takes nobody's part.
        stranger = self._top_up(1, partner_id=self.customer.copy().id).wallet_id
        action = movements.action_undo()
        forged = self.env[action["res_model"]].create(
            {"move_id": entry.id, "wallet_id": stranger.id, "reason": "Goodwill"}
        )
        self.assertRefused(UserError, forged.action_confirm, message="cannot be undone")
        of_other = self._movements(self._wallet(other))
        self._confirm_undo(of_other.filtered(lambda it: it.move_id == entry))
        self.assertKinds(0, 7, self._wallet(other))

    def _confirm_undo(self, movement):
        action = movement.action_undo()
        dialog = Form(self.env[action["res_model"]].with_context(**action["context"]))
        dialog.reason = "Goodwill"
        dialog.save().action_confirm()

    # Reminder

    def _reminders(self, wallet=None):
        return self.env["mail.mail"].search(
            [
                ("model", "=", "customer.wallet"),
                ("res_id", "=", (wallet or self._wallet()).id),
                ("subject", "like", "expires soon"),
            ]
        )

    def test_a_reminder_goes_out_once(self):
        self.company.write(
            {"wallet_expiry_reminder": True, "wallet_expiry_reminder_days": 3}
        )
        self._run_at("2026-03-07 08:00:00", "remind_of_expiry")
        self.assertFalse(self._reminders())
        self._run_at("2026-03-08 08:00:00", "remind_of_expiry")
        self._run_at("2026-03-08 08:00:00", "remind_of_expiry")
        self._run_at("2026-03-09 08:00:00", "remind_of_expiry")
        mail = self._reminders()
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn("10.00", mail.body_html)
        self.assertIn("03/11/2026", mail.body_html)
        self.assertEqual(self.lot.wallet_reminder_date, date(2026, 3, 8))

    def test_a_mail_that_cannot_be_written_holds_up_no_other(self):
        self.company.write(
            {"wallet_expiry_reminder": True, "wallet_expiry_reminder_days": 3}
        )
        other = self.customer.copy({"email": "other@example.com"})
        self._give_bonus(10, expiry="2026-03-11", partner=other)
        send = self.registry["mail.template"].send_mail

        def fail(template, res_id, *args, **kwargs):
            if res_id == self._wallet().id:
                raise ValueError("broken")
            return send(template, res_id, *args, **kwargs)

        with (
            patch.object(self.registry["mail.template"], "send_mail", fail),
            mute_logger(
                "odoo.addons.customer_wallet.models.customer_wallet_notifications"
            ),
        ):
            self._run_at("2026-03-08 08:00:00", "remind_of_expiry")
        self.assertFalse(self._reminders())
        self.assertEqual(len(self._reminders(self._wallet(other))), 1)
        self.assertFalse(self.lot.wallet_reminder_date)
        self._run_at("2026-03-09 08:00:00", "remind_of_expiry")
        self.assertEqual(len(self._reminders()), 1)
        self.assertEqual(self.lot.wallet_reminder_date, date(2026, 3, 9))

    def test_a_reminder_that_fails_holds_up_no_other(self):
        self.company.wallet_expiry_reminder = True
        other = self.customer.copy({"email": "other@example.com"})
        self._give_bonus(10, expiry="2026-03-11", partner=other)
        find = self.registry["customer.wallet"]._get_mail_partners

        def fail(wallet):
            return find(wallet if wallet.partner_id == other else wallet._no_such())

        self.patch(self.registry["customer.wallet"], "_get_mail_partners", fail)
        with mute_logger("odoo.addons.customer_wallet.models.wallet_batches"):
            self._run_at("2026-03-10 08:00:00", "remind_of_expiry")
        self.assertEqual(len(self._reminders(self._wallet(other))), 1)

    def test_who_has_a_login_of_the_company_is_reminded(self):
        """As of what else is told about a wallet."""
        self.company.wallet_expiry_reminder = True
        self.customer.email = False
        contact = self.env["res.partner"].create(
            {
                "name": "Omar",
                "email": "omar@example.com",
                "parent_id": self.customer.id,
            }
        )
        self._run_at("2026-03-10 08:00:00", "remind_of_expiry")
        self.assertFalse(self._reminders())
        new_test_user(self.env, "omar", "base.group_portal", partner_id=contact.id)
        self._run_at("2026-03-10 09:00:00", "remind_of_expiry")
        self.assertEqual(self._reminders().recipient_ids, contact)

    def test_it_is_looked_at_each_hour(self):
        """Midnight is at another time wherever a company is."""
        cron = self.env.ref("customer_wallet.ir_cron_wallet_expire_bonus")
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "hours"))

    def test_no_reminder_unless_the_company_wants_it(self):
        self._run_at("2026-03-10 08:00:00", "remind_of_expiry")
        self.assertFalse(self._reminders())

    def test_no_reminder_of_what_is_spent_or_has_expired(self):
        self.company.wallet_expiry_reminder = True
        with freeze_time("2026-03-05 12:00:00"):
            self._invoice(10).action_allocate_wallet()
        self._run_at("2026-03-10 08:00:00", "remind_of_expiry")
        self._run_at("2026-03-14 08:00:00", "remind_of_expiry")
        self.assertFalse(self._reminders())
