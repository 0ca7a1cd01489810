from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestRefundToWallet(WalletCommon):
    def test_one_click_moves_what_is_open(self):
        credit_note = self._credit_note(80)
        self.assertTrue(credit_note.action_refund_to_wallet())
        entry = self._refund_of(credit_note)
        self.assertEntry(
            entry, [(self.receivable, 80, 0), (self.wallet_account, 0, 80)]
        )
        self.assertEqual(entry.journal_id, self.company.wallet_journal_id)
        self.assertEqual(entry.wallet_operation, "refund")
        self.assertEqual(entry.ref, credit_note.name)
        self.assertEqual(credit_note.amount_residual, 0)
        self.assertEqual(credit_note.payment_state, "paid")
        self.assertBalance(80)
        self.assertInWallet(80)

    def test_a_part(self):
        credit_note = self._credit_note(80)
        credit_note.action_refund_to_wallet(30)
        self.assertEqual(credit_note.amount_residual, 50)
        self.assertEqual(credit_note.payment_state, "partial")
        self.assertBalance(30)
        credit_note.action_refund_to_wallet(50)
        self.assertEqual(credit_note.payment_state, "paid")
        self.assertBalance(80)

    def test_the_money_can_be_spent(self):
        self._credit_note(80).action_refund_to_wallet()
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(0)

    def test_amounts_that_make_no_sense_are_refused(self):
        credit_note = self._credit_note(80)
        for amount, message in (
            (0, "greater than zero"),
            (-5, "greater than zero"),
            (0.001, r"paid in USD, such as .*0\.01"),
        ):
            self.assertRefused(
                UserError, credit_note.action_refund_to_wallet, amount, message=message
            )
        self.assertRefused(
            UserError,
            credit_note.action_refund_to_wallet,
            80.01,
            message=r"Only .*80\.00 is open .* of Amal Haddad, but .*80\.01",
        )
        for amount in (float("nan"), float("inf"), "80", True, [], 10**400):
            self.assertRefused(UserError, credit_note.action_refund_to_wallet, amount)

    def test_the_same_money_is_refunded_once(self):
        credit_note = self._credit_note(80)
        credit_note.action_refund_to_wallet()
        self.assertRefused(
            UserError,
            credit_note.action_refund_to_wallet,
            message="cannot be refunded to a wallet",
        )

    def test_only_open_credit_notes_of_customers_can_be_refunded(self):
        draft = self._credit_note(80, post=False)
        invoice = self._invoice(80)
        bill = self._invoice(10, move_type="in_refund")
        for document in (draft, invoice, bill):
            self.assertRefused(
                UserError,
                document.action_refund_to_wallet,
                message="cannot be refunded to a wallet",
            )

    def test_a_credit_note_of_next_month_waits_for_its_day(self):
        today = self.company._get_wallet_today()
        credit_note = self._credit_note(
            80, invoice_date=fields.Date.add(today, months=1)
        )
        self.assertRefused(
            UserError,
            credit_note.action_refund_to_wallet,
            message=f"{credit_note.name}.* of Amal Haddad is dated .*on that day",
        )
        self.assertFalse(self._wallet())
        day = fields.Datetime.to_datetime(credit_note.date).replace(hour=12)
        with freeze_time(day):
            credit_note.action_refund_to_wallet()
            self.assertBalance(80)

    def test_money_comes_into_a_frozen_wallet(self):
        self._top_up(10)
        self._wallet().action_freeze()
        self._credit_note(80).action_refund_to_wallet()
        self.assertBalance(90)

    def test_a_refund_fills_a_wallet_below_zero(self):
        self._top_up(10)
        self._wallet().overdraft_limit = 50
        self._invoice(40).action_allocate_wallet(40)
        self.assertBalance(-30)
        self._credit_note(80).action_refund_to_wallet()
        self.assertBalance(50)
        self.assertInWallet(50)

    def test_instalments(self):
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
        credit_note = self._credit_note(80, invoice_payment_term_id=terms.id)
        credit_note.action_refund_to_wallet(60)
        self.assertEntry(
            self._refund_of(credit_note),
            [
                (self.receivable, 40, 0),
                (self.receivable, 20, 0),
                (self.wallet_account, 0, 60),
            ],
        )
        self.assertEqual(credit_note.amount_residual, 20)
        credit_note.action_refund_to_wallet()
        self.assertEqual(credit_note.payment_state, "paid")
        self.assertBalance(80)

    def test_a_wallet_user_who_may_not_read_it_cannot_refund(self):
        credit_note = self._credit_note(80)
        cashier = new_test_user(
            self.env,
            "wallet_only",
            groups="customer_wallet.group_wallet_user",
            company_id=self.company.id,
        )
        stranger = new_test_user(
            self.env,
            "no_wallet",
            groups="account.group_account_readonly",
            company_id=self.company.id,
        )
        for user in (cashier, stranger):
            self.assertRefused(
                AccessError, credit_note.with_user(user).action_refund_to_wallet
            )


