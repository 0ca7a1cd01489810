"""Odoo's own *Import*, on payments and on wallets."""

from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestImport(WalletCommon):
    def setUp(self):
        super().setUp()
        self.manager = new_test_user(
            self.env,
            "importer",
            "account.group_account_invoice,customer_wallet.group_wallet_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def _import(self, model, fields, rows, user=None):
        """As the dialog of the web client does it."""
        lines = [fields, *rows]
        text = "\n".join(",".join(str(cell) for cell in line) for line in lines)
        dialog = (
            self.env["base_import.import"]
            .with_user(user or self.manager)
            .create(
                {
                    "res_model": model,
                    "file": text.encode(),
                    "file_type": "text/csv",
                    "file_name": "import.csv",
                }
            )
        )
        options = {"quoting": '"', "separator": ",", "has_headers": True}
        return dialog.execute_import(fields, fields, options)

    def _errors(self, result):
        return " ".join(it["message"] for it in result["messages"])

    def test_payments_with_wallet_are_top_ups(self):
        result = self._import(
            "account.payment",
            ["partner_id", "amount", "is_wallet", "payment_type", "journal_id"],
            [
                ["Amal Haddad", 80, 1, "inbound", self.bank_journal.name],
                ["Amal Haddad", 20, 0, "inbound", self.bank_journal.name],
            ],
        )
        self.assertFalse(self._errors(result))
        payments = self.env["account.payment"].browse(result["ids"])
        payments.action_post()
        self.assertEqual(payments.mapped("is_wallet"), [True, False])
        self.assertKinds(80, 0)

    def test_limits_are_imported_by_customer(self):
        self._top_up(10)
        self.env["res.partner"].create({"name": "Basma Said"})
        result = self._import(
            "customer.wallet",
            ["partner_id", "overdraft_limit"],
            [["Amal Haddad", 50], ["Basma Said", 5]],
        )
        self.assertFalse(self._errors(result))
        wallets = self.env["customer.wallet"].browse(result["ids"])
        self.assertEqual(wallets.mapped("overdraft_limit"), [50, 5])
        self.assertEqual(wallets[0], self._wallet())
        self.assertEqual(wallets[0].available, 60)

    def test_limits_are_imported_by_wallet(self):
        self._top_up(10)
        result = self._import(
            "customer.wallet", [".id", "overdraft_limit"], [[self._wallet().id, 7]]
        )
        self.assertFalse(self._errors(result))
        self.assertEqual(self._wallet().overdraft_limit, 7)

    def test_balances_are_imported_elsewhere(self):
        self._top_up(10)
        for fields, row in (
            (["partner_id", "balance"], ["Amal Haddad", 99]),
            ([".id", "balance"], [self._wallet().id, 99]),
            ([".id", "bonus_balance"], [self._wallet().id, 99]),
        ):
            result = self._import("customer.wallet", fields, [row])
            self.assertFalse(result["ids"])
            self.assertIn("Import Wallets", self._errors(result))
        self.assertKinds(10, 0)

    def test_nobody_else_imports_limits(self):
        self._top_up(10)
        user = new_test_user(self.env, "biller", "account.group_account_invoice")
        result = self._import(
            "customer.wallet",
            ["partner_id", "overdraft_limit"],
            [["Amal Haddad", 50]],
            user=user,
        )
        self.assertFalse(result["ids"])
        self.assertFalse(self._wallet().overdraft_limit)
