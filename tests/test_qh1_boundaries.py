"""Both sides of every boundary of QH-1, with expectations read from the document."""

import pandas as pd
import pytest

from healthmon.facilities.scores import Inputs, score_units
from healthmon.project import open_project
from healthmon.rules.scoring import score_facilities, take_best
from healthmon.rules.standards import ScoreStandard, load_standard

PARAMS = open_project().params
COUNTY = load_standard(PARAMS, "QH/county_hospitals", ScoreStandard)
TOWNSHIP = load_standard(PARAMS, "QH/township_hospitals", ScoreStandard)

FULL_COUNTY = {
    "facility_code": "A", "county_code": "630121", "hospital_type": "general",
    "has_ct": True, "is_ct_operable": True,
    "has_colour_ultrasound": True, "is_colour_ultrasound_operable": True,
    "has_internal_medicine": True, "has_surgery": True, "has_obstetrics_gynaecology": True,
    "has_paediatrics": True, "has_emergency": True,
    "has_one_stop_settlement": True, "has_telemedicine": True, "support_team_count": 5,
    "in_county_visit_count": 90, "visit_count": 100,
}  # fmt: skip
DISEASES = ("hypertension", "diabetes", "severe_mental_disorder")
FULL_TOWNSHIP = {
    "facility_code": "A", "township_code": "630121100",
    "has_ecg": True, "is_ecg_operable": True, "has_xray": True, "is_xray_operable": True,
    "has_biochemistry_analyser": True, "is_biochemistry_analyser_operable": True,
    "township_gp_count": 1, "township_physician_count": 3, "resident_count": 10001,
    "drug_kind_count": 11, "grassroots_visit_count": 50, "visit_count": 100,
    **{f"poor_{name}_{count}_count": 10 for name in DISEASES
       for count in ("patient", "contracted", "followed_up")},
}  # fmt: skip
NO_PATIENTS = {
    f"poor_{name}_{what}_count": 0
    for name in DISEASES
    for what in ("patient", "contracted", "followed_up")
}


def scored(full: dict, standard: ScoreStandard, **changes: object) -> pd.Series:
    frame = pd.DataFrame([full | changes]).convert_dtypes()
    return score_facilities(frame, standard).iloc[0]


def case(sentence: str, component: str, points: int, **changes: object) -> object:
    return pytest.param(component, points, changes, id=sentence)


@pytest.mark.parametrize(
    ("component", "points", "changes"),
    [
        case("C1 both devices work: 10", "C1", 10),
        case("C1 no CT: 0", "C1", 0, has_ct=False, is_ct_operable=False),
        case("C1 CT there but cannot be operated: 0", "C1", 0, is_ct_operable=False),
        case("C1 no colour ultrasound: 0", "C1", 0, has_colour_ultrasound=False),
        case("C2 all five departments: 10", "C2", 10),
        case("C2 one department missing: 0", "C2", 0, has_paediatrics=False),
        case("C3 all three policies: 40", "C3", 40),
        case("C3 no one-stop settlement: 20", "C3", 20, has_one_stop_settlement=False),
        case("C3 no telemedicine: 20", "C3", 20, has_telemedicine=False),
        case("C3 four in the team: 20", "C3", 20, support_team_count=4),
        case("C3 five in the team: 40", "C3", 40, support_team_count=5),
        case("C3 two missing: 0", "C3", 0, has_telemedicine=False, support_team_count=0),
        case(
            "C3 three missing: no more than 40 taken off", "C3", 0,
            has_one_stop_settlement=False, has_telemedicine=False, support_team_count=0,
        ),
        case("C3 TCM hospital with three: 40", "C3", 40,
             hospital_type="tcm", support_team_count=3),
        case("C3 TCM hospital with two: 20", "C3", 20,
             hospital_type="tcm", support_team_count=2),
        case("C4 49 %: 0", "C4", 0, in_county_visit_count=49),
        case("C4 50 %: 0", "C4", 0, in_county_visit_count=50),
        case("C4 51 %: 1", "C4", 1, in_county_visit_count=51),
        case("C4 50.9 %: 0", "C4", 0, in_county_visit_count=509, visit_count=1000),
        case("C4 57 of 100 is 57 %, never 56: 7", "C4", 7, in_county_visit_count=57),
        case("C4 89 %: 39", "C4", 39, in_county_visit_count=89),
        case("C4 89.99 %: 39", "C4", 39, in_county_visit_count=8999, visit_count=10000),
        case("C4 90 %: 40", "C4", 40, in_county_visit_count=90),
        case("C4 100 %: 40", "C4", 40, in_county_visit_count=100),
    ],
)  # fmt: skip
def test_county_component(component: str, points: int, changes: dict) -> None:
    assert scored(FULL_COUNTY, COUNTY, **changes)[f"{component}_points"] == points


