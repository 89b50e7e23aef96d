"""Open a delivered file, whatever its format, as sheets of text."""

import datetime
import gzip
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from healthmon.intake.csv_file import read_csv
from healthmon.intake.faults import UnreadableError
from healthmon.intake.sheet import Sheet, clean, drop_blank_rows, plain_number

CSV_SUFFIXES = (".csv", ".csv.gz", ".parquet")
"""What is taken where the list of exports says .csv, best first."""


def read_text_file(path: Path, encoding: str, known_headers: set[str]) -> Sheet:
    """Read a file of :data:`CSV_SUFFIXES`.

    Raises
    ------
    UnreadableError
        When nothing in it can be read.
    """
    try:
        if path.name.endswith(".parquet"):
            return _read_parquet(path)
        data = path.read_bytes()
        if path.name.endswith(".gz"):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise UnreadableError("unreadable", f"the file cannot be read ({error})") from error
    return read_csv(data, encoding, known_headers)


class Workbook:
    """An Excel workbook as delivered.

    Raises
    ------
    UnreadableError
        When it is no workbook that can be opened.
    """

    def __init__(self, path: Path) -> None:
        if path.stat().st_size == 0:
            raise UnreadableError("empty_file", "the file is empty")
        try:
            self._book = CalamineWorkbook.from_path(str(path))
        except (CalamineError, OSError) as error:
            reason = f"the workbook cannot be opened ({error})"
            raise UnreadableError("unreadable", reason) from error
        self.sheet_names = {clean(name): name for name in self._book.sheet_names}

    def read(self, name: str) -> Sheet:
        """Read one sheet as text.

        Raises
        ------
        UnreadableError
            When the sheet is missing, empty or damaged.
        """
        if clean(name) not in self.sheet_names:
            raise UnreadableError("missing_sheet", "the sheet is missing")
        try:
            sheet = self._book.get_sheet_by_name(self.sheet_names[clean(name)])
            # row numbers count from the top of the sheet, empty rows included
            cells = sheet.to_python(skip_empty_area=False)
        except CalamineError as error:
            raise UnreadableError("unreadable", f"the sheet cannot be read ({error})") from error
        if not cells or not any(cells[0]):
            raise UnreadableError("empty_sheet", "the first row holds no headers")
        return _sheet_of(cells)


def _sheet_of(cells: list[list[object]]) -> Sheet:
    headers = [clean(cell_text(cell)) for cell in cells[0]]
    columns = [
        pa.array([c if type(c) is str else cell_text(c) for c in column], pa.string())
        for column in (zip(*cells[1:], strict=True) if len(cells) > 1 else [()] * len(headers))
    ]
    rows = np.arange(2, len(cells) + 1, dtype=np.int32)
    return Sheet(headers, *drop_blank_rows(columns, rows))


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


def _read_parquet(path: Path) -> Sheet:
    table = pq.read_table(path)
    columns = [
        pa.array([cell_text(value) for value in column.to_pylist()], pa.string())
        for column in table.columns
    ]
    rows = np.arange(2, table.num_rows + 2, dtype=np.int32)
    return Sheet([clean(name) for name in table.column_names], *drop_blank_rows(columns, rows))
