from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.wallet_amounts import read_amount
from .top_up import WalletTopUpPortal


class WalletAutomaticTopUpPortal(WalletTopUpPortal):
    """Let a saved card top up a wallet, or not any more. Whose wallet it is follows
    from the login, and whose card.
    """

    @route(
        "/my/wallet/automatic",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_wallet_automatic(self, wallet_id=None, consent=None, **kwargs):
        """
        :param str wallet_id: customer.wallet of the visitor
        :param str consent: anything, when the visitor has ticked the text
        :param dict kwargs: `token_id` of payment.token, `top_up_type`, and `threshold`,
            `amount`, `monthly_limit` in the wallet's currency
        """
        wallet = self._get_own_wallet(wallet_id)
        with self._telling(request.env._("The automatic top-up is on.")):
            if not consent:
                raise UserError(
                    request.env._("Tick the box to allow automatic top-ups.")
                )
            wallet._allow_automatic_top_up(
                **self._read_automatic_top_up(wallet, kwargs)
            )
        return self._back_to(wallet)

    @route(
        "/my/wallet/automatic/stop",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_wallet_automatic_stop(self, wallet_id=None, **_kwargs):
        """
        :param str wallet_id: customer.wallet of the visitor
        """
        wallet = self._get_own_wallet(wallet_id)
        with self._telling(request.env._("The automatic top-up is off.")):
            wallet._stop_automatic_top_up()
        return self._back_to(wallet)

    def _read_automatic_top_up(self, wallet, form):
        """
        :param dict form: what the visitor sent
        :return: dict of the arguments of `_allow_automatic_top_up`
        :raises UserError: something is missing or wrong
        """
        cards = self._get_automatic_cards(wallet)
        card = cards.filtered(lambda card: str(card.id) == str(form.get("token_id")))
        if not card:
            raise UserError(request.env._("Choose one of your saved cards."))
        if form.get("top_up_type") not in ("fill", "add"):
            raise UserError(request.env._("Choose whether to fill up or to add."))
        amounts = {
            name: read_amount(
                request.env, form.get(name) or "", wallet.currency_id, text=True
            )
            for name in ("threshold", "amount", "monthly_limit")
        }
        return {"token": card, "top_up_type": form["top_up_type"], **amounts}

    def _get_automatic_cards(self, wallet):
        """The saved cards of the visitor that can be charged for this wallet.

        :return: payment.token in sudo
        """
        company = wallet._get_acting_company()
        if not self._is_target_open(company, wallet.currency_id):
            return request.env["payment.token"].sudo()
        *_others, tokens = self._get_payment_options(company, wallet.currency_id, 0.0)
        return tokens.filtered(lambda card: card._is_captured_at_once())

    def _is_automatic_offered(self, wallet):
        """Whether a card could be saved for this wallet: one who has none is told."""
        return any(
            (company.root_id, currency) == (wallet.company_id, wallet.currency_id)
            and self._get_providers(company, currency, 0.0).filtered(
                lambda it: it.allow_tokenization and not it.capture_manually
            )
            for company, currency in self._get_targets()
        )

    def _prepare_automatic_values(self, wallet):
        if not wallet:
            return None
        setting = wallet.automatic_top_up_ids
        is_on = setting.state == "on"
        if not is_on and not self._is_automatic_offered(wallet):
            return None
        return {
            "setting": setting,
            "is_on": is_on,
            "cards": self._get_automatic_cards(wallet),
            "consent": wallet._get_automatic_top_up_consent(),
        }
