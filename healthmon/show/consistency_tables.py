"""Departments against each other (JL-3), as leaders and counties read it.

Counts of persons pass :mod:`healthmon.show.disclosure` here; who is meant stands in
``month.differences``, for the county alone.
"""

import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML

from healthmon.consistency.terms import Comparison, ConsistencyTerms, load_consistency_terms
from healthmon.exports import load_exports
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.rules.standards import Source
from healthmon.show.bulletin import in_prefecture, terms_of
from healthmon.show.charts import draw_trend
from healthmon.show.disclosure import MISSING, withhold_counts
from healthmon.show.tables_html import render_table

KINDS = {
    "missing": "一方有、另一方没有",
    "status": "身份不符",
    "household": "户不符",
    "village": "村不符",
    "death": "死亡不符",
    "chronic": "慢病与医保",
    "plan": "救治、随访与方案",
}
_COUNTS = ["counted_person_count", "differing_person_count", "undetermined_person_count"]
_RATES = {"rate_pct": _COUNTS[:2]}


def consistency_terms(month: Month) -> ConsistencyTerms:
    """Return the terms of comparison of a month's checkout."""
    return load_consistency_terms(month.project.params)


def cited(month: Month) -> list[Source]:
    """List the clauses that the comparisons rest on."""
    return list(consistency_terms(month).sources.values())


def number_comparisons(month: Month) -> dict[str, str]:
    """Map each comparison to its number on the page."""
    return {name: f"{n}" for n, name in enumerate(consistency_terms(month).comparisons, start=1)}


def rate_province(month: Month) -> pd.DataFrame:
    """Rate each comparison over the whole province, withheld where small.

    Returns
    -------
    DataFrame
        One row a comparison of the terms: ``comparison``, counts with ``_shown`` beside and
        ``rate_pct`` (0-100, missing where nothing can be decided).
    """
    terms = consistency_terms(month)
    sums = month.difference_counts.groupby("comparison")[_COUNTS].sum()
    sums = sums.reindex(list(terms.comparisons)).fillna(0).astype("int64").reset_index()
    rated = _rated(sums)
    threshold = terms_of(month).disclosure.threshold
    # each comparison is about persons of its own: nothing adds up to a total shown elsewhere
    return withhold_counts(rated, _COUNTS, threshold, by="comparison", rates=_RATES)


def rate_counties(month: Month, prefecture_code: str | None = None) -> pd.DataFrame:
    """Rate each comparison by county, withheld where small, always within the whole province.

    Returns
    -------
    DataFrame
        As :func:`rate_province`, with ``county_code`` and ``prefecture_code``.
    """
    rated = _rated(month.difference_counts)
    threshold = terms_of(month).disclosure.threshold
    gated = withhold_counts(rated, _COUNTS, threshold, by="comparison", rates=_RATES)
    return in_prefecture(gated[gated["county_code"].notna()], prefecture_code)


def describe_differences(month: Month, limit: int = 3) -> str:
    """Say (Markdown) where departments disagree most and what could not be compared."""
    terms, rates = consistency_terms(month), rate_province(month)
    made = rates[rates["rate_pct"].notna() & (rates["rate_pct"] > 0)]
    worst = made.sort_values("rate_pct", ascending=False).head(limit)
    lines = [
        f"- {terms.comparisons[row.comparison].label.zh}：**{row.rate_pct:.1f}%**"
        f"（{row.differing_person_count_shown} / {row.counted_person_count_shown}）"
        for row in worst.itertuples(index=False)
    ]
    decided = month.difference_counts.groupby("comparison")["counted_person_count"].sum()
    open_ones = [name for name in terms.comparisons if not decided.get(name, 0)]
    text = f"共 {len(terms.comparisons)} 项比对。不符比例最高的：\n\n" + "\n".join(lines)
    if open_ones:
        names = "、".join(terms.comparisons[name].label.zh for name in open_ones)
        text += f"\n\n无法比对（有关列没有报送，或条款尚未适用）：{names}。"
    return text


def list_comparisons(month: Month) -> HTML:
    """Render every comparison with numerator, denominator and clause."""
    terms, numbers = consistency_terms(month), number_comparisons(month)
    departments = {
        table: department.label.zh.removesuffix("部门")
        for department in load_exports(month.project.params).values()
        for table in department.tables
    }
    rates, items = rate_province(month), terms.comparisons
    texts = pd.DataFrame(
        {
            "号": [numbers[n] for n in rates["comparison"]],
            "比对": [items[n].label.zh for n in rates["comparison"]],
            "报送 → 对照": [_sides(items[n], departments) for n in rates["comparison"]],
            "可比": rates["counted_person_count_shown"],
            "不符": rates["differing_person_count_shown"],
            "不符比例": _percents(rates["rate_pct"]),
            "无法判定": rates["undetermined_person_count_shown"],
            "依据": [items[n].source.split(" ", maxsplit=1)[0] for n in rates["comparison"]],
            "类别": [KINDS[items[n].kind] for n in rates["comparison"]],
        }
    )
    return render_table(
        texts, "comparisons", left=["比对", "报送 → 对照", "依据"], section="类别", wide="比对"
    )


