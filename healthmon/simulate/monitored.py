"""Newly listed households of the three kinds: when verified at home, when helped (KF-2)."""

import numpy as np
import pandas as pd

from healthmon.simulate.geography import Geography
from healthmon.simulate.households import Households
from healthmon.simulate.months import NEVER, Calendar, day_of_month, same_day_next_month
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams

WEEK = 7
"""Days from listing within which a household is verified, the last one included."""


def monitor(
    settings: Settings,
    streams: Streams,
    places: Geography,
    households: Households,
    calendar: Calendar,
) -> pd.DataFrame:
    """Draw how long verification and measures took: longer in weak counties, for some for ever.

    Returns
    -------
    DataFrame
        One row a listing within the months: household, listed_day, verified_day, measures_day
        (NEVER: not yet).
    """
    rng = streams["monitored"]
    listed = listed_day(households)
    is_listed = (listed >= calendar.start) & (listed < calendar.end)
    household = np.flatnonzero(is_listed & (listed < households.removed_day))
    listed = listed[household]
    weakness = places.counties["weakness"].to_numpy()[households.county[household]]
    slow, more, a_week, a_month, never = settings.numbers("monitored_delays")
    u, v, w = rng.random((3, len(household)))
    verified = listed + rng.integers(2, 7, len(household))
    tardy = slow + more * weakness
    verified += np.where(u < tardy, 1 + rng.exponential(a_week, len(u)), 0).astype(np.int64)
    measures = listed + rng.integers(10, 26, len(household))
    measures += np.where(v < tardy, 1 + rng.exponential(a_month, len(u)), 0).astype(np.int64)
    measures = np.maximum(measures, verified + 1)
    is_lost = w < 2 * never * weakness
    verified = np.where(is_lost & (w < never * weakness), NEVER, verified)
    measures = np.where(is_lost, NEVER, measures)
    off = households.removed_day[household]
    able = np.flatnonzero(same_day_next_month(listed) + 1 < np.minimum(off, calendar.end))
    _put_on_the_last_days(settings, rng.permutation(able), listed, verified, measures)
    return pd.DataFrame(
        {
            "household": household,
            "listed_day": listed,
            "verified_day": np.where(verified < off, verified, NEVER),
            "measures_day": np.where(measures < off, measures, NEVER),
        }
    )


def listed_day(households: Households) -> np.ndarray:
    """Day on which each household became one of the three kinds: at first, or by a change."""
    added = np.where(households.added_day > 0, households.added_day, NEVER)
    return np.minimum(households.unstable_day, added)


def _put_on_the_last_days(
    settings: Settings,
    able: np.ndarray,
    listed: np.ndarray,
    verified: np.ndarray,
    measures: np.ndarray,
) -> None:
    """Verify and help a few on the last day in time and on the day after; arrays are changed.

    Among them listings on days that the next month does not have.

    Parameters
    ----------
    able : array of int
        Places of the listings to choose from, the first ones first.
    """
    few = int(settings.number("monitored_on_the_line"))
    due = same_day_next_month(listed)
    is_short = day_of_month(due) < day_of_month(listed)
    able = np.r_[able[is_short[able]][: 2 * few], able[~is_short[able]]]
    verified[able[: 4 * few]] = np.minimum(verified[able[: 4 * few]], listed[able[: 4 * few]] + 6)
    for place, one in enumerate(able[: 4 * few]):
        measures[one] = due[one] + place % 2
    for place, one in enumerate(able[4 * few : 6 * few]):
        verified[one] = listed[one] + WEEK + place % 2
        measures[one] = max(measures[one], verified[one] + 1)
