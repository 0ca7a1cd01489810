from collections import OrderedDict
from datetime import datetime

from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.wallet_amounts import read_amount

ONLINE_TOP_UPS_SHOWN = 5


class WalletPortal(PortalAccount):
    """The customer's own wallets. No portal user has rights on the models: whose
    wallet it is follows from the login, and only what is shown is read with sudo.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "wallet_count" in counters:
            wallets = self._get_own_wallets()
            values["wallet_count"] = len(wallets) or int(self._is_top_up_offered())
        return values

    @route(
        ["/my/wallet", "/my/wallet/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_wallet(self, page=1, wallet_id=None, **kwargs):
        wallets = self._get_own_wallets()
        wallet = self._choose_wallet(wallets, wallet_id)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "wallet",
            "wallets": wallets,
            "wallet": wallet,
            "several_companies": len(wallets.company_id) > 1,
            "expiring_lots": self._get_lots_to_tell(wallet),
            "top_up_offered": self._is_top_up_offered(),
            "latest_top_up": self._get_latest_top_up(),
            "online_top_ups": self._get_online_top_ups(),
            "message": request.session.pop("wallet_message", None),
            **self._prepare_wallet_history_values(wallet, page, **kwargs),
        }
        return request.render("customer_wallet.portal_my_wallet", values)

    @route(
        "/my/wallet/low_balance",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_wallet_low_balance(self, wallet_id=None, amount="0", **_kwargs):
        wallet = self._choose_wallet(self._get_own_wallets(), wallet_id)
        if not wallet:
            raise NotFound()
        try:
            amount = read_amount(
                request.env, amount or "0", wallet.currency_id, zero=True
            )
        except UserError as error:
            self._leave_wallet_message("danger", str(error))
        else:
            wallet._set_low_balance_threshold(amount)
            self._leave_wallet_message("success", request.env._("Saved."))
        return request.redirect(f"/my/wallet?wallet_id={wallet.id}")

    @route(
        "/my/wallet/statement", type="http", auth="user", methods=["GET"], website=True
    )
    def portal_wallet_statement(
        self, wallet_id=None, date_begin=None, date_end=None, **_kwargs
    ):
        wallet = self._choose_wallet(self._get_own_wallets(), wallet_id)
        if not wallet:
            raise NotFound()
        date_from, date_to = self._read_date(date_begin), self._read_date(date_end)
        if date_from or date_to:
            request.update_context(
                wallet_date_from=date_from,
                wallet_date_to=date_to or fields.Date.context_today(wallet),
            )
        return self._show_report(
            model=wallet.with_env(request.env(su=True)),
            report_type="pdf",
            report_ref="customer_wallet.action_report_wallet_statement",
            download=True,
        )

    # Whose wallet

    def _get_wallet_owner(self):
        """The customer who is logged in: contacts of a company use its wallet."""
        return request.env.user.partner_id.commercial_partner_id

    def _get_own_wallets(self):
        wallets = (
            request.env["customer.wallet"]
            .sudo()
            .search([("partner_id", "=", self._get_wallet_owner().id)])
        )
        here = request.env.company
        return wallets.sorted(
            lambda wallet: (
                wallet.company_id != here.root_id,
                wallet.currency_id != here.currency_id,
                wallet.id,
            )
        )

    def _choose_wallet(self, wallets, wallet_id):
        """The wallet that was asked for, or the first one.

        :raises NotFound: it is not one of these
        """
        if wallet_id is None:
            return wallets[:1]
        wallet = wallets.filtered(lambda wallet: str(wallet.id) == str(wallet_id))
        if not wallet:
            raise NotFound()
        return wallet

    def _leave_wallet_message(self, level, text):
        """What the next page says, once.

        :param str level: Bootstrap's colour
        :param str text: it is escaped where it is shown
        """
        request.session["wallet_message"] = {"level": level, "text": text}

    # The history

    def _prepare_wallet_history_values(
        self, wallet, page, filterby=None, date_begin=None, date_end=None, **_kwargs
    ):
        filters = self._get_wallet_filters()
        filterby = filterby if filterby in filters else "all"
        date_begin, date_end = self._read_date(date_begin), self._read_date(date_end)
        movements = filters[filterby]["domain"] & self._get_wallet_period_domain(
            wallet, date_begin, date_end
        )
        domain = [("line_ids", "any", movements)]
        Move = request.env["account.move"].sudo()
        url_args = {
            "wallet_id": wallet.id,
            "filterby": filterby,
            "date_begin": date_begin,
            "date_end": date_end,
        }
        pager = portal_pager(
            url="/my/wallet",
            url_args={name: value for name, value in url_args.items() if value},
            total=Move.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        moves = Move.search(
            domain,
            order="date desc, id desc",
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        return {
            "default_url": "/my/wallet",
            "searchbar_filters": filters,
            "filterby": filterby,
            "date_begin": date_begin,
            "date_end": date_end,
            "is_filtered": filterby != "all" or date_begin or date_end,
            "pager": pager,
            "history": self._prepare_history(wallet, moves),
        }

    def _get_wallet_period_domain(self, wallet, date_begin, date_end):
        """The journal items of a period; exchange differences move no money of the
        customer.
        """
        domain = Domain(
            [
                ("wallet_id", "in", wallet.ids),
                ("parent_state", "=", "posted"),
                ("amount_currency", "!=", 0.0),
            ]
        )
        if date_begin:
            domain &= Domain("date", ">=", date_begin)
        if date_end:
            domain &= Domain("date", "<=", date_end)
        return domain

    def _get_wallet_filters(self):
        def by_operation(*operations):
            return Domain("move_id.wallet_operation", "in", operations)

        env = request.env
        kinds = {
            "all": (env._("All"), Domain.TRUE),
            "in": (env._("Money in"), Domain("amount_currency", "<", 0)),
            "out": (env._("Money out"), Domain("amount_currency", ">", 0)),
            "top_up": (env._("Top-ups"), by_operation("top_up", "pay_out")),
            "invoice": (env._("Invoices"), by_operation("allocation", "refund")),
            "till": (env._("Point of Sale"), by_operation("pos_payment")),
            "bonus": (env._("Bonus"), by_operation("bonus", "expiry")),
            "other": (env._("Other"), by_operation("transfer", "adjustment", False)),
        }
        return OrderedDict(
            (name, {"label": label, "domain": domain})
            for name, (label, domain) in kinds.items()
        )

    def _read_date(self, value):
        try:
            return datetime.strptime(value or "", "%Y-%m-%d").date()
        except ValueError:
            return None

    def _prepare_history(self, wallet, moves):
        """What each entry did to the wallet, however many lots it used."""
        lines = moves.line_ids.filtered(
            lambda line: line.wallet_id == wallet and line.amount_currency
        ).sorted("id")
        last_lines = {line.move_id: line for line in lines}
        orders = lines._get_wallet_till_orders()
        return [
            {
                "line": line,
                "kind": line._get_wallet_portal_kind(),
                "who": line._get_wallet_contact(orders[line]).name
                or line.company_id.name,
                "links": self._get_document_links(line, orders[line]),
                "amount": sum((move.line_ids & lines).mapped("wallet_amount")),
            }
            for move in moves
            for line in last_lines[move]
        ]

    def _get_document_links(self, line, order):
        """Where the documents of a movement open, for those that this visitor may
        open anyway.

        :return: list of (str name, str URL)
        """
        documents = line._get_wallet_portal_documents() | order.account_move
        documents = (
            request.env["account.move"].browse(documents.ids)._filtered_access("read")
        )
        links = [
            (document.name, f"/my/invoices/{document.id}") for document in documents
        ]
        is_own = order.partner_id.commercial_partner_id == self._get_wallet_owner()
        if is_own and not links and order.access_token:
            url = f"/pos/ticket/validate?access_token={order.access_token}"
            links.append((order.pos_reference or order.name, url))
        return links

    def _get_lots_to_tell(self, wallet):
        """What is bonus, and what expires: that first which expires first."""
        return (
            request.env["account.move.line"]
            .sudo()
            .search(
                Domain(wallet._get_open_lines_domain())
                & Domain("amount_residual_currency", "<", 0.0)
                & (
                    Domain("wallet_lot_type", "=", "bonus")
                    | Domain("wallet_expiry_date", "!=", False)
                ),
                order="wallet_expiry_date, id",
            )
        )

    # Online top-ups

    def _get_online_top_ups(self):
        transactions = (
            request.env["payment.transaction"]
            .sudo()
            .search(
                [
                    ("wallet_top_up_partner_id", "=", self._get_wallet_owner().id),
                    ("operation", "!=", "refund"),
                    ("state", "!=", "draft"),
                ],
                limit=ONLINE_TOP_UPS_SHOWN,
            )
        )
        return [
            (tx, *tx._get_wallet_portal_status())
            for tx in transactions
            if not tx._is_shown_in_parts()
        ]

    def _get_latest_top_up(self):
        """The top-up from which the visitor comes, to say what became of it."""
        tx = (
            request.env["payment.transaction"]
            .sudo()
            .browse(request.session.get(PaymentPostProcessing.MONITORED_TX_ID_KEY))
            .exists()
        )
        if tx.wallet_top_up_partner_id != self._get_wallet_owner() or tx.state == "draft":
            return tx.browse()
        if tx.state in ("pending", "authorized"):
            return tx
        told = request.session.get("wallet_top_up_told")
        request.session["wallet_top_up_told"] = tx.id
        return tx.browse() if told == tx.id else tx

    def _is_top_up_offered(self):
        """Whether there is a company into whose wallet the visitor can pay online;
        see the top-up page.
        """
        return False
