"""Tables and workbook of costs: small counts withheld for good, on page and in workbook."""

from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.figures_workbook import SOURCES, link_workbook, name_workbook, render_figures
from healthmon.list_workbook import Sheet, render_sheets
from healthmon.month import Month
from healthmon.project import open_project
from healthmon.show import cap_tables, cost_charts, cost_tables, share_tables
from healthmon.show.cap_frames import list_caps, list_top_hospitals
from healthmon.show.cost_frames import compare_parts, compare_places, count_outside, list_pairs
from healthmon.show.crossed import withhold_crossed, withhold_split
from healthmon.show.sheet_cells import lay_out, read_shown

TEN = 10


def grid(*rows: tuple[int, ...]) -> pd.DataFrame:
    cells = [(f"r{r}", f"c{c}", n) for r, row in enumerate(rows) for c, n in enumerate(row)]
    return pd.DataFrame(cells, columns=["row", "column", "stay_count"])


def shown(rows: pd.DataFrame) -> list[str]:
    return rows["stay_count_shown"].to_list()


def test_one_small_cell_takes_a_rectangle_with_it() -> None:
    gated = withhold_crossed(grid((3, 50, 60), (70, 20, 80)), "stay_count", ["row", "column"], TEN)
    # 50 goes with 3 in the row, 70 in the column; their own lines then lose 20
    assert shown(gated) == ["<10", "*", "60", "*", "*", "80"]


def test_two_small_cells_of_a_row_still_need_their_columns() -> None:
    gated = withhold_crossed(grid((3, 4, 60), (70, 20, 80)), "stay_count", ["row", "column"], TEN)
    assert shown(gated) == ["<10", "<10", "60", "*", "*", "80"]


def test_nothing_small_nothing_withheld() -> None:
    gated = withhold_crossed(grid((10, 0), (0, 99)), "stay_count", ["row", "column"], TEN)
    assert shown(gated) == ["10", "0", "0", "99"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=5))
def test_no_line_ever_has_a_single_hole_that_could_be_filled(rows: list[list[int]]) -> None:
    gated = withhold_crossed(grid(*rows), "stay_count", ["row", "column"], TEN)
    raw = grid(*rows)["stay_count"]
    hidden = gated["stay_count"].isna()
    assert hidden[raw.between(1, 9)].all()
    assert not hidden[raw == 0].any()
    for by in ("row", "column"):
        for _, line in gated.groupby(by):
            if hidden[line.index].sum() == 1:  # then nobody else in the line has anything
                assert (raw[line.index][~hidden[line.index]] == 0).all()


def test_a_split_is_withheld_when_either_half_is_small() -> None:
    frame = pd.DataFrame(
        {"above": "a", "part": [3, 500, 100, 40, 0, 5], "rest": [400, 3, 100, 50, 80, 0],
         "pct": [0.7, 99.4, 50.0, 44.4, 0.0, 100.0]}
    )  # fmt: skip
    gated = withhold_split(frame, "part", "rest", ["above"], TEN, ["pct"])
    # all of five: the five are few, too
    assert gated["part_shown"].to_list() == ["<10", "*", "100", "40", "0", "<10"]
    assert gated["pct"].isna().to_list() == [True, True, False, False, False, True]
    alone = withhold_split(frame.iloc[[0, 2, 3]], "part", "rest", ["above"], TEN, ["pct"])
    assert alone["part_shown"].to_list() == ["<10", "100", "*"]


def test_sheets_hold_yuan_and_what_withheld_counts_are_shown_as() -> None:
    rows = pd.DataFrame(
        {"name": ["甲", "乙"], "stay_count": pd.array([None, 12], "Int64"),
         "stay_count_shown": ["<10", "12"], "total_fen": pd.array([None, 123_456], "Int64"),
         "in_county_pct": [None, 33.333]}
    )  # fmt: skip
    columns = {"name": "县", "stay_count": "人次", "total_fen": "元", "in_county_pct": "%"}
    sheet = openpyxl.load_workbook(BytesIO(render_sheets([Sheet("甲", lay_out(rows, columns))])))
    cells = [[cell.value for cell in row] for row in sheet["甲"].iter_rows()]
    assert cells == [
        ["县", "人次", "元", "%"],
        ["甲", "<10", None, None],
        ["乙", 12, 1234.56, 33.3],
    ]


