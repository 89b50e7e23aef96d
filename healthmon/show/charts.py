"""Figures for people who decide: one look, Chinese labels, colours that the colour-blind can tell.

Each function takes a frame whose counts of persons and households have passed
:mod:`healthmon.show.disclosure` and returns a plotly figure. ``layout.meta`` carries the text
alternative (``alt``) and the height on a phone (``narrow_height``), which the renderer reads.
"""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from healthmon.show.disclosure import require_withheld

FONT = (
    '"PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", '
    '"Source Han Sans SC", sans-serif'
)
INK, MUTED, GRID = "#1c2733", "#566270", "#e4e8ec"
PROBLEM, CALM, UNKNOWN = "#c2571a", "#2b6ca3", "#b4bac2"
COLOURS = (CALM, PROBLEM, "#4d8f6f", "#7a5ea8", "#8a6d1f")
_ROW, _NARROW_ROW = 30, 28


def make_theme() -> go.layout.Template:
    """Return the template that every figure shares."""
    axis = {
        "gridcolor": GRID,
        "linecolor": "#9aa5b1",
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
        "tickfont": {"size": 13},
        "title": {"font": {"size": 13, "color": MUTED}},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": INK},
            "colorway": list(COLOURS),
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 8, "r": 16, "t": 12, "b": 8},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"bgcolor": "white", "bordercolor": MUTED, "font": {"color": INK}},
            "legend": {
                "orientation": "h",
                "y": 1.02,
                "yanchor": "bottom",
                "x": 0,
                "font": {"size": 12},
            },
            "dragmode": False,
        }
    )


def finish_figure(
    figure: go.Figure, alt: str, height: int, narrow_height: int | None = None, **layout: Any
) -> go.Figure:
    """Give a figure the common look, its heights in pixels and its text alternative."""
    meta = {"alt": alt, "narrow_height": narrow_height or height}
    return figure.update_layout(template=make_theme(), height=height, meta=meta, **layout)


def draw_hospital_ranking(
    frame: pd.DataFrame, pass_points: int, limit: int | None = None
) -> go.Figure:
    """Draw county hospitals by points, worst first, with the pass line.

    Parameters
    ----------
    frame : DataFrame
        As :func:`healthmon.show.bulletin.compare_counties`.
    pass_points : int
        The pass line, 0-100.
    limit : int, optional
        Only the worst so many.
    """
    order = ["hospital_lowest_points", "hospital_highest_points", "county_code"]
    rows = frame.sort_values(order).head(limit or len(frame)).iloc[::-1]
    low = rows["hospital_lowest_points"].astype("float64")
    open_range = rows["hospital_highest_points"].astype("float64") - low
    by_state = {"fail": PROBLEM, "pass": CALM, "undetermined": UNKNOWN}
    colours = rows["hospital_state"].map(by_state)
    texts = [
        (f"{low:.0f}–{low + span:.0f}" if span else f"{low:.0f}")
        + ("（待定）" if state == "undetermined" else "")
        for low, span, state in zip(low, open_range, rows["hospital_state"], strict=True)
    ]
    hover = "%{y}：%{customdata}<extra></extra>"
    figure = go.Figure()
    figure.add_bar(
        x=low, y=rows["name"], orientation="h", marker_color=colours, customdata=texts,
        hovertemplate=hover, name="已定分数",
    )  # fmt: skip
    figure.add_bar(
        x=open_range, y=rows["name"], orientation="h", text=texts, textposition="outside",
        marker={"color": "#e6e9ed", "pattern": {"shape": "/", "fgcolor": UNKNOWN}},
        customdata=texts, hovertemplate=hover, name="未定部分", cliponaxis=False,
    )  # fmt: skip
    figure.add_vline(x=pass_points, line={"dash": "dash", "color": INK, "width": 1})
    figure.add_annotation(
        x=pass_points, y=1, yref="paper", yanchor="bottom", text=f"及格线 {pass_points}",
        showarrow=False, font={"size": 12, "color": MUTED},
    )  # fmt: skip
    worst = "、".join(f"{name} {text}" for name, text in _worst(rows, texts))
    return finish_figure(
        figure, f"县级医院得分排序条形图，得分最低的是：{worst}。", *_heights(len(rows)),
        barmode="stack", showlegend=False, margin_t=28, margin_r=64,
        xaxis={"range": [0, 100], "title": "得分"},
    )  # fmt: skip


def draw_county_ranking(
    frame: pd.DataFrame, column: str, *, unit: str, label: str, limit: int = 10, decimals: int = 0
) -> go.Figure:
    """Draw the counties with the highest values of one measure.

    Parameters
    ----------
    frame : DataFrame
        One row a county with ``name`` and `column`.
    unit, label : str
        Unit behind the numbers and title of the axis.
    """
    known = require_withheld(frame).dropna(subset=[column])
    rows = known.nlargest(limit, column).iloc[::-1]
    values = rows[column].astype("float64")
    texts = [f"{value:,.{decimals}f}{unit}" for value in values]
    figure = go.Figure(
        go.Bar(
            x=values, y=rows["name"], orientation="h", text=texts, textposition="outside",
            marker_color=PROBLEM, cliponaxis=False, hovertemplate="%{y}：%{text}<extra></extra>",
        )
    )  # fmt: skip
    worst = "、".join(f"{name} {text}" for name, text in _worst(rows, texts))
    return finish_figure(
        figure, f"{label}最高的县排序条形图：{worst or '无'}。", *_heights(len(rows)),
        margin_r=72, xaxis={"title": label, "rangemode": "tozero"},
    )  # fmt: skip


