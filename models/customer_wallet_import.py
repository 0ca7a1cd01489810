"""Odoo's own *Import* on wallets: what a manager decides, and never a balance."""

from odoo import api, models
from odoo.exceptions import UserError

OWNER_FIELDS = ("partner_id", "company_id", "currency_id")
DECIDED_FIELDS = ("overdraft_limit", "state")


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _load_records_create(self, vals_list):
        """A line that names a customer is about the customer's wallet, which is made
        when there is none.
        """
        self._check_manager()
        wallets = self.browse()
        for vals in vals_list:
            self._check_imported(vals)
            wallet = self._find_or_create(*self._get_imported_owner(vals))
            wallet = wallet.with_env(self.env)
            wallet.write({name: vals[name] for name in DECIDED_FIELDS if name in vals})
            wallets += wallet
        return wallets

    def _load_records_write(self, values):
        self._check_imported(values)
        decided = {name: values[name] for name in values if name in DECIDED_FIELDS}
        return super()._load_records_write(decided)

    @api.model
    def _get_imported_owner(self, vals):
        """
        :return: tuple of (res.partner, res.company, res.currency)
        :raises UserError: no customer is named
        """
        partner = self.env["res.partner"].browse(vals.get("partner_id")).exists()
        if not partner:
            raise UserError(self.env._("Name the customer whose wallet it is."))
        company = self.env["res.company"].browse(vals.get("company_id"))
        company = company or self.env.company
        company.check_access("read")
        currency = self.env["res.currency"].browse(vals.get("currency_id"))
        return partner, company, currency or company.currency_id

    @api.model
    def _check_imported(self, vals):
        """
        :raises UserError: it is what journal items say
        """
        others = set(vals) - {"id", *OWNER_FIELDS, *DECIDED_FIELDS}
        if others:
            labels = self.fields_get(others, ["string"])
            names = [labels.get(name, {}).get("string", name) for name in others]
            raise UserError(
                self.env._(
                    "%s cannot be imported here: a balance is what journal items say. "
                    "Use Import Wallets, in the menu Customers of Invoicing.",
                    ", ".join(sorted(names)),
                )
            )
