"""Backlog, weak points and gaps (SD-2) and key areas (SD-3) as tables for leaders."""

from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from healthmon.rules.indicators import Group, Indicator
from healthmon.show.bulletin import Results
from healthmon.show.disclosure import MISSING
from healthmon.show.headlines import Card
from healthmon.show.standing_rows import (
    LEVELS,
    Level,
    headline_indicators,
    indicators_of,
    is_in_force,
    name_indicator,
    place_level,
    rows_of,
    standing_terms,
)
from healthmon.show.standing_words import (
    BINDING,
    COMPARISON,
    NOT_IN_FORCE,
    STATES,
)
from healthmon.show.tables_html import render_table

NOTHING = HTML("<p>本月没有可以计算的指标。</p>")
_UNDER = STATES["under"]


def make_service_cards(month: Results, prefecture_code: str | None = None) -> list[Card]:
    """Make the headline figures: the rate, the target and what is still to do."""
    chosen = headline_indicators(month)
    if month.standing.empty:
        return []
    level, code = place_level(prefecture_code)
    rows = rows_of(month, list(chosen), level, prefecture_code and code).set_index("indicator")
    return [_card(chosen[name], rows.loc[name]) for name in chosen if name in rows.index]


def _card(indicator: Indicator, row: pd.Series) -> Card:
    target = f"目标 {indicator.target.pct}%；" if indicator.target else ""
    note = f"{target}{indicator.backlog.zh} {row['backlog_shown']}"
    if row["undetermined"]:
        note += f"；待定 {row['undetermined_shown']}"
    tone = "problem" if row["state_known"] == "under" else "plain"
    return Card(name_indicator(indicator), row["rate_shown"], "", note, tone)


def describe_weak_points(
    month: Results, groups: Sequence[Group], prefecture_code: str | None = None
) -> str:
    """Say (Markdown) how many indicators are under target, and which of the province's own most."""
    chosen = indicators_of(month, groups)
    if month.standing.empty:
        return "本月没有可以计算的指标。"
    level, _ = place_level(prefecture_code)
    rows = rows_of(month, list(chosen), level, prefecture_code)
    binding = rows[~rows["indicator"].map(lambda name: chosen[name].is_comparison)]
    asked = binding[binding["state_known"] != "no_target"]
    under = asked[asked["state_known"] == "under"]
    said = f"本省文件定有目标的 **{len(asked)}** 项中，未达标 **{len(under)}** 项"
    furthest = under[under["is_open"]].sort_values("target_points", ascending=False).head(3)
    if len(furthest):
        named = "、".join(
            f"{chosen[row.indicator].label.zh}（差 {row.target_points_shown} 个百分点）"
            for row in furthest.itertuples(index=False)
        )
        said += f"，差距最大的是{named}"
    return f"{said}。对照项为外地文件或做法，不约束本省，列出供比较。"


def list_weak_points(
    month: Results, groups: Sequence[Group], prefecture_code: str | None = None
) -> HTML:
    """Render the indicators of a province or prefecture: target, rate, backlog, distance."""
    chosen = indicators_of(month, groups)
    if month.standing.empty:
        return NOTHING
    level, _ = place_level(prefecture_code)
    rows = rows_of(month, list(chosen), level, prefecture_code)
    ones = [chosen[name] for name in rows["indicator"]]
    texts = pd.DataFrame(
        {
            "指标": [one.label.zh for one in ones],
            "完成率": rows["rate_shown"],
            "目标": [_target(one) for one in ones],
            "状态": [
                _state(one, state, month.month)
                for one, state in zip(ones, rows["state_known"], strict=True)
            ],
            "差距": rows["target_points_shown"],
            "应办": rows["denominator_shown"],
            "工作存量": rows["backlog_shown"],
            "待定": rows["undetermined_shown"],
            "达标还需": rows["needed_shown"],
            "依据": [f"{one.binds} {one.source.clause}" for one in ones],
            "类": [COMPARISON if one.is_comparison else BINDING for one in ones],
        }
    )
    return render_table(
        texts, f"weak-{prefecture_code or 'province'}", left=["状态", "依据"], section="类",
        marks={"状态": [_UNDER]},
    )  # fmt: skip


def list_parts(month: Results, fact: str, prefecture_code: str | None = None) -> HTML:
    """Render the rates of indicators by the values of one fact, as by disease.

    Parameters
    ----------
    fact : str
        The fact that indicators are shown apart by, such as ``disease``.
    """
    chosen = {
        name: one
        for name, one in indicators_of(month).items()
        if one.parts and one.parts.fact == fact
    }
    if month.standing.empty or not chosen:
        return NOTHING
    level, _ = place_level(prefecture_code)
    rows = rows_of(month, list(chosen), level, prefecture_code, with_parts=True)
    labels = {part: label.zh for one in chosen.values() for part, label in one.parts.labels.items()}
    texts = pd.DataFrame({"指标": [name_indicator(one) for one in chosen.values()]})
    for part, label in {"": "合计", **labels}.items():
        rates = rows[rows["part"] == part].set_index("indicator")["rate_shown"]
        texts[label] = rates.reindex(list(chosen)).fillna(MISSING).to_list()
    texts.insert(1, "目标", [_target(one) for one in chosen.values()])
    return render_table(texts, f"parts-{fact.replace('_', '-')}-{prefecture_code or 'province'}")


