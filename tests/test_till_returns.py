from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .till_common import TillKindsCommon


@tagged("post_install", "-at_install")
class TestInvoiceOfATillPaidByBonus(TillKindsCommon):
    """A bonus of 100 has paid an invoiced order of 100 at the till, and the session is
    closed. Whatever then becomes of the invoice, what comes back is a bonus.
    """

    def setUp(self):
        super().setUp()
        self._have_only_a_bonus(100)
        self.open_new_session()
        self.order = self._sync(
            self._order_data([(self.wallet_pm, 100)], **self._get_invoicing())
        )
        self._invoice_in_the_session()
        self._close_session()
        self._invoice_after_closing()
        self.invoice = self.order.account_move
        self.assertKinds(0, 0)
        self.assertEqual(self.invoice.payment_state, "paid")

    # The moment of the invoice

    def _get_invoicing(self):
        return {"to_invoice": True}

    def _invoice_in_the_session(self):
        """It has one."""

    def _invoice_after_closing(self):
        """It has one."""

    # What becomes of it

    def test_the_till_is_clear_and_the_order_says_what_was_paid(self):
        self.assertTillIsClear()
        self.assertEqual(self.order.wallet_amount, 100)
        payment = self.order.payment_ids
        self.assertEqual(payment.account_move_id, payment.wallet_move_id)
        self.assertEqual(payment.wallet_move_id.wallet_operation, "allocation")
        account = self.customer.property_account_receivable_id
        self.assertCountEqual(
            self._items(payment.wallet_move_id),
            [
                ("bonus", self.customer.name, 100.0, 0.0),
                (account.name, self.customer.name, 0.0, 100.0),
            ],
        )

    def test_reverse_and_create_invoice(self):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
            .create({"journal_id": self.invoice.journal_id.id})
        )
        wizard.modify_moves()
        self._move_open_credits()
        self.assertKinds(0, 100)

    def test_unreconcile(self):
        receivable = self.invoice.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        for partial in receivable.matched_credit_ids:
            self.invoice.js_remove_outstanding_partial(partial.id)
        self._move_open_credits()
        self.assertKinds(0, 100)
        self.assertEqual(self.order.wallet_amount, 0)

    def test_reset_and_cancel(self):
        self.invoice.button_draft()
        self.invoice.button_cancel()
        self._move_open_credits()
        self.assertKinds(0, 100)
        self.assertTillIsClear()

    def test_a_cancelled_invoice_is_not_deleted(self):
        """The order would be invoiced anew by the same payment, or returned."""
        self.env.user.group_ids |= self.env.ref("account.group_account_manager")
        self.invoice.button_draft()
        self.invoice.button_cancel()
        self.assertRefused(UserError, self.invoice.unlink, message="Cancel it instead")
        self.assertEqual(self.order.account_move, self.invoice)

    def test_undone_on_the_invoice(self):
        partial = self.invoice._get_wallet_partials()
        self.invoice.action_unallocate_wallet(partial.id)
        self.assertKinds(0, 100)

    def test_an_invoice_made_out_to_somebody_else_is_not_paid(self):
        """Reset to Draft, another customer, Confirm: the bonus of one customer does
        not pay the invoice of another.
        """
        with self._perhaps_refused():
            self.invoice.button_draft()
            self.invoice.partner_id = self.other_customer
            self.invoice.action_post()
        if self.invoice.partner_id == self.other_customer:
            self.assertEqual(self.invoice.payment_state, "not_paid")

    def test_a_return_at_the_till_gives_the_bonus_back(self):
        self.open_new_session()
        self.assertOrdersRefused(
            self._refund_data(self.order, [(self.cash_pm1, -100)], to_invoice=True),
            message="bonus money",
        )
        refund = self._sync(
            self._refund_data(self.order, [(self.wallet_pm, -100)], to_invoice=True)
        )
        self.assertEqual(refund.account_move.payment_state, "paid")
        self.assertKinds(0, 100)
        self._close_session()
        self.assertTillIsClear()

    # What the office has given back does not come back at a till, nor the other way

    def _credit_in_the_office(self):
        return (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
            .create(
                {"journal_id": self.invoice.journal_id.id, "refund_to_wallet": True}
            )
        )

    def _unreconcile(self):
        receivable = self.invoice.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        for partial in receivable.matched_credit_ids:
            self.invoice.js_remove_outstanding_partial(partial.id)

    def assertNotReturned(self):
        self._move_open_credits()
        self.assertKinds(0, 100)
        self.open_new_session(opening_cash=100)
        for method in (self.wallet_pm, self.cash_pm1):
            for values in ({}, {"to_invoice": True}):
                self.assertOrdersRefused(
                    self._refund_data(self.order, [(method, -100)], **values),
                    message=r"Only .*0\.00 of what .* has paid",
                )
        self.assertKinds(0, 100)

    def test_what_the_office_has_credited_is_not_returned_at_the_till(self):
        self._credit_in_the_office().refund_moves()
        self.assertNotReturned()

    def test_what_the_office_is_going_to_pay_out_is_not_returned_at_the_till(self):
        credit = self._credit_in_the_office()
        credit.refund_to_wallet = False
        credit.refund_moves()
        credit.new_move_ids.action_post()
        self.open_new_session()
        self.assertOrdersRefused(
            self._refund_data(self.order, [(self.wallet_pm, -100)]),
            message="has paid",
        )

    def test_an_order_whose_invoice_is_cancelled_is_not_returned_at_the_till(self):
        self.invoice.button_draft()
        self.invoice.button_cancel()
        self.assertNotReturned()

    def test_an_order_whose_invoice_is_not_paid_any_more_is_not_paid_back(self):
        self._unreconcile()
        self.assertNotReturned()

    def test_what_was_returned_at_the_till_is_not_given_back_by_the_office(self):
        self.open_new_session()
        self._sync(
            self._refund_data(self.order, [(self.wallet_pm, -100)], to_invoice=True)
        )
        self.assertKinds(0, 100)
        self.assertRefused(
            UserError, self._credit_in_the_office().refund_moves, message="has paid"
        )
        self.assertKinds(0, 100)


