"""Standard errors from the design: by hand, by derivative, and against a jackknife."""

from dataclasses import replace

import numpy as np
import pytest

from healthmon.burden.catastrophic import MEASURES, measure_catastrophic
from healthmon.burden.denominator import Denominator
from healthmon.burden.design import Design
from healthmon.burden.estimates import (
    estimate_concentration,
    estimate_mean,
    mean_positive,
    rank_weighted,
)
from healthmon.burden.poverty import measure_impoverishment
from healthmon.burden.ranking import Ranking
from healthmon.burden.shares import measure_payments
from healthmon.errors import UserError

SIZE = 40


def draw(seed=1, size=SIZE):
    """Values (many zero), being above, welfare with ties, and weights."""
    random = np.random.default_rng(seed)
    values = random.random(size) * (random.random(size) < 0.6)
    return values, (values > 0).astype(float), random.integers(0, 12, size), random.random(size) + 1


STATISTICS = {
    "mean": lambda v, a, r: estimate_mean(v, r.weights),
    "mean of those above": lambda v, a, r: mean_positive(
        estimate_mean(v, r.weights), estimate_mean(a, r.weights)
    ),
    "concentration index": lambda v, a, r: estimate_concentration(v, r),
    "rank-weighted": lambda v, a, r: rank_weighted(
        estimate_mean(v, r.weights), estimate_concentration(v, r)
    ),
    "difference": lambda v, a, r: estimate_mean(v, r.weights) - estimate_mean(a, r.weights),
}


@pytest.mark.parametrize("name", STATISTICS)
def test_linearised_values_are_the_derivatives_by_weight(name) -> None:
    """Each weight is moved a little, and the statistic computed anew, ranks and all."""
    values, above, welfare, weights = draw()
    statistic, step = STATISTICS[name], 1e-5
    numeric = []
    for place in range(SIZE):
        ends = []
        for sign in (1, -1):
            moved = weights.copy()
            moved[place] += sign * step
            ends.append(statistic(values, above, Ranking(welfare, moved)).value)
        numeric.append((ends[0] - ends[1]) / (2 * step))
    found = statistic(values, above, Ranking(welfare, weights)).linearised
    assert found == pytest.approx(numeric, rel=1e-5, abs=1e-9)


def test_the_error_of_a_mean_without_design_is_the_textbook_one() -> None:
    values = np.array([3.0, 5.0, 4.0, 9.0, 4.0])
    mean = estimate_mean(values, np.ones(5))
    assert Design(np.ones(5)).standard_error(mean.linearised) == pytest.approx(
        values.std(ddof=1) / np.sqrt(5)
    )


def test_strata_and_clusters_by_hand() -> None:
    """Mean of 2, 4 | 4, 6 (stratum n) and 0, 0 | 4 (stratum s), weight of the last 2; total 8.

    Sum 24, mean 3. Sampling units' sums of w (y - 3): 0, 4 (mean 2) and -6, 2 (mean -2). Each
    stratum of two: 2 / 1 x (2^2 + 2^2) = 16 and 2 x (4^2 + 4^2) = 64. Variance 80 / 64.
    """
    values, weights = np.array([2.0, 4, 4, 6, 0, 0, 4]), np.array([1.0, 1, 1, 1, 1, 1, 2])
    mean = estimate_mean(values, weights)
    design = Design(
        weights,
        strata=np.array(["n", "n", "n", "n", "s", "s", "s"]),
        clusters=np.array([1, 1, 2, 2, 1, 1, 2]),  # numbered anew in each stratum
    )
    assert mean.value == 3
    assert design.standard_error(mean.linearised) == pytest.approx(np.sqrt(80) / 8)


def jackknife(statistic, design: Design) -> float:
    """Leave out one sampling unit after another, the rest of its stratum weighing more."""
    strata, clusters, variance = design.strata, design.clusters, 0.0
    design = replace(design, is_census=True)  # replicates need no errors of their own
    for stratum in np.unique(strata):
        units = np.unique(clusters[strata == stratum])
        values = []
        for unit in units:
            is_left = (strata == stratum) & (clusters == unit)
            grown = np.where(strata == stratum, len(units) / (len(units) - 1), 1.0)
            weights = np.where(is_left, 0.0, design.weights * grown)
            values.append(statistic(replace(design, weights=weights)))
        whole = statistic(design)
        spread = (np.array(values) - whole) ** 2
        variance = variance + (len(units) - 1) / len(units) * spread.sum(axis=0)
    return np.sqrt(variance)


