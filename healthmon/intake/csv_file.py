"""CSV as departments write it: GB18030 or UTF-8, with a bad byte or a short line now and then.

A line is a row: line breaks inside quotes are not supported, so that one forgotten quote costs
its own line and not the rest of the file.
"""

import csv
import re

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from healthmon.intake.faults import UnreadableError
from healthmon.intake.sheet import RowFault, Sheet, clean, drop_blank_rows

_REPLACED = "\ufffd"
_BLOCK = 1 << 26


def read_csv(data: bytes, encoding: str, known_headers: set[str]) -> Sheet:
    """Read a CSV file as text.

    Parameters
    ----------
    data : bytes
        The file.
    encoding : str
        As the list of exports declares; where the headers make sense in another one, that is
        taken.
    known_headers : set of str
        Headers that are expected, cleaned.

    Raises
    ------
    UnreadableError
        When the file is empty or its first line cannot be read.
    """
    text = _decode(data, encoding, known_headers).lstrip("\ufeff")
    if not text.strip():
        raise UnreadableError("empty_file", "the file is empty")
    text, faults = _set_lines_aside(text)
    headers = _headers(text)
    seen: list[arrow_csv.InvalidRow] = []
    table = _parse(text, len(headers), seen)
    faults += [_ragged(row) for row in seen]
    numbers = np.arange(2, table.num_rows + len(seen) + 2, dtype=np.int32)
    rows = np.delete(numbers, [row.number - 2 for row in seen])
    columns = [column.combine_chunks() for column in table.columns]
    return Sheet(headers, *drop_blank_rows(columns, rows), faults)


def _decode(data: bytes, declared: str, known_headers: set[str]) -> str:
    """Decode by the encoding in which most headers are known ones; the declared one on a tie."""
    first = data.split(b"\n", 1)[0]

    def known(encoding: str) -> int:
        cells = first.decode(encoding, "replace").lstrip("\ufeff").split(",")
        return sum(clean(cell.strip('"\r ')) in known_headers for cell in cells)

    encoding = max(dict.fromkeys((declared, "utf-8-sig", "gb18030")), key=known)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        # commas, quotes and line ends survive: none is part of a longer character in either
        return data.decode(encoding, "replace")


def _set_lines_aside(text: str) -> tuple[str, list[RowFault]]:
    """Blank the lines that would spoil others: undecodable bytes, a quote that is not closed."""
    if _REPLACED not in text and '"' not in text:
        return text, []
    lines, faults = text.split("\n"), []
    for index, line in enumerate(lines):
        if _REPLACED in line:
            faults.append(RowFault(index + 1, "undecodable", "holds bytes that are no text"))
        elif line.count('"') % 2:
            faults.append(RowFault(index + 1, "open_quote", "has a quote that is not closed"))
        else:
            continue
        lines[index] = ""
    if faults and faults[0].row == 1:
        raise UnreadableError(faults[0].code, f"the header {faults[0].reason}")
    return "\n".join(lines), faults


def _headers(text: str) -> list[str]:
    line = text.split("\n", 1)[0].rstrip("\r")
    return [clean(cell) for cell in next(csv.reader([line]), [])]


def _parse(text: str, width: int, seen: list[arrow_csv.InvalidRow]) -> pa.Table:
    """Split lines into `width` columns of text; those of another width go to `seen`."""
    names = [str(index) for index in range(width)]
    data = re.sub(r"\A[^\n]*(\n|\Z)", ",".join(names) + "\n", text).encode()

    def keep(row: arrow_csv.InvalidRow) -> str:
        seen.append(row)
        return "skip"

    try:
        return arrow_csv.read_csv(
            pa.BufferReader(data),
            # threads would lose the row numbers
            arrow_csv.ReadOptions(use_threads=False, block_size=min(len(data) + 1, _BLOCK)),
            arrow_csv.ParseOptions(invalid_row_handler=keep, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise UnreadableError("unreadable", f"the file is no CSV ({error})") from error


def _ragged(row: arrow_csv.InvalidRow) -> RowFault:
    reason = f"has {row.actual_columns} fields instead of {row.expected_columns}"
    return RowFault(row.number, "wrong_field_count", reason)
