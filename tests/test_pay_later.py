from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import RecordCapturer, new_test_user, tagged

from odoo.addons.account.models.account_move_send import AccountMoveSend

from .till_common import PayLaterCommon


@tagged("post_install", "-at_install")
class TestPayLaterMethod(PayLaterCommon):
    def test_method_of_each_company(self):
        method = self.pay_later_pm
        self.assertRecordValues(
            method,
            [
                {
                    "name": "Pay Later",
                    "type": "pay_later",
                    "split_transactions": True,
                    "auto_invoice": True,
                    "company_id": self.company.id,
                    "active": True,
                }
            ],
        )

    def test_later_company_has_its_own_method(self):
        company = self._new_company()
        method = self.PaymentMethod.search(
            [("company_id", "=", company.id), ("auto_invoice", "=", True)]
        )
        self.assertEqual(len(method), 1)
        self.assertNotEqual(method, self.pay_later_pm)

    def test_branch_has_its_own_method(self):
        branch = self._new_company("Branch", parent_id=self.company.id)
        self.env.cr.precommit.run()  # where core sets up the accounting of a branch
        method = self.PaymentMethod._get_standard_method(branch, "pay_later")
        self.assertEqual(method.company_id, branch)
        till = self._new_till(branch, payment_method_ids=[Command.set(method.ids)])
        self.assertEqual(till.payment_method_ids, method)

    def test_company_without_chart_of_accounts_has_none(self):
        company = self.env["res.company"].create({"name": "No Chart"})
        self.assertFalse(self.PaymentMethod._ensure_standard_methods(company))
        self.assertFalse(self.PaymentMethod._get_standard_method(company, "pay_later"))

    def test_first_till_makes_the_method_that_is_missing(self):
        company = self._new_company()
        self.PaymentMethod._get_standard_method(company, "pay_later").unlink()
        till = self._new_till(company)
        self.assertEqual(
            self.PaymentMethod._get_standard_method(company, "pay_later"),
            till.payment_method_ids.filtered("auto_invoice"),
        )

    def test_later_till_offers_pay_later(self):
        self.assertIn(self.pay_later_pm, self._new_till().payment_method_ids)

    def _customer_account(self, **vals):
        """A company whose till has core's *Customer Account*, and no *Pay Later*."""
        company = self._new_company()
        self.PaymentMethod._get_standard_method(company, "pay_later").unlink()
        account = self.PaymentMethod.with_company(company).create(
            {
                "name": "Customer Account",
                "split_transactions": True,
                "company_id": company.id,
                **vals,
            }
        )
        self._new_till(company, payment_method_ids=[Command.set(account.ids)])
        return account

    def test_a_customer_account_that_nobody_used_becomes_pay_later(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        account = self._customer_account()
        account.with_context(lang="fr_FR").name = "Compte client"
        company = account.company_id
        self.assertEqual(self.PaymentMethod._init_standard_methods(company), account)
        self.assertRecordValues(account, [{"name": "Pay Later", "auto_invoice": True}])
        self.assertNotEqual(account.with_context(lang="fr_FR").name, "Compte client")
        self.assertEqual(
            self.PaymentMethod._get_standard_method(company, "pay_later"), account
        )
        self.assertIn(account, account.config_ids.payment_method_ids)
        self.assertFalse(self.PaymentMethod._init_standard_methods(company))

    def test_a_customer_account_that_was_made_for_something_else_stays(self):
        account = self._customer_account(name="House Account")
        made = self.PaymentMethod._init_standard_methods(account.company_id)
        self.assertEqual(made.mapped("name"), ["Pay Later"])
        self.assertRecordValues(
            account, [{"name": "House Account", "auto_invoice": False}]
        )

    def test_a_customer_account_in_use_stays(self):
        self.open_new_session()
        self._sync(self._order_data([(self.customer_account_pm, 100)]))
        self._close_session()
        self.assertFalse(self.PaymentMethod._find_unused_customer_account(self.company))
        account = self._customer_account()
        account.config_ids.open_ui()
        self.assertFalse(
            self.PaymentMethod._find_unused_customer_account(account.company_id)
        )

    def test_till_of_the_onboarding_offers_pay_later(self):
        company = self._new_company()
        action = (
            self.env["pos.config"]
            .with_company(company)
            .load_onboarding_retail_scenario(with_demo_data=False)
        )
        till = self.env["pos.config"].browse(action["config_id"])
        method = self.PaymentMethod._get_standard_method(company, "pay_later")
        self.assertIn(method, till.payment_method_ids)

    def test_chosen_methods_of_a_till_are_left_alone(self):
        till = self._new_till(payment_method_ids=[Command.set(self.bank_pm1.ids)])
        self.assertEqual(till.payment_method_ids, self.bank_pm1)

    def test_method_is_made_once(self):
        self.assertFalse(self.PaymentMethod._init_standard_methods(self.company))
        self.assertFalse(self.PaymentMethod._ensure_standard_methods(self.company))

    def test_changed_method_is_left_as_it_is(self):
        for change in ({"name": "On Account"}, {"active": False}):
            with self.subTest(change=change):
                self.pay_later_pm.write(change)
                self.assertFalse(
                    self.PaymentMethod._ensure_standard_methods(self.company)
                )
                self.assertRecordValues(self.pay_later_pm, [change])

    def test_switched_off_method_is_left_as_it_is(self):
        self.pay_later_pm.auto_invoice = False
        self.assertFalse(self.PaymentMethod._ensure_standard_methods(self.company))
        self.assertFalse(self.pay_later_pm.auto_invoice)

    def test_archived_method_is_not_offered_by_later_tills(self):
        self.pay_later_pm.active = False
        till = self._new_till().with_context(active_test=False)
        self.assertNotIn(self.pay_later_pm, till.payment_method_ids)

    def test_method_taken_off_a_till_stays_off(self):
        self.config.payment_method_ids = [Command.unlink(self.pay_later_pm.id)]
        self.PaymentMethod._init_standard_methods(self.company)
        self.open_new_session()
        self._close_session()
        self.assertNotIn(self.pay_later_pm, self.config.payment_method_ids)

    def test_installing_again_takes_the_method_back(self):
        self.open_new_session()  # a till that is open does not stand in the way
        self.env.cr.execute("UPDATE pos_payment_method SET auto_invoice = NULL")
        self.PaymentMethod.invalidate_model(["auto_invoice"])
        self.assertFalse(self.PaymentMethod._init_standard_methods(self.company))
        self.assertTrue(self.pay_later_pm.auto_invoice)
        self.assertFalse(self.customer_account_pm.auto_invoice)

    def test_uninstalling_keeps_the_method(self):
        """Its external id is not in our name, so it is not deleted with the addon."""
        xmlids = self.env["ir.model.data"].search(
            [
                ("model", "=", "pos.payment.method"),
                ("res_id", "=", self.pay_later_pm.id),
            ]
        )
        self.assertTrue(xmlids)
        self.assertNotIn("customer_wallet", xmlids.mapped("module"))
        self.assertTrue(all(xmlids.mapped("noupdate")))

    def test_open_till_gets_the_method_when_it_closes(self):
        company = self._new_company()
        self.PaymentMethod._get_standard_method(company, "pay_later").unlink()
        closed_till = self._new_till(
            company, payment_method_ids=[Command.set(self._card(company).ids)]
        )
        open_till = self._new_till(
            company, payment_method_ids=[Command.set(self._card(company).ids)]
        )
        open_till.open_ui()
        open_till.current_session_id.set_opening_control(0, None)

        method = self.PaymentMethod._ensure_standard_methods(company)

        self.assertEqual(len(method), 1)
        self.assertIn(method, closed_till.payment_method_ids)
        self.assertNotIn(method, open_till.payment_method_ids)

        session = open_till.current_session_id
        cashier = new_test_user(
            self.env,
            login="other_wallet_cashier",
            groups="base.group_user,point_of_sale.group_pos_user",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        session.with_user(cashier).close_session_from_ui()
        self.assertEqual(session.state, "closed")
        self.assertIn(method, open_till.payment_method_ids)
        self.assertFalse(open_till.pending_payment_method_ids)

    def _card(self, company):
        bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )
        return self.PaymentMethod.create(
            {"name": "Card", "journal_id": bank.id, "company_id": company.id}
        )

    def test_till_that_cannot_be_changed_does_not_stop_its_closing(self):
        self.config.payment_method_ids = [Command.unlink(self.pay_later_pm.id)]
        self.config.pending_payment_method_ids = self.pay_later_pm
        self.open_new_session()
        self.config.invoice_journal_id.currency_id = self.other_currency
        with self.assertLogs("odoo.addons.customer_wallet.models.pos_config") as logs:
            self._close_session()
        self.assertEqual(self.pos_session.state, "closed")
        self.assertNotIn(self.pay_later_pm, self.config.payment_method_ids)
        self.assertIn("same currency", logs.output[0])

    def test_till_knows_the_switch(self):
        fields_loaded = self.PaymentMethod._load_pos_data_fields(self.config)
        self.assertIn("auto_invoice", fields_loaded)


@tagged("post_install", "-at_install")
class TestPayLaterOrder(PayLaterCommon):
    def test_order_paid_later_is_invoiced_and_stays_due(self):
        self._run_test(
            {
                "payment_methods": self.methods,
                "orders": [
                    {
                        "pos_order_lines_ui_args": [(self.product, 1)],
                        "payments": [(self.pay_later_pm, 100)],
                        "customer": self.customer,
                        "is_invoiced": False,
                        "uuid": "00100-010-0001",
                    },
                ],
                "journal_entries_before_closing": {
                    "00100-010-0001": {
                        "invoice": {
                            "journal_id": self.config.invoice_journal_id.id,
                            "state": "posted",
                            "payment_state": "not_paid",
                            "amount_residual": 100,
                            "line_ids": [
                                self._line(self.sales_account, credit=100),
                                self._line(self.c1_receivable, debit=100),
                            ],
                        },
                        "payments": [],
                    },
                },
                "journal_entries_after_closing": {
                    "session_journal_entry": False,
                    "cash_statement": [],
                    "bank_payments": [],
                },
            }
        )

    def _line(self, account, debit=0, credit=0, partner=None, reconciled=False, **more):
        partner = self.customer if partner is None else partner
        return {
            "account_id": account.id,
            "partner_id": partner and partner.id,
            "debit": debit,
            "credit": credit,
            "reconciled": reconciled,
            **more,
        }

    def test_part_paid_in_cash_leaves_the_rest_due(self):
        payments = [(self.cash_pm1, 40), (self.pay_later_pm, 60)]
        self._run_test(
            {
                "payment_methods": self.methods,
                "orders": [
                    {
                        "pos_order_lines_ui_args": [(self.product, 1)],
                        "payments": payments,
                        "customer": self.customer,
                        "is_invoiced": False,
                        "uuid": "00100-010-0002",
                    },
                ],
                "journal_entries_before_closing": {
                    "00100-010-0002": self._invoice_part_paid_in_cash()
                },
                "journal_entries_after_closing": self._closing_with_that_cash(),
            }
        )

    def _invoice_part_paid_in_cash(self):
        """An invoice of 100, of which 40 were paid in cash."""
        invoice_lines = [
            self._line(self.sales_account, credit=100),
            self._line(self.c1_receivable, debit=100, partially_reconciled=True),
        ]
        cash_lines = [
            self._line(
                self.c1_receivable,
                credit=40,
                reconciled=True,
                partially_reconciled=True,
            ),
            self._line(self.pos_receivable_account, debit=40, partner=False),
        ]
        return {
            "invoice": {
                "payment_state": "partial",
                "amount_residual": 60,
                "line_ids": invoice_lines,
            },
            "payments": [((self.cash_pm1, 40), {"line_ids": cash_lines})],
        }

    def _closing_with_that_cash(self):
        """What the session books of 40 in cash that an invoice was paid with."""
        cash_receivable = self.cash_pm1.receivable_account_id
        cash_account = self.cash_pm1.journal_id.default_account_id
        session_lines = [
            self._line(cash_receivable, debit=40, partner=False, reconciled=True),
            self._line(
                self.pos_receivable_account, credit=40, partner=False, reconciled=True
            ),
        ]
        statement_lines = [
            self._line(cash_account, debit=40, partner=False),
            self._line(cash_receivable, credit=40, partner=False, reconciled=True),
        ]
        return {
            "session_journal_entry": {"line_ids": session_lines},
            "cash_statement": [((40,), {"line_ids": statement_lines})],
            "bank_payments": [],
        }

    def test_due_date_follows_the_customers_payment_terms(self):
        self.customer.property_payment_term_id = self.payment_term
        self.open_new_session()
        invoice = self._sync(self._order_data([(self.pay_later_pm, 100)])).account_move
        self.assertEqual(invoice.invoice_payment_term_id, self.payment_term)
        self.assertEqual(
            invoice.invoice_date_due, fields.Date.add(invoice.invoice_date, days=30)
        )

    def test_contact_of_a_company_is_invoiced_to_the_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self.open_new_session()
        order = self._sync(
            self._order_data([(self.pay_later_pm, 100)], customer=contact)
        )
        self.assertEqual(order.partner_id, contact)
        self.assertEqual(order.account_move.commercial_partner_id, self.customer)

    def test_change_given_on_the_cash_part(self):
        """60 later and 50 cash for 100: ten go back, sixty stay due."""
        self.open_new_session()
        order = self._sync(
            self._order_data(
                [(self.pay_later_pm, 60), (self.cash_pm1, 50)], amount_return=-10
            )
        )
        self.assertEqual(order.amount_paid, 100)
        self.assertEqual(order.account_move.amount_residual, 60)
        self._close_session(counted_cash=40)
        self.assertEqual(order.account_move.amount_residual, 60)

    def test_several_orders_in_one_sync(self):
        self.open_new_session()
        later, cash, account, mixed = self._sync(
            self._order_data([(self.pay_later_pm, 100)]),
            self._order_data([(self.cash_pm1, 100)]),
            self._order_data([(self.customer_account_pm, 100)]),
            self._order_data([(self.bank_pm1, 30), (self.pay_later_pm, 70)]),
        )
        self.assertEqual(later.account_move.amount_residual, 100)
        self.assertFalse(cash.account_move)
        self.assertEqual(cash.state, "paid")
        self.assertFalse(account.account_move)
        self.assertEqual(account.state, "paid")
        self.assertEqual(mixed.account_move.amount_residual, 70)
        self.assertEqual((later | mixed).mapped("state"), ["done", "done"])

    def test_customer_account_keeps_its_behaviour_until_switched_on(self):
        self.open_new_session()
        data = self._order_data([(self.customer_account_pm, 100)])
        order = self._sync(data)
        self._close_session()
        self.assertFalse(order.account_move)
        receivable = order.session_id.move_id.line_ids.filtered(
            lambda line: line.partner_id == self.customer
        )
        self.assertRecordValues(
            receivable, [{"account_id": self.c1_receivable.id, "balance": 100}]
        )

        self.customer_account_pm.auto_invoice = True
        self.open_new_session()
        order = self._sync(self._order_data([(self.customer_account_pm, 100)]))
        self.assertEqual(order.account_move.amount_residual, 100)

    def test_switch_means_nothing_on_other_methods(self):
        (self.cash_pm1 | self.bank_pm1).auto_invoice = True
        self.open_new_session()
        orders = self._sync(
            self._order_data([(self.cash_pm1, 100)]),
            self._order_data([(self.bank_pm1, 100)]),
        )
        self.assertFalse(orders.account_move)

    def test_same_order_sent_twice_is_invoiced_once(self):
        self.open_new_session()
        data = self._order_data([(self.pay_later_pm, 100)])
        order = self._sync(data)
        invoice = order.account_move
        again = self._sync(data)
        self.assertEqual(again, order)
        self.assertEqual(order.account_move, invoice)
        self.assertEqual(
            self.env["account.move"].search([("partner_id", "=", self.customer.id)]),
            invoice,
        )
        self.assertEqual(len(order.payment_ids), 1)

    def test_draft_with_a_pay_later_line_is_not_invoiced(self):
        self.open_new_session()
        data = self._order_data([(self.pay_later_pm, 100)], state="draft")
        order = self._sync(data)
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.account_move)
        self.assertFalse(order.to_invoice)

        data = {**data, "state": "paid", "payment_ids": [], "lines": []}
        data["access_token"] = order.access_token
        self._sync(data)
        self.assertEqual(order.state, "done")
        self.assertEqual(order.account_move.amount_residual, 100)

    def test_customer_is_required(self):
        self.open_new_session()
        data = self._order_data([(self.pay_later_pm, 100)], customer=False)
        self.assertOrdersRefused(data, message="Customer is required for Pay Later")

    def test_deleted_customer_refuses_the_order(self):
        stranger = self.env["res.partner"].create({"name": "Gone"})
        self.open_new_session()
        data = self._order_data([(self.pay_later_pm, 100)], customer=stranger)
        stranger.unlink()
        self.assertOrdersRefused(data, message="Customer is required for Pay Later")

    def test_line_of_zero_is_not_paying_later(self):
        self.open_new_session()
        order = self._sync(
            self._order_data([(self.cash_pm1, 100), (self.pay_later_pm, 0)])
        )
        self.assertEqual(order.state, "paid")
        self.assertFalse(order.account_move)

    def test_pressing_invoice_as_well_makes_one_invoice(self):
        self.open_new_session()
        order = self._sync(
            self._order_data([(self.pay_later_pm, 100)], to_invoice=True)
        )
        self.assertEqual(order.account_move.amount_residual, 100)
        self.assertEqual(
            self.env["account.move"].search_count(
                [("partner_id", "=", self.customer.id)]
            ),
            1,
        )

    def test_invoice_is_printed_and_sent_in_the_background(self):
        """The till does not wait for it, nor is an order lost for want of a printer."""
        self.open_new_session()
        error = UserError("Unable to find Wkhtmltopdf on this system.")
        print_report = patch.object(
            AccountMoveSend, "_prepare_invoice_pdf_report", side_effect=error
        )
        cron = self.env.ref("account.ir_cron_account_move_send")
        capture_triggers = RecordCapturer(
            self.env["ir.cron.trigger"].sudo(), [("cron_id", "=", cron.id)]
        )
        with print_report, capture_triggers as triggers:
            order = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        self.assertEqual(len(triggers.records), 1)
        invoice = order.account_move
        self.assertEqual(invoice.amount_residual, 100)
        self.assertTrue(invoice.is_being_sent)

        self.env["account.move.send"]._generate_and_send_invoices(
            invoice, from_cron=True
        )
        self.assertTrue(invoice.invoice_pdf_report_id)
        self.assertFalse(invoice.is_being_sent)

    def test_invoice_that_was_asked_for_is_printed_at_once(self):
        self.open_new_session()
        order = self._sync(
            self._order_data([(self.pay_later_pm, 100)], to_invoice=True)
        )
        self.assertTrue(order.account_move.invoice_pdf_report_id)

    def test_payment_in_the_back_office(self):
        self.open_new_session()
        order = self._sync(
            self._order_data([], state="draft", amount_paid=0), user=self.env.user
        )
        self.make_payment(order, self.cash_pm1, 30)
        self.assertFalse(order.account_move)
        self.make_payment(order, self.pay_later_pm, 70)
        self.assertEqual(order.state, "done")
        self.assertEqual(order.account_move.amount_residual, 70)

    def test_payment_changed_to_pay_later_afterwards(self):
        self.open_new_session()
        order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        payment = order.payment_ids
        order.with_user(self.cashier).payment_ids = [
            Command.update(payment.id, {"payment_method_id": self.pay_later_pm.id})
        ]
        self.assertEqual(order.state, "done")
        self.assertEqual(order.account_move.amount_residual, 100)
        self._close_session()
        self.assertFalse(order.session_id.move_id)

    def test_payment_changed_to_pay_later_needs_a_customer(self):
        self.open_new_session()
        order = self._sync(self._order_data([(self.cash_pm1, 100)], customer=False))
        command = Command.update(
            order.payment_ids.id, {"payment_method_id": self.pay_later_pm.id}
        )
        with (
            self.assertRaisesRegex(UserError, "Customer is required for Pay Later"),
            self.env.cr.savepoint(),
        ):
            order.payment_ids = [command]
        self.assertEqual(order.payment_ids.payment_method_id, self.cash_pm1)
        self.assertFalse(order.account_move)

    def test_return_of_an_order_paid_later(self):
        """As in core: a credit note, which settles the invoice it reverses."""
        self.open_new_session()
        order = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        refund = self._sync(
            self._return_data(order, [(self.pay_later_pm, -100)]),
        )
        credit_note = refund.account_move
        self.assertRecordValues(
            credit_note,
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "reversed_entry_id": order.account_move.id,
                    "amount_residual": 0,
                }
            ],
        )
        self._assert_account_move(
            credit_note,
            {
                "line_ids": [
                    self._line(self.sales_account, debit=100),
                    self._line(self.c1_receivable, credit=100, reconciled=True),
                ]
            },
        )
        self.assertEqual(order.account_move.payment_state, "reversed")
        self._close_session()
        self.assertFalse(order.session_id.move_id)

    def test_return_paid_back_in_cash(self):
        """Who is given cash for what he never paid for owes that cash."""
        self.open_new_session(opening_cash=100)
        order = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        refund = self._sync(
            self._return_data(order, [(self.cash_pm1, -100)], to_invoice=True)
        )
        self.assertEqual(refund.account_move.reversed_entry_id, order.account_move)
        open_lines = self.env["account.move.line"].search(
            [("account_id", "=", self.c1_receivable.id), ("reconciled", "=", False)]
        )
        self.assertEqual(sum(open_lines.mapped("amount_residual")), 100)
        self._close_session()
        self.assertEqual(sum(open_lines.mapped("amount_residual")), 100)

    def test_return_on_account_of_an_order_paid_in_cash(self):
        self.open_new_session()
        order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        refund = self._sync(self._return_data(order, [(self.pay_later_pm, -100)]))
        self.assertEqual(refund.account_move.move_type, "out_refund")
        self.assertEqual(refund.account_move.amount_residual, 100)

    def _return_data(self, order, payments, **values):
        data = self._order_data(payments, quantity=-1, is_refund=True, **values)
        data["lines"][0][2]["refunded_orderline_id"] = order.lines.id
        return data

    def test_till_in_another_currency(self):
        config = self.other_currency_config
        config.payment_method_ids |= self.pay_later_pm
        self.config = config
        self.open_new_session()
        data = self._order_data([])
        total = data["amount_total"]
        order = self._sync(self._order_data([(self.pay_later_pm, total)]))
        self.assertEqual(order.account_move.currency_id, self.other_currency)
        self.assertEqual(order.account_move.amount_residual, total)
        self._close_session()

    def test_uninvoiceable_till_refuses_as_core_does(self):
        self.config.invoice_journal_id = False
        self.open_new_session()
        data = self._order_data([(self.pay_later_pm, 100)])
        self.assertOrdersRefused(data, message="No invoice journal")


