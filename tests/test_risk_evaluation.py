"""Measures beside independent code, equal flags, intervals that cover."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from statsmodels.discrete.discrete_model import Logit

from healthmon.risk.evaluation import (
    GROUPS,
    Method,
    bin_calibration,
    compare_groups,
    flag_top,
    measure_methods,
)
from healthmon.risk.measures import draw_samples
from healthmon.risk.settings import EvaluationSettings

SETTINGS = EvaluationSettings(replicates=60, seed=1, interval_pct=95, calibration_bins=10)


def make_cohort(seed=3, households=1500):
    rng = np.random.default_rng(seed)
    risks = rng.beta(1, 9, households)
    return risks, rng.random(households) < risks


def measure(methods, outcome, settings=SETTINGS) -> pd.DataFrame:
    return measure_methods(methods, outcome, settings)[0].set_index(["method", "metric"])


def test_measures_agree_with_scikit_learn_and_statsmodels() -> None:
    risks, outcome = make_cohort()
    ranking = np.round(risks, 2)  # many equal ranks
    flags = flag_top(ranking, np.arange(len(risks)), 200)
    found = measure({"model": Method(flags, ranking, risks)}, outcome)["value"]["model"]
    logit = np.log(risks / (1 - risks))
    both = Logit(outcome.astype(int), np.column_stack([np.ones_like(logit), logit])).fit(disp=0)
    large = Logit(outcome.astype(int), np.ones_like(logit), offset=logit).fit(disp=0)
    assert found.to_dict() == pytest.approx(
        {
            "recall": outcome[flags].sum() / outcome.sum(),
            "precision": outcome[flags].mean(),
            "auc": roc_auc_score(outcome, ranking),
            "average_precision": average_precision_score(outcome, ranking),
            "brier": brier_score_loss(outcome, risks),
            "calibration_slope": both.params[1],
            "calibration_intercept": large.params[0],
        },
        abs=1e-7,
    )


def test_weighted_measures_are_those_of_households_counted_several_times() -> None:
    """One bootstrap draw against scikit-learn on the households repeated."""
    risks, outcome = make_cohort(households=400)
    ranking = np.round(risks, 1)
    method = Method(flag_top(ranking, np.arange(400), 40), ranking, risks)
    one = EvaluationSettings(replicates=20, seed=5, interval_pct=1e-9, calibration_bins=2)
    drawn = np.hstack(list(draw_samples(400, 20, 5)))
    repeated = [np.repeat(np.arange(400), counts.astype(int)) for counts in drawn.T]
    expected = np.median([roc_auc_score(outcome[rows], ranking[rows]) for rows in repeated])
    middle = measure({"model": method}, outcome, one).loc[("model", "auc")]
    assert middle["lower"] == pytest.approx(expected, abs=1e-9)


def test_a_draw_has_as_many_households_as_there_are() -> None:
    counts = np.hstack(list(draw_samples(321, 60, 9)))
    assert counts.shape == (321, 60)
    assert (counts.sum(axis=0) == 321).all()


def test_intervals_have_about_the_width_that_theory_gives() -> None:
    """Precision among 200 flagged: 1.96 standard errors of a share, within a quarter."""
    risks, outcome = make_cohort()
    many = SETTINGS.model_copy(update={"replicates": 400})
    flags = flag_top(risks, np.arange(len(risks)), 200)
    row = measure({"model": Method(flags, risks, risks)}, outcome, many).loc[("model", "precision")]
    share = outcome[flags].mean()
    width = 2 * 1.96 * np.sqrt(share * (1 - share) / 200)
    assert row["upper"] - row["lower"] == pytest.approx(width, rel=0.25)
    assert row["lower"] < row["value"] < row["upper"]


def test_risks_that_are_drawn_from_are_calibrated_and_halved_ones_are_not() -> None:
    risks, outcome = make_cohort(households=20_000)
    flags = flag_top(risks, np.arange(len(risks)), 100)
    found = measure(
        {"right": Method(flags, risks, risks), "low": Method(flags, risks, risks / 2)}, outcome
    )
    right, low = (found.loc[(name, "calibration_intercept")] for name in ("right", "low"))
    assert right["lower"] < 0 < right["upper"]
    assert low["lower"] > 0.5


def test_the_same_seed_gives_the_same_intervals() -> None:
    risks, outcome = make_cohort(households=300)
    method = {"model": Method(flag_top(risks, np.arange(300), 30), risks, risks)}
    pd.testing.assert_frame_equal(measure(method, outcome), measure(method, outcome))


def test_leads_are_paired() -> None:
    """The same method under two names leads by nothing in every draw."""
    risks, outcome = make_cohort(households=300)
    method = Method(flag_top(risks, np.arange(300), 30), risks)
    _, leads = measure_methods({"model": method, "twin": method}, outcome, SETTINGS)
    assert set(leads["versus"]) == {"twin"}
    assert (leads[["value", "lower", "upper"]] == 0).all(axis=None)


def test_unequal_numbers_of_flags_are_refused() -> None:
    risks, outcome = make_cohort(households=50)
    ids = np.arange(50)
    methods = {n: Method(flag_top(risks, ids, n_), risks) for n, n_ in (("a", 5), ("b", 6))}
    with pytest.raises(ValueError, match="same number"):
        measure_methods(methods, outcome, SETTINGS)


def test_of_equals_the_lower_household_id_is_flagged() -> None:
    flags = flag_top(np.array([0.5, 0.9, 0.5, 0.5]), np.array([40, 10, 20, 30]), 2)
    assert flags.tolist() == [False, True, True, False]


@settings(max_examples=50, deadline=None)
@given(
    ranking=hnp.arrays(float, st.integers(1, 40), elements=st.sampled_from([0.0, 0.1, 0.2, 0.9])),
    share=st.floats(0, 1),
    seed=st.integers(0, 9),
)
def test_flags_are_as_many_as_asked_and_do_not_depend_on_order(ranking, share, seed) -> None:
    ids, count = np.arange(len(ranking)), int(share * len(ranking))
    flags = flag_top(ranking, ids, count)
    assert flags.sum() == count
    shuffled = np.random.default_rng(seed).permutation(len(ranking))
    assert (flag_top(ranking[shuffled], ids[shuffled], count) == flags[shuffled]).all()
    if 0 < count < len(ranking):
        assert ranking[flags].min() >= ranking[~flags].max()


def test_a_missing_rank_is_refused() -> None:
    with pytest.raises(ValueError, match="rank is missing"):
        flag_top(np.array([0.1, np.nan]), np.array([1, 2]), 1)


def test_calibration_bins_hold_equally_many_and_lose_none() -> None:
    risks, outcome = make_cohort(households=1003)
    bins = bin_calibration(risks, outcome, 10)
    assert bins["household_count"].sum() == 1003
    assert bins["household_count"].between(100, 101).all()
    assert bins["predicted"].is_monotonic_increasing
    observed = (bins["observed"] * bins["household_count"]).sum()
    assert observed == pytest.approx(outcome.sum())


def test_groups_by_hand() -> None:
    rule = np.array([1, 1, 1, 0, 0, 0], bool)
    model = np.array([1, 0, 0, 1, 0, 0], bool)
    fallen = np.array([1, 0, 1, 0, 0, 1], bool)
    groups = compare_groups(rule, model, fallen).set_index("group")
    assert groups["household_count"].to_dict() == dict(zip(GROUPS, (1, 2, 1, 2), strict=True))
    assert groups["outcome_share"].to_dict() == dict(zip(GROUPS, (1, 0.5, 0, 0.5), strict=True))


def test_an_empty_group_is_there_and_has_no_share() -> None:
    same = np.array([True, False])
    groups = compare_groups(same, same, same).set_index("group")
    assert groups.loc["rule_only", "household_count"] == 0
    assert np.isnan(groups.loc["rule_only", "outcome_share"])
