from odoo import api, models
from odoo.exceptions import ValidationError


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _load_module_terms(self, modules, langs, overwrite=False):
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        if "customer_wallet" in modules:
            self.env["account.chart.template"]._translate_wallet_setup(langs)
        return result

    @api.constrains("state")
    def _check_wallet_tills_closed(self):
        """The addon cannot leave while tills work with wallets: without it nobody
        would reconcile their orders with what the wallets have paid.

        :raises ValidationError: naming the sessions to close
        """
        if not any(
            module.name == "customer_wallet" and module.state == "to remove"
            for module in self
        ):
            return
        sessions = self.env["pos.session"].sudo()._find_open_with_wallets()
        if sessions:
            raise ValidationError(
                self.env._(
                    "Close these sessions of the Point of Sale first, then uninstall "
                    "Customer Wallet again: %(sessions)s. Their registers take "
                    "payments from wallets, which the closing puts in order in the "
                    "books.",
                    sessions=", ".join(
                        f"{session.config_id.name} ({session.name})"
                        for session in sessions
                    ),
                )
            )
