"""CSV files: tables of all months whose columns are made slice by slice while writing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from healthmon.simulate.months import NEVER

Column = Callable[[np.ndarray], pa.Array]
"""Makes the cells of some rows."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Table:
    """Rows in the order in which they are written: by month, then place.

    ``month``: place of the month delivered in. ``place``: number of the prefecture, or None for a
    table of the whole province. ``household``: whose row it is, -1 for nobody on the register.
    """

    name: str
    headers: tuple[str, ...]
    columns: tuple[Column, ...]
    month: np.ndarray
    household: np.ndarray
    place: np.ndarray | None = None
    encoding: str = "utf-8-sig"

    def rows_of(self, month: int, place: int | None = None) -> np.ndarray:
        """Return the rows of one file."""
        first, last = np.searchsorted(self.month, [month, month + 1])
        if place is not None:
            inside = self.place[first:last]
            first, last = first + np.searchsorted(inside, [place, place + 1])
        return np.arange(first, last)


@dataclass(frozen=True)
class Planted:
    """An error to be written: a text in a cell, or (column None) a row written twice."""

    row: int
    column: int | None
    text: str | None


def write_table(path: Path, table: Table, rows: np.ndarray, planted: list[Planted]) -> int:
    """Write one file; return its number of rows.

    Parameters
    ----------
    rows : array of int
        Rows of the table.
    planted : list of Planted
        Errors, their rows counted from 0 within the file.
    """
    twice = [one.row for one in planted if one.column is None]
    rows = np.r_[rows, rows[twice]] if twice else rows
    columns = [column(rows) for column in table.columns]
    for one in planted:
        if one.column is not None:
            columns[one.column] = _replace(columns[one.column], one.row, one.text, table.encoding)
    header = ",".join(table.headers) + "\n"
    with path.open("wb") as file:
        file.write(header.encode(table.encoding))
        if len(rows):
            data = pa.Table.from_arrays(columns, names=[str(i) for i in range(len(columns))])
            csv.write_csv(data, file, csv.WriteOptions(include_header=False, quoting_style="none"))
    return len(rows)


def _replace(column: pa.Array, row: int, text: str | None, encoding: str) -> pa.Array:
    mask = np.zeros(len(column), bool)
    mask[row] = True
    if not pa.types.is_string(column.type):
        column = column.cast(pa.string())
    raw = None if text is None else text.encode(encoding.removesuffix("-sig"))
    column = column.view(pa.binary())
    return pc.replace_with_mask(column, mask, pa.array([raw], pa.binary())).view(pa.string())


def taken(array: pa.Array, index: np.ndarray) -> Column:
    """Make a column of texts: entry ``index[row]`` of an array."""
    return lambda rows: array.take(pa.array(index[rows]))


def words(choices: tuple[str, ...], codes: np.ndarray, encoding: str = "utf-8-sig") -> Column:
    """Make a column of category words; a negative code is an empty cell."""
    name = encoding.removesuffix("-sig")
    pool = pa.array([*(word.encode(name) for word in choices), None], pa.binary()).view(pa.string())
    last = len(choices)

    def column(rows: np.ndarray) -> pa.Array:
        chosen = codes[rows].astype(np.int32)
        return pool.take(pa.array(np.where(chosen < 0, last, chosen)))

    return column


def dates(days: np.ndarray) -> Column:
    """Make a column of dates; NEVER is an empty cell."""

    def column(rows: np.ndarray) -> pa.Array:
        chosen = days[rows]
        return pa.array(chosen.astype(np.int32), pa.int32(), mask=chosen >= NEVER).cast(pa.date32())

    return column


def money(fen: np.ndarray) -> Column:
    """Make a column of yuan with two decimals from whole fen."""

    def column(rows: np.ndarray) -> pa.Array:
        buffer = pa.py_buffer(np.ascontiguousarray(fen[rows], np.int64))
        return pa.Array.from_buffers(pa.decimal64(14, 2), len(rows), [None, buffer])

    return column


def numbers(values: np.ndarray) -> Column:
    """Make a column of whole numbers."""
    return lambda rows: pa.array(values[rows])


def constant(value: int) -> Column:
    """Make a column of the same number."""
    return lambda rows: pa.array(np.full(len(rows), value))
