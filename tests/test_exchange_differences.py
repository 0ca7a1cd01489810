from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import ConcurrencyError, RedirectWarning, UserError
from odoo.tests import new_test_user, tagged

from .currency_common import CurrencyCommon
from .test_installation import come_back, leave, leave_without_keepsake


@tagged("post_install", "-at_install")
class TestExchangeDifferences(CurrencyCommon):
    """What rates make of the money in a wallet is the company's, and a wallet without
    money is worth nothing in the books. An euro was worth half a dollar at first, and
    is worth a quarter today.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_rate(cls.eur, 4.0)
        cls.euros = {"currency_id": cls.eur.id}

    def _euro_wallet(self, partner=None):
        return self._wallet(partner, currency=self.eur)

    def _exchange_entries(self):
        entries = self.env["account.move"].search(
            [
                ("wallet_operation", "=", "exchange"),
                ("company_id", "=", self.company.id),
            ]
        )
        return entries.sorted("id")

    def _debt(self, amount, value, **vals):
        """A debt in euros of some value in the books."""
        wallet = self.env["customer.wallet"]._find_or_create(
            self.customer, self.company, self.eur
        )
        wallet.overdraft_limit = 1000
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "currency_id": self.eur.id,
                            "amount_currency": sign * amount,
                            "balance": sign * value,
                        }
                    )
                    for account, sign in (
                        (self.wallet_account, 1),
                        (self.company_data["default_account_revenue"], -1),
                    )
                ],
                **vals,
            }
        )
        entry.action_post()
        return wallet

    def _spent_at_the_average(self):
        """Of two top-ups, worth 50 and 25 dollars, half is spent.

        :return: the first one
        """
        top_up = self._top_up(100, date="2020-01-01", **self.euros)
        self._top_up(100, **self.euros)
        self._invoice(100, **self.euros).action_allocate_wallet()
        self.assertEqual(self._book_value(self._euro_wallet()), 37.5)
        return top_up

    def _forget_accounts(self):
        self.company.income_currency_exchange_account_id = False
        self.company.expense_currency_exchange_account_id = False

    def _found(self):
        self.env.flush_all()
        return [
            (item["kind"], item["expected"], item["actual"], item["currency_id"])
            for item in self.env["customer.wallet.check"]._find_differences(
                self.company
            )
        ]

    def _choose_accounts(self):
        self.company.income_currency_exchange_account_id = self.exchange_gain
        self.company.expense_currency_exchange_account_id = self.exchange_loss

    def _run_check(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("customer_wallet.ir_cron_check").method_direct_trigger()
        self.env.invalidate_all()

    # What leaves a value

    def test_a_debt_that_is_paid_at_another_rate(self):
        wallet = self._debt(100, 50)
        self._top_up(100, **self.euros)
        self.assertBalance(0, wallet)
        self.assertEqual(self._book_value(wallet), 0)
        self.assertEntry(
            self._exchange_entries(),
            [
                (self.wallet_account, 0, 25, 0, self.eur),
                (self.exchange_loss, 25, 0, 0, self.eur),
            ],
        )
        self.assertFalse(self._movements(wallet).filtered(lambda it: not it.amount))

    def test_what_is_left_when_a_debt_is_paid_is_worth_its_rate(self):
        wallet = self._debt(100, 50)
        self._top_up(40, **self.euros)
        self.assertFalse(self._exchange_entries())
        self._top_up(200, **self.euros)
        self.assertBalance(140, wallet)
        self.assertEqual(self._book_value(wallet), 35)

    def test_a_top_up_that_is_cancelled_after_money_was_spent(self):
        for action in ("action_cancel", "action_draft"):
            with self.subTest(action), self.env.cr.savepoint() as savepoint:
                top_up = self._spent_at_the_average()
                getattr(top_up, action)()
                self.assertBalance(0, self._euro_wallet())
                self.assertEqual(self._book_value(self._euro_wallet()), 0)
                self.assertEntry(
                    self._exchange_entries(),
                    [
                        (self.wallet_account, 0, 12.5, 0, self.eur),
                        (self.exchange_loss, 12.5, 0, 0, self.eur),
                    ],
                )
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_top_up_that_is_reset_and_confirmed_with_another_amount(self):
        top_up = self._spent_at_the_average()
        top_up.action_draft()
        top_up.amount = 60
        top_up.action_post()
        self.assertBalance(60, self._euro_wallet())
        self.assertEqual(self._book_value(self._euro_wallet()), 30)
        self._pay_out(60, **self.euros)
        self.assertEqual(self._book_value(self._euro_wallet()), 0)

    def test_a_top_up_that_is_corrected_changes_no_value(self):
        """Though the customer is in debt for a moment."""
        top_up = self._top_up(100, date="2020-01-01", **self.euros)
        self._invoice(60, **self.euros).action_allocate_wallet()
        wallet = self._euro_wallet()
        wallet.overdraft_limit = 100
        top_up.action_draft()
        self.assertBalance(-60, wallet)
        self.assertEqual(self._book_value(wallet), -30)
        top_up.memo = "By hand"
        top_up.action_post()
        self.assertEqual(self._book_value(wallet), 20)
        self.assertFalse(self._exchange_entries())

    def test_a_payment_that_is_undone_is_no_new_money(self):
        """Though the customer was in debt."""
        wallet = self.env["customer.wallet"]._find_or_create(
            self.customer, self.company, self.eur
        )
        wallet.overdraft_limit = 100
        invoice = self._invoice(100, **self.euros)
        invoice.action_allocate_wallet()
        self._top_up(50, date="2020-01-01", **self.euros)
        self.assertBalance(-50, wallet)
        invoice.action_unallocate_wallet(invoice._get_wallet_partials().id)
        self.assertBalance(50, wallet)
        self.assertEqual(self._book_value(wallet), 25)
        self.assertFalse(self._exchange_entries())

    def test_what_is_left_without_new_money_is_worth_the_rate_of_the_day(self):
        wallet = self._debt(0.01, 10)
        for moved in ((-40, 10, False), (40, -10, True)):
            difference = wallet._get_exchange_difference((20, -5), moved)
            self.assertEqual(difference, -10)

    def test_a_debt_that_is_made_keeps_the_value_of_what_was_there(self):
        self._top_up(50, date="2020-01-01", **self.euros)
        wallet = self._euro_wallet()
        wallet.overdraft_limit = 100
        self._invoice(100, **self.euros).action_allocate_wallet()
        self.assertBalance(-50, wallet)
        self.assertEqual(self._book_value(wallet), -12.5)
        self.assertFalse(self._exchange_entries())

    def test_a_top_up_that_is_reversed(self):
        top_up = self._spent_at_the_average()
        reversal = top_up.move_id._reverse_moves()
        reversal.action_post()
        self.assertBalance(0, self._euro_wallet())
        self.assertEqual(self._book_value(self._euro_wallet()), 0)

    def test_who_works_in_a_branch_only_takes_the_money_of_a_debt(self):
        wallet = self._debt(100, 50)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.cr.precommit.run()  # where core sets up the accounting of a branch
        cash = self.env["account.journal"].create(
            {
                "name": "Branch Cash",
                "type": "cash",
                "code": "BRC",
                "company_id": branch.id,
            }
        )
        clerk = new_test_user(
            self.env,
            "branch_clerk",
            "account.group_account_invoice",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        top_up = self._top_up(
            100, post=False, company_id=branch.id, journal_id=cash.id, **self.euros
        )
        top_up.with_user(clerk).with_company(branch).action_post()
        self.assertBalance(0, wallet)
        self.assertEqual(self._book_value(wallet), 0)

    def test_the_entry_is_of_the_day_of_the_last_movement(self):
        self._set_rate(self.eur, 4.0, "2026-01-08")
        self._debt(100, 50, date="2026-01-05")
        self._top_up(100, date="2026-01-10", **self.euros)
        self.assertEqual(
            self._exchange_entries().date, fields.Date.to_date("2026-01-10")
        )

    def test_wallets_of_contacts_that_are_merged(self):
        wallet = self._debt(100, 50)
        other = self.env["res.partner"].create({"name": "Badr Aziz"})
        self._top_up(100, partner_id=other.id, **self.euros)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.customer.id, other.id], self.customer)
        self.assertBalance(0, wallet)
        self.assertEqual(self._found(), [("value", 0, -25, self.usd.id)])
        self._run_check()
        self.assertEqual(self._book_value(wallet), 0)
        self.assertEqual(self._found(), [])

    def test_the_exchange_entry_stays(self):
        wallet = self._debt(100, 50)
        self._top_up(100, **self.euros)
        entry = self._exchange_entries()
        self.assertRefused(UserError, entry.button_draft, message="stays in the books")
        entry._reverse_moves()
        self.assertEqual(self._book_value(wallet), 0)
        self.assertFalse(
            wallet.message_ids.filtered(lambda it: "has been undone" in it.body)
        )

    def test_the_exchange_entry_stays_when_the_addon_comes_back(self):
        self._debt(100, 50)
        self._top_up(100, **self.euros)
        entry = self._exchange_entries()
        for leaving in (leave, leave_without_keepsake):
            with self.subTest(leaving.__name__):
                leaving(self.env)
                come_back(self.env)
                self.assertEqual(entry.wallet_operation, "exchange")

    # Pay-outs

    def test_pay_outs_that_are_confirmed_together_leave_no_cent(self):
        self._set_rate(self.eur, 3.0, "2024-01-01")
        self._top_up(10, date="2024-01-01", **self.euros)
        pay_outs = self._pay_out(5, post=False, **self.euros)
        pay_outs += self._pay_out(5, post=False, **self.euros)
        pay_outs.action_post()
        self.assertBalance(0, self._euro_wallet())
        self.assertEqual(self._book_value(self._euro_wallet()), 0)
        self.assertFalse(self._exchange_entries())

    def test_a_pay_out_that_is_reset_and_changed_has_one_difference(self):
        self._top_up(100, date="2020-01-01", **self.euros)
        pay_out = self._pay_out(100, **self.euros)
        pay_out.action_draft()
        pay_out.amount = 40
        bank = pay_out.outstanding_account_id
        self.assertEqual(
            pay_out.move_id.line_ids.mapped("account_id"), bank | self.wallet_account
        )
        pay_out.action_post()
        self.assertEntry(
            pay_out.move_id,
            [
                (self.wallet_account, 20, 0, 40, self.eur),
                (bank, 0, 10, -40, self.eur),
                (self.exchange_gain, 0, 10, 0, self.eur),
            ],
        )

    def test_a_pay_out_that_is_confirmed_again_at_another_average(self):
        self._top_up(100, date="2020-01-01", **self.euros)
        pay_out = self._pay_out(40, **self.euros)
        pay_out.action_draft()
        self._top_up(100, **self.euros)
        pay_out.action_post()
        self.assertEntry(
            pay_out.move_id,
            [
                (self.wallet_account, 15, 0, 40, self.eur),
                (pay_out.outstanding_account_id, 0, 10, -40, self.eur),
                (self.exchange_gain, 0, 5, 0, self.eur),
            ],
        )

    def test_a_pay_out_that_becomes_a_refund_has_no_difference(self):
        self._top_up(100, date="2020-01-01", **self.euros)
        pay_out = self._pay_out(100, **self.euros)
        pay_out.action_draft()
        pay_out.is_wallet = False
        pay_out.action_post()
        self.assertEntry(
            pay_out.move_id,
            [
                (self.receivable, 25, 0, 100, self.eur),
                (pay_out.outstanding_account_id, 0, 25, -100, self.eur),
            ],
        )
        self.assertBalance(100, self._euro_wallet())

    # Without accounts

    def test_without_accounts_money_comes_in_and_the_check_names_it(self):
        self._forget_accounts()
        wallet = self._debt(100, 50)
        self._top_up(100, **self.euros)
        self.assertBalance(0, wallet)
        self.assertEqual(self._found(), [("value", 0, -25, self.usd.id)])
        manager = new_test_user(
            self.env,
            "wallet_manager",
            "account.group_account_manager",
            company_id=self.company.id,
        )
        self._run_check()
        kind = self.env.ref("customer_wallet.mail_activity_type_check")
        activity = self.env["mail.activity"].search(
            [("user_id", "=", manager.id), ("activity_type_id", "=", kind.id)]
        )
        self.assertEqual(activity.res_id, wallet.id)
        self._choose_accounts()
        self._run_check()
        self.assertEqual(self._book_value(wallet), 0)
        self.assertFalse(activity.exists().active)

    def test_an_account_that_is_unfit_stops_no_top_up(self):
        wallet = self._debt(100, 50)
        self.exchange_loss.active = False
        self._top_up(100, **self.euros)
        self.assertBalance(0, wallet)
        self.assertEqual(self._found(), [("value", 0, -25, self.usd.id)])

    def test_what_cannot_be_booked_stops_no_top_up(self):
        wallet = self._debt(100, 50)
        refused = RedirectWarning("Choose an account", 1, "Go there")
        Wallet = self.env.registry["customer.wallet"]
        with (
            patch.object(Wallet, "_book_exchange_entry", side_effect=refused),
            self.assertLogs("odoo.addons.customer_wallet", "WARNING"),
        ):
            self._top_up(100, **self.euros)
        self.assertBalance(0, wallet)
        self.assertEqual(self._found(), [("value", 0, -25, self.usd.id)])

    def test_another_transaction_is_tried_again(self):
        self._debt(100, 50)
        Wallet = self.env.registry["customer.wallet"]
        with (
            patch.object(Wallet, "_book_exchange_entry", side_effect=ConcurrencyError),
            self.assertRaises(ConcurrencyError),
        ):
            self._top_up(100, **self.euros)

    def test_only_the_account_that_is_needed_is_asked_for(self):
        self.company.income_currency_exchange_account_id = False
        wallet = self._debt(100, 50)
        self._top_up(100, **self.euros)
        self.assertEqual(self._book_value(wallet), 0)

    def test_the_check_books_nothing_into_a_year_that_is_closed(self):
        self._forget_accounts()
        wallet = self._debt(100, 40, date="2020-01-05")
        self._top_up(100, date="2020-01-10", **self.euros)
        self.assertEqual(self._book_value(wallet), 10)
        self._choose_accounts()
        self._run_check()
        self.assertEqual(self._book_value(wallet), 0)
        self.assertEqual(
            self._exchange_entries().date, self.company._get_wallet_today()
        )

    def test_the_check_looks_again_only_when_it_has_booked_something(self):
        self._forget_accounts()
        self._debt(100, 50)
        self._top_up(100, **self.euros)
        Check = self.env.registry["customer.wallet.check"]
        find = Check._find_differences
        for times in (1, 2):
            with patch.object(
                Check, "_find_differences", autospec=True, side_effect=find
            ) as found:
                self._run_check()
            self.assertEqual(found.call_count, times)
            self._choose_accounts()

    def test_without_accounts_what_goes_out_at_another_rate_is_refused_in_words(self):
        self._top_up(100, date="2020-01-01", **self.euros)
        self._forget_accounts()
        wallet = self._euro_wallet()
        pay_out = self._pay_out(100, post=False, **self.euros)
        self.assertRefused(UserError, pay_out.action_post, message="Default Accounts")
        invoice = self._invoice(20)
        self.assertRefused(
            UserError, invoice.action_allocate_wallet, message="Amal Haddad"
        )
        self.assertRefused(UserError, wallet._hold, 10, message="Default Accounts")

    def test_a_branch_uses_the_accounts_of_its_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        branch.income_currency_exchange_account_id = False
        branch.expense_currency_exchange_account_id = False
        Wallet = self.env["customer.wallet"]
        for balance, account in ((5, self.exchange_loss), (-5, self.exchange_gain)):
            vals = Wallet._prepare_exchange_vals(
                branch, self.customer, self.eur, balance
            )
            self.assertEqual(vals["account_id"], account.id)
