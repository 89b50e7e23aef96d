"""Smooth curves whose direction can be held: quadratic I-splines.

A curve is the integral of a broken line. Its coefficients are the heights of that line, that is
the slopes of the curve at its knots, so that a curve rises everywhere exactly where no
coefficient is negative. Outside the knots it goes on straight.

References
----------
Ramsay J. O. (1988), Monotone regression splines in action, Statistical Science 3(4).
"""

from itertools import pairwise

import numpy as np

_TAIL = 0.01  # share of the values beyond the first and beyond the last knot


def place_knots(values: np.ndarray, count: int) -> np.ndarray:
    """Place knots at quantiles of the values; a value that many share is one knot.

    Parameters
    ----------
    values : ndarray of float
        Without missing ones.
    count : int
        Knots wanted, at least 2; there are fewer where there are fewer values.

    Returns
    -------
    ndarray of float
        Increasing; one knot where all values are the same.
    """
    quantiles = np.quantile(values, np.linspace(_TAIL, 1 - _TAIL, count))
    found, times = np.unique(quantiles, return_counts=True)
    heaps = found[times > 1]
    rest = values[~np.isin(values, heaps)]
    if not len(heaps) or not len(rest):
        return found
    others = np.quantile(rest, np.linspace(_TAIL, 1 - _TAIL, max(count - len(heaps), 1)))
    return np.union1d(heaps, others)


def expand_curve(values: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Return the columns whose combinations are the curves on these knots.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
    knots : ndarray of float, shape (k,)
        Increasing.

    Returns
    -------
    ndarray of float, shape (n, k)
        Column ``j`` is 0 at the first knot and rises where the broken line is 1 at knot ``j``
        and 0 at the others; a straight line for a single knot.
    """
    columns = np.empty((len(values), len(knots)))
    below = np.minimum(values - knots[0], 0)
    above = np.maximum(values - knots[-1], 0)
    if len(knots) == 1:
        columns[:, 0] = below + above
        return columns
    columns[:] = 0
    columns[:, 0] = below
    for j, (left, right) in enumerate(pairwise(knots)):
        inside = np.clip(values, left, right) - left
        rising = inside**2 / (2 * (right - left))
        columns[:, j] += inside - rising
        columns[:, j + 1] += rising
    columns[:, -1] += above
    return columns
