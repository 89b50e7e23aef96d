"""Figures and tables: what they show, what they must not show."""

import json
import re

import pandas as pd
import pytest

from healthmon.places import read_places
from healthmon.show import bulletin, captions, charts, county_map, headlines, tables_html

from fake_month import make_month


@pytest.fixture(scope="module")
def month():
    return make_month()


@pytest.fixture(scope="module")
def counties(month):
    return bulletin.compare_counties(month)


def small_counts(month, frame):
    """Return raw counts from 1 to 9 of a comparison frame's people columns, with their places."""
    raw = bulletin._count_by(month, "county_code").reset_index()
    for column in [name for name in raw if name.endswith(("household_count", "person_count"))]:
        for code, count in zip(raw["county_code"], raw[column], strict=True):
            if 0 < count < 10:
                yield column, code, frame.set_index("county_code").loc[code]


def test_no_small_count_of_people_leaves_the_bulletin(month, counties):
    found = list(small_counts(month, counties))
    assert len(found) > 20  # else the sample tests nothing
    for column, _, row in found:
        assert pd.isna(row[column])
        assert row[f"{column}_shown"] in ("<10", "*")


def test_a_prefectures_page_shows_what_the_provinces_page_shows(month, counties):
    own = bulletin.compare_counties(month, "632700")
    same = counties[counties["prefecture_code"] == "632700"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, same)


def test_counts_of_counties_add_up_to_the_province(month, counties):
    raw, counts = bulletin._count_by(month, "county_code"), bulletin.total_counts(month)
    assert raw["household_count"].sum() == 6000
    assert bulletin.total_people(month)["household_count"] == "6,000"
    assert counties["village_count"].sum() == counts["village_count"] == len(month.village_flags)
    assert counties["township_fail_count"].sum() == counts["township_fail_count"]


def test_the_rule_counts_a_household_once_however_many_years_flag_it(month):
    burden = month.burden[month.burden["year"].isin([2021, 2022])]
    flagged = burden[burden["oop_fen"] > 156000 * burden["member_count"]]
    counts = bulletin.total_people(month)
    assert counts["rule_household_count"] == f"{flagged['household_id'].nunique():,}"
    assert counts["rule_2021_household_count"] == f"{(flagged['year'] == 2021).sum():,}"
    assert counts["rule_2022_household_count"] == f"{(flagged['year'] == 2022).sum():,}"


def test_a_prefectures_card_hides_what_the_comparison_of_prefectures_hides():
    month = make_month(households=500)
    codes = ["630100", "630200", "632200"]
    month.register_counts = pd.DataFrame(
        {
            "county_code": ["630121", "630222", "632221"],
            "prefecture_code": codes,
            "household_kind": "poor",
            "household_count": [7, 60, 40],
            "person_count": [20, 200, 130],
        }
    )
    # 40 hides the 7, which the province's 107 would give away
    shown = [headlines.make_cards(month, code)[0].value for code in codes]
    assert shown == ["<10", "60", "*"]
    compared = bulletin.compare_prefectures(month).set_index("prefecture_code")
    assert compared.loc[codes, "household_count_shown"].tolist() == shown


def test_undetermined_hospitals_are_neither_passed_nor_failed(month):
    frame = bulletin.compare_prefectures(month)
    states = month.county_scores["state"].value_counts()
    assert frame["county_fail_count"].sum() == states["fail"]
    assert frame["county_undetermined_count"].sum() == states["undetermined"]


def test_component_losses_leave_missing_points_out(month):
    scores = month.township_scores
    losses = bulletin.list_component_losses(month, "township").set_index("component")
    known = scores["T5_points"].dropna()
    assert losses.loc["T5", "lost_points"] == pytest.approx(30 - known.mean())
    assert losses.loc["T5", "undetermined_count"] == scores["T5_points"].isna().sum() > 0


def test_reasons_name_the_heaviest_loss_first():
    month = make_month()
    township = month.township_scores.iloc[[0]].copy()
    points = {"T1": 10, "T2a": 5, "T2b": 0, "T3a": 10, "T3b": 10, "T4": 10, "T5": 10}
    for name, value in points.items():
        township[f"{name}_points"] = pd.array([value], "Int64")
    month.township_scores = township.assign(state="fail")
    reasons = bulletin.list_failing_townships(month)["reasons"].item()
    assert reasons == "执业医师 −20、基层诊疗占比 −20、设施设备 −5"


def test_the_map_has_every_county_and_fetches_nothing(counties):
    classes = county_map.classes_around([0, 50, 60, 70, 80, 90], 70)
    figure = county_map.draw_county_map(
        counties, "hospital_points", classes, label="得分", unit=" 分"
    )
    named = {trace.text for trace in figure.data if trace.text and trace.xaxis == "x"}
    assert len(named) == 45
    assert {trace.type for trace in figure.data} == {"scatter"}
    assert "http" not in json.dumps(figure.to_plotly_json(), default=str).replace(
        "http://www.w3", ""
    )


