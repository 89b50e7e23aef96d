"""Tables and sentences on deadlines of newly listed households (KF-2), for those who answer.

Counts of households pass :mod:`healthmon.show.disclosure` here.
"""

import pandas as pd
from IPython.display import HTML

from healthmon.deadlines.breaches import count_synced, last_full_quarter
from healthmon.deadlines.judge import judge_listings
from healthmon.rules.standards import Source
from healthmon.show.bulletin import Results
from healthmon.show.deadline_frames import (
    DeadlineResults,
    deadline_terms,
    list_bulletin,
    list_quarters,
    list_waiting,
    name_quarter,
    show_share,
    threshold_of,
)
from healthmon.show.disclosure import show_count
from healthmon.show.headlines import month_zh
from healthmon.show.tables_html import render_table

_KINDS = "脱贫不稳定户、边缘易致贫户、突发严重困难户"


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
            f"**{show_share(row, threshold_of(month))}**，中位等待 **{median}**；到最后一天仍未办"
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


def waiting_table(month: DeadlineResults, level: str) -> HTML:
    """Render how much is done in time and after how many days half is done, by place.

    Parameters
    ----------
    level : {"prefecture", "county"}
        Prefectures with the province under them; counties under their prefectures.
    """
    frame = list_waiting(month, level)
    if frame.empty:
        return HTML("<p>没有新纳入的三类户。</p>")
    groups = {
        f"{deadline.label.zh}（{say_within(month, name)}）": [
            column for column in frame if column.startswith(deadline.label.zh)
        ]
        for name, deadline in deadline_terms(month).deadlines.items()
    }
    section = "市州" if level == "county" else None
    return render_table(frame, f"waiting-{level}", groups=groups, section=section)


def bulletin_quarter(month: Results) -> str:
    """Name the quarter of the bulletin, as in 2022年第2季度."""
    return name_quarter(last_full_quarter(month.month))


def bulletin_table(month: DeadlineResults, level: str) -> HTML:
    """Render what became of the listings of the last full quarter (每季度通报一次).

    Parameters
    ----------
    level : {"prefecture", "county"}
    """
    texts = list_bulletin(month, level)
    if texts.empty:
        return HTML(f"<p>{bulletin_quarter(month)}没有新纳入的三类户。</p>")
    labels = [deadline.label.zh for deadline in deadline_terms(month).deadlines.values()]
    groups = {zh: [column for column in texts if column.startswith(f"{zh}·")] for zh in labels}
    section = "市州" if level == "county" else None
    heads = {column: column.split("·", 1)[1] for columns in groups.values() for column in columns}
    return render_table(texts, f"bulletin-{level}", groups=groups, heads=heads, section=section)


def quarter_table(month: DeadlineResults) -> HTML:
    """Render what became of the listings of each quarter in the province."""
    texts = list_quarters(month)
    if texts.empty:
        return HTML("<p>没有新纳入的三类户。</p>")
    return render_table(texts, "quarters", section="时限")


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
    terms, threshold = deadline_terms(month), threshold_of(month)
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


def _people(month: Results, count: float) -> str:
    return show_count(int(count), threshold_of(month))
