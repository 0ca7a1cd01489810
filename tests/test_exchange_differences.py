from odoo.exceptions import UserError
from odoo.tests import tagged

from .currency_common import CurrencyCommon


@tagged("post_install", "-at_install")
class TestExchangeDifferences(CurrencyCommon):
    """What rates make of the money in a wallet is the company's, and a wallet without
    money is worth nothing in the books. An euro was worth half a dollar at first, and
    is worth a quarter today.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_rate(cls.eur, 4.0)
        cls.euros = {"currency_id": cls.eur.id}

    def _euro_wallet(self, partner=None):
        return self._wallet(partner, currency=self.eur)

    def _forget_accounts(self):
        self.company.income_currency_exchange_account_id = False
        self.company.expense_currency_exchange_account_id = False

    # Pay-outs

    def test_pay_outs_that_are_confirmed_together_leave_no_cent(self):
        self._set_rate(self.eur, 3.0, "2024-01-01")
        self._top_up(10, date="2024-01-01", **self.euros)
        pay_outs = self._pay_out(5, post=False, **self.euros)
        pay_outs += self._pay_out(5, post=False, **self.euros)
        pay_outs.action_post()
        self.assertBalance(0, self._euro_wallet())
        self.assertEqual(self._book_value(self._euro_wallet()), 0)

    def test_a_pay_out_that_is_reset_and_changed_has_one_difference(self):
        self._top_up(100, date="2020-01-01", **self.euros)
        pay_out = self._pay_out(100, **self.euros)
        pay_out.action_draft()
        pay_out.amount = 40
        bank = pay_out.outstanding_account_id
        self.assertEqual(
            pay_out.move_id.line_ids.mapped("account_id"), bank | self.wallet_account
        )
        pay_out.action_post()
        self.assertEntry(
            pay_out.move_id,
            [
                (self.wallet_account, 20, 0, 40, self.eur),
                (bank, 0, 10, -40, self.eur),
                (self.exchange_gain, 0, 10, 0, self.eur),
            ],
        )

    def test_a_pay_out_that_is_confirmed_again_at_another_average(self):
        self._top_up(100, date="2020-01-01", **self.euros)
        pay_out = self._pay_out(40, **self.euros)
        pay_out.action_draft()
        self._top_up(100, **self.euros)
        pay_out.action_post()
        self.assertEntry(
            pay_out.move_id,
            [
                (self.wallet_account, 15, 0, 40, self.eur),
                (pay_out.outstanding_account_id, 0, 10, -40, self.eur),
                (self.exchange_gain, 0, 5, 0, self.eur),
            ],
        )

    def test_a_pay_out_that_becomes_a_refund_has_no_difference(self):
        self._top_up(100, date="2020-01-01", **self.euros)
        pay_out = self._pay_out(100, **self.euros)
        pay_out.action_draft()
        pay_out.is_wallet = False
        pay_out.action_post()
        self.assertEntry(
            pay_out.move_id,
            [
                (self.receivable, 25, 0, 100, self.eur),
                (pay_out.outstanding_account_id, 0, 25, -100, self.eur),
            ],
        )
        self.assertBalance(100, self._euro_wallet())

    # Without accounts

    def test_without_accounts_what_goes_out_at_another_rate_is_refused_in_words(self):
        self._top_up(100, date="2020-01-01", **self.euros)
        self._forget_accounts()
        wallet = self._euro_wallet()
        pay_out = self._pay_out(100, post=False, **self.euros)
        self.assertRefused(UserError, pay_out.action_post, message="Default Accounts")
        invoice = self._invoice(20)
        self.assertRefused(
            UserError, invoice.action_allocate_wallet, message="Amal Haddad"
        )
        self.assertRefused(UserError, wallet._hold, 10, message="Default Accounts")

    def test_a_branch_uses_the_accounts_of_its_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        branch.income_currency_exchange_account_id = False
        branch.expense_currency_exchange_account_id = False
        Wallet = self.env["customer.wallet"]
        for balance, account in ((5, self.exchange_loss), (-5, self.exchange_gain)):
            vals = Wallet._prepare_exchange_vals(
                branch, self.customer, self.eur, balance
            )
            self.assertEqual(vals["account_id"], account.id)
