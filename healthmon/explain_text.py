"""An explanation on a terminal: plain lines that wrap, each source written out once."""

from collections.abc import Iterator

from healthmon.explain import Explanation, Part
from healthmon.rules.wording import Language

_WORDS = {
    "zh": {"others": "其他机构", "lacking": "先补报",
           "remedies": "达到及格线的最少改动（任选一组）", "sources": "出处",
           "beyond": "取决于患者选择，不能靠行政命令实现", "more": "另有 {n} 组"},
    "en": {"others": "other facilities", "lacking": "state first",
           "remedies": "smallest sets of changes that pass (any one)",
           "sources": "sources", "beyond": "depends on where patients go, cannot be decreed",
           "more": "and {n} more sets"},
}  # fmt: skip
_SHOWN = 10


def render_explanation(explained: Explanation, language: Language) -> str:
    """Write an explanation as text; at most ten ways to pass are shown."""
    words = _WORDS[language]
    head = (explained.code, explained.name, explained.facility, explained.points, explained.state)
    sources = list_sources(explained)
    lines = ["  ".join(filter(None, head))]
    for part in explained.parts:
        lines += ["", *_part(part, sources)]
    if explained.others:
        lines += ["", f"{words['others']}:", *(f"  - {text}" for text in explained.others)]
    if explained.lacking:
        lines += ["", f"{words['lacking']}: {', '.join(explained.lacking)}"]
    if explained.remedies:
        lines += ["", f"{words['remedies']}:"]
        for way in explained.remedies[:_SHOWN]:
            lines.append(f"  - {way.text}" + ("" if way.by_decree else f" [{words['beyond']}]"))
        if (more := len(explained.remedies) - _SHOWN) > 0:
            lines.append("  " + words["more"].format(n=more))
    lines += ["", f"{words['sources']}:"]
    lines += [f"  [{number}] {source}" for source, number in sources.items()]
    return "\n".join(lines)


def list_sources(explained: Explanation) -> dict[str, int]:
    """Number the sources of an explanation in the order in which they are named."""
    named = (given.source for part in explained.parts for given in part.inputs)
    return {source: number for number, source in enumerate(dict.fromkeys(named), start=1)}


def _part(part: Part, sources: dict[str, int]) -> Iterator[str]:
    points = part.points if part.maximum is None else f"{part.points} / {part.maximum}"
    yield f"{part.key} {part.label}  {points}  ({part.clause})"
    for reason in part.reasons:
        yield f"  ! {reason}"
    for given in part.inputs:
        yield f"    {given.label} = {given.value} [{sources[given.source]}]"
