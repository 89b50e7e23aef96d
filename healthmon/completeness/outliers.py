"""Values far from a county's own past or from its peers, by median and MAD."""

import numpy as np
import pandas as pd

from healthmon.completeness.robust import least_spread, robust_scores
from healthmon.completeness.tallies import tally_rows
from healthmon.completeness.terms import Outliers, load_completeness_terms
from healthmon.exports import list_tables
from healthmon.places import read_places
from healthmon.project import Project

_SERIES = ["table", "column", "statistic", "county_code"]


def find_outliers(
    project: Project, month: str, tallies: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Find each county's numbers that are far from what they usually are.

    Parameters
    ----------
    project : Project
    month : str
        Month delivered that is looked at; earlier ones are its past.
    tallies : DataFrame, optional
        As from :func:`healthmon.completeness.tallies.tally_rows`, where they are at hand.

    Returns
    -------
    DataFrame
        One row a value: ``prefecture_code``, ``county_code``, ``table``, ``column`` (``rows``
        for the number of rows), ``statistic`` (``total``, or ``mean`` over the rows in which it
        is filled in), ``value``, ``usual`` (the median it is held against), ``score`` (modified
        z-score), ``against`` (``past``: the county's own months before; ``peers``: the other
        counties in this month; means only, since counties differ in size). Farthest first.

    Raises
    ------
    ParameterError
        When ``params/completeness.yml`` is refused.
    UserError
        When `month` is no month.

    References
    ----------
    JL-5; Iglewicz and Hoaglin (1993) for the score.
    """
    terms = load_completeness_terms(project.params).outliers
    tallies = tally_rows(project, month) if tallies is None else tallies
    wide = _series(project, tallies, terms.least_rows)
    if month not in wide:
        return pd.DataFrame(columns=_COLUMNS)
    past = [each for each in wide.columns if each < month][-terms.history_months :]
    parts = []
    for kind, series in wide.groupby(level="kind"):
        flat = series.droplevel("kind")
        parts += [_from_past(flat, month, past, kind, terms), _from_peers(flat, month, kind, terms)]
    result = pd.concat(parts, ignore_index=True)
    counties = read_places("counties").set_index("code")["prefecture_code"]
    result["prefecture_code"] = result["county_code"].map(counties)
    order = result["score"].abs().sort_values(ascending=False, kind="stable").index
    return result.loc[order, _COLUMNS].reset_index(drop=True)


_COLUMNS = ["prefecture_code", "county_code", "table", "column", "statistic", "value", "usual",
            "score", "against"]  # fmt: skip


def _series(project: Project, tallies: pd.DataFrame, least_rows: int) -> pd.DataFrame:
    """Lay totals and means out, one row a series and one column a month delivered."""
    tallies = tallies.dropna(subset="county_code")
    kinds = {
        (name, key): column.type
        for name, table in list_tables(project.params).items()
        for key, column in table.columns.items()
    }
    pairs = zip(tallies["table"], tallies["column"], strict=True)
    tallies = tallies.assign(kind=[kinds.get(pair, "rows") for pair in pairs])
    # a few bills are no usual month, and could be one person's
    few = (tallies["kind"] == "money") & (tallies["known_count"] < least_rows)
    tallies = tallies[~few]
    # a percentage adds up to nothing, a number of rows has no mean
    totals = tallies[tallies["kind"] != "percent"]
    totals = totals.assign(statistic="total", value=totals["total"])
    means = tallies[(tallies["kind"] != "rows") & (tallies["known_count"] > 0)]
    means = means.assign(statistic="mean", value=means["total"] / means["known_count"])
    both = pd.concat([totals, means]).astype({"value": "float64"})
    return both.pivot_table(index=["kind", *_SERIES], columns="delivered_month", values="value")


def _from_past(
    series: pd.DataFrame, month: str, past: list[str], kind: str, terms: Outliers
) -> pd.DataFrame:
    """Hold totals (percentages: means) against the county's own months before."""
    wanted = "mean" if kind == "percent" else "total"
    own = series[series.index.get_level_values("statistic") == wanted]
    before = own[past].to_numpy(dtype="float64")
    centre, scores = _score(own[month].to_numpy(), before, kind, terms.floor_share)
    enough = _known(before, kind) >= terms.least_months
    return _far(own[month], centre, np.where(enough, scores, np.nan), terms.score, "past")


def _from_peers(series: pd.DataFrame, month: str, kind: str, terms: Outliers) -> pd.DataFrame:
    """Hold means against those of the other counties in the month."""
    means = series[series.index.get_level_values("statistic") == "mean"][month]
    wide = means.reset_index().pivot_table(index=_SERIES[:3], columns="county_code", values=month)
    parts = []
    for code in wide.columns:
        others = wide.drop(columns=code).to_numpy(dtype="float64")
        centre, scores = _score(wide[code].to_numpy(), others, kind, terms.floor_share)
        enough = _known(others, kind) >= terms.least_peers
        own = pd.concat([wide[code]], keys=[code], names=["county_code"])
        parts.append(_far(own, centre, np.where(enough, scores, np.nan), terms.score, "peers"))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _known(values: np.ndarray, kind: str) -> np.ndarray:
    return ((values > 0) if kind == "money" else ~np.isnan(values)).sum(axis=1)


def _score(
    values: np.ndarray, usual: np.ndarray, kind: str, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Score by kind: money on the log scale, since a few large bills are no mistake.

    A month in which nobody was paid by a layer of insurance is none of its usual months.
    """
    if kind == "money":
        logs = [
            np.log(each, out=np.full_like(each, np.nan), where=each > 0) for each in (values, usual)
        ]
        centre, scores = robust_scores(*logs, floor=np.log1p(share))
        return np.exp(centre), scores
    floor = least_spread(usual, share, are_events=kind != "percent")
    return robust_scores(values, usual, floor)


def _far(
    values: pd.Series, centre: np.ndarray, scores: np.ndarray, limit: float, against: str
) -> pd.DataFrame:
    frame = values.rename("value").reset_index()
    frame = frame.assign(usual=centre, score=scores, against=against)
    return frame[frame["value"].notna() & (frame["score"].abs() >= limit)]
