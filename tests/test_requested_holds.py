from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestRequestedHolds(WalletCommon):
    """Another program holds money before there is an invoice, and takes it later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._top_up(100)
        cls.wallet = cls._wallet()

    def _hold(self, amount=30, reference="Machine 12", **options):
        hold_id = self.wallet.action_hold(amount, reference, **options)
        return self.env["customer.wallet.hold"].browse(hold_id)

    def test_what_is_held_is_not_available_and_has_a_name(self):
        hold = self._hold()
        self.assertEqual((self.wallet.balance, self.wallet.available), (100, 70))
        pending = self.env["customer.wallet.movement"].search(
            [("wallet_id", "=", self.wallet.id), ("is_pending", "=", True)]
        )
        self.assertEqual((pending.amount, pending.document_name), (-30, "Machine 12"))
        self.assertEqual(pending.action_open_document()["res_model"], hold._name)
        self.assertRefused(UserError, self._hold, 71, message="70.00")

    def test_an_invoice_takes_it(self):
        invoice = self._invoice(80)
        hold = self._hold()
        entry = self.env["account.move"].browse(hold.action_capture(invoice.id))
        self.assertEntry(
            entry, [(self.wallet_account, 30, 0), (self.receivable, 0, 30)]
        )
        self.assertEqual((hold.state, hold.move_id), ("taken", entry))
        self.assertEqual(invoice.amount_residual, 50)
        self.assertEqual((self.wallet.balance, self.wallet.held), (70, 0))
        for action, args in (
            (hold.action_capture, [invoice.id]),
            (hold.action_release, []),
        ):
            self.assertRefused(UserError, action, *args, message="ended already")

    def test_what_is_not_taken_stays_held_until_it_is_released(self):
        hold = self._hold()
        hold.action_capture(self._invoice(80).id, 10)
        self.assertEqual((hold.state, hold.amount), ("held", 20))
        self.assertEqual((self.wallet.balance, self.wallet.available), (90, 70))
        hold.action_release()
        hold.action_release()
        self.assertEqual(hold.state, "released")
        self.assertEqual(self.wallet.available, 90)

    def test_no_more_is_taken_than_is_due_or_held(self):
        hold, small = self._hold(), self._invoice(12)
        self.assertRefused(
            UserError, hold.action_capture, self._invoice(80).id, 31, message="is held"
        )
        self.assertRefused(UserError, hold.action_capture, small.id, 13, message="due")
        hold.action_capture(small.id)
        self.assertEqual(small.amount_residual, 0)
        self.assertEqual(hold.amount, 18)

    def test_all_that_is_there_is_held_and_taken_in_parts(self):
        hold = self._hold(100)
        self.wallet.action_freeze()
        hold.action_capture(self._invoice(80).id, 40)
        self.assertEqual((hold.amount, self.wallet.held), (60, 60))
        self.assertBalance(60)
        hold.action_capture(self._invoice(80).id)
        self.assertBalance(0)

    def test_the_kinds_of_money_are_taken_that_were_held(self):
        hold = self._hold()
        self._give_bonus(20)
        hold.action_capture(self._invoice(80).id)
        self.assertKinds(70, 20)

    def test_a_held_bonus_has_bought_nothing_yet(self):
        """Law 6: no goods are kept for it, and none is used."""
        paid = self._invoice(30)
        paid.action_allocate_wallet()
        self._give_bonus(50)
        hold = self._hold(50)
        self.assertEqual(hold.bonus_amount, 50)
        paid.action_undo_wallet_entry(self._allocation_of(paid).id)
        self.assertKinds(100, 50)
        credit_note = self._invoice(20, move_type="out_refund")
        credit_note.action_refund_to_wallet()
        self.assertKinds(120, 50)
        check = self.env["customer.wallet.check"]
        self.assertEqual(check._find_differences(self.company), [])

    def test_the_history_finds_it_by_its_name(self):
        self._hold()
        Movement = self.env["customer.wallet.movement"]
        self.env.flush_all()
        found = Movement.search([("document_name", "ilike", "machine")])
        self.assertEqual(found.mapped("amount"), [-30])

    def test_bonus_is_taken_first(self):
        self._give_bonus(20)
        hold = self._hold()
        hold.action_capture(self._invoice(80).id, 25)
        self.assertKinds(95, 0)
        self.assertEqual((hold.amount, hold.bonus_amount), (5, 0))

    def test_it_pays_an_invoice_in_another_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._invoice(50, currency_id=euro.id)
        hold = self._hold()
        hold.action_capture(invoice.id)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual((hold.state, hold.amount), ("held", 5))
        self.assertEqual((self.wallet.balance, self.wallet.held), (75, 5))

    def test_a_wallet_that_was_frozen_since_pays_what_it_held(self):
        hold = self._hold()
        self.wallet.action_freeze()
        self.assertRefused(UserError, self._hold, 1)
        hold.action_capture(self._invoice(80).id)
        self.assertBalance(70)

    def test_an_invoice_of_somebody_else_takes_nothing(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        invoice = self._invoice(80, partner_id=stranger.id)
        hold = self._hold()
        self.assertRefused(
            UserError, hold.action_capture, invoice.id, message=self.customer.name
        )
        self.assertEqual(hold.state, "held")

    def test_what_a_document_holds_is_not_released_by_hand(self):
        invoice = self._invoice(80)
        hold = self.wallet._hold(30, invoice).sudo(False)
        self.assertRefused(UserError, hold.action_release, message=invoice.name)
        self.assertRefused(UserError, hold.action_capture, invoice.id)

    def test_what_was_held_for_a_document_that_is_gone_is_released(self):
        hold = self.wallet._hold(30, self._invoice(80)).sudo(False)
        hold._from_server().document_model = "no.such.model"
        hold.action_release()
        self.assertEqual((hold.state, self.wallet.available), ("released", 100))

    def test_it_lapses_when_nobody_takes_it(self):
        hold = self._hold()
        days = hold.expires_at - fields.Datetime.now()
        self.assertAlmostEqual(days / timedelta(days=1), 30, places=1)
        hold._from_server().expires_at = fields.Datetime.now() - timedelta(minutes=1)
        invoice = self._invoice(80)
        self.assertRefused(UserError, hold.action_capture, invoice.id, message="ended")
        self._run_scheduled("lapse_holds")
        self.assertEqual((hold.state, self.wallet.available), ("lapsed", 100))
        hold.action_release()
        self.assertEqual(hold.state, "lapsed")

    def test_a_day_that_is_none_is_refused_in_words(self):
        for expires_at in ("tomorrow", "2020-01-01", 7, True, ["x"], {"day": 1}):
            with self.subTest(expires_at=expires_at):
                self.assertRefused(
                    UserError,
                    self._hold,
                    expires_at=expires_at,
                    message="until a later date",
                )
        self.assertEqual(self.wallet.available, 100)

    def test_it_has_a_name_that_people_can_read(self):
        self.assertRefused(UserError, self._hold, 5, " \0\ud800")
        hold = self._hold(5, "Machine\0 12 " + "x" * 200)
        self.assertEqual(hold.document_name, "Machine 12 " + "x" * 89)

    def test_the_same_request_holds_once(self):
        wallet = self.wallet.with_context(wallet_request_key="machine-12")
        first = wallet.action_hold(30, "Machine 12")
        self.assertEqual(wallet.action_hold(30, "Machine 12"), first)
        self.assertEqual(self.wallet.held, 30)
        self.assertRefused(UserError, wallet.action_hold, 31, "Machine 12")

    def test_a_cashier_holds_nothing(self):
        """Not even one who may enter bills, as buyers may."""
        cashier = new_test_user(self.env, "till", "point_of_sale.group_pos_user")
        self.env["ir.model.access"].create(
            {
                "name": "Buyers",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "group_id": self.env.ref("point_of_sale.group_pos_user").id,
                "perm_create": True,
            }
        )
        cashier.company_ids = cashier.company_id = self.company
        wallet = self.wallet.with_user(cashier)
        self.assertRefused(AccessError, wallet.action_hold, 5, "Machine 12")
        hold = self._hold().with_user(cashier)
        self.assertRefused(AccessError, hold.action_release)
