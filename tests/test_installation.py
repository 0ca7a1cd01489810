from base64 import b64encode
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, sql

from odoo.addons.customer_wallet import hooks, keepsake
from odoo.addons.customer_wallet.models import customer_wallet_demo

from .common import WalletCommon
from .till_common import TillWalletCommon


def leave(env):
    """Do what uninstalling the addon does, as far as a test can."""
    env = env(su=True)
    hooks.uninstall_hook(env)
    env.flush_all()
    for table, columns in keepsake._get_columns(env).items():
        for column in columns:
            names = map(SQL.identifier, (table, column))
            env.cr.execute(SQL("UPDATE %s SET %s = NULL", *names))
    env.cr.execute(
        "UPDATE account_move_line SET wallet_id = NULL, wallet_lot_type = NULL"
    )
    for table in ("customer_wallet_hold", *reversed(keepsake._get_tables(env))):
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.invalidate_all()


def leave_without_keepsake(env):
    """Leave as who deletes the attachment does."""
    leave(env)
    keepsake.find(env(su=True)).unlink()
    # The column of a new installation starts with the default.
    env["res.company"].search([]).wallet_payment_default = True


def come_back(env):
    hooks.post_init_hook(env(su=True))
    env.invalidate_all()


@tagged("post_install", "-at_install")
class TestInstallation(WalletCommon):
    def test_installing_computes_no_journal_item(self):
        """The columns of stored computed fields on large tables are made first: Odoo
        computes a column for all rows only when it adds the column itself.
        """
        made_first = {row[:2] for row in (*hooks.WALLET_COLUMNS, *hooks.WALLET_LINKS)}
        for model in ("account.move", "account.move.line", "account.payment"):
            for field in self.env[model]._fields.values():
                if field._module == "customer_wallet" and field.store and field.compute:
                    self.assertIn((self.env[model]._table, field.name), made_first)

    def test_the_columns_are_made_with_the_type_that_odoo_wants(self):
        links = [(table, column, "int4") for table, column, *_ in hooks.WALLET_LINKS]
        for table, column, column_type in (*hooks.WALLET_COLUMNS, *links):
            self.env.cr.execute(
                "SELECT udt_name FROM information_schema.columns"
                " WHERE table_name = %s AND column_name = %s",
                [table, column],
            )
            self.assertEqual(self.env.cr.fetchone()[0], column_type)

    def test_the_links_are_made_once_and_as_odoo_wants_them(self):
        for table, column, target, ondelete in hooks.WALLET_LINKS:
            names = sql.get_foreign_keys(
                self.env.cr, table, column, target, "id", ondelete
            )
            self.assertEqual(len(names), 1, (table, column))

    def test_the_columns_can_be_made_again(self):
        hooks.pre_init_hook(self.env)

    def test_what_was_imported_is_not_imported_again(self):
        takeover = self.env["customer.wallet.takeover"].create(
            {
                "name": "Old Shop",
                "account_id": self.company_data["default_account_revenue"].id,
                "file": b64encode(b"Name,Amount\nAmal Haddad,40\n"),
                "file_name": "wallets.csv",
            }
        )
        takeover.action_check()
        takeover.action_book()
        leave(self.env)
        come_back(self.env)
        self.assertKinds(paid=40, bonus=0)
        again = takeover.copy({"file": b64encode(b"Name,Amount\nAmal Haddad,55\n")})
        again.action_check()
        self.assertEqual(again.ready_amount, 15)
        again.action_book()
        self.assertKinds(paid=55, bonus=0)

    def test_without_the_keepsake_the_books_bring_the_wallets_back(self):
        payment = self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        leave_without_keepsake(self.env)
        come_back(self.env)
        self.assertKinds(paid=20, bonus=0)
        self.assertTrue(payment.is_wallet)
        self.assertEqual(payment.move_id.wallet_operation, "top_up")
        self.assertEqual(payment.wallet_invoice_ids, invoice)
        invoice.js_remove_outstanding_partial(
            invoice.invoice_payments_widget["content"][0]["partial_id"]
        )
        self.assertBalance(100)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_without_the_keepsake_refunds_are_known_from_allocations(self):
        credit_note = self._invoice(80, move_type="out_refund")
        credit_note.action_refund_to_wallet()
        leave_without_keepsake(self.env)
        come_back(self.env)
        self.assertBalance(80)
        partial = credit_note._get_wallet_partials()
        self.assertEqual(partial.debit_move_id.move_id.wallet_operation, "refund")
        credit_note.action_unallocate_wallet(partial.id)
        self.assertBalance(0)

    def test_without_the_keepsake_what_was_undone_stays_undone(self):
        self._top_up(100)
        invoice = self._invoice(80)
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        leave_without_keepsake(self.env)
        come_back(self.env)
        self.assertBalance(100)
        entries = self._wallet().line_ids.move_id
        self.assertEqual(
            entries.filtered("reversed_entry_id").wallet_operation, "allocation"
        )
        invoice.action_allocate_wallet()
        self.assertBalance(20)

    def _promote(self, **values):
        return self.env["customer.wallet.promotion"].create(
            {
                "name": "Spring bonus",
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "bonus_value": 10,
                **values,
            }
        )

    def test_without_the_keepsake_bonus_money_is_a_bonus_still(self):
        self._promote(validity_days=30)
        self._top_up(100).action_cancel()
        top_up = self._top_up(100)
        expires = fields.Date.add(self.company._get_wallet_today(), days=30)
        account = self.company.wallet_bonus_account_id
        leave_without_keepsake(self.env)
        come_back(self.env)
        self.assertEqual(self.company.wallet_bonus_account_id, account)
        self.assertKinds(paid=100, bonus=10)
        (grant,) = self._wallet()._get_open_grants()
        self.assertEqual((grant.left, grant.expiry), (10, expires))
        self.assertEqual(grant.line.move_id.wallet_operation, "bonus")
        self.assertTrue(top_up.is_wallet)
        with self.assertRaises(UserError):
            self._pay_out(101)

    def test_without_the_keepsake_the_bonus_that_expires_first_was_used_first(self):
        self._promote(validity_days=30)
        self._top_up(100)
        self._invoice(4).action_allocate_wallet()
        self._promote(bonus_value=20)
        self._top_up(100)
        leave_without_keepsake(self.env)
        come_back(self.env)
        grants = self._wallet()._get_open_grants()
        self.assertEqual([grant.left for grant in grants], [6, 20])
        self.assertFalse(grants[1].expiry)
        self._invoice(10).action_allocate_wallet()
        self.assertKinds(paid=200, bonus=16)
        self.assertFalse(
            self.env["customer.wallet.check"]._find_differences(self.company)
        )

    def test_without_the_keepsake_a_debt_comes_back_too(self):
        self._top_up(100)
        self._wallet().overdraft_limit = 50
        self._pay_out(130)
        leave_without_keepsake(self.env)
        come_back(self.env)
        self.assertBalance(-30)
        self.assertEqual(self._wallet().overdraft_limit, 30)

    def test_what_is_on_the_accounts_since_is_in_the_wallets_as_well(self):
        self._top_up(100)
        leave(self.env)
        receivable = self.customer.property_account_receivable_id
        self._enter((receivable, 30, 0), (self.wallet_account, 0, 30))
        come_back(self.env)
        self.assertKinds(paid=130, bonus=0)

    def test_less_than_no_bonus_is_refused_in_words(self):
        self._promote()
        self._top_up(100)
        leave(self.env)
        receivable = self.customer.property_account_receivable_id
        self._enter((self.bonus_account, 30, 0), (receivable, 0, 30))
        with self.assertRaisesRegex(UserError, self.customer.name):
            come_back(self.env)

    def _name(self, record):
        """Give a record an external id, as the demo data does."""
        vals = {"module": "customer_wallet", "model": record._name}
        return self.env["ir.model.data"].create(
            {**vals, "name": f"a_{record._table}", "res_id": record.id}
        )

    def _load_demo(self):
        """
        :return: list of the files that were loaded
        """
        loaded = []
        self.patch(
            customer_wallet_demo,
            "convert_file",
            lambda _env, _module, name, *_args, **_options: loaded.append(name),
        )
        self.env["customer.wallet"]._load_demo()
        return loaded

    def test_the_demo_data_is_loaded_once(self):
        self.assertEqual(self._load_demo(), ["demo/customer_wallet_demo_data.xml"])
        payment = self._top_up(100)
        name = self._name(payment)
        leave(self.env)
        self.assertNotEqual(name.module, "customer_wallet")
        self.assertEqual(self._load_demo(), [])
        come_back(self.env)
        self.assertEqual(self.env.ref("customer_wallet.a_account_payment"), payment)
        self.assertBalance(100)

    def test_leaving_does_not_take_documents_of_the_demo_data_along(self):
        """Odoo deletes what has an external id of the addon."""
        names = self.env["ir.model.data"].concat(
            self._name(self._top_up(100)), self._name(self._promote())
        )
        hooks.uninstall_hook(self.env(su=True))
        self.assertNotIn("customer_wallet", names.exists().mapped("module"))

    def test_the_way_to_pay_online_goes_and_comes_back(self):
        provider = self.company._find_wallet_provider()
        leave(self.env)
        self.assertEqual((provider.code, provider.state), ("none", "disabled"))
        come_back(self.env)
        self.assertEqual((provider.code, provider.state), ("wallet", "enabled"))
        self.assertEqual(self.company._find_wallet_provider(), provider)
        self.assertTrue(provider.payment_method_ids.active)

    def test_what_is_kept_is_known_while_the_addon_is_leaving(self):
        """Odoo no longer counts it among the installed modules then."""
        module = self.env["ir.module.module"].sudo()._get("customer_wallet")
        columns = keepsake._get_columns(self.env)
        self.assertIn("is_wallet", columns["account_payment"])
        self.assertNotIn("payment_provider", columns)
        module.state = "to remove"
        self.assertEqual(keepsake._get_columns(self.env), columns)

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
        self.assertEqual(self._wallet().id, wallet.id)
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
        promotion = self._promote(partner_category_ids=[Command.set(tag.ids)])
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

    def test_a_bonus_is_used_and_given_back_as_before_after_coming_back(self):
        self._promote(validity_days=30)
        self._top_up(100)
        invoice = self._invoice(4)
        invoice.action_allocate_wallet()
        before = self._wallet()._get_open_grants()
        kept = self._wallet().line_ids.wallet_grant_id
        leave(self.env)
        come_back(self.env)
        self.assertEqual(self._wallet()._get_open_grants(), before)
        self.assertEqual(self._wallet().line_ids.wallet_grant_id, kept)
        self._unallocate(invoice)
        (grant,) = self._wallet()._get_open_grants()
        self.assertEqual(grant.left, 10)
        self.assertKinds(paid=100, bonus=10)

    def test_what_was_held_is_free_after_coming_back(self):
        self._top_up(100)
        self._wallet()._hold(40, self._invoice(40))
        self.assertEqual(self._wallet().available, 60)
        leave(self.env)
        come_back(self.env)
        self.assertEqual(self._wallet().available, 100)

    def test_documents_that_vanished_meanwhile_are_shown_by_their_entries(self):
        self._top_up(100)
        invoice = self._invoice(30)
        invoice.action_allocate_wallet()
        entry = self._allocation_of(invoice)
        leave(self.env)
        invoice.line_ids.remove_move_reconcile()
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        come_back(self.env)
        self.assertBalance(70)
        self.assertEqual(set(entry.line_ids.mapped("wallet_document")), {entry.ref})

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

    def test_a_debt_that_has_grown_since_is_allowed_as_well(self):
        self._top_up(100)
        self._wallet().overdraft_limit = 50
        self._pay_out(130)
        leave(self.env)
        receivable = self.customer.property_account_receivable_id
        self._enter((self.wallet_account, 40, 0), (receivable, 0, 40))
        come_back(self.env)
        self.assertBalance(-70)
        self.assertEqual(self._wallet().overdraft_limit, 70)

    def test_a_long_history_is_summed_again(self):
        top_up = self._top_up(100)
        wallet = self._wallet()
        rows = [["paid", None, 100.0, 100.0]]
        wallet._set_checkpoint(max(wallet.line_ids.ids), rows)
        leave(self.env)
        top_up.action_draft()
        top_up.unlink()
        come_back(self.env)
        self._top_up(30)
        self.assertBalance(30)

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
        self.pos_session._validate_session()
        self.assertEqual(self._wallet().bonus_balance, 0)
        leave(self.env)
        come_back(self.env)
        self.open_new_session()
        self._sync(self._refund_data(order, [(self.wallet_pm, -100)]))
        self.assertEqual(self._wallet().bonus_balance, 100)
        (grant,) = self._wallet()._get_open_grants()
        self.assertEqual((grant.left, grant.expiry), (100, expiry))
