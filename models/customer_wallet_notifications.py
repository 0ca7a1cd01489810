import logging

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import format_list

from .customer_wallet_spender_mixin import NAMES_SHOWN

_logger = logging.getLogger(__name__)


class CustomerWallet(models.Model):
    """What customers are told by email when their money moves."""

    _inherit = "customer.wallet"

    low_balance_threshold = fields.Monetary(
        string="Email When Below",
        help="The customer gets an email when the balance falls below this amount. "
        "It is chosen in the portal; zero means no email.",
    )
    is_low_balance_notified = fields.Boolean(
        readonly=True,
        help="The customer knows that the balance is low; the next email comes when "
        "it falls below the amount again.",
    )

    def _set_low_balance_threshold(self, amount):
        """Choose from which balance on the customer wants an email. Who chooses an
        amount above the balance knows that it is low.

        :param float amount: in the wallet's currency; zero for no email
        """
        self.ensure_one()
        wallet = self.sudo()
        wallet.low_balance_threshold = amount
        wallet.is_low_balance_notified = bool(amount) and wallet.is_low

    def _hold(self, amount, document=None, **options):
        """The customer hears of it when the money is held, as with a card."""
        hold = super()._hold(amount, document, **options)
        if hold.company_id.wallet_mail_used:
            self.sudo()._queue_mail(
                "customer_wallet.mail_template_wallet_used",
                wallet_amount=hold.amount,
                wallet_document=hold.document_name,
            )
        return hold

    def _notify_moved(self, moves):
        """Tell the customers by email what these entries did to their wallets, as
        far as the company and they themselves want to hear of it.
        """
        result = super()._notify_moved(moves)
        self._log_undone(moves)
        told = self._filter_told(moves)
        for wallet in self.sudo():
            if told and wallet.company_id.wallet_mail_used:
                wallet._mail_used(moves, told)
            if wallet.low_balance_threshold and (
                wallet.company_id.wallet_mail_low_balance
            ):
                wallet._mail_low_balance()
        return result

    @api.model
    def _log_undone(self, moves):
        """Say in the chatter of the wallets what a manager has undone, and why."""
        rows = self._get_operations()
        for move in moves.filtered("reversed_entry_id.wallet_operation"):
            entry = move.reversed_entry_id
            row = rows.get(entry.wallet_operation)
            if not row or row.undo != "manager":
                continue
            lines = move.sudo().line_ids.filtered(
                lambda line: line.wallet_id and line.amount_currency
            )
            for wallet, items in lines.grouped("wallet_id").items():
                amount = abs(sum(items.mapped("amount_currency")))
                body = self.env._(
                    "%(entry)s (%(amount)s) has been undone by %(reversal)s. Reason: "
                    "%(reason)s",
                    entry=entry._get_html_link(title=entry.name),
                    amount=wallet.currency_id.format(amount),
                    reversal=move._get_html_link(title=move.name),
                    reason=move.ref or "",
                )
                wallet.message_post(body=body)

    @api.model
    def _filter_told(self, moves):
        """Those of these entries of which the customer is told."""
        rows = self._get_operations()
        told = [name for name, row in rows.items() if row.is_notified]
        return moves.filtered(
            lambda move: move.wallet_operation in told and not move.reversed_entry_id
        )

    def _mail_used(self, moves, told):
        """What was held before, and what is only booked anew and leaves the wallet as
        it is, is no news.

        :param moves: account.move, just posted
        :param told: those of them of which the customer is told
        """
        if self._get_taken():
            return
        items = moves.line_ids.filtered(lambda line: line.wallet_id == self)
        if self.currency_id.is_zero(sum(items.mapped("amount_currency"))):
            return
        for move in told:
            lines = move.line_ids.filtered(lambda line: line.wallet_id == self)
            amount = sum(lines.mapped("amount_currency"))
            if self.currency_id.compare_amounts(amount, 0.0) > 0:
                self._queue_mail(
                    "customer_wallet.mail_template_wallet_used",
                    wallet_amount=amount,
                    wallet_document=self._get_paid_names(lines) or move.name,
                )

    def _get_paid_names(self, lines):
        """The documents of these items of one entry, which may pay those of others."""
        names = list(dict.fromkeys(lines.mapped("wallet_document")))
        if len(names) > NAMES_SHOWN:
            return lines.move_id.ref
        return format_list(self.env, names, "unit")

    def _mail_low_balance(self):
        """Once per crossing: the next email comes when there was enough between."""
        if self.is_low == self.is_low_balance_notified:
            return
        self.is_low_balance_notified = self.is_low
        if self.is_low:
            self._queue_mail("customer_wallet.mail_template_wallet_low_balance")

    def _queue_mail(self, template_xmlid, **values):
        """Put an email to the customer into Odoo's queue.

        :param str template_xmlid: of a mail.template on this model
        :param values: what the template finds in `ctx`
        """
        self.ensure_one()
        partners = self._get_mail_partners()
        if partners:
            self.with_context(**values)._send_template(
                template_xmlid,
                self,
                email_values={"recipient_ids": [Command.set(partners.ids)]},
            )

    @api.model
    def _send_template(self, template_xmlid, record, **options):
        """Put an email into Odoo's queue. Money never waits for a mail server, and
        never depends on a template.

        :param str template_xmlid: of a mail.template
        :param record: that the email is about
        :param options: see `send_mail` of mail.template
        :return: whether it is there
        """
        template = self.env.ref(template_xmlid, raise_if_not_found=False)
        if not template:
            return False
        # What is wrong with the entry itself shows here, not as trouble with mail.
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                return bool(template.sudo().send_mail(record.id, **options))
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError):
            raise
        except Exception:  # pylint: disable=broad-exception-caught
            _logger.exception("No email for %s", record)
            return False

    def _get_mail_partners(self):
        """Who hears of this wallet: its owner, or else the contacts with a login."""
        owner = self.sudo().partner_id
        if owner.email:
            return owner
        return owner.child_ids.filtered(
            lambda contact: contact.email and contact.user_ids
        )

    def _get_report_base_filename(self):
        """The name of a statement that is downloaded in the portal."""
        self.ensure_one()
        return self._get_statement_file_name()
