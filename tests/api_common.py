from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user

from .common import WalletCommon


class ApiCommon(WalletCommon, HttpCase):
    """Another program that calls with a key of its own, as a biller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        user = new_test_user(cls.env, "app", "account.group_account_invoice")
        user.company_ids = user.company_id = cls.company
        api_keys = cls.env["res.users.apikeys"].with_user(user).sudo()
        cls.api_key = api_keys._generate(
            "rpc", "app", fields.Datetime.now() + timedelta(days=1)
        )

    def _send(self, path, headers, body):
        return self.url_open(
            path,
            data=body,
            headers={
                "Authorization": f"bearer {self.api_key}",
                "Content-Type": "application/json",
                **headers,
            },
        )
