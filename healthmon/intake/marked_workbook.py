"""A copy of a department's own workbook with the bad cells marked and the reason beside."""

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import openpyxl
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

_BAD = PatternFill("solid", fgColor="FFC7CE")
_BESIDE = PatternFill("solid", fgColor="FFEB9C")
_WIDTH = 48
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"<dcterms:modified[^>]*>[^<]*</dcterms:modified>")


@dataclass(frozen=True)
class Mark:
    """One reason why a row goes back: rows from 1, columns from 0 (none: the whole row)."""

    sheet: str
    row: int
    columns: tuple[int, ...]
    reason: str


def mark_workbook(path: Path, marks: Iterable[Mark], headings: dict[str, tuple[int, str]]) -> bytes:
    """Mark what is wrong in a copy of a workbook.

    Parameters
    ----------
    path : Path
        The workbook as delivered; it is not changed. One in the old format is copied with its
        values alone.
    marks : iterable of Mark
    headings : dict
        Sheet to the row of its headers and the header of the column of reasons.

    Returns
    -------
    bytes
        An .xlsx file; the same workbook and marks give the same bytes.
    """
    book = _copy(path)
    by_sheet: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_sheet[mark.sheet].append(mark)
    for name, found in by_sheet.items():
        _mark_sheet(book[name], found, *headings[name])
    book.active = book.sheetnames.index(next(iter(by_sheet)))
    written = BytesIO()
    book.save(written)
    return _without_times(written.getvalue())


def _copy(path: Path) -> openpyxl.Workbook:
    data = path.read_bytes()
    if data.startswith(b"PK"):
        return openpyxl.load_workbook(BytesIO(data))
    delivered = CalamineWorkbook.from_filelike(BytesIO(data))
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in delivered.sheet_names:
        sheet = book.create_sheet(name)
        for row in delivered.get_sheet_by_name(name).to_python(skip_empty_area=False):
            sheet.append([None if cell == "" else cell for cell in row])
    return book


def _mark_sheet(sheet: Worksheet, marks: list[Mark], header_row: int, heading: str) -> None:
    last = sheet.max_column + 1
    title = sheet.cell(header_row, last, heading)
    title.font, title.fill = Font(bold=True), _BESIDE
    sheet.column_dimensions[title.column_letter].width = _WIDTH
    reasons: dict[int, list[str]] = defaultdict(list)
    for mark in marks:
        reasons[mark.row].append(mark.reason)
        for column in mark.columns:
            _mark_cell(sheet, mark.row, column + 1, mark.reason)
    for row, said in reasons.items():
        cell = sheet.cell(row, last, "；".join(dict.fromkeys(said)))
        cell.fill, cell.alignment = _BESIDE, Alignment(wrap_text=True, vertical="top")


def _mark_cell(sheet: Worksheet, row: int, column: int, reason: str) -> None:
    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        # the reason still stands at the end of the row
        return
    cell.fill = _BAD
    before = f"{cell.comment.text}\n" if cell.comment else ""
    cell.comment = Comment(before + reason, "healthmon", height=60, width=240)


def _without_times(data: bytes) -> bytes:
    """Take the time of writing out of a workbook."""
    clean = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as archive,
        zipfile.ZipFile(clean, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in archive.namelist():
            content = archive.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(b"", content)
            target.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), content, zipfile.ZIP_DEFLATED)
    return clean.getvalue()
