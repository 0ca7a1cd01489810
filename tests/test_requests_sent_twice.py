import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .api_common import ApiCommon
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

    def test_the_same_key_in_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        customer = self._as_request(self.customer)
        customer.action_top_up_wallet(25)
        self.assertRefused(
            UserError,
            customer.with_company(other).action_top_up_wallet,
            25,
            message="asked for before",
        )
        self.assertBalance(125)

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

    def test_the_same_request_with_another_amount_is_refused(self):
        invoice = self._as_request(self._invoice(80))
        answer = invoice.action_allocate_wallet(30)
        self.assertRefused(UserError, invoice.action_allocate_wallet, 40)
        self.assertRefused(UserError, invoice.action_allocate_wallet)
        self.assertEqual(invoice.action_allocate_wallet(amount=30.0), answer)
        self.assertBalance(70)

    def test_a_top_up_is_received_once(self):
        customer = self._as_request(self.customer)
        payment_id = self.assertMovesOnce(
            lambda: customer.action_top_up_wallet(25, memo="App"), 125
        )
        payment = self.env["account.payment"].browse(payment_id)
        self.assertEntry(
            payment.move_id,
            [
                (payment.outstanding_account_id, 25, 0),
                (self.wallet_account, 0, 25),
            ],
        )
        self.assertEqual((payment.memo, payment.partner_id), ("App", self.customer))
        self.assertRefused(UserError, customer.action_top_up_wallet, 26, memo="App")

    def test_a_top_up_in_another_currency_and_journal(self):
        cash = self.company_data["default_journal_cash"]
        eur = self.env.ref("base.EUR")
        eur.active = True
        payment_id = self.customer.action_top_up_wallet(10, eur.id, cash.id)
        payment = self.env["account.payment"].browse(payment_id)
        self.assertEqual((payment.journal_id, payment.currency_id), (cash, eur))
        self.assertBalance(10, self._wallet(currency=eur))

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
        partial = credit_note._get_wallet_partials()
        undo = self._as_request(credit_note, key="5f0c2b")
        self.assertMovesOnce(lambda: undo.action_unallocate_wallet(partial.id), 100)

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

    def test_a_dialog_that_was_changed_since_is_refused(self):
        """The answer got lost, and the user changes the amount and confirms again."""
        wizard = self._operation("transfer", target_partner_id=self.other.id)
        known = self._answered(wizard.action_confirm)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_wallet_transfer SET write_date = %s WHERE id = %s",
            [known.create_date - timedelta(minutes=1), wizard.id],
        )
        self.env.invalidate_all()
        self.assertMovesOnce(wizard.action_confirm, 70)
        self.env.cr.execute(
            "UPDATE customer_wallet_request SET create_date = %s WHERE id = %s",
            [known.create_date - timedelta(minutes=1), known.id],
        )
        self.env.invalidate_all()
        wizard.amount = 50
        self.assertRefused(UserError, wizard.action_confirm)
        self.assertBalance(70)

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


@tagged("post_install", "-at_install")
class TestRequestsOverJson2(ApiCommon):
    """An app on another server calls as Odoo's documentation says, and names its
    requests as payment services want it.
    """

    def _call(self, record, method, request_key=None, **arguments):
        return self._send(
            f"/json/2/{record._name}/{method}",
            {"Idempotency-Key": request_key} if request_key else {},
            json.dumps({"ids": record.ids, **arguments}),
        )

    def _top_up_by_app(self, amount, request_key=None):
        arguments = {"amount": amount, "request_key": request_key}
        return self._call(self.customer, "action_top_up_wallet", **arguments)

    def test_a_request_with_a_key_in_its_header_moves_money_once(self):
        answers = [self._top_up_by_app(40, "a1").json() for _time in range(2)]
        self.assertEqual(*answers)
        self.assertBalance(40)
        invoice = self._invoice(30)
        for _time in range(2):
            self._call(invoice, "action_allocate_wallet", "a2", amount=20)
        self.assertEqual(invoice.amount_residual, 10)
        self.assertBalance(20)

    def test_the_same_key_with_another_amount_is_refused_in_words(self):
        self._top_up_by_app(40, "a1")
        refusal = self._top_up_by_app(50, "a1")
        self.assertEqual(refusal.status_code, 422)
        self.assertIn("Nothing was moved", refusal.json()["message"])
        self.assertBalance(40)

    def test_another_key_and_no_key_are_other_requests(self):
        for request_key in ("a1", "a2", None, None):
            self._top_up_by_app(10, request_key)
        self.assertBalance(40)
