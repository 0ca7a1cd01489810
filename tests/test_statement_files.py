import base64
import csv
import io
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..models import customer_wallet_statement, wallet_statement_writers
from ..models.customer_wallet_statement_file import KEPT_DAYS, TRIES
from ..wizards import customer_wallet_statement as statement_wizard
from .common import WalletCommon
from .online_common import PortalCommon

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


class StatementFileCommon(WalletCommon):
    """100 in, 20 of bonus, and 30 of them for an invoice, on three days of March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-20 12:00:00"))
        cls.first = cls._top_up(100, date=date(2026, 3, 2))
        cls._give_bonus(20, date=date(2026, 3, 3))
        cls.invoice = cls._invoice(30, invoice_date=date(2026, 3, 4))
        cls.invoice.action_allocate_wallet()
        cls.wallet = cls._wallet()

    def _limit(self, limit):
        self.patch(customer_wallet_statement, "STATEMENT_LIMIT", limit)

    def _files(self):
        return self.env["customer.wallet.statement.file"].sudo().search([])

    def _run(self):
        self._run_scheduled("statement_files")

    def _read_told(self, partner):
        told = [("partner_ids", "in", partner.ids)]
        messages = self.env["mail.message"].sudo().search(told)
        return " ".join(map(str, messages.mapped("body")))

    def _read_csv(self, content):
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    def _read_xlsx(self, content):
        book = load_workbook(io.BytesIO(content))
        return [
            list(row) for sheet in book for row in sheet.iter_rows(values_only=True)
        ]


@tagged("post_install", "-at_install")
class TestStatementAsTable(StatementFileCommon):
    def test_csv_has_each_movement_and_the_balance_after_it(self):
        content = self.wallet._make_statement_file("csv", *MARCH)
        name = "Amal Haddad"
        self.assertEqual(
            self._read_csv(content),
            [
                [
                    "Customer",
                    "Date",
                    "Movement",
                    "Document",
                    "Amount",
                    "Of Which Bonus",
                    "Balance",
                    "Currency",
                ],
                [name, "2026-03-01", "Opening balance", "", "", "", "0.00", "USD"],
                [
                    *(name, "2026-03-02", "Top-up", self.first.name),
                    *("100.00", "0.00", "100.00", "USD"),
                ],
                [
                    *(name, "2026-03-03", "Bonus", "Winter offer"),
                    *("20.00", "20.00", "120.00", "USD"),
                ],
                [
                    *(name, "2026-03-20", "Invoice Paid", self.invoice.name),
                    *("-30.00", "-20.00", "90.00", "USD"),
                ],
                [name, "2026-03-31", "Closing balance", "", "", "", "90.00", "USD"],
            ],
        )

    def test_it_says_until_when_bonus_is_to_be_used(self):
        self._give_bonus(15, expiry=date(2026, 4, 30))
        rows = self._read_csv(self.wallet._make_statement_file("csv", *MARCH))
        text = "Of which bonus to be used by this day"
        self.assertEqual(
            rows[-1],
            ["Amal Haddad", "2026-04-30", text, "", "", "", "15.00", "USD"],
        )
        self.assertEqual(
            [(row[2], row[6]) for row in rows[-3:-1]],
            [("Closing balance", "105.00"), ("Of Which Bonus", "15.00")],
        )

    def test_of_a_past_day_it_says_what_was_bonus_then(self):
        """Until when it is to be used is said of the balance of today only."""
        self._give_bonus(15, expiry=date(2026, 4, 30))
        past = (date(2026, 3, 1), date(2026, 3, 10))
        rows = self._read_csv(self.wallet._make_statement_file("csv", *past))
        self.assertEqual(
            [(row[1], row[2], row[6]) for row in rows[-2:]],
            [
                ("2026-03-10", "Closing balance", "120.00"),
                ("2026-03-10", "Of Which Bonus", "20.00"),
            ],
        )

    def test_xlsx_has_the_same_as_numbers_and_dates(self):
        content = self.wallet._make_statement_file("xlsx", *MARCH)
        heading, opening, *rows, closing = self._read_xlsx(content)
        self.assertEqual(heading[:4], ["Customer", "Date", "Movement", "Document"])
        self.assertEqual(opening[6], 0)
        self.assertEqual(
            [(row[1].date(), row[2], *row[4:7]) for row in rows],
            [
                (date(2026, 3, 2), "Top-up", 100, 0, 100),
                (date(2026, 3, 3), "Bonus", 20, 20, 120),
                (date(2026, 3, 20), "Invoice Paid", -30, -20, 90),
            ],
        )
        self.assertEqual(closing[6], 90)

    def test_it_says_the_same_as_the_pdf(self):
        period = (date(2026, 3, 3), date(2026, 3, 10))
        statement = self.wallet._get_statement(*period)
        rows = self._read_csv(self.wallet._make_statement_file("csv", *period))
        self.assertEqual(float(rows[1][6]), statement["opening"])
        self.assertEqual(
            [float(row[6]) for row in rows[-2:]],
            [statement["closing"], statement["closing_bonus"]],
        )
        self.assertEqual(
            [float(row[6]) for row in rows[2:-2]],
            statement["movements"].mapped("running_balance"),
        )
        self.assertEqual(statement["closing_bonus"], 20)
        self.assertEqual(self.wallet._get_statement()["closing_bonus"], 0)

    def test_a_long_one_is_read_in_batches(self):
        whole = self.wallet._make_statement_file("csv", *MARCH)
        sizes = []
        movement = self.registry["customer.wallet.movement"]
        compute = movement._compute_document_name
        self.patch(customer_wallet_statement, "BATCH", 2)
        self.patch(
            movement,
            "_compute_document_name",
            lambda movements: sizes.append(len(movements)) or compute(movements),
        )
        self.env.invalidate_all()
        self.assertEqual(self.wallet._make_statement_file("csv", *MARCH), whole)
        self.assertEqual(sizes, [2, 1])

    def test_names_are_no_formulas(self):
        for mark in ("=1+1", "+1", "-1", "@SUM(A1)"):
            self.customer.name = f"{mark} evil"
            content = self.wallet._make_statement_file("csv", *MARCH)
            self.assertEqual(self._read_csv(content)[1][0], f"'{mark} evil")
        self.customer.name = "=HYPERLINK(1)"
        content = self.wallet._make_statement_file("xlsx", *MARCH)
        cell = load_workbook(io.BytesIO(content)).active["A2"]
        self.assertEqual((cell.value, cell.data_type), ("=HYPERLINK(1)", "s"))

    def test_currencies_keep_their_decimals(self):
        dinar = self.env.ref("base.BHD")
        dinar.active = True
        self._top_up(1.25, currency_id=dinar.id)
        rows = self._read_csv(
            self._wallet(currency=dinar)._make_statement_file("csv", *MARCH)
        )
        self.assertEqual(rows[2][4:], ["1.250", "0.000", "1.250", "BHD"])

    def test_what_a_sheet_does_not_hold_goes_on_the_next(self):
        writer = wallet_statement_writers.XlsxWriter(["Number"], is_rtl=True)
        writer._sheet.xls_rowmax = 3
        for number in ("one", "two", "three"):
            writer.add_row([number])
        book = load_workbook(io.BytesIO(writer.close()))
        self.assertEqual(
            [[row[0].value for row in sheet.rows] for sheet in book],
            [["Number", "one", "two"], ["Number", "three"]],
        )
        self.assertTrue(book.worksheets[0].sheet_view.rightToLeft)

    # What somebody waits for

    def test_a_pdf_has_a_limit(self):
        self._limit(2)
        render = self.env["ir.actions.report"]._render_qweb_html
        report = "customer_wallet.report_wallet_statement"
        with self.assertRaisesRegex(UserError, "at most 2 movements"):
            render(report, self.wallet.ids)
        february = {"date_from": "2026-02-01", "date_to": "2026-02-28"}
        render(report, self.wallet.ids, data=february)
        self._limit(3)
        render(report, self.wallet.ids)
        self.patch(customer_wallet_statement, "WALLETS_LIMIT", 0)
        with self.assertRaisesRegex(UserError, "of 0 wallets"):
            render(report, self.wallet.ids)

    def test_the_limit_is_that_of_all_that_is_printed(self):
        other = self.customer.create({"name": "Bee"})
        self._top_up(7, partner_id=other.id)
        wallets = self.wallet | self._wallet(partner=other)
        self._limit(3)
        wallets[0]._check_statement_length(*MARCH)
        with self.assertRaisesRegex(UserError, r"Amal Haddad \+1: a PDF can"):
            wallets._check_statement_length(*MARCH)


@tagged("post_install", "-at_install")
class TestStatementForStaff(StatementFileCommon):
    def _wizard(self, wallets=None, user=None, **values):
        wallets = wallets or self.wallet
        wizard = Form(
            self.env["customer.wallet.statement"]
            .with_user(user or self.env.user)
            .with_context(default_wallet_ids=wallets.ids)
        )
        for name, value in values.items():
            wizard[name] = value
        return wizard.save()

    def test_a_table_of_several_wallets_is_downloaded_at_once(self):
        other = self.customer.create({"name": "Bee"})
        self._top_up(7, partner_id=other.id)
        wizard = self._wizard(
            self.wallet | self._wallet(partner=other), file_format="csv"
        )
        action = wizard.action_print()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertEqual(
            wizard.file_name, "Wallet Statement Amal Haddad +1 2026-03-20.csv"
        )
        rows = self._read_csv(base64.b64decode(wizard.file))
        customers = [row[0] for row in rows[1:]]
        self.assertEqual(customers, ["Amal Haddad"] * 5 + ["Bee"] * 3)
        self.assertFalse(self._files())

    def test_a_long_one_is_made_in_the_background_and_sent(self):
        self._limit(2)
        clerk = new_test_user(
            self.env,
            "clerk",
            "customer_wallet.group_wallet_user",
            email="clerk@example.com",
        )
        wizard = self._wizard(user=clerk, file_format="csv")
        text = wizard.action_print()["params"]["message"]
        self.assertIn("clerk@example.com", text)
        file = self._files()
        self.assertEqual((file.state, file.user_id), ("waiting", clerk))
        self._run()
        self.assertEqual(file.state, "done")
        rows = self._read_csv(file.attachment_id.raw)
        self.assertEqual(
            [row[6] for row in rows[1:]],
            [*["0.00", "100.00", "120.00", "90.00", "90.00"]],
        )
        mail = self.env["mail.mail"].sudo().search([("model", "=", file._name)])
        self.assertEqual(mail.recipient_ids, clerk.partner_id)
        self.assertEqual(mail.attachment_ids, file.attachment_id)
        # Who asks again has it at once.
        action = self._wizard(user=clerk, file_format="csv").action_print()
        self.assertIn(f"/web/content/{file.attachment_id.id}?", action["url"])
        # It is theirs alone.
        colleague = new_test_user(
            self.env, "colleague", "customer_wallet.group_wallet_user"
        )
        self.assertTrue(file.attachment_id.with_user(clerk).raw)
        with self.assertRaises(AccessError):
            file.attachment_id.with_user(colleague).read(["raw"])

    def test_a_long_pdf_is_refused_in_words(self):
        self._limit(2)
        for action in ("action_print", "action_send"):
            wizard = self._wizard()
            with self.assertRaisesRegex(UserError, "Choose a shorter period"):
                getattr(wizard, action)()

    def test_to_many_customers_they_go_in_the_background_each_once(self):
        self.patch(statement_wizard, "SENT_AT_ONCE", 1)
        clerk = new_test_user(
            self.env,
            "clerk",
            "customer_wallet.group_wallet_user",
            email="clerk@example.com",
        )
        other = self.customer.create({"name": "Bee", "email": "bee@example.com"})
        self._top_up(7, partner_id=other.id)
        wallets = self.wallet | self._wallet(partner=other)
        for _click in range(2):
            wizard = self._wizard(wallets, user=clerk)
            text = wizard.action_send()["params"]["message"]
            self.assertIn("2 statements", text)
        self._run()
        self.assertEqual(self._files().mapped("state"), ["done", "done"])
        for wallet in wallets:
            mail = self.env["mail.mail"].search(
                [("model", "=", wallet._name), ("res_id", "=", wallet.id)]
            )
            self.assertEqual(mail.recipient_ids, wallet.partner_id)
            self.assertIn("clerk@example.com", mail.email_from)
            self.assertEqual(len(mail.attachment_ids), 1)

    def test_who_has_no_email_address_is_named_and_left_out(self):
        self.patch(statement_wizard, "SENT_AT_ONCE", 1)
        other = self.customer.create({"name": "Bee"})
        self._top_up(7, partner_id=other.id)
        text = self._wizard(self.wallet | self._wallet(other)).action_send()
        text = text["params"]["message"]
        self.assertIn("1 statements", text)
        self.assertIn("no email address: Bee", text)
        self.assertEqual(self._files().wallet_ids, self.wallet)
        third = self.customer.create({"name": "Cat"})
        self._top_up(7, partner_id=third.id)
        wizard = self._wizard(self._wallet(other) | self._wallet(third))
        with self.assertRaisesRegex(UserError, "address: Bee, Cat"):
            wizard.action_send()
        self.patch(statement_wizard, "NAMED_AT_ONCE", 1)
        with self.assertRaisesRegex(UserError, "address: Bee and 1 more"):
            wizard.action_send()

    def test_without_an_email_address_who_has_a_login_gets_it(self):
        """As with every email about the wallet."""
        self.patch(statement_wizard, "SENT_AT_ONCE", 0)
        self.customer.email = False
        contact = self.customer.create(
            {"name": "Dina", "email": "dina@example.com", "parent_id": self.customer.id}
        )
        new_test_user(
            self.env, "dina", "base.group_portal", partner_id=contact.id, email=False
        )
        contact.email = "dina@example.com"
        self._wizard().action_send()
        self._run()
        mail = self.env["mail.mail"].search(
            [("model", "=", "customer.wallet"), ("res_id", "=", self.wallet.id)]
        )
        self.assertEqual(mail.recipient_ids, contact)
        self.company.wallet_top_up_receipt = True
        top_up = self._top_up(5)
        receipt = self.env["mail.mail"].search(
            [("model", "=", "account.payment"), ("res_id", "=", top_up.id)]
        )
        self.assertEqual(receipt.recipient_ids, contact)

    def test_who_works_in_a_branch_sends_statements_of_its_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        clerk = new_test_user(
            self.env,
            "clerk",
            "customer_wallet.group_wallet_user",
            email="clerk@example.com",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        self._wizard(user=clerk).action_send()
        self._run()
        self.assertEqual(self._files().state, "done")

    def test_one_statement_that_cannot_be_sent_holds_up_no_other(self):
        self.patch(statement_wizard, "SENT_AT_ONCE", 0)
        clerk = new_test_user(self.env, "clerk", "customer_wallet.group_wallet_user")
        self._wizard(user=clerk).action_send()
        with (
            patch.object(
                self.registry["customer.wallet"],
                "_get_statement_closing",
                side_effect=ValueError("broken"),
            ),
            mute_logger("odoo.addons.mail.models.mail_render_mixin"),
            self.assertLogs("odoo.addons.customer_wallet", "ERROR"),
        ):
            self._run()
        self.assertEqual(self._files().state, "failed")
        self.assertIn("could not be made", self._read_told(clerk.partner_id))

    def test_who_may_no_longer_see_the_wallet_gets_nothing(self):
        self._limit(2)
        group = self.env.ref("customer_wallet.group_wallet_user")
        clerk = new_test_user(self.env, "clerk", "customer_wallet.group_wallet_user")
        self._wizard(user=clerk, file_format="xlsx").action_print()
        clerk.group_ids -= group
        self._run()
        self.assertEqual(self._files().state, "failed")
        self.assertFalse(self._files().attachment_id)

    def test_nobody_says_what_is_in_a_file_before_it_is_made(self):
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        secret = self.env["ir.attachment"].create({"name": "secret", "raw": b"secret"})
        wishes = {"state": "done", "attachment_id": secret.id, "tries": -9}
        for name, value in wishes.items():
            Default = self.env["ir.default"].with_user(clerk)
            Default.set("customer.wallet.statement.file", name, value, True)
        self._limit(2)
        self._wizard(user=clerk, file_format="xlsx").action_print()
        file = self._files()
        self.assertEqual((file.state, file.tries), ("waiting", 0))
        self.assertFalse(file.attachment_id)


@tagged("post_install", "-at_install")
class TestStatementInThePortal(StatementFileCommon, PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.env["res.users"].search([("login", "=", "wallet_owner")])

    def setUp(self):
        super().setUp()
        self._login("wallet_owner")

    def _ask(self, **params):
        return self._post(
            "/my/wallet/statement/file",
            **{
                "wallet_id": self.wallet.id,
                "date_begin": "2026-03-01",
                "date_end": "2026-03-31",
                "file_format": "csv",
                **params,
            },
        )

    def test_short_ones_are_downloaded_in_any_format(self):
        period = {"date_begin": "2026-03-01", "date_end": "2026-03-31"}
        for file_format, writer in wallet_statement_writers.WRITERS.items():
            response = self.url_open(
                "/my/wallet/statement", params={"file_format": file_format, **period}
            )
            self.assertEqual(response.headers["Content-Type"], writer.mimetype)
            read = self._read_csv if file_format == "csv" else self._read_xlsx
            self.assertEqual(
                read(response.content),
                read(self.wallet._make_statement_file(file_format, *MARCH)),
            )
        self.assertFalse(self._files())

    def test_long_ones_are_offered_as_a_file_or_for_a_shorter_period(self):
        self._limit(2)
        for file_format in ("pdf", "xlsx", "csv"):
            page = self._get("/my/wallet/statement", file_format=file_format)
            (text,) = self._text(page, ".o_wallet_statement_long")
            self.assertIn("more than 2 movements in this period", text)
            self.assertIn("We send it to", text)
        # To look does nothing.
        self.assertFalse(self._files())
        response = self.url_open(
            "/my/wallet/statement?date_begin=2026-03-03&date_end=2026-03-19"
        )
        self.assertEqual(response.headers["Content-Type"], "application/pdf")

    def test_a_file_is_made_sent_and_downloaded_by_its_owner_alone(self):
        self._limit(2)
        page = self._ask().text
        self.assertIn("The file is being made", page)
        self.assertEqual(
            self._text(page, ".o_wallet_statement_files li"),
            ["03/01/2026 – 03/31/2026 USD Being Made"],
        )
        file = self._files()
        url = f"/my/wallet/statement/file/{file.id}"
        self.assertEqual(self.url_open(url).status_code, 404)
        self._run()
        mail = self.env["mail.mail"].sudo().search([("model", "=", file._name)])
        self.assertEqual(mail.recipient_ids, self.owner.partner_id)
        self.assertEqual(mail.attachment_ids, file.attachment_id)
        self.assertIn(url, self._get("/my/wallet"))
        rows = self._read_csv(self.url_open(url).content)
        self.assertEqual(rows[-1][6], "90.00")
        for login in ("wallet_stranger", "wallet_staff", "wallet_colleague"):
            self._login(login)
            self.assertEqual(self.url_open(url).status_code, 404, login)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(url).url)
        content = self.url_open(f"/web/content/{file.attachment_id.id}")
        self.assertEqual(content.status_code, 404)

    def test_what_is_too_large_for_an_email_is_fetched_with_the_login(self):
        self._limit(2)
        self._ask()
        limit = patch.object(
            self.registry["ir.mail_server"], "_get_max_email_size", lambda server: 0.0
        )
        with limit:
            self._run()
        mail = (
            self.env["mail.mail"]
            .sudo()
            .search([("model", "=", "customer.wallet.statement.file")])
        )
        self.assertFalse(mail.attachment_ids)
        self.assertFalse(self._files().attachment_id.access_token)
        self.assertIn("/my/wallet", mail.body_html)

    def test_who_asks_twice_gets_one_file(self):
        self._ask()
        self._ask()
        self.assertEqual(len(self._files()), 1)
        page = self._ask(file_format="xlsx").text
        self.assertIn("Another file is being made for you", page)
        self._run()
        again = self._ask()
        self.assertEqual(again.content, self._files().attachment_id.raw)
        self.assertEqual(len(self._files()), 1)
        # What happened since is in another one.
        self._top_up(5)
        self._ask()
        self.assertEqual(len(self._files()), 2)
        self._run()
        self._ask(file_format="xlsx")
        self.assertEqual(len(self._files()), 3)

    @mute_logger("odoo.http")
    def test_nobody_asks_for_the_wallet_of_another(self):
        for login in ("wallet_stranger", "wallet_staff"):
            self._login(login)
            self.assertEqual(self._ask().status_code, 404)
        self._login("wallet_owner")
        self.assertEqual(self._ask(file_format="pdf").status_code, 404)
        self.assertEqual(self._ask(csrf_token="forged").status_code, 400)
        self.assertFalse(self._files())

    def test_who_left_the_company_gets_nothing(self):
        self._login("wallet_colleague")
        self._ask()
        self.colleague.parent_id = False
        self._run()
        self.assertEqual(self._files().state, "failed")
        self.assertFalse(self._read_told(self.colleague))

    def test_one_that_cannot_be_made_holds_up_no_other(self):
        self._ask()
        self._login("wallet_colleague")
        self._ask()
        make = self.registry["customer.wallet"]._make_statement_file
        self.env["res.lang"]._activate_lang("fr_FR")
        self.owner.lang = "fr_FR"

        def fail_in_french(wallets, *args):
            if wallets.env.lang == "fr_FR":
                raise ValueError("broken")
            return make(wallets, *args)

        with (
            patch.object(
                self.registry["customer.wallet"], "_make_statement_file", fail_in_french
            ),
            self.assertLogs("odoo.addons.customer_wallet", "ERROR"),
        ):
            self._run()
        self.assertEqual(self._files().mapped("state"), ["done", "failed"])
        # Who asks again is not told of the old one.
        self._login("wallet_owner")
        self._ask()
        self._run()
        self.assertEqual(self._files()[0].state, "done")

    def test_a_server_that_is_killed_each_time_gives_up(self):
        self._ask()
        self._files().tries = TRIES
        self._run()
        self.assertEqual(self._files().state, "failed")
        self.assertIn("could not be made", self._read_told(self.owner.partner_id))

    def test_files_are_forgotten(self):
        self._ask()
        self._run()
        file, attachment = self._files(), self._files().attachment_id
        with freeze_time(fields.Datetime.now() + timedelta(days=KEPT_DAYS - 1)):
            file._gc_files()
        self.assertTrue(file.exists())
        with freeze_time(fields.Datetime.now() + timedelta(days=KEPT_DAYS + 1)):
            file._gc_files()
        self.assertFalse(file.exists() or attachment.exists())
