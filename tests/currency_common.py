from odoo import fields

from .common import WalletCommon


class CurrencyCommon(WalletCommon):
    """The company's currency is the US dollar."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.company.currency_id
        cls.eur = cls.setup_other_currency("EUR", rates=[("2017-01-01", 2.0)])
        cls.exchange_loss = cls.company.expense_currency_exchange_account_id
        cls.exchange_gain = cls.company.income_currency_exchange_account_id

    @classmethod
    def _set_rate(cls, currency, rate, date=None):
        cls.env["res.currency.rate"].create(
            {
                "name": date or fields.Date.today(),
                "rate": rate,
                "currency_id": currency.id,
                "company_id": cls.company.id,
            }
        )

    def _book_value(self, wallet, kind=None):
        """What a wallet is worth in the general ledger."""
        items = self.env["account.move.line"].search(
            [("wallet_id", "=", wallet.id), ("parent_state", "=", "posted")]
        )
        if kind:
            items = items.filtered(lambda line: line.wallet_lot_type == kind)
        return wallet.company_id.currency_id.round(-sum(items.mapped("balance")))
