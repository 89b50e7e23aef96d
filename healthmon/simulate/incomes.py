"""Net income by year, the outcome of each year, and the help that changes it unevenly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.simulate.costs import Money
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import DIED, LIFTED, Households, Persons
from healthmon.simulate.illness import Illness
from healthmon.simulate.months import NEVER, Calendar, year_of, year_start
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.visits import Visits


@dataclass
class Outcomes:
    """Years down, households across; amounts in fen a head.

    ``income`` as it came with help, ``income_without`` as it would have been without;
    ``members``: persons who belonged to the household at any time in the year.
    """

    years: list[int]
    is_listed: np.ndarray
    members: np.ndarray
    household_oop: np.ndarray
    income: np.ndarray
    income_without: np.ndarray
    is_helped: np.ndarray
    is_above_before: np.ndarray
    is_fallen: np.ndarray
    is_fallen_without: np.ndarray
    is_returned: np.ndarray


def household_spending(
    households: Households, persons: Persons, visits: Visits, money: Money, years: list[int]
) -> np.ndarray:
    """Add up out-of-pocket spending by year (of settlement) and household, in fen."""
    count = len(households)
    place = year_of(visits.settled_day) - years[0]
    key = place * count + persons.household[visits.person]
    sums = np.zeros(len(years) * count, np.int64)
    np.add.at(sums, key, money.out_of_pocket)
    return sums.reshape(len(years), count)


def count_members(households: Households, persons: Persons, years: list[int]) -> np.ndarray:
    """Count the persons who belonged to each household at any time in each year."""
    rows = []
    for year in years:
        is_there = (persons.joined_day < year_start(year + 1)) & (
            persons.left_day >= year_start(year)
        )
        rows.append(np.bincount(persons.household[is_there], minlength=len(households)))
    return np.stack(rows)


def earn(
    settings: Settings,
    streams: Streams,
    places: Geography,
    households: Households,
    persons: Persons,
    illness: Illness,
    spending: np.ndarray,
    members: np.ndarray,
    calendar: Calendar,
) -> Outcomes:
    """Draw incomes of the year before the first to the last full year, and what came of them.

    Parameters
    ----------
    spending, members : arrays, years down, households across
        From the year before the first simulated one, whose spending no export shows.
    """
    rng = streams["income"]
    years = list(range(calendar.years[0] - 1, calendar.years[-1]))
    level = _level(settings, rng, places, households, persons, illness, calendar)
    without = np.stack([_year(settings, rng, households, persons, level, year) for year in years])
    helped, gain = _help(settings, streams["help"], households, spending, members, years)
    income = without + np.where(helped, gain, 0)
    spending = spending.copy()
    spending[0] = _earlier_spending(rng, spending[1])
    members = members.copy()
    members[0] = members[1]
    spent, people = spending[: len(years)], np.maximum(members[: len(years)], 1)
    lines = [int(settings.yearly("poverty_line_yuan", year) * 100) for year in years]
    line = np.array(lines)[:, None]
    is_below, is_below_without = ((amount - line) * people < spent for amount in (income, without))
    above = np.zeros(income.shape, bool)
    above[1:] = ~is_below[:-1]
    added = np.maximum(households.added_day, calendar.start - 1)
    is_listed = np.stack(
        [(added < year_start(y + 1)) & (households.removed_day >= year_start(y + 1)) for y in years]
    )
    fallen = is_below & above
    returned = _state(settings, rng, fallen)
    return Outcomes(
        years, is_listed, members, spending, income, without, helped & is_listed, above, fallen,
        is_below_without & above, returned,
    )  # fmt: skip


def _earlier_spending(rng: np.random.Generator, next_year: np.ndarray) -> np.ndarray:
    """Draw the spending of the year before the exports begin, like the next year's but not it."""
    factor = 0.8 * rng.lognormal(0, 0.8, len(next_year))
    return (0.5 * next_year * factor + 0.5 * rng.permutation(next_year)).astype(np.int64)


