"""Text as departments write it, turned into typed values.

Each parser takes one cleaned text that is not empty and returns its value or raises BadValue.
Columns repeat themselves, so that only the distinct texts of a column are looked at.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from functools import cache, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from stdnum.cn import ric

from healthmon.exports import Column
from healthmon.intake.faults import BadValue
from healthmon.intake.forms import PLAIN_TEXT, loosen
from healthmon.intake.identity import Pseudonyms
from healthmon.intake.sheet import clean
from healthmon.intake.words import Words
from healthmon.money import fen
from healthmon.places import read_places
from healthmon.tables import ARROW_TYPES

Parser = Callable[[str], object]

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0+)?", re.ASCII)
_MONEY = re.compile(r"[+-]?\d{1,16}(\.\d+)?", re.ASCII)
_PERCENT = re.compile(r"([+-]?\d{1,6}(?:\.\d+)?)\s*(%?)", re.ASCII)
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|(\d\d)(\d\d))(?:[ T]0?0:00(?::00)?)?",
    re.ASCII,
)
_YEARS = range(1850, 2101)
_LIKELY_PERSONAL = r"(?:^|[^0-9A-Za-z])(?:[0-9]{17}[0-9Xx]|1[3-9][0-9]{9})(?:$|[^0-9A-Za-z])"
_NUMBERS = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])", re.ASCII)
_PERSONAL = BadValue(
    "personal_number", "holds an identity or telephone number, which does not belong here"
)
_PLAIN_MONEY = r"^\d{1,13}\.\d{2}$"
_BOOLEANS = {"是": True, "否": False}
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]")
"""First two digits of division codes, GB/T 2260."""
_LEVELS = {6: "counties", 9: "townships", 12: "villages"}


@dataclass
class Converted:
    """A typed column and what was wrong in it.

    Parameters
    ----------
    values : pyarrow.Array
        Null where the value is missing or bad.
    bad : dict
        Position of a row to its text and what is wrong with it.
    kinds : dict
        Kind of rewriting (:mod:`healthmon.intake.forms`) to the positions of its rows.
    texts : pyarrow.Array or None
        The texts as parsed, where any differs from what was delivered.
    """

    values: pa.Array
    bad: dict[int, tuple[str, BadValue]]
    kinds: dict[str, np.ndarray] = field(default_factory=dict)
    texts: pa.Array | None = None


def convert(column: Column, texts: pa.Array, pseudonyms: Pseudonyms, words: Words) -> Converted:
    """Turn a column of text into typed values.

    Parameters
    ----------
    column : Column
        Its type, limits and words, from the list of exports.
    texts : pyarrow.Array
        As delivered.
    pseudonyms : Pseudonyms
        Gives persons and households their ids.
    words : Words
        What people write by hand.

    Raises
    ------
    UserError
        When two identity numbers get the same id.
    """
    if column.type == "text":
        return _labels(column, pc.utf8_trim_whitespace(texts), words)
    encoded = texts.dictionary_encode()
    loose = loosen(column, encoded.dictionary, words)
    if column.type == "money":
        values, problems = _money_values(loose.texts, column)
    else:
        if column.type in ("identity_number", "household_number"):
            values, problems = pseudonyms.ids(loose.texts, column.type)
        else:
            parsed, problems = _parse_each(loose.texts.to_pylist(), _parser(column))
            values = pa.array(parsed, ARROW_TYPES[column.type])
    bad = _spread(problems | loose.problems, encoded)
    converted = Converted(values.take(encoded.indices), bad, _spread_kinds(loose.kinds, encoded))
    if loose.texts is not encoded.dictionary:
        converted.texts = loose.texts.take(encoded.indices)
    return converted


def _parse_each(distinct: list[str], parser: Parser) -> tuple[list, dict[int, BadValue]]:
    parsed: list[object] = []
    problems: dict[int, BadValue] = {}
    for index, text in enumerate(distinct):
        value, cleaned = None, clean(text)
        if cleaned:
            try:
                value = parser(cleaned)
            except BadValue as problem:
                problems[index] = problem.with_traceback(None)
        parsed.append(value)
    return parsed, problems


def _spread(
    problems: dict[int, BadValue], encoded: pa.DictionaryArray
) -> dict[int, tuple[str, BadValue]]:
    """Find the rows that hold the distinct texts with problems."""
    if not problems:
        return {}
    indices = encoded.indices.to_numpy(zero_copy_only=False)
    positions = np.flatnonzero(np.isin(indices, list(problems)))
    texts = {index: encoded.dictionary[index].as_py() for index in problems}
    return {int(p): (texts[indices[p]], problems[indices[p]]) for p in positions}


def _spread_kinds(
    kinds: dict[str, list[int]], encoded: pa.DictionaryArray
) -> dict[str, np.ndarray]:
    """Find the rows that hold the distinct texts that were rewritten."""
    if not kinds:
        return {}
    indices = encoded.indices.to_numpy(zero_copy_only=False)
    return {kind: np.flatnonzero(np.isin(indices, found)) for kind, found in kinds.items()}


def _labels(column: Column, texts: pa.Array, words: Words) -> Converted:
    """Take text as it is, half-width; empty is null. Almost all is plain and not looked at."""
    odd = pc.invert(pc.match_substring_regex(texts, PLAIN_TEXT))
    positions = np.flatnonzero(odd.to_numpy(zero_copy_only=False))
    bad, kinds = {}, {}
    if len(positions):
        encoded = texts.filter(odd).dictionary_encode()
        loose = loosen(column, encoded.dictionary, words)
        texts = pc.replace_with_mask(texts, odd, loose.texts.take(encoded.indices))
        found = _spread(loose.problems, encoded)
        bad = {int(positions[position]): about for position, about in found.items()}
        spread = _spread_kinds(loose.kinds, encoded)
        kinds = {kind: positions[rows] for kind, rows in spread.items()}
    values = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    for position in _personal(values):
        bad.setdefault(position, (values[position].as_py(), _PERSONAL))
    return Converted(values, bad, kinds)


def _personal(values: pa.Array) -> list[int]:
    """Find texts with an identity or mobile number in them: they would be kept as they are."""
    likely = pc.fill_null(pc.match_substring_regex(values, _LIKELY_PERSONAL), False)
    found = []
    for position in np.flatnonzero(likely.to_numpy(zero_copy_only=False)).tolist():
        numbers = _NUMBERS.findall(values[position].as_py())
        if any(len(n) == 11 or ric.calc_check_digit(n.upper()) == n[17].upper() for n in numbers):
            found.append(position)
    return found


def _money_values(distinct: pa.Array, column: Column) -> tuple[pa.Array, dict[int, BadValue]]:
    """Parse amounts; those written 123.45 all at once, only the others one by one."""
    plain = pc.match_substring_regex(distinct, _PLAIN_MONEY)
    written = pc.if_else(plain, distinct, pa.scalar(None, pa.string()))
    values = pc.replace_substring(written, ".", "").cast(pa.int64())
    others = np.flatnonzero(~plain.to_numpy(zero_copy_only=False))
    if not len(others):
        return values, {}
    texts = [distinct[int(index)].as_py() for index in others]
    parsed, problems = _parse_each(texts, lambda text: parse_money(text, column.minimum))
    values = pc.replace_with_mask(values, pc.invert(plain), pa.array(parsed, pa.int64()))
    return values, {int(others[index]): problem for index, problem in problems.items()}


def _parser(column: Column) -> Parser:
    if column.type == "category":
        words = {clean(word): code for word, code in column.values.items()}
        return lambda text: parse_word(text, words)
    if column.type == "count":
        return lambda text: parse_count(text, column.minimum)
    if column.type == "code":
        return lambda text: parse_code(text, column.digits, column.beyond_province)
    return {
        "boolean": parse_boolean,
        "date": parse_date,
        "year": parse_year,
        "percent": parse_percent,
    }[column.type]


def parse_count(text: str, minimum: int | None = 0) -> int:
    """Parse a whole number, such as ``12``, ``1,200`` or ``12.0``."""
    text = _without_thousands(text)
    if not _WHOLE.fullmatch(text):
        raise BadValue("not_a_whole_number", "is not a whole number")
    number = int(text.split(".")[0])
    if minimum is not None and number < minimum:
        raise BadValue("below_minimum", f"is below {minimum}")
    return number


def parse_money(text: str, minimum: int | None = 0) -> int:
    """Parse an amount in yuan with at most two decimals into fen, exactly."""
    text = _without_thousands(text)
    if not (found := _MONEY.fullmatch(text)):
        raise BadValue("not_an_amount", "is not an amount in yuan")
    if len(found[1] or "") > 3:
        raise BadValue("too_many_decimals", "has more than two decimals")
    amount = fen(text)
    if minimum is not None and amount < minimum * 100:
        raise BadValue("below_minimum", f"is below {minimum}")
    return amount


def parse_percent(text: str) -> int:
    """Parse a percentage into hundredths of a percent.

    ``85.3%`` and ``85.3`` are 8530. A number up to 1 without a percent sign is a share (``0.57``
    is 5700), except 1, which may be 1 % or 100 % and is refused, and 0. What goes beyond the
    hundredths of a percent is cut off, so that no rate is lifted over a threshold.
    """
    if not (found := _PERCENT.fullmatch(text)):
        raise BadValue("not_a_percentage", "is not a percentage")
    number = Decimal(found[1])
    if not found[2]:
        if number == 1:
            raise BadValue("undecidable_percentage", "may be 1 % or 100 %")
        number *= 100 if 0 < number < 1 else 1
    if not 0 <= number <= 100:
        raise BadValue("not_a_percentage", "is not between 0 and 100 %")
    return int((number * 100).to_integral_value(rounding=ROUND_DOWN))


@lru_cache(1 << 14)
def parse_date(text: str) -> datetime.date:
    """Parse a date written ``2021-03-05``, ``2021/3/5`` or ``20210305``."""
    if found := _DATE.fullmatch(text):
        numbers = [int(part) for part in found.groups() if part]
        if numbers[0] in _YEARS:
            try:
                return datetime.date(*numbers)
            except ValueError:
                pass
    raise BadValue("not_a_date", "is not a date")


def parse_year(text: str) -> int:
    """Parse a year of four digits."""
    if not re.fullmatch(r"\d{4}", text, re.ASCII) or int(text) not in _YEARS:
        raise BadValue("not_a_year", "is not a year")
    return int(text)


def parse_boolean(text: str) -> bool:
    """Parse 是 or 否; other words for them are in ``params/intake.yml``."""
    if text not in _BOOLEANS:
        raise BadValue("not_yes_or_no", "is neither 是 nor 否")
    return _BOOLEANS[text]


def parse_word(text: str, words: dict[str, str]) -> str:
    """Parse one of the words of a category into its code."""
    if text not in words:
        raise BadValue("unknown_word", f"is none of: {', '.join(words)}")
    return words[text]


@lru_cache(1 << 14)
def parse_code(text: str, digits: int, beyond_province: bool = False) -> str:
    """Parse the code of a division.

    Parameters
    ----------
    digits : int
        6 county, 9 township, 12 village.
    beyond_province : bool
        Whether it may lie in another province, whose divisions are not looked up.
    """
    if not re.fullmatch(rf"\d{{{digits}}}", text, re.ASCII):
        raise BadValue("not_a_code", f"is not a code of {digits} digits")
    known = _known_codes(digits)
    if text not in known and not (beyond_province and _lies_elsewhere(text, known)):
        raise BadValue("unknown_code", "is no known division")
    return text


def _lies_elsewhere(text: str, known: frozenset[str]) -> bool:
    own = {code[:2] for code in known}
    return text[:2] not in own and _PROVINCE.match(text) is not None


@cache
def _known_codes(digits: int) -> frozenset[str]:
    return frozenset(read_places(_LEVELS[digits])["code"])


def _without_thousands(text: str) -> str:
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
