from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


class BooksCommon(WalletCommon):
    """Short words for what an accountant does in Odoo's own menus."""

    def _reverse_entry(self, entry, **vals):
        """Journal Entry > Reverse Entry, and Post what that makes."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=entry.ids)
            .create({"journal_id": entry.journal_id.id, **vals})
        )
        wizard.reverse_moves()
        wizard.new_move_ids.filtered(lambda move: move.state == "draft").action_post()
        return wizard.new_move_ids

    def _transfer(self, items, account):
        """Journal Items > Actions > Transfer"""
        self.env["account.automatic.entry.wizard"].with_context(
            active_model="account.move.line", active_ids=items.ids
        ).create(
            {
                "action": "change_account",
                "date": fields.Date.today(),
                "destination_account_id": account.id,
                "journal_id": self.company_data["default_journal_misc"].id,
            }
        ).do_action()


@tagged("post_install", "-at_install")
class TestBooksAreLeftWhole(BooksCommon):
    """What an accountant does to entries in Odoo's own menus works, or is refused in
    words; wallets and books agree afterwards.
    """

    def test_a_balance_is_transferred_to_another_account(self):
        """As on any other liability."""
        self._top_up(100)
        revenue = self.company_data["default_account_revenue"]
        self._transfer(self._wallet().line_ids, revenue)
        self.assertBalance(0)
        self.assertLedgerAgrees()

    def test_a_part_of_a_balance_is_transferred(self):
        self._top_up(100)
        self._invoice(30).action_allocate_wallet()
        liability = self.company_data["default_account_payable"].copy()
        self._transfer(self._wallet().line_ids, liability)
        transferred = self.env["account.move.line"].search(
            [("account_id", "=", liability.id), ("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(sum(transferred.mapped("balance")), -70)
        self.assertKinds(0, 0)

    def test_more_than_the_balance_is_not_transferred(self):
        top_up = self._top_up(100)
        self._invoice(30).action_allocate_wallet()
        item = top_up.move_id.line_ids.filtered("wallet_id")
        revenue = self.company_data["default_account_revenue"]
        self.assertRefused(
            UserError, self._transfer, item, revenue, message=r"holds .*70\.00"
        )

    def test_bonus_that_is_transferred_gives_its_expense_back(self):
        gift = self._give_bonus(30, expiry="2099-01-01")
        self._transfer(gift.line_ids.filtered("wallet_id"), self.promotion_account)
        self.assertKinds(0, 0)
        self.assertFalse(self._wallet()._get_open_grants())

    def test_bonus_is_not_transferred_to_the_paid_money_nor_the_bank(self):
        self._top_up(10)
        items = self._give_bonus(30).line_ids.filtered("wallet_id")
        for account in (self.wallet_account, self.bank_journal.default_account_id):
            self.assertRefused(
                UserError,
                self._transfer,
                items,
                account,
                message="Bonus money is not paid out",
            )
        self.assertKinds(10, 30)

    def test_bonus_that_becomes_a_credit_does_not_become_money(self):
        """Law 6 stands above whatever account it is transferred to."""
        items = self._give_bonus(30).line_ids.filtered("wallet_id")
        self._transfer(items, self.receivable)
        self.assertKinds(0, 0)
        payment = self._pay_out(30, is_wallet=False, post=False)
        self.assertRefused(
            UserError,
            payment.action_post,
            message=r"only .*0\.00 can be paid out to Amal Haddad",
        )
        with self._perhaps_refused():
            self.env["customer.wallet.credit"].with_context(
                default_partner_id=self.customer.id
            ).create({}).action_move_to_wallet()
        self.assertKinds(0, self._wallet().bonus_balance)

    def test_money_of_a_day_to_come_is_not_in_the_wallet(self):
        """A post-dated cheque: confirming it before its day is refused in words, as
        the balance of today would otherwise hold what nobody has yet.
        """
        payment = self._top_up(
            100, post=False, date=fields.Date.add(fields.Date.today(), months=1)
        )
        self.assertRefused(
            UserError, payment.action_post, message="dated after today.*Open Credits"
        )
        self.assertEqual(payment.state, "draft")
        payment.date = fields.Date.today()
        payment.action_post()
        self.assertBalance(100)

    def test_money_of_a_day_to_come_does_not_leave_the_wallet_either(self):
        self._top_up(100)
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        pay_out = self._pay_out(40, post=False, date=tomorrow)
        self.assertRefused(UserError, pay_out.action_post, message="after today")
        entry = self._enter(
            (self.wallet_account, 0, 50),
            (self.promotion_account, 50, 0),
            date=tomorrow,
            post=False,
        )
        self.assertRefused(UserError, entry.action_post, message="after today")
        self.assertBalance(100)


@tagged("post_install", "-at_install")
class TestReversedOrReset(BooksCommon):
    """*Reverse Entry*, *Reset to Draft* and *Cancel* each take an entry back; no two of
    them take it back twice.
    """

    def assertStays(self, payment, balance):
        """Neither the payment nor its entry is taken back another time."""
        entry = payment.move_id
        for action in (
            payment.action_draft,
            payment.action_cancel,
            payment.unlink,
            entry.button_draft,
            entry.button_cancel,
        ):
            self.assertRefused(UserError, action, message="was reversed by")
        self.assertRefused(UserError, self._reverse_entry, entry, message="already")
        self.assertKinds(balance, 0)

    def test_a_pay_out_that_was_reversed_is_not_taken_back_again(self):
        self._top_up(100)
        pay_out = self._pay_out(100)
        self.assertBalance(0)
        self._reverse_entry(pay_out.move_id)
        self.assertBalance(100)
        self.assertStays(pay_out, 100)

    def test_a_top_up_that_was_reversed_is_not_taken_back_again(self):
        self._top_up(100)
        top_up = self._top_up(40)
        self._reverse_entry(top_up.move_id)
        self.assertBalance(100)
        self.assertStays(top_up, 100)

    def test_a_top_up_that_is_reversed_takes_its_bonus_with_it(self):
        self._promotion(bonus_value=10)
        self._top_up(100)
        top_up = self._top_up(40)
        self.assertKinds(140, 14)
        self._reverse_entry(top_up.move_id)
        self.assertKinds(100, 10)
        self.assertRefused(UserError, top_up.action_draft, message="was reversed by")
        self.assertKinds(100, 10)

    def test_an_entry_by_hand_takes_no_bonus_of_a_top_up(self):
        """It only says that it reverses one."""
        self._promotion(bonus_value=10)
        top_up = self._top_up(100)
        expense = self.company_data["default_account_expense"]
        entry = self._enter(
            (expense, 5, 0),
            (self.wallet_account, 0, 5),
            reversed_entry_id=top_up.move_id.id,
        )
        self.assertFalse(entry.wallet_operation)
        self.assertKinds(105, 10)
        self._reverse_entry(top_up.move_id)
        self.assertKinds(5, 0)

    def test_the_reversal_itself_stays(self):
        self._top_up(100)
        top_up = self._top_up(40)
        reversal = self._reverse_entry(top_up.move_id)
        for action in (reversal.button_draft, reversal.button_cancel):
            self.assertRefused(UserError, action, message="stays in the books")
        self.assertKinds(100, 0)

    def test_a_top_up_that_was_reset_or_cancelled_is_not_reversed(self):
        self._top_up(100)
        for undo in ("action_draft", "action_cancel"):
            top_up = self._top_up(40)
            getattr(top_up, undo)()
            self.assertBalance(100)
            with self._perhaps_refused():
                self._reverse_entry(top_up.move_id)
            self.assertKinds(100, 0)

    def test_a_reversal_that_waits_does_not_take_back_what_was_reset(self):
        """A draft of *Reverse Entry*, posted once the payment was reset."""
        self._top_up(100)
        for undo in ("action_draft", "action_cancel"):
            top_up = self._top_up(40)
            waiting = top_up.move_id._reverse_moves()
            self.assertEqual(waiting.state, "draft")
            getattr(top_up, undo)()
            self.assertRefused(
                UserError, waiting.action_post, message="nothing to reverse"
            )
            self.assertKinds(100, 0)

    def test_two_reversals_that_wait_take_back_once(self):
        self._top_up(100)
        entry = self._top_up(40).move_id
        waiting = entry._reverse_moves() | entry._reverse_moves()
        waiting[0].action_post()
        self.assertRefused(UserError, waiting[1].action_post, message="already")
        self.assertKinds(100, 0)
        other = self._top_up(40).move_id
        waiting = other._reverse_moves() | other._reverse_moves()
        self.assertRefused(UserError, waiting.action_post, message="already")
        self.assertKinds(140, 0)

    def test_an_entry_by_hand_that_was_reversed_is_not_reset(self):
        entry = self._enter((self.wallet_account, 0, 50), (self.receivable, 50, 0))
        self._reverse_entry(entry)
        for action in (entry.button_draft, entry.button_cancel):
            self.assertRefused(UserError, action, message="was reversed by")
        self.assertKinds(0, 0)

    def test_what_a_manager_may_undo_is_reversed_by_a_manager(self):
        """*Reverse Entry* on the entry of a bonus, as on any other."""
        gift = self._give_bonus(30)
        clerk = new_test_user(
            self.env,
            "reverses",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.assertRefused(
            UserError, gift.with_user(clerk)._reverse_moves, message="wallet manager"
        )
        self._reverse_entry(gift.with_env(self.env))
        self.assertKinds(0, 0)
        self.assertRefused(
            UserError, self._reverse_entry, gift.with_env(self.env), message="already"
        )


@tagged("post_install", "-at_install")
class TestEntriesByHandPayInvoices(BooksCommon):
    """Somebody enters what *Allocate* would book, and matches it with the invoice."""

    def _pay_by_hand(self, account=None):
        account = account or self.wallet_account
        invoice = self._invoice(80)
        entry = self._enter((account, 80, 0), (self.receivable, 0, 80))
        lines = (invoice | entry).line_ids
        lines.filtered(lambda line: line.account_id == self.receivable).reconcile()
        self.assertEqual(invoice.payment_state, "paid")
        return invoice, entry

    def test_it_is_listed_on_the_invoice_and_can_be_undone(self):
        self._top_up(100)
        invoice, entry = self._pay_by_hand()
        (payment,) = invoice.wallet_widget["payments"]
        self.assertEqual((payment["name"], payment["amount"]), (entry.name, 80))
        self.assertTrue(payment["can_undo"])
        self.assertBalance(20)
        for _time in range(2):
            invoice.action_unallocate_wallet(payment["partial_id"])
            self.assertEqual(invoice.amount_residual, 80)
            self.assertKinds(100, 0)
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertFalse(invoice.wallet_widget["payments"])
        self.assertFalse(invoice.invoice_has_outstanding, "nothing is stranded")

    def test_one_for_several_documents_is_not_undone_on_one_of_them(self):
        self._top_up(200)
        invoices = self._invoice(80) | self._invoice(50)
        entry = self._enter(
            (self.wallet_account, 130, 0),
            (self.receivable, 0, 80),
            (self.receivable, 0, 50),
        )
        for invoice in invoices:
            lines = (invoice | entry).line_ids.filtered(
                lambda line, due=invoice.amount_total: (
                    line.account_id == self.receivable
                    and abs(line.amount_currency) == due
                )
            )
            lines.reconcile()
        (payment,) = invoices[0].wallet_widget["payments"]
        self.assertFalse(payment["can_undo"])
        self.assertRefused(
            UserError,
            invoices[0].action_unallocate_wallet,
            payment["partial_id"],
            message="by hand",
        )
        self.assertEqual(invoices.mapped("payment_state"), ["paid", "paid"])
        self.assertBalance(70)

    def test_it_gives_back_the_kind_of_money_that_it_took(self):
        self._top_up(100)
        self._give_bonus(80)
        invoice, _entry = self._pay_by_hand(self.bonus_account)
        self.assertKinds(100, 0)
        self._unallocate(invoice)
        self.assertKinds(100, 80)

    def test_it_is_in_the_history(self):
        self._top_up(100)
        _invoice, entry = self._pay_by_hand()
        movement = self._movements()[-1]
        self.assertEqual((movement.kind, movement.amount), ("Other", -80))
        self.assertOpens(movement, entry)


@tagged("post_install", "-at_install")
class TestAnalyticDistribution(BooksCommon):
    """With an analytic model on the customer, what a wallet holds is no cost: only the
    expense of what was given has a distribution.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("analytic.group_analytic_accounting")
        plan = cls.env["account.analytic.plan"].create({"name": "Shops"})
        cls.shop = cls.env["account.analytic.account"].create(
            {"name": "Manama", "plan_id": plan.id}
        )
        cls.env["account.analytic.distribution.model"].create(
            {
                "partner_id": cls.customer.id,
                "analytic_distribution": {cls.shop.id: 100},
            }
        )

    def assertDistributed(self, entry, *accounts):
        """Exactly the items on these accounts have a distribution."""
        distributed = entry.line_ids.filtered("analytic_distribution")
        self.assertEqual(
            sorted(distributed.account_id.mapped("code")),
            sorted(account.code for account in accounts),
        )
        amounts = entry.line_ids.analytic_line_ids.mapped("amount")
        expected = [-line.balance for line in distributed]
        self.assertEqual(sorted(amounts), sorted(expected))
        return amounts

    def test_money_that_comes_and_goes(self):
        top_up = self._top_up(100)
        self.assertDistributed(top_up.move_id)
        self.assertDistributed(self._pay_out(10).move_id)
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        entry = self._allocation_of(invoice)
        self.assertDistributed(entry)
        self._unallocate(invoice)
        self.assertDistributed(entry.reversal_move_ids)
        credit_note = self._credit_note(20)
        credit_note.action_refund_to_wallet()
        self.assertDistributed(self._refund_of(credit_note))

    def test_a_bonus_reaches_its_expense_only(self):
        self._promotion(bonus_value=10)
        top_up = self._top_up(100)
        bonus = self._bonus_of(top_up)
        self.assertEqual(self.assertDistributed(bonus, self.promotion_account), [-10])
        top_up.action_draft()
        back = bonus.reversal_move_ids
        self.assertEqual(self.assertDistributed(back, self.promotion_account), [10])

    def _adjust(self, account, amount=5):
        before = self._entries("adjustment")
        self.env["customer.wallet.adjustment"].create(
            {
                "wallet_id": self._wallet().id,
                "amount": amount,
                "account_id": account.id,
                "reason": "Goodwill",
            }
        ).action_confirm()
        return self._entries("adjustment") - before

    def _entries(self, operation):
        return self.env["account.move"].search([("wallet_operation", "=", operation)])

    def test_adjustments_and_transfers(self):
        self._top_up(100)
        expense = self.company_data["default_account_expense"]
        self.assertDistributed(self._adjust(expense), expense)
        liability = self.company_data["default_account_payable"].copy(
            {"account_type": "liability_current", "reconcile": False}
        )
        self.assertDistributed(self._adjust(liability))
        other = self.env["res.partner"].create({"name": "Omar"})
        self.env["customer.wallet.transfer"].create(
            {
                "wallet_id": self._wallet().id,
                "amount": 5,
                "target_partner_id": other.id,
                "reason": "Wrong customer",
            }
        ).action_confirm()
        self.assertDistributed(self._entries("transfer"))

    def test_the_goods_keep_theirs(self):
        invoice = self._invoice(30)
        revenue = invoice.invoice_line_ids.account_id
        self.assertDistributed(invoice, revenue)


