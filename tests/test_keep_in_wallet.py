from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestKeepDifferenceInWallet(WalletCommon):
    """Register Payment with more money than the invoice needs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        method = cls.bank_journal.inbound_payment_method_line_ids[:1]
        cls.in_process = method.payment_account_id or cls.env["account.payment"].new(
            {"company_id": cls.company.id}
        )._get_outstanding_account("inbound")

    def _open_wizard(self, invoices, **vals):
        return (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoices.ids)
            .create({"group_payment": True, **vals})
        )

    def _register(self, invoices, amount, keep=True, **vals):
        wizard = self._open_wizard(invoices, **vals)
        wizard.amount = amount
        wizard.custom_user_amount = amount
        wizard.custom_user_currency_id = wizard.currency_id
        if keep:
            wizard.payment_difference_handling = "wallet"
        return wizard._create_payments()

    def test_the_difference_is_a_lot_of_the_wallet(self):
        invoice = self._invoice(100)
        payment = self._register(invoice, 150)
        self.assertEntry(
            payment.move_id,
            [
                (self.in_process, 150, 0),
                (self.receivable, 0, 100),
                (self.wallet_account, 0, 50),
            ],
        )
        self.assertRecordValues(
            payment,
            [
                {
                    "amount": 150,
                    "is_wallet": False,
                    "wallet_kept": 50,
                    "wallet_residual": 50,
                    "is_reconciled": True,
                }
            ],
        )
        self.assertEqual(payment.move_id.wallet_operation, "top_up")
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(payment.reconciled_invoice_ids, invoice)
        self.assertBalance(50)

    def test_the_money_can_be_spent(self):
        payment = self._register(self._invoice(100), 150)
        other = self._invoice(40)
        other.action_allocate_wallet()
        self.assertEqual(payment.wallet_residual, 10)
        self.assertEqual(payment.wallet_invoice_ids, other)
        self.assertBalance(10)

    def test_keep_open_leaves_the_wallet_alone(self):
        self._register(self._invoice(100), 150, keep=False)
        self.assertFalse(self._wallet())

    def test_one_payment_of_several_invoices(self):
        invoices = self._invoice(100) + self._invoice(60)
        payment = self._register(invoices, 200)
        self.assertEqual(len(payment), 1)
        self.assertEqual(sum(invoices.mapped("amount_residual")), 0)
        self.assertBalance(40)

    def test_the_choice_is_there_for_larger_payments_only(self):
        invoice = self._invoice(100)
        wizard = self._open_wizard(invoice)
        self.assertNotIn("wallet", wizard.payment_difference_choices)
        wizard.amount = 150
        self.assertIn("wallet", wizard.payment_difference_choices)
        self.assertTrue(wizard.show_payment_difference)
        wizard.amount = 70
        self.assertNotIn("wallet", wizard.payment_difference_choices)

    def test_a_smaller_amount_takes_the_choice_back(self):
        invoice = self._invoice(100)
        form = Form(
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            )
        )
        form.amount = 150
        form.payment_difference_handling = "wallet"
        form.amount = 160
        self.assertEqual(form.payment_difference_handling, "wallet")
        form.amount = 80
        self.assertEqual(form.payment_difference_handling, "open")

    def test_nothing_to_keep_is_refused(self):
        invoice = self._invoice(100)
        for amount in (100, 70):
            self.assertRefused(
                UserError, self._register, invoice, amount, message="larger amount"
            )
        bill = self._invoice(100, move_type="in_invoice")
        self.assertRefused(UserError, self._register, bill, 150)

    def test_money_of_a_day_to_come_is_not_kept(self):
        later = fields.Date.add(fields.Date.today(), days=2)
        self.assertRefused(
            UserError,
            self._register,
            self._invoice(100),
            150,
            payment_date=later,
            message="future",
        )

    def test_a_refund_paid_to_a_customer_keeps_nothing(self):
        credit_note = self._invoice(100, move_type="out_refund")
        self.assertRefused(UserError, self._register, credit_note, 150)

    def test_reset_and_confirm_again(self):
        invoice = self._invoice(100)
        payment = self._register(invoice, 150)
        payment.action_draft()
        self.assertBalance(0)
        payment.action_post()
        self.assertBalance(50)
        self.assertEqual(payment.move_id.wallet_operation, "top_up")

    def test_reset_is_refused_when_the_money_was_spent(self):
        payment = self._register(self._invoice(100), 150)
        self._invoice(40).action_allocate_wallet()
        self.assertRefused(
            UserError, payment.action_draft, message=r"10\.00, but .*50\.00 is needed"
        )
        self.assertRefused(UserError, payment.action_cancel)

    def test_a_kept_difference_is_not_rejected(self):
        payment = self._register(self._invoice(100), 150)
        self.assertRefused(UserError, payment.action_reject, message="Cancel")

    def test_unreconcile_concerns_the_invoice_only(self):
        invoice = self._invoice(100)
        payment = self._register(invoice, 150)
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(invoice.amount_residual, 100)
        self.assertBalance(50)
        self.assertFalse(payment.is_reconciled)

    def test_a_draft_that_gets_another_amount_or_customer(self):
        payment = self._register(self._invoice(100), 150)
        payment.action_draft()
        other = self.env["res.partner"].create({"name": "Badr Khalil"})
        payment.write({"amount": 120, "partner_id": other.id})
        payment.action_post()
        self.assertBalance(50, self._wallet(partner=other))
        self.assertBalance(0)
        self.assertEqual(payment.wallet_kept, 50)

    def test_a_payment_that_keeps_a_part_does_not_become_a_top_up(self):
        payment = self._register(self._invoice(100), 150)
        payment.action_draft()
        self.assertRefused(
            UserError, payment.write, {"is_wallet": True}, message="kept in the wallet"
        )

    def test_in_a_foreign_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._invoice(100, currency_id=currency.id)
        payment = self._register(invoice, 150)
        self.assertEntry(
            payment.move_id,
            [
                (self.in_process, 75, 0, 150, currency),
                (self.receivable, 0, 50, -100, currency),
                (self.wallet_account, 0, 25, -50, currency),
            ],
        )
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(50, self._wallet(currency=currency))

    def test_an_invoice_paid_in_another_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._invoice(100)
        payment = self._register(invoice, 250, currency_id=currency.id)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(payment.wallet_kept, 50)
        self.assertBalance(50, self._wallet(currency=currency))

    def test_instalments_are_all_paid_first(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "Half now, half later",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 30)
                ],
            }
        )
        invoice = self._invoice(100, invoice_payment_term_id=terms.id)
        self._register(invoice, 150)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(50)

    def test_early_payment_discount(self):
        """Odoo grants it on the exact amount only: what is more pays the invoice in
        full first.
        """
        terms = self._discount_terms()
        invoice = self._invoice(
            100,
            invoice_payment_term_id=terms.id,
            invoice_date=fields.Date.today(),
        )
        self._register(invoice, 150)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(50)

    def test_a_contact_pays_into_the_wallet_of_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Till of Amal", "parent_id": self.customer.id}
        )
        self._register(self._invoice(100, partner_id=contact.id), 150)
        self.assertBalance(50)
