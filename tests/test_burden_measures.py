"""Catastrophic and impoverishing spending: a published table, small samples by hand, properties."""

import numpy as np
import pandas as pd
import pytest

from healthmon.burden.catastrophic import MEASURES, is_catastrophic, measure_catastrophic, overshoot
from healthmon.burden.denominator import Denominator, capacity_to_pay, non_food_expenditure
from healthmon.burden.design import Design
from healthmon.burden.estimates import estimate_concentration, mean_positive, rank_weighted
from healthmon.burden.poverty import measure_impoverishment
from healthmon.burden.ranking import Ranking
from healthmon.burden.shares import measure_payments, payment_shares
from healthmon.burden.terms import load_burden_terms
from healthmon.errors import ParameterError, UserError
from healthmon.project import open_project

TERMS = load_burden_terms(open_project().params)

# Vietnam 1998, share of total expenditure, per cent: O'Donnell et al. (2008), chapter 18.
VIETNAM = pd.DataFrame(
    {
        "headcount": ["33.77", "15.11", "8.47", "2.89"],
        "overshoot": ["2.53", "1.39", "0.81", "0.30"],
        "positive": ["7.48", "9.18", "9.58", "10.46"],
        "headcount_index": ["-0.0315", "0.0270", "0.0971", "0.2955"],
        "weighted_headcount": ["34.84", "14.70", "7.65", "2.03"],
        "overshoot_index": ["0.0960", "0.1845", "0.2821", "0.4594"],
        "weighted_overshoot": ["2.28", "1.13", "0.58", "0.16"],
    },
    index=[5, 10, 15, 25],
)
IDENTITIES = {
    "positive": (mean_positive, "overshoot", "headcount"),
    "weighted_headcount": (rank_weighted, "headcount", "headcount_index"),
    "weighted_overshoot": (rank_weighted, "overshoot", "overshoot_index"),
}


def rounded_range(printed: str) -> tuple[float, float]:
    """What a printed number may have been before rounding."""
    half = 0.5 * 10.0 ** -len(printed.split(".")[1])
    return float(printed) - half, float(printed) + half


@pytest.mark.parametrize("threshold", VIETNAM.index)
@pytest.mark.parametrize("row", IDENTITIES)
def test_rows_of_the_published_table_follow_from_each_other(threshold, row) -> None:
    identity, *parts = IDENTITIES[row]
    unit = 100 if row == "positive" else 1  # a quotient of two percentages is a share
    low, high = rounded_range(VIETNAM.loc[threshold, row])
    ranges = [rounded_range(VIETNAM.loc[threshold, part]) for part in parts]
    found = [unit * identity(first, second) for first in ranges[0] for second in ranges[1]]
    assert min(found) <= high
    assert max(found) >= low


# Five households; shares 0, .10, .12, .30, .08 of income.
OOP = np.array([0, 20_000, 36_000, 30_000, 16_000])
INCOME = Denominator("income", [50_000, 200_000, 300_000, 100_000, 200_000], payments="included")
WELFARE = np.array([1, 3, 5, 2, 3])
WEIGHTS = np.array([2.0, 1.0, 1.0, 4.0, 2.0])


def measure(design=None, thresholds=(10,), oop=OOP, income=INCOME, welfare=WELFARE) -> pd.DataFrame:
    design = design or Design.census(len(oop))
    return measure_catastrophic(oop, income, welfare, thresholds, design)


def test_measures_by_hand_without_weights() -> None:
    """Above 10 %: third (by .02) and fourth (by .20); the second is exactly at it.

    Ranks by welfare 1, 3, 5, 2, 3 (two equal): .1, .6, .9, .3, .6. Headcount .4, ranked mean
    (.9 + .3) / 5 = .24, index 2 x .24 / .4 - 1 = .2. Overshoot .22 / 5 = .044, ranked mean
    (.02 x .9 + .2 x .3) / 5 = .0156, index 2 x .0156 / .044 - 1 = -.2909...
    """
    row = measure().iloc[0]
    assert row["catastrophic_household_count"] == 2
    expected = [0.4, 0.044, 0.11, 0.2, 0.32, -16 / 55, 0.044 * (1 + 16 / 55)]
    assert [row[name] for name in MEASURES] == pytest.approx(expected)


