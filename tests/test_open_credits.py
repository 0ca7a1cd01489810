from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import WalletCommon
from .till_common import TillWalletCommon


@tagged("post_install", "-at_install")
class TestOpenCredits(WalletCommon):
    """What a customer has to their credit moves to the wallet."""

    def _old_payment(self, amount, **vals):
        return self._pay(amount, is_wallet=False, **vals)

    def _open_wizard(self):
        return self.env["customer.wallet.credit"].create(
            {"partner_id": self.customer.id}
        )

    def test_the_wizard_lists_what_is_open(self):
        payment = self._old_payment(60)
        credit_note = self._credit_note(40)
        self._invoice(500)
        self._credit_note(10).action_refund_to_wallet()
        self.assertEqual(self.customer.wallet_open_credit_count, 2)
        wizard = self._open_wizard()
        self.assertEqual(
            wizard.line_ids.mapped(lambda line: (line.move_id, line.open_amount)),
            [(payment.move_id, 60), (credit_note, 40)],
        )
        self.assertEqual(wizard.line_ids.mapped("amount"), [60, 40])

    def test_one_entry_moves_all_each_credit_reconciled(self):
        payment = self._old_payment(60)
        credit_note = self._credit_note(40)
        self._open_wizard().action_move_to_wallet()
        entry = self._refund_of(credit_note)
        self.assertEntry(
            entry,
            [
                (self.receivable, 60, 0),
                (self.receivable, 40, 0),
                (self.wallet_account, 0, 60),
                (self.wallet_account, 0, 40),
            ],
        )
        self.assertTrue(payment.is_reconciled)
        self.assertEqual(credit_note.payment_state, "paid")
        for document, amount in ((payment, 60), (credit_note, 40)):
            told = document.message_ids[0].body
            self.assertIn(f"{amount}.00 moved to the wallet", told)
            self.assertIn(entry.name, told)
        self.assertBalance(100)
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.wallet_open_credit_count, 0)

    def test_a_part_and_only_what_was_chosen(self):
        payment = self._old_payment(60)
        credit_note = self._credit_note(40)
        wizard = self._open_wizard()
        wizard.line_ids[0].amount = 25
        wizard.line_ids[1].is_selected = False
        wizard.action_move_to_wallet()
        self.assertEqual(credit_note.amount_residual, 40)
        self.assertFalse(payment.is_reconciled)
        self.assertBalance(25)

    def test_one_entry_for_each_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        self._old_payment(60)
        self._credit_note(40, currency_id=currency.id)
        self._open_wizard().action_move_to_wallet()
        self.assertBalance(60)
        self.assertBalance(40, self._wallet(currency=currency))

    def test_wrong_amounts_and_no_choice_are_refused(self):
        name = self._old_payment(60).move_id.name
        for amount, message in (
            (0, f"{name}: .*greater than zero"),
            (-5, f"{name}: .*greater than zero"),
            (60.01, r"60\.00 is open"),
        ):
            wizard = self._open_wizard()
            wizard.line_ids.amount = amount
            self.assertRefused(UserError, wizard.action_move_to_wallet, message=message)
        for amount in (float("nan"), float("inf"), 10**400, "ten", True):
            self.assertRefused(
                UserError,
                wizard.line_ids.write,
                {"amount": amount},
                message="valid amount",
            )
        wizard.line_ids.is_selected = False
        self.assertRefused(
            UserError, wizard.action_move_to_wallet, message="at least one"
        )

    def test_what_has_been_used_meanwhile_is_refused(self):
        credit_note = self._credit_note(40)
        wizard = self._open_wizard()
        credit_note.action_refund_to_wallet()
        self.assertRefused(
            UserError, wizard.action_move_to_wallet, message=r"0\.00 is open"
        )

    def test_the_money_of_others_cannot_be_moved(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        credit_note = self._credit_note(40, partner_id=stranger.id)
        self._old_payment(60)
        wizard = self._open_wizard()
        wizard.line_ids.move_line_id = credit_note.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertRefused(UserError, wizard.action_move_to_wallet)

    def test_contacts_of_the_company_share_its_credits(self):
        contact = self.env["res.partner"].create(
            {"name": "Branch of Amal", "parent_id": self.customer.id}
        )
        self._old_payment(60, partner_id=contact.id)
        self._open_wizard().action_move_to_wallet()
        self.assertBalance(60)

    def test_credits_of_another_company_stay_there(self):
        other = self._create_company(name="Other Company")
        payment = (
            self.env["account.payment"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "amount": 60,
                    "journal_id": self.env["account.journal"]
                    .search(
                        [("company_id", "=", other.id), ("type", "=", "bank")], limit=1
                    )
                    .id,
                }
            )
        )
        payment.action_post()
        self.customer.with_company(self.company).invalidate_recordset()
        here = self.env["customer.wallet.credit"].with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertFalse(here._find_open_credits(self.customer))

    def test_a_wallet_that_pays_at_a_till_is_no_open_credit(self):
        self._top_up(50)
        self._invoice(20).action_allocate_wallet()
        self.assertEqual(self.customer.wallet_open_credit_count, 0)

    def test_bonus_comes_back_in_an_entry_of_its_own(self):
        expiry = fields.Date.add(fields.Date.today(), days=20)
        self._top_up(100)
        self._give_bonus(30, expiry)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice, to_wallet=False)
        credit_note.action_post()
        payment = self._old_payment(60)
        self._open_wizard().action_move_to_wallet()
        self.assertEqual(len(self._refund_of(credit_note).line_ids), 3)
        self.assertTrue(payment.is_reconciled)
        self.assertEqual(self._wallet().bonus_balance, 30)
        self.assertBalance(190)

    def test_two_credit_notes_of_one_invoice_give_its_bonus_back(self):
        self._top_up(60)
        self._give_bonus(40, False)
        invoice = self._invoice(100)
        invoice.action_allocate_wallet()
        self._two_credit_notes(invoice)
        self._open_wizard().action_move_to_wallet()
        self.assertBalance(100)
        self.assertEqual(self._wallet().bonus_balance, 40)

    def test_two_credit_notes_of_one_invoice_take_its_discount_back(self):
        self._top_up(200)
        term = self._discount_terms()
        invoice = self._invoice(100, invoice_payment_term_id=term.id)
        invoice.action_allocate_wallet()
        self.assertBalance(102)
        self._two_credit_notes(invoice)
        self._open_wizard().action_move_to_wallet()
        self.assertBalance(200)

    def _two_credit_notes(self, invoice):
        for _half in range(2):
            credit_note = self._reverse(invoice, to_wallet=False)
            credit_note.invoice_line_ids.price_unit = 50
            credit_note.action_post()

    def test_each_credit_is_undone_apart(self):
        payment = self._old_payment(60)
        credit_note = self._credit_note(40)
        self._open_wizard().action_move_to_wallet()
        self.assertEqual(credit_note.wallet_widget["payments"][0]["amount"], 40)
        self._undo_refund(credit_note)
        self.assertBalance(60)
        self.assertEqual(credit_note.amount_residual, 40)
        self.assertTrue(payment.is_reconciled)

    def test_a_payment_that_was_of_another_customer_leaves_the_wallet(self):
        """Corrected on the payment, or in the list of journal items."""
        other = self.env["res.partner"].create({"name": "Omar"})
        for is_reset in (True, False):
            payment = self._old_payment(100)
            self._open_wizard().action_move_to_wallet()
            self.assertBalance(100)
            item = payment.move_id.line_ids._filter_wallet_receivables()
            if is_reset:
                payment.action_draft()
                payment.partner_id = other
                self._pay_out(30)
                self.assertRefused(UserError, payment.action_post, message="Amal")
                self._top_up(30)
                payment.action_post()
            else:
                item.partner_id = other
            self.assertEqual(item.partner_id, other)
            self.assertEqual(item.amount_residual, -100)
            self.assertBalance(0)

    def test_a_payment_that_is_in_a_wallet_is_not_rejected(self):
        """Its entry stays then, and so would the money."""
        payment = self._old_payment(100)
        payment.mark_as_sent()
        self._open_wizard().action_move_to_wallet()
        self.assertRefused(UserError, payment.action_reject, message="Cancel")
        payment.action_cancel()
        self.assertBalance(0)

    def test_what_bonus_was_used_is_asked_once(self):
        """Not for each credit: it looks at all that the customer ever had."""
        for amount in (10, 20, 30):
            self._old_payment(amount)
        wizard = self._open_wizard()
        Wallet = self.env.registry["customer.wallet"]
        with patch.object(
            Wallet, "_get_bonus_slack", autospec=True, return_value=None
        ) as slack:
            wizard.line_ids._group_by_entry()
        self.assertEqual(slack.call_count, 1)

    def test_a_credit_that_is_chosen_twice_is_moved_once(self):
        payment = self._old_payment(60)
        wizard = self._open_wizard()
        wizard.line_ids.copy()
        self.assertRefused(
            UserError, wizard.action_move_to_wallet, message="Only .*60.00 is open"
        )
        wizard.line_ids.amount = 30
        wizard.action_move_to_wallet()
        self.assertBalance(60)
        self.assertTrue(payment.is_reconciled)

    def test_the_form(self):
        self._old_payment(60)
        action = self.customer.action_move_credits_to_wallet()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        with form.line_ids.edit(0) as line:
            line.amount = 15
        form.save().action_move_to_wallet()
        self.assertBalance(15)

    def test_a_cashier_does_not_move_credits(self):
        self._old_payment(60)
        wizard = self._open_wizard()
        cashier = new_test_user(
            self.env,
            "cashier",
            groups="point_of_sale.group_pos_user",
            company_id=self.company.id,
        )
        self.assertRefused(AccessError, wizard.with_user(cashier).action_move_to_wallet)


