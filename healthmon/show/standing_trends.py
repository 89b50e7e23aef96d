"""Twelve months of indicators: small lines, and whether a change is more than noise."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML

from healthmon.rules.indicators import Group, Indicator
from healthmon.show.bulletin import Results
from healthmon.show.charts import CALM, MUTED, finish_figure
from healthmon.show.disclosure import MISSING, WITHHELD_BESIDE
from healthmon.show.standing_rows import (
    indicators_of,
    is_in_force,
    name_indicator,
    place,
    place_level,
    standing_terms,
    withhold_of,
)
from healthmon.show.standing_tables import NOTHING
from healthmon.show.standing_words import NOT_IN_FORCE, TRENDS
from healthmon.show.tables_html import render_table

_BAND = 46
"""Height of a small line, in pixels."""


def trend_rows(
    month: Results, names: Sequence[str], prefecture_code: str | None = None
) -> pd.DataFrame:
    """Return the months of a province's or prefecture's indicators, withheld month by month."""
    level, code = place_level(prefecture_code)
    results = month.indicators
    rows = results[
        results["indicator"].isin(names) & (results["level"] == level) & (results["part"] == "")
    ]
    if rows.empty:
        return rows
    rows = withhold_of(month, place(rows))
    return rows[rows["code"] == code].sort_values(["indicator", "month"])


def draw_trends(
    month: Results, groups: Sequence[Group], prefecture_code: str | None = None
) -> go.Figure | HTML:
    """Draw each indicator's months as a small line in a band of its own, the newest rate beside.

    Months before the indicator's document was in force are dashed; withheld months are gaps.
    """
    chosen = indicators_of(month, groups)
    months = trend_rows(month, list(chosen), prefecture_code)
    if months.empty:
        return NOTHING
    figure, ticks, said = go.Figure(), [], []
    names = [name for name in chosen if (months["indicator"] == name).any()]
    span = standing_terms(month).least_span_points
    for band, name in enumerate(reversed(names)):
        own = months[months["indicator"] == name]
        rates = (50 * (own["known_lowest"] + own["known_highest"])).where(own["is_open"])
        _add_line(figure, own, rates, band, chosen[name], span)
        ticks.append(f"{name_indicator(chosen[name])}<br>{own['rate_shown'].iloc[-1]}")
        said.append(
            f"{chosen[name].label.zh} {own['rate_shown'].iloc[0]} 至 {own['rate_shown'].iloc[-1]}"
        )
    height = 96 + _BAND * len(names)
    return finish_figure(
        figure, "各指标逐月完成率小图：" + "；".join(reversed(said)) + "。", height, height,
        margin_r=24, hovermode="closest",
        xaxis={"type": "category", "side": "top",
               "tickvals": months["month"].iloc[[0, -1]].to_list()},
        yaxis={"tickvals": list(range(len(names))), "ticktext": ticks, "showgrid": False,
               "range": [-0.6, len(names) - 0.4], "tickfont": {"size": 11}},
        legend={"y": -0.02, "yanchor": "top"},
    )  # fmt: skip


def _add_line(
    figure: go.Figure, own: pd.DataFrame, rates: pd.Series, band: int, one: Indicator, span: float
) -> None:
    low, high = rates.min(), rates.max()
    middle, reach = (low + high) / 2, max(span, high - low)
    heights = band + 0.7 * (rates - middle) / reach
    in_force = [is_in_force(one, each) for each in own["month"]]
    for flag, name, dash, colour in (
        (False, NOT_IN_FORCE, "dot", MUTED),
        (True, "已生效", "solid", CALM),
    ):
        # the last month before it was in force joins the two parts
        mask = pd.Series(in_force, index=own.index) == flag
        joined = mask | (mask.shift(-1, fill_value=False) if flag else False)
        figure.add_scatter(
            x=own["month"], y=heights.where(joined), mode="lines+markers", name=name,
            legendgroup=name, showlegend=band == 0, connectgaps=False,
            line={"color": colour, "width": 2, "dash": dash}, marker={"size": 4},
            customdata=own[["rate_shown"]],
            hovertemplate=f"{one.label.zh} %{{x}}：%{{customdata[0]}}<extra></extra>",
        )  # fmt: skip


def list_trends(
    month: Results, groups: Sequence[Group], prefecture_code: str | None = None
) -> HTML:
    """Render first and last rate of the months, and whether the change is more than noise."""
    chosen = indicators_of(month, groups)
    months = trend_rows(month, list(chosen), prefecture_code)
    if months.empty or month.standing.empty:
        return NOTHING
    level, code = place_level(prefecture_code)
    standing = month.standing
    standing = standing[
        (standing["level"] == level) & (standing["code"] == code) & (standing["part"] == "")
    ].set_index("indicator")
    lines = []
    for name, one in chosen.items():
        own = months[months["indicator"] == name]
        if name not in standing.index or len(own) < 2:
            continue
        row, is_open = standing.loc[name], own["is_open"].iloc[[0, -1]].all()
        lines.append(
            {
                "指标": name_indicator(one),
                "起始月": own["month"].iloc[0],
                "起始": own["rate_shown"].iloc[0],
                "本月": own["rate_shown"].iloc[-1],
                "变化": f"{row['change_points']:+.1f}" if is_open else WITHHELD_BESIDE,
                "区间": _interval(row) if is_open else WITHHELD_BESIDE,
                "判断": TRENDS[row["trend"]],
            }
        )
    if not lines:
        return NOTHING
    groups_ = {"变化（百分点）": ["变化", "区间"]}
    name = f"trends-{prefecture_code or 'province'}"
    return render_table(pd.DataFrame(lines), name, groups=groups_)


def _interval(row: pd.Series) -> str:
    if pd.isna(row["change_lower"]):
        return MISSING
    return f"{row['change_lower']:+.1f} 至 {row['change_upper']:+.1f}"
