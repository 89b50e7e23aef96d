"""Who the rows of a table speak of: names and numbers for the vault, rows without a valid number.

Both hold names. They are never written as they are: the first goes encrypted into the vault, the
second stays in memory until its rows are linked or set aside.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthmon.exports import Table
from healthmon.intake.identity import clean_number
from healthmon.intake.sheet import clean
from healthmon.intake.values import Converted

IDENTITIES_SCHEMA = pa.schema(
    [
        pa.field("table", pa.string()),
        pa.field("person_id", pa.int64()),
        pa.field("household_id", pa.int64()),
        pa.field("name", pa.string()),
        pa.field("identity_number", pa.string()),
        pa.field("telephone", pa.string()),
        pa.field("village_code", pa.string()),
        pa.field("county_code", pa.string()),
    ]
)
WRITTEN_NAME, WRITTEN_NUMBER = "_name", "_number"
"""Columns that go with a row without a valid number: what is written there."""
_NOT_LINKED = ("mixed_data",)

Texts = dict[str, pa.Array]


class Link(NamedTuple):
    """A row linked to a person otherwise than by its own valid number; the columns of ``links``."""

    source_file: str
    source_sheet: str | None
    source_row: int
    table: str
    person_id: int
    link_kind: str
    link_score: float


def column_of_type(table: Table, type_: str) -> str | None:
    """Return the first column of a type, such as ``identity_number``."""
    return next((key for key, column in table.columns.items() if column.type == type_), None)


def take_unidentified(
    texts: Texts, converted: dict[str, Converted], table: Table, rows: pa.Table
) -> pa.Table | None:
    """Take the rows with a name that nothing is wrong with but the identity number.

    Parameters
    ----------
    texts : dict of str to pyarrow.Array
        Every column as delivered.
    converted : dict of str to Converted
        The columns typed, and what is wrong in them.
    table : Table
    rows : pyarrow.Table
        All rows, typed.

    Returns
    -------
    pyarrow.Table or None
        Those rows with ``_name`` and ``_number`` as written. Rows with a real number among
        simulated ones, or the other way round, are left out: they do not belong here at all.
    """
    column, name = column_of_type(table, "identity_number"), column_of_type(table, "name")
    if column is None or name is None or not table.columns[column].required:
        return None
    others = set().union(*(item.bad for key, item in converted.items() if key != column))
    at = [
        position
        for position, (_, problem) in sorted(converted[column].bad.items())
        if position not in others and problem.code not in _NOT_LINKED
    ]
    if not at:
        return None
    positions = pa.array(at, pa.int64())
    numbers = [clean_number(text) for text in texts[column].take(positions).to_pylist()]
    chosen = rows.take(positions).append_column(WRITTEN_NAME, texts[name].take(positions))
    chosen = chosen.append_column(WRITTEN_NUMBER, pa.array(numbers, pa.string()))
    named = np.array([bool(clean(text)) for text in chosen[WRITTEN_NAME].to_pylist()])
    return chosen.filter(pa.array(named)) if named.any() else None


def take_identities(
    texts: Texts, name: str, table: Table, rows: pa.Table, good: np.ndarray
) -> pa.Table | None:
    """Take from the good rows of a table who they speak of, as it is kept in the vault.

    Parameters
    ----------
    texts : dict of str to pyarrow.Array
        Every column as delivered.
    name : str
        Of the table.
    table : Table
    rows : pyarrow.Table
        All rows, typed.
    good : ndarray of bool
        Which of them have no fault.

    Returns
    -------
    pyarrow.Table or None
        Columns as in :data:`IDENTITIES_SCHEMA`; None for tables that keep no identities.
    """
    if not table.keeps_identities:
        return None
    mask, count = pa.array(good), int(good.sum())
    number, nothing = column_of_type(table, "identity_number"), pa.nulls(len(rows), pa.string())
    columns = {key: rows[key].filter(mask) for key in rows.column_names}
    found = {
        "table": pa.repeat(pa.scalar(name), count),
        "person_id": columns.get(number),
        "identity_number": _numbers(texts[number].filter(mask)) if number else None,
        "county_code": counties_of_files(table, rows).filter(mask),
    }
    for key, type_ in (("name", "name"), ("telephone", "telephone")):
        written = texts.get(column_of_type(table, type_), nothing).filter(mask)
        trimmed = pc.utf8_trim_whitespace(written)
        found[key] = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    found |= {key: columns.get(key) for key in ("household_id", "village_code")}
    return pa.table(
        [
            pa.nulls(count, field.type) if found[field.name] is None else found[field.name]
            for field in IDENTITIES_SCHEMA
        ],
        schema=IDENTITIES_SCHEMA,
    )


def counties_of_files(table: Table, rows: pa.Table) -> pa.Array:
    """Return for each row the county, or prefecture, that its file's name says it comes from.

    A prefecture's code ends in 00; null where the file is the whole province's.
    """
    encoded = rows["source_file"].combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    pattern = table.file_pattern()
    # a file may come with another suffix than the one listed
    suffix = table.file[table.file.rindex(".") :]
    found = []
    for file in encoded.dictionary.to_pylist():
        stem = file.rsplit("/", 1)[-1].split(".")[0]
        groups = parts.groupdict() if (parts := pattern.fullmatch(stem + suffix)) else {}
        found.append(groups.get("county") or groups.get("prefecture"))
    return pa.array(found, pa.string()).take(encoded.indices)


def _numbers(texts: pa.Array) -> pa.Array:
    """Return cleaned identity numbers; only those not written plainly are looked at singly."""
    plain = pc.match_substring_regex(texts, r"^\d{17}[\dX]$")
    odd = np.flatnonzero(~plain.to_numpy(zero_copy_only=False))
    if not len(odd):
        return texts
    cleaned = [clean_number(texts[int(position)].as_py()) for position in odd]
    return pc.replace_with_mask(texts, pc.invert(plain), pa.array(cleaned, pa.string()))
