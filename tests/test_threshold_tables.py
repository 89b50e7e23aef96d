"""What the threshold page says: nested counts withheld, plain words, every state covered."""

from types import SimpleNamespace

import pandas as pd
import pytest
from IPython.display import HTML

from healthmon.project import open_project
from healthmon.risk.discontinuity import group_near, run_discontinuity
from healthmon.risk.threshold import compare_income_shares, sweep_thresholds
from healthmon.show import (
    discontinuity_tables,
    threshold_charts,
    threshold_origin,
    threshold_tables,
)
from healthmon.show.threshold_sweeps import sweeps_by_years, withhold_steps

from test_burden_tables import cells
from test_discontinuity import make_cohorts

PROJECT = open_project()


def make_month(cohorts: pd.DataFrame) -> SimpleNamespace:
    return SimpleNamespace(
        project=PROJECT,
        month="2022-06",
        is_simulated=True,
        threshold_sweep=sweep_thresholds(PROJECT, cohorts),
        income_shares=compare_income_shares(PROJECT, cohorts),
        discontinuity=run_discontinuity(PROJECT, cohorts),
        near_threshold=group_near(PROJECT, cohorts),
    )


@pytest.fixture(scope="module")
def month() -> SimpleNamespace:
    cohorts = make_cohorts(effect_yuan=3000)
    is_second = cohorts["cohort_year"] == 2020
    before = cohorts.loc[~is_second, ["member_count", "oop_fen"]]
    for name in before:
        cohorts.loc[is_second, f"previous_{name}"] = before[name].to_numpy()
    return make_month(cohorts)


def test_nested_counts_hide_small_ones_and_small_differences() -> None:
    """From the highest threshold down: 4 is small, 12 shows, 15 is 3 more, 30 is 18 more."""
    frame = pd.DataFrame({"found_household_count": [30, 15, 12, 4, 0]})
    shown = withhold_steps(frame, ["found_household_count"], 10, pd.Series([1, 1, 0, 1, 1]))
    assert shown["found_household_count_shown"].tolist() == ["30", "*", "12", "<10", "0"]
    assert shown["found_household_count"].isna().tolist() == [False, True, False, True, False]


def test_rows_that_come_first_are_shown_in_the_place_of_their_neighbours() -> None:
    frame = pd.DataFrame({"found_household_count": [15, 12]})
    second = pd.Series([1, 0])
    shown = withhold_steps(frame, ["found_household_count"], 10, second)
    assert shown["found_household_count_shown"].tolist() == ["*", "12"]
    shown = withhold_steps(frame, ["found_household_count"], 10, 1 - second)
    assert shown["found_household_count_shown"].tolist() == ["15", "*"]


def test_the_sweep_shows_the_rule_among_round_thresholds(month) -> None:
    rows = {row[0]: row[1:] for row in cells(threshold_tables.list_sweep(month))}
    cohort = make_cohorts().query("cohort_year == 2019")
    above = int((cohort["oop_fen"] > 156_000).sum())
    fallen, found = (
        int((cohort["is_fallen"] & flags).sum()) for flags in (True, cohort["oop_fen"] > 156_000)
    )
    assert rows["1,560（现行）"][0] == f"{above:,}"
    assert rows["1,560（现行）"][2:5] == [
        f"{found}", f"{fallen - found}", f"{100 * found / fallen:.1f}%",
    ]  # fmt: skip
    assert "5,000" in rows and rows["5,000"][0] == "0"  # nobody spent as much


def test_visits_are_five_a_household_beside_those_of_the_rule(month) -> None:
    cohort = make_cohorts()
    first, second = (
        cohort.loc[cohort["cohort_year"] == y, "oop_fen"].to_numpy() for y in (2019, 2020)
    )
    flagged = {line: int(((first > line) | (second > line)).sum()) for line in (156_000, 200_000)}
    rows = {row[0]: row[1:] for row in cells(threshold_tables.list_visits(month))}
    more = 5 * (flagged[200_000] - flagged[156_000])
    assert rows["2,000"] == [
        f"{flagged[200_000]:,}", f"{flagged[200_000]:,}", f"{4 * flagged[200_000]:,}",
        f"{5 * flagged[200_000]:,}", f"{more:+,}",
    ]  # fmt: skip
    assert rows["1,560（现行）"][-1] == "0"


def test_visits_name_the_clause_and_that_the_number_is_inferred(month) -> None:
    said = threshold_tables.describe_visits(month)
    assert "青卫财务〔2020〕29号 二·(二)·2" in said
    assert said.count("推断") == 2
    assert "合计 5 次" in said


def test_the_effect_stands_beside_the_planted_one(month) -> None:
    said = discontinuity_tables.describe_effect(month).splitlines()[0]
    assert "区间不含 0" in said
    assert "模拟程序埋入的是" in said and "落在区间内" in said
    rows = [row for row in cells(discontinuity_tables.list_effects(month)) if len(row) > 1]
    assert sum("埋入的" in row[0] for row in rows) == 2
    assert sum("预警之前" in row[0] for row in rows) == 2


