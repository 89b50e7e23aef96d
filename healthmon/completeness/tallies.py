"""Rows and sums of every table by county and month delivered, and whether rows stood still."""

from functools import reduce

import narwhals as nw
import numpy as np
import pandas as pd

from healthmon.completeness.terms import CompletenessTerms
from healthmon.exports import Table, list_tables
from healthmon.project import Project, check_month
from healthmon.registers import households, last_homes
from healthmon.source_places import file_places
from healthmon.tables import collect_frame, hold, scan_table

NUMERIC = ("count", "money", "percent")
_PLACE_COLUMNS = ("county_code", "township_code", "village_code")


def tally_rows(project: Project, month: str) -> pd.DataFrame:
    """Count rows and add up numbers of each due table by county and month delivered.

    Parameters
    ----------
    project : Project
    month : str
        Last month delivered that is seen.

    Returns
    -------
    DataFrame
        ``table``, ``column`` (``rows`` for the number of rows), ``county_code`` (missing where
        a row says no county), ``delivered_month``, ``total``, ``known_count`` (rows in which the
        column is filled in). The county of a row is its own place, else its file's, else that
        of its person's or household's village on the register.

    Raises
    ------
    UserError
        When `month` is no month.
    """
    check_month(month)
    keys = {"person_id": _person_counties(project, month)}
    keys["household_id"] = _household_counties(project, month)
    due = {name: table for name, table in list_tables(project.params).items() if not table.optional}
    parts = [_tally_table(project, month, name, table, keys) for name, table in due.items()]
    # DuckDB gives groups in no order, and what is kept is the same in every run
    order = ["table", "column", "county_code", "delivered_month"]
    return pd.concat(parts).sort_values(order, ignore_index=True)


def _household_counties(project: Project, month: str) -> nw.LazyFrame:
    homes = households(project, month).select("household_id", key_county=nw.col("county_code"))
    return hold(homes)


def _person_counties(project: Project, month: str) -> nw.LazyFrame:
    return hold(last_homes(project, month).select("person_id", key_county=nw.col("county_code")))


def with_county(
    project: Project,
    month: str,
    name: str,
    rows: nw.LazyFrame,
    keys: dict[str, nw.LazyFrame],
) -> nw.LazyFrame:
    """Add the ``row_county`` of each row of a table, null where nothing says it."""
    table = list_tables(project.params)[name]
    stated = [nw.col(c).str.slice(0, 6) for c in _PLACE_COLUMNS if c in table.columns]
    if table.scope == "county":
        rows = rows.join(file_places(rows), on="source_file", how="left")
        stated.append(nw.col("file_place"))
    key = next((key for key in keys if key in table.columns), None)
    if key and not any(table.columns[c].required for c in _PLACE_COLUMNS if c in table.columns):
        rows = rows.join(keys[key], on=key, how="left")
        stated.append(nw.col("key_county"))
    county = nw.coalesce(*stated) if len(stated) > 1 else reduce(lambda a, _: a, stated)
    return rows.with_columns(row_county=county)


def _tally_table(
    project: Project, month: str, name: str, table: Table, keys: dict[str, nw.LazyFrame]
) -> pd.DataFrame:
    numbers = [key for key, column in table.columns.items() if column.type in NUMERIC]
    rows = with_county(project, month, name, scan_table(project, name, month), keys)
    flags = {
        f"known/{key}": nw.when(nw.col(key).is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
        for key in numbers
    }
    sums = ["known/rows", *numbers, *flags]
    counted = (
        rows.with_columns(**flags, **{"known/rows": nw.lit(1)})
        .group_by("row_county", "delivered_month")
        .agg(nw.col(*sums).sum())
        .with_columns(nw.col(*sums).cast(nw.Int64))
    )
    wide = collect_frame(counted).assign(rows=lambda frame: frame["known/rows"])
    parts = [
        pd.DataFrame(
            {
                "table": name,
                "column": key,
                "county_code": wide["row_county"].astype("str").where(wide["row_county"].notna()),
                "delivered_month": wide["delivered_month"],
                "total": wide[key].fillna(0).astype("int64"),
                "known_count": wide[f"known/{key}"].astype("int64"),
            }
        )
        for key in ["rows", *numbers]
    ]
    return pd.concat(parts, ignore_index=True)


def mark_moving_rows(
    project: Project, month: str, months: list[str], terms: CompletenessTerms
) -> pd.DataFrame:
    """Give each county's rows of the moving columns a mark by month: equal rows, equal marks.

    Parameters
    ----------
    months : list of str
        Months delivered that are marked.

    Returns
    -------
    DataFrame
        ``table``, ``county_code``, ``delivered_month``, ``mark`` (unsigned 64 bits; the order
        of the rows does not matter).
    """
    keys = {"person_id": _person_counties(project, month)}
    keys["household_id"] = _household_counties(project, month)
    parts = []
    for name, columns in terms.moving_columns.items():
        rows = scan_table(project, name, month)
        kept = rows.filter(nw.col("delivered_month").is_in(months))
        key = list_tables(project.params)[name].key
        wanted = list(dict.fromkeys([*columns, *key]))
        located = with_county(project, month, name, kept, keys)
        frame = collect_frame(located.select("row_county", "delivered_month", *wanted))
        hashes = pd.util.hash_pandas_object(frame[wanted], index=False).to_numpy()
        with np.errstate(over="ignore"):
            marks = pd.Series(hashes).groupby([frame["row_county"], frame["delivered_month"]]).sum()
        marks.index.names = ["county_code", "delivered_month"]
        parts.append(marks.rename("mark").reset_index().assign(table=name))
    return pd.concat(parts, ignore_index=True)
