from base64 import b64encode

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
