from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..models.customer_wallet import FROM_SERVER
from .common import WalletCommon
from .till_common import TillWalletCommon


class SelfCheckCommon:
    """Plant differences as only somebody can who writes past Odoo."""

    def _sql(self, query, *params):
        self.env.flush_all()
        self.env.cr.execute(query, params)
        self.env.invalidate_all()

    def _check(self, wallets=None):
        return self.env["customer.wallet.check"]._find_differences(
            self.company.root_id, wallets
        )

    def _found(self, wallets=None):
        """What is found, as {(kind, customer): (expected, found)}."""
        Partner = self.env["res.partner"]
        return {
            (item["kind"], Partner.browse(item["partner_id"]).name): (
                item["expected"],
                item["actual"],
            )
            for item in self._check(wallets)
        }

    def _managers(self):
        return self.env["customer.wallet.check"]._get_managers()

    def _activities(self, user=None):
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    (
                        "activity_type_id",
                        "=",
                        self.env.ref("customer_wallet.mail_activity_type_check").id,
                    ),
                    ("user_id", "=", (user or self.manager).id),
                ]
            )
        )


@tagged("post_install", "-at_install")
class TestSelfCheck(SelfCheckCommon, WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "wallet_manager",
            "account.group_account_manager",
            company_id=cls.company.id,
        )
        cls.other = cls.env["res.partner"].create({"name": "Bilal Nasser"})
        cls._top_up(100)
        cls._top_up(50, partner_id=cls.other.id)
        cls._invoice(30).action_allocate_wallet()

    def test_a_book_that_agrees(self):
        self.assertEqual(self._found(), {})
        action = self.env["customer.wallet"].with_user(self.manager).action_check()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("Wallets checked: 2.", action["params"]["message"])

    def test_all_kinds_of_movements_agree(self):
        eur = self.env.ref("base.EUR")
        eur.active = True
        self._top_up(70, currency_id=eur.id)
        self._invoice(200).action_allocate_wallet()
        wallet = self._wallet(self.other)
        wallet.overdraft_limit = 20
        self._pay_out(60, partner_id=self.other.id)
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.other.id}
        )
        self._top_up(5, partner_id=contact.id)
        contact.parent_id = False
        draft = self._top_up(5)
        draft.action_draft()
        self.assertEqual(self._found(), {})

    def test_a_balance_that_was_edited(self):
        self._sql(
            "UPDATE customer_wallet SET balance = 95 WHERE id = %s", self._wallet().id
        )
        self.assertEqual(
            self._found(),
            {
                ("balance", "Amal Haddad"): (70, 95),
                ("account", False): (120, 145),
            },
        )

    def test_the_smallest_difference_is_found(self):
        self._sql(
            "UPDATE customer_wallet SET balance = 70.01 WHERE id = %s",
            self._wallet().id,
        )
        self.assertIn(("balance", "Amal Haddad"), self._found())

    def test_a_bonus_that_was_edited(self):
        self._sql(
            "UPDATE customer_wallet SET bonus_balance = 5 WHERE id = %s",
            self._wallet().id,
        )
        self.assertEqual(
            self._found(),
            {
                ("bonus", "Amal Haddad"): (0, 5),
                ("account", False): (120, 115),
                ("bonus_account", False): (0, 5),
            },
        )

    def test_a_journal_item_that_was_edited(self):
        self._sql(
            "UPDATE account_move_line SET balance = -60, amount_currency = -60"
            " WHERE wallet_id = %s",
            self._wallet(self.other).id,
        )
        self.assertEqual(
            self._found(),
            {
                ("balance", "Bilal Nasser"): (60, 50),
                ("account", False): (130, 120),
            },
        )

    def test_an_item_that_was_posted_without_its_entry(self):
        draft = self._top_up(7, post=False)
        draft.action_post()
        draft.action_draft()
        item = draft.move_id.line_ids.filtered(
            lambda line: line.account_id == self.wallet_account
        )
        item.with_context(wallet_booking=FROM_SERVER).parent_state = "posted"
        self.assertEqual(
            self._found(),
            {
                ("balance", "Amal Haddad"): (70, 77),
                ("account", False): (120, 127),
            },
        )

    def test_a_kind_of_money_that_was_edited(self):
        """The account says of which kind the money is."""
        self._sql(
            "UPDATE account_move_line SET wallet_lot_type = 'bonus'"
            " WHERE wallet_id = %s",
            self._wallet(self.other).id,
        )
        self.assertEqual(self._found(), {("item", "Bilal Nasser"): (50, 0)})

    def test_money_that_was_moved_between_the_accounts(self):
        self._sql(
            "UPDATE account_move_line SET account_id = %s, wallet_lot_type = 'bonus'"
            " WHERE wallet_id = %s",
            self.company.wallet_bonus_account_id.id,
            self._wallet(self.other).id,
        )
        self.assertEqual(
            self._found(),
            {
                ("bonus", "Bilal Nasser"): (50, 0),
                ("account", False): (70, 120),
                ("bonus_account", False): (50, 0),
            },
        )

    def test_what_is_held_agrees_with_the_holds(self):
        hold = self._wallet()._hold(30, self._invoice(30))
        self.assertEqual(self._found(), {})
        self._sql(
            "UPDATE customer_wallet SET held = 20 WHERE id = %s", self._wallet().id
        )
        self.assertEqual(self._found(), {("held", "Amal Haddad"): (30, 20)})
        self._sql(
            "UPDATE customer_wallet SET held = 30 WHERE id = %s", self._wallet().id
        )
        hold._release()
        self.assertEqual(self._found(), {})

    def test_a_bonus_from_which_too_much_was_taken(self):
        first, second = self._give_bonus(10), self._give_bonus(20)
        self._invoice(25).action_allocate_wallet()
        self.assertEqual(self._found(), {})
        grants = (first | second).line_ids.filtered("wallet_id").sorted("id")
        self._sql(
            "UPDATE account_move_line SET wallet_grant_id = %s"
            " WHERE wallet_grant_id = %s",
            grants[0].id,
            grants[1].id,
        )
        self.assertEqual(self._found(), {("grant", "Amal Haddad"): (0, -15)})

    def test_more_bonus_used_than_goods_kept(self):
        self._give_bonus(20, partner=self.other)
        invoice = self._invoice(20, partner_id=self.other.id)
        invoice.action_allocate_wallet()
        self.assertEqual(self._found(), {})
        entry = self._allocation_of(invoice)
        self._sql(
            "UPDATE account_move_line SET partner_id = NULL"
            " WHERE move_id = %s AND wallet_id IS NULL",
            entry.id,
        )
        self.assertEqual(self._found(), {("law", "Bilal Nasser"): (0, 20)})

    def test_a_journal_item_without_a_customer(self):
        line = self._wallet(self.other).line_ids
        self._sql(
            "UPDATE account_move_line SET partner_id = NULL, wallet_id = NULL"
            " WHERE id = %s",
            line.id,
        )
        self.assertEqual(
            self._found(),
            {
                ("no_customer", False): (50, 0),
                ("balance", "Bilal Nasser"): (0, 50),
            },
        )
        named = [item for item in self._check() if item["kind"] == "no_customer"]
        self.assertEqual(named[0]["document"], line.move_id.name)

    def test_a_journal_item_in_the_wallet_of_another(self):
        self._sql(
            "UPDATE account_move_line SET wallet_id = %s WHERE wallet_id = %s",
            self._wallet().id,
            self._wallet(self.other).id,
        )
        self.assertEqual(
            self._found(),
            {
                ("item", "Bilal Nasser"): (50, 0),
                ("balance", "Bilal Nasser"): (0, 50),
                ("balance", "Amal Haddad"): (120, 70),
            },
        )

    def test_a_wallet_that_vanished(self):
        wallet = self._wallet(self.other)
        self._sql(
            "UPDATE account_move_line SET wallet_id = NULL WHERE wallet_id = %s",
            wallet.id,
        )
        self._sql("DELETE FROM customer_wallet WHERE id = %s", wallet.id)
        self.assertEqual(
            self._found(),
            {("item", "Bilal Nasser"): (50, 0), ("account", False): (120, 70)},
        )

    def test_one_wallet_alone(self):
        self._sql(
            "UPDATE customer_wallet SET balance = 95 WHERE id = %s", self._wallet().id
        )
        self.assertEqual(self._found(self._wallet(self.other)), {})
        self.assertEqual(
            self._found(self._wallet()),
            {("balance", "Amal Haddad"): (70, 95)},
        )

    def test_the_button_lists_what_does_not_agree(self):
        self._sql(
            "UPDATE customer_wallet SET balance = 95 WHERE id = %s", self._wallet().id
        )
        wallet = self._wallet().with_user(self.manager)
        action = wallet.action_check()
        items = (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .search(action["domain"])
        )
        self.assertRecordValues(
            items,
            [
                {
                    "partner_id": self.customer.id,
                    "wallet_id": wallet.id,
                    "kind": "balance",
                    "expected": 70,
                    "actual": 95,
                    "difference": 25,
                }
            ],
        )
        self.assertEqual(items[0].action_open_subject()["res_id"], wallet.id)

    def test_only_a_manager_checks(self):
        clerk = new_test_user(self.env, "clerk", "account.group_account_user")
        with self.assertRaises(AccessError):
            self.env["customer.wallet"].with_user(clerk).action_check()
        with self.assertRaises(AccessError):
            self._wallet().with_user(clerk).action_check()
        with self.assertRaises(AccessError):
            self.env["customer.wallet.difference"].with_user(clerk).search([])

    def test_the_manager_is_told_once(self):
        self._sql(
            "UPDATE customer_wallet SET balance = 95 WHERE id = %s", self._wallet().id
        )
        for _day in range(3):
            self.env["customer.wallet.check"]._cron_check()
        activity = self._activities()
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.res_model, "customer.wallet")
        self.assertEqual(activity.res_id, self._wallet().id)
        for text in ("Amal Haddad", "25.00", "95.00", "70.00", self.company.name):
            self.assertIn(text, activity.note)
        self.assertIn("recompute the wallet", activity.note)
        self.assertNotIn("Bilal", activity.note)

    def test_each_kind_of_difference_says_what_to_do(self):
        Difference = self.env["customer.wallet.difference"]
        for kind, _name in Difference._fields["kind"].selection:
            self.assertTrue(Difference.new({"kind": kind}).next_step, kind)

    def test_the_activity_follows_what_is_found(self):
        self._sql(
            "UPDATE customer_wallet SET balance = 95 WHERE id = %s", self._wallet().id
        )
        self.env["customer.wallet.check"]._cron_check()
        self._sql(
            "UPDATE customer_wallet SET balance = 55 WHERE id = %s",
            self._wallet(self.other).id,
        )
        self.env["customer.wallet.check"]._cron_check()
        activity = self._activities()
        self.assertEqual(len(activity), 1)
        self.assertIn("Bilal Nasser", activity.note)
        self._sql(
            "UPDATE customer_wallet SET balance = CASE WHEN id = %s THEN 70 ELSE 50 END"
            " WHERE company_id = %s",
            self._wallet().id,
            self.company.id,
        )
        self.env["customer.wallet.check"]._cron_check()
        self.assertFalse(self._activities())
        bodies = " ".join(
            str(body) for body in self._wallet().message_ids.mapped("body")
        )
        self.assertIn("agree with the books again", bodies)

    def test_a_clean_book_tells_nobody(self):
        self.env["customer.wallet.check"]._cron_check()
        self.assertFalse(self._activities())

    def test_a_difference_without_any_wallet_is_told_too(self):
        self._sql("UPDATE account_move_line SET wallet_id = NULL")
        self._sql("UPDATE account_move_line SET partner_id = NULL")
        self._sql("DELETE FROM customer_wallet")
        self.env["customer.wallet.check"]._cron_check()
        activity = self._activities()
        self.assertEqual(len(activity), 1)
        self.assertFalse(activity.res_model)
        self.assertIn(self.company.name, activity.note)

    def test_managers_hear_of_their_companies_only(self):
        company = self.setup_other_company(name="Other company")["company"]
        stranger = new_test_user(
            self.env,
            "stranger",
            "account.group_account_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self._sql(
            "UPDATE customer_wallet SET balance = 95 WHERE id = %s", self._wallet().id
        )
        self.env["customer.wallet.check"]._cron_check()
        self.assertTrue(self._activities())
        self.assertFalse(self._activities(stranger))

    def test_cashiers_and_clerks_are_not_asked(self):
        for groups in ("point_of_sale.group_pos_user", "account.group_account_invoice"):
            user = new_test_user(self.env, groups.split("_")[-1], groups)
            self.assertNotIn(user, self._managers())
        self.assertIn(self.manager, self._managers())

    def test_it_asks_the_database_a_few_questions_however_many_wallets(self):
        def count():
            before = self.env.cr.sql_log_count
            self._check()
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for number in range(5):
            partner = self.env["res.partner"].create({"name": f"Customer {number}"})
            self._top_up(5, partner_id=partner.id)
        self.env.flush_all()
        self.assertLessEqual(count(), few)