@tagged("post_install", "-at_install")
class TestRefundInForeignCurrency(WalletCommon):
    def test_the_wallet_of_the_currency_and_the_rate_of_today(self):
        currency = self.setup_other_currency(
            "EUR", rates=[("2020-01-01", 2.0), (fields.Date.today(), 4.0)]
        )
        credit_note = self._credit_note(
            80, currency_id=currency.id, invoice_date="2020-01-01"
        )
        credit_note.action_refund_to_wallet()
        self.assertEntry(
            self._refund_of(credit_note),
            [
                (self.receivable, 20, 0, 80, currency),
                (self.wallet_account, 0, 20, -80, currency),
            ],
        )
        self.assertEqual(credit_note.payment_state, "paid")
        self.assertTrue(
            all(
                credit_note.line_ids.filtered(
                    lambda line: line.account_id == self.receivable
                ).mapped("reconciled")
            )
        )
        self.assertBalance(80, self._wallet(currency=currency))
        self._undo_refund(credit_note)
        self.assertEqual(credit_note.amount_residual, 80)
        self.assertBalance(0, self._wallet(currency=currency))

    def test_three_decimals(self):
        currency = self.setup_other_currency(
            "BHD", rounding=0.001, rates=[("2020-01-01", 0.376)]
        )
        credit_note = self._credit_note(10.125, currency_id=currency.id)
        credit_note.action_refund_to_wallet(3.333)
        self.assertAlmostEqual(credit_note.amount_residual, 6.792, places=4)
        credit_note.action_refund_to_wallet()
        self.assertBalance(10.125, self._wallet(currency=currency))


