import json
from contextlib import contextmanager
from importlib import import_module
from inspect import getmembers

from odoo.tests import TransactionCase, tagged

from odoo.addons.account.models.ir_module import (
    template_class,
    template_function,
    template_module,
)

from ..models.wallet_account_numbers import ACCOUNT_NUMBERS

LIABILITIES = ("wallet_account_id", "wallet_bonus_account_id")
ACCOUNTS = (*LIABILITIES, "wallet_promotion_account_id")
# Its code names the accounts of the generic chart anew.
WITHOUT_DATA = {"ng"}


@tagged("post_install", "-at_install")
class TestChartsOfAccounts(TransactionCase):
    """In each chart that Odoo has, the accounts of wallets stand where an accountant
    of the country looks for them, and get nothing from their neighbours.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.charts = cls.env["account.chart.template"].with_context(lang="en_US")
        cls.mapping = cls.charts._get_chart_template_mapping(get_all=True)
        # Reading all modules again for each chart takes minutes.
        cls.classPatch(
            cls.registry["account.chart.template"],
            "_get_chart_template_mapping",
            lambda self, get_all=False: {
                code: chart
                for code, chart in cls.mapping.items()
                if get_all or chart["visible"]
            },
        )
        cls.company = cls.env["res.company"].create({"name": "One chart after another"})

    def _get_digits(self):
        """How long the numbers of each chart are, as its module says."""
        digits = {}
        for module in {chart["module"] for chart in self.mapping.values()}:
            models = import_module(f"odoo.addons.{module}.models")
            for __, file in getmembers(models, template_module):
                for __, model in getmembers(file, template_class):
                    for __, function in getmembers(model, template_function):
                        values = function(self.charts) or {}
                        code = function._l10n_template[0]
                        digits[code] = int(values.get("code_digits") or 6)
        return digits

    def _read(self, template, model):
        """The data of a chart, with that of the charts it builds on."""
        data = {}
        for code in self.charts._get_parent_template(template)[::-1]:
            module = self.mapping[code]["module"]
            for xmlid, vals in self.charts._parse_csv(code, model, module).items():
                data.setdefault(xmlid, {}).update(vals)
        return list(data.values())

    @contextmanager
    def _books(self, template, numbers):
        """The company with the numbers and groups of a chart for a while, each account
        with a tag that none of ours should get: most charts have a module of their own,
        which is not installed here.
        """
        with self.env.cr.savepoint() as savepoint:
            self._fill(self.company, template, numbers)
            for name in ACCOUNTS:
                self.company[name] = self.company.with_company(
                    self.company
                )._create_wallet_record(name)
            yield self.company.with_company(self.company)
            self.env.flush_all()
            self.env.invalidate_all()
            savepoint.rollback()

    def _fill(self, company, template, numbers):
        self.env.flush_all()
        self.env.cr.execute(
            """
            WITH account AS (
                INSERT INTO account_account (name, account_type, code_store, active)
                SELECT jsonb_build_object('en_US', number), account_type,
                       jsonb_build_object(%(company)s::text, number), TRUE
                  FROM json_each_text(%(numbers)s) AS chart (number, account_type)
             RETURNING id
            ), belongs AS (
                INSERT INTO account_account_res_company_rel
                SELECT id, %(company)s FROM account
            )
            INSERT INTO account_account_account_tag SELECT id, %(tag)s FROM account
            """,
            {
                "company": company.id,
                "numbers": json.dumps(numbers),
                "tag": self.env.ref("account.account_tag_operating").id,
            },
        )
        self.env.cr.execute(
            """
            INSERT INTO account_group
                        (name, code_prefix_start, code_prefix_end, company_id)
            SELECT jsonb_build_object('en_US', name), code_prefix_start,
                   COALESCE(code_prefix_end, code_prefix_start), %s
              FROM json_to_recordset(%s) AS chart (
                   name text, code_prefix_start text, code_prefix_end text)
            """,
            [company.id, json.dumps(self._read(template, "account.group"))],
        )
        self.env.cr.execute(
            "UPDATE res_company SET chart_template = %s WHERE id = %s",
            [template, company.id],
        )
        self.env.invalidate_all()

    def assertAccounts(self, company):
        """What is right in any chart."""
        wallet, bonus, promotion = (company[name] for name in ACCOUNTS)
        self.assertNotEqual(wallet, bonus)
        for account in wallet | bonus:
            self.assertEqual(account.account_type, "liability_current")
            self.assertFalse(account.reconcile)
            self.assertFalse(account.currency_id)
        self.assertEqual(promotion.account_type, "expense")
        for account in wallet | bonus | promotion:
            self.assertFalse(account.tag_ids)
            self.assertFalse(account.tax_ids)
            self.assertNotIn("copy", account.code)
        # What takes the first expense account takes the one that it always took.
        expenses = self.env["account.account"].with_company(company)
        expenses = expenses.search(
            [
                *expenses._check_company_domain(company),
                ("account_type", "=", "expense"),
            ],
            order="code",
        )
        self.assertNotEqual(expenses[0], promotion)

    def assertBeside(self, account, start, numbers):
        """An account follows the one that its chart has there, in the same group."""
        neighbours = sorted(number for number in numbers if number.startswith(start))
        if not neighbours:
            self.assertEqual(account.code[: len(start) - 1], start[:-1])
            return
        neighbour = account.search(
            [
                *account._check_company_domain(account.company_ids),
                ("code", "=", neighbours[0]),
            ]
        )
        self.assertEqual(len(account.code), len(neighbour.code))
        # Tens at most are between them.
        self.assertEqual(account.code[:-2], neighbour.code[:-2])
        self.assertGreater(account.code, neighbour.code)
        self.assertEqual(account.group_id, neighbour.group_id)

    def test_each_chart_of_the_source(self):
        digits = self._get_digits()
        done, without_data, used = set(), set(), set()
        for template, chart in self.mapping.items():
            if not chart["visible"]:
                continue
            chain = self.charts._get_parent_template(template)
            table = next((code for code in chain if code in ACCOUNT_NUMBERS), None)
            self.assertTrue(table, f"{template} has no accounts in the table")
            used.add(table)
            length = next(digits[code] for code in chain if code in digits)
            numbers = {
                f"{vals['code']:<0{length}}": vals["account_type"]
                for vals in self._read(template, "account.account")
            }
            if not numbers:
                without_data.add(template)
                continue
            key = (table, *sorted(numbers))
            if key in done:
                continue
            done.add(key)
            starts = ACCOUNT_NUMBERS[table]
            with self.subTest(template), self._books(template, numbers) as company:
                self.assertAccounts(company)
                for name, start in zip(ACCOUNTS, (starts[0], *starts), strict=True):
                    self.assertBeside(company[name], start, numbers)
        self.assertEqual(without_data, WITHOUT_DATA)
        self.assertEqual(used, set(ACCOUNT_NUMBERS))

    def test_each_chart_that_is_installed(self):
        for template, chart in self.mapping.items():
            if not chart["visible"] or not chart["installed"]:
                continue
            with self.subTest(template):
                company = self.env["res.company"].create({"name": template})
                self.charts.try_loading(template, company=company, install_demo=False)
                self.assertAccounts(company.with_company(company))

    def test_a_chart_that_nobody_knows(self):
        """Beside the last of their type: bonds, suppliers and taxes come before."""
        numbers = {"2001": "liability_current", "2900": "liability_current"}
        numbers |= {"6000": "expense", "6900": "expense"}
        with self._books(None, numbers) as company:
            codes = [company[name].code for name in ACCOUNTS]
        self.assertEqual(codes, ["2901", "2902", "6901"])