def test_measures_by_hand_with_weights_and_ties() -> None:
    """Weight 10; ranks .1 (2), then .4 (4), then .75 for the two equals (1 + 2), then .95 (1).

    Headcount 5 / 10; ranked mean (.95 + 4 x .4) / 10 = .255, index 2 x .255 / .5 - 1 = .02.
    Overshoot (.02 + 4 x .2) / 10 = .082; ranked (.019 + .32) / 10 = .0339.
    """
    row = measure(Design(WEIGHTS)).iloc[0]
    assert Ranking(WELFARE, WEIGHTS).fractional == pytest.approx([0.1, 0.75, 0.95, 0.4, 0.75])
    index = 2 * 0.0339 / 0.082 - 1
    expected = [0.5, 0.082, 0.164, 0.02, 0.49, index, 0.082 * (1 - index)]
    assert [row[name] for name in MEASURES] == pytest.approx(expected)


def test_the_index_is_the_covariance_with_rank() -> None:
    """Independently: 2 cov(h, r) / mean, weighted, by numpy."""
    random = np.random.default_rng(3)
    values, weights = random.random(200), random.integers(1, 5, 200)
    ranking = Ranking(random.permutation(200), weights.astype(float))
    covariance = np.cov(values, ranking.fractional, fweights=weights, ddof=0)[0, 1]
    expected = 2 * covariance / np.average(values, weights=weights)
    assert estimate_concentration(values, ranking).value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("oop", "above"),
    [(29_999, False), (30_000, False), (30_001, True)],
    ids=["one fen below", "exactly at the threshold", "one fen above"],
)
@pytest.mark.parametrize("threshold", [10, 10.0, "10"])
def test_exactly_at_the_threshold_is_not_above(oop, above, threshold) -> None:
    income = Denominator("income", [300_000], payments="included")
    assert is_catastrophic([oop], income, threshold).tolist() == [above]


def test_no_threshold_is_lost_to_floating_point() -> None:
    """As floats, 0.07 x 100 is 7.000000000000001 and 0.29 x 100 is 28.999999999999996."""
    for pct in range(1, 100):
        income = Denominator("income", [10_000, 9_999], payments="included")
        assert is_catastrophic([100 * pct, 100 * pct], income, pct).tolist() == [False, True]
        assert overshoot([100 * pct, 0], income, pct).tolist() == [0.0, 0.0]


def test_a_threshold_with_decimals_is_exact() -> None:
    income = Denominator("income", [300_000], payments="included")
    assert not is_catastrophic([99_900], income, 33.3)[0]
    assert is_catastrophic([99_901], income, 33.3)[0]


def test_amounts_beyond_whole_number_range_are_refused() -> None:
    income = Denominator("income", [2**62], payments="included")
    with pytest.raises(UserError, match="too large"):
        is_catastrophic([2**61], income, 33.3)


# The denominator


@pytest.mark.parametrize("kind", ["income", "total_expenditure", "capacity_to_pay"])
def test_a_denominator_after_payments_is_refused(kind) -> None:
    with pytest.raises(UserError, match=rf"{kind}.*add them back"):
        Denominator(kind, [100], payments="taken_off")


def test_whether_payments_are_included_has_to_be_said() -> None:
    with pytest.raises(TypeError, match="payments"):
        Denominator("income", [100])
    with pytest.raises(UserError, match="'included' or 'taken_off'"):
        Denominator("income", [100], payments="perhaps")


def test_payments_added_back_give_the_denominator_before_them() -> None:
    before = Denominator.add_back("income", pd.array([70, pd.NA, -10], dtype="Int64"), [30, 5, 30])
    assert before.amounts.tolist() == [100, 0, 20]
    assert before.is_known.tolist() == [True, False, True]


def test_an_expenditure_smaller_than_the_payments_cannot_include_them() -> None:
    total = Denominator("total_expenditure", [100, 100], payments="included")
    with pytest.raises(UserError, match="in 1 households"):
        payment_shares([101, 100], total)
    assert payment_shares([101], Denominator("income", [100], payments="included")) == [1.01]


