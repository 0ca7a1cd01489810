"""What a document needs to be paid by a wallet."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import split_every

from .customer_wallet_request import answered_once
from .wallet_amounts import read_amount

NAMES_SHOWN = 5
# Undoing one of them, Odoo looks at all that the same entry has paid.
DOCUMENTS_IN_ENTRY = 50


class CustomerWalletSpenderMixin(models.AbstractModel):
    """A document that a wallet can pay: an invoice, an order, or another module's own.

    A model that inherits this says what is due (`_get_wallet_amounts_due`) and what the
    other side of the entry is (`_prepare_wallet_counterparts`); it has the fields
    `partner_id`, `company_id` and `currency_id`, or says who owns it instead. All items
    of an entry name the document that they are about, by reference: they add up to zero
    for each document, so that each is undone apart. (The entry of a till's session has
    one item on the other side for all its orders.)
    """

    _name = "customer.wallet.spender.mixin"
    _description = "Document That a Wallet Pays"

    # Whether the money goes back when what settles the document is unreconciled.
    _wallet_undone_by_matching = True
    # What paying it is, in the table of operations.
    _wallet_spending_operation = "allocation"
    # Computed fields that show what is in wallets.
    _wallet_shown_fields = ()

    # Actions

    @answered_once
    def action_allocate_wallet(self, amount=None):
        """Pay this document from the customer's wallet.

        :param float amount: how much to pay, in the currency of the document; by
            default as much as is due and available. The wallet of that currency is used
            first, others at today's rate.
        :return: True
        :raises AccessError: the user may not use wallets or pay the document
        :raises UserError: the document is not open, nothing is available, or the amount
            is not positive, more than what is due or what is available
        """
        self.ensure_one()
        self._check_wallet_access()
        entries = self._allocate_wallet({self: amount})
        self.env["customer.wallet"]._log_allocation(entries)
        return True

    @answered_once
    def action_undo_wallet_entry(self, move_id):
        """Give back to the wallet what an entry took from it for this document. Doing
        it again changes nothing.

        :param int move_id: account.move that paid it
        :return: True
        :raises AccessError: the user may not use wallets or pay the document
        :raises UserError: the entry does not pay this document
        """
        self.ensure_one()
        self._check_wallet_access()
        items = self._get_wallet_items().filtered(
            lambda line: line.move_id.id == move_id
        )
        if not items or isinstance(move_id, bool):
            raise UserError(
                self.env._(
                    "This is not a wallet payment of %(document)s.",
                    document=self.display_name,
                )
            )
        if items.move_id in self._get_wallet_parts():
            self.env["customer.wallet"]._undo(items)
        return True

    # What each kind of document says for itself

    def _get_wallet_owner(self):
        """
        :return: res.partner whose wallets may pay this document
        """
        return self.partner_id.commercial_partner_id

    def _get_wallet_amounts_due(self):
        """What is due, and which part of it is forgiven when it is paid today.

        :return: tuple of floats (due, discount) in the currency of the document
        """
        raise NotImplementedError

    def _get_wallet_amount_to_pay(self):
        """What this costs when all of it is paid today.

        :return: float in the currency of the document
        """
        due, discount = self._get_wallet_amounts_due()
        return self.currency_id.round(due - discount)

    def _prepare_wallet_counterparts(self, amount, discount, balance):
        """The other side of the entry that pays this document.

        :param float amount: that the wallets pay, in the currency of the document
        :param float discount: that is granted besides
        :param float balance: of the items of the wallets, in the company's currency
        :return: list of (dict of account.move.line values, account.move.line with which
            the item is reconciled, or none)
        """
        raise NotImplementedError

    def _is_wallet_payable(self):
        """Whether something is due that a wallet may pay."""
        self.ensure_one()
        due, _discount = self._get_wallet_amounts_due()
        return self.currency_id.compare_amounts(due, 0.0) > 0

    def _is_wallet_usable(self):
        """Whether the user may pay these documents: all that the user may change."""
        return self.has_access("write")

    def _get_wallet_on_its_way(self):
        """What is about to be paid otherwise, such as by an online transaction:
        automation does not pay it a second time.

        :return: float in the currency of the document
        """
        return 0.0

    def _get_wallet_family(self):
        """The documents that are settled with this one: what was given back for one of
        them does not come back for another.

        :return: list of recordsets
        """
        return [self]

    def _get_wallet_shown_document(self):
        """
        :return: record that people know this document by
        """
        return self

    def _get_wallet_label(self):
        """
        :return: str, of the journal items that pay this document
        """
        return self.env._("Paid from the wallet: %s", self.display_name)

    # Checks

    def _check_wallet_access(self):
        """These actions move a customer's money, and any client may call them.

        :raises AccessError: without the group, or for a document that the user may not
            pay
        """
        self.check_access("read")
        self.env["customer.wallet"]._check_user()
        if not self._is_wallet_usable():
            self.check_access("write")

    def _check_wallet_entry_undoable(self, entry):
        """Whether what an entry did for this document can be taken back as such.

        :param entry: account.move
        :raises UserError: saying what to do instead
        """

    def _wallet_entry_undone(self, entry):
        """What else ends when an entry that paid this document has been undone.

        :param entry: account.move
        """

    def _wallet_holds_lapsed(self):
        """What else ends when nobody took in time what was held for this document."""

    def _check_wallet_payable(self):
        if not self._is_wallet_payable():
            raise UserError(
                self.env._(
                    "%(document)s cannot be paid from a wallet: only confirmed "
                    "documents of customers with an amount due can.",
                    document=self.display_name,
                )
            )
        self.company_id._check_wallet_accounting()

    def _check_wallet_amount(self, amount, available):
        """Decide what is paid and which discount is granted.

        :param float amount: asked for, or None for as much as possible
        :param float available: what the wallets hold, in the currency of the document
        :return: tuple of floats (amount to pay, discount granted)
        :raises UserError: when the amount is not possible
        """
        compare = self.currency_id.compare_amounts
        due, discount = self._get_wallet_amounts_due()
        discounted = self.currency_id.round(due - discount)
        if amount is None:
            amount = min(discounted, available)
            if compare(amount, 0.0) <= 0:
                self._raise_wallet_shortage(discounted, 0.0)
        amount = read_amount(self.env, amount, self.currency_id)
        if compare(amount, due) > 0:
            raise UserError(
                self.env._(
                    "Only %(due)s is due on %(document)s, but %(amount)s was asked "
                    "for. Enter %(due)s or less.",
                    due=self.currency_id.format(due),
                    document=self.display_name,
                    amount=self.currency_id.format(amount),
                )
            )
        if compare(amount, available) > 0:
            self._raise_wallet_shortage(amount, available)
        return amount, discount if compare(amount, discounted) == 0 else 0.0

    def _raise_wallet_shortage(self, wanted, available):
        owner = self._get_wallet_owner()
        frozen = self._find_wallets().filtered(lambda w: w.state == "frozen")
        if frozen:
            raise UserError(frozen[0]._get_frozen_message())
        values = {
            "customer": owner.display_name,
            "available": self.currency_id.format(available),
            "wanted": self.currency_id.format(wanted),
            "document": self.display_name,
        }
        if self.currency_id.is_zero(available):
            raise UserError(
                self.env._(
                    "The wallet of %(customer)s is empty: it holds %(available)s, and "
                    "%(wanted)s is due on %(document)s. Top it up first.",
                    **values,
                )
            )
        raise UserError(
            self.env._(
                "The wallet of %(customer)s holds %(available)s, but %(wanted)s was "
                "asked for on %(document)s. Top up the wallet, or use a smaller "
                "amount.",
                **values,
            )
        )

    # What is there

    def _find_wallets(self):
        """The customer's wallets, the one of the document's currency first."""
        self.ensure_one()
        Wallet = self.env["customer.wallet"].sudo()
        owner = self._get_wallet_owner()
        if not (owner and self.company_id and self.currency_id):
            return Wallet
        return Wallet._find(owner, self.company_id, self.currency_id)

    def _get_wallet_available(self):
        """What this document could use from the customer's wallets.

        :return: float in the currency of the document
        """
        self.ensure_one()
        wallets = self._find_wallets()
        return wallets._get_available_in(self.currency_id, self.company_id)

    def _get_wallet_names(self):
        """The names of these documents, of many only the first ones."""
        return self.env["customer.wallet"]._get_names(self, NAMES_SHOWN)

    # Entries

    def _allocate_wallet(self, amounts=None, left=None):
        """Pay these documents of one customer, in this order, by one entry for each
        company, or some where there are many of them.

        :param dict amounts: float by document, in its currency; by default, also for
            a single one, as much as is due and available
        :param dict left: float by customer.wallet that may pay, in its currency; by
            default what is available in all wallets of the customer
        :return: account.move, the posted entries
        :raises UserError: a document is not open, or an amount is not possible; when
            as much as possible is asked for, documents that find nothing available
            any more stay open
        """
        plan = self._plan_wallet_allocation(amounts or {}, left)
        entries = self.env["account.move"].sudo()
        for company, documents in self.grouped("company_id").items():
            payments = [item for item in plan if item["document"] in documents]
            if payments:
                entries |= documents._book_wallet_allocation(company, payments)
        self._invalidate_wallet_fields()
        return entries

    def _plan_wallet_allocation(self, amounts, left=None):
        """Decide what each of these documents gets of the customer's wallets.

        :param dict amounts: see `_allocate_wallet`
        :param dict left: see `_allocate_wallet`
        :return: list of dicts: `document`, `amount` and `discount` (floats in its
            currency), `shares` (see customer.wallet), `label`
        """
        left = self[:1]._find_wallets()._get_left() if left is None else dict(left)
        wallets = self.env["customer.wallet"].sudo().union(*left)
        plan = []
        for document in self:
            document._check_wallet_payable()
            currency, company = document.currency_id, document.company_id
            sources = wallets._sort_for(currency)
            available = sources._sum_left(left, currency, company)
            amount = amounts.get(document)
            if amount is None and plan and currency.is_zero(available):
                continue
            amount, discount = document._check_wallet_amount(amount, available)
            plan.append(
                {
                    "document": document,
                    "amount": amount,
                    "discount": discount,
                    "shares": sources._share(amount, currency, company, left),
                    "label": document._get_wallet_label(),
                }
            )
        return plan

    def _book_wallet_allocation(self, company, payments):
        """Book the entries that pay these documents of one company.

        :param company: res.company
        :param list payments: see `_plan_wallet_allocation`
        :return: account.move, the posted entries
        """
        Wallet = self.env["customer.wallet"]
        takings = Wallet._prepare_takings_vals(payments)
        return Wallet._book_at_once(
            [
                self._prepare_wallet_allocation(company, part)
                for part in split_every(
                    DOCUMENTS_IN_ENTRY, zip(payments, takings, strict=True)
                )
            ]
        )

    def _prepare_wallet_allocation(self, company, paid):
        """
        :param tuple paid: of (payment, see `_plan_wallet_allocation`, and the list of
            dict of the values of the items of the wallets)
        :return: tuple, see `customer.wallet._book_at_once`
        """
        items = [
            item
            for payment, vals_list in paid
            for item in payment["document"]._prepare_wallet_payment(payment, vals_list)
        ]
        documents = self.browse().concat(*(payment["document"] for payment, _v in paid))
        return (
            self._wallet_spending_operation,
            items,
            company,
            documents._prepare_wallet_allocation_vals(company),
        )

    def _prepare_wallet_payment(self, payment, takings):
        """All journal items by which this document is paid.

        :param dict payment: see `_plan_wallet_allocation`
        :param list takings: dict of the values of the items of the wallets
        :return: list of (dict of account.move.line values, account.move.line with
            which the item is reconciled, or none)
        """
        amount, discount = payment["amount"], payment["discount"]
        nothing = self.env["account.move.line"]
        taken = self._prepare_wallet_takings(amount, takings)
        balance = sum(vals["balance"] for vals in taken)
        reference = self._prepare_wallet_reference_vals()
        return [(vals, nothing) for vals in taken] + [
            ({**vals, **reference}, matched)
            for vals, matched in self._prepare_wallet_counterparts(
                amount, discount, balance
            )
        ]

    def _prepare_wallet_takings(self, amount, takings):
        """The journal items that bring what wallets pay of this document.

        :param float amount: that is paid, in the currency of the document
        :param list takings: dict of the values of the items of the wallets
        :return: list of dict of account.move.line values
        """
        self.ensure_one()
        exchange = self._prepare_wallet_exchange_vals(amount, takings)
        reference = self._prepare_wallet_reference_vals()
        return [{**vals, **reference} for vals in takings + exchange]

    def _prepare_wallet_exchange_vals(self, amount, takings):
        """Money of other currencies pays what it is worth today, where this document is
        in the company's currency and so has no rate of its own. What the books had it
        at is another value: the difference is the company's.

        :param float amount: that is paid, in the currency of the document
        :param list takings: dict of the values of the items of the wallets
        :return: list of dict of account.move.line values, one at most
        """
        company = self.company_id.sudo()
        currency = company.currency_id
        difference = currency.round(sum(vals["balance"] for vals in takings) - amount)
        if self.currency_id != currency or currency.is_zero(difference):
            return []
        return [
            self.env["customer.wallet"]._prepare_exchange_vals(
                company, self._get_wallet_owner(), currency, -difference
            )
        ]

    def _prepare_wallet_allocation_vals(self, company):
        """Values of the entry by which these documents are paid."""
        is_one_currency = len(self.currency_id) == 1
        currency = self.currency_id if is_one_currency else company.currency_id
        return {
            "ref": self._get_wallet_names(),
            "partner_id": self[:1]._get_wallet_owner().id,
            "currency_id": currency.id,
        }

    def _invalidate_wallet_fields(self):
        """Fields that show wallets are computed again."""
        self.invalidate_recordset(self._wallet_shown_fields, flush=False)
