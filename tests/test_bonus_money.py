from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


class BonusMoneyCommon(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promotion = cls._promotion()
        cls.bank_account = cls.bank_journal.default_account_id

    def _manual_entry(self, amount, account, partner=None, kind=None):
        """Take money out of the wallet by a journal entry.

        :param kind: the account of the kind of money, by default of paid money
        """
        return self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": (kind or self.wallet_account).id,
                            "partner_id": self.customer.id,
                            "debit": amount,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": partner and partner.id,
                            "credit": amount,
                        }
                    ),
                ]
            }
        )


@tagged("post_install", "-at_install")
class TestBonusByEditing(WalletCommon):
    """The customer has 50 of paid money and a bonus of 50. Whatever is made of posted
    items in the list of journal items, or by another program: a bonus stays one.
    """

    def setUp(self):
        super().setUp()
        self.expense = self.company_data["default_account_expense"]
        self.top_up = self._top_up(50)
        self.bonus = self._give_bonus(50, expiry="2099-12-31")

    def _item_of(self, move, account):
        return move.line_ids.filtered(lambda line: line.account_id == account)

    def assertStays(self, action, *args, **kwargs):
        self.assertRefused(UserError, action, *args, **kwargs)
        self.assertFalse(
            self.env["customer.wallet.check"]._find_differences(self.company)
        )

    def test_a_pay_out_becomes_one_of_the_bonus(self):
        item = self._item_of(self._pay_out(50).move_id, self.wallet_account)
        self.assertStays(item.write, {"account_id": self.bonus_account.id})
        self.assertKinds(0, 50)

    def test_the_expense_of_an_expiry_becomes_paid_money(self):
        self._give_bonus(10, expiry=fields.Date.add(fields.Date.today(), days=-1))
        self._run_scheduled("expire_bonus")
        entry = self._movements()[-1].move_id
        self.assertEqual(entry.wallet_operation, "expiry")
        item = self._item_of(entry, self.promotion_account)
        self.assertStays(item.write, {"account_id": self.wallet_account.id})
        self.assertKinds(50, 50)

    def test_an_adjustment_of_paid_money_takes_the_bonus(self):
        adjustment = self.env["customer.wallet.adjustment"].create(
            {
                "wallet_id": self._wallet().id,
                "direction": "up",
                "lot_type": "paid",
                "amount": 20,
                "account_id": self.expense.id,
                "reason": "Goodwill",
            }
        )
        adjustment.action_confirm()
        entry = self._movements()[-1].move_id
        item = self._item_of(entry, self.expense)
        for account in (self.bonus_account, self.wallet_account, self.receivable):
            self.assertStays(item.write, {"account_id": account.id})
        self.assertKinds(70, 50)
        item.account_id = self.expense.copy()
        self.assertKinds(70, 50)

    def test_a_top_up_is_confirmed_with_other_items(self):
        self.top_up.action_draft()
        move = self.top_up.move_id
        paid = self._item_of(move, self.wallet_account)
        move.write(
            {
                "line_ids": [
                    Command.update(paid.id, {"credit": 100}),
                    Command.create(
                        {
                            "account_id": self.bonus_account.id,
                            "partner_id": self.customer.id,
                            "debit": 50,
                        }
                    ),
                ]
            }
        )
        self.assertStays(move.action_post)
        self.assertStays(move.write, {"state": "posted"})
        self.assertKinds(0, 50)

    def test_a_payment_becomes_one_of_the_bonus_before_it_is_posted(self):
        """As a correction, or by a program that says which payment it is of."""
        self._invoice(50).action_allocate_wallet()
        bonus = {"account_id": self.bonus_account.id}
        for account in (self.wallet_account, self.receivable):
            self._top_up(50)
            self._give_bonus(50)
            top_up = self._movements()[0].move_id.origin_payment_id
            reversal = top_up.move_id._reverse_moves()
            self.assertEqual(reversal.state, "draft")
            item = self._item_of(reversal, self.wallet_account)
            others = reversal.line_ids - item
            item.write(bonus)
            others.account_id = account
            self.assertStays(reversal.action_post)
            entry = self._enter(
                (self.bonus_account, 50, 0),
                (account, 0, 50),
                post=False,
                origin_payment_id=top_up.id,
            )
            self.assertEqual(entry.wallet_operation, "top_up")
            self.assertStays(entry.action_post)

    def test_what_has_paid_an_invoice_goes_elsewhere(self):
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        item = self._item_of(self._allocation_of(invoice), self.receivable)
        self.assertStays(item.write, {"account_id": self.wallet_account.id})
        self.assertStays(item.write, {"account_id": self.receivable.copy().id})
        self.assertEqual(invoice.payment_state, "paid")

    def _draft(self):
        return self._enter(
            (self.bonus_account, 50, 0), (self.wallet_account, 0, 50), post=False
        )

    def test_an_entry_is_posted_by_its_state(self):
        self.assertStays(self._draft().write, {"state": "posted"})

    def test_an_entry_of_tomorrow_is_posted_by_its_state(self):
        entry = self._enter(
            (self.expense, 50, 0),
            (self.wallet_account, 0, 50),
            post=False,
            date=fields.Date.add(fields.Date.today(), days=3),
        )
        self.assertStays(entry.write, {"state": "posted"})

    def test_items_come_to_a_posted_entry(self):
        posted = self._enter((self.expense, 5, 0), (self.expense, 0, 5))
        for entry in (posted, self.bonus):
            vals_list = [
                {
                    "move_id": entry.id,
                    "account_id": account.id,
                    "partner_id": self.customer.id,
                    "balance": balance,
                }
                for account, balance in (
                    (self.bonus_account, 50),
                    (self.wallet_account, -50),
                )
            ]
            self.assertStays(self.env["account.move.line"].create, vals_list)
            items = self._draft().line_ids
            self.assertStays(items.write, {"move_id": entry.id})
        self.assertKinds(50, 50)

    def test_a_pay_out_is_posted_by_its_entry_and_confirmed(self):
        payment = self._pay_out(50)
        payment.action_draft()
        payment.move_id.action_post()
        self.assertKinds(0, 50)
        payment.action_post()
        self.assertNotEqual(payment.state, "draft")
        self.assertKinds(0, 50)


