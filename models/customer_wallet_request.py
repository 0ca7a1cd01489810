import functools
import hashlib
import json

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Nobody sends a request again after that time.
KEPT_DAYS = 30
GC_BATCH = 10000


def answered_once(method):
    """Decorate an action that moves money: a client that did not hear the answer may
    ask again, and gets the same answer, but the money has moved once.

    A request is known by the context key `wallet_request_key`, which the client
    chooses, as the Idempotency-Key of payment services; a dialog is its own request.
    Without a key the action is done each time.
    """

    @functools.wraps(method)
    def answer(self, *args, **kwargs):
        key = self.env.context.get("wallet_request_key")
        if not key and not self.is_transient():
            return method(self, *args, **kwargs)
        records = self.with_context(wallet_request_key=False)
        return self.env["customer.wallet.request"]._answer_once(
            (self._name, self.ids, method.__name__, key),
            lambda: method(records, *args, **kwargs),
        )

    return answer


class CustomerWalletRequest(models.Model):
    """What was asked for and answered, so that it is not done twice."""

    _name = "customer.wallet.request"
    _description = "Answered Wallet Request"

    name = fields.Char(required=True, readonly=True)
    answer = fields.Json(readonly=True)

    _name_unique = models.Constraint(
        "UNIQUE (name)", "A wallet request is answered once."
    )

    @api.model
    def _answer_once(self, request, action):
        """Do what a user asks for, unless it has been done: then say the same again.

        :param request: what tells this request of the user from others, as JSON
        :param action: function without arguments that returns JSON
        :return: what the action has returned
        """
        known = self.sudo()._find_or_claim(self._get_request_name(request))
        if not known.answer:
            known.answer = {"answer": action()}
        return known.answer["answer"]

    def _get_request_name(self, request):
        text = json.dumps([self.env.uid, request])
        return hashlib.sha256(text.encode()).hexdigest()

    def _find_or_claim(self, name):
        """Of two equal requests at once, the second cannot be serialized: Odoo tries
        it again, and it finds the answer of the first. The constraint alone would
        refuse it.
        """
        known = self.search([("name", "=", name)])
        if known:
            return known
        query = SQL(
            "INSERT INTO customer_wallet_request (name, create_uid, create_date)"
            " VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
            name,
            self.env.uid,
            self.env.cr.now(),
        )
        return self.browse(self.env.execute_query(query)[0])

    @api.autovacuum
    def _gc_answered_requests(self):
        """Forget what nobody asks for again."""
        before = fields.Datetime.now() - relativedelta(days=KEPT_DAYS)
        old = self.sudo().search([("create_date", "<", before)], limit=GC_BATCH)
        old.unlink()
        return len(old), len(old) == GC_BATCH
