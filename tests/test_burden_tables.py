"""What the burden page says of a hand-made province, small counts withheld."""

import re
from html import unescape
from types import SimpleNamespace

import pandas as pd
import pytest

from healthmon.project import open_project
from healthmon.show import burden_tables


def make_month(spent: list[tuple[int, int, int]], month="2022-12") -> SimpleNamespace:
    """Build a month from rows of (year, members, out of pocket in fen), a household a row."""
    burden = pd.DataFrame(spent, columns=["year", "member_count", "oop_fen"])
    burden["household_id"] = range(len(burden))
    burden["household_kind"], burden["out_of_scope_fen"] = "lifted", burden["oop_fen"] // 2
    burden["is_complete_year"] = (burden["year"] < int(month[:4])) | month.endswith("12")
    burden["is_flagged_by_rule"] = burden["oop_fen"] > 156_000 * burden["member_count"]
    return SimpleNamespace(project=open_project(), month=month, burden=burden)


def cells(html) -> list[list[str]]:
    """The texts of a table, row by row."""
    rows = re.findall(r"<tr.*?</tr>", html.data, re.DOTALL)
    found = [re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in rows]
    return [[unescape(re.sub("<[^>]+>", "", cell)).strip() for cell in row] for row in found]


MONTH = make_month(
    [(2022, 2, 0)] * 12 + [(2022, 2, 40_000)] * 20 + [(2022, 2, 40_001)] * 30
    + [(2022, 1, 156_000)] * 11 + [(2022, 1, 156_001)] * 15 + [(2022, 6, 936_001)] * 3
    + [(2021, 1, 5_000_000)] * 91
)  # fmt: skip


def test_a_band_holds_its_upper_end() -> None:
    """200.00 a head lies in 0-200, 200.005 in 200-500; 1,560.00 in 1,000-1,560."""
    bands = burden_tables.count_bands(MONTH)
    now = bands[bands["year"] == 2022].set_index("band")["household_count_shown"]
    assert now["0"] == "12"
    assert now["0–200"] == "20"
    assert now["200–500"] == "30"
    assert now["1,000–1,560"] == "11"
    assert now["1,560–3,000"] == "18"
    assert now["10,000 以上"] == "0"


def test_bands_of_a_year_add_up_to_its_households() -> None:
    bands = burden_tables.count_bands(MONTH)
    assert bands.groupby("year")["household_count"].sum().to_dict() == {2021: 91, 2022: 91}
    assert bands.groupby("year")["share_pct"].sum().tolist() == pytest.approx([100, 100])


def test_near_the_line_exactly_1560_stands_below_it() -> None:
    near = burden_tables.count_near(MONTH).set_index(["from_yuan", "to_yuan"])
    assert near.loc[(1_540, 1_560), "household_count"] == 11
    assert near.loc[(1_560, 1_580), "household_count"] == 18
    said = burden_tables.describe_near(MONTH)
    assert "线上 **18** 户，线下 **11** 户" in said
    assert "不划入的 11 户" in said


def test_the_last_complete_year_is_taken() -> None:
    assert "2021 年，" in burden_tables.describe_near(make_month([(2021, 1, 1)] * 20, "2022-06"))
    assert "2022 年，" in burden_tables.describe_near(MONTH)


def test_small_groups_are_withheld_and_cannot_be_worked_out() -> None:
    """Three households of six members are withheld, and with them the next smallest size."""
    counted = burden_tables.count_households(MONTH).set_index("name")
    assert counted.loc["6 人及以上", "household_count_shown"] == "<10"
    assert pd.isna(counted.loc["6 人及以上", "flagged_pct"])
    assert pd.isna(counted.loc["6 人及以上", "oop_per_member_fen"])
    assert counted.loc["1 人", "household_count_shown"] == "*"
    assert counted.loc["脱贫户", "household_count_shown"] == "91"
    assert counted.loc["脱贫户", "flagged_household_count_shown"] == "18"


def test_both_readings_are_counted() -> None:
    """Half is out of scope, so that nobody is above the line inside the catalogue."""
    rows = cells(burden_tables.compare_readings(MONTH))
    assert [row[1] for row in rows[-2:]] == ["18", "0"]


def test_the_year_that_is_not_over_says_so() -> None:
    said = burden_tables.describe_burden(make_month([(2022, 1, 200_000)] * 12, "2022-06"))
    assert "2022 年 1–6 月" in said
    assert "共 **12** 户" in said


def test_few_flagged_households_give_no_rate() -> None:
    month = make_month([(2022, 1, 200_000)] * 9 + [(2022, 1, 0)] * 90)
    said = burden_tables.describe_burden(month)
    assert "**<10** 户（—）" in said


def test_figures_say_in_words_what_they_show() -> None:
    assert "2022 年" in burden_tables.draw_bands(MONTH).layout.meta["alt"]
    assert "1,560 元" in burden_tables.draw_near(MONTH).layout.meta["alt"]
