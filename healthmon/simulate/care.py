"""Family doctors' contracts and follow-up visits to chronic patients."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.simulate.facilities import Facilities
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import MARGINAL, Households, Persons
from healthmon.simulate.illness import TUBERCULOSIS, Illness
from healthmon.simulate.months import NEVER, Calendar
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.teams import number_teams

INTERVAL = 80
"""Days from visit to visit, so that whoever is visited at all is so in every quarter."""


@dataclass
class Care:
    """Contracts and visits.

    ``signed_day`` and ``team`` by person (NEVER: no contract); ``visits``: patient (row of the
    chronic table), visit_day, mode, also of the five months before the first day; ``hospital`` by
    person: the township hospital that looks after the village.
    """

    signed_day: np.ndarray
    team: np.ndarray
    visits: pd.DataFrame
    hospital: np.ndarray


def look_after(
    settings: Settings,
    streams: Streams,
    places: Geography,
    facilities: Facilities,
    households: Households,
    persons: Persons,
    illness: Illness,
    calendar: Calendar,
) -> Care:
    """Draw contracts and visits; weak townships reach fewer patients, and all improve."""
    village = households.village[persons.household]
    hospital = hospitals_of_villages(places, facilities)[village]
    weakness = township_weakness(places, households, persons)
    signed = _sign(settings, streams["contracts"], persons, illness, weakness, calendar)
    team = number_teams(
        settings, streams["teams"], hospital, _weakness_of_hospitals(places, facilities),
        (signed < NEVER) & (persons.left_day >= calendar.end) & is_poor(households, persons),
    )  # fmt: skip
    visits = _visit(settings, streams["follow_up"], illness, weakness, signed, calendar)
    return Care(signed, team, visits, hospital)


def is_poor(households: Households, persons: Persons) -> np.ndarray:
    """Say who belongs to a household on the poverty register, not only to a monitored one."""
    return households.kind[persons.household] < MARGINAL


def township_weakness(places: Geography, households: Households, persons: Persons) -> np.ndarray:
    """Weakness of the township that serves each person's village, 0 to 1."""
    township = places.villages["township"].to_numpy()[households.village[persons.household]]
    return places.townships["weakness"].to_numpy()[township]


def _weakness_of_hospitals(places: Geography, facilities: Facilities) -> np.ndarray:
    return places.townships["weakness"].to_numpy()[facilities.township["township"]]


def hospitals_of_villages(places: Geography, facilities: Facilities) -> np.ndarray:
    """Give each village one of its township's hospitals, in turn where there are two."""
    table = facilities.township
    first = table.reset_index().groupby("township")["index"].min()
    count = table.groupby("township").size()
    township = places.villages["township"]
    turn = np.arange(len(township)) % township.map(count).to_numpy()
    return township.map(first).to_numpy() + turn


def _sign(
    settings: Settings,
    rng: np.random.Generator,
    persons: Persons,
    illness: Illness,
    weakness: np.ndarray,
    calendar: Calendar,
) -> np.ndarray:
    """Draw days of signature; patients are signed first, and nearly everybody in the end."""
    is_patient = np.zeros(len(persons), bool)
    is_patient[illness.chronic["person"]] = True
    base, later = settings.numbers("contract_share_patients")
    share = base - 0.34 * (weakness - 0.3)
    final = np.minimum(share + (later - base), 0.99)
    first, last = settings.numbers("contract_share_others")
    behind = 0.2 * (weakness - 0.3)
    share = np.where(is_patient, share, np.minimum(first - behind, 0.995))
    final = np.where(is_patient, final, np.minimum(last - behind, 0.995))
    u = rng.random(len(persons))
    before = calendar.start - rng.integers(1, 900, len(persons))
    during = rng.integers(calendar.start, calendar.end, len(persons))
    signed = np.where(u < share, before, np.where(u < final, during, NEVER))
    begin = np.maximum(persons.joined_day, persons.birth_day + 60)
    late = begin + rng.integers(5, 200, len(persons))
    signed = np.where((signed < begin) & (begin > calendar.start), late, signed)
    signed = np.where(signed < persons.birth_day, late, signed)
    return np.where(signed < np.minimum(persons.left_day, calendar.end), signed, NEVER)


def _visit(
    settings: Settings,
    rng: np.random.Generator,
    illness: Illness,
    weakness: np.ndarray,
    signed: np.ndarray,
    calendar: Calendar,
) -> pd.DataFrame:
    """Draw a visit in each interval of each patient, or none."""
    chronic = illness.chronic
    person = chronic["person"].to_numpy()
    begin = np.maximum(chronic["known_day"].to_numpy(), calendar.start - 2 * INTERVAL)
    end = np.minimum(chronic["removed_day"].to_numpy(), calendar.end)
    turns = (end - begin + INTERVAL - 1) // INTERVAL
    row = np.repeat(np.arange(len(chronic)), turns)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(turns) - turns, turns)
    phase = rng.integers(0, INTERVAL - 10, len(chronic))
    visit = begin[row] + turn * INTERVAL + phase[row] + rng.integers(0, 10, len(row))
    base, a_year = settings.numbers("follow_up_share")
    share = base - 0.42 * (weakness[person] - 0.3)
    share = share - 0.25 * (signed[person] >= NEVER)
    share = share + 0.05 * (chronic["disease"].to_numpy() == TUBERCULOSIS)
    chance = share[row] + a_year * (visit - calendar.start) / 365.25
    is_made = (rng.random(len(row)) < np.clip(chance, 0.2, 0.985)) & (visit < end[row])
    mode = (rng.random(len(row)) > 0.55).astype(np.int8) + (rng.random(len(row)) > 0.85)
    visits = pd.DataFrame({"patient": row, "visit_day": visit, "mode": mode})[is_made]
    return visits.sort_values(["visit_day", "patient"], ignore_index=True)
