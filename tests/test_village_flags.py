"""Blank-spot risk V0 to V4, both sides of every boundary."""

from datetime import date

import pandas as pd
import pytest

from healthmon.facilities.villages import Forms, flag, last_day
from healthmon.project import open_project
from healthmon.rules.standards import FlagStandard, load_standard

PARAMS = open_project().params
STANDARD = load_standard(PARAMS, "QH/village_clinics", FlagStandard)
VILLAGE, NEIGHBOUR = "630121100201", "630121100202"
DAY = date(2022, 6, 30)
SOURCE = {"source_file": "forms.xlsx", "source_sheet": "1", "source_row": 2}
CLINIC = {"village_code": VILLAGE, "is_mobile": False, "drug_kind_count": 61, **SOURCE}
DOCTOR = {"village_code": VILLAGE, "birth_date": date(1980, 1, 1), "is_qualified": True,
          "origin": "local", "served_resident_count": 800, **SOURCE}  # fmt: skip


def flags(clinics: list[dict], doctors: list[dict]) -> dict:
    frames = [
        pd.DataFrame(rows, columns=list(model)).convert_dtypes()
        for rows, model in ((clinics, CLINIC), (doctors, DOCTOR))
    ]
    # a neighbouring village, so that the prefecture has delivered its forms
    for frame, model in zip(frames, (CLINIC, DOCTOR), strict=True):
        frame.loc[len(frame)] = model | {"village_code": NEIGHBOUR}
    villages = pd.DataFrame({"village_code": [VILLAGE]})
    row = flag(Forms(villages, *frames), STANDARD, DAY, PARAMS).iloc[0]
    return {name: row[name] for name in (*STANDARD.flags, "is_flagged")}


def raised(clinics: list[dict], doctors: list[dict]) -> list[str]:
    found = flags(clinics, doctors)
    return [name for name in STANDARD.flags if found[name] is not pd.NA and found[name]]


CASES = {
    "V4 a clinic with 61 drugs and a local doctor of 42: no flag": ([{}], [{}], []),
    "V0 no clinic: blank spot, and no drugs to count": ([], [{}], ["V0"]),
    "V0 no doctor: blank spot": ([{}], [], ["V0"]),
    "V0 an unqualified doctor alone: blank spot": ([{}], [{"is_qualified": False}], ["V0"]),
    "V1 sole doctor of exactly 35 with 799 residents: flagged": (
        [{}], [{"birth_date": date(1987, 6, 30), "served_resident_count": 799}], ["V1"]),
    "V1 turns 36 on the monitoring date: no flag": (
        [{}], [{"birth_date": date(1986, 6, 30), "served_resident_count": 799}], []),
    "V1 turns 36 the day after: flagged": (
        [{}], [{"birth_date": date(1986, 7, 1), "served_resident_count": 799}], ["V1"]),
    "V1 young doctor with 800 residents: no flag": (
        [{}], [{"birth_date": date(1995, 1, 1)}], []),
    "V1 two young doctors: no flag": (
        [{}], [{"birth_date": date(1995, 1, 1), "served_resident_count": 10}] * 2, []),
    "V2 sole doctor of exactly 65: no flag": ([{}], [{"birth_date": date(1957, 6, 30)}], []),
    "V2 sole doctor who turned 66 today: flagged": (
        [{}], [{"birth_date": date(1956, 6, 30)}], ["V2"]),
    "V2 sole doctor of 65 who turns 66 tomorrow: no flag": (
        [{}], [{"birth_date": date(1956, 7, 1)}], []),
    "V3 sole doctor on circuit: flagged": ([{}], [{"origin": "circuit"}], ["V3"]),
    "V3 sole doctor posted: flagged": ([{}], [{"origin": "posted"}], ["V3"]),
    "V4 60 kinds of drugs: flagged": ([{"drug_kind_count": 60}], [{}], ["V4"]),
    "V4 mobile clinic with 51 kinds: no flag": (
        [{"is_mobile": True, "drug_kind_count": 51}], [{}], []),
    "V4 mobile clinic with 50 kinds: flagged": (
        [{"is_mobile": True, "drug_kind_count": 50}], [{}], ["V4"]),
    "V4 two clinics, one well stocked: the village takes that one": (
        [{"drug_kind_count": 5}, {}], [{}], []),
    "V3 an unqualified colleague does not count as a second doctor: flagged": (
        [{}], [{"origin": "posted"}, {"is_qualified": False}], ["V3"]),
}  # fmt: skip


