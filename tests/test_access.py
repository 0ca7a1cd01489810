from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..models.customer_wallet_defaults import without_wishes
from .common import WalletCommon

# Values of the types that say something of money or access.
WISHES = {"monetary": 7.0, "float": 7.0, "integer": 7, "char": "7", "boolean": True}


@tagged("post_install", "-at_install")
class TestAccess(WalletCommon):
    """Any client may call a public method: each checks who is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._top_up(100)
        cls.invoice = cls._invoice(80)
        cls.users = {
            name: new_test_user(cls.env, name, groups)
            for name, groups in {
                "employee": "base.group_user",
                "auditor": "account.group_account_readonly",
                "cashier": "point_of_sale.group_pos_user",
                "billing": "account.group_account_invoice",
                "manager": "account.group_account_manager",
            }.items()
        }
        cls.users["portal"] = cls.env["res.users"].create(
            {
                "name": "Portal",
                "login": "portal_owner",
                "partner_id": cls.customer.id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )

    def test_who_has_which_group(self):
        user_group = "customer_wallet.group_wallet_user"
        manager_group = "customer_wallet.group_wallet_manager"
        expected = {
            "employee": (False, False),
            "auditor": (True, False),
            "portal": (False, False),
            "cashier": (True, False),
            "billing": (True, False),
            "manager": (True, True),
        }
        for name, groups in expected.items():
            user = self.users[name]
            self.assertEqual(
                (user.has_group(user_group), user.has_group(manager_group)),
                groups,
                name,
            )

    def test_who_may_see_wallets(self):
        for name in ("employee", "portal"):
            with self.assertRaises(AccessError):
                self._wallet().with_user(self.users[name]).read(["balance"])
        for name in ("cashier", "auditor", "billing", "manager"):
            wallet = self._wallet().with_user(self.users[name])
            self.assertEqual(wallet.read(["balance"])[0]["balance"], 100)

    def test_who_may_not_see_wallets_does_not_see_the_figures_either(self):
        for name in ("employee", "portal"):
            user = self.users[name]
            with self.assertRaises(AccessError):
                self.customer.with_user(user).read(["wallet_balance"])
            with self.assertRaises(AccessError):
                self.invoice.with_user(user).read(["wallet_widget"])
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(user).search(
                    [("wallet_balance", ">", 0)]
                )
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(user).search(
                    [], order="wallet_balance"
                )

    def test_who_may_allocate_and_undo(self):
        self.invoice.action_allocate_wallet(10)
        partial = self.invoice._get_wallet_partials()
        for name in ("employee", "auditor", "portal", "cashier"):
            invoice = self.invoice.with_user(self.users[name])
            self.assertRefused(AccessError, invoice.action_allocate_wallet, 5)
            self.assertRefused(
                AccessError, invoice.action_unallocate_wallet, partial.id
            )
            customer = self.customer.with_user(self.users[name])
            self.assertRefused(UserError, customer.action_allocate_wallet)
        for name in ("billing", "manager"):
            self.invoice.with_user(self.users[name]).action_allocate_wallet(5)
        self.assertBalance(80)
        for partial in self.invoice._get_wallet_partials():
            self.invoice.with_user(self.users["billing"]).action_unallocate_wallet(
                partial.id
            )
        self.assertBalance(100)

    def test_an_auditor_sees_what_was_paid_and_changes_nothing(self):
        self.invoice.action_allocate_wallet(10)
        widget = self.invoice.with_user(self.users["auditor"]).wallet_widget
        self.assertEqual(widget["balance"], 90)
        self.assertFalse(widget["can_allocate"])
        self.assertEqual([it["can_undo"] for it in widget["payments"]], [False])
        widget = self.invoice.with_user(self.users["billing"]).wallet_widget
        self.assertTrue(widget["can_allocate"])
        self.assertEqual([it["can_undo"] for it in widget["payments"]], [True])

    def test_a_cashier_who_may_read_the_books_pays_invoices_of_tills_only(self):
        self.users["cashier"].group_ids += self.env.ref(
            "account.group_account_readonly"
        )
        invoice = self.invoice.with_user(self.users["cashier"])
        self.assertFalse(invoice.wallet_widget["can_allocate"])
        self.assertRefused(AccessError, invoice.action_allocate_wallet, 5)
        customer = self.customer.with_user(self.users["cashier"])
        self.assertRefused(AccessError, customer.action_allocate_wallet)

    def test_billing_can_do_the_whole_walk_through(self):
        payment = (
            self.env["account.payment"]
            .with_user(self.users["billing"])
            .create({"partner_id": self.customer.id, "amount": 50, "is_wallet": True})
        )
        payment.action_post()
        self.assertBalance(150)
        payment.action_allocate_wallet()
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertBalance(70)

    def test_only_a_manager_freezes_and_sets_limits(self):
        for name in ("employee", "auditor", "portal", "cashier", "billing"):
            wallet = self._wallet().with_user(self.users[name])
            self.assertRefused(AccessError, wallet.action_freeze)
            self.assertRefused(AccessError, wallet.write, {"overdraft_limit": 1000})
        wallet = self._wallet().with_user(self.users["manager"])
        wallet.action_freeze()
        wallet.overdraft_limit = 10
        self.assertEqual(wallet.state, "frozen")

    def test_nobody_makes_moves_or_deletes_a_wallet_by_hand(self):
        for user in self.users.values():
            wallet = self._wallet().with_user(user)
            self.assertRefused(
                AccessError,
                wallet.create,
                [
                    {
                        "partner_id": user.partner_id.id,
                        "company_id": self.company.id,
                        "currency_id": self.company.currency_id.id,
                    }
                ],
            )
            self.assertRefused(AccessError, wallet.unlink)
            self.assertRefused(AccessError, wallet.write, {"balance": 10**6})
            self.assertRefused(
                AccessError, wallet.write, {"partner_id": user.partner_id.id}
            )

    def test_billing_cannot_set_a_bonus_free(self):
        line = self._wallet().line_ids.with_user(self.users["billing"])
        self.assertRefused(AccessError, line.write, {"wallet_lot_type": "bonus"})

    def test_only_accounting_breaks_a_matching(self):
        """Undoing the matching of an allocation gives the money back to the wallet."""
        self.invoice.action_allocate_wallet(10)
        partial = self.invoice._get_wallet_partials()
        for name in ("employee", "auditor", "portal", "cashier"):
            self.assertRefused(AccessError, partial.with_user(self.users[name]).unlink)
        # Odoo unlinks nothing, too, whoever is there.
        self.assertTrue(partial.browse().with_user(self.users["cashier"]).unlink())
        partial.with_user(self.users["billing"]).unlink()
        self.assertBalance(100)

    def _make_top_up(self, env, company):
        payment = env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 100,
                "is_wallet": True,
                "company_id": company.id,
            }
        )
        payment.action_post()

    def test_defaults_of_one_s_own_make_no_money(self):
        """Who makes a wallet, with sudo, may have chosen defaults for its fields."""
        user = self.users["billing"]
        defaults = {
            "customer.wallet": {
                "overdraft_limit": 1000.0,
                "debt_limit": 1000.0,
                "balance": 1000.0,
                "bonus_balance": 1000.0,
                "state": "frozen",
                "checkpoint_contents": [["paid", None, 1000.0, 1000.0]],
            },
            "account.move.line": {"wallet_lot_type": "bonus"},
            "account.move": {"wallet_operation": "adjustment"},
        }
        for model, values in defaults.items():
            for field, value in values.items():
                self.env["ir.default"].with_user(user).set(model, field, value, True)
        target = self.env["res.partner"].create({"name": "Bilal Nasser"})
        payment = (
            self.env["account.payment"]
            .with_user(user)
            .create({"partner_id": target.id, "amount": 50, "is_wallet": True})
        )
        payment.action_post()
        wallet = self._wallet(target)
        self.assertRecordValues(
            wallet,
            [
                {
                    "balance": 50.0,
                    "bonus_balance": 0.0,
                    "overdraft_limit": 0.0,
                    "debt_limit": 0.0,
                    "state": "open",
                }
            ],
        )
        self.assertEqual(payment.move_id.wallet_operation, "top_up")
        self.assertBalance(50.0, wallet)
        self.assertRefused(UserError, self._pay_out, 51, partner_id=target.id)

    @freeze_time("2026-03-20 12:00:00")
    def test_what_nobody_enters_has_no_default_of_one_s_own(self):
        """Whichever fields are added later."""
        user = self.users["billing"]
        for name, model in self.env.registry.items():
            if not issubclass(model, self.registry["customer.wallet.defaults.mixin"]):
                continue
            records = self.env[name].with_user(user)
            fnames = [name for name, field in model._fields.items() if field.store]
            expected = records._add_missing_default_values({})
            wishes = {
                fname: WISHES[model._fields[fname].type]
                for fname in fnames
                if model._fields[fname].type in WISHES
            }
            for fname, value in wishes.items():
                self.env["ir.default"].with_user(user).set(name, fname, value, True)
            asked = records.with_context(
                **{f"default_{fname}": value for fname, value in wishes.items()}
            )
            with self.subTest(name):
                self.assertLessEqual(set(wishes), set(asked.default_get(fnames)))
                self.assertEqual(asked._add_missing_default_values({}), expected)

    def test_what_an_administrator_has_chosen_stands(self):
        self.env["ir.default"].sudo().set("account.move", "narration", "For all")
        entry = self._top_up(5).move_id
        booked = without_wishes(entry.with_user(self.users["billing"]))
        self.assertEqual(booked.default_get(["narration"]), {"narration": "For all"})

    def test_dialogs_show_only_what_one_may_read(self):
        """Any client may name any document in a dialog."""
        cashier = self.users["cashier"]
        Allocation = self.env["customer.wallet.allocation"].with_user(cashier)
        dialog = Allocation.create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "line_ids": [Command.create({"move_id": self.invoice.id})],
            }
        )
        self.env.invalidate_all()
        for name in ("name", "amount_total", "amount_residual", "invoice_date"):
            with self.assertRaises(AccessError, msg=name):
                dialog.line_ids.read([name])

    def test_dialogs_know_no_money_of_other_companies(self):
        other = self.setup_other_company(name="Other company")["company"]
        self._make_top_up(self.env(context={"allowed_company_ids": other.ids}), other)
        dialog = (
            self.env["customer.wallet.allocation"]
            .with_user(self.users["billing"])
            .new(
                {
                    "partner_id": self.customer.id,
                    "company_id": other.id,
                    "currency_id": other.currency_id.id,
                }
            )
        )
        self.assertEqual(dialog.available, 0.0)

    def test_a_forged_partial_is_refused(self):
        by_other = self._invoice(10)
        by_other.action_allocate_wallet()
        self.assertRefused(
            UserError,
            self.invoice.with_user(self.users["billing"]).action_unallocate_wallet,
            by_other._get_wallet_partials().id,
        )

    # What a manager does

    def _open(self, wizard, name, **vals):
        """Open a dialog of a wallet as a person or any client may."""
        return (
            self.env[f"customer.wallet.{wizard}"]
            .with_user(self.users[name])
            .create({"reason": "Because", **vals})
        )

    def _manager_actions(self, name):
        """Everything that only a manager may do, as who has this name."""
        wallet = self._wallet()
        target = self.env["res.partner"].create({"name": "Bilal Nasser"})
        account = self.company_data["default_account_expense"]
        return {
            "adjust": lambda: self._open(
                "adjustment",
                name,
                wallet_id=wallet.id,
                amount=5,
                account_id=account.id,
            ).action_confirm(),
            "transfer": lambda: self._open(
                "transfer",
                name,
                wallet_id=wallet.id,
                amount=5,
                target_partner_id=target.id,
            ).action_confirm(),
            "undo": lambda: self._open(
                "undo", name, move_id=self._last_adjustment().id
            ).action_confirm(),
            "freeze": lambda: self._open(
                "freeze",
                name,
                wallet_ids=[Command.set(wallet.ids)],
                state="frozen",
            ).action_confirm(),
            "unfreeze": lambda: self._open(
                "freeze", name, wallet_ids=[Command.set(wallet.ids)], state="open"
            ).action_confirm(),
            "limit": lambda: self._open(
                "limit", name, wallet_id=wallet.id, overdraft_limit=10
            ).action_confirm(),
            "limit written": lambda: wallet.with_user(self.users[name]).write(
                {"overdraft_limit": 10}
            ),
            "check": lambda: wallet.with_user(self.users[name]).action_check(),
        }

    def _last_adjustment(self):
        return self.env["account.move"].search(
            [("wallet_operation", "=", "adjustment"), ("reversed_entry_id", "=", False)]
        )[:1]

    def test_what_a_manager_may(self):
        for what, action in self._manager_actions("manager").items():
            with self.subTest(what):
                action()
        self.assertBalance(95)
        self.assertEqual(self._wallet().overdraft_limit, 10)
        self.assertFalse(self._wallet().state == "frozen")

    def test_what_nobody_else_may(self):
        self._manager_actions("manager")["adjust"]()
        for name in ("employee", "auditor", "portal", "cashier", "billing"):
            for what, action in self._manager_actions(name).items():
                with self.subTest(f"{name}: {what}"):
                    self.assertRefused(AccessError, action)

    def test_a_dialog_of_a_manager_is_no_use_to_others(self):
        wizard = self._open(
            "adjustment",
            "manager",
            wallet_id=self._wallet().id,
            amount=5,
            account_id=self.company_data["default_account_expense"].id,
        )
        for name in ("employee", "auditor", "portal", "cashier", "billing"):
            self.assertRefused(
                AccessError, wizard.with_user(self.users[name]).action_confirm
            )

    def test_a_manager_works_in_his_companies_only(self):
        company = self.setup_other_company(name="Other company")["company"]
        wallet = self.env["customer.wallet"]._find_or_create(
            self.customer, company, company.currency_id
        )
        wallet.overdraft_limit = 100
        manager = self.users["manager"]
        self.assertNotIn(
            wallet, self.env["customer.wallet"].with_user(manager).search([])
        )
        wallets = wallet.with_user(manager)
        for action in (wallets.action_freeze, wallets.action_check):
            self.assertRefused(AccessError, action)
        for wizard, vals in {
            "adjustment": {
                "wallet_id": wallet.id,
                "amount": 5,
                "account_id": self.company_data["default_account_expense"].id,
            },
            "transfer": {
                "wallet_id": wallet.id,
                "amount": 5,
                "target_partner_id": self.customer.id,
            },
            "freeze": {
                "wallet_ids": [Command.set((wallet | self._wallet()).ids)],
                "state": "frozen",
            },
        }.items():
            with self.subTest(wizard):
                self.assertRefused(
                    AccessError,
                    lambda wizard=wizard, vals=vals: self._open(
                        wizard, "manager", **vals
                    ).action_confirm(),
                )

    def test_every_model_of_the_addon_has_a_rule_of_companies(self):
        """Abstract models hold nothing; some dialogs a date or a customer only, and
        ages are counted alike everywhere. What was answered is for nobody to read.
        """
        of_no_company = (
            "customer.wallet.ageing.bucket",
            "customer.wallet.balance.date",
            "customer.wallet.credit",
            "customer.wallet.liability.period",
            "customer.wallet.request",
        )
        models = self.env["ir.model"].search(
            [("model", "=like", "customer.wallet%"), ("model", "not in", of_no_company)]
        )
        for model in models.filtered(lambda m: not self.env[m.model]._abstract):
            rules = self.env["ir.rule"].search([("model_id", "=", model.id)])
            self.assertTrue(
                any("company_ids" in rule.domain_force for rule in rules), model.model
            )
            self.assertTrue(model.access_ids, model.model)
            self.assertTrue(all(model.access_ids.mapped("group_id")), model.model)
