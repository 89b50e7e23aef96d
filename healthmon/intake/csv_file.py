"""CSV as departments write it: GB18030 or UTF-8, with a bad byte or a short line now and then.

A row is counted by the line on which it begins. Line breaks inside quotes are read, but a quote
that is opened and not closed costs its own line and not the rest of the file.
"""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from healthmon.intake.csv_lines import join_quoted_lines, split_record, top_records
from healthmon.intake.faults import UnreadableError
from healthmon.intake.layout import Layout, find_layout, title_of
from healthmon.intake.sheet import Conversion, RowFault, Sheet, clean, drop_blank_rows

REPLACED = "\ufffd"
_BLOCK = 1 << 26
_HEAD = 1 << 16
_DELIMITERS = (",", "\t", ";", "，", "|")


@dataclass(frozen=True)
class Dialect:
    """How a text file is written."""

    encoding: str
    delimiter: str
    layout: Layout
    title: list[str]


def read_csv(data: bytes, encoding: str, known_headers: set[str]) -> Sheet:
    """Read a CSV file as text.

    Parameters
    ----------
    data : bytes
        The file.
    encoding : str
        As the list of exports declares; where the headers make sense in another one, that is
        taken. The same holds for separators other than the comma.
    known_headers : set of str
        Headers that are expected.

    Raises
    ------
    UnreadableError
        When the file is empty or its headers cannot be read.
    """
    dialect = recognise(data, encoding, known_headers)
    text = one_kind_of_line_end(decode(data, dialect.encoding))
    if not text.strip() or not any(dialect.layout.headers):
        raise UnreadableError("empty_file", "the file is empty")
    text, delimiter = _plain_delimiter(text, dialect.delimiter)
    layout = dialect.layout
    width = _width(text, layout, delimiter)
    last = 0 if text.endswith("\n") else text.count("\n") + 1
    text, faults, joined = _set_lines_aside(text, layout, width, delimiter)
    seen: list[arrow_csv.InvalidRow] = []
    table = _parse(text, layout.end, width, delimiter, seen)
    # `number` counts the header as 1, whatever stood above it
    kept, ragged = _sort_ragged(seen, width, delimiter, layout.end - 1)
    numbers = np.arange(table.num_rows + len(seen), dtype=np.int32) + layout.end + 1
    rows = np.delete(numbers, [row.number - 2 for row in seen])
    columns, rows = _insert([c.combine_chunks() for c in table.columns], rows, kept)
    is_cut = _note_cut(faults + ragged, last)
    headers = [*layout.headers, *[""] * (width - len(layout.headers))]
    return Sheet(
        headers, *drop_blank_rows(columns, rows), faults + ragged,
        conversions=_said(dialect, joined, len(kept)), title=dialect.title,
        header_row=layout.end, is_cut_short=is_cut,
    )  # fmt: skip


def recognise(data: bytes, declared: str, known_headers: set[str]) -> Dialect:
    """Find encoding, separator and headers: those with most known headers, as declared on a tie."""
    best = None
    for encoding in _encodings(data, declared):
        head = one_kind_of_line_end(data[:_HEAD].decode(encoding, "replace").lstrip("\ufeff"))
        for delimiter in _DELIMITERS:
            if delimiter != "," and delimiter not in head:
                continue
            top = top_records(head, delimiter)
            layout = find_layout(top, known_headers)
            if best is None or layout.known > best.layout.known:
                best = Dialect(encoding, delimiter, layout, title_of(top, layout))
            if best.layout.is_known_whole:
                return best
    return best


def _encodings(data: bytes, declared: str) -> list[str]:
    marked = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else []
    return list(dict.fromkeys((*marked, declared, "utf-8-sig", "gb18030")))


def decode(data: bytes, encoding: str) -> str:
    """Decode a file; bytes that are no text become U+FFFD."""
    try:
        return data.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError:
        # commas, quotes and line ends survive: none is part of a longer character in either
        return data.decode(encoding, "replace").lstrip("\ufeff")


def one_kind_of_line_end(text: str) -> str:
    """Turn the line ends of old Macs into the usual ones; elsewhere a lone one is a space."""
    if "\r" not in text:
        return text
    if "\n" not in text:
        return text.replace("\r", "\n")
    # inside a field it would pass for a line end, and all row numbers below it were wrong
    alone = text.count("\r") != text.count("\r\n")
    return re.sub("\r(?!\n)", " ", text) if alone else text


def _plain_delimiter(text: str, delimiter: str) -> tuple[str, str]:
    """Return the text with a separator of one byte."""
    if delimiter != "，":
        return text, delimiter
    if "\t" in text:
        reason = "the columns are separated by full-width commas: save the file as CSV"
        raise UnreadableError("wrong_delimiter", reason)
    return text.replace("，", "\t"), "\t"


