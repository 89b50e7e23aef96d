"""Which of many numbers are sound, found all at once.

Nearly all numbers delivered are. Only the others are looked at one by one, to say what is wrong
with them (:mod:`healthmon.intake.identity`).
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_LENGTH = 18
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int32)
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
"""Check character by the weighted sum modulo 11 (GB 11643-1999, ISO 7064 MOD 11-2)."""
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int32)
FIRST_YEAR = 1850
"""Nobody on a register is born before."""


def sound_identity_numbers(texts: pa.Array, is_region: Callable[[str], bool]) -> np.ndarray:
    """Say of each text whether it is an identity number in which nothing is wrong.

    Parameters
    ----------
    texts : pyarrow.Array
        Of strings, without null.
    is_region : callable
        Whether the first six digits are accepted; asked once for each of them.

    Returns
    -------
    ndarray of bool
        False also where the number is sound and merely written with spaces or small letters.

    References
    ----------
    GB 11643-1999, the citizen identity number.
    """
    shaped = pc.match_substring_regex(texts, "^[0-9]{17}[0-9X]$")
    sound = shaped.to_numpy(zero_copy_only=False).copy()
    numbers = texts.filter(shaped)
    if not len(numbers):
        return sound
    characters = _characters(numbers)
    digits = _digits(characters)
    checked = _CHECKS[(digits @ _WEIGHTS) % 11] == characters[:, -1]
    sound[sound] = checked & _hold_dates(digits) & _hold_regions(numbers, is_region)
    return sound


def as_integers(numbers: pa.Array) -> np.ndarray:
    """Return sound identity numbers as integers, one to one: the check character follows.

    Parameters
    ----------
    numbers : pyarrow.Array
        Of strings of 18 characters.

    Returns
    -------
    ndarray of int64
        The first 17 digits.
    """
    powers = 10 ** np.arange(_LENGTH - 2, -1, -1, dtype=np.int64)
    return _digits(_characters(numbers)).astype(np.int64) @ powers


def _characters(numbers: pa.Array) -> np.ndarray:
    joined = "".join(numbers.to_pylist()).encode("ascii")
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, _LENGTH)


def _digits(characters: np.ndarray) -> np.ndarray:
    return characters[:, :-1].astype(np.int32) - ord("0")


def _hold_dates(digits: np.ndarray) -> np.ndarray:
    """Say of each row of 17 digits whether it holds a date of birth."""
    year, month, day = (
        digits[:, begin:end] @ (10 ** np.arange(end - begin)[::-1])
        for begin, end in ((6, 10), (10, 12), (12, 14))
    )
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = _MONTH_DAYS[np.where(month <= 12, month, 0)] + ((month == 2) & is_leap)
    return (year >= FIRST_YEAR) & (day >= 1) & (day <= last)


def _hold_regions(numbers: pa.Array, is_region: Callable[[str], bool]) -> np.ndarray:
    regions = pc.utf8_slice_codeunits(numbers, 0, 6).dictionary_encode()
    known = pa.array([is_region(code) for code in regions.dictionary.to_pylist()], pa.bool_())
    return known.take(regions.indices).to_numpy(zero_copy_only=False)


def sound_household_numbers(texts: pa.Array) -> np.ndarray:
    """Say of each text whether it is a household number as it is kept, in capitals."""
    return pc.match_substring_regex(texts, "^[0-9A-Z-]{1,32}$").to_numpy(zero_copy_only=False)