def small_or_single(counts: pd.Series, totals: pd.Series) -> bool:
    """Say whether a count of one to nine shows, or a group has one hole beside other numbers."""
    holes = counts.isna().groupby(totals).sum()
    others = (counts.fillna(0) > 0).groupby(totals).sum()
    return counts.between(1, 9).any() or bool(((holes == 1) & (others > 0)).any())


def test_nothing_small_stands_in_the_frames_of_the_sample(month: Month) -> None:
    counties, prefectures = compare_places(month, "county"), compare_places(month, "prefecture")
    assert len(counties) > 40 and counties["stay_count"].isna().any()
    assert not small_or_single(counties["stay_count"], counties["prefecture_code"])
    assert (
        counties.loc[counties["stay_count"].isna(), ["total_fen", "mean_fen"]].isna().all(axis=None)
    )
    one = pd.Series("", index=prefectures.index)
    assert not small_or_single(prefectures["stay_count"], one)
    for rows in (list_pairs(month), compare_parts(month, "treated_in")):
        assert not rows["stay_count"].between(1, 9).any()
    hospitals = list_caps(month, "hospital")
    assert not hospitals["over_stay_count"].between(1, 9).any()
    is_hidden = hospitals["over_stay_count"].isna()
    assert is_hidden.any() and not is_hidden.all()
    money = ["excess_least_fen", "excess_most_fen", "out_of_scope_fen", "over_pct"]
    assert hospitals.loc[is_hidden, money].isna().all(axis=None)
    outside = count_outside(month)
    assert not outside["stay_count"].between(1, 9).any()


def test_rates_by_reach_add_up_or_two_of_them_are_hidden(month: Month) -> None:
    rows = compare_places(month, "prefecture")
    pct = rows[[name for name in rows if name.endswith("_pct") and name.split("_")[0] in
                ("county", "prefecture", "province", "beyond")]]  # fmt: skip
    whole = pct.notna().all(axis=1)
    assert pct[whole].sum(axis=1).round(6).eq(100).all()
    assert (pct[~whole].isna().sum(axis=1) >= 2).all()


def test_hospitals_without_figures_are_in_no_ranking(month: Month) -> None:
    for by in ("yuan", "share"):
        rows = list_top_hospitals(month, by, 1000)
        assert len(rows) and not rows["over_stay_count"].lt(10).any()
        assert rows["rank"].to_list() == list(range(1, len(rows) + 1))


def test_every_table_figure_and_sentence_can_be_made(month: Month) -> None:
    texts = [
        cost_tables.describe_bulletin(month), cost_tables.describe_outside(month),
        cost_tables.cite_bulletin(month), cost_tables.cite_referrals(month),
        share_tables.describe_forms(month), share_tables.cite_shares(month),
        cap_tables.describe_caps(month), cap_tables.describe_levels(month),
        cap_tables.describe_ranking(month), cap_tables.cite_caps(month),
    ]  # fmt: skip
    assert all(text and "nan" not in text.lower() and "NA" not in text for text in texts)
    tables = [
        cost_tables.list_pair_costs(month), cost_tables.list_parts(month, "facility_level"),
        cost_tables.list_parts(month, "treated_in"), cost_tables.list_places(month, "prefecture"),
        cost_tables.list_places(month, "county"), cost_tables.list_outside(month),
        share_tables.list_county_shares(month), share_tables.list_differing_forms(month),
        cap_tables.list_cap_levels(month), cap_tables.list_cap_hospitals(month, "yuan"),
        cap_tables.list_cap_hospitals(month, "share"), cap_tables.list_cap_counties(month),
    ]  # fmt: skip
    assert all("<td" in table.data and ">nan" not in table.data for table in tables)
    figures = [
        cost_charts.draw_reach(month), cost_charts.draw_hospitals(month),
        cost_charts.draw_cap_months(month), share_tables.draw_share_trend(month),
    ]  # fmt: skip
    assert all(figure.layout.meta["alt"] for figure in figures)


