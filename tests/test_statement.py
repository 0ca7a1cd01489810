from datetime import date, timedelta

from freezegun import freeze_time
from lxml import html

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import WalletCommon
from .tour_common import WalletTourCommon

REPORT = "customer_wallet.report_wallet_statement"


@tagged("post_install", "-at_install")
class TestStatement(WalletCommon):
    """January: 100 in. February: a bonus of 20, then 50 for an invoice of 50.
    March: 30 in, and the invoice is undone.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-20"))
        cls.first = cls._top_up(100, date=date(2026, 1, 5))
        cls._give_bonus(20, expiry=date(2026, 6, 30), date=date(2026, 2, 1))
        cls.invoice = cls._invoice(50)
        with freeze_time("2026-02-10"):
            cls.invoice.action_allocate_wallet()
        cls.second = cls._top_up(30, date=date(2026, 3, 2))
        with freeze_time("2026-03-15"):
            cls._unallocate(cls.invoice)
        cls.wallet = cls._wallet()

    def _rows(self, statement):
        return [
            (
                movement.date.isoformat(),
                movement.kind,
                movement.document_name,
                movement.amount,
                movement.running_balance,
            )
            for movement in statement["movements"]
        ]

    def _render(self, wallets, **data):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            REPORT, wallets.ids, data=data
        )
        return html.fromstring(content)

    def _texts(self, tree, path):
        return [
            " ".join(node.text_content().replace("\ufeff", "").split())
            for node in tree.xpath(path)
        ]

    def test_it_lists_each_movement_with_the_balance_after_it(self):
        statement = self.wallet._get_statement()
        self.assertEqual(
            self._rows(statement),
            [
                ("2026-01-05", "Top-up", self.first.name, 100, 100),
                ("2026-02-01", "Bonus", "Winter offer", 20, 120),
                ("2026-02-10", "Invoice Paid", self.invoice.name, -50, 70),
                ("2026-03-02", "Top-up", self.second.name, 30, 100),
                ("2026-03-15", "Undone: Invoice Paid", self.invoice.name, 50, 150),
            ],
        )
        self.assertEqual(statement["opening"], 0)
        self.assertEqual(statement["closing"], 150)
        self.assertEqual(statement["total_in"], 200)
        self.assertEqual(statement["total_out"], -50)
        self.assertBalance(150)

    def test_two_kinds_of_money_that_pay_one_invoice_are_one_movement(self):
        entry_lines = self.wallet.line_ids.filtered(
            lambda line: line.date == date(2026, 2, 10)
        )
        self.assertEqual(len(entry_lines), 2)
        rows = self._rows(
            self.wallet._get_statement(date(2026, 2, 10), date(2026, 2, 10))
        )
        self.assertEqual(
            rows, [("2026-02-10", "Invoice Paid", self.invoice.name, -50, 70)]
        )

    def test_periods_follow_on_each_other(self):
        february = self.wallet._get_statement(date(2026, 2, 1), date(2026, 2, 28))
        march = self.wallet._get_statement(date(2026, 3, 1), date(2026, 3, 31))
        self.assertEqual((february["opening"], february["closing"]), (100, 70))
        self.assertEqual((march["opening"], march["closing"]), (70, 150))
        self.assertEqual(len(february["movements"]), 2)

    def test_a_period_without_movements_has_a_balance(self):
        statement = self.wallet._get_statement(date(2026, 1, 6), date(2026, 1, 31))
        self.assertFalse(statement["movements"])
        self.assertEqual((statement["opening"], statement["closing"]), (100, 100))

    def test_an_unposted_top_up_is_no_movement(self):
        self.second.action_draft()
        self.assertNotIn(
            self.second.name,
            [row[2] for row in self._rows(self.wallet._get_statement())],
        )
        self.assertEqual(self.wallet._get_statement()["closing"], 120)

    def test_it_tells_what_is_bonus_and_when_it_expires(self):
        self._give_bonus(5, expiry=date(2026, 4, 30))
        self._give_bonus(1)
        statement = self.wallet._get_statement()
        self.assertEqual(statement["balance"], 156)
        self.assertEqual(statement["bonus"], self.wallet.bonus_balance)
        self.assertEqual(statement["paid"] + statement["bonus"], 156)
        self.assertEqual(
            statement["expiring"][0], {"date": date(2026, 4, 30), "amount": 5}
        )

    def test_an_exchange_difference_is_no_movement(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self._top_up(100, currency_id=euro.id)
        wallet = self._wallet(currency=euro)
        line = wallet.line_ids
        self.env["account.move"].create(
            {
                "journal_id": self.company.currency_exchange_journal_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": line.partner_id.id,
                            "currency_id": euro.id,
                            "amount_currency": 0,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (self.wallet_account, 3),
                        (self.company.expense_currency_exchange_account_id, -3),
                    )
                ],
            }
        ).action_post()
        self.assertEqual(len(wallet.line_ids), 2)
        statement = wallet._get_statement()
        self.assertEqual(statement["movements"].mapped("amount"), [100])
        self.assertEqual(statement["currency"], euro)

    # Periods of the wizard

    def _wizard(self, wallets=None, **values):
        wallets = wallets or self.wallet
        wizard = Form(
            self.env["customer.wallet.statement"].with_context(
                default_wallet_ids=wallets.ids
            )
        )
        for name, value in values.items():
            wizard[name] = value
        return wizard.save()

    def test_the_wizard_starts_with_this_month(self):
        wizard = self._wizard()
        self.assertEqual(wizard.period, "this_month")
        self.assertEqual(wizard.date_from, date(2026, 3, 1))
        self.assertEqual(wizard.date_to, date(2026, 3, 20))

    def test_the_wizard_starts_with_everything_when_this_month_is_empty(self):
        with freeze_time("2026-04-02"):
            wizard = self._wizard()
        self.assertEqual(wizard.period, "all")
        self.assertEqual(wizard.date_from, date(2026, 1, 5))
        self.assertEqual(wizard.date_to, date(2026, 4, 2))

    def test_the_wizard_knows_other_periods(self):
        wizard = self._wizard(period="last_month")
        self.assertEqual(wizard.date_from, date(2026, 2, 1))
        self.assertEqual(wizard.date_to, date(2026, 2, 28))
        self.assertEqual(self._wizard(period="this_year").date_from, date(2026, 1, 1))
        wizard = self._wizard(period="custom", date_to=date(2026, 1, 31))
        self.assertEqual(wizard.date_to, date(2026, 1, 31))

    def test_a_period_that_ends_before_it_starts_is_refused(self):
        wizard = self._wizard(
            period="custom", date_from=date(2026, 3, 1), date_to=date(2026, 2, 1)
        )
        self.assertRefused(UserError, wizard.action_print, message="before it starts")
        self.assertRefused(UserError, wizard.action_send, message="before it starts")

    # The document

    def test_it_prints_opening_movements_and_closing(self):
        wizard = self._wizard(period="last_month")
        action = wizard.with_context(discard_logo_check=True).action_print()
        self.assertEqual(action["report_name"], REPORT)
        tree = self._render(self.env["customer.wallet"], **action["data"])
        rows = self._texts(tree, "//table[@name='movements']/tbody/tr")
        self.assertEqual(
            rows,
            [
                "02/01/2026 Opening balance $ 100.00",
                "02/01/2026 Bonus Winter offer $ 20.00 $ 120.00",
                f"02/10/2026 Invoice Paid {self.invoice.name} $ -50.00 "
                "of which bonus $ -20.00 $ 70.00",
                "02/28/2026 Closing balance $ 70.00",
            ],
        )
        self.assertEqual(len(tree.xpath("//div[@name='kinds']")), 1)

    def test_what_is_pending_is_apart_and_not_in_the_balance(self):
        self.wallet._hold(40, self._invoice(40))
        tree = self._render(self.wallet)
        self.assertEqual(len(tree.xpath("//table[@name='pending']/tbody/tr")), 1)
        pending = self._texts(tree, "//table[@name='pending']")[0]
        self.assertIn("$ -40.00", pending)
        rows = self._texts(tree, "//table[@name='movements']/tbody/tr")
        self.assertIn("Closing balance $ 150.00", rows[-2])
        self.assertEqual(rows[-1], "of which bonus $ 20.00")

    def test_it_speaks_the_language_of_the_customer_and_of_the_currency(self):
        self.env["res.lang"]._activate_lang("ar_001")
        dinar = self.env.ref("base.BHD")
        dinar.active = True
        other = self.env["res.partner"].create({"name": "نخيل", "lang": "ar_001"})
        self._top_up(1.5, partner_id=other.id, currency_id=dinar.id)
        wallet = self._wallet(partner=other, currency=dinar)
        # As a user who reads English, with a customer who reads English beside it.
        tree = self._render(self.wallet | wallet)
        english, arabic = tree.xpath("//table[@name='movements']")
        self.assertIn("$\xa0150.00", english.text_content())
        self.assertIn("1.500", arabic.text_content())
        self.assertNotIn("$", arabic.text_content())
        articles = tree.xpath("//div[contains(@class, 'article')]")
        self.assertEqual(
            [node.get("data-oe-lang") for node in articles], ["en_US", "ar_001"]
        )

    def test_who_may_not_see_a_wallet_may_not_print_or_send_it(self):
        wizard = self._wizard()
        employee = new_test_user(self.env, "curious", "base.group_user")
        with self.assertRaises(AccessError):
            wizard.with_user(employee).action_print()
        with self.assertRaises(AccessError):
            wizard.with_user(employee).action_send()
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(employee)._render_qweb_html(
                REPORT, self.wallet.ids
            )

    def test_a_wallet_user_who_sees_no_journal_items_prints_it(self):
        user = new_test_user(self.env, "clerk", "customer_wallet.group_wallet_user")
        content, _type = (
            self.env["ir.actions.report"]
            .with_user(user)
            ._render_qweb_html(REPORT, self.wallet.ids, data={})
        )
        self.assertIn("Closing balance", str(content))

    # Email

    def _send(self, wizard, user=None):
        """In tests, Odoo attaches the document as HTML."""
        action = wizard.with_user(user or self.env.user).action_send()
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(user or self.env.user)
            .with_context(**action["context"])
        ).save()
        composer.action_send_mail()

    def test_it_is_sent_with_the_document_of_the_period(self):
        clerk = new_test_user(
            self.env,
            "clerk",
            "customer_wallet.group_wallet_user",
            email="clerk@example.com",
        )
        self._send(self._wizard(period="last_month"), clerk)
        message = self.wallet.message_ids[0]
        self.assertEqual(message.partner_ids, self.customer)
        self.assertIn("70.00", message.body)
        self.assertIn(
            "Wallet Statement Amal Haddad 2026-02-28", message.attachment_ids.name
        )
        document = message.attachment_ids.raw.decode()
        self.assertIn("02/28/2026", document)
        self.assertNotIn("03/15/2026", document)

    def test_each_customer_gets_the_own_statement(self):
        other = self.customer.create({"name": "Bee", "email": "bee@example.com"})
        self._top_up(7, partner_id=other.id)
        wallets = self.wallet | self._wallet(partner=other)
        self._send(self._wizard(wallets, period="all"))
        mails = self.env["mail.mail"].search([("model", "=", "customer.wallet")])
        self.assertEqual(mails.recipient_ids, self.customer | other)
        for mail in mails:
            document = mail.attachment_ids.raw.decode()
            self.assertEqual("Bee" in document, mail.recipient_ids == other)


@tagged("post_install", "-at_install")
class TestTopUpReceipt(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.wallet_top_up_receipt = True

    def _receipts(self):
        return self.env["mail.mail"].search(
            [("model", "=", "account.payment")], order="id"
        )

    def test_a_top_up_is_receipted_if_the_company_wants_it(self):
        self._top_up(100)
        payment = self._top_up(20.5)
        receipt = self._receipts()[-1]
        self.assertEqual(len(self._receipts()), 2)
        self.assertEqual(receipt.res_id, payment.id)
        self.assertEqual(receipt.state, "outgoing")
        self.assertEqual(receipt.recipient_ids, self.customer)
        self.assertIn("20.50", receipt.body_html)
        self.assertIn("120.50", receipt.body_html)
        self.assertNotIn("bonus", receipt.body_html)

    def test_no_receipt_unless_the_company_wants_it(self):
        self.company.wallet_top_up_receipt = False
        self._top_up(100)
        self.assertFalse(self._receipts())

    def test_only_top_ups_are_receipted_and_only_once(self):
        self._top_up(100, is_wallet=False)
        draft = self._top_up(100, post=False)
        self.assertFalse(self._receipts())
        draft.action_post()
        self._pay_out(40)
        self.assertEqual(self._receipts().mapped("res_id"), draft.ids)

    def test_no_receipt_without_an_address(self):
        self.customer.email = False
        self._top_up(100)
        self.assertFalse(self._receipts())
        self.assertBalance(100)

    def test_the_receipt_names_the_bonus_and_the_balance_with_it(self):
        self.env["customer.wallet.promotion"].create(
            {
                "name": "Spring bonus",
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "bonus_value": 10,
            }
        )
        self._top_up(100)
        body = self._receipts().body_html
        self.assertIn("bonus of", body)
        self.assertIn("10.00", body)
        self.assertIn("110.00", body)

    def test_a_broken_template_does_not_stop_the_top_up(self):
        template = self.env.ref("customer_wallet.mail_template_wallet_top_up")
        template.body_html = '<p t-out="object.no_such_field"/>'
        with self.assertLogs("odoo.addons.customer_wallet", "WARNING"):
            payment = self._top_up(100)
        self.assertEqual(payment.move_id.state, "posted")
        self.assertFalse(self._receipts())
        self.assertBalance(100)


@tagged("post_install", "-at_install")
class TestStatementTour(WalletTourCommon):
    def test_statement_from_the_wallet(self):
        self._top_up(100, date=fields.Date.today() - timedelta(days=40))
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        wallet = self._wallet()
        self._run_tour("customer_wallet_statement", f"/odoo/wallets/{wallet.id}")

        message = wallet.message_ids[0]
        self.assertEqual(message.partner_ids, self.customer)
        self.assertIn("70.00", message.body)


class TestStatementTourOnPhone(TestStatementTour):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
