"""The model of a month as a file, and the card that says what it is and is not good for."""

import platform
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from healthmon.project import Project
from healthmon.risk.result import RiskResult
from healthmon.risk.saving import TRUSTED, save_model
from healthmon.risk.settings import GROUPS, RiskSettings, load_risk_settings

_PACKAGES = ("healthmon", "scikit-learn", "numpy", "scipy", "pandas", "skops")
_METRICS = {
    "auc": ("AUC", "AUC"),
    "average_precision": ("平均精确率", "average precision"),
    "brier": ("Brier 分数", "Brier score"),
    "calibration_slope": ("校准斜率", "calibration slope"),
    "calibration_intercept": ("校准截距", "calibration intercept"),
}
"""Recall and precision stand on the page, where small counts are withheld."""
_DIRECTIONS = {
    "increasing": "只升不降 never falls",
    "decreasing": "只降不升 never rises",
    None: "—",
}


def keep_model(project: Project, month: str, result: RiskResult, folder: Path) -> None:
    """Write ``model.skops`` and ``model_card.md`` into a folder; nothing without a model.

    Parameters
    ----------
    month : str
        As in ``2022-06``.
    result : RiskResult
        As computed, with its model.
    """
    if result.model is None:
        return
    save_model(result.model, folder / "model.skops")
    card = render_card(month, result, load_risk_settings(project.params))
    (folder / "model_card.md").write_text(card, encoding="utf-8")


def render_card(month: str, result: RiskResult, settings: RiskSettings) -> str:
    """Return the card as Markdown, Chinese and English."""
    facts, model = result.facts, settings.model
    years = ", ".join(map(str, facts["final_years"]))
    boosting = ", ".join(f"{key} {value:g}" for key, value in model.challenger)
    sections = [
        f"# 因病返贫风险模型卡片 / Model card, {month}",
        *([_SIMULATED] if facts["is_simulated"] else []),
        "## 用途 / Use\n\n"
        f"- 预测（推断）：{settings.outcome.label.zh}。"
        f"Predicts (inferred): {settings.outcome.label.en}.\n"
        f"- 只与规则并列，供人核实，不自动决定任何帮扶。{_USE}",
        "## 模型 / Model\n\n"
        "- 可加、按声明方向单调的样条逻辑回归；各因素的贡献相对于训练户的中位户，"
        "相加恰为对数几率。Additive monotone splines in a logistic regression; contributions, "
        "relative to the median training household, add up to the log odds exactly.\n"
        f"- 惩罚 penalty {model.penalty:g}，节点 knots {model.spline_knots}，"
        f"折数 folds {model.folds}\n"
        f"- 对照 challenger: gradient boosting, {boosting}\n"
        "- 不按结果加权，没有事后校准：带截距、惩罚很小的逻辑回归在训练户上总体校准。"
        "No class weights, no recalibration afterwards: a logistic regression with a free "
        "intercept and a small penalty is calibrated in the large.",
        "## 数据 / Data\n\n"
        f"- 特征年度 feature years {years}；{facts['final_count']:,} 户年 household-years\n"
        f"- 数据指纹 data fingerprint `{facts['data_fingerprint']}`",
        "## 检验 / Test\n\n"
        f"{facts['message_zh']}{facts['message_en']}\n\n{_tabulate_metrics(result)}",
        f"## 特征 / Features\n\n{_tabulate_features(settings)}",
        "## 版本 / Versions\n\n"
        + "\n".join(f"- {name} {version(name)}" for name in _PACKAGES)
        + f"\n- Python {platform.python_version()}"
        + "\n\n读取 / to read: `healthmon.risk.saving.load_model`；信任的类型 trusted types: "
        + ", ".join(f"`{name}`" for name in TRUSTED),
    ]
    return "\n\n".join(sections) + "\n"


_SIMULATED = (
    "> **模拟数据**：这些数字衡量模拟程序与模型的配合，绝不说明模型在青海会有多好。\n>\n"
    "> **Simulated data**: these figures measure the simulator, and say nothing about people."
)
_USE = (
    "Stands beside the rule for people to check; decides no help by itself. 分数说明相关，"
    "不说明原因。Scores show association, not cause."
)


def _tabulate_metrics(result: RiskResult) -> str:
    metrics = result.frames["metrics"]
    rows = ["| 结果 outcome | 指标 measure | 模型 model | 对照 challenger |", "|---|---|---|---|"]
    for outcome in metrics["outcome"].unique():
        cells = metrics[metrics["outcome"] == outcome].set_index(["metric", "method"])
        for metric, (zh, en) in _METRICS.items():
            shown = [
                _interval(cells.loc[(metric, name)]) if (metric, name) in cells.index else "—"
                for name in ("model", "challenger")
            ]
            rows.append(f"| {outcome} | {zh} {en} | {' | '.join(shown)} |")
    return "\n".join(rows)


def _interval(cell: pd.Series) -> str:
    return f"{cell['value']:.3f} ({cell['lower']:.3f}, {cell['upper']:.3f})"


def _tabulate_features(settings: RiskSettings) -> str:
    rows = ["| 特征 feature | 类别 group | 形式 form | 方向 direction |", "|---|---|---|---|"]
    for name, feature in settings.features.items():
        group = GROUPS[feature.group]
        rows.append(
            f"| {feature.label.zh} {feature.label.en} (`{name}`) | {group.zh} {group.en} "
            f"| {feature.form} | {_DIRECTIONS[feature.monotone]} |"
        )
    return "\n".join(rows)
