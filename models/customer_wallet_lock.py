"""Who uses a wallet first: others wait for their turn, or are told to try again."""

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    def _lock(self):
        """Lock these wallets until the transaction ends, all in the same order.

        :raises ConcurrencyError: another transaction has just used one of them. Odoo
            tries the request again on a fresh snapshot, and after some tries the user
            reads this.
        """
        self._lock_where(SQL("id = ANY(%s)", self.ids))

    @api.model
    def _lock_of(self, owners, companies):
        """The same for all wallets of these customers, without looking them up.

        :param owners: res.partner, commercial partners
        :param companies: res.company, root companies
        """
        self._lock_where(self._get_owned_by_sql(owners, companies))

    @api.model
    def _claim_of(self, owners, companies):
        """The same, for what is decided on many rows together: who has looked at them
        already, on an earlier snapshot, is not hindered by a lock, but by a change.
        """
        self._lock_of(owners, companies)
        self._execute_lock(
            SQL(
                "UPDATE customer_wallet SET state = state WHERE %s",
                self._get_owned_by_sql(owners, companies),
            )
        )

    @api.model
    def _get_owned_by_sql(self, owners, companies):
        return SQL(
            "partner_id = ANY(%s) AND company_id = ANY(%s)", owners.ids, companies.ids
        )

    @api.model
    def _lock_where(self, condition):
        self._execute_lock(
            SQL(
                "SELECT id FROM customer_wallet WHERE %s ORDER BY id FOR NO KEY UPDATE",
                condition,
            )
        )

    @api.model
    def _execute_lock(self, query, message=None):
        try:
            self.env.cr.execute(query, log_exceptions=False)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
            raise ConcurrencyError(message or self._get_busy_message()) from error

    @api.model
    def _get_busy_message(self):
        return self.env._(
            "This wallet is in use by somebody else right now. Nothing was changed: "
            "please try again."
        )
