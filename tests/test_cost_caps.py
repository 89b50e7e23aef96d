"""Hospitals and counties by stays above the cap of KF-3, added up and ranked by hand."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import norm

from healthmon.costs.caps import add_up_caps, count_caps, rank_hospitals
from healthmon.costs.terms import load_cap_terms
from healthmon.project import open_project

from clean_tables import deliver, make_project

TERMS = load_cap_terms(open_project().params)
ROWS = [
    # hospital, level, county, settled, over, least, most, entitled
    ("A", "level_2", "632801", date(2022, 6, 26), True, 500, 500, True),
    ("A", "level_2", "632801", date(2022, 6, 27), True, 30, 30, True),
    ("A", "level_2", "632801", date(2022, 6, 28), False, 0, 0, True),
    ("B", "level_3", "630102", date(2022, 5, 1), True, 400, 400, True),
    (None, None, None, date(2022, 5, 1), None, 0, 70, True),
    ("B", "level_3", "630102", date(2022, 6, 28), None, None, None, False),
]


@pytest.fixture
def stays() -> pd.DataFrame:
    columns = [
        "facility_code", "facility_level", "facility_county_code", "settled_date", "is_over_cap",
        "excess_least_fen", "excess_most_fen", "is_capped",
    ]  # fmt: skip
    types = {"settled_date": "datetime64[us]", "is_over_cap": "boolean", "is_capped": "boolean"}
    types |= {"excess_least_fen": "Int64", "excess_most_fen": "Int64"}
    frame = pd.DataFrame(ROWS, columns=columns).astype(types)
    frame["settled_month"] = frame["settled_date"].dt.strftime("%Y-%m")
    return frame.assign(total_fen=10_000, out_of_scope_fen=900)


def row_of(counted: pd.DataFrame, grouping: str, **keys: str) -> dict:
    rows = counted[counted["grouping"] == grouping]
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    (row,) = rows.to_dict("records")
    return row


def test_everything_is_added_up_over_who_is_entitled(stays: pd.DataFrame) -> None:
    row = row_of(add_up_caps(stays, TERMS), "all")
    expected = {
        "stay_count": 5, "over_stay_count": 3, "open_stay_count": 1, "total_fen": 50_000,
        "out_of_scope_fen": 4500, "excess_least_fen": 930, "excess_most_fen": 1000,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_the_clause_counts_from_its_own_day(stays: pd.DataFrame) -> None:
    row = row_of(add_up_caps(stays, TERMS), "all")
    # 27 June 2022 is in force, the 26th is not
    names = ["in_force_stay_count", "in_force_over_stay_count", "in_force_excess_fen"]
    assert [row[name] for name in names] == [2, 1, 30]


def test_hospitals_counties_levels_and_months_stand_apart(stays: pd.DataFrame) -> None:
    counted = add_up_caps(stays, TERMS)
    assert row_of(counted, "hospital", facility_code="A")["excess_least_fen"] == 530
    assert row_of(counted, "county", facility_county_code="630102")["over_stay_count"] == 1
    assert row_of(counted, "facility_level", facility_level="level_2")["stay_count"] == 3
    assert row_of(counted, "month", settled_month="2022-05")["open_stay_count"] == 1
    unknown = counted[(counted["grouping"] == "hospital") & counted["facility_code"].isna()]
    assert unknown["excess_most_fen"].to_list() == [70]
    sums = counted.groupby("grouping")["stay_count"].sum()
    assert set(sums) == {5}


def many(code: str, stays: int, over: int, excess: int) -> pd.DataFrame:
    """Stays of one hospital, of which so many are above the cap by so much."""
    flags = [True] * over + [False] * (stays - over)
    frame = pd.DataFrame({"is_over_cap": flags}).astype({"is_over_cap": "boolean"})
    least = pd.array([excess if flag else 0 for flag in flags], dtype="Int64")
    return frame.assign(
        facility_code=code, facility_level="level_2", facility_county_code="632801",
        settled_date=pd.Timestamp("2022-05-02"), settled_month="2022-05", is_capped=True,
        total_fen=1000, out_of_scope_fen=100, excess_least_fen=least, excess_most_fen=least,
    )  # fmt: skip


def test_hospitals_are_ranked_by_yuan_and_by_a_share_that_is_no_chance(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    form = {"facility_code": "BIG", "facility_name": "大医院", "county_code": "632801"}
    deliver(project, "county_hospitals", "2022-06", [form])
    stays = pd.concat(
        [many("BIG", 200, 100, 5), many("MID", 40, 30, 50), many("FEW", 29, 29, 1),
         many("NONE", 50, 0, 0)]
    )  # fmt: skip
    counted = count_caps(project, "2022-06", stays)
    by_yuan = rank_hospitals(counted, "yuan", 10)
    assert by_yuan["facility_code"].to_list() == ["MID", "BIG", "FEW"]
    assert by_yuan["facility_name"].fillna("").to_list() == ["", "大医院", ""]
    by_share = rank_hospitals(counted, "share", 10)
    # 29 stays are too few, however many of them are above
    assert by_share["facility_code"].to_list() == ["MID", "BIG"]
    assert by_share["rank"].to_list() == [1, 2]
    # Wilson's lower end for 30 of 40, from the formula
    z, n, p = norm.ppf(0.975), 40, 0.75
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    expected = (p + z * z / (2 * n) - half) / (1 + z * z / n)
    assert by_share["share_lower"].iloc[0] == pytest.approx(expected)


def test_a_province_without_stays_gives_no_hospital(stays: pd.DataFrame, tmp_path: Path) -> None:
    nobody = stays[~stays["is_capped"]]
    counted = count_caps(make_project(tmp_path), "2022-06", nobody)
    assert row_of(counted, "all")["stay_count"] == 0
    assert rank_hospitals(counted, "share", 10).empty