def draw_component_losses(losses: pd.DataFrame, kind: str) -> go.Figure:
    """Draw which components lose most points, as a mean over hospitals.

    Parameters
    ----------
    losses : DataFrame
        As :func:`healthmon.show.bulletin.list_component_losses`.
    kind : str
        What is scored, as in 县级医院.
    """
    rows = losses.dropna(subset=["lost_points"]).sort_values(["lost_points", "maximum"])
    texts = [f"{row.lost_points:.1f} / {row.maximum} 分" for row in rows.itertuples(index=False)]
    hover = [
        f"{row.label}：平均失 {row.lost_points:.1f} 分（满分 {row.maximum}），"
        f"{row.determined_count} 家中 {row.losing_count} 家失分，{row.undetermined_count} 家待定"
        for row in rows.itertuples(index=False)
    ]
    figure = go.Figure()
    figure.add_bar(
        x=rows["maximum"], y=rows["label"], orientation="h", marker_color="#eef1f4",
        hoverinfo="skip", text=texts, textposition="outside", cliponaxis=False, width=0.72,
    )  # fmt: skip
    figure.add_bar(
        x=rows["lost_points"], y=rows["label"], orientation="h", marker_color=PROBLEM,
        hovertext=hover, hovertemplate="%{hovertext}<extra></extra>", width=0.72,
    )  # fmt: skip
    said = "；".join(reversed(hover)) or "没有可以确定的分项"
    return finish_figure(
        figure, f"{kind}各分项平均失分条形图。{said}。", *_heights(len(rows)),
        barmode="overlay", showlegend=False, margin_r=88,
        xaxis={"title": "平均失分（浅色为该项满分）", "rangemode": "tozero"},
    )  # fmt: skip


def draw_calibration(calibration: pd.DataFrame) -> go.Figure:
    """Draw predicted risk against what happened; bins with withheld counts are left out.

    Parameters
    ----------
    calibration : DataFrame
        ``predicted`` and ``observed`` (shares, 0-1) and ``household_count``, withheld where small.
    """
    rows = require_withheld(calibration).dropna(subset=["household_count", "observed"])
    top = max([0.05, *rows["predicted"], *rows["observed"]]) * 108
    figure = go.Figure()
    figure.add_scatter(
        x=[0, top], y=[0, top], mode="lines", name="完全吻合", hoverinfo="skip",
        line={"dash": "dash", "color": MUTED, "width": 1},
    )  # fmt: skip
    figure.add_scatter(
        x=100 * rows["predicted"], y=100 * rows["observed"], mode="markers+lines", name="模型",
        marker={"size": 9, "color": CALM}, line={"color": CALM, "width": 1.5},
        customdata=rows["household_count"],
        hovertemplate="预测 %{x:.1f}%，实际 %{y:.1f}%（%{customdata:,} 户）<extra></extra>",
    )  # fmt: skip
    alt = f"校准图：{len(rows)} 组家庭的预测风险与实际比例，越靠近虚线越准。"
    axis = {"range": [0, top], "ticksuffix": "%"}
    return finish_figure(
        figure,
        alt,
        420,
        360,
        xaxis={**axis, "title": "预测风险"},
        yaxis={**axis, "title": "实际比例"},
    )


def draw_trend(frame: pd.DataFrame, columns: dict[str, str], unit: str) -> go.Figure:
    """Draw measures over months.

    Parameters
    ----------
    frame : DataFrame
        One row a month with ``month`` (YYYY-MM) and the columns.
    columns : dict
        Column to its Chinese name.
    unit : str
        Title of the vertical axis.
    """
    rows = require_withheld(frame).sort_values("month")
    figure = go.Figure()
    for column, name in columns.items():
        figure.add_scatter(
            x=rows["month"], y=rows[column].astype("Float64"), mode="lines+markers", name=name,
            connectgaps=False, hovertemplate="%{x}：%{y:,}<extra>" + name + "</extra>",
        )  # fmt: skip
    months = f"{rows['month'].min()} 至 {rows['month'].max()}" if len(rows) else "无数据"
    alt = f"{'、'.join(columns.values())}逐月变化折线图，{months}。"
    return finish_figure(
        figure,
        alt,
        380,
        320,
        xaxis={"type": "category"},
        yaxis={"title": unit, "rangemode": "tozero"},
    )


def _heights(rows: int) -> tuple[int, int]:
    return 84 + _ROW * max(rows, 1), 84 + _NARROW_ROW * max(rows, 1)


def _worst(rows: pd.DataFrame, texts: list[str], limit: int = 3) -> list[tuple[str, str]]:
    """Return the last rows of a bar chart, which stand on top, with their names."""
    return list(zip(rows["name"], texts, strict=True))[::-1][:limit]
