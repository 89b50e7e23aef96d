"""The person index: who is known, since when, from which departments; it only grows.

Each month's file holds a row for every person whom a department names for the first time.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from healthmon.exports import load_exports
from healthmon.intake.month import StagedMonth, write_rows
from healthmon.intake.people import column_of_type
from healthmon.project import Project
from healthmon.tables import PERSON_INDEX, PERSON_INDEX_SCHEMA, connection


def index_persons(project: Project, staged: list[StagedMonth]) -> None:
    """Stage the person index of months that are read anew.

    Parameters
    ----------
    project : Project
    staged : list of StagedMonth
        With their tables as they will be published.
    """
    columns = {
        name: (department, column)
        for department, about in load_exports(project.params).items()
        for name, table in about.tables.items()
        if (column := column_of_type(table, "identity_number"))
    }
    months = {item.month for item in staged}
    published = (project.processed / PERSON_INDEX).glob("????-??.parquet")
    earlier = [path for path in published if path.stem < max(months) and path.stem not in months]
    parts = [
        f"SELECT {column} AS person_id, '{department}' AS department, '{name}' AS named_in, "
        f"min(delivered_month) AS named_month FROM read_parquet({_listed(paths)}) GROUP BY {column}"
        for name, (department, column) in columns.items()
        if (paths := [path for item in staged if (path := item.path(name)).exists()])
    ]
    if earlier:
        parts.append(
            "SELECT person_id, department, first_table, first_month "
            f"FROM read_parquet({_listed(earlier)})"
        )
    rows = _first_named(parts, months) if parts else PERSON_INDEX_SCHEMA.empty_table()
    in_order = rows["first_month"].combine_chunks().dictionary_encode()
    indices = in_order.indices.to_numpy(zero_copy_only=False)
    spans = {
        month: np.searchsorted(indices, [index, index + 1]).tolist()
        for index, month in enumerate(in_order.dictionary.to_pylist())
    }
    for item in staged:
        first, end = spans.get(item.month, (0, 0))
        write_rows(rows.slice(first, end - first), item.path(PERSON_INDEX))


def _first_named(parts: list[str], months: set[str]) -> pa.Table:
    """Find who is named first in which of the months; of its tables the first by name."""
    # months all have the same length, so that both can be compared as one text
    found = connection().sql(f"""
        SELECT person_id, department, first[:7] AS first_month, first[8:] AS first_table
        FROM (
            SELECT person_id, department, min(named_month || named_in) AS first
            FROM ({" UNION ALL ".join(parts)}) AS named
            WHERE person_id IS NOT NULL
            GROUP BY ALL
        )
        WHERE first_month IN ({", ".join(f"'{month}'" for month in months)})
        ORDER BY first_month, person_id, department
    """)
    return found.to_arrow_table().cast(PERSON_INDEX_SCHEMA)


def _listed(paths: list[Path]) -> str:
    return f"[{', '.join(_quoted(path) for path in paths)}]"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
