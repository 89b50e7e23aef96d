"""Curves of waiting by prefecture; every step stands for enough households to be shown."""

import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML
from plotly.subplots import make_subplots

from healthmon.places import place_names
from healthmon.show.bulletin import terms_of
from healthmon.show.charts import CALM, MUTED, PROBLEM, finish_figure
from healthmon.show.deadline_frames import DeadlineResults, deadline_terms

_PANEL = 190
_ACROSS = 2
_SPAN = 3
"""The axis ends so many times as far as the last day in time."""
_BAND = "rgba(43, 108, 163, 0.18)"


def thin_curve(curve: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Keep the points of a curve between which, and after which, enough households lie.

    Parameters
    ----------
    curve : DataFrame
        Of one place (:func:`healthmon.deadlines.waiting.draw_curves`), by day.
    threshold : int
        The smallest count of households that is shown.

    Returns
    -------
    DataFrame
        The points up to which `threshold` more were done since the one before, while as many
        still wait; a step of one household would say on which day it was visited.
    """
    kept, since = [], 0
    for place, row in enumerate(curve.itertuples()):
        since += row.done
        if since >= threshold and row.at_risk - row.done >= threshold:
            kept.append(place)
            since = 0
    return curve.iloc[kept]


def draw_waiting(month: DeadlineResults, name: str) -> go.Figure | HTML:
    """Draw the share done by days since the listing, a panel a prefecture, the province in grey.

    Parameters
    ----------
    name : str
        Deadline of ``params/deadlines.yml``.
    """
    curves, terms = month.deadlines.curves, deadline_terms(month)
    curves, threshold = curves[curves["deadline"] == name], terms_of(month).disclosure.threshold
    thinned = {
        code: thin_curve(rows, threshold) for code, rows in curves.groupby("code") if len(rows)
    }
    whole = thinned.pop(f"{curves['code'].iloc[0][:2]}0000", None) if len(curves) else None
    codes = [code for code, rows in thinned.items() if len(rows)]
    if not codes:
        return HTML("<p>新纳入的户或核实帮扶记录太少，没有可以公布的曲线。</p>")
    deadline, names = terms.deadlines[name], place_names("prefectures")
    judged = month.deadlines.judged
    due = judged.loc[judged["deadline"] == name, "due_days"]
    first, last = int(due.min()), int(due.max())
    down = -(-len(codes) // _ACROSS)
    figure = make_subplots(
        rows=down, cols=_ACROSS, shared_xaxes="all", shared_yaxes="all",
        subplot_titles=[names[code] for code in codes],
        vertical_spacing=0.3 / (down + 1), horizontal_spacing=0.06,
    )  # fmt: skip
    for place, code in enumerate(codes):
        at = {"row": place // _ACROSS + 1, "col": place % _ACROSS + 1}
        if whole is not None and len(whole):
            figure.add_trace(_line(whole, "全省", MUTED, 1), **at)
        for part in _band(thinned[code]):
            figure.add_trace(part, **at)
        figure.add_trace(_line(thinned[code], names[code], CALM, 2), **at)
    for day in {first, last}:
        figure.add_vline(x=day, line={"dash": "dash", "color": PROBLEM, "width": 1})
    said = "；".join(f"{names[code]}{_say(thinned[code], last)}" for code in codes)
    figure.update_yaxes(range=[0, 100], ticksuffix="%")
    figure.update_xaxes(range=[0, _SPAN * last])
    figure.update_xaxes(title_text="纳入后的天数", row=down)
    figure.update_annotations(font_size=13)
    return finish_figure(
        figure, f"各市州{deadline.label.zh}完成比例随天数上升的阶梯曲线：{said}。",
        60 + _PANEL * down, 60 + _PANEL * down, showlegend=False, margin_t=32,
    )  # fmt: skip


def _line(curve: pd.DataFrame, name: str, colour: str, width: float) -> go.Scatter:
    return go.Scatter(
        x=[0, *curve["day"]], y=[0, *(100 * curve["done_share"])], name=name,
        mode="lines", line={"shape": "hv", "color": colour, "width": width},
        hovertemplate="第 %{x} 天：%{y:.0f}%<extra>" + name + "</extra>",
    )  # fmt: skip


def _band(curve: pd.DataFrame) -> list[go.Scatter]:
    """Return the interval as a lower line and the area up to the upper one."""
    known = curve.dropna(subset=["lower", "upper"])
    common = {"x": known["day"], "mode": "lines", "hoverinfo": "skip"}
    line = {"shape": "hv", "width": 0}
    return [
        go.Scatter(y=100 * known["lower"], line=line, **common),
        go.Scatter(y=100 * known["upper"], line=line, fill="tonexty", fillcolor=_BAND, **common),
    ]


def _say(curve: pd.DataFrame, last: int) -> str:
    """Say how much was done by a day."""
    until = curve[curve["day"] <= last]
    share = until["done_share"].iloc[-1] if len(until) else 0
    return f"第 {last} 天约 {100 * share:.0f}%"
