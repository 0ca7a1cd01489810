from odoo import api, models

from odoo.addons.account.models.chart_template import get_python_translation

# What has an external id of the addon would go when the addon goes.
KEPT_MODULE = "__custom__"
WALLET_MODELS = ("account.account", "account.journal", "pos.payment.method")
# Of all companies together, or known by their code.
PAYMENT_MODELS = ("payment.method", "payment.provider")


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    def _load(self, template_code, company, install_demo, force_create=True):
        # Accounts and journal may be made anew: what was decided stays decided.
        provider = company._find_wallet_provider()
        was_set_up = company.root_id.wallet_journal_id
        offers = provider.read(["state", "is_published"]) if was_set_up else []
        result = super()._load(
            template_code, company, install_demo, force_create=force_create
        )
        for offer in offers:
            provider.browse(offer.pop("id")).exists().write(offer)
        self.env["pos.payment.method"]._ensure_standard_methods(company)
        return result

    def _post_load_data(self, template_code, company, template_data):
        result = super()._post_load_data(template_code, company, template_data)
        (company or self.env.company)._ensure_wallet_accounting()
        return result

    # ------------------------------------------------------------------
    # What each company has for its wallets: found again, and named
    # ------------------------------------------------------------------

    @api.model
    def _get_wallet_xmlid(self, kind, company):
        return f"{KEPT_MODULE}.customer_wallet_{kind}_{company.id}"

    @api.model
    def _find_wallet_record(self, kind, company, model):
        """Find what this or an earlier installation has made for a company.

        :param str kind: what it is for
        :param company: a ``res.company``
        :param str model: of the record: who imports may give its external id to another
        :return: a record in sudo mode, or None
        """
        record = self.env.ref(
            self._get_wallet_xmlid(kind, company), raise_if_not_found=False
        )
        return record.sudo() if record and record._name == model else None

    @api.model
    def _find_wallet_records(self, model):
        """Find what was made of one model for all companies.

        :return: recordset in sudo mode
        """
        data = self.env["ir.model.data"].sudo()
        data = data.search(
            [
                ("module", "=", KEPT_MODULE),
                ("name", "=like", "customer\\_wallet\\_%"),
                ("model", "=", model),
            ]
        )
        return self.env[model].sudo().browse(data.mapped("res_id")).exists()

    @api.model
    def _keep_wallet_record(self, kind, company, record):
        """Make a record known to later installations, and name it in each language.

        :param record: what was made for a company, with its name in English
        """
        self.env["ir.model.data"].sudo()._update_xmlids(
            [
                {
                    "xml_id": self._get_wallet_xmlid(kind, company),
                    "record": record,
                    "noupdate": True,
                }
            ]
        )
        self._translate_wallet_names(record)

    @api.model
    def _translate_wallet_setup(self, langs):
        """Name what there is already, of all companies.

        :param list langs: codes of languages
        """
        for model in WALLET_MODELS:
            self._translate_wallet_names(self._find_wallet_records(model), langs)
        for model in PAYMENT_MODELS:
            records = self.env[model].sudo().with_context(active_test=False)
            records = records.search([("code", "=", "wallet")])
            self._translate_wallet_names(records, langs)

    @api.model
    def _translate_wallet_names(self, records, langs=None):
        """Give names of the addon in the languages that they have none in, as core
        does with those of its charts: a name that somebody has changed stays.

        :param list langs: codes of languages, all that are installed by default
        """
        langs = langs or [code for code, __ in self.env["res.lang"].get_installed()]
        field = records._fields["name"]
        for record in records:
            known = field._get_stored_translations(record)
            names = {
                lang: get_python_translation("customer_wallet", lang, known["en_US"])
                for lang in set(langs).difference(known)
            }
            record.update_field_translations(
                "name", {lang: name for lang, name in names.items() if name}
            )