@tagged("post_install", "-at_install")
class TestKindsOfMoney(BonusMoneyCommon):
    """The customer paid 100 and holds 110."""

    def setUp(self):
        super().setUp()
        self.top_up = self._top_up(100)

    def test_bonus_is_spent_before_paid_money(self):
        self._invoice(4).action_allocate_wallet()
        self.assertKinds(100, 6)
        self._invoice(26).action_allocate_wallet()
        self.assertKinds(80, 0)
        self.assertEqual(self.top_up.wallet_residual, 80)

    def test_what_expires_first_is_spent_first(self):
        self.promotion.validity_days = 30
        late = self._top_up(100)
        self.promotion.validity_days = 10
        early = self._top_up(100)
        self._invoice(12).action_allocate_wallet()
        for top_up, left in ((self.top_up, 10), (late, 8), (early, 0)):
            self.assertEqual(self._left_of(top_up), left)

    def test_an_undone_allocation_gives_back_the_same_kinds(self):
        self.promotion.validity_days = 10
        early = self._top_up(100)
        invoice = self._invoice(115)
        invoice.action_allocate_wallet()
        self.assertKinds(105, 0)
        invoice.action_unallocate_wallet(invoice._get_wallet_partials()[0].id)
        self.assertKinds(200, 20)
        self.assertEqual(self._left_of(early), 10)
        self.assertTrue(self._lots_of(early).wallet_expiry_date)

    def test_a_pay_out_takes_paid_money_only(self):
        draft = self._pay_out(101, post=False)
        self.assertEqual(draft.wallet_pay_out_available, 100)
        draft.unlink()
        self.assertRefused(
            UserError,
            self._pay_out,
            101,
            message=r"Bonus money is not paid out.*Amal.*100\.00 can be.*101\.00",
        )
        self._pay_out(100)
        self.assertKinds(0, 10)
        self._invoice(10).action_allocate_wallet()
        self.assertKinds(0, 0)

    def test_several_pay_outs_at_once_take_no_bonus(self):
        payments = self._pay_out(60, post=False) | self._pay_out(45, post=False)
        self.assertRefused(
            UserError, payments.action_post, message="of paid money is needed"
        )
        self._pay_out(40)
        self.assertKinds(60, 10)

    def test_a_pay_out_confirmed_another_way_takes_no_bonus(self):
        payment = self._pay_out(105, post=False)
        self.assertRefused(
            UserError,
            payment.write,
            {"state": "in_process"},
            message="of paid money is needed",
        )

    def test_a_manual_entry_to_the_bank_takes_no_bonus(self):
        entry = self._manual_entry(105, self.bank_account)
        self.assertRefused(
            UserError, entry.action_post, message="of paid money is needed"
        )
        self._manual_entry(95, self.bank_account).action_post()
        self.assertKinds(5, 10)

    def test_a_manual_entry_to_outstanding_payments_takes_no_bonus(self):
        account = self.env["account.payment"]._get_outstanding_account("outbound")
        entry = self._manual_entry(105, account)
        self.assertRefused(
            UserError, entry.action_post, message="of paid money is needed"
        )

    def test_a_bank_statement_takes_no_bonus(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "payment_ref": "Back to the customer",
                "partner_id": self.customer.id,
                "amount": -105,
                "date": "2026-01-01",
            }
        )
        suspense = self.bank_journal.suspense_account_id
        item = line.move_id.line_ids.filtered(lambda x: x.account_id == suspense)

        def assign():
            line.move_id.button_draft()
            line.move_id.write(
                {
                    "line_ids": [
                        Command.update(item.id, {"account_id": self.wallet_account.id})
                    ]
                }
            )
            line.move_id.action_post()

        self.assertRefused(UserError, assign, message="of paid money is needed")

    def test_a_manual_entry_to_another_wallet_takes_no_bonus(self):
        other = self.env["res.partner"].create({"name": "Liam"})
        entry = self._manual_entry(105, self.wallet_account, other)
        self.assertRefused(
            UserError, entry.action_post, message="of paid money is needed"
        )
        self._manual_entry(100, self.wallet_account, other).action_post()
        self.assertKinds(0, 10)
        self.assertKinds(100, 0, self._wallet(other))

    def test_a_manual_entry_to_income_may_use_bonus(self):
        revenue = self.company_data["default_account_revenue"]
        self._manual_entry(5, revenue, kind=self.bonus_account).action_post()
        self.assertKinds(100, 5)

    def test_a_manual_entry_takes_the_kind_of_its_account(self):
        """Neither kind stands in for the other."""
        revenue = self.company_data["default_account_revenue"]
        for amount, kind in ((101, self.wallet_account), (11, self.bonus_account)):
            entry = self._manual_entry(amount, revenue, kind=kind)
            self.assertRefused(UserError, entry.action_post, message="Amal Haddad")

    def test_a_manual_entry_pays_no_bonus_out(self):
        """To the bank, on its way there, or to somebody else's wallet."""
        other = self.env["res.partner"].create({"name": "Liam"})
        Payment = self.env["account.payment"]
        for account, partner in (
            (self.bank_account, None),
            (Payment._get_outstanding_account("outbound"), None),
            (self.wallet_account, other),
            (self.wallet_account, self.customer),
        ):
            entry = self._manual_entry(5, account, partner, kind=self.bonus_account)
            self.assertRefused(UserError, entry.action_post)
        self.assertKinds(100, 10)


