"""Spending of one year beside the outcome of the next: what thresholds are judged on.

The same households and outcomes as the cohorts of the risk model (:mod:`healthmon.risk.cohorts`),
with the spending of the year before, and the few features that the tests at the threshold need:
the model's thirty take several times as long.

References
----------
QH-5: 2019 或者 2020 年度, each year by itself.
"""

from datetime import datetime

import narwhals as nw
import pandas as pd

from healthmon.burden import (
    SpendingRule,
    household_year_burden,
    load_rule,
)
from healthmon.project import Project, check_month
from healthmon.registers import current_households, memberships
from healthmon.risk.cohorts import (
    NEXT_YEAR,
    is_above_line,
    is_below,
    known_by,
    list_cohorts,
    list_income_years,
    next_year,
)
from healthmon.risk.features import (
    count_chronic,
    count_structure,
    members_at,
    read_incomes,
)
from healthmon.risk.settings import RiskSettings, load_risk_settings
from healthmon.risk.truth import has_truth, read_help
from healthmon.tables import collect_frame, hold, scan_table

TRUTH = ("untreated_income_fen", "treated_income_fen", "is_helped", "is_fallen_untreated",
         "is_fallen_treated")  # fmt: skip
"""Known of simulated households alone, missing otherwise."""
_MEMBER = (
    "person_id", "household_id", "birth_date", "is_disabled", "labour_capacity", "joined_date",
    "left_date",
)  # fmt: skip
COLUMNS = {
    "cohort_year": "int64", "household_id": "int64", "member_count": "int64", "oop_fen": "int64",
    "income_per_member_fen": "int64", "previous_member_count": "Int64",
    "previous_oop_fen": "Int64", "next_income_per_member_fen": "int64",
    "is_above_line": "bool", "is_fallen": "bool", "oldest_age": "int64", "child_count": "int64",
    "elderly_share": "float64", "disabled_count": "int64", "chronic_person_count": "int64",
    "is_illness_caused": "int64", "untreated_income_fen": "Int64", "treated_income_fen": "Int64",
    "is_helped": "boolean", "is_fallen_untreated": "boolean", "is_fallen_treated": "boolean",
}  # fmt: skip


def make_spending_cohorts(project: Project, month: str) -> pd.DataFrame:
    """Make the cohort of every year whose next year is known by `month`.

    Returns
    -------
    DataFrame
        One row a household and cohort, with :data:`COLUMNS`: money in fen, incomes per member;
        spending of the year and, as then known, of the year before (missing where that lies
        before the rule's first year or the household was in no cohort); ``is_above_line`` at
        the start, ``is_fallen`` in the next year; for simulated data :data:`TRUTH` of the next
        year, with and without help. No rows where no outcome is known yet.

    Raises
    ------
    ParameterError
        When a parameter file is refused.
    UserError
        When `month` is no month, or a poverty line is missing.

    References
    ----------
    QH-5; the outcome is inferred (``params/risk.yml``).
    """
    check_month(month)
    settings, rule = load_risk_settings(project.params), load_rule(project.params)
    years = list_cohorts(list_income_years(project, month), rule.first_year)
    made: list[pd.DataFrame] = []
    members = _members_by_december(project, years)
    for year in years:
        cohort = _describe_households(project, month, year, members[year], settings, rule)
        later = next_year(project, month, year, members[year + 1])
        cohort = _add_outcome(cohort.join(later, how="inner"), year, settings)
        made.append(cohort.reset_index())
    if not made:
        return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    stacked = _add_year_before(pd.concat(made, ignore_index=True))
    stacked = _add_truth(stacked, project, settings)
    return stacked[list(COLUMNS)].astype(COLUMNS)


def _members_by_december(project: Project, years: list[int]) -> dict[int, nw.LazyFrame]:
    """Replay the register up to each December, once."""
    wanted = sorted({*years, *(year + 1 for year in years)})
    return {y: hold(memberships(project, f"{y}-12").select(*_MEMBER)) for y in wanted}


def _describe_households(
    project: Project,
    month: str,
    year: int,
    members: nw.LazyFrame,
    settings: RiskSettings,
    rule: SpendingRule,
) -> pd.DataFrame:
    """Describe the rule's population with members at the year's end, by household."""
    end, register, known = datetime(year, 12, 31), f"{year}-12", known_by(year, month)
    homes = hold(current_households(project, register))
    present = members_at(members, end, settings.ages)
    settled = scan_table(project, "settlements", known)
    burden = household_year_burden(settled, members, homes, [year], end)
    chronic = count_chronic(scan_table(project, "chronic_patients", register), present, end)
    kinds = homes.filter(nw.col("household_kind").is_in(rule.population))
    frame = _by_household(kinds.select("household_id", "main_cause"))
    frame = frame.join(_by_household(count_structure(present, settings.ages)), how="inner")
    counted = ["member_count", "oop_fen", "chronic_person_count"]
    frame = frame.join(_by_household(burden.select("household_id", *counted[:2])), how="left")
    frame = frame.join(_by_household(chronic)[counted[2:]], how="left")
    frame[counted] = frame[counted].fillna(0).astype("int64")
    return frame.join(read_incomes(project, year, known), how="left").assign(
        elderly_share=frame["elderly_count"] / frame["present_count"],
        is_illness_caused=(frame["main_cause"] == "illness").astype("int64"),
    )


def _add_outcome(cohort: pd.DataFrame, year: int, settings: RiskSettings) -> pd.DataFrame:
    """Say who was above the line at the start and who is below it in the next year."""
    cohort = cohort.dropna(subset=["income_per_member_fen", "next_income_per_member_fen"])
    income, members, spent = (cohort[name].astype("int64") for name in NEXT_YEAR)
    lines = settings.poverty_lines
    return cohort.assign(
        cohort_year=year,
        is_above_line=is_above_line(cohort, lines.line_fen(year)),
        is_fallen=is_below(income, members, spent, lines.line_fen(year + 1)),
    )


def _add_year_before(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Put beside each household what its cohort of the year before said."""
    keys = ["cohort_year", "household_id"]
    before = cohorts[[*keys, "member_count", "oop_fen"]].astype(
        {"member_count": "Int64", "oop_fen": "Int64"}
    )
    before["cohort_year"] += 1
    names = {"member_count": "previous_member_count", "oop_fen": "previous_oop_fen"}
    return cohorts.merge(before.rename(columns=names), on=keys, how="left")


def _add_truth(cohorts: pd.DataFrame, project: Project, settings: RiskSettings) -> pd.DataFrame:
    """Put beside each household what only the simulator knows of its next year."""
    if not has_truth(project):
        missing = {name: pd.array([pd.NA] * len(cohorts), dtype=COLUMNS[name]) for name in TRUTH}
        return cohorts.assign(**missing)
    years = [int(year) + 1 for year in cohorts["cohort_year"].unique()]
    truth = read_help(project, {year: settings.poverty_lines.line_fen(year) for year in years})
    keyed = cohorts.assign(year=cohorts["cohort_year"] + 1)
    return keyed.join(truth, on=["year", "household_id"])


def _by_household(rows: nw.LazyFrame) -> pd.DataFrame:
    return collect_frame(rows).set_index("household_id")
