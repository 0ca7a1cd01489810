from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .online_common import PortalCommon
from .till_common import TillWalletCommon

EVERYBODY_ELSE = ("wallet_stranger", "wallet_staff", None)


@tagged("post_install", "-at_install")
class TestMyWallet(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._top_up(100.0)
        cls.invoice = cls._invoice(30.0)
        cls.invoice.action_allocate_wallet()

    def test_who_sees_what(self):
        for login in ("wallet_owner", "wallet_colleague"):
            self._login(login)
            page = self._get("/my/wallet")
            self.assertEqual(self._text(page, ".o_wallet_balance .fs-2"), ["$ 70.00"])
            self.assertIn(self.invoice.name, page)
        for login in ("wallet_stranger", "wallet_staff"):
            self._login(login)
            page = self._get("/my/wallet")
            self.assertEqual(self._text(page, ".o_wallet_balance"), [])
            self.assertNotIn(self.invoice.name, page)
            self.assertNotIn("70.00", page)
        self.authenticate(None, None)
        response = self.url_open("/my/wallet", timeout=60)
        self.assertIn("/web/login", response.url)

    def test_forged_wallets_are_not_found(self):
        wallet = self._wallet()
        for login in ("wallet_stranger", "wallet_staff"):
            self._login(login)
            response = self.url_open(f"/my/wallet?wallet_id={wallet.id}", timeout=60)
            self.assertEqual(response.status_code, 404)
        self._login("wallet_owner")
        self._get("/my/wallet", wallet_id=wallet.id)
        for forged in ("0", "-1", "1e3", "x", f"{wallet.id} or 1=1", "' --"):
            response = self.url_open(
                "/my/wallet", params={"wallet_id": forged}, timeout=60
            )
            self.assertEqual(response.status_code, 404, forged)

    def test_the_card_on_the_home_page(self):
        for login, count, text in (
            ("wallet_owner", 1, "Balance: $ 70.00"),
            ("wallet_colleague", 1, "Balance: $ 70.00"),
            # No wallet yet, but one can be topped up.
            ("wallet_stranger", 1, "See your balance and history"),
        ):
            self._login(login)
            cards = " ".join(self._text(self._get("/my"), ".o_portal_index_card"))
            self.assertIn(f"My Wallet {text}", cards)
            counters = self.make_jsonrpc_request(
                "/my/counters", {"counters": ["wallet_count"]}, timeout=60
            )
            self.assertEqual(counters["wallet_count"], count)
        self.company.wallet_online_top_up = False
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["wallet_count"]}, timeout=60
        )
        self.assertEqual(counters["wallet_count"], 0)

    def test_the_history_says_what_who_and_what_was_left(self):
        due = self._invoice(20.0)
        self._pay_from_wallet(due, "wallet_colleague")
        self._login("wallet_colleague")
        page = self._get("/my/wallet")
        rows = self._text(page, ".o_wallet_history tbody tr")
        today = fields.Date.today().strftime("%m/%d/%Y")
        company = self.company.name
        expected = [
            ("Online Payment", due.name, "Omar Haddad", "$ -20.00", "$ 50.00"),
            ("Invoice Paid", self.invoice.name, company, "$ -30.00", "$ 70.00"),
            ("Top-up", "BNK", company, "$ 100.00", "$ 100.00"),
        ]
        self.assertEqual(len(rows), len(expected))
        for row, parts in zip(rows, expected, strict=True):
            for part in (today, *parts):
                self.assertIn(part, row)

    def test_what_used_several_kinds_of_money_is_one_movement(self):
        self._give_bonus(20.0)
        self._top_up(30.0)
        self._invoice(90.0).action_allocate_wallet()
        self._login("wallet_owner")
        rows = self._text(self._get("/my/wallet"), ".o_wallet_history tbody tr")
        self.assertEqual(len(rows), 5)
        self.assertIn("$ -90.00 $ 30.00", rows[0])

    def test_what_is_held_is_shown_as_pending(self):
        order = self._invoice(20.0)
        self._wallet()._hold(20, order)
        self._login("wallet_owner")
        page = self._get("/my/wallet")
        rows = self._text(page, ".o_wallet_history tbody tr")
        self.assertEqual(len(rows), 3)
        for part in ("Pending", order.name, "$ -20.00"):
            self.assertIn(part, rows[0])
        self.assertIn("$ -30.00 $ 70.00", rows[1])
        self.assertEqual(
            self._text(page, ".o_wallet_held"), ["of which pending $ 20.00"]
        )

    def test_what_is_undone_is_shown_so(self):
        self._unallocate(self.invoice)
        self._login("wallet_owner")
        rows = self._text(self._get("/my/wallet"), ".o_wallet_history tbody tr")
        self.assertIn("Undone: Invoice Paid", rows[0])
        self.assertIn("$ 100.00", rows[0])

    def test_links_to_own_invoices_only(self):
        self._login("wallet_owner")
        link = f'href="/my/invoices/{self.invoice.id}"'
        self.assertIn(link, self._get("/my/wallet"))
        with patch.object(
            self.registry["account.move"],
            "_filtered_access",
            lambda moves, operation: moves.browse(),
        ):
            page = self._get("/my/wallet")
        self.assertNotIn(link, page)
        self.assertIn(self.invoice.name, page)

    def test_filters_by_kind_and_period(self):
        old = self._top_up(5.0, date=fields.Date.today() - timedelta(days=40))
        self._login("wallet_owner")

        def shown(**params):
            page = self._get("/my/wallet", **params)
            return self._text(page, ".o_wallet_history tbody tr")

        self.assertEqual(len(shown()), 3)
        self.assertEqual(len(shown(filterby="top_up")), 2)
        self.assertEqual(len(shown(filterby="allocation")), 1)
        self.assertEqual(len(shown(filterby="in")), 2)
        self.assertEqual(len(shown(filterby="out")), 1)
        self.assertEqual(len(shown(filterby="pos_payment")), 0)
        self.assertNotIn("filterby=exchange", self._get("/my/wallet"))
        yesterday = fields.Date.today() - timedelta(days=1)
        self.assertEqual(len(shown(date_begin=yesterday)), 2)
        (row,) = shown(date_end=yesterday)
        self.assertIn(old.name, row)
        for nonsense in ("x", "2026-99-99", "' OR 1=1", "0000-00-00"):
            self.assertEqual(len(shown(date_begin=nonsense, filterby=nonsense)), 3)

    def test_pages(self):
        self.patch(self._portal_controller(), "_items_per_page", 1)
        self._login("wallet_owner")
        first, second = self._get("/my/wallet"), self._get("/my/wallet/page/2")
        self.assertIn("Invoice Paid", self._text(first, ".o_wallet_history tbody")[0])
        self.assertIn("Top-up", self._text(second, ".o_wallet_history tbody")[0])
        self.assertIn("/my/wallet/page/2", first)

    def _portal_controller(self):
        from odoo.addons.portal.controllers.portal import CustomerPortal

        return CustomerPortal

    def test_several_currencies(self):
        self._top_up(8.0, currency_id=self.currency_euro.id)
        self._login("wallet_owner")
        page = self._get("/my/wallet")
        self.assertEqual(
            self._text(page, ".o_wallet_balance .fs-2"), ["$ 70.00", "8.00 €"]
        )
        euro = self._wallet(currency=self.currency_euro)
        rows = self._text(
            self._get("/my/wallet", wallet_id=euro.id), ".o_wallet_history tbody tr"
        )
        self.assertEqual(len(rows), 1)

    def test_bonus_and_what_expires_when(self):
        soon = fields.Date.today() + timedelta(days=10)
        self._give_bonus(7.0, expiry=soon)
        self._give_bonus(3.0)
        self._login("wallet_owner")
        page = self._get("/my/wallet")
        self.assertEqual(
            self._text(page, ".o_wallet_bonuses li"),
            [
                f"Bonus until {soon.strftime('%m/%d/%Y')} $ 7.00",
                "Bonus does not expire $ 3.00",
            ],
        )
        self.assertIn(
            "of which bonus $ 10.00", self._text(page, ".o_wallet_balance")[0]
        )

    def test_a_frozen_wallet(self):
        self._wallet().action_freeze()
        self._login("wallet_owner")
        self.assertIn("Frozen", self._get("/my/wallet"))

    def test_names_are_escaped(self):
        evil = "<script>alert('wallet')</script>"
        self.colleague.name = evil
        self.company.name = evil
        self._login("wallet_colleague")
        due = self._invoice(20.0, ref=evil)
        self._pay_from_wallet(due, "wallet_colleague")
        evil_part = f"/my/invoices/{self._invoice(9).id}?wallet_part={evil}"
        for url in ("/my/wallet", f"/my/invoices/{due.id}", evil_part):
            self.assertNotIn(evil, self._get(url))

    def test_the_statement(self):
        wallet = self._wallet()
        url = "/my/wallet/statement"
        period = {"date_begin": "2026-01-01", "date_end": "2026-12-31"}
        for login in ("wallet_owner", "wallet_colleague"):
            self._login(login)
            for params in ({}, period, {"date_begin": "x"}):
                response = self.url_open(
                    url, params={"wallet_id": wallet.id, **params}, timeout=60
                )
                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.headers["Content-Type"], "application/pdf")
        for login in ("wallet_stranger", "wallet_staff"):
            self._login(login)
            for params in ({}, {"wallet_id": wallet.id}):
                response = self.url_open(url, params=params, timeout=60)
                self.assertEqual(response.status_code, 404)
        self.authenticate(None, None)
        response = self.url_open(url, params={"wallet_id": wallet.id}, timeout=60)
        self.assertIn("/web/login", response.url)

    def test_a_statement_whose_days_are_swapped_is_refused(self):
        """It would have no movements, and close with the balance of another day."""
        self._login("wallet_owner")
        swapped = {"date_begin": "2026-12-31", "date_end": "2026-01-01"}
        for file_format in ("pdf", "csv"):
            response = self.url_open(
                "/my/wallet/statement", params={"file_format": file_format, **swapped}
            )
            self.assertIn("/my/wallet?", response.url)
            self.assertIn("before it starts on 12/31/2026", response.text)
            self.assertIn('value="2026-12-31"', response.text)
        response = self.url_open("/my/wallet", params=swapped)
        self.assertIn("before it starts on 12/31/2026", response.text)
        response = self.url_open(
            "/my/wallet/statement", params={"date_begin": "2999-12-31"}
        )
        self.assertIn("before it starts on 12/31/2999", response.text)

    # The low balance

    def test_choosing_a_low_balance(self):
        wallet = self._wallet()
        self._login("wallet_owner")
        self._post("/my/wallet/low_balance", wallet_id=wallet.id, amount="25.5")
        self.assertEqual(wallet.low_balance_threshold, 25.5)
        for wrong in ("-1", "NaN", "Infinity", "1e300", "0.001", "x", "9" * 30):
            self._post("/my/wallet/low_balance", wallet_id=wallet.id, amount=wrong)
            self.assertEqual(wallet.low_balance_threshold, 25.5, wrong)
        self._post("/my/wallet/low_balance", wallet_id=wallet.id, amount="")
        self.assertEqual(wallet.low_balance_threshold, 0.0)

    @mute_logger("odoo.http")
    def test_nobody_else_chooses_it(self):
        wallet = self._wallet()
        for login in EVERYBODY_ELSE:
            self.authenticate(login, login)
            response = self._post(
                "/my/wallet/low_balance", wallet_id=wallet.id, amount="5"
            )
            self.assertTrue(
                response.status_code == 404 or "/web/login" in response.url, login
            )
        self._login("wallet_owner")
        for params in ({"csrf": False}, {"csrf_token": "forged"}):
            response = self._post(
                "/my/wallet/low_balance", wallet_id=wallet.id, amount="5", **params
            )
            self.assertEqual(response.status_code, 400)
        response = self.url_open(
            "/my/wallet/low_balance",
            params={"wallet_id": wallet.id, "amount": "5"},
            timeout=60,
        )
        self.assertEqual(response.status_code, 405)
        self.assertEqual(wallet.low_balance_threshold, 0.0)


