"""Receivable items that wallets settle, and the discounts in such entries."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from .wallet_amounts import spread


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _filter_wallet_receivables(self):
        return self.filtered(lambda line: line.account_type == "asset_receivable")

    def _get_wallet_open_receivables(self):
        """Those of these items that are in the books and open, oldest due first."""
        return (
            self._filter_wallet_receivables()
            .filtered(lambda it: it.parent_state == "posted" and not it.reconciled)
            .sorted(lambda line: (line.date_maturity or line.date, line.id))
        )

    def _get_wallet_open_credits(self):
        """Those of these items that are open for the customer, oldest due first."""
        return self._get_wallet_open_receivables().filtered(
            lambda line: line.amount_residual_currency < 0.0
        )

    def _filter_wallet_document(self, document):
        """Those of these items of entries that are about a document; of entries that
        name none, all.
        """
        about = self.filtered(
            lambda line: (
                line.wallet_document_model == document._name
                and line.wallet_document_id == document.id
            )
        )
        return about or self.filtered(lambda line: not line.wallet_document_id)

    def _get_wallet_moves(self):
        """The invoices and credit notes that these items of entries are about."""
        lines = self.filtered(lambda it: it.wallet_document_model == "account.move")
        return self.move_id.browse(dict.fromkeys(lines.mapped("wallet_document_id")))

    def _filter_beside_wallet_money(self, sign):
        """Those of these items whose entry takes money out of a wallet, or puts some
        in. It may be the one of a whole till session: its items are not read.

        :param int sign: 1 for taking, -1 for putting in
        """
        posted = self.filtered(
            lambda line: line.move_type == "entry" and line.parent_state == "posted"
        )
        [(entries,)] = self._read_group(
            [
                ("move_id", "in", posted.move_id.ids),
                ("wallet_lot_type", "!=", False),
                ("amount_currency", ">" if sign > 0 else "<", 0.0),
            ],
            aggregates=["move_id:recordset"],
        )
        return posted.filtered(lambda line: line.move_id in entries)

    def _is_wallet_payment_of(self, document):
        """Whether these items of an entry, made by hand, do nothing else than settle a
        document.

        :param document: account.move
        """
        lines = self.sudo()
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        settled = (partials.debit_move_id | partials.credit_move_id).move_id
        return (
            settled - lines.move_id == document
            and len(lines.partner_id.commercial_partner_id) == 1
            and not lines.move_id.statement_line_id
            and all(
                line.wallet_lot_type
                for line in lines - lines._filter_wallet_receivables()
            )
        )

    # What is due, and what was paid

    def _spread_wallet_payment(self, amount):
        """Spread an amount over these items that are due, in their order.

        :param float amount: in the currency of the items
        :return: list of (account.move.line of one account, float, below zero)
        """
        dues = [(line, line.amount_residual_currency) for line in self]
        paid = dict(spread(amount, dues, self.currency_id))
        return [
            (lines, -lines.currency_id.round(sum(paid[line] for line in lines)))
            for lines in self.browse().concat(*paid).grouped("account_id").values()
        ]

    def _sum_wallet_paid(self, document):
        """What these items of an entry took from wallets for a document, in its own
        currency.
        """
        lines = self._filter_wallet_document(document)
        paid = -sum(lines._filter_wallet_receivables().mapped("amount_currency"))
        return document.currency_id.round(paid - lines._sum_wallet_discounts(document))

    @api.model
    def _prepare_wallet_settling(self, parts, balance, label):
        """The journal items that settle receivable items.

        :param list parts: of (account.move.line, float amount in their currency of the
            item that settles them)
        :param float balance: of all these items, in the company's currency
        :param str label: of the journal items
        :return: list of (dict of account.move.line values, account.move.line)
        """
        items = []
        total = sum(amount for _lines, amount in parts)
        left = balance
        for number, (lines, amount) in enumerate(parts, 1):
            is_last = number == len(parts)
            value = left if is_last else balance * amount / total
            value = lines.company_currency_id.round(value)
            left -= value
            vals = {
                "name": label,
                "account_id": lines.account_id.id,
                "partner_id": lines.partner_id.id,
                "currency_id": lines.currency_id.id,
                "amount_currency": amount,
                "balance": value,
            }
            items.append((vals, lines))
        return items

    # Early payment discounts

    def _is_wallet_discount(self):
        """Whether this item belongs to an early payment discount. Core books the tax of
        one beside the discount itself; alone, it is withheld, for example.
        """
        self.ensure_one()
        company = self.company_id.sudo()
        accounts = (
            company.account_journal_early_pay_discount_loss_account_id
            | company.account_journal_early_pay_discount_gain_account_id
        )
        items = self.move_id.line_ids if self.tax_line_id else self
        return bool(items.account_id & accounts)

    def _get_wallet_discounts(self):
        """The journal items that granted an early payment discount on these items of an
        invoice. An ordinary entry that pays several does not tell on which of them.
        """
        invoice = self.move_id
        partials = self._filter_wallet_receivables().matched_credit_ids
        granted = self.browse()
        for entry in partials.credit_move_id.move_id.filtered(
            lambda move: move.move_type == "entry"
        ):
            paid = entry.line_ids.matched_debit_ids.debit_move_id.move_id
            is_only = paid.filtered(lambda m: m.is_sale_document(True)) == invoice
            items = entry.line_ids._filter_wallet_document(invoice)
            if is_only or invoice.id in items.mapped("wallet_document_id"):
                granted |= items.filtered(
                    lambda item: item.amount_currency and item._is_wallet_discount()
                )
        return granted

    def _sum_wallet_discounts(self, document):
        """The early payment discount in the part of an entry about a document, granted
        where above zero, and else taken back; in the document's currency.
        """
        lines = self._filter_wallet_document(document)
        discounts = lines.filtered(lambda line: line._is_wallet_discount())
        return sum(discounts.mapped("amount_currency"))

    def _prepare_wallet_discount_vals(self):
        """The early payment discount on these items is booked as core books it on a
        payment.
        """
        open_balance = sum(line.balance - line.discount_balance for line in self)
        move = self.move_id
        values = move._get_invoice_counterpart_amls_for_early_payment_discount(
            [{"aml": line} for line in self], open_balance
        )
        return [vals for vals_list in values.values() for vals in vals_list]

    def _prepare_wallet_discount_back_vals(self, amount):
        """Values of the items that take back a part of the discount that these items
        have granted.

        :param float amount: in the currency of the items
        """
        vals_list = []
        total = sum(self.mapped("amount_currency"))
        left = amount
        for line in self:
            part = left if line == self[-1] else amount * line.amount_currency / total
            part = line.currency_id.round(part)
            left -= part
            balance = part * line.balance / line.amount_currency
            vals_list.append(
                {
                    "name": line.name,
                    "account_id": line.account_id.id,
                    "partner_id": line.partner_id.id,
                    "currency_id": line.currency_id.id,
                    "amount_currency": -part,
                    "balance": -line.company_currency_id.round(balance),
                    "tax_ids": [Command.set(line.tax_ids.ids)],
                    "tax_tag_ids": [Command.set(line.tax_tag_ids.ids)],
                    "tax_repartition_line_id": line.tax_repartition_line_id.id,
                    "group_tax_id": line.group_tax_id.id,
                }
            )
        return vals_list

    # Open credits that go to a wallet

    def _spread_wallet_refund(self, amount):
        """Spread an amount over these open credits, in their order."""
        dues = [(line, -line.amount_residual_currency) for line in self]
        return list(spread(amount, dues, self.currency_id))

    @api.model
    def _book_wallet_refund(self, parts):
        """Book one entry that moves open credits to their customer's wallet, and
        reconcile each of them with it.

        :param list parts: of (account.move.line, float amount in its currency), all of
            one customer, company and currency
        :return: account.move, posted
        :raises UserError: the money of one of them has not been received
        """
        lines = self.browse().concat(*(line for line, _ in parts)).sudo()
        lines._check_wallet_received()
        Wallet = self.env["customer.wallet"]
        wallet = Wallet._find_or_create(
            lines.partner_id.commercial_partner_id, lines.company_id, lines.currency_id
        )
        amounts = {line.id: amount for line, amount in parts}
        entry = Wallet._book(
            "refund",
            [
                item
                for credits_of_move in lines.grouped("move_id").values()
                for item in credits_of_move._prepare_wallet_refund(wallet, amounts)
            ],
            lines.company_id,
            ref=lines.move_id._get_wallet_names(),
            partner_id=wallet.partner_id.id,
            currency_id=lines.currency_id.id,
        )
        for line in lines:
            line.move_id._get_wallet_shown_document()._message_log(
                body=self.env._(
                    "%(amount)s moved to the wallet: %(entry)s",
                    amount=line.currency_id.format(amounts[line.id]),
                    entry=entry._get_html_link(),
                )
            )
        Wallet._allocate_received(entry)
        return entry

    def _prepare_wallet_refund(self, wallet, amounts):
        """The journal items by which these open credits of one document go to a wallet.
        An exchange difference arises on the receivable, as with any other payment.

        :param wallet: customer.wallet, of the currency of the credits
        :param dict amounts: float by id of the credits, in their currency
        :return: list of (dict of account.move.line values, account.move.line with
            which the item is reconciled, or none)
        """
        document = self.move_id
        document._check_wallet_credit_owner()
        amount = sum(amounts[line.id] for line in self)
        document._check_wallet_credit_paid(amount)
        discount = document._get_wallet_discount_to_take_back(amount)
        kinds = wallet._split_return(
            wallet.currency_id.round(amount - discount),
            *document._get_wallet_return_limits(amount),
            self.company_id,
        )
        label = self.env._("Refunded to the wallet: %s", document.name)
        vals_list = wallet._prepare_giving_vals(kinds, label)
        if discount:
            granted = document.reversed_entry_id.line_ids._get_wallet_discounts()
            vals_list += granted._prepare_wallet_discount_back_vals(discount)
        balance = sum(vals["balance"] for vals in vals_list)
        items = [(vals, self.browse()) for vals in vals_list]
        parts = [(line, amounts[line.id]) for line in self]
        items += self._prepare_wallet_settling(parts, -balance, label)
        reference = document._prepare_wallet_reference_vals()
        return [({**vals, **reference}, matched) for vals, matched in items]

    def _check_wallet_received(self):
        """
        :raises UserError: the money of one of these open credits has not been received
        """
        for line in self.filtered(lambda line: not line._is_wallet_received()):
            names = {
                "document": line.move_id.display_name,
                "customer": line.partner_id.commercial_partner_id.display_name,
            }
            if line.move_id.sudo().origin_payment_id.state != "rejected":
                raise UserError(
                    self.env._(
                        "%(document)s of %(customer)s is dated %(date)s, and a wallet "
                        "holds what has been received: move it to the wallet on that "
                        "day.",
                        date=format_date(self.env, line.date),
                        **names,
                    )
                )
            raise UserError(
                self.env._(
                    "The payment %(document)s of %(customer)s was rejected, and a "
                    "wallet holds what has been received. When the money is there, "
                    "reset the payment to draft and confirm it again.",
                    **names,
                )
            )

    def _is_wallet_received(self):
        """Whether this credit is there: it is of no day to come, and its payment was
        not rejected, which leaves the entry as it is. In SQL, see
        `_get_not_received_sql`.
        """
        self.ensure_one()
        move = self.move_id.sudo()
        if move.origin_payment_id.state == "rejected":
            return False
        # Tills date what comes back to them by their own clocks.
        return bool(move.pos_order_ids) or not self.company_id._is_wallet_future(
            self.date
        )

    def _get_wallet_bound_domain(self):
        """Open credits that may belong to something, see `_is_wallet_bound`."""
        payment = "move_id.origin_payment_id"
        domains = [
            # Where it is the day before still, today is to come.
            Domain("date", ">=", fields.Date.today()),
            Domain(f"{payment}.state", "=", "rejected"),
            Domain(f"{payment}.payment_transaction_id", "!=", False),
            Domain("wallet_document_model", "=", "payment.transaction"),
            Domain("move_id.move_type", "=", "out_refund"),
        ]
        if "batch_payment_id" in self.env["account.payment"]._fields:
            domains.append(Domain(f"{payment}.batch_payment_id", "!=", False))
        return Domain.OR(domains)

    def _is_wallet_bound(self):
        """Whether this open credit has not been received, or belongs to something that
        is going on: an order that is not fully invoiced, a refund that the provider is
        making, a batch that the bank has not booked; or to what another customer has
        bought.
        """
        self.ensure_one()
        if not self._is_wallet_received():
            return True
        move = self.move_id.sudo()
        payment = move.origin_payment_id
        is_in_batch = "batch_payment_id" in payment._fields and payment.batch_payment_id
        if is_in_batch and not payment.is_matched:
            return True
        transaction = payment.payment_transaction_id
        if self.wallet_document_model == transaction._name:
            transaction = self._get_wallet_document()
        if transaction:
            return transaction._is_wallet_payment_bound()
        # Payments without an entry, which the bank has not booked.
        going_out = move.matched_payment_ids.filtered(
            lambda it: it.state == "in_process" and not it.move_id
        )
        documents = move | move._get_wallet_credited_invoice()
        payments = transaction._find_wallet_transactions(documents)
        is_going_on = going_out or payments._get_wallet_refunds_going_on()
        return bool(is_going_on) or move._is_wallet_credit_of_another()

    def _is_wallet_paid_out(self):
        """Whether this item on a receivable account is money that goes out, or what the
        company owes somebody now. What is set off against other receivables of the
        customer is not, nor is what goes into a wallet. Of an entry about several
        customers, others get of it what nothing else of the entry explains.
        """
        self.ensure_one()
        owner = self.partner_id.commercial_partner_id
        others = self.move_id.line_ids.filtered(
            lambda line: line._get_wallet_sign() < 0 and not line.wallet_lot_type
        )
        receivables = others._filter_wallet_receivables()
        owed = receivables.filtered(
            lambda line: line.partner_id.commercial_partner_id - owner
        ) | others.filtered(lambda line: line.account_type == "liability_payable")
        rest = -sum((others - owed).mapped("balance"))
        if owed and self.company_currency_id.compare_amounts(rest, self.balance) < 0:
            return True
        return (others - receivables)._is_wallet_cash_counterpart()
