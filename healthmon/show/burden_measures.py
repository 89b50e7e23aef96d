"""Tables and sentences on catastrophic and impoverishing spending, for researchers.

Counts of households pass :mod:`healthmon.show.disclosure` here, and what is made of a small count
is withheld with it.
"""

from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from healthmon.burden.registered import PROVINCE
from healthmon.burden.terms import BurdenTerms, load_burden_terms
from healthmon.money import format_yuan
from healthmon.places import place_names
from healthmon.risk.settings import load_risk_settings
from healthmon.show.bulletin import Results, terms_of
from healthmon.show.disclosure import MISSING, show_count, withhold_counts
from healthmon.show.headlines import month_zh
from healthmon.show.tables_html import render_table

NOTHING = HTML("<p>还没有既满一年又有收入记录的年度，没有可列的数字。</p>")
_ABOVE = ["household_count", "catastrophic_household_count"]
_POOR = ["poor_household_count", "impoverished_household_count"]
_MEASURES = {
    "headcount_share": "发生率",
    "overshoot_share": "平均差距",
    "positive_overshoot_share": "相对差距",
    "headcount_concentration": "发生率集中指数",
    "weighted_headcount_share": "加权发生率",
    "overshoot_concentration": "差距集中指数",
    "weighted_overshoot_share": "加权差距",
}
_BY_PLACE = tuple(_MEASURES)[:5]
"""Measures shown by prefecture; the others would make the table too wide."""
_POVERTY = {
    "headcount_share": "贫困人口占比",
    "gap": "人均贫困差距（元）",
    "normalised_gap_share": "贫困差距占贫困线",
    "positive_gap": "贫困人口平均差距（元）",
}
_MOMENTS = {"before": "自付前", "after": "自付后", "difference": "相差"}


def describe_measures(month: Results) -> str:
    """Say (Markdown) of whom, of which year and against what the measures are made."""
    lines = [f"**{terms_of(month).texts.simulated}**"] if month.is_simulated else []
    if month.catastrophic.empty:
        return "\n\n".join(lines)
    terms = burden_terms(month)
    first = _of_reading(month, terms.income_on_record).iloc[0]
    parts = pd.DataFrame(
        {"household_count": [first["household_count"], first["left_out_household_count"]]}
    )
    shown = withhold_counts(parts, ["household_count"], _threshold(month))
    # a bare asterisk would begin an emphasis
    counted, left_out = (text.replace("*", r"\*") for text in shown["household_count_shown"])
    lines.append(
        f"{first['year']} 年建档立卡户 {counted} 户，逐户计算，不是抽样，没有抽样误差。"
        f"另有 {left_out} 户没有收入记录或收入不大于 0，占比无从计算，不在表内。"
    )
    return "\n\n".join(lines)


def list_catastrophic(month: Results) -> HTML:
    """Render the measures of the province by reading of income and threshold."""
    if month.catastrophic.empty:
        return NOTHING
    readings = burden_terms(month).income_readings
    rows = month.catastrophic
    rows = _withhold_above(month, rows[rows["prefecture_code"] == PROVINCE], per_row=True)
    texts = pd.DataFrame(
        {
            "阈值": [f"超过 {pct:g}%" for pct in rows["threshold_pct"]],
            "户": rows["catastrophic_household_count_shown"],
            **_measure_texts(rows),
            "分母": [f"分母：{readings[name].label.zh}" for name in rows["income_reading"]],
        }
    )
    return render_table(texts, "catastrophic", section="分母")


def list_prefecture_measures(month: Results) -> HTML:
    """Render the measures of each prefecture at one threshold, and who fell below the line."""
    if month.catastrophic.empty:
        return NOTHING
    terms = burden_terms(month)
    rows = _of_reading(month, terms.income_on_record, is_province=False)
    rows = rows[rows["threshold_pct"] == terms.place_threshold_pct]
    rows = _withhold_above(month, rows, per_row=False).set_index("prefecture_code")
    poverty = month.impoverishment
    poor = poverty[
        (poverty["measure"] == "headcount_share") & (poverty["prefecture_code"] != PROVINCE)
    ]
    poor = withhold_counts(poor, _POOR, _threshold(month), rates={"difference": _POOR[1]})
    poor = poor.set_index("prefecture_code").reindex(rows.index)
    texts = pd.DataFrame(
        {
            "市州": rows.index.map(place_names("prefectures")),
            "户数": rows["household_count_shown"],
            "灾难性支出（户）": rows["catastrophic_household_count_shown"],
            **_measure_texts(rows, _BY_PLACE),
            "自付致贫（户）": poor["impoverished_household_count_shown"],
            "自付致贫人口占比": [_percent(share) for share in poor["difference"]],
        }
    )
    return render_table(texts, "prefecture-burden")


