"""Jumps at the threshold: known ones are found, missing ones are not."""

import numpy as np
import pandas as pd
import pytest

from healthmon.project import open_project
from healthmon.risk.discontinuity import group_near, near_threshold, run_discontinuity
from healthmon.risk.jumps import (
    check_density,
    estimate_jump,
    power_of,
    smallest_effect,
)
from healthmon.risk.threshold_settings import load_threshold_settings

PROJECT = open_project()
SETTINGS = load_threshold_settings(PROJECT.params).discontinuity


def draw(jump: float, seed: int = 3, size: int = 3000) -> tuple[pd.Series, pd.Series]:
    """Draw a curved outcome with a jump at 0."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1500, 1500, size)
    y = 5 + x / 700 + (x / 1500) ** 2 + jump * (x >= 0) + rng.normal(0, 1, size)
    return pd.Series(y), pd.Series(x)


def test_a_known_jump_is_recovered() -> None:
    found = estimate_jump(*draw(jump=2), SETTINGS)
    assert found.lower < 2 < found.upper
    assert found.lower > 0
    assert found.p_value < 0.001


def test_no_jump_is_not_seen() -> None:
    found = estimate_jump(*draw(jump=0), SETTINGS)
    assert found.lower < 0 < found.upper


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    """Of 40 draws 95 % should cover: fewer than 34 would come once in a thousand times."""
    draws = [estimate_jump(*draw(1, seed, 800), SETTINGS) for seed in range(40)]
    assert sum(found.lower < 1 < found.upper for found in draws) >= 34


def fit_at_0(y: np.ndarray, x: np.ndarray, width: float, degree: int) -> np.ndarray:
    """Fit a polynomial with triangular weights; coefficients, the level at 0 first."""
    inside = np.abs(x) < width
    weights = np.sqrt(1 - np.abs(x[inside]) / width)
    return np.polyfit(x[inside], y[inside], degree, w=weights)[::-1]


def test_with_equal_bandwidths_the_estimate_is_that_of_local_parabolas() -> None:
    """Calonico, Cattaneo and Titiunik (2014), remark 7; fitted here by other code."""
    y, x = draw(jump=2)
    found = estimate_jump(y, x, SETTINGS, bandwidths=(600, 600))
    sides = [x.to_numpy() < 0, x.to_numpy() >= 0]
    below, above = (fit_at_0(y.to_numpy()[s], x.to_numpy()[s], 600, 2) for s in sides)
    assert found.estimate == pytest.approx(above[0] - below[0], rel=1e-6)
    below, above = (fit_at_0(y.to_numpy()[s], x.to_numpy()[s], 600, 1) for s in sides)
    assert (found.left_level, found.left_slope) == pytest.approx(tuple(below), rel=1e-6)
    assert (found.right_level, found.right_slope) == pytest.approx(tuple(above), rel=1e-6)
    assert found.above_household_count == int(((x >= 0) & (x <= 600)).sum())


def test_too_few_households_on_a_side_are_not_estimated() -> None:
    y, x = draw(jump=2)
    keep = (x < 0) | (x.rank(ascending=False) < SETTINGS.least_households)
    found = estimate_jump(y[keep], x[keep], SETTINGS)
    assert np.isnan(found.estimate)
    assert found.above_household_count == SETTINGS.least_households - 1


def test_an_outcome_that_never_differs_has_no_jump_to_estimate() -> None:
    _, x = draw(jump=0)
    assert np.isnan(estimate_jump(0 * x, x, SETTINGS).estimate)


def test_half_as_many_above_the_cut_show_in_the_density() -> None:
    _, x = draw(jump=0)
    assert check_density(x, SETTINGS).p_value > 0.05
    thinned = x[(x < 0) | (x.index % 2 == 0)]
    assert check_density(thinned, SETTINGS).p_value < 0.01


def test_power_by_the_normal_table() -> None:
    """1.959964 + 0.841621 standard errors are seen with 80 %; nothing with 5 %."""
    assert smallest_effect(1, 5, 80) == pytest.approx(2.801585, abs=1e-5)
    assert power_of(2.801585, 1, 5) == pytest.approx(0.8, abs=1e-5)
    assert power_of(0, 1, 5) == pytest.approx(0.05, abs=1e-9)
    assert power_of(-2, 1, 5) == power_of(2, 1, 5)


def make_cohorts(effect_yuan: int = 1000, size: int = 6000) -> pd.DataFrame:
    """Two cohorts of one-person households; the second is flagged and helped above the line."""
    rng, parts = np.random.default_rng(5), []
    for year in (2019, 2020):
        spent = rng.integers(0, 320_000, size)
        income = rng.normal(900_000, 200_000, size).astype("int64")
        helped = (spent > 156_000) & (year == 2020) & (rng.random(size) < 0.8)
        gained = income + np.where(helped, 100 * effect_yuan, 0)
        parts.append(pd.DataFrame({
            "cohort_year": year, "household_id": np.arange(size), "member_count": 1,
            "oop_fen": spent, "income_per_member_fen": rng.integers(500_000, 900_000, size),
            "previous_member_count": pd.NA, "previous_oop_fen": pd.NA,
            "next_income_per_member_fen": gained, "is_above_line": True,
            "is_fallen": gained < 600_000, "untreated_income_fen": income,
            "treated_income_fen": gained, "is_helped": helped,
            "is_fallen_untreated": income < 600_000, "is_fallen_treated": gained < 600_000,
            "oldest_age": rng.integers(30, 80, size), "child_count": rng.integers(0, 4, size),
            "elderly_share": rng.random(size), "disabled_count": rng.integers(0, 2, size),
            "chronic_person_count": rng.integers(0, 3, size),
            "is_illness_caused": rng.integers(0, 2, size),
        }))  # fmt: skip
    nullable = {"previous_member_count": "Int64", "previous_oop_fen": "Int64"}
    nullable |= dict.fromkeys(("untreated_income_fen", "treated_income_fen"), "Int64")
    flags = dict.fromkeys(("is_helped", "is_fallen_untreated", "is_fallen_treated"), "boolean")
    return pd.concat(parts, ignore_index=True).astype(nullable | flags)


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return run_discontinuity(PROJECT, make_cohorts())


def row_of(found: pd.DataFrame, year: int, part: str, outcome: str) -> pd.Series:
    asked = (found["cohort_year"] == year) & (found["part"] == part) & (found["outcome"] == outcome)
    (row,) = found[asked].to_dict("records")
    return row


def test_the_planted_effect_stands_beside_what_was_observed(found) -> None:
    """80 % of the flagged gain 1,000 yuan: 800 on average."""
    planted = row_of(found, 2020, "truth_effect", "income")
    observed = row_of(found, 2020, "effect", "income")
    assert planted["lower"] < 800 < planted["upper"]
    assert observed["lower"] < 800 < observed["upper"]
    assert observed["lower"] > 0
    assert row_of(found, 2020, "truth_helped", "income")["estimate"] == pytest.approx(0.8, abs=0.1)
    untreated = row_of(found, 2020, "truth_untreated", "income")
    assert untreated["lower"] < 0 < untreated["upper"]


def test_before_flags_existed_nothing_jumps_and_no_truth_is_asked(found) -> None:
    before = row_of(found, 2019, "effect", "income")
    assert before["lower"] < 0 < before["upper"]
    assert set(found.loc[found["cohort_year"] == 2019, "part"]) == {"effect", "density"}


def test_placebos_stay_on_their_side_of_the_threshold(found) -> None:
    rows = found[(found["part"] == "placebo") & (found["outcome"] == "income")]
    assert rows["at"].tolist() == list(SETTINGS.placebo_yuan)
    seen = (rows["lower"] > 0) | (rows["upper"] < 0)
    assert seen.sum() <= 1


def test_a_household_exactly_at_the_threshold_lies_below_the_cut() -> None:
    cohort = make_cohorts(size=4).iloc[:4].assign(oop_fen=[156_000, 156_001, 155_999, 0])
    near = near_threshold(cohort, 1560, 1500)
    assert (near["distance_yuan"] >= 0).tolist() == [False, True, False]  # 0 yuan is too far


def test_households_flagged_by_the_year_before_are_left_out() -> None:
    cohort = make_cohorts(size=3).iloc[:3].assign(
        oop_fen=156_500,
        previous_oop_fen=pd.array([156_001, 156_000, None], dtype="Int64"),
        previous_member_count=pd.array([1, 1, None], dtype="Int64"),
    )  # fmt: skip
    assert near_threshold(cohort, 1560, 1500)["household_id"].tolist() == [1, 2]


def test_groups_of_the_figure_never_cross_the_threshold() -> None:
    groups = group_near(PROJECT, make_cohorts())
    assert (groups["middle_yuan"] % SETTINGS.chart_step_yuan == SETTINGS.chart_step_yuan / 2).all()
    assert groups["middle_yuan"].abs().max() < SETTINGS.chart_within_yuan


def test_without_cohorts_there_is_nothing() -> None:
    assert run_discontinuity(PROJECT, make_cohorts().head(0)).empty


def test_a_huge_real_jump_does_not_leak_into_the_placebos() -> None:
    """A gain of a million yuan a head: any of it on a placebo's side would dwarf the noise."""
    found = run_discontinuity(PROJECT, make_cohorts(effect_yuan=1_000_000, size=3000))
    below = found[(found["part"] == "placebo") & (found["outcome"] == "income")]
    below = below[below["at"] < 1560]
    assert below["std_error"].notna().all()
    assert below["std_error"].max() < 10_000
