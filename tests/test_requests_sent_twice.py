from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestRequestsSentTwice(WalletCommon):
    """A client that did not hear the answer asks again: the money moves once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create({"name": "Bilal Nasser"})
        cls._top_up(100)

    def _as_request(self, records, key="5f0c2a", user=None):
        user = user or self.env.user
        return records.with_user(user).with_context(wallet_request_key=key)

    def assertMovesOnce(self, action, balance):
        """Doing it again gives the same answer and changes nothing."""
        answer = action()
        before = self._snapshot()
        self.assertEqual(action(), answer)
        self.assertEqual(self._snapshot(), before)
        self.assertBalance(balance)
        return answer

    def _answered(self, action):
        """Do what a client asks for.

        :return: what is kept of it
        """
        Request = self.env["customer.wallet.request"]
        before = Request.search([])
        action()
        known = Request.search([]) - before
        self.assertEqual(len(known), 1)
        return known

    # Actions of documents

    def test_a_part_of_an_invoice_is_paid_once(self):
        invoice = self._as_request(self._invoice(80))
        self.assertMovesOnce(lambda: invoice.action_allocate_wallet(30), 70)
        self.assertEqual(invoice.amount_residual, 50)

    def test_without_a_key_it_is_another_payment(self):
        invoice = self._invoice(80)
        for _time in range(2):
            invoice.action_allocate_wallet(30)
        self.assertBalance(40)

    def test_another_key_another_user_and_another_invoice_are_other_requests(self):
        colleague = new_test_user(
            self.env, "colleague", "account.group_account_invoice"
        )
        colleague.company_ids = colleague.company_id = self.company
        invoice, another = self._invoice(80), self._invoice(80)
        for request in (
            self._as_request(invoice),
            self._as_request(invoice, key="5f0c2b"),
            self._as_request(invoice, user=colleague),
            self._as_request(another),
        ):
            request.action_allocate_wallet(10)
        self.assertBalance(60)
        self.assertEqual((invoice + another).mapped("amount_residual"), [50, 70])

    def test_a_refused_request_can_be_sent_again(self):
        invoice = self._invoice(80)
        self._pay_out(95)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._as_request(invoice).action_allocate_wallet(30)
        self._top_up(50)
        self._as_request(invoice).action_allocate_wallet(30)
        self.assertBalance(25)

    def test_all_invoices_of_a_customer_are_paid_once(self):
        self._invoice(30)
        customer = self._as_request(self.customer)
        self.assertMovesOnce(customer.action_allocate_wallet, 70)

    def test_what_is_undone_is_undone_once(self):
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        partial = invoice._get_wallet_partials()
        request = self._as_request(invoice)
        self.assertMovesOnce(lambda: request.action_unallocate_wallet(partial.id), 100)

    def test_a_credit_note_is_refunded_once(self):
        credit_note = self._as_request(self._invoice(80, move_type="out_refund"))
        self.assertMovesOnce(lambda: credit_note.action_refund_to_wallet(30), 130)
        partial = credit_note._get_wallet_refund_partials()
        undo = self._as_request(credit_note, key="5f0c2b")
        self.assertMovesOnce(lambda: undo.action_undo_wallet_refund(partial.id), 100)

    # Dialogs

    def _dialog(self, name, **vals):
        return self.env[f"customer.wallet.{name}"].create(vals)

    def _operation(self, name, **vals):
        vals = {"wallet_id": self._wallet().id, "amount": 30, "reason": "x", **vals}
        return self._dialog(name, **vals)

    def test_one_transfer(self):
        wizard = self._operation("transfer", target_partner_id=self.other.id)
        self.assertMovesOnce(wizard.action_confirm, 70)
        self.assertBalance(30, self._wallet(self.other))

    def test_one_adjustment_and_one_undo(self):
        account = self.company_data["default_account_expense"]
        wizard = self._operation("adjustment", account_id=account.id)
        self.assertMovesOnce(wizard.action_confirm, 130)
        entry = self.env["account.move"].search(
            [("wallet_operation", "=", "adjustment")], limit=1
        )
        undo = self._dialog("undo", move_id=entry.id, reason="Wrong customer")
        self.assertMovesOnce(undo.action_confirm, 100)

    def test_one_allocation_of_many_invoices(self):
        self._invoice(30)
        self._invoice(20)
        action = self.customer.action_open_wallet_allocation()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.line_ids[0].amount = 10
        self.assertMovesOnce(wizard.action_allocate, 70)

    def test_one_move_of_open_credits(self):
        payment = self._pay(40, is_wallet=False)
        wizard = (
            self.env["customer.wallet.credit"]
            .with_context(default_partner_id=self.customer.id)
            .create({})
        )
        wizard.line_ids.amount = 15
        self.assertMovesOnce(wizard.action_move_to_wallet, 115)
        self.assertTrue(payment.move_id.line_ids.matched_debit_ids)

    def test_one_credit_note_that_is_refunded_at_once(self):
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "refund_to_wallet": True})
        )
        self.assertMovesOnce(wizard.reverse_moves, 100)
        self.assertEqual(len(invoice.reversal_move_ids), 1)

    def test_one_payment_whose_difference_is_kept(self):
        invoice = self._invoice(80)
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"amount": 110, "payment_difference_handling": "wallet"})
        )
        self.assertMovesOnce(wizard.action_create_payments, 130)
        self.assertEqual(len(invoice._get_reconciled_payments()), 1)

    def test_a_top_up_is_taken_back_once(self):
        top_up = self._top_up(50)
        self._invoice(120).action_allocate_wallet()
        wizard = self._dialog("take.back", payment_id=top_up.id, reason="Bounced")
        self.assertMovesOnce(wizard.action_take_back, -20)

    # What is kept

    def test_answers_are_forgotten_after_a_month(self):
        known = self._answered(
            lambda: self._as_request(self._invoice(80)).action_allocate_wallet(30)
        )
        known._gc_answered_requests()
        self.assertTrue(known.exists())
        self.env.cr.execute(
            "UPDATE customer_wallet_request SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=31), known.id],
        )
        known._gc_answered_requests()
        self.assertFalse(known.exists())

    def test_what_is_kept_does_not_tell_the_key(self):
        invoice = self._as_request(self._invoice(80), key="secret")
        known = self._answered(invoice.action_allocate_wallet)
        self.assertNotIn("secret", known.name)

    def test_a_refused_dialog_can_be_confirmed_again(self):
        wizard = self._operation(
            "transfer", target_partner_id=self.other.id, amount=500
        )
        for _time in range(2):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                wizard.action_confirm()
        wizard.amount = 30
        wizard.action_confirm()
        self.assertBalance(70)
