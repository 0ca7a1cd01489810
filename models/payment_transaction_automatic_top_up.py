"""Charges of a saved card for automatic top-ups, and what becomes of them."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .payment_transaction_automation import AT_PROVIDER

# As long as Odoo waits for a provider: what is not confirmed by then has failed.
PATIENCE = relativedelta(days=4)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    wallet_automatic_top_up_id = fields.Many2one(
        "customer.wallet.automatic.top.up",
        string="Automatic Top-up",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    wallet_crossing = fields.Integer(
        readonly=True,
        copy=False,
        help="Each time that there is too little in the wallet has a number, and is "
        "charged once.",
    )
    wallet_charge_date = fields.Date(
        readonly=True,
        copy=False,
        help="When the card was charged: it counts in this month of the company.",
    )
    wallet_outcome = fields.Char(
        readonly=True,
        copy=False,
        help="The status of an automatic top-up that the customer has been told of.",
    )

    _wallet_crossing_uniq = models.Constraint(
        "UNIQUE(wallet_automatic_top_up_id, wallet_crossing)",
        "The card has been charged for this already.",
    )

    @api.model
    def default_get(self, fields):
        """What is charged automatically is said by the server alone."""
        values = super().default_get(fields)
        values.pop("wallet_automatic_top_up_id", None)
        return values

    def _post_process(self):
        result = super()._post_process()
        for tx in self.sudo().filtered("wallet_automatic_top_up_id"):
            tx._settle_wallet_charge()
        return result

    def _settle_wallet_charge(self):
        """Say once what became of an automatic top-up, however often Odoo asks."""
        self.ensure_one()
        if self.wallet_outcome == self.state:
            return
        self.wallet_outcome = self.state
        setting = self.wallet_automatic_top_up_id
        if self.state == "done":
            setting._charge_succeeded()
        elif self.state in ("cancel", "error"):
            setting._charge_failed(self)
        elif self.state == "pending":
            setting._charge_needs_customer(self)

    @api.model
    def _close_overdue_wallet_charges(self):
        """Automatic top-ups that never ended: what nobody has confirmed has failed; one
        that was started and never answered is not tried again. Should the money come
        nevertheless, it is booked.
        """
        now = fields.Datetime.now()
        charges = self.sudo().search(
            [
                ("wallet_automatic_top_up_id", "!=", False),
                "|",
                "&",
                ("state", "=", "draft"),
                ("last_state_change", "<", now - AT_PROVIDER),
                "&",
                ("state", "=", "pending"),
                ("last_state_change", "<", now - PATIENCE),
            ]
        )
        for tx in charges:
            if tx.state == "draft":
                tx.wallet_automatic_top_up_id._charge_unknown(tx)
                tx._set_error(self.env._("The payment provider has not answered."))
            else:
                tx._set_error(self.env._("Nobody has confirmed the payment in time."))
        if charges:
            charges._cron_post_process()
