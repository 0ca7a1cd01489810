from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.customer_wallet import hooks

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestInstallation(WalletCommon):
    def test_installing_computes_no_journal_item(self):
        """The columns of stored computed fields on large tables are made first: Odoo
        computes a column for all rows only when it adds the column itself.
        """
        made_first = {(table, column) for table, column, _type in hooks.WALLET_COLUMNS}
        for model in ("account.move", "account.move.line", "account.payment"):
            for field in self.env[model]._fields.values():
                if field._module == "customer_wallet" and field.store and field.compute:
                    self.assertIn((self.env[model]._table, field.name), made_first)

    def test_the_columns_are_made_with_the_type_that_odoo_wants(self):
        for table, column, column_type in hooks.WALLET_COLUMNS:
            self.env.cr.execute(
                "SELECT udt_name FROM information_schema.columns"
                " WHERE table_name = %s AND column_name = %s",
                [table, column],
            )
            self.assertEqual(self.env.cr.fetchone()[0], column_type)

    def test_the_columns_can_be_made_again(self):
        hooks.pre_init_hook(self.env)

    def test_a_new_installation_brings_the_wallets_back(self):
        payment = self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET wallet_id = NULL, wallet_lot_type = NULL"
        )
        self.env.cr.execute("UPDATE account_move SET wallet_operation = NULL")
        self.env.cr.execute("UPDATE account_payment SET is_wallet = NULL")
        self.env.cr.execute("DELETE FROM customer_wallet")
        self.env.invalidate_all()
        hooks.post_init_hook(self.env)
        self.assertBalance(20)
        lots = self._wallet().line_ids.filtered("wallet_lot_type")
        self.assertEqual(lots.amount_residual, -20)
        self.assertTrue(payment.is_wallet)
        self.assertEqual(payment.move_id.wallet_operation, "top_up")
        invoice.js_remove_outstanding_partial(
            invoice.invoice_payments_widget["content"][0]["partial_id"]
        )
        self.assertBalance(100)

    def test_a_new_installation_knows_refunds_from_allocations(self):
        credit_note = self._invoice(80, move_type="out_refund")
        credit_note.action_refund_to_wallet()
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET wallet_operation = NULL")
        self.env.cr.execute("UPDATE account_move_line SET wallet_id = NULL")
        self.env.invalidate_all()
        hooks.post_init_hook(self.env)
        self.assertBalance(80)
        partial = credit_note._get_wallet_refund_partials()
        credit_note.action_undo_wallet_refund(partial.id)
        self.assertBalance(0)

    def test_a_new_installation_brings_bonus_money_back_as_a_bonus(self):
        promotion = self.env["customer.wallet.promotion"].create(
            {
                "name": "Spring bonus",
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "bonus_value": 10,
                "validity_days": 30,
            }
        )
        self._top_up(100).action_cancel()
        top_up = self._top_up(100)
        expiry = self._wallet().line_ids.filtered("wallet_expiry_date")[-1:]
        account = self.company.wallet_bonus_account_id
        expires = expiry.wallet_expiry_date
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET wallet_id = NULL, wallet_lot_type = NULL,"
            " wallet_expiry_date = NULL"
        )
        self.env.cr.execute(
            "UPDATE account_move SET wallet_operation = NULL,"
            " wallet_bonus_origin_id = NULL, wallet_promotion_id = NULL"
        )
        self.env.cr.execute("UPDATE account_payment SET is_wallet = NULL")
        self.env.cr.execute("DELETE FROM customer_wallet")
        self.env.cr.execute("UPDATE res_company SET wallet_bonus_account_id = NULL")
        self.env.invalidate_all()
        promotion.unlink()
        hooks.post_init_hook(self.env)
        self.assertEqual(self.company.wallet_bonus_account_id, account)
        self.assertBalance(110)
        self.assertEqual(self._wallet().bonus_balance, 10)
        lot = self._wallet().line_ids.filtered(
            lambda line: line.wallet_lot_type == "bonus" and not line.reconciled
        )
        self.assertEqual(lot.wallet_expiry_date, expires)
        self.assertEqual(lot.move_id.wallet_operation, "bonus")
        self.assertTrue(top_up.is_wallet)
        with self.assertRaises(UserError):
            self._pay_out(101)

    def test_a_new_installation_brings_a_debt_back_too(self):
        self._top_up(100)
        self._wallet().overdraft_limit = 50
        self._pay_out(130)
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move_line SET wallet_id = NULL")
        self.env.cr.execute("DELETE FROM customer_wallet")
        self.env.invalidate_all()
        hooks.post_init_hook(self.env)
        self.assertBalance(-30)
        self.assertEqual(self._wallet().overdraft_limit, 30)

    def test_leaving_does_not_take_documents_of_the_demo_data_along(self):
        payment = self._top_up(100)
        self.env["ir.model.data"].create(
            {
                "module": "customer_wallet",
                "name": "a_demo_payment",
                "model": "account.payment",
                "res_id": payment.id,
            }
        )
        hooks.uninstall_hook(self.env)
        self.assertFalse(
            self.env["ir.model.data"].search([("name", "=", "a_demo_payment")])
        )

    def test_leaving_puts_the_menu_back_and_keeps_the_books(self):
        action = self.env.ref("account.action_account_payments")
        payment = self._top_up(100)
        hooks.uninstall_hook(self.env)
        self.assertNotIn("wallet", action.context)
        self.assertIn("default_partner_type", action.context)
        self.assertEqual(payment.move_id.state, "posted")

    def test_account_and_journal_are_not_ours_to_delete(self):
        """What has an external id of the addon goes when the addon goes."""
        for record in (
            self.company.wallet_account_id,
            self.company.wallet_journal_id,
        ):
            owners = self.env["ir.model.data"].search(
                [("model", "=", record._name), ("res_id", "=", record.id)]
            )
            self.assertNotIn("customer_wallet", owners.mapped("module"))

    def test_the_settings_can_be_changed(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.wallet_account_id, self.wallet_account)
        settings.wallet_payment_default = False
        settings.execute()
        self.assertFalse(self.company.wallet_payment_default)
