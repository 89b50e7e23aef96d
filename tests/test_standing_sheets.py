"""Sheets of the workbook of figures: no two counts of a place tell the few in between."""

import pytest

from healthmon.rules.indicators import load_indicators
from healthmon.show.standing_rows import name_indicator, standing_terms
from healthmon.show.standing_sheets import list_standing_sheets

from fake_month import make_month

COUNTS = ["应办", "已办", "待定", "工作存量", "达标还需"]


@pytest.fixture(scope="module")
def sheets() -> dict:
    return {sheet.title: sheet.rows for sheet in list_standing_sheets(make_month(households=500))}


@pytest.mark.parametrize("title", ["指标_市州", "指标_县"])
def test_nested_indicators_have_no_counts_by_place(sheets: dict, title: str) -> None:
    month = make_month(households=500)
    known, counted = load_indicators(month.project.params), standing_terms(month).counted_by_place
    assert set(counted) <= set(known)
    names = {name_indicator(known[name]) for name in counted}
    rows = sheets[title]
    nested = rows[~rows["指标"].isin(names)]
    assert len(nested)
    # a dash, or nothing at all where amounts are added up
    assert set(nested[COUNTS].to_numpy().ravel()) <= {"—", None}
    # and rates in full percents, which tell no count
    rates = nested["完成率（%）"]
    assert all(rate == "—" or float(rate) == int(rate) for rate in rates)
    assert rows.loc[rows["指标"].isin(names), "应办"].map(lambda cell: cell != "—").any()
