"""What is known of a household at the end of a year: illness, cost, structure, age, income.

Nothing that happened after the year goes in. Registers are those delivered by its December;
settlements and incomes of the year are taken as delivered by `known_by`, a month of the next
year, since they come late. Big tables are worked on with Narwhals; a row a household is left.

References
----------
QH-5: 患病情况、治疗和费用负担情况、家庭成员结构和年龄等因素.
"""

from datetime import datetime
from functools import reduce

import narwhals as nw
import pandas as pd

from healthmon.burden import (
    attribute_settlements,
    household_year_burden,
    list_member_years,
)
from healthmon.burden.incomes import read_incomes
from healthmon.project import Project
from healthmon.registers import current_households, memberships
from healthmon.risk.settings import Ages, RiskSettings
from healthmon.tables import collect_frame, hold, scan_table

CHRONIC_DISEASES = ("hypertension", "diabetes", "severe_mental_disorder", "tuberculosis")
ABLE, UNABLE = ("ordinary", "weak"), ("none", "lost")
_HOME = ("household_kind", "main_cause", "county_code", "prefecture_code")


def household_features(
    project: Project, year: int, known_by: str, settings: RiskSettings
) -> pd.DataFrame:
    """Compute the features of every household on the register at the end of a year.

    Parameters
    ----------
    project : Project
    year : int
        Year that the features describe.
    known_by : str
        Last month delivered that is seen for settlements and incomes of `year`, as in
        ``2022-06``.
    settings : RiskSettings
        Ages and the poverty line.

    Returns
    -------
    DataFrame
        One row a household with a member at the end of the year, by ``household_id``:
        ``household_kind``, ``county_code``, ``prefecture_code``, ``head_ethnic_group``,
        ``member_count``, ``oop_fen``, ``income_per_member_fen`` (missing where not delivered),
        and every feature of ``params/risk.yml`` in the units there.

    Raises
    ------
    UserError
        When there is no poverty line for the year.
    """
    end, register = datetime(year, 12, 31), f"{year}-12"
    homes = hold(current_households(project, register))
    members = hold(memberships(project, register))
    present = members_at(members, end, settings.ages)
    settled = scan_table(project, "settlements", known_by)
    visits = attribute_settlements(settled, list_member_years(members, [year], end), end)
    parts = [
        _collect(household_year_burden(settled, members, homes, [year], end), "household_kind"),
        _collect(count_structure(present, settings.ages)),
        _collect(count_treatment(visits, homes)),
        _collect(count_chronic(scan_table(project, "chronic_patients", register), present, end)),
        _collect(count_major(scan_table(project, "major_disease_cases", register), present, end)),
        _collect(count_deaths(members, year)),
        describe_heads(collect_frame(present.filter(nw.col("relation") == "head"))),
        read_incomes(project, year, known_by),
    ]
    known = _collect(homes)[list(_HOME)].join(parts[1], how="inner")
    others = [part.drop(columns=list(_HOME), errors="ignore") for part in parts]
    wide = reduce(lambda left, right: left.join(right, how="left"), [known, others[0], *others[2:]])
    return derive_features(wide, settings.poverty_lines.line_fen(year)).sort_index()


def members_at(members: nw.LazyFrame, day: datetime, ages: Ages) -> nw.LazyFrame:
    """Keep who belongs to a household at the end of `day`, the last of a year, with ``age``.

    Age is in completed years: everyone has had the year's birthday. Adds ``is_child``,
    ``is_retired`` and ``is_elderly`` as 0 or 1.
    """
    age = nw.col("age")
    return (
        members.filter(
            nw.col("joined_date").is_null() | (nw.col("joined_date") <= day),
            nw.col("left_date").is_null() | (nw.col("left_date") > day),
        )
        .with_columns(age=nw.lit(day.year) - nw.col("birth_date").dt.year().cast(nw.Int64))
        .with_columns(
            is_child=_one(age < ages.adult_from),
            is_retired=_one(age >= ages.retired_from),
            is_elderly=_one(age >= ages.elderly_from),
        )
    )