def make_survey(seed=5, count=1_600):
    """Households in 160 clusters of 4 strata; spending and income differ by cluster."""
    random = np.random.default_rng(seed)
    strata, clusters = np.arange(count) % 4, np.arange(count) // 4 % 40
    shift = np.exp(random.normal(0, 0.4, (4, 40)))[strata, clusters]
    income = (random.lognormal(9, 0.6, count) * shift).astype("int64")
    income[::97] = 0  # left out of the measures, not of the design
    oop = (random.lognormal(6.4, 1.2, count) * shift**0.3).astype("int64")
    size = random.integers(1, 7, count)
    design = Design(random.uniform(0.5, 3, count), strata, clusters)
    return oop, Denominator("income", income, payments="included"), size, design


def test_errors_agree_with_a_jackknife() -> None:
    """Every measure, the concentration indices too: within 4 % on 160 sampling units."""
    oop, income, size, design = make_survey()

    def catastrophic(used: Design):
        found = measure_catastrophic(oop, income, income.amounts / size, [10], used)
        return found.loc[0, list(MEASURES)].to_numpy(float)

    def poverty(used: Design):
        found = measure_impoverishment(oop, income, size, 1_800, used)
        return found[["before", "after", "difference"]].to_numpy(float).ravel()

    def payments(used: Design):
        return measure_payments(oop, income, size, used)["value"].to_numpy(float)

    row = measure_catastrophic(oop, income, income.amounts / size, [10], design).loc[0]
    stated = row[[f"{name}_se" for name in MEASURES]].to_numpy(float)
    assert stated == pytest.approx(jackknife(catastrophic, design), rel=0.04)
    poor = measure_impoverishment(oop, income, size, 1_800, design)
    stated = poor[["before_se", "after_se", "difference_se"]].to_numpy(float).ravel()
    assert stated == pytest.approx(jackknife(poverty, design), rel=0.04)
    stated = measure_payments(oop, income, size, design)["standard_error"].to_numpy(float)
    assert stated == pytest.approx(jackknife(payments, design), rel=0.04)


def test_clusters_widen_the_error_where_households_in_them_are_alike() -> None:
    oop, income, size, design = make_survey()
    alone = replace(design, clusters=None)
    one, other = (
        measure_impoverishment(oop, income, size, 1_800, used).loc["headcount_share", "before_se"]
        for used in (design, alone)
    )
    assert one > 1.2 * other


def test_a_part_keeps_its_place_in_the_design() -> None:
    """A part that misses a whole sampling unit still has that unit, with nothing in it."""
    design = Design(np.ones(4), clusters=np.array([1, 1, 2, 2]))
    part = design.within(np.array([True, True, False, False]))
    assert part.weights.tolist() == [1, 1, 0, 0]
    assert np.isfinite(part.standard_error(np.array([1.0, 0, 5, 5])))


def test_a_census_has_no_sampling_error() -> None:
    oop, income, size, _ = make_survey(count=200)
    census = Design.census(200)
    assert np.isnan(census.standard_error(np.ones(200)))
    found = measure_catastrophic(oop, income, size, [10], census)
    assert not [name for name in found if name.endswith("_se")]
    assert list(measure_payments(oop, income, size, census)) == ["value"]


def test_a_stratum_of_one_sampling_unit_is_refused() -> None:
    design = Design(np.ones(3), strata=np.array([1, 1, 2]))
    with pytest.raises(UserError, match="1 strata hold a single sampling unit"):
        design.standard_error(np.ones(3))


@pytest.mark.parametrize("weights", [[1.0, -1.0], [1.0, np.nan], [1.0, np.inf]])
def test_weights_that_are_no_weights_are_refused(weights) -> None:
    with pytest.raises(UserError, match="survey weights"):
        Design(weights)


def test_a_design_of_another_length_is_refused() -> None:
    with pytest.raises(UserError, match="survey strata: 1 values for 2 weights"):
        Design(np.ones(2), strata=np.array([1]))
