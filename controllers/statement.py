from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import content_disposition, request, route

from ..models import customer_wallet_statement
from ..models.wallet_statement_writers import WRITERS
from .wallet import WalletPortal

FILES_SHOWN = 5


class WalletStatementPortal(WalletPortal):
    """Statements of the customer's own wallets: at once, or in the background where it
    would be too long to wait for. Whose wallet it is follows from the login.
    """

    @route(
        "/my/wallet/statement", type="http", auth="user", methods=["GET"], website=True
    )
    def portal_wallet_statement(
        self,
        wallet_id=None,
        date_begin=None,
        date_end=None,
        file_format="pdf",
        **_kwargs,
    ):
        """
        :param str wallet_id: customer.wallet of the visitor
        :param str date_begin: first day, or nothing
        :param str date_end: last day, or nothing
        :param str file_format: `pdf`, `xlsx` or `csv`
        """
        wallet = self._get_own_wallet(wallet_id)
        try:
            period = self._read_period(wallet, date_begin, date_end)
        except UserError:
            # The page says what is wrong with these days.
            date_end = date_end or fields.Date.context_today(wallet)
            return self._back_to(wallet, date_begin=date_begin, date_end=date_end)
        if wallet._is_statement_long(*period):
            return self._offer_statement_file(wallet, *period)
        if file_format in WRITERS:
            return self._send_statement_file(wallet, file_format, *period)
        request.update_context(wallet_date_from=period[0], wallet_date_to=period[1])
        return self._show_report(
            model=wallet.with_env(request.env(su=True)),
            report_type="pdf",
            report_ref="customer_wallet.action_report_wallet_statement",
            download=True,
        )

    @route(
        "/my/wallet/statement/file",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_wallet_statement_file(
        self,
        wallet_id=None,
        date_begin=None,
        date_end=None,
        file_format=None,
        **_kwargs,
    ):
        """Have a file made, with the parameters of `portal_wallet_statement`."""
        wallet = self._get_own_wallet(wallet_id)
        if file_format not in WRITERS:
            raise NotFound()
        try:
            period = self._read_period(wallet, date_begin, date_end)
            file = request.env["customer.wallet.statement.file"]._ask(
                wallet, file_format, *period
            )
        except UserError as error:
            self._leave_wallet_message("warning", str(error))
        else:
            if file.state == "done":
                return request.redirect(f"/my/wallet/statement/file/{file.id}")
            self._leave_wallet_message("success", file._get_asked_message())
        return self._back_to(wallet)

    @route(
        "/my/wallet/statement/file/<int:file_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_wallet_statement_download(self, file_id, **_kwargs):
        files = request.env["customer.wallet.statement.file"].sudo()
        file = files.search([("id", "=", file_id), ("user_id", "=", request.env.uid)])
        if not file.attachment_id or not file._is_allowed():
            raise NotFound()
        stream = request.env["ir.binary"]._get_stream_from(file.attachment_id)
        return stream.get_response(as_attachment=True)

    def _read_period(self, wallet, date_begin, date_end):
        """
        :return: (first day, last day)
        :raises UserError: the first day is after the last
        """
        date_from, date_to = self._read_date(date_begin), self._read_date(date_end)
        if not date_from and not date_to:
            return wallet._get_statement_dates()
        date_to = date_to or fields.Date.context_today(wallet)
        wallet._check_statement_period(date_from, date_to)
        return date_from, date_to

    def _offer_statement_file(self, wallet, date_from, date_to):
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "wallet_statement",
            "wallet": wallet,
            "date_begin": date_from,
            "date_end": date_to,
            "limit": customer_wallet_statement.STATEMENT_LIMIT,
            "email": request.env.user.partner_id.email,
            "formats": wallet._get_statement_file_formats(),
        }
        return request.render("customer_wallet.portal_wallet_statement_long", values)

    def _send_statement_file(self, wallet, file_format, date_from, date_to):
        content = wallet._make_statement_file(file_format, date_from, date_to)
        name = f"{wallet._get_statement_file_name(date_to)}.{file_format}"
        return request.make_response(
            content,
            [
                ("Content-Type", WRITERS[file_format].mimetype),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
            ],
        )

    def _get_statement_files(self):
        """What the visitor has asked for; see also its access when downloaded."""
        files = request.env["customer.wallet.statement.file"].sudo()
        own = [("user_id", "=", request.env.uid), *files._get_files_domain()]
        return files.search(own, limit=FILES_SHOWN)
