from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerWalletAgeingBucket(models.Model):
    """From so many days on, until the next one begins."""

    _name = "customer.wallet.ageing.bucket"
    _description = "Wallet Ageing Bucket"
    _order = "days"

    days = fields.Integer(
        string="From Days",
        required=True,
        help="Money that was received at least this many days before the day of the "
        "report is in this bucket, unless a later bucket takes it.",
    )

    _days_uniq = models.Constraint("UNIQUE(days)", "There is such a bucket already.")
    _days_not_negative = models.Constraint(
        "CHECK(days >= 0)", "Enter the days as zero or more."
    )

    @api.depends("days")
    @api.depends_context("lang")
    def _compute_display_name(self):
        starts = self.search([("days", ">", 0)]).mapped("days")
        for bucket in self:
            later = [days for days in starts if days > bucket.days]
            bucket.display_name = (
                self.env._(
                    "%(first)s–%(last)s days", first=bucket.days, last=later[0] - 1
                )
                if later
                else self.env._("%s days and more", bucket.days)
            )

    @api.ondelete(at_uninstall=False)
    def _keep_the_first(self):
        """All money has an age."""
        if any(not bucket.days for bucket in self):
            raise UserError(self.env._("The bucket that begins with 0 days stays."))

    @api.constrains("days")
    def _check_the_first(self):
        if not self.search_count([("days", "=", 0)], 1):
            raise UserError(self.env._("The bucket that begins with 0 days stays."))
