from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .currency_common import CurrencyCommon

CONTENTS = "odoo.addons.customer_wallet.models.customer_wallet_contents"


@tagged("post_install", "-at_install")
class TestCurrencies(CurrencyCommon):
    def test_each_currency_has_its_wallet(self):
        self._top_up(100)
        payment = self._top_up(60, currency_id=self.eur.id)
        self.assertEntry(
            payment.move_id,
            [
                (payment.outstanding_account_id, 30, 0, 60, self.eur),
                (self.wallet_account, 0, 30, -60, self.eur),
            ],
        )
        self.assertBalance(100)
        self.assertBalance(60, self._wallet(currency=self.eur))
        self.assertEqual(self.customer.wallet_balance, 130)

    def test_the_wallet_of_the_invoices_currency_pays(self):
        self._top_up(100)
        self._top_up(60, currency_id=self.eur.id)
        invoice = self._invoice(50, currency_id=self.eur.id)
        invoice.action_allocate_wallet()
        self.assertEntry(
            self._allocation_of(invoice),
            [
                (self.wallet_account, 25, 0, 50, self.eur),
                (self.receivable, 0, 25, -50, self.eur),
            ],
        )
        self.assertBalance(100)
        self.assertBalance(10, self._wallet(currency=self.eur))

    def test_another_wallet_pays_at_todays_rate_and_says_so_before(self):
        self._top_up(100)
        invoice = self._invoice(50, currency_id=self.eur.id)
        self.assertEqual(invoice.wallet_balance, 200)
        shown = invoice.wallet_widget["wallets"]
        self.assertEqual(
            [(w["balance"], w["amount"], w["converted"]) for w in shown],
            [(100, 200, True)],
        )
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEntry(
            self._allocation_of(invoice),
            [
                (self.wallet_account, 25, 0, 25, self.usd),
                (self.receivable, 0, 25, -50, self.eur),
            ],
        )
        self.assertBalance(75)

    def test_two_wallets_pay_one_invoice(self):
        self._top_up(100)
        self._top_up(60, currency_id=self.eur.id)
        invoice = self._invoice(80, currency_id=self.eur.id)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEntry(
            self._allocation_of(invoice),
            [
                (self.wallet_account, 30, 0, 60, self.eur),
                (self.wallet_account, 10, 0, 10, self.usd),
                (self.receivable, 0, 40, -80, self.eur),
            ],
        )
        self.assertBalance(90)
        self.assertBalance(0, self._wallet(currency=self.eur))
        self._unallocate(invoice)
        self.assertBalance(100)
        self.assertBalance(60, self._wallet(currency=self.eur))

    def test_a_change_of_rate_is_an_exchange_difference_on_the_receivable(self):
        """Top-up at 2 euro a dollar, invoice at 4: as with any other payment, the
        difference arises once, between invoice and payment.
        """
        self._top_up(100, currency_id=self.eur.id, date="2020-01-01")
        self._set_rate(self.eur, 4.0)
        invoice = self._invoice(40, currency_id=self.eur.id)
        invoice.action_allocate_wallet()
        entry = self._allocation_of(invoice)
        self.assertEntry(
            entry,
            [
                (self.wallet_account, 20, 0, 40, self.eur),
                (self.receivable, 0, 20, -40, self.eur),
            ],
        )
        exchange = invoice._get_wallet_partials().exchange_move_id
        self.assertEntry(
            exchange,
            [(self.receivable, 10, 0), (self.exchange_gain, 0, 10)],
        )
        self.assertEqual(invoice.payment_state, "paid")
        wallet = self._wallet(currency=self.eur)
        self.assertBalance(60, wallet)
        self.assertEqual(sum(wallet.line_ids.mapped("balance")), -30)
        self._unallocate(invoice)
        self.assertBalance(100, wallet)
        self.assertEqual(sum(wallet.line_ids.mapped("balance")), -50)
        self.assertEqual(invoice.amount_residual, 40)

    def test_an_invoice_of_the_company_is_paid_at_todays_rate(self):
        """The money was worth 50 when it came in and 25 now: what pays 20 stood in the
        books at 40, and the business has gained the difference.
        """
        self._top_up(100, currency_id=self.eur.id, date="2020-01-01")
        self._set_rate(self.eur, 4.0)
        invoice = self._invoice(20)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        entry = self._allocation_of(invoice)
        self.assertEntry(
            entry,
            [
                (self.wallet_account, 40, 0, 80, self.eur),
                (self.receivable, 0, 20, -20, self.usd),
                (self.exchange_gain, 0, 20, -20, self.usd),
            ],
        )
        wallet = self._wallet(currency=self.eur)
        self.assertBalance(20, wallet)
        self.assertEqual(sum(wallet.line_ids.mapped("balance")), -10)
        self._unallocate(invoice)
        self.assertBalance(100, wallet)
        self.assertEqual(invoice.amount_residual, 20)

    def test_an_invoice_of_the_company_paid_by_money_that_has_gained(self):
        """The money was worth 25 when it came in and 50 now: the business has lost the
        difference.
        """
        self._set_rate(self.eur, 4.0, "2019-01-01")
        self._top_up(100, currency_id=self.eur.id, date="2020-01-01")
        self._set_rate(self.eur, 2.0)
        invoice = self._invoice(50)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEntry(
            self._allocation_of(invoice),
            [
                (self.wallet_account, 25, 0, 100, self.eur),
                (self.receivable, 0, 50, -50, self.usd),
                (self.exchange_loss, 25, 0, 25, self.usd),
            ],
        )
        self.assertBalance(0, self._wallet(currency=self.eur))

    def test_many_invoices_of_the_company_are_paid_by_money_of_several_rates(self):
        self._top_up(50, currency_id=self.eur.id, date="2020-01-01")
        self._set_rate(self.eur, 1.0963, "2024-01-01")
        self._top_up(70, currency_id=self.eur.id, date="2024-01-02")
        self._set_rate(self.eur, 0.8713)
        self._top_up(10)
        invoices = self._invoice(33.33) + self._invoice(40) + self._invoice(17.01)
        entry = invoices._allocate_wallet()
        self.assertEqual(invoices.mapped("amount_residual"), [0, 0, 0])
        for invoice in invoices:
            items = entry.line_ids._filter_wallet_document(invoice)
            self.assertAlmostEqual(sum(items.mapped("balance")), 0.0, 2)
            paid = items.filtered(lambda line: line.account_id == self.receivable)
            self.assertEqual(paid.balance, -invoice.amount_total)
        self.assertBalance(0)

    def test_a_pay_out_at_another_rate_leaves_no_book_value_behind(self):
        self._top_up(100, currency_id=self.eur.id, date="2020-01-01")
        self._set_rate(self.eur, 4.0)
        pay_out = self._pay_out(100, currency_id=self.eur.id)
        self.assertEntry(
            pay_out.move_id,
            [
                (self.wallet_account, 50, 0, 100, self.eur),
                (pay_out.outstanding_account_id, 0, 25, -100, self.eur),
                (self.exchange_gain, 0, 25, 0, self.eur),
            ],
        )
        wallet = self._wallet(currency=self.eur)
        self.assertBalance(0, wallet)
        self.assertEqual(sum(wallet.line_ids.mapped("balance")), 0)

    def test_spent_in_thirds_no_cent_is_left(self):
        self._set_rate(self.eur, 1.0963, "2024-01-01")
        self._top_up(100, currency_id=self.eur.id)
        for amount in (33.33, 33.33, 33.34):
            invoice = self._invoice(amount, currency_id=self.eur.id)
            invoice.action_allocate_wallet()
            self.assertEqual(invoice.payment_state, "paid")
        wallet = self._wallet(currency=self.eur)
        self.assertBalance(0, wallet)
        self.assertEqual(self.usd.round(sum(wallet.line_ids.mapped("balance"))), 0)

    def test_a_bonus_of_no_value_in_the_books_becomes_no_paid_money(self):
        """A program may say what an item is worth."""
        bonus = self.company.wallet_bonus_account_id
        expense = self.company.wallet_promotion_account_id

        def enter(*items):
            return self.env["account.move"].create(
                {
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": self.customer.id,
                                "currency_id": self.eur.id,
                                "amount_currency": amount,
                                "balance": 0.0,
                            }
                        )
                        for account, amount in items
                    ]
                }
            )

        enter((expense, 100), (bonus, -100)).action_post()
        wallet = self._wallet(currency=self.eur)
        self.assertKinds(0, 100, wallet)
        for account in (self.wallet_account, self.receivable):
            entry = enter((bonus, 100), (account, -100))
            self.assertEqual(set(entry.line_ids.mapped("balance")), {0.0})
            if account == self.receivable:
                entry.action_post()
                entry = enter((account, 100), (self.wallet_account, -100))
            self.assertRefused(UserError, entry.action_post)
        self.assertKinds(0, 0, wallet)

    def test_three_decimals(self):
        bhd = self.setup_other_currency("BHD", rates=[("2017-01-01", 0.376)])
        self._top_up(10.005, currency_id=bhd.id)
        invoice = self._invoice(3.335, currency_id=bhd.id)
        invoice.action_allocate_wallet()
        wallet = self._wallet(currency=bhd)
        self.assertBalance(6.670, wallet)
        invoice = self._invoice(6.671, currency_id=bhd.id)
        self.assertRefused(UserError, invoice.action_allocate_wallet, 6.671)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.amount_residual, 0.001)
        self.assertBalance(0, wallet)

    def test_no_decimals(self):
        jpy = self.setup_other_currency("JPY", rates=[("2017-01-01", 150.0)])
        self._top_up(1000, currency_id=jpy.id)
        invoice = self._invoice(333, currency_id=jpy.id)
        self.assertRefused(UserError, invoice.action_allocate_wallet, 0.4)
        invoice.action_allocate_wallet()
        self.assertBalance(667, self._wallet(currency=jpy))

    def test_a_yen_wallet_pays_a_dollar_invoice(self):
        jpy = self.setup_other_currency("JPY", rates=[("2017-01-01", 150.0)])
        self._top_up(1000, currency_id=jpy.id)
        invoice = self._invoice(5)
        self.assertEqual(invoice.wallet_balance, 6.67)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(250, self._wallet(currency=jpy))
        rest = self._invoice(5)
        rest.action_allocate_wallet()
        self.assertEqual(rest.amount_residual, 3.33)
        self.assertBalance(0, self._wallet(currency=jpy))

    def test_entries_with_an_exchange_difference_can_be_reset(self):
        for first, action in (("pay_out", "action_draft"), ("top_up", "action_draft")):
            customer = self.env["res.partner"].create({"name": first})
            values = {"currency_id": self.eur.id, "partner_id": customer.id}
            self._set_rate(self.eur, 2.0, "2019-01-01") if first == "pay_out" else None
            top_up = self._top_up(100, date="2020-01-01", **values)
            self._top_up(100, date="2021-01-01", **values)
            if first == "pay_out":
                self._set_rate(self.eur, 4.0)
            pay_out = self._pay_out(40, **values)
            wallet = self._wallet(customer, currency=self.eur)
            self.assertBalance(160, wallet)
            payment = pay_out if first == "pay_out" else top_up
            getattr(payment, action)()
            self.assertBalance(200 if first == "pay_out" else 60, wallet)
            payment.action_post()
            self.assertBalance(160, wallet)

    def test_a_debt_at_another_rate_holds_up_nothing(self):
        """What was spent beyond the balance, at a better rate, is the company's loss:
        a wallet that has something again is worth that.
        """
        self._set_rate(self.eur, 1.0, "2020-01-01")
        self._set_rate(self.eur, 2.0, "2021-01-01")
        self._top_up(1, date="2020-01-01", currency_id=self.eur.id)
        wallet = self._wallet(currency=self.eur)
        wallet.overdraft_limit = 1000
        vals = {"currency_id": self.eur.id, "invoice_date": "2020-01-01"}
        with patch.object(
            self.env.registry["res.company"],
            "_get_wallet_today",
            lambda _company: fields.Date.to_date("2020-01-01"),
        ):
            self._invoice(1001, **vals).action_allocate_wallet()
        self._top_up(1010, date="2021-01-01", currency_id=self.eur.id)
        self.assertBalance(10, wallet)
        _amount, value = wallet._get_book_values()["paid"]
        self.assertEqual(value, 5)
        invoice = self._invoice(4, currency_id=self.eur.id)
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self._pay_out(6, currency_id=self.eur.id)
        self.assertBalance(0, wallet)

    def test_nothing_is_paid_for_nothing(self):
        """Less than the smallest coin of the wallet costs that coin."""
        vnd = self.setup_other_currency("VND", rates=[("2017-01-01", 25000.0)])
        self._top_up(1)
        invoice = self._invoice(1000000, currency_id=vnd.id)
        invoice.action_allocate_wallet(120)
        self.assertEqual(invoice.amount_residual, 999880)
        self.assertBalance(0.99)

    def test_a_pay_out_comes_from_the_wallet_of_its_currency(self):
        self._top_up(100)
        pay_out = self._pay_out(10, post=False, currency_id=self.eur.id)
        self.assertRefused(UserError, pay_out.action_post, message="EUR")

    def test_a_company_with_three_decimals(self):
        """All the same in a company whose own currency is the Bahraini dinar."""
        bhd = self.setup_other_currency("BHD", rates=[])
        data = self.setup_other_company(name="Manama", currency_id=bhd.id)
        self.env.user.company_ids |= data["company"]
        env_company = data["company"]
        payment = (
            self.env["account.payment"]
            .with_company(env_company)
            .create(
                {
                    "partner_id": self.customer.id,
                    "amount": 1.005,
                    "is_wallet": True,
                    "journal_id": data["default_journal_bank"].id,
                }
            )
        )
        payment.action_post()
        wallet = self._wallet(company=env_company)
        self.assertEqual(wallet.currency_id, bhd)
        self.assertBalance(1.005, wallet)

    def test_a_long_history_keeps_its_value_and_its_bonuses(self):
        with patch(f"{CONTENTS}.CHECKPOINT_ITEMS", 3):
            self._top_up(60, currency_id=self.eur.id)
            wallet = self._wallet(currency=self.eur)
            self._set_rate(self.eur, 1.0)
            self._top_up(30, currency_id=self.eur.id)
            for amount in (10, 5):
                self.env["customer.wallet.adjustment"].create(
                    {
                        "wallet_id": wallet.id,
                        "direction": "up",
                        "lot_type": "bonus",
                        "amount": amount,
                        "account_id": self.promotion_account.id,
                        "expiry_date": f"2099-{amount:02}-01",
                        "reason": "Goodwill",
                    }
                ).action_confirm()
            for amount, left in ((7, [(8, 10)]), (1, [(7, 10)]), (20, [])):
                self._invoice(amount, currency_id=self.eur.id).action_allocate_wallet()
                self.assertTrue(wallet.checkpoint_item_id)
                grants = wallet._get_open_grants()
                self.assertEqual([(it.left, it.expiry.month) for it in grants], left)
            self._invoice(77, currency_id=self.eur.id).action_allocate_wallet()
        self.assertBalance(0, wallet)
        self.assertEqual(self.usd.round(sum(wallet.line_ids.mapped("balance"))), 0)

    def test_a_form_without_currency_waits_for_one(self):
        self._top_up(60)
        Payment = self.env["account.payment"]
        Promotion = self.env["customer.wallet.promotion"]
        for form in (
            Form(self._invoice(50, post=False)),
            Form(self._invoice(50, post=False, move_type="out_refund")),
            Form(self._top_up(50, post=False)),
            Form(self._pay_out(50, post=False)),
            Form(Payment.with_context(default_is_wallet=True)),
            Form(Promotion),
        ):
            form.currency_id = self.env["res.currency"]
            form.currency_id = self.eur
