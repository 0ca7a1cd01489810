from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.customer_wallet import hooks, keepsake

from ..models.res_company import WALLET_SETUP
from .common import WalletCommon
from .test_till_wallet import TillWalletCommon


def leave(env):
    """Do what uninstalling the addon does, as far as a test can."""
    env = env(su=True)
    hooks.uninstall_hook(env)
    env.flush_all()
    for table, columns in keepsake._get_columns(env).items():
        for column in columns:
            names = map(SQL.identifier, (table, column))
            env.cr.execute(SQL("UPDATE %s SET %s = NULL", *names))
    env.cr.execute("UPDATE account_move_line SET wallet_id = NULL")
    for table in reversed(keepsake._get_promotions(env)):
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.cr.execute("DELETE FROM customer_wallet")
    env.invalidate_all()


def come_back(env):
    hooks.post_init_hook(env(su=True))
    env.invalidate_all()


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
        account = self.company.wallet_promotion_account_id
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
        self.env.cr.execute("UPDATE res_company SET wallet_promotion_account_id = NULL")
        self.env.invalidate_all()
        promotion.unlink()
        hooks.post_init_hook(self.env)
        self.assertEqual(self.company.wallet_promotion_account_id, account)
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
        hooks.uninstall_hook(self.env(su=True))
        self.assertFalse(
            self.env["ir.model.data"].search([("name", "=", "a_demo_payment")])
        )

    def test_leaving_puts_the_menu_back_and_keeps_the_books(self):
        action = self.env.ref("account.action_account_payments")
        payment = self._top_up(100)
        hooks.uninstall_hook(self.env(su=True))
        self.assertNotIn("wallet", action.context)
        self.assertIn("default_partner_type", action.context)
        self.assertEqual(payment.move_id.state, "posted")

    def test_what_is_not_in_the_books_comes_back_too(self):
        self._top_up(100)
        wallet = self._wallet()
        wallet.sudo().write(
            {"overdraft_limit": 30, "low_balance_threshold": 25, "state": "frozen"}
        )
        other = self.env["res.partner"].create({"name": "Basma Nasser"})
        nothing_yet = self.env["customer.wallet"]._find_or_create(
            other, self.company, self.company.currency_id
        )
        nothing_yet.overdraft_limit = 70
        self.customer.wallet_auto_allocate = "always"
        self.company.wallet_top_up_amounts = "20 50"
        leave(self.env)
        come_back(self.env)
        self.assertRecordValues(
            self._wallet(),
            [
                {
                    "balance": 100,
                    "overdraft_limit": 30,
                    "low_balance_threshold": 25,
                    "state": "frozen",
                }
            ],
        )
        self.assertEqual(self._wallet(other).overdraft_limit, 70)
        self.assertEqual(self.customer.wallet_auto_allocate, "always")
        self.assertEqual(self.company.wallet_top_up_amounts, "20 50")
        self.assertFalse(keepsake.find(self.env))

    def test_a_top_up_is_taken_back_with_its_bonus_after_a_new_installation(self):
        tag = self.env["res.partner.category"].create({"name": "Regulars"})
        self.customer.category_id = tag
        promotion = self.env["customer.wallet.promotion"].create(
            {
                "name": "Spring bonus",
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "bonus_value": 10,
                "partner_category_ids": [Command.set(tag.ids)],
            }
        )
        top_up = self._top_up(100)
        leave(self.env)
        come_back(self.env)
        self.assertBalance(110)
        self.assertEqual(promotion.name, "Spring bonus")
        self.assertEqual(promotion.partner_category_ids, tag)
        self.assertEqual(promotion.bonus_count, 1)
        top_up.action_draft()
        self.assertBalance(0)
        self.assertNotEqual(promotion.copy().id, promotion.id)

    def test_each_part_of_an_allocation_is_undone_by_itself_after_coming_back(self):
        self._top_up(100)
        invoices = self._invoice(30) | self._invoice(40)
        action = invoices.action_open_wallet_allocation()
        self.env[action["res_model"]].browse(action["res_id"]).action_allocate()
        leave(self.env)
        come_back(self.env)
        partial = invoices[0]._get_wallet_partials()
        invoices[0].action_unallocate_wallet(partial.id)
        self.assertBalance(60)
        self.assertEqual(invoices[1].payment_state, "paid")

    def test_what_vanished_while_the_addon_was_away_is_left_out(self):
        self._top_up(100)
        draft = self._top_up(20, post=False)
        gone = self.env["res.partner"].create({"name": "Basma Nasser"})
        self.env["customer.wallet"]._find_or_create(
            gone, self.company, self.company.currency_id
        )
        leave(self.env)
        draft.unlink()
        gone.unlink()
        come_back(self.env)
        self.assertBalance(100)

    def test_a_debt_that_was_there_when_leaving_stays_allowed(self):
        self._top_up(100)
        self._wallet().overdraft_limit = 50
        self._pay_out(130)
        leave(self.env)
        come_back(self.env)
        self.assertBalance(-30)
        self.assertEqual(self._wallet().overdraft_limit, 50)

    def test_accounts_and_journal_are_not_ours_to_delete(self):
        """What has an external id of the addon goes when the addon goes."""
        for name in WALLET_SETUP:
            record = self.company[name]
            owners = self.env["ir.model.data"].search(
                [("model", "=", record._name), ("res_id", "=", record.id)]
            )
            self.assertEqual(owners.mapped("module"), ["__custom__"])

    def test_the_settings_can_be_changed(self):
        settings = self.env["res.config.settings"].create({})
        for name in WALLET_SETUP:
            self.assertEqual(settings[name], self.company[name])
        settings.wallet_payment_default = False
        settings.execute()
        self.assertFalse(self.company.wallet_payment_default)


