from odoo import Command
from odoo.tests import tagged

from .common import WalletCommon


@tagged("post_install", "-at_install", "-standard", "with_base_automation")
class TestAutomationRules(WalletCommon):
    """Odoo's automation rules act when money moves, as docs/api.md says."""

    def _rule(self, model, code, **vals):
        model = self.env["ir.model"]._get(model)
        return self.env["base.automation"].create(
            {
                "name": "Tell the shop",
                "model_id": model.id,
                "action_server_ids": [
                    Command.create(
                        {
                            "name": "Tell the shop",
                            "model_id": model.id,
                            "state": "code",
                            "code": code,
                        }
                    )
                ],
                **vals,
            }
        )

    def test_a_rule_on_the_balance_sees_every_movement(self):
        self._top_up(100)
        field = self.env["ir.model.fields"]._get("customer.wallet", "balance")
        self._rule(
            "customer.wallet",
            "record.message_post(body='%.2f' % record.balance)",
            trigger="on_create_or_write",
            trigger_field_ids=[Command.set(field.ids)],
        )
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        self._give_bonus(5)
        self.env.flush_all()
        told = self._wallet().message_ids.mapped("body")
        self.assertIn("<p>70.00</p>", told)
        self.assertIn("<p>75.00</p>", told)

    def test_a_rule_on_entries_sees_one_kind_of_movement(self):
        state = self.env["ir.model.fields.selection"].search(
            [
                ("field_id.model", "=", "account.move"),
                ("field_id.name", "=", "state"),
                ("value", "=", "posted"),
            ]
        )
        self._rule(
            "account.move",
            "record.partner_id.write({'comment': 'Paid from the wallet'})",
            trigger="on_state_set",
            trg_selection_field_id=state.id,
            filter_domain="[('state', '=', 'posted'),"
            " ('wallet_operation', '=', 'allocation')]",
        )
        self._top_up(100)
        self.assertFalse(self.customer.comment)
        self._invoice(30).action_allocate_wallet()
        self.assertIn("Paid from the wallet", self.customer.comment)
