from odoo.exceptions import UserError
from odoo.tests import tagged

from .extending_common import ExtendingCommon


@tagged("post_install", "-at_install")
class TestAnotherDocument(ExtendingCommon):
    """A model becomes payable by inheriting the mixin: the tickets of
    docs/extending.md are paid, undone and listed without another line in the ledger.
    """

    def test_it_is_paid(self):
        self._top_up(100)
        self.ticket.action_allocate_wallet()
        [(entry, items)] = self.ticket._get_wallet_parts().items()
        self.assertEntry(entry, [(self.wallet_account, 40, 0), (self.income, 0, 40)])
        self.assertEqual(items, entry.line_ids)
        self.assertFalse(self.ticket._is_wallet_payable())
        self.assertBalance(60)
        self.assertRefused(UserError, self.ticket.action_allocate_wallet)

    def test_it_is_paid_in_parts_and_with_bonus_first(self):
        self._top_up(100)
        self._give_bonus(15)
        self.ticket.action_allocate_wallet(25)
        self.assertKinds(90, 0)
        self.ticket.action_allocate_wallet()
        self.assertKinds(75, 0)
        self.assertRefused(UserError, self.ticket.action_allocate_wallet, 1)

    def test_it_is_undone_once(self):
        self._top_up(100)
        self._give_bonus(15)
        self.ticket.action_allocate_wallet()
        [entry] = self.ticket._get_wallet_parts()
        self.ticket.action_undo_wallet_entry(entry.id)
        self.assertKinds(100, 15)
        self.ticket.action_undo_wallet_entry(entry.id)
        self.assertKinds(100, 15)
        self.assertTrue(self.ticket._is_wallet_payable())

    def test_nobody_undoes_what_is_not_its_own(self):
        self._top_up(100)
        other = self._make_ticket("Row 8", 10)
        other.action_allocate_wallet()
        [entry] = other._get_wallet_parts()
        self.assertRefused(
            UserError, self.ticket.action_undo_wallet_entry, entry.id, message="Row 7"
        )

    def test_several_at_once_are_undone_apart(self):
        self._top_up(100)
        tickets = self.ticket | self._make_ticket("Row 8", 10)
        entry = tickets._allocate_wallet()
        self.assertEqual(len(entry), 1)
        self.assertBalance(50)
        self.ticket.action_undo_wallet_entry(entry.id)
        self.assertBalance(90)
        self.assertFalse(tickets[1]._is_wallet_payable())

    def test_the_history_names_it(self):
        self._top_up(100)
        self._give_bonus(15)
        self.ticket.action_allocate_wallet()
        movement = self._movements()[-1:]
        self.assertEqual(
            (movement.amount, movement.bonus_amount, movement.running_balance),
            (-40, -15, 75),
        )
        self.assertEqual(movement.document_name, "Row 7")

    def test_an_empty_wallet_is_refused_in_words(self):
        self.assertRefused(
            UserError, self.ticket.action_allocate_wallet, message="empty.*Row 7"
        )
