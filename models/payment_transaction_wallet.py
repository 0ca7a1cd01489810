"""Online payments that a wallet makes: the money comes first, and is booked or held in
the same step in which the transaction is done or authorized.
"""

from itertools import chain

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .account_move import PAYABLE_TYPES
from .customer_wallet import FROM_SERVER
from .customer_wallet_hold import HOLD_DAYS
from .payment_provider import WALLET
from .wallet_refusals import attempt

# Fields that name what a transaction pays, as far as there are such apps.
DOCUMENT_FIELDS = ("invoice_ids", "sale_order_ids", "pos_order_id")


class PaymentTransaction(models.Model):
    _name = "payment.transaction"
    _inherit = ["payment.transaction", "customer.wallet.spender.mixin"]

    _wallet_spending_operation = "online_payment"

    # What a transaction says for itself

    @property
    def _wallet_undone_by_matching(self):
        """Money that was paid for an order stays with the order when an invoice of it
        is corrected, and finds the next one.
        """
        documents = self._get_wallet_documents()
        return all(document._name == "account.move" for document in documents)

    def _check_wallet_access(self):
        """Customers pay online, and staff refunds the payment."""
        raise AccessError(
            self.env._(
                "Online payments are made by the customer. To give one back, use "
                "Refund on its payment."
            )
        )

    def _get_wallet_amounts_due(self):
        self.ensure_one()
        is_due = self.provider_code == WALLET and not self.payment_id
        return self.amount if is_due else 0.0, 0.0

    def _get_wallet_documents(self):
        """What these transactions pay.

        :return: list of recordsets in sudo, one for each kind of document
        """
        origin = self.sudo()
        origin |= origin.source_transaction_id
        found = (origin[name] for name in DOCUMENT_FIELDS if name in self._fields)
        return [documents for documents in found if documents]

    def _get_wallet_shown_document(self):
        self.ensure_one()
        for documents in reversed(self._get_wallet_documents()):
            if len(documents) == 1:
                return documents
        return self

    def _get_wallet_family(self):
        """These payments, the invoices on which their money is, and what else has been
        paid online of these.
        """
        invoices = self._get_wallet_invoices()
        paid = self.sudo() | self.sudo().source_transaction_id
        paid |= self._find_wallet_transactions(invoices)
        if orders := self._get_wallet_orders():
            paid |= orders.transaction_ids
        family = [paid | paid.child_transaction_ids]
        return [*family, invoices | invoices.reversal_move_ids] if invoices else family

    def _prepare_wallet_counterparts(self, amount, discount, balance):
        """Odoo reconciles a payment with its invoices; a discount for paying early is
        granted as on a payment of exactly what is then due. Of what was authorized, the
        day counts on which it is captured.
        """
        origin = self.source_transaction_id or self
        invoice = origin.invoice_ids.filtered(lambda move: move._is_wallet_payable())
        if len(invoice) == 1:
            due, granted = invoice._get_wallet_amounts_due()
            is_early = granted and not self.currency_id.compare_amounts(
                amount, due - granted
            )
            if is_early:
                return invoice._prepare_wallet_counterparts(amount, granted, balance)
        vals = self._prepare_wallet_receivable_vals(-amount, -balance)
        return [(vals, self.env["account.move.line"])]

    def _prepare_wallet_receivable_vals(self, amount, balance):
        """
        :param float amount: in the currency of the transaction
        :param float balance: the same in the company's currency
        :return: dict of account.move.line values
        """
        origin = self.source_transaction_id or self
        terms = origin.invoice_ids.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )._filter_wallet_receivables()
        owner = self._get_wallet_owner()
        receivable = owner.with_company(self.company_id).property_account_receivable_id
        return {
            "name": self._get_wallet_label(),
            "account_id": (terms[:1].account_id or receivable).id,
            "partner_id": owner.id,
            "currency_id": self.currency_id.id,
            "amount_currency": amount,
            "balance": balance,
        }

    def _check_wallet_entry_undoable(self, entry):
        if self._get_wallet_refunded_amount() and entry == self.payment_id.move_id:
            raise UserError(
                self.env._(
                    "A part of %(payment)s has been refunded to the wallet already: "
                    "refund the rest of it on its payment.",
                    payment=self.reference,
                )
            )

    def _wallet_entry_undone(self, entry):
        """The payment of what was undone counts no more; what is still held may be
        captured all the same.
        """
        transactions = self | self.child_transaction_ids
        undone = transactions.filtered(lambda tx: tx.payment_id.move_id == entry)
        undone.payment_id.state = "canceled"
        undone._set_canceled(extra_allowed_states=("done",))
        captures = undone.filtered(lambda tx: tx.operation != "refund")
        over = captures.source_transaction_id.filtered(
            lambda tx: not (tx._get_wallet_captured() or tx._get_wallet_holds())
        )
        over._set_canceled(extra_allowed_states=("done",))

    def _wallet_holds_lapsed(self):
        """What was captured stays captured: then only the rest is cancelled."""
        lapsed = self
        if self._get_wallet_captured():
            lapsed = self._create_child_transaction(self._get_wallet_authorized())
        lapsed._set_canceled(
            state_message=self.env._("Nobody has captured it in time: it has lapsed.")
        )

    def _get_wallet_captured(self):
        return self._get_wallet_captures().filtered(lambda tx: tx.state == "done")

    def _get_wallet_authorized(self):
        """What of this authorized payment is neither captured nor voided.

        :return: float in its currency
        """
        ended = self._get_wallet_captures().filtered(
            lambda tx: tx.state in ("done", "cancel")
        )
        return self.currency_id.round(self.amount - sum(ended.mapped("amount")))

    def _get_wallet_bonus_left(self, currency):
        """What came back for the invoices does not come back for these payments, nor
        does what others paid of them.
        """
        left = super()._get_wallet_bonus_left(currency)
        own = self._sum_wallet_bonuses(self._get_wallet_items(), currency)
        return {grant: min(left[grant], own[grant]) for grant in left if grant in own}

    # Paying

    def _get_specific_rendering_values(self, processing_values):
        if self.provider_code != WALLET:
            return super()._get_specific_rendering_values(processing_values)
        return {"reference": self.reference}

    def _extract_amount_data(self, payment_data):
        """The amount is the transaction's own."""
        if self.provider_code != WALLET:
            return super()._extract_amount_data(payment_data)
        return None

    def _apply_updates(self, payment_data):
        if self.provider_code != WALLET:
            return super()._apply_updates(payment_data)
        if self.state in ("draft", "pending", "error"):
            self._try_with_wallet(self._pay_from_wallet)
        return None

    def _pay_from_wallet(self):
        """
        :raises UserError: the visitor may not, or the wallet does not hold it
        """
        self._ensure_provider_is_not_disabled()
        self._check_wallet_payer(self.provider_id._get_visitor_owner())
        self._check_wallet_documents_due()
        # Tills take what is authorized for paid.
        is_of_till = "pos_order_id" in self._fields and self.pos_order_id
        if self.provider_id.capture_manually and not is_of_till:
            self._hold_from_wallet()
            self._set_authorized(extra_allowed_states=("error",))
        else:
            self._book_from_wallet()

    def _book_from_wallet(self):
        """Odoo books afterwards whatever somebody says is done; of a wallet, nothing is
        booked but what is paid, captured or refunded here.
        """
        self.with_context(wallet_paying=FROM_SERVER)._create_payment()
        self._set_done()

    def _try_with_wallet(self, act):
        """Do it whole or not at all; what hinders it is told on the payment page.

        :param act: callable
        """
        short = self.env._("The wallet does not hold enough any more.")
        with attempt(self.env, short) as tried:
            act()
        if tried.reason:
            # Tried again, it may be another reason.
            self._set_error(tried.reason, extra_allowed_states=("error",))

    def _check_wallet_payer(self, owner):
        """Who owns the wallet owns what it pays, in the same company: not who holds a
        link.

        :param owner: res.partner who is logged in, or has allowed recurring charges
        :raises UserError: it is somebody else's or another company's, or no document
            is paid
        """
        owners, companies = self._get_wallet_owner(), self.env["res.company"]
        documents = self._get_wallet_documents()
        for records in documents:
            owners |= self.provider_id._get_document_owner(records)
            companies |= records.company_id.root_id
        if not documents or not owner or owners != owner:
            raise UserError(
                self.env._(
                    "A wallet pays only what its owner has to pay. Nothing was paid: "
                    "please log in as the customer, or choose another payment method."
                )
            )
        if others := companies - self.company_id.root_id:
            raise UserError(
                self.env._(
                    "This is to be paid to %(other)s, but the wallet is one of "
                    "%(company)s. Nothing was paid: please choose another payment "
                    "method.",
                    other=others[0].display_name,
                    company=self.company_id.root_id.display_name,
                )
            )

    def _check_wallet_documents_due(self):
        """What was paid in another window, or is about to be, is not paid again.

        :raises UserError: less is due, or it is due on several accounts, of which one
            payment settles one
        """
        invoices = self.invoice_ids.filtered(lambda move: move.state != "cancel")
        # Some are confirmed once they are paid.
        receivables = invoices.line_ids._filter_wallet_receivables()
        receivables = receivables.filtered(lambda line: not line.reconciled)
        if len(receivables.account_id) > 1:
            raise UserError(
                self.env._(
                    "The wallet cannot pay %(documents)s together, as they are on "
                    "different accounts. Nothing was paid: please pay each of them by "
                    "itself, or choose another payment method.",
                    documents=invoices._get_wallet_names(),
                )
            )
        due = self._get_wallet_documents_due()
        compare = self.currency_id.compare_amounts
        if compare(self.amount, due) > 0 or compare(self.amount, 0.0) <= 0:
            raise UserError(
                self.provider_id._get_wallet_excess_message(
                    due, self.amount, self.currency_id
                )
            )

    def _get_wallet_documents_due(self):
        """What is due of the invoices, or else of the orders: a subscription names
        both, and its order knows nothing of what was paid on the invoice otherwise.

        :return: float in the currency of the transaction
        """
        documents = self._get_wallet_documents()
        return self.currency_id.round(
            sum(
                max(self._get_wallet_document_due(document), 0.0)
                for document in (documents[0] if documents else ())
                if document.state != "cancel"
            )
        )

    def _get_wallet_document_due(self, document):
        if document._name == "pos.order":
            return document.get_amount_unpaid()
        if document._name != "account.move":
            going_on = (document.transaction_ids - self).filtered(
                lambda tx: tx.state == "pending" and not tx._is_wallet_promise()
            )
            coming = sum(going_on.mapped("amount"))
            return document.amount_total - document.amount_paid - coming
        is_open = document.state == "draft" or document._is_wallet_payable()
        if document.move_type not in PAYABLE_TYPES or not is_open:
            return 0.0
        is_posted = document.state == "posted"
        due = document.amount_residual if is_posted else document.amount_total
        # Who has left the page of another provider, or promised a bank transfer, may
        # pay with the wallet instead.
        others = (self._find_wallet_transactions(document) - self).filtered(
            lambda tx: tx.state != "draft" and not tx._is_wallet_promise()
        )
        return due - sum(tx._get_wallet_amount_coming(document) for tx in others)

    def _update_state(self, allowed_states, target_state, state_message):
        """Money first: whoever says that a wallet has paid.

        :raises UserError: nothing was taken from the wallet
        """
        unpaid = self.filtered(
            lambda tx: (
                target_state == "done"
                and tx.provider_code == WALLET
                and tx.state != target_state
                and not (tx.payment_id or tx._get_wallet_captured())
            )
        )
        if unpaid:
            raise UserError(
                self.env._(
                    "Nothing was taken from the wallet for %(payment)s yet.",
                    payment=unpaid[0].reference,
                )
            )
        return super()._update_state(allowed_states, target_state, state_message)

    def _ensure_provider_is_not_disabled(self):
        """What was paid or promised before is refunded and captured all the same; and
        who charges many customers in one go is not stopped by one of them.
        """
        is_promised = self.state in ("authorized", "done")
        if self.provider_code == WALLET and (
            is_promised or self.operation == "offline"
        ):
            return None
        return super()._ensure_provider_is_not_disabled()

    def _create_payment(self, **extra_create_values):
        """The ledger makes the entry; Odoo's payment shows it."""
        self.ensure_one()
        if self.provider_code != WALLET:
            return super()._create_payment(**extra_create_values)
        if self.env.context.get("wallet_paying") is not FROM_SERVER:
            raise UserError(
                self.env._("Only its owner pays with a wallet, on the payment page.")
            )
        tx = self.with_company(self.company_id)
        if self.amount < 0.0:
            entry = tx._book_wallet_refund()
        elif self.source_transaction_id:
            entry = tx._book_wallet_capture()
        else:
            entry = tx._allocate_wallet({tx: self.amount})
        receivable = entry.line_ids._filter_wallet_receivables()[:1].account_id
        payment = super(PaymentTransaction, tx)._create_payment(
            move_id=entry.id,
            date=entry.date,
            partner_id=self._get_wallet_owner().id,
            destination_account_id=receivable.id,
            **extra_create_values,
        )
        return payment.with_env(self.env)

    # Authorized, then captured or voided

    def _hold_from_wallet(self):
        wallets = self._find_wallets()
        self._check_wallet_amount(self.amount, self._get_wallet_available())
        expires_at = fields.Datetime.add(fields.Datetime.now(), days=HOLD_DAYS)
        for wallet, share in wallets._share(
            self.amount, self.currency_id, self.company_id
        ):
            wallet._hold(share, self, expires_at=expires_at)

    def _get_wallet_holds(self):
        """
        :return: customer.wallet.hold in sudo, what is held for these payments now
        """
        return (
            self.env["customer.wallet.hold"]
            .sudo()
            .search(
                [
                    ("document_model", "=", self._name),
                    ("document_id", "in", self.ids),
                    ("state", "=", "held"),
                ]
            )
        )

    def _split_wallet_holds(self):
        """The part of what is held for the source transaction that this one captures
        or voids.

        :return: customer.wallet.hold in sudo
        """
        source = self.source_transaction_id
        holds = source._get_wallet_holds()
        left = source._get_wallet_authorized()
        if holds.currency_id == self.currency_id:
            # Whatever was written since: what is taken is what is paid.
            left = self.currency_id.round(sum(holds.mapped("amount")))
        if not holds or self.currency_id.compare_amounts(self.amount, left) > 0:
            raise UserError(
                self.env._(
                    "Of %(payment)s only %(left)s is still authorized, but %(amount)s "
                    "was asked for.",
                    payment=source.reference,
                    left=self.currency_id.format(left if holds else 0.0),
                    amount=self.currency_id.format(self.amount),
                )
            )
        shares = {
            hold: hold.currency_id.round(hold.amount * self.amount / left)
            for hold in holds
        }
        return holds.browse().union(
            *(
                hold._split(share)
                for hold, share in shares.items()
                if not hold.currency_id.is_zero(share)
            )
        )

    def _book_wallet_capture(self):
        holds = self._split_wallet_holds()._take()
        if not holds:
            raise UserError(
                self.env._(
                    "%s is less than the smallest unit of the wallet's currency. "
                    "Capture more at once.",
                    self.currency_id.format(self.amount),
                )
            )
        label = self._get_wallet_label()
        takings = holds._prepare_takings_vals(dict.fromkeys(holds, label))
        entry = self.env["customer.wallet"]._book(
            self._wallet_spending_operation,
            self._prepare_wallet_payment(
                {"amount": self.amount, "discount": 0.0},
                list(chain.from_iterable(takings.values())),
            ),
            self.company_id,
            **self._prepare_wallet_allocation_vals(self.company_id),
        )
        holds._settle(entry)
        return entry

    def _send_capture_request(self):
        if self.provider_code != WALLET:
            return super()._send_capture_request()
        return self._try_with_wallet(self._book_from_wallet)

    def _send_void_request(self):
        if self.provider_code != WALLET:
            return super()._send_void_request()
        if self.source_transaction_id._get_wallet_holds():
            self._split_wallet_holds()._release()
        return self._set_canceled()
