"""Files that people import, read as a table of texts with the numbers of its lines."""

import csv
import io
from datetime import date, datetime

import chardet
import openpyxl

SEPARATORS = ",;\t|"
# How a spreadsheet begins, which is a ZIP file.
ZIP_MARK = b"PK\x03\x04"


def read_table(content):
    """Read a CSV or XLSX file.

    :param bytes content: of the file
    :return: list of (int number of the line, list of str), without the empty ones
    :raises ValueError: it is neither
    """
    is_xlsx = content.startswith(ZIP_MARK)
    try:
        rows = list(_read_xlsx(content) if is_xlsx else _read_csv(content))
    except Exception as error:
        # A file that was made by hand, or damaged, can fail anywhere.
        raise ValueError(str(error)) from error
    return [
        (number, cells)
        for number, cells in (
            (number, [_get_text(cell) for cell in row]) for number, row in rows
        )
        if any(cells)
    ]


def _read_xlsx(content):
    """A formula whose value no program has written down is read as it is."""
    values, formulas = (
        _get_sheet(content, data_only=only_values) for only_values in (True, False)
    )
    for number, rows in enumerate(zip(values, formulas, strict=True), start=1):
        pairs = zip(*rows, strict=True)
        yield number, [formula if value is None else value for value, formula in pairs]


def _get_sheet(content, data_only):
    book = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=data_only
    )
    # What a file says of its size need not be true.
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    return sheet.iter_rows(values_only=True)


def _read_csv(content):
    text = _decode(content)
    first = text.lstrip().split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    # A cell may have several lines.
    return [(reader.line_num, row) for row in reader]


def _decode(content):
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(chardet.detect(content)["encoding"] or "latin-1")


def _get_text(cell):
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()
