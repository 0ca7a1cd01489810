from odoo import api, models


class ReportWalletStatement(models.AbstractModel):
    """Statements of wallets as a document, each in the language of its customer."""

    _name = "report.customer_wallet.report_wallet_statement"
    _description = "Wallet Statement"

    @api.model
    def _get_report_values(self, docids, data=None):
        """
        :param list docids: ids of customer.wallet
        :param dict data: of the wizard: `wallet_ids`, if there are no `docids`, and
            `date_from`, `date_to`, by default those of the context or else the usual
            period of each wallet
        :raises UserError: a PDF cannot have so many movements
        """
        data = data or {}
        wallets = self.env["customer.wallet"].browse(
            docids or data.get("wallet_ids", [])
        )
        wallets.check_access("read")
        if data.get("date_to"):
            wallets = wallets.with_context(
                wallet_date_from=data.get("date_from"), wallet_date_to=data["date_to"]
            )
        for period, some in wallets.grouped(
            lambda wallet: wallet._get_statement_dates()
        ).items():
            some._check_statement_length(*period)
        return {
            "doc_ids": wallets.ids,
            "doc_model": wallets._name,
            # Who may see a wallet may see its statement, journal items or not.
            "docs": wallets.sudo(),
        }
