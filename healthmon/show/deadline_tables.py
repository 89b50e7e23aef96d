"""Tables and sentences on deadlines of newly listed households (KF-2), for those who answer.

Counts of households pass :mod:`healthmon.show.disclosure` here.
"""

from math import floor
from typing import Protocol

import pandas as pd
from IPython.display import HTML

from healthmon.deadlines.breaches import count_by_quarter, count_synced, last_full_quarter
from healthmon.deadlines.judge import BREACHES, judge_listings
from healthmon.deadlines.run import Deadlines
from healthmon.deadlines.terms import DeadlineTerms, load_deadline_terms
from healthmon.places import place_names
from healthmon.rules.standards import Source
from healthmon.show.bulletin import Results, terms_of
from healthmon.show.disclosure import MISSING, show_count, withhold_counts, withhold_parts
from healthmon.show.headlines import month_zh
from healthmon.show.tables_html import render_table

_KINDS = "脱贫不稳定户、边缘易致贫户、突发严重困难户"
_PARTS = {
    "in_time_count": "按时", "late_count": "超期完成", "overdue_count": "超期未办",
    "other_count": "未到期或无法判定",
}  # fmt: skip
_COUNTY_PARTS = {
    "in_time_count": "按时", "breach_count": "超期", "other_count": "未到期或无法判定",
}  # fmt: skip
"""Counties have too few households for more."""
_OTHERS = ["waiting_count", "left_count", "undetermined_count"]


class DeadlineResults(Results, Protocol):
    """A month with its deadlines."""

    deadlines: Deadlines


def deadline_terms(month: Results) -> DeadlineTerms:
    """Return ``params/deadlines.yml`` of a month's checkout."""
    return load_deadline_terms(month.project.params)


def cited(month: Results) -> list[Source]:
    """List the clauses that the deadlines rest on."""
    return [deadline_terms(month).source]


def describe_force(month: Results) -> str:
    """Say (Markdown) whom the deadlines bind, and whether they are in force yet."""
    terms = deadline_terms(month)
    source, since = terms.source, terms.effective_from
    said = f"{source.document} {source.clause}只约束{terms.binds.zh}，在其他地方仅作对照"
    if month.month < f"{since:%Y-%m}":
        said += f"；{since:%Y-%m-%d} 起施行，本月**尚未生效，仅作对照**"
    elif month.month == f"{since:%Y-%m}":
        said += f"；{since:%Y-%m-%d} 起施行，此前纳入的户尚未生效，仅作对照"
    return f"{said}。原文：“{source.quote}”。"


def describe_deadlines(month: DeadlineResults) -> str:
    """Say (Markdown) how many households were newly listed and how soon things were done."""
    terms, rows = deadline_terms(month), month.deadlines.waiting
    if rows.empty:
        return f"截至{month_zh(month.month)}，最近 {terms.waiting.months} 个月没有新纳入的三类户。"
    whole = rows[rows["level"] == "province"].set_index("deadline")
    listed = int(whole[["listing_count", "undetermined_count"]].iloc[0].sum())
    span = f"最近 {terms.waiting.months} 个月"
    lines = [f"- {span}新纳入三类户（{_KINDS}）**{_people(month, listed)}** 户。"]
    for name, deadline in terms.deadlines.items():
        row = whole.loc[name]
        if not row["listing_count"]:
            lines.append(f"- {deadline.label.zh}：没有收到核实帮扶记录，**无法判定**，不算超期。")
            continue
        median = "不到一半完成" if pd.isna(row["median_days"]) else f"{row['median_days']:.0f} 天"
        lines.append(
            f"- {deadline.label.zh}（{say_within(month, name)}）：按时完成 "
            f"**{show_share(row, _threshold(month))}**，中位等待 **{median}**；到最后一天仍未办"
            f"（含当天才办）的 {_people(month, row['at_risk_count'])} 户。"
        )
    return "\n".join([*lines, *_describe_gaps(month)])


def _describe_gaps(month: DeadlineResults) -> list[str]:
    left_out = month.deadlines.left_out.iloc[0]
    listings = month.deadlines.listings
    strange = sum(
        int(listings[f"is_{deadline.column}_strange"].sum())
        for deadline in deadline_terms(month).deadlines.values()
    )
    return [
        f"- 未列入：登记首次报送时已是三类户、不知何日纳入的 "
        f"{_people(month, left_out['undated_count'])} 户。核实帮扶记录中，与登记的纳入日期对不上的 "
        f"{_people(month, left_out['unmatched_count'])} 条；早于纳入日或晚于月底、不予采信的日期 "
        f"{_people(month, strange)} 个，按无法判定。"
    ]


def say_within(month: Results, name: str) -> str:
    """Write how long there is for something, as in 7 天内."""
    within = deadline_terms(month).deadlines[name].within
    return f"{within.days} 天内" if within.days else f"{within.months} 个月内"