@tagged("post_install", "-at_install")
class TestTakingBack(BonusMoneyCommon):
    def setUp(self):
        super().setUp()
        self.top_up = self._top_up(100)

    def _wizard(self, top_up, **vals):
        action = top_up.action_open_wallet_take_back()
        return (
            self.env[action["res_model"]]
            .with_context(**action["context"])
            .create({"reason": "The cheque bounced", **vals})
        )

    def test_a_cancelled_top_up_takes_its_bonus_back(self):
        entry = self._bonus_of(self.top_up)
        self.top_up.action_cancel()
        self.assertKinds(0, 0)
        self.assertEntry(
            entry.reversal_move_ids,
            [
                (self.bonus_account, 10, 0),
                (self.company.wallet_promotion_account_id, 0, 10),
            ],
        )
        self.assertEqual(entry.reversal_move_ids.wallet_operation, "bonus")
        self.assertFalse(self.top_up.wallet_bonus)

    def test_a_deleted_top_up_takes_its_bonus_back(self):
        entry = self._bonus_of(self.top_up)
        self.top_up.action_draft()
        self.top_up.unlink()
        self.assertTrue(entry._get_wallet_reversals())
        self.assertKinds(0, 0)

    def test_a_reversed_top_up_takes_its_bonus_back(self):
        self.top_up.move_id._reverse_moves(cancel=True)
        self.assertKinds(0, 0)

    def test_a_reversal_that_is_posted_later_takes_the_bonus_then(self):
        reversal = self.top_up.move_id._reverse_moves()
        self.assertKinds(100, 10)
        reversal.action_post()
        self.assertKinds(0, 0)

    def test_a_used_bonus_keeps_the_top_up(self):
        invoice = self._invoice(4)
        invoice.action_allocate_wallet()
        for action in (
            self.top_up.action_draft,
            self.top_up.action_cancel,
            lambda: self.top_up.move_id._reverse_moves(cancel=True),
        ):
            self.assertRefused(
                UserError, action, message=r"100\.00 is left.*Amal.*104\.00 is needed"
            )
        self.assertRefused(UserError, self.top_up.action_draft, message=invoice.name)

    def test_other_paid_money_covers_a_used_bonus(self):
        self._invoice(4).action_allocate_wallet()
        self.promotion.active = False
        self._top_up(50)
        self.top_up.action_cancel()
        self.assertKinds(46, 0)

    def test_bonus_money_of_others_covers_no_top_up(self):
        self.promotion.active = False
        plain = self._top_up(50)
        self._pay_out(150)
        self.assertKinds(0, 10)
        self.promotion.write({"active": True, "bonus_value": 100})
        self._top_up(45)
        self._pay_out(45)
        self.assertKinds(0, 55)
        self.assertRefused(UserError, plain.action_cancel, message="is left")

    def test_several_top_ups_are_taken_back_together_or_not_at_all(self):
        second = self._top_up(100)
        self._invoice(30).action_allocate_wallet()
        both = self.top_up | second
        self.assertRefused(
            UserError, both.action_draft, message=r"190\.00.*220\.00 is needed"
        )

    def test_a_manager_takes_it_back_anyway(self):
        invoice = self._invoice(60)
        invoice.action_allocate_wallet()
        self.assertEqual(self.top_up.wallet_shortage, 60)
        wizard = self._wizard(self.top_up)
        self.assertEqual((wizard.bonus, wizard.balance), (10, 50))
        self.assertEqual((wizard.balance_after, wizard.debt), (-60, 60))
        wizard.action_take_back()
        wallet = self._wallet()
        self.assertEqual(self.top_up.state, "canceled")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertKinds(-60, 0)
        self.assertEqual((wallet.overdraft_limit, wallet.debt_limit), (60, 60))
        self.assertEqual(wallet._get_available(), 0)
        self.assertTrue(
            wallet.message_ids.filtered(lambda m: "cheque bounced" in (m.body or ""))
        )

    def test_what_is_unused_of_the_bonus_goes_with_it(self):
        self._invoice(4).action_allocate_wallet()
        wizard = self._wizard(self.top_up)
        self.assertEqual((wizard.bonus, wizard.balance), (10, 106))
        self.assertEqual((wizard.balance_after, wizard.debt), (-4, 4))
        wizard.action_take_back()
        self.assertKinds(-4, 0)

    def test_the_limit_goes_down_as_the_debt_is_paid(self):
        self._invoice(60).action_allocate_wallet()
        self._wizard(self.top_up).action_take_back()
        self.promotion.active = False
        wallet = self._wallet()
        self._top_up(40)
        self.assertEqual((wallet.balance, wallet.overdraft_limit), (-20, 20))
        self.assertEqual(wallet._get_available(), 0)
        self._top_up(50)
        self.assertEqual((wallet.balance, wallet.overdraft_limit), (30, 0))
        self.assertEqual(wallet._get_available(), 30)

    def test_a_limit_that_a_manager_sets_stays(self):
        self._invoice(60).action_allocate_wallet()
        self._wizard(self.top_up).action_take_back()
        wallet = self._wallet()
        wallet.overdraft_limit = 80
        self.assertEqual(wallet.debt_limit, 0)
        self._top_up(100)
        self.assertEqual(wallet.overdraft_limit, 80)

    def test_the_limit_of_before_is_kept_beside_the_debt(self):
        wallet = self._wallet()
        wallet.overdraft_limit = 20
        self._invoice(60).action_allocate_wallet()
        self._wizard(self.top_up).action_take_back()
        self.assertEqual((wallet.balance, wallet.overdraft_limit), (-60, 60))
        self.promotion.active = False
        self._top_up(60)
        self.assertEqual((wallet.balance, wallet.overdraft_limit), (0, 20))

    def test_nobody_but_a_manager_takes_it_back_anyway(self):
        self._invoice(60).action_allocate_wallet()
        billing = new_test_user(
            self.env, login="wallet_billing", groups="account.group_account_invoice"
        )
        with self.assertRaisesRegex(Exception, "not allowed"):
            self.top_up.with_user(billing).action_open_wallet_take_back()

    def test_a_frozen_wallet_is_not_taken_from(self):
        self._invoice(60).action_allocate_wallet()
        wizard = self._wizard(self.top_up)
        self._wallet().action_freeze()
        self.assertRefused(UserError, wizard.action_take_back, message="frozen")
        self.assertRefused(UserError, self.top_up.action_cancel)


