import csv
import io
import json
from datetime import timedelta
from itertools import product
from unittest.mock import patch

from odoo import Command, fields, http
from odoo.tests import HttpCase, new_test_user, tagged

from ..report import customer_wallet_movement
from .common import WalletCommon
from .till_common import TillWalletCommon

SHOWN = ("date", "kind", "document_name", "status", "amount", "running_balance")


class MovementListCommon:
    def _groups(self, groupby, *domain):
        """What the list shows: amount and number of movements by group."""
        self.env.flush_all()
        domain = [("wallet_id", "=", self._wallet().id), *domain]
        return {
            key: (amount, count)
            for key, amount, count in self.env["customer.wallet.movement"]._read_group(
                domain, [groupby], ["amount:sum", "__count"]
            )
        }

    def assertGroupsOpen(self, groupby):
        """A group has in it what it counts."""
        for key, (_amount, count) in self._groups(groupby).items():
            domain = [("wallet_id", "=", self._wallet().id), (groupby, "=", key)]
            found = self.env["customer.wallet.movement"].search(domain)
            self.assertEqual(len(found), count, key)
            self.assertEqual(set(found.mapped(groupby)), {key})


@tagged("post_install", "-at_install")
class TestMovementList(MovementListCommon, WalletCommon):
    def test_movements_are_grouped_by_kind_of_document(self):
        self._top_up(100)
        self._pay_out(10)
        self._give_bonus(20)
        self._invoice(50).action_allocate_wallet()
        self._credit_note(15).action_refund_to_wallet()
        self.assertEqual(
            self._groups("document_type"),
            {
                "account.payment": (90, 2),
                "entry": (20, 1),
                "out_invoice": (-50, 1),
                "out_refund": (15, 1),
            },
        )
        self.assertGroupsOpen("document_type")
        labels = dict(
            self.env["customer.wallet.movement"].fields_get(["document_type"])[
                "document_type"
            ]["selection"]
        )
        self.assertEqual(labels["out_invoice"], "Customer Invoice")

    def test_the_latest_movements_are_found_wherever_they_are(self):
        today = fields.Date.today()
        for days in (3, 1, 4, 0, 2, 1):
            self._top_up(100 + days, date=today - timedelta(days=days))
        self._give_bonus(5)
        for invoice in (self._invoice(30), self._invoice(90)):
            invoice.action_allocate_wallet()
        self._wallet()._hold(10, self._invoice(10))
        everything = self._wallet()._get_movement_model()
        own = [("wallet_id", "=", self._wallet().id)]
        other = self.env["res.partner"].create({"name": "Omar"})
        self._top_up(40, partner_id=other.id)
        for domain in (
            own,
            [*own, ("amount", "<", 0)],
            [*own, ("is_undone", "=", False)],
            ["|", *own, ("partner_id", "=", other.id)],
        ):
            expected = everything.search(domain)
            with patch.object(customer_wallet_movement, "ITEMS_OF_MOVEMENT", 1):
                for offset, limit in product(range(len(expected) + 1), (1, 2, 20)):
                    self.assertEqual(
                        everything.search(domain, offset=offset, limit=limit),
                        expected[offset : offset + limit],
                    )
                self.assertEqual(
                    everything.search_count(domain, limit=2), min(2, len(expected))
                )

    def test_an_entry_that_grew_while_others_were_made_is_one_movement(self):
        self._top_up(1)
        entry = self._enter(
            (self.wallet_account, 0, 10), (self.receivable, 10, 0), post=False
        )
        self._top_up(20)
        entry.write(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "amount_currency": amount,
                        }
                    )
                    for account, amount in (
                        (self.wallet_account, -5),
                        (self.receivable, 5),
                    )
                ]
            }
        )
        entry.action_post()
        self._top_up(7)
        Movement = self._wallet()._get_movement_model()
        domain = [("wallet_id", "=", self._wallet().id)]
        expected = [(7, 43), (20, 36), (15, 16), (1, 1)]
        with patch.object(customer_wallet_movement, "ITEMS_OF_MOVEMENT", 1):
            for offset, limit in product(range(4), (1, 2, 4)):
                self.env.invalidate_all()
                found = Movement.search(domain, offset=offset, limit=limit)
                self.assertEqual(
                    [(it.amount, it.running_balance) for it in found],
                    expected[offset : offset + limit],
                )

    def test_movements_are_grouped_by_document(self):
        payment = self._top_up(100)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet(20)
        invoice.action_allocate_wallet(30)
        other = self._invoice(10)
        other.action_allocate_wallet()
        other._get_wallet_partials().unlink()
        self._give_bonus(20)
        self.assertEqual(
            self._groups("document_name"),
            {
                payment.name: (100, 1),
                invoice.name: (-50, 2),
                other.name: (0, 2),
                "Winter offer": (20, 1),
            },
        )
        self.assertGroupsOpen("document_name")

    def test_one_entry_that_pays_many_is_in_many_groups(self):
        self._top_up(100)
        invoices = self._invoice(10) | self._invoice(20)
        invoices._allocate_wallet()
        groups = self._groups("document_name", ("operation", "=", "allocation"))
        self.assertEqual(
            groups, {invoices[0].name: (-10, 1), invoices[1].name: (-20, 1)}
        )
        self.assertGroupsOpen("document_name")

    def test_movements_are_sorted_by_document(self):
        self._top_up(100)
        self._invoice(10).action_allocate_wallet()
        self.env.flush_all()
        Movement = self.env["customer.wallet.movement"]
        domain = [("wallet_id", "=", self._wallet().id)]
        for order in ("document_name", "document_name desc"):
            names = Movement.search(domain, order=order).mapped("document_name")
            self.assertEqual(names, sorted(names, reverse="desc" in order))

    def test_many_movements_are_read_by_as_many_queries_as_few(self):
        self._top_up(1000)
        invoices = self.env["account.move"].concat(
            *(self._invoice(10) for _number in range(12))
        )
        invoices[:3]._allocate_wallet()
        fields = [[name] for name in SHOWN]
        counts = []
        for more in (invoices[3:4], invoices[4:]):
            more._allocate_wallet()
            movements = self._movements()
            before = self.env.cr.sql_log_count
            movements._export_rows(fields)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_the_analysis_groups_by_document_as_well(self):
        self._top_up(100)
        invoice = self._invoice(10)
        invoice.action_allocate_wallet()
        self.env.flush_all()
        groups = self.env["customer.wallet.report"]._read_group(
            [
                ("partner_id", "=", self.customer.id),
                ("document_name", "=", invoice.name),
            ],
            ["document_type"],
            ["company_amount:sum"],
        )
        self.assertEqual(groups, [("out_invoice", -10)])


