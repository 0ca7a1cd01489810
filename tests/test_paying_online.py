from freezegun import freeze_time

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .online_common import PayingOnlineCommon
from .paying_online_matrix import shows


@tagged("post_install", "-at_install")
class TestPayingOnline(PayingOnlineCommon):
    def test_every_company_takes_wallets_online(self):
        provider = self.wallet_provider
        self.assertEqual(len(provider), 1)
        self.assertEqual(provider.state, "enabled")
        self.assertTrue(provider.is_published)
        self.assertEqual(provider.journal_id, self.company.wallet_journal_id)
        line = provider.journal_id.inbound_payment_method_line_ids
        self.assertEqual(line.payment_provider_id, provider)
        self.assertEqual(line.payment_account_id, self.company.wallet_account_id)
        others = self.env["res.company"].search(
            [("parent_id", "=", False), ("wallet_account_id", "!=", False)]
        )
        providers = provider.sudo().search([("code", "=", "wallet")])
        self.assertEqual(providers.company_id, others)

    def test_a_company_made_later_takes_wallets_online(self):
        company = self._create_company(name="Later")
        provider = company._find_wallet_provider()
        self.assertEqual((provider.state, provider.is_published), ("enabled", True))
        self.assertEqual(provider.journal_id, company.wallet_journal_id)

    def test_it_cannot_be_put_on_a_bank_journal(self):
        bank = self.company_data["default_journal_bank"]
        with self.assertRaisesRegex(UserError, "Customer Wallet"):
            self.wallet_provider.journal_id = bank
            self.env.flush_all()

    def test_it_is_switched_off_in_the_settings(self):
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.wallet_online_payment)
        settings.wallet_online_payment = False
        settings.execute()
        self.assertEqual(self.wallet_provider.state, "disabled")
        self.assertFalse(self.wallet_provider.is_published)
        self.company.wallet_online_payment = True
        self.assertEqual(self.wallet_provider.state, "enabled")
        self.assertTrue(self.wallet_method.active)

    def test_switched_off_it_takes_nothing_any_more(self):
        """The payment page was still open."""
        invoice = self._invoice(80)
        tx = self._start_paying(invoice)
        self.company.wallet_online_payment = False
        self._press_pay(tx)
        self.assertNotPaid(tx, invoice, "disabled")
        self.assertBalance(200)

    def test_a_company_takes_wallets_by_one_provider(self):
        """Of two, none would know which one pays."""
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        with self.assertRaisesRegex(UserError, self.company.name):
            self.wallet_provider.copy()
        with self.assertRaisesRegex(UserError, self.company.name):
            self.wallet_provider.company_id = branch

    def test_the_invoice_is_paid_at_once(self):
        invoice = self._invoice(80)
        payment = self._pay_online_with_wallet(invoice)
        self.assertEntry(
            payment.move_id,
            [(self.wallet_account, 80, 0), (self.receivable, 0, 80)],
        )
        self.assertEqual(payment.move_id.wallet_operation, "online_payment")
        self.assertEqual(payment.state, "paid")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(invoice.reconciled_payment_ids, payment)
        self.assertFalse(payment._get_wallet_receipt()["is_moved"])
        self.assertBalance(120)

    def test_a_draft_is_confirmed_and_paid(self):
        invoice = self._invoice(80, post=False)
        self._pay_online_with_wallet(invoice, 80)
        self.assertEqual((invoice.state, invoice.payment_state), ("posted", "paid"))
        self.assertBalance(120)

    def test_a_part_is_paid(self):
        invoice = self._invoice(80)
        self._pay_online_with_wallet(invoice, 30)
        self.assertEqual(invoice.amount_residual, 50)
        self.assertBalance(170)

    def test_several_invoices_in_one_payment(self):
        invoices = self._invoice(80) | self._invoice(40)
        self._pay_online_with_wallet(invoices)
        self.assertEqual(invoices.mapped("payment_state"), ["paid", "paid"])
        self.assertBalance(80)

    def test_the_bonus_goes_first(self):
        self._give_bonus(30)
        payment = self._pay_online_with_wallet(self._invoice(80))
        self.assertEntry(
            payment.move_id,
            [
                (self.bonus_account, 30, 0),
                (self.wallet_account, 50, 0),
                (self.receivable, 0, 80),
            ],
        )
        self.assertEqual(payment.amount, 80)
        self.assertKinds(150, 0)

    def _early_invoice(self):
        terms = self._discount_terms(discount_days=7)
        return self._invoice(100, invoice_payment_term_id=terms.id)

    def test_early_payment_discount(self):
        invoice = self._early_invoice()
        self._pay_online_with_wallet(invoice, 98)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(102)

    def test_a_short_wallet_pays_nothing(self):
        invoice = self._invoice(201)
        tx = self._start_paying(invoice)
        self._press_pay(tx)
        self.assertNotPaid(tx, invoice, "201.00")
        self.assertBalance(200)

    def test_a_frozen_wallet_pays_nothing(self):
        self._wallet().state = "frozen"
        invoice = self._invoice(80)
        tx = self._start_paying(invoice)
        self._press_pay(tx)
        self.assertNotPaid(tx, invoice, "frozen")
        self.assertBalance(200)

    def test_who_is_not_the_owner_pays_nothing(self):
        """Neither a visitor with a link nor another customer, whatever says sudo."""
        invoice = self._invoice(80)
        for user in (self.env.ref("base.public_user"), self.stranger_user):
            tx = self._start_paying(invoice).with_user(user).sudo()
            self._press_pay(tx)
            self.assertNotPaid(tx, invoice, "its owner")
        self.assertBalance(200)

    def test_another_customer_does_not_pay_it_with_their_own_wallet(self):
        self._pay(90, partner_id=self.stranger.id)
        invoice = self._invoice(80)
        tx = self._start_paying(invoice, user=self.stranger_user)
        self._press_pay(tx)
        self.assertNotPaid(tx, invoice, "its owner")

    def test_a_contact_of_the_company_pays(self):
        user = self.env["res.users"].search([("login", "=", "wallet_colleague")])
        invoice = self._invoice(80)
        self._pay_online_with_wallet(invoice, user=user)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_nothing_is_paid_without_a_document(self):
        tx = self._start_paying(self.env["account.move"], 50)
        self._press_pay(tx)
        self.assertEqual(tx.state, "error")
        self.assertBalance(200)

    @shows("portal invoice", "cancelled")
    def test_the_wallet_of_one_company_does_not_pay_the_invoice_of_another(self):
        """Odoo's pages take the provider that the browser names."""
        other = self.setup_other_company(name="Other company")["company"]
        self.env.user.company_ids |= other
        invoice = self._invoice(80, company=other)
        tx = self._start_paying(invoice)
        self._press_pay(tx)
        self.assertNotPaid(tx, invoice, "Other company")
        self.assertBalance(200)

    def test_a_branch_is_paid_from_the_wallet_of_its_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        invoice = self._invoice(80, post=False)
        tx = self._start_paying(invoice, 80)
        invoice.company_id = branch
        tx._check_wallet_payer(self.customer)

    def test_an_invoice_stays_with_the_company_whose_contact_has_left(self):
        invoice = self._invoice(80, partner_id=self.colleague.id)
        self.colleague.parent_id = False
        self.assertEqual(invoice.commercial_partner_id, self.customer)
        self._pay_online_with_wallet(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_an_invoice_that_was_cancelled_does_not_hinder_the_other(self):
        first, second = self._invoice(80), self._invoice(40, post=False)
        account = self.receivable.copy({"code": "121998"})
        second.line_ids._filter_wallet_receivables().account_id = account
        tx = self._start_paying(first | second, 80)
        second.button_cancel()
        self._press_pay(tx)
        self.assertEqual((tx.state, first.payment_state), ("done", "paid"))
        self.assertBalance(120)

    def test_invoices_on_different_accounts_are_not_paid_together(self):
        """Core's page of overdue invoices asks for it."""
        account = self.receivable.copy({"code": "121999"})
        first = self._invoice(80)
        self.customer.property_account_receivable_id = account
        invoices = first | self._invoice(40)
        tx = self._start_paying(invoices)
        self._press_pay(tx)
        self.assertEqual(tx.state, "error")
        self.assertIn("different accounts", tx.state_message)
        self.assertEqual(invoices.mapped("amount_residual"), [80, 40])
        self.assertBalance(200)
        for invoice in invoices:
            self._pay_online_with_wallet(invoice)
        self.assertEqual(invoices.mapped("amount_residual"), [0, 0])
        self.assertBalance(80)

    def test_a_cancelled_invoice_is_not_paid(self):
        """The payment page was still open when the invoice was cancelled."""
        invoice = self._invoice(80, post=False)
        tx = self._start_paying(invoice, 80)
        invoice.button_cancel()
        self._press_pay(tx)
        self.assertNotPaid(tx, invoice, "0.00 is due")
        self.assertBalance(200)

    @shows("portal invoice", "sent twice")
    def test_sent_twice_it_pays_once(self):
        invoice = self._invoice(80)
        tx = self._start_paying(invoice)
        self._press_pay(tx)
        self._press_pay(tx)
        self.assertEqual(tx.state, "done")
        self.assertBalance(120)

    def test_two_windows_pay_once(self):
        invoice = self._invoice(80)
        first, second = self._start_paying(invoice), self._start_paying(invoice)
        self._press_pay(first)
        self._press_pay(second)
        self.assertEqual((first.state, second.state), ("done", "error"))
        self.assertIn("0.00 is due", second.state_message)
        self.assertBalance(120)

    def test_a_draft_is_paid_once_where_invoices_are_paid_automatically(self):
        self.company.wallet_auto_allocate = True
        invoice = self._invoice(80, post=False)
        self._pay_online_with_wallet(invoice, 80)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_cancelled_documents_bills_and_credit_notes_take_nothing(self):
        cancelled = self._invoice(80, post=False)
        cancelled.button_cancel()
        for document in (
            cancelled,
            self._invoice(80, move_type="in_invoice"),
            self._invoice(80, move_type="out_refund"),
        ):
            tx = self._start_paying(document, 80)
            self._press_pay(tx)
            self.assertEqual(tx.state, "error", document.move_type)
        self.assertBalance(200)

    def test_nobody_else_says_that_it_is_paid(self):
        tx = self._start_paying(self._invoice(80)).with_env(self.env)
        with self.assertRaisesRegex(UserError, "Nothing was taken"):
            tx._set_done()
        with self.assertRaisesRegex(UserError, "payment page"):
            tx._create_payment()
        self.assertBalance(200)

    def test_it_is_not_entered_by_hand(self):
        line = self.wallet_provider.journal_id.inbound_payment_method_line_ids
        payment = self._pay(
            50,
            post=False,
            is_wallet=False,
            journal_id=line.journal_id.id,
            payment_method_line_id=line.id,
        )
        with self.assertRaisesRegex(UserError, "by hand"):
            payment.action_post()

    def test_the_same_payment_succeeds_after_a_top_up(self):
        invoice = self._invoice(250)
        tx = self._start_paying(invoice)
        self._press_pay(tx)
        self.assertEqual(tx.state, "error")
        self._top_up(50)
        self._press_pay(tx)
        self.assertEqual((tx.state, invoice.payment_state), ("done", "paid"))
        self.assertBalance(0)

    def test_refused_again_it_says_why_this_time(self):
        invoice = self._invoice(250)
        tx = self._start_paying(invoice)
        self._press_pay(tx)
        self.assertNotPaid(tx, invoice, "200.00")
        self._top_up(50)
        self._wallet().state = "frozen"
        self._press_pay(tx)
        self.assertNotPaid(tx, invoice, "frozen")
        self.assertNotIn("200.00", tx.state_message)
        self.assertIn("frozen", invoice.message_ids[0].body)

    @shows("portal invoice", "foreign currency")
    def test_another_currency_pays_at_the_rate_of_today(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._invoice(100, currency_id=euro.id)
        self._pay_online_with_wallet(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(150)

    def test_only_the_ledger_allocates_it(self):
        """An accountant does not pay a customer's online payment by remote call."""
        tx = self._start_paying(self._invoice(80)).with_env(self.env)
        with self.assertRaises(AccessError):
            tx.action_allocate_wallet()
        self.assertBalance(200)

    def _forge(self, tx, **vals):
        """By remote call, as somebody who may enter invoices; then Odoo's scheduled
        action books what it says.
        """
        staff = self.env["res.users"].search([("login", "=", "wallet_staff")])
        tx.with_user(staff).write({"state": "done", **vals})
        with self.assertRaisesRegex(UserError, "payment page"):
            tx.with_user(SUPERUSER_ID)._post_process()
        self.env.invalidate_all()

    def _start_of_stranger(self, amount=80):
        self._pay(10, partner_id=self.stranger.id)
        invoice = self._invoice(amount, partner_id=self.stranger.id)
        tx = self._start_paying(invoice, user=self.stranger_user)
        return tx.with_env(self.env), invoice

    def test_nobody_says_that_a_payment_of_somebody_else_is_refunded_to_them(self):
        paid = self._pay_online_with_wallet(self._invoice(80)).payment_transaction_id
        tx, _invoice = self._start_of_stranger()
        self._forge(tx, source_transaction_id=paid.id, operation="refund", amount=-80)
        self.assertBalance(10, self._wallet(self.stranger))
        self.assertBalance(120)
        tx.sudo().state = "cancel"

    def test_the_saved_consent_of_somebody_else_pays_nothing(self):
        wallet = self._wallet().with_user(self.owner_user).sudo()
        wallet._allow_recurring_charges(100)
        token = wallet.recurring_token_ids
        tx, invoice = self._start_of_stranger()
        staff = self.env["res.users"].search([("login", "=", "wallet_staff")])
        tx.with_user(staff).write({"operation": "offline", "token_id": token.id})
        self._press_pay(tx.with_user(self.stranger_user).sudo())
        self.assertNotPaid(tx, invoice)
        self.assertBalance(200)
        self.assertBalance(10, self._wallet(self.stranger))

    def test_the_check_names_what_is_done_without_its_money(self):
        invoice = self._invoice(80)
        tx = self._start_paying(invoice)
        entry = self._pay_online_with_wallet(self._invoice(40)).move_id
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute(
                "UPDATE payment_transaction SET state = 'done', payment_id = NULL"
            )
            found = {
                (item["kind"], item["document"], item["expected"], item["actual"])
                for item in self._find_differences()
            }
            savepoint.rollback()
            self.env.invalidate_all()
        self.assertIn(("online", tx.reference, 80, 0), found)
        self.assertIn(("online", entry.name, 0, 40), found)

    # Undone

    def test_unreconciled_the_money_goes_back(self):
        invoice = self._invoice(80)
        payment = self._pay_online_with_wallet(invoice)
        invoice._get_wallet_partials().unlink()
        self.assertBalance(200)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(payment.state, "canceled")
        self.assertEqual(payment.payment_transaction_id.state, "cancel")

    def test_the_payment_is_cancelled(self):
        invoice = self._invoice(80)
        payment = self._pay_online_with_wallet(invoice).with_env(self.env)
        payment.action_cancel()
        self.assertBalance(200)
        self.assertEqual(payment.state, "canceled")
        self.assertEqual(invoice.payment_state, "not_paid")
        payment.action_cancel()
        self.assertBalance(200)

    def test_its_entry_is_reversed_and_not_cancelled_as_well(self):
        payment = self._pay_online_with_wallet(self._invoice(80)).with_env(self.env)
        payment.move_id._reverse_moves()
        self.assertBalance(200)
        self.assertEqual(payment.state, "canceled")
        with self.assertRaises(UserError):
            payment.move_id.button_cancel()
        self.assertBalance(200)

    # Refunds

    @shows("portal invoice", "refunded")
    def test_a_refund_gives_back_the_kind_that_was_spent(self):
        self._give_bonus(30)
        payment = self._pay_online_with_wallet(self._invoice(80))
        refund = self._refund(payment, 60)
        self.assertEqual((refund.state, refund.state_message or ""), ("done", ""))
        self.assertEntry(
            refund.payment_id.move_id,
            [
                (self.receivable, 60, 0),
                (self.wallet_account, 0, 50),
                (self.bonus_account, 0, 10),
            ],
        )
        self.assertEqual(refund.payment_id.payment_type, "outbound")
        self.assertKinds(200, 10)

    def test_a_refund_goes_to_the_company_whose_contact_has_left(self):
        self._give_bonus(30)
        payment = self._pay_online_with_wallet(
            self._invoice(80),
            user=self.env["res.users"].search([("login", "=", "wallet_colleague")]),
        )
        self.colleague.parent_id = False
        self.assertEqual(self.colleague.commercial_partner_id, self.colleague)
        refund = self._refund(payment, 80)
        self.assertEqual((refund.state, refund.state_message or ""), ("done", ""))
        entry = refund.payment_id.move_id
        self.assertEntry(
            entry,
            [
                (self.receivable, 80, 0),
                (self.wallet_account, 0, 50),
                (self.bonus_account, 0, 30),
            ],
        )
        self.assertEqual(entry.line_ids.partner_id, self.customer)
        self.assertEqual(refund.payment_id.partner_id, self.customer)
        self.assertKinds(200, 30)
        self.assertFalse(self._wallet(self.colleague))

    def test_a_payment_that_is_said_to_be_another_gives_nothing_back_again(self):
        """Which transaction a payment is of is written by who enters payments."""
        first, second = (
            self._pay_online_with_wallet(self._invoice(80)) for _time in range(2)
        )
        tx = first.payment_transaction_id
        self.assertEqual(self._refund(first, 80).state, "done")
        first.payment_transaction_id = second.payment_transaction_id
        refund = tx.with_user(self.env.user).sudo()._refund(amount_to_refund=80)
        self.assertEqual(refund.state, "error")
        self.assertIn("at most $\xa00.00", refund.state_message)
        self.assertBalance(120)

    def test_a_refund_in_parts_never_gives_back_more_than_was_paid(self):
        self._give_bonus(30)
        payment = self._pay_online_with_wallet(self._invoice(80))
        self._refund(payment, 50)
        self._refund(payment, 30)
        self.assertKinds(200, 30)
        refund = self._refund(payment, 1)
        self.assertEqual(refund.state, "error")
        self.assertIn("at most $\xa00.00", refund.state_message)
        self.assertKinds(200, 30)

    def test_a_credit_note_after_a_refund_gives_nothing_back_again(self):
        invoice = self._invoice(80)
        payment = self._pay_online_with_wallet(invoice)
        self._refund(payment, 80)
        credit = invoice._reverse_moves()
        credit.action_post()
        self.assertEqual(credit.amount_residual, 0)
        self.assertBalance(200)

    def test_a_refund_after_a_credit_note_gives_nothing_back_again(self):
        invoice = self._invoice(80)
        payment = self._pay_online_with_wallet(invoice)
        credit = invoice._reverse_moves()
        credit.action_post()
        credit.action_refund_to_wallet(50)
        self.assertEqual(payment.amount_available_for_refund, 30)
        self.assertEqual(self._refund(payment, 31).state, "error")
        self.assertEqual(self._refund(payment, 30).state, "done")
        self.assertBalance(200)

    def test_two_payments_of_one_invoice_give_back_no_more_than_was_paid(self):
        invoice = self._invoice(100)
        first = self._pay_online_with_wallet(invoice, 40)
        second = self._pay_online_with_wallet(invoice, 60)
        self._credit_to_wallet(invoice, 40)
        self.assertBalance(140)
        self.assertEqual(self._refund(first, 40).state, "done")
        self.assertEqual(second.amount_available_for_refund, 20)
        self.assertEqual(self._refund(second, 60).state, "error")
        self.assertEqual(self._refund(second, 20).state, "done")
        self.assertBalance(200)

    def test_what_a_card_has_paid_of_the_invoice_does_not_come_back_for_the_wallet(
        self,
    ):
        invoice = self._invoice(160)
        payment = self._pay_online_with_wallet(invoice, 100)
        card = self._create_transaction(
            "redirect",
            amount=60,
            currency_id=self.currency.id,
            reference="card",
            partner_id=self.customer.id,
            invoice_ids=invoice.ids,
        )
        self._confirm(card)
        self.assertEqual(invoice.amount_residual, 0)
        self._credit_to_wallet(invoice, 100)
        self.assertBalance(200)
        self.assertEqual(payment.amount_available_for_refund, 0)
        self.assertEqual(self._refund(payment, 1).state, "error")
        self.assertBalance(200)

    def test_a_bonus_of_two_payments_comes_back_once(self):
        self._give_bonus(50)
        invoice = self._invoice(100)
        first = self._pay_online_with_wallet(invoice, 30)
        second = self._pay_online_with_wallet(invoice, 70)
        self.assertKinds(150, 0)
        self._refund(first, 30)
        self.assertKinds(150, 30)
        self._refund(second, 70)
        self.assertKinds(200, 50)

    def test_a_refund_settles_the_credit_note_that_is_open(self):
        self._give_bonus(30)
        invoice = self._invoice(80)
        payment = self._pay_online_with_wallet(invoice)
        credit = invoice._reverse_moves()
        credit.action_post()
        self._refund(payment, 80)
        self.assertEqual(credit.amount_residual, 0)
        self.assertKinds(200, 30)

    def test_a_refund_of_a_discounted_payment_keeps_the_bonus_a_bonus(self):
        self._give_bonus(30)
        invoice = self._early_invoice()
        payment = self._pay_online_with_wallet(invoice, 98)
        self._refund(payment, 98)
        self.assertKinds(200, 30)

    def test_what_an_allocation_paid_as_bonus_does_not_come_back_for_it(self):
        self._give_bonus(50)
        invoice = self._invoice(100)
        invoice.action_allocate_wallet(50)
        payment = self._pay_online_with_wallet(invoice, 50)
        self._refund(payment, 50)
        self.assertKinds(200, 0)

    def test_what_was_refunded_is_not_undone_as_well(self):
        payment = self._pay_online_with_wallet(self._invoice(80)).with_env(self.env)
        self._refund(payment, 30)
        with self.assertRaisesRegex(UserError, "refunded"):
            payment.action_cancel()
        self.assertBalance(150)

    def test_a_credit_note_gives_back_the_kind_that_was_spent(self):
        self._give_bonus(30)
        invoice = self._invoice(80)
        self._pay_online_with_wallet(invoice)
        credit = invoice._reverse_moves()
        credit.action_post()
        credit.action_refund_to_wallet()
        self.assertKinds(200, 30)


@tagged("post_install", "-at_install")
class TestAuthorizedOnline(PayingOnlineCommon):
    """Where the company captures by hand, the money is held."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wallet_provider.capture_manually = True

    def _authorize(self, amount=80):
        self.invoice = self._invoice(amount)
        tx = self._start_paying(self.invoice)
        self._press_pay(tx)
        self.assertEqual((tx.state, tx.state_message or ""), ("authorized", ""))
        return tx.with_env(self.env)

    def assertHeld(self, balance, held):
        wallet = self._wallet()
        self.env.flush_all()
        wallet.invalidate_recordset()
        self.assertEqual((wallet.balance, wallet.held), (balance, held))

    def test_the_money_is_held_and_then_captured(self):
        tx = self._authorize()
        self.assertHeld(200, 80)
        self.assertFalse(tx.payment_id)
        capture = tx._capture()
        capture._post_process()
        self.assertEqual((tx.state, capture.state), ("done", "done"))
        self.assertHeld(120, 0)
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEntry(
            capture.payment_id.move_id,
            [(self.wallet_account, 80, 0), (self.receivable, 0, 80)],
        )

    def test_it_is_captured_from_the_company_whose_contact_has_left(self):
        colleague = self.env["res.users"].search([("login", "=", "wallet_colleague")])
        self.invoice = self._invoice(80)
        tx = self._start_paying(self.invoice, user=colleague).with_env(self.env)
        self._press_pay(tx.with_user(colleague).sudo())
        self.colleague.parent_id = False
        capture = tx._capture()
        capture._post_process()
        self.assertEqual((capture.state, capture.state_message or ""), ("done", ""))
        self.assertEntry(
            capture.payment_id.move_id,
            [(self.wallet_account, 80, 0), (self.receivable, 0, 80)],
        )
        self.assertEqual(capture.payment_id.move_id.line_ids.partner_id, self.customer)
        self.assertEqual(capture.payment_id.partner_id, self.customer)
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertHeld(120, 0)
        self.assertEqual(self._refund(capture.payment_id, 80).state, "done")
        self.assertHeld(200, 0)

    def test_nobody_says_that_what_somebody_holds_is_captured_for_others(self):
        tx = self._authorize()
        invoice = self._invoice(80, partner_id=self.stranger.id)
        other = self._start_paying(invoice, user=self.stranger_user)
        staff = self.env["res.users"].search([("login", "=", "wallet_staff")])
        other.with_user(staff).write(
            {
                "source_transaction_id": tx.id,
                "operation": tx.operation,
                "state": "done",
            }
        )
        with self.assertRaisesRegex(UserError, "payment page"):
            other.with_user(SUPERUSER_ID)._post_process()
        self.env.invalidate_all()
        self.assertEqual(invoice.amount_residual, 80)
        self.assertHeld(200, 80)
        other.sudo().state = "cancel"

    def test_an_early_payment_discount_of_the_day_of_capture(self):
        terms = self._discount_terms(discount_days=7)
        invoices = [
            self._invoice(100, invoice_payment_term_id=terms.id) for _time in range(2)
        ]
        transactions = [self._start_paying(invoice, 98) for invoice in invoices]
        for tx in transactions:
            self._press_pay(tx)
        self.assertHeld(200, 196)
        capture = transactions[0]._capture()
        capture._post_process()
        self.assertEqual(invoices[0].payment_state, "paid")
        items = capture.payment_id.move_id.line_ids
        self.assertEqual(sum(items.mapped("debit")), 100)
        self.assertHeld(102, 98)
        # Eight days later, nothing is granted any more.
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=8)):
            transactions[1]._capture()._post_process()
        self.assertEqual(invoices[1].amount_residual, 2)
        self.assertHeld(4, 0)

    def test_a_part_is_captured_and_the_rest_is_free_again(self):
        self._give_bonus(30)
        tx = self._authorize()
        self.assertHeld(230, 80)
        capture = tx._capture(amount_to_capture=50)
        capture._post_process()
        self.assertHeld(180, 30)
        self.assertEntry(
            capture.payment_id.move_id,
            [
                (self.bonus_account, 30, 0),
                (self.wallet_account, 20, 0),
                (self.receivable, 0, 50),
            ],
        )
        tx._void(amount_to_void=30)
        self.assertHeld(180, 0)
        self.assertEqual(tx.state, "done")
        self.assertEqual(self.invoice.amount_residual, 30)

    def test_two_windows_authorize_once(self):
        self._authorize()
        second = self._start_paying(self.invoice)
        self._press_pay(second)
        self.assertEqual(second.state, "error")
        self.assertHeld(200, 80)

    def test_sent_again_after_a_top_up_it_is_held_once(self):
        invoice = self._invoice(250)
        tx = self._start_paying(invoice)
        self._press_pay(tx)
        self.assertEqual(tx.state, "error")
        self._top_up(100)
        self._press_pay(tx)
        self._press_pay(tx)
        self.assertEqual(tx.state, "authorized")
        self.assertHeld(300, 250)

    def test_a_small_part_of_what_two_wallets_hold(self):
        """What is less than a cent in one of them is taken from the other."""
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 1.0)])
        self._top_up(0.05, currency_id=euro.id)
        in_euro = self._wallet(currency=euro)
        tx = self._authorize(200.05)
        self.assertHeld(200, 200)
        self.assertEqual(in_euro.held, 0.05)
        capture = tx._capture(amount_to_capture=1)
        capture._post_process()
        self.assertEqual(
            (capture.state, self.invoice.amount_residual), ("done", 199.05)
        )
        self.assertHeld(199, 199)
        tx._void(amount_to_void=2)
        self.assertHeld(199, 197)
        tx._capture(amount_to_capture=197.05)._post_process()
        self.assertHeld(2, 0)
        self.assertEqual((in_euro.held, in_euro.balance), (0, 0))

    def test_switched_off_what_is_authorized_is_captured_and_refunded(self):
        tx = self._authorize()
        self.company.wallet_online_payment = False
        capture = tx._capture()
        capture._post_process()
        self.assertHeld(120, 0)
        self.assertEqual(self._refund(capture.payment_id, 80).state, "done")
        self.assertHeld(200, 0)

    def test_what_was_captured_stays_when_the_rest_lapses(self):
        tx = self._authorize()
        tx._capture(amount_to_capture=50)._post_process()
        self._let_lapse()
        self.assertEqual(tx.state, "done")
        self.assertHeld(150, 0)

    def test_an_undone_capture_is_no_payment_any_more(self):
        tx = self._authorize()
        capture = tx._capture()
        capture._post_process()
        capture.payment_id.action_cancel()
        self.assertEqual((capture.state, tx.state), ("cancel", "cancel"))
        self.assertHeld(200, 0)
        self.assertEqual(self.invoice.payment_state, "not_paid")

    def test_an_undone_capture_leaves_the_rest_to_be_captured(self):
        tx = self._authorize(100)
        capture = tx._capture(amount_to_capture=40)
        capture._post_process()
        capture.payment_id.action_cancel()
        self.assertEqual((capture.state, tx.state), ("cancel", "authorized"))
        self.assertHeld(200, 60)
        rest = tx._capture(amount_to_capture=60)
        rest._post_process()
        self.assertEqual((rest.state, tx.state), ("done", "done"))
        self.assertEntry(
            rest.payment_id.move_id,
            [(self.wallet_account, 60, 0), (self.receivable, 0, 60)],
        )
        self.assertHeld(140, 0)
        self.assertEqual(self.invoice.amount_residual, 40)

    def test_an_undone_capture_leaves_the_rest_to_be_voided(self):
        tx = self._authorize(100)
        capture = tx._capture(amount_to_capture=40)
        capture._post_process()
        capture.payment_id.action_cancel()
        tx._void(amount_to_void=60)
        self.assertEqual(tx.state, "cancel")
        self.assertHeld(200, 0)

    def test_two_captures_give_back_no_more_than_was_paid(self):
        tx = self._authorize(100)
        captures = [tx._capture(amount_to_capture=amount) for amount in (40, 60)]
        for capture in captures:
            capture._post_process()
        self._credit_to_wallet(self.invoice, 40)
        self.assertHeld(140, 0)
        first, second = (capture.payment_id for capture in captures)
        self.assertEqual(self._refund(first, 40).state, "done")
        self.assertEqual(self._refund(second, 60).state, "error")
        self.assertEqual(self._refund(second, 20).state, "done")
        self.assertHeld(200, 0)

    def test_what_is_authorized_is_not_changed_any_more(self):
        """By no programme of somebody who may enter invoices."""
        tx = self._authorize()
        staff = self.env["res.users"].search([("login", "=", "wallet_staff")])
        for vals in (
            {"amount": 40},
            {"state": "draft", "amount": 40},
            {"partner_id": self.stranger.id},
            {"provider_id": self.provider.id},
            {"payment_id": False},
            {"operation": "refund"},
            {"token_id": False},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                tx.with_user(staff).write(vals)
            self.env.invalidate_all()
        tx.with_user(staff).write({"state": "draft"})
        with self.assertRaises(AccessError):
            tx.with_user(staff).amount = 40
        tx.sudo().write({"state": "authorized"})
        tx._capture()._post_process()
        self.assertHeld(120, 0)
        with self.assertRaises(AccessError):
            tx.with_user(staff).amount = 40

    def test_no_more_is_taken_than_is_paid(self):
        """Whatever another programme has written."""
        tx = self._authorize()
        tx.sudo().amount = 50
        capture = tx._capture()
        capture._post_process()
        self.assertEntry(
            capture.payment_id.move_id,
            [(self.wallet_account, 50, 0), (self.receivable, 0, 50)],
        )
        self.assertHeld(150, 30)
        tx._get_wallet_holds()._release()

    def test_what_is_authorized_is_captured_once(self):
        tx = self._authorize()
        tx._capture()
        again = tx._capture()
        self.assertEqual(again.state, "error")
        self.assertHeld(120, 0)

    def test_voided_it_is_free_again(self):
        tx = self._authorize()
        tx.action_void()
        self.assertEqual(tx.state, "cancel")
        self.assertHeld(200, 0)

    def test_a_wallet_that_was_frozen_since_keeps_its_promise(self):
        tx = self._authorize()
        self._wallet().state = "frozen"
        capture = tx._capture()
        self.assertEqual((capture.state, capture.state_message or ""), ("done", ""))
        self.assertHeld(120, 0)

    def test_the_check_names_what_is_held_for_nothing(self):
        tx = self._authorize()
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute(
                "UPDATE payment_transaction SET state = 'error' WHERE id = %s", [tx.id]
            )
            [found] = self._find_differences()
            savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual((found["kind"], found["actual"]), ("online", 80))

    def test_what_nobody_captures_lapses(self):
        tx = self._authorize()
        self._let_lapse()
        self.assertEqual(tx.state, "cancel")
        self.assertHeld(200, 0)

    def _let_lapse(self):
        holds = self._wallet().hold_ids
        self.env.cr.execute(
            "UPDATE customer_wallet_hold SET expires_at = now() - interval '1 day'"
            " WHERE id = ANY(%s)",
            [holds.ids],
        )
        holds.invalidate_recordset()
        self._run_scheduled("lapse_holds")
