"""Tables as a workbook that opens well: headers that stay, columns wide enough, ids whole."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from math import ceil
from typing import NamedTuple

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

_MADE = datetime(1980, 1, 1)
"""Nothing of the time of writing, so that the same list gives the same bytes."""
_EXACT = 10**15
"""Whole numbers from here on lose digits in a spreadsheet: they are written as text."""
_WIDEST = 60
_A4 = 9
_LINE = 16
"""Points; not every program finds the height of wrapped rows by itself."""
_LOOKED_AT = 200
"""Rows that the width of a column is taken from."""


class Sheet(NamedTuple):
    """One table of a workbook."""

    title: str
    """At most 31 characters, none of ``[]:*?/\\``; different for each sheet."""
    rows: pd.DataFrame
    """Texts and numbers; column names are the header. Nothing is taken for a formula or link."""


def render_list(rows: pd.DataFrame, title: str) -> bytes:
    """Write a table as a workbook with one sheet, as :func:`render_sheets`."""
    return render_sheets([Sheet(title, rows)])


def render_sheets(sheets: Sequence[Sheet]) -> bytes:
    """Write tables as a workbook, one sheet each.

    Parameters
    ----------
    sheets : sequence of Sheet

    Returns
    -------
    bytes
        An .xlsx file; the same tables give the same bytes.
    """
    out = BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, {"in_memory": True, **plain}) as book:
        book.set_properties({"created": _MADE})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        body = book.add_format({"text_wrap": True, "valign": "top"})
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.title), sheet.rows, head, body)
    return out.getvalue()


def _write_sheet(sheet: Worksheet, rows: pd.DataFrame, head: Format, body: Format) -> None:
    lines = [1] * len(rows)
    for number, name in enumerate(rows.columns):
        values = [_cell(value) for value in rows[name]]
        widths = [_width(str(value)) for value in values]
        wide = min(_WIDEST, 2 + max([_width(name), *widths[:_LOOKED_AT]]))
        lines = [max(n, ceil(width / (wide - 1))) for n, width in zip(lines, widths, strict=True)]
        sheet.set_column(number, number, wide, body)
        sheet.write_string(0, number, name, head)
        sheet.write_column(1, number, values, body)
    for number, count in enumerate(lines, start=1):
        sheet.set_row(number, count * _LINE)
    sheet.freeze_panes(1, 0)
    # printed: as wide as a page lies, the header on each
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(rows), len(rows.columns) - 1)


def _cell(value: object) -> str | int | float:
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, date):  # moments are dates, too
        return f"{value:%Y-%m-%d}"
    return str(value) if abs(value) >= _EXACT else value


def _width(text: str) -> int:
    """Count columns; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
