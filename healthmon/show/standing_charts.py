"""Funnel plots: counties by size and rate, between the limits that chance leaves."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML

from healthmon.rules.indicators import Indicator
from healthmon.show.bulletin import Results
from healthmon.show.charts import CALM, INK, MUTED, PROBLEM, UNKNOWN, finish_figure
from healthmon.show.gap_tables import positions
from healthmon.show.standing_rows import indicators_of, rows_of, standing_terms
from healthmon.show.standing_tables import NOTHING
from healthmon.show.standing_words import HIGH, LOW
from healthmon.standing.funnel import funnel_limits

_POINTS = 160


def draw_funnel(month: Results, name: str, prefecture_code: str | None = None) -> go.Figure | HTML:
    """Draw the counties by size and rate between the funnel's limits.

    Counties whose rate is withheld are left out; the limits are those of all counties.

    Parameters
    ----------
    name : str
        The indicator.
    prefecture_code : str, optional
        Only the counties of this prefecture, within the limits of the province.
    """
    rows = rows_of(month, [name], "county", prefecture_code) if len(month.standing) else None
    if rows is None or not rows["is_open"].any():
        return NOTHING
    indicator, shown = indicators_of(month)[name], rows[rows["is_open"]]
    shown = shown.assign(text=positions(shown))
    figure = go.Figure()
    _add_limits(month, figure, shown)
    _add_places(figure, shown, indicator)
    far = shown[shown["text"].isin((LOW[1], HIGH[1]))]
    triples = zip(far["name"], far["rate_shown"], far["text"], strict=True)
    named = "、".join(f"{place} {rate}（{text}）" for place, rate, text in triples)
    hidden = len(rows) - len(shown)
    return finish_figure(
        figure,
        f"{indicator.label.zh}漏斗图：{len(shown)} 个县，"
        f"另有 {hidden} 个县因人数少不画。超出外侧界限的：{named or '无'}。",
        460, 420, margin_t=56,
        xaxis={"title": "应办数（对数刻度）", "type": "log", "tickvals": _ticks(shown),
               "tickformat": ",d"},
        yaxis={"title": "完成率", "ticksuffix": "%"},
    )  # fmt: skip


def _ticks(rows: pd.DataFrame) -> list[int]:
    steps = [step * 10**power for power in range(7) for step in (1, 2, 5)]
    return [step for step in steps if step <= 2 * rows["denominator"].max()]


def _add_limits(month: Results, figure: go.Figure, rows: pd.DataFrame) -> None:
    """Draw the rate of all and the limits around it over the sizes of the places."""
    rate, dispersion = rows["all_rate"].iloc[0], rows["dispersion"].iloc[0]
    ends = np.log10([0.8 * rows["denominator"].min(), 1.25 * rows["denominator"].max()])
    sizes = np.unique(np.round(np.logspace(*ends, _POINTS)))
    for pct, dash in zip(standing_terms(month).funnel.limits_pct, ("dot", "solid"), strict=True):
        limits = funnel_limits(sizes, rate, pct, dispersion)
        for number, values in enumerate(limits):
            figure.add_scatter(
                x=sizes, y=100 * values, mode="lines", name=f"{pct:g}% 界限",
                showlegend=number == 0, hoverinfo="skip",
                line={"color": MUTED, "width": 1, "dash": dash},
            )  # fmt: skip
    figure.add_scatter(
        x=sizes[[0, -1]], y=[100 * rate] * 2, mode="lines", name=f"全省 {100 * rate:.1f}%",
        hoverinfo="skip", line={"color": INK, "width": 1.2, "dash": "dash"},
    )  # fmt: skip


def _add_places(figure: go.Figure, rows: pd.DataFrame, indicator: Indicator) -> None:
    bad, good = (LOW, HIGH) if indicator.direction == "more" else (HIGH, LOW)
    kinds = {"落后": (bad, PROBLEM, "diamond"), "领先": (good, CALM, "circle")}
    inside = ~rows["text"].isin((*bad, *good))
    groups = {"正常": (inside, UNKNOWN, "circle")} | {
        label: (rows["text"].isin(texts), colour, symbol)
        for label, (texts, colour, symbol) in kinds.items()
    }
    for label, (is_in, colour, symbol) in groups.items():
        part = rows[is_in]
        figure.add_scatter(
            x=part["denominator"], y=50 * (part["rate_lowest"] + part["rate_highest"]),
            mode="markers", name=label,
            marker={"color": colour, "size": 9, "symbol": symbol,
                    "line": {"color": "white", "width": 1}},
            customdata=part[["name", "rate_shown", "text"]],
            hovertemplate="%{customdata[0]}：%{customdata[1]}，应办 %{x:,}，"
            "%{customdata[2]}<extra></extra>",
        )  # fmt: skip
    far = rows[rows["text"].isin((bad[1], good[1]))]
    for row in far.itertuples(index=False):
        figure.add_annotation(
            x=np.log10(row.denominator), y=50 * (row.rate_lowest + row.rate_highest),
            text=row.name, showarrow=False, yshift=13, font={"size": 12, "color": INK},
        )  # fmt: skip
