"""Groups, curve and reasons as the page and the counties see them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from healthmon.exports import list_tables
from healthmon.project import open_project
from healthmon.risk.comparison import hold_against
from healthmon.risk.result import RiskResult
from healthmon.risk.settings import load_risk_settings
from healthmon.show import risk_groups, risk_tables
from healthmon.show.reason_words import say_reasons

from test_burden_tables import cells

SETTINGS = load_risk_settings(open_project().params)
SETTINGS = SETTINGS.model_copy(
    update={"evaluation": SETTINGS.evaluation.model_copy(update={"replicates": 40})}
)


def make_cohort(size: int = 3000) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {name: rng.random(size) for name in SETTINGS.comparison.profile},
        index=pd.RangeIndex(1, size + 1, name="household_id"),
    )
    risks = rng.random(size) ** 3
    return frame.assign(
        prefecture_code=rng.choice(["630100", "632500"], size),
        county_code=np.where(np.arange(size) < 8, "632522", "632521"),
        head_ethnic_group=rng.choice(["藏族", "汉族"], size),
        head_age=rng.integers(20, 90, size).astype(float),
        household_kind=rng.choice(["lifted", "unstable"], size),
        oop_fen=rng.random(size),
        is_flagged_by_rule=rng.random(size) < 0.1,
    ), risks


@pytest.fixture(scope="module")
def month() -> SimpleNamespace:
    cohort, risks = make_cohort()
    fallen = pd.Series(np.random.default_rng(5).random(len(cohort)) < risks, index=cohort.index)
    frames = hold_against(cohort, {"model": risks}, fallen, "before_flags", SETTINGS)
    frames["reasons"] = pd.DataFrame(
        {
            "household_id": range(1, 31),
            "place": 1,
            "feature": ["stay_count"] * 25 + ["oldest_age"] * 5,
            "odds_factor": 2.0,
            "value": "3.0",
            "usual": "1.0",
        }
    )
    facts = {"first_year": 2019, "first_households": 3000, "first_fallen_count": 700,
             "first_flagged_count": 300}  # fmt: skip
    return SimpleNamespace(
        project=open_project(), month="2022-06", is_simulated=True,
        risk=RiskResult("tested", facts, frames),
    )  # fmt: skip


def test_the_clean_outcome_is_the_one_before_flags(month) -> None:
    assert risk_groups.clean_outcome(month) == "before_flags"
    assert "2019" in risk_tables.describe_first_cohort(month)


def test_profiles_show_the_means(month) -> None:
    rows = {row[0]: row[1:] for row in cells(risk_groups.list_profiles(month, "before_flags"))}
    cohort, risks = make_cohort()
    count = int(cohort["is_flagged_by_rule"].sum())
    by_model = np.argsort(np.argsort(-risks)) < count
    both = cohort[cohort["is_flagged_by_rule"] & by_model]
    assert rows["户数"][0] == f"{len(both):,}"
    assert rows["家庭人数（平均）"][0] == f"{both['member_count'].mean():.1f}"


def test_small_groups_are_withheld(month) -> None:
    rows = {row[0]: row[1:] for row in cells(
        risk_groups.list_subgroups(month, "county_code", "before_flags"))}  # fmt: skip
    small = next(row for row in rows.values() if row[0] == "<10")
    assert small[2:] == ["—"] * 4


def small_month(both: int, one_only: int) -> SimpleNamespace:
    """A month in which `both` households are flagged by both, `one_only` by each alone."""
    size = 10_000
    by_rule = np.arange(size) < both + one_only
    risks = np.where(np.arange(size) < both, 0.9, np.linspace(0.3, 0.01, size))
    risks[both + one_only : both + 2 * one_only] = 0.8
    cohort, _ = make_cohort(size)
    cohort = cohort.assign(is_flagged_by_rule=by_rule)
    fallen = pd.Series(np.arange(size) % 10 == 0, index=cohort.index)
    frames = hold_against(cohort, {"model": risks}, fallen, "observed", SETTINGS)
    return SimpleNamespace(
        project=open_project(), month="2022-06", risk=RiskResult("tested", {}, frames)
    )


def test_equal_workloads_give_no_small_group_away() -> None:
    """One only and one only are equal, and the sum stands in the text: 5 would follow from 95."""
    month = small_month(5, 95)
    row = cells(risk_groups.list_profiles(month, "observed"))[1]
    assert row == ["户数", "*", "*", "*", "9,805"]
    # two points of the rule's curve would give what it found
    curve = risk_groups.draw_decision(month, "observed")
    assert "规则" not in {trace.name for trace in curve.data}


def test_points_of_few_households_are_left_out_of_the_curve() -> None:
    month = small_month(50, 50)
    rows = month.risk.frames["decision"]
    few = rows[(rows["method"] == "model") & rows["found_household_count"].between(1, 9)]
    drawn = risk_groups.draw_decision(month, "observed").data[0].x
    assert not set(100 * few["threshold"]) & set(drawn)


def test_counties_add_up_to_their_prefecture() -> None:
    """Two counties in each of two prefectures: with one small, the other goes with it."""
    size = 4000
    cohort, risks = make_cohort(size)
    counties = np.array(["632521", "632522", "630102", "630103"])[np.arange(size) % 4]
    cohort = cohort.assign(
        county_code=counties, prefecture_code=pd.Series(counties).str[:4].add("00").to_numpy()
    )
    fallen = np.zeros(size, dtype=bool)
    for county, count in (("632521", 90), ("632522", 5), ("630102", 80), ("630103", 4)):
        fallen[np.flatnonzero(counties == county)[:count]] = True
    fallen = pd.Series(fallen, index=cohort.index)
    frames = hold_against(cohort, {"model": risks}, fallen, "observed", SETTINGS)
    month = SimpleNamespace(
        project=open_project(), month="2022-06", risk=RiskResult("tested", {}, frames)
    )
    rows = cells(risk_groups.list_subgroups(month, "county_code", "observed"))
    assert sorted(row[2] for row in rows[1:]) == ["*", "*", "<10", "<10"]


def test_the_curve_is_described_as_it_is(month) -> None:
    rows = month.risk.frames["decision"]
    model = rows[rows["method"] == "model"].set_index("threshold")
    others = rows[rows["method"] != "model"].groupby("threshold")["lead_lower"].min()
    sure = model.index[(others > 0) & (model["lower"] > 0)]
    said = risk_groups.describe_decision(month, "before_flags")
    assert f"{100 * sure.min():g}% 至 {100 * sure.max():g}%" in said
    assert f"{len(sure)} 个取值" in said
    assert said in risk_groups.draw_decision(month, "before_flags").layout.meta["alt"]


def test_common_reasons_are_counted_and_small_counts_withheld(month) -> None:
    rows = {row[0]: row[1:] for row in cells(risk_groups.list_common_reasons(month))}
    assert rows["最高年龄"] == ["<10", "<10"]
    # the only larger one would give the small one away
    assert rows["住院次数"] == ["*", "*"]


def test_months_without_a_model_say_so() -> None:
    empty = SimpleNamespace(project=open_project(), risk=RiskResult("no_outcome", {}))
    assert risk_groups.list_common_reasons(empty) is risk_tables.NOTHING
    assert risk_groups.list_profiles(empty, "observed") is risk_tables.NOTHING
    assert risk_groups.draw_decision(empty, "observed") is risk_tables.NOTHING


@pytest.mark.parametrize(
    ("feature", "value", "usual", "zh", "en"),
    [
        ("oop_per_member_fen", "123450.0", "20926.75",
         "人均自付：1,234 元（一般户 209 元），风险比值为一般户的 2.5 倍；可查：医保结算、",
         "out-of-pocket spending per member: 1,234 yuan (usual: 209 yuan), odds 2.5 times"),
        ("worker_share", "0.25", "0.6667", "有劳动能力者占比：25%（一般户 67%）",
         "25% (usual: 67%)"),
        ("oldest_age", "71.0", None, "最高年龄：71 岁（一般户 未填）",
         "71 years (usual: not stated)"),
        ("is_illness_caused", "1.0", "0.0", "因病致贫户：是（一般户 否）", "yes (usual: no)"),
        ("household_kind", "unstable", "lifted", "户类型：脱贫不稳定户（一般户 脱贫户）",
         "unstable"),
        ("stay_count", "3.0", "0.0", "住院次数：3（一般户 0）", "inpatient stays: 3 (usual: 0)"),
    ],
)  # fmt: skip
def test_a_reason_is_a_sentence_that_can_be_checked(feature, value, usual, zh, en) -> None:
    row = pd.DataFrame(
        {"feature": [feature], "value": [value], "usual": [usual], "odds_factor": [2.5]}
    )
    assert zh in say_reasons(open_project(), row, "zh")[0]
    assert en in say_reasons(open_project(), row, "en")[0]


def test_an_enormous_factor_is_not_written_out() -> None:
    row = pd.DataFrame(
        {"feature": ["stay_count"], "value": ["9"], "usual": ["0"], "odds_factor": [3352.7]}
    )
    assert "超过一般户的 100 倍" in say_reasons(open_project(), row, "zh")[0]
    assert "more than 100 times" in say_reasons(open_project(), row, "en")[0]


def test_every_feature_names_its_tables() -> None:
    tables = list_tables(open_project().params)
    for name, feature in SETTINGS.features.items():
        assert feature.tables and set(feature.tables) <= set(tables), name
