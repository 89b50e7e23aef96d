"""Figures of the threshold page; a sentence instead where a month has no outcome yet."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML

from healthmon.show.bulletin import spending_rule, terms_of
from healthmon.show.charts import CALM, MUTED, PROBLEM, finish_figure
from healthmon.show.disclosure import withhold_counts
from healthmon.show.discontinuity_tables import OUTCOMES
from healthmon.show.risk_tables import NOTHING
from healthmon.show.threshold_sweeps import (
    ThresholdResults,
    sweep_of,
    year_before_flags,
    year_with_flags,
)


def draw_sweep(month: ThresholdResults) -> go.Figure | HTML:
    """Draw the share of fallen households found by threshold, and at the same number of flags."""
    year = year_before_flags(month)
    if year is None:
        return NOTHING
    rows, line = sweep_of(month, year), spending_rule(month).threshold_yuan
    figure = go.Figure()
    for column, name, colour in (
        ("recall_pct", "按自付金额", CALM),
        ("share_recall_pct", "同样户数，按自付占收入", PROBLEM),
    ):
        figure.add_scatter(
            x=rows["threshold_yuan"], y=rows[column], mode="lines+markers", name=name,
            marker={"size": 5, "color": colour}, line={"color": colour, "width": 2},
            customdata=rows["eligible_flagged_household_count_shown"],
            hovertemplate="%{x:,} 元，%{customdata} 户：%{y:.1f}%<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.add_vline(x=line, line={"dash": "dash", "color": MUTED, "width": 1})
    at = rows[rows["threshold_yuan"] == line].iloc[0]
    by_amount, by_share = (
        "不予公布" if pd.isna(at[name]) else f"{at[name]:.1f}%"
        for name in ("recall_pct", "share_recall_pct")
    )
    alt = (
        f"门槛与找到的返贫户占比折线图；{line:,} 元处按自付找到 {by_amount}，"
        f"同样户数按自付占收入找到 {by_share}。"
    )
    return finish_figure(
        figure, alt, 380, 340,
        xaxis={"title": "门槛（元/人；虚线为现行）", "tickformat": ",d"},
        yaxis={"title": {"text": "找到的返贫户占比（%）", "standoff": 14}, "rangemode": "tozero"},
    )  # fmt: skip


def draw_jump(month: ThresholdResults, outcome: str) -> go.Figure | HTML:
    """Draw mean outcomes around the threshold with the two fitted lines.

    Parameters
    ----------
    outcome : {"income", "fallen"}
    """
    year = year_with_flags(month)
    if year is None or month.near_threshold.empty:
        return NOTHING
    groups = month.near_threshold
    groups = groups[(groups["cohort_year"] == year) & (groups["outcome"] == outcome)]
    counts = ["household_count", "outcome_household_count"]
    groups = withhold_counts(
        groups, counts, terms_of(month).disclosure.threshold, rates={"mean": counts}
    )
    factor, line = 100 if outcome == "fallen" else 1, spending_rule(month).threshold_yuan
    figure = go.Figure()
    for name, rows, colour in (
        ("线下，未预警", groups[groups["middle_yuan"] < 0], CALM),
        ("线上，预警", groups[groups["middle_yuan"] > 0], PROBLEM),
    ):
        figure.add_scatter(
            x=line + rows["middle_yuan"], y=factor * rows["mean"], mode="markers", name=name,
            marker={"size": 8, "color": colour}, customdata=rows["household_count_shown"],
            hovertemplate="%{x:,.0f} 元左右，%{customdata} 户：%{y:,.1f}<extra></extra>",
        )  # fmt: skip
    fits = month.discontinuity
    fits = fits[(fits["cohort_year"] == year) & (fits["part"] == "effect")]
    fit = fits[fits["outcome"] == outcome].iloc[0]
    for side, ends, colour in (("left", (-1, 0), CALM), ("right", (0, 1), PROBLEM)):
        x = fit["bandwidth_yuan"] * np.array(ends)
        figure.add_scatter(
            x=line + x, y=factor * (fit[f"{side}_level"] + fit[f"{side}_slope"] * x),
            mode="lines", line={"color": colour, "width": 2}, showlegend=False, hoverinfo="skip",
        )  # fmt: skip
    figure.add_vline(x=line, line={"dash": "dash", "color": MUTED, "width": 1})
    alt = (
        f"{year} 年户人均自付在 {line:,} 元上下的各组{OUTCOMES[outcome]}，"
        f"线两侧各一条拟合直线，断开处即跳跃。"
    )
    return finish_figure(
        figure, alt, 360, 320,
        xaxis={"title": f"{year} 年户人均自付（元）", "tickformat": ",d"},
        yaxis={"title": {"text": OUTCOMES[outcome].replace("百分点", "%"), "standoff": 14},
               "tickformat": ","},
    )  # fmt: skip
