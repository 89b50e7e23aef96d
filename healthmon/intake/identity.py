"""Identity numbers: checked, turned into keyed ids, and gone.

What is stored is 63 bits of HMAC-SHA-256 under a secret key: without the key no id can be traced
to a number, not even by trying all numbers.

References
----------
GB 11643-1999, the citizen identity number: six digits of region, birth date, three digits of
sequence, check character by ISO 7064 MOD 11-2.
"""

import datetime
import hmac
import re
from functools import cache, lru_cache
from typing import Literal

import numpy as np
import pyarrow as pa
from stdnum import numdb
from stdnum.cn import ric

from healthmon.errors import UserError
from healthmon.intake.faults import BadValue
from healthmon.intake.ordered import are_in
from healthmon.intake.secret_keys import KEY_VARIABLE, SecretKey
from healthmon.intake.sheet import clean
from healthmon.intake.sound_numbers import (
    FIRST_YEAR,
    as_integers,
    sound_household_numbers,
    sound_identity_numbers,
)
from healthmon.places import read_places
from healthmon.project import Project

SIMULATED_REGION = "639900"
"""Region code that is not assigned; every simulated person has it."""
DEMONSTRATION_KEY = b"healthmon: published key, for simulated persons only"
PERSON_KEY = SecretKey("person.key", KEY_VARIABLE)
_OLD_NUMBER = re.compile(r"\d{15}", re.ASCII)
_GAPS = re.compile(r"\s+")
_NUMBER = re.compile(r"\d{17}[\dX]", re.ASCII)
_HOUSEHOLD = re.compile(r"[0-9A-Za-z-]{1,32}", re.ASCII)
_REMEMBERED = 2_000_000

NumberKind = Literal["identity_number", "household_number"]


def check_identity_number(number: str, simulated: bool) -> None:
    """Check a cleaned identity number.

    Parameters
    ----------
    number : str
        In capitals, without spaces.
    simulated : bool
        Whether the data is marked as simulated: then only simulated persons are accepted, else
        only real ones.

    Raises
    ------
    BadValue
        When length, characters, region, birth date or check character are wrong.
    """
    if _OLD_NUMBER.fullmatch(number):
        raise BadValue("old_number", "is an old number of 15 digits: write the one of 18")
    if len(number) != 18:
        raise BadValue("wrong_length", f"has {len(number)} characters instead of 18")
    if not _NUMBER.fullmatch(number):
        raise BadValue("not_an_identity_number", "is not 17 digits and a check character")
    if birth_date(number) is None:
        raise BadValue("no_birth_date", "holds no valid date of birth")
    if ric.calc_check_digit(number) != number[17]:
        raise BadValue("wrong_check_digit", "has a wrong check character")
    # last, so that a mistyped number of the right kind is not taken for one of the other
    if (number[:6] == SIMULATED_REGION) != simulated:
        raise BadValue("mixed_data", _mixed(simulated))
    if not is_accepted(number[:6], simulated):
        raise BadValue("unknown_region", "begins with no known code of a county")


def is_accepted(region: str, simulated: bool) -> bool:
    """Say whether identity numbers may begin with a region code in the data at hand."""
    return simulated if region == SIMULATED_REGION else not simulated and is_region(region)


def birth_date(number: str) -> datetime.date | None:
    """Return the date of birth that a cleaned identity number holds, if it is a date."""
    return _date(number[6:14])


@lru_cache(1 << 16)
def _date(digits: str) -> datetime.date | None:
    try:
        born = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return born if born.year >= FIRST_YEAR else None


@lru_cache(1 << 14)
def is_region(code: str) -> bool:
    """Say whether a county has, or once had, this code.

    python-stdnum also asks whether the code was in force in the year of birth; numbers are given
    at registration, often decades later, so that this would refuse good ones.
    """
    found = [about for _, about in numdb.get("cn/loc").info(code)]
    return "county" in {key for about in found for key in about} or code in _own_counties()


@cache
def _own_counties() -> frozenset[str]:
    return frozenset(read_places("counties")["code"])


def clean_number(text: str) -> str:
    """Return an identity or household number in half-width capitals without any spaces."""
    return _GAPS.sub("", clean(text)).upper()


def new_number(old: str) -> str:
    """Return the number of 18 characters that an old one of 15 digits became.

    References
    ----------
    GB 11643-1999: the century and the check character were added. Old numbers were given up to
    1999, so that the century is 19.
    """
    digits = f"{old[:6]}19{old[6:]}"
    return digits + ric.calc_check_digit(digits + "0")


