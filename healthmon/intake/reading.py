"""Open a delivered file, whatever its format, as sheets of text."""

import datetime
import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from healthmon.intake.containers import ENCRYPTED, container_of, counts_from_1904, is_cut_workbook
from healthmon.intake.csv_file import read_csv
from healthmon.intake.faults import UnreadableError
from healthmon.intake.layout import LOOKED_AT, find_layout, title_of
from healthmon.intake.sheet import Conversion, Sheet, clean, drop_blank_rows, plain_number

TEXT_SUFFIXES = (".csv", ".csv.gz", ".parquet")
WORKBOOK_SUFFIXES = (".xlsx", ".xls", ".xlsm")
_EXACT = 10**15
"""Numbers from here on have lost digits in a spreadsheet."""


def read_text_file(path: Path, encoding: str, known_headers: set[str]) -> Sheet:
    """Read a text file, packed or not, or a Parquet file.

    Raises
    ------
    UnreadableError
        When nothing in it can be read.
    """
    data = unpacked(path)
    try:
        if container_of(data) == "parquet":
            return _read_parquet(data)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableError("unreadable", f"the file cannot be read ({error})") from error
    return read_csv(data, encoding, known_headers)


def unpacked(path: Path) -> bytes:
    """Return the bytes of a file, those inside where it is packed by gzip.

    Raises
    ------
    UnreadableError
        When it is damaged or cut short.
    """
    data = path.read_bytes()
    if not data.startswith(b"\x1f\x8b"):
        if path.name.endswith((".gz", ".parquet")) and data and not data.startswith(b"PAR1"):
            raise UnreadableError("unreadable", "the file cannot be read (it is no such file)")
        return data
    try:
        return gzip.decompress(data)
    except EOFError as error:
        reason = "the file is cut short and cannot be read"
        raise UnreadableError("cut_short", reason) from error
    except (OSError, zlib.error) as error:
        raise UnreadableError("unreadable", f"the file cannot be read ({error})") from error


def is_workbook(path: Path) -> bool:
    """Say whether a file begins as a workbook does, whatever its name is."""
    with path.open("rb") as opened:
        return opened.read(4) in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Workbook:
    """An Excel workbook as delivered.

    Parameters
    ----------
    path : Path

    Raises
    ------
    UnreadableError
        When it is no workbook that can be opened.
    """

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        if container_of(data) != "workbook":
            raise _no_workbook(data)
        try:
            with _panics_as_errors():
                self._book = CalamineWorkbook.from_filelike(BytesIO(data))
            self.days_from_1904 = counts_from_1904(data)
        except PasswordError as error:
            raise UnreadableError("encrypted", ENCRYPTED) from error
        except (CalamineError, OSError, zipfile.BadZipFile, zlib.error) as error:
            raise _not_opened(data, error) from error
        self.names = list(self._book.sheet_names)
        self.sheet_names = {clean(name): name for name in self.names}

    def read(self, name: str, known_headers: Iterable[str] = ()) -> Sheet:
        """Read one sheet as text.

        Parameters
        ----------
        name : str
        known_headers : iterable of str
            Headers that are expected; without any, the first row that is filled holds them.

        Raises
        ------
        UnreadableError
            When the sheet is missing, empty or damaged.
        """
        if name not in self.names and clean(name) not in self.sheet_names:
            raise UnreadableError("missing_sheet", "the sheet is missing")
        own = name if name in self.names else self.sheet_names[clean(name)]
        try:
            with _panics_as_errors():
                sheet = self._book.get_sheet_by_name(own)
                # row numbers count from the top of the sheet, empty rows included
                cells = sheet.to_python(skip_empty_area=False)
        except CalamineError as error:
            raise UnreadableError("unreadable", f"the sheet cannot be read ({error})") from error
        if not any(any(cell not in ("", None) for cell in row) for row in cells):
            reason = "the sheet is empty: its first row holds no headers"
            raise UnreadableError("empty_sheet", reason)
        return _sheet_of(cells, set(known_headers), self.days_from_1904)


@contextmanager
def _panics_as_errors() -> Iterator[None]:
    """Turn the reader's panics over damaged files, which are no Exceptions, into its errors."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise CalamineError(f"damaged: {error}".splitlines()[0]) from error


def _no_workbook(data: bytes) -> UnreadableError:
    first = data[:4096].split(b"\n", 1)[0]
    if any(mark in first for mark in (b",", b"\t", b";")):
        reason = "the file is text (CSV) under the name of a workbook: save it as .xlsx"
        return UnreadableError("text_for_workbook", reason)
    return UnreadableError("unreadable", "the workbook cannot be opened (it is no workbook)")


def _not_opened(data: bytes, error: Exception) -> UnreadableError:
    if is_cut_workbook(data):
        return UnreadableError("cut_short", "the file is cut short and cannot be read")
    return UnreadableError("unreadable", f"the workbook cannot be opened ({error})")


def _sheet_of(cells: list[list[object]], known: set[str], from_1904: bool) -> Sheet:
    top = [[cell_text(cell) for cell in row] for row in cells[:LOOKED_AT]]
    layout = find_layout(top, known)
    below = cells[layout.end :]
    columns = [
        pa.array([c if type(c) is str else _label(c) for c in column], pa.string())
        for column in (zip(*below, strict=True) if below else [()] * len(layout.headers))
    ]
    rows = np.arange(layout.end + 1, len(cells) + 1, dtype=np.int32)
    title = title_of(top, layout)
    said = [Conversion("title_row", None, len(title))] if title else []
    said += [Conversion("two_row_header", None, 1)] if layout.depth > 1 else []
    return Sheet(
        layout.headers, *drop_blank_rows(columns, rows), conversions=said, title=title,
        header_row=layout.end, days_from_1904=from_1904,
    )  # fmt: skip


def _label(cell: object) -> str:
    """Write a cell as text; a number that has lost digits is written so that it shows."""
    if type(cell) is float and abs(cell) >= _EXACT:
        return f"{cell:.14E}"
    return cell_text(cell)


def cell_text(cell: object) -> str:
    """Write a cell as text: whole numbers without a point, dates as 2021-03-05, 是 and 否."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return plain_number(cell)
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time(0)
        return cell.date().isoformat() if midnight else cell.isoformat(" ")
    return "" if cell is None else str(cell)


def _read_parquet(data: bytes) -> Sheet:
    table = pq.read_table(pa.BufferReader(data))
    columns = [
        pa.array([cell_text(value) for value in column.to_pylist()], pa.string())
        for column in table.columns
    ]
    rows = np.arange(2, table.num_rows + 2, dtype=np.int32)
    return Sheet([clean(name) for name in table.column_names], *drop_blank_rows(columns, rows))
