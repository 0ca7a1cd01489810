from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from itertools import count
from unittest.mock import patch

from odoo import Command, fields, models
from odoo.orm.model_classes import add_to_registry
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import WalletCommon

NUMBERS = count(1)


class BatchedPayment(models.Model):
    """As Odoo Enterprise has it, where a batch is a model of its own."""

    _module = None
    _inherit = "account.payment"

    batch_payment_id = fields.Many2one("res.partner.category")


class CardCommon(WalletCommon, AccountPaymentCommon):
    """A customer with 200 in the wallet, which pays invoices by itself, and a card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.wallet_auto_allocate = True
        cls._top_up(200)

    def _pay_by_card(self, invoice, amount=None, **vals):
        """The customer presses *Pay* on the invoice, and comes to the provider."""
        return self._create_transaction(
            "redirect",
            **{
                "amount": amount or invoice.amount_total,
                "currency_id": invoice.currency_id.id,
                "partner_id": self.customer.id,
                "invoice_ids": invoice.ids,
                "reference": f"card {next(NUMBERS)}",
                **vals,
            },
        )

    def _confirm(self, transaction):
        """The provider says that it has the money."""
        transaction._set_done()
        transaction._post_process()
        return transaction.payment_id

    def _fail(self, transaction, how="_set_error"):
        """The provider says that there will be no money."""
        getattr(transaction, how)("The card was refused")
        transaction._post_process()

    def _notes(self, record):
        return " ".join(record.message_ids.mapped("body"))

    def assertPaid(self, invoice, by_card, by_wallet):
        """The invoice is paid by these amounts, and nothing stays behind."""
        self.env.flush_all()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(
            sum(invoice._get_wallet_partials().mapped("amount")), by_wallet
        )
        others = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.receivable.id),
                ("partner_id", "=", self.customer.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertEqual(others.filtered("amount_residual"), others.browse())
        self.assertEqual(invoice.amount_total, by_card + by_wallet)
        self.assertBalance(200 - by_wallet)


@tagged("post_install", "-at_install")
class TestMoneyOnItsWay(CardCommon):
    """The customer pays an invoice by card while invoices are paid from the wallet by
    themselves. What the card pays, or is about to pay, the wallet does not pay as well.
    """

    def assertPaidByCardOnly(self, invoice, payment):
        self.env.flush_all()
        receivable = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertIn(invoice.payment_state, ("in_payment", "paid"))
        self.assertEqual(receivable.amount_residual, 0)
        self.assertBalance(200)

    def test_an_invoice_that_the_card_has_paid(self):
        """The card pays a draft; Odoo confirms the invoice before it books the card
        payment.
        """
        invoice = self._invoice(80, post=False)
        payment = self._confirm(self._pay_by_card(invoice))
        self.assertPaidByCardOnly(invoice, payment)

    def test_an_invoice_whose_card_payment_is_pending(self):
        invoice = self._invoice(80, post=False)
        transaction = self._pay_by_card(invoice)
        transaction._set_pending()
        invoice.action_post()
        self.assertBalance(200)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertPaidByCardOnly(invoice, self._confirm(transaction))

    def test_an_invoice_whose_card_payment_is_authorized(self):
        invoice = self._invoice(80, post=False)
        transaction = self._pay_by_card(invoice)
        self.provider.support_manual_capture = "full_only"
        transaction._set_authorized()
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertPaidByCardOnly(invoice, self._confirm(transaction))

    def test_an_invoice_whose_card_payment_is_not_booked_yet(self):
        """Odoo books it some minutes after the provider has said that it is done."""
        self.company.wallet_auto_allocate_incoming = True
        invoice = self._invoice(80, post=False)
        transaction = self._pay_by_card(invoice)
        transaction._set_done()
        invoice.action_post()
        self._pay_out(self._top_up(50).amount)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertPaidByCardOnly(invoice, self._confirm(transaction))

    def test_card_payments_that_are_booked_together(self):
        """Odoo confirms all invoices before it books the first payment."""
        invoices = self._invoice(80, post=False) | self._invoice(70, post=False)
        transactions = self.env["payment.transaction"].concat(
            *(self._pay_by_card(invoice) for invoice in invoices)
        )
        transactions._set_done()
        transactions._post_process()
        for invoice, transaction in zip(invoices, transactions, strict=True):
            self.assertPaidByCardOnly(invoice, transaction.payment_id)

    def test_a_card_payment_that_has_failed_is_not_on_its_way(self):
        for fail in ("_set_canceled", "_set_error"):
            invoice = self._invoice(30, post=False)
            transaction = self._pay_by_card(invoice)
            getattr(transaction, fail)("The card was refused")
            invoice.action_post()
            self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(140)

    def test_money_that_comes_in_does_not_pay_it_either(self):
        self.company.wallet_auto_allocate_incoming = True
        invoice = self._invoice(80, post=False)
        transaction = self._pay_by_card(invoice)
        transaction._set_pending()
        invoice.action_post()
        self._top_up(50)
        self.assertBalance(250)
        self._pay_out(50)
        self.assertPaidByCardOnly(invoice, self._confirm(transaction))

    def test_people_may_pay_it_from_the_wallet_nevertheless(self):
        """They see that it is open, and the customer may have told them so."""
        invoice = self._invoice(80, post=False)
        self._pay_by_card(invoice)._set_pending()
        invoice.action_post()
        invoice.action_allocate_wallet()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)


@tagged("post_install", "-at_install")
class TestPartOnItsWay(CardCommon):
    """What is on its way may be a part only: the wallet pays the other one."""

    def test_the_card_pays_a_part_and_the_wallet_the_rest(self):
        invoice = self._invoice(100, post=False)
        transaction = self._pay_by_card(invoice, 40)
        transaction._set_pending()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 40)
        self.assertEntry(
            self._allocation_of(invoice),
            [(self.wallet_account, 60, 0), (self.receivable, 0, 60)],
        )
        self._confirm(transaction)
        self.assertPaid(invoice, by_card=40, by_wallet=60)

    def test_when_the_card_fails_the_wallet_pays_that_part_too(self):
        invoice = self._invoice(100, post=False)
        transaction = self._pay_by_card(invoice, 40)
        transaction._set_pending()
        invoice.action_post()
        self._fail(transaction)
        self.assertPaid(invoice, by_card=0, by_wallet=100)

    def test_several_payments_are_on_their_way(self):
        invoice = self._invoice(100, post=False)
        pending, authorized, failed = (
            self._pay_by_card(invoice, amount) for amount in (30, 40, 20)
        )
        pending._set_pending()
        self.provider.support_manual_capture = "full_only"
        authorized._set_authorized()
        failed._set_error("No money on the card")
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 70)
        for transaction in (pending, authorized):
            self._confirm(transaction)
        self.assertPaid(invoice, by_card=70, by_wallet=30)

    def test_the_next_instalment_is_on_its_way(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50}),
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 30}
                    ),
                ],
            }
        )
        invoice = self._invoice(100, post=False, invoice_payment_term_id=term.id)
        transaction = self._pay_by_card(invoice, 50)
        transaction._set_pending()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 50)
        self._confirm(transaction)
        self.assertPaid(invoice, by_card=50, by_wallet=50)

    def test_one_payment_of_several_invoices(self):
        first, second, other = (self._invoice(50, post=False) for _it in range(3))
        transaction = self._pay_by_card(first, 100, invoice_ids=(first | second).ids)
        transaction._set_pending()
        (first | second | other).action_post()
        self.assertEqual(other.payment_state, "paid")
        self.assertEqual((first | second).mapped("amount_residual"), [50, 50])
        self._confirm(transaction)
        self.assertEqual((first | second).mapped("amount_residual"), [0, 0])
        self.assertBalance(150)

    def test_parts_are_captured_and_voided(self):
        invoice = self._invoice(80, post=False)
        transaction = self._pay_by_card(invoice)
        self.provider.support_manual_capture = "partial"
        transaction._set_authorized()
        invoice.action_post()
        captured = transaction._create_child_transaction(50)
        self._confirm(captured)
        self.assertEqual(invoice.amount_residual, 30)
        voided = transaction._create_child_transaction(30)
        self._fail(voided, "_set_canceled")
        transaction._post_process()
        self.assertPaid(invoice, by_card=50, by_wallet=30)

    def test_a_card_charges_another_currency(self):
        """What it leaves open is known when it is booked."""
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._invoice(80, post=False)
        transaction = self._pay_by_card(invoice, 100, currency_id=euro.id)
        transaction._set_pending()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 80)
        self._confirm(transaction)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(170)

    def test_the_discount_is_left_to_the_card(self):
        term = self._discount_terms()
        invoice = self._invoice(100, post=False, invoice_payment_term_id=term.id)
        transaction = self._pay_by_card(invoice, 98)
        transaction._set_pending()
        invoice.action_post()
        self.assertBalance(200)
        self._confirm(transaction)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalance(200)

    def test_a_part_is_paid_without_discount(self):
        term = self._discount_terms()
        invoice = self._invoice(100, post=False, invoice_payment_term_id=term.id)
        transaction = self._pay_by_card(invoice, 2)
        transaction._set_pending()
        invoice.action_post()
        self.assertBalance(102)
        self._confirm(transaction)
        self.assertPaid(invoice, by_card=2, by_wallet=98)


@tagged("post_install", "-at_install")
class TestLookingAgain(CardCommon):
    """Once a payment has ended without money, the wallet pays what it left alone."""

    def _pending(self, amount=80):
        invoice = self._invoice(amount, post=False)
        transaction = self._pay_by_card(invoice)
        transaction._set_pending()
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "not_paid")
        return invoice, transaction

    def _make_older(self, transaction, **age):
        transaction.last_state_change -= timedelta(**age)
        self._run_scheduled("resume_automation")

    def test_the_card_was_refused_or_the_customer_has_given_up(self):
        for how in ("_set_error", "_set_canceled"):
            invoice, transaction = self._pending(30)
            self.assertIn("is being processed", self._notes(invoice))
            self._fail(transaction, how)
            self.assertEqual(invoice.payment_state, "paid")
            self.assertIn("Paid automatically", self._notes(invoice))
        self.assertBalance(140)

    def test_what_money_that_came_in_has_left_alone(self):
        self.company.wallet_auto_allocate = False
        self.company.wallet_auto_allocate_incoming = True
        invoice, transaction = self._pending(210)
        self._top_up(50)
        self._top_up(50)
        self.assertBalance(300)
        self.assertEqual(self._notes(invoice).count("is being processed"), 1)
        self._fail(transaction)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(90)

    def test_two_payments_were_on_their_way(self):
        invoice, first = self._pending()
        second = self._pay_by_card(invoice, 30)
        second._set_pending()
        self._fail(first)
        self.assertEqual(invoice.amount_residual, 80)
        self._fail(second)
        self.assertEqual(invoice.payment_state, "paid")

    def test_only_what_is_still_wanted(self):
        invoice, transaction = self._pending()
        self.customer.wallet_auto_allocate = "never"
        self._fail(transaction)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertBalance(200)

    def test_only_what_the_wallet_would_have_paid_before(self):
        self.company.wallet_auto_allocate = False
        invoice, transaction = self._pending()
        self.company.wallet_auto_allocate = True
        self._fail(transaction)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_what_people_have_undone_stays_undone(self):
        invoice, transaction = self._pending()
        invoice.action_allocate_wallet()
        self._unallocate(invoice)
        self._fail(transaction)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertBalance(200)

    def test_a_part_that_people_have_undone_stays_undone(self):
        invoice = self._invoice(100, post=False)
        transaction = self._pay_by_card(invoice, 40)
        transaction._set_pending()
        invoice.action_post()
        self._unallocate(invoice)
        self._fail(transaction)
        self.assertEqual(invoice.amount_residual, 100)
        self.assertBalance(200)

    def test_an_invoice_that_is_no_more(self):
        invoice, transaction = self._pending()
        invoice.button_draft()
        self._fail(transaction)
        self.assertEqual(invoice.state, "draft")
        self.assertBalance(200)

    def test_a_frozen_wallet_says_so(self):
        invoice, transaction = self._pending()
        self._wallet().action_freeze()
        self._fail(transaction)
        self.assertEqual(transaction.state, "error")
        self.assertIn("is frozen", self._notes(invoice))
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_customer_who_is_at_the_provider_now(self):
        invoice = self._invoice(80, post=False)
        transaction = self._pay_by_card(invoice)
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "not_paid")
        self._run_scheduled("resume_automation")
        self.assertEqual(invoice.payment_state, "not_paid")
        self._confirm(transaction)
        self.assertPaid(invoice, by_card=80, by_wallet=0)

    def test_what_cannot_be_paid_holds_up_no_other(self):
        other = self.env["res.partner"].create({"name": "Basma Said"})
        self._top_up(100, partner_id=other.id)
        invoices = []
        for customer in (self.customer, other):
            invoice = self._invoice(80, post=False, partner_id=customer.id)
            transaction = self._pay_by_card(invoice, partner_id=customer.id)
            transaction._set_pending()
            invoice.action_post()
            transaction.last_state_change -= timedelta(days=100)
            invoices.append(invoice)
        Wallet = type(self._wallet())
        wanted = Wallet._is_payment_wanted

        def fail(wallet, move, *settings):
            if move.partner_id == self.customer:
                raise ValueError("broken")
            return wanted(wallet, move, *settings)

        with (
            patch.object(Wallet, "_is_payment_wanted", fail),
            mute_logger("odoo.addons.customer_wallet.models.wallet_batches"),
        ):
            self._run_scheduled("resume_automation")
        states = [invoice.payment_state for invoice in invoices]
        self.assertEqual(states, ["not_paid", "paid"])
        self._run_scheduled("resume_automation")
        self.assertEqual(invoices[0].payment_state, "paid")

    def test_a_customer_who_never_came_back(self):
        invoice = self._invoice(80, post=False)
        transaction = self._pay_by_card(invoice)
        invoice.action_post()
        self._make_older(transaction, minutes=50)
        self.assertEqual(invoice.payment_state, "not_paid")
        self._make_older(transaction, minutes=20)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_a_bank_transfer_that_was_promised_and_never_came(self):
        invoice, transaction = self._pending()
        self._make_older(transaction, days=13)
        self.assertEqual(invoice.payment_state, "not_paid")
        self._make_older(transaction, days=2)
        self.assertEqual(invoice.payment_state, "paid")

    def test_what_a_provider_is_working_on_has_no_other_end(self):
        invoice, transaction = self._pending()
        self.provider.support_manual_capture = "full_only"
        transaction._set_authorized()
        self._make_older(transaction, days=50)
        self.assertEqual(invoice.payment_state, "not_paid")


@tagged("post_install", "-at_install")
class TestCreditsOfSomething(CardCommon):
    """*Open Credits* offers what is free, and not what belongs to something."""

    def _open_credits(self):
        self.env.flush_all()
        found = self.env["customer.wallet.credit"]._find_open_credits(self.customer)
        self.customer.invalidate_recordset()
        self.assertEqual(len(found), self.customer.wallet_open_credit_count)
        return found.move_id

    def _paid_twice(self):
        """An invoice that the card has paid, and the wallet before that."""
        invoice = self._invoice(80, post=False)
        transaction = self._pay_by_card(invoice)
        transaction._set_pending()
        invoice.action_post()
        invoice.action_allocate_wallet()
        self._confirm(transaction)
        return invoice, transaction

    def test_what_the_card_has_paid_too_much_is_free(self):
        _invoice, transaction = self._paid_twice()
        self.assertEqual(self._open_credits(), transaction.payment_id.move_id)

    def test_what_its_invoice_still_waits_for_is_not(self):
        invoice, _transaction = self._paid_twice()
        self._unallocate(invoice)
        self.assertFalse(self._open_credits())

    def test_what_the_provider_is_giving_back_is_not(self):
        _invoice, transaction = self._paid_twice()
        refund = transaction._create_child_transaction(80, is_refund=True)
        self.assertFalse(self._open_credits())
        refund._set_pending()
        self.assertFalse(self._open_credits())
        refund._set_error("The provider could not do it")
        self.assertEqual(self._open_credits(), transaction.payment_id.move_id)
        again = transaction._create_child_transaction(80, is_refund=True)
        self._confirm(again)
        self.assertFalse(self._open_credits())

    def test_nor_the_credit_note_of_what_is_being_given_back(self):
        self.company.wallet_auto_allocate = False
        invoice = self._invoice(80)
        transaction = self._pay_by_card(invoice)
        self._confirm(transaction)
        self.assertEqual(invoice.amount_residual, 0)
        credit_note = invoice._reverse_moves()
        credit_note.action_post()
        self.assertEqual(self._open_credits(), credit_note)
        refund = transaction._create_child_transaction(80, is_refund=True)
        refund._set_pending()
        self.assertFalse(self._open_credits())
        self._fail(refund, "_set_canceled")
        self.assertEqual(self._open_credits(), credit_note)

    def test_what_the_bank_has_in_a_batch_is_not(self):
        """As Odoo Enterprise collects payments for the bank."""
        payment = self._pay(60, is_wallet=False)
        other = self._pay(50, is_wallet=False)
        self.assertEqual(self._open_credits(), payment.move_id | other.move_id)
        with self._batches():
            batch = self.env["res.partner.category"].create({"name": "Batch 1"})
            payment.batch_payment_id = batch.id
            self.assertEqual(self._open_credits(), other.move_id)
            payment.is_matched = True
            self.assertEqual(self._open_credits(), payment.move_id | other.move_id)

    @contextmanager
    def _batches(self):
        """Payments have a field more, and lose it again."""
        bases = self.registry["account.payment"]._base_classes__
        self.env.flush_all()
        add_to_registry(self.registry, BatchedPayment)
        self._set_up_payments()
        try:
            yield
        finally:
            self.env.flush_all()
            self.registry["account.payment"]._base_classes__ = bases
            self._set_up_payments()

    def _set_up_payments(self):
        self.registry._setup_models__(self.env.cr, ["account.payment"])
        self.registry.init_models(
            self.env.cr, ["account.payment"], {"module": "customer_wallet"}
        )


# What this module depends on, all told: the classes of these come last.
NEEDED = {
    *("base", "web", "bus", "mail", "portal", "uom", "product", "analytic", "account"),
    *("payment", "account_payment", "point_of_sale", "barcodes", "resource", "digest"),
}


def whichever_module_comes_first(test):
    """Modules that do not depend on each other are in any order: run this test with
    this module before all others, and after all that it does not need.
    """

    @wraps(test)
    def run(self):
        for is_first in (True, False):
            with (
                self.subTest(is_first=is_first),
                _put_wallet(self.registry["account.move"], is_first),
                _put_wallet(self.registry["payment.transaction"], is_first),
                self.env.cr.savepoint() as savepoint,
            ):
                test(self)
                self.env.flush_all()
                savepoint.rollback()
            self.env.invalidate_all()

    return run


@contextmanager
def _put_wallet(model, is_first):
    bases = model.__bases__
    ours, others, needed = [], [], []
    for base in bases:
        module = vars(base).get("_module")
        if module == "customer_wallet" or base._name.startswith("customer.wallet"):
            ours.append(base)
        elif module and module not in NEEDED:
            others.append(base)
        else:
            needed.append(base)
    ranked = ours + others if is_first else others + ours
    model.__bases__ = tuple(ranked + needed)
    try:
        yield
    finally:
        model.__bases__ = bases


@tagged("post_install", "-at_install", "-standard", "with_sale")
class TestOrdersPaidByCard(CardCommon):
    """A quotation or a web order is paid by card, and invoiced then or later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {
                "name": "Chair",
                "type": "service",
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
            }
        )

    def _order(self, amount=80, confirm=False):
        order = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": self.customer.id,
                    "require_payment": True,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        )
        if confirm:
            order.action_confirm()
        return order

    def _pay_order(self, order, amount=None):
        return self._pay_by_card(
            order,
            amount,
            invoice_ids=False,
            sale_order_ids=order.ids,
        )

    @whichever_module_comes_first
    def test_it_is_invoiced_automatically(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "sale.automatic_invoice", "True"
        )
        order = self._order()
        self._confirm(self._pay_order(order))
        self.assertEqual(order.state, "sale")
        self.assertPaid(order.invoice_ids, by_card=80, by_wallet=0)

    @whichever_module_comes_first
    def test_a_part_in_advance_is_invoiced_automatically(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "sale.automatic_invoice", "True"
        )
        order = self._order()
        order.prepayment_percent = 0.5
        self._confirm(self._pay_order(order, 40))
        self.assertEqual(order.state, "sale")
        self.assertPaid(order.invoice_ids, by_card=40, by_wallet=0)
        rest = order._create_invoices(final=True)
        rest.action_post()
        self.assertPaid(rest, by_card=0, by_wallet=40)

    @whichever_module_comes_first
    def test_it_is_invoiced_later(self):
        order = self._order()
        self._confirm(self._pay_order(order))
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertPaid(invoice, by_card=80, by_wallet=0)

    @whichever_module_comes_first
    def test_it_is_invoiced_before_the_money_is_there(self):
        order = self._order(confirm=True)
        transaction = self._pay_order(order)
        transaction._set_pending()
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "not_paid")
        self._confirm(transaction)
        self.assertPaid(invoice, by_card=80, by_wallet=0)

    @whichever_module_comes_first
    def test_it_is_paid_when_the_invoice_is_there_already(self):
        """The transaction does not know the invoice."""
        order = self._order(confirm=True)
        invoice = order._create_invoices()
        transaction = self._pay_order(order)
        transaction._set_pending()
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "not_paid")
        self._fail(transaction)
        self.assertPaid(invoice, by_card=0, by_wallet=80)

    @whichever_module_comes_first
    def test_a_part_is_paid_in_advance(self):
        order = self._order(confirm=True)
        self._confirm(self._pay_order(order, 30))
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertPaid(invoice, by_card=30, by_wallet=50)

    def test_what_went_back_is_not_on_its_way(self):
        order = self._order(confirm=True)
        transaction = self._pay_order(order)
        self._confirm(transaction)
        self._confirm(transaction._create_child_transaction(80, is_refund=True))
        invoice = order._create_invoices()
        invoice.transaction_ids = False
        invoice.action_post()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertBalance(120)

    def test_its_money_is_no_open_credit_until_all_is_invoiced(self):
        Credit = self.env["customer.wallet.credit"]
        order = self._order(confirm=True)
        transaction = self._pay_order(order, 100)
        self._confirm(transaction)
        self.assertFalse(Credit._find_open_credits(self.customer))
        invoice = order._create_invoices()
        self.assertFalse(Credit._find_open_credits(self.customer))
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        credit_open = Credit._find_open_credits(self.customer)
        self.assertEqual(credit_open.move_id, transaction.payment_id.move_id)
        self.assertEqual(credit_open.amount_residual, -20)

    def test_the_money_of_a_cancelled_order_is_an_open_credit(self):
        order = self._order(confirm=True)
        transaction = self._pay_order(order)
        self._confirm(transaction)
        order._action_cancel()
        found = self.env["customer.wallet.credit"]._find_open_credits(self.customer)
        self.assertEqual(found.move_id, transaction.payment_id.move_id)
