from odoo import fields, models
from odoo.exceptions import UserError
from odoo.orm.model_classes import add_to_registry
from odoo.tests import tagged

from .common import WalletCommon


class Ticket(models.Model):
    """A document of another module that a wallet can pay: what it is due, and where the
    money goes. Nothing else is said here.
    """

    _module = None
    _name = "customer.wallet.test.ticket"
    _inherit = ["customer.wallet.spender.mixin"]
    _description = "Ticket for a Concert"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one(related="company_id.currency_id")
    account_id = fields.Many2one("account.account")
    price = fields.Monetary()

    def _get_wallet_amounts_due(self):
        paid = -sum(
            self._get_wallet_items()
            .filtered(lambda line: line.account_id == self.account_id)
            .mapped("amount_currency")
        )
        return self.price - paid, 0.0

    def _prepare_wallet_counterparts(self, amount, discount, balance):
        income = {
            "name": self.name,
            "account_id": self.account_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -amount,
            "balance": -balance,
        }
        return [(income, self.env["account.move.line"])]


@tagged("post_install", "-at_install")
class TestAnotherDocument(WalletCommon):
    """A model becomes payable by inheriting the mixin: it is paid, undone and listed
    without another line in the ledger.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._register_tickets()
        cls.env.user.group_ids |= cls.env.ref("base.group_system")
        cls.income = cls.company_data["default_account_revenue"]
        cls.ticket = cls._make_ticket("Row 7", 40)

    @classmethod
    def _register_tickets(cls):
        """As Odoo does it for a module; it is taken back with the class."""
        mixin = cls.registry["customer.wallet.spender.mixin"]
        children = list(mixin._inherit_children)
        base_children = list(cls.registry["base"]._inherit_children)
        add_to_registry(cls.registry, Ticket)
        cls.registry._setup_models__(cls.env.cr, [])
        cls.registry.init_models(
            cls.env.cr, [Ticket._name], {"module": "customer_wallet"}
        )

        def forget():
            del cls.registry.models[Ticket._name]
            for model, names in (
                (mixin, children),
                (cls.registry["base"], base_children),
            ):
                model._inherit_children.clear()
                model._inherit_children.update(names)
            cls.registry._setup_models__(cls.env.cr, [])

        cls.addClassCleanup(forget)

    @classmethod
    def _make_ticket(cls, name, price):
        return (
            cls.env[Ticket._name]
            .sudo()
            .create(
                {
                    "name": name,
                    "partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "account_id": cls.income.id,
                    "price": price,
                }
            )
        )

    def _movements(self):
        self.env.flush_all()
        return self.env["customer.wallet.movement"].search(
            [("wallet_id", "=", self._wallet().id)], order="id"
        )

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
