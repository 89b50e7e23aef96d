"""Subsistence allowance and 特困 support, of persons on the poverty register and of others."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.simulate.geography import Geography
from healthmon.simulate.households import Households, Persons
from healthmon.simulate.months import NEVER, Calendar, day
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams, pick

RURAL, URBAN, EXTREME = range(3)


@dataclass
class Assistance:
    """``outsiders``: persons not on the register (birth_day, is_male, ethnic_group).

    ``recipients``: person (register persons first, then outsiders), county, kind, amount_fen,
    start_day (below the first day: existing), stop_day, birth_day and village (-1 in towns).
    """

    outsiders: pd.DataFrame
    recipients: pd.DataFrame


def assist(
    settings: Settings,
    streams: Streams,
    places: Geography,
    households: Households,
    persons: Persons,
    calendar: Calendar,
    scale: float,
) -> Assistance:
    """Draw who receives what, from when to when."""
    rng = streams["assistance"]
    counts = [_recipients_needed(settings, kind, calendar, scale) for kind in range(3)]
    on_register = _register_recipients(settings, rng, households, persons, sum(counts[RURAL]))
    spells = [_spells(settings, rng, kind, *counts[kind], calendar) for kind in range(3)]
    kind = np.concatenate([np.full(len(one), k) for k, one in enumerate(spells)])
    frame = pd.concat(spells, ignore_index=True).assign(kind=kind.astype(np.int8))
    person = len(persons) + np.arange(len(frame)) - len(on_register)
    rural = rng.permutation(int((kind == RURAL).sum()))[: len(on_register)]
    is_outside = np.ones(len(frame), bool)
    is_outside[rural] = False
    person = np.empty(len(frame), np.int64)
    person[rural] = on_register
    person[is_outside] = len(persons) + np.arange(is_outside.sum())
    frame["person"] = person
    frame["county"] = _counties(rng, places, households, persons, person, kind)
    outsiders = _outsiders(rng, settings, frame[is_outside], calendar)
    frame["amount_fen"] = _amounts(settings, rng, kind)
    frame["birth_day"] = np.r_[persons.birth_day, outsiders["birth_day"]][person]
    frame["village"] = _villages(streams, places, households, persons, frame)
    return Assistance(outsiders, _while_present(frame, persons))


def _recipients_needed(
    settings: Settings, kind: int, calendar: Calendar, scale: float
) -> tuple[int, int]:
    """Tell how many there are on the first day and how many come later.

    Stops come at a fixed rate, and so many are added that the yearbook's two year-ends are met.
    """
    first, second = settings.table("assistance_persons")[("rural", "urban", "extreme")[kind]]
    stop = settings.number("assistance_stop_rate")
    come = stop + np.log(second / first)
    years = (calendar.end - calendar.start) / 365.25
    before = (day("2021-01-01") - calendar.start) / 365.25
    start = first * np.exp((stop - come) * before)
    mean = start * (1 - np.exp((come - stop) * years)) / max(stop - come, 1e-9) / years
    return round(start * scale), round(come * mean * years * scale)


def _spells(
    settings: Settings,
    rng: np.random.Generator,
    kind: int,
    existing: int,
    added: int,
    calendar: Calendar,
) -> pd.DataFrame:
    begin = np.r_[
        np.full(existing, -NEVER), rng.integers(calendar.start, calendar.end, added)
    ].astype(np.int64)
    wait = rng.exponential(365.25 / settings.number("assistance_stop_rate"), existing + added)
    stop = np.maximum(begin, calendar.start) + 25 + wait.astype(np.int64)
    return pd.DataFrame(
        {"start_day": begin, "stop_day": np.where(stop < calendar.end, stop, NEVER)}
    )


def _register_recipients(
    settings: Settings,
    rng: np.random.Generator,
    households: Households,
    persons: Persons,
    rural: int,
) -> np.ndarray:
    """Choose persons of the register, whole households, the frailest likelier."""
    wanted = int(rural * settings.number("assistance_register_share"))
    need = households.frailty + rng.normal(0, 1.2, len(households))
    rank = np.empty(len(households), np.int64)
    rank[np.argsort(-need)] = np.arange(len(households))
    here = np.flatnonzero(persons.joined_day < 0)
    order = here[np.argsort(rank[persons.household[here]], kind="stable")]
    return rng.permutation(order[:wanted])


def _counties(
    rng: np.random.Generator,
    places: Geography,
    households: Households,
    persons: Persons,
    person: np.ndarray,
    kind: np.ndarray,
) -> np.ndarray:
    counties = places.counties
    town = counties["population_2020"] * counties["urban_share"] * (0.4 + counties["weakness"])
    weights = {
        RURAL: counties["household_weight"],
        URBAN: town,
        EXTREME: counties["rural_population"],
    }
    county = np.empty(len(person), np.int64)
    for one, weight in weights.items():
        rows = np.flatnonzero(kind == one)
        county[rows] = pick(rng, weight.to_numpy(), len(rows))
    on_register = np.flatnonzero(person < len(persons))
    county[on_register] = households.county[persons.household[person[on_register]]]
    return county


def _villages(
    streams: Streams,
    places: Geography,
    households: Households,
    persons: Persons,
    frame: pd.DataFrame,
) -> np.ndarray:
    """Give every rural recipient a village: their household's, outsiders one of their county's."""
    rng = streams["outsiders"]
    of_county = places.villages["county"].to_numpy()
    order = np.argsort(of_county, kind="stable")
    first = np.searchsorted(of_county[order], np.arange(len(places.counties) + 1))
    county = frame["county"].to_numpy()
    size = first[county + 1] - first[county]
    village = order[first[county] + (rng.random(len(frame)) * size).astype(np.int64)]
    person = frame["person"].to_numpy()
    known = np.flatnonzero(person < len(persons))
    village[known] = households.village[persons.household[person[known]]]
    return np.where(frame["kind"] == URBAN, -1, village)


def _outsiders(
    rng: np.random.Generator, settings: Settings, frame: pd.DataFrame, calendar: Calendar
) -> pd.DataFrame:
    count = len(frame)
    is_extreme = (frame["kind"] == EXTREME).to_numpy()
    age = np.where(is_extreme, rng.normal(70, 9, count), 3 + 77 * rng.beta(1.3, 1.2, count))
    groups = settings.numbers("outsider_groups")
    return pd.DataFrame(
        {
            "birth_day": calendar.start - (np.clip(age, 1, 97) * 365.25).astype(np.int64),
            "is_male": rng.random(count) < np.where(is_extreme, 0.72, 0.5),
            "ethnic_group": pick(rng, groups, count).astype(np.int8),
        }
    )


def _amounts(settings: Settings, rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
    table = settings.table("assistance_yuan_a_month")
    ladder = np.stack([table[name] for name in ("rural", "urban", "extreme")])
    steps = ladder[kind, rng.integers(0, ladder.shape[1], len(kind))]
    return (steps * 100).astype(np.int64)


def _while_present(frame: pd.DataFrame, persons: Persons) -> pd.DataFrame:
    """Stop the payments of persons who leave the register by death or by moving away."""
    person = frame["person"].to_numpy()
    left = np.full(len(frame), NEVER)
    known = person < len(persons)
    left[known] = persons.left_day[person[known]] + 12
    left[left > NEVER // 2] = NEVER
    stop = np.minimum(frame["stop_day"], left)
    frame = frame.assign(stop_day=stop)
    return frame[frame["stop_day"] > frame["start_day"]].reset_index(drop=True)
