from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestRegisterFromWallet(WalletCommon):
    """*Pay* on invoices, with the journal of the wallets chosen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.company.wallet_journal_id
        cls.other = cls.env["res.partner"].create({"name": "Basma Said"})

    def _open(self, invoices, user=None):
        model = self.env["account.payment.register"].with_user(user or self.env.user)
        return Form(
            model.with_context(active_model="account.move", active_ids=invoices.ids)
        )

    def _pay_by_wallet(self, invoices, amount=None):
        form = self._open(invoices)
        form.journal_id = self.journal
        if amount is not None:
            form.amount = amount
        return form.save().action_create_payments()

    def test_the_wallet_is_offered_with_what_is_in_it(self):
        self._top_up(550)
        form = self._open(self._invoice(80))
        self.assertNotEqual(form.journal_id, self.journal)
        self.assertIn("550.00", form.wallet_message)
        self.assertIn("Amal Haddad", form.wallet_message)
        form.journal_id = self.journal
        self.assertEqual((form.amount, form.show_payment_difference), (80, False))

    def test_it_pays_as_the_section_of_the_invoice_does(self):
        self._top_up(100)
        invoice = self._invoice(80)
        action = self._pay_by_wallet(invoice)
        self.assertIn(invoice.name, action["params"]["message"])
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(invoice.matched_payment_ids)
        self.assertEntry(
            self._allocation_of(invoice),
            [(self.wallet_account, 80, 0), (self.receivable, 0, 80)],
        )
        self.assertBalance(20)

    def test_a_wallet_that_is_short_proposes_what_it_holds(self):
        self._top_up(30)
        invoice = self._invoice(80)
        form = self._open(invoice)
        form.journal_id = self.journal
        self.assertEqual(form.amount, 30)
        self.assertIn("30.00", form.wallet_shortage_message)
        action = form.save().action_create_payments()
        self.assertIn("Still open", action["params"]["message"])
        self.assertEqual(invoice.amount_residual, 50)

    def test_who_has_nothing_is_named_too(self):
        self._top_up(100)
        nobody = self.env["res.partner"].create({"name": "Omar"})
        form = self._open(self._invoice(80) | self._invoice(5, partner_id=nobody.id))
        form.journal_id = self.journal
        self.assertEqual(form.amount, 80)
        self.assertIn("0.00 of Omar", form.wallet_shortage_message)
        self.assertNotIn("Amal", form.wallet_shortage_message)

    def test_a_part_goes_to_the_oldest_invoices(self):
        self._top_up(100)
        late = self._invoice(40, invoice_date_due="2030-01-02")
        early = self._invoice(50, invoice_date_due="2030-01-01")
        form = self._open(late | early)
        form.group_payment = True
        form.journal_id = self.journal
        form.amount = 60
        form.save().action_create_payments()
        self.assertEqual((early.amount_residual, late.amount_residual), (0, 30))
        self.assertEqual(self._allocation_of(early), self._allocation_of(late))

    def test_more_than_is_due_or_available_is_refused(self):
        self._top_up(100)
        invoice = self._invoice(80)
        with self.assertRaisesRegex(UserError, "80.00"):
            self._pay_by_wallet(invoice, amount=81)
        dear = self._invoice(300)
        with self.assertRaisesRegex(UserError, "100.00"):
            self._pay_by_wallet(dear, amount=101)
        self.assertBalance(100)
        self.assertEqual((invoice.amount_residual, dear.amount_residual), (80, 300))

    def test_what_is_no_amount_is_refused(self):
        self._top_up(100)
        invoice = self._invoice(80)
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        for vals in (
            {"journal_id": self.journal.id},
            {"payment_difference_handling": "wallet"},
        ):
            dialog = register.create({"amount": 90, **vals})
            for amount in (float("nan"), float("inf"), "ten", 1e308, 10**400):
                for action in (register.create, dialog.write):
                    self.assertRefused(
                        UserError,
                        action,
                        {**vals, "amount": amount},
                        message="valid amount",
                    )
            dialog.amount = 1e14
            self.assertRefused(UserError, dialog.action_create_payments)
        self.assertEqual(invoice.amount_residual, 80)
        self.assertBalance(100)

    def test_invoices_of_many_customers_are_paid_each_from_its_wallet(self):
        self._top_up(100)
        self._top_up(20, partner_id=self.other.id)
        poor = self.env["res.partner"].create({"name": "Carim"})
        mine = self._invoice(30) | self._invoice(40)
        theirs = self._invoice(50, partner_id=self.other.id)
        nothing = self._invoice(5, partner_id=poor.id)
        form = self._open(mine | theirs | nothing)
        form.journal_id = self.journal
        self.assertNotIn("Amal", form.wallet_shortage_message)
        self.assertIn("Basma Said", form.wallet_shortage_message)
        action = form.save().action_create_payments()
        self.assertEqual(mine.mapped("amount_residual"), [0, 0])
        self.assertEqual((theirs.amount_residual, nothing.amount_residual), (30, 5))
        self.assertEqual(len(self._allocation_of(mine[0])), 1)
        self.assertEqual(self._allocation_of(mine[0]), self._allocation_of(mine[1]))
        self.assertNotEqual(self._allocation_of(mine[0]), self._allocation_of(theirs))
        self.assertIn(nothing.name, action["params"]["message"])
        self.assertBalance(30)
        self.assertBalance(0, self._wallet(self.other))

    def test_confirmed_twice_it_pays_once(self):
        self._top_up(100)
        invoice = self._invoice(80)
        form = self._open(invoice)
        form.journal_id = self.journal
        form.amount = 30
        wizard = form.save()
        first = wizard.action_create_payments()
        self.assertEqual(wizard.action_create_payments(), first)
        self.assertBalance(70)

    def test_an_early_payment_discount_is_granted(self):
        self._top_up(200)
        terms = self._discount_terms()
        invoice = self._invoice(100, invoice_payment_term_id=terms.id)
        form = self._open(invoice)
        form.journal_id = self.journal
        self.assertEqual(form.amount, 98)
        form.save().action_create_payments()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(102)

    def test_a_foreign_invoice_is_paid_at_todays_rate(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        self._top_up(100)
        invoice = self._invoice(80, currency_id=currency.id)
        form = self._open(invoice)
        form.journal_id = self.journal
        self.assertEqual((form.amount, form.currency_id), (80, currency))
        form.save().action_create_payments()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(60)

    def test_it_is_not_offered_where_there_is_nothing_or_it_is_frozen(self):
        invoice = self._invoice(80)
        self.assertNotIn(self.journal, self._open(invoice).available_journal_ids[:])
        self._top_up(100)
        self.assertIn(self.journal, self._open(invoice).available_journal_ids[:])
        self._wallet().state = "frozen"
        form = self._open(invoice)
        self.assertNotIn(self.journal, form.available_journal_ids[:])
        self.assertFalse(form.wallet_message)

    def test_bills_and_credit_notes_know_nothing_of_it(self):
        self._top_up(100)
        for move_type in ("in_invoice", "out_refund"):
            form = self._open(self._invoice(80, move_type=move_type))
            self.assertNotIn(self.journal, form.available_journal_ids[:])

    def test_the_banks_still_make_payments(self):
        self._top_up(100)
        invoice = self._invoice(80)
        self._open(invoice).save().action_create_payments()
        self.assertEqual(len(invoice.matched_payment_ids), 1)
        self.assertBalance(100)

    def test_who_may_not_pay_does_not(self):
        self._top_up(100)
        invoice = self._invoice(80)
        form = self._open(invoice)
        form.journal_id = self.journal
        wizard = form.save()
        self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "domain_force": f"[('id', '!=', {invoice.id})]",
                "perm_read": False,
            }
        )
        with self.assertRaises(AccessError):
            wizard.action_create_payments()
        self.assertBalance(100)

    # What Odoo proposes is what is paid

    def _installments(self):
        return self.env["account.payment.term"].create(
            {
                "name": "30% now",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 30, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 60}
                    ),
                ],
            }
        )

    def test_of_installments_those_are_paid_that_are_due(self):
        terms = self._installments()
        invoices = self.env["account.move"]
        for customer in self.customer | self.other:
            self._top_up(2000, partner_id=customer.id)
            invoices |= self._invoice(
                1000, partner_id=customer.id, invoice_payment_term_id=terms.id
            )
        form = self._open(invoices)
        form.journal_id = self.journal
        self.assertEqual(form.amount, 600)
        form.save().action_create_payments()
        self.assertEqual(invoices.mapped("amount_residual"), [700, 700])
        self.assertBalance(1700)

    def test_the_installments_that_are_due_come_first_on_several_invoices(self):
        self._top_up(2000)
        terms = self._installments()
        invoices = self._invoice(1000, invoice_payment_term_id=terms.id)
        invoices |= self._invoice(500, invoice_payment_term_id=terms.id)
        form = self._open(invoices)
        form.group_payment = True
        form.journal_id = self.journal
        self.assertEqual(form.amount, 450)
        form.save().action_create_payments()
        self.assertEqual(invoices.mapped("amount_residual"), [700, 350])

    def test_who_chooses_a_bank_after_all_pays_all_of_it(self):
        self._top_up(30)
        form = self._open(self._invoice(80))
        bank = form.journal_id
        form.journal_id = self.journal
        self.assertEqual(form.amount, 30)
        form.journal_id = bank
        self.assertEqual(form.amount, 80)

    def test_what_was_typed_for_a_bank_stays(self):
        """Also on a vendor's bill, and when the wallet was chosen in between."""
        self._top_up(30)
        for move_type in ("out_invoice", "in_invoice"):
            form = self._open(self._invoice(80, move_type=move_type))
            form.amount = 50
            form.payment_date = "2020-01-01"
            self.assertEqual(form.amount, 50)
        form = self._open(self._invoice(80))
        bank = form.journal_id
        form.amount = 50
        form.payment_date = "2020-01-01"
        form.journal_id = self.journal
        self.assertEqual(form.amount, 30)
        form.journal_id = bank
        self.assertEqual(form.amount, 50)

    def test_foreign_invoices_of_several_customers_are_left_to_banks(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoices = self.env["account.move"]
        for customer in self.customer | self.other:
            self._top_up(100, partner_id=customer.id)
            invoices |= self._invoice(
                50, partner_id=customer.id, currency_id=currency.id
            )
        self.assertNotIn(self.journal, self._open(invoices).available_journal_ids[:])

    def test_it_pays_today_whatever_date_was_chosen_before(self):
        self._top_up(100)
        form = self._open(self._invoice(80))
        form.payment_date = "2030-01-01"
        form.journal_id = self.journal
        self.assertEqual(form.payment_date, fields.Date.context_today(self.customer))

    def test_a_credit_note_among_them_is_used_first(self):
        self._top_up(100)
        moves = self._invoice(80) | self._invoice(30, move_type="out_refund")
        self.assertNotIn(self.journal, self._open(moves).available_journal_ids[:])

    def test_a_single_installment_is_not_paid_for_the_one_before(self):
        self._top_up(1000)
        invoice = self._invoice(500, invoice_payment_term_id=self._installments().id)
        lines = invoice.line_ids.filtered(lambda it: it.display_type == "payment_term")
        model = self.env["account.payment.register"]
        form = Form(
            model.with_context(
                active_model="account.move.line", active_ids=lines[1:].ids
            )
        )
        self.assertNotIn(self.journal, form.available_journal_ids[:])

    def test_what_is_paid_online_at_the_moment_is_left_alone(self):
        self._top_up(100)
        invoice = self._invoice(80)
        with patch.object(type(invoice), "_get_wallet_on_its_way", lambda self: 80.0):
            form = self._open(invoice)
        self.assertNotIn(self.journal, form.available_journal_ids[:])

    def test_who_prefers_the_wallet_pays_otherwise_when_it_is_empty(self):
        provider = self.env["payment.provider"]._find_wallet_provider(self.company)
        line = self.journal.inbound_payment_method_line_ids.filtered(
            lambda it: it.payment_provider_id == provider
        )
        self.customer.property_inbound_payment_method_line_id = line
        self.assertEqual(self._open(self._invoice(80)).journal_id.type, "bank")
        self._top_up(100)
        self.assertBalance(100)
        self.assertEqual(self._open(self._invoice(50)).journal_id, self.journal)


@tagged("post_install", "-at_install")
class TestPayableFromWallet(WalletCommon):
    def _find(self):
        self.env.flush_all()
        return self.env["account.move"].search(
            [
                ("wallet_payable_amount", ">", 0),
                ("commercial_partner_id", "=", self.customer.id),
            ]
        )

    def test_the_list_shows_what_wallets_could_pay(self):
        invoices = self._invoice(80) | self._invoice(500)
        self._invoice(10, post=False)
        self.assertFalse(self._find())
        self._top_up(100)
        self.assertEqual(self._find(), invoices.sorted("id", reverse=True))
        self.assertEqual(invoices.mapped("wallet_payable_amount"), [80, 100])
        invoices[0].action_allocate_wallet()
        self.assertEqual(self._find(), invoices[1])

    def test_a_frozen_wallet_pays_nothing(self):
        self._top_up(100)
        invoice = self._invoice(80)
        self._wallet().state = "frozen"
        self.assertEqual(invoice.wallet_payable_amount, 0)
        self.assertFalse(self._find())