@tagged("post_install", "-at_install")
class TestMovementListOfATill(MovementListCommon, TillWalletCommon):
    def test_what_is_pending_and_what_is_booked(self):
        self.open_new_session()
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        groups = self._groups("document_type", ("document_name", "=", order.name))
        self.assertEqual(groups, {"pos.order": (-100, 1)})
        self.assertGroupsOpen("document_name")
        self.config.current_session_id.close_session_from_ui()
        self.assertEqual(self._groups("document_type")["pos.order"], (-100, 1))
        self.assertGroupsOpen("document_name")


@tagged("post_install", "-at_install")
class TestMovementsExported(WalletCommon, HttpCase):
    def test_the_file_has_what_the_list_shows(self):
        self._top_up(100, date="2026-01-05")
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        self._give_bonus(20)
        clerk = new_test_user(
            self.env,
            "clerk",
            "account.group_account_invoice,base.group_allow_export",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        movements = self._movements().sorted("id", reverse=True)
        self.authenticate(clerk.login, clerk.login)
        shown = [{"name": name, "label": name} for name in SHOWN]
        request = {
            "model": "customer.wallet.movement",
            "fields": shown,
            "ids": False,
            "domain": [["wallet_id", "=", self._wallet().id]],
            "groupby": [],
            "context": {},
            "import_compat": False,
        }
        response = self.url_open(
            "/web/export/csv",
            data={
                "data": json.dumps(request),
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        rows = list(csv.DictReader(io.StringIO(response.content.decode())))
        self.assertEqual(
            [(row["kind"], row["document_name"]) for row in rows],
            [(movement.kind, movement.document_name) for movement in movements],
        )
        self.assertEqual(
            [(float(row["amount"]), float(row["running_balance"])) for row in rows],
            [(20, 90), (-30, 70), (100, 100)],
        )
