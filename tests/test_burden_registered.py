"""The measures of registered households, and what the burden page says of them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from healthmon.burden.registered import (
    PROVINCE,
    join_incomes,
    list_paying_households,
    measure_registered,
    measure_registered_poverty,
)
from healthmon.burden.terms import load_burden_terms
from healthmon.project import open_project
from healthmon.show import burden_measures

from clean_tables import deliver, make_project
from test_burden_tables import cells

TERMS = load_burden_terms(open_project().params)
XINING, YUSHU = "630100", "632700"


def make_paying(*groups) -> pd.DataFrame:
    """Groups of (how many, prefecture, members, out of pocket, income a member), in fen."""
    rows = [row for count, *row in groups for _ in range(count)]
    columns = ["prefecture_code", "member_count", "oop_fen", "income"]
    burden = pd.DataFrame(rows, columns=columns).assign(year=2021)
    burden["household_id"] = np.arange(len(burden)) + 70
    incomes = pd.DataFrame({"income_per_member_fen": burden["income"].astype("Int64")}).set_axis(
        burden["household_id"]
    )
    return join_incomes(burden.drop(columns="income"), incomes)


def make_month(*groups, is_simulated=True) -> SimpleNamespace:
    paying = make_paying(*groups)
    return SimpleNamespace(
        project=open_project(),
        month="2022-06",
        is_simulated=is_simulated,
        catastrophic=measure_registered(paying, TERMS),
        impoverishment=measure_registered_poverty(paying, TERMS, 400_000),
    )


# Two members, 5,000 yuan each: 10 % is 1,000 yuan. After 2,000.01 yuan less than 4,000 each.
GROUPS = [
    (60, XINING, 2, 0, 500_000),
    (20, XINING, 2, 100_000, 500_000),
    (15, XINING, 2, 200_001, 500_000),
    (40, YUSHU, 2, 0, 500_000),
    (12, YUSHU, 2, 100_001, 500_000),
    (11, YUSHU, 1, 0, 300_000),
    (11, YUSHU, 1, 5_000, None),
]
MONTH = make_month(*GROUPS)


def of(frame: pd.DataFrame, **chosen) -> pd.Series:
    """The one row in which columns have these values."""
    rows = frame
    for column, value in chosen.items():
        rows = rows[rows[column] == value]
    (row,) = rows.to_dict("records")
    return row


def test_the_province_and_its_prefectures_by_hand() -> None:
    """Above 10 %: 15 of 95 and 12 of 63 whose income is known; exactly at it, 20 are not."""
    chosen = {"threshold_pct": 10, "income_reading": "before_payments"}
    counts = ["catastrophic_household_count", "household_count", "left_out_household_count"]
    found = {
        place: [of(MONTH.catastrophic, prefecture_code=place, **chosen)[name] for name in counts]
        for place in (PROVINCE, XINING, YUSHU)
    }
    assert found == {PROVINCE: [27, 158, 11], XINING: [15, 95, 0], YUSHU: [12, 63, 11]}
    share = of(MONTH.catastrophic, prefecture_code=PROVINCE, **chosen)["headcount_share"]
    assert share == pytest.approx(27 / 158)


def test_if_payments_were_taken_off_they_are_added_back() -> None:
    """1,000 yuan of 10,000 + 1,000 is 9.1 %, as are the 12 a fen above: neither is above 10 %."""
    chosen = {"threshold_pct": 10, "income_reading": "after_payments", "prefecture_code": PROVINCE}
    assert of(MONTH.catastrophic, **chosen)["catastrophic_household_count"] == 15


def test_poverty_is_over_persons_of_known_income() -> None:
    """Of 2 x 147 + 11 persons 11 are poor before, 15 x 2 more after; the shortfall 0.005 each."""
    row = of(MONTH.impoverishment, prefecture_code=PROVINCE, measure="headcount_share")
    assert row["household_count"] == 158
    assert (row["poor_household_count"], row["impoverished_household_count"]) == (11, 15)
    assert row["before"] == pytest.approx(11 / 305)
    assert row["difference"] == pytest.approx(30 / 305)
    gap = of(MONTH.impoverishment, prefecture_code=PROVINCE, measure="gap")
    assert gap["difference"] == pytest.approx(30 * 0.5 / 305)


def test_the_last_complete_year_with_incomes_is_taken(tmp_path) -> None:
    project = make_project(tmp_path)
    stated = [
        {"household_id": 1, "year": 2020, "net_income_per_head_fen": 500},
        {"household_id": 1, "year": 2020, "net_income_per_head_fen": 700},
    ]
    deliver(project, "household_incomes", "2021-01", stated)
    burden = pd.DataFrame(
        {"household_id": [1, 1, 1], "year": [2020, 2021, 2022], "prefecture_code": XINING,
         "member_count": 3, "oop_fen": 10, "is_complete_year": [True, True, False]}
    )  # fmt: skip
    found = list_paying_households(project, "2022-06", burden)
    assert found["year"].tolist() == [2020]
    assert found["income_fen"].tolist() == [3 * 700], "the last row stated counts"
    assert list_paying_households(project, "2020-12", burden).empty, "not delivered yet"


def test_without_a_year_the_page_says_so() -> None:
    month = make_month()
    assert month.catastrophic.empty
    assert "还没有" in burden_measures.list_catastrophic(month).data
    assert "还没有" in burden_measures.list_prefecture_measures(month).data
    assert "还没有" in burden_measures.list_impoverishment(month).data
    assert burden_measures.describe_impoverishment(month) == ""


def test_the_page_shows_the_measures() -> None:
    rows = {row[0]: row for row in cells(burden_measures.list_prefecture_measures(MONTH))}
    assert rows["西宁市"][1:4] == ["95", "15", "15.79%"]
    assert rows["玉树州"][1:4] == ["63", "12", "19.05%"]
    assert "**15** 户" in burden_measures.describe_impoverishment(MONTH)
    assert "另有 11 户" in burden_measures.describe_measures(MONTH)


def test_simulated_data_is_called_simulated() -> None:
    assert "模拟数据" in burden_measures.describe_measures(MONTH)
    assert "模拟的部门报送" in burden_measures.cite_literature(MONTH)
    real = make_month(*GROUPS, is_simulated=False)
    assert "模拟" not in burden_measures.describe_measures(real)
    assert "模拟" not in burden_measures.cite_literature(real)


def test_small_counts_take_their_measures_with_them() -> None:
    """Nine above 10 % in one prefecture: the other's count goes with them, as do the measures."""
    month = make_month(*GROUPS[:3], (90, YUSHU, 2, 0, 500_000), (9, YUSHU, 2, 300_000, 500_000))
    rows = {row[0]: row for row in cells(burden_measures.list_prefecture_measures(month))}
    assert rows["玉树州"][2:8] == ["<10", *["—"] * 5]
    assert rows["西宁市"][2:8] == ["*", *["—"] * 5]
    assert rows["玉树州"][8:] == ["<10", "—"]
    few = make_month((99, XINING, 2, 0, 500_000), (9, XINING, 2, 300_000, 500_000))
    (row,) = [r for r in cells(burden_measures.list_catastrophic(few)) if r[0] == "超过 10%"][:1]
    assert row[1:] == ["<10", *["—"] * 7]
    assert "**<10** 户" in burden_measures.describe_impoverishment(few)
    (first, *_) = [r for r in cells(burden_measures.list_impoverishment(few)) if "占比" in r[0]]
    assert first[1:] == ["0.00%", "—", "—"]


def test_the_few_left_out_cannot_be_worked_out() -> None:
    month = make_month((99, XINING, 2, 0, 500_000), (9, XINING, 2, 0, None))
    said = burden_measures.describe_measures(month)
    assert "建档立卡户 \\* 户" in said
    assert "另有 <10 户" in said
