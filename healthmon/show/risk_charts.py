"""Figures of the risk model; a sentence instead where a month has no outcome yet."""

import plotly.graph_objects as go
from IPython.display import HTML

from healthmon.show.bulletin import Results
from healthmon.show.charts import CALM, MUTED, PROBLEM, draw_calibration, finish_figure
from healthmon.show.risk_tables import METHODS, NOTHING, Outcome, calibration


def draw_calibration_of(month: Results, outcome: Outcome = "observed") -> go.Figure | HTML:
    """Draw predicted risk beside what happened, by tenth of households."""
    bins = calibration(month, outcome)
    return NOTHING if bins is None else draw_calibration(bins)


def draw_methods(month: Results, metric: str = "auc") -> go.Figure | HTML:
    """Draw one measure of all methods with intervals, one row a method and outcome.

    Parameters
    ----------
    metric : str
        A measure that every method has, between 0 and 1.
    """
    found = month.risk.frames.get("metrics")
    if found is None:
        return NOTHING
    rows = found[found["metric"] == metric]
    figure = go.Figure()
    names = {"observed": ("实际结果", CALM), "untreated": ("无帮扶时的结果", PROBLEM)}
    for outcome, (name, colour) in names.items():
        part = rows[rows["outcome"] == outcome].set_index("method").reindex(list(METHODS)[::-1])
        if part["value"].notna().any():
            figure.add_scatter(
                x=part["value"], y=[METHODS[method] for method in part.index], mode="markers",
                name=name, marker={"size": 10, "color": colour},
                error_x={"type": "data", "symmetric": False, "array": part["upper"] - part["value"],
                         "arrayminus": part["value"] - part["lower"]},
                hovertemplate="%{y}：%{x:.3f}<extra>" + name + "</extra>",
            )  # fmt: skip
    said = "；".join(
        f"{METHODS[row.method]} {row.value:.2f}"
        for row in rows[rows["outcome"] == "observed"].itertuples(index=False)
    )
    title = {"auc": "AUC（0.5 为随机）"}.get(metric, metric)
    return finish_figure(
        figure, f"各方法比较图，实际结果：{said}。", 300, 300, scattermode="group",
        xaxis={"title": title}, yaxis={"type": "category"},
    )  # fmt: skip


def draw_odds_ratios(month: Results) -> go.Figure | HTML:
    """Draw the odds ratios with intervals on a logarithmic axis, the largest on top."""
    found = month.risk.frames.get("coefficients")
    if found is None or found.empty:
        return NOTHING
    rows = found.sort_values("odds_ratio")
    names = [
        f"{label}（每{unit}）" if unit else label
        for label, unit in zip(rows["label"], rows["unit"], strict=True)
    ]
    figure = go.Figure(
        go.Scatter(
            x=rows["odds_ratio"], y=names, mode="markers", marker={"size": 9, "color": CALM},
            error_x={"type": "data", "symmetric": False,
                     "array": rows["upper"] - rows["odds_ratio"],
                     "arrayminus": rows["odds_ratio"] - rows["lower"]},
            hovertemplate="%{y}：%{x:.2f}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_vline(x=1, line={"dash": "dash", "color": MUTED, "width": 1})
    top = "、".join(
        f"{name} {ratio:.2f}"
        for name, ratio in zip(names[::-1][:3], rows["odds_ratio"][::-1][:3], strict=True)
    )
    return finish_figure(
        figure, f"各因素比值比图，最大的是：{top}。", 90 + 32 * len(rows), showlegend=False,
        xaxis={"type": "log", "title": "比值比（1 为无关，对数刻度）",
               "tickvals": [0.25, 0.5, 1, 2, 4, 8, 16]},
    )  # fmt: skip
