"""Tables of how many units change side when a clause is read the other way."""

import pandas as pd
from IPython.display import HTML

from healthmon.facilities.sensitivity import count_changes
from healthmon.places import place_names
from healthmon.rules.standards import FlagStandard, Reading, ScoreStandard, load_standard
from healthmon.show.bulletin import Results
from healthmon.show.tables_html import render_table

KINDS = {"county": "县级医院不及格", "township": "乡镇卫生院不及格", "village": "村有空白点风险"}
_FILES = {
    "county": ("QH/county_hospitals", ScoreStandard),
    "township": ("QH/township_hospitals", ScoreStandard),
    "village": ("QH/village_clinics", FlagStandard),
}
_TOGETHER = {"default": "默认口径", "most_severe": "合起来最严", "least_severe": "合起来最宽"}


def list_reading_changes(month: Results, kind: str) -> HTML:
    """Render every reading of one standard, one at a time, and the extremes together."""
    counted = count_changes(month.reading_states).query("kind == @kind")
    readings = _readings(month, kind)
    rows = [
        {
            "口径": _name(row["name"], row["readings"], readings),
            "对应的不明确之处": readings[row["name"]].concerns if row["name"] in readings else "",
            "数量": f"{row['adverse_count']:,}",
            "转为有问题": f"{row['to_adverse_count']:,}",
            "转为无问题": f"{row['from_adverse_count']:,}",
            "待定": f"{row['undetermined_count']:,}",
        }
        for row in counted.to_dict("records")
    ]
    return render_table(pd.DataFrame(rows), f"readings-{kind}", left=["对应的不明确之处"])


def list_prefecture_range(month: Results) -> HTML:
    """Render each prefecture's numbers by default and in the extreme readings together."""
    counted = count_changes(month.reading_states, by=("prefecture_code",))
    wide = counted[counted["name"].isin(_TOGETHER)].pivot_table(
        index="prefecture_code", columns=["kind", "name"], values="adverse_count", aggfunc="sum"
    )
    texts = pd.DataFrame({"市州": wide.index.map(place_names("prefectures"))})
    for kind, title in KINDS.items():
        low, middle, high = (wide[kind][name].astype(int).to_list()
                             for name in ("least_severe", "default", "most_severe"))  # fmt: skip
        texts[title] = [f"{m}（{a}–{b}）" for a, m, b in zip(low, middle, high, strict=True)]
    return render_table(texts, "prefecture-range")


def describe_extremes(month: Results) -> str:
    """Say (Markdown) between which numbers the result lies, whatever the readings."""
    counted = count_changes(month.reading_states).set_index(["kind", "name"])["adverse_count"]
    lines = [
        f"- **{title}**：默认口径 {counted[kind, 'default']:,} 个，"
        f"最宽 {counted[kind, 'least_severe']:,} 个，最严 {counted[kind, 'most_severe']:,} 个。"
        for kind, title in KINDS.items()
    ]
    return "\n".join(lines)


def _readings(month: Results, kind: str) -> dict[str, Reading]:
    name, model = _FILES[kind]
    return load_standard(month.project.params, name, model).readings


def _name(name: str, chosen: str, readings: dict[str, Reading]) -> str:
    if name in readings:
        return readings[name].label.zh
    together = "；".join(readings[part].label.zh for part in chosen.split("+") if part)
    return f"{_TOGETHER[name]}（{together}）" if together else _TOGETHER[name]
