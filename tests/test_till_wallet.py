from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.customer_wallet.models.customer_wallet import FROM_SERVER

from .till_common import TillWalletCommon


@tagged("post_install", "-at_install")
class TestTillWalletMethod(TillWalletCommon):
    def test_every_company_and_till_has_the_method(self):
        self.assertRecordValues(
            self.wallet_pm,
            [
                {
                    "name": "Customer Wallet",
                    "type": "wallet",
                    "is_wallet": True,
                    "journal_id": False,
                    "split_transactions": False,
                    "auto_invoice": False,
                    "is_cash_count": False,
                }
            ],
        )
        self.assertIn(self.wallet_pm, self._new_till().payment_method_ids)
        company = self._new_company()
        method = self.PaymentMethod._get_standard_method(company, "wallet")
        self.assertIn(method, self._new_till(company).payment_method_ids)

    def test_cash_and_card_come_before_pay_later_and_wallet(self):
        """A till proposes its first method for an amount that is typed."""
        methods = self._new_till(self._new_company()).payment_method_ids
        standard = methods.filtered(lambda pm: pm.auto_invoice or pm.is_wallet)
        self.assertEqual(len(standard), 2)
        self.assertGreater(
            min(standard.mapped("sequence")),
            max((methods - standard).mapped("sequence")),
        )

    def test_the_first_till_of_a_company_also_takes_cash_and_card(self):
        company = self._new_company()
        methods = self.PaymentMethod.search([("company_id", "=", company.id)])
        self.assertEqual(set(methods.mapped("type")), {"pay_later", "wallet"})
        till = self._new_till(company)
        self.assertLessEqual(
            {"cash", "bank", "pay_later", "wallet"},
            set(till.payment_method_ids.mapped("type")),
        )
        second = self._new_till(company)
        self.assertIn("wallet", second.payment_method_ids.mapped("type"))

    def test_a_lost_wallet_order_is_asked_for_as_a_draft(self):
        """A till that does not know whether its order arrived asks with a draft: an
        order that arrived comes back paid, and one that did not is not charged.
        """
        self.open_new_session()
        arrived = self._order_data([(self.wallet_pm, 100)])
        self._sync(arrived)
        again = {**arrived, "state": "draft"}
        self.assertEqual(self._sync(again).state, "paid")
        lost = self._order_data([(self.wallet_pm, 100)], state="draft")
        self.assertEqual(self._sync(lost).state, "draft")
        self.assertBalance(400)

    def test_the_method_takes_its_money_from_wallets_only(self):
        for values in (
            {"split_transactions": True},
            {"auto_invoice": True},
            {"journal_id": self.company_data["default_journal_bank"].id},
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.wallet_pm.write(values)

    def test_the_form_asks_no_journal_of_a_method_that_has_none(self):
        form = Form(self.PaymentMethod)
        form.name = "Purse"
        form.is_wallet = True
        method = form.save()
        self.assertFalse(method.journal_id)
        with Form(method) as form:
            form.name = "Wallet"
        online = self.PaymentMethod.create(
            {"name": "Online", "is_online_payment": True, "company_id": self.company.id}
        )
        with Form(online) as form:
            form.name = "Online payment"
        self.assertEqual(method.name, "Wallet")
        self.assertEqual(online.name, "Online payment")

    def test_the_till_knows_the_method_and_asks_for_the_balance(self):
        self.assertIn(
            "is_wallet", self.PaymentMethod._load_pos_data_fields(self.config)
        )
        names = (
            self.env["res.partner"]
            .with_user(self.cashier)
            ._load_pos_data_fields(self.config)
        )
        # Tills keep what they have loaded: it would be the balance of another day.
        self.assertNotIn("wallet_balance", names)

    def test_what_the_cashier_reads(self):
        self.customer.write({"phone": "+973 1", "email": "c@example.com"})
        wallets = self.customer.with_user(self.cashier).get_pos_wallets(self.config.id)
        self.assertEqual(
            wallets,
            {
                self.customer.id: {
                    "partner_id": self.customer.id,
                    "name": self.customer.name,
                    "phone": "+973 1",
                    "email": "c@example.com",
                    "balance": 500.0,
                    "available": 500.0,
                    "frozen": False,
                    "offers": [],
                }
            },
        )
        self._wallet().action_freeze()
        wallet = self.customer.get_pos_wallets(self.config.id)[self.customer.id]
        self.assertEqual(
            (wallet["balance"], wallet["available"], wallet["frozen"]), (500, 0, True)
        )

    def test_only_who_may_use_wallets_reads_them(self):
        employee = self.env["res.users"].create(
            {
                "name": "Employee",
                "login": "wallet_employee",
                "group_ids": [Command.set(self.env.ref("base.group_user").ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.customer.with_user(employee).get_pos_wallets(self.config.id)

    def test_a_customer_who_is_gone_hides_no_other(self):
        gone = self.env["res.partner"].create({"name": "Gone"})
        abroad = self.env["res.partner"].create(
            {"name": "Abroad", "company_id": self._new_company().id}
        )
        listed = (gone | self.customer | abroad).with_user(self.cashier)
        gone.unlink()
        self.env.invalidate_all()
        wallets = listed.get_pos_wallets(self.config.id)
        self.assertEqual(list(wallets), self.customer.ids)
        self.assertEqual(wallets[self.customer.id]["balance"], 500)
        with self.assertRaises(AccessError):
            abroad.with_user(self.cashier).get_pos_wallets(self.config.id)

    def test_open_tills_are_told_of_a_change(self):
        self.open_new_session()
        bus = self.env["bus.bus"].sudo()
        bus.search([]).unlink()
        self._top_up(5)
        self.env.cr.precommit.run()
        told = bus.search([]).filtered(lambda it: "CUSTOMER_WALLET" in it.message)
        self.assertTrue(told)
        # Who orders on a phone knows the channel of the till.
        token = self.config._ensure_access_token()
        self.assertFalse(told.filtered(lambda it: token in it.channel + it.message))


@tagged("post_install", "-at_install")
class TestTillWallet(TillWalletCommon):
    def setUp(self):
        super().setUp()
        self.open_new_session()

    # Charged when paid

    def test_however_an_order_is_paid_it_is_charged(self):
        """A client may also make an order step by step, and say that it is paid."""
        data = self._order_data([(self.wallet_pm, 100)], state="draft")
        order = self._sync(data)
        self.assertFalse(order.payment_ids.wallet_move_id)
        order.with_user(self.cashier).action_pos_order_paid()
        self.assertEqual(order.state, "paid")
        self.assertTrue(order.payment_ids.wallet_hold_id)
        self.assertBalance(400)

    def test_a_paid_order_gets_no_payment_that_nobody_charges(self):
        order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        payment = {
            "pos_order_id": order.id,
            "payment_method_id": self.wallet_pm.id,
            "amount": -50,
            "wallet_move_id": self._wallet().line_ids.move_id[:1].id,
        }
        as_cashier = self.env["pos.payment"].with_user(self.cashier)
        for attempt in (
            lambda: as_cashier.create(payment),
            lambda: as_cashier.browse(order.payment_ids.id).write(
                {"payment_method_id": self.wallet_pm.id}
            ),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
        self.assertBalance(500)

    def test_a_client_does_not_change_a_method_while_a_till_is_open(self):
        method = self.pay_later_pm.with_context(
            bypass_open_session_check=True, wallet_installing=True
        )
        with self.assertRaises(UserError), self.env.cr.savepoint():
            method.auto_invoice = False
        self.assertTrue(method.auto_invoice)

    def test_the_entry_of_a_payment_is_no_default_of_the_client(self):
        entry = self._wallet().line_ids.move_id[:1]
        draft = self._sync(self._order_data([], state="draft"))
        payment = (
            self.env["pos.payment"]
            .with_user(self.cashier)
            .with_context(default_wallet_move_id=entry.id)
            .create(
                {
                    "pos_order_id": draft.id,
                    "payment_method_id": self.wallet_pm.id,
                    "amount": 100,
                }
            )
        )
        self.assertFalse(payment.wallet_move_id)

    def test_money_is_held_when_an_order_is_paid_and_booked_with_the_session(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        payment = order.payment_ids
        hold = payment.wallet_hold_id
        self.assertEqual((order.state, hold.state), ("paid", "held"))
        self.assertEqual((hold.amount, hold.document_id), (100, order.id))
        self.assertFalse(payment.wallet_move_id)
        self.assertEqual(order.wallet_amount, 100)
        self.assertBalance(400)
        self._close_session()
        move = payment.wallet_move_id
        self.assertEqual((hold.state, hold.move_id), ("taken", move))
        self.assertEqual(
            self._items(move),
            [("till", "", 0.0, 100.0), ("wallet", self.customer.name, 100.0, 0.0)],
        )
        self.assertEqual((move.state, move.journal_id.code), ("posted", "WALL"))
        self.assertEqual(move.wallet_operation, "pos_payment")
        self.assertEqual(order.wallet_amount, 100)
        self.assertBalance(400)

    def test_a_session_books_one_entry_for_all_its_orders(self):
        self._top_up(50, partner_id=self.other_customer.id)
        first = self._sync(self._order_data([(self.wallet_pm, 100)]))
        second = self._sync(
            self._order_data([(self.wallet_pm, 30), (self.wallet_pm, 70)])
        )
        third = self._sync(
            self._order_data(
                [(self.wallet_pm, 40), (self.cash_pm1, 60)],
                customer=self.other_customer,
            )
        )
        session = self._close_session(60)
        move = (first | second | third).payment_ids.wallet_move_id
        self.assertEqual(len(move), 1)
        self.assertEqual(move.ref, f"{session.name} ({self.config.name})")
        self.assertEqual(
            self._items(move),
            [
                ("till", "", 0.0, 240.0),
                ("wallet", self.customer.name, 30.0, 0.0),
                ("wallet", self.customer.name, 70.0, 0.0),
                ("wallet", self.customer.name, 100.0, 0.0),
                ("wallet", self.other_customer.name, 40.0, 0.0),
            ],
        )
        self.assertTillIsClear()
        self.assertIn(move, session._get_related_account_moves())
        self.assertBalance(300)
        second.action_pos_order_invoice()
        self.assertEqual(second.account_move.payment_state, "paid")
        self.assertEqual((second.wallet_amount, first.wallet_amount), (100, 100))
        self.assertTillIsClear()
        self.assertBalance(300)

    def test_two_methods_with_accounts_of_their_own(self):
        account = self.pos_receivable.copy({"name": "Receivable of Wallets"})
        other = self.wallet_pm.sudo().copy(
            {"name": "House Card", "receivable_account_id": account.id}
        )
        self.env.cr.execute(
            "INSERT INTO pos_config_pos_payment_method_rel VALUES (%s, %s)",
            [self.config.id, other.id],
        )
        self.env.invalidate_all()
        order = self._sync(self._order_data([(self.wallet_pm, 30), (other, 70)]))
        self._close_session()
        move = order.payment_ids.wallet_move_id
        tills = move.line_ids.filtered(
            lambda line: line.account_id in self.pos_receivable | account
        )
        self.assertEqual(
            sorted((line.account_id.name, line.credit) for line in tills),
            sorted([(self.pos_receivable.name, 30.0), (account.name, 70.0)]),
        )
        order.action_pos_order_invoice()
        self.assertEqual(order.account_move.payment_state, "paid")
        open_items = self.env["account.move.line"].search(
            [
                ("account_id", "in", (self.pos_receivable | account).ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        self.assertFalse(open_items)
        self.assertBalance(400)

    def test_a_client_cannot_say_that_a_hold_has_ended(self):
        draft = self._sync(self._order_data([], state="draft"))
        for state in ("released", "taken"):
            wallet = self._wallet().with_context(default_state=state)
            self.assertEqual(wallet._hold(100, draft).state, "held")
        self.assertBalance(300)

    def test_a_method_stays_one_of_wallets_until_its_holds_are_booked(self):
        self._sync(self._order_data([(self.wallet_pm, 100)]))
        method = self.wallet_pm.sudo().with_context(wallet_installing=FROM_SERVER)
        with self.assertRaisesRegex(UserError, "close the session"):
            method.is_wallet = False

    def test_who_is_held_to_an_order_does_not_join_a_company(self):
        self._wallet().overdraft_limit = 50
        self._sync(self._order_data([(self.wallet_pm, 550)], quantity=5.5))
        self._top_up(50)
        self.assertEqual(self._wallet().balance, 550)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.customer.parent_id = self.other_customer
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.customer.active = False

    def test_the_history_names_the_order_at_once(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        Movement = self.env["customer.wallet.movement"]
        domain = [("wallet_id", "=", self._wallet().id)]
        pending = Movement.search([*domain, ("is_pending", "=", True)])
        self.assertEqual(pending.document_name, order.name)
        self.assertEqual(pending.amount, -100)
        self._close_session()
        self.env.invalidate_all()
        self.assertFalse(Movement.search([*domain, ("is_pending", "=", True)]))
        movement = Movement.search(domain, order="id desc", limit=1)
        self.assertEqual(movement.document_name, order.name)
        self.assertEqual(movement.running_balance, 400)

    def test_the_same_order_sent_twice_charges_once(self):
        data = self._order_data([(self.wallet_pm, 100)])
        first = self._sync(data)
        again = self._sync(data)
        self.assertEqual(first, again)
        self.assertBalance(400)

    def test_a_draft_is_not_charged_until_it_is_paid(self):
        data = self._order_data([(self.wallet_pm, 100)], state="draft")
        order = self._sync(data)
        self.assertFalse(order.payment_ids.wallet_move_id)
        self.assertBalance(500)
        paid = {**data, "state": "paid", "access_token": "", "id": order.id}
        order = self._sync({**paid, "payment_ids": [], "lines": []})
        self.assertEqual(order.state, "paid")
        self.assertTrue(order.payment_ids.wallet_hold_id)
        self.assertBalance(400)

    # Refused

    def test_more_than_is_there_is_refused_in_words(self):
        self.assertOrdersRefused(
            self._order_data([(self.wallet_pm, 600)], quantity=6),
            message=r"holds .*500\.00.*600\.00 was",
        )

    def test_what_is_refused_locks_no_number_of_the_till(self):
        data = self._order_data([(self.wallet_pm, 600)], quantity=6)
        Sequence = self.env.registry["ir.sequence"]
        with patch.object(Sequence, "_next", side_effect=AssertionError):
            self.assertOrdersRefused(data, message=r"holds .*500\.00.*600\.00 was")

    def test_one_refused_order_holds_up_no_other(self):
        good = self._order_data([(self.cash_pm1, 100)])
        bad = self._order_data([(self.wallet_pm, 600)], quantity=6)
        wallet = self._order_data([(self.wallet_pm, 100)])
        result = (
            self.env["pos.order"]
            .with_user(self.cashier)
            .sync_from_ui([dict(bad), dict(good), dict(wallet)])
        )
        self.assertEqual(
            [refusal["uuid"] for refusal in result["wallet_refusals"]], [bad["uuid"]]
        )
        self.assertIn("500.00", result["wallet_refusals"][0]["message"])
        self.assertEqual(
            {order["uuid"] for order in result["pos.order"]},
            {good["uuid"], wallet["uuid"]},
        )
        self.assertBalance(400)

    def test_a_refused_draft_that_is_paid_now_holds_up_no_other(self):
        """Its payment is on the server already, and not sent once more."""
        bad = self._order_data([(self.wallet_pm, 600)], quantity=6, state="draft")
        self._sync(bad)
        bad.update(state="paid", payment_ids=[], lines=[], access_token="a")
        good = self._order_data([(self.cash_pm1, 100)])
        result = (
            self.env["pos.order"]
            .with_user(self.cashier)
            .sync_from_ui([dict(bad), dict(good)])
        )
        self.assertEqual(
            [refusal["uuid"] for refusal in result["wallet_refusals"]], [bad["uuid"]]
        )
        self.assertEqual(
            [order["uuid"] for order in result["pos.order"]], [good["uuid"]]
        )
        self.assertBalance(500)

    def test_a_wallet_payment_needs_a_customer(self):
        self.assertOrdersRefused(
            self._order_data([(self.wallet_pm, 100)], customer=self.env["res.partner"]),
            message="Choose the customer",
        )

    def test_a_frozen_wallet_pays_nothing_but_takes_in(self):
        self._wallet().action_freeze()
        self.assertOrdersRefused(
            self._order_data([(self.wallet_pm, 100)]), message="frozen"
        )
        self._sync(self._top_up_data(20))
        self.assertBalance(520)

    def test_change_is_not_given_from_a_wallet(self):
        data = self._order_data([(self.wallet_pm, 150)])
        data["amount_return"] = -50
        self.assertOrdersRefused(data, message="change is not given from a wallet")

    def test_a_wallet_is_not_topped_up_from_a_wallet_nor_on_credit(self):
        self.assertOrdersRefused(
            self._top_up_data(50, method=self.wallet_pm), message="from a wallet"
        )
        for method in (self.pay_later_pm, self.customer_account_pm):
            self.assertOrdersRefused(self._top_up_data(50, method=method))

    def test_money_out_of_nothing_is_refused(self):
        data = self._top_up_data(50)
        data["payment_ids"] = data["payment_ids"][1:]
        self.assertOrdersRefused(data, message="not fully paid")

    def test_a_client_cannot_name_the_entry(self):
        entry = self.env["account.move"].search([("state", "=", "posted")], limit=1)
        data = self._order_data([(self.wallet_pm, 100)])
        data["payment_ids"][0][2]["wallet_move_id"] = entry.id
        order = self._sync(data)
        self.assertNotEqual(order.payment_ids.wallet_move_id, entry)
        self.assertBalance(400)

    # After it is paid

    def test_a_charged_payment_is_not_edited(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        payment = order.payment_ids
        for commands in (
            [Command.update(payment.id, {"amount": 50})],
            [Command.update(payment.id, {"payment_method_id": self.cash_pm1.id})],
            [Command.delete(payment.id)],
        ):
            with (
                self.assertRaisesRegex(UserError, "cannot be changed"),
                self.env.cr.savepoint(),
            ):
                order.write({"payment_ids": commands})
        self.assertBalance(400)

    def test_a_payment_changed_to_the_wallet_is_charged(self):
        order = self._sync(self._order_data([(self.cash_pm1, 100)]))
        order.write(
            {
                "payment_ids": [
                    Command.update(
                        order.payment_ids.id, {"payment_method_id": self.wallet_pm.id}
                    )
                ]
            }
        )
        self.assertTrue(order.payment_ids.wallet_hold_id)
        self.assertBalance(400)

    def test_a_paid_order_does_not_change_hands(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            order.partner_id = self.other_customer

    def test_the_entry_is_not_taken_back_in_the_books_alone(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        self._close_session()
        entry = order.payment_ids.wallet_move_id
        with self.assertRaisesRegex(UserError, "stays in the books"):
            entry.button_draft()
        with self.assertRaisesRegex(UserError, "refund the order"):
            entry._reverse_moves(cancel=True)

    # In and out

    def test_top_up_at_the_till(self):
        order = self._sync(self._top_up_data(50))
        self.assertEqual(order.state, "paid")
        move = order.payment_ids.wallet_move_id
        self.assertEqual(
            self._items(move),
            [
                ("till", self.customer.name, 50.0, 0.0),
                ("wallet", self.customer.name, 0.0, 50.0),
            ],
        )
        self.assertEqual(move.wallet_operation, "top_up")
        self.assertBalance(550)
        self._close_session(50)
        self.assertFalse(
            self.pos_session.move_id.line_ids.filtered(
                lambda line: line.account_id == self.sales_account
            ),
            "a top-up is no turnover",
        )
        self.assertTillIsClear()

    def test_a_top_up_is_not_a_sale_and_has_no_invoice(self):
        order = self._sync(self._top_up_data(50, to_invoice=True))
        self.assertEqual(order.state, "paid")
        self.assertFalse(order.account_move)
        self.assertBalance(550)
        with self.assertRaisesRegex(UserError, "nothing to invoice"):
            order.action_pos_order_invoice()
        self._close_session(50)
        with self.assertRaisesRegex(UserError, "nothing to invoice"):
            order.action_pos_order_invoice()

    def test_top_up_by_card(self):
        self._sync(self._top_up_data(50, method=self.bank_pm1))
        self.assertBalance(550)
        self._close_session()
        self.assertTillIsClear()

    def test_keep_the_change(self):
        order = self._sync(
            self._order_data([(self.cash_pm1, 130), (self.wallet_pm, -30)])
        )
        self.assertEqual(order.payment_ids.wallet_move_id.wallet_operation, "top_up")
        self.assertBalance(530)
        self._close_session(130)
        self.assertTillIsClear()

    def test_refund_to_the_wallet(self):
        order = self._sync(self._order_data([(self.cash_pm1, 300)], quantity=3))
        refund = self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self.assertEqual(refund.payment_ids.wallet_move_id.wallet_operation, "refund")
        self.assertBalance(600)
        self._close_session(300)
        self.assertTillIsClear()

    def test_a_refund_to_the_company_whose_contact_has_left(self):
        contact = self.env["res.partner"].create(
            {"name": "Amal", "parent_id": self.customer.id}
        )
        order = self._sync(self._order_data([(self.wallet_pm, 100)], contact))
        contact.parent_id = False
        payments = [(self.wallet_pm, -100)]
        self.assertOrdersRefused(
            self._refund_data(order, payments, customer=contact),
            message=f"{self.customer.name} bought",
        )
        self._sync(self._refund_data(order, payments))
        self._close_session()
        self.assertFalse(self._wallet(contact))
        self.assertBalance(500)
        self.assertTillIsClear()

    # The closing

    def test_the_closing_entry_line_by_line(self):
        self._sync(self._order_data([(self.wallet_pm, 100)]))
        self._sync(self._order_data([(self.wallet_pm, 60), (self.cash_pm1, 40)]))
        session = self._close_session(40)
        self.assertEqual(
            self._items(session.move_id),
            [
                ("POS Receivable Cash", "", 40.0, 0.0),
                ("sales", "", 0.0, 200.0),
                ("till", "", 160.0, 0.0),
            ],
        )
        self.assertTillIsClear()
        self.assertBalance(340)

    def test_the_wallet_is_a_tender_of_its_own(self):
        self._sync(self._order_data([(self.wallet_pm, 100)]))
        closing = self.pos_session.get_closing_control_data()
        shown = {m["name"]: m["amount"] for m in closing["non_cash_payment_methods"]}
        self.assertEqual(shown["Customer Wallet"], 100)
        report = self.env["report.point_of_sale.report_saledetails"]
        details = report.get_sale_details(session_ids=self.pos_session.ids)
        totals = {p["name"]: p["total"] for p in details["payments"]}
        self.assertEqual(
            sum(t for n, t in totals.items() if n.startswith("Customer Wallet")), 100
        )

    # Every way to pay, with every way to invoice

    def _pay_wallet_only(self):
        return self._order_data([(self.wallet_pm, 100)]), 400, 0

    def _pay_split_cash(self):
        data = self._order_data([(self.wallet_pm, 60), (self.cash_pm1, 40)])
        return data, 440, 40

    def _pay_split_card(self):
        data = self._order_data([(self.wallet_pm, 60), (self.bank_pm1, 40)])
        return data, 440, 0

    def _pay_change_kept(self):
        data = self._order_data([(self.cash_pm1, 120), (self.wallet_pm, -20)])
        return data, 520, 120

    def _pay_partial_refund(self):
        order = self._sync(self._order_data([(self.bank_pm1, 300)], quantity=3))
        return self._refund_data(order, [(self.wallet_pm, -100)]), 600, 0

    def _pay_full_refund(self):
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        return self._refund_data(order, [(self.wallet_pm, -100)]), 500, 0

    def _check_combination(self, pay, invoicing):
        data, balance, cash = pay()
        data["to_invoice"] = invoicing == "at once"
        order = self._sync(data)
        self.assertBalance(balance)
        if invoicing == "in the session":
            order.action_pos_order_invoice()
        session = self._close_session(cash)
        if invoicing == "after closing":
            order.action_pos_order_invoice()
        if invoicing != "never":
            invoice = order.account_move
            self.assertEqual(
                (invoice.payment_state, invoice.amount_residual), ("paid", 0)
            )
        self.assertEqual(session.state, "closed")
        self.assertTillIsClear()
        self.assertBalance(balance)
        entries = session._get_related_account_moves() | (
            order.payment_ids.wallet_move_id
        )
        for move in entries:
            self.assertEqual(
                round(sum(move.line_ids.mapped("balance")), 2), 0.0, move.name
            )


@tagged("post_install", "-at_install")
class TestTillWalletCurrency(TillWalletCommon):
    """The till of this test takes euros, the company keeps its books in dollars; a
    euro is worth two dollars.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = cls.other_currency_config
        cls.config.payment_method_ids |= cls.wallet_pm
        cls.euro = cls.config.currency_id

    def setUp(self):
        super().setUp()
        self.open_new_session()
        self.price = self._order_data([])["amount_total"]

    def _euro_wallet(self):
        return self.env["customer.wallet"]._find(
            self.customer, self.company, self.euro
        )[:1]

    def test_the_cashier_reads_the_balance_in_euros(self):
        wallet = self.customer.get_pos_wallets(self.config.id)[self.customer.id]
        self.assertEqual(wallet["balance"], self.euro.round(500 * self.euro.rate))

    def test_a_dollar_wallet_pays_in_euros_at_todays_rate(self):
        self._sync(self._order_data([(self.wallet_pm, self.price)]))
        dollars = self.euro._convert(self.price, self.company.currency_id, self.company)
        self.assertBalance(500 - dollars)
        self._close_session()
        self.assertTillIsClear()

    def test_a_top_up_in_euros_fills_the_euro_wallet_which_pays_first(self):
        cash = self.config.payment_method_ids.filtered("is_cash_count")
        self._sync(self._top_up_data(self.price, method=cash))
        self.assertEqual(self._euro_wallet().balance, self.price)
        self._sync(self._order_data([(self.wallet_pm, self.price)]))
        self.assertEqual(self._euro_wallet().available, 0)
        self._close_session(self.price)
        self.assertEqual(self._euro_wallet().balance, 0)
        self.assertBalance(500)
        self.assertTillIsClear()

    def test_a_euro_wallet_without_accounts_for_rates_is_refused_before_closing(self):
        cash = self.config.payment_method_ids.filtered("is_cash_count")
        company = self.company
        company.income_currency_exchange_account_id = False
        self._sync(self._top_up_data(self.price, method=cash))
        data = self._order_data([(self.wallet_pm, self.price)])
        self.assertRefused(UserError, self._sync, data, message="Default Accounts")
        self.assertEqual(self._euro_wallet().available, self.price)
        self._close_session(self.price)
        self.assertTillIsClear()

    def test_days_of_different_rates_that_add_up_to_nothing_in_euros(self):
        cash = self.config.payment_method_ids.filtered("is_cash_count")
        self._sync(self._top_up_data(self.price, method=cash))
        order = self._sync(self._order_data([(self.wallet_pm, self.price)]))
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.euro.id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": self.euro.rate * 2,
            }
        )
        order.date_order = order.payment_ids.payment_date = "2020-01-01"
        self._close_session(self.price)
        closing = self.pos_session.move_id.line_ids
        dollars = self.euro._convert(self.price, self.company.currency_id, self.company)
        wallets = closing.filtered(lambda line: self.wallet_pm.name in line.name)
        self.assertEqual(
            sorted((line.amount_currency, line.balance) for line in wallets),
            [(-self.price, -dollars), (self.price, dollars / 2)],
        )
        self.assertFalse(closing.filtered(lambda line: "ifference" in line.name))
        self.assertTillIsClear()


def _add_combinations():
    ways = (
        "wallet_only",
        "split_cash",
        "split_card",
        "change_kept",
        "partial_refund",
        "full_refund",
    )
    for way in ways:
        for invoicing in ("never", "at once", "in the session", "after closing"):

            def test(self, way=way, invoicing=invoicing):
                self._check_combination(getattr(self, f"_pay_{way}"), invoicing)

            name = f"test_{way}_invoiced_{invoicing.replace(' ', '_')}"
            setattr(TestTillWallet, name, test)


_add_combinations()