@tagged("post_install", "-at_install")
class TestMandatoryAnalyticPlan(BooksCommon):
    """A plan that is mandatory for miscellaneous entries is asked for where somebody
    confirms one that is in sight, and not for what wallets book beside it: Odoo asks
    no payment for it either.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls.env["account.analytic.plan"].create({"name": "Shops"})
        cls.shop = cls.env["account.analytic.account"].create(
            {"name": "Manama", "plan_id": plan.id}
        )
        cls.env["account.analytic.applicability"].create(
            {
                "analytic_plan_id": plan.id,
                "business_domain": "general",
                "applicability": "mandatory",
            }
        )
        cls._promotion(bonus_value=10)
        cls._top_up(100)

    def _by_button(self, record):
        """As the buttons of Odoo's forms call it."""
        return record.with_context(validate_analytic=True)

    def test_an_invoice_is_paid_by_itself_however_it_is_confirmed(self):
        self.company.wallet_auto_allocate = True
        by_hand = self._invoice(30)
        by_button = self._invoice(30, post=False)
        self._by_button(by_button).action_post()
        at_once = self._invoice(20, post=False) | self._invoice(20, post=False)
        wizard = self.env["validate.account.move"].create(
            {"move_ids": [Command.set(at_once.ids)]}
        )
        self._by_button(wizard).validate_move()
        self.assertEqual(
            (by_hand | by_button | at_once).mapped("payment_state"), ["paid"] * 4
        )
        self.assertKinds(10, 0)

    def test_money_that_is_entered_by_hand_pays_by_itself(self):
        self.company.wallet_auto_allocate_incoming = True
        invoice = self._invoice(130)
        entry = self._enter(
            (self.company_data["default_account_assets"], 50, 0),
            (self.wallet_account, 0, 50),
            post=False,
        )
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._by_button(entry).action_post()
        entry.line_ids.analytic_distribution = {self.shop.id: 100}
        self._by_button(entry).action_post()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertKinds(30, 0)

    def test_what_is_paid_refunded_and_undone(self):
        invoice = self._by_button(self._invoice(60))
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        credit_note = self._by_button(self._credit_note(20))
        credit_note.action_refund_to_wallet()
        self._by_button(self.customer).action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertKinds(70, 0)
