"""Costs outside the insurance scope against the caps of KF-3, as tables and sentences."""

import pandas as pd
from IPython.display import HTML

from healthmon.costs.terms import CapTerms, load_cap_terms
from healthmon.money import format_yuan
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.bulletin import terms_of
from healthmon.show.cap_frames import list_caps, list_top_hospitals
from healthmon.show.captions import cite_documents
from healthmon.show.cost_frames import LEVELS, name_levels
from healthmon.show.disclosure import MISSING, WITHHELD_BESIDE, show_count
from healthmon.show.tables_html import render_table

_WHO = "脱贫户、监测对象、特困人员、低保对象"


def cap_terms(month: Month) -> CapTerms:
    """Return the caps of a month's checkout."""
    return load_cap_terms(month.project.params)


def describe_caps(month: Month) -> str:
    """Say (Markdown) how many stays are above the cap and what hospitals must bear."""
    (row,) = month.cap_counts.query("grouping == 'all'").to_dict("records")
    if not row["stay_count"]:
        return f"近 12 个月没有{_WHO}的住院结算。"
    shown = list_caps(month, "all").iloc[0]
    said = f"近 12 个月，{_WHO}住院 **{shown['stay_count_shown']}** 人次，"
    if pd.isna(shown["over_pct"]):
        said += "目录外费用超过上限的太少或未超过的太少，不予公布。"
    else:
        said += (
            f"目录外费用超过上限的 **{shown['over_stay_count_shown']}** 人次"
            f"（{_percent(shown['over_pct'])}），超出部分共 **{_range(shown)}** 元，"
            "照此规定应由医院承担。"
        )
    if row["open_stay_count"]:
        said += f"机构级别不明、不能判断的 {_people(month, row['open_stay_count'])} 人次。"
    return said + _say_force(month, row)


def describe_levels(month: Month) -> str:
    """Say (Markdown) the cap of each level and how costs are rounded."""
    names = name_levels(month)
    caps = "、".join(
        f"{names[level]} {cap / 100:g}%"
        for level in LEVELS
        if (cap := cap_terms(month).caps_bp.get(level)) is not None
    )
    return (
        f"上限为当次住院总费用的：{caps}。未定级按基层计算（推断）。恰好等于上限的不算超过；"
        "上限不足一分的部分舍去，超出一分即计。"
    )


def list_cap_levels(month: Month) -> HTML:
    """Render stays above the cap by level of the hospital, with the cap."""
    rows, caps = list_caps(month, "facility_level"), cap_terms(month).caps_bp
    order = {level: number for number, level in enumerate(LEVELS)}
    rows = rows.sort_values("facility_level", key=lambda level: level.map(order))
    limits = [
        f"{caps[level] / 100:g}%" if level in caps else MISSING for level in rows["facility_level"]
    ]
    texts = pd.DataFrame({"机构级别": rows["level_name"].to_list(), "上限": limits} | _cells(rows))
    return render_table(texts, "cap-levels")


def list_cap_hospitals(month: Month, by: str) -> HTML:
    """Render the hospitals that must bear most, or with the largest share above the cap.

    Parameters
    ----------
    by : {"yuan", "share"}
    """
    limit = terms_of(month).lists.worst_counties * 2
    rows = list_top_hospitals(month, by, limit)
    if rows.empty:
        return HTML("<p>没有可以公布的超过上限的医院。</p>")
    texts = pd.DataFrame(
        {
            "医院": rows["hospital_name"],
            "名次": rows["rank"].map(str),
            "所在县": rows["county_name"],
            "级别": rows["level_name"],
            **_cells(rows),
        }
    )
    if by == "share":
        ends = zip(rows["share_lower"], rows["share_upper"], strict=True)
        texts["占比区间"] = [f"{100 * low:.1f}–{100 * high:.1f}%" for low, high in ends]
    return render_table(texts, f"cap-hospitals-{by}", left=["所在县", "级别"])


def list_cap_counties(month: Month) -> HTML:
    """Render stays above the cap by county of the hospital, with the share in each level."""
    rows = list_caps(month, "county")
    levels = list_caps(month, "county_level")
    texts = pd.DataFrame({"县": rows["county_name"], **_cells(rows)})
    names = name_levels(month)
    shown = [level for level in LEVELS if level in set(levels["facility_level"])]
    for level in shown:
        part = levels[levels["facility_level"] == level].set_index("facility_county_code")
        texts[names[level]] = _shares(rows["facility_county_code"], part)
    prefectures = rows["prefecture_code"].map(place_names("prefectures"))
    texts["市州"] = prefectures.fillna(rows["prefecture_code"])
    groups = {"超过上限的占比，按级别": [names[level] for level in shown]}
    return render_table(texts, "cap-counties", groups=groups, section="市州")


def describe_ranking(month: Month) -> str:
    """Say (Markdown) how hospitals are ranked by share."""
    ranking = cap_terms(month).ranking
    return (
        f"按占比排名的医院，近 12 个月至少有 {ranking.least_stays} 人次；按占比的 "
        f"{ranking.interval_pct:g}% 置信区间下限排列，人次少的不会因为碰巧排在前面。"
        "数字不予公布的医院不在表中。"
    )


def cite_caps(month: Month) -> str:
    """Say (Markdown) which clause the caps stand on, whom it binds and since when."""
    terms = cap_terms(month)
    said = cite_documents(month, terms.source).removesuffix("\n:::")
    since = f"{terms.effective_from:%Y-%m-%d} 起适用"
    return f"{said}{since}；只约束开封市，在此仅作对照。\n:::"


def _say_force(month: Month, row: dict) -> str:
    terms = cap_terms(month)
    since = terms.effective_from.strftime("%Y-%m-%d")
    stays, over = row["in_force_stay_count"], row["in_force_over_stay_count"]
    before = f"文件自 {since} 起适用，此前结算的尚未生效，仅作对照。"
    if not stays:
        return before
    threshold = terms_of(month).disclosure.threshold
    said = f"{before}其中适用之后结算的 {_people(month, stays)} 人次"
    if 0 < min(over, stays - over) < threshold:
        return f"{said}。"
    yuan = format_yuan(row["in_force_excess_fen"], 2)
    return f"{said}，超过上限的 {_people(month, over)} 人次，超出 {yuan} 元。"


def _cells(rows: pd.DataFrame) -> dict[str, list[str]]:
    return {
        "住院人次": rows["stay_count_shown"].to_list(),
        "超过上限（人次）": rows["over_stay_count_shown"].to_list(),
        "占比": [_percent(pct) for pct in rows["over_pct"]],
        "医院应承担（元）": [_range(row) for _, row in rows.iterrows()],
    }


def _range(row: pd.Series) -> str:
    """Write what must be borne, from the least to the most where the level is not known."""
    least, most = row["excess_least_fen"], row["excess_most_fen"]
    if pd.isna(least):
        return MISSING
    if least == most:
        return format_yuan(int(least), 2)
    return f"{format_yuan(int(least), 2)}–{format_yuan(int(most), 2)}"


def _shares(counties: pd.Series, part: pd.DataFrame) -> list[str]:
    """Write the share above the cap of one level by county; what its count is shown as if not."""
    shares = part["over_pct"].map(lambda pct: WITHHELD_BESIDE if pd.isna(pct) else _percent(pct))
    return counties.map(shares).fillna(MISSING).to_list()


def _percent(pct: float) -> str:
    return MISSING if pd.isna(pct) else f"{pct:.1f}%"


def _people(month: Month, count: int) -> str:
    return show_count(count, terms_of(month).disclosure.threshold)
