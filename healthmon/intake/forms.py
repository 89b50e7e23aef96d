"""Values as people write them, turned into the one form that :mod:`values` parses.

Only what has one meaning is rewritten, and each rewriting is noted by its kind; what has several
is refused with a reason. Columns repeat themselves, so that only distinct texts are looked at,
and of those only the ones that are not plain already.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthmon.exports import Column
from healthmon.intake.faults import BadValue
from healthmon.intake.sheet import clean, clean_word
from healthmon.intake.words import Words, bare

Kinds = set[str]
_PLAIN = {
    "money": r"^(\d{1,13}(\.\d{1,2})?)?$",
    "count": r"^\d*$",
    "code": r"^\d*$",
    "date": r"^(\d{4}-\d\d-\d\d)?$",
    "identity_number": r"^([0-9]{17}[0-9X])?$",
    "household_number": r"^([0-9A-Za-z-]*[0-9][0-9A-Za-z-]*)?$",
}
"""What needs no looking at, by type: regular expressions of RE2."""
PLAIN_TEXT = r"^([0-9A-Z._-]*[0-9][0-9A-Z._-]*|\p{Han}{5,})?$"
"""Labels that need no looking at: numbers, codes, longer names."""
_LOST_DIGITS = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
_FORMULA_TEXT = re.compile(r'="(.*)"')
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?:\.\d+)?")
_CURRENCY = re.compile(r"^(?:人民币|rmb|cny|¥|￥)\s*|(?<=\d)\s*(?:rmb|cny)$", re.IGNORECASE)
_DAY = re.compile(
    r"(\d{4})(?:年(\d{1,2})月(\d{1,2})[日号]?|\.(\d{1,2})\.(\d{1,2})"
    r"|/(\d{1,2})/(\d{1,2})|-(\d{1,2})-(\d{1,2})|(\d\d)(\d\d))(?:[ T]?0?0:00(?::00)?)?"
)
_MONTH = re.compile(r"\d{4}(?:年\d{1,2}月?份?|[-/.]\d{1,2}|(?:0[1-9]|1[0-2]))")
_YEAR = re.compile(r"(\d{4})年?度?")
_SERIAL = re.compile(r"(\d{5})(?:\.0+)?")
_FIRST_DAY = datetime.date(1899, 12, 30)
"""Day 0 of Excel's count, for days after its leap day that never was, 29 February 1900."""
_LAST_SERIAL = 73415
"""31 December 2100."""
_CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")


@dataclass
class Loosened:
    """Texts in the form that is parsed.

    Parameters
    ----------
    texts : pyarrow.Array
        Empty where nothing stands there, or what does is refused.
    kinds : dict
        Kind of rewriting to the positions of the texts it was done to.
    problems : dict
        Position of a text to why it is refused.
    """

    texts: pa.Array
    kinds: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    problems: dict[int, BadValue] = field(default_factory=dict)


def loosen(column: Column, distinct: pa.Array, words: Words) -> Loosened:
    """Rewrite the distinct texts of a column.

    Parameters
    ----------
    column : Column
    distinct : pyarrow.Array
        Texts as delivered.
    words : Words
    """
    found = Loosened(distinct)
    if column.type in _PLAIN:
        odd = pc.invert(pc.match_substring_regex(distinct, _PLAIN[column.type]))
    else:
        odd = pa.array(np.ones(len(distinct), dtype=bool))
    positions = np.flatnonzero(odd.to_numpy(zero_copy_only=False))
    rewrite = rewriter(column, words)
    rewritten = []
    for position, text in zip(positions, distinct.filter(odd).to_pylist(), strict=True):
        kinds: Kinds = set()
        try:
            rewritten.append(rewrite(text, kinds))
        except BadValue as problem:
            found.problems[int(position)] = problem.with_traceback(None)
            rewritten.append("")
            continue
        for kind in sorted(kinds):
            found.kinds[kind].append(int(position))
    if len(positions):
        found.texts = pc.replace_with_mask(distinct, odd, pa.array(rewritten, pa.string()))
    return found


def rewriter(column: Column, words: Words) -> Callable[[str, Kinds], str]:
    """Return the function that rewrites one text of a column and notes how."""
    own = {bare(word) for word in (*column.values, *column.word_aliases)}
    own |= set(words.booleans) if column.type == "boolean" else set()
    by_type = _by_type(column, words)
    half_width = clean_word if column.type == "text" else clean

    def rewrite(text: str, kinds: Kinds) -> str:
        stripped, cleaned = text.strip(), half_width(text)
        if not cleaned:
            return ""
        if (plain := bare(cleaned)) in words.blanks and plain not in own:
            kinds.add("blank_word")
            return ""
        if cleaned != stripped:
            kinds.add("full_width")
        return by_type(cleaned, kinds)

    return rewrite


def _by_type(column: Column, words: Words) -> Callable[[str, Kinds], str]:
    if column.type in ("money", "count"):
        units = words.money_units if column.type == "money" else words.count_units
        number = _number_of(units)
        return lambda text, kinds: _loosen_number(text, kinds, number, units)
    if column.type == "boolean":
        return lambda text, kinds: _loosen_boolean(text, kinds, words)
    if column.type == "category":
        spellings = {bare(word): word for word in column.values}
        spellings |= {bare(alias): word for alias, word in column.word_aliases.items()}
        return lambda text, kinds: _loosen_word(text, kinds, spellings)
    return {
        "date": _loosen_date,
        "year": _loosen_year,
        "percent": _loosen_percent,
        "identity_number": _loosen_number_label,
        "code": _loosen_number_label,
    }.get(column.type, _loosen_label)


