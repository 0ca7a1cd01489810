import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .pos_payment_method import STANDARD_METHODS

_logger = logging.getLogger(__name__)


class PosConfig(models.Model):
    _inherit = "pos.config"

    pending_payment_method_ids = fields.Many2many(
        "pos.payment.method",
        "pos_config_pending_payment_method_rel",
        string="Payment Methods to Come",
        readonly=True,
        copy=False,
        help="These methods are added when the open session closes.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Core gives a kiosk what it has just made for any till."""
        tills = super().create(vals_list)
        for kiosk in tills.filtered(lambda till: till._is_kiosk()):
            kiosk.payment_method_ids -= kiosk.payment_method_ids.filtered("is_wallet")
        return tills

    def _is_kiosk(self):
        """Whether visitors order here by themselves: nobody knows whose wallet it is.

        :return: bool; False where no app for it is installed
        """
        self.ensure_one()
        return "self_ordering_mode" in self and self.self_ordering_mode == "kiosk"

    def update_customer_display(self, order, device_uuid):
        """Send no balance to a display by the channel of the till where visitors, who
        order on their phones, know that channel. The display beside the till has it
        from the till itself.
        """
        if order.get("wallet") and self._is_known_to_visitors():
            order = {**order, "wallet": {**order["wallet"], "balance": False}}
        return super().update_customer_display(order, device_uuid)

    def _is_known_to_visitors(self):
        """Whether visitors order at this till, or read its menu.

        :return: bool; False where no app for it is installed
        """
        self.ensure_one()
        return "self_ordering_mode" in self and self.self_ordering_mode != "nothing"

    def _default_payment_methods(self):
        till = self.with_context(without_wallet_methods=True)
        methods = super(PosConfig, till)._default_payment_methods()
        return methods.with_env(self.env) | self._get_new_till_methods()

    @api.model
    def _create_journal_and_payment_methods(
        self, cash_ref=None, cash_journal_vals=None
    ):
        till = self.with_context(without_wallet_methods=True)
        journal, method_ids = super(
            PosConfig, till
        )._create_journal_and_payment_methods(
            cash_ref=cash_ref, cash_journal_vals=cash_journal_vals
        )
        methods = self._get_new_till_methods()
        return journal, method_ids + [
            method_id for method_id in methods.ids if method_id not in method_ids
        ]

    @api.model
    def _get_new_till_methods(self):
        """Find the standard methods that a new till of the company starts with.

        The company's first till makes them, should the company still have none.
        """
        company = self.env.company
        Method = self.env["pos.payment.method"].with_context(
            without_wallet_methods=False
        )
        tills = self.sudo().with_context(active_test=False)
        if not tills.search_count([("company_id", "=", company.id)], limit=1):
            Method._ensure_standard_methods(company)
        methods = Method.sudo().browse()
        for kind in STANDARD_METHODS:
            methods |= Method._get_standard_method(company, kind)
        return Method.browse(methods._filter_standard_offer().ids)

    def _get_cash_tolerance(self):
        """By how much what is paid at this till may differ from what is due."""
        self.ensure_one()
        return self.rounding_method.rounding if self.cash_rounding else 0.0

    def _add_standard_methods(self, methods):
        """Offer standard methods of their company at these tills.

        A till whose session is open only notes them: it gets them when the session
        closes. A kiosk does not offer them. A till that cannot be changed is passed
        over, with a message in the log: neither the installation nor a closing fails
        for it.

        :param methods: recordset of ``pos.payment.method``
        """
        for till in self.sudo().filtered(lambda till: not till._is_kiosk()):
            if till.has_active_session:
                till.pending_payment_method_ids |= methods
                continue
            offered = methods._filter_standard_offer()
            try:
                with self.env.cr.savepoint():
                    till.write(
                        {
                            "pending_payment_method_ids": [Command.clear()],
                            "payment_method_ids": [
                                Command.link(method.id) for method in offered
                            ],
                        }
                    )
            except UserError as error:
                _logger.warning(
                    "%s was not added to the Point of Sale %s: %s",
                    ", ".join(offered.mapped("name")),
                    till.display_name,
                    error,
                )
