"""The change of a rate over some months, and whether it is more than noise."""

import numpy as np
import pandas as pd

from healthmon.standing.intervals import wilson_interval

UP, DOWN, STEADY = "up", "down", "steady"


def measure_trend(months: pd.DataFrame, keys: list[str], interval_pct: float) -> pd.DataFrame:
    """Compare the last month of each series with the first one that has a case.

    Parameters
    ----------
    months : DataFrame
        `keys`, ``month``, ``numerator``, ``denominator``, ``undetermined``.
    keys : list of str
        What names a series.
    interval_pct : float
        Confidence of the change, in percent.

    Returns
    -------
    DataFrame
        One row a series, by `keys`: ``first_month``, ``first_rate``, ``last_rate`` (shares of the
        determined), ``change_points`` (percentage points), ``change_lower``, ``change_upper`` and
        ``trend``: ``up`` or ``down`` where the interval leaves no doubt, else ``steady``; empty
        where there are not two months with a case.

    Notes
    -----
    The two months are compared as if they counted different persons. Mostly they count the same
    ones, whose state lasts; the true noise is then smaller, and a change that is seen here is seen
    in spite of that. The months between are not used: twelve counts of the same persons are not
    twelve samples. One in twenty series that stand still shows a change at 95 %. The interval
    holds whatever the undetermined of both months turn out to be.

    References
    ----------
    Newcombe, R. (1998), Interval estimation for the difference between independent proportions,
    method 10: from the two Wilson intervals.
    """
    with_cases = months[months["denominator"] > 0].sort_values([*keys, "month"], kind="stable")
    groups = with_cases.groupby(keys, sort=False)
    first, last = groups.head(1).set_index(keys), groups.tail(1).set_index(keys)
    last = last.reindex(first.index)
    low, high = (
        _difference(first, last, interval_pct, end) for end in ("lowest", "highest")
    )  # each end with the undetermined turned against it
    before, now = _rate_determined(first), _rate_determined(last)
    trend = np.select([low > 0, high < 0], [UP, DOWN], STEADY)
    is_one = (first["month"] == last["month"]).to_numpy()
    found = pd.DataFrame(
        {
            "first_month": first["month"],
            "first_rate": before,
            "last_rate": now,
            "change_points": np.where(is_one, np.nan, 100 * (now - before)),
            "change_lower": np.where(is_one, np.nan, 100 * low),
            "change_upper": np.where(is_one, np.nan, 100 * high),
            "trend": np.where(is_one, "", trend),
        },
        index=first.index,
    )
    return found.reset_index()


def _difference(
    first: pd.DataFrame, last: pd.DataFrame, interval_pct: float, end: str
) -> np.ndarray:
    """Return one end of the interval of the last rate less the first one."""
    at_first, at_last = (
        part["numerator"] + part["undetermined"] * counts
        for part, counts in ((first, end == "lowest"), (last, end == "highest"))
    )
    p1, p2 = (
        count.to_numpy(float) / part["denominator"].to_numpy(float)
        for count, part in ((at_first, first), (at_last, last))
    )
    l1, u1 = wilson_interval(at_first, first["denominator"], interval_pct)
    l2, u2 = wilson_interval(at_last, last["denominator"], interval_pct)
    if end == "lowest":
        return p2 - p1 - np.hypot(p2 - l2, u1 - p1)
    return p2 - p1 + np.hypot(u2 - p2, p1 - l1)


def _rate_determined(rows: pd.DataFrame) -> np.ndarray:
    determined = (rows["denominator"] - rows["undetermined"]).to_numpy(float)
    known = np.where(determined > 0, determined, np.nan)
    return rows["numerator"].to_numpy(float) / known
