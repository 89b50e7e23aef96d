"""Calls to households' numbers on record, to see whether the teams keep them up (GZ-10)."""

import numpy as np
import pandas as pd

from healthmon.simulate.care import Care
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import Households, Persons
from healthmon.simulate.months import NEVER, Calendar
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams

VALID, UNASSIGNED, SUSPENDED, WRONG_HOUSEHOLD, NO_ANSWER = range(5)
_LEAST = 3
"""Calls a county and month, however small it is."""


def call_households(
    settings: Settings,
    streams: Streams,
    places: Geography,
    households: Households,
    persons: Persons,
    care: Care,
    calendar: Calendar,
    scale: float,
) -> pd.DataFrame:
    """Draw which households under contract are called each month, and what comes of it.

    Whether a household's number is out of date is the household's own; weak counties have more.

    Returns
    -------
    DataFrame
        household, person (the first one under contract: whose team it is), day, result; in the
        order of the days.
    """
    rng = streams["telephone"]
    wanted, no_answer, stale, more = settings.numbers("telephone_checks")
    chance = stale + more * places.counties["weakness"].to_numpy()[households.county]
    is_stale = rng.random(len(households)) < chance
    what = rng.integers(UNASSIGNED, WRONG_HOUSEHOLD + 1, len(households))
    household, day = _choose(rng, places, households, calendar, wanted * scale)
    is_silent = rng.random(len(household)) < no_answer
    result = np.where(is_stale, what, VALID)[household]
    checks = pd.DataFrame(
        {
            "household": household,
            "person": _first_signed(persons, care, len(households))[household],
            "day": day,
            "result": np.where(is_silent, NO_ANSWER, result),
        }
    )
    signed = np.r_[care.signed_day, NEVER][checks["person"]]
    is_there = (signed <= day) & (households.removed_day[household] > day)
    checks = checks[is_there].drop_duplicates(["household", "day"])
    return checks.sort_values(["day", "household"], ignore_index=True)


def _choose(
    rng: np.random.Generator,
    places: Geography,
    households: Households,
    calendar: Calendar,
    a_month: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Choose households and days, in every county in proportion to its households."""
    months, counties = len(calendar.months), len(places.counties)
    order = np.argsort(households.county, kind="stable")
    size = np.bincount(households.county, minlength=counties)
    each = np.maximum(np.rint(a_month * size / len(households)).astype(int), _LEAST)
    county = np.repeat(np.tile(np.arange(counties), months), np.tile(each, months))
    month = np.repeat(np.arange(months), each.sum())
    first = (np.cumsum(size) - size)[county]
    household = order[first + (rng.random(len(county)) * size[county]).astype(np.int64)]
    length = np.diff(calendar.starts)[month]
    return household, calendar.starts[month] + (rng.random(len(county)) * length).astype(np.int64)


def _first_signed(persons: Persons, care: Care, count: int) -> np.ndarray:
    """Return each household's first person under contract, -1 where there is none."""
    first = np.full(count, -1)
    signed = np.flatnonzero(care.signed_day < NEVER)[::-1]
    first[persons.household[signed]] = signed
    return first
