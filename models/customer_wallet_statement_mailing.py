from odoo import api, models
from odoo.fields import Domain

EMAIL = "email"


class CustomerWalletStatementFile(models.Model):
    """Statements for many customers: each goes out by itself, in the background, so
    that none waits for another and nobody for all of them.
    """

    _inherit = "customer.wallet.statement.file"

    @api.model
    def _selection_file_format(self):
        return [*super()._selection_file_format(), (EMAIL, self.env._("Email"))]

    @api.model
    def _mail(self, wallets, date_from, date_to):
        """Have each customer sent the statement, unless it is about to be.

        :param wallets: customer.wallet that the user may see, which the caller checks
        :param date date_from: first day, or False
        :param date date_to: last day
        """
        waiting = self.sudo().search(
            Domain("wallet_ids", "in", wallets.ids)
            & Domain("file_format", "=", EMAIL)
            & Domain("state", "=", "waiting")
            & Domain("date_from", "=", date_from)
            & Domain("date_to", "=", date_to)
        )
        self._create_waiting(
            [
                self._prepare_vals(wallet, EMAIL, date_from, date_to)
                for wallet in wallets - waiting.wallet_ids.sudo(False)
            ]
        )

    def _make(self):
        if self.file_format == EMAIL:
            return self._send_to_customer()
        return super()._make()

    def _send_to_customer(self):
        """Whether the user may see the wallet has just been asked; who works in a
        branch only may not read the wallet's company, which the email names.
        """
        self.ensure_one()
        user, wallet = self.user_id, self.wallet_ids
        template = self.env.ref("customer_wallet.mail_template_wallet_statement")
        template.with_user(user).sudo().with_context(
            allowed_company_ids=(user.company_id | user.company_ids).ids,
            tz=user.tz,
            wallet_date_from=self.date_from,
            wallet_date_to=self.date_to,
        ).send_mail(
            wallet.id,
            email_layout_xmlid=(
                "mail.mail_notification_layout_with_responsible_signature"
            ),
        )
        self.state = "done"

    def _send(self):
        """The customer has it; who asked for it sees it in the wallet's chatter."""
        if self.file_format == EMAIL:
            return None
        return super()._send()
