"""Lines of a text file and the records they make: a quoted field may go on over several lines."""

import csv
import io
from itertools import pairwise

from healthmon.intake.layout import LOOKED_AT

_LONGEST = 20
"""Lines that one record may take; a quote open for longer is a forgotten one."""


def top_records(head: str, delimiter: str) -> list[list[str]]:
    """Split the first lines of a file, one entry a line, to look for the headers.

    A record that goes on over several lines stands in its last one, so that positions are lines.
    """
    lines = head.split("\n", LOOKED_AT + _LONGEST)[: LOOKED_AT + _LONGEST]
    found: list[list[str]] = []
    index = 0
    while index < len(lines) and len(found) < LOOKED_AT:
        size = _lines_of(lines, index) or 1
        record = "\n".join(lines[index : index + size])
        found += [[] for _ in range(size - 1)]
        found.append(split_record(record, delimiter))
        index += size
    return found


def _lines_of(lines: list[str], index: int) -> int:
    """Count the lines until the quotes of a line are closed; 0 where they never are."""
    quotes = 0
    for size, line in enumerate(lines[index : index + _LONGEST], start=1):
        quotes += line.count('"')
        if quotes % 2 == 0:
            return size
    return 0


def split_record(text: str, delimiter: str) -> list[str]:
    """Split one record into its fields, however its quotes stand."""
    try:
        rows = list(csv.reader(io.StringIO(text.rstrip("\r\n"), newline=""), delimiter=delimiter))
    except csv.Error:
        return text.split(delimiter)
    return [field for row in rows for field in row]


def join_quoted_lines(lines: list[str], start: int, width: int, delimiter: str) -> int:
    """Join the lines of records with a line break inside quotes, in place.

    The joined record stands where it began, with spaces for the breaks; the lines it went on
    over are left blank, so that every line keeps its number.

    Parameters
    ----------
    lines : list of str
        Lines of the file; changed.
    start : int
        Position of the first line below the headers.
    width : int
        Fields of a record.
    delimiter : str

    Returns
    -------
    int
        How many records were joined.
    """
    odd = [index for index in range(start, len(lines)) if lines[index].count('"') % 2]
    joined, done = 0, -1
    for first, last in pairwise(odd):
        if first <= done or last - first >= _LONGEST:
            continue
        part = [line.rstrip("\r") for line in lines[first : last + 1]]
        if _is_one_record(part, width, delimiter):
            lines[first] = " ".join(part)
            lines[first + 1 : last + 1] = [""] * (last - first)
            joined, done = joined + 1, last
    return joined


def _is_one_record(lines: list[str], width: int, delimiter: str) -> bool:
    """Say whether lines make one record, and not several with a forgotten quote in some."""
    text = io.StringIO("\n".join(lines), newline="")
    try:
        rows = list(csv.reader(text, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    if len(rows) != 1 or len(rows[0]) != width:
        return False
    # a field that holds the separators of a whole row has swallowed one
    return all(field.count(delimiter) < width - 1 for field in rows[0] if "\n" in field)