@tagged("post_install", "-at_install")
class TestInvoiceInTheSessionPaidByBonus(TestInvoiceOfATillPaidByBonus):
    """The invoice is asked for when the order has been paid already."""

    def _get_invoicing(self):
        return {}

    def _invoice_in_the_session(self):
        self.order.action_pos_order_invoice()


@tagged("post_install", "-at_install")
class TestInvoiceAfterClosingPaidByBonus(TestInvoiceOfATillPaidByBonus):
    """The invoice is asked for when the session has been closed already."""

    def _get_invoicing(self):
        return {}

    def _invoice_after_closing(self):
        self.order.action_pos_order_invoice()


@tagged("post_install", "-at_install")
class TestInvoicedLater(TillKindsCommon):
    """An order that a wallet has paid is invoiced later: the wallet stays as it is."""

    def setUp(self):
        super().setUp()
        self._have_only_a_bonus(100)
        self._top_up(20)
        grant = self._wallet()._get_open_grants()[0].line
        grant.sudo().env.cr.execute(
            "UPDATE account_move_line SET wallet_expiry_date = %s WHERE id = %s",
            [fields.Date.today(), grant.id],
        )
        self.env.invalidate_all()
        self.open_new_session()
        self.order = self._sync(
            self._order_data([(self.wallet_pm, 110), (self.cash_pm1, 90)], quantity=2)
        )
        self.assertKinds(10, 0)

    def _invoice_order(self):
        movements = self.order.payment_ids.wallet_move_id
        self.order.action_pos_order_invoice()
        self.assertEqual(self.order.account_move.payment_state, "paid")
        self.assertKinds(10, 0)
        self.assertEqual(self.order.wallet_amount, 110)
        items = self.order.payment_ids.wallet_move_id.line_ids
        before = movements.line_ids.filtered("wallet_lot_type")
        if before:
            self.assertEqual(
                items.filtered("wallet_lot_type").mapped("wallet_grant_id"),
                before.mapped("wallet_grant_id"),
            )

    def test_of_a_frozen_wallet_in_the_session(self):
        self._wallet().action_freeze()
        self._invoice_order()
        self._close_session(90)
        self.assertTillIsClear()

    def test_of_a_frozen_wallet_after_closing(self):
        self._close_session(90)
        self._wallet().action_freeze()
        self._invoice_order()
        self.assertTillIsClear()

    def test_one_invoice_for_several_orders(self):
        self._top_up(300)
        other = self._sync(self._order_data([(self.wallet_pm, 300)], quantity=3))
        orders = self.order | other
        self._close_session(90)
        self.env["pos.make.invoice"].with_context(active_ids=orders.ids).create(
            {}
        ).action_create_invoices()
        invoice = orders.account_move
        self.assertEqual((invoice.amount_total, invoice.payment_state), (500, "paid"))
        self.assertKinds(10, 0)
        self.assertTillIsClear()
        self.assertEqual(orders.mapped("wallet_amount"), [110, 300])

    def test_kept_change_is_no_part_of_one_invoice_for_several_orders(self):
        self._top_up(300)
        kept = self._sync(
            self._order_data([(self.cash_pm1, 150), (self.wallet_pm, -50)])
        )
        other = self._sync(self._order_data([(self.wallet_pm, 300)], quantity=3))
        orders = self.order | kept | other
        self._close_session(240)
        self.env["pos.make.invoice"].with_context(active_ids=orders.ids).create(
            {}
        ).action_create_invoices()
        invoice = orders.account_move
        self.assertEqual((invoice.amount_total, invoice.payment_state), (600, "paid"))
        self.assertKinds(60, 0)
        self.assertTillIsClear()

    def test_the_customer_is_told_once(self):
        self.company.wallet_mail_used = True
        self.customer.email = "c@example.com"
        Mail = self.env["mail.mail"].sudo()
        about_wallets = [("model", "=", "customer.wallet")]
        before = Mail.search_count(about_wallets)
        self._invoice_order()
        self.assertEqual(Mail.search_count(about_wallets), before)


