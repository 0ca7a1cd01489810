import functools
import hashlib
import inspect
import json

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import SQL

# How clients of payment services name a request.
KEY_HEADER = "Idempotency-Key"
# Nobody sends a request again after that time.
KEPT_DAYS = 30
GC_BATCH = 10000


def answered_once(method):
    """Decorate an action that moves money: a client that did not hear the answer may
    ask again, and gets the same answer, but the money has moved once.

    A request is known by the context key `wallet_request_key` or the header
    Idempotency-Key, which the client chooses; a dialog is its own request. Without a
    key the action is done each time. The same request with other amounts is refused.
    """
    signature = inspect.signature(method)

    @functools.wraps(method)
    def answer(self, *args, **kwargs):
        key = not self.is_transient() and _get_request_key(self.env)
        if not key and not self.is_transient():
            return method(self, *args, **kwargs)
        records = self.with_context(wallet_request_key=False)
        asked = signature.bind(records, *args, **kwargs)
        asked.apply_defaults()
        return self.env["customer.wallet.request"]._answer_once(
            (self._name, self.ids, method.__name__, key),
            lambda: method(records, *args, **kwargs),
            [*list(asked.arguments.values())[1:], self.env.company.id],
        )

    return answer


def _get_request_key(env):
    """What is asked for within a request has no key of its own."""
    if "wallet_request_key" in env.context:
        return env.context["wallet_request_key"]
    return request and request.httprequest.headers.get(KEY_HEADER)


class CustomerWalletRequest(models.Model):
    """What was asked for and answered, so that it is not done twice."""

    _name = "customer.wallet.request"
    _inherit = ["customer.wallet.defaults.mixin"]
    _description = "Answered Wallet Request"

    name = fields.Char(required=True, readonly=True)
    answer = fields.Json(readonly=True)

    _name_unique = models.Constraint(
        "UNIQUE (name)", "A wallet request is answered once."
    )

    @api.model
    def _answer_once(self, request_id, action, asked=()):
        """Do what a user asks for, unless it has been done: then say the same again.

        :param request_id: what tells this request of the user from others, as JSON; a
            dialog is known by its model and ids
        :param action: function without arguments that returns JSON
        :param asked: the arguments of the action, such as amounts
        :return: what the action has returned
        :raises UserError: the same request asked for something else before
        """
        asked = json.loads(json.dumps(asked, default=str))
        known = self.sudo()._find_or_claim(self._get_request_name(request_id))
        if not known.answer:
            known.answer = {"answer": action(), "asked": asked}
        elif known.answer.get("asked", asked) != asked or known._is_edited(*request_id):
            raise UserError(
                self.env._(
                    "This was asked for before, with other amounts, and done then. "
                    "Nothing was moved now: look at what was done, then ask again in a "
                    "new dialog or with a new request key."
                )
            )
        return known.answer["answer"]

    def _is_edited(self, model, ids, *_others):
        """Whether somebody has changed a dialog since it was answered."""
        if model not in self.env or not self.env[model]._transient:
            return False
        dialogs = self.env[model].browse(ids).exists()
        return any(dialog.write_date > self.create_date for dialog in dialogs)

    def _get_request_name(self, request_id):
        text = json.dumps([self.env.uid, request_id])
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
        self.env["customer.wallet"]._execute_lock(query)
        return self.browse(self.env.cr.fetchone())

    @api.autovacuum
    def _gc_answered_requests(self):
        """Forget what nobody asks for again."""
        before = fields.Datetime.now() - relativedelta(days=KEPT_DAYS)
        old = self.sudo().search([("create_date", "<", before)], limit=GC_BATCH)
        old.unlink()
        return len(old), len(old) == GC_BATCH
