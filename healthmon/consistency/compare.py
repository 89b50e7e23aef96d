"""The engine: counts and lists of every comparison in ``params/consistency.yml``."""

from functools import reduce

import narwhals as nw
import pandas as pd
import pyarrow as pa

from healthmon.consistency.facts import gather_facts
from healthmon.consistency.sources import Moment
from healthmon.consistency.terms import Comparison, load_consistency_terms
from healthmon.exports import list_tables
from healthmon.project import Project, check_month
from healthmon.tables import collect_frame, connection

_BY = ["county_code", "prefecture_code"]
_COUNTS = ("counted", "differing", "undetermined")
_SOURCE = ("source_file", "source_sheet", "source_row")
_KEY_TYPES = {"person_id": pa.int64(), "household_id": pa.int64()}
_WHOLE = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype()}


def count_differences(project: Project, month: str) -> pd.DataFrame:
    """Count the differences between departments by county.

    Parameters
    ----------
    project : Project
    month : str
        As in ``2022-06``; only what had been delivered by then is seen.

    Returns
    -------
    DataFrame
        One row a comparison in force and county: ``comparison``, ``county_code`` (missing where
        no department says in which county the persons are), ``prefecture_code``,
        ``counted_person_count`` (denominator: what can be decided), ``differing_person_count``
        (numerator), ``undetermined_person_count``. Patients and cases count once a disease.

    Raises
    ------
    ParameterError
        When ``params/consistency.yml`` is refused.
    UserError
        When `month` is no month.

    References
    ----------
    JL-3.
    """
    at = _moment(project, month)
    facts, asked = gather_facts(at), _in_force(at)
    parts = [
        _count_frame(facts[frame], {k: c for k, c in asked.items() if c.frame == frame})
        for frame in sorted({comparison.frame for comparison in asked.values()})
    ]
    columns = ["comparison", *_BY, *(f"{name}_person_count" for name in _COUNTS)]
    if not parts:
        return pd.DataFrame(columns=columns)
    counts = pd.concat(parts, ignore_index=True)[columns]
    counts = counts[(counts[columns[3:]] > 0).any(axis=1)]
    return counts.sort_values(columns[:3], ignore_index=True)


def list_differences(project: Project, month: str) -> pd.DataFrame:
    """List every difference, with the rows of both departments that show it.

    Parameters
    ----------
    project : Project
    month : str

    Returns
    -------
    DataFrame
        One row a difference: ``comparison``, ``county_code``, ``prefecture_code``,
        ``person_id``, ``disease``, and ``left_file``, ``left_sheet``, ``left_row``,
        ``right_file``, ``right_sheet``, ``right_row``: the last row that each department
        delivered about the person (household, disease), missing where there is none. No names.

    Raises
    ------
    ParameterError
        When ``params/consistency.yml`` is refused.
    UserError
        When `month` is no month.
    """
    at = _moment(project, month)
    facts, asked = gather_facts(at), _in_force(at)
    parts = [_find(facts[item.frame], name, item) for name, item in asked.items()]
    found = pd.concat(parts, ignore_index=True)
    for side in ("left", "right"):
        tables = {name: getattr(item, side) for name, item in asked.items()}
        found = _with_sources(at, found, found["comparison"].map(tables), side)
    order = ["comparison", "county_code", "person_id", "disease"]
    found = found.drop(columns="household_id")
    return found.sort_values(order, ignore_index=True, na_position="last")


def _moment(project: Project, month: str) -> Moment:
    return Moment(project, check_month(month), load_consistency_terms(project.params))


def _in_force(at: Moment) -> dict[str, Comparison]:
    comparisons = at.terms.comparisons.items()
    return {name: item for name, item in comparisons if item.is_in_force(at.day)}


def judge(comparison: Comparison) -> dict[str, nw.Expr]:
    """Return what a comparison says of each row of its frame.

    Returns
    -------
    dict
        ``counted`` (the row counts and can be decided), ``differing`` and ``undetermined`` (a
        fact that decides it is not known); each true, else false or null.
    """
    among = reduce(lambda one, other: one & other, (nw.col(name) for name in comparison.among))
    differs = nw.col(comparison.differs)
    return {
        "counted": among & ~differs.is_null(),
        "differing": among & differs,
        # null among: nobody knows whether the row counts
        "undetermined": among.is_null() | (among & differs.is_null()),
    }


def _count_frame(rows: nw.LazyFrame, comparisons: dict[str, Comparison]) -> pd.DataFrame:
    """Count all comparisons of one frame in one pass."""
    flags = {
        f"{name}/{what}": said
        for name, comparison in comparisons.items()
        for what, said in judge(comparison).items()
    }
    numbers = {
        name: nw.when(flag).then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64)
        for name, flag in flags.items()
    }
    summed = rows.with_columns(**numbers).group_by(_BY).agg(nw.col(*numbers).sum())
    wide = collect_frame(summed.with_columns(nw.col(*numbers).cast(nw.Int64)))
    parts = [
        wide[_BY].assign(
            comparison=name,
            **{f"{count}_person_count": wide[f"{name}/{count}"] for count in _COUNTS},
        )
        for name in comparisons
    ]
    return pd.concat(parts, ignore_index=True)


def _find(rows: nw.LazyFrame, name: str, comparison: Comparison) -> pd.DataFrame:
    found = rows.filter(judge(comparison)["differing"]).select(
        *_BY, "person_id", "disease", "household_id"
    )
    listed = found.with_columns(comparison=nw.lit(name)).collect("pyarrow").to_native()
    return listed.to_pandas(types_mapper=_WHOLE.get)


def _with_sources(at: Moment, found: pd.DataFrame, tables: pd.Series, side: str) -> pd.DataFrame:
    """Add file, sheet and row of the last row that each difference's table holds about it."""
    parts = []
    for table, rows in found.groupby(tables):
        columns = list_tables(at.project.params)[table].columns
        who = ["person_id"] if "person_id" in columns else ["household_id"]
        if "disease" in columns and rows["disease"].notna().all():
            who.append("disease")
        sources = _last_rows(at, table, rows[who].drop_duplicates(), who, side)
        parts.append(rows.merge(sources, on=who, how="left"))
    return pd.concat(parts, ignore_index=True)


def _last_rows(
    at: Moment, table: str, keys: pd.DataFrame, who: list[str], side: str
) -> pd.DataFrame:
    """Return where the last row delivered about each of some persons or households stands."""
    schema = pa.schema([(name, _KEY_TYPES.get(name, pa.string())) for name in who])
    wanted = nw.from_native(
        connection().from_arrow(pa.Table.from_pandas(keys, schema, preserve_index=False))
    )
    rows = at.scan(table).select(*who, *_SOURCE, "delivered_month")
    kept = rows.join(wanted, on=who, how="inner").collect("pyarrow").to_native()
    frame = kept.to_pandas(types_mapper=_WHOLE.get)
    frame = frame.sort_values(["delivered_month", "source_file", "source_row"], kind="stable")
    names = {part: f"{side}_{part.removeprefix('source_')}" for part in _SOURCE}
    last = frame.drop_duplicates(who, keep="last")
    return last[[*who, *_SOURCE]].rename(columns=names)
