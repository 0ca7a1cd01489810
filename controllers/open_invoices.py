from odoo.http import request, route
from odoo.tools import split_every

from ..models.payment_provider import WALLET
from .wallet import WalletPortal

INVOICES_SHOWN = 20


class WalletOpenInvoicesPortal(WalletPortal):
    """Pay several open invoices at once, by the same online payment as each of them.
    Whose wallet and invoices these are follows from the login.
    """

    @route("/my/wallet/pay", type="http", auth="user", methods=["POST"], website=True)
    def portal_wallet_pay(self, wallet_id=None, **_kwargs):
        """
        :param str wallet_id: customer.wallet of the visitor, of the company to pay in;
            the form also has `invoice_id`, account.move to pay, several times
        """
        wallet = self._get_own_wallet(wallet_id)
        chosen = request.httprequest.form.getlist("invoice_id")
        invoices = self._search_open_invoices(wallet).filtered(
            lambda move: str(move.id) in chosen and self._is_payable_here(move)
        )
        if invoices:
            self._pay_open_invoices(wallet, invoices)
        elif not request.session.get("wallet_message"):
            # Of two clicks, the first has said what was paid.
            text = request.env._("Choose at least one invoice that is still open.")
            self._leave_wallet_message("danger", text)
        return self._back_to(wallet)

    def _prepare_open_invoices_values(self, wallet):
        invoices = self._get_open_invoices(wallet)
        if not invoices:
            return None
        wallets = self._get_own_wallets().filtered(
            lambda it: it.company_id == wallet.company_id
        )
        left = wallets._get_left()
        return {
            "is_payable": any(left.values()),
            "is_cut": len(invoices) > INVOICES_SHOWN,
            "rows": [
                self._prepare_open_invoice_row(invoice, wallets, left)
                for invoice in invoices[:INVOICES_SHOWN].sudo()
            ],
        }

    def _prepare_open_invoice_row(self, invoice, wallets, left):
        """The oldest are chosen, as far as the money goes."""
        currency, company = invoice.currency_id, invoice.company_id
        due = invoice._get_wallet_amount_to_pay()
        sources = wallets._sort_for(currency)
        available = sources._sum_left(left, currency, company)
        is_covered = currency.compare_amounts(due, available) <= 0
        if is_covered:
            sources._share(due, currency, company, left)
        return {"invoice": invoice, "due": due, "is_covered": is_covered}

    def _get_open_invoices(self, wallet):
        """What the visitor may choose among: as many as are shown, and the next ones
        where there are more.

        :return: account.move, what is due first comes first
        """
        invoices = request.env["account.move"]
        for ids in split_every(INVOICES_SHOWN, self._search_open_invoices(wallet).ids):
            invoices += invoices.browse(ids).filtered(self._is_payable_here)
            if len(invoices) > INVOICES_SHOWN:
                break
        return invoices

    def _search_open_invoices(self, wallet):
        """What the visitor owes, as far as Odoo shows it to them.

        :return: account.move, what is due first comes first
        """
        Move = request.env["account.move"]
        can_pay = wallet and self._find_online_wallet(wallet)
        if not can_pay or not Move.has_access("read"):
            return Move
        domain = self._get_open_invoices_domain(wallet)
        return Move.search(domain, order="invoice_date_due, id")

    def _is_payable_here(self, invoice):
        """Whether one payment can settle it, and nothing else is about to."""
        Transaction = request.env["payment.transaction"].sudo()
        due = Transaction._get_wallet_document_due(invoice.sudo())
        return (
            len(self._get_receivable_accounts(invoice)) == 1
            and invoice.currency_id.compare_amounts(due, invoice.amount_residual) >= 0
        )

    def _get_open_invoices_domain(self, wallet):
        return [
            *request.env["account.move"]._get_wallet_payable_domain(wallet.company_id),
            ("commercial_partner_id", "=", self._get_wallet_owner().id),
        ]

    def _get_receivable_accounts(self, invoices):
        return invoices.sudo().line_ids._get_wallet_open_receivables().account_id

    def _find_online_wallet(self, wallet):
        """
        :return: payment.provider in sudo that takes the wallet, if that is wanted
        """
        provider = request.env["payment.provider"].sudo()
        provider = provider._find_wallet_provider(wallet.company_id)
        return provider.filtered(
            lambda it: (
                it.state == "enabled" and it.is_published and it.payment_method_ids
            )
        )

    def _pay_open_invoices(self, wallet, invoices):
        """A payment settles one account in one currency; what is granted for paying
        early is granted on a payment of its own.
        """
        groups = invoices.sudo().grouped(
            lambda it: (
                it.currency_id,
                it.company_id,
                self._get_receivable_accounts(it),
                it._get_wallet_amounts_due()[1] and it,
            )
        )
        texts = []
        is_paid = True
        for moves in groups.values():
            state, text = self._pay_together(wallet, moves)
            is_paid = is_paid and state in ("done", "authorized")
            if text not in texts:
                texts.append(text)
        level = "success" if is_paid else "danger"
        self._leave_wallet_message(level, " ".join(texts))

    def _pay_together(self, wallet, invoices):
        """
        :return: tuple of the state of the payment, and what the visitor is told of it
        """
        names = invoices._get_wallet_names()
        amounts = [invoice._get_wallet_amount_to_pay() for invoice in invoices]
        amount = invoices.currency_id.round(sum(amounts))
        report = {}
        provider = self._find_compatible_wallet(wallet, invoices, amount, report)
        if not provider:
            text = request.env._("%s cannot be paid from the wallet here.", names)
            return "error", report.get("wallet_notice", {}).get("text", text)
        tx = self._create_wallet_transaction(provider, invoices, amount)
        tx._process(WALLET, {})
        tx._post_process()
        if tx.state == "done":
            text = request.env._("Paid from the wallet: %(invoices)s", invoices=names)
        elif tx.state == "authorized":
            text = request.env._("Reserved in the wallet for %s.", names)
        else:
            text = tx.state_message
        return tx.state, text

    def _find_compatible_wallet(self, wallet, invoices, amount, report):
        """What the shop has set for its provider counts here as on the page of an
        invoice.
        """
        provider = self._find_online_wallet(wallet)
        providers = provider._get_compatible_providers(
            invoices.company_id.id,
            request.env.user.partner_id.id,
            amount,
            currency_id=invoices.currency_id.id,
            wallet_owner_id=self._get_wallet_owner().id,
            report=report,
        )
        return provider & providers

    def _create_wallet_transaction(self, provider, invoices, amount):
        return self._create_transaction(
            provider_id=provider.id,
            payment_method_id=provider.payment_method_ids[:1].id,
            token_id=None,
            amount=amount,
            currency_id=invoices.currency_id.id,
            partner_id=request.env.user.partner_id.id,
            flow="redirect",
            tokenization_requested=False,
            landing_route="/my/wallet",
            custom_create_values={"invoice_ids": invoices.ids},
        )
