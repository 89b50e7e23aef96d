"""What came and what did not (JL-5), for those who answer for the exports.

Numbers of rows about persons are withheld like numbers of persons.
"""

import pandas as pd
from IPython.display import HTML

from healthmon.completeness.grid import CAME, LOST
from healthmon.completeness.shares import share_complete
from healthmon.completeness.terms import CompletenessTerms, load_completeness_terms
from healthmon.exports import Column, list_tables
from healthmon.money import format_yuan
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.rules.standards import Source
from healthmon.show.disclosure import MISSING, show_count
from healthmon.show.headlines import month_zh
from healthmon.show.tables_html import render_table

STATES = {
    "came": "已报",
    "no_changes": "已报，无变动",
    "same": "与上月相同",
    "small": "行数异常少",
    "no_rows": "文件中无本县",
    "unreadable": "无法读取",
    "missing": "未报",
}
"""State of one county's part of a table, best first."""
_ODD = ("same", "small", *LOST)
_PATIENTS = ("patient_count", "contracted_count", "followed_up_count")


def completeness_terms(month: Month) -> CompletenessTerms:
    """Return the terms of completeness of a month's checkout."""
    return load_completeness_terms(month.project.params)


def cited(month: Month) -> list[Source]:
    """List the clauses that the bulletin of completeness rests on."""
    return [completeness_terms(month).source]


def table_names(month: Month) -> dict[str, str]:
    """Map each table due to its Chinese name, in the order of the list of exports."""
    tables = list_tables(month.project.params)
    return {name: table.label.zh for name, table in tables.items() if not table.optional}


def describe_completeness(month: Month) -> str:
    """Say (Markdown) how much of what was due this month came, and what did not."""
    now = _of_month(month)
    came, lost = now["state"].isin(CAME).sum(), now["state"].isin(LOST).sum()
    late, known = now["is_late"].fillna(False).sum(), now["is_late"].notna().sum()
    lines = [
        f"- {month_zh(month.month)}应报 **{len(now):,}** 份（县 × 表），已报 **{came:,}** 份"
        f"（{_percent(came / len(now))}），缺 **{lost:,}** 份。",
        f"- 其中与上月完全相同 {(now['state'] == 'same').sum()} 份，"
        f"行数异常少 {(now['state'] == 'small').sum()} 份：需核实，不等于有错。",
    ]
    if known:
        lines.append(f"- 有期限且有收件登记的 {known:,} 份，迟报 **{late:,}** 份。")
    else:
        lines.append("- 没有收件登记，是否迟报无法判定。")
    return "\n".join(lines)


def list_odd(month: Month) -> HTML:
    """Render every part that is missing, late or looks odd this month.

    Where all counties of a prefecture, or all there are, stand alike, one line says so.
    """
    now = _of_month(month).assign(late=lambda rows: rows["is_late"].fillna(False).astype(bool))
    odd = now[now["state"].isin(_ODD) | now["late"]]
    if odd.empty:
        return HTML("<p>本月没有缺报、迟报或需要核实的表。</p>")
    names = table_names(month)
    lines = []
    for (table, state, late), rows in odd.groupby(["table", "state", "late"], sort=False):
        said = STATES[state] + ("，迟报" if late else "")
        lines += [
            {"地方": place, "表": names[table], "情况": said, "本月行数": show_count(count)}
            for place, count in _gather_places(rows, now[now["table"] == table])
        ]
    problems = {"情况": [STATES[state] for state in LOST]}
    return render_table(pd.DataFrame(lines), "odd", left=["表", "情况"], marks=problems)


def _gather_places(rows: pd.DataFrame, due: pd.DataFrame) -> list[tuple[str, int]]:
    """Name the places of some counties, whole prefectures by one name, with their rows."""
    if len(rows) == len(due):
        return [("全省", int(rows["row_count"].sum()))]
    prefectures, counties = place_names("prefectures"), place_names("counties")
    whole = due.groupby("prefecture_code").size()
    places = []
    for code, part in rows.groupby("prefecture_code"):
        if len(part) == whole[code]:
            places.append((prefectures[code], int(part["row_count"].sum())))
        else:
            pairs = zip(part["county_code"], part["row_count"], strict=True)
            places += [(counties[county], int(count)) for county, count in pairs]
    return places


