"""What the risk page says: honest sentences, small counts withheld, every state covered."""

from types import SimpleNamespace

import pandas as pd
import pytest
from IPython.display import HTML

from healthmon.project import open_project
from healthmon.risk.result import RiskResult
from healthmon.show import captions, risk_charts, risk_tables

from test_burden_tables import cells

CELL = ["value", "lower", "upper"]


def make_month(
    flagged=200, recall=(0.10, 0.05, 0.15), is_simulated=False, rule_only=30
) -> SimpleNamespace:
    """A tested month; `recall` is the model's lead over the rule with its interval."""
    facts = {
        "test_year": 2020, "households": 3000, "fallen_count": 150, "prevalence": 0.05,
        "test_flagged_count": flagged, "test_below_line_count": 40,
        "test_flagged_below_line_count": 4, "score_year": 2021, "final_years": [2019, 2020],
        "scored_count": 3100, "flagged_count": 210, "below_line_count": 60, "unscored_count": 3,
        "income_unknown_count": 12,
        "message_zh": "",
    }  # fmt: skip
    metrics = [
        ("observed", method, metric, value, value - 0.02, value + 0.02)
        for method, precision in (("model", 0.3), ("challenger", 0.3), ("rule", 0.04))
        for metric, value in (("precision", precision), ("recall", 0.2), ("auc", 0.7))
    ]
    leads = [
        ("observed", versus, metric, *values)
        for versus in ("rule", "remaining_income")
        for metric, values in (("recall", recall), ("auc", (0.01, -0.01, 0.03)))
    ]
    bins = [("observed", 1, 0.01, 0.02, 300), ("observed", 2, 0.1, 0.2, 300)]
    groups = [
        ("observed", "both", 60, 20, 1 / 3),
        ("observed", "rule_only", 140, rule_only, rule_only / 140),
        ("observed", "model_only", 140, 40, 2 / 7), ("observed", "neither", 2660, 87, 87 / 2660),
    ]  # fmt: skip
    frames = {
        "metrics": pd.DataFrame(metrics, columns=["outcome", "method", "metric", *CELL]),
        "leads": pd.DataFrame(leads, columns=["outcome", "versus", "metric", *CELL]),
        "calibration": pd.DataFrame(
            bins, columns=["outcome", "bin", "predicted", "observed", "household_count"]
        ),
        "groups": pd.DataFrame(
            groups,
            columns=["outcome", "group", "household_count", "outcome_count", "outcome_share"],
        ),
        "coefficients": pd.DataFrame(
            [("stay_count", "住院次数", "", "cost", 1.25, 1.1, 1.42, 0.01)],
            columns=[
                "feature", "label", "unit", "group", "odds_ratio", "lower", "upper", "p_value",
            ],
        ),
    }  # fmt: skip
    risk = RiskResult("tested", facts, frames)
    return SimpleNamespace(
        project=open_project(), month="2022-06", is_simulated=is_simulated, risk=risk
    )


def test_methods_stand_side_by_side_with_intervals() -> None:
    table = {row[0]: row[1:] for row in cells(risk_tables.compare_methods(make_month()))}
    precision = next(row for name, row in table.items() if name.startswith("精确率"))
    assert precision[0] == "30.0%（28.0 至 32.0）"
    auc = next(row for name, row in table.items() if name.startswith("AUC"))
    assert auc[:3] == ["0.700（0.680 至 0.720）"] * 3
    assert auc[3] == "—"  # not measured here


def test_shares_that_give_away_a_small_count_are_withheld() -> None:
    """The rule finds 0.04 x 200 = 8 households."""
    table = {row[0]: row[1:] for row in cells(risk_tables.compare_methods(make_month()))}
    recall = next(row for name, row in table.items() if name.startswith("召回率"))
    assert recall[:3] == ["20.0%（18.0 至 22.0）"] * 2 + ["—"]
    assert "召回率相差" not in risk_tables.describe_lead(make_month()).splitlines()[0]


