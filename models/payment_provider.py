"""The wallet as one of the ways to pay that Odoo offers online."""

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import file_open

from odoo.addons.payment import utils as payment_utils

from .customer_wallet_defaults import without_wishes
from .wallet_amounts import read_amount

WALLET = "wallet"
# What a company may have changed on its provider.
PROVIDER_CHOICES = {"name", "sequence", "image_128"}
# Arguments by which Odoo's pages name the document that is paid.
DOCUMENTS = {
    "invoice_id": "account.move",
    "sale_order_id": "sale.order",
    "pos_order_id": "pos.order",
}


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[(WALLET, "Customer Wallet")], ondelete={WALLET: "set default"}
    )

    @api.constrains("journal_id", "code")
    def _check_wallet_journal(self):
        """The accounts of its method would become those of a bank's payments."""
        for provider in self.filtered(lambda provider: provider.code == WALLET):
            journal = provider.company_id.wallet_journal_id
            if provider.journal_id and provider.journal_id != journal:
                raise ValidationError(
                    self.env._(
                        "What customers pay from their wallets is booked in the "
                        "journal %(journal)s. Choose another journal for the wallets "
                        "in Settings > Invoicing > Customer Wallet.",
                        journal=journal.display_name,
                    )
                )

    @api.constrains("code", "company_id")
    def _check_wallet_provider_alone(self):
        """Wallets are shared by a company and its branches: so is what takes them."""
        for provider in self.filtered(lambda provider: provider.code == WALLET):
            root = provider.company_id.root_id
            others = self.sudo().search_count(
                Domain("code", "=", WALLET)
                & Domain("company_id", "=", root.id)
                & Domain("id", "!=", provider.id),
                limit=1,
            )
            if others or provider.company_id != root:
                raise ValidationError(
                    self.env._(
                        "One payment provider takes the wallets of %(company)s and all "
                        "its branches, and it belongs to %(company)s. Change that one "
                        "instead of adding or moving another.",
                        company=root.display_name,
                    )
                )

    def _compute_feature_support_fields(self):
        result = super()._compute_feature_support_fields()
        self.filtered(lambda provider: provider.code == WALLET).update(
            {"support_manual_capture": "partial", "support_refund": "partial"}
        )
        return result

    def _compute_journal_id(self):
        """Odoo would choose the first bank journal."""
        wallets = self.filtered(lambda provider: provider.code == WALLET)
        for provider in wallets:
            provider.journal_id = provider.company_id.wallet_journal_id
        return super(PaymentProvider, self - wallets)._compute_journal_id()

    def _get_payment_method_outstanding_account_id(self, payment_method_id):
        if self.code != WALLET:
            return super()._get_payment_method_outstanding_account_id(payment_method_id)
        return self.company_id.wallet_account_id.id

    def _get_default_payment_method_codes(self):
        self.ensure_one()
        if self.code != WALLET:
            return super()._get_default_payment_method_codes()
        return {WALLET}

    # Set-up

    @api.model
    def _ensure_wallet_provider(self, company):
        """Give a company the provider that takes its customers' wallets, or tell the
        one that it has of the journal and the account in use.

        :param company: res.company without a parent, whose wallets are set up
        """
        provider = self.sudo()._find_wallet_provider(company)
        self._setup_payment_method(WALLET)
        if provider.code != WALLET:
            vals = self._prepare_wallet_provider_vals(company)
            provider.write({name: vals[name] for name in set(vals) - PROVIDER_CHOICES})
            provider = provider or self._create_wallet_named(provider, vals)
        provider._ensure_payment_method_line()
        lines = company.wallet_journal_id.inbound_payment_method_line_ids
        lines.filtered(
            lambda line: line.payment_provider_id == provider
        ).payment_account_id = company.wallet_account_id

    @api.model
    def _find_wallet_provider(self, company):
        """The provider of a company, or the one that an earlier installation left.

        :param company: res.company without a parent
        """
        known = Domain("code", "=", WALLET)
        known |= Domain("payment_method_ids.code", "=", WALLET)
        # Without the addon, nobody is offered the method.
        providers = self.with_context(active_test=False).search(
            Domain("company_id", "=", company.id) & known
        )
        providers = providers.with_env(self.env)
        return providers.sorted(lambda provider: provider.code != WALLET)[:1]

    @api.model
    def _prepare_wallet_provider_vals(self, company):
        """Values of the provider of a company that has none.

        :param company: res.company without a parent
        :return: dict
        """
        module = self.env["ir.module.module"]._get("customer_wallet")
        view = self.env.ref("customer_wallet.payment_redirect_form")
        return {
            "name": "Customer Wallet",
            "code": WALLET,
            "company_id": company.id,
            "module_id": module.id,
            "image_128": self._read_wallet_icon(),
            "redirect_form_view_id": view.id,
            "payment_method_ids": [Command.set(self._ensure_wallet_method().ids)],
            "state": "enabled",
            "is_published": True,
            "sequence": 0,
        }

    @api.model
    def _ensure_wallet_method(self):
        """What is chosen on the payment form; of an earlier installation, if it left
        one behind.
        """
        Method = self.env["payment.method"].sudo().with_context(active_test=False)
        method = Method.search([("code", "=", WALLET)], limit=1)
        if method:
            return method
        return self._create_wallet_named(
            Method,
            {
                "name": "Customer Wallet",
                "code": WALLET,
                "sequence": 0,
                "image": self._read_wallet_icon(),
                "support_manual_capture": "partial",
                "support_refund": "partial",
            },
        )

    @api.model
    def _create_wallet_named(self, model, vals):
        """Create what is offered, with its name in each language.

        :param dict vals: with the name in English
        """
        english = without_wishes(model).with_context(lang="en_US")
        record = english.create(vals).with_env(model.env)
        self.env["account.chart.template"]._translate_wallet_names(record)
        return record

    @api.model
    def _read_wallet_icon(self):
        with file_open("customer_wallet/static/description/icon.png", "rb") as icon:
            return base64.b64encode(icon.read())

    # Who may pay with a wallet

    @api.model
    def _get_compatible_providers(self, company_id, partner_id, amount, **kwargs):
        """A wallet is offered to its owner, for a document of theirs, when it holds
        enough: to nobody else, and for nothing else.

        :param int wallet_owner_id: in `kwargs`, the res.partner whose document is paid
        :param float wallet_amount: in `kwargs`, the least that can be paid of it, in
            that currency; by default the amount
        """
        owner = self._find_document_owner(kwargs)
        least = kwargs.pop("wallet_amount", None)
        least = least if isinstance(least, float) else amount
        providers = super()._get_compatible_providers(
            company_id, partner_id, amount, **kwargs
        )
        wallet = providers.filtered(lambda provider: provider.code == WALLET)
        if not wallet:
            return providers
        report = kwargs.get("report")
        is_own = owner and owner == self._get_visitor_owner()
        if not is_own or kwargs.get("is_validation"):
            reason = self.env._("only for documents of the customer who is logged in")
            payment_utils.add_to_report(report, wallet, available=False, reason=reason)
            return providers - wallet
        currency = self.env["res.currency"].browse(kwargs.get("currency_id"))
        notice = wallet._get_wallet_notice(owner, least, currency)
        if not notice:
            return providers
        reason = notice["text"]
        payment_utils.add_to_report(report, wallet, available=False, reason=reason)
        if report is not None and notice["is_told"]:
            report["wallet_notice"] = notice
        return providers - wallet

    @api.model
    def _find_document_owner(self, kwargs):
        """
        :param dict kwargs: what the page says of the document; what is only for us is
            taken out
        :return: res.partner, none when no document is paid
        """
        owner_id = kwargs.pop("wallet_owner_id", None)
        if isinstance(owner_id, int):
            return self.env["res.partner"].sudo().browse(owner_id).commercial_partner_id
        for name, model in DOCUMENTS.items():
            if model in self.env and str(kwargs.get(name)).isdecimal():
                document = self.env[model].sudo().browse(int(kwargs[name])).exists()
                return self._get_document_owner(document)
        return self.env["res.partner"]

    @api.model
    def _get_document_owner(self, documents):
        """
        :param documents: records of one model, each with a customer
        :return: res.partner whose wallets may pay them; an invoice stays with the
            company whose contact has left it
        """
        if hasattr(documents, "_get_wallet_owner"):
            return documents._get_wallet_owner()
        return documents.partner_id.commercial_partner_id

    @api.model
    def _get_visitor_owner(self):
        """The customer who is logged in, whatever the page runs as."""
        user = self.env.user
        nobody = self.env["res.partner"]
        return nobody if user._is_public() else user.partner_id.commercial_partner_id

    def _get_wallet_notice(self, owner, amount, currency):
        """Why the wallet of a customer cannot pay an amount.

        :param owner: res.partner
        :param float amount: in `currency`
        :param currency: res.currency
        :return: dict of `text`, `is_told` (whether the customer reads it) and `top_up`
            (str address, or None); None when it can
        """
        self.ensure_one()
        company = self.company_id
        wallets = self.env["customer.wallet"].sudo()._find(owner, company, currency)
        if not wallets:
            text = self.env._("the customer has no wallet")
            return {"text": text, "is_told": False}
        available = wallets._get_available_in(currency, company)
        if currency.compare_amounts(available, amount) >= 0 and available:
            return None
        if "frozen" in wallets.mapped("state"):
            text = self.env._("Your wallet is frozen. Please contact us.")
            return {"text": text, "is_told": True, "top_up": None}
        text = self.env._(
            "Your wallet holds %(available)s, which is not enough to pay %(amount)s.",
            available=currency.format(available),
            amount=currency.format(amount),
        )
        return {"text": text, "is_told": True, "top_up": "/my/wallet/top_up"}

    def _get_wallet_form_values(self, currency, amount=None):
        """What the payment form says beside the wallet, to its owner.

        :param currency: res.currency in which is paid
        :param float amount: to pay, or None where the visitor chooses it
        :return: dict of str `available`, and with an amount also `after` or `shortage`
        """
        self.ensure_one()
        owner = self._get_visitor_owner()
        wallets = (
            self.env["customer.wallet"].sudo()._find(owner, self.company_id, currency)
        )
        available = wallets._get_available_in(currency, self.company_id)
        values = {"available": currency.format(available)}
        if not amount:
            return values
        if notice := self._get_wallet_notice(owner, amount, currency):
            return {**values, "shortage": notice["text"]}
        return {**values, "after": currency.format(available - amount)}

    @api.model
    def _get_wallet_part_values(self, company, currency, due, entered=None):
        """What a page says of a part that the wallet of the visitor can pay of a
        document of theirs, while the rest is paid otherwise.

        :param company: res.company of the document
        :param currency: res.currency of the document
        :param float due: what is to be paid, in `currency`
        :param str entered: what the visitor wants to pay from the wallet
        :return: dict of `maximum` (float in `currency`), `is_short` (whether the wallet
            cannot pay all), `entered`, and `amount` (float in `currency`) or `error`;
            empty when the wallet pays nothing
        """
        provider = self.sudo()._find_wallet_provider(company.root_id)
        owner = self._get_visitor_owner()
        wallets = self.env["customer.wallet"].sudo()._find(owner, company, currency)
        available = wallets._get_available_in(currency, company)
        maximum = min(due, available)
        is_on = provider.is_published and provider.state != "disabled"
        is_offered = is_on and provider.payment_method_ids
        if not is_offered or currency.compare_amounts(maximum, 0.0) <= 0:
            return {}
        is_short = currency.compare_amounts(available, due) < 0
        part = {"maximum": maximum, "is_short": is_short, "entered": entered}
        if not entered:
            return part
        try:
            amount = read_amount(self.env, entered, currency, text=True)
        except UserError as error:
            return {**part, "error": str(error)}
        if notice := provider._get_wallet_notice(owner, amount, currency):
            return {**part, "error": notice["text"]}
        if currency.compare_amounts(amount, due) > 0:
            return {
                **part,
                "error": self._get_wallet_excess_message(due, amount, currency),
            }
        return {**part, "amount": amount}

    @api.model
    def _get_wallet_excess_message(self, due, amount, currency):
        return self.env._(
            "Only %(due)s is due now, not %(amount)s. Nothing was paid from the "
            "wallet: please look again.",
            due=currency.format(due),
            amount=currency.format(amount),
        )

    # Removal

    @api.model
    def _remove_wallet_providers(self):
        """What was paid stays in the books, with its payments: nothing is offered any
        more.
        """
        providers = self.sudo().search([("code", "=", WALLET)])
        providers.write({**self._get_removal_values(), "module_id": False})
        self.env["payment.method"].sudo().search([("code", "=", WALLET)]).active = False