class Pseudonyms:
    """Turn identity and household numbers into ids.

    Parameters
    ----------
    key : bytes
        The secret key.
    simulated : bool
        Whether the data is marked as simulated.
    """

    def __init__(self, key: bytes, simulated: bool) -> None:
        self._key, self._simulated = key, simulated
        self._forget()

    def ids(self, texts: pa.Array, kind: NumberKind) -> tuple[pa.Array, dict[int, BadValue]]:
        """Return the ids of numbers as delivered.

        Parameters
        ----------
        texts : pyarrow.Array
            Of strings, without null.
        kind : {"identity_number", "household_number"}
            A household number is 1 to 32 digits, letters or hyphens.

        Returns
        -------
        tuple
            Ids, null where a text is empty or no valid number; and the position of each bad text
            with what is wrong with it.

        Raises
        ------
        UserError
            When two numbers get the same id.
        """
        if len(self._given) > _REMEMBERED:
            self._forget()
        if kind == "identity_number":
            sound = sound_identity_numbers(texts, lambda code: is_accepted(code, self._simulated))
            given = self._person_ids(texts.filter(pa.array(sound)))
        else:
            sound = sound_household_numbers(texts)
            given = self._household_ids(texts.filter(pa.array(sound)))
        ids, missing = np.zeros(len(texts), dtype=np.int64), ~sound
        ids[sound] = given
        problems = {}
        for position in np.flatnonzero(~sound).tolist():
            if number := clean_number(texts[position].as_py()):
                try:
                    ids[position] = self._id(number, kind)
                    missing[position] = False
                except BadValue as problem:
                    problems[position] = problem.with_traceback(None)
        return pa.array(ids, mask=missing), problems

    def person_id(self, number: str) -> int:
        """Return the id of one identity number, or raise BadValue."""
        return self._id(clean_number(number), "identity_number")

    def household_id(self, number: str) -> int:
        """Return the id of one household number, or raise BadValue."""
        return self._id(clean_number(number), "household_number")

    def _forget(self) -> None:
        self._given: dict[int, str] = {}
        self._households: dict[str, int] = {}
        self._persons = np.empty(0, np.int64), np.empty(0, np.int64)

    def _person_ids(self, numbers: pa.Array) -> np.ndarray:
        """Return the ids of sound identity numbers; those met before are looked up."""
        keys, first, back = np.unique(as_integers(numbers), return_index=True, return_inverse=True)
        met, ids = self._persons
        is_new = ~are_in(keys, met)
        if is_new.any():
            new = numbers.take(pa.array(first[is_new])).to_pylist()
            given = [self._give(number, "identity_number") for number in new]
            at = np.searchsorted(met, keys[is_new])
            met, ids = np.insert(met, at, keys[is_new]), np.insert(ids, at, given)
            self._persons = met, ids
        return ids[np.searchsorted(met, keys)][back]

    def _household_ids(self, numbers: pa.Array) -> list[int]:
        known, written = self._households, numbers.to_pylist()
        for number in {number for number in written if number not in known}:
            known[number] = self._give(number, "household_number")
        return [known[number] for number in written]

    def _id(self, number: str, kind: NumberKind) -> int:
        if kind == "identity_number":
            check_identity_number(number, self._simulated)
        elif not _HOUSEHOLD.fullmatch(number):
            raise BadValue("not_a_household_number", "is not 1 to 32 digits, letters or hyphens")
        return self._give(number, kind)

    def _give(self, number: str, kind: NumberKind) -> int:
        # the kind before the number: a household never gets the id of a person
        text = f"{kind}:{number}"
        digest = hmac.digest(self._key, text.encode(), "sha256")
        given = int.from_bytes(digest[:8]) >> 1
        if self._given.setdefault(given, text) != text:
            raise UserError("two identity numbers got the same id: use another key")
        return given


def load_key(project: Project) -> bytes:
    """Return the key of a project: the published one for simulated data, else the secret one.

    The secret key is the file that ``HEALTHMON_KEY_FILE`` names, or
    ``~/.config/healthmon/person.key``, which is made on first use. Lost, every id changes.

    Raises
    ------
    UserError
        When the named file is missing, too short, a link, or can be read or changed by others.
    """
    return DEMONSTRATION_KEY if project.is_simulated else PERSON_KEY.load()


def _mixed(simulated: bool) -> str:
    if simulated:
        return "is not a simulated person's, and data/raw is marked as simulated"
    return "is a simulated person's, and data/raw is not marked as simulated"
