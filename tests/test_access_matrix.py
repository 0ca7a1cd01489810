import json
from types import SimpleNamespace

from psycopg2 import IntegrityError

from odoo import Command, fields, http
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_wallet.models.customer_wallet import FROM_SERVER

from .access_matrix import (
    ACCOUNTANT,
    AUDITOR,
    BILLING,
    MANAGER,
    METHODS,
    MODELS,
    OTHER,
    OWNER,
    PUBLIC,
    ROLES,
    ROUTES,
    TILL,
    takeover,
)
from .online_common import OnlineTopUpCommon
from .till_common import TillWalletCommon

ADDON = "odoo.addons.customer_wallet."
GROUPS = {
    TILL: "point_of_sale.group_pos_user",
    AUDITOR: "account.group_account_readonly",
    BILLING: "account.group_account_invoice",
    ACCOUNTANT: "account.group_account_user",
    MANAGER: "account.group_account_invoice,customer_wallet.group_wallet_manager",
}
# What a server answers in words: it makes the last one a ValidationError.
REFUSALS = (UserError, IntegrityError)


class Nothing:
    """Records that do not exist, in place of any others."""

    id = 10**9
    ids = (10**9,)

    def __getattr__(self, name):
        return self

    def __or__(self, other):
        return self


class Caller:
    """Call methods as a client does: through Odoo's gate, as a user."""

    def __init__(self, case, user, row):
        self.case = case
        self.user = user
        self.model, _dot, self.method = row.rpartition(".")

    def __call__(self, *args, **kwargs):
        return self.on(self.model, self.method, *args, **kwargs)

    def on(self, model, method, *args, **kwargs):
        # Each request begins with an empty cache, which nobody has read into before.
        self.case.env.flush_all()
        self.case.env.invalidate_all()
        env = self.case.env(user=self.user.id, su=False, context={})
        args = [list(arg) if isinstance(arg, tuple) else arg for arg in args]
        return call_kw(env[model], method, args, kwargs)


def _find_methods(registry, is_wanted):
    """What the classes of the addon define on any model.

    :return: set of "model.method"
    """
    return {
        f"{model_name}.{name}"
        for model_name, model in registry.items()
        for cls in model.mro()
        if cls.__module__.startswith(ADDON)
        for name, value in vars(cls).items()
        if callable(value) and is_wanted(name, value)
    }


@tagged("post_install", "-at_install")
class TestMatrixIsWhole(TransactionCase):
    """What is in the code is in the tables, and the other way round."""

    def test_every_public_method_has_a_row(self):
        found = _find_methods(
            self.registry,
            lambda name, value: (
                not name.startswith("_") and not getattr(value, "_api_private", False)
            ),
        )
        self.assertEqual(
            sorted(found - set(METHODS)),
            [],
            "Any client may call these methods. Make them private (a leading _), or "
            "say in METHODS of tests/access_matrix.py who may call them.",
        )
        self.assertEqual(
            sorted(set(METHODS) - found),
            [],
            "These rows of METHODS in tests/access_matrix.py are about methods that "
            "are no longer there: take them away.",
        )

    def test_every_model_has_a_row(self):
        found = {
            name
            for name, model in self.registry.items()
            if model._original_module == "customer_wallet" and not model._abstract
        }
        self.assertEqual(
            found,
            set(MODELS),
            "MODELS of tests/access_matrix.py and the models of the addon differ.",
        )

    def test_who_may_do_what_with_which_model(self):
        operations = {"c": "create", "r": "read", "u": "write", "d": "unlink"}
        users = {role: self._make_user(role) for role in ROLES}
        for name, rights in MODELS.items():
            for role in ROLES:
                model = self.env[name].with_user(users[role])
                granted = "".join(
                    letter
                    for letter, operation in operations.items()
                    if model.has_access(operation)
                )
                expected = [right for right, roles in rights.items() if role in roles]
                self.assertEqual(granted, "".join(expected), f"{name}: {role}")

    def _make_user(self, role):
        if role == PUBLIC:
            return self.env.ref("base.public_user")
        groups = GROUPS.get(role, "base.group_portal")
        return new_test_user(self.env, f"matrix {role}", groups)

    def test_every_route_has_a_row(self):
        found = _find_routes(self.registry)
        self.assertEqual(
            sorted(found - set(ROUTES)),
            [],
            "Say in ROUTES of tests/access_matrix.py who may ask for these routes.",
        )
        self.assertEqual(
            sorted(set(ROUTES) - found),
            [],
            "These rows of ROUTES in tests/access_matrix.py are about routes that "
            "are no longer there: take them away.",
        )

    def test_nobody_calls_a_private_method(self):
        private = _find_methods(
            self.registry,
            lambda name, value: (
                (name.startswith("_") and not name.startswith("__"))
                or getattr(value, "_api_private", False)
            ),
        )
        self.assertIn("customer.wallet._book", private)
        for method in private:
            model, _dot, name = method.rpartition(".")
            with self.assertRaises(AccessError, msg=method):
                get_public_method(self.env[model], name)


