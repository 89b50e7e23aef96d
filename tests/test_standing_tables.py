"""What the page on services says: nothing small, plain words, bad places marked as such."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from healthmon.places import province_code, read_places
from healthmon.project import open_project
from healthmon.rules.indicators import load_indicators
from healthmon.show import (
    gap_tables,
    key_area_tables,
    standing_captions,
    standing_charts,
    standing_rows,
    standing_tables,
    standing_trends,
)
from healthmon.show.standing_rows import headline_indicators, indicators_of, is_in_force, rows_of
from healthmon.standing.table import stand_month

from fake_month import make_indicators
from test_burden_tables import cells

PROJECT, MONTH = open_project(), "2022-06"
SERVICES = ("major_diseases", "family_doctors")
COUNTIES = read_places("counties")
XINING = COUNTIES[COUNTIES["prefecture_code"] == "630100"]["code"].to_list()
VISITS = "chronic_followed_up"
SUMS = ["numerator", "denominator", "undetermined"]


def make_month(indicators: pd.DataFrame, month: str = MONTH, **more: object) -> SimpleNamespace:
    register = pd.DataFrame(
        {
            "county_code": COUNTIES["code"],
            "household_kind": "lifted",
            "household_count": range(100, 100 + len(COUNTIES)),
        }
    )
    return SimpleNamespace(
        project=PROJECT, month=month, is_simulated=True, indicators=indicators,
        standing=stand_month(PROJECT.params, indicators, month), register_counts=register, **more,
    )  # fmt: skip


def measured(counts: dict[str, tuple[int, int, int]], name: str = VISITS, month: str = MONTH):
    """Lay counts of counties out, with their prefectures and the province added up."""
    county = pd.DataFrame(counts.values(), columns=SUMS).assign(code=list(counts), level="county")
    prefecture = county.assign(code=county["code"].str[:4] + "00", level="prefecture")
    whole = county.assign(code=province_code(), level="province")
    rows = [frame.groupby(["level", "code"], as_index=False)[SUMS].sum()
            for frame in (county, prefecture, whole)]  # fmt: skip
    return pd.concat(rows, ignore_index=True).assign(indicator=name, part="", month=month)


EVEN = dict.fromkeys(COUNTIES["code"], (900, 1000, 0))


@pytest.fixture(scope="module")
def month() -> SimpleNamespace:
    return make_month(make_indicators(PROJECT, MONTH))


def test_every_headline_is_an_indicator(month) -> None:
    assert len(headline_indicators(month)) == 6
    cards = standing_tables.make_service_cards(month)
    assert [card.label for card in cards][:3] == [
        "贫困人口大病救治率",
        "贫困慢病患者签约率",
        "贫困慢病患者随访率",
    ]


def test_a_card_says_rate_target_and_what_is_left() -> None:
    counts = dict(list(EVEN.items())[:2]) | {COUNTIES["code"][2]: (800, 1000, 40)}
    (card,) = standing_tables.make_service_cards(make_month(measured(counts)))
    # 2,600 of 3,000 visited, 40 open, 360 left; with the open ones 88 % are still under 90 %
    assert card.value == "86.7–88.0%"
    assert card.note == "目标 90%；上季度未随访患者 360；待定 40"
    assert card.tone == "problem"


@pytest.mark.parametrize("prefecture_code", [None, "630200"])
def test_every_table_is_made_for_the_province_and_a_prefecture(month, prefecture_code) -> None:
    tables = standing_tables
    made = [
        tables.list_weak_points(month, SERVICES, prefecture_code),
        tables.list_parts(month, "disease", prefecture_code),
        tables.list_part_backlog(month, "unsigned_acted_on", prefecture_code),
        tables.list_backlog(month, prefecture_code),
        gap_tables.list_gaps(month, VISITS, prefecture_code),
        gap_tables.list_behind(month, SERVICES, prefecture_code),
        tables.list_summary(month, prefecture_code),
        standing_trends.list_trends(month, SERVICES, prefecture_code),
        key_area_tables.list_key_areas(month, SERVICES),
    ]
    ids = [re.search(r'id="(hm-[^"]+)"', table.data)[1] for table in made]
    assert len(set(ids)) == len(ids)
    for table in made:
        assert "nan" not in table.data.lower().replace("finance", "")


def test_no_count_of_people_under_ten_is_shown() -> None:
    """Counties with 1 to 9 left, visited or open, one with 3 of 4, each in a prefecture."""
    counts = dict(EVEN)
    for place, three in zip(
        XINING, [(995, 1000, 0), (4, 300, 0), (200, 300, 5), (3, 4, 0)], strict=False
    ):
        counts[place] = three
    month = make_month(measured(counts))
    rows = rows_of(month, [VISITS], "county").set_index("code").loc[XINING]
    small = rows["is_open"].to_list()
    assert small[:4] == [False] * 4
    for column in ("numerator_shown", "left_shown", "undetermined_shown", "denominator_shown"):
        shown = [int(text.replace(",", "")) for text in rows[column] if text[0].isdigit()]
        assert not [count for count in shown if 0 < count < 10]
    assert rows["needed_shown"].to_list()[:4] == ["*"] * 4
    table = gap_tables.list_gaps(month, VISITS, level="county")
    texts = {row[0]: row for row in cells(table)}
    names = dict(zip(COUNTIES["code"], COUNTIES["short_name"], strict=True))
    for place in XINING[:4]:
        assert texts[names[place]][5] == "*"  # the raw rank would tell the rate


def test_a_small_county_takes_one_of_its_own_prefecture_with_it() -> None:
    haidong = COUNTIES[COUNTIES["prefecture_code"] == "630200"]["code"].to_list()
    small = {XINING[0]: (995, 1000, 0), haidong[0]: (995, 1000, 0)}
    rows = rows_of(make_month(measured(EVEN | small)), [VISITS], "county")
    hidden = rows[~rows["is_open"]].groupby("prefecture_code").size()
    assert hidden.to_dict() == {"630100": 2, "630200": 2}


def test_the_parts_of_an_indicator_in_a_place_hide_each_other() -> None:
    counts = {"": (240, 310, 0), "away": (100, 150, 0), "no_card": (80, 95, 0),
              "wrong_identity_data": (60, 65, 0)}  # fmt: skip
    frames = [
        measured({XINING[0]: counts[part]}, "unsigned_acted_on").assign(part=part)
        for part in counts
    ]
    month = make_month(pd.concat(frames))
    table = standing_tables.list_part_backlog(month, "unsigned_acted_on")
    assert [row[2] for row in cells(table)[1:]] == ["70", "50", "*", "<10"]


def test_teams_are_no_people_and_are_counted_openly() -> None:
    month = make_month(measured(dict.fromkeys(EVEN, (17, 20, 0)), "teams_within_150"))
    rows = rows_of(month, ["teams_within_150"], "county")
    assert set(rows["backlog_shown"]) == {"3"} and rows["is_open"].all()


def test_a_state_is_said_where_what_is_shown_leaves_no_doubt() -> None:
    # 88 of 96: 8 left, shown as more than 89.5 %: on either side of 90 %
    open_side = make_month(measured(dict.fromkeys(EVEN, (88, 96, 0))))
    assert set(rows_of(open_side, [VISITS], "county")["state_known"]) == {"*"}
    # 45 of 50: more than 80 %; 995 of 1,000: more than 99 %
    surely = make_month(measured(dict.fromkeys(EVEN, (995, 1000, 0))))
    assert set(rows_of(surely, [VISITS], "county")["state_known"]) == {"reached"}
    # 100 % is asked for and fewer than ten are left, not none: under target, and no secret
    full = make_month(measured(dict.fromkeys(EVEN, (995, 1000, 0)), "chronic_contracted"))
    assert set(rows_of(full, ["chronic_contracted"], "county")["state_known"]) == {"under"}


def test_a_county_with_three_of_four_is_not_called_behind() -> None:
    small, bad = COUNTIES["code"][10], COUNTIES["code"][20]
    month = make_month(measured(EVEN | {small: (3, 4, 0), bad: (600, 1000, 0)}))
    table = gap_tables.list_behind(month, SERVICES)
    assert [row[0] for row in cells(table)[1:]] == [COUNTIES["short_name"][20]]
    assert "明显落后：贫困慢病患者随访率" in table.data
    drawn = standing_charts.draw_funnel(month, VISITS)
    behind = next(trace for trace in drawn.data if trace.name == "落后")
    assert [row[0] for row in behind.customdata] == [COUNTIES["short_name"][20]]
    assert COUNTIES["short_name"][20] in drawn.layout.meta["alt"]
    points = sum(len(trace.x) for trace in drawn.data if trace.mode == "markers")
    assert points == 45 - 2  # 3 of 4, and the county that hides it


def test_what_does_not_bind_here_is_called_a_comparison(month) -> None:
    table = standing_tables.list_weak_points(month, SERVICES).data
    first, second = table.index("本省文件的要求"), table.index("对照：外地文件或做法")
    for one in indicators_of(month, SERVICES).values():
        at = table.index(f">{one.label.zh}<")
        assert (at > second) == one.is_comparison and at > first


def test_months_before_a_document_was_in_force_are_a_comparison_only() -> None:
    kaifeng = load_indicators(PROJECT.params)["chronic_managed"]
    assert str(kaifeng.effective_from) == "2022-06-27"
    assert [is_in_force(kaifeng, each) for each in ("2022-05", "2022-06")] == [False, True]
    early = make_month(measured(EVEN, "chronic_managed", "2022-05"), "2022-05")
    assert "尚未生效，仅作对照" in standing_tables.list_weak_points(early, SERVICES).data
    both = [measured(EVEN, "chronic_managed", each) for each in ("2022-04", "2022-05", "2022-06")]
    drawn = standing_trends.draw_trends(make_month(pd.concat(both)), SERVICES)
    before, after = drawn.data
    assert before.name == "尚未生效，仅作对照" and before.line.dash == "dot"
    assert pd.Series(before.y).notna().tolist() == [True, True, False]
    assert pd.Series(after.y).notna().tolist() == [False, True, True]  # joined to the month before


def test_a_trend_leaves_withheld_months_out() -> None:
    few = dict.fromkeys(EVEN, (20, 20, 0)) | {XINING[0]: (15, 20, 0)}
    frames = [measured(few, month="2022-05"), measured(EVEN)]
    rows = standing_trends.trend_rows(make_month(pd.concat(frames)), [VISITS])
    assert rows["rate_shown"].to_list() == [">98.8%", "90.0%"]  # 890 of 900
    drawn = standing_trends.draw_trends(make_month(pd.concat(frames)), SERVICES)
    assert pd.Series(drawn.data[1].y).notna().tolist() == [False, True]


def test_key_areas_stand_beside_the_others() -> None:
    key = key_area_tables.key_areas_of(make_month(measured(EVEN)))
    counts = {code: (950, 1000, 0) if code in key else (900, 1000, 0) for code in EVEN}
    month = make_month(measured(counts))
    (row,) = cells(key_area_tables.list_key_areas(month, SERVICES))[1:]
    key_left, other_left = 50 * len(key), 100 * (45 - len(key))
    assert row[1:] == ["95.0%", f"{key_left:,}", "90.0%", f"{other_left:,}", "+5.0"]
    assert "推断" in key_area_tables.describe_key_areas(month)


def test_the_short_table_names_what_binds_here_first(month) -> None:
    names = [row[0] for row in cells(standing_tables.list_summary(month))[1:]]
    assert len(names) <= standing_rows.standing_terms(month).summary_rows
    marks = ["（对照）" in name for name in names]
    assert marks == sorted(marks)


def test_the_method_is_told_with_the_numbers_in_use(month) -> None:
    said = standing_captions.describe_method(month)
    terms = standing_rows.standing_terms(month)
    for number in (terms.interval_pct, terms.small_denominator, terms.trend_months):
        assert f"{number:g}" in said
    assert "推断" in said
    assert "仅作对照" in standing_captions.describe_readings(month, SERVICES)
    assert "青卫财务" in standing_captions.cite_indicators(month, SERVICES)


def test_a_month_without_results_says_so() -> None:
    month = make_month(measured(EVEN).head(0))
    assert standing_tables.list_weak_points(month, SERVICES) is standing_tables.NOTHING
    assert standing_charts.draw_funnel(month, VISITS) is standing_tables.NOTHING
    assert standing_trends.draw_trends(month, SERVICES) is standing_tables.NOTHING
    assert standing_tables.make_service_cards(month) == []
    assert standing_captions.describe_funnel(month, VISITS) == ""
