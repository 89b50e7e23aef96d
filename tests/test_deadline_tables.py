"""What pages say of deadlines: nothing small, nothing that lets it be worked out, no accusation."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pytest

from healthmon.deadlines.run import Deadlines, run_deadlines
from healthmon.project import Project
from healthmon.show import deadline_charts, deadline_tables

from clean_tables import deliver, household, make_project

XINING, HAIXI = "630102", "632801"


@dataclass
class FakeMonth:
    project: Project
    month: str
    deadlines: Deadlines
    is_simulated: bool = True


def make_month(root, month: str, *, recorded: bool = True) -> FakeMonth:
    """30 households listed on 1 April in Xining, 12 in Haixi; verified after as many days as their
    number in the county, the last of each not at all."""
    project, listed = make_project(root), date(2022, 4, 1)
    rows, records = [], []
    for county, start, count in ((XINING, 0, 30), (HAIXI, 100, 12)):
        for number in range(count):
            home = start + number
            rows.append(
                household(home, village_code=f"{county}001201", household_kind="marginal",
                          change="added", change_date=listed)
            )  # fmt: skip
            if number < count - 1:
                day = listed.replace(day=listed.day + number // 2)
                records.append(
                    {"household_id": home, "listed_date": listed, "verified_date": day,
                     "change_date": day}
                )  # fmt: skip
    deliver(project, "registered_households", "2022-04", rows)
    if recorded:
        deliver(project, "monitored_households", "2022-04", records)
    return FakeMonth(project, month, run_deadlines(project, month))


@pytest.fixture(scope="module")
def june(tmp_path_factory) -> FakeMonth:
    return make_month(tmp_path_factory.mktemp("june"), "2022-06")


def share(in_time: int, listed: int, estimate: float, **other: object) -> str:
    row = {"in_time_count": in_time, "listing_count": listed, "in_time_share": estimate,
           "lower": 0.1, "upper": 0.9} | other  # fmt: skip
    return deadline_tables.show_share(pd.Series(row), 10)


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((50, 100, 0.5), "50.0%（10.0–90.0）"),
        ((9, 100, 0.09), "按时 <10 户"),
        ((10, 100, 0.1), "10.0%（10.0–90.0）"),
        # 9 of 300 not in time: fewer than 10 of 300, so over 96.66 %
        ((291, 300, 0.97), ">96.6%"),
        ((290, 300, 0.967), "96.7%（10.0–90.0）"),
        ((300, 300, 1.0), "100.0%（10.0–90.0）"),
        ((0, 100, 0.0), "0.0%（10.0–90.0）"),
        ((5, 9, 0.55), "—"),
        ((5, 50, float("nan")), "—"),
    ],
)
def test_a_share_gives_no_small_count_away(args, text) -> None:
    assert share(*args) == text


def test_a_curve_steps_by_ten_and_ends_while_ten_wait() -> None:
    curve = pd.DataFrame(
        {"day": range(6), "done": [4, 5, 1, 30, 5, 9], "at_risk": [80, 76, 71, 70, 40, 19]}
    )
    # 10 by day 2; 30 on day 3; 14 by day 5, but then the 10 left are all that wait
    assert deadline_charts.thin_curve(curve, 10)["day"].tolist() == [2, 3, 5]
    assert deadline_charts.thin_curve(curve, 11)["day"].tolist() == [3]


def test_no_table_shows_a_small_count(june: FakeMonth) -> None:
    html = deadline_tables.bulletin_table(june, "prefecture").data
    # Xining: 16 by day 7, 13 late, 1 never; Haixi 11, 0, 1: each 1 takes another of its row with
    # it, and Haixi's 11 the 16 above it
    cells = [part.split("<")[0] for part in html.split('gt_right">')[1:]]
    assert cells[:5] == ["30", "*", "*", "&lt;10", "0"]
    assert cells[9:14] == ["12", "*", "0", "&lt;10", "0"]
    county = deadline_tables.bulletin_table(june, "county").data
    for shown in (html, county, deadline_tables.quarter_table(june).data):
        numbers = [part.split("<")[0] for part in shown.split('gt_right">')[1:]]
        assert not {str(number) for number in range(1, 10)} & set(numbers)


def test_the_sentences_say_what_was_found(june: FakeMonth) -> None:
    said = deadline_tables.describe_deadlines(june)
    # 16 + 11 of 42 verified within the week: every one of Haixi's 11 records is by day 5
    assert "**42** 户" in said and "**64.3%" in said
    assert "无法判定**" not in said


def test_a_county_of_few_is_not_estimated(june: FakeMonth) -> None:
    html = deadline_tables.waiting_table(june, "prefecture").data
    assert "&gt;16.6%" in html  # Haixi: 1 of 12 not in time, fewer than 10 of 12
    assert "53.3%" not in html  # Xining's 16 of 30 would give Haixi's away with the province's


def test_before_the_notice_it_is_a_comparison_only(june: FakeMonth, tmp_path) -> None:
    assert "此前纳入的户尚未生效" in deadline_tables.describe_force(june)
    may = FakeMonth(june.project, "2022-05", june.deadlines)
    assert "本月**尚未生效，仅作对照**" in deadline_tables.describe_force(may)
    july = FakeMonth(june.project, "2022-07", june.deadlines)
    assert "尚未生效" not in deadline_tables.describe_force(july)
    assert "只约束开封市" in deadline_tables.describe_force(july)


def test_without_records_nobody_is_accused(tmp_path) -> None:
    month = make_month(tmp_path, "2022-06", recorded=False)
    assert deadline_tables.describe_deadlines(month).count("**无法判定**，不算超期") == 2
    assert "没有可以公布的曲线" in deadline_charts.draw_waiting(month, "verified").data
    assert "没有数据可以判断" in deadline_tables.describe_sync(month)


def test_a_month_without_listings_has_a_page(tmp_path) -> None:
    project = make_project(tmp_path)
    deliver(project, "registered_households", "2022-06", [household(1)])
    month = FakeMonth(project, "2022-06", run_deadlines(project, "2022-06"))
    assert "没有新纳入的三类户" in deadline_tables.describe_deadlines(month)
    for shown in (
        deadline_tables.bulletin_table(month, "county"),
        deadline_tables.quarter_table(month),
        deadline_tables.waiting_table(month, "county"),
        deadline_charts.draw_waiting(month, "measures"),
    ):
        assert "<p>" in shown.data
    assert deadline_tables.describe_readings(month)


def test_a_bound_never_stands_in_for_a_count_that_is_withheld() -> None:
    """11 of 12 in time would read >16.6 %, which only 12 listings give."""
    row = pd.Series(
        {"listing_count": 12, "in_time_count": 11, "in_time_share": 0.9, "lower": 0.7, "upper": 1}
    )
    assert deadline_tables.show_share(row, 10) == ">16.6%"
    assert deadline_tables.show_share(row, 10, withheld=True) == "*"
