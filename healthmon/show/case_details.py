"""Units below the line one by one: what was lost, why, by which clause, and the way to the line.

For publication: counts behind rates are left out, rates of few persons withheld.
"""

from html import escape

import pandas as pd
from IPython.display import HTML

from healthmon.explain import Explainer, Explanation, Part
from healthmon.explain_text import list_sources
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.bulletin import Scored, in_prefecture, terms_of
from healthmon.supervision import list_supervision

_WAYS_SHOWN = 5
_BEYOND = "取决于患者选择，不能靠行政命令实现"
_CHANGES = {"new": "本月新列入", "stays": "继续在册", "left": "本月退出"}


def show_cases(month: Month, kind: Scored, prefecture_code: str) -> HTML:
    """Render every unit of a prefecture that is below the line or undetermined, by county.

    Each folds out into its components with points, reasons, clauses, input values and where they
    stand, and the smallest sets of changes that pass.

    References
    ----------
    QH-1, QH-2.
    """
    scores = month.county_scores if kind == "county" else month.township_scores
    rows = in_prefecture(scores, prefecture_code)
    rows = rows[rows["state"] != "pass"].sort_values(["county_code", "lowest_points"])
    explainer = Explainer(month, withhold_below=terms_of(month).disclosure.threshold)
    followed = list_supervision(month)
    followed = followed[followed["kind"] == kind].set_index("code")
    counties = place_names("counties", short=False)
    parts = []
    for county, codes in rows.groupby("county_code", sort=False)[f"{kind}_code"]:
        if kind == "township":
            parts.append(f"<h3>{escape(counties[county])}</h3>")
        parts += [_case(explainer.explain(code), followed, code) for code in codes]
    parts += _left(in_prefecture(followed.reset_index(), prefecture_code), kind)
    if not parts:
        return HTML("<p>没有低于及格线、待定或本月退出的单位。</p>")
    return HTML(f'<div class="hm-cases">{"".join(parts)}</div>')


def _left(followed: pd.DataFrame, kind: Scored) -> list[str]:
    """Name the units that left the list this month, and what they had lost points for."""
    names = place_names({"county": "counties", "township": "townships"}[kind], short=False)
    left = followed[followed["change"] == "left"]
    return [
        f'<p class="hm-case"><b>{escape(names.get(row["code"], row["code"]))}</b> '
        f"{escape(_listed(row))}，此前失分 {escape(row['why_before'])}</p>"
        for _, row in left.iterrows()
    ]


def _case(told: Explanation, followed: pd.DataFrame, code: str) -> str:
    listed = _listed(followed.loc[code]) if code in followed.index else "数据不足，未列入名单"
    points = f"{told.points} 分" if told.points else ""
    facility = "" if told.facility == "—" else told.facility
    summary = (
        f"<b>{escape(told.name)}</b> {escape(facility)} "
        f'<span class="hm-points">{points} · {escape(told.state)}</span>'
        f'<span class="hm-since">{escape(listed)}</span>'
    )
    if not told.parts:
        return f'<p class="hm-case">{summary}：本月没有报表</p>'
    sources = list_sources(told)
    body = [_components(told, sources)]
    if told.others:
        body.append(f"<p>其他机构：{escape('；'.join(told.others))}</p>")
    if told.lacking:
        body.append(f"<p>先补报：{escape('、'.join(dict.fromkeys(told.lacking)))}</p>")
    body.append(_ways(told))
    said = "；".join(f"[{number}] {source}" for source, number in sources.items())
    body.append(f'<p class="hm-cells">出处：{escape(said)}</p>')
    return f'<details class="hm-case"><summary>{summary}</summary>{"".join(body)}</details>'


def _listed(row: pd.Series) -> str:
    since = f"{row['since']}（监测起点）或更早" if row["is_from_start"] else f"{row['since']} "
    said = f"{_CHANGES[row['change']]}，自 {since}起 {row['month_count']} 个月"
    if row["change"] != "stays":
        return said
    now, before = (set(filter(None, row[name].split("、"))) for name in ("why", "why_before"))
    changes = [f"新增失分 {'、'.join(sorted(now - before))}"] if now - before else []
    changes += [f"已解决 {'、'.join(sorted(before - now))}"] if before - now else []
    return f"{said}；较上月：{'，'.join(changes) or '失分项不变'}"


def _components(told: Explanation, sources: dict[str, int]) -> str:
    lines = "".join(_component(part, sources) for part in told.parts)
    head = "<th>分项</th><th>得分</th><th>失分原因与依据</th><th>条款</th>"
    frame = f'class="hm-trace" role="region" tabindex="0" aria-label="{escape(told.name)}逐项得分"'
    return f"<div {frame}><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"


def _component(part: Part, sources: dict[str, int]) -> str:
    reasons = "".join(f'<p class="hm-reason">{escape(reason)}</p>' for reason in part.reasons)
    inputs = "；".join(f"{i.label}：{i.value} [{sources[i.source]}]" for i in part.inputs)
    return (
        f"<tr><th>{escape(part.key)} {escape(part.label)}</th>"
        f"<td>{escape(part.points)}／{part.maximum}</td>"
        f'<td>{reasons}<p class="hm-cells">{escape(inputs)}</p></td>'
        f'<td title="{escape(part.quote)}">{escape(part.clause)}</td></tr>'
    )


def _ways(told: Explanation) -> str:
    if not told.remedies:
        return ""
    items = [
        f"<li>{escape(way.text)}{'' if way.by_decree else f'（{_BEYOND}）'}</li>"
        for way in told.remedies[:_WAYS_SHOWN]
    ]
    more = len(told.remedies) - _WAYS_SHOWN
    items += [f"<li>另有 {more} 组</li>"] if more > 0 else []
    return f"<p>达到及格线的最少改动（任选一组）：</p><ul>{''.join(items)}</ul>"
