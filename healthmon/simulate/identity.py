"""Names, identity numbers, household numbers and telephone numbers that can be nobody's."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthmon.errors import UserError
from healthmon.simulate.settings import Settings

REGION = "639900"
"""A region code that GB/T 2260 assigns to no place."""
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)


def number_persons(birth_days: np.ndarray, is_male: np.ndarray) -> pa.Array:
    """Make identity numbers: region, birth date, sequence (odd for men), GB 11643 check digit.

    Raises
    ------
    UserError
        When a day has more than 500 births of one sex, so that sequences run out.
    """
    order = np.lexsort((is_male, birth_days))
    group = birth_days[order] * 2 + is_male[order]
    first = np.r_[True, group[1:] != group[:-1]]
    rank = np.arange(len(order)) - np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    if rank.max(initial=0) > 499:
        raise UserError("too many persons for unique identity numbers: choose a smaller scale")
    sequence = np.empty(len(order), np.int64)
    sequence[order] = 2 * rank + is_male[order]
    digits = np.empty((len(order), 18), np.uint8)
    digits[:, :6] = np.frombuffer(REGION.encode(), np.uint8) - 48
    digits[:, 6:14] = _digits(_yyyymmdd(birth_days), 8)
    digits[:, 14:17] = _digits(sequence, 3)
    text = digits + np.uint8(48)
    text[:, 17] = _CHECK[(digits[:, :17].astype(np.int64) @ _WEIGHTS) % 11]
    return fixed_text(text)


def fixed_text(characters: np.ndarray) -> pa.Array:
    """Turn a matrix of ASCII codes into an array of strings, one a row."""
    count, width = characters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * width
    data = pa.py_buffer(np.ascontiguousarray(characters))
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(offsets), data])


def number_households(rng: np.random.Generator, count: int) -> pa.Array:
    """Make household numbers QHS + 10 digits, unique, in no order."""
    text = np.empty((count, 13), np.uint8)
    text[:, :3] = np.frombuffer(b"QHS", np.uint8)
    steps = rng.integers(1, 9_000_000_000 // (count + 1), count)
    text[:, 3:] = _digits(rng.permutation(1_000_000_000 + np.cumsum(steps)), 10) + np.uint8(48)
    return fixed_text(text)


def number_telephones(rng: np.random.Generator, count: int) -> pa.Array:
    """Make telephone numbers beginning with 100, which no operator assigns."""
    text = np.empty((count, 11), np.uint8)
    text[:, :3] = np.frombuffer(b"100", np.uint8)
    text[:, 3:] = rng.integers(48, 58, (count, 8), dtype=np.uint8)
    return fixed_text(text)


@dataclass(frozen=True)
class Names:
    """Names of persons as UTF-8 and as GB18030 bytes."""

    utf8: pa.Array
    gb18030: pa.Array


def name_persons(
    rng: np.random.Generator, settings: Settings, ethnic_group: np.ndarray, family: np.ndarray
) -> Names:
    """Make plausible names.

    Parameters
    ----------
    ethnic_group : array of int
        Place in the list of ethnic groups.
    family : array of int
        Persons with the same number share a surname where their group uses surnames.
    """
    pool, starts = _surname_pool(settings)
    groups = settings.list_words("ethnic_groups")
    sizes = np.array([len(_surnames(settings, group)) for group in groups])
    lead = _spread(family, 0x9E3779B1) ** 2  # the first names of a list are the common ones
    first = starts[ethnic_group] + (lead * sizes[ethnic_group]).astype(np.int64)
    is_tibetan = np.isin(ethnic_group, [groups.index(group) for group in ("藏族", "蒙古族")])
    given, extra = settings.list_words("given"), ["", *settings.list_words("given")]
    tibetan = settings.list_words("tibetan_second")
    dotted = ["·" + word for word in tibetan]
    seconds = given + tibetan + dotted
    second = rng.integers(0, len(given), len(first))
    other = len(given) + rng.integers(0, len(tibetan), len(first))
    other += len(tibetan) * (rng.random(len(first)) < 0.25)
    second = np.where(is_tibetan, other, second)
    third = np.where(
        is_tibetan | (rng.random(len(first)) < 0.3), 0, rng.integers(1, len(extra), len(first))
    )
    return _join_names(pool, seconds, extra, first, second, third)


def _join_names(
    pool: list[str],
    seconds: list[str],
    extra: list[str],
    first: np.ndarray,
    second: np.ndarray,
    third: np.ndarray,
) -> Names:
    parts = ((pool, first), (seconds, second), (extra, third))
    joined = []
    for encoding in ("utf-8", "gb18030"):
        taken = [
            pa.array([word.encode(encoding) for word in words], pa.binary()).take(pa.array(chosen))
            for words, chosen in parts
        ]
        joined.append(pc.binary_join_element_wise(*taken, b"").view(pa.string()))
    return Names(*joined)


def _surname_pool(settings: Settings) -> tuple[list[str], np.ndarray]:
    lists = [_surnames(settings, group) for group in settings.list_words("ethnic_groups")]
    starts = np.cumsum([0] + [len(one) for one in lists[:-1]])
    return [name for one in lists for name in one], starts


def _surnames(settings: Settings, group: str) -> list[str]:
    return settings.words["surnames"][group]


def _spread(values: np.ndarray, factor: int) -> np.ndarray:
    """Spread whole numbers evenly over 0-1, the same number always to the same place."""
    mixed = (values.astype(np.uint64) * np.uint64(factor) + np.uint64(12345)) % np.uint64(1 << 32)
    return mixed.astype(float) / (1 << 32)


def _yyyymmdd(days: np.ndarray) -> np.ndarray:
    date = days.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    year = month.astype("datetime64[Y]").astype(np.int64) + 1970
    month_number = month.astype(np.int64) % 12 + 1
    return year * 10000 + month_number * 100 + (date - month).astype(np.int64) + 1


def _digits(values: np.ndarray, width: int) -> np.ndarray:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (values[:, None] // powers % 10).astype(np.uint8)
