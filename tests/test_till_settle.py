from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .till_common import TillSettleCommon


@tagged("post_install", "-at_install")
class TestSettle(TillSettleCommon):
    def test_the_list_is_oldest_first_and_marks_what_is_overdue(self):
        old = self._invoice(
            20, invoice_date="2020-01-01", invoice_date_due="2020-01-31"
        )
        later = self._invoice(10, invoice_payment_term_id=self.payment_term.id)
        self._invoice(70, partner_id=self.other_customer.id)
        self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.customer.id}
        )
        rows = self._listed()
        self.assertEqual(
            [(row["name"], row["residual"], row["overdue"]) for row in rows],
            [
                (old.name, 20, True),
                (self.invoice.name, 50, False),
                (later.name, 10, False),
            ],
        )
        self.assertEqual(rows[0]["date_due"], fields.Date.to_date("2020-01-31"))

    def test_contacts_of_a_company_see_what_the_company_owes(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self.assertEqual(
            [row["name"] for row in self._listed(contact)], [self.invoice.name]
        )

    def test_other_companies_and_currencies_are_left_out(self):
        company = self._new_company()
        self.env["account.move"].with_company(company).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": company.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 7, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        ).action_post()
        self._invoice(60, currency_id=self.other_currency.id)
        self.assertOwed((self.invoice.name, 50))

    def test_a_till_of_another_company_is_not_asked(self):
        till = self._new_till(self._new_company())
        with self.assertRaises(AccessError):
            self.customer.with_user(self.cashier).get_pos_settlements(till.id)

    def test_only_who_may_use_wallets_sees_what_is_owed(self):
        employee = new_test_user(self.env, "settle_employee", "base.group_user")
        with self.assertRaises(AccessError):
            self._listed(user=employee)

    def test_cash_settles_an_invoice_at_once(self):
        order = self._settle([(self.cash_pm1, 50)], [(self._due(self.invoice), 50)])
        self.assertEqual(order.state, "paid")
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertOwed()
        settlement = order.payment_ids.filtered("settled_item")
        self.assertEqual(settlement.settled_name, self.invoice.name)
        entry = settlement.settlement_move_id
        self.assertEqual(
            self._items(entry),
            [
                (self.account.name, self.customer.name, 0.0, 50.0),
                ("till", "", 50.0, 0.0),
            ],
        )
        self.assertEqual((order.amount_total, order.amount_paid), (0, 0))
        self._close_session(50)
        self.assertEqual(
            self._items(self.pos_session.move_id),
            [("POS Receivable Cash", "", 50.0, 0.0), ("till", "", 0.0, 50.0)],
        )
        self.assertTillIsClear()
        self.assertBalance(500)

    def test_a_part_is_settled_with_a_mix(self):
        order = self._settle(
            [(self.cash_pm1, 10), (self.bank_pm1, 15)], [(self._due(self.invoice), 25)]
        )
        self.assertEqual(self.invoice.amount_residual, 25)
        self.assertOwed((self.invoice.name, 25))
        self._settle([(self.bank_pm1, 25)], [(self._due(self.invoice), 25)])
        self.assertEqual(self.invoice.payment_state, "paid")
        self._close_session(10)
        self.assertTillIsClear()
        self.assertEqual(order.state, "done")

    def test_several_documents_and_change(self):
        other = self._invoice(30)
        order = self._settle(
            [(self.cash_pm1, 100)],
            [(self._due(self.invoice), 50), (self._due(other), 30)],
            amount_return=-20,
        )
        self.assertEqual(
            (self.invoice | other).mapped("payment_state"), ["paid", "paid"]
        )
        entry = order.payment_ids.settlement_move_id
        self.assertEqual(
            self._items(entry),
            [
                (self.account.name, self.customer.name, 0.0, 30.0),
                (self.account.name, self.customer.name, 0.0, 50.0),
                ("till", "", 80.0, 0.0),
            ],
        )
        self._close_session(80)
        self.assertTillIsClear()

    def test_the_wallet_settles_together_with_cash(self):
        self._settle(
            [(self.wallet_pm, 30), (self.cash_pm1, 20)],
            [(self._due(self.invoice), 50)],
        )
        self.assertEqual(self.invoice.payment_state, "paid")
        self._close_session(20)
        self.assertBalance(470)
        self.assertTillIsClear()

    def test_a_wallet_pays_no_more_than_is_settled(self):
        self.assertOrdersRefused(
            self._settle_data(
                [(self.wallet_pm, 60)],
                [(self._due(self.invoice), 50)],
                amount_return=-10,
            ),
            message="change is not given from a wallet",
        )

    def test_a_sale_and_a_settlement_in_one_order(self):
        order = self._settle(
            [(self.cash_pm1, 110), (self.bank_pm1, 40)],
            [(self._due(self.invoice), 50)],
            quantity=1,
        )
        self.assertEqual((order.amount_total, order.amount_paid), (100, 100))
        self.assertEqual(self.invoice.payment_state, "paid")
        self._close_session(110)
        self.assertEqual(
            self._items(self.pos_session.move_id),
            [
                ("POS Receivable Bank", "", 40.0, 0.0),
                ("POS Receivable Cash", "", 110.0, 0.0),
                ("sales", "", 0.0, 100.0),
                ("till", "", 0.0, 50.0),
            ],
        )
        self.assertTillIsClear()

    def test_a_top_up_and_a_settlement_in_one_order(self):
        order = self._settle(
            [(self.cash_pm1, 80), (self.wallet_pm, -30)],
            [(self._due(self.invoice), 50)],
        )
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertBalance(530)
        self.assertFalse(order.lines)
        self._close_session(80)
        self.assertTillIsClear()

    def test_cash_is_rounded_as_for_goods(self):
        gains = self.company.default_cash_difference_income_account_id
        losses = self.company.default_cash_difference_expense_account_id
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Five cents",
                "rounding": 0.05,
                "strategy": "add_invoice_line",
                "rounding_method": "HALF-UP",
                "profit_account_id": gains.id,
                "loss_account_id": losses.id,
            }
        )
        self.config.write(
            {
                "cash_rounding": True,
                "only_round_cash_method": True,
                "rounding_method": rounding.id,
            }
        )
        item = self._due(self.invoice)
        self._settle([(self.cash_pm1, 20.0)], [(item, 20.02)])
        self._settle([(self.cash_pm1, 30.0)], [(item, 29.98)])
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertOrdersRefused(
            self._settle_data([(self.cash_pm1, 10)], [(item, 10.1)]),
            message="with money only",
        )
        self._close_session(50)
        self.assertTillIsClear()

    # On account

    def test_an_order_on_account_is_settled_when_its_session_is_closed(self):
        order = self._order_on_account()
        self.assertOwed((self.invoice.name, 50), (order.name, 100))
        self.assertFalse(self._listed()[1]["id"])
        self._close_session()
        self.open_new_session()
        self.assertOwed((self.invoice.name, 50), (order.name, 100))
        item = self.env["account.move.line"].browse(self._listed()[1]["id"])
        settlement = self._settle([(self.bank_pm1, 60)], [(item, 60)])
        self.assertEqual(
            settlement.payment_ids.filtered("settled_item").settled_name, order.name
        )
        self.assertOwed((self.invoice.name, 50), (order.name, 40))
        self._settle([(self.bank_pm1, 40)], [(item, 40)])
        self.assertTrue(item.reconciled)
        closing = self.pos_session.get_closing_control_data()
        self.assertEqual(closing["orders_details"], {"quantity": 0, "amount": 0})
        rows = {row["name"]: row for row in closing["non_cash_payment_methods"]}
        self.assertEqual(rows["Customer Account"]["amount"], 0)
        self.assertEqual(
            (rows["Settled"]["amount"], rows["Settled"]["number"]), (100, 2)
        )
        self._close_session()
        self.assertTillIsClear()

    def test_pay_later_is_an_invoice_that_is_settled(self):
        order = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        self.assertIn(
            (order.account_move.name, 100),
            [(row["name"], row["residual"]) for row in self._listed()],
        )
        item = self._due(order.account_move)
        self._settle([(self.cash_pm1, 100)], [(item, 100)])
        self.assertEqual(order.account_move.payment_state, "paid")
        self._close_session(100)
        self.assertTillIsClear()

    def test_the_method_that_always_invoices_settles_as_well(self):
        data = self._settle_data([(self.cash_pm1, 50)], [(self._due(self.invoice), 50)])
        data["payment_ids"][1][2]["payment_method_id"] = self.pay_later_pm.id
        order = self._sync(data)
        self.assertFalse(order.account_move)
        self.assertEqual(self.invoice.payment_state, "paid")

    # Invoiced

    def assertInvoicedAndSettled(self, order, residual=0):
        """Nothing is left on the customer's receivable but what is still due."""
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(order.account_move.amount_residual, residual)
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.account.id),
                ("partner_id", "=", self.customer.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        self.assertEqual(sum(items.mapped("amount_residual")), residual)
        self.assertEqual(len(items), bool(residual))
        counted = sum(
            order.payment_ids.filtered("payment_method_id.is_cash_count").mapped(
                "amount"
            )
        )
        if self.pos_session.state != "closed":
            self._close_session(counted)
        self.assertTillIsClear()

    def test_the_sale_is_invoiced(self):
        order = self._settle(
            [(self.cash_pm1, 110), (self.bank_pm1, 40)],
            [(self._due(self.invoice), 50)],
            quantity=1,
            to_invoice=True,
        )
        taken = order.payment_ids.filtered("settled_item").account_move_id
        self.assertEqual(
            self._items(taken),
            [
                (self.account.name, self.customer.name, 50.0, 0.0),
                ("till", "", 0.0, 50.0),
            ],
        )
        self.assertInvoicedAndSettled(order)

    def test_the_sale_is_paid_later(self):
        order = self._settle(
            [(self.pay_later_pm, 100), (self.cash_pm1, 50)],
            [(self._due(self.invoice), 50)],
            quantity=1,
        )
        self.assertInvoicedAndSettled(order, residual=100)

    def test_the_sale_is_invoiced_afterwards(self):
        order = self._settle(
            [(self.cash_pm1, 150)], [(self._due(self.invoice), 50)], quantity=1
        )
        order.action_pos_order_invoice()
        self.assertInvoicedAndSettled(order)

    def test_a_settlement_alone_is_not_invoiced(self):
        """Also where a country wants all that tills do to be invoiced."""
        order = self._settle(
            [(self.cash_pm1, 50)], [(self._due(self.invoice), 50)], to_invoice=True
        )
        self.assertFalse(order.account_move)
        self.assertFalse(order.invoice_status)
        with self.assertRaisesRegex(UserError, "an order of its own"):
            order.action_pos_order_invoice()

    def test_the_sale_is_invoiced_after_closing(self):
        order = self._settle(
            [(self.cash_pm1, 150)], [(self._due(self.invoice), 50)], quantity=1
        )
        self._close_session(150)
        order.action_pos_order_invoice()
        self.assertEqual(order.account_move.amount_total, 100)
        self.assertInvoicedAndSettled(order)

    def test_the_sale_is_not_invoiced_after_closing_if_it_is_on_account(self):
        order = self._settle(
            [(self.customer_account_pm, 100), (self.cash_pm1, 50)],
            [(self._due(self.invoice), 50)],
            quantity=1,
        )
        self._close_session(50)
        with self.assertRaisesRegex(UserError, "sell them anew"):
            order.action_pos_order_invoice()

    def test_what_is_settled_counts_once_when_the_sale_is_invoiced(self):
        self._have_only_a_bonus(100)
        self._sync(self._order_data([(self.wallet_pm, 50), (self.cash_pm1, 50)]))
        self._settle(
            [(self.cash_pm1, 150)],
            [(self._due(self.invoice), 50)],
            quantity=1,
            to_invoice=True,
        )
        slack = self.env["customer.wallet"]._get_bonus_slack(
            self.customer, self.company
        )
        self.assertEqual(slack, 50 + 100 + 50)

    def test_a_wallet_settles_nothing_in_an_order_that_is_invoiced(self):
        item = self._due(self.invoice)
        data = self._settle_data(
            [(self.cash_pm1, 110), (self.wallet_pm, 40)],
            [(item, 50)],
            quantity=1,
            to_invoice=True,
        )
        less = self._settle_data(
            [(self.cash_pm1, 40), (self.wallet_pm, 110)],
            [(item, 50)],
            quantity=1,
            to_invoice=True,
        )
        self.assertOrdersRefused(less, message="settle in an order of its own")
        order = self._sync(data)
        self.assertEqual(
            (order.account_move | self.invoice).mapped("payment_state"), ["paid"] * 2
        )
        self.assertBalance(460)
        self._close_session(110)
        self.assertTillIsClear()

    # Nobody settles twice, or without money

    def test_what_is_paid_already_is_not_settled_again(self):
        item = self._due(self.invoice)
        self._settle([(self.cash_pm1, 50)], [(item, 50)])
        self.assertOrdersRefused(
            self._settle_data([(self.cash_pm1, 50)], [(item, 50)]),
            message="owes .*0.00 on .* now",
        )

    def test_more_than_is_due_is_not_settled(self):
        item = self._due(self.invoice)
        for settled in ([(item, 50.01)], [(item, 30), (item, 30)]):
            paid = sum(amount for _item, amount in settled)
            self.assertOrdersRefused(
                self._settle_data([(self.cash_pm1, paid)], settled),
                message="owes .*50.00 on INV",
            )

    def test_others_and_drafts_are_not_settled(self):
        foreign = self._invoice(50, partner_id=self.other_customer.id)
        credit = self.customer.property_account_receivable_id
        for item in (
            self._due(foreign),
            self.invoice.line_ids - self._due(self.invoice),
            self.env["account.move.line"].search(
                [("account_id", "=", credit.id), ("balance", "<", 0)], limit=1
            ),
        ):
            if item:
                self.assertOrdersRefused(
                    self._settle_data([(self.cash_pm1, 50)], [(item, 50)]),
                    message="owes .*0.00",
                )
        self.assertEqual(foreign.payment_state, "not_paid")

    def test_nothing_is_settled_without_money(self):
        item = self._due(self.invoice)
        forged = self._settle_data([], [(item, 50)])
        forged.update(amount_total=-50.0, amount_paid=-50.0)
        self.assertOrdersRefused(forged, message="with money only")
        debt = self._settle_data([(self.customer_account_pm, 50)], [(item, 50)])
        self.assertOrdersRefused(debt, message="with money only")
        self.assertOrdersRefused(
            self._settle_data([(self.cash_pm1, 40)], [(item, 50)]),
            message="with money only",
        )
        with_sale = self._settle_data([(self.cash_pm1, 50)], [(item, 50)], quantity=1)
        with_sale.update(amount_total=0.0)
        self.assertOrdersRefused(with_sale, message="not fully paid")

    def test_only_what_is_chosen_with_settle_is_one(self):
        item = self._due(self.invoice)
        data = self._settle_data([(self.cash_pm1, 100)], [(item, 50)])
        data["payment_ids"][1][2]["payment_method_id"] = self.bank_pm1.id
        self.assertOrdersRefused(data, message="Choose the customer")

    def test_what_paid_a_document_stays(self):
        order = self._settle([(self.cash_pm1, 50)], [(self._due(self.invoice), 50)])
        cash = order.payment_ids.filtered("payment_method_id.is_cash_count")
        settlement = order.payment_ids - cash
        other = self.other_customer
        for action in (
            cash.unlink,
            settlement.unlink,
            lambda: cash.write({"amount": 10}),
            lambda: settlement.write({"settled_item": 0}),
            lambda: order.write({"partner_id": other.id}),
        ):
            with (
                self.assertRaisesRegex(UserError, "cannot be changed"),
                self.env.cr.savepoint(),
            ):
                action()
        settlement.write({"settlement_move_id": False})
        self.assertTrue(settlement.settlement_move_id)

    def test_a_visitor_settles_nothing(self):
        data = self._settle_data([(self.cash_pm1, 50)], [(self._due(self.invoice), 50)])
        for user in (self.env.ref("base.public_user"), self.cashier):
            orders = self.env["pos.order"].with_user(user).sudo()
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                orders.sync_from_ui([dict(data)])
        self.assertEqual(self.invoice.amount_residual, 50)

    def test_each_instalment_is_settled_on_its_own(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two instalments",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 50,
                            "delay_type": "days_after",
                            "nb_days": days,
                        }
                    )
                    for days in (10, 40)
                ],
            }
        )
        invoice = self._invoice(80, invoice_payment_term_id=term.id)
        first, second = self._due(invoice).sorted("date_maturity")
        self.assertOwed((self.invoice.name, 50), (invoice.name, 40), (invoice.name, 40))
        self._settle(
            [(self.cash_pm1, 50)], [(second, 10), (first, 40)], user=self.cashier
        )
        self.assertEqual((first.amount_residual, second.amount_residual), (0, 30))

    def test_sent_twice_it_is_settled_once(self):
        data = self._settle_data([(self.cash_pm1, 20)], [(self._due(self.invoice), 20)])
        first = self._sync(data)
        self.assertEqual(self._sync(data), first)
        self.assertEqual(self.invoice.amount_residual, 30)

    def test_a_draft_settles_nothing_until_it_is_paid(self):
        data = self._settle_data(
            [(self.cash_pm1, 20)], [(self._due(self.invoice), 20)], state="draft"
        )
        self._sync(data)
        self.assertEqual(self.invoice.amount_residual, 50)
        paid = {"payment_ids": [], "state": "paid", "access_token": "a"}
        self._sync({**data, **paid})
        self.assertEqual(self.invoice.amount_residual, 30)

    def test_one_refusal_holds_up_no_other_order(self):
        item = self._due(self.invoice)
        refused = self._settle_data([(self.cash_pm1, 60)], [(item, 60)])
        sale = self._order_data([(self.cash_pm1, 100)])
        settled = self._settle_data([(self.cash_pm1, 20)], [(item, 20)])
        result = (
            self.env["pos.order"]
            .with_user(self.cashier)
            .sync_from_ui([refused, sale, settled])
        )
        self.assertEqual(
            [refusal["uuid"] for refusal in result["wallet_refusals"]],
            [refused["uuid"]],
        )
        self.assertEqual(len(result["pos.order"]), 2)
        self.assertEqual(self.invoice.amount_residual, 30)

    # The law

    def test_what_is_settled_counts_once_in_the_goods_kept(self):
        Wallet = self.env["customer.wallet"]
        self._have_only_a_bonus(100)
        self._sync(self._order_data([(self.wallet_pm, 50), (self.cash_pm1, 50)]))
        before = Wallet._get_bonus_slack(self.customer, self.company)
        self.assertEqual(before, 50)
        self._settle(
            [(self.wallet_pm, 20), (self.cash_pm1, 30)],
            [(self._due(self.invoice), 50)],
        )
        # 50 more are kept, for which 20 more bonus were used.
        slack = Wallet._get_bonus_slack(self.customer, self.company)
        self.assertEqual(slack, 80)
        self._close_session(80)
        slack = Wallet._get_bonus_slack(self.customer, self.company)
        self.assertEqual(slack, 80)

    def test_what_is_returned_on_account_counts_as_never_sold(self):
        Wallet = self.env["customer.wallet"]
        self._have_only_a_bonus(100)
        self._sync(self._order_data([(self.wallet_pm, 50), (self.cash_pm1, 50)]))
        self._returned(self._order_on_account())
        self._close_session(50)
        slack = Wallet._get_bonus_slack(self.customer, self.company)
        self.assertEqual(slack, 50)

    def test_a_bonus_does_not_settle_what_was_handed_out(self):
        """Goods for 100 and 100 in cash are on account: the bonus pays the goods."""
        self._have_only_a_bonus(300)
        self._sync(
            self._order_data([(self.wallet_pm, 100)]),
            self._order_data([(self.cash_pm1, 100)], customer=self.other_customer),
            self._order_data([(self.customer_account_pm, 200), (self.cash_pm1, -100)]),
        )
        self._close_session(0)
        self.open_new_session()
        item = self.env["account.move.line"].browse(self._listed()[-1]["id"])
        self.assertOrdersRefused(
            self._settle_data([(self.wallet_pm, 200)], [(item, 200)]),
            message="100.00",
        )
        self.assertKinds(0, 200)
        self._settle([(self.wallet_pm, 100), (self.bank_pm1, 100)], [(item, 200)])
        self.assertTrue(item.reconciled)
        self._close_session()
        self.assertKinds(0, 100)
        self.assertTillIsClear()

    def test_unreconciled_in_the_back_office_it_is_owed_again(self):
        order = self._settle([(self.cash_pm1, 50)], [(self._due(self.invoice), 50)])
        self._close_session(50)
        partial = self._due(self.invoice).matched_credit_ids
        self.invoice.js_remove_outstanding_partial(partial.id)
        self.open_new_session()
        self.assertOwed((self.invoice.name, 50))
        credit = order.payment_ids.settlement_move_id.line_ids.filtered(
            lambda line: line.balance < 0
        )
        self.assertEqual(credit.amount_residual, -50)

    # What becomes of it in the back office

    def test_an_order_on_account_that_is_invoiced_later_is_owed_once(self):
        first, second = self._order_on_account(), self._order_on_account()
        self._close_session()
        self.open_new_session()
        first.action_pos_order_invoice()
        self.assertOwed(
            (self.invoice.name, 50), (second.name, 100), (first.account_move.name, 100)
        )

    def test_an_order_on_account_that_was_settled_is_not_owed_again(self):
        order = self._order_on_account()
        self._close_session()
        self.open_new_session()
        item = self._listed()[-1]["id"]
        item = self.env["account.move.line"].browse(item)
        self._settle([(self.cash_pm1, 100)], [(item, 100)])
        order.action_pos_order_invoice()
        self.assertEqual(order.account_move.payment_state, "paid")
        self.assertOwed((self.invoice.name, 50))

    def test_what_was_settled_before_it_was_invoiced_stays_settled(self):
        order, other = self._order_on_account(), self._order_on_account()
        self._close_session()
        self.open_new_session()
        items = {row["name"]: row["id"] for row in self._listed()}
        item = self.env["account.move.line"].browse(items[other.name])
        self._settle([(self.cash_pm1, 40)], [(item, 40)])
        other.action_pos_order_invoice()
        invoice = other.account_move
        self.assertEqual(invoice.amount_residual, 60)
        self.assertOwed((self.invoice.name, 50), (order.name, 100), (invoice.name, 60))
        self.assertReceivable(210)

    def test_each_order_is_listed_by_its_own_name(self):
        later = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        order = self._order_on_account()
        self._close_session()
        self.open_new_session()
        owed = (self.invoice.name, 50), (later.account_move.name, 100)
        self.assertOwed(*owed, (order.name, 100))
        order.action_pos_order_invoice()
        self.assertOwed(*owed, (order.account_move.name, 100))
        self.assertReceivable(250)

    def test_so_is_each_of_a_session_that_was_closed_long_ago(self):
        """When payments did not note their items yet."""
        first, second = self._order_on_account(), self._order_on_account()
        self._close_session()
        orders = first | second
        orders.payment_ids._from_server().on_account_item_id = False
        self.open_new_session()
        self.assertOwed((self.invoice.name, 50), (first.name, 100), (second.name, 100))
        first.action_pos_order_invoice()
        self._returned(second)
        self._close_session()
        self.assertOwed((self.invoice.name, 50), (first.account_move.name, 100))
        self.assertReceivable(150)

    # Goods that come back

    def _returned(self, order, quantity=1):
        method = self.customer_account_pm
        return self._sync(
            self._refund_data(order, [(method, -100 * quantity)], quantity=quantity)
        )

    def test_what_is_returned_on_account_is_not_owed(self):
        self._returned(self._order_on_account())
        self.assertOwed((self.invoice.name, 50))
        self._close_session()
        self.open_new_session()
        self.assertOwed((self.invoice.name, 50))
        self.assertReceivable(50)

    def test_a_part_is_returned_in_a_later_session(self):
        order, other = self._order_on_account(200), self._order_on_account()
        self._close_session()
        self.open_new_session()
        self._returned(order)
        for _is_closed in (False, True):
            self.assertOwed(
                (self.invoice.name, 50), (order.name, 100), (other.name, 100)
            )
            self._close_session()
            self.open_new_session()
        self.assertReceivable(250)

    def test_what_is_returned_on_account_after_it_was_settled_is_a_credit(self):
        order = self._order_on_account()
        self._close_session()
        self.open_new_session()
        item = self.env["account.move.line"].browse(self._listed()[-1]["id"])
        self._settle([(self.bank_pm1, 100)], [(item, 100)])
        self._returned(order)
        self._close_session()
        self.assertOwed((self.invoice.name, 50))
        self.assertReceivable(50, -100)

    def test_the_till_that_took_it_back_is_closed_first(self):
        seller, order = (self.config, self.pos_session), self._order_on_account()
        methods = self.customer_account_pm | self.bank_pm1
        self.config = self._new_till(payment_method_ids=[Command.set(methods.ids)])
        self.open_new_session()
        self._returned(order)
        self.pos_session.close_session_from_ui()
        self.config, self.pos_session = seller
        self._close_session()
        self.open_new_session()
        self.assertOwed((self.invoice.name, 50))
        self.assertReceivable(50)

    def test_what_was_cancelled_is_not_taken_for_what_is_owed(self):
        data = self._order_data([(self.customer_account_pm, 100)], state="draft")
        self._sync(data).action_pos_order_cancel()
        order = self._order_on_account()
        self._close_session()
        self.open_new_session()
        self.assertOwed((self.invoice.name, 50), (order.name, 100))
        self._returned(order)
        self._close_session()
        self.assertReceivable(50)

    def test_an_invoiced_order_is_not_owed_once_its_goods_came_back(self):
        order = self._sync(
            self._order_data([(self.customer_account_pm, 100)], to_invoice=True)
        )
        self.assertOwed((self.invoice.name, 50), (order.account_move.name, 100))
        self._returned(order)
        self.assertOwed((self.invoice.name, 50))
        self._close_session()
        self.open_new_session()
        self.assertOwed((self.invoice.name, 50))
        self.assertReceivable(50)

    def test_the_till_closes_when_the_invoice_was_cancelled(self):
        order = self._sync(
            self._order_data([(self.customer_account_pm, 100)], to_invoice=True)
        )
        self._close_session()
        self.open_new_session()
        order.account_move.button_draft()
        order.account_move.button_cancel()
        self._returned(order)
        self._close_session()
        self.assertReceivable(50, -100)

    def test_the_till_closes_when_the_credit_note_was_cancelled(self):
        """Another till had taken the goods back: they are owed again."""
        seller = self.config, self.pos_session
        orders = self._order_on_account(), self._order_on_account()
        methods = self.customer_account_pm | self.bank_pm1
        self.config = self._new_till(payment_method_ids=[Command.set(methods.ids)])
        self.open_new_session()
        method = self.customer_account_pm
        cancelled, draft = (
            self._sync(
                self._refund_data(order, [(method, -100)], to_invoice=True)
            ).account_move
            for order in orders
        )
        self.pos_session.close_session_from_ui()
        (cancelled | draft).button_draft()
        cancelled.button_cancel()
        self.config, self.pos_session = seller
        self.assertEqual(self._close_session().state, "closed")
        self.assertReceivable(250)

    def test_what_was_returned_and_is_invoiced_later_is_not_owed(self):
        order = self._order_on_account()
        refund = self._returned(order)
        self._close_session()
        order.action_pos_order_invoice()
        self.assertEqual(order.account_move.payment_state, "paid")
        refund.action_pos_order_invoice()
        self.assertEqual(refund.account_move.amount_residual, 0)
        self.assertReceivable(50)

    def test_the_till_closes_when_an_entry_was_reversed_in_the_books(self):
        order = self._settle([(self.cash_pm1, 50)], [(self._due(self.invoice), 50)])
        order.payment_ids.settlement_move_id._reverse_moves(cancel=True)
        self.assertEqual(self._close_session(50).state, "closed")

    def test_goods_come_back_of_an_order_that_also_settled(self):
        """The bonus has paid what was settled."""
        self._have_only_a_bonus(150)
        order = self._settle(
            [(self.wallet_pm, 150)], [(self._due(self.invoice), 50)], quantity=1
        )
        self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self._close_session()
        self.assertKinds(0, 100)

    def test_what_an_order_settled_is_not_paid_for_its_goods(self):
        """Of 60 that are paid, 50 settle the invoice: 10 are for goods of 100."""
        invoice = self._invoice(50)
        for settled, values in ((self.invoice, {"to_invoice": True}), (invoice, {})):
            payments = [(self.bank_pm1, 60), (self.customer_account_pm, 90)]
            order = self._settle(
                payments, [(self._due(settled), 50)], quantity=1, **values
            )
            self.assertEqual(settled.payment_state, "paid")
            self.assertOrdersRefused(
                self._refund_data(order, [(self.wallet_pm, -100)]),
                message=r"Only .*\D10\.00 of what",
            )
            self._sync(self._refund_data(order, [(self.wallet_pm, -10)], quantity=0.1))
            self._returned(order, quantity=0.9)
        self._close_session()
        self.assertReceivable(0)
        self.assertKinds(520, 0)

    def test_the_name_of_what_was_settled_stays(self):
        order = self._settle([(self.cash_pm1, 50)], [(self._due(self.invoice), 50)])
        payment = order.payment_ids.filtered("settled_item")
        payment.with_user(self.cashier).write({"settled_name": "INV/9999"})
        self.assertEqual(payment.settled_name, self.invoice.name)


