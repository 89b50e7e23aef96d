"""Files as departments save them, written with libraries that only write."""

import csv
import datetime
import gzip
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from blind_case import (
    ENCODINGS,
    FOLDERS,
    MONTH,
    Cell,
    Delivery,
    Formula,
    NotRunError,
    Sheet,
    file_name,
)

STAMP = datetime.datetime(2022, 7, 1)


def deliver(
    sheet: Sheet, content: bytes, name: str = "", month: str = MONTH, **said: Any
) -> Delivery:
    """Lay one file with one table where the list of exports has it, or under another name."""
    return Delivery(
        name or file_name(sheet.table, month),
        content,
        (sheet,),
        FOLDERS[sheet.table],
        month,
        **said,
    )


def send_csv(
    sheet: Sheet, name: str = "", month: str = MONTH, encoding: str = "", **said: Any
) -> Delivery:
    """Send a table as CSV in the encoding of the list of exports, or in another."""
    chosen = encoding or ENCODINGS.get(sheet.table, "utf-8-sig")
    name = name or file_name(sheet.table, month).replace(".xlsx", ".csv")
    return deliver(sheet, csv_text(sheet).encode(chosen), name, month, **said)


def send_book(
    sheets: Sheet | Sequence[Sheet], name: str = "", month: str = MONTH, **said: Any
) -> Delivery:
    """Send tables as one .xlsx workbook."""
    sheets = (sheets,) if isinstance(sheets, Sheet) else tuple(sheets)
    name = name or file_name(sheets[0].table, month).replace(".csv", ".xlsx")
    sent = deliver(sheets[0], xlsx_bytes(sheets), name, month, **said)
    return replace(sent, sheets=sheets)


def csv_text(sheet: Sheet, separator: str = ",", newline: str = "\r\n") -> str:
    """Return a table as text; None is empty."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=newline)
    writer.writerows(
        ["" if cell is None else _as_text(cell) for cell in row] for row in sheet.rows()
    )
    return out.getvalue()


def _as_text(cell: Any) -> str:
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell)


def gz_bytes(content: bytes) -> bytes:
    """Return compressed bytes without a time stamp."""
    return gzip.compress(content, mtime=0)


def parquet_bytes(sheet: Sheet, kinds: dict[str, pa.DataType] | None = None) -> bytes:
    """Return a table as Parquet: all text, but for the columns whose type is given."""
    kinds = kinds or {}
    rows = sheet.rows()
    columns = {
        header: pa.array(
            [
                row[at] if header in kinds or row[at] is None else _as_text(row[at])
                for row in rows[1:]
            ],
            kinds.get(header, pa.string()),
        )
        for at, header in enumerate(sheet.columns)
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def xlsx_bytes(sheets: Sequence[Sheet], date_1904: bool = False) -> bytes:
    """Return tables as one workbook."""
    out = io.BytesIO()
    options = {"in_memory": True, "date_1904": date_1904, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": STAMP})
        for sheet in sheets:
            _write_sheet(book, sheet)
    return out.getvalue()


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.sheet_name)
    for at, row in enumerate(sheet.rows()):
        for column, cell in enumerate(row):
            if cell is not None:
                _write_cell(book, page, at, column, cell)
    for at in sheet.hidden_rows:
        page.set_row(at - 1, None, None, {"hidden": True})
    _merge(book, page, sheet)


def _write_cell(book: xlsxwriter.Workbook, page: Any, row: int, column: int, cell: Any) -> None:
    if isinstance(cell, Formula):
        page.write_formula(row, column, cell.text, None, cell.result)
    elif isinstance(cell, Cell):
        style = book.add_format({"num_format": cell.number_format})
        page.write(row, column, cell.value, style)
    elif isinstance(cell, datetime.date):
        style = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_datetime(row, column, cell, style)
    elif isinstance(cell, str):
        page.write_string(row, column, cell)
    else:
        page.write(row, column, cell)


def _merge(book: xlsxwriter.Workbook, page: Any, sheet: Sheet) -> None:
    style = book.add_format({"align": "center"})
    top = len(sheet.above)
    for at, row in enumerate(sheet.above):
        if len(row) == 1 and len(sheet.columns) > 1:
            last = sheet.left + len(sheet.columns) - 1
            page.merge_range(at, sheet.left, at, last, row[0], style)
    banded = {c for first, last, *_ in sheet.band for c in range(first, last + 1)}
    for first, last, text, _ in sheet.band:
        if last > first:
            page.merge_range(top, sheet.left + first, top, sheet.left + last, text, style)
    for at, header in enumerate(sheet.columns):
        if sheet.band and at not in banded:
            page.merge_range(top, sheet.left + at, top + 1, sheet.left + at, header, style)
    for header, first, last in sheet.merged_down:
        at = sheet.left + sheet.columns.index(header)
        start = sheet.first_row - 1
        value = sheet.lines[first].cells[header]
        page.merge_range(start + first, at, start + last, at, value, style)


def xls_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Return tables as an Excel 97-2003 workbook.

    Raises
    ------
    NotRunError
        Where the package xlwt is not installed.
    """
    try:
        import xlwt
    except ImportError as missing:
        raise NotRunError("xlwt is not installed") from missing
    book = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for sheet in sheets:
        page = book.add_sheet(sheet.sheet_name)
        for at, row in enumerate(sheet.rows()):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime.date):
                    page.write(at, column, cell, day)
                elif cell is not None:
                    page.write(at, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def encrypted(content: bytes, password: str = "qinghai") -> bytes:
    """Return a workbook locked with a password, as Excel locks it.

    Raises
    ------
    NotRunError
        Where the package msoffcrypto-tool is not installed.
    """
    try:
        from msoffcrypto.format.ooxml import OOXMLFile
    except ImportError as missing:
        raise NotRunError("msoffcrypto-tool is not installed") from missing
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


def html_table(sheet: Sheet) -> str:
    """Return a table as the HTML that web systems save under the name .xls."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{'' if c is None else _as_text(c)}</td>" for c in row) + "</tr>"
        for row in sheet.rows()
    )
    head = '<head><meta charset="utf-8"></head>'
    return f'<html>{head}<body><table border="1">{rows}</table></body></html>'
