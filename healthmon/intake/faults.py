"""What is wrong with a row or a file, said so that the department can mend it.

A fault belongs to a row, which is set aside; a problem belongs to a file or sheet. Neither ever
shows who a person is.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from healthmon.tables import SET_ASIDE_SCHEMA

WITHHELD = "(withheld)"
IDENTIFYING_TYPES = ("identity_number", "household_number", "name", "telephone")
_LONGEST_SHOWN = 60
_LOOKS_PERSONAL = re.compile(r"\d{14}|(?<!\d)(1[3-9]\d{9}|0\d{2,3}[2-9]\d{6,7})(?!\d)")
_GAPS = re.compile(r"[\s\-‐–—()（）]+")


class BadValue(ValueError):
    """A text that is no value of its column.

    Parameters
    ----------
    code : str
        Reason for machines, such as ``not_a_date``.
    reason : str
        Reason for readers, which goes on after the value: "is not a date".
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Fault(NamedTuple):
    """One reason why one row was set aside; the columns of ``set_aside``."""

    source_file: str
    source_sheet: str | None
    source_row: int
    table: str
    column: str | None
    header: str | None
    value: str | None
    reason_code: str
    reason: str
    place_code: str | None = None

    def message(self) -> str:
        """Say where and what, as in ``x.csv, row 14, column 性别: '南' is none of: 男, 女``."""
        where = [self.source_file.rsplit("/", 1)[-1]]
        where += [f"sheet {self.source_sheet}"] * (self.source_sheet is not None)
        where += [f"row {self.source_row}"]
        where += [f"column {self.header}"] * (self.header is not None)
        shown = {None: "", WITHHELD: "the value (withheld) "}.get(self.value, f"'{self.value}' ")
        return f"{', '.join(where)}: {shown}{self.reason}"


class Problem(NamedTuple):
    """Something about a file or a sheet as a whole."""

    source_file: str
    source_sheet: str | None
    table: str | None
    code: str
    reason: str

    def message(self) -> str:
        """Say where and what."""
        sheet = f", sheet {self.source_sheet}" if self.source_sheet is not None else ""
        return f"{self.source_file}{sheet}: {self.reason}"


class UnreadableError(Exception):
    """A file or sheet that cannot be read at all: a code and a reason, as in a Problem."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def shown_value(text: str, type_: str, personal: Iterable[str] = ()) -> str:
    """Return a bad value as it may be shown.

    Parameters
    ----------
    text : str
        The value as delivered.
    type_ : str
        Type of its column; what identifies persons is never shown.
    personal : iterable of str
        Names and telephone numbers in the same row: where columns have slipped, they turn up
        in others.
    """
    # numbers are written with spaces or dashes, too
    if type_ in IDENTIFYING_TYPES or _LOOKS_PERSONAL.search(_GAPS.sub("", text)):
        return WITHHELD
    if any(word and word in text for word in personal):
        return WITHHELD
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def faults_table(faults: Iterable[Fault]) -> pa.Table:
    """Return faults as the Arrow table that is stored, in the order of files and rows."""
    ordered = sorted(
        faults, key=lambda f: (f.source_file, f.source_sheet or "", f.source_row, f.column or "")
    )
    names = SET_ASIDE_SCHEMA.names
    columns = dict(zip(names, zip(*ordered, strict=True), strict=True)) if ordered else {}
    return pa.table({name: columns.get(name, ()) for name in names}, schema=SET_ASIDE_SCHEMA)