def test_before_the_clause_takes_effect_months_are_a_comparison(month: Month) -> None:
    said = cap_tables.describe_caps(month)
    assert "2022-06-27 起适用，此前结算的尚未生效，仅作对照" in said
    assert "只约束开封市" in cap_tables.cite_caps(month)


def caps_of(stays: int, over: int, in_force: int, in_force_over: int) -> SimpleNamespace:
    row = {
        "grouping": "all", "settled_month": None, "facility_level": None, "facility_code": None,
        "facility_county_code": None, "facility_name": None, "stay_count": stays,
        "over_stay_count": over, "open_stay_count": 0, "in_force_stay_count": in_force,
        "in_force_over_stay_count": in_force_over, "in_force_excess_fen": 4321,
        "excess_least_fen": 98_765, "excess_most_fen": 98_765, "total_fen": 1, "share_lower": None,
        "out_of_scope_fen": 1, "share_upper": None,
    }  # fmt: skip
    return SimpleNamespace(
        cap_counts=pd.DataFrame([row]), project=open_project(), month="2022-06", is_simulated=True
    )


@pytest.mark.parametrize(
    ("counts", "said", "unsaid"),
    [
        ((100, 20, 60, 15), ["**20** 人次（20.0%）", "987.65", "43.21"], []),
        ((100, 20, 60, 5), ["987.65", "适用之后结算的 60 人次。"], ["43.21", " 5 "]),
        ((100, 5, 60, 5), ["**100** 人次", "不予公布"], ["987.65", "43.21", "5.0%", " 5 "]),
        ((100, 95, 0, 0), ["**100** 人次", "不予公布"], ["987.65", "95"]),
        ((100, 0, 0, 0), ["**0** 人次（0.0%）"], []),
    ],
)
def test_few_stays_above_the_cap_are_not_told(counts, said, unsaid) -> None:
    text = cap_tables.describe_caps(caps_of(*counts))
    assert all(part in text for part in said), text
    assert not any(part in text for part in unsaid), text


def _counts_people(header: str) -> bool:
    counts = ("人次", "（户）", "·", "应办", "已办", "待定", "工作存量", "转诊", "按时", "超期")
    return "%" not in header and "天数" not in header and any(word in header for word in counts)


def test_texts_of_pages_become_numbers_where_they_are_some() -> None:
    texts = pd.DataFrame({"a": ["1,234", "81.2%", "−3.5", "<10", "81.2–84.5%", "*", "—", "7"]})
    numbers = [1234, 81.2, -3.5, "<10", "81.2–84.5%", "*", "—", 7]
    assert read_shown(texts)["a"].to_list() == numbers


def test_the_workbook_says_what_it_is_and_holds_no_small_count(month: Month) -> None:
    content = render_figures(month)
    assert content == render_figures(Month(month.project, month.month))
    book = openpyxl.load_workbook(BytesIO(content))
    about = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert "模拟数据" in about["数据"] and about["月份"] == "2022 年 6 月"
    assert "<10" in about["隐去规则"]
    assert len(book.sheetnames) == 1 + sum(len(make(month)) for make in SOURCES.values())
    assert {"指标_县", "住院费用_县", "时限_季度通报_县"} <= set(book.sheetnames)
    small = [
        (sheet.title, cell.coordinate)
        for sheet in book.worksheets[1:]
        for column in sheet.iter_cols()
        if _counts_people(str(column[0].value))
        for cell in column[1:]
        if isinstance(cell.value, int | float)
        and 0 < cell.value < TEN
        # of teams, not persons
        and "团队" not in str(sheet.cell(cell.row, 1).value)
    ]
    assert not small
    assert name_workbook(month.month) in link_workbook(month)


@pytest.mark.parametrize("level", ["prefecture", "county"])
def test_without_any_stay_the_page_says_so(month: Month, level: str) -> None:
    nothing = SimpleNamespace(
        project=month.project, month=month.month, cost_bulletin=month.cost_bulletin.head(0)
    )
    assert "没有住院结算" in cost_tables.list_places(nothing, level).data
