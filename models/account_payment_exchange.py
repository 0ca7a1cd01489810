"""Pay-outs in another currency: at the value that the money has in the books."""

from odoo import models
from odoo.fields import Command

from .customer_wallet import PAID
from .customer_wallet_booking import Purses


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _generate_journal_entry(self, *args, **kwargs):
        result = super()._generate_journal_entry(*args, **kwargs)
        self._set_wallet_pay_out_values()
        return result

    def _synchronize_to_moves(self, changed_fields):
        triggers = self._get_trigger_fields_to_synchronize()
        if not changed_fields.isdisjoint(triggers):
            self._drop_wallet_exchange_items()
        return super()._synchronize_to_moves(changed_fields)

    def _set_wallet_pay_out_values(self):
        """Money of another currency leaves the wallet at its value in the books: what
        it is worth today is another, and the difference is the company's.
        """
        purses = Purses()
        for payment in self.filtered(
            lambda it: (
                it.is_wallet
                and it.payment_type == "outbound"
                and it.move_id.state == "draft"
            )
        ):
            payment._drop_wallet_exchange_items()
            wallet = payment.sudo().wallet_id
            item = payment.move_id.line_ids.filtered("wallet_lot_type")
            if wallet and item and wallet._is_foreign():
                purse = purses[wallet, (PAID,)]
                value = purse.take_value(PAID, item.amount_currency)
                payment._set_wallet_pay_out_value(wallet, item, value)

    def _set_wallet_pay_out_value(self, wallet, item, value):
        """
        :param wallet: customer.wallet in sudo
        :param item: account.move.line, of the wallet
        :param float value: in the books, of what is paid out
        """
        company = self.company_id.sudo()
        difference = company.currency_id.round(item.balance - value)
        if company.currency_id.is_zero(difference):
            return
        exchange_vals = wallet._prepare_exchange_vals(
            company, item.partner_id, item.currency_id, difference
        )
        self.move_id.line_ids = [
            Command.update(item.id, {"balance": value}),
            Command.create(exchange_vals),
        ]

    def _drop_wallet_exchange_items(self):
        """What a pay-out is worth is said when it is confirmed: a draft that was
        confirmed before is at the rate of its day again.
        """
        Wallet = self.env["customer.wallet"]
        for move in self.move_id.filtered(lambda move: move.state == "draft"):
            item = move.line_ids.filtered("wallet_lot_type")[:1]
            exchange = move.line_ids.filtered(
                lambda line: (
                    not line.amount_currency
                    and line.account_id
                    == Wallet._find_exchange_account(line.company_id, line.balance)
                )
            )
            if item and exchange:
                balance = item.balance + sum(exchange.mapped("balance"))
                move.line_ids = [
                    Command.update(item.id, {"balance": balance}),
                    *(Command.delete(line.id) for line in exchange),
                ]
