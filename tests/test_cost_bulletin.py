"""The two-monthly bulletin, stays outside the county and rates stated on forms, by hand."""

from datetime import date
from pathlib import Path

import duckdb
import narwhals as nw
import pandas as pd
import pytest

from healthmon.costs.bulletin import beside_year_before, count_bulletin, count_pairs, list_pairs
from healthmon.costs.form_shares import compare_forms
from healthmon.costs.referrals import count_referrals
from healthmon.project import Project

from clean_tables import deliver, household, make_project, person, settlement


@pytest.mark.parametrize(
    ("month", "last", "first"),
    [
        ("2022-06", ("2022-05", "2022-06"), ("2021-05", "2021-06")),
        ("2022-07", ("2022-05", "2022-06"), ("2021-05", "2021-06")),
        ("2022-01", ("2021-11", "2021-12"), ("2020-11", "2020-12")),
        ("2022-02", ("2022-01", "2022-02"), ("2021-01", "2021-02")),
    ],
)
def test_the_last_pair_is_full_and_stands_beside_the_year_before(month, last, first) -> None:
    pairs = list_pairs(month, 7)
    assert (pairs[-1], pairs[0], len(pairs)) == (last, first, 7)


COLUMNS = [
    "settlement_no", "person_id", "settled_date", "delivered_month", "facility_level",
    "facility_county_code", "visit_date", "discharge_date", "total_fen", "out_of_pocket_fen",
]  # fmt: skip
ROWS = [
    # a person of county 632801 throughout
    ("a", 1, date(2022, 1, 5), "2022-01", "level_2", "632801", date(2022, 1, 1), date(2022, 1, 4),
     1000, 100),
    ("b", 1, date(2022, 2, 28), "2022-02", "level_3", "630102", date(2022, 2, 20),
     date(2022, 2, 27), 5000, 500),
    # settled in January, in the file of February: still in time for the pair
    ("c", 2, date(2022, 1, 9), "2022-02", "level_2", "632801", date(2022, 1, 9), None, 3000, 300),
    # settled in the pair, delivered after it: late
    ("d", 2, date(2022, 2, 1), "2022-03", None, None, date(2022, 2, 1), date(2022, 1, 1), 200, 20),
    ("e", 2, date(2022, 3, 1), "2022-03", "level_2", "632801", date(2022, 3, 1), date(2022, 3, 1),
     70, 7),
]  # fmt: skip


@pytest.fixture(scope="module")
def counted() -> pd.DataFrame:
    days = {name: "datetime64[us]" for name in COLUMNS if name.endswith("_date")}
    stays = pd.DataFrame(ROWS, columns=COLUMNS).astype(days)
    stays = stays.assign(county_code="632801", prefecture_code="632800", household_kind="lifted")
    return count_pairs(nw.from_native(duckdb.from_df(stays)))


def numbers_of(counted: pd.DataFrame, level: str, division: str, part: str) -> dict:
    rows = counted[counted["pair"] == 2022 * 6]
    chosen = (rows["level"] == level) & (rows["division"] == division) & (rows["part"] == part)
    (row,) = rows[chosen].to_dict("records")
    return row


@pytest.mark.parametrize("level", ["province", "prefecture", "county"])
def test_stays_of_a_pair_are_added_up(counted: pd.DataFrame, level: str) -> None:
    row = numbers_of(counted, level, "all", "")
    expected = {
        "stay_count": 4, "patient_count": 2, "total_fen": 9200, "median_fen": 2000.0,
        "out_of_pocket_fen": 920, "dated_stay_count": 2, "day_sum": 10, "timely_stay_count": 3,
        "timely_fen": 9000,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("division", "part", "stays"),
    [
        ("facility_level", "level_2", 2),
        ("facility_level", "level_3", 1),
        ("facility_level", "unknown", 1),
        ("treated_in", "county", 2),
        ("treated_in", "province", 1),
        ("treated_in", "unknown", 1),
    ],
)
def test_stays_are_divided_by_level_and_distance(counted, division, part, stays) -> None:
    assert numbers_of(counted, "county", division, part)["stay_count"] == stays


