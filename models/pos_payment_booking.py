"""How a wallet payment of the till is held, booked, and booked anew on an invoice."""

from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError

from .customer_wallet_operation import PAID


class PosPayment(models.Model):
    _inherit = "pos.payment"

    # Holds

    def _hold_wallet(self):
        """Hold what this payment takes from the customer's wallets.

        :raises UserError: they do not hold enough, or one is frozen
        """
        self.ensure_one()
        order = self.pos_order_id.sudo().with_company(self.company_id)
        holds = self.env["customer.wallet.hold"]
        for wallet, share in self._share_among_wallets(order):
            holds |= wallet._hold(share, order, pos_payment_id=self.id)
        self._from_server().wallet_hold_id = holds[:1]

    def _share_among_wallets(self, document):
        """
        :param document: that is paid
        :return: list of (customer.wallet, float in its currency)
        :raises UserError: the wallets do not hold enough, or one is frozen
        """
        company, currency = self.company_id, self.currency_id
        wallets = document._find_wallets()
        wallets._check_covers(self.amount, currency, company, self.partner_id)
        return wallets._share(self.amount, currency, company)

    def _get_wallet_holds(self):
        """
        :return: customer.wallet.hold in sudo, those that nothing has ended yet
        """
        held = self.filtered(lambda it: it.wallet_hold_id and not it.wallet_move_id)
        return (
            self.env["customer.wallet.hold"]
            .sudo()
            .search(
                [("pos_payment_id", "in", held.ids), ("state", "=", "held")], order="id"
            )
        )

    def _take_wallet_holds(self):
        """End the holds of these payments, for the entry that books them now.

        :return: tuple (customer.wallet.hold, dict by pos.payment of lists of dict of
            the values of the journal items of the wallets)
        """
        holds = self._get_wallet_holds()._take()
        labels = {hold: hold.pos_payment_id._get_wallet_label() for hold in holds}
        takings = {payment.id: [] for payment in self}
        for hold, vals_list in holds._prepare_takings_vals(labels).items():
            takings[hold.pos_payment_id.id] += vals_list
        return holds, {payment: takings[payment.id] for payment in self}

    def _book_wallet_holds(self):
        """Book now what is held for these payments, each apart: something has come up
        that is told from what is in the books.
        """
        for payment in self.filtered(lambda it: it._get_wallet_holds()):
            payment._book_wallet()

    def _book_wallets_of_session(self, accounts):
        """Book all that is held for these payments of one session, in one entry. The
        till's receivable is the other side, which the closing entry settles.

        :param dict accounts: account.account of the till's receivable by pos.payment
        """
        if not self:
            return
        holds, takings = self._take_wallet_holds()
        session = self.session_id
        move = (
            self.env["customer.wallet"]
            .with_context(check_move_validity=True)
            ._book(
                self.pos_order_id._wallet_spending_operation,
                self._prepare_wallet_session_items(takings, accounts),
                session.company_id,
                ref=self.env._(
                    "%(session)s (%(till)s)",
                    session=session.name,
                    till=session.config_id.name,
                ),
                currency_id=session.currency_id.id,
            )
        )
        holds._settle(move)
        self._set_wallet_entry(move)

    def _prepare_wallet_session_items(self, takings, accounts):
        """
        :param dict takings: by pos.payment, see `_take_wallet_holds`
        :param dict accounts: see `_book_wallets_of_session`
        :return: list of items, see `customer.wallet._book`
        """
        vals_list = []
        receivables = defaultdict(lambda: [0.0, 0.0])
        for payment, held in takings.items():
            order = payment.pos_order_id.sudo().with_company(payment.company_id)
            taken = order._prepare_wallet_takings(
                payment.amount, held or payment._prepare_wallet_spending_vals(order)
            )
            vals_list += taken
            receivables[accounts[payment]][0] += payment.amount
            receivables[accounts[payment]][1] += sum(it["balance"] for it in taken)
        vals_list += [
            self._prepare_wallet_receivable_vals(account, amount, balance)
            for account, (amount, balance) in receivables.items()
        ]
        nothing = self.env["account.move.line"]
        return [(vals, nothing) for vals in vals_list]

    def _prepare_wallet_receivable_vals(self, account, amount, balance):
        """Values of the other side of what is taken from wallets for a till.

        :param account: account.account
        :param float amount: in the currency of the till
        :param float balance: the same in the company's currency
        :return: dict of account.move.line values
        """
        currency, company = self.currency_id, self.company_id
        return {
            "name": ", ".join(self.payment_method_id.mapped("name")),
            "account_id": account.id,
            "currency_id": currency.id,
            "amount_currency": -currency.round(amount),
            "balance": -company.currency_id.round(balance),
            "analytic_distribution": False,
        }

    # Entries

    def _get_wallet_operation(self):
        """What these payments of an order do to the wallet, see the table of
        operations.

        :return: str
        """
        if self.currency_id.compare_amounts(sum(self.mapped("amount")), 0.0) > 0:
            return self._get_wallet_document()._wallet_spending_operation
        return "refund" if self.pos_order_id._is_wallet_given_back() else "top_up"

    def _get_wallet_document(self):
        """What these payments of an order are about: the invoice, where there is one.
        What is kept of an amount paid stays the customer's, whatever becomes of the
        invoice.

        :return: account.move or pos.order, in sudo
        """
        order = self.pos_order_id.sudo().with_company(self.company_id)
        invoice = order.account_move
        if sum(self.mapped("amount")) < 0.0 and invoice.move_type != "out_refund":
            return order
        return invoice or order

    def _book_wallet(self):
        """Make the entry of this payment.

        :return: account.move in sudo, posted
        """
        self.ensure_one()
        document = self._get_wallet_document()
        is_spent = self.currency_id.compare_amounts(self.amount, 0.0) > 0
        if document._name == "account.move" and not is_spent:
            lines = document.line_ids._get_wallet_open_credits()
            move = lines._book_wallet_refund(lines._spread_wallet_refund(-self.amount))
        else:
            holds, takings = self._take_wallet_holds()
            vals_list = takings[self] or (
                self._prepare_wallet_spending_vals(document)
                if is_spent
                else self._prepare_wallet_gift_vals(document)
            )
            booking = self._prepare_wallet_booking(vals_list)
            move = self.env["customer.wallet"]._book_at_once([booking])
            holds._settle(move)
        self._set_wallet_entry(move)
        return move

    def _prepare_wallet_undo_vals(self, order):
        """Values of the payment that gives this one of a top-up back.

        :param order: pos.order that takes the top-up back
        """
        self.ensure_one()
        return {
            "pos_order_id": order.id,
            "payment_method_id": self.payment_method_id.id,
            "amount": -self.amount,
            "name": self.env._("Undone: %s", self.pos_order_id.name),
        }

    def _undo_wallet_top_up(self):
        Wallet = self.env["customer.wallet"]
        order = self.pos_order_id
        undone = order.wallet_undone_order_id.sudo().payment_ids.filtered(
            lambda it: (
                it.wallet_move_id
                and self.currency_id.is_zero(it.amount + self.amount)
                and not it.wallet_move_id._get_wallet_reversals()
            )
        )
        entry = undone[:1].wallet_move_id
        booking = Wallet._prepare_undo(entry.line_ids, ref=order.name)
        self._set_wallet_entry(Wallet._book_at_once([booking]))

    def _prepare_wallet_spending_vals(self, document):
        """Values of the journal items that take this payment out of wallets.

        :param document: that is paid
        :return: list of dict
        """
        shares = self._share_among_wallets(document)
        spending = {"shares": shares, "label": self._get_wallet_label()}
        return self.env["customer.wallet"]._prepare_takings_vals([spending])[0]

    def _prepare_wallet_gift_vals(self, document):
        """Values of the journal items that put this payment into the wallet. A refund
        comes back in the kinds of money that were spent.

        :param document: pos.order that it is for
        :return: list of dict
        """
        amount = self.currency_id.round(-self.amount)
        wallet = self.env["customer.wallet"]._find_or_create(
            self.partner_id, self.company_id, self.currency_id
        )
        parts = [(amount, PAID, False)]
        if document._is_wallet_given_back():
            limits = document._get_wallet_return_limits(amount)
            parts = wallet._split_return(amount, *limits, self.company_id)
        return wallet._prepare_giving_vals(parts, self._get_wallet_label())

    def _prepare_wallet_booking(self, vals_list):
        """
        :param list vals_list: dict of the values of the journal items of the wallets
        :return: tuple, see `customer.wallet._book_at_once`
        """
        document = self._get_wallet_document()
        payment = {"amount": sum(self.mapped("amount")), "discount": 0.0}
        return (
            self._get_wallet_operation(),
            document._prepare_wallet_payment(payment, vals_list),
            self.company_id,
            document._prepare_wallet_allocation_vals(self.company_id),
        )

    def _prepare_wallet_take_back_vals(self, balance):
        """The other side of what is taken out of the entry of a closed session: the
        account from which core takes the order, too.

        :param float balance: of these payments of an order, in the company's currency
        :return: list of dict of account.move.line values
        """
        order = self.pos_order_id
        total, left = sum(self.mapped("amount")), balance
        vals_list = []
        by_method = list(self.grouped("payment_method_id").items())
        for number, (method, payments) in enumerate(by_method, 1):
            amount = sum(payments.mapped("amount"))
            part = left if number == len(by_method) else balance * amount / total
            account = self.session_id.sudo()._get_receivable_account(method)
            vals = payments._prepare_wallet_receivable_vals(account, -amount, -part)
            left -= vals["balance"]
            vals_list.append({**vals, **order._prepare_wallet_reference_vals()})
        return vals_list

    def _get_wallet_label(self):
        """
        :return: str, of the journal items of the wallet
        """
        return self.env._(
            "%(method)s: %(order)s",
            method=self.payment_method_id[:1].name,
            order=self.pos_order_id.name,
        )

    def _get_wallet_receivable_lines(self):
        """The side of the wallet entries that the closing entry pays."""
        return self.sudo().wallet_move_id.line_ids._filter_wallet_receivables()

    # Invoices

    def _create_payment_moves(self, is_reverse=False):
        """What wallets pay is booked on the invoice itself, see pos.order."""
        others = self - self._filter_wallet()
        return super(PosPayment, others)._create_payment_moves(is_reverse)

    def _book_wallets_on_invoice(self):
        """Book these wallet payments on the invoice of their order. What was booked
        before is taken back and booked anew in one go, the same kinds of money: the
        wallets stay as they are.
        """
        self._check_wallet_credit_note()
        booked = self.filtered("wallet_move_id")
        for payments in booked.grouped(
            lambda payment: (payment.pos_order_id, payment.wallet_move_id)
        ).values():
            payments._set_wallet_entry(payments._rebook_wallet())
        for payment in self - booked:
            payment._book_wallet()

    def _check_wallet_credit_note(self):
        """The credit note of a return first settles what is open on its invoice.

        :raises UserError: there is not so much to give back as these payments say
        """
        by_move = self.grouped(lambda payment: payment.pos_order_id.account_move)
        for credit_note, payments in by_move.items():
            if credit_note.move_type != "out_refund":
                continue
            currency = credit_note.currency_id
            there = credit_note.sudo()._get_wallet_refund_open()
            amount = currency.round(-sum(payments.mapped("amount")))
            if currency.compare_amounts(amount, there) > 0:
                raise UserError(
                    self.env._(
                        "%(order)s gives %(amount)s back to the wallet of "
                        "%(customer)s, but %(invoice)s is not paid: only %(there)s "
                        "comes back. Receive the payment of the invoice first, or "
                        "return the goods on account.",
                        order=", ".join(payments.pos_order_id.mapped("name")),
                        amount=currency.format(amount),
                        customer=credit_note.commercial_partner_id.display_name,
                        invoice=credit_note.reversed_entry_id.display_name
                        or credit_note.display_name,
                        there=currency.format(there),
                    )
                )

    def _rebook_wallet(self):
        """
        :return: account.move in sudo, that replaces the entry of these payments of an
            order
        """
        Wallet = self.env["customer.wallet"]
        order = self.pos_order_id
        lines = order._get_wallet_items() & self.sudo().wallet_move_id.line_ids
        operation, items, company, move_vals = Wallet._prepare_undo(lines)
        again = [
            {
                **vals,
                "balance": -vals["balance"],
                "amount_currency": -vals["amount_currency"],
            }
            for line, (vals, _matched) in zip(lines, items, strict=True)
            if line.wallet_lot_type
        ]
        rest = sum(vals["balance"] for vals, _matched in items)
        if not company.currency_id.is_zero(rest):
            # One item of the session's entry stands for all its orders.
            items += [
                (vals, lines.browse())
                for vals in self._prepare_wallet_take_back_vals(-rest)
            ]
        booking = self._prepare_wallet_booking(again)
        taken_back = (operation, items, company, move_vals)
        return Wallet._book_at_once([taken_back, booking])[-1]