@tagged("post_install", "-at_install")
class TestWalletMails(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._top_up(100.0)
        cls.company.wallet_mail_used = False
        cls.env["mail.mail"].search([]).unlink()

    def _mails(self):
        return self.env["mail.mail"].sudo().search([("model", "=", "customer.wallet")])

    def _spend(self, amount):
        invoice = self._invoice(amount)
        invoice.action_allocate_wallet()
        return invoice

    def test_wallet_used(self):
        self.company.wallet_mail_used = True
        invoice = self._spend(30.0)
        mail = self._mails()
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.customer)
        for text in ("30.00", invoice.name, "70.00"):
            self.assertIn(text, mail.body_html)
        # Neither what comes in nor what is undone has used the wallet.
        self._unallocate(invoice)
        self._top_up(10.0)
        self.assertEqual(self._mails(), mail)

    def test_what_a_till_has_taken_is_no_balance_any_more(self):
        """It is held until the till is closed."""
        self.company.wallet_mail_used = True
        self._wallet()._set_low_balance_threshold(50.0)
        self._wallet()._hold(80.0, self._invoice(80.0))
        self.assertTrue(self._mails())
        for mail in self._mails():
            self.assertRegex(mail.body_html, r"Left in your wallet now:\s*<.*20\.00<")
            self.assertNotIn("100.00", mail.body_html)

    def test_switched_off(self):
        self.company.wallet_mail_low_balance = False
        self._wallet().low_balance_threshold = 50.0
        self._spend(80.0)
        self.assertFalse(self._mails())

    def test_low_balance_once_per_crossing(self):
        wallet = self._wallet()
        wallet._set_low_balance_threshold(50.0)
        self._spend(50.0)
        self.assertFalse(self._mails())
        self._spend(10.0)
        mail = self._mails()
        self.assertIn("40.00", mail.body_html)
        self._spend(10.0)
        self.assertEqual(self._mails(), mail)
        self._top_up(100.0)
        self._spend(100.0)
        self.assertEqual(len(self._mails()), 2)

    def test_who_chooses_more_than_there_is_knows(self):
        wallet = self._wallet()
        wallet._set_low_balance_threshold(500.0)
        self._spend(10.0)
        self.assertFalse(self._mails())

    def test_a_company_without_e_mail(self):
        self.company.wallet_mail_used = True
        self.customer.email = False
        self._spend(10.0)
        self.assertFalse(self._mails())
        self.colleague.email = "omar@example.com"
        self._spend(10.0)
        self.assertEqual(self._mails().recipient_ids, self.colleague)

    def test_a_broken_template_breaks_no_payment(self):
        self.company.wallet_mail_used = True
        with (
            patch.object(
                self.registry["mail.template"], "send_mail", side_effect=ValueError
            ),
            self.assertLogs("odoo.addons.customer_wallet", "ERROR"),
        ):
            invoice = self._spend(30.0)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(70.0)

    def test_a_refused_payment_is_refused_with_mails_as_well(self):
        self.company.wallet_mail_used = True
        self._wallet().action_freeze()
        invoice = self._invoice(30.0)
        self.assertRefused(Exception, invoice.action_allocate_wallet)
        self.assertFalse(self._mails())

    def test_no_queries_when_they_are_off(self):
        self.company.wallet_mail_low_balance = True
        wallet = self._wallet()
        posted = self._allocation_of(self._spend(10.0))
        self.env.flush_all()
        posted.line_ids.wallet_id.mapped("low_balance_threshold")
        Session = self.registry["pos.session"]
        with (
            patch.object(Session, "search", return_value=self.env["pos.session"]),
            self.assertQueryCount(0),
        ):
            wallet._notify_moved(posted)


@tagged("post_install", "-at_install")
class TestTillOrdersInPortal(TillWalletCommon, HttpCase):
    """What was bought at the till is in the history, too."""

    def test_till_orders(self):
        self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "till_customer",
                "password": "till_customer",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.open_new_session()
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        invoiced = self._sync(
            self._order_data([(self.wallet_pm, 100)], to_invoice=True)
        )
        self.authenticate("till_customer", "till_customer")
        page = self.url_open("/my/wallet?filterby=pending", timeout=60).text
        self.assertIn(order.pos_reference, page)
        self._close_session()
        page = self.url_open("/my/wallet?filterby=pos_payment", timeout=60).text
        self.assertIn(f"/pos/ticket/validate?access_token={order.access_token}", page)
        self.assertIn(order.pos_reference, page)
        page = self.url_open("/my/wallet", timeout=60).text
        self.assertIn(f'href="/my/invoices/{invoiced.account_move.id}"', page)
        self.assertIn(self.customer.name, page)
