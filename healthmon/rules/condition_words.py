"""Sentences for the conditions of rules: who counts, who counts as done."""

from collections.abc import Mapping, Sequence

from healthmon.parameters import Label
from healthmon.rules.conditions import Condition
from healthmon.rules.wording import Words

_AND = {"zh": "，且", "en": " and "}
_OR = {"zh": "或", "en": " or "}
_NOT = {"zh": "不是“{}”", "en": "not {}"}
_COMPARED = {"zh": "{}：{}", "en": "{}: {}"}


def say_conditions(
    conditions: Sequence[Condition],
    labels: Mapping[str, Label],
    words: Words,
    codes: Mapping[str, str] | None = None,
) -> str:
    """Put conditions that must all hold into words.

    Parameters
    ----------
    conditions : sequence of Condition
    labels : mapping
        Name of an input to its label.
    words : Words
        Of the language.
    codes : mapping, optional
        Words for the codes of categories; without one a code is written as it is.

    Returns
    -------
    str
        Empty where there is no condition. What is joined inside a sentence stands in brackets.
    """
    return _AND[words.language].join(_say(one, labels, words, codes or {}) for one in conditions)


def _say(
    condition: Condition, labels: Mapping[str, Label], words: Words, codes: Mapping[str, str]
) -> str:
    for parts, joint in ((condition.all, _AND), (condition.any, _OR)):
        if parts:
            said = joint[words.language].join(_say(part, labels, words, codes) for part in parts)
            return f"({said})" if words.language == "en" else f"（{said}）"
    name = words.of(labels[condition.input])
    if condition.is_ is not None:
        return name if condition.is_ else _NOT[words.language].format(name)
    wanted = words.wanted(condition)
    if condition.is_in is not None:
        wanted = _OR[words.language].join(codes.get(code, code) for code in condition.is_in)
    return _COMPARED[words.language].format(name, wanted)
