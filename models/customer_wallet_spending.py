"""What may go out of a wallet, and what is said where it may not."""

from odoo import models
from odoo.exceptions import UserError

from .customer_wallet import PAID
from .customer_wallet_operation import ALL_KINDS


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    def _get_available(self):
        """What may go out of this wallet now: its balance less what is held, plus its
        limit; nothing of a frozen one, and never less than nothing.
        """
        return self.currency_id.round(
            sum(self._get_available_of_kind(kind) for kind in ALL_KINDS)
        )

    def _get_available_of_kind(self, kind):
        """The same of one kind of money."""
        self.ensure_one()
        if self.state == "frozen":
            return 0.0
        if kind == PAID:
            return max(self._get_paid_left(), 0.0)
        return self.currency_id.round(self.bonus_balance - self.held_bonus)

    def _get_available_for_pay_out(self):
        """What may be given back as money: bonus money never becomes cash."""
        return self._get_available_of_kind(PAID)

    def _get_money_there(self):
        """The balance less what is held: no limit below zero is money."""
        self.ensure_one()
        return self.currency_id.round(self.balance - self.held)

    def _get_paid_left(self):
        """The paid money that is not held, with the limit; below zero in debt."""
        self.ensure_one()
        paid = self.balance - self.bonus_balance - self.held + self.held_bonus
        return self.currency_id.round(paid + self.overdraft_limit)

    def _get_available_in(self, currency, company):
        """What may go out of these wallets now, in another currency at today's rate.

        :param currency: res.currency
        :param company: res.company, whose rates count
        :return: float in that currency, never negative
        """
        return self._sum_left(self._get_left(), currency, company)

    def _sort_for(self, currency):
        """These wallets in the order in which they pay in a currency."""
        return self.sorted(lambda w: (w.currency_id != currency, w.id))

    def _share(self, amount, currency, company, left=None):
        """Spread an amount over these wallets, in their order.

        :param float amount: in `currency`
        :param currency: res.currency of what is paid
        :param company: res.company, whose rates count
        :param dict left: what is left of each wallet in its currency, when several
            amounts are spread one after the other; it is brought up to date
        :return: list of (customer.wallet, float in the wallet's currency)
        """
        left = self._get_left() if left is None else left
        shares = []
        rest = amount
        for wallet in self:
            available = wallet.currency_id._convert(left[wallet], currency, company)
            part = min(rest, available)
            if currency.compare_amounts(part, 0.0) <= 0:
                continue
            rest = currency.round(rest - part)
            share = left[wallet]
            if currency.compare_amounts(part, available) < 0:
                converted = currency._convert(part, wallet.currency_id, company)
                share = min(max(converted, wallet.currency_id.rounding), share)
            left[wallet] = wallet.currency_id.round(left[wallet] - share)
            shares.append((wallet, share))
        return shares

    def _get_left(self, with_limit=True):
        """What may go out of each of these wallets, to spread amounts over them.

        :param bool with_limit: whether a wallet may go below zero as far as its limit
            allows
        :return: dict of floats by customer.wallet, each in the wallet's currency
        """
        left = {}
        for wallet in self:
            left[wallet] = wallet._get_available()
            if left[wallet] and not with_limit:
                paid = wallet._get_paid_left()
                unlimited = paid - wallet.overdraft_limit
                left[wallet] += max(unlimited, 0.0) - max(paid, 0.0)
        return left

    def _sum_left(self, left, currency, company):
        """What is left of these wallets together.

        :param dict left: see `_get_left`
        :param currency: res.currency of the result
        :param company: res.company, whose rates count
        :return: float in that currency
        """
        if not self:
            # A form may have no currency yet.
            return 0.0
        return currency.round(
            sum(
                wallet.currency_id._convert(left[wallet], currency, company)
                for wallet in self
            )
        )

    def _check_available(self, amount, as_money=False):
        """Refuse to spend more than there is.

        :param float amount: wanted, in the wallet's currency
        :param bool as_money: whether it goes out as money, which bonus money may not
        :raises UserError: naming customer, available and wanted amount
        """
        self.ensure_one()
        if self.state == "frozen":
            raise UserError(self._get_frozen_message())
        available = (
            self._get_available_for_pay_out() if as_money else self._get_available()
        )
        if self.currency_id.compare_amounts(amount, available) <= 0:
            return
        if as_money and self.bonus_balance:
            raise UserError(self._get_bonus_not_paid_out_message(amount, available))
        raise UserError(self._get_shortage_message(amount, available))

    def _get_shortage_message(self, wanted, available, only_paid=False):
        values = {
            "customer": self.sudo().partner_id.display_name,
            "available": self.currency_id.format(available),
            "wanted": self.currency_id.format(wanted),
            "bonus": self.currency_id.format(self.bonus_balance),
        }
        if only_paid and not self.currency_id.is_zero(self.bonus_balance):
            return self.env._(
                "The wallet of %(customer)s holds %(available)s that was paid in, and "
                "%(bonus)s of bonus, but %(wanted)s of paid money is needed. Top up "
                "the wallet, or use a smaller amount.",
                **values,
            )
        return self.env._(
            "The wallet of %(customer)s holds %(available)s, but %(wanted)s is needed. "
            "Top up the wallet, or use a smaller amount.",
            **values,
        )

    def _get_bonus_shortage_message(self, before, after):
        return self.env._(
            "The wallet of %(customer)s holds %(available)s of bonus, but %(wanted)s "
            "is needed. Use a smaller amount.",
            customer=self.sudo().partner_id.display_name,
            available=self.currency_id.format(max(before, 0.0)),
            wanted=self.currency_id.format(before - after),
        )

    def _get_bonus_not_paid_out_message(self, wanted, available):
        return self.env._(
            "Bonus money is not paid out, and %(bonus)s of the %(balance)s in the "
            "wallet of %(customer)s is bonus: %(available)s can be paid out, but "
            "%(wanted)s is needed. Use a smaller amount.",
            bonus=self.currency_id.format(self.bonus_balance),
            balance=self.currency_id.format(self.balance),
            customer=self.sudo().partner_id.display_name,
            available=self.currency_id.format(available),
            wanted=self.currency_id.format(wanted),
        )

    def _get_limit_message(self):
        return self.env._(
            "%(customer)s owes %(debt)s on the wallet: the limit cannot be lower.",
            customer=self.sudo().partner_id.display_name,
            debt=self.currency_id.format(self.overdraft_limit - self._get_paid_left()),
        )

    def _get_frozen_message(self, balance=None):
        balance = self.balance if balance is None else balance
        return self.env._(
            "The wallet of %(customer)s is frozen: nothing can be taken out of it. "
            "Its balance is %(balance)s. A wallet manager can unfreeze it.",
            customer=self.sudo().partner_id.display_name,
            balance=self.currency_id.format(balance),
        )

    def _get_content_text(self):
        """Whose wallet this is and what is in it, as far as the user may know."""
        self.ensure_one()
        values = {
            "customer": self.partner_id.display_name,
            "company": self.company_id.display_name,
            "balance": self.currency_id.format(self.balance),
        }
        if not self.sudo(False).has_access("read"):
            return self.env._("%(customer)s (%(company)s)", **values)
        return self.env._("%(customer)s: %(balance)s (%(company)s)", **values)
