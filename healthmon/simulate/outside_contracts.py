"""Contracts of persons on social assistance who are not on the poverty register (KF-5)."""

import numpy as np
import pandas as pd

from healthmon.simulate.assistance import Assistance
from healthmon.simulate.care import Care, hospitals_of_villages
from healthmon.simulate.facilities import Facilities
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import Persons
from healthmon.simulate.months import NEVER, Calendar
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams


def sign_outsiders(
    settings: Settings,
    streams: Streams,
    places: Geography,
    facilities: Facilities,
    persons: Persons,
    assistance: Assistance,
    care: Care,
    calendar: Calendar,
) -> pd.DataFrame:
    """Draw who of the recipients outside the register signs, when and with which team.

    Weak townships reach fewer. Recipients in towns go to a township hospital of their county.

    Returns
    -------
    DataFrame
        One row a contract, by person: person (behind those of the register), signed_day,
        hospital, team (one of the hospital's).
    """
    rng = streams["outside_contracts"]
    rows = assistance.recipients
    rows = rows[rows["person"] >= len(persons)].drop_duplicates("person").sort_values("person")
    village = np.where(rows["village"] < 0, _first_villages(places)[rows["county"]],
                       rows["village"])  # fmt: skip
    weakness = places.townships["weakness"].to_numpy()[places.villages["township"][village]]
    share, later = settings.numbers("contract_share_outside")
    u = rng.random(len(rows)) + 0.3 * (weakness - 0.3)
    begin = rows["start_day"].to_numpy()
    before = calendar.start - rng.integers(1, 900, len(rows))
    during = rng.integers(calendar.start, calendar.end, len(rows))
    signed = np.where(u < share, before, np.where(u < later, during, NEVER))
    is_late = (begin >= calendar.start) & (signed < begin)
    signed = np.where(is_late, begin + rng.integers(5, 200, len(rows)), signed)
    hospital = hospitals_of_villages(places, facilities)[village]
    teams = _count_teams(care, len(facilities.township))[hospital]
    team = 1 + (rng.random(len(rows)) * teams).astype(np.int64)
    table = pd.DataFrame(
        {"person": rows["person"], "signed_day": signed, "hospital": hospital, "team": team}
    )
    return table[signed < np.minimum(rows["stop_day"], calendar.end)].reset_index(drop=True)


def _first_villages(places: Geography) -> np.ndarray:
    """Give each county one of its villages."""
    first = places.villages.reset_index().groupby("county")["index"].min()
    return first.reindex(range(len(places.counties)), fill_value=0).to_numpy()


def _count_teams(care: Care, hospitals: int) -> np.ndarray:
    """Count each hospital's teams, at least one."""
    most = np.ones(hospitals, np.int64)
    has = care.signed_day < NEVER
    np.maximum.at(most, care.hospital[has], care.team[has])
    return most
