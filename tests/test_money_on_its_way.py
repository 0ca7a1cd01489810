from odoo.tests import tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestMoneyOnItsWay(WalletCommon, AccountPaymentCommon):
    """The customer pays an invoice by card while invoices are paid from the wallet by
    themselves. What the card pays, or is about to pay, the wallet does not pay as well.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.wallet_auto_allocate = True
        cls._top_up(200)

    def _pay_by_card(self, invoice):
        """The customer presses *Pay* on the invoice, and comes to the provider."""
        return self._create_transaction(
            "redirect",
            amount=invoice.amount_total,
            currency_id=invoice.currency_id.id,
            partner_id=self.customer.id,
            invoice_ids=invoice.ids,
            reference=f"card {invoice.id}",
        )

    def _confirm(self, transaction):
        """The provider says that it has the money."""
        transaction._set_done()
        transaction._post_process()
        return transaction.payment_id

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
