"""Headline figures and sentences of the bulletin, computed and already fit to be published."""

from typing import Literal, NamedTuple

import pandas as pd

from healthmon.places import place_names
from healthmon.show.bulletin import (
    Results,
    compare_counties,
    list_component_losses,
    scored_standard,
    spending_rule,
    terms_of,
    total_counts,
    total_people,
    village_standard,
)


class Card(NamedTuple):
    """One headline figure."""

    label: str
    value: str
    unit: str
    note: str
    tone: Literal["plain", "problem"] = "plain"
    is_inferred: bool = False


def make_cards(month: Results, prefecture_code: str | None = None) -> list[Card]:
    """Make the headline figures of the province or one prefecture."""
    counts = total_counts(month, prefecture_code)
    people = total_people(month, prefecture_code)
    return [
        _register_card(people),
        _hospital_card(month, counts, "county"),
        _hospital_card(month, counts, "township"),
        _village_card(counts),
        _rule_card(month, people),
        _model_card(month, people),
    ]


def _register_card(people: dict[str, str]) -> Card:
    note = f"共 {people['person_count']} 人"
    return Card("建档立卡户", people["household_count"], "户", note)


def _hospital_card(
    month: Results, counts: dict[str, int], kind: Literal["county", "township"]
) -> Card:
    name, unit = {"county": ("县级医院", "县"), "township": ("乡镇卫生院", "乡镇")}[kind]
    line = scored_standard(month, kind).pass_points
    failing, total = counts[f"{kind}_fail_count"], counts[f"{kind}_total_count"]
    note = f"共 {total} 个{unit}" + _pending(counts[f"{kind}_undetermined_count"])
    return Card(
        f"{name}低于 {line} 分",
        f"{failing:,}",
        f"个{unit}",
        note,
        "problem" if failing else "plain",
    )


def _village_card(counts: dict[str, int]) -> Card:
    flagged = counts["flagged_village_count"]
    total, blank = counts["village_count"], counts["blank_village_count"]
    note = f"共 {total:,} 个村；其中空白点 {blank:,} 个（推断）"
    note += _pending(counts["undetermined_village_count"])
    return Card(
        "村卫生室有空白点风险", f"{flagged:,}", "个村", note, "problem" if flagged else "plain"
    )


def _pending(count: int) -> str:
    return f"；另有 {count:,} 个缺数据待定" if count else ""


def _rule_card(month: Results, people: dict[str, str]) -> Card:
    value = people["rule_household_count"]
    tone = "plain" if value == "0" else "problem"
    return Card(_rule_words(month), value, "户", _rule_by_year(month, people), tone)


def _rule_words(month: Results) -> str:
    return f"人均自付超过 {spending_rule(month).threshold_yuan:,} 元"


def _rule_by_year(month: Results, people: dict[str, str]) -> str:
    """Say how many households each year flags; the month's own year is not over in most months."""
    is_over = month.month.endswith("-12")
    parts = []
    for year in spending_rule(month).years(month.month):
        so_far = "截至本月" if str(year) == month.month[:4] and not is_over else ""
        parts.append(f"{year} 年{so_far} {people[f'rule_{year}_household_count']} 户")
    return "；".join(parts)


def _model_card(month: Results, people: dict[str, str]) -> Card:
    if month.risk.frames.get("household_scores") is None:
        return Card("模型预警", "—", "", "结果年份不足，尚不能训练模型")
    tested = "经以后年度检验" if month.risk.state == "tested" else "未经以后年度检验"
    note = f"全省预警户数与规则相同；{tested}"
    value = people["model_household_count"]
    return Card("模型预警", value, "户", note, is_inferred=True)


def summarise(month: Results, prefecture_code: str | None = None) -> str:
    """Say in one paragraph (Markdown) how the place stands."""
    counts = total_counts(month, prefecture_code)
    people = total_people(month, prefecture_code)
    place = terms_of(month).site.province
    if prefecture_code:
        place = place_names("prefectures", short=False)[prefecture_code]
    hospital, township = (
        scored_standard(month, kind).pass_points for kind in ("county", "township")
    )
    return (
        f"截至 {month_zh(month.month)}底，{place}有建档立卡户"
        f" **{people['household_count']}** 户、"
        f"**{people['person_count']}** 人。"
        f"县级医院低于 {hospital} 分的县 **{counts['county_fail_count']}** 个，"
        f"卫生院低于 {township} 分的乡镇 **{counts['township_fail_count']}** 个，"
        f"有空白点风险的村 **{counts['flagged_village_count']:,}** 个。"
        f"{_rule_words(month)}的有 **{people['rule_household_count']}** 户"
        f"（{_rule_by_year(month, people)}）。"
    )