def show_share(row: pd.Series, threshold: int, withheld: bool = False) -> str:
    """Write the share done in time with its interval, coarsely where it gives small counts away.

    Parameters
    ----------
    row : Series
        As of :func:`healthmon.deadlines.waiting.summarise_waiting`.
    threshold : int
        The smallest count of households that is shown.
    withheld : bool
        Whether the count behind it is withheld because others could be worked out from it.
    """
    listed, in_time = int(row["listing_count"]), int(row["in_time_count"])
    if pd.isna(row["in_time_share"]) or listed < threshold:
        return MISSING
    if 0 < in_time < threshold:
        return f"按时 <{threshold} 户"
    if 0 < listed - in_time < threshold:
        return f">{floor(1000 * (listed - threshold) / listed) / 10:.1f}%"
    if withheld:
        return "*"
    shown = f"{100 * row['in_time_share']:.1f}%"
    if pd.isna(row["lower"]):
        return shown
    return f"{shown}（{100 * row['lower']:.1f}–{100 * row['upper']:.1f}）"


def waiting_table(month: DeadlineResults, level: str) -> HTML:
    """Render how much is done in time and after how many days half is done, by place.

    Parameters
    ----------
    level : {"prefecture", "county"}
        Prefectures with the province under them; counties under their prefectures.
    """
    rows = month.deadlines.waiting
    rows = rows[rows["level"].isin([level, "province"] if level == "prefecture" else [level])]
    if rows.empty:
        return HTML("<p>没有新纳入的三类户。</p>")
    texts = {name: _waiting_texts(month, name, part) for name, part in rows.groupby("deadline")}
    first, *_ = texts.values()
    names = place_names("counties") | place_names("prefectures")
    table = {
        "地方": [names.get(code, "全省") for code in first.index],
        "新纳入（户）": first["listed"],
    }
    groups = {}
    for name, deadline in deadline_terms(month).deadlines.items():
        columns = [f"{deadline.label.zh}按时", f"{deadline.label.zh}中位天数"]
        table |= dict(zip(columns, (texts[name]["share"], texts[name]["median"]), strict=True))
        groups[f"{deadline.label.zh}（{say_within(month, name)}）"] = columns
    frame = pd.DataFrame(table).reset_index(drop=True)
    section = None
    if level == "county":
        section = "市州"
        frame[section] = [place_names("prefectures")[f"{code[:4]}00"] for code in first.index]
    return render_table(frame, f"waiting-{level}", groups=groups, section=section)