@tagged("post_install", "-at_install")
class TestMethods(TillWalletCommon):
    """Every public method, called by everybody, with one's own and forged ids."""

    def setUp(self):
        super().setUp()
        self.elsewhere = self._new_company("Elsewhere")
        self.own = self._make_documents(self.company)
        self.foreign = self._make_documents(self.elsewhere)
        self._sell_at_till(self.own)
        self._open_other_till(self.foreign)
        self.users = {role: self._make_user(role) for role in ROLES}
        self.env.flush_all()
        self.env.invalidate_all()

    def _make_user(self, role):
        if role == PUBLIC:
            return self.env.ref("base.public_user")
        vals = {
            "company_id": self.company.id,
            "company_ids": [Command.set(self.company.ids)],
        }
        partners = {OWNER: self.own.customer, OTHER: self.own.other_customer}
        if role in partners:
            vals["partner_id"] = partners[role].id
        groups = GROUPS.get(role, "base.group_portal")
        return new_test_user(self.env, f"matrix {role}", groups, **vals)

    def test_a_cashier_learns_nothing_of_another_company(self):
        call = Caller(self, self.users[TILL], "pos.order.sync_from_ui")
        for values in (
            {"session_id": self.foreign.till.current_session_id.id},
            {"partner_id": self.foreign.customer.id},
        ):
            order = self.order_of_till([("wallet", 10**9)], **values)
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                call([order])

    # What there is

    def _make_documents(self, company):
        """The same documents in each company, as attributes."""
        env = self.env(context={"allowed_company_ids": [company.id]})
        docs = SimpleNamespace(company=company.with_env(env))
        docs.wallet_account = docs.company.wallet_account_id
        docs.journal = docs.company.wallet_journal_id
        docs.expense_account = docs.company.wallet_promotion_account_id
        docs.bank_journal = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )
        for name in ("customer", "other_customer", "lead"):
            docs.__dict__[name] = env["res.partner"].create(
                {"name": name, "company_id": company.id}
            )
        docs.receivable_account = docs.customer.property_account_receivable_id
        self._make_payments(env, docs)
        self._make_invoices(env, docs)
        self._make_operations(env, docs)
        return docs

    def _make_payments(self, env, docs):
        def pay(amount, partner=docs.customer, post=True, **vals):
            payment = env["account.payment"].create(
                {
                    "partner_id": partner.id,
                    "amount": amount,
                    "is_wallet": True,
                    "journal_id": docs.bank_journal.id,
                    **vals,
                }
            )
            if post:
                payment.action_post()
            return payment

        docs.top_up = pay(500.0)
        docs.draft_payment = pay(10.0, post=False)
        docs.plain_payment = pay(10.0, is_wallet=False)
        pay(50.0, docs.other_customer)
        docs.top_up_entry = docs.top_up.move_id
        docs.top_up_item = docs.top_up_entry.line_ids.filtered("wallet_id")
        Wallet = env["customer.wallet"]
        docs.wallet = Wallet._find(docs.customer, docs.company)
        docs.other_wallet = Wallet._find(docs.other_customer, docs.company)

    def _make_invoices(self, env, docs):
        def invoice(amount, partner=docs.customer, post=True, **vals):
            move = env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": fields.Date.today(),
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Goods",
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **vals,
                }
            )
            if post:
                move.action_post()
            return move

        def receivable(move):
            return move.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )

        docs.invoice = invoice(80.0)
        docs.invoice_line = docs.invoice.invoice_line_ids
        docs.receivable_line = receivable(docs.invoice)
        docs.large_invoice = invoice(20000.0)
        docs.draft_invoice = invoice(80.0, post=False)
        docs.invoice_of_other = invoice(10.0, docs.other_customer)
        # Nothing is due for the other customer's own wallet.
        docs.paid_invoice = invoice(30.0)
        docs.paid_invoice.action_allocate_wallet()
        docs.partial = docs.paid_invoice._get_wallet_partials()
        docs.allocation_entry = docs.partial.credit_move_id.move_id
        docs.allocation_line = docs.allocation_entry.line_ids.filtered("wallet_id")
        docs.credit_note = invoice(20.0, move_type="out_refund")
        docs.credit_line = receivable(docs.credit_note)
        docs.credit_line_of_other = receivable(
            invoice(20.0, docs.other_customer, move_type="out_refund")
        )
        docs.refunded_note = invoice(20.0, move_type="out_refund")
        docs.refunded_note.action_refund_to_wallet()
        docs.refund_partial = docs.refunded_note._get_wallet_partials()
        docs.hold = docs.wallet._hold(5.0, docs.draft_invoice)
        docs.requested_hold = docs.wallet._hold(5.0, document_name="Machine 12")
        docs.online_draft = self._start_online(docs, invoice(5.0))
        paid = self._start_online(docs, invoice(5.0))
        paying = paid.with_context(wallet_paying=FROM_SERVER)
        docs.online_payment = paying._create_payment()
        paid._set_done()
        docs.stopped_token = self._allow_recurring(docs)
        docs.stopped_token.active = False
        docs.recurring_token = self._allow_recurring(docs)
        docs.card, docs.automatic_top_up = self._allow_automatic_top_up(docs)

    def _allow_automatic_top_up(self, docs):
        """The customer has saved a card, and done so in the portal."""
        provider = docs.company._find_wallet_provider()
        card = provider.env["payment.token"].create(
            {
                "provider_id": self._get_card_provider(docs).id,
                "payment_method_id": provider.payment_method_ids[:1].id,
                "partner_id": docs.customer.id,
                "provider_ref": "card",
            }
        )
        setting = provider.env["customer.wallet.automatic.top.up"]._from_server()
        vals = {
            "wallet_id": docs.wallet.id,
            "token_id": card.id,
            "threshold": 5.0,
            "top_up_type": "fill",
            "amount": 10.0,
            "monthly_limit": 50.0,
            "state": "on",
        }
        return card, setting.create(vals)

    def _get_card_provider(self, docs):
        provider = docs.company._find_wallet_provider()
        return provider.create(
            {"name": "Cards", "company_id": docs.company.id, "code": "none"}
        )

    def _allow_recurring(self, docs):
        """The customer has done so in the portal."""
        provider = docs.company._find_wallet_provider()
        wallet = docs.wallet.sudo()
        vals = wallet._prepare_recurring_token_vals(provider)
        token = provider.env["payment.token"].with_context(wallet_consent=FROM_SERVER)
        return token.create({**vals, "wallet_monthly_limit": 5.0})

    def _start_online(self, docs, invoice):
        provider = docs.company._find_wallet_provider()
        return provider.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids.id,
                "reference": f"online {invoice.id}",
                "amount": invoice.amount_residual,
                "currency_id": invoice.currency_id.id,
                "partner_id": docs.customer.id,
                "invoice_ids": [Command.set(invoice.ids)],
                "operation": "online_redirect",
            }
        )

    def _make_operations(self, env, docs):
        wizard = env["customer.wallet.adjustment"].create(
            {
                "wallet_id": docs.wallet.id,
                "amount": 5.0,
                "account_id": docs.expense_account.id,
                "reason": "Goodwill",
            }
        )
        wizard.action_confirm()
        docs.adjustment_entry = env["account.move"].search(
            [
                ("wallet_operation", "=", "adjustment"),
                ("company_id", "=", docs.company.id),
            ]
        )
        docs.adjustment_line = docs.adjustment_entry.line_ids.filtered("wallet_id")
        docs.takeover = env["customer.wallet.takeover"].create(takeover(docs))
        docs.takeover.action_check()
        docs.promotion = env["customer.wallet.promotion"].create(
            {
                "name": "Spring",
                "company_id": docs.company.id,
                "minimum_amount": 1000.0,
                "bonus_value": 10.0,
            }
        )
        docs.movement = env["customer.wallet.movement"].search(
            [("move_id", "=", docs.allocation_line.move_id.id)], limit=1
        )
        docs.liability_row = env["customer.wallet.liability"].search(
            [("wallet_id", "=", docs.wallet.id)], limit=1
        )
        docs.ageing_row = env["customer.wallet.ageing"].search(
            [("wallet_id", "=", docs.wallet.id)], limit=1
        )
        docs.report_line = env["customer.wallet.report"].search(
            [("move_id", "=", docs.allocation_line.move_id.id)], limit=1
        )

    def _sell_at_till(self, docs):
        docs.till, docs.wallet_method = self.config, self.wallet_pm
        self.open_new_session()
        docs.order = self._sync(self.order_of_till([("wallet", 100)]))
        docs.wallet_payment = docs.order.payment_ids
        docs.cash_order = self._sync(self.order_of_till([("cash", 100)]))
        docs.cash_payment = docs.cash_order.payment_ids
        docs.invoiced_order = self._sync(self.order_of_till([("pay_later", 100)]))
        docs.top_up_order = self._sync(
            {**self._top_up_data(10), "partner_id": docs.customer.id}
        )
        docs.draft_order = self._sync(self.order_of_till([], state="draft"))

    def _open_other_till(self, docs):
        """A draft order stands for all orders there."""
        docs.till = self._new_till(docs.company)
        docs.wallet_method = docs.till.payment_method_ids.filtered("is_wallet")
        docs.till.open_ui()
        order = docs.order = self.env["pos.order"].create(
            {
                "session_id": docs.till.current_session_id.id,
                "company_id": docs.company.id,
                "partner_id": docs.customer.id,
                **dict.fromkeys(
                    ("amount_tax", "amount_total", "amount_paid", "amount_return"), 0.0
                ),
                "lines": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "price_subtotal": 0.0,
                            "price_subtotal_incl": 0.0,
                        }
                    )
                ],
            }
        )
        docs.cash_order = docs.invoiced_order = docs.draft_order = order
        docs.top_up_order = order
        docs.wallet_payment = docs.cash_payment = self.env["pos.payment"].create(
            {
                "pos_order_id": order.id,
                "payment_method_id": docs.wallet_method.id,
                "amount": 5.0,
            }
        )

    # For the rows

    def order_of_till(self, payments, customer=True, quantity=1, **values):
        """What the till sends: an order of 100 for each piece."""
        methods = {
            "wallet": self.wallet_pm,
            "cash": self.cash_pm1,
            "pay_later": self.pay_later_pm,
        }
        return self._order_data(
            [(methods[kind], amount) for kind, amount in payments],
            customer=self.own.customer if customer else self.env["res.partner"],
            quantity=quantity,
            **values,
        )

    def find_difference(self, docs, user):
        """What the self-check of this user has found."""
        return (
            self.env["customer.wallet.difference"]
            .with_user(user)
            .sudo()
            .create(
                {
                    "kind": "balance",
                    "wallet_id": docs.wallet.id,
                    "company_id": docs.company.id,
                }
            )
        )

    # The cells

    def _call(self, make_call, row, role, docs):
        """Make a call and take it back, as Odoo does with a request that fails.

        :return: the refusal, or None
        """
        refusal = None
        with self.env.cr.savepoint() as savepoint:
            try:
                make_call(docs, Caller(self, self.users[role], row))
                self.env.flush_all()
            except REFUSALS as error:
                refusal = error
            self.env.clear()
            savepoint.rollback()
        return refusal

    def assertAllowed(self, row, method, role):
        refusal = self._call(method.call, row, role, self.own)
        self.assertIsNone(refusal, f"{row}: {role} is refused")

    def assertForbidden(self, make_call, row, role, docs=None):
        refusal = self._call(make_call, row, role, docs or self.own)
        self.assertIsNotNone(refusal, f"{row}: {role} is not refused")

    @mute_logger("odoo.sql_db")
    def test_who_may_call_what(self):
        before = self._snapshot()
        for row, method in METHODS.items():
            for role in ROLES:
                with self.subTest(row, role=role):
                    if role in method.may:
                        self.assertAllowed(row, method, role)
                    else:
                        self.assertForbidden(method.call, row, role)
            for name, (make_call, docs) in self._forge(method).items():
                # Whom the honest call was refused needs no forged one.
                for role in method.may or ROLES:
                    with self.subTest(row, role=role, forged=name):
                        self.assertForbidden(make_call, row, role, docs)
            self.assertEqual(self._snapshot(), before, row)

    def _forge(self, method):
        """Calls that must be refused to whoever makes them.

        :return: dict of (call, documents) by name
        """
        forged = {name: (call, self.own) for name, call in method.forged.items()}
        if method.has_records:
            forged["of another company"] = method.call, self.foreign
        if method.has_records and not method.is_harmless_nowhere:
            forged["that is nowhere"] = method.call, Nothing()
        return forged