def bulletin_table(month: Month, level: str) -> HTML:
    """Render the bulletin of completeness by prefecture or county.

    Parameters
    ----------
    level : {"prefectures", "counties"}
    """
    by = {"prefectures": "prefecture_code", "counties": "county_code"}[level]
    terms = completeness_terms(month)
    shares = share_complete(month.completeness_grid, month.month, by, terms.interval_pct)
    has_receipts = _of_month(month)["is_late"].notna().any()
    ranks = [
        str(best) if best == worst else f"{best}–{worst}"
        for best, worst in zip(shares["rank_best"], shares["rank_worst"], strict=True)
    ]
    texts = pd.DataFrame(
        {
            "市州" if level == "prefectures" else "县": shares[by].map(place_names(level)),
            "应报": _whole(shares["due_count"]),
            "已报": _whole(shares["came_count"]),
            "迟报": _whole(shares["late_count"]) if has_receipts else MISSING,
            "缺报": _whole(shares["missing_count"]),
            "存疑": _whole(shares["odd_count"]),
            "报送率": [_percent(share) for share in shares["complete_share"]],
            f"近{terms.grid_months}月报送率": [_percent(share) for share in shares["pooled_share"]],
            "名次范围": ranks,
        }
    )
    return render_table(texts, f"bulletin-{level}")


def list_outliers(month: Month) -> HTML:
    """Render the numbers farthest from what is usual."""
    rows = month.outliers.head(completeness_terms(month).outliers.shown)
    if rows.empty:
        return HTML("<p>本月没有发现离群值。</p>")
    tables = list_tables(month.project.params)
    columns = [
        tables[table].columns.get(column)
        for table, column in zip(rows["table"], rows["column"], strict=True)
    ]
    heads = ["行数" if column is None else column.header for column in columns]
    kinds = rows["statistic"].map({"total": "合计", "mean": "平均"})
    texts = pd.DataFrame(
        {
            "县": rows["county_code"].map(place_names("counties")).to_list(),
            "表": [tables[table].label.zh for table in rows["table"]],
            "指标": [
                head if column is None else f"{head}（{kind}）"
                for head, column, kind in zip(heads, columns, kinds, strict=True)
            ],
            "本月": _numbers(rows["value"], rows["column"], columns),
            "通常": _numbers(rows["usual"], rows["column"], columns),
            "偏离": [f"{score:+.1f}" for score in rows["score"]],
            "对照": rows["against"].map({"past": "本县以往", "peers": "其他县"}).to_list(),
        }
    )
    return render_table(texts, "outliers", left=["表", "指标", "对照"], wide="指标")


def describe_outliers(month: Month) -> str:
    """Say (Markdown) how outliers are found and how many there are."""
    terms, found = completeness_terms(month).outliers, month.outliers
    more = f"，下表列出偏离最大的 {terms.shown} 项" if len(found) > terms.shown else ""
    return (
        f"本月 **{len(found)}** 项超出常态{more}。偏离为修正 z 分数（以中位数和绝对中位差计），"
        f"绝对值达到 {terms.score:g} 的列出；本县以往取此前 {terms.history_months} 个月，"
        "金额先取对数。离群不等于有错，请核实。"
    )


def _of_month(month: Month) -> pd.DataFrame:
    grid = month.completeness_grid
    return grid[grid["delivered_month"] == month.month]


def _whole(counts: pd.Series) -> list[str]:
    return [f"{count:,}" for count in counts]


def _percent(share: float) -> str:
    return MISSING if pd.isna(share) else f"{100 * share:.1f}%"


def _numbers(values: pd.Series, names: pd.Series, columns: list[Column | None]) -> list[str]:
    triples = zip(values, names, columns, strict=True)
    return [_number(value, name, column) for value, name, column in triples]


def _number(value: float, name: str, column: Column | None) -> str:
    """Write a value in the unit that readers expect; few rows or patients are withheld."""
    if column is None or name.endswith(_PATIENTS):
        return show_count(round(value))
    if column.type == "money":
        return f"{format_yuan(value)} 元"
    if column.type == "percent":
        return f"{value / 100:.1f}%"
    return f"{value:,.1f}".removesuffix(".0")