@pytest.mark.parametrize(
    ("component", "points", "changes"),
    [
        case("T1 all three work: 15", "T1", 15),
        case("T1 no ECG: 10", "T1", 10, has_ecg=False, is_ecg_operable=False),
        case("T1 X-ray out of order: 10", "T1", 10, is_xray_operable=False),
        case("T1 none works: 0", "T1", 0, has_ecg=False, is_xray_operable=False,
             has_biochemistry_analyser=False),
        case("T2a no GP in the township: 0", "T2a", 0, township_gp_count=0),
        case("T2a no GP in a small township: 0", "T2a", 0,
             township_gp_count=0, resident_count=900),
        case("T2b no physician, 10,001 residents: 0", "T2b", 0, township_physician_count=0),
        case("T2b one physician: 10", "T2b", 10, township_physician_count=1),
        case("T2b two physicians: 15", "T2b", 15, township_physician_count=2),
        case("T2b three physicians: 20", "T2b", 20, township_physician_count=3),
        case("T2b four physicians: 20", "T2b", 20, township_physician_count=4),
        case("T2b no physician, 10,000 residents: 20", "T2b", 20,
             township_physician_count=0, resident_count=10000),
        case("T3a 27 of 30 is 90 %: 10", "T3a", 10, poor_diabetes_contracted_count=7),
        case("T3a 26 of 30 is under 90 %: 5", "T3a", 5, poor_diabetes_contracted_count=6),
        case("T3a nobody to contract: 10", "T3a", 10, **NO_PATIENTS),
        case("T3b 27 of 30 is 90 %: 10", "T3b", 10, poor_diabetes_followed_up_count=7),
        case("T3b 26 of 30 is under 90 %: 5", "T3b", 5, poor_diabetes_followed_up_count=6),
        case("T4 eleven kinds: 10", "T4", 10, drug_kind_count=11),
        case("T4 ten kinds: 0", "T4", 0, drug_kind_count=10),
        case("T5 0 %: 10", "T5", 10, grassroots_visit_count=0),
        case("T5 30 %: 10", "T5", 10, grassroots_visit_count=30),
        case("T5 31 %: 11 (inferred)", "T5", 11, grassroots_visit_count=31),
        case("T5 34.9 %: 14 (inferred)", "T5", 14,
             grassroots_visit_count=349, visit_count=1000),
        case("T5 35 %: 15", "T5", 15, grassroots_visit_count=35),
        case("T5 35.9 %: 15", "T5", 15, grassroots_visit_count=359, visit_count=1000),
        case("T5 36 %: 16", "T5", 16, grassroots_visit_count=36),
        case("T5 49 %: 29", "T5", 29, grassroots_visit_count=49),
        case("T5 50 %: 30", "T5", 30, grassroots_visit_count=50),
        case("T5 80 %: 30", "T5", 30, grassroots_visit_count=80),
    ],
)  # fmt: skip
def test_township_component(component: str, points: int, changes: dict) -> None:
    assert scored(FULL_TOWNSHIP, TOWNSHIP, **changes)[f"{component}_points"] == points


def test_the_best_possible_facility_has_100_points() -> None:
    assert scored(FULL_COUNTY, COUNTY)["points"] == 100
    assert scored(FULL_TOWNSHIP, TOWNSHIP)["points"] == 100


@pytest.mark.parametrize(
    ("in_county", "points", "state"),
    [
        pytest.param(80, 70, "pass", id="70 passes"),
        pytest.param(79, 69, "fail", id="69 does not"),
    ],
)
def test_pass_line(in_county: int, points: int, state: str) -> None:
    # 10 + 0 + 40 + 30 = 80 with telemedicine, so 20 are taken off and C2 stays: 10 + 10 + 20 + 30
    result = scored(FULL_COUNTY, COUNTY, has_telemedicine=False, in_county_visit_count=in_county)
    assert (result["points"], result["state"]) == (points, state)