def count_structure(present: nw.LazyFrame, ages: Ages) -> nw.LazyFrame:
    """Count members at the year's end by age and capacity to work, household by household.

    Capacity that is not stated is counted in neither ``able_count`` nor ``unable_count``;
    ``stated_count`` says for how many it is. ``unable_count`` looks at adults before retirement.
    """
    capacity, adult = nw.col("labour_capacity"), nw.col("is_child") + nw.col("is_retired") == 0
    counted = present.with_columns(
        present_count=nw.lit(1).cast(nw.Int64),
        stated_count=_one(~capacity.is_null()),
        able_count=_one(capacity.is_in(ABLE)),
        unable_count=_one(capacity.is_in(UNABLE) & adult),
        disabled_count=_one(nw.col("is_disabled")),
        age_sum=nw.col("age"),
        oldest_age=nw.col("age"),
        child_count=nw.col("is_child"),
        retired_count=nw.col("is_retired"),
        elderly_count=nw.col("is_elderly"),
    )
    sums = [
        "present_count", "stated_count", "able_count", "unable_count", "disabled_count",
        "age_sum", "child_count", "retired_count", "elderly_count",
    ]  # fmt: skip
    return _sum_by_household(counted, sums, highest=["oldest_age"])


def count_treatment(visits: nw.LazyFrame, homes: nw.LazyFrame) -> nw.LazyFrame:
    """Count visits by kind, cost outside the county, and the dearest stay, for each household.

    ``located_fen`` is the cost at facilities whose county is known.
    """
    kind, place = nw.col("visit_type"), nw.col("facility_county_code")
    cost, own, none = nw.col("total_fen"), nw.col("oop_fen"), nw.lit(0).cast(nw.Int64)
    counted = visits.join(
        homes.select("household_id", "county_code"), on="household_id", how="inner"
    ).with_columns(
        stay_count=_one(kind == "inpatient"),
        outpatient_count=_one(kind == "outpatient"),
        chronic_visit_count=_one(kind == "chronic_outpatient"),
        located_fen=nw.when(~place.is_null()).then(cost).otherwise(none),
        out_of_county_fen=nw.when(place != nw.col("county_code")).then(cost).otherwise(none),
        highest_stay_oop_fen=nw.when(kind == "inpatient").then(own).otherwise(none),
    )
    sums = [
        "stay_count", "outpatient_count", "chronic_visit_count", "located_fen", "out_of_county_fen",
    ]  # fmt: skip
    return _sum_by_household(counted, sums, highest=["highest_stay_oop_fen"])


def count_chronic(patients: nw.LazyFrame, present: nw.LazyFrame, day: datetime) -> nw.LazyFrame:
    """Count members by chronic disease, known and not struck off by `day`."""
    same = ("person_id", "disease")
    latest = (
        patients.filter(nw.col("change_date") <= day)
        .with_columns(last=nw.col("change_date").max().over(*same))
        .filter(nw.col("change_date") == nw.col("last"))
        .with_columns(is_removed=_one(nw.col("change") == "removed"))
        .with_columns(is_removed=nw.col("is_removed").max().over(*same))
        .filter(nw.col("is_removed") == 0)
    )
    names = [f"{disease}_count" for disease in CHRONIC_DISEASES]
    flags = {f"{name}_count": _one(nw.col("disease") == name) for name in CHRONIC_DISEASES}
    persons = (
        latest.with_columns(**flags, chronic_person_count=nw.lit(1).cast(nw.Int64))
        .group_by("person_id")
        .agg(nw.col(*names, "chronic_person_count").max())
    )
    placed = persons.join(present.select("person_id", "household_id"), on="person_id", how="inner")
    return _sum_by_household(placed, [*names, "chronic_person_count"])


