"""Rates of many places, each drawn towards all of them by as much as its size leaves open.

Empirical Bayes: places' true rates are taken to come from one beta distribution, which is fitted
to all places of a level by the marginal (beta-binomial) likelihood; a place's rate is then the
mean of its posterior. A place with 3 of 4 says little and lands near the others; one with 3,000 of
4,000 stays where it is.

References
----------
Robbins, H. (1956), An empirical Bayes approach to statistics; Kleinman, J. (1973), Proportions
with extraneous variance: single and independent samples; Carlin, B. and Louis, T. (2000), Bayes
and Empirical Bayes Methods for Data Analysis, chapter 3; Manski, C. (1989), Anatomy of the
selection problem, for the bounds where cases are undetermined.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import betaln, digamma, expit, logit
from scipy.stats import beta

from healthmon.standing.intervals import wilson_interval

_LEAST, _MOST = np.log(0.05), np.log(1e7)
"""Bounds of the logarithm of the precision: cases that the knowledge of all places is worth."""
_NOTHING_GAINED = 1e-3
"""Gain of the log-likelihood under which places are taken to be alike: its sums are no exacter."""


class Spread(NamedTuple):
    """How the true rates of places are spread.

    ``mean`` is a share, ``precision`` the sum of the beta distribution's two parameters: infinite
    where the places differ by no more than chance would make them; not a number where fewer than
    two places are known. ``count`` and ``of`` are those of all places together.
    """

    mean: float
    precision: float
    count: int
    of: int


class Shrunken(NamedTuple):
    """Rates drawn together, as shares, with their intervals."""

    rate: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def fit_spread(count: ArrayLike, of: ArrayLike) -> Spread:
    """Fit how the true rates of places are spread, by the largest marginal likelihood.

    Parameters
    ----------
    count, of : array of int
        Cases that count and determined cases of each place; places without a case are left out.
    """
    count, of = np.asarray(count, np.int64), np.asarray(of, np.int64)
    count, of = count[of > 0], of[of > 0]
    total, whole = int(count.sum()), int(of.sum())
    mean = total / whole if whole else np.nan
    if len(of) < 2:
        return Spread(mean, np.nan, total, whole)
    if total in (0, whole):
        return Spread(mean, np.inf, total, whole)

    start = [logit(mean), np.log(_moment_precision(count, of, mean))]
    around = [(logit(mean) - 8, logit(mean) + 8), (_LEAST, _MOST)]
    found = minimize(
        _loss, start, (count, of), "L-BFGS-B", jac=True, bounds=around,
        options={"ftol": 1e-13, "gtol": 1e-7},
    )  # fmt: skip
    alike = -(total * np.log(mean) + (whole - total) * np.log1p(-mean))
    if found.fun >= alike - _NOTHING_GAINED or found.x[1] >= _MOST - 1e-3:
        return Spread(mean, np.inf, total, whole)
    return Spread(float(expit(found.x[0])), float(np.exp(found.x[1])), total, whole)


def shrink_rates(
    numerator: ArrayLike, denominator: ArrayLike, undetermined: ArrayLike, interval_pct: float
) -> Shrunken:
    """Draw the rates of the places of one level together.

    Parameters
    ----------
    numerator, denominator, undetermined : array of int
        The undetermined are in the denominator and not in the numerator.
    interval_pct : float
        Probability that the interval holds, in percent.

    Returns
    -------
    Shrunken
        The rate is that among the determined. The interval is widened by the undetermined: at
        its lower end none of them counts, at its upper end all do. Not a number for a place
        without a case; a place by itself keeps its own rate and Wilson's interval.

    Notes
    -----
    The spread is taken as known, so that intervals are somewhat too narrow where places are few.
    Where places differ by no more than chance, all have the rate of all, with its interval.
    """
    numerator, denominator, undetermined = (
        np.asarray(part, np.int64) for part in (numerator, denominator, undetermined)
    )
    determined = denominator - undetermined
    spread = fit_spread(numerator, determined)
    rate, lower, upper = _posterior(numerator, determined, spread, interval_pct)
    share = np.divide(
        determined, denominator, out=np.full(len(rate), np.nan), where=denominator > 0
    )
    known = np.where(determined > 0, rate, np.where(denominator > 0, spread.mean, np.nan))
    low = np.where(determined > 0, lower * share, 0.0)
    high = np.where(determined > 0, upper * share + (1 - share), 1.0)
    is_there = denominator > 0
    return Shrunken(known, np.where(is_there, low, np.nan), np.where(is_there, high, np.nan))


def _loss(at: np.ndarray, count: np.ndarray, of: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the negative marginal log-likelihood and its slopes.

    `at` is the logit of the mean and the logarithm of the precision.
    """
    mean, precision = expit(at[0]), np.exp(at[1])
    a, b = precision * mean, precision * (1 - mean)
    loss = -float(np.sum(betaln(a + count, b + of - count) - betaln(a, b)))
    all_of_them = digamma(precision + of) - digamma(precision)
    by_a = np.sum(digamma(a + count) - digamma(a) - all_of_them)
    by_b = np.sum(digamma(b + of - count) - digamma(b) - all_of_them)
    return loss, -np.array([(by_a - by_b) * precision * mean * (1 - mean), by_a * a + by_b * b])


def _posterior(
    count: np.ndarray, of: np.ndarray, spread: Spread, interval_pct: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if np.isnan(spread.precision):
        rate = np.divide(count, of, out=np.full(len(of), np.nan), where=of > 0)
        return rate, *wilson_interval(count, of, interval_pct)
    if np.isinf(spread.precision):
        ends = wilson_interval([spread.count], [spread.of], interval_pct)
        return tuple(np.full(len(of), value) for value in (spread.mean, ends[0][0], ends[1][0]))
    a = spread.precision * spread.mean + count
    b = spread.precision * (1 - spread.mean) + of - count
    tail = (1 - interval_pct / 100) / 2
    return a / (a + b), beta.ppf(tail, a, b), beta.ppf(1 - tail, a, b)


def _moment_precision(count: np.ndarray, of: np.ndarray, mean: float) -> float:
    """Return a first guess by the method of moments (Kleinman 1973)."""
    weighted = float(np.sum(of * (count / of - mean) ** 2))
    size = float(of.sum() - np.sum(of.astype(float) ** 2) / of.sum())
    variance = (weighted - (len(of) - 1) * mean * (1 - mean)) / max(size, 1e-9)
    share = variance / (mean * (1 - mean))
    return float(np.clip((1 - share) / share if share > 0 else 1e4, 0.5, 1e5))
