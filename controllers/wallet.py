from collections import OrderedDict
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlencode

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route
from odoo.tools import format_list

from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.wallet_amounts import read_amount

ONLINE_TOP_UPS_SHOWN = 5
# Older ones are found by a period.
MOVEMENTS_LISTED = 10_000


def find_monitored_transaction():
    """The online payment from which the visitor comes.

    :return: payment.transaction in sudo, or none
    """
    tx_id = request.session.get(PaymentPostProcessing.MONITORED_TX_ID_KEY)
    return request.env["payment.transaction"].sudo().browse(tx_id).exists()


class WalletPortal(PortalAccount):
    """The customer's own wallets. No portal user has rights on the models: whose
    wallet it is follows from the login, and only what is shown is read with sudo.

    Odoo makes one controller of all that extend this one: what the page says of
    top-ups, open invoices and statements stands beside their own routes.
    """

    def _prepare_home_portal_values(self, counters):
        """The page itself asks for no counters."""
        values = super()._prepare_home_portal_values(counters)
        if "wallet_count" in counters:
            wallets = self._get_own_wallets()
            values["wallet_count"] = len(wallets) or int(self._is_top_up_offered())
        if not counters:
            values["wallet_balances"] = format_list(
                request.env,
                [
                    wallet.currency_id.format(wallet.balance)
                    for wallet in self._get_own_wallets()
                ],
            )
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
            "bonuses": wallet._get_open_grants() if wallet else [],
            "top_up_offered": self._is_top_up_offered(),
            "latest_top_up": self._get_latest_top_up(),
            "online_top_ups": self._get_online_top_ups(),
            "open_invoices": self._prepare_open_invoices_values(wallet),
            "automatic": self._prepare_automatic_values(wallet),
            "recurring": self._prepare_recurring_values(wallet),
            "statement_files": self._get_statement_files(),
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
        wallet = self._get_own_wallet(wallet_id)
        with self._telling(request.env._("Saved.")):
            amount = read_amount(
                request.env, amount or "0", wallet.currency_id, zero=True, text=True
            )
            wallet._set_low_balance_threshold(amount)
        return self._back_to(wallet)

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

    def _get_own_wallet(self, wallet_id):
        """
        :raises NotFound: the visitor has none, or it is somebody else's
        """
        wallet = self._choose_wallet(self._get_own_wallets(), wallet_id)
        if not wallet:
            raise NotFound()
        return wallet

    @contextmanager
    def _telling(self, done):
        """Do what a form asks for: the next page says that it is done, or why not."""
        try:
            with request.env.cr.savepoint():
                yield
        except UserError as error:
            self._leave_wallet_message("danger", str(error))
        else:
            self._leave_wallet_message("success", done)

    def _back_to(self, wallet, **args):
        query = {name: value for name, value in args.items() if value}
        return request.redirect(
            f"/my/wallet?{urlencode({'wallet_id': wallet.id, **query})}"
        )

    def _leave_wallet_message(self, level, text):
        """What the next page says, once, and escapes; the level is Bootstrap's."""
        request.session["wallet_message"] = {"level": level, "text": text}

    # The history

    def _prepare_wallet_history_values(
        self, wallet, page, filterby=None, date_begin=None, date_end=None, **_kwargs
    ):
        filters = self._get_wallet_filters()
        filterby = filterby if filterby in filters else "all"
        date_begin, date_end = self._read_date(date_begin), self._read_date(date_end)
        domain = filters[filterby]["domain"] & Domain("wallet_id", "in", wallet.ids)
        domain &= wallet._get_period_domain(date_begin, date_end)
        Movement = request.env["customer.wallet.movement"].sudo()
        url_args = {
            "wallet_id": wallet.id,
            "filterby": filterby,
            "date_begin": date_begin,
            "date_end": date_end,
        }
        pager = portal_pager(
            url="/my/wallet",
            url_args={name: value for name, value in url_args.items() if value},
            total=Movement.search_count(domain, limit=MOVEMENTS_LISTED),
            page=page,
            step=self._items_per_page,
        )
        movements = Movement.search_fetch(
            domain, limit=self._items_per_page, offset=pager["offset"]
        )
        return {
            "default_url": "/my/wallet",
            "searchbar_filters": filters,
            "filterby": filterby,
            "date_begin": date_begin,
            "date_end": date_end,
            "is_filtered": filterby != "all" or date_begin or date_end,
            "period_problem": self._find_period_problem(wallet, date_begin, date_end),
            "pager": pager,
            "history": [self._prepare_history_row(movement) for movement in movements],
        }

    def _find_period_problem(self, wallet, date_begin, date_end):
        try:
            wallet._check_statement_period(date_begin, date_end)
        except UserError as error:
            return str(error)
        return None

    def _get_wallet_filters(self):
        """Money in, money out, and each kind of movement."""
        env = request.env
        filters = OrderedDict(
            all={"label": env._("All"), "domain": Domain.TRUE},
            **{"in": {"label": env._("Money in"), "domain": Domain("amount", ">", 0)}},
            out={"label": env._("Money out"), "domain": Domain("amount", "<", 0)},
        )
        for name, label in env["customer.wallet.movement"]._selection_operation():
            domain = Domain("operation", "=", name)
            filters[name] = {"label": label, "domain": domain}
        return filters

    def _read_date(self, value):
        try:
            return datetime.strptime(value or "", "%Y-%m-%d").date()
        except ValueError:
            return None

    def _prepare_history_row(self, movement):
        return {
            "movement": movement,
            "kind": self._get_movement_kind(movement),
            "by": movement._get_contact().name or movement.company_id.name,
            "links": self._get_document_links(movement._get_document()),
        }

    def _get_movement_kind(self, movement):
        tx = movement.move_id.origin_payment_id.payment_transaction_id
        if tx.operation == "refund":
            return request.env._("Refund of an online top-up")
        return movement.kind

    def _get_document_links(self, document):
        """Where the document of a movement opens, for a visitor who may open it anyway.

        :param document: any record
        :return: list of (str name, str URL)
        """
        links = []
        is_order = document._name == "pos.order"
        invoices = document
        if is_order:
            invoices = document.account_move
        elif document._name == "payment.transaction":
            invoices = document.invoice_ids
        if invoices._name == "account.move":
            invoices = request.env["account.move"].browse(invoices.ids)
            links = [
                (invoice.name, f"/my/invoices/{invoice.id}")
                for invoice in invoices._filtered_access("read")
                if invoice.is_sale_document(include_receipts=True)
            ]
        if document._name == "sale.order" and self._is_own_order(document):
            links = [(document.name, document.access_url)]
        if is_order and not links and self._is_own_order(document):
            url = f"/pos/ticket/validate?access_token={document.access_token}"
            links.append((document.pos_reference or document.name, url))
        return links

    def _is_own_order(self, order):
        owner = order.partner_id.commercial_partner_id
        return order.access_token and owner == self._get_wallet_owner()

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
        tx = find_monitored_transaction()
        if (
            tx.wallet_top_up_partner_id != self._get_wallet_owner()
            or tx.state == "draft"
        ):
            return tx.browse()
        if tx.state in ("pending", "authorized"):
            return tx
        notified_id = request.session.get("wallet_top_up_notified")
        request.session["wallet_top_up_notified"] = tx.id
        return tx.browse() if notified_id == tx.id else tx
