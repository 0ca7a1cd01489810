"""Files that people import, read as a table of texts with the numbers of its lines."""

import csv
import io
import zipfile
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
    rows = _read_xlsx(content) if content.startswith(ZIP_MARK) else _read_csv(content)
    return [
        (number, cells)
        for number, cells in (
            (number, [_get_text(cell) for cell in row]) for number, row in rows
        )
        if any(cells)
    ]


def _read_xlsx(content):
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True
        )
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise ValueError(str(error)) from error
    # What a file says of its size need not be true.
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    return enumerate(sheet.iter_rows(values_only=True), start=1)


def _read_csv(content):
    text = _decode(content)
    first = text.lstrip().split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        # A cell may have several lines.
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _decode(content):
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = chardet.detect(content)["encoding"] or "latin-1"
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


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
