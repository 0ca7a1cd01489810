from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon
from .tour_common import WalletTourCommon

STEP = (
    "odoo.addons.customer_wallet.wizards.customer_wallet_allocation_batch"
    ".INVOICES_IN_STEP"
)


class MonthEndCommon(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.omar, cls.zoe = cls.env["res.partner"].create(
            [{"name": "Omar"}, {"name": "Zoe"}]
        )

    def _invoices(self, partner, *amounts, **vals):
        return self.env["account.move"].concat(
            *(
                self._invoice(
                    amount,
                    partner_id=partner.id,
                    invoice_date_due=f"2029-01-0{number}",
                    **vals,
                )
                for number, amount in enumerate(amounts, 1)
            )
        )


@tagged("post_install", "-at_install")
class TestMonthEnd(MonthEndCommon):
    """One dialog pays the invoices of many customers, each from its own wallet."""

    def _open(self, invoices):
        action = invoices.action_open_wallet_allocation()
        self.assertEqual(action["res_model"], "customer.wallet.allocation.batch")
        return self.env[action["res_model"]].browse(action["res_id"])

    def _rows(self, batch):
        return [
            (it.partner_id.name, it.move_count, it.due, it.available, it.amount)
            for it in batch.line_ids
        ]

    def _invoice_with_discount(self):
        """100, or 98 when it is paid today."""
        term = self._discount_terms()
        return self._invoice(100, invoice_payment_term_id=term.id)

    def _set_amount(self, batch, partner, amount):
        line = batch.line_ids.filtered(lambda it: it.partner_id == partner)
        line.amount = amount
        return line

    def test_each_customer_pays_from_the_own_wallet_by_an_own_entry(self):
        amal = self._invoices(self.customer, 30, 40)
        omar = self._invoices(self.omar, 50)
        self._top_up(100)
        self._top_up(50, partner_id=self.omar.id)
        action = self._open(omar | amal).action_allocate()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual((amal | omar).mapped("amount_residual"), [0, 0, 0])
        self.assertEntry(
            self._allocation_of(amal[1]),
            [
                (self.wallet_account, 30, 0),
                (self.receivable, 0, 30),
                (self.wallet_account, 40, 0),
                (self.receivable, 0, 40),
            ],
        )
        self.assertEntry(
            self._allocation_of(omar),
            [(self.wallet_account, 50, 0), (self.receivable, 0, 50)],
        )
        self.assertEqual(self._allocation_of(omar).partner_id, self.omar)
        self.assertBalance(30)
        self.assertBalance(0, self._wallet(self.omar))
        self.assertIn("Paid from the wallet", amal[0].message_ids[0].body)

    def test_who_is_short_is_marked_and_pays_what_is_due_first(self):
        amal = self._invoices(self.customer, 30, 40)
        nothing = self._invoices(self.zoe, 15)
        self._top_up(45)
        batch = self._open(nothing | amal)
        self.assertEqual(
            self._rows(batch),
            [("Amal Haddad", 2, 70, 45, 45), ("Zoe", 1, 15, 0, 0)],
        )
        self.assertEqual((batch.short_count, batch.note), (2, False))
        action = batch.action_allocate()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (batch._name, batch.id)
        )
        self.assertEqual(batch.line_ids.mapped("state"), ["partial", "waiting"])
        self.assertEqual(batch.line_ids.mapped("still_due"), [25, 15])
        self.assertEqual(amal.mapped("amount_residual"), [0, 25])
        self.assertEqual(nothing.amount_residual, 15)

    def test_who_was_overtaken_holds_up_nobody_else(self):
        amal = self._invoices(self.customer, 30)
        omar = self._invoices(self.omar, 50)
        self._top_up(30)
        self._top_up(50, partner_id=self.omar.id)
        batch = self._open(amal | omar)
        self._pay_out(20)
        batch.action_allocate()
        line = batch.line_ids[0]
        self.assertEqual(line.state, "refused")
        self.assertIn("Amal Haddad", line.message)
        self.assertEqual((amal | omar).mapped("amount_residual"), [30, 0])
        self.assertBalance(10)

    def test_a_frozen_wallet_is_left_alone(self):
        amal = self._invoices(self.customer, 30)
        self._invoices(self.omar, 50)
        self._top_up(30)
        self._top_up(50, partner_id=self.omar.id)
        self._wallet().action_freeze()
        batch = self._open(amal | self._invoices(self.omar, 5))
        self.assertEqual(batch.line_ids.mapped("available"), [0, 50])
        batch.action_allocate()
        self.assertBalance(30)

    def test_in_steps_nobody_pays_twice(self):
        amal = self._invoices(self.customer, 30)
        omar = self._invoices(self.omar, 50)
        zoe = self._invoices(self.zoe, 20)
        for partner in (self.customer, self.omar, self.zoe):
            self._top_up(200, partner_id=partner.id)
        batch = self._open(amal | omar | zoe)
        with patch(STEP, 2):
            action = batch.action_allocate()
            self.assertEqual(action["tag"], "customer_wallet_allocation_progress")
            self.assertIn("2 of 3", action["params"]["message"])
            self.assertEqual(zoe.amount_residual, 20)
            self.assertEqual(batch.action_allocate()["tag"], "display_notification")
            batch.action_allocate()
        self.assertEqual((amal | omar | zoe).mapped("amount_residual"), [0, 0, 0])
        self.assertBalance(170)

    def test_a_smaller_amount_and_a_customer_who_is_left_out(self):
        amal = self._invoices(self.customer, 30, 40)
        omar = self._invoices(self.omar, 50)
        self._top_up(100)
        self._top_up(100, partner_id=self.omar.id)
        batch = self._open(amal | omar)
        self._set_amount(batch, self.customer, 45)
        self._set_amount(batch, self.omar, 0)
        batch.action_allocate()
        self.assertEqual((amal | omar).mapped("amount_residual"), [0, 25, 50])

    def test_more_than_is_due_is_refused(self):
        amal = self._invoices(self.customer, 30, 40)
        self._top_up(100)
        batch = self._open(amal | self._invoices(self.omar, 50))
        line = self._set_amount(batch, self.customer, 70.01)
        batch.action_allocate()
        self.assertIn("Only", line.message)
        self.assertBalance(100)

    def test_two_currencies_share_the_wallet(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        dollars = self._invoices(self.customer, 30)
        euros = self._invoices(self.customer, 40, currency_id=euro.id)
        self._top_up(100)
        batch = self._open(dollars | euros | self._invoices(self.omar, 1))
        self.assertEqual(
            self._rows(batch)[:2],
            [("Amal Haddad", 1, 30, 100, 30), ("Amal Haddad", 1, 40, 35, 35)],
        )
        batch.action_allocate()
        self.assertEqual(dollars.amount_residual, 0)
        self.assertEqual(euros.amount_residual, 5)
        self.assertBalance(0)

    def test_a_discount_for_paying_today_is_granted(self):
        amal = self._invoice_with_discount()
        self._top_up(100)
        batch = self._open(amal | self._invoices(self.omar, 1))
        self.assertEqual(batch.line_ids[0].due, 98)
        batch.action_allocate()
        self.assertEqual(amal.payment_state, "paid")
        self.assertBalance(2)

    def test_what_stays_open_is_told_whatever_was_due_when_it_was_opened(self):
        amal = self._invoice_with_discount()
        self._top_up(100)
        batch = self._open(amal | self._invoices(self.omar, 1))
        line = self._set_amount(batch, self.customer, 99)
        batch.action_allocate()
        self.assertEqual((line.state, amal.amount_residual), ("partial", 1))
        self.assertTrue(line.is_short)

    def test_a_forged_dialog_pays_for_nobody_else(self):
        omar = self._invoices(self.omar, 50)
        amal = self._invoices(self.customer, 30)
        self._top_up(100)
        batch = self._open(amal | omar)
        batch.line_ids[0].move_ids |= omar
        batch.action_allocate()
        self.assertEqual(batch.line_ids[0].state, "refused")
        self.assertEqual((amal | omar).mapped("amount_residual"), [30, 50])

    def test_what_is_not_open_is_named(self):
        draft = self._invoice(5, post=False)
        self._top_up(100)
        invoices = self._invoices(self.customer, 30) | self._invoices(self.omar, 1)
        self.assertIn(draft.display_name, self._open(invoices | draft).note)

    def test_there_is_nothing_to_pay_or_to_pay_with(self):
        invoices = self._invoices(self.customer, 30) | self._invoices(self.omar, 1)
        self.assertRefused(
            UserError,
            invoices.action_open_wallet_allocation,
            message="None of these customers",
        )
        invoices.button_draft()
        self.assertRefused(
            UserError,
            invoices.action_open_wallet_allocation,
            message="None of these invoices",
        )

    def test_nothing_chosen_is_said(self):
        amal = self._invoices(self.customer, 30)
        self._top_up(100)
        batch = self._open(amal | self._invoices(self.omar, 1))
        batch.line_ids.amount = 0
        self.assertRefused(UserError, batch.action_allocate, message="at least one")

    def test_who_may_pay(self):
        invoices = self._invoices(self.customer, 30) | self._invoices(self.omar, 1)
        self._top_up(100)
        employee = new_test_user(self.env, "employee_month", "base.group_user")
        self.assertRefused(
            AccessError, invoices.with_user(employee).action_open_wallet_allocation
        )
        billing = new_test_user(
            self.env, "billing_month", "account.group_account_invoice"
        )
        self._open(invoices.with_user(billing)).with_user(billing).action_allocate()
        self.assertBalance(70)


@tagged("post_install", "-at_install")
class TestMonthEndTour(MonthEndCommon, WalletTourCommon):
    def test_the_selected_invoices_are_paid_in_steps_with_progress(self):
        amal = self._invoices(self.customer, 30, 40)
        omar = self._invoices(self.omar, 50)
        zoe = self._invoices(self.zoe, 20)
        self._top_up(100)
        self._top_up(50, partner_id=self.omar.id)
        self._top_up(15, partner_id=self.zoe.id)
        action = self.env["ir.actions.act_window"].create(
            {
                "name": "To Pay",
                "res_model": "account.move",
                "view_mode": "list,form",
                "domain": [("id", "in", (amal | omar | zoe).ids)],
            }
        )
        with patch(STEP, 1):
            self._run_tour("customer_wallet_month_end", f"/odoo/action-{action.id}")
        self.assertEqual((amal | omar | zoe).mapped("amount_residual"), [0, 0, 50, 5])
        self.assertBalance(30)
