from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import WalletCommon
from .tour_common import WalletTourCommon


class ManagerActionsCommon(WalletCommon):
    """What only a wallet manager does, always with a reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goodwill = cls.company_data["default_account_expense"]
        cls.fees = cls.company_data["default_account_revenue"]
        cls.other = cls.env["res.partner"].create({"name": "Bilal Nasser"})
        cls.manager = new_test_user(
            cls.env,
            "wallet_manager",
            "customer_wallet.group_wallet_manager,account.group_account_manager",
            company_id=cls.company.id,
        )

    def _wizard(self, name, wallet=None, user=None, **vals):
        wallet = wallet or self._wallet()
        return (
            self.env[f"customer.wallet.{name}"]
            .with_user(user or self.manager)
            .with_context(default_wallet_id=wallet.id)
            .create({"reason": "Late delivery", **vals})
        )

    def _adjust(self, amount, direction="up", **vals):
        """Adjust the wallet and return the entry."""
        vals.setdefault(
            "account_id", (self.goodwill if direction == "up" else self.fees).id
        )
        self._wizard(
            "adjustment", amount=amount, direction=direction, **vals
        ).action_confirm()
        return self._last_entry("adjustment")

    def _transfer(self, amount, target=None, **vals):
        vals.setdefault("target_partner_id", (target or self.other).id)
        self._wizard("transfer", amount=amount, **vals).action_confirm()
        return self._last_entry("transfer")

    def _undo(self, move, reason="It was the wrong customer", user=None):
        wizard = (
            self.env["customer.wallet.undo"]
            .with_user(user or self.manager)
            .create({"move_id": move.id, "reason": reason})
        )
        wizard.action_confirm()
        return move.reversal_move_ids

    def _last_entry(self, operation):
        return self.env["account.move"].search(
            [("wallet_operation", "=", operation)], order="id desc", limit=1
        )

    def _movement_of(self, entry, wallet=None):
        """What the history of a wallet says about an entry."""
        self.env.flush_all()
        wallet = wallet or self._wallet()
        return self.env["customer.wallet.movement"].search(
            [("move_id", "=", entry.id), ("wallet_id", "=", wallet.id)]
        )

    def _other_company(self):
        return self.setup_other_company(name="Other company")["company"]

    def _flush_tracking(self):
        self.env.flush_all()
        self.env.cr.flush()

    def _chatter(self, wallet=None):
        wallet = wallet or self._wallet()
        return " ".join(str(body) for body in wallet.message_ids.mapped("body"))


@tagged("post_install", "-at_install")
class TestAdjustment(ManagerActionsCommon):
    def test_up_is_owed_to_the_customer(self):
        self._top_up(100)
        entry = self._adjust(25)
        self.assertEntry(entry, [(self.goodwill, 25, 0), (self.wallet_account, 0, 25)])
        self.assertEqual(entry.journal_id, self.company.wallet_journal_id)
        self.assertEqual(entry.date, fields.Date.today())
        self.assertBalance(125)
        self.assertEqual(self._wallet().bonus_balance, 0)

    def _open_dialog(self, name, **values):
        dialog = Form(
            self.env[f"customer.wallet.{name}"]
            .with_user(self.manager)
            .with_context(default_wallet_id=self._wallet().id)
        )
        for field, value in values.items():
            setattr(dialog, field, value)
        return dialog

    def test_an_account_is_proposed_for_each_kind_and_the_last_one_remembered(self):
        self._top_up(100)
        income, expense = (
            self.company.income_account_id,
            self.company.expense_account_id,
        )
        dialog = self._open_dialog("adjustment")
        self.assertEqual(dialog.account_id, expense)
        dialog.direction = "down"
        self.assertEqual(dialog.account_id, income)
        dialog.lot_type = "bonus"
        self.assertEqual(dialog.account_id, self.promotion_account)
        chosen = self.goodwill.copy({"name": "Complaints"})
        self._adjust(25, account_id=chosen.id)
        self.assertEqual(self._open_dialog("adjustment").account_id, chosen)
        dialog = self._open_dialog("adjustment", direction="down")
        self.assertEqual(dialog.account_id, income)
        chosen.active = False
        self.assertEqual(self._open_dialog("adjustment").account_id, expense)

    def test_a_transfer_shows_both_balances_and_what_is_too_much(self):
        self._top_up(100)
        self._give_bonus(20)
        self._top_up(30, partner_id=self.other.id)
        dialog = self._open_dialog("transfer", amount=40, target_partner_id=self.other)
        self.assertEqual((dialog.balance_after, dialog.target_balance_after), (80, 70))
        self.assertFalse(dialog.is_too_much)
        dialog.amount = 100.01
        self.assertTrue(dialog.is_too_much)

    def test_the_reason_is_in_the_history_and_in_the_chatter(self):
        self._top_up(100)
        entry = self._adjust(25)
        movement = self._movement_of(entry)
        self.assertEqual(movement.operation, "adjustment")
        self.assertEqual(movement.document_name, "Late delivery")
        self.assertIn("Late delivery", movement.move_id.line_ids[0].name)
        chatter = self._chatter()
        for text in ("25.00", self.goodwill.name, entry.name, "Late delivery"):
            self.assertIn(text, chatter)
        self.assertEqual(
            self._wallet().message_ids[0].author_id, self.manager.partner_id
        )

    def test_down_uses_the_oldest_money_first(self):
        first = self._top_up(30, date="2024-01-01")
        second = self._top_up(70, date="2024-01-02")
        entry = self._adjust(50, "down")
        self.assertEntry(
            entry,
            [(self.wallet_account, 50, 0), (self.fees, 0, 50)],
        )
        self.assertEqual((first.wallet_residual, second.wallet_residual), (0, 50))
        self.assertBalance(50)

    def test_down_takes_the_kind_that_was_chosen(self):
        self._top_up(50)
        self._give_bonus(20)
        self._adjust(15, "down", lot_type="bonus")
        wallet = self._wallet()
        self.assertEqual((wallet.balance, wallet.bonus_balance), (55, 5))
        self._adjust(50, "down")
        self.assertEqual((wallet.balance, wallet.bonus_balance), (5, 5))
        self.assertBalance(5)

    def test_down_takes_no_other_kind_than_the_one_chosen(self):
        self._top_up(50)
        self._give_bonus(20)
        for amount, lot_type, message in (
            (20.01, "bonus", "Only $\xa020.00 .* Amal Haddad is available bonus money"),
            (50.01, "paid", "Only $\xa050.00 .* Amal Haddad is available paid money"),
        ):
            with self.assertRaisesRegex(UserError, message.replace("$", r"\$")):
                self._adjust(amount, "down", lot_type=lot_type)
        self.assertBalance(70)

    def test_down_is_refused_for_more_than_there_is(self):
        self._top_up(100)
        self.assertRefused(
            UserError,
            self._adjust,
            100.01,
            "down",
            message=r"(?s)Amal Haddad.*100\.00.*100\.01",
        )

    def test_down_may_use_the_limit_below_zero(self):
        self._top_up(100)
        self._wallet().overdraft_limit = 50
        entry = self._adjust(120, "down")
        self.assertEntry(
            entry,
            [(self.wallet_account, 120, 0), (self.fees, 0, 120)],
        )
        self.assertBalance(-20)

    def test_up_pays_a_debt(self):
        self._top_up(100)
        self._wallet().overdraft_limit = 50
        self._adjust(120, "down")
        self._adjust(20)
        self.assertBalance(0)

    def test_a_bonus_with_an_expiry_date(self):
        self._top_up(100)
        entry = self._adjust(25, lot_type="bonus", expiry_date="2099-12-31")
        self.assertRecordValues(
            entry.line_ids.filtered("wallet_lot_type"),
            [
                {
                    "account_id": self.company.wallet_bonus_account_id.id,
                    "wallet_lot_type": "bonus",
                    "wallet_expiry_date": fields.Date.to_date("2099-12-31"),
                }
            ],
        )
        self.assertEqual(self._wallet().bonus_balance, 25)
        self.assertBalance(125)
        self.assertRefused(UserError, self._pay_out, 101)

    def test_a_bonus_that_has_expired_already_is_refused(self):
        self._top_up(100)
        self.assertRefused(
            UserError,
            self._adjust,
            25,
            lot_type="bonus",
            expiry_date="2020-01-01",
            message="in the past",
        )

    def test_paid_money_never_expires(self):
        self._top_up(100)
        entry = self._adjust(25, expiry_date="2099-12-31")
        self.assertFalse(entry.line_ids.filtered("wallet_expiry_date"))

    def test_a_frozen_wallet_goes_up_but_not_down(self):
        self._top_up(100)
        self._wallet().action_freeze()
        self._adjust(25)
        self.assertBalance(125)
        self.assertRefused(UserError, self._adjust, 25, "down", message="frozen")

    def test_amounts_that_are_none(self):
        self._top_up(100)
        for amount in (0, -5, 0.001):
            self.assertRefused(
                UserError, self._adjust, amount, message="greater than zero"
            )

    def test_what_is_not_an_amount_is_refused_in_words(self):
        """Whatever a client sends, at once or later."""
        self._top_up(100)
        for amount in (float("nan"), float("inf"), "ten", True, 1e15, 10**400, [10]):
            with self.subTest(amount=amount):
                self.assertRefused(
                    UserError, self._adjust, amount, message="valid amount"
                )
        wizard = self._wizard("adjustment", amount=5, account_id=self.goodwill.id)
        for amount in (float("nan"), float("inf"), "ten", True, 1e15, 10**400):
            with self.subTest(amount=amount):
                self.assertRefused(
                    UserError, wizard.write, {"amount": amount}, message="valid amount"
                )

    def test_a_day_to_come_is_refused(self):
        self._top_up(100)
        later = fields.Date.add(fields.Date.today(), days=2)
        for direction in ("up", "down"):
            self.assertRefused(
                UserError, self._adjust, 5, direction, date=later, message="future"
            )

    def test_the_wallet_has_no_cost_centre_and_the_expense_has(self):
        self._top_up(100)
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        centre = self.env["account.analytic.account"].create(
            {"name": "Manama", "plan_id": plan.id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.customer.id,
                "analytic_distribution": {str(centre.id): 100},
            }
        )
        for vals in (
            {},
            {"direction": "down"},
            {"lot_type": "bonus"},
            {"direction": "down", "lot_type": "bonus"},
        ):
            with self.subTest(**vals):
                items = self._adjust(5, **vals).line_ids
                wallet_items = items.filtered("wallet_id")
                self.assertFalse(any(wallet_items.mapped("analytic_distribution")))
                self.assertTrue((items - wallet_items).analytic_distribution)

    def test_what_is_held_is_not_taken(self):
        self._top_up(100)
        self._give_bonus(20)
        self._wallet()._hold(30, self.customer)
        for amount, lot_type in ((1, "bonus"), (91, "paid")):
            self.assertRefused(
                UserError, self._adjust, amount, "down", lot_type=lot_type
            )
        self._adjust(90, "down")
        self.assertBalance(30)

    def test_without_a_reason_it_is_refused(self):
        self._top_up(100)
        self.assertRefused(
            UserError, self._adjust, 25, reason="  ", message="Enter a reason"
        )

    def test_accounts_that_are_refused(self):
        self._top_up(100)
        for account in (
            self.receivable,
            self.company_data["default_account_payable"],
            self.wallet_account,
            self.company.wallet_bonus_account_id,
            self.bank_journal.default_account_id,
        ):
            self.assertRefused(
                UserError,
                self._adjust,
                25,
                account_id=account.id,
                message="cannot be adjusted against",
            )

    def test_in_another_currency_at_the_rate_of_the_date(self):
        currency = self.setup_other_currency(
            "KWD", rounding=0.001, rates=[("2024-01-01", 0.5), ("2025-01-01", 0.25)]
        )
        self._top_up(10.125, currency_id=currency.id, date="2024-06-01")
        wallet = self._wallet(currency=currency)
        up = self._adjust(1.005, wallet=wallet, date="2024-06-02")
        self.assertEntry(
            up,
            [
                (self.goodwill, 2.01, 0, 1.005, currency),
                (self.wallet_account, 0, 2.01, -1.005, currency),
            ],
        )
        down = self._adjust(10.126, "down", wallet=wallet)
        self.assertEntry(
            down,
            [
                (self.wallet_account, 20.25, 0, 10.126, currency),
                (self.fees, 0, 20.25, -10.126, currency),
            ],
        )
        self.assertBalance(1.004, wallet)

    def test_without_decimals(self):
        currency = self.setup_other_currency("JPY", rounding=1, rates=[])
        self._top_up(1000, currency_id=currency.id)
        wallet = self._wallet(currency=currency)
        self._adjust(1, "down", wallet=wallet)
        self.assertBalance(999, wallet)

    def test_only_a_manager(self):
        self._top_up(100)
        user = new_test_user(self.env, "clerk", "account.group_account_invoice")
        self.assertRefused(AccessError, self._wizard, "adjustment", user=user)
        wizard = self._wizard("adjustment", amount=5, account_id=self.goodwill.id)
        self.assertRefused(AccessError, wizard.with_user(user).action_confirm)


@tagged("post_install", "-at_install")
class TestTransfer(ManagerActionsCommon):
    def test_one_entry_moves_the_money(self):
        self._top_up(100)
        entry = self._transfer(40)
        self.assertEntry(
            entry, [(self.wallet_account, 40, 0), (self.wallet_account, 0, 40)]
        )
        debit, credit = entry.line_ids.sorted("balance", reverse=True)
        self.assertEqual(debit.wallet_id, self._wallet())
        self.assertEqual(credit.wallet_id, self._wallet(self.other))
        self.assertBalance(60)
        self.assertBalance(40, self._wallet(self.other))

    def test_the_reason_is_with_both_customers(self):
        self._top_up(100)
        entry = self._transfer(40)
        for wallet in (self._wallet(), self._wallet(self.other)):
            chatter = self._chatter(wallet)
            for text in ("Amal Haddad", "Bilal Nasser", entry.name, "Late delivery"):
                self.assertIn(text, chatter)
            self.assertIn(
                "Late delivery", self._movement_of(entry, wallet).document_name
            )
            item = entry.line_ids.filtered(lambda line, w=wallet: line.wallet_id == w)
            self.assertIn("Late delivery", item.name)

    def test_one_line_on_each_side_however_often_was_topped_up(self):
        self._top_up(30, date="2024-01-01")
        self._top_up(70, date="2024-01-02")
        entry = self._transfer(50)
        self.assertEntry(
            entry, [(self.wallet_account, 50, 0), (self.wallet_account, 0, 50)]
        )
        self.assertEqual(self._wallet(self.other).line_ids.wallet_lot_type, "paid")
        self.assertBalance(50)

    def test_a_bonus_stays_with_its_customer(self):
        self._top_up(100)
        self._adjust(25, lot_type="bonus")
        self.assertRefused(
            UserError,
            self._transfer,
            101,
            message=r"(?s)Only.*100\.00.*Amal Haddad.*101\.00.*bonus",
        )
        self.assertRefused(
            UserError, self._transfer, 126, message=r"(?s)125\.00.*126\.00"
        )
        self._transfer(100)
        wallet = self._wallet()
        self.assertEqual((wallet.balance, wallet.bonus_balance), (25, 25))
        self.assertEqual(self._wallet(self.other).bonus_balance, 0)

    def test_what_is_held_stays(self):
        self._top_up(100)
        self._wallet()._hold(30, self.customer)
        self.assertRefused(UserError, self._transfer, 71)
        self._transfer(70)
        self.assertBalance(30)

    def test_a_day_to_come_is_refused(self):
        self._top_up(100)
        later = fields.Date.add(fields.Date.today(), days=2)
        self.assertRefused(UserError, self._transfer, 5, date=later, message="future")

    def test_to_oneself_is_refused(self):
        self._top_up(100)
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        for target in (self.customer, contact):
            self.assertRefused(
                UserError, self._transfer, 40, target, message="already uses"
            )

    def test_to_a_contact_is_to_its_company(self):
        self._top_up(100)
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.other.id}
        )
        self._transfer(40, contact)
        self.assertBalance(40, self._wallet(self.other))

    def test_a_frozen_wallet_gives_nothing_but_takes(self):
        self._top_up(100)
        self._top_up(10, partner_id=self.other.id)
        self._wallet().action_freeze()
        self.assertRefused(UserError, self._transfer, 40, message="frozen")
        self._wallet().action_unfreeze()
        self._wallet(self.other).action_freeze()
        self._transfer(40)
        self.assertBalance(50, self._wallet(self.other))

    def test_it_pays_the_debt_of_the_other(self):
        self._top_up(100)
        self._top_up(10, partner_id=self.other.id)
        self._wallet(self.other).overdraft_limit = 50
        self._adjust(30, "down", wallet=self._wallet(self.other))
        self._transfer(40)
        other = self._wallet(self.other)
        self.assertBalance(20, other)
        self.assertEqual(other._get_available_for_pay_out(), 70)

    def test_currency_and_book_value_stay(self):
        currency = self.setup_other_currency(
            "BHD", rounding=0.001, rates=[("2024-01-01", 0.5), ("2025-01-01", 0.25)]
        )
        self._top_up(10.125, currency_id=currency.id, date="2024-06-01")
        entry = self._transfer(5.001, wallet=self._wallet(currency=currency))
        self.assertEntry(
            entry,
            [
                (self.wallet_account, 10.0, 0, 5.001, currency),
                (self.wallet_account, 0, 10.0, -5.001, currency),
            ],
        )
        self.assertBalance(5.124, self._wallet(currency=currency))
        self.assertBalance(5.001, self._wallet(self.other, currency))
        self.assertFalse(self._wallet(self.other))

    def test_there_and_back(self):
        self._top_up(100)
        for _time in range(2):
            self._transfer(100)
            self._transfer(100, self.customer, wallet=self._wallet(self.other))
        self.assertBalance(100)
        self.assertBalance(0, self._wallet(self.other))

    def test_a_customer_of_another_company_is_refused(self):
        self._top_up(100)
        self.other.company_id = self._other_company()
        self.assertRefused((UserError, AccessError), self._transfer, 40)

    def test_a_wallet_of_another_company_is_refused(self):
        company = self._other_company()
        wallet = self.env["customer.wallet"]._find_or_create(
            self.customer, company, company.currency_id
        )
        wallet.overdraft_limit = 100
        for name, vals in {
            "transfer": {"amount": 5, "target_partner_id": self.other.id},
            "adjustment": {"amount": 5, "account_id": self.goodwill.id},
        }.items():
            self.assertRefused(
                AccessError,
                lambda name=name, vals=vals: self._wizard(
                    name, wallet, **vals
                ).action_confirm(),
            )


@tagged("post_install", "-at_install")
class TestUndoOfManagerActions(ManagerActionsCommon):
    def test_undo_of_an_addition(self):
        self._top_up(100)
        entry = self._adjust(25)
        reversal = self._undo(entry)
        self.assertEntry(
            reversal, [(self.wallet_account, 25, 0), (self.goodwill, 0, 25)]
        )
        self.assertIn("wrong customer", reversal.ref)
        self.assertIn("wrong customer", self._chatter())
        self.assertIn(reversal.name, self._chatter())
        self.assertBalance(100)

    def test_undo_of_a_bonus(self):
        self._top_up(100)
        entry = self._adjust(25, lot_type="bonus")
        self._undo(entry)
        self.assertEqual(self._wallet().bonus_balance, 0)
        self.assertBalance(100)

    def test_undo_of_a_withdrawal_brings_the_same_lots_back(self):
        first = self._top_up(30, date="2024-01-01")
        second = self._top_up(70, date="2024-01-02")
        self._undo(self._adjust(50, "down"))
        self.assertEqual((first.wallet_residual, second.wallet_residual), (30, 70))
        self.assertBalance(100)

    def test_undo_by_a_wallet_manager_who_reads_no_entries(self):
        """What was done to a wallet by hand is undone with the same right."""
        self._top_up(100)
        entry = self._adjust(25)
        manager = new_test_user(
            self.env,
            "till_manager",
            "point_of_sale.group_pos_user,customer_wallet.group_wallet_manager",
        )
        self.env.flush_all()
        movement = self._movements()[-1].with_user(manager)
        self.assertTrue(movement.can_undo)
        with Form(
            self.env["customer.wallet.undo"]
            .with_user(manager)
            .with_context(**movement.action_undo()["context"])
        ) as form:
            self.assertEqual(form.ref, entry.ref)
            form.reason = "It was the wrong customer"
        form.record.action_confirm()
        self.assertEntry(
            entry.reversal_move_ids,
            [(line.account_id, line.credit, line.debit) for line in entry.line_ids],
        )
        self.assertBalance(100)

    def test_undo_of_a_transfer(self):
        top_up = self._top_up(100)
        self._undo(self._transfer(40))
        self.assertEqual(top_up.wallet_residual, 100)
        self.assertBalance(100)
        self.assertBalance(0, self._wallet(self.other))
        for wallet in (self._wallet(), self._wallet(self.other)):
            self.assertIn("wrong customer", self._chatter(wallet))

    def test_undo_works_once(self):
        self._top_up(100)
        entry = self._adjust(25)
        self._undo(entry)
        self.assertRefused(UserError, self._undo, entry, message="already been undone")
        self.assertRefused(
            UserError,
            self._undo,
            entry.reversal_move_ids,
            message="already been undone",
        )
        self.assertBalance(100)

    def test_undo_offers_itself_once(self):
        self._top_up(100)
        entry = self._adjust(25)
        movement = self._movement_of(entry).with_user(self.manager)
        self.assertTrue(movement.can_undo)
        action = movement.action_undo()
        self.assertEqual(action["context"]["default_move_id"], entry.id)
        self._undo(entry)
        movement.invalidate_recordset()
        self.assertFalse(movement.can_undo)
        reversal = self._movement_of(entry.reversal_move_ids).with_user(self.manager)
        self.assertFalse(reversal.can_undo)

    def test_undo_is_refused_when_the_money_is_gone(self):
        self._top_up(100)
        entry = self._transfer(40)
        invoice = self._invoice(30, partner_id=self.other.id)
        invoice.action_allocate_wallet()
        self.assertRefused(
            UserError,
            self._undo,
            entry,
            message=r"(?s)40\.00.*Bilal Nasser.*10\.00",
        )
        self._unallocate(invoice)
        self._undo(entry)
        self.assertBalance(100)

    def test_undo_when_other_money_is_there(self):
        self._top_up(100)
        invoice = self._invoice(90)
        entry = self._adjust(50)
        invoice.action_allocate_wallet()
        self._undo(entry)
        self.assertBalance(10)

    def test_undo_of_money_that_paid_something_takes_other_money(self):
        self._top_up(10, date="2024-01-01")
        entry = self._adjust(50, date="2023-01-01")
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        top_up = self._top_up(100)
        self._undo(entry)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(top_up.wallet_residual, 80)
        self.assertBalance(80)

    def test_undo_takes_nothing_out_of_a_frozen_wallet(self):
        self._top_up(100)
        entry = self._transfer(40)
        self._wallet(self.other).action_freeze()
        self.assertRefused(UserError, self._undo, entry, message="Bilal Nasser.*frozen")
        self._wallet(self.other).action_unfreeze()
        self._wallet().action_freeze()
        self._undo(entry)
        self.assertBalance(100)

    def test_odoos_own_reverse_entry_is_the_same_undo(self):
        self._top_up(100)
        entry = self._adjust(25)

        def reverse(user):
            wizard = (
                self.env["account.move.reversal"]
                .with_user(user)
                .with_context(active_model="account.move", active_ids=entry.ids)
                .create({"journal_id": entry.journal_id.id, "reason": "A mistake"})
            )
            wizard.reverse_moves()

        clerk = new_test_user(self.env, "clerk", "account.group_account_user")
        self.assertRefused(AccessError, reverse, clerk)
        reverse(self.manager)
        self.assertBalance(100)
        self.assertIn("A mistake", self._chatter())
        self.assertRefused(UserError, reverse, self.manager)

    def test_other_entries_are_not_undone_here(self):
        top_up = self._top_up(100)
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        for move in (top_up.move_id, self._allocation_of(invoice), invoice):
            self.assertRefused(
                UserError, self._undo, move, message="is not an adjustment, transfer"
            )

    def test_only_a_manager(self):
        self._top_up(100)
        entry = self._adjust(25)
        clerk = new_test_user(self.env, "clerk", "account.group_account_user")
        self.assertRefused(AccessError, self._undo, entry, user=clerk)
        movement = self._movement_of(entry).with_user(clerk)
        self.assertRefused(AccessError, movement.action_undo)

    def test_the_entry_stays_in_the_books(self):
        self._top_up(100)
        for entry in (self._adjust(25), self._transfer(25)):
            for action in (entry.button_draft, entry.button_cancel):
                self.assertRefused(UserError, action, message="stays in the books")


@tagged("post_install", "-at_install")
class TestFreezeAndLimit(ManagerActionsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})

    def _freeze(self, state, user=None):
        wizard = (
            self.env["customer.wallet.freeze"]
            .with_user(user or self.manager)
            .create(
                {
                    "wallet_ids": [fields.Command.set(self._wallet().ids)],
                    "state": state,
                    "reason": "The card was stolen",
                }
            )
        )
        wizard.action_confirm()
        self._flush_tracking()

    def test_freeze_and_unfreeze_with_a_reason(self):
        self._top_up(100)
        self._flush_tracking()
        wallet = self._wallet()
        for state in ("frozen", "open"):
            self._freeze(state)
            self.assertEqual(wallet.state, state)
            message = wallet.message_ids[0]
            self.assertIn("The card was stolen", message.body)
            self.assertEqual(message.sudo().tracking_value_ids.field_id.name, "state")

    def test_only_a_manager_freezes(self):
        self._top_up(100)
        clerk = new_test_user(self.env, "clerk", "account.group_account_user")
        self.assertRefused(AccessError, self._freeze, "frozen", clerk)

    def test_a_limit_is_in_the_chatter(self):
        self._top_up(100)
        wallet = self._wallet().with_user(self.manager)
        self._flush_tracking()
        wallet.overdraft_limit = 50
        self._flush_tracking()
        tracking = wallet.sudo().message_ids[0].tracking_value_ids
        self.assertEqual(tracking.field_id.name, "overdraft_limit")
        self.assertEqual(tracking.new_value_float, 50)

    def _limit_dialog(self, limit):
        dialog = Form(
            self.env["customer.wallet.limit"]
            .with_user(self.manager)
            .with_context(default_wallet_id=self._wallet().id)
        )
        dialog.overdraft_limit = limit
        dialog.reason = "Pays at the end of the month"
        return dialog.save()

    def test_a_reason_of_blanks_is_none(self):
        top_up = self._top_up(100)
        entry = self._adjust(25)
        wallet = self._wallet()
        actions = {"take.back": "action_take_back"}
        for name, vals in (
            ("undo", {"move_id": entry.id}),
            ("limit", {"wallet_id": wallet.id, "overdraft_limit": 50}),
            ("freeze", {"wallet_ids": [fields.Command.set(wallet.ids)]}),
            ("take.back", {"payment_id": top_up.id}),
        ):
            dialog = (
                self.env[f"customer.wallet.{name}"]
                .with_user(self.manager)
                .create({"reason": "  ", **vals})
            )
            with self.subTest(name):
                action = getattr(dialog, actions.get(name, "action_confirm"))
                self.assertRefused(UserError, action, message="Enter a reason")
        self.assertBalance(125)

    def test_the_dialog_of_the_limit_keeps_the_reason(self):
        self._top_up(100)
        self._flush_tracking()
        self._limit_dialog(50).action_confirm()
        self._flush_tracking()
        self.assertEqual(self._wallet().overdraft_limit, 50)
        self.assertIn("Pays at the end of the month", self._chatter(self._wallet()))

    def test_a_limit_is_an_amount(self):
        """NaN would be a limit without an end."""
        self._top_up(100)
        wallet = self._wallet().with_user(self.manager)
        dialog = self._limit_dialog(5)
        for record in (wallet, dialog):
            for amount in (float("nan"), float("inf"), "5", True, 1e15, 10**400):
                with self.subTest(record=record, amount=amount):
                    self.assertRefused(
                        UserError,
                        record.write,
                        {"overdraft_limit": amount},
                        message="valid amount",
                    )

    def test_the_dialog_of_the_limit_takes_no_negative_one(self):
        self._top_up(100)
        dialog = self._limit_dialog(-1)
        self.assertRefused(
            ValidationError, dialog.action_confirm, message="positive amount"
        )

    def test_a_limit_is_not_lower_than_the_debt(self):
        self._top_up(100)
        wallet = self._wallet()
        wallet.overdraft_limit = 50
        self._adjust(120, "down")
        self.assertRefused(
            ValidationError,
            wallet.write,
            {"overdraft_limit": 19},
            message=r"Amal Haddad owes .*20\.00",
        )
        wallet.overdraft_limit = 20

    def test_a_spend_costs_no_chatter(self):
        """A balance is computed: nothing is tracked and nothing is posted."""
        self._top_up(100)
        invoice = self._invoice(30)
        self._flush_tracking()
        messages = len(self._wallet().message_ids)
        invoice.action_allocate_wallet()
        self._flush_tracking()
        self.assertEqual(len(self._wallet().message_ids), messages)


@tagged("post_install", "-at_install")
class TestManagerActionsInTheBrowser(WalletTourCommon):
    def test_adjust_transfer_undo_freeze_and_check(self):
        other = self.env["res.partner"].create({"name": "Bilal Nasser"})
        account = self.company_data["default_account_expense"]
        account.name = "Wallet Goodwill"
        self._top_up(100)
        wallet = self._wallet()
        self._run_tour("customer_wallet_manager_actions", f"/odoo/wallets/{wallet.id}")

        adjustment, transfer = self.env["account.move"].search(
            [
                ("wallet_operation", "in", ("adjustment", "transfer")),
                ("reversed_entry_id", "=", False),
            ],
            order="id",
        )
        self.assertEntry(adjustment, [(account, 25, 0), (self.wallet_account, 0, 25)])
        self.assertEqual(len(adjustment.reversal_move_ids), 1)
        self.assertEqual(sum(transfer.line_ids.mapped("debit")), 40)
        self.assertBalance(60)
        self.assertBalance(40, self._wallet(other))
        self.assertEqual(wallet.state, "frozen")