def list_part_backlog(month: Results, name: str, prefecture_code: str | None = None) -> HTML:
    """Render one indicator by part: how many there are, done, and still to do."""
    one = indicators_of(month)[name]
    level, _ = place_level(prefecture_code)
    if month.standing.empty or not one.parts:
        return NOTHING
    rows = rows_of(month, [name], level, prefecture_code, with_parts=True)
    labels = {"": "合计"} | {part: label.zh for part, label in one.parts.labels.items()}
    rows = rows[rows["part"].isin(labels)]
    texts = pd.DataFrame(
        {
            "类别": rows["part"].map(labels),
            "应办": rows["denominator_shown"],
            one.backlog.zh: rows["backlog_shown"],
            "完成率": rows["rate_shown"],
        }
    )
    return render_table(texts, f"part-backlog-{prefecture_code or 'province'}")


def list_backlog(month: Results, prefecture_code: str | None = None) -> HTML:
    """Render what is still to do in the headline indicators, by prefecture or county."""
    chosen = headline_indicators(month)
    if month.standing.empty:
        return NOTHING
    rows = rows_of(month, list(chosen), level_below(prefecture_code), prefecture_code)
    wide = rows.pivot_table(index="name", columns="indicator", values="backlog_shown",
                            aggfunc="first", sort=False)  # fmt: skip
    order = rows.drop_duplicates("code").sort_values("code")["name"]
    wide = wide.reindex(index=order, columns=list(chosen)).fillna(MISSING)
    texts = pd.DataFrame({_head(prefecture_code): wide.index})
    heads = _name_backlogs(chosen)
    for name, head in heads.items():
        texts[head] = wide[name].to_list()
    others = [heads[name] for name, one in chosen.items() if one.is_comparison]
    groups = {"对照（外地文件）": others} if others else None
    return render_table(texts, f"backlog-{prefecture_code or 'province'}", groups=groups)


def _name_backlogs(chosen: dict[str, Indicator]) -> dict[str, str]:
    """Head each indicator's backlog; two that are called alike say where they apply."""
    heads = {name: one.backlog.zh for name, one in chosen.items()}
    alike = [head for head in heads.values() if list(heads.values()).count(head) > 1]
    return {
        name: f"{head}（{chosen[name].binds}）" if head in alike else head
        for name, head in heads.items()
    }


def list_summary(month: Results, prefecture_code: str | None = None) -> HTML:
    """Render the indicators under target, those that bind here and the largest backlog first."""
    chosen = {name: one for name, one in indicators_of(month).items() if one.target}
    if month.standing.empty:
        return NOTHING
    level, _ = place_level(prefecture_code)
    rows = rows_of(month, list(chosen), level, prefecture_code)
    rows = rows.assign(is_other=rows["indicator"].map(lambda name: chosen[name].is_comparison))
    rows = rows[rows["state_known"] == "under"].sort_values(
        ["is_other", "backlog"], ascending=[True, False]
    )
    if rows.empty:
        return HTML("<p>没有未达标的指标。</p>")
    rows = rows.head(standing_terms(month).summary_rows)
    ones = [chosen[name] for name in rows["indicator"]]
    texts = pd.DataFrame(
        {
            "未达标的指标": [name_indicator(one) for one in ones],
            "目标": [_target(one) for one in ones],
            "完成率": rows["rate_shown"].to_list(),
            "差距": rows["target_points_shown"].to_list(),
            "工作存量": rows["backlog_shown"].to_list(),
        }
    )
    return render_table(texts, f"services-{prefecture_code or 'province'}")


def level_below(prefecture_code: str | None) -> Level:
    """Return the level that a page compares: prefectures, or the counties of one prefecture."""
    return "county" if prefecture_code else "prefecture"


def _head(prefecture_code: str | None) -> str:
    return {"prefectures": "市州", "counties": "县"}[LEVELS[level_below(prefecture_code)]]


def _target(indicator: Indicator) -> str:
    if not indicator.target:
        return MISSING
    mark = "＊" if indicator.target.is_inferred else ""
    sign = "" if indicator.direction == "more" else "≤"
    return f"{sign}{indicator.target.pct}%{mark}"


def _state(indicator: Indicator, state: str, month: str) -> str:
    return STATES[state] if is_in_force(indicator, month) else NOT_IN_FORCE
