"""The model in use: a sum of one curve a feature, each in the direction that was stated for it.

The log odds of the outcome are a base and one contribution from each feature, which depends on
nothing but that feature: what a household's score is made of can be said exactly. Contributions
are those relative to a stated household, the median of the training households.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from healthmon.risk.bounded_logit import fit_bounded_logit
from healthmon.risk.splines import expand_curve, place_knots


class AdditiveLogit(ClassifierMixin, BaseEstimator):
    """Logistic regression on one curve, line or set of levels for each feature.

    Parameters
    ----------
    monotonic_cst : sequence of int, optional
        For each feature 1 (the risk never falls), -1 (never rises) or 0 (free), as in
        scikit-learn's ``HistGradientBoostingClassifier``. All free without it.
    categorical_features : sequence of int, optional
        Features whose values are levels, to be free.
    straight_features : sequence of int, optional
        Features with a straight line instead of a curve.
    knots : int
        Knots of each curve, at quantiles of the training values.
    penalty : float
        Weight of the squared coefficients, columns scaled to one standard deviation; the
        intercept is not penalised, so that risks add up to what happened.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    base_ : float
        Log odds of the reference household.
    reference_ : ndarray, shape (n_features,)
        The median of each feature, or its most frequent level.
    coef_ : ndarray
        Coefficients of all columns, feature after feature.
    n_iter_ : int

    Notes
    -----
    A missing value is a level of its own where training households had one, and counts as the
    reference where none had; so does a level that was never seen. Outcomes are not weighted: a
    weight would falsify the probabilities.
    """

    def __init__(
        self,
        *,
        monotonic_cst: Sequence[int] | None = None,
        categorical_features: Sequence[int] | None = None,
        straight_features: Sequence[int] | None = None,
        knots: int = 5,
        penalty: float = 1.0,
    ) -> None:
        self.monotonic_cst = monotonic_cst
        self.categorical_features = categorical_features
        self.straight_features = straight_features
        self.knots = knots
        self.penalty = penalty

    def fit(self, X: Any, y: Any) -> Self:
        """Fit all curves together.

        Parameters
        ----------
        X : array-like, shape (n, n_features)
            Numbers, may be missing (NaN).
        y : array-like, shape (n,)
            Two classes; the second in order is the one whose risk is stated.

        Raises
        ------
        ValueError
            When there are not two classes, or directions and features do not match.
        """
        X, y = validate_data(self, X, y, ensure_all_finite="allow-nan", dtype=np.float64)
        self._learn_directions(X.shape[1])
        check_classification_targets(y)
        if type_of_target(y, input_name="y") != "binary":
            raise ValueError("Only binary classification is supported: y holds other classes.")
        self.classes_, outcome = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("y holds one class only: nothing can be learned from it")
        self._learn_shapes(X)
        columns = [self._expand(X[:, j], j) for j in range(X.shape[1])]
        owners = np.repeat(np.arange(len(columns)), [part.shape[1] for part in columns])
        design = np.column_stack([np.ones(len(X)), *columns])
        del columns
        centre, spread = design[:, 1:].mean(axis=0), design[:, 1:].std(axis=0)
        spread[spread <= 1e-12 * (1 + np.abs(centre))] = np.inf  # says nothing: no coefficient
        # falling features are turned round, so that one bound serves both directions
        spread = np.where(self._directions[owners] < 0, -spread, spread)
        design[:, 1:] -= centre
        design[:, 1:] /= spread
        penalty = np.r_[0, np.full(len(owners), float(self.penalty))]
        lower = np.r_[-np.inf, self._lower_bounds()]
        scaled, self.n_iter_ = fit_bounded_logit(design, outcome.astype(float), penalty, lower)
        self.coef_ = scaled[1:] / spread
        self._owners = owners
        at_reference = [
            self._expand(self.reference_[[j]], j)[0] - centre[owners == j]
            for j in range(self.n_features_in_)
        ]
        self.base_ = float(scaled[0] + np.concatenate(at_reference) @ self.coef_)
        return self

    def explain(self, X: Any) -> np.ndarray:
        """Return what each feature adds to the log odds of the reference household.

        Returns
        -------
        ndarray, shape (n, n_features)
            0 where a feature is as in the reference; rows add up to the score less ``base_``.
        """
        check_is_fitted(self)
        X = validate_data(self, X, ensure_all_finite="allow-nan", dtype=np.float64, reset=False)
        parts = np.empty(X.shape)
        for j in range(X.shape[1]):
            coefficients = self.coef_[self._owners == j]
            level = self._expand(self.reference_[[j]], j)[0] @ coefficients
            parts[:, j] = self._expand(X[:, j], j) @ coefficients - level
        return parts

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the log odds: ``base_`` and all contributions."""
        return self.explain(X).sum(axis=1) + self.base_

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, shape (n, 2)."""
        risks = expit(self.decision_function(X))
        return np.column_stack([1 - risks, risks])

    def predict(self, X: Any) -> np.ndarray:
        """Return the likelier class."""
        is_second = self.decision_function(X) > 0
        return self.classes_[is_second.astype(int)]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    def _learn_directions(self, features: int) -> None:
        """Read what is stated of the features, by their place."""
        if self.knots < 2 or self.penalty <= 0:
            raise ValueError("knots are 2 or more, and the penalty is above 0")
        stated = np.zeros(features) if self.monotonic_cst is None else self.monotonic_cst
        self._directions = np.asarray(stated, dtype=int)
        if self._directions.shape != (features,) or not np.isin(self._directions, (-1, 0, 1)).all():
            raise ValueError(f"monotonic_cst holds -1, 0 or 1 for each of {features} features")
        self._is_levels = _mark(self.categorical_features, features)
        self._is_straight = _mark(self.straight_features, features)
        if self._directions[self._is_levels].any():
            raise ValueError("a feature of levels has no direction")

    def _learn_shapes(self, values: np.ndarray) -> None:
        """Find knots or levels, the reference, and which features may be missing."""
        self._may_miss = np.isnan(values).any(axis=0)
        self.reference_ = np.zeros(values.shape[1])
        self._shapes = []
        for j in range(values.shape[1]):
            known = values[~np.isnan(values[:, j]), j]
            if not len(known):
                known = np.zeros(1)  # never stated: only whether it is can count
            if self._is_levels[j]:
                levels, times = np.unique(known, return_counts=True)
                self.reference_[j] = levels[times.argmax()]
                self._shapes.append(levels)
                continue
            self.reference_[j] = np.median(known)
            straight = self.reference_[[j]]
            self._shapes.append(
                straight if self._is_straight[j] else place_knots(known, self.knots)
            )

    def _expand(self, values: np.ndarray, j: int) -> np.ndarray:
        """Return the columns of one feature; the last says that it is missing where it may be."""
        shape, is_missing = self._shapes[j], np.isnan(values)
        if self._is_levels[j]:
            is_missing |= ~np.isin(values, shape)
        filled = np.where(is_missing, self.reference_[j], values)
        columns = (
            (filled[:, None] == shape).astype(float)
            if self._is_levels[j]
            else expand_curve(filled, shape)
        )
        return np.column_stack([columns, is_missing]) if self._may_miss[j] else columns

    def _lower_bounds(self) -> np.ndarray:
        """Return 0 for each column of a curve with a direction, and nothing for the others."""
        bounds = []
        for direction, shape, misses in zip(
            self._directions, self._shapes, self._may_miss, strict=True
        ):
            bounds += [0.0 if direction else -np.inf] * len(shape) + [-np.inf] * int(misses)
        return np.array(bounds)


def _mark(places: Sequence[int] | None, features: int) -> np.ndarray:
    marks = np.zeros(features, dtype=bool)
    marks[list(places or [])] = True
    return marks