@tagged("post_install", "-at_install")
class TestReturnsAtTheTill(TillKindsCommon):
    """What a wallet has paid comes back once, and to the one who paid. When the
    session is closed, all of it is in the books.
    """

    def setUp(self):
        super().setUp()
        self._have_only_a_bonus(100)
        self.open_new_session()
        self.order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        self.assertEqual(self.order.wallet_amount, 100)

    def test_the_same_goods_come_back_once(self):
        self._sync(self._refund_data(self.order, [(self.wallet_pm, -100)]))
        self.assertOrdersRefused(
            self._refund_data(self.order, [(self.wallet_pm, -100)])
        )
        self._close_session()
        self.assertKinds(0, 100)

    def test_goods_that_cash_has_paid_come_back_once(self):
        order = self._sync(self._order_data([(self.cash_pm1, 200)], quantity=2))
        self._sync(self._refund_data(order, [(self.cash_pm1, -100)]))
        self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        for method in (self.cash_pm1, self.wallet_pm):
            self.assertOrdersRefused(
                self._refund_data(order, [(method, -100)]),
                message="has been refunded already",
            )
        self.assertKinds(100, 0)

    def test_more_than_was_bought_does_not_come_back(self):
        self.assertOrdersRefused(
            self._refund_data(self.order, [(self.wallet_pm, -200)], quantity=2),
            message="has been refunded already",
        )

    def test_more_bonus_than_was_used_does_not_come_back(self):
        self.assertOrdersRefused(
            self._refund_at(150, self.order, self.wallet_pm),
            message=r"Only .*100\.00 of what",
        )
        self._sync(self._refund_data(self.order, [(self.wallet_pm, -100)]))
        self._close_session()
        self.assertKinds(0, 100)

    def test_the_money_of_one_customer_does_not_go_to_another(self):
        """The return names another customer than the order did."""
        refund = self._refund_data(self.order, [(self.wallet_pm, -100)])
        with self._perhaps_refused():
            self._sync({**refund, "partner_id": self.other_customer.id})
        self._close_session()
        other = self._wallet(self.other_customer)
        self.assertEqual((other.balance, other.bonus_balance, other.held), (0, 0, 0))

    def test_nor_does_the_cash_of_one_customer_go_to_anothers_wallet(self):
        order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        refund = self._refund_data(order, [(self.wallet_pm, -100)])
        self.assertOrdersRefused(
            {**refund, "partner_id": self.other_customer.id}, message="choose this"
        )

    def test_a_return_of_nobody_pays_no_bonus_out(self):
        refund = self._refund_data(self.order, [(self.cash_pm1, -100)])
        self.assertOrdersRefused({**refund, "partner_id": False}, message="choose this")

    def test_a_return_without_its_order_pays_no_bonus_out(self):
        self.assertOrdersRefused(
            self._order_data([(self.cash_pm1, -100)], quantity=-1),
            message="bonus money",
        )
        self._sync(self._order_data([(self.wallet_pm, -100)], quantity=-1))
        self.assertKinds(0, 100)

    def test_a_price_below_zero_pays_no_bonus_out(self):
        """Neither does a line that is no return, but gives money."""
        data = self._order_data([(self.cash_pm1, -100)])
        line = data["lines"][0][2]
        line.update({"price_unit": -100, "qty": 1})
        for name in ("price_subtotal", "price_subtotal_incl"):
            line[name] = -100
        for name in ("amount_total", "amount_paid"):
            data[name] = -100
        self.assertOrdersRefused(data, message="bonus money")

    def test_held_bonus_does_not_become_paid_money_in_the_office(self):
        """A credit note of the same day, before the session is closed."""
        self.assertEqual(self.order.payment_ids.wallet_hold_id.state, "held")
        credit_note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goodwill", "price_unit": 100, "tax_ids": False}
                    )
                ],
            }
        )
        credit_note.action_post()
        with self._perhaps_refused():
            credit_note.action_refund_to_wallet()
        self.assertEqual(self._wallet()._get_available_for_pay_out(), 0)
        self._close_session()
        self.assertEqual(self._wallet()._get_available_for_pay_out(), 0)

    def _exchange(self):
        """The product for another of the same price: nothing is paid."""
        data = self.create_ui_order_data(
            [(self.product, -1), (self.product, 1)],
            customer=self.customer,
            payments=[],
            pos_order_ui_args={"state": "paid"},
        )
        data["lines"][0][2]["refunded_orderline_id"] = self.order.lines.id
        return self._sync(data)

    def _return_exchanged(self, exchange, method):
        data = self._order_data([(method, -100)], quantity=-1)
        line = exchange.lines.filtered(lambda line: line.qty > 0)
        data["lines"][0][2]["refunded_orderline_id"] = line.id
        data["is_refund"] = True
        return data

    def test_an_exchange_pays_no_bonus_out(self):
        exchange = self._exchange()
        self.assertOrdersRefused(
            self._return_exchanged(exchange, self.cash_pm1), message="bonus money"
        )
        self._sync(self._return_exchanged(exchange, self.wallet_pm))
        self.assertKinds(0, 100)

    def test_other_goods_that_cash_paid_may_come_back_as_cash(self):
        order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        self._sync(self._refund_data(order, [(self.cash_pm1, -100)]))
        self.assertKinds(0, 0)
        self._close_session(0)
        self.assertTillIsClear()

    def test_more_than_the_goods_does_not_go_into_the_wallet(self):
        self.assertOrdersRefused(
            self._refund_data(
                self.order, [(self.wallet_pm, -150), (self.cash_pm1, 50)]
            ),
            message="not fully paid",
        )

    def test_a_till_entry_is_undone_by_the_till(self):
        self._close_session()
        entry = self.order.payment_ids.wallet_move_id
        with self.assertRaisesRegex(UserError, "refund the order"):
            self.order.action_undo_wallet_entry(entry.id)
        self.assertKinds(0, 0)

    # A return stays one

    def _return_on(self, method):
        order = self._sync(self._order_data([(method, 100)]))
        return self._sync(self._refund_data(order, [(method, -100)]))

    def assertStaysReturned(self, refund, **vals):
        lines = refund.lines.with_user(self.cashier)
        self.assertRefused(UserError, lines.write, vals, message="cannot be changed")

    def test_a_return_is_not_cut_off_from_its_order(self):
        """By a cashier, who may write lines; the goods would come back once more."""
        other = self._sync(self._order_data([(self.cash_pm1, 100)]))
        draft = other.copy({"lines": []})
        by_wallet = self._sync(self._refund_data(self.order, [(self.wallet_pm, -100)]))
        for refund in (by_wallet, self._return_on(self.cash_pm1)):
            sold = refund.lines.refunded_orderline_id
            self.assertStaysReturned(refund, refunded_orderline_id=False)
            self.assertStaysReturned(refund, refunded_orderline_id=other.lines.id)
            self.assertStaysReturned(refund, order_id=draft.id)
            self.assertStaysReturned(refund, qty=0)
            self.assertRefused(
                UserError,
                sold.with_user(self.cashier).write,
                {"refund_orderline_ids": [Command.clear()]},
                message="cannot be changed",
            )
            # As a till sends it again.
            refund.lines.write({"refunded_orderline_id": sold.id})
            self.assertEqual(sold.refund_orderline_ids, refund.lines)
        self.assertKinds(0, 100)

    def test_a_paid_order_without_a_state_is_none(self):
        """Neither is it cancelled then, nor deleted."""
        top_up = self._sync(self._top_up_data(50))
        by_wallet = self._sync(self._order_data([(self.wallet_pm, 50)], quantity=0.5))
        in_cash = self._return_on(self.cash_pm1)
        for sold in (top_up, by_wallet, in_cash):
            order = sold.with_user(self.cashier)
            self.assertRefused(
                UserError, order.write, {"state": False}, message="already been paid"
            )
            self.assertRefused(UserError, order.unlink)
            forced = order.with_context(_force_unlink=True)
            self.assertRefused(UserError, forced.unlink, message="cannot be changed")
            self.assertEqual(order.state, "paid")
        self.assertRefused(
            UserError,
            in_cash.lines.with_user(self.cashier)
            .with_context(_force_unlink=True)
            .unlink,
            message="cannot be changed",
        )
        self.assertKinds(0, 0)


