"""Identity numbers, telephone numbers and names of persons in a text."""

import html
import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from stdnum.cn import ric

from healthmon.intake.identity import SIMULATED_REGION, birth_date, is_region, new_number
from healthmon.intake.names import normalise_name
from healthmon.privacy.persons import HAN, Persons

_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), 0xFF38, 0xFF58)}
_HAS_WIDE = re.compile("[０-９Ｘｘ]")
_GAP = r"[ \-]?"
# not inside longer numbers, words, decimals or exponents
_BEFORE, _AFTER = r"(?<![0-9A-Za-z])(?<![0-9]\.)", r"(?![0-9A-Za-z]|\.[0-9])"
_NUMBER = re.compile(rf"{_BEFORE}\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[0-9Xx]{_AFTER}", re.ASCII)
_OLD_NUMBER = re.compile(rf"{_BEFORE}\d{{15}}{_AFTER}", re.ASCII)
_MOBILE = re.compile(rf"{_BEFORE}1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}{_AFTER}", re.ASCII)
_DIGITS = re.compile(rf"{_BEFORE}\d{{3,4}}{_GAP}\d{{4}}{_GAP}\d{{3,4}}{_AFTER}", re.ASCII)
_GAPS = re.compile(r"[ \-]")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_DOT = "·•・．‧∙⋅"
_TOKEN = re.compile(rf"[{HAN}{_DOT}]+")


class Finding(NamedTuple):
    """A place where a person could be recognised; never shows the value itself."""

    file: str
    place: str
    kind: str

    def message(self) -> str:
        """Say where and what, as in ``site/2022-06/index.html, line 12: telephone_number``."""
        return f"{self.file}, {self.place}: {self.kind}"


def kinds_in(text: str, persons: Persons) -> set[str]:
    """Return what a text shows: ``identity_number``, ``telephone_number``, ``name``.

    Parameters
    ----------
    text : str
        Escapes of JSON and HTML may be in it.
    persons : Persons
        Names and telephone numbers to look for; identity numbers and mobile numbers are
        recognised whosever they are.
    """
    if "\\u" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if "&" in text:
        text = html.unescape(text)
    if _HAS_WIDE.search(text):
        text = text.translate(_WIDE)
    kinds = set()
    if any(_is_identity(found[0]) for found in _NUMBER.finditer(text)) or any(
        _is_old_identity(found[0]) for found in _OLD_NUMBER.finditer(text)
    ):
        kinds.add("identity_number")
    if _MOBILE.search(text) or any(
        _GAPS.sub("", found[0]) in persons.telephones for found in _DIGITS.finditer(text)
    ):
        kinds.add("telephone_number")
    if any(True for _ in _names(text, persons)):
        kinds.add("name")
    return kinds


def _names(text: str, persons: Persons) -> Iterator[str]:
    """Go through names that stand by themselves, and those with a middle dot anywhere."""
    for token in set(_TOKEN.findall(text)):
        if token in persons.names:
            yield token
        if not token.isalpha() and persons.dotted:
            yield from _dotted_names(token, persons)


def _dotted_names(token: str, persons: Persons) -> Iterator[str]:
    """Find names with a middle dot inside a longer run, such as 患者才让·尖措住院."""
    parts = normalise_name(token).split("·")
    for left, right in itertools.pairwise(parts):
        for start in range(len(left)):
            for end in range(1, len(right) + 1):
                if (name := f"{left[start:]}·{right[:end]}") in persons.dotted:
                    yield name


def _is_identity(written: str) -> bool:
    number = _GAPS.sub("", written).upper()
    return (
        birth_date(number) is not None
        and ric.calc_check_digit(number) == number[17]
        and (number.startswith(SIMULATED_REGION) or is_region(number[:6]))
    )


def _is_old_identity(written: str) -> bool:
    number = new_number(written)
    return birth_date(number) is not None and is_region(number[:6])
