"""What stands under the tables of indicators: documents, the funnel, the method, the readings."""

from collections.abc import Sequence

from healthmon.rules.indicators import Group
from healthmon.show.bulletin import Results
from healthmon.show.captions import cite_documents
from healthmon.show.standing_rows import indicators_of, rows_of, standing_terms


def cite_indicators(month: Results, groups: Sequence[Group] = ()) -> str:
    """Say (Markdown) which data, month and documents the indicators stand on."""
    sources = [one.source for one in indicators_of(month, groups).values()]
    return cite_documents(month, *sources)


def describe_funnel(month: Results, name: str) -> str:
    """Say (Markdown) how the limits of the funnel are drawn this month."""
    rows = rows_of(month, [name], "county") if len(month.standing) else None
    if rows is None or rows.empty:
        return ""
    near, far = standing_terms(month).funnel.limits_pct
    dispersion, hidden = rows["dispersion"].iloc[0], int((~rows["is_open"]).sum())
    wider = (
        f"各县之间的差别平时就大于偶然，界限已按此放宽 {dispersion**0.5:.1f} 倍；"
        if dispersion > 1
        else ""
    )
    return (
        f"::: {{.hm-source}}\n指标：{indicators_of(month)[name].label.zh}。"
        f"虚线和实线内分别应有 {near:g}% 和 {far:g}% 的县；{wider}"
        f"{hidden} 个县因人数少不在图中画出。\n:::"
    )


def describe_method(month: Results) -> str:
    """Say (Markdown, a callout) how places are compared."""
    terms = standing_terms(month)
    near, far = terms.funnel.limits_pct
    lines = [
        "完成率为办结数占应办数的比例；缺数据、无法判定的算**待定**，完成率给出全部未办和全部已办之间的范围。",
        "未达标：待定的全部算已办也达不到目标；达标还需的人数为最小整数。标“＊”的目标为**推断**，文件没有写明比例。",
        f"名次范围：各地完成率按人数多少向全省收缩（经验贝叶斯），"
        f"{terms.interval_pct:g}% 区间互不重叠的才分先后；"
        "原始名次按未收缩的完成率排，小县偶然性大，仅供参考。",
        f"距最好：与应办数不少于 {terms.small_denominator} 的地方中最好的比。",
        f"“偏低”“明显偏低”为低于漏斗图 {near:g}%、{far:g}% 的界限；各项各县合看，总有少数属偶然。",
        f"变化：本月与 {terms.trend_months} 个月内最早一个月相比，"
        f"区间（{terms.trend_interval_pct:g}%）不含 0 的才称上升或下降；"
        "两个月多为同一批人，按互不相同计算，判断偏于谨慎。",
        "以上比较方法和界限文件没有规定，为**推断**口径，参数在 `params/standing.yml`。",
    ]
    said = "\n".join(f"- {line}" for line in lines)
    return f'::: {{.callout-note title="怎样比较"}}\n{said}\n:::'


def describe_readings(month: Results, groups: Sequence[Group] = ()) -> str:
    """Say (Markdown) what binds here, and since when, and which documents are a comparison only."""
    said: dict[str, list[str]] = {}
    for one in indicators_of(month, groups).values():
        mark = "，仅作对照" if one.is_comparison else ""
        since = f"{one.source.document}（{one.effective_from:%Y-%m-%d} 起{mark}）"
        said.setdefault(since, []).append(one.label.zh)
    lines = [f"- {since}：{'、'.join(labels)}。" for since, labels in said.items()]
    lines.append("- 文件生效之前的月份同样计算，图中以虚线表示，尚未生效，仅作对照。")
    return "\n".join(lines)
