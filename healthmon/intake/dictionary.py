"""The data dictionary, written from the list of exports."""

from pathlib import Path

import pyarrow as pa

from healthmon.exports import DROPPED_TYPES, Column, Department, Table, load_exports
from healthmon.tables import ARROW_TYPES, SET_ASIDE_SCHEMA, SOURCE_FIELDS

_UNITS = {
    "money": "fen (0.01 yuan)",
    "percent": "hundredths of a percent",
    "count": "number",
    "identity_number": "keyed id, 63 bits",
    "household_number": "keyed id, 63 bits",
    "date": "day",
    "year": "calendar year",
}
_CADENCES = {
    "changes": "everything once, then each month what changed",
    "monthly": "every month",
}
_SOURCES = {
    "source_file": "file that the row came from, below `data/raw`",
    "source_sheet": "its sheet; null for text files",
    "source_row": "its row in that file or sheet; the header is row 1",
    "delivered_month": "month folder in which it was delivered",
}
_SET_ASIDE = {
    "table": "table that the row was meant for",
    "column": "column at fault; null where the row could not be split",
    "header": "its header",
    "value": "what stood there; withheld where it could tell who a person is",
    "reason_code": "reason, for machines",
    "reason": "reason, for readers",
    "place_code": "county, township or village that the row speaks of, where it could be read",
}
_INTRODUCTION = """\
# Data dictionary

Made by `healthmon docs` from `params/exports/*.yml`; do not edit it here.

Every table lies in `data/processed/<table>/<month delivered>.parquet`, one file for each month
folder of `data/raw`. Missing is null. Names and telephone numbers are read past and stored
nowhere; identity and household numbers become keyed ids. A row with a bad value, or without a
required one, is not in these tables but in `set_aside`.
"""


def render_dictionary(params: Path) -> str:
    """Write the data dictionary as Markdown.

    Parameters
    ----------
    params : Path
        The ``params`` folder of a checkout.

    Returns
    -------
    str
        One section for each department, one table for each of its tables.

    Raises
    ------
    ParameterError
        When the list of exports is refused.
    """
    parts = [_INTRODUCTION, _every_row(), _set_aside()]
    for department in load_exports(params).values():
        parts.append(_department(department))
    return "\n".join(parts)


def _every_row() -> str:
    rows = [
        (f"`{field.name}`", _stored_as(field.type), _SOURCES[field.name]) for field in SOURCE_FIELDS
    ]
    return "## Columns of every table\n\n" + _grid(("column", "stored as", "what"), rows)


def _set_aside() -> str:
    said = _SOURCES | _SET_ASIDE
    rows = [(f"`{f.name}`", _stored_as(f.type), said[f.name]) for f in SET_ASIDE_SCHEMA]
    heading = "## `set_aside`: rows that were not taken, one line for each fault\n\n"
    return heading + _grid(("column", "stored as", "what"), rows)


def _department(department: Department) -> str:
    heading = f"## {department.label.zh} · {department.label.en}\n\nSource: {department.source}\n"
    tables = [_table(department, name, table) for name, table in department.tables.items()]
    return "\n".join([heading, *tables])


def _table(department: Department, name: str, table: Table) -> str:
    sheet = f", sheet {table.sheet}" if table.sheet else f", {table.encoding}"
    facts = [
        f"### `{name}`: {table.label.zh} · {table.label.en}\n",
        f"- delivered {_cadence(table)}, one file for each {table.scope}",
        f"- `{department.folder}/{table.file}`{sheet}",
        f"- one row for each: {', '.join(f'`{key}`' for key in table.key)}"
        + (", once ever" if table.delivered_once else ""),
    ]
    if table.deadline:
        facts.append(f"- by day {table.deadline.day} of the next month ({table.deadline.clause})")
    if table.optional:
        facts.append("- may be missing")
    for item in table.sums:
        facts.append(f"- `{item.total}` = {' + '.join(f'`{part}`' for part in item.parts)}")
    rows = [_row(key, column) for key, column in table.columns.items()]
    headers = ("column", "中文", "stored as", "unit", "required", "values", "what")
    return "\n".join([*facts, "", _grid(headers, rows)])


def _cadence(table: Table) -> str:
    if table.cadence != "yearly":
        return _CADENCES[table.cadence]
    of = {0: "the same year", -1: "the year before"}.get(table.year_offset, table.year_offset)
    return f"once a year, in month {table.month_of_year} for {of}"


def _row(key: str, column: Column) -> tuple[str, ...]:
    dropped = column.type in DROPPED_TYPES
    return (
        f"`{key}`",
        column.header,
        "not stored" if dropped else _stored_as(ARROW_TYPES[column.type]),
        "" if dropped else _UNITS.get(column.type, ""),
        "yes" if column.required else "",
        "" if dropped else _values(column),
        column.label,
    )


def _stored_as(type_: pa.DataType) -> str:
    return "date" if type_ == pa.date32() else str(type_)


def _values(column: Column) -> str:
    if column.type == "category":
        return "; ".join(f"`{code}` {word}" for word, code in column.values.items())
    if column.type == "code":
        elsewhere = ", or one in another province" if column.beyond_province else ""
        return f"division code, {column.digits} digits{elsewhere}"
    if column.type == "boolean":
        return "是, 否"
    if column.type == "percent":
        return "0 to 10000"
    if column.type in ("count", "money") and column.minimum is not None:
        return f"{column.minimum} or more"
    return ""


def _grid(headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [headers, ("---",) * len(headers), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)
