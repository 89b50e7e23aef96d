"""The clean tables in ``data/processed``: their schemas, and how they are read.

Each table lies in one Parquet file a month delivered. Asking for a table `until` a month reads
the files up to that month only, so that what is delivered later changes nothing seen before.
"""

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache

import duckdb
import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from healthmon.exports import DROPPED_TYPES, Table, list_tables
from healthmon.project import Project, check_month

ARROW_TYPES = {
    "text": pa.string(),
    "code": pa.string(),
    "category": pa.string(),
    "identity_number": pa.int64(),
    "household_number": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "year": pa.int32(),
    "count": pa.int64(),
    "money": pa.int64(),
    "percent": pa.int32(),
}
SOURCE_FIELDS = (
    pa.field("source_file", pa.string()),
    pa.field("source_sheet", pa.string()),
    pa.field("source_row", pa.int32()),
    pa.field("delivered_month", pa.string()),
)
SET_ASIDE = "set_aside"
SET_ASIDE_SCHEMA = pa.schema(
    [
        *SOURCE_FIELDS[:3],
        *(pa.field(name, pa.string()) for name in ("table", "column", "header", "value")),
        *(pa.field(name, pa.string()) for name in ("reason_code", "reason", "place_code")),
    ]
)
LINKS = "links"
LINKS_SCHEMA = pa.schema(
    [
        *SOURCE_FIELDS[:3],
        pa.field("table", pa.string()),
        pa.field("person_id", pa.int64()),
        pa.field("link_kind", pa.string()),
        pa.field("link_score", pa.float64()),
    ]
)
"""Rows linked otherwise than by their own valid number."""
PERSON_INDEX = "person_index"
PERSON_INDEX_SCHEMA = pa.schema(
    [
        pa.field("person_id", pa.int64()),
        *(pa.field(name, pa.string()) for name in ("department", "first_month", "first_table")),
    ]
)
"""In the month in which a department first names a person."""
_MADE_AT_INTAKE = {
    SET_ASIDE: SET_ASIDE_SCHEMA, LINKS: LINKS_SCHEMA, PERSON_INDEX: PERSON_INDEX_SCHEMA,
}  # fmt: skip
_PANDAS_TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
_DUCKDB_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.int32(): "INTEGER",
    pa.bool_(): "BOOLEAN",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
}


def table_schema(table: Table) -> pa.Schema:
    """Return the columns of a clean table: those of the export, then where each row came from."""
    kept = ((k, column) for k, column in table.columns.items() if column.type not in DROPPED_TYPES)
    return pa.schema([*(pa.field(k, ARROW_TYPES[c.type]) for k, c in kept), *SOURCE_FIELDS])


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """Return the one DuckDB connection: only tables of the same connection can be joined."""
    opened = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,  # nothing is ever downloaded
            "memory_limit": "2GB",
            "temp_directory": tempfile.gettempdir(),
        }
    )
    # in Jupyter without widgets it is off, and even turning it off is an error
    if opened.execute("SELECT current_setting('enable_progress_bar')").fetchall() != [(False,)]:
        opened.execute("SET enable_progress_bar = false")
    return opened


def scan_table(project: Project, name: str, until: str | None = None) -> nw.LazyFrame:
    """Open a clean table for lazy work.

    Parameters
    ----------
    project : Project
    name : str
        A table of ``params/exports``, or ``set_aside``, ``links`` or ``person_index``.
    until : str, optional
        Last month delivered that is seen, as in ``2022-06``; all by default.

    Returns
    -------
    narwhals.LazyFrame
        On DuckDB, columns as in :func:`table_schema`; no rows when nothing was delivered. Sums
        of integers come out of DuckDB as 128 bits: cast them to Int64.

    Raises
    ------
    ValueError
        When there is no such table.
    UserError
        When `until` is no month.
    """
    files, schema = _files(project, name, until), _schema(project, name)
    if files:
        return nw.from_native(connection().read_parquet(files))
    nothing = ", ".join(
        f'CAST(NULL AS {_DUCKDB_TYPES[field.type]}) AS "{field.name}"' for field in schema
    )
    return nw.from_native(connection().sql(f"SELECT {nothing} WHERE false"))


def read_table(
    project: Project,
    name: str,
    until: str | None = None,
    months: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read a clean table into pandas.

    Parameters
    ----------
    project : Project
    name : str
        A table of ``params/exports``, or ``set_aside``, ``links`` or ``person_index``.
    until : str, optional
        Last month delivered that is seen.
    months : sequence of str, optional
        Only these months delivered.
    columns : sequence of str, optional
        Only these columns, in this order.

    Returns
    -------
    DataFrame
        In the order delivered. Integers and booleans are pandas' nullable types, so that missing
        is missing; dates are ``datetime64``.

    Raises
    ------
    ValueError
        When there is no such table.
    UserError
        When `until` is no month.
    """
    files, schema = _files(project, name, until, months), _schema(project, name)
    source = ds.dataset(files, schema=schema) if files else ds.dataset(schema.empty_table())
    found = source.to_table(columns=list(columns) if columns is not None else None)
    return found.to_pandas(types_mapper=_PANDAS_TYPES.get, date_as_object=False)


def hold(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Compute a lazy frame now and keep it in memory, for one that is used several times.

    The register is replayed from all its changes; asked for at each use, that would be most of
    the time.
    """
    return nw.from_native(connection().from_arrow(rows.collect("pyarrow").to_native()))


def hold_frame(rows: pd.DataFrame, columns: Mapping[str, pa.DataType]) -> nw.LazyFrame:
    """Put columns of a pandas frame, of stated types, where lazy tables can be joined to them."""
    schema = pa.schema(list(columns.items()))
    table = pa.Table.from_pandas(rows[list(columns)], schema, preserve_index=False)
    return nw.from_native(connection().from_arrow(table))


def collect_frame(rows: nw.LazyFrame) -> pd.DataFrame:
    """Compute a lazy frame as pandas, by way of Arrow: texts are then taken over, not copied."""
    return rows.collect("pyarrow").to_native().to_pandas(date_as_object=False)


def collect_nullable(rows: nw.LazyFrame) -> pd.DataFrame:
    """Compute a lazy frame as pandas with its nullable types, as :func:`read_table` gives them."""
    found = rows.collect("pyarrow").to_native()
    return found.to_pandas(types_mapper=_PANDAS_TYPES.get, date_as_object=False)


def is_delivered(project: Project, name: str, until: str) -> bool:
    """Say whether any file of a table was delivered up to a month, be it without rows."""
    return bool(_files(project, name, until))


def _schema(project: Project, name: str) -> pa.Schema:
    if name in _MADE_AT_INTAKE:
        return _MADE_AT_INTAKE[name]
    tables = list_tables(project.params)
    if name not in tables:
        raise ValueError(f"no table '{name}' in params/exports")
    return table_schema(tables[name])


def _files(
    project: Project, name: str, until: str | None, months: Sequence[str] | None = None
) -> list[str]:
    last = check_month(until) if until is not None else None
    return [
        str(path)
        for path in sorted((project.processed / name).glob("????-??.parquet"))
        if (last is None or path.stem <= last) and (months is None or path.stem in months)
    ]
