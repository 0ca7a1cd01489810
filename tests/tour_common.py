from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingHttpCommon
from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon

from .common import WalletCommon, WalletWords


@tagged("wallet_browser")
class WalletTourCommon(WalletCommon, AccountTestInvoicingHttpCommon):
    browser_size = "1366x768"

    @classmethod
    def get_default_groups(cls):
        groups = super().get_default_groups()
        return groups | cls.quick_ref("point_of_sale.group_pos_manager")

    def _run_tour(self, name, path="/odoo"):
        self.start_tour(path, name, login=self.env.user.login, timeout=180)

    def assertPaidFromWallet(self, invoice, amount):
        """The invoice is paid by one entry between the wallet and the receivable
        account."""
        self.assertRecordValues(
            invoice,
            [{"state": "posted", "payment_state": "paid", "amount_residual": 0.0}],
        )
        entry = self._allocation_of(invoice)
        self.assertEqual(entry.journal_id, self.company.wallet_journal_id)
        self.assertEntry(
            entry,
            [(self.wallet_account, amount, 0.0), (self.receivable, 0.0, amount)],
        )


@tagged("wallet_browser")
class TillTourCommon(WalletWords, TestPointOfSaleHttpCommon):
    """A cashier at a till, in a real browser; Amal has 50 in the wallet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_words()
        cls._top_up(50.0)

    def _set_balance(self, amount):
        """Leave this much in the wallet."""
        self._pay_out(self._wallet().balance - amount)
        self.assertEqual(self._wallet().balance, amount)

    def _get_wallet_accounts(self):
        return self.company.wallet_account_id | self.company.wallet_bonus_account_id

    def _offer_in_one_click(self):
        """Put *Customer Wallet* and *Bank* on the screen of the products."""
        methods = self.main_pos_config.payment_method_ids
        methods = methods.filtered(lambda method: method.type in ("wallet", "bank"))
        self.main_pos_config.write(
            {"use_fast_payment": True, "fast_payment_method_ids": methods.ids}
        )

    def _run_tour(self, name):
        """:return: the session, with the orders that the tour made"""
        self.main_pos_config.with_user(self.pos_user).open_ui()
        self.start_pos_tour(f"customer_wallet.till_{name}")
        self.env.invalidate_all()
        return self.main_pos_config.current_session_id

    def assertTill(self, session, expected, balance):
        """The orders of the session are what the cashier saw, and so is the ledger.

        :param expected: for each order, a list of (method, amount, booked)
        :param balance: of the wallet, which its journal items agree with
        """
        orders = session.order_ids
        self.assertEqual(set(orders.mapped("state")), {"paid"})
        self.assertCountEqual(
            [
                sorted(
                    (
                        payment.payment_method_id.name,
                        round(payment.amount, 2),
                        self._get_booked(payment),
                    )
                    for payment in order.payment_ids
                )
                for order in orders
            ],
            [sorted(payments) for payments in expected],
        )
        self.assertBalance(balance + self._wallet().held)

    def _get_booked(self, payment):
        """What is held for a payment, or its entry took from the wallet; None without
        either.
        """
        hold = payment.wallet_hold_id
        if hold and not payment.wallet_move_id:
            self.assertEqual((hold.state, hold.partner_id), ("held", self.customer))
            return round(hold.amount, 2)
        if not payment.wallet_move_id:
            return None
        self.assertEqual(payment.wallet_move_id.state, "posted")
        lines = payment.wallet_move_id.line_ids.filtered(
            lambda line: line.account_id in self._get_wallet_accounts()
        )
        self.assertEqual(lines.partner_id, self.customer)
        return round(sum(lines.mapped("balance")), 2)
