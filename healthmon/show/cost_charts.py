"""Figures of the page on costs and caps."""

import pandas as pd
import plotly.graph_objects as go

from healthmon.costs.bulletin import UNKNOWN
from healthmon.month import Month
from healthmon.show.bulletin import terms_of
from healthmon.show.cap_frames import list_caps, list_top_hospitals
from healthmon.show.charts import CALM, COLOURS, PROBLEM, finish_figure
from healthmon.show.charts import UNKNOWN as GREY
from healthmon.show.cost_frames import REACH, name_pair
from healthmon.show.disclosure import withhold_counts

_YUAN_FEN = 100 * 10_000
"""Fen in ten thousand yuan."""


def draw_reach(month: Month) -> go.Figure:
    """Draw the stays of each pair of months by where they were."""
    counted = month.cost_bulletin
    rows = counted[(counted["level"] == "province") & (counted["division"] == "treated_in")]
    rows = withhold_counts(rows, ["stay_count"], terms_of(month).disclosure.threshold, by="pair")
    figure = go.Figure()
    colours = dict(zip(REACH, (*COLOURS[:4], GREY), strict=True))
    for part, name in REACH.items():
        cells = rows[rows["part"] == part].sort_values("pair")
        if cells.empty:
            continue
        figure.add_bar(
            x=[name_pair(first) for first in cells["from_month"]],
            y=cells["stay_count"].astype("Float64"),
            name=name, marker_color=colours[part], customdata=cells["stay_count_shown"],
            hovertemplate="%{x}：%{customdata} 人次<extra>" + name + "</extra>",
        )  # fmt: skip
    known = [name for part, name in REACH.items() if part != UNKNOWN]
    return finish_figure(
        figure, f"各期住院人次按就诊地（{'、'.join(known)}）堆叠的柱形图。", 400, 340,
        barmode="stack", xaxis={"type": "category"}, yaxis={"title": "住院人次"},
    )  # fmt: skip


def draw_hospitals(month: Month) -> go.Figure:
    """Draw the hospitals that must bear most."""
    limit = terms_of(month).lists.worst_counties
    rows = list_top_hospitals(month, "yuan", limit).iloc[::-1]
    wan = rows["excess_least_fen"].astype("float64") / _YUAN_FEN
    texts = [f"{value:,.1f} 万元" for value in wan]
    names = [f"{name}（{county}）" for name, county in
             zip(rows["hospital_name"], rows["county_name"], strict=True)]  # fmt: skip
    figure = go.Figure(
        go.Bar(
            x=wan, y=names, orientation="h", marker_color=PROBLEM, text=texts,
            textposition="outside", cliponaxis=False, hovertemplate="%{y}：%{text}<extra></extra>",
        )
    )  # fmt: skip
    first = "、".join(f"{n} {t}" for n, t in list(zip(names, texts, strict=True))[::-1][:3])
    height = 84 + 30 * max(len(rows), 1)
    return finish_figure(
        figure, f"应承担超出部分最多的医院条形图：{first or '无'}。", height, height,
        margin_r=88, xaxis={"title": "应承担（万元）", "rangemode": "tozero"},
    )  # fmt: skip


def draw_cap_months(month: Month) -> go.Figure:
    """Draw the share of stays above the cap by month of settlement."""
    rows = list_caps(month, "month").sort_values("settled_month")
    pct = pd.to_numeric(rows["over_pct"]).astype("Float64")
    figure = go.Figure(
        go.Scatter(
            x=rows["settled_month"], y=pct, mode="lines+markers", connectgaps=False,
            line={"color": CALM}, hovertemplate="%{x}：%{y:.1f}%<extra></extra>",
        )
    )  # fmt: skip
    said = f"{rows['settled_month'].min()} 至 {rows['settled_month'].max()}" if len(rows) else "无"
    return finish_figure(
        figure, f"目录外费用超过上限的住院占比逐月折线图，{said}。", 320, 280,
        xaxis={"type": "category"}, yaxis={"title": "占住院人次（%）", "rangemode": "tozero"},
    )  # fmt: skip
