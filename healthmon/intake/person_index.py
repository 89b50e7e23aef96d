"""The person index: who is known, since when, from which departments; it only grows.

Each month's file holds a row for every person whom a department names for the first time.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from healthmon.exports import load_exports
from healthmon.intake.month import StagedMonth, write_rows
from healthmon.intake.ordered import are_in, merge
from healthmon.intake.people import column_of_type
from healthmon.project import Project
from healthmon.tables import PERSON_INDEX, PERSON_INDEX_SCHEMA


def index_persons(project: Project, staged: list[StagedMonth]) -> None:
    """Stage the person index of months that are read anew.

    Parameters
    ----------
    project : Project
    staged : list of StagedMonth
        With their tables as they will be published.
    """
    by_month = {item.month: item for item in staged}
    months = sorted(by_month)
    published = (project.processed / PERSON_INDEX).glob("????-??.parquet")
    earlier = {path.stem: path for path in published if path.stem < months[-1]}
    found = {month: [PERSON_INDEX_SCHEMA.empty_table()] for month in months}
    for department, columns in _columns_of_departments(project.params).items():
        known = np.empty(0, np.int64)
        for month in sorted(by_month | earlier):
            if month not in by_month:
                known = merge(known, _read_index(earlier[month], department))
                continue
            persons, first = _named_in(by_month[month], columns)
            new = ~are_in(persons, known)
            found[month].append(_rows(persons[new], department, month, first[new], list(columns)))
            known = merge(known, persons[new])
    for month, parts in found.items():
        rows = pa.concat_tables(parts).sort_by(
            [("person_id", "ascending"), ("department", "ascending")]
        )
        write_rows(rows, by_month[month].path(PERSON_INDEX))


def _columns_of_departments(params: Path) -> dict[str, dict[str, str]]:
    """Return the column of persons of each table that has one, by department, tables by name."""
    return {
        department: {
            name: column
            for name, table in sorted(about.tables.items())
            if (column := column_of_type(table, "identity_number"))
        }
        for department, about in load_exports(params).items()
    }


def _named_in(item: StagedMonth, columns: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Return who is named in a month, ascending, and the number of the first table that does."""
    parts = [
        _read_persons(item.path(name), column)
        if item.path(name).exists()
        else np.empty(0, np.int64)
        for name, column in columns.items()
    ]
    tables = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    persons, first = np.unique(_joined(parts), return_index=True)
    return persons, tables[first]


def _read_persons(path: Path, column: str) -> np.ndarray:
    persons = np.sort(pq.read_table(path, columns=[column])[column].drop_null().to_numpy())
    # np.unique would hash them, which takes ten times as long
    return persons[np.diff(persons, prepend=persons[:1] - 1) != 0]


def _read_index(path: Path, department: str) -> np.ndarray:
    rows = pq.read_table(path, columns=["person_id", "department"])
    return rows.filter(pc.equal(rows["department"], department))["person_id"].to_numpy()


def _joined(parts: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.empty(0, np.int64), *parts])


def _rows(
    persons: np.ndarray, department: str, month: str, first: np.ndarray, tables: list[str]
) -> pa.Table:
    count = len(persons)
    names = pa.array(tables, pa.string())
    columns = [
        pa.array(persons),
        pa.repeat(pa.scalar(department), count),
        pa.repeat(pa.scalar(month), count),
        names.take(pa.array(first)),
    ]
    return pa.table(columns, schema=PERSON_INDEX_SCHEMA)
