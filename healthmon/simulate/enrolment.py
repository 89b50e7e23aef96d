"""The insurance department's yearly lists: who is insured, and as whom the insurance knows them."""

import numpy as np

from healthmon.simulate import words
from healthmon.simulate.assistance import EXTREME, Assistance
from healthmon.simulate.csv_tables import Table, numbers, taken
from healthmon.simulate.csv_tables import words as word_column
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import POOR, UNSTABLE, Households, Persons
from healthmon.simulate.months import Calendar, year_start
from healthmon.simulate.register_tables import Identity
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams

GB = "gb18030"
ON_REGISTER, EXTREME_POVERTY, ALLOWANCE, OTHER = range(4)
"""Places in the list of kinds of persons."""


def enrol(settings: Settings, streams: Streams, persons: Persons, calendar: Calendar) -> np.ndarray:
    """Draw who is insured: years down, persons across."""
    rng = streams["enrolment"]
    missing = rng.random(len(persons))
    share = 1 - settings.number("insured_share")
    shift = rng.random((len(calendar.years), len(persons))) * 0.3 * share
    return missing > share * 0.85 + shift


def enrolment_table(
    settings: Settings, streams: Streams, places: Geography, households: Households,
    persons: Persons, assistance: Assistance, insured: np.ndarray, identity: Identity,
    calendar: Calendar,
) -> Table:  # fmt: skip
    """Lay out the insurance lists, each January by prefecture.

    They hold the persons of the register and those on assistance outside it.
    """
    second, third = settings.numbers("layer_shares")
    u, v = streams["enrolment"].random((2, len(persons)))
    rng = streams["outsiders"]
    w, x, y = rng.random((3, len(assistance.outsiders)))
    insured = np.c_[insured, np.tile(w < settings.number("insured_share"), (len(insured), 1))]
    has_second, has_third = np.r_[u, x] < second, np.r_[v, y] < third
    place = prefectures_of(places, households, persons, assistance)
    parts = []
    for month in calendar.months_of_january():
        year = int(calendar.months[month][:4])
        here, kind = _enrolled(households, persons, assistance, year_start(year))
        order = np.argsort(place[here], kind="stable")
        here, kind = here[order], kind[order]
        basic = insured[year - calendar.years[0]][here]
        parts.append((here, np.full(len(here), month), np.full(len(here), year), kind, basic))
    empty = (np.zeros(0, np.int64),) * 4 + (np.zeros(0, bool),)
    person, month, year, kind, basic = (np.concatenate(c) for c in zip(empty, *parts, strict=True))
    columns = (
        taken(identity.names.gb18030, person),
        taken(identity.person_numbers, person),
        numbers(year),
        word_column(words.PERSON_KINDS, kind, GB),
        word_column(words.NO_YES, basic.astype(np.int8), GB),
        word_column(words.NO_YES, (basic & has_second[person]).astype(np.int8), GB),
        word_column(words.NO_YES, (basic & has_third[person]).astype(np.int8), GB),
    )
    household = np.r_[persons.household, np.full(len(assistance.outsiders), -1)][person]
    name = "insurance_enrolment"
    return Table(name, words.HEADERS[name], columns, month, household, place[person], GB)


def _enrolled(
    households: Households, persons: Persons, assistance: Assistance, first: int
) -> tuple[np.ndarray, np.ndarray]:
    """List who is on the list on the first day of a year, and as whom.

    A person in both registers counts as on the poverty register (GZ-1).
    """
    count = len(persons)
    table = assistance.recipients
    on = table[(table["start_day"] <= first) & (table["stop_day"] > first)]
    kind = np.full(count + len(assistance.outsiders), OTHER)
    kind[on["person"]] = np.where(on["kind"] == EXTREME, EXTREME_POVERTY, ALLOWANCE)
    is_registered = (households.kind >= POOR) & (households.kind <= UNSTABLE)
    kind[:count][is_registered[persons.household]] = ON_REGISTER
    here = np.flatnonzero((persons.joined_day <= first) & (persons.left_day > first))
    outside = np.sort(on["person"].to_numpy())
    here = np.r_[here, outside[outside >= count]]
    return here, kind[here]


def prefectures_of(
    places: Geography, households: Households, persons: Persons, assistance: Assistance
) -> np.ndarray:
    """Number of the prefecture of every person: the register's, then the others on assistance."""
    number = {code: place for place, code in enumerate(places.prefectures)}
    prefecture = places.counties["prefecture_code"].map(number).to_numpy()
    outside = assistance.recipients
    outside = outside[outside["person"] >= len(persons)]
    found = np.zeros(len(persons) + len(assistance.outsiders), np.int64)
    found[: len(persons)] = prefecture[households.county[persons.household]]
    found[outside["person"]] = prefecture[outside["county"]]
    return found
