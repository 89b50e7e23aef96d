"""What a sheet says about all values of a column: its unit, and from when its days count."""

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from healthmon.intake.sheet import clean

_TITLE_UNIT = re.compile(r"单位[:为]?\s*([百千万亿]{0,2}元)")
_NUMBER = r"^[\s　]*[+-]?[0-9０-９][0-9０-９.,．，]*[\s　]*$"
_SERIAL = r"^\d{3,5}$"
_DAYS_BETWEEN = 1462
"""From 1 January 1900 to 1 January 1904, as Excel counts."""


def title_unit(title: Iterable[str]) -> str | None:
    """Return the unit of money that the lines above the headers state, such as 万元."""
    found = (_TITLE_UNIT.search(clean(line)) for line in title)
    return next((match[1] for match in found if match), None)


def with_unit(texts: pa.Array, unit: str | None) -> pa.Array:
    """Write a column's unit behind each number that has none; yuan goes without saying."""
    if unit is None or unit == "元" or "元" not in unit:
        return texts
    bare = pc.match_substring_regex(texts, _NUMBER)
    return pc.if_else(bare, pc.binary_join_element_wise(texts, unit, ""), texts)


def from_1904(texts: pa.Array) -> pa.Array:
    """Turn day numbers that count from 1904 into those that count from 1900."""
    serial = pc.match_substring_regex(texts, _SERIAL)
    numbers = pc.if_else(serial, texts, pa.scalar("0", pa.string())).cast(pa.int64())
    moved = pc.add(numbers, _DAYS_BETWEEN).cast(pa.string())
    return pc.if_else(serial, moved, texts)
