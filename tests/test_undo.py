from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestUndo(WalletCommon):
    def _paid_invoice(self, amount=80):
        invoice = self._invoice(amount)
        invoice.action_allocate_wallet()
        return invoice, self._allocation_of(invoice)

    def test_undo_brings_the_same_money_back(self):
        top_ups = [self._top_up(30, date=f"2024-01-0{day}") for day in (1, 2, 3)]
        grants = [
            self._give_bonus(amount, expiry=f"2099-01-0{amount}").line_ids.filtered(
                "wallet_id"
            )
            for amount in (5, 4)
        ]
        invoice, entry = self._paid_invoice(77)
        self.assertEqual([pay.wallet_residual for pay in top_ups], [0, 0, 22])
        self.assertFalse(self._wallet()._get_open_grants())
        self._unallocate(invoice)
        self.assertEqual([pay.wallet_residual for pay in top_ups], [30, 30, 30])
        self.assertEqual(
            [(grant.line, grant.left) for grant in self._wallet()._get_open_grants()],
            [(grants[1], 4), (grants[0], 5)],
        )
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(invoice.amount_residual, 77)
        reversal = entry.reversal_move_ids
        self.assertEntry(
            reversal,
            [
                (self.wallet_account, 0, 68),
                (self.bonus_account, 0, 4),
                (self.bonus_account, 0, 5),
                (self.receivable, 77, 0),
            ],
        )
        self.assertEqual(entry.state, "posted")
        receivables = (entry | reversal).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertTrue(all(receivables.mapped("reconciled")))
        self.assertEqual(reversal.wallet_operation, "allocation")
        self.assertKinds(90, 9)

    def test_undo_by_odoos_own_unreconcile(self):
        self._top_up(100)
        invoice, entry = self._paid_invoice()
        payment = invoice.invoice_payments_widget["content"][0]
        invoice.js_remove_outstanding_partial(payment["partial_id"])
        self.assertEqual(invoice.amount_residual, 80)
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertFalse(
            invoice.invoice_has_outstanding, "no money is left on the receivable"
        )
        self.assertBalance(100)

    def test_undo_by_unreconciling_journal_items(self):
        self._top_up(100)
        invoice, entry = self._paid_invoice()
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertBalance(100)

    def test_undo_twice_works_once(self):
        self._top_up(100)
        invoice, entry = self._paid_invoice()
        partial_id = invoice._get_wallet_partials().id
        self.assertTrue(invoice.action_unallocate_wallet(partial_id))
        self.assertTrue(invoice.action_unallocate_wallet(partial_id))
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertBalance(100)

    def test_undo_of_one_payment_leaves_the_others(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet(30)
        first = invoice._get_wallet_partials()
        invoice.action_allocate_wallet(50)
        invoice.action_unallocate_wallet(first.id)
        self.assertEqual(invoice.amount_residual, 30)
        self.assertBalance(50)

    def test_only_wallet_payments_of_this_invoice_can_be_undone(self):
        self._top_up(200)
        invoice, _entry = self._paid_invoice()
        other, _entry = self._paid_invoice()
        self.assertRefused(
            UserError,
            invoice.action_unallocate_wallet,
            other._get_wallet_partials().id,
            message="not a wallet payment",
        )
        by_bank = self._invoice(10)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=by_bank.ids
        ).create({})._create_payments()
        partial = by_bank.line_ids.matched_credit_ids
        self.assertRefused(UserError, by_bank.action_unallocate_wallet, partial.id)

    def test_paying_again_after_undo(self):
        self._top_up(100)
        invoice, _entry = self._paid_invoice()
        for _time in range(3):
            self._unallocate(invoice)
            self.assertBalance(100)
            invoice.action_allocate_wallet()
            self.assertBalance(20)
        self.assertEqual(invoice.payment_state, "paid")

    def test_money_that_came_back_can_be_used_elsewhere(self):
        top_up = self._top_up(100)
        invoice, _entry = self._paid_invoice()
        self._unallocate(invoice)
        other, _entry = self._paid_invoice(100)
        self.assertEqual(other.payment_state, "paid")
        self.assertEqual(top_up.wallet_invoice_ids, other)
        self.assertBalance(0)

    def test_undo_works_on_a_frozen_wallet_too(self):
        self._top_up(100)
        invoice, _entry = self._paid_invoice()
        self._wallet().action_freeze()
        self._unallocate(invoice)
        self.assertBalance(100)

    def test_cancelling_the_invoice_gives_the_money_back(self):
        self._top_up(100)
        invoice, entry = self._paid_invoice()
        invoice.button_draft()
        invoice.button_cancel()
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertBalance(100)

    def test_deleting_the_invoice_gives_the_money_back(self):
        self._top_up(100)
        invoice, _entry = self._paid_invoice()
        invoice.button_draft()
        invoice.name = False
        invoice.with_context(force_delete=True).unlink()
        self.assertBalance(100)

    def test_a_paid_invoice_that_gets_cheaper_is_paid_again_not_lost(self):
        self._top_up(100)
        invoice, _entry = self._paid_invoice()
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 50
        self.assertBalance(100)
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 50)
        invoice.action_allocate_wallet()
        self.assertBalance(50)

    def test_a_draft_that_is_confirmed_again_unchanged_stays_paid(self):
        self._top_up(100)
        invoice, _entry = self._paid_invoice()
        invoice.button_draft()
        self.assertBalance(20)
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(20)

    def test_a_credit_note_that_cancels_the_invoice_gives_the_money_back(self):
        self._top_up(100)
        invoice, _entry = self._paid_invoice()
        invoice._reverse_moves(cancel=True)
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertBalance(100)

    def test_reversing_the_entry_itself_reverses_once(self):
        top_up = self._top_up(100)
        invoice, entry = self._paid_invoice()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=entry.ids)
            .create({"journal_id": entry.journal_id.id})
        )
        wizard.reverse_moves()
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertEqual(invoice.amount_residual, 80)
        self.assertEqual(top_up.wallet_residual, 100)
        self.assertBalance(100)

    def test_posted_history_is_reversed_never_edited_or_deleted(self):
        self._top_up(100)
        invoice, entry = self._paid_invoice()
        partial = invoice._get_wallet_partials()
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        for move in (entry, self._undo(invoice, partial)):
            forced = move.with_context(force_delete=True)
            # Odoo asks no questions of who uninstalls, and any client may say so.
            uninstalled = move.with_user(clerk).with_context(
                **{MODULE_UNINSTALL_FLAG: True}
            )
            self.assertRefused(UserError, uninstalled.unlink)
            for action in (move.button_draft, move.button_cancel, forced.unlink):
                self.assertRefused(UserError, action, message="undo it on")
            self.assertRefused(UserError, move.write, {"state": "draft"})

    def _undo(self, invoice, partial):
        entry = partial.credit_move_id.move_id
        invoice.action_unallocate_wallet(partial.id)
        return entry.reversal_move_ids

    def test_an_undone_payment_is_not_reversed_again(self):
        self._top_up(100)
        invoice, entry = self._paid_invoice()
        reversal = self._undo(invoice, invoice._get_wallet_partials())
        for move in (entry, reversal):
            self.assertRefused(
                UserError, move._reverse_moves, cancel=True, message="already"
            )
        self.assertBalance(100)

    def test_reversing_it_together_with_something_else_reverses_once(self):
        top_up = self._top_up(100)
        invoice, entry = self._paid_invoice()
        other = self._invoice(10)
        reversals = (other | entry | invoice)._reverse_moves(cancel=True)
        self.assertEqual(reversals.reversed_entry_id, other | entry | invoice)
        self.assertEqual(reversals[1].reversed_entry_id, entry)
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertEqual(top_up.wallet_residual, 100)
        self.assertBalance(100)

    def test_what_is_dated_after_today_does_not_undo(self):
        """A wallet holds what is there today: neither now nor on its day a reversal of
        another day gives money back.
        """
        self._top_up(100)
        invoice, entry = self._paid_invoice()
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        self.assertRefused(
            UserError,
            entry._reverse_moves,
            [{"date": tomorrow}],
            message="dated after today",
        )
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=entry.ids)
            .create({"journal_id": entry.journal_id.id, "date": tomorrow})
        )
        self.assertRefused(UserError, wizard.reverse_moves, message="after today")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(20)

    def test_two_credit_notes_of_an_invoice_are_confirmed_together(self):
        invoice = self._invoice(100)
        credit_notes = self.env["account.move"]
        for _half in range(2):
            credit_notes |= invoice._reverse_moves()
        credit_notes.invoice_line_ids.price_unit = 50
        credit_notes._post(soft=False)
        self.assertEqual(credit_notes.mapped("state"), ["posted", "posted"])

    def test_the_wallet_of_one_customer_does_not_pay_the_invoice_of_another(self):
        """Odoo keeps the payments of an invoice that is reset to draft."""
        other = self.env["res.partner"].create({"name": "Omar"})
        self._top_up(100)
        invoice, entry = self._paid_invoice()
        invoice.button_draft()
        invoice.partner_id = other
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 80)
        self.assertTrue(entry.reversal_move_ids)
        self.assertBalance(100)

    def test_its_credit_note_is_the_other_customers(self):
        """What was undone has paid nothing."""
        other = self.env["res.partner"].create({"name": "Omar"})
        self._top_up(100)
        invoice, _entry = self._paid_invoice()
        invoice.button_draft()
        invoice.partner_id = other
        invoice.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({}).action_create_payments()
        credit_note = invoice._reverse_moves()
        credit_note.action_post()
        credit_note.action_refund_to_wallet()
        self.assertBalance(100)
        self.assertBalance(80, self._wallet(other))

    def test_a_client_cannot_strand_the_money(self):
        """The server's own context keys mean nothing when a client sends them."""
        self._top_up(100)
        invoice, _entry = self._paid_invoice()
        invoice.line_ids.with_context(
            wallet_keep_allocations=True
        ).remove_move_reconcile()
        self.assertBalance(100)
        self.assertFalse(invoice.invoice_has_outstanding)

    def test_where_corrections_are_below_zero_so_is_an_undo(self):
        """As what core reverses."""
        self.company.account_storno = True
        self._top_up(50)
        self._promotion()
        top_up = self._top_up(100)
        bonus = self._bonus_of(top_up)
        invoice, entry = self._paid_invoice(30)
        self._unallocate(invoice)
        self.assertKinds(150, 10)
        self.assertEntry(
            entry.reversal_move_ids,
            [
                (self.wallet_account, -20, 0),
                (self.bonus_account, -10, 0),
                (self.receivable, 0, -30),
            ],
        )
        self._invoice(4).action_allocate_wallet()
        top_up.action_cancel()
        self.assertKinds(46, 0)
        self.assertEntry(
            bonus.reversal_move_ids,
            [
                (self.bonus_account, 0, -6),
                (self.wallet_account, 4, 0),
                (self.promotion_account, -10, 0),
            ],
        )
