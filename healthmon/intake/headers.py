"""Headers as written, and the columns of the list of exports that they stand for."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from healthmon.exports import DROPPED_TYPES, Column, Table
from healthmon.intake.sheet import clean
from healthmon.intake.words import Words

_UNIT = re.compile(r"[(\[](?:单位:?)?([^()\[\]]{1,6})[)\]]$|[/,](元|万元|千元|%)$")
_MARKS = re.compile(r"[\s*:·_\-]+")
_ANY_UNIT = re.compile(r"(?:[百千万亿]|百万)?[元人个名种户例岁]|%|‰|是/否|必填|选填|人次")
_HINTS = re.compile(
    r"(?:[(\[](?:必填项?|选填|是/否|有/无|能/否|文本|数字|18位|年月日|下拉选择|yyyy[^()\[\]]*)[)\]])+$",
    re.IGNORECASE,
)


@lru_cache(1 << 14)
def header_key(text: str) -> str:
    """Return a header without spaces, marks, hints and unit, to compare it by."""
    text = _HINTS.sub("", _MARKS.sub("", clean(text)).casefold())
    found = _UNIT.search(text)
    if found and found.start() and _ANY_UNIT.fullmatch(found[1] or found[2]):
        return text[: found.start()]
    return text


def header_unit(text: str) -> str | None:
    """Return the unit that a header ends in, such as 万元; None where it states none."""
    found = _UNIT.search(_HINTS.sub("", _MARKS.sub("", clean(text)).casefold()))
    unit = found and (found[1] or found[2])
    return unit if unit and _ANY_UNIT.fullmatch(unit) else None


def is_other_header(header: str, column: Column) -> bool:
    """Say whether a header is another one than that of the list, marks and units apart."""
    return header_key(header) != header_key(column.header)


def known_headers(table: Table) -> set[str]:
    """Return the headers and aliases of a table, cleaned."""
    return {
        clean(header)
        for column in table.columns.values()
        for header in (column.header, *column.aliases)
    }


@dataclass
class Match:
    """What the headers of a sheet stand for.

    Parameters
    ----------
    columns : dict
        Key of a column to its position in the sheet.
    problems : list of (str, str)
        Code and reason of everything that is odd about the headers.
    is_refused : bool
        Whether the sheet cannot be read for it.
    """

    columns: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    is_refused: bool = False

    def refuse(self, code: str, reason: str) -> None:
        """Note a reason for which the sheet cannot be read."""
        self.problems.append((code, reason))
        self.is_refused = True


def match_headers(headers: Sequence[str], table: Table, words: Words) -> Match:
    """Find each expected column by its header or an alias of it.

    Parameters
    ----------
    headers : sequence of str
        As in :class:`healthmon.intake.sheet.Sheet`.
    table : Table
    words : Words
    """
    match, keys = Match(), [header_key(header) for header in headers]
    used: set[int] = set()
    missing: list[tuple[str, Column]] = []
    for key, column in table.columns.items():
        found = _positions(headers, keys, column)
        used.update(found)
        if len(found) > 1:
            match.refuse("repeated_column", f"column {column.header} stands twice")
        elif found:
            match.columns[key] = found[0]
        else:
            missing.append((key, column))
    if not match.columns and not match.is_refused:
        match.refuse("no_header", f"no row of headers was found: {_some(table)} are looked for")
        return match
    left = {header for i, header in enumerate(headers) if header and i not in used}
    _say_missing(match, missing, left, words)
    for index, header in enumerate(headers):
        if header and index not in used:
            reason = f"column {header} is not in the list of exports and was not read"
            match.problems.append(("unexpected_column", reason))
    return match


def _positions(headers: Sequence[str], keys: Sequence[str], column: Column) -> list[int]:
    """Find a column: its header first, aliases then; as listed, then without marks and unit."""
    for listed in ((column.header,), column.aliases):
        exact = {clean(header) for header in listed}
        if found := [index for index, header in enumerate(headers) if header in exact]:
            return found
        wanted = {header_key(header) for header in listed}
        if found := [index for index, key in enumerate(keys) if key and key in wanted]:
            return found
    return []


def _say_missing(
    match: Match, missing: Iterable[tuple[str, Column]], left: set[str], words: Words
) -> None:
    for _, column in missing:
        near = difflib.get_close_matches(column.header, sorted(left), 1, words.similar_header)
        hint = f"; did you mean it by {near[0]}, which stands there?" if near else ""
        if column.required:
            code = "changed_column" if near else "missing_column"
            match.refuse(code, f"column {column.header} is missing{hint}")
        elif column.type not in DROPPED_TYPES:
            code = "changed_optional_column" if near else "missing_optional_column"
            reason = f"column {column.header} is missing, its values are taken as missing{hint}"
            match.problems.append((code, reason))


def _some(table: Table) -> str:
    required = [c.header for c in table.columns.values() if c.required]
    return ", ".join(required[:4])
