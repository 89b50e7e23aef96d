"""The grid of completeness as pictures: counties by tables, tables by months."""

import pandas as pd
import plotly.graph_objects as go

from healthmon.completeness.grid import CAME
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.charts import PROBLEM, finish_figure
from healthmon.show.completeness_tables import STATES, table_names

_COLOURS = {
    "came": "#d5e3ef",
    "no_changes": "#eef1f4",
    "same": "#8a6d1f",
    "small": "#7a5ea8",
    "no_rows": "#e9a66f",
    "unreadable": PROBLEM,
    "missing": "#7a2c05",
}
_MARKS = {"same": "同", "small": "少", "no_rows": "无", "unreadable": "读", "missing": "缺"}
"""A letter beside the colour: colour alone tells not everybody."""
_CELL, _NARROW_CELL, _HEADS = 19, 17, 190


def draw_grid(month: Month) -> go.Figure:
    """Draw what came this month: a row a county, a column a table."""
    grid = month.completeness_grid
    now = grid[grid["delivered_month"] == month.month]
    names, counties = table_names(month), place_names("counties")
    order = [name for name in names if name in set(now["table"])]
    states = now.pivot_table(
        index="county_code", columns="table", values="state", aggfunc="first"
    ).loc[::-1, order]
    late = now.pivot_table(index="county_code", columns="table", values="is_late", aggfunc="any")
    late = late.reindex(index=states.index, columns=order).fillna(False).astype(bool)
    marks = states.map(lambda state: _MARKS.get(state, ""))
    marks = marks.where(~late, marks + "迟")
    hover = states.map(STATES.get).where(~late, states.map(STATES.get) + "，迟报")
    figure = _heatmap(
        states.map(list(STATES).index), marks, hover,
        [names[name] for name in order], [counties[code] for code in states.index],
    )  # fmt: skip
    missing = int((~now["state"].isin(CAME)).sum())
    alt = f"{len(states)} 个县、{len(order)} 张表的报送情况格子图，缺 {missing} 格。"
    rows = len(states)
    return finish_figure(
        figure, alt, _HEADS + _CELL * rows, _HEADS + _NARROW_CELL * rows,
        xaxis={"side": "top", "tickangle": -90, "showgrid": False},
        yaxis={"showgrid": False, "tickfont": {"size": 11}, "type": "category"},
    )  # fmt: skip


def draw_months(month: Month) -> go.Figure:
    """Draw the share of counties whose part came: a row a table, a column a month."""
    grid = month.completeness_grid
    came = grid.assign(came=grid["state"].isin(CAME).astype(float))
    share = came.pivot_table(index="table", columns="delivered_month", values="came")
    names = table_names(month)
    share = share.reindex([name for name in names if name in share.index][::-1])
    texts = share.map(lambda value: "" if pd.isna(value) or value == 1 else f"{100 * value:.0f}")
    figure = go.Figure(
        go.Heatmap(
            z=share, x=list(share.columns), y=[names[name] for name in share.index], text=texts,
            texttemplate="%{text}", zmin=0, zmax=1, xgap=2, ygap=2, showscale=False,
            colorscale=[[0, PROBLEM], [0.9, "#f3d9c4"], [1, "#d5e3ef"]],
            textfont={"size": 11, "color": "#1c2733"},
            hovertemplate="%{y} %{x}：%{z:.0%}<extra></extra>",
        )
    )  # fmt: skip
    alt = f"各表近 {len(share.columns)} 个月报送率格子图，最低 {100 * share.min().min():.0f}%。"
    height = 110 + 30 * len(share)
    return finish_figure(
        figure, alt, height, height,
        xaxis={"type": "category", "side": "top", "showgrid": False},
        yaxis={"type": "category", "showgrid": False},
    )  # fmt: skip


def describe_colours() -> str:
    """Say (Markdown) what the letters in the grid mean."""
    letters = "；".join(f"{mark} {STATES[state]}" for state, mark in _MARKS.items())
    return (
        f"::: {{.hm-source}}\n浅色为已报或无变动；{letters}；迟 迟报。"
        "不写字的格子没有需要核实的情况。\n:::"
    )


def _heatmap(
    codes: pd.DataFrame,
    marks: pd.DataFrame,
    hover: pd.DataFrame,
    across: list[str],
    down: list[str],
) -> go.Figure:
    """Draw cells of a few kinds, each in its colour."""
    colours, last = list(_COLOURS.values()), len(_COLOURS) - 1
    scale = [
        (edge / len(colours), colour)
        for number, colour in enumerate(colours)
        for edge in (number, number + 1)
    ]
    return go.Figure(
        go.Heatmap(
            z=codes, x=across, y=down, text=marks, texttemplate="%{text}", customdata=hover,
            colorscale=scale, zmin=-0.5, zmax=last + 0.5, showscale=False, xgap=2, ygap=2,
            textfont={"size": 10}, hovertemplate="%{y} %{x}：%{customdata}<extra></extra>",
        )
    )  # fmt: skip