@pytest.mark.parametrize(
    ("recall", "word"),
    [
        pytest.param((0.10, 0.05, 0.15), "更多", id="the whole interval above nothing"),
        pytest.param((0.02, -0.01, 0.05), "没有可靠的差别", id="nothing inside the interval"),
        pytest.param((-0.10, -0.15, -0.05), "更少", id="the whole interval below nothing"),
    ],
)
def test_what_the_model_adds_is_said_plainly_also_when_it_is_little(recall, word) -> None:
    said = risk_tables.describe_lead(make_month(flagged=2000, recall=recall))
    assert all(word in line for line in said.splitlines())
    assert f"{100 * recall[0]:+.1f}（" in said


def test_small_groups_are_withheld() -> None:
    rows = {row[0]: row[1:] for row in cells(risk_tables.list_groups(make_month()))}
    assert rows["只有规则预警"] == ["140", "30", "21.4%"]
    assert rows["只有模型预警"] == ["140", "40", "28.6%"]


def test_one_small_group_takes_with_it_all_that_it_could_be_worked_out_from() -> None:
    """3 of 140: all outcomes less those of the other groups, or recall times all, would tell."""
    month = make_month(flagged=2000, rule_only=3)
    rows = {row[0]: row[1:] for row in cells(risk_tables.list_groups(month))}
    for group in ("规则、模型都预警", "只有规则预警", "只有模型预警"):
        assert rows[group] == ["*", "*", "*"]
    table = {row[0]: row[1:] for row in cells(risk_tables.compare_methods(month))}
    for measure, row in table.items():
        if measure.startswith(("召回率", "精确率")):
            assert set(row) == {"—"}
    assert captions.compare_methods(month).iloc[0, 1:].tolist() == ["—"] * 3
    assert "召回率相差" not in risk_tables.describe_lead(month)


def test_bins_with_few_fallen_are_left_out_of_the_figure() -> None:
    """Six of 300 in the lowest bin; the other one goes with it, since the total is known."""
    bins = risk_tables.calibration(make_month())
    assert bins["observed"].isna().all()


def test_the_cohort_says_whom_it_leaves_out() -> None:
    said = risk_tables.describe_cohort(make_month())
    assert "**3,000** 户，其中 **150** 户（5.0%）" in said
    assert "40 户在 2020 年扣除自付后已低于贫困线" in said
    assert "规则预警 <10 户" in said


def test_scores_say_what_is_extrapolated_and_what_has_no_score() -> None:
    said = risk_tables.describe_scores(make_month())
    assert "60 户在 2021 年已低于" in said and "12 户收入未知" in said
    assert "<10 户没有该年特征" in said


def test_odds_ratios_name_group_and_interval() -> None:
    assert cells(risk_tables.list_odds_ratios(make_month()))[-1] == [
        "住院次数", "治疗和费用负担", "1", "1.25", "1.10–1.42",
    ]  # fmt: skip


def test_lines_from_memory_are_called_unverified() -> None:
    assert risk_tables.describe_outcome(make_month()).count("未经核实") == 2
    assert "推断" in risk_tables.describe_outcome(make_month())


def test_a_month_without_an_outcome_says_so_everywhere() -> None:
    month = make_month()
    month.risk = RiskResult("no_outcome", {"message_zh": "尚不能训练"})
    for show in (
        risk_tables.compare_methods, risk_tables.list_groups, risk_tables.list_odds_ratios,
        risk_charts.draw_calibration_of, risk_charts.draw_methods, risk_charts.draw_odds_ratios,
    ):  # fmt: skip
        assert isinstance(show(month), HTML)
    assert "没有可以检验" in risk_tables.describe_cohort(month)
    assert "没有模型预警" in risk_tables.describe_scores(month)
    assert risk_tables.describe_lead(month) == ""
