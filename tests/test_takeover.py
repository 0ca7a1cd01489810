"""Moving in: balances that customers have elsewhere come into their wallets, once."""

from base64 import b64encode

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import WalletCommon


class TakeoverCommon(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.opening_account = cls.env["account.account"].create(
            {
                "name": "Balances of the Old Shop",
                "code": "OLDSHOP",
                "account_type": "liability_current",
            }
        )
        cls.other = cls.env["res.partner"].create(
            {"name": "Basma Said", "email": "Basma@Example.com", "ref": "C2"}
        )

    @classmethod
    def _takeover(cls, source="file", **vals):
        return cls.env["customer.wallet.takeover"].create(
            {
                "name": "Old Shop",
                "source": source,
                "account_id": cls.opening_account.id,
                **vals,
            }
        )

    @classmethod
    def _file(cls, text, **vals):
        content = b64encode(text.encode()) if isinstance(text, str) else b64encode(text)
        return cls._takeover(file=content, file_name="wallets.csv", **vals)

    @classmethod
    def _import(cls, text, **vals):
        takeover = cls._file(text, **vals)
        takeover.action_check()
        takeover.action_book()
        return takeover

    def _entry(self, takeover):
        return takeover.line_ids.move_id


@tagged("post_install", "-at_install")
class TestFile(TakeoverCommon):
    def test_one_entry_opens_all_wallets(self):
        takeover = self._file(
            "Name,Amount,Bonus,Bonus Valid Until\n"
            "Amal Haddad,100,10,2099-12-31\n"
            "Basma Said,40.5,,\n"
        )
        takeover.action_check()
        self.assertFalse(self._wallet(), "A dry run books nothing")
        self.assertEqual(takeover.state, "checked")
        self.assertEqual(takeover.ready_amount, 150.5)

        takeover.action_book()
        self.assertEqual(takeover.state, "done")
        entry = self._entry(takeover)
        self.assertEntry(
            entry,
            [
                (self.wallet_account, 0, 100),
                (self.bonus_account, 0, 10),
                (self.wallet_account, 0, 40.5),
                (self.opening_account, 150.5, 0),
            ],
        )
        self.assertEqual(entry.journal_id, self.company.wallet_journal_id)
        self.assertEqual(entry.wallet_operation, "opening")
        self.assertKinds(100, 10)
        grant = entry.line_ids._filter_wallet_grants()
        self.assertEqual(grant.wallet_expiry_date, fields.Date.to_date("2099-12-31"))
