"""The engine: counts, lists and the trend of every comparison in ``params/consistency.yml``."""

from functools import reduce

import narwhals as nw
import pandas as pd

from healthmon.burden import collect_frame
from healthmon.consistency.facts import gather_facts
from healthmon.consistency.sources import Moment
from healthmon.consistency.terms import Comparison, load_consistency_terms
from healthmon.exports import list_tables
from healthmon.project import Project, check_month
from healthmon.tables import scan_table

_BY = ["county_code", "prefecture_code"]
_COUNTS = ("counted", "differing", "undetermined")
_SOURCE = ("source_file", "source_sheet", "source_row")


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
        ``right_file``, ``right_sheet``, ``right_row``: the last row each department delivered
        about the person (or household), missing where there is none. No names.

    Raises
    ------
    ParameterError
        When ``params/consistency.yml`` is refused.
    UserError
        When `month` is no month.
    """
    at = _moment(project, month)
    facts = gather_facts(at)
    parts = [
        _list_one(at, facts[comparison.frame], name, comparison)
        for name, comparison in _in_force(at).items()
    ]
    listed = pd.concat(parts, ignore_index=True)
    order = ["comparison", "county_code", "person_id", "disease"]
    return listed.sort_values(order, ignore_index=True, na_position="last")


def trend_differences(project: Project, month: str) -> pd.DataFrame:
    """Count differences in each of the last months, each as it stood when that month ended.

    Parameters
    ----------
    project : Project
    month : str
        The last month.

    Returns
    -------
    DataFrame
        As :func:`count_differences`, with ``month``; months without any export left out.

    Raises
    ------
    ParameterError
        When ``params/consistency.yml`` is refused.
    UserError
        When `month` is no month.
    """
    count = _moment(project, month).terms.trend_months
    months = pd.period_range(end=month, periods=count, freq="M").astype(str)
    delivered = {path.stem for path in project.processed.glob("*/????-??.parquet")}
    parts = [
        count_differences(project, each).assign(month=each) for each in months if each in delivered
    ]
    return pd.concat(parts, ignore_index=True)


def _moment(project: Project, month: str) -> Moment:
    return Moment(project, check_month(month), load_consistency_terms(project.params))


def _in_force(at: Moment) -> dict[str, Comparison]:
    comparisons = at.terms.comparisons.items()
    return {name: item for name, item in comparisons if item.is_in_force(at.day)}


def _counts(comparison: Comparison) -> nw.Expr:
    """Say which rows are looked at; null where a fact that decides it is not known."""
    return reduce(lambda one, other: one & other, (nw.col(name) for name in comparison.among))


def _count_frame(rows: nw.LazyFrame, comparisons: dict[str, Comparison]) -> pd.DataFrame:
    """Count all comparisons of one frame in one pass."""
    flags = {}
    for name, comparison in comparisons.items():
        among, differs = _counts(comparison), nw.col(comparison.differs)
        flags[f"{name}/counted"] = among & ~differs.is_null()
        flags[f"{name}/differing"] = among & differs
        # null among: nobody knows whether the row counts
        flags[f"{name}/undetermined"] = among.is_null() | (among & differs.is_null())
    numbers = {
        name: nw.when(flag).then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64)
        for name, flag in flags.items()
    }
    summed = rows.with_columns(**numbers).group_by(_BY).agg(nw.col(*numbers).sum())
    wide = collect_frame(summed.with_columns(nw.col(*numbers).cast(nw.Int64)))
    long = wide.melt(id_vars=_BY, var_name="what", value_name="count")
    long[["comparison", "what"]] = long["what"].str.split("/", expand=True)
    keys = ["comparison", *_BY]
    table = long.pivot_table(index=keys, columns="what", values="count", dropna=False)
    table = long.set_index([*keys, "what"])["count"].unstack("what").reset_index()
    return table.rename(columns={name: f"{name}_person_count" for name in _COUNTS})


def _list_one(
    at: Moment, rows: nw.LazyFrame, name: str, comparison: Comparison
) -> pd.DataFrame:
    differs = _counts(comparison) & nw.col(comparison.differs)
    found = rows.filter(differs).select(*_BY, "person_id", "disease", "household_id")
    for side in ("left", "right"):
        found = _with_source(at, found, getattr(comparison, side), side)
    listed = collect_frame(found.drop("household_id"))
    return listed.assign(comparison=name)[["comparison", *listed.columns]]


def _with_source(at: Moment, found: nw.LazyFrame, table: str, side: str) -> nw.LazyFrame:
    """Add file, sheet and row of the last row that a table holds about each person found."""
    columns = list_tables(at.project.params)[table].columns
    who = ["person_id"] if "person_id" in columns else ["household_id"]
    if "disease" in columns and table != "settlements":
        who.append("disease")
    rows = scan_table(at.project, table, at.month)
    if "disease" in who:
        # a comparison of persons names no disease: any of the person's rows then
        found_diseases = found.filter(~nw.col("disease").is_null()).head(1).collect("pandas")
        who = who if len(found_diseases) else who[:1]
    keys = found.select(*who).unique()
    month, row = nw.col("delivered_month"), nw.col("source_row").cast(nw.Int64)
    numbered = rows.join(keys, on=who, how="inner").with_columns(
        delivery=_number(month) * 10_000_000 + row
    )
    latest = numbered.with_columns(last_delivery=nw.col("delivery").max().over(*who))
    latest = latest.filter(nw.col("delivery") == nw.col("last_delivery")).with_columns(
        last_file=nw.col("source_file").max().over(*who)
    )
    names = {f"{side}_{part.removeprefix('source_')}": nw.col(part) for part in _SOURCE}
    refs = latest.filter(nw.col("source_file") == nw.col("last_file")).select(*who, **names)
    return found.join(refs, on=who, how="left")


def _number(month: nw.Expr) -> nw.Expr:
    year, number = month.str.slice(0, 4).cast(nw.Int64), month.str.slice(5, 2).cast(nw.Int64)
    return year * 12 + number
