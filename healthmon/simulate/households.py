"""Registered households and persons as they stand on the first day."""

from dataclasses import dataclass, field

import numpy as np

from healthmon.simulate.geography import Geography
from healthmon.simulate.months import NEVER, Calendar, day
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams, pick, pick_rows

POOR, LIFTED, UNSTABLE, MARGINAL, SUDDEN = range(5)
HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD, OTHER = range(6)
EXISTING, ADDED, BORN, DIED, MOVED_OUT, UPDATED = range(6)
_RELATION = {"H": HEAD, "h": HEAD, "S": SPOUSE, "s": SPOUSE, "C": CHILD, "c": CHILD,
             "P": PARENT, "g": GRANDCHILD, "o": OTHER}  # fmt: skip
LISTED_FROM = "2021-01-01"
_YEAR = 365.25


@dataclass
class Households:
    """One entry a household; days since 1970-01-01."""

    village: np.ndarray
    county: np.ndarray
    shape: np.ndarray
    """Place in the table of household types, which says who lives there."""
    ethnic_group: np.ndarray
    frailty: np.ndarray
    """Hidden: standard normal; no department knows it."""
    kind: np.ndarray
    added_day: np.ndarray
    lifted_day: np.ndarray
    unstable_day: np.ndarray
    removed_day: np.ndarray
    cause: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int8))

    def __len__(self) -> int:
        return len(self.village)


@dataclass
class Persons:
    """One entry a person; days since 1970-01-01."""

    household: np.ndarray
    relation: np.ndarray
    is_male: np.ndarray
    birth_day: np.ndarray
    joined_day: np.ndarray
    joined_how: np.ndarray
    left_day: np.ndarray
    left_how: np.ndarray
    frailty: np.ndarray
    """Hidden: mean 1, gamma within a household's own level."""

    def __len__(self) -> int:
        return len(self.household)

    def age_at(self, a_day: int) -> np.ndarray:
        """Age in years on a day, with decimals."""
        return (a_day - self.birth_day) / _YEAR


def make_households(
    settings: Settings, streams: Streams, places: Geography, calendar: Calendar, scale: float
) -> Households:
    """Draw the households: those on the register first, then the ones listed from 2021 on."""
    rng = streams["households"]
    existing = round(settings.number("registered_households") * scale)
    extra = _count_new(settings, existing, calendar)
    county, village = _settle(rng, places, existing, extra)
    count = len(county)
    shapes = _household_shapes(settings, places)
    kind, lifted, unstable, added = _kinds(settings, streams, places, calendar, county, existing)
    groups = _ethnic_weights(settings, places)
    return Households(
        village=village,
        county=county,
        shape=pick_rows(rng, shapes, county),
        ethnic_group=pick_rows(rng, groups, county).astype(np.int8),
        frailty=rng.normal(0, 1, count)
        + 0.35 * (places.counties["weakness"].to_numpy()[county] - 0.4),
        kind=kind,
        added_day=added,
        lifted_day=lifted,
        unstable_day=unstable,
        removed_day=np.full(count, NEVER),
    )


def _count_new(settings: Settings, existing: int, calendar: Calendar) -> int:
    """Count the households listed from 2021 to the last month; the share is that of June 2022."""
    first = day(LISTED_FROM)
    share = (calendar.end - first) / (day("2022-07-01") - first)
    return round(existing * settings.number("new_household_share") * max(share, 0))


