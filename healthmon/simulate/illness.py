"""Chronic and major diseases of registered persons, and how they come to be known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.simulate.case_files import write_up
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import DIED, Households, Persons
from healthmon.simulate.months import NEVER, Calendar, day
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams, pick

HYPERTENSION, DIABETES, MENTAL, TUBERCULOSIS = range(4)
TIBETAN = "藏族"
_YEAR = 365.25


@dataclass
class Illness:
    """Diseases, one row a person and disease.

    ``chronic``: person, disease, diagnosed_day, known_day (on the department's list),
    removed_day. ``major``: person, disease (place in the list), diagnosed_day and the four steps
    verified, treated, reported, closed; the name it is written under and whether there is a plan
    (`healthmon.simulate.case_files`).
    """

    chronic: pd.DataFrame
    major: pd.DataFrame


def fall_ill(
    settings: Settings,
    streams: Streams,
    places: Geography,
    households: Households,
    persons: Persons,
    calendar: Calendar,
) -> Illness:
    """Draw chronic and major diseases."""
    chronic = _chronic(settings, streams["chronic"], places, households, persons, calendar)
    major = _major(settings, streams["major"], places, households, persons, calendar)
    return Illness(chronic, write_up(settings, streams, places, households, persons, major))


def _chronic(
    settings: Settings,
    rng: np.random.Generator,
    places: Geography,
    households: Households,
    persons: Persons,
    calendar: Calendar,
) -> pd.DataFrame:
    county = households.county[persons.household]
    known = _known_shares(settings, places, households, persons, county, calendar)
    growth = settings.table("diagnoses_a_year")
    frames = []
    for disease, name in enumerate(("hypertension", "diabetes", "severe_mental_disorder")):
        boost = np.minimum(0.6 + 0.4 * persons.frailty, 3)
        mean = np.average(boost, weights=known[name])
        p = np.clip(known[name] * boost / mean, 0, 0.9)
        u = rng.random(len(persons))
        extra = growth[name] * (calendar.end - calendar.start) / _YEAR
        is_before, is_later = u < p, (u >= p) & (u < p * (1 + extra))
        frames.append(_patients(rng, np.flatnonzero(is_before), disease, calendar, is_new=False))
        frames.append(_patients(rng, np.flatnonzero(is_later), disease, calendar, is_new=True))
    frames.append(_tuberculosis(settings, rng, places, persons, county, calendar))
    chronic = pd.concat(frames, ignore_index=True)
    return _while_present(chronic, persons, calendar)


def _known_shares(
    settings: Settings,
    places: Geography,
    households: Households,
    persons: Persons,
    county: np.ndarray,
    calendar: Calendar,
) -> dict[str, np.ndarray]:
    """Probability of being a known patient on the first day: prevalence times awareness."""
    age = persons.age_at(calendar.start)
    groups = settings.list_words("ethnic_groups")
    is_tibetan = households.ethnic_group[persons.household] == groups.index(TIBETAN)
    altitude = settings.table("altitude_factor")
    by_county = places.counties["prefecture_code"].map(altitude).to_numpy(float)[county]
    bands = np.searchsorted([18, 36, 60], age, side="right")
    tibetan = np.r_[0, settings.numbers("hypertension_tibetan")][bands]
    others = np.r_[0, settings.numbers("hypertension_others")][bands]
    awareness = settings.number("hypertension_awareness")
    hypertension = np.where(is_tibetan, tibetan * by_county, others) / 100 * awareness
    sugar = np.r_[0, settings.numbers("diabetes_shape")][bands]
    rate = np.where(is_tibetan, *settings.numbers("diabetes_adults")) / 100
    adults = age >= 18
    diabetes = (
        sugar * rate / max(sugar[adults].mean(), 1e-9) * settings.number("diabetes_awareness")
    )
    mental = np.where(age >= 15, settings.number("severe_mental_per_1000") / 1000, 0)
    mental = mental / max((age >= 15).mean(), 1e-9)
    return {
        "hypertension": hypertension,
        "diabetes": diabetes,
        "severe_mental_disorder": mental,
    }


def _patients(
    rng: np.random.Generator, person: np.ndarray, disease: int, calendar: Calendar, is_new: bool
) -> pd.DataFrame:
    count = len(person)
    if is_new:
        known = rng.integers(calendar.start, calendar.end, count)
        diagnosed = known - rng.integers(0, 25, count)
    else:
        known = np.full(count, -NEVER)
        diagnosed = calendar.start - 1 - (rng.gamma(1.6, 700, count)).astype(np.int64)
    return pd.DataFrame(
        {
            "person": person,
            "disease": np.int8(disease),
            "diagnosed_day": diagnosed,
            "known_day": known,
            "removed_day": np.full(count, NEVER),
        }
    )


def _tuberculosis(
    settings: Settings,
    rng: np.random.Generator,
    places: Geography,
    persons: Persons,
    county: np.ndarray,
    calendar: Calendar,
) -> pd.DataFrame:
    """Notified cases, from a year before the first day; struck off after treatment."""
    rate = places.counties["prefecture_code"].map(settings.table("tuberculosis_per_100k"))
    years = (calendar.end - calendar.start) / _YEAR + 1
    age = persons.age_at(calendar.start)
    chance = rate.to_numpy(float)[county] / 100_000 * years / np.mean(age > 5)
    person = np.flatnonzero((rng.random(len(persons)) < chance) & (age > 5))
    diagnosed = rng.integers(calendar.start - 365, calendar.end, len(person))
    removed = diagnosed + rng.integers(185, 330, len(person))
    is_before = diagnosed < calendar.start
    cases = pd.DataFrame(
        {
            "person": person,
            "disease": np.int8(TUBERCULOSIS),
            "diagnosed_day": diagnosed,
            "known_day": np.where(is_before, -NEVER, diagnosed + rng.integers(0, 4, len(person))),
            "removed_day": removed,
        }
    )
    return cases[cases["removed_day"] > calendar.start]


def _while_present(chronic: pd.DataFrame, persons: Persons, calendar: Calendar) -> pd.DataFrame:
    """Put nobody on the list before joining the register, and take off who leaves it."""
    person = chronic["person"].to_numpy()
    joined, left = persons.joined_day[person], persons.left_day[person]
    known = np.maximum(chronic["known_day"].to_numpy(), joined)
    removed = np.minimum(chronic["removed_day"].to_numpy(), left + 5)
    chronic = chronic.assign(known_day=known, removed_day=removed)
    diagnosed = np.minimum(chronic["diagnosed_day"], np.maximum(known, calendar.start))
    born = persons.birth_day[person] + 3 * 365
    chronic = chronic.assign(diagnosed_day=np.maximum(diagnosed, born))
    is_listed = (known < calendar.end) & (removed > np.maximum(known, calendar.start))
    is_listed &= chronic["diagnosed_day"] <= np.maximum(known, calendar.start)
    return chronic[is_listed].sort_values(["person", "disease"], ignore_index=True)


def _major(
    settings: Settings,
    rng: np.random.Generator,
    places: Geography,
    households: Households,
    persons: Persons,
    calendar: Calendar,
) -> pd.DataFrame:
    """Cases of the listed major diseases, from two years before the first day."""
    age = persons.age_at(calendar.start)
    rate = settings.number("major_disease_per_1000") / 1000
    risk = (0.25 + np.clip(age, 0, 80) / 45) * np.minimum(persons.frailty, 6)
    years = (calendar.end - calendar.start) / _YEAR + 2
    chance = rate * risk / risk.mean() * years
    person = np.flatnonzero(rng.random(len(persons)) < chance)
    onset = rng.integers(calendar.start - 730, calendar.end, len(person))
    is_here = (onset > persons.birth_day[person] + 200) & (onset < persons.left_day[person])
    person, onset = person[is_here], onset[is_here]
    weights = settings.numbers("major_disease_weights")
    disease = pick(rng, weights, len(person))
    cases = pd.DataFrame({"person": person, "disease": disease, "diagnosed_day": onset})
    listed = _listed_from(settings)[disease]
    return _steps(settings, rng, places, households, persons, calendar, cases, listed)


def _listed_from(settings: Settings) -> np.ndarray:
    """Day from which each disease stands on the list: five were added in 2020."""
    late = set(settings.list_words("major_diseases_added_2020"))
    names = settings.list_words("major_diseases")
    return np.array([day("2020-05-20") if name in late else -NEVER for name in names])


def _steps(
    settings: Settings,
    rng: np.random.Generator,
    places: Geography,
    households: Households,
    persons: Persons,
    calendar: Calendar,
    cases: pd.DataFrame,
    listed: np.ndarray,
) -> pd.DataFrame:
    """Days on which each case was verified, treated, reported and struck off, or never."""
    person = cases["person"].to_numpy()
    weakness = places.counties["weakness"].to_numpy()[households.county[persons.household[person]]]
    begin = np.maximum(
        cases["diagnosed_day"].to_numpy(), np.maximum(listed, persons.joined_day[person])
    )
    slow = 0.5 + 1.3 * weakness
    verified = begin + 1 + (rng.exponential(12, len(cases)) * slow).astype(np.int64)
    treated = verified + (rng.exponential(14, len(cases)) * slow).astype(np.int64)
    untreated = rng.random(len(cases)) < settings.number("untreated_share") * 2 * weakness
    treated = np.where(untreated, NEVER, treated)
    reported = np.maximum(treated, verified) + (rng.exponential(9, len(cases))).astype(np.int64)
    closed = reported + 20 + (rng.exponential(160, len(cases))).astype(np.int64)
    cases["verified_day"] = verified
    cases["treated_day"] = treated
    cases["reported_day"] = np.where(treated >= NEVER, NEVER, reported)
    cases["closed_day"] = np.where(treated >= NEVER, NEVER, closed)
    left = np.where(persons.left_how[person] == DIED, persons.left_day[person], NEVER)
    is_kept = (verified < calendar.end) & (verified < left)
    is_kept &= verified < persons.left_day[person]
    return cases[is_kept].sort_values(["person", "disease"], ignore_index=True)
