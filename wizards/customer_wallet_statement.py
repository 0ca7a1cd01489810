import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

# Each is a PDF, made while somebody waits.
SENT_AT_ONCE = 20
# Customers that a message names.
NAMED_AT_ONCE = 50


class CustomerWalletStatement(models.TransientModel):
    _name = "customer.wallet.statement"
    _description = "Print or Send Wallet Statements"

    wallet_ids = fields.Many2many("customer.wallet", string="Wallets", required=True)
    period = fields.Selection(
        selection="_selection_period",
        compute="_compute_period",
        store=True,
        readonly=False,
        required=True,
    )
    date_from = fields.Date(
        string="From", compute="_compute_dates", store=True, readonly=False
    )
    date_to = fields.Date(
        string="To",
        compute="_compute_dates",
        store=True,
        readonly=False,
        required=True,
    )
    file_format = fields.Selection(
        selection="_selection_file_format", default="pdf", required=True
    )
    file = fields.Binary(readonly=True)
    file_name = fields.Char(readonly=True)

    @api.model
    def _selection_file_format(self):
        return self.env["customer.wallet"]._get_statement_formats()

    @api.model
    def _selection_period(self):
        return [
            *self.env["customer.wallet"]._get_statement_periods(),
            ("custom", self.env._("Other dates")),
        ]

    @api.depends("wallet_ids")
    def _compute_period(self):
        for statement in self:
            statement.period = statement.wallet_ids._get_default_statement_period()

    @api.depends("period", "wallet_ids")
    def _compute_dates(self):
        for statement in self.filtered(lambda s: s.period and s.period != "custom"):
            statement.date_from, statement.date_to = (
                statement.wallet_ids._get_statement_dates(statement.period)
            )

    # Actions

    def action_print(self):
        """Print the statements, one after the other, or put them into one table. One
        that is too long to wait for is made in the background and sent to the user.

        :return: a report action, or one that downloads the file, or a notification
        :raises AccessError: the user may not see one of the wallets
        :raises UserError: the first day is after the last, there are too many movements
            for a PDF, or another file is being made for the user
        """
        self.ensure_one()
        self._check_statement()
        if self.file_format != "pdf":
            return self._download_file()
        self.wallet_ids._check_statement_length(self.date_from, self.date_to)
        report = self.env.ref("customer_wallet.action_report_wallet_statement")
        action = report.report_action(
            self.wallet_ids,
            data={"wallet_ids": self.wallet_ids.ids, **self._get_period()},
        )
        return {**action, "close_on_report_download": True}

    def action_send(self):
        """Write the email that brings each customer the statement. To many customers,
        or from a branch, whose users may not read the company that the email names,
        the email template goes out as it is, in the background.

        :return: a window action on Odoo's mail composer, or a notification
        :raises AccessError: the user may not see one of the wallets
        :raises UserError: the first day is after the last, there are too many movements
            for a PDF, or nobody of many has an email address
        """
        self.ensure_one()
        self._check_statement()
        for wallet in self.wallet_ids:
            wallet._check_statement_length(self.date_from, self.date_to)
        can_compose = self.wallet_ids.company_id.has_access("read")
        if len(self.wallet_ids) > SENT_AT_ONCE or not can_compose:
            return self._send_in_background()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Wallet Statement"),
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": self._get_composer_context(),
        }

    # Business methods

    def _check_statement(self):
        self.wallet_ids.check_access("read")
        self.wallet_ids._check_statement_period(self.date_from, self.date_to)

    def _download_file(self):
        wallets, period = self.wallet_ids, (self.date_from, self.date_to)
        if wallets._is_statement_long(*period):
            return self._download_long_file()
        self.file = base64.b64encode(
            wallets.sudo()._make_statement_file(self.file_format, *period)
        )
        name = wallets._get_statement_file_name(self.date_to)
        self.file_name = f"{name}.{self.file_format}"
        return self._get_download_action(
            f"/web/content/{self._name}/{self.id}/file?filename_field=file_name"
        )

    def _download_long_file(self):
        file = self.env["customer.wallet.statement.file"]._ask(
            self.wallet_ids, self.file_format, self.date_from, self.date_to
        )
        if file.state == "done":
            return self._get_download_action(f"/web/content/{file.attachment_id.id}?")
        return self.wallet_ids._get_success_notification(file._get_asked_message())

    def _send_in_background(self):
        """
        :raises UserError: none of the customers has an email address
        """
        wallets = self.wallet_ids.filtered(lambda wallet: wallet._get_mail_partners())
        left_out = self._get_left_out_message(self.wallet_ids - wallets)
        if not wallets:
            raise UserError(left_out)
        self.env["customer.wallet.statement.file"]._mail(
            wallets, self.date_from, self.date_to
        )
        text = self.env._(
            "%s statements are being sent, with the text of the email template. "
            "Each shows in the wallet's chatter.",
            len(wallets),
        )
        return wallets._get_success_notification(
            " ".join(filter(None, (text, left_out)))
        )

    def _get_left_out_message(self, wallets):
        if not wallets:
            return ""
        names = wallets._get_names(wallets.partner_id, NAMED_AT_ONCE)
        return self.env._("Not sent, as there is no email address: %s", names)

    def _get_download_action(self, url):
        return {
            "type": "ir.actions.act_url",
            "url": f"{url}&download=true",
            "close": True,
        }

    def _get_period(self):
        return {
            "date_from": fields.Date.to_string(self.date_from) or False,
            "date_to": fields.Date.to_string(self.date_to),
        }

    def _get_composer_context(self):
        period = self._get_period()
        template = self.env.ref(
            "customer_wallet.mail_template_wallet_statement", raise_if_not_found=False
        )
        return {
            "default_model": "customer.wallet",
            "default_res_ids": self.wallet_ids.ids,
            "default_template_id": template.id if template else False,
            "default_composition_mode": (
                "comment" if len(self.wallet_ids) == 1 else "mass_mail"
            ),
            "default_email_layout_xmlid": (
                "mail.mail_notification_layout_with_responsible_signature"
            ),
            "force_email": True,
            "wallet_date_from": period["date_from"],
            "wallet_date_to": period["date_to"],
        }
