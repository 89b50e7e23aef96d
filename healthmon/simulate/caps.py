"""What stays cost outside the policy scope, held to the caps of KF-3 from a year on."""

import numpy as np

from healthmon.simulate.assistance import Assistance
from healthmon.simulate.facilities import LEVEL_1
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import POOR, Households, Persons
from healthmon.simulate.months import year_start
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.visits import INPATIENT, Visits

WHOLE_BP = 10_000


def stay_caps(settings: Settings, visits: Visits) -> np.ndarray:
    """Return the cap of each settlement in hundredths of a percent of its total; -1 for none.

    Stays alone have one, in hospitals of level 1 to 3.
    """
    by_level = settings.numbers("stay_caps_bp").astype(np.int64)
    cap = np.where(visits.level >= LEVEL_1, by_level[visits.level - LEVEL_1], -1)
    return np.where(visits.kind == INPATIENT, cap, -1)


def protected(
    households: Households,
    persons: Persons,
    assistance: Assistance,
    person: np.ndarray,
    day: np.ndarray,
) -> np.ndarray:
    """Say whom the caps protect on a day, by household or by assistance.

    Out of poverty and monitored households while on the register, 特困 and 低保 while paid.

    Parameters
    ----------
    person, day : arrays of int
        One entry a settlement.
    """
    household = persons.household[person]
    is_lifted = (households.kind[household] != POOR) | (day >= households.lifted_day[household])
    is_there = (persons.joined_day[person] <= day) & (day < persons.left_day[person])
    table = assistance.recipients
    table = table[table["person"] < len(persons)]
    start, stop = np.zeros((2, len(persons)), np.int64)
    start[table["person"]], stop[table["person"]] = table["start_day"], table["stop_day"]
    return (is_lifted & is_there) | ((start[person] <= day) & (day < stop[person]))


def hold_to_caps(
    settings: Settings,
    streams: Streams,
    places: Geography,
    households: Households,
    persons: Persons,
    assistance: Assistance,
    visits: Visits,
    total: np.ndarray,
    out_of_scope: np.ndarray,
) -> np.ndarray:
    """Lower what is out of scope where it exceeds the cap, for most stays.

    A few stays are put exactly on the cap and a few one fen above it.

    Parameters
    ----------
    total, out_of_scope : arrays of int
        In fen, one entry a settlement.

    Returns
    -------
    array of int
        Out of scope in fen.
    """
    rng = streams["caps"]
    from_year, kept, more, least = settings.numbers("caps_kept")
    cap = stay_caps(settings, visits)
    is_held = (cap >= 0) & (visits.settled_day >= year_start(int(from_year)))
    rows = np.flatnonzero(is_held)
    people = (households, persons, assistance)
    rows = rows[protected(*people, visits.person[rows], visits.settled_day[rows])]
    share, limit = cap[rows], total[rows] * cap[rows]
    weakness = places.counties["weakness"].to_numpy()
    county = households.county[persons.household[visits.person[rows]]]
    is_above = out_of_scope[rows] * WHOLE_BP > limit
    is_above &= rng.random(len(rows)) >= kept + more * weakness[county]
    lower = total[rows] * (share * (least + (1 - least) * rng.random(len(rows)))).astype(np.int64)
    held = out_of_scope.copy()
    held[rows] = np.where(is_above, lower // WHOLE_BP, out_of_scope[rows])
    few = int(settings.number("stays_on_the_cap"))
    for level in np.unique(share):
        even = rng.permutation(rows[(share == level) & (limit % WHOLE_BP == 0)])
        held[even[:few]] = total[even[:few]] * level // WHOLE_BP
        held[even[few : 2 * few]] = total[even[few : 2 * few]] * level // WHOLE_BP + 1
    return held
