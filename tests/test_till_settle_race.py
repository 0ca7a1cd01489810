import uuid

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .race_common import RaceCommon


@tagged("post_install", "-at_install")
class TestSettleAtOnce(RaceCommon):
    """Two tills and one invoice."""

    def setUp(self):
        super().setUp()
        self.ids = self._commit(self._set_up_till)
        self.addCleanup(self._commit, self._clean_up)

    @staticmethod
    def _set_up_till(env):
        bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
        )
        Method = env["pos.payment.method"]
        card = Method.create({"name": "Card of two tills", "journal_id": bank.id})
        account = Method._get_standard_method(env.company, "pay_later")
        till = env["pos.config"].create(
            {
                "name": "Two Tills",
                "payment_method_ids": [Command.set((card | account).ids)],
            }
        )
        till.open_ui()
        customer = env["res.partner"].create({"name": "Amal Haddad"})
        invoice = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": 80,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        return {
            "till": till.id,
            "session": till.current_session_id.id,
            "card": card.id,
            "account": account.id,
            "customer": customer.id,
            "invoice": invoice.id,
            "item": invoice.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            ).id,
        }

    def _clean_up(self, env):
        """Leave the database as it was; what is posted can only go by SQL."""
        for query in (
            "DELETE FROM pos_payment WHERE session_id = %(session)s",
            "DELETE FROM pos_order WHERE session_id = %(session)s",
            "DELETE FROM pos_session WHERE id = %(session)s",
            """DELETE FROM account_partial_reconcile USING account_move_line line
                WHERE line.id IN (debit_move_id, credit_move_id)
                  AND line.partner_id = %(customer)s""",
            """DELETE FROM account_move WHERE id IN (
                SELECT move_id FROM account_move_line WHERE partner_id = %(customer)s)
            """,
            "DELETE FROM res_partner WHERE id = %(customer)s",
        ):
            env.cr.execute(query, self.ids)
        env["pos.config"].browse(self.ids["till"]).unlink()
        env["pos.payment.method"].browse(self.ids["card"]).unlink()

    def _settle(self, amount):
        """A till that settles with a card, with all that it sends."""
        now = fields.Datetime.to_string(fields.Datetime.now())

        def payment(method, value, **values):
            return Command.create(
                {
                    "name": now,
                    "payment_method_id": self.ids[method],
                    "amount": value,
                    "payment_date": now,
                    **values,
                }
            )

        data = {
            "uuid": str(uuid.uuid4()),
            "access_token": str(uuid.uuid4()),
            "name": "/",
            "state": "paid",
            "session_id": self.ids["session"],
            "partner_id": self.ids["customer"],
            "date_order": now,
            "lines": [],
            "payment_ids": [
                payment("card", amount),
                payment("account", -amount, settled_item=self.ids["item"]),
            ],
            "amount_total": 0.0,
            "amount_tax": 0.0,
            "amount_paid": 0.0,
            "amount_return": 0.0,
        }
        return lambda env: len(env["pos.order"].sync_from_ui([dict(data)])["pos.order"])

    def _pay_in_the_back_office(self, env):
        payment = env["account.payment.register"].with_context(
            active_model="account.move", active_ids=[self.ids["invoice"]]
        )
        return payment.create({})._create_payments().id

    def assertOneRefused(self, results, residual):
        refused = [result for result in results if isinstance(result, UserError)]
        self.assertEqual(len(refused), 1, results)
        self.assertIn("Amal Haddad owes", str(refused[0]))

        def check(env):
            invoice = env["account.move"].browse(self.ids["invoice"])
            self.assertEqual(invoice.amount_residual, residual)
            orders = env["pos.session"].browse(self.ids["session"]).order_ids
            self.assertEqual(len(orders), 1)
            self.assertEqual(orders.state, "paid")

        self._commit(check)

    def test_two_tills_cannot_settle_the_same_money(self):
        results = self._at_once(self._settle(80), self._settle(80))
        self.assertOneRefused(results, 0)

    def test_two_tills_cannot_settle_more_than_is_due(self):
        results = self._at_once(self._settle(50), self._settle(60))
        self.assertIn(True, [isinstance(result, UserError) for result in results])
        residual = 20 if isinstance(results[0], UserError) else 30
        self.assertOneRefused(results, residual)

    def test_two_parts_are_both_settled(self):
        self.assertEqual(self._at_once(self._settle(50), self._settle(30)), [1, 1])
        self._commit(
            lambda env: self.assertEqual(
                env["account.move"].browse(self.ids["invoice"]).amount_residual, 0
            )
        )

    def test_a_till_and_the_back_office_do_not_both_get_the_money(self):
        results = self._at_once(self._settle(80), self._pay_in_the_back_office)

        def check(env):
            item = env["account.move.line"].browse(self.ids["item"])
            self.assertEqual(item.amount_residual, 0)
            partials = item.matched_credit_ids
            self.assertEqual(sum(partials.mapped("amount")), 80)

        self._commit(check)
        self.assertEqual(
            [isinstance(result, UserError) for result in results].count(True),
            1,
            results,
        )
