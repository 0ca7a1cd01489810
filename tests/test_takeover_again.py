"""Moving in again: what was moved before is something else in the other place now."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .takeover_common import TakeoverCommon


class MovedAgainCommon(TakeoverCommon):
    def _book_again(self, takeover):
        takeover.action_check()
        if takeover.ready_count:
            takeover.action_book()
        self.assertFalse(takeover.problem_count)

    def _merge(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.customer.id, self.other.id], self.customer)


@tagged("post_install", "-at_install")
class TestArchivedThere(MovedAgainCommon):
    """Another addon keeps an amount on records that can be archived: the sequence of a
    customer's bank accounts stands for it.
    """

    def setUp(self):
        super().setUp()
        self.own, self.second = self.env["res.partner.bank"].create(
            [
                {"partner_id": owner.id, "acc_number": f"N{amount}", "sequence": amount}
                for owner, amount in ((self.customer, 60), (self.other, 40))
            ]
        )
        get = self.env["ir.model.fields"]._get
        self.takeover = self._takeover(
            "field",
            amount_field_id=get("res.partner.bank", "sequence").id,
            partner_field_id=get("res.partner.bank", "partner_id").id,
            domain=f"[('id', 'in', {(self.own | self.second).ids})]",
            source_balance="keep",
        )
        self._book_again(self.takeover)

    def _join(self):
        """One balance becomes a part of the other one."""
        self.second.partner_id = self.customer
        self.second.write({"sequence": 0, "active": False})
        self.own.sequence = 100

    def test_what_was_put_onto_another_record_is_not_moved_twice(self):
        self._merge()
        self._join()
        self._book_again(self.takeover)
        self.assertKinds(100, 0)
        self.assertEqual(self._ledger_balance(self.opening_account), -100)

    def test_nor_when_it_is_spent_here(self):
        self._merge()
        self._pay_out(90)
        self._join()
        self._book_again(self.takeover)
        self.assertKinds(10, 0)
        self.assertEqual(self._ledger_balance(self.opening_account), -100)

    def test_what_is_archived_as_it_was_stays(self):
        self.second.active = False
        self._book_again(self.takeover)
        self.assertEqual(
            set(self.takeover.line_ids.mapped("state")), {"booked", "same"}
        )
        self.assertKinds(40, 0, self._wallet(self.other))

    def test_what_is_less_altogether_and_is_spent_is_told(self):
        self._merge()
        self._pay_out(90)
        self._join()
        self.own.sequence = 80
        self.takeover.action_check()
        self.assertEqual(self.takeover.problem_count, 2)
        self.assertRefused(UserError, self.takeover.action_book, message="nothing to")
        self.assertKinds(10, 0)

    def test_undone_it_does_not_go_where_nobody_looks(self):
        self.takeover.source_balance = "zero"
        self._book_again(self.takeover)
        self.own.sequence = 25
        self._book_again(self.takeover)
        entry = self.takeover.line_ids.filtered("is_zeroed").move_id.sorted("id")[-1]
        self.own.active = False
        self.assertRefused(UserError, entry._reverse_moves, message="archived")
        self.assertKinds(85, 0)
        self.own.active = True
        entry._reverse_moves()
        self.assertEqual(self.own.sequence, 25)
        self.assertKinds(60, 0)

    def test_a_customer_who_is_archived_gets_no_money(self):
        gone = self.env["res.partner"].create({"name": "Gone", "active": False})
        takeover = self._file(f"Database ID,Amount\n{gone.id},5\n")
        takeover.action_check()
        self.assertIn("archived", takeover.line_ids.problem)
        self.assertFalse(takeover.ready_count)


@tagged("post_install", "-at_install")
class TestTwoBalancesMovedBack(MovedAgainCommon):
    """Another addon keeps bonuses on records of which a customer has two: the sequence
    of the bank accounts stands for them.
    """

    def test_both_are_less_there(self):
        """What is taken back for the one is not there for the other."""
        first, second = self.env["res.partner.bank"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "acc_number": f"N{amount}",
                    "sequence": amount,
                }
                for amount in (60, 40)
            ]
        )
        get = self.env["ir.model.fields"]._get
        takeover = self._takeover(
            "field",
            kind="bonus",
            amount_field_id=get("res.partner.bank", "sequence").id,
            partner_field_id=get("res.partner.bank", "partner_id").id,
            domain=f"[('id', 'in', {(first | second).ids})]",
            source_balance="keep",
            account_id=self.promotion_account.id,
        )
        takeover.action_check()
        takeover.action_book()
        first.sequence, second.sequence = 10, 5
        takeover.action_check()
        takeover.action_book()
        self.assertKinds(0, 15)
        self.assertEqual(
            sum(grant.left for grant in self._wallet()._get_open_grants()), 15
        )
        differences = self.env["customer.wallet.check"]._find_differences(self.company)
        self.assertEqual(differences, [])


@tagged("post_install", "-at_install", "-standard", "with_pos_loyalty")
class TestMergedCards(MovedAgainCommon):
    @classmethod
    def get_default_groups(cls):
        groups = super().get_default_groups()
        return groups | cls.quick_ref("point_of_sale.group_pos_manager")

    def test_customers_with_a_card_of_odoos_ewallet_are_merged(self):
        """Odoo puts both balances onto one card and archives the other one."""
        Program = self.env["loyalty.program"]
        program = Program.browse(Program.create_from_template("ewallet")["res_id"])
        program.company_id = self.company
        wizard = self.env["loyalty.generate.wizard"].create(
            {
                "program_id": program.id,
                "mode": "selected",
                "customer_ids": [Command.set((self.customer | self.other).ids)],
                "points_granted": 100,
            }
        )
        cards = wizard.generate_coupons()
        takeover = self._takeover("ewallet", source_balance="keep")
        self._book_again(takeover)
        self._merge()
        self.assertEqual(sorted(cards.mapped("points")), [0, 200])
        self._book_again(takeover)
        self.assertKinds(200, 0)
        self.assertEqual(self._ledger_balance(self.opening_account), -200)
