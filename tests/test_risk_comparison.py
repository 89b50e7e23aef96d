"""Decision curve, subgroups and profiles, held against sums by hand and a plain bootstrap."""

import numpy as np
import pandas as pd
import pytest

from healthmon.risk.decision_curve import decision_curve
from healthmon.risk.evaluation import Method
from healthmon.risk.measures import draw_samples
from healthmon.risk.profiles import describe_groups
from healthmon.risk.settings import EvaluationSettings
from healthmon.risk.subgroups import band_ages, measure_subgroups

SETTINGS = EvaluationSettings(replicates=60, seed=3, interval_pct=90, calibration_bins=4)


def test_net_benefit_by_hand() -> None:
    """Ten households, two fell. At 20 % a needless visit costs a quarter of a found household."""
    risks = np.array([0.9, 0.5, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    outcome = np.array([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], dtype=bool)
    flags = np.array([0, 1, 1, 0, 0, 0, 0, 0, 0, 0], dtype=bool)
    curve = decision_curve(risks, flags, outcome, [0.2, 0.5], SETTINGS)
    found = curve.set_index(["method", "threshold"])["net_benefit"]
    # model at 20 %: four visited, two found, two in vain: (2 - 2/4) / 10
    assert found["model", 0.2] == pytest.approx(0.15)
    # at 50 %: two visited (a risk of 50 % counts), one found: (1 - 1) / 10
    assert found["model", 0.5] == pytest.approx(0.0)
    assert found["rule", 0.2] == pytest.approx((1 - 0.25) / 10)
    assert found["rule", 0.5] == pytest.approx(0.0)
    assert found["everybody", 0.2] == pytest.approx((2 - 8 * 0.25) / 10)
    assert found["everybody", 0.5] == pytest.approx((2 - 8) / 10)


def test_the_model_leads_itself_by_nothing() -> None:
    rng = np.random.default_rng(0)
    risks, outcome = rng.random(200), rng.random(200) < 0.2
    curve = decision_curve(risks, risks > 0.5, outcome, [0.1, 0.3], SETTINGS)
    own = curve[curve["method"] == "model"]
    assert (own[["lead_lower", "lead_upper"]] == 0).all(axis=None)
    assert (own["lower"] <= own["net_benefit"]).all()
    assert (own["net_benefit"] <= own["upper"]).all()


def cohort(size: int, seed: int) -> tuple[pd.DataFrame, dict[str, Method], np.ndarray]:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "prefecture_code": rng.choice(["630100", "632500"], size),
            "county_code": rng.choice(["630102", "632521", "632522"], size),
            "head_ethnic_group": rng.choice(["藏族", "汉族", None], size),
            "head_age_band": band_ages(pd.Series(rng.integers(20, 90, size)), (40, 60)),
            "household_kind": rng.choice(["poor", "monitored"], size),
        }
    )
    outcome = rng.random(size) < 0.3
    methods = {
        name: Method(rng.random(size) < 0.25, rng.random(size)) for name in ("model", "rule")
    }
    return frame, methods, outcome


def test_subgroups_are_the_households_counted_one_by_one() -> None:
    frame, methods, outcome = cohort(400, 1)
    result = measure_subgroups(frame, methods, outcome, SETTINGS)
    for row in result.itertuples():
        key = frame[row.dimension].fillna("unstated").to_numpy()
        inside, flags = key == row.subgroup, methods[row.method].flags
        assert row.household_count == inside.sum()
        assert row.fallen_household_count == (inside & outcome).sum()
        assert row.flagged_household_count == (inside & flags).sum()
        assert row.found_household_count == (inside & flags & outcome).sum()
        assert row.recall == pytest.approx(
            (inside & flags & outcome).sum() / (inside & outcome).sum()
        )
    everyone = result[result["method"] == "rule"].groupby("dimension")["household_count"].sum()
    assert (everyone == 400).all()


def test_intervals_are_those_of_the_same_households_drawn_again() -> None:
    frame, methods, outcome = cohort(400, 2)
    result = measure_subgroups(frame, methods, outcome, SETTINGS).set_index(
        ["dimension", "subgroup", "method"]
    )
    inside = (frame["county_code"] == "632521").to_numpy()
    flags = methods["model"].flags
    shares = []
    for counts in draw_samples(400, SETTINGS.replicates, SETTINGS.seed):
        for column in counts.T:
            drawn = np.repeat(np.arange(400), column.astype(int))
            here = drawn[inside[drawn]]
            shares.append((outcome & flags)[here].sum() / flags[here].sum())
    row = result.loc[("county_code", "632521", "model")]
    assert row["precision_lower"] == pytest.approx(np.percentile(shares, 5))
    assert row["precision_upper"] == pytest.approx(np.percentile(shares, 95))


def test_a_group_in_which_nobody_fell_has_no_recall() -> None:
    frame, methods, outcome = cohort(100, 3)
    outcome &= (frame["county_code"] != "632522").to_numpy()
    result = measure_subgroups(frame, methods, outcome, SETTINGS)
    empty = result[result["subgroup"] == "632522"]
    assert empty[["recall", "recall_lower", "recall_upper"]].isna().all(axis=None)
    assert empty["precision"].eq(0).all()


def test_age_bands_begin_where_they_say() -> None:
    bands = band_ages(pd.Series([39.0, 40, 59, 60, np.nan]), (40, 60))
    assert bands.tolist() == ["-39", "40-59", "40-59", "60-", "unstated"]


def test_profiles_by_hand() -> None:
    frame = pd.DataFrame({"member_count": [1, 3, 5, 7], "mean_age": [20.0, 40.0, np.nan, 60.0]})
    by_rule = np.array([True, True, False, False])
    by_model = np.array([True, True, True, False])
    found = describe_groups(frame, by_rule, by_model, ["member_count", "mean_age"])
    found = found.set_index("group")
    assert found.loc["both"].tolist() == [2, 2.0, 30.0]
    assert found.loc["model_only", "household_count"] == 1
    assert np.isnan(found.loc["model_only", "mean_age"])
    assert found.loc["rule_only", "household_count"] == 0
    assert np.isnan(found.loc["rule_only", "member_count"])
    assert found.loc["neither", "member_count"] == 7
