import uuid
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import ConcurrencyError, UserError
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
        till, other = env["pos.config"].create(
            [
                {
                    "name": name,
                    "payment_method_ids": [Command.set((card | account).ids)],
                }
                for name in ("Two Tills", "The Other Till")
            ]
        )
        till.open_ui()
        other.open_ui()
        customer = env["res.partner"].create({"name": "Amal Haddad"})
        goods = env["product.product"].create(
            {"name": "Goods of two tills", "type": "service", "available_in_pos": True}
        )
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
            "other": other.id,
            "other_session": other.current_session_id.id,
            "card": card.id,
            "account": account.id,
            "customer": customer.id,
            "goods": goods.id,
            "invoice": invoice.id,
            "item": invoice.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            ).id,
        }

    def _clean_up(self, env):
        """Leave the database as it was; what is posted can only go by SQL."""
        for query in (
            """DELETE FROM pos_payment
                WHERE session_id IN (%(session)s, %(other_session)s)""",
            """UPDATE pos_order_line SET refunded_orderline_id = NULL
                WHERE product_id = %(goods)s""",
            """DELETE FROM pos_order
                WHERE session_id IN (%(session)s, %(other_session)s)""",
            "DELETE FROM pos_session WHERE id IN (%(session)s, %(other_session)s)",
            """DELETE FROM account_partial_reconcile USING account_move_line line
                WHERE line.id IN (debit_move_id, credit_move_id)
                  AND line.partner_id = %(customer)s""",
            """DELETE FROM account_move WHERE id IN (
                SELECT move_id FROM account_move_line WHERE partner_id = %(customer)s)
            """,
            "DELETE FROM res_partner WHERE id = %(customer)s",
        ):
            env.cr.execute(query, self.ids)
        env["pos.config"].browse([self.ids["till"], self.ids["other"]]).unlink()
        env["pos.payment.method"].browse(self.ids["card"]).unlink()
        env["product.product"].browse(self.ids["goods"]).unlink()

    def _payment(self, method, amount, **values):
        now = fields.Datetime.to_string(fields.Datetime.now())
        return Command.create(
            {
                "name": now,
                "payment_method_id": self.ids[method],
                "amount": amount,
                "payment_date": now,
                **values,
            }
        )

    def _send(self, total, lines, payments, session="session"):
        """A till, with all that it sends."""
        data = {
            "uuid": str(uuid.uuid4()),
            "access_token": str(uuid.uuid4()),
            "name": "/",
            "state": "paid",
            "session_id": self.ids[session],
            "partner_id": self.ids["customer"],
            "date_order": fields.Datetime.to_string(fields.Datetime.now()),
            "lines": lines,
            "payment_ids": payments,
            "amount_total": total,
            "amount_tax": 0.0,
            "amount_paid": total,
            "amount_return": 0.0,
        }
        return lambda env: len(env["pos.order"].sync_from_ui([dict(data)])["pos.order"])

    def _settle(self, amount):
        """A till that settles with a card."""
        settled = self._payment("account", -amount, settled_item=self.ids["item"])
        return self._send(0.0, [], [self._payment("card", amount), settled])

    def _sell(self, quantity, sold=False, **till):
        """A till that sells something for 100, or takes it back."""
        total = 100.0 * quantity
        line = {
            "uuid": str(uuid.uuid4()),
            "product_id": self.ids["goods"],
            "full_product_name": "Goods",
            "qty": quantity,
            "price_unit": 100.0,
            "price_subtotal": total,
            "price_subtotal_incl": total,
            "tax_ids": [Command.clear()],
            "refunded_orderline_id": sold,
        }
        payment = self._payment("card", total)
        return self._send(total, [Command.create(line)], [payment], **till)

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

    def test_who_loses_the_race_for_a_return_reads_words(self):
        """Odoo tries only once here."""
        self._commit(self._sell(1))
        sold = self._commit(
            lambda env: env["pos.session"].browse(self.ids["session"]).order_ids.lines
        ).id
        with patch("odoo.service.model.MAX_TRIES_ON_CONCURRENCY_FAILURE", 1):
            results = self._at_once(
                self._sell(-1, sold), self._sell(-1, sold, session="other_session")
            )
        lost = [it for it in results if isinstance(it, ConcurrencyError)]
        self.assertEqual(len(lost), 1, results)
        self.assertRegex(str(lost[0]), "Another till is refunding .*please try again")

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
