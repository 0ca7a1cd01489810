from werkzeug.exceptions import Forbidden, NotFound

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.payment import utils as payment_utils

from ..models.wallet_amounts import read_amount
from .wallet import WalletPortal

# Somebody who tries stolen cards, or a script gone wild, stops here.
OPEN_ATTEMPTS_PER_HOUR = 20
SUGGESTED_AMOUNTS = {0: (5000, 10000, 20000), 3: (10, 20, 50)}
COMMON_AMOUNTS = (20, 50, 100)
TOP_UP_PAGE = "customer_wallet.portal_wallet_top_up"


class WalletTopUpPortal(WalletPortal):
    """Top up a wallet with the company's payment providers. The visitor chooses an
    amount and a way to pay; everything else follows from the login.
    """

    @route("/my/wallet/top_up", type="http", auth="user", methods=["GET"], website=True)
    def portal_wallet_top_up(
        self, company_id=None, currency_id=None, amount=None, **_kwargs
    ):
        company, currency = self._choose_target(company_id, currency_id)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "wallet_top_up",
            "company": company,
            "currency": currency,
            "targets": self._get_targets(),
            "wallet": self._find_target_wallet(company, currency),
            "suggestions": self._get_suggested_amounts(company, currency),
            "offers": self._get_wallet_offers(
                self._get_wallet_owner(), company, currency
            ),
            "amount": 0.0,
            "bonus": 0.0,
            "entered": amount,
        }
        if amount:
            try:
                values["amount"] = read_amount(request.env, amount, currency, text=True)
            except UserError as error:
                values["error"] = str(error)
        if values["amount"]:
            values["bonus"] = self._get_wallet_bonus(
                self._get_wallet_owner(), company, currency, values["amount"]
            )
            return self.payment_pay(
                amount=values["amount"],
                currency_id=currency.id,
                company_id=company.id,
                wallet_top_up=values,
            )
        return request.render(TOP_UP_PAGE, values)

    def _get_payment_page_template_xmlid(self, wallet_top_up=None, **kwargs):
        """
        :param dict wallet_top_up: what our page says, where it is ours: no visitor
            sends a dict
        """
        if isinstance(wallet_top_up, dict):
            return TOP_UP_PAGE
        return super()._get_payment_page_template_xmlid(**kwargs)

    def _get_extra_payment_form_values(self, wallet_top_up=None, **kwargs):
        """Odoo's own form, with what our page says besides."""
        values = super()._get_extra_payment_form_values(**kwargs)
        if not isinstance(wallet_top_up, dict):
            return values
        company, currency = wallet_top_up["company"], wallet_top_up["currency"]
        return {
            **values,
            **wallet_top_up,
            "transaction_route": f"/my/wallet/top_up/{company.id}/{currency.id}"
            "/transaction",
            "landing_route": "/my/wallet",
        }

    @route(
        "/my/wallet/top_up/<int:company_id>/<int:currency_id>/transaction",
        type="jsonrpc",
        auth="user",
    )
    def portal_wallet_top_up_transaction(
        self, company_id, currency_id, amount=None, csrf_token=None, **kwargs
    ):
        """Start a top-up and say how to pay it.

        :param int company_id: res.company whose wallet it is
        :param int currency_id: res.currency of the wallet
        :param float amount: to pay, in that currency
        :param str csrf_token: of the page
        :param dict kwargs: what Odoo's payment form sends: `provider_id`,
            `payment_method_id`, `token_id`, `flow`, `tokenization_requested`
        :return: dict, the processing values of the transaction
        """
        if not request.validate_csrf(csrf_token):
            raise Forbidden()
        company, currency = self._choose_target(company_id, currency_id)
        amount = read_amount(request.env, amount, currency, text=True)
        self._check_attempts()
        option = self._read_payment_option(company, currency, amount, kwargs)
        tx_sudo = self._create_transaction(
            **option,
            amount=amount,
            currency_id=currency.id,
            partner_id=request.env.user.partner_id.id,
            landing_route="/my/wallet",
            reference_prefix=payment_utils.singularize_reference_prefix("WALLET"),
            custom_create_values={
                "wallet_top_up_partner_id": self._get_wallet_owner().id
            },
        )
        return tx_sudo._get_processing_values()

    # Into which wallet

    def _get_targets(self):
        """Where the visitor may pay into: the wallet in the currency of the company
        whose portal this is, and every wallet that there is.

        :return: list of (res.company, res.currency)
        """
        here = request.env.company.sudo()
        targets = [(here, here.currency_id)]
        for wallet in self._get_own_wallets():
            company = wallet.company_id
            company = here if company == here.root_id else company
            targets.append((company, wallet.currency_id))
        return [
            target for target in dict.fromkeys(targets) if self._is_target_open(*target)
        ]

    def _is_target_open(self, company, currency):
        """Whether the company takes online top-ups in this currency."""
        if not company.wallet_online_top_up or not company.wallet_account_id:
            return False
        partner = request.env.user.partner_id
        return self._can_partner_pay_in_company(partner, company) and bool(
            self._get_providers(company, currency, 0.0)
        )

    def _choose_target(self, company_id, currency_id):
        """
        :raises NotFound: that is none of the visitor's wallets, or cannot be topped up
        """
        for company, currency in self._get_targets():
            if company_id is None and currency_id is None:
                return company, currency
            if (str(company.id), str(currency.id)) == (
                str(company_id),
                str(currency_id),
            ):
                return company, currency
        raise NotFound()

    def _find_target_wallet(self, company, currency):
        return (
            request.env["customer.wallet"]
            .sudo()
            ._find(self._get_wallet_owner(), company)
            ._filter_currency(currency)
        )

    def _is_top_up_offered(self):
        return bool(self._get_targets())

    # How much

    def _get_suggested_amounts(self, company, currency):
        """
        :return: list of floats in that currency
        """
        amounts = company._get_wallet_top_up_amounts()
        if amounts and currency == company.currency_id:
            return amounts
        return SUGGESTED_AMOUNTS.get(currency.decimal_places, COMMON_AMOUNTS)

    def _get_wallet_offers(self, partner, company, currency):
        """What a top-up would give besides the money, to be shown on the page.

        :param partner: res.partner, the owner of the wallet
        :param company: res.company, any branch
        :param currency: res.currency of the top-up
        :return: list of dict with `name` and `description`
        """
        promotions = request.env["customer.wallet.promotion"]._find_offers(
            partner, company, currency, company._get_wallet_today()
        )
        return [
            {
                "name": promotion.offer,
                "description": f"{promotion.name}: {promotion.conditions}",
            }
            for promotion in promotions
        ]

    def _get_wallet_bonus(self, partner, company, currency, amount):
        """What a top-up would earn if it were paid now.

        :return: float in that currency
        """
        _promotion, bonus = request.env["customer.wallet.promotion"]._find_best(
            partner, company, currency, amount, company._get_wallet_today()
        )
        return bonus

    def _check_attempts(self):
        """
        :raises UserError: too many top-ups were started and not paid
        """
        hour_ago = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        attempts = (
            request.env["payment.transaction"]
            .sudo()
            .search_count(
                [
                    ("wallet_top_up_partner_id", "=", self._get_wallet_owner().id),
                    ("operation", "!=", "refund"),
                    ("state", "!=", "done"),
                    ("create_date", ">", hour_ago),
                ],
                limit=OPEN_ATTEMPTS_PER_HOUR,
            )
        )
        if attempts >= OPEN_ATTEMPTS_PER_HOUR:
            raise UserError(
                request.env._(
                    "You have started too many top-ups without paying them. Please try "
                    "again in an hour."
                )
            )

    # How to pay

    def _get_providers(self, company, currency, amount):
        return (
            request.env["payment.provider"]
            .sudo()
            ._get_compatible_providers(
                company.id,
                request.env.user.partner_id.id,
                amount,
                currency_id=currency.id,
            )
        )

    def _get_payment_options(self, company, currency, amount):
        """What the visitor may pay this top-up with.

        :return: tuple (payment.provider, payment.method, payment.token), with sudo
        """
        partner = request.env.user.partner_id
        providers = self._get_providers(company, currency, amount)
        methods = (
            request.env["payment.method"]
            .sudo()
            ._get_compatible_payment_methods(
                providers.ids, partner.id, currency_id=currency.id
            )
        )
        tokens = (
            request.env["payment.token"]
            .sudo()
            ._get_available_tokens(providers.ids, partner.id)
        )
        return providers, methods, tokens

    def _read_payment_option(self, company, currency, amount, choice):
        """Only what the page offered can be chosen.

        :param dict choice: what Odoo's payment form sent
        :return: dict of the arguments of `_create_transaction` that say how to pay
        :raises NotFound: it was not offered
        """
        providers, methods, tokens = self._get_payment_options(
            company, currency, amount
        )
        flow = choice.get("flow")
        is_token = flow == "token"
        provider = providers.filtered(lambda p: p.id == choice.get("provider_id"))
        if is_token:
            option = tokens.filtered(lambda token: token.id == choice.get("token_id"))
            is_offered = option and option.provider_id == provider
        else:
            option = methods.filtered(
                lambda method: method.id == choice.get("payment_method_id")
            )
            is_offered = option and provider in option.provider_ids
        if flow not in ("redirect", "direct", "token") or not is_offered:
            raise NotFound()
        return {
            "provider_id": provider.id,
            "payment_method_id": None if is_token else option.id,
            "token_id": option.id if is_token else None,
            "flow": flow,
            "tokenization_requested": bool(choice.get("tokenization_requested")),
        }
