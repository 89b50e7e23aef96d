"""Sheets of text become typed rows; rows with a fault are set aside."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthmon.exports import DROPPED_TYPES, Column, Table
from healthmon.intake.faults import (
    IDENTIFYING_TYPES,
    WITHHELD,
    BadValue,
    Fault,
    Problem,
    shown_value,
)
from healthmon.intake.headers import header_unit, is_other_header, match_headers
from healthmon.intake.identity import Pseudonyms, birth_date, clean_number
from healthmon.intake.layout import leave_out_empty_rows
from healthmon.intake.people import take_identities, take_unidentified
from healthmon.intake.sheet import Conversion, Sheet, clean
from healthmon.intake.units import from_1904, title_unit, with_unit
from healthmon.intake.values import Converted, convert
from healthmon.intake.words import Words
from healthmon.tables import table_schema

_MISSING = BadValue("missing", "is required and missing")
_NOT_BORN_THEN = BadValue("birth_date_disagrees", "is not the date of birth in the identity number")


@dataclass(frozen=True)
class Place:
    """Where a sheet lies: what its rows say they came from."""

    source_file: str
    source_sheet: str | None
    table: str
    month: str

    def problem(self, code: str, reason: str) -> Problem:
        """Return something that is wrong with the sheet as a whole."""
        return Problem(self.source_file, self.source_sheet, self.table, code, reason)

    def fault(self, row: int, problem: BadValue, about: tuple[str | None, ...]) -> Fault:
        """Return what is wrong with a row; `about` is column, header and value."""
        return Fault(
            self.source_file, self.source_sheet, row, self.table, *about,
            problem.code, problem.reason,
        )  # fmt: skip


@dataclass
class TypedRows:
    """What became of the sheets of a table.

    Parameters
    ----------
    rows : pyarrow.Table
        The good rows, columns as in :func:`healthmon.tables.table_schema`.
    faults : list of Fault
        Every reason for every row set aside.
    problems : list of Problem
        What is wrong with whole sheets.
    row_counts : list of tuple
        Place and number of rows of each sheet that could be read.
    conversions : list of tuple
        Place, key of the column (None for the sheet as a whole) and what was understood there.
    unidentified : pyarrow.Table or None
        Rows set aside for their identity number alone, as in :func:`take_unidentified`.
    identities : pyarrow.Table or None
        For the vault, as in :func:`take_identities`.
    """

    rows: pa.Table
    faults: list[Fault]
    problems: list[Problem]
    row_counts: list[tuple[Place, int]]
    conversions: list[tuple[Place, str | None, Conversion]] = field(default_factory=list)
    unidentified: pa.Table | None = None
    identities: pa.Table | None = None


@dataclass
class _Stack:
    """The sheets of a table one below the other: columns by key, delivered and typed."""

    places: list[Place]
    sheets: list[Sheet]
    texts: dict[str, pa.Array]
    converted: dict[str, Converted] = field(default_factory=dict)
    conversions: list[tuple[Place, str | None, Conversion]] = field(default_factory=list)

    def values(self, key: str) -> pa.Array:
        return self.converted[key].values

    def rows(self) -> np.ndarray:
        return np.concatenate([np.empty(0, np.int32), *(sheet.rows for sheet in self.sheets)])

    def owners(self) -> np.ndarray:
        """Index of the sheet that each row came from."""
        return np.repeat(np.arange(len(self.sheets)), [len(sheet.rows) for sheet in self.sheets])


def type_rows(
    delivered: Sequence[tuple[Place, Sheet]], table: Table, pseudonyms: Pseudonyms, words: Words
) -> TypedRows:
    """Type the rows of all sheets of a table in a month.

    Parameters
    ----------
    delivered : sequence of (Place, Sheet)
        The sheets as delivered, and where each lies.
    table : Table
        What is expected, from the list of exports.
    pseudonyms : Pseudonyms
        Gives persons and households their ids.
    words : Words
        What people write by hand.

    Raises
    ------
    UserError
        When two identity numbers get the same id.
    """
    stack, problems = _stack_sheets(delivered, table, words)
    for key, column in table.columns.items():
        if column.type not in DROPPED_TYPES:
            stack.converted[key] = convert(column, stack.texts[key], pseudonyms, words)
    _count_kinds(stack, table)
    _require_values(stack, table)
    _compare_birth_dates(stack, table)
    _add_up(stack, table)
    faults = _split_faults(stack) + _value_faults(stack, table)
    counts = [
        (place, sheet.row_count) for place, sheet in zip(stack.places, stack.sheets, strict=True)
    ]
    rows, good = _typed_rows(stack, table), _good_rows(stack)
    name = stack.places[0].table if stack.places else ""
    return TypedRows(
        rows if good.all() else rows.filter(pa.array(good)),
        faults,
        problems,
        counts,
        stack.conversions,
        take_unidentified(stack.texts, stack.converted, table, rows),
        take_identities(stack.texts, name, table, rows, good),
    )


def _stack_sheets(
    delivered: Sequence[tuple[Place, Sheet]], table: Table, words: Words
) -> tuple[_Stack, list[Problem]]:
    """Put the sheets below each other, column by column; those that lack one are left out."""
    texts: dict[str, list[pa.Array]] = {key: [] for key in table.columns}
    stack, problems = _Stack([], [], {}), []
    for place, sheet in delivered:
        match = match_headers(sheet.headers, table, words)
        problems += [place.problem(code, reason) for code, reason in match.problems]
        if match.is_refused:
            continue
        sheet = leave_out_empty_rows(sheet, match.columns.values())
        stack.places.append(place)
        stack.sheets.append(sheet)
        stack.conversions += [(place, None, conversion) for conversion in sheet.conversions]
        absent = pa.repeat(pa.scalar("", pa.string()), len(sheet.rows))
        for key, parts in texts.items():
            index = match.columns.get(key)
            parts.append(absent if index is None else _texts_of(sheet, index, table.columns[key]))
            if index is not None and is_other_header(sheet.headers[index], table.columns[key]):
                alias = Conversion("header_alias", sheet.headers[index], 1)
                stack.conversions.append((place, key, alias))
    nothing = pa.array([], pa.string())
    stack.texts = {key: pa.concat_arrays([nothing, *parts]) for key, parts in texts.items()}
    return stack, problems


def _texts_of(sheet: Sheet, index: int, column: Column) -> pa.Array:
    """Return a column as delivered, with what its sheet says about all its values."""
    texts = sheet.columns[index]
    if column.type == "money":
        return with_unit(texts, header_unit(sheet.headers[index]) or title_unit(sheet.title))
    if column.type == "date" and sheet.days_from_1904:
        return from_1904(texts)
    return texts


def _count_kinds(stack: _Stack, table: Table) -> None:
    """Count what was rewritten by sheet and column."""
    owners = stack.owners()
    for key, converted in stack.converted.items():
        if table.columns[key].type in IDENTIFYING_TYPES and converted.texts is not None:
            stack.texts[key] = converted.texts
        for kind, positions in converted.kinds.items():
            counts = np.bincount(owners[positions], minlength=len(stack.places))
            for index in np.flatnonzero(counts):
                said = Conversion(kind, table.columns[key].header, int(counts[index]))
                stack.conversions.append((stack.places[index], key, said))


def _require_values(stack: _Stack, table: Table) -> None:
    for key, converted in stack.converted.items():
        if table.columns[key].required and converted.values.null_count:
            for position in np.flatnonzero(converted.values.is_null()):
                converted.bad.setdefault(int(position), ("", _MISSING))


def _compare_birth_dates(stack: _Stack, table: Table) -> None:
    """Hold the date of birth against the one in the identity number (GB 11643)."""
    keys = [key for key, column in table.columns.items() if column.type == "identity_number"]
    if "birth_date" not in table.columns or not keys:
        return
    numbers, stated = stack.texts[keys[0]], stack.converted["birth_date"]
    written = pc.utf8_slice_codeunits(numbers, 6, 14)
    born = pc.replace_substring(stated.values.cast(pa.string()), "-", "")
    differs = pc.and_(
        stack.values(keys[0]).is_valid(),
        pc.fill_null(pc.not_equal(born, written), False),
    )
    # a number may be written with spaces or full-width digits: look again, one by one
    for position in np.flatnonzero(differs):
        born = birth_date(clean_number(numbers[int(position)].as_py()))
        if stated.values[int(position)].as_py() != born:
            text = stack.texts["birth_date"][int(position)].as_py()
            stated.bad.setdefault(int(position), (text, _NOT_BORN_THEN))


def _add_up(stack: _Stack, table: Table) -> None:
    """Hold totals against the sums of their parts, exactly, in fen."""
    for item in table.sums:
        total = stack.converted[item.total]
        parts = stack.values(item.parts[0])
        for key in item.parts[1:]:
            parts = pc.add(parts, stack.values(key))
        differs = pc.fill_null(pc.not_equal(total.values, parts), False)
        headers = " + ".join(table.columns[key].header for key in item.parts)
        problem = BadValue("sum_disagrees", f"is not the sum of {headers}")
        for position in np.flatnonzero(differs):
            text = stack.texts[item.total][int(position)].as_py()
            total.bad.setdefault(int(position), (text, problem))


def _split_faults(stack: _Stack) -> list[Fault]:
    return [
        place.fault(fault.row, BadValue(fault.code, fault.reason), (None, None, None))
        for place, sheet in zip(stack.places, stack.sheets, strict=True)
        for fault in sheet.faults
    ]


def _value_faults(stack: _Stack, table: Table) -> list[Fault]:
    by_row: dict[int, list[tuple[str, str, BadValue]]] = defaultdict(list)
    for key, converted in stack.converted.items():
        for position, (text, problem) in converted.bad.items():
            by_row[position].append((key, text, problem))
    dropped = [key for key, column in table.columns.items() if column.type in DROPPED_TYPES]
    rows, owners, faults = stack.rows(), stack.owners(), []
    for position, found in by_row.items():
        # where the identity is bad, the columns may have slipped: show nothing of the row
        slipped = any(table.columns[key].type in IDENTIFYING_TYPES for key, _, _ in found)
        personal = [clean(stack.texts[key][position].as_py()) for key in dropped]
        for key, text, problem in found:
            column = table.columns[key]
            shown = WITHHELD if slipped else shown_value(text, column.type, personal)
            about = (key, column.header, shown if text else None)
            place = stack.places[owners[position]]
            fault = place.fault(int(rows[position]), problem, about)
            faults.append(fault._replace(place_code=_place_code(stack, table, position)))
    return faults


def _place_code(stack: _Stack, table: Table, position: int) -> str | None:
    """Return the division that a row speaks of; places where somebody was treated apart."""
    for key, column in table.columns.items():
        if column.type == "code" and not column.beyond_province:
            return stack.values(key)[position].as_py()
    return None


def _good_rows(stack: _Stack) -> np.ndarray:
    good = np.ones(len(stack.rows()), dtype=bool)
    for converted in stack.converted.values():
        good[list(converted.bad)] = False
    return good


def _typed_rows(stack: _Stack, table: Table) -> pa.Table:
    owners = pa.array(stack.owners())
    about = [
        pa.array([getattr(place, name) for place in stack.places], pa.string()).take(owners)
        for name in ("source_file", "source_sheet", "month")
    ]
    arrays = [converted.values for converted in stack.converted.values()]
    arrays += [*about[:2], pa.array(stack.rows(), pa.int32()), about[2]]
    return pa.table(arrays, schema=table_schema(table))
