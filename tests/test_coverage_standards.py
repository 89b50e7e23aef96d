"""KF-1 and KF-7: a standard that is a file alone, without code of its own."""

import pandas as pd
import pytest

from healthmon.project import open_project
from healthmon.rules.inputs import add_inputs, load_inputs
from healthmon.rules.standards import FlagStandard, list_inputs, load_standard

PARAMS = open_project().params
UNITS = {"county": "630121", "township": "630121100", "village": "630121100201"}
HOSPITAL = {"is_public": True, "hospital_type": "general", "has_telemedicine": True}
ALL_THREE = [HOSPITAL | {"hospital_type": kind} for kind in ("general", "tcm", "maternal_child")]
TOWNSHIP = {"has_telemedicine": True, "has_tcm_clinic": True}
CASES = {
    "county_coverage no_general_hospital a private one does not count: flagged": (
        [HOSPITAL | {"is_public": False}, *ALL_THREE[1:]], ["no_general_hospital"]),
    "county_coverage no_tcm_hospital none: flagged": (
        [ALL_THREE[0], ALL_THREE[2]], ["no_tcm_hospital"]),
    "county_coverage no_tcm_hospital ethnic medicine counts (reading): no flag": (
        [ALL_THREE[0], HOSPITAL | {"hospital_type": "ethnic_medicine"}, ALL_THREE[2]], []),
    "county_coverage no_maternal_child_hospital none: flagged": (
        ALL_THREE[:2], ["no_maternal_child_hospital"]),
    "county_coverage no_telemedicine one of three lacks it: flagged, the text says all": (
        [*ALL_THREE[:2], ALL_THREE[2] | {"has_telemedicine": False}], ["no_telemedicine"]),
    "county_coverage no_telemedicine all three with it: no flag": (ALL_THREE, []),
    "township_coverage no_hospital none: flagged, once": ([], ["no_hospital"]),
    "township_coverage no_telemedicine one of two lacks it: flagged, the text says all": (
        [TOWNSHIP, TOWNSHIP | {"has_telemedicine": False}], ["no_telemedicine"]),
    "township_coverage no_telemedicine both have it: no flag": ([TOWNSHIP, TOWNSHIP], []),
    "township_coverage no_tcm_clinic none: flagged": (
        [TOWNSHIP | {"has_tcm_clinic": False}], ["no_tcm_clinic"]),
    "village_coverage no_clinic none, so no public one: flagged": (
        [], ["no_clinic", "no_public_clinic"]),
    "village_coverage no_public_clinic a private one alone: flagged": (
        [{"is_public_owned": False}], ["no_public_clinic"]),
    "village_coverage no_public_clinic one public: no flag": ([{"is_public_owned": True}], []),
}  # fmt: skip
MODELS = {"county": HOSPITAL, "township": TOWNSHIP, "village": {"is_public_owned": True}}


def flags(name: str, rows: list[dict]) -> dict[str, object]:
    standard = load_standard(PARAMS, f"KF/{name}", FlagStandard)
    unit, code = f"{standard.unit}_code", UNITS[standard.unit]
    # a neighbour's row, so that the prefecture has delivered the table
    neighbour = MODELS[standard.unit] | {unit: code[:-1] + "9"}
    frame = pd.DataFrame([*(row | {unit: code} for row in rows), neighbour]).convert_dtypes()
    units = pd.DataFrame({unit: [code]}, dtype="str")
    names = list_inputs(standard)
    assert {load_inputs(PARAMS)[n].table for n in names} == {
        {"county": "county_hospitals", "township": "township_hospitals"}.get(
            standard.unit, "village_clinics"
        )
    }
    units = add_inputs(units, unit, names, frame, PARAMS)
    return {key: flag.when.evaluate(units).as_flags()[0] for key, flag in standard.flags.items()}


@pytest.mark.parametrize(("sentence", "case"), CASES.items(), ids=CASES.keys())
def test_flags(sentence: str, case: tuple[list[dict], list[str]]) -> None:
    rows, expected = case
    raised = [key for key, value in flags(sentence.split()[0], rows).items() if value]
    assert raised == expected


def test_a_blank_leaves_it_open() -> None:
    hospitals = [HOSPITAL | {"is_public": None}, *ALL_THREE[1:]]
    assert flags("county_coverage", hospitals)["no_general_hospital"] is pd.NA
