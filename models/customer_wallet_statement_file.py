import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .wallet_statement_writers import WRITERS

_logger = logging.getLogger(__name__)

KEPT_DAYS = 30
# What an attachment grows to in an email, with some room for the text.
ENCODED_SIZE = 1.5
GC_BATCH = 1000
# A server that was killed while it made a file begins again, but not for ever: before
# Odoo leaves the whole scheduled action alone for a while.
TRIES = 2


class CustomerWalletStatementFile(models.Model):
    """A statement that is too long to wait for: somebody has asked for it, a scheduled
    action makes it and sends it to them by email. It is kept for some days.
    """

    _name = "customer.wallet.statement.file"
    _inherit = ["customer.wallet.defaults.mixin"]
    _description = "Wallet Statement File"
    _order = "id desc"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    wallet_ids = fields.Many2many("customer.wallet", string="Wallets")
    company_id = fields.Many2one("res.company", required=True)
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To", required=True)
    file_format = fields.Selection(selection="_selection_file_format", required=True)
    state = fields.Selection(
        [("waiting", "Being Made"), ("done", "Ready"), ("failed", "Failed")],
        default="waiting",
        required=True,
        index=True,
    )
    tries = fields.Integer()
    attachment_id = fields.Many2one("ir.attachment", ondelete="set null")

    @api.model
    def _selection_file_format(self):
        return self.env["customer.wallet"]._get_statement_file_formats()

    @api.depends("wallet_ids", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for file in self:
            file.display_name = file.wallet_ids._get_statement_file_name(file.date_to)

    # Asking

    @api.model
    def _ask(self, wallets, file_format, date_from, date_to):
        """Have a file made for the user. Who asks again for the same, while nothing has
        happened to the wallets, gets the same file.

        :param wallets: customer.wallet that the user may see, which the caller checks
        :param str file_format: see `_get_statement_file_formats`
        :param date date_from: first day, or False
        :param date date_to: last day
        :return: customer.wallet.statement.file in sudo
        :raises UserError: another one is being made for the user
        """
        file_id = self.env["customer.wallet.request"]._answer_once(
            (
                self._name,
                sorted(wallets.ids),
                [file_format, str(date_from or ""), str(date_to)],
                self._get_fingerprint(wallets, date_to),
            ),
            lambda: self._start(wallets, file_format, date_from, date_to).id,
        )
        file = self.sudo().browse(file_id).exists()
        if not file or file.state == "failed":
            file = self._start(wallets, file_format, date_from, date_to)
        return file

    @api.model
    def _get_fingerprint(self, wallets, date_to):
        """What changes with each movement of the period, and before it."""
        items = [*wallets._get_items_domain(), ("date", "<=", date_to)]
        aggregates = ["__count", "id:max", "amount_currency:sum"]
        [row] = self.env["account.move.line"].sudo()._read_group(items, [], aggregates)
        return [str(value) for value in row]

    @api.model
    def _start(self, wallets, file_format, date_from, date_to):
        own = [("user_id", "=", self.env.uid), ("state", "=", "waiting")]
        if waiting := self.sudo().search([*own, *self._get_files_domain()], limit=1):
            raise UserError(
                self.env._(
                    "Another file is being made for you: %(file)s. You get it by "
                    "email in some minutes; then ask for this one.",
                    file=waiting.display_name,
                )
            )
        vals = self._prepare_vals(wallets, file_format, date_from, date_to)
        return self._create_waiting([vals])

    @api.model
    def _get_files_domain(self):
        """What somebody can download."""
        return [("file_format", "in", list(WRITERS))]

    @api.model
    def _prepare_vals(self, wallets, file_format, date_from, date_to):
        return {
            "user_id": self.env.uid,
            "wallet_ids": wallets.ids,
            "company_id": wallets[0].company_id.id,
            "file_format": file_format,
            "date_from": date_from,
            "date_to": date_to,
        }

    @api.model
    def _create_waiting(self, vals_list):
        self.env.ref("customer_wallet.ir_cron_wallet_statement_files").sudo()._trigger()
        return self.sudo().create(vals_list)

    def _get_asked_message(self):
        """What the one who has asked for this file reads."""
        self.ensure_one()
        if self.state == "done":
            return self.env._("This file has been made already, and sent to you.")
        email = self.user_id.partner_id.email
        if not email:
            return self.env._("The file is being made: ask again in some minutes.")
        return self.env._("The file is being made, and sent to %s.", email)

    # Making

    @api.model
    def _cron_make(self):
        """Make what is waiting, one after the other. It may be run again at any
        time.
        """
        waiting = self.search([("state", "=", "waiting")], order="tries, id")
        for number, file in enumerate(waiting, start=1):
            file.tries += 1
            self.env["ir.cron"]._commit_progress()
            file._make_safely()
            left = len(waiting) - number
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return

    def _make_safely(self):
        self.ensure_one()
        if self.tries > TRIES or not self._is_allowed():
            self._fail()
            return
        try:
            with self.env.cr.savepoint():
                self._make()
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError):
            raise
        except Exception:  # pylint: disable=broad-exception-caught
            _logger.exception("No file for %s", self)
            self._fail()
        else:
            self._send()

    def _fail(self):
        """Who waits for the file is told; not who may not see the wallets any more."""
        self.ensure_one()
        self.state = "failed"
        if not self._is_allowed():
            return
        user = self.user_id
        file = self.with_context(lang=user.lang)
        file.wallet_ids[:1].message_notify(
            partner_ids=user.partner_id.ids,
            subject=file.display_name,
            body=file.env._(
                "%(file)s could not be made. Ask for it again, perhaps for a shorter "
                "period or as CSV.",
                file=file.display_name,
            ),
        )

    def _make(self):
        user = self.user_id
        wallets = self.wallet_ids.with_context(lang=user.lang, tz=user.tz)
        content = wallets._make_statement_file(
            self.file_format, self.date_from, self.date_to
        )
        self.attachment_id = self.env["ir.attachment"].create(
            {
                "name": f"{wallets._get_statement_file_name(self.date_to)}."
                f"{self.file_format}",
                "raw": content,
                # What is text, Odoo copies into the database to search it.
                "mimetype": WRITERS[self.file_format].mimetype.replace(
                    "text/", "application/"
                ),
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.state = "done"

    def _is_allowed(self):
        """Whether who has asked may still see the wallets."""
        self.ensure_one()
        user = self.user_id
        if not user.active:
            return False
        wallets = self.wallet_ids
        return wallets.partner_id == user.commercial_partner_id or (
            wallets.with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
            .has_access("read")
        )

    def _send(self):
        """Money and files never depend on a mail server or a template. What is too
        large for an email, Odoo would send as a link that needs no login: the template
        has one that needs it.
        """
        self.ensure_one()
        partner = self.user_id.partner_id
        size_limit = self.env["ir.mail_server"]._get_max_email_size() * 1024**2
        is_small = self.attachment_id.file_size * ENCODED_SIZE < size_limit
        attachments = self.attachment_id if is_small else self.attachment_id.browse()
        if partner.email:
            self.env["customer.wallet"]._send_template(
                "customer_wallet.mail_template_wallet_statement_file",
                self,
                email_values={
                    "recipient_ids": [Command.set(partner.ids)],
                    "attachment_ids": [Command.set(attachments.ids)],
                },
            )

    @api.autovacuum
    def _gc_files(self):
        """Forget what somebody has had for long enough."""
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.search([("create_date", "<", before)], limit=GC_BATCH)
        old.unlink()
        return len(old), len(old) == GC_BATCH
