"""Referrals to hospitals outside the county, for most of the stays there (KF-6)."""

import numpy as np
import pandas as pd

from healthmon.simulate.facilities import Facilities
from healthmon.simulate.geography import Geography
from healthmon.simulate.health_tables import facility_counties
from healthmon.simulate.households import Households, Persons
from healthmon.simulate.months import Calendar
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.visits import (
    INPATIENT,
    Visits,
    facility_offsets,
    pick_county_hospital,
)

_MONTH = 31
WINDOW = 30
"""Days before admission within which a referral must lie; the day itself counts."""


def refer(
    settings: Settings,
    streams: Streams,
    places: Geography,
    facilities: Facilities,
    households: Households,
    persons: Persons,
    hospital: np.ndarray,
    visits: Visits,
    calendar: Calendar,
) -> pd.DataFrame:
    """Draw the referrals: fewer from weak counties, a few too old or on the last day that counts.

    Parameters
    ----------
    hospital : array of int
        The township hospital that looks after each person's village.

    Returns
    -------
    DataFrame
        person, day, facility (that refers, in the list of all), level (referred to); one row a
        person and day, in the order of the days.
    """
    rng = streams["referrals"]
    stay = stays_outside(places, facilities, households, persons, visits)
    county = households.county[persons.household[visits.person[stay]]]
    best, fall, mean_days, on_last_day, too_old = settings.numbers("referred_stays")
    u, v = rng.random((2, len(stay)))
    is_referred = u < best - fall * places.counties["weakness"].to_numpy()[county]
    days = np.minimum(rng.exponential(mean_days, len(stay)).astype(np.int64), WINDOW - 1)
    days = np.where(v < on_last_day, WINDOW, days)
    late = WINDOW + 1 + np.minimum(rng.exponential(10, len(stay)).astype(np.int64), 60)
    is_late = ~is_referred & (v < too_old)
    admitted = visits.visit_day[stay].astype(np.int64)
    # nothing is delivered of the months before the first: who was referred then is so on its day
    day = np.where(is_late, admitted - late, np.maximum(admitted - days, calendar.start))
    by_county = rng.random(len(stay)) < 0.5
    offsets = facility_offsets(facilities)
    at_county = pick_county_hospital(facilities, places, county, rng.random(len(stay)))
    at_township = hospital[visits.person[stay]] + offsets["township"]
    referrals = pd.DataFrame(
        {
            "person": visits.person[stay].astype(np.int64),
            "day": day,
            "facility": np.where(by_county, at_county + offsets["county"], at_township),
            "level": visits.level[stay],
            "settled_day": visits.settled_day[stay],
        }
    )
    referrals = referrals[(is_referred | is_late) & (day >= calendar.start)]
    referrals = pd.concat([referrals, _to_stays_not_yet_settled(referrals, calendar)])
    referrals = referrals.drop_duplicates(["person", "day"]).drop(columns="settled_day")
    return referrals.sort_values(["day", "person"], ignore_index=True)


def _to_stays_not_yet_settled(referrals: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Refer patients to stays that go on after the last day, as many as there were a month before.

    The visits hold settled stays alone, so that the last month would have half its referrals.
    """
    day, settled = referrals["day"] + _MONTH, referrals["settled_day"] + _MONTH
    return referrals.assign(day=day)[(day < calendar.end) & (settled >= calendar.end)]


def stays_outside(
    places: Geography,
    facilities: Facilities,
    households: Households,
    persons: Persons,
    visits: Visits,
) -> np.ndarray:
    """List the inpatient stays in another county than the patient's."""
    home = households.county[persons.household[visits.person]]
    is_outside = facility_counties(places, facilities, visits) != home
    return np.flatnonzero((visits.kind == INPATIENT) & is_outside)
