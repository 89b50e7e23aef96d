"""Gaps between places (SD-2): ranks as ranges, distances, and who lies outside the funnel."""

from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from healthmon.places import place_names
from healthmon.rules.indicators import Group, Indicator
from healthmon.show.bulletin import Results, terms_of
from healthmon.show.disclosure import MISSING, WITHHELD_BESIDE
from healthmon.show.standing_rows import Level, indicators_of, name_indicator, rows_of
from healthmon.show.standing_tables import NOTHING, level_below
from healthmon.show.standing_words import HIGH, LOW, POSITIONS, RANK_CHANGES
from healthmon.show.tables_html import render_table


def list_gaps(
    month: Results, name: str, prefecture_code: str | None = None, level: Level | None = None
) -> HTML:
    """Render how places compare in one indicator: ranks, distance to the best and to the target.

    Parameters
    ----------
    name : str
        The indicator.
    level : {"prefecture", "county"}, optional
        Prefectures for the province and counties for a prefecture, where not given.
    """
    level = level or level_below(prefecture_code)
    if month.standing.empty:
        return NOTHING
    rows = rows_of(month, [name], level, prefecture_code)
    if rows.empty:
        return NOTHING
    texts = pd.DataFrame(
        {
            "县" if level == "county" else "市州": rows["name"],
            "应办": rows["denominator_shown"],
            "完成率": rows["rate_shown"],
            "工作存量": rows["backlog_shown"],
            "名次范围": _ranges(rows["rank_best"], rows["rank_worst"]),
            "原始名次": _open(rows, "rank_raw"),
            "较上月": rows["rank_change"].map(RANK_CHANGES),
            "距最好": rows["best_points_shown"],
            "赶上还需": rows["best_shown"],
            "距目标": rows["target_points_shown"],
            "达标还需": rows["needed_shown"],
            "与全省比": positions(rows),
        }
    )
    several = level == "county" and not prefecture_code
    if several:
        texts["市州"] = rows["prefecture_code"].map(place_names("prefectures"))
    return render_table(
        texts, f"gaps-{level}-{prefecture_code or 'province'}",
        groups={"差距（百分点、人数）": ["距最好", "赶上还需", "距目标", "达标还需"]},
        marks={"与全省比": _bad_side(indicators_of(month)[name])},
        section="市州" if several else None,
    )  # fmt: skip


def list_behind(
    month: Results, groups: Sequence[Group], prefecture_code: str | None = None
) -> HTML:
    """Render the counties that lie outside what their size explains, most indicators first."""
    chosen = {name: one for name, one in indicators_of(month, groups).items() if one.target}
    if month.standing.empty:
        return NOTHING
    rows = rows_of(month, list(chosen), "county", prefecture_code)
    lines = [_line_behind(own, chosen) for _, own in rows.groupby("code")]
    behind = [line for line in lines if line["far"] or line["near"]]
    if not behind:
        return HTML("<p>没有落在正常波动之外的县。</p>")
    texts = pd.DataFrame(behind).sort_values(["far", "near"], ascending=False, kind="stable")
    texts = texts.drop(columns=["far", "near"]).head(terms_of(month).lists.worst_counties)
    return render_table(
        texts, f"behind-{prefecture_code or 'province'}",
        left=["市州", "落后的指标"], wide="落后的指标",
    )  # fmt: skip


def _line_behind(own: pd.DataFrame, chosen: dict[str, Indicator]) -> dict:
    """Name the indicators in which one county lies outside the limits on the bad side."""
    near, far = [], []
    for name, text in zip(own["indicator"], positions(own), strict=True):
        low, lowest = _bad_side(chosen[name])
        if text in (low, lowest):
            (far if text == lowest else near).append(name_indicator(chosen[name]))
    return {
        "县": own["name"].iloc[0],
        "市州": place_names("prefectures")[own["prefecture_code"].iloc[0]],
        "落后的指标": "；".join(
            f"{word}：{'、'.join(names)}"
            for word, names in (("明显落后", far), ("落后", near))
            if names
        ),
        "far": len(far),
        "near": len(near),
    }


def positions(rows: pd.DataFrame) -> list[str]:
    """Say where places lie in the funnel; a dash where it is not drawn."""
    pairs = zip(rows["position"], rows["position_far"], strict=True)
    return [POSITIONS.get(pair, MISSING) for pair in pairs]


def _bad_side(indicator: Indicator) -> tuple[str, str]:
    return LOW if indicator.direction == "more" else HIGH


def _ranges(best: pd.Series, worst: pd.Series) -> list[str]:
    return [
        MISSING if pd.isna(first) else f"{first}" if first == last else f"{first}–{last}"
        for first, last in zip(best, worst, strict=True)
    ]


def _open(rows: pd.DataFrame, column: str) -> list[str]:
    return [
        (MISSING if pd.isna(value) else f"{value}") if is_open else WITHHELD_BESIDE
        for value, is_open in zip(rows[column], rows["is_open"], strict=True)
    ]