def count_major(cases: nw.LazyFrame, present: nw.LazyFrame, day: datetime) -> nw.LazyFrame:
    """Count members with a major-disease case diagnosed by `day`."""
    dated = nw.coalesce("diagnosed_date", "change_date")
    persons = cases.filter(dated <= day).select("person_id").unique()
    placed = persons.join(present.select("person_id", "household_id"), on="person_id", how="inner")
    return _sum_by_household(
        placed.with_columns(major_disease_count=nw.lit(1).cast(nw.Int64)), ["major_disease_count"]
    )


def count_deaths(members: nw.LazyFrame, year: int) -> nw.LazyFrame:
    """Count the members who died in a year."""
    died = members.filter(
        nw.col("left_reason") == "died", nw.col("left_date").dt.year() == year
    ).with_columns(death_count=nw.lit(1).cast(nw.Int64))
    return _sum_by_household(died, ["death_count"])


def describe_heads(heads: pd.DataFrame) -> pd.DataFrame:
    """Return age, education and ethnic group of the heads; the oldest where several are stated."""
    ordered = heads.sort_values(["age", "person_id"], ascending=[False, True])
    first = ordered.drop_duplicates("household_id").set_index("household_id")
    return first[["age", "education", "ethnic_group"]].add_prefix("head_")


def derive_features(counts: pd.DataFrame, line_fen: int) -> pd.DataFrame:
    """Turn sums and counts into the features.

    What is counted in a register or a settlement table and is not there is 0; what would have
    to be stated (income, capacity to work, the head) stays missing.

    Parameters
    ----------
    counts : DataFrame
        One row a household, joined from the functions of this module.
    line_fen : int
        Poverty line of the year per person.
    """
    heads = ["head_age", "head_education", "head_ethnic_group"]
    stated = ["income_per_member_fen", *heads, *_HOME]
    frame = counts.copy()
    counted = [name for name in frame if name not in stated]
    frame[counted] = frame[counted].fillna(0).astype("int64")
    members = frame["member_count"].where(frame["member_count"] > 0)
    frame["oop_per_member_fen"] = frame["oop_fen"] / members
    frame["total_per_member_fen"] = frame["total_fen"] / members
    frame["out_of_scope_share"] = _share(frame["out_of_scope_fen"], frame["total_fen"])
    frame["out_of_county_share"] = _share(frame["out_of_county_fen"], frame["located_fen"])
    present = frame["present_count"]
    able = frame["able_count"] / frame["stated_count"].where(frame["stated_count"] > 0)
    dependants = frame["child_count"] + frame["retired_count"]
    income = frame["income_per_member_fen"].astype("Float64").astype("float64")
    return frame.assign(
        worker_share=able,
        dependants_per_adult=dependants / (present - dependants).clip(lower=1),
        mean_age=frame["age_sum"] / present,
        elderly_share=frame["elderly_count"] / present,
        head_age=frame["head_age"].astype("float64"),
        is_illness_caused=(frame["main_cause"] == "illness").astype("int64"),
        income_per_member_fen=income,
        remaining_income_fen=income - frame["oop_per_member_fen"] - line_fen,
    )


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Divide; a household that spent nothing has no share of it outside anything."""
    return (part / whole.where(whole > 0)).fillna(0.0)


def _one(condition: nw.Expr) -> nw.Expr:
    """Return 1 where a condition holds and 0 where it does not or is unknown."""
    one, none = nw.lit(1).cast(nw.Int64), nw.lit(0).cast(nw.Int64)
    return nw.when(condition).then(one).otherwise(none)


def _sum_by_household(
    rows: nw.LazyFrame, sums: list[str], highest: list[str] | None = None
) -> nw.LazyFrame:
    columns = [*sums, *(highest or [])]
    aggregates = [nw.col(*sums).sum(), *([nw.col(*highest).max()] if highest else [])]
    return (
        rows.select("household_id", *columns)
        .group_by("household_id")
        .agg(*aggregates)
        .with_columns(nw.col(*columns).cast(nw.Int64))
    )


def _collect(rows: nw.LazyFrame, *dropped: str) -> pd.DataFrame:
    return collect_frame(rows).set_index("household_id").drop(columns=list(dropped))