@tagged("post_install", "-at_install")
class TestReturnOfWhatWasPaid(TillKindsCommon):
    """Whatever a till says of goods that come back: they are worth what was paid for
    them. The customer has 500.
    """

    def setUp(self):
        super().setUp()
        self.open_new_session()

    def assertNotGivenBack(self, left, *orders_data, balance):
        for data in orders_data:
            self.assertOrdersRefused(data, message=rf"Only .*{left}\.00 of what")
        self.assertBalance(balance)

    def test_what_was_never_paid_does_not_come_back(self):
        order = self._sync(self._order_data([], state="draft"))
        refund = self._refund_data(order, [(self.wallet_pm, -100)])
        self.assertNotGivenBack(0, refund, balance=500)
        order.action_pos_order_cancel()
        self.assertNotGivenBack(0, refund, balance=500)

    def test_no_more_comes_back_than_the_goods_cost(self):
        for method, balance in ((self.wallet_pm, 400), (self.cash_pm1, 500)):
            order = self._sync(self._order_data([(method, 100)]))
            self.assertNotGivenBack(
                100,
                self._refund_at(1000, order, self.wallet_pm),
                self._refund_at(101, order, self.wallet_pm),
                balance=balance,
            )
            self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
            self.assertBalance(balance + 100)
        self._close_session(100)
        self.assertTillIsClear()

    def test_nor_as_cash_what_a_wallet_has_paid(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        self.assertNotGivenBack(
            100, self._refund_at(150, order, self.cash_pm1), balance=400
        )

    def test_nor_by_a_line_that_says_that_it_sells(self):
        """Of one piece for -1000."""
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        data = self._refund_at(1000, order, self.wallet_pm)
        data["lines"][0][2].update(qty=1, price_unit=-1000)
        self.assertNotGivenBack(100, data, balance=400)

    def test_what_comes_back_for_less_leaves_the_rest(self):
        """Two pieces of 100: one for 60, and then the other one for what it cost."""
        order = self._sync(self._order_data([(self.wallet_pm, 200)], quantity=2))
        self._sync(self._refund_at(60, order, self.wallet_pm))
        self.assertNotGivenBack(
            140, self._refund_at(141, order, self.wallet_pm), balance=360
        )
        self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self.assertBalance(460)

    def test_goods_of_another_order_come_back_with_them(self):
        """Those whose order nobody has found: the others come back afterwards."""
        order = self._sync(self._order_data([(self.wallet_pm, 200)], quantity=2))
        data = self.create_ui_order_data(
            [(self.product, -1), (self.product, -1)],
            customer=self.customer,
            payments=[(self.wallet_pm, -200)],
            pos_order_ui_args={"state": "paid"},
        )
        data["lines"][0][2]["refunded_orderline_id"] = order.lines.id
        self._sync(data)
        self.assertBalance(500)
        self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self.assertBalance(600)
        self._close_session()
        self.assertTillIsClear()

    def test_what_another_company_has_sold_does_not_come_back_here(self):
        company = self._new_company()
        session = self._open_session_of(company)
        order = session.env["pos.order"].create(
            {
                "session_id": session.id,
                "partner_id": self.customer.id,
                "state": "paid",
                "amount_total": 100,
                "amount_tax": 0,
                "amount_paid": 100,
                "amount_return": 0,
                "lines": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "qty": 1,
                            "price_unit": 100,
                            "price_subtotal": 100,
                            "price_subtotal_incl": 100,
                        }
                    )
                ],
                "payment_ids": [
                    Command.create(
                        {
                            "amount": 100,
                            "payment_method_id": session.payment_method_ids[0].id,
                        }
                    )
                ],
            }
        )
        self.assertOrdersRefused(
            self._refund_data(order, [(self.wallet_pm, -100)]),
            message="was sold by Another Company",
        )
        self.assertBalance(500)

    def _open_session_of(self, company):
        till = self._new_till(company)
        till.open_ui()
        return till.current_session_id


