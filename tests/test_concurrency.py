import time
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.customer_wallet import FROM_SERVER
from .race_common import RaceCommon


class ConcurrencyCommon(RaceCommon):
    """Two users of two server processes and one wallet."""

    def setUp(self):
        super().setUp()
        self.customer_id = self._create_customer("Amal Haddad")

    def _create_customer(self, name):
        customer_id = self._commit(
            lambda env: env["res.partner"].create({"name": name}).id
        )
        self.addCleanup(
            self._commit, lambda env: self._delete_customer(env, customer_id)
        )
        return customer_id

    @staticmethod
    def _delete_customer(env, customer_id):
        """Leave the database as it was; what is posted can only go by SQL."""
        customer = {"customer": customer_id}
        for query in (
            """DELETE FROM account_partial_reconcile USING account_move_line line
                WHERE line.id IN (debit_move_id, credit_move_id)
                  AND line.partner_id = %(customer)s""",
            "UPDATE account_payment SET payment_transaction_id = NULL,"
            " payment_token_id = NULL WHERE partner_id = %(customer)s",
            "DELETE FROM payment_transaction WHERE partner_id = %(customer)s",
            "UPDATE customer_wallet_automatic_top_up SET token_id = NULL"
            " FROM payment_token token WHERE token.id = token_id"
            " AND token.partner_id = %(customer)s",
            "DELETE FROM payment_token WHERE partner_id = %(customer)s",
            "UPDATE account_move SET origin_payment_id = NULL"
            " WHERE partner_id = %(customer)s",
            "DELETE FROM account_payment WHERE partner_id = %(customer)s",
            "UPDATE account_move SET reversed_entry_id = NULL"
            " WHERE partner_id = %(customer)s",
            "DELETE FROM account_move_line WHERE partner_id = %(customer)s",
            "DELETE FROM account_move WHERE partner_id = %(customer)s",
            "DELETE FROM customer_wallet_hold USING customer_wallet wallet"
            " WHERE wallet.id = wallet_id AND wallet.partner_id = %(customer)s",
            "DELETE FROM customer_wallet WHERE partner_id = %(customer)s",
            "DELETE FROM res_partner WHERE id = %(customer)s",
            "DELETE FROM customer_wallet_promotion",
            "DELETE FROM customer_wallet_request",
        ):
            env.cr.execute(query, customer)

    # What people do

    def _pay(self, env, amount, payment_type="inbound", is_wallet=True):
        payment = env["account.payment"].create(
            {
                "partner_id": self.customer_id,
                "amount": amount,
                "payment_type": payment_type,
                "is_wallet": is_wallet,
            }
        )
        payment.action_post()
        return payment.id

    def _top_up(self, amount):
        return self._commit(lambda env: self._pay(env, amount))

    @staticmethod
    def _make_transfer(env, giver_id, taker_id, amount):
        wallet = env["customer.wallet"].search([("partner_id", "=", giver_id)])
        return env["customer.wallet.transfer"].create(
            {
                "wallet_id": wallet.id,
                "target_partner_id": taker_id,
                "amount": amount,
                "reason": "They asked for it",
            }
        )

    def _transfer(self, *args):
        def transfer(env):
            self._make_transfer(env, *args).action_confirm()

        return transfer

    def _invoice(self, amount, move_type="out_invoice"):
        def create(env):
            invoice = env["account.move"].create(
                {
                    "move_type": move_type,
                    "partner_id": self.customer_id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Goods",
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
            invoice.action_post()
            return invoice.id

        return self._commit(create)

    def _allocate(self, invoice_id, amount=None):
        return lambda env: (
            env["account.move"].browse(invoice_id).action_allocate_wallet(amount)
        )

    def assertMoney(self, balance, residuals):
        """What everybody sees afterwards."""

        def check(env):
            wallet = env["customer.wallet"].search(
                [("partner_id", "=", self.customer_id)]
            )
            self.assertEqual(len(wallet), 1)
            self.assertEqual(wallet.balance, balance)
            ledger = sum(wallet.line_ids.mapped("balance"))
            self.assertEqual(wallet.currency_id.round(-ledger), balance)
            for invoice_id, allowed in residuals.items():
                residual = env["account.move"].browse(invoice_id).amount_residual
                self.assertIn(residual, allowed)

        self._commit(check)

    def assertOneRefused(self, results):
        refused = [result for result in results if isinstance(result, UserError)]
        self.assertEqual(len(refused), 1, results)
        self.assertIn("Amal Haddad", str(refused[0]))


@tagged("post_install", "-at_install")
class TestConcurrency(ConcurrencyCommon):
    def test_once_per_customer_also_for_two_top_ups_at_once(self):
        def promote(env):
            env["customer.wallet.promotion"].create(
                {"name": "Once", "bonus_value": 10, "once_per_customer": True}
            )

        self._commit(promote)
        for _known in (False, True):
            self._at_once(
                lambda env: self._pay(env, 100), lambda env: self._pay(env, 200)
            )
        self._commit(
            lambda env: self.assertIn(
                env["customer.wallet"]
                .search([("partner_id", "=", self.customer_id)])
                .bonus_balance,
                (10, 20),
            )
        )

    def test_two_tills_cannot_spend_the_same_money(self):
        self._top_up(100)
        one, two = self._invoice(80), self._invoice(80)
        results = self._at_once(self._allocate(one, 80), self._allocate(two, 80))
        self.assertOneRefused(results)
        self.assertMoney(20, {one: (0, 80), two: (0, 80)})

    def test_two_clicks_at_once_share_what_is_there(self):
        self._top_up(100)
        one, two = self._invoice(80), self._invoice(80)
        self._at_once(self._allocate(one), self._allocate(two))
        self.assertMoney(0, {one: (0, 60), two: (0, 60)})

    def test_one_invoice_is_paid_once(self):
        self._top_up(200)
        invoice = self._invoice(80)
        self._at_once(self._allocate(invoice, 80), self._allocate(invoice, 80))
        self.assertMoney(120, {invoice: (0,)})

    def test_one_request_sent_twice_at_once_is_done_once(self):
        self._top_up(100)
        invoice = self._invoice(80)

        def ask(env):
            move = env["account.move"].browse(invoice)
            return move.with_context(wallet_request_key="one").action_allocate_wallet(
                30
            )

        self.assertEqual(self._at_once(ask, ask), [True, True])
        self.assertMoney(70, {invoice: (50,)})

    def test_a_payment_and_a_pay_out_cannot_use_the_same_money(self):
        self._top_up(100)
        invoice = self._invoice(80)
        results = self._at_once(
            self._allocate(invoice, 80),
            lambda env: self._pay(env, 80, payment_type="outbound"),
        )
        self.assertOneRefused(results)
        self.assertMoney(20, {invoice: (0, 80)})

    def test_what_a_bonus_has_paid_is_not_paid_out_twice_at_once(self):
        """The wallet is off: neither payment touches it."""
        promotion = {"name": "Double", "bonus_value": 100}
        self._commit(lambda env: env["customer.wallet.promotion"].create(promotion).id)
        self._top_up(100)
        self._commit(lambda env: self._pay(env, 100, payment_type="outbound"))
        invoice = self._invoice(100)
        self._commit(self._allocate(invoice, 100))
        self._commit(lambda env: self._pay(env, 60, is_wallet=False))

        def pay_out(env):
            return self._pay(env, 60, payment_type="outbound", is_wallet=False)

        self.assertOneRefused(self._at_once(pay_out, pay_out))

    def test_a_top_up_is_not_taken_back_while_it_is_spent(self):
        payment_id = self._top_up(100)
        invoice = self._invoice(80)
        results = self._at_once(
            self._allocate(invoice, 80),
            lambda env: env["account.payment"].browse(payment_id).action_draft(),
        )
        self.assertOneRefused(results)

    def test_one_credit_note_is_refunded_once(self):
        self._top_up(20)
        credit_note = self._invoice(80, move_type="out_refund")

        def refund(env):
            return env["account.move"].browse(credit_note).action_refund_to_wallet(80)

        results = self._at_once(refund, refund)
        refused = [result for result in results if isinstance(result, UserError)]
        self.assertEqual(len(refused), 1, results)
        self.assertMoney(100, {credit_note: (0,)})

    def test_a_refund_is_not_taken_back_while_it_is_spent(self):
        invoice = self._invoice(80)
        credit_note = self._invoice(80, move_type="out_refund")

        def refund(env):
            move = env["account.move"].browse(credit_note)
            move.action_refund_to_wallet()
            return move._get_wallet_partials().id

        partial_id = self._commit(refund)
        results = self._at_once(
            self._allocate(invoice, 80),
            lambda env: (
                env["account.move"]
                .browse(credit_note)
                .action_unallocate_wallet(partial_id)
            ),
        )
        self.assertOneRefused(results)

    # Recurring charges

    def _allow_charges(self, limit):
        """As the customer does in the portal."""

        def allow(env):
            wallet = env["customer.wallet"].search(
                [("partner_id", "=", self.customer_id)]
            )
            provider = wallet._find_recurring_provider()
            vals = wallet._prepare_recurring_token_vals(provider)
            token = env["payment.token"].with_context(wallet_consent=FROM_SERVER)
            return token.create({**vals, "wallet_monthly_limit": limit}).id

        return self._commit(allow)

    def _charge(self, token_id, invoice_id):
        def charge(env):
            token = env["payment.token"].browse(token_id)
            invoice = env["account.move"].browse(invoice_id)
            tx = env["payment.transaction"].create(
                {
                    "provider_id": token.provider_id.id,
                    "payment_method_id": token.payment_method_id.id,
                    "token_id": token.id,
                    "operation": "offline",
                    "reference": f"subscription {invoice.id}",
                    "amount": invoice.amount_residual,
                    "currency_id": invoice.currency_id.id,
                    "partner_id": invoice.partner_id.id,
                    "invoice_ids": [Command.set(invoice.ids)],
                }
            )
            tx._charge_with_token()
            return tx.state, tx.state_message or ""

        return charge

    def test_two_charges_at_once_cannot_pass_the_limit_of_the_month(self):
        self._top_up(500)
        token = self._allow_charges(60)
        one, two = self._invoice(40), self._invoice(40)
        results = self._at_once(self._charge(token, one), self._charge(token, two))
        self.assertEqual({state for state, _message in results}, {"done", "error"})
        message = dict(results)["error"]
        self.assertRegex(message, r"in use by somebody else|\$ 20.00 is left")
        self.assertMoney(460, {})

    def test_what_was_stopped_meanwhile_is_not_charged(self):
        self._top_up(500)
        token = self._allow_charges(60)
        invoice = self._invoice(40)

        def stop(env):
            env["payment.token"].browse(token).active = False

        def run(env):
            """A long list of customers, begun before this one has stopped it."""
            self.assertTrue(env["payment.token"].browse(token).active)
            self._commit(stop)
            return self._charge(token, invoice)(env)

        with mute_logger("odoo.sql_db"):
            state, message = self._commit(run)
        self.assertEqual(state, "error")
        self.assertIn("in use by somebody else", message)
        self.assertMoney(500, {invoice: (40,)})

    # Automatic top-ups

    def _allow_automatic_top_up(self, provider_id):
        """Below 20, fill up to 50, as the customer does in the portal."""

        def allow(env):
            provider = env["payment.provider"].browse(provider_id)
            wallet = env["customer.wallet"].search(
                [("partner_id", "=", self.customer_id)]
            )
            methods = env["payment.method"].with_context(active_test=False)
            method = methods.search([("code", "=", "card")], limit=1)
            token = env["payment.token"].create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "partner_id": self.customer_id,
                    "provider_ref": "card",
                }
            )
            env["customer.wallet.automatic.top.up"]._from_server().create(
                {
                    "wallet_id": wallet.id,
                    "token_id": token.id,
                    "threshold": 20.0,
                    "top_up_type": "fill",
                    "amount": 50.0,
                    "monthly_limit": 500.0,
                    "state": "on",
                }
            )

        self._commit(allow)

    def _prepare_card_provider(self):
        """A provider that a bank stands behind.

        :return: id of payment.provider
        """

        def create(env):
            journal = env["account.journal"].search(
                [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
            )
            line = journal.inbound_payment_method_line_ids[:1]
            provider = env["payment.provider"].create(
                {"name": "Cards of the test", "state": "test"}
            )
            line.copy({"payment_provider_id": provider.id, "journal_id": journal.id})
            return provider.id

        def delete(env):
            self._delete_customer(env, self.customer_id)
            lines = env["account.payment.method.line"].search(
                [("payment_provider_id", "=", provider_id)]
            )
            lines.payment_provider_id = False
            lines.unlink()
            env["payment.provider"].browse(provider_id).unlink()

        provider_id = self._commit(create)
        self.addCleanup(self._commit, delete)
        return provider_id

    @staticmethod
    def _finish_charges(env):
        """Later: what was in somebody's way is booked, and the wallets looked at."""
        env["payment.transaction"]._cron_post_process()
        env["customer.wallet.automatic.top.up"]._cron_charge()

    def _spend_and_look(self, invoice_id):
        """A client that spends, and a cron worker that looks at once."""

        def spend():
            for _try in range(50):
                try:
                    return self._commit(self._allocate(invoice_id))
                except (UserError, ConcurrencyError):
                    continue
            return None

        def act(_env):
            spend()
            self._commit(
                lambda env: env["customer.wallet.automatic.top.up"]._cron_charge()
            )

        return act

    def test_a_crossing_under_sixteen_clients_is_charged_once(self):
        self._top_up(21)
        self._allow_automatic_top_up(self._prepare_card_provider())
        invoices = [self._invoice(1) for _number in range(16)]
        charges = []

        def answer(tx):
            charges.append(tx.amount)
            time.sleep(0.5)
            tx._set_done()

        Transaction = self.registry["payment.transaction"]
        with (
            mute_logger("odoo.addons.payment.models.payment_transaction"),
            patch.object(Transaction, "_send_payment_request", answer),
        ):
            self._at_once(*map(self._spend_and_look, invoices))
            self._commit(self._finish_charges)
        self.assertEqual(len(charges), 1)
        self.assertMoney(21 - 16 + charges[0], dict.fromkeys(invoices, (0,)))

    def test_two_first_top_ups_make_one_wallet(self):
        self._at_once(lambda env: self._pay(env, 30), lambda env: self._pay(env, 12))
        self.assertMoney(42, {})

    def test_one_undo_done_twice_at_once_works_once(self):
        self._top_up(100)
        invoice_id = self._invoice(80)
        self._commit(self._allocate(invoice_id))

        def undo(env):
            invoice = env["account.move"].browse(invoice_id)
            return invoice.action_unallocate_wallet(partial_id)

        partial_id = self._commit(
            lambda env: env["account.move"].browse(invoice_id)._get_wallet_partials().id
        )
        self.assertEqual(self._at_once(undo, undo), [True, True])
        self.assertMoney(100, {invoice_id: (80,)})

    def test_one_exchange_difference_is_booked_once(self):
        """Though neither changes the balance of the wallet."""
        self._activate_euro()
        with patch.object(
            self.registry["customer.wallet"],
            "_try_exchange_entry",
            lambda wallet, *_args: wallet.env["account.move"],
        ):
            self._commit(self._enter_difference)

        def book(env):
            wallet = env["customer.wallet"].search(
                [("partner_id", "=", self.customer_id)]
            )
            return env["customer.wallet.check"]._book_exchange_difference(wallet).ids

        booked = self._at_once(book, book)
        self.assertEqual(sorted(map(len, booked)), [0, 1], booked)

    def _activate_euro(self):
        def activate(env, active=True):
            euro = env.ref("base.EUR")
            was_active = euro.active
            euro.active = active
            return was_active

        if not self._commit(activate):
            self.addCleanup(self._commit, lambda env: activate(env, False))

    def _enter_difference(self, env):
        """A hundred euros come in and go out at another rate."""
        euro = env.ref("base.EUR")
        income = env["account.account"].search([("account_type", "=", "income")])[0]
        money = env.company.wallet_account_id
        entry = env["account.move"].create(
            {
                "partner_id": self.customer_id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer_id,
                            "currency_id": euro.id,
                            "amount_currency": amount,
                            "balance": balance,
                        }
                    )
                    for account, amount, balance in (
                        (money, -100, -50),
                        (money, 100, 25),
                        (income, 0, 25),
                    )
                ],
            }
        )
        entry.action_post()

    def test_different_customers_do_not_hinder_each_other(self):
        self._top_up(100)
        invoice = self._invoice(80)
        self._at_once(self._allocate(invoice), lambda env: self._pay(env, 5) and None)
        self.assertMoney(25, {invoice: (0,)})

    def test_transfers_there_and_back_at_once(self):
        other_id = self._create_customer("Bilal Nasser")
        self._top_up(100)
        self._commit(self._transfer(self.customer_id, other_id, 50))
        results = self._at_once(
            self._transfer(self.customer_id, other_id, 20),
            self._transfer(other_id, self.customer_id, 30),
        )
        self.assertEqual(results, [None, None])
        self.assertMoney(60, {})

    def test_a_transfer_and_a_payment_cannot_use_the_same_money(self):
        other_id = self._create_customer("Bilal Nasser")
        self._top_up(100)
        invoice = self._invoice(80)
        results = self._at_once(
            self._allocate(invoice, 80),
            self._transfer(self.customer_id, other_id, 80),
        )
        self.assertOneRefused(results)
        self.assertMoney(20, {invoice: (0, 80)})
