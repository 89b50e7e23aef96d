"""Where in a form the table begins: title rows, headers of one to three rows, what is no row.

Forms made for printing have a title above, groups of columns with a common heading, repeated
headings, totals and signatures below. None of that is a row of the table.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthmon.intake.headers import header_key
from healthmon.intake.sheet import Conversion, Sheet, clean
from healthmon.intake.words import Words, bare

LOOKED_AT = 15
"""Rows from the top among which the headers are looked for."""
_DEEPEST = 3
_MANY = 2000
"""Rows from which on a look by Arrow pays before the one by Python."""


@dataclass(frozen=True)
class Layout:
    """Where the headers of a table stand.

    Parameters
    ----------
    first : int
        Position of the first row of headers, from 0.
    depth : int
        How many rows they take.
    headers : list of str
        One for each column, joined where they take several rows; cleaned.
    known : int
        How many of them are known ones.
    """

    first: int
    depth: int
    headers: list[str]
    known: int

    @property
    def end(self) -> int:
        """Position of the first row below the headers."""
        return self.first + self.depth

    @property
    def is_known_whole(self) -> bool:
        """Whether the headers are one row in which every single one is known."""
        return self.depth == 1 and self.known == sum(map(bool, self.headers)) > 0


def find_layout(top: Sequence[Sequence[str]], known: set[str]) -> Layout:
    """Find the headers among the first rows of a sheet.

    Parameters
    ----------
    top : sequence of rows
        Texts of the first rows, from the very first on.
    known : set of str
        Headers that may stand there.

    Returns
    -------
    Layout
        The row or rows with most known headers; without any, the first row that holds anything.
    """
    keys = {header_key(header) for header in known}
    top = [[clean(cell) for cell in row] for row in top]
    filled = [index for index, row in enumerate(top) if any(row)]
    best = _layout(top, filled[0] if filled else 0, 1, keys)
    most = sum(any(cells) for cells in zip_longest(*top))
    for first in filled[:LOOKED_AT]:
        if best.known == most and best.depth == 1:
            break  # a known header in every column: nothing below has more
        for depth in range(1, _DEEPEST + 1):
            if first + depth > len(top):
                break
            found = _layout(top, first, depth, keys)
            # a title joined to the headers below it finds no more of them
            if (found.known, -found.depth) > (best.known, -best.depth):
                best = found
    return best


def _layout(top: Sequence[Sequence[str]], first: int, depth: int, keys: set[str]) -> Layout:
    rows = [list(row) for row in top[first : first + depth]]
    headers = (rows[0] if rows else []) if depth == 1 else _join(rows, keys)
    return Layout(first, depth, headers, len({header_key(h) for h in headers} & keys))


def _join(rows: list[list[str]], keys: set[str]) -> list[str]:
    """Join the headers of several rows; a merged cell leaves blanks to its right."""
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    levels: list[list[str]] = []
    for level, row in enumerate(rows):
        filled = list(row)
        if level < len(rows) - 1:
            for column in range(1, width):
                # the group goes on only while no group above it begins anew
                begins = any(above[column] for above in rows[: level + 1])
                if not begins and any(below[column] for below in rows[level + 1 :]):
                    filled[column] = filled[column - 1]
        levels.append(filled)
    return [_best_name([row[column] for row in levels], keys) for column in range(width)]


def _best_name(parts: list[str], keys: set[str]) -> str:
    """Choose which of the parts above each other make the header."""
    parts = [part for index, part in enumerate(parts) if part and part not in parts[:index]]
    if not parts:
        return ""
    joined = "".join(parts)
    choices = [joined, "".join(parts[-2:]), "".join([*parts[:-1]]), parts[-1], parts[0]]
    return next((name for name in choices if header_key(name) in keys), joined)


def title_of(top: Sequence[Sequence[str]], layout: Layout) -> list[str]:
    """Return the texts above the headers, one a row."""
    return [
        " ".join(clean(cell) for cell in row if clean(cell))
        for row in top[: layout.first]
        if any(clean(cell) for cell in row)
    ]


def leave_out_empty_rows(sheet: Sheet, asked: Collection[int]) -> Sheet:
    """Leave out rows that hold nothing in the columns asked for, such as a running number alone.

    Parameters
    ----------
    sheet : Sheet
    asked : collection of int
        Positions of the columns asked for.
    """
    if len(asked) == len(sheet.columns) or not len(sheet.rows):
        return sheet
    filled = np.zeros(len(sheet.rows), dtype=bool)
    for index in asked:
        blank = pc.match_substring_regex(sheet.columns[index], "^[\\s　]*$")
        filled |= ~blank.to_numpy(zero_copy_only=False)
        if filled.all():
            return sheet
    said = Conversion("empty_row", None, int((~filled).sum()))
    mask = pa.array(filled)
    columns = [column.filter(mask) for column in sheet.columns]
    return replace(
        sheet, columns=columns, rows=sheet.rows[filled], conversions=[*sheet.conversions, said]
    )


def leave_out_what_is_no_row(sheet: Sheet, words: Words) -> Sheet:
    """Leave out totals, notes and repeated headers, and note how many they were.

    Parameters
    ----------
    sheet : Sheet
    words : Words
        What such rows begin with.

    Returns
    -------
    Sheet
        With a conversion for each kind that was left out.
    """
    dropped: dict[int, str] = {}
    for position, cell in _suspects(sheet, words):
        filled = sum(bool(clean(column[position].as_py())) for column in sheet.columns)
        kind = _kind_of(cell, words, lonely=filled <= len(sheet.columns) // 3)
        if kind and filled < len(sheet.columns):
            dropped[position] = kind
    dropped |= dict.fromkeys(_repeated_headers(sheet), "repeated_header")
    faults, kinds = [], list(dropped.values())
    for fault in sheet.faults:
        if kind := _kind_of(bare(fault.first), words, lonely=False):
            kinds.append(kind)
        else:
            faults.append(fault)
    if not kinds:
        return sheet
    stays = np.ones(len(sheet.rows), dtype=bool)
    stays[list(dropped)] = False
    said = [Conversion(kind, None, kinds.count(kind)) for kind in sorted(set(kinds))]
    mask = pa.array(stays)
    return replace(
        sheet,
        columns=[column.filter(mask) for column in sheet.columns],
        rows=sheet.rows[stays],
        faults=faults,
        conversions=sheet.conversions + said,
    )


def _kind_of(cell: str, words: Words, lonely: bool) -> str | None:
    """Say what kind of row begins with a cell; one that stands `lonely` needs no colon."""
    if re.fullmatch(rf"(?:{_either(words.totals)})(?:[:(\d].*)?", cell, re.DOTALL):
        return "totals_row"
    more = ".*" if lonely else r"(?:\d?[:.、].*)?"
    if re.fullmatch(rf"(?:{_either(words.notes)}){more}", cell, re.DOTALL):
        return "note_row"
    return None


def _suspects(sheet: Sheet, words: Words) -> list[tuple[int, str]]:
    """List the rows whose first filled cell begins like a total or note, with that cell."""
    pattern = _beginning((*words.totals, *words.notes))
    open_rows, found = np.arange(len(sheet.rows)), []
    for column in sheet.columns:
        if not len(open_rows):
            break
        cells = column.take(pa.array(open_rows))
        if len(cells) > _MANY:
            # most tables begin with a code or number, and no such word does
            other = pc.invert(pc.match_substring_regex(cells, "^[0-9]"))
            open_rows = open_rows[other.to_numpy(zero_copy_only=False)]
            cells = cells.filter(other)
        texts = cells.to_pylist()
        found += [
            (int(position), bare(text))
            for position, text in zip(open_rows, texts, strict=True)
            if pattern.match(text)
        ]
        blank = np.array([not text or text.isspace() for text in texts], dtype=bool)
        open_rows = open_rows[blank]
    return sorted(found)


@cache
def _beginning(words: tuple[str, ...]) -> re.Pattern[str]:
    gap = "[\\s　]*"
    spelt = (gap.join(map(re.escape, word)) for word in words)
    return re.compile(f"{gap}(?:{'|'.join(spelt)})", re.IGNORECASE)


def _repeated_headers(sheet: Sheet) -> list[int]:
    """Find rows that say the headers again, as on each page of a printed form."""
    filled = [index for index, header in enumerate(sheet.headers) if header]
    if len(filled) < 2 or not len(sheet.rows):
        return []
    same = pc.equal(sheet.columns[filled[0]], sheet.headers[filled[0]])
    return [
        int(position)
        for position in np.flatnonzero(same.to_numpy(zero_copy_only=False))
        if all(
            clean(sheet.columns[index][int(position)].as_py()) == sheet.headers[index]
            for index in filled
        )
    ]


def _either(words: Sequence[str]) -> str:
    return "|".join(re.escape(bare(word)) for word in sorted(words, key=len, reverse=True))
