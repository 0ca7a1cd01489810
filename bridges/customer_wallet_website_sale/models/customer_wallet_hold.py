from odoo import fields, models

from odoo.addons.customer_wallet.models.customer_wallet_hold import HOLD_DAYS


class CustomerWalletHold(models.Model):
    _inherit = "customer.wallet.hold"

    def _extend(self, **duration):
        """
        :param duration: as of `timedelta`, from now on, until these holds lapse; by
            default as long as an authorized payment
        """
        duration = duration or {"days": HOLD_DAYS}
        now = fields.Datetime.now()
        self._from_server().expires_at = fields.Datetime.add(now, **duration)
