"""A handful of households at exactly 1,560.00 yuan a head: on the line, not above it."""

import numpy as np
import pandas as pd

from healthmon.simulate.costs import Money
from healthmon.simulate.households import UNSTABLE, Households, Persons
from healthmon.simulate.months import Calendar, year_of
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.visits import INPATIENT, Visits


def put_on_the_line(
    settings: Settings,
    streams: Streams,
    households: Households,
    persons: Persons,
    visits: Visits,
    money: Money,
    spending: np.ndarray,
    members: np.ndarray,
    delivered: np.ndarray,
    calendar: Calendar,
) -> pd.DataFrame:
    """Change one settlement of a few households so that their year comes to the line exactly.

    Total and out-of-pocket change by the same amount, so that the parts still add up; ``money``
    and ``spending`` are changed in place. Chosen are households with all settlements delivered.

    Returns
    -------
    DataFrame
        household (number), year, member_count, oop_fen.
    """
    rng = streams["exact"]
    line = int(settings.number("help_threshold_yuan") * 100)
    wanted = int(settings.number("exact_households"))
    owner = persons.household[visits.person]
    late = np.zeros(len(households), bool)
    late[owner[delivered != calendar.month_of(visits.settled_day)]] = True
    years = year_of(visits.settled_day)
    rows = []
    for place, year in enumerate(calendar.years):
        gap = line * members[place] - spending[place]
        near = (np.abs(gap) < 150_000) & (spending[place] > 0) & ~late
        near &= (households.kind <= UNSTABLE) & (members[place] > 0)
        able = (years == year) & (visits.kind == INPATIENT) & near[owner]
        able &= money.out_of_pocket + gap[owner] > money.out_of_scope + 100
        settlement = np.flatnonzero(able)
        settlement = settlement[np.unique(owner[settlement], return_index=True)[1]]
        for one in np.sort(rng.permutation(settlement)[:wanted]):
            house = owner[one]
            money.total[one] += gap[house]
            money.out_of_pocket[one] += gap[house]
            spending[place, house] += gap[house]
            rows.append((house, year, members[place, house], spending[place, house]))
    return pd.DataFrame(rows, columns=["household", "year", "member_count", "oop_fen"])