@tagged("post_install", "-at_install")
class TestSelfCheckOfTills(SelfCheckCommon, TillWalletCommon):
    def setUp(self):
        super().setUp()
        self.open_new_session()
        self.order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        self.payment = self.order.payment_ids
        self.hold = self.payment.wallet_hold_id

    def _book(self):
        """What is held for the order is booked before its session closes."""
        self.payment._book_wallet_holds()
        self.entry = self.payment.wallet_move_id
        self.assertTrue(self.entry)

    def _named(self):
        return {
            (item["kind"], item["document"]): (item["expected"], item["actual"])
            for item in self._check()
        }

    def test_an_open_till_that_agrees(self):
        self._sync(self._top_up_data(25))
        self._sync(self._refund_data(self.order, [(self.wallet_pm, -100)]))
        self._sync(self._order_data([(self.wallet_pm, 40), (self.cash_pm1, 60)]))
        self._sync(self._order_data([(self.wallet_pm, 100)], state="draft"))
        self.assertEqual(self._named(), {})

    def test_a_closed_till_that_agrees(self):
        self._close_session()
        self.assertEqual(self._named(), {})

    def test_a_held_payment_of_another_amount(self):
        self._sql("UPDATE pos_payment SET amount = 90 WHERE id = %s", self.payment.id)
        self.assertEqual(self._named(), {("till_payment", self.order.name): (90, 100)})

    def test_a_hold_whose_payment_vanished(self):
        self._sql("DELETE FROM pos_payment WHERE id = %s", self.payment.id)
        self.assertEqual(self._named(), {("till_entry", self.order.name): (0, 100)})

    def test_a_closed_till_that_still_holds_money(self):
        self._sql(
            "UPDATE pos_session SET state = 'closed' WHERE id = %s", self.pos_session.id
        )
        self.assertEqual(self._named(), {("till_payment", self.order.name): (100, 0)})

    def test_a_payment_without_its_entry(self):
        self._book()
        self._sql(
            "UPDATE pos_payment SET wallet_move_id = NULL WHERE id = %s",
            self.payment.id,
        )
        self.assertEqual(
            self._named(),
            {
                ("till_payment", self.order.name): (100, 0),
                ("till_entry", self.entry.name): (0, 100),
            },
        )
        self.assertEqual(
            {item["partner_id"] for item in self._check()}, {self.customer.id}
        )

    def test_a_payment_of_another_amount(self):
        self._book()
        self._sql("UPDATE pos_payment SET amount = 90 WHERE id = %s", self.payment.id)
        self.assertEqual(self._named(), {("till_payment", self.order.name): (90, 100)})

    def test_an_entry_whose_payment_vanished(self):
        self._book()
        self._sql("DELETE FROM pos_payment WHERE id = %s", self.payment.id)
        self.assertEqual(self._named(), {("till_entry", self.entry.name): (0, 100)})

    def test_the_wallet_of_the_customer_shows_it_too(self):
        self._sql("DELETE FROM pos_payment WHERE id = %s", self.payment.id)
        self.assertEqual(len(self._check(self._wallet())), 1)

    def test_the_manager_reads_order_customer_and_amount(self):
        self._sql("UPDATE pos_payment SET amount = 90 WHERE id = %s", self.payment.id)
        manager = new_test_user(
            self.env,
            "wallet_manager",
            "account.group_account_manager",
            company_id=self.company.id,
        )
        self.env["customer.wallet.check"]._cron_check()
        activity = self._activities(manager)
        self.assertEqual(activity.res_id, self._wallet().id)
        for text in (self.order.name, self.customer.name, "10.00"):
            self.assertIn(text, activity.note)
