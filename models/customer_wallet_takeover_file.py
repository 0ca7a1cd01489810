"""Balances in a file: which customer each line is about, and how much it says."""

import binascii
import json
import re
from base64 import b64decode, b64encode

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from .wallet_amounts import read_amount
from .wallet_import_readers import read_table
from .wallet_statement_writers import XlsxWriter

GROUPED = re.compile(r"\d{1,3}(\.\d{3})+")
# By which column a customer is found: the first one that a line has.
CUSTOMER_COLUMNS = ("external_id", "id", "customer_reference", "email", "vat", "name")
# How many of those columns of res.partner are spelled.
PARTNER_FIELDS = {
    "customer_reference": "ref",
    "email": "email_normalized",
    "vat": "vat",
    "name": "name",
}


class CustomerWalletTakeover(models.Model):
    _inherit = "customer.wallet.takeover"

    def _get_columns(self):
        """The columns of a file, as the user reads them.

        :return: dict of str by name of the column
        """
        return {
            "external_id": self.env._("External ID"),
            "id": self.env._("Database ID"),
            "customer_reference": self.env._("Customer Reference"),
            "email": self.env._("Email"),
            "vat": self.env._("Tax ID"),
            "name": self.env._("Name"),
            "amount": self.env._("Amount"),
            "bonus": self.env._("Bonus"),
            "expiry_date": self.env._("Bonus Valid Until"),
            "currency": self.env._("Currency"),
            "reference": self.env._("Reference"),
        }

    def _make_template(self):
        """
        :return: str in base64, an empty file
        """
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        writer = XlsxWriter(
            list(self._get_columns().values()), is_rtl=lang.direction == "rtl"
        )
        return b64encode(writer.close())

    def _check_file_settings(self):
        self._check_account()
        if not self.file:
            raise UserError(self.env._("Choose a file: CSV, or Excel (XLSX)."))

    def _read_file_rows(self):
        """
        :raises UserError: it is no file that can be read, or columns are missing
        """
        table = self._read_table()
        columns = self._map_columns(table[0][1] if table else [])
        cells = [
            {
                "number": number,
                **{
                    name: row[index] if index < len(row) else ""
                    for name, index in columns.items()
                },
            }
            for number, row in table[1:]
        ]
        partners = self._find_customers(cells)
        currencies = {it.name: it for it in self.env["res.currency"].search([])}
        rows = [self._prepare_file_row(row, partners, currencies) for row in cells]
        # What the file does not speak of stays as it is.
        kept = [
            kind
            for kind, column in (("paid", "amount"), ("bonus", "bonus"))
            if column not in columns
        ]
        return [{**row, "kept": kept} for row in rows]

    def _read_table(self):
        try:
            return read_table(b64decode(self.with_context(bin_size=False).file))
        except (ValueError, binascii.Error) as error:
            raise UserError(
                self.env._(
                    "This file cannot be read. Save it as CSV or Excel (XLSX), or "
                    "begin with the template."
                )
            ) from error

    def _map_columns(self, headings):
        """
        :return: dict of int, the place of a column in the file, by its name
        :raises UserError: a column that is needed is missing, or there twice
        """
        labels = self._get_columns()
        known = {name: name for name in labels}
        for names in (labels, self.with_context(lang=None)._get_columns()):
            known |= {label.lower(): name for name, label in names.items()}
        columns = {}
        for index, heading in enumerate(headings):
            name = known.get(heading.lower())
            if name in columns:
                raise UserError(self.env._("The column %s is there twice.", heading))
            if name:
                columns[name] = index
        if not columns.keys() & {"amount", "bonus"}:
            raise UserError(
                self.env._(
                    "The first line of the file must name its columns, one of them "
                    "%(amount)s or %(bonus)s. Begin with the template.",
                    amount=labels["amount"],
                    bonus=labels["bonus"],
                )
            )
        if not columns.keys() & set(CUSTOMER_COLUMNS):
            raise UserError(
                self.env._(
                    "No column of the file says which customer it is. Use one of: %s.",
                    ", ".join(labels[name] for name in CUSTOMER_COLUMNS),
                )
            )
        return columns

    # Customers

    def _find_customers(self, cells):
        """All customers of the file, looked up column by column.

        :param list cells: of dict, the lines of the file
        :return: dict by (column, text) of set of ids of commercial partners
        """
        wanted = {name: set() for name in CUSTOMER_COLUMNS}
        for row in cells:
            if name := self._get_customer_column(row):
                wanted[name].add(self._normalize(name, row[name]))
        found = {}
        for name, texts in wanted.items():
            texts.discard("")
            for text, partner in self._search_customers(name, texts):
                owner = partner.commercial_partner_id
                found.setdefault((name, text), set()).add(owner.id)
        return found

    def _get_customer_column(self, row):
        return next((name for name in CUSTOMER_COLUMNS if row.get(name)), False)

    def _normalize(self, name, text):
        if name == "email":
            return email_normalize(text) or text.lower()
        if name == "id" and text.isdecimal():
            return str(int(text))
        return text

    def _search_customers(self, name, texts):
        """
        :param str name: of the column
        :param set texts: what the file has there
        :return: list of (str, res.partner)
        """
        if not texts:
            return []
        if name == "external_id":
            return self._search_external_ids(texts)
        Partner = self._in_company().env["res.partner"]
        if name == "id":
            by_id = {int(text): text for text in texts if text.isdecimal()}
            small = [number for number in by_id if number < 2**31]
            partners = Partner.with_context(active_test=False).search(
                [("id", "in", small)]
            )
            return [(by_id[partner.id], partner) for partner in partners]
        fname = PARTNER_FIELDS[name]
        partners = Partner.search_fetch(
            [(fname, "in", list(texts))], [fname, "commercial_partner_id"]
        )
        return [(partner[fname], partner) for partner in partners]

    def _search_external_ids(self, texts):
        pairs = {tuple(text.split(".", 1)): text for text in texts if "." in text}
        data = (
            self.env["ir.model.data"]
            .sudo()
            .search_fetch(
                [
                    ("model", "=", "res.partner"),
                    ("name", "in", [name for _module, name in pairs]),
                ],
                ["module", "name", "res_id"],
            )
        )
        data = data.filtered(lambda it: (it.module, it.name) in pairs)
        Partner = self._in_company().env["res.partner"].with_context(active_test=False)
        partners = Partner.search([("id", "in", data.mapped("res_id"))])
        return [
            (pairs[it.module, it.name], partners.browse(it.res_id))
            for it in data
            if it.res_id in partners._ids
        ]

    # Lines

    def _prepare_file_row(self, cells, partners, currencies):
        """
        :param dict cells: texts by name of the column, and `number`
        :return: dict, see `_make_lines`
        """
        column = self._get_customer_column(cells)
        row = {
            "number": cells["number"],
            "name": cells.get(column),
            "partner_id": False,
            "currency_id": self.company_id.currency_id.id,
            "paid": 0.0,
            "bonus": 0.0,
            "expiry_date": False,
        }
        try:
            row["partner_id"] = self._read_customer(column, cells, partners)
            currency = self._read_currency(cells, currencies)
            row["currency_id"] = currency.id
            row["key"] = self._get_file_key(cells, row)
            for name, column in (("paid", "amount"), ("bonus", "bonus")):
                row[name] = self._read_cell_amount(cells, column, currency)
            row["expiry_date"] = self._read_cell_date(cells)
        except UserError as error:
            row["problem"] = self.env._(
                "Line %(number)s: %(problem)s",
                number=cells["number"],
                problem=str(error),
            )
        return row

    def _get_file_key(self, cells, row):
        """What is the same balance when a file comes again: its reference, or else the
        customer's.
        """
        reference = cells.get("reference")
        where = self.company_id.root_id.id, self.name.strip(), row["currency_id"]
        return json.dumps(
            ["reference", *where, reference] if reference else ["customer", *where]
        )

    def _read_customer(self, column, cells, partners):
        if not column:
            raise UserError(self.env._("It names no customer."))
        text = cells[column]
        ids = partners.get((column, self._normalize(column, text)), set())
        labels = self._get_columns()
        if not ids:
            raise UserError(
                self.env._(
                    "There is no customer whose %(column)s is %(text)s.",
                    column=labels[column],
                    text=text,
                )
            )
        if len(ids) > 1:
            raise UserError(
                self.env._(
                    "There are %(count)s customers whose %(column)s is %(text)s. Use "
                    "another column, such as %(other)s.",
                    count=len(ids),
                    column=labels[column],
                    text=text,
                    other=labels["customer_reference"],
                )
            )
        return next(iter(ids))

    def _read_currency(self, cells, currencies):
        text = cells.get("currency")
        if not text:
            return self.company_id.currency_id
        if text.upper() not in currencies:
            raise UserError(
                self.env._(
                    "%s is not an active currency. Use a code such as EUR, and "
                    "activate it in the settings.",
                    text,
                )
            )
        return currencies[text.upper()]

    def _read_cell_amount(self, cells, column, currency):
        text = cells.get(column)
        if not text:
            return 0.0
        try:
            if self._has_thousands(text, currency):
                raise UserError(self.env._("Enter a valid amount."))
            return read_amount(self.env, text, currency, zero=True, text=True)
        except UserError as error:
            example = currency.round(1234.5)
            raise UserError(
                self.env._(
                    "%(column)s cannot be %(text)s. Write a number such as "
                    "%(example)s, "
                    "not below zero, without separators of thousands, and with no more "
                    "decimals than %(currency)s has.",
                    column=self._get_columns()[column],
                    text=text,
                    example=f"{example:.{currency.decimal_places}f}",
                    currency=currency.name,
                )
            ) from error

    def _has_thousands(self, text, currency):
        """Whether a number may have been meant a thousand times as large."""
        groups = 3  # digits
        is_grouped = currency.decimal_places < groups and GROUPED.fullmatch(text)
        return "_" in text or bool(is_grouped)

    def _read_cell_date(self, cells):
        text = cells.get("expiry_date")
        if not text:
            return False
        try:
            return fields.Date.to_date(text)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "%(column)s cannot be %(text)s. Write a date such as 2027-12-31.",
                    column=self._get_columns()["expiry_date"],
                    text=text,
                )
            ) from error