def _settle(
    rng: np.random.Generator, places: Geography, existing: int, extra: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give every household a village: counties by weight, at least 8 households each."""
    weight = places.counties["household_weight"].to_numpy()
    share = weight / weight.sum()
    county = []
    for count, least in ((existing, min(8, existing // 45)), (extra, 0)):
        by_county = np.maximum(np.floor(share * count).astype(int), least)
        spare = by_county - least
        excess = max(by_county.sum() - count, 0)
        by_county = by_county - excess * spare // max(spare.sum(), 1)
        by_county[np.argmax(by_county)] += count - by_county.sum()
        county.append(np.repeat(np.arange(len(weight)), by_county))
    county = np.concatenate(county)
    village = np.empty(len(county), np.int64)
    of_county = places.villages["county"].to_numpy()
    residents = places.villages["residents"].to_numpy()
    for one in range(len(weight)):
        rows, choices = np.flatnonzero(county == one), np.flatnonzero(of_county == one)
        village[rows] = choices[pick(rng, residents[choices], len(rows))]
    return county, village


def _household_shapes(settings: Settings, places: Geography) -> np.ndarray:
    """Weights of the household types by county, tilted to its size and age structure.

    Each county's weights are ``w * exp(a . f)``: of all weights with the wanted means of size,
    children and elders those nearest to the province's.
    """
    types = settings.table("household_types")
    letters = list(types)
    base = np.array([types[one] for one in letters], float)
    size = np.array([len(one) for one in letters], float)
    young = np.array([sum(letter in "Cg" for letter in one) for one in letters], float)
    old = np.array([sum(letter in "hsP" for letter in one) for one in letters], float)
    census = places.counties
    weight = census["household_weight"].to_numpy()
    wanted = np.sqrt(census["household_size"].to_numpy())
    mean = settings.number("household_size")
    wanted *= mean / np.average(wanted, weights=weight)
    features = [
        np.stack([size - w, young - y * size, old - o * size], axis=1)
        for w, y, o in zip(wanted, census["share_0_14"], census["share_65_up"], strict=True)
    ]
    return np.stack([_tilt(base, one) for one in features])


def _tilt(base: np.ndarray, features: np.ndarray) -> np.ndarray:
    tilt = np.zeros(features.shape[1])
    for _ in range(60):
        weight = base * np.exp(np.clip(features @ tilt, -30, 30))
        weight /= weight.sum()
        gradient = weight @ features
        spread = (features * weight[:, None]).T @ features - np.outer(gradient, gradient)
        tilt -= 0.7 * np.linalg.solve(spread + 1e-9 * np.eye(len(tilt)), gradient)
    return weight


def _ethnic_weights(settings: Settings, places: Geography) -> np.ndarray:
    """Weights of the ethnic groups by county: the census share of minorities, then which ones."""
    groups = settings.list_words("ethnic_groups")
    mix = settings.table("minority_mix")
    weights = np.zeros((len(places.counties), len(groups)))
    for row, county in enumerate(places.counties.itertuples()):
        minority = county.minority_share
        own = mix.get(county.code, mix.get(county.prefecture_code))
        weights[row, 0] = 1 - minority
        weights[row, 1:] = minority * own / own.sum()
    return weights


def _kinds(
    settings: Settings,
    streams: Streams,
    places: Geography,
    calendar: Calendar,
    county: np.ndarray,
    existing: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw the kind of household on the first day and the days on which it changes."""
    rng = streams["kinds"]
    count = len(county)
    weakness = places.counties["weakness"].to_numpy()[county]
    poor = settings.number("poor_share_2019") * (0.4 + 1.4 * weakness)
    is_poor = rng.random(count) < poor
    lifted = np.where(rng.random(count) < 0.7, day("2019-11-20"), day("2020-10-20"))
    lifted = np.where(is_poor, lifted + rng.integers(0, 55, count), -NEVER)
    lifted[lifted < calendar.start] = -NEVER
    kind = np.where(lifted > 0, POOR, LIFTED)
    unstable = rng.random(count) < settings.number("unstable_share") * (0.6 + weakness)
    unstable_day = np.where(
        unstable, rng.integers(day("2020-05-01"), day("2022-07-01"), count), NEVER
    )
    unstable_day = np.where(unstable_day > lifted, unstable_day, NEVER)
    added = np.full(count, -NEVER)
    is_new = np.arange(count) >= existing
    if is_new.any():
        added[is_new] = rng.integers(day(LISTED_FROM), calendar.end, is_new.sum())
    added[added < calendar.start] = -NEVER
    sudden = rng.random(count) < 0.28
    kind = np.where(is_new, np.where(sudden, SUDDEN, MARGINAL), kind).astype(np.int8)
    lifted[is_new], unstable_day[is_new] = -NEVER, NEVER
    kind[~is_new & (unstable_day < calendar.start)] = UNSTABLE
    return kind, lifted, unstable_day, added


def make_persons(
    settings: Settings, streams: Streams, households: Households, calendar: Calendar
) -> Persons:
    """Draw who lives in each household."""
    rng = streams["persons"]
    types = list(settings.table("household_types"))
    sizes = np.array([len(one) for one in types])[households.shape]
    household = np.repeat(np.arange(len(households)), sizes)
    slot = np.arange(len(household)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    letters = np.zeros((len(types), max(map(len, types))), "U1")
    for row, one in enumerate(types):
        letters[row, : len(one)] = list(one)
    code = letters.view(np.uint32).reshape(letters.shape)
    letter = code[households.shape[household], slot].astype(np.uint8)
    male = _sexes(rng, household, letter)
    age = _ages(rng, types, households.shape, household, letter)
    relation = np.zeros(128, np.int8)
    for one, number in _RELATION.items():
        relation[ord(one)] = number
    added = households.added_day[household]
    own = rng.gamma(1.3, 1 / 1.3, len(household))
    return Persons(
        household=household,
        relation=relation[letter],
        is_male=male,
        birth_day=calendar.start - (age * _YEAR).astype(np.int64) - 1,
        joined_day=np.where(added > 0, added, -NEVER),
        joined_how=np.where(added > 0, ADDED, EXISTING).astype(np.int8),
        left_day=np.full(len(household), NEVER),
        left_how=np.zeros(len(household), np.int8),
        frailty=own * np.exp(0.35 * households.frailty[household] - 0.06),
    )


def _sexes(rng: np.random.Generator, household: np.ndarray, letter: np.ndarray) -> np.ndarray:
    head_male = rng.random(household[-1] + 1) < 0.84
    male = rng.random(len(household)) < 0.51
    is_head = np.isin(letter, [ord("H"), ord("h")])
    is_spouse = np.isin(letter, [ord("S"), ord("s")])
    male = np.where(is_head, head_male[household], male)
    return np.where(is_spouse, ~head_male[household], male)


def _ages(
    rng: np.random.Generator,
    types: list[str],
    shape: np.ndarray,
    household: np.ndarray,
    letter: np.ndarray,
) -> np.ndarray:
    """Draw ages in years that fit together: children after their parents' youth."""
    low = np.array([_head_age(one)[0] for one in types], float)[shape]
    high = np.array([_head_age(one)[1] for one in types], float)[shape]
    head = low + (high - low) * rng.beta(1.6, 1.6, len(shape))
    is_old = np.array([one[0] == "h" for one in types])[shape]
    head = np.where(is_old, np.minimum(65 + rng.exponential(6.5, len(shape)), 94), head)[household]
    u = rng.random(len(letter))
    grown = np.where(head >= 65, 24 + 18 * u, 15 + (np.clip(head - 20, 15.5, 34) - 15) * u)
    ages = {
        "H": head,
        "h": head,
        "S": np.clip(head - 2 + 6 * (u - 0.5), 20, 64),
        "s": np.maximum(head - 2 + 6 * (u - 0.5), 65),
        "C": 15 * u,
        "c": grown,
        "P": np.clip(np.maximum(65, head + 18) + 9 * u, 65, 96),
        "g": np.minimum(14.9, 12 * u),
        "o": np.clip(20 + 16 * u, 20, 60),
    }
    age = np.zeros(len(letter))
    for one, values in ages.items():
        age = np.where(letter == ord(one), values, age)
    return age + np.where(age >= 20, 0.9 * rng.random(len(age)), 0)


def _head_age(members: str) -> tuple[int, int]:
    """Range of the head's age that suits the other members."""
    if "g" in members:
        return 44, 64
    if "C" in members and "c" in members:
        return 36, 52
    if "C" in members:
        return 24, 48
    if "c" in members:
        return 38, 62
    if "P" in members:
        return 35, 62
    return 26, 64
