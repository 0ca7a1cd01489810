from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _build_credit_warning_message(self, record, current_amount=0.0, **options):
        """Money in the wallet lowers what is due, as a prepayment on the customer's
        receivable account does.
        """
        prepaid = self._get_wallet_prepaid(record.partner_id, record.company_id)
        return super()._build_credit_warning_message(
            record, current_amount=current_amount - prepaid, **options
        )

    def _get_wallet_prepaid(self, partner, company):
        """
        :return: float in the currency of the company, what is there and not held
        """
        company = company.sudo()
        today = fields.Date.context_today(self)
        wallets = self.env["customer.wallet"].sudo()._find(partner, company)
        return sum(
            wallet.currency_id._convert(
                wallet.balance - wallet.held, company.currency_id, company, today
            )
            for wallet in wallets
        )
