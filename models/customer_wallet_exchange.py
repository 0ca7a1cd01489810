"""What money of another currency is worth in the books, and the differences of rates,
which are the company's.
"""

from odoo import api, models
from odoo.exceptions import UserError

from .customer_wallet_operation import ALL_KINDS


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    def _is_foreign(self):
        """Whether this wallet is in another currency than the company."""
        self.ensure_one()
        return self.currency_id != self.company_id.currency_id

    def _get_book_values(self):
        """What the money in this wallet is worth in the books, where that is not its
        amount: in a foreign currency.

        :return: dict by kind of money of (float in the wallet's currency, float in the
            company's), or None
        """
        self.ensure_one()
        if not self._is_foreign():
            return None
        contents = self._get_contents()[self.id]
        company_currency = self.company_id.currency_id
        values = {}
        for kind in ALL_KINDS:
            amount, value = contents.sum(kind)
            rounded = self.currency_id.round(amount), company_currency.round(value)
            values[kind] = rounded
        return values

    # Accounts

    @api.model
    def _find_exchange_account(self, company, balance):
        """
        :param company: res.company; a branch may use those of its main company
        :param float balance: of the journal item, in the company's currency
        :return: account.account, or none where the company has not chosen any
        """
        find = self.env["account.move.line"].sudo()._get_exchange_account
        company = company.sudo()
        return find(company, balance) or find(company.root_id, balance)

    @api.model
    def _prepare_exchange_vals(self, company, partner, currency, balance):
        """Values of the journal item by which a difference of rates is the company's.

        :param company: res.company
        :param partner: res.partner
        :param currency: res.currency of the journal item
        :param float balance: of the journal item, in the company's currency
        :return: dict of account.move.line values
        :raises UserError: the company has not chosen the account
        """
        account = self._find_exchange_account(company, balance)
        if not account:
            raise UserError(self._get_no_exchange_account_message(company, partner))
        return {
            "name": self.env._("Currency exchange rate difference"),
            "account_id": account.id,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "amount_currency": balance if currency == company.currency_id else 0.0,
            "balance": balance,
        }

    @api.model
    def _has_exchange_accounts(self, company):
        return all(self._find_exchange_account(company, sign) for sign in (1.0, -1.0))

    def _check_exchange_accounts(self):
        """What is promised now is booked later, when nobody can choose an account.

        :raises UserError: the difference of rates could not be booked then
        """
        self.ensure_one()
        company = self._get_acting_company()
        if self._is_foreign() and not self._has_exchange_accounts(company):
            raise UserError(
                self._get_no_exchange_account_message(company, self.partner_id)
            )

    @api.model
    def _get_no_exchange_account_message(self, company, partner):
        return self.env._(
            "The wallet of %(customer)s is in another currency, and %(company)s has no "
            "accounts for the gain and loss by exchange rates. Choose both in Settings "
            "> Invoicing > Default Accounts, or ask your accountant to.",
            customer=partner.sudo().display_name,
            company=company.sudo().display_name,
        )