def list_impoverishment(month: Results) -> HTML:
    """Render poverty before and after payments in the province, and the difference."""
    if month.impoverishment.empty:
        return NOTHING
    rows = _province_poverty(month)
    hidden = _hidden_moments(month)
    texts = pd.DataFrame({"指标": [_POVERTY[name] for name in rows["measure"]]})
    for moment, label in _MOMENTS.items():
        texts[label] = [
            MISSING if moment in hidden else _poverty_text(name, value)
            for name, value in zip(rows["measure"], rows[moment], strict=True)
        ]
    return render_table(texts, "impoverishment")


def describe_impoverishment(month: Results) -> str:
    """Say (Markdown) how many households fall below the poverty line by what they paid."""
    if month.impoverishment.empty:
        return ""
    row = _province_poverty(month).iloc[0]
    lines = load_risk_settings(month.project.params).poverty_lines
    line = format_yuan(lines.line_fen(int(row["year"])))
    unsure = "，凭记忆填写，**未经核实**" if "unverified" in lines.status else ""
    before, pushed = (show_count(int(row[name]), _threshold(month)) for name in _POOR)
    return (
        f"按贫困线每人 {line} 元（{row['year']} 年{unsure}）：自付前低于线的 {before} 户；"
        f"自付前不低于线、扣除自付后低于线的 **{pushed}** 户。"
    )


def cite_literature(month: Results) -> str:
    """Say (Markdown) on which data and which papers the measures stand."""
    references = "；".join(burden_terms(month).references)
    data = "模拟的部门报送" if month.is_simulated else "部门报送"
    said = f"数据截至 {month_zh(month.month)}底的{data}；定义据 {references}。"
    return f"::: {{.hm-source}}\n{said}\n:::"


def explain_measures(month: Results) -> str:
    """Explain (Markdown) the measures and the choices behind them."""
    terms = burden_terms(month)
    chosen = terms.income_readings[terms.income_on_record].label.zh
    return (
        '::: {.callout-note title="灾难性支出指标怎么读"}\n'
        "- 发生率：自付占分母的比例严格超过阈值的户占比，恰好等于不算。平均差距：各户超出阈值部分的"
        "平均，没有超出的按 0。相对差距：只在超出的户中平均；平均差距＝发生率×相对差距。\n"
        "- 集中指数在 −1 到 1 之间，按人均分母由低到高排序；负数表示集中在较穷的户。"
        "加权发生率、加权差距＝原值×（1−集中指数），较穷的户权重大。\n"
        f"- 分母必须是扣除自付之前的。默认{chosen}，这是**推断**；"
        "假如记录已扣除自付，则加回再算，两种结果都列出。两者的集中指数可能方向相反，结论以分母为条件。\n"
        f"- 分市州一表用超过 {terms.place_threshold_pct:g}% 的阈值和默认分母。\n"
        "- 贫困：人均收入低于贫困线，按人计。负收入照算，自付超过收入的，差距可以大于贫困线。\n"
        ":::"
    )


def burden_terms(month: Results) -> BurdenTerms:
    """Return the terms of the measures of a month's checkout."""
    return load_burden_terms(month.project.params)


def _of_reading(month: Results, reading: str, *, is_province: bool = True) -> pd.DataFrame:
    rows = month.catastrophic[month.catastrophic["income_reading"] == reading]
    return rows[(rows["prefecture_code"] == PROVINCE) == is_province]


def _province_poverty(month: Results) -> pd.DataFrame:
    return month.impoverishment[month.impoverishment["prefecture_code"] == PROVINCE]


def _withhold_above(month: Results, rows: pd.DataFrame, *, per_row: bool) -> pd.DataFrame:
    """Withhold small counts, and every measure made of them.

    Thresholds hold each other and are no parts of a sum, prefectures are.
    """
    by = ["income_reading", "threshold_pct"] if per_row else None
    rates = dict.fromkeys(_MEASURES, _ABOVE)
    return withhold_counts(rows, _ABOVE, _threshold(month), by=by, rates=rates)


def _hidden_moments(month: Results) -> set[str]:
    """Name what would give away a small number of poor households, now or by payments.

    Two of three go together, since before and difference add up to after.
    """
    row, least = _province_poverty(month).iloc[0], _threshold(month)
    poor, pushed = (0 < row[name] < least for name in _POOR)
    return ({"before", "after"} if poor else set()) | ({"difference", "after"} if pushed else set())


def _measure_texts(
    rows: pd.DataFrame, measures: Sequence[str] = tuple(_MEASURES)
) -> dict[str, list[str]]:
    return {
        _MEASURES[name]: [_percent(v) if name.endswith("_share") else _index(v) for v in rows[name]]
        for name in measures
    }


def _poverty_text(measure: str, value: float) -> str:
    if pd.isna(value):
        return MISSING
    return _percent(value) if measure.endswith("_share") else format_yuan(value)


def _percent(share: float) -> str:
    return MISSING if pd.isna(share) else f"{100 * share:.2f}%"


def _index(value: float) -> str:
    return MISSING if pd.isna(value) else f"{value:+.3f}".replace("-", "−")


def _threshold(month: Results) -> int:
    return terms_of(month).disclosure.threshold