def list_county_rates(month: Month, prefecture_code: str | None = None) -> HTML:
    """Render the share that differs by county: a column a comparison, by its number."""
    rates, numbers = rate_counties(month, prefecture_code), number_comparisons(month)
    decided = rates.groupby("comparison")["counted_person_count"].sum()
    shown = [name for name in numbers if decided.get(name, 0) > 0]
    cells = rates.assign(text=_percents(rates["rate_pct"], unit=""))
    small = rates[_RATES["rate_pct"]].isna().any(axis=1)
    cells["text"] = cells["text"].mask(small, "·")
    wide = cells.pivot_table(
        index="county_code", columns="comparison", values="text", aggfunc="first"
    )
    wide = wide.reindex(columns=shown).fillna(MISSING)
    texts = pd.DataFrame({"县": wide.index.map(place_names("counties"))})
    for name in shown:
        texts[numbers[name]] = wide[name].to_list()
    return render_table(texts, f"county-rates-{prefecture_code or 'province'}")


def draw_difference_trend(month: Month, limit: int = 5) -> go.Figure:
    """Draw the shares that differ over the last months, those that are largest now."""
    terms = consistency_terms(month)
    sums = month.difference_trend.groupby(["month", "comparison"])[_COUNTS].sum().reset_index()
    threshold = terms_of(month).disclosure.threshold
    keys = ["month", "comparison"]
    gated = withhold_counts(_rated(sums), _COUNTS, threshold, by=keys, rates=_RATES)
    wide = gated.pivot_table(index="month", columns="comparison", values="rate_pct")
    several = [name for name in wide if wide[name].notna().sum() > 1]
    largest = wide[several].iloc[-1].dropna().nlargest(limit).index
    columns = {name: terms.comparisons[name].label.zh for name in largest}
    frame = wide[list(largest)].reset_index()
    figure = draw_trend(frame, columns, "不符比例（%）")
    # long names stand under each other: above the lines on a phone, too
    legend = {"orientation": "v", "y": 1.02, "yanchor": "bottom", "x": 0}
    height = 340 + 22 * len(columns)
    figure.update_layout(legend=legend, height=height)
    figure.layout.meta = {**figure.layout.meta, "narrow_height": height}
    return figure


def list_trend(month: Month) -> HTML:
    """Render the share that differs by month for every comparison that can be made."""
    terms, numbers = consistency_terms(month), number_comparisons(month)
    sums = month.difference_trend.groupby(["month", "comparison"])[_COUNTS].sum().reset_index()
    threshold = terms_of(month).disclosure.threshold
    keys = ["month", "comparison"]
    gated = withhold_counts(_rated(sums), _COUNTS, threshold, by=keys, rates=_RATES)
    gated["text"] = _percents(gated["rate_pct"], unit="")
    wide = gated.pivot_table(index="comparison", columns="month", values="text", aggfunc="first")
    known = gated[gated["counted_person_count"] > 0]["comparison"].unique()
    wide = wide.reindex([name for name in numbers if name in set(known)]).fillna(MISSING)
    texts = pd.DataFrame({"号": [numbers[name] for name in wide.index]})
    texts["比对"] = [terms.comparisons[name].label.zh for name in wide.index]
    for each in wide:
        texts[each[2:]] = wide[each].to_list()
    return render_table(texts, "trend", left=["比对"], wide="比对")


def describe_readings(month: Month) -> str:
    """Say (Markdown) what the comparisons rest on where the documents leave it open."""
    terms = consistency_terms(month)
    said = [
        "- 建档立卡与低保、特困重合的归为建档立卡（GZ-1）；特困先于低保。",
        f"- 近 {terms.settled_within_months} 个月没有该病门诊慢特病结算的慢病患者列为不符，"
        "为**推断**。",
        f"- 死亡当月不比，给各部门 {terms.grace_months} 个月时间更新名单，为**推断**。",
        "- 参保名单一年一报；名单送达之后新增、退出的人无法判定，不算不符。",
        "- 病种与诊断编码（ICD-10）的对应是常识，未经医保目录核对。",
        "- 慢病按人和病种计，一人两病计两次；“·”为不公布。",
    ]
    return "\n".join(said)


def _rated(counts: pd.DataFrame) -> pd.DataFrame:
    counted = counts["counted_person_count"].astype("float64")
    rate = 100 * counts["differing_person_count"] / counted.mask(counted == 0)
    return counts.assign(rate_pct=rate)


def _sides(comparison: Comparison, departments: dict[str, str]) -> str:
    return f"{departments[comparison.left]} → {departments[comparison.right]}"


def _percents(rates: pd.Series, unit: str = "%") -> list[str]:
    return [MISSING if pd.isna(rate) else f"{rate:.1f}{unit}" for rate in rates]
