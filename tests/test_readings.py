"""Every reading changes what its clause says, and nothing else."""

from itertools import combinations

import pandas as pd
import pytest

from healthmon.errors import UserError
from healthmon.project import open_project
from healthmon.rules.scoring import score_facilities
from healthmon.rules.standards import FlagStandard, ScoreStandard, load_standard

from test_qh1_boundaries import FULL_COUNTY, FULL_TOWNSHIP

PARAMS = open_project().params
COUNTY, TOWNSHIP, VILLAGE = (
    f"QH/{name}" for name in ("county_hospitals", "township_hospitals", "village_clinics")
)
FULL = {COUNTY: FULL_COUNTY, TOWNSHIP: FULL_TOWNSHIP}
STATED = {"in_county_visit_rate_bp": 5700, "grassroots_visit_share_bp": 3650}
ALL = {
    f"all_{d}_{c}_count": 10
    for d in ("hypertension", "diabetes", "severe_mental_disorder")
    for c in ("patient", "contracted", "followed_up")
}
CASES = {
    "c4_linear: 57.5 % gives 7.5 points": (
        COUNTY, "c4_linear", {"in_county_visit_count": 575, "visit_count": 1000}, 67, 67.5),
    "c4_stated: 57.00 % on the form gives 7 points": (COUNTY, "c4_stated", {}, 100, 67),
    "c3_five_for_all: a TCM hospital with three loses 20": (
        COUNTY, "c3_five_for_all", {"hospital_type": "tcm", "support_team_count": 3}, 100, 80),
    "t2_one_component: no GP takes 5 off 20": (
        TOWNSHIP, "t2_one_component", {"township_gp_count": 0}, 95, 90),
    "t2_one_component: the parts sum to 95": (TOWNSHIP, "t2_one_component", {}, 100, 95),
    "t2_one_component: never below 0": (
        TOWNSHIP, "t2_one_component", {"township_gp_count": 0, "township_physician_count": 0},
        75, 75),
    "t2a_small_exempt: a small township needs no GP": (
        TOWNSHIP, "t2a_small_exempt", {"township_gp_count": 0, "resident_count": 10000}, 95, 100),
    "t2a_small_exempt: a large one does": (
        TOWNSHIP, "t2a_small_exempt", {"township_gp_count": 0}, 95, 95),
    "t3_all_patients: all patients under contract, poor ones not": (
        TOWNSHIP, "t3_all_patients", {"poor_diabetes_contracted_count": 0}, 95, 100),
    "t3_each_disease: 97 of 100 pooled, yet one disease at 70 %": (
        TOWNSHIP, "t3_each_disease",
        {"poor_hypertension_patient_count": 80, "poor_hypertension_contracted_count": 80,
         "poor_hypertension_followed_up_count": 80, "poor_diabetes_contracted_count": 7}, 100, 95),
    "t3b_of_contracted: 18 followed up of 20 contracted of 30": (
        TOWNSHIP, "t3b_of_contracted",
        {"poor_diabetes_contracted_count": 0, "poor_diabetes_followed_up_count": 0,
         "poor_hypertension_followed_up_count": 8}, 90, 95),
    "t3_above_90: exactly 90 % fails": (
        TOWNSHIP, "t3_above_90", {"poor_diabetes_contracted_count": 7}, 100, 95),
    "t3_above_90: 90.0001 % passes": (
        TOWNSHIP, "t3_above_90",
        {"poor_diabetes_patient_count": 999_980, "poor_diabetes_contracted_count": 899_981,
         "poor_diabetes_followed_up_count": 999_980}, 100, 100),
    "t5_flat: exactly 35 % gives 10": (TOWNSHIP, "t5_flat", {"grassroots_visit_count": 35}, 85, 80),
    "t5_flat: 35.1 % gives 15": (
        TOWNSHIP, "t5_flat", {"grassroots_visit_count": 351, "visit_count": 1000}, 85, 85),
    "t5_linear: 32.5 % gives 12.5": (
        TOWNSHIP, "t5_linear", {"grassroots_visit_count": 325, "visit_count": 1000}, 82, 82.5),
    "t5_stated: 36.50 % on the form gives 16": (TOWNSHIP, "t5_stated", {}, 100, 86),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "reading", "changes", "default", "other"), CASES.values(), ids=CASES.keys()
)
def test_reading(name: str, reading: str, changes: dict, default: int, other: float) -> None:
    frame = pd.DataFrame([FULL[name] | STATED | ALL | changes]).convert_dtypes()
    totals = [
        score_facilities(frame, load_standard(PARAMS, name, ScoreStandard, readings))["points"][0]
        for readings in ((), (reading,))
    ]
    assert totals == [default, other]


def test_tcm_hospitals_become_eligible() -> None:
    standard = load_standard(PARAMS, COUNTY, ScoreStandard, ("tcm_eligible",))
    assert standard.eligible[0].is_in == ("general", "tcm")


def test_limits_of_villages_are_moved_by_their_readings() -> None:
    row = {"qualified_doctor_count": 1, "sole_doctor_age": 35, "sole_doctor_served_count": 1,
           "clinic_count": 1, "sole_doctor_origin": "local", "is_mobile": False,
           "drug_kind_count": 60}  # fmt: skip
    frame = pd.DataFrame([row]).convert_dtypes()
    for flag, reading in (("V1", "v1_under_35"), ("V4", "v4_under")):
        raised = [
            load_standard(PARAMS, VILLAGE, FlagStandard, readings)
            .flags[flag]
            .when.evaluate(frame)
            .surely[0]
            for readings in ((), (reading,))
        ]
        assert raised == [True, False]


def test_every_score_reading_has_a_case() -> None:
    tried = {(name, reading) for name, reading, *_ in CASES.values()} | {(COUNTY, "tcm_eligible")}
    there = {
        (name, reading)
        for name in FULL
        for reading in load_standard(PARAMS, name, ScoreStandard).readings
    }
    assert tried == there


@pytest.mark.parametrize("name", FULL)
def test_any_two_readings_either_go_together_or_are_refused(name: str) -> None:
    readings = load_standard(PARAMS, name, ScoreStandard).readings
    refused = set()
    for pair in combinations(readings, 2):
        try:
            load_standard(PARAMS, name, ScoreStandard, pair)
        except UserError as error:
            assert "contradict" in str(error)
            refused.add(pair)
    expected = {
        ("t2_one_component", "t2a_small_exempt"),
        ("t3_all_patients", "t3_each_disease"),
        ("t3_all_patients", "t3b_of_contracted"),
        ("t3_each_disease", "t3b_of_contracted"),
    }
    assert refused == (expected if name == TOWNSHIP else set())


def test_an_unknown_reading_is_refused_naming_those_there_are() -> None:
    with pytest.raises(UserError, match="c4_linear"):
        load_standard(PARAMS, COUNTY, ScoreStandard, ("nonsense",))
