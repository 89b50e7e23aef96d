"""How likely a row belongs to a known person: weights after Fellegi and Sunter, from ``params``.

For each candidate the ratio m / u of every comparison is multiplied; the score is the chance that
the row is this one's, against every other candidate and against somebody not known at all.

References
----------
Fellegi and Sunter (1969), A theory for record linkage, JASA 64.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field
from rapidfuzz.distance import OSA

from healthmon.intake.identity import new_number
from healthmon.intake.names import compare_names
from healthmon.parameters import Label, Parameters, load_parameters

_LEVELS = (("village", 12), ("township", 9), ("county", 6), ("prefecture", 4))
_BIRTH = re.compile(r"(?:18|19|20)\d{6}", re.ASCII)
_OLD = re.compile(r"\d{15}", re.ASCII)
_SHORTEST_NUMBER = 15


class Weight(Parameters):
    """How often records of one person (m), and of two (u), agree in one way."""

    m: float = Field(gt=0, le=1)
    u: float | None = Field(default=None, gt=0, le=1)


class LinkSettings(Parameters):
    """The parameters of linking, ``params/linkage.yml``."""

    label: Label
    source: str
    status: Literal["inferred"]
    prior_known: float = Field(gt=0, lt=1)
    accept: float = Field(gt=0.5, lt=1)
    name: dict[Literal["same", "same_sound", "alike"], Weight]
    birth_date: dict[Literal["same", "near", "different"], Weight]
    number: dict[Literal["one_edit", "two_edits", "different"], Weight]
    household: dict[Literal["same", "different"], Weight]
    place: dict[Literal["village", "township", "county", "prefecture", "different"], Weight]


@cache
def load_link_settings(params: Path) -> LinkSettings:
    """Read ``linkage.yml`` in the ``params`` folder; raises ParameterError where it is wrong."""
    return load_parameters(params / "linkage.yml", LinkSettings)


class Described(NamedTuple):
    """What a record says of a person; None where it says nothing.

    Parameters
    ----------
    name : str
        Normalised.
    number : str or None
        Identity number; of a row, the broken one.
    birth : str or None
        Eight digits; of a row, from a column of its own.
    place : str or None
        Code of 12, 9 or 6 digits, or a prefecture's, which ends in 00.
    household_id : int or None
    """

    name: str
    number: str | None
    birth: str | None
    place: str | None
    household_id: int | None


@dataclass
class Shares:
    """How common names, places and households are among the persons known.

    Parameters
    ----------
    persons : int
        How many are known.
    names, places, households : Counter
        Persons by normalised name; by code of village, township, county and prefecture (4
        digits); by household.
    """

    persons: int = 0
    names: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    households: Counter[int] = field(default_factory=Counter)

    def share(self, counts: Counter, key: str | int) -> float:
        """Return the share with this value, with one more person counted, so that it is never 0."""
        return min(1.0, (counts[key] + 1) / (self.persons + 1))


class Agreement(NamedTuple):
    """How strongly a candidate agrees, and in what."""

    ratio: float
    kind: str


def birth_in_number(number: str | None) -> str | None:
    """Return the eight digits of the date of birth that a broken number may hold."""
    if number and _OLD.fullmatch(number):
        return "19" + number[6:12]
    return number[6:14] if number and _BIRTH.fullmatch(number[6:14]) else None


def agree(
    row: Described, person: Described, shares: Shares, settings: LinkSettings
) -> Agreement | None:
    """Compare a row with a person known.

    The birth date inside a broken number that is close to the person's counts with the number,
    not once more by itself; a household settles the place.

    Returns
    -------
    Agreement or None
        Product of m / u, and what agrees, as in ``name_birth_village``; None where the names
        differ, whatever else agrees: a number typed wrongly may come close to anybody's.
    """
    level = compare_names(row.name, person.name)
    if level == "different":
        return None
    weight = settings.name[level]
    common = weight.u or shares.share(shares.names, person.name)
    ratio = weight.m / common
    kinds = [{"same": "name", "same_sound": "sound", "alike": "alike"}[level]]
    birth = row.birth
    if row.number and len(row.number) >= _SHORTEST_NUMBER and person.number:
        level = compare_numbers(row.number, person.number)
        ratio *= settings.number[level].m / settings.number[level].u
        kinds += ["number"] * (level != "different")
        birth = birth or (birth_in_number(row.number) if level == "different" else None)
    else:
        birth = birth or birth_in_number(row.number)
    if birth and person.birth:
        level = _compare_births(birth, person.birth)
        ratio *= settings.birth_date[level].m / settings.birth_date[level].u
        kinds += {"same": ["birth"], "near": ["nearbirth"]}.get(level, [])
    if row.household_id is not None and person.household_id is not None:
        same = row.household_id == person.household_id
        weight = settings.household["same" if same else "different"]
        ratio *= weight.m / (weight.u or shares.share(shares.households, person.household_id))
        kinds += ["household"] * same
    elif row.place and person.place:
        level, factor = _compare_places(row.place, person.place, shares, settings)
        ratio *= factor
        kinds += [level] * (level != "different")
    return Agreement(ratio, "_".join(kinds))


def score(
    agreements: dict[int, Agreement], shares: Shares, settings: LinkSettings
) -> list[tuple[float, int, str]]:
    """Return the chance of each candidate, best first, as score, person and kind.

    Of all persons known, and somebody not known, exactly one is meant; who agrees in nothing is
    left out of the sum.
    """
    each = settings.prior_known / max(shares.persons, 1)
    total = 1 - settings.prior_known + each * sum(a.ratio for a in agreements.values())
    found = [(each * a.ratio / total, person, a.kind) for person, a in agreements.items()]
    return sorted(found, key=lambda item: (-item[0], item[1]))


def compare_numbers(broken: str, number: str) -> str:
    """Say by how much a broken number differs: one_edit, two_edits or different."""
    if _OLD.fullmatch(broken):
        broken = new_number(broken)
    edits = OSA.distance(broken, number, score_cutoff=2)
    return "one_edit" if edits <= 1 else "two_edits" if edits == 2 else "different"


def _compare_births(one: str, other: str) -> str:
    if one == other:
        return "same"
    # day and month exchanged is one mistake, too
    swapped = other[:4] + other[6:] + other[4:6]
    return (
        "near" if one == swapped or OSA.distance(one, other, score_cutoff=1) <= 1 else "different"
    )


def _compare_places(
    one: str, other: str, shares: Shares, settings: LinkSettings
) -> tuple[str, float]:
    """Find the finest level on which both know a place and agree; return it and m / u."""
    one, other = (code[:4] if code[4:] == "00" else code for code in (one, other))
    known = min(len(one), len(other))
    finer = 0.0
    for level, digits in _LEVELS:
        if digits > known:
            # agreement there cannot be seen: its m belongs to the finest level that can
            finer += settings.place[level].m
        elif one[:digits] == other[:digits]:
            share = shares.share(shares.places, other[:digits])
            return level, min(1.0, settings.place[level].m + finer) / share
        else:
            finer = 0.0
    return "different", settings.place["different"].m / settings.place["different"].u
