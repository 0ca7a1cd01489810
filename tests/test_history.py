from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestHistoryFindsItsDocument(WalletCommon):
    """The history of a wallet names and opens the document that moved the money,
    whatever the document is called now.
    """

    def _resequence(self, move, number):
        """Journal Entries > Actions > Resequence"""
        prefix = move.name.rsplit("/", 1)[0]
        self.env["account.resequence.wizard"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"first_name": f"{prefix}/{number}"}).resequence()

    def test_after_resequencing(self):
        credit_note = self._credit_note(40)
        credit_note.action_refund_to_wallet()
        self._resequence(credit_note, "00777")
        movement = self._movement()
        self.assertOpens(movement, credit_note)
        self.assertEqual(movement.document_name, credit_note.name)
        item = self._wallet().line_ids
        self.assertEqual(item.wallet_document, credit_note.name)
        self.assertEqual(item.action_open_wallet_document()["res_id"], credit_note.id)

    def test_a_bonus_names_its_top_up_after_resequencing(self):
        self._promotion()
        top_up = self._top_up(100)
        self._resequence(top_up.move_id, "00777")
        self.assertIn("00777", top_up.name)
        name = f"Spring bonus ({top_up.name})"
        bonus = self._movements().filtered("bonus_amount")
        self.assertEqual(bonus.document_name, name)
        self.assertOpens(bonus, self._bonus_of(top_up))
        self.assertEqual(self._lots_of(top_up).wallet_document, name)
        found = self._movements().search([("document_name", "=", name)])
        self.assertEqual(found, bonus)

    def test_what_an_invoice_moves_by_hand_goes_by_the_invoice(self):
        """Not by what the customer calls it."""
        self._top_up(100)
        invoice = self._invoice(80, post=False, ref="PO 7")
        invoice.invoice_line_ids = [
            Command.create(
                {
                    "name": "Paid in advance",
                    "price_unit": -30,
                    "account_id": self.wallet_account.id,
                    "tax_ids": [Command.clear()],
                }
            )
        ]
        invoice.action_post()
        self.assertBalance(70)
        movement = self._movements()[-1]
        self.assertEqual((movement.amount, movement.document_name), (-30, invoice.name))
        self.assertOpens(movement, invoice)
        [(name, _count)] = movement._read_group(
            [("id", "=", movement.id)], ["document_name"], ["__count"]
        )
        self.assertEqual(name, invoice.name)
        item = invoice.line_ids.filtered("wallet_id")
        self.assertEqual(item.wallet_document, invoice.name)

    def test_with_a_document_of_that_number_in_another_company(self):
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        credit_note = self._credit_note(40)
        namesake = self.env["account.move"].with_company(other)
        namesake = namesake.create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "company_id": other.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": 40,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        namesake.action_post()
        self.assertEqual(namesake.name, credit_note.name)
        credit_note.action_refund_to_wallet()
        movement = self._movement().with_context(
            allowed_company_ids=[self.company.id, other.id]
        )
        self.assertOpens(movement, credit_note)

    def test_two_credit_notes_in_one_entry(self):
        credit_notes = self._credit_note(40) | self._credit_note(25)
        Credit = self.env["customer.wallet.credit"]
        Credit.create({"partner_id": self.customer.id}).action_move_to_wallet()
        movements = self._movements()
        self.assertEqual(len(movements.move_id), 1)
        self.assertEqual(sorted(movements.mapped("amount")), [25, 40])
        for movement in movements:
            credit_note = credit_notes.filtered(
                lambda note, movement=movement: note.amount_total == movement.amount
            )
            self.assertEqual(movement.document_name, credit_note.name)
            self.assertOpens(movement, credit_note)

    def test_a_document_with_a_reference_goes_by_its_name(self):
        credit_note = self._credit_note(40, ref="Broken on arrival")
        self.assertIn("Broken", credit_note.display_name)
        credit_note.action_refund_to_wallet()
        self.assertEqual(self._movement().document_name, credit_note.name)
        self.assertEqual(self._wallet().line_ids.wallet_document, credit_note.name)

    def test_a_payment_is_its_own_document(self):
        payment = self._top_up(100)
        movement = self._movement()
        self.assertEqual(movement.document_name, payment.name)
        self.assertOpens(movement, payment)

    def test_what_is_undone_is_found_under_its_document(self):
        self._top_up(100)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        movements = self._movements()
        self.assertEqual(
            movements.mapped("kind"), ["Top-up", "Invoice Paid", "Undone: Invoice Paid"]
        )
        self.assertEqual(movements.mapped("running_balance"), [100, 50, 100])
        _top_up, paid, undone = movements
        self.assertEqual((paid.amount, undone.amount), (-50, 50))
        self.assertEqual((paid.status, undone.status), ("undone", "reversal"))
        for movement in (paid, undone):
            self.assertEqual(movement.document_name, invoice.name)
            self.assertOpens(movement, invoice)

    def test_it_is_found_by_the_name_of_its_document(self):
        self._top_up(100)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        self._resequence(invoice, "00888")
        movements = self.env["customer.wallet.movement"].search(
            [
                ("wallet_id", "=", self._wallet().id),
                ("document_name", "ilike", "00888"),
            ]
        )
        self.assertEqual(movements.document_id, invoice.id)


