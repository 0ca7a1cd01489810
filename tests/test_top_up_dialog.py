from ast import literal_eval

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import WalletCommon


class DialogCommon(WalletCommon):
    def _open_dialog(self, action, **vals):
        """Fill in what the dialog asks for."""
        context = action["context"]
        if isinstance(context, str):
            context = literal_eval(context)
        model = self.env[action["res_model"]].with_context(**context)
        view = self.env["ir.ui.view"].browse(action["view_id"][0])
        with Form(model, view=view) as form:
            for name, value in vals.items():
                setattr(form, name, value)
        return form.record

    def _get_top_up_action(self, **defaults):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_wallet.action_wallet_top_up"
        )
        action["context"] = {**literal_eval(action["context"]), **defaults}
        return action


@tagged("post_install", "-at_install")
class TestTopUpDialog(DialogCommon):
    def test_a_customer_without_a_wallet_gets_one_by_a_top_up(self):
        payment = self._open_dialog(
            self._get_top_up_action(), partner_id=self.customer, amount=75
        )
        self.assertEqual((payment.payment_type, payment.is_wallet), ("inbound", True))
        payment.action_post()
        self.assertBalance(75)
        self.assertEntry(
            payment.move_id,
            [
                (payment.outstanding_account_id, 75, 0),
                (self.wallet_account, 0, 75),
            ],
        )

    def test_a_wallet_is_topped_up_in_its_own_currency_and_company(self):
        currency = self.setup_other_currency("EUR")
        self._top_up(50, currency_id=currency.id)
        action = self._wallet(currency=currency).action_top_up()
        payment = self._open_dialog(action, amount=25)
        self.assertEqual(payment.partner_id, self.customer)
        self.assertEqual(payment.currency_id, currency)
        self.assertEqual(payment.company_id, self.company)
        payment.action_post()
        self.assertBalance(75, self._wallet(currency=currency))

    def test_the_wallet_of_another_company_is_topped_up_there(self):
        """Whichever company the user works in."""
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        self._top_up(50)
        both = [other.id, self.company.id]
        wallet = self._wallet().with_context(allowed_company_ids=both)
        action = wallet.action_top_up()
        model = self.env["account.payment"].with_context(**action["context"])
        self.assertEqual(model.env.company, self.company)
        view = self.env.ref("customer_wallet.account_payment_view_form_dialog")
        with Form(model, view=view) as form:
            form.amount = 25
            self.assertNotIn(other, form.available_journal_ids[:].company_id)
        form.record.action_post()
        self.assertBalance(75)

    def test_another_journal_does_not_change_the_currency(self):
        currency = self.setup_other_currency("EUR")
        self._top_up(50, currency_id=currency.id)
        action = self._wallet(currency=currency).action_top_up()
        cash = self.company_data["default_journal_cash"]
        payment = self._open_dialog(action, journal_id=cash, amount=25)
        self.assertEqual((payment.currency_id, payment.journal_id), (currency, cash))

    def test_a_pay_out_proposes_all_that_can_be_given_back(self):
        self._top_up(100)
        self._give_bonus(20)
        payment = self._open_dialog(self._wallet().action_pay_out())
        self.assertEqual((payment.payment_type, payment.amount), ("outbound", 100))
        payment.action_post()
        self.assertBalance(20)

    def test_a_pay_out_leaves_what_the_customer_owes(self):
        self._top_up(100)
        self._invoice(30)
        payment = self._open_dialog(self._wallet().action_pay_out())
        self.assertEqual((payment.wallet_due_amount, payment.amount), (30, 70))
        self._invoice(90)
        self.env.invalidate_all()
        context = self._wallet().action_pay_out()["context"]
        self.assertEqual(context["default_amount"], 0)

    def test_a_pay_out_proposes_no_credit(self):
        """How far a customer may go below zero is no money of theirs."""
        self._top_up(20)
        self._wallet().overdraft_limit = 500
        payment = self._open_dialog(self._wallet().action_pay_out())
        self.assertEqual(payment.amount, 20)
        payment.action_post()
        self.assertBalance(0)
        self._invoice(30).action_allocate_wallet()
        context = self._wallet().action_pay_out()["context"]
        self.assertEqual(context["default_amount"], 0)

    def test_who_confirms_it_is_told_what_is_in_the_wallet(self):
        self._top_up(100)
        payment = self._open_dialog(self._wallet().action_top_up(), amount=20)
        params = payment.action_post_wallet_payment()["params"]
        self.assertIn("Amal Haddad has $\xa0120.00 in the wallet", params["message"])
        self.assertEqual(params["links"][0]["label"], payment.name)

    def test_more_than_that_is_refused_and_moves_nothing(self):
        self._top_up(100)
        payment = self._open_dialog(self._wallet().action_pay_out(), amount=101)
        with self.assertRaisesRegex(UserError, "100.00"):
            payment.action_post()
        self.assertBalance(100)

    def test_the_dialog_shows_what_comes_of_it(self):
        self._top_up(100)
        payment = self._open_dialog(self._wallet().action_top_up(), amount=20)
        self.assertEqual(payment.wallet_balance, 100)
        self.assertEqual(payment.wallet_balance_after, 120)


