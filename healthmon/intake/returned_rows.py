"""The bad rows of a text file alone, as the sender wrote them, with the reason beside."""

import csv
import io
from pathlib import Path

import numpy as np

from healthmon.exports import Table
from healthmon.intake.csv_file import Dialect, decode, recognise
from healthmon.intake.headers import known_headers
from healthmon.intake.reading import read_text_file, unpacked
from healthmon.intake.wording import Wording

_MOST_LINES = 20


def returned_rows(path: Path, table: Table, reasons: dict[int, str], wording: Wording) -> bytes:
    """Cut the bad rows out of a text file.

    Parameters
    ----------
    path : Path
        The file as delivered.
    table : Table
    reasons : dict
        Row number to what is wrong with it.
    wording : Wording

    Returns
    -------
    bytes
        A text file in the encoding and with the separator of the sender: row number, reason,
        then each row byte for byte.
    """
    data = unpacked(path)
    if data.startswith(b"PAR1"):
        return _rows_of_parquet(path, table, reasons, wording)
    dialect = recognise(data, table.encoding or "utf-8-sig", known_headers(table))
    if dialect.encoding == "utf-16":
        data = decode(data, "utf-16").encode()
        dialect = Dialect("utf-8-sig", dialect.delimiter, dialect.layout, dialect.title)
    encoding = "utf-8" if dialect.encoding == "utf-8-sig" else dialect.encoding
    lines = _Lines(data.removeprefix(b"\xef\xbb\xbf"))

    def beside(number: str, reason: str) -> bytes:
        quoted = '"' + reason.replace('"', '""') + '"' if reason else ""
        return dialect.delimiter.join([number, quoted, ""]).encode(encoding, "replace")

    layout, columns = dialect.layout, wording.columns
    written = [beside("", "") + lines.raw(row) for row in range(layout.first + 1, layout.end)]
    written.append(beside(columns.number, columns.reason) + lines.raw(layout.end))
    written += [beside(str(row), reason) + lines.record(row) for row, reason in reasons.items()]
    mark = b"\xef\xbb\xbf" if dialect.encoding == "utf-8-sig" else b""
    return mark + b"\r\n".join([*written, b""])


class _Lines:
    """The lines of a file by number, found without splitting all of it."""

    def __init__(self, data: bytes) -> None:
        if b"\n" not in data:
            data = data.replace(b"\r", b"\n")
        self._data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        self._ends = np.append(ends, len(data))

    def raw(self, number: int) -> bytes:
        start = int(self._ends[number - 2]) + 1 if number > 1 else 0
        return self._data[start : int(self._ends[number - 1])].rstrip(b"\r")

    def record(self, number: int) -> bytes:
        """Return the line, and those over which a field in quotes goes on."""
        line = self.raw(number)
        if line.count(b'"') % 2 == 0:
            return line
        longer = line
        for following in range(number + 1, min(number + _MOST_LINES, len(self._ends)) + 1):
            longer += b"\r\n" + self.raw(following)
            if longer.count(b'"') % 2 == 0:
                return longer
        return line


def _rows_of_parquet(path: Path, table: Table, reasons: dict[int, str], wording: Wording) -> bytes:
    sheet = read_text_file(path, "utf-8", known_headers(table))
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([wording.columns.number, wording.columns.reason, *sheet.headers])
    at = {int(row): position for position, row in enumerate(sheet.rows)}
    for row, reason in reasons.items():
        writer.writerow([row, reason, *(column[at[row]].as_py() for column in sheet.columns)])
    return written.getvalue().encode("utf-8-sig")
