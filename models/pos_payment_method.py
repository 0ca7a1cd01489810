from odoo import api, fields, models


class PosPaymentMethod(models.Model):
    _inherit = "pos.payment.method"

    auto_invoice = fields.Boolean(
        string="Always Invoice",
        help="An order paid with this method, wholly or in part, is invoiced as soon "
        "as it is paid, without pressing Invoice. What was paid with this method "
        "stays due on the invoice, until the due date of the customer's payment "
        "terms.",
    )

    @api.model
    def _load_pos_data_fields(self, config):
        return [*super()._load_pos_data_fields(config), "auto_invoice"]

    def _filter_auto_invoice(self):
        """Keep the methods that make an order be invoiced without being asked to.

        :return: the pay-later methods among these whose switch is on
        :rtype: recordset of ``pos.payment.method``
        """
        return self.filtered(lambda pm: pm.auto_invoice and pm.type == "pay_later")

    # ------------------------------------------------------------------
    # The Pay Later method of each company
    # ------------------------------------------------------------------

    @api.model
    def _init_pay_later_methods(self, companies):
        """Give these companies their *Pay Later* method, at installation.

        After an uninstallation the methods of the former installation are still
        there, as plain customer accounts: they are taken back instead of made again.

        :param companies: recordset of ``res.company``
        :return: the methods that were created
        :rtype: recordset of ``pos.payment.method``
        """
        for company in companies:
            method = self._get_pay_later_method(company)
            if method and not method.auto_invoice:
                method.with_context(bypass_open_session_check=True).auto_invoice = True
        return self._ensure_pay_later_methods(companies)

    @api.model
    def _ensure_pay_later_methods(self, companies):
        """Create the *Pay Later* method of the companies that never had one.

        The new method is offered at all tills of its company; a till with an open
        session gets it when the session closes. A method that was renamed,
        archived, switched off or taken off a till is left as it is.

        :param companies: recordset of ``res.company``; those without a chart of
            accounts are passed over
        :return: the methods that were created
        :rtype: recordset of ``pos.payment.method``
        """
        created = self.sudo().browse()
        for company in companies.sudo():
            if not company._has_chart_of_accounts():
                continue
            if not self._get_pay_later_method(company):
                created |= self._create_pay_later_method(company)
        tills = (
            self.env["pos.config"]
            .sudo()
            .with_context(active_test=False)
            .search([("company_id", "in", created.company_id.ids)])
        )
        tills._add_pay_later_method()
        return created

    @api.model
    def _get_pay_later_method(self, company):
        """Find the standard *Pay Later* method of a company, archived or not.

        :param company: a ``res.company``
        :return: a ``pos.payment.method``, or an empty recordset
        """
        methods = self.sudo().with_context(active_test=False)
        method = self.env.ref(
            self._get_pay_later_xmlid(company), raise_if_not_found=False
        )
        if method and method.sudo().company_id == company:
            return methods.browse(method.id)
        return methods.search(
            [
                ("auto_invoice", "=", True),
                ("journal_id", "=", False),
                ("company_id", "=", company.id),
            ],
            limit=1,
        )

    @api.model
    def _get_pay_later_xmlid(self, company):
        """Name the external id of a company's *Pay Later* method.

        Its module is not ours, so that uninstalling the addon does not delete a
        method that orders were paid with.
        """
        return f"__custom__.customer_wallet_pay_later_{company.id}"

    @api.model
    def _create_pay_later_method(self, company):
        method = (
            self.sudo()
            .with_company(company)
            .with_context(lang="en_US")
            .create(self._prepare_pay_later_method_vals(company))
        )
        languages = [code for code, __ in self.env["res.lang"].get_installed()]
        method.update_field_translations(
            "name",
            {
                lang: self.with_context(lang=lang).env._("Pay Later")
                for lang in languages
            },
        )
        self.env["ir.model.data"].sudo()._update_xmlids(
            [
                {
                    "xml_id": self._get_pay_later_xmlid(company),
                    "record": method,
                    "noupdate": True,
                }
            ]
        )
        return method

    @api.model
    def _prepare_pay_later_method_vals(self, company):
        return {
            "name": "Pay Later",
            "company_id": company.id,
            "split_transactions": True,
            "auto_invoice": True,
        }

    def _is_write_forbidden(self, fields):
        if self.env.context.get("bypass_open_session_check"):
            fields = fields - {"auto_invoice"}
        return super()._is_write_forbidden(fields)
