"""Tables of how many units change side when a clause is read the other way."""

import pandas as pd
from IPython.display import HTML

from healthmon.facilities.sensitivity import count_changes
from healthmon.places import place_names
from healthmon.rules.standards import FlagStandard, Reading, ScoreStandard, load_standard
from healthmon.show.bulletin import Results
from healthmon.show.tables_html import STATES, render_table

KINDS = {"county": "县级医院不及格", "township": "乡镇卫生院不及格", "village": "村有空白点风险"}
_FILES = {
    "county": ("QH/county_hospitals", ScoreStandard),
    "township": ("QH/township_hospitals", ScoreStandard),
    "village": ("QH/village_clinics", FlagStandard),
}
_VILLAGE_STATES = {"flagged": "有风险", "clear": "无风险", "undetermined": "待定"}
_TOGETHER = {"default": "默认口径", "most_severe": "合起来最严", "least_severe": "合起来最宽"}


def list_reading_changes(month: Results, kind: str) -> HTML:
    """Render every reading of one standard, one at a time, and the extremes together."""
    counted = count_changes(month.reading_states).query("kind == @kind")
    readings = _readings(month, kind)
    rows = [
        {
            "口径": _name(row["name"], readings),
            "数量": f"{row['adverse_count']:,}",
            "转为有问题": f"{row['to_adverse_count']:,}",
            "转为无问题": f"{row['to_clear_count']:,}",
            "转为待定": f"{row['to_undetermined_count']:,}",
            "待定": f"{row['undetermined_count']:,}",
        }
        for row in counted.to_dict("records")
    ]
    return render_table(pd.DataFrame(rows), f"readings-{kind}")


def list_units_that_change(month: Results, kind: str) -> HTML:
    """Render which units change side in which reading, by prefecture."""
    states = month.reading_states.query("kind == @kind")
    changed = states[states["state"] != states["default_state"]]
    if changed.empty:
        return HTML("<p>没有单位因口径不同而改变结果。</p>")
    level = {"county": "counties", "township": "townships", "village": "villages"}[kind]
    names, prefectures = place_names(level), place_names("prefectures")
    readings = _readings(month, kind)
    rows = []
    groups = ["name", "state", "prefecture_code"]
    for (name, state, prefecture), found in changed.groupby(groups, sort=False):
        rows.append(
            {
                "市州": prefectures[prefecture],
                "转为": STATES.get(state) or _VILLAGE_STATES[state],
                "数量": f"{len(found):,}",
                "单位": "、".join(names.get(code, code) for code in found["code"]),
                "口径": _name(name, readings),
            }
        )
    texts = pd.DataFrame(rows)
    left = ["转为", "单位"]
    return render_table(texts, f"units-{kind}", left=left, section="口径", wide="单位")


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
    lines = []
    for kind, title in KINDS.items():
        said = [f"- **{title}**：默认口径 {counted[kind, 'default']:,} 个"]
        for name in ("least_severe", "most_severe"):
            word = f"{_TOGETHER[name]} {counted[kind, name]:,} 个"
            said.append(word + _chosen(month, kind, name))
        lines.append("；".join(said) + "。")
    return "\n".join(lines)


def _chosen(month: Results, kind: str, name: str) -> str:
    """Say in brackets which readings an extreme is made of; nothing where it is the default."""
    states = month.reading_states
    chosen = states.loc[(states["kind"] == kind) & (states["name"] == name), "readings"]
    readings = _readings(month, kind)
    parts = [readings[part].label.zh for part in chosen.iloc[0].split("+") if part]
    return f"（{'、'.join(parts)}）" if parts else "（与默认口径相同）"


def _readings(month: Results, kind: str) -> dict[str, Reading]:
    name, model = _FILES[kind]
    return load_standard(month.project.params, name, model).readings


def _name(name: str, readings: dict[str, Reading]) -> str:
    return readings[name].label.zh if name in readings else _TOGETHER[name]
