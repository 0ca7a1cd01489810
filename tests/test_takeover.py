"""Moving in: balances that customers have elsewhere come into their wallets, once."""

import io
import sys
from base64 import b64decode
from datetime import datetime
from unittest.mock import patch

import openpyxl

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .takeover_common import TakeoverCommon


@tagged("post_install", "-at_install")
class TestFile(TakeoverCommon):
    def test_one_entry_opens_all_wallets(self):
        takeover = self._file(
            "Name,Amount,Bonus,Bonus Valid Until\n"
            "Amal Haddad,100,10,2099-12-31\n"
            "Basma Said,40.5,,\n"
        )
        takeover.action_check()
        self.assertFalse(self._wallet(), "A dry run books nothing")
        self.assertEqual(takeover.state, "checked")
        self.assertEqual(takeover.ready_amount, 150.5)

        takeover.action_book()
        self.assertEqual(takeover.state, "done")
        entry = self._entry(takeover)
        self.assertEntry(
            entry,
            [
                (self.wallet_account, 0, 100),
                (self.bonus_account, 0, 10),
                (self.wallet_account, 0, 40.5),
                (self.opening_account, 150.5, 0),
            ],
        )
        self.assertEqual(entry.journal_id, self.company.wallet_journal_id)
        self.assertEqual(entry.wallet_operation, "opening")
        self.assertKinds(100, 10)
        grant = entry.line_ids._filter_wallet_grants()
        self.assertEqual(grant.wallet_expiry_date, fields.Date.to_date("2099-12-31"))

    def test_the_same_file_twice_books_nothing(self):
        text = "Name,Amount\nAmal Haddad,100\n"
        self._import(text)
        again = self._file(text)
        again.action_check()
        self.assertEqual(again.line_ids.mapped("state"), ["same"])
        self.assertRefused(UserError, again.action_book, message="nothing to book")
        self.assertKinds(100, 0)

    def test_a_customer_who_was_merged_is_the_same_one(self):
        text = "Name,Amount\nAmal Haddad,100\n"
        self._import(text)
        gone = self.customer
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([gone.id, self.other.id], self.other)
        again = self._file("Name,Amount\nBasma Said,100\n")
        again.action_check()
        self.assertEqual(again.line_ids.mapped("state"), ["same"])

    def test_customers_who_were_imported_apart_and_merged_since(self):
        """What was booked for the other one is not taken for what is too much."""
        text = "Name,Amount\nAmal Haddad,100\nBasma Said,50\n"
        first = self._import(text)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.customer.id, self.other.id], self.customer)
        again = self._file(text)
        again.action_check()
        self.assertEqual(set(again.line_ids.mapped("state")), {"problem"})
        self.assertIn("has been merged", "".join(again.line_ids.mapped("problem")))
        merged = self._file("Name,Amount\nAmal Haddad,150\n")
        merged.action_check()
        self.assertEqual(merged.line_ids.state, "same")
        self.assertBalance(150)
        self.assertEqual(first.state, "done")

    def test_what_was_used_up_and_came_again_is_imported(self):
        for amount in (100, 0, 50, 70):
            self._import(f"Name,Amount\nAmal Haddad,{amount}\n")
            self.assertBalance(amount)

    def test_a_customer_who_joins_a_company_is_the_same_one(self):
        text = "Name,Amount\nAmal Haddad,100\n"
        self._import(text)
        self._invoice(100).action_allocate_wallet()
        self.customer.parent_id = self.env["res.partner"].create(
            {"name": "Haddad Trading", "is_company": True}
        )
        again = self._file(text)
        again.action_check()
        self.assertEqual(again.line_ids.mapped("state"), ["same"])

    def test_a_column_that_a_second_file_lacks_changes_nothing(self):
        self._import("Name,Amount,Bonus\nAmal Haddad,100,10\n")
        self._import("Name,Amount\nAmal Haddad,120\n")
        self.assertKinds(120, 10)

    def test_a_corrected_name_does_not_book_again(self):
        takeover = self._import("Name,Amount\nAmal Haddad,100\n")
        self.assertRefused(
            UserError, takeover.write, {"name": "Oldshop"}, message="stays with"
        )

    def test_a_formula_without_its_value_is_told(self):
        book = openpyxl.Workbook()
        for row in (("Name", "Amount"), ("Amal Haddad", "=2*50")):
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        takeover = self._file(content.getvalue())
        takeover.action_check()
        self.assertEqual(takeover.line_ids.mapped("state"), ["problem"])
        self.assertIn("=2*50", takeover.line_ids.problem)

    def test_a_second_file_in_a_currency_whose_rate_has_changed(self):
        rates = [("2020-01-01", 0.4), ("2026-06-01", 0.5)]
        eur = self.setup_other_currency("EUR", rates=rates)
        head = "Name,Amount,Currency\n"
        self._import(
            f"{head}Amal Haddad,200,EUR\nBasma Said,10,EUR\n", date="2026-01-05"
        )
        second = self._import(
            f"{head}Amal Haddad,100,EUR\nBasma Said,111,EUR\n", date="2026-07-01"
        )
        self.assertBalance(100, self._wallet(currency=eur))
        self.assertEntry(
            self._entry(second),
            [
                (self.wallet_account, 250, 0),
                (self.opening_account, 0, 250),
                (self.wallet_account, 0, 202),
                (self.opening_account, 202, 0),
            ],
        )

    def test_a_second_file_books_the_differences(self):
        self._import(
            "Name,Amount,Bonus\nAmal Haddad,100,10\nBasma Said,50,\n",
        )
        second = self._import("Name,Amount,Bonus\nAmal Haddad,80,15\nBasma Said,50,\n")
        self.assertEntry(
            self._entry(second),
            [
                (self.wallet_account, 20, 0),
                (self.bonus_account, 0, 5),
                (self.opening_account, 0, 15),
            ],
        )
        self.assertKinds(80, 15)
        self.assertKinds(50, 0, self._wallet(self.other))

    def test_what_is_spent_is_not_taken_out_again(self):
        self._import("Name,Amount\nAmal Haddad,100\n")
        self._pay_out(90)
        again = self._file("Name,Amount\nAmal Haddad,60\n")
        again.action_check()
        self.assertEqual(again.problem_count, 1)
        self.assertRegex(again.line_ids.problem, "40.00 less .* only .*10.00")

    def test_customers_are_found_by_any_column(self):
        self.customer.write({"ref": "C1", "vat": "BE0477472701"})
        self.env["ir.model.data"].create(
            {
                "module": "old_shop",
                "name": "customer_7",
                "model": "res.partner",
                "res_id": self.customer.id,
            }
        )
        contact = self.env["res.partner"].create(
            {"name": "Cashier of Amal", "parent_id": self.customer.id}
        )
        for number, (column, text) in enumerate(
            [
                ("External ID", "old_shop.customer_7"),
                ("Database ID", str(self.customer.id)),
                ("Customer Reference", "C1"),
                ("Email", "AMAL@example.com"),
                ("Tax ID", "BE0477472701"),
                ("Name", contact.name),
                ("name", "Amal Haddad"),
            ],
            start=1,
        ):
            self._import(f"{column};Amount\n{text};1\n", name=f"Shop {number}")
            self.assertKinds(number, 0)

    def test_lines_that_cannot_be_read_are_told_by_number(self):
        self.env["res.partner"].create([{"name": "Twin"}, {"name": "Twin"}])
        lines = {
            "Nobody,1,": "Line 2: There is no customer whose Name is Nobody",
            "Twin,1,": "Line 3: There are 2 customers",
            'Amal Haddad,"1,234.50",': "Line 4: Amount cannot be 1,234.50. Write",
            "Amal Haddad,-5,": "Line 5: Amount cannot be -5",
            "Amal Haddad,nan,": "Line 6: Amount cannot be nan",
            "Amal Haddad,ten,": "Line 7: Amount cannot be ten",
            "Amal Haddad,1.005,": "Line 8: Amount cannot be 1.005.*decimals",
            "Amal Haddad,1,XYZ": "Line 9: XYZ is not an active currency",
            ",1,": "Line 10: It names no customer",
            "Amal Haddad,1e300,": "Line 11: Amount cannot be 1e300",
            "Amal Haddad,12.000,": "Line 12: Amount cannot be 12.000. Write",
            "Amal Haddad,1_000,": "Line 13: Amount cannot be 1_000. Write",
        }
        takeover = self._file("Name,Amount,Currency\n" + "\n".join(lines))
        takeover.action_check()
        found = takeover.line_ids.sorted("number")
        self.assertEqual(set(found.mapped("state")), {"problem"})
        for line, expected in zip(found, lines.values(), strict=True):
            self.assertRegex(line.problem, expected)

    def test_one_customer_twice_is_asked_back(self):
        takeover = self._file("Name,Amount\nAmal Haddad,10\nAmal Haddad,20\n")
        takeover.action_check()
        self.assertEqual(takeover.problem_count, 2)
        self._import(
            "Name,Amount,Reference\nAmal Haddad,10,card 1\nAmal Haddad,20,card 2\n"
        )
        self.assertKinds(30, 0)

    def test_a_bonus_that_has_expired_is_not_moved(self):
        takeover = self._file(
            "Name,Bonus,Bonus Valid Until\nAmal Haddad,10,2020-01-31\n"
            "Basma Said,10,31/01/2099\n"
        )
        takeover.action_check()
        expired, unread = takeover.line_ids.sorted("number").mapped("problem")
        self.assertIn("expired", expired)
        self.assertIn("31/01/2099", unread)

    def test_what_is_no_table_is_refused_in_words(self):
        for content, message in (
            ("", "Choose a file"),
            ("Amal Haddad;10\n", "must name its columns"),
            ("Amount\n10\n", "No column of the file says"),
            ("Name,Amount,Amount\nAmal,1,2\n", "twice"),
            (b"PK\x03\x04 no spreadsheet", "cannot be read"),
        ):
            takeover = self._file(content)
            self.assertRefused(UserError, takeover.action_check, message=message)

    def test_the_template_is_read(self):
        takeover = self._takeover()
        content = b64decode(takeover.template)
        book = openpyxl.load_workbook(io.BytesIO(content))
        sheet = book.active
        columns = [cell.value for cell in sheet[1]]
        row = {"Name": "Amal Haddad", "Amount": 12.5, "Bonus": 3}
        row["Bonus Valid Until"] = datetime(2099, 1, 31)
        sheet.append([row.get(column) for column in columns])
        output = io.BytesIO()
        book.save(output)
        self._import(output.getvalue())
        self.assertKinds(12.5, 3)
        grant = self._wallet().line_ids._filter_wallet_grants()
        self.assertEqual(grant.wallet_expiry_date, fields.Date.to_date("2099-01-31"))

    def test_arabic_files_and_digits(self):
        self.customer.name = "أمل حداد"
        self._import("Name;Amount\nأمل حداد;١٢٫٥\n".replace("٫", "."))
        self._import(
            "Name;Amount\nأمل حداد;7\n".encode("utf-16"), name="The other shop"
        )
        self.assertKinds(19.5, 0)

    def test_currencies_have_wallets_of_their_own(self):
        dinar = self.setup_other_currency("KWD", rates=[("2020-01-01", 0.5)])
        takeover = self._import(
            "Name,Amount,Currency\nAmal Haddad,1.125,KWD\nBasma Said,5,\n"
        )
        usd = self.company.currency_id
        self.assertEntry(
            self._entry(takeover),
            [
                (self.wallet_account, 0, 2.25, -1.125, dinar),
                (self.opening_account, 2.25, 0, 1.125, dinar),
                (self.wallet_account, 0, 5, -5, usd),
                (self.opening_account, 5, 0, 5, usd),
            ],
        )
        self.assertKinds(1.125, 0, self._wallet(currency=dinar))

    def test_undone_it_can_be_imported_again(self):
        text = "Name,Amount\nAmal Haddad,100\n"
        takeover = self._import(text)
        self._entry(takeover)._reverse_moves()
        self.assertKinds(0, 0)
        self.assertEqual(takeover.line_ids.state, "undone")
        self._import(text)
        self.assertKinds(100, 0)

    def test_what_is_spent_is_not_undone(self):
        takeover = self._import("Name,Amount\nAmal Haddad,100\n")
        self._pay_out(40)
        self.assertRefused(
            UserError, self._entry(takeover)._reverse_moves, message="taken back"
        )

    def test_the_money_is_paid_money_and_pays_out(self):
        self._import("Name,Amount,Bonus\nAmal Haddad,100,20\n")
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self._pay_out(70)
        self.assertKinds(0, 0)

    def test_the_liability_says_what_was_moved_in(self):
        self._import("Name,Amount,Bonus\nAmal Haddad,100,20\n")
        self.env.flush_all()
        rows = self.env["customer.wallet.liability"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(sum(rows.mapped("moved_in")), 120)
        self.assertEqual(sum(rows.mapped("closing")), 120)

    def test_no_account_no_entry(self):
        text = "Name,Amount\nAmal Haddad,100\n"
        for account, message in (
            (self.env["account.account"], "Choose the account"),
            (self.receivable, "cannot be opened against"),
            (self.wallet_account, "cannot be opened against"),
        ):
            takeover = self._file(text, account_id=account.id)
            self.assertRefused(UserError, takeover.action_check, message=message)
        tomorrow = fields.Date.add(fields.Date.today(), days=2)
        takeover = self._file(text, date=tomorrow)
        self.assertRefused(UserError, takeover.action_check, message="future")

    def test_other_settings_need_another_dry_run(self):
        takeover = self._file("Name,Amount\nAmal Haddad,100\n")
        takeover.action_check()
        takeover.name = "The other shop"
        self.assertEqual(takeover.state, "draft")
        self.assertFalse(takeover.line_ids)
        self.assertRefused(UserError, takeover.action_book, message="dry run first")

    def test_two_dry_runs_of_one_file_book_it_once(self):
        text = "Name,Amount\nAmal Haddad,100\nBasma Said,7\n"
        first, second = self._file(text), self._file(text)
        first.action_check()
        second.action_check()
        first.action_book()
        second.action_book()
        self.assertIn("changed since", second.line_ids[0].problem)
        self.assertKinds(100, 0)

    def test_who_stands_for_many_has_no_wallet(self):
        public = self.env.ref("base.public_partner")
        takeover = self._file(f"Database ID,Amount\n{public.id},5\n{10**8},5\n")
        takeover.action_check()
        self.assertIn("many people", takeover.line_ids.sorted("number")[0].problem)
        self.assertEqual(takeover.problem_count, 2)

    def test_only_managers_who_enter_entries_import(self):
        takeover = self._file("Name,Amount\nAmal Haddad,100\n")
        for groups in (
            "account.group_account_invoice",
            "customer_wallet.group_wallet_manager",
        ):
            user = new_test_user(
                self.env,
                groups,
                groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            own = takeover.with_user(user)
            self.assertRefused(AccessError, own.action_check)
        manager = new_test_user(
            self.env,
            "mover",
            "account.group_account_invoice,customer_wallet.group_wallet_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        own = takeover.with_user(manager)
        own.action_check()
        own.action_book()
        self.assertKinds(100, 0)
        for vals in ({"state": "draft"}, {"line_ids": [Command.clear()]}):
            self.assertRefused(AccessError, own.write, vals)
        self.assertRefused(UserError, own.unlink, message="kept")


@tagged("post_install", "-at_install")
class TestMany(TakeoverCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crowd = cls.env["res.partner"].create(
            [{"name": f"Guest {number}", "ref": f"G{number}"} for number in range(30)]
        )
        cls.text = "Customer Reference,Amount\n" + "".join(
            f"{partner.ref},10\n" for partner in cls.crowd
        )

    def setUp(self):
        super().setUp()
        booking = "odoo.addons.customer_wallet.models.customer_wallet_takeover_booking"
        self.patch(sys.modules[booking], "WAITED_LINES", 5)
        self.patch(sys.modules[booking], "ENTRY_LINES", 12)

    def _cron(self, *time_left):
        """Run the scheduled action, which is stopped where no time is left."""
        steps = iter(time_left)
        with patch.object(
            self.registry["ir.cron"],
            "_commit_progress",
            lambda *args, **kwargs: next(steps, 1),
        ):
            self.env["customer.wallet.takeover"].sudo()._cron_book()

    def _sum(self):
        wallets = self.env["customer.wallet"].search(
            [("partner_id", "in", self.crowd.ids)]
        )
        return sum(wallets.mapped("balance"))

    def test_many_are_booked_in_the_background_in_steps(self):
        takeover = self._import(self.text)
        self.assertEqual(takeover.state, "running")
        self.assertEqual(self._sum(), 0)
        self.assertRefused(UserError, takeover.action_check, message="being booked")
        self.assertRefused(UserError, takeover.write, {"name": "X"}, message="booked")
        self._cron()
        self.assertEqual(takeover.state, "done")
        self.assertEqual(len(self._entry(takeover)), 3)
        self.assertEqual(self._sum(), 300)
        self._cron()
        self.assertEqual(self._sum(), 300)

    def test_no_import_is_forgotten_where_there_is_no_time(self):
        """Odoo is told as long as there is more to do, also of another import."""
        first = self._import(self.text)
        second = self._import(self.text.replace(",10", ",20"))
        self.assertEqual(set((first | second).mapped("state")), {"running"})
        told = []

        def commit(_cron, _processed=0, *, remaining=None, **_kwargs):
            told.append(remaining)
            return 0.0

        for _run in range(10):
            with patch.object(self.registry["ir.cron"], "_commit_progress", commit):
                self.env["customer.wallet.takeover"].sudo()._cron_book()
            if not told[-1]:
                break
        self.assertEqual(set((first | second).mapped("state")), {"done"})

    def test_interrupted_it_goes_on_where_it_was(self):
        takeover = self._import(self.text)
        self._cron(1, 0)
        self.assertEqual(takeover.state, "running")
        self.assertEqual(takeover.progress, 80)
        self.assertEqual(self._sum(), 240)
        self._cron()
        self.assertEqual(self._sum(), 300)
        self.assertEqual(takeover.state, "done")

    def test_one_who_cannot_be_booked_hinders_nobody(self):
        takeover = self._file(self.text)
        takeover.action_check()
        prepare = type(self.env["customer.wallet.takeover.line"])._prepare_items
        # The last two are beside each other.
        bad = self.crowd[7] | self.crowd[28:30]

        def refuse(line, wallet, purses):
            if line.partner_id in bad:
                raise UserError(line.partner_id.name)
            return prepare(line, wallet, purses)

        with patch.object(
            type(self.env["customer.wallet.takeover.line"]), "_prepare_items", refuse
        ):
            takeover.action_book()
            self._cron()
        self.assertEqual(self._sum(), 270)
        problems = takeover.line_ids.filtered(lambda it: it.state == "problem")
        self.assertEqual(problems.partner_id, bad)

    def test_one_who_cannot_be_booked_at_the_end_hinders_nobody(self):
        booking = "odoo.addons.customer_wallet.models.customer_wallet_takeover_booking"
        self.patch(sys.modules[booking], "ENTRY_LINES", 29)
        prepare = type(self.env["customer.wallet.takeover.line"])._prepare_items
        last = self.crowd[-1]

        def refuse(line, wallet, purses):
            if line.partner_id == last:
                raise UserError(last.name)
            return prepare(line, wallet, purses)

        for waited in (5, 30):
            self.patch(sys.modules[booking], "WAITED_LINES", waited)
            takeover = self._file(self.text, name=f"Shop {waited}")
            takeover.action_check()
            with patch.object(
                type(self.env["customer.wallet.takeover.line"]),
                "_prepare_items",
                refuse,
            ):
                takeover.action_book()
                self._cron()
            self.assertEqual(takeover.state, "done")
            problem = takeover.line_ids.filtered(lambda it: it.state == "problem")
            self.assertEqual((problem.partner_id, problem.problem), (last, last.name))
            entry = self._entry(takeover)
            opened = entry.line_ids.filtered(
                lambda it: it.account_id == self.opening_account
            )
            self.assertEqual(opened.balance, 290)
        self.assertEqual(self._sum(), 580)

    def test_what_nobody_can_book_stops_and_is_told(self):
        takeover = self._file(self.text, date="2020-01-01")
        takeover.action_check()
        self.opening_account.active = False
        takeover.action_book()
        self._cron()
        self.assertEqual(self._sum(), 0)
        self.assertEqual(takeover.state, "checked")
        self.assertEqual(takeover.ready_count, 30)
        self.assertTrue(takeover.message_ids)

    def test_stopped_it_keeps_what_is_booked(self):
        takeover = self._import(self.text)
        self._cron(0)
        takeover.action_stop()
        self._cron()
        self.assertEqual(self._sum(), 120)
        takeover.action_check()
        self.assertEqual(takeover.same_count, 12)
        takeover.action_book()
        self._cron()
        self.assertEqual(self._sum(), 300)

    def test_a_dry_run_does_not_ask_for_each_customer(self):
        def count(text):
            takeover = self._file(text)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            takeover.action_check()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(self.text)
        few = count("".join(self.text.splitlines(keepends=True)[:6]))
        self.assertLessEqual(count(self.text), few + 5)


@tagged("post_install", "-at_install")
class TestField(TakeoverCommon):
    """Another addon keeps an amount on the customer: any number stands for it."""

    def _field_takeover(self, **vals):
        field = self.env["ir.model.fields"]._get("res.partner", "color")
        domain = f"[('id', 'in', {(self.customer | self.other).ids})]"
        return self._takeover("field", amount_field_id=field.id, domain=domain, **vals)

    def setUp(self):
        super().setUp()
        self.customer.color = 60
        self.other.color = 0

    def test_it_is_set_to_zero_once_it_is_here(self):
        takeover = self._field_takeover()
        takeover.action_check()
        self.assertEqual(self.customer.color, 60)
        takeover.action_book()
        self.assertEqual(self.customer.color, 0)
        self.assertKinds(60, 0)
        self.assertEntry(
            self._entry(takeover),
            [(self.wallet_account, 0, 60), (self.opening_account, 60, 0)],
        )
        # What comes there later comes on top.
        self.customer.color = 5
        takeover.action_check()
        takeover.action_book()
        self.assertKinds(65, 0)

    def test_undone_it_is_there_again(self):
        takeover = self._field_takeover()
        takeover.action_check()
        takeover.action_book()
        self._entry(takeover)._reverse_moves()
        self.assertEqual(self.customer.color, 60)
        self.assertKinds(0, 0)
        takeover.action_check()
        takeover.action_book()
        self.assertKinds(60, 0)
        self.assertEqual(self.customer.color, 0)

    def test_what_is_gone_there_is_not_given_back(self):
        takeover = self._field_takeover()
        takeover.action_check()
        takeover.action_book()
        self.customer.color = -100
        self.assertRefused(
            UserError, self._entry(takeover)._reverse_moves, message="cannot go back"
        )
        self.assertKinds(60, 0)

    def test_contacts_have_a_copy_of_what_their_company_has(self):
        self.customer.is_company = True
        contact = self.env["res.partner"].create(
            {"name": "Amal's Assistant", "parent_id": self.customer.id, "color": 60}
        )
        self.patch(type(contact), "_commercial_fields", lambda partner: ["color"])
        field = self.env["ir.model.fields"]._get("res.partner", "color")
        takeover = self._takeover(
            "field",
            amount_field_id=field.id,
            domain=f"[('id', 'in', {(self.customer | contact).ids})]",
        )
        takeover.action_check()
        takeover.action_book()
        self.assertKinds(60, 0)

    def test_where_it_came_from_stays(self):
        """Undone, the money does not go into some other field."""
        takeover = self._field_takeover()
        takeover.action_check()
        takeover.action_book()
        other_field = self.env["ir.model.fields"]._get("res.partner", "message_bounce")
        for vals in ({"amount_field_id": other_field.id}, {"source": "ewallet"}):
            self.assertRefused(UserError, takeover.write, vals, message="stays with")
        self._entry(takeover)._reverse_moves()
        takeover.amount_field_id = other_field

    def test_kept_it_is_moved_once_and_may_be_zeroed_later(self):
        takeover = self._field_takeover(source_balance="keep")
        takeover.action_check()
        takeover.action_book()
        self.assertEqual(self.customer.color, 60)
        self.customer.color = 70
        takeover.action_check()
        self.assertEqual(takeover.ready_amount, 10)
        takeover.action_book()
        self.assertKinds(70, 0)
        takeover.source_balance = "zero"
        takeover.action_check()
        takeover.action_book()
        self.assertEqual(self.customer.color, 0)
        self.assertKinds(70, 0)
        takeover.action_check()
        self.assertFalse(takeover.ready_count)

    def test_spent_there_it_is_taken_out_here(self):
        takeover = self._field_takeover(source_balance="keep", kind="bonus")
        takeover.action_check()
        takeover.action_book()
        self.assertKinds(0, 60)
        self.customer.color = 0
        takeover.action_check()
        takeover.action_book()
        self.assertKinds(0, 0)

    def test_changed_since_the_dry_run_it_stays(self):
        takeover = self._field_takeover()
        takeover.action_check()
        self.customer.color = 50
        takeover.action_book()
        self.assertEqual(self.customer.color, 50)
        self.assertIn("changed since", takeover.line_ids.problem)
        self.assertFalse(self._wallet().balance)

    def test_who_is_below_zero_owes(self):
        self.customer.color = -5
        takeover = self._field_takeover()
        takeover.action_check()
        self.assertIn("below zero", takeover.line_ids.problem)

    def test_fields_that_cannot_be_are_refused(self):
        takeover = self._field_takeover()
        get = self.env["ir.model.fields"]._get
        for vals, message in (
            ({"amount_field_id": False}, "Choose the field that has"),
            (
                {"amount_field_id": get("sale.order", "id").id or False},
                "Choose the field",
            ),
            (
                {"amount_field_id": get("account.move", "amount_total").id},
                "which customer",
            ),
            (
                {"amount_field_id": get("customer.wallet", "balance").id},
                "not imported",
            ),
            (
                {
                    "amount_field_id": get("res.partner", "wallet_balance").id,
                    "source_balance": "keep",
                },
                "not imported",
            ),
            ({"domain": "[('nothing', '=', 1)]"}, "cannot be read"),
            ({"domain": "import os"}, "cannot be read"),
            ({"amount_field_id": get("res.partner", "credit").id}, "computed"),
        ):
            names = ("amount_field_id", "domain", "source_balance")
            before = takeover.read(names, load="")[0]
            takeover.write(vals)
            self.assertRefused(UserError, takeover.action_check, message=message)
            takeover.write({name: before[name] for name in names})


@tagged("post_install", "-at_install")
class TestOpenCredits(TakeoverCommon):
    def test_free_credits_go_to_the_wallet_and_are_matched(self):
        payment = self._pay(100, is_wallet=False)
        note = self._invoice(30, move_type="out_refund", partner_id=self.other.id)
        takeover = self._takeover("receivable", account_id=False)
        takeover.action_check()
        lines = takeover.line_ids.filtered(
            lambda line: line.partner_id in self.customer | self.other
        )
        self.assertEqual(set(lines.mapped("paid")), {100, 30})
        takeover.action_book()
        entry = self._entry(takeover)
        self.assertEntry(
            entry,
            [
                (self.wallet_account, 0, 100),
                (self.receivable, 100, 0),
                (self.wallet_account, 0, 30),
                (self.receivable, 30, 0),
            ],
        )
        self.assertEqual(note.payment_state, "paid")
        receivable = payment.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        self.assertTrue(receivable.reconciled)
        self.assertKinds(100, 0)
        takeover.action_check()
        self.assertFalse(takeover.ready_count)

        entry._reverse_moves()
        self.assertKinds(0, 0)
        self.assertFalse(receivable.reconciled)
        takeover.action_check()
        self.assertEqual(takeover.ready_count, 2)

    def test_what_was_not_received_is_not_moved_in(self):
        """Nor what bounced after the dry run."""
        today = self.company._get_wallet_today()
        self._pay(70, is_wallet=False, date=fields.Date.add(today, months=1))
        payment = self._pay(100, is_wallet=False)
        takeover = self._takeover("receivable", account_id=False)
        takeover.action_check()
        line = takeover.line_ids.filtered(lambda it: it.partner_id == self.customer)
        self.assertEqual(line.mapped("paid"), [100])
        payment.action_reject()
        takeover.action_book()
        self.assertNotEqual(line.state, "booked")
        self.assertFalse(self._wallet().balance)

    def test_bonus_that_has_paid_comes_back_as_bonus(self):
        self._give_bonus(40)
        invoice = self._invoice(40)
        invoice.action_allocate_wallet()
        note = invoice._reverse_moves()
        note.action_post()
        takeover = self._takeover("receivable")
        takeover.action_check()
        takeover.action_book()
        self.assertEqual(note.payment_state, "paid")
        self.assertKinds(0, 40)


@tagged("post_install", "-at_install", "-standard", "with_pos_loyalty")
class TestEwallet(TakeoverCommon):
    """Odoo's own eWallet: its program, its cards, its till orders."""

    @classmethod
    def get_default_groups(cls):
        groups = super().get_default_groups()
        return groups | cls.quick_ref("point_of_sale.group_pos_manager")

    def setUp(self):
        super().setUp()
        Program = self.env["loyalty.program"]
        action = Program.create_from_template("ewallet")
        self.program = Program.browse(action["res_id"])
        self.program.company_id = self.company
        wizard = self.env["loyalty.generate.wizard"].create(
            {
                "program_id": self.program.id,
                "mode": "selected",
                "customer_ids": [Command.set((self.customer | self.other).ids)],
                "points_granted": 80,
            }
        )
        self.cards = wizard.generate_coupons()
        self.card = self.cards.filtered(lambda it: it.partner_id == self.customer)
        update = self.env["loyalty.card.update.balance"].create(
            {"card_id": self.card.id, "new_balance": 100, "description": "Gift"}
        )
        update.action_update_card_point()
        self._spend_at_till(30)

    def _spend_at_till(self, amount):
        config = self.env["pos.config"].create({"name": "Corner Shop"})
        config.open_ui()
        order = self.env["pos.order"].create(
            {
                "session_id": config.current_session_id.id,
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                **dict.fromkeys(
                    ("amount_tax", "amount_total", "amount_paid", "amount_return"), 0.0
                ),
            }
        )
        order.confirm_coupon_programs(
            {
                self.card.id: {
                    "points": -amount,
                    "program_id": self.program.id,
                    "coupon_id": self.card.id,
                    "partner_id": self.customer.id,
                }
            }
        )

    def _total(self):
        self.env.invalidate_all()
        wallets = self.env["customer.wallet"].search(
            [("partner_id", "in", (self.customer | self.other).ids)]
        )
        return sum(self.cards.mapped("points")) + sum(wallets.mapped("balance"))

    def test_the_total_is_the_same_and_is_spent(self):
        self.assertEqual(self._total(), 150)
        takeover = self._takeover("ewallet")
        takeover.action_check()
        self.assertEqual(takeover.ready_amount, 150)
        takeover.action_book()
        self.assertEqual(self._total(), 150)
        self.assertEqual(self.cards.mapped("points"), [0, 0])
        self.assertKinds(70, 0)
        self.assertEqual(self.card.history_ids[0].used, 70)
        takeover.action_check()
        self.assertFalse(takeover.ready_count)

        invoice = self._invoice(70)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertKinds(0, 0)

    def test_a_till_takes_what_has_moved_in(self):
        takeover = self._takeover("ewallet")
        takeover.action_check()
        takeover.action_book()
        order = self._order_at_till(70)
        self.assertEqual((order.state, self._wallet().available), ("paid", 0))
        session = order.session_id
        # The order that the card paid was never finished.
        (session.order_ids - order).action_pos_order_cancel()
        session.action_pos_session_closing_control()
        self.assertEqual(session.state, "closed")
        self.assertKinds(0, 0)

    def _order_at_till(self, price):
        """Paid from the wallet, in the till where the card was used before."""
        config = self.env["pos.config"].search([("name", "=", "Corner Shop")])
        product = self.env["product.product"].create(
            {"name": "Tea", "available_in_pos": True, "taxes_id": False}
        )
        totals = {"price_subtotal": price, "price_subtotal_incl": price}
        order = self.env["pos.order"].create(
            {
                "session_id": config.current_session_id.id,
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "amount_tax": 0.0,
                "amount_total": price,
                "amount_paid": 0.0,
                "amount_return": 0.0,
                "lines": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "qty": 1,
                            "price_unit": price,
                            **totals,
                        }
                    )
                ],
            }
        )
        method = config.payment_method_ids.filtered("is_wallet")
        order.add_payment(
            {
                "pos_order_id": order.id,
                "amount": price,
                "payment_method_id": method.id,
            }
        )
        order.action_pos_order_paid()
        return order

    def test_undone_the_cards_have_it_again(self):
        takeover = self._takeover("ewallet")
        takeover.action_check()
        takeover.action_book()
        self._entry(takeover)._reverse_moves()
        self.assertEqual(self._total(), 150)
        self.assertEqual(self.card.points, 70)
        self.assertEqual(self.card.history_ids[0].issued, 70)

    def test_kept_cards_are_moved_once(self):
        takeover = self._takeover("ewallet", source_balance="keep")
        for _time in range(2):
            takeover.action_check()
            if takeover.ready_count:
                takeover.action_book()
        self.assertEqual(self.card.points, 70)
        self.assertKinds(70, 0)
