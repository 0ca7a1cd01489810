from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .till_common import TillWalletCommon


@tagged("post_install", "-at_install")
class TestTillTopUp(TillWalletCommon):
    """A top-up at the till is taken back as a whole, while its session is open."""

    def setUp(self):
        super().setUp()
        self.open_new_session()
        self.order = self._sync(self._top_up_data(50))
        self.top_up = self.order.payment_ids.wallet_move_id

    def _undo(self, order=None):
        order = (order or self.order).with_user(self.cashier)
        [row] = order.action_undo_wallet_top_up()["pos.order"]
        return self.env["pos.order"].browse(row["id"])

    def test_the_money_goes_back_as_it_was_paid(self):
        undo = self._undo()
        self.assertRecordValues(
            undo.payment_ids.sorted("amount"),
            [
                {"payment_method_id": self.cash_pm1.id, "amount": -50},
                {"payment_method_id": self.wallet_pm.id, "amount": 50},
            ],
        )
        self.assertEqual(
            (undo.state, undo.wallet_undone_order_id), ("paid", self.order)
        )
        entry = undo.payment_ids.wallet_move_id
        self.assertEqual(entry.reversed_entry_id, self.top_up)
        self.assertEqual(
            self._items(entry),
            [
                ("till", self.customer.name, 0.0, 50.0),
                ("wallet", self.customer.name, 50.0, 0.0),
            ],
        )
        self.assertBalance(500)
        self._close_session(0)
        self.assertTillIsClear()
        self.assertBalance(500)

    def test_every_till_lists_it_among_its_orders(self):
        """A till that was loaded anew, or another device, asks the server."""
        sale = self._sync(self._order_data([(self.cash_pm1, 100)]))
        draft = self._sync(self._top_up_data(20, state="draft"))
        Order = self.env["pos.order"].with_user(self.cashier)
        found = Order.search_paid_order_ids(self.config.id, [], 30, 0)
        listed = dict(found["ordersInfo"])
        self.assertEqual(set(listed), {sale.id, self.order.id})
        self.assertEqual(listed[self.order.id], self.order.write_date)
        self.assertNotIn(draft.id, listed)
        self.assertEqual(found["totalCount"], 2)
        others = [("partner_id.name", "ilike", "nobody of this name")]
        found = Order.search_paid_order_ids(self.config.id, others, 30, 0)
        self.assertEqual(found, {"ordersInfo": [], "totalCount": 0})
        newest = Order.search_paid_order_ids(self.config.id, [], 1, 0)["ordersInfo"]
        self.assertEqual(len(newest), 1)

    def test_it_is_undone_once(self):
        self.assertTrue(self.order.can_undo_wallet_top_up)
        undo = self._undo()
        self.assertFalse(self.order.can_undo_wallet_top_up)
        with self.assertRaisesRegex(UserError, "already been undone"):
            self._undo()
        with self.assertRaisesRegex(UserError, "not a top-up"):
            self._undo(undo)
        self.assertBalance(500)

    def test_what_was_spent_is_not_given_back(self):
        self._sync(self._order_data([(self.wallet_pm, 520)], quantity=5.2))
        with self.assertRaisesRegex(UserError, "only .*30.00 is available"):
            self._undo()
        self.assertBalance(30)

    def test_the_bonus_goes_as_well(self):
        self.env["customer.wallet.promotion"].create(
            {"name": "Autumn", "bonus_type": "percent", "bonus_value": 10}
        )
        order = self._sync(self._top_up_data(100))
        self.assertBalance(660)
        self.assertEqual(self._wallet().bonus_balance, 10)
        self._undo(order)
        self.assertEqual(self._wallet().bonus_balance, 0)
        self.assertBalance(550)

    def test_not_after_the_session_is_closed(self):
        self._close_session(50)
        self.assertFalse(self.order.can_undo_wallet_top_up)
        with self.assertRaisesRegex(UserError, "not open any more"):
            self._undo()
        self.assertBalance(550)

    def test_neither_a_top_up_nor_its_undoing_is_invoiced(self):
        """Create Invoices for many orders leaves them out."""
        undo = self._undo()
        other = self._sync(self._top_up_data(20))
        sale = self._sync(self._order_data([(self.wallet_pm, 100)]))
        self._close_session(20)
        orders = undo | other | sale | self.order
        wizard = (
            self.env["pos.make.invoice"]
            .with_context(active_ids=orders.ids, active_model="pos.order")
            .create({"consolidated_billing": True})
        )
        wizard.action_create_invoices()
        self.assertEqual(sale.account_move.payment_state, "paid")
        self.assertEqual(sale.account_move.amount_total, 100)
        self.assertFalse((undo | other | self.order).account_move)
        self.assertBalance(420)

    def test_create_invoices_one_by_one_leaves_it_out(self):
        sale = self._sync(self._order_data([(self.wallet_pm, 100)]))
        for is_consolidated in (False, True):
            top_up = self._sync(self._top_up_data(20))
            top_up.user_id = self.env.user
            orders = top_up | sale | self.order
            self.env["pos.make.invoice"].with_context(
                active_ids=orders.ids, active_model="pos.order"
            ).create({"consolidated_billing": is_consolidated}).action_create_invoices()
            self.assertEqual(sale.account_move.payment_state, "paid")
            self.assertFalse(top_up.invoice_status)
            sale = self._sync(self._order_data([(self.wallet_pm, 100)]))
        self.assertEqual(sale.invoice_status, "to_invoice")

    def test_a_card_terminal_gives_no_money_back_by_itself(self):
        order = self._sync(self._top_up_data(30, method=self.bank_pm1))
        self.env.cr.execute(
            "UPDATE pos_payment_method SET use_payment_terminal = 'x' WHERE id = %s",
            [self.bank_pm1.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "gives no money back by itself"):
            self._undo(order)
        self.assertBalance(580)

    def test_a_sale_is_not_undone_that_way(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        with self.assertRaisesRegex(UserError, "not a top-up"):
            self._undo(order)

    def test_only_a_cashier_undoes_it(self):
        with self.assertRaises(AccessError):
            self.order.with_user(self.cashier).sudo().action_undo_wallet_top_up()
        with self.assertRaises(AccessError):
            self.order.with_user(
                self.env.ref("base.public_user")
            ).action_undo_wallet_top_up()

    def test_what_an_order_undoes_is_the_servers_to_say(self):
        """Otherwise a wallet would be charged without a look at the order."""
        data = self._top_up_data(50)
        data["payment_ids"] = data["payment_ids"][1:]
        data["wallet_undone_order_id"] = self.order.id
        self.assertOrdersRefused(data, message="not fully paid")
        with self.assertRaisesRegex(UserError, "only .*asked for|is due"):
            self.env["pos.order"].with_user(self.cashier).with_context(
                default_wallet_undone_order_id=self.order.id
            ).sync_from_ui([self._order_data([(self.wallet_pm, 150)])])
        draft = self._sync(self._order_data([], state="draft"))
        draft.with_user(self.cashier).write({"wallet_undone_order_id": self.order.id})
        self.assertFalse(draft.wallet_undone_order_id)
