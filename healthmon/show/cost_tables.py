"""The bulletin of inpatient costs and the stays outside the county, as tables and sentences."""

import pandas as pd
from IPython.display import HTML

from healthmon.costs.terms import load_cost_terms
from healthmon.money import format_yuan
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.bulletin import terms_of
from healthmon.show.captions import cite_documents
from healthmon.show.cost_frames import (
    REACH,
    compare_parts,
    compare_places,
    count_outside,
    list_pairs,
)
from healthmon.show.disclosure import MISSING, show_count
from healthmon.show.tables_html import render_table

_NO_REFERRALS = "转诊登记尚未报送，县外住院是否经过转诊不作判断。"
_WAN_FEN = 1_000_000


def describe_bulletin(month: Month) -> str:
    """Say (Markdown) how many stays the last pair of months had, what they cost, and the trend."""
    rows = list_pairs(month)
    if rows.empty:
        return "最近一年没有贫困患者的住院结算。"
    last = rows.iloc[-1]
    change = compare_whole(month)
    said = (
        f"{last['pair_zh']}，贫困患者住院 **{last['stay_count_shown']}** 人次"
        f"（{last['patient_count_shown']} 人），总费用 **{_wan(last['total_fen'])}** 万元，"
        f"次均 **{format_yuan(_number(last['mean_fen']))}** 元，其中自付 "
        f"{_wan(last['out_of_pocket_fen'])} 万元；平均住院 {_decimal(last['mean_days'])} 天；"
        f"在本县住院的占 **{_percent(last['in_county_pct'])}**。"
    )
    if change is not None:
        said += (
            f"与上年同期相比，人次{change[0]}，次均费用{change[1]}"
            "（迟报的结算以后还会补入，所以只比按时录入的）。"
        )
    return said


def compare_whole(month: Month) -> tuple[str, str] | None:
    """Write how stays and their mean cost changed against the year before, for the province."""
    rows = month.cost_bulletin
    whole = rows[(rows["level"] == "province") & (rows["division"] == "all")]
    now = whole[whole["pair"] == whole["pair"].max()].iloc[0]
    before = whole[whole["pair"] == now["pair"] - 6]
    if before.empty or before["timely_stay_count"].iloc[0] < _threshold(month):
        return None
    then = before.iloc[0]
    stays = now["timely_stay_count"] / then["timely_stay_count"]
    mean = (now["timely_fen"] / now["timely_stay_count"]) / (
        then["timely_fen"] / then["timely_stay_count"]
    )
    return _changed(100 * stays - 100), _changed(100 * mean - 100)


def list_pair_costs(month: Month) -> HTML:
    """Render the last pairs of months for the province."""
    rows = list_pairs(month)
    texts = pd.DataFrame(
        {
            "期间": rows["pair_zh"],
            "住院人次": rows["stay_count_shown"],
            "人数": rows["patient_count_shown"],
            "合计": rows["total_fen"].map(_wan),
            "自付": rows["out_of_pocket_fen"].map(_wan),
            **_amounts(rows),
            "县内占比": rows["in_county_pct"].map(_percent),
            "迟报（人次）": rows["late_stay_count_shown"],
        }
    )
    return render_table(texts, "cost-pairs", groups=_EACH | {"费用（万元）": ["合计", "自付"]})


def list_parts(month: Month, division: str) -> HTML:
    """Render the stays of the last pair by level of facility or by distance."""
    rows = compare_parts(month, division)
    head = "机构级别" if division == "facility_level" else "就诊地"
    texts = pd.DataFrame(
        {
            head: rows["name"],
            "住院人次": rows["stay_count_shown"],
            "占比": rows["stay_pct"].map(_percent),
            "总费用（万元）": rows["total_fen"].map(_wan),
            **_amounts(rows),
            **_changes(rows),
        }
    )
    name = f"cost-{division.replace('_', '-')}"
    return render_table(texts, name, groups=_EACH | _CHANGED)


def list_places(month: Month, level: str) -> HTML:
    """Render the stays of the last pair by prefecture or county of residence."""
    rows = compare_places(month, level)
    if rows.empty:
        return HTML("<p>本期没有住院结算。</p>")
    reach = {key: label for key, label in REACH.items() if f"{key}_pct" in rows}
    if level == "county":
        reach = {"county": "县内占比"}
    texts = pd.DataFrame(
        {
            "县" if level == "county" else "市州": rows["name"],
            "住院人次": rows["stay_count_shown"],
            "总费用（万元）": rows["total_fen"].map(_wan),
            **_amounts(rows),
            **{label: _shares(rows, key) for key, label in reach.items()},
            **_changes(rows),
        }
    )
    groups = _EACH | _CHANGED
    section = None
    if level == "county":
        section, texts["市州"] = "市州", rows["prefecture_code"].map(place_names("prefectures"))
    else:
        groups["就诊地（占住院人次）"] = list(reach.values())
    return render_table(texts, f"cost-{level}", groups=groups, section=section)


