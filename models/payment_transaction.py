from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_wallet_defaults import FROM_SERVER, without_wishes


class PaymentTransaction(models.Model):
    _name = "payment.transaction"
    _inherit = ["payment.transaction", "customer.wallet.defaults.mixin"]

    wallet_top_up_partner_id = fields.Many2one(
        "res.partner",
        string="Wallet Owner",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The customer whose wallet this transaction tops up. It is kept from the "
        "start, as the contact who pays may leave the company before the money comes.",
    )

    def _has_field_access(self, field, operation):
        """Who may write transactions does not say whose wallet they are about."""
        is_served = operation == "write" and not self.env.su
        if is_served and field.name in self._get_wallet_server_fields():
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _get_wallet_server_fields(self):
        """
        :return: set of str, the fields that everybody may read and no user may write
        """
        return {"wallet_top_up_partner_id"}

    # Refunds

    def _refund(self, amount_to_refund=None):
        """The money leaves the wallet before the provider is asked to give it back:
        what is spent is refused here, and nobody spends it while the provider works.
        """
        self.ensure_one()
        if not self.wallet_top_up_partner_id:
            return super()._refund(amount_to_refund=amount_to_refund)
        amount = amount_to_refund or self.amount
        self._check_wallet_refundable(amount)
        self._find_wallet()._check_available(amount, as_money=True)
        refund_tx = super(
            PaymentTransaction, self.with_context(wallet_reserve_refund=FROM_SERVER)
        )._refund(amount_to_refund=amount_to_refund)
        refund_tx._return_failed_wallet_refund()
        return refund_tx.with_env(self.env)

    def _create_child_transaction(
        self, amount, is_refund=False, **custom_create_values
    ):
        """Captures and refunds of a top-up concern the same wallet."""
        if not self.wallet_top_up_partner_id:
            return super()._create_child_transaction(
                amount, is_refund=is_refund, **custom_create_values
            )
        custom_create_values["wallet_top_up_partner_id"] = (
            self.wallet_top_up_partner_id.id
        )
        child = super()._create_child_transaction(
            amount, is_refund=is_refund, **custom_create_values
        )
        if is_refund and self.env.context.get("wallet_reserve_refund") is FROM_SERVER:
            # Once it is written, another spend of the same money waits for this one
            # and then finds nothing.
            child.with_company(child.company_id)._create_payment()
            self.env.flush_all()
        return child

    def _check_wallet_refundable(self, amount):
        """
        :param float amount: to refund, in the currency of the transaction
        :raises UserError: the amount is not positive or more than what was paid
        """
        self.ensure_one()
        compare = self.currency_id.compare_amounts
        refundable = self._get_amount_refundable()
        if compare(amount, 0.0) <= 0 or compare(amount, refundable) > 0:
            raise UserError(
                self.env._(
                    "Of %(payment)s at most %(refundable)s can be refunded, but "
                    "%(amount)s was requested.",
                    payment=self.reference,
                    refundable=self.currency_id.format(refundable),
                    amount=self.currency_id.format(amount),
                )
            )

    def _get_amount_refundable(self):
        """
        :return: float in the currency of the transaction
        """
        return self.payment_id.amount_available_for_refund

    def _return_failed_wallet_refund(self):
        """A refund that the provider did not make goes back to the wallet, and can be
        asked for again.
        """
        for tx in self:
            payment = tx.payment_id
            if tx.operation != "refund" or tx.state not in ("cancel", "error"):
                continue
            if not tx.wallet_top_up_partner_id or not payment:
                continue
            payment.action_cancel()
            payment.payment_transaction_id = False
            tx.payment_id = False

    # Post-processing

    def _post_process(self):
        """Top-ups that their provider has cancelled are taken back one by one: what
        cannot be taken back does not hold up the others.
        """
        self._return_failed_wallet_refund()
        cancelled = self.filtered(
            lambda tx: (
                tx.state == "cancel" and tx.wallet_top_up_partner_id and tx.payment_id
            )
        )
        for tx in cancelled:
            tx._take_back_wallet_top_up()
        settled = self.with_context(wallet_cancelled_top_ups=cancelled.payment_id.ids)
        return super(PaymentTransaction, settled)._post_process()

    def _take_back_wallet_top_up(self):
        """Cancel the payment of this transaction, or say on it why that cannot be."""
        self.ensure_one()
        payment = self.payment_id
        if payment.state == "canceled":
            return
        try:
            with self.env.cr.savepoint():
                payment.action_cancel()
        except UserError as error:
            payment.invalidate_recordset()
            payment.message_post(body=self._get_cancelled_top_up_message(error))

    def _create_payment(self, **extra_create_values):
        """The payment of a wallet transaction goes into or out of its wallet; that of
        another one does not, whatever who pays has chosen as a default.
        """
        self.ensure_one()
        tx = without_wishes(self)
        vals = extra_create_values
        if self.wallet_top_up_partner_id:
            vals = {**self._prepare_wallet_payment_vals(), **extra_create_values}
            if self.amount < 0.0:
                # What the provider has done is done, whatever the law says of it.
                tx = tx.with_context(wallet_is_fact=FROM_SERVER)
        payment = super(PaymentTransaction, tx)._create_payment(**vals)
        payment = payment.with_env(self.env)
        if self.wallet_top_up_partner_id and not payment.is_wallet:
            payment.message_post(body=self._get_unbacked_refund_message())
        return payment

    def _prepare_wallet_payment_vals(self):
        """A refund that was made at the provider is a fact: what the wallet no longer
        holds is then owed by the customer, on the receivable account. The day is that
        of the company, as on the page of the top-up, whoever tells of it.
        """
        self.ensure_one()
        return {
            "date": self.company_id._get_wallet_today(),
            "partner_id": self.wallet_top_up_partner_id.commercial_partner_id.id,
            "is_wallet": self.amount > 0.0 or self._is_refund_in_wallet(),
        }

    # What the wallet says

    def _find_wallet(self):
        """The wallet that this transaction is about, without the rights of the user,
        who may be a provider's notification.
        """
        self.ensure_one()
        return self.env["customer.wallet"]._find_or_create(
            self.wallet_top_up_partner_id, self.company_id, self.currency_id
        )

    def _is_refund_in_wallet(self):
        available = self._find_wallet()._get_available_for_pay_out()
        return self.currency_id.compare_amounts(available, -self.amount) >= 0

    def _get_cancelled_top_up_message(self, error):
        return self.env._(
            "The provider has cancelled %(top_up)s of %(amount)s, which could not be "
            "taken out of the wallet: %(reason)s Once the money is back in the "
            "wallet, reset this payment to draft and cancel it.",
            top_up=self.reference,
            amount=self.currency_id.format(self.amount),
            reason=str(error),
        )

    def _get_unbacked_refund_message(self):
        return self.env._(
            "The provider has refunded %(amount)s, but the wallet of %(customer)s no "
            "longer holds that money. The customer owes it.",
            amount=self.currency_id.format(-self.amount),
            customer=self.wallet_top_up_partner_id.display_name,
        )

    # The portal

    def _get_wallet_refunded_amount(self):
        """What of this top-up has been given back.

        :return: float in the currency of the transaction
        """
        refunds = (self | self.child_transaction_ids).child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state == "done"
        )
        return -sum(refunds.mapped("amount"))

    def _get_wallet_portal_status(self):
        """How this top-up stands, in the words and the colour of a portal badge.

        :return: tuple (str label, str Bootstrap colour)
        """
        self.ensure_one()
        refunded = self._get_wallet_refunded_amount()
        if refunded:
            is_full = self.currency_id.compare_amounts(refunded, self.amount) >= 0
            label = self.env._("Refunded") if is_full else self.env._("Partly refunded")
            return label, "light"
        if self.state == "done" and not self._is_wallet_booked():
            return self.env._("Processing"), "info"
        return {
            "pending": (self.env._("Pending"), "warning"),
            "authorized": (self.env._("Authorized"), "primary"),
            "done": (self.env._("In your wallet"), "success"),
            "cancel": (self.env._("Cancelled"), "light"),
            "error": (self.env._("Failed"), "danger"),
        }.get(self.state, (self.env._("Not completed"), "light"))

    def _is_wallet_booked(self):
        return bool((self | self.child_transaction_ids).payment_id)

    def _is_shown_in_parts(self):
        """Whether the captures of this transaction say all that there is to say."""
        return self.state == "done" and bool(self._get_wallet_captures())
