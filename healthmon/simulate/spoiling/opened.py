"""A delivered file opened again, so that it can be spoilt.

Rows keep their identity while others come and go, and what was written down about them follows.
"""

import csv
import gzip
import io
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter
import xlwt
from python_calamine import CalamineWorkbook

from healthmon.simulate.planting import Log
from healthmon.simulate.workbooks import CREATED

Row = list
"""One row of cells, told from an equal one by identity."""


@dataclass
class OpenSheet:
    """One sheet, or a whole CSV file (``name`` None).

    ``top`` and ``bottom`` are rows above the headers and below the data; ``second`` is a second
    row of headers.
    """

    name: str | None
    headers: list[str]
    rows: list[Row]
    top: list[list] = field(default_factory=list)
    second: list[str] | None = None
    bottom: list[list] = field(default_factory=list)
    merged: list[tuple[int, int, str]] = field(default_factory=list)
    """First and last column of headers that stand over several columns, and their text."""

    def column(self, header: str) -> int:
        """Return the place of a header."""
        return self.headers.index(header)

    def lines(self) -> list[list]:
        """Return all rows as they are written."""
        second = [] if self.second is None else [self.second]
        return [*self.top, self.headers, *second, *self.rows, *self.bottom]

    def number_rows(self) -> dict[int, int]:
        """Return the number of every row in the file, from 1, by identity."""
        first = len(self.top) + 2 + (self.second is not None)
        return {id(row): number for number, row in enumerate(self.rows, first)}


class OpenFile:
    """A delivered file in memory.

    Parameters
    ----------
    folder : Path
        Root of the exports.
    path : str
        Below it, as in ``2019-01/医保/医保结算_630100_2019-01.csv``.
    log : Log
        What was planted in it already; its row numbers are kept true.
    """

    def __init__(self, folder: Path, path: str, log: Log) -> None:
        self.folder, self.path, self.written_as = folder, path, path
        self.encoding = "gb18030" if "/医保/" in path else "utf-8-sig"
        self.is_workbook = path.endswith(".xlsx")
        self.sheets = self._read()
        self._notes: list[tuple[dict, Row | None]] = []
        for note in log.of_file(path):
            sheet = self.sheet(note["sheet"])
            self._notes.append((note, sheet.rows[note["row"] - 2]))
        self.used = {id(row) for _, row in self._notes}
        self.is_changed = False

    def sheet(self, name: str | None) -> OpenSheet:
        """Return the sheet of a name; a CSV file has one without."""
        return next(sheet for sheet in self.sheets if sheet.name == name)

    def note(self, row: Row | None, note: dict) -> None:
        """Keep a note true to where its row stands."""
        self.is_changed = True
        self._notes.append((note, row))
        if row is not None:
            self.used.add(id(row))

    def close(self) -> "Written | None":
        """Number the notes' rows; return what is to be written, None where nothing was changed."""
        if not self.is_changed:
            return None
        numbers: dict[int, int] = {}
        for sheet in self.sheets:
            numbers |= sheet.number_rows()
        for note, row in self._notes:
            note["file"] = self.written_as
            if row is not None:
                note["row"] = numbers[id(row)]
        return Written(
            self.folder / self.path, self.folder / self.written_as, self.encoding, self.sheets
        )

    def _read(self) -> list[OpenSheet]:
        path = self.folder / self.path
        if self.is_workbook:
            book = CalamineWorkbook.from_path(path)
            grids = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
        else:
            text = path.read_bytes().decode(self.encoding)
            grids = [(None, list(csv.reader(io.StringIO(text))))]
        return [OpenSheet(name, list(head), rows) for name, (head, *rows) in grids]


@dataclass(frozen=True)
class Written:
    """A file to be written in place of the one that was opened."""

    old: Path
    path: Path
    encoding: str
    sheets: list[OpenSheet]


def write_opened(file: Written) -> None:
    """Write a file in the form that its name asks for; the old one goes."""
    file.old.unlink()
    file.path.write_bytes(_encode(file))


def _encode(file: Written) -> bytes:
    if file.path.suffix == ".xlsx":
        return _write_xlsx(file.sheets)
    if file.path.suffix == ".xls":
        return _write_xls(file.sheets)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(file.sheets[0].lines())
    data = out.getvalue().encode(file.encoding)
    return gzip.compress(data, mtime=0) if file.path.suffix == ".gz" else data


def _write_xlsx(sheets: list[OpenSheet]) -> bytes:
    out = io.BytesIO()
    file = xlsxwriter.Workbook(out, {"in_memory": True})
    file.set_properties({"created": CREATED})
    for sheet in sheets:
        target = file.add_worksheet(sheet.name)
        for number, row in enumerate(sheet.lines()):
            for place, value in enumerate(row):
                if value not in ("", None):
                    write = target.write_string if isinstance(value, str) else target.write_number
                    write(number, place, value)
        for first, last, text in sheet.merged:
            target.merge_range(len(sheet.top), first, len(sheet.top), last, text)
    file.close()
    return out.getvalue()


def _write_xls(sheets: list[OpenSheet]) -> bytes:
    file = xlwt.Workbook(encoding="utf-8")
    for sheet in sheets:
        target = file.add_sheet(sheet.name)
        for number, row in enumerate(sheet.lines()):
            for place, value in enumerate(row):
                if value not in ("", None):
                    target.write(number, place, value)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()
