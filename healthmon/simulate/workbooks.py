"""Excel workbooks: sheets of many months in few arrays, written by worker processes."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import xlsxwriter

CREATED = datetime(2020, 1, 1)
"""Stamped into every workbook, so that the same seed gives the same bytes."""
BLANK = -1


@dataclass(frozen=True)
class Cells:
    """One column of a sheet, for one month or for all.

    ``values`` is one-dimensional (the same every month) or months down, rows across. With
    ``words`` the values are places in that list, without them texts or numbers. With ``divisor``
    they are divided by it. BLANK leaves the cell empty.
    """

    values: np.ndarray
    words: tuple[str, ...] | None = None
    divisor: int | None = None

    def list_month(self, month: int, rows: np.ndarray) -> list:
        """Return the cells of some rows in one month as Python values, None where empty."""
        values = self.values if self.values.ndim == 1 else self.values[month]
        values = values[rows]
        if values.dtype == object:
            return values.tolist()
        if self.words is not None:
            return np.array([*self.words, None], object)[values].tolist()
        numbers = values / self.divisor if self.divisor else values
        return [None if v == BLANK else n for v, n in zip(values, numbers.tolist(), strict=True)]


@dataclass(frozen=True)
class Sheet:
    """A sheet over all months; ``present`` (months down, rows across) says who is on it."""

    name: str
    headers: tuple[str, ...]
    columns: tuple[Cells, ...]
    present: np.ndarray

    def rows_of(self, month: int) -> np.ndarray:
        """Return the rows that stand on the sheet in a month."""
        return np.flatnonzero(self.present[month])


@dataclass(frozen=True)
class Planted:
    """An error to be written: a text in a cell, or (column None) a row written twice."""

    sheet: str
    row: int
    column: int | None
    text: str | float | None


@dataclass(frozen=True)
class Workbook:
    """A file to be written: the month's rows of some sheets."""

    path: Path
    month: int
    planted: tuple[Planted, ...] = ()


@dataclass(frozen=True)
class Job:
    """The workbooks of one place over all months."""

    sheets: tuple[Sheet, ...]
    workbooks: tuple[Workbook, ...] = field(default=())


def write_job(job: Job) -> int:
    """Write all workbooks of a job; return how many rows they hold."""
    count = 0
    empty: bytes | None = None
    for workbook in job.workbooks:
        rows = [sheet.rows_of(workbook.month) for sheet in job.sheets]
        if empty is not None and not any(map(len, rows)):
            workbook.path.write_bytes(empty)
            continue
        count += _write(workbook, job.sheets, rows)
        if not any(map(len, rows)):
            empty = workbook.path.read_bytes()
    return count


def _write(workbook: Workbook, sheets: tuple[Sheet, ...], rows: list[np.ndarray]) -> int:
    file = xlsxwriter.Workbook(workbook.path, {"in_memory": True})
    file.set_properties({"created": CREATED})
    count = 0
    for sheet, present in zip(sheets, rows, strict=True):
        columns = [cells.list_month(workbook.month, present) for cells in sheet.columns]
        planted = [one for one in workbook.planted if one.sheet == sheet.name]
        for one in planted:
            _plant(columns, one)
        count += len(columns[0])
        _fill(file.add_worksheet(sheet.name), sheet.headers, columns)
    file.close()
    return count


def _plant(columns: list[list], planted: Planted) -> None:
    if planted.column is None:
        for column in columns:
            column.append(column[planted.row])
    else:
        columns[planted.column][planted.row] = planted.text


def _fill(sheet: object, headers: tuple[str, ...], columns: list[list]) -> None:
    for place, header in enumerate(headers):
        sheet.write_string(0, place, header)
    for place, column in enumerate(columns):
        text = next((value for value in column if value is not None), "")
        write = sheet.write_string if isinstance(text, str) else sheet.write_number
        for row, value in enumerate(column, 1):
            if value is None:
                continue
            if isinstance(value, str) != isinstance(text, str):
                sheet.write(row, place, value)
            else:
                write(row, place, value)
