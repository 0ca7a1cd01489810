"""What money of another currency is worth in the books, and the differences of rates,
which are the company's.
"""

import logging

from odoo import api, models
from odoo.exceptions import UserError

from .customer_wallet_operation import ALL_KINDS
from .wallet_refusals import attempt

_logger = logging.getLogger(__name__)


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
            company=company.sudo().root_id.display_name,
        )

    # Differences

    @api.model
    def _get_foreign_changes(self, lines, sign=1.0):
        """What items bring into wallets of other currencies.

        :param lines: account.move.line, posted
        :param float sign: -1 where it is taken away again
        :return: dict by (customer.wallet in sudo, str kind of money) of [float in the
            wallet's currency, float in the company's, bool whether money has come
            in that is new, and not what was undone or has been there before]
        """
        changes = {}
        for line in lines.sudo():
            if line.wallet_id and line.wallet_id._is_foreign():
                key = line.wallet_id, line.wallet_lot_type
                change = changes.setdefault(key, [0.0, 0.0, False])
                change[0] -= sign * line.amount_currency
                change[1] -= sign * line.balance
                change[2] |= sign > 0.0 and not line.move_id.reversed_entry_id
        return changes

    @api.model
    def _book_exchange_differences(self, changes, date=None):
        """A wallet that is empty is worth nothing in the books, and a debt that is paid
        leaves nothing: what rates made of them is the company's. Where that cannot be
        booked, it stops nobody, and the self-check names it.

        :param dict changes: what has just come in, see `_get_foreign_changes`
        :param date: of the entries, by default the day of each wallet's last movement
        :return: account.move in sudo, what was booked
        """
        wallets = self.browse().union(*(wallet for wallet, _kind in changes))
        contents = wallets._get_contents() if wallets else {}
        differences = {}
        for (wallet, kind), change in changes.items():
            there = contents[wallet.id].sum(kind)
            difference = wallet._get_exchange_difference(there, change)
            company = wallet.company_id
            if company.currency_id.is_zero(difference):
                continue
            if self._find_exchange_account(company, -difference):
                differences.setdefault(wallet, {})[kind] = difference
        entries = self.env["account.move"].sudo()
        for wallet, by_kind in differences.items():
            entries |= wallet._try_exchange_entry(by_kind, date)
        return entries

    def _get_exchange_difference(self, there, change):
        """
        :param there: (float in this wallet's currency, float in the company's), of one
            kind of money that is in this wallet now
        :param change: of what has just come in, see `_get_foreign_changes`
        :return: float by which the books have too much, in the company's currency
        """
        company_currency = self.company_id.currency_id
        amount = self.currency_id.round(there[0])
        value = company_currency.round(there[1])
        moved = self.currency_id.round(change[0])
        moved_value, is_new = change[1:]
        was_debt = self.currency_id.compare_amounts(amount, moved) < 0
        is_paid = is_new and amount > 0.0 and was_debt
        if amount and amount * value >= 0.0 and not is_paid:
            return 0.0
        if moved > 0.0 and moved_value > 0.0:
            # What is there then is a part of what has just come in.
            worth = amount * moved_value / moved
        else:
            worth = self._convert(amount)
        return company_currency.round(value - worth)

    def _get_last_date(self):
        """
        :return: date of the last journal item of this wallet
        """
        [(last,)] = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(self._get_items_domain(), aggregates=["date:max"])
        )
        return last

    def _try_exchange_entry(self, differences, date=None):
        """
        :return: account.move in sudo, none where it was refused
        """
        with attempt(self.env) as tried:
            entry = self._book_exchange_entry(differences, date)
        if not tried.reason:
            return entry
        _logger.warning(
            "The exchange difference of %s is not booked: %s", self, tried.reason
        )
        return self.env["account.move"].sudo()

    def _book_exchange_entry(self, differences, date=None):
        """
        :param dict differences: by kind of money, see `_get_exchange_difference`
        :return: account.move in sudo
        """
        # No amount changes, so that nothing else changes the row of the wallet.
        self._claim_of(self.partner_id, self.company_id)
        label = self.env._("Currency exchange rate difference")
        company = self.company_id
        items = []
        for kind, difference in differences.items():
            items += [
                self._prepare_item_vals(kind, 0.0, difference, label),
                self._prepare_exchange_vals(
                    company, self.partner_id, self.currency_id, -difference
                ),
            ]
        nothing = self.env["account.move.line"]
        return self._book(
            "exchange",
            [(vals, nothing) for vals in items],
            company,
            date=date or self._get_last_date(),
            ref=label,
            partner_id=self.partner_id.id,
            currency_id=self.currency_id.id,
        )

    @api.model
    def _undo(self, lines, **move_vals):
        """No amount changes with a difference, see `_book_exchange_entry`."""
        if lines.sudo().move_id.wallet_operation == "exchange":
            wallets = lines.sudo().wallet_id
            wallets._claim_of(wallets.partner_id, wallets.company_id)
        return super()._undo(lines, **move_vals)
