from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .till_common import TillWalletCommon


@tagged("post_install", "-at_install")
class TestTillPromotions(TillWalletCommon):
    """A till with an open session; the customer has paid in 500 before."""

    def setUp(self):
        super().setUp()
        self.promotion = self._promotion(validity_days=30)
        self.open_new_session()

    def _wallet_lots(self, order):
        """What a top-up or a refund put into the wallet, as (kind, amount)."""
        return sorted(
            (line.wallet_lot_type, -line.balance)
            for line in order.payment_ids.wallet_move_id.line_ids
            if line.wallet_lot_type
        )

    def test_a_top_up_at_the_till_earns_the_bonus(self):
        order = self._sync(self._top_up_data(100))
        payment = order.payment_ids.filtered("wallet_move_id")
        bonus = self.env["customer.wallet"]._get_bonus_entries(payment.wallet_move_id)
        self.assertEqual(bonus.wallet_promotion_id, self.promotion)
        self.assertEqual(payment.wallet_bonus, 10)
        self.assertIn("Spring bonus, to be used until", payment.wallet_bonus_note)
        self.assertIn(order.name, bonus.ref)
        self.assertEqual(self._wallet().bonus_balance, 10)
        self.assertBalance(610)

    def test_sent_twice_it_earns_once(self):
        data = self._top_up_data(100)
        self._sync(data)
        self._sync(data)
        self.assertBalance(610)

    def test_the_till_says_nothing_about_the_bonus(self):
        data = self._top_up_data(10)
        for _command, _id, vals in data["payment_ids"]:
            vals.update({"wallet_bonus": 1000, "wallet_bonus_note": "Mine"})
        order = self._sync(data)
        self.assertEqual(sum(order.payment_ids.mapped("wallet_bonus")), 1)
        self.assertNotIn("Mine", order.payment_ids.mapped("wallet_bonus_note"))
        self.assertBalance(511)

    def test_kept_change_earns_nothing(self):
        order = self._sync(
            self._order_data([(self.cash_pm1, 150), (self.wallet_pm, -50)])
        )
        self.assertEqual(sum(order.payment_ids.mapped("wallet_bonus")), 0)
        self.assertBalance(550)

    def test_a_refund_earns_nothing(self):
        order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self.assertBalance(600)

    def test_the_till_knows_the_offers(self):
        tag = self.env["res.partner.category"].create({"name": "VIP"})
        self._promotion(
            name="VIP", partner_category_ids=[Command.set(tag.ids)], bonus_value=20
        )
        customer = self.customer.with_user(self.cashier)
        wallet = customer.get_pos_wallets(self.config.id)[self.customer.id]
        self.assertEqual(
            [(offer["name"], offer["bonus_value"]) for offer in wallet["offers"]],
            [("Spring bonus", 10)],
        )
        self.assertIn("Pay", wallet["offers"][0]["offer"])
        self.customer.category_id = tag
        wallet = customer.get_pos_wallets(self.config.id)[self.customer.id]
        self.assertEqual(len(wallet["offers"]), 2)

    def test_each_of_many_customers_has_offers_of_its_own(self):
        self.promotion.once_per_customer = True
        self._sync(self._top_up_data(100))
        buyer, other = self.env["res.partner"].create(
            [{"name": "Buyer", "parent_id": self.customer.id}, {"name": "Liam"}]
        )
        # Liam's was taken back, and may be earned again.
        self._top_up(100, partner_id=other.id).action_cancel()
        self.env.flush_all()
        customers = (self.customer | buyer | other).with_user(self.cashier)
        self.assertEqual(
            {
                customers.browse(customer_id).name: (
                    wallet["balance"],
                    [offer["name"] for offer in wallet["offers"]],
                )
                for customer_id, wallet in customers.get_pos_wallets(
                    self.config.id
                ).items()
            },
            {
                self.customer.name: (610, []),
                "Buyer": (610, []),
                "Liam": (0, ["Spring bonus"]),
            },
        )

    def test_the_session_closes_with_bonuses(self):
        self._sync(self._top_up_data(100))
        self._sync(self._order_data([(self.wallet_pm, 100)]))
        self.pos_session.action_pos_session_validate()
        self.assertEqual(self.pos_session.state, "closed")
        self.assertTillIsClear()
        self.assertBalance(510)

    # A refund gives back the kind that was spent

    def _buy_with_bonus(self):
        """100 of which 10 is bonus money; 500 paid money is left."""
        self._sync(self._top_up_data(100))
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        self.assertEqual(self._wallet().bonus_balance, self._wallet().held_bonus)
        return order

    def test_a_refund_to_the_wallet_gives_the_bonus_back_as_a_bonus(self):
        order = self._buy_with_bonus()
        refund = self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self.assertEqual(self._wallet_lots(refund), [("bonus", 10), ("paid", 90)])
        lot = refund.payment_ids.wallet_move_id.line_ids.filtered(
            lambda line: line.wallet_lot_type == "bonus"
        )
        self.assertTrue(lot.wallet_grant_id.wallet_expiry_date)
        self.assertEqual(self._wallet().bonus_balance, 10)
        self.assertBalance(610)

    def test_a_refund_in_cash_gives_back_no_bonus(self):
        order = self._buy_with_bonus()
        self.assertOrdersRefused(
            self._refund_data(order, [(self.cash_pm1, -100)]),
            message=r"bonus money.*at least .*10\.00",
        )
        refund = self._sync(
            self._refund_data(order, [(self.cash_pm1, -90), (self.wallet_pm, -10)])
        )
        self.assertEqual(self._wallet_lots(refund), [("bonus", 10)])

    def test_refunds_in_parts_give_back_each_kind_once(self):
        self._sync(self._top_up_data(100))
        order = self._sync(self._order_data([(self.wallet_pm, 200)], quantity=2))
        first = self._sync(self._refund_data(order, [(self.cash_pm1, -100)]))
        self.assertFalse(first.payment_ids.wallet_move_id)
        self.assertOrdersRefused(
            self._refund_data(order, [(self.cash_pm1, -100)]), message="bonus money"
        )
        second = self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self.assertEqual(self._wallet_lots(second), [("bonus", 10), ("paid", 90)])

    def test_the_bonus_of_an_invoiced_order_is_not_paid_out_in_the_office(self):
        self._sync(self._top_up_data(100))
        order = self._sync(self._order_data([(self.wallet_pm, 100)], to_invoice=True))
        invoice = order.account_move
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        wizard.refund_moves()
        credit_note = wizard.new_move_ids
        credit_note.action_post()
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=credit_note.ids
        )
        with (
            self.assertRaisesRegex(UserError, r"only .*90\.00 can .*other .*10\.00"),
            self.env.cr.savepoint(),
        ):
            register.create({})._create_payments()
        register.create({"amount": 90})._create_payments()
        credit_note.action_refund_to_wallet()
        self.assertEqual(self._wallet().bonus_balance, 10)
        self.assertBalance(520)

    def test_a_refund_of_cash_is_paid_money(self):
        order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        refund = self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self.assertEqual(self._wallet_lots(refund), [("paid", 100)])

    def test_a_top_up_of_the_till_is_not_taken_back_in_the_books(self):
        order = self._sync(self._top_up_data(100))
        move = order.payment_ids.wallet_move_id
        with self.assertRaisesRegex(UserError, "refund the order"):
            move._reverse_moves(cancel=True)
        self.assertBalance(610)