def _find_routes(registry, addon=ADDON):
    """The routes that controllers of the addon define or override.

    :param str addon: its Python package, with a dot at the end
    :return: set of paths
    """
    rules = http._generate_routing_rules(registry._init_modules, nodb_only=False)
    return {
        path
        for path, endpoint in rules
        if any(
            cls.__module__.startswith(addon) and endpoint.func.__name__ in vars(cls)
            for cls in type(endpoint.func.__self__).mro()
        )
    }


@tagged("post_install", "-at_install")
class TestRoutes(OnlineTopUpCommon):
    """Every route, asked for by everybody, with one's own and forged ids."""

    routes = ROUTES

    def setUp(self):
        super().setUp()
        self._top_up(123.45)
        elsewhere = self.setup_other_company(name="Elsewhere")["company"]
        self._make_staff()
        self._top_up(60.0, partner_id=self.stranger.id)
        invoice = self._invoice(80.0)
        of_stranger = self._invoice(10.0, partner_id=self.stranger.id)
        records = {
            "company": self.company,
            "elsewhere": elsewhere,
            "currency": self.currency,
            "euro": self.currency_euro,
            "wallet": self._wallet(),
            "stranger_wallet": self._wallet(self.stranger),
            "foreign_wallet": self.env["customer.wallet"]._find_or_create(
                self.stranger, elsewhere, elsewhere.currency_id
            ),
            "invoice": invoice,
            "invoice_of_stranger": of_stranger,
            "foreign_invoice": self._make_foreign_invoice(elsewhere),
            "draft_invoice": self._invoice(80.0, post=False),
            "credit_note": self._invoice(80.0, move_type="out_refund"),
            "entry": self._wallet().line_ids.move_id,
            "card": self._create_token(partner_id=self.customer.id),
            "card_of_stranger": self._create_token(partner_id=self.stranger.id),
            "statement_file": self._make_statement_file("wallet_owner"),
            "file_of_stranger": self._make_statement_file("wallet_stranger"),
        }
        self.names = {name: record.id for name, record in records.items()}
        self.names["access_token"] = of_stranger._portal_ensure_token()
        self._start_online(invoice)
        # The logins: the stranger's wallet is nobody's here.
        self.logins[OTHER] = self._make_other_customer()

    def _start_online(self, invoice):
        """The owner has come to the wallet, and to the provider of cards."""
        wallet = self.company._find_wallet_provider()
        wallet.write({"state": "enabled", "is_published": True})
        for provider, method, reference in (
            (wallet, wallet.payment_method_ids, "online payment"),
            (self.provider, self.payment_method, "card payment"),
        ):
            self._create_transaction(
                "redirect",
                provider_id=provider.id,
                payment_method_id=method.id,
                reference=reference,
                amount=80.0,
                partner_id=self.customer.id,
                invoice_ids=[Command.set(invoice.ids)],
            )

    def _make_statement_file(self, login):
        user = self.env["res.users"].search([("login", "=", login)])
        file = (
            self.env["customer.wallet.statement.file"]
            .with_user(user)
            ._ask(
                self._wallet(user.commercial_partner_id),
                "csv",
                False,
                fields.Date.today(),
            )
        )
        file._make()
        return file

    def _make_staff(self):
        self.logins = {PUBLIC: None, OWNER: "wallet_owner"}
        for role, groups in GROUPS.items():
            self.logins[role] = f"matrix_{role}"
            new_test_user(
                self.env,
                self.logins[role],
                groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )

    def _make_other_customer(self):
        user = new_test_user(
            self.env,
            "matrix_other",
            "base.group_portal",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        return user.login

    def _make_foreign_invoice(self, company):
        """An invoice of the same customer in a company where it has no wallet."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": company.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create({"name": "Goods", "price_unit": 80.0, "tax_ids": []})
                ],
            }
        )
        move.action_post()
        return move

    # For the rows

    def _fill_in(self, value):
        return value.format(**self.names) if isinstance(value, str) else value

    def visit(self, url, params):
        params = {name: self._fill_in(value) for name, value in params.items()}
        return self.url_open(self._fill_in(url), params=params, timeout=60)

    def send(self, url, data):
        data = {name: self._fill_in(value) for name, value in data.items()}
        data.setdefault("csrf_token", http.Request.csrf_token(self))
        return self.url_open(self._fill_in(url), data=data, timeout=60)

    def start_top_up(self, company, currency, **params):
        url = f"/my/wallet/top_up/{company}/{currency}/transaction"
        values = {
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method_id,
            "amount": 5.0,
            "flow": "redirect",
            "csrf_token": http.Request.csrf_token(self),
            **params,
        }
        if isinstance(values.get("token_id"), str):
            values["token_id"] = int(self._fill_in(values["token_id"]))
        return self.url_open(
            self._fill_in(url),
            data=json.dumps({"jsonrpc": "2.0", "params": values}),
            headers={"Content-Type": "application/json"},
            timeout=60,
        )

    # The cells

    def _get_refusal(self, response):
        """Why a request was refused, or None: an error, the login, or the page that
        says what was wrong.
        """
        if response.status_code >= 400 or "/web/login" in response.url:
            return response.status_code
        if response.headers["Content-Type"].startswith("application/json"):
            return response.json().get("error")
        if 'class="o_wallet_message alert alert-danger' in response.text:
            return "danger"
        return None

    def _ask(self, ask, role):
        """Make a request and take back what it did."""
        self.authenticate(self.logins[role], self.logins[role])
        with self.env.cr.savepoint() as savepoint:
            response = ask(self)
            after = self._snapshot_of_portal()
            self.env.clear()
            savepoint.rollback()
        return response, after

    def _snapshot_of_portal(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, low_balance_threshold FROM customer_wallet ORDER BY id"
        )
        rows = self.env.cr.fetchall()
        self.env.cr.execute("SELECT id, state, amount FROM payment_transaction")
        rows += self.env.cr.fetchall()
        self.env.cr.execute(
            "SELECT wallet_id, state, monthly_limit"
            " FROM customer_wallet_automatic_top_up ORDER BY id"
        )
        rows += self.env.cr.fetchall()
        self.env.cr.execute(
            "SELECT id, active, wallet_monthly_limit FROM payment_token ORDER BY id"
        )
        return [*self._snapshot(), rows, self.env.cr.fetchall()]

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_http")
    def test_who_may_ask_for_what(self):
        before = self._snapshot_of_portal()
        for path, route in self.routes.items():
            for role in ROLES:
                with self.subTest(path, role=role):
                    response, after = self._ask(route.ask, role)
                    refusal = self._get_refusal(response)
                    self.assertEqual(refusal is None, role in route.may, refusal)
                    if refusal:
                        self.assertEqual(after, before)
                    if route.secret:
                        is_told = route.secret in response.text
                        self.assertEqual(is_told, role == OWNER)
            for name, ask in route.forged.items():
                for role in (OWNER, OTHER):
                    with self.subTest(path, role=role, forged=name):
                        response, after = self._ask(ask, role)
                        self.assertTrue(self._get_refusal(response), "not refused")
                        self.assertEqual(after, before)