def test_zero_negative_and_missing_denominators_are_left_out_and_said() -> None:
    """The measures of the rest are as if the others were not there."""
    amounts = pd.array([*INCOME.amounts, 0, -5, pd.NA, 0], dtype="Int64")
    income = Denominator("income", amounts, payments="included")
    oop = np.array([*OOP, 7, 7, 7, 0])
    welfare = pd.array([*WELFARE, 0, -9, pd.NA, 0], dtype="Int64")
    found, alone = measure(oop=oop, income=income, welfare=welfare).iloc[0], measure().iloc[0]
    assert found["household_count"] == 5
    assert found["left_out_household_count"] == 4
    assert found["left_out_paying_household_count"] == 3
    assert not is_catastrophic(oop, income, 10)[5:].any()
    assert np.isnan(payment_shares(oop, income)[5:]).all()
    assert list(found[list(MEASURES)]) == pytest.approx(list(alone[list(MEASURES)]))


def test_payments_must_be_known() -> None:
    with pytest.raises(UserError, match="known and 0 or more"):
        measure(oop=np.array([1, 2, 3, 4, -1]))
    with pytest.raises(UserError, match="known and 0 or more"):
        measure(oop=pd.array([1, 2, 3, 4, pd.NA], dtype="Int64"))


def test_nobody_above_leaves_indices_missing_and_headcount_zero() -> None:
    row = measure(thresholds=[50]).iloc[0]
    assert row["headcount_share"] == row["overshoot_share"] == 0
    undefined = ["positive_overshoot_share", "headcount_concentration", "overshoot_concentration"]
    assert row[undefined].isna().all()


def test_non_food_expenditure_is_the_rest() -> None:
    total = Denominator("total_expenditure", [100, 50], payments="included")
    assert non_food_expenditure(total, [60, 50]).amounts.tolist() == [40, 0]
    with pytest.raises(UserError, match="not off income"):
        non_food_expenditure(INCOME, [1] * 5)


def test_capacity_to_pay_by_hand() -> None:
    """Food shares .2, .4, .6: the middle third is the second household alone, 40 for one person.

    Subsistence 40, for four members 40 x 4^.5 = 80 by an exponent of one half. Left: 200 - 40
    (all the 40 eaten is subsistence), 100 - 40, 300 - 80; the last, eating 10, keeps 50 - 10.
    """
    total = Denominator("total_expenditure", [200, 100, 300, 50], payments="included")
    food, size = [40, 40, 180, 10], [1, 1, 4, 1]
    left = capacity_to_pay(
        total, food, size, Design([1.0, 1.0, 1.0, 0.0]), exponent=0.5, percentiles=(34, 66)
    )
    assert left.kind == "capacity_to_pay"
    assert left.amounts.tolist() == pytest.approx([160, 60, 220, 40])


def test_the_numbers_of_the_who_are_in_the_parameters() -> None:
    capacity = TERMS.capacity_to_pay
    assert (capacity.equivalence_exponent, capacity.threshold_pct) == (0.56, 40)
    assert capacity.food_share_percentiles == (45, 55)
    assert TERMS.thresholds_pct == tuple(VIETNAM.index)


def test_a_default_reading_that_is_not_there_is_refused(tmp_path) -> None:
    text = (open_project().params / "burden.yml").read_text("utf-8")
    wrong = text.replace("income_on_record: before_payments", "income_on_record: net")
    (tmp_path / "burden.yml").write_text(wrong, "utf-8")
    with pytest.raises(ParameterError, match="no reading net"):
        load_burden_terms(tmp_path)


# Per head and share


def test_payments_per_head_and_shares_by_hand() -> None:
    """102,000 by 10 members; shares 0, .1, .12, .3, .08; 102,000 by 850,000."""
    found = measure_payments(OOP, INCOME, [2, 2, 3, 1, 2], Design.census(5))["value"]
    assert found.to_dict() == pytest.approx(
        {"per_head": 10_200, "mean_share": 0.12, "aggregate_share": 0.12}
    )
    weighted = measure_payments(OOP, INCOME, [2, 2, 3, 1, 2], Design(WEIGHTS))["value"]
    assert weighted["per_head"] == pytest.approx((20 + 36 + 120 + 32) * 1000 / (4 + 2 + 3 + 4 + 4))
    assert weighted["mean_share"] == pytest.approx((0.1 + 0.12 + 1.2 + 0.16) / 10)
    assert weighted["aggregate_share"] == pytest.approx(208 / (100 + 200 + 300 + 400 + 400))


