"""Kaplan and Meier's curve against one done by hand; who enters it; the share done in time."""

import math

import numpy as np
import pandas as pd
import pytest

from healthmon.deadlines.terms import load_deadline_terms
from healthmon.deadlines.waiting import draw_curves, estimate_curve, summarise_waiting
from healthmon.project import open_project

TERMS = load_deadline_terms(open_project().params)
DAYS = np.array([1, 3, 3, 3, 5, 6, 6, 8])
DONE = np.array([True, True, True, False, False, True, False, False])
"""Eight households. Day 1: 1 of 8 done. Day 3: 2 of 7, one leaves. Day 5: one leaves. Day 6: 1 of
3, one leaves on the same day. Waiting: 7/8, then times 5/7, then times 2/3."""


def test_the_curve_is_the_one_done_by_hand() -> None:
    curve = estimate_curve(DAYS, DONE, 95)
    assert curve.day.tolist() == [1, 3, 6]
    assert curve.at_risk.tolist() == [8, 7, 3]
    assert curve.done.tolist() == [1, 2, 1]
    assert curve.done_share == pytest.approx([1 - 7 / 8, 1 - 5 / 8, 1 - 5 / 12])


def test_its_interval_is_greenwoods_on_the_log_log_scale() -> None:
    curve = estimate_curve(DAYS, DONE, 95)
    waiting = 5 / 12
    # Greenwood: sum of d / (n (n - d)) = 1/56 + 2/35 + 1/6
    root = math.sqrt(1 / 56 + 2 / 35 + 1 / 6)
    theta = 1.959964 * root / abs(math.log(waiting))
    assert curve.lower[-1] == pytest.approx(1 - waiting ** math.exp(-theta), rel=1e-5)
    assert curve.upper[-1] == pytest.approx(1 - waiting ** math.exp(theta), rel=1e-5)


def judged(days: list, done: list, due: list, **other: object) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "deadline": "measures", "days": days, "is_done": done, "due_days": due,
            "state": "in_time", "listed_date": pd.Timestamp(2022, 5, 2),
            "prefecture_code": "630100", "county_code": "630102",
        } | other
    )  # fmt: skip


def summary(frame: pd.DataFrame) -> pd.Series:
    found = summarise_waiting(frame, TERMS, "2022-06").set_index("level")
    assert found.index.tolist() == ["province", "prefecture", "county"]
    return found.loc["county"]


def test_each_household_has_its_own_last_day() -> None:
    # done on day 29: late where the month has 28 days, in time where it has 31
    found = summary(judged([29] * 10, [True] * 10, [28] * 5 + [31] * 5))
    assert found["in_time_share"] == pytest.approx(0.5)
    assert found["median_days"] == 29
    assert found["at_risk_count"] == 5


def test_the_still_open_are_no_successes_and_no_failures() -> None:
    # 5 done on day 2; 3 watched for 4 days only; 4 of whom 2 are done on day 7, two on day 9
    days, done = [2] * 5 + [4] * 3 + [7, 7, 9, 9], [True] * 5 + [False] * 3 + [True] * 4
    found = summary(judged(days, done, [7] * 12))
    # 7/12 still wait after day 2, then half of the four: 1 - 7/24
    assert found["in_time_share"] == pytest.approx(17 / 24)
    assert found["median_days"] == 7
    assert found["at_risk_count"] == 4
    assert found["done_count"] == 9


def test_nothing_is_said_of_a_day_that_nobody_was_watched_to() -> None:
    found = summary(judged([3] * 12, [True] * 6 + [False] * 6, [7] * 12))
    assert math.isnan(found["in_time_share"])
    assert found["median_days"] == 3


def test_a_median_may_not_be_reached() -> None:
    found = summary(judged([3] * 4 + [20] * 8, [True] * 4 + [False] * 8, [7] * 12))
    assert math.isnan(found["median_days"])
    assert found["in_time_share"] == pytest.approx(1 / 3)


def test_nobody_verified_is_a_share_of_nothing_done() -> None:
    found = summary(judged([20] * 12, [False] * 12, [7] * 12))
    assert found["in_time_share"] == 0
    assert math.isnan(found["lower"])


def test_small_places_and_old_listings_get_no_curve() -> None:
    frame = judged([2] * 9, [True] * 9, [7] * 9)
    old = judged([2] * 30, [True] * 30, [7] * 30, listed_date=pd.Timestamp(2021, 6, 30))
    found = summary(pd.concat([frame, old], ignore_index=True))
    assert found["listing_count"] == 9
    assert math.isnan(found["in_time_share"])
    assert draw_curves(frame, TERMS, "2022-06").empty
    curves = draw_curves(judged([2] * 10, [True] * 10, [7] * 10), TERMS, "2022-06")
    assert curves["level"].tolist() == ["province", "prefecture"]
    assert curves["done_share"].tolist() == [1, 1]


def test_the_undetermined_are_counted_and_not_estimated() -> None:
    frame = judged([2] * 12, [True] * 12, [7] * 12, state=["undetermined"] * 2 + ["in_time"] * 10)
    found = summary(frame)
    assert found[["listing_count", "undetermined_count"]].tolist() == [10, 2]
