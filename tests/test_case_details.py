"""The supervision pages: every unit below the line with its reasons, nothing about few persons."""

import re

import pandas as pd
import pytest

from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show import case_details, reading_tables
from healthmon.supervision import follow_states


@pytest.fixture
def followed(month: Month, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Two months of one township: T4 mended, T1 lost."""
    code = worst(month)["township_code"]
    frames = {
        m: pd.DataFrame(
            [{"kind": "township", "code": code, "county_code": code[:6],
              "prefecture_code": code[:4] + "00", "state": "listed", "why": why}]
        )
        for m, why in (("2022-05", "T4、T5"), ("2022-06", "T1、T5"))
    }  # fmt: skip
    listed = follow_states(frames)
    monkeypatch.setattr(case_details, "list_supervision", lambda _: listed)
    return listed


def worst(month: Month) -> pd.Series:
    scores = month.township_scores
    return scores[scores["has_form"]].sort_values("highest_points").iloc[0]


def test_every_unit_that_does_not_pass_stands_there(month: Month, followed: pd.DataFrame) -> None:
    prefecture = worst(month)["prefecture_code"]
    html = case_details.show_cases(month, "township", prefecture).data
    scores = month.township_scores
    below = scores[(scores["prefecture_code"] == prefecture) & (scores["state"] != "pass")]
    assert html.count('class="hm-case"') == len(below) > 0
    names = place_names("townships", short=False)
    assert all(names[code] in html for code in below["township_code"])


def test_it_says_since_when_and_what_changed(month: Month, followed: pd.DataFrame) -> None:
    html = case_details.show_cases(month, "township", worst(month)["prefecture_code"]).data
    assert "继续在册，自 2022-05（监测起点）或更早起 2 个月；较上月：新增失分 T1，已解决 T4" in html


def test_counts_of_patients_and_visits_stay_inside(month: Month, followed: pd.DataFrame) -> None:
    for kind in ("county", "township"):
        for prefecture in place_names("prefectures"):
            html = case_details.show_cases(month, kind, prefecture).data
            assert not re.search(r"(患者数|签约数|随访数|就诊人次|总人次)：", html)


def test_the_units_that_change_with_a_reading_are_named_by_prefecture(month: Month) -> None:
    states = month.reading_states
    changed = states[(states["kind"] == "township") & (states["state"] != states["default_state"])]
    fails = changed[(changed["state"] == "fail") | (changed["default_state"] == "fail")]
    html = reading_tables.list_units_that_change(month, "township").data
    names = place_names("townships")
    assert len(fails) > 0
    assert all(names[code] in html for code in fails["code"])