@pytest.mark.parametrize(
    ("changes", "lowest", "highest", "state"),
    [
        pytest.param({"has_ct": None}, 90, 100, "pass", id="unknown CT cannot fail a 90"),
        pytest.param({"has_telemedicine": None}, 80, 100, "pass", id="unknown telemedicine"),
        pytest.param(
            {"visit_count": None, "in_county_visit_count": None}, 60, 100, "undetermined",
            id="unknown visits leave it open",
        ),
        pytest.param(
            {"has_one_stop_settlement": False, "has_telemedicine": False,
             "support_team_count": None}, 60, 60, "fail",
            id="a third unknown policy changes nothing after 40 are taken off",
        ),
        pytest.param({"visit_count": 0, "in_county_visit_count": 0}, 60, 100, "undetermined",
                     id="no visits at all: no rate"),
    ],
)  # fmt: skip
def test_missing_input_is_undetermined_never_0(
    changes: dict, lowest: int, highest: int, state: str
) -> None:
    result = scored(FULL_COUNTY, COUNTY, **changes)
    assert (result["lowest_points"], result["highest_points"]) == (lowest, highest)
    assert result["state"] == state
    assert pd.isna(result["points"]) == (lowest != highest)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"poor_diabetes_contracted_count": 11}, id="eleven under contract of ten"),
        pytest.param(NO_PATIENTS | {"poor_diabetes_contracted_count": 3}, id="three of none"),
    ],
)
def test_more_than_there_are_says_nothing(changes: dict) -> None:
    result = scored(FULL_TOWNSHIP, TOWNSHIP, **changes)
    assert (result["T3a_lowest_points"], result["T3a_highest_points"]) == (5, 10)


def test_a_blank_contract_count_of_nobody_takes_nothing_off() -> None:
    result = scored(
        FULL_TOWNSHIP, TOWNSHIP, **NO_PATIENTS | {"poor_diabetes_contracted_count": None}
    )
    assert result["T3a_points"] == 10


def test_unknown_equipment_is_no_question_when_the_other_half_decides() -> None:
    result = scored(FULL_TOWNSHIP, TOWNSHIP, has_ecg=False, is_ecg_operable=None)
    assert result["T1_points"] == 10


def test_a_county_takes_its_best_hospital_and_says_which() -> None:
    frame = pd.DataFrame(
        [
            FULL_COUNTY | {"facility_code": "A", "has_telemedicine": False},
            FULL_COUNTY | {"facility_code": "B"},
            FULL_COUNTY | {"facility_code": "C", "has_ct": False},
        ]
    ).convert_dtypes()
    best = take_best(score_facilities(frame, COUNTY), "county_code")
    assert best["facility_code"].tolist() == ["B"]
    assert best["points"].tolist() == [100]


def test_a_better_hospital_with_unknown_input_leaves_the_county_open() -> None:
    failing = {"has_one_stop_settlement": False, "has_telemedicine": False}
    frame = pd.DataFrame(
        [
            FULL_COUNTY | {"facility_code": "A"} | failing | {"in_county_visit_count": 60},
            FULL_COUNTY | {"facility_code": "B"} | dict.fromkeys(failing),
        ]
    ).convert_dtypes()
    best = take_best(score_facilities(frame, COUNTY), "county_code")
    assert best["highest_points"].tolist() == [100]


def judged(*hospitals: dict, incomplete: tuple[str, ...] = ()) -> pd.Series:
    rows = [FULL_COUNTY | {"county_code": "1", "facility_code": str(n)} | hospital
            for n, hospital in enumerate(hospitals)]  # fmt: skip
    units = pd.DataFrame({"county_code": ["1"]}, dtype="str")
    forms = pd.DataFrame(rows).convert_dtypes()
    inputs = Inputs(forms, units, "county_code", frozenset(incomplete))
    return score_units(inputs, COUNTY).iloc[0]


SIXTY = {"is_public": True, "in_county_visit_count": 50, "has_telemedicine": True,
         "has_ct": True, "has_surgery": True}  # fmt: skip


def test_a_hospital_of_unknown_ownership_is_certain_of_nothing() -> None:
    row = judged({"is_public": None})
    assert (row["lowest_points"], row["highest_points"], row["state"]) == (0, 100, "undetermined")


def test_beside_it_the_public_hospital_is_what_is_certain() -> None:
    # 10 + 10 + 40 + 0 = 60
    row = judged({"is_public": None}, SIXTY)
    assert (row["lowest_points"], row["highest_points"], row["state"]) == (60, 100, "undetermined")
    assert row["facility_code"] == "1"


def test_a_form_set_aside_may_be_that_of_a_better_hospital() -> None:
    assert judged(SIXTY)["state"] == "fail"
    row = judged(SIXTY, incomplete=("1",))
    assert (row["lowest_points"], row["highest_points"], row["state"]) == (60, 100, "undetermined")


def test_a_private_hospital_takes_no_part() -> None:
    row = judged({"is_public": False}, SIXTY)
    assert (row["points"], row["state"]) == (60, "fail")


def test_rows_keep_their_points_whatever_the_index() -> None:
    rows = [FULL_COUNTY | {"has_ct": False}, FULL_COUNTY]
    frame = pd.DataFrame(rows, index=[7, 3]).convert_dtypes()
    assert score_facilities(frame, COUNTY)["points"].to_dict() == {7: 90, 3: 100}
