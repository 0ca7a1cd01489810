"""Install the addon in the middle of business, upgrade it, leave it, and come back.

The business is Odoo's demo data, and what this lacks: a branch, a second currency,
payments, and open sessions of tills, all made by core alone. The wallets are those of
the addon's demo data and of every call that moves money, but for the portal's. Each
time, all rows of all tables are compared with a copy of what they were, and what the
addon leaves with the database before it had ever been there.
"""

import re
from contextlib import ExitStack

from odoo.service.model import call_kw

from ..locations import ADDON
from ..templates import Templates
from ..trials.making import CREDIT, PAY
from .calls import make_calls
from .differences import find_differences
from .rules import find_broken

# What may differ, as regular expressions of what `find_differences` tells.
DEFINED = r"(ir_(?!attachment|sequence)|orm_|res_groups|mail_template)"
NOTED = r"\S+ changed (write_|last_data_change)"
SIGNALS = r"(bus_bus|ir_cron_trigger|orm_signaling_registry) new"
TOLD_OF_WALLETS = (
    r"mail_message (gone|new) (customer\.wallet|ir\.)",
    r"mail_(mail|mail_res_partner_rel|tracking_value) gone",
)
# Companies and tills get what they need, and the demo data has new invoices.
INSTALLING = (
    r"ir_(act|cron|model|module)\S* changed",
    r"(pos_config|res_company|res_groups|res_partner|res_users) changed write_",
    r"res_partner changed customer_rank",
)
UPGRADING = (
    SIGNALS,
    r"(ir_|res_groups|res_partner)\S* changed write_date",
    r"ir_\S+ changed (arch_prev|sequence|url)",
)
LEAVING = (
    DEFINED,
    *TOLD_OF_WALLETS,
    r"schema gone",
    r"(mail_activity_type|web_tour_tour) gone",
    r"payment_(method|provider) changed",
    r"pos_(config|payment_method) changed (active|last_data_change|write_)",
    r"pos_config_pos_payment_method_rel gone",
    r"ir_attachment new customer_wallet\.json\.gz",
)
# Since before the addon was there, in old entries and in what modules define: what has
# been matched and made since, and what a new installation goes on with.
LEFT = (
    SIGNALS,
    NOTED,
    r"account_move_line changed (amount_residual|full_|matching_|reconciled)",
    r"ir_attachment new (account\.move|customer_wallet|mail\.message|payment\.)",
    r"ir_model_data new __custom__ \S+ customer_wallet_",
    r"ir_module_module changed (demo|description|url)",
    r"ir_sequence (changed number_next|new POS)",
    r"res_groups_users_rel new",
)
# The way to pay online has a new view, and what was held was taken before.
COMING_BACK = (
    DEFINED,
    NOTED,
    *TOLD_OF_WALLETS,
    r"(mail_activity_type|web_tour_tour) (gone|new)",
    r"customer_wallet_(customer_wallet_freeze_rel|hold|request) gone",
    r"customer_wallet_ageing_bucket changed create_date",
    r"payment_provider changed redirect_form_view_id",
    r"pos_payment changed wallet_hold_id",
)
# Messages and the like that are about a model which is gone.
ABOUT_MODELS = """
    SELECT format('SELECT DISTINCT %L || %I FROM %I WHERE %I NOT IN (
                   SELECT model FROM ir_model)',
                  table_name || ' is about ', column_name, table_name, column_name)
      FROM information_schema.columns JOIN information_schema.tables
           USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND column_name IN ('model', 'res_model') AND udt_name = 'varchar'
"""


def leaving(stage):
    business = Templates(stage.odoo, with_demo=True).base()
    with stage.books(business) as books, ExitStack() as stack:
        _Story(stage, stack, books).tell()