@tagged("post_install", "-at_install")
class TestTopUpOnInvoices(DialogCommon):
    def test_an_invoice_proposes_what_the_wallet_lacks(self):
        self._top_up(30)
        invoice = self._invoice(80)
        context = invoice.wallet_widget["top_up"]
        payment = self._open_dialog(self._get_top_up_action(**context))
        self.assertEqual((payment.partner_id, payment.amount), (self.customer, 50))
        payment.action_post()
        self.assertFalse(invoice.wallet_widget["top_up"])
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")

    def test_an_invoice_of_a_customer_without_a_wallet_proposes_all(self):
        widget = self._invoice(80).wallet_widget
        self.assertEqual((widget["balance"], widget["can_allocate"]), (0, False))
        self.assertEqual(widget["top_up"]["default_amount"], 80)

    def test_nobody_is_asked_to_top_up_for_nothing(self):
        """What is paid, or is not an invoice of the customer, or is frozen."""
        self._top_up(100)
        paid = self._invoice(80)
        paid.action_allocate_wallet()
        credit_note = self._invoice(10, move_type="out_refund")
        self._wallet().state = "frozen"
        for move in (paid, credit_note, self._invoice(80)):
            self.assertFalse(move.wallet_widget["top_up"])

    def test_who_may_not_enter_payments_is_not_asked_to(self):
        auditor = new_test_user(
            self.env,
            "wallet_auditor",
            "account.group_account_readonly,customer_wallet.group_wallet_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        invoice = self._invoice(80)
        self.assertFalse(invoice.with_user(auditor).wallet_widget["top_up"])


@tagged("post_install", "-at_install")
class TestWhatTheChatterTells(WalletCommon):
    def _notes(self, record):
        return [str(body) for body in record.message_ids.mapped("body")]

    def test_who_paid_how_much_and_what_is_left_to_pay(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet(30)
        note = invoice.message_ids[0]
        self.assertRegex(
            note.body, r"Paid from the wallet: \$.*30\.00.*due: \$.*50\.00"
        )
        self.assertIn(self._allocation_of(invoice).name, note.body)
        self.assertEqual(note.author_id, self.env.user.partner_id)
        self.assertTrue(note.is_internal or note.subtype_id.internal)

    def test_an_undone_payment(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        self.assertRegex(
            self._notes(invoice)[0], r"undone: \$.*80\.00.*due: \$.*80\.00"
        )

    def test_each_of_many_invoices_tells_its_own(self):
        self._top_up(100)
        invoices = self._invoice(30) | self._invoice(20)
        self.customer.action_allocate_wallet()
        for invoice, amount in zip(invoices, ("30", "20"), strict=True):
            notes = [it for it in self._notes(invoice) if "from the wallet" in it]
            self.assertEqual(len(notes), 1)
            self.assertRegex(notes[0], rf"wallet: \$.*{amount}\.00.*due: \$.*0\.00")

    def test_a_credit_note_moved_and_undone(self):
        credit_note = self._invoice(40, move_type="out_refund")
        credit_note.action_refund_to_wallet()
        self.assertIn("moved to the wallet", self._notes(credit_note)[0])
        partial = credit_note._get_wallet_partials()
        credit_note.action_unallocate_wallet(partial.id)
        self.assertRegex(
            self._notes(credit_note)[0],
            r"Refund .* undone: \$.*40\.00.*due: \$.*40\.00",
        )
