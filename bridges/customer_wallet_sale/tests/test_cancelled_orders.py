from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.customer_wallet.tests.paying_online_matrix import shows

from .common import PaidOrderCommon


@tagged("post_install", "-at_install", "-standard", "with_sale_management")
class TestCancelledOrders(PaidOrderCommon):
    @shows("quotation", "cancelled")
    def test_the_money_goes_back_when_the_order_is_cancelled(self):
        order = self._paid_order()
        self.assertBalance(120)
        order.action_cancel()
        self.assertBalance(200)
        refund = self._refunds_of(order)
        self.assertEntry(
            refund.payment_id.move_id,
            [(self.receivable, 80, 0), (self.wallet_account, 0, 80)],
        )
        self.assertEqual(order.amount_paid, 0)
        self.assertEqual(order.state, "cancel")

    def test_it_comes_back_in_the_kind_that_was_spent(self):
        self._give_bonus(30)
        order = self._paid_order()
        self.assertKinds(150, 0)
        order.action_cancel()
        self.assertEntry(
            self._refunds_of(order).payment_id.move_id,
            [
                (self.receivable, 80, 0),
                (self.wallet_account, 0, 50),
                (self.bonus_account, 0, 30),
            ],
        )
        self.assertKinds(200, 30)

    def test_cancelled_twice_it_comes_back_once(self):
        order = self._paid_order()
        order.action_cancel()
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        order.action_cancel()
        self.assertBalance(200)
        self.assertEqual(len(self._refunds_of(order)), 1)

    def test_an_order_that_comes_back_is_to_be_paid_again(self):
        order = self._paid_order()
        order.action_cancel()
        order.action_draft()
        self.assertTrue(order._has_to_be_paid())
        self._pay_order(order)
        self.assertEqual((order.state, order.amount_paid), ("sale", 80))
        self.assertBalance(120)
        order.action_cancel()
        self.assertBalance(200)
        self.assertEqual(len(self._refunds_of(order)), 2)

    def test_staff_refunded_a_part_before(self):
        order = self._paid_order()
        self._refund(order.sudo().transaction_ids.payment_id, 30)
        self.assertEqual(order.amount_paid, 50)
        order.action_cancel()
        self.assertBalance(200)

    def test_staff_refunded_all_of_it_before(self):
        order = self._paid_order()
        self._refund(order.sudo().transaction_ids.payment_id, 80)
        order.action_cancel()
        self.assertBalance(200)

    def test_staff_took_the_payment_back_before(self):
        order = self._paid_order()
        order.sudo().transaction_ids.payment_id.action_cancel()
        order.action_cancel()
        self.assertBalance(200)

    def test_what_was_invoiced_stays_with_the_invoice(self):
        """A credit note gives that back, in kind, and nothing comes back twice."""
        self._give_bonus(30)
        order = self._paid_order()
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "paid")
        order.action_cancel()
        self.assertFalse(self._refunds_of(order))
        self.assertKinds(150, 0)
        credit = invoice._reverse_moves()
        credit.action_post()
        credit.action_refund_to_wallet()
        self.assertKinds(200, 30)
        order._action_cancel()
        self.assertKinds(200, 30)

    def test_only_what_a_down_payment_left_comes_back(self):
        order = self._paid_order()
        self.env["sale.advance.payment.inv"].with_context(
            active_ids=order.ids, active_model="sale.order"
        ).create(
            {"advance_payment_method": "fixed", "fixed_amount": 50}
        ).create_invoices()
        order.invoice_ids.action_post()
        self.assertEqual(order.invoice_ids.payment_state, "paid")
        order.action_cancel()
        self.assertBalance(150)
        self.assertEntry(
            self._refunds_of(order).payment_id.move_id,
            [(self.receivable, 30, 0), (self.wallet_account, 0, 30)],
        )
        self.assertEqual(order.invoice_ids.payment_state, "paid")

    def test_a_draft_invoice_uses_nothing(self):
        order = self._paid_order()
        invoice = order._create_invoices()
        order.action_cancel()
        self.assertEqual(invoice.state, "cancel")
        self.assertBalance(200)

    def test_what_is_only_held_is_released(self):
        self.wallet_provider.capture_manually = True
        order = self._order()
        tx = self._pay_order(order)
        self.assertEqual((order.state, tx.state), ("sale", "authorized"))
        self.assertEqual(self._wallet().held, 80)
        order.action_cancel()
        self.assertEqual(tx.state, "cancel")
        self.assertEqual((self._wallet().held, order.amount_paid), (0, 0))
        self.assertBalance(200)
        order._action_cancel()
        self.assertEqual(self._wallet().held, 0)

    def test_a_part_is_captured_and_the_rest_is_held(self):
        self.wallet_provider.capture_manually = True
        order = self._order()
        tx = self._pay_order(order)
        tx._capture(amount_to_capture=50)._post_process()
        self.assertBalance(150)
        order.action_cancel()
        self.assertBalance(200)
        self.assertEqual((self._wallet().held, order.amount_paid), (0, 0))

    def test_the_company_may_choose_to_keep_it(self):
        self.company.wallet_give_back_cancelled = False
        order = self._paid_order()
        order.action_cancel()
        self.assertBalance(120)
        payment = order.sudo().transaction_ids.payment_id
        self._refund(payment, 80)
        self.assertBalance(200)

    def test_it_is_given_back_unless_the_company_chooses_otherwise(self):
        self.assertTrue(self.company.wallet_give_back_cancelled)
        settings = self.env["res.config.settings"].sudo().create({})
        settings.wallet_give_back_cancelled = False
        self.assertFalse(self.company.wallet_give_back_cancelled)

    def test_one_of_two_orders_that_were_paid_together(self):
        orders = self._order() | self._order(40)
        tx = self._start_order(orders, 120)
        self._press_pay(tx)
        self.assertEqual(tx.state, "done")
        orders[0].action_cancel()
        self.assertBalance(80)
        orders[1].action_cancel()
        self.assertBalance(200)

    def test_a_cancelled_order_is_not_paid(self):
        """The payment page was still open when the order was cancelled."""
        order = self._order()
        tx = self._start_order(order)
        order.action_cancel()
        self._press_pay(tx)
        self.assertEqual(tx.state, "error")
        self.assertIn("0.00 is due", tx.state_message)
        self.assertBalance(200)

    def test_a_frozen_wallet_gets_its_money_back(self):
        order = self._paid_order()
        self._wallet().state = "frozen"
        order.action_cancel()
        self.assertBalance(200)

    def test_wallets_are_no_longer_taken_online(self):
        order = self._paid_order()
        self.wallet_provider.state = "disabled"
        order.action_cancel()
        self.assertBalance(200)

    def test_what_hinders_it_is_told_and_the_order_is_cancelled(self):
        reason = "The books are closed"

        def refuse(*args, **kwargs):
            raise UserError(reason)

        order = self._paid_order()
        Transaction = self.registry["payment.transaction"]
        with patch.object(Transaction, "_book_wallet_refund", refuse):
            order.action_cancel()
        self.assertEqual(order.state, "cancel")
        self.assertIn(reason, "".join(order.message_ids.mapped("body")))
        self.assertEqual(order.amount_paid, 80)
        self.assertBalance(120)
        order._action_cancel()
        self.assertBalance(200)

    def test_what_hinders_giving_back_a_capture_is_told_as_well(self):
        reason = "The books are closed"
        self.wallet_provider.capture_manually = True
        order = self._order()
        tx = self._pay_order(order)
        tx._capture(amount_to_capture=80)._post_process()
        refusal = UserError(reason)
        Transaction = self.registry["payment.transaction"]
        with patch.object(Transaction, "_book_wallet_refund", side_effect=refusal):
            order.action_cancel()
        self.assertEqual((order.state, order.amount_paid), ("cancel", 80))
        told = order.message_ids.filtered(lambda it: reason in (it.body or ""))
        self.assertEqual(len(told), 1)
        self.assertBalance(120)

    def test_a_locked_order_keeps_its_money(self):
        order = self._paid_order()
        order.action_lock()
        with self.assertRaises(UserError):
            order.action_cancel()
        self.assertBalance(120)

    def test_who_sells_needs_no_right_on_wallets(self):
        seller = new_test_user(
            self.env,
            "wallet_seller",
            "sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
        )
        order = self._paid_order()
        order.with_user(seller).action_cancel()
        self.assertBalance(200)
        self.assertEqual(self._refunds_of(order).payment_id.move_id.state, "posted")

    def test_the_customer_declines_with_the_link_that_was_sent(self):
        """A visitor moves no money: what the company has chosen to happen happens."""
        order = self._order(require_signature=True, prepayment_percent=1.0)
        order.action_quotation_sent()
        self._pay_order(order, 30)
        self.assertEqual(order.state, "sent")
        self.assertBalance(170)
        self.authenticate(None, None)
        self.url_open(
            f"/my/orders/{order.id}/decline",
            data={
                "access_token": order._portal_ensure_token(),
                "decline_message": "Too late",
                "csrf_token": self._csrf_token(),
            },
        )
        self.env.invalidate_all()
        self.assertEqual(order.state, "cancel")
        self.assertBalance(200)


