"""The additive model: estimator contract, exact reasons, directions held, the optimum found."""

import warnings

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from sklearn.exceptions import SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import check_estimator

from healthmon.risk.additive import AdditiveLogit
from healthmon.risk.bounded_logit import fit_bounded_logit
from healthmon.risk.splines import expand_curve, place_knots

DIRECTIONS = [1, -1, 0, 0, 1]


def make_people(rows=1500, seed=1):
    """Five features: two curves whose truth is against their direction, one of levels."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, 5))
    values[:, 3] = rng.integers(0, 3, rows)
    odds = -1 + np.sin(2 * values[:, 0]) + 0.5 * values[:, 1] + 0.4 * (values[:, 3] == 2)
    outcome = rng.random(rows) < 1 / (1 + np.exp(-odds - values[:, 4]))
    values[rng.random(rows) < 0.1, 2] = np.nan
    return values, outcome


@pytest.fixture(scope="module")
def fitted() -> AdditiveLogit:
    model = AdditiveLogit(
        monotonic_cst=DIRECTIONS, categorical_features=[3], straight_features=[4], penalty=0.1
    )
    return model.fit(*make_people())


def test_it_keeps_the_contract_of_scikit_learn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check_estimator(AdditiveLogit())


def test_contributions_and_base_add_up_to_the_log_odds(fitted) -> None:
    values, _ = make_people(seed=9)
    risks = fitted.predict_proba(values)[:, 1]
    total = fitted.explain(values).sum(axis=1) + fitted.base_
    assert total == pytest.approx(np.log(risks / (1 - risks)), abs=1e-9)


def test_a_contribution_depends_on_its_own_feature_alone(fitted) -> None:
    values, _ = make_people(seed=9)
    others = np.roll(values, 1, axis=0)
    others[:, 0] = values[:, 0]
    assert (fitted.explain(values)[:, 0] == fitted.explain(others)[:, 0]).all()


def test_the_reference_is_the_median_household_and_adds_nothing(fitted) -> None:
    values, _ = make_people()
    assert fitted.reference_[[0, 1, 4]] == pytest.approx(np.median(values[:, [0, 1, 4]], axis=0))
    assert fitted.reference_[2] == pytest.approx(np.nanmedian(values[:, 2]))
    assert fitted.explain(fitted.reference_[None]) == pytest.approx(0, abs=1e-12)
    risk = 1 / (1 + np.exp(-fitted.base_))
    assert fitted.predict_proba(fitted.reference_[None])[0, 1] == pytest.approx(risk)


@pytest.mark.parametrize(("feature", "direction"), [(0, 1), (1, -1), (4, 1)])
def test_the_risk_keeps_its_direction_inside_and_outside_the_data(
    fitted, feature, direction
) -> None:
    """Feature 0 falls in truth where its sine does, feature 1 rises: neither is followed there."""
    rows = np.repeat(fitted.reference_[None], 400, axis=0)
    rows[:, feature] = np.linspace(-8, 8, 400)
    assert (direction * np.diff(fitted.decision_function(rows)) >= -1e-12).all()


def test_a_free_feature_may_turn() -> None:
    free = AdditiveLogit(categorical_features=[3], penalty=0.1).fit(*make_people())
    rows = np.repeat(free.reference_[None], 400, axis=0)
    rows[:, 0] = np.linspace(-2, 2, 400)
    assert (np.diff(free.decision_function(rows)) < 0).any()


def test_a_missing_value_never_seen_in_training_counts_as_the_reference(fitted) -> None:
    values, _ = make_people(rows=200, seed=4)
    values[:, 0] = np.nan
    assert fitted.explain(values)[:, 0] == pytest.approx(0, abs=1e-12)
    values[:, 2] = np.nan  # was missing in training: a level of its own
    assert abs(fitted.explain(values)[0, 2]) > 1e-6
    values[:, 3] = 7  # a level that training households did not have
    assert fitted.explain(values)[:, 3] == pytest.approx(0, abs=1e-12)


def test_risks_add_up_to_what_happened(fitted) -> None:
    values, outcome = make_people()
    assert fitted.predict_proba(values)[:, 1].sum() == pytest.approx(outcome.sum(), rel=1e-6)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"monotonic_cst": [1, 0]}, id="too few directions"),
        pytest.param({"monotonic_cst": [2, 0, 0, 0, 0]}, id="no direction"),
        pytest.param({"monotonic_cst": [1] * 5, "categorical_features": [3]}, id="levels rise"),
        pytest.param({"knots": 1}, id="no curve"),
        pytest.param({"penalty": 0}, id="no penalty"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings) -> None:
    with pytest.raises(ValueError, match=r"monotonic_cst|levels|knots"):
        AdditiveLogit(**settings).fit(*make_people(50))


def test_a_curve_is_the_integral_of_a_hat() -> None:
    """Against numerical integration of the broken line that is 1 at knot j, 0 at the others."""
    knots = np.array([0.0, 1.0, 3.0, 4.0])
    asked = np.array([-2.0, 0.0, 0.4, 1.0, 2.5, 3.9, 4.0, 7.0])
    columns = expand_curve(asked, knots)
    for j in range(len(knots)):
        hat = lambda x, j=j: np.interp(x, knots, np.eye(len(knots))[j])  # noqa: E731
        expected = [quad(hat, 0, x, points=[1, 3, 4], limit=200)[0] for x in asked]
        assert columns[:, j] == pytest.approx(expected, abs=1e-6)


def test_a_single_knot_is_a_straight_line() -> None:
    assert expand_curve(np.array([-1.0, 2.0, 5.0]), np.array([2.0]))[:, 0].tolist() == [-3, 0, 3]


def test_a_value_that_many_share_is_one_knot() -> None:
    """Six in ten spent nothing: the other knots go to those who spent."""
    values = np.r_[np.zeros(600), np.linspace(10, 110, 400)]
    knots = place_knots(values, 5)
    assert len(knots) == 5
    assert knots[0] == 0
    assert knots[1] == pytest.approx(11)
    assert place_knots(np.ones(9), 5).tolist() == [1]


def make_regression(rows=400, seed=5):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(rows), rng.normal(size=(rows, 4))])
    chance = 1 / (1 + np.exp(-design @ [-1, 1, -0.8, 0.3, 0]))
    return design, (rng.random(rows) < chance).astype(float)


def test_without_bounds_it_is_the_logistic_regression_of_scikit_learn() -> None:
    design, outcome = make_regression()
    penalty = np.r_[0, np.full(4, 2.0)]
    found, _ = fit_bounded_logit(design, outcome, penalty, np.full(5, -np.inf))
    known = LogisticRegression(C=0.5, tol=1e-10, max_iter=500).fit(design[:, 1:], outcome)
    assert found == pytest.approx(np.r_[known.intercept_, known.coef_[0]], abs=1e-5)


def test_within_bounds_it_is_the_optimum_that_scipy_finds() -> None:
    design, outcome = make_regression()
    lower, penalty = np.array([-np.inf, 0, 0, 0, 0]), np.r_[0, np.full(4, 2.0)]

    def loss(at):
        linear = design @ at
        return np.logaddexp(0, linear).sum() - outcome @ linear + penalty @ at**2 / 2

    found, _ = fit_bounded_logit(design, outcome, penalty, lower)
    known = minimize(
        loss, np.zeros(5), bounds=[(None, None)] + [(0, None)] * 4, method="L-BFGS-B",
        options={"ftol": 1e-14, "gtol": 1e-9},
    )  # fmt: skip
    assert found[2] == 0  # the truth is negative
    assert found == pytest.approx(known.x, abs=1e-4)
    assert loss(found) <= known.fun + 1e-8


def test_columns_that_repeat_each_other_are_no_obstacle() -> None:
    design, outcome = make_regression()
    twice = np.column_stack([design, design[:, 1]])
    found, _ = fit_bounded_logit(twice, outcome, np.r_[0, np.full(5, 1.0)], np.full(6, -np.inf))
    assert found[1] == pytest.approx(found[5], abs=1e-6)
