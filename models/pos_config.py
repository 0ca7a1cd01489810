import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

_logger = logging.getLogger(__name__)


class PosConfig(models.Model):
    _inherit = "pos.config"

    pay_later_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="The Pay Later method is added when the open session closes.",
    )

    def _default_payment_methods(self):
        return super()._default_payment_methods() | self._get_new_till_pay_later()

    @api.model
    def _create_journal_and_payment_methods(
        self, cash_ref=None, cash_journal_vals=None
    ):
        journal, method_ids = super()._create_journal_and_payment_methods(
            cash_ref=cash_ref, cash_journal_vals=cash_journal_vals
        )
        pay_later = self._get_new_till_pay_later()
        return journal, method_ids + [
            method_id for method_id in pay_later.ids if method_id not in method_ids
        ]

    @api.model
    def _get_new_till_pay_later(self):
        """Find the *Pay Later* method that a new till of the company starts with.

        The company's first till makes it, should the company still have none.
        """
        company = self.env.company
        tills = self.sudo().with_context(active_test=False)
        if not tills.search_count([("company_id", "=", company.id)], limit=1):
            self.env["pos.payment.method"]._ensure_pay_later_methods(company)
        method = self.env["pos.payment.method"]._get_pay_later_method(company)
        return self.env["pos.payment.method"].browse(
            method.filtered(lambda pm: pm.active and pm.type == "pay_later").ids
        )

    def _add_pay_later_method(self):
        """Offer their company's *Pay Later* method at these tills.

        A till whose session is open is only marked: it gets the method when the
        session closes. A till that cannot be changed is passed over, with a
        message in the log: neither the installation nor a closing fails for it.
        """
        for till in self.sudo():
            if till.has_active_session:
                till.pay_later_pending = True
                continue
            method = self.env["pos.payment.method"]._get_pay_later_method(
                till.company_id
            )
            try:
                with self.env.cr.savepoint():
                    till.write(
                        {
                            "pay_later_pending": False,
                            "payment_method_ids": [
                                Command.link(pm.id)
                                for pm in method
                                if pm.active and pm.type == "pay_later"
                            ],
                        }
                    )
            except UserError as error:
                _logger.warning(
                    "%s was not added to the till %s: %s",
                    method.name,
                    till.display_name,
                    error,
                )
