from lxml import html

from .common import WalletCommon

RECEIPT = "account.report_payment_receipt"
INVOICE = "account.report_invoice_with_payments"


class PaperCommon(WalletCommon):
    def _print(self, report, record, user=None):
        """The rows of the tables that a document has."""
        reports = self.env["ir.actions.report"].with_user(user or self.env.user)
        content, _type = reports.sudo()._render_qweb_html(report, record.ids)
        return html.fromstring(content)

    def _rows(self, tree, path):
        return [
            " ".join(row.text_content().replace("\ufeff", "").split())
            for row in tree.xpath(path)
        ]