def with_effect(month: SimpleNamespace, **changes: float) -> SimpleNamespace:
    rows = month.discontinuity.copy()
    asked = (rows["part"] == "effect") & (rows["cohort_year"] == 2020)
    for name, value in changes.items():
        rows.loc[asked, name] = value
    return SimpleNamespace(**(vars(month) | {"discontinuity": rows}))


def test_an_effect_that_cannot_be_told_from_none_is_said_so(month) -> None:
    said = discontinuity_tables.describe_effect(with_effect(month, lower=-5000.0, upper=5000.0))
    assert said.count("不能断定有作用") == 2


def test_too_weak_an_effect_is_called_so_with_its_power(month) -> None:
    """A standard error as large as the effect: it is seen with 17 % (normal table)."""
    rows = month.discontinuity
    planted = rows.query("part == 'truth_effect' and outcome == 'income'")["estimate"].iloc[0]
    said = discontinuity_tables.describe_power(with_effect(month, std_error=abs(planted)))
    assert "把握 17%：**太弱" in said.splitlines()[0]


def test_real_data_shows_no_truth(month) -> None:
    rows = month.discontinuity
    real = SimpleNamespace(
        **(vars(month) | {"discontinuity": rows[~rows["part"].str.startswith("truth")]})
    )
    assert "模拟程序" not in discontinuity_tables.describe_effect(real)
    assert "埋入" not in discontinuity_tables.describe_power(real)
    assert discontinuity_tables.describe_help(real) == ""


def test_the_origin_is_called_arithmetic_and_no_evidence(month) -> None:
    said = threshold_origin.describe_coincidence(month)
    assert "40% × 3,900 等于 1,560" in said and "不是依据" in said
    assert "11 个整十数中，3 个恰是整百元的 40%" in said


def test_figures_have_words(month) -> None:
    assert "1,560" in threshold_charts.draw_sweep(month).layout.meta["alt"]
    for outcome in discontinuity_tables.OUTCOMES:
        assert "跳跃" in threshold_charts.draw_jump(month, outcome).layout.meta["alt"]


def test_a_month_without_an_outcome_says_so_everywhere() -> None:
    month = make_month(make_cohorts().head(0))
    for show in (
        threshold_tables.list_sweep, threshold_tables.list_years, threshold_tables.list_visits,
        threshold_tables.list_income_shares, threshold_charts.draw_sweep,
        discontinuity_tables.list_effects, discontinuity_tables.list_covariates,
        discontinuity_tables.list_sensitivity,
    ):  # fmt: skip
        assert isinstance(show(month), HTML)
    assert isinstance(threshold_charts.draw_jump(month, "income"), HTML)
    assert "尚不能检验" in threshold_tables.describe_sweep(month)
    assert "尚不能估计" in discontinuity_tables.describe_effect(month)
    assert discontinuity_tables.describe_power(month) == ""


def test_a_month_before_the_first_flags_shows_the_sweep_alone() -> None:
    month = make_month(make_cohorts().query("cohort_year == 2019"))
    assert "2019 年自付、2020 年结果" in threshold_tables.describe_sweep(month)
    assert "还没有预警之后" in threshold_tables.describe_years(month)
    assert "尚不能估计" in discontinuity_tables.describe_fairness(month)
    assert "1,560（现行）" in threshold_tables.list_visits(month).data


def test_who_was_missed_is_no_less_withheld_than_who_was_found() -> None:
    """Of 120 fallen 117 found: the 3 missed would stand beside."""
    frame = pd.DataFrame({"found_household_count": [117, 100, 40]})
    shown = withhold_steps(
        frame, ["found_household_count"], 10, totals={"found_household_count": 120}
    )
    assert shown["found_household_count_shown"].tolist() == ["*", "100", "40"]
    everyone = pd.DataFrame({"found_household_count": [120, 100, 40]})
    shown = withhold_steps(
        everyone, ["found_household_count"], 10, totals={"found_household_count": 120}
    )
    assert shown["found_household_count_shown"].tolist() == ["120", "100", "40"]


def test_years_that_differ_by_few_are_not_shown_beside_each_other() -> None:
    """200 above in the own year, 204 in either: the 4 of the year before could be read off."""
    month = SimpleNamespace(
        project=open_project(),
        threshold_sweep=pd.DataFrame(
            {
                "cohort_year": 2020, "outcome": "observed", "threshold_yuan": 1560,
                "years": ["own", "either", "both"],
                "flagged_household_count": [200, 204, 150],
                "eligible_flagged_household_count": [180, 180, 140],
                "found_household_count": [40, 41, 25],
                "share_found_household_count": pd.array([60, None, None], "Int64"),
                "fallen_household_count": 300,
            }
        ),
    )  # fmt: skip
    found = sweeps_by_years(month, 2020)
    shown = {years: rows["flagged_household_count_shown"].item() for years, rows in found.items()}
    assert shown == {"own": "200", "either": "*", "both": "150"}
    assert found["either"]["eligible_flagged_household_count_shown"].item() == "180"
    assert found["either"]["found_household_count_shown"].item() == "*"
    assert found["either"][["recall_pct", "missed_household_count"]].isna().all(axis=None)
    assert found["both"]["missed_household_count"].item() == 275
