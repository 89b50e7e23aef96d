"""Intervals of rates, and ranks that places can have because of them."""

import numpy as np
from numpy.typing import ArrayLike


def wilson_interval(
    count: ArrayLike, of: ArrayLike, interval_pct: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper ends of Wilson's interval of each share.

    Parameters
    ----------
    count, of : array of int
    interval_pct : float
        Confidence, in percent.

    Returns
    -------
    tuple of arrays
        Shares, 0-1; not a number where `of` is 0.

    References
    ----------
    Wilson, E. (1927), Probable inference, the law of succession, and statistical inference.
    """
    # here, because it takes two seconds to import
    from statsmodels.stats.proportion import proportion_confint

    count, of = np.asarray(count, float), np.asarray(of, float)
    of = np.where(of > 0, of, np.nan)
    lower, upper = proportion_confint(count, of, 1 - interval_pct / 100, method="wilson")
    return np.clip(lower, 0, 1), np.clip(upper, 0, 1)


def possible_interval(
    numerator: ArrayLike, denominator: ArrayLike, undetermined: ArrayLike, interval_pct: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's intervals, widened to all that the undetermined may turn out to be.

    From the lower end with none of them counting to the upper end with all of them counting.

    Parameters
    ----------
    numerator, denominator, undetermined : array of int
        The undetermined are in the denominator and not in the numerator.
    interval_pct : float
        Confidence, in percent.

    Returns
    -------
    tuple of arrays
        Shares, 0-1; not a number where the denominator is 0.
    """
    most = np.asarray(numerator) + np.asarray(undetermined)
    lower, _ = wilson_interval(numerator, denominator, interval_pct)
    _, upper = wilson_interval(most, denominator, interval_pct)
    return lower, upper


def rank_ranges(lower: ArrayLike, upper: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the best and the worst rank that each place can have; more is better.

    Only places whose intervals lie wholly above stand before a place, and only those whose
    intervals lie wholly below stand behind it.

    Parameters
    ----------
    lower, upper : array of float
        Not a number for places that are not ranked.

    Returns
    -------
    tuple of arrays of float
        From 1 on; not a number where the interval is.
    """
    lower, upper = np.asarray(lower, float), np.asarray(upper, float)
    is_known = ~(np.isnan(lower) | np.isnan(upper))
    lows, highs = np.sort(lower[is_known]), np.sort(upper[is_known])
    best = 1 + len(lows) - np.searchsorted(lows, upper, side="right")
    worst = len(highs) - np.searchsorted(highs, lower, side="left")
    return np.where(is_known, best, np.nan), np.where(is_known, worst, np.nan)