@tagged("post_install", "-at_install")
class TestFreeCreditsOnly(WalletCommon, AccountPaymentCommon):
    """What belongs to something else is not offered."""

    def _find_open_credits(self):
        self.env.flush_all()
        return self.env["customer.wallet.credit"]._find_open_credits(self.customer)

    def _take_out_by_hand(self, account):
        return self._enter((account, 40, 0), (self.receivable, 0, 40))

    def test_what_was_taken_out_of_a_wallet_by_hand(self):
        self._top_up(100)
        self._take_out_by_hand(self.wallet_account)
        self.assertFalse(self._find_open_credits())
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.wallet_open_credit_count, 0)

    def test_what_was_paid_online_waits_for_its_invoice(self):
        """Such as a web order that is not invoiced yet."""
        transaction = self._create_transaction(
            "redirect",
            amount=80,
            currency_id=self.company.currency_id.id,
            partner_id=self.customer.id,
            state="done",
        )
        transaction._post_process()
        self.assertEqual(transaction.payment_id.amount, 80)
        self.assertFalse(self._find_open_credits())

    def test_the_other_payments_are_offered_as_before(self):
        payment = self._pay(60, is_wallet=False)
        self.assertEqual(self._find_open_credits().move_id, payment.move_id)

    def _choose(self, payment):
        """What was in the dialog before, or what a program sends."""
        item = payment.move_id.line_ids._filter_wallet_receivables()
        return self.env["customer.wallet.credit"].create(
            {
                "partner_id": self.customer.id,
                "line_ids": [Command.create({"move_line_id": item.id})],
            }
        )

    def _assert_not_received(self, payment, message):
        """Neither offered nor taken, whoever asks."""
        item = payment.move_id.line_ids._filter_wallet_receivables()
        self.assertFalse(self._find_open_credits())
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.wallet_open_credit_count, 0)
        for action, args in (
            (self._choose(payment).action_move_to_wallet, ()),
            (item._book_wallet_refund, ([(item, 100)],)),
        ):
            self.assertRefused(UserError, action, *args, message=message)
        self.assertFalse(self._wallet())

    def test_a_cheque_of_next_month_waits_for_its_day(self):
        payment = self._pay(100, is_wallet=False, date=self._in_a_month())
        self.assertEqual(payment.move_id.state, "posted")
        self._assert_not_received(payment, "Amal Haddad is dated .*on that day")
        with freeze_time(fields.Datetime.to_datetime(payment.date).replace(hour=12)):
            self.assertEqual(self._find_open_credits().move_id, payment.move_id)
            self._choose(payment).action_move_to_wallet()
            self.assertEntry(
                self._wallet().line_ids.move_id,
                [(self.receivable, 100, 0), (self.wallet_account, 0, 100)],
            )
            self.assertBalance(100)

    def test_a_payment_that_bounced_is_no_money(self):
        """Odoo leaves its entry as it is."""
        payment = self._pay(100, is_wallet=False)
        wizard = self._choose(payment)
        payment.action_reject()
        self.assertEqual(payment.move_id.state, "posted")
        self._assert_not_received(payment, "Amal Haddad was rejected")
        self.assertRefused(
            UserError, wizard.action_move_to_wallet, message="was rejected"
        )
        payment.action_draft()
        payment.action_post()
        self._choose(payment).action_move_to_wallet()
        self.assertBalance(100)

    def test_what_was_not_received_turns_no_bonus_into_money(self):
        self._give_bonus(100)
        self._invoice(100).action_allocate_wallet()
        self.assertEqual(self._slack(), 0)
        cheque = self._pay(40, is_wallet=False, date=self._in_a_month())
        bounced = self._pay(60, is_wallet=False)
        self.assertEqual(self._slack(), 60)
        bounced.action_reject()
        self.assertEqual(self._slack(), 0)
        self.assertRefused(
            UserError, self._pay, 30, "outbound", is_wallet=False, message="bonus"
        )
        with freeze_time(fields.Datetime.to_datetime(cheque.date).replace(hour=12)):
            self.assertEqual(self._slack(), 40)
            self._pay(40, "outbound", is_wallet=False)
            self._take_out_of_the_books(bounced.move_id)
            self.assertEqual(self._slack(), 0)
            self.assertEqual(self._check_law(), [])

    def _in_a_month(self):
        return fields.Date.add(self.company._get_wallet_today(), months=1)

    def _slack(self):
        return self.env["customer.wallet"]._get_bonus_slack(self.customer, self.company)

    def _take_out_of_the_books(self, entry):
        """The bookkeeper reverses what was rejected, into the same accounts only."""
        item = entry.line_ids._filter_wallet_receivables()
        paid_out = entry._reverse_moves([{"date": entry.date}])
        others = paid_out.line_ids.filtered(lambda it: it.account_id != item.account_id)
        others.account_id = self.bank_journal.default_account_id
        self.assertRefused(UserError, paid_out.action_post, message="bonus")
        paid_out.unlink()
        entry._reverse_moves([{"date": entry.date}]).action_post()
        self.assertTrue(item.reconciled)

    def _check_law(self):
        differences = self.env["customer.wallet.check"]._find_differences(self.company)
        return [found for found in differences if found["kind"] == "law"]


@tagged("post_install", "-at_install")
class TestFreeCreditsOfATill(TillWalletCommon):
    """An order on *Customer Account* is invoiced after its session was closed: Odoo
    leaves a debit and a credit of the same amount behind.
    """

    def _find_open_credits(self):
        self.env.flush_all()
        return self.env["customer.wallet.credit"]._find_open_credits(self.customer)

    def test_what_is_left_of_an_order_that_is_invoiced_later(self):
        self.open_new_session()
        order = self._sync(self._order_data([(self.customer_account_pm, 100)]))
        self._close_session()
        order.action_pos_order_invoice()
        self.assertFalse(self._find_open_credits())

    def test_what_is_left_of_a_return_that_is_invoiced_later(self):
        """The credit note is the customer's; what the session booked is not."""
        self.open_new_session()
        order = self._sync(self._order_data([(self.customer_account_pm, 100)]))
        refund = self._sync(
            self._refund_data(order, [(self.customer_account_pm, -100)])
        )
        self._close_session()
        self.assertFalse(self._find_open_credits())
        refund.action_pos_order_invoice()
        self.assertLessEqual(self._find_open_credits().move_id, refund.account_move)
