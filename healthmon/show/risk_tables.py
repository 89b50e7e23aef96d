"""Tables and sentences on the risk model beside the rule, for researchers.

Counts of households pass :mod:`healthmon.show.disclosure` here. Where a month has no outcome yet,
every function says so instead.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import pandas as pd
from IPython.display import HTML

from healthmon.risk.settings import GROUPS, Lines, load_risk_settings
from healthmon.show.bulletin import Results, compare_prefectures, terms_of
from healthmon.show.disclosure import (
    MISSING,
    WITHHELD_BESIDE,
    is_small_comparison,
    show_count,
    withhold_counts,
)
from healthmon.show.tables_html import render_table

Outcome = Literal["observed", "untreated", "before_flags"]
METHODS = {
    "model": "模型",
    "challenger": "梯度提升（对照）",
    "rule": "规则（人均自付）",
    "spending": "户自付总额排序",
    "remaining_income": "扣除自付后收入排序",
}
METRICS = {
    "recall": ("召回率：返贫户中找到的", "share"),
    "precision": ("精确率：预警户中返贫的", "share"),
    "auc": ("AUC：区分能力，0.5 为随机", "number"),
    "average_precision": ("平均精确率", "number"),
    "brier": ("Brier 分数，越小越好", "number"),
    "calibration_slope": ("校准斜率，1 为最好", "number"),
    "calibration_intercept": ("校准截距，0 为最好", "number"),
}
OUTCOMES = {
    "before_flags": "预警以前的一批户实际发生的结果",
    "observed": "实际发生的结果（预警户可能已受帮扶）",
    "untreated": "假如没有帮扶的结果（只有模拟数据才有）",
}
GROUP_NAMES = {
    "both": "规则、模型都预警",
    "rule_only": "只有规则预警",
    "model_only": "只有模型预警",
    "neither": "都不预警",
}
NOTHING = HTML("<p>本月还没有可用的结果年度，没有可列的数字。</p>")


def describe_outcome(month: Results) -> str:
    """Say (Markdown) what the model predicts and on which lines it stands."""
    settings = load_risk_settings(month.project.params)
    return (
        f"- 预测的结果（**推断**，文件没有定义）：{settings.outcome.label.zh}；"
        "只看当年扣除自付后不低于贫困线的户。\n"
        f"- 贫困线：{_say_lines(settings.poverty_lines)}。\n"
        f"- 监测线（只供参照，模型不用）：{_say_lines(settings.monitoring_lines)}。\n"
        f"- 依据 {settings.source.document} {settings.source.clause}：“{settings.source.quote}”。"
    )


def describe_cohort(month: Results) -> str:
    """Say (Markdown) on whom the model was tested and who was left out."""
    facts = month.risk.facts
    if "test_year" not in facts:
        return "还没有可以检验的一批户。"
    year, people = facts["test_year"], _counter(month)
    return (
        f"检验用 {year} 年特征、{year + 1} 年结果：**{people(facts['households'])}** 户，"
        f"其中 **{people(facts['fallen_count'])}** 户（{100 * facts['prevalence']:.1f}%）"
        f"在 {year + 1} 年低于贫困线；规则预警 {people(facts['test_flagged_count'])} 户，"
        "其他方法各取同样多的户。\n\n"
        f"另有 {people(facts['test_below_line_count'])} 户在 {year} 年扣除自付后已低于贫困线，"
        f"不在比较之内，其中规则预警 {people(facts['test_flagged_below_line_count'])} 户："
        "规则圈出的户里，负担最重的一部分当年就已落到线下；留在比较里的高自付户，"
        "往往是收入经得住这笔费用的户。规则在这里的数字因此偏低，不等于它没有用处。"
    )


def describe_first_cohort(month: Results) -> str:
    """Say (Markdown) which households the comparison before any flags is made on."""
    facts, people = month.risk.facts, _counter(month)
    if "first_year" not in facts:
        return "只有一批户有结果，没有更早的可比。"
    year = facts["first_year"]
    return (
        f"{year} 年特征、{year + 1} 年结果：那时还没有预警，也就没有人因预警得到帮扶，"
        f"结果没有被帮扶改变。**{people(facts['first_households'])}** 户中 "
        f"**{people(facts['first_fallen_count'])}** 户在 {year + 1} 年低于贫困线，"
        f"规则预警 {people(facts['first_flagged_count'])} 户。"
        "没有更早的年度可供训练，模型在这一批内按户交叉检验，没有经过以后年度的检验。"
    )


def compare_methods(month: Results, outcome: Outcome = "observed") -> HTML:
    """Render every measure of every method against one outcome, with intervals."""
    metrics = of_outcome(month, "metrics", outcome)
    if metrics is None:
        return NOTHING
    cells = metrics.set_index(["metric", "method"])
    hidden = _hidden_methods(month, outcome)
    rows = [
        {"指标": label}
        | {
            name: MISSING
            if (metric, method) not in cells.index or (method in hidden and kind == "share")
            else _interval(cells.loc[(metric, method)], kind)
            for method, name in METHODS.items()
        }
        for metric, (label, kind) in METRICS.items()
    ]
    return render_table(pd.DataFrame(rows), f"methods-{outcome.replace('_', '-')}")


def describe_lead(month: Results, outcome: Outcome = "observed") -> str:
    """Say (Markdown) what the model adds to the rule and to the plain ranking by income left."""
    leads = of_outcome(month, "leads", outcome)
    if leads is None:
        return ""
    hidden = _hidden_methods(month, outcome)
    return "\n".join(
        f"- {_say_lead(leads, versus, bool({'model', versus} & hidden))}"
        for versus in ("rule", "remaining_income")
    )


def calibration(month: Results, outcome: Outcome = "observed") -> pd.DataFrame | None:
    """Return predicted and observed shares by tenth of households, withheld where small."""
    bins = of_outcome(month, "calibration", outcome)
    if bins is None:
        return None
    fallen = (bins["observed"] * bins["household_count"]).round().astype("int64")
    frame = bins.assign(fallen_household_count=fallen)
    counts = ["household_count", "fallen_household_count"]
    return withhold_counts(frame, counts, _threshold(month), rates={"observed": counts})


def list_groups(
    month: Results, outcomes: Sequence[Outcome] = ("observed", "untreated"), name: str = "groups"
) -> HTML:
    """Render households by who flagged them, and what happened to them.

    Parameters
    ----------
    outcomes : sequence of str
        Of the same cohort.
    name : str
        Of the table.
    """
    if all(of_outcome(month, "groups", outcome) is None for outcome in outcomes):
        return NOTHING
    texts = pd.DataFrame({"户": list(GROUP_NAMES.values())}, index=list(GROUP_NAMES))
    hidden: list[str] = []
    for outcome in outcomes:
        groups = of_outcome(month, "groups", outcome)
        if groups is None:
            continue
        counts = ["household_count", "outcome_count"]
        safe = withhold_counts(
            groups, counts, _threshold(month), rates={"outcome_share": counts}
        ).set_index("group")
        texts["户数"] = safe["household_count_shown"]
        shares = safe["outcome_share"].astype("Float64")
        short = "无帮扶时返贫" if outcome == "untreated" else "实际返贫"
        texts[f"{short}（户）"] = safe["outcome_count_shown"]
        texts[f"{short}占比"] = [MISSING if pd.isna(s) else f"{100 * s:.1f}%" for s in shares]
        if is_small_comparison(groups, _threshold(month)):
            hidden += ["户数", f"{short}（户）", f"{short}占比"]
    flagged = [group for group in GROUP_NAMES if group != "neither"]
    texts.loc[flagged, list(dict.fromkeys(hidden))] = WITHHELD_BESIDE
    return render_table(texts.reset_index(drop=True), name)


def list_odds_ratios(month: Results) -> HTML:
    """Render the odds ratio of one more unit of each feature, with interval."""
    found = month.risk.frames.get("coefficients")
    if found is None or found.empty:
        return NOTHING
    pct = load_risk_settings(month.project.params).evaluation.interval_pct
    texts = pd.DataFrame(
        {
            "因素": found["label"],
            "类别": found["group"].map({name: label.zh for name, label in GROUPS.items()}),
            "每增加": [unit or "1" for unit in found["unit"]],
            "比值比": [f"{value:.2f}" for value in found["odds_ratio"]],
            f"{pct:g}% 区间": [
                f"{low:.2f}–{high:.2f}"
                for low, high in zip(found["lower"], found["upper"], strict=True)
            ],
        }
    )
    return render_table(texts, "odds-ratios", left=["类别"])


def list_features(month: Results) -> HTML:
    """Render what the model knows of a household."""
    settings = load_risk_settings(month.project.params)
    texts = pd.DataFrame(
        {
            "特征": [feature.label.zh for feature in settings.features.values()],
            "类别": [GROUPS[feature.group].zh for feature in settings.features.values()],
            "名称": list(settings.features),
        }
    )
    return render_table(texts.sort_values("类别", kind="stable"), "features", left=["类别", "名称"])


def describe_scores(month: Results) -> str:
    """Say (Markdown) how many households are scored and flagged this month."""
    facts, people = month.risk.facts, _counter(month)
    if "score_year" not in facts:
        return "本月没有模型预警。"
    finals = "、".join(str(year) for year in facts["final_years"])
    return (
        f"本月用 {facts['score_year']} 年特征给 **{people(facts['scored_count'])}** 户评分"
        f"（模型用 {finals} 年特征重新训练），取与规则相同的 **{people(facts['flagged_count'])}**"
        f" 户预警。其中 {people(facts['below_line_count'])} 户在 {facts['score_year']} 年已低于"
        f"贫困线，{people(facts['income_unknown_count'])} 户收入未知，分数是外推，没有经过检验；"
        f"{people(facts['unscored_count'])} 户没有该年特征，不评分。"
    )


def list_prefecture_flags(month: Results) -> HTML:
    """Render households flagged by rule and by model in each prefecture."""
    rows = compare_prefectures(month)
    texts = pd.DataFrame(
        {
            "市州": rows["name"],
            "应监测（户）": rows["assessed_household_count_shown"],
            "规则预警（户）": rows["rule_household_count_shown"],
        }
    )
    if "household_scores" in month.risk.frames:  # without a model none is flagged, not 0
        texts["模型预警（户）"] = rows["model_household_count_shown"]
    return render_table(texts, "prefecture-flags")


def of_outcome(month: Results, frame: str, outcome: Outcome) -> pd.DataFrame | None:
    """Return the rows of one outcome, or None where the month has none."""
    found = month.risk.frames.get(frame)
    rows = None if found is None else found[found["outcome"] == outcome]
    return None if rows is None or rows.empty else rows.drop(columns="outcome")


def _hidden_methods(month: Results, outcome: Outcome) -> set[str]:
    """Name the methods whose recall and precision would give away a small count.

    All of them, when a group flagged by rule or model is small.
    """
    metrics = of_outcome(month, "metrics", outcome)
    if is_small_comparison(of_outcome(month, "groups", outcome), _threshold(month)):
        return set(METHODS)
    precision = metrics[metrics["metric"] == "precision"].set_index("method")["value"]
    cohort = "first" if outcome == "before_flags" else "test"
    found = (precision * month.risk.facts.get(f"{cohort}_flagged_count", 0)).round()
    return set(found.index[(found > 0) & (found < _threshold(month))])


def _say_lead(leads: pd.DataFrame, versus: str, is_hidden: bool) -> str:
    cells = leads[leads["versus"] == versus].set_index("metric")
    recall, auc = cells.loc["recall"], cells.loc["auc"]
    sure = "更多" if recall["lower"] > 0 else "更少" if recall["upper"] < 0 else "没有可靠的差别"
    by = "" if is_hidden else f"召回率相差 {_points(recall)} 个百分点，"
    return (
        f"与“{METHODS[versus]}”相比，同样户数下模型找到的返贫户{sure}："
        f"{by}AUC 相差 {_interval(auc, 'number')}。"
    )


def _points(cell: pd.Series) -> str:
    value, lower, upper = (100 * cell[name] for name in ("value", "lower", "upper"))
    return f"{value:+.1f}（{lower:+.1f} 至 {upper:+.1f}）"


def _interval(cell: pd.Series, kind: str) -> str:
    factor, decimals, unit = (100, 1, "%") if kind == "share" else (1, 3, "")
    # adding 0 makes 0 of -0
    value, lower, upper = (
        round(factor * cell[name], decimals) + 0.0 for name in ("value", "lower", "upper")
    )
    if pd.isna(value):
        return MISSING
    return f"{value:.{decimals}f}{unit}（{lower:.{decimals}f} 至 {upper:.{decimals}f}）"


def _say_lines(lines: Lines) -> str:
    said = "、".join(f"{line.from_year} 年起 {line.yuan:,} 元" for line in lines.lines)
    return f"{said}（凭记忆填写，**未经核实**）" if "unverified" in lines.status else said


def _counter(month: Results) -> Callable[[int], str]:
    return lambda count: show_count(count, _threshold(month))


def _threshold(month: Results) -> int:
    return terms_of(month).disclosure.threshold