@tagged("post_install", "-at_install")
class TestLeavingTills(TillWalletCommon):
    def _try_to_leave(self):
        module = self.env["ir.module.module"].sudo()._get("customer_wallet")
        with self.env.cr.savepoint():
            module.state = "to remove"

    def test_nobody_leaves_while_a_till_takes_wallets(self):
        self.open_new_session()
        session = self.pos_session
        with self.assertRaisesRegex(ValidationError, session.name):
            self._try_to_leave()
        self._sync(self._order_data([(self.wallet_pm, 100)]))
        session._validate_session()
        self._try_to_leave()

    def test_a_till_without_wallets_may_stay_open(self):
        self.config.payment_method_ids -= self.wallet_pm
        self.open_new_session()
        self._try_to_leave()

    def test_without_the_addon_no_till_offers_wallets(self):
        hooks.uninstall_hook(self.env(su=True))
        self.assertNotIn(self.wallet_pm, self.config.payment_method_ids)
        self.assertFalse(self.wallet_pm.active)
        self.assertTrue(self.pay_later_pm.active)

    def test_tills_offer_wallets_again_after_coming_back(self):
        without = self._new_till()
        without.payment_method_ids -= self.wallet_pm
        leave(self.env)
        come_back(self.env)
        self.assertIn(self.wallet_pm, self.config.payment_method_ids)
        self.assertNotIn(self.wallet_pm, without.payment_method_ids)
        self.assertEqual(self.wallet_pm.type, "wallet")
        self.assertTrue(self.pay_later_pm.auto_invoice)

    def test_tills_offer_wallets_again_also_without_a_keepsake(self):
        leave(self.env)
        keepsake.find(self.env(su=True)).unlink()
        come_back(self.env)
        self.assertTrue(self.wallet_pm.active)
        self.assertEqual(self.wallet_pm.type, "wallet")

    def test_a_refund_of_an_old_order_gives_bonus_money_back_as_a_bonus(self):
        expiry = fields.Date.today() + timedelta(days=30)
        self.env["customer.wallet.promotion"].create(
            {
                "name": "Spring bonus",
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "bonus_value": 20,
                "validity_days": 30,
            }
        )
        self._top_up(500)
        self.open_new_session()
        order = self._sync(self._order_data([(self.wallet_pm, 100)]))
        self.assertEqual(self._wallet().bonus_balance, 0)
        self.pos_session._validate_session()
        leave(self.env)
        come_back(self.env)
        self.open_new_session()
        self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self.assertEqual(self._wallet().bonus_balance, 100)
        lot = self._wallet().line_ids.filtered("wallet_expiry_date")[-1:]
        self.assertEqual(lot.wallet_expiry_date, expiry)
