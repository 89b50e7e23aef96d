"""Funnel limits: how far from the rate of all a place of its size may lie by chance.

References
----------
Spiegelhalter, D. (2005), Funnel plots for comparing institutional performance, for the exact
binomial limits; Spiegelhalter, D. (2005), Handling over-dispersion of performance indicators, for
the winsorised multiplicative factor.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

BELOW, WITHIN, ABOVE = "below", "within", "above"


class Limits(NamedTuple):
    """Shares between which a place of its size is expected."""

    lower: np.ndarray
    upper: np.ndarray


def funnel_limits(of: ArrayLike, rate: float, limit_pct: float, dispersion: float = 1.0) -> Limits:
    """Return the limits around the rate of all for places of the given sizes.

    Parameters
    ----------
    of : array of int
        Cases of each place.
    rate : float
        Rate of all places together, 0-1.
    limit_pct : float
        Share of places that chance alone keeps within, in percent: 95 or 99.8.
    dispersion : float
        1 for chance alone; limits stand further away by its root.

    Returns
    -------
    Limits
        Interpolated exact binomial limits, 0-1; not a number where there is no case or no rate.
    """
    of = np.asarray(of, float)
    if np.isnan(rate):
        return Limits(np.full(of.shape, np.nan), np.full(of.shape, np.nan))
    tail, root = (1 - limit_pct / 100) / 2, np.sqrt(dispersion)
    # the upper limit is the lower one of what does not count: the quantile by itself would have a
    # place with 4 of 4 above the limits of 95 %
    exact = _low_quantile_share(of, rate, tail), 1 - _low_quantile_share(of, 1 - rate, tail)
    ends = [rate + root * (end - rate) for end in exact]
    return Limits(*(np.where(of > 0, np.clip(end, 0, 1), np.nan) for end in ends))


def measure_dispersion(count: ArrayLike, of: ArrayLike, rate: float, winsorised: float) -> float:
    """Measure how much more places differ than chance would make them.

    Parameters
    ----------
    count, of : array of int
    rate : float
        Rate of all places together, 0-1.
    winsorised : float
        Share of the places at each end whose distance is cut to the next one's, so that the few
        that lie far outside do not hide themselves.

    Returns
    -------
    float
        1 or more: the mean squared distance in standard errors; 1 where it cannot be measured.
    """
    count, of = np.asarray(count, float), np.asarray(of, float)
    count, of = count[of > 0], of[of > 0]
    if len(of) < 2 or not 0 < rate < 1:
        return 1.0
    scores = np.sort((count / of - rate) / np.sqrt(rate * (1 - rate) / of))
    cut = int(winsorised * len(scores))
    scores = np.clip(scores, scores[cut], scores[len(scores) - 1 - cut])
    return max(1.0, float(np.mean(scores**2)))


def place_in_funnel(
    numerator: ArrayLike, denominator: ArrayLike, undetermined: ArrayLike, limits: Limits
) -> np.ndarray:
    """Say for each place whether it lies below, within or above the limits.

    Below only where all of the undetermined could not lift it, above only where none of them need
    count.

    Returns
    -------
    array of str
        ``below``, ``within``, ``above``; empty for a place without a case.
    """
    numerator, denominator = np.asarray(numerator, float), np.asarray(denominator, float)
    of = np.where(denominator > 0, denominator, np.nan)
    most = (numerator + np.asarray(undetermined, float)) / of
    # a hair's breadth, so that a place exactly on its limit lies within on every machine
    is_below, is_above = most < limits.lower - 1e-12, numerator / of > limits.upper + 1e-12
    known = ~np.isnan(of) & ~np.isnan(limits.lower)
    return np.select([~known, is_below, is_above], ["", BELOW, ABOVE], WITHIN)


def _low_quantile_share(of: np.ndarray, rate: float, at: float) -> np.ndarray:
    """Return a low binomial quantile as a share, interpolated between whole numbers."""
    count = binom.ppf(at, of, rate)
    reached, before = binom.cdf(count, of, rate), binom.cdf(count - 1, of, rate)
    step = reached - before
    over = np.divide(reached - at, step, out=np.zeros_like(step), where=step > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (count - over) / of