@pytest.mark.parametrize(
    ("points", "name", "colour"),
    [
        (0, "0–49 分", county_map.BELOW[0]),
        (69, "60–69 分", county_map.BELOW[2]),
        (70, "70–79 分", county_map.ABOVE[0]),
        (100, "90 分及以上", county_map.ABOVE[2]),
        (pd.NA, "待定", charts.UNKNOWN),
    ],
)
def test_points_fall_on_the_right_side_of_the_line(points, name, colour):
    classes = county_map.classes_around([0, 50, 60, 70, 80, 90], 70)
    classed = county_map._classify(pd.Series({"630102": points}), classes, "待定")
    assert classed["630102"][1:] == (name, colour)


def test_a_pass_line_between_two_classes_is_refused():
    with pytest.raises(ValueError, match="70"):
        county_map.classes_around([0, 60, 80], 70)


def test_classes_of_a_measure_that_is_missing_everywhere_still_draw(counties):
    nowhere = counties.assign(rule_rate_pct=pd.array([None] * len(counties), "Float64"))
    figure = county_map.draw_county_map(
        nowhere, "rule_rate_pct", county_map.classes_of_share(nowhere["rule_rate_pct"]),
        label="占比", unit="%", missing="无",
    )  # fmt: skip
    assert {trace.name for trace in figure.data if trace.showlegend} == {"无（45）"}


def test_the_ranking_shows_the_open_range_of_an_undetermined_hospital():
    frame = pd.DataFrame(
        {
            "county_code": ["630121", "630123", "630106"],
            "name": ["大通县", "湟源县", "湟中区"],
            "hospital_lowest_points": [60, 90, 30],
            "hospital_highest_points": [80, 90, 50],
            "hospital_state": ["undetermined", "pass", "fail"],
        }
    )
    figure = charts.draw_hospital_ranking(frame, 70)
    by_name = dict(zip(figure.data[1].y, figure.data[1].text, strict=True))
    assert by_name == {"大通县": "60–80（待定）", "湟源县": "90", "湟中区": "30–50"}


@pytest.mark.parametrize("draw", ["ranking", "calibration", "trend"])
def test_charts_refuse_counts_that_have_not_passed_the_gate(draw):
    frame = pd.DataFrame(
        {
            "name": ["甲"],
            "month": ["2022-06"],
            "household_count": [5],
            "predicted": [0.1],
            "observed": [0.1],
        }
    )
    call = {
        "ranking": lambda: charts.draw_county_ranking(
            frame, "household_count", unit="户", label="户"
        ),
        "calibration": lambda: charts.draw_calibration(frame),
        "trend": lambda: charts.draw_trend(frame, {"household_count": "户"}, "户"),
    }[draw]
    with pytest.raises(ValueError, match="household_count"):
        call()


def test_every_figure_says_in_words_what_it_shows(month, counties):
    figure = charts.draw_hospital_ranking(counties, 70, 10)
    worst = month.county_scores.sort_values(["lowest_points", "highest_points"]).iloc[0]
    names = read_places("counties").set_index("code")["short_name"]
    assert names[worst["county_code"]] in figure.layout.meta["alt"]


def test_names_from_data_cannot_put_markup_on_a_page():
    frame = pd.DataFrame({"县": ["<script>x</script>"], "数": ["1"]})
    assert "<script>" not in tables_html.render_table(frame, "t").data


@pytest.mark.parametrize("state", ["no_outcome", "one_cohort", "tested"])
def test_every_state_of_the_model_gives_a_card_and_a_sentence(state):
    month = make_month(state, households=500)
    model = headlines.make_cards(month)[-1]
    assert (model.value == "—") == (state == "no_outcome")
    assert f"模型状态 {state}。" in captions.describe_risk(month)
    assert captions.compare_methods(month).empty == (state == "no_outcome")
    html = tables_html.method_table(captions.compare_methods(month)).data
    assert ("<table" in html) == (state != "no_outcome")


def test_methods_are_compared_on_outcomes_without_help_where_they_are_known():
    month = make_month(households=500)
    recall = captions.compare_methods(month).iloc[0]
    assert recall["模型"] == "41.0%（38.0–44.0）"
    assert recall["规则"] == "32.0%（29.0–35.0）"
    metrics = month.risk.frames["metrics"]
    month.risk.frames["metrics"] = metrics[metrics["outcome"] == "observed"]
    assert captions.compare_methods(month).iloc[0]["模型"] == "21.0%（18.0–24.0）"
    assert "误报" in captions.describe_risk(month)


def test_cards_withhold_small_counts_too():
    month = make_month(households=500)
    month.register_counts = pd.DataFrame(
        {
            "county_code": ["630121"],
            "prefecture_code": ["630100"],
            "household_kind": ["poor"],
            "household_count": [7],
            "person_count": [9],
        }
    )
    card = headlines.make_cards(month, "630100")[0]
    assert (card.value, card.note) == ("<10", "共 <10 人")
    assert "**<10** 户" in headlines.summarise(month, "630100")


def test_columns_are_as_wide_as_their_texts_in_jupyterlab_too() -> None:
    """It lays tables out fixed by `.jp-RenderedHTMLCommon table`; an id counts for more."""
    frame = pd.DataFrame({"县": ["A"], "其中年初不低于贫困线": ["1"]})
    html = tables_html.render_table(frame, "wide").data
    assert re.search(r"#hm-wide \.gt_table \{ table-layout: auto; \}", html)