@tagged("post_install", "-at_install")
class TestBonusIsNotTakenByHand(WalletCommon):
    """Whatever screen of Odoo somebody uses: a bonus stays one."""

    def test_the_account_of_a_posted_item_is_not_changed(self):
        """Journal Items lets people edit posted items in the list."""
        bonus = self._give_bonus(100).line_ids.filtered("wallet_id")
        self.assertRefused(
            UserError, bonus.write, {"account_id": self.wallet_account.id}
        )
        other = self.env["res.partner"].create({"name": "Badr Aziz"})
        self.assertRefused(UserError, bonus.write, {"partner_id": other.id})
        self.assertKinds(0, 100)

    def test_a_top_up_is_corrected_with_its_bonus(self):
        """The money of a top-up does not go to somebody else while its bonus stays."""
        self._promotion()
        top_up = self._top_up(100)
        other = self.env["res.partner"].create({"name": "Badr Aziz"})
        item = top_up.move_id.line_ids.filtered("wallet_id")
        for values in ({"partner_id": other.id}, {"account_id": self.receivable.id}):
            self.assertRefused(UserError, item.write, values, message="reset the top")
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        item.partner_id = contact
        self.assertKinds(100, 10)
        top_up.action_draft()
        top_up.partner_id = other
        top_up.action_post()
        self.assertKinds(0, 0)
        self.assertKinds(100, 10, self._wallet(other))

    def test_a_top_up_is_not_deleted_without_its_bonus(self):
        """As a program may, on what is posted."""
        self._promotion()
        items = self._top_up(100).move_id.line_ids.with_context(force_delete=True)
        self.assertRefused(UserError, items.unlink, message="has earned a bonus")
        self.assertKinds(100, 10)

    def test_an_item_in_suspense_does_not_become_a_bonus_paid_out(self):
        self._give_bonus(100)
        bank = self.bank_journal.default_account_id
        suspense = self.company_data["default_account_assets"]
        entry = self._enter((suspense, 100, 0), (bank, 0, 100))
        item = entry.line_ids.filtered("debit")
        for account in (self.bonus_account, self.receivable):
            with self.subTest(account.name):
                if account == self.receivable:
                    self._invoice(100).action_allocate_wallet()
                self.assertRefused(UserError, item.write, {"account_id": account.id})

    def _credit_goods_paid_by_bonus(self):
        self._give_bonus(100)
        invoice = self._invoice(100)
        invoice.action_allocate_wallet()
        credit_note = self._reverse(invoice, to_wallet=False)
        credit_note.action_post()
        return credit_note

    def test_a_credit_is_not_set_off_against_what_is_paid_out_then(self):
        """What the company owes the customer as a vendor, or another customer."""
        credit_note = self._credit_goods_paid_by_bonus()
        payable = self.company_data["default_account_payable"]
        entry = self._enter((self.receivable, 100, 0), (payable, 0, 100), post=False)
        self.assertRefused(UserError, entry.action_post, message="not paid out")
        other = self.env["res.partner"].create({"name": "Badr Aziz"})
        item = entry.line_ids.filtered(lambda line: line.account_id == payable)
        for account in (payable, self.receivable):
            item.write({"account_id": account.id, "partner_id": other.id})
            entry.action_post()
            items = (entry | credit_note).line_ids.filtered(
                lambda line: (
                    line.account_id == self.receivable
                    and line.partner_id == self.customer
                )
            )
            self.assertRefused(UserError, items.reconcile, message="not paid out")
            entry.button_draft()

    def test_a_debt_may_go_to_a_customer_who_has_used_a_bonus(self):
        """That pays nothing out, nor does another account of the same customer."""
        credit_note = self._credit_goods_paid_by_bonus()
        other = self.env["res.partner"].create({"name": "Badr Aziz"})
        entry = self._enter(
            (self.receivable, 50, 0), (self.receivable, 0, 50), post=False
        )
        entry.line_ids[1].partner_id = other
        entry.action_post()
        self._enter((self.receivable, 100, 0), (self.receivable.copy(), 0, 100))
        credit_note.action_refund_to_wallet()
        self.assertKinds(0, 100)

    def test_a_credit_is_set_off_against_a_debt_of_an_opening_entry(self):
        """What others are owed there is no money for this customer."""
        credit_note = self._credit_goods_paid_by_bonus()
        entry = self._enter(
            (self.receivable, 100, 0),
            (self.receivable, 0, 40),
            (self.company_data["default_account_payable"], 0, 60),
            (self.company_data["default_account_assets"], 500, 0),
            (self.company_data["default_account_revenue"], 0, 500),
            post=False,
        )
        entry.line_ids[1:3].partner_id = self.env["res.partner"].create(
            {"name": "Badr Aziz"}
        )
        entry.action_post()
        debt = entry.line_ids[0]
        due = credit_note.line_ids._filter_wallet_receivables()
        (debt | due).reconcile()
        self.assertEqual((debt.amount_residual, due.amount_residual), (0, 0))

    def test_a_long_invoice_is_credited_with_no_more_queries(self):
        def count_queries(length):
            goods = [
                Command.create({"name": str(it), "price_unit": 10, "tax_ids": []})
                for it in range(length)
            ]
            invoice = self._invoice(0, invoice_line_ids=goods)
            credit_note = invoice._reverse_moves()
            credit_note.action_post()
            items = (invoice | credit_note).line_ids._filter_wallet_receivables()
            items.remove_move_reconcile()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            items.reconcile()
            self.env.flush_all()
            self.assertFalse(any(items.mapped("amount_residual")))
            return self.env.cr.sql_log_count - before

        count_queries(1)
        self.assertLessEqual(count_queries(30), count_queries(1))

    def test_entries_that_take_nothing_are_not_refused_for_it(self):
        """A payment bounces whose goods were refunded in cash: the customer owes that,
        and a bonus was used. What moves no money is entered as ever; more cash does not
        go out.
        """
        self._give_bonus(100)
        self._invoice(100).action_allocate_wallet()
        cash = self._pay(50, is_wallet=False)
        self._pay_out(50, is_wallet=False)
        cash.action_cancel()
        revenue = self.company_data["default_account_revenue"]
        entry = self._enter((self.receivable, 20, 0), (revenue, 0, 20))
        self.assertEqual(entry.state, "posted")
        bank = self.bank_journal.default_account_id
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._enter((self.receivable, 20, 0), (bank, 0, 20))

    def test_a_vendor_bill_takes_no_bonus(self):
        self._give_bonus(100)
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.customer.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Bonus",
                            "account_id": self.bonus_account.id,
                            "price_unit": 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        self.assertRefused(UserError, bill.action_post)

    def test_a_write_off_that_was_reversed_settles_nothing(self):
        invoice = self._invoice(100)
        bad_debt = self.company_data["default_account_expense"]
        entry = self._enter((bad_debt, 100, 0), (self.receivable, 0, 100))
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=entry.ids)
            .create({"journal_id": entry.journal_id.id})
        )
        wizard.reverse_moves()
        self._give_bonus(100)
        invoice.action_allocate_wallet()
        credit_note = self._invoice(100, move_type="out_refund")
        credit_note.action_refund_to_wallet()
        self.assertKinds(0, 100)
