"""How far a value is from what is usual, by median and median absolute deviation."""

import warnings

import numpy as np


def robust_scores(
    values: np.ndarray, past: np.ndarray, floor: np.ndarray | float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the median of each row of `past` and the modified z-score of each value.

    Parameters
    ----------
    values : array of shape (n,)
    past : array of shape (n, m)
        Not a number where nothing is known.
    floor : float or array of shape (n,)
        The least spread: a series that never moved would make any change infinite.

    Returns
    -------
    tuple of arrays of shape (n,)
        Medians, scores; not a number where nothing is known or the spread is 0.

    References
    ----------
    Iglewicz, B. and Hoaglin, D. (1993), How to Detect and Handle Outliers: 0.6745 (x - median)
    over the median absolute deviation.
    """
    with warnings.catch_warnings():  # a series of which nothing is known is no mistake
        warnings.simplefilter("ignore", RuntimeWarning)
        centre = np.nanmedian(past, axis=1)
        spread = np.nanmedian(np.abs(past - centre[:, None]), axis=1)
        spread = np.maximum(spread, floor)
        return centre, 0.6745 * (values - centre) / np.where(spread > 0, spread, np.nan)


def least_spread(past: np.ndarray, share: float, *, are_events: bool) -> np.ndarray:
    """Return the least spread of each row of `past`: a share of its median.

    Numbers of events scatter by the root of their size even where nothing changes; their spread
    is never taken for less (0.6745 roots, the median deviation of a normal variable).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        centre = np.abs(np.nanmedian(past, axis=1))
    floor = share * centre
    return np.maximum(floor, 0.6745 * np.sqrt(np.maximum(centre, 1))) if are_events else floor
