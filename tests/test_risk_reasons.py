"""Reasons are the largest parts of the score itself."""

import math

import numpy as np
import pandas as pd
import pytest

from healthmon.risk.reasons import attach_values, main_reasons, usual_values

PARTS = pd.DataFrame(
    {
        "spending": [math.log(4), 0.0, -1.0],
        "illness": [math.log(2), 0.01, -0.5],
        "age": [math.log(2), math.log(3), -0.1],
        "income": [-0.7, math.log(1.5), -0.2],
    },
    index=pd.Index([11, 22, 33], name="household_id"),
)


def test_the_strongest_come_first_and_only_what_raises_is_named() -> None:
    found = main_reasons(PARTS, most=2, least_odds=1.1)
    assert found["household_id"].tolist() == [11, 11, 22, 22]
    assert found["place"].tolist() == [1, 2, 1, 2]
    # of two that double the odds, the one stated first
    assert found["feature"].tolist() == ["spending", "illness", "age", "income"]
    assert found["odds_factor"].tolist() == pytest.approx([4, 2, 3, 1.5])


def test_what_hardly_raises_is_no_reason() -> None:
    found = main_reasons(PARTS, most=4, least_odds=1.6)
    assert found["feature"].tolist() == ["spending", "illness", "age", "age"]


def test_values_stand_beside_what_is_usual() -> None:
    features = pd.DataFrame(
        {"spending": [100.0, np.nan, 5.0], "age": [70, 71, 20], "kind": ["poor", None, "poor"]},
        index=PARTS.index,
    )
    usual = usual_values(features)
    assert usual.tolist() == [52.5, 70.0, "poor"]
    asked = pd.DataFrame({"household_id": [22, 11, 22], "feature": ["spending", "kind", "age"]})
    found = attach_values(asked, features, usual)
    assert found["value"].isna().tolist() == [True, False, False]
    assert found["value"].tolist()[1:] == ["poor", "71.0"]
    assert found["usual"].tolist() == ["52.5", "poor", "70.0"]


def test_what_most_leave_out_is_usual_and_not_stated() -> None:
    """The model takes not stated for a level, and measures from the commonest one."""
    features = pd.DataFrame(
        {"education": [None, None, "primary"], "kind": ["a", None, "a"]}, index=[1, 2, 3]
    )
    usual = usual_values(features)
    assert usual.to_dict() == {"education": "unstated", "kind": "a"}
    asked = pd.DataFrame({"household_id": [3], "feature": ["education"]})
    assert attach_values(asked, features, usual)["usual"].isna().all()


def test_nobody_flagged_has_no_reasons() -> None:
    assert main_reasons(PARTS.iloc[:0], most=3, least_odds=1.1).empty