@tagged("post_install", "-at_install")
class TestReturnOfAnUnpaidOrder(TillKindsCommon):
    """An order of 100 that is invoiced and not paid, or for a part only: no more goes
    into the wallet than was paid.
    """

    def setUp(self):
        super().setUp()
        self.open_new_session()

    def _returned_data(self, order, *payments, **values):
        return self._refund_data(order, payments, **values)

    def test_what_was_not_paid_does_not_come_back(self):
        order = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        for values in ({}, {"to_invoice": True}):
            self.assertOrdersRefused(
                self._returned_data(order, (self.wallet_pm, -100), **values),
                message=r"Only .*0\.00 of what .* on account",
            )
        refund = self._sync(self._returned_data(order, (self.pay_later_pm, -100)))
        self.assertEqual(refund.account_move.amount_residual, 0)
        self.assertEqual(order.account_move.amount_residual, 0)
        self.assertBalance(500)

    def _pieces(self, quantity, amount, values):
        """Of pieces for 3.33, less 10 per cent."""
        values["lines"][0][2].update(
            qty=quantity,
            price_unit=3.33,
            discount=10,
            price_subtotal=amount,
            price_subtotal_incl=amount,
        )
        return {**values, "amount_total": amount, "amount_paid": amount}

    def test_each_piece_comes_back_although_its_price_is_rounded_anew(self):
        data = self._order_data([(self.wallet_pm, 8.99)], quantity=3)
        order = self._sync(self._pieces(3, 8.99, data))
        self.assertBalance(491.01)
        for _piece in range(3):
            data = self._refund_data(order, [(self.wallet_pm, -3.0)])
            self._sync(self._pieces(-1, -3.0, data))
        self.assertBalance(500.01)

    def test_so_does_each_line(self):
        data = self.create_ui_order_data(
            [(self.product, 1), (self.product, 1)],
            customer=self.customer,
            payments=[(self.wallet_pm, 6.05)],
            pos_order_ui_args={"state": "paid"},
        )
        for (_create, _id, line), incl in zip(data["lines"], (3.03, 3.02), strict=True):
            line.update(price_unit=incl, price_subtotal=incl, price_subtotal_incl=incl)
        order = self._sync({**data, "amount_total": 6.05, "amount_paid": 6.05})
        self.assertBalance(493.95)
        for line in order.lines:
            data = self._refund_at(3.03, order.browse(), self.wallet_pm)
            data["lines"][0][2]["refunded_orderline_id"] = line.id
            self._sync(data)
        self.assertBalance(500.01)

    def test_of_an_order_that_is_paid_for_a_part_that_part_comes_back(self):
        order = self._sync(
            self._order_data([(self.wallet_pm, 60), (self.pay_later_pm, 40)])
        )
        self.assertBalance(440)
        for method in (self.wallet_pm, self.cash_pm1):
            self.assertOrdersRefused(
                self._returned_data(order, (method, -100), to_invoice=True),
                message=r"Only .*60\.00 of what",
            )
        refund = self._sync(self._returned_data(order, (self.pay_later_pm, -100)))
        self.assertEqual(refund.account_move.amount_residual, 60)
        self._move_open_credits()
        self.assertBalance(500)
        self.assertEqual(
            (order | refund).account_move.mapped("amount_residual"), [0, 0]
        )

    def test_one_refused_return_holds_up_no_other_order(self):
        order = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        sale = self._order_data([(self.wallet_pm, 100)])
        refund = self._returned_data(order, (self.wallet_pm, -100), to_invoice=True)
        result = (
            self.env["pos.order"]
            .with_user(self.cashier)
            .sync_from_ui([dict(refund), dict(sale)])
        )
        self.assertEqual(
            [it["uuid"] for it in result["wallet_refusals"]], [refund["uuid"]]
        )
        self.assertBalance(400)

    def test_a_return_that_is_invoiced_when_its_order_is_unpaid(self):
        """Both are invoiced after their session: the credit note settles the invoice,
        and nothing is left for the wallet.
        """
        order = self._sync(
            self._order_data(
                [(self.wallet_pm, 100), (self.customer_account_pm, 100)], quantity=2
            )
        )
        refund = self._sync(self._returned_data(order, (self.wallet_pm, -100)))
        self._close_session()
        order.action_pos_order_invoice()
        self.assertEqual(order.account_move.amount_residual, 100)
        self.assertRefused(
            UserError, refund.action_pos_order_invoice, message="is not paid.*account"
        )
        self.assertBalance(500)

    # Of 200, 60 are paid

    def _sold(self, quantity=2, **values):
        """By 60 from the wallet; the rest is on account."""
        rest = quantity * 100 - 60
        payments = [(self.wallet_pm, 60), (self.customer_account_pm, rest)]
        order = self._sync(self._order_data(payments, quantity=quantity, **values))
        self.assertBalance(440)
        return order

    def _return(self, order, method, amount, **values):
        """Some of it, by an order of its own."""
        data = self._refund_data(
            order, [(method, -amount)], quantity=amount / 100, **values
        )
        return self._sync(data)

    def _close_and_open(self):
        self._close_session()
        self.open_new_session()

    def assertLeft(self, order, left, amount=100):
        """An amount of which no more is left does not come back, in no way."""
        for method in (self.wallet_pm, self.cash_pm1, self.bank_pm1):
            data = self._refund_data(order, [(method, -amount)], quantity=amount / 100)
            for values in ({}, {"to_invoice": True}):
                self.assertOrdersRefused(
                    {**data, **values}, message=rf"Only .*\D{left}\.00 of what"
                )

    def assertBookedOnAccount(self, *residuals):
        """What is open on the customer's receivable."""
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.customer.property_account_receivable_id.id),
                ("partner_id", "=", self.customer.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        self.assertEqual(items.sorted("id").mapped("amount_residual"), list(residuals))

    def test_a_return_on_account_counts_once_when_its_session_is_closed(self):
        for is_invoiced in (True, False):
            order = self._sold(to_invoice=is_invoiced)
            self._return(order, self.customer_account_pm, 40)
            for _is_closed in (False, True):
                self.assertLeft(order, 60)
                self._close_and_open()
            self.assertBookedOnAccount(100)
            self._return(order, self.wallet_pm, 60)
            self.assertBalance(500)
            self.assertLeft(order, 0)
            self._return(order, self.customer_account_pm, 100)
            self._close_and_open()
            self.assertBookedOnAccount()

    def test_a_return_by_card_does_not_pay_the_invoice_of_its_order(self):
        """Its credit note does, and what the card has got is owed."""
        order = self._sold(1, to_invoice=True)
        refund = self._return(order, self.bank_pm1, 40, to_invoice=True)
        self.assertEqual(order.account_move.amount_residual, 0)
        self.assertBookedOnAccount(40)
        self.assertEqual(refund.account_move.amount_residual, 0)
        self.assertLeft(order, 20, 60)
        self._return(order, self.wallet_pm, 20)
        self._return(order, self.customer_account_pm, 40)
        self._close_session()
        self.assertBookedOnAccount(40, -40)
        self.assertBalance(460)

    def test_nor_does_one_that_is_invoiced_after_closing(self):
        order = self._sold(1, to_invoice=True)
        refund = self._return(order, self.bank_pm1, 40)
        self.assertLeft(order, 20, 60)
        self._close_session()
        refund.action_pos_order_invoice()
        self.assertEqual(order.account_move.amount_residual, 0)
        self.assertBookedOnAccount(40)
        self.open_new_session()
        self.assertLeft(order, 20, 60)

    def test_what_is_on_account_without_an_invoice_is_not_paid_either(self):
        order = self._sold(1)
        for _is_closed in (False, True):
            self.assertLeft(order, 60)
            self._close_and_open()
        item = self.env["account.move.line"].browse(
            self.customer.get_pos_settlements(self.config.id)[0]["id"]
        )
        self._sync(self._settled_data(item, 40))
        self._return(order, self.wallet_pm, 100)
        self.assertBalance(540)
        self._close_session()
        self.assertBookedOnAccount()

    def _settled_data(self, item, amount):
        data = self._top_up_data(amount, self.bank_pm1)
        payment = data["payment_ids"][1][2]
        payment["payment_method_id"] = self.customer_account_pm.id
        payment["settled_item"] = item.id
        return data

    def test_what_an_exchange_put_on_account_is_not_paid(self):
        """Goods of 100 that are paid, for others of 200."""
        for is_invoiced in (True, False):
            order = self._sync(
                self._order_data([(self.wallet_pm, 100)], to_invoice=is_invoiced)
            )
            data = self.create_ui_order_data(
                [(self.product, -1), (self.product, 2)],
                customer=self.customer,
                payments=[(self.customer_account_pm, 100)],
                pos_order_ui_args={"state": "paid"},
            )
            data["lines"][0][2]["refunded_orderline_id"] = order.lines.id
            new_line = self._sync(data).lines.filtered(lambda line: line.qty > 0)
            returned = self._order_data([(self.wallet_pm, -200)], quantity=-2)
            returned["lines"][0][2]["refunded_orderline_id"] = new_line.id
            returned["is_refund"] = True
            for _is_closed in (False, True):
                self.assertOrdersRefused(returned, message=r"Only .*100\.00 of what")
                self._close_and_open()
                returned["session_id"] = self.pos_session.id

    def test_a_credit_note_settles_an_order_without_an_invoice(self):
        order = self._sold()
        for is_closed in (False, True):
            refund = self._return(order, self.pay_later_pm, 40)
            self.assertEqual(
                refund.account_move.amount_residual, 0 if is_closed else 40
            )
            self.assertLeft(order, 60)
            self._close_and_open()
            self.assertBookedOnAccount(60 if is_closed else 100)
        self._return(order, self.wallet_pm, 60)
        self.assertBalance(500)

    def test_the_till_that_took_goods_back_is_closed_first(self):
        seller, order = (self.config, self.pos_session), self._sold()
        methods = self.customer_account_pm | self.bank_pm1
        self.config = self._new_till(payment_method_ids=[Command.set(methods.ids)])
        self.open_new_session()
        self._return(order, self.customer_account_pm, 40)
        self.pos_session.close_session_from_ui()
        self.config, self.pos_session = seller
        self.assertLeft(order, 60)
        self._return(order, self.wallet_pm, 60)
        self._close_session()
        self.assertBookedOnAccount(100)
        self.assertBalance(500)

    def test_two_methods_on_account_are_told_apart(self):
        """Of the same customer and amount, where one is paid before it comes back."""
        tab = self.customer_account_pm.copy({"name": "Tab"})
        self._close_session()
        self.config.payment_method_ids |= tab
        self.open_new_session()
        first = self._sync(
            self._order_data([(self.wallet_pm, 60), (tab, 140)], quantity=2)
        )
        self._top_up(60)
        second = self._sold()
        self._close_and_open()
        for order, method in ((first, tab), (second, self.customer_account_pm)):
            item = order.payment_ids.on_account_item_id
            self.assertIn(method.name, item.name)
            self.assertEqual(item._get_settled_name(), order.name)
        self._sync(self._settled_data(first.payment_ids.on_account_item_id, 140))
        self.assertLeft(second, 60)
        self._return(first, self.wallet_pm, 200)
        self._close_session()
        self.assertBookedOnAccount(140)

    def test_what_a_company_owes_it_owes_when_its_contact_has_left(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        order = self._sync(
            self._order_data(
                [(self.wallet_pm, 60), (self.customer_account_pm, 40)], contact
            )
        )
        self._close_session()
        contact.parent_id = False
        self.open_new_session()
        self.assertBookedOnAccount(40)
        data = self._refund_data(order, [(self.wallet_pm, -100)])
        self.assertOrdersRefused(
            {**data, "partner_id": self.customer.id}, message=r"Only .*60\.00 of what"
        )

    def test_a_method_that_does_not_name_its_customers_any_more(self):
        order = self._sold(1)
        self._close_session()
        self.customer_account_pm.split_transactions = False
        self.open_new_session()
        self.assertBookedOnAccount(40)
        self.assertLeft(order, 60)

    def test_what_a_card_of_a_known_customer_paid_comes_back(self):
        self._close_session()
        self.config.payment_method_ids |= self.bank_split_pm1
        self.open_new_session()
        order = self._sync(
            self._order_data([(self.wallet_pm, 40), (self.bank_split_pm1, 60)])
        )
        self._close_session()
        order.action_pos_order_invoice()
        self.assertEqual(order.account_move.amount_residual, 0)
        self.assertBookedOnAccount()
        self.open_new_session()
        self._return(order, self.wallet_pm, 100)
        self.assertBalance(560)

    def test_another_customer_has_exchanged_goods_of_an_order(self):
        """Each order was bought by the one whose wallet has paid it."""
        self._top_up(500, partner_id=self.other_customer.id)
        order = self._sync(self._order_data([(self.wallet_pm, 200)], quantity=2))
        exchange = self._exchanged(
            order, self.other_customer, [(self.pay_later_pm, 100)]
        )
        exchange.action_allocate_wallet()
        other_wallet = self._wallet(self.other_customer)
        self.assertBalance(400, other_wallet)
        returned = self._take_back_data(
            exchange, [(self.wallet_pm, -100)], self.other_customer, 1
        )
        self._sync({**returned, "to_invoice": True})
        self.assertBalance(500, other_wallet)
        self._return(order, self.wallet_pm, 100)
        self.assertBalance(400)

    def _exchanged(self, order, customer, payments):
        """One of its goods for two others."""
        data = self.create_ui_order_data(
            [(self.product, -1), (self.product, 2)],
            customer=customer,
            payments=payments,
            pos_order_ui_args={"state": "paid"},
        )
        data["lines"][0][2]["refunded_orderline_id"] = order.lines.id
        return self._sync(data)

    def _take_back_data(self, order, payments, customer, quantity):
        data = self._order_data(payments, customer, quantity=-quantity, is_refund=True)
        bought = order.lines.filtered(lambda line: line.qty > 0)
        data["lines"][0][2]["refunded_orderline_id"] = bought.id
        return data

    def test_who_has_exchanged_a_gift_gets_the_own_money_back(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        other = self.other_customer
        exchange = self._exchanged(order, other, [(self.bank_pm1, 100)])
        payments = [(self.wallet_pm, -200)]
        self.assertOrdersRefused(
            self._take_back_data(exchange, payments, self.customer, 2),
            message=f"{other.name} bought",
        )
        self._sync(self._take_back_data(exchange, payments, other, 2))
        self._close_session()
        self.assertBalance(200, self._wallet(other))
        self.assertBalance(400)
        self.assertTillIsClear()

    def test_what_a_contact_had_in_exchange_is_the_companys(self):
        """Also when nothing was paid for it, and the contact has left."""
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        order = self._sync(
            self._order_data([(self.wallet_pm, 200)], contact, quantity=2)
        )
        data = self.create_ui_order_data(
            [(self.product, -1), (self.product, 1)],
            customer=contact,
            payments=[],
            pos_order_ui_args={"state": "paid"},
        )
        data["lines"][0][2]["refunded_orderline_id"] = order.lines.id
        exchange = self._sync(data)
        contact.parent_id = False
        payments = [(self.wallet_pm, -100)]
        self.assertOrdersRefused(
            self._take_back_data(exchange, payments, contact, 1),
            message=f"{self.customer.name} bought",
        )
        self._sync(self._take_back_data(exchange, payments, self.customer, 1))
        self.assertBalance(400)

    def test_what_a_company_paid_in_cash_is_its_own_where_it_is_invoiced(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        order = self._sync(
            self._order_data([(self.bank_pm1, 100)], contact, to_invoice=True)
        )
        contact.parent_id = False
        data = self._refund_data(order, [(self.wallet_pm, -100)], to_invoice=True)
        self.assertOrdersRefused(
            {**data, "partner_id": contact.id}, message=f"{self.customer.name} bought"
        )
        self._sync(data)
        self.assertBalance(600)

    def test_an_order_with_a_cancelled_invoice_is_a_matter_of_the_office(self):
        order = self._sold(1, to_invoice=True)
        self._close_session()
        order.account_move.button_draft()
        order.account_move.button_cancel()
        self.open_new_session()
        for method in (self.wallet_pm, self.customer_account_pm):
            self.assertOrdersRefused(
                self._returned_data(order, (method, -100)), message="ask the office"
            )

    def test_many_orders_on_one_invoice_are_rounded_once(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Whole",
                "rounding": 1.0,
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        self._close_session()
        self.config.write({"cash_rounding": True, "rounding_method": rounding.id})
        self.open_new_session()
        orders = self._sync(
            *(self._order_data([(self.wallet_pm, 100)]) for _number in range(3))
        )
        self._close_session()
        self.env["pos.make.invoice"].with_context(active_ids=orders.ids).create(
            {}
        ).action_create_invoices()
        self.open_new_session()
        for order in orders[:2]:
            self._return(order, self.wallet_pm, 100)
        data = self._refund_at(102, orders[2], self.wallet_pm)
        self.assertOrdersRefused(data, message=r"Only .*100\.00 of what")
        self._return(orders[2], self.wallet_pm, 100)
        self.assertBalance(500)


@tagged("post_install", "-at_install")
class TestReturnOfADiscountedOrder(TillKindsCommon):
    """An order of 100, invoiced on account, was paid by 98 within the days of its early
    payment discount.
    """

    def setUp(self):
        super().setUp()
        self.open_new_session()
        self.customer.property_payment_term_id = self._discount_terms()
        self.order = self._sync(self._order_data([(self.pay_later_pm, 100)]))
        self.order.action_allocate_wallet()
        self.assertBalance(402)

    def test_an_order_says_what_the_wallet_paid(self):
        self.assertEqual(self.order.wallet_amount, 98)

    def test_what_comes_back_is_what_was_paid(self):
        refund = self._sync(
            self._refund_data(self.order, [(self.wallet_pm, -100)], to_invoice=True)
        )
        self.assertBalance(500)
        self.assertEqual(refund.account_move.amount_residual, 0)
        self.assertEqual(refund.wallet_amount, -98)
