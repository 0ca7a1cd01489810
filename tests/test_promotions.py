from datetime import date

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import (
    AccessError,
    ConcurrencyError,
    UserError,
    ValidationError,
)
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestPromotions(WalletCommon):
    # What a top-up earns

    def test_pay_100_get_110(self):
        promotion = self._promotion()
        top_up = self._top_up(100)
        entry = self._bonus_of(top_up)
        self.assertEntry(
            entry,
            [
                (self.company.wallet_promotion_account_id, 10, 0),
                (self.company.wallet_bonus_account_id, 0, 10),
            ],
        )
        self.assertEqual(entry.wallet_operation, "bonus")
        self.assertEqual(entry.wallet_promotion_id, promotion)
        self.assertEqual(entry.wallet_bonus_origin_id, top_up.move_id)
        self.assertEqual(entry.journal_id.code, "WALL")
        self.assertEqual(entry.partner_id, self.customer)
        self.assertEqual(self._lots_of(top_up).wallet_lot_type, "bonus")
        self.assertFalse(self._lots_of(top_up).wallet_expiry_date)
        self.assertKinds(100, 10)

    def test_the_payment_says_so_before_and_after(self):
        promotion = self._promotion(validity_days=30)
        payment = self._top_up(200, post=False)
        self.assertEqual(payment.wallet_bonus, 20)
        self.assertEqual(payment.wallet_promotion_id, promotion)
        self.assertEqual(payment.wallet_balance_after, 220)
        self.assertIn("earns a bonus of", payment.wallet_bonus_message)
        self.assertIn("Spring bonus", payment.wallet_bonus_message)
        payment.action_post()
        self.assertEqual(payment.wallet_bonus, 20)
        self.assertEqual(payment.wallet_balance_after, 220)
        self.assertIn("earned a bonus of", payment.wallet_bonus_message)
        self.assertTrue(
            payment.message_ids.filtered(lambda m: "Spring bonus" in (m.body or ""))
        )

    def test_no_promotion_no_bonus(self):
        top_up = self._top_up(100)
        self.assertFalse(self._bonus_of(top_up))
        self.assertFalse(top_up.wallet_bonus_message)
        self.assertKinds(100, 0)

    def test_minimum_and_maximum(self):
        self._promotion(minimum_amount=50, maximum_bonus=20)
        for amount, bonus in ((49.99, 0), (50, 5), (200, 20), (1000, 20)):
            with self.subTest(amount=amount):
                self.assertEqual(self._top_up(amount).wallet_bonus, bonus)

    def test_fixed_amount(self):
        self._promotion(bonus_type="fixed", bonus_value=15, minimum_amount=100)
        self.assertEqual(self._top_up(99).wallet_bonus, 0)
        self.assertEqual(self._top_up(500).wallet_bonus, 15)

    def test_the_best_one_for_the_customer_and_one_only(self):
        self._promotion(name="Ten")
        fixed = self._promotion(
            name="Fixed", bonus_type="fixed", bonus_value=15, minimum_amount=50
        )
        ten = self._promotion(name="Twelve", bonus_value=12)
        self.assertEqual(self._top_up(100).wallet_promotion_id, fixed)
        self.assertEqual(self._top_up(1000).wallet_promotion_id, ten)
        self.assertKinds(1100, 15 + 120)

    def test_of_two_equal_ones_the_one_that_lasts(self):
        self._promotion(name="Short", validity_days=10)
        lasting = self._promotion(name="Lasting")
        self._promotion(name="Once", once_per_customer=True)
        self.assertEqual(self._top_up(100).wallet_promotion_id, lasting)

    def test_the_date_of_the_payment_counts(self):
        self._promotion(date_from="2026-03-01", date_to="2026-03-31")
        for day, bonus in (
            ("2026-02-28", 0),
            ("2026-03-01", 10),
            ("2026-03-31", 10),
            ("2026-04-01", 0),
        ):
            with self.subTest(day=day):
                self.assertEqual(self._top_up(100, date=day).wallet_bonus, bonus)

    def test_only_customers_with_the_tag(self):
        parent, child, other = self.env["res.partner.category"].create(
            [{"name": "Retail"}, {"name": "VIP"}, {"name": "Staff"}]
        )
        child.parent_id = parent
        self._promotion(partner_category_ids=[Command.set(parent.ids)])
        self.customer.category_id = other
        self.assertEqual(self._top_up(100).wallet_bonus, 0)
        self.customer.category_id = child
        self.assertEqual(self._top_up(100).wallet_bonus, 10)
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self.assertEqual(self._top_up(100, partner_id=contact.id).wallet_bonus, 10)
        self.customer.category_id = False
        self.assertEqual(self._top_up(100, partner_id=contact.id).wallet_bonus, 0)
        contact.category_id = parent
        self.assertEqual(self._top_up(100, partner_id=contact.id).wallet_bonus, 10)

    def test_once_per_customer(self):
        self._promotion(once_per_customer=True)
        first = self._top_up(100)
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self.assertEqual(self._top_up(100, partner_id=contact.id).wallet_bonus, 0)
        other = self.env["res.partner"].create({"name": "Liam"})
        self.assertEqual(self._top_up(100, partner_id=other.id).wallet_bonus, 10)
        # What was taken back may be earned again.
        first.action_cancel()
        self.assertEqual(self._top_up(100).wallet_bonus, 10)

    def test_once_per_customer_in_one_batch(self):
        self._promotion(once_per_customer=True)
        payments = self._top_up(100, post=False) | self._top_up(200, post=False)
        payments.action_post()
        self.assertEqual(sorted(payments.mapped("wallet_bonus")), [0, 10])

    def test_archived_and_foreign_promotions_give_nothing(self):
        self._promotion(active=False)
        other = self.env["res.company"].create({"name": "Other"})
        self._promotion(company_id=other.id)
        self.assertEqual(self._top_up(100).wallet_bonus, 0)

    def test_only_top_ups_in_the_currency_of_the_promotion(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self._promotion(currency_id=currency.id)
        self.assertEqual(self._top_up(100).wallet_bonus, 0)
        top_up = self._top_up(100, currency_id=currency.id)
        self.assertEqual(top_up.wallet_bonus, 10)
        self.assertEntry(
            self._bonus_of(top_up),
            [
                (self.company.wallet_promotion_account_id, 5, 0, 10, currency),
                (self.company.wallet_bonus_account_id, 0, 5, -10, currency),
            ],
        )
        self.assertKinds(100, 10, self._wallet(currency=currency))

    def test_a_currency_with_three_decimals_and_one_without(self):
        for name, places, amount, bonus in (
            ("BHD", 3, 10.005, 1.001),
            ("JPY", 0, 1005, 101),
        ):
            currency = self.env.ref(f"base.{name}")
            currency.write({"active": True, "rounding": 10**-places})
            self._promotion(currency_id=currency.id)
            top_up = self._top_up(amount, currency_id=currency.id)
            self.assertAlmostEqual(top_up.wallet_bonus, bonus, places=3)

    def test_the_bonus_is_valid_for_some_days(self):
        self._promotion(validity_days=30)
        with freeze_time("2026-03-01 12:00:00"):
            top_up = self._top_up(100)
        self.assertEqual(self._lots_of(top_up).wallet_expiry_date, date(2026, 3, 31))

    def test_a_top_up_entered_late_has_its_bonus_as_long(self):
        self._promotion(validity_days=10)
        with freeze_time("2026-03-20 12:00:00"):
            top_up = self._top_up(100, date="2026-03-01")
        self.assertEqual(self._lots_of(top_up).wallet_expiry_date, date(2026, 3, 30))
        self.assertEqual(self._bonus_of(top_up).date, date(2026, 3, 1))

    def test_a_branch_uses_the_promotions_of_its_main_company(self):
        self._promotion()
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids |= branch
        cash = self.env["account.journal"].create(
            {
                "name": "Branch Bank",
                "code": "BRB",
                "type": "bank",
                "company_id": branch.id,
            }
        )
        top_up = self._top_up(100, company_id=branch.id, journal_id=cash.id)
        self.assertEqual(top_up.wallet_bonus, 10)
        self.assertEqual(self._bonus_of(top_up).company_id, branch)
        self.assertKinds(100, 10)
        with self.assertRaisesRegex(ValidationError, "main company"):
            self._promotion(company_id=branch.id)

    # What earns nothing

    def test_a_pay_out_and_an_ordinary_payment_earn_nothing(self):
        self._top_up(500)
        self._promotion()
        self._pay_out(100)
        self._pay(100, is_wallet=False)
        self.assertKinds(400, 0)

    def test_a_manual_entry_earns_nothing(self):
        self._promotion()
        revenue = self.company_data["default_account_revenue"]
        self._enter((self.wallet_account, 0, 100), (revenue, 100, 0))
        self.assertKinds(100, 0)

    def test_an_undone_allocation_earns_nothing(self):
        self._top_up(100)
        self._promotion()
        invoice = self._invoice(60)
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        self.assertKinds(100, 0)

    # Once

    def test_reset_and_posted_again_has_the_bonus_once(self):
        self._promotion()
        top_up = self._top_up(100)
        first = self._bonus_of(top_up)
        top_up.action_draft()
        self.assertKinds(0, 0)
        self.assertFalse(self._bonus_of(top_up))
        self.assertTrue(first._get_wallet_reversals())
        top_up.action_post()
        self.assertKinds(100, 10)
        self.assertEqual(len(self._bonus_of(top_up)), 1)
        self.assertNotEqual(self._bonus_of(top_up), first)

    def test_a_top_up_that_is_corrected_has_its_bonus_no_longer(self):
        self._promotion(validity_days=10)
        with freeze_time("2026-03-01 12:00:00"):
            top_up = self._top_up(100)
        with freeze_time("2026-03-05 12:00:00"):
            top_up.action_draft()
            self.assertIn("03/11/2026", top_up.wallet_bonus_message)
            top_up.action_post()
        self.assertInWallet(100, (10, date(2026, 3, 11)))

    def test_a_bonus_that_has_expired_is_not_given_again(self):
        self._promotion(validity_days=10)
        with freeze_time("2026-03-01 12:00:00"):
            top_up = self._top_up(100)
        self._run_at("2026-03-12 08:00:00")
        with freeze_time("2026-03-20 12:00:00"):
            top_up.action_draft()
            self.assertFalse(top_up.wallet_bonus)
            top_up.action_post()
        self.assertKinds(100, 0)

    def test_what_was_used_of_an_expired_bonus_comes_again(self):
        """The customer has paid for it meanwhile."""
        self._promotion(validity_days=10, minimum_amount=50)
        with freeze_time("2026-03-01 12:00:00"):
            top_up = self._top_up(100)
            self._top_up(4, date="2026-02-01")
            self._invoice(4).action_allocate_wallet()
        self._run_at("2026-03-12 08:00:00")
        self.assertKinds(104, 0)
        with freeze_time("2026-03-20 12:00:00"):
            top_up.action_draft()
            self.assertKinds(0, 0)
            top_up.action_post()
        self.assertInWallet(100, (4, date(2026, 3, 30)))
        self.assertEntry(
            self._bonus_of(top_up),
            [(self.bonus_account, 0, 4), (self.promotion_account, 4, 0)],
        )

    def test_posting_twice_gives_the_bonus_once(self):
        self._promotion()
        top_up = self._top_up(100)
        top_up.action_post()
        top_up.action_validate()
        self.env["customer.wallet.promotion"]._grant(
            top_up.move_id, self.customer, top_up.date
        )
        self.assertKinds(100, 10)

    def test_a_promotion_that_has_ended_leaves_what_it_gave(self):
        promotion = self._promotion()
        top_up = self._top_up(100)
        promotion.write({"active": False, "bonus_value": 50})
        self.assertEqual(top_up.wallet_bonus, 10)
        self.assertKinds(100, 10)
        self.assertRefused(UserError, promotion.unlink, message="archive it instead")
        self._promotion(name="Never used").unlink()

    def test_what_only_says_that_it_reverses_a_bonus_takes_none_back(self):
        """Anybody may say so of an entry by hand: the bonus goes with its top-up."""
        self._promotion(once_per_customer=True)
        top_up = self._top_up(100)
        bonus = self._bonus_of(top_up)
        expense = self.company_data["default_account_expense"]
        for account in (expense, self.wallet_account):
            self._enter((expense, 1, 0), (account, 0, 1), reversed_entry_id=bonus.id)
            self.assertEqual(self._bonus_of(top_up), bonus)
            self.assertFalse(self._top_up(100).wallet_bonus)
        top_up.action_cancel()
        self.assertKinds(201, 0)

    # Faults

    def _break_account(self):
        """As it was archived before this module refused that."""
        account = self.company.wallet_promotion_account_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_account SET active = false WHERE id = %s", [account.id]
        )
        self.env.invalidate_all()
        return account

    def _activities(self, promotion):
        return promotion.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref("customer_wallet.mail_activity_type_promotion")
            )
        )

    def assertToppedUpWithoutBonus(self, promotion):
        """The top-up is confirmed, and says what to do about the bonus."""
        with self.assertLogs(
            "odoo.addons.customer_wallet.models.customer_wallet_promotion_bonus",
            "WARNING",
        ):
            payment = self._top_up(100)
        self.assertIn(payment.state, ("in_process", "paid"))
        self.assertFalse(self._bonus_of(payment))
        told = " ".join(str(body) for body in payment.message_ids.mapped("body"))
        self.assertIn("got no bonus", told)
        self.assertIn(promotion.name, told)
        self.assertIn("adjusting the wallet", told)
        return payment

    def test_a_broken_account_stops_no_top_up(self):
        manager = new_test_user(
            self.env,
            login="wallet_manager",
            groups="customer_wallet.group_wallet_manager",
            company_id=self.company.id,
        )
        promotion = self._promotion()
        account = self._break_account()
        for number in (1, 2):
            self.assertToppedUpWithoutBonus(promotion)
            self.assertKinds(100 * number, 0)
            activities = self._activities(promotion)
            self.assertIn(manager, activities.user_id)
            self.assertEqual(len(activities), len(activities.user_id))
        account.active = True
        activities.filtered(lambda a: a.user_id == manager).action_feedback()
        self._top_up(100)
        self.assertKinds(300, 10)
        self.assertNotIn(manager, self._activities(promotion).user_id)

    def test_whatever_is_wrong_with_a_promotion_stops_no_top_up(self):
        promotion = self._promotion()
        for query in (
            "UPDATE customer_wallet_promotion SET bonus_type = 'gift' WHERE id = %s",
            "UPDATE customer_wallet_promotion SET bonus_value = 'NaN' WHERE id = %s",
            "UPDATE customer_wallet_promotion SET validity_days = 99999999"
            " WHERE id = %s",
        ):
            with self.subTest(query=query):
                self.env.flush_all()
                self.env.cr.execute(query, [promotion.id])
                self.env.invalidate_all()
                payment = self._top_up(100, post=False)
                payment.action_post()
                self.assertIn(payment.state, ("in_process", "paid"))
        wallet = self._wallet()
        self.assertEqual(wallet.balance - wallet.bonus_balance, 300)

    def test_two_top_ups_at_once_are_tried_again(self):
        """A conflict with another transaction is no fault of a promotion."""
        self._promotion()

        def conflict(*_args):
            raise ConcurrencyError("Somebody else was faster")

        self.patch(type(self.env["customer.wallet.promotion"]), "_book_bonus", conflict)
        with self.assertRaises(ConcurrencyError):
            self._top_up(100)

    def test_what_is_not_an_amount_is_refused_in_words(self):
        promotion = self._promotion()
        for fname in ("bonus_value", "minimum_amount", "maximum_bonus"):
            for value in (float("nan"), float("inf"), "ten", True, 1e15, 10**400):
                with self.subTest(fname=fname, value=value):
                    self.assertRefused(
                        UserError,
                        promotion.write,
                        {fname: value},
                        message="valid amount",
                    )
        self.assertRefused(
            ValidationError,
            promotion.write,
            {"validity_days": 99999999},
            message="days or fewer",
        )

    def test_the_wallet_has_no_cost_centre_and_the_expense_has(self):
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        centre = self.env["account.analytic.account"].create(
            {"name": "Manama", "plan_id": plan.id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.customer.id,
                "analytic_distribution": {str(centre.id): 100},
            }
        )
        self._promotion()
        entry = self._bonus_of(self._top_up(100))
        wallet_item = entry.line_ids.filtered("wallet_id")
        self.assertFalse(wallet_item.analytic_distribution)
        expense = entry.line_ids - wallet_item
        self.assertEqual(expense.analytic_distribution, {str(centre.id): 100})
        self.assertEqual(expense.analytic_line_ids.amount, -10)

    # The offer in words

    def test_the_offer_in_words(self):
        promotion = self._promotion(
            minimum_amount=50, maximum_bonus=20, validity_days=30
        )
        currency = self.company.currency_id
        self.assertEqual(
            promotion.offer,
            f"Pay {currency.format(50)}, get {currency.format(55)}",
        )
        self.assertEqual(
            promotion.conditions,
            f"Top up {currency.format(50)} or more, 10% bonus, at most "
            f"{currency.format(20)}, to be used within 30 days",
        )
        promotion.minimum_amount = 0
        self.assertEqual(
            promotion.offer,
            f"Pay {currency.format(100)}, get {currency.format(110)}",
        )

    def test_what_makes_no_sense_is_refused_in_words(self):
        for vals, message in (
            ({"bonus_value": 0}, "greater than zero"),
            ({"bonus_value": -5}, "greater than zero"),
            ({"bonus_value": 101}, "more than the customer pays"),
            ({"minimum_amount": -1}, "cannot be negative"),
            ({"maximum_bonus": -1}, "cannot be negative"),
            ({"validity_days": -1}, "cannot be negative"),
            ({"date_from": "2026-02-02", "date_to": "2026-02-01"}, "before it starts"),
            ({"bonus_type": "fixed", "bonus_value": 5}, "smallest top-up"),
            (
                {"bonus_type": "fixed", "bonus_value": 50, "minimum_amount": 10},
                "more than the customer pays",
            ),
            (
                {"bonus_type": "fixed", "bonus_value": 0.004, "minimum_amount": 10},
                "enter .*0.01 or more",
            ),
        ):
            with self.subTest(**vals):
                self.assertRefused(
                    ValidationError, self._promotion, message=message, **vals
                )

    def test_another_currency_has_another_smallest_amount(self):
        jpy = self.setup_other_currency(
            "JPY", rates=[("2017-01-01", 150.0)], rounding=1.0
        )
        for vals in (
            {"bonus_type": "fixed", "bonus_value": 0.4, "minimum_amount": 10},
            {"maximum_bonus": 0.4},
        ):
            promotion = self._promotion(**vals)
            self.assertRefused(
                ValidationError,
                promotion.write,
                {"currency_id": jpy.id},
                message="less than the smallest amount that there is in JPY",
            )

    # Set up, access

    def test_the_expense_account_stands_among_ordinary_expenses(self):
        """What looks for the first expense account finds the one that it always did."""
        discounts = self.company.account_journal_early_pay_discount_loss_account_id
        expenses = self.env["account.account"].search(
            [
                *self.env["account.account"]._check_company_domain(self.company),
                ("account_type", "=", "expense"),
                ("id", "not in", discounts.ids),
            ]
        )
        self.assertIn(self.company.wallet_promotion_account_id, expenses[1:])

    def test_every_company_has_a_promotion_account(self):
        account = self.company.wallet_promotion_account_id
        self.assertEqual(account.internal_group, "expense")
        self.assertIn(self.company, account.company_ids)
        company = self._create_company(name="Later")
        self.assertEqual(company.wallet_promotion_account_id.internal_group, "expense")
        self.assertNotEqual(company.wallet_promotion_account_id, account)
        with self.assertRaisesRegex(ValidationError, "expense account"):
            company.wallet_promotion_account_id = company.wallet_account_id

    def test_the_account_of_an_earlier_installation_is_used_again(self):
        account = self.company.wallet_promotion_account_id
        self.company.wallet_promotion_account_id = False
        self.company._ensure_wallet_accounting()
        self.assertEqual(self.company.wallet_promotion_account_id, account)

    def test_managers_make_promotions_and_users_read_them(self):
        promotion = self._promotion()
        user = new_test_user(
            self.env, login="wallet_user", groups="customer_wallet.group_wallet_user"
        )
        manager = new_test_user(
            self.env,
            login="wallet_manager",
            groups="customer_wallet.group_wallet_manager",
        )
        self.assertEqual(promotion.with_user(user).offer, promotion.offer)
        with self.assertRaises(AccessError):
            promotion.with_user(user).bonus_value = 50
        promotion.with_user(manager).bonus_value = 50
        self.assertEqual(promotion.bonus_value, 50)

    def test_billing_tops_up_with_a_bonus(self):
        self._promotion()
        billing = new_test_user(
            self.env, login="wallet_billing", groups="account.group_account_invoice"
        )
        payment = (
            self.env["account.payment"]
            .with_user(billing)
            .create(
                {
                    "partner_id": self.customer.id,
                    "amount": 100,
                    "is_wallet": True,
                    "company_id": self.company.id,
                }
            )
        )
        self.assertEqual(payment.wallet_bonus, 10)
        payment.action_post()
        self.assertKinds(100, 10)

    def test_nobody_gives_himself_a_bonus(self):
        promotion = self._promotion()
        entry = self._top_up(100).move_id
        invoice = self._invoice(10)
        for fname, value in (
            ("wallet_promotion_id", promotion.id),
            ("wallet_bonus_origin_id", entry.id),
            ("wallet_bonus_move_ids", [Command.link(invoice.id)]),
        ):
            with self.subTest(fname=fname):
                self.assertRefused(AccessError, invoice.write, {fname: value})

    def test_a_bonus_entry_stays_in_the_books(self):
        self._promotion()
        entry = self._bonus_of(self._top_up(100))
        self.assertRefused(UserError, entry.button_draft)
        self.assertRefused(UserError, entry.unlink)

    def test_today_is_where_the_company_is(self):
        self.company.partner_id.tz = "Asia/Bahrain"
        with freeze_time("2026-03-31 22:30:00"):
            self.assertEqual(
                self.company._get_wallet_today(), fields.Date.to_date("2026-04-01")
            )

    def test_what_was_paid_in_time_earns_also_when_the_books_are_closed(self):
        """Odoo moves the entry of a payment out of a closed month."""
        promotion = self._promotion(
            date_from=date(2026, 4, 1), date_to=date(2026, 4, 30), validity_days=10
        )
        self.company.fiscalyear_lock_date = date(2026, 4, 30)
        with freeze_time("2026-05-10 12:00:00"):
            top_up = self._top_up(100, date=date(2026, 4, 20), post=False)
            self.assertEqual(top_up.wallet_promotion_id, promotion)
            top_up.action_post()
            self.assertGreater(top_up.move_id.date, date(2026, 4, 30))
            self.assertKinds(100, 10)
            bonus = self._bonus_of(top_up)
            self.assertEqual(bonus.date, top_up.move_id.date)
            self.assertEqual(top_up.wallet_promotion_id, promotion)
            [lot] = self._lots_of(top_up)
            self.assertEqual(lot.wallet_expiry_date, date(2026, 5, 20))
            self.assertLedgerAgrees()

    def test_what_was_paid_too_early_earns_nothing_when_the_books_are_closed(self):
        self._promotion(date_from=date(2026, 5, 1))
        self.company.fiscalyear_lock_date = date(2026, 4, 30)
        with freeze_time("2026-05-10 12:00:00"):
            self._top_up(100, date=date(2026, 4, 20))
        self.assertKinds(100, 0)
