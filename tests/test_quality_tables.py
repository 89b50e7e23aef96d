"""The page on data quality: few persons are withheld, whole places said in one line."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from healthmon.places import read_places
from healthmon.project import open_project
from healthmon.show import (
    captions,
    completeness_charts,
    completeness_tables,
    consistency_tables,
    intake_tables,
)
from healthmon.show.intake_words import load_intake_words

MONTH = "2022-06"
COUNTIES = read_places("counties")
NAME = "register_not_enrolled"


def make_month(**frames: object) -> SimpleNamespace:
    return SimpleNamespace(project=open_project(), month=MONTH, is_simulated=True, **frames)


def counted(*rows: tuple[str, int, int], comparison: str = NAME) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (comparison, code, code[:4] + "00", total, differing, 0)
            for code, total, differing in rows
        ],
        columns=["comparison", "county_code", "prefecture_code", "counted_person_count",
                 "differing_person_count", "undetermined_person_count"],
    )  # fmt: skip


def rates(*rows: tuple[str, int, int]) -> dict[str, float]:
    month = make_month(difference_counts=counted(*rows))
    frame = consistency_tables.rate_counties(month)
    return dict(zip(frame["county_code"], frame["rate_pct"], strict=True))


def test_a_county_s_rate_is_differing_over_counted() -> None:
    assert rates(("630102", 200, 50), ("630103", 400, 40)) == {"630102": 25.0, "630103": 10.0}


def test_a_rate_made_of_few_persons_is_withheld_with_the_next_smallest() -> None:
    found = rates(("630102", 200, 9), ("630103", 400, 40), ("630104", 400, 10))
    assert np.isnan(found["630102"]) and np.isnan(found["630104"])
    assert found["630103"] == 10.0


def test_ten_and_none_are_shown() -> None:
    assert rates(("630102", 200, 10), ("630103", 400, 0)) == {"630102": 5.0, "630103": 0.0}


def test_persons_without_a_county_count_for_the_province_alone() -> None:
    frame = counted(("630102", 200, 50))
    nowhere = frame.assign(county_code=None, counted_person_count=100, differing_person_count=100)
    month = make_month(difference_counts=pd.concat([frame, nowhere]))
    province = consistency_tables.rate_province(month).set_index("comparison").loc[NAME]
    assert (province["differing_person_count"], province["rate_pct"]) == (150, 50.0)
    assert consistency_tables.rate_counties(month)["county_code"].tolist() == ["630102"]


def test_what_cannot_be_compared_is_named() -> None:
    said = consistency_tables.describe_differences(
        make_month(difference_counts=counted(("630102", 200, 50)))
    )
    assert "**25.0%**（50 / 200）" in said
    assert "医保人员类别与名册、民政不符" in said.split("无法比对")[1]


def grid_of(states: dict[str, str], table: str = "settlements") -> pd.DataFrame:
    codes = COUNTIES["code"]
    return pd.DataFrame(
        {
            "prefecture_code": COUNTIES["prefecture_code"], "county_code": codes,
            "delivered_month": MONTH, "department": "insurance", "table": table,
            "row_count": 3, "state": [states.get(code, "came") for code in codes],
            "is_late": pd.array([pd.NA] * len(codes), dtype="boolean"),
        }
    )  # fmt: skip


XINING = COUNTIES.loc[COUNTIES["prefecture_code"] == "630100", "code"]
ODD = {
    "all counties: the province in one line": (
        dict.fromkeys(COUNTIES["code"], "missing"),
        ["全省"],
    ),
    "a whole prefecture: one line": (dict.fromkeys(XINING, "missing"), ["西宁市"]),
    "one county: by name": ({"630121": "missing"}, ["大通县"]),
}


@pytest.mark.parametrize(("states", "places"), ODD.values(), ids=ODD.keys())
def test_what_is_missing_is_said_briefly(states: dict, places: list[str]) -> None:
    html = completeness_tables.list_odd(make_month(completeness_grid=grid_of(states))).data
    assert html.count("未报") == len(places)
    assert all(place in html for place in places)


def test_few_rows_of_persons_are_withheld() -> None:
    month = make_month(completeness_grid=grid_of({"630121": "small"}))
    html = completeness_tables.list_odd(month).data
    assert "&lt;10" in html or "<10" in html


def test_without_receipts_lateness_is_said_to_be_unknown() -> None:
    said = completeness_tables.describe_completeness(make_month(completeness_grid=grid_of({})))
    assert "是否迟报无法判定" in said
    assert "已报 **45** 份（100.0%），缺 **0** 份" in said


def test_the_grid_is_drawn_with_a_letter_for_every_odd_cell() -> None:
    grid = grid_of({"630121": "missing", "630102": "same"})
    figure = completeness_charts.draw_grid(make_month(completeness_grid=grid))
    letters = {letter for row in figure.data[0].text for letter in row}
    assert letters == {"", "缺", "同"}
    assert "缺 1 格" in figure.layout.meta["alt"]


def test_every_code_of_the_words_has_a_chinese_name() -> None:
    words = load_intake_words(open_project().params)
    for names in (words.problems, words.reasons, words.conversions):
        assert all(any("一" <= letter <= "鿿" for letter in name) for name in names.values())


def test_a_page_that_is_not_published_is_not_linked() -> None:
    month = make_month()
    assert captions.link_page(month, "50_data_quality", "见[数据质量]。") == (
        "见[数据质量](quality.html)。"
    )
    assert captions.link_page(month, "no_such_notebook", "见[数据质量]。") == ""


def test_conversions_are_added_up_over_files(monkeypatch: pytest.MonkeyPatch) -> None:
    item = {"table": "settlements", "column": "total_fen", "header": "总费用(元)",
            "kind": "thousands_separator", "count": 700}  # fmt: skip
    entry = {"files": {"a.csv": {"conversions": [item]}, "b.csv": {"conversions": [item]}}}
    monkeypatch.setattr(intake_tables, "_entry", lambda month: entry)
    html = intake_tables.list_conversions(make_month()).data
    assert "去掉千分位逗号" in html and "1,400" in html