@tagged("post_install", "-at_install", "-standard", "with_event_sale")
class TestCancelledTickets(PaidOrderCommon):
    def test_the_seat_is_free_and_the_money_comes_back(self):
        self.env.user.group_ids |= self.env.ref("event.group_event_manager")
        ticket = self.env["product.product"].create(
            {"name": "Ticket", "type": "service", "service_tracking": "event"}
        )
        now = fields.Datetime.now()
        event = self.env["event.event"].create(
            {
                "name": "Open day",
                "company_id": self.company.id,
                "date_begin": fields.Datetime.add(now, days=1),
                "date_end": fields.Datetime.add(now, days=2),
                "event_ticket_ids": [
                    Command.create(
                        {"name": "Adult", "product_id": ticket.id, "price": 80.0}
                    )
                ],
            }
        )
        order = self._order()
        order.order_line.write(
            {
                "product_id": ticket.id,
                "event_id": event.id,
                "event_ticket_id": event.event_ticket_ids.id,
                "price_unit": 80.0,
                "tax_ids": False,
            }
        )
        registration = self.env["event.registration"].create(
            {
                "event_id": event.id,
                "event_ticket_id": event.event_ticket_ids.id,
                "partner_id": self.customer.id,
                "sale_order_id": order.id,
                "sale_order_line_id": order.order_line.id,
            }
        )
        self._pay_order(order)
        self.assertEqual((order.state, registration.state), ("sale", "open"))
        order.action_cancel()
        self.assertEqual(registration.state, "cancel")
        self.assertBalance(200)
