"""Reasons put into words: what is said in the building, and what may be published."""

import pandas as pd
import pytest

from healthmon.project import open_project
from healthmon.rules.remedies import find_remedies
from healthmon.rules.wording import Words

from test_qh1_boundaries import COUNTY, FULL_COUNTY, FULL_TOWNSHIP, TOWNSHIP, scored

PARAMS = open_project().params
FEW = {
    f"poor_{name}_{what}_count": 0
    for name in ("hypertension", "diabetes", "severe_mental_disorder")
    for what in ("patient", "contracted", "followed_up")
}


def said(words: Words, component: str, **changes: object) -> list[str]:
    row = scored(FULL_TOWNSHIP, TOWNSHIP, **changes)
    return words.reasons(component, TOWNSHIP.components[component], row)


@pytest.mark.parametrize(
    ("patients", "contracted", "expected"),
    [
        pytest.param(9, 8, "低于标准；涉及人数少，比例不公开", id="nine patients: withheld"),
        pytest.param(10, 8, "比例为80%，标准为90%", id="ten patients: told"),
        pytest.param(1000, 899, "比例为89%，标准为90%", id="cut to full percents, never up to 90"),
    ],
)
def test_a_published_rate_gives_no_count_away(
    patients: int, contracted: int, expected: str
) -> None:
    counts = FEW | {
        "poor_diabetes_patient_count": patients, "poor_diabetes_contracted_count": contracted,
    }  # fmt: skip
    assert said(Words(PARAMS, withhold_below=10), "T3a", **counts) == [expected]


def test_in_the_building_the_rate_is_told_to_the_hundredth() -> None:
    counts = FEW | {"poor_diabetes_patient_count": 9, "poor_diabetes_contracted_count": 8}
    assert said(Words(PARAMS), "T3a", **counts) == ["比例为88.88%，标准为90%"]


def test_a_missing_count_is_named() -> None:
    assert said(Words(PARAMS), "T3a", poor_diabetes_patient_count=None) == [
        "贫困糖尿病患者数未填报，无法判定"
    ]


def test_codes_are_put_into_the_words_of_the_form() -> None:
    assert Words(PARAMS).value("general", "hospital_type") == "综合医院"
    assert Words(PARAMS).value("posted", "sole_doctor_origin") == "派驻"


def test_an_open_count_says_what_it_is_at_least() -> None:
    row = pd.Series({"township_gp_count": None, "township_gp_count_at_least": 2})
    assert Words(PARAMS).input_value("township_gp_count", row) == "未全部填报（至少2）"


@pytest.mark.parametrize(
    ("points", "percent"),
    [
        pytest.param(30, 80, id="30 points of C4 need 80 %"),
        pytest.param(40, 90, id="all 40 need 90 %"),
        pytest.param(1, 51, id="the first point needs 51 %"),
        pytest.param(0, 0, id="none needs nothing"),
    ],
)
def test_points_of_a_scale_are_turned_back_into_a_percent(points: int, percent: int) -> None:
    assert COUNTY.components["C4"].percent_for(points) == percent


def test_the_way_to_the_line_names_the_rate_it_takes() -> None:
    row = scored(FULL_COUNTY, COUNTY, has_telemedicine=False, in_county_visit_count=68)
    texts = [Words(PARAMS).remedy(way.changes, COUNTY, row) for way in find_remedies(row, COUNTY)]
    assert texts[1] == "“县域内就诊率”由18分提高到30分（比例至少80%）"