def _width(text: str, layout: Layout, delimiter: str) -> int:
    """Count the columns: one more than headers where every line ends in a separator."""
    width = len(layout.headers)
    lines = text.split("\n", layout.end + 1)
    line = lines[layout.end].rstrip("\r") if len(lines) > layout.end else ""
    ends_so = line.endswith(delimiter) and line.count(delimiter) == width and '"' not in line
    return width + 1 if ends_so else width


def _set_lines_aside(
    text: str, layout: Layout, width: int, delimiter: str
) -> tuple[str, list[RowFault], int]:
    """Blank the lines that would spoil others: undecodable bytes, a quote that is not closed."""
    if REPLACED not in text and '"' not in text:
        return text, [], 0
    lines, faults = text.split("\n"), []
    joined = join_quoted_lines(lines, layout.end, width, delimiter)
    for index, line in enumerate(lines):
        if REPLACED in line:
            faults.append(RowFault(index + 1, "undecodable", "holds bytes that are no text"))
        elif line.count('"') % 2:
            faults.append(RowFault(index + 1, "open_quote", "has a quote that is not closed"))
        else:
            continue
        lines[index] = ""
    above = [fault for fault in faults if fault.row <= layout.end]
    for fault in above:
        # a header may go on over two lines, which leaves an open quote in each
        if fault.row > layout.first and (fault.code == "undecodable" or len(above) % 2):
            raise UnreadableError(fault.code, f"the header {fault.reason}")
    return "\n".join(lines), [fault for fault in faults if fault not in above], joined


def _parse(
    text: str, skip: int, width: int, delimiter: str, seen: list[arrow_csv.InvalidRow]
) -> pa.Table:
    """Split the lines below the header into columns of text; those of another width are `seen`."""
    names = [str(index) for index in range(width)]
    start = 0
    for _ in range(skip):
        found = text.find("\n", start)
        start = len(text) if found < 0 else found + 1
    data = f"{delimiter.join(names)}\n{text[start:]}".encode()

    def keep(row: arrow_csv.InvalidRow) -> str:
        seen.append(row)
        return "skip"

    try:
        return arrow_csv.read_csv(
            pa.BufferReader(data),
            # threads would lose the row numbers
            arrow_csv.ReadOptions(use_threads=False, block_size=min(len(data) + 1, _BLOCK)),
            arrow_csv.ParseOptions(
                delimiter=delimiter, invalid_row_handler=keep, ignore_empty_lines=False
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise UnreadableError("unreadable", f"the file is no CSV ({error})") from error


def _sort_ragged(
    seen: list[arrow_csv.InvalidRow], width: int, delimiter: str, above: int
) -> tuple[dict[int, list[str]], list[RowFault]]:
    """Tell lines that only have empty fields too many from those that are broken."""
    kept, faults = {}, []
    for row in seen:
        fields = split_record(row.text, delimiter)
        if len(fields) > width and not any(clean(field) for field in fields[width:]):
            kept[row.number + above] = fields[:width]
            continue
        first = next((field for field in fields if clean(field)), "")
        reason = f"has {row.actual_columns} fields instead of {row.expected_columns}"
        faults.append(RowFault(row.number + above, "wrong_field_count", reason, first))
    return kept, faults


def _insert(
    columns: list[pa.Array], rows: np.ndarray, more: dict[int, list[str]]
) -> tuple[list[pa.Array], np.ndarray]:
    """Put a few more rows where they belong."""
    if not more:
        return columns, rows
    rows = np.concatenate([rows, np.array(list(more), np.int32)])
    order = np.argsort(rows, kind="stable")
    added = zip(*more.values(), strict=True)
    columns = [
        pa.concat_arrays([column, pa.array(texts, pa.string())]).take(pa.array(order))
        for column, texts in zip(columns, added, strict=True)
    ]
    return columns, rows[order]


def _note_cut(faults: list[RowFault], last: int) -> bool:
    """Say so where the last line ends in the middle of a row; 0 for a line that has an end."""
    for fault in faults:
        if fault.row != last:
            continue
        numbers = list(map(int, re.findall(r"\d+", fault.reason)))
        if fault.code == "wrong_field_count" and numbers[0] > numbers[1]:
            return False
        fault.code, fault.reason = "cut_short", "is cut short: the file ends in the middle of it"
        return True
    return False


def _said(dialect: Dialect, joined: int, trimmed: int) -> list[Conversion]:
    found = {
        "title_row": len(dialect.title),
        "two_row_header": int(dialect.layout.depth > 1),
        "delimiter": int(dialect.delimiter != ","),
        "quoted_line_break": joined,
        "empty_fields_too_many": trimmed,
    }
    return [Conversion(kind, None, count) for kind, count in found.items() if count]
