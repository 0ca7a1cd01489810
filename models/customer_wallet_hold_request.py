"""Holds that another program asks for: of a machine, an app, a booking."""

from datetime import date

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .customer_wallet_hold import HOLD_DAYS
from .customer_wallet_request import answered_once
from .wallet_amounts import read_amount

REFERENCE_LENGTH = 100


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @answered_once
    def action_hold(self, amount, reference, expires_at=None):
        """Hold money of this wallet for something that has no document yet. It is taken
        by `action_capture` of the hold, or given free by `action_release`.

        :param float amount: in the wallet's currency, of what is available
        :param str reference: what it is for, as staff and customer know it
        :param str expires_at: date and time in UTC at which the hold lapses; by default
            after 30 days
        :return: int, id of the customer.wallet.hold
        :raises AccessError: the user may not use wallets or enter invoices
        :raises UserError: the amount is not positive or more than what is available,
            nothing says what it is for, or it would lapse at once
        """
        self.ensure_one()
        self.check_access("read")
        self.env["customer.wallet.hold"]._check_request_access()
        hold = self._hold(
            read_amount(self.env, amount, self.currency_id),
            expires_at=self._read_hold_expiry(expires_at),
            document_name=self._read_hold_reference(reference),
        )
        return hold.id

    def _read_hold_reference(self, reference):
        """What a client sends may hold characters that nobody sees."""
        text = reference if isinstance(reference, str) else ""
        text = "".join(filter(str.isprintable, text)).strip()
        if not text:
            raise UserError(self.env._("Say what the money is held for."))
        return text[:REFERENCE_LENGTH]

    def _read_hold_expiry(self, expires_at):
        now = fields.Datetime.now()
        if not expires_at:
            return fields.Datetime.add(now, days=HOLD_DAYS)
        try:
            is_time = isinstance(expires_at, str | date)
            expiry = fields.Datetime.to_datetime(expires_at) if is_time else None
        except ValueError:
            expiry = None
        if not expiry or expiry <= now:
            raise UserError(
                self.env._(
                    "Money is held until a later date and time, such as %(example)s.",
                    example=fields.Datetime.to_string(
                        fields.Datetime.add(now, years=1)
                    ),
                )
            )
        return expiry


class CustomerWalletHold(models.Model):
    _inherit = "customer.wallet.hold"

    @answered_once
    def action_capture(self, move_id, amount=None):
        """Pay an invoice of the customer with what is held. What is not taken stays
        held.

        :param int move_id: account.move, the invoice
        :param float amount: how much to pay, in the currency of the invoice; by
            default as much as is due and held
        :return: int, id of the account.move that paid it
        :raises AccessError: the user may not use wallets or pay the invoice
        :raises UserError: the hold has ended or belongs to a document, the invoice is
            not open or of somebody else, or the amount is not positive, more than what
            is due or what is held
        """
        self.ensure_one()
        self._check_requested()
        self._check_held(at=fields.Datetime.now())
        invoice = self._find_capturing_invoice(move_id)
        amount = self._read_captured_amount(invoice, amount)
        [payment] = invoice._plan_wallet_allocation(
            {invoice: amount}, {self.wallet_id.sudo(): self.amount}
        )
        [(_wallet, taken)] = payment["shares"]
        part = self._split(taken)._take()
        takings = part._prepare_takings_vals({part: payment["label"]})[part]
        entry = self.env["customer.wallet"]._book_at_once(
            [
                invoice._prepare_wallet_allocation(
                    invoice.company_id, [(payment, takings)]
                )
            ]
        )
        part._settle(entry)
        invoice._invalidate_wallet_fields()
        self.env["customer.wallet"]._log_allocation(entry)
        return entry.id

    @answered_once
    def action_release(self):
        """Give what is held free again. Doing it again changes nothing.

        :return: True
        :raises AccessError: the user may not use wallets or enter invoices
        :raises UserError: it was taken, or belongs to a document
        """
        self._check_requested()
        self.filtered(lambda hold: hold.state in ("held", "taken"))._end("released")
        return True

    def _check_request_access(self):
        """Such holds end in invoices: whoever may enter these may ask for them."""
        self.env["customer.wallet"]._check_user()
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(
                self.env._("Only those who enter invoices may hold money for them.")
            )

    def _check_requested(self):
        self.check_access("read")
        self._check_request_access()
        for hold in self:
            if hold._get_document():
                raise UserError(
                    self.env._(
                        "This money is held for %(document)s, which takes it or gives "
                        "it free itself.",
                        document=hold.document_name,
                    )
                )

    def _read_captured_amount(self, invoice, amount):
        """
        :return: float in the currency of the invoice, or None for all that is due
        :raises UserError: it is more than what is held
        """
        if amount is None:
            return None
        currency = invoice.currency_id
        amount = read_amount(self.env, amount, currency)
        wallet = self.wallet_id.sudo()
        held = wallet._sum_left({wallet: self.amount}, currency, invoice.company_id)
        if currency.compare_amounts(amount, held) > 0:
            raise UserError(
                self.env._(
                    "Only %(held)s is held for %(document)s, but %(amount)s was asked "
                    "for. Enter %(held)s or less.",
                    held=currency.format(held),
                    document=self.document_name,
                    amount=currency.format(amount),
                )
            )
        return amount

    def _find_capturing_invoice(self, move_id):
        is_id = isinstance(move_id, int) and not isinstance(move_id, bool)
        invoice = self.env["account.move"].browse(move_id if is_id else ()).exists()
        if not invoice:
            raise UserError(self.env._("Choose the invoice that is paid."))
        invoice._check_wallet_access()
        if self.wallet_id not in invoice._find_wallets():
            raise UserError(
                self.env._(
                    "%(document)s is not an invoice of %(customer)s in %(company)s, "
                    "whose money is held.",
                    document=invoice.display_name,
                    customer=self.partner_id.display_name,
                    company=self.company_id.display_name,
                )
            )
        return invoice
