"""Counts that are open but known to be at least something."""

import pandas as pd
import pytest

from healthmon.project import open_project
from healthmon.rules.conditions import Condition
from healthmon.rules.inputs import add_inputs

from test_qh1_boundaries import FULL_TOWNSHIP, TOWNSHIP, scored

UNIT = "630121100"


def counted(*hospitals: dict) -> pd.Series:
    rows = pd.DataFrame([{"township_code": UNIT} | h for h in hospitals]).convert_dtypes()
    units = pd.DataFrame({"township_code": [UNIT]}, dtype="str")
    names = ["township_gp_count", "township_physician_count"]
    return add_inputs(units, "township_code", names, rows, open_project().params).iloc[0]


def points(*hospitals: dict, component: str) -> tuple[int, int]:
    inputs = counted(*hospitals).drop("township_code").to_dict()
    row = scored(FULL_TOWNSHIP | {"resident_count": 20_000}, TOWNSHIP, **inputs)
    return row[f"{component}_lowest_points"], row[f"{component}_highest_points"]


ONE, OPEN = {"gp_count": 1, "physician_count": 2}, {"gp_count": None, "physician_count": None}
CASES = {
    "T2a one hospital has a GP, the other's form is blank: 5 for certain": (
        (ONE, OPEN), "T2a", (5, 5)),
    "T2a no GP at one, the other's form is blank: 0 to 5": (
        (ONE | {"gp_count": 0}, OPEN), "T2a", (0, 5)),
    "T2b two physicians at one, the other's form is blank: 15 to 20": (
        (ONE, OPEN), "T2b", (15, 20)),
    "T2b three physicians at one, the other's form is blank: 20 for certain": (
        (ONE | {"physician_count": 3}, OPEN), "T2b", (20, 20)),
}  # fmt: skip


@pytest.mark.parametrize(("hospitals", "component", "expected"), CASES.values(), ids=CASES.keys())
def test_staff_of_a_township(
    hospitals: tuple[dict, ...], component: str, expected: tuple[int, int]
) -> None:
    assert points(*hospitals, component=component) == expected


@pytest.mark.parametrize(
    ("asked", "surely", "possibly"),
    [
        pytest.param({"at_least": 2}, True, True, id="at least 2 of at least 2: yes"),
        pytest.param({"at_least": 3}, False, True, id="at least 3: open"),
        pytest.param({"more_than": 1}, True, True, id="more than 1: yes"),
        pytest.param({"more_than": 2}, False, True, id="more than 2: open"),
        pytest.param({"equals": 1}, False, False, id="exactly 1: no"),
        pytest.param({"equals": 2}, False, True, id="exactly 2: open"),
        pytest.param({"at_most": 1}, False, False, id="at most 1: no"),
        pytest.param({"at_most": 2}, False, True, id="at most 2: open"),
        pytest.param({"less_than": 2}, False, False, id="fewer than 2: no"),
        pytest.param({"less_than": 3}, False, True, id="fewer than 3: open"),
    ],
)
def test_a_number_of_which_at_least_two_is_known(asked: dict, surely: bool, possibly: bool) -> None:
    frame = pd.DataFrame({"n": [None], "n_at_least": [2]}).convert_dtypes()
    outcome = Condition(input="n", **asked).evaluate(frame)
    assert (outcome.surely[0], outcome.possibly[0]) == (surely, possibly)
