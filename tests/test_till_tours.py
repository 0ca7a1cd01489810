from odoo.tests import tagged

from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon


@tagged("wallet_browser")
class TillTourCommon(TestPointOfSaleHttpCommon):
    """A cashier at a till, in a real browser; Amal has 50 in the wallet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls._get_main_company()
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Amal Haddad",
                "phone": "+973 1700 0000",
                "email": "amal@example.com",
            }
        )
        cls._top_up(50.0)

    @classmethod
    def _top_up(cls, amount):
        payment = cls.env["account.payment"].create(
            {
                "partner_id": cls.customer.id,
                "amount": amount,
                "is_wallet": True,
                "company_id": cls.company.id,
            }
        )
        payment.action_post()

    def _set_balance(self, amount):
        """Leave this much in the wallet."""
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "payment_type": "outbound",
                "partner_type": "customer",
                "amount": self._get_wallet().balance - amount,
                "is_wallet": True,
                "company_id": self.company.id,
            }
        )
        payment.action_post()
        self.assertEqual(self._get_wallet().balance, amount)

    def _get_wallet(self):
        return self.env["customer.wallet"]._find(self.customer, self.company)

    def _get_wallet_accounts(self):
        return self.company.wallet_account_id | self.company.wallet_bonus_account_id

    def _offer_in_one_click(self):
        """Put *Customer Wallet* and *Bank* on the screen of the products."""
        methods = self.main_pos_config.payment_method_ids
        methods = methods.filtered(lambda method: method.type in ("wallet", "bank"))
        self.main_pos_config.write(
            {"use_fast_payment": True, "fast_payment_method_ids": methods.ids}
        )

    def _run_tour(self, name):
        """:return: the session, with the orders that the tour made"""
        self.main_pos_config.with_user(self.pos_user).open_ui()
        self.start_pos_tour(f"customer_wallet.till_{name}")
        self.env.invalidate_all()
        return self.main_pos_config.current_session_id

    def assertTill(self, session, expected, balance):
        """The orders of the session are what the cashier saw, and so is the ledger.

        :param expected: for each order, a list of (method, amount, booked)
        :param balance: of the wallet, which its journal items agree with
        """
        orders = session.order_ids
        self.assertEqual(set(orders.mapped("state")), {"paid"})
        self.assertCountEqual(
            [
                sorted(
                    (
                        payment.payment_method_id.name,
                        round(payment.amount, 2),
                        self._get_booked(payment),
                    )
                    for payment in order.payment_ids
                )
                for order in orders
            ],
            [sorted(payments) for payments in expected],
        )
        wallet = self._get_wallet()
        self.assertEqual(round(wallet.balance - wallet.held, 2), balance)
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "in", self._get_wallet_accounts().ids),
                ("partner_id", "=", self.customer.id),
                ("parent_state", "=", "posted"),
            ]
        )
        left = -sum(lines.mapped("balance")) - wallet.held
        self.assertEqual(round(left, 2), balance)

    def _get_booked(self, payment):
        """What is held for a payment, or its entry took from the wallet; None without
        either.
        """
        hold = payment.wallet_hold_id
        if hold and not payment.wallet_move_id:
            self.assertEqual((hold.state, hold.partner_id), ("held", self.customer))
            return round(hold.amount, 2)
        if not payment.wallet_move_id:
            return None
        self.assertEqual(payment.wallet_move_id.state, "posted")
        lines = payment.wallet_move_id.line_ids.filtered(
            lambda line: line.account_id in self._get_wallet_accounts()
        )
        self.assertEqual(lines.partner_id, self.customer)
        return round(sum(lines.mapped("balance")), 2)


@tagged("post_install", "-at_install")
class TestTillTours(TillTourCommon):
    def test_pay(self):
        session = self._run_tour("pay")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_one_click(self):
        self._offer_in_one_click()
        self._set_balance(8.0)
        session = self._run_tour("one_click")
        self.assertTill(
            session, [[("Customer Wallet", 5.1, 5.1)], [("Bank", 5.1, None)]], 2.9
        )

    def test_split_with_cash(self):
        self._set_balance(3.0)
        session = self._run_tour("split")
        self.assertTill(
            session, [[("Customer Wallet", 2.0, 2.0), ("Cash", 3.1, None)]], 1.0
        )

    def test_undo_top_up(self):
        session = self._run_tour("undo_top_up")
        self.assertTill(
            session,
            [
                [("Customer Wallet", -20.0, -20.0), ("Cash", 20.0, None)],
                [("Customer Wallet", 20.0, 20.0), ("Cash", -20.0, None)],
            ],
            50.0,
        )

    def test_top_up(self):
        session = self._run_tour("top_up")
        self.assertTill(
            session,
            [
                [("Customer Wallet", -20.0, -20.0), ("Cash", 20.0, None)],
                [("Customer Wallet", -30.0, -30.0), ("Bank", 30.0, None)],
                [("Customer Wallet", 5.1, 5.1)],
            ],
            94.9,
        )
        orders = session.order_ids.sorted("id")
        self.assertEqual(orders.mapped("amount_total"), [0.0, 0.0, 5.1])
        self.assertEqual(orders.lines.order_id, orders[2])

    def test_promotion(self):
        self.env["customer.wallet.promotion"].create(
            {
                "name": "Spring bonus",
                "company_id": self.company.id,
                "bonus_value": 10,
                "validity_days": 30,
            }
        )
        session = self._run_tour("promotion")
        self.assertTill(
            session,
            [
                [("Customer Wallet", -100.0, -100.0), ("Cash", 100.0, None)],
                [("Customer Wallet", 5.1, 5.1)],
            ],
            154.9,
        )
        wallet = self._get_wallet()
        self.assertEqual(round(wallet.bonus_balance - wallet.held_bonus, 2), 4.9)

    def test_change_kept(self):
        session = self._run_tour("keep_change")
        self.assertTill(
            session, [[("Customer Wallet", -3.9, -3.9), ("Cash", 9.0, None)]], 53.9
        )

    def test_refund_to_the_wallet(self):
        session = self._run_tour("refund")
        self.assertTill(
            session,
            [[("Cash", 5.1, None)], [("Customer Wallet", -5.1, -5.1)]],
            55.1,
        )

    def test_another_till_spent(self):
        self._set_balance(8.0)
        session = self._run_tour("another_till_spent")
        self.assertTill(
            session,
            [
                [("Customer Wallet", 5.1, 5.1)],
                [("Customer Wallet", 2.9, 2.9), ("Cash", 2.2, None)],
            ],
            0.0,
        )


class TestTillToursOnPhone(TestTillTours):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestTillTroubles(TillTourCommon):
    """Nothing is charged twice, or to another, or without anybody knowing."""

    def test_customer_changes(self):
        session = self._run_tour("ask_for_customer")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_another_till_was_faster(self):
        self._set_balance(8.0)
        session = self._run_tour("another_till_was_faster")
        self.assertTill(
            session, [[("Customer Wallet", 5.1, 5.1)], [("Cash", 5.1, None)]], 2.9
        )

    def test_another_till_was_faster_than_one_click(self):
        self._offer_in_one_click()
        self._set_balance(8.0)
        session = self._run_tour("one_click_too_late")
        self.assertTill(
            session, [[("Customer Wallet", 5.1, 5.1)], [("Bank", 5.1, None)]], 2.9
        )

    def test_offline_and_back(self):
        session = self._run_tour("offline")
        self.assertTill(
            session, [[("Cash", 5.1, None)], [("Customer Wallet", 5.1, 5.1)]], 44.9
        )

    def test_top_up_given_up(self):
        session = self._run_tour("leave_top_up")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_answer_lost(self):
        session = self._run_tour("answer_lost")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_order_lost(self):
        session = self._run_tour("order_lost")
        self.assertTill(session, [[("Customer Wallet", 5.1, 5.1)]], 44.9)

    def test_page_reloaded_before_the_answer(self):
        session = self._run_tour("reload")
        paid = session.order_ids.filtered(lambda order: order.state != "draft")
        self.assertEqual(len(paid), 1)
        self.assertEqual(self._get_booked(paid.payment_ids), 5.1)
        self.assertEqual(round(self._get_wallet().available, 2), 44.9)
