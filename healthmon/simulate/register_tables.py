"""The poverty register's tables: households, persons, incomes."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from healthmon.simulate import words
from healthmon.simulate.csv_tables import Table, dates, money, numbers, taken
from healthmon.simulate.csv_tables import words as word_column
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import (
    DIED,
    EXISTING,
    HEAD,
    LIFTED,
    MOVED_OUT,
    POOR,
    UNSTABLE,
    UPDATED,
    Households,
    Persons,
)  # fmt: skip
from healthmon.simulate.identity import Names
from healthmon.simulate.incomes import Outcomes
from healthmon.simulate.months import NEVER, Calendar
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams, pick

REMOVED, HOUSEHOLD_UPDATED = 3, 2


@dataclass(frozen=True)
class Identity:
    """What is written of persons and households: names and numbers.

    Persons of the register come first, then recipients of assistance outside it, then doctors.
    """

    names: Names
    person_numbers: pa.Array
    household_numbers: pa.Array
    telephones: pa.Array


@dataclass(frozen=True)
class Traits:
    """Education, capacity to work and disability of every person, and a later state of the two."""

    education: np.ndarray
    labour: np.ndarray
    is_disabled: np.ndarray
    later_labour: np.ndarray
    later_disabled: np.ndarray
    updated_day: np.ndarray


def household_table(
    streams: Streams, places: Geography, households: Households, persons: Persons,
    identity: Identity, calendar: Calendar,
) -> Table:  # fmt: skip
    """Lay out what happens to households, month by month."""
    rng = streams["kinds"]
    count = len(households)
    everyone = np.arange(count)
    is_old = households.added_day < calendar.start
    other = rng.integers(calendar.start + 31, max(calendar.end, calendar.start + 32), count)
    other = np.where(rng.random(count) < 0.05, other, NEVER)
    other = np.where(other > households.added_day, other, NEVER)
    spells = [
        (everyone[is_old], np.full(is_old.sum(), calendar.start), 0),
        (everyone[~is_old], households.added_day[~is_old], 1),
        (everyone, households.lifted_day, HOUSEHOLD_UPDATED),
        (everyone, households.unstable_day, HOUSEHOLD_UPDATED),
        (everyone, other, HOUSEHOLD_UPDATED),
        (everyone, households.removed_day, REMOVED),
    ]
    row, day, change = _stack(spells)
    is_there = (day >= calendar.start) & (day < calendar.end)
    is_there &= (day <= households.removed_day[row]) & (
        (change != HOUSEHOLD_UPDATED) | (day > calendar.start)
    )
    row, day, change = _in_order(calendar, row[is_there], day[is_there], change[is_there])
    row, day, change = _once_a_day(row, day, change)
    kind = households.kind[row]
    kind = np.where((kind == POOR) & (day >= households.lifted_day[row]), LIFTED, kind)
    kind = np.where(day >= households.unstable_day[row], UNSTABLE, kind)
    head = _heads(persons, count)
    codes = pa.array(places.villages["code"])
    columns = (
        taken(identity.household_numbers, row),
        taken(identity.names.utf8, head[row]),
        taken(identity.telephones, row),
        taken(codes, households.village[row]),
        word_column(words.HOUSEHOLD_KINDS, kind),
        word_column(words.CAUSES, households.cause[row]),
        word_column(words.HOUSEHOLD_CHANGES, change),
        dates(day),
    )
    name = "registered_households"
    return Table(name, words.HEADERS[name], columns, calendar.month_of(day), row)


def _heads(persons: Persons, count: int) -> np.ndarray:
    head = np.zeros(count, np.int64)
    rows = np.flatnonzero(persons.relation == HEAD)
    head[persons.household[rows]] = rows
    return head


def name_causes(
    settings: Settings, streams: Streams, households: Households, persons: Persons,
    ill: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Draw the registered main cause: illness for the share known, the iller households first.

    Parameters
    ----------
    ill : array of float
        Diseases by household.
    """
    rng = streams["life"]
    count = len(households)
    frail = np.bincount(persons.household, persons.frailty, minlength=count)
    score = ill + 0.25 * frail + rng.normal(0, 1.1, count)
    share = settings.number("cause_illness_share")
    is_illness = score >= np.quantile(score, 1 - share)
    others = 1 + pick(rng, settings.numbers("other_causes"), count)
    return np.where(is_illness, 0, others).astype(np.int8)


