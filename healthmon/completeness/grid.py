"""The grid of what must come: county by month by table, with what was found."""

from datetime import date
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from healthmon.completeness.robust import least_spread, robust_scores
from healthmon.completeness.tallies import mark_moving_rows, tally_rows
from healthmon.completeness.terms import CompletenessTerms, Small, load_completeness_terms
from healthmon.exports import Deadline, Table, load_exports
from healthmon.intake.manifest import read_manifest
from healthmon.places import read_places
from healthmon.project import Project
from healthmon.source_places import place_of_file
from healthmon.tables import read_table

CAME = ("came", "no_changes", "same", "small")
"""States in which the county's part came, odd or not."""
LOST = ("missing", "unreadable", "no_rows")
_KEYS = ["table", "county_code", "delivered_month"]


def fill_grid(project: Project, month: str, tallies: pd.DataFrame | None = None) -> pd.DataFrame:
    """Say of every county, month and table what came.

    Parameters
    ----------
    project : Project
    month : str
        Last month of the grid.
    tallies : DataFrame, optional
        As from :func:`healthmon.completeness.tallies.tally_rows`, where they are at hand.

    Returns
    -------
    DataFrame
        One row a county, month and table due: ``prefecture_code``, ``county_code``,
        ``delivered_month``, ``department``, ``table``, ``row_count`` (taken, of this county),
        ``state`` and ``is_late`` (missing where no deadline or no receipt says it). States:
        ``missing`` (no file), ``unreadable`` (a file, but the table could not be read from it),
        ``no_rows`` (none for this county), ``no_changes`` (the same, where it may be so),
        ``same`` (as last month, though it should move), ``small`` (far under the county's own
        usual number), ``came``.

    Raises
    ------
    ParameterError
        When ``params/completeness.yml`` is refused.
    UserError
        When `month` is no month.

    References
    ----------
    JL-5; the deadlines are those of GZ-1.
    """
    terms = load_completeness_terms(project.params)
    tallies = tally_rows(project, month) if tallies is None else tallies
    rows = tallies[tallies["column"] == "rows"].dropna(subset="county_code")
    grid = _list_due(project, _grid_months(project, month, terms.grid_months))
    counts = rows.set_index(_KEYS)["total"]
    index = pd.MultiIndex.from_frame(grid[_KEYS])
    grid["row_count"] = counts.reindex(index).fillna(0).astype("int64").to_numpy()
    states = [
        grid["file_state"].to_numpy() == "missing",
        grid["file_state"].to_numpy() == "unreadable",
        (grid["row_count"] == 0)
        & grid["cadence"].isin(terms.blank_is_missing)
        & ~grid["may_be_empty"].to_numpy(dtype=bool),
        grid["row_count"] == 0,
        _is_same(project, month, grid, terms),
        _is_small(rows, grid, terms.small),
    ]
    names = ["missing", "unreadable", "no_rows", "no_changes", "same", "small"]
    grid["state"] = np.select(states, names, "came")
    grid["is_late"] = grid["is_late"].where(~grid["state"].isin(["missing"])).astype("boolean")
    columns = ["prefecture_code", "county_code", "delivered_month", "department", "table",
               "row_count", "state", "is_late"]  # fmt: skip
    return grid[columns].sort_values(columns[1:5], ignore_index=True)


def _grid_months(project: Project, month: str, count: int) -> list[str]:
    """List the last months, from the first one in which anything was delivered on."""
    first = min((p.stem for p in project.processed.glob("*/????-??.parquet")), default=month)
    months = pd.period_range(end=month, periods=count, freq="M").astype(str)
    return [each for each in months if each >= first]


def _list_due(project: Project, months: list[str]) -> pd.DataFrame:
    """List every county, month and table due, with the state of the file that covers it."""
    manifest, receipts = read_manifest(project)["months"], _receipts(project, months[-1])
    parts = [
        _due_in(name, table, files).assign(department=department.department, delivered_month=month)
        for department in load_exports(project.params).values()
        for name, table in department.tables.items()
        for month in months
        if not table.optional and table.file_names(month)
        for files in [_state_files(name, table, month, manifest.get(month, {}), receipts)]
    ]
    return pd.concat(parts, ignore_index=True)


