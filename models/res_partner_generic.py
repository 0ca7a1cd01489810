"""Customers who stand for many people, and so have no wallet."""

from odoo import api, models
from odoo.exceptions import UserError

# Whom countries keep for sales to nobody in particular, where they are installed.
GENERIC_CUSTOMERS = (
    "l10n_ar.par_cfa",
    "l10n_cl.par_cfa",
    "l10n_co_edi.consumidor_final_customer",
    "l10n_ec.ec_final_consumer",
    "l10n_es.partner_simplified",
    "l10n_pe_pos.partner_pe_cf",
    "l10n_uy.partner_cfu",
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _get_generic_customers(self):
        """The customers who stand for anybody: one of them would spend what another
        one has paid in. A module that knows of more adds them.

        :return: res.partner in sudo
        """
        names = [xml_id.partition(".") for xml_id in GENERIC_CUSTOMERS]
        known = (
            self.env["ir.model.data"]
            .sudo()
            .search(
                [
                    ("model", "=", "res.partner"),
                    ("module", "in", [module for module, _dot, _name in names]),
                    ("name", "in", [name for _module, _dot, name in names]),
                ]
            )
        )
        found = known.filtered(lambda data: data.complete_name in GENERIC_CUSTOMERS)
        return self.browse(found.mapped("res_id")).sudo()

    def _filter_wallet_owners(self):
        """Keep the partners who can have a wallet, alone or as the company that they
        belong to: neither generic customers nor visitors of a website.

        :return: res.partner
        """
        owners = self.sudo().with_context(active_test=False).commercial_partner_id
        visitors = owners.user_ids.filtered(lambda user: user._is_public()).partner_id
        refused = self._get_generic_customers() | visitors
        return self.filtered(lambda it: it.commercial_partner_id not in refused)

    def _check_wallet_owner(self):
        """
        :raises UserError: one of these cannot have a wallet
        """
        refused = self - self._filter_wallet_owners()
        if refused:
            raise UserError(
                self.env._(
                    "%(customer)s stands for many people, so there is no wallet. "
                    "Choose the customer whose money it is.",
                    customer=refused[0].display_name,
                )
            )
