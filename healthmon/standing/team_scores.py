"""A scoreboard of the contract teams: how many persons, patients visited, numbers kept up."""

import narwhals as nw
import pandas as pd

from healthmon.indicators.patients import patients
from healthmon.indicators.span import MONTHS, Span
from healthmon.indicators.teams import contract_spells, teams
from healthmon.indicators.telephone_checks import telephone_checks
from healthmon.project import Project
from healthmon.standing.shrinkage import shrink_rates
from healthmon.tables import collect_frame

_PATIENTS = {
    "due_count": nw.lit(True),
    "visited_count": nw.col("is_visited"),
    "unknown_count": nw.col("is_visited").is_null(),
    "managed_count": nw.col("is_managed"),
}
_CHECKS = {"answered_count": ~nw.col("is_valid").is_null(), "valid_count": nw.col("is_valid")}


def score_teams(project: Project, month: str, interval_pct: float) -> pd.DataFrame:
    """Score every contract team at a month's end.

    Parameters
    ----------
    project : Project
    month : str
        Also the last month delivered that is seen.
    interval_pct : float
        Probability that the intervals hold, in percent.

    Returns
    -------
    DataFrame
        One row a team, by code: ``team_code``, ``county_code``, ``prefecture_code`` (where most
        of its persons live), ``poor_person_count``; chronic patients on the poverty register,
        each disease by itself: ``due_count`` (on the list before the last full quarter began),
        ``visited_count`` (in it), ``unknown_count``, ``managed_count``; ``estimate``, ``lower``,
        ``upper``, the share visited drawn together over all teams, 0-1; ``is_behind`` (the
        interval lies wholly below the share of all teams); ``answered_count`` and ``valid_count``
        of the telephone checks of twelve months.

    Raises
    ------
    UserError
        When `month` is no month.

    References
    ----------
    GZ-4, GZ-10.
    """
    now = Span(project, month, 1)
    found = collect_frame(teams(now)).set_index("team_code")
    due = patients(now).filter(nw.col("is_registered_poor"), nw.col("is_visit_due"))
    of_team = due.join(contract_spells(now), on="person_id", how="inner")
    checks = telephone_checks(Span(project, month, MONTHS))
    counted = found.join([_count(of_team, _PATIENTS), _count(checks, _CHECKS)])
    names = [*_PATIENTS, *_CHECKS]
    counted[names] = counted[names].fillna(0).astype("int64")
    sums = (counted[name] for name in ("visited_count", "due_count", "unknown_count"))
    shrunken = shrink_rates(*sums, interval_pct)
    decided = counted["due_count"].sum() - counted["unknown_count"].sum()
    share = counted["visited_count"].sum() / decided if decided else float("nan")
    place = counted["place_code"]
    scored = counted.assign(
        county_code=place.str[:6], prefecture_code=place.str[:4] + "00",
        estimate=shrunken.rate, lower=shrunken.lower, upper=shrunken.upper,
        is_behind=shrunken.upper < share,
    )  # fmt: skip
    columns = ["team_code", "county_code", "prefecture_code", "poor_person_count", *_PATIENTS,
               "estimate", "lower", "upper", "is_behind", *_CHECKS]  # fmt: skip
    return scored.reset_index()[columns].sort_values("team_code", ignore_index=True)


def _count(rows: nw.LazyFrame, marks: dict[str, nw.Expr]) -> pd.DataFrame:
    ones = {name: nw.when(mark).then(1).otherwise(0) for name, mark in marks.items()}
    summed = rows.select("team_code", **ones).group_by("team_code").agg(nw.col(*marks).sum())
    return collect_frame(summed.with_columns(nw.col(*marks).cast(nw.Int64))).set_index("team_code")
