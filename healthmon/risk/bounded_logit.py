"""A logistic regression with a bound on each coefficient, by Newton's method.

Each step minimises the quadratic approximation within the bounds (bounded least squares on its
Cholesky factor) and is halved until the loss falls. The loss is convex, so that the solution does
not depend on where the search begins.

References
----------
Lawson C. L., Hanson R. J. (1995), Solving Least Squares Problems, chapter 23 (bounded least
squares). Nocedal J., Wright S. J. (2006), Numerical Optimization, chapters 3 and 16.
"""

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import lsq_linear
from scipy.special import expit

_ROWS_AT_ONCE = 4096
_MOST_STEPS, _MOST_HALVINGS = 100, 40
_ENOUGH, _CLOSE = 1e-4, 1e-10


def fit_bounded_logit(
    design: np.ndarray, outcome: np.ndarray, penalty: np.ndarray, lower: np.ndarray
) -> tuple[np.ndarray, int]:
    """Minimise the logistic loss and half the penalised squares, no coefficient below its bound.

    Parameters
    ----------
    design : ndarray of float, shape (n, p)
        With a constant column where there is to be an intercept.
    outcome : ndarray of float, shape (n,)
        0 or 1, both occurring.
    penalty : ndarray of float, shape (p,)
        Weight of each squared coefficient, 0 for the intercept.
    lower : ndarray of float, shape (p,)
        0 or less; ``-inf`` where free.

    Returns
    -------
    coefficients : ndarray of float, shape (p,)
    steps : int

    Raises
    ------
    FloatingPointError
        When the search does not end: the columns are no finite numbers of similar size.
    """
    at = np.zeros(design.shape[1])
    linear = np.zeros(len(outcome))
    loss = _take_loss(linear, outcome, at, penalty)
    for step in range(1, _MOST_STEPS + 1):
        expected = expit(linear)
        slope = design.T @ (expected - outcome) + penalty * at
        curve = _weigh_products(design, expected * (1 - expected))
        # a trace on the diagonal: columns that repeat others stay solvable
        curve[np.diag_indices_from(curve)] += penalty + 1e-10 * (1 + np.trace(curve))
        move = _minimise_within(curve, slope, at, lower) - at
        promised = -(slope @ move + move @ curve @ move / 2)
        if promised <= _CLOSE * (1 + abs(loss)):
            return at, step
        moved = design @ move
        for halving in range(_MOST_HALVINGS):
            share = 0.5**halving
            following = _take_loss(linear + share * moved, outcome, at + share * move, penalty)
            if following <= loss - _ENOUGH * share * promised:
                break
        else:
            return at, step  # nothing to gain within the precision of the loss
        at, linear, loss = at + share * move, linear + share * moved, following
    raise FloatingPointError(f"no solution after {_MOST_STEPS} steps")


def _take_loss(
    linear: np.ndarray, outcome: np.ndarray, at: np.ndarray, penalty: np.ndarray
) -> float:
    fit = np.logaddexp(0, linear).sum() - outcome @ linear
    return float(fit + penalty @ at**2 / 2)


def _weigh_products(design: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted products of all pairs of columns, rows in pieces that fit the cache."""
    total = np.zeros((design.shape[1],) * 2)
    for start in range(0, len(design), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        total += (design[rows].T * weights[rows]) @ design[rows]
    return total


def _minimise_within(
    curve: np.ndarray, slope: np.ndarray, at: np.ndarray, lower: np.ndarray
) -> np.ndarray:
    """Minimise the quadratic around a point, as least squares on the Cholesky factor."""
    factor = np.linalg.cholesky(curve)
    aim = factor.T @ at - solve_triangular(factor, slope, lower=True)
    free = solve_triangular(factor.T, aim)
    if (free >= lower).all():
        return free
    return lsq_linear(factor.T, aim, bounds=(lower, np.inf), method="bvls").x