def list_problems(month: Results, prefecture_code: str | None = None) -> str:
    """Say as a short list (Markdown) where the problems are."""
    counties = compare_counties(month, prefecture_code)
    lines = [
        _worst_hospitals(counties),
        _most_failing(counties),
        _costliest_component(month, prefecture_code),
        _most_blank(month, counties),
        _heaviest_burden(month, counties),
    ]
    return "\n".join(f"- {line}" for line in lines if line)


def _worst_hospitals(counties: pd.DataFrame) -> str:
    below = counties[counties["hospital_state"] == "fail"]
    if below.empty:
        return "**县级医院**：没有低于及格线的县。"
    worst = below.sort_values(["hospital_highest_points", "county_code"]).head(3)
    named = "、".join(
        f"{row.name_}（{show_points(row.hospital_lowest_points, row.hospital_highest_points)} 分）"
        for row in worst.rename(columns={"name": "name_"}).itertuples()
    )
    return f"**县级医院**：{len(below)} 个县低于及格线，得分最低的是{named}。"


def _most_failing(counties: pd.DataFrame) -> str:
    worst = counties.sort_values(["township_fail_count", "county_code"], ascending=[False, True])
    worst = worst[worst["township_fail_count"] > 0].head(3)
    if worst.empty:
        return "**乡镇卫生院**：没有低于及格线的乡镇。"
    named = _list_counts(worst, "township_fail_count", "township_total_count")
    return f"**乡镇卫生院**：低于及格线最多的是{named}（不及格数／乡镇数）。"


def _costliest_component(month: Results, prefecture_code: str | None) -> str:
    losses = list_component_losses(month, "township", prefecture_code).dropna()
    losses = losses[losses["lost_points"] > 0]
    if losses.empty:
        return ""
    worst = losses.loc[losses["lost_points"].idxmax()]
    return (
        f"**失分最多的分项**：乡镇卫生院“{worst['label']}”平均失 {worst['lost_points']:.1f} 分"
        f"（满分 {worst['maximum']} 分），{worst['losing_count']} 家失分。"
    )


def _most_blank(month: Results, counties: pd.DataFrame) -> str:
    worst = counties[counties["blank_village_count"] > 0]
    worst = worst.sort_values(["blank_village_count", "county_code"], ascending=[False, True]).head(
        3
    )
    label = village_standard(month).flags["V0"].label.zh
    if worst.empty:
        return f"**村卫生室**：没有{label}的村。"
    named = _list_counts(worst, "blank_village_count", "village_count")
    return f"**村卫生室**：{label}最多的是{named}（村数／全部村数；推断口径）。"


def _heaviest_burden(month: Results, counties: pd.DataFrame) -> str:
    known = counties.dropna(subset=["rule_rate_pct"])
    worst = known[known["rule_rate_pct"] > 0].nlargest(3, "rule_rate_pct")
    if worst.empty:
        return ""
    named = "、".join(
        f"{name}（{rate:.1f}%）"
        for name, rate in zip(worst["name"], worst["rule_rate_pct"], strict=True)
    )
    return f"**医疗负担**：{_rule_words(month)}的户占比最高的是{named}。"


def _list_counts(rows: pd.DataFrame, part: str, total: str) -> str:
    return "、".join(
        f"{name}（{int(count)}／{int(whole)}）"
        for name, count, whole in zip(rows["name"], rows[part], rows[total], strict=True)
    )


def show_points(lowest: int, highest: int) -> str:
    """Write a total, as a range where inputs are missing."""
    if pd.isna(lowest) or pd.isna(highest):
        return "—"
    return f"{int(lowest)}" if lowest == highest else f"{int(lowest)}–{int(highest)}"


def month_zh(month: str) -> str:
    """Write 2022-06 as 2022 年 6 月."""
    return f"{month[:4]} 年 {int(month[5:])} 月"