class _Story:
    """What happens to one database, with copies of what it was.

    A step that goes wrong ends the story.
    """

    def __init__(self, stage, stack, books):
        self._stage = stage
        self._stack = stack
        self._books = books

    def tell(self):
        for make in (_make_companies, _make_business):
            with self._books.transaction() as env:
                make(self._books, env)
        self._first = self._copy()
        steps = {
            "installing with open tills changes no old row": self._install,
            "tills that were open go on and close": self._sell_on,
            "wallets are what the books say": self._use_wallets,
            "upgrading changes nothing, with wallets at an open till": self._upgrade,
            "leaving keeps the books, and nothing else": self._leave,
            "coming back finds what was left": self._come_back,
        }
        for claim, step in steps.items():
            try:
                step()
            except AssertionError as error:
                self._stage.found(claim, "until it went wrong", error.args)
                return
            (rows,) = self._books.rows("SELECT COUNT(*) FROM account_move_line")
            self._stage.found(claim, f"with {rows['count']:,} journal items")

    def _copy(self):
        return self._stack.enter_context(self._stage.copy(self._books))

    # The steps

    def _install(self):
        self._books.install(ADDON)
        found = find_differences(self._first, self._books)
        _check([it for it in found if " new " not in it], INSTALLING)
        _check(find_broken(self._books))
        with self._books.transaction() as env:
            methods = _find_open(env).config_id.payment_method_ids
            wallets = methods.filtered(lambda it: it.type == "wallet")
            _check([f"an open till offers {it.name}" for it in wallets])

    def _sell_on(self):
        """The sessions that were open during the installation sell and close."""
        with self._books.transaction() as env:
            _sell(self._books, _find_open(env))
        self._close_tills()
        with self._books.transaction() as env:
            for till in env["pos.config"].search([]):
                offered = till.payment_method_ids.mapped("type")
                missing = {"wallet", "pay_later"}.difference(offered)
                _check([f"{till.name} does not offer {it}" for it in missing])
        _check(find_broken(self._books))

    def _use_wallets(self):
        with self._books.transaction() as env:
            for call in make_calls(self._books, env):
                if not call.is_online:
                    model, method, args, kwargs = call.sent
                    call_kw(env[model], method, args, kwargs)
            _use_more(self._books, env)
        _check(find_broken(self._books))

    def _upgrade(self):
        before = self._copy()
        self._books.install(ADDON, "upgrade")
        _check(find_differences(before, self._books), UPGRADING)

    def _leave(self):
        self._close_tills()
        self._closed = self._copy()
        with self._books.transaction() as env:
            env["ir.module.module"]._get(ADDON).button_immediate_uninstall()
        self._books.close()
        _check(find_differences(self._closed, self._books), LEAVING)
        found = find_differences(self._first, self._books)
        kept = rf"schema|ir_|{DEFINED}|account_(move|partial)\S* (changed|gone)"
        _check([it for it in found if re.match(kept, it)], LEFT)
        queries = [query for (query,) in self._books.fetch(ABOUT_MODELS)]
        _check([it for (it,) in self._books.fetch(" UNION ".join(queries))])

    def _come_back(self):
        self._books.install(ADDON)
        _check(find_differences(self._closed, self._books), COMING_BACK)
        _check(find_broken(self._books))

    def _close_tills(self):
        with self._books.transaction() as env:
            for session in _find_open(env):
                self._books.close_till(session)


def _check(found, expected=()):
    """
    :param found: list of strings
    :param expected: regular expressions of those that may be there
    """
    wrong = [it for it in found if not any(re.match(one, it) for one in expected)]
    if wrong:
        raise AssertionError(*wrong)


# The business


def _make_companies(books, env):
    euro = env.ref("base.EUR")
    euro.active = True
    vals = {"currency_id": euro.id, "rate": 0.8, "name": "2020-01-01"}
    env["res.currency.rate"].create(vals)
    for company in env.user.company_ids:
        books.set_up(env, company)
    vals = {"name": "Branch", "parent_id": env.company.id}
    env.user.company_ids |= env["res.company"].create(vals)


def _make_business(books, env):
    euro = env.ref("base.EUR")
    for company in env.user.company_ids:
        there = _in(company)
        for currency in company.currency_id | euro:
            _make_invoices(books, there, currency_id=currency.id)
        tills = there["pos.config"].search([("company_id", "=", company.id)])
        if not (tills or company.parent_id):
            tills = books.open_till(there).config_id
        for till in tills:
            _sell(books, books.open_again(till))


def _in(company):
    ids = [company.id, *(company.env.user.company_ids - company).ids]
    return company.env(context={**company.env.context, "allowed_company_ids": ids})


def _make_invoices(books, env, **vals):
    """One for each of what becomes of invoices, and a payment on account."""
    customer = books.customers(env, 1)
    paid, part, credited, _open = books.invoices(env, [customer] * 4, 90, **vals)
    books.dialog(PAY, paid).action_create_payments()
    books.dialog(PAY, part, amount=30).action_create_payments()
    journal_id = credited.journal_id.id
    books.dialog(CREDIT, credited, journal_id=journal_id).refund_moves()
    credited.reversal_move_ids.action_post()
    books.payments(env, customer, 77, **vals)


def _find_open(env):
    return env["pos.session"].search([("state", "!=", "closed")])


def _sell(books, sessions):
    for session in sessions:
        there = session.with_env(_in(session.company_id))
        customer = books.customers(there.env, 1)
        cash, card = (books.method_of(there, kind) for kind in ("cash", "bank"))
        books.sell(there, customer.browse(), [(cash, 100)])
        books.sell(there, customer, [(cash, 30), (card, 20)])
        books.sell(there, customer, [(card, 80)], to_invoice=True)


def _use_more(books, env):
    """What no call does: other companies and currencies, and what no entry says."""
    customer = books.customers(env, 1)
    euro = {"currency_id": env.ref("base.EUR").id}
    for company in env.user.company_ids:
        there = customer.with_env(_in(company))
        books.top_ups(there.env, there, 300, **euro)
        books.invoices(there.env, there, 110, **euro).action_allocate_wallet(30)
    wallet = customer.wallet_ids.filtered(lambda it: it.company_id == env.company)
    wallet.sudo().write({"overdraft_limit": 600, "low_balance_threshold": 25})
    books.top_ups(env, customer, 900, payment_type="outbound", **euro)
    customer.wallet_auto_allocate = "always"
    env.company.wallet_top_up_amounts = "20 50"