@tagged("post_install", "-at_install")
class TestHistoryIsWhatHappened(WalletCommon):
    """One line for each entry and document, and the balance after it."""

    def test_a_payment_out_of_many_bonuses_is_one_movement(self):
        today = fields.Date.today()
        self._top_up(300)
        for days in range(4):
            self._give_bonus(14, expiry=fields.Date.add(today, days=30 + days))
        invoice = self._invoice(356)
        invoice.action_allocate_wallet()
        wallet = self._wallet()
        entry = self._allocation_of(invoice)
        self.assertEqual(len(entry.line_ids.filtered("wallet_id")), 5)
        movement = self._movements()[-1]
        self.assertEqual((movement.amount, movement.bonus_amount), (-356, -56))
        self.assertEqual(movement.move_id, entry)
        self.assertEqual(movement.running_balance, 0)
        self.assertEqual(wallet.movement_count, 6)
        action = wallet.action_view_movements()
        listed = self.env[action["res_model"]].search_count(action["domain"])
        self.assertEqual(listed, wallet.movement_count)
        analysed = self.env["customer.wallet.report"].search(
            [("wallet_id", "=", wallet.id), ("operation", "=", "allocation")]
        )
        self.assertEqual(len(analysed), 1)
        self.assertEqual(
            (analysed.company_amount, analysed.company_bonus_amount), (-356, -56)
        )

    def test_an_entry_that_pays_two_invoices_is_two_movements(self):
        self._top_up(100)
        invoices = self._invoice(30) | self._invoice(50)
        self.customer.action_allocate_wallet()
        paid = self._movements()[1:]
        self.assertEqual(paid.mapped("amount"), [-30, -50])
        self.assertEqual(paid.mapped("document_id"), invoices.ids)
        self.assertEqual(paid.mapped("running_balance"), [70, 20])

    def test_it_is_in_order_of_date(self):
        self._top_up(20, date="2026-01-01")
        self._top_up(10, date="2026-03-01")
        self._pay_out(5, date="2026-02-01")
        self.assertEqual(self._movements().mapped("amount"), [20, -5, 10])
        self.assertEqual(self._movements().mapped("running_balance"), [20, 15, 25])

    def test_a_page_of_it_has_the_right_balances(self):
        for day in range(1, 6):
            self._top_up(10, date=f"2026-01-0{day}")
        page = self._movements(offset=2, limit=2)
        self.assertEqual(page.mapped("running_balance"), [30, 40])

    def test_a_line_that_is_asked_for_by_its_id(self):
        self._top_up(100)
        movement = self.env["customer.wallet.movement"].browse(self._movement().id)
        self.env.invalidate_all()
        self.assertEqual((movement.amount, movement.wallet_id), (100, self._wallet()))

    def test_what_is_held_is_pending(self):
        self._top_up(100)
        order = self._invoice(40)
        wallet = self._wallet()
        hold = wallet._hold(40, order)
        booked, pending = self._movements().sorted("is_pending")
        self.assertEqual(booked.running_balance, 100)
        self.assertTrue(pending.is_pending)
        self.assertEqual((pending.amount, pending.status), (-40, "pending"))
        self.assertEqual(pending.kind, "Pending")
        self.assertEqual(pending.document_name, order.name)
        self.assertOpens(pending, order)
        self.assertEqual(wallet.movement_count, 2)
        self.assertEqual(wallet.dashboard["movements"][0]["id"], pending.id)
        self.assertEqual(wallet.dashboard["held"], 40)
        statement = wallet._get_statement()
        self.assertEqual(statement["pending"], pending)
        self.assertEqual((statement["movements"], statement["closing"]), (booked, 100))
        hold._release()
        self.assertEqual(self._movements(), booked)

    def test_it_is_seen_by_wallet_users_of_the_company(self):
        self._top_up(100)
        elsewhere = self.setup_other_company()["company"]
        domain = [("wallet_id", "=", self._wallet().id)]
        clerk = new_test_user(self.env, "clerk", "customer_wallet.group_wallet_user")
        movement = self.env["customer.wallet.movement"].with_user(clerk).search(domain)
        self.assertEqual((movement.amount, movement.kind), (100, "Top-up"))
        shown = movement.web_search_read(
            [*domain, ("document_name", "ilike", movement.document_name)],
            {
                "document_name": {},
                "move_id": {"fields": {"display_name": {}}},
                "running_balance": {},
                "status": {},
                "can_undo": {},
            },
        )
        self.assertEqual(shown["records"][0]["running_balance"], 100)
        with self.assertRaises(AccessError):
            movement.action_open_document()
        with self.assertRaises(AccessError):
            movement.action_undo()
        employee = new_test_user(self.env, "curious", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["customer.wallet.movement"].with_user(employee).search(domain)
        stranger = new_test_user(
            self.env,
            "stranger",
            "customer_wallet.group_wallet_user",
            company_id=elsewhere.id,
            company_ids=elsewhere.ids,
        )
        self.assertFalse(
            self.env["customer.wallet.movement"].with_user(stranger).search(domain)
        )
        with self.assertRaises(AccessError):
            movement.with_user(stranger).action_open_document()
