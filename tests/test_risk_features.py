"""Features of a household at the end of a year, by hand, and nothing from later."""

import shutil
from datetime import date

import pandas as pd
import pytest

from healthmon.burden import load_rule
from healthmon.errors import UserError
from healthmon.risk.cohorts import (
    is_above_line,
    is_below,
    known_by,
    list_cohorts,
    list_income_years,
    make_cohort,
)
from healthmon.risk.features import household_features
from healthmon.risk.model import select_features
from healthmon.risk.settings import load_risk_settings

from clean_tables import COUNTIES, deliver, household, income, make_project, person, settlement

HOME, AWAY = COUNTIES[1], COUNTIES[0]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Three households: 1 has four members and an ill grandmother, 2 is one man, 3 is new."""
    made = make_project(tmp_path_factory.mktemp("features"))
    deliver(made, "registered_households", "2019-01", [
        household(1, main_cause="illness"), household(2, household_kind="unstable"),
    ])  # fmt: skip
    deliver(made, "registered_households", "2021-03", [
        household(3, change="added", change_date=date(2021, 3, 5)),
        household(2, household_kind="marginal", change="updated", change_date=date(2021, 3, 5)),
    ])  # fmt: skip
    deliver(made, "registered_persons", "2019-01", [
        person(11, 1, relation="head", birth_date=date(1975, 12, 31), education="primary",
               labour_capacity="ordinary"),
        person(12, 1, relation="parent", birth_date=date(1950, 1, 1), labour_capacity="none"),
        person(13, 1, relation="child", birth_date=date(2010, 5, 5), is_disabled=True),
        person(14, 1, relation="parent", birth_date=date(1945, 1, 1), labour_capacity="lost"),
        person(21, 2, relation="head", birth_date=date(1990, 6, 6), labour_capacity="lost"),
    ])  # fmt: skip
    deliver(made, "registered_persons", "2020-09", [
        person(14, 1, change="died", change_date=date(2020, 9, 9)),
        person(15, 1, change="born", birth_date=date(2020, 9, 10), change_date=date(2020, 9, 10)),
    ])  # fmt: skip
    deliver(made, "chronic_patients", "2019-01", [
        patient(12, "hypertension", "existing", date(2019, 1, 1)),
        patient(12, "diabetes", "existing", date(2019, 1, 1)),
        patient(11, "hypertension", "existing", date(2019, 1, 1)),
        patient(14, "tuberculosis", "existing", date(2019, 1, 1)),
    ])  # fmt: skip
    deliver(made, "chronic_patients", "2020-06", [
        patient(11, "hypertension", "removed", date(2020, 6, 1)),
        patient(12, "diabetes", "removed", date(2020, 6, 1)),
    ])  # fmt: skip
    deliver(made, "chronic_patients", "2020-08",
            [patient(12, "diabetes", "added", date(2020, 8, 1))])  # fmt: skip
    deliver(made, "major_disease_cases", "2020-07", [
        case(12, date(2020, 7, 1)), case(12, date(2020, 7, 9)), case(13, date(2020, 7, 9)),
    ])  # fmt: skip
    deliver(made, "settlements", "2020-05", [
        settlement(1, 12, date(2020, 5, 1), 300_000, out_of_scope_fen=120_000),
        settlement(2, 12, date(2020, 5, 9), 100_000, facility_county_code=AWAY),
        settlement(3, 11, date(2020, 5, 9), 5_000, visit_type="outpatient"),
        settlement(4, 14, date(2020, 5, 9), 45_000, visit_type="chronic_outpatient",
                   facility_county_code=None),
    ])  # fmt: skip
    deliver(made, "settlements", "2021-02", [settlement(5, 11, date(2020, 12, 30), 50_000)])
    deliver(made, "household_incomes", "2021-01", [income(1, 2020, 600_000)])
    return made


def patient(person_id, disease, change, day) -> dict:
    return {"person_id": person_id, "disease": disease, "change": change, "change_date": day}


def case(person_id, day) -> dict:
    return {
        "person_id": person_id, "disease": "胃癌", "diagnosed_date": date(2020, 7, 1),
        "change_date": day,
    }  # fmt: skip


@pytest.fixture(scope="module")
def settings(project):
    return load_risk_settings(project.params)


@pytest.fixture(scope="module")
def features(project, settings) -> pd.DataFrame:
    return household_features(project, 2020, "2021-06", settings)


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        pytest.param("member_count", 5, id="four and a child born in the year, one of them died"),
        pytest.param("oop_per_member_fen", 500_000 / 5, id="all spending of the year over five"),
        pytest.param("total_per_member_fen", 1_000_000 / 5, id="total cost over five"),
        pytest.param("out_of_scope_share", 0.12, id="1,200 of 10,000 yuan outside the catalogue"),
        pytest.param("out_of_county_share", 200 / 910, id="2,000 of 9,100 yuan at known places"),
        pytest.param("highest_stay_oop_fen", 300_000, id="the dearest stay"),
        pytest.param("stay_count", 3, id="stays, the late one included"),
        pytest.param("outpatient_count", 1, id="one outpatient visit"),
        pytest.param("chronic_visit_count", 1, id="one chronic outpatient visit"),
        pytest.param("hypertension_count", 1, id="one of two patients was struck off"),
        pytest.param("diabetes_count", 1, id="struck off and added again"),
        pytest.param("tuberculosis_count", 0, id="the patient has died"),
        pytest.param("severe_mental_disorder_count", 0, id="none"),
        pytest.param("chronic_person_count", 1, id="two diseases, one person"),
        pytest.param("major_disease_count", 2, id="a case with two rows is one"),
        pytest.param("disabled_count", 1, id="one certificate"),
        pytest.param("death_count", 1, id="one death"),
        pytest.param("child_count", 2, id="10 and 0 years old"),
        pytest.param("worker_share", 1 / 2, id="one of the two whose capacity is stated"),
        pytest.param("unable_count", 0, id="who is 70 is no adult unable to work"),
        pytest.param("dependants_per_adult", 3.0, id="two children and one of 70 on one adult"),
        pytest.param("mean_age", (45 + 70 + 10 + 0) / 4, id="mean age at the year's end"),
        pytest.param("oldest_age", 70, id="who has died is not the oldest"),
        pytest.param("elderly_share", 0.25, id="one of four is 65 or over"),
        pytest.param("head_age", 45, id="the head's birthday is the last day"),
        pytest.param("head_education", "primary", id="the head's education"),
        pytest.param("is_illness_caused", 1, id="illness is the main cause"),
        pytest.param("income_per_member_fen", 600_000, id="income as delivered in January"),
        pytest.param("remaining_income_fen", 600_000 - 100_000 - 400_000, id="1,000 above 4,000"),
        pytest.param("household_kind", "lifted", id="kind"),
    ],
)
def test_a_feature_by_hand(features, feature, value) -> None:
    assert features.loc[1, feature] == (value if isinstance(value, str) else pytest.approx(value))


def test_every_feature_of_the_parameters_is_computed(features, settings) -> None:
    assert list(select_features(features, settings)) == list(settings.features)


def test_nothing_spent_is_zero_and_nothing_stated_is_missing(features) -> None:
    alone = features.loc[2]
    assert alone["oop_per_member_fen"] == 0
    assert alone["out_of_county_share"] == 0
    assert alone["unable_count"] == 1
    assert pd.isna(alone["income_per_member_fen"])
    assert pd.isna(alone["remaining_income_fen"])


def test_households_and_kinds_are_those_at_the_end_of_the_year(features) -> None:
    """Household 3 came in 2021; household 2 became another kind in 2021."""
    assert list(features.index) == [1, 2]
    assert features.loc[2, "household_kind"] == "unstable"


def test_late_settlements_count_when_they_had_come_by_then(project, settings) -> None:
    early = household_features(project, 2020, "2021-01", settings)
    assert early.loc[1, "stay_count"] == 2
    assert early.loc[1, "oop_fen"] == 450_000


def test_what_is_delivered_later_changes_no_feature(project, settings, features, tmp_path) -> None:
    """The same tables with later months of every kind that a leak could come through."""
    copy = make_project(tmp_path / "later")
    shutil.copytree(project.processed, copy.processed)
    later, day = "2021-07", date(2020, 12, 1)
    deliver(copy, "settlements", later, [settlement(6, 11, day, 900_000)])
    deliver(copy, "household_incomes", later, [income(1, 2020, 1), income(2, 2020, 1)])
    deliver(copy, "registered_persons", later, [person(14, 1, change="updated", change_date=day)])
    deliver(copy, "registered_households", later,
            [household(1, household_kind="poor", change="updated", change_date=day)])  # fmt: skip
    deliver(copy, "chronic_patients", later, [patient(13, "diabetes", "added", day)])
    deliver(copy, "major_disease_cases", later, [case(11, day)])
    again = household_features(copy, 2020, "2021-06", settings)
    pd.testing.assert_frame_equal(again, features)
    changed = household_features(copy, 2020, later, settings)
    assert changed.loc[1, "oop_fen"] != features.loc[1, "oop_fen"]


def test_a_cohort_may_know_no_more_of_its_year_than_the_households_scored() -> None:
    assert known_by(2019, "2022-06") == "2020-06"
    assert known_by(2021, "2022-06") == "2022-06"


@pytest.mark.parametrize(
    ("income_fen", "members", "oop_fen", "below"),
    [
        pytest.param(400_000, 3, 0, False, id="at the line"),
        pytest.param(399_999, 3, 0, True, id="one fen a head below the line"),
        pytest.param(450_000, 3, 150_000, False, id="spending takes it to the line"),
        pytest.param(450_000, 3, 150_001, True, id="a third of a fen a head below"),
    ],
)
def test_the_line_itself_is_not_below(income_fen, members, oop_fen, below) -> None:
    row = {"income_per_member_fen": float(income_fen), "member_count": members, "oop_fen": oop_fen}
    frame = pd.DataFrame([row])
    found = is_below(pd.Series([income_fen]), frame["member_count"], frame["oop_fen"], 400_000)
    assert found.tolist() == [below]
    assert is_above_line(frame, 400_000).tolist() == [not below]


def test_a_household_without_a_stated_income_is_not_above_the_line() -> None:
    frame = pd.DataFrame(
        {"income_per_member_fen": [float("nan")], "member_count": [1], "oop_fen": [0]}
    )
    assert is_above_line(frame, 400_000).tolist() == [False]


def test_lines_hold_until_the_next_one(settings) -> None:
    lines = settings.poverty_lines
    assert [lines.line_fen(year) for year in (2019, 2020, 2025)] == [374_700, 400_000, 400_000]
    with pytest.raises(UserError, match="no line for 2018"):
        lines.line_fen(2018)


def test_cohorts_are_the_years_with_a_known_next_one() -> None:
    assert list_cohorts([2018, 2019, 2020, 2021], 2019) == [2019, 2020]
    assert list_cohorts([2019, 2021], 2019) == []
    assert list_cohorts([2019], 2019) == []


def test_a_cohort_by_hand(project, settings, tmp_path) -> None:
    """Household 1 is above the line in 2020, and below it in 2021 after a stay for 8,000 yuan."""
    copy = make_project(tmp_path / "cohort")
    shutil.copytree(project.processed, copy.processed)
    deliver(copy, "settlements", "2021-09", [settlement(7, 11, date(2021, 9, 1), 800_001)])
    deliver(copy, "household_incomes", "2022-01", [income(1, 2021, 600_000), income(2, 2021, 9)])
    assert list_income_years(copy, "2022-06") == [2020, 2021]
    assert list_income_years(copy, "2021-12") == [2020]
    cohort = make_cohort(copy, "2022-06", 2020, settings, load_rule(copy.params))
    assert list(cohort.index) == [1]  # no income is known of household 2 in 2020
    row = cohort.loc[1]
    assert (row["next_member_count"], row["next_oop_fen"]) == (4, 800_001)
    assert row["is_above_line"]  # 6,000 - 1,000 >= 4,000
    assert row["is_fallen"]  # (6,000 - 4,000) x 4 = 8,000.00 < 8,000.01
    assert not row["is_flagged_by_rule"]  # 5,000 yuan over five members in 2020
    deliver(copy, "household_incomes", "2022-07", [income(1, 2021, 600_001)])  # restated
    cohorts = [
        make_cohort(copy, month, 2020, settings, load_rule(copy.params)).loc[1, "is_fallen"]
        for month in ("2022-06", "2022-07")
    ]
    assert cohorts == [True, False]