def describe_outside(month: Month) -> str:
    """Say (Markdown) how many stays were outside the county and how many after a referral."""
    rows = month.referral_counts
    outside = int(rows["stay_count"].sum())
    said = f"近 12 个月，在本县以外住院 **{_people(month, outside)}** 人次。"
    referred, unreferred = (
        int(rows[f"{name}_stay_count"].sum()) for name in ("referred", "unreferred")
    )
    if not referred + unreferred:
        return said + _NO_REFERRALS
    terms = load_cost_terms(month.project.params).referral
    share = MISSING
    if min(referred, unreferred) >= _threshold(month) or not min(referred, unreferred):
        share = _percent(100 * referred / (referred + unreferred))
    return said + (
        f"可以判断的有 {_people(month, referred + unreferred)} 人次，其中入院当日或之前 "
        f"{terms.window_days} 天内有转诊登记的占 **{share}**。"
    )


def list_outside(month: Month) -> HTML:
    """Render stays outside the county by prefecture; a sentence where nothing can be judged."""
    rows = count_outside(month)
    if (month.referral_counts["open_stay_count"] == month.referral_counts["stay_count"]).all():
        return HTML(f"<p>{_NO_REFERRALS}</p>")
    texts = pd.DataFrame(
        {
            "市州": rows["name"],
            "县外住院（人次）": rows["stay_count_shown"],
            "有转诊": rows["referred_stay_count_shown"],
            "无转诊": rows["unreferred_stay_count_shown"],
            "不能判断": rows["open_stay_count_shown"],
            "有转诊占比": rows["referred_pct"].map(_percent),
        }
    )
    return render_table(texts, "referrals")


def cite_bulletin(month: Month) -> str:
    """Say (Markdown) which document the bulletin stands on."""
    return cite_documents(month, load_cost_terms(month.project.params).bulletin.source)


def cite_referrals(month: Month) -> str:
    """Say (Markdown) which documents ask for referrals, and whom they bind."""
    sources = load_cost_terms(month.project.params).referral.sources
    said = cite_documents(month, *sources).removesuffix("\n:::")
    return f"{said}两份文件只约束本县、本市，在此仅作对照。\n:::"


_EACH = {"每人次": ["费用（元）", "中位数（元）", "住院（天）"]}
_CHANGED = {"同比（按时录入的）": ["人次", "次均费用"]}


def _amounts(rows: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "费用（元）": rows["mean_fen"].map(lambda fen: format_yuan(_number(fen))),
        "中位数（元）": rows["median_fen"].map(lambda fen: format_yuan(_number(fen))),
        "住院（天）": rows["mean_days"].map(_decimal),
    }


def _changes(rows: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "人次": rows["stay_change_pct"].map(_signed),
        "次均费用": rows["mean_change_pct"].map(_signed),
    }


def _shares(rows: pd.DataFrame, reach: str) -> list[str]:
    """Write shares; where one is withheld, what its count is shown as."""
    pairs = zip(rows[f"{reach}_pct"], rows[f"{reach}_pct_shown"], strict=True)
    return [
        (f"{said} 人次" if isinstance(said, str) and said[0] == "<" else said)
        if pd.isna(pct) and isinstance(said, str)
        else _percent(pct)
        for pct, said in pairs
    ]


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _wan(fen: float) -> str:
    return MISSING if pd.isna(fen) else f"{fen / _WAN_FEN:,.1f}"


def _decimal(value: float) -> str:
    return MISSING if pd.isna(value) else f"{value:.1f}"


def _percent(pct: float) -> str:
    return MISSING if pd.isna(pct) else f"{pct:.1f}%"


def _signed(pct: float) -> str:
    return MISSING if pd.isna(pct) else f"{pct:+.1f}%".replace("-", "−")


def _changed(pct: float) -> str:
    return f"{'增加' if pct >= 0 else '减少'} {abs(pct):.1f}%"


def _people(month: Month, count: int) -> str:
    return show_count(count, _threshold(month))


def _threshold(month: Month) -> int:
    return terms_of(month).disclosure.threshold