def _level(
    settings: Settings,
    rng: np.random.Generator,
    places: Geography,
    households: Households,
    persons: Persons,
    illness: Illness,
    calendar: Calendar,
) -> np.ndarray:
    """Draw each household's lasting level: the logarithm of yuan a head in 2019."""
    count = len(households)
    county = places.counties
    regional = county["prefecture_code"].map(settings.table("income_factor")).to_numpy(float)
    base = settings.number("rural_income_2019_yuan") * settings.number("register_income_share")
    age = persons.age_at(calendar.start)
    worker = (age >= 18) & (age < 60)
    size = np.maximum(np.bincount(persons.household, minlength=count), 1)
    workers = np.bincount(persons.household, worker, minlength=count) / size
    ill = np.bincount(persons.household[illness.chronic["person"]], minlength=count) / size
    grave = np.bincount(persons.household[illness.major["person"]], minlength=count) / size
    a_worker, a_patient, a_case, hidden, noise = settings.numbers("income_effects")
    level = np.log(base * regional[households.county])
    level += a_worker * (workers - workers.mean()) + a_patient * ill + a_case * grave
    level += hidden * households.frailty + noise * rng.standard_normal(count)
    return level - 0.12 * (households.kind < LIFTED)


def _year(
    settings: Settings,
    rng: np.random.Generator,
    households: Households,
    persons: Persons,
    level: np.ndarray,
    year: int,
) -> np.ndarray:
    """Draw one year's net income a head in fen, before any help."""
    count = len(households)
    noise, chance, depth, after_death = settings.numbers("income_shocks")
    log = level + np.log1p(settings.number("income_growth")) * (year - 2019)
    log = log + noise * rng.standard_normal(count)
    shock = rng.random(count) < chance * np.exp(0.45 * np.clip(households.frailty, -3, 3))
    loss = np.where(shock, rng.beta(2.0, 2.6, count) * depth, 0)
    died = (persons.left_how == DIED) & (year_of(np.minimum(persons.left_day, NEVER // 2)) == year)
    age = persons.age_at(year_start(year))
    breadwinner = died & (age > 18) & (age < 60)
    loss = loss + after_death * (np.bincount(persons.household[breadwinner], minlength=count) > 0)
    ruin = (rng.random(count) < 0.0008) * rng.exponential(6000, count)
    return ((np.exp(log) * (1 - np.minimum(loss, 0.95)) - ruin) * 100).astype(np.int64)


def _help(
    settings: Settings,
    rng: np.random.Generator,
    households: Households,
    spending: np.ndarray,
    members: np.ndarray,
    years: list[int],
) -> tuple[np.ndarray, np.ndarray]:
    """Draw who is helped in a year, having been over the rule's line the year before, and how much.

    Help begins in 2021: the flags exist from 2020 on. For some it works, for some it does not.
    """
    reach, idle, mean = settings.numbers("help")
    limit = int(settings.number("help_threshold_yuan") * 100)
    helped = np.zeros((len(years), len(households)), bool)
    gain = np.zeros(helped.shape, np.int64)
    for row, year in enumerate(years):
        u, works = rng.random((2, len(households)))
        amount = rng.gamma(1.5, mean / 1.5, len(households)) * (works > idle)
        gain[row] = (amount * 100).astype(np.int64)
        if year >= 2021 and row > 0:
            helped[row] = (spending[row - 1] > limit * members[row - 1]) & (u < reach)
    return helped, gain


def _state(settings: Settings, rng: np.random.Generator, fallen: np.ndarray) -> np.ndarray:
    """Draw what the department states: most who fell, and some for other causes."""
    seen, other = settings.numbers("stated_return")
    u = rng.random(fallen.shape)
    return np.where(fallen, u < seen, u < other)


def outcome_table(outcomes: Outcomes, numbers: np.ndarray) -> pd.DataFrame:
    """Lay the outcomes out as one row a household and year, for ``truth/outcomes.parquet``.

    The year before the exports begin is left out: nobody knows its spending.
    """
    row, household = np.nonzero(outcomes.is_listed[1:])
    at = (row + 1, household)
    members, oop = outcomes.members[at], outcomes.household_oop[at]
    return pd.DataFrame(
        {
            "household_no": numbers[household],
            "year": np.array(outcomes.years, np.int32)[at[0]],
            "member_count": members,
            "oop_fen": oop,
            "oop_per_head_fen": oop // np.maximum(members, 1),
            "net_income_per_head_fen": outcomes.income[at],
            "net_income_per_head_without_help_fen": outcomes.income_without[at],
            "is_above_line_before": outcomes.is_above_before[at],
            "is_helped": outcomes.is_helped[at],
            "is_fallen": outcomes.is_fallen[at],
            "is_fallen_without_help": outcomes.is_fallen_without[at],
        }
    )
