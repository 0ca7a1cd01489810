from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestHolds(WalletCommon):
    """Money that is promised to a document, as a bank holds an amount for a card: it is
    not available any more, and not booked yet.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._top_up(100)
        cls.order = cls._invoice(80)
        cls.wallet = cls._wallet()

    def _take(self, hold):
        """The document books what was held for it."""
        hold._take()
        takings = hold._prepare_takings_vals({hold: "Held before"})[hold]
        lines = self.order._prepare_wallet_counterparts(
            hold.amount, 0.0, sum(vals["balance"] for vals in takings)
        )
        nothing = self.env["account.move.line"]
        reference = self.order._prepare_wallet_reference_vals()
        items = [(vals, nothing) for vals in takings] + lines
        entry = self.env["customer.wallet"]._book(
            "allocation",
            [({**vals, **reference}, matched) for vals, matched in items],
            self.company,
            ref=self.order.name,
            partner_id=self.customer.id,
        )
        hold._settle(entry)
        return entry

    def test_what_is_held_is_not_available(self):
        hold = self.wallet._hold(60, self.order)
        self.assertEqual(hold.state, "held")
        self.assertEqual((self.wallet.balance, self.wallet.held), (100, 60))
        self.assertEqual(self.wallet.available, 40)
        self.assertRefused(UserError, self._pay_out, 41, message="40.00")
        self.assertRefused(UserError, self._invoice(50).action_allocate_wallet, 41)
        self.assertRefused(UserError, self.wallet._hold, 41, self.order)
        self._pay_out(40)
        self.assertBalance(60)

    def test_what_is_taken_is_booked_once(self):
        hold = self.wallet._hold(60, self.order)
        entry = self._take(hold)
        self.assertEntry(
            entry, [(self.wallet_account, 60, 0), (self.receivable, 0, 60)]
        )
        self.assertEqual(hold.move_id, entry)
        self.assertEqual((self.wallet.balance, self.wallet.held), (40, 0))
        self.assertEqual(self.order.amount_residual, 20)
        self.assertRefused(UserError, hold._take, message="ended already")

    def test_what_is_released_is_available_again(self):
        hold = self.wallet._hold(60, self.order)
        hold._release()
        hold._release()
        self.assertEqual(hold.state, "released")
        self.assertEqual(self.wallet.available, 100)
        self.assertRefused(UserError, hold._take)

    def test_bonus_is_held_first_as_it_is_spent(self):
        self._give_bonus(30)
        hold = self.wallet._hold(50, self.order)
        self.assertEqual(hold.bonus_amount, 30)
        self.assertEqual(self.wallet._get_available_for_pay_out(), 80)
        other = self.wallet._hold(10, self.order)
        self.assertEqual(other.bonus_amount, 0)
        self.assertRefused(UserError, self._pay_out, 71)
        self._take(hold)
        self.assertKinds(80, 0)

    def test_a_bonus_that_is_held_does_not_expire(self):
        today = fields.Date.today()
        self._give_bonus(30, expiry=today - timedelta(days=1))
        self.wallet._hold(20, self.order)
        self.wallet._expire_bonus()
        self.assertKinds(100, 20)
        self.assertEqual(self.wallet.available, 100)

    def test_a_late_hold_lapses(self):
        now = fields.Datetime.now()
        late = self.wallet._hold(60, self.order, expires_at=now - timedelta(minutes=1))
        timely = self.wallet._hold(20, self.order, expires_at=now + timedelta(hours=1))
        self._run_scheduled("lapse_holds")
        self.assertEqual((late.state, timely.state), ("lapsed", "held"))
        self.assertEqual(self.wallet.available, 80)

    def test_a_late_hold_whose_document_is_gone_holds_up_no_other(self):
        """The module of the document was uninstalled, or it can do nothing."""
        late = fields.Datetime.now() - timedelta(minutes=1)
        gone, broken, fine = (
            self.wallet._hold(10, self.order, expires_at=late) for _it in range(3)
        )
        gone._from_server().document_model = "no.such.model"
        broken._from_server().write(
            {"document_model": "res.partner", "document_id": self.customer.id}
        )
        with (
            patch.object(
                self.registry["res.partner"],
                "_wallet_holds_lapsed",
                side_effect=ValueError("broken"),
                create=True,
            ),
            mute_logger("odoo.addons.customer_wallet.models.wallet_batches"),
        ):
            self._run_scheduled("lapse_holds")
        self.assertEqual(gone.state, "lapsed")
        self.assertEqual((broken.state, fine.state), ("held", "lapsed"))

    def test_a_frozen_wallet_holds_nothing_new_and_books_what_it_held(self):
        hold = self.wallet._hold(60, self.order)
        self.wallet.action_freeze()
        self.assertRefused(UserError, self.wallet._hold, 10, self.order)
        self._take(hold)
        self.assertBalance(40)

    def test_the_database_has_the_last_word(self):
        self.env.flush_all()
        for query in (
            "UPDATE customer_wallet SET held = 100.01 WHERE id = %s",
            "UPDATE customer_wallet SET held = 1, held_bonus = 1 WHERE id = %s",
        ):
            with (
                self.subTest(query),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query, [self.wallet.id])

    def test_no_client_makes_or_changes_a_hold(self):
        hold = self.wallet._hold(60, self.order)
        values = {"wallet_id": self.wallet.id, "amount": 10}
        self.assertRefused(AccessError, self.env["customer.wallet.hold"].create, values)
        self.assertRefused(AccessError, hold.sudo().write, {"state": "released"})
        self.assertRefused(UserError, hold.sudo().unlink)

    def test_a_hold_holds_whatever_who_makes_it_has_chosen(self):
        user = new_test_user(self.env, "holding", "account.group_account_invoice")
        Default = self.env["ir.default"].with_user(user)
        Default.set("customer.wallet.hold", "state", "released", True)
        Default.set("customer.wallet.hold", "move_id", self._top_up(5).move_id.id, True)
        hold = self.wallet.with_user(user)._hold(60, self.order)
        self.assertEqual((hold.state, bool(hold.move_id)), ("held", False))
        self.assertEqual(self.wallet.available, 45)

    def test_who_says_that_they_uninstall_deletes_no_hold(self):
        user = new_test_user(self.env, "holding", "account.group_account_invoice")
        hold = self.wallet._hold(60, self.order).with_user(user).sudo()
        forced = hold.with_context(**{MODULE_UNINSTALL_FLAG: True})
        self.assertRefused(UserError, forced.unlink)

    def test_history_shows_it_as_pending(self):
        hold = self.wallet._hold(60, self.order)
        pending = self.env["customer.wallet.movement"].search(
            [("wallet_id", "=", self.wallet.id), ("is_pending", "=", True)]
        )
        self.assertEqual(pending.mapped("amount"), [-60])
        self.assertEqual(pending.document_name, self.order.display_name)
        hold._release()
        self.env.flush_all()
        self.assertFalse(pending.search([("is_pending", "=", True)]))