def _number_of(units: dict[str, int]) -> re.Pattern[str]:
    either = "|".join(map(re.escape, sorted(units, key=len, reverse=True)))
    return re.compile(rf"({_NUMBER})\s*({either})?")


def _loosen_number(text: str, kinds: Kinds, pattern: re.Pattern[str], units: dict[str, int]) -> str:
    """Write a number without separators and unit; one that is none stays as it is."""
    plain = _CURRENCY.sub("", text)
    if _SPACED.fullmatch(plain):
        plain = plain.replace(" ", ",")
    if not (found := pattern.fullmatch(plain)):
        return text
    if plain != text:
        kinds.add("thousands_separator" if len(plain) == len(text) else "unit_word")
    if "," in found[1]:
        kinds.add("thousands_separator")
    number, factor = Decimal(found[1].replace(",", "")), units.get(found[2], 1)
    if found[2]:
        in_ten_thousands = "ten_thousand_yuan" if "元" in units else "ten_thousand"
        kinds.add({1: "unit_word", 10000: in_ten_thousands}.get(factor, "larger_unit"))
    number *= factor
    return format(number.normalize() if number else Decimal(0), "f")


def _loosen_boolean(text: str, kinds: Kinds, words: Words) -> str:
    known = words.booleans.get(bare(text))
    if known is None:
        return text
    word = "是" if known else "否"
    if text != word:
        kinds.add("yes_no_word")
    return word


def _loosen_word(text: str, kinds: Kinds, spellings: dict[str, str]) -> str:
    word = spellings.get(bare(text))
    if word is None:
        return text
    if clean(word) != text:
        kinds.add("other_word")
    return word


def _loosen_date(text: str, kinds: Kinds) -> str:
    """Write a day as 2022-06-05; a month or a year is no day."""
    # one space may stand before the time, others have no meaning
    day, _, time = text.partition(" ") if ":" in text else (text, "", "")
    plain = "".join(day.split()) + (f" {time.strip()}" if time else "")
    if re.search("[〇一二三四五六七八九十]", plain):
        plain = _from_chinese(plain)
    if found := _DAY.fullmatch(plain):
        year, month, number = (part for part in found.groups() if part)
        if plain[:10] != f"{year}-{month:>02}-{number:>02}":
            kinds.add("chinese_date" if "年" in text else "date_form")
        return f"{year}-{month:>02}-{number:>02}"
    if (found := _SERIAL.fullmatch(plain)) and int(found[1]) <= _LAST_SERIAL:
        kinds.add("excel_serial_date")
        return (_FIRST_DAY + datetime.timedelta(days=int(found[1]))).isoformat()
    if _MONTH.fullmatch(plain):
        raise BadValue("month_for_date", "is a month, and a day is asked for")
    if _YEAR.fullmatch(plain):
        raise BadValue("year_for_date", "is a year, and a day is asked for")
    return text


def _from_chinese(text: str) -> str:
    """Write Chinese numerals up to 99 and years digit by digit as 0-9."""
    text = re.sub(r"(?<![一二三四五六七八九])十", "一十", text)
    text = re.sub(r"十(?![一二三四五六七八九])", "〇", text).replace("十", "")
    return text.translate(_CHINESE_DIGITS)


def _loosen_year(text: str, kinds: Kinds) -> str:
    found = _YEAR.fullmatch("".join(text.split()))
    if found and found[1] != text:
        kinds.add("year_word")
    return found[1] if found else text


def _loosen_percent(text: str, kinds: Kinds) -> str:
    plain = re.sub(r"^百分之\s*(?=\d)(.*)$", r"\1%", text)
    if not re.fullmatch(r"[+-]?\d+(?:\.\d+)?\s*%?", plain):
        return text
    if plain.endswith("%"):
        kinds.add("percent_sign")
    elif 0 < Decimal(plain) < 1:
        kinds.add("share_for_percent")
    return plain


def _loosen_number_label(text: str, kinds: Kinds) -> str:
    """Take spaces, small letters and the zeros behind a point out of an identity number or code."""
    label = _loosen_label(text, kinds)
    plain = "".join(label.split()).upper()
    if found := re.fullmatch(r"(\d{6,12})\.0+", plain):
        kinds.add("decimal_zeros")
        return found[1]
    if len(plain) != len(label):
        kinds.add("spaces")
    if plain != "".join(label.split()):
        kinds.add("small_letter")
    return plain


def _loosen_label(text: str, kinds: Kinds) -> str:
    """Take the marks away that keep a spreadsheet from making a number of a label."""
    if _LOST_DIGITS.fullmatch(text):
        reason = "was stored as a number and has lost its last digits: format the column as text"
        raise BadValue("lost_digits", reason)
    if found := _FORMULA_TEXT.fullmatch(text):
        kinds.add("text_mark")
        return found[1].strip()
    if text[0] in "'`’‘":
        kinds.add("text_mark")
        return text[1:].strip()
    return text
