"""Where places stand: expectations by hand, from the literature, or by independent code."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, betabinom, binom
from statsmodels.stats.proportion import confint_proportions_2indep

from healthmon.errors import UserError
from healthmon.project import open_project
from healthmon.standing.distances import as_share, count_needed, find_best, measure_distance
from healthmon.standing.funnel import (
    funnel_limits,
    measure_dispersion,
    place_in_funnel,
)
from healthmon.standing.intervals import possible_interval, rank_ranges, wilson_interval
from healthmon.standing.key_areas import choose_key_areas, pool_key_areas
from healthmon.standing.shrinkage import fit_spread, shrink_rates
from healthmon.standing.sums import Sums
from healthmon.standing.table import stand_all
from healthmon.standing.terms import KeyAreaTerms, load_key_area_terms, load_standing_terms
from healthmon.standing.trend import measure_trend

PARAMS: Path = open_project().params
TERMS = load_standing_terms(PARAMS)
MONTH = "2022-06"


def sums(*places: tuple[int, int, int]) -> Sums:
    return Sums(*(np.array(column, np.int64) for column in zip(*places, strict=True)))


# intervals and ranks


def test_wilson_of_three_of_four_by_hand() -> None:
    # z = 1.96: centre (3 + z²/2) / (4 + z²) = 0.6275, half width z·sqrt(4·¾·¼ + z²/4)/(4 + z²)
    lower, upper = wilson_interval([3, 0], [4, 0], 95)
    assert (lower[0], upper[0]) == (
        pytest.approx(0.3006, abs=5e-4),
        pytest.approx(0.9544, abs=5e-4),
    )
    assert np.isnan(lower[1]) and np.isnan(upper[1])


def test_the_undetermined_widen_an_interval_to_both_extremes() -> None:
    lower, upper = possible_interval([6], [10], [2], 90)
    assert lower[0] == wilson_interval([6], [10], 90)[0][0]
    assert upper[0] == wilson_interval([8], [10], 90)[1][0]


def test_only_intervals_that_do_not_touch_put_places_in_an_order() -> None:
    lower, upper = [0.8, 0.5, 0.1, np.nan, 0.6], [0.9, 0.7, 0.4, np.nan, 0.8]
    best, worst = rank_ranges(lower, upper)
    np.testing.assert_array_equal(best, [1, 2, 4, np.nan, 1])
    np.testing.assert_array_equal(worst, [2, 3, 4, np.nan, 3])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12))
def test_rank_ranges_are_what_counting_one_by_one_gives(pairs) -> None:
    lower, upper = (np.array(ends) for ends in zip(*map(sorted, pairs), strict=True))
    best, worst = rank_ranges(lower, upper)
    assert best.tolist() == [1 + sum(lower > top) for top in upper]
    assert worst.tolist() == [len(lower) - sum(upper < low) for low in lower]


# shrinkage


def marginal_by_integration(count, of, mean, precision) -> float:
    """Integrate the binomial over the beta distribution, place by place."""
    spread = beta(precision * mean, precision * (1 - mean))
    parts = [
        quad(lambda p, k=k, n=n: binom.pmf(k, n, p) * spread.pdf(p), 0, 1)[0]
        for k, n in zip(count, of, strict=True)
    ]
    return float(np.log(parts).sum())


COUNT, OF = [7, 18, 9, 3, 29, 12, 5, 16], [10, 20, 20, 4, 30, 25, 5, 24]


def test_the_fitted_spread_has_the_largest_marginal_likelihood_on_a_grid() -> None:
    means, logs = np.linspace(0.4, 0.95, 111), np.linspace(0, 6, 121)
    at = np.exp(logs)[None, :, None], means[:, None, None]
    grid = betabinom.logpmf(COUNT, OF, at[0] * at[1], at[0] * (1 - at[1])).sum(axis=2)
    m, s = np.unravel_index(np.argmax(grid), grid.shape)
    found = fit_spread(COUNT, OF)
    assert found.mean == pytest.approx(means[m], abs=0.005)
    assert np.log(found.precision) == pytest.approx(logs[s], abs=0.05)
    best = marginal_by_integration(COUNT, OF, found.mean, found.precision)
    for mean, precision in ((0.97, 1), (1.03, 1), (1, 0.8), (1, 1.25)):
        other = marginal_by_integration(COUNT, OF, mean * found.mean, precision * found.precision)
        assert other < best


def test_a_shrunken_rate_is_the_mean_of_the_posterior_by_integration() -> None:
    spread = fit_spread(COUNT, OF)
    prior = beta(spread.precision * spread.mean, spread.precision * (1 - spread.mean))
    found = shrink_rates(COUNT, OF, [0] * len(OF), 90)
    for place, (k, n) in enumerate(zip(COUNT, OF, strict=True)):
        weigh = lambda p, k=k, n=n: binom.pmf(k, n, p) * prior.pdf(p)  # noqa: E731
        whole = quad(weigh, 0, 1)[0]
        mean = quad(lambda p, weigh=weigh: p * weigh(p), 0, 1)[0] / whole
        assert found.rate[place] == pytest.approx(mean, abs=1e-6)
        for end, mass in ((found.lower[place], 0.05), (found.upper[place], 0.95)):
            assert quad(weigh, 0, end)[0] / whole == pytest.approx(mass, abs=1e-5)


def test_a_small_place_moves_towards_the_others_and_a_large_one_stays() -> None:
    random = np.random.default_rng(5)
    of = np.array([4, 4000, *random.integers(200, 900, 40)])
    count = np.array([3, 3000, *random.binomial(of[2:], random.beta(45, 5, 40))])
    found = shrink_rates(count, of, np.zeros(42, int), 90)
    assert found.rate[0] > 0.85
    assert found.rate[1] == pytest.approx(0.75, abs=0.005)
    best, worst = rank_ranges(found.lower, found.upper)
    assert worst[1] == 42 and best[1] > 2
    assert best[0] < 30  # 3 of 4 is not the worst by accident


def test_places_that_differ_by_chance_alone_share_one_rate() -> None:
    found = fit_spread([90, 91, 89, 90], [100] * 4)
    assert np.isinf(found.precision)
    shrunken = shrink_rates([90, 91, 89, 90], [100] * 4, [0] * 4, 90)
    assert shrunken.rate == pytest.approx(0.9)
    assert shrunken.lower[0] == pytest.approx(wilson_interval([360], [400], 90)[0][0])
    assert set(rank_ranges(shrunken.lower, shrunken.upper)[1]) == {4}


@pytest.mark.parametrize(("count", "rate"), [([0, 0, 0], 0.0), ([4, 500, 20], 1.0)])
def test_where_all_or_none_count_all_places_are_alike(count, rate) -> None:
    found = shrink_rates(count, [4, 500, 20], [0, 0, 0], 90)
    assert found.rate == pytest.approx(rate)
    assert len(set(found.lower)) == 1 and not np.isnan(found.lower).any()


def test_one_place_keeps_its_rate_and_no_place_is_no_mistake() -> None:
    alone = shrink_rates([3, 0], [4, 0], [0, 0], 95)
    assert alone.rate[0] == 0.75 and np.isnan(alone.rate[1])
    assert alone.lower[0] == wilson_interval([3], [4], 95)[0][0]
    assert len(shrink_rates([], [], [], 95).rate) == 0


def test_what_is_undetermined_in_a_place_may_count_or_not() -> None:
    clear = shrink_rates([45, 900, 80], [50, 1000, 100], [0, 0, 0], 90)
    half_open = shrink_rates([45, 900, 80], [100, 1000, 100], [50, 0, 0], 90)
    assert half_open.rate == pytest.approx(clear.rate)
    assert half_open.lower[0] == pytest.approx(clear.lower[0] / 2)
    assert half_open.upper[0] == pytest.approx(0.5 + clear.upper[0] / 2)
    nobody_knows = shrink_rates([0, 900], [10, 1000], [10, 0], 90)
    assert (nobody_knows.lower[0], nobody_knows.upper[0]) == (0, 1)


def test_the_intervals_hold_as_often_as_they_say() -> None:
    random, held = np.random.default_rng(11), []
    for _ in range(40):
        of, true = random.integers(4, 400, 45), random.beta(18, 2, 45)
        found = shrink_rates(random.binomial(of, true), of, np.zeros(45, int), 90)
        held.append(np.mean((true >= found.lower) & (true <= found.upper)))
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)


# funnel


def test_three_of_four_is_within_the_funnel_by_hand() -> None:
    # at 95 % in the province: 3 of 4 or fewer happens to 1 - 0.95^4 = 18.5 % of such places
    limits = funnel_limits([4], 0.95, 95)
    assert place_in_funnel([3], [4], [0], limits).tolist() == ["within"]
    # 2 or fewer to 1 - 0.95^4 - 4·0.95^3·0.05 = 1.4 %: below 95 %, within 99.8 %
    assert place_in_funnel([2], [4], [0], limits).tolist() == ["below"]
    assert place_in_funnel([2], [4], [0], funnel_limits([4], 0.95, 99.8)).tolist() == ["within"]


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 300), st.floats(0.02, 0.98), st.sampled_from([95, 99.8]), st.data())
def test_places_are_outside_where_the_exact_tail_is_too_small(of, rate, pct, data) -> None:
    count, tail = data.draw(st.integers(0, of)), (1 - pct / 100) / 2
    found = place_in_funnel([count], [of], [0], funnel_limits([of], rate, pct))[0]
    lower, upper = binom.cdf(count, of, rate), binom.sf(count - 1, of, rate)
    if min(abs(lower - tail), abs(upper - tail)) > 1e-9:
        assert (found == "below") == (lower < tail)
        assert (found == "above") == (upper < tail)


def test_a_place_where_all_count_is_no_wonder_where_nearly_all_do() -> None:
    limits = funnel_limits([4, 200], 0.95, 95)
    # 4 of 4 happen to 81 % of such places, 200 of 200 to 0.95^200 = 0.004 %
    assert place_in_funnel([4, 200], [4, 200], [0, 0], limits).tolist() == ["within", "above"]


def test_limits_are_interpolated_between_whole_numbers_by_hand() -> None:
    # 4 cases at one half: P(X ≤ 0) = 0.0625, so the 2.5 % point is (0 - 0.0375/0.0625)/4 < 0
    limits = funnel_limits([4, 10], 0.5, 95)
    assert limits.lower[0] == 0
    # 10 cases: P(X ≤ 1) = 0.01074, P(X ≤ 2) = 0.05469: (2 - (0.05469 - 0.025)/0.04395)/10
    assert limits.lower[1] == pytest.approx((2 - (0.0546875 - 0.025) / 0.0439453) / 10, abs=1e-5)


def test_limits_stand_further_away_by_the_root_of_the_dispersion() -> None:
    narrow, wide = funnel_limits([400], 0.8, 95), funnel_limits([400], 0.8, 95, dispersion=4)
    assert 0.8 - wide.lower[0] == pytest.approx(2 * (0.8 - narrow.lower[0]))


def test_dispersion_by_hand() -> None:
    # standard errors of 0.05 at 100 cases and one half: -2, 0, 0 and 2 of them; mean square 2
    assert measure_dispersion([40, 50, 50, 60], [100] * 4, 0.5, 0) == pytest.approx(2)
    # one end of each cut to the next: all zero, so that chance alone is taken
    assert measure_dispersion([40, 50, 50, 60], [100] * 4, 0.5, 0.25) == 1
    assert measure_dispersion([4], [4], 0.5, 0) == 1


def test_the_undetermined_keep_a_place_within() -> None:
    limits = funnel_limits([100, 100], 0.95, 95)
    assert place_in_funnel([80, 80], [100, 100], [0, 15], limits).tolist() == ["below", "within"]
    assert place_in_funnel([0], [0], [0], funnel_limits([0], 0.95, 95)).tolist() == [""]


# distances


@pytest.mark.parametrize(
    ("count", "total", "target", "direction", "needed"),
    [
        (89, 100, 90, "more", 1),
        (90, 100, 90, "more", 0),
        (0, 7, 95, "more", 7),  # 6.65 cases are 7
        (3, 4, 100, "more", 1),
        (57, 100, 57, "more", 0),  # never 56 through binary rounding
        (5, 100, 2.5, "less", 3),  # at most 2
        (2, 100, 2.5, "less", 0),
        (10**16 + 1, 3 * 10**16, Fraction(100, 3), "more", 0),
        (10**16 - 1, 3 * 10**16, Fraction(100, 3), "more", 1),
        (0, 0, 90, "more", None),
    ],
)
def test_cases_needed_are_the_smallest_whole_number(count, total, target, direction, needed):
    share = target / 100 if isinstance(target, Fraction) else as_share(target)
    assert count_needed([count], [total], share, direction) == [needed]


@given(st.integers(0, 500), st.integers(1, 500), st.integers(0, 10000))
def test_what_is_needed_reaches_the_target_and_one_less_does_not(count, total, hundredths) -> None:
    count, share = min(count, total), Fraction(hundredths, 10000)
    needed = count_needed([count], [total], share, "more")[0]
    assert Fraction(count + needed, total) >= share
    assert needed == 0 or Fraction(count + needed - 1, total) < share


def test_distances_are_what_is_sure_whatever_the_undetermined_are() -> None:
    points, needed, at_worst = measure_distance(sums((80, 100, 5)), as_share(90), "more")
    assert points[0] == pytest.approx(5)
    assert (needed[0], at_worst[0]) == (5, 10)
    points, needed, at_worst = measure_distance(sums((4, 100, 5)), as_share(2), "less")
    assert points[0] == pytest.approx(2)
    assert (needed[0], at_worst[0]) == (2, 7)


def test_the_best_place_is_not_a_small_one() -> None:
    places = sums((4, 4, 0), (90, 100, 0), (85, 100, 15))
    assert find_best(places, "more", 30) == 1
    assert find_best(places, "less", 30) == 1  # 100 of 100 possible in the last
    assert find_best(sums((4, 4, 0)), "more", 30) is None


# trend


def months(*rows: tuple[str, int, int, int]) -> pd.DataFrame:
    columns = ["month", "numerator", "denominator", "undetermined"]
    return pd.DataFrame(rows, columns=columns).assign(code="a")


def test_the_interval_of_a_change_is_that_of_newcombe() -> None:
    found = measure_trend(months(("2022-01", 56, 70, 0), (MONTH, 48, 80, 0)), ["code"], 95).iloc[0]
    lower, upper = confint_proportions_2indep(48, 80, 56, 70, method="newcomb", compare="diff")
    assert found["change_points"] == pytest.approx(-20)
    assert found["change_lower"] == pytest.approx(100 * lower)
    assert found["change_upper"] == pytest.approx(100 * upper)
    # Newcombe's example (a): 56 of 70 less 48 of 80 is 0.2, from 0.0524 to 0.3339
    assert found["change_upper"] == pytest.approx(-5.24, abs=0.01)
    assert found["trend"] == "down"


def test_a_change_of_few_cases_or_an_undetermined_one_is_none() -> None:
    few = measure_trend(months(("2022-01", 2, 4, 0), (MONTH, 3, 4, 0)), ["code"], 95).iloc[0]
    assert (few["change_points"], few["trend"]) == (25, "steady")
    rows = months(("2022-01", 500, 1000, 0), (MONTH, 600, 1000, 0))
    assert measure_trend(rows, ["code"], 95)["trend"].item() == "up"
    rows = months(("2022-01", 500, 1000, 100), (MONTH, 600, 1000, 0))
    assert measure_trend(rows, ["code"], 95)["trend"].item() == "steady"


def test_a_trend_starts_in_the_first_month_with_a_case() -> None:
    rows = months(("2021-12", 0, 0, 0), ("2022-01", 500, 1000, 0), (MONTH, 600, 1000, 0))
    assert measure_trend(rows, ["code"], 95)["first_month"].item() == "2022-01"
    alone = measure_trend(rows.tail(1), ["code"], 95).iloc[0]
    assert alone["trend"] == "" and np.isnan(alone["change_points"])


# all of it


def indicator(**more) -> SimpleNamespace:
    target = SimpleNamespace(pct=90)
    return SimpleNamespace(**{"target": target, "direction": "more", "sums": None} | more)


def results(counts: dict[str, tuple[int, int, int]], month: str = MONTH, name: str = "visits"):
    rows = [(name, "", month, "county", code, *three) for code, three in counts.items()]
    columns = ["indicator", "part", "month", "level", "code"]
    return pd.DataFrame(rows, columns=[*columns, "numerator", "denominator", "undetermined"])


def stand(*frames: pd.DataFrame, **more) -> pd.DataFrame:
    rows = pd.concat(frames, ignore_index=True)
    found = stand_all(rows, {"visits": indicator(**more)}, MONTH, TERMS)
    return found.set_index("code")


OTHERS = {f"c{n:02}": (950 - n % 3, 1000, 0) for n in range(20)}


def test_a_county_with_three_of_four_is_neither_worst_nor_flagged() -> None:
    found = stand(results(OTHERS | {"small": (3, 4, 0), "bad": (700, 1000, 0)}))
    small, bad = found.loc["small"], found.loc["bad"]
    assert small["rank_raw"] == 21 and small["rank_best"] < small["rank_worst"]
    assert (small["position"], small["position_far"], small["is_small"]) == (
        "within",
        "within",
        True,
    )
    assert (bad["rank_best"], bad["rank_worst"]) == (22, 22)
    assert bad["position_far"] == "below"
    assert small["best_code"] == "c00" and found.loc["c00", "best_points"] == 0
    # the best has 950 of 1,000: 3.8 of 4 cases are 4
    assert small["best_count"] == 1


def test_backlog_state_and_what_is_needed_by_hand() -> None:
    row = stand(results(OTHERS | {"a": (800, 1000, 50)})).loc["a"]
    assert (row["backlog"], row["state"], row["needed_count"]) == (150, "under", 50)
    assert row["rate"] == pytest.approx(800 / 950)
    assert (row["rate_lowest"], row["rate_highest"]) == (0.8, 0.85)
    assert row["target_points"] == pytest.approx(5)


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ((90, 100, 0), "reached"),
        ((89, 100, 0), "under"),
        ((89, 100, 1), "undetermined"),
        ((0, 0, 0), "no_cases"),
    ],
)
def test_a_target_is_missed_only_where_that_is_sure(counts, state) -> None:
    assert stand(results({"a": counts, "b": (9, 10, 0)})).loc["a", "state"] == state
    assert stand(results({"a": (1, 9, 0)}), target=None).loc["a", "state"] == "no_target"


def test_where_less_is_better_the_place_with_least_stands_first() -> None:
    found = stand(
        results({"a": (50, 1000, 0), "b": (300, 1000, 0)}),
        direction="less",
        target=SimpleNamespace(pct=5),
    )
    assert found["rank_raw"].to_dict() == {"a": 1, "b": 2}
    assert found["rank_best"].to_dict() == {"a": 1, "b": 2}
    assert found["state"].to_dict() == {"a": "reached", "b": "under"}
    assert found.loc["b", ["backlog", "needed_count"]].to_list() == [300, 250]


def test_a_rank_changes_only_where_the_ranges_do_not_overlap() -> None:
    before = results(OTHERS | {"a": (700, 1000, 0), "b": (3, 4, 0)}, "2022-05")
    found = stand(before, results(OTHERS | {"a": (995, 1000, 0), "b": (4, 4, 0)}))
    assert found.loc["a", "rank_change"] == "better"
    assert found.loc["b", "rank_change"] == "same"
    assert found.loc["a", "rank_raw_before"] == 22
    assert (stand(before.assign(month=MONTH))["rank_change"] == "").all()


def test_sums_of_money_have_no_intervals_and_no_funnel() -> None:
    found = stand(results({"a": (5, 100, 0), "b": (1, 100, 0)}), direction="less", sums=("x", "y"))
    assert found[["lower", "shrunken_upper", "rank_best", "change_lower"]].isna().all().all()
    assert set(found["position"]) == {""} and found["rank_raw"].to_list() == [2, 1]


def test_nothing_is_known_of_a_month_without_results() -> None:
    empty = stand(results(OTHERS).head(0))
    assert empty.empty


def test_the_order_of_rows_changes_nothing() -> None:
    rows = results(OTHERS | {"a": (800, 1000, 50)})
    shuffled = rows.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(stand(rows).sort_index(), stand(shuffled).sort_index())


# key areas


def register(counts: dict[str, int], kind: str = "poor") -> pd.DataFrame:
    return pd.DataFrame(
        {"county_code": list(counts), "household_kind": kind, "household_count": counts.values()}
    )


def test_key_areas_are_the_counties_that_hold_half_of_the_poor() -> None:
    terms = load_key_area_terms(PARAMS)
    poor = register({"a": 10, "b": 40, "c": 20, "d": 30})
    # 40 of 100 are not half; 70 are
    assert choose_key_areas(poor, terms) == ["b", "d"]
    assert choose_key_areas(register({"a": 50, "b": 30, "c": 20}), terms) == ["a"]
    sudden = register({"a": 500}, "sudden_difficulty")
    assert choose_key_areas(pd.concat([poor, sudden]), terms) == ["b", "d"]
    assert choose_key_areas(poor.head(0), terms) == []


def test_key_areas_named_are_taken_as_they_are_and_must_exist() -> None:
    terms = load_key_area_terms(PARAMS).model_dump()
    named = KeyAreaTerms.model_validate(terms | {"counties": ["632722", "630102"]})
    assert choose_key_areas(register({"a": 1}), named) == ["632722", "630102"]
    wrong = KeyAreaTerms.model_validate(terms | {"counties": ["999999"]})
    with pytest.raises(UserError, match="999999"):
        choose_key_areas(register({"a": 1}), wrong)


def test_key_areas_and_others_add_up_to_all() -> None:
    pooled = pool_key_areas(results({"a": (1, 2, 0), "b": (3, 5, 1), "c": (7, 9, 2)}), ["a", "c"])
    pooled = pooled.set_index("is_key")[["numerator", "denominator", "undetermined"]]
    assert pooled.loc[True].to_list() == [8, 11, 2]
    assert pooled.loc[False].to_list() == [3, 5, 1]


def test_few_places_are_not_put_in_the_funnel() -> None:
    """Chance alone would call every one of these far, and how they usually differ is unknown."""
    counts = {f"63{n:02d}00": (100 * n, 1000, 0) for n in range(1, 10)}
    assert set(stand(results(counts))["position"]) == {""}
    assert set(stand(results(counts | {"631000": (950, 1000, 0)}))["position"]) != {""}
