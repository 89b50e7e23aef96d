"""Cohorts: features of one year, and what had happened by the end of the next.

A cohort is named by the year of its features. It counts only households of the rule's population
at or above the poverty line in that year, after out-of-pocket spending.

References
----------
QH-5; the outcome is inferred (``params/risk.yml``).
"""

from datetime import datetime

import narwhals as nw
import pandas as pd

from healthmon.burden import (
    SpendingRule,
    flag_by_rule,
    household_year_burden,
)
from healthmon.burden.incomes import read_incomes
from healthmon.project import Project
from healthmon.registers import households, memberships
from healthmon.risk.features import household_features
from healthmon.risk.settings import RiskSettings
from healthmon.tables import collect_frame, hold, scan_table

NEXT_YEAR = ("next_income_per_member_fen", "next_member_count", "next_oop_fen")


def list_income_years(project: Project, month: str) -> list[int]:
    """List the full years before `month` whose incomes came by :func:`known_by`.

    What came later in the year than `month` lies in its own is not seen of any year, so that a
    year of which nothing else came makes no cohort and is not scored from.
    """
    rows = scan_table(project, "household_incomes", month).group_by("year")
    first = collect_frame(rows.agg(nw.col("delivered_month").min())).dropna()
    return sorted(
        int(year)
        for year, came in zip(first["year"], first["delivered_month"], strict=True)
        if year < int(month[:4]) and came <= known_by(int(year), month)
    )


def list_cohorts(income_years: list[int], first_year: int) -> list[int]:
    """List the years, from the rule's first year on, whose next year is known too."""
    return [year for year in income_years if year >= first_year and year + 1 in income_years]


def known_by(year: int, month: str) -> str:
    """Return the last month delivered that features of `year` may use in a report for `month`.

    The same month of the next year: a cohort then knows as much of its year as the households
    scored in `month` let us know of theirs, and late deliveries help neither.
    """
    return f"{year + 1}-{month[5:]}"


def make_cohort(
    project: Project, month: str, year: int, settings: RiskSettings, rule: SpendingRule
) -> pd.DataFrame:
    """Put features of a year beside the outcome of the next.

    Parameters
    ----------
    project : Project
    month : str
        Month of the report: outcomes are those known by then.
    year : int
        Year of the features.
    settings : RiskSettings
    rule : SpendingRule
        Population and threshold.

    Returns
    -------
    DataFrame
        The columns of :func:`healthmon.risk.features.household_features` for households of the
        rule's population whose incomes of both years are known, :data:`NEXT_YEAR`,
        ``is_above_line`` (at or above the line in `year`: only these count), ``is_fallen``
        (below it in the next year) and ``is_flagged_by_rule`` (spending of `year` above the
        threshold).

    Raises
    ------
    UserError
        When a poverty line is missing.
    """
    features = household_features(project, year, known_by(year, month), settings)
    features = features[features["household_kind"].isin(rule.population)]
    cohort = features.join(next_year(project, month, year), how="inner")
    cohort = cohort.dropna(subset=["income_per_member_fen", "next_income_per_member_fen"])
    income, members, spent = (cohort[name].astype("int64") for name in NEXT_YEAR)
    lines = settings.poverty_lines
    return cohort.assign(
        is_above_line=is_above_line(cohort, lines.line_fen(year)),
        is_fallen=is_below(income, members, spent, lines.line_fen(year + 1)),
        is_flagged_by_rule=_apply(rule, cohort),
    )


def next_year(
    project: Project, month: str, year: int, members: nw.LazyFrame | None = None
) -> pd.DataFrame:
    """Read income, members and spending of the year after `year`, as known by `month`.

    `members` are the memberships known by that year's December, where they are at hand: to
    replay them is most of the time.
    """
    register, end = f"{year + 1}-12", datetime(year + 1, 12, 31)
    burden = household_year_burden(
        scan_table(project, "settlements", month),
        hold(memberships(project, register)) if members is None else members,
        hold(households(project, register)),
        [year + 1],
        end,
    )
    columns = ["household_id", "member_count", "oop_fen"]
    spent = collect_frame(burden.select(columns)).set_index("household_id")
    both = spent.join(read_incomes(project, year + 1, month), how="left")
    return both.add_prefix("next_")


def is_below(
    income_fen: pd.Series, members: pd.Series, oop_fen: pd.Series, line_fen: int
) -> pd.Series:
    """Say whether income per member less spending per member is below the line, in whole fen."""
    return (income_fen - line_fen) * members < oop_fen


def is_above_line(features: pd.DataFrame, line_fen: int) -> pd.Series:
    """Say whether a household is at or above the line at the start; False where not known."""
    income = features["income_per_member_fen"].round().astype("Int64")
    below = is_below(income, features["member_count"], features["oop_fen"], line_fen)
    return (~below).fillna(False).astype(bool)


def _apply(rule: SpendingRule, features: pd.DataFrame) -> pd.Series:
    return flag_by_rule(nw.from_native(features), rule).to_native()["is_flagged_by_rule"]
