"""Names of persons made comparable: one middle dot, no spaces, half-width, no alias."""

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from rapidfuzz.distance import Indel

from healthmon.intake.sheet import clean

_DOTS = "·•・．.‧∙⋅᛫●○。"
_DOT_TABLE = str.maketrans(dict.fromkeys(_DOTS, "·"))
_BRACKETS = re.compile(r"[(\[【〔〈《].*?[)\]】〕〉》]")
_CHINESE = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_GAPS = re.compile(r"[\s\u200b\ufeff]+")
_CHINESE_GAPS = re.compile(
    rf"(?<=[{_CHINESE}·])[\s\u200b\ufeff]+|[\s\u200b\ufeff]+(?=[{_CHINESE}·])"
)
_NOT_SPOKEN = re.compile(r"[^a-z]")
_ALIKE = 2 / 3


def normalise_name(text: str) -> str:
    """Return a name as it is compared.

    Every kind of middle dot becomes ``·``; full-width letters and brackets become half-width;
    what stands in brackets (an alias, 又名) is left out; spaces inside Chinese names go, between
    Latin words one stays. Traditional characters stay; they sound as the simplified ones do.

    Examples
    --------
    >>> normalise_name("才让 • 尖措（又名小才）")
    '才让·尖措'
    """
    name = _BRACKETS.sub("", clean(text).translate(_DOT_TABLE))
    name = _CHINESE_GAPS.sub("", name)
    return _GAPS.sub(" ", name).strip(" ·").upper()


@lru_cache(1 << 16)
def sound(name: str) -> str:
    """Return the pinyin of a normalised name without tones, dots and spaces.

    What is written in Latin letters stays, so that a rare character typed as pinyin (生僻字)
    sounds as it should.
    """
    return _NOT_SPOKEN.sub("", "".join(lazy_pinyin(name, style=Style.NORMAL)).lower())


def compare_names(one: str, other: str) -> str:
    """Say how two normalised names agree: same, same_sound, alike or different.

    Examples
    --------
    >>> compare_names("才让·尖措", "才让尖错")
    'same_sound'
    """
    one, other = one.replace("·", ""), other.replace("·", "")
    if one == other:
        return "same"
    if (spoken := sound(one)) and spoken == sound(other):
        return "same_sound"
    alike = Indel.normalized_similarity(one, other) >= _ALIKE - 1e-9
    return "alike" if alike else "different"
