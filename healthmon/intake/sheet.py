"""One sheet or file as text: what every reader returns and everything after starts from."""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_HALF_WIDTH_WORD = {
    code: half for code, half in _HALF_WIDTH.items() if code != 0x3000 and chr(half).isalnum()
}


@dataclass
class RowFault:
    """A row that could not even be split into fields; `first` is its first filled one."""

    row: int
    code: str
    reason: str
    first: str = ""


class Conversion(NamedTuple):
    """What was understood although it is not written as the list of exports asks."""

    kind: str
    header: str | None
    count: int


@dataclass
class Sheet:
    """A table as delivered, every value still text.

    Parameters
    ----------
    headers : list of str
        As written in the first row, cleaned; empty where a column has none.
    columns : list of pyarrow.Array
        Text of each column.
    rows : ndarray
        Row number of each line in its file or sheet, from 1.
    faults : list of RowFault
        Rows that are not in `columns` because they could not be split.
    conversions : list of Conversion
        What was understood about the form of the file.
    title : list of str
        Texts above the headers.
    header_row : int
        Number of the last row of headers.
    is_cut_short : bool
        Whether it ends in the middle of a row.
    days_from_1904 : bool
        Whether its dates as numbers count from 1904 instead of 1900.
    """

    headers: list[str]
    columns: list[pa.Array]
    rows: np.ndarray
    faults: list[RowFault] = field(default_factory=list)
    conversions: list[Conversion] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    header_row: int = 1
    is_cut_short: bool = False
    days_from_1904: bool = False

    @property
    def row_count(self) -> int:
        """Rows that hold anything, faulty ones included."""
        return len(self.rows) + len(self.faults)


def clean(text: str) -> str:
    """Trim a text and turn full-width characters into half-width ones."""
    return text.strip() if text.isascii() else text.translate(_HALF_WIDTH).strip()


def clean_word(text: str) -> str:
    """Trim a text and make digits and letters half-width; Chinese punctuation stays."""
    return text.strip() if text.isascii() else text.translate(_HALF_WIDTH_WORD).strip()


def drop_blank_rows(columns: list[pa.Array], rows: np.ndarray) -> tuple[list[pa.Array], np.ndarray]:
    """Leave out the rows that hold nothing at all."""
    filled = np.zeros(len(rows), dtype=bool)
    for column in columns:
        filled |= pc.not_equal(column, "").to_numpy(zero_copy_only=False)
        if filled.all():
            return columns, rows
    mask = pa.array(filled)
    return [column.filter(mask) for column in columns], rows[filled]


def plain_number(number: float) -> str:
    """Write a float as a spreadsheet shows it: 15 digits, whole numbers without a point."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    if math.isnan(number):
        return ""
    return format(Decimal(f"{number:.15g}"), "f")
