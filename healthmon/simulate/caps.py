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

    Stays alone have one; hospitals without a level are primary ones, as those of level 1.
    """
    by_level = settings.numbers("stay_caps_bp").astype(np.int64)
    cap = by_level[np.maximum(visits.level - LEVEL_1, 0)]
    return np.where(visits.kind == INPATIENT, cap, -1)


def protected(
    households: Households,
    persons: Persons,
    assistance: Assistance,
    visits: Visits,
    rows: np.ndarray,
) -> np.ndarray:
    """Say whose stays the caps protect, by household or by assistance.

    Out of poverty and monitored households while on the register, 特困 and 低保 while paid: on the
    day of settlement, or in the stay and not any more then.

    Parameters
    ----------
    rows : array of int
        The settlements asked for.
    """
    person, begin, day = visits.person[rows], visits.visit_day[rows], visits.settled_day[rows]
    household = persons.household[person]
    is_lifted = (households.kind[household] != POOR) | (day >= households.lifted_day[household])
    end = np.minimum(persons.left_day[person], households.removed_day[household])
    is_there = (persons.joined_day[person] <= day) & (begin < end)
    table = assistance.recipients
    table = table[table["person"] < len(persons)]
    start, stop = np.zeros((2, len(persons)), np.int64)
    start[table["person"]], stop[table["person"]] = table["start_day"], table["stop_day"]
    return (is_lifted & is_there) | ((start[person] <= day) & (begin < stop[person]))


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
    rows = rows[protected(*people, visits, rows)]
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
