"""The health department's tables of what is done for persons and households, as delivered."""

import numpy as np
import pandas as pd

from healthmon.simulate import words
from healthmon.simulate.care import Care
from healthmon.simulate.csv_tables import Table, dates, taken
from healthmon.simulate.csv_tables import words as word_column
from healthmon.simulate.facilities import Facilities
from healthmon.simulate.geography import Geography
from healthmon.simulate.health_tables import facility_texts, in_months, lay_table, who
from healthmon.simulate.households import Persons
from healthmon.simulate.months import NEVER, Calendar
from healthmon.simulate.register_tables import Identity
from healthmon.simulate.teams import team_codes

_EXISTING, _ADDED, _UPDATED, _REMOVED = range(4)


def unsigned_table(
    persons: Persons, ledger: pd.DataFrame, identity: Identity, calendar: Calendar
) -> Table:
    """Lay out who is entered, what is done about whom, and who is taken off."""
    listed, acted, removed = (
        ledger[name].to_numpy() for name in ("listed_day", "acted_day", "removed_day")
    )
    every = np.arange(len(ledger))
    later = every[acted > listed]
    entered = np.where(listed <= calendar.start, _EXISTING, _ADDED)
    row = np.r_[every, later, every]
    day = np.r_[listed, acted[later], removed]
    change = np.r_[entered, np.full(len(later), _UPDATED), np.full(len(every), _REMOVED)]
    row, day, change = in_months(calendar, row, day, change)
    is_done = acted[row] <= day
    person = ledger["person"].to_numpy()[row]
    first, later_class, action = (
        ledger[name].to_numpy()[row] for name in ("first_class", "class", "action")
    )
    columns = (
        *who(identity, person),
        word_column(words.UNSIGNED_CLASSES, np.where(is_done, later_class, first)),
        word_column(words.UNSIGNED_ACTIONS, np.where(is_done, action, -1)),
        dates(np.where(is_done, acted[row], NEVER)),
        word_column(words.UNSIGNED_CHANGES, change),
        dates(day),
    )
    return lay_table("unsigned_persons", columns, calendar.month_of(day), persons, person)


def check_table(
    checks: pd.DataFrame, care: Care, facilities: Facilities, identity: Identity, calendar: Calendar
) -> Table:
    """Lay out the telephone checks."""
    person, day = checks["person"].to_numpy(), checks["day"].to_numpy()
    household = checks["household"].to_numpy()
    teams, place = team_codes(facilities, care.hospital[person], care.team[person])
    columns = (
        taken(identity.household_numbers, household),
        taken(teams, place),
        dates(day),
        word_column(words.CALL_RESULTS, checks["result"].to_numpy()),
    )
    name = "telephone_checks"
    return Table(name, words.HEADERS[name], columns, calendar.month_of(day), household)


def referral_table(
    places: Geography, facilities: Facilities, persons: Persons, referrals: pd.DataFrame,
    identity: Identity, calendar: Calendar,
) -> Table:  # fmt: skip
    """Lay out the referrals."""
    person, day = referrals["person"].to_numpy(), referrals["day"].to_numpy()
    columns = (
        *who(identity, person),
        dates(day),
        taken(facility_texts(places, facilities)[0], referrals["facility"].to_numpy()),
        word_column(words.LEVELS, referrals["level"].to_numpy()),
    )
    return lay_table("referrals", columns, calendar.month_of(day), persons, person)


def monitored_table(monitored: pd.DataFrame, identity: Identity, calendar: Calendar) -> Table:
    """Lay out each listing when it is made, and again with each day that becomes known."""
    listed, verified, measures = (
        monitored[name].to_numpy() for name in ("listed_day", "verified_day", "measures_day")
    )
    every = np.arange(len(monitored))
    row, day = np.tile(every, 3), np.r_[listed, verified, measures]
    row, day, _ = in_months(calendar, row, day, np.zeros(len(row), np.int8))
    is_same = np.r_[False, (row[1:] == row[:-1]) & (day[1:] == day[:-1])]
    row, day = row[~is_same], day[~is_same]
    household = monitored["household"].to_numpy()[row]
    columns = (
        taken(identity.household_numbers, household),
        dates(listed[row]),
        dates(np.where(verified[row] <= day, verified[row], NEVER)),
        dates(np.where(measures[row] <= day, measures[row], NEVER)),
        dates(day),
    )
    name = "monitored_households"
    return Table(name, words.HEADERS[name], columns, calendar.month_of(day), household)
