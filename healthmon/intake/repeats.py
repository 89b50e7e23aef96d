"""Rows delivered twice: the first one counts, later ones are set aside.

Within a month this holds for every table and its key. A row that may be delivered only once ever
(``delivered_once`` in the list of exports, such as a settlement) is also looked for in every
earlier month.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from healthmon.exports import Table
from healthmon.intake.faults import IDENTIFYING_TYPES, Fault
from healthmon.tables import connection

Where = tuple[str, int]
"""File and row that a row came from."""


def set_repeats_aside(rows: pa.Table, name: str, table: Table) -> tuple[pa.Table, list[Fault]]:
    """Take out the rows of a month whose key stands further up.

    Parameters
    ----------
    rows : pyarrow.Table
        Rows of one table in the order delivered.
    name : str
        Name of the table.
    table : Table

    Returns
    -------
    tuple
        The rows that stay, and a fault for each one set aside, which names the first one.
    """
    keys = rows.select(list(table.key)).to_pandas(date_as_object=False)
    repeated = keys.duplicated().to_numpy()
    if not repeated.any():
        return rows, []
    several = keys[keys.duplicated(keep=False)]
    firsts = several.groupby(list(table.key), sort=False).ngroup()
    first_of_group = firsts.drop_duplicates().reset_index().set_index(0)["index"]
    faults = []
    for position in np.flatnonzero(repeated):
        first = _source(rows, int(first_of_group[firsts[position]]))
        faults.append(_fault(rows, int(position), first, name, table))
    return rows.filter(pa.array(~repeated)), faults


def find_repeats(
    key: Sequence[str], paths: dict[str, Path], months: set[str]
) -> dict[str, dict[Where, Where]]:
    """Find rows whose key had come in an earlier month.

    Parameters
    ----------
    key : sequence of str
        Columns of the key.
    paths : dict
        Month delivered to its Parquet file, no key twice within one.
    months : set of str
        The months of interest.

    Returns
    -------
    dict
        Month to (file, row) of each repeated row to (file, row) of the first one.
    """
    if len(paths) < 2 or not months:
        return {}
    files = connection().read_parquet([str(path) for path in paths.values()])
    columns = ", ".join(key)
    # a first pass over hashes alone keeps the many keys that stand once out of memory
    query = f"""
        WITH candidates AS (
            SELECT hash({columns}) AS hashed FROM files GROUP BY hashed HAVING count(*) > 1
        )
        SELECT delivered_month, source_file, source_row, first_value(source_file) OVER same,
               first_value(source_row) OVER same, row_number() OVER same
        FROM files WHERE hash({columns}) IN (SELECT hashed FROM candidates)
        WINDOW same AS (PARTITION BY {columns} ORDER BY delivered_month)
    """
    found: dict = defaultdict(dict)
    for month, file, row, first_file, first_row, number in files.query("files", query).fetchall():
        if number > 1 and month in months:
            found[month][file, row] = (first_file, first_row)
    return dict(found)


def take_out(
    rows: pa.Table, repeats: dict[Where, Where], name: str, table: Table
) -> tuple[pa.Table, list[Fault]]:
    """Take the rows that :func:`find_repeats` found out of a month's table."""
    at = zip(rows["source_file"].to_pylist(), rows["source_row"].to_pylist(), strict=True)
    faults, stays = [], np.ones(rows.num_rows, dtype=bool)
    for position, place in enumerate(at):
        if place in repeats:
            stays[position] = False
            faults.append(_fault(rows, position, repeats[place], name, table))
    return rows.filter(pa.array(stays)), faults


def _source(rows: pa.Table, position: int) -> Where:
    return rows["source_file"][position].as_py(), rows["source_row"][position].as_py()


def _fault(rows: pa.Table, position: int, first: Where, name: str, table: Table) -> Fault:
    file, row = _source(rows, position)
    sheet = rows["source_sheet"][position].as_py()
    where = f"row {first[1]}" if first[0] == file else f"{first[0]}, row {first[1]}"
    columns = [table.columns[key] for key in table.key]
    shown = None
    if not any(column.type in IDENTIFYING_TYPES for column in columns):
        shown = ", ".join(str(rows[key][position].as_py()) for key in table.key)
    return Fault(
        file, sheet, row, name, ", ".join(table.key), "、".join(c.header for c in columns),
        shown, "repeated", f"stands in {where} already",
    )  # fmt: skip