def _due_in(name: str, table: Table, files: pd.DataFrame) -> pd.DataFrame:
    """Give every county the state of the file that covers it."""
    counties = read_places("counties")
    rows = pd.DataFrame(
        {"county_code": counties["code"], "prefecture_code": counties["prefecture_code"]}
    )
    covering = {
        "province": pd.Series("province", index=rows.index),
        "prefecture": rows["prefecture_code"],
        "county": rows["county_code"],
    }[table.scope]
    return rows.assign(
        table=name,
        cadence=table.cadence,
        may_be_empty=table.may_be_empty,
        file_state=covering.map(files["file_state"]).to_numpy(),
        is_late=covering.map(files["is_late"]).astype("boolean").to_numpy(),
    )


def _state_files(
    name: str, table: Table, month: str, entry: dict, receipts: dict[str, date]
) -> pd.DataFrame:
    """State of each file due in a month, by the place in its name (``province`` for all).

    A file under another name counts when the table was read from it.
    """
    files = entry.get("files", {})
    read = {file: place_of_file(file) for file, about in files.items() if name in about["tables"]}
    stems = {_stem(file) for file in files}
    rows = {}
    for file, place in zip(table.file_names(month), _scope_places(table), strict=True):
        came = [each for each, code in read.items() if place in (code, "province")]
        state = "came" if came else "unreadable" if _stem(file) in stems else "missing"
        days = [receipts[stem] for stem in {_stem(file), *map(_stem, came)} if stem in receipts]
        late = _is_late(table.deadline, month, min(days, default=None))
        rows[place] = {"file_state": state, "is_late": late}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["file_state", "is_late"])


def _scope_places(table: Table) -> list[str]:
    levels = {"prefecture": "prefectures", "county": "counties"}
    if table.scope == "province":
        return ["province"]
    return list(read_places(levels[table.scope])["code"])


def _is_late(deadline: Deadline | None, month: str, received: date | None) -> bool | None:
    """Say whether a file came after its day of the following month; None where unknown."""
    if deadline is None or received is None:
        return None
    following = (pd.Period(month, freq="M") + 1).start_time
    return received > date(following.year, following.month, deadline.day)


def _receipts(project: Project, until: str) -> dict[str, date]:
    """Map file names, without ending, to the first day on which the file came."""
    rows = read_table(project, "receipts", until).dropna(subset=["file_name", "received_date"])
    first = rows.sort_values("received_date").drop_duplicates("file_name")
    return {
        _stem(file): day.date()
        for file, day in zip(first["file_name"], first["received_date"], strict=True)
    }


def _stem(path: str) -> str:
    """Return a file's name without folder and endings: what is sent as .xls is no other file."""
    return PurePosixPath(path).name.split(".")[0]


def _is_same(
    project: Project, month: str, grid: pd.DataFrame, terms: CompletenessTerms
) -> np.ndarray:
    """Mark counties whose rows are those of the month before."""
    months = sorted(set(grid["delivered_month"]))
    before = str(pd.Period(months[0], freq="M") - 1)
    marks = mark_moving_rows(project, month, [before, *months], terms).set_index(_KEYS)["mark"]
    now = marks.reindex(pd.MultiIndex.from_frame(grid[_KEYS])).to_numpy()
    earlier = grid[_KEYS].copy()
    earlier["delivered_month"] = (pd.PeriodIndex(earlier["delivered_month"], freq="M") - 1).astype(
        str
    )
    then = marks.reindex(pd.MultiIndex.from_frame(earlier)).to_numpy()
    return (now == then) & ~pd.isna(now) & (grid["row_count"] >= terms.moving_from_rows).to_numpy()


def _is_small(rows: pd.DataFrame, grid: pd.DataFrame, terms: Small) -> np.ndarray:
    """Mark counties whose rows are far under their own usual number."""
    wide = rows.pivot_table(
        index=["table", "county_code"], columns="delivered_month", values="total", fill_value=0
    )
    result = np.zeros(len(grid), dtype=bool)
    for month, part in grid.groupby("delivered_month"):
        past = [m for m in wide.columns if m < month][-terms.history_months :]
        if len(past) < terms.least_months:
            continue
        series = wide.reindex(pd.MultiIndex.from_frame(part[["table", "county_code"]]))[past]
        values = series.fillna(0).to_numpy(dtype="float64")
        floor = least_spread(values, terms.floor_share, are_events=True)
        centre, scores = robust_scores(part["row_count"].to_numpy(), values, floor)
        is_due = part["cadence"].isin(["monthly", "changes"]).to_numpy()
        few = (scores <= terms.score) & (part["row_count"].to_numpy() < terms.share * centre)
        result[part.index] = few & (centre >= terms.least_median) & is_due
    return result
