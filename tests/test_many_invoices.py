from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestManyInvoices(WalletCommon):
    """One entry pays many invoices, and each can be undone apart."""

    def _invoices(self, *amounts, **vals):
        """Open invoices, the first due first."""
        return self.env["account.move"].concat(
            *(
                self._invoice(
                    amount,
                    invoice_date_due=fields.Date.add(fields.Date.today(), days=number),
                    **vals,
                )
                for number, amount in enumerate(amounts)
            )
        )

    def _open_wizard(self, record=None):
        record = self.customer if record is None else record
        action = record.action_open_wallet_allocation()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _pay_all(self, *amounts):
        invoices = self._invoices(*amounts)
        self.customer.action_allocate_wallet()
        return invoices, self._allocation_of(invoices[0])

    def _undo(self, invoice):
        payment = invoice.wallet_widget["payments"][0]
        return invoice.action_unallocate_wallet(payment["partial_id"])

    def assertAllReconciled(self, entries):
        """What the wallet pays is settled; on the wallet's side nothing is matched."""
        for line in entries.line_ids:
            self.assertEqual(line.reconciled, not line.wallet_id)

    # One entry

    def test_one_entry_pays_all_oldest_due_first(self):
        invoices = self._invoices(30, 40, 50)
        self._top_up(100)
        self.customer.action_allocate_wallet()
        self.assertEqual(invoices.mapped("amount_residual"), [0, 0, 20])
        entry = self._allocation_of(invoices[0])
        self.assertEqual(self._allocation_of(invoices[2]), entry)
        self.assertEntry(
            entry,
            [
                (self.wallet_account, 30, 0),
                (self.receivable, 0, 30),
                (self.wallet_account, 40, 0),
                (self.receivable, 0, 40),
                (self.wallet_account, 30, 0),
                (self.receivable, 0, 30),
            ],
        )
        self.assertAllReconciled(entry)
        self.assertEqual(entry.ref, ", ".join(invoices.mapped("name")))
        self.assertBalance(0)

    def test_the_money_of_several_top_ups_is_used_oldest_first(self):
        top_ups = [self._top_up(40, date=f"2024-01-0{day}") for day in (2, 1, 3)]
        invoices, entry = self._pay_all(30, 30, 30)
        self.assertEqual([t.wallet_residual for t in top_ups], [0, 0, 30])
        self.assertEntry(
            entry,
            [(self.wallet_account, 30, 0), (self.receivable, 0, 30)] * 3,
        )
        self.assertEqual(top_ups[1].wallet_invoice_ids, invoices[:2])
        self.assertEqual(top_ups[0].wallet_invoice_ids, invoices[1:])
        self.assertEqual(top_ups[2].wallet_invoice_ids, invoices[2])

    def test_each_document_stands_in_the_history(self):
        self._top_up(100)
        invoices, entry = self._pay_all(30, 40)
        self._undo(invoices[0])
        self.env.flush_all()
        history = self.env["customer.wallet.movement"].search(
            [("wallet_id", "=", self._wallet().id)], order="id"
        )
        self.assertEqual(
            [(row.document_name, row.amount) for row in history[1:]],
            [
                (invoices[0].name, -30),
                (invoices[1].name, -40),
                (invoices[0].name, 30),
            ],
        )
        self.assertEqual(history[2].action_open_document()["res_id"], invoices[1].id)
        self.assertEqual(
            entry.line_ids.mapped("name"),
            [f"Paid from the wallet: {invoices[0].name}"] * 2
            + [f"Paid from the wallet: {invoices[1].name}"] * 2,
        )

    def test_a_top_up_pays_through_its_own_button(self):
        invoices = self._invoices(30, 40)
        top_up = self._top_up(100)
        top_up.action_allocate_wallet()
        self.assertEqual(top_up.wallet_residual, 30)
        self.assertEqual(top_up.wallet_invoice_ids, invoices)

    def test_several_currencies_and_receivable_accounts(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        other = self.receivable.copy()
        in_euro = self._invoice(10, currency_id=euro.id)
        in_dollar = self._invoice(30, post=False)
        in_dollar.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).account_id = other
        in_dollar.action_post()
        self._top_up(4, currency_id=euro.id)
        self._top_up(100)
        (in_euro | in_dollar)._allocate_wallet()
        self.assertEqual(
            (in_euro | in_dollar).mapped("payment_state"), ["paid", "paid"]
        )
        entry = self._allocation_of(in_euro)
        dollar = self.company.currency_id
        self.assertEntry(
            entry,
            [
                (self.wallet_account, 8, 0, 4, euro),
                (self.wallet_account, 12, 0, 12, dollar),
                (self.receivable, 0, 20, -10, euro),
                (self.wallet_account, 30, 0, 30, dollar),
                (other, 0, 30, -30, dollar),
            ],
        )
        self._undo(in_euro)
        self.assertEqual(in_euro.amount_residual, 10)
        self.assertBalance(70)
        self.assertBalance(4, self._wallet(currency=euro))

    def test_spent_in_many_parts_no_cent_is_left(self):
        euro = self.setup_other_currency("EUR", rates=[("2024-01-01", 0.3331)])
        self._top_up(10, currency_id=euro.id)
        invoices = self._invoices(*[0.01, 3.33, 0.07] * 5, currency_id=euro.id)
        self.customer.action_allocate_wallet()
        wallet = self._wallet(currency=euro)
        self.assertBalance(0, wallet)
        self.assertAlmostEqual(sum(invoices.mapped("amount_residual")), 7.05)
        self.assertAlmostEqual(sum(wallet.line_ids.mapped("balance")), 0.0)

    def test_the_early_payment_discount_of_each(self):
        terms = self._discount_terms(early_pay_discount_computation="excluded")
        self._top_up(178)
        invoices = self._invoice(100, invoice_payment_term_id=terms.id)
        invoices |= self._invoice(200, invoice_payment_term_id=terms.id)
        self.customer.action_allocate_wallet()
        self.assertEqual(invoices.mapped("amount_residual"), [0, 120])
        loss = self.company.account_journal_early_pay_discount_loss_account_id
        self.assertEntry(
            self._allocation_of(invoices[0]),
            [
                (self.wallet_account, 98, 0),
                (loss, 2, 0),
                (self.receivable, 0, 100),
                (self.wallet_account, 80, 0),
                (self.receivable, 0, 80),
            ],
        )
        paid = [invoice.wallet_widget["payments"][0]["amount"] for invoice in invoices]
        self.assertEqual(paid, [98, 80])
        reversal = self._undo_and_get_reversal(invoices[0])
        self.assertEntry(
            reversal,
            [
                (self.wallet_account, 0, 98),
                (loss, 0, 2),
                (self.receivable, 100, 0),
            ],
        )
        self.assertBalance(98)

    def _undo_and_get_reversal(self, invoice):
        entry = self._allocation_of(invoice)
        before = entry.reversal_move_ids
        self._undo(invoice)
        return entry.reversal_move_ids - before

    # Undoing one

    def test_one_of_many_is_undone_the_rest_stays(self):
        top_ups = [self._top_up(40, date=f"2024-01-0{day}") for day in (1, 2, 3)]
        invoices, entry = self._pay_all(30, 30, 30)
        reversal = self._undo_and_get_reversal(invoices[1])
        self.assertEntry(
            reversal,
            [(self.wallet_account, 0, 30), (self.receivable, 30, 0)],
        )
        self.assertAllReconciled(entry | reversal)
        self.assertEqual(reversal.wallet_operation, "allocation")
        self.assertEqual(reversal.reversed_entry_id, entry)
        self.assertEqual(reversal.partner_id, self.customer)
        self.assertEqual(reversal.ref, f"Reversal of: {entry.name}, {invoices[1].name}")
        # First in, first out: 60 went out in all.
        self.assertEqual([t.wallet_residual for t in top_ups], [0, 20, 40])
        self.assertEqual(invoices.mapped("amount_residual"), [0, 30, 0])
        self.assertEqual(top_ups[0].wallet_invoice_ids, invoices[0] | invoices[2])
        self.assertBalance(60)

    def test_the_kind_of_money_that_was_spent_comes_back(self):
        self._give_bonus(20)
        self._top_up(100)
        invoices, _entry = self._pay_all(15, 15, 15)
        wallet = self._wallet()
        self.assertEqual(wallet.bonus_balance, 0)
        self._undo(invoices[1])
        self.assertEqual(wallet.bonus_balance, 5)
        self._undo(invoices[0])
        self.assertEqual(wallet.bonus_balance, 20)
        self.assertBalance(105)

    def test_all_are_undone_one_after_the_other(self):
        top_up = self._top_up(100)
        invoices, entry = self._pay_all(30, 40, 20)
        for invoice in invoices:
            self._undo(invoice)
        self.assertEqual(invoices.mapped("amount_residual"), [30, 40, 20])
        self.assertEqual(len(entry.reversal_move_ids), 3)
        self.assertAllReconciled(entry | entry.reversal_move_ids)
        self.assertEqual(top_up.wallet_residual, 100)
        self.assertRefused(
            UserError, entry._reverse_moves, cancel=True, message="already been undone"
        )
        self.assertBalance(100)

    def test_undo_twice_works_once(self):
        self._top_up(100)
        invoices, entry = self._pay_all(30, 40)
        partial = invoices[0]._get_wallet_partials()
        invoices[0].action_unallocate_wallet(partial.id)
        self.assertTrue(invoices[0].action_unallocate_wallet(partial.id))
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertBalance(60)

    def test_taking_the_undo_apart_is_no_second_undo(self):
        self._top_up(100)
        invoices, entry = self._pay_all(30, 40)
        reversal = self._undo_and_get_reversal(invoices[0])
        reversal.line_ids.remove_move_reconcile()
        self.assertEqual(entry.reversal_move_ids, reversal)
        self.assertEqual(invoices.mapped("amount_residual"), [30, 0])
        self.assertBalance(60)

    def test_odoos_unreconcile_undoes_one_as_well(self):
        self._top_up(100)
        invoices, entry = self._pay_all(30, 40)
        payment = invoices[0].invoice_payments_widget["content"][0]
        invoices[0].js_remove_outstanding_partial(payment["partial_id"])
        self.assertEqual(invoices.mapped("amount_residual"), [30, 0])
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertFalse(invoices[0].invoice_has_outstanding)
        self.assertBalance(60)

    def test_unreconciling_the_entry_undoes_all_by_one_reversal(self):
        top_up = self._top_up(100)
        invoices, entry = self._pay_all(30, 40)
        entry.line_ids.remove_move_reconcile()
        self.assertEqual(invoices.mapped("amount_residual"), [30, 40])
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertEqual(top_up.wallet_residual, 100)
        self.assertBalance(100)

    def test_two_of_three_are_undone_by_one_reversal(self):
        self._top_up(100)
        invoices, entry = self._pay_all(30, 40, 20)
        invoices[:2].line_ids.remove_move_reconcile()
        self.assertEqual(invoices.mapped("amount_residual"), [30, 40, 0])
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertBalance(80)

    def test_cancelling_or_deleting_one_leaves_the_others(self):
        self._top_up(100)
        invoices, _entry = self._pay_all(30, 40, 20)
        invoices[0].button_draft()
        invoices[0].button_cancel()
        self.assertBalance(40)
        invoices[1].button_draft()
        invoices[1].name = False
        invoices[1].with_context(force_delete=True).unlink()
        self.assertBalance(80)
        self.assertEqual(invoices[2].payment_state, "paid")
        self._undo(invoices[2])
        self.assertBalance(100)

    def test_a_credit_note_that_cancels_one_leaves_the_others(self):
        self._top_up(100)
        invoices, _entry = self._pay_all(30, 40)
        invoices[0]._reverse_moves(cancel=True)
        self.assertEqual(invoices.mapped("payment_state"), ["reversed", "paid"])
        self.assertBalance(60)

    def test_what_is_undone_in_part_is_not_reversed_as_a_whole(self):
        self._top_up(100)
        invoices, entry = self._pay_all(30, 40)
        self._undo(invoices[0])
        self.assertRefused(
            UserError,
            entry._reverse_moves,
            message="A part of .* has already been undone",
        )
        self._undo(invoices[1])
        self.assertBalance(100)

    def test_reversing_the_whole_entry_undoes_all(self):
        top_up = self._top_up(100)
        invoices, entry = self._pay_all(30, 40)
        entry._reverse_moves(cancel=True)
        self.assertEqual(invoices.mapped("amount_residual"), [30, 40])
        self.assertEqual(top_up.wallet_residual, 100)
        self.assertBalance(100)

    def test_money_beyond_the_limit_comes_back_to_its_own_invoice(self):
        self._top_up(50)
        self._wallet().overdraft_limit = 100
        invoices, entry = self._pay_all(30, 40, 20)
        self.assertBalance(-40)
        self._undo(invoices[0])
        self.assertBalance(-10)
        self._undo(invoices[2])
        self.assertBalance(10)
        self._undo(invoices[1])
        self.assertBalance(50)
        self.assertEqual(len(entry._get_wallet_reversals()), 3)

    def test_paying_again_after_undo(self):
        self._top_up(100)
        invoices, _entry = self._pay_all(30, 40)
        for _time in range(2):
            self._undo(invoices[0])
            self.customer.action_allocate_wallet()
            self.assertEqual(invoices.mapped("amount_residual"), [0, 0])
            self.assertBalance(30)

    def test_what_an_item_pays_is_not_for_a_client_to_say(self):
        self._top_up(100)
        invoices, entry = self._pay_all(30, 40)
        billing = new_test_user(
            self.env, "billing_many", "account.group_account_invoice"
        )
        self.assertRefused(
            AccessError,
            entry.line_ids[0].with_user(billing).write,
            {"wallet_document_id": invoices[1].id},
        )

    # The wizard

    def test_the_wizard_lists_what_is_open_and_proposes(self):
        invoices = self._invoices(30, 40, 50)
        self._invoice(99).button_cancel()
        self._top_up(60)
        wizard = self._open_wizard()
        self.assertRecordValues(
            wizard.line_ids,
            [
                {"move_id": invoices[0].id, "amount_residual": 30, "amount": 30},
                {"move_id": invoices[1].id, "amount_residual": 40, "amount": 30},
                {"move_id": invoices[2].id, "amount_residual": 50, "amount": 0},
            ],
        )
        self.assertRecordValues(
            wizard, [{"available": 60, "allocated": 60, "remaining": 0}]
        )
        wizard.line_ids[1].amount = 5
        self.assertEqual(wizard.remaining, 25)

    def test_the_wizard_offers_its_own_proposal_in_another_currency(self):
        """100.02 dollars are 37.0074 euros: what is proposed is a cent of the euro, and
        more than a cent of the dollar, above what one would think they are.
        """
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.37)])
        invoice = self._invoice(50, currency_id=euro.id)
        self._top_up(100.02)
        wizard = self._open_wizard()
        self.assertEqual(wizard.line_ids.amount, 37.01)
        self.assertRecordValues(
            wizard, [{"available": 100.02, "allocated": 100.02, "remaining": 0}]
        )
        wizard.line_ids.amount = 37.02
        self.assertLess(wizard.remaining, 0)
        wizard.line_ids.amount = 37.01
        wizard.action_allocate()
        self.assertEqual(invoice.amount_residual, 12.99)
        self.assertBalance(0)

    def test_the_wizard_books_what_was_chosen(self):
        invoices = self._invoices(30, 40, 50)
        self._top_up(100)
        wizard = self._open_wizard()
        wizard.action_clear()
        self.assertEqual(wizard.allocated, 0)
        self.assertRefused(UserError, wizard.action_allocate, message="at least one")
        wizard.action_propose()
        self.assertEqual(wizard.line_ids.mapped("amount"), [30, 40, 30])
        wizard.line_ids[0].amount = 0
        wizard.line_ids[2].amount = 12.5
        notification = wizard.action_allocate()
        self.assertIn(invoices[1].name, notification["params"]["message"])
        self.assertEqual(invoices.mapped("amount_residual"), [30, 0, 37.5])
        self.assertEqual(
            self._allocation_of(invoices[1]), self._allocation_of(invoices[2])
        )
        self.assertBalance(47.5)

    def test_the_wizard_trusts_no_amount(self):
        invoices = self._invoices(30, 40)
        self._top_up(50)
        for amounts, message in (
            ((30.01, 0), f"Only .*30.* is due on {invoices[0].name}"),
            ((30, 20.01), rf"holds .*20\.00, but .*20\.01 .* {invoices[1].name}"),
            ((30, -1), f"{invoices[1].name}: .*greater than zero"),
        ):
            wizard = self._open_wizard()
            for line, amount in zip(wizard.line_ids, amounts, strict=True):
                line.amount = amount
            self.assertRefused(UserError, wizard.action_allocate, message=message)

    def test_what_is_not_an_amount_is_refused_in_words(self):
        self._invoices(30)
        self._top_up(50)
        line = self._open_wizard().line_ids
        for amount in (float("nan"), float("inf"), "ten", True, 1e15):
            with self.subTest(amount=amount):
                self.assertRefused(
                    UserError, line.write, {"amount": amount}, message="valid amount"
                )

    def test_an_invoice_that_was_paid_meanwhile_is_refused_by_name(self):
        invoices = self._invoices(30, 40)
        self._top_up(100)
        wizard = self._open_wizard()
        invoices[1].action_allocate_wallet()
        self.assertRefused(
            UserError,
            wizard.action_allocate,
            message=f"{invoices[1].name}.* cannot be paid from a wallet",
        )

    def test_the_wizard_pays_nobody_elses_invoice(self):
        self._invoices(30)
        self._top_up(100)
        stranger = self.env["res.partner"].create({"name": "Omar"})
        wizard = self._open_wizard()
        wizard.line_ids.move_id = self._invoice(10, partner_id=stranger.id)
        self.assertRefused(
            UserError, wizard.action_allocate, message="not an invoice of Amal"
        )

    def test_from_the_wallet_only_that_wallet_pays(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self._top_up(10, currency_id=euro.id)
        self._top_up(100)
        self._invoices(300)
        self.assertEqual(self._open_wizard(self._wallet()).available, 100)
        wizard = self._open_wizard(self._wallet(currency=euro))
        self.assertEqual((wizard.available, wizard.currency_id), (10, euro))
        wizard.action_allocate()
        self.assertBalance(0, self._wallet(currency=euro))
        self.assertBalance(100)

    def test_from_a_selection_of_invoices(self):
        invoices = self._invoices(30, 40, 50)
        self._top_up(100)
        draft = self._invoice(5, post=False)
        wizard = self._open_wizard(invoices[1:] | draft)
        self.assertEqual(wizard.line_ids.move_id, invoices[1:])
        self.assertIn(draft.display_name, wizard.note)

    def test_from_a_top_up(self):
        invoices = self._invoices(30)
        top_up = self._top_up(100)
        self.assertEqual(self._open_wizard(top_up).line_ids.move_id, invoices)
        draft = self._top_up(10, post=False)
        self.assertRefused(
            UserError, draft.action_open_wallet_allocation, message="Confirm the top-up"
        )

    def test_the_wizard_says_when_there_is_nothing_to_do(self):
        self.assertRefused(
            UserError,
            self.customer.action_open_wallet_allocation,
            message="no open invoices",
        )
        self._invoices(30)
        self.assertRefused(
            UserError,
            self.customer.action_open_wallet_allocation,
            message="wallet of Amal Haddad is empty",
        )
        self._top_up(100)
        self._wallet().action_freeze()
        self.assertRefused(
            UserError, self.customer.action_open_wallet_allocation, message="frozen"
        )

    def test_who_may_use_the_wizard(self):
        self._invoices(30)
        self._top_up(100)
        employee = new_test_user(self.env, "employee_many", "base.group_user")
        billing = new_test_user(
            self.env, "billing_many", "account.group_account_invoice"
        )
        self.assertRefused(
            AccessError,
            self.customer.with_user(employee).action_open_wallet_allocation,
        )
        wizard = self._open_wizard(self.customer.with_user(billing)).with_user(billing)
        wizard.action_allocate()
        self.assertBalance(70)

    # Large numbers

    def test_the_cost_of_an_invoice_does_not_grow_with_their_number(self):
        """Queries are counted: few for each further invoice."""

        def queries_for(number):
            self._invoices(*[1] * number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.customer.action_allocate_wallet()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self._top_up(1000)
        queries_for(2)
        few, many = queries_for(5), queries_for(25)
        self.assertLess(many - few, 20 * 2)
