from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .till_common import TillWalletCommon

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@tagged("post_install", "-at_install")
class TestAYearOfACustomer(TillWalletCommon):
    """All that may happen to a wallet in a year, and what the books say of it: to be
    read from top to bottom.
    """

    in_wallet = 0

    def test_from_the_first_top_up_to_the_trial_balance(self):
        receivable = self.customer.property_account_receivable_id

        # January: who pays 300 in gets 10% on top, to be used within 60 days.
        with freeze_time("2026-01-05 12:00:00"):
            self._promotion(validity_days=60, once_per_customer=True)
            top_up = self._top_up(300)
        bank = top_up.outstanding_account_id
        self.assertEntry(
            top_up.move_id, [(bank, 300, 0), (self.wallet_account, 0, 300)]
        )
        self.assertEntry(
            self._bonus_of(top_up),
            [(self.promotion_account, 30, 0), (self.bonus_account, 0, 30)],
        )
        self.assertKinds(paid=300, bonus=30)

        # February: an invoice of 20 is paid from the wallet, with the bonus first.
        with freeze_time("2026-02-10 12:00:00"):
            invoice = self._invoice(20)
            invoice.action_allocate_wallet()
        self.assertEntry(
            self._allocation_of(invoice),
            [(self.bonus_account, 20, 0), (receivable, 0, 20)],
        )
        self.assertKinds(paid=300, bonus=10)

        # March: nobody has used the rest of the bonus in time.
        self._run_at("2026-03-07 08:00:00")
        self.assertEntry(
            self._last_entry("expiry"),
            [(self.bonus_account, 10, 0), (self.promotion_account, 0, 10)],
        )
        self.assertKinds(paid=300, bonus=0)

        # April, at the till: goods for 100 from the wallet, and 50 in cash into it.
        with freeze_time("2026-04-15 12:00:00"):
            self.open_new_session()
            sale = self._sync(self._order_data([(self.wallet_pm, 100)]))
            self.assertKinds(paid=200, bonus=0)
            till_top_up = self._sync(self._top_up_data(50))
            session = self._close_session(counted_cash=50)
        self.assertEntry(
            sale.payment_ids.wallet_move_id,
            [(self.wallet_account, 100, 0), (self.pos_receivable, 0, 100)],
        )
        self.assertEntry(
            till_top_up.payment_ids.wallet_move_id,
            [(self.pos_receivable, 50, 0), (self.wallet_account, 0, 50)],
        )
        self.assertEntry(
            session.move_id,
            [
                (self.pos_receivable_cash, 50, 0),
                (self.pos_receivable, 50, 0),
                (self.sales_account, 0, 100),
            ],
        )
        self.assertTillIsClear()
        self.assertKinds(paid=250, bonus=0)

        # May: an invoice of 80. June: the goods come back, and the money too.
        with freeze_time("2026-05-20 12:00:00"):
            returned = self._invoice(80)
            returned.action_allocate_wallet()
        self.assertEntry(
            self._allocation_of(returned),
            [(self.wallet_account, 80, 0), (receivable, 0, 80)],
        )
        with freeze_time("2026-06-03 12:00:00"):
            credit_note = self._reverse(returned)
        self.assertEntry(
            self._refund_of(credit_note),
            [(receivable, 80, 0), (self.wallet_account, 0, 80)],
        )
        self.assertKinds(paid=250, bonus=0)

        # August: the customer asks for 50 back.
        with freeze_time("2026-08-18 12:00:00"):
            pay_out = self._pay_out(50)
        self.assertEntry(
            pay_out.move_id,
            [(self.wallet_account, 50, 0), (pay_out.outstanding_account_id, 0, 50)],
        )
        self.assertKinds(paid=200, bonus=0)

        # October: from now on, invoices are paid by themselves.
        with freeze_time("2026-10-01 12:00:00"):
            self.company.wallet_auto_allocate = True
            invoice = self._invoice(60)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEntry(
            self._allocation_of(invoice),
            [(self.wallet_account, 60, 0), (receivable, 0, 60)],
        )
        self.assertKinds(paid=140, bonus=0)

        # The end of the year: the accounts, the liability and the statement agree.
        with freeze_time("2026-12-31 12:00:00"):
            self.assertTrialBalance(
                {
                    self.wallet_account: -140,
                    self.bonus_account: 0,
                    self.promotion_account: 20,
                    receivable: 0,
                }
            )
            self.assertRollForward(FIRST, LAST)
            self.assertLiability(
                topped_up=350,
                bonus_given=30,
                spent_invoices=-160,
                spent_tills=-100,
                refunded=80,
                paid_out=-50,
                expired=-10,
                closing=140,
            )
            self.assertStatement(
                ("2026-01-05", "Top-up", 300, 300),
                ("2026-01-05", "Bonus", 30, 330),
                ("2026-02-10", "Invoice Paid", -20, 310),
                ("2026-03-07", "Bonus Expired", -10, 300),
                ("2026-04-15", "Top-up", 50, 350),
                ("2026-04-15", "Point of Sale", -100, 250),
                ("2026-05-20", "Invoice Paid", -80, 170),
                ("2026-06-03", "Refund", 80, 250),
                ("2026-08-18", "Pay-out", -50, 200),
                ("2026-10-01", "Invoice Paid", -60, 140),
            )

    def _last_entry(self, operation):
        return self.env["account.move"].search(
            [
                ("wallet_operation", "=", operation),
                ("company_id", "=", self.company.id),
            ],
            order="id desc",
            limit=1,
        )

    def assertTrialBalance(self, expected):
        """Debit minus credit of accounts at the end of the year."""
        self.assertEqual(
            {account: -self._ledger_balance(account, LAST) for account in expected},
            expected,
        )

    def assertLiability(self, **expected):
        self.assertEqual(self._get_roll_forward(FIRST, LAST), expected)

    def assertStatement(self, *expected):
        """What the customer gets: (day, what, amount, balance after it)."""
        statement = self._wallet()._get_statement(FIRST, LAST)
        self.assertEqual(
            [
                (
                    str(movement.date),
                    movement.kind,
                    movement.amount,
                    movement.running_balance,
                )
                for movement in statement["movements"]
            ],
            list(expected),
        )
        self.assertEqual(statement["closing"], expected[-1][-1])
