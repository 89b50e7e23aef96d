"""What changes on the register: births, marriages, moves and deaths over the simulated months."""

import numpy as np

from healthmon.simulate.households import (
    ADDED,
    BORN,
    CHILD,
    DIED,
    GRANDCHILD,
    MOVED_OUT,
    OTHER,
    SPOUSE,
    Households,
    Persons,
)
from healthmon.simulate.months import NEVER, Calendar
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams

_YEAR = 365.25


def live(
    settings: Settings,
    streams: Streams,
    households: Households,
    persons: Persons,
    calendar: Calendar,
) -> Persons:
    """Draw who leaves and who comes; set ``removed_day`` of households that nobody is left in.

    Returns
    -------
    Persons
        The persons given, with their days of leaving, and after them the born and the married-in.
    """
    rng = streams["life"]
    _leave(settings, rng, persons, calendar)
    born = _bear(settings, rng, persons, calendar)
    married = _marry_in(settings, rng, persons, calendar)
    everyone = _append(persons, born, married)
    last = np.full(len(households), -NEVER)
    np.maximum.at(last, everyone.household, everyone.left_day)
    households.removed_day = np.where(last < calendar.end, last, NEVER)
    return everyone


def _leave(
    settings: Settings, rng: np.random.Generator, persons: Persons, calendar: Calendar
) -> None:
    begin = np.maximum(persons.joined_day, calendar.start)
    age = persons.age_at(calendar.start)
    base, growth = settings.numbers("death_hazard")
    death = np.maximum(base * np.exp(growth * (age - 30)), 0.0009)
    death *= 0.7 + 0.3 * np.minimum(persons.frailty, 5)
    is_child = persons.relation == CHILD
    moving = np.where((age > 17) & (age < 32) & is_child, np.where(persons.is_male, 0.01, 0.035), 0)
    moving += settings.number("move_out_rate")
    died = begin + _wait(rng, death)
    moved = begin + _wait(rng, moving)
    left = np.minimum(died, moved)
    is_gone = left < calendar.end
    persons.left_day = np.where(is_gone, left, NEVER)
    persons.left_how = np.where(is_gone, np.where(died <= moved, DIED, MOVED_OUT), 0).astype(
        np.int8
    )


def _wait(rng: np.random.Generator, rate: np.ndarray) -> np.ndarray:
    """Draw days until an event that comes at a rate a year; at least one day."""
    return 1 + (rng.exponential(1, len(rate)) / np.maximum(rate, 1e-9) * _YEAR).astype(np.int64)


def _bear(
    settings: Settings, rng: np.random.Generator, persons: Persons, calendar: Calendar
) -> Persons:
    age = persons.age_at(calendar.start)
    is_mother = ~persons.is_male & (age > 19) & (age < 41) & (persons.relation <= SPOUSE)
    is_mother |= ~persons.is_male & (age > 19) & (age < 38) & (persons.relation == OTHER)
    mothers = np.flatnonzero(is_mother)
    begin = np.maximum(persons.joined_day[mothers], calendar.start)
    birth = begin + _wait(rng, np.full(len(mothers), settings.number("birth_rate")))
    is_born = birth < np.minimum(persons.left_day[mothers], calendar.end)
    mothers, birth = mothers[is_born], birth[is_born]
    relation = np.where(persons.relation[mothers] == OTHER, GRANDCHILD, CHILD)
    return _newcomers(rng, persons.household[mothers], relation, birth, birth, BORN, None)


def _marry_in(
    settings: Settings, rng: np.random.Generator, persons: Persons, calendar: Calendar
) -> Persons:
    age = persons.age_at(calendar.start)
    is_groom = persons.is_male & (persons.relation == CHILD) & (age > 19) & (age < 34)
    grooms = np.flatnonzero(is_groom)
    begin = np.maximum(persons.joined_day[grooms], calendar.start)
    wedding = begin + _wait(rng, np.full(len(grooms), settings.number("marriage_in_rate")))
    is_wed = wedding < np.minimum(persons.left_day[grooms], calendar.end)
    grooms, wedding = grooms[is_wed], wedding[is_wed]
    bride_birth = persons.birth_day[grooms] + rng.integers(-700, 1500, len(grooms))
    bride_birth = np.minimum(bride_birth, wedding - int(20 * _YEAR))
    relation = np.full(len(grooms), OTHER)
    return _newcomers(
        rng, persons.household[grooms], relation, bride_birth, wedding, ADDED, is_male=False
    )


def _newcomers(
    rng: np.random.Generator,
    household: np.ndarray,
    relation: np.ndarray,
    birth_day: np.ndarray,
    joined_day: np.ndarray,
    how: int,
    is_male: bool | None,
) -> Persons:
    count = len(household)
    male = rng.random(count) < 0.515 if is_male is None else np.full(count, is_male)
    return Persons(
        household=household,
        relation=relation.astype(np.int8),
        is_male=male,
        birth_day=birth_day,
        joined_day=joined_day,
        joined_how=np.full(count, how, np.int8),
        left_day=np.full(count, NEVER),
        left_how=np.zeros(count, np.int8),
        frailty=rng.gamma(1.3, 1 / 1.3, count),
    )


def _append(*parts: Persons) -> Persons:
    return Persons(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Persons.__dataclass_fields__
        }
    )