def _waiting_texts(month: DeadlineResults, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``listed``, ``share`` and ``median`` by code, the province last."""
    threshold = _threshold(month)
    rows = rows.assign(
        listed_count=rows["listing_count"] + rows["undetermined_count"],
        slow_count=rows["listing_count"] - rows["in_time_count"],
        group=rows["code"].str[:4].where(rows["level"] == "county", rows["level"]),
        is_whole=rows["level"] == "province",
    ).sort_values(["is_whole", "code"])
    counts = ["listed_count", "in_time_count", "slow_count"]
    gated = withhold_counts(rows, counts, threshold, by="group")
    hidden = gated[counts].isna().any(axis=1)
    shares = [show_share(row, threshold, hidden[place]) for place, row in rows.iterrows()]
    medians = [
        MISSING if pd.isna(row["in_time_share"]) else
        "未过半" if pd.isna(row["median_days"]) else f"{row['median_days']:.0f}"
        for _, row in rows.iterrows()
    ]  # fmt: skip
    texts = {"listed": gated["listed_count_shown"], "share": shares, "median": medians}
    return pd.DataFrame(texts).set_index(rows["code"])


def bulletin_quarter(month: Results) -> str:
    """Name the quarter of the bulletin, as in 2022年第2季度."""
    return _quarter_zh(last_full_quarter(month.month))


def bulletin_table(month: DeadlineResults, level: str) -> HTML:
    """Render what became of the listings of the last full quarter (每季度通报一次).

    Parameters
    ----------
    level : {"prefecture", "county"}
    """
    counted = _counted(month)
    counted = counted[counted["quarter"] == last_full_quarter(month.month)]
    if counted.empty:
        return HTML(f"<p>{bulletin_quarter(month)}没有新纳入的三类户。</p>")
    column = f"{level}_code"
    by, parts = {"prefecture": (None, _PARTS), "county": ("prefecture_code", _COUNTY_PARTS)}[level]
    keys = list(dict.fromkeys(["prefecture_code", column]))
    names = place_names({"prefecture": "prefectures", "county": "counties"}[level])
    texts, groups = {}, {}
    for name, deadline in deadline_terms(month).deadlines.items():
        rows = counted[counted["deadline"] == name].groupby(keys, as_index=False)[_counts()].sum()
        gated = withhold_parts(rows, "listed_count", list(parts), _threshold(month), by=by)
        texts |= {
            "地方": [names[code] for code in rows[column]],
            "新纳入（户）": gated["listed_count_shown"],
            **{f"{deadline.label.zh}·{zh}": gated[f"{part}_shown"] for part, zh in parts.items()},
        }
        groups[deadline.label.zh] = [f"{deadline.label.zh}·{zh}" for zh in parts.values()]
        if level == "county":
            texts["市州"] = [place_names("prefectures")[code] for code in rows["prefecture_code"]]
    section = "市州" if level == "county" else None
    return render_table(pd.DataFrame(texts), f"bulletin-{level}", groups=groups, section=section)


def quarter_table(month: DeadlineResults) -> HTML:
    """Render what became of the listings of each quarter in the province."""
    counted, lines = _counted(month), []
    for name, deadline in deadline_terms(month).deadlines.items():
        rows = (
            counted[counted["deadline"] == name].groupby("quarter", as_index=False)[_counts()].sum()
        )
        rows = rows.tail(deadline_terms(month).quarters.shown).reset_index(drop=True)
        gated = withhold_parts(rows, "listed_count", list(_PARTS), _threshold(month))
        texts = {
            "纳入季度": rows["quarter"].map(_quarter_zh),
            "新纳入（户）": gated["listed_count_shown"],
        }
        texts |= {zh: gated[f"{part}_shown"] for part, zh in _PARTS.items()}
        lines.append(pd.DataFrame(texts).assign(时限=deadline.label.zh))
    if not any(len(part) for part in lines):
        return HTML("<p>没有新纳入的三类户。</p>")
    return render_table(pd.concat(lines, ignore_index=True), "quarters", section="时限")


def describe_sync(month: DeadlineResults) -> str:
    """Say (Markdown) how many listings of the last full quarter were taken over within a week."""
    terms, quarter = deadline_terms(month), last_full_quarter(month.month)
    synced = count_synced(month.deadlines.listings, terms, month.month)
    rows = synced[synced["quarter"] == quarter]
    if rows.empty:
        return f"{bulletin_quarter(month)}是否每周同步，没有数据可以判断。"
    due, done = (_people(month, rows[name].iloc[0]) for name in ("due_count", "synced_count"))
    return (
        f"{bulletin_quarter(month)}新纳入、已满 {terms.sync.days} 天的 {due} 户中，{done} 户在 "
        f"{terms.sync.days} 天内有了卫生健康部门的第一条记录（**推断**：数据里看得到的"
        f"“{terms.sync.quote}”，只有这一项）。"
    )


def describe_readings(month: DeadlineResults) -> str:
    """Say (Markdown) how many listings would be judged otherwise in another reading."""
    terms, judged, said = deadline_terms(month), month.deadlines.judged, []
    for name, deadline in terms.deadlines.items():
        for reading, other in deadline.readings.items():
            otherwise = judge_listings(
                month.deadlines.listings, terms, month.month, {name: reading}
            )
            changed = int((otherwise["state"] != judged["state"]).sum())
            said.append(
                f"“{deadline.quote}”默认按 {say_within(month, name)[:-1]}（次月同日）；改按 "
                f"{other.label.zh}，全部纳入户次中 {_people(month, changed)} 户次的结果改变。"
            )
    return "".join(said)


def explain_deadlines(month: Results) -> str:
    """Say (Markdown) how the deadlines are read and the shares estimated."""
    terms, threshold = deadline_terms(month), _threshold(month)
    lines = [
        f"纳入：登记把户列为{_KINDS}之一的那一天（推断）。三类之间互转不算重新纳入，退出后再来算。",
        f"纳入当天为第 0 天，{say_within(month, 'verified')}核实为按时，含最后一天；"
        f"措施到次月同日，次月没有这一天的到月末。",
        "到期前移出登记或退出三类的，不再计为按时或超期。",
        "到本月底没有收到过核实帮扶记录的，无法判定，不算超期。",
        f"按时比例和中位天数用 Kaplan–Meier 法估计，区间为逐点 {terms.waiting.interval_pct:g}%"
        f"（log-log）；不足 {terms.waiting.least_listings} 户的地方不算。",
        f"曲线的每一级至少代表 {threshold} 户，剩下不足 {threshold} 户时不再画；按时或未按时的户"
        f"不足 {threshold} 的，比例只给界限；“*”为防止推算而隐去。",
        "各户的编号、登记行号和到期日在 `healthmon backlog` 写出的清单里，不公开。",
    ]
    said = "\n".join(f"- {line}" for line in lines)
    return f'::: {{.callout-note title="口径"}}\n{said}\n:::'


def _counted(month: DeadlineResults) -> pd.DataFrame:
    counted = count_by_quarter(month.deadlines.judged)
    sums = {"breach_count": [f"{state}_count" for state in BREACHES], "other_count": _OTHERS}
    return counted.assign(**{name: counted[of].sum(axis=1) for name, of in sums.items()})


def _counts() -> list[str]:
    return ["listed_count", *_PARTS, "breach_count"]


def _quarter_zh(quarter: str) -> str:
    return f"{quarter[:4]}年第{quarter[5:]}季度"


def _threshold(month: Results) -> int:
    return terms_of(month).disclosure.threshold


def _people(month: Results, count: float) -> str:
    return show_count(int(count), _threshold(month))