@tagged("post_install", "-at_install")
class TestUndoOfARefund(WalletCommon):
    def test_undo_opens_the_credit_note_again(self):
        credit_note = self._credit_note(80)
        credit_note.action_refund_to_wallet()
        entry = self._refund_of(credit_note)
        partial = credit_note._get_wallet_partials()
        credit_note.action_unallocate_wallet(partial.id)
        self.assertEqual(credit_note.amount_residual, 80)
        self.assertEqual(credit_note.payment_state, "not_paid")
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertEntry(
            entry.reversal_move_ids,
            [(self.receivable, 0, 80), (self.wallet_account, 80, 0)],
        )
        opened = entry.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertTrue(opened.reconciled)
        self.assertBalance(0)
        before = self._snapshot()
        self.assertTrue(credit_note.action_unallocate_wallet(partial.id))
        self.assertEqual(self._snapshot(), before)
        credit_note.action_refund_to_wallet()
        self.assertBalance(80)

    def test_spent_money_cannot_be_taken_back(self):
        credit_note = self._credit_note(80)
        credit_note.action_refund_to_wallet()
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        self.assertRefused(
            UserError,
            self._undo_refund,
            credit_note,
            message=r"cannot be taken back: it put .*80\.00 into the wallet of "
            r"Amal Haddad, of which only .*30\.00 is available now",
        )
        entry = self._refund_of(credit_note)
        self.assertRefused(UserError, entry._reverse_moves, cancel=True)
        credit_note.button_draft()
        self.assertRefused(UserError, credit_note.button_cancel)
        credit_note.action_post()
        self._top_up(50)
        self._undo_refund(credit_note)
        self.assertBalance(0)
        self.assertEqual(invoice.payment_state, "paid")

    def test_unreconcile_takes_the_money_out_of_the_wallet(self):
        credit_note = self._credit_note(80)
        credit_note.action_refund_to_wallet()
        lines = credit_note.line_ids.filtered("matching_number")
        lines.remove_move_reconcile()
        self.assertEqual(credit_note.amount_residual, 80)
        self.assertBalance(0)

    def test_a_credit_note_in_draft_keeps_its_refund_as_an_invoice_its_payments(self):
        credit_note = self._credit_note(80)
        credit_note.action_refund_to_wallet()
        credit_note.button_draft()
        self.assertBalance(80)
        credit_note.action_post()
        self.assertEqual(credit_note.payment_state, "paid")
        self.assertBalance(80)

    def test_a_cancelled_credit_note_takes_its_money_back(self):
        credit_note = self._credit_note(80)
        credit_note.action_refund_to_wallet()
        credit_note.button_draft()
        credit_note.button_cancel()
        self.assertBalance(0)

    def test_a_credit_note_that_goes_to_another_customer_takes_its_money_back(self):
        credit_note = self._credit_note(80)
        credit_note.action_refund_to_wallet()
        credit_note.button_draft()
        other = self.env["res.partner"].create({"name": "Badr Khalil"})
        credit_note.partner_id = other
        credit_note.action_post()
        self.assertEqual(credit_note.amount_residual, 80)
        self.assertBalance(0)

    def test_only_refunds_of_this_credit_note_are_undone(self):
        one, two = self._credit_note(80), self._credit_note(10)
        one.action_refund_to_wallet()
        two.action_refund_to_wallet()
        partial = two._get_wallet_partials()
        for wrong in (partial.id, "1", True, None):
            self.assertRefused(UserError, one.action_unallocate_wallet, wrong)

    def test_a_refund_entry_stays_in_the_books(self):
        credit_note = self._credit_note(80)
        credit_note.action_refund_to_wallet()
        entry = self._refund_of(credit_note)
        self.assertRefused(UserError, entry.button_draft, message="stays in the books")


@tagged("post_install", "-at_install")
class TestKindsOfMoneyRefunded(WalletCommon):
    def test_bonus_comes_back_as_bonus_with_its_expiry_date(self):
        expiry = fields.Date.add(fields.Date.today(), days=20)
        self._top_up(100)
        self._give_bonus(30, expiry)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.assertInWallet(50)
        self._reverse(invoice)
        self.assertInWallet(100, (30, expiry))
        self.assertBalance(130)
        self.assertEqual(self._wallet().bonus_balance, 30)

    def test_in_parts_no_more_bonus_than_was_spent(self):
        self._top_up(100)
        self._give_bonus(30)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice, to_wallet=False)
        credit_note.action_post()
        credit_note.action_refund_to_wallet(40)
        self.assertEqual(self._wallet().bonus_balance, 0)
        credit_note.action_refund_to_wallet(25)
        self.assertEqual(self._wallet().bonus_balance, 15)
        credit_note.action_refund_to_wallet()
        self.assertEqual(self._wallet().bonus_balance, 30)
        self.assertBalance(130)

    def test_a_part_of_the_invoice_gives_paid_money_back_first(self):
        """What was used last comes back first, as at the till."""
        self._top_up(100)
        self._give_bonus(30)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        for amount, bonus in ((50, 0), (20, 20), (10, 30)):
            credit_note = self._reverse(invoice, to_wallet=False)
            credit_note.invoice_line_ids.price_unit = amount
            credit_note.action_post()
            credit_note.action_refund_to_wallet()
            self.assertEqual(self._wallet().bonus_balance, bonus)
        self.assertBalance(130)

    def test_bonus_comes_back_when_the_rest_of_the_invoice_was_never_paid(self):
        self._top_up(10)
        self._give_bonus(30)
        invoice = self._invoice(100)
        invoice.action_allocate_wallet()
        self._reverse(invoice)
        self.assertBalance(40)
        self.assertEqual(self._wallet().bonus_balance, 30)

    def test_paid_back_in_cash_leaves_only_bonus_for_the_wallet(self):
        self._top_up(50)
        self._give_bonus(30)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice, to_wallet=False)
        credit_note.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=credit_note.ids
        ).create({"amount": 50})._create_payments()
        credit_note.action_refund_to_wallet()
        self.assertEqual(self._wallet().bonus_balance, 30)
        self.assertBalance(30)

    def test_what_was_taken_back_is_bonus_again_the_next_time(self):
        self._give_bonus(30)
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice)
        self._undo_refund(credit_note)
        self.assertEqual(self._wallet().bonus_balance, 0)
        credit_note.action_refund_to_wallet()
        self.assertEqual(self._wallet().bonus_balance, 30)

    def test_a_credit_note_of_its_own_makes_no_money_of_a_bonus(self):
        """It names no invoice, so nobody knows what it gives back: then the law says
        it, that no more bonus is used than goods are kept.
        """
        self._give_bonus(30, expiry="2099-01-01")
        self._invoice(30).action_allocate_wallet()
        self._credit_note(30).action_refund_to_wallet()
        self.assertInWallet(0, (30, fields.Date.to_date("2099-01-01")))

    def test_a_credit_note_of_its_own_is_paid_money_where_goods_are_kept(self):
        self._give_bonus(30)
        self._top_up(25)
        self._invoice(55).action_allocate_wallet()
        self._credit_note(30).action_refund_to_wallet()
        self.assertInWallet(25, (5, False))

    def test_a_credit_note_of_its_own_is_paid_money_without_any_bonus(self):
        self._top_up(30)
        self._invoice(30).action_allocate_wallet()
        self._credit_note(30).action_refund_to_wallet()
        self.assertInWallet(30)