@tagged("post_install", "-at_install")
class TestCardsThatNameTheCustomer(TillSettleCommon):
    """A card method with *Identify Customer* is on the customer's receivable, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config.payment_method_ids |= cls.bank_split_pm1

    def test_the_part_on_account_stays_owed_on_an_invoice_after_closing(self):
        for card in (60, 50, 30):
            rest = 100 - card
            order = self._sync(
                self._order_data(
                    [(self.bank_split_pm1, card), (self.customer_account_pm, rest)]
                )
            )
            self._close_session()
            self.open_new_session()
            self.assertOwed((self.invoice.name, 50), (order.name, rest))
            order.action_pos_order_invoice()
            invoice = order.account_move
            self.assertEqual(invoice.amount_residual, rest)
            self.assertOwed((self.invoice.name, 50), (invoice.name, rest))
            self._settle([(self.bank_pm1, rest)], [(self._due(invoice), rest)])
            self.assertReceivable(50)


@tagged("post_install", "-at_install")
class TestSettleInAnotherCurrency(TillSettleCommon):
    """The till counts in a currency worth twice as much as the company's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        methods = cls.config.payment_method_ids
        cls.config = cls.other_currency_config
        account = cls.customer_account_pm | cls.pay_later_pm
        cls.config.payment_method_ids |= methods & account
        cls.cash_pm1 = cls.config.payment_method_ids.filtered("is_cash_count")

    def test_the_currency_of_the_till_is_settled(self):
        invoice = self._invoice(40, currency_id=self.other_currency.id)
        self.assertOwed((invoice.name, 40))
        order = self._settle([(self.cash_pm1, 40)], [(self._due(invoice), 40)])
        self.assertEqual(invoice.payment_state, "paid")
        entry = order.payment_ids.settlement_move_id
        self.assertEqual(
            sorted(entry.line_ids.mapped("amount_currency")), [-40.0, 40.0]
        )
        self.assertEqual(sorted(entry.line_ids.mapped("balance")), [-80.0, 80.0])
        self._close_session(40)
        self.assertTillIsClear()