def test_parts_add_up_to_all(counted: pd.DataFrame) -> None:
    keys = ["pair", "level", "code", "division"]
    sums = counted.groupby(keys, as_index=False)[["stay_count", "total_fen"]].sum()
    whole = sums[sums["division"] == "all"].drop(columns="division")
    for division in ("facility_level", "treated_in"):
        parts = sums[sums["division"] == division].drop(columns="division")
        pd.testing.assert_frame_equal(
            parts.reset_index(drop=True), whole.reset_index(drop=True), obj=division
        )


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("bulletin"))
    homes = [household(1), household(2, household_kind="marginal")]
    deliver(project, "registered_households", "2020-01", homes)
    deliver(project, "registered_persons", "2020-01", [person(1, 1), person(2, 2)])
    level = {"facility_level": "level_1"}
    deliver(project, "settlements", "2021-05", [settlement("o", 1, date(2021, 5, 1), 50, **level)])
    deliver(
        project, "settlements", "2022-06",
        [
            settlement("x", 1, date(2022, 6, 30), 100, **level),
            settlement("y", 2, date(2022, 6, 30), 100, **level),  # not registered as poor
            settlement("z", 1, date(2021, 4, 30), 100, **level),  # before the first pair
            settlement("w", 1, date(2022, 6, 2), 1, visit_type="outpatient"),
        ],
    )  # fmt: skip
    late = settlement("v", 1, date(2022, 5, 1), 100, **level)
    deliver(project, "settlements", "2022-07", [late])
    return project


def test_the_bulletin_counts_registered_poor_patients_by_pair(small: Project) -> None:
    rows = count_bulletin(small, "2022-06").query("level == 'county' and division == 'all'")
    counts = dict(zip(rows["from_month"], rows["stay_count"], strict=True))
    assert counts == {"2021-05": 1, "2022-05": 1}
    assert set(rows["code"]) == {"632801"}


def test_what_comes_after_the_pair_is_late_and_compared_without(small: Project) -> None:
    last = beside_year_before(count_bulletin(small, "2022-07"))
    (row,) = last.query("level == 'county' and division == 'all'").to_dict("records")
    assert (row["stay_count"], row["timely_stay_count"]) == (2, 1)
    assert (row["stay_count_before"], row["timely_fen_before"]) == (1, 100)


def test_stays_outside_the_county_are_referred_or_not_or_open() -> None:
    rows = [
        ("prefecture", False, True), ("prefecture", False, False), ("prefecture", False, None),
        ("beyond", False, False), ("county", True, None), (None, None, None),
    ]  # fmt: skip
    stays = pd.DataFrame(rows, columns=["treated_in", "is_in_county", "is_referred"])
    stays = stays.astype({"is_in_county": "boolean", "is_referred": "boolean"})
    stays = stays.assign(county_code="632801", prefecture_code="632800")
    found = count_referrals(stays).set_index("treated_in")
    numbers = ["stay_count", "referred_stay_count", "unreferred_stay_count", "open_stay_count"]
    assert found.loc["prefecture", numbers].to_list() == [3, 1, 1, 1]
    assert found.loc["beyond", numbers].to_list() == [1, 0, 1, 0]
    assert set(found.index) == {"prefecture", "beyond"}


STATED = {
    # stated, in the county of 600 visits -> counted (rounded down), difference, state
    "the same": (5000, 300, 5000, 0, "same"),
    "one point apart is the same": (5100, 300, 5000, 100, "same"),
    "more than one point above": (5101, 300, 5000, 101, "higher"),
    "more than one point below": (4899, 300, 5000, -101, "lower"),
    "two thirds are rounded down": (6666, 400, 6666, 0, "same"),
    "nothing stated": (None, 300, 5000, None, "not_stated"),
    "nothing counted": (5000, None, None, None, "not_counted"),
}


@pytest.mark.parametrize("case", STATED)
def test_a_stated_rate_is_held_against_the_one_counted(case: str, tmp_path: Path) -> None:
    stated, inside, *expected = STATED[case]
    project = make_project(tmp_path)
    form = {"facility_code": "F", "facility_name": "县医院", "county_code": "632801"}
    deliver(project, "county_hospitals", "2022-06", [form | {"in_county_visit_rate_bp": stated}])
    visits = pd.DataFrame(
        {"county_code": ["632801"], "township_code": ["632801100"], "known_county_count": [600],
         "in_county_count": [inside], "known_level_count": [0], "grassroots_count": [0]}
    )  # fmt: skip
    visits = visits.dropna()
    (row,) = compare_forms(project, "2022-06", visits).to_dict("records")
    found = [row[name] for name in ("counted_bp", "difference_bp", "state")]
    assert [None if pd.isna(value) else value for value in found] == expected
