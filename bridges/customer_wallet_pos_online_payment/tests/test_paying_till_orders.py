from unittest.mock import patch

from odoo import Command
from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_wallet.tests.paying_online_matrix import shows

from .common import TillOrderCommon


@tagged("post_install", "-at_install", "-standard", "with_pos_online_payment")
class TestPayingTillOrders(TillOrderCommon):
    def test_the_owner_pays_the_order_that_the_till_shows(self):
        order = self._send()
        self._login("wallet_owner")
        page = self._get_form(self._get_pay_url(order))
        self.assertTrue(self._is_offered(page))
        self.assertFalse(self._get_notice(page))
        said = page.xpath("//div[@name='o_wallet_available']")[0].text_content()
        self.assertIn("200.00", said)
        self.assertIn("120.00", said)
        tx = self._pay_order(order)
        # Paid at once, before Odoo's page asks.
        self.assertEqual((tx.state, order.state), ("done", "paid"))
        payment = self._get_payment(order)
        self.assertEqual(payment, tx.payment_id)
        self.assertEqual(
            (payment.pos_order_id, payment.pos_session_id), (order, self.register)
        )
        self.assertEqual(order.payment_ids.mapped("amount"), [80])
        self.assertEqual(order.wallet_amount, 80)
        self.assertBalance(120)
        self.assertIn("80.00", self._get_confirmation(order, tx))
        tx._post_process()
        self.assertEqual(len(order.payment_ids), 1)

    def test_the_books_of_the_session_balance(self):
        order = self._paid_order()
        entry = self._get_payment(order).move_id
        self.assertEntry(
            entry, [(self.wallet_account, 80, 0), (self.receivable, 0, 80)]
        )
        closing = self._close_register()
        self.assertEntry(
            closing, [(self.receivable, 80, 0), (self.sales_account, 0, 80)]
        )
        lines = (entry | closing).line_ids
        owed = lines.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual(owed.partner_id, self.customer)
        self.assertTrue(all(owed.mapped("reconciled")))
        self.assertBalance(120)

    def test_a_contact_of_the_customer_pays(self):
        order = self._send()
        tx = self._pay_order(order, login="wallet_colleague")
        self.assertEqual((tx.state, order.state), ("done", "paid"))
        self.assertBalance(120)

    def test_a_short_wallet_says_why_and_offers_to_top_up(self):
        order = self._send(201)
        self._login("wallet_owner")
        page = self._get_form(self._get_pay_url(order))
        self.assertFalse(self._is_offered(page))
        self.assertIn("201.00", self._get_notice(page))
        self.assertTrue(page.xpath("//a[@href='/my/wallet/top_up']"))
        self._assert_not_payable(order)

    @shows("self-order", "frozen")
    def test_a_frozen_wallet_says_so(self):
        order = self._send()
        self._wallet().state = "frozen"
        self._login("wallet_owner")
        page = self._get_form(self._get_pay_url(order))
        self.assertFalse(self._is_offered(page))
        self.assertIn("frozen", self._get_notice(page))
        self._assert_not_payable(order)

    def test_a_visitor_is_not_offered_the_wallet(self):
        for customer in (self.customer, self.env["res.partner"]):
            order = self._send(customer=customer)
            self.authenticate(None, None)
            page = self._get_form(self._get_pay_url(order))
            self.assertFalse(self._is_offered(page))
            self.assertFalse(self._get_notice(page))
            self.assertNotIn("200.00", page.text_content())
            self._assert_not_payable(order)

    @shows("self-order", "another's document")
    def test_another_customer_is_not_offered_the_wallet(self):
        self._pay(90, partner_id=self.stranger.id)
        order = self._send()
        self._login("wallet_stranger")
        page = self._get_form(self._get_pay_url(order))
        self.assertFalse(self._is_offered(page))
        self.assertFalse(self._get_notice(page))
        self._assert_not_payable(order)
        self.assertBalance(90, self._wallet(self.stranger))

    def test_nothing_is_offered_without_the_token_of_the_order(self):
        order = self._send()
        self._login("wallet_owner")
        with mute_logger("odoo.http"):
            response = self.url_open(f"/pos/pay/{order.id}?access_token=x")
        self.assertNotIn("data-provider-code", response.text)

    def test_a_till_that_takes_cards_only_does_not_mention_wallets(self):
        self.online.online_payment_provider_ids = [Command.set(self.provider.ids)]
        for amount in (80, 201):
            order = self._send(amount)
            self._login("wallet_owner")
            page = self._get_form(self._get_pay_url(order))
            self.assertFalse(self._is_offered(page))
            self.assertFalse(self._get_notice(page))
            self._assert_not_payable(order)

    def _assert_not_payable(self, order):
        """Nor by who knows how the page asks the server."""
        with (
            self.assertRaisesRegex(JsonRpcException, "UserError"),
            mute_logger("odoo.http"),
        ):
            self._start_on_order(order)
        self.env.invalidate_all()
        self.assertEqual(order.state, "draft")
        self.assertBalance(200)

    # An order of nobody

    def test_an_order_of_nobody_becomes_the_customers_who_pays_it(self):
        order = self._send(customer=self.env["res.partner"])
        self._login("wallet_owner")
        page = self._get_form(self._get_pay_url(order))
        self.assertTrue(self._is_offered(page))
        tx = self._pay_order(order)
        self.assertEqual(
            (tx.state, tx.partner_id, order.state, order.partner_id),
            ("done", self.customer, "paid", self.customer),
        )
        self._close_register()
        self.assertBalance(120)

    def test_the_cashier_chooses_the_customer_meanwhile(self):
        """Somebody else had begun to pay what was of nobody."""
        self._pay(90, partner_id=self.stranger.id)
        order = self._send(customer=self.env["res.partner"])
        self._login("wallet_stranger")
        tx = self._start_on_order(order)
        order.partner_id = self.customer
        self._submit(tx.reference)
        self.env.invalidate_all()
        self.assertEqual((tx.state, order.state), ("error", "draft"))
        self.assertBalance(90, self._wallet(self.stranger))

    def test_of_two_customers_who_pay_one_order_one_does(self):
        self._pay(90, partner_id=self.stranger.id)
        order = self._send(customer=self.env["res.partner"])
        self._login("wallet_stranger")
        late = self._start_on_order(order)
        self._pay_order(order)
        self._login("wallet_stranger")
        self._submit(late.reference)
        self.env.invalidate_all()
        self.assertEqual((late.state, order.partner_id), ("error", self.customer))
        self.assertBalance(120)
        self.assertBalance(90, self._wallet(self.stranger))

    def test_the_till_does_not_take_the_customer_away(self):
        """It has not heard yet who has paid a part."""
        order = self._send(customer=self.env["res.partner"])
        order.next_online_payment_amount = 30
        self._pay_order(order)
        self.assertEqual((order.state, order.partner_id), ("draft", self.customer))
        self._send(
            customer=self.env["res.partner"],
            uuid=order.uuid,
            access_token=order.access_token,
            lines=[],
            general_customer_note="Thanks",
        )
        self.assertEqual(
            (order.partner_id, order.general_customer_note), (self.customer, "Thanks")
        )
        for customer in (self.stranger, self.stranger.browse()):
            with self.assertRaisesRegex(UserError, "Amal"):
                order.partner_id = customer

    # Once

    @shows("self-order", "raced")
    def test_the_wallet_is_spent_elsewhere_meanwhile(self):
        order = self._send()
        self._login("wallet_owner")
        tx = self._start_on_order(order)
        self._pay_out(150)
        self._submit(tx.reference)
        self.env.invalidate_all()
        self.assertEqual((tx.state, order.state), ("error", "draft"))
        self.assertFalse(order.payment_ids)
        self.assertIn("50.00", self._get_confirmation(order, tx))
        self.assertBalance(50)

    def test_the_wallet_is_frozen_meanwhile(self):
        order = self._send()
        self._login("wallet_owner")
        tx = self._start_on_order(order)
        self._wallet().state = "frozen"
        self._submit(tx.reference)
        self.env.invalidate_all()
        self.assertEqual((tx.state, order.state), ("error", "draft"))
        self.assertBalance(200)

    @shows("self-order", "sent twice")
    def test_sent_twice_it_pays_once(self):
        order = self._send()
        tx = self._pay_order(order)
        self._submit(tx.reference)
        tx._post_process()
        self.assertEqual(order.payment_ids.mapped("amount"), [80])
        self.assertBalance(120)

    def test_two_windows_pay_once(self):
        order = self._send()
        self._login("wallet_owner")
        transactions = [self._start_on_order(order) for _window in range(2)]
        for tx in transactions * 2:
            self._submit(tx.reference)
        self.env.invalidate_all()
        self.assertEqual([tx.state for tx in transactions], ["done", "error"])
        self.assertEqual(order.payment_ids.mapped("amount"), [80])
        self.assertBalance(120)

    def test_what_a_card_is_paying_is_not_paid_from_the_wallet(self):
        order = self._send()
        self._login("wallet_owner")
        tx = self._start_on_order(order)
        card = self._pay_by_card(order)
        card._set_done()
        self._submit(tx.reference)
        self.env.invalidate_all()
        self.assertEqual(tx.state, "error")
        card._post_process()
        self.assertEqual(order.state, "paid")
        self.assertBalance(200)

    def test_a_card_that_paid_after_the_wallet_did_is_a_credit(self):
        order = self._send()
        card = self._pay_by_card(order)
        self._send_again(order, 80, [(self.wallet_pm, 80)])
        self.assertEqual(order.state, "paid")
        card._set_done()
        card._post_process()
        self.assertEqual(card.payment_id.state, "in_process")
        for _is_asked_again in range(2):
            card._process_pos_online_payment()
        self.assertEqual(order.payment_ids.payment_method_id, self.wallet_pm)
        notes = order.message_ids.filtered(lambda it: card.reference in it.body)
        self.assertEqual(len(notes), 1)
        self._close_register()
        self.assertBalance(120)
        credit = card.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertEqual(credit.amount_residual, -80)
        wizard = (
            self.env["customer.wallet.credit"]
            .with_context(default_partner_id=self.customer.id)
            .create({})
        )
        wizard.action_move_to_wallet()
        self.assertBalance(200)

    def test_a_card_that_paid_after_the_wallet_did_online_is_a_credit(self):
        order = self._send()
        card = self._pay_by_card(order)
        self._pay_order(order)
        self.assertEqual(order.state, "paid")
        card._set_done()
        card._post_process()
        self.assertEqual(card.payment_id.state, "in_process")
        self.assertEqual(order.amount_paid, 80)
        self._close_register()
        self.assertBalance(120)

    # Less is bought than was paid online

    def test_what_a_bonus_has_paid_online_is_no_change(self):
        self._pay_out(200)
        self._give_bonus(100)
        order = self._send(150)
        order.next_online_payment_amount = 100
        self._pay_order(order)
        self.assertEqual((order.state, order.get_amount_unpaid()), ("draft", 50))
        self.assertKinds(0, 0)
        with self.assertRaisesRegex(UserError, "50.00"), self.env.cr.savepoint():
            self._send_again(order, 50, [(self.bank_pm, -50)])
        self._send_again(order, 50, [(self.wallet_pm, -50)])
        self.assertEqual(order.state, "paid")
        self.assertKinds(0, 50)
        self._close_register()
        self._assert_receivable_is_settled()
        self.assertKinds(0, 50)

    def test_what_money_has_paid_online_is_change(self):
        for method in (self.wallet_pm, self.bank_pm):
            order = self._send(100)
            order.next_online_payment_amount = 60
            self._pay_order(order)
            self._send_again(order, 50, [(method, -10)])
            self.assertEqual(order.state, "paid")
        self.assertKinds(90, 0)
        self._close_register()
        self.assertKinds(90, 0)

    def _pay_by_card(self, order):
        """The customer is on the page of the card, whose answer is still to come."""
        return self._create_transaction(
            "redirect",
            amount=80,
            currency_id=order.currency_id.id,
            partner_id=self.customer.id,
            pos_order_id=order.id,
            reference="card",
        )

    def _send_again(self, order, amount, payments):
        """The cashier changes the price, and takes or gives the rest."""
        prices = dict.fromkeys(
            ("price_unit", "price_subtotal", "price_subtotal_incl"), amount
        )
        return self._send(
            amount,
            payments=payments,
            uuid=order.uuid,
            access_token=order.access_token,
            lines=[Command.update(order.lines.id, prices)],
            state="paid",
        )

    @shows("self-order", "cancelled")
    def test_a_cancelled_order_and_a_closed_register_take_nothing(self):
        orders = [self._send(), self._send()]
        self._login("wallet_owner")
        transactions = [self._start_on_order(order) for order in orders]
        orders[0].action_pos_order_cancel()
        self.register.state = "closing_control"
        for tx in transactions:
            self._submit(tx.reference)
        self.env.invalidate_all()
        self.assertEqual([tx.state for tx in transactions], ["error", "error"])
        self.assertBalance(200)

    # Parts

    @shows("self-order", "part and card")
    def test_a_part_by_wallet_and_the_rest_at_the_till(self):
        order = self._send()
        order.next_online_payment_amount = 30
        self._pay_order(order)
        self.assertEqual((order.state, order.get_amount_unpaid()), ("draft", 50))
        order.add_payment(
            {
                "pos_order_id": order.id,
                "amount": 50,
                "payment_method_id": self.bank_pm.id,
            }
        )
        order._process_saved_order(False)
        self.assertEqual(order.state, "paid")
        closing = self._close_register()
        self.assertEntry(
            closing,
            [
                (self.sales_account, 0, 80),
                (self.receivable, 30, 0),
                (self.till_receivable, 50, 0),
            ],
        )
        self.assertBalance(170)

    def test_the_wallet_pays_at_the_till_and_online(self):
        order = self._send(payments=[(self.wallet_pm, 50)])
        self._pay_order(order)
        self.assertEqual(order.state, "paid")
        self.assertEqual(self._wallet().available, 120)
        self.assertEqual(order.wallet_amount, 80)
        self._close_register()
        self.assertBalance(120)

    # Invoices

    def test_invoiced_at_once(self):
        order = self._paid_order(to_invoice=True)
        invoice = order.account_move
        self.assertEqual(invoice.payment_state, "paid")
        self._close_register()
        self._assert_receivable_is_settled()
        self.assertBalance(120)

    @shows("self-order", "invoiced later")
    def test_invoiced_later_in_the_session(self):
        order = self._paid_order()
        order.action_pos_order_invoice()
        self.assertEqual(order.account_move.payment_state, "paid")
        self._close_register()
        self._assert_receivable_is_settled()
        self.assertBalance(120)

    def test_invoiced_after_closing(self):
        order = self._paid_order()
        self._close_register()
        order.action_pos_order_invoice()
        self.assertEqual(order.account_move.payment_state, "paid")
        self._assert_receivable_is_settled()
        self.assertBalance(120)

    def test_invoiced_where_invoices_are_paid_automatically(self):
        self.company.wallet_auto_allocate = True
        self._paid_order(to_invoice=True)
        self.assertBalance(120)

    def _assert_receivable_is_settled(self):
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "in", (self.receivable | self.till_receivable).ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        self.assertEqual(sum(lines.mapped("balance")), 0)
        self.assertFalse(lines)

    # The money comes back

    @shows("self-order", "refunded")
    def test_a_refund_gives_back_the_kind_that_was_spent(self):
        self._refund_in_parts()

    def test_a_refund_after_closing_gives_it_back_as_well(self):
        self._refund_in_parts(is_closed=True)

    def _refund_in_parts(self, is_closed=False):
        self._give_bonus(30)
        order = self._paid_order()
        self.assertKinds(150, 0)
        if is_closed:
            self._close_register()
        # What was used last comes back first.
        payment = self._get_payment(order)
        refund = self._refund(payment, 50)
        self.assertEqual(refund.state, "done")
        self.assertEntry(
            refund.payment_id.move_id,
            [(self.receivable, 50, 0), (self.wallet_account, 0, 50)],
        )
        self.assertKinds(200, 0)
        self.assertEqual(self._refund(payment, 30).state, "done")
        self.assertKinds(200, 30)
        self.assertEqual(payment.amount_available_for_refund, 0)

    def test_returned_to_the_wallet_at_the_till_it_comes_back_in_kind(self):
        self._give_bonus(30)
        # Goods that were bought with cash do not make money of the bonus.
        self._send(
            500, customer=self.customer, payments=[(self.bank_pm, 500)], state="paid"
        )
        order = self._paid_order()
        self._return(order, self.wallet_pm)
        self.assertKinds(200, 30)
        self._close_register()
        self.assertKinds(200, 30)

    def test_what_a_bonus_has_paid_is_not_returned_in_cash(self):
        self._give_bonus(80)
        order = self._paid_order()
        with self.assertRaisesRegex(UserError, "80.00"), self.env.cr.savepoint():
            self._return(order, self.bank_pm)
        self._return(order, self.wallet_pm)
        self.assertKinds(200, 80)

    def test_what_a_bonus_has_paid_is_not_cash_after_invoicing_either(self):
        self._give_bonus(80)
        order = self._paid_order(to_invoice=True)
        Wallet = self.env["customer.wallet"]
        self.assertEqual(Wallet._get_bonus_slack(self.customer, self.company), 0)
        with self.assertRaisesRegex(UserError, "80.00"), self.env.cr.savepoint():
            self._return(order, self.bank_pm)
        self._close_register()
        self.assertEqual(Wallet._get_bonus_slack(self.customer, self.company), 0)

    def test_another_customer_has_exchanged_what_was_paid_online(self):
        """The rest comes back to the one whose wallet has paid."""
        self._close_register()
        methods = self.env["pos.payment.method"]
        pay_later = methods._get_standard_method(self.company, "pay_later")
        self.till.payment_method_ids |= pay_later
        self._open_register()
        self._pay(90, partner_id=self.stranger.id)
        order = self._paid_order(quantity=2)
        returned = self._prepare_line(80, -1, refunded_orderline_id=order.lines.id)
        exchange = self._send(
            customer=self.stranger,
            payments=[(pay_later, 80)],
            lines=[returned, self._prepare_line(80, 2)],
            state="paid",
        )
        exchange.action_allocate_wallet()
        self.assertBalance(10, self._wallet(self.stranger))
        self._return(order, self.wallet_pm, 80)
        self._close_register()
        self.assertBalance(120)
        self.assertBalance(10, self._wallet(self.stranger))

    def test_an_order_is_the_companys_whose_contact_has_left(self):
        """Its wallet has paid a part of it."""
        order = self._send(customer=self.colleague)
        order.next_online_payment_amount = 30
        self._pay_order(order, "wallet_colleague")
        self.colleague.parent_id = False
        order.partner_id = self.colleague  # as the till sends it again
        self.assertRefused(
            UserError,
            order.write,
            {"partner_id": self.stranger.id},
            message=f"wallet of {self.customer.name}",
        )
        order.partner_id = self.customer
        with self._refuse_refunds(UserError("The books are closed")):
            self.assertRefused(
                UserError, order.unlink, message=f"wallet of {self.customer.name} does"
            )
        order.add_payment(
            {
                "pos_order_id": order.id,
                "amount": 50,
                "payment_method_id": self.bank_pm.id,
            }
        )
        order._process_saved_order(False)
        self._return(order, self.wallet_pm)
        self._close_register()
        self.assertBalance(250)
        self.assertFalse(self._wallet(self.colleague))

    def test_goods_and_payment_give_the_money_back_once(self):
        order = self._paid_order()
        payment = self._get_payment(order)
        self._return(order, self.wallet_pm)
        self.assertEqual(payment.amount_available_for_refund, 0)
        self.assertBalance(200)

    def test_what_was_paid_in_cash_does_not_come_back_for_the_wallet(self):
        order = self._send()
        order.next_online_payment_amount = 30
        self._pay_order(order)
        order.add_payment(
            {
                "pos_order_id": order.id,
                "amount": 50,
                "payment_method_id": self.bank_pm.id,
            }
        )
        order._process_saved_order(False)
        payment = self._get_payment(order)
        self.assertEqual(payment.amount_available_for_refund, 30)
        self._return(order, self.wallet_pm, 20)
        payment.invalidate_recordset()
        self.assertEqual(payment.amount_available_for_refund, 10)
        self.assertEqual(self._refund(payment, 30).state, "error")
        self.assertEqual(self._refund(payment, 10).state, "done")
        self.assertBalance(200)

    def _pay_a_part(self):
        """The wallet has paid 30 of 80, 10 of it bonus."""
        self._pay_out(180)
        self._give_bonus(10)
        order = self._send()
        order.next_online_payment_amount = 30
        self._pay_order(order)
        self.assertEqual((order.state, order.wallet_amount), ("draft", 30))
        self.assertKinds(0, 0)
        return order

    def _assert_given_back(self, payment):
        refund = payment.payment_transaction_id.child_transaction_ids
        self.assertEqual((refund.state, refund.amount), ("done", -30))
        self.assertEntry(
            refund.payment_id.move_id,
            [
                (self.receivable, 30, 0),
                (self.wallet_account, 0, 20),
                (self.bonus_account, 0, 10),
            ],
        )
        lines = (payment | refund.payment_id).move_id.line_ids
        owed = lines.filtered(lambda line: line.account_id == self.receivable)
        self.assertTrue(all(owed.mapped("reconciled")))
        self.assertKinds(20, 10)

    def test_what_was_paid_of_a_cancelled_order_goes_back(self):
        order = self._pay_a_part()
        payment = self._get_payment(order)
        cashier = new_test_user(
            self.env,
            "wallet_cashier",
            "point_of_sale.group_pos_user",
            company_id=self.company.id,
        )
        order.with_user(cashier).action_pos_order_cancel()
        self.env.invalidate_all()
        self.assertEqual(order.state, "cancel")
        self._assert_given_back(payment)
        order.action_pos_order_cancel()
        self.assertKinds(20, 10)
        self._close_register()
        self.assertKinds(20, 10)

    def test_what_was_paid_of_an_order_that_the_till_removes_goes_back(self):
        order = self._pay_a_part()
        payment = self._get_payment(order)
        self.env["pos.order"].remove_from_ui(order.ids)
        self.env.invalidate_all()
        self._assert_given_back(payment)

    def _refuse_refunds(self, refusal):
        Transaction = self.registry["payment.transaction"]
        return patch.object(Transaction, "_book_wallet_refund", side_effect=refusal)

    def test_what_hinders_giving_it_back_is_told_on_the_cancelled_order(self):
        order = self._pay_a_part()
        with self._refuse_refunds(UserError("The books are closed")):
            order.action_pos_order_cancel()
        self.assertEqual(order.state, "cancel")
        self.assertIn("The books are closed", order.message_ids[0].body)
        self.assertKinds(0, 0)
        self._refund(self._get_payment(order), 30)
        self.assertKinds(20, 10)

    def test_what_hinders_it_is_told_on_the_payment_of_an_order_that_is_gone(self):
        order = self._pay_a_part()
        payment = self._get_payment(order)
        with self._refuse_refunds(RedirectWarning("Choose a journal", 1, "Go")):
            self.env["pos.order"].remove_from_ui(order.ids)
        self.assertIn("Choose a journal", payment.message_ids[0].body)
        self.assertKinds(0, 0)
        self._refund(payment, 30)
        self.assertKinds(20, 10)

    def test_what_was_paid_of_a_deleted_order_goes_back(self):
        order = self._pay_a_part()
        payment = self._get_payment(order)
        refusal = UserError("The books are closed")
        with (
            self._refuse_refunds(refusal),
            self.assertRaisesRegex(UserError, "cannot be deleted.*books are closed"),
            self.env.cr.savepoint(),
        ):
            order.unlink()
        self.assertTrue(order.exists())
        self.assertKinds(0, 0)
        order.unlink()
        self.env.invalidate_all()
        self._assert_given_back(payment)

    # How it is seen

    def test_the_history_names_the_order(self):
        order = self._paid_order()
        movement = self.env["customer.wallet.movement"].search(
            [("operation", "=", "online_payment")]
        )
        self.assertEqual(movement.document_name, order.display_name)
        self.assertEqual(movement.action_open_document()["res_id"], order.id)
        self._login("wallet_owner")
        page = self._get_form("/my/wallet").text_content()
        self.assertIn(order.pos_reference, page)

    # Currencies

    @shows("self-order", "foreign currency")
    def test_a_wallet_of_another_currency_pays_at_the_rate_of_today(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        self._pay_out(200)
        self._top_up(200, currency_id=euro.id)
        order = self._paid_order()
        self.assertEntry(
            self._get_payment(order).move_id,
            [(self.wallet_account, 80, 0), (self.receivable, 0, 80)],
        )
        wallet = self.env["customer.wallet"]._find(self.customer, self.company, euro)
        self.assertEqual(wallet[:1].balance, 40)
        self._close_register()
        self._assert_receivable_is_settled()

    def test_a_till_of_another_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        journal = self.company_data["default_journal_sale"].copy(
            {"name": "Euro", "code": "EUR", "currency_id": euro.id}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        self.till = self._make_till(
            name="Euro counter",
            journal_id=journal.id,
            invoice_journal_id=journal.id,
            use_pricelist=True,
            available_pricelist_ids=[Command.set(pricelist.ids)],
            pricelist_id=pricelist.id,
            payment_method_ids=[Command.set((self.online | self.wallet_pm).ids)],
        )
        self._open_register()
        order = self._paid_order(100)
        self.assertEqual(order.currency_id, euro)
        self.assertBalance(150)
        self._close_register()
        self._assert_receivable_is_settled()


@tagged(
    "post_install",
    "-at_install",
    "-standard",
    "with_pos_online_payment",
    "wallet_browser",
)
class TestRefundTour(TillOrderCommon):
    def test_the_till_gives_back_to_the_wallet_what_it_paid_online(self):
        cashier = new_test_user(
            self.env,
            "cashier",
            "point_of_sale.group_pos_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        # It would come last otherwise.
        self.wallet_pm.sequence = 99
        order = self._paid_order()
        self.start_tour(
            f"/pos/ui/{self.till.id}",
            "customer_wallet_pos_online_payment.refund",
            login=cashier.login,
        )
        self.env.invalidate_all()
        back = self.register.order_ids - order
        self.assertEqual(
            [(it.payment_method_id, it.amount) for it in back.payment_ids],
            [(self.wallet_pm, -80)],
        )
        self.assertBalance(200)
