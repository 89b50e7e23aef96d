"""Who rule and model find, group by group: tables, a curve, the commonest reasons."""

import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML

from healthmon.exports import list_tables
from healthmon.places import place_names
from healthmon.risk.settings import load_risk_settings
from healthmon.show.bulletin import Results, terms_of
from healthmon.show.charts import CALM, MUTED, PROBLEM, finish_figure
from healthmon.show.disclosure import (
    MISSING,
    WITHHELD_BESIDE,
    is_small_comparison,
    withhold_counts,
)
from healthmon.show.reason_words import write_value
from healthmon.show.risk_tables import GROUP_NAMES, NOTHING, Outcome, of_outcome
from healthmon.show.tables_html import render_table

_CURVES = {"model": ("模型", CALM), "rule": ("规则", PROBLEM), "everybody": ("全部走访", MUTED)}
_UNSTATED = "未填"


def list_profiles(month: Results, outcome: Outcome) -> HTML:
    """Render averages of what is known of the households that each of the four groups holds."""
    rows = of_outcome(month, "profiles", outcome)
    if rows is None:
        return NOTHING
    settings, tables = load_risk_settings(month.project.params), list_tables(month.project.params)
    safe = withhold_counts(rows, ["household_count"], _threshold(month)).set_index("group")
    if is_small_comparison(of_outcome(month, "groups", outcome), _threshold(month)):
        flagged = safe.index != "neither"
        safe.loc[flagged, "household_count"] = pd.NA
        safe.loc[flagged, "household_count_shown"] = WITHHELD_BESIDE
    texts = {"特征": ["户数"]} | {
        title: [safe.loc[group, "household_count_shown"]] for group, title in GROUP_NAMES.items()
    }
    for name in settings.comparison.profile:
        feature = settings.features[name]
        texts["特征"].append(f"{feature.label.zh}（平均）")
        for group, title in GROUP_NAMES.items():
            mean, hidden = safe.loc[group, name], pd.isna(safe.loc[group, "household_count"])
            number = "number" if feature.shown_as == "count" else feature.shown_as
            shown = feature.model_copy(update={"shown_as": number})
            texts[title].append(
                MISSING if hidden or pd.isna(mean)
                else write_value(shown, name, str(mean), tables, "zh")
            )  # fmt: skip
    return render_table(pd.DataFrame(texts), f"profiles-{outcome.replace('_', '-')}")


def list_subgroups(month: Results, dimension: str, outcome: Outcome) -> HTML:
    """Render recall and precision of model and rule in each group of one dimension.

    Parameters
    ----------
    dimension : str
        One of :data:`healthmon.risk.subgroups.DIMENSIONS`.
    outcome : str
    """
    found = of_outcome(month, "subgroups", outcome)
    if found is None:
        return NOTHING
    rows = found[found["dimension"] == dimension]
    counts = ["household_count", "fallen_household_count", "flagged_household_count",
              "found_household_count"]  # fmt: skip
    rates = {
        "recall": ["found_household_count", "fallen_household_count"],
        "precision": ["found_household_count", "flagged_household_count"],
    }
    missed = rows["fallen_household_count"] - rows["found_household_count"]
    few = (missed > 0) & (missed < _threshold(month))
    rows = rows.assign(
        # counties add up to the prefectures that stand beside them
        whole=rows["subgroup"].str[:4] if dimension == "county_code" else "",
        recall=rows["recall"].mask(few),
    )
    by = ["method", "whole"]
    safe = withhold_counts(rows, counts, _threshold(month), by=by, rates=rates)
    names = _names(month, dimension)
    first = safe[safe["method"] == "model"]
    texts = {
        "组": [names.get(group, group) for group in first["subgroup"]],
        "户数": first["household_count_shown"].to_list(),
        "返贫": first["fallen_household_count_shown"].to_list(),
    }
    for method, title in (("model", "模型"), ("rule", "规则")):
        part = safe[safe["method"] == method]
        texts[f"{title}召回率"] = _shares(part, "recall")
        texts[f"{title}精确率"] = _shares(part, "precision")
    return render_table(pd.DataFrame(texts), f"subgroups-{dimension.replace('_', '-')}")