@tagged("post_install", "-at_install")
class TestPayLaterWallet(PayLaterCommon):
    """*Allocate Wallet* on the order in the back office."""

    def _order_paid_later(self, amount=100):
        if not self.config.current_session_id:
            self.open_new_session()
        payments = [(self.pay_later_pm, amount)]
        if amount < 100:
            payments.append((self.cash_pm1, 100 - amount))
        return self._sync(self._order_data(payments))

    def test_order_shows_what_the_wallet_could_pay(self):
        order = self._order_paid_later()
        self.assertEqual(order.wallet_balance, 0)
        self.assertFalse(order.can_allocate_wallet)
        self._top_up(150)
        self.env.invalidate_all()
        self.assertEqual(order.wallet_balance, 150)
        self.assertEqual(order.wallet_amount, 0)
        self.assertTrue(order.can_allocate_wallet)

    def test_cashier_pays_the_order_from_the_wallet(self):
        self._top_up(150)
        order = self._order_paid_later().with_user(self.cashier)
        self.assertTrue(order.action_allocate_wallet())
        self.env.invalidate_all()
        self.assertEqual(order.wallet_amount, 100)
        self.assertFalse(order.can_allocate_wallet)
        invoice = order.sudo().account_move
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(50)

    def test_cashier_chooses_in_the_dialog_how_much_the_wallet_pays(self):
        self._top_up(150)
        order = self._order_paid_later().with_user(self.cashier)
        action = order.action_open_wallet_allocation()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        dialog = dialog.with_user(self.cashier)
        self.assertEqual(dialog.line_ids.amount, 100)
        dialog.line_ids.amount = 40
        dialog.action_allocate()
        self.assertEqual(order.sudo().account_move.amount_residual, 60)
        self.assertBalance(110)

    def test_wallet_pays_what_it_can(self):
        self._top_up(30)
        order = self._order_paid_later(60)
        order.action_allocate_wallet()
        self.env.invalidate_all()
        self.assertEqual(order.wallet_amount, 30)
        self.assertEqual(order.account_move.amount_residual, 30)
        self.assertBalance(0)

    def test_undo_takes_the_amount_off_the_order(self):
        self._top_up(100)
        order = self._order_paid_later()
        order.action_allocate_wallet()
        invoice = order.account_move
        partial_id = invoice.wallet_widget["payments"][0]["partial_id"]
        invoice.action_unallocate_wallet(partial_id)
        self.env.invalidate_all()
        self.assertEqual(order.wallet_amount, 0)
        self.assertEqual(order.wallet_balance, 100)

    def _invoice_together(self, *orders_data):
        """Orders that were left to be paid later get one invoice for all of them."""
        orders = self._sync(*orders_data)
        self._close_session()
        self.env["pos.make.invoice"].with_context(active_ids=orders.ids).create(
            {"consolidated_billing": True}
        ).action_create_invoices()
        self.assertEqual(len(orders.account_move), 1)
        return orders

    def _wallet_amounts(self, orders):
        self.env.invalidate_all()
        return orders.mapped("wallet_amount")

    def test_one_invoice_for_several_orders_is_paid_for_each_of_them(self):
        self._top_up(500)
        self.open_new_session()
        later = self.customer_account_pm
        orders = self._invoice_together(
            self._order_data([(later, 100)]),
            self._order_data([(later, 200)], quantity=2),
        )
        orders[0].action_allocate_wallet(100)
        self.assertEqual(self._wallet_amounts(orders), [33.33, 66.67])
        orders[0].action_allocate_wallet()
        self.assertEqual(self._wallet_amounts(orders), [100, 200])
        self.assertBalance(200)
        for partial in orders.account_move._get_wallet_partials():
            orders.account_move.action_unallocate_wallet(partial.id)
        self.assertEqual(self._wallet_amounts(orders), [0, 0])
        self.assertBalance(500)

    def test_of_one_invoice_the_wallet_pays_what_no_card_has_paid(self):
        self._top_up(500)
        self.open_new_session()
        orders = self._invoice_together(
            self._order_data([(self.bank_pm1, 100)]),
            self._order_data([(self.customer_account_pm, 200)], quantity=2),
        )
        orders[1].action_allocate_wallet()
        self.assertEqual(self._wallet_amounts(orders), [0, 200])
        self.assertBalance(300)

    def test_session_closes_after_the_wallet_paid(self):
        self._top_up(100)
        order = self._order_paid_later(60)
        order.action_allocate_wallet()
        session = self._close_session(counted_cash=40)
        self.assertEqual(session.state, "closed")
        self.assertEqual(order.account_move.amount_residual, 0)
        self.assertBalance(40)

    def test_allocating_is_refused(self):
        self._top_up(100)
        self.open_new_session()
        unpaid_order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        paid_order = self._order_paid_later()
        paid_order.action_allocate_wallet()
        outsider = new_test_user(
            self.env, login="wallet_outsider", groups="base.group_user"
        )
        order = self._order_paid_later()
        cases = [
            ("no invoice", unpaid_order, UserError),
            ("nothing due", paid_order, UserError),
            ("nothing in the wallet", order, UserError),
            ("no right", order.with_user(outsider), AccessError),
        ]
        for label, refused, error in cases:
            with self.subTest(label):
                before = self._books()
                with self.assertRaises(error), self.env.cr.savepoint():
                    refused.action_allocate_wallet()
                self.assertEqual(self._books(), before)

    def _books(self):
        self.env.invalidate_all()
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", self.customer.id)]
        )
        return [
            (line.id, line.balance, line.amount_residual, line.parent_state)
            for line in lines
        ]

    def test_cashier_needs_no_sight_of_invoices(self):
        """As a salesman who sees but his own documents, for example."""
        self._top_up(100)
        order = self._order_paid_later().with_user(self.cashier)
        self.env["ir.rule"].create(
            {
                "name": "Own invoices",
                "model_id": self.env.ref("account.model_account_move").id,
                "domain_force": "[('invoice_user_id', '=', False)]",
            }
        )
        with self.assertRaises(AccessError):
            order.account_move.check_access("read")
        self.assertTrue(order.can_allocate_wallet)
        action = order.action_open_wallet_allocation()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(order.sudo().account_move.amount_residual, 0)

    def test_reading_orders_is_not_enough(self):
        self._top_up(100)
        order = self._order_paid_later()
        reader = new_test_user(
            self.env, login="wallet_reader", groups="base.group_user"
        )
        for model in ("pos.order", "account.move"):
            self.env["ir.model.access"].create(
                {
                    "name": "Reader",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "group_id": self.env.ref("base.group_user").id,
                    "perm_read": True,
                }
            )
        reader.company_ids |= self.company
        reader.company_id = self.company
        order = order.with_user(reader)
        order.check_access("read")
        with self.assertRaises(AccessError):
            order.action_allocate_wallet()
        self.assertEqual(order.sudo().account_move.amount_residual, 100)

    def test_who_reads_orders_and_accounts_pays_nothing(self):
        """People of the stock read orders, auditors use wallets."""
        self._top_up(100)
        order = self._order_paid_later()
        auditor = new_test_user(
            self.env,
            login="wallet_auditor",
            groups="account.group_account_readonly,stock.group_stock_user",
            company_id=self.company.id,
        )
        order = order.with_user(auditor)
        order.check_access("read")
        for action in ("action_allocate_wallet", "action_open_wallet_allocation"):
            with self.assertRaises(AccessError):
                getattr(order, action)()
        self.assertEqual(order.sudo().account_move.amount_residual, 100)

    def test_order_of_another_company_is_out_of_reach(self):
        self._top_up(100)
        order = self._order_paid_later()
        other = self._new_company()
        stranger = new_test_user(
            self.env,
            login="wallet_stranger",
            groups="base.group_user,point_of_sale.group_pos_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            order.with_user(stranger).action_allocate_wallet()
        self.assertEqual(order.account_move.amount_residual, 100)

    def test_till_does_not_load_the_figures_of_the_wallet(self):
        order = self._order_paid_later()
        data = order.read_pos_data([], self.config)["pos.order"][0]
        self.assertIn("account_move", data)
        self.assertNotIn("wallet_balance", data)