def person_table(
    households: Households, persons: Persons, traits: Traits, settings: Settings,
    identity: Identity, calendar: Calendar,
) -> Table:  # fmt: skip
    """Lay out what happens to persons, month by month."""
    everyone = np.arange(len(persons))
    is_old = persons.joined_day < calendar.start
    updated = np.where(
        (traits.updated_day > persons.joined_day) & (traits.updated_day < persons.left_day),
        traits.updated_day, NEVER,
    )  # fmt: skip
    spells = [
        (everyone[is_old], np.full(is_old.sum(), calendar.start), EXISTING),
        (everyone[~is_old], persons.joined_day[~is_old], persons.joined_how[~is_old]),
        (everyone, updated, UPDATED),
        (everyone, persons.left_day, np.where(persons.left_how == DIED, DIED, MOVED_OUT)),
    ]
    row, day, change = _stack(spells)
    is_there = (day >= calendar.start) & (day < calendar.end)
    row, day, change = _in_order(calendar, row[is_there], day[is_there], change[is_there])
    is_later = day >= updated[row]
    household = persons.household[row]
    columns = (
        taken(identity.household_numbers, household),
        taken(identity.names.utf8, row),
        taken(identity.person_numbers, row),
        word_column(words.RELATIONS, persons.relation[row]),
        word_column(words.SEXES, persons.is_male[row].astype(np.int8)),
        dates(persons.birth_day[row]),
        word_column(
            tuple(settings.list_words("ethnic_groups")), households.ethnic_group[household]
        ),
        word_column(words.EDUCATIONS, traits.education[row]),
        word_column(words.LABOUR, np.where(is_later, traits.later_labour[row], traits.labour[row])),
        word_column(
            words.NO_YES, np.where(is_later, traits.later_disabled[row], traits.is_disabled[row])
        ),
        word_column(words.PERSON_CHANGES, change),
        dates(day),
    )
    name = "registered_persons"
    return Table(name, words.HEADERS[name], columns, calendar.month_of(day), household)


def _stack(spells: list) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row = np.concatenate([spell[0] for spell in spells])
    day = np.concatenate([spell[1] for spell in spells])
    change = np.concatenate([np.broadcast_to(spell[2], spell[0].shape) for spell in spells])
    return row, day, change.astype(np.int8)


def _in_order(
    calendar: Calendar, row: np.ndarray, day: np.ndarray, change: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.lexsort((change, row, day, calendar.month_of(day)))
    return row[order], day[order], change[order]


def _once_a_day(
    row: np.ndarray, day: np.ndarray, change: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Write one update a household and day, not two."""
    is_same = np.r_[
        False, (row[1:] == row[:-1]) & (day[1:] == day[:-1]) & (change[1:] == change[:-1])
    ]
    return row[~is_same], day[~is_same], change[~is_same]


def draw_traits(
    settings: Settings, streams: Streams, persons: Persons, calendar: Calendar
) -> Traits:
    """Draw education, capacity to work and disability by age and hidden frailty."""
    rng = streams["persons"]
    count = len(persons)
    age = persons.age_at(calendar.start)
    u = rng.random(count)
    bands = settings.table("education_by_age")
    table = np.stack([bands[name] for name in ("young", "middle", "old")]).cumsum(axis=1)
    band = np.searchsorted([35, 60], age, side="right")
    education = 1 + (u[:, None] > table[band, :-1]).sum(axis=1)
    education = np.where(age < 19, np.searchsorted([6, 12, 15.5], age, side="right"), education)
    education = np.where((age < 19) & (education > 0), education + 1, education)
    disabled = rng.random(count) < settings.number("disabled_share") * (
        0.4 + 0.3 * np.minimum(persons.frailty, 5) + np.clip(age, 0, 80) / 100
    )
    labour = np.where((age < 16) | (age > 66), 2, np.where((age > 58) | (age < 18), 1, 0))
    labour = np.where((labour == 0) & (rng.random(count) < 0.07 * persons.frailty), 1, labour)
    labour = np.where(disabled & (age >= 16) & (rng.random(count) < 0.45), 3, labour)
    months = (calendar.end - calendar.start) / 30.4
    is_updated = rng.random(count) < settings.number("person_update_rate") * months
    when = rng.integers(calendar.start + 31, max(calendar.end, calendar.start + 32), count)
    worse = is_updated & (rng.random(count) < 0.3)
    return Traits(
        education=education.astype(np.int8),
        labour=labour.astype(np.int8),
        is_disabled=disabled.astype(np.int8),
        later_labour=np.where(worse & (labour == 0), 1, labour).astype(np.int8),
        later_disabled=(disabled | worse).astype(np.int8),
        updated_day=np.where(is_updated, when, NEVER),
    )


def income_table(outcomes: Outcomes, identity: Identity, calendar: Calendar) -> Table:
    """Lay out incomes, each January those of the year before."""
    rows, months, years = [], [], []
    for month in calendar.months_of_january():
        year = int(calendar.months[month][:4]) - 1
        place = outcomes.years.index(year)
        listed = np.flatnonzero(outcomes.is_listed[place])
        rows.append(listed)
        months.append(np.full(len(listed), month))
        years.append(np.full(len(listed), place))
    row, month, place = (
        np.concatenate([np.zeros(0, np.int64), *column]) for column in (rows, months, years)
    )
    columns = (
        taken(identity.household_numbers, row),
        numbers(np.array(outcomes.years)[place]),
        money(outcomes.income[place, row]),
        word_column(words.NO_YES, outcomes.is_returned[place, row].astype(np.int8)),
    )
    name = "household_incomes"
    return Table(name, words.HEADERS[name], columns, month, row)
