"""Tables and figures of the scores for researchers: every component, clause by clause."""

import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML

from healthmon.places import place_names
from healthmon.show.bulletin import Results, Scored, scored_standard, village_standard
from healthmon.show.charts import CALM, PROBLEM, finish_figure
from healthmon.show.tables_html import STATES, render_table

_STEP = 5
"""Points in one bar of the distribution."""


def list_components(month: Results, kind: Scored) -> HTML:
    """Render the components of a standard with maximum, clause, quote and reading."""
    rows = [
        {
            "分项": f"{name} {component.label.zh}",
            "满分": str(component.maximum),
            "条款": component.clause,
            "原文": component.quote,
            "推断": "是" if component.inferred else "",
        }
        for name, component in scored_standard(month, kind).components.items()
    ]
    return render_table(pd.DataFrame(rows), f"components-{kind}", left=["条款", "原文", "推断"])


def list_flag_rules(month: Results) -> HTML:
    """Render the flags of villages with clause and quote."""
    rows = [
        {
            "标识": f"{name} {flag.label.zh}",
            "条款": flag.clause,
            "原文": flag.quote,
            "推断": "是" if flag.inferred else "",
        }
        for name, flag in village_standard(month).flags.items()
    ]
    return render_table(pd.DataFrame(rows), "flag-rules", left=["条款", "原文", "推断"])


def list_county_points(month: Results) -> HTML:
    """Render every county's hospital with the points of each component, worst first."""
    scores = month.county_scores.sort_values(["lowest_points", "county_code"])
    components = scored_standard(month, "county").components
    points = {
        component.label.zh: [_points(value) for value in scores[f"{name}_points"]]
        for name, component in components.items()
    }
    texts = pd.DataFrame(
        {
            "县": scores["county_code"].map(place_names("counties")).to_list(),
            "市州": scores["prefecture_code"].map(place_names("prefectures")).to_list(),
            "医院": scores["facility_name"].fillna("未报送").to_list(),
            **points,
            "总分": [_points(value) for value in scores["points"]],
            "评定": scores["state"].map(STATES).to_list(),
        }
    )
    return render_table(
        texts, "county-points", left=["市州", "医院"], marks={"评定": [STATES["fail"]]}
    )


def count_states(month: Results) -> HTML:
    """Render how many counties and townships pass, fail or are undetermined."""
    rows = []
    for title, scores in (("县级医院", month.county_scores), ("乡镇卫生院", month.township_scores)):
        counts = scores["state"].value_counts()
        row = {"机构": title, "评定单位数": f"{len(scores):,}"}
        rows.append(row | {zh: f"{counts.get(state, 0):,}" for state, zh in STATES.items()})
    return render_table(pd.DataFrame(rows), "states")


def draw_distribution(month: Results, kind: Scored) -> go.Figure:
    """Draw how many units have how many points, below and above the pass line."""
    scores = month.county_scores if kind == "county" else month.township_scores
    line = scored_standard(month, kind).pass_points
    known = scores["points"].dropna().astype("float64")
    starts = list(range(0, 100, _STEP))
    # the last bar takes 100 itself
    edges = [*starts[1:], 101]
    counts = [int(known.between(low, high, inclusive="left").sum())
              for low, high in zip(starts, edges, strict=True)]  # fmt: skip
    labels = [f"{low}–{min(high - 1, 100)}" for low, high in zip(starts, edges, strict=True)]
    colours = [PROBLEM if low < line else CALM for low in starts]
    figure = go.Figure(go.Bar(x=labels, y=counts, marker_color=colours,
                              hovertemplate="%{x} 分：%{y} 个<extra></extra>"))  # fmt: skip
    failing = int((known < line).sum())
    alt = f"得分分布柱形图：可以确定总分的 {len(known)} 个单位中，{failing} 个低于 {line} 分。"
    return finish_figure(
        figure,
        alt,
        340,
        300,
        xaxis={"type": "category", "title": "得分"},
        yaxis={"title": "单位数"},
    )


def _points(value: object) -> str:
    return "待定" if pd.isna(value) else f"{float(value):g}"
