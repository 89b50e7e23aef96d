"""An explanation on a terminal."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from healthmon.explain import Explanation
from healthmon.rules.wording import Language

_WORDS = {
    "zh": {"part": "分项", "points": "得分", "reasons": "原因", "inputs": "依据（列＝值，出处）",
           "others": "其他机构", "remedies": "达到及格线的最少改动"},
    "en": {"part": "component", "points": "points", "reasons": "reasons",
           "inputs": "inputs (column = value, source)", "others": "other facilities",
           "remedies": "smallest sets of changes that pass"},
}  # fmt: skip
_SHOWN = 10


def render_explanation(explained: Explanation, language: Language) -> Group:
    """Lay out an explanation for a terminal; at most ten ways to pass are shown."""
    words = _WORDS[language]
    table = Table(words["part"], words["points"], words["reasons"], words["inputs"], expand=True)
    for part in explained.parts:
        points = part.points if part.maximum is None else f"{part.points} / {part.maximum}"
        inputs = "\n".join(f"{i.label} = {i.value}  [{i.source}]" for i in part.inputs)
        title = f"{part.key} {part.label}\n{part.clause}"
        table.add_row(*map(Text, (title, points, "\n".join(part.reasons), inputs)))
    head = " ".join((explained.code, explained.name, explained.facility, explained.points,
                     explained.state))  # fmt: skip
    lines = [Text(head, style="bold"), table]
    for title, texts in (("others", explained.others), ("remedies", explained.remedies)):
        if texts:
            lines += [Text(f"{words[title]}:"), *(Text(f"  - {text}") for text in texts[:_SHOWN])]
    return Group(*lines)