def test_without_a_denominator_spending_counts_per_head_but_in_no_share() -> None:
    """Two alike of 30 by 100, and one of 60 without income: 120 by 3 persons, 60 by 200."""
    income = Denominator("income", [100, 100, 0], payments="included")
    found = measure_payments([30, 30, 60], income, [1, 1, 1], Design.census(3))["value"]
    assert found.to_dict() == pytest.approx(
        {"per_head": 40, "mean_share": 0.3, "aggregate_share": 0.3}
    )


# Impoverishment


def test_impoverishment_by_hand() -> None:
    """Line 100. Before: A 80 a head (2 people), B 100 (1), C 150 (2), D -20 (1).

    After 40, 1 fen and 120 paid: A 60, B 99, C 90. Of 6 persons 3 are poor before, 6 after.
    Gaps before 2 x 20 + 120 = 160; after 2 x 40 + 1 + 2 x 10 + 120 = 221.
    """
    income = Denominator("income", [160, 100, 300, -20], payments="included")
    found = measure_impoverishment([40, 1, 120, 0], income, [2, 1, 2, 1], 100, Design.census(4))
    expected = {
        "headcount_share": [3 / 6, 1, 3 / 6],
        "gap": [160 / 6, 221 / 6, 61 / 6],
        "normalised_gap_share": [1.6 / 6, 2.21 / 6, 0.61 / 6],
        "positive_gap": [160 / 3, 221 / 6, 221 / 6 - 160 / 3],
    }
    for name, values in expected.items():
        assert found.loc[name].tolist() == pytest.approx(values)


def test_exactly_at_the_line_is_not_poor_and_missing_income_is_left_out() -> None:
    income = Denominator("income", pd.array([300, pd.NA], dtype="Int64"), payments="included")
    at = measure_impoverishment([0, 900], income, [3, 3], 100, Design.census(2))
    below = measure_impoverishment([1, 900], income, [3, 3], 100, Design.census(2))
    assert at.loc["headcount_share"].tolist() == [0, 0, 0]
    assert below.loc["headcount_share"].tolist() == [0, 1, 1]


def test_impoverishment_needs_a_line_and_members() -> None:
    with pytest.raises(UserError, match="above 0"):
        measure_impoverishment(OOP, INCOME, [1, 1, 1, 1, 1], 0, Design.census(5))
    with pytest.raises(UserError, match="above 0"):
        measure_impoverishment(OOP, INCOME, [1, 1, 0, 1, 1], 100, Design.census(5))


# Properties, on random households


@pytest.fixture(params=range(5))
def sample(request):
    """Payments, income, welfare (with ties) and whole weights of 60 households."""
    random = np.random.default_rng(request.param)
    income = random.integers(-2_000, 40_000, 60)
    oop = random.integers(0, 5_000, 60) * random.integers(0, 2, 60)
    return oop, income, random.integers(0, 20, 60), random.integers(1, 4, 60)


def of(oop, income, welfare, weights, thresholds=(5, 10, 40)) -> np.ndarray:
    income = Denominator("income", income, payments="included")
    found = measure_catastrophic(oop, income, welfare, thresholds, Design(weights * 1.0))
    return found[list(MEASURES)].to_numpy()


def test_the_unit_of_money_changes_nothing(sample) -> None:
    oop, income, welfare, weights = sample
    assert of(100 * oop, 100 * income, 7 * welfare, weights) == pytest.approx(of(*sample))


def test_a_weight_is_as_many_rows(sample) -> None:
    *columns, weights = sample
    rows = [np.repeat(column, weights) for column in columns]
    assert of(*rows, np.ones(weights.sum())) == pytest.approx(of(*sample))


def test_the_order_of_rows_does_not_matter(sample) -> None:
    order = np.random.default_rng(0).permutation(60)
    assert of(*(column[order] for column in sample)) == pytest.approx(of(*sample))


def test_headcount_and_overshoot_fall_with_the_threshold(sample) -> None:
    found = of(*sample, thresholds=range(0, 60, 3))[:, :2]
    assert (np.diff(found, axis=0) <= 1e-15).all()
    assert found[0, 0] > found[-1, 0]


def test_the_identities_hold(sample) -> None:
    for headcount, excess, positive, among, weighted, beyond, weighted_excess in of(*sample):
        assert headcount * positive == pytest.approx(excess)
        assert headcount * (1 - among) == pytest.approx(weighted)
        assert excess * (1 - beyond) == pytest.approx(weighted_excess)
        assert -1 <= among <= 1
        assert -1 <= beyond <= 1
