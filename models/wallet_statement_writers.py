"""Statements as tables: they are written row by row, however long they are."""

import csv
import io
from datetime import date
from typing import NamedTuple

import xlsxwriter

# What a spreadsheet would run instead of showing it.
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")


class Money(NamedTuple):
    amount: float
    decimal_places: int


class CsvWriter:
    """With a mark of its encoding, without which Excel does not read Arabic."""

    mimetype = "text/csv;charset=utf-8"

    def __init__(self, headings, is_rtl=False):
        self._output = io.BytesIO()
        self._text = io.TextIOWrapper(self._output, "utf-8-sig", newline="")
        self._csv = csv.writer(self._text)
        self.add_row(headings)

    def add_row(self, cells):
        """
        :param cells: list of str, date, `Money`, or what is false for none
        """
        self._csv.writerow([self._get_text(cell) for cell in cells])

    def _get_text(self, cell):
        if isinstance(cell, Money):
            return f"{cell.amount:.{cell.decimal_places}f}"
        if isinstance(cell, date):
            return cell.isoformat()
        cell = cell or ""
        return f"'{cell}" if cell.startswith(FORMULA_MARKS) else cell

    def close(self):
        """
        :return: bytes, the file
        """
        self._text.flush()
        return self._output.getvalue()


class XlsxWriter:
    """Each row goes to a file on the disk before the next one is written. What does
    not fit on a sheet goes on the next one.
    """

    mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    _width = 18

    def __init__(self, headings, is_rtl=False):
        self._headings = headings
        self._is_rtl = is_rtl
        self._output = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._output, {"constant_memory": True})
        self._bold = self._book.add_format({"bold": True})
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._money = {}
        self._add_sheet()

    def _add_sheet(self):
        self._sheet = self._book.add_worksheet()
        self._sheet.set_column(0, len(self._headings) - 1, self._width)
        self._sheet.freeze_panes(1, 0)
        if self._is_rtl:
            self._sheet.right_to_left()
        for column, heading in enumerate(self._headings):
            self._sheet.write_string(0, column, heading, self._bold)
        self._row = 0

    def add_row(self, cells):
        """
        :param cells: list of str, date, `Money`, or what is false for none
        """
        self._row += 1
        if self._row >= self._sheet.xls_rowmax:
            self._add_sheet()
            self._row = 1
        for column, cell in enumerate(cells):
            self._write_cell(self._row, column, cell)

    def _write_cell(self, row, column, cell):
        if isinstance(cell, Money):
            self._sheet.write_number(row, column, cell.amount, self._get_format(cell))
        elif isinstance(cell, date):
            self._sheet.write_datetime(row, column, cell, self._date)
        elif cell:
            # As a string, whatever it begins with.
            self._sheet.write_string(row, column, cell)

    def _get_format(self, money):
        digits = money.decimal_places
        if digits not in self._money:
            decimals = f".{digits * '0'}" if digits else ""
            self._money[digits] = self._book.add_format(
                {"num_format": f"#,##0{decimals}"}
            )
        return self._money[digits]

    def close(self):
        """
        :return: bytes, the file
        """
        self._book.close()
        return self._output.getvalue()


WRITERS = {"xlsx": XlsxWriter, "csv": CsvWriter}