def draw_decision(month: Results, outcome: Outcome) -> go.Figure | HTML:
    """Draw the net benefit of model, rule and visiting everybody by threshold."""
    rows = _safe_decision(month, outcome)
    if rows is None or rows.empty:
        return NOTHING
    figure, lowest = go.Figure(), -rows.loc[rows["method"] == "model", "net_benefit"].max()
    for method, (name, colour) in _CURVES.items():
        part = rows[rows["method"] == method]
        if part.empty:
            continue
        figure.add_scatter(
            x=100 * part["threshold"], y=(1000 * part["net_benefit"]).round(1),
            mode="lines+markers",
            name=name, line={"color": colour, "width": 2}, marker={"size": 5, "color": colour},
            error_y={"type": "data", "symmetric": False, "thickness": 1,
                     "array": (1000 * (part["upper"] - part["net_benefit"])).round(1),
                     "arrayminus": (1000 * (part["net_benefit"] - part["lower"])).round(1)},
            hovertemplate="风险 %{x:.0f}% 起走访：%{y:.1f}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.add_hline(y=0, line={"dash": "dash", "color": MUTED, "width": 1})
    return finish_figure(
        figure, f"决策曲线；{describe_decision(month, outcome)}", 380, 340,
        xaxis={"title": "风险达到多少就走访（%）", "type": "log",
               "tickvals": [1, 2, 5, 10, 20, 50]},
        yaxis={"title": {"text": "净收益（每千户）", "standoff": 14},
               "range": [400 * lowest, -1100 * lowest]},
    )  # fmt: skip


def describe_decision(month: Results, outcome: Outcome) -> str:
    """Say over which thresholds the model does more good than the alternatives."""
    rows = _safe_decision(month, outcome)
    if rows is None or rows.empty:
        return ""
    others = rows[rows["method"] != "model"]
    best = others.groupby("threshold")["lead_lower"].min() > 0
    worth = rows[rows["method"] == "model"].set_index("threshold")["lower"] > 0
    sure = [100 * threshold for threshold in best.index[best & worth]]
    if not sure:
        return "没有一个走访标准下模型可靠地优于规则和全部走访。"
    return (
        f"走访标准在 {min(sure):g}% 至 {max(sure):g}% 之间的 {len(sure)} 个取值上，"
        "模型的净收益可靠地高于规则、全部走访和都不走访。"
    )


def list_common_reasons(month: Results) -> HTML:
    """Render how many flagged households have each feature among their reasons."""
    reasons = month.risk.frames.get("reasons")
    if reasons is None or reasons.empty:
        return NOTHING
    features = load_risk_settings(month.project.params).features
    first = reasons[reasons["place"] == 1]["feature"].value_counts()
    counts = reasons["feature"].value_counts().rename("household_count").to_frame()
    counts["first_household_count"] = first.reindex(counts.index, fill_value=0)
    safe = withhold_counts(counts, list(counts), _threshold(month))
    texts = pd.DataFrame(
        {
            "因素": [features[name].label.zh for name in safe.index],
            "列入理由（户）": safe["household_count_shown"].to_list(),
            "为首要理由（户）": safe["first_household_count_shown"].to_list(),
        }
    )
    return render_table(texts, "reasons")


def clean_outcome(month: Results) -> Outcome:
    """Name the outcome that no help has touched: the cohort before flags, where there is one."""
    return "before_flags" if of_outcome(month, "groups", "before_flags") is not None else "observed"


def _safe_decision(month: Results, outcome: Outcome) -> pd.DataFrame | None:
    """Leave out the points that few households stand behind, found or visited in vain."""
    rows = of_outcome(month, "decision", outcome)
    if rows is None:
        return None
    found = rows["found_household_count"]
    few = [
        (count > 0) & (count < _threshold(month))
        for count in (found, rows["visited_household_count"] - found)
    ]
    rows = rows[~(few[0] | few[1])]
    if is_small_comparison(of_outcome(month, "groups", outcome), _threshold(month)):
        rows = rows[rows["method"] != "rule"]
    return rows


def _shares(rows: pd.DataFrame, metric: str) -> list[str]:
    return [
        MISSING if pd.isna(value) else f"{100 * value:.0f}%（{100 * low:.0f}–{100 * high:.0f}）"
        for value, low, high in zip(
            rows[metric].astype("Float64"), rows[f"{metric}_lower"], rows[f"{metric}_upper"],
            strict=True,
        )
    ]  # fmt: skip


def _names(month: Results, dimension: str) -> dict[str, str]:
    if dimension in ("prefecture_code", "county_code"):
        level = "prefectures" if dimension == "prefecture_code" else "counties"
        return place_names(level) | {"unstated": _UNSTATED}
    if dimension == "household_kind":
        column = list_tables(month.project.params)["registered_households"].columns[dimension]
        return {code: word for word, code in column.values.items()} | {"unstated": _UNSTATED}
    if dimension == "head_age_band":
        bands = of_outcome(month, "subgroups", clean_outcome(month))["subgroup"].unique()
        return {band: _say_band(band) for band in bands}
    return {"unstated": _UNSTATED}


def _say_band(band: str) -> str:
    if band == "unstated":
        return _UNSTATED
    low, _, high = band.partition("-")
    return f"{low}岁以上" if not high else f"{high}岁以下" if not low else f"{low}至{high}岁"


def _threshold(month: Results) -> int:
    return terms_of(month).disclosure.threshold
