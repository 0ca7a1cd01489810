from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.translate import code_translations

from .customer_wallet_defaults import FROM_SERVER, without_wishes

# What core calls its method for orders that are paid later.
CUSTOMER_ACCOUNT = "Customer Account"
# The methods that every company has, and the switch by which each is known.
STANDARD_METHODS = {"pay_later": "auto_invoice", "wallet": "is_wallet"}


class PosPaymentMethod(models.Model):
    _inherit = "pos.payment.method"
    # As the till sorts them, which takes no sequence for zero: with Odoo's order, ours
    # would stand before all methods that have none.
    _order = "sequence NULLS FIRST, id"

    auto_invoice = fields.Boolean(
        string="Always Invoice",
        help="An order paid with this method, wholly or in part, is invoiced as soon "
        "as it is paid, without pressing Invoice. What was paid with this method "
        "stays due on the invoice, until the due date of the customer's payment "
        "terms.",
    )

    is_wallet = fields.Boolean(
        string="Customer Wallet",
        help="Orders paid with this method are paid from the customer's wallet, at "
        "once. It needs a customer.",
    )
    type = fields.Selection(selection_add=[("wallet", "Customer Wallet")])

    @api.constrains("is_wallet", "journal_id", "split_transactions", "auto_invoice")
    def _check_wallet_method(self):
        for method in self.filtered("is_wallet"):
            if method.journal_id or method.split_transactions or method.auto_invoice:
                raise ValidationError(
                    self.env._(
                        "%(method)s takes its money from wallets. Leave the journal "
                        "empty, and Identify Customer and Always Invoice switched off.",
                        method=method.name,
                    )
                )

    @api.constrains("is_wallet")
    def _check_wallet_method_kept(self):
        """What is held is booked as what it was."""
        others = self.filtered(lambda method: not method.is_wallet)
        held = (
            self.env["customer.wallet.hold"]
            .sudo()
            .search(
                [
                    ("state", "=", "held"),
                    ("pos_payment_id.payment_method_id", "in", others.ids),
                ],
                limit=1,
            )
        )
        if held:
            raise ValidationError(
                self.env._(
                    "%(method)s has payments that are not booked yet: close the "
                    "session of %(order)s first.",
                    method=held.pos_payment_id.payment_method_id.name,
                    order=held.document_name,
                )
            )

    @api.depends("is_wallet")
    def _compute_type(self):
        wallets = self.filtered("is_wallet")
        wallets.type = "wallet"
        return super(PosPaymentMethod, self - wallets)._compute_type()

    @api.depends("type")
    def _compute_hide_use_payment_terminal(self):
        wallets = self.filtered(lambda pm: pm.type == "wallet")
        wallets.hide_use_payment_terminal = True
        return super(
            PosPaymentMethod, self - wallets
        )._compute_hide_use_payment_terminal()

    @api.onchange("is_wallet")
    def _onchange_is_wallet(self):
        if self.is_wallet:
            self.journal_id = False
            self.split_transactions = False
            self.auto_invoice = False
            self.payment_method_type = "none"

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Core takes any method without a journal for a customer account, and any
        method at all for a reason to give a company's first till no cash and card.
        """
        if self.env.context.get("without_wallet_methods"):
            domain = Domain(domain) & Domain("is_wallet", "=", False)
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _load_pos_data_fields(self, config):
        names = super()._load_pos_data_fields(config)
        return [*names, "auto_invoice", "is_wallet"]

    @api.model
    def _load_pos_self_data_search_read(self, data, config):
        """Visitors who order by themselves have no wallet, whatever their till offers.

        Only an app for self-ordering asks for it, and has what this extends.
        """
        rows = super()._load_pos_self_data_search_read(data, config)
        methods = self.browse(row["id"] for row in rows)
        wallets = methods.filtered("is_wallet").ids
        return [row for row in rows if row["id"] not in wallets]

    def _filter_standard_offer(self):
        """Keep the standard methods that tills can offer as they are now."""
        return self.filtered(
            lambda pm: pm.active and pm.type in ("pay_later", "wallet")
        )

    # ------------------------------------------------------------------
    # The standard methods of each company: Pay Later and Customer Wallet
    # ------------------------------------------------------------------

    @api.model
    def _init_standard_methods(self, companies):
        """Give these companies their standard methods, at an installation that knows
        nothing of another one before it.

        The methods of a former installation are still there, as plain customer
        accounts: they are taken back instead of made again.

        :param companies: recordset of ``res.company``
        :return: the methods that were created
        :rtype: recordset of ``pos.payment.method``
        """
        for company in companies:
            for kind, switch in STANDARD_METHODS.items():
                method = self._get_standard_method(company, kind)
                if method and not method[switch]:
                    method.with_context(wallet_installing=FROM_SERVER)[switch] = True
                    # Leaving has archived those of wallets.
                    method.filtered(lambda it: not it.active).active = True
        return self._ensure_standard_methods(companies)

    @api.model
    def _ensure_standard_methods(self, companies):
        """Create the standard methods of the companies that never had them.

        A new method is offered at all tills of its company; a till with an open
        session gets it when the session closes. A method that was renamed,
        archived, switched off or taken off a till is left as it is.

        :param companies: recordset of ``res.company``; those without a chart of
            accounts are passed over
        :return: the methods that were created, or adopted
        :rtype: recordset of ``pos.payment.method``
        """
        created = self.sudo().browse()
        for company in companies.sudo():
            if not company._has_chart_of_accounts():
                continue
            for kind in STANDARD_METHODS:
                if not self._get_standard_method(company, kind):
                    created |= self._adopt_standard_method(company, kind)
        tills = (
            self.env["pos.config"]
            .sudo()
            .with_context(active_test=False)
            .search([("company_id", "in", created.company_id.ids)])
        )
        for till in tills:
            till._add_standard_methods(
                created.filtered(lambda pm, till=till: pm.company_id == till.company_id)
            )
        return created

    @api.model
    def _get_standard_method(self, company, kind):
        """Find a standard method of a company, archived or not.

        :param company: a ``res.company``
        :param str kind: see ``STANDARD_METHODS``
        :return: a ``pos.payment.method``, or an empty recordset
        """
        methods = self.sudo().with_context(active_test=False)
        method = self.env["account.chart.template"]._find_wallet_record(
            kind, company, self._name
        )
        if method and method.company_id == company:
            return methods.browse(method.id)
        return methods.search(
            [
                (STANDARD_METHODS[kind], "=", True),
                ("journal_id", "=", False),
                ("company_id", "=", company.id),
            ],
            limit=1,
        )

    @api.model
    def _adopt_standard_method(self, company, kind):
        """Two buttons that do nearly the same are one too many: core's *Customer
        Account* becomes *Pay Later* as long as nobody has used it.
        """
        method = self.sudo().browse()
        if kind == "pay_later":
            method = self._find_unused_customer_account(company)
        if not method:
            return self._create_standard_method(company, kind)
        translated = method.with_context(lang="en_US")
        translated.write(translated._prepare_standard_method_vals(company, kind))
        known = method._fields["name"]._get_stored_translations(method)
        method.update_field_translations(
            "name", dict.fromkeys(set(known) - {"en_US"}, False)
        )
        self.env["account.chart.template"]._keep_wallet_record(kind, company, method)
        return method

    @api.model
    def _find_unused_customer_account(self, company):
        """
        :return: a ``pos.payment.method`` as core makes it, or an empty recordset
        """
        methods = self.sudo().search(
            [
                ("journal_id", "=", False),
                ("split_transactions", "=", True),
                ("is_wallet", "=", False),
                ("receivable_account_id", "=", False),
                ("company_id", "=", company.id),
            ]
        )
        names = {
            code_translations.get_python_translations("point_of_sale", lang).get(
                CUSTOMER_ACCOUNT
            )
            for lang, _name in self.env["res.lang"].get_installed()
        }
        methods = methods.filtered(
            lambda it: it.name in names | {CUSTOMER_ACCOUNT} and not it.open_session_ids
        )
        Payment = self.env["pos.payment"].sudo()
        unused = methods.filtered(
            lambda it: (
                not Payment.search_count([("payment_method_id", "=", it.id)], limit=1)
            )
        )
        return unused[:1]

    @api.model
    def _create_standard_method(self, company, kind):
        model = without_wishes(self.sudo()).with_company(company)
        model = model.with_context(lang="en_US")
        method = model.create(model._prepare_standard_method_vals(company, kind))
        self.env["account.chart.template"]._keep_wallet_record(kind, company, method)
        return method

    @api.model
    def _prepare_standard_method_vals(self, company, kind):
        """
        :param company: res.company that gets the method
        :param str kind: see `STANDARD_METHODS`
        :return: dict
        """
        vals = {"company_id": company.id, STANDARD_METHODS[kind]: True}
        # After those that core makes: a till proposes its first method by itself.
        if kind == "wallet":
            return {**vals, "name": self.env._("Customer Wallet"), "sequence": 10}
        return {
            **vals,
            "name": self.env._("Pay Later"),
            "sequence": 11,
            "split_transactions": True,
        }

    def _is_write_forbidden(self, fields):
        if self.env.context.get("wallet_installing") is FROM_SERVER:
            fields = fields - {"auto_invoice", "is_wallet"}
        return super()._is_write_forbidden(fields)