@tagged("post_install", "-at_install")
class TestBonusIsNotPaidOut(WalletCommon):
    """The wallet has paid 80 for an invoice: 50 of money and 30 of bonus."""

    def setUp(self):
        super().setUp()
        self._top_up(50)
        self._give_bonus(30)
        self.bank_account = self.bank_journal.default_account_id

    def _bought(self, amount=80, **vals):
        invoice = self._invoice(amount, **vals)
        invoice.action_allocate_wallet()
        return invoice

    def _returned(self, invoice, amount=None):
        """The confirmed credit note of an invoice, or of a part of it."""
        credit_note = self._reverse(invoice, to_wallet=False)
        if amount:
            credit_note.invoice_line_ids.price_unit = amount
        credit_note.action_post()
        return credit_note

    def _pay_back(self, credit_notes, amount=None, **vals):
        """Press *Pay* on credit notes."""
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=credit_notes.ids)
            .create({"journal_id": self.bank_journal.id, **vals})
        )
        if amount:
            wizard.amount = amount
        return wizard._create_payments()

    def _receivables(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_id == self.receivable)

    def test_of_a_credit_note_only_what_was_paid_in(self):
        credit_note = self._returned(self._bought())
        self.assertRefused(
            UserError,
            self._pay_back,
            credit_note,
            message=r"only .*50\.00 can be paid out to Amal Haddad, but .*80\.00 was "
            r"asked for. Move the other .*30\.00 to the wallet",
        )
        self.assertRefused(UserError, self._pay_back, credit_note, 50.01)
        payment = self._pay_back(credit_note, 50)
        self.assertEntry(
            payment.move_id,
            [
                (self.receivable, 50, 0),
                (payment.outstanding_account_id, 0, 50),
            ],
        )
        self.assertRefused(
            UserError, self._pay_back, credit_note, message=r"only \$.0\.00 can be paid"
        )
        credit_note.action_refund_to_wallet()
        self.assertInWallet(0, (30, False))
        self.assertBalance(30)
        self.assertEqual(credit_note.payment_state, "paid")

    def test_all_that_is_left_once_the_bonus_is_in_the_wallet(self):
        credit_note = self._returned(self._bought())
        credit_note.action_refund_to_wallet()
        self._undo_refund(credit_note)
        self.assertRefused(UserError, self._pay_back, credit_note)
        credit_note.action_refund_to_wallet()
        self.assertInWallet(50, (30, False))
        self._pay_out(50)
        self.assertBalance(30)

    def test_what_the_bank_has_paid_is_paid_out(self):
        invoice = self._bought(100)
        self._pay_back(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        credit_note = self._returned(invoice)
        self.assertRefused(
            UserError,
            self._pay_back,
            credit_note,
            71,
            message=r"only .*70\.00 can be paid",
        )
        self._pay_back(credit_note, 70)
        credit_note.action_refund_to_wallet()
        self.assertInWallet(0, (30, False))

    def test_what_was_never_paid_is_not_paid_out(self):
        """The credit note settles the invoice first: 80 of 100 have been paid."""
        invoice = self._bought(100)
        credit_note = self._reverse(invoice, to_wallet=False)
        credit_note.action_post()
        self._receivables(credit_note | invoice).filtered(
            lambda line: not line.reconciled
        ).reconcile()
        self.assertEqual(credit_note.amount_residual, 80)
        self.assertRefused(
            UserError, self._pay_back, credit_note, message=r"only .*50\.00 can be paid"
        )
        self._pay_back(credit_note, 50)

    def test_several_credit_notes_together(self):
        invoice = self._bought()
        notes = self._returned(invoice, 60) | self._returned(invoice, 20)
        for together in (True, False):
            with self.subTest(together=together):
                self.assertRefused(
                    UserError,
                    self._pay_back,
                    notes,
                    group_payment=together,
                    message="bonus money is not paid out",
                )
        self._pay_back(notes[0], 40)
        self.assertRefused(
            UserError, self._pay_back, notes[1], message=r"only .*10\.00 can be paid"
        )
        self._pay_back(notes[1], 10)
        for note in notes:
            note.action_refund_to_wallet()
        self.assertInWallet(0, (30, False))

    def test_a_credit_note_still_pays_other_invoices(self):
        credit_note = self._returned(self._bought())
        other = self._invoice(80)
        self._receivables(credit_note | other).reconcile()
        self.assertEqual((other.amount_residual, credit_note.amount_residual), (0, 0))

    def test_what_is_left_after_another_invoice(self):
        credit_note = self._returned(self._bought())
        self._receivables(credit_note | self._invoice(45)).reconcile()
        self.assertRefused(
            UserError, self._pay_back, credit_note, message=r"only .*5\.00 of RINV"
        )
        self._pay_back(credit_note, 5)
        credit_note.action_refund_to_wallet()
        self.assertInWallet(0, (30, False))

    def test_no_way_around_the_payment_form(self):
        credit_note = self._returned(self._bought())
        other_ways = {
            "a payment on account": self.env["account.payment"].create(
                {
                    "partner_id": self.customer.id,
                    "partner_type": "customer",
                    "payment_type": "outbound",
                    "amount": 80,
                }
            ),
            "an entry to the bank": self._enter(
                (self.receivable, 80, 0), (self.bank_account, 0, 80), post=False
            ),
        }
        for way, document in other_ways.items():
            with self.subTest(way=way):
                self.assertRefused(
                    UserError,
                    document.action_post,
                    message=r"bonus money is not paid out: only .*50\.00 can be paid "
                    r"out to Amal Haddad, but .*80\.00 was asked for",
                )
        self.assertEqual(credit_note.amount_residual, 80)

    def test_an_entry_that_sets_off_is_no_pay_out(self):
        """The customer pays another invoice of 180 less the credit note."""
        credit_note = self._returned(self._bought())
        entry = self._enter(
            (self.bank_account, 100, 0),
            (self.receivable, 80, 0),
            (self.receivable, 0, 180),
            journal_id=self.bank_journal.id,
        )
        debit = self._receivables(entry).filtered("debit")
        (debit | self._receivables(credit_note)).reconcile()
        self.assertEqual(credit_note.amount_residual, 0)

    def test_a_payment_that_is_confirmed_again(self):
        credit_note = self._returned(self._bought())
        payment = self._pay_back(credit_note, 50)
        payment.action_draft()
        payment.action_post()
        self.assertEqual(credit_note.amount_residual, 30)
        payment.action_draft()
        payment.amount = 80
        self.assertRefused(
            UserError, payment.action_post, message=r"only .*50\.00 can be paid"
        )

    def _two_euro_a_dollar(self):
        return self.setup_other_currency("EUR", rates=[("2017-01-01", 2.0)])

    def test_in_another_currency_than_the_wallets(self):
        """100 euro of money and 60 of bonus."""
        eur = self._two_euro_a_dollar()
        credit_note = self._returned(self._bought(160, currency_id=eur.id))
        self.assertRefused(
            UserError, self._pay_back, credit_note, message=r"only .*50\.00 can be paid"
        )
        self.assertRefused(
            UserError,
            self._pay_back,
            credit_note,
            51,
            currency_id=self.company.currency_id.id,
        )
        self._pay_back(credit_note, 50, currency_id=self.company.currency_id.id)
        credit_note.action_refund_to_wallet()
        self.assertBalance(60, self._wallet(currency=eur))
        self.assertEqual(self._wallet(currency=eur).bonus_balance, 60)

    def test_bonus_that_comes_back_in_another_currency_expires_on_its_day(self):
        eur = self._two_euro_a_dollar()
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        self._give_bonus(10, expiry=tomorrow)
        credit_note = self._returned(self._bought(180, currency_id=eur.id))
        credit_note.action_refund_to_wallet()
        wallet = self._wallet(currency=eur)
        self.assertKinds(100, 80, wallet)
        self.assertEqual(
            [(grant.left, grant.expiry) for grant in wallet._get_open_grants()],
            [(20, tomorrow), (60, False)],
        )
        self._run_at(fields.Date.add(tomorrow, days=1))
        self.assertKinds(100, 60, wallet)

    def test_without_bonus_all_is_paid_out(self):
        self._bought(30)
        credit_note = self._returned(self._bought(50))
        self._pay_back(credit_note)
        self.assertEqual(credit_note.amount_residual, 0)


@tagged("post_install", "-at_install")
class TestCreditNoteWizard(WalletCommon):
    def test_reversal_and_refund_in_one_step(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice)
        self.assertRecordValues(
            credit_note,
            [{"move_type": "out_refund", "state": "posted", "amount_residual": 0}],
        )
        self.assertEntry(
            self._refund_of(credit_note),
            [(self.receivable, 80, 0), (self.wallet_account, 0, 80)],
        )
        self.assertBalance(100)

    def test_only_what_was_paid_comes_back(self):
        self._top_up(30)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice)
        self.assertEqual(credit_note.amount_residual, 0)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(30)

    def _open_credit_note(self, invoices):
        return Form(
            self.env["account.move.reversal"].with_context(
                active_model="account.move", active_ids=invoices.ids
            )
        )

    def test_it_is_proposed_where_a_wallet_has_paid(self):
        self._top_up(100)
        paid, unpaid = self._invoice(80), self._invoice(10)
        paid.action_allocate_wallet()
        self.assertTrue(self._open_credit_note(paid).refund_to_wallet)
        self.assertFalse(self._open_credit_note(unpaid).refund_to_wallet)
        self.assertFalse(self._open_credit_note(paid | unpaid).refund_to_wallet)
        dialog = self._open_credit_note(paid)
        dialog.save().refund_moves()
        self.assertBalance(100)

    def test_it_is_not_proposed_where_a_bank_has_paid_too(self):
        self._top_up(10)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({}).action_create_payments()
        self.assertFalse(self._open_credit_note(invoice).refund_to_wallet)

    def test_another_program_that_reverses_is_proposed_nothing(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        self.assertFalse(wizard.refund_to_wallet)

    def test_an_unpaid_invoice_refunds_nothing(self):
        invoice = self._invoice(80)
        credit_note = self._reverse(invoice)
        self.assertEqual(credit_note.state, "posted")
        self.assertEqual(credit_note.amount_residual, 0)
        self.assertFalse(self._wallet())

    def test_paid_by_bank_goes_to_the_wallet_too(self):
        invoice = self._invoice(80)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({}).action_create_payments()
        self._reverse(invoice)
        self.assertBalance(80)

    def test_without_the_checkbox_nothing_changes(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice, to_wallet=False)
        self.assertEqual(credit_note.state, "draft")
        self.assertBalance(20)

    def test_reverse_and_create_invoice_gives_the_payment_back_by_itself(self):
        self._top_up(70)
        self._give_bonus(30)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self._reverse(invoice, modify=True)
        self.assertBalance(100)
        self.assertEqual(self._wallet().bonus_balance, 30)
        self.assertLedgerAgrees()

    def test_a_date_to_come_is_refused(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.assertRefused(
            UserError,
            self._reverse,
            invoice,
            date=fields.Date.add(fields.Date.today(), days=3),
            message="today",
        )

    def _bought_by_a_contact(self):
        """With 40 and a bonus of 60 of the company, which the contact has left."""
        self._top_up(40)
        self._give_bonus(60)
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        invoice = self._invoice(100, partner_id=contact.id)
        invoice.action_allocate_wallet()
        self.assertKinds(0, 0)
        contact.parent_id = False
        self.assertEqual(invoice.commercial_partner_id, self.customer)
        return invoice

    def test_what_a_company_bought_comes_back_when_its_contact_has_left(self):
        invoice = self._bought_by_a_contact()
        credit_note = self._reverse(invoice)
        self.assertRecordValues(
            credit_note,
            [
                {
                    "partner_id": invoice.partner_id.id,
                    "commercial_partner_id": self.customer.id,
                    "payment_state": "paid",
                }
            ],
        )
        entry = self._refund_of(credit_note)
        self.assertEntry(
            entry,
            [
                (self.receivable, 100, 0),
                (self.wallet_account, 0, 40),
                (self.bonus_account, 0, 60),
            ],
        )
        items = (entry | credit_note).line_ids
        self.assertEqual(items.partner_id, self.customer)
        self.assertKinds(40, 60)
        self.assertFalse(self._wallet(invoice.partner_id))

    def test_what_a_company_bought_goes_into_no_other_wallet(self):
        """Somebody has chosen another customer on the credit note."""
        invoice = self._bought_by_a_contact()
        owner, other = self.customer, invoice.partner_id
        credit_note = self._reverse(invoice, to_wallet=False)
        for customer in (self.env["res.partner"].create({"name": "Other"}), other):
            credit_note.partner_id = customer
            credit_note.commercial_partner_id = customer  # as before it was looked at
            credit_note.action_post()
            self.assertRefused(
                UserError,
                credit_note.action_refund_to_wallet,
                message=f"{owner.name} bought what .* wallet of {customer.name}.*draft",
            )
            self.assertEqual(customer.wallet_open_credit_count, 0)
            credit_note.button_draft()
        credit_note.partner_id = owner
        credit_note.action_post()
        self.assertEqual(owner.wallet_open_credit_count, 1)
        credit_note.action_refund_to_wallet()
        self.assertKinds(40, 60)

    def test_several_invoices(self):
        self._top_up(100)
        invoices = self._invoice(30) + self._invoice(20)
        for invoice in invoices:
            invoice.action_allocate_wallet()
        self._reverse(invoices)
        self.assertBalance(100)


@tagged("post_install", "-at_install")
class TestEarlyPaymentDiscountRefunded(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = cls._discount_terms()
        cls.discounts = cls.company.account_journal_early_pay_discount_loss_account_id

    def _discounted_invoice(self, **vals):
        return self._invoice(100, invoice_payment_term_id=self.terms.id, **vals)

    def test_what_was_paid_comes_back_and_the_discount_is_taken_back(self):
        self._top_up(98)
        invoice = self._discounted_invoice()
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.amount_residual, 0)
        credit_note = self._reverse(invoice)
        self.assertEntry(
            self._refund_of(credit_note),
            [
                (self.receivable, 100, 0),
                (self.wallet_account, 0, 98),
                (self.discounts, 0, 2),
            ],
        )
        self.assertEqual(credit_note.payment_state, "paid")
        self.assertBalance(98)
        self.assertEqual(credit_note.wallet_widget["payments"][0]["amount"], 98)
        self._undo_refund(credit_note)
        self.assertBalance(0)
        self.assertEqual(credit_note.wallet_widget["allocatable"], 98)
        self.assertEqual(credit_note.wallet_widget["discount"], 2)

    def test_tax_that_was_withheld_is_no_discount(self):
        """A payment from the bank of which the customer has kept a tax."""
        invoice = self._invoice(100)
        tax = self.env["account.tax"].create({"name": "Withheld", "amount": 10})
        [part] = tax.invoice_repartition_line_ids.filtered(
            lambda it: it.repartition_type == "tax"
        )
        entry = self._enter(
            (self.company_data["default_account_assets"], 90, 0),
            (self.company_data["default_account_tax_purchase"], 10, 0),
            (self.customer.property_account_receivable_id, 0, 100),
            post=False,
        )
        withheld = entry.line_ids.filtered(lambda line: line.balance == 10)
        withheld.tax_repartition_line_id = part
        self.assertEqual(withheld.tax_line_id, tax)
        entry.action_post()
        (entry | invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self._reverse(invoice)
        self.assertBalance(100)

    def test_in_parts_the_discount_comes_last(self):
        self._top_up(98)
        invoice = self._discounted_invoice()
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice, to_wallet=False)
        credit_note.action_post()
        credit_note.action_refund_to_wallet(50)
        self.assertBalance(50)
        credit_note.action_refund_to_wallet(50)
        self.assertBalance(98)
        self.assertEqual(credit_note.payment_state, "paid")

    def test_a_discount_on_a_bank_payment(self):
        invoice = self._discounted_invoice()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertEqual(invoice.amount_residual, 0)
        self._reverse(invoice)
        self.assertBalance(98)

    def test_with_taxes(self):
        taxes = self.company_data["default_tax_sale"]
        self._top_up(200)
        invoice = self._discounted_invoice(taxes=taxes)
        total = invoice.amount_total
        invoice.action_allocate_wallet()
        paid = 200 - self._wallet().balance
        self.assertLess(paid, total)
        allocation = self._allocation_of(invoice)
        credit_note = self._reverse(invoice)
        self.assertBalance(200)
        refund = self._refund_of(credit_note)
        self.assertEqual(
            self._discounts_of(refund, -1), self._discounts_of(allocation, 1)
        )

    def _discounts_of(self, entry, sign):
        lines = entry.line_ids.filtered(lambda line: line._is_wallet_discount())
        return sorted(
            (line.account_id.code, line.tax_ids.ids, sign * line.balance)
            for line in lines
        )

    def test_an_invoice_that_was_paid_too_late_comes_back_in_full(self):
        self._top_up(200)
        invoice = self._discounted_invoice(invoice_date="2020-01-01")
        invoice.action_allocate_wallet()
        self._reverse(invoice)
        self.assertBalance(200)


@tagged("post_install", "-at_install")
class TestBonusInAnotherCurrency(WalletCommon):
    """100 paid in earned 10, which bought goods in yen and came back with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jpy = cls.setup_other_currency(
            "JPY", rates=[("2017-01-01", 150.0)], rounding=1.0
        )
        cls._promotion(validity_days=10)
        cls.top_up = cls._top_up(100)
        invoice = cls._invoice(1500, currency_id=cls.jpy.id)
        invoice.action_allocate_wallet()
        cls._reverse(invoice)
        cls.yen = cls._wallet(currency=cls.jpy)
        # What the yen is worth since is the company's affair.
        cls.jpy.rate_ids.create(
            {
                "name": fields.Date.add(fields.Date.today(), days=1),
                "rate": 300.0,
                "currency_id": cls.jpy.id,
                "company_id": cls.company.id,
            }
        )

    def test_it_goes_with_its_top_up(self):
        self.assertKinds(100, 0)
        self.assertKinds(0, 1500, self.yen)
        bonus = self._bonus_of(self.top_up)
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=2)):
            self.top_up.action_cancel()
        self.assertKinds(0, 0)
        self.assertKinds(0, 0, self.yen)
        self.assertEntry(
            bonus._get_wallet_reversals(),
            [
                (self.bonus_account, 10, 0, 1500, self.jpy),
                (self.promotion_account, 0, 10, -1500, self.jpy),
            ],
        )

    def test_what_has_expired_is_not_taken_twice(self):
        later = fields.Datetime.add(fields.Datetime.now(), days=12)
        self._run_at(later)
        self.assertKinds(0, 0, self.yen)
        with freeze_time(later):
            self.top_up.action_cancel()
        self.assertKinds(0, 0)
        self.assertKinds(0, 0, self.yen)

    def test_what_bought_something_else_is_paid(self):
        self._invoice(600, currency_id=self.jpy.id).action_allocate_wallet()
        self.assertKinds(0, 900, self.yen)
        self.assertRefused(UserError, self.top_up.action_cancel, message="104.00")
        self.env["customer.wallet.promotion"].search([]).active = False
        self._top_up(4)
        self.top_up.action_cancel()
        self.assertKinds(0, 0)
        self.assertKinds(0, 0, self.yen)
