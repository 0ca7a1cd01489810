"""What docs/extending.md promises to other modules: each method of its table is
extended here, and what was added arrives.
"""

import csv
import io
from base64 import b64decode
from datetime import date, timedelta

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .extending_common import (
    MIXIN,
    ExtendingCommon,
    adds,
    adds_to_each,
    extends,
    read_rows,
)
from .paper_common import INVOICE, RECEIPT, PaperCommon
from .takeover_common import TakeoverCommon
from .till_common import TillSettleCommon

TICKET = "concert.ticket"
REFUSAL = "Ours: not on a Sunday"


def refuses(_test, _result):
    raise UserError(REFUSAL)


@tagged("post_install", "-at_install")
class TestDocumentOfYourOwn(ExtendingCommon):
    """What a document says for itself, and an operation of another module."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create({"name": "Basma Said"})
        cls._top_up(100)

    def _pay_ticket(self):
        self.ticket.action_allocate_wallet()
        return next(iter(self.ticket._get_wallet_parts()))

    @extends(MIXIN, "_get_wallet_owner", lambda test, _owner: test.other, on=TICKET)
    def test_somebody_else_pays(self):
        self._top_up(60, partner_id=self.other.id)
        self._pay_ticket()
        self.assertBalance(100)
        self.assertBalance(20, self._wallet(self.other))

    @extends(
        MIXIN, "_get_wallet_amounts_due", lambda test, due: (due[0] / 2, 0.0), on=TICKET
    )
    def test_half_of_it_is_due(self):
        self._pay_ticket()
        self.assertBalance(80)

    @extends(
        MIXIN,
        "_prepare_wallet_counterparts",
        adds_to_each(name="Ours"),
        on=TICKET,
    )
    def test_the_other_side_of_the_entry(self):
        entry = self._pay_ticket()
        self.assertEntry(entry, [(self.wallet_account, 40, 0), (self.income, 0, 40)])
        income = entry.line_ids.filtered(lambda it: it.account_id == self.income)
        self.assertEqual(income.name, "Ours")

    @extends(MIXIN, "_is_wallet_payable", lambda _test, _is_payable: False)
    def test_a_ticket_that_nobody_can_pay(self):
        self.assertRefused(UserError, self.ticket.action_allocate_wallet)

    @extends(
        MIXIN, "_is_wallet_usable", lambda _test, _is_usable: True, on="account.move"
    )
    def test_who_may_only_read_it_pays_it(self):
        auditor = new_test_user(
            self.env, "wallet_auditor", "account.group_account_readonly"
        )
        auditor.company_ids = auditor.company_id = self.company
        invoice = self._invoice(30)
        invoice.with_user(auditor).action_allocate_wallet()
        self.assertBalance(70)

    @extends(
        MIXIN,
        "_get_wallet_on_its_way",
        lambda _test, amount: amount + 30,
        on="account.move",
    )
    def test_what_is_paid_otherwise_is_left_alone(self):
        self.company.wallet_auto_allocate = True
        invoice = self._invoice(80)
        self.assertEqual(invoice.amount_residual, 30)
        self.assertBalance(50)

    @extends(
        MIXIN,
        "_get_wallet_family",
        lambda test, family: [*family, test.sold],
        on="account.move",
    )
    def test_a_credit_note_gives_back_the_bonus_of_another_invoice(self):
        self._give_bonus(20)
        self.sold = self._invoice(20)
        self.sold.action_allocate_wallet()
        self._invoice(50).action_allocate_wallet()
        self.assertKinds(50, 0)
        self._invoice(20, move_type="out_refund").action_refund_to_wallet()
        self.assertKinds(50, 20)

    @extends(
        MIXIN, "_get_wallet_shown_document", lambda test, _it: test.shown, on=TICKET
    )
    def test_the_history_shows_another_document(self):
        self.shown = self._make_ticket("Rows 7 to 9", 0)
        self._pay_ticket()
        self.assertEqual(self._movements()[-1:].document_name, "Rows 7 to 9")

    @extends(MIXIN, "_get_wallet_label", lambda _test, label: f"Ours: {label}")
    def test_what_the_items_say(self):
        item = self._pay_ticket().line_ids.filtered("wallet_id")
        self.assertEqual(item.name, "Ours: Paid from the wallet: Row 7")

    @extends(
        MIXIN,
        "_prepare_wallet_allocation_vals",
        lambda _test, vals: {**vals, "ref": f"Ours: {vals['ref']}"},
    )
    def test_what_the_entry_says(self):
        self.assertEqual(self._pay_ticket().ref, "Ours: Row 7")

    @extends(MIXIN, "_check_wallet_entry_undoable", refuses)
    def test_a_ticket_that_is_not_given_back(self):
        entry = self._pay_ticket()
        self.assertRefused(
            UserError, self.ticket.action_undo_wallet_entry, entry.id, message=REFUSAL
        )
        self.assertBalance(60)

    @extends(
        MIXIN,
        "_wallet_entry_undone",
        lambda test, _none: test.ticket.write({"name": "Free seat"}),
    )
    def test_what_else_ends_with_the_payment(self):
        self.ticket.action_undo_wallet_entry(self._pay_ticket().id)
        self.assertBalance(100)
        self.assertEqual(self.ticket.name, "Free seat")

    @extends(
        MIXIN,
        "_wallet_holds_lapsed",
        lambda test, _none: test.ticket.write({"name": "Free seat"}),
    )
    def test_what_else_ends_with_a_hold(self):
        late = fields.Datetime.now() - timedelta(hours=1)
        self._wallet()._hold(40, self.ticket, expires_at=late)
        self.assertEqual(self._wallet().available, 60)
        self._run_scheduled("lapse_holds")
        self.assertEqual(self._wallet().available, 100)
        self.assertEqual(self.ticket.name, "Free seat")

    # An operation of your own

    def test_it_moves_money_by_the_door_and_is_told_everywhere(self):
        wallet = self._wallet()
        cards = self.company_data["default_account_deferred_revenue"]
        entry = wallet._redeem_gift_card("CARD-7", 25, cards)
        self.assertEntry(entry, [(cards, 25, 0), (self.wallet_account, 0, 25)])
        self.assertEqual(entry.journal_id, self.company.wallet_journal_id)
        self.assertKinds(125, 0)
        movement = self._movements()[-1:]
        self.assertEqual((movement.kind, movement.amount), ("Gift Card", 25))
        today = fields.Date.today()
        self.assertRollForward(today, today)
        liability = self.env["customer.wallet.liability"].search(
            [("wallet_id", "=", wallet.id)]
        )
        self.assertEqual(liability.topped_up, 125)

    def test_it_does_nothing_that_its_row_does_not_allow(self):
        self._give_bonus(10)
        items = self._wallet()._prepare_taking_vals(10, "CARD-7")
        booking = [(vals, self.env["account.move.line"]) for vals in items]
        self.assertRefused(
            UserError,
            self._wallet()._book,
            "gift_card",
            booking,
            self.company,
            message="Gift Card",
        )


@tagged("post_install", "-at_install")
class TestExtending(TakeoverCommon, PaperCommon, AccountPaymentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("customer_wallet.group_wallet_manager")
        cls._top_up(100)

    def _pay_invoice(self, amount=30, **vals):
        self.invoice = self._invoice(amount, **vals)
        self.invoice.action_allocate_wallet()
        return self._allocation_of(self.invoice)

    def _undo(self, entry):
        self.invoice.action_undo_wallet_entry(entry.id)
        return entry.reversal_move_ids

    def _run_dialog(self, name, **vals):
        vals = {"wallet_id": self._wallet().id, "amount": 10, **vals}
        self.env[f"customer.wallet.{name}"].create(
            {"reason": "Goodwill", **vals}
        ).action_confirm()
        return self.env["account.move"].search(
            [("wallet_operation", "=", name)], order="id desc", limit=1
        )

    def _adjust(self, **vals):
        vals = {"account_id": self.promotion_account.id, **vals}
        return self._run_dialog("adjustment", **vals)

    # Entries

    @extends("customer.wallet", "_prepare_booking_vals", adds(narration="Ours"))
    def test_every_entry(self):
        entry = self._pay_invoice()
        self.assertEntry(
            entry, [(self.wallet_account, 30, 0), (self.receivable, 0, 30)]
        )
        self.assertIn("Ours", entry.narration)

    @extends("customer.wallet", "_prepare_item_vals", adds(name="Ours"))
    def test_every_item_of_a_wallet(self):
        item = self._pay_invoice().line_ids.filtered("wallet_id")
        self.assertEqual(item.name, "Ours")

    @extends(
        "customer.wallet",
        "_notify_moved",
        lambda test, _none: test.customer.write({"comment": "Ours"}),
    )
    def test_what_follows_when_money_has_moved(self):
        self._pay_invoice()
        self.assertIn("Ours", self.customer.comment)

    @extends("account.move.line", "_prepare_wallet_undo_vals", adds(name="Ours"))
    def test_what_books_an_item_back(self):
        reversal = self._undo(self._pay_invoice())
        self.assertEntry(
            reversal, [(self.wallet_account, 0, 30), (self.receivable, 30, 0)]
        )
        self.assertEqual(set(reversal.line_ids.mapped("name")), {"Ours"})

    @extends("account.move.line", "_get_wallet_undo_ref", lambda _test, _ref: "Ours")
    def test_what_a_reversal_says(self):
        self.assertEqual(self._undo(self._pay_invoice()).ref, "Ours")

    @extends(
        "account.move.line",
        "_prepare_wallet_discount_vals",
        lambda _test, vals_list: [{**vals, "name": "Ours"} for vals in vals_list],
    )
    def test_an_early_payment_discount(self):
        terms = self._discount_terms()
        entry = self._pay_invoice(50, invoice_payment_term_id=terms.id)
        loss = self.company.account_journal_early_pay_discount_loss_account_id
        item = entry.line_ids.filtered(lambda line: line.account_id == loss)
        self.assertEqual((item.debit, item.name), (1, "Ours"))

    # Dialogs

    @extends("customer.wallet.dialog", "_prepare_move_vals", adds(ref="Ours"))
    def test_the_entry_of_a_manager(self):
        self.assertEqual(self._adjust().ref, "Ours")

    @extends(
        "customer.wallet.adjustment", "_prepare_counterpart_vals", adds(name="Ours")
    )
    def test_the_other_side_of_an_adjustment(self):
        entry = self._adjust()
        item = entry.line_ids - entry.line_ids.filtered("wallet_id")
        self.assertEqual((item.account_id, item.debit), (self.promotion_account, 10))
        self.assertEqual(item.name, "Ours")

    @extends(
        "customer.wallet.adjustment", "_is_possible", lambda _test, _is_possible: False
    )
    def test_an_account_against_which_nobody_adjusts(self):
        self.assertRefused(UserError, self._adjust)

    @extends(
        "customer.wallet.transfer",
        "_prepare_items",
        lambda _test, items: [{**vals, "name": "Ours"} for vals in items],
    )
    def test_the_items_of_a_transfer(self):
        entry = self._run_dialog("transfer", target_partner_id=self.other.id)
        self.assertEntry(
            entry, [(self.wallet_account, 10, 0), (self.wallet_account, 0, 10)]
        )
        self.assertEqual(entry.line_ids.mapped("name"), ["Ours", "Ours"])

    @extends(
        "customer.wallet.credit",
        "_get_open_credits_domain",
        lambda _test, domain: domain & fields.Domain("move_id.ref", "!=", "Ours"),
    )
    def test_a_credit_that_is_not_offered(self):
        self._invoice(20, move_type="out_refund")
        self._invoice(30, move_type="out_refund", ref="Ours")
        credit = self.env["customer.wallet.credit"]._find_open_credits(self.customer)
        self.assertEqual(credit.amount_residual, -20)

    @extends("account.move.line", "_is_wallet_bound", lambda _test, _is_bound: True)
    def test_a_credit_that_belongs_to_something(self):
        self._invoice(20, move_type="out_refund")
        self.assertFalse(
            self.env["customer.wallet.credit"]._find_open_credits(self.customer)
        )

    @extends(
        "customer.wallet.allocation",
        "_prepare_allocation_vals",
        lambda test, vals: {**vals, "wallet_id": test._wallet().id},
    )
    @extends(
        "customer.wallet.allocation",
        "_get_proposed_amounts",
        lambda _test, amounts: dict.fromkeys(amounts, 5.0),
    )
    def test_the_dialog_that_pays_invoices(self):
        invoices = self._invoice(30) | self._invoice(40)
        allocation = self._open(invoices, "customer.wallet.allocation")
        self.assertEqual(allocation.wallet_id, self._wallet())
        self.assertEqual(allocation.line_ids.mapped("amount"), [5, 5])
        allocation.action_allocate()
        self.assertBalance(90)

    @extends("customer.wallet.allocation.batch", "_prepare_line_vals", adds(amount=5.0))
    def test_the_dialog_of_the_end_of_the_month(self):
        self._top_up(100, partner_id=self.other.id)
        invoices = self._invoice(30) | self._invoice(40, partner_id=self.other.id)
        batch = self._open(invoices, "customer.wallet.allocation.batch")
        self.assertEqual(batch.line_ids.mapped("amount"), [5, 5])

    def _open(self, invoices, model):
        action = invoices.action_open_wallet_allocation()
        self.assertEqual(action["res_model"], model)
        return self.env[model].browse(action["res_id"])

    @extends(
        "account.payment.register", "_prepare_wallet_difference_vals", adds(name="Ours")
    )
    def test_what_is_kept_of_a_payment(self):
        wizard = (
            self.env["account.payment.register"]
            .with_context(
                active_model="account.move", active_ids=self._invoice(100).ids
            )
            .create({"amount": 120, "payment_difference_handling": "wallet"})
        )
        payment = wizard._create_payments()
        kept = payment.move_id.line_ids.filtered("wallet_id")
        self.assertEqual((kept.credit, kept.name), (20, "Ours"))
        self.assertBalance(120)

    # Invoices and customers

    @extends("account.move", "_get_wallet_widget", adds(ours="Ours"))
    def test_the_section_on_the_invoice(self):
        self.assertEqual(self._invoice(30).wallet_widget["ours"], "Ours")

    @extends(
        "account.move",
        "_get_wallet_paper",
        lambda _test, paper: {
            **paper,
            "wallets": [{**row, "bonus": 7} for row in paper["wallets"]],
        },
    )
    def test_the_printed_invoice(self):
        self._pay_invoice()
        tree = self._print(INVOICE, self.invoice)
        self.assertIn("Bonus used $ 7.00", self._rows(tree, "//tr"))

    @extends(
        "account.move",
        "_get_wallet_payable_domain",
        lambda _test, domain: [*domain, ("ref", "!=", "Disputed")],
    )
    def test_invoices_that_are_not_proposed(self):
        disputed = self._invoice(30, ref="Disputed")
        self._invoice(40, ref="Agreed")
        self.customer.action_allocate_wallet()
        self.assertEqual(disputed.amount_residual, 30)
        self.assertBalance(60)

    @extends(
        "res.partner", "_is_wallet_auto_allocated", lambda _test, _is_allocated: True
    )
    def test_a_customer_whose_invoices_pay_themselves(self):
        self.assertEqual(self._invoice(30).payment_state, "paid")
        self.assertBalance(70)

    @extends(
        "res.partner", "_get_generic_customers", lambda test, found: found | test.other
    )
    def test_a_customer_who_stands_for_many(self):
        self.assertRefused(UserError, self._top_up, 10, partner_id=self.other.id)

    @extends("customer.wallet", "_prepare_payment_context", adds(default_memo="Ours"))
    def test_what_a_top_up_proposes(self):
        action = self._wallet().action_top_up()
        self.assertEqual(action["context"]["default_memo"], "Ours")

    @extends("account.payment", "_get_wallet_receipt", adds(balance_after=777))
    def test_the_receipt(self):
        tree = self._print(RECEIPT, self._top_up(10))
        self.assertIn(
            "Balance of the wallet after that $ 777.00",
            self._rows(tree, "//table[@name='wallet']//tr"),
        )

    # What people are told

    @extends(
        "customer.wallet", "_describe_allocation", lambda _test, text: f"Ours. {text}"
    )
    def test_the_chatter_of_the_invoice(self):
        self._pay_invoice()
        said = " ".join(map(str, self.invoice.message_ids.mapped("body")))
        self.assertIn("Ours. Paid from the wallet", said)

    @extends(
        "customer.wallet", "_get_mail_partners", lambda test, its: its | test.other
    )
    def test_who_gets_the_emails(self):
        self.other.email = "basma@example.com"
        self.company.wallet_mail_used = True
        self._pay_invoice()
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertEqual(mail.recipient_ids, self.customer | self.other)

    @extends("customer.wallet", "_get_dashboard", adds(ours="Ours"))
    def test_the_form_at_a_glance(self):
        self.assertEqual(self._wallet().dashboard["ours"], "Ours")

    @extends(
        "customer.wallet",
        "_get_statement_periods",
        lambda _test, periods: [*periods, ("decade", "Ten years")],
    )
    @extends(
        "customer.wallet",
        "_get_statement_dates",
        lambda _test, _dates: (date(2020, 1, 1), date(2029, 12, 31)),
    )
    def test_a_period_for_statements(self):
        statement = Form(
            self.env["customer.wallet.statement"].with_context(
                default_wallet_ids=self._wallet().ids
            )
        )
        statement.period = "decade"
        self.assertEqual(
            (statement.date_from, statement.date_to),
            (date(2020, 1, 1), date(2029, 12, 31)),
        )

    @extends(
        "customer.wallet",
        "_get_statement_headings",
        lambda _test, headings: [*headings, "Ours"],
    )
    @extends(
        "customer.wallet",
        "_iterate_statement_rows",
        lambda _test, rows: ([*row, "added"] for row in rows),
    )
    def test_a_column_in_the_file_of_a_statement(self):
        content = self._wallet()._make_statement_file("csv")
        head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        self.assertEqual(head[-1], "Ours")
        self.assertEqual({row[-1] for row in rows}, {"added"})

    # The law

    @extends(
        "customer.wallet",
        "_get_goods_kept_conditions",
        lambda _test, conditions: [*conditions, SQL("FALSE")],
    )
    def test_what_counts_as_goods_kept(self):
        """Where nothing counts, a bonus has bought nothing, and comes back as such."""
        self._give_bonus(20)
        self._pay_invoice(20)
        self.assertTrue(
            self.env["customer.wallet.check"]._find_differences(self.company)
        )

    # The check

    @extends(
        "customer.wallet.check",
        "_find_differences",
        lambda test, found: [*found, test._difference()],
    )
    @extends(
        "customer.wallet.check", "_get_managers", lambda test, _users: test.checker
    )
    def test_a_difference_of_your_own_is_told_to_whom_you_say(self):
        self.checker = new_test_user(
            self.env, "wallet_checker", "account.group_account_invoice"
        )
        self.checker.company_ids = self.checker.company_id = self.company
        self.env["customer.wallet.check"]._cron_check()
        told = self.env["mail.activity"].search([("user_id", "=", self.checker.id)])
        self.assertIn("Differences between wallets and books: 1", told.summary)

    def _difference(self):
        return {
            "kind": "item",
            "company_id": self.company.id,
            "currency_id": self.company.currency_id.id,
            "partner_id": self.customer.id,
            "wallet_id": self._wallet().id,
            "document": "Ours",
            "expected": 1.0,
            "actual": 2.0,
        }

    # Bonus

    @extends("customer.wallet.promotion", "_is_for", lambda _test, _is_for: False)
    def test_who_gets_it(self):
        self._promotion()
        self._top_up(100)
        self.assertKinds(200, 0)

    @extends("customer.wallet.promotion", "_get_bonus", lambda _test, it: it + 5)
    def test_how_much_it_is(self):
        self._promotion()
        self._top_up(100)
        self.assertKinds(200, 15)

    @extends(
        "customer.wallet.promotion",
        "_get_expiry_date",
        lambda _test, _date: date(2099, 12, 31),
    )
    def test_until_when(self):
        self._promotion()
        [grant] = self._lots_of(self._top_up(100))
        self.assertEqual(grant.wallet_expiry_date, date(2099, 12, 31))

    @extends(
        "customer.wallet.promotion",
        "_get_preference",
        lambda _test, preference: tuple(-part for part in preference),
    )
    def test_which_of_two_equal_ones(self):
        self._promotion()
        second = self._promotion(name="Summer bonus")
        bonus = self._bonus_of(self._top_up(100))
        self.assertEqual(bonus.wallet_promotion_id, second)

    @extends(
        "customer.wallet.promotion",
        "_get_condition_texts",
        lambda _test, texts: [*texts, "not on a Sunday"],
    )
    def test_what_its_conditions_say(self):
        self.assertIn("not on a Sunday", self._promotion().conditions)

    @extends("customer.wallet.promotion", "_prepare_wallet_bonus_vals", adds(ref="Us"))
    @extends(
        "customer.wallet",
        "_prepare_promotion_expense_vals",
        lambda test, vals: {**vals, "analytic_distribution": test.distribution},
    )
    def test_its_entry(self):
        self._promotion()
        self.distribution = {str(self._make_analytic_account().id): 100}
        entry = self._bonus_of(self._top_up(100))
        self.assertEntry(
            entry, [(self.promotion_account, 10, 0), (self.bonus_account, 0, 10)]
        )
        self.assertEqual(entry.ref, "Us")
        expense = entry.line_ids.filtered("debit")
        self.assertEqual(expense.analytic_distribution, self.distribution)

    def _make_analytic_account(self):
        plan = self.env["account.analytic.plan"].create({"name": "Campaigns"})
        return self.env["account.analytic.account"].create(
            {"name": "Spring", "plan_id": plan.id}
        )

    @extends(
        "customer.wallet", "_get_expiry_label", lambda _test, label: f"Ours: {label}"
    )
    def test_what_says_that_it_has_expired(self):
        with freeze_time("2026-03-01"):
            self._give_bonus(10, expiry="2026-03-10", date="2026-03-01")
        self._wallet()._book_expiry(date(2026, 3, 11))
        expiry = self.env["account.move"].search([("wallet_operation", "=", "expiry")])
        item = expiry.line_ids.filtered("wallet_id")
        self.assertIn("Ours: Winter offer", item.name)
        self.assertKinds(100, 0)

    @extends(
        "account.move.line", "_get_wallet_grant_order", lambda _test, key: -key[-1]
    )
    def test_which_bonus_is_used_first(self):
        first, last = (self._give_bonus(10).line_ids for _number in range(2))
        self._invoice(10).action_allocate_wallet()
        grants = (first | last).filtered("wallet_id")
        self.assertEqual(
            [self._wallet()._get_left_of(grant) for grant in grants], [10, 0]
        )

    # Online

    @extends("payment.transaction", "_prepare_wallet_payment_vals", adds(memo="Ours"))
    def test_the_payment_of_an_online_top_up(self):
        tx = self._create_transaction(
            "redirect",
            amount=50,
            currency_id=self.company.currency_id.id,
            partner_id=self.customer.id,
            wallet_top_up_partner_id=self.customer.id,
        )
        tx._set_done()
        tx._post_process()
        self.assertEqual((tx.payment_id.amount, tx.payment_id.memo), (50, "Ours"))
        self.assertBalance(150)

    @extends(
        "customer.wallet", "_prepare_recurring_token_vals", adds(provider_ref="Ours")
    )
    def test_the_saved_payment_method_of_a_wallet(self):
        self.company._find_wallet_provider().state = "enabled"
        user = new_test_user(self.env, "owner", "base.group_portal")
        user.partner_id.parent_id = self.customer
        self._wallet().with_user(user).sudo()._allow_recurring_charges(20)
        token = self._wallet().sudo().recurring_token_ids
        self.assertEqual(token.provider_ref, "Ours")

    # What a new company has

    @extends("res.company", "_prepare_wallet_account_vals", adds(note="Ours"))
    @extends("res.company", "_prepare_wallet_bonus_account_vals", adds(note="Ours"))
    @extends("res.company", "_prepare_wallet_promotion_account_vals", adds(note="Ours"))
    @extends("res.company", "_prepare_wallet_journal_vals", adds(sequence=77))
    @extends("pos.payment.method", "_prepare_standard_method_vals", adds(sequence=77))
    def test_what_a_company_gets(self):
        company = self.env["res.company"].create({"name": "Another Company"})
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
        for account in (
            company.wallet_account_id,
            company.wallet_bonus_account_id,
            company.wallet_promotion_account_id,
        ):
            self.assertEqual(account.note, "Ours")
        methods = (
            self.env["pos.payment.method"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    "|",
                    ("is_wallet", "=", True),
                    ("auto_invoice", "=", True),
                ]
            )
        )
        self.assertEqual(len(methods), 2)
        self.assertEqual(company.wallet_journal_id.sequence, 77)
        self.assertEqual(methods.mapped("sequence"), [77, 77])

    @extends("payment.provider", "_prepare_wallet_provider_vals", adds(sequence=77))
    def test_the_payment_provider_of_a_company_that_has_none(self):
        self.company._find_wallet_provider().unlink()
        self.company._ensure_wallet_accounting()
        self.assertEqual(self.company._find_wallet_provider().sequence, 77)

    # Balances from elsewhere

    @extends(
        "customer.wallet.takeover",
        "_selection_source",
        lambda _test, sources: [*sources, ("ours", "Our Old Shop")],
    )
    def test_a_source_of_your_own(self):
        takeover = self.registry["customer.wallet.takeover"]
        currency = self.company.currency_id

        def read(its):
            return [
                its._prepare_row(
                    currency, 75.0, partner_id=self.customer.id, key='["ours", 1]'
                )
            ]

        for name, method in (
            ("_read_ours_rows", read),
            ("_check_ours_settings", lambda its: its._check_account()),
        ):
            setattr(takeover, name, method)
            self.addCleanup(delattr, takeover, name)
        ours = self._takeover("ours")
        sources = ours.fields_get(["source"])["source"]["selection"]
        self.assertIn(("ours", "Our Old Shop"), sources)
        ours.action_check()
        ours.action_book()
        self.assertEntry(
            self._entry(ours),
            [(self.wallet_account, 0, 75), (self.opening_account, 75, 0)],
        )

    @extends("customer.wallet.takeover", "_get_columns", adds(memo="Memo"))
    @extends("customer.wallet.takeover", "_prepare_file_row", adds(name="Ours"))
    def test_a_column_of_a_file(self):
        takeover = self._import("Name,Amount,Memo\nAmal Haddad,100,VIP\n")
        template = load_workbook(io.BytesIO(b64decode(takeover.template)))
        self.assertEqual([cell.value for cell in template.active[1]][-1], "Memo")
        self.assertEqual(takeover.line_ids.name, "Ours")
        self.assertBalance(200)

    @extends("customer.wallet.takeover", "_prepare_record_row", adds(name="Ours"))
    def test_an_amount_on_records(self):
        self.env.user.group_ids |= self.env.ref("base.group_system")
        self.customer.partner_latitude = 12
        takeover = self._takeover(
            "field",
            amount_field_id=self.env["ir.model.fields"]
            ._get("res.partner", "partner_latitude")
            .id,
            domain=f"[('id', '=', {self.customer.id})]",
            source_balance="keep",
        )
        takeover.action_check()
        self.assertRecordValues(takeover.line_ids, [{"name": "Ours", "paid": 12}])

    @extends(
        "customer.wallet.takeover",
        "_prepare_counterparts_vals",
        lambda _test, vals_list: [{**vals, "name": "Ours"} for vals in vals_list],
    )
    @extends(
        "customer.wallet.takeover.line",
        "_prepare_items",
        lambda _test, vals_list: [{**vals, "name": "Theirs"} for vals in vals_list],
    )
    def test_the_opening_entry(self):
        entry = self._entry(self._import("Name,Amount\nAmal Haddad,100\n"))
        self.assertEntry(
            entry, [(self.wallet_account, 0, 100), (self.opening_account, 100, 0)]
        )
        self.assertEqual(entry.line_ids.mapped("name"), ["Theirs", "Ours"])


@tagged("post_install", "-at_install")
class TestTill(TillSettleCommon):
    """The customer has 500, owes 50, and a till is open."""

    def _sell(self, **vals):
        return self._sync(self._order_data([(self.wallet_pm, 100)], **vals))

    @extends("pos.payment", "_get_wallet_label", lambda _test, label: f"Ours: {label}")
    def test_what_an_item_of_the_till_says(self):
        order = self._sell()
        self._close_session()
        item = order.payment_ids.wallet_move_id.line_ids.filtered("wallet_id")
        self.assertEqual(item.name, f"Ours: Customer Wallet: {order.name}")

    @extends(
        "pos.payment",
        "_prepare_wallet_session_items",
        adds_to_each(name="Ours"),
    )
    def test_the_entry_of_a_session(self):
        order = self._sell()
        self._close_session()
        entry = order.payment_ids.wallet_move_id
        self.assertEqual(
            self._items(entry),
            [
                ("till", "", 0, 100),
                ("wallet", self.customer.name, 100, 0),
            ],
        )
        self.assertEqual(set(entry.line_ids.mapped("name")), {"Ours"})

    @extends(
        "pos.payment",
        "_prepare_wallet_gift_vals",
        lambda _test, vals_list: [{**vals, "name": "Ours"} for vals in vals_list],
    )
    def test_a_top_up_at_the_till(self):
        order = self._sync(self._top_up_data(20))
        entry = order.payment_ids.wallet_move_id
        self.assertEqual(entry.line_ids.filtered("wallet_id").name, "Ours")
        self.assertBalance(520)

    @extends("pos.payment", "_prepare_settlement_entry_vals", adds(ref="Ours"))
    def test_what_is_settled_at_the_till(self):
        order = self._settle([(self.cash_pm1, 50)], [(self._due(self.invoice), 50)])
        self.assertEqual(order.payment_ids.settlement_move_id.ref, "Ours")
        self.assertEqual(self.invoice.amount_residual, 0)

    @extends("pos.order", "_check_wallet_order", refuses)
    def test_an_order_that_no_wallet_pays(self):
        order = self._order_data([(self.wallet_pm, 100)])
        self.assertOrdersRefused(order, message=REFUSAL)


@tagged("post_install", "-at_install")
class TestTable(TransactionCase):
    def test_each_row_of_the_page_is_tested_and_nothing_else(self):
        tested = [
            row
            for case in globals().values()
            if isinstance(case, type)
            for name, test in vars(case).items()
            if name.startswith("test_")
            for row in getattr(test, "extended", ())
        ]
        # The worked operation of the page extends it.
        tested.append(("customer.wallet", "_get_operations"))
        self.assertEqual(sorted(tested), sorted(read_rows()))

    def test_each_method_says_what_it_is_for(self):
        for model, method in read_rows():
            with self.subTest(model=model, method=method):
                definitions = [
                    vars(definition)[method]
                    for definition in self.registry[model].mro()
                    if method in vars(definition)
                ]
                self.assertTrue(any(it.__doc__ for it in definitions))