@pytest.mark.parametrize(("clinics", "doctors", "expected"), CASES.values(), ids=CASES.keys())
def test_flags(clinics: list[dict], doctors: list[dict], expected: list[str]) -> None:
    got = raised([CLINIC | c for c in clinics], [DOCTOR | d for d in doctors])
    assert got == expected


def test_missing_input_is_undetermined() -> None:
    found = flags([CLINIC | {"drug_kind_count": None}], [DOCTOR | {"is_qualified": None}])
    assert all(found[name] is pd.NA for name in ("V0", "V4", "is_flagged"))


def test_one_surely_qualified_doctor_is_enough_against_a_blank_spot() -> None:
    """V1 to V3 stay open: they ask for exactly one qualified doctor."""
    doctors = [DOCTOR | {"origin": "posted"}, DOCTOR | {"is_qualified": None}]
    found = flags([CLINIC], doctors)
    assert found["V0"] is not pd.NA
    assert not found["V0"]
    assert found["V3"] is pd.NA


def test_two_surely_qualified_doctors_are_never_the_only_one() -> None:
    doctors = [DOCTOR | {"origin": "posted"}] * 2 + [DOCTOR | {"is_qualified": None}]
    assert raised([CLINIC], doctors) == []
    assert not flags([CLINIC], doctors)["is_flagged"]


@pytest.mark.parametrize("order", [(30, None), (None, 30)], ids=["blank last", "blank first"])
def test_a_clinic_whose_drugs_are_not_stated_may_be_the_best(order: tuple) -> None:
    found = flags([CLINIC | {"drug_kind_count": count} for count in order], [DOCTOR])
    assert found["V4"] is pd.NA
    assert found["is_flagged"] is pd.NA


def test_45_kinds_are_too_few_whether_the_clinic_is_mobile_or_not() -> None:
    assert raised([CLINIC | {"drug_kind_count": 45, "is_mobile": None}], [DOCTOR]) == ["V4"]


def test_monitoring_date_is_the_last_day_of_the_month() -> None:
    assert last_day("2020-02") == date(2020, 2, 29)


def test_no_form_from_the_prefecture_is_unknown_and_no_blank_spot() -> None:
    empty = [pd.DataFrame(columns=list(model)).convert_dtypes() for model in (CLINIC, DOCTOR)]
    villages = pd.DataFrame({"village_code": [VILLAGE]})
    row = flag(Forms(villages, *empty), STANDARD, DAY, PARAMS).iloc[0]
    assert row["V0"] is pd.NA
    assert row["is_flagged"] is pd.NA


def test_a_row_set_aside_leaves_villages_without_a_row_open() -> None:
    clinics = pd.DataFrame([CLINIC | {"village_code": NEIGHBOUR}]).convert_dtypes()
    doctors = pd.DataFrame([DOCTOR]).convert_dtypes()
    villages = pd.DataFrame({"village_code": [VILLAGE]})
    certain = flag(Forms(villages, clinics, doctors), STANDARD, DAY, PARAMS).iloc[0]
    aside = Forms(villages, clinics, doctors, incomplete_clinics=frozenset({"630100"}))
    open_ = flag(aside, STANDARD, DAY, PARAMS).iloc[0]
    assert certain["V0"]
    assert open_["V0"] is pd.NA


def test_a_doctor_set_aside_may_be_the_second_one_of_that_village_alone() -> None:
    clinics = pd.DataFrame([CLINIC, CLINIC | {"village_code": NEIGHBOUR}]).convert_dtypes()
    posted = DOCTOR | {"origin": "posted"}
    doctors = pd.DataFrame([posted, posted | {"village_code": NEIGHBOUR}]).convert_dtypes()
    villages = pd.DataFrame({"village_code": [VILLAGE, NEIGHBOUR]})
    forms = Forms(villages, clinics, doctors, incomplete_doctors=frozenset({VILLAGE}))
    found = flag(forms, STANDARD, DAY, PARAMS).set_index("village_code")
    assert found.loc[VILLAGE, "V3"] is pd.NA
    assert not found.loc[VILLAGE, "V0"]
    assert found.loc[NEIGHBOUR, "V3"]
